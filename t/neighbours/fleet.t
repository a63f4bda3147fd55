# CorsSourceCache, in shared memory, Redis and memcached: an answer is kept for
# no longer than it may, machines share what they know, and nobody is believed
# who writes something else into the cache.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use CorsTest;
use CorsTest::Fleet qw(database machine $ALLOWANCE $PAUSE);
use CorsTest::Memcached;
use CorsTest::Process qw(wait_until);
use CorsTest::Redis;
use Test::More;
use Time::HiRes qw(sleep time);

my $LONG    = 60;       # seconds
my $ttl     = 2;
my $app     = 'https://app.example.com';
my $partner = 'https://partner.example';

my $db = database();
$db->sql("INSERT INTO origins VALUES ('$app');"
    . "INSERT INTO partners VALUES ('$partner')");
my %store = (
    redis    => CorsTest::Redis->start,
    memcache => CorsTest::Memcached->start,
);
my %cache = (
    shmcb => 'shmcb',
    map { $_ => "$_:127.0.0.1:" . $store{$_}->port } keys %store,
);

# A machine with this cache. It waits for as long as a busy computer stops the
# database or the cache in the middle of an answer: what happens to those who
# wait in vain is for database_away.t and cache_away.t.
sub machine_with {
    my ($name, $kind, $ttl, @more) = @_;
    return machine($db, $name, $cache{$kind}, ttl => $ttl, timeout => 30,
                   @more);
}

my $row = 0;

