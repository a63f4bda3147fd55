package Bench::Sources;

# What an allowed and a refused GET cost where the origins are not in
# httpd.conf, beside a list of one there. Above all: what an answer of a
# database costs that is in the cache. The last rows are what people write
# without the module: RewriteMap, with Header lines.
#
#     t/bench/run sources
#
# The threads that ask are in the counts, which repeat within 0.2 % all the
# same.
#
# Instructions do not show what waits: for that see Bench::Waiting.

use strict;
use warnings;

use Bench::Callgrind qw(count);
use Bench::Policy    qw(origins policy $STRANGER);
use Bench::Request;
use Bench::Row       qw(ratio);
use Bench::Server    qw(with_cors);
use Bench::Source    qw(from_file from_dbm from_dbd map_to_dbm map_to_dbd);

my @MANY = origins(100_000);

my $LIST = with_cors(policy(origins(1)));
my $DBM  = from_dbm(scalar @MANY);
my $DBD  = from_dbd(scalar @MANY);

# By the answer: one origin that asks again and again, and origins that have
# not asked before, as many as there are requests of the bench.
my %ONE = (
    allowed => Bench::Request->get(origins(1)),
    refused => Bench::Request->get($STRANGER),
);
my %SAME = (
    allowed => Bench::Request->get($MANY[-1]),
    refused => $ONE{refused},
);
my %NEW = (
    allowed => Bench::Request->crowd(@MANY[0 .. 1_999]),
    refused => Bench::Request->crowd(
        map { "https://u$_.stranger.example" } 1 .. 2_000),
);

# What, the contender, its requests, and what it may be of a list of one.
my @KINDS = (
    [ 'list of 100,000',          with_cors(policy(@MANY)),     \%SAME ],
    [ 'file: of 1',               from_file(1),                 \%ONE ],
    [ 'file: of 100,000',         from_file(scalar @MANY),      \%SAME, 1.045 ],
    [ 'dbd: kept in shmcb',       $DBD,                         \%SAME, 1.105 ],
    [ 'dbm: kept in shmcb',       $DBM,                         \%SAME ],
    [ 'dbd: asked each time',     $DBD,                         \%NEW ],
    [ 'dbm: asked each time',     $DBM,                         \%NEW ],
    [ 'recipe, RewriteMap dbm:',  map_to_dbm(scalar @MANY),     \%SAME ],
    [ 'recipe, fastdbd:',         map_to_dbd('fastdbd', scalar @MANY),
      \%SAME ],
    [ 'recipe, dbd:',             map_to_dbd('dbd', scalar @MANY), \%SAME ],
);

# With true, only rows that are held.
sub rows {
    my ($held_only) = @_;
    my @kinds   = grep { !$held_only || defined $_->[3] } @KINDS;
    my @answers = sort keys %ONE;
    my @counted = count({}, map { my ($contender, $requests) = @$_;
                                  map { [ $contender, $requests->{$_}, $_ ] }
                                      @answers
                                } [ $LIST, \%ONE ], map { [ @$_[1, 2] ] }
                                                     @kinds);
    my %list;
    @list{@answers} = splice @counted, 0, scalar @answers;
    my %rows;
    for my $kind (@kinds) {
        my ($what, $most) = @$kind[0, 3];
        push @{ $rows{$_} },
            ratio("GET $_, $what", shift @counted, $list{$_}, 'a list of 1',
                  target => $most, held => $most) for @answers;
    }
    return map { @{ $rows{$_} } } @answers;
}

1;
