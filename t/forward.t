# CorsForwardOrigin Off, for backends that refuse requests with a foreign
# Origin by themselves: they never see the field, while the decision, the log
# and mod_cache do.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use CorsTest::Backend;
use CorsTest::Httpd qw(load_modules);
use Test::More;

my $app   = 'https://app.example.com';
my $other = 'https://other.example.net';
my $evil  = 'https://evil.example';

# A backend with a mind of its own about origins.
my $backend = CorsTest::Backend->start(sub {
    my ($routes) = @_;
    my $welcome = sub {
        my ($c) = @_;
        my $foreign = $c->req->headers->origin;
        $c->res->headers->add('X-Backend' => 'yes');
        return $c->render(status => 403, text => 'foreign')
            if defined $foreign;
        $c->render(text => 'welcome');
    };
    $routes->websocket('/ws' => \&CorsTest::Backend::echo);
    $routes->any('/strict' => $welcome);
    $routes->any('/strict/*any' => $welcome);
    $routes->any('/status/:code' => sub {
        my ($c) = @_;
        my $seen = $c->req->headers->origin // 'none';
        $c->render(status => $c->param('code'), text => "saw $seen");
    });
    # Two kinds of cacheable: fresh for some time, and never.
    $routes->any('/fresh/*any' => sub {
        my ($c) = @_;
        $c->res->headers->cache_control('max-age=600');
        $c->res->headers->etag('"fresh"');
        $welcome->($c);
    });
    $routes->any('/stale/*any' => sub {
        my ($c) = @_;
        $c->res->headers->cache_control('max-age=0');
        $c->res->headers->etag('"stale"');
        my $match = $c->req->headers->if_none_match // '';
        return $c->rendered(304) if $match eq '"stale"';
        $welcome->($c);
    });
    $routes->any('/dies' => sub {
        my ($c) = @_;
        $c->res->headers->content_length(100);
        my $id = $c->tx->connection;
        $c->write('a part', sub {
            Mojo::IOLoop->next_tick(sub {
                Mojo::IOLoop->stream($id)->close;
            });
        });
    });
});
my $to = '127.0.0.1:' . $backend->port;

my $cgi = <<'CGI';
#!/bin/sh
echo 'Content-Type: text/plain'
echo
echo "${HTTP_ORIGIN-unset} $CORS_REQUEST $CORS_RESULT"
CGI
my $policy = "CorsAllowOrigin $app $other";
my $off    = "$policy\nCorsForwardOrigin Off";
# Pages, by how far the response has come when they include something.
my %ssi = (
    'short'  => '',
    'long'   => 'x' x 50_000,
    'flush'  => 'x' x 9_000 . '<!--#flastmod virtual="/a.txt" -->',
);

# Virtual hosts: [ name, lines ].
sub site {
    my ($name, @lines) = @_;
    return join "\n    ", '<VirtualHost 127.0.0.1:@PORT@>',
        "ServerName $name", @lines, "\n</VirtualHost>\n";
}

