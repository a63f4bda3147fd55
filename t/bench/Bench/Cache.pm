package Bench::Cache;

# A cache in the network: a real Redis or memcached, on 127.0.0.1.
#
#     use Bench::Cache;
#
#     if (Bench::Cache->is_there('redis')) {
#         my $cache = Bench::Cache->start('redis', 'taskset', '-c', 1);
#         print $cache->socache;          # redis:127.0.0.1:40001
#         $cache->stop;                   # or leave it to the end
#     }

use strict;
use warnings;

use CorsTest::HTTP;
use CorsTest::Httpd qw(lesser_user free_ports);
use CorsTest::Process;

# The program by the name of its socache provider. Debian's redis-tools has
# Redis under the name of a tool that it is too; the package redis-server adds
# a service that starts by itself.
my %PROGRAM = (redis => 'redis-check-rdb', memcache => 'memcached');

sub is_there { return defined _path($_[1]) }

# Runs under this program and its options, where there are any.
sub start {
    my ($class, $provider, @under) = @_;
    my ($port) = free_ports(1);
    my $self = bless { socache => "$provider:127.0.0.1:$port" }, $class;
    $self->{process} = CorsTest::Process->program(
        @under, $provider eq 'redis' ? _redis($port) : _memcached($port));
    $self->{process}->ready(
        sub { eval { CorsTest::Connection->new($port) } });
    return $self;
}

sub socache { $_[0]{socache} }
sub pid     { $_[0]{process}->pid }
sub stop    { $_[0]{process}->stop }

sub _path {
    my ($provider) = @_;
    my ($found) = grep { -x } map { "$_/$PROGRAM{$provider}" }
        split /:/, $ENV{PATH};
    return $found;
}

# It goes by the name it is started with.
sub _redis {
    my ($port) = @_;
    return ('perl', '-e', 'exec { shift @ARGV } @ARGV', _path('redis'),
            'redis-server', '--bind', '127.0.0.1', '--port', $port,
            '--save', '', '--appendonly', 'no');
}

# It refuses to be root.
sub _memcached {
    my ($port) = @_;
    my ($user) = lesser_user();
    return (_path('memcache'), '-l', '127.0.0.1', '-p', $port, '-U', 0,
            defined $user ? ('-u', $user) : ());
}

1;
