package CorsTest::Backend;

# A backend behind a server of CorsTest: a Mojolicious application in a process
# of its own, on a free loopback port.
#
#     use CorsTest::Backend;
#
#     my $b = CorsTest::Backend->start(sub {
#         my ($routes) = @_;
#         $routes->get('/a' => sub { $_[0]->render(text => "hi\n") });
#         $routes->websocket('/echo' => \&CorsTest::Backend::echo);
#     });
#     ... ProxyPass /b http://127.0.0.1:@{[ $b->port ]} ...
#
#     $s->request('GET /b/a', { Origin => 'https://app.example.com' });
#     is_deeply([ $b->heard ], [ 'GET /a https://app.example.com' ]);
#
# It ends with the test, whichever way that ends.

use strict;
use warnings;

use File::Temp ();
use IO::Socket::INET ();
use POSIX ();

use parent 'CorsTest::Process';

use Mojo::IOLoop         ();
use Mojo::Server::Daemon ();
use Mojolicious          ();

# Starts it. $fill is called with the routes of the new application.
sub start {
    my ($class, $fill) = @_;

    # It listens before there is a process to answer, so nobody has to wait.
    my $listening = IO::Socket::INET->new(Listen => 64,
        LocalAddr => '127.0.0.1') or die "no free port: $!\n";
    my $heard  = File::Temp->new;
    my $app    = _application($heard->filename, $fill);
    my $parent = $$;
    my $self   = $class->code('backend',
        sub { _serve($app, $listening, $parent) });
    $self->{port}  = $listening->sockport;
    $self->{heard} = $heard;
    $self->{read}  = 0;
    return $self;
}

sub port { $_[0]{port} }

# The requests that came since the last call, 'METHOD /path Origin' each; '-'
# stands for no Origin.
sub heard {
    my ($self) = @_;
    open my $in, '<:raw', $self->{heard}->filename or die "heard: $!\n";
    seek $in, $self->{read}, 0;
    chomp(my @lines = <$in>);
    $self->{read} = tell $in;
    return @lines;
}

# A websocket route that sends back what it hears.
sub echo {
    my ($c) = @_;
    $c->on(message => sub { $_[0]->send("echo $_[1]") });
}

# A WebSocket handshake with a server of CorsTest; where it succeeds, a message
# and a farewell. Returns the response, whose body is the answer to the message
# if there was one. Options as for request(), but conn.
sub handshake {
    my ($s, $path, $fields, %opt) = @_;
    my $conn = $s->connect($opt{port});
    my $res  = $s->request("GET $path",
        [ Upgrade => 'websocket', Connection => 'Upgrade',
          'Sec-WebSocket-Version' => 13,
          'Sec-WebSocket-Key' => 'AAAAAAAAAAAAAAAAAAAAAA==',
          ref $fields eq 'HASH' ? %$fields : @{ $fields || [] } ],
        %opt, conn => $conn);
    if ($res->status == 101) {
        # Masked with four zeros: a text of five bytes, and a close.
        $conn->write("\x81\x85\0\0\0\0hello\x88\x80\0\0\0\0");
        my ($length, $rest) = $conn->rest =~ /^\x81(.)(.*)/s
            or die "no message came back\n";
        $res->{body} = substr $rest, 0, ord $length;
    }
    $conn->close;
    return $res;
}

sub _application {
    my ($heard, $fill) = @_;
    open my $out, '>>', $heard or die "$heard: $!\n";

    my $app = Mojolicious->new(mode => 'production');
    $app->log->level('fatal');
    $app->hook(before_dispatch => sub {
        my $req = $_[0]->req;
        my $origin = $req->headers->every_header('Origin');
        syswrite $out, join(' ', $req->method, $req->url->to_abs->path_query,
                            join(', ', @$origin) || '-') . "\n";
    });
    $fill->($app->routes);
    return $app;
}

sub _serve {
    my ($app, $listening, $parent) = @_;

    # An orphan would serve for ever.
    Mojo::IOLoop->recurring(1 => sub {
        POSIX::_exit(1) if getppid != $parent;
    });
    my $daemon = Mojo::Server::Daemon->new(app => $app, silent => 1,
        listen => [ 'http://127.0.0.1?fd=' . fileno $listening ]);
    $daemon->start;
    Mojo::IOLoop->start;
}

1;
