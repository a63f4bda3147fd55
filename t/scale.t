# Any number of origins, sections and virtual hosts: the answers stay right,
# merging copies nothing, and who has no policy pays next to nothing.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use CorsTest::Memory;
use POSIX ();
use Test::More;

my $exact = 100_000;
my $wild  = 10_000;

sub app  { sprintf 'https://app%06d.example.com', $_[0] }
sub team { sprintf '%s.team%05d.example', $_[1] || 'https://*', $_[0] }

# ---------------------------------------------------------------------------
# 100,000 origins and 10,000 wildcards, under five more sections
# ---------------------------------------------------------------------------

my $conf = qq{<Location "/big">\n};
for (my $n = 0; $n < $exact; $n += 50) {
    $conf .= '    CorsAllowOrigin '
        . join(' ', map { app($_) } $n .. $n + 49) . "\n";
}
for (my $n = 0; $n < $wild; $n += 50) {
    $conf .= '    CorsAllowOrigin '
        . join(' ', map { team($_) } $n .. $n + 49) . "\n";
}
# The same again counts for nothing.
$conf .= '    CorsAllowOrigin ' . app($_) . "\n" for 0, $exact - 1;
$conf .= "</Location>\n";

my $path = '/big';
for my $depth (1 .. 5) {
    $path .= "/$depth";
    $conf .= qq{<Location "$path">\n}
        . "    CorsAllowOrigin +https://depth$depth.example\n"
        . '    CorsAllowOrigin -' . app($depth) . "\n"
        . "    CorsAllowMethods +M$depth\n</Location>\n";
}
my %files = map { ("htdocs/$_/a.txt" => "hi\n") }
    'big', 'big/1', 'big/1/2', 'big/1/2/3/4/5', 'plain', 'small',
    'small/1', 'small/1/2', 'small/1/2/3';

# Ten origins in each of three .htaccess files.
for my $depth (1 .. 3) {
    my $dir = join '/', 'small', 1 .. $depth;
    $files{"htdocs/$dir/.htaccess"} = join '',
        map { 'CorsAllowOrigin ' . ($depth > 1 ? '+' : '')
              . "https://h$depth-$_.example\n" } 1 .. 10;
}

my $s = CorsTest->start(files => \%files, conf => $conf);

sub row {
    my ($what, $where, $origin, $is) = @_;
    return [ "$what: $origin is " . ($is ? 'allowed' : 'denied'),
             "GET /$where/a.txt", { Origin => $origin },
             { vary => 'Origin', body => "hi\n",
               $is ? (acao => $origin) : () } ];
}

my @middle = map { int($exact * $_ / 7) } 1 .. 6;
for my $where (qw(big big/1/2/3/4/5)) {
    my $what = $where eq 'big' ? 'among 110,000' : 'under five sections';
    $s->promises(
        (map { row($what, $where, app($_), 1) }
         0, 49, 50, @middle, $exact - 51, $exact - 1),
        (map { row($what, $where, team($_, 'https://a.b'), 1) }
         0, 1, int $wild / 2, $wild - 1),
        (map { row($what, $where, $_, 0) }
         app($exact), app(-1), app(0) . ':8443', app(0) =~ s/https/http/r,
         app(0) =~ s/com$/co/r, app(0) . 'x', 'https://x.' . substr(app(0), 8),
         'https://' . substr(team(0, 'x'), 2), team($wild, 'https://a'),
         team(0, 'http://a'), 'https://example.com', 'null'),
    );
}
$s->promises(
    (map { row('what a deep section adds', 'big/1/2/3/4/5',
               "https://depth$_.example", 1) } 1 .. 5),
    (map { row('what a deep section takes', 'big/1/2/3/4/5', app($_), 0) }
     1 .. 5),
    row('what a deep section adds, further out', 'big/1/2',
        'https://depth3.example', 0),
    row('what a deep section takes, further out', 'big/1/2', app(3), 1),
    [ 'a preflight among 110,000', 'OPTIONS /big/1/2/3/4/5/a.txt',
      preflight(app($exact - 1), 'M5'),
      { status => 204, acao => app($exact - 1), acma => 600, vary => $TRIO,
        acam => 'GET, HEAD, POST, M1, M2, M3, M4, M5' } ],
);
for my $depth (1 .. 3) {
    my $dir = join '/', 'small', 1 .. $depth;
    $s->promises(
        (map {
            my $level = $_;
            map { row("$depth .htaccess files", $dir,
                      "https://h$level-$_.example", $level <= $depth) }
                1, 5, 10
        } 1 .. 3),
        row("$depth .htaccess files", $dir, 'https://h1-11.example', 0),
    );
}

