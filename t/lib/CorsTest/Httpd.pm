package CorsTest::Httpd;

# The httpd and the module that are to be tried, and what any server of them
# needs.
#
#     use CorsTest::Httpd qw(httpd load_modules cors_module run_as);
#
#     my $conf = load_modules(qw(mpm_prefork authz_core))
#         . 'LoadModule cors_module ' . cors_module() . "\n" . run_as();
#     system httpd(), '-t', '-f', ...;
#
# Environment: APXS, CORS_HTTPD, CORS_MODULE; see CorsTest.pm.

use strict;
use warnings;

use Cwd            qw(abs_path);
use Exporter       qw(import);
use File::Basename qw(dirname);
use IO::Socket::INET ();

our @EXPORT_OK = qw(httpd load_modules cors_module run_as lesser_user
                    free_ports);

my $TOP = abs_path(dirname(__FILE__) . '/../../..');

sub _apxs {
    my ($what) = @_;
    my $apxs = $ENV{APXS} || 'apxs';
    chomp(my $answer = `$apxs -q $what`);
    return $answer || die "$apxs -q $what: no answer\n";
}

# The program.
sub httpd {
    our $httpd ||= $ENV{CORS_HTTPD}
        || _apxs('SBINDIR') . '/' . _apxs('PROGNAME');
    return $httpd;
}

# The module under test, which has to be there.
sub cors_module {
    my $module = abs_path($ENV{CORS_MODULE} || "$TOP/build/mod_cors.so");
    die "there is no module to test; run make first\n"
        if !$module || !-f $module;
    return $module;
}

# LoadModule lines, without what is compiled in.
sub load_modules {
    my (@names) = @_;
    our $builtin ||= do { my $httpd = httpd(); `$httpd -l` };
    our $libexec ||= _apxs('LIBEXECDIR');
    my %done;
    return join '', map { "LoadModule ${_}_module $libexec/mod_$_.so\n" }
        grep { !$done{$_}++ && $builtin !~ /^\s*(?:mod_)?\Q$_\E\.c$/m }
        map { /^mpm_(\w+)/ && $builtin =~ /^\s*$1\.c$/m ? () : $_ } @names;
}

# User and group for the server, where root runs the tests; else nothing.
sub lesser_user {
    return if $> != 0;
    return getpwnam('www-data')
        ? ('www-data', 'www-data')
        : ('nobody', scalar getgrgid((getpwnam 'nobody')[3]));
}

sub run_as {
    my ($user, $group) = lesser_user() or return '';
    return "User $user\nGroup $group\n";
}

# All held at once, or the second could be the first again.
sub free_ports {
    my ($count) = @_;
    my @held = map {
        IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1')
            or die "no free port: $!\n"
    } 1 .. $count;
    return map { $_->sockport } @held;
}

1;
