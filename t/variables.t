# Seeing what happened: CORS_REQUEST and CORS_RESULT wherever httpd shows its
# environment, and ReportOnly, which is nothing but that. The error log is
# t/log.t's.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use Test::More;

my $app  = 'https://app.example.com';
my $evil = 'https://evil.example';

my $env = <<'CGI';
#!/bin/sh
echo 'Content-Type: text/plain'
echo
echo "${CORS_REQUEST-unset} ${CORS_RESULT-unset}" \
    "${REDIRECT_CORS_REQUEST-unset} ${REDIRECT_CORS_RESULT-unset}"
CGI
my $conf = <<"CONF";
LogFormat "%{X-Row}i %>s %{CORS_REQUEST}e %{CORS_RESULT}e" cors
CustomLog "\@ROOT\@/access.log" cors

ErrorDocument 404 /cgi-bin/env.cgi
ErrorDocument 403 "go away"

<LocationMatch "^/(list|require|header|ssi|cgi-bin|redirect)">
    CorsAllowOrigin $app https://*.example.org
    CorsAllowOrigin -https://staging.example.org
    CorsAllowMethods PUT
    CorsAllowHeaders X-A
</LocationMatch>
<Location "/cgi-bin/mine.cgi">
    SetEnv CORS_REQUEST mine
    SetEnv CORS_RESULT mine
</Location>
<Location "/cgi-bin/rewritten.cgi">
    RewriteEngine On
    RewriteRule ^ - [E=CORS_REQUEST:mine,E=CORS_RESULT:mine]
</Location>
<Location "/any">
    CorsAllowOrigin *
    CorsAllowHeaders *
</Location>
<Location "/none">
    CorsAllowOrigin none
</Location>
<Location "/off">
    CorsAllowOrigin $app
    CorsEngine Off
</Location>
<Location "/pass">
    CorsAllowOrigin $app
    CorsPreflight Pass
</Location>

<Location "/require">
    Require expr "reqenv('CORS_RESULT') == 'allowed'"
</Location>
<Location "/header">
    Header set X-Is-Allowed yes "expr=reqenv('CORS_RESULT') == 'allowed'"
    Header set X-Value "%{CORS_REQUEST}e %{CORS_RESULT}e"
    <If "reqenv('CORS_RESULT') == 'allowed'">
        Header set X-If yes
    </If>
</Location>

<LocationMatch "^/report">
    CorsAllowOrigin $app
    CorsEngine ReportOnly
    CorsAllowCredentials On
    CorsExposeHeaders ETag
</LocationMatch>
<Location "/report-require">
    Require expr "reqenv('CORS_RESULT') == 'allowed'"
</Location>
<Location "/report-backend">
    Header set Access-Control-Allow-Origin https://backend.example
    Header add Access-Control-Allow-Methods PURGE
    Header set Vary Accept
</Location>
<Location "/report-any">
    CorsAllowOrigin *
    CorsAllowCredentials Off
</Location>
AliasMatch "^/(list|require|header|any|none|off|pass|report|plain)" \\
    "\@DOCROOT\@/a.txt"
CONF
my $s = CorsTest->start(
    modules => [qw(headers include rewrite env)],
    cgi     => 1,
    files   => {
        'htdocs/a.txt'              => "hi\n",
        'htdocs/ssi.shtml'          =>
            '<!--#echo var="CORS_REQUEST" --> <!--#echo var="CORS_RESULT" -->',
        'htdocs/.htaccess'          => "Options +Includes\n"
            . "AddOutputFilter INCLUDES .shtml\nRewriteEngine On\n"
            . "RewriteRule ^redirect\$ /cgi-bin/env.cgi\n",
        'cgi-bin/env.cgi'           => $env,
        'cgi-bin/mine.cgi'          => $env,
        'cgi-bin/rewritten.cgi'     => $env,
    },
    conf => $conf,
);

# ---------------------------------------------------------------------------
# Every word, in the access log
# ---------------------------------------------------------------------------

