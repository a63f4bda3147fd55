# CorsAllowOriginExpr: conditions of httpd, what they see, what they are
# never asked, and what caches have to know of them.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use Test::More;

my $app  = 'https://app.example.com';
my $two  = 'https://two.example.com';
my $evil = 'https://evil.example';
my %files = ('htdocs/flag' => '', 'htdocs/error.html' => "sorry\n");
my $conf  = '';
my @rows;

# A place with these lines, and rows: [ what, fields, is allowed, vary ]; vary
# is what joins Origin.
sub place {
    my ($name, $lines, @cases) = @_;
    $files{"htdocs/$name/a.txt"} = "hi\n";
    $conf .= qq{<Location "/$name">\n$lines\n</Location>\n};
    for my $case (@cases) {
        my ($what, $fields, $is, $vary) = @$case;
        my @vary = ('Origin', $vary // ());
        push @rows, [ "$name: $what", "GET /$name/a.txt", $fields,
            { body => "hi\n", vary => join(', ', @vary),
              $is ? (acao => $fields->{Origin}) : () } ],
            !$fields->{Origin} ? () : [
            "$name: $what, preflight", "OPTIONS /$name/a.txt",
            [ %$fields, 'Access-Control-Request-Method' => 'GET' ],
            { status => $is ? 204 : 403,
              vary => join(', ', $TRIO, $vary // ()),
              $is ? (acao => $fields->{Origin}, acam => 'GET, HEAD, POST',
                     acma => 600) : () } ];
    }
}

sub expr { return join "\n", map { "    CorsAllowOriginExpr $_" } @_ }

# ---------------------------------------------------------------------------
# True and false
# ---------------------------------------------------------------------------

my @malformed = (
    'https://APP.example.com', "$app/", "$app, $app", "$app $app",
    'app.example.com', 'https://', "$app:443", "https://user\@app.example.com",
    "$app%00", '*', 'NULL', 'https://' . 'a' x 330 . '.example.com',
);
place('true', expr('true'), [ 'one origin', { Origin => $app }, 1 ],
    [ 'any other', { Origin => 'http://x.test:81' }, 1 ],
    [ 'null, never', { Origin => 'null' }, 0 ],
    [ 'no origin at all', {}, 0 ],
    map { [ substr("'$_' is none", 0, 50), { Origin => $_ }, 0 ] }
        @malformed);
place('false', expr('false'), [ 'one origin', { Origin => $app }, 0 ],
    [ 'null', { Origin => 'null' }, 0 ]);
place('http', expr("\"%{HTTP:Origin} == '$app'\""),
    [ 'the origin', { Origin => $app }, 1 ],
    [ 'another', { Origin => $two }, 0 ], [ 'none', {}, 0 ]);
place('in', expr("\"req('Origin') in { '$app', '$two' }\""),
    [ 'the first', { Origin => $app }, 1 ],
    [ 'the second', { Origin => $two }, 1 ],
    [ 'a third', { Origin => $evil }, 0 ]);
place('regex',
    expr('"%{HTTP:Origin} =~ m#^https://[a-z]+\\\\.example\\\\.com$#"'),
    [ 'one', { Origin => $app }, 1 ],
    [ 'one behind', { Origin => "$app.evil.example" }, 0 ],
    [ 'a dot', { Origin => 'https://appxexample.com' }, 0 ]);
place('key', expr('"req(\'X-Key\') == \'k\'"'),
    [ 'the key', { Origin => $app, 'X-Key' => 'k' }, 1, 'X-Key' ],
    [ 'another', { Origin => $app, 'X-Key' => 'l' }, 0, 'X-Key' ],
    [ 'none', { Origin => $app }, 0, 'X-Key' ],
    [ 'no origin', { 'X-Key' => 'k' }, 0, 'X-Key' ],
    [ 'nothing', {}, 0, 'X-Key' ],
    [ 'null', { Origin => 'null', 'X-Key' => 'k' }, 0, 'X-Key' ],
    [ 'no origin in it', { Origin => "$app/", 'X-Key' => 'k' }, 0, 'X-Key' ]);
place('novary', expr('"req_novary(\'X-Key\') == \'k\'"'),
    [ 'the key', { Origin => $app, 'X-Key' => 'k' }, 1 ],
    [ 'none', { Origin => $app }, 0 ]);
place('cookie', expr('"%{HTTP_COOKIE} =~ /tenant=one/"'),
    [ 'the cookie', { Origin => $app, Cookie => 'tenant=one' }, 1, 'Cookie' ],
    [ 'another', { Origin => $app, Cookie => 'tenant=two' }, 0, 'Cookie' ]);
place('uri', expr('"%{REQUEST_URI} =~ m#^/uri/# && %{REQUEST_METHOD} in '
    . '{ \'GET\', \'OPTIONS\' }"'), [ 'the URL', { Origin => $app }, 1 ]);
place('file', expr('"-f \'@DOCROOT@/flag\'"'),
    [ 'is there', { Origin => $app }, 1 ]);
place('nofile', expr('"-f \'@DOCROOT@/none\' || file(\'@DOCROOT@/flag\') == '
    . '\'x\'"'), [ 'is not there', { Origin => $app }, 0 ]);
place('ip', expr('"-R \'127.0.0.0/8\'"'),
    [ 'the client', { Origin => $app }, 1 ]);
place('noip', expr('"-R \'192.0.2.0/24\'"'),
    [ 'not the client', { Origin => $app }, 0 ]);
place('env', expr('"%{env:TENANT} == \'one\' && reqenv(\'SEEN\') == \'1\'"'),
    [ 'of SetEnvIf', { Origin => $app, 'X-Tenant' => 'one' }, 1 ],
    [ 'of SetEnvIf, not', { Origin => $app, 'X-Tenant' => 'two' }, 0 ]);
place('user', expr('"%{REMOTE_USER} == \'\'"') . <<'CONF',

    AuthType Basic
    AuthName x
    AuthBasicProvider anon
    Anonymous *
    Require valid-user
CONF
    [ 'is not known yet', { Origin => $app,
      Authorization => 'Basic YTpiCg==' }, 1 ]);
place('own', expr('"-z %{env:CORS_RESULT}"'),
    [ 'our own variables are not there', { Origin => $app }, 1 ]);

# A condition that cannot be computed is not true, and nobody dies of it.
place('fails', expr('"file(\'@DOCROOT@/none\') == file(\'/\')"'),
    [ 'refuses', { Origin => $app }, 0 ], [ 'without', {}, 0 ]);
place('number', expr('"req(\'X-Key\') -gt 5"'),
    [ 'more', { Origin => $app, 'X-Key' => 6 }, 1, 'X-Key' ],
    [ 'less', { Origin => $app, 'X-Key' => 5 }, 0, 'X-Key' ],
    [ 'none', { Origin => $app, 'X-Key' => 'x' x 2000 }, 0, 'X-Key' ]);

# ---------------------------------------------------------------------------
# Beside others
# ---------------------------------------------------------------------------

my $k = '"req(\'X-Key\') == \'k\'"';
# Once the first is true, the answer does not depend on the second.
place('several', expr($k, '"req(\'X-Two\') == \'2\' || '
    . 'req(\'X-KEY\') == \'never\'"'),
    [ 'the first', { Origin => $app, 'X-Key' => 'k' }, 1, 'X-Key' ],
    [ 'the second', { Origin => $app, 'X-Two' => 2 }, 1, 'X-Key, X-Two' ],
    [ 'neither', { Origin => $app }, 0, 'X-Key, X-Two' ],
    [ 'nothing', {}, 0, 'X-Key, X-Two' ]);
place('list', "    CorsAllowOrigin $two -$evil\n" . expr($k),
    [ 'of the list', { Origin => $two }, 1, 'X-Key' ],
    [ 'by the condition', { Origin => $app, 'X-Key' => 'k' }, 1, 'X-Key' ],
    [ 'taken out', { Origin => $evil, 'X-Key' => 'k' }, 0, 'X-Key' ],
    [ 'neither', { Origin => $app }, 0, 'X-Key' ]);
place('match', "    CorsAllowOriginMatch https://t\\w+\\.example\\.com\n"
    . expr($k), [ 'of the Match', { Origin => $two }, 1, 'X-Key' ],
    [ 'by the condition', { Origin => $app, 'X-Key' => 'k' }, 1, 'X-Key' ],
    [ 'neither', { Origin => $app }, 0, 'X-Key' ]);
place('null', "    CorsAllowOrigin null\n" . expr($k),
    [ 'null of the list', { Origin => 'null' }, 1, 'X-Key' ]);
place('none', "    CorsAllowOrigin none\n" . expr($k),
    [ 'none and the condition', { Origin => $app, 'X-Key' => 'k' }, 1,
      'X-Key' ], [ 'none', { Origin => $app }, 0, 'X-Key' ]);
my $o = '"req(\'X-Other\') == \'o\'"';
place('list/own', expr($o),
    [ 'the list outside', { Origin => $two }, 1, 'X-Other' ],
    [ 'the condition', { Origin => $app, 'X-Other' => 'o' }, 1, 'X-Other' ],
    [ 'ends that outside', { Origin => $app, 'X-Key' => 'k' }, 0,
      'X-Other' ]);
place('list/match', "    CorsAllowOriginMatch https://m\\.example\\.com",
    [ 'the condition outside', { Origin => $app, 'X-Key' => 'k' }, 1,
      'X-Key' ],
    [ 'the Match', { Origin => 'https://m.example.com' }, 1, 'X-Key' ]);
place('list/minus', "    CorsAllowOrigin -$app",
    [ 'taken out', { Origin => $app, 'X-Key' => 'k' }, 0, 'X-Key' ],
    [ 'others stay', { Origin => 'https://x.test', 'X-Key' => 'k' }, 1,
      'X-Key' ]);
place('list/plain', "    CorsAllowOrigin $app",
    [ 'a list ends it', { Origin => $two, 'X-Key' => 'k' }, 0 ],
    [ 'the list', { Origin => $app }, 1 ]);

# ---------------------------------------------------------------------------
# Credentials
# ---------------------------------------------------------------------------

my $http = 'http://app.example.com';
my $in = "\"req('Origin') in { '$app', '$http', 'http://localhost:81' }\"";
$conf .= <<"CONF";
<Location "/cred">
    CorsAllowCredentials On
    CorsAllowOriginExpr $in
</Location>
<Location "/cred/http">
    CorsTolerate insecure-origin
</Location>
<Location "/cred/any">
    CorsAllowOriginExpr true
</Location>
<Location "/cred/any/loose">
    CorsTolerate loose-match
</Location>
<Location "/cred/end">
    CorsAllowOriginExpr "req('Origin') =~ m#example\\\\.com\$#"
</Location>
<Location "/cred/begin">
    CorsAllowOriginExpr "req('Origin') =~ m#^https://app\\\\.example\\\\.com#"
</Location>
<Location "/cred/both">
    CorsAllowOriginExpr "%{HTTP:Origin} == '$app'"
</Location>
CONF
$files{"htdocs/cred/$_/a.txt"} = "hi\n"
    for qw(x http any any/loose end begin both);
sub cred {
    my ($text, $path, $origin, $is) = @_;
    return [ $text, "GET /cred/$path/a.txt", { Origin => $origin },
             { vary => 'Origin',
               $is ? (acao => $origin, acac => 'true') : () } ];
}
push @rows, (
    cred('credentials', 'x', $app, 1),
    cred('never for http', 'x', $http, 0),
    cred('but for localhost', 'x', 'http://localhost:81', 1),
    cred('http by consent', 'http', $http, 1),
    cred('a condition for all has none', 'any', $app, 0),
    cred('a condition for all by consent', 'any/loose', $app, 1),
    cred('but not over http', 'any/loose', $http, 0),
    cred('nor for null', 'any/loose', 'null', 0),
    cred('the end of an origin is not enough', 'end', $app, 0),
    cred('nor is its beginning', 'begin', $app, 0),
    cred('the whole is', 'both', $app, 1),
);

# ---------------------------------------------------------------------------
# Vary, whatever the response is
# ---------------------------------------------------------------------------

my $vary = 'Origin, X-Key';
my %yes  = (Origin => $app, 'X-Key' => 'k');
$files{'cgi-bin/v.cgi'} = <<'CGI';
#!/bin/sh
echo 'Content-Type: text/plain'
echo 'Vary: Accept, x-key'
echo
echo v
CGI
$conf .= <<"CONF";
<Location "/v">
    CorsAllowOriginExpr $k
</Location>
<Location "/cgi-bin">
    CorsAllowOriginExpr $k
</Location>
ErrorDocument 404 /error.html
Redirect /v/away /v/a.txt
<Location "/v/private">
    Require all denied
</Location>
<Location "/v/packed">
    SetOutputFilter DEFLATE
    Header merge Vary X-Key
</Location>
<Location "/v/gate">
    CorsRejectUnlisted On
</Location>
<Location "/v/report">
    CorsEngine ReportOnly
    Header always set X-Cors %{CORS_RESULT}e env=CORS_RESULT
</Location>
<Location "/v/off">
    CorsEngine Off
</Location>
CONF
$files{"htdocs/v/$_/a.txt"} = 'hi ' x 100 for qw(x packed gate report off);
push @rows, (
    [ '404 with an ErrorDocument', 'GET /v/none', \%yes,
      { status => 404, acao => $app, vary => $vary, body => "sorry\n" } ],
    [ '404 without Origin', 'GET /v/none', {},
      { status => 404, vary => $vary } ],
    [ 'a redirect', 'GET /v/away', \%yes,
      { status => 302, acao => $app, vary => $vary } ],
    [ 'a redirect without Origin', 'GET /v/away', {},
      { status => 302, vary => $vary } ],
    [ 'to the slash', 'GET /v/x', \%yes,
      { status => 301, acao => $app, vary => $vary } ],
    [ 'what is forbidden', 'GET /v/private/x', \%yes,
      { status => 403, acao => $app, vary => $vary } ],
    [ 'a bad path', 'GET /v/%zz', \%yes,
      { status => 400 } ],
    [ 'OPTIONS that is no preflight', 'OPTIONS /v/x/a.txt', {},
      { vary => "$TRIO, X-Key" } ],
    [ 'HEAD', 'HEAD /v/x/a.txt', \%yes, { acao => $app, vary => $vary } ],
    [ 'a range', 'GET /v/x/a.txt', { %yes, Range => 'bytes=0-1' },
      { status => 206, body => 'hi', acao => $app, vary => $vary } ],
    [ 'what a backend says stays', 'GET /cgi-bin/v.cgi', \%yes,
      { acao => $app, vary => 'Accept, X-Key, Origin' } ],
    [ 'so does what mod_deflate and mod_headers say',
      'GET /v/packed/a.txt', { %yes, 'Accept-Encoding' => 'gzip' },
      { acao => $app, vary => 'X-Key, Accept-Encoding, Origin' } ],
    [ 'rejected', 'GET /v/gate/a.txt', { Origin => $app },
      { status => 403, vary => $vary } ],
    [ 'not rejected', 'GET /v/gate/a.txt', \%yes,
      { acao => $app, vary => $vary } ],
    [ 'ReportOnly changes nothing', 'GET /v/report/a.txt', \%yes,
      { field => { 'X-Cors' => 'allowed' } } ],
    [ 'ReportOnly changes nothing for others', 'GET /v/report/a.txt',
      { Origin => $app }, { field => { 'X-Cors' => 'denied-origin' } } ],
    [ 'ReportOnly changes nothing without Origin', 'GET /v/report/a.txt', {},
      {} ],
    [ 'nor does Off', 'GET /v/off/a.txt', \%yes, {} ],
);

# ---------------------------------------------------------------------------
# .htaccess
# ---------------------------------------------------------------------------

my %htaccess = (
    good => expr($k), file => expr('"-f \'/etc/passwd\'"'),
    func => expr('"file(\'/etc/passwd\') == \'x\'"'),
    syntax => expr('"req("'),
);
$files{"htdocs/h/$_/.htaccess"} = "$htaccess{$_}\n" for keys %htaccess;
$files{"htdocs/h/$_/a.txt"} = "hi\n" for keys %htaccess;
push @rows, (
    [ 'an .htaccess with the power', 'GET /h/good/a.txt', \%yes,
      { acao => $app, vary => $vary } ],
    [ 'and strangers', 'GET /h/good/a.txt', { Origin => $app },
      { vary => $vary } ],
    map { [ "an .htaccess has no $_", "GET /h/$_/a.txt", \%yes,
            { status => 500 } ] } qw(file func syntax),
);

my $s = CorsTest->start(
    modules => [qw(headers alias setenvif deflate filter auth_basic
                   authn_core authn_anon authz_user authz_host env)],
    cgi   => 1,
    files => \%files,
    conf  => "CorsHtaccess origins expr\n"
        . "SetEnvIf X-Tenant (.+) TENANT=\$1\nSetEnvIf Origin . SEEN=1\n"
        . $conf);
$s->promises(@rows);
my $res  = $s->request('GET /v/x/a.txt', \%yes);
my $etag = $res->field('ETag');
$s->promises(
    [ 'not modified', 'GET /v/x/a.txt', { %yes, 'If-None-Match' => $etag },
      { status => 304, acao => $app, vary => $vary } ],
    [ 'not modified, for a stranger', 'GET /v/x/a.txt',
      { Origin => $app, 'If-None-Match' => $etag },
      { status => 304, vary => $vary } ],
);
$s->expect_log(
    qr/htaccess: CorsAllowOriginExpr: '.*' must be a condition: /,
    qr/AH01630: client denied by server configuration/,
    qr/AH10244: invalid URI path/,
    qr/CorsAllowOriginExpr '.*' \(\S+:\d+\) matches nobody: it must not meet/,
    qr/file.*none/,
);

my $plain = CorsTest->start(name => 'no power',
    files => { 'htdocs/h/.htaccess' => expr($k) . "\n" });
$plain->promises([ 'an .htaccess without the power', 'GET /h/a.txt', \%yes,
    { status => 500 } ]);
$plain->expect_log(qr/CorsAllowOriginExpr needs what CorsHtaccess does not /);

# ---------------------------------------------------------------------------
# What is no condition
# ---------------------------------------------------------------------------

sub refused {
    my ($text, $pattern, $lines) = @_;
    config_error(qq{<Location "/x">\n$lines\n</Location>\n}, $pattern, $text);
}
for my $bad ('req(', 'a ==', '== 1', '%{NONE}', '%{HTTP:Origin} =~ m#(#',
             'nothing', 'none(\'x\')') {
    refused("'$bad' is none",
        qr/CorsAllowOriginExpr: '\Q$bad\E' must be a condition: \S/,
        qq{    CorsAllowOriginExpr "$bad"});
}
refused('one is needed', qr/CorsAllowOriginExpr takes one argument/,
    '    CorsAllowOriginExpr');
refused('and only one', qr/CorsAllowOriginExpr takes one argument/,
    '    CorsAllowOriginExpr true false');
refused('not in <Limit>', qr/CorsAllowOriginExpr .*<Limit>/,
    "    <Limit GET>\n    CorsAllowOriginExpr true\n    </Limit>");

# ---------------------------------------------------------------------------
# Caches
# ---------------------------------------------------------------------------

for my $quick (qw(On Off)) {
    my $c = CorsTest->start(
        name    => "cache, CacheQuickHandler $quick",
        modules => [qw(cache cache_disk)],
        files   => { 'htdocs/c/a.txt' => "hi\n", 'scratch/cache/x' => '' },
        conf    => <<"CONF");
CacheQuickHandler $quick
CacheRoot "\@ROOT\@/scratch/cache"
CacheEnable disk /
CacheHeader On
<Location "/c">
    CorsAllowOrigin $two
    CorsAllowOriginExpr $k
</Location>
CONF
    chmod 0777, $c->root . '/scratch/cache';
    utime time, time - 86400, $c->docroot . '/c/a.txt';
    my @cases = (
        [ 'with the key', \%yes, 1 ],
        [ 'without the key', { Origin => $app }, 0 ],
        [ 'with another key', { Origin => $app, 'X-Key' => 'l' }, 0 ],
        [ 'of the list', { Origin => $two }, 1 ],
        [ 'of the list, with the key', { Origin => $two, 'X-Key' => 'k' },
          1 ],
        [ 'null', { Origin => 'null', 'X-Key' => 'k' }, 0 ],
        [ 'without Origin', { 'X-Key' => 'k' }, 0 ],
        [ 'with nothing', {}, 0 ],
    );
    for my $round ([ 'stored', 'MISS' ], [ 'served', 'HIT' ],
                   [ 'served again', 'HIT' ]) {
        my ($how, $word) = @$round;
        $c->promises(map {
            my ($what, $fields, $is) = @$_;
            [ "quick $quick: $how $what", 'GET /c/a.txt', $fields,
              { body => "hi\n", vary => $vary,
                field => { 'X-Cache' => qr/^$word/ },
                $is ? (acao => $fields->{Origin}) : () } ]
        } @cases);
    }
}

# ---------------------------------------------------------------------------
# With credentials, what a stranger could pass as well is for nobody
# ---------------------------------------------------------------------------

my @conditions = (
    # condition, an origin that it is true for, is it the owner's alone?
    [ q(true), 'https://app.example.com', 0 ],
    [ q(-n req('Origin')), 'https://app.example.com', 0 ],
    [ q(req('Origin') =~ m#example\.com$#), 'https://example.com', 0 ],
    [ q(req('Origin') =~ m#^https://example\.com#), 'https://example.com', 0 ],
    [ q(req('Origin') =~ m#^https://www.example\.com$#),
      'https://www.example.com', 0 ],
    [ q(req('Origin') =~ m#^https://(www.)?example.com$#),
      'https://www.example.com', 0 ],
    [ q(req('Origin') =~ m#^https://app\.example\.[a-z]+$#),
      'https://app.example.com', 0 ],
    [ q(req('Origin') =~ m#^https://app\.(.*)example\.com$#),
      'https://app.example.com', 0 ],
    [ q(req('Origin') =~ m#^https://.*$#), 'https://[::1]:99', 0 ],
    [ q(req('Origin') =~ m#^https://a.b\.example\.com$#),
      'https://a.b.example.com', 1 ],
    [ q(req('Origin') =~ m#^https://(.*\.)?example\.com(:\d+)?$#),
      'https://a.b.example.com:8443', 1 ],
    [ q(req('Origin') =~ m#^https://localhost:\d+$#), 'https://localhost:3000',
      1 ],
    [ q(req('Origin') == 'https://127.0.0.1'), 'https://127.0.0.1', 1 ],
    [ q(req('Origin') in { 'https://a.example', 'https://b.example' }),
      'https://b.example', 1 ],
);
my (@ours, $lines);
for my $i (0 .. $#conditions) {
    my ($condition, $origin, $is) = @{ $conditions[$i] };
    my $with = { acao => $origin, acac => 'true', vary => 'Origin',
                 status => 404 };
    for my $consent ('', 'insecure-origin', 'loose-match') {
        my $at = "/strangers/$i" . ($consent && "-$consent");
        $lines .= "<Location $at>\n    CorsAllowCredentials On\n"
            . ($consent && "    CorsTolerate $consent\n")
            . qq(    CorsAllowOriginExpr "$condition"\n</Location>\n);
        my $allowed = $is || $consent eq 'loose-match';
        push @ours, [
            "$condition, tolerating '$consent': $origin is "
                . ($allowed ? 'allowed' : 'for nobody'),
            "GET $at", { Origin => $origin },
            $allowed ? $with : { vary => 'Origin', status => 404 } ];
    }
    $lines .= "<Location /public/$i>\n"
        . qq(    CorsAllowOriginExpr "$condition"\n</Location>\n);
    push @ours, [ "$condition, without credentials: $origin is allowed",
        "GET /public/$i", { Origin => $origin },
        { acao => $origin, vary => 'Origin', status => 404 } ];
}
# What the module asks does not change the request.
$lines .= <<'CONF';
<Location /cgi-bin>
    CorsAllowCredentials On
    CorsAllowOriginExpr "req('Origin') == 'https://app.example.com'"
</Location>
CONF
push @ours, [ 'a program sees the origin that asked', 'GET /cgi-bin/origin.cgi',
    { Origin => 'https://app.example.com' },
    { acao => 'https://app.example.com', acac => 'true', vary => 'Origin',
      body => "https://app.example.com\n" } ];

# The second of two policies reads a header: that holds for all requests that
# come to it, and for those without Origin, which come to none.
$lines .= <<'CONF';
<CorsPolicy listed>
    CorsAllowOrigin https://app.example.com
</CorsPolicy>
<CorsPolicy keyed>
    CorsAllowOriginExpr "req('X-Key') == 'k'"
</CorsPolicy>
<Location /two>
    CorsUsePolicy listed keyed
</Location>
CONF
push @ours,
    [ 'two policies: the first decides', 'GET /two',
      { Origin => 'https://app.example.com' },
      { acao => 'https://app.example.com', vary => 'Origin', status => 404 } ],
    [ 'two policies: the second decides', 'GET /two',
      { Origin => 'https://b.example', 'X-Key' => 'k' },
      { acao => 'https://b.example', vary => 'Origin, X-Key',
        status => 404 } ],
    [ 'two policies: none decides', 'GET /two',
      { Origin => 'https://b.example' },
      { vary => 'Origin, X-Key', status => 404 } ],
    [ 'two policies: without Origin', 'GET /two', {},
      { vary => 'Origin, X-Key', status => 404 } ];

my $strangers = CorsTest->start(name => 'strangers', conf => $lines, cgi => 1,
    files => { 'cgi-bin/origin.cgi' => "#!/bin/sh\n"
        . "printf 'Content-Type: text/plain\\n\\n%s\\n' \"\$HTTP_ORIGIN\"\n" });
$strangers->promises(@ours);
$strangers->expect_log(qr/matches nobody: .*it allows strangers' origins too/);

CorsTest::finish();
