# The headers beside CORS: Timing-Allow-Origin, Cross-Origin-Resource-Policy,
# and what is left of Private Network Access. Each is off until asked for,
# comes exactly once, and leaves others' fields alone where it is off.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use CorsTest::Backend;
use Test::More;

my $app  = 'https://app.example.com';
my $evil = 'https://evil.example';
my $own  = 'https://backend.example';       # what backends say

my $TIMING  = 'Timing-Allow-Origin';
my $POLICY  = 'Cross-Origin-Resource-Policy';
my $NETWORK = 'Access-Control-Allow-Private-Network';
my $ASKS    = 'Access-Control-Request-Private-Network';

my $backend = CorsTest::Backend->start(sub {
    my ($routes) = @_;
    $routes->any('/status/:code' => sub {
        my ($c) = @_;
        $c->res->headers->add($POLICY => 'same-origin');
        $c->res->headers->add($POLICY => 'same-site');
        $c->res->headers->add($TIMING => '*');
        $c->res->headers->add($TIMING => $own);
        $c->res->headers->add($NETWORK => 'true')
            if $c->param('code') == 202;
        $c->res->headers->add('Access-Control-Allow-Origin' => $own)
            if $c->param('code') == 203;
        $c->render(status => $c->param('code'), text => 'backend');
    });
    $routes->any('/fresh/*any' => sub {
        my ($c) = @_;
        $c->res->headers->cache_control('max-age=600');
        $c->res->headers->etag('"fresh"');
        $c->res->headers->add($TIMING => '*');
        $c->res->headers->add($POLICY => 'same-origin')
            if $c->req->url->path =~ /own/;
        $c->render(text => 'backend');
    });
});
my $to = '127.0.0.1:' . $backend->port;

# CGI scripts by name: fields that they bring.
my %brings = (
    plain   => [],
    timing  => [ "$TIMING: *" ],
    lower   => [ "\L$TIMING\E: *", "$TIMING: $own" ],
    full    => [ "Access-Control-Allow-Origin: $own", "$TIMING: $own" ],
    full2   => [ "Access-Control-Allow-Origin: $own", "$TIMING: $own",
                 "$TIMING: *" ],
    twice   => [ 'Access-Control-Allow-Origin: *',
                 "Access-Control-Allow-Origin: $own", "$TIMING: $own" ],
    error   => [ 'Status: 500 Oh', "$TIMING: *" ],
    redirect => [ 'Status: 302 Found', 'Location: http://x.example/',
                 "$TIMING: *" ],
    policy  => [ "$POLICY: same-site" ],
    policy2 => [ "\L$POLICY\E: same-site", "$POLICY: cross-origin" ],
    network => [ "$NETWORK: true" ],
);
my %scripts = map {
    ("cgi-bin/$_.cgi" => join "\n", '#!/bin/sh', 'cat >/dev/null',
        "echo 'Content-Type: text/plain'", (map { "echo '$_'" }
        @{ $brings{$_} }), 'echo', 'echo hi', '')
} keys %brings;

# Virtual hosts: [ name, lines ]. The server has a resource policy, which they
# take back unless they say one.
sub site {
    my ($name, @lines) = @_;
    unshift @lines, 'CorsResourcePolicy none'
        if "@lines" !~ /^CorsResourcePolicy|^inherit/;
    shift @lines if $lines[0] eq 'inherit';
    return join "\n    ", '<VirtualHost 127.0.0.1:@PORT@>',
        "ServerName $name", @lines, "\n</VirtualHost>\n";
}
sub section {
    my ($what, $where, @lines) = @_;
    return ("<$what \"$where\">", @lines, "</$what>");
}
my $allow  = "CorsAllowOrigin $app";
my $timing = 'CorsTimingAllowOrigin On';
my $network = 'CorsAllowPrivateNetwork On';
my $cross  = 'CorsResourcePolicy cross-origin';

