package Bench::Policies;

# What policies cost in memory: ten thousand virtual hosts that use one policy
# of a thousand origins, beside ten thousand that do nothing.
#
#     use Bench::Policies;
#     my @rows = Bench::Policies::rows();
#
# There are no targets here: docs/directives.md says what <CorsPolicy> is for,
# and these are the figures behind it.

use strict;
use warnings;

use Bench::Hosts  qw(hosts);
use Bench::Memory qw(memory_is_known settled_bytes);
use Bench::Server qw(with_cors);

my $HOSTS   = 10_000;
my $ORIGINS = 1_000;

# Many hosts with a list each are more than a machine holds.
my $FEW = 100;

sub rows {
    die "policies: no memory figures here\n" if !memory_is_known();
    my $list = join '', map { "CorsAllowOrigin https://app$_.example.com\n" }
        1 .. $ORIGINS;
    my $policy = "<CorsPolicy apps>\n$list</CorsPolicy>\n";
    my %held = _measure(
        nothing => '',
        policy  => $policy,
        empty   => hosts($HOSTS),
        line    => hosts($HOSTS, sub { "ServerSignature Off\n" }),
        use     => $policy . hosts($HOSTS, sub { "CorsUsePolicy apps\n" }),
        few     => hosts($FEW),
        own     => hosts($FEW, sub { $list }),
    );
    my $base = $held{nothing};
    return (
        _row('one policy of 1,000 origins', $held{policy} - $base, $ORIGINS),
        _row('10,000 empty virtual hosts', $held{empty} - $base, $HOSTS),
        _row("10,000 with a line of httpd's own", $held{line} - $base,
             $HOSTS),
        _row('10,000 that use the policy', $held{use} - $base, $HOSTS),
        _row('  over the empty ones and the policy',
             $held{use} - $held{empty} - $held{policy} + $base, $HOSTS),
        _row('  over those with a line, and the policy',
             $held{use} - $held{line} - $held{policy} + $base, $HOSTS),
        _row('100 hosts with 1,000 origins each',
             $held{own} - $held{few}, $FEW),
    );
}

# What a server with each of these texts holds, in bytes.
sub _measure {
    my %conf = @_;
    my %held;
    for my $name (sort keys %conf) {
        my $server = Bench::Server->start(
            with_cors($conf{$name}, mpm => 'event'));
        $held{$name} = settled_bytes($server);
        $server->stop;
    }
    return %held;
}

sub _row {
    my ($what, $bytes, $each) = @_;
    return {
        what  => "memory, $what",
        value => $bytes,
        text  => sprintf '%.1f KiB (%.0f bytes each)', $bytes / 1024,
                         $bytes / $each,
    };
}

1;
