# Pretty URLs: mod_rewrite in the .htaccess files of well-known applications,
# FallbackResource, and rules in the virtual host, all of them in front of
# real PHP. The policy stands in the same .htaccess. It is asked once, about
# the URL that the client sent, and before any rule of the file.

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
my $own  = 'https://php.example';           # what the application says

my $php = CorsTest::PHP->start;

# The front controller: the last part of the URL says what it does. It shows
# the method, the route, its query and body, and what it is told of CORS.
my $front = <<"PHP";
<?php
\$route = strtok(\$_SERVER['REQUEST_URI'], '?');
header('Content-Type: text/plain');
switch (basename(\$route)) {
case 'star':
    header('Access-Control-Allow-Origin: *');
    break;
case 'twice':
    header('Access-Control-Allow-Origin: $own');
    header('Access-Control-Allow-Origin: *', false);
    break;
case 'mirror':
    header('Access-Control-Allow-Origin: ' . (\$_SERVER['HTTP_ORIGIN'] ?? ''));
    header('Access-Control-Allow-Credentials: true');
    header('Vary: Accept-Encoding', false);
    header('Vary: Origin', false);
    break;
case 'missing':
    header('Access-Control-Allow-Origin: $own');
    http_response_code(404);
    break;
case 'refused':
    http_response_code(401);
    header('WWW-Authenticate: Bearer');
    break;
case 'throws':
    throw new RuntimeException('out of luck');
case 'moved':
    header('Access-Control-Allow-Origin: $own');
    header('Location: /elsewhere', true, 301);
    exit;
case 'token':
    echo \$_SERVER['HTTP_AUTHORIZATION'] ?? 'no token', "\\n";
    exit;
}
echo \$_SERVER['REQUEST_METHOD'], ' ', \$route, ' ',
    \$_SERVER['QUERY_STRING'] ?? '', ' ', file_get_contents('php://input'),
    ' ', \$_SERVER['CORS_RESULT'] ?? '-', "\\n";
PHP

# Rules of the administrator's own, for .htaccess and virtual hosts.
my $own_rules = <<'CONF';
RewriteRule ^/?forbidden$ - [F]
RewriteRule ^/?gone$ - [G]
RewriteRule ^/?busy$ - [R=429,L]
RewriteRule ^/?old/(.*)$ /new/$1 [R=302,L]
CONF

# As the manuals of WordPress and of Laravel have it.
my $wordpress = <<"CONF";
<IfModule mod_rewrite.c>
RewriteEngine On
$own_rules
RewriteRule .* - [E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]
RewriteBase /
RewriteRule ^index\\.php\$ - [L]
RewriteCond %{REQUEST_FILENAME} !-f
RewriteCond %{REQUEST_FILENAME} !-d
RewriteRule . /index.php [L]
</IfModule>
CONF
my $laravel = <<"CONF";
<IfModule mod_rewrite.c>
    <IfModule mod_negotiation.c>
        Options -MultiViews -Indexes
    </IfModule>
    RewriteEngine On
    $own_rules
    RewriteCond %{HTTP:Authorization} .
    RewriteRule .* - [E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]
    RewriteCond %{HTTP:x-xsrf-token} .
    RewriteRule .* - [E=HTTP_X_XSRF_TOKEN:%{HTTP:X-XSRF-Token}]
    RewriteCond %{REQUEST_FILENAME} !-d
    RewriteCond %{REQUEST_URI} (.+)/\$
    RewriteRule ^ %1 [L,R=301]
    RewriteCond %{REQUEST_FILENAME} !-d
    RewriteCond %{REQUEST_FILENAME} !-f
    RewriteRule ^ index.php [L]
</IfModule>
CONF

# What stands in the site's .htaccess, or in its virtual host.
my %site = (
    'WordPress' => { htaccess => $wordpress },
    'Laravel'   => { htaccess => $laravel },
    # Symfony and Drupal, where httpd is told in one line.
    'FallbackResource' => { htaccess => "DirectoryIndex index.php\n"
        . "FallbackResource /index.php\n" },
    'virtual host' => { vhost => "RewriteEngine On\n$own_rules"
        . 'RewriteRule .* - [E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]'
        . "\nRewriteCond %{DOCUMENT_ROOT}%{REQUEST_URI} !-f\n"
        . "RewriteCond %{DOCUMENT_ROOT}%{REQUEST_URI} !-d\n"
        . "RewriteRule ^ /index.php [L]\n" },
);
my @sites = sort keys %site;
my @rules = grep { $_ ne 'FallbackResource' } @sites;
my @behind = grep { $site{$_}{htaccess} } @sites;
my @inner = grep { $site{$_}{htaccess} } @rules;