my $s = CorsTest->start(
    modules => [qw(headers rewrite include proxy proxy_http authn_core
                   authn_file auth_basic authz_user allowmethods cache
                   cache_disk)],
    cgi     => 1,
    ports   => 2,
    files   => {
        %scripts,
        'users'                     => '',
        'scratch/cache/x'           => '',
        'htdocs/a.txt'              => "hi\n",
        'htdocs/dir/index.html'     => "index\n",
        'htdocs/dir/b.txt'          => "hi\n",
        'htdocs/dir/deep/a.txt'     => "hi\n",
        'htdocs/denied/a.txt'       => "hi\n",
        'htdocs/htaccess/a.txt'     => "hi\n",
        'htdocs/htaccess/.htaccess' => "CorsResourcePolicy same-origin\n",
        'htdocs/htaccess/none/a.txt' => "hi\n",
        'htdocs/htaccess/none/.htaccess' => "CorsResourcePolicy none\n",
        'htdocs/broken/.htaccess'   => "NoSuchDirective\n",
        'htdocs/errors/404.html'    => "not found\n",
        'htdocs/page.shtml'         => '<!--#include virtual="/dir/b.txt" -->',
        'htdocs/.htaccess'          => "Options +Includes\n"
            . "AddOutputFilter INCLUDES .shtml\nAddType text/html .shtml\n"
            . "RewriteEngine On\n"
            . "RewriteRule ^to-dir\$ /dir/b.txt\n"
            . "RewriteRule ^site/to-dir\$ /dir/b.txt\n",
        'htdocs/site/x'             => '',
    },
    conf => <<"CONF" .
CorsResourcePolicy same-site
LogLevel proxy:crit proxy_http:crit authz_core:crit allowmethods:crit
ProxyPass /down http://127.0.0.1:\@PORT2\@
ProxyPass /b http://$to
CacheRoot "\@ROOT\@/scratch/cache"
CacheHeader On
FileETag MTime Size
<LocationMatch "^/locked">
    AuthType Basic
    AuthName private
    AuthUserFile "\@ROOT\@/users"
    Require valid-user
</LocationMatch>
<Directory "\@DOCROOT\@/denied">
    Require all denied
</Directory>
<Location "/get-only">
    AllowMethods GET
</Location>
AliasMatch "^/(get-only|locked|set|always|both|add|unset)\$" "\@DOCROOT\@/a.txt"
<Location "/exposed">
    CorsAllowOrigin $app
    CorsAllowCredentials On
    CorsExposeHeaders *
    CorsResourcePolicy cross-origin
</Location>
AliasMatch "^/exposed\$" "\@DOCROOT\@/a.txt"
<Location "/set">
    Header set $POLICY same-origin
    Header set $TIMING $own
</Location>
<Location "/always">
    Header always set $POLICY same-origin
    Header always set $TIMING $own
</Location>
<Location "/both">
    Header set $POLICY same-origin
    Header always set $POLICY same-site
    Header set $TIMING $own
    Header always set $TIMING *
</Location>
<Location "/add">
    Header add $POLICY same-origin
    Header add $POLICY same-site
</Location>
<Location "/unset">
    Header unset $POLICY
    Header always unset $POLICY
</Location>
CONF
    join('',
    # Timing-Allow-Origin
    site('t-off', $allow),
    site('t-said-off', $allow, 'CorsTimingAllowOrigin Off'),
    site('t-on', $allow, $timing, 'Redirect /moved /a.txt',
        section('Location', '/cgi-bin/timing.cgi/off',
            'CorsTimingAllowOrigin Off'),
        section('Location', '/errors', 'CorsTimingAllowOrigin Off')),
    site('t-any', 'CorsAllowOrigin *', $timing),
    site('t-none', 'CorsAllowOrigin none', $timing),
    site('t-credentials', $allow, $timing, 'CorsAllowCredentials On'),
    site('t-keep', $allow, $timing, 'CorsBackendHeaders Keep'),
    site('t-keep-off', $allow, 'CorsBackendHeaders Keep'),
    site('t-pass', $allow, $timing, 'CorsPreflight Pass'),
    site('t-report', $allow, $timing, 'CorsEngine ReportOnly'),
    site('t-engine', $allow, $timing, 'CorsEngine Off'),
    site('t-bare', $timing),

    # Cross-Origin-Resource-Policy
    site('r-server', 'inherit'),
    site('r-same-origin', 'CorsResourcePolicy same-origin'),
    site('r-same-site', 'CorsResourcePolicy same-site'),
    site('r-vhost', $cross, 'Redirect /moved /a.txt',
        'ErrorDocument 500 "just a text"',
        section('Location', '/errors-to', 'ErrorDocument 404 /errors/404.html'),
        section('Location', '/errors-cgi',
            'ErrorDocument 404 /cgi-bin/policy.cgi'),
        section('Location', '/none', 'CorsResourcePolicy none')),
    site('r-none'),
    site('r-policy', $cross, $allow),
    site('r-pass', $cross, $allow, 'CorsPreflight Pass'),
    site('r-engine', $cross, 'CorsEngine Off'),
    site('r-report', $cross, 'CorsEngine ReportOnly'),
    site('r-report-policy', $cross, $allow, 'CorsEngine ReportOnly'),
    site('r-sections',
        section('Directory', '@DOCROOT@/dir', 'CorsResourcePolicy same-origin'),
        section('Directory', '@DOCROOT@/dir/deep', $cross),
        section('Location', '/denied', 'CorsResourcePolicy same-site'),
        section('Location', '/down', $cross),
        section('Location', '/b', $cross),
        section('LocationMatch', '^/get-only', $cross),
        section('Location', '/broken', $cross),
        section('Files', 'b.txt', $cross),
        section('Location', '/always', $cross,
            section('If', "%{QUERY_STRING} == 'x'",
                'CorsResourcePolicy same-origin')),
        section('Location', '/engine', $cross, 'CorsEngine Off')),
    # The URL as asked, what it leads to, and its errors, all of another mind.
    site('r-chain', 'ErrorDocument 404 /errors/404.html',
        'ErrorDocument 403 /errors/404.html',
        section('Directory', '@DOCROOT@/dir', 'CorsResourcePolicy same-origin'),
        section('Location', '/errors', 'CorsResourcePolicy same-site'),
        section('Location', '/site', $cross),
        section('Location', '/denied', $cross)),
    site('r-engine-chain', section('Location', '/site', 'CorsEngine Off'),
        section('Directory', '@DOCROOT@/dir',
            'CorsResourcePolicy same-origin')),
    (map { site("r-cache-$_", 'CorsResourcePolicy same-site',
        "CacheQuickHandler $_", 'CacheEnable disk /b/fresh/',
        section('Location', '/b/fresh/cross', $cross),
        section('Location', '/b/fresh/none', 'CorsResourcePolicy none'),
        section('Location', '/b/fresh/off', 'CorsEngine Off'),
        section('Location', '/b/fresh/policy', $allow, $cross, $timing)) }
        qw(On Off)),

    # Private Network Access
    site('p-off', $allow),
    site('p-on', $allow, $network),
    site('p-any', 'CorsAllowOrigin *', $network),
    site('p-credentials', $allow, 'CorsAllowCredentials On', $network),
    site('p-pass', $allow, 'CorsPreflight Pass', $network),
    site('p-keep', $allow, 'CorsPreflight Pass', 'CorsBackendHeaders Keep',
        $network),
    site('p-report', $allow, $network, 'CorsEngine ReportOnly'),
    site('p-engine', $allow, $network, 'CorsEngine Off'),
    site('p-bare', $network)),
);
# The disk cache writes as the server's user.
chmod 0777, $s->root . '/scratch/cache';