my $none = '- -';
my @words = (
    # what, request, fields, status, CORS_REQUEST and CORS_RESULT
    [ 'a listed origin', 'GET /list', [ Origin => $app ], 200,
      'actual allowed' ],
    [ 'a stranger', 'GET /list', [ Origin => $evil ], 200,
      'actual denied-origin' ],
    [ 'one taken out', 'GET /list',
      [ Origin => 'https://staging.example.org' ], 200,
      'actual denied-origin' ],
    [ 'null', 'GET /list', [ Origin => 'null' ], 200,
      'actual denied-origin' ],
    [ 'no origin at all', 'GET /list', [ Origin => "$app/" ], 200,
      'actual malformed-origin' ],
    [ 'two origins', 'GET /list', [ Origin => $app, Origin => $app ], 200,
      'actual malformed-origin' ],
    [ 'HEAD', 'HEAD /list', [ Origin => $app ], 200, 'actual allowed' ],
    [ 'POST', 'POST /cgi-bin/env.cgi', [ Origin => $app ], 200,
      'actual allowed' ],
    [ 'a missing file', 'GET /cgi-bin/missing.cgi',
      [ Origin => $app ], 404, 'actual allowed' ],
    [ 'an allowed preflight', 'OPTIONS /list', preflight($app, 'PUT', 'x-a'),
      204, 'preflight allowed' ],
    [ "a stranger's preflight", 'OPTIONS /list', preflight($evil, 'PUT'),
      403, 'preflight denied-origin' ],
    [ 'a malformed preflight', 'OPTIONS /list', preflight("$app/", 'PUT'),
      403, 'preflight malformed-origin' ],
    [ 'a denied method', 'OPTIONS /list', preflight($app, 'DELETE'), 204,
      'preflight denied-method' ],
    [ 'a denied header', 'OPTIONS /list', preflight($app, 'PUT', 'x-b'), 204,
      'preflight denied-header' ],
    [ 'OPTIONS that is no preflight', 'OPTIONS /list', [ Origin => $app ],
      200, 'actual allowed' ],
    [ 'a preflight that passes', 'OPTIONS /pass', preflight($app, 'GET'), 200,
      'preflight allowed' ],
    [ 'a refused preflight that passes', 'OPTIONS /pass',
      preflight($evil, 'GET'), 200, 'preflight denied-origin' ],
    [ 'the constant policy', 'GET /any', [ Origin => $evil ], 200,
      'actual allowed' ],
    [ 'the constant policy, no origin at all', 'GET /any',
      [ Origin => 'x y' ], 200, 'actual allowed' ],
    [ 'Authorization beside *', 'OPTIONS /any',
      preflight($evil, 'GET', 'authorization'), 204,
      'preflight denied-header' ],
    [ 'the empty list', 'GET /none', [ Origin => $app ], 200,
      'actual denied-origin' ],
    [ 'ReportOnly, a listed origin', 'GET /report', [ Origin => $app ], 200,
      'actual allowed' ],
    [ 'ReportOnly, a stranger', 'GET /report', [ Origin => $evil ], 200,
      'actual denied-origin' ],
    [ 'ReportOnly, malformed', 'GET /report', [ Origin => 'x' ], 200,
      'actual malformed-origin' ],
    [ 'ReportOnly, a preflight', 'OPTIONS /report', preflight($app, 'GET'),
      200, 'preflight allowed' ],
    [ 'ReportOnly, a refused preflight', 'OPTIONS /report',
      preflight($evil, 'GET'), 200, 'preflight denied-origin' ],
    [ 'ReportOnly, a denied method', 'OPTIONS /report',
      preflight($app, 'PUT'), 200, 'preflight denied-method' ],
    [ 'ReportOnly, a denied header', 'OPTIONS /report',
      preflight($app, 'GET', 'x-a'), 200, 'preflight denied-header' ],
    [ 'no Origin', 'GET /list', [], 200, $none ],
    [ 'an empty Origin', 'GET /list', [ Origin => '' ], 200, $none ],
    [ 'no Origin under the constant policy', 'GET /any', [], 200, $none ],
    [ 'no Origin under ReportOnly', 'GET /report', [], 200, $none ],
    [ 'OPTIONS without Origin', 'OPTIONS /list',
      [ 'Access-Control-Request-Method' => 'PUT' ], 200, $none ],
    [ 'CorsEngine Off', 'GET /off', [ Origin => $app ], 200, $none ],
    [ 'no policy', 'GET /plain', [ Origin => $app ], 200, $none ],
    [ 'no policy, an error', 'GET /nowhere', [ Origin => $app ], 404,
      $none ],
);
my $row = 0;
for my $case (@words) {
    my ($what, $line, $fields, $status, $words) = @$case;
    $row++;
    $s->request($line, [ @$fields, 'X-Row' => "row$row" ]);
}

