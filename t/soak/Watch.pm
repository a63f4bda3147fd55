package Watch;

# What the processes of a server hold: memory, open files, System V IPC. A
# process of its own looks every second, so that nothing else delays it.
#
#     my $watch = Watch->start($s->pid);
#     ... for ($watch->samples) { $_->{time}, $_->{parent}, ... }

use strict;
use warnings;

use File::Temp  ();
use POSIX       ();
use Time::HiRes qw(sleep time);

use CorsTest::Process;

sub start {
    my ($class, $server) = @_;
    my $file   = File::Temp->new;
    my $parent = $$;
    my $self   = bless { file => $file }, $class;
    $self->{process} = CorsTest::Process->code('watch', sub {
        open my $out, '>>', $file->filename or die "watch: $!\n";
        while (getppid == $parent) {
            my $held = look($server);
            syswrite $out, join(' ', time, @$held{qw(parent children count)})
                . "\n" if $held->{count};
            sleep 1;
        }
        POSIX::_exit(0);
    });
    return $self;
}

sub stop { $_[0]{process}->stop }

# What it saw so far, in KiB: { time, parent, children, count }.
sub samples {
    my ($self) = @_;
    open my $in, '<', $self->{file}->filename or die "watch: $!\n";
    return map {
        my %sample;
        @sample{qw(time parent children count)} = split;
        \%sample;
    } <$in>;
}

# The parent's memory is what it has written to, whoever shares it since; the
# children's what nobody shares with them.
sub look {
    my ($server) = @_;
    my %held = (parent => 0, children => 0, count => 0);
    my %own = rollup($server);
    $held{parent} = $own{Anonymous} || 0;
    for my $child (children($server)) {
        my %its = rollup($child) or next;
        $held{children} += $its{Private_Dirty} + $its{Private_Clean};
        $held{count}++;
    }
    return \%held;
}

sub rollup {
    my ($pid) = @_;
    open my $in, '<', "/proc/$pid/smaps_rollup" or return;
    return map { /^(\w+):\s+(\d+) kB/ ? ($1 => $2) : () } <$in>;
}

sub children {
    my ($server) = @_;
    open my $in, '<', "/proc/$server/task/$server/children" or return;
    return split ' ', <$in> // '';
}

# How many files are open in the parent, and in the child that has most.
sub open_files {
    my ($server) = @_;
    my ($most) = sort { $b <=> $a } 0, map { files_of($_) } children($server);
    return (files_of($server), $most);
}

sub files_of {
    my ($pid) = @_;
    opendir my $dir, "/proc/$pid/fd" or return 0;
    return scalar grep { !/^\./ } readdir $dir;
}

# System V shared memory and semaphores that these processes made or used
# last. Those of others come and go beside them.
sub ipc {
    my %is_ours = map { $_ => 1 } @_;
    my @found;
    if (open my $in, '<', '/proc/sysvipc/shm') {
        for (grep { /^\s*\d/ } <$in>) {
            my ($id, $creator, $last) = (split)[ 1, 4, 5 ];
            push @found, "shm $id" if $is_ours{$creator} || $is_ours{$last};
        }
    }
    if (open my $in, '<', '/proc/sysvipc/sem') {
        for (grep { /^\s*\d/ } <$in>) {
            my ($id) = (split)[1];
            my $last = semctl $id, 0, 11, 0;        # GETPID
            push @found, "sem $id" if $last && $is_ours{ $last + 0 };
        }
    }
    return @found;
}

1;
