# Vary: says Origin wherever the response depends on it, beside what others
# say, once; and does not where it does not.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use Test::More;

my $app  = 'https://app.example.com';
my $evil = 'https://evil.example';

# What a backend says about Vary: [ name, its fields, all but Origin ].
my @backends = (
    [ 'none',     [], undef ],
    [ 'accept',   ['Accept'], 'Accept' ],
    [ 'list',     ['Accept, User-Agent'], 'Accept, User-Agent' ],
    [ 'fields',   [ 'Accept', 'User-Agent' ], 'Accept, User-Agent' ],
    [ 'origin',   ['Origin'], undef ],
    [ 'odd',      ['oRiGiN'], undef ],
    [ 'odd-list', ['accept,ORIGIN , User-Agent'], 'Accept, User-Agent' ],
    [ 'second',   [ 'Accept', 'origin' ], 'Accept' ],
    [ 'twice',    [ 'Origin', 'origin, Origin' ], undef ],
    [ 'same',     [ 'Accept', 'accept' ], 'Accept' ],
    [ 'like',     ['X-Origin'], 'X-Origin' ],
    [ 'likes',    ['Origin-Agent, XOrigin'], 'Origin-Agent, XOrigin' ],
    [ 'empty',    [''], undef ],
    [ 'commas',   [',Accept,,'], 'Accept' ],
    [ 'long',     [ map { "X-Vary-$_" } 1 .. 100 ],
                  join ', ', map { "X-Vary-$_" } 1 .. 100 ],
    [ 'trio',     [$TRIO], 'Access-Control-Request-Method, '
                      . 'Access-Control-Request-Headers' ],
);
# Each of them twice: as a CGI script, whose repeated fields httpd joins, and
# as a proxied server, whose fields come as they are.
my %scripts = map {
    my ($name, $fields) = @$_;
    my @fields = ('Content-Type: text/plain', map { "Vary: $_" } @$fields);
    my $head = join "\r\n", 'HTTP/1.1 200 OK', 'Connection: close', @fields;
    ("cgi-bin/$name.cgi" => join("\n", '#!/bin/sh',
         (map { "echo '$_'" } @fields), 'echo', ''),
     "cgi-bin/nph-$name.cgi" => join("\n", '#!/bin/sh',
         "printf '%s' '$head\r\n\r\n'", ''))
} @backends, [ 'star', ['*'] ], [ 'star-too', [ 'Accept', '*' ] ];

my $site = <<'SITE';
    ProxyPass /p/ http://127.0.0.1:@PORT2@/cgi-bin/nph-
    <Location "/packed">
        SetOutputFilter DEFLATE
    </Location>
    <Location "/set">
        Header set Vary Accept
    </Location>
    <Location "/merge">
        Header merge Vary Accept
    </Location>
    <Location "/append">
        Header append Vary Accept
    </Location>
    <Location "/always">
        Header always set Vary Accept
    </Location>
    <Location "/both">
        Header set Vary Accept
        Header always set Vary User-Agent
    </Location>
    <Location "/unset">
        Header unset Vary
        Header always unset Vary
    </Location>
    <Location "/star">
        Header set Vary *
    </Location>
    <Location "/by-agent">
        RewriteEngine On
        RewriteCond %{HTTP_USER_AGENT} robot
        RewriteRule .* - [E=robot:yes]
    </Location>
    <Location "/denied">
        Require all denied
    </Location>
    <Location "/off">
        CorsEngine Off
    </Location>
    Redirect 302 /moved /a.txt
SITE

my $s = CorsTest->start(
    modules => [qw(alias headers rewrite deflate filter negotiation proxy
                   proxy_http)],
    cgi     => 1,
    ports   => 2,
    files   => {
        %scripts,
        'htdocs/a.txt'          => "hi\n",
        'htdocs/packed.txt'     => 'hi ' x 1000,
        'htdocs/page.html.en'   => "hello\n",
        'htdocs/page.html.fr'   => "salut\n",
        'htdocs/.htaccess'      => <<'HTACCESS',
Options +MultiViews
AddLanguage en .en
AddLanguage fr .fr
ForceLanguagePriority None
HTACCESS
    },
    conf => <<"CONF");
AliasMatch "^/(?:set|merge|append|always|both|unset|star|off|by-agent)\$" \\
    "\@DOCROOT\@/a.txt"
Alias "/packed" "\@DOCROOT\@/packed.txt"

Listen 127.0.0.1:\@PORT2\@
<VirtualHost 127.0.0.1:\@PORT2\@>
    ServerName localhost
    KeepAlive Off
