package CorsTest::Redis;

# A Redis for one test, on a port of the loopback, that keeps nothing on disk.
#
#     use CorsTest::Redis;
#
#     my $redis = CorsTest::Redis->start;
#     ... redis:127.0.0.1:@{[ $redis->port ]}
#     $redis->set($_, 'garbage') for $redis->keys;
#
# stop, start, kill9, pause and resume are those of CorsTest::Service.

use strict;
use warnings;

use IO::Socket::INET ();

use parent 'CorsTest::Service';

sub keys { my ($self) = @_; return sort @{ $self->_ask('KEYS', '*') } }
sub get  { my ($self, $key) = @_; return $self->_ask('GET', $key) }
sub set  { my ($self, $key, $value) = @_; $self->_ask('SET', $key, $value) }

# Debian has the program twice; as redis-check-rdb it comes in a package
# without a service, and is the server if it is called so.
sub prepare {
    my ($self) = @_;
    symlink CorsTest::Service::find_program(
        [qw(redis-server redis-check-rdb)]), $self->_program
        or die "redis-server: $!\n";
}

sub command {
    my ($self) = @_;
    return ($self->_program, '--bind', '127.0.0.1', '--port', $self->port,
        '--dir', $self->dir, '--save', '', '--appendonly', 'no');
}

sub is_ready { $_[0]->wrote =~ /Ready to accept connections/ }

sub _program { $_[0]->dir . '/redis-server' }

sub _ask {
    my ($self, @words) = @_;
    my $to = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $self->port) or die "redis: $@\n";
    print $to '*' . @words . "\r\n",
        map { '$' . length($_) . "\r\n$_\r\n" } @words;
    $to->flush;
    return _answer($to);
}

sub _answer {
    my ($from) = @_;
    my ($kind, $rest) = (<$from> // '') =~ /^([-+:\$*])(.*)\r\n/
        or die "redis: no answer\n";
    die "redis: $rest\n" if $kind eq '-';
    return [ map { _answer($from) } 1 .. $rest ] if $kind eq '*';
    return $rest if $kind ne '$';
    return undef if $rest < 0;
    read $from, (my $value), $rest + 2;
    return substr $value, 0, $rest;
}

1;
