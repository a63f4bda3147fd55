# Many sites on one server: mod_macro, mod_vhost_alias, mod_userdir and
# virtual hosts with wildcards choose whose policy it is; mod_alias, mod_dir
# and mod_speling redirect, which no preflight survives; mod_remoteip says who
# asks when a proxy stands in front.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use CorsTest;
use Test::More;

my $app  = 'https://app.example.com';
my $evil = 'https://evil.example';

my $allows = 'CorsAllowMethods GET HEAD POST PUT';
my %files  = map { $_ => "$_\n" } map { "htdocs/$_" } qw(
    a.txt dir/a.txt dir/index.html away/a.txt Report.txt draft1.txt draft2.txt
    macro/alice/a.txt macro/bob/a.txt wide/a.txt catch-all/a.txt);

# ---------------------------------------------------------------------------
# The server
# ---------------------------------------------------------------------------

# Redirects in each place that can have them: server level ones come before
# the directory walk, the others after it.
my $redirects = <<'CONF';
    Redirect 302 @/moved /a.txt
    Redirect permanent @/abroad http://elsewhere.example/
    RedirectMatch 307 ^@/m/(.*) /$1
    Redirect gone @/gone
    Redirect 404 @/hidden
CONF
sub redirects { my ($at) = @_; return $redirects =~ s/\@/$at/gr }

my $conf = <<'CONF';
UseCanonicalName Off
Options +FollowSymLinks

# The first, for hosts that nobody knows.
<VirtualHost 127.0.0.1:@PORT@>
    ServerName catch-all.example
    DocumentRoot "@DOCROOT@/catch-all"
</VirtualHost>

# mod_macro: a customer is one line.
<Macro Customer $name $origin $powers>
    <VirtualHost 127.0.0.1:@PORT@>
        ServerName $name.example
        ServerAlias *.$name.example $name-???.example
        DocumentRoot "@DOCROOT@/macro/$name"
        CorsAllowOrigin "$origin" https://*.$name.example
        CorsHtaccess $powers
        <Location /private>
            CorsAllowOrigin -https://guest.$name.example
            CorsAllowCredentials On
            Require env nobody
        </Location>
    </VirtualHost>
</Macro>
Use Customer alice https://alice.test All
Use Customer bob "https://bob.test http://localhost:*" None
<Macro Methods $methods>
    CorsAllowMethods $methods
    CorsPreflightStatus 200
</Macro>

# A wildcard that has fewer names than the one above it would take.
<VirtualHost 127.0.0.1:@PORT@>
    ServerName wide.example
    ServerAlias *.wide.example
    DocumentRoot "@DOCROOT@/wide"
    CorsAllowOrigin same-site
    Use Methods "GET DELETE"
</VirtualHost>

# mod_vhost_alias: a site is a directory.
<VirtualHost 127.0.0.1:@PORT@>
    ServerName sites.example.net
    ServerAlias *.example.net *.example.co.uk *.github.io
    VirtualDocumentRoot "@ROOT@/sites/%0"
    CorsAllowOrigin same-site
    CorsAllowCredentials On
    CorsHtaccess origins
    Alias /common "@DOCROOT@"
    <Location /gate>
        CorsRejectUnlisted On
    </Location>
</VirtualHost>
<Directory "@ROOT@/sites">
    Require all granted
    AllowOverride All
</Directory>
<VirtualHost 127.0.0.1:@PORT@>
    ServerName canonical.example.org
    ServerAlias *.example.org *.example.info
    UseCanonicalName On
    VirtualDocumentRoot "@ROOT@/sites/%0"
    CorsAllowOrigin same-site
</VirtualHost>

# mod_userdir: so is a home.
<VirtualHost 127.0.0.1:@PORT@>
    ServerName users.example
    UserDir "@ROOT@/home/*/public"
    UserDir disabled root
    CorsAllowOrigin https://users.test
    <Directory "@ROOT@/home/*/public">
        Require all granted
        AllowOverride FileInfo
        CorsAllowOrigin https://homes.test
    </Directory>
    <DirectoryMatch "^@ROOT@/home/(?<user>\w+)/public/closed">
        CorsAllowOrigin none
    </DirectoryMatch>
