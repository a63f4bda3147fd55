package CorsTest;

# A real httpd with mod_cors for one test file, and a client that shows raw
# answers.
#
#     use lib 't/lib';
#     use CorsTest;
#     use Test::More;
#
#     my $s = CorsTest->start(
#         modules => [qw(headers)],           # beside the base ones
#         files   => { 'htdocs/a.txt' => "hi\n" },
#         conf    => <<'CONF');
#     <Location />
#         CorsAllowOrigin https://app.example.com
#     </Location>
#     CONF
#
#     $s->promises(
#         [ 'a listed origin is echoed', 'GET /a.txt',
#           { Origin => 'https://app.example.com' },
#           { acao => 'https://app.example.com', vary => 'Origin' } ],
#         [ 'a stranger gets nothing', 'GET /a.txt',
#           { Origin => 'https://evil.example' }, { vary => 'Origin' } ],
#     );
#     CorsTest::finish();
#
# A promise is one test. What a row does not expect must be absent: each
# Access-Control-* field and Vary is either in the row or an error, and a
# field that comes twice is always one.
#
# The environment chooses the server:
#     CORS_HTTPD    the program (default: what apxs names, apache2 or httpd)
#     CORS_MODULE   the module (default: build/mod_cors.so)
#     CORS_MPM      event (default), worker or prefork
#     CORS_PRELOAD  sanitizer runtime to preload into the server
#     CORS_VALGRIND run the server under valgrind
#     CORS_EXPLAIN  before each request, ask cors-explain what will be answered
#     CORS_KEEP     keep the server root for a look, and say where it is

use strict;
use warnings;

use Cwd            qw(abs_path);
use Exporter       qw(import);
use File::Basename qw(basename dirname);
use File::Path     qw(make_path);
use File::Temp     ();
use POSIX          ();
use Scalar::Util   qw(weaken);
use Test::More;

use CorsTest::Curl;
use CorsTest::Explained;
use CorsTest::HTTP;
use CorsTest::Httpd qw(httpd load_modules cors_module run_as free_ports);
use CorsTest::Process qw(wait_until $PATIENCE);

our @EXPORT = qw(promise preflight config_ok config_error config_prints
                 $TRIO);

# What Vary names on every response to OPTIONS.
our $TRIO = 'Origin, Access-Control-Request-Method, '
    . 'Access-Control-Request-Headers';

my @BASE = qw(unixd log_config authz_core mime dir);

# Dates, and what programs say, in the words that HTTP and the tests expect.
$ENV{LC_ALL} = 'C';
POSIX::setlocale(POSIX::LC_ALL(), 'C');

my $PID = $$;
my $promises = 0;
my @running;

# Nothing may outlive the test, whichever way it ends.
$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP PIPE);
END {
    local $?;
    $_->_kill for grep { $_ } @running;
}

# ---------------------------------------------------------------------------
# One promise is one test
# ---------------------------------------------------------------------------

# For a check that is no row of promises(); further arguments are diagnostics.
# The prototype keeps a pattern match that fails from vanishing in a list.
sub promise ($$;@) {
    my ($ok, $text, @more) = @_;
    $promises++;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return ok($ok, $text) || (diag(join "\n", @more) && 0);
}

# Ends a test file: stops its servers, which checks their error logs.
sub finish {
    # All at once, for each takes a second to see that.
    $_->_ask_to_stop for grep { $_ && $_->{pid} } @running;
    $_->stop for grep { $_ } @running;
    note("promises: $promises");
    CorsTest::Explained::report() if $ENV{CORS_EXPLAIN};
    done_testing();
}

# Fields of a preflight: preflight($origin, $method [, $headers ...]).
sub preflight {
    my ($origin, $method, @headers) = @_;
    return [
        Origin => $origin, 'Access-Control-Request-Method' => $method,
        map { ('Access-Control-Request-Headers' => $_) } @headers
    ];
}

# ---------------------------------------------------------------------------
# The server
# ---------------------------------------------------------------------------

