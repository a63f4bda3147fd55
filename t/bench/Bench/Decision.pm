package Bench::Decision;

# What a decision of the core costs by itself, without httpd around it:
# nanoseconds, and memory, of which it must take none.
#
#     use Bench::Decision;
#     my @rows = Bench::Decision::rows();
#
# The figures are those of build/bench/decision, which is made if need be; see
# decision.c. Times are of the machine and of the moment, so no row of them is
# held.

use strict;
use warnings;

use File::Basename qw(dirname);

use Bench::Row qw(thousands);

my $TOP     = dirname(__FILE__) . '/../../..';
my $PROGRAM = 'build/bench/decision';

# What rows() names, and the figures that each is the worst of: the last origin
# asked for again and again, as one site does and as other libraries are
# measured, or any of the list in turn, when what a long one takes is the
# memory's time.
my @TIMES = (
    [ 'allowed, 1 origin',            100, qr/^exact 1 allowed/ ],
    [ 'allowed, 10-100,000 origins, last', 100,
      qr/^exact \d+0 allowed-last/ ],
    [ 'allowed, 10-100,000 origins, any', undef,
      qr/^exact \d+0 allowed-any/ ],
    [ 'allowed, 1-10,000 wildcards, last', undef,
      qr/^wildcard \d+ allowed-last/ ],
    [ 'allowed, 1-10,000 wildcards, any', undef,
      qr/^wildcard \d+ allowed-any/ ],
    [ 'refused, 1-100,000 origins', undef, qr/^exact \d+ refused/ ],
    [ 'refused, 1-10,000 wildcards', undef, qr/^wildcard \d+ refused/ ],
    [ 'preflight allowed, 1-100,000 origins', undef,
      qr/^exact \d+ preflight-last/ ],
    [ 'preflight refused, 1-100,000 origins', undef,
      qr/^exact \d+ preflight-refused/ ],
    [ 'Origin of 8 KiB', undef, qr/^8k-origin/ ],
    [ 'Access-Control-Request-Headers of 8 KiB', undef, qr/^8k-headers/ ],
);

sub rows {
    my %figure = _run();
    return (map({ _time_row(\%figure, @$_) } @TIMES),
            _memory_row('allocations', 'malloc', \%figure),
            _memory_row('bytes of a pool', 'pool', \%figure));
}

sub _run {
    my $make = $ENV{MAKE} || 'make';
    my $said = `$make --no-print-directory -C $TOP $PROGRAM 2>&1`;
    die "$PROGRAM: cannot be made\n$said" if $?;
    my @lines = `$TOP/$PROGRAM`;
    die join '', "$PROGRAM: ended early\n", @lines if $?;
    return map { /^(.+) (\S+)$/ ? ($1, $2) : () } @lines;
}

# The worst of those figures, and where it came up if there are several.
sub _time_row {
    my ($figure, $what, $target, $names) = @_;
    my @found = sort { $figure->{$b} <=> $figure->{$a} }
        grep { $_ =~ $names } keys %$figure;
    die "$PROGRAM: no figure for $what\n" if !@found;
    my ($worst, $best) = @found[ 0, -1 ];
    my (undef, $size) = split ' ', $worst;
    my $text = sprintf '%.0f ns', $figure->{$worst};
    $text .= sprintf ' with %s (%.0f at best)', thousands($size),
        $figure->{$best}
        if @found > 2;
    return {
        what  => "decision: $what",
        value => $figure->{$worst},
        text  => $text,
        defined $target ? (target => $target) : (),
    };
}

sub _memory_row {
    my ($what, $name, $figure) = @_;
    die "$PROGRAM: no count of $what\n" if !defined $figure->{$name};
    return {
        what   => "decision: $what",
        value  => $figure->{$name},
        text   => $figure->{$name},
        target => 0,
        held   => 0,
    };
}

1;
