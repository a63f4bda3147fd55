package CorsTest::Curl;

# HTTP/2 for CorsTest, by curl, which shows the fields as they came. Requests
# that HTTP/2 can't carry, and hostile ones, stay with CorsTest::HTTP.

use strict;
use warnings;

use CorsTest::HTTP;
use CorsTest::Process qw($PATIENCE);

my %OVER = (
    'h2'          => [ 'https', '--http2' ],
    'h2c'         => [ 'http',  '--http2-prior-knowledge' ],
    # Asked for in HTTP/1.1, and answered so by what answers before a handler.
    'h2c-upgrade' => [ 'http',  '--http2' ],
);

sub knows { return exists $OVER{ $_[0] } }

# One request on a connection of its own; the response, or an exception. A body
# is text.
sub request {
    my ($over, $port, $method, $target, $host, $fields, $body) = @_;
    my ($scheme, @options) = @{ $OVER{$over} };
    my @command = ('curl', '-q', '-sS', '-k', '-i', '-m', $PATIENCE, @options,
        '--noproxy', '*', '--connect-to', "::127.0.0.1:$port",
        '--request-target', $target,
        $method eq 'HEAD' ? '-I' : ('-X', $method),
        map({ ('-H', "$_:") } qw(User-Agent Accept Content-Type)),
        defined $body ? ('--data-raw', $body) : ());
    my @fields = @$fields;
    while (my ($name, $value) = splice @fields, 0, 2) {
        push @command, '-H', $value eq '' ? "$name;" : "$name: $value";
    }
    push @command, "$scheme://$host/";

    open my $out, '-|', @command or die "curl: $!\n";
    local $/;
    my $answer = <$out> // '';
    close $out;
    my $sent = join ' ', @command;
    my @interim;
    while ($answer =~ s/^(HTTP.*?\r\n)\r\n//s) {
        my $res = CorsTest::Response->new($1, $sent);
        if ($res->status =~ /^1/) {
            push @interim, $res->head;
            next;
        }
        die "$over: the answer is " . $res->head
            if $res->head !~ m{^HTTP/2 } && $over ne 'h2c-upgrade';
        $res->{interim} = \@interim;
        $res->{body}    = $answer;
        return $res;
    }
    die "$sent: no answer\n";
}

1;
