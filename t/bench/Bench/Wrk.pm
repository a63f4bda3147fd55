package Bench::Wrk;

# Requests a second under load, servers side by side: one core for them, where
# there are two another one for the load.
#
#     use Bench::Wrk qw(on_core on_load_core rates median disturbed);
#
#     my %servers = (bare => Bench::Server->start(bare(under => on_core())));
#     my %rates   = rates({ rounds => 5 }, \%servers,
#                         { get => Bench::Request->get });
#     print median(@{ $rates{get}{bare} });       # of the rounds
#     my ($some, $all) = disturbed();
#
# Requests of a crowd come with an origin that nobody has heard of, a new one
# each time.

use strict;
use warnings;

use Exporter    qw(import);
use POSIX       qw(sysconf _SC_CLK_TCK);
use Time::HiRes qw(sleep);

our @EXPORT_OK = qw(on_core on_load_core rates median disturbed
                    $CONNECTIONS);

our $CONNECTIONS = 16;
my $SECONDS = 1;                        # wrk takes whole ones

# What others may have of a core while a figure is taken, and how many seconds
# we wait in all for them to finish: some machines are never quiet.
my $QUIET    = 0.1;
my $patience = 240;

my ($taken, $disturbed, $runs) = (0, 0, 0);
my ($server_core, $load_core) = _cores();

# Processes that are at work for us, and no disturbance.
my @ours;

# What a server that is to be measured runs under, and what helps it.
sub on_core      { return [ _on($server_core) ] }
sub on_load_core { return [ _on($load_core) ] }

# How many figures were taken while others were at work, and how many in all.
sub disturbed { return ($disturbed, $taken) }

# The rates of all rounds, by request and server, both by name. Options: rounds,
# connections (default 16), and beside, pids of what the servers ask. In each
# round all have their turn.
sub rates {
    my ($option, $servers, $requests) = @_;
    my $connections = $option->{connections} || $CONNECTIONS;
    @ours = @{ $option->{beside} || [] };
    my %rates;
    for my $round (0 .. $option->{rounds}) {
        for my $who (_rotated($round, sort keys %$servers)) {
            for my $what (sort keys %$requests) {
                my $rate = _load($servers->{$who}, $requests->{$what},
                                 $connections);
                # At first nothing is warm.
                push @{ $rates{$what}{$who} }, $rate if $round > 0;
            }
        }
    }
    return %rates;
}

# Requests a second. Taken again if others were at work meanwhile; in the end
# the figure counts that was disturbed least.
sub _load {
    my ($server, $request, $connections) = @_;
    my ($best, $least);
    for my $try (1 .. 4) {
        _wait_for_quiet($server);
        my $began  = _seconds_of_others($server);
        my $rate   = _wrk($server, $request, $connections);
        my $others = (_seconds_of_others($server) - $began) / $SECONDS;
        ($best, $least) = ($rate, $others)
            if !defined $least || $others < $least;
        last if $least <= $QUIET || $patience <= 0;
        $patience -= $SECONDS;
    }
    $taken++;
    $disturbed++ if $least > $QUIET;
    return $best;
}

sub _wait_for_quiet {
    my ($server) = @_;
    my $step = 0.25;
    while ($patience > 0) {
        my $began = _seconds_of_others($server);
        sleep $step;
        return if _seconds_of_others($server) - $began <= $QUIET * $step;
        $patience -= $step;
    }
}

sub _wrk {
    my ($server, $request, $connections) = @_;
    my $script = $server->root . '/request.lua';
    open my $out, '>', $script or die "$script: $!\n";
    print $out _script($request);
    close $out or die "$script: $!\n";

    my @fields = $request->fields;
    my @headers;
    while (my ($name, $value) = splice @fields, 0, 2) {
        push @headers, '-H', "$name: $value";
    }
    open my $wrk, '-|', _on($load_core), 'wrk', '-t1', "-c$connections",
        "-d${SECONDS}s", '-s', $script, '-H', 'Host: ' . $server->host,
        @headers, 'http://127.0.0.1:' . $server->port . $server->path
        or die "wrk: $!\n";
    my $said = do { local $/; <$wrk> } // '';
    close $wrk;
    my ($rate) = $said =~ m{^Requests/sec:\s+([\d.]+)}m;
    die $server->name . ": wrk says\n$said"
        if !$rate || $said =~ /Non-2xx|Socket errors/;
    return $rate;
}

# In wrk's language; its origins are other ones in each run. The text is put
# together once, as wrk takes longer for that than a server for the answer.
sub _script {
    my ($request) = @_;
    my $script = 'wrk.method = "' . $request->method . qq("\n);
    return $script if !$request->is_crowd;
    my $run = ++$runs;
    return $script . <<"LUA";
local before, after
local visitor = 0
function init(args)
    wrk.headers["Origin"] = "https://u\@.run$run.example"
    before, after = wrk.format():match("^(.*)\@(.*)\$")
end
function request()
    visitor = visitor + 1
    return before .. visitor .. after
end
LUA
}

# What others than this server and we have had of all cores so far, in seconds.
sub _seconds_of_others {
    my ($server) = @_;
    my (undef, @all) = split ' ', _first_line('/proc/stat');
    my $busy = 0;
    $busy += $_ for @all[0, 1, 2, 7];           # user, nice, system, stolen
    for my $pid ($server->pid, @ours,
                 split ' ', _first_line('/proc/' . $server->pid . '/task/'
                                        . $server->pid . '/children')) {
        my @of = split ' ', _first_line("/proc/$pid/stat") =~ s/^.*\) //r;
        $busy -= ($of[11] // 0) + ($of[12] // 0);
    }
    $busy /= sysconf(_SC_CLK_TCK);
    $busy -= $_ for times;
    return $busy;
}

sub _first_line {
    my ($file) = @_;
    open my $in, '<', $file or return '';
    return scalar(<$in>) // '';
}

# The first two cores that we may use, or one for both, or no choice.
sub _cores {
    open my $in, '<', '/proc/self/status' or return;
    my ($list) = map { /^Cpus_allowed_list:\s*(\S+)/ ? $1 : () } <$in>;
    my @cores = map { /^(\d+)-(\d+)$/ ? $1 .. $2 : $_ }
        split /,/, $list // '';
    return @cores > 1 ? @cores[0, 1] : ();
}

sub _on { return defined $_[0] ? ('taskset', '-c', $_[0]) : () }

sub _rotated {
    my ($by, @all) = @_;
    $by %= @all;
    return @all[$by .. $#all, 0 .. $by - 1];
}

sub median {
    my @sorted = sort { $a <=> $b } @_;
    return ($sorted[ $#sorted / 2 ] + $sorted[ @sorted / 2 ]) / 2;
}

1;
