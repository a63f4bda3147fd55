# Redis and memcached die, and hang, under load: no origin is allowed that is
# not in the table, no request waits for long, the database is not run over by
# what the cache would have known, and when the cache is back, so is all else.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use CorsTest;
use CorsTest::Fleet qw(database machine load trial aftermath $TIMEOUT $PAUSE);
use CorsTest::Memcached;
use CorsTest::Redis;
use Test::More;
use Time::HiRes qw(sleep time);

my $began = time;
my $db    = database();
my %store = (
    redis    => CorsTest::Redis->start,
    memcache => CorsTest::Memcached->start,
);
my @kinds    = sort keys %store;
my @machines = map {
    machine($db, $_, "$_:127.0.0.1:" . $store{$_}->port, ttl => 60)
} @kinds;
for my $s (@machines) {
    $s->expect_log(
        qr/cors:error.*CorsSourceCache '\w+:127\S+' cannot answer: /,
        qr/cors:notice.*CorsSourceCache '\w+:127\S+' answers again/);
    # A cache that is slow may leave it too little.
    $s->tolerate_log(qr/cors:error.*'dbd:cors' .* within CorsSourceTimeout, /);
}

# What httpd's modules for them need until they try again.
my $theirs = 5;

my @loads = map { load($_, 4) } @machines;
my @away  = (for => $TIMEOUT + 1.5, back_in => $theirs + $PAUSE + $TIMEOUT,
    meanwhile => \&asks_nothing);

# Without a cache nobody asks the database.
sub asks_nothing {
    $db->asked;
    sleep 0.5;
    my @asked = $db->asked;
    promise(!@asked, 'meanwhile the database is left in peace',
        scalar(@asked) . ' questions');
}

trial('Redis and memcached are killed', \@loads, @away,
    hurt => sub { $_->kill9 for values %store },
    heal => sub { $_->start for values %store });
trial('Redis and memcached hang', \@loads, @away,
    hurt => sub { $_->pause for values %store },
    heal => sub { $_->resume for values %store });
aftermath($machines[$_], $loads[$_], time - $began) for 0 .. $#machines;

CorsTest::finish();
