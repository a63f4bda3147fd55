# mod_http2: the rows of HTTP/1.1 over HTTP/2, with TLS, without it, and by
# upgrade; what only HTTP/2 has, such as many origins on one connection and
# pushed responses; and mod_proxy_http2 towards a backend. With prefork httpd
# does without HTTP/2, and the same rows take HTTP/1.1.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use CorsTest;
use CorsTest::Backend;
use CorsTest::H2;
use Test::More;

my $app     = 'https://app.example.com';
my $partner = 'https://partner.example.net';
my $evil    = 'https://evil.example';
my $own     = 'https://backend.example';
my $acao    = 'Access-Control-Allow-Origin';
my $has_h2  = ($ENV{CORS_MPM} || '') ne 'prefork';

my $early   = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n";
my $backend = CorsTest::Backend->raw(
    '/twice' => CorsTest::Backend::reply(200,
        [ "$acao: $own", "\L$acao\E: *", 'Vary: Accept', 'vary: origin' ],
        "hi\n"),
    '/hints' => "$early\r\n"
        . CorsTest::Backend::reply(200, [ "$acao: *" ], "hi\n"),
    '/fails'  => CorsTest::Backend::reply(500, [ "$acao: *" ], "oh\n"),
    '/closes' => sub { return },
    '/broken' => "HTTP/1.1 200 OK\r\nno field\r\n\r\n",
    '/back'   => CorsTest::Backend::reply(200, [ "$acao: *" ], "back\n"),
);
my $to = '127.0.0.1:' . $backend->port;

my $common = <<"CONF";
AliasMatch "^/(?:cert|denied|locked|pass|linked|promised|always)" \\
    "\@DOCROOT\@/a.txt"
Redirect /moved http://elsewhere.example
ProxyPass /b http://$to disablereuse=On
ProxyPass /down http://127.0.0.1:\@PORT4\@ retry=0
ErrorDocument 410 /errors/410.html
Redirect gone /gone
<Location "/denied">
    Require all denied
</Location>
<Location "/locked">
    AuthType Basic
    AuthName private
    AuthUserFile "\@ROOT\@/users"
    Require valid-user
</Location>
<Location "/pass">
    CorsPreflight Pass
</Location>
<Location "/always">
    Header set $acao *
    Header always add $acao $own
    Header always add Vary Accept
</Location>
CONF
my $many = join "\n", map { "CorsAllowOrigin https://n$_.example.com" }
    1 .. 40;
my $policy = "CorsAllowOrigin $app $partner\n$many";

sub site {
    my ($name, @lines) = @_;
    return join "\n", '<VirtualHost 127.0.0.1:@PORT@>',
        "ServerName $name.example", @lines, '</VirtualHost>',
        '<VirtualHost 127.0.0.1:@PORT2@>', "ServerName $name.example",
        'SSLEngine On', 'SSLCertificateFile "@ROOT@/tls.pem"', @lines,
        "</VirtualHost>\n";
}

