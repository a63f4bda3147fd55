# CorsRejectUnlisted: a request whose origin is not allowed gets httpd's own
# 403 in front of everything that could act on it. The site itself, and
# whoever sends no Origin, never does.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use CorsTest::Backend;
use Test::More;

my $app  = 'https://app.example.com';
my $evil = 'https://evil.example';
my $on   = "CorsAllowOrigin $app\nCorsRejectUnlisted On\n";

my $backend = CorsTest::Backend->start(sub {
    my ($routes) = @_;
    $routes->websocket('/ws' => \&CorsTest::Backend::echo);
    $routes->any('/fresh' => sub {
        my ($c) = @_;
        $c->res->headers->cache_control('max-age=600');
        $c->render(text => 'backend');
    });
    $routes->any('/*any' => sub { $_[0]->render(text => 'backend') });
});
my $to = '127.0.0.1:' . $backend->port;

# Leaves a mark where it ran.
my $cgi = <<'CGI';
#!/bin/sh
cat >/dev/null
echo ran >>"@ROOT@/scratch/ran"
echo 'Content-Type: text/plain'
echo 'X-Ran: yes'
echo
echo "$CORS_RESULT"
CGI
my $error_cgi = <<'CGI';
#!/bin/sh
echo 'Content-Type: text/plain'
echo 'Access-Control-Allow-Origin: *'
echo
echo "$REDIRECT_STATUS $CORS_RESULT"
CGI

# A certificate for the one server that speaks TLS itself.
my $pem = File::Temp->new;
system('openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1'
    . " -nodes -days 2 -subj /CN=localhost -keyout $pem -out $pem.crt"
    . ' 2>/dev/null') == 0
    or die "openssl req: $?\n";
sub content { open my $in, '<', $_[0] or die "$_[0]: $!\n"; join '', <$in> }
my $certificate = content($pem) . content("$pem.crt");
unlink "$pem.crt";

my $h2 = ($ENV{CORS_MPM} || '') ne 'prefork';
my $s = CorsTest->start(
    modules => [qw(headers rewrite proxy proxy_http proxy_wstunnel ssl
                   negotiation include
                   authn_core authn_file auth_basic authz_user cache
                   cache_disk),
                $h2 ? 'http2' : ()],
    cgi     => 1,
    ports   => 2,
    # A certificate of ours is nothing that mod_ssl likes.
    log_level => 'info ssl:error',
    files   => {
        'scratch/cache/x'           => '',
        'key.pem'                   => $certificate,
        'users'                     => '',
        'htdocs/a.txt'              => "hi\n",
        'htdocs/errors/403.html'    => "no entry\n",
        'htdocs/own-doc/403.html'   => "own\n",
        'htdocs/directory/a.txt'    => "hi\n",
        'htdocs/files/a.txt'        => "hi\n",
        'htdocs/htaccess/a.txt'     => "hi\n",
        'htdocs/htaccess/.htaccess' => $on,
        'htdocs/off-htaccess/a.txt' => "hi\n",
        'htdocs/off-htaccess/.htaccess' => "CorsRejectUnlisted Off\n",
        'htdocs/late/index.html'    => "index\n",
        'htdocs/late/page.html'     => "page\n",
        'htdocs/late/.htaccess'     => "Options +MultiViews\n",
        'htdocs/index/index.html'   => "index\n",
        'htdocs/locked/index.html'  => "index\n",
        'htdocs/front/.htaccess'    => "RewriteEngine On\n"
            . "RewriteCond %{REQUEST_FILENAME} !-f\n"
            . "RewriteRule . /cgi-bin/run.cgi\n",
        'htdocs/gate/front/.htaccess' => "RewriteEngine On\n"
            . "RewriteCond %{REQUEST_FILENAME} !-f\n"
            . "RewriteRule . /cgi-bin/open.cgi\n",
        'htdocs/page.shtml' =>
            '<!--#include virtual="/gate/cgi/run.cgi" -->',
        'cgi-bin/run.cgi'   => $cgi,
        'cgi-bin/open.cgi'  => $cgi,
        'cgi-bin/error.cgi' => $error_cgi,
    },
    conf => <<"CONF");
SSLSessionCache none
LogFormat "%{X-Row}i %>s %{CORS_REQUEST}e %{CORS_RESULT}e" cors
CustomLog "\@ROOT\@/access.log" cors
ErrorDocument 403 /errors/403.html
ProxyPass /up http://$to/ws upgrade=websocket
ProxyPass /ws ws://$to/ws
ProxyPass /proxied http://$to
ScriptAlias /gate/cgi/ "\@ROOT\@/cgi-bin/"
@{[ $h2 ? 'Protocols h2c http/1.1' : '' ]}

# Without an origin source it does nothing, whoever inherits it.
CorsRejectUnlisted On

<LocationMatch "^/locked">
    AuthType Basic
    AuthName private
    AuthUserFile "\@ROOT\@/users"
    Require valid-user
