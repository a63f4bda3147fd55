# Actual responses: the fields are there on every status, whoever made it,
# exactly once, and nothing is there for anybody else.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use Test::More;

my $app  = 'https://app.example.com';
my $evil = 'https://evil.example';
my $user = 'Basic dTpwYXNzd29yZA==';        # u:password

# What differs between the virtual hosts is their policy.
my $site = <<'SITE';
    Redirect 301 /moved /a.txt
    Redirect 302 /found /a.txt
    Redirect 303 /other /a.txt
    Redirect 307 /temporary /a.txt
    Redirect 308 /permanent /a.txt
    Redirect 410 /gone
    Redirect 503 /maintenance
    RewriteEngine On
    RewriteRule ^/rewritten$ /a.txt [R=302]
    RewriteRule ^/forbidden - [F]
    RewriteRule ^/inside$ /a.txt [PT]
    ProxyPass /dead http://127.0.0.1:@PORT3@/
    ProxyPass /garbage http://127.0.0.1:@PORT2@/cgi-bin/nph-garbage.cgi
    ProxyPass /backend/ http://127.0.0.1:@PORT2@/
    ProxyPass /override/ http://127.0.0.1:@PORT2@/
    <Location "/override/">
        ProxyErrorOverride On
        ErrorDocument 404 "replaced"
    </Location>
    <Location "/locked">
        Require all denied
    </Location>
    <Location "/auth">
        AuthType Basic
        AuthName private
        AuthUserFile "@ROOT@/users"
        Require valid-user
    </Location>
    <Location "/get-only">
        AllowMethods GET
    </Location>
    <Location "/cgi-bin/small.cgi">
        LimitRequestBody 10
    </Location>
    <Location "/local">
        ErrorDocument 404 /error/404.html
    </Location>
    <Location "/forbidden/file">
        ErrorDocument 403 /error/404.html
    </Location>
    <Location "/script">
        ErrorDocument 404 /cgi-bin/error.cgi
    </Location>
    <Location "/text">
        ErrorDocument 404 "nothing here"
    </Location>
    <Location "/url">
        ErrorDocument 404 http://localhost/not-found
    </Location>
    <Location "/lost">
        ErrorDocument 404 /no/such/document
    </Location>
SITE

my $cgi = "#!/bin/sh\ncat >/dev/null\n";
my $s = CorsTest->start(
    modules => [qw(alias headers rewrite allowmethods actions negotiation
                   setenvif include authn_core authn_file auth_basic
                   authz_user proxy proxy_http)],
    cgi   => 1,
    ports => 4,
    files => {
        'users'                   => "u:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n",
        'htdocs/a.txt'            => "hi\n",
        'htdocs/data.bin'         => 'x' x 100,
        'htdocs/dir/index.html'   => "index\n",
        'htdocs/get-only'         => "hi\n",
        'htdocs/auth/a.txt'       => "hi\n",
        'htdocs/error/404.html'   => "not here\n",
        'htdocs/broken/.htaccess' => "NoSuchDirective\n",
        'htdocs/broken/a.txt'     => "hi\n",
        (map { ("htdocs/$_/a.txt" => "hi\n", "htdocs/$_/b.bin" => "hi\n",
                "htdocs/$_/index.html" => "index\n") }
         qw(tree tree/locked tree/own tree/off tree/auth files any
            late front conflict open report expr)),
        'htdocs/tree/.htaccess'     => "CorsExposeHeaders X-Tree\n",
        'htdocs/tree/own/.htaccess' => "CorsAllowOrigin https://own.example\n"
            . "CorsAllowCredentials On\n",
        'htdocs/tree/off/.htaccess' => "CorsEngine Off\n",
        'htdocs/any/.htaccess'      => "CorsAllowCredentials On\n",
        'htdocs/front/.htaccess'    => <<'HTACCESS',
CorsAllowOrigin https://app.example.com
RewriteEngine On
RewriteRule ^route$ /open/a.txt [L]
RewriteRule ^to-cgi$ /cgi-bin/vars.cgi [L]
HTACCESS
        'cgi-bin/ok.cgi'    => "$cgi echo 'Content-Type: text/plain'\necho\n",
        'cgi-bin/204.cgi'   => "$cgi echo 'Status: 204 Nothing'\necho\n",
        'cgi-bin/422.cgi'   => "$cgi echo 'Status: 422 No'\necho\necho no\n",
        'cgi-bin/500.cgi'   => "$cgi echo 'Status: 500 Oh'\necho\necho oh\n",
        'cgi-bin/crash.cgi' => "$cgi exit 1\n",
        'cgi-bin/local.cgi' => "$cgi echo 'Location: /a.txt'\necho\n",
        'cgi-bin/away.cgi'  => "$cgi echo 'Location: http://x.example/'\n"
            . "echo\n",
        'cgi-bin/small.cgi' => "$cgi echo 'Content-Type: text/plain'\necho\n",
        'cgi-bin/error.cgi' => "$cgi echo 'Content-Type: text/plain'\necho\n"
            . "echo sorry\n",
        'cgi-bin/nph-garbage.cgi' => "#!/bin/sh\n",
        'cgi-bin/vars.cgi'  => $cgi . <<'CGI',
echo 'Content-Type: text/plain'
echo
echo "$CORS_REQUEST/$CORS_RESULT/$REDIRECT_CORS_RESULT"
CGI
        'cgi-bin/many.cgi'  => $cgi . <<'CGI',
echo 'Content-Type: text/plain'
echo 'X-Acme-Id: 1'
echo 'X-Acme-Page: 2'
echo 'X-Other: 3'
echo 'ETag: "4"'
echo 'Set-Cookie: a=b'
echo 'Cache-Control: no-cache'
echo 'Vary: Accept'
echo
CGI
        'htdocs/action/a.act' => "hi\n",
    },
    conf => <<"CONF");
