# mod_ssl: what the policy promises holds over TLS, at the doors that mod_ssl
# guards (client certificates, SSLRequireSSL), in its own errors, and on the
# way from http to https.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use CorsTest;
use Net::SSLeay       ();
use Test::More;

my $app     = 'https://app.example.com';
my $evil    = 'https://evil.example';
my $policy  = "CorsAllowOrigin $app";
my $trusted = "$policy\nCorsAllowCredentials On";
my $hsts    = 'Header always set Strict-Transport-Security "max-age=9"';

# Sections of a host that speaks TLS and of one that does not.
my $doors = <<"CONF";
AliasMatch "^/(?:cert|small|verified|secure|strong|moved|open)" \\
    "\@DOCROOT\@/a.txt"
<Location "/secure">
    SSLRequireSSL
</Location>
<Location "/strong">
    SSLRequire %{SSL_CIPHER_USEKEYSIZE} >= 4096
</Location>
CONF
my $certificates = <<"CONF";
SSLCACertificateFile "\@ROOT\@/tls.pem"
<Location "/cert">
    SSLVerifyClient require
</Location>
<Location "/small">
    SSLVerifyClient require
    SSLRenegBufferSize 10
</Location>
<Location "/verified">
    Require ssl-verify-client
</Location>
CONF

sub secure {
    my ($name, @lines) = @_;
    return join "\n", '<VirtualHost 127.0.0.1:@PORT2@>',
        "ServerName $name.example", 'SSLEngine On',
        'SSLCertificateFile "@ROOT@/tls.pem"', @lines, "</VirtualHost>\n";
}

sub plain {
    my ($name, @lines) = @_;
    return join "\n", '<VirtualHost 127.0.0.1:@PORT@>',
        "ServerName $name.example", @lines, "</VirtualHost>\n";
}

my $s = CorsTest->start(
    modules => [qw(alias headers rewrite authz_user)],
    tls     => 1,
    cgi     => 1,
    ports   => 2,
    files   => {
        'htdocs/a.txt'    => "hi\n",
        'cgi-bin/env.cgi' => "#!/bin/sh\necho 'Content-Type: text/plain'\n"
            . "echo\necho \"\$HTTPS \$CORS_REQUEST \$CORS_RESULT\"\n",
    },
    conf => join "\n", 'Listen 127.0.0.1:@PORT2@ https',
        # A request that mod_ssl refuses unread comes to the first.
        secure('secure', $trusted, $hsts, $doors, $certificates),
        # Another client certificate policy: not the same TLS.
        secure('other', $policy, 'SSLVerifyClient optional_no_ca'),
        secure('expr', 'CorsAllowCredentials On', 'CorsAllowOriginExpr '
            . '"req(\'Origin\') =~ m#^https?://app\.example\.com$#"'),
        secure('site', 'CorsAllowOrigin same-site'),
        secure('site-credentials', 'CorsAllowOrigin same-site',
            'CorsAllowCredentials On'),
        secure('gate', $policy, 'CorsRejectUnlisted On', $doors,
            $certificates),
        plain('secure', $policy, $doors),
        plain('site', 'CorsAllowOrigin same-site'),
        plain('gate', $policy, 'CorsRejectUnlisted On'),
        plain('redirect', $policy, 'Redirect permanent / https://secure/'),
        plain('rewrite', $policy, 'RewriteEngine On',
            'RewriteCond %{HTTPS} !=on',
            'RewriteRule ^ https://%{HTTP_HOST}%{REQUEST_URI} [R=301,L]'),
);

my @at       = (over => 'https', port => $s->port(2));
my %secure   = (host => 'secure.example', @at);
my @listed   = (acao => $app, vary => 'Origin');
my @stranger = (vary => 'Origin');
my @trusted  = (acac => 'true', @listed);
my %answered = (status => 204, acao => $app, acam => 'GET, HEAD, POST',
                acma => 600, vary => $TRIO);
my %trusted  = (%answered, acac => 'true');
my %refused  = (status => 403, body => '', vary => $TRIO);
my %hsts     = (field => { 'Strict-Transport-Security' => 'max-age=9' });

# Rows for a listed origin, a stranger and nobody.
sub for_all {
    my ($text, $line, $expected, $opt, @allowed) = @_;
    @allowed = @trusted if !@allowed;
    return ([ "$text, listed", $line, { Origin => $app },
              { %$expected, @allowed }, $opt ],
            [ "$text, a stranger", $line, { Origin => $evil },
              { %$expected, @stranger }, $opt ],
            [ "$text, no Origin", $line, {}, { %$expected, @stranger },
              $opt ]);
}

# A TLS connection to secure.example.
sub tls_connection {
    my (@options) = @_;
    return CorsTest::Connection->new($s->port(2), 'secure.example', @options);
}

# With a certificate to show when it is asked for one: after the handshake in
# TLS 1.3, in a second one in TLS 1.2.
sub with_certificate {
    my ($version) = @_;
    my $pem = $s->root . '/tls.pem';
    return tls_connection(SSL_version => $version, SSL_use_cert => 1,
        SSL_cert_file => $pem, SSL_key_file => $pem,
        SSL_create_ctx_callback => sub {
            Net::SSLeay::CTX_set_post_handshake_auth($_[0], 1);
        });
}

