# Preflights: who answers them, with what, and what stays an ordinary OPTIONS.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use Test::More;

my $app  = 'https://app.example.com';
my $evil = 'https://evil.example';
my $acrm = 'Access-Control-Request-Method';
my $acrh = 'Access-Control-Request-Headers';

# The whole answer to an allowed and to a refused preflight, and what differs.
sub allowed {
    return { status => 204, body => '', acao => $app,
             acam => 'GET, HEAD, POST', acma => 600, vary => $TRIO, @_ };
}
sub refused { return { status => 403, body => '', vary => $TRIO, @_ } }
sub result  { return field => { 'X-Result' => $_[0] } }

# ---------------------------------------------------------------------------
# The server
# ---------------------------------------------------------------------------

# Scopes that differ in a few directives: [ path, directives ].
my @scopes = (
    [ '/plain' ],
    [ '/status-200', 'CorsPreflightStatus 200' ],
    [ '/status-204', 'CorsPreflightStatus 204' ],
    [ '/age-0',      'CorsMaxAge 0' ],
    [ '/age-off',    'CorsMaxAge off' ],
    [ '/age-10min',  'CorsMaxAge 10min' ],
    [ '/age-1h',     'CorsMaxAge 1h' ],
    [ '/age-day',    'CorsMaxAge 86400' ],
    [ '/creds',      'CorsAllowCredentials On' ],
    [ '/creds-off',  'CorsAllowCredentials Off' ],

    [ '/m-list',     'CorsAllowMethods PUT PATCH' ],
    [ '/m-lines',    'CorsAllowMethods PUT', 'CorsAllowMethods PURGE' ],
    [ '/m-quoted',   'CorsAllowMethods "PUT  PURGE"' ],
    [ '/m-case',     'CorsAllowMethods get put' ],
    [ '/m-add',      'CorsAllowMethods +PUT +DELETE' ],
    [ '/m-remove',   'CorsAllowMethods -POST' ],
    [ '/m-list/add', 'CorsAllowMethods +DELETE -PATCH' ],
    [ '/m-list/new', 'CorsAllowMethods DELETE' ],
    [ '/m-none',     'CorsAllowMethods none' ],
    [ '/m-any',      'CorsAllowMethods *' ],
    [ '/m-creds',    'CorsAllowMethods *', 'CorsAllowCredentials On' ],
    [ '/m-own',      'CorsAllowMethods PROPFIND M-SEARCH purge' ],

    [ '/h-list',     'CorsAllowHeaders X-A X-B Content-Type' ],
    [ '/h-lines',    'CorsAllowHeaders X-A', 'CorsAllowHeaders X-B' ],
    [ '/h-list/add', 'CorsAllowHeaders +X-C -x-a' ],
    [ '/h-list/new', 'CorsAllowHeaders X-C' ],
    [ '/h-list/none', 'CorsAllowHeaders none' ],
    [ '/h-add',      'CorsAllowHeaders +X-A' ],
    [ '/h-any',      'CorsAllowHeaders *' ],
    [ '/h-any-auth', 'CorsAllowHeaders * Authorization' ],
    [ '/h-creds',    'CorsAllowHeaders *', 'CorsAllowCredentials On' ],
    [ '/h-prefix',   'CorsAllowHeaders X-Acme-* X-Api-Key' ],
    [ '/h-prefix-c', 'CorsAllowHeaders X-Acme-*', 'CorsAllowCredentials On' ],

    [ '/denied',     'Require all denied' ],
    [ '/auth',       'AuthType Basic', 'AuthName private',
      'AuthUserFile "@ROOT@/users"', 'Require valid-user' ],
    [ '/auth-pass',  'AuthType Basic', 'AuthName private',
      'AuthUserFile "@ROOT@/users"', 'Require valid-user',
      'CorsPreflight Pass' ],
    [ '/get-only',   'AllowMethods GET POST' ],
    [ '/dir' ],
    [ '/missing' ],
    [ '/dir-redirect', 'Redirect 302 /a.txt' ],
    [ '/cgi-bin/early.cgi' ],
    [ '/gone',       'ErrorDocument 403 /a.txt' ],
    [ '/text',       'ErrorDocument 403 "go away"' ],
    [ '/away',       'ErrorDocument 403 http://localhost/login' ],
    [ '/sts',        'Header always set Strict-Transport-Security max-age=9' ],
    [ '/secret',     'ErrorDocument 403 http://localhost/login' ],
    [ '/closed' ],
    [ '/closed/file', 'ErrorDocument 403 /error/404.html' ],

    [ '/pass',       'CorsPreflight Pass' ],
    [ '/pass-302',   'CorsPreflight Pass', 'Redirect 302 /a.txt' ],
    [ '/pass-404',   'CorsPreflight Pass' ],
    [ '/pass/answer', 'CorsPreflight Answer' ],
    [ '/cgi-bin/pass.cgi', 'CorsPreflight Pass' ],
    [ '/proxied-pass', 'CorsPreflight Pass',
      'ProxyPass http://127.0.0.1:@PORT2@/cgi-bin/pass.cgi' ],
    [ '/proxied',    'ProxyPass http://127.0.0.1:@PORT2@/cgi-bin/pass.cgi' ],

    [ '/dav',        'Dav On' ],
    [ '/off',        'CorsEngine Off' ],
    [ '/old' ], [ '/moved' ], [ '/moved here' ], [ '/other-site' ],
);
my $locations = join '', map {
    my ($path, @lines) = @$_;
    my $inherits = $path =~ m{/(?:add|new|none)$};
    unshift @lines, "CorsAllowOrigin $app" if !$inherits;
    join("\n    ", qq{<Location "$path">}, @lines) . "\n</Location>\n";
} @scopes;
my $s = CorsTest->start(
    modules => [qw(alias headers rewrite allowmethods dav dav_fs env actions
                   authn_core authn_file auth_basic authz_user
                   proxy proxy_http)],
    cgi   => 1,
    ports => 2,
    files => {
        'users'                    => "u:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n",
        'htdocs/a.txt'             => "hi\n",
        'htdocs/dir/index.html'    => "index\n",
        'htdocs/error/404.html'    => "not here\n",
        'htdocs/dav/a.txt'         => "hi\n",
        'htdocs/late/index.html'   => "index\n",
        'htdocs/tree/a.txt'        => "hi\n",
        'htdocs/tree/locked/a.txt' => "hi\n",
        'htdocs/tree/deep/a.txt'   => "hi\n",
        'htdocs/front/index.html'  => "front\n",
        'htdocs/tree/deep/.htaccess' => <<'HTACCESS',
CorsAllowMethods PUT
AuthType Basic
AuthName private
AuthUserFile "@ROOT@/users"
Require valid-user
RewriteEngine On
RewriteRule ^old$ /a.txt [R=302]
RewriteRule ^in$ a.txt
RewriteRule ^no$ - [F]
HTACCESS
        'cgi-bin/pass.cgi' => <<'CGI',
#!/bin/sh
echo 'Content-Type: text/plain'
echo 'X-Ran: yes'
echo
cat >/dev/null
echo "mine $CORS_REQUEST $CORS_RESULT"
CGI
        'cgi-bin/early.cgi' => "#!/bin/sh\nexit 1\n",
    },
    conf => <<"CONF" . $locations);