</VirtualHost>

<Directory "@DOCROOT@/dir">
    Options +FollowSymLinks
</Directory>
CONF
%files = (%files, map { ("sites/$_/a.txt" => "$_\n") } qw(
    www.example.net shop.example.net www.example.co.uk one.github.io
    canonical.example.org));
$files{'sites/www.example.net/gate/a.txt'} = "gate\n";
$files{"sites/shop.example.net/$_->[0]/.htaccess"} = "$_->[1]\n",
    $files{"sites/shop.example.net/$_->[0]/a.txt"} = "shop\n"
    for [ 'own', "CorsAllowOrigin $app" ],
        [ 'more', "CorsAllowOrigin +$app" ],
        [ 'greedy', 'CorsAllowOrigin null' ];
for my $user (qw(carol dave root)) {
    $files{"home/$user/public/a.txt"}        = "$user\n";
    $files{"home/$user/public/closed/a.txt"} = "$user\n";
}
$files{'home/dave/public/.htaccess'} = "CorsAllowOrigin +https://dave.test\n";
$files{'htdocs/macro/alice/own/a.txt'} = "own\n";
$files{'htdocs/macro/bob/own/a.txt'}   = "own\n";
$files{"htdocs/macro/$_/own/.htaccess"} = "CorsAllowOrigin $app\n"
    for qw(alice bob);
$files{'htdocs/away/.htaccess'} = redirects('/away');

# mod_alias, mod_dir, mod_speling: the same redirects with the policy in each
# place.
my %place = (
    host      => "CorsAllowOrigin $app\n$allows",
    location  => "<Location />\nCorsAllowOrigin $app\n$allows\n</Location>",
    # What the host says is not the last word before the directory walk.
    section   => "CorsAllowOrigin $evil\n<Location />\n"
        . "CorsAllowOrigin $app\n$allows\n</Location>",
    directory => "<Directory \"\@DOCROOT\@\">\nCorsAllowOrigin $app\n$allows"
        . "\n</Directory>",
);
$conf .= join '', map { <<CONF } sort keys %place;
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName $_
    $place{$_}
@{[ redirects('') ]}
    Alias /aliased "\@DOCROOT\@"
    AliasMatch ^/v\\d+/(.*) "\@DOCROOT\@/\$1"
    <Location /in>
@{[ redirects('/in') ]}
    </Location>
    CheckSpelling On
    CheckCaseOnly Off
</VirtualHost>
CONF

# mod_remoteip: a proxy in front, which says for whom it asks; the same with
# the PROXY protocol.
$conf .= <<"CONF";
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName shop.example.com
    RemoteIPHeader X-Forwarded-For
    RemoteIPInternalProxy 127.0.0.1
    CorsAllowOrigin $app
    $allows
    <Location />
        Require ip 192.0.2.0/24
    </Location>
    <Location /gate>
        CorsRejectUnlisted On
    </Location>
    Alias /gate "\@DOCROOT\@"
    Header always set X-Client "expr=%{REMOTE_ADDR}"
</VirtualHost>
Listen 127.0.0.1:\@PORT2\@
<VirtualHost 127.0.0.1:\@PORT2\@>
    ServerName shop.example.com
    ServerAlias keeps.example
    ProxyPass / http://127.0.0.1:\@PORT\@/ disablereuse=on
    ProxyPreserveHost On
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT2\@>
    ServerName both.example
    ProxyPass / http://127.0.0.1:\@PORT\@/ disablereuse=on
    RequestHeader set Host shop.example.com
    ProxyPreserveHost On
    CorsAllowOrigin https://front.example