# A line is written when the response is out; wait for all.
sub access_log {
    my ($pattern) = @_;
    for (1 .. 500) {
        open my $in, '<', $s->root . '/access.log' or die "access.log: $!\n";
        my @lines = <$in>;
        chomp @lines;
        return @lines if grep { $_ =~ $pattern } @lines;
        select undef, undef, undef, 0.01;
    }
    return;
}
my %logged;
for my $n (1 .. $row) {
    $logged{ /^(\S+)/ ? $1 : '' } = $_ for access_log(qr/^row$n /);
    my ($what, undef, undef, $status, $words) = @{ $words[ $n - 1 ] };
    promise(($logged{"row$n"} // '') eq "row$n $status $words",
        "access log, $what: $words", $logged{"row$n"} // 'no line');
}

# ---------------------------------------------------------------------------
# Elsewhere
# ---------------------------------------------------------------------------

my %get  = (acao => $app, vary => 'Origin');
my %vary = (vary => 'Origin');
$s->promises(
    [ 'CGI sees them', 'GET /cgi-bin/env.cgi', { Origin => $app },
      { %get, body => "actual allowed unset unset\n" } ],
    [ 'CGI sees a refusal', 'GET /cgi-bin/env.cgi', { Origin => $evil },
      { %vary, body => "actual denied-origin unset unset\n" } ],
    [ 'and no other, whatever SetEnv says', 'GET /cgi-bin/mine.cgi',
      { Origin => $evil },
      { vary => 'Origin', body => "actual denied-origin unset unset\n" } ],
    [ 'or RewriteRule', 'GET /cgi-bin/rewritten.cgi', { Origin => $evil },
      { vary => 'Origin', body => "actual denied-origin unset unset\n" } ],
    [ 'CGI sees nothing without Origin', 'GET /cgi-bin/env.cgi', {},
      { %vary, body => "unset unset unset unset\n" } ],
    [ 'behind RewriteRule they are there under both names', 'GET /redirect',
      { Origin => $app },
      { %get, body => "actual allowed actual allowed\n" } ],
    [ 'behind RewriteRule, a refusal', 'GET /redirect', { Origin => $evil },
      { %vary, body => "actual denied-origin actual denied-origin\n" } ],
    [ 'behind RewriteRule, without Origin', 'GET /redirect', {},
      { %vary, body => "unset unset unset unset\n" } ],
    [ 'a CGI error document sees them under both names',
      'GET /cgi-bin/missing.cgi', { Origin => $app },
      { %get, status => 404, body => "actual allowed actual allowed\n" } ],
    [ 'a CGI error document of a URL without policy does not see its own',
      'GET /nowhere', { Origin => $app },
      { status => 404, body => "unset unset unset unset\n" } ],
    [ 'SSI sees them', 'GET /ssi.shtml', { Origin => $app },
      { %get, body => 'actual allowed' } ],
    [ 'SSI sees a refusal', 'GET /ssi.shtml', { Origin => 'null' },
      { %vary, body => 'actual denied-origin' } ],
    [ 'SSI sees nothing without Origin', 'GET /ssi.shtml', {},
      { %vary, body => '(none) (none)' } ],
    [ 'Require lets the allowed in', 'GET /require', { Origin => $app },
      { %get, body => "hi\n" } ],
    [ 'Require keeps strangers out', 'GET /require', { Origin => $evil },
      { %vary, status => 403, body => 'go away' } ],
    [ 'Require keeps out who brings no Origin', 'GET /require', {},
      { %vary, status => 403 } ],
    [ 'Require does not meet a preflight', 'OPTIONS /require',
      preflight($app, 'PUT'),
      { status => 204, acao => $app, acam => 'PUT', acah => 'X-A',
        acma => 600, vary => $TRIO } ],
    [ 'Header and its expr= see them', 'GET /header', { Origin => $app },
      { %get, field => { 'X-Is-Allowed' => 'yes', 'X-If' => undef,
                         'X-Value' => 'actual allowed' } } ],
    [ 'Header and its expr= see a refusal', 'GET /header',
      { Origin => $evil },
      { %vary, field => { 'X-Is-Allowed' => undef, 'X-If' => undef,
                          'X-Value' => 'actual denied-origin' } } ],
    [ 'Header sees nothing without Origin', 'GET /header', {},
      { %vary, field => { 'X-Is-Allowed' => undef,
                          'X-Value' => '(null) (null)' } } ],
);

# ---------------------------------------------------------------------------
# ReportOnly
# ---------------------------------------------------------------------------

my %mine = (acao => 'https://backend.example', acam => 'PURGE',
            vary => 'Accept');
$s->promises(
    (map {
        my ($who, $origin) = @$_;
        my @fields = $origin ? (Origin => $origin) : ();
        ([ "ReportOnly adds nothing: $who", 'GET /report', [@fields],
           { body => "hi\n" } ],
         [ "ReportOnly adds nothing under *: $who", 'GET /report-any',
           [@fields], { body => "hi\n" } ],
         [ "ReportOnly takes nothing away: $who", 'GET /report-backend',
           [@fields], { %mine } ]);
    } [ 'a listed origin', $app ], [ 'a stranger', $evil ],
      [ 'no Origin', undef ], [ 'malformed', 'x' ]),
    (map {
        [ "ReportOnly answers no preflight: $_", 'OPTIONS /report',
          preflight($_, 'GET'), { field => { Allow => qr/GET/ } } ]
    } $app, $evil),
    [ 'a Require on the variables acts under ReportOnly: allowed',
      'GET /report-require', { Origin => $app }, { body => "hi\n" } ],
    [ 'a Require on the variables acts under ReportOnly: refused',
      'GET /report-require', { Origin => $evil }, { status => 403 } ],
);

$s->expect_log(qr/AH01630: client denied by server configuration/,
    qr/AH02811: stderr|script not found or unable to stat/);
CorsTest::finish();
