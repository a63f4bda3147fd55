package Bench::Picture;

# What the length of the list costs, as a picture.
#
#     print Bench::Picture::of_lists(Bench::Lists::figures());

use strict;
use warnings;

use Bench::Chart qw(chart);

sub of_lists {
    my ($figures) = @_;
    my ($exact, $wildcards, $recipe)
        = map { $figures->{$_}{'GET allowed'} } qw(exact wildcards recipe);
    my @bare = map { [ $_->[0], $figures->{bare} ] } @$exact[0, -1];
    return chart(
        title => 'What an allowed GET costs, by length of the list',
        x     => 'origins in the list; the last one asks',
        y     => 'instructions that httpd executes for a request',
        lines => [
            { label => 'recipe with expressions', colour => '#b93815',
              points => $recipe },
            { label => 'mod_cors, origins', colour => '#1d4ed8',
              points => $exact },
            { label => 'mod_cors, wildcards', colour => '#0b7a6f',
              points => $wildcards, is_dotted => 1, is_above => 1 },
            { label => 'httpd without CORS', colour => '#59636e',
              points => \@bare, dash => '5 4' },
        ]);
}

1;
