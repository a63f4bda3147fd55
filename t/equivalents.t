# docs/safe-equivalents.md: what is safe there does what it is meant to do,
# taken from the page itself, and what is dangerous cannot be had: written in
# whatever way, it is refused at configtest, or allows nobody.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use Digest::SHA qw(sha1_base64);
use Test::More;

my $evil = 'https://evil.example';
my $acac = 'Access-Control-Allow-Credentials';
my $acao = 'Access-Control-Allow-Origin';

# By its number: the lines that are safe, and the rows of [ what is tried, the
# message ]. Line numbers in messages are those of an example.
my %page;
{
    my $file = "$FindBin::Bin/../docs/safe-equivalents.md";
    open my $in, '<', $file or die "$file: $!\n";
    local $/;
    for my $part (split /^(?=## )/m, <$in>) {
        my ($number) = $part =~ /^## (\d+)\. / or next;
        my ($safe) = $part =~ /^```apache\n(.*?)^```$/ms;
        my @tried;
        while ($part =~ /^(`.*):\n\n```\n(.*)\n```$/mg) {
            my ($line, $message) = ($1, $2);
            push @tried, [ join('', map { "$_\n" } $line =~ /`([^`]+)`/g),
                           $message ];
        }
        $page{$number} = { safe => $safe, tried => \@tried };
    }
}
is_deeply([ sort keys %page ], [ 1 .. 8 ], 'eight configurations');

# ---------------------------------------------------------------------------
# The dangerous wishes of the page, word for word
# ---------------------------------------------------------------------------

for my $number (sort keys %page) {
    promise(defined $page{$number}{safe}, "$number: there is a safe way");
    promise(scalar @{ $page{$number}{tried} }, "$number: a wish is tried");
    for my $row (@{ $page{$number}{tried} }) {
        my ($conf, $message) = @$row;
        my $said = join '\S+/httpd\.conf:\d+', map { quotemeta }
            split m{/etc/httpd/httpd\.conf:\d+}, $message, -1;
        config_error($conf, qr/$said/,
            "$number: the page's message: " . ($conf =~ s/\n/, /gr));
    }
}

# ---------------------------------------------------------------------------
# The same wishes in other words: refused
# ---------------------------------------------------------------------------

my $login = 'CorsAllowCredentials On';
my $meets = qr/must not meet CorsAllowCredentials On \(\S+:\d+\): /;
my $loose = qr/; use CorsAllowOrigin, or write 'CorsTolerate loose-match'/;

# Origins that stand for all, or for anybody, with credentials.
for my $items ('*', '+*', '"*"', '* https://app.example.com',
    '* -https://evil.example', 'null', '+null', 'https://app.example.com null',
    'http://app.example.com', 'http://*.example.com', '//app.example.com',
    '//*.example.com:*', 'http://192.0.2.1', 'http://localhost.example.com',
    'https://*.com', 'https://*.co.uk', 'https://*.github.io',
    'https://*.netlify.app:*', 'https://*.internal', 'https://*.example') {
    config_error("CorsAllowOrigin $items\n$login\n", $meets,
        "CorsAllowOrigin $items, with credentials");
}

# Text that is to stand for all, with or without them.
for my $items ('https://*', 'http://*', '//*', '*://*', 'https://*:*',
    'https://*.*', '**', '*.*', 'https?://*', 'https://**.example.com',
    '%{HTTP_ORIGIN}e', 'expr=%{req:Origin}', '$0', '.*', '^https?://.*$',
    'https://[^/]*', 'all', 'any', 'NULL', 'file://', '"* "x') {
    config_error("CorsAllowOrigin $items\n", qr/^CorsAllowOrigin: '/m,
        "CorsAllowOrigin $items");
}
for my $items ('https://*example.com', 'https://a*.com', '//*example.com',
    'https://pr-*.github.io', 'https://*-x.co.uk') {
    config_error("CorsAllowOrigin $items\n",
        qr/must not have '\*' in a label that anybody can register/,
        "CorsAllowOrigin $items");
}

# Expressions that accept everybody, or a stranger.
for my $regex ('.*', '(.*)', '^.*$', '^(.*)$', '.+', '.', '.{1,300}', '\S+',
    '[^ ]+', '^https?://.*', 'https?://.*', 'https?://.+$', 'http.*', 'h.*',
    'https://[^/]+', 'https://\w+(\.\w+)+', 'https://[a-z0-9.-]+',
    'https://([^.]+\.)+[a-z]{2,}', '[a-z]+://.*', '(?i)HTTPS://.*',
    '(?s:.)*', '(?!https://bad).*', '(?=h).*', '(?>.*)', '[[:graph:]]+',
    'https:\/\/(.*)', '(http|https)://(.*)', '()|.*',
    'https://.*example\.com', 'https://app\.example\.com.*',
    'https://app.example.com', 'https://app\.example\.com|.*',
    '.*example.*', '.*\.com', 'https://.*\.github\.io', 'https://.*\.co\.uk',
    'https://example\.(com|[a-z]+)', 'null', '(null|https://.*)') {
    config_error(qq(CorsAllowOriginMatch "$regex"\n), $loose,
        "CorsAllowOriginMatch $regex");
}
for my $regex ('https?://app\.example\.com', '.*://app\.example\.com',
    'http://.*\.example\.com', '(.+\.)?example\.com|http://a\.example\.com') {
    config_error(qq(CorsAllowOriginMatch "$regex"\n$login\n), $meets,
        "CorsAllowOriginMatch $regex, with credentials");
}

# The two halves in two places, either way round.
my $any = 'CorsAllowOrigin *';
my %halves = (
    'one section'             => "<Location />\n%s\n%s\n</Location>\n",
    'a virtual host'          => "<VirtualHost *:80>\nServerName a.example\n"
        . "%s\n%s\n</VirtualHost>\n",
    'server and virtual host' => "%s\n<VirtualHost *:80>\n"
        . "ServerName a.example\n%s\n</VirtualHost>\n",
    'server and Location'     => "%s\n<Location />\n%s\n</Location>\n",
    'server and LocationMatch' =>
        "%s\n<LocationMatch ^/a>\n%s\n</LocationMatch>\n",
    'server and Files'        => "%s\n<Files *.x>\n%s\n</Files>\n",
    'server and FilesMatch'   => "%s\n<FilesMatch x>\n%s\n</FilesMatch>\n",
    'server and If'           => "%s\n<If true>\n%s\n</If>\n",
    'server and Else'         =>
        "%s\n<If false>\n</If>\n<Else>\n%s\n</Else>\n",
    'Location and If'         =>
        "<Location />\n%s\n<If true>\n%s\n</If>\n</Location>\n",
    'two Locations'           => "<Location />\n%s\n</Location>\n"
        . "<Location /a>\n%s\n</Location>\n",
    'two Directories'         => "<Directory />\n%s\n</Directory>\n"
        . "<Directory /srv/a>\n%s\n</Directory>\n",
    'Directory and Files'     =>
        "<Directory />\n%s\n<Files *.x>\n%s\n</Files>\n</Directory>\n",
    'one policy'              => "<CorsPolicy a>\n%s\n%s\n</CorsPolicy>\n",
    'policy and its section'  => "<CorsPolicy a>\n%s\n</CorsPolicy>\n"
        . "<Location />\n%s\nCorsUsePolicy a\n</Location>\n",
    'policy and server'       => "<CorsPolicy a>\n%s\n</CorsPolicy>\n"
        . "%s\n<Location />\nCorsUsePolicy a\n</Location>\n",
    'policy and inner section' => "<CorsPolicy a>\n%s\n</CorsPolicy>\n"
        . "<Location />\nCorsUsePolicy a\n</Location>\n"
        . "<Location /a>\n%s\n</Location>\n",
    'second of two policies'  => "<CorsPolicy a>\nCorsAllowOrigin none\n"
        . "</CorsPolicy>\n<CorsPolicy b>\n%s\n</CorsPolicy>\n"
        . "<Location />\nCorsUsePolicy a b\n%s\n</Location>\n",
);
for my $place (sort keys %halves) {
    for my $half ([ $any, $login ], [ $login, $any ]) {
        # A policy ends the origins around it, so they do not meet.
        if ($place eq 'policy and server' && $half->[0] eq $login) {
            config_ok(sprintf($halves{$place}, @$half),
                "$any and $login, $place, $half->[0] first: nobody");
            next;
        }
        config_error(sprintf($halves{$place}, @$half), $meets,
            "$any and $login, $place, $half->[0] first");
    }
}

# ---------------------------------------------------------------------------
# What configtest cannot see: allows nobody
# ---------------------------------------------------------------------------

# Each is a directory; [ conf of the server, .htaccess ].
my $app  = 'https://app.example.com';
my %late = (
    'star'      => [ $login, $any ],
    'plus'      => [ "$login\nCorsAllowOrigin $app", 'CorsAllowOrigin +*' ],
    'login'     => [ $any, $login ],
    'both'      => [ '', "$any\n$login" ],
    'suffix'    => [ $login, 'CorsAllowOrigin https://*.example' ],
    'partial'   => [ '', 'CorsAllowOrigin https://*l.example' ],
    'http'      => [ $login, 'CorsAllowOrigin http://evil.example' ],
    'either'    => [ $login, 'CorsAllowOrigin //*.example' ],
    'if'        => [ '', "$any\n<If true>\n$login\n</If>" ],
    'files'     => [ '', "$any\n<Files a.txt>\n$login\n</Files>" ],
    'policy'    => [ '', "CorsUsePolicy everybody\n$login" ],
    'policies'  => [ $login, 'CorsUsePolicy nobody everybody' ],
    'directory-match' => [ $any, '' ],
    'location'        => [ $any, '' ],
    'granted'   => [ '', "CorsAllowOriginMatch .*\n$login" ],
    'granted-2' => [ $login, 'CorsAllowOriginMatch https?://.*' ],
    'granted-3' => [ $login, 'CorsAllowOriginExpr true' ],
    'null'      => [ $login, 'CorsAllowOrigin null' ],
    'expr'      => [ "CorsAllowOriginExpr true\n$login", '' ],
    'expr-some' => [ "CorsAllowOriginExpr \"req('Origin') != ''\"\n$login",
                     '' ],
    'expr-any'  => [ "CorsAllowOriginExpr \"req('Origin') =~ /./\"\n$login",
                     '' ],
    'expr-http' => [ 'CorsAllowOriginExpr "req(\'Origin\') =~ '
        . "m#^https?://#\"\n$login", '' ],
    'expr-end'  => [ 'CorsAllowOriginExpr "req(\'Origin\') =~ '
        . "m#example(.com)?\$#\"\n$login", '' ],
    'expr-head' => [ 'CorsAllowOriginExpr "req(\'Origin\') =~ '
        . "m#^https://app.example.com#\"\n$login", '' ],
    'expr-page' => [ "CorsAllowOriginExpr \"-n req('Referer')\"\n$login",
                     '' ],
    'expr-self' => [ 'CorsAllowOriginExpr "req(\'Origin\') =~ /(.*)/ && '
        . "\$1 == req('Origin')\"\n$login", '' ],
    'expr-null' => [ "CorsAllowOriginExpr \"req('Origin') == 'null'\"\n"
        . $login, '' ],
    'expr-in'   => [ 'CorsAllowOriginExpr "req(\'Origin\') in '
        . "{ 'http://evil.example', 'http://app.example.com' }\"\n$login",
                     '' ],
    'expr-use'  => [ "CorsUsePolicy asks\n$login", '' ],
    'site'      => [ "CorsAllowOrigin same-site\n$login", '' ],
);
my (%files, $conf);
$conf = <<CONF;
CorsHtaccess All
<CorsPolicy everybody>
    $any
</CorsPolicy>
<CorsPolicy nobody>
    CorsAllowOrigin none
</CorsPolicy>
<CorsPolicy asks>
    CorsAllowOriginExpr true
</CorsPolicy>
<DirectoryMatch "/directory-match">
    $login
</DirectoryMatch>
<Location "/location">
    $login
</Location>
CONF
for my $dir (sort keys %late) {
    my ($server, $htaccess) = @{ $late{$dir} };
    $conf .= qq(<Directory "\@DOCROOT\@/$dir">\n$server\n</Directory>\n);
    $files{"htdocs/$dir/a.txt"}     = "hi\n";
    $files{"htdocs/$dir/.htaccess"} = "$htaccess\n";
}

my $late = CorsTest->start(name => 'late', files => \%files, conf => $conf);
$late->expect_log(qr/\[cors:error\] .* matches nobody: /);
my @hostile = ($evil, 'null', 'http://evil.example', 'https://evilexample.com',
    'https://xevil.example', 'http://app.example.com', 'capacitor://evil',
    'https://app.example.com.evil.example', 'https://evil',
    'https://192.0.2.1', 'https://a.b.c.example');
for my $dir (sort keys %late) {
    my @through;
    my %seen;
    for my $origin (@hostile) {
        for my $method (qw(GET OPTIONS)) {
            my $res = $late->request("$method /$dir/a.txt",
                [ @{ preflight($origin, 'GET') }, Referer => "$origin/x" ]);
            $seen{ $res->status }++;
            push @through, $res->transcript
                if $res->fields($acac)
                || ($dir eq 'partial' && $res->fields($acao));
        }
    }
    promise(!@through, "$dir: nobody gets through to act for the user",
        @through);
    promise(!grep({ $_ != 200 && $_ != 403 } keys %seen),
        "$dir: but is answered", %seen);
}

$late->promises(
    [ 'site: of the same site, but over http', 'GET /site/a.txt',
      { Origin => 'http://a.example.com', Host => 'www.example.com' },
      { vary => 'Origin' } ],
    [ 'site: of the same site', 'GET /site/a.txt',
      { Origin => 'https://a.example.com', Host => 'www.example.com' },
      { vary => 'Origin', acao => 'https://a.example.com', acac => 'true' } ],
);

# The origins that a .htaccess with more powers may not name by default.
my %default = (
    match => 'CorsAllowOriginMatch .*',
    expr  => 'CorsAllowOriginExpr true',
    null  => 'CorsAllowOrigin null',
    gate  => 'CorsRejectUnlisted Off',
    consent  => 'CorsTolerate null-credentials',
    consents => 'CorsUsePolicy consents',
);
my $tenant = CorsTest->start(
    name  => 'tenant',
    files => { map { ("htdocs/$_/a.txt" => "hi\n",
        "htdocs/$_/.htaccess" => "$default{$_}\n") } keys %default },
    conf  => "<CorsPolicy consents>\nCorsTolerate insecure-origin\n"
        . "CorsAllowOrigin http://evil.example\n$login\n</CorsPolicy>\n");
$tenant->expect_log(qr/\[core:alert\] .*\.htaccess: /);
$tenant->promises(map {
    [ "$default{$_} in .htaccess: not by default", "GET /$_/a.txt",
      { Origin => 'null' }, { status => 500 } ]
} sort keys %default);

# ---------------------------------------------------------------------------
# What is safe, against a backend that would open everything
# ---------------------------------------------------------------------------

# A program that repeats any origin, with credentials, and can fail.
my $reflect = <<'CGI';
#!/bin/sh
cat >/dev/null
test -z "$QUERY_STRING" || echo "Status: $QUERY_STRING"
echo "Access-Control-Allow-Origin: ${HTTP_ORIGIN:-*}"
echo "Access-Control-Allow-Credentials: true"
echo "Access-Control-Allow-Methods: *"
echo "Content-Type: text/plain"
echo "ETag: \"1\""
echo "X-Saw: ${HTTP_ORIGIN:-none}"
echo
echo hi
CGI

# By number: where, who may, with what, and what it gets.
my %safe = (
    1 => { at => '/front/app.cgi', app => 'https://www.example.com',
           login => 1, method => 'PATCH', headers => 'content-type,x-nonce',
           acam => 'GET HEAD POST PUT PATCH DELETE',
           acah => 'Authorization Content-Type X-Nonce',
           aceh => 'Link X-Total' },
    2 => { at => '/dav/a', app => 'https://vault.example.com',
           login => 0, password => 1, method => 'PROPFIND',
           headers => 'authorization,depth',
           acam => 'GET HEAD POST PUT DELETE PROPFIND MKCOL COPY MOVE LOCK '
               . 'UNLOCK',
           acah => 'Authorization Content-Type Depth Destination If '
               . 'Lock-Token Overwrite Timeout',
           aceh => 'DAV ETag Lock-Token' },
    3 => { at => '/notes/a', app => 'https://notes.example.com',
           login => 1, password => 1, method => 'MKCOL', headers => 'depth',
           acam => 'GET HEAD POST OPTIONS PUT DELETE PROPFIND MKCOL MOVE',
           acah => 'Content-Type Depth Destination If Overwrite',
           aceh => 'DAV ETag' },
    4 => { at => '/catalogue/a', app => 'https://eu.partner.example',
           login => 1, method => 'GET', headers => 'authorization',
           acam => 'GET HEAD POST', acah => 'Authorization Content-Type' },
    5 => { at => '/imagery/a', app => 'https://desk.example.com',
           login => 1, method => 'PUT', headers => 'content-type',
           acam => 'GET HEAD POST PUT DELETE', acah => 'Content-Type',
           aceh => 'Content-Disposition' },
    6 => { at => '/api/a', app => 'https://app.example.com',
           login => 1, method => 'PURGE', headers => 'x-a,authorization',
           acam => 'PURGE', acah => 'x-a authorization', acma => 3600 },
    7 => { at => '/video/a', app => '*', login => 0, method => 'GET',
           headers => 'range', acam => 'GET HEAD POST', acah => 'Range',
           aceh => 'Accept-Ranges Content-Range' },
    8 => { at => '/console/a', app => 'https://console.example.com',
           login => 1, method => 'POST', headers => 'content-type',
           acam => 'GET HEAD POST', acah => 'Content-Type', hides => 1,
           gate => 1 },
);
is_deeply([ sort keys %safe ], [ sort keys %page ], 'each is exercised');

my $password = join '', map { <<CONF } '/dav', '/notes';
<Location "$_">
    AuthType      Basic
    AuthName      "$_"
    AuthUserFile  "\@ROOT\@/passwords"
    Require       valid-user
</Location>
CONF
my $s = CorsTest->start(
    modules => [qw(auth_basic authn_core authn_file authz_user alias)],
    cgi     => 1,
    files   => {
        'cgi-bin/reflect.cgi'    => $reflect,
        'htdocs/front/app.cgi'   => $reflect,
        'htdocs/front/.htaccess' => $page{1}{safe},
        'passwords'              => 'me:{SHA}' . sha1_base64('secret') . "=\n",
    },
    conf => join("\n", map({ $page{$_}{safe} } 2 .. 8), $password, <<'CONF'));
ScriptAliasMatch "^/(?:dav|notes|catalogue|imagery|api|video|console)/" \
    "@ROOT@/cgi-bin/reflect.cgi"
<Directory "@DOCROOT@/front">
    Options    +ExecCGI
    AddHandler cgi-script .cgi
</Directory>
CONF

my @basic = (Authorization => 'Basic bWU6c2VjcmV0');
my $list  = sub { defined $_[0] ? join ', ', split / /, $_[0] : undef };
for my $number (sort keys %safe) {
    my $is     = $safe{$number};
    my $at     = $is->{at};
    my $origin = $is->{app} eq '*' ? $evil : $is->{app};
    my @in     = $is->{password} ? @basic : ();
    my %all    = $is->{app} eq '*' ? (acao => '*')
        : (vary => 'Origin', acao => $origin);
    my %given  = (%all, acac => $is->{login} ? 'true' : undef);
    my %actual = (%given, aceh => $list->($is->{aceh}));

    # Refused: nothing but Vary. Under `*` nobody is.
    my %refused = $is->{app} eq '*' ? %actual : (vary => 'Origin');
    $refused{status} = 403 if $is->{gate};
    $s->promises(
        [ "$number: the preflight", "OPTIONS $at",
          preflight($origin, $is->{method}, $is->{headers}),
          { %given, status => 204, acam => $list->($is->{acam}),
            acah => $list->($is->{acah}), acma => $is->{acma} // 600,
            vary => $TRIO } ],
        [ "$number: the request", "GET $at", [ Origin => $origin, @in ],
          { %actual, body => qr/hi/, field => { 'X-Saw' =>
            $is->{hides} ? 'none' : $origin } } ],
        [ "$number: an error of the backend", "GET $at?503",
          [ Origin => $origin, @in ], { %actual, status => 503 } ],
        [ "$number: without Origin", "GET $at", [@in],
          { $is->{app} eq '*' ? %actual : (vary => 'Origin') } ],
    );
    for my $stranger ('null', 'http://evil.example', "$origin.evil.example",
        'https://evilexample.com', $evil) {
        $s->promises([ "$number: $stranger is refused", "GET $at",
            [ Origin => $stranger, @in ], \%refused ])
            if $number != 7;
        $s->promises([ "$number: a preflight of $stranger is refused",
            "OPTIONS $at", preflight($stranger, 'GET'),
            { status => 403, vary => $TRIO } ]) if $number != 7;
    }
    $s->promises(
        [ "$number: without the password", "GET $at", { Origin => $origin },
          { %actual, status => 401,
            field => { 'WWW-Authenticate' => qr/Basic/ } } ],
        [ "$number: an OPTIONS of its own, without the password",
          "OPTIONS $at", { Origin => $origin },
          { %actual, status => 401, vary => $TRIO } ],
    ) if $is->{password};
}
$s->promises(
    [ '8: the site itself is not refused', 'POST /console/a',
      { Origin => 'http://localhost:' . $s->port,
        Host => 'localhost:' . $s->port }, { vary => 'Origin' },
      { body => '' } ],
    [ '4: each partner, listed or under the wildcard', 'GET /catalogue/a',
      { Origin => 'https://search.example.org' },
      { acao => 'https://search.example.org', acac => 'true',
        vary => 'Origin' } ],
);

# The responsibility that the page leaves to the administrator.
my $keep = CorsTest->start(
    name  => 'keep',
    cgi   => 1,
    files => { 'cgi-bin/reflect.cgi' => $reflect },
    conf  => <<"CONF");
<Location "/cgi-bin">
    CorsAllowOrigin    $app
    CorsBackendHeaders Keep
</Location>
CONF
$keep->promises([ 'Keep believes a backend that repeats any origin',
    'GET /cgi-bin/reflect.cgi', { Origin => $evil },
    { acao => $evil, acac => 'true', acam => '*', vary => 'Origin' } ]);

CorsTest::finish();