my @listed = (acao => $app, vary => 'Origin');
my @others = (vary => 'Origin');
my $etag   = $s->request('GET /a.txt', {}, host => 'r-none')->field('ETag');

sub timing  { return (field => { $TIMING => $_[0] }) }
sub policy  { return (field => { $POLICY => $_[0] }) }
sub network { return (field => { $NETWORK => $_[0] }) }

# promises() for one virtual host.
sub at {
    my ($host, @rows) = @_;
    for my $row (@rows) {
        my ($text, $line, $fields, $expected, $opt) = @$row;
        $s->promises([ "$host: $text", $line, $fields, $expected,
                       { host => $host, %{ $opt || {} } } ]);
    }
}
my $from_app  = { Origin => $app };
my $from_evil = { Origin => $evil };

# ---------------------------------------------------------------------------
# CorsTimingAllowOrigin
# ---------------------------------------------------------------------------

at('t-on',
    [ 'an allowed origin', 'GET /a.txt', $from_app,
      { @listed, timing($app) } ],
    [ 'a stranger', 'GET /a.txt', $from_evil, { @others, timing(undef) } ],
    [ 'null', 'GET /a.txt', { Origin => 'null' },
      { @others, timing(undef) } ],
    [ 'no origin at all', 'GET /a.txt', { Origin => "$app/" },
      { @others, timing(undef) } ],
    [ 'no Origin', 'GET /a.txt', {}, { @others, timing(undef) } ],
    [ 'HEAD', 'HEAD /a.txt', $from_app, { @listed, timing($app) } ],
    [ 'POST', 'POST /cgi-bin/plain.cgi', $from_app,
      { @listed, timing($app) }, { body => 'x' } ],
    [ 'a part', 'GET /a.txt', { %$from_app, Range => 'bytes=0-0' },
      { status => 206, @listed, timing($app) } ],
    [ 'not modified', 'GET /a.txt', { %$from_app, 'If-None-Match' => $etag },
      { status => 304, @listed, timing($app) } ],
    [ 'a missing file', 'GET /missing', $from_app,
      { status => 404, @listed, timing($app) } ],
    [ 'a forbidden file', 'GET /denied/a.txt', $from_app,
      { status => 403, @listed, timing($app) } ],
    [ 'a password is asked', 'GET /locked', $from_app,
      { status => 401, @listed, timing($app) } ],
    [ 'a redirect', 'GET /moved', $from_app,
      { status => 302, @listed, timing($app) } ],
    [ 'a redirect of a directory', 'GET /dir', $from_app,
      { status => 301, @listed, timing($app) } ],
    [ 'a backend that is down', 'GET /down/x', $from_app,
      { status => 503, @listed, timing($app) } ],
    [ 'a redirect for a stranger', 'GET /moved', $from_evil,
      { status => 302, @others, timing(undef) } ],
    [ 'not on an answered preflight', 'OPTIONS /a.txt',
      preflight($app, 'GET'),
      { status => 204, acao => $app, acam => 'GET, HEAD, POST',
        acma => 600, vary => $TRIO, timing(undef) } ],
    [ 'nor with mod_headers', 'OPTIONS /always', preflight($app, 'GET'),
      { status => 204, acao => $app, acam => 'GET, HEAD, POST',
        acma => 600, vary => $TRIO, timing(undef) } ],
    [ 'nor on a refused one', 'OPTIONS /a.txt', preflight($evil, 'GET'),
      { status => 403, vary => $TRIO, timing(undef) } ],
    [ 'OPTIONS that is no preflight', 'OPTIONS /a.txt', $from_app,
      { acao => $app, vary => $TRIO, timing($app) } ],

    # What a backend says is replaced, wherever httpd keeps it.
    (map { my ($what, $path, $status) = @$_;
        [ "$what is replaced", "GET $path", $from_app,
          { status => $status || 200, @listed, timing($app) } ],
        [ "$what is removed for a stranger", "GET $path", $from_evil,
          { status => $status || 200, @others, timing(undef) } ],
        [ "$what is removed without Origin", "GET $path", {},
          { status => $status || 200, @others, timing(undef) } ] }
        [ "a CGI's own", '/cgi-bin/timing.cgi' ],
        [ "a CGI's own, twice", '/cgi-bin/lower.cgi' ],
        [ "a CGI's own beside CORS", '/cgi-bin/full.cgi' ],
        [ "a CGI's own on an error", '/cgi-bin/error.cgi', 500 ],
        [ "a CGI's own on a redirect", '/cgi-bin/redirect.cgi', 302 ],
        [ "a proxied server's own", '/b/status/200' ],
        [ "a proxied server's own on an error", '/b/status/502', 502 ],
        [ 'Header set', '/set' ],
        [ 'Header always set', '/always' ],
        [ 'Header always set on an error', '/always/missing', 404 ],
        [ 'one in each table', '/both' ]),
    [ 'Off in a section inside', 'GET /cgi-bin/timing.cgi/off', $from_app,
      { @listed, timing('*') } ],
);
for my $host ('t-off', 't-said-off') {
    at($host,
        [ 'nothing is sent', 'GET /a.txt', $from_app,
          { @listed, timing(undef) } ],
        (map { my ($origin, @expected) = @$_;
            my $fields = defined $origin ? { Origin => $origin } : {};
            [ "a CGI's own stays", 'GET /cgi-bin/timing.cgi', $fields,
              { @expected, timing('*') } ],
            [ 'Header set stays', 'GET /set', $fields,
              { @expected, timing($own) } ],
            [ 'Header always set stays', 'GET /always', $fields,
              { @expected, timing($own) } ] }
            [ $app, @listed ], [ $evil, @others ], [ undef, @others ]),
    );
}
at('t-any',
    [ 'the constant policy lets all read', 'GET /a.txt', $from_evil,
      { acao => '*', timing('*') } ],
    [ 'without Origin too', 'GET /a.txt', {}, { acao => '*', timing('*') } ],
    [ "a CGI's own is replaced", 'GET /set', {},
      { acao => '*', timing('*') } ],
    [ 'not on a preflight', 'OPTIONS /a.txt', preflight($app, 'GET'),
      { status => 204, acao => '*', acam => 'GET, HEAD, POST', acma => 600,
        vary => $TRIO, timing(undef) } ],
);
at('t-none',
    [ 'nobody reads', 'GET /a.txt', $from_app, { timing(undef) } ],
    [ 'whatever a backend says', 'GET /cgi-bin/timing.cgi', $from_app,
      { timing(undef) } ],
);
at('t-credentials',
    [ 'the origin, as always', 'GET /a.txt', $from_app,
      { @listed, acac => 'true', timing($app) } ],
);
at('t-keep',
    [ 'a backend that speaks for itself keeps its own',
      'GET /cgi-bin/full.cgi', $from_app,
      { acao => $own, vary => 'Origin', timing($own) } ],
    [ 'for a stranger', 'GET /cgi-bin/full.cgi', $from_evil,
      { acao => $own, vary => 'Origin', timing($own) } ],
    [ 'each value once', 'GET /cgi-bin/full2.cgi', $from_app,
      { acao => $own, vary => 'Origin', timing("$own, *") } ],
    [ 'each field of a proxied server once', 'GET /b/status/203', $from_app,
      { status => 203, acao => $own, vary => 'Origin',
        timing("*, $own") } ],
    [ 'a backend that does not gets ours', 'GET /cgi-bin/timing.cgi',
      $from_app, { @listed, timing($app) } ],
    [ 'and nothing for a stranger', 'GET /cgi-bin/timing.cgi', $from_evil,
      { @others, timing(undef) } ],
    [ 'one with two origins gets ours', 'GET /cgi-bin/twice.cgi',
      $from_app, { @listed, timing($app) } ],
    [ 'one that says nothing gets ours', 'GET /cgi-bin/plain.cgi',
      $from_app, { @listed, timing($app) } ],
);
at('t-keep-off',
    [ "a backend's own stays without CORS", 'GET /cgi-bin/timing.cgi',
      $from_app, { @listed, timing('*') } ],
    [ "a backend's own stays with it", 'GET /cgi-bin/full.cgi',
      $from_app, { acao => $own, vary => 'Origin', timing($own) } ],
);
at('t-pass',
    [ 'not on a preflight that is passed on', 'OPTIONS /cgi-bin/timing.cgi',
      preflight($app, 'GET'),
      { acao => $app, acam => 'GET, HEAD, POST', acma => 600,
        vary => $TRIO, timing(undef) } ],
    [ 'nor on a refused one', 'OPTIONS /cgi-bin/timing.cgi',
      preflight($evil, 'GET'), { vary => $TRIO, timing(undef) } ],
);
for my $host ('t-report', 't-engine', 't-bare') {
    at($host,
        [ 'nothing is sent', 'GET /a.txt', $from_app, { timing(undef) } ],
        [ "a CGI's own stays", 'GET /cgi-bin/timing.cgi', $from_app,
          { timing('*') } ],
    );
}

