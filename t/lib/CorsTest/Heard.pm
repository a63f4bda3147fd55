package CorsTest::Heard;

# A file to which a program behind the server adds a line for each request
# that it is asked, and rows of promises that hold the number against it.
#
#     use CorsTest::Heard;
#
#     my $heard = CorsTest::Heard->new($s->root . '/scratch/heard');
#     $heard->promises($s,
#         [ 'the script runs', 'GET /cgi-bin/a.cgi', {}, { body => 'hi' } ],
#         [ 'a preflight is none of its business', 'OPTIONS /cgi-bin/a.cgi',
#           preflight('https://app.example.com', 'GET'),
#           { status => 204, ... }, {}, 0 ]);

use strict;
use warnings;

use CorsTest;
use Exporter qw(import);

our @EXPORT_OK = qw(rows_at);

# Such rows for one of several hosts, with words in front that say which.
sub rows_at {
    my ($where, $host, @rows) = @_;
    return map {
        my ($text, $line, $fields, $expected, $opt, $count) = @$_;
        [ "$where: $text", $line, $fields, $expected,
          { %{ $opt || {} }, host => $host }, $count ]
    } @rows;
}

# The file need not be there yet.
sub new {
    my ($class, $file) = @_;
    return bless { file => $file, read => 0 }, $class;
}

# The lines that came since the last call.
sub lines {
    my ($self) = @_;
    open my $in, '<:raw', $self->{file} or return;
    seek $in, $self->{read}, 0;
    chomp(my @lines = <$in>);
    $self->{read} = tell $in;
    return @lines;
}

# Rows as promises() of CorsTest takes them, with a sixth element: how many
# lines there are for it, one if it is not said.
sub promises {
    my ($self, $s, @rows) = @_;
    for my $row (@rows) {
        my ($text, $line, $fields, $expected, $opt, $count) = @$row;
        $self->lines;
        my $res = eval { $s->request($line, $fields, %{ $opt || {} }) };
        my @wrong = $res ? $res->differences($expected) : "$line: $@";
        my @lines = $self->lines;
        push @wrong, 'it heard: ' . (join(', ', @lines) || 'nothing')
            if @lines != ($count // 1);
        local $Test::Builder::Level = $Test::Builder::Level + 1;
        promise(!@wrong, $text, @wrong, $res ? $res->transcript : ());
    }
}

1;