DavLockDB "\@ROOT\@/scratch/dav"
DirectorySlash On
Header always set X-Result "%{CORS_RESULT}e" env=CORS_RESULT
Header always set X-Request "%{CORS_REQUEST}e" env=CORS_REQUEST

Redirect 302 /old /a.txt
Redirect 301 /other-site https://localhost/
Redirect 302 /unknown /a.txt
Redirect 404 /nowhere
AliasMatch "^/(?:plain|status|age|creds|m|h)[a-z0-9-]*" "\@DOCROOT\@/a.txt"
AliasMatch "^/(?:denied|auth|auth-pass|get-only|pass|off|sts|if)\$" \\
    "\@DOCROOT\@/a.txt"

<Directory "\@DOCROOT\@/tree">
    CorsAllowOrigin $app
</Directory>
<Directory "\@DOCROOT\@/tree/locked">
    Require all denied
</Directory>
<Directory "\@DOCROOT\@/late">
    <Files index.html>
        CorsAllowOrigin $app
    </Files>
</Directory>
<Files "*.json">
    CorsAllowOrigin $app
</Files>
<If "%{REQUEST_URI} == '/if'">
    CorsAllowOrigin $app
</If>
<Proxy "http://127.0.0.1:\@PORT2\@/by-proxy/">
    CorsAllowOrigin $app
</Proxy>

# Neither error documents nor what they say is anybody's policy.
ErrorDocument 404 /error/404.html
<Location "/error">
    CorsAllowOrigin *
</Location>

# Only the front controller has a policy.
<Location "/routes">
    FallbackResource /front/
</Location>
<Location "/front">
    CorsAllowOrigin $app
</Location>

Listen 127.0.0.1:\@PORT2\@
<VirtualHost 127.0.0.1:\@PORT2\@>
    ServerName localhost
    KeepAlive Off
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName localhost
    RewriteEngine On
    RewriteRule ^/moved\$ /a.txt [R=302]
    RewriteRule "^/moved here\$" /a.txt [R=302]
    RewriteRule ^/secret\$ - [F]
    RewriteRule ^/closed - [F]
    ProxyPass /by-proxy/ http://127.0.0.1:\@PORT2\@/by-proxy/
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName vhost.example
    CorsAllowOrigin $app
    Redirect 302 /home https://vhost.example/
    Redirect 410 /gone
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName any.example
    CorsAllowOrigin *
    Redirect 302 /home /a.txt
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName any-uri.example
    CorsAllowOrigin $app
    RewriteEngine On
    RewriteOptions AllowAnyURI
    RewriteRule ^ https://vhost.example/ [R=302]
</VirtualHost>
CONF

# ---------------------------------------------------------------------------
# The answer
# ---------------------------------------------------------------------------

