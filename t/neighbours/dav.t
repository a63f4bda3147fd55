# WebDAV, mod_dav with mod_dav_fs: every method a client uses, with what the
# server says of itself left alone; preflights that no password is asked for;
# and two clients from packages, litmus (a test suite for WebDAV servers) and
# cadaver, which find the same server with the module as without.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use lib "$FindBin::Bin/../lib";
use CorsTest;
use CorsTest::Process qw(wait_until);
use MIME::Base64 qw(encode_base64);
use Test::More;

my $app   = 'https://app.example.com';
my $evil  = 'https://evil.example';
my @auth  = (Authorization => 'Basic ' . encode_base64('u:password', ''));

my @methods = qw(OPTIONS GET HEAD POST PUT DELETE PROPFIND PROPPATCH MKCOL
                 COPY MOVE LOCK UNLOCK REPORT);
my @asked   = qw(Authorization Content-Type Depth Destination If Lock-Token
                 Overwrite Timeout);
my @shown   = qw(DAV ETag Lock-Token Allow Location);
my $policy  = <<"CONF";
    CorsAllowOrigin $app
    CorsAllowMethods @methods
    CorsAllowHeaders @asked
    CorsExposeHeaders @shown
    CorsAllowCredentials On
CONF
my $files = <<'CONF';
DavLockDB "@ROOT@/scratch/locks"
DavMinTimeout 600
<Directory "@DOCROOT@">
    Require all granted
    Dav On
</Directory>
CONF
my $password = <<'CONF';
    AuthType Basic
    AuthName private
    AuthUserFile "@ROOT@/users"
    Require valid-user
CONF
my %setup = (
    modules => [qw(dav dav_fs headers setenvif alias authn_core authn_file
                   auth_basic authz_user)],
    files   => { users => "u:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n" },
);

# The server's files are made by the server, whoever that is.
sub with_files {
    my ($server, @collections) = @_;
    chmod 0777, $server->docroot;
    for my $dir (map { $server->docroot . "/$_" } @collections) {
        mkdir $dir or die "$dir: $!\n";
        chmod 0777, $dir;
    }
    return $server;
}

# ---------------------------------------------------------------------------
# Request by request
# ---------------------------------------------------------------------------

# All hosts show the same files.
my $host = sub {
    my ($name, $lines) = @_;
    return <<"CONF";
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName $name
$lines</VirtualHost>
CONF
};
my $locked = "<Location />\n$password</Location>\n";
my @who    = qw(app evil none);
my $s = with_files(CorsTest->start(%setup,
    conf => $files
        . $host->('localhost', $policy)
        . $host->('plain', '')
        . $host->('locked', $policy . $locked)
        . $host->('location', "<Location />\n$policy</Location>\n$locked")
        . $host->('directory', "<Directory \"\@DOCROOT\@\">\n"
            . "$policy</Directory>\n$locked")
        . $host->('gate', "$policy    CorsRejectUnlisted On\n$locked")
        . $host->('pass', "$policy    CorsPreflight Pass\n$locked")
        . join('', map { $host->($_, <<"CONF") } 'recipe', 'keep')), @who);
$policy    @{[ $_ eq 'keep' ? 'CorsBackendHeaders Keep' : '' ]}
    SetEnvIf Origin (.+) asked=\$1
    Header always set Access-Control-Allow-Origin "%{asked}e" env=asked
    Header always set Access-Control-Allow-Methods "GET, PROPFIND"
    Header set Access-Control-Expose-Headers DAV
    Header always set Vary Accept-Encoding
CONF
$s->expect_log(qr/\[dav:error\]/, qr/AH00541: XML Parser Error/,
               qr/AH00135: Invalid method in request FROB/);

my @app  = (acao => $app, acac => 'true', aceh => join ', ', @shown);
my %answered = (status => 204, body => '', acao => $app, acac => 'true',
    acam => join(', ', @methods), acah => join(', ', @asked), acma => 600,
    vary => $TRIO, field => { DAV => undef, Allow => undef,
                              'WWW-Authenticate' => undef });
my %refused = (status => 403, body => '', vary => $TRIO,
    field => { DAV => undef, Allow => undef, 'WWW-Authenticate' => undef });