my $s = CorsTest->start(
    modules => [qw(alias headers setenvif proxy proxy_http authn_core
                   authn_file auth_basic authz_user http2 proxy_http2)],
    tls     => 1,
    cgi     => 1,
    ports   => 4,
    files   => {
        'users'                => "u:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n",
        'htdocs/a.txt'         => "hi\n",
        'htdocs/errors/410.html' => "it was here\n",
        'cgi-bin/env.cgi'      => "#!/bin/sh\ncat >/dev/null\n"
            . "echo 'Content-Type: text/plain'\necho '$acao: *'\necho\n"
            . "echo \"\$CORS_REQUEST \$CORS_RESULT\"\n",
        'cgi-bin/fails.cgi'    => "#!/bin/sh\necho 'Status: 500 Oh'\necho "
            . "'$acao: *'\necho\n",
    },
    conf => join "\n", 'Listen 127.0.0.1:@PORT2@ https',
        $has_h2 ? 'Protocols h2 h2c http/1.1' : '',
        site('site', $policy, $common),
        site('trust', $policy, 'CorsAllowCredentials On', $common)
            =~ s{(SSLEngine On)}{$1
                SSLCACertificateFile "\@ROOT\@/tls.pem"
                <Location "/cert">
                    SSLVerifyClient require
                </Location>}r,
        site('expr', 'CorsAllowCredentials On', 'CorsAllowOriginExpr '
            . '"req(\'Origin\') =~ m#^https?://app\.example\.com$#"'),
        site('near', 'CorsAllowOrigin same-site'),
        site('gate', $policy, 'CorsRejectUnlisted On', $common),
        site('any', 'CorsAllowOrigin *'),
        site('inert', $common),
        # Also over TLS, where it is known which host has been shaken hands
        # with: one with other demands is not the same.
        site('other', $policy)
            =~ s/(SSLEngine On)/$1\nSSLVerifyClient optional_no_ca/r,
        !$has_h2 ? () : (
        site('hints', $policy, $common, 'H2EarlyHints On',
            '<Location "/linked">', 'H2PushResource /promised',
            '</Location>'),
        site('push', $policy, $common, '<Location "/linked">',
            'Header add Link "</promised>; rel=preload"', '</Location>'),

        # A backend that is httpd itself.
        'Listen 127.0.0.1:@PORT3@',
        '<VirtualHost 127.0.0.1:@PORT3@>', 'ServerName back.example',
        'Protocols h2c http/1.1', 'LogFormat "%m %U %H" back',
        'CustomLog "@ROOT@/back.log" back',
        "Header always set $acao $own", "Header add $acao *",
        'Header always set Vary Accept', 'Header set X-Back yes',
        '</VirtualHost>',
        site('proxy', $policy, 'ProxyPass /h h2c://127.0.0.1:@PORT3@',
            'ProxyPass /gone h2c://127.0.0.1:@PORT4@ retry=0'),
        site('proxy-gate', $policy, 'CorsRejectUnlisted On',
            'ProxyPass /h h2c://127.0.0.1:@PORT3@')),
);
$s->expect_log(qr/AH10034: The mpm module \(prefork\.c\) is not supported/)
    if !$has_h2;

my @listed   = (acao => $app, vary => 'Origin');
my @stranger = (vary => 'Origin');
my @trusted  = (acac => 'true', @listed);
my %answered = (status => 204, acao => $app, acam => 'GET, HEAD, POST',
                acma => 600, vary => $TRIO);
my %refused  = (status => 403, body => '', vary => $TRIO);
my %hi       = (body => "hi\n");

my %port = (http => $s->port, https => $s->port(2), h2c => $s->port,
            'h2c-upgrade' => $s->port, h2 => $s->port(2));

# Rows of promises(), with the host as the fifth, in each way to ask: by a
# client that is known to do it right, one after the other; and all at once,
# on one connection to each host.
sub each_way {
    my (@rows) = @_;
    if (!$has_h2) {
        by_client('https', @rows);
        return;
    }
    by_client('h2', @rows);
    by_frame('h2c', @rows);
}

sub by_client {
    my ($over, @rows) = @_;
    $s->promises(map {
        my ($text, $line, $fields, $expected, $host, $opt) = @$_;
        [ "$over: $text", $line, $fields, $expected,
          { over => $over, port => $port{$over},
            host => ($host || 'site') . '.example', %{ $opt || {} } } ]
    } @rows);
}

sub by_frame {
    my ($over, @rows) = @_;
    my %h2;
    my @sent = map {
        my (undef, $line, $fields, undef, $host, $opt) = @$_;
        $host = ($host || 'site') . '.example';
        my $h2 = $h2{$host} ||= connection($over, $host);
        [ $h2, $h2->send($line, $fields, host => $host, %{ $opt || {} }) ];
    } @rows;
    for my $row (@rows) {
        is_promised("$over: $row->[0]", @{ shift @sent }, $row->[3]);
    }
    $_->close for values %h2;
}

# One response of a stream is one promise; returns it, if there is one.
sub is_promised {
    my ($text, $h2, $stream, $expected) = @_;
    my $res = eval { $h2->response($stream) };
    my @wrong = $res ? $res->differences($expected) : $@;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    promise(!@wrong, $text, @wrong, $res ? $res->transcript : ());
    return $res;
}

