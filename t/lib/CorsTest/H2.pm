package CorsTest::H2;

# HTTP/2 frame by frame, for what curl does not show or do: requests side by
# side on one connection, pushed responses, extended CONNECT.
#
#     my $h2 = CorsTest::H2->connect($s->port(2), 'localhost');   # over TLS
#     my $h2 = CorsTest::H2->connect($s->port);                   # h2c
#     my @ids = map { $h2->send("GET /$_", [ Origin => $app ]) } 1 .. 9;
#     $h2->response($_)->differences({ acao => $app }) for @ids;
#
# No flow control: responses are small.

use strict;
use warnings;

use CorsTest::HTTP;

use Protocol::HTTP2::Connection ();
use Protocol::HTTP2::Constants  qw(CLIENT);
use Protocol::HTTP2::HeaderCompression qw(headers_decode headers_encode);

my %TYPE = (DATA => 0, HEADERS => 1, RST_STREAM => 3, SETTINGS => 4,
            PUSH_PROMISE => 5, PING => 6, GOAWAY => 7, CONTINUATION => 9);
my %NAME = reverse %TYPE;
my ($END_STREAM, $ACK, $END_HEADERS, $PADDED, $PRIORITY) = (1, 1, 4, 8, 32);

# Settings, and what a frame of them says.
my %SETTING = (ENABLE_PUSH => 2, ENABLE_CONNECT_PROTOCOL => 8);

