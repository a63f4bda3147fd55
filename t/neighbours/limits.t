# Limits: mod_evasive, mod_qos, mod_ratelimit, mod_reqtimeout and the core's
# own. A page that asks too often or too much has to be able to read that it
# did, and when to come back; preflights are not what is counted, where the
# limit stands behind them.

use strict;
use warnings;

use DynaLoader ();
use FindBin;
use lib "$FindBin::Bin/../lib";
use CorsTest;
use CorsTest::Process qw($PATIENCE);
use Test::More;
use Time::HiRes qw(time);

my $app   = 'https://app.example.com';
my $dir   = 'https://dir.example.com';
my $evil  = 'https://evil.example';
my $allow = <<"CONF";
CorsAllowOrigin $app
CorsAllowMethods GET HEAD POST PUT
CorsExposeHeaders Retry-After
CONF
my $retry = qq(Header always set Retry-After 7 "expr=%{REQUEST_STATUS} =~ )
    . qq(/^4/"\n);

my @app      = (acao => $app, aceh => 'Retry-After', vary => 'Origin');
my @none     = (vary => 'Origin');
my %answered = (status => 204, body => '', acam => 'GET, HEAD, POST, PUT',
                acma => 600, vary => $TRIO, acao => $app);
my %refused  = (status => 403, body => '', vary => $TRIO);

sub start {
    my ($name, %want) = @_;
    return CorsTest->start(%want, name => $name,
        conf => "$allow$retry$want{conf}",
        modules => [ 'headers', @{ $want{modules} || [] } ],
        files => { (map { ("htdocs/$_" => "hi\n") }
                    qw(a.txt b.txt dir/a.txt)), %{ $want{files} || {} } });
}

# The three that come, to be answered the same way.
sub promise_all {
    my ($s, $what, $line, $expected, $opt, $fields) = @_;
    my @fields = @{ $fields || [] };
    $s->promises(
        [ "$what, for an allowed origin", $line, [ Origin => $app, @fields ],
          { @app, %$expected }, $opt ],
        [ "$what, for a stranger", $line, [ Origin => $evil, @fields ],
          { @none, %$expected }, $opt ],
        [ "$what, without Origin", $line, \@fields,
          { @none, %$expected }, $opt ]);
}

# ---------------------------------------------------------------------------
# mod_evasive: preflight
# ---------------------------------------------------------------------------

# It counts in each process by itself, so there is one; prefork says once that
# this is not many. It answers with the status that it is told to.
my $is_prefork = ($ENV{CORS_MPM} || '') eq 'prefork';
my $size = $is_prefork
    ? "StartServers 1\nMaxRequestWorkers 1\nServerLimit 1\n"
    : "MaxRequestWorkers 16\nMaxSpareThreads 16\nServerLimit 1\n";
my %evasive = map {
    my $status = $_;
    $status => start("mod_evasive, $status", modules => ['evasive20'],
        unexplained => 'requests are counted',
        conf => <<"CONF") } 403, 429;
${size}DOSPageCount 3
DOSPageInterval 300
DOSSiteCount 100000
DOSSiteInterval 300
DOSBlockingPeriod 300
DOSLogDir "\@ROOT\@/scratch"
@{[ $status == 403 ? '' : "DOSHTTPResponseCode $status" ]}
<Location /gate>
    CorsRejectUnlisted On
</Location>
CONF
for my $status (sort keys %evasive) {
    $evasive{$status}->promises(map {
        [ "$status: preflights are not counted, number $_",
          'OPTIONS /a.txt', preflight($app, 'PUT'), \%answered ],
        [ "$status: refused ones neither, number $_",
          'OPTIONS /a.txt', preflight($evil, 'PUT'), \%refused ]
    } 1 .. 5);
}

# ---------------------------------------------------------------------------
# mod_evasive: gate
# ---------------------------------------------------------------------------

for my $status (sort keys %evasive) {
    $evasive{$status}->promises(map {
        [ "$status: whom the gate keeps out is not counted, number $_",
          'GET /gate', { Origin => $evil }, { status => 403, @none } ]
    } 1 .. 5);
}

# ---------------------------------------------------------------------------
# mod_evasive: actual
# ---------------------------------------------------------------------------

promise_all($evasive{$_}, "$_: as long as it counts", 'GET /a.txt', {})
    for sort keys %evasive;

# ---------------------------------------------------------------------------
# mod_evasive: errors
# ---------------------------------------------------------------------------

for my $status (sort keys %evasive) {
    $evasive{$status}->request('GET /a.txt', {}) for 1 .. 3;
    promise_all($evasive{$status}, "$status: when it is too much, $_", $_,
        { status => $status, field => { 'Retry-After' => 7 } })
        for 'GET /a.txt', 'POST /b.txt';
}

# ---------------------------------------------------------------------------
# mod_evasive: preflight
# ---------------------------------------------------------------------------

for my $status (sort keys %evasive) {
    my $s = $evasive{$status};
    $s->promises(
        [ "$status: a preflight is answered then, too", 'OPTIONS /a.txt',
          preflight($app, 'PUT'), \%answered ],
        [ "$status: or refused", 'OPTIONS /a.txt', preflight($evil, 'PUT'),
          \%refused ],
        [ "$status: OPTIONS that is none is not answered", 'OPTIONS /a.txt',
          { Origin => $app },
          { status => $status, @app, vary => $TRIO } ]);
    $s->expect_log(qr/\[evasive20:error\].* client denied by server conf/);
    if ($is_prefork) {
        $s->expect_log(qr/AH00161: server reached MaxRequestWorkers/);
        $s->log_lines(qr/AH00161/, 10);
    }
    $s->stop;
}

# ---------------------------------------------------------------------------
# mod_qos
# ---------------------------------------------------------------------------

# Debian's is linked without the library that it needs.
my $pcre = DynaLoader::dl_findfile('libpcre.so.3')
    or die "there is no libpcre3\n";
chomp(my $libexec = `@{[ $ENV{APXS} || 'apxs' ]} -q LIBEXECDIR`);
my $qos = start('mod_qos', modules => [qw(setenvif unique_id)],
    files => { 'htdocs/sorry.json' => "{}\n" },
    conf => <<"CONF");
LoadFile $pcre
LoadModule qos_module $libexec/mod_qos.so
QS_ErrorResponseCode 429

# A request is counted if it says so; preflights can be left out.
SetEnvIf X-Count ^all\$ COUNTED
SetEnvIf X-Count ^no-preflights\$ COUNTED_TOO
SetEnvIf Access-Control-Request-Method . !COUNTED_TOO
QS_EventLimitCount COUNTED 3 600
QS_EventLimitCount COUNTED_TOO 3 600

<Directory "\@DOCROOT\@/dir">
    CorsAllowOrigin $dir
</Directory>
<Location /denied>
    QS_DenyPath +api deny ^/denied
</Location>
<Location /gate>
    CorsRejectUnlisted On
</Location>

<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName localhost
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName page
    QS_ErrorPage /sorry.json
    <Location /sorry.json>
        CorsAllowOrigin https://sorry.example
    </Location>
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName recipe
    # What stood there for the pages that could not read a 429.
    Header always set Access-Control-Allow-Origin "*"
    Header always set Vary Accept-Encoding
</VirtualHost>
CONF
my @all   = ('X-Count' => 'all');
my @some  = ('X-Count' => 'no-preflights');
my %later = (status => 429, field => { 'Retry-After' => 7 });

# ---------------------------------------------------------------------------
# mod_qos: actual
# ---------------------------------------------------------------------------

promise_all($qos, 'below the limit', 'GET /a.txt', {}, $_->[0], $_->[1])
    for [ {}, \@all ], [ {}, \@some ], [ { host => 'page' }, \@all ];

# ---------------------------------------------------------------------------
# mod_qos: errors
# ---------------------------------------------------------------------------

promise_all($qos, "above the limit, $_", $_, {%later}, {}, \@all)
    for 'GET /a.txt', 'POST /a.txt', 'GET /missing';
promise_all($qos, 'what it denies', 'GET /denied', {%later, status => 403});
promise_all($qos, 'above the limit, with a page for it', 'GET /a.txt',
    { %later, body => "{}\n" }, { host => 'page' }, \@all);
$qos->promises(
    [ 'above the limit, the directory says who may read it',
      'GET /dir/a.txt', [ Origin => $dir, @all ],
      { %later, @app, acao => $dir } ],
    [ 'and who may not', 'GET /dir/a.txt', [ Origin => $app, @all ],
      { %later, @none } ],
    [ 'with a page for it, the directory says so', 'GET /dir/a.txt',
      [ Origin => $dir, @all ], { %later, @app, acao => $dir },
      { host => 'page' } ],
    [ 'the page has no say', 'GET /a.txt',
      [ Origin => 'https://sorry.example', @all ], { %later, @none },
      { host => 'page' } ],
);

# ---------------------------------------------------------------------------
# mod_qos: preflight
# ---------------------------------------------------------------------------

# It stands in front of what answers them.
my %wanted = (%answered, aceh => undef, status => 429, body => qr/429/,
              field => { 'Retry-After' => 7 });
my %first = (unexplained => 'a module comes first that counts');
$qos->promises(
    [ 'below the limit, a preflight is answered', 'OPTIONS /a.txt',
      preflight($app, 'PUT'), \%answered ],
    [ 'or refused', 'OPTIONS /a.txt', preflight($evil, 'PUT'), \%refused ],
    [ 'above it, a preflight that is counted gets what it asked for, and 429',
      'OPTIONS /a.txt', [ @{ preflight($app, 'PUT') }, @all ], \%wanted,
      \%first ],
    [ "a stranger's gets 429", 'OPTIONS /a.txt',
      [ @{ preflight($evil, 'PUT') }, @all ],
      { status => 429, vary => $TRIO }, \%first ],
    [ "one to a directory is the directory's", 'OPTIONS /dir/a.txt',
      [ @{ preflight($dir, 'PUT') }, @all ], { %wanted, acao => $dir },
      \%first ],
);
$qos->promises(map {
    [ "preflights that are not counted are answered, number $_",
      'OPTIONS /a.txt', [ @{ preflight($app, 'PUT') }, @some ], \%answered ],
} 1 .. 5);
promise_all($qos, 'while others are above the limit', 'GET /a.txt', {%later},
    {}, \@some);

# ---------------------------------------------------------------------------
# mod_qos: once
# ---------------------------------------------------------------------------

$qos->promises(
    [ 'the recipe of old beside it: each field once', 'GET /a.txt',
      [ Origin => $app, @all ],
      { %later, @app, vary => 'Accept-Encoding, Origin' },
      { host => 'recipe' } ],
    [ 'and none for a stranger', 'GET /a.txt', [ Origin => $evil, @all ],
      { %later, vary => 'Accept-Encoding, Origin' }, { host => 'recipe' } ],
);

# ---------------------------------------------------------------------------
# mod_qos: gate
# ---------------------------------------------------------------------------

$qos->promises(
    [ 'below the limit, the gate keeps a stranger out', 'GET /gate',
      { Origin => $evil }, { status => 403, @none } ],
    [ 'above it, the limit does', 'GET /gate', [ Origin => $evil, @all ],
      { %later, @none }, \%first ],
);
$qos->expect_log(qr/mod_qos\(013\): access denied, QS_EventLimitCount/,
                 qr/mod_qos\(040\): access denied, QS_DenyPath/);
$qos->stop;

# ---------------------------------------------------------------------------
# Without counting
# ---------------------------------------------------------------------------

my $long = join '', map { chr(97 + $_ % 26) } 1 .. 100_000;
my $rate = 200;                             # KiB per second
my $soon = $ENV{CORS_VALGRIND} ? 10 : 1;    # seconds
my $s = CorsTest->start(
    modules => [qw(headers alias env setenvif ratelimit reqtimeout rewrite)],
    ports => 4,
    files => { 'htdocs/a.txt' => "hi\n", 'htdocs/slow/a.txt' => $long,
               'htdocs/small/a.txt' => "hi\n",
               'htdocs/sorry.json' => "{}\n" },
    conf => <<"CONF");
$allow$retry
RequestReadTimeout header=0 body=0
<Location /slow>
    SetOutputFilter RATE_LIMIT
    SetEnv rate-limit $rate
</Location>
<Location /small>
    LimitRequestBody 10
</Location>

# Somebody is over his quota, in each place that can say so.
Redirect 429 /over
<Location /in>
    Redirect 429 /in/over
    ErrorDocument 429 /sorry.json
</Location>
<Directory "\@DOCROOT\@/slow">
    RewriteEngine On
    RewriteRule ^over - [R=429]
    ErrorDocument 429 "{}"
</Directory>

Listen 127.0.0.1:\@PORT2\@
<VirtualHost 127.0.0.1:\@PORT2\@>
    ServerName localhost
    LimitRequestLine 200
    LimitRequestFields 10
    LimitRequestFieldSize 100
</VirtualHost>
Listen 127.0.0.1:\@PORT3\@
<VirtualHost 127.0.0.1:\@PORT3\@>
    ServerName localhost
    RequestReadTimeout header=$soon body=$soon
</VirtualHost>
Listen 127.0.0.1:\@PORT4\@
<VirtualHost 127.0.0.1:\@PORT4\@>
    ServerName localhost
    # Whoever goes on sending has more time, a second for each byte.
    RequestReadTimeout header=$soon-$PATIENCE,MinRate=1 body=$PATIENCE
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName localhost
    RedirectMatch 429 ^/host/over
</VirtualHost>
CONF

# ---------------------------------------------------------------------------
# mod_ratelimit: actual
# ---------------------------------------------------------------------------

my $start = time;
promise_all($s, 'a response that is slowed down is whole', 'GET /slow/a.txt',
    { body => $long });
# It sends what is due in each 200 ms; the first of them is not waited for.
my $took  = time - $start;
my $least = 3 * (length($long) / ($rate * 1024) - 0.2);
promise($took >= $least, 'and it was slowed down',
    "three took $took s, at this rate at least $least s");
promise_all($s, 'a part of it', 'GET /slow/a.txt',
    { status => 206, body => substr($long, 10, 90_000),
      field => { 'Content-Range' => 'bytes 10-90009/100000' } }, {},
    [ Range => 'bytes=10-90009' ]);
promise_all($s, 'its head', 'HEAD /slow/a.txt', {});

# ---------------------------------------------------------------------------
# mod_ratelimit: preflight
# ---------------------------------------------------------------------------

$s->promises(
    [ 'slow or not, a preflight is answered', 'OPTIONS /slow/a.txt',
      preflight($app, 'PUT'), \%answered ],
    [ 'or refused', 'OPTIONS /slow/a.txt', preflight($evil, 'PUT'),
      \%refused ],
);

# ---------------------------------------------------------------------------
# mod_ratelimit: errors
# ---------------------------------------------------------------------------

promise_all($s, 'an error where things are slow', 'GET /slow/missing',
    { status => 404 });
promise_all($s, '304 where things are slow', 'GET /slow/a.txt',
    { status => 304 }, {}, [ 'If-None-Match' => '*' ]);

# ---------------------------------------------------------------------------
# mod_reqtimeout: errors
# ---------------------------------------------------------------------------

# Requests that stop in the middle, side by side, as each takes its time.
my @stopped = (
    [ 'a body that does not come',
      "POST /a.txt HTTP/1.1\r\nHost: localhost\r\nOrigin: $app\r\n"
        . "Content-Length: 10\r\n\r\nabc", { status => 408, @app } ],
    [ "a stranger's body",
      "POST /a.txt HTTP/1.1\r\nHost: localhost\r\nOrigin: $evil\r\n"
        . "Content-Length: 10\r\n\r\nabc", { status => 408, @none } ],
    [ 'a body without Origin',
      "POST /a.txt HTTP/1.1\r\nHost: localhost\r\n"
        . "Content-Length: 10\r\n\r\nabc", { status => 408, @none } ],
    [ 'fields that stop before it is known whose request it is',
      "POST /a.txt HTTP/1.1\r\nHost: localhost\r\nOrigin: $app\r\nCont",
      { status => 408, @none } ],
);

# ---------------------------------------------------------------------------
# mod_reqtimeout: preflight
# ---------------------------------------------------------------------------

my $preflight = "Host: localhost\r\nAccess-Control-Request-Method: PUT\r\n";
push @stopped,
    [ 'a preflight whose body does not come',
      "OPTIONS /a.txt HTTP/1.1\r\n${preflight}Origin: $app\r\n"
        . "Content-Length: 10\r\n\r\nabc",
      { %answered, status => 408, body => qr/408/ } ],
    [ "a stranger's preflight whose body does not come",
      "OPTIONS /a.txt HTTP/1.1\r\n${preflight}Origin: $evil\r\n"
        . "Content-Length: 10\r\n\r\nabc", { status => 408, vary => $TRIO } ];
my @slow = ("OPTIONS /a.txt HTTP/1.1\r\n${preflight}Ori",
            "gin: $app\r\nConnection: close\r\n\r\n");
my $slow = $s->connect($s->port(4));
$slow->write($slow[0]);
my @open = map {
    my $conn = $s->connect($s->port(3));
    $conn->write($_->[1]);
    $conn;
} @stopped;
for my $case (@stopped) {
    my ($what, $sent, $expected) = @$case;
    my $res = (shift @open)->response('POST', $sent);
    my @wrong = $res ? $res->differences($expected) : 'no answer';
    promise(!@wrong, "$what: $expected->{status}", @wrong,
        $res ? $res->transcript : ());
}

# By now, all that stopped as this one did have been given up.
$slow->write($slow[1]);
my $late  = $slow->response('OPTIONS', join '', @slow);
my @wrong = $late ? $late->differences(\%answered) : 'no answer';
promise(!@wrong, 'a preflight whose fields come slowly, but come: 204',
    @wrong, $late ? $late->transcript : ());

# ---------------------------------------------------------------------------
# mod_reqtimeout: actual
# ---------------------------------------------------------------------------

promise_all($s, 'in time', 'POST /a.txt', {},
    { port => $s->port(4), body => 'x' });

# ---------------------------------------------------------------------------
# core: errors
# ---------------------------------------------------------------------------

# LimitRequestBody and its like. What is known of a request that httpd stops
# reading: its server, and the fields that it has read.

my %small = (port => $s->port(2));
promise_all($s, '413 for a body', 'POST /small/a.txt', { status => 413 },
    { body => 'x' x 11 });
promise_all($s, '413 for a body in chunks', 'POST /small/a.txt',
    { status => 413 }, { body => "b\r\n" . 'x' x 11 . "\r\n0\r\n\r\n" },
    [ 'Transfer-Encoding' => 'chunked' ]);
promise_all($s, 'a body that is no larger', 'POST /small/a.txt', {},
    { body => 'x' x 10 });
my @later = map { ("X-$_" => 1) } 1 .. 12;
promise_all($s, '400 for too many fields', 'GET /a.txt', { status => 400 },
    {%small}, \@later);
$s->promises(
    [ '400 for too many fields, before Origin', 'GET /a.txt',
      [ @later, Origin => $app ], { status => 400, @none }, \%small ],
    [ '400 for a field that is too long', 'GET /a.txt',
      [ Origin => $app, 'X-1' => 1, 'X-2' => 'x' x 100 ],
      { status => 400, @app }, \%small ],
    [ '414 for a URL', 'GET /' . 'x' x 200, { Origin => $app },
      { status => 414, @none }, \%small ],
);

# ---------------------------------------------------------------------------
# core: preflight
# ---------------------------------------------------------------------------

$s->promises(
    [ 'a preflight with a body within the limit', 'OPTIONS /small/a.txt',
      preflight($app, 'PUT'), \%answered, { body => 'x' x 10 } ],
    [ 'with one beyond it: 413', 'OPTIONS /small/a.txt',
      preflight($app, 'PUT'), { %answered, status => 413, body => qr/413/ },
      { body => 'x' x 11 } ],
    [ "a stranger's with one beyond it: 413", 'OPTIONS /small/a.txt',
      preflight($evil, 'PUT'), { status => 413, vary => $TRIO },
      { body => 'x' x 11 } ],
    [ 'one that asks for more headers than a field may hold: 400',
      'OPTIONS /a.txt', preflight($app, 'PUT', 'x' x 100),
      { status => 400, @app, vary => $TRIO }, \%small ],
    [ 'one for a URL that is too long: 414', 'OPTIONS /' . 'x' x 200,
      preflight($app, 'PUT'), { status => 414, vary => $TRIO }, \%small ],
);

# ---------------------------------------------------------------------------
# mod_alias: errors
# ---------------------------------------------------------------------------

my %over = (status => 429, field => { 'Retry-After' => 7 });
promise_all($s, 'Redirect 429', 'GET /over', {%over});
promise_all($s, 'RedirectMatch 429', 'GET /host/over', {%over});
promise_all($s, 'Redirect 429 in a section, with a page', 'GET /in/over',
    { %over, body => "{}\n" });
promise_all($s, 'RewriteRule [R=429], with a text', 'GET /slow/over',
    { %over, body => '{}' });

# ---------------------------------------------------------------------------
# mod_alias: preflight
# ---------------------------------------------------------------------------

# A server says so before anything else is known, a section after.
$s->promises(map {
    my ($path, $status) = @$_;
    [ "a preflight for what is over the quota, $path: $status",
      "OPTIONS $path", preflight($app, 'PUT'),
      { %answered, status => $status,
        body => $status == 429 ? qr/429/ : '' } ],
    [ "a stranger's, $path", "OPTIONS $path", preflight($evil, 'PUT'),
      { status => $status == 429 ? 429 : 403, vary => $TRIO } ]
} [ '/over', 429 ], [ '/host/over', 429 ], [ '/in/over', 204 ],
  [ '/slow/over', 204 ]);

CorsTest::finish();
