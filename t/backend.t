# Backends that bring CORS fields of their own: proxied servers, CGI scripts
# and other modules, in either of httpd's header tables. With Replace the
# policy alone speaks, with Keep a backend may; never both.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use Test::More;

my $app  = 'https://app.example.com';
my $evil = 'https://evil.example';
my $own  = 'https://backend.example';       # what the backends say
my $acao = 'Access-Control-Allow-Origin';

# Backends by name: the fields that they bring.
my %brings = (
    'plain'     => [],
    'one'       => [ "$acao: $own" ],
    'any'       => [ "$acao: *" ],
    'lower'     => [ "\L$acao\E: $own" ],
    'empty'     => [ "$acao:" ],
    'twice'     => [ "$acao: $own", "$acao: $own" ],
    'mixed'     => [ "$acao: *", "\L$acao\E: $own" ],
    'full'      => [
        "$acao: $own",
        'Access-Control-Allow-Credentials: true',
        'Access-Control-Allow-Methods: PUT',
        'Access-Control-Allow-Headers: X-Back',
        'Access-Control-Expose-Headers: X-Back',
        'Access-Control-Max-Age: 7',
        'Access-Control-Allow-Private-Network: true',
        'Timing-Allow-Origin: *',
    ],
    'no-origin' => [
        'Access-Control-Allow-Credentials: true',
        'Access-Control-Allow-Methods: PUT',
    ],
    'expose'    => [ 'Access-Control-Expose-Headers: X-Back, ETag' ],
    'expose-2'  => [ 'Access-Control-Expose-Headers: X-Back',
                     'Access-Control-Expose-Headers: ETag' ],
    'expose-0'  => [ 'Access-Control-Expose-Headers:' ],
    'vary'      => [ "$acao: $own", 'Vary: Accept, origin' ],
    'error'     => [ 'Status: 500 Oh', "$acao: $own" ],
    'teapot'    => [ 'Status: 418 Tea', "$acao: $own",
                     'Access-Control-Expose-Headers: X-Back' ],
    'nothing'   => [ 'Status: 204 None', "$acao: $own" ],
    'redirect'  => [ 'Status: 302 Found', 'Location: http://x.example/',
                     "$acao: $own" ],
);
# Each of them twice: as a CGI script, whose repeated fields httpd joins, and
# as a proxied server, whose fields come as they are.
my %scripts = map {
    my @fields = ('Content-Type: text/plain', 'X-Ran: yes', @{ $brings{$_} });
    my ($status) = map { /^Status: (.*)/ } @fields;
    my $body = $_ eq 'nothing' ? '' : '[ $REQUEST_METHOD = HEAD ] || echo hi';
    my $head = join "\r\n", 'HTTP/1.1 ' . ($status || '200 OK'),
        'Connection: close', grep { !/^Status/ } @fields;
    ("cgi-bin/$_.cgi" => join("\n", '#!/bin/sh', 'cat >/dev/null',
         (map { "echo '$_'" } @fields), 'echo', $body, ''),
     "cgi-bin/nph-$_.cgi" => join("\n", '#!/bin/sh', 'cat >/dev/null',
         "printf '%s' '$head\r\n\r\n'", $body, ''))
} keys %brings;

# mod_headers by name, in all the ways that it can write.
my %header = (
    'set'         => "Header set $acao $own",
    'add'         => "Header add $acao $own",
    'append'      => "Header append $acao $own",
    'merge'       => "Header merge $acao $own",
    'always'      => "Header always set $acao $own",
    'always-add'  => "Header always add $acao $own",
    'both'        => "Header set $acao $own\nHeader always set $acao $own",
    'add-twice'   => "Header add $acao $own\nHeader add $acao $own",
    'both-add'    => "Header add $acao *\nHeader always add $acao $own",
    'credentials' => "Header always set Access-Control-Allow-Credentials true",
    'methods'     => "Header set Access-Control-Allow-Methods PUT",
);
my $header = join '', map {
    qq{<Location "/$_">\n$header{$_}\n</Location>\n}
} sort keys %header;

my $s = CorsTest->start(
    modules => [qw(alias headers proxy proxy_http)],
    cgi     => 1,
    ports   => 2,
    files   => {
        'htdocs/a.txt' => "hi\n", %scripts,
        'cgi-bin/nph-hints.cgi' => <<'CGI',
#!/bin/sh
printf 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n'
printf 'HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: x\r\n'
printf 'Content-Length: 3\r\nConnection: close\r\n\r\nhi\n'
CGI
    },
    conf => <<"CONF");
AliasMatch "^/(?:@{[ join '|', sort keys %header ]})\$" "\@DOCROOT\@/a.txt"
$header
Listen 127.0.0.1:\@PORT2\@
<VirtualHost 127.0.0.1:\@PORT2\@>
    ServerName localhost
    KeepAlive Off
