# php-fpm behind mod_proxy_fcgi, in the ways that people connect the two. PHP
# applications often speak CORS themselves, some to everybody; the policy has
# the last word, and PHP's errors and redirects carry it too.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use CorsTest;
use CorsTest::Heard qw(rows_at);
use CorsTest::PHP;
use Test::More;

my $app  = 'https://app.example.com';
my $evil = 'https://evil.example';
my $own  = 'https://php.example';           # what scripts say

my $php = CorsTest::PHP->start;
my $to  = 'unix:' . $php->socket . '|fcgi://localhost';
my $tcp = 'fcgi://127.0.0.1:' . $php->port;

# How a request gets to PHP.
my %connect = (
    'SetHandler, Unix socket' => files($php->handler),
    'SetHandler, TCP'         => files($php->handler('tcp')),
    'ProxyPassMatch, Unix socket' =>
        qq{ProxyPassMatch "^/(.*\\.php(?:/.*)?)\$" "$to\@DOCROOT\@/\$1"\n},
    'ProxyPassMatch, TCP' =>
        qq{ProxyPassMatch "^/(.*\\.php(?:/.*)?)\$" "$tcp\@DOCROOT\@/\$1"\n},
    'RewriteRule [P]' => "RewriteEngine On\n"
        . qq{RewriteRule "^/(.*\\.php(?:/.*)?)\$" "$tcp\@DOCROOT\@/\$1" [P]\n},
    # It would put the path of a socket into lower case.
    'RewriteRule [H]' => qq{<Directory "\@DOCROOT\@">\nRewriteEngine On\n}
        . qq{RewriteRule "\\.php(?:/.*)?\$" - [H=proxy:$tcp]\n}
        . "</Directory>\n",
);
my @ways = sort keys %connect;

my %policy = (
    inert     => '',
    off       => "CorsAllowOrigin $app\nCorsEngine Off",
    replace   => "CorsAllowOrigin $app https://other.example.net",
    any       => 'CorsAllowOrigin *',
    expose    => "CorsAllowOrigin $app\nCorsExposeHeaders X-Own X-WP-*",
    cookies   => "CorsAllowOrigin $app\nCorsAllowCredentials On\n"
        . "CorsAllowMethods GET PUT PATCH DELETE\n"
        . 'CorsAllowHeaders Content-Type X-WP-Nonce',
    keep      => "CorsAllowOrigin $app\nCorsBackendHeaders Keep",
    pass      => "CorsAllowOrigin $app\nCorsPreflight Pass",
    speaks    => "CorsAllowOrigin $app\nCorsPreflight Pass\n"
        . 'CorsBackendHeaders Keep',
    gate      => "CorsAllowOrigin $app\nCorsRejectUnlisted On",
    hidden    => "CorsAllowOrigin $app\nCorsForwardOrigin Off",
    section   => "<Proxy *>\nCorsAllowOrigin $app\n</Proxy>",
    errors    => "CorsAllowOrigin $app\nProxyErrorOverride On\n"
        . "ErrorDocument 404 /error.php\nErrorDocument 500 /error.html\n"
        . "ErrorDocument 503 /error.html\n"
        . "<Location /error.php>\nCorsAllowOrigin $evil\n</Location>",
);

sub files {
    return qq{<FilesMatch "\\.php\$">\nSetHandler "$_[0]"\n</FilesMatch>\n};
}

# Names of the virtual hosts.
sub host {
    my ($way, $policy) = @_;
    my ($n) = grep { $ways[$_] eq $way } 0 .. $#ways;
    return "$policy.way$n.test";
}

my $hosts = '';
for my $way (@ways) {
    for my $name (sort keys %policy) {
        $hosts .= "<VirtualHost 127.0.0.1:\@PORT\@>\n"
            . 'ServerName ' . host($way, $name) . "\n"
            . "$connect{$way}$policy{$name}\n</VirtualHost>\n";
    }
}

sub script {
    my ($name, @lines) = @_;
    return ("htdocs/$name.php" => join "\n", '<?php', @lines, '');
}
my $says = "header('Access-Control-Allow-Origin: $own');";