LogFormat "%U %>s %{CORS_REQUEST}e %{CORS_RESULT}e" cors
CustomLog "\@ROOT\@/access.log" cors

Listen 127.0.0.1:\@PORT2\@
<VirtualHost 127.0.0.1:\@PORT2\@>
    ServerName localhost
    KeepAlive Off
</VirtualHost>

<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName listed.example
$site
    CorsAllowOrigin $app
    CorsAllowCredentials On
    CorsAllowMethods PUT
    CorsAllowHeaders X-A
    CorsExposeHeaders X-Total
    CorsMaxAge 5
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName constant.example
$site
    CorsAllowOrigin *
    CorsAllowMethods PUT
    CorsAllowHeaders X-A
    CorsExposeHeaders X-Total
</VirtualHost>

# Policies in sections.
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName sections.example
    <Directory "\@DOCROOT\@/tree">
        CorsAllowOrigin $app
    </Directory>
    <Directory "\@DOCROOT\@/tree/locked">
        Require all denied
    </Directory>
    <Directory "\@DOCROOT\@/tree/auth">
        AuthType Basic
        AuthName private
        AuthUserFile "\@ROOT\@/users"
        Require valid-user
    </Directory>
    <DirectoryMatch "/front\$">
        AllowOverride All
    </DirectoryMatch>
    <Directory "\@DOCROOT\@/files">
        <Files "*.txt">
            CorsAllowOrigin $app
        </Files>
    </Directory>
    <FilesMatch "\\.bin\$">
        CorsAllowOrigin https://bin.example
    </FilesMatch>
    <Location "/location">
        CorsAllowOrigin $app
    </Location>
    <Location "/broken">
        CorsAllowOrigin $app
    </Location>
    <LocationMatch "^/match/\\d+\$">
        CorsAllowOrigin $app
    </LocationMatch>
    <If "%{REQUEST_URI} =~ m#^/if/#">
        CorsAllowOrigin https://if.example
    </If>
    <ElseIf "%{REQUEST_URI} =~ m#^/elseif/#">
        CorsAllowOrigin https://elseif.example
    </ElseIf>
    ProxyPass /proxied/ http://127.0.0.1:\@PORT2\@/
    <Proxy "http://127.0.0.1:\@PORT2\@/">
        CorsAllowOrigin $app
    </Proxy>

    # The merge: an unset directive inherits, the innermost set one wins.
    <Location "/m">
        CorsAllowOrigin $app
        CorsAllowCredentials On
        CorsExposeHeaders X-A X-B
    </Location>
    <Location "/m/off">
        CorsEngine Off
    </Location>
    <Location "/m/off/on">
        CorsEngine On
    </Location>
    <Location "/m/none">
        CorsAllowOrigin none
    </Location>
    <Location "/m/add">
        CorsAllowOrigin +https://more.example
        CorsExposeHeaders +X-C -x-a
    </Location>
    <Location "/m/new">
        CorsAllowOrigin https://new.example
        CorsAllowCredentials Off
        CorsExposeHeaders none
    </Location>
    <Location "/m/remove">
        CorsAllowOrigin -$app
    </Location>
    <Location "/m/remove/again">
        CorsAllowOrigin +$app
    </Location>
    <Location "/wild">
        CorsAllowOrigin https://*.example.com
    </Location>
    <Location "/wild/but">
        CorsAllowOrigin -https://staging.example.com
    </Location>
    <Location "/no-source">
        CorsAllowMethods PUT
        CorsAllowCredentials On
        CorsExposeHeaders X-A
    </Location>

    # Internal redirects.
    <Location "/open">
        CorsAllowOrigin *
    </Location>
    <Location "/error">
        CorsAllowOrigin *
    </Location>
    ErrorDocument 404 /error/404.html
    <Location "/engine-off">
        CorsAllowOrigin $app
        CorsEngine Off
        FallbackResource /open/a.txt
    </Location>
    <Location "/fallback">
        FallbackResource /open/a.txt
    </Location>
    <Location "/fallback/own">
        CorsAllowOrigin $app
    </Location>
    <Directory "\@DOCROOT\@/late">
        <Files "index.html">
            CorsAllowOrigin $app
        </Files>
    </Directory>
    <Location "/action">
        CorsAllowOrigin $app
        AddHandler acted .act
        Action acted /cgi-bin/vars.cgi
    </Location>
    <Location "/cgi-bin/local.cgi">
        CorsAllowOrigin $app
    </Location>

    # What the variables are good for.
    <Location "/cgi-bin/vars.cgi">
        CorsAllowOrigin $app
    </Location>
    <Location "/require">
        CorsAllowOrigin $app
        Require expr "reqenv('CORS_RESULT') == 'allowed'"
    </Location>
    <Location "/expr">
        CorsAllowOrigin $app
        Header always set X-Seen yes "expr=reqenv('CORS_RESULT') == 'allowed'"
    </Location>

    # Credentials.
    <Location "/any-beside">
        CorsAllowOrigin * $app
        CorsExposeHeaders X-A
    </Location>
    <Location "/any-minus">
        CorsAllowOrigin * -$evil
    </Location>
    <Directory "\@DOCROOT\@/any">
        CorsAllowOrigin *
    </Directory>
    <Directory "\@DOCROOT\@/conflict">
        CorsAllowOrigin * $app http://plain.example null
    </Directory>
    <LocationMatch "^/conflict/">
        CorsAllowCredentials On
    </LocationMatch>
    <Location "/tolerated">
        CorsTolerate null-credentials insecure-origin
        CorsAllowCredentials On
        CorsAllowOrigin null http://plain.example
    </Location>
    <Location "/loopback">
        CorsAllowCredentials On
        CorsAllowOrigin http://localhost:* http://127.0.0.1:3000
    </Location>

    # What pages may read.
    <Location "/cgi-bin/many.cgi">
        CorsAllowOrigin $app
        CorsExposeHeaders X-Acme-*
    </Location>
    <Location "/cgi-bin/many.cgi/list">
        CorsExposeHeaders X-Acme-Id ETag
    </Location>
    <Location "/cgi-bin/many.cgi/absent">
        CorsExposeHeaders X-Absent
    </Location>
    <Location "/cgi-bin/many.cgi/mixed">
        CorsExposeHeaders X-Absent X-Acme-*
    </Location>
    <Location "/cgi-bin/many.cgi/any">
        CorsExposeHeaders *
    </Location>
    <Location "/cgi-bin/many.cgi/creds">
        CorsExposeHeaders *
        CorsAllowCredentials On
        Header set Upgrade h2c
    </Location>
    <Location "/cgi-bin/many.cgi/none">
        CorsExposeHeaders none
    </Location>
    <Location "/data.bin">
        CorsAllowOrigin $app
        CorsAllowCredentials On
        CorsExposeHeaders *
    </Location>

    <Directory "\@DOCROOT\@/report">
        CorsEngine ReportOnly
        CorsAllowOrigin $app
        CorsExposeHeaders X-A
        Header always set X-Result "%{CORS_RESULT}e" env=CORS_RESULT
    </Directory>
