package Bench::Hosts;

# Virtual hosts by the thousand.
#
#     use Bench::Hosts qw(hosts host_name);
#
#     my $empty = hosts(10_000);
#     my $own   = hosts(10_000, sub { policy("https://app.$_[0]") });
#     my $last  = host_name(10_000);

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(hosts host_name);

# Counted from 1.
sub host_name { return sprintf 'v%05d.example', $_[0] }

# That many, with the lines that are made for the name of each.
sub hosts {
    my ($count, $lines_for) = @_;
    return join '', map {
        my $name  = host_name($_);
        my $lines = $lines_for ? $lines_for->($name) : '';
        <<"CONF";
<VirtualHost 127.0.0.1:\@PORT\@>
ServerName $name
DocumentRoot "\@DOCROOT\@"
$lines</VirtualHost>
CONF
    } 1 .. $count;
}

1;