# ---------------------------------------------------------------------------
# CorsResourcePolicy: where
# ---------------------------------------------------------------------------

for my $case ([ 'r-server', 'same-site' ], [ 'r-vhost', 'cross-origin' ],
              [ 'r-same-origin', 'same-origin' ],
              [ 'r-same-site', 'same-site' ]) {
    my ($host, $value) = @$case;
    at($host,
        [ 'with an Origin', 'GET /a.txt', $from_app, { policy($value) } ],
        [ 'without', 'GET /a.txt', {}, { policy($value) } ],
    );
}
at('r-none',
    [ 'none takes back what the server says', 'GET /a.txt', {},
      { policy(undef) } ],
    [ "a CGI's own stays", 'GET /cgi-bin/policy.cgi', {},
      { policy('same-site') } ],
    [ 'Header set stays', 'GET /set', {}, { policy('same-origin') } ],
    [ 'Header always set stays', 'GET /always', {},
      { policy('same-origin') } ],
    [ '.htaccess', 'GET /htaccess/a.txt', {}, { policy('same-origin') } ],
    [ 'none in an inner .htaccess', 'GET /htaccess/none/a.txt', {},
      { policy(undef) } ],
);
at('r-sections',
    [ 'Directory', 'GET /dir/index.html', {}, { policy('same-origin') } ],
    [ 'Directory, its index', 'GET /dir/', {}, { policy('same-origin') } ],
    [ 'a Directory inside', 'GET /dir/deep/a.txt', {},
      { policy('cross-origin') } ],
    [ 'Files', 'GET /dir/b.txt', {}, { policy('cross-origin') } ],
    [ 'Location', 'GET /denied/a.txt', {},
      { status => 403, policy('same-site') } ],
    [ 'LocationMatch', 'GET /get-only', {}, { policy('cross-origin') } ],
    [ 'Location, where the directory walk fails', 'GET /broken/a.txt', {},
      { status => 500, policy('cross-origin') } ],
    [ 'If, not met', 'GET /always', {}, { policy('cross-origin') } ],
    [ 'If, met', 'GET /always?x', {}, { policy('same-origin') } ],
    [ 'outside of them', 'GET /a.txt', {}, { policy(undef) } ],
    [ 'of an included file it does not matter', 'GET /page.shtml', {},
      { policy(undef) } ],
    [ 'CorsEngine Off in a section', 'GET /engine', {},
      { status => 404, policy(undef) } ],
    [ 'a proxied server', 'GET /b/status/200', {},
      { policy('cross-origin') } ],
);
for my $host ('r-engine', 'r-report', 'r-report-policy') {
    at($host,
        [ 'nothing is sent', 'GET /a.txt', $from_app, { policy(undef) } ],
        [ 'nor on an error', 'GET /missing', $from_app,
          { status => 404, policy(undef) } ],
        [ 'Header set stays', 'GET /set', $from_app,
          { policy('same-origin') } ],
        [ "a CGI's own stays", 'GET /cgi-bin/policy.cgi', {},
          { policy('same-site') } ],
    );
}

