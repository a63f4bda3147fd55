package CorsTest::Memcached;

# A memcached for one test, on a port of the loopback.
#
#     use CorsTest::Memcached;
#
#     my $memcached = CorsTest::Memcached->start;
#     ... memcache:127.0.0.1:@{[ $memcached->port ]}
#     $memcached->set($_, 'garbage') for $memcached->keys;
#
# stop, start, kill9, pause and resume are those of CorsTest::Service.

use strict;
use warnings;

use IO::Socket::INET ();

use parent 'CorsTest::Service';

# Those that somebody has set, by its own log: the list that it gives passes
# over what is in use, or moves from one of its queues to another.
sub keys {
    my ($self) = @_;
    my %keys = map { $_ => 1 } $self->wrote =~ /^<\d+ set (\S+) /mg;
    return sort keys %keys;
}

sub get {
    my ($self, $key) = @_;
    my $from = $self->_ask("get $key\r\n");
    my ($length) = (<$from> // '') =~ /^VALUE \S+ \d+ (\d+)/ or return undef;
    read $from, (my $value), $length;
    return $value;
}

sub set {
    my ($self, $key, $value) = @_;
    my $from = $self->_ask(
        "set $key 0 0 " . length($value) . "\r\n$value\r\n");
    my $said = <$from> // '';
    die "memcached: $said\n" if $said !~ /^STORED/;
}

sub command {
    my ($self) = @_;
    return (CorsTest::Service::find_program(['memcached']),
        '-l', '127.0.0.1', '-p', $self->port, '-U', 0, '-m', 16, '-t', 2,
        '-vv');
}

sub is_ready { return IO::Socket::INET->new("127.0.0.1:$_[0]{port}") }

sub _ask {
    my ($self, $words) = @_;
    my $to = IO::Socket::INET->new("127.0.0.1:$self->{port}")
        or die "memcached: $@\n";
    print $to $words;
    $to->flush;
    return $to;
}

1;