$s->promises(
    [ 'an allowed preflight gets 204 and the whole policy',
      'OPTIONS /plain', preflight($app, 'GET'),
      allowed(field => {
          'Content-Length' => undef, 'Content-Type' => undef,
          'Transfer-Encoding' => undef, 'X-Request' => 'preflight',
          'X-Result' => 'allowed' }) ],
    [ 'a stranger gets 403 and silence', 'OPTIONS /plain',
      preflight($evil, 'GET'),
      refused(field => { 'X-Request' => 'preflight',
                         'X-Result' => 'denied-origin' }) ],
    [ 'null is a stranger', 'OPTIONS /plain', preflight('null', 'GET'),
      refused(result('denied-origin')) ],
    [ 'a malformed origin is refused', 'OPTIONS /plain',
      preflight("$app/", 'GET'), refused(result('malformed-origin')) ],
    [ 'two origins are refused', 'OPTIONS /plain',
      [ Origin => $app, @{ preflight($app, 'GET') } ],
      refused(result('malformed-origin')) ],
    [ 'a query changes nothing', 'OPTIONS /plain?a=b',
      preflight($app, 'GET'), allowed() ],
    [ 'HTTP/1.0 is answered alike', 'OPTIONS /plain',
      preflight($app, 'GET'), allowed(), { version => '1.0' } ],
    [ 'names of fields in lower case', 'OPTIONS /h-prefix',
      [ origin => $app, lc $acrm => 'GET', lc $acrh => 'x-acme-1' ],
      allowed(acah => 'X-Api-Key, x-acme-1', result('allowed')) ],
    [ 'names of fields in upper case', 'OPTIONS /h-prefix',
      [ ORIGIN => $app, uc $acrm => 'GET', uc $acrh => 'x-other' ],
      allowed(acah => 'X-Api-Key', result('denied-header')) ],
    [ 'CorsPreflightStatus 200: no body, and it says so',
      'OPTIONS /status-200', preflight($app, 'GET'),
      allowed(status => 200, field => { 'Content-Length' => 0 }) ],
    [ 'CorsPreflightStatus 200 changes no refusal',
      'OPTIONS /status-200', preflight($evil, 'GET'), refused() ],
    [ 'CorsPreflightStatus 204', 'OPTIONS /status-204',
      preflight($app, 'GET'), allowed() ],
    [ 'CorsMaxAge 0 is sent', 'OPTIONS /age-0', preflight($app, 'GET'),
      allowed(acma => 0) ],
    [ 'CorsMaxAge off omits the field', 'OPTIONS /age-off',
      preflight($app, 'GET'), allowed(acma => undef) ],
    [ 'CorsMaxAge 10min is 600 seconds', 'OPTIONS /age-10min',
      preflight($app, 'GET'), allowed(acma => 600) ],
    [ 'CorsMaxAge 1h is 3600 seconds', 'OPTIONS /age-1h',
      preflight($app, 'GET'), allowed(acma => 3600) ],
    [ 'CorsMaxAge 86400', 'OPTIONS /age-day', preflight($app, 'GET'),
      allowed(acma => 86400) ],
    [ 'credentials are on the preflight too', 'OPTIONS /creds',
      preflight($app, 'GET'), allowed(acac => 'true') ],
    [ 'credentials off is silence', 'OPTIONS /creds-off',
      preflight($app, 'GET'), allowed() ],
    [ 'a refused preflight hears nothing of credentials',
      'OPTIONS /creds', preflight($evil, 'GET'), refused() ],
    [ 'a constant policy answers * with the trio in Vary',
      'OPTIONS /', preflight($evil, 'GET'), allowed(acao => '*'),
      { host => 'any.example' } ],
    [ 'a constant policy answers a malformed origin, too',
      'OPTIONS /', preflight("$evil/", 'GET'),
      allowed(acao => '*', result('allowed')), { host => 'any.example' } ],
);

# ---------------------------------------------------------------------------
# Methods
# ---------------------------------------------------------------------------

my @methods = (
    # path, method asked for, methods sent, result, what it shows
    [ '/plain', 'POST', 'GET, HEAD, POST', 'allowed', 'a default method' ],
    [ '/plain', 'PUT', 'GET, HEAD, POST', 'denied-method',
      'an unlisted method: same answer, other result' ],
    [ '/plain', 'get', 'GET, HEAD, POST', 'denied-method',
      'methods are case-sensitive' ],
    [ '/m-list', 'PUT', 'PUT, PATCH', 'allowed', 'a list' ],
    [ '/m-list', 'PATCH', 'PUT, PATCH', 'allowed', 'its second method' ],
    [ '/m-list', 'patch', 'PUT, PATCH', 'denied-method',
      'patch is not PATCH' ],
    [ '/m-list', 'PU', 'PUT, PATCH', 'denied-method', 'a prefix' ],
    [ '/m-list', 'PUTS', 'PUT, PATCH', 'denied-method', 'a longer one' ],
    [ '/m-lines', 'PURGE', 'PUT, PURGE', 'allowed', 'two lines add up' ],
    [ '/m-quoted', 'PURGE', 'PUT, PURGE', 'allowed',
      'blanks in a quoted argument separate' ],
    [ '/m-case', 'PUT', 'GET, PUT', 'allowed',
      'get and put are written GET and PUT' ],
    [ '/m-add', 'DELETE', 'GET, HEAD, POST, PUT, DELETE', 'allowed',
      '+ extends the default' ],
    [ '/m-remove', 'POST', 'GET, HEAD', undef, '- takes from the default' ],
    [ '/m-list/add', 'DELETE', 'PUT, DELETE', 'allowed',
      '+ and - change the inherited list' ],
    [ '/m-list/add', 'PATCH', 'PUT, DELETE', 'denied-method',
      'what - took away is denied' ],
    [ '/m-list/new', 'PUT', 'DELETE', 'denied-method',
      'a plain value replaces the inherited list' ],
    [ '/m-none', 'PUT', undef, 'denied-method', 'none is the empty list' ],
    [ '/m-any', 'ANYTHING', '*', 'allowed', '* without credentials' ],
    [ '/m-creds', 'PUT', 'PUT', 'allowed',
      '* with credentials sends the requested method' ],
    [ '/m-creds', 'patch', 'patch', 'allowed',
      '* with credentials sends it in its own case' ],
    [ '/m-own', 'M-SEARCH', 'PROPFIND, M-SEARCH, purge', 'allowed',
      'any token is a method' ],
    [ '/m-own', 'PURGE', 'PROPFIND, M-SEARCH, purge', 'denied-method',
      'case counts for any token' ],
);
$s->promises(map {
    my ($path, $method, $sent, $word, $text) = @$_;
    [ "$path $method: $text", "OPTIONS $path", preflight($app, $method),
      allowed(acam => $sent, defined $word ? result($word) : (),
              $path eq '/m-creds' ? (acac => 'true') : ()) ]
} @methods);

