package CorsTest::PHP;

# A real php-fpm behind a server of CorsTest. It is started first, so that the
# server's configuration can say where it listens:
#
#     use CorsTest::PHP;
#
#     my $php = CorsTest::PHP->start;
#     my $s = CorsTest->start(
#         modules => [qw(proxy proxy_fcgi)],
#         files   => { 'htdocs/a.php' => "<?php\necho 'hi';\n" },
#         conf    => <<"CONF");
#     <FilesMatch "\\.php\$">
#         SetHandler "@{[ $php->handler ]}"
#     </FilesMatch>
#     CONF
#
#     $php->promises($s,
#         [ 'PHP is asked', 'GET /a.php', {}, { body => 'hi' } ],
#         [ 'PHP is not asked', 'GET /a.html', {}, { status => 404 }, {}, 0 ]);
#
# It listens on a Unix socket and on a port of the loopback, runs as the
# server's user where root runs the tests, and reads no php.ini. What scripts
# complain about goes to a log of its own. It ends with the test, whichever
# way that ends.

use strict;
use warnings;

use File::Temp ();
use IO::Socket::INET ();

use parent 'CorsTest::Process';

use CorsTest::Heard;
use CorsTest::Process qw(wait_until);

# Starts it and returns when it listens.
sub start {
    my ($class) = @_;
    my $program = _find();

    # Between choosing a port and listening on it, somebody may take it.
    for my $try (1 .. 5) {
        my $dir  = _directory();
        my $port = _free_port();
        _configure("$dir", $port);
        my $self = $class->program($program, '-n', '-F', '-O',
            '-p', "$dir", '-y', "$dir/fpm.conf");
        @$self{qw(dir port)} = ($dir, $port);
        $self->{heard} = CorsTest::Heard->new("$dir/heard");
        my $up = eval {
            $self->ready(sub { $self->wrote =~ /ready to handle/ });
        };
        return $self if $up;
        my $why = $@;
        die $why if $why !~ /Address already in use/;
    }
    die "$program: no free port\n";
}

sub port   { $_[0]{port} }
sub socket { "$_[0]{dir}/socket" }

# What SetHandler takes, by the Unix socket or by 'tcp'.
sub handler {
    my ($self, $over) = @_;
    return ($over // '') eq 'tcp' ? "proxy:fcgi://127.0.0.1:$self->{port}"
        : 'proxy:unix:' . $self->socket . '|fcgi://localhost';
}

# The requests that scripts ran for since the last call, 'METHOD /path Origin'
# each, with the path as the client sent it; '-' stands for no Origin.
sub heard { return $_[0]{heard}->lines }

# Rows for CorsTest::Heard, with the number of scripts that run.
sub promises { return shift->{heard}->promises(@_) }

# The lines of PHP's own log that match, waiting up to $seconds for the first.
sub log_lines {
    my ($self, $pattern, $seconds) = @_;
    my @lines;
    wait_until(sub {
        open my $in, '<:raw', "$self->{dir}/errors" or die "errors: $!\n";
        return @lines = grep { $_ =~ $pattern } <$in>;
    }, $seconds // 0);
    return @lines;
}

# Distributions put the version into the name of the program.
sub _find {
    for my $dir (split(/:/, $ENV{PATH} // ''),
                 qw(/usr/sbin /usr/bin /usr/local/sbin)) {
        for my $program (sort { $b cmp $a } glob "$dir/php-fpm*") {
            return $program if -f $program && -x _;
        }
    }
    die "there is no php-fpm; install php-fpm first\n";
}

sub _user {
    return getpwnam('www-data') ? ('www-data', 'www-data')
        : ('nobody', scalar getgrgid((getpwnam 'nobody')[3]));
}

# Files that PHP writes belong to those who run it.
sub _directory {
    my $dir = File::Temp->newdir('mod_cors.php.XXXXXX', TMPDIR => 1,
                                 CLEANUP => !$ENV{CORS_KEEP});
    my %files = (
        heard         => '',
        errors        => '',
        'prepend.php' => <<'PHP',
<?php
file_put_contents(__DIR__ . '/heard',
    "$_SERVER[REQUEST_METHOD] $_SERVER[REQUEST_URI] "
    . ($_SERVER['HTTP_ORIGIN'] ?? '-') . "\n", FILE_APPEND | LOCK_EX);
PHP
    );
    for my $name (keys %files) {
        open my $out, '>:raw', "$dir/$name" or die "$dir/$name: $!\n";
        print $out $files{$name};
        close $out or die "$dir/$name: $!\n";
    }
    chmod 0755, "$dir";
    if ($> == 0) {
        my ($user) = _user();
        chown +(getpwnam $user)[2, 3], "$dir", map { "$dir/$_" } keys %files;
    }
    return $dir;
}

sub _free_port {
    my $held = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1')
        or die "no free port: $!\n";
    return $held->sockport;
}

# Two pools, because a pool listens in one place. Settings are those of the
# php.ini that PHP recommends for production, where they matter here.
sub _configure {
    my ($dir, $port) = @_;
    my ($user, $group) = _user();
    my $who = $> == 0 ? "user = $user\ngroup = $group\n" : '';
    my $pool = <<"POOL";
${who}pm = static
pm.max_children = 3
catch_workers_output = yes
php_admin_value[auto_prepend_file] = $dir/prepend.php
php_admin_value[session.save_path] = $dir
php_admin_value[error_log] = $dir/errors
php_admin_flag[log_errors] = on
php_admin_flag[display_errors] = off
php_admin_value[output_buffering] = 4096
php_admin_flag[expose_php] = off
POOL
    open my $out, '>', "$dir/fpm.conf" or die "$dir/fpm.conf: $!\n";
    print $out <<"CONF";
[global]
error_log = /dev/stderr
daemonize = no
[unix]
listen = $dir/socket
listen.mode = 0666
$pool
[tcp]
listen = 127.0.0.1:$port
$pool
CONF
    close $out or die "$dir/fpm.conf: $!\n";
}

1;