# One session of a client; each origin has a collection of its own. Steps:
# what, request, fields, body, status, what the response says.
my ($etag, $token) = ('', '');
my @session = (
    [ 'the collection',    'PROPFIND ', [ Depth => 1 ], undef, 207,
      { body => qr/<D:multistatus/ } ],
    [ 'to any depth',      'PROPFIND ', [ Depth => 'infinity' ], undef, 403,
      { body => qr/infinity/ } ],
    [ 'what is not there', 'PROPFIND no', [ Depth => 0 ], undef, 404, {} ],
    [ 'without its slash', 'PROPFIND box', [ Depth => 0 ], undef, 404, {} ],
    [ 'a new collection',  'MKCOL box', [], undef, 201,
      { field => { Location => qr{/box$} } } ],
    [ 'once more',         'MKCOL box', [], undef, 301,
      { field => { Location => qr{/box/$} } } ],
    [ 'once more',         'MKCOL box/', [], undef, 405,
      { field => { Allow => qr/TRACE/ } } ],
    [ 'one without parent', 'MKCOL no/box', [], undef, 409, {} ],
    [ 'one with a body',   'MKCOL box2', [ 'Content-Type' => 'text/plain' ],
      'text', 415, {} ],
    [ 'a new file',        'PUT box/a', [], "first\n", 201,
      { field => { Location => qr{/box/a$} } } ],
    [ 'the file again',    'PUT box/a', [], "second\n", 204, {} ],
    [ 'under a condition', 'PUT box/a', [ 'If-Match' => '"other"' ], 'no',
      412, {} ],
    [ 'without parent',    'PUT no/a', [], 'no', 409, {} ],
    [ 'a part of it',      'PUT box/a', [ 'Content-Range' => 'bytes x' ],
      'no', 400, {} ],
    [ 'the file',          'GET box/a', [], undef, 200,
      { body => "second\n", field => { ETag => qr/"/ } } ],
    [ 'the file, unchanged', 'GET box/a', [ 'If-None-Match' => '@ETAG@' ],
      undef, 304, { field => { ETag => qr/"/ } } ],
    [ 'a range of it',     'GET box/a', [ Range => 'bytes=0-2' ], undef, 206,
      { body => 'sec' } ],
    [ 'its head',          'HEAD box/a', [], undef, 200, {} ],
    [ 'a directory',       'GET box', [], undef, 301,
      { field => { Location => qr{/box/$} } } ],
    [ 'properties',        'PROPPATCH box/a', [], <<'XML', 207,
<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><x xmlns="urn:x">1</x>
</D:prop></D:set></D:propertyupdate>
XML
      { body => qr/200 OK/ } ],
    [ 'properties, all new', 'PROPFIND box/a', [ Depth => 0 ], undef, 207,
      { body => qr/urn:x/ } ],
    [ 'broken XML',        'PROPPATCH box/a', [], '<a><b></a>', 400, {} ],
    [ 'a copy',            'COPY box/a', [ Destination => '@URL@box/b' ],
      undef, 201, {} ],
    [ 'over what is there', 'COPY box/a',
      [ Destination => '@URL@box/b', Overwrite => 'F' ], undef, 412, {} ],
    [ 'to another server', 'COPY box/a',
      [ Destination => 'https://localhost/b' ], undef, 502, {} ],
    [ 'without a target',  'COPY box/a', [], undef, 400, {} ],
    [ 'a move',            'MOVE box/b', [ Destination => '@URL@box/c' ],
      undef, 201, { field => { Location => qr{/box/c$} } } ],
    [ 'without parent',    'MOVE box/c', [ Destination => '@URL@no/c' ],
      undef, 500, {} ],
    [ 'a lock',            'LOCK box/a', [ Timeout => 'Second-600' ],
      <<'XML', 200, { field => { 'Lock-Token' => qr/^<opaquelocktoken:/ } } ],
<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>
<D:locktype><D:write/></D:locktype><D:owner>me</D:owner></D:lockinfo>
XML
    [ 'what is locked',    'PUT box/a', [], 'no', 423, {} ],
    [ 'what is locked',    'DELETE box/a', [], undef, 423, {} ],
    [ 'a collection that holds it', 'DELETE box/', [], undef, 424,
      { body => qr/423 Locked/ } ],
    [ 'what is locked, with its token', 'PUT box/a',
      [ If => '(@TOKEN@)' ], "third\n", 204, {} ],
    [ 'a wrong token',     'UNLOCK box/a',
      [ 'Lock-Token' => '<opaquelocktoken:00000000-0000-0000-0000-'
        . '000000000000>' ], undef, 400, {} ],
    [ 'the lock',          'UNLOCK box/a', [ 'Lock-Token' => '@TOKEN@' ],
      undef, 204, {} ],
    [ 'without versions',  'REPORT box/a', [],
      '<D:version-tree xmlns:D="DAV:"/>', 501, {} ],
    [ 'nothing',           'REPORT box/a', [], undef, 400, {} ],
    [ 'like GET',          'POST box/a', [], 'text', 200,
      { body => "third\n" } ],
    [ 'unknown to it',     'PATCH box/a', [], 'text', 405,
      { field => { Allow => qr/GET/ } } ],
    [ 'unknown to httpd',  'FROB box/a', [], undef, 501, {} ],
    [ 'the collection',    'DELETE box/', [], undef, 204, {} ],
    [ 'once more',         'DELETE box/', [], undef, 404, {} ],
);

# Runs it. What comes back: text, response, and what it should be.
sub session {
    my ($place, $fields, $host, @cors) = @_;
    my @rows;
    for my $step (@session) {
        my ($what, $line, $more, $body, $status, $expected) = @$step;
        my ($method, $path) = split / /, $line, -1;
        my @more = @$more;
        for (@more) {
            s/\@ETAG\@/$etag/;
            s/\@TOKEN\@/$token/;
            s{\@URL\@}{http://$host/$place/};
        }
        my $res = $s->request("$method /$place/$path", [ @$fields, @more ],
            host => $host, defined $body ? (body => $body) : ());
        $etag  = $res->field('ETag') // $etag;
        $token = $res->field('Lock-Token') // $token;
        push @rows, [ "$method, $what: $status", $res,
                      { status => $status, vary => 'Origin', @cors,
                        %$expected } ];
    }
    return @rows;
}

my %session = (
    'an allowed origin'   => [ session('app',  [ Origin => $app ],
                                       'localhost', @app) ],
    'a stranger'          => [ session('evil', [ Origin => $evil ],
                                       'localhost') ],
    'no Origin'           => [ session('none', [], 'localhost') ],
    'one with a password' => [ session('app', [ Origin => $app, @auth ],
                                       'locked', @app) ],
);

# Those rows of them all whose status is like this.
sub promise_rows {
    my ($status) = @_;
    for my $who (sort keys %session) {
        for my $row (@{ $session{$who} }) {
            my ($what, $res, $expected) = @$row;
            next if $expected->{status} !~ $status;
            my @wrong = $res->differences($expected);
            promise(!@wrong, "$who: $what", @wrong, $res->transcript);
        }
    }
}

# ---------------------------------------------------------------------------
# mod_dav: actual
# ---------------------------------------------------------------------------

promise_rows(qr/^2/);

# ---------------------------------------------------------------------------
# mod_dav: errors
# ---------------------------------------------------------------------------

promise_rows(qr/^[345]/);

$s->promises(map {
    my $method = $_;
    [ "$method without the password: 401, for an allowed origin to read",
      "$method /app/", { Origin => $app },
      { status => 401, @app,
        vary => $method eq 'OPTIONS' ? $TRIO : 'Origin',
        field => { 'WWW-Authenticate' => qr/^Basic / } },
      { host => 'locked' } ],
    [ "$method without the password: 401, for a stranger without a word",
      "$method /app/", { Origin => $evil },
      { status => 401,
        vary => $method eq 'OPTIONS' ? $TRIO : 'Origin' },
      { host => 'locked' } ]
} @methods);

# ---------------------------------------------------------------------------
# mod_dav: preflight
# ---------------------------------------------------------------------------

$s->promises([ 'a file to be kept', 'PUT /app/kept', {},
               { status => 201, vary => 'Origin' }, { body => "kept\n" } ]);
for my $name (qw(localhost locked location directory)) {
    $s->promises(map {
        [ "$name: a preflight for $_ is answered, and nobody is asked for a "
              . 'password', 'OPTIONS /app/kept',
          preflight($app, $_, 'authorization,destination,if'), \%answered,
          { host => $name } ],
        [ "$name: a stranger's for $_ is refused",
          'OPTIONS /app/kept', preflight($evil, $_), \%refused,
          { host => $name } ],
    } @methods);
    $s->promises(
        [ "$name: also where there is no file", 'OPTIONS /app/new',
          preflight($app, 'PUT'), \%answered, { host => $name } ],
        [ "$name: for a collection without its slash", 'OPTIONS /app',
          preflight($app, 'PROPFIND', 'depth'), \%answered,
          { host => $name } ],
        [ "$name: a method that is not listed gets the list",
          'OPTIONS /app/kept', preflight($app, 'PATCH'), \%answered,
          { host => $name } ],
        [ "$name: with a body in the preflight, too", 'OPTIONS /app/kept',
          preflight($app, 'PUT'), \%answered,
          { host => $name, body => '<D:options xmlns:D="DAV:"/>' } ]);
}
$s->promises([ 'no preflight did anything', 'GET /app/kept', {},
               { vary => 'Origin', body => "kept\n" } ]);

# mod_dav's own OPTIONS, with all it says. Beside it the same of a host that
# has no policy.
my $body = '<D:options xmlns:D="DAV:"><D:supported-method-set/></D:options>';
for my $case ([ 'a collection', '/app/' ], [ 'a file', '/app/kept' ],
              [ 'what is not there', '/app/new' ],
              [ 'a question', '/app/', body => $body ]) {
    my ($what, $path, @opt) = @$case;
    my $own = $s->request("OPTIONS $path", {}, @opt, host => 'plain');
    promise($own->status == 200 && $own->field('DAV') eq '1,2'
            && $own->fields('DAV') > 1 && $own->field('MS-Author-Via')
            && $own->field('Allow') =~ /LOCK/,
        "OPTIONS of $what: DAV says what it is", $own->transcript);
    for my $who ([ 'an allowed origin', $app, @app ], [ 'a stranger', $evil ],
                 [ 'no Origin' ]) {
        my ($name, $origin, @cors) = @$who;
        my @fields = defined $origin ? (Origin => $origin) : ();
        for my $host ('localhost', 'locked') {
            my $res = $s->request("OPTIONS $path",
                [ @fields, $host eq 'locked' ? @auth : () ], @opt,
                host => $host);
            my @wrong = $res->differences({ @cors, vary => $TRIO,
                                            body => $own->body });
            push @wrong, 'other fields than without a policy'
                if fields_but_ours($res) ne fields_but_ours($own);
            promise(!@wrong, "$host: OPTIONS of $what, $name: as DAV says it",
                @wrong, $res->transcript, $own->transcript);
        }
    }
}

sub fields_but_ours {
    my ($res) = @_;
    return join "\n",
        grep { !/^(?:Access-Control-|Vary:|Date:)/i }
        map { join ': ', @$_ } @{ $res->{fields} };
}

$s->promises(
    [ 'an Access-Control-Request-Method without Origin asks DAV',
      'OPTIONS /app/', { 'Access-Control-Request-Method' => 'PUT' },
      { vary => $TRIO, field => { 'MS-Author-Via' => 'DAV' } } ],
    [ 'passed on, a preflight meets the password', 'OPTIONS /app/kept',
      preflight($app, 'PUT'),
      { %answered, status => 401, body => qr/Unauthorized/, field => {
          'WWW-Authenticate' => qr/^Basic/ } },
      { host => 'pass' } ],
    [ 'and with one DAV answers, with what a preflight gets',
      'OPTIONS /app/kept', [ @{ preflight($app, 'PUT') }, @auth ],
      { %answered, status => 200, body => '',
        field => { 'MS-Author-Via' => 'DAV', Allow => qr/PROPFIND/ } },
      { host => 'pass' } ],
);

# ---------------------------------------------------------------------------
# mod_dav: once
# ---------------------------------------------------------------------------

# The recipe of the manuals was there before: any origin is sent back. Where
# it stays, it and not the policy speaks, but for preflights.
for my $case ([ 'recipe', $app, [ @app ] ],
              [ 'recipe', $evil, [] ],
              [ 'recipe', undef, [] ],
              [ 'keep', $app, [ acao => $app, acam => 'GET, PROPFIND' ] ],
              [ 'keep', $evil, [ acao => $evil, acam => 'GET, PROPFIND' ] ],
              [ 'keep', undef, [] ]) {
    my ($name, $origin, $cors) = @$case;
    my @fields = defined $origin ? (Origin => $origin) : ();
    for my $step ([ 'PROPFIND /app/', 207 ], [ 'GET /app/kept', 200 ],
                  [ 'GET /app/no', 404 ], [ 'MKCOL /app/', 405 ],
                  [ 'MKCOL /no/box', 409 ], [ 'OPTIONS /app/', 200 ]) {
        my ($line, $status) = @$step;
        my $vary = $line =~ /^OPTIONS/ ? $TRIO : 'Origin';
        my $is_ok = $status < 300;
        # On errors httpd drops what was set without `always`.
        my @expose = $name eq 'keep' && defined $origin && $is_ok
            ? (aceh => 'DAV') : ();
        $s->promises([
            "$name: each field once, $line for " . ($origin // 'nobody'),
            $line, [ @fields, Depth => 0 ],
            { status => $status, @$cors, @expose,
              vary => "Accept-Encoding, $vary" }, { host => $name } ]);
    }
}
$s->promises(map {
    [ "$_: a preflight has the policy's fields alone", 'OPTIONS /app/kept',
      preflight($app, 'PUT'),
      { %answered, vary => "Accept-Encoding, $TRIO" }, { host => $_ } ],
    [ "$_: a refused one has none", 'OPTIONS /app/kept',
      preflight($evil, 'PUT'),
      { %refused, vary => "Accept-Encoding, $TRIO" }, { host => $_ } ],
} 'recipe', 'keep');

# ---------------------------------------------------------------------------
# mod_dav: gate
# ---------------------------------------------------------------------------

$s->promises(map {
    [ "the gate keeps a stranger's $_ out before a password is asked for",
      "$_ /app/kept", [ Origin => $evil, @auth, Destination => '/app/x' ],
      { status => 403, vary => /OPTIONS/ ? $TRIO : 'Origin',
        field => { 'WWW-Authenticate' => undef, DAV => undef } },
      { host => 'gate' } ]
} grep { $_ ne 'OPTIONS' } @methods);
$s->promises(
    [ 'it does so to OPTIONS, which discovers', 'OPTIONS /app/kept',
      [ Origin => $evil, @auth ],
      { status => 403, vary => $TRIO,
        field => { DAV => undef } }, { host => 'gate' } ],
    [ 'what a stranger wanted to go is still there', 'GET /app/kept', \@auth,
      { vary => 'Origin', body => "kept\n" },
      { host => 'gate' } ],
    [ 'a client that is no browser passes', 'PROPFIND /app/',
      [ @auth, Depth => 0 ],
      { status => 207, vary => 'Origin' },
      { host => 'gate' } ],
    [ 'so does an allowed origin', 'DELETE /app/kept',
      [ Origin => $app, @auth ],
      { status => 204, @app, vary => 'Origin' },
      { host => 'gate' } ],
);

# ---------------------------------------------------------------------------
# mod_dav: actual
# ---------------------------------------------------------------------------

# Clients from packages. They know nothing of origins, so the second port
# gives each of their requests one.

my $log = '%m %>s | %{Origin}i | %{Access-Control-Allow-Origin}o'
    . ' | %{Access-Control-Allow-Credentials}o | %{Vary}o';
my $two_ports = sub {
    my ($lines) = @_;
    return $files . <<"CONF";
CustomLog "\@ROOT\@/access.log" "$log"
Alias /locked "\@DOCROOT\@"
<Location /locked>
$password</Location>
$lines
Listen 127.0.0.1:\@PORT2\@
<VirtualHost 127.0.0.1:\@PORT2\@>
    ServerName 127.0.0.1
    RequestHeader set Origin $app early
</VirtualHost>
CONF
};
my $without = with_files(CorsTest->start(%setup, ports => 2, bare => 1,
    name => 'the server without the module', conf => $two_ports->('')));
my $with    = with_files(CorsTest->start(%setup, ports => 2,
    name => 'the server with it', conf => $two_ports->($policy)));
$_->expect_log(qr/\[dav:error\]/, qr/\[core:error\] .*AH0054[01]:/)
    for $without, $with;

# A client in a directory of its own, with a password at hand: its status, and
# what it says. One that does not come to an end is ended.
my $home = File::Temp->newdir;
sub client {
    my ($input, @command) = @_;
    my ($in, $end) = map { "$home/$_" } 'in', 'end';
    write_text($in, $input);
    unlink $end;
    local $ENV{HOME} = "$home";
    my $client = CorsTest::Process->program('sh', '-c',
        'cd "$HOME"; "$@" < in; echo $? > end', @command[0, 0 .. $#command]);
    my $ended  = wait_until(sub { -s $end });
    $client->stop;
    return (-1, $client->wrote . "$command[0] hangs\n") if !$ended;
    open my $status, '<', $end or die "$end: $!\n";
    return (<$status> + 0, $client->wrote);
}
sub write_text {
    my ($file, $text) = @_;
    open my $out, '>', $file or die "$file: $!\n";
    print $out $text;
    close $out;
}
write_text("$home/.netrc", "machine 127.0.0.1 login u password password\n");
write_text("$home/note.txt", "hello\n");

my %client = (
    litmus  => sub {
        my ($server, $port) = @_;
        my $url = 'http://127.0.0.1:' . $server->port($port);
        my ($status, $said) =
            client('', 'litmus', '-k', "$url/locked/", 'u', 'password');
        return ($status == 0
                && 5 == (() = $said =~ /^<- .* \b0 failed/mg), $said);
    },
    cadaver => sub {
        my ($server, $port) = @_;
        my $url = 'http://127.0.0.1:' . $server->port($port);
        my ($status, $said) = client(<<'IN', 'cadaver', "$url/locked/");
ls
mkcol box
cd box
put note.txt
cat note.txt
propset note.txt colour blue
propget note.txt colour
copy note.txt copy.txt
move copy.txt moved.txt
lock note.txt
discover note.txt
put note.txt
unlock note.txt
delete note.txt
delete missing.txt
ls
cd ..
rmcol box
quit
IN
        $said =~ s/opaquelocktoken:[\w-]+/opaquelocktoken:/g;
        $said =~ s/127\.0\.0\.1:\d+/127.0.0.1/g;
        $said =~ s/ \w+ +\d+ +\d\d:\d\d$//mg;
        return ($status == 0 && 1 == (() = $said =~ /failed/g)
                && $said =~ /hello.*is: blue.*failed:\n404/s, $said);
    },
);
for my $name (sort keys %client) {
    my ($is_fine, $expected) = $client{$name}->($without, 1);
    promise($is_fine, "$name has no complaint without the module",
        $expected);
    for my $port (1, 2) {
        my (undef, $said) = $client{$name}->($with, $port);
        promise($said eq $expected, "$name finds the same server with a "
            . 'policy in force, ' . ($port == 1 ? 'without' : 'with')
            . ' an Origin', $said, "without the module:\n$expected");
    }
}

# What they got, as the server sent it.
my (%got, %wrong);
for my $line (split /\n/, $with->read_file('access.log')) {
    my ($what, $origin, $acao, $acac, $vary) = split / \| /, $line;
    my ($method) = $what =~ /^(\w+)/;
    my @expected = ($origin eq '-' ? ('-', '-') : ($origin, 'true'),
                    $method eq 'OPTIONS' ? $TRIO : 'Origin');
    s/,\s*/, /g for $vary;
    # litmus sends one request that httpd won't read, so nothing gives it an
    # origin; it has the fields of one that has none.
    my $port = $origin eq '-' ? 'without an Origin' : 'with one';
    $got{$port}{$method}++;
    push @{ $wrong{$port} }, $line
        if "$acao $acac $vary" ne "@expected";
}
for my $port ('without an Origin', 'with one') {
    my @wrong = @{ $wrong{$port} || [] };
    promise(!@wrong, "all that the clients got $port has the fields", @wrong);
    promise(!(grep { !$got{$port}{$_} } qw(OPTIONS PROPFIND PROPPATCH MKCOL
                 PUT GET HEAD COPY MOVE LOCK UNLOCK DELETE)),
        "and they used every method, $port",
        join ' ', sort keys %{ $got{$port} || {} });
}

CorsTest::finish();