# A connection by h2 or h2c.
sub connection {
    my ($over, $host, @options) = @_;
    return CorsTest::H2->connect($port{$over},
        $over eq 'h2' ? $host : undef, @options);
}

# The rows for a listed origin, a stranger and nobody.
sub for_all {
    my ($text, $line, $expected, @more) = @_;
    return ([ "$text, listed", $line, { Origin => $app },
              { %$expected, @listed }, @more ],
            [ "$text, a stranger", $line, { Origin => $evil },
              { %$expected, @stranger }, @more ],
            [ "$text, no Origin", $line, {}, { %$expected, @stranger },
              @more ]);
}

# ---------------------------------------------------------------------------
# mod_http2: preflight
# ---------------------------------------------------------------------------

each_way(
    map({ my $path = $_;
        [ "$path: a preflight is answered", "OPTIONS $path",
          preflight($app, 'GET'), { %answered } ],
        [ "$path: a refused one too", "OPTIONS $path",
          preflight($evil, 'GET'), { %refused } ],
    } '/a.txt', '/missing', '/locked', '/denied', '/moved', '/down/x',
      '/cgi-bin/env.cgi', '/b/back'),
    [ 'with credentials', 'OPTIONS /a.txt', preflight($app, 'GET'),
      { %answered, acac => 'true' }, 'trust' ],
    [ 'passed on', 'OPTIONS /pass', preflight($app, 'GET'),
      { %answered, status => 200, field => { Allow => qr/GET/ } } ],
    [ 'an OPTIONS that is no preflight', 'OPTIONS /a.txt',
      { Origin => $app },
      { @listed, vary => $TRIO, field => { Allow => qr/GET/ } } ],
    [ 'without a policy httpd has its way', 'OPTIONS /a.txt',
      preflight($app, 'GET'), { field => { Allow => qr/GET/ } }, 'inert' ],
);
promise(!$backend->heard, 'no backend has heard of it');

# ---------------------------------------------------------------------------
# mod_http2: actual
# ---------------------------------------------------------------------------

each_way(
    for_all('GET', 'GET /a.txt', { %hi }),
    for_all('HEAD', 'HEAD /a.txt', { body => '' }),
    for_all('POST', 'POST /b/back', { body => "back\n" }, undef,
        { body => 'abc' }),
    for_all('a proxied server', 'GET /b/back', { body => "back\n" }),
    [ 'CGI', 'GET /cgi-bin/env.cgi', { Origin => $app },
      { @listed, body => "actual allowed\n" } ],
    [ 'with credentials', 'GET /a.txt', { Origin => $app },
      { %hi, @trusted }, 'trust' ],
    [ 'a constant policy', 'GET /a.txt', {}, { %hi, acao => '*' }, 'any' ],
    [ 'a part of a file', 'GET /a.txt',
      { Origin => $app, Range => 'bytes=0-0' },
      { @listed, status => 206, body => 'h' } ],
    [ 'no change', 'GET /a.txt',
      { Origin => $app, 'If-None-Match' => '*' },
      { @listed, status => 304 } ],
    [ 'names in lower case', 'GET /a.txt', { origin => $app },
      { %hi, @listed } ],
    [ 'two Origins are none', 'GET /a.txt',
      [ Origin => $app, Origin => $partner ], { %hi, @stranger } ],
    [ 'nor is one twice', 'GET /a.txt', [ Origin => $app, Origin => $app ],
      { %hi, @stranger } ],
    [ 'without a policy nothing is added', 'GET /a.txt',
      { Origin => $app }, { %hi }, 'inert' ],
    [ 'an http origin gets no credentials', 'GET /a.txt',
      { Origin => 'http://app.example.com' }, { %hi, @stranger }, 'expr' ],
    [ 'its https twin does', 'GET /a.txt', { Origin => $app },
      { %hi, @trusted }, 'expr' ],
    [ 'same-site is the site of the authority', 'GET /a.txt',
      { Origin => 'https://www.near.example' },
      { %hi, @stranger, acao => 'https://www.near.example' }, 'near' ],
    [ 'another site is not', 'GET /a.txt',
      { Origin => 'https://www.site.example' }, { %hi, @stranger },
      'near' ],
);
my $near = 'http://www.near.example';
by_client($has_h2 ? 'h2' : 'https',
    [ 'same-site: http is another site under TLS', 'GET /a.txt',
      { Origin => $near }, { %hi, @stranger }, 'near' ]);