# ---------------------------------------------------------------------------
# mod_ssl: preflight
# ---------------------------------------------------------------------------

for my $path ('/a.txt', '/missing', '/cert', '/small', '/verified',
              '/strong', '/secure') {
    $s->promises(
        [ "$path: a preflight is answered", "OPTIONS $path",
          preflight($app, 'GET'), { %trusted, %hsts }, \%secure ],
        [ "$path: a refused one too", "OPTIONS $path",
          preflight($evil, 'GET'), { %refused, %hsts }, \%secure ],
    );
}
for my $version ('TLSv1_2', 'TLSv1_3') {
    my $conn = tls_connection(SSL_version => $version);
    my $opt  = { %secure, conn => $conn };
    $s->promises(
        [ "$version: a preflight needs no second handshake", 'OPTIONS /cert',
          preflight($app, 'GET'), { %trusted }, $opt ],
        [ "$version: nor does a refused one", 'OPTIONS /cert',
          preflight($evil, 'GET'), { %refused }, $opt ],
        [ "$version: and the connection lives on", 'GET /a.txt',
          { Origin => $app }, { body => "hi\n", @trusted }, $opt ],
    );
    $conn->close;
}
for my $host ('redirect', 'rewrite') {
    $s->promises(
        [ "$host to https: a preflight is answered", 'OPTIONS /a.txt',
          preflight($app, 'GET'),
          { %answered, field => { Location => undef } },
          { host => "$host.example" } ],
        [ "$host to https: a refused one too", 'OPTIONS /a.txt',
          preflight($evil, 'GET'),
          { %refused, field => { Location => undef } },
          { host => "$host.example" } ],
    );
}
$s->promises(
    [ 'SSLRequireSSL does not see a preflight without TLS',
      'OPTIONS /secure', preflight($app, 'GET'), { %answered },
      { host => 'secure.example' } ],
    [ 'an OPTIONS that is no preflight needs the certificate',
      'OPTIONS /cert', { Origin => $app },
      { status => 403, @trusted, vary => $TRIO }, \%secure ],
    [ 'an http origin gets no credentials over TLS', 'OPTIONS /a.txt',
      preflight('http://app.example.com', 'GET'), { %refused },
      { @at, host => 'expr.example' } ],
    [ 'its https twin does', 'OPTIONS /a.txt', preflight($app, 'GET'),
      { %trusted }, { @at, host => 'expr.example' } ],
);

# ---------------------------------------------------------------------------
# mod_ssl: actual
# ---------------------------------------------------------------------------

my %hi = (body => "hi\n");
$s->promises(
    for_all('GET', 'GET /a.txt', { %hi, %hsts }, \%secure),
    for_all('HEAD', 'HEAD /a.txt', { body => '', %hsts }, \%secure),
    for_all('SSLRequireSSL', 'GET /secure', { %hi }, \%secure),
    [ 'CGI sees TLS and the result', 'GET /cgi-bin/env.cgi',
      { Origin => $app }, { @trusted, body => "on actual allowed\n" },
      \%secure ],
    [ 'an http origin gets no credentials over TLS', 'GET /a.txt',
      { Origin => 'http://app.example.com' }, { %hi, @stranger },
      { @at, host => 'expr.example' } ],
    [ 'its https twin does', 'GET /a.txt', { Origin => $app },
      { %hi, @trusted }, { @at, host => 'expr.example' } ],
    (map {
        my ($what, $origin, $over, $is) = @$_;
        [ "same-site: $what", 'GET /a.txt', { Origin => $origin },
          { %hi, @stranger, $is ? (acao => $origin) : () },
          { $over eq 'https' ? @at : (), host => 'site.example' } ]
    } [ 'https to https', 'https://www.site.example', 'https', 1 ],
      [ 'http to https is none', 'http://www.site.example', 'https', 0 ],
      [ 'http to http', 'http://www.site.example', 'http', 1 ],
      [ 'https to http', 'https://www.site.example', 'http', 1 ]),
    [ 'same-site with credentials: https', 'GET /a.txt',
      { Origin => 'https://www.site-credentials.example' },
      { %hi, @stranger, acac => 'true',
        acao => 'https://www.site-credentials.example' },
      { @at, host => 'site-credentials.example' } ],
    [ 'same-site with credentials: http is none', 'GET /a.txt',
      { Origin => 'http://www.site-credentials.example' },
      { %hi, @stranger }, { @at, host => 'site-credentials.example' } ],
    # One vhost's TLS, another's name: compatible, so the name decides.
    [ 'on a connection to another host, the policy is that of the Host',
      'GET /a.txt', [ Host => 'site.example',
                      Origin => 'https://www.site.example' ],
      { %hi, @stranger, acao => 'https://www.site.example' },
      { @at, host => 'expr.example' } ],
);
for my $version ('TLSv1_2', 'TLSv1_3') {
    my $conn = with_certificate($version);
    my $opt  = { %secure, conn => $conn };
    $s->promises(
        # What is asked for once stays with the connection.
        map({ my $path = $_;
            [ "$version, $path with a certificate, listed", "GET $path",
              { Origin => $app }, { %hi, @trusted }, $opt ],
            [ "$version, $path with a certificate, a stranger", "GET $path",
              { Origin => $evil }, { %hi, @stranger }, $opt ],
        } '/cert', '/verified'));
    $conn->close;
}

