package CorsTest::Fleet;

# Machines that take their origins from a PostgreSQL and share a cache, and
# what may be expected of them while one of these is away.
#
#     use CorsTest::Fleet qw(database machine trial);
#
#     my $db = database();                    # with origins in it
#     my $s  = machine($db, 'one', 'shmcb', ttl => 60);
#     my @loads = map { load($_, 4) } $s;
#     trial('PostgreSQL is killed', \@loads,
#         hurt => sub { $db->kill9 }, heal => sub { $db->start },
#         for => 2, back_in => 2);

use strict;
use warnings;

use Exporter    qw(import);
use Test::More;
use Time::HiRes qw(sleep time);

use CorsTest;
use CorsTest::Load;
use CorsTest::Postgres;
use CorsTest::Process qw(wait_until $PATIENCE);

our @EXPORT_OK = qw(database machine load trial aftermath $TIMEOUT $ALLOWANCE
                    $PAUSE);

# What CorsSourceTimeout says, and what a slow machine may add to any limit.
our $TIMEOUT   = $ENV{CORS_VALGRIND} ? 3 : 1;
our $ALLOWANCE = $PATIENCE / 6;

# How long what has failed is left alone, in seconds.
our $PAUSE = 2;

# What load() asks for, and what it leaves to the test.
my $MANY = 20_000;
my $LEFT = 5_000;

# A database, with listed origins: https://a1.example and so on.
sub database {
    my $db   = CorsTest::Postgres->start;
    my $last = 5 + $MANY + $LEFT;
    $db->sql(<<"SQL");
CREATE TABLE origins (origin text PRIMARY KEY);
CREATE TABLE partners (origin text PRIMARY KEY);
INSERT INTO origins
    SELECT 'https://a' || n || '.example' FROM generate_series(1, $last) n;
SQL
    return $db;
}

# Connections that Redis and memcached have closed by dying are thrown away
# when they have been idle for so long; httpd's own value is 15 s.
my %forgets = (
    redis    => 'RedisConnPoolTTL 1',
    memcache => 'MemcacheConnTTL 1',
    shmcb    => '',
);