</LocationMatch>
<LocationMatch "^/(errors|page)">
    Options +Includes
    SetOutputFilter INCLUDES
</LocationMatch>

<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName localhost
    CorsRejectUnlisted Off
    CorsHtaccess origins gate

    <LocationMatch "^/(location|gate|cgi-bin/run|locked/all|locked/index)">
        $on
    </LocationMatch>
    <LocationMatch "^/(up|ws|proxied)">
        $on
    </LocationMatch>
    AliasMatch "^/locked/all" "\@DOCROOT\@/a.txt"
    Alias /locked/index "\@DOCROOT\@/locked"
    AliasMatch "^/(location|any|but|none|bare|inner|report|require)" \\
        "\@DOCROOT\@/a.txt"
    AliasMatch "^/(uses|pass|cgi-doc|text-doc)" "\@DOCROOT\@/a.txt"
    <Directory "\@DOCROOT\@/directory">
        $on
    </Directory>
    <Directory "\@DOCROOT\@/files">
        <Files a.txt>
            $on
        </Files>
    </Directory>
    # Found only behind fast internal redirects.
    <Directory "\@DOCROOT\@/late">
        <FilesMatch "^(index|page)\\.html\$">
            $on
        </FilesMatch>
    </Directory>
    <Directory "\@DOCROOT\@/index">
        $on
    </Directory>
    <Location "/any">
        CorsAllowOrigin *
        CorsRejectUnlisted On
    </Location>
    <Location "/but">
        CorsAllowOrigin * -$evil
        CorsRejectUnlisted On
    </Location>
    <Location "/none">
        CorsAllowOrigin none
        CorsRejectUnlisted On
    </Location>
    <Location "/bare">
        CorsRejectUnlisted On
    </Location>
    <Location "/inner">
        $on
    </Location>
    <Location "/inner/off">
        CorsRejectUnlisted Off
    </Location>
    <Location "/inner/engine">
        CorsEngine Off
    </Location>
    <Location "/report">
        $on
        CorsEngine ReportOnly
    </Location>
    <Location "/require">
        $on
        CorsEngine ReportOnly
        Require expr "reqenv('CORS_RESULT') != 'rejected'"
    </Location>
    <CorsPolicy partners>
        CorsAllowOrigin https://partner.example.net
    </CorsPolicy>
    <CorsPolicy apps>
        CorsAllowOrigin $app
    </CorsPolicy>
    <Location "/uses">
        CorsUsePolicy partners apps
        CorsRejectUnlisted On
    </Location>
    <Location "/pass">
        $on
        CorsPreflight Pass
    </Location>
    <Location "/cgi-doc">
        $on
        ErrorDocument 403 /cgi-bin/error.cgi
    </Location>
    <Location "/own-doc">
        $on
        ErrorDocument 403 /own-doc/403.html
    </Location>
    <Location "/text-doc">
        $on
        ErrorDocument 403 "just a text"
    </Location>
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName server.example
    CorsAllowOrigin $app
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName vhost.example
    CacheRoot "\@ROOT\@/scratch/cache"
    CacheEnable disk /proxied/fresh
    CacheHeader On
    CorsAllowOrigin $app
    CorsRejectUnlisted On
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName inert.example
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName tunnel.example
    ProxyWebsocketFallbackToProxyHttp Off
    CorsAllowOrigin $app
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName powerless.example
    CorsHtaccess origins
</VirtualHost>

Listen 127.0.0.1:\@PORT2\@
<VirtualHost 127.0.0.1:\@PORT2\@>
    ServerName secure.example
    SSLEngine on
    SSLCertificateFile "\@ROOT\@/key.pem"
    CorsAllowOrigin $app
    @{[ $h2 ? 'Protocols h2 http/1.1' : '' ]}
</VirtualHost>
CONF

# The disk cache writes as the server's user.
chmod 0777, $s->root . '/scratch/cache';

my @listed   = (acao => $app, vary => 'Origin');
my @others   = (vary => 'Origin');
my @rejected = (status => 403, body => "no entry\n", vary => 'Origin');

# What came of the handler since the last look.
sub has_run {
    my $mark = $s->root . '/scratch/ran';
    return -e $mark && unlink $mark;
}

# Rows of promises() for the same request by a stranger, a listed origin and
# nobody; %$through is what the last two get beside CORS fields.
sub gate {
    my ($what, $line, $through, $opt) = @_;
    return (
        [ "$what: a stranger is rejected", $line, { Origin => $evil },
          { @rejected }, $opt ],
        [ "$what: a listed origin is not", $line, { Origin => $app },
          { @listed, %$through }, $opt ],
        [ "$what: nor is a request without Origin", $line, {},
          { @others, %$through }, $opt ],
    );
}

# ---------------------------------------------------------------------------
# Everywhere a policy can stand
# ---------------------------------------------------------------------------

