package CorsTest::Service;

# A server from a package, for one test: it runs as an ordinary user, keeps
# what it has in a temporary directory, and can be hurt.
#
#     my $redis = CorsTest::Redis->start;     # returns when it answers
#     $redis->pause;                          # it hears, but says nothing
#     $redis->resume;
#     $redis->kill9;                          # or stop
#     $redis->start;                          # again, in the same place
#
# It ends with the test, whichever way that ends, also while it is paused.
#
# What a kind of server says of itself: command() is what starts it, is_ready()
# is true when it answers, and prepare() makes what it needs in dir().

use strict;
use warnings;

use File::Temp ();
use Scalar::Util qw(weaken);
use Time::HiRes  qw(sleep);

use CorsTest::Httpd qw(lesser_user free_ports);
use CorsTest::Process;

my @running;
END {
    local $?;
    $_->stop for grep { $_ } @running;
}

# Of a class: a new one. Of an object: the same again, on the same port, with
# what it has kept.
sub start {
    my ($class) = @_;
    return $class->_again if ref $class;

    # Between choosing a port and listening on it, somebody may take it.
    for my $try (1 .. 5) {
        my $self = bless { dir => _directory() }, $class;
        ($self->{port}) = free_ports(1);
        $self->prepare;
        return $self if eval { $self->_launch };
        die $@ if $@ !~ /Address already in use/;
    }
    die "$class: no free port\n";
}

# What has just been killed may still hold what it had, its memory for one.
sub _again {
    my ($self) = @_;
    for my $try (1 .. 20) {
        return $self if eval { $self->_launch };
        die $@ if $@ !~ /in use/;
        sleep 0.2;
    }
    die $@;
}

sub dir  { "$_[0]{dir}" }
sub port { $_[0]{port} }

# What it has written since its last start.
sub wrote { $_[0]{process}->wrote }

sub pause  { kill STOP => $_ for $_[0]->_pids }
sub resume { kill CONT => $_ for $_[0]->_pids }

# At once, with all that it has started.
sub kill9 {
    my ($self) = @_;
    $self->pause;               # and now it starts nothing more
    kill KILL => $self->_pids;
    $self->{process}->stop;
    delete $self->{process};
}

sub stop {
    my ($self) = @_;
    my $process = $self->{process} or return;
    $self->resume;
    kill INT => $process->pid;  # PostgreSQL waits for its clients at a TERM
    $process->stop;
    delete $self->{process};
}

sub prepare { }

# A command, run by the server's user, which ends if the test vanishes.
sub as_server {
    my ($self, @command) = @_;
    my ($user, $group) = lesser_user();
    return ('env', '-C', $self->dir, 'setpriv', '--pdeathsig', 'INT',
        $user ? ('--reuid', $user, '--regid', $group, '--clear-groups') : (),
        '--', @command);
}

# The first program that is there.
sub find_program {
    my ($names, @more_places) = @_;
    for my $name (@$names) {
        for my $place (split(/:/, $ENV{PATH} // ''),
                       qw(/usr/bin /usr/sbin /usr/local/bin), @more_places) {
            return "$place/$name" if -f "$place/$name" && -x _;
        }
    }
    die "there is no $names->[0]; install its package first\n";
}

sub _launch {
    my ($self) = @_;
    $self->{process}
        = CorsTest::Process->program($self->as_server($self->command));
    push @running, $self;
    weaken($running[-1]);
    $self->{process}->ready(sub { $self->is_ready });
    return $self;
}

# It and its children, where the system tells (Linux); it comes first.
sub _pids {
    my ($self) = @_;
    my $pid = $self->{process} && $self->{process}->pid or return;
    open my $in, '<', "/proc/$pid/task/$pid/children" or return $pid;
    return ($pid, map { split } <$in>);
}

# The socket in it is for all, what it keeps there for nobody else.
sub _directory {
    my $dir = File::Temp->newdir('mod_cors.service.XXXXXX', TMPDIR => 1,
                                 CLEANUP => !$ENV{CORS_KEEP});
    my ($user) = lesser_user();
    chown +(getpwnam $user)[2, 3], "$dir" if $user;
    chmod 0755, "$dir";
    return $dir;
}

sub DESTROY { local $?; $_[0]->stop }

1;
