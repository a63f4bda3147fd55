# WebSockets through mod_proxy_wstunnel and through mod_proxy_http's
# upgrade=websocket, in the clear, under TLS and as extended CONNECT of
# HTTP/2. Browsers let every page open one, whatever the headers say, so the
# gate is what counts here; a refused handshake is a response like others.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use CorsTest;
use CorsTest::Backend;
use CorsTest::H2;
use Test::More;

my $app    = 'https://app.example.com';
my $evil   = 'https://evil.example';
my $acao   = 'Access-Control-Allow-Origin';
my $has_h2 = ($ENV{CORS_MPM} || '') ne 'prefork';

my $talks = CorsTest::Backend->start(sub {
    my ($routes) = @_;
    $routes->websocket('/ws' => \&CorsTest::Backend::echo);
});
# One that does not talk, and one that says more than it should.
my $raw = CorsTest::Backend->raw(
    '/refuses'  => CorsTest::Backend::reply(403, [ "$acao: *" ], "no\n"),
    '/missing'  => CorsTest::Backend::reply(404, [ "$acao: *" ], "what?\n"),
    '/needs'    => CorsTest::Backend::reply(426,
        [ 'Upgrade: websocket', "$acao: *" ], "not so\n"),
    '/plain'    => CorsTest::Backend::reply(200, [ "$acao: *" ], "hi\n"),
    '/closes'   => sub { return },
    '/own'      => sub {
        my ($conn) = @_;
        $conn->write("HTTP/1.1 101 Switching Protocols\r\n"
            . "Upgrade: websocket\r\nConnection: Upgrade\r\n"
            . "Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n"
            . "$acao: *\r\nVary: X-Back\r\n\r\n\x81\x0aecho hello");
        return;
    },
);
my ($to, $to_raw) = map { '127.0.0.1:' . $_->port } $talks, $raw;