my %hi = (body => "hi\n");
$s->promises(
    gate('server', 'GET /a.txt', \%hi, { host => 'server.example' }),
    gate('virtual host', 'GET /a.txt', \%hi, { host => 'vhost.example' }),
    gate('Location', 'GET /location', \%hi),
    gate('Directory', 'GET /directory/a.txt', \%hi),
    gate('Files', 'GET /files/a.txt', \%hi),
    gate('.htaccess', 'GET /htaccess/a.txt', \%hi),
    gate('beside policies', 'GET /uses', \%hi),
    [ 'beside policies: an origin of the first one is not',
      'GET /uses', { Origin => 'https://partner.example.net' },
      { acao => 'https://partner.example.net', vary => 'Origin', %hi } ],
    [ 'the power is missing: .htaccess fails', 'GET /htaccess/a.txt', {},
      { status => 500 }, { host => 'powerless.example' } ],
    [ 'the power is missing: not even Off', 'GET /off-htaccess/a.txt', {},
      { status => 500 }, { host => 'powerless.example' } ],

    [ 'CorsAllowOrigin none: everybody is rejected', 'GET /none',
      { Origin => $app }, { @rejected } ],
    [ 'CorsAllowOrigin none: but who sends no Origin', 'GET /none', {},
      { @others, %hi } ],
    [ 'one taken out of * is rejected', 'GET /but', { Origin => $evil },
      { @rejected } ],
    [ 'the others are not', 'GET /but', { Origin => $app },
      { @listed, %hi } ],

    # And nowhere else.
    (map { [ "the constant policy rejects nobody: $_", 'GET /any',
             { Origin => $_ }, { acao => '*', %hi } ] }
        $evil, 'null', 'http://', 'a b'),
    [ 'without an origin source it does nothing', 'GET /bare',
      { Origin => $evil }, { %hi } ],
    [ 'nor where a server has none', 'GET /a.txt', { Origin => $evil },
      { %hi }, { host => 'inert.example' } ],
    [ 'Off in an inner section', 'GET /inner/off', { Origin => $evil },
      { @others, %hi } ],
    [ 'On around it', 'GET /inner', { Origin => $evil }, { @rejected } ],
    [ 'CorsEngine Off', 'GET /inner/engine', { Origin => $evil }, { %hi } ],
    [ 'ReportOnly', 'GET /report', { Origin => $evil }, { %hi } ],
    [ 'ReportOnly, malformed', 'GET /report', { Origin => 'x' }, { %hi } ],
    [ 'ReportOnly, a preflight', 'OPTIONS /report', preflight($evil, 'PUT'),
      {} ],
    [ 'ReportOnly, a Require on the variable acts', 'GET /require',
      { Origin => $evil }, { status => 403, body => "no entry\n" } ],
    [ 'ReportOnly, it lets a listed origin in', 'GET /require',
      { Origin => $app }, { %hi } ],
    [ 'ReportOnly, and who sends none', 'GET /require', {}, { %hi } ],
);
$s->expect_log(
    qr/CorsRejectUnlisted needs what CorsHtaccess does not grant .*: gate/,
    qr/AH01630: client denied by server configuration/);

# ---------------------------------------------------------------------------
# Every origin that is none of the list's, every method, nothing runs
# ---------------------------------------------------------------------------