</VirtualHost>

@{[ join '', map { site(@$_) }
    [ 'inert' ],
    [ 'off', "CorsAllowOrigin $app", 'CorsEngine Off' ],
    [ 'report', "CorsAllowOrigin $app", 'CorsEngine ReportOnly' ],
    [ 'replace', "CorsAllowOrigin $app" ],
    [ 'said', "CorsAllowOrigin $app", 'CorsBackendHeaders Replace' ],
    [ 'expose', "CorsAllowOrigin $app", 'CorsExposeHeaders X-Own' ],
    [ 'expose-none', "CorsAllowOrigin $app", 'CorsExposeHeaders none' ],
    [ 'any', 'CorsAllowOrigin *' ],
    [ 'none', 'CorsAllowOrigin none' ],
    [ 'pass', "CorsAllowOrigin $app", 'CorsPreflight Pass' ],
    [ 'keep', "CorsAllowOrigin $app", 'CorsBackendHeaders Keep' ],
    [ 'keep-expose', "CorsAllowOrigin $app", 'CorsBackendHeaders Keep',
      'CorsExposeHeaders X-Own' ],
    [ 'keep-any', 'CorsAllowOrigin *', 'CorsBackendHeaders Keep' ],
    [ 'keep-pass', "CorsAllowOrigin $app", 'CorsBackendHeaders Keep',
      'CorsPreflight Pass' ] ]}
CONF

sub site {
    my ($name, @lines) = @_;
    return join "\n    ", '<VirtualHost 127.0.0.1:@PORT@>',
        "ServerName $name",
        'ProxyPass /p/ http://127.0.0.1:@PORT2@/cgi-bin/nph-', @lines,
        "\n</VirtualHost>\n";
}

my %ways = ('a CGI' => '/cgi-bin', 'a proxied server' => '/p');

# Rows: [ promise, backend, Origin or undef, expected, method or GET ].
sub both_ways {
    my ($site, @rows) = @_;
    for my $row (@rows) {
        my ($text, $backend, $origin, $expected, $method) = @$row;
        for my $way (sort keys %ways) {
            $s->promises([
                "$site, $way: $text",
                ($method || 'GET') . " $ways{$way}/$backend.cgi",
                defined $origin ? { Origin => $origin } : {},
                $expected, { host => $site } ]);
        }
    }
}

my @listed   = (acao => $app, vary => 'Origin');
my @stranger = (vary => 'Origin');
my @full     = (acao => $own, acac => 'true', acam => 'PUT', acah => 'X-Back',
                aceh => 'X-Back', acma => 7);
my @network  = (field => { 'Access-Control-Allow-Private-Network' => 'true' });

# ---------------------------------------------------------------------------
# Where there is no policy, nothing is touched
# ---------------------------------------------------------------------------

for my $site ('inert', 'off', 'report') {
    both_ways($site,
        [ 'all its fields stay', 'full', $app, { @full, @network } ],
        [ 'they stay for a stranger', 'full', $evil, { @full, @network } ],
        [ 'they stay without Origin', 'full', undef, { @full, @network } ],
        [ 'nothing is added', 'plain', $app, {} ],
        [ 'its Vary stays', 'vary', $app,
          { acao => $own, vary => 'Accept, Origin' } ],
        [ 'an error is its own', 'error', $app,
          { status => 500, acao => $own } ],
    );
    my $res = $s->request('GET /p/twice.cgi', { Origin => $app },
        host => $site);
    promise(2 == $res->fields($acao),
        "$site: even a mistake of the backend stays", $res->transcript);
}
$s->promises(
    [ 'inert: a preflight goes to the backend', 'OPTIONS /p/full.cgi',
      preflight($app, 'GET'), { @full, @network }, { host => 'inert' } ],
    [ 'report: a preflight goes to the backend', 'OPTIONS /p/full.cgi',
      preflight($app, 'GET'), { @full, @network }, { host => 'report' } ],
    [ 'inert: mod_headers is left alone', 'GET /always', { Origin => $app },
      { acao => $own }, { host => 'inert' } ],
);

# ---------------------------------------------------------------------------
# Replace
# ---------------------------------------------------------------------------

