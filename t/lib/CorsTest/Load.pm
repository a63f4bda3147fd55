package CorsTest::Load;

# Clients that never stop asking, and what they were answered.
#
#     use CorsTest::Load;
#
#     my $load = CorsTest::Load->start($s, 4,
#         listed   => sub { 'https://app.example.com' },
#         stranger => sub { 'https://evil' . int(rand 1e6) . '.example' });
#     ...
#     for ($load->answers($since)) { ... $_->{kind} ... $_->{verdict} ... }
#     $load->stop;
#
# Each request is of one of these kinds, with an origin that the code makes,
# and a preflight as often as not. An answer is a hash: start (seconds since
# the epoch), took (seconds), kind, origin, and a verdict: 'allowed',
# 'refused', or what is wrong with it in words.

use strict;
use warnings;

use File::Temp  ();
use POSIX       ();
use Time::HiRes qw(sleep time);

use CorsTest;
use CorsTest::Process;

# Seconds between two requests of a client, which leave the processor to
# others.
my $BREATH = 0.004;

sub start {
    my ($class, $s, $clients, %kinds) = @_;
    my $self   = bless { file => File::Temp->new, read => 0, all => [] },
        $class;
    my $parent = $$;
    my @kinds  = sort keys %kinds;
    $self->{clients} = [ map {
        CorsTest::Process->code('client', sub {
            open my $out, '>>', $self->{file}->filename or die "$!\n";
            srand;
            while (getppid == $parent) {
                my $kind = $kinds[rand @kinds];
                syswrite $out, _ask($s, $kind, $kinds{$kind}->());
                sleep $BREATH;
            }
        });
    } 1 .. $clients ];
    return $self;
}

sub stop { $_->stop for splice @{ $_[0]{clients} } }

# Those to requests that were sent after one moment, and answered before
# another; 0 for the second: all that there are.
sub answers {
    my ($self, $after, $before) = @_;
    open my $in, '<', $self->{file}->filename or die "$!\n";
    seek $in, $self->{read}, 0;
    while (defined(my $line = <$in>)) {
        last if $line !~ /\n\z/;
        $self->{read} = tell $in;
        chomp $line;
        my %answer;
        @answer{qw(start took kind origin verdict)} = split /\t/, $line;
        push @{ $self->{all} }, \%answer;
    }
    return grep {
        $_->{start} >= $after
            && (!$before || $_->{start} + $_->{took} <= $before)
    } @{ $self->{all} };
}

# An answer in words.
sub in_words {
    my ($answer) = @_;
    return sprintf '%.3f %s %s: %s after %.3f s', @$answer{
        qw(start kind origin verdict took)};
}

sub _ask {
    my ($s, $kind, $origin) = @_;
    my $is_preflight = rand() < 0.5;
    my $start = time;
    my $res = eval {
        $is_preflight
            ? $s->request('OPTIONS /a.txt', preflight($origin, 'GET'))
            : $s->request('GET /a.txt', { Origin => $origin });
    };
    my $took    = time - $start;
    my $verdict = $res ? _verdict($res, $origin, $is_preflight) : $@;
    $verdict =~ s/\s+/ /g;
    return join("\t", sprintf('%.6f', $start), sprintf('%.6f', $took), $kind,
        $origin, $verdict) . "\n";
}

sub _verdict {
    my ($res, $origin, $is_preflight) = @_;
    my $vary    = $is_preflight ? $TRIO : 'Origin';
    my %granted = (acao => $origin, vary => $vary,
        $is_preflight ? (status => 204, acam => 'GET, HEAD, POST',
                         acma => 600) : ());
    my @wrong = $res->differences(\%granted) or return 'allowed';
    return 'refused' if !$res->differences(
        { vary => $vary, $is_preflight ? (status => 403) : () });
    return "neither granted nor refused: @wrong";
}

1;
