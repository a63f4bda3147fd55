package Bench::Chart;

# Lines on two logarithmic axes, as SVG that needs nothing else.
#
#     use Bench::Chart qw(chart);
#
#     print chart(
#         title => 'Cost by length',
#         x     => 'entries in the list',
#         y     => 'instructions',
#         lines => [ { label => 'searched', colour => '#c2410c',
#                      points => [ [ 1, 52_000 ], [ 1_000, 640_000 ] ] },
#                    { label => 'hashed', colour => '#1d4ed8', dash => '2 5',
#                      points => [ [ 1, 44_000 ], [ 1_000, 44_100 ] ] } ]);
#
# Each line has its name beside its end, or above it (is_above), in its colour;
# with is_dotted it is points that are not joined. The background is its own, so
# that it can be read on pages of any colour.

use strict;
use warnings;

use Exporter qw(import);
use POSIX    qw(ceil floor);

use Bench::Row qw(thousands);

our @EXPORT_OK = qw(chart);

my ($WIDTH, $HEIGHT) = (720, 446);
my %EDGE = (left => 104, right => 530, top => 84, bottom => 384);

# Between the base lines of two names.
my $LEADING = 17;

sub chart {
    my (%want) = @_;
    my @points = map { @{ $_->{points} } } @{ $want{lines} };
    my $scale = {
        x => _scale(@EDGE{qw(left right)}, map { $_->[0] } @points),
        y => _scale(@EDGE{qw(bottom top)}, map { $_->[1] } @points),
    };
    return _head($want{title}) . _x_axis($scale->{x}, $want{x})
        . _y_axis($scale->{y}, $want{y})
        . join('', map { _line($scale, $_) } @{ $want{lines} })
        . _names($scale, @{ $want{lines} }) . "</svg>\n";
}

# Where a number is, and whole powers of ten within: the axis begins at the
# last 1, 2 or 5 below the least number, and ends at the next above.
sub _scale {
    my ($from, $to, @numbers) = @_;
    my ($least, $most) = (sort { $a <=> $b } @numbers)[0, -1];
    my @steps = map { my $ten = 10 ** $_; map { $_ * $ten } 1, 2, 5 }
        floor(_log($least)) .. ceil(_log($most));
    my ($low)  = grep { $_ <= $least } reverse @steps;
    my ($high) = grep { $_ >= $most } @steps;
    my $pixels = ($to - $from) / (_log($high) - _log($low));
    return {
        at    => sub { sprintf '%.1f', $from + (_log($_[0]) - _log($low))
                                             * $pixels },
        marks => [ grep { $_ >= $low && $_ <= $high } @steps ],
    };
}

sub _log { return log($_[0]) / log 10 }

sub _head {
    my ($title) = @_;
    return <<"SVG";
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 $WIDTH $HEIGHT"
     width="$WIDTH" height="$HEIGHT" role="img" aria-label="$title"
     font-family="system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans',
                  'DejaVu Sans', sans-serif" font-size="13" fill="#1f2328">
<rect width="$WIDTH" height="$HEIGHT" rx="6" fill="#ffffff"/>
<text x="24" y="32" font-size="15" font-weight="600">$title</text>
SVG
}

sub _x_axis {
    my ($scale, $name) = @_;
    my $svg = '';
    for my $mark (grep { /^10*$/ } @{ $scale->{marks} }) {
        my $x = $scale->{at}->($mark);
        $svg .= _rule($x, $EDGE{bottom}, $x, $EDGE{bottom} + 5)
            . _text($x, $EDGE{bottom} + 21, 'middle', thousands($mark));
    }
    return _rule(@EDGE{qw(left bottom right bottom)}) . $svg
        . _text(($EDGE{left} + $EDGE{right}) / 2, $EDGE{bottom} + 44,
                'middle', $name);
}

# Lines across, for the eye.
sub _y_axis {
    my ($scale, $name) = @_;
    my $svg = '';
    for my $mark (@{ $scale->{marks} }) {
        my $y = $scale->{at}->($mark);
        $svg .= _rule($EDGE{left}, $y, $EDGE{right}, $y)
            . _text($EDGE{left} - 8, $y + 4, 'end', thousands($mark));
    }
    return _text(24, $EDGE{top} - 30, 'start', $name) . $svg;
}

sub _rule {
    my ($x1, $y1, $x2, $y2) = @_;
    return qq(<path d="M$x1 ${y1}L$x2 $y2" stroke="#d8dee4"/>\n);
}

sub _text {
    my ($x, $y, $anchor, $text, $more) = @_;
    return sprintf qq(<text x="%s" y="%s" text-anchor="%s"%s>%s</text>\n),
        $x, $y, $anchor, $more // '', $text;
}

sub _line {
    my ($scale, $line) = @_;
    my @at = map { [ $scale->{x}{at}->($_->[0]), $scale->{y}{at}->($_->[1]) ] }
        @{ $line->{points} };
    return join '', map { qq(<circle cx="$_->[0]" cy="$_->[1]" r="4.5")
                          . qq( fill="$line->{colour}" stroke="#ffffff"/>\n) }
        @at if $line->{is_dotted};
    my $path = join 'L', map { "@$_" } @at;
    my $dash = $line->{dash} ? qq( stroke-dasharray="$line->{dash}") : '';
    return qq(<path d="M$path" fill="none" stroke="$line->{colour}")
        . qq( stroke-width="2.5" stroke-linejoin="round"$dash/>\n);
}

# Names of lines that end in the same place stand one below the other.
sub _names {
    my ($scale, @lines) = @_;
    my ($svg, %last) = ('');
    my @ends = map { my $end = $_->{points}[-1];
                     +{ %$_, x => $scale->{x}{at}->($end->[0]),
                        y => $scale->{y}{at}->($end->[1]) } } @lines;
    for my $end (sort { $a->{y} <=> $b->{y} } @ends) {
        my ($x, $y) = @$end{qw(x y)};
        my $look = qq( fill="$end->{colour}" stroke="#ffffff")
            . ' stroke-width="4" paint-order="stroke"';
        if ($end->{is_above}) {
            $svg .= _text($x, $y - 11, 'end', $end->{label}, $look);
            next;
        }
        $y = $last{$x} + $LEADING
            if defined $last{$x} && $y < $last{$x} + $LEADING;
        $last{$x} = $y;
        $svg .= _text($x + 9, $y + 4, 'start', $end->{label}, $look);
    }
    return $svg;
}

1;