</VirtualHost>

# The server that takes what httpd cannot read is the one of the address.
Listen 127.0.0.1:\@PORT4\@
<VirtualHost 127.0.0.1:\@PORT4\@>
    ServerName localhost
    CorsAllowOrigin $app
</VirtualHost>
CONF

# ---------------------------------------------------------------------------
# Every status, for an allowed origin, a stranger, nobody, and everybody
# ---------------------------------------------------------------------------

my $file = $s->request('GET /a.txt', {});
my $long = 'x' x 100;
my @cases = (
    # status, what, request, fields, more to expect, options
    [ 200, 'a file', 'GET /a.txt', {}, { body => "hi\n" } ],
    [ 200, 'HEAD', 'HEAD /a.txt', {},
      { body => '', field => { 'Content-Length' => 3 } } ],
    [ 200, 'HTTP/1.0', 'GET /a.txt', {}, { body => "hi\n" },
      { version => '1.0' } ],
    [ 200, 'a CGI', 'GET /cgi-bin/ok.cgi' ],
    [ 200, 'a POST to a CGI', 'POST /cgi-bin/ok.cgi', {}, {},
      { body => $long } ],
    [ 200, 'a proxied file', 'GET /backend/a.txt', {}, { body => "hi\n" } ],
    [ 200, 'HEAD of a proxied file', 'HEAD /backend/a.txt' ],
    [ 200, 'authenticated', 'GET /auth/a.txt', { Authorization => $user },
      { body => "hi\n" } ],
    [ 200, 'DirectoryIndex', 'GET /dir/', {}, { body => "index\n" } ],
    [ 200, 'RewriteRule [PT]', 'GET /inside', {}, { body => "hi\n" } ],
    [ 200, "a CGI's local redirect", 'GET /cgi-bin/local.cgi', {},
      { body => "hi\n" } ],
    [ 204, 'a CGI', 'GET /cgi-bin/204.cgi', {}, { body => '' } ],
    [ 204, 'a proxied CGI', 'GET /backend/cgi-bin/204.cgi' ],
    [ 206, 'a range', 'GET /data.bin', { Range => 'bytes=0-9' },
      { body => 'x' x 10, field => { 'Content-Range' => qr/^bytes 0-9/ } } ],
    [ 206, 'several ranges', 'GET /data.bin',
      { Range => 'bytes=0-9,90-99' },
      { field => { 'Content-Type' => qr/^multipart/ } } ],
    [ 206, 'a proxied range', 'GET /backend/data.bin',
      { Range => 'bytes=0-9' } ],
    [ 301, "mod_dir's slash", 'GET /dir', {},
      { field => { Location => qr{/dir/$} } } ],
    [ 301, 'Redirect', 'GET /moved' ],
    [ 302, 'Redirect', 'GET /found' ],
    [ 303, 'Redirect', 'GET /other' ],
    [ 307, 'Redirect', 'GET /temporary' ],
    [ 308, 'Redirect', 'GET /permanent' ],
    [ 302, 'RewriteRule [R]', 'GET /rewritten' ],
    [ 302, "a CGI's Location", 'GET /cgi-bin/away.cgi' ],
    [ 302, "a proxied CGI's Location", 'GET /backend/cgi-bin/away.cgi' ],
    [ 304, 'If-None-Match', 'GET /a.txt',
      { 'If-None-Match' => $file->field('ETag') } ],
    [ 304, 'If-Modified-Since', 'GET /a.txt',
      { 'If-Modified-Since' => $file->field('Last-Modified') } ],
    [ 304, 'HEAD', 'HEAD /a.txt', { 'If-None-Match' => '*' } ],
    [ 304, 'a proxied file', 'GET /backend/a.txt',
      { 'If-None-Match' => '*' } ],
    [ 401, 'no password', 'GET /auth/a.txt', {},
      { field => { 'WWW-Authenticate' => qr/Basic/ } } ],
    [ 401, 'a wrong password', 'GET /auth/a.txt',
      { Authorization => 'Basic dTp4' } ],
    [ 403, 'Require all denied', 'GET /locked' ],
    [ 403, 'RewriteRule [F]', 'GET /forbidden' ],
    [ 404, 'a missing file', 'GET /missing' ],
    [ 404, 'HEAD', 'HEAD /missing' ],
    [ 404, 'an escaped slash', 'GET /a%2ftxt' ],
    [ 404, 'a proxied server', 'GET /backend/missing' ],
    [ 404, 'a missing CGI', 'GET /cgi-bin/missing.cgi' ],
    [ 405, 'PUT to a file', 'PUT /a.txt', {}, {}, { body => 'x' } ],
    [ 405, 'AllowMethods', 'POST /get-only', {}, {}, { body => 'x' } ],
    [ 410, 'Redirect 410', 'GET /gone' ],
    [ 412, 'If-Match', 'GET /a.txt', { 'If-Match' => '"x"' } ],
    [ 413, 'LimitRequestBody', 'POST /cgi-bin/small.cgi', {}, {},
      { body => $long } ],
    [ 416, 'a range beyond the end', 'GET /data.bin',
      { Range => 'bytes=1000-' } ],
    [ 417, 'an expectation', 'GET /a.txt', { Expect => 'miracles' } ],
    [ 422, 'a CGI', 'GET /cgi-bin/422.cgi' ],
    [ 422, 'a proxied CGI', 'GET /backend/cgi-bin/422.cgi' ],
    [ 500, 'a CGI', 'GET /cgi-bin/500.cgi', {}, { body => "oh\n" } ],
    [ 500, 'a CGI that says nothing', 'GET /cgi-bin/crash.cgi' ],
    [ 500, 'a proxied CGI that says nothing',
      'GET /backend/cgi-bin/crash.cgi' ],
    [ 500, 'a broken .htaccess', 'GET /broken/a.txt' ],
    [ 501, 'an unknown method', 'FROB /a.txt' ],
    [ 502, 'a proxied server that says nothing', 'GET /garbage' ],
    [ 503, 'a proxied server that is down', 'GET /dead' ],
    [ 503, 'Redirect 503', 'GET /maintenance' ],
    [ 404, 'ErrorDocument, a file', 'GET /local/x', {},
      { body => "not here\n" } ],
    [ 403, 'ErrorDocument, a file, before the URL is mapped',
      'GET /forbidden/file', {}, { body => "not here\n" } ],
    [ 404, 'ErrorDocument, a CGI', 'GET /script/x', {},
      { body => "sorry\n" } ],
    [ 404, 'ErrorDocument, a text', 'GET /text/x', {},
      { body => 'nothing here' } ],
    [ 302, 'ErrorDocument, a URL', 'GET /url/x', {},
      { field => { Location => 'http://localhost/not-found' } } ],
    [ 404, 'ErrorDocument, missing itself', 'GET /lost/x' ],
    [ 404, 'ErrorDocument for HEAD', 'HEAD /local/x' ],
    [ 404, 'ProxyErrorOverride', 'GET /override/missing', {},
      { body => 'replaced' } ],
    [ 500, 'ProxyErrorOverride', 'GET /override/cgi-bin/500.cgi', {},
      { body => qr/<title>500/ } ],
);