my $s = CorsTest->start(
    modules => [qw(proxy proxy_fcgi rewrite headers authn_core authn_file
                   auth_basic authz_user)],
    files   => {
        'users'             => "u:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n",
        'htdocs/error.html' => "oops\n",
        'htdocs/plain.html' => "plain\n",
        script('plain', 'echo "php\n";'),
        script('error', $says, 'echo "php says no\n";'),
        script('star', "header('Access-Control-Allow-Origin: *');",
            'echo "php\n";'),
        script('own', $says, 'echo "php\n";'),
        script('twice', $says,
            "header('Access-Control-Allow-Origin: *', false);",
            'echo "php\n";'),
        # What the REST interface of WordPress sends, to everybody who asks.
        script('rest', <<'PHP'),
$origin = $_SERVER['HTTP_ORIGIN'] ?? '';
header('X-WP-Total: 3');
header('X-WP-TotalPages: 1');
header('Access-Control-Expose-Headers: X-WP-Total, X-WP-TotalPages, Link');
header('Access-Control-Allow-Headers: Authorization, X-WP-Nonce');
header('Allow: GET, POST, OPTIONS');
if ($origin !== '') {
    header("Access-Control-Allow-Origin: $origin");
    header('Access-Control-Allow-Methods: GET, POST, OPTIONS');
    header('Access-Control-Allow-Credentials: true');
    header('Vary: Origin', false);
}
echo "[]\n";
PHP
        # An application that answers preflights, and nothing else to OPTIONS.
        script('preflight', <<PHP),
$says
if (\$_SERVER['REQUEST_METHOD'] === 'OPTIONS') {
    header('Access-Control-Allow-Methods: PUT');
    header('Access-Control-Allow-Headers: X-Own');
    header('Access-Control-Max-Age: 7');
    http_response_code(204);
    exit;
}
echo "php\n";
PHP
        script('status', <<PHP),
$says
http_response_code((int) \$_SERVER['QUERY_STRING']);
header('X-Ran: yes');
exit("status\n");
PHP
        script('throws', $says, "throw new RuntimeException('out of luck');"),
        script('dies', "exec('kill -9 ' . getmypid());"),
        script('goes', $says, "header('Location: ' . (strtok("
            . "\$_SERVER['QUERY_STRING'], '&')), true, (int) strtok(''));"),
        script('unchanged', $says, 'http_response_code(304);'),
        script('etag', $says, q{header('ETag: "one"');}, 'echo "php\n";'),
        script('part', $says, 'http_response_code(206);',
            "header('Content-Range: bytes 0-1/4');", 'echo "ph";'),
        script('cookies', $says, 'session_start();',
            "setcookie('a', 'b');", "header('Vary: Accept-Language, Cookie');",
            'echo "php\n";'),
        script('vary', "header('Vary: Accept');",
            "header('Vary: origin', false);", 'echo "php\n";'),
        script('streams', <<PHP),
$says
ob_end_clean();
foreach (['one', 'two', 'three'] as \$part) {
    echo \$part, str_repeat('.', 9000), "\\n";
    flush();
}
PHP
        script('late', <<PHP),
ob_end_clean();
echo "first\n";
flush();
$says
echo "second\n";
PHP
        script('body', <<'PHP'),
$body = file_get_contents('php://input');
echo "$_SERVER[REQUEST_METHOD] $body\n";
PHP
        script('env', <<'PHP'),
echo $_SERVER['CORS_REQUEST'] ?? '-', ' ', $_SERVER['CORS_RESULT'] ?? '-',
    ' ', $_SERVER['HTTP_ORIGIN'] ?? '-', "\n";
PHP
        script('path', "echo \$_SERVER['PATH_INFO'] ?? '-', \"\\n\";"),
        script('locked/a', 'echo "php\n";'),
        script('inside/a', $says, 'echo "php\n";'),
        script('apart/a', $says, 'echo "php\n";'),
        'htdocs/inside/.htaccess' => "CorsAllowOrigin $app\n",
    },
    conf => <<"CONF" . $hosts);
