package Bench::Swap;

# What it takes to bring a changed file of 100,000 origins into force, while the
# server runs.
#
#     use Bench::Swap;
#     my @rows = Bench::Swap::rows();
#
# Times and memory are of the machine and of the moment, so nothing is held; the
# limit of two seconds is a promise, which the tests hold.

use strict;
use warnings;

use Time::HiRes qw(sleep time);

use Bench::Memory  qw(memory_is_known settled_bytes highest_bytes
                      processor_seconds);
use Bench::Policy  qw(origins);
use Bench::Request;
use Bench::Server;
use Bench::Source  qw(from_own_file write_lines);

my @MANY    = origins(100_000);
my $CHANGES = 5;

# Milliseconds until a changed file is in force.
my $LIMIT = 2000;

# Seconds after which it is in any case, and all is quiet again.
my $SETTLED = 4;

sub rows {
    return (_time_row(), memory_is_known() ? _cost_rows() : ());
}

# From the moment that the new file is in its place to the first answer by it.
sub _time_row {
    my ($contender, $path) = from_own_file(\@MANY, mpm => 'event');
    my $server = Bench::Server->start($contender);
    my @ms = sort { $a <=> $b } map { _change($server, $path, $_) }
        1 .. $CHANGES;
    $server->stop;
    return { what => 'a changed file of 100,000 is in force after',
             value => $ms[-1], target => $LIMIT,
             text => sprintf('%.0f ms, the median; at most %.0f',
                             $ms[ $#ms / 2 ], $ms[-1]) };
}

sub _change {
    my ($server, $path, $number) = @_;
    my $new = Bench::Request->get("https://new$number.example");
    $new->insist($server, $server->ask($new), 'refused');
    # Anywhere between two looks at the file.
    sleep $number / $CHANGES;
    write_lines($path, @MANY, "https://new$number.example");
    my $began = time;
    while ($new->wrong($server->ask($new), 'allowed')) {
        die "a changed file is not seen\n" . $server->error_log
            if time - $began > 60;
        sleep 0.01;
    }
    return 1000 * (time - $began);
}

# What the children have taken of the processor, and hold, after each change.
sub _cost_rows {
    my ($contender, $path)
        = from_own_file(\@MANY, mpm => 'event', size => 'many');
    my $server = Bench::Server->start($contender);
    sleep $SETTLED;
    my @held = settled_bytes($server);
    my $idle = _processor($server, sub { });
    my @taken;
    for my $number (1 .. $CHANGES) {
        push @taken, _processor($server, sub {
            write_lines($path, @MANY, "https://new$number.example");
        });
        push @held, settled_bytes($server);
    }
    my $highest = highest_bytes($server);
    $server->stop;
    my ($median) = (sort { $a <=> $b } @taken)[ $#taken / 2 ];
    my @more = map { ($_ - $held[0]) / 2**20 } @held[1, -1];
    return (
        { what => 'a changed file of 100,000, processor, each child',
          value => $median,
          text => sprintf('%.0f ms', 1000 * ($median - $idle) / 2) },
        { what => 'memory, after a change, two children', value => $more[0],
          text => sprintf('%+.1f MiB (%.1f : %.1f)', $more[0],
                          map { $_ / 2**20 } @held[1, 0]) },
        { what => "memory, after $CHANGES changes", value => $more[1],
          text => sprintf('%+.1f MiB (%.1f : %.1f)', $more[1],
                          map { $_ / 2**20 } @held[-1, 0]) },
        { what => 'memory, the largest child at its highest',
          value => $highest, text => sprintf('%.1f MiB', $highest / 2**20) },
    );
}

# Seconds that the children take until this has settled.
sub _processor {
    my ($server, $do) = @_;
    my $before = processor_seconds($server);
    $do->();
    sleep $SETTLED;
    return processor_seconds($server) - $before;
}

1;