$s->expect_log(
    qr/AH01630: client denied by server configuration/,
    qr/AH01623: client method denied by server configuration/,
    qr/AH01617: user u: authentication failure/,
    qr/AH00026: found %2f/,
    qr/NoSuchDirective/,
    qr/AH00135: Invalid method in request FROB/,
    qr/Requested content-length of \d+ is larger than/,
    qr/AH00957: http: attempt to connect/,
    qr/AH01114: HTTP: failed to make connection/,
    qr/AH00898: Error reading from remote server/,
    qr/AH01102: error reading status line/,
    qr/End of script output before headers: crash\.cgi/,
    qr/missing\.cgi: script not found or unable to stat/,
    qr/Error reading request entity data/,
    qr/AH10244: invalid URI path/,
);

for my $case (@cases) {
    my ($status, $what, $line, $fields, $more, $opt) = @$case;
    my %expected = (status => $status, %{ $more || {} });
    my @fields   = %{ $fields || {} };
    my %listed   = (host => 'listed.example', %{ $opt || {} });
    my %constant = (host => 'constant.example', %{ $opt || {} });
    $s->promises(
        [ "$status, $what: an allowed origin", $line,
          [ Origin => $app, @fields ],
          { %expected, acao => $app, acac => 'true', aceh => 'X-Total',
            vary => 'Origin' }, \%listed ],
        [ "$status, $what: a stranger", $line, [ Origin => $evil, @fields ],
          { %expected, vary => 'Origin' }, \%listed ],
        [ "$status, $what: no Origin", $line, \@fields,
          { %expected, vary => 'Origin' }, \%listed ],
        [ "$status, $what: everybody", $line, \@fields,
          { %expected, acao => '*', aceh => 'X-Total' }, \%constant ],
    );
}