my %unlisted = (
    'unlisted'      => [ Origin => $evil ],
    'two fields'    => [ Origin => $app, Origin => $app ],
    'two origins'   => [ Origin => "$app $evil" ],
    'a list'        => [ Origin => "$app, $evil" ],
    'a path'        => [ Origin => "$app/" ],
    'upper case'    => [ Origin => uc $app ],
    'another port'  => [ Origin => "$app:8443" ],
    'another scheme' => [ Origin => 'http://app.example.com' ],
    '400 bytes'     => [ Origin => 'https://' . 'a' x 392 ],
    'null'          => [ Origin => 'null' ],
    'no origin'     => [ Origin => 'x' ],
    'a user'        => [ Origin => 'https://u@app.example.com' ],
    # The site itself has to be recognised by more than a part.
    'a subdomain of the site' => [ Origin => 'http://a.localhost' ],
    'the site as a user'      => [ Origin => 'http://localhost@x.example' ],
    'the site as a list'      => [ Origin => 'http://localhost, x' ],
    'the site with a path'    => [ Origin => 'http://localhost/' ],
    'the site, another scheme' => [ Origin => 'ftp://localhost' ],
);
has_run();
for my $which (sort keys %unlisted) {
    my @fields = @{ $unlisted{$which} };
    $s->promises(
        [ "$which is rejected", 'GET /gate/cgi/run.cgi', \@fields,
          { @rejected, field => { 'X-Ran' => undef } } ],
        [ "$which is rejected from a POST", 'POST /gate/cgi/run.cgi',
          \@fields, { @rejected }, { body => 'transfer=all' } ],
    );
}
for my $method (qw(PUT PATCH DELETE PROPFIND HEAD X-UNHEARD)) {
    $s->promises(
        [ "$method is rejected", "$method /gate/cgi/run.cgi",
          { Origin => $evil },
          { @rejected, $method eq 'HEAD' ? (body => '') : () },
          { $method eq 'PUT' ? (body => 'x') : () } ]);
}
$s->promises(
    [ 'OPTIONS that is no preflight is rejected',
      'OPTIONS /gate/cgi/run.cgi', { Origin => $evil },
      { @rejected, vary => $TRIO } ],
    [ 'an empty Access-Control-Request-Method makes none',
      'OPTIONS /gate/cgi/run.cgi', preflight($evil, ''),
      { @rejected, vary => $TRIO } ],
    [ 'an answered preflight stays one', 'OPTIONS /gate/cgi/run.cgi',
      preflight($evil, 'PUT'),
      { status => 403, body => '', vary => $TRIO } ],
);
promise(!has_run(), 'for none of them the handler has run');
$s->promises(
    [ 'for a listed origin it runs', 'POST /gate/cgi/run.cgi',
      { Origin => $app },
      { @listed, body => "allowed\n", field => { 'X-Ran' => 'yes' } },
      { body => 'x' } ],
);
promise(has_run(), 'and leaves its mark');
$s->promises(
    [ 'no Origin: it runs', 'POST /gate/cgi/run.cgi', {},
      { @others, body => "\n" }, { body => 'x' } ],
    [ 'an empty Origin is none', 'POST /gate/cgi/run.cgi', [ Origin => '' ],
      { @others, body => "\n" }, { body => 'x' } ],
    [ 'a proxied server hears nothing', 'POST /proxied/x',
      { Origin => $evil }, { @rejected }, { body => 'x' } ],
    [ 'nor of a passed-on preflight', 'OPTIONS /proxied/x',
      preflight($evil, 'PUT'), { status => 403, body => '', vary => $TRIO } ],
);
promise(!$backend->heard, 'it did not hear anything');
$s->promises(
    [ 'a proxied server hears a listed origin', 'POST /proxied/x',
      { Origin => $app }, { @listed, body => 'backend' },
      { body => 'x' } ],
);
my @heard = $backend->heard;
promise("@heard" eq "POST /x $app", 'it did hear that', @heard);

# ---------------------------------------------------------------------------
# In front of authentication; errors as httpd makes them
# ---------------------------------------------------------------------------

my @unasked = (field => { 'WWW-Authenticate' => undef });
$s->promises(
    [ 'a stranger is not asked for a password', 'GET /locked/all',
      { Origin => $evil }, { @rejected, @unasked } ],
    [ 'nor is one with a password', 'GET /locked/all',
      { Origin => $evil, Authorization => 'Basic dTpw' },
      { @rejected, @unasked } ],
    [ 'a listed origin is', 'GET /locked/all', { Origin => $app },
      { status => 401, @listed,
        field => { 'WWW-Authenticate' => qr/Basic/ } } ],
    [ 'and so is nobody', 'GET /locked/all', {},
      { status => 401, @others,
        field => { 'WWW-Authenticate' => qr/Basic/ } } ],
    [ 'in front of the redirect of a directory', 'GET /index',
      { Origin => $evil }, { @rejected } ],
    [ 'and of its index', 'GET /index/', { Origin => $evil },
      { @rejected } ],
    [ 'in front of an index behind a password', 'GET /locked/index/',
      { Origin => $evil }, { @rejected, @unasked } ],

    [ 'a CGI as ErrorDocument has the variables, and no word in CORS',
      'GET /cgi-doc', { Origin => $evil },
      { status => 403, @others, body => "403 rejected\n" } ],
    [ 'an ErrorDocument behind the same gate is not rejected',
      'GET /own-doc', { Origin => $evil },
      { status => 403, @others, body => "own\n" } ],
    [ 'unless asked for itself', 'GET /own-doc/403.html',
      { Origin => $evil }, { status => 403, @others, body => "own\n" } ],
    [ 'a text as ErrorDocument', 'GET /text-doc', { Origin => $evil },
      { status => 403, @others, body => 'just a text' } ],
    [ 'a missing file is as forbidden as others', 'GET /location/missing',
      { Origin => $evil }, { @rejected } ],
);

# ---------------------------------------------------------------------------
# Preflights
# ---------------------------------------------------------------------------

my %granted = (acao => $app, acam => 'GET, HEAD, POST', acma => 600,
               vary => $TRIO);