</VirtualHost>
Listen 127.0.0.1:\@PORT3\@
<VirtualHost 127.0.0.1:\@PORT3\@>
    ServerName shop.example.com
    RemoteIPProxyProtocol On
    CorsAllowOrigin $app
    $allows
    <Location />
        Require ip 192.0.2.0/24
    </Location>
    Header always set X-Client "expr=%{REMOTE_ADDR}"
</VirtualHost>
CONF

my $s = CorsTest->start(
    modules => [qw(macro vhost_alias userdir alias speling remoteip proxy
                   proxy_http headers authz_host)],
    ports => 3, files => \%files, conf => $conf);

my %answered = (status => 204, body => '', acam => 'GET, HEAD, POST, PUT',
                acma => 600, vary => $TRIO, field => { Location => undef });
my %plain    = (%answered, acam => 'GET, HEAD, POST');
my %refused  = (status => 403, body => '', vary => $TRIO,
                field => { Location => undef });
my @app      = (acao => $app, vary => 'Origin');
my @none     = (vary => 'Origin');

# Host by host: who is let in at which URL, and who is not. What stands in
# @rest belongs to those that are let in.
sub promise_hosts {
    my ($what, $url, $status, $in, $out, @rest) = @_;
    my ($host, $path) = $url =~ m{^([^/]+)(/.*)};
    my %opt = (host => $host);
    $s->promises(
        (map { [ "$what, $url: $_ is let in", "GET $path", { Origin => $_ },
                 { status => $status, acao => $_, @none, @rest }, \%opt ],
               [ "$what, $url: its preflight is answered", "OPTIONS $path",
                 preflight($_, 'GET'), { %plain, acao => $_, @rest },
                 \%opt ] } @$in),
        (map { [ "$what, $url: $_ is not", "GET $path", { Origin => $_ },
                 { status => $status, @none }, \%opt ],
               [ "$what, $url: nor its preflight", "OPTIONS $path",
                 preflight($_, 'GET'), \%refused, \%opt ] } @$out),
        [ "$what, $url: without Origin", "GET $path", {},
          { status => $status, @none }, \%opt ]);
}

# ---------------------------------------------------------------------------
# mod_macro: actual
# ---------------------------------------------------------------------------

promise_hosts('a macro', 'alice.example/a.txt', 200,
    [ 'https://alice.test', 'https://x.alice.example' ],
    [ 'https://bob.test', 'https://x.bob.example', 'http://localhost:1',
      $app, 'https://$name.example' ]);
promise_hosts('a macro, several in one argument', 'bob.example/a.txt', 200,
    [ 'https://bob.test', 'http://localhost:3000', 'https://x.bob.example' ],
    [ 'https://alice.test', $app ]);
promise_hosts('a macro, a power that one has', 'alice.example/own/a.txt', 200,
    [ $app ], [ 'https://alice.test' ]);

# ---------------------------------------------------------------------------
# mod_macro: preflight
# ---------------------------------------------------------------------------

$s->promises(
    [ 'a macro within a host: its methods and its status', 'OPTIONS /a.txt',
      preflight('https://app.wide.example', 'DELETE'),
      { %answered, status => 200, acao => 'https://app.wide.example',
        acam => 'GET, DELETE', field => { 'Content-Length' => 0 } },
      { host => 'wide.example' } ],
    [ 'a macro: answered before what it locks', 'OPTIONS /private',
      preflight('https://x.alice.example', 'GET'),
      { %plain, acao => 'https://x.alice.example', acac => 'true' },
      { host => 'alice.example' } ],
    [ 'a macro: refused for what it carves out', 'OPTIONS /private',
      preflight('https://guest.alice.example', 'GET'), \%refused,
      { host => 'alice.example' } ],
);

# ---------------------------------------------------------------------------
# mod_macro: errors
# ---------------------------------------------------------------------------