<Location "/locked">
    AuthType Basic
    AuthName private
    AuthUserFile "\@ROOT\@/users"
    Require valid-user
</Location>
<Directory "\@DOCROOT\@/apart">
    CorsAllowOrigin $app
    CorsAllowCredentials Off
</Directory>
CONF

my @listed   = (acao => $app, vary => 'Origin');
my @stranger = (vary => 'Origin');
my %answered = (status => 204, body => '', acao => $app,
    acam => 'GET, HEAD, POST', acma => 600, vary => $TRIO);
my %refused  = (status => 403, body => '', vary => $TRIO);
my %missing  = (status => 404, body => "File not found.\n");

# Rows as the promises() of CorsTest::PHP, whichever way PHP is connected.
sub every_way {
    my ($policy, @rows) = @_;
    for my $way (@ways) {
        $php->promises($s,
            rows_at("$policy, $way", host($way, $policy), @rows));
    }
}

# ---------------------------------------------------------------------------
# php-fpm: preflight
# ---------------------------------------------------------------------------

every_way('replace',
    [ 'PHP does not hear of an allowed preflight', 'OPTIONS /plain.php',
      preflight($app, 'GET'), { %answered }, {}, 0 ],
    [ 'nor of a refused one', 'OPTIONS /plain.php',
      preflight($evil, 'GET'), { %refused }, {}, 0 ],
    [ 'nor where it answers preflights', 'OPTIONS /preflight.php',
      preflight($app, 'PUT'), { %answered }, {}, 0 ],
    [ 'nor where it would allow a stranger', 'OPTIONS /preflight.php',
      preflight($evil, 'PUT'), { %refused }, {}, 0 ],
    [ 'nor for a script that is missing', 'OPTIONS /missing.php',
      preflight($app, 'GET'), { %answered }, {}, 0 ],
    [ 'nor for a path behind a script', 'OPTIONS /path.php/a/b',
      preflight($app, 'GET'), { %answered }, {}, 0 ],
    [ 'a preflight with a body', 'OPTIONS /plain.php',
      preflight($app, 'GET'), { %answered }, { body => 'x' x 5000 }, 0 ],
    [ 'a preflight needs no password', 'OPTIONS /locked/a.php',
      preflight($app, 'GET'), { %answered }, {}, 0 ],
    [ 'OPTIONS that is no preflight is for PHP', 'OPTIONS /rest.php',
      { Origin => $app },
      { acao => $app, aceh => 'X-WP-Total, X-WP-TotalPages, Link',
        vary => $TRIO, field => { Allow => 'GET, POST, OPTIONS' } } ],
    [ 'and of a stranger, too', 'OPTIONS /rest.php', { Origin => $evil },
      { vary => $TRIO, field => { Allow => 'GET, POST, OPTIONS' } } ],
    [ 'and without Origin', 'OPTIONS /rest.php',
      { 'Access-Control-Request-Method' => 'GET' },
      { vary => $TRIO, field => { Allow => 'GET, POST, OPTIONS' } } ],
);
every_way('inert',
    [ 'without a policy PHP answers preflights', 'OPTIONS /preflight.php',
      preflight($evil, 'PUT'),
      { status => 204, acao => $own, acam => 'PUT', acah => 'X-Own',
        acma => 7 } ],
);
every_way('off',
    [ 'under Off PHP answers preflights', 'OPTIONS /preflight.php',
      preflight($app, 'PUT'),
      { status => 204, acao => $own, acam => 'PUT', acah => 'X-Own',
        acma => 7 } ],
);
every_way('cookies',
    [ 'the policy says what a preflight allows', 'OPTIONS /rest.php',
      preflight($app, 'PATCH', 'content-type,x-wp-nonce'),
      { %answered, acac => 'true', acam => 'GET, PUT, PATCH, DELETE',
        acah => 'Content-Type, X-WP-Nonce' }, {}, 0 ],
);
my %passed = (%answered, status => 200);
delete $passed{body};
every_way('pass',
    [ 'PHP hears of a preflight', 'OPTIONS /plain.php',
      preflight($app, 'GET'), { %passed, body => "php\n" } ],
    [ 'and of one of a stranger', 'OPTIONS /plain.php',
      preflight($evil, 'GET'), { body => "php\n", vary => $TRIO } ],
    [ 'where PHP answers it, the policy speaks', 'OPTIONS /preflight.php',
      preflight($app, 'PUT'), { %answered } ],
    [ 'and is silent to a stranger', 'OPTIONS /preflight.php',
      preflight($evil, 'PUT'), { status => 204, vary => $TRIO } ],
    [ 'where PHP lets everybody in, strangers stay out',
      'OPTIONS /rest.php', preflight($evil, 'GET'), { vary => $TRIO } ],
    [ 'PHP refuses', 'OPTIONS /status.php?401', preflight($app, 'GET'),
      { %passed, status => 401 } ],
    [ 'PHP fails', 'OPTIONS /throws.php', preflight($app, 'GET'),
      { %passed, status => 500 } ],
    [ 'a script that is missing', 'OPTIONS /missing.php',
      preflight($app, 'GET'), { %passed, %missing }, {}, 0 ],
    [ 'a password is asked for', 'OPTIONS /locked/a.php',
      preflight($app, 'GET'), { %passed, status => 401 }, {}, 0 ],
);
every_way('speaks',
    [ 'PHP answers preflights', 'OPTIONS /preflight.php',
      preflight($app, 'PUT'),
      { status => 204, acao => $own, acam => 'PUT', acah => 'X-Own',
        acma => 7, vary => $TRIO } ],
    [ 'for strangers, too', 'OPTIONS /rest.php', preflight($evil, 'PUT'),
      { acao => $evil, acac => 'true', acam => 'GET, POST, OPTIONS',
        acah => 'Authorization, X-WP-Nonce', vary => $TRIO,
        aceh => 'X-WP-Total, X-WP-TotalPages, Link' } ],
    [ 'the policy does where PHP is silent', 'OPTIONS /plain.php',
      preflight($app, 'GET'), { %passed } ],
    [ 'and where PHP is never asked', 'OPTIONS /plain.html',
      preflight($app, 'GET'), { %passed, field => { Allow => qr/GET/ } },
      {}, 0 ],
);

