package Bench::Instructions;

# What a request costs in instructions, beside httpd without the module and
# beside httpd with the recipe. One origin is listed.
#
#     t/bench/run instructions

use strict;
use warnings;

use Bench::Callgrind qw(count);
use Bench::Policy    qw(origins policy recipe $STRANGER);
use Bench::Request;
use Bench::Row       qw(ratio);
use Bench::Server    qw(bare with_cors with_recipe);

my ($LISTED) = origins(1);

# Below the 8,190 bytes that httpd takes for a field.
my $LONG = 8000;

# The policy for the whole server, and for a directory: what is decided for
# that waits until httpd knows the file.
my $EVERYWHERE = with_cors(policy($LISTED));
my $DIRECTORY  = with_cors('', directory => policy($LISTED));
my $RECIPE     = with_recipe(recipe($LISTED));

# What, the contender, the request, what the answer should be, at most so much
# of bare, what is held where that is missed, and whether the recipe is of
# interest beside it.
my @KINDS = (
    [ 'loaded, nothing configured', with_cors(''),
      Bench::Request->get($LISTED), 'bare', 1.005 ],
    [ 'GET without Origin', $EVERYWHERE,
      Bench::Request->get, 'refused', 1.045, undef, 1 ],
    [ 'GET allowed, with credentials', $EVERYWHERE,
      Bench::Request->get($LISTED), 'allowed', 1.10, undef, 1 ],
    [ 'GET refused', $EVERYWHERE,
      Bench::Request->get($STRANGER), 'refused', 1.05, 1.065, 1 ],
    [ 'preflight allowed, policy in <Directory>', $DIRECTORY,
      Bench::Request->preflight($LISTED), 'allowed', 1.00, 1.03, 1 ],
    [ 'preflight refused, policy in <Directory>', $DIRECTORY,
      Bench::Request->preflight($STRANGER), 'refused', 0.93, 0.96, 1 ],
    [ '8 KiB Origin', $EVERYWHERE,
      Bench::Request->get(_long('https://', 'a', '.example.com')),
      'refused', 1.05 ],
    [ '8 KiB Access-Control-Request-Headers', $EVERYWHERE,
      Bench::Request->preflight(
          $LISTED, _long('content-type', ',content-type', '')),
      'allowed', 1.05 ],
);

sub rows {
    my @figures = count({}, map { _contenders(@$_) } @KINDS);
    my @rows;
    for my $kind (@KINDS) {
        my ($what, $target, $held, $has_rival) = @$kind[0, 4 .. 6];
        my ($ours, $bare) = splice @figures, 0, 2;
        push @rows, ratio($what, $ours, $bare, 'bare', target => $target,
                          held => $held // $target);
        push @rows, ratio($what, $ours, shift @figures, 'the recipe')
            if $has_rival;
    }
    return @rows;
}

# What count() is to count for a kind: ours, bare, and the recipe.
sub _contenders {
    my ($contender, $request, $should, $has_rival) = @_[1 .. 3, 6];
    return ([ $contender, $request, $should ],
            [ bare(), $request, 'bare' ],
            $has_rival ? [ $RECIPE, $request, $should ] : ());
}

# Some 8 KiB.
sub _long {
    my ($begin, $fill, $end) = @_;
    my $times = ($LONG - length "$begin$end") / length $fill;
    return $begin . $fill x $times . $end;
}

1;