$s->promises(
    [ 'a macro: 403', 'GET /private', { Origin => 'https://x.alice.example' },
      { status => 403, acao => 'https://x.alice.example', acac => 'true',
        @none }, { host => 'alice.example' } ],
    [ 'a macro: 404', 'GET /missing', { Origin => 'https://bob.test' },
      { status => 404, acao => 'https://bob.test', @none },
      { host => 'bob.example' } ],
    [ 'a macro: 500 for a power that one has not', 'GET /own/a.txt',
      { Origin => 'https://bob.test' },
      { status => 500, acao => 'https://bob.test', @none },
      { host => 'bob.example' } ],
);
$s->expect_log(qr/AH01630: client denied/,
    qr{bob/own/\.htaccess: .*CorsHtaccess does not grant .*: origins$});
config_error(<<'CONF', qr/CorsAllowOrigin: 'alice\.example' must/,
<Macro Open $origin>
    CorsAllowOrigin $origin
</Macro>
Use Open alice.example
CONF
    'a bad value out of a macro is refused by its value',
    modules => ['macro']);
config_error(<<'CONF', qr/CorsAllowOrigin: '\$orgin' must/,
<Macro Open $origin>
    CorsAllowOrigin $orgin
</Macro>
Use Open https://app.example.com
CONF
    'a parameter that is misspelt is no origin', modules => ['macro']);

# ---------------------------------------------------------------------------
# core: actual
# ---------------------------------------------------------------------------

# Which virtual host a name leads to, and so whose policy it is.

promise_hosts('ServerAlias', "$_/a.txt", 200, [ 'https://alice.test' ],
    [ 'https://bob.test' ])
    for 'alice.example', 'www.alice.example', 'a.b.alice.example',
        'alice-dev.example', 'ALICE.EXAMPLE', 'www.Alice.Example.',
        'alice.example:8080';
for my $host ('nobody.example', 'alice-prod.example', 'xalice.example',
              'alice.example.test', '127.0.0.1', '[::1]') {
    $s->promises(map {
        [ "$host is nobody's, and has no policy: $_", "$_ /a.txt",
          { Origin => 'https://alice.test',
            'Access-Control-Request-Method' => 'GET' },
          {}, { host => $host } ] } 'GET', 'OPTIONS');
}
$s->promises(
    [ 'HTTP/1.0 without a host is nobody\'s', 'GET /a.txt',
      { Origin => 'https://alice.test' }, {},
      { version => '1.0', host => '' } ],
    [ 'a host in the request line counts more than the field',
      'GET http://bob.example/a.txt', { Origin => 'https://bob.test' },
      { acao => 'https://bob.test', @none }, { host => 'alice.example' } ],
);

# ---------------------------------------------------------------------------
# mod_vhost_alias: actual
# ---------------------------------------------------------------------------

my @cred = (acac => 'true');
promise_hosts('VirtualDocumentRoot', 'www.example.net/a.txt', 200,
    [ 'https://www.example.net', 'https://shop.example.net',
      'https://a.b.example.net:8443', 'https://example.net' ],
    [ $app, 'https://www.example.co.uk', 'https://evilexample.net',
      'https://www.example.net.test', 'http://shop.example.net' ], @cred);
promise_hosts('VirtualDocumentRoot', 'WWW.Example.CO.UK:8080/a.txt', 200,
    [ 'https://example.co.uk', 'https://x.example.co.uk' ],
    [ 'https://www.example.net', 'https://other.co.uk' ], @cred);
promise_hosts('VirtualDocumentRoot', 'one.github.io/a.txt', 200,
    [ 'https://one.github.io', 'https://x.one.github.io' ],
    [ 'https://two.github.io', 'https://github.io' ], @cred);
# The directory is that of the canonical name; what is the same site, the
# client's name says.
promise_hosts('UseCanonicalName On', 'www.example.info/a.txt', 200,
    [ 'https://shop.example.info', 'http://example.info' ],
    [ 'https://canonical.example.org', 'https://example.net' ]);
promise_hosts('VirtualDocumentRoot, .htaccess',
    'shop.example.net/own/a.txt', 200,
    [ $app ], [ 'https://shop.example.net' ], @cred);