# Requests that httpd refuses before it knows any section. Where it has not
# read the fields there is no Origin to allow, but caches have to know.
my $port = $s->port(4);
for my $case (
    [ "GET /a.txt HTTP/1.1\r\nOrigin: $app\r\n", 'no Host', $app ],
    [ "GET /%zz HTTP/1.1\r\nHost: x\r\nOrigin: $app\r\n", 'a bad escape',
      $app ],
    [ "GET /../../x HTTP/1.1\r\nHost: x\r\nOrigin: $app\r\n",
      'a way out of the root', $app ],
    [ "GET /a.txt HTTP/1.1\r\nHost: x\r\nno colon\r\n", 'no colon' ],
    [ "GET /" . 'x' x 9000 . " HTTP/1.1\r\nHost: x\r\n", 'a long line' ],
) {
    my ($head, $what, $acao) = @$case;
    my ($res) = $s->raw("$head\r\n", port => $port);
    my %expected = (status => qr/^4/, vary => 'Origin');
    $expected{acao} = $acao if $acao;
    my @wrong = $res ? $res->differences(\%expected) : 'no answer';
    promise(!@wrong, "a request with $what is refused, with the fields",
        @wrong, $res ? $res->transcript : ());
}

# Not touched: what is no response to a page, or none of httpd's filters see.
my %on = (host => 'listed.example');
my $trace = $s->request('TRACE /a.txt', { Origin => $app }, %on);
promise($trace->status == 200
        && !(grep { /^Access-Control|^Vary/i } $trace->names),
    'TRACE is left alone', $trace->transcript);