# Asks for an origin, and returns CORS_RESULT; dies unless the response is the
# one that belongs to it.
sub result {
    my ($s, $origin, $path) = @_;
    $row++;
    my $res = $s->request('GET ' . ($path // '/a.txt'),
        { Origin => $origin, 'X-Row' => $row });
    my ($result) = $s->read_file('access.log', qr/^$row .*\n/m)
        =~ /^$row (\S+)/m;
    my $acao = $res->field('Access-Control-Allow-Origin') // '';
    die "$result for $origin, and Access-Control-Allow-Origin '$acao'\n"
        if $acao ne ($result eq 'allowed' ? $origin : '');
    die "Vary is missing\n" if ($res->field('Vary') // '') ne 'Origin';
    return $result;
}

# One promise: each [ origin, CORS_RESULT, path ], and what the database was
# asked for them.
sub results {
    my ($text, $s, $expected, @asked) = @_;
    $db->asked;
    my @wrong;
    for (@$expected) {
        my ($origin, $result, $path) = @$_;
        my $is = eval { result($s, $origin, $path) } // $@;
        push @wrong, "$origin: $is, expected $result" if $is ne $result;
    }
    my @is = eval { $db->asked };
    push @wrong, "the database was asked '@is', expected '@asked'"
        if "@is" ne "@asked";
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    promise(!@wrong, $text, @wrong);
}

# One promise: within the time, the result is there.
sub becomes {
    my ($text, $s, $origin, $result, $seconds) = @_;
    my $is;
    my $ok = wait_until(sub { ($is = result($s, $origin)) eq $result },
        $seconds + $ALLOWANCE, 0.05);
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    promise($ok, $text, "after $seconds s and $ALLOWANCE s more: $is");
}

# How a source is called in the log, that it is away, and that it is back,
# which not each child of several has a reason to find out.
sub expect_outage {
    my ($s) = @_;
    my $what = qr/CorsAllowOriginSource 'dbd:cors' \(\S+:\d+\)/;
    $s->expect_log(qr/cors:error.*$what cannot answer: /);
    $s->tolerate_log(qr/cors:notice.*$what answers again/);
}

my %one = map { $_ => machine_with("one with $_", $_, $LONG) } sort keys %cache;

# ---------------------------------------------------------------------------
# What is kept is not asked again
# ---------------------------------------------------------------------------

for my $kind (sort keys %one) {
    my $s = $one{$kind};
    my ($new, $evil) = ("https://new.$kind.example", "https://$kind.example");
    results("$kind: allowed, once asked, is known", $s,
        [ ([ $app, 'allowed' ]) x 3 ], $app);
    results("$kind: so is refused", $s,
        [ ([ $evil, 'denied-origin' ]) x 3 ], $evil);
    results("$kind: two sources share no answer", $s,
        [ [ $app, 'denied-origin', '/partners' ],
          [ $partner, 'allowed', '/partners' ],
          [ $partner, 'denied-origin' ],
          ([ $app, 'allowed' ], [ $app, 'denied-origin', '/partners' ],
           [ $partner, 'allowed', '/partners' ],
           [ $partner, 'denied-origin' ]) x 2 ],
        $app, $partner, $partner);
    results("$kind: refused", $s, [ [ $new, 'denied-origin' ] ], $new);
    $db->sql("INSERT INTO origins VALUES ('$new')");
    results("$kind: and for as long as that is kept", $s,
        [ [ $new, 'denied-origin' ] ]);
}

# ---------------------------------------------------------------------------
# ... and for no longer than it may be
# ---------------------------------------------------------------------------

my @over;         # they end with the test
{
    my %short = map { $_ => machine_with("short-lived $_", $_, $ttl) }
        sort keys %cache;
    my $late = 'https://late.example';
    result($_, $late) for values %short;
    $db->sql("INSERT INTO origins VALUES ('$late')");
    my $since = time;
    becomes("$_: an origin that is added", $short{$_}, $late, 'allowed',
        $ttl - (time - $since)) for sort keys %short;
    $db->sql("DELETE FROM origins WHERE origin = '$late'");
    $since = time;
    becomes("$_: one that is taken away", $short{$_}, $late, 'denied-origin',
        $ttl - (time - $since)) for sort keys %short;
    push @over, values %short;
}

# ---------------------------------------------------------------------------
# Machines share what they know, also when they cannot ask
# ---------------------------------------------------------------------------

my %two = map { $_ => machine_with("two with $_", $_, $LONG) } sort keys %store;
my $evil = 'https://evil.example';
result($one{$_}, $evil) for sort keys %one;
for my $kind (sort keys %store) {
    results("$kind: the second machine knows what the first has asked",
        $two{$kind},
        [ [ $app, 'allowed' ], [ $evil, 'denied-origin' ],
          [ $partner, 'allowed', '/partners' ],
          [ $app, 'denied-origin', '/partners' ] ]);
}
# The same answers again, by a database that has changed meanwhile, and away.
$db->sql("DELETE FROM origins; INSERT INTO origins VALUES ('$evil')");
$db->stop;
for my $s (map { $one{$_}, $two{$_} || () } sort keys %one) {
    expect_outage($s);
    my @known = ([ $app, 'allowed' ], [ $evil, 'denied-origin' ]);
    my @results = map { eval { result($s, $_->[0]) } // $@ }
        @known, [ 'https://unknown.example' ], @known;
    my @expected = map { $_->[1] } @known, [ '', 'source-error' ], @known;
    promise("@results" eq "@expected",
        "$s->{name}: without the database, it knows what it knew",
        "@results", "expected: @expected");
}
$db->start;
sleep $PAUSE + 0.1;     # each child leaves it alone for so long
my $n = 0;
for my $s (map { $one{$_}, $two{$_} || () } sort keys %one) {
    my $new = 'https://new' . ++$n . '.example';
    $db->sql("INSERT INTO origins VALUES ('$new')");
    becomes("$s->{name}: the database is back", $s, $new, 'allowed', 0);
    results("$s->{name}: and what was known is", $s, [ [ $app, 'allowed' ] ]);
}

# ---------------------------------------------------------------------------
# What somebody else writes into the cache
# ---------------------------------------------------------------------------

for my $kind (sort keys %store) {
    my ($store, $s) = ($store{$kind}, $one{$kind});
    my %known = map { $_ => 1 } $store->keys;

    # The key of a question that was not asked before.
    my $key_of = sub {
        my ($origin, $path) = @_;
        my $result = result($s, $origin, $path);
        my ($key, @more) = grep { !$known{$_}++ } $store->keys;
        die "$kind: $result, but not one key: "
            . join(', ', grep { defined } $key, @more) . "\n"
            if !defined $key || @more;
        return $key;
    };
    $db->sql("INSERT INTO origins VALUES ('https://yes.$kind.example');"
        . "INSERT INTO partners VALUES ('https://not.$kind.example')");
    my ($yes, $not) = map { "https://$_.$kind.example" } qw(yes not);
    my $yes_key     = $key_of->($yes);
    my $not_key     = $key_of->($not);
    my $partner_key = $key_of->($not, '/partners');
    my ($allowed, $refused, $elsewhere)
        = map { $store->get($_) } $yes_key, $not_key, $partner_key;

    my %planted = (
        'the answer to another origin'  => $allowed,
        'the answer of another source'  => $elsewhere,
        'nothing'                       => '',
        'a word'                        => 'allowed',
        'a sign'                        => '+',
        'bytes'                         => join('', map { chr } 0 .. 255),
        'more than there was'           => "$refused.evil.example",
        'this and the other'            => "$allowed$refused",
        'the other and this'            => "$refused$allowed",
        'less than there was'           => substr($elsewhere, 0, -1),
        'the half of it'                =>
            substr($elsewhere, 0, length($elsewhere) / 2),
        (map { ("a byte changed, $_" => changed($elsewhere, $_)) }
            0 .. length($elsewhere) - 1),
    );
    my @believed;
    for my $what (sort keys %planted) {
        $store->set($not_key, $planted{$what});
        my $is = result($s, $not);
        push @believed, "$what: $is" if $is eq 'allowed';
    }
    promise(!@believed, "$kind: nothing planted allows an origin", @believed);

    # The way back: what is not understood is asked anew, and kept.
    for my $what (grep { !/^a byte/ } sort keys %planted) {
        $store->set($yes_key, $planted{$what}) if $planted{$what} ne $allowed;
        $store->set($yes_key, $refused) if $planted{$what} eq $allowed;
        results("$kind: in place of $what, the database is asked", $s,
            [ [ $yes, 'allowed' ], [ $yes, 'allowed' ] ], $yes);
    }
    $store->set($yes_key, $allowed x 1000);
    results("$kind: in place of far too much, the database is asked", $s,
        [ [ $yes, 'allowed' ], [ $yes, 'allowed' ] ], $yes);
    my $kept = $store->get($yes_key);
    promise(dated($kept, 0) eq dated($allowed, 0),
        "$kind: and its answer is there again", $kept);

    # Whatever the cache thinks of its age.
    $store->set($yes_key, dated($allowed, time - $LONG / 2));
    results("$kind: an answer that may still be kept is", $s,
        [ [ $yes, 'allowed' ] ]);
    for my $away (-1, 1) {
        $store->set($yes_key, dated($allowed, time + $away * ($LONG + 5)));
        results("$kind: one that is too " . ($away < 0 ? 'old' : 'new')
            . ' by its own time is not', $s, [ [ $yes, 'allowed' ] ], $yes);
    }
}

# An answer as of that time.
sub dated {
    my ($value, $time) = @_;
    substr($value, 1, 8) = pack 'Q>', $time;
    return $value;
}

# A value with one byte changed, by one bit.
sub changed {
    my ($value, $n) = @_;
    substr($value, $n, 1) ^= "\x06";    # '-' becomes '+', and the reverse
    return $value;
}

# ---------------------------------------------------------------------------
# mod_cache keeps no refusal that is none
# ---------------------------------------------------------------------------

{
    my $s = machine_with('behind mod_cache', 'shmcb', $LONG,
        modules => [qw(cache cache_socache)],
        conf    => <<'CONF');
CacheEnable socache /
CacheSocache "shmcb:@ROOT@/run/cache(512000)"
CacheHeader On
CONF
    expect_outage($s);
    utime time, time - 86400, $s->docroot . '/a.txt';
    my $hit = sub {
        my ($origin) = @_;
        my $res = $s->request('GET /a.txt', { Origin => $origin });
        return join ' ', $res->field('X-Cache') =~ /^(\w+)/,
            $res->field('Access-Control-Allow-Origin') // 'refused';
    };
    my $holds = sub {
        my ($text, @pairs) = @_;
        my @wrong;
        while (my ($origin, $expected) = splice @pairs, 0, 2) {
            my $is = $hit->($origin);
            push @wrong, "$origin: $is, expected $expected"
                if $is ne $expected;
        }
        promise(!@wrong, "mod_cache: $text", @wrong);
    };
    my $some = 'https://some.example';
    $db->sql("DELETE FROM origins; INSERT INTO origins VALUES ('$app'), "
        . "('$some')");
    $holds->('allowed is kept', $app => "MISS $app", $app => "HIT $app");
    $holds->('refused is kept', $evil => 'MISS refused',
        $evil => 'HIT refused');
    $db->stop;
    $holds->('no answer is not kept', map { ($some => 'MISS refused') } 1 .. 3);
    $db->start;
    becomes('mod_cache: so it is asked for again', $s, $some, 'allowed',
        $PAUSE);
    $holds->('and the answer is kept then', $some => "HIT $some");
    $holds->('as all the others', $app => "HIT $app", $evil => 'HIT refused');
}

CorsTest::finish();