promise_hosts('VirtualDocumentRoot, .htaccess',
    'shop.example.net/more/a.txt', 200,
    [ $app, 'https://www.example.net' ], [ $evil ], @cred);
$s->promises([ 'each host has its own directory', 'GET /a.txt',
    { Origin => 'https://one.github.io' },
    { acao => 'https://one.github.io', @cred, @none,
      body => "one.github.io\n" }, { host => 'one.github.io' } ]);

# ---------------------------------------------------------------------------
# mod_vhost_alias: preflight
# ---------------------------------------------------------------------------

$s->promises(
    [ 'a preflight for a host that has no directory is answered',
      'OPTIONS /a.txt', preflight('https://www.example.net', 'POST'),
      { %plain, acao => 'https://www.example.net', @cred },
      { host => 'none.example.net' } ],
    [ 'an alias beside it', 'OPTIONS /common/dir',
      preflight('https://www.example.net', 'POST'),
      { %plain, acao => 'https://www.example.net', @cred },
      { host => 'www.example.net' } ],
);

# ---------------------------------------------------------------------------
# mod_vhost_alias: errors
# ---------------------------------------------------------------------------

promise_hosts('VirtualDocumentRoot, no such file',
    'www.example.net/missing', 404,
    [ 'https://shop.example.net' ], [ $evil ], @cred);
promise_hosts('VirtualDocumentRoot, no such host',
    'none.example.net/a.txt', 404,
    [ 'https://shop.example.net' ], [ $evil ], @cred);
$s->promises(
    [ 'a power that is not given: 500, with what the host says',
      'GET /greedy/a.txt', { Origin => 'https://www.example.net' },
      { status => 500, acao => 'https://www.example.net', @cred, @none },
      { host => 'shop.example.net' } ],
    [ 'it lets nobody in', 'GET /greedy/a.txt', { Origin => 'null' },
      { status => 500, @none }, { host => 'shop.example.net' } ],
);
$s->expect_log(qr{greedy/\.htaccess: .*CorsHtaccess does not grant .*: null$});

# ---------------------------------------------------------------------------
# mod_vhost_alias: gate
# ---------------------------------------------------------------------------

$s->promises(map {
    my ($text, $origin, $status, %cors) = @$_;
    [ "the gate: $text", 'GET /gate/a.txt',
      { $origin ? (Origin => $origin) : () },
      { status => $status, vary => 'Origin', %cors },
      { host => 'www.example.net:8080' } ]
} [ 'same site', 'https://x.example.net', 200,
    acao => 'https://x.example.net', @cred ],
  [ 'a stranger', $evil, 403 ],
  [ 'the site itself', 'http://www.example.net:8080', 200 ],
  [ 'another site of the server', 'https://one.github.io', 403 ],
  [ 'no Origin', '', 200 ]);

# ---------------------------------------------------------------------------
# mod_userdir: actual
# ---------------------------------------------------------------------------

promise_hosts('UserDir', 'users.example/~carol/a.txt', 200,
    [ 'https://homes.test' ], [ 'https://users.test', 'https://dave.test' ]);
promise_hosts('UserDir with .htaccess', 'users.example/~dave/a.txt', 200,
    [ 'https://homes.test', 'https://dave.test' ], [ 'https://users.test' ]);
$s->promises([ 'UserDir: a part that allows nobody varies on nothing',
    'GET /~dave/closed/a.txt', { Origin => 'https://homes.test' }, {},
    { host => 'users.example' } ]);

# ---------------------------------------------------------------------------
# mod_userdir: preflight
# ---------------------------------------------------------------------------

$s->promises(
    [ 'UserDir: a home without its slash', 'OPTIONS /~carol',
      preflight('https://homes.test', 'GET'),
      { %plain, acao => 'https://homes.test' },
      { host => 'users.example' } ],
    [ 'UserDir: a home that allows nobody', 'OPTIONS /~carol/closed/a.txt',
      preflight('https://homes.test', 'GET'), \%refused,
      { host => 'users.example' } ],
);

