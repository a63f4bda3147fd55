# PostgreSQL dies, and hangs, under load: no origin is allowed that is not in
# the table, no request waits for long, what is known stays known, and when the
# database is back, so are all of its origins.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use CorsTest;
use CorsTest::Fleet qw(database machine load trial aftermath
                       $TIMEOUT $ALLOWANCE $PAUSE);
use CorsTest::Process qw(wait_until);
use CorsTest::Redis;
use Test::More;
use Time::HiRes qw(sleep time);

my $began = time;
my $db    = database();
my $redis = CorsTest::Redis->start;
my @machines = (
    machine($db, 'shmcb', 'shmcb', ttl => 600),
    machine($db, 'redis', 'redis:127.0.0.1:' . $redis->port, ttl => 600),
);
for my $s (@machines) {
    $s->expect_log(
        qr/cors:error.*CorsAllowOriginSource 'dbd:cors' .* cannot answer: /,
        qr/cors:notice.*CorsAllowOriginSource 'dbd:cors' .* answers again/);
}

# What is known: five origins that are listed, and five that are not.
for my $s (@machines) {
    for my $n (1 .. 5) {
        $s->request('GET /a.txt', { Origin => "https://$_$n.example" })
            for qw(a b);
    }
}

# ---------------------------------------------------------------------------
# Under load
# ---------------------------------------------------------------------------

my @loads = map { load($_, 4) } @machines;
my @known = (known => 1, back_in => $PAUSE + $TIMEOUT);
trial('PostgreSQL is killed', \@loads, @known, for => 1,
    hurt => sub { $db->kill9 }, heal => sub { $db->start });
trial('PostgreSQL hangs until it is killed', \@loads, @known,
    for => $TIMEOUT + 1,
    hurt => sub { $db->pause }, heal => sub { $db->kill9; $db->start });
aftermath($machines[$_], $loads[$_], time - $began) for 0 .. $#machines;

# ---------------------------------------------------------------------------
# More ask at once than there are helpers
# ---------------------------------------------------------------------------

sub seconds_of {
    my ($s, $origin) = @_;
    my $start = time;
    my $res = $s->request('GET /a.txt', { Origin => $origin });
    return (time - $start, $res->field('Access-Control-Allow-Origin'));
}

$db->pause;
for my $s (@machines) {
    my @asked = map { $s->connect } 1 .. 12;
    for my $n (0 .. $#asked) {
        $asked[$n]->write("GET /a.txt HTTP/1.1\r\nHost: localhost\r\n"
            . "Connection: close\r\n"
            . "Origin: https://a@{[ 21_000 + $n ]}.example\r\n\r\n");
    }
    my @granted = grep { $_->field('Access-Control-Allow-Origin') }
        map { $_->response('GET', '') } @asked;
    promise(!@granted, "$s->{name}: a dozen at once are refused");
    my @wrong;
    for my $turn (1 .. 10) {
        my ($took, $acao) = seconds_of($s, 'https://a1.example');
        push @wrong, sprintf '%s after %.2f s', $acao // 'refused', $took
            if !defined $acao || $took > $TIMEOUT + $ALLOWANCE;
    }
    promise(!@wrong, "$s->{name}: those who are known are not, all the while",
        @wrong);
}

# ---------------------------------------------------------------------------
# A restart while it hangs, and an end
# ---------------------------------------------------------------------------

{
    my $s     = $machines[1];
    my $start = time;
    # Under prefork, the old and the new are many for a moment.
    $s->tolerate_log(qr/AH00161: server reached MaxRequestWorkers/);
    $s->restart;
    promise(time - $start < $TIMEOUT + $ALLOWANCE,
        'a graceful restart ends the old children');
    my ($took, $acao) = seconds_of($s, 'https://a1.example');
    promise($took < $TIMEOUT + $ALLOWANCE
        && ($acao // '') eq 'https://a1.example',
        'the new ones serve, and know what others have kept',
        sprintf '%s after %.2f s', $acao // 'refused', $took);

    $db->resume;
    my $n = 22_000;
    my $is_back = wait_until(sub {
        my $origin = 'https://a' . $n++ . '.example';
        my (undef, $acao) = seconds_of($s, $origin);
        return ($acao // '') eq $origin;
    }, $PAUSE + $TIMEOUT + $ALLOWANCE, 0.1);
    promise($is_back, 'and the database, when it is back');
    $db->pause;
    seconds_of($s, 'https://a23000.example');
}

# It stops them, and reads their error logs.
CorsTest::finish();