$s->promises(
    [ 'an allowed preflight', 'OPTIONS /location', preflight($app, 'PUT'),
      { status => 204, %granted } ],
    [ 'a malformed one is refused, not rejected', 'OPTIONS /location',
      preflight("$app/", 'GET'), { status => 403, body => '',
                                   vary => $TRIO } ],
    [ 'passed on, a stranger is rejected', 'OPTIONS /pass',
      preflight($evil, 'GET'), { @rejected, vary => $TRIO } ],
    [ 'passed on, malformed is rejected', 'OPTIONS /pass',
      preflight('x', 'GET'), { @rejected, vary => $TRIO } ],
    [ 'passed on, a listed origin is not', 'OPTIONS /pass',
      preflight($app, 'GET'), { %granted } ],
    [ 'passed on, nor is it for a method', 'OPTIONS /pass',
      preflight($app, 'PUT'), { %granted } ],
    [ 'passed on, nor for a header', 'OPTIONS /pass',
      preflight($app, 'GET', 'x-a'), { %granted } ],
    [ 'no Origin, no preflight', 'OPTIONS /pass',
      { 'Access-Control-Request-Method' => 'PUT' }, { vary => $TRIO } ],
);

# ---------------------------------------------------------------------------
# The site itself
# ---------------------------------------------------------------------------

my $port = $s->port;
my @sites = (
    # Host, Origin, is it the site itself?
    [ 'localhost', 'http://localhost', 1 ],
    [ "localhost:$port", "http://localhost:$port", 1 ],
    [ "localhost:$port", 'http://localhost', 0 ],
    [ 'localhost', "http://localhost:$port", 0 ],
    [ 'localhost:80', 'http://localhost', 1 ],
    [ 'localhost', 'http://localhost:80', 0 ],      # no browser writes that
    [ 'localhost:443', 'https://localhost', 1 ],
    [ 'localhost:443', 'http://localhost:443', 1 ],
    [ 'localhost:443', 'http://localhost', 0 ],
    [ 'localhost:80', 'https://localhost', 0 ],
    [ 'localhost:80', 'https://localhost:80', 1 ],
    [ 'LocalHost', 'http://localhost', 1 ],
    [ "LOCALHOST:$port", "http://localhost:$port", 1 ],
    [ 'localhost', 'http://LOCALHOST', 0 ],
    # Something in front of httpd speaks TLS.
    [ 'localhost', 'https://localhost', 1 ],
    [ 'localhost:8443', 'https://localhost:8443', 1 ],
    [ 'localhost:8443', 'https://localhost', 0 ],
    [ 'localhost', 'https://localhost:8443', 0 ],
    [ 'localhost', 'ws://localhost', 0 ],
    # Whatever the name, it is the one that was asked for.
    [ 'alias.example.net', 'http://alias.example.net', 1 ],
    [ 'alias.example.net', 'http://localhost', 0 ],
    [ 'alias.example.net', 'http://sub.alias.example.net', 0 ],
    [ 'alias.example.net', 'http://example.net', 0 ],
    [ 'alias.example.net', 'http://xalias.example.net', 0 ],
    [ 'alias.example.net', 'http://alias.example.ne', 0 ],
    [ '127.0.0.1', 'http://127.0.0.1', 1 ],
    [ "127.0.0.1:$port", "http://127.0.0.1:$port", 1 ],
    [ '127.0.0.1', 'http://127.0.0.10', 0 ],
    [ '[::1]', 'http://[::1]', 1 ],
    [ "[::1]:$port", "http://[::1]:$port", 1 ],
    [ "[::1]:$port", 'http://[::1]', 0 ],
    [ '[0:0:0:0:0:0:0:1]', 'http://[::1]', 1 ],
    [ '[2001:DB8::A]', 'http://[2001:db8::a]', 1 ],
    [ '[2001:db8::a]', 'http://[2001:db8::b]', 0 ],
);
for my $case (@sites) {
    my ($host, $origin, $is_own) = @$case;
    $s->promises([
        "Host $host, $origin: " . ($is_own ? 'the site itself' : 'rejected'),
        'GET /location', { Origin => $origin },
        { $is_own ? (@others, %hi) : @rejected }, { host => $host } ]);
}
$s->promises(
    [ 'the site itself may do what it likes', 'DELETE /gate/cgi/run.cgi',
      { Origin => 'http://localhost' },
      { @others, body => "denied-origin\n" } ],
    [ 'a passed-on preflight from the site itself', 'OPTIONS /pass',
      preflight('http://localhost', 'PUT'), { vary => $TRIO } ],
    [ 'through the gate, and through redirects too', 'GET /index/',
      { Origin => 'http://localhost' }, { @others, body => "index\n" } ],
    [ 'found late, the site is known all the same', 'GET /late/',
      { Origin => "http://localhost:$port" },
      { @others, body => "index\n" }, { host => "localhost:$port" } ],
    [ 'behind a rewrite, too', 'POST /front/any',
      { Origin => "http://localhost:$port" },
      { @others, body => "denied-origin\n" },
      { host => "localhost:$port", body => 'x' } ],
    [ 'it is the URL that counts in an absolute request',
      'GET http://localhost/location', { Origin => 'http://localhost' },
      { @others, %hi }, { host => 'other.example' } ],
    [ 'with its port', "GET http://localhost:$port/location",
      { Origin => "http://localhost:$port" }, { @others, %hi },
      { host => 'other.example' } ],
    [ 'not the Host beside it', 'GET http://localhost/location',
      { Origin => 'http://other.example' }, { @rejected },
      { host => 'other.example' } ],
    [ 'HTTP/1.0 with Host', 'GET /location', { Origin => 'http://localhost' },
      { @others, %hi }, { version => '1.0' } ],
);
my ($res) = $s->raw("GET /location HTTP/1.0\r\nOrigin: http://localhost\r\n"
    . "\r\n");