# ---------------------------------------------------------------------------
# mod_userdir: errors
# ---------------------------------------------------------------------------

$s->promises([ 'UserDir: a home without its slash is redirected',
    'GET /~carol', { Origin => 'https://homes.test' },
    { status => 301, acao => 'https://homes.test', @none,
      field => { Location => qr{/~carol/$} } },
    { host => 'users.example' } ]);
promise_hosts('UserDir, no such file', 'users.example/~carol/missing', 404,
    [ 'https://homes.test' ], [ 'https://users.test' ]);
promise_hosts('UserDir, no such user', 'users.example/~nobody/a.txt', 403,
    [ 'https://users.test' ], [ 'https://homes.test' ]);
promise_hosts('UserDir, one who is disabled', 'users.example/~root/a.txt', 404,
    [ 'https://users.test' ], [ 'https://homes.test' ]);

# ---------------------------------------------------------------------------
# mod_alias: actual
# ---------------------------------------------------------------------------

for my $host (sort keys %place) {
    $s->promises(map {
        my $path = $_;
        [ "$host: behind $path", "GET $path", { Origin => $app }, {@app},
          { host => $host } ],
        [ "$host: behind $path, a stranger", "GET $path",
          { Origin => $evil }, {@none}, { host => $host } ]
    } '/aliased/a.txt', '/v2/a.txt');
}

# ---------------------------------------------------------------------------
# mod_alias: errors
# ---------------------------------------------------------------------------

# Redirects of a virtual host come before the directory walk, so a policy of
# <Directory> is not known yet.
my @redirects = ([ 'moved', 302 ], [ 'abroad', 301 ], [ 'm/a.txt', 307 ],
                 [ 'gone', 410 ], [ 'hidden', 404 ]);
for my $host (sort keys %place) {
    for my $where ('', '/in', '/away') {
        my $known = $host ne 'directory' || $where ne '';
        for my $case (@redirects) {
            my ($name, $status) = @$case;
            my @field = $status < 400 ? (field => { Location => qr/./ }) : ();
            $s->promises(
                [ "$host: redirected, GET $where/$name",
                  "GET $where/$name", { Origin => $app },
                  { status => $status, $known ? @app : (), @field },
                  { host => $host } ],
                [ "$host: redirected, GET $where/$name, a stranger",
                  "GET $where/$name", { Origin => $evil },
                  { status => $status, $known ? @none : (), @field },
                  { host => $host } ],
                [ "$host: redirected, POST $where/$name without Origin",
                  "POST $where/$name", {},
                  { status => $status, $known ? @none : (), @field },
                  { host => $host } ]);
        }
    }
}

# ---------------------------------------------------------------------------
# mod_alias: preflight
# ---------------------------------------------------------------------------

for my $host (sort keys %place) {
    for my $where ('', '/in', '/away') {
        my $known = $host ne 'directory' || $where ne '';
        next if !$known;
        for my $case (@redirects) {
            my ($name, $status) = @$case;
            # What is gone before the directory walk is an error, and no
            # redirect to be saved from.
            my $is_gone = $where eq '' && $status >= 400;
            $s->promises(
                [ "$host: a preflight for $where/$name is "
                    . ($is_gone ? "$status" : 'answered'),
                  "OPTIONS $where/$name", preflight($app, 'PUT'),
                  { %answered, acao => $app,
                    $is_gone ? (status => $status, body => qr/./) : () },
                  { host => $host } ],
                [ "$host: a stranger's is refused, $where/$name",
                  "OPTIONS $where/$name", preflight($evil, 'PUT'),
                  { %refused,
                    $is_gone ? (status => $status, body => qr/./) : () },
                  { host => $host } ]);
        }
    }
    $s->promises(map {
        [ "$host: a preflight behind $_", "OPTIONS $_",
          preflight($app, 'PUT'), { %answered, acao => $app },
          { host => $host } ] } '/aliased/a.txt', '/v2/a.txt', '/v2/no');
}

