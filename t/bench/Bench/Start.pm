package Bench::Start;

# What a configuration costs before the first request, and what requests leave
# behind: the time to the first answer, memory, and whether memory grows when
# each request brings an Origin that nobody has heard of.
#
#     use Bench::Start;
#     my @rows = Bench::Start::rows();
#
# Processes and threads are as distributions have them, and each figure is the
# median of $STARTS starts, the contenders in turn, so that all meet the same
# machine. No row is held: times are of the machine and of the moment, and how
# much of the shared libraries counts depends on who else uses them.

use strict;
use warnings;

use Bench::Hosts   qw(hosts host_name);
use Bench::Memory  qw(memory_is_known settled_bytes anonymous_bytes);
use Bench::Policy  qw(origins policy $STRANGER);
use Bench::Request;
use Bench::Server  qw(bare with_cors);
use Bench::Source  qw(from_file from_dbd);

my $STARTS = 5;
my $HOSTS  = 10_000;
my $MANY   = 100_000;

# Requests with a new Origin each: enough that a byte lost in each shows.
my $WARM      = 5_000;
my $STRANGERS = 60_000;
my $AT_ONCE   = 50;             # on their way together on one connection

# Growth that counts as none, in KiB, over all of them: a page or two that
# httpd's own pools take late. It is a fifth of a byte a request; one that is
# kept would be some 40.
my $SLACK = 12;

sub rows {
    die "start: no memory figures here\n" if !memory_is_known();
    my %host = (host => host_name($HOSTS));
    my %seen = _measure(
        bare   => bare(),
        one    => with_cors(policy(origins(1))),
        many   => with_cors(policy(origins($MANY))),
        file   => from_file($MANY),
        hosts  => bare(conf => hosts($HOSTS), %host),
        policy => with_cors(hosts($HOSTS, \&_own_policy), %host),
    );
    return (_list_rows(\%seen), _host_rows(\%seen), _stranger_rows());
}

# ---------------------------------------------------------------------------
# Start and memory
# ---------------------------------------------------------------------------

sub _own_policy {
    my ($name) = @_;
    return policy(map { "https://$_.$name" } qw(app www admin));
}

# Name => { ms, bytes } of each contender.
sub _measure {
    my %contender = @_;
    my %seen;
    for my $start (1 .. $STARTS) {
        for my $name (sort keys %contender) {
            my $server = Bench::Server->start(
                { mpm => 'event', size => 'many', %{ $contender{$name} } });
            _check($server, $name) if $start == 1;
            push @{ $seen{$name}{ms} }, 1000 * $server->seconds;
            push @{ $seen{$name}{bytes} }, settled_bytes($server);
            $server->stop;
        }
    }
    return map { my $name = $_;
        $name => { map { $_ => _median(@{ $seen{$name}{$_} }) } qw(ms bytes) }
    } keys %seen;
}

# Nothing that answers wrongly is measured.
sub _check {
    my ($server, $name) = @_;
    my %allowed = (
        one    => (origins(1))[0],
        many   => (origins($MANY))[-1],
        file   => (origins($MANY))[-1],
        policy => 'https://admin.' . $server->host,
    );
    my %asked = ($STRANGER => $allowed{$name} ? 'refused' : 'bare');
    $asked{ $allowed{$name} } = 'allowed' if $allowed{$name};
    for my $origin (sort keys %asked) {
        my $request = Bench::Request->get($origin);
        $request->insist($server, $server->ask($request), $asked{$origin});
    }
}

sub _median { return (sort { $a <=> $b } @_)[ $#_ / 2 ] }

sub _list_rows {
    my ($seen) = @_;
    return map {
        my ($name, $what, $ms, $mib) = @$_;
        my $more = $seen->{$name}{ms} - $seen->{bare}{ms};
        my $held = ($seen->{$name}{bytes} - $seen->{bare}{bytes}) / 2**20;
        ({ what => "start, $what", value => $more,
           text => sprintf('%+.0f ms (%.0f : %.0f)', $more,
                           $seen->{$name}{ms}, $seen->{bare}{ms}),
           $ms ? (target => $ms) : () },
         { what => "memory, $what", value => $held,
           text => sprintf('%+.1f MiB (%.1f : %.1f)', $held,
                           map { $seen->{$_}{bytes} / 2**20 } $name, 'bare'),
           $mib ? (target => $mib) : () });
    } [ one => '1 origin' ], [ many => '100,000 origins', 100, 10 ],
      [ file => '100,000 origins in a file', 100 ];
}

sub _host_rows {
    my ($seen) = @_;
    my ($with, $without) = @$seen{qw(policy hosts)};
    my $ratio = $with->{ms} / $without->{ms};
    my $each  = ($with->{bytes} - $without->{bytes}) / $HOSTS / 1024;
    return (
        { what => 'start, 10,000 virtual hosts of 3 origins',
          value => $ratio, target => 1.4,
          text => sprintf('%.2f of bare (%.0f ms : %.0f)', $ratio,
                          $with->{ms}, $without->{ms}) },
        { what => 'memory, 10,000 virtual hosts of 3 origins',
          value => $each, target => 2,
          text => sprintf('%+.2f KiB each (%.1f MiB : %.1f)', $each,
                          map { $_->{bytes} / 2**20 } $with, $without) },
    );
}

# ---------------------------------------------------------------------------
# Strangers
# ---------------------------------------------------------------------------

sub _stranger_rows {
    return map {
        my $mpm = $_;
        my $httpd = _growth(bare(mpm => $mpm));
        map {
            my ($what, $contender) = @$_;
            my $ours = _growth($contender);
            { what => "growth, 60,000 requests of strangers, $what$mpm",
              value => $ours, target => $SLACK,
              text => sprintf('%+.0f KiB (httpd alone %+.0f)', $ours,
                              $httpd) };
        } [ '' => with_cors(policy(origins($MANY)), mpm => $mpm) ],
          [ 'dbd:, ' => from_dbd($MANY, 'shmcb', mpm => $mpm) ];
    } qw(prefork event);
}

# KiB by which the server grows. It has one child, as another that starts
# meanwhile would count, and serves all on one connection.
sub _growth {
    my ($contender) = @_;
    my $one = $contender->{mpm} eq 'prefork'
        ? "ServerLimit 1\nMaxRequestWorkers 1\n" : '';
    my $server = Bench::Server->start(
        { %$contender, conf => $one . ($contender->{conf} // '') });
    my $connection = $server->connect;
    my $should = $contender->{cors} ? 'refused' : 'bare';
    _visit($server, $connection, $should, 1 .. $WARM);
    my $before = anonymous_bytes($server);
    _visit($server, $connection, $should, $WARM + 1 .. $WARM + $STRANGERS);
    my $grown = anonymous_bytes($server) - $before;
    $server->insist_all_answered;
    $server->stop;
    return $grown / 1024;
}

# A request of each stranger, some on their way at once; of the answers the
# last one is looked at.
sub _visit {
    my ($server, $connection, $should, @strangers) = @_;
    while (my @some = splice @strangers, 0, $AT_ONCE) {
        my @requests = map {
            Bench::Request->get("https://u$_.stranger.example")
        } @some;
        my @texts = map { $_->text($server) } @requests;
        $connection->write(join '', @texts);
        my @answers = map { $connection->response('GET', $_) } @texts;
        $requests[-1]->insist($server, $answers[-1], $should);
    }
}

1;