# ---------------------------------------------------------------------------
# CorsResourcePolicy: on every response, once
# ---------------------------------------------------------------------------

my @cross = policy('cross-origin');
my @every = (
    # what, request, fields, status
    [ 'HEAD', 'HEAD /a.txt', [], 200 ],
    [ 'a part', 'GET /a.txt', [ Range => 'bytes=0-0' ], 206 ],
    [ 'a bad range', 'GET /a.txt', [ Range => 'bytes=9-' ], 416 ],
    [ 'not modified', 'GET /a.txt', [ 'If-None-Match' => $etag ], 304 ],
    [ 'a failed condition', 'GET /a.txt', [ 'If-Match' => '"x"' ], 412 ],
    [ 'DirectoryIndex', 'GET /dir/', [], 200 ],
    [ 'a redirect of a directory', 'GET /dir', [], 301 ],
    [ 'a password is asked', 'GET /locked', [], 401 ],
    [ 'a forbidden file', 'GET /denied/a.txt', [], 403 ],
    [ 'a missing file', 'GET /missing', [], 404 ],
    [ 'a method', 'POST /get-only', [], 405 ],
    [ 'a URL that cannot be', 'GET /%zz', [], 400 ],
    [ 'a backend that is down', 'GET /down/x', [], 503 ],
    [ 'an error of a backend', 'GET /b/status/502', [], 502 ],
    [ 'a proxied server with two of its own', 'GET /b/status/200', [], 200 ],
    [ "a CGI's own", 'GET /cgi-bin/policy.cgi', [], 200 ],
    [ "two of a CGI's own", 'GET /cgi-bin/policy2.cgi', [], 200 ],
    [ "a CGI's error", 'GET /cgi-bin/error.cgi', [], 500 ],
    [ "a CGI's redirect", 'GET /cgi-bin/redirect.cgi', [], 302 ],
    [ 'Header set', 'GET /set', [], 200 ],
    [ 'Header always set', 'GET /always', [], 200 ],
    [ 'Header always set on an error', 'GET /always/missing', [], 404 ],
    [ 'both', 'GET /both', [], 200 ],
    [ 'both on an error', 'GET /both/missing', [], 404 ],
    [ 'Header add', 'GET /add', [], 200 ],
    [ 'Header unset', 'GET /unset', [], 200 ],
    [ 'a page with an include', 'GET /page.shtml', [], 200 ],
    [ 'RewriteRule', 'GET /to-dir', [], 200 ],
);
for my $host ('r-vhost', 'r-policy') {
    for my $case (@every) {
        my ($what, $line, $fields, $status) = @$case;
        at($host, [ $what, $line, $fields,
            { status => $status, @cross,
              $host eq 'r-policy' ? @others : () } ]);
        at($host, [ "$what, an allowed origin", $line,
            [ @$fields, Origin => $app ],
            { status => $status, @cross, @listed } ]) if $host eq 'r-policy';
    }
}
at('r-vhost',
    [ 'a redirect', 'GET /moved', {}, { status => 302, @cross } ],
    [ 'an ErrorDocument', 'GET /errors-to/x', {},
      { status => 404, @cross, body => "not found\n" } ],
    [ 'a CGI as ErrorDocument, which says its own', 'GET /errors-cgi/x', {},
      { status => 404, @cross, body => "hi\n" } ],
    [ 'OPTIONS', 'OPTIONS /a.txt', {}, { @cross } ],
    [ 'a preflight where no policy is', 'OPTIONS /a.txt',
      preflight($app, 'GET'), { @cross } ],
    [ 'none inside', 'GET /none', {}, { status => 404, policy(undef) } ],
);
my @granted = (acao => $app, acam => 'GET, HEAD, POST', acma => 600,
               vary => $TRIO);
