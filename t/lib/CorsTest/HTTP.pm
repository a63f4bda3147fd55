package CorsTest::HTTP;

# Raw HTTP/1.1 for CorsTest, in the clear or over TLS: what came, not what it
# means. A hash of headers hides a field that comes twice; here fields stay a
# list.

use strict;
use warnings;

# ---------------------------------------------------------------------------
# A connection: writes bytes, reads responses one by one
# ---------------------------------------------------------------------------

package CorsTest::Connection;

use IO::Select;
use IO::Socket::INET;
use IO::Socket::SSL ();

use CorsTest::Process qw($PATIENCE);

# To a port; over TLS, if there is the name of a host. Further arguments are
# options of IO::Socket::SSL.
sub new {
    my ($class, $port, $host, @tls) = @_;
    my @to = (PeerAddr => '127.0.0.1', PeerPort => $port,
              Timeout => $PATIENCE);
    my $socket = defined $host
        ? IO::Socket::SSL->new(@to, SSL_hostname => $host,
              SSL_verify_mode => IO::Socket::SSL::SSL_VERIFY_NONE(), @tls)
        : IO::Socket::INET->new(@to);
    return $class->on($socket || die "port $port: $@\n");
}

# On a socket that is there already.
sub on {
    my ($class, $socket) = @_;
    return bless { socket => $socket, buffer => '' }, $class;
}

sub socket { $_[0]{socket} }

# A server that refuses early closes early; its answer is still to be read.
sub write {
    my ($self, $bytes) = @_;
    local $SIG{PIPE} = 'IGNORE';
    my $sent = 0;
    while ($sent < length $bytes) {
        my $n = syswrite $self->{socket}, $bytes, 65536, $sent;
        return if !$n;
        $sent += $n;
    }
}