# ---------------------------------------------------------------------------
# php-fpm: actual
# ---------------------------------------------------------------------------

for my $method (qw(GET HEAD POST PUT PATCH DELETE)) {
    my $line = "$method /body.php";
    my $said = $method eq 'HEAD' ? '' : "$method a=b\n";
    my %body = $method =~ /GET|HEAD/ ? () : (body => 'a=b');
    $said = "$method \n" if $method eq 'GET';
    every_way('replace',
        [ "$method by an allowed origin", $line, { Origin => $app },
          { @listed, body => $said }, { %body } ],
        [ "$method by a stranger", $line, { Origin => $evil },
          { @stranger, body => $said }, { %body } ],
        [ "$method without Origin", $line, {},
          { @stranger, body => $said }, { %body } ],
    );
}
every_way('replace',
    [ 'a body in chunks', 'PUT /body.php',
      [ Origin => $app, 'Transfer-Encoding' => 'chunked' ],
      { @listed, body => "PUT hello\n" },
      { body => "5\r\nhello\r\n0\r\n\r\n" } ],
    [ 'a long body', 'PUT /body.php', { Origin => $app },
      { @listed, body => 'PUT ' . 'x' x 100_000 . "\n" },
      { body => 'x' x 100_000 } ],
    [ 'a path behind the script', 'GET /path.php/a/b', { Origin => $app },
      { @listed, body => "/a/b\n" } ],
    [ 'a response that comes in parts', 'GET /streams.php',
      { Origin => $app },
      { @listed, body => qr/^one\.+\ntwo\.+\nthree\.+\n\z/ } ],
    [ 'a header behind the first output is too late for PHP, not for us',
      'GET /late.php', { Origin => $app },
      { @listed, body => "first\nsecond\n" } ],
    [ 'a password was right', 'GET /locked/a.php',
      { Origin => $app, Authorization => 'Basic dTpwYXNzd29yZA==' },
      { @listed, body => "php\n" } ],
);
every_way('any',
    [ 'one answer for all', 'GET /plain.php', {},
      { acao => '*', body => "php\n" } ],
    [ 'the same for an origin', 'GET /plain.php', { Origin => $evil },
      { acao => '*', body => "php\n" } ],
);
every_way('expose',
    [ 'the names that PHP sent, under a prefix', 'GET /rest.php',
      { Origin => $app },
      { @listed, aceh => 'X-Own, X-WP-Total, X-WP-TotalPages' } ],
    [ 'none of them, none exposed', 'GET /plain.php', { Origin => $app },
      { @listed, aceh => 'X-Own' } ],
    [ 'nothing for a stranger', 'GET /rest.php', { Origin => $evil },
      { @stranger } ],
);
every_way('inert',
    [ 'without a policy all that PHP says stands', 'GET /rest.php',
      { Origin => $evil },
      { acao => $evil, acac => 'true', acam => 'GET, POST, OPTIONS',
        acah => 'Authorization, X-WP-Nonce', vary => 'Origin',
        aceh => 'X-WP-Total, X-WP-TotalPages, Link' },
      { unexplained => 'a backend knows the origin' } ],
    [ 'and nothing is added', 'GET /plain.php', { Origin => $app }, {} ],
);

