# CorsStatistics and the processes that count: several at once, those that
# restarts end and begin, and those that are killed lose nothing and add
# nothing.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use CorsTest::Counters;
use CorsTest::Process qw(wait_until);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep);

my $app  = 'https://app.example.com';
my $evil = 'https://evil.example';

# At least two, and up to three, processes, and so six slots.
my $SLOTS = 6;
my $three = "StartServers 2\nServerLimit 3\n"
    . (($ENV{CORS_MPM} || '') eq 'prefork'
       ? "MinSpareServers 2\nMaxSpareServers 3\nMaxRequestWorkers 3\n"
       : "ThreadsPerChild 2\nMinSpareThreads 3\nMaxSpareThreads 6\n"
       . "MaxRequestWorkers 6\n");

my $s = CorsTest->start(
    modules   => ['status'],
    log_level => 'info cors:debug',
    files     => { 'htdocs/a.txt' => "hi\n", 'statistics.conf' => '' },
    conf      => $three . $STATUS_PAGE . <<"CONF");
CorsAllowOrigin $app
Include "\@ROOT\@/statistics.conf"
LogFormat "%P %{X-Client}i" process
CustomLog "\@ROOT\@/access.log" process
CONF
# Old children take the places of new ones.
$s->tolerate_log(qr/AH\d+: (?#
    )(?:server is within Min|server reached MaxR|scoreboard is full)/);

# Tells httpd to restart, and waits until it has, but not for old children.
sub restart_by {
    my ($signal) = @_;
    my $ready = qr/resuming normal operations/;
    my $times = $s->log_lines($ready);
    kill $signal => $s->pid;
    wait_until(sub { $s->log_lines($ready) > $times })
        or die "no restart by $signal\n";
}

# The processes that have served this client.
sub served {
    my ($client) = @_;
    my $log  = $s->read_file('access.log', qr/^\d+ $client$/m);
    my %pids = map { $_ => 1 } $log =~ /^(\d+) $client$/mg;
    return sort keys %pids;
}

sub switch {
    my ($word) = @_;
    $s->write_file('statistics.conf', "CorsStatistics $word\n");
    $s->restart;
}

# Three requests, and the counters that they move, one by one. Returns whether
# they were answered well.
my @MOVE = qw(ActualAllowed ActualDenied DeniedOrigin PreflightAllowed);

