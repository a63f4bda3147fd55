# mod_proxy: a reverse proxy in front of backends with CORS fields of their
# own, backends that fail, and a balancer over two of them. What the policy
# promises does not depend on who made the response: the backend, well or
# badly, or the proxy in its place.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use CorsTest;
use CorsTest::Backend qw(reply);
use CorsTest::Process qw($PATIENCE);
use Test::More;

my $app     = 'https://app.example.com';
my $partner = 'https://partner.example.net';
my $evil    = 'https://evil.example';
my $own     = 'https://backend.example';    # what the backend says
my $acao    = 'Access-Control-Allow-Origin';

# ---------------------------------------------------------------------------
# Backends that send exactly these bytes
# ---------------------------------------------------------------------------

# What a backend may bring, by name.
my %brings = (
    'any'     => [ "$acao: *" ],
    'one'     => [ "$acao: $own" ],
    'lower'   => [ "\L$acao\E: $own" ],
    'twice'   => [ "$acao: $own", "$acao: $own" ],
    'mixed'   => [ "$acao: *", "\L$acao\E: $own" ],
    'full'    => [
        "$acao: $own",
        'Access-Control-Allow-Credentials: true',
        'Access-Control-Allow-Methods: PUT',
        'Access-Control-Allow-Headers: X-Back',
        'Access-Control-Expose-Headers: X-Back',
        'Access-Control-Max-Age: 7',
        'Access-Control-Allow-Private-Network: true',
    ],
    'expose'  => [ 'Access-Control-Expose-Headers: X-Back, ETag' ],
    'methods' => [ 'Access-Control-Allow-Methods: *' ],
    'varies'  => [ "$acao: $own", 'Vary: Accept', 'vary: Cookie, origin' ],
    'star'    => [ "$acao: $own", 'Vary: Accept', 'Vary: *' ],
);
my @codes = qw(400 401 403 404 405 409 413 416 418 429 500 501 502 503 504);
my @moved = qw(301 302 303 307 308);

sub file {
    my ($conn, $head) = @_;
    my @fields = ('ETag: "file"', "$acao: *", 'Accept-Ranges: bytes');
    return reply(304, \@fields) =~ s/Content-Length: 0\r\n//r
        if $head =~ /^If-None-Match: "file"/mi;
    return reply(206, [ @fields, 'Content-Range: bytes 1-2/6' ], 'il')
        if $head =~ /^Range: bytes=1-2/mi;
    return reply(416, [ @fields, 'Content-Range: bytes */6' ])
        if $head =~ /^Range:/mi;
    return reply(200, \@fields, $head =~ /^HEAD/ ? '' : "filed\n");
}
my $early = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n";

