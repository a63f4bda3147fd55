package Bench::Parts;

# What can be measured, by name.
#
#     use Bench::Parts qw(parts held_parts rows_of);
#
#     for my $part (held_parts()) {
#         print "$_->{what}: $_->{text}\n" for rows_of($part, 1);
#     }

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(parts held_parts rows_of);

# In the order of the table: a name, its module, and whether it holds rows that
# are the same on each machine.
my @PARTS = (
    [ instructions => 'Bench::Instructions', 1 ],
    [ lists        => 'Bench::Lists',        1 ],
    [ sources      => 'Bench::Sources',      1 ],
    [ htaccess     => 'Bench::Htaccess',     1 ],
    [ start        => 'Bench::Start',        0 ],
    [ policies     => 'Bench::Policies',     0 ],
    [ decision     => 'Bench::Decision',     1 ],
    [ load         => 'Bench::Load',         0 ],
    [ waiting      => 'Bench::Waiting',      0 ],
);

sub parts      { return map { $_->[0] } @PARTS }
sub held_parts { return map { $_->[0] } grep { $_->[2] } @PARTS }

# Measures a part, which takes its time; see Bench::Row for what comes back.
# Where only the held rows are wanted, a part may leave others out.
sub rows_of {
    my ($name, $held_only) = @_;
    my ($module) = map { $_->[1] } grep { $_->[0] eq $name } @PARTS;
    die "there is no part '$name'; there are: @{[ parts() ]}\n" if !$module;
    eval "require $module" or die $@;
    return $module->can('rows')->($held_only);
}

1;