for my $bad ('PUT, DELETE', 'P UT', "PUT\xe9", 'PUT:', '"PUT"', 'TRACE') {
    $s->promises(
        [ "a method that no page may use is not sent back: $bad",
          'OPTIONS /m-creds', preflight($app, $bad),
          allowed(acam => undef, acac => 'true',
                  result('denied-method')) ]);
}

# ---------------------------------------------------------------------------
# Headers
# ---------------------------------------------------------------------------

my $full = 'X-A, X-B, Content-Type';
my @headers = (
    # path, fields asked with, headers sent, result, what it shows
    [ '/plain', [], undef, 'allowed', 'no list, no field' ],
    [ '/plain', ['x-a'], undef, 'denied-header', 'no list, a header asked' ],
    [ '/plain', [''], undef, 'allowed', 'an empty field asks for nothing' ],
    [ '/h-list', [], $full, 'allowed', 'the whole list, nothing asked' ],
    [ '/h-list', ['x-a'], $full, 'allowed', 'the whole list, one asked' ],
    [ '/h-list', ['content-type,x-a,x-b'], $full, 'allowed', 'all asked' ],
    [ '/h-list', ['X-A,CONTENT-TYPE'], $full, 'allowed', 'upper case' ],
    [ '/h-list', ['x-b,x-a'], $full, 'allowed', 'another order' ],
    [ '/h-list', ["  x-a ,\t x-b\t,content-type "], $full, 'allowed',
      'blanks around commas' ],
    [ '/h-list', [',,x-a,, ,x-b,'], $full, 'allowed', 'empty elements' ],
    [ '/h-list', ['x-a', 'x-b'], $full, 'allowed', 'two fields' ],
    [ '/h-list', ['x-a,', ' , x-b', 'content-type'], $full, 'allowed',
      'three fields with blanks and empty elements' ],
    [ '/h-list', ['x-a,x-a'], $full, 'allowed', 'the same name twice' ],
    [ '/h-list', ['x-c'], $full, 'denied-header', 'an unlisted one' ],
    [ '/h-list', ['x-a,x-c,x-b'], $full, 'denied-header',
      'an unlisted one among listed ones' ],
    [ '/h-list', ['x-a', 'x-c'], $full, 'denied-header',
      'an unlisted one in a second field' ],
    [ '/h-list', ['x'], $full, 'denied-header', 'a prefix of a name' ],
    [ '/h-list', ['x-ab'], $full, 'denied-header', 'a longer name' ],
    [ '/h-list', ['x-a x-b'], $full, 'denied-header', 'a blank inside' ],
    [ '/h-list', ['x-a;x-b'], $full, 'denied-header', 'a semicolon' ],
    [ '/h-list', ['*'], $full, 'denied-header', '* is a name like any' ],
    [ '/h-list', [',' x 4000], $full, 'allowed', '4000 commas' ],
    [ '/h-list', [',' x 4000, ',' x 4000], $full, 'denied-header',
      '8000 commas' ],
    [ '/h-list', ['x-a' . ',' x 6000], $full, 'denied-header',
      'a name and 6000 commas' ],
    [ '/h-list', ['x-a,' x 1024], $full, 'allowed', 'exactly 4 KiB' ],
    [ '/h-list', ['x-a,' x 1024 . ','], $full, 'denied-header',
      '4 KiB and one byte' ],
    [ '/h-list', [('x-a,' x 600) x 2], $full, 'denied-header',
      'more than 4 KiB in two fields' ],
    [ '/h-list', [('x-a') x 90], $full, 'allowed', '90 fields' ],
    [ '/h-list', ['x' x 5000], $full, 'denied-header', 'a name of 5000' ],
    [ '/h-lines', ['x-b'], 'X-A, X-B', 'allowed', 'two lines add up' ],
    [ '/h-list/add', ['x-c'], 'X-B, Content-Type, X-C', 'allowed',
      '+ and - change the inherited list' ],
    [ '/h-list/add', ['x-a'], 'X-B, Content-Type, X-C', 'denied-header',
      'what - took away is denied, whatever its case' ],
    [ '/h-list/new', ['x-a'], 'X-C', 'denied-header',
      'a plain value replaces the inherited list' ],
    [ '/h-list/none', ['x-a'], undef, 'denied-header',
      'none empties the inherited list' ],
    [ '/h-add', ['x-a'], 'X-A', 'allowed', '+ extends nothing' ],
    [ '/h-any', ['x-a,x-b'], '*', 'allowed', '* without credentials' ],
    [ '/h-any', ['authorization'], '*', 'denied-header',
      '* does not cover Authorization' ],
    [ '/h-any', ['x-a,Authorization'], '*', 'denied-header',
      '* does not cover Authorization in any case' ],
    [ '/h-any-auth', ['authorization,x-a'], '*, Authorization', 'allowed',
      'Authorization listed beside *' ],
    [ '/h-prefix', ['x-acme-id,x-acme-trace'],
      'X-Api-Key, x-acme-id, x-acme-trace', 'allowed',
      'a prefix sends what was asked, literal names always' ],
    [ '/h-prefix', ['X-ACME-Id,x-api-key'], 'X-Api-Key, x-acme-id',
      'allowed', 'a prefix in any case' ],
    [ '/h-prefix', ['x-acme-a', ' x-acme-b ,'],
      'X-Api-Key, x-acme-a, x-acme-b', 'allowed',
      'a prefix over two fields' ],
    [ '/h-prefix', [], 'X-Api-Key', 'allowed', 'a prefix, nothing asked' ],
    [ '/h-prefix', ['x-acm'], 'X-Api-Key', 'denied-header',
      'less than the prefix' ],
    [ '/h-prefix', ['x-acmeid'], 'X-Api-Key', 'denied-header',
      'the hyphen belongs to the prefix' ],
    [ '/h-prefix', ['x-acme-id,x-other'], 'X-Api-Key, x-acme-id',
      'denied-header', 'an unlisted name is not sent back' ],
);
$s->promises(map {
    my ($path, $asked, $sent, $word, $text) = @$_;
    [ "$path: $text", "OPTIONS $path", preflight($app, 'GET', @$asked),
      allowed(acah => $sent, result($word)) ]
} @headers);

