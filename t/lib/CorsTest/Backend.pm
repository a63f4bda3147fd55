package CorsTest::Backend;

# A backend behind a server of CorsTest, in a process of its own on a free
# loopback port: a Mojolicious application, or one that sends exact bytes.
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
#     my $raw = CorsTest::Backend->raw(
#         '/a'  => CorsTest::Backend::reply(200, ['ETag: "a"'], "hi\n"),
#         '/no' => sub { my ($conn) = @_; $conn->rest });     # says nothing
#
# It ends with the test, whichever way that ends.

use strict;
use warnings;

use File::Temp ();
use IO::Socket::INET ();
use POSIX ();

use parent 'CorsTest::Process';

our @EXPORT_OK = qw(reply);

use CorsTest::HTTP;
use CorsTest::Heard;

use IO::Select           ();
use Mojo::IOLoop         ();
use Mojo::Server::Daemon ();
use Mojolicious          ();

# Starts an application. $fill is called with its routes.
sub start {
    my ($class, $fill) = @_;
    return $class->_launch(sub {
        my ($heard) = @_;
        my $app = _application($heard, $fill);
        return sub { _serve($app, @_) };
    });
}

# Starts one that sends bytes, or runs code, by the path of the request; what
# begins with it will do, the longest first. Code is called with the connection
# (a CorsTest::Connection) and the head of the request, and may ask for what
# follows with body(); what it returns, if it returns anything, is sent. The
# connection then closes, as the response should say.
sub raw {
    my ($class, %answers) = @_;
    return $class->_launch(sub {
        my ($heard) = @_;
        open my $out, '>>', $heard or die "$heard: $!\n";
        return sub { _serve_raw(\%answers, $out, @_) };
    });
}

# What $make makes of the name of the file of what was heard will serve.
sub _launch {
    my ($class, $make) = @_;

    # It listens before there is a process to answer, so nobody has to wait.
    my $listening = IO::Socket::INET->new(Listen => 64,
        LocalAddr => '127.0.0.1') or die "no free port: $!\n";
    my $file   = File::Temp->new;
    my $serve  = $make->($file->filename);
    my $parent = $$;
    my $self   = $class->code('backend',
        sub { $serve->($listening, $parent) });
    $self->{port}  = $listening->sockport;
    $self->{file}  = $file;     # or it is removed
    $self->{heard} = CorsTest::Heard->new($file->filename);
    return $self;
}

sub port { $_[0]{port} }

# The requests that came since the last call, 'METHOD /path Origin' each; '-'
# stands for no Origin.
sub heard { return $_[0]{heard}->lines }

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
    my $conn = $s->connect($opt{port}, ($opt{over} || '') eq 'https'
        ? $opt{host} || 'localhost' : ());
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

sub _serve_raw {
    my ($answers, $out, $listening, $parent) = @_;
    my @paths = sort { length $b <=> length $a } keys %$answers;

    local $SIG{CHLD} = 'IGNORE';
    while (getppid == $parent) {
        IO::Select->new($listening)->can_read(1) or next;
        my $socket = $listening->accept or next;
        my $pid = fork // die "fork: $!\n";
        next if $pid;
        close $listening;
        _answer_raw(CorsTest::Connection->on($socket), $out, sub {
            my ($target) = @_;
            my ($path) = grep { index($target, $_) == 0 } @paths;
            return defined $path ? $answers->{$path} : reply(404);
        });
        POSIX::_exit(0);
    }
}

# One request, its line in the file of what was heard, and the answer.
sub _answer_raw {
    my ($conn, $out, $find) = @_;
    my $head = $conn->head // return;
    my ($method, $target) = split / /, $head;
    my @origins = $head =~ /^Origin:[ ]*(.*?)[ ]*\r$/gmi;
    syswrite $out, "$method $target " . (join(', ', @origins) || '-') . "\n";
    my $answer = $find->($target);
    ref $answer ? $answer = $answer->($conn, $head) : body($conn, $head);
    $conn->write($answer) if defined $answer;
    $conn->close;
}

# The bytes of a response that says that the connection closes.
sub reply {
    my ($status, $fields, $body) = @_;
    return join "\r\n", "HTTP/1.1 $status Whatever", 'Connection: close',
        'Content-Length: ' . length($body // ''), @{ $fields || [] }, '',
        $body // '';
}

# The body that follows this head of a request.
sub body {
    my ($conn, $head) = @_;
    return $head =~ /^(?:Content-Length|Transfer-Encoding):/mi
        ? $conn->body(CorsTest::Response->new($head), '') : '';
}

1;