# ---------------------------------------------------------------------------
# mod_dir: preflight
# ---------------------------------------------------------------------------

$s->promises(map {
    my $host = $_;
    map { [ "$host: a preflight for $_ is answered and not redirected",
            "OPTIONS $_", preflight($app, 'PUT'),
            { %answered, acao => $app }, { host => $host } ],
          [ "$host: a stranger's is refused, $_",
            "OPTIONS $_", preflight($evil, 'PUT'), \%refused,
            { host => $host } ] } '/dir', '/dir/', '/', '/aliased/dir'
} sort keys %place);

# ---------------------------------------------------------------------------
# mod_dir: actual
# ---------------------------------------------------------------------------

$s->promises(map {
    my $host = $_;
    [ "$host: the index", 'GET /dir/', { Origin => $app },
      { @app, body => "htdocs/dir/index.html\n" }, { host => $host } ],
    [ "$host: the index, a stranger", 'GET /dir/', { Origin => $evil },
      {@none}, { host => $host } ],
} sort keys %place);

# ---------------------------------------------------------------------------
# mod_dir: errors
# ---------------------------------------------------------------------------

$s->promises(map {
    my $host = $_;
    [ "$host: the redirect to the slash", 'GET /dir', { Origin => $app },
      { status => 301, @app, field => { Location => "http://$host/dir/" } },
      { host => $host } ],
    [ "$host: the redirect to the slash, a stranger", 'GET /dir',
      { Origin => $evil }, { status => 301, @none }, { host => $host } ],
    [ "$host: the redirect to the slash, no Origin", 'GET /dir', {},
      { status => 301, @none }, { host => $host } ],
} sort keys %place);

# ---------------------------------------------------------------------------
# mod_speling: preflight
# ---------------------------------------------------------------------------

$s->promises(map {
    my $host = $_;
    map { [ "$host: a preflight for $_ is answered and not corrected",
            "OPTIONS $_", preflight($app, 'PUT'),
            { %answered, acao => $app }, { host => $host } ],
          [ "$host: a stranger's is refused, $_",
            "OPTIONS $_", preflight($evil, 'PUT'), \%refused,
            { host => $host } ] } '/report.txt', '/draft.txt'
} sort keys %place);

# ---------------------------------------------------------------------------
# mod_speling: errors
# ---------------------------------------------------------------------------

$s->promises(map {
    my $host = $_;
    map { my ($path, $status, $field) = @$_;
          [ "$host: corrected, $path: $status", "GET $path",
            { Origin => $app }, { status => $status, @app, field => $field },
            { host => $host } ],
          [ "$host: corrected, $path: $status, a stranger", "GET $path",
            { Origin => $evil },
            { status => $status, @none, field => $field },
            { host => $host } ] }
        [ '/report.txt', 301, { Location => "http://$host/Report.txt" } ],
        [ '/draft.txt', 300, { 'Content-Type' => qr/html/ } ],
        [ '/nothing-like-it', 404, {} ]
} sort keys %place);

# ---------------------------------------------------------------------------
# mod_remoteip: actual
# ---------------------------------------------------------------------------

my %front = (host => 'shop.example.com', port => $s->port(2),
    unexplained => 'a backend knows the origin');
my %from  = ('X-Forwarded-For' => '192.0.2.7');
$s->promises(
    [ 'through the proxy', 'GET /a.txt', { %from, Origin => $app },
      { @app, field => { 'X-Client' => '192.0.2.7' } }, \%front ],
    [ 'through the proxy, a stranger', 'GET /a.txt',
      { %from, Origin => $evil }, {@none}, \%front ],
    [ 'through the proxy, no Origin', 'GET /a.txt', \%from, {@none},
      \%front ],
);

# ---------------------------------------------------------------------------
# mod_remoteip: preflight
# ---------------------------------------------------------------------------