# ---------------------------------------------------------------------------
# Merging copies nothing
# ---------------------------------------------------------------------------

# Pages that each child holds of its own.
sub pages {
    my %held;
    for my $pid ($s->_children) {
        open my $in, '<', "/proc/$pid/statm" or next;
        my (undef, $resident, $shared) = split ' ', <$in>;
        $held{$pid} = $resident - $shared;
    }
    return \%held;
}

# Bytes by which the children have grown; a new one shares what it begins
# with.
sub growth {
    my ($before) = @_;
    my $after = pages();
    my $sum = 0;
    $sum += $after->{$_} - $before->{$_}
        for grep { $after->{$_} } keys %$before;
    return $sum * POSIX::sysconf(POSIX::_SC_PAGESIZE());
}

# Eight connections at once, so that several threads or processes take part.
sub load {
    my ($times, $url, $origin) = @_;
    my @conn = map { $s->connect } 1 .. 8;
    my $wrong = 0;
    for my $n (1 .. $times) {
        my $res = $s->request("GET $url", { Origin => $origin },
                              conn => $conn[ $n % 8 ]);
        my $got = $res->field('Access-Control-Allow-Origin') // '';
        $wrong++ if $got ne ($url =~ /big/ ? $origin : '');
        # httpd closes after a hundred requests.
        $conn[ $n % 8 ] = $s->connect
            if ($res->field('Connection') // '') =~ /close/;
    }
    return $wrong;
}

SKIP: {
    skip 'no /proc here', 3 if !-e "/proc/$$/statm";
    load(800, '/plain/a.txt', app(7));
    my $before = pages();
    my $wrong = load(4000, '/big/1/2/3/4/5/a.txt', app(99_999));
    my $grown = growth($before);
    promise($wrong == 0, '4000 requests under six lists are answered right',
        "$wrong are not");
    # One copy of the list is a megabyte at the very least.
    promise($grown < 4 << 20, 'and do not make the children grow',
        "$grown bytes more");
    $before = pages();
    load(2000, '/big/1/2/3/4/5/a.txt', app(99_999));
    $grown = growth($before);
    promise($grown < 1 << 20, 'nor do 2000 more', "$grown bytes more");
}
$s->stop;

# ---------------------------------------------------------------------------
# 10,000 virtual hosts
# ---------------------------------------------------------------------------

my $hosts = 10_000;
my $app   = 'https://app.example.com';
my $one   = "<IfModule cors_module>\nCorsAllowOrigin $app\n</IfModule>\n";

# What $hosts virtual hosts with these lines in each cost, in bytes, beside a
# server that says $server.
sub cost {
    my ($name, $server, $lines, $origin, %want) = @_;
    my $ask = sub {
        my $res = $_[0]->request('GET /a.txt', { Origin => $origin // $app },
                                 host => "v$hosts.example");
        promise(!$res->differences({ body => "hi\n",
                                     $origin ? (acao => $origin,
                                                vary => 'Origin') : () }),
            "$name: it answers", $res->transcript);
    };
    my %files = ('htdocs/a.txt' => "hi\n");
    return held("scale.t, $name", %want, ask => $ask, files => \%files,
                conf => $server . hosts($hosts, $lines))
        - held("scale.t, $name, no hosts", %want, conf => $server);
}

SKIP: {
    skip 'no memory figures here', 1 if !memory_is_known();

    # They inherit the server's policy.
    my $with    = cost('with the module', $one, '', $app);
    my $without = cost('without the module', $one, '', undef, bare => 1);
    my $each    = ($with - $without) / $hosts;
    promise($each <= 64, "a virtual host without directives costs a few words",
        "$each bytes each: $with with the module, $without without");
    note("a virtual host without directives: $each bytes");

    # One policy of a thousand origins, which each of them uses. A line of
    # httpd's own has its price as well.
    my $policy = "<CorsPolicy apps>\n"
        . join('', map { '    CorsAllowOrigin ' . app($_) . "\n" } 1 .. 1000)
        . "</CorsPolicy>\n";
    my $use  = cost('with a policy', $policy, "    CorsUsePolicy apps\n",
                    app(1000));
    my $line = cost('with a line of httpd', $policy,
                    "    ServerSignature Off\n");
    $each = ($use - $line) / $hosts;
    promise($each <= 128, 'a policy of a thousand origins is shared',
        "$each bytes each: $use with the policy, $line without");
    note("a virtual host that uses a policy: $each bytes");
}
CorsTest::finish();