for my $site ('replace', 'said') {
    both_ways($site, map {
        my ($backend, $status) = @$_;
        [ "$backend: allowed, once", $backend, $app,
          { status => $status, @listed } ],
        [ "$backend: a stranger gets nothing", $backend, $evil,
          { status => $status, @stranger } ],
        [ "$backend: no Origin, nothing", $backend, undef,
          { status => $status, @stranger } ],
    } map { [ $_ => 200 ] } qw(plain one any lower empty twice mixed));
}
both_ways('replace',
    [ 'every Access-Control field goes but ACEH', 'full', $app,
      { @listed, aceh => 'X-Back', field => {
          'Timing-Allow-Origin' => '*', 'X-Ran' => 'yes' } } ],
    [ 'every one goes for a stranger', 'full', $evil,
      { @stranger, field => { 'Timing-Allow-Origin' => '*' } } ],
    [ 'every one goes without Origin', 'full', undef, { @stranger } ],
    [ 'fields without an origin go', 'no-origin', $app, { @listed } ],
    [ 'fields without an origin go for a stranger', 'no-origin', $evil,
      { @stranger } ],
    [ 'its Vary stays, Origin is there once', 'vary', $app,
      { acao => $app, vary => 'Accept, Origin' } ],
    [ 'an error', 'error', $app, { status => 500, @listed } ],
    [ 'an error for a stranger', 'error', $evil,
      { status => 500, @stranger } ],
    [ 'a status of its own', 'teapot', $app,
      { status => 418, @listed, aceh => 'X-Back' } ],
    [ 'no content', 'nothing', $app, { status => 204, @listed } ],
    [ 'a redirect', 'redirect', $app, { status => 302, @listed } ],
    [ 'HEAD', 'full', $app, { @listed, aceh => 'X-Back', body => '' },
      'HEAD' ],
    [ 'POST', 'full', $app, { @listed, aceh => 'X-Back' }, 'POST' ],

    [ 'ACEH survives', 'expose', $app, { @listed, aceh => 'X-Back, ETag' } ],
    [ 'ACEH of two fields survives as one', 'expose-2', $app,
      { @listed, aceh => 'X-Back, ETag' } ],
    [ 'an empty ACEH is none', 'expose-0', $app, { @listed } ],
    [ 'ACEH is not for a stranger', 'expose', $evil, { @stranger } ],
    [ 'ACEH is not for nobody', 'expose', undef, { @stranger } ],
);
both_ways('expose',
    [ 'a configured list replaces ACEH', 'expose', $app,
      { @listed, aceh => 'X-Own' } ],
    [ 'two fields of ACEH, too', 'expose-2', $app,
      { @listed, aceh => 'X-Own' } ],
    [ 'and all of a full set', 'full', $app, { @listed, aceh => 'X-Own' } ],
);
both_ways('expose-none',
    [ 'an empty list replaces ACEH', 'expose', $app, { @listed } ],
);
both_ways('any',
    [ 'the constant policy replaces', 'full', $app,
      { acao => '*', aceh => 'X-Back' } ],
    [ 'the constant policy is the same without Origin', 'full', undef,
      { acao => '*', aceh => 'X-Back' } ],
    [ 'the constant policy keeps the Vary of the backend', 'vary', $app,
      { acao => '*', vary => 'Accept, Origin' } ],
);
both_ways('none',
    [ 'none silences a backend', 'full', $app, {} ],
    [ 'none silences two fields', 'twice', $app, {} ],
);

# ---------------------------------------------------------------------------
# Replace: other modules
# ---------------------------------------------------------------------------

my %at = (host => 'replace');
for my $name (sort keys %header) {
    $s->promises(
        [ "Header, $name: allowed, once", "GET /$name", { Origin => $app },
          { @listed }, \%at ],
        [ "Header, $name: a stranger gets nothing", "GET /$name",
          { Origin => $evil }, { @stranger }, \%at ],
        [ "Header, $name: no Origin, nothing", "GET /$name", {},
          { @stranger }, \%at ],
    );
}
my $plain = { status => 204, acao => $app, acam => 'GET, HEAD, POST',
              acma => 600, vary => $TRIO };
$s->promises(
    [ 'Header always on an error', 'GET /always/missing',
      { Origin => $app }, { status => 404, @listed }, \%at ],
    [ 'Header always on an error for a stranger', 'GET /always/missing',
      { Origin => $evil }, { status => 404, @stranger }, \%at ],
    (map { [ "Header, $_: an answered preflight is ours", "OPTIONS /$_",
             preflight($app, 'GET'), $plain, \%at ],
           [ "Header, $_: a refused preflight stays silent", "OPTIONS /$_",
             preflight($evil, 'GET'), { status => 403, vary => $TRIO },
             \%at ] } qw(always always-add both-add credentials)),
    [ 'a proxied server does not see the preflight', 'OPTIONS /p/full.cgi',
      preflight($app, 'GET'),
      { %$plain, field => { 'X-Ran' => undef } }, \%at ],
    [ 'passed on, the policy speaks on its response', 'OPTIONS /p/full.cgi',
      preflight($app, 'GET'),
      { %$plain, status => 200, field => { 'X-Ran' => 'yes' } },
      { host => 'pass' } ],
    [ 'passed on for a stranger, nobody speaks', 'OPTIONS /p/full.cgi',
      preflight($evil, 'GET'),
      { vary => $TRIO, field => { 'X-Ran' => 'yes' } },
      { host => 'pass' } ],
);