# ---------------------------------------------------------------------------
# mod_ssl: errors
# ---------------------------------------------------------------------------

$s->promises(
    for_all('404', 'GET /missing', { status => 404, %hsts }, \%secure),
    for_all('no client certificate', 'GET /cert',
        { status => 403, body => qr/403 Forbidden/, %hsts }, \%secure),
    for_all('no verified client', 'GET /verified',
        { status => 403, %hsts }, \%secure),
    for_all('SSLRequire', 'GET /strong', { status => 403, %hsts },
        \%secure),
    for_all('SSLRequireSSL without TLS', 'GET /secure', { status => 403 },
        { host => 'secure.example' }, @listed),
    for_all('too long a body in front of a certificate', 'POST /small',
        { status => 413, %hsts }, { %secure, body => 'x' x 11 }),
    for_all('a redirect to https', 'GET /a.txt',
        { status => 301,
          field => { Location => 'https://rewrite.example/a.txt' } },
        { host => 'rewrite.example' }, @listed),
    for_all('Redirect to https', 'GET /a.txt',
        { status => 301, field => { Location => 'https://secure/a.txt' } },
        { host => 'redirect.example' }, @listed),
);

# A name that is not of this connection.
for my $row (for_all('421', 'GET /a.txt', { status => 421 },
                     { @at, host => 'secure.example' }, @listed)) {
    my ($text, $line, $fields, @rest) = @$row;
    $s->promises([ $text, $line, [ Host => 'other.example', %$fields ],
                   @rest ]);
}

$s->promises(
    # A browser opens a connection of its own then, and asks again.
    [ '421 of a preflight stays that', 'OPTIONS /a.txt',
      [ Host => 'other.example', @{ preflight($app, 'GET') } ],
      { %answered, status => 421 }, \%secure ],
);

# Without TLS to the port of TLS: nothing of the request is read.
my ($answer) = $s->raw("GET /a.txt HTTP/1.1\r\nHost: secure.example\r\n"
    . "Origin: $app\r\nConnection: close\r\n\r\n", port => $s->port(2));
my @wrong = $answer ? $answer->differences({ status => 400, @stranger,
    %hsts }) : 'no answer';
promise(!@wrong, '400 without TLS varies as the policy of the host does',
    @wrong, $answer ? $answer->transcript : ());

$s->expect_log(
    qr/AH10158: cannot perform post-handshake authentication/,
    qr/SSL Library Error: .*extension not received/,
    qr/AH01630: client denied/,
    qr/AH02229: .*SSL requirement expression not fulfilled/,
    qr/AH02219: .*SSL connection required/,
    qr/AH02018: request body exceeds maximum size/,
    qr/AH10228: could not buffer message body/,
    qr/AH02032: Hostname secure\.example provided via SNI/,
);

# ---------------------------------------------------------------------------
# mod_ssl: gate
# ---------------------------------------------------------------------------

my %gate = (@at, host => 'gate.example');
$s->promises(
    [ 'a listed origin', 'GET /a.txt', { Origin => $app },
      { %hi, @listed }, \%gate ],
    [ 'a stranger is rejected', 'GET /a.txt', { Origin => $evil },
      { status => 403, @stranger }, \%gate ],
    [ 'the site itself', 'GET /a.txt', { Origin => 'https://gate.example' },
      { %hi, @stranger }, \%gate ],
    [ 'its http twin is another site', 'GET /a.txt',
      { Origin => 'http://gate.example' }, { status => 403, @stranger },
      \%gate ],
    [ 'its http twin is the site without TLS', 'GET /a.txt',
      { Origin => 'http://gate.example' }, { %hi, @stranger },
      { host => 'gate.example' } ],
    [ 'the port counts', 'GET /a.txt',
      { Origin => 'https://gate.example:8443' },
      { status => 403, @stranger }, \%gate ],
    [ 'the port that the Host names', 'GET /a.txt',
      [ Host => 'gate.example:8443',
        Origin => 'https://gate.example:8443' ], { %hi, @stranger },
      \%gate ],
    [ 'the default port that the Host names', 'GET /a.txt',
      [ Host => 'gate.example:443', Origin => 'https://gate.example' ],
      { %hi, @stranger }, \%gate ],
    [ 'a stranger is not asked for a certificate', 'GET /cert',
      { Origin => $evil }, { status => 403, @stranger }, \%gate ],
    [ 'nor is what it posts read for one', 'POST /small',
      { Origin => $evil }, { status => 403, @stranger },
      { %gate, body => 'x' x 11 } ],
);

CorsTest::finish();