my %policy = (
    inert   => '',
    replace => "CorsAllowOrigin $app\nCorsAllowMethods GET POST PUT DELETE\n"
        . "CorsAllowHeaders Authorization Content-Type\n",
    cookies => "CorsAllowOrigin $app\nCorsAllowCredentials On\n",
    keep    => "CorsAllowOrigin $app\nCorsBackendHeaders Keep\n",
    pass    => "CorsAllowOrigin $app\nCorsPreflight Pass\n",
    # At the front controller alone.
    front   => "<Files index.php>\nCorsAllowOrigin $app\n</Files>\n",
    # The front controller would let others in.
    asked   => "CorsAllowOrigin $app\n"
        . "<Files index.php>\nCorsAllowOrigin $evil\n</Files>\n",
    # Left over from before there was a module.
    recipe  => "CorsAllowOrigin $app\n"
        . "Header always set Access-Control-Allow-Origin *\n"
        . "RewriteEngine On\nRewriteCond %{REQUEST_METHOD} OPTIONS\n"
        . "RewriteRule ^ - [R=200,L]\n",
    locked  => "CorsAllowOrigin $app\nAuthType Basic\nAuthName private\n"
        . "AuthUserFile \"\@ROOT\@/users\"\nRequire valid-user\n",
);

# Names of the virtual hosts, which are those of their document roots too.
sub host {
    my ($site, $policy) = @_;
    my ($n) = grep { $sites[$_] eq $site } 0 .. $#sites;
    return "$policy.site$n.test";
}