for my $who ([ 'one who is let in', '192.0.2.7' ],
             [ 'one who is not', '198.51.100.7' ]) {
    my ($name, $address) = @$who;
    my @from = ('X-Forwarded-For' => $address);
    $s->promises(
        [ "through the proxy, from $name: answered", 'OPTIONS /a.txt',
          [ @{ preflight($app, 'PUT') }, @from ],
          { %answered, acao => $app }, \%front ],
        [ "through the proxy, from $name: refused", 'OPTIONS /a.txt',
          [ @{ preflight($evil, 'PUT') }, @from ], \%refused, \%front ]);
}

# ---------------------------------------------------------------------------
# mod_remoteip: errors
# ---------------------------------------------------------------------------

$s->promises(
    [ 'through the proxy, 403 for one who is not let in', 'GET /a.txt',
      { 'X-Forwarded-For' => '198.51.100.7', Origin => $app },
      { status => 403, @app, field => { 'X-Client' => '198.51.100.7' } },
      \%front ],
    [ 'through the proxy, 404', 'GET /missing', { %from, Origin => $app },
      { status => 404, @app }, \%front ],
);

# ---------------------------------------------------------------------------
# mod_remoteip: once
# ---------------------------------------------------------------------------

my %both = (%front, host => 'both.example');
$s->promises(
    [ 'policies on both sides: the one in front speaks', 'GET /a.txt',
      { %from, Origin => 'https://front.example' },
      { acao => 'https://front.example', @none }, \%both ],
    [ 'what the one behind allows is not enough', 'GET /a.txt',
      { %from, Origin => $app }, {@none}, \%both ],
    [ 'errors, too', 'GET /missing',
      { %from, Origin => 'https://front.example' },
      { status => 404, acao => 'https://front.example', @none }, \%both ],
);

# ---------------------------------------------------------------------------
# mod_remoteip: gate
# ---------------------------------------------------------------------------

$s->promises(
    [ 'the gate behind the proxy lets an allowed origin in',
      'GET /gate/a.txt', { %from, Origin => $app }, {@app}, \%front ],
    [ 'it keeps a stranger out', 'GET /gate/a.txt',
      { %from, Origin => $evil }, { status => 403, @none }, \%front ],
    [ 'the site itself is known by the host that the proxy hands on',
      'GET /gate/a.txt', { %from, Origin => 'https://shop.example.com' },
      {@none}, \%front ],
    [ 'and by its browser', 'GET /gate/a.txt',
      { %from, Origin => 'https://keeps.example',
        'Sec-Fetch-Site' => 'same-origin' },
      { vary => 'Origin, Sec-Fetch-Site' }, \%front ],
);

# The PROXY protocol, in its text form.
for my $case ([ 'GET', '192.0.2.7', 200, $app, 1 ],
              [ 'GET', '192.0.2.7', 200, $evil, 0 ],
              [ 'GET', '198.51.100.7', 403, $app, 1 ],
              [ 'OPTIONS', '198.51.100.7', 204, $app, 1 ],
              [ 'OPTIONS', '192.0.2.7', 403, $evil, 0 ]) {
    my ($method, $address, $status, $origin, $is_allowed) = @$case;
    my @fields = @{ preflight($origin, 'PUT') };
    my $text = "PROXY TCP4 $address 127.0.0.1 40000 80\r\n"
        . "$method /a.txt HTTP/1.1\r\nHost: shop.example.com\r\n"
        . "Connection: close\r\n";
    while (my ($name, $value) = splice @fields, 0, 2) {
        $text .= "$name: $value\r\n";
    }
    my ($res) = $s->raw("$text\r\n", port => $s->port(3));
    my @wrong = !$res ? 'no answer' : $res->differences({
        status => $status, field => { 'X-Client' => $address },
        $is_allowed ? (acao => $origin) : (),
        vary => $method eq 'GET' ? 'Origin' : $TRIO,
        $status == 204 ? (acam => $answered{acam}, acma => 600) : () });
    promise(!@wrong, "PROXY protocol: $method from $address for $origin",
        @wrong, $res ? $res->transcript : ());
}

CorsTest::finish();