my @creds = (acac => 'true');
$s->promises(
    [ '* with credentials sends back the requested names',
      'OPTIONS /h-creds', preflight($app, 'GET', 'authorization,x-a'),
      allowed(@creds, acah => 'authorization, x-a', result('allowed')) ],
    [ '* with credentials sends back names of several fields',
      'OPTIONS /h-creds', preflight($app, 'GET', 'x-a,', ' ,x-b , x-c'),
      allowed(@creds, acah => 'x-a, x-b, x-c', result('allowed')) ],
    [ '* with credentials, nothing asked', 'OPTIONS /h-creds',
      preflight($app, 'GET'), allowed(@creds, result('allowed')) ],
    [ '* with credentials does not send back what is no name',
      'OPTIONS /h-creds', preflight($app, 'GET', 'x-a,b@d,c d,"e"'),
      allowed(@creds, acah => 'x-a', result('denied-header')) ],
    [ '* with credentials does not send back more than 4 KiB',
      'OPTIONS /h-creds', preflight($app, 'GET', 'x-a,' x 1025),
      allowed(@creds, result('denied-header')) ],
    [ 'a prefix with credentials', 'OPTIONS /h-prefix-c',
      preflight($app, 'GET', 'x-acme-a'),
      allowed(@creds, acah => 'x-acme-a', result('allowed')) ],
    [ 'a prefix with credentials, nothing asked', 'OPTIONS /h-prefix-c',
      preflight($app, 'GET'), allowed(@creds, result('allowed')) ],
    [ 'method and header both denied: one answer', 'OPTIONS /h-list',
      preflight($app, 'PUT', 'x-c'),
      allowed(acah => $full, result(qr/^denied-(?:method|header)$/)) ],
    [ 'a stranger is refused as a stranger, whatever it asks',
      'OPTIONS /h-list', preflight($evil, 'PUT', 'x-c'),
      refused(result('denied-origin')) ],
);

# ---------------------------------------------------------------------------
# Before everything else
# ---------------------------------------------------------------------------

