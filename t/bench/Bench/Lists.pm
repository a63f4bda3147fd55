package Bench::Lists;

# What the length of the list costs: instructions for a request that asks for
# its last entry, for one that it does not have, and for a preflight.
#
#     t/bench/run lists
#     t/bench/run --svg docs/performance.svg
#
# Bench::Lists::figures() has what the picture shows.

use strict;
use warnings;

use Bench::Callgrind qw(count);
use Bench::Policy    qw(origins wildcards under_wildcard policy recipe
                        $STRANGER);
use Bench::Request;
use Bench::Row       qw(ratio thousands);
use Bench::Server    qw(bare with_cors with_recipe);

# At most so much of what one entry costs.
my $TARGET = 1.01;

my @EXACT = (1, 10, 100, 1_000, 10_000, 100_000);
my @SHORT = (1, 10, 100, 1_000, 10_000);

# Expressions cost so much that few requests tell enough.
my $FEW = 50;

# How a request is made from the length of the list.
my %EXACT = (
    'GET allowed'       => sub { _allowed('get', _last_origin(@_)) },
    'GET refused'       => sub { _refused($STRANGER) },
    'preflight allowed' => sub { _allowed('preflight', _last_origin(@_)) },
);
my %WILDCARDS = (
    'GET allowed'       => sub { _allowed('get', _last_host(@_)) },
    'GET refused'       => sub { _refused($STRANGER =~ s{//}{//www.}r) },
    'preflight allowed' => sub { _allowed('preflight', _last_host(@_)) },
);

sub rows {
    my $figures = figures();
    my @rows;
    for my $list ([ 'exact origins', $figures->{exact} ],
                  [ 'wildcards', $figures->{wildcards} ]) {
        my ($what, $costs) = @$list;
        push @rows, map { _compared("$_, %s $what", @{ $costs->{$_} }) }
            sort keys %$costs;
    }
    push @rows, _listed('exact', $figures->{exact}{'GET allowed'}),
        _listed('wildcards', $figures->{wildcards}{'GET allowed'}),
        _listed('the recipe', $figures->{recipe}{'GET allowed'});
    return @rows;
}

# Pairs of a length and instructions, for each list and kind of request; and
# what bare httpd takes for a GET with an origin.
sub figures {
    my ($bare) = count({}, [ bare(), Bench::Request->get(origins(1)),
                             'bare' ]);
    return {
        bare      => $bare,
        exact     => _costs({}, \@EXACT, \%EXACT,
            sub { with_cors(policy(origins($_[0]))) }),
        wildcards => _costs({}, \@SHORT, \%WILDCARDS,
            sub { with_cors(policy(wildcards($_[0]))) }),
        recipe    => _costs({ requests => $FEW }, \@SHORT,
            { map { $_ => $EXACT{$_} } 'GET allowed' },
            sub { with_recipe(recipe(origins($_[0]))) }),
    };
}

sub _costs {
    my ($option, $lengths, $requests, $contender) = @_;
    my @wanted;
    my @kinds = sort keys %$requests;
    for my $length (@$lengths) {
        my $server = $contender->($length);
        push @wanted, map { [ $server, $requests->{$_}->($length) ] } @kinds;
    }
    my @counted = count($option, @wanted);
    my %costs;
    for my $length (@$lengths) {
        push @{ $costs{$_} }, [ $length, shift @counted ] for @kinds;
    }
    return \%costs;
}

# The longest list against the shortest.
sub _compared {
    my ($what, @costs) = @_;
    my ($length, $cost) = @{ $costs[-1] };
    return ratio(sprintf($what, thousands($length)), $cost, $costs[0][1],
                 'one', target => $TARGET, held => $TARGET);
}

# All lengths, for a look.
sub _listed {
    my ($what, $costs) = @_;
    return { what  => "GET allowed, $what, instructions by length",
             value => $costs->[-1][1],
             text  => join ' ', map { thousands($_->[1]) } @$costs };
}

sub _allowed {
    my ($method, $origin) = @_;
    return (Bench::Request->$method($origin), 'allowed');
}

sub _refused { return (Bench::Request->get($_[0]), 'refused') }

# The last entry is the worst case of a list that is searched.
sub _last_origin { return (origins($_[0]))[-1] }
sub _last_host   { return under_wildcard((wildcards($_[0]))[-1]) }

1;