# ---------------------------------------------------------------------------
# php-fpm: errors
# ---------------------------------------------------------------------------

for my $code (400, 401, 403, 404, 405, 409, 410, 422, 429, 500, 502, 503) {
    my %is = (status => $code, body => "status\n",
              field => { 'X-Ran' => 'yes' });
    every_way('replace',
        [ "PHP says $code", "GET /status.php?$code", { Origin => $app },
          { %is, @listed } ],
        [ "PHP says $code to a stranger", "GET /status.php?$code",
          { Origin => $evil }, { %is, @stranger } ],
    );
}
every_way('replace',
    [ 'a script throws', 'GET /throws.php', { Origin => $app },
      { status => 500, body => '', @listed } ],
    [ 'a script throws for a stranger', 'GET /throws.php',
      { Origin => $evil }, { status => 500, body => '', @stranger } ],
    [ 'a script throws without Origin', 'GET /throws.php', {},
      { status => 500, body => '', @stranger } ],
    [ 'a process dies', 'GET /dies.php', { Origin => $app },
      { status => 503, @listed } ],
    [ 'a process dies for a stranger', 'GET /dies.php', { Origin => $evil },
      { status => 503, @stranger } ],
    [ 'a script is missing', 'GET /missing.php', { Origin => $app },
      { %missing, @listed }, {}, 0 ],
    [ 'a script is missing for a stranger', 'GET /missing.php',
      { Origin => $evil }, { %missing, @stranger }, {}, 0 ],
    [ 'a password is missing', 'GET /locked/a.php', { Origin => $app },
      { status => 401, @listed }, {}, 0 ],
    [ 'a page beside PHP is missing', 'GET /missing.html',
      { Origin => $app }, { status => 404, @listed }, {}, 0 ],
    (map { ([ "a redirect, $_, to a page of its own",
              "GET /goes.php?/plain.html&$_", { Origin => $app },
              { status => $_, @listed,
                field => { Location => qr{(?:^|test)/plain\.html$} } } ],
            [ "a redirect, $_, to another site",
              "GET /goes.php?https://other.example/&$_", { Origin => $app },
              { status => $_, @listed,
                field => { Location => 'https://other.example/' } } ],
            [ "a redirect, $_, for a stranger",
              "GET /goes.php?/plain.html&$_", { Origin => $evil },
              { status => $_, @stranger } ])
     } 301, 302, 303, 307, 308),
    [ 'PHP says 304', 'GET /unchanged.php', { Origin => $app },
      { status => 304, @listed } ],
    [ 'PHP says 304 to a stranger', 'GET /unchanged.php',
      { Origin => $evil }, { status => 304, @stranger } ],
    [ 'httpd says 304 for PHP', 'GET /etag.php',
      { Origin => $app, 'If-None-Match' => '"one"' },
      { status => 304, @listed } ],
    [ 'httpd says 304 for PHP to a stranger', 'GET /etag.php',
      { Origin => $evil, 'If-None-Match' => '"one"' },
      { status => 304, @stranger } ],
    [ 'httpd says 412 for PHP', 'GET /etag.php',
      { Origin => $app, 'If-Match' => '"two"' },
      { status => 412, @listed } ],
    [ 'a part that PHP cuts out itself', 'GET /part.php',
      { Origin => $app, Range => 'bytes=0-1' },
      { status => 206, body => 'ph', @listed,
        field => { 'Content-Range' => 'bytes 0-1/4' } } ],
);
every_way('errors',
    [ 'a script as ErrorDocument', 'GET /missing.html', { Origin => $app },
      { status => 404, body => "php says no\n", @listed } ],
    [ 'a script as ErrorDocument, for whom that alone allows',
      'GET /missing.html',
      { Origin => $evil },
      { status => 404, body => "php says no\n", @stranger } ],
    [ 'a script as ErrorDocument for a script', 'GET /status.php?404',
      { Origin => $app },
      { status => 404, body => "php says no\n", @listed }, {}, 2 ],
    [ 'a script as ErrorDocument by its own URL', 'GET /error.php',
      { Origin => $evil },
      { acao => $evil, vary => 'Origin', body => "php says no\n" } ],
    [ 'a script as ErrorDocument for a missing script',
      'GET /missing.php', { Origin => $evil },
      { status => 404, body => "php says no\n", @stranger } ],
    [ 'a page as ErrorDocument for a script that throws',
      'GET /throws.php', { Origin => $app },
      { status => 500, body => "oops\n", @listed } ],
    [ 'a page as ErrorDocument for a process that dies',
      'GET /dies.php', { Origin => $app },
      { status => 503, body => "oops\n", @listed } ],
);
my @complaints = $php->log_lines(qr/RuntimeException: out of luck/, 5);
promise(@complaints && !$s->log_lines(qr/RuntimeException/),
    'what PHP complains about stays in its own log');