at('r-policy',
    [ 'an answered preflight', 'OPTIONS /a.txt', preflight($app, 'GET'),
      { status => 204, @granted, @cross } ],
    [ 'an answered one, with Header always', 'OPTIONS /always',
      preflight($app, 'GET'), { status => 204, @granted, @cross } ],
    [ 'a refused one', 'OPTIONS /a.txt', preflight($evil, 'GET'),
      { status => 403, vary => $TRIO, @cross } ],
);
at('r-pass',
    [ 'a preflight that is passed on', 'OPTIONS /cgi-bin/policy.cgi',
      preflight($app, 'GET'), { @granted, @cross } ],
);
$s->expect_log(qr/AH10244: invalid URI path/,
               qr/Invalid command 'NoSuchDirective'/);

# The URL that the client asked for decides, and no ErrorDocument.
at('r-chain',
    [ 'an ErrorDocument of another mind', 'GET /site/missing', {},
      { status => 404, @cross, body => "not found\n" } ],
    [ 'after access control', 'GET /denied/a.txt', {},
      { status => 403, @cross, body => "not found\n" } ],
    [ 'an ErrorDocument speaks for nobody else', 'GET /missing', {},
      { status => 404, policy(undef), body => "not found\n" } ],
    [ 'asked for itself it does', 'GET /errors/404.html', {},
      { policy('same-site') } ],
    [ 'RewriteRule: the URL as asked', 'GET /site/to-dir', {},
      { @cross, body => "hi\n" } ],
    [ 'RewriteRule: else the target', 'GET /to-dir', {},
      { policy('same-origin'), body => "hi\n" } ],
);
at('r-engine-chain',
    [ 'CorsEngine Off at the URL as asked', 'GET /site/to-dir', {},
      { policy(undef), body => "hi\n" } ],
    [ 'else the target', 'GET /to-dir', {}, { policy('same-origin') } ],
);