# The next final response, or nothing when the server closes without one.
sub response {
    my ($self, $method, $sent) = @_;
    my @interim;
    while (1) {
        my $res = CorsTest::Response->new($self->head // return, $sent);
        if ($res->status =~ /^1/ && $res->status != 101) {
            push @interim, $res->head;
            next;
        }
        $res->{interim} = \@interim;
        $res->{body} = $self->body($res, $method);
        return $res;
    }
}

# Whatever comes until the server closes.
sub rest {
    my ($self) = @_;
    1 while $self->_fill;
    return $self->take(length $self->{buffer});
}

sub close { close $_[0]{socket} }

# Up to the empty line, which is taken too; nothing when there is none.
sub head {
    my ($self) = @_;
    $self->_fill_until(qr/\r\n\r\n/) or return undef;
    return $self->{buffer} =~ s/^(.*?\r\n)\r\n//s ? $1 : undef;
}

# What follows that head.
sub body {
    my ($self, $res, $method) = @_;
    return '' if $method eq 'HEAD' || $res->status =~ /^(?:1..|204|304)$/;
    if (($res->field('Transfer-Encoding') // '') eq 'chunked') {
        my $body = '';
        while ($self->_fill_until(qr/\r\n/)
               && $self->{buffer} =~ s/^([0-9a-fA-F]+)[^\r\n]*\r\n//) {
            my $size = hex $1 or last;
            $body .= $self->take($size);
            $self->take(2);
        }
        $self->take(2);        # httpd sends no trailers here
        return $body;
    }
    my $length = $res->field('Content-Length');
    return defined $length ? $self->take($length) : $self->rest;
}

# As many bytes.
sub take {
    my ($self, $count) = @_;
    while (length $self->{buffer} < $count) {
        $self->_fill or die "the response is cut short\n";
    }
    return substr $self->{buffer}, 0, $count, '';
}

sub _fill_until {
    my ($self, $pattern) = @_;
    until ($self->{buffer} =~ $pattern) {
        $self->_fill or return 0;
    }
    return 1;
}

sub _fill {
    my ($self) = @_;
    my $socket = $self->{socket};
    my $at_hand = $socket->can('pending') && $socket->pending;
    $at_hand || IO::Select->new($socket)->can_read($PATIENCE)
        or die "no answer in $PATIENCE s\n";
    return sysread $socket, $self->{buffer}, 65536, length $self->{buffer};
}

# ---------------------------------------------------------------------------
# A response
# ---------------------------------------------------------------------------

package CorsTest::Response;

my %CORS = (
    acao => 'Access-Control-Allow-Origin',
    acac => 'Access-Control-Allow-Credentials',
    acam => 'Access-Control-Allow-Methods',
    acah => 'Access-Control-Allow-Headers',
    aceh => 'Access-Control-Expose-Headers',
    acma => 'Access-Control-Max-Age',
    vary => 'Vary',
);

# How lists are made comparable; what is not here compares byte for byte.
my %LIST = (
    acam => sub { $_[0] },
    (map { $_ => sub { lc $_[0] } } qw(acah aceh vary)),
);

sub new {
    my ($class, $head, $sent) = @_;
    my ($first, @lines) = split /\r\n/, $head;
    my ($status, $reason) = ($first // '') =~ m{^HTTP/[\d.]+ (\d{3}) ?(.*)};
    return bless {
        head => $head, sent => $sent, interim => [], body => '', extra => '',
        status => $status // 0, reason => $reason // '',
        fields => [ map { [ /^([^:]*):[ \t]*(.*?)[ \t]*$/s ] } @lines ],
    }, $class;
}

# The server closed without a word: status 0.
sub none { my ($class, $sent) = @_; return $class->new('', $sent) }

sub status  { $_[0]{status} }
sub reason  { $_[0]{reason} }
sub head    { $_[0]{head} }
sub body    { $_[0]{body} }
sub extra   { $_[0]{extra} }            # bytes after the response: none
sub interim { @{ $_[0]{interim} } }     # heads of 1xx responses
sub names   { map { $_->[0] } @{ $_[0]{fields} } }

# Raw values in order; of one name, or the first of them.
sub fields {
    my ($self, $name) = @_;
    return map { $_->[1] } grep { lc $_->[0] eq lc $name }
        @{ $self->{fields} };
}
sub field { return ($_[0]->fields($_[1]))[0] }

# What is not as a row of promises() expects, in words.
sub differences {
    my ($self, $expected) = @_;
    my %left = map { lc $_ => $_ } grep { /^Access-Control-|^Vary$/i }
        $self->names;
    my %rest = (status => 200, %$expected);
    my ($status, $body, $field) = delete @rest{qw(status body field)};
    my @wrong;

    push @wrong, "status $self->{status}, expected $status"
        if !_same($self->{status}, $status);
    push @wrong, "bytes after the response: $self->{extra}"
        if $self->{extra} ne '';
    push @wrong, "body '$self->{body}', expected '$body'"
        if defined $body && !_same($self->{body}, $body);
    for my $key (sort keys %rest) {
        my $name = $CORS{$key} or die "no such expectation: $key\n";
        delete $left{ lc $name };
        push @wrong, $self->_difference($name, $rest{$key}, $LIST{$key});
    }
    for my $name (sort keys %{ $field || {} }) {
        delete $left{ lc $name };
        push @wrong, $self->_difference($name, $field->{$name});
    }
    push @wrong, map { "unexpected $_: " . $self->field($_) }
        sort values %left;
    return @wrong;
}

sub _difference {
    my ($self, $name, $want, $list) = @_;
    my @got = $self->fields($name);
    return "unexpected $name: @got" if @got && !defined $want;
    return if !defined $want;
    return "$name " . (@got ? "comes @{[ scalar @got ]} times" : 'missing')
        . ", expected '$want'" if @got != 1;
    my ($is, $should) = ($got[0], $want);
    if ($list && !ref $want) {
        ($is, $should) = map {
            join ', ', sort map { $list->($_) } split /\s*,\s*/, $_, -1
        } $is, $should;
    }
    return _same($is, $should) ? () : "$name '$got[0]', expected '$want'";
}

sub _same {
    my ($is, $should) = @_;
    return ref $should ? $is =~ $should : $is eq $should;
}

# Both sides of the exchange, as far as eyes can use them.
sub transcript {
    my ($self) = @_;
    my $text = "$self->{sent}\n$self->{head}";
    $text =~ s/\r\n/\n/g;
    $text =~ s/([^\n -~])/sprintf '\\x%02x', ord $1/ge;
    $text =~ s/^(.{300}).+$/$1 .../mg;
    return $text;
}

1;