# What is said before the response is not ours.
my $hints = $s->request('GET /p/hints.cgi', { Origin => $app }, %at);
promise($hints->interim == 1
        && join('', $hints->interim) =~ /103 .*Link:/s
        && join('', $hints->interim) !~ /Access-Control|Vary/i,
    '103 of a proxied server is passed on without fields',
    $hints->interim, $hints->transcript);
my @wrong = $hints->differences({ @listed, body => "hi\n" });
promise(!@wrong, 'the response behind it has them', @wrong,
    $hints->transcript);

# ---------------------------------------------------------------------------
# Keep
# ---------------------------------------------------------------------------

for my $origin ($app, $evil, undef) {
    my $who = defined $origin ? $origin eq $app ? 'allowed' : 'a stranger'
        : 'no Origin';
    my @ours = $who eq 'allowed' ? @listed : @stranger;
    both_ways('keep',
        [ "$who: its own origin is kept", 'one', $origin,
          { acao => $own, vary => 'Origin' } ],
        [ "$who: its own * is kept", 'any', $origin,
          { acao => '*', vary => 'Origin' } ],
        [ "$who: its own origin in lower case is kept", 'lower', $origin,
          { acao => $own, vary => 'Origin' } ],
        [ "$who: all its fields are kept", 'full', $origin,
          { @full, vary => 'Origin', @network } ],
        [ "$who: its Vary is kept, Origin is there once", 'vary', $origin,
          { acao => $own, vary => 'Accept, Origin' } ],
        [ "$who: an error of its own is kept", 'error', $origin,
          { status => 500, acao => $own, vary => 'Origin' } ],
        [ "$who: no field of its own, so ours", 'plain', $origin,
          { @ours } ],
        [ "$who: fields without an origin are none", 'no-origin', $origin,
          { @ours } ],
        [ "$who: two origins are none", 'twice', $origin, { @ours } ],
        [ "$who: two different origins are none", 'mixed', $origin,
          { @ours } ],
    );
}
both_ways('keep-expose',
    [ 'nothing of ours beside its own', 'one', $app,
      { acao => $own, vary => 'Origin' } ],
    [ 'ours where it has none', 'plain', $app,
      { @listed, aceh => 'X-Own' } ],
    [ 'ours where it has two', 'twice', $app, { @listed, aceh => 'X-Own' } ],
);
both_ways('keep-any',
    [ 'its own under a constant policy', 'one', $app,
      { acao => $own, vary => 'Origin' } ],
    [ 'the constant one where it has none', 'plain', undef,
      { acao => '*' } ],
);
%at = (host => 'keep');
$s->promises(
    [ 'Keep: mod_headers may speak', 'GET /set', { Origin => $app },
      { acao => $own, vary => 'Origin' }, \%at ],
    [ 'Keep: mod_headers may speak on every status', 'GET /always',
      { Origin => $app }, { acao => $own, vary => 'Origin' }, \%at ],
    [ 'Keep: on errors, too', 'GET /always/missing', { Origin => $app },
      { status => 404, acao => $own, vary => 'Origin' }, \%at ],
    [ 'Keep: one in each table is two', 'GET /both', { Origin => $app },
      { @listed }, \%at ],
    [ 'Keep: two in one table are two', 'GET /add-twice',
      { Origin => $app }, { @listed }, \%at ],
    [ 'Keep: errors that the backend never saw are ours', 'GET /missing',
      { Origin => $app }, { status => 404, @listed }, \%at ],
    [ 'Keep: an answered preflight is ours', 'OPTIONS /p/full.cgi',
      preflight($app, 'GET'), $plain, \%at ],
    [ 'Keep: a refused preflight stays silent', 'OPTIONS /always',
      preflight($evil, 'GET'), { status => 403, vary => $TRIO }, \%at ],
    [ 'Keep and Pass: the backend answers preflights',
      'OPTIONS /p/full.cgi', preflight($app, 'GET'),
      { @full, @network, vary => $TRIO }, { host => 'keep-pass' } ],
    [ 'Keep and Pass: for strangers, too', 'OPTIONS /p/full.cgi',
      preflight($evil, 'GET'), { @full, @network, vary => $TRIO },
      { host => 'keep-pass' } ],
    [ 'Keep and Pass: ours where it has none', 'OPTIONS /p/plain.cgi',
      preflight($app, 'GET'), { %$plain, status => 200 },
      { host => 'keep-pass' } ],
    [ 'Keep and Pass: ours where it has two', 'OPTIONS /p/twice.cgi',
      preflight($app, 'GET'), { %$plain, status => 200 },
      { host => 'keep-pass' } ],
);

CorsTest::finish();
