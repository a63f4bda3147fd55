# What the README says about installing is true: `make install`, and the one
# line for those who have no make.

use strict;
use warnings;

use FindBin;
use File::Temp;
use lib "$FindBin::Bin/lib";
use CorsTest;
use Test::More;

chdir "$FindBin::Bin/.." or die "$FindBin::Bin/..: $!\n";
my $root = File::Temp->newdir('mod_cors.XXXXXX', TMPDIR => 1);
my $apxs = $ENV{APXS} || 'apxs';
my $make = $ENV{MAKE} || 'make';

# httpd makes a module's symbols visible to all other modules, so any that
# leaves beside the module record could take another's place.
sub is_good {
    my ($what, $module, $output) = @_;
    my @symbols = map { (split)[-1] } `nm -D --defined-only '$module'`;
    promise("@symbols" eq 'cors_module',
        "$what: only the module record is exported", $output, @symbols);
    local $ENV{CORS_MODULE} = $module;
    config_ok("CorsAllowOrigin https://app.example.com\n",
        "$what: httpd takes it");
}

chomp(my $libexec = `$apxs -q LIBEXECDIR`);
my $output = `$make --no-print-directory install DESTDIR='$root' 2>&1`;
promise($? == 0, 'make install DESTDIR=...', $output);
is_good('make install', "$root$libexec/mod_cors.so", $output);
chomp(my $headers = `$apxs -q INCLUDEDIR`);
promise(-s "$root$headers/mod_cors.h", 'make install: its header is there');

# Only for the installing it takes root.
open my $in, '<', 'README.md' or die "README.md: $!\n";
my $readme = do { local $/; <$in> };
my ($line)  = $readme =~ /^ {4}apxs -i -a (.*)$/m;
my ($flags) = $readme =~ /for them put `([^`]+)` in front of/;
promise($line && $flags, 'the README has the one line, and what to put in');
$line = "$apxs $line";
(my $full = $line) =~ s/-Iinclude/$flags -Iinclude/;
$full =~ tr/\n/ /;
$output = `cp -R mod_cors.c src include '$root' && cd '$root' && $line 2>&1`;
promise($? == 0, 'the one line builds', $output);
is_good('the one line', "$root/.libs/mod_cors.so", $output);

$output = `cd '$root' && $full 2>&1`;
promise($? == 0, 'the one line builds with libpsl and libidn2', $output);
is_good('with libraries', "$root/.libs/mod_cors.so", $output);
{
    local $ENV{CORS_MODULE} = "$root/.libs/mod_cors.so";
    config_ok("CorsAllowOrigin same-site https://b\xc3\xbccher.example\n",
        'with libraries: what needs them is accepted');
}

CorsTest::finish();