$s->expect_log(
    qr/AH01071: Got error 'Primary script unknown'/,
    qr/AH01067: Failed to read FastCGI header/,
    qr/AH01075: Error dispatching request to/,
);

# ---------------------------------------------------------------------------
# php-fpm: once
# ---------------------------------------------------------------------------

for my $script (qw(star own twice)) {
    every_way('replace',
        [ "$script: allowed, once", "GET /$script.php", { Origin => $app },
          { @listed, body => "php\n" } ],
        [ "$script: a stranger gets nothing", "GET /$script.php",
          { Origin => $evil }, { @stranger, body => "php\n" } ],
        [ "$script: no Origin, nothing", "GET /$script.php", {},
          { @stranger, body => "php\n" } ],
    );
}
every_way('replace',
    [ 'PHP allows whoever asks: so only whom the policy allows',
      'GET /rest.php', { Origin => $app },
      { @listed, aceh => 'X-WP-Total, X-WP-TotalPages, Link' } ],
    [ 'PHP allows whoever asks: not a stranger', 'GET /rest.php',
      { Origin => $evil }, { @stranger } ],
    [ 'PHP allows whoever asks: not null', 'GET /rest.php',
      { Origin => 'null' }, { @stranger } ],
    [ 'PHP exposes names to those who do not ask', 'GET /rest.php', {},
      { @stranger } ],
    [ 'Vary of PHP stays, and cookies', 'GET /cookies.php',
      { Origin => $app },
      { acao => $app, vary => 'Accept-Language, Cookie, Origin',
        field => { 'Cache-Control' => qr/no-store/ } } ],
    [ 'two fields of Vary are one', 'GET /vary.php', { Origin => $app },
      { acao => $app, vary => 'Accept, Origin' } ],
);
for my $way (@ways) {
    my @cookies = $s->request('GET /cookies.php', { Origin => $app },
        host => host($way, 'replace'))->fields('Set-Cookie');
    promise(2 == @cookies, "replace, $way: two cookies are two fields",
        @cookies);
}
every_way('cookies',
    [ 'credentials come from the policy', 'GET /plain.php',
      { Origin => $app, Cookie => 'a=b' }, { @listed, acac => 'true' } ],
    [ 'and once where PHP sends them', 'GET /rest.php', { Origin => $app },
      { @listed, acac => 'true',
        aceh => 'X-WP-Total, X-WP-TotalPages, Link' } ],
    [ 'and not to a stranger', 'GET /rest.php', { Origin => $evil },
      { @stranger } ],
);
my @rest = (acac => 'true', acam => 'GET, POST, OPTIONS', vary => 'Origin',
    acah => 'Authorization, X-WP-Nonce',
    aceh => 'X-WP-Total, X-WP-TotalPages, Link');