# Out of the cache comes what was stored.
for my $quick ('On', 'Off') {
    for my $case ([ 'x', 'same-site' ], [ 'own', 'same-site' ],
                  [ 'cross', 'cross-origin' ],
                  [ 'cross-own', 'cross-origin' ],
                  [ 'none', undef ], [ 'none-own', 'same-origin' ],
                  [ 'off', undef ], [ 'off-own', 'same-origin' ],
                  [ 'policy', 'cross-origin' ]) {
        my ($path, $value) = @$case;
        $path =~ s{-}{/};
        my $is_policy = $path eq 'policy';
        for my $how ('MISS', 'HIT', 'HIT') {
            at("r-cache-$quick", [ "$path, $how", "GET /b/fresh/$path/y",
                $is_policy ? $from_app : {},
                { body => 'backend', $is_policy ? @listed : (),
                  field => { $POLICY => $value, 'X-Cache' => qr/^$how/,
                             $TIMING => $is_policy ? $app : '*' } } ]);
        }
        at("r-cache-$quick", [ "$path, not modified",
            "GET /b/fresh/$path/y",
            { $is_policy ? %$from_app : (), 'If-None-Match' => '"fresh"' },
            { status => 304, $is_policy ? @listed : (),
              policy($value) } ]);
    }
}

# ---------------------------------------------------------------------------
# CorsAllowPrivateNetwork
# ---------------------------------------------------------------------------

