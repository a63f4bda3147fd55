package Bench::Callgrind;

# Instructions that httpd executes for a request, without the kernel's. Counted
# by callgrind, they do not depend on what else the machine does.
#
#     use Bench::Callgrind qw(count);
#
#     my ($without, $with) = count(
#         {},
#         [ bare(),                  Bench::Request->get,          'bare' ],
#         [ with_cors(policy($own)), Bench::Request->get($own), 'allowed' ]);
#
# One process of httpd, one connection. What a start costs, and the first
# requests, falls out: a server gets some requests of each kind, another one the
# same and many more of the one kind in question, and what counts is the
# difference. The first answer of each kind, and the last, has to be right.
#
# What has been counted once is not counted again.

use strict;
use warnings;

use Data::Dumper ();
use Digest::MD5  qw(md5_hex);
use Exporter     qw(import);
use POSIX        qw(ceil);

use CorsTest::Httpd qw(lesser_user);

use Bench::Parallel qw(in_parallel);
use Bench::Server;

our @EXPORT_OK = qw(count);

my @VALGRIND = ('env', 'TMPDIR=@ROOT@/scratch',
                'valgrind', '--tool=callgrind', '--vgdb=no',
                '--callgrind-out-file=@ROOT@/scratch/callgrind');

# A server that root starts changes its user; then it could not write what was
# counted. So it is that user from the first.
my ($user, $group) = lesser_user();
unshift @VALGRIND, 'setpriv', "--reuid=$user", "--regid=$group",
    '--clear-groups' if defined $user;

my %known;

# Instructions for each [ contender, request, what the answer should be ].
# Options: requests (default 1,000), of which there are fewer where one is
# expensive.
sub count {
    my ($option, @wanted) = @_;
    my $requests = $option->{requests} || 1000;

    my (%of, %seen);
    for my $kind (@wanted) {
        next if exists $known{ _key($kind) } || $seen{ _key($kind) }++;
        push @{ $of{ _key($kind->[0]) } }, $kind;
    }
    my @servers = map { $of{$_} } sort keys %of;

    my @work;
    for my $kinds (@servers) {
        my @first = map { [ @$_, ceil($requests / 5 / @$kinds) ] } @$kinds;
        push @work, sub { _total(@first) };
        push @work, map { my $kind = $_;
                          sub { _total(@first, [ @$kind, $requests ]) }
                    } @$kinds;
    }
    my @totals = in_parallel(@work);
    for my $kinds (@servers) {
        my $before = shift @totals;
        $known{ _key($_) } = (shift(@totals) - $before) / $requests
            for @$kinds;
    }
    return map { $known{ _key($_) } } @wanted;
}

# The same text for the same server, or request to it.
sub _key {
    local $Data::Dumper::Sortkeys = 1;
    local $Data::Dumper::Indent   = 0;
    return md5_hex(Data::Dumper::Dumper($_[0]));
}

# What a server executes in its life, with so many requests of these kinds.
sub _total {
    my (@kinds) = @_;
    my $server = Bench::Server->start({ %{ $kinds[0][0] }, alone => 1,
                                        under => \@VALGRIND });
    my $connection = $server->connect;
    _ask($server, $connection, @$_) for @kinds;
    $connection->close;
    $server->insist_all_answered;
    $server->stop;

    my $file = $server->root . '/scratch/callgrind';
    open my $in, '<', $file or die "$file: $!\n";
    my ($total) = map { /^totals: (\d+)/ ? $1 : () } <$in>;
    return $total || die $server->name . ": callgrind counted nothing\n";
}

sub _ask {
    my ($server, $connection, $contender, $request, $should, $times) = @_;
    my $answer;
    for my $time (1 .. $times) {
        my $text = $request->text($server);
        $connection->write($text);
        $answer = $connection->response($request->method, $text)
            or die $server->name . ": the server hung up\n";
        $request->insist($server, $answer, $should) if $time == 1;
    }
    $request->insist($server, $answer, $should);
}

1;