my @wrong = $res->differences({ @rejected });
promise(!@wrong, 'HTTP/1.0 without Host: nobody is the site', @wrong,
    $res->transcript);
($res) = $s->raw("GET /location HTTP/1.0\r\nOrigin: $app\r\n\r\n");
@wrong = $res->differences({ @listed, %hi });
promise(!@wrong, 'HTTP/1.0 without Host: a listed origin is let in', @wrong,
    $res->transcript);
($res) = $s->raw("GET /location HTTP/1.0\r\nOrigin: http://\r\n\r\n");
@wrong = $res->differences({ @rejected });
promise(!@wrong, 'HTTP/1.0 without Host: an empty one is not, either',
    @wrong, $res->transcript);

# What the browser says of itself; no page can write it. A cache must not give
# the response to those of whom it says otherwise.
for my $word ('same-origin', 'none') {
    for my $origin ($evil, 'null', "$app/", 'x') {
        $s->promises([
            "Sec-Fetch-Site $word, Origin $origin: let in", 'GET /location',
            { Origin => $origin, 'Sec-Fetch-Site' => $word },
            { @others, %hi, vary => 'Origin, Sec-Fetch-Site' } ]);
    }
}
for my $word ('same-site', 'cross-site', 'x', '', 'SAME-ORIGIN',
              'same-origin,', '"same-origin"', 'same-origin; x',
              'same-origin, none', 'same-originx', 'nonesuch') {
    $s->promises([
        "Sec-Fetch-Site '$word' is no way in", 'GET /location',
        [ Origin => $evil, 'Sec-Fetch-Site' => $word ], { @rejected } ]);
}
$s->promises(
    [ 'Sec-Fetch-Site twice is no way in', 'GET /location',
      [ Origin => $evil, 'Sec-Fetch-Site' => 'same-origin',
        'Sec-Fetch-Site' => 'same-origin' ], { @rejected } ],
    [ 'a listed origin needs no Sec-Fetch-Site', 'GET /location',
      { Origin => $app, 'Sec-Fetch-Site' => 'cross-site' },
      { @listed, %hi } ],
    [ 'nor is the site asked for one', 'GET /location',
      { Origin => 'http://localhost', 'Sec-Fetch-Site' => 'cross-site' },
      { @others, %hi } ],
);

# ---------------------------------------------------------------------------
# A server that speaks TLS, and HTTP/2
# ---------------------------------------------------------------------------

