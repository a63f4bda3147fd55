package Bench::Memory;

# What a server and its children hold.
#
#     use Bench::Memory qw(memory_is_known settled_bytes anonymous_bytes);
#     printf "%d KiB\n", settled_bytes($server) / 1024;

use strict;
use warnings;

use Exporter    qw(import);
use Time::HiRes qw(sleep);

our @EXPORT_OK = qw(memory_is_known settled_bytes anonymous_bytes);

# Linux tells, and a sanitizer has its own idea of memory.
sub memory_is_known {
    return -e "/proc/$$/smaps_rollup" && !$ENV{CORS_PRELOAD};
}

# The sum of all processes, where what they share is divided among those that
# do. The children may still be on their way when the first answer is there.
sub settled_bytes {
    my ($server) = @_;
    sleep 0.3;
    return _sum($server, 'Pss');
}

# Likewise, without what stands in files: what grows when memory is lost.
sub anonymous_bytes { return _sum($_[0], 'Anonymous') }

sub _sum {
    my ($server, $what) = @_;
    my $kib = 0;
    for my $pid (_family($server->pid)) {
        # A process that has just ended holds nothing.
        open my $in, '<', "/proc/$pid/smaps_rollup" or next;
        $kib += $_ for map { /^\Q$what\E:\s+(\d+) kB/ ? $1 : () } <$in>;
    }
    die $server->name . ": no memory figures\n" if !$kib;
    return $kib * 1024;
}

# A process and all below it.
sub _family {
    my ($pid) = @_;
    my @children;
    for my $file (glob "/proc/$pid/task/*/children") {
        open my $in, '<', $file or next;
        push @children, map { split } <$in>;
    }
    return ($pid, map { _family($_) } @children);
}

1;
