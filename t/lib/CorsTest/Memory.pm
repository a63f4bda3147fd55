package CorsTest::Memory;

# What a configuration costs: the memory that httpd holds of its own once it
# serves.
#
#     use CorsTest::Memory;
#     my $bytes = held('10,000 empty hosts', conf => hosts(10_000, ''));

use strict;
use warnings;

use Exporter qw(import);

use CorsTest;

our @EXPORT = qw(held hosts memory_is_known);

# Can it be measured? Not without /proc, nor under a sanitizer, which has its
# own idea of memory.
sub memory_is_known { return -e "/proc/$$/status" && !$ENV{CORS_PRELOAD} }

# That many virtual hosts, v1.example and so on, with these lines in each.
sub hosts {
    my ($count, $lines) = @_;
    return join '', map { <<"CONF" } 1 .. $count;
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName v$_.example
$lines</VirtualHost>
CONF
}

# Starts a server, stops it again, and returns what its parent process held,
# in bytes. Options are those of CorsTest->start(); `ask` is called with the
# running server.
sub held {
    my ($name, %want) = @_;
    my $ask = delete $want{ask};
    my $server = CorsTest->start(name => $name, %want);

    open my $in, '<', '/proc/' . $server->pid . '/status'
        or die "$name: no memory figures: $!\n";
    my ($kib) = map { /^RssAnon:\s+(\d+) kB/ ? $1 : () } <$in>;
    $ask->($server) if $ask;
    $server->stop;
    return $kib * 1024;
}

1;