my $s = CorsTest->start(
    modules => [qw(headers rewrite include actions proxy proxy_http
                   proxy_wstunnel proxy_balancer lbmethod_byrequests
                   slotmem_shm socache_shmcb)],
    cgi     => 1,
    ports   => 2,
    files   => {
        'scratch/cache/x'     => '',
        'htdocs/a.txt'        => "hi\n",
        'htdocs/.htaccess'    => "Options +Includes\n"
            . "AddOutputFilter INCLUDES .shtml\nAddType text/html .shtml\n",
        'htdocs/inside/.htaccess' => "$off\nRewriteEngine On\n"
            . "RewriteRule ^proxy\$ http://$to/strict [P]\n",
        'htdocs/rules/.htaccess' => "RewriteEngine On\n"
            . "RewriteRule ^proxy\$ http://$to/strict [P]\n"
            . "RewriteRule ^hop\$ /b/strict\n",
        'htdocs/index/.htaccess' => "DirectoryIndex /b/strict\n",
        'cgi-bin/env.cgi'     => $cgi,
        'cgi-bin/local.cgi'   => "#!/bin/sh\n"
            . "echo 'Location: /b/strict'\necho\n",
        'htdocs/cgi.shtml'    => $ssi{long}
            . '<!--#include virtual="/cgi-bin/env.cgi" -->' x 2,
        map({ ("htdocs/$_.shtml" => "$ssi{$_}"
            . '<!--#include virtual="/b/strict" -->,'
            . '<!--#include virtual="/b/strict/2" -->') } keys %ssi),
    },
    # Loaded behind this module, mod_cache is in front of it all the same.
    conf => load_modules(qw(cache cache_disk cache_socache)) . <<"CONF" .
LogFormat "%{X-Row}i %>s %{CORS_REQUEST}e %{CORS_RESULT}e %{Origin}i" cors
CustomLog "\@ROOT\@/access.log" cors
ProxyPass /up http://$to/ws upgrade=websocket
ProxyPass /ws ws://$to/ws
ProxyPass /b http://$to
ProxyPass /down http://127.0.0.1:\@PORT2\@
<Proxy balancer://some>
    BalancerMember http://127.0.0.1:\@PORT2\@ retry=0
    BalancerMember http://127.0.0.1:@{[ $backend->port ]} retry=0
</Proxy>
ProxyPass /some balancer://some
CacheRoot "\@ROOT\@/scratch/cache"
CacheSocache "shmcb:\@ROOT\@/scratch/socache(512000)"
CacheHeader On
CacheStoreExpired On
CONF
    join('',
    site('on', $policy),
    site('said', $policy, 'CorsForwardOrigin On'),
    site('off', $off, 'ProxyWebsocketFallbackToProxyHttp Off'),
    site('off-fallback', $off),
    site('off-any', 'CorsAllowOrigin *', 'CorsForwardOrigin Off'),
    site('off-none', 'CorsAllowOrigin none', 'CorsForwardOrigin Off'),
    site('bare', 'CorsForwardOrigin Off'),
    site('engine', $off, 'CorsEngine Off'),
    site('report', $off, 'CorsEngine ReportOnly'),
    site('pass', $off, 'CorsPreflight Pass',
        'CorsAllowMethods PUT', 'CorsAllowHeaders X-A'),
    site('keep', $off, 'CorsBackendHeaders Keep'),
    site('errors', $off, 'ErrorDocument 404 /b/status/200',
        'ErrorDocument 503 /cgi-bin/env.cgi',
        'ErrorDocument 410 /a.txt', 'ProxyErrorOverride On'),
    site('merged', $off, '<Location "/b/strict/on">', 'CorsForwardOrigin On',
        '</Location>', '<Location "/b/strict/on/off">',
        'CorsForwardOrigin Off', '</Location>',
        '<Location "/b/strict/other">', 'CorsMaxAge 5', '</Location>'),
    site('plain', 'AllowEncodedSlashes Off'),
    map { my $quick = $_;
        map { site("$quick-$_", $off,
            'CacheQuickHandler ' . ($quick eq 'quick' ? 'On' : 'Off'),
            "CacheEnable $_ /b/fresh/", "CacheEnable $_ /b/stale/")
        } qw(disk socache) } qw(quick late)),
);
# The disk cache writes as the server's user.
chmod 0777, $s->root . '/scratch/cache';

my @app    = (acao => $app, vary => 'Origin');
my @others = (vary => 'Origin');
my $row    = 0;

# One request, one promise: the response, what the backend heard of it (a
# list of 'METHOD /path Origin'), and the line in the access log.
sub goes {
    my ($text, $host, $line, $fields, $expected, $heard, $log, $opt) = @_;
    my @fields = ref $fields eq 'HASH' ? %$fields : @$fields;
    my $res = eval { $s->request($line, [ @fields, 'X-Row' => 'row' . ++$row ],
        host => $host, %{ $opt || {} }) };
    my @wrong = $res ? $res->differences($expected) : "$line: $@";
    my $is = join ', ', $backend->heard;
    push @wrong, "the backend heard: $is, expected: @$heard"
        if $is ne join ', ', @$heard;
    push @wrong, log_differences($row, $log) if $log;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    promise(!@wrong, $text, @wrong, $res ? $res->transcript : ());
}

