# The fuzz targets, and how libFuzzer is asked to run one.

package Fuzz;

use strict;
use warnings;

use File::Basename qw(basename);
use File::Path qw(make_path);

# The longest input in bytes, and how many inputs a replay makes up: some
# seconds' worth.
my %LIMITS = (
    browser         => { max_len => 2500, replay =>   6000 },
    lines           => { max_len => 1500, replay =>   6000 },
    lint            => { max_len =>  400, replay =>    600 },
    origin          => { max_len =>  420, replay => 100000 },
    pattern         => { max_len => 2000, replay =>   6000 },
    policy          => { max_len => 2000, replay =>  20000 },
    request_headers => { max_len => 1000, replay =>  20000 },
);

# What a target may take over one input, in seconds; a slow machine and
# valgrind are not what this looks for.
my $TIMEOUT = 600;

# Every target, from its source. Call it in the root of the tree.
sub targets {
    return map { basename($_, '.c') } glob 't/fuzz/*.c';
}

sub limit {
    my ($target, $what) = @_;
    my $limits = $LIMITS{$target}
        or die "t/fuzz/lib/Fuzz.pm: no limits for $target\n";
    return $limits->{$what};
}

# The committed inputs.
sub seeds {
    my ($target) = @_;
    return grep { -f } glob "t/fuzz/seeds/$target/*";
}

# Runs a target with further options, on a directory for what it finds of
# interest and on the seeds. Returns whether all promises were kept; what
# libFuzzer says is in the log.
sub run_target {
    my ($target, $corpus, $log, @options) = @_;
    my $dict = "t/fuzz/$target.dict";
    my $found = 'build/fuzz/found';
    make_path($found, $corpus);

    my $pid = fork // die "fork: $!\n";
    if ($pid == 0) {
        open STDOUT, '>', $log or die "$log: $!\n";
        open STDERR, '>&', \*STDOUT or die "$log: $!\n";
        exec "build/fuzz/$target", '-max_len=' . limit($target, 'max_len'),
            "-timeout=$TIMEOUT", "-artifact_prefix=$found/$target-",
            '-print_final_stats=1', -f $dict ? "-dict=$dict" : (), @options,
            $corpus, "t/fuzz/seeds/$target"
            or die "build/fuzz/$target: $!\n";
    }
    waitpid $pid, 0;
    return $? == 0;
}

# What a log says: counts, and in `broken` the lines that tell what is wrong.
sub read_log {
    my ($log) = @_;
    my %said = (edges => 0, of => 0, units => 0, runs => 0, rate => 0,
                new => 0, broken => []);
    open my $in, '<', $log or return \%said;
    while (my $line = <$in>) {
        $said{of} = $1 if $line =~ /Loaded \d+ modules\s+\((\d+) inline/;
        @said{qw(edges units)} = ($1, $2)
            if $line =~ /^#\d+\s.* cov: (\d+) .* corp: (\d+)/;
        $said{runs} = $1 if $line =~ /^stat::number_of_executed_units: (\d+)/;
        $said{rate} = $1 if $line =~ /^stat::average_exec_per_sec:\s+(\d+)/;
        $said{new} = $1 if $line =~ /^stat::new_units_added:\s+(\d+)/;
        push @{$said{broken}}, $1
            if $line =~ /^(broken promise: .*)/
            || $line =~ /(runtime error: .*)/
            || $line =~ /^(SUMMARY: .*)/
            || $line =~ /(Test unit written to .*)/;
    }
    return \%said;
}

1;