my $backend = CorsTest::Backend->raw(
    map({ ("/brings/$_" => reply(200, $brings{$_}, "hi\n"),
           "/fails/$_"  => reply(500, $brings{$_}, "oh\n")) } keys %brings),
    map({ ("/status/$_" => reply($_, [ "$acao: *" ], "own $_\n")) } @codes),
    map({ my $status = $_; ("/moved/$status" => sub {
        my ($conn, $head) = @_;
        my ($to) = $head =~ /^Host: *(\S+)\r$/mi;
        return reply($status, [ "$acao: *", "Location: http://$to/there" ]);
    }) } @moved),
    '/plain'   => reply(200, [], "plain\n"),
    '/hears'   => sub {
        my ($conn, $head) = @_;
        my ($result) = $head =~ /^X-Result: *(.*)\r$/mi;
        return reply(200, [], ($result // 'nothing') . ', '
                     . CorsTest::Backend::body($conn, $head));
    },
    '/head'    => "HTTP/1.1 200 OK\r\nConnection: close\r\n"
        . "Content-Length: 6\r\n$acao: *\r\n\r\n",
    '/file'    => \&file,
    '/login'   => reply(401, [ 'WWW-Authenticate: Basic realm="b"',
                               "$acao: *" ], "who?\n"),
    '/back'    => reply(200, [
        "$acao: $own", 'Access-Control-Allow-Methods: PATCH',
        'Access-Control-Max-Age: 7', 'Allow: PATCH' ], "back\n"),
    '/refuses' => reply(405, [ 'Allow: GET' ], "no OPTIONS\n"),
    '/chunked' => "HTTP/1.1 200 OK\r\nConnection: close\r\n"
        . "Transfer-Encoding: chunked\r\nTrailer: $acao, X-Sum\r\n\r\n"
        . "3\r\nhi\n\r\n0\r\n$acao: *\r\nVary: X-Late\r\nX-Sum: 1\r\n\r\n",

    # Before the response: as they come.
    '/hints'   => "$early\r\n" . reply(200, [ "$acao: *" ], "hi\n"),
    '/own-hints' => "${early}$acao: *\r\nVary: X-Early\r\n\r\n$early\r\n"
        . reply(404, [ "$acao: *" ], "gone\n"),
    '/continue'  => sub {
        my ($conn, $head) = @_;
        return reply(500, [], 'nothing to continue')
            if $head !~ /^Expect: 100-continue/mi;
        $conn->write("HTTP/1.1 100 Continue\r\n\r\n");
        return reply(200, [],
                     'got ' . CorsTest::Backend::body($conn, $head));
    },
    '/refuses-body' => sub { reply(403, [ "$acao: *" ], "not that\n") },

    # Not as they should be.
    '/closes'    => sub { return },
    '/silent'    => sub { $_[0]->rest; return },
    '/deaf'      => sub { sleep $PATIENCE; return },
    '/cut-line'  => 'HTTP/1.1 2',
    '/cut-name'  => "HTTP/1.1 200 OK\r\n$acao",
    '/cut-field' => "HTTP/1.1 200 OK\r\n$acao: *\r\n",
    '/bad-line'  => "HTTP/1.1 abc\r\n\r\n",
    '/bad-field' => "HTTP/1.1 200 OK\r\nno field at all\r\n\r\n",
    '/long-line' => "HTTP/1.1 200 OK\r\nX-Long: " . 'x' x 70_000
        . "\r\n\r\n",
    '/upgrades'  => "HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\n"
        . "Connection: Upgrade\r\n$acao: *\r\n\r\n",
    '/endless'   => "$early\r\n" x 200 . reply(200, [], "late\n"),
    '/old'       => "HTTP/1.0 200 OK\r\n$acao: *\r\n\r\nold\n",
    '/oldest'    => "just a text\n",
);
my $to = '127.0.0.1:' . $backend->port;

# Two that say who they are.
my ($first, $second) = map {
    my $name = $_;
    CorsTest::Backend->raw(
        '/'     => reply(200, [ "$acao: *" ], $name),
        '/busy' => reply($name eq 'first' ? 503 : 200, [ "$acao: *" ],
                         $name),
        '/hints'  => "$early$acao: *\r\n\r\n" . reply(200, [], $name),
        '/varies' => reply(200, $brings{varies}, $name));
} qw(first second);
my ($to_first, $to_second) =
    map { '127.0.0.1:' . $_->port } $first, $second;

# ---------------------------------------------------------------------------
# The server in front
# ---------------------------------------------------------------------------

# Virtual hosts: [ name, lines ].
sub site {
    my ($name, @lines) = @_;
    return join "\n    ", '<VirtualHost 127.0.0.1:@PORT@>',
        "ServerName $name.example", @lines, "\n</VirtualHost>\n";
}
my $policy = "CorsAllowOrigin $app $partner";
my $pass = <<"CONF";
ProxyPass /slow http://$to/silent timeout=1 disablereuse=On
ProxyPass /deaf http://$to/deaf timeout=1 disablereuse=On
ProxyPass /b http://$to disablereuse=On
ProxyPassReverse /b http://$to
ProxyPass /down http://127.0.0.1:\@PORT2\@ retry=0
CONF
my $rules = <<"CONF";
RewriteEngine On
RewriteRule ^/?b/(.*) http://$to/\$1 [P]
RewriteRule ^/?down/ http://127.0.0.1:\@PORT2\@/ [P]
CONF
my $headers = 'RequestHeader set X-Result "%{CORS_RESULT}e" env=CORS_RESULT';

my $s = CorsTest->start(
    modules => [qw(headers rewrite env proxy proxy_http proxy_balancer
                   lbmethod_byrequests slotmem_shm)],
    cgi     => 1,
    ports   => 4,
    files   => {
        'htdocs/a.txt'         => "hi\n",
        'htdocs/rules/.htaccess' => "$policy\n$rules",
        'htdocs/errors/502.html' => "sorry\n",
        'cgi-bin/error.cgi'    => "#!/bin/sh\necho 'Content-Type: text/plain'"
            . "\necho '$acao: *'\necho\necho \"sorry, \$REDIRECT_STATUS\"\n",
    },
    conf    => <<"CONF" .
<Proxy balancer://one>
    BalancerMember http://127.0.0.1:\@PORT2\@ retry=0
    BalancerMember http://$to_second
</Proxy>
<Proxy balancer://both>
    BalancerMember http://$to_first route=first disablereuse=On
    BalancerMember http://$to_second route=second disablereuse=On
    ProxySet stickysession=ROUTE
</Proxy>
<Proxy balancer://dead>
    BalancerMember http://127.0.0.1:\@PORT2\@ retry=0
    BalancerMember http://127.0.0.1:\@PORT4\@ retry=0
</Proxy>
# Without such a time to wait, httpd tries what is marked at once.
<Proxy balancer://marked>
    BalancerMember http://$to_first status=+E retry=2147483647
    BalancerMember http://$to_second disablereuse=On
</Proxy>
<Proxy balancer://all-marked>
    BalancerMember http://$to_first status=+E retry=2147483647
    BalancerMember http://$to_second status=+E retry=2147483647
    ProxySet forcerecovery=Off
</Proxy>
<Proxy balancer://spare>
    BalancerMember http://$to_first status=+D
    BalancerMember http://$to_second status=+H disablereuse=On
</Proxy>
<Proxy balancer://fails>
    BalancerMember http://$to_first retry=600 disablereuse=On
    ProxySet failonstatus=503 forcerecovery=Off
</Proxy>
# The policy is in the balancer's own section.
<Proxy balancer://section>
    BalancerMember http://$to_first disablereuse=On
    CorsAllowOrigin $app
</Proxy>
CONF
    join("\n",
    site('server', $pass, $policy, $headers),
    site('location', $pass, '<Location "/">', $policy, '</Location>'),
    site('proxy-pass', '<Location "/b">', $policy,
        "ProxyPass http://$to disablereuse=On",
        "ProxyPassReverse http://$to", '</Location>', '<Location "/down">',
        $policy, 'ProxyPass http://127.0.0.1:@PORT2@ retry=0',
        '</Location>'),
    site('section', $pass, qq(<Proxy "http://$to/*">), $policy, '</Proxy>',
        '<ProxyMatch "^http://127\.0\.0\.1:@PORT2@">', $policy,
        '</ProxyMatch>'),
    site('rules', $rules, $policy),
    site('htaccess', 'DocumentRoot "@DOCROOT@/rules"'),
    site('pass', $pass, $policy, 'CorsPreflight Pass',
        'CorsAllowMethods PUT', 'CorsAllowHeaders X-A'),
    site('keep', $pass, $policy, 'CorsBackendHeaders Keep'),
    site('keep-pass', $pass, $policy, 'CorsBackendHeaders Keep',
        'CorsPreflight Pass'),
    site('expose', $pass, $policy, 'CorsAllowCredentials On',
        'CorsExposeHeaders *'),
    site('any', $pass, 'CorsAllowOrigin *'),
    site('silent', $pass, 'CorsAllowOrigin none'),
    site('hides', $pass, $policy, 'CorsForwardOrigin Off'),
    site('gate', $pass, $policy, 'CorsRejectUnlisted On', $headers),
    site('gate-report', $pass, $policy, 'CorsRejectUnlisted On',
        'CorsEngine ReportOnly', $headers),
    # In front of the gate's server, with and without the name it is known by.
    site('front', 'ProxyPass / http://127.0.0.1:@PORT3@/'),
    site('front-keeps', 'ProxyPass / http://127.0.0.1:@PORT3@/',
        'ProxyPreserveHost On'),
    'Listen 127.0.0.1:@PORT3@',
    site('inner', $pass, $policy, 'CorsRejectUnlisted On')
        =~ s/PORT@/PORT3@/r,
    site('override', $pass, $policy, 'ProxyErrorOverride On',
        'ErrorDocument 404 /errors/502.html',
        'ErrorDocument 500 /cgi-bin/error.cgi',
        'ErrorDocument 502 /errors/502.html',
        'ErrorDocument 503 /b/plain',
        'ErrorDocument 403 "just a text"',
        'ErrorDocument 504 /errors/missing.html'),
    site('override-some', $pass, $policy, 'ProxyErrorOverride On 404',
        'ErrorDocument 404 /errors/502.html',
        'ErrorDocument 500 /errors/502.html'),
    site('documents', $pass, $policy,
        'ErrorDocument 404 /errors/502.html',
        'ErrorDocument 502 /errors/502.html',
        'ErrorDocument 503 /cgi-bin/error.cgi'),
    site('page', $pass, 'ErrorDocument 502 /errors/502.html',
        '<Location "/errors">', $policy, '</Location>'),
    site('denies', $pass, $policy, '<Location "/b/denied">',
        'Require all denied', '</Location>'),

    site('balancer', $policy, 'CorsAllowCredentials On',
        'Header add Set-Cookie "ROUTE=.%{BALANCER_WORKER_ROUTE}e; path=/"'
            . ' env=BALANCER_ROUTE_CHANGED',
        map({ "ProxyPass /$_ balancer://$_" } qw(one both dead marked
            all-marked spare fails))),
    site('balancer-section', 'ProxyPass /section balancer://section'),
    site('balancer-gate', $policy, 'CorsRejectUnlisted On',
        'ProxyPass /both balancer://both',
        '<Location "/manager">', 'SetHandler balancer-manager',
        '</Location>'),
    site('manager', $policy, '<Location "/manager">',
        'SetHandler balancer-manager', 'Require all granted', '</Location>',
        '<Location "/manager/locked">', 'Require all denied',
        '</Location>')),
);

my @listed   = (acao => $app, vary => 'Origin');
my @stranger = (vary => 'Origin');
my %answered = (status => 204, acao => $app, acam => 'GET, HEAD, POST',
                acma => 600, vary => $TRIO);
my %refused  = (status => 403, body => '', vary => $TRIO);

# One request, one promise: the response, and what the backends heard of it.
sub promised {
    my ($text, $host, $line, $fields, $expected, $heard, $opt) = @_;
    my $res = eval { $s->request($line, $fields, host => "$host.example",
                                 %{ $opt || {} }) };
    my @wrong = $res ? $res->differences($expected) : "$line: $@";
    my $is = join ', ', map { $_->heard } $backend, $first, $second;
    push @wrong, "heard: $is, expected: @$heard"
        if $is ne join ', ', @$heard;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    promise(!@wrong, "$host: $text", @wrong, $res ? $res->transcript : ());
    return $res;
}

# The same request for a listed origin, a stranger and nobody; $heard without
# the origin, if anything is.
sub promised_to_all {
    my ($text, $host, $line, $expected, $heard, $opt, $more) = @_;
    for my $who ([ 'listed', $app ], [ 'a stranger', $evil ],
                 [ 'no Origin', undef ]) {
        my ($name, $origin) = @$who;
        promised("$text, $name", $host, $line,
            [ defined $origin ? (Origin => $origin) : (),
              @{ $more || [] } ],
            { %$expected, vary => 'Origin',
              $name eq 'listed' ? (acao => $app) : () },
            [ $heard ? "$heard " . ($origin // '-') : () ], $opt);
    }
}

my @ways = qw(server location proxy-pass section rules htaccess);

# ---------------------------------------------------------------------------
# mod_proxy_http: preflight
# ---------------------------------------------------------------------------

for my $way (@ways) {
    promised('a preflight is answered, and the backend hears nothing', $way,
        'OPTIONS /b/back', preflight($app, 'GET'), { %answered }, []);
    promised('a refused one too', $way, 'OPTIONS /b/back',
        preflight($evil, 'GET'), { %refused }, []);
    promised('a preflight is answered though the backend is down', $way,
        'OPTIONS /down/x', preflight($app, 'GET'), { %answered }, []);
    promised('an OPTIONS that is no preflight goes to the backend', $way,
        'OPTIONS /b/back', { Origin => $app },
        { @listed, vary => $TRIO, body => "back\n",
          field => { Allow => 'PATCH' } }, [ "OPTIONS /back $app" ]);
}
promised('an OPTIONS without Origin goes to the backend', 'server',
    'OPTIONS /b/back', { 'Access-Control-Request-Method' => 'GET' },
    { vary => $TRIO, body => "back\n" }, [ 'OPTIONS /back -' ]);
promised('Keep does not concern an answered preflight', 'keep',
    'OPTIONS /b/back', preflight($app, 'GET'), { %answered }, []);
promised('a preflight with a body leaves the backend alone', 'server',
    'OPTIONS /b/back', preflight($app, 'GET'), { %answered }, [],
    { body => 'x' x 9000 });

my @passed = (acao => $app, acam => 'PUT', acah => 'X-A', acma => 600,
              vary => $TRIO);
promised('passed on, the policy speaks in place of the backend', 'pass',
    'OPTIONS /b/back', preflight($app, 'PUT', 'x-a'),
    { @passed, body => "back\n" }, [ "OPTIONS /back $app" ]);
promised('passed on for a stranger, nobody speaks', 'pass', 'OPTIONS /b/back',
    preflight($evil, 'PUT'), { vary => $TRIO, body => "back\n" },
    [ "OPTIONS /back $evil" ]);
promised('passed on to a backend that knows no OPTIONS', 'pass',
    'OPTIONS /b/refuses', preflight($app, 'PUT'),
    { @passed, status => 405 }, [ "OPTIONS /refuses $app" ]);
promised('passed on to a backend that is down', 'pass', 'OPTIONS /down/x',
    preflight($app, 'PUT'), { @passed, status => 503 }, []);
promised('passed on to a backend that closes', 'pass', 'OPTIONS /b/closes',
    preflight($app, 'PUT'), { @passed, status => 502 },
    [ "OPTIONS /closes $app" ]);
promised('Keep and Pass: the backend answers for itself', 'keep-pass',
    'OPTIONS /b/back', preflight($app, 'PATCH'),
    { acao => $own, acam => 'PATCH', acma => 7, vary => $TRIO },
    [ "OPTIONS /back $app" ]);
promised('Keep and Pass: a stranger hears the backend too', 'keep-pass',
    'OPTIONS /b/back', preflight($evil, 'PATCH'),
    { acao => $own, acam => 'PATCH', acma => 7, vary => $TRIO },
    [ "OPTIONS /back $evil" ]);
promised('Keep and Pass: ours where the backend says nothing', 'keep-pass',
    'OPTIONS /b/refuses', preflight($app, 'GET'),
    { %answered, status => 405 }, [ "OPTIONS /refuses $app" ]);

# ---------------------------------------------------------------------------
# mod_proxy_http: actual
# ---------------------------------------------------------------------------

for my $way (@ways) {
    promised_to_all('GET', $way, 'GET /b/plain', { body => "plain\n" },
        'GET /plain');
}
promised_to_all('HEAD', 'server', 'HEAD /b/head',
    { body => '', field => { 'Content-Length' => 6 } }, 'HEAD /head');
promised_to_all('POST', 'server', 'POST /b/hears', { body => qr/, abc\z/ },
    'POST /hears', { body => 'abc' });
promised('a body in chunks', 'server', 'POST /b/hears',
    { Origin => $app, 'Transfer-Encoding' => 'chunked' },
    { @listed, body => 'allowed, abcde' }, [ "POST /hears $app" ],
    { body => "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n" });
promised('each listed origin gets its own', 'server', 'GET /b/plain',
    { Origin => $partner }, { acao => $partner, vary => 'Origin' },
    [ "GET /plain $partner" ]);
promised('a constant policy', 'any', 'GET /b/plain', {}, { acao => '*' },
    [ 'GET /plain -' ]);
promised('a response in chunks; what its trailers say counts for nothing',
    'server', 'GET /b/chunked', { Origin => $app },
    { @listed, body => "hi\n" }, [ "GET /chunked $app" ]);
promised('its trailers give a stranger nothing', 'server', 'GET /b/chunked',
    { Origin => $evil }, { @stranger, body => "hi\n" },
    [ "GET /chunked $evil" ]);
promised('CorsForwardOrigin Off', 'hides', 'GET /b/plain', { Origin => $app },
    { @listed }, [ 'GET /plain -' ]);
promised('a backend of HTTP/1.0', 'server', 'GET /b/old', { Origin => $app },
    { @listed, body => "old\n" }, [ "GET /old $app" ]);

# Part of a file, and none of it.
promised_to_all('304 of the backend', 'server', 'GET /b/file',
    { status => 304, body => '', field => { ETag => '"file"' } },
    'GET /file', {}, [ 'If-None-Match' => '"file"' ]);
promised_to_all('206 of the backend', 'server', 'GET /b/file',
    { status => 206, body => 'il' }, 'GET /file',
    {}, [ Range => 'bytes=1-2' ]);
promised_to_all('416 of the backend', 'server', 'GET /b/file',
    { status => 416 }, 'GET /file', {},
    [ Range => 'bytes=9-' ]);
promised('206 exposes what it carries', 'expose', 'GET /b/file',
    { Origin => $app, Range => 'bytes=1-2' },
    { @listed, acac => 'true', status => 206,
      aceh => qr/\bContent-Range\b/ }, [ "GET /file $app" ]);

# What comes before the response passes as it is, and says nothing of ours.
sub before_response {
    my ($text, $host, $line, $fields, $expected, $heard, $interim, $opt) = @_;
    my $res = promised($text, $host, $line, $fields, $expected, $heard, $opt);
    my @seen = map { s/\r\n/\n/gr } $res ? $res->interim : ();
    promise("@seen" eq join(' ', map { s/\r\n/\n/gr } @$interim),
            "$host: $text: the 1xx are those of the backend", @seen);
}
before_response('103', 'server', 'GET /b/hints', { Origin => $app },
    { @listed, body => "hi\n" }, [ "GET /hints $app" ], [ $early ]);
before_response('103 for a stranger', 'server', 'GET /b/hints',
    { Origin => $evil }, { @stranger, body => "hi\n" },
    [ "GET /hints $evil" ], [ $early ]);
before_response('103 with fields of its own, and 103', 'server',
    'GET /b/own-hints', { Origin => $app },
    { @listed, status => 404, body => "gone\n" }, [ "GET /own-hints $app" ],
    [ "${early}$acao: *\r\nVary: X-Early\r\n", $early ]);
before_response('100', 'server', 'POST /b/continue',
    { Origin => $app, Expect => '100-continue' },
    { @listed, body => 'got abc' }, [ "POST /continue $app" ],
    [ "HTTP/1.1 100 Continue\r\n" ], { body => 'abc' });
before_response('no 100 but a refusal', 'server', 'POST /b/refuses-body',
    { Origin => $app, Expect => '100-continue' },
    { @listed, status => 403, body => "not that\n" },
    [ "POST /refuses-body $app" ], [], { body => 'abc' });

# ---------------------------------------------------------------------------
# mod_proxy_http: errors
# ---------------------------------------------------------------------------

for my $way (@ways) {
    promised_to_all('404 of the backend', $way, 'GET /b/status/404',
        { status => 404, body => "own 404\n" }, 'GET /status/404');
    promised_to_all('a redirect of the backend', $way, 'GET /b/moved/302',
        { status => 302, field => { Location => qr{/there\z} } },
        'GET /moved/302');
    promised_to_all('503, as the backend is down', $way, 'GET /down/x',
        { status => 503, body => qr/503 Service/ });
}
for my $code (@codes) {
    promised_to_all("$code of the backend", 'server', "GET /b/status/$code",
        { status => $code, body => "own $code\n" }, "GET /status/$code");
}
for my $code (@moved) {
    promised_to_all("$code, turned to the outside", 'server',
        "GET /b/moved/$code",
        { status => $code, field => {
            Location => 'http://server.example/b/there' } },
        "GET /moved/$code");
}
promised_to_all('401 of the backend asks for a password', 'server',
    'GET /b/login', { status => 401, body => "who?\n",
        field => { 'WWW-Authenticate' => 'Basic realm="b"' } },
    'GET /login');
promised_to_all('HEAD of an error', 'server', 'HEAD /down/x',
    { status => 503, body => '' });
promised('502, as the backend is silent', 'server', 'GET /slow',
    { Origin => $app }, { @listed, status => 502 }, [ "GET /silent $app" ]);
promised('504, as the backend takes no more', 'server', 'POST /deaf',
    { Origin => $app }, { @listed, status => 504 }, [ "POST /deaf $app" ],
    { body => 'x' x 16_000_000 });
for my $broken ([ 'closes', 502 ], [ 'cut-line', 502 ], [ 'cut-name', 502 ],
                [ 'cut-field', 502 ], [ 'bad-line', 200 ],
                [ 'bad-field', 502 ], [ 'long-line', 502 ],
                [ 'upgrades', 502 ], [ 'endless', 502 ], [ 'oldest', 200 ]) {
    my ($how, $status) = @$broken;
    promised_to_all("a backend that $how", 'server', "GET /b/$how",
        { status => $status }, "GET /$how");
}

$s->expect_log(
    # Sites with credentials have the balancer's section as all others do.
    qr/cors:notice\] .* replaces the origins and inherits/,
    qr/AH00957: .*attempt to connect to/,
    qr/AH01114: HTTP: failed to make connection to backend/,
    qr/AH01102: error reading status line/,
    qr/AH00898: Error reading from remote server/,
    qr/AH00898: Too many \(\d+\) interim responses/,
    qr/AH00898: Unexpected Upgrade/,
    qr/AH01630: client denied by server configuration/,
    qr/AH10404: Error reading headers from backend/,
    qr/AH10124: header size is over the limit/,
    qr/AH01106: bad HTTP\/1\.1 header/,
    qr/AH(?:01084|01097): pass request body failed/);

# What the proxy does with the errors of its backend, or of its own.
for my $case (
    [ 'override', '404 becomes a page', '/b/status/404', 404, "sorry\n" ],
    [ 'override', '500 becomes the output of a CGI script',
      '/b/status/500', 500, "sorry, 500\n" ],
    [ 'override', '503 becomes a page of the backend', '/b/status/503', 503,
      "plain\n", 'GET /plain' ],
    [ 'override', '403 becomes a text', '/b/status/403', 403,
      'just a text' ],
    [ 'override', '504 becomes a page that is missing', '/b/status/504',
      504, qr/504 Gateway/ ],
    [ 'override', '429 becomes a page of httpd', '/b/status/429', 429,
      qr/429 Whatever/ ],
    [ 'override', '502 of the proxy becomes a page', '/b/closes', 502,
      "sorry\n" ],
    [ 'override', '503 of the proxy becomes a page of the backend',
      '/down/x', 503, "plain\n", 'GET /plain' ],
    [ 'override-some', 'a code that is listed becomes a page',
      '/b/status/404', 404, "sorry\n" ],
    [ 'override-some', 'another stays', '/b/status/500', 500, "own 500\n" ],
    [ 'documents', 'an error of the backend stays', '/b/status/404', 404,
      "own 404\n" ],
    [ 'documents', '502 of the proxy becomes a page', '/b/closes', 502,
      "sorry\n" ],
    [ 'documents', '503 of the proxy becomes the output of a CGI script',
      '/down/x', 503, "sorry, 503\n" ],
) {
    my ($host, $text, $path, $status, $body, $then) = @$case;
    for my $origin ($app, $evil) {
        my ($heard) = $path =~ m{^/b(.*)};
        promised("$text, " . ($origin eq $app ? 'listed' : 'a stranger'),
            $host, "GET $path", { Origin => $origin },
            { $origin eq $app ? @listed : @stranger,
              status => $status, body => $body },
            [ map { "$_ $origin" } $heard ? "GET $heard" : (),
              $then || () ]);
    }
}
promised_to_all('what the backend says of an error it is relieved of',
    'override', 'GET /b/fails/full', { status => 500, body => "sorry, 500\n" },
    'GET /fails/full');
promised('the policy of an error page is for its own URL alone', 'page',
    'GET /b/closes', { Origin => $app },
    { status => 502, body => "sorry\n" }, [ "GET /closes $app" ]);
promised_to_all('what the proxy itself denies', 'denies', 'GET /b/denied',
    { status => 403 });

# ---------------------------------------------------------------------------
# mod_proxy_http: once
# ---------------------------------------------------------------------------

my %vary = (varies => 'Accept, Cookie, Origin', star => qr/(?:^|, *)\*$/);
for my $name (sort keys %brings) {
    my @vary = (vary => $vary{$name} || 'Origin');
    my %expose = (full => 'X-Back', expose => 'X-Back, ETag');
    my @expose = $expose{$name} ? (aceh => $expose{$name}) : ();
    for my $case ([ "/brings/$name", 200 ], [ "/fails/$name", 500 ]) {
        my ($path, $status) = @$case;
        promised("brings $name: Replace, allowed, $status", 'server',
            "GET /b$path", { Origin => $app },
            { status => $status, acao => $app, @expose, @vary },
            [ "GET $path $app" ]);
        promised("brings $name: Replace, a stranger, $status", 'server',
            "GET /b$path", { Origin => $evil },
            { status => $status, @vary }, [ "GET $path $evil" ]);
        promised("brings $name: Replace, no Origin, $status", 'server',
            "GET /b$path", {}, { status => $status, @vary },
            [ "GET $path -" ]);
        promised("brings $name: none silences it, $status", 'silent',
            "GET /b$path", { Origin => $app }, { status => $status,
              $vary{$name} ? @vary : () }, [ "GET $path $app" ]);
    }

    # One origin of its own is a word to keep; none or two are not.
    my @own = $name eq 'any' ? (acao => '*')
        : $name eq 'full' ? (acao => $own, acac => 'true', acam => 'PUT',
            acah => 'X-Back', aceh => 'X-Back', acma => 7, field => {
            'Access-Control-Allow-Private-Network' => 'true' })
        : $name =~ /^(?:one|lower|varies|star)$/ ? (acao => $own) : ();
    promised("brings $name: Keep, allowed", 'keep', "GET /b/brings/$name",
        { Origin => $app },
        { @own ? @own : (acao => $app, @expose), @vary },
        [ "GET /brings/$name $app" ]);
    promised("brings $name: Keep, a stranger", 'keep', "GET /b/brings/$name",
        { Origin => $evil }, { @own, @vary },
        [ "GET /brings/$name $evil" ]);
}
promised('Keep: an error of the proxy is ours', 'keep', 'GET /b/closes',
    { Origin => $app }, { @listed, status => 502 }, [ "GET /closes $app" ]);
promised('[P] in .htaccess: once too', 'htaccess', 'GET /b/brings/twice',
    { Origin => $app }, { @listed }, [ "GET /brings/twice $app" ]);
promised('<Proxy>: once too', 'section', 'GET /b/brings/mixed',
    { Origin => $app }, { @listed }, [ "GET /brings/mixed $app" ]);

# ---------------------------------------------------------------------------
# mod_proxy_http: gate
# ---------------------------------------------------------------------------

my %rejected = (status => 403, @stranger);
promised('a stranger does not reach the backend', 'gate', 'GET /b/plain',
    { Origin => $evil }, { %rejected }, []);
promised('a listed origin does', 'gate', 'GET /b/plain', { Origin => $app },
    { @listed, body => "plain\n" }, [ "GET /plain $app" ]);
promised('no Origin does', 'gate', 'GET /b/plain', {},
    { @stranger, body => "plain\n" }, [ 'GET /plain -' ]);
promised('the site itself does', 'gate', 'GET /b/plain',
    { Origin => 'https://gate.example' }, { @stranger, body => "plain\n" },
    [ 'GET /plain https://gate.example' ]);
promised('what a stranger posts is not read', 'gate', 'POST /b/hears',
    { Origin => $evil }, { %rejected }, [], { body => 'abc' });
promised('the backend is told the result', 'server', 'GET /b/hears',
    { Origin => $evil }, { @stranger, body => 'denied-origin, ' },
    [ "GET /hears $evil" ]);
promised('and of what would be rejected', 'gate-report', 'GET /b/hears',
    { Origin => $evil }, { body => 'rejected, ' }, [ "GET /hears $evil" ]);
promised('and nothing, where there is no Origin', 'server', 'GET /b/hears', {},
    { @stranger, body => 'nothing, ' }, [ 'GET /hears -' ]);

# A gate behind another proxy knows the site by the Host it is told.
promised('behind a proxy that keeps the Host: the site itself', 'front-keeps',
    'GET /b/plain', { Origin => 'https://front-keeps.example' },
    { @stranger, body => "plain\n" },
    [ 'GET /plain https://front-keeps.example' ]);
promised('behind one that does not: the site is a stranger', 'front',
    'GET /b/plain', { Origin => 'https://front.example' }, { %rejected },
    []);
promised('unless the browser vouches for it', 'front', 'GET /b/plain',
    { Origin => 'https://front.example', 'Sec-Fetch-Site' => 'same-origin' },
    { vary => 'Origin, Sec-Fetch-Site', body => "plain\n" },
    [ 'GET /plain https://front.example' ]);

# ---------------------------------------------------------------------------
# mod_proxy_balancer: preflight
# ---------------------------------------------------------------------------

my @trusted  = (@listed, acac => 'true');
my %trusted  = (%answered, acac => 'true');
promised('a preflight is answered, and no member hears it', 'balancer',
    'OPTIONS /both/x', preflight($app, 'GET'), { %trusted }, []);
promised('a refused one too', 'balancer', 'OPTIONS /both/x',
    preflight($evil, 'GET'), { %refused }, []);
promised('a preflight is answered though all members are down', 'balancer',
    'OPTIONS /dead/x', preflight($app, 'GET'), { %trusted }, []);
promised('a policy in the section of the balancer answers', 'balancer-section',
    'OPTIONS /section/x', preflight($app, 'GET'), { %answered }, []);
promised('and refuses', 'balancer-section', 'OPTIONS /section/x',
    preflight($evil, 'GET'), { %refused }, []);
promised('the balancer manager is not asked', 'manager', 'OPTIONS /manager',
    preflight($app, 'GET'), { %answered }, []);
promised('nor is its lock', 'manager', 'OPTIONS /manager/locked',
    preflight($app, 'GET'), { %answered }, []);

# ---------------------------------------------------------------------------
# mod_proxy_balancer: actual
# ---------------------------------------------------------------------------

for my $case ([ 'one', 'failover from a member that is down' ],
              [ 'marked', 'a member in error state' ],
              [ 'spare', 'a hot standby' ]) {
    my ($path, $text) = @$case;
    promised("$text, listed", 'balancer', "GET /$path/x", { Origin => $app },
        { @trusted, body => 'second' }, [ "GET /x $app" ]);
    promised("$text, a stranger", 'balancer', "GET /$path/x",
        { Origin => $evil }, { @stranger, body => 'second' },
        [ "GET /x $evil" ]);
}
promised('a policy in the section of the balancer', 'balancer-section',
    'GET /section/x', { Origin => $app }, { @listed, body => 'first' },
    [ "GET /x $app" ]);

# Sticky: with the cookie of one member, always that member.
my %route;
for my $origin ($app, $evil) {
    my $res = $s->request('GET /both/x', { Origin => $origin },
        host => 'balancer.example');
    my ($cookie) = map { /^(ROUTE=\.\w+);/ } $res->fields('Set-Cookie');
    $route{$origin} = $cookie;
    my @wrong = $res->differences({ $origin eq $app ? @trusted : @stranger });
    promise(!@wrong && $cookie, 'balancer: a member is chosen for '
        . ($origin eq $app ? 'a listed origin' : 'a stranger'), @wrong,
        $res->transcript);
}
$_->heard for $first, $second;
for my $member ('first', 'second') {
    for my $round (1, 2) {
        promised("a sticky session stays with the $member, $round", 'balancer',
            'GET /both/x', { Origin => $app, Cookie => "ROUTE=.$member" },
            { @trusted, body => $member,
              field => { 'Set-Cookie' => undef } }, [ "GET /x $app" ]);
    }
    promised("a stranger's session stays with the $member", 'balancer',
        'GET /both/x', { Origin => $evil, Cookie => "ROUTE=.$member" },
        { @stranger, body => $member }, [ "GET /x $evil" ]);
}
for my $origin ($app, $evil) {
    my ($name, @ours) = $origin eq $app ? ('listed', @trusted)
        : ('a stranger', @stranger);
    before_response("103 of a member, $name", 'balancer', 'GET /both/hints',
        { Origin => $origin, Cookie => 'ROUTE=.first' },
        { @ours, body => 'first' }, [ "GET /hints $origin" ],
        [ "$early$acao: *\r\n" ]);
}
promised_to_all('the balancer manager shows its page', 'manager',
    'GET /manager', { body => qr{balancer://both} }, undef, {},
    [ Referer => 'http://manager.example/manager' ]);

# ---------------------------------------------------------------------------
# mod_proxy_balancer: errors
# ---------------------------------------------------------------------------

for my $case ([ 'dead', 'all members are down' ],
              [ 'all-marked', 'all members are in error state' ]) {
    my ($path, $text) = @$case;
    promised("$text, listed", 'balancer', "GET /$path/x", { Origin => $app },
        { @trusted, status => 503 }, []);
    promised("$text, a stranger", 'balancer', "GET /$path/x",
        { Origin => $evil }, { @stranger, status => 503 }, []);
    promised("$text, no Origin", 'balancer', "GET /$path/x", {},
        { @stranger, status => 503 }, []);
}
promised('failonstatus: the first failure is that of the member', 'balancer',
    'GET /fails/busy', { Origin => $app },
    { @trusted, status => 503, body => 'first' }, [ "GET /busy $app" ]);
promised('failonstatus: the next is that of the balancer', 'balancer',
    'GET /fails/busy', { Origin => $app },
    { @trusted, status => 503, body => qr/503 Service/ }, []);
promised_to_all('the balancer manager is denied', 'manager',
    'GET /manager/locked', { status => 403 });
$s->expect_log(qr/AH00959: .*disabling worker/,
               qr/AH01170: .*All workers are in error state/,
               qr/AH01174: .*Forcing worker/);

# ---------------------------------------------------------------------------
# mod_proxy_balancer: once
# ---------------------------------------------------------------------------

my @member = (body => 'first', vary => 'Accept, Cookie, Origin');
promised('a member with an origin of its own, and fields of Vary', 'balancer',
    'GET /both/varies', { Origin => $app, Cookie => 'ROUTE=.first' },
    { @trusted, @member }, [ "GET /varies $app" ]);
promised('the same for a stranger', 'balancer', 'GET /both/varies',
    { Origin => $evil, Cookie => 'ROUTE=.first' }, { @member },
    [ "GET /varies $evil" ]);
promised('what a member says of origins goes', 'balancer', 'GET /both/busy',
    { Origin => $evil, Cookie => 'ROUTE=.first' },
    { @stranger, status => 503, body => 'first' }, [ "GET /busy $evil" ]);

# ---------------------------------------------------------------------------
# mod_proxy_balancer: gate
# ---------------------------------------------------------------------------

promised('no member hears a stranger', 'balancer-gate', 'GET /both/x',
    { Origin => $evil }, { %rejected }, []);
promised('a stranger does not see the balancer manager', 'balancer-gate',
    'GET /manager', { Origin => $evil }, { %rejected }, []);
promised('nor post to it', 'balancer-gate', 'POST /manager',
    { Origin => $evil }, { %rejected }, [], { body => 'b=both' });
promised('the site itself does', 'balancer-gate', 'GET /manager',
    { Origin => 'https://balancer-gate.example',
      Referer => 'http://balancer-gate.example/manager' },
    { @stranger, body => qr{balancer://both} }, []);

CorsTest::finish();
