package Bench::Load;

# Requests a second under load: one core for the server, where there are two
# another one for the load. Neighbours and the weather of the machine show in
# it, so nothing is held.
#
#     t/bench/run load

use strict;
use warnings;

use POSIX       qw(sysconf _SC_CLK_TCK);
use Time::HiRes qw(sleep);

use Bench::Nginx;
use Bench::Policy qw(origins policy recipe);
use Bench::Request;
use Bench::Row    qw(thousands);
use Bench::Server qw(bare with_cors with_recipe);

my $ROUNDS      = 5;
my $SECONDS     = 1;                    # wrk takes whole ones
my $CONNECTIONS = 16;

# What others may have of a core while a figure is taken, and how many seconds
# we wait in all for them to finish: some machines are never quiet.
my $QUIET    = 0.1;
my $patience = 240;

my ($taken, $disturbed) = (0, 0);

my ($LISTED) = origins(1);
my %REQUESTS = (
    'GET allowed'       => Bench::Request->get($LISTED),
    'preflight allowed' => Bench::Request->preflight($LISTED),
);

# At least so much of what they serve.
my %TARGETS = ('preflight allowed' => { recipe => 1.05, nginx => 0.34 });

# A process for each connection from the first second.
my $PREFORK = "StartServers $CONNECTIONS\nMinSpareServers $CONNECTIONS\n"
    . 'MaxSpareServers ' . 2 * $CONNECTIONS . "\n";

sub rows {
    my ($server_core, $load_core) = _cores();
    my %servers = _start($server_core);
    my %rates;
    for my $round (0 .. $ROUNDS) {
        for my $who (_rotated($round, sort keys %servers)) {
            for my $what (sort keys %REQUESTS) {
                my $rate = _load($load_core, $servers{$who}, $what);
                # At first nothing is warm.
                push @{ $rates{$what}{$who} }, $rate if $round > 0;
            }
        }
    }
    $_->stop for values %servers;
    my @rows;
    for my $what (sort keys %REQUESTS) {
        my %rate = map { $_ => _median(@{ $rates{$what}{$_} }) } keys %servers;
        push @rows, map { _compared($what, $_, %rate) } qw(event prefork);
    }
    return @rows, { what  => 'figures taken while others were at work',
                    value => $disturbed, text => "$disturbed of $taken" };
}

# One below the other: ours against each of the others.
sub _compared {
    my ($what, $mpm, %rate) = @_;
    my $ours = $rate{"$mpm mod_cors"};
    my @rows;
    for my $who (qw(bare recipe nginx)) {
        my $theirs = $rate{"$mpm $who"} || $rate{$who} or next;
        push @rows, {
            what     => "requests a second: $what, $mpm",
            value    => $ours / $theirs,
            text     => sprintf('%.2f of %s (%s : %s)', $ours / $theirs, $who,
                                thousands($ours), thousands($theirs)),
            at_least => $TARGETS{$what}{$who},
        };
    }
    return @rows;
}

# By name, and known to answer well. nginx may be missing.
sub _start {
    my ($core) = @_;
    my @under = (under => [ _on($core) ]);
    my %contenders;
    for my $mpm (qw(event prefork)) {
        my $more = $mpm eq 'prefork' ? $PREFORK : '';
        my @more = (mpm => $mpm, @under);
        $contenders{"$mpm bare"} = bare(conf => $more, @more);
        $contenders{"$mpm recipe"}
            = with_recipe($more . recipe($LISTED), @more);
        $contenders{"$mpm mod_cors"}
            = with_cors($more . policy($LISTED), @more);
    }
    my %servers = map { $_ => Bench::Server->start($contenders{$_}) }
        keys %contenders;
    $servers{nginx} = Bench::Nginx->start(Bench::Nginx::with_map($LISTED,
                                                                 @under))
        if Bench::Nginx->is_there;
    for my $who (keys %servers) {
        my $should = $who =~ /bare$/ ? 'bare' : 'allowed';
        $_->insist($servers{$who}, $servers{$who}->ask($_), $should)
            for values %REQUESTS;
    }
    return %servers;
}

# Requests a second. Taken again if others were at work meanwhile; in the end
# the figure counts that was disturbed least.
sub _load {
    my ($core, $server, $what) = @_;
    my ($best, $least);
    for my $try (1 .. 4) {
        _wait_for_quiet($server);
        my $began  = _seconds_of_others($server);
        my $rate   = _wrk($core, $server, $REQUESTS{$what});
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
    my ($core, $server, $request) = @_;
    my $script = $server->root . '/method.lua';
    open my $out, '>', $script or die "$script: $!\n";
    print $out 'wrk.method = "', $request->method, qq("\n);
    close $out or die "$script: $!\n";

    my @fields = $request->fields;
    my @headers;
    while (my ($name, $value) = splice @fields, 0, 2) {
        push @headers, '-H', "$name: $value";
    }
    open my $wrk, '-|', _on($core), 'wrk', '-t1', "-c$CONNECTIONS",
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

# What others than this server and we have had of all cores so far, in seconds.
sub _seconds_of_others {
    my ($server) = @_;
    my (undef, @all) = split ' ', _first_line('/proc/stat');
    my $busy = 0;
    $busy += $_ for @all[0, 1, 2, 7];           # user, nice, system, stolen
    for my $pid ($server->pid,
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

sub _median {
    my @sorted = sort { $a <=> $b } @_;
    return ($sorted[ $#sorted / 2 ] + $sorted[ @sorted / 2 ]) / 2;
}

1;