# To a port, over TLS if there is the name of a host. Options: push (true: to
# be pushed to).
sub connect {
    my ($class, $port, $host, %opt) = @_;
    my $conn = CorsTest::Connection->new($port, $host,
                                         SSL_alpn_protocols => ['h2']);
    die "port $port: no h2\n"
        if defined $host && ($conn->socket->alpn_selected // '') ne 'h2';
    my $self = bless {
        conn   => $conn,
        codec  => Protocol::HTTP2::Connection->new(CLIENT),
        scheme => defined $host ? 'https' : 'http',
        host   => $host // 'localhost',
        next   => 1, streams => {}, settings => {}, promised => [],
    }, $class;
    $self->{conn}->write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    $self->_write('SETTINGS', 0, 0,
                  pack 'nN', $SETTING{ENABLE_PUSH}, $opt{push} ? 1 : 0);
    return $self;
}

# Sends a request and returns the number of its stream. Fields are a list or
# a hash, lower case is made of them. Options: host (the authority), body,
# protocol (makes an extended CONNECT of it, whose stream stays open).
sub send {
    my ($self, $line, $fields, %opt) = @_;
    my ($method, $target) = split / /, $line, 2;
    my $id = $self->{next};
    $self->{next} += 2;
    my $head = headers_encode($self->{codec}->encode_context, [
        ':method' => $method, ':scheme' => $self->{scheme},
        ':authority' => $opt{host} // $self->{host}, ':path' => $target,
        defined $opt{protocol} ? (':protocol' => $opt{protocol}) : (),
        ref $fields eq 'HASH' ? %$fields : @{ $fields || [] },
    ]);
    my $ends = !defined $opt{body} && !defined $opt{protocol};
    $self->_write('HEADERS', $END_HEADERS | ($ends ? $END_STREAM : 0), $id,
                  $head);
    $self->data($id, $opt{body}, 1) if defined $opt{body};
    $self->{streams}{$id}{sent} = "$line HTTP/2, stream $id\r\n"
        . join '', map { ref $_ ? () : "$_\r\n" } @{ ref $fields eq 'ARRAY'
            ? $fields : [ %{ $fields || {} } ] };
    return $id;
}

sub data {
    my ($self, $id, $bytes, $ends) = @_;
    $self->_write('DATA', $ends ? $END_STREAM : 0, $id, $bytes);
}

# The whole response of a stream; status 0 and the code in the reason if the
# stream is reset instead.
sub response {
    my ($self, $id) = @_;
    my $stream = $self->{streams}{$id} ||= {};
    $self->_read until $stream->{ended};
    return $self->_response($stream);
}

# The same as soon as its head has come; the stream may go on.
sub head {
    my ($self, $id) = @_;
    my $stream = $self->{streams}{$id};
    $self->_read until $stream->{head} || $stream->{ended};
    return $self->_response($stream);
}

# Waits until the data of a stream match, or the stream has ended.
sub received {
    my ($self, $id, $pattern) = @_;
    my $stream = $self->{streams}{$id};
    $self->_read
        until $stream->{ended} || ($stream->{body} // '') =~ $pattern;
    return $stream->{body} // '';
}

# The promises so far: pairs of the promised request's head, as lines, and the
# number of its stream.
sub promised { return @{ $_[0]{promised} } }

# What the server has set, once it has.
sub setting {
    my ($self, $name) = @_;
    $self->_read until exists $self->{settings}{known};
    return $self->{settings}{ $SETTING{$name} };
}

sub close { $_[0]{conn}->close }

# ---------------------------------------------------------------------------

sub _response {
    my ($self, $stream) = @_;
    my $sent = $stream->{sent} // 'pushed';
    my $head = $stream->{head};
    my $res  = CorsTest::Response->new(
        $head // "HTTP/2 000 reset $stream->{reset}\r\n", $sent);
    $res->{interim} = $stream->{interim} || [];
    $res->{body}    = $stream->{body} // '';
    return $res;
}

sub _write {
    my ($self, $type, $flags, $id, $payload) = @_;
    $self->{conn}->write(
        substr(pack('N', length $payload), 1)
        . pack('CCN', $TYPE{$type}, $flags, $id) . $payload);
}

# One frame.
sub _read {
    my ($self) = @_;
    my ($high, $low, $type, $flags, $id) =
        unpack 'nCCCN', $self->{conn}->take(9);
    my $payload = $self->{conn}->take($high << 8 | $low);
    $type = $NAME{$type} // 'another';
    my $stream = $self->{streams}{$id} ||= {};

    if ($type =~ /^(?:DATA|HEADERS|PUSH_PROMISE)$/ && $flags & $PADDED) {
        my $pad = ord substr $payload, 0, 1, '';
        substr $payload, length($payload) - $pad, $pad, '';
    }
    if ($type eq 'SETTINGS' && !($flags & $ACK)) {
        $self->{settings} = { known => 1, unpack '(nN)*', $payload };
        $self->_write('SETTINGS', $ACK, 0, '');
    }
    elsif ($type eq 'PING' && !($flags & $ACK)) {
        $self->_write('PING', $ACK, 0, $payload);
    }
    elsif ($type eq 'GOAWAY') {
        die 'goaway, ' . unpack('x4N', $payload) . "\n";
    }
    elsif ($type eq 'RST_STREAM') {
        @$stream{qw(ended reset)} = (1, unpack 'N', $payload);
    }
    elsif ($type eq 'DATA') {
        $stream->{body} .= $payload;
    }
    elsif ($type eq 'HEADERS') {
        substr $payload, 0, 5, '' if $flags & $PRIORITY;
        $self->_head($stream, $self->_fields($flags, $payload));
    }
    elsif ($type eq 'PUSH_PROMISE') {
        my $promised = unpack 'N', substr $payload, 0, 4, '';
        my $lines = $self->_fields($flags, $payload);
        push @{ $self->{promised} }, [ $lines, $promised ];
        $self->{streams}{$promised} ||= { sent => $lines };
    }
    $stream->{ended} = 1
        if $type =~ /^(?:DATA|HEADERS)$/ && $flags & $END_STREAM;
}

# Fields as lines, with what follows in other frames.
sub _fields {
    my ($self, $flags, $block) = @_;
    while (!($flags & $END_HEADERS)) {
        (my ($high, $low), undef, $flags) =
            unpack 'nCCC', $self->{conn}->take(9);
        $block .= $self->{conn}->take($high << 8 | $low);
    }
    my $fields = $self->{codec}->decode_context->{emitted_headers} = [];
    defined headers_decode($self->{codec}, \$block, 0, length $block, 1)
        or die "fields that cannot be read\n";
    my $lines = '';
    while (my ($name, $value) = splice @$fields, 0, 2) {
        $lines .= "$name: $value\r\n";
    }
    return $lines;
}

# The head of a response, of one before it, or trailers.
sub _head {
    my ($self, $stream, $lines) = @_;
    if ($stream->{head}) {
        $stream->{head} .= $lines;
        return;
    }
    $lines =~ s/^:status: (\d+)\r\n// or die "a head without a status\n";
    my $head = "HTTP/2 $1 \r\n$lines";
    if ($1 < 200) {
        push @{ $stream->{interim} }, $head;
        return;
    }
    $stream->{head} = $head;
}

1;