by_client($has_h2 ? 'h2c' : 'http',
    [ 'same-site: http is the same without TLS', 'GET /a.txt',
      { Origin => $near }, { %hi, @stranger, acao => $near }, 'near' ]);

# ---------------------------------------------------------------------------
# mod_http2: errors
# ---------------------------------------------------------------------------

each_way(
    for_all('404', 'GET /missing', { status => 404 }),
    for_all('401', 'GET /locked', { status => 401 }),
    for_all('403', 'GET /denied', { status => 403 }),
    for_all('405', 'PUT /a.txt', { status => 405 }),
    for_all('500 of a CGI', 'GET /cgi-bin/fails.cgi', { status => 500 }),
    for_all('500 of a proxied server', 'GET /b/fails', { status => 500 }),
    for_all('502', 'GET /b/broken', { status => 502 }),
    # A client of HTTP/1.1 may hear nothing at all.
    for_all('a proxied server that closes', 'GET /b/closes',
        { status => qr/^50[02]$/ }),
    for_all('503', 'GET /down/x', { status => 503 }),
    for_all('a redirect', 'GET /moved/x', { status => 302,
        field => { Location => 'http://elsewhere.example/x' } }),
    for_all('an ErrorDocument', 'GET /gone',
        { status => 410, body => "it was here\n" }),
    for_all('HEAD of an error', 'HEAD /missing',
        { status => 404, body => '' }),
    [ 'an error without a policy', 'GET /missing', { Origin => $app },
      { status => 404 }, 'inert' ],
);
$s->expect_log(
    qr/AH00957: .*attempt to connect to/,
    qr/AH01114: HTTP: failed to make connection/,
    qr/AH01102: error reading status line/,
    qr/AH01106: bad HTTP\/1\.1 header/,
    qr/AH01630: client denied/,
);
$s->expect_log(qr/AH00898: Error reading from remote server/) if !$has_h2;

# ---------------------------------------------------------------------------
# mod_http2: once
# ---------------------------------------------------------------------------

each_way(
    [ 'a backend with two of each, listed', 'GET /b/twice',
      { Origin => $app }, { %hi, acao => $app, vary => 'Accept, Origin' } ],
    [ 'a backend with two of each, a stranger', 'GET /b/twice',
      { Origin => $evil }, { %hi, vary => 'Accept, Origin' } ],
    [ 'mod_headers in both tables, listed', 'GET /always',
      { Origin => $app }, { %hi, acao => $app, vary => 'Accept, Origin' } ],
    [ 'mod_headers in both tables, a stranger', 'GET /always',
      { Origin => $evil }, { %hi, vary => 'Accept, Origin' } ],
    [ 'mod_headers on an answered preflight', 'OPTIONS /always',
      preflight($app, 'GET'), { %answered, vary => "Accept, $TRIO" } ],
    [ 'mod_headers on a refused one', 'OPTIONS /always',
      preflight($evil, 'GET'), { %refused, vary => "Accept, $TRIO" } ],
);

# ---------------------------------------------------------------------------
# mod_http2: gate
# ---------------------------------------------------------------------------

