package Bench::Waiting;

# What instructions do not show where the origins are not in httpd.conf: the
# wait for a database and for a cache in the network, with the way to the thread
# that asks them and back; and the time until a changed file is in force.
#
#     t/bench/run waiting
#
# Times are of the machine and of the moment, so nothing is held. Redis and
# memcached are measured where they are installed.

use strict;
use warnings;

use List::Util qw(max);

use Bench::Cache;
use Bench::Policy  qw(origins policy $STRANGER);
use Bench::Request;
use Bench::Server  qw(with_cors);
use Bench::Source  qw(from_dbd map_to_dbm map_to_dbd);
use Bench::Swap;
use Bench::Wrk     qw(on_core on_load_core rates $CONNECTIONS);

my $ROUNDS = 3;
my @MANY   = origins(100_000);

my %REQUESTS = (
    'GET, one origin'  => [ Bench::Request->get($MANY[-1]), 'allowed' ],
    'GET, new origins' => [ Bench::Request->crowd($STRANGER), 'refused' ],
);

my $LIST = 'a list';

sub rows {
    my @caches = map { Bench::Cache->start($_, @{ on_load_core() }) }
        grep { Bench::Cache->is_there($_) } qw(redis memcache);
    my ($names, %servers) = _start(@caches);
    my @beside = map { $_->pid } @caches;
    my @rows = map { _rows_of($names, \%servers, \@beside, @$_) }
        [ 1, sort keys %REQUESTS ], [ $CONNECTIONS, 'GET, one origin' ];
    _insist($_) for values %servers;
    $_->stop for values %servers, @caches;
    my $missing = join ', ', grep { !Bench::Cache->is_there($_) }
        qw(redis memcache);
    push @rows, { what => 'not measured', value => 0,
                  text => "$missing: not installed" } if $missing;
    return (@rows, Bench::Swap::rows());
}

# Names in the order of the table, and what they are the names of. All answer
# well.
sub _start {
    my (@caches) = @_;
    my @more = (mpm => 'event', under => on_core());
    my $count = @MANY;
    my @contenders = (
        [ $LIST => with_cors(policy($MANY[-1]), @more) ],
        map({ my ($provider) = split /:/, $_;
              [ "dbd: kept in $provider", from_dbd($count, $_, @more) ]
        } 'shmcb', map { $_->socache } @caches),
        [ 'recipe, dbm:' => map_to_dbm($count, @more) ],
        [ 'recipe, dbd:' => map_to_dbd('dbd', $count, @more) ],
    );
    my @names   = map { $_->[0] } @contenders;
    my %servers = map { $_->[0] => Bench::Server->start($_->[1]) } @contenders;
    _insist($_) for values %servers;
    return (\@names, %servers);
}

# It answers well, and none of its sources has failed.
sub _insist {
    my ($server) = @_;
    for my $kind (sort keys %REQUESTS) {
        my ($request, $should) = @{ $REQUESTS{$kind} };
        $request->insist($server, $server->ask($request), $should);
    }
    $server->insist_all_answered;
}

# With so many connections, each of which waits for its answer. The best of the
# rounds counts: what else is at work makes a figure only worse.
sub _rows_of {
    my ($names, $servers, $beside, $connections, @what) = @_;
    my %rates = rates({ rounds => $ROUNDS, connections => $connections,
                        beside => $beside }, $servers,
                      { map { $_ => $REQUESTS{$_}[0] } @what });
    my @rows;
    for my $what (@what) {
        my %us = map { $_ => 1e6 / max(@{ $rates{$what}{$_} }) } @$names;
        push @rows, map { {
            what  => "$what, $_, $connections at once",
            value => $us{$_} / $us{$LIST},
            text  => sprintf('%.2f of %s (%.0f us : %.0f)',
                             $us{$_} / $us{$LIST}, $LIST, $us{$_},
                             $us{$LIST}),
        } } grep { $_ ne $LIST } @$names;
    }
    return @rows;
}

1;