my $continue = $s->request('POST /cgi-bin/ok.cgi',
    { Origin => $app, Expect => '100-continue' }, body => 'x', %on);
promise($continue->status == 200 && $continue->interim == 1
        && join('', $continue->interim) !~ /Access-Control|Vary/i,
    '100 Continue is passed on without fields', $continue->interim);

# ---------------------------------------------------------------------------
# Sections
# ---------------------------------------------------------------------------

# [ what, request, [ allowed origins ], [ refused ], more to expect ]
my $tree = { aceh => 'X-Tree' };
my @sections = (
    [ 'Directory', 'GET /tree/a.txt', [$app], [$evil], $tree ],
    [ 'Directory, a missing file', 'GET /tree/x', [$app], [$evil],
      { %$tree, status => 404, body => "not here\n" } ],
    [ 'Directory, the slash', 'GET /tree', [$app], [$evil],
      { %$tree, status => 301 } ],
    [ 'Directory, its index', 'GET /tree/', [$app], [$evil],
      { %$tree, body => "index\n" } ],
    [ 'Directory, 403', 'GET /tree/locked/a.txt', [$app], [$evil],
      { %$tree, status => 403 } ],
    [ 'Directory, 401', 'GET /tree/auth/a.txt', [$app], [$evil],
      { %$tree, status => 401 } ],
    [ 'Directory, 405', 'PUT /tree/a.txt', [$app], [$evil],
      { %$tree, status => 405 } ],
    [ '.htaccess', 'GET /tree/own/a.txt', ['https://own.example'],
      [ $app, $evil ], { %$tree, acac => 'true' } ],
    [ 'Files', 'GET /files/a.txt', [$app], [$evil] ],
    [ 'FilesMatch', 'GET /files/b.bin', ['https://bin.example'], [$app] ],
    [ 'Location', 'GET /location/x', [$app], [$evil], { status => 404 } ],
    [ 'Location, a broken .htaccess', 'GET /broken/a.txt', [$app], [$evil],
      { status => 500 } ],
    [ 'LocationMatch', 'GET /match/12', [$app], [$evil],
      { status => 404 } ],
    [ 'If', 'GET /if/x', ['https://if.example'], [$app],
      { status => 404 } ],
    [ 'ElseIf', 'GET /elseif/x', ['https://elseif.example'], [$app],
      { status => 404 } ],
    [ 'Proxy', 'GET /proxied/a.txt', [$app], [$evil] ],
    [ 'Proxy, a missing file', 'GET /proxied/x', [$app], [$evil],
      { status => 404 } ],

    [ 'unset inherits', 'GET /m/deeper', [$app], [$evil],
      { status => 404, acac => 'true', aceh => 'X-A, X-B' } ],
    [ 'On inside Off', 'GET /m/off/on', [$app], [$evil],
      { status => 404, acac => 'true', aceh => 'X-A, X-B' } ],
    [ '+ extends', 'GET /m/add', [ $app, 'https://more.example' ], [$evil],
      { status => 404, acac => 'true', aceh => 'X-B, X-C' } ],
    [ 'a plain value replaces', 'GET /m/new', ['https://new.example'],
      [ $app, $evil ], { status => 404 } ],
    [ '- takes away', 'GET /m/remove', [], [ $app, $evil ],
      { status => 404 } ],
    [ '+ inside - gives back', 'GET /m/remove/again', [$app], [$evil],
      { status => 404, acac => 'true', aceh => 'X-A, X-B' } ],
    [ '- carves one out of a wildcard', 'GET /wild/but',
      ['https://a.example.com'], ['https://staging.example.com'],
      { status => 404 } ],
    [ 'the wildcard itself', 'GET /wild',
      [ 'https://a.example.com', 'https://staging.example.com' ], [$evil],
      { status => 404 } ],

    [ '* beside another item', 'GET /any-beside',
      [ $app, $evil, 'null' ], ['x'], { status => 404, aceh => 'X-A' } ],
    [ '* with an exception', 'GET /any-minus', [$app], [$evil],
      { status => 404 } ],
    [ 'null and http with consent', 'GET /tolerated',
      [ 'null', 'http://plain.example' ], [$evil],
      { status => 404, acac => 'true' } ],
    [ 'http on loopback', 'GET /loopback',
      [ 'http://localhost:3000', 'http://127.0.0.1:3000' ], [$evil],
      { status => 404, acac => 'true' } ],
    # Only the merge of a request sees these; the rest of the list stands.
    [ 'credentials in .htaccess under *', 'GET /any/a.txt', [],
      [ $app, $evil, 'null' ] ],
    [ 'credentials in LocationMatch over a Directory',
      'GET /conflict/a.txt', [$app],
      [ $evil, 'http://plain.example', 'null' ], { acac => 'true' } ],

    # The request as sent decides, once, and stays decided.
    [ 'RewriteRule in .htaccess to an open URL', 'GET /front/route', [$app],
      [$evil], { body => "hi\n" } ],
    [ 'a front controller beside its own policy', 'GET /fallback/own/x',
      [$app], [$evil], { body => "hi\n" } ],
    [ 'DirectoryIndex, policy in Files', 'GET /late/', [$app], [$evil],
      { body => "index\n" } ],
    [ 'Action', 'GET /action/a.act', [$app], [$evil],
      { body => qr{^(?:actual)?/} } ],
    [ "a CGI's local redirect", 'GET /cgi-bin/local.cgi', [$app], [$evil],
      { body => "hi\n" } ],
);
for my $case (@sections) {
    my ($what, $line, $allowed, $refused, $more) = @$case;
    my %always = map { $_ => $more->{$_} }
        grep { /^(?:status|body|field)$/ } keys %{ $more || {} };
    my %opt = (host => 'sections.example');
    $s->promises(
        (map { [ "$what: $_ is allowed", $line, { Origin => $_ },
                 { %{ $more || {} }, acao => $_, vary => 'Origin' },
                 \%opt ] } @$allowed),
        (map { [ "$what: $_ is refused", $line, { Origin => $_ },
                 { %always, vary => 'Origin' }, \%opt ] } @$refused),
        [ "$what: no Origin", $line, {}, { %always, vary => 'Origin' },
          \%opt ],
    );
}
$s->expect_log(qr/\[cors:error\] .*CorsAllowCredentials/);