every_way('keep',
    [ 'what PHP says stands', 'GET /own.php', { Origin => $app },
      { acao => $own, vary => 'Origin' } ],
    [ 'for a stranger, too', 'GET /rest.php', { Origin => $evil },
      { acao => $evil, @rest } ],
    [ 'and without Origin', 'GET /own.php', {},
      { acao => $own, vary => 'Origin' } ],
    [ 'on its errors', 'GET /status.php?404', { Origin => $evil },
      { status => 404, acao => $own, vary => 'Origin',
        field => { 'X-Ran' => 'yes' } } ],
    [ 'on its redirects', 'GET /goes.php?/plain.html&302',
      { Origin => $evil }, { status => 302, acao => $own,
                             vary => 'Origin' } ],
    [ 'when httpd says 304 for it', 'GET /etag.php',
      { Origin => $evil, 'If-None-Match' => '"one"' },
      { status => 304, acao => $own, vary => 'Origin' } ],
    [ 'where it throws, what it had said still stands',
      'GET /throws.php', { Origin => $evil },
      { status => 500, acao => $own, vary => 'Origin' } ],
    [ 'the policy speaks where PHP is silent', 'GET /plain.php',
      { Origin => $app }, { @listed } ],
    [ 'and not to strangers', 'GET /plain.php', { Origin => $evil },
      { @stranger } ],
    [ 'and where PHP contradicts itself', 'GET /twice.php',
      { Origin => $app }, { @listed } ],
    [ 'and where PHP says part of it only', 'GET /rest.php', {},
      { @stranger } ],
    [ 'and where a script is missing', 'GET /missing.php',
      { Origin => $app }, { %missing, @listed }, {}, 0 ],
    [ 'an answered preflight is not for PHP', 'OPTIONS /preflight.php',
      preflight($app, 'PUT'), { %answered }, {}, 0 ],
);

# ---------------------------------------------------------------------------
# php-fpm: gate
# ---------------------------------------------------------------------------