# The ways to a backend, by the path that leads there.
my %routes = (
    'up'     => [ "http://$to/ws", 'upgrade=websocket' ],
    'ws'     => [ "ws://$to/ws" ],
    'wss'    => [ 'wss://127.0.0.1:@PORT2@/ws' ],
    'up-raw' => [ "http://$to_raw", 'upgrade=websocket disablereuse=On' ],
    'ws-raw' => [ "ws://$to_raw", 'disablereuse=On' ],
    'up-down' => [ 'http://127.0.0.1:@PORT3@', 'upgrade=websocket retry=0' ],
    'ws-down' => [ 'ws://127.0.0.1:@PORT3@', 'retry=0' ],
);
my @pass = map { my ($url, $options) = @{ $routes{$_} };
    "ProxyPass /$_ $url " . ($options // '') } reverse sort keys %routes;

sub site {
    my ($name, @lines) = @_;
    @lines = (@lines, @pass);
    return join "\n", '<VirtualHost 127.0.0.1:@PORT@>',
        "ServerName $name.example", 'SSLProxyEngine On', @lines,
        '</VirtualHost>', '<VirtualHost 127.0.0.1:@PORT2@>',
        "ServerName $name.example", 'SSLEngine On', 'SSLProxyEngine On',
        'SSLCertificateFile "@ROOT@/tls.pem"', @lines, "</VirtualHost>\n";
}
my $policy = "CorsAllowOrigin $app";
my $gate   = "$policy\nCorsRejectUnlisted On";
my $tunnel = 'ProxyWebsocketFallbackToProxyHttp Off';

my $s = CorsTest->start(
    modules => [qw(proxy proxy_http proxy_wstunnel),
                $has_h2 ? 'http2' : ()],
    tls     => 1,
    ports   => 3,
    conf    => join "\n", 'Listen 127.0.0.1:@PORT2@ https',
        $has_h2 ? ('Protocols h2 h2c http/1.1') : (),
        'SSLProxyCheckPeerName Off', 'SSLProxyCheckPeerExpire Off',
        'LogFormat "%{X-Row}i %{CORS_REQUEST}e %{CORS_RESULT}e" cors',
        'CustomLog "@ROOT@/access.log" cors',
        # wss:// comes back here, by the address.
        site('127.0.0.1') =~ s/127\.0\.0\.1\.example/127.0.0.1/gr,
        site('policy', $policy),
        site('policy-tunnel', $policy, $tunnel),
        site('gate', $gate),
        site('gate-tunnel', $gate, $tunnel),
        site('inert'),
        site('pass', $gate, 'CorsPreflight Pass'),
        site('report', $gate, 'CorsEngine ReportOnly'),
        site('credentials', $gate, 'CorsAllowCredentials On'),
        $has_h2 ? (site('h2', $gate, 'H2WebSockets On'),
                   site('h2-policy', $policy, 'H2WebSockets On')) : (),
);

my @listed   = (acao => $app, vary => 'Origin');
my @stranger = (vary => 'Origin');
my %open     = (status => 101, body => 'echo hello');
my %answered = (status => 204, acao => $app, acam => 'GET, HEAD, POST',
                acma => 600, vary => $TRIO);

# Each way: [ words, host, path, options ].
sub ways {
    my ($host) = @_;
    my @plain = (host => "$host.example");
    my @tls   = (@plain, over => 'https', port => $s->port(2));
    my @other = (host => "$host-tunnel.example");
    return (
        [ 'upgrade=websocket', '/up', { @plain } ],
        [ 'ws:// by mod_proxy_http', '/ws', { @plain } ],
        [ 'ws:// by mod_proxy_wstunnel', '/ws', { @other } ],
        [ 'wss:// by mod_proxy_http', '/wss', { @plain } ],
        [ 'TLS, upgrade=websocket', '/up', { @tls } ],
        [ 'TLS, ws:// by mod_proxy_http', '/ws', { @tls } ],
        [ 'TLS, ws:// by mod_proxy_wstunnel', '/ws',
          { @tls, @other } ],
        [ 'TLS, wss:// by mod_proxy_http', '/wss', { @tls } ],
    );
}

# One handshake, one promise: the response, and what the backends heard.
sub shakes {
    my ($text, $path, $fields, $expected, $opt, $heard) = @_;
    my $res = eval {
        CorsTest::Backend::handshake($s, $path, $fields, %$opt);
    };
    my @wrong = $res ? $res->differences($expected) : $@;
    my @heard = map { $_->heard } $talks, $raw;
    push @wrong, "the backends heard: @heard" if $heard != @heard;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    promise(!@wrong, $text, @wrong, $res ? $res->transcript : ());
}

# ---------------------------------------------------------------------------
# websocket: preflight
# ---------------------------------------------------------------------------

for my $way (ways('gate')) {
    my ($words, $path, $opt) = @$way;
    $s->promises(
        [ "$words: a preflight is answered", "OPTIONS $path",
          preflight($app, 'GET'), { %answered }, $opt ],
        [ "$words: a refused one too", "OPTIONS $path",
          preflight($evil, 'GET'), { status => 403, vary => $TRIO }, $opt ],
    );
}
$s->promises(
    [ 'though the backend is down', 'OPTIONS /ws-down',
      preflight($app, 'GET'), { %answered }, { host => 'gate.example' } ],
    [ 'of a stranger, not even passed on', 'OPTIONS /up/x',
      preflight($evil, 'GET'), { status => 403, vary => $TRIO },
      { host => 'pass.example' } ],
);
promise(!$talks->heard && !$raw->heard,
    'no backend has heard of a preflight');

# ---------------------------------------------------------------------------
# websocket: actual
# ---------------------------------------------------------------------------

for my $way (ways('policy')) {
    my ($words, $path, $opt) = @$way;
    for my $who ([ 'a listed origin', $app ], [ 'a stranger', $evil ],
                 [ 'no Origin' ]) {
        my ($name, $origin) = @$who;
        shakes("$words: $name talks, and 101 has no fields", $path,
            { defined $origin ? (Origin => $origin) : () }, { %open }, $opt,
            1);
    }
}
for my $path ('/up-raw/own', '/ws-raw/own') {
    shakes("$path: 101 passes with what the backend says", $path,
        { Origin => $evil }, { %open, acao => '*', vary => 'X-Back' },
        { host => 'policy.example' }, 1);
}
shakes('without a policy nothing changes', '/up', { Origin => $evil },
    { %open }, { host => 'inert.example' }, 1);

# ---------------------------------------------------------------------------
# websocket: errors
# ---------------------------------------------------------------------------

for my $way ([ 'upgrade=websocket', 'up' ],
             [ 'ws:// by mod_proxy_http', 'ws' ]) {
    my ($words, $path) = @$way;
    my $opt = { host => 'policy.example' };
    for my $case ([ 'refuses', 403, "no\n" ], [ 'missing', 404, "what?\n" ],
                  [ 'needs', 426, "not so\n" ], [ 'plain', 200, "hi\n" ],
                  [ 'closes', 502 ], [ undef, 503 ]) {
        my ($how, $status, $body) = @$case;
        my %is = (status => $status, defined $body ? (body => $body) : ());
        my $to = defined $how ? "/$path-raw/$how" : "/$path-down/x";
        shakes("$words: $status, listed", $to, { Origin => $app },
            { %is, @listed }, $opt, defined $how);
        shakes("$words: $status, a stranger", $to, { Origin => $evil },
            { %is, @stranger }, $opt, defined $how);
    }
}
# mod_proxy_wstunnel by itself digs its tunnel before anybody answers: what a
# backend that refuses sends comes out at the other end, byte for byte.
my $opt = { host => 'policy-tunnel.example' };
my $dug = { %$opt, unexplained => 'a tunnel goes past all filters' };
for my $case ([ 'refuses', 403, "no\n" ], [ 'missing', 404, "what?\n" ],
              [ 'plain', 200, "hi\n" ]) {
    my ($how, $status, $body) = @$case;
    for my $origin ($app, $evil) {
        shakes("ws:// by mod_proxy_wstunnel: $status is that of the backend, "
            . ($origin eq $app ? 'listed' : 'a stranger'), "/ws-raw/$how",
            { Origin => $origin },
            { status => $status, body => $body, acao => '*' }, $dug, 1);
    }
}
shakes('ws:// by mod_proxy_wstunnel: 503, listed', '/ws-down/x',
    { Origin => $app }, { status => 503, @listed }, $opt, 0);
shakes('ws:// by mod_proxy_wstunnel: 503, a stranger', '/ws-down/x',
    { Origin => $evil }, { status => 503, @stranger }, $opt, 0);
$s->expect_log(
    qr/AH0(?:1114|0957): /,
    qr/AH01102: error reading status line/,
    qr/AH00898: Error reading from remote server/,
    qr/AH02452: failed to make connection/,
);

# ---------------------------------------------------------------------------
# websocket: gate
# ---------------------------------------------------------------------------

my %rejected = (status => 403, @stranger);
for my $way (ways('gate')) {
    my ($words, $path, $opt) = @$way;
    my $host = $opt->{host};
    shakes("$words: a listed origin talks", $path, { Origin => $app },
        { %open }, $opt, 1);
    shakes("$words: no Origin talks", $path, {}, { %open }, $opt, 1);
    shakes("$words: the site itself talks", $path,
        { Origin => "https://$host" }, { %open }, $opt, 1);
    shakes("$words: its http twin, " . ($opt->{over} ? 'not under TLS'
        : 'without TLS'), $path, { Origin => "http://$host" },
        $opt->{over} ? { %rejected } : { %open }, $opt, !$opt->{over});
    shakes("$words: a stranger is rejected", $path, { Origin => $evil },
        { %rejected }, $opt, 0);
    shakes("$words: two origins are rejected", $path,
        [ Origin => $app, Origin => $app ], { %rejected }, $opt, 0);
    shakes("$words: null is rejected", $path, { Origin => 'null' },
        { %rejected }, $opt, 0);
}
shakes('ReportOnly lets a stranger talk', '/up',
    { Origin => $evil, 'X-Row' => 'row1' }, { %open },
    { host => 'report.example' }, 1);
my $log = $s->read_file('access.log', qr/^row1 /m);
promise($log =~ /^row1 actual rejected$/m, 'and the log says what would be',
    $log);

# Under HTTP/2 the handshake is CONNECT with a protocol, if httpd offers it.
sub h2_shakes {
    my ($text, $h2, $path, $fields, $is_open, $expected) = @_;
    my $id  = $h2->send("CONNECT $path",
        [ 'Sec-WebSocket-Version' => 13, @$fields ],
        protocol => 'websocket');
    my $res = $h2->head($id);
    my @wrong;
    if ($is_open && $res->status == 200) {
        $h2->data($id, "\x81\x85\0\0\0\0hello\x88\x80\0\0\0\0");
        my $data = $h2->received($id, qr/echo hello/);
        push @wrong, "it said: $data" if $data !~ /^\x81.echo hello/s;
        $h2->data($id, '', 1);
        $h2->response($id);         # all of it
    }
    push @wrong, $res->differences($expected);
    my @heard = map { $_->heard } $talks, $raw;
    push @wrong, "the backends heard: @heard" if $is_open != @heard;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    promise(!@wrong, $text, @wrong, $res->transcript);
}
if ($has_h2) {
    my $port = $s->port(2);
    my $h2   = CorsTest::H2->connect($port, 'h2.example');
    promise($h2->setting('ENABLE_CONNECT_PROTOCOL'),
            'HTTP/2: H2WebSockets On offers them');
    for my $path ('/up', '/ws') {
        my @to = ($h2, $path);
        h2_shakes("HTTP/2, $path: a listed origin talks", @to,
            [ Origin => $app ], 1, { status => 200 });
        h2_shakes("HTTP/2, $path: no Origin talks", @to, [], 1,
            { status => 200 });
        h2_shakes("HTTP/2, $path: the site itself talks", @to,
            [ Origin => 'https://h2.example' ], 1, { status => 200 });
        h2_shakes("HTTP/2, $path: its http twin is rejected", @to,
            [ Origin => 'http://h2.example' ], 0, { %rejected });
        h2_shakes("HTTP/2, $path: a stranger is rejected", @to,
            [ Origin => $evil ], 0, { %rejected });
        h2_shakes("HTTP/2, $path: two origins are rejected", @to,
            [ Origin => $app, Origin => $app ], 0, { %rejected });
    }
    $h2->close;

    # Without that directive a browser asks by HTTP/1.1.
    $h2 = CorsTest::H2->connect($port, 'gate.example');
    promise(!$h2->setting('ENABLE_CONNECT_PROTOCOL'),
            'HTTP/2: httpd offers none by itself');
    my $res = $h2->head($h2->send('CONNECT /up', { Origin => $app },
        protocol => 'websocket'));
    my @heard = $talks->heard;
    promise($res->head =~ /reset 1\b/ && !@heard,
            'HTTP/2: and takes none', @heard, $res->transcript);
    $h2->close;
}

CorsTest::finish();
