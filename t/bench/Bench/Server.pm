package Bench::Server;

# A contender: httpd with one common configuration, to which each adds modules
# and lines of its own, and nothing else.
#
#     use Bench::Server qw(bare with_cors with_recipe);
#     use Bench::Policy qw(policy origins);
#
#     my $server = Bench::Server->start(with_cors(policy(origins(3))));
#     printf "%.1f ms to the first answer\n", 1000 * $server->seconds;
#     my $answer = $server->ask(Bench::Request->get);
#     $server->stop;
#
# Options of start(), which bare() and its like return:
#   name      for messages
#   cors      true: with the module under test
#   modules   names without "mod_" beside the common ones
#   conf      text at server level
#   directory text in the <Directory> of the document root
#   files     { path below the document root => content }
#   override  AllowOverride of the document root (default None)
#   mpm       prefork (default) or event
#   size      one (default): a single process under event;
#             many: as distributions have it
#   path      of the file of 1 KiB that is asked for (default /1k.txt)
#   host      the name it is asked by (default localhost)
#   under     program and options to run httpd under
#   alone     true: one process, which does not fork
# @PORT@, @ROOT@ and @DOCROOT@ are replaced in conf and files, and @ROOT@ in
# under; @ROOT@/scratch is a directory that the server may write.
#
# It listens on 127.0.0.1 alone, and ends with the program, whichever way that
# ends.

use strict;
use warnings;

use Cwd            qw(abs_path);
use Exporter       qw(import);
use File::Basename qw(dirname);
use File::Copy     qw(copy);
use File::Path     qw(make_path);
use File::Temp     ();
use Time::HiRes    qw(time);

use CorsTest::HTTP;
use CorsTest::Httpd qw(httpd load_modules cors_module run_as free_ports);
use CorsTest::Process;

our @EXPORT_OK = qw(bare with_cors with_recipe @RECIPE_MODULES $BODY);

our @RECIPE_MODULES = qw(setenvif headers rewrite);

# What is served: 1 KiB.
our $BODY = join '', map { sprintf "%063d\n", $_ } 0 .. 15;

# Through the END blocks of all that was started; the directory that is being
# removed just now may be where we are.
$SIG{$_} = sub { chdir '/'; exit 1 } for qw(INT TERM HUP PIPE);

# Seconds that a start or a stop may take; under valgrind everything is slow.
my $PATIENCE = 600;

# ---------------------------------------------------------------------------
# Contenders: options of start(), to which the caller may add
# ---------------------------------------------------------------------------

sub bare { return { name => 'bare', @_ } }

# The module, with this text at server level.
sub with_cors {
    my ($conf, @more) = @_;
    return { name => 'mod_cors', cors => 1, conf => $conf, @more };
}

sub with_recipe {
    my ($conf, @more) = @_;
    return { name => 'recipe', modules => \@RECIPE_MODULES, conf => $conf,
             @more };
}

# ---------------------------------------------------------------------------
# The server
# ---------------------------------------------------------------------------

# Returns when it has answered.
sub start {
    my ($class, $want) = @_;
    my $self = bless { mpm => 'prefork', size => 'one', path => '/1k.txt',
                       host => 'localhost', override => 'None', %$want },
        $class;

    # Between choosing a port and listening on it, somebody may take it.
    for my $try (1 .. 5) {
        $self->_write_root;
        return $self if $self->_launch;
    }
    die "$self->{name}: no free port\n";
}

sub name    { $_[0]{name} }
sub path    { $_[0]{path} }
sub host    { $_[0]{host} }
sub root    { $_[0]{root} }
sub port    { $_[0]{port} }
sub pid     { $_[0]{process}->pid }
sub seconds { $_[0]{seconds} }          # from its start to the first answer

sub stop { $_[0]{process}->stop($PATIENCE) }

# A connection that stays open; see CorsTest::Connection.
sub connect { return CorsTest::Connection->new($_[0]{port}) }

# One answer to a request, on a connection of its own.
sub ask {
    my ($self, $request) = @_;
    my $connection = $self->connect;
    my $text = $request->text($self);
    $connection->write($text);
    return $connection->response($request->method, $text);
}

sub error_log {
    my ($self) = @_;
    open my $in, '<:raw', "$self->{root}/scratch/error.log" or return '';
    local $/;
    return <$in> // '';
}

# Nothing is measured that refuses because it could not ask.
sub insist_all_answered {
    my ($self) = @_;
    my @failed = grep { /cannot answer/ } split /\n/, $self->error_log;
    die join "\n", "$self->{name}: a source failed", @failed, '' if @failed;
}

# ---------------------------------------------------------------------------
# Behind the scenes
# ---------------------------------------------------------------------------

