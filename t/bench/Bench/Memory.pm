package Bench::Memory;

# What a server and its children hold, and what they take of the processor.
#
#     use Bench::Memory qw(memory_is_known settled_bytes anonymous_bytes
#                          highest_bytes processor_seconds);
#     printf "%d KiB\n", settled_bytes($server) / 1024;

use strict;
use warnings;

use Exporter    qw(import);
use Time::HiRes qw(sleep);

our @EXPORT_OK = qw(memory_is_known settled_bytes anonymous_bytes
                    highest_bytes processor_seconds);

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

# The most that one of them ever held, shared or not.
sub highest_bytes {
    my ($server) = @_;
    my ($highest) = sort { $b <=> $a } map {
        open my $in, '<', "/proc/$_/status" or die "status: $!\n";
        map { /^VmHWM:\s+(\d+) kB/ ? $1 * 1024 : () } <$in>;
    } _family($server->pid);
    return $highest;
}

# What all their threads have had of the processor so far.
sub processor_seconds {
    my ($server) = @_;
    my $ns = 0;
    for my $file (map { glob "/proc/$_/task/*/schedstat" }
                      _family($server->pid)) {
        # A thread that has just ended takes no more.
        open my $in, '<', $file or next;
        $ns += (split ' ', <$in> // '')[0] // 0;
    }
    return $ns / 1e9;
}

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
