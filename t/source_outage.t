# A source that fails or hangs: it refuses, no request waits for it longer than
# CorsSourceTimeout, it is left alone for two seconds, the log has one line of
# it; and other sources, lists and what is kept go on.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use CorsTest::Outage qw(cannot_answer answers_again);
use CorsTest::Process qw(wait_until);
use CorsTest::Told;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $app  = 'https://app.example.com';
my $evil = 'https://evil.example';

# CorsSourceTimeout, and what an answer may take beyond it: a busy computer
# stops for a second now and then.
my $slow      = $ENV{CORS_VALGRIND} || $ENV{CORS_PRELOAD};
my $TIMEOUT   = $slow ? 4 : 3;
my $ALLOWANCE = $TIMEOUT * 0.7;

# How long a source that has failed is left alone.
my $PAUSE = 2;

my %told = map { $_ => CorsTest::Told->new }
    qw(fails hangs hangs2 floods well wordless);
my %source = map { $_ => $told{$_}->source } keys %told;
$source{behind} = "$source{hangs} $source{hangs2}";
$told{$_}->allow($app) for keys %told;

my $s = CorsTest->start(
    modules => [qw(headers setenvif socache_shmcb)],
    files   => { map { ("htdocs/$_/a.txt" => "hi\n") } keys %source },
    conf    => CorsTest::Told::load() . <<"CONF"
KeepAliveTimeout 60
MaxKeepAliveRequests 0
SetEnvIf Origin . asked
Header always set X-Cors %{CORS_RESULT}e env=asked
CorsSourceTimeout $TIMEOUT
CONF
        . join '', map { <<"CONF" } sort keys %source);
<Location "/$_">
    CorsAllowOriginSource $source{$_}
</Location>
CONF

# ---------------------------------------------------------------------------
# One that fails
# ---------------------------------------------------------------------------

# One connection is one process, which is what knows of a failure.
my $conn = $s->connect;

# Asks over it; returns the result and what it took.
sub ask {
    my ($url, $origin) = @_;
    my $began = time;
    my $res = $s->request("GET /$url/a.txt", { Origin => $origin },
                          conn => $conn, unexplained => 'it is timed');
    my @acao = $res->fields('Access-Control-Allow-Origin');
    return (@acao ? "allowed @acao" : $res->field('X-Cors'), time - $began);
}

my $number = 0;
sub stranger { return 'https://s' . ++$number . '.example' }

$told{fails}->fail('the disk is full');
$told{wordless}->fail('');
$s->expect_log(cannot_answer($source{fails}, 'the disk is full'),
               answers_again($source{fails}),
               cannot_answer($source{wordless}, 'it does not say why'));
my ($is) = ask('fails', $app);
promise($is eq 'source-error', 'a failure refuses', $is);
my @heard = $told{fails}->heard;
promise(@heard == 1, 'it was asked', @heard);
($is) = ask('wordless', $app);
promise($is eq 'source-error', 'so does one without a word', $is);
($is) = ask('fails', $evil);
@heard = $told{fails}->heard;
promise($is eq 'source-error' && !@heard,
    'then it is left alone, and refuses', $is, @heard);

# For as long as it fails, one request after each pause is a trial.
my $began = time;
my $wrong = 0;
while (time - $began < 2 * $PAUSE + 0.5) {
    $wrong++ if (ask('fails', stranger()))[0] ne 'source-error';
    sleep 0.05;
}
my $took = time - $began;
@heard = $told{fails}->heard;
promise($wrong == 0, 'it refuses as long as it fails', "$wrong times not");
promise(@heard >= 1 && @heard <= $took / $PAUSE + 1,
    'and is tried once after each pause', "in $took s:", @heard);
my $pattern = cannot_answer($source{fails}, 'the disk is full');
my @lines   = $s->log_lines($pattern);
promise(@lines == 1, 'the log has one line of it', @lines);

$told{fails}->fail;
my $again = wait_until(sub { (ask('fails', $app))[0] eq "allowed $app" },
                       $PAUSE + $ALLOWANCE, 0.1);
promise($again, 'when it answers again, it allows');
($is) = ask('fails', $evil);
promise($is eq 'denied-origin', 'and denies', $is);

# ---------------------------------------------------------------------------
# One that hangs
# ---------------------------------------------------------------------------

my $late = 'no answer within CorsSourceTimeout';
$s->expect_log(cannot_answer($source{hangs}, $late),
               answers_again($source{hangs}));
$s->tolerate_log(cannot_answer($source{hangs2}, $late),
                 answers_again($source{hangs2}));
$told{$_}->hang(1) for qw(hangs hangs2);