%on = (host => 'sections.example');
my @any = (acao => '*');
$s->promises(
    # Inert, or as good as.
    [ 'no directive, no field', 'GET /a.txt', { Origin => $app }, {}, \%on ],
    [ 'no origin source, no field', 'GET /no-source', { Origin => $app },
      { status => 404 }, \%on ],
    [ 'CorsEngine Off in a Location', 'GET /m/off', { Origin => $app },
      { status => 404 }, \%on ],
    [ 'CorsEngine Off in .htaccess', 'GET /tree/off/a.txt',
      { Origin => $app }, {}, \%on ],
    [ 'none allows nobody and needs no Vary', 'GET /m/none',
      { Origin => $app }, { status => 404 }, \%on ],
    [ 'none, without Origin', 'GET /m/none', {}, { status => 404 }, \%on ],
    [ 'ReportOnly changes no response', 'GET /report/a.txt',
      { Origin => $app }, { field => { 'X-Result' => 'allowed' } }, \%on ],
    [ 'ReportOnly says what would have happened', 'GET /report/a.txt',
      { Origin => $evil }, { field => { 'X-Result' => 'denied-origin' } },
      \%on ],
    [ 'ReportOnly answers no preflight', 'OPTIONS /report/a.txt',
      preflight($app, 'GET'),
      { field => { 'X-Result' => 'allowed', Allow => qr/GET/ } }, \%on ],

    # Internal redirects.
    [ 'an error document does not decide', 'GET /missing',
      { Origin => $app }, { status => 404, body => "not here\n" }, \%on ],
    [ 'the first URL with a policy decides', 'GET /fallback/x',
      { Origin => $app }, { @any, body => "hi\n" }, \%on ],
    [ 'CorsEngine Off has decided', 'GET /engine-off/x',
      { Origin => $app }, { body => "hi\n" }, \%on ],

    # Variables.
    [ 'a CGI sees that it is an actual request', 'GET /cgi-bin/vars.cgi',
      { Origin => $app },
      { acao => $app, vary => 'Origin', body => "actual/allowed/\n" },
      \%on ],
    [ 'a CGI sees that the origin is a stranger', 'GET /cgi-bin/vars.cgi',
      { Origin => $evil },
      { vary => 'Origin', body => "actual/denied-origin/\n" }, \%on ],
    [ 'a CGI sees nothing without Origin', 'GET /cgi-bin/vars.cgi', {},
      { vary => 'Origin', body => "//\n" }, \%on ],
    [ 'behind an internal redirect the CGI sees it', 'GET /front/to-cgi',
      { Origin => $app },
      { acao => $app, vary => 'Origin', body => qr{^actual/allowed/} },
      \%on ],
    [ 'Require admits by the result', 'GET /require', { Origin => $app },
      { status => 404, acao => $app, vary => 'Origin' }, \%on ],
    [ 'Require refuses by the result', 'GET /require', { Origin => $evil },
      { status => 403, vary => 'Origin' }, \%on ],
    [ 'Header expr= sees that it is allowed', 'GET /expr/a.txt',
      { Origin => $app },
      { acao => $app, vary => 'Origin', field => { 'X-Seen' => 'yes' } },
      \%on ],
    [ 'Header expr= sees that it is not', 'GET /expr/a.txt',
      { Origin => $evil },
      { vary => 'Origin', field => { 'X-Seen' => undef } }, \%on ],

    # Exposed names.
    [ 'a list is sent as it is', 'GET /cgi-bin/many.cgi/list',
      { Origin => $app },
      { acao => $app, aceh => 'X-Acme-Id, ETag', vary => 'Accept, Origin' },
      \%on ],
    [ 'a listed name need not be there', 'GET /cgi-bin/many.cgi/absent',
      { Origin => $app },
      { acao => $app, aceh => 'X-Absent', vary => 'Accept, Origin' },
      \%on ],
    [ 'a prefix becomes the names that are there',
      'GET /cgi-bin/many.cgi', { Origin => $app },
      { acao => $app, aceh => 'X-Acme-Id, X-Acme-Page',
        vary => 'Accept, Origin' }, \%on ],
    [ 'a prefix beside a literal name', 'GET /cgi-bin/many.cgi/mixed',
      { Origin => $app },
      { acao => $app, aceh => 'X-Absent, X-Acme-Id, X-Acme-Page',
        vary => 'Accept, Origin' }, \%on ],
    [ '* without credentials is *', 'GET /cgi-bin/many.cgi/any',
      { Origin => $app },
      { acao => $app, aceh => '*', vary => 'Accept, Origin' }, \%on ],
    [ 'none is no field', 'GET /cgi-bin/many.cgi/none',
      { Origin => $app }, { acao => $app, vary => 'Accept, Origin' },
      \%on ],
    [ 'a stranger hears of no names', 'GET /cgi-bin/many.cgi/list',
      { Origin => $evil }, { vary => 'Accept, Origin' }, \%on ],
);

