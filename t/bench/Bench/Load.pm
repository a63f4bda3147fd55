package Bench::Load;

# Requests a second under load: one core for the server, where there are two
# another one for the load. Neighbours and the weather of the machine show in
# it, so nothing is held.
#
#     t/bench/run load

use strict;
use warnings;

use Bench::Nginx;
use Bench::Policy qw(origins policy recipe);
use Bench::Request;
use Bench::Row    qw(thousands);
use Bench::Server qw(bare with_cors with_recipe);
use Bench::Wrk    qw(on_core rates median disturbed $CONNECTIONS);

my $ROUNDS = 5;

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
    my %servers = _start();
    my %rates   = rates({ rounds => $ROUNDS }, \%servers, \%REQUESTS);
    $_->stop for values %servers;
    my @rows;
    for my $what (sort keys %REQUESTS) {
        my %rate = map { $_ => median(@{ $rates{$what}{$_} }) } keys %servers;
        push @rows, map { _compared($what, $_, %rate) } qw(event prefork);
    }
    my ($disturbed, $taken) = disturbed();
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
    my @under = (under => on_core());
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

1;
