package CorsTest::Process;

# A process beside the server of a test: a program from a package, or Perl
# code. It ends with the test, whichever way that ends.
#
#     use CorsTest::Process qw(wait_until);
#
#     my $fpm = CorsTest::Process->program('php-fpm8.2', '-F', '-y', $conf);
#     $fpm->ready(sub { -S $socket });        # dies with what it wrote if not
#     ...
#     $fpm->stop;                             # or leave it to the end

use strict;
use warnings;

use Exporter   qw(import);
use File::Temp ();
use POSIX      ();
use Scalar::Util qw(weaken);
use Time::HiRes  qw(sleep time);

our @EXPORT_OK = qw(wait_until $PATIENCE);

# Seconds that anything may take; sanitizers make slow servers.
our $PATIENCE = $ENV{CORS_VALGRIND} ? 300 : 30;

my @running;
END {
    local $?;
    $_->stop for grep { $_ } @running;
}

# True as soon as the condition is, false when the time is over. It is looked
# at every $step seconds.
sub wait_until {
    my ($condition, $seconds, $step) = @_;
    my $end = time + ($seconds // $PATIENCE);
    while (!$condition->()) {
        return 0 if time > $end;
        sleep($step || 0.01);
    }
    return 1;
}

# Starts a program. What it writes is kept for ready() and wrote().
sub program {
    my ($class, @command) = @_;
    my $self = bless { name => $command[0], wrote => File::Temp->new },
        $class;
    return $self->_start(sub {
        open STDIN,  '<', '/dev/null';
        open STDOUT, '>&', $self->{wrote};
        open STDERR, '>&', \*STDOUT;
        { no warnings 'exec'; exec { $command[0] } @command; }
        print STDERR "$command[0]: $!\n";
    });
}

# Starts Perl code, which should watch for the end of $parent by itself.
sub code {
    my ($class, $name, $run) = @_;
    my $self = bless { name => $name }, $class;
    return $self->_start(sub {
        eval { $run->(); 1 } or print STDERR "$name: $@";
    });
}

# Waits until it is of use, as wait_until() does.
sub ready {
    my ($self, $condition, $seconds, $step) = @_;
    my $ended;
    my $ready = wait_until(sub {
        $ended = waitpid($self->{pid}, POSIX::WNOHANG()) != 0;
        return $ended || $condition->();
    }, $seconds, $step);
    delete $self->{pid} if $ended;
    die "$self->{name}: is not there\n" . $self->wrote if $ended || !$ready;
    return $self;
}

sub pid { $_[0]{pid} }

# What a program has written to stdout and stderr so far.
sub wrote {
    my ($self) = @_;
    open my $in, '<:raw', $self->{wrote}->filename or return '';
    local $/;
    return <$in> // '';
}

# Ends it: asks, insists after some seconds, and sees to its children. httpd
# misses what it is asked between looking for it and going to sleep, so it is
# asked again.
sub stop {
    my ($self, $seconds) = @_;
    my $pid = $self->{pid} or return;
    my $end = time + ($seconds || 5);
    my $has_ended;
    do {
        kill TERM => $pid;
        $has_ended
            = wait_until(sub { waitpid($pid, POSIX::WNOHANG()) != 0 }, 2);
    } until $has_ended || time > $end;
    if (!$has_ended) {
        kill KILL => $pid;
        waitpid $pid, 0;
    }
    kill -KILL => $pid;         # its group
    delete $self->{pid};
}

sub _start {
    my ($self, $child) = @_;
    $self->{pid} = fork // die "fork: $!\n";
    if (!$self->{pid}) {
        setpgrp;
        $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP PIPE);
        $child->();
        POSIX::_exit(1);
    }
    push @running, $self;
    weaken($running[-1]);
    return $self;
}

sub DESTROY { local $?; $_[0]->stop }

1;
