package Bench::Request;

# A request as a browser sends it, and what is wrong with an answer.
#
#     use Bench::Request;
#
#     my $plain = Bench::Request->get;
#     my $get   = Bench::Request->get('https://app.example.com');
#     my $asks  = Bench::Request->preflight('https://app.example.com');
#     my $crowd = Bench::Request->crowd(@origins);    # one after the other
#
#     my $answer = $server->ask($get);
#     my @wrong  = $get->wrong($answer, 'allowed');
#     $get->insist($server, $answer, 'allowed');      # dies where it is wrong
#
# What it should be: allowed or refused by the policy, or bare, of a server
# that knows nothing of this.

use strict;
use warnings;

use Bench::Policy qw($EXPOSED);
use Bench::Server qw($BODY);

my @BROWSER = (
    'User-Agent'      => 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 '
        . '(KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
    'Accept'          => '*/*',
    'Accept-Language' => 'en-GB,en;q=0.9',
    'Accept-Encoding' => 'gzip, deflate, br, zstd',
    'Sec-Fetch-Mode'  => 'cors',
    'Sec-Fetch-Site'  => 'cross-site',
    'Sec-Fetch-Dest'  => 'empty',
    'Referer'         => 'https://app.example.org/',
);

# Without an origin, as from a page of the same site.
sub get {
    my ($class, $origin) = @_;
    return $class->_new('GET', defined $origin ? (Origin => $origin) : ());
}

# A GET of each of these origins: text() has the next one, in the end the first
# again.
sub crowd {
    my ($class, @origins) = @_;
    my $self = $class->get($origins[0]);
    $self->{crowd} = \@origins;
    return $self;
}

sub preflight {
    my ($class, $origin, $headers) = @_;
    return $class->_new(
        'OPTIONS', Origin => $origin,
        'Access-Control-Request-Method'  => 'PUT',
        'Access-Control-Request-Headers' => $headers
            // 'content-type,x-custom-one');
}

sub _new {
    my ($class, $method, @fields) = @_;
    return bless { method => $method, fields => [ @BROWSER, @fields ],
                   origin => {@fields}->{Origin} }, $class;
}

sub method   { $_[0]{method} }
sub is_crowd { defined $_[0]{crowd} }

# Names and values, in turn.
sub fields { @{ $_[0]{fields} } }

# As it is sent to this server.
sub text {
    my ($self, $server) = @_;
    $self->_next if $self->{crowd};
    my $text = "$self->{method} " . $server->path . " HTTP/1.1\r\n"
        . 'Host: ' . $server->host . "\r\n";
    my @fields = $self->fields;
    while (my ($name, $value) = splice @fields, 0, 2) {
        $text .= "$name: $value\r\n";
    }
    return "$text\r\n";
}

sub _next {
    my ($self) = @_;
    my $next = shift @{ $self->{crowd} };
    push @{ $self->{crowd} }, $next;
    $self->{origin} = $self->{fields}[-1] = $next;
}

# In words; nothing where the answer is right.
sub wrong {
    my ($self, $answer, $should) = @_;
    my @wrong;
    my $is_get = $self->{method} eq 'GET';

    # Servers differ in what they say to a preflight, above all to a refused
    # one.
    my $status = $answer->status;
    my $good = $is_get              ? qr/^200$/
             : $should eq 'refused' ? qr/^(?:2..|403)$/
             :                        qr/^2/;
    push @wrong, "status $status" if $status !~ $good;
    push @wrong, length($answer->body) . ' bytes'
        if $is_get && $answer->body ne $BODY;

    my $allowed = join ', ', $answer->fields('Access-Control-Allow-Origin');
    my $expected = $should eq 'allowed' ? $self->{origin} : '';
    push @wrong, "Access-Control-Allow-Origin '$allowed', not '$expected'"
        if $allowed ne $expected;
    push @wrong, map { "no $_" } grep { !defined $answer->field($_) }
        $self->_granted if $should eq 'allowed';

    my $vary = join ', ', $answer->fields('Vary');
    push @wrong, "Vary '$vary'"
        if ($vary =~ /\bOrigin\b/ ? 1 : 0) != ($should ne 'bare');
    return @wrong;
}

# Nothing that answers wrongly is measured.
sub insist {
    my ($self, $server, $answer, $should) = @_;
    my @wrong = $self->wrong($answer, $should);
    die join "\n", $server->name . ": $self->{method} is answered wrongly, "
        . "it should be $should", @wrong, $answer->transcript if @wrong;
}

# What the policy says to an origin that it lists.
sub _granted {
    my ($self) = @_;
    return map { "Access-Control-$_" } 'Allow-Credentials',
        $self->{method} eq 'GET' ? 'Expose-Headers'
            : qw(Allow-Methods Allow-Headers Max-Age);
}

1;