# Starts a server and returns when it answers. Options:
#   name       for messages (default: the test file)
#   modules    names without "mod_" beside authz_core, mime and dir
#   cgi        true: scripts under /cgi-bin/, from cgi-bin/ in the root
#   conf       text at server level
#   files      { path in the root => content }; '#!' makes an executable
#   override   AllowOverride of the document root (default All)
#   log_level  default 'info'; 'info cors:debug'
#   tls        true: mod_ssl, and @ROOT@/tls.pem, a key and a certificate that
#              nobody trusts, for SSLCertificateFile
#   bare       true: without the module, to compare with
#   unexplained  why nothing is asked about its requests in the world of
#              CORS_EXPLAIN
#   ports      how many: @PORT@ is the server's own, nobody listens on
#              @PORT2@ and so on unless conf says so
# @PORT@, @ROOT@ and @DOCROOT@ (@ROOT@/htdocs) are replaced in conf and
# files. @ROOT@/scratch is a directory that the server may write.
sub start {
    my ($class, %want) = @_;
    my $self = bless { name => basename($0), files => {}, expected => [],
                       override => 'All', log_level => 'info', %want },
        $class;
    if ($ENV{CORS_EXPLAIN} && !$self->{bare}) {
        $self->{is_explained} = 1;
        $self->{conf} = CorsTest::Explained::add_page($self->{conf} // '')
            if !$self->{unexplained};
    }

    # Between choosing a port and listening on it, somebody may take it.
    for my $try (1 .. 5) {
        $self->_write_root;
        return $self if $self->_launch;
    }
    die "$self->{name}: no free port\n";
}

sub root    { $_[0]{root} }
sub docroot { "$_[0]{root}/htdocs" }
sub port    { $_[0]{ports_used}[ ($_[1] // 1) - 1 ] }
sub pid     { $_[0]{pid} }

# How often .htaccess is read for a request: also to explain it, and what it
# passes over is said again. Errors are not.
sub readings { $_[0]{is_explained} ? 2 : 1 }

# Writes a file as the files option does, while the server runs.
sub write_file {
    my ($self, $path, $text) = @_;
    my $full = "$self->{root}/$path";
    make_path(dirname($full), { mode => 0755 });
    $text = $self->_substitute($text);
    open my $out, '>:raw', $full or die "$full: $!\n";
    print $out $text;
    close $out or die "$full: $!\n";
    chmod $text =~ /^#!/ ? 0755 : 0644, $full;
}

# The content of a file in the root, such as an access log, which is written
# after the response: waits until it matches.
sub read_file {
    my ($self, $path, $pattern) = @_;
    my $text;
    wait_until(sub {
        $text = _slurp("$self->{root}/$path");
        return !$pattern || $text =~ $pattern;
    }, 5);
    return $text;
}

# A graceful restart; returns when the new generation alone serves.
sub restart {
    my ($self) = @_;
    my $ready = qr/resuming normal operations/;
    my $times = $self->log_lines($ready);
    my @old   = $self->_children;
    kill USR1 => $self->{pid};
    wait_until(sub { $self->log_lines($ready) > $times })
        or die "$self->{name}: no restart\n" . $self->_log_text;
    wait_until(sub { !grep { kill 0 => $_ } @old });
}

# The error log's lines that match, waiting up to $seconds for the first.
sub log_lines {
    my ($self, $pattern, $seconds) = @_;
    my @lines;
    wait_until(
        sub { @lines = grep { $_ =~ $pattern } $self->_log }, $seconds // 0);
    return @lines;
}

# Announces lines that the test provokes. They must come, and are then clean.
sub expect_log { my $self = shift; push @{ $self->{expected} }, @_ }

# The same for lines that may come or not, as races inside httpd will have it.
sub tolerate_log { my $self = shift; push @{ $self->{tolerated} }, @_ }

# Gracefully: at a TERM, httpd frees sockets that its threads still use. Once: a
# second WINCH, and it has no patience with its children.
sub _ask_to_stop {
    my ($self) = @_;
    kill WINCH => $self->{pid} if !$self->{is_asked}++;
}

# Stops the server. Its error log is one test: nothing at warn or worse,
# nothing above info from this module, no crash, nothing httpd did not write
# (a CGI's complaint, a sanitizer's report, glibc's last words).
sub stop {
    my ($self) = @_;
    return if !$self->{pid};
    my %seen;
    my @dirty;

    $self->_ask_to_stop;
    if (wait_until(sub { $self->_reap })) {
        delete $self->{pid};
    }
    else {
        push @dirty, "did not stop in $PATIENCE s";
        $self->_kill;
    }
    LINE: for my $line ($self->_log) {
        for my $pattern (@{ $self->{expected} }) {
            next if $line !~ $pattern;
            $seen{$pattern} = 1;
            next LINE;
        }
        push @dirty, $line if !_is_clean($line)
            && !grep { $line =~ $_ } @{ $self->{tolerated} || [] };
    }
    push @dirty, map { "announced, but never logged: $_" }
        grep { !$seen{$_} } @{ $self->{expected} };
    push @dirty, $self->_sanitizer_reports;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    ok(!@dirty, "error log of $self->{name} is clean")
        or diag(join "\n", @dirty);
}

# ---------------------------------------------------------------------------
# Requests
# ---------------------------------------------------------------------------

# One request, one response object. Fields come as a hash, or as a list of
# names and values where order or repetition matters. Options: body, host
# (default localhost), port, version (default 1.1), over (https, h2, h2c or
# h2c-upgrade; those of HTTP/2 know neither version nor conn), conn (a
# connection from connect(), kept open; otherwise the request asks the server
# to close).
sub request {
    my ($self, @request) = @_;
    return $self->{is_explained} && $$ == $PID
        ? CorsTest::Explained::request($self, @request)
        : $self->send_request(@request);
}

# The same, and that is all.
sub send_request {
    my ($self, $line, $fields, %opt) = @_;
    my ($method, $target) = split / /, $line, 2;
    my @fields = ref $fields eq 'HASH' ? %$fields : @{ $fields || [] };
    my $host = $opt{host} || 'localhost';
    my $over = $opt{over} || 'http';
    return CorsTest::Curl::request($over, $opt{port} || $self->port, $method,
                                   $target, $host, \@fields, $opt{body})
        if CorsTest::Curl::knows($over);
    my $conn = $opt{conn} || $self->connect(
        $opt{port}, $over eq 'https' ? $host : ());
    my %given = map { lc } @fields;

    unshift @fields, Host => $host if !$given{host};
    push @fields, Connection => 'close' if !$opt{conn};
    push @fields, 'Content-Length' => length $opt{body}
        if defined $opt{body} && !$given{'content-length'}
        && !$given{'transfer-encoding'};

    my $head = "$method $target HTTP/" . ($opt{version} || '1.1') . "\r\n";
    while (my ($name, $value) = splice @fields, 0, 2) {
        $head .= "$name: $value\r\n";
    }
    $conn->write("$head\r\n" . ($opt{body} // ''));
    my $res = $conn->response($method, $head)
        or return CorsTest::Response->none($head);
    $res->{extra} = $conn->rest if !$opt{conn};
    return $res;
}

# For hostile input: sends the bytes as they are, returns the responses (none
# to HEAD, please: the reader has to know) until the server closes.
sub raw {
    my ($self, $bytes, %opt) = @_;
    my $conn = $self->connect($opt{port});
    $conn->write($bytes);
    my @all;
    while (my $res = $conn->response('', $bytes)) {
        push @all, $res;
    }
    return @all;
}

# A connection to a port; over TLS, if there is the name of a host.
sub connect {
    my ($self, $port, $host) = @_;
    return CorsTest::Connection->new($port || $self->port, $host);
}

# Rows: [ promise, 'METHOD /path', fields, expected, { options } ].
#
# Expected are the CORS fields by their initials: acao acac acam acah aceh
# acma, and vary; status (default 200); field => { Name => value }; body. A
# value is a string, a pattern, or undef for "absent". Lists (acam acah aceh
# vary) compare as sets, all but methods without regard to case.
sub promises {
    my ($self, @rows) = @_;
    for my $row (@rows) {
        my ($text, $line, $fields, $expected, $opt) = @$row;
        my $res = eval { $self->request($line, $fields, %{ $opt || {} }) };
        my @wrong = $res ? $res->differences($expected) : "$line: $@";
        local $Test::Builder::Level = $Test::Builder::Level + 1;
        promise(!@wrong, $text, @wrong, $res ? $res->transcript : ());
    }
}

# ---------------------------------------------------------------------------
# Configurations
# ---------------------------------------------------------------------------

# What the program prints on stdout with these arguments about this server,
# which has been stopped.
sub printed {
    my ($self, @args) = @_;
    waitpid $self->_spawn(@args), 0;
    die "$self->{name}: " . _slurp("$self->{root}/stderr") if $?;
    return _slurp("$self->{root}/stdout");
}

# The server accepts, or refuses with a message that matches, this text at
# server level. Options as for start (modules, files, ...), and args, a list of
# arguments for the program. Both return what the server wrote on stderr, for a
# closer look.
sub config_ok {
    my ($conf, $text, %opt) = @_;
    my ($status, $said) = _configtest($conf, %opt);
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    promise($status == 0 && $said =~ /Syntax OK/, $text, $conf, $said);
    return $said;
}

sub config_error {
    my ($conf, $pattern, $text, %opt) = @_;
    my ($status, $said) = _configtest($conf, %opt);
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    promise($status == 1 << 8 && $said =~ $pattern, $text, $conf, $said,
            "expected: $pattern");
    return $said;
}

# What the program prints on stdout about this text, which it has to accept.
# Options as above. In the answer, the server root is @ROOT@ again.
sub config_prints {
    my ($conf, %opt) = @_;
    my ($status, $said, $printed) = _configtest($conf, %opt);
    die "$conf\n$said" if $status;
    return $printed;
}

# Returns the exit status, and what was written on stderr and on stdout.
sub _configtest {
    my ($conf, %opt) = @_;
    my $self = bless { files => {}, override => 'All', log_level => 'info',
                       name => basename($0), %opt, conf => $conf },
        __PACKAGE__;
    $self->_write_root;
    my $pid = $self->_spawn('-t', @{ $opt{args} || [] });
    waitpid $pid, 0;
    my $status  = $?;
    my @reports = $self->_sanitizer_reports;
    return (@reports ? -1 : $status,
            join("\n", _slurp("$self->{root}/stderr"), @reports),
            _slurp("$self->{root}/stdout") =~ s/\Q$self->{root}\E/\@ROOT\@/gr);
}

# ---------------------------------------------------------------------------
# Behind the scenes
# ---------------------------------------------------------------------------

sub _config {
    my ($self) = @_;
    my $mpm = $ENV{CORS_MPM} || 'event';
    my @modules = ("mpm_$mpm", @BASE, @{ $self->{modules} || [] },
                   $self->{tls} ? qw(ssl socache_shmcb) : ());
    my $text = '';
    if ($self->{cgi}) {
        push @modules, 'alias', $mpm eq 'prefork' ? 'cgi' : 'cgid';
        $text .= qq(ScriptSock "\@ROOT\@/scratch/cgid"\n)
            if $mpm ne 'prefork';
        $text .= qq(ScriptAlias /cgi-bin/ "\@ROOT\@/cgi-bin/"\n)
            . qq(<Directory "\@ROOT\@/cgi-bin">\n    Require all granted\n)
            . "</Directory>\n";
    }
    # Of the threads of worker, fcntl thinks that they wait for each other.
    $text .= "SSLSessionCache shmcb:\@ROOT\@/run/tls\n"
        . "Mutex flock:\@ROOT\@/run ssl-cache\n" if $self->{tls};
    # Prefork needs a child for each connection; a test that proxies to its
    # own server holds several.
    my $size = $mpm eq 'prefork'
        ? "StartServers 4\nMaxRequestWorkers 16\nServerLimit 16\n"
        : "StartServers 1\nThreadsPerChild 16\nMinSpareThreads 1\n"
        . "MaxSpareThreads 32\nMaxRequestWorkers 32\nServerLimit 2\n";

    # Of httpd's mutexes only those in files outlive its parent process, which
    # under prefork removes the others while children still hold them.
    my $ours = $self->{bare} ? ''
        : 'LoadModule cors_module "' . cors_module() . qq("\n);
    return load_modules(@modules) . $ours . run_as() . <<"BASE"
ServerRoot "\@ROOT\@"
DefaultRuntimeDir "\@ROOT\@/run"
PidFile "\@ROOT\@/run/pid"
ErrorLog "\@ROOT\@/error.log"
LogLevel $self->{log_level}
Mutex fcntl:\@ROOT\@/run default
TypesConfig "\@ROOT\@/mime.types"
ServerName localhost
Listen 127.0.0.1:\@PORT\@
Timeout 15
KeepAliveTimeout 3
$size
DocumentRoot "\@DOCROOT\@"
<Directory "\@ROOT\@">
    Require all denied
    AllowOverride None
</Directory>
<Directory "\@DOCROOT\@">
    Require all granted
    AllowOverride $self->{override}
</Directory>
BASE
        . $text . ($self->{conf} // '');
}

sub _write_root {
    my ($self) = @_;
    $self->{tmp} = File::Temp->newdir('mod_cors.XXXXXX', TMPDIR => 1,
                                      CLEANUP => !$ENV{CORS_KEEP});
    $self->{root} = abs_path("$self->{tmp}");
    diag("server root: $self->{root}") if $ENV{CORS_KEEP};
    $self->{ports_used} = [ free_ports($self->{ports} || 1) ];

    # The children run as somebody else when root runs the tests.
    mkdir "$self->{root}/$_" for qw(htdocs run scratch);
    chmod 0755, $self->{root}, map { "$self->{root}/$_" } qw(htdocs run);
    chmod 01777, "$self->{root}/scratch";

    my %files = (
        'mime.types' => "text/html html\ntext/plain txt\n",
        %{ $self->{files} },
        'httpd.conf' => $self->_config,
    );
    $self->write_file($_, $files{$_}) for sort keys %files;
    _write_certificate("$self->{root}/tls.pem") if $self->{tls};
}

sub _write_certificate {
    my ($file) = @_;
    my $command = 'openssl req -x509 -nodes -days 2 -subj /CN=localhost'
        . ' -newkey ec -pkeyopt ec_paramgen_curve:prime256v1'
        . ' -addext basicConstraints=critical,CA:FALSE'
        . " -keyout $file -out $file 2>&1";
    my $said = `$command`;
    die "openssl: $said\n" if $?;
}

sub _substitute {
    my ($self, $text) = @_;
    $text =~ s{\@PORT(\d*)\@}{$self->port($1 || 1)}ge;
    $text =~ s{\@DOCROOT\@}{$self->docroot}ge;
    $text =~ s{\@ROOT\@}{$self->{root}}g;
    return $text;
}

# Starts the program with stdout and stderr in the server root. Returns its
# pid.
sub _spawn {
    my ($self, @args) = @_;
    my $root = $self->{root};
    my @command = (httpd(), @args, '-d', $root, '-f', "$root/httpd.conf");
    # Not the configuration checks: of these there are too many.
    unshift @command, 'valgrind', '-q', '--leak-check=no',
        "--log-file=$root/scratch/sanitizer.%p"
        if $ENV{CORS_VALGRIND} && !grep { $_ eq '-t' } @args;
    my $pid = fork // die "fork: $!\n";
    return $pid if $pid;

    # A group of its own: prefork ends its children by signalling the group.
    setpgrp;
    open STDIN,  '<', '/dev/null';
    open STDOUT, '>', "$root/stdout";
    open STDERR, '>', "$root/stderr";
    if ($ENV{CORS_PRELOAD}) {
        # Reports go to files, as the stderr of a server changes hands; httpd
        # must not take over SIGSEGV, or there would be none.
        my $log = "log_path=$root/scratch/sanitizer";
        my %set = (
            ASAN  => "detect_leaks=0:abort_on_error=0:exitcode=99:"
                . "handle_segv=2:$log",
            UBSAN => "print_stacktrace=1:$log",
        );
        for my $name (keys %set) {
            $ENV{"${name}_OPTIONS"} = join ':',
                grep { defined } $ENV{"${name}_OPTIONS"}, $set{$name};
        }
        $ENV{LD_PRELOAD} = $ENV{CORS_PRELOAD};
    }
    { no warnings 'exec'; exec { $command[0] } @command; }
    print STDERR "$command[0]: $!\n";
    POSIX::_exit(127);
}

# True when the server answers, false when its port was taken.
sub _launch {
    my ($self) = @_;
    $self->{pid} = $self->_spawn('-DFOREGROUND');
    delete $self->{is_asked};
    push @running, $self;
    weaken($running[-1]);

    my $dead;
    my $ready = wait_until(sub {
        $dead = $self->_reap;
        return $dead || $self->log_lines(qr/resuming normal operations/);
    });
    return 1 if $ready && !$dead;
    $dead ? delete $self->{pid} : $self->_kill;
    my $said = _slurp("$self->{root}/stderr") . $self->_log_text;
    return 0 if $said =~ /Address already in use/;
    die "$self->{name}: the server does not start\n$said";
}

# Ends the server at once.
sub _kill {
    my ($self) = @_;
    return if !$self->{pid};
    kill TERM => $self->{pid};
    if (!wait_until(sub { $self->_reap })) {
        kill -KILL => $self->{pid};
        wait_until(sub { $self->_reap });
    }
    delete $self->{pid};
}

sub _reap { return waitpid($_[0]{pid}, POSIX::WNOHANG()) != 0 }

sub DESTROY { local $?; $_[0]->_kill }

# The server's child processes, where the system tells (Linux).
sub _children {
    my ($self) = @_;
    return split ' ', _slurp("/proc/$self->{pid}/task/$self->{pid}/children");
}

sub _slurp {
    my ($file) = @_;
    open my $in, '<:raw', $file or return '';
    local $/;
    return <$in> // '';
}

sub _log_text {
    my ($self) = @_;
    return join '', map { _slurp("$self->{root}/$_") }
        qw(stdout stderr error.log);
}

# Of code that PCRE makes at run time, and that stands in no file, valgrind
# does not know what it reads on purpose, in vectors.
sub _sanitizer_reports {
    my ($self) = @_;
    my $made = qr/^(?:==\d+== Thread \d+:\n)?
                  ==\d+==\ (?:Conditional\ jump|Use\ of\ uninit
                             |Invalid\ read\ of\ size\ (?:16|32)$).*\n
                  ==\d+==\ +at\ 0x\w+:\ \?\?\?$/mx;
    return grep { /\S/ && !/$made/ } map { split /^==\d+== \n/m }
        map { _slurp($_) } glob "$self->{root}/scratch/sanitizer.*";
}

sub _log { return split /\n/, $_[0]->_log_text }

sub _is_clean {
    my ($line) = @_;
    my ($module, $level) = $line =~ /^\[[^]]+\] \[([\w-]*):(\w+)\] /
        or return 0;
    # OpenSSL is not the newest; the certificate of the tests names one host.
    return 1 if $line =~ /\b(?:AH01882|AH01909)\b/;
    return 0 if $level !~ /^(?:notice|info|debug|trace\d)$/;
    return 0 if $module eq 'cors' && $level eq 'notice';
    return $line !~ /exit signal|AddressSanitizer|runtime error:/;
}

1;