sub log_differences {
    my ($n, $log) = @_;
    my $all = $s->read_file('access.log', qr/^row$n .*\n/m);
    my ($is) = $all =~ /^row$n (.*)\n/m;
    return ($is // '') eq $log ? ()
        : "logged: @{[ $is // 'nothing' ]}, expected: $log";
}

# ---------------------------------------------------------------------------
# A backend that refuses, with and without
# ---------------------------------------------------------------------------

my %yes = (body => 'welcome', field => { 'X-Backend' => 'yes' });
my %no  = (status => 403, body => 'foreign');

for my $host ('on', 'said') {
    goes("$host: the backend refuses what the policy allows", $host,
        'GET /b/strict', { Origin => $app }, { %no, @app },
        [ "GET /strict $app" ], "403 actual allowed $app");
    goes("$host: it refuses a stranger", $host, 'GET /b/strict',
        { Origin => $evil }, { %no, @others }, [ "GET /strict $evil" ],
        "403 actual denied-origin $evil");
    goes("$host: it welcomes who sends no Origin", $host, 'GET /b/strict',
        {}, { %yes, @others }, [ 'GET /strict -' ], '200 - - -');
}
goes('plain: without a policy it sees all', 'plain', 'GET /b/strict',
    { Origin => $app }, { %no }, [ "GET /strict $app" ], "403 - - $app");

goes('off: an allowed origin is welcome', 'off', 'GET /b/strict',
    { Origin => $app }, { %yes, @app }, [ 'GET /strict -' ],
    "200 actual allowed $app");
goes('off: each gets its own header', 'off', 'GET /b/strict',
    { Origin => $other }, { %yes, acao => $other, vary => 'Origin' },
    [ 'GET /strict -' ], "200 actual allowed $other");
goes('off: a stranger is not refused by the backend', 'off',
    'GET /b/strict', { Origin => $evil }, { %yes, @others },
    [ 'GET /strict -' ], "200 actual denied-origin $evil");
goes('off: no Origin', 'off', 'GET /b/strict', {}, { %yes, @others },
    [ 'GET /strict -' ], '200 - - -');
goes('off: null', 'off', 'GET /b/strict', { Origin => 'null' },
    { %yes, @others }, [ 'GET /strict -' ], '200 actual denied-origin null');
goes('off: two fields', 'off', 'GET /b/strict',
    [ Origin => $app, Origin => $evil ], { %yes, @others },
    [ 'GET /strict -' ], "200 actual malformed-origin $app, $evil");
goes('off: letter case', 'off', 'GET /b/strict', [ oRIGIN => $app ],
    { %yes, @app }, [ 'GET /strict -' ], "200 actual allowed $app");
for my $method (qw(POST PUT DELETE)) {
    goes("off: $method", 'off', "$method /b/strict", { Origin => $app },
        { %yes, @app }, [ "$method /strict -" ],
        "200 actual allowed $app", { body => 'x' });
}
goes('off: HEAD', 'off', 'HEAD /b/strict', { Origin => $app },
    { %yes, @app, body => '' }, [ 'HEAD /strict -' ],
    "200 actual allowed $app");
goes('off: OPTIONS that is no preflight', 'off', 'OPTIONS /b/strict',
    { Origin => $app }, { %yes, @app, vary => $TRIO },
    [ 'OPTIONS /strict -' ], "200 actual allowed $app");
goes('off: an answered preflight', 'off', 'OPTIONS /b/strict',
    preflight($app, 'GET'),
    { status => 204, @app, acam => 'GET, HEAD, POST', acma => 600,
      vary => $TRIO }, [], "204 preflight allowed $app");
goes('off: an error of the backend', 'off', 'GET /b/status/500',
    { Origin => $app }, { status => 500, @app, body => 'saw none' },
    [ 'GET /status/500 -' ], "500 actual allowed $app");
goes('off: the constant policy', 'off-any', 'GET /b/strict',
    { Origin => $evil }, { %yes, acao => '*' }, [ 'GET /strict -' ],
    "200 actual allowed $evil");
goes('off: CorsAllowOrigin none', 'off-none', 'GET /b/strict',
    { Origin => $evil }, { %yes }, [ 'GET /strict -' ],
    "200 actual denied-origin $evil");
goes('off: Keep', 'keep', 'GET /b/strict', { Origin => $app },
    { %yes, @app }, [ 'GET /strict -' ], "200 actual allowed $app");

# It takes a policy in force.
goes('without an origin source it does nothing', 'bare', 'GET /b/strict',
    { Origin => $app }, { %no }, [ "GET /strict $app" ], "403 - - $app");
goes('CorsEngine Off', 'engine', 'GET /b/strict', { Origin => $app },
    { %no }, [ "GET /strict $app" ], "403 - - $app");
goes('ReportOnly', 'report', 'GET /b/strict', { Origin => $app },
    { %no }, [ "GET /strict $app" ], "403 actual allowed $app");

# ---------------------------------------------------------------------------
# Sections
# ---------------------------------------------------------------------------

my @allowed = "200 actual allowed $app";
goes('a virtual host says Off', 'merged', 'GET /b/strict',
    { Origin => $app }, { %yes, @app }, [ 'GET /strict -' ], @allowed);
goes('a section says On', 'merged', 'GET /b/strict/on', { Origin => $app },
    { %no, @app }, [ "GET /strict/on $app" ], "403 actual allowed $app");
goes('a section in it says Off', 'merged', 'GET /b/strict/on/off',
    { Origin => $app }, { %yes, @app }, [ 'GET /strict/on/off -' ],
    @allowed);
goes('a section that says something else inherits', 'merged',
    'GET /b/strict/other', { Origin => $app }, { %yes, @app },
    [ 'GET /strict/other -' ], @allowed);
goes('.htaccess says Off', 'plain', 'GET /inside/proxy', { Origin => $app },
    { %yes, @app }, [ 'GET /strict -' ], @allowed);

# ---------------------------------------------------------------------------
# Other handlers, redirects and subrequests
# ---------------------------------------------------------------------------

goes('a CGI has no HTTP_ORIGIN', 'off', 'GET /cgi-bin/env.cgi',
    { Origin => $app }, { @app, body => "unset actual allowed\n" }, [],
    @allowed);
goes('with On it has one', 'on', 'GET /cgi-bin/env.cgi',
    { Origin => $app }, { @app, body => "$app actual allowed\n" }, [],
    @allowed);
goes('a plain file', 'off', 'GET /a.txt', { Origin => $app },
    { @app, body => "hi\n" }, [], @allowed);
for my $case ([ 'RewriteRule [P]', '/rules/proxy' ],
              [ 'RewriteRule to a proxied URL', '/rules/hop' ],
              [ 'DirectoryIndex to a proxied URL', '/index/' ],
              [ "a CGI's Location to a proxied URL", '/cgi-bin/local.cgi' ]) {
    my ($what, $path) = @$case;
    goes($what, 'off', "GET $path", { Origin => $app }, { %yes, @app },
        [ 'GET /strict -' ], @allowed);
    goes("$what, On", 'on', "GET $path", { Origin => $app }, { %no, @app },
        [ "GET /strict $app" ], "403 actual allowed $app");
}
for my $page (sort keys %ssi) {
    goes("subrequests, a page that is $page", 'off', "GET /$page.shtml",
        { Origin => $app }, { @app, body => qr/welcome,welcome\z/ },
        [ 'GET /strict -', 'GET /strict/2 -' ], @allowed);
    goes("subrequests, a page that is $page, by POST", 'off',
        "POST /$page.shtml", { Origin => $app },
        { @app, body => qr/welcome,welcome\z/ },
        [ 'GET /strict -', 'GET /strict/2 -' ], @allowed, { body => 'x' });
    goes("subrequests, a page that is $page, On", 'on', "GET /$page.shtml",
        { Origin => $app }, { @app, body => qr/,/ },
        [ "GET /strict $app", "GET /strict/2 $app" ], @allowed);
    goes("subrequests, a page that is $page, no Origin", 'off',
        "GET /$page.shtml", {}, { @others, body => qr/welcome,welcome\z/ },
        [ 'GET /strict -', 'GET /strict/2 -' ], '200 - - -');
}

goes('subrequests, a CGI', 'off', 'GET /cgi.shtml', { Origin => $app },
    { @app, body => qr/x(?:unset actual allowed\n){2}\z/ }, [], @allowed);

# ---------------------------------------------------------------------------
# Errors
# ---------------------------------------------------------------------------

goes('a missing file', 'off', 'GET /missing', { Origin => $app },
    { status => 404, @app }, [], "404 actual allowed $app");
goes('a proxied ErrorDocument', 'errors', 'GET /missing',
    { Origin => $app }, { status => 404, @app, body => 'saw none' },
    [ 'GET /status/200 -' ], "404 actual allowed $app");
goes('a backend that is down', 'off', 'GET /down/x', { Origin => $app },
    { status => 503, @app }, [], "503 actual allowed $app");
goes('a backend that is down, and an ErrorDocument', 'errors',
    'GET /down/x', { Origin => $app },
    { status => 503, @app, body => "unset actual allowed\n" }, [],
    "503 actual allowed $app");
goes('ProxyErrorOverride', 'errors', 'GET /b/status/410',
    { Origin => $app }, { status => 410, @app, body => "hi\n" },
    [ 'GET /status/410 -' ], "410 actual allowed $app");
$s->expect_log(qr/AH00957: .*attempt to connect/,
               qr/AH01114: .*failed to make connection/);

for my $host ('off', 'on') {
    my $seen = $host eq 'off' ? '-' : $app;
    eval { $s->request('GET /b/dies', { Origin => $app,
        'X-Row' => 'row' . ++$row }, host => $host) };
    my $why = $@;
    my @bad = ($why =~ /cut short/ ? () : "not cut short: $why",
        log_differences($row, "200 actual allowed $app"));
    my @heard = $backend->heard;
    push @bad, "heard @heard" if "@heard" ne "GET /dies $seen";
    promise(!@bad, "$host: a backend that dies in its response", @bad);
}
$s->expect_log(qr/AH01110: error reading response/);

goes('a balancer with one member down', 'off', 'GET /some/strict',
    { Origin => $app }, { %yes, @app }, [ 'GET /strict -' ], @allowed);
goes('the same, again', 'off', 'GET /some/strict', { Origin => $app },
    { %yes, @app }, [ 'GET /strict -' ], @allowed);
goes('the same, On', 'on', 'GET /some/strict', { Origin => $app },
    { %no, @app }, [ "GET /strict $app" ], "403 actual allowed $app");
$s->expect_log(qr/AH00959: ap_proxy_connect_backend disabling worker/);

# ---------------------------------------------------------------------------
# Preflights that are passed on, WebSockets, a connection kept alive
# ---------------------------------------------------------------------------

goes('a preflight is passed on without', 'pass', 'OPTIONS /b/strict',
    preflight($app, 'PUT', 'x-a'),
    { %yes, @app, acam => 'PUT', acah => 'X-A', acma => 600, vary => $TRIO },
    [ 'OPTIONS /strict -' ], "200 preflight allowed $app");
goes('one of a stranger, too', 'pass', 'OPTIONS /b/strict',
    preflight($evil, 'PUT'), { %yes, vary => $TRIO },
    [ 'OPTIONS /strict -' ], "200 preflight denied-origin $evil");

for my $case ([ 'off', '/ws' ], [ 'off', '/up' ], [ 'off-fallback', '/ws' ]) {
    my ($host, $path) = @$case;
    for my $origin ($app, $evil, undef) {
        my @fields = defined $origin ? (Origin => $origin) : ();
        my $res = CorsTest::Backend::handshake($s, $path,
            [ @fields, 'X-Row' => 'row' . ++$row ], host => $host);
        my @bad = $res->differences({ status => 101, body => 'echo hello' });
        my @heard = $backend->heard;
        push @bad, "heard @heard" if "@heard" ne 'GET /ws -';
        my $all = $s->read_file('access.log', qr/^row$row /m);
        my $logged = $origin // '-';
        push @bad, "logged: $all" if $all !~ /^row$row \d+ .* \Q$logged\E$/m;
        promise(!@bad, "WebSocket, $host, $path, "
            . ($origin || 'no Origin'), @bad, $res->transcript);
    }
}

my $conn = $s->connect;
for my $case ([ $app, @app ], [ undef, @others ], [ $evil, @others ],
              [ $other, acao => $other, vary => 'Origin' ], [ $app, @app ]) {
    my ($origin, @expected) = @$case;
    my $result = !defined $origin ? '- -' : $origin eq $evil
        ? 'actual denied-origin' : 'actual allowed';
    goes('on a connection kept alive: ' . ($origin || 'no Origin'), 'off',
        'GET /b/strict', defined $origin ? { Origin => $origin } : {},
        { %yes, @expected }, [ 'GET /strict -' ],
        "200 $result " . ($origin || '-'), { conn => $conn });
}
$conn->close;

# ---------------------------------------------------------------------------
# mod_cache: it has to see the field that the backend does not
# ---------------------------------------------------------------------------

sub cached {
    my ($how) = @_;
    return (body => 'welcome', field => { 'X-Cache' => qr/^$how/ });
}
my %who = (
    'an allowed origin' => [ $app, @app ],
    'another'           => [ $other, acao => $other, vary => 'Origin' ],
    'a stranger'        => [ $evil, @others ],
    'no Origin'         => [ undef, @others ],
);
for my $mode ('quick', 'late') {
    for my $store ('disk', 'socache') {
        my $host = "$mode-$store";
        my $go = sub {
            my ($text, $path, $origin, $expected, $heard, $more) = @_;
            my $status = $expected->{status} || 200;
            my $known = $mode eq 'late' || @$heard;
            my $result = !defined $origin || !$known ? '- -'
                : $origin eq $evil ? 'actual denied-origin'
                : 'actual allowed';
            goes("$host: $text", $host, "GET $path",
                [ defined $origin ? (Origin => $origin) : (),
                  @{ $more || [] } ], $expected, $heard,
                "$status $result " . ($origin // '-'));
        };
        for my $name (sort keys %who) {
            my ($origin, @expected) = @{ $who{$name} };
            $go->("$name is stored", '/b/fresh/x', $origin,
                { cached('MISS'), @expected }, [ 'GET /fresh/x -' ]);
        }
        for my $name (sort(keys %who), reverse sort keys %who) {
            my ($origin, @expected) = @{ $who{$name} };
            $go->("$name is served its own", '/b/fresh/x', $origin,
                { cached('HIT'), @expected }, []);
            $go->("$name is told of no change", '/b/fresh/x', $origin,
                { status => 304, field => { 'X-Cache' => qr/^HIT/ },
                  @expected }, [], [ 'If-None-Match' => '"fresh"' ]);
        }
        for my $round ('MISS', 'REVALIDATE') {
            for my $name (sort keys %who) {
                my ($origin, @expected) = @{ $who{$name} };
                # Validated for a stranger, permissions of old would stay.
                my $how = $name eq 'a stranger' ? 'MISS' : $round;
                $go->("$name, stale: $how", '/b/stale/x', $origin,
                    { cached($how), @expected }, [ 'GET /stale/x -' ]);
            }
        }
    }
}

# ---------------------------------------------------------------------------
# Without a cache, and where a redirect leads to URLs that nobody speaks of
# ---------------------------------------------------------------------------

my $plain = CorsTest->start(
    name    => 'forward.t, no cache',
    modules => [qw(headers rewrite include setenvif)],
    cgi     => 1,
    files   => {
        'cgi-bin/env.cgi'       => $cgi,
        'htdocs/gone.txt'       => "gone\n",
        'htdocs/off/a.txt'      => "hi\n",
        'htdocs/off/.htaccess'  => "Options +Includes\n"
            . "AddOutputFilter INCLUDES .shtml\nAddType text/html .shtml\n"
            . "RewriteEngine On\nRewriteRule ^hop\$ /cgi-bin/env.cgi [L]\n",
        'htdocs/off/part.shtml' =>
            '<!--#include virtual="/cgi-bin/env.cgi" -->',
    },
    conf => <<"CONF");
LogFormat "%{X-Row}i %{Origin}i" cors
CustomLog "\@ROOT\@/access.log" cors
Header always set X-Result "%{CORS_RESULT}e" env=CORS_RESULT
SetEnvIf X-Row "^9\$" CORS_RESULT=mine
<Location "/off">
    $off
    ErrorDocument 404 /gone.txt
    ErrorDocument 403 /cgi-bin/env.cgi
</Location>
<Location "/off/denied">
    Require all denied
</Location>
<Location "/cgi-bin/env.cgi/off">
    $off
</Location>
<Location "/cgi-bin/env.cgi/on">
    $policy
</Location>
<Location "/first">
    CorsResourcePolicy same-site
    RewriteEngine On
    RewriteRule first /cgi-bin/env.cgi/on [PT]
</Location>
CONF
my $number = 0;
for my $case (
    # what it is, the URL, the body, what else differs
    [ 'a handler', '/cgi-bin/env.cgi/off', "unset actual allowed\n" ],
    [ 'On', '/cgi-bin/env.cgi/on', "$app actual allowed\n" ],
    [ 'a URL that nobody speaks of', '/cgi-bin/env.cgi', "$app  \n",
      acao => undef, vary => undef, field => { 'X-Result' => undef } ],
    [ 'an internal redirect', '/off/hop', "unset actual allowed\n" ],
    [ 'a subrequest', '/off/part.shtml', qr/^unset actual allowed/ ],
    [ 'an error document', '/off/nothing', "gone\n", status => 404 ],
    [ 'a file', '/off/part.shtml?x', qr/^unset/ ],
    [ 'the resource policy of the first URL', '/first',
      "$app actual allowed\n", corp => 'same-site' ],
    [ 'a variable that is there before', '/off/a.txt', "hi\n" ],
    [ 'an error document in place of a handler', '/off/denied',
      "unset actual allowed\n", status => 403 ],
) {
    my ($what, $url, $body, %want) = @$case;
    my $corp = delete $want{corp};
    $number++;
    $plain->promises(
        [ "no cache, $what", "GET $url",
          { Origin => $app, 'X-Row' => $number },
          { acao => $app, vary => 'Origin', body => $body,
            field => { 'X-Result' => 'allowed',
                       'Cross-Origin-Resource-Policy' => $corp },
            %want } ]);
    promise(($plain->read_file('access.log', qr/^$number \S+$/m) // '')
            =~ /^$number \Q$app\E$/m,
        "no cache, $what: the access log has the origin");
}
$plain->expect_log(qr{AH01630: client denied .*/off/denied});

# ---------------------------------------------------------------------------
# Configurations
# ---------------------------------------------------------------------------

config_error('CorsForwardOrigin Maybe',
    qr/CorsForwardOrigin: 'Maybe' must be On or Off/, 'another word');
config_error('CorsForwardOrigin', qr/CorsForwardOrigin takes one argument/,
    'no word');
config_error('CorsForwardOrigin On Off',
    qr/CorsForwardOrigin takes one argument/, 'two words');
config_error(<<'CONF', qr/CorsForwardOrigin .*Limit/, 'in <Limit>');
<Directory "@DOCROOT@">
    <Limit GET>
        CorsForwardOrigin Off
    </Limit>
</Directory>
CONF
config_error(<<'CONF', qr/'CorsForwardOrigin' must not/, 'in a policy');
<CorsPolicy p>
    CorsAllowOrigin https://app.example.com
    CorsForwardOrigin Off
</CorsPolicy>
CONF
config_ok("corsforwardorigin off\n", 'letter case does not matter');

CorsTest::finish();