sub ask {
    my ($client) = @_;
    my @answers = (
        answer('GET /a.txt',
               { Origin => $app, 'X-Client' => $client // 'other' }),
        answer('GET /a.txt', { Origin => $evil }),
        answer('OPTIONS /a.txt', preflight($app, 'GET')),
    );
    return join(' ', map { $_->status } @answers) eq '200 200 204';
}

# httpd may close a connection without a word when it restarts, without this
# module too. A browser sends such a request again.
my $resent = 0;

sub answer {
    my (@request) = @_;
    my $res = $s->request(@request);
    return $res if $res->status;
    $resent++;
    return $s->request(@request);
}

# That what has moved since these was moved so often by ask(). Of requests that
# were lost on their way nobody knows whether they were counted.
sub promise_moved {
    my ($times, $before, $text, $lost) = (@_, 0);
    my $moved  = moved($s, %$before);
    my $should = each_by($times, $times ? @MOVE : ());
    my @wrong  = grep {
        my ($is, $must) = ($moved->{$_} // 0, $should->{$_} // 0);
        $is < $must || $is > $must + ($must ? $lost : 0);
    } keys %{ { %$moved, %$should } };
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    promise(!@wrong, $text, 'moved: ' . in_words($moved)
        . ", each should by $times", "lost: $lost");
}

# What each process said of its slot: the number, and if it is not alone; that
# of these, if some are named.
sub slots {
    my %wanted = map { $_ => 1 } @_;
    my $slot = qr/this process counts in (slot \d+) of $SLOTS(.*)/;
    return map { join '', /$slot/ }
        grep { !@_ || /\[pid (\d+)/ && $wanted{$1} } $s->log_lines($slot);
}

# ---------------------------------------------------------------------------
# Load
# ---------------------------------------------------------------------------

my $enough = $s->root . '/scratch/enough';

# Clients that ask until it is enough, or this program has ended.
sub load {
    my ($count) = @_;
    my $parent  = $$;
    unlink $enough;
    return [ map {
        my $pid = open(my $from, '-|') // die "fork: $!\n";
        if (!$pid) {
            my ($well, $ill) = (0, 0);
            $resent = 0;
            until (-e $enough || getppid != $parent) {
                (eval { ask('load') } ? $well : $ill)++;
            }
            syswrite STDOUT, "$well $ill $resent\n";
            POSIX::_exit(0);
        }
        $from;
    } 1 .. $count ];
}

# Ends it, and promises that all was counted.
sub promise_all_counted {
    my ($load, $before, $text) = @_;
    my ($times, $failed, $lost) = (0, 0, 0);
    open my $out, '>', $enough or die "$enough: $!\n";
    for my $from (@$load) {
        my ($well, $ill, $again) = split ' ', <$from>;
        $times  += $well;
        $failed += $ill;
        $lost   += $again;
    }
    close $_ for @$load;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    promise($times && !$failed && $lost <= $times / 50,
        "$text: all were answered",
        "$times times, $failed times not, $lost lost");
    note("$text: $lost lost") if $lost;
    promise_moved($times, $before, "$text: all were counted, once", $lost);
}

# ---------------------------------------------------------------------------
# Restarts
# ---------------------------------------------------------------------------

ask();
switch('On');
my %before = counters($s);
promise(keys %before == @COUNTERS && !grep({ $_ } values %before),
    'turned on by a graceful restart, all are 0', in_words(\%before));
ask();
promise_moved(1, \%before, 'and then count');

# HUP ends all at once, and the module is loaded anew.
%before = counters($s);
restart_by('HUP');
promise_moved(0, \%before, 'HUP keeps all');
ask();
promise_moved(1, \%before, 'and counts go on');
my @new = sort +(slots($s->_children));
my $old = () = slots();
$old -= @new;
promise($old > 0 && $new[0] =~ /^slot [1-$old]$/,
    'in slots that have been given back', "$old have ended; new:", @new);

# More clients than one process has threads.
%before = counters($s);
my $load = load(4);
my $are_two = wait_until(sub { (() = served('load')) >= 2 });
sleep 0.3;
promise_all_counted($load, \%before, 'several processes');
promise($are_two, 'there were several', served('load'));

%before = counters($s);
$load = load(3);
for my $times (1, 2) {
    $s->restart;
    sleep 0.2;
}
promise_all_counted($load, \%before, 'graceful restarts under load');

# One child is in the midst of a request when it is asked to end.
%before = counters($s);
my %old  = map { $_ => 1 } $s->_children;
my $late = $s->connect;
$late->write("GET /a.txt HTTP/1.1\r\nHost: localhost\r\nX-Client: late\r\n");
sleep 0.3;
restart_by('USR1');
ask();
$late->write("Origin: $app\r\nConnection: close\r\n\r\n");
my $res   = $late->response('GET', '');
my $moved = moved($s, %before);
my $both  = each_by(1, @MOVE);
$both->{CorsActualAllowed}++;
promise($res && $res->status == 200 && in_words($moved) eq in_words($both),
    'an old child counts beside new ones', in_words($moved),
    $res ? $res->transcript : 'no answer');
my ($pid) = served('late');
promise($old{$pid}, 'it was an old one', $pid, sort keys %old);

%before = counters($s);
switch('Off');
ask();
my %none = counters($s);
promise(!%none, 'turned off, it shows nothing', in_words(\%none));
switch('On');
promise_moved(0, \%before, 'turned on again, it goes on with what there was');

# ---------------------------------------------------------------------------
# Slots
# ---------------------------------------------------------------------------

my @slots = slots();
promise(@slots > $SLOTS && !grep({ !/^slot \d$/ } @slots),
    'more processes than slots: none has had to share one', @slots);

# Those of children that are killed stay theirs until no others are free.
my $killed = 0;
while ($killed <= $SLOTS) {
    %before = counters($s);
    ask();
    my $known = () = slots();
    $killed += kill KILL => $s->_children;
    wait_until(sub { (() = slots()) >= $known + 2 })
        or die "no new children\n";
    ask();
    promise_moved(2, \%before, "$killed killed: what they counted stays");
    @slots = slots();
    my %own = map { $_ => 1 } @slots[ $known, $known + 1 ];
    promise(keys %own == 2 && !grep({ !/^slot \d$/ } keys %own),
        "$killed killed: each new one has a slot of its own", sort keys %own);
}
CorsTest::finish();