my %rejected = (status => 403, @stranger);
$backend->heard;
each_way(
    [ 'a listed origin', 'GET /a.txt', { Origin => $app },
      { %hi, @listed }, 'gate' ],
    [ 'a stranger is rejected', 'GET /a.txt', { Origin => $evil },
      { %rejected }, 'gate' ],
    [ 'no Origin', 'GET /a.txt', {}, { %hi, @stranger }, 'gate' ],
    [ 'two Origins are rejected, though both are listed', 'GET /a.txt',
      [ Origin => $app, Origin => $partner ], { %rejected }, 'gate' ],
    [ 'the site is that of the authority', 'GET /a.txt',
      { Origin => 'https://gate.example' }, { %hi, @stranger }, 'gate' ],
    [ 'another host of the server is not', 'GET /a.txt',
      { Origin => 'https://site.example' }, { %rejected }, 'gate' ],
    [ 'the port counts', 'GET /a.txt',
      { Origin => 'https://gate.example:8443' }, { %rejected }, 'gate' ],
    [ 'the browser vouches for it', 'GET /a.txt',
      { Origin => 'null', 'Sec-Fetch-Site' => 'same-origin' },
      { %hi, vary => 'Origin, Sec-Fetch-Site' }, 'gate' ],
    [ 'CORS_RESULT', 'GET /cgi-bin/env.cgi', { Origin => $evil },
      { @stranger, body => "actual denied-origin\n" } ],
);
by_client($has_h2 ? 'h2' : 'https',
    [ 'the port of the authority', 'GET /a.txt',
      [ Host => 'gate.example:8443',
        Origin => 'https://gate.example:8443' ], { %hi, @stranger },
      'gate' ]);
# curl minds if httpd does not want what it sends.
for my $over ($has_h2 ? ('h2', 'h2c') : ()) {
    by_frame($over, [ 'what a stranger posts is not passed on',
        'POST /b/back', { Origin => $evil }, { %rejected }, 'gate',
        { body => 'abc' } ]);
}
promise(!$backend->heard, 'the backend has heard nothing of a stranger');

# ---------------------------------------------------------------------------
# mod_http2: actual
# ---------------------------------------------------------------------------

