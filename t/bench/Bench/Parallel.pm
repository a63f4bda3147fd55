package Bench::Parallel;

# Runs pieces of work in processes of their own, JOBS (default 2) at a time.
#
#     use Bench::Parallel qw(in_parallel);
#
#     my @numbers = in_parallel(sub { measure($a) }, sub { measure($b) });
#
# Each returns a short string. The first that dies ends them all.

use strict;
use warnings;

use Exporter qw(import);
use IO::Handle;

our @EXPORT_OK = qw(in_parallel);

my $most = $ENV{JOBS} || 2;

# By pid: which piece it is, and where its result comes from.
my %running;

# They see to what they have started, which takes a moment.
END {
    local $?;
    my @pids = keys %running;
    kill TERM => @pids;
    waitpid $_, 0 for @pids;
}

sub in_parallel {
    my (@work) = @_;
    my @results;
    for my $index (0 .. $#work) {
        _take(\@results) while keys %running >= $most;
        _start($index, $work[$index]);
    }
    _take(\@results) while %running;
    return @results;
}

sub _start {
    my ($index, $work) = @_;
    pipe my $read, my $write or die "pipe: $!\n";
    $_->flush for \*STDOUT, \*STDERR;
    my $pid = fork // die "fork: $!\n";
    if ($pid) {
        $running{$pid} = { index => $index, from => $read };
        return;
    }
    %running = ();
    my $result = eval { $work->() };
    print $write defined $result ? "=$result" : "!$@";
    close $write;
    exit 0;
}

sub _take {
    my ($results) = @_;
    my $pid = waitpid -1, 0;
    my $one = delete $running{$pid} or return;
    my $said = do { local $/; readline $one->{from} } // '';
    $said =~ s/^=// or die substr($said, 1) || "a piece of work broke off\n";
    $results->[ $one->{index} ] = $said;
}

1;