</VirtualHost>
@{[ join '', map { "<VirtualHost 127.0.0.1:\@PORT\@>\nServerName $_->[0]\n"
                   . "$site\n$_->[1]\n</VirtualHost>\n" }
    [ 'listed', "CorsAllowOrigin $app" ],
    [ 'any-and', "CorsAllowOrigin * $app" ],
    [ 'any-but', "CorsAllowOrigin * -$evil" ],
    [ 'wild', 'CorsAllowOrigin https://*.example.com' ],
    [ 'null', 'CorsAllowOrigin null' ],
    [ 'constant', 'CorsAllowOrigin *' ],
    [ 'none', 'CorsAllowOrigin none' ],
    [ 'inert', '' ] ]}
CONF

# The same request from an allowed origin, from a stranger and without
# Origin: Vary does not depend on who asks.
sub everybody {
    my ($text, $line, $fields, $vary, $more, %opt) = @_;
    $opt{host} ||= 'listed';
    $s->promises(
        [ "$text: an allowed origin", $line, { %$fields, Origin => $app },
          { %{ $more || {} }, vary => $vary, acao => $app }, \%opt ],
        [ "$text: a stranger", $line, { %$fields, Origin => $evil },
          { %{ $more || {} }, vary => $vary }, \%opt ],
        [ "$text: no Origin", $line, $fields,
          { %{ $more || {} }, vary => $vary }, \%opt ],
    );
}

# A policy that depends on nothing adds nothing.
sub unchanged {
    my ($text, $line, $fields, $vary, $more) = @_;
    for my $case ([ 'constant', acao => '*' ], [ 'none' ], [ 'inert' ]) {
        my ($host, @acao) = @$case;
        $s->promises(
            [ "$text, $host", $line, { %$fields, Origin => $app },
              { %{ $more || {} }, vary => $vary, @acao },
              { host => $host } ]);
    }
}

# ---------------------------------------------------------------------------
# On every response
# ---------------------------------------------------------------------------

everybody('a file', 'GET /a.txt', {}, 'Origin');
everybody('HEAD', 'HEAD /a.txt', {}, 'Origin');
everybody('304', 'GET /a.txt', { 'If-None-Match' => '*' }, 'Origin',
    { status => 304 });
everybody('a redirect', 'GET /moved', {}, 'Origin', { status => 302 });
everybody('403', 'GET /denied', {}, 'Origin', { status => 403 });
everybody('404', 'GET /missing', {}, 'Origin', { status => 404 });
everybody('405', 'PUT /a.txt', {}, 'Origin', { status => 405 });
everybody('OPTIONS', 'OPTIONS /a.txt', {}, $TRIO);
everybody('OPTIONS that is denied', 'OPTIONS /denied', {}, $TRIO,
    { status => 403 });
$s->expect_log(qr/AH01630: client denied by server configuration/);

unchanged('a file', 'GET /a.txt', {}, undef);
unchanged('HEAD', 'HEAD /a.txt', {}, undef);
unchanged('304', 'GET /a.txt', { 'If-None-Match' => '*' }, undef,
    { status => 304 });
unchanged('403', 'GET /denied', {}, undef, { status => 403 });
unchanged('404', 'GET /missing', {}, undef, { status => 404 });
unchanged('a redirect', 'GET /moved', {}, undef, { status => 302 });

my %everyone = (
    'any-and' => '* beside another item',
    'any-but' => '* with an exception',
    'wild'    => 'a wildcard',
    'null'    => 'null alone',
);
$s->promises(map {
    [ "$everyone{$_} depends on the origin", 'GET /a.txt', {},
      { vary => 'Origin' }, { host => $_ } ],
    [ "$everyone{$_} depends on the origin, on errors, too",
      'GET /missing', {}, { status => 404, vary => 'Origin' },
      { host => $_ } ],
} sort keys %everyone);

# The response to OPTIONS depends on whether it is a preflight.
for my $host ('constant', 'none') {
    my @acao = $host eq 'constant' ? (acao => '*') : ();
    my @pre  = $host eq 'constant'
        ? (status => 204, @acao, acam => 'GET, HEAD, POST', acma => 600)
        : (status => 403);
    $s->promises(
        [ "OPTIONS, $host", 'OPTIONS /a.txt', { Origin => $app },
          { @acao, vary => $TRIO }, { host => $host } ],
        [ "OPTIONS without Origin, $host", 'OPTIONS /a.txt', {},
          { @acao, vary => $TRIO }, { host => $host } ],
        [ "a preflight, $host", 'OPTIONS /a.txt', preflight($app, 'GET'),
          { @pre, vary => $TRIO }, { host => $host } ],
    );
}
$s->promises(
    [ 'OPTIONS, inert', 'OPTIONS /a.txt', preflight($app, 'GET'), {},
      { host => 'inert' } ],
    [ 'OPTIONS, CorsEngine Off', 'OPTIONS /off', preflight($app, 'GET'), {},
      { host => 'listed' } ],
    [ 'a file, CorsEngine Off', 'GET /off', { Origin => $app }, {},
      { host => 'listed' } ],
);

