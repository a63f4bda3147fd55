package CorsTest::Node;

# The programs of npm's that tests use, in build/browser: what drives browsers,
# and what judges HTML. t/browser/package-lock.json pins them.

use strict;
use warnings;

use Cwd            qw(abs_path);
use Fcntl          qw(:flock);
use File::Basename qw(dirname);
use File::Copy     qw(copy);
use File::Path     qw(make_path);

my $top = abs_path(dirname(__FILE__) . '/../../..');

# Installs them, if the lock file is another than the last time. One at a time:
# other tests may run in this tree. Returns the directory of node_modules.
sub modules {
    my $from  = "$top/t/browser";
    my $to    = "$top/build/browser";
    my $lock  = "$from/package-lock.json";
    my $stamp = "$to/node_modules/.installed-lock.json";
    make_path($to);
    open my $turn, '>', "$to/turn" or die "$to/turn: $!\n";
    flock $turn, LOCK_EX or die "$to/turn: $!\n";
    return $to if -f $stamp && system('cmp', '-s', $lock, $stamp) == 0;

    copy("$from/$_", "$to/$_") or die "$to/$_: $!\n"
        for qw(package.json package-lock.json);
    # It insists on a place to keep what it has downloaded.
    local $ENV{npm_config_cache} = "$to/cache"
        if !defined $ENV{HOME} || !-w $ENV{HOME};
    my $said = `cd '$to' && npm ci --ignore-scripts --no-audit \\
        --no-fund 2>&1`;
    die "npm ci in $to:\n$said" if $?;
    copy($lock, $stamp) or die "$stamp: $!\n";
    return $to;
}

1;