every_way('gate',
    [ 'PHP does not hear of a stranger', 'GET /plain.php',
      { Origin => $evil }, { status => 403, @stranger }, {}, 0 ],
    [ 'nor of what a stranger sends', 'POST /body.php',
      { Origin => $evil }, { status => 403, @stranger },
      { body => 'a=b' }, 0 ],
    [ 'it hears of an allowed origin', 'POST /body.php',
      { Origin => $app }, { @listed, body => "POST a=b\n" },
      { body => 'a=b' } ],
    [ 'and of who sends no Origin', 'GET /plain.php', {}, { @stranger } ],
    [ 'and of the site itself', 'GET /plain.php',
      { Origin => 'https://own.example', 'Sec-Fetch-Site' => 'same-origin' },
      { vary => 'Origin, Sec-Fetch-Site' } ],
);
every_way('replace',
    [ 'a script reads that it is allowed', 'GET /env.php',
      { Origin => $app }, { @listed, body => "actual allowed $app\n" } ],
    [ 'a script reads that it is denied', 'GET /env.php',
      { Origin => $evil },
      { @stranger, body => "actual denied-origin $evil\n" } ],
    [ 'a script reads that it is malformed', 'GET /env.php',
      { Origin => 'x' },
      { @stranger, body => "actual malformed-origin x\n" } ],
    [ 'without Origin there is nothing to read', 'GET /env.php', {},
      { @stranger, body => "- - -\n" } ],
    [ 'who sends the variables as fields is not believed', 'GET /env.php',
      { 'CORS_RESULT' => 'allowed', 'Cors-Result' => 'allowed' },
      { @stranger, body => "- - -\n" } ],
);
every_way('pass',
    [ 'a script reads of a preflight', 'OPTIONS /env.php',
      preflight($app, 'GET'),
      { %passed, body => "preflight allowed $app\n" } ],
    [ 'a script reads of a denied preflight', 'OPTIONS /env.php',
      preflight($app, 'PUT'),
      { %passed, body => "preflight denied-method $app\n" } ],
);
every_way('hidden',
    [ 'PHP need not see the origin', 'GET /env.php', { Origin => $app },
      { @listed, body => "actual allowed -\n" } ],
    [ 'so it allows nobody by itself', 'GET /rest.php',
      { Origin => $evil }, { @stranger } ],
);

# ---------------------------------------------------------------------------
# Which sections a request for PHP meets
# ---------------------------------------------------------------------------

for my $way (@ways) {
    my $walks = $way =~ /SetHandler|\[H\]/;
    for my $at ([ '.htaccess', 'inside' ], [ '<Directory>', 'apart' ]) {
        my ($where, $dir) = @$at;
        $php->promises($s,
            [ "$way: $where " . ($walks ? 'has' : 'is passed by, so it has no')
                . ' say', "GET /$dir/a.php", { Origin => $app },
              $walks ? { @listed } : { acao => $own },
              { host => host($way, 'inert') } ],
            [ "$way: $where " . ($walks ? 'answers' : 'does not answer')
                . ' a preflight', "OPTIONS /$dir/a.php",
              preflight($app, 'GET'),
              $walks ? { %answered } : { acao => $own },
              { host => host($way, 'inert') }, $walks ? 0 : 1 ]);
    }
    $php->promises($s,
        [ "$way: <Proxy> " . ($walks ? 'is passed by, so it has no' : 'has')
            . ' say', 'GET /own.php', { Origin => $app },
          $walks ? { acao => $own } : { @listed },
          { host => host($way, 'section') } ],
        [ "$way: <Proxy> " . ($walks ? 'does not answer' : 'answers')
            . ' a preflight', 'OPTIONS /own.php', preflight($app, 'GET'),
          $walks ? { acao => $own } : { %answered },
          { host => host($way, 'section') }, $walks ? 1 : 0 ]);
}

# ---------------------------------------------------------------------------
# php-fpm: errors
# ---------------------------------------------------------------------------

$php->stop;
every_way('replace',
    [ 'php-fpm is down', 'GET /plain.php', { Origin => $app },
      { status => 503, @listed }, {}, 0 ],
    [ 'php-fpm is down for a stranger', 'GET /plain.php',
      { Origin => $evil }, { status => 503, @stranger }, {}, 0 ],
    [ 'php-fpm is down, a preflight is answered', 'OPTIONS /plain.php',
      preflight($app, 'GET'), { %answered }, {}, 0 ],
);
every_way('errors',
    [ 'php-fpm is down, and there is a page for it', 'GET /plain.php',
      { Origin => $app }, { status => 503, body => "oops\n", @listed }, {},
      0 ],
);
every_way('keep',
    [ 'php-fpm is down, and nobody else speaks', 'GET /plain.php',
      { Origin => $app }, { status => 503, @listed }, {}, 0 ],
);
$s->expect_log(
    qr/AH02454: FCGI: attempt to connect to Unix domain socket/,
    qr/AH00957: FCGI: attempt to connect to 127\.0\.0\.1/,
    qr/AH01079: failed to make connection to backend/,
);
CorsTest::finish();