sub _write_root {
    my ($self) = @_;
    $self->{tmp}  = File::Temp->newdir('mod_cors.XXXXXX', TMPDIR => 1);
    $self->{root} = abs_path("$self->{tmp}");
    ($self->{port}) = free_ports(1);

    # The children run as somebody else when root starts them, and that user
    # need not be able to read where the module was built.
    chmod 0755, $self->{root};
    make_path("$self->{root}/scratch");
    chmod 01777, "$self->{root}/scratch";
    if ($self->{cors}) {
        copy(cors_module(), "$self->{root}/mod_cors.so")
            or die "$self->{root}/mod_cors.so: $!\n";
    }

    my %files = (%{ $self->{files} || {} }, $self->{path} => $BODY);
    $self->_write_file("htdocs/$_", $files{$_}) for sort keys %files;
    $self->_write_file('mime.types', "text/plain txt\n");
    $self->_write_file('server.conf', $self->_config);
}

sub _write_file {
    my ($self, $path, $text) = @_;
    my $full = "$self->{root}/$path";
    make_path(dirname($full), { mode => 0755 });
    open my $out, '>:raw', $full or die "$full: $!\n";
    print $out $self->_substitute($text);
    close $out or die "$full: $!\n";
    chmod 0644, $full;
    # What has changed just now has an ETag of another kind.
    utime $^T, $^T - 86400, $full;
}

sub _substitute {
    my ($self, $text) = @_;
    $text =~ s{\@PORT\@}{$self->{port}}g;
    $text =~ s{\@DOCROOT\@}{$self->{root}/htdocs}g;
    $text =~ s{\@ROOT\@}{$self->{root}}g;
    return $text;
}

# Nothing is logged, and no connection ends, while it is measured.
sub _config {
    my ($self) = @_;
    my @modules = ("mpm_$self->{mpm}", qw(unixd authz_core mime),
                   @{ $self->{modules} || [] });
    my $ours = $self->{cors}
        ? qq(LoadModule cors_module "\@ROOT\@/mod_cors.so"\n) : '';
    return load_modules(@modules) . $ours . run_as() . $self->_processes
        . <<"BASE" . ($self->{conf} // '');
ServerRoot "\@ROOT\@"
ServerName localhost
Listen 127.0.0.1:\@PORT\@
DefaultRuntimeDir "\@ROOT\@/scratch"
PidFile "\@ROOT\@/scratch/pid"
ErrorLog "\@ROOT\@/scratch/error.log"
LogLevel notice
TypesConfig "\@ROOT\@/mime.types"
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 30
DocumentRoot "\@DOCROOT\@"
<Directory "/">
    AllowOverride None
    Require all denied
</Directory>
<Directory "\@DOCROOT\@">
    AllowOverride $self->{override}
    Options FollowSymLinks
    Require all granted
@{[ $self->{directory} // '' ]}</Directory>
BASE
}

sub _processes {
    my ($self) = @_;
    return <<'PREFORK' if $self->{mpm} eq 'prefork';
StartServers 1
MinSpareServers 1
MaxSpareServers 2
MaxRequestWorkers 16
PREFORK
    my ($servers, $limit, $threads, $workers)
        = $self->{size} eq 'many' ? (2, 16, 25, 150) : (1, 1, 32, 32);
    return <<"EVENT";
StartServers $servers
ServerLimit $limit
ThreadsPerChild $threads
MinSpareThreads 1
MaxSpareThreads 2000
MaxRequestWorkers $workers
EVENT
}

sub _command {
    my ($self) = @_;
    return (httpd(), $self->{alone} ? '-X' : '-DFOREGROUND',
            '-f', "$self->{root}/server.conf");
}

# True when the server answers, false when its port was taken.
sub _launch {
    my ($self) = @_;
    my @under = map { $self->_substitute($_) } @{ $self->{under} || [] };
    my $began = time;
    my $process = CorsTest::Process->program(@under, $self->_command);
    my $is_there = eval {
        $process->ready(sub { $self->_answers }, $PATIENCE, 0.001);
    };
    if (!$is_there) {
        my $said = $@ . $self->error_log;
        $process->stop;
        return 0 if $said =~ /Address already in use/;
        die "$self->{name}: the server does not start\n$said";
    }
    $self->{seconds} = time - $began;
    $self->{process} = $process;
    return 1;
}

# Whether it serves its file.
sub _answers {
    my ($self) = @_;
    my $connection = eval { $self->connect } or return 0;
    $connection->write("GET $self->{path} HTTP/1.1\r\nHost: $self->{host}\r\n"
                       . "Connection: close\r\n\r\n");
    my $answer = eval { $connection->response('GET', '') } or return 0;
    return $answer->status == 200;
}

1;