# curl writes the request; what it gets is read as always.
sub curl {
    my ($url, $origin, @options) = @_;
    my @command = (qw(curl -q -s -k -i --max-time 10 --noproxy *), @options,
                   $origin ? ('-H', "Origin: $origin") : (), $url);
    open my $curl, '-|', @command or die "curl: $!\n";
    my $said = do { local $/; <$curl> } // '';
    $said =~ s{^HTTP/2 (\d+) *\r\n}{HTTP/1.1 $1\r\n};
    my ($head, $body) = $said =~ /^(.*?\r\n)\r\n(.*)/s;
    my $answer = CorsTest::Response->new($head // '', "@command\n");
    $answer->{body} = $body;
    return $answer;
}
my $tls = $s->port(2);
my @tls = (
    # URL's authority, Origin, what is expected
    [ 'secure.example', 'https://secure.example', 1 ],
    [ 'secure.example', 'http://secure.example', 0 ],
    [ 'secure.example:443', 'https://secure.example', 1 ],
    [ 'secure.example:80', 'https://secure.example', 0 ],
    [ 'secure.example:80', 'http://secure.example', 0 ],
    [ "secure.example:$tls", "https://secure.example:$tls", 1 ],
    [ "secure.example:$tls", "http://secure.example:$tls", 0 ],
    [ "secure.example:$tls", 'https://secure.example', 0 ],
    [ 'secure.example', $evil, 0 ],
    [ 'secure.example', $app, 'listed' ],
    [ 'secure.example', undef, 1 ],
);
for my $version ('1.1', $h2 ? '2' : ()) {
    for my $case (@tls) {
        my ($host, $origin, $is_own) = @$case;
        my $answer = curl("https://127.0.0.1:$tls/a.txt", $origin,
            $version eq '2' ? '--http2' : '--http1.1', '-H', "Host: $host");
        my @bad = $answer->differences({
            $is_own eq 'listed' ? (@listed, %hi) : $is_own ? (@others, %hi)
                : @rejected });
        promise(!@bad, "TLS, HTTP/$version, Host $host, "
            . ($origin || 'no Origin') . ': '
            . ($is_own ? 'let in' : 'rejected'), @bad, $answer->transcript);
    }
}

# ---------------------------------------------------------------------------
# Internal redirects, and policies found late
# ---------------------------------------------------------------------------

has_run();
$s->promises(
    [ 'DirectoryIndex: the gate is at the file', 'GET /late/',
      { Origin => $evil }, { @rejected } ],
    [ 'DirectoryIndex: a listed origin comes through', 'GET /late/',
      { Origin => $app }, { @listed, body => "index\n" } ],
    [ 'MultiViews: the gate is at the file', 'GET /late/page',
      { Origin => $evil }, { @rejected, vary => 'negotiate, Origin' } ],
    [ 'MultiViews: a listed origin comes through', 'GET /late/page',
      { Origin => $app },
      { @listed, vary => 'negotiate, Origin', body => "page\n" } ],
    [ 'DirectoryIndex under a gate', 'GET /index/', { Origin => $app },
      { @listed, body => "index\n" } ],
    [ 'a front controller: the gate is at the script', 'POST /front/any/thing',
      { Origin => $evil }, { @rejected }, { body => 'x' } ],
    [ 'a front controller: the gate is in front', 'POST /gate/front/thing',
      { Origin => $evil }, { @rejected }, { body => 'x' } ],
);
promise(!has_run(), 'no front controller has run');
$s->promises(
    [ 'a front controller: a listed origin comes through',
      'POST /front/any/thing', { Origin => $app },
      { @listed, body => "allowed\n", field => { 'X-Ran' => 'yes' } },
      { body => 'x' } ],
    [ 'through the gate in front, too', 'POST /gate/front/thing',
      { Origin => $app },
      { @listed, body => "allowed\n", field => { 'X-Ran' => 'yes' } },
      { body => 'x' } ],
    [ 'a subrequest is asked nothing', 'GET /page.shtml',
      { Origin => $evil }, { body => "\n" } ],
);

# What is stored for others is behind the gate too.
for my $how ('MISS', 'HIT') {
    my %cached = (body => 'backend', field => { 'X-Cache' => qr/^$how/ });
    $s->promises(gate("mod_cache, $how", 'GET /proxied/fresh', \%cached,
        { host => 'vhost.example' }));
}
$backend->heard;

# ---------------------------------------------------------------------------
# WebSockets, which no browser protects: the gate is made for them
# ---------------------------------------------------------------------------

sub handshake_is {
    my ($text, $path, $fields, $expected, $opt) = @_;
    my $answer = CorsTest::Backend::handshake($s, $path, $fields,
        %{ $opt || {} });
    my @bad = $answer->differences($expected);
    my @heard = $backend->heard;
    my $is_open = ($expected->{status} || 0) == 101;
    push @bad, "the backend heard: @heard" if $is_open xor @heard == 1;
    promise(!@bad, $text, @bad, $answer->transcript);
}
my @open = (status => 101, body => 'echo hello');
my %routes = (
    'mod_proxy_http upgrade' => [ '/up', 'localhost' ],
    'mod_proxy_wstunnel, by mod_proxy_http' => [ '/ws', 'localhost' ],
    'mod_proxy_wstunnel' => [ '/ws', 'tunnel.example' ],
);
for my $route (sort keys %routes) {
    my ($path, $host) = @{ $routes{$route} };
    my $opt = { host => $host };
    handshake_is("WebSocket, $route: a listed origin talks", $path,
        { Origin => $app }, { @open }, $opt);
    handshake_is("WebSocket, $route: no Origin talks", $path, {}, { @open },
        $opt);
    handshake_is("WebSocket, $route: the site itself talks", $path,
        { Origin => "http://$host" }, { @open }, $opt);
    handshake_is("WebSocket, $route: in front of TLS, too", $path,
        { Origin => "https://$host" }, { @open }, $opt);
    handshake_is("WebSocket, $route: the browser vouches", $path,
        { Origin => $evil, 'Sec-Fetch-Site' => 'same-origin' }, { @open },
        $opt);
    handshake_is("WebSocket, $route: a stranger is rejected", $path,
        { Origin => $evil }, { @rejected }, $opt);
    handshake_is("WebSocket, $route: null is rejected", $path,
        { Origin => 'null' }, { @rejected }, $opt);
    handshake_is("WebSocket, $route: two origins are rejected", $path,
        { Origin => "$app $app" }, { @rejected }, $opt);
    handshake_is("WebSocket, $route: another port is rejected", $path,
        { Origin => "http://$host:8080" }, { @rejected }, $opt);
}

# ---------------------------------------------------------------------------
# Variables and log
# ---------------------------------------------------------------------------

my $row = 0;
sub logs {
    my ($text, $line, $fields, $words, $opt) = @_;
    $row++;
    $s->request($line, [ @$fields, 'X-Row' => "row$row" ], %{ $opt || {} });
    my $log = $s->read_file('access.log', qr/^row$row .*\n/m);
    my ($is) = $log =~ /^row$row (.*)\n/m;
    promise(($is // '') eq $words, $text, $is // 'nothing', $words);
}
logs('the variable says rejected', 'GET /location', [ Origin => $evil ],
    '403 actual rejected');
logs('malformed is rejected too', 'GET /location', [ Origin => 'x' ],
    '403 actual rejected');
logs('so is null', 'GET /location', [ Origin => 'null' ],
    '403 actual rejected');
logs('a passed-on preflight', 'OPTIONS /pass', preflight($evil, 'GET'),
    '403 preflight rejected');
logs('an answered one is denied', 'OPTIONS /location',
    preflight($evil, 'GET'), '403 preflight denied-origin');
logs('an answered one, malformed', 'OPTIONS /location',
    preflight('x', 'GET'), '403 preflight malformed-origin');
logs('a denied method is no rejection', 'OPTIONS /pass',
    preflight($app, 'PUT'), '200 preflight denied-method');
logs('the site itself is let in, yet denied', 'GET /location',
    [ Origin => 'http://localhost' ], '200 actual denied-origin');
logs('what the browser vouches for as well', 'GET /location',
    [ Origin => 'x', 'Sec-Fetch-Site' => 'none' ],
    '200 actual malformed-origin');
logs('ReportOnly says what would be', 'GET /report', [ Origin => $evil ],
    '200 actual rejected');
logs('ReportOnly says of a preflight that it would be denied',
    'OPTIONS /report', preflight($evil, 'GET'),
    '200 preflight denied-origin');
logs('a policy found late', 'GET /late/', [ Origin => $evil ],
    '403 actual rejected');
logs('CorsAllowOrigin none', 'GET /none', [ Origin => $app ],
    '403 actual rejected');
logs('no Origin, no words', 'GET /location', [], '200 - -');
logs('CorsEngine Off, no words', 'GET /inner/engine', [ Origin => $evil ],
    '200 - -');
logs('no origin source, no words', 'GET /bare', [ Origin => $evil ],
    '200 - -');

my $quiet = 'https://once.example';
$s->request('GET /location', { Origin => $quiet });
my @lines = $s->log_lines(qr/\Q$quiet\E/, 5);
promise(@lines == 1
        && $lines[0] =~ /\[cors:info\] .* rejected:\ origin\ '\Q$quiet\E'\ is
                         \ not\ in\ CorsAllowOrigin\ \(.*httpd\.conf:\d+\)/x,
    'one line at info names the origin and the list', @lines);
$s->request('GET /report', { Origin => 'https://twice.example' });
@lines = $s->log_lines(qr/twice\.example/, 5);
promise(@lines == 1 && $lines[0] =~ /\[cors:info\] .* rejected: .*report only/,
    'under ReportOnly it says so', @lines);

# ---------------------------------------------------------------------------
# Where a response is on its way before there is a decision
# ---------------------------------------------------------------------------

my $early = CorsTest->start(name => 'early', modules => ['alias'],
    unexplained => 'each request is a line of a log',
    conf => <<"CONF");
CorsAllowOrigin $app
CorsRejectUnlisted On
Redirect /moved http://localhost/
LogFormat "%{CORS_RESULT}e" cors
CustomLog "\@ROOT\@/cors.log" cors
CONF
$early->promises([ 'a redirect of the server comes first', 'GET /moved',
    { Origin => $evil }, { status => 302, vary => 'Origin' } ]);
promise($early->read_file('cors.log', qr/./) eq "denied-origin\n",
    'and the log does not claim that it was rejected');

# ---------------------------------------------------------------------------
# Configurations
# ---------------------------------------------------------------------------

config_error('CorsRejectUnlisted Maybe',
    qr/CorsRejectUnlisted: 'Maybe' must be Off or On/, 'another word');
config_error('CorsRejectUnlisted', qr/CorsRejectUnlisted takes one argument/,
    'no word');
config_error('CorsRejectUnlisted On Off',
    qr/CorsRejectUnlisted takes one argument/, 'two words');
config_error(<<'CONF', qr/CorsRejectUnlisted .*Limit/, 'in <Limit>');
<Directory "@DOCROOT@">
    <Limit GET>
        CorsRejectUnlisted On
    </Limit>
</Directory>
CONF
config_error(<<'CONF', qr/'CorsRejectUnlisted' must not/, 'in a policy');
<CorsPolicy p>
    CorsAllowOrigin https://app.example.com
    CorsRejectUnlisted On
</CorsPolicy>
CONF
config_ok("corsrejectunlisted ON\n", 'letter case does not matter');

CorsTest::finish();