# A server. Its cache is a value of CorsSourceCache; options are ttl and
# timeout (in seconds), and modules and conf as CorsTest->start has them. With
# a DBDMin of one, httpd's own, a child would not serve anybody before it is
# connected.
sub machine {
    my ($db, $name, $cache, %more) = @_;
    my ($kind)  = $cache =~ /^(\w+)/;
    my $timeout = $more{timeout} // $TIMEOUT;
    my $s = CorsTest->start(
        name    => $name,
        modules => [ 'dbd', "socache_$kind", @{ $more{modules} || [] } ],
        files   => { 'htdocs/a.txt' => "hi\n" },
        conf    => <<"CONF" . ($more{conf} // ''));
LogFormat "%{X-Row}i %{CORS_RESULT}e %{Origin}i" cors
CustomLog "\@ROOT\@/access.log" cors
DBDriver pgsql
DBDParams "@{[ $db->params ]}"
DBDMin 0
DBDPrepareSQL "SELECT 1 FROM origins WHERE origin = %s" cors
DBDPrepareSQL "SELECT 1 FROM partners WHERE origin = %s" partners
CorsSourceCache $cache $more{ttl}
$forgets{$kind}
CorsSourceTimeout $timeout
CorsAllowOriginSource dbd:cors
<Location "/partners">
    CorsAllowOriginSource dbd:partners
</Location>
CONF
    # What httpd's own modules say of a database or a cache that is away.
    $s->tolerate_log(qr/\[dbd:|\[socache_\w+:/);
    return $s;
}

# Clients of it, with four kinds of origins: listed or not, and asked again and
# again or new each time.
sub load {
    my ($s, $clients) = @_;
    return CorsTest::Load->start($s, $clients,
        known    => sub { 'https://a' . (1 + int rand 5) . '.example' },
        new      => sub { 'https://a' . (6 + int rand $MANY) . '.example' },
        stranger => sub { 'https://b' . (1 + int rand 5) . '.example' },
        nobody   => sub { 'https://c' . int(rand 1e9) . '.example' });
}

sub is_listed { return $_[0]{kind} =~ /^(?:known|new)$/ }
sub is_right {
    return $_[0]{verdict} eq (is_listed($_[0]) ? 'allowed' : 'refused');
}

# Hurts something under load, and heals it. Options:
#   hurt, heal  code
#   for         seconds between the two
#   back_in     seconds within which all is right again
#   known       true: meanwhile all that was known is
#   meanwhile   code that runs before it is healed
sub trial {
    my ($what, $loads, %is) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $window  = $PATIENCE / 60;
    my $answers = sub { map { $_->answers(@_) } @$loads };

    # All is right before, once everybody is there.
    my (@before, @wrong);
    my $calm = time;
    wait_until(sub {
        sleep $window;
        @before = $answers->($calm);
        @wrong  = grep { !is_right($_) } @before;
        $calm   = time if @wrong;
        return @before && !@wrong;
    });
    promise(@before && !@wrong, "$what: before that, all is right",
        words(@wrong));

    my $start = time;
    $is{hurt}->();
    my $hurt = time;
    sleep $is{for};
    $is{meanwhile}->() if $is{meanwhile};
    my $end = time;
    $is{heal}->();

    my $healed = time;
    my $is_back = wait_until(sub {
        my @last = $answers->(time - $window);
        return @last >= 5 && !grep { !is_right($_) } @last;
    }, $is{back_in} + $ALLOWANCE, 0.05);
    my @last = $answers->(time - $window);
    promise($is_back, "$what: all is right again in time",
        words(grep { !is_right($_) } @last));
    note(sprintf '%s: back after %.1f s', $what, time - $healed);

    my @all = $answers->($calm);
    @wrong = grep { $_->{verdict} !~ /^(?:allowed|refused)$/ } @all;
    promise(!@wrong, "$what: each is granted or refused", words(@wrong));
    @wrong = grep { !is_listed($_) && $_->{verdict} eq 'allowed' } @all;
    promise(!@wrong, "$what: nobody is allowed who is not listed",
        words(@wrong));
    my ($longest) = sort { $b->{took} <=> $a->{took} } @all;
    promise($longest->{took} < $TIMEOUT + $ALLOWANCE,
        "$what: nobody waits for long", words($longest));
    note("$what: ", words($longest));

    my @meanwhile = $answers->($hurt, $end);
    promise((grep { $_->{kind} eq 'new' && $_->{verdict} eq 'refused' }
        @meanwhile), "$what: those whom nobody knows are refused");
    if ($is{known}) {
        @wrong = grep { $_->{kind} eq 'known' && !is_right($_) } @meanwhile;
        promise(!@wrong, "$what: those who are known are not",
            scalar(@wrong) . ' of ' . @meanwhile, words(@wrong));
    }
}

# What the logs of a machine say of all trials, which ends the load.
sub aftermath {
    my ($s, $load, $seconds) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    $load->stop;
    my $name = $s->{name};

    my (%count, @wrong);
    for my $line (split /\n/, $s->read_file('access.log')) {
        my ($result, $letter) = $line =~ m{^\S+ (\S+) https://([abc])\d};
        next if !defined $letter;
        $count{$result}++;
        push @wrong, $line
            if $result ne ($letter eq 'a' ? 'allowed' : 'denied-origin')
                && $result ne 'source-error';
    }
    promise(!@wrong, "$name: CORS_RESULT is right, or source-error",
        @wrong[ 0 .. ($#wrong < 9 ? $#wrong : 9) ]);
    promise($count{allowed} && $count{'denied-origin'}
        && $count{'source-error'}, "$name: it is all of them");

    # An error line a minute, child and thing.
    my %told;
    for ($s->log_lines(qr/ cannot answer: /)) {
        my ($pid, $of) = /\[pid (\d+).*(CorsAllowOriginSource|CorsSourceCache)/
            or next;
        $told{"$of, child $pid"}++;
    }
    @wrong = grep { $told{$_} > 1 + $seconds / 60 } sort keys %told;
    promise(!@wrong, "$name: the log hears of it once a minute",
        map { "$_: $told{$_} lines" } @wrong);
    note("$name: $told{$_} lines: $_") for sort keys %told;
    # httpd's own modules have theirs, when something is tried.
    my %other;
    for ($s->log_lines(qr/\[(?:dbd|socache_\w+):/)) {
        my ($module, $level, $pid) = /\[(\w+):(\w+)\] \[pid (\d+)/;
        $other{"$module:$level, child $pid"}++;
    }
    @wrong = grep { $other{$_} > 20 + 2 * $seconds } sort keys %other;
    promise(!@wrong, "$name: nor does httpd log each request",
        map { "$_: $other{$_} lines" } @wrong);
    note("$name: $other{$_} lines: $_") for sort keys %other;
}

# Not thousands.
sub words {
    my (@answers) = @_;
    my $more = @answers - 5;
    return map({ CorsTest::Load::in_words($_) }
            @answers[ 0 .. ($more > 0 ? 4 : $#answers) ]),
        $more > 0 ? "and $more more" : ();
}

1;