my @vary = (vary => "$TRIO, $ASKS");
sub asks {
    my ($origin, @values) = @_;
    return [ @{ preflight($origin, 'GET') }, map { ($ASKS => $_) } @values ];
}
my @methods = (acam => 'GET, HEAD, POST', acma => 600);
at('p-on',
    [ 'a preflight that asks', 'OPTIONS /a.txt', asks($app, 'true'),
      { status => 204, acao => $app, @methods, @vary, network('true') } ],
    [ 'one that does not', 'OPTIONS /a.txt', asks($app),
      { status => 204, acao => $app, @methods, @vary, network(undef) } ],
    (map { [ "one that asks '$_'", 'OPTIONS /a.txt', asks($app, $_),
             { status => 204, acao => $app, @methods, @vary,
               network(undef) } ] }
        'false', 'TRUE', 'True', '?1', '1', '', 'true, true', 'truetrue',
        'tru', '"true"', 'true;x'),
    [ 'one that asks twice', 'OPTIONS /a.txt', asks($app, 'true', 'true'),
      { status => 204, acao => $app, @methods, @vary, network(undef) } ],
    [ 'blanks around the value do not matter', 'OPTIONS /a.txt',
      asks($app, "  true\t"),
      { status => 204, acao => $app, @methods, @vary, network('true') } ],
    [ 'a stranger', 'OPTIONS /a.txt', asks($evil, 'true'),
      { status => 403, @vary, network(undef) } ],
    [ 'no origin at all', 'OPTIONS /a.txt', asks("$app/", 'true'),
      { status => 403, @vary, network(undef) } ],
    [ 'for a method that is denied it is as for others', 'OPTIONS /a.txt',
      [ @{ preflight($app, 'PUT') }, $ASKS => 'true' ],
      { status => 204, acao => $app, @methods, @vary, network('true') } ],
    [ 'OPTIONS that is no preflight', 'OPTIONS /a.txt',
      { Origin => $app, $ASKS => 'true' },
      { acao => $app, @vary, network(undef) } ],
    [ 'OPTIONS without Origin', 'OPTIONS /a.txt',
      { 'Access-Control-Request-Method' => 'GET', $ASKS => 'true' },
      { @vary, network(undef) } ],
    [ 'an actual request', 'GET /a.txt', { Origin => $app, $ASKS => 'true' },
      { @listed, network(undef) } ],
    [ "a CGI's own on an actual response is removed",
      'GET /cgi-bin/network.cgi', $from_app, { @listed, network(undef) } ],
);
at('p-off',
    [ 'nothing is answered', 'OPTIONS /a.txt', asks($app, 'true'),
      { status => 204, acao => $app, @methods, vary => $TRIO,
        network(undef) } ],
    [ "a CGI's own is removed", 'GET /cgi-bin/network.cgi', $from_app,
      { @listed, network(undef) } ],
    [ "a proxied server's own is removed", 'GET /b/status/202', $from_app,
      { status => 202, @listed, network(undef) } ],
);
at('p-any',
    [ 'the constant policy', 'OPTIONS /a.txt', asks($evil, 'true'),
      { status => 204, acao => '*', @methods, @vary, network('true') } ],
    [ 'an actual request', 'GET /a.txt', { $ASKS => 'true' },
      { acao => '*', network(undef) } ],
);
at('p-credentials',
    [ 'with credentials', 'OPTIONS /a.txt', asks($app, 'true'),
      { status => 204, acao => $app, acac => 'true', @methods, @vary,
        network('true') } ],
);
at('p-pass',
    [ 'a preflight that is passed on', 'OPTIONS /cgi-bin/plain.cgi',
      asks($app, 'true'),
      { acao => $app, @methods, @vary, network('true') } ],
    [ 'once beside a backend', 'OPTIONS /cgi-bin/network.cgi',
      asks($app, 'true'),
      { acao => $app, @methods, @vary, network('true') } ],
    [ 'a backend does not decide', 'OPTIONS /cgi-bin/network.cgi',
      asks($app), { acao => $app, @methods, @vary, network(undef) } ],
    [ 'not for a stranger', 'OPTIONS /cgi-bin/network.cgi',
      asks($evil, 'true'), { @vary, network(undef) } ],
);
at('p-keep',
    [ 'a backend without CORS gets ours', 'OPTIONS /cgi-bin/network.cgi',
      asks($app), { acao => $app, @methods, @vary, network(undef) } ],
    [ 'a backend with CORS speaks alone', 'OPTIONS /cgi-bin/full.cgi',
      asks($app, 'true'),
      { acao => $own, @vary, field => { $NETWORK => undef,
                                        $TIMING => $own } } ],
);
for my $host ('p-report', 'p-engine', 'p-bare') {
    at($host,
        [ 'nothing is answered', 'OPTIONS /a.txt', asks($app, 'true'),
          { network(undef) } ],
        [ "a CGI's own stays", 'GET /cgi-bin/network.cgi', $from_app,
          { network('true') } ],
    );
}

# ---------------------------------------------------------------------------
# Configurations
# ---------------------------------------------------------------------------

for my $case (
    [ 'CorsTimingAllowOrigin', 'On', 'must be Off or On' ],
    [ 'CorsResourcePolicy', 'cross-origin',
      'must be same-origin, same-site, cross-origin or none' ],
    [ 'CorsAllowPrivateNetwork', 'On', 'must be Off or On' ],
) {
    my ($name, $word, $rule) = @$case;
    config_error("$name Maybe", qr/$name: 'Maybe' \Q$rule\E/,
        "$name, another word");
    config_error($name, qr/$name takes one argument/, "$name, no word");
    config_error("$name $word $word", qr/$name takes one argument/,
        "$name, two words");
    config_error(<<"CONF", qr/$name .*Limit/, "$name in <Limit>");
<Directory "\@DOCROOT\@">
    <Limit GET>
        $name $word
    </Limit>
</Directory>
CONF
    config_error(<<"CONF", qr/$name .*Limit/, "$name in <LimitExcept>");
<Directory "\@DOCROOT\@">
    <LimitExcept GET>
        $name $word
    </LimitExcept>
</Directory>
CONF
    config_error(<<"CONF", qr/'$name' must not/, "$name in a policy");
<CorsPolicy p>
    CorsAllowOrigin https://app.example.com
    $name $word
</CorsPolicy>
CONF
    config_ok("\L$name\E \U$word\E\n", "$name, letter case does not matter");
}

# Browsers obey it; no page has to read it.
at('r-none',
    [ 'CorsExposeHeaders * leaves it out', 'GET /exposed', $from_app,
      { acao => $app, acac => 'true', aceh => 'ETag, Accept-Ranges',
        vary => 'Origin', policy('cross-origin') } ],
);

CorsTest::finish();