# `*` with credentials names what is there, and what a page may read of it.
sub exposes {
    my ($text, $line, $fields, $yes, $no) = @_;
    my $res   = $s->request($line, { Origin => $app, %$fields }, %on);
    my @names = split /,\s*/,
        lc($res->field('Access-Control-Expose-Headers') // '');
    my %has = map { $_ => 1 } @names;
    promise(@names == keys %has && !(grep { !$has{$_} } @$yes)
            && !(grep { $has{$_} } @$no), $text, $res->transcript);
}
my @never = qw(* set-cookie cache-control content-type content-length vary
               connection transfer-encoding keep-alive upgrade last-modified);
exposes('* with credentials names what the response carries',
    'GET /cgi-bin/many.cgi/creds', {},
    [qw(x-acme-id x-acme-page x-other etag)], \@never);
exposes('* with credentials on a range names Content-Range',
    'GET /data.bin', { Range => 'bytes=0-9' },
    [qw(etag accept-ranges content-range)], \@never);
exposes('* with credentials on all of it does not',
    'GET /data.bin', {}, [qw(etag accept-ranges)],
    [ @never, 'content-range' ]);

# The access log sees the variables of each response.
$s->request('GET /cgi-bin/vars.cgi/logged', { Origin => $app }, %on);
$s->request('GET /cgi-bin/vars.cgi/logged', {}, %on);
$s->request('OPTIONS /cgi-bin/vars.cgi/logged', preflight($evil, 'GET'),
    %on);
my $logged = $s->read_file('access.log', qr/ 403 .*\n/);
for my $line ('200 actual allowed', '200 - -', '403 preflight denied-origin') {
    promise($logged =~ m{^/cgi-bin/vars\.cgi/logged \Q$line\E$}m,
        "the access log says $line", $logged);
}

# At most one line a minute from each child.
my %lines;
$lines{$_}++ for map { /\[pid (\d+)/ } $s->log_lines(qr/\[cors:error\]/);
promise(%lines && !(grep { $_ > 1 } values %lines),
    'a contradiction that only a request reveals is logged, once',
    $s->log_lines(qr/\[cors:error\]/));

CorsTest::finish();