my $hosts = '';
my %files = (
    'users' => "u:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n",
    'htdocs/blog/index.php' => $front,
    'htdocs/blog/.htaccess' => "CorsAllowOrigin $app\n" . $wordpress
        =~ s{/index\.php}{/blog/index.php}r
        =~ s{RewriteBase /}{RewriteBase /blog/}r,
    'htdocs/errors/index.php' => $front,
    'htdocs/errors/.htaccess' =>
        "CorsAllowOrigin $app\nErrorDocument 404 /errors/index.php\n",
);
for my $site (@sites) {
    for my $name (sort keys %policy) {
        my $host = host($site, $name);
        my ($inside, $outside) =
            map { $site{$site}{$_} // '' } qw(htaccess vhost);
        %files = (%files,
            "htdocs/$host/index.php"     => $front,
            "htdocs/$host/style.txt"     => "style\n",
            "htdocs/$host/dir/index.php" => $front,
            "htdocs/$host/.htaccess"     => "$policy{$name}$inside");
        $hosts .= vhost($host, "DocumentRoot \"\@DOCROOT\@/$host\"\n"
                        . $outside);
    }
}

sub vhost {
    my ($name, $lines) = @_;
    return "<VirtualHost 127.0.0.1:\@PORT\@>\nServerName $name\n$lines\n"
        . "</VirtualHost>\n";
}

# A policy in the virtual host is known before its rules are.
my $early = "RewriteEngine On\n$own_rules"
    . "RewriteRule ^ /index.php [L]\nDocumentRoot \"\@DOCROOT\@/"
    . host('virtual host', 'inert') . "\"\n";

my $s = CorsTest->start(
    modules => [qw(rewrite proxy proxy_fcgi headers authn_core authn_file
                   auth_basic authz_user)],
    files   => \%files,
    conf    => <<"CONF"
DirectoryIndex index.php
<FilesMatch "\\.php\$">
    SetHandler "@{[ $php->handler ]}"
</FilesMatch>
CONF
    . vhost('plain.test', '')
    . $hosts
    . vhost('early.test', "CorsAllowOrigin $app\n$early")
    . vhost('gate.test',
            "CorsAllowOrigin $app\nCorsRejectUnlisted On\n$early")
    . vhost('location.test', "<Location />\nCorsAllowOrigin $app\n"
            . "</Location>\n$early"));

my @listed   = (acao => $app, vary => 'Origin');
my @stranger = (vary => 'Origin');
my %answered = (status => 204, body => '', acao => $app,
    acam => 'GET, POST, PUT, DELETE', acah => 'Authorization, Content-Type',
    acma => 600, vary => $TRIO, field => { Location => undef });
my %plain    = (status => 204, body => '', acao => $app,
    acam => 'GET, HEAD, POST', acma => 600, vary => $TRIO);
my %refused  = (status => 403, body => '', vary => $TRIO);
my %passed   = (%plain, status => 200);
delete $passed{body};

# What the front controller says.
sub says {
    my ($method, $route, $result, $query, $body) = @_;
    return (body => join(' ', $method, $route, $query // '', $body // '',
                         $result // '-') . "\n");
}

# Rows as the promises() of CorsTest::PHP, for several sites.
sub every_site {
    my ($sites, $policy, @rows) = @_;
    for my $site (@$sites) {
        my @here = rows_at("$policy, $site", host($site, $policy), @rows);
        for my $row (@here) {
            my ($fields, $expected) = @$row[2, 3];

            # A condition that was true joins Vary.
            $row->[3] = { %$expected,
                          vary => "Authorization, $expected->{vary}" }
                if $site eq 'Laravel' && ref $fields eq 'HASH'
                && $fields->{Authorization};
        }
        $php->promises($s, @here);
    }
}

# ---------------------------------------------------------------------------
# mod_rewrite: preflight
# ---------------------------------------------------------------------------

every_site(\@sites, 'replace',
    (map { ([ "PHP does not hear of a preflight for $_", "OPTIONS $_",
              preflight($app, 'PUT', 'authorization'), { %answered }, {},
              0 ],
            [ "nor of a refused one for $_", "OPTIONS $_",
              preflight($evil, 'PUT'), { %refused }, {}, 0 ])
     } '/posts/7', '/posts/7?page=2', '/', '/index.php', '/missing',
       '/moved', '/style.txt', '/absent.txt', '/posts/', '/dir', '/dir/'),
    [ 'OPTIONS that is no preflight is for the application',
      'OPTIONS /posts/7', { Origin => $app },
      { acao => $app, vary => $TRIO,
        says('OPTIONS', '/posts/7', 'allowed') } ],
);
every_site(\@inner, 'replace',
    map { [ "a preflight is answered in front of the rule for $_",
            "OPTIONS $_", preflight($app, 'PUT', 'authorization'),
            { %answered }, {}, 0 ] } qw(/forbidden /gone /busy /old/a));
every_site(\@sites, 'inert',
    [ 'without a policy PHP hears of preflights', 'OPTIONS /mirror',
      preflight($app, 'PUT'),
      { acao => $app, acac => 'true', vary => 'Accept-Encoding, Origin',
        says('OPTIONS', '/mirror') },
      { unexplained => 'a backend knows the origin' } ],
);
every_site(\@sites, 'locked',
    [ 'a preflight needs no password', 'OPTIONS /posts/7',
      preflight($app, 'GET'), { %plain }, {}, 0 ],
);
every_site(\@sites, 'front',
    [ 'a policy of the front controller answers', 'OPTIONS /posts/7',
      preflight($app, 'GET'), { %plain }, {}, 0 ],
    [ 'and refuses', 'OPTIONS /posts/7', preflight($evil, 'GET'),
      { %refused }, {}, 0 ],
);
every_site(\@behind, 'asked',
    [ 'the URL that was asked answers, not the front controller',
      'OPTIONS /posts/7', preflight($app, 'GET'), { %plain }, {}, 0 ],
    [ 'and refuses', 'OPTIONS /posts/7', preflight($evil, 'GET'),
      { %refused }, {}, 0 ],
);
every_site(\@sites, 'pass',
    [ 'PHP hears of a preflight', 'OPTIONS /posts/7',
      preflight($app, 'GET'),
      { %passed, says('OPTIONS', '/posts/7', 'allowed') } ],
    [ 'and may answer as it likes, the policy speaks', 'OPTIONS /mirror',
      preflight($evil, 'GET'), { vary => "Accept-Encoding, $TRIO" } ],
    [ 'and refuse', 'OPTIONS /refused', preflight($app, 'GET'),
      { %passed, status => 401 } ],
);
every_site(\@sites, 'recipe',
    [ 'an old trick for OPTIONS comes too late to do harm',
      'OPTIONS /posts/7', preflight($app, 'GET'), { %plain }, {}, 0 ],
    [ 'for strangers, too', 'OPTIONS /posts/7', preflight($evil, 'GET'),
      { %refused }, {}, 0 ],
);

# ---------------------------------------------------------------------------
# mod_rewrite: actual
# ---------------------------------------------------------------------------

for my $method (qw(GET POST PUT PATCH DELETE)) {
    my %body = $method eq 'GET' ? () : (body => 'a=b');
    every_site(\@sites, 'replace',
        [ "$method by an allowed origin", "$method /posts/7?page=2",
          { Origin => $app },
          { @listed, says($method, '/posts/7', 'allowed', 'page=2',
                          $body{body}) }, { %body } ],
        [ "$method by a stranger", "$method /posts/7?page=2",
          { Origin => $evil },
          { @stranger, says($method, '/posts/7', 'denied-origin', 'page=2',
                            $body{body}) }, { %body } ],
        [ "$method without Origin", "$method /posts/7?page=2", {},
          { @stranger, says($method, '/posts/7', '-', 'page=2',
                            $body{body}) }, { %body } ],
    );
}
every_site(\@sites, 'replace',
    [ 'HEAD', 'HEAD /posts/7', { Origin => $app },
      { @listed, body => '' } ],
    [ 'the site itself', 'GET /', { Origin => $app },
      { @listed, says('GET', '/', 'allowed') } ],
    [ 'the front controller by its name', 'GET /index.php',
      { Origin => $app },
      { @listed, says('GET', '/index.php', 'allowed') } ],
    [ 'a file that is there', 'GET /style.txt', { Origin => $app },
      { @listed, body => "style\n" }, {}, 0 ],
    [ 'a directory that is there', 'GET /dir/', { Origin => $app },
      { @listed } ],
);
every_site(\@rules, 'replace',
    [ 'a token finds its way to PHP', 'GET /token',
      { Origin => $app, Authorization => 'Bearer abc' },
      { @listed, body => "Bearer abc\n" } ],
);
every_site(\@sites, 'front',
    [ 'a policy of the front controller', 'GET /posts/7',
      { Origin => $app },
      { @listed, says('GET', '/posts/7', 'allowed') } ],
    [ 'a policy of the front controller, for a stranger', 'GET /posts/7',
      { Origin => $evil },
      { @stranger, says('GET', '/posts/7', 'denied-origin') } ],
    [ 'it is none for a file beside it', 'GET /style.txt',
      { Origin => $app }, { body => "style\n" }, {}, 0 ],
);
every_site(\@behind, 'asked',
    [ 'the policy of the URL that was asked', 'GET /posts/7',
      { Origin => $app },
      { @listed, says('GET', '/posts/7', 'allowed') } ],
    [ 'not that of the front controller', 'GET /posts/7',
      { Origin => $evil },
      { @stranger, says('GET', '/posts/7', 'denied-origin') } ],
    [ 'nor on an error', 'GET /missing', { Origin => $evil },
      { status => 404, @stranger } ],
    [ 'which counts where it was asked itself', 'GET /index.php',
      { Origin => $evil },
      { acao => $evil, vary => 'Origin',
        says('GET', '/index.php', 'allowed') } ],
);
every_site(\@sites, 'inert',
    [ 'without a policy nothing is added', 'GET /posts/7',
      { Origin => $app }, { says('GET', '/posts/7') } ],
);
every_site([ 'virtual host' ], 'asked',
    [ 'a rule that says where a URL lies says whose policy it has',
      'GET /posts/7', { Origin => $evil },
      { acao => $evil, vary => 'Origin',
        says('GET', '/posts/7', 'allowed') } ],
);
$php->promises($s,
    [ 'a site in a directory', 'GET /blog/posts/7', { Origin => $app },
      { @listed, says('GET', '/blog/posts/7', 'allowed') },
      { host => 'plain.test' } ],
    [ 'a site in a directory, a preflight', 'OPTIONS /blog/posts/7',
      preflight($app, 'GET'), { %plain }, { host => 'plain.test' }, 0 ],
    [ 'ErrorDocument as front controller', 'GET /errors/posts/7',
      { Origin => $app },
      { status => 404, @listed,
        says('GET', '/errors/posts/7', 'allowed') },
      { host => 'plain.test' } ],
    [ 'ErrorDocument as front controller, a preflight',
      'OPTIONS /errors/posts/7', preflight($app, 'GET'), { %plain },
      { host => 'plain.test' }, 0 ],
);

# ---------------------------------------------------------------------------
# mod_rewrite: errors
# ---------------------------------------------------------------------------

for my $origin ($app, $evil, undef) {
    my $who = !defined $origin ? 'no Origin'
        : $origin eq $app ? 'an allowed origin' : 'a stranger';
    my $result = { $app => 'allowed', $evil => 'denied-origin' }
        ->{ $origin // '' };
    my %fields = defined $origin ? (Origin => $origin) : ();
    my @ours = $who eq 'an allowed origin' ? @listed : @stranger;
    every_site(\@sites, 'replace',
        [ "the application says 404: $who", 'GET /missing', { %fields },
          { status => 404, says('GET', '/missing', $result), @ours } ],
        [ "the application says 401: $who", 'GET /refused', { %fields },
          { status => 401, says('GET', '/refused', $result), @ours } ],
        [ "the application throws: $who", 'GET /throws', { %fields },
          { status => 500, body => '', @ours } ],
        [ "the application redirects: $who", 'GET /moved', { %fields },
          { status => 301, @ours,
            field => { Location => qr{(?:^|test)/elsewhere$} } } ],
        [ "a directory without its slash: $who", 'GET /dir', { %fields },
          { status => 301, @ours,
            field => { Location => qr{/dir/$} } }, {}, 0 ],
    );
    every_site(\@inner, 'replace',
        [ "a rule says 403: $who", 'GET /forbidden', { %fields },
          { status => 403, @ours }, {}, 0 ],
        [ "a rule says 410: $who", 'GET /gone', { %fields },
          { status => 410, @ours }, {}, 0 ],
        [ "a rule says 429: $who", 'GET /busy', { %fields },
          { status => 429, @ours }, {}, 0 ],
        [ "a rule redirects: $who", 'GET /old/a', { %fields },
          { status => 302, @ours,
            field => { Location => qr{/new/a$} } }, {}, 0 ],
    );
    every_site([ 'Laravel' ], 'replace',
        [ "a slash too much: $who", 'GET /posts/7/', { %fields },
          { status => 301, @ours,
            field => { Location => qr{/posts/7$} } }, {}, 0 ],
    );
    every_site(\@sites, 'locked',
        [ "a password is missing: $who", 'GET /posts/7', { %fields },
          { status => 401, @ours }, {}, 0 ],
        [ "a password was right: $who", 'GET /missing',
          { %fields, Authorization => 'Basic dTpwYXNzd29yZA==' },
          { status => 404, says('GET', '/missing', $result), @ours } ],
    );

    # Rules of a virtual host come before the directory is known: its
    # policy is not, but that of the virtual host, and of Location.
    every_site([ 'virtual host' ], 'replace', map {
        [ "a rule says $_->[1] before there is a policy: $who",
          "GET $_->[0]", { %fields }, { status => $_->[1] }, {}, 0 ]
    } [ '/forbidden', 403 ], [ '/gone', 410 ], [ '/busy', 429 ],
      [ '/old/a', 302 ]);
    for my $host ('early.test', 'location.test') {
        $php->promises($s, map {
            [ "$host: a rule says $_->[1]: $who", "GET $_->[0]",
              { %fields }, { status => $_->[1], @ours },
              { host => $host }, 0 ]
        } [ '/forbidden', 403 ], [ '/gone', 410 ], [ '/busy', 429 ],
          [ '/old/a', 302 ]);
    }
}
for my $host ('early.test', 'location.test') {
    $php->promises($s,
        [ "$host: a preflight for a pretty URL", 'OPTIONS /posts/7',
          preflight($app, 'GET'), { %plain }, { host => $host }, 0 ],
        [ "$host: a preflight that a rule would redirect",
          'OPTIONS /old/a', preflight($app, 'GET'), { %plain },
          { host => $host }, 0 ],
        [ "$host: a preflight that a rule would redirect, refused",
          'OPTIONS /old/a', preflight($evil, 'GET'), { %refused },
          { host => $host }, 0 ],
        (map { [ "$host: a rule refuses a preflight with $_->[1]",
                 "OPTIONS $_->[0]", preflight($app, 'GET'),
                 { %passed, status => $_->[1] }, { host => $host }, 0 ]
         } [ '/forbidden', 403 ], [ '/gone', 410 ], [ '/busy', 429 ]),
        [ "$host: PHP behind it", 'GET /missing', { Origin => $app },
          { status => 404, @listed, says('GET', '/missing', 'allowed') },
          { host => $host } ],
    );
}

# ---------------------------------------------------------------------------
# mod_rewrite: once
# ---------------------------------------------------------------------------

for my $route (qw(star twice)) {
    every_site(\@sites, 'replace',
        [ "$route: allowed, once", "GET /$route", { Origin => $app },
          { @listed } ],
        [ "$route: a stranger gets nothing", "GET /$route",
          { Origin => $evil }, { @stranger } ],
        [ "$route: no Origin, nothing", "GET /$route", {}, { @stranger } ],
    );
}
every_site(\@sites, 'replace',
    [ 'who is let in by the application: an allowed origin', 'GET /mirror',
      { Origin => $app }, { acao => $app, vary => 'Accept-Encoding, Origin' }
    ],
    [ 'who is let in by the application: no stranger', 'GET /mirror',
      { Origin => $evil }, { vary => 'Accept-Encoding, Origin' } ],
);
every_site([ 'Laravel' ], 'replace',
    [ 'what a condition asks joins Vary', 'GET /posts/7',
      { Origin => $app, 'X-XSRF-Token' => 'abc' },
      { acao => $app, vary => 'X-XSRF-Token, Origin' } ],
    [ 'what a condition asks joins Vary of PHP', 'GET /mirror',
      { Origin => $app, 'X-XSRF-Token' => 'abc' },
      { acao => $app, vary => 'X-XSRF-Token, Accept-Encoding, Origin' } ],
);
every_site(\@sites, 'keep',
    [ 'the application says', 'GET /mirror', { Origin => $evil },
      { acao => $evil, acac => 'true', vary => 'Accept-Encoding, Origin' } ],
    [ 'the application says so on a redirect', 'GET /moved',
      { Origin => $evil }, { status => 301, acao => $own,
                             vary => 'Origin' } ],
    [ 'the application is silent', 'GET /posts/7', { Origin => $app },
      { @listed } ],
    [ 'the application says two things', 'GET /twice', { Origin => $app },
      { @listed } ],
    [ 'the application says so on an error', 'GET /missing',
      { Origin => $evil }, { status => 404, acao => $own,
                             vary => 'Origin' } ],
);
every_site(\@sites, 'recipe',
    [ 'what is left of an old recipe goes', 'GET /posts/7',
      { Origin => $app }, { @listed } ],
    [ 'what is left of an old recipe goes for strangers', 'GET /posts/7',
      { Origin => $evil }, { @stranger } ],
    [ 'what is left of an old recipe goes from errors', 'GET /missing',
      { Origin => $evil }, { status => 404, @stranger } ],
);

# ---------------------------------------------------------------------------
# mod_rewrite: gate
# ---------------------------------------------------------------------------

every_site(\@sites, 'cookies',
    [ 'credentials come from the policy', 'GET /posts/7',
      { Origin => $app, Cookie => 'a=b' }, { @listed, acac => 'true' } ],
    [ 'and once where PHP sends them', 'GET /mirror', { Origin => $app },
      { acao => $app, acac => 'true', vary => 'Accept-Encoding, Origin' } ],
    [ 'and not to a stranger', 'GET /mirror', { Origin => $evil },
      { vary => 'Accept-Encoding, Origin' } ],
);
$php->promises($s,
    [ 'gate: PHP does not hear of a stranger', 'GET /posts/7',
      { Origin => $evil }, { status => 403, @stranger },
      { host => 'gate.test' }, 0 ],
    [ 'gate: it hears of an allowed origin', 'GET /posts/7',
      { Origin => $app },
      { @listed, says('GET', '/posts/7', 'allowed') },
      { host => 'gate.test' } ],
    [ 'gate: a rule that redirects is in front of it', 'GET /old/a',
      { Origin => $evil }, { status => 302, @stranger },
      { host => 'gate.test' }, 0 ],
);

# One decision is one line, though most of these URLs come by twice.
for my $site (@sites) {
    my $origin = 'https://' . host($site, 'counted');
    $s->request('GET /missing', { Origin => $origin },
                host => host($site, 'replace'));
    my @lines = $s->log_lines(qr/\[cors:info\].*'\Q$origin\E'/, 5);
    promise(1 == @lines, "replace, $site: one decision", @lines);
}
CorsTest::finish();
