package Bench::Htaccess;

# The policy in .htaccess, which httpd reads anew for each request, beside the
# recipe there. The servers are the same, with the modules of both, as where
# many people share one; only the files differ.
#
#     t/bench/run htaccess

use strict;
use warnings;

use Bench::Callgrind qw(count);
use Bench::Policy    qw(origins policy recipe);
use Bench::Request;
use Bench::Row       qw(ratio);
use Bench::Server    qw(with_cors @RECIPE_MODULES);

my ($LISTED) = origins(1);

# A thousand requests would take minutes and tell the same.
my $REQUESTS = 200;

# Where the files are.
my @ONE  = ('', ['']);
my @FIVE = ('d1/d2/d3/d4/d5/',
            [ map { join '', map { "d$_/" } 1 .. $_ } 1 .. 5 ]);

# What, ours and the recipe, at most so much of it, and what is held where that
# is missed.
my @KINDS = (
    [ 'one .htaccess', _server(policy($LISTED), @ONE),
      _server(recipe($LISTED), @ONE), 0.45, 0.47 ],
    [ 'five nested .htaccess', _server(policy($LISTED), @FIVE),
      _server(recipe($LISTED), @FIVE), 0.33, 0.33 ],
    [ 'one .htaccess with CorsUsePolicy',
      _server("CorsUsePolicy own\n", @ONE,
              "<CorsPolicy own>\n" . policy($LISTED) . "</CorsPolicy>\n"),
      _server(recipe($LISTED), @ONE) ],
);

my @REQUESTS = (
    [ 'GET allowed',        Bench::Request->get($LISTED),       'allowed' ],
    [ 'GET without Origin', Bench::Request->get,                'refused' ],
    [ 'preflight allowed',  Bench::Request->preflight($LISTED), 'allowed' ],
);

sub rows {
    my @wanted;
    for my $kind (@KINDS) {
        my @servers = @$kind[1, 2];
        push @wanted, map { my $request = $_;
                            map { [ $_, @$request[1, 2] ] } @servers
                      } @REQUESTS;
    }
    my @counted = count({ requests => $REQUESTS }, @wanted);
    my @rows;
    for my $kind (@KINDS) {
        my ($where, undef, undef, $target, $held) = @$kind;
        push @rows, map {
            ratio("$where, $_->[0]", splice(@counted, 0, 2), 'the recipe',
                  defined $target ? (target => $target, held => $held) : ())
        } @REQUESTS;
    }
    return @rows;
}

# With the same text in each of these directories.
sub _server {
    my ($text, $directory, $with, $conf) = @_;
    return with_cors($conf // '', modules => \@RECIPE_MODULES,
                     override => 'All', path => "/${directory}1k.txt",
                     files => { map { ("$_.htaccess" => $text) } @$with });
}

1;
