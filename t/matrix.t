# docs/neighbours.md against the tests: a cell of its table names the files
# that have a section for this neighbour and this promise, and each section has
# its cell. No server runs here, so nothing counts as a promise.

use strict;
use warnings;

use FindBin;
use Test::More;

my $top  = "$FindBin::Bin/..";
my $page = slurp("$top/docs/neighbours.md");

my ($head, @rows) = $page =~ /^\| neighbour \|(.*)\n\|[ -|]+\n((?:\|.*\n)+)/m
    or die "docs/neighbours.md has no table\n";
my @columns = map { s/^\s+|\s+$//gr } split /\|/, $head;

# neighbour: column => { file => 1 }
my (%page, %tests);
for my $row (split /\n/, $rows[0]) {
    my (undef, $neighbour, @cells) = map { s/^\s+|\s+$//gr } split /\|/, $row;
    for my $n (0 .. $#columns) {
        $page{"$neighbour: $columns[$n]"} = { map { $_ => 1 }
            $cells[$n] =~ m{\]\(\.\./(t/[^)]+)\)}g };
    }
}

for my $path (glob("$top/t/*.t"), glob("$top/t/neighbours/*.t")) {
    my ($file) = $path =~ m{^\Q$top\E/(.*)};
    my @parts = split /^# -{70,}\n# (.*)\n# -{70,}\n/m, slurp($path);
    shift @parts;
    while (my ($title, $rows) = splice @parts, 0, 2) {
        my ($neighbour, $column) = $title =~ /^(\S+): (\w+)$/ or next;
        # Where the same rows serve two neighbours, their headings follow each
        # other.
        for (my $n = 1; $rows =~ /^\s*$/ && $n < @parts; $n += 2) {
            $rows = $parts[$n];
        }
        next if !grep { $_ eq $column } @columns;
        $tests{$title}{$file} = 1;
        like($rows, qr/^[^#]*(?:\bpromis|\[ ')/m,
            "$file: '$title' has rows under it");
    }
}

for my $title (sort keys %{ { %page, %tests } }) {
    is_deeply([ sort keys %{ $page{$title} || {} } ],
              [ sort keys %{ $tests{$title} || {} } ],
              "docs/neighbours.md has what there is for '$title'");
}

done_testing();

sub slurp {
    my ($file) = @_;
    open my $in, '<', $file or die "$file: $!\n";
    local $/;
    return <$in>;
}