if ($has_h2) {
    for my $over ('h2', 'h2c') {
        my $h2 = connection($over, 'site.example');
        my %answer = (
            '/a.txt'   => { %hi },
            '/missing' => { status => 404 },
            '/denied'  => { status => 403 },
            '/b/twice' => { %hi, vary => 'Accept, Origin' },
            '/cgi-bin/env.cgi' => {},
        );
        my @paths = sort keys %answer;
        my @open;
        for my $n (1 .. 30) {
            my $path   = $paths[$n % @paths];
            my $origin = "https://n$n.example.com";
            my %is     = (vary => 'Origin', %{ $answer{$path} });
            my @to     = (host => 'site.example');
            push @open,
                [ $h2->send("GET $path", { Origin => $origin }, @to),
                  { %is, acao => $origin } ],
                [ $h2->send("GET $path",
                            { Origin => "https://x$n.example.com" }, @to),
                  { %is } ];
            push @open,
                [ $h2->send("GET $path", {}, @to), { %is } ],
                [ $h2->send('OPTIONS /locked', preflight($origin, 'GET'),
                            @to), { %answered, acao => $origin } ]
                if $n % 3 == 0;
        }
        my @wrong = map {
            my ($id, $expected) = @$_;
            my $res = eval { $h2->response($id) };
            my @bad = $res ? $res->differences($expected) : $@;
            @bad ? (@bad, $res ? $res->transcript : ()) : ();
        } @open;
        promise(!@wrong, "$over: " . @open . ' requests at once on one '
            . 'connection, and each has its own answer', @wrong);
        $h2->close;
    }

    # One connection, several hosts: browsers do so if the certificate does.
    my $h2 = connection('h2', 'site.example');
    my @open = map { [ $_, $h2->send('GET /a.txt',
        { Origin => 'https://www.near.example' },
        host => "$_->[0].example") ] } (
        [ 'site', @stranger ], [ 'any', acao => '*' ], [ 'inert' ],
        [ 'near', acao => 'https://www.near.example', vary => 'Origin' ],
        [ 'gate', %rejected ]);
    for my $one (@open) {
        my ($case, $id) = @$one;
        my ($host, @expected) = @$case;
        is_promised("h2: on one connection, $host has its own policy", $h2,
            $id, { @expected });
    }

    # By upgrade, which httpd does in place of the handler: what is answered
    # in front of that comes by HTTP/1.1, and so does a request with a body.
    by_client('h2c-upgrade',
        for_all('GET', 'GET /a.txt', { %hi }),
        for_all('404', 'GET /missing', { status => 404 }),
        for_all('403', 'GET /denied', { status => 403 }),
        [ 'HEAD', 'HEAD /a.txt', { Origin => $app }, { @listed } ],
        [ 'with credentials', 'GET /a.txt', { Origin => $app },
          { %hi, @trusted }, 'trust' ],
        [ 'a preflight is answered', 'OPTIONS /a.txt',
          preflight($app, 'GET'), { %answered } ],
        [ 'a refused one too', 'OPTIONS /locked', preflight($evil, 'GET'),
          { %refused } ],
        [ 'a preflight that is passed on', 'OPTIONS /pass',
          preflight($app, 'GET'), { %answered, status => 200 } ],
        [ 'a backend with two of each', 'GET /b/twice', { Origin => $app },
          { %hi, acao => $app, vary => 'Accept, Origin' } ],
        [ 'a stranger is rejected', 'GET /a.txt', { Origin => $evil },
          { %rejected }, 'gate' ],
        [ 'the site is that of the Host', 'GET /a.txt',
          { Origin => 'https://gate.example' }, { %hi, @stranger },
          'gate' ],
        [ 'without a policy nothing is added', 'GET /a.txt',
          { Origin => $app }, { %hi }, 'inert' ],
    );

    # What is said before the response is not ours.
    for my $case ([ 'of httpd', '/linked', qr{^link: </promised>}m, "hi\n" ],
                  [ 'of a backend', '/b/hints', qr{^link: </a\.css>}m,
                    "hi\n" ]) {
        my ($what, $path, $link, $body) = @$case;
        for my $origin ($app, $evil) {
            my $who  = $origin eq $app ? 'a listed origin' : 'a stranger';
            my $hint = connection('h2', 'hints.example');
            my $res  = is_promised("h2: behind a 103 $what, $who", $hint,
                $hint->send("GET $path", { Origin => $origin }),
                { body => $body, $origin eq $app ? @listed : @stranger });
            my @early = $res ? $res->interim : ();
            promise(@early == 1 && $early[0] =~ /^HTTP\/2 103 /
                    && $early[0] =~ $link
                    && $early[0] !~ /^(?:access-control-|vary)/m,
                "h2: a 103 $what has no fields, $who", @early);
            $hint->close;
        }
    }

    # A pushed response answers a request that httpd makes up: without Origin.
    for my $origin ($app, $evil) {
        my $who  = $origin eq $app ? 'a listed origin' : 'a stranger';
        my $push = connection('h2', 'push.example', push => 1);
        is_promised("h2: what pushes another, $who", $push,
            $push->send('GET /linked', { Origin => $origin }),
            { %hi, $origin eq $app ? @listed : @stranger });
        my @promised = $push->promised;
        promise(@promised == 1 && $promised[0][0] =~ m{^:path: /promised\r$}m
                && $promised[0][0] !~ /^origin/m,
            "h2: the pushed request has no Origin, $who",
            map { $_->[0] } @promised);
        is_promised("h2: its response is for everybody, $who", $push,
            $promised[0][1], { %hi, @stranger }) if @promised;
        $push->close;
    }
}

# ---------------------------------------------------------------------------
# mod_http2: preflight
# ---------------------------------------------------------------------------

if ($has_h2) {
    my $hint = connection('h2', 'hints.example');
    my $res  = is_promised('h2: a preflight is answered', $hint,
        $hint->send('OPTIONS /linked', preflight($app, 'GET')),
        { %answered });
    promise($res && !$res->interim, 'h2: and no 103 comes first',
            $res ? $res->interim : ());
    $hint->close;

    # HTTP/2 knows no second handshake: whoever needs the certificate is sent
    # to HTTP/1.1. A preflight does not.
    my $cert = connection('h2', 'trust.example');
    is_promised('h2: a preflight needs no client certificate', $cert,
        $cert->send('OPTIONS /cert', preflight($app, 'GET')),
        { %answered, acac => 'true' });
    is_promised('h2: a refused one does not either', $cert,
        $cert->send('OPTIONS /cert', preflight($evil, 'GET')),
        { %refused });
    $res = $cert->response(
        $cert->send('GET /cert', { Origin => $app }));
    promise($res->head =~ /reset 13\b/,
        'h2: the request behind it is sent to HTTP/1.1', $res->transcript);
    is_promised('h2: and the connection lives on', $cert,
        $cert->send('GET /a.txt', { Origin => $app }), { %hi, @trusted });
    $cert->close;
}