($is, $took) = ask('hangs', $app);
promise($is eq 'source-error', 'no answer in time refuses', $is);
promise($took >= $TIMEOUT * 0.95 && $took <= $TIMEOUT + $ALLOWANCE,
    'the request has waited for CorsSourceTimeout', "$took s");
($is, $took) = ask('hangs', $evil);
promise($is eq 'source-error' && $took < $TIMEOUT / 2,
    'the next one does not wait', "$is after $took s");
my @asked = $told{hangs}->heard;
promise("@asked" eq $app, 'nor ask', @asked);
($is, $took) = ask('well', $app);
promise($is eq "allowed $app" && $took < $TIMEOUT / 2,
    'another source is well', "$is after $took s");

# Both sources together take no longer; the first is left alone by now, or is
# tried again.
sleep $PAUSE;
($is, $took) = ask('behind', $app);
promise($is eq 'source-error', 'two that hang refuse', $is);
promise($took <= $TIMEOUT + $ALLOWANCE,
    'the request has waited once for both', "$took s");

$told{$_}->hang(0) for qw(hangs hangs2);
# Its late answer about the first one may be kept by now, so it is others that
# show it.
$again = wait_until(sub { (ask('hangs', stranger()))[0] eq 'denied-origin' },
                    $PAUSE + $ALLOWANCE, 0.1);
promise($again, 'when it goes on, it denies again');
($is) = ask('hangs', $app);
promise($is eq "allowed $app", 'and allows', $is);

# Several at once: requests do not queue up for one another.
sub ask_at_once {
    my ($url, $count) = @_;
    my @pids;
    for my $n (1 .. $count) {
        my $pid = fork // die "fork: $!\n";
        if (!$pid) {
            my $res = eval {
                $s->request("GET /$url/a.txt",
                            { Origin => "https://c$n.example" });
            };
            POSIX::_exit($res && $res->field('X-Cors') eq 'denied-origin'
                         ? 0 : 1);
        }
        push @pids, $pid;
    }
    return @pids;
}
$told{well}->heard;
$told{well}->hang(1);
my @pids = ask_at_once('well', 2);
my %seen;
my $both = wait_until(sub {
    $seen{$_} = 1 for $told{well}->heard;
    return keys %seen == 2;
}, $TIMEOUT);
promise($both, 'two requests ask at the same time', sort keys %seen);
$told{well}->hang(0);
my @bad = grep { waitpid $_, 0; $? } @pids;
promise(!@bad, 'and both are answered', scalar @bad);

# Whoever comes before it is known that it hangs sends a helper; once four
# hang nobody sends more. What is kept needs none.
($is) = ask('well', $app);
$s->expect_log(cannot_answer($source{floods}, $late));
$s->tolerate_log(cannot_answer($source{well}, $late),
                 map { answers_again($source{$_}) } qw(floods well));
$told{floods}->hang(1);
waitpid $_, 0 for ask_at_once('floods', 12);
@heard = $told{floods}->heard;
promise(@heard > 0 && @heard <= 12, 'a flood hangs', scalar @heard);
($is, $took) = ask('well', $app);
promise($is eq "allowed $app" && $took < $TIMEOUT / 2,
    'after it, what another source has said is known', "$is after $took s");
($is, $took) = ask('well', stranger());
promise($is eq 'denied-origin' && $took < $TIMEOUT / 2,
    'and another source is asked and answers', "$is after $took s");
sleep $PAUSE;
ask('floods', $app);
@heard = $told{floods}->heard;
# The requests of a flood are in processes of their own under prefork.
promise(@heard == (($ENV{CORS_MPM} || '') eq 'prefork' ? 1 : 0),
    'nobody is sent after them', @heard);
$told{floods}->hang(0);
$again = wait_until(sub { (ask('floods', stranger()))[0] eq 'denied-origin' },
                    $PAUSE + $ALLOWANCE, 0.1);
promise($again, 'when they are back, it answers again');
($is) = ask('well', stranger());
promise($is eq 'denied-origin', 'and so does another source', $is);

# ---------------------------------------------------------------------------
# The end of a child
# ---------------------------------------------------------------------------

# A child whose helper hangs does not stay, and so takes no place of a new one;
# the server has room for two.
$conn->close;
$told{hangs}->hang(1);
for my $times (1, 2) {
    $conn = $s->connect;
    ($is) = ask('hangs', stranger());
    $conn->close;
    promise($is eq 'source-error', "restart $times: a helper hangs", $is);
    $began = time;
    $s->restart;
    $took = time - $began;
    promise($took < 2 + $ALLOWANCE * 3, "restart $times: the child ends",
        "after $took s");
}
$conn = $s->connect;
($is) = ask('well', stranger());
promise($is eq 'denied-origin', 'after both, the server serves', $is);
$conn->close;
$told{hangs}->hang(0);
CorsTest::finish();