# ---------------------------------------------------------------------------
# Beside other modules
# ---------------------------------------------------------------------------

my %gzip = ('Accept-Encoding' => 'gzip');
everybody('mod_deflate', 'GET /packed', \%gzip, 'Accept-Encoding, Origin',
    { field => { 'Content-Encoding' => 'gzip' } });
everybody('mod_deflate, not asked', 'GET /packed', {},
    'Accept-Encoding, Origin', { field => { 'Content-Encoding' => undef } });
everybody('mod_deflate, 304', 'GET /packed',
    { %gzip, 'If-None-Match' => '*' }, 'Origin', { status => 304 });
unchanged('mod_deflate', 'GET /packed', \%gzip, 'Accept-Encoding',
    { field => { 'Content-Encoding' => 'gzip' } });

my %french = ('Accept-Language' => 'fr');
my $multi  = 'Negotiate, Accept-Language';
everybody('MultiViews', 'GET /page', \%french, "$multi, Origin",
    { body => "salut\n" });
everybody('MultiViews, 406', 'GET /page', { 'Accept-Language' => 'de' },
    "$multi, Origin", { status => 406 });
unchanged('MultiViews', 'GET /page', \%french, $multi,
    { body => "salut\n" });
$s->expect_log(qr/AH00690: no acceptable variant/);

everybody('a rewrite condition', 'GET /by-agent',
    { 'User-Agent' => 'robot' }, 'User-Agent, Origin');

everybody('Header set', 'GET /set', {}, 'Accept, Origin');
everybody('Header merge', 'GET /merge', {}, 'Accept, Origin');
everybody('Header append', 'GET /append', {}, 'Accept, Origin');
everybody('Header always set', 'GET /always', {}, 'Accept, Origin');
everybody('Header always set on an error', 'GET /always/x', {},
    'Accept, Origin', { status => 404 });
everybody('Header in both tables', 'GET /both', {},
    'Accept, User-Agent, Origin');
everybody('Header unset', 'GET /unset', {}, 'Origin');
everybody('Header always unset on an error', 'GET /unset/x', {}, 'Origin',
    { status => 404 });
everybody('Header set Vary *', 'GET /star', {}, '*');
unchanged('Header set', 'GET /set', {}, 'Accept');
unchanged('Header set Vary *', 'GET /star', {}, '*');
$s->promises(
    [ 'Header always set beside the trio', 'OPTIONS /always',
      preflight($app, 'GET'),
      { status => 204, acao => $app, acam => 'GET, HEAD, POST',
        acma => 600, vary => "Accept, $TRIO" }, { host => 'listed' } ],
    [ 'Header always set beside the trio of a refusal', 'OPTIONS /always',
      preflight($evil, 'GET'), { status => 403, vary => "Accept, $TRIO" },
      { host => 'listed' } ],
    [ 'Header always unset does not take the trio', 'OPTIONS /unset',
      preflight($evil, 'GET'), { status => 403, vary => $TRIO },
      { host => 'listed' } ],
);

# ---------------------------------------------------------------------------
# Beside backends
# ---------------------------------------------------------------------------

for my $backend (@backends) {
    my ($name, undef, $others) = @$backend;
    my $vary = join ', ', grep { defined } $others, 'Origin';
    everybody("a CGI, $name", "GET /cgi-bin/$name.cgi", {}, $vary);
    everybody("a proxied server, $name", "GET /p/$name.cgi", {}, $vary);
}
for my $path ('/cgi-bin', '/p') {
    everybody("Vary * stays, $path", "GET $path/star.cgi", {}, '*');
    everybody("Vary * in a second field stays, $path",
        "GET $path/star-too.cgi", {}, qr/(?:^|,)\s*\*\s*(?:,|$)/);
}
unchanged('a proxied server', 'GET /p/list.cgi', {}, 'Accept, User-Agent');
unchanged('a proxied server that says Origin', 'GET /p/origin.cgi', {},
    'Origin');

CorsTest::finish();
