# httpd makes a module's symbols visible to all other modules, so any that
# leaves beside the module record could take another's place.

use strict;
use warnings;

use FindBin;
use Test::More tests => 1;

my $module  = "$FindBin::Bin/../build/mod_cors.so";
my @symbols = map { (split)[-1] } `nm -D --defined-only '$module'`;

is_deeply(\@symbols, ['cors_module'], 'only the module record is exported');