for my $case (
    [ '/auth' => 'AuthType Basic' ],
    [ '/denied' => 'Require all denied' ],
    [ '/get-only' => 'mod_allowmethods' ],
    [ '/dir' => "mod_dir's slash" ],
    [ '/missing' => 'a missing file' ],
    [ '/missing/dir/' => 'a missing directory' ],
    [ '/dir-redirect' => 'Redirect in a section' ],
    [ '/cgi-bin/early.cgi' => 'a CGI that would fail' ],
    [ '/cgi-bin/early.cgi/path' => 'a CGI with PATH_INFO' ],
    [ '/dav/a.txt' => 'mod_dav' ],
    [ '/proxied' => 'a proxied server' ],
    [ '/old' => 'Redirect in the server' ],
    [ '/old/deeper' => 'Redirect of a tree' ],
    [ '/other-site' => 'Redirect to another origin' ],
    [ '/moved' => 'RewriteRule [R] in the server' ],
    [ '/moved%20here' => 'the same, in a Location that is known decoded' ],
    [ '/tree/a.txt' => 'a file, policy in its Directory' ],
    [ '/tree/locked/a.txt' => 'Require all denied in a Directory' ],
    [ '/tree/missing' => 'a missing file, policy in its Directory' ],
    [ '/pass/answer' => 'Answer inside Pass' ],
    [ '/late/' => 'DirectoryIndex, policy in Files' ],
    [ '/some.json' => 'a missing file, policy in Files' ],
    [ '/if' => 'policy in If' ],
    [ '/by-proxy/x' => 'policy in Proxy' ],
    [ '/routes/x' => 'a front controller that has the policy' ],
) {
    my ($path, $what) = @$case;
    $s->promises(
        [ "in front of $what: allowed", "OPTIONS $path",
          preflight($app, 'GET'), allowed(field => { Location => undef }) ],
        [ "in front of $what: refused", "OPTIONS $path",
          preflight($evil, 'GET'), refused(field => { Location => undef }) ],
    );
}

my %vhost = (host => 'vhost.example');
my $deep  = '/tree/deep';
$s->promises(
    # .htaccess is read before the answer, and nothing else of it happens.
    (map { [ "in front of $_->[1] in .htaccess", "OPTIONS $deep/$_->[0]",
             preflight($app, 'PUT'),
             allowed(acam => 'PUT', result('allowed')) ] }
     [ 'a.txt', 'authentication' ], [ 'old', 'RewriteRule [R]' ],
     [ 'in', 'RewriteRule' ], [ 'no', 'RewriteRule [F]' ]),

    [ 'a virtual host: Redirect is answered', 'OPTIONS /home',
      preflight($app, 'GET'), allowed(field => { Location => undef }),
      \%vhost ],
    [ 'a virtual host: a stranger does not see the redirect',
      'OPTIONS /home', preflight($evil, 'GET'),
      refused(field => { Location => undef }), \%vhost ],
    [ 'a constant virtual host: Redirect is answered', 'OPTIONS /home',
      preflight($app, 'GET'), allowed(acao => '*'),
      { host => 'any.example' } ],
    [ 'where no policy is known, a redirect is a redirect',
      'OPTIONS /unknown', preflight($app, 'GET'),
      { status => 302, field => { Location => qr{/a\.txt$} } } ],

    # A refusal has no error document, and no error document is an answer.
    (map { [ "a refused preflight has no ErrorDocument: $_->[1]",
             "OPTIONS $_->[0]", preflight($evil, 'GET'),
             refused(field => { Location => undef }) ] }
     [ '/gone', 'a local path' ], [ '/text', 'a text' ],
     [ '/away', 'a URL' ]),
    [ "an error document's policy is not that of the error",
      'OPTIONS /nowhere', preflight($app, 'GET'),
      { status => 404, body => "not here\n" } ],

    [ 'Header always is on an allowed preflight', 'OPTIONS /sts',
      preflight($app, 'GET'),
      allowed(field => { 'Strict-Transport-Security' => 'max-age=9' }) ],
    [ 'Header always is on a refused preflight', 'OPTIONS /sts',
      preflight($evil, 'GET'),
      refused(field => { 'Strict-Transport-Security' => 'max-age=9' }) ],
);

