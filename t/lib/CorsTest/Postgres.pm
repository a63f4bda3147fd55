package CorsTest::Postgres;

# A PostgreSQL for one test, on a Unix socket. It tells which questions it was
# asked.
#
#     use CorsTest::Postgres;
#
#     my $db = CorsTest::Postgres->start;
#     $db->sql('CREATE TABLE origins (origin text PRIMARY KEY)');
#     ... DBDriver pgsql
#     ... DBDParams "@{[ $db->params ]}"
#     is_deeply([ $db->asked ], [ 'https://app.example.com' ]);
#
# stop, start, kill9, pause and resume are those of CorsTest::Service.

use strict;
use warnings;

use parent 'CorsTest::Service';

# For DBDParams and for libpq; of another database than the first, if named.
sub params {
    my ($self, $database) = @_;
    return 'host=' . $self->dir . ' user=cors dbname='
        . ($database // 'postgres');
}

# Runs SQL there, and returns the rows, with '|' between columns.
sub sql {
    my ($self, $sql, $database) = @_;
    open my $from, '-|', _program('psql'), '-XAtqw', '-v', 'ON_ERROR_STOP=1',
        '-d', $self->params($database), '-c', $sql or die "psql: $!\n";
    chomp(my @rows = <$from>);
    close $from or die "psql: it failed at $sql\n";
    return @rows;
}

# The parameters of the prepared statements that it ran since the last call,
# or since it was started.
sub asked {
    my ($self) = @_;
    my @all = $self->wrote
        =~ /^LOG: +execute .*\nDETAIL: +parameters: \$1 = '(.*)'$/mg;
    my @new = @all[ $self->{read} .. $#all ];
    $self->{read} = @all;
    return @new;
}

sub prepare {
    my ($self) = @_;
    my @command = $self->as_server(_program('initdb'),
        qw(-A trust -U cors -E UTF8 --locale=C --no-sync --no-instructions),
        '-D', $self->_data);
    open my $from, '-|', @command or die "initdb: $!\n";
    my $said = do { local $/; <$from> };
    close $from or die "initdb: it failed\n$said";
}

# It need not outlive the machine, so it is in no hurry to write.
sub command {
    my ($self) = @_;
    my %set = (
        listen_addresses           => '',
        unix_socket_directories    => $self->dir,
        max_connections            => 60,
        shared_buffers             => '4MB',
        dynamic_shared_memory_type => 'mmap',
        fsync                      => 'off',
        autovacuum                 => 'off',
        log_statement              => 'all',
        log_line_prefix            => '',
    );
    return (_program('postgres'), '-D', $self->_data,
        map { ('-c', "$_=$set{$_}") } sort keys %set);
}

sub is_ready { $_[0]->wrote =~ /ready to accept connections/ }

sub start {
    my $self = shift->SUPER::start;
    $self->{read} = 0;
    return $self;
}

sub kill9 {
    my ($self) = @_;
    $self->SUPER::kill9;
    $self->_free_memory;
}

# Its children live in sessions of their own, and outlive one that had to be
# killed.
sub stop {
    my ($self) = @_;
    my (undef, @children) = $self->_pids or return;
    $self->SUPER::stop;
    if (-e $self->_data . '/postmaster.pid') {
        kill KILL => @children;
        $self->_free_memory;
    }
}

# The segment by which it knows that it is alone, for what was killed has not
# given it back.
sub _free_memory {
    my ($self) = @_;
    open my $in, '<', $self->_data . '/postmaster.pid' or return;
    my @lines = <$in>;
    shmctl $1, 0, 0 if ($lines[6] // '') =~ /^\s*\d+\s+(\d+)/;
}

sub _data { $_[0]->dir . '/data' }

# Debian keeps the programs of the server by its version.
sub _program {
    my ($name) = @_;
    our %found;
    return $found{$name} ||= CorsTest::Service::find_program([$name],
        reverse sort glob '/usr/lib/postgresql/*/bin');
}

1;