# ---------------------------------------------------------------------------
# mod_http2: errors
# ---------------------------------------------------------------------------

if ($has_h2) {
    my $h2 = connection('h2', 'site.example');
    is_promised('h2: 421 for a host with another TLS', $h2,
        $h2->send('GET /a.txt', { Origin => $app },
                  host => 'other.example'), { status => 421, @listed });
    $h2->close;
    $s->expect_log(qr/AH02032: Hostname site\.example provided via SNI/);
}

# Rows of promises() through mod_proxy_http2, asked in HTTP/1.1 and HTTP/2.
sub by_proxy {
    my (@rows) = @_;
    for my $over ($has_h2 ? ('http', 'h2') : ()) {
        $s->promises(map {
            my ($text, $line, $fields, $expected, $host) = @$_;
            [ "$over to h2c: $text", $line, $fields, $expected,
              { over => $over, port => $port{$over},
                host => ($host || 'proxy') . '.example' } ]
        } @rows);
    }
}
my %own    = (%hi, field => { 'X-Back' => 'yes' });
my @varies = (vary => 'Accept, Origin');

# ---------------------------------------------------------------------------
# mod_proxy_http2: preflight
# ---------------------------------------------------------------------------

by_proxy(
    [ 'a preflight is answered', 'OPTIONS /h/a.txt', preflight($app, 'GET'),
      { %answered } ],
    [ 'a refused one too', 'OPTIONS /h/a.txt', preflight($evil, 'GET'),
      { %refused } ],
    [ 'though the backend is down', 'OPTIONS /gone/a.txt',
      preflight($app, 'GET'), { %answered } ],
);

# ---------------------------------------------------------------------------
# mod_proxy_http2: actual
# ---------------------------------------------------------------------------

by_proxy(
    [ 'listed', 'GET /h/a.txt', { Origin => $app },
      { %own, acao => $app, @varies } ],
    [ 'HEAD', 'HEAD /h/a.txt', { Origin => $app },
      { acao => $app, @varies, body => '' } ],
    [ 'no Origin', 'GET /h/a.txt', {}, { %own, @varies } ],
);

# ---------------------------------------------------------------------------
# mod_proxy_http2: errors
# ---------------------------------------------------------------------------

by_proxy(
    [ '404 of the backend', 'GET /h/missing', { Origin => $app },
      { status => 404, acao => $app, @varies } ],
    [ 'the backend is down, listed', 'GET /gone/x', { Origin => $app },
      { status => 503, @listed } ],
    [ 'the backend is down, a stranger', 'GET /gone/x',
      { Origin => $evil }, { status => 503, @stranger } ],
);

# ---------------------------------------------------------------------------
# mod_proxy_http2: once
# ---------------------------------------------------------------------------

by_proxy(
    [ 'what the backend says of origins goes', 'GET /h/a.txt',
      { Origin => $evil }, { %own, @varies } ],
    [ 'from its errors, too', 'GET /h/missing', { Origin => $evil },
      { status => 404, @varies } ],
);

# ---------------------------------------------------------------------------
# mod_proxy_http2: gate
# ---------------------------------------------------------------------------

by_proxy(
    [ 'a stranger is rejected', 'GET /h/a.txt', { Origin => $evil },
      { %rejected }, 'proxy-gate' ],
    [ 'a listed origin comes through', 'GET /h/a.txt', { Origin => $app },
      { %own, acao => $app, @varies }, 'proxy-gate' ],
);

# The log of the backend: of each way, seven requests of all those above.
if ($has_h2) {
    my $log = $s->read_file('back.log', qr/\A(?:.*\n){14}/);
    my $line = qr{(?:GET|HEAD) /(?:a\.txt|missing) HTTP/2\.0\n};
    promise($log =~ /\A$line{14}\z/,
        'mod_proxy_http2 has passed on nothing that was answered or rejected',
        $log);
}

CorsTest::finish();
