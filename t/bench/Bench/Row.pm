package Bench::Row;

# A row of the table: what was measured, the figure, and what it should be.
#
#     use Bench::Row qw(ratio verdict);
#
#     my $row = ratio('GET refused', $with, $without, 'bare',
#                     target => 1.05, held => 1);
#     print verdict($row);                # ok, MISSED or -
#
# A row is a hash:
#   what      in words
#   value     a number
#   text      the same for people, with what it comes from
#   target    what the number may be at most; or
#   at_least  what it should be at least; without either it is information
#   held      for a number that does not depend on the machine or its load: it
#             must not be more. Where a target is missed for reasons that
#             docs/performance.md has, this is what has been reached

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(is_held ratio thousands verdict wish);

# One figure against that of somebody else.
sub ratio {
    my ($what, $ours, $theirs, $of, @more) = @_;
    my $value = $ours / $theirs;
    return { what => $what, value => $value,
             text => sprintf('%.4f of %s (%s : %s)', $value, $of,
                             thousands($ours), thousands($theirs)),
             @more };
}

# 1234567.8 is 1,234,568.
sub thousands {
    my $digits = sprintf '%.0f', $_[0];
    1 while $digits =~ s/(\d)(\d{3})(?!\d)/$1,$2/;
    return $digits;
}

sub verdict {
    my ($row) = @_;
    my ($value, $most, $least) = @$row{qw(value target at_least)};
    return '-' if !defined $most && !defined $least;
    my $is_met = (!defined $most || $value <= $most)
              && (!defined $least || $value >= $least);
    return $is_met ? 'ok' : 'MISSED';
}

# Is a held row what it has to be? Counts repeat within 0.05 %, and a ratio is
# of two.
sub is_held { return $_[0]{value} <= $_[0]{held} + 0.001 }

# The target in words.
sub wish {
    my ($row) = @_;
    return defined $row->{target}   ? "at most $row->{target}"
         : defined $row->{at_least} ? "at least $row->{at_least}"
         :                            '-';
}

1;