# Another module's refusal stays one, even where a URL as its error document
# makes it look like a redirect.
for my $case ([ '/closed', 403, 'no error document' ],
              [ '/closed/file', 403, 'a file as error document' ],
              [ '/secret', 302, 'a URL as error document' ],
              [ '/gone', 410, 'Redirect 410', %vhost ]) {
    my ($path, $status, $what, @opt) = @$case;
    my $res = $s->request("OPTIONS $path", preflight($app, 'GET'), @opt);
    promise($res->status == $status,
        "a refused URL stays refused: $what", $res->transcript);
    promise(lc($res->field('Vary') // '') =~ /request-headers/,
        "a refused URL varies with the trio: $what", $res->transcript);
}

# ---------------------------------------------------------------------------
# CorsPreflight Pass
# ---------------------------------------------------------------------------

my @pass = (status => 200, body => qr/^mine/,
            field => { 'X-Ran' => 'yes' });
$s->promises(
    [ 'Pass: the CGI answers, the fields are added',
      'OPTIONS /cgi-bin/pass.cgi', preflight($app, 'GET'),
      allowed(@pass, body => "mine preflight allowed\n") ],
    [ 'Pass: a stranger reaches the CGI, no fields are added',
      'OPTIONS /cgi-bin/pass.cgi', preflight($evil, 'GET'),
      { @pass, vary => $TRIO, body => "mine preflight denied-origin\n" } ],
    [ 'Pass: a denied method is the same response',
      'OPTIONS /cgi-bin/pass.cgi', preflight($app, 'PUT'),
      allowed(@pass, body => "mine preflight denied-method\n") ],
    [ 'Pass: a proxied server answers', 'OPTIONS /proxied-pass',
      preflight($app, 'GET'), allowed(@pass) ],
    [ 'Pass: a stranger reaches the proxied server',
      'OPTIONS /proxied-pass', preflight($evil, 'GET'),
      { @pass, vary => $TRIO } ],
    [ 'Pass: authentication comes first, with the fields on its 401',
      'OPTIONS /auth-pass', preflight($app, 'GET'),
      allowed(status => 401, body => qr/401 Unauthorized/) ],
    [ 'Pass: 401 for a stranger', 'OPTIONS /auth-pass',
      preflight($evil, 'GET'),
      { status => 401, vary => $TRIO } ],
    [ 'Pass: a file', 'OPTIONS /pass', preflight($app, 'GET'),
      allowed(status => 200, field => { Allow => qr/GET/ }) ],
    [ 'Pass: a redirect stays one, with the fields',
      'OPTIONS /pass-302', preflight($app, 'GET'),
      allowed(status => 302, body => qr/302 Found/,
              field => { Location => qr{/a\.txt$} }) ],
    [ 'Pass: with credentials the user gets through', 'OPTIONS /auth-pass',
      [ @{ preflight($app, 'GET') },
        Authorization => 'Basic dTpwYXNzd29yZA==' ],
      allowed(status => 200, field => { Allow => qr/GET/ }) ],
);

# ---------------------------------------------------------------------------
# What is no preflight
# ---------------------------------------------------------------------------

my %allow = (status => 200, field => { Allow => qr/GET/ });
$s->promises(
    [ 'OPTIONS with Origin alone is an actual request', 'OPTIONS /h-list',
      { Origin => $app },
      { %allow, acao => $app, vary => $TRIO } ],
    [ 'it says so', 'OPTIONS /h-list', { Origin => $app },
      { acao => $app, vary => $TRIO, field => {
          'X-Request' => 'actual', 'X-Result' => 'allowed' } } ],
    [ 'OPTIONS with the Origin of a stranger', 'OPTIONS /h-list',
      { Origin => $evil }, { %allow, vary => $TRIO } ],
    [ 'OPTIONS without Origin', 'OPTIONS /h-list', {},
      { %allow, vary => $TRIO } ],
    [ 'OPTIONS with a method, without Origin', 'OPTIONS /h-list',
      { $acrm => 'PUT' }, { %allow, vary => $TRIO } ],
    [ 'OPTIONS with an empty Origin', 'OPTIONS /h-list',
      preflight('', 'PUT'), { %allow, vary => $TRIO } ],
    [ 'OPTIONS with an empty method', 'OPTIONS /h-list',
      preflight($app, ''), { %allow, acao => $app, vary => $TRIO } ],
    [ 'OPTIONS with headers asked, but no method', 'OPTIONS /h-list',
      { Origin => $app, $acrh => 'x-a' },
      { %allow, acao => $app, vary => $TRIO } ],
    [ 'OPTIONS that needs authentication needs it', 'OPTIONS /auth',
      { Origin => $app }, { status => 401, acao => $app, vary => $TRIO } ],
    [ 'OPTIONS to a CGI reaches it', 'OPTIONS /cgi-bin/pass.cgi',
      { Origin => $app },
      { @pass, acao => $app, vary => $TRIO,
        body => "mine actual allowed\n" } ],
    [ 'OPTIONS under a constant policy', 'OPTIONS /a.txt', {},
      { %allow, acao => '*', vary => $TRIO }, { host => 'any.example' } ],
    [ 'WebDAV discovery works', 'OPTIONS /dav/a.txt', {},
      { vary => $TRIO, field => { Allow => qr/PROPFIND/ } } ],
    [ 'GET with the fields of a preflight is an actual request',
      'GET /h-list', preflight($app, 'PUT', 'x-a'),
      { acao => $app, vary => 'Origin', body => "hi\n" } ],
    [ 'POST with the fields of a preflight is an actual request',
      'POST /cgi-bin/pass.cgi', preflight($app, 'PUT', 'x-a'),
      { @pass, acao => $app, vary => 'Origin' }, { body => 'x=1' } ],
    [ 'options in lower case is no preflight', 'options /h-list',
      preflight($app, 'PUT'),
      { status => 501, acao => $app, vary => 'Origin' } ],
    [ 'a method that begins like OPTIONS is none', 'OPTIONSX /h-list',
      preflight($app, 'PUT'),
      { status => 501, acao => $app, vary => 'Origin' } ],
    [ 'OPTIONS * is none, and has no policy', 'OPTIONS *',
      preflight($app, 'PUT'), { status => 200 } ],
    [ 'OPTIONS * with a policy in the virtual host', 'OPTIONS *',
      preflight('https://asterisk.example', 'PUT'), { status => 200 },
      \%vhost ],
    # mod_rewrite leaves it alone unless told otherwise.
    [ 'OPTIONS * that is redirected stays so', 'OPTIONS *',
      preflight($app, 'PUT'), { status => 302 },
      { host => 'any-uri.example' } ],
    [ 'where any other preflight would be answered', 'OPTIONS /x',
      preflight($app, 'GET'),
      { status => 204, acao => $app, acam => 'GET, HEAD, POST', acma => 600,
        vary => $TRIO }, { host => 'any-uri.example' } ],
    [ 'under CorsEngine Off it is an ordinary OPTIONS', 'OPTIONS /off',
      preflight($app, 'PUT'), \%allow ],
    [ 'without any policy it is an ordinary OPTIONS', 'OPTIONS /a.txt',
      preflight($app, 'PUT'), \%allow ],
);

$s->expect_log(qr/AH00135: Invalid method in request options/,
               qr/AH00135: Invalid method in request OPTIONSX/);

# ---------------------------------------------------------------------------
# Bodies and connections
# ---------------------------------------------------------------------------

for my $case (
    [ 'a body', [], 'x' x 10 ],
    [ 'a body of a megabyte', [], 'x' x 1_000_000 ],
    [ 'a body that looks like a request', [],
      "GET /a.txt HTTP/1.1\r\nHost: localhost\r\n\r\n" ],
    [ 'a chunked body', [ 'Transfer-Encoding' => 'chunked' ],
      "5\r\nhello\r\n0\r\n\r\n" ],
    [ 'a body and Expect', [ Expect => '100-continue' ], 'x' x 10 ],
    [ 'no body', [], undef ],
) {
    my ($what, $fields, $body) = @$case;
    for my $who ([ $app, allowed() ], [ $evil, refused() ]) {
        my ($origin, $answer) = @$who;
        my %on = (conn => $s->connect);
        $s->promises(
            [ "$answer->{status} to a preflight with $what",
              'OPTIONS /plain', [ @{ preflight($origin, 'GET') }, @$fields ],
              $answer, { %on, body => $body } ],
            [ 'the connection serves the next request', 'GET /plain',
              { Origin => $app },
              { acao => $app, vary => 'Origin', body => "hi\n" }, \%on ],
        );
    }
}

my $ask = "OPTIONS /plain HTTP/1.1\r\nHost: localhost\r\nOrigin: $app\r\n"
    . "$acrm: GET\r\n";
my @two = $s->raw("$ask\r\n${ask}Connection: close\r\n\r\n");
promise("@{[ map { $_->status } @two ]}" eq '204 204',
    'two preflights in one write are two answers',
    map { $_->transcript } @two);

# ---------------------------------------------------------------------------
# With and without other filters
# ---------------------------------------------------------------------------

# Above mod_headers has something for every response. Where nobody has, the
# answer is the same but for that.
my $alone = CorsTest->start(
    name    => 'preflight.t, alone',
    modules => [qw(headers)],
    files   => { 'htdocs/a.txt' => "hi\n" },
    conf    => join '', map { <<"CONF" } '', 'Header always set X-Too yes');
<Location "/@{[ $_ ? 'filter' : 'direct' ]}">
    CorsAllowOrigin $app
    CorsAllowMethods PUT
    CorsAllowHeaders X-A X-B-*
    CorsAllowCredentials On
    $_
</Location>
<Location "/@{[ $_ ? 'filter' : 'direct' ]}/200">
    CorsPreflightStatus 200
</Location>
<Location "/@{[ $_ ? 'filter' : 'direct' ]}/small">
    LimitRequestBody 10
</Location>
CONF
for my $path ('/direct', '/filter') {
    my %other = ('X-Too' => $path eq '/filter' ? 'yes' : undef);
    my %whole = (acac => 'true', acam => 'PUT', acah => 'X-A, x-b-1');
    my $asked = preflight($app, 'PUT', 'x-b-1');
    my %on    = (conn => $alone->connect);
    $alone->promises(
        [ "$path: 204 and the whole policy", "OPTIONS $path", $asked,
          allowed(%whole, field => {
              %other, 'Content-Length' => undef, 'Content-Type' => undef,
              'Transfer-Encoding' => undef }), \%on ],
        [ "$path: 200 has a length", "OPTIONS $path/200", $asked,
          allowed(%whole, status => 200, field => {
              %other, 'Content-Length' => 0, 'Transfer-Encoding' => undef }),
          \%on ],
        [ "$path: 403 has a length", "OPTIONS $path",
          preflight($evil, 'PUT'),
          refused(field => { %other, 'Content-Length' => 0,
                             'Transfer-Encoding' => undef }), \%on ],
        [ "$path: the connection goes on", "GET /a.txt", {},
          { body => "hi\n" }, \%on ],
        [ "$path: a body longer than httpd takes is an error",
          "OPTIONS $path/small", $asked,
          { status => 413, acao => $app, %whole, acma => 600, vary => $TRIO,
            field => \%other }, { body => 'x' x 20 } ],
        [ "$path: a body that is broken is an error", "OPTIONS $path",
          [ @$asked, 'Transfer-Encoding' => 'chunked' ],
          { status => 400, acao => $app, %whole, acma => 600, vary => $TRIO,
            field => \%other }, { body => "five\r\n" } ],
    );
}

# ---------------------------------------------------------------------------
# The log
# ---------------------------------------------------------------------------

my @info = $s->log_lines(qr/\[cors:info\]/);
promise(
    (grep { /\] denied-method\b.*'PUTS'/ } @info),
    'a denied method is logged, quoted, reason first');
promise(
    (grep { /\] denied-header\b.*'x-ab'/ } @info),
    'a denied header is logged, quoted, reason first');
promise(
    (grep { /\] denied-header\b.*'authorization'.*'\*'/ } @info),
    'Authorization under * is logged with a hint');
promise(!(grep { /asterisk/ } @info), 'OPTIONS * is not even decided');
promise(!(grep { length > 1000 } @info),
    'long methods and names are cut in the log', grep { length > 1000 } @info);

CorsTest::finish();
