# CorsStatistics: where it may stand, what is counted and what is not, and the
# page of mod_status that shows it. Restarts and processes are in
# statistics_processes.t.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use CorsTest::Counters;
use CorsTest::Outage qw(cannot_answer);
use CorsTest::Told;
use Test::More;

my $app  = 'https://app.example.com';
my $evil = 'https://evil.example';

# ---------------------------------------------------------------------------
# The directive
# ---------------------------------------------------------------------------

config_ok("CorsStatistics $_\n", "CorsStatistics $_") for qw(On Off on OFF);
config_ok("CorsStatistics On\n" x 2, 'twice');
config_error("CorsStatistics $_\n",
    qr/^CorsStatistics: '$_' must be On or Off$/m, "not $_")
    for qw(Yes 1 ReportOnly);
config_error("CorsStatistics$_\n", qr/^CorsStatistics takes one argument, /m,
    "not with '$_'") for '', ' On Off';
for my $section ('VirtualHost *:1', 'Directory /a', 'Location /a', 'Files a',
                 'If true', 'CorsPolicy a') {
    my ($name) = split / /, $section;
    config_error("<$section>\nCorsStatistics On\n</$name>\n",
        qr/CorsStatistics'? (?:not allowed|cannot occur|must not stand)/,
        "not in <$name>");
}

# ---------------------------------------------------------------------------
# What is counted
# ---------------------------------------------------------------------------

my $told = CorsTest::Told->new;
$told->allow($app);
my $source = $told->source;

my $s = CorsTest->start(
    modules => [qw(status headers alias rewrite include negotiation
                   socache_shmcb)],
    files   => {
        (map { ("htdocs/$_/a.txt" => "hi\n") } qw(list any report strict off
             source pass none two)),
        'htdocs/list/error.html'     => "sorry\n",
        'htdocs/list/dir/index.html' => "index\n",
        'htdocs/late/index.html'     => "index\n",
        'htdocs/list/many/page.html' => "page\n",
        'htdocs/list/many/page.txt'  => "page\n",
        'htdocs/list/secret'         => "secret\n",
        'htdocs/list/front/.htaccess' => "RewriteEngine On\n"
            . "RewriteRule a /list/a.txt\n",
        (map { ("htdocs/$_/page.shtml" =>
                '<!--#include virtual="/list/a.txt" -->' x 2) }
             qw(list none)),
        'htdocs/htaccess/a.txt'      => "hi\n",
        'htdocs/htaccess/.htaccess'  => "CorsStatistics On\n",
    },
    conf => CorsTest::Told::load() . $STATUS_PAGE . <<"CONF");
CorsStatistics On
AddOutputFilter INCLUDES .shtml
Options +Includes +MultiViews
ErrorDocument 404 /list/error.html
RedirectMatch ^/(list|none)/old\$ http://localhost:\@PORT\@/\$1/a.txt
<LocationMatch "^/(list|report|strict|off|pass)(/|\$)">
    CorsAllowOrigin  $app
    CorsAllowMethods PUT
    CorsAllowHeaders X-A
</LocationMatch>
<Location "/any">
    CorsAllowOrigin *
</Location>
<Location "/list/secret">
    Require all denied
</Location>
<LocationMatch "^/(report|strict)">
    CorsRejectUnlisted On
</LocationMatch>
<Location "/report">
    CorsEngine ReportOnly
</Location>
<Location "/off">
    CorsEngine Off
</Location>
<Location "/pass">
    CorsPreflight Pass
</Location>
<Location "/source">
    CorsAllowOriginSource $source
</Location>
<CorsPolicy first>
    CorsAllowOrigin https://first.example
</CorsPolicy>
<CorsPolicy second>
    CorsAllowOrigin $app
</CorsPolicy>
<Location "/two">
    CorsUsePolicy first second
</Location>
<Directory "\@DOCROOT\@/late">
    <Files "index.html">
        CorsAllowOrigin $app
    </Files>
</Directory>
<VirtualHost *:\@PORT\@>
    ServerName localhost
</VirtualHost>
<VirtualHost *:\@PORT\@>
    ServerName other.example
    CorsAllowOrigin https://other.example
</VirtualHost>
CONF
$s->expect_log(qr/AH01630: client denied by server configuration/,
    qr{/htaccess/\.htaccess: CorsStatistics not allowed here});

# Rows: what, the request, its fields, the status, and what moves, each by one,
# and all else not at all.
sub counts {
    for my $row (@_) {
        my ($text, $line, $fields, $status, $names, $opt) = @$row;
        my %before = counters($s);
        my $res = $s->request($line, $fields, %{ $opt || {} });
        my $is = in_words(moved($s, %before));
        my $wanted = in_words(each_by(1, split ' ', $names));
        promise($is eq $wanted && $res->status == $status,
            "$text: " . ($names || 'nothing'), "moved: $is",
            $res->transcript);
    }
}

sub from { return { Origin => $_[0] } }

my $allowed       = 'ActualAllowed';
my $denied        = 'ActualDenied DeniedOrigin';
my $may_preflight = preflight($app, 'PUT', 'x-a');

# Each kind.
counts(
    [ 'a listed origin', 'GET /list/a.txt', from($app), 200, $allowed ],
    [ 'a stranger', 'GET /list/a.txt', from($evil), 200, $denied ],
    [ 'no origin', 'GET /list/a.txt', from('https://a.example/'), 200,
      'ActualDenied MalformedOrigin' ],
    [ 'one that is rejected', 'GET /strict/a.txt', from($evil), 403,
      'ActualDenied Rejected' ],
    [ 'a preflight', 'OPTIONS /list/a.txt', $may_preflight, 204,
      'PreflightAllowed' ],
    [ "a stranger's", 'OPTIONS /list/a.txt', preflight($evil, 'PUT'), 403,
      'PreflightDenied DeniedOrigin' ],
    [ 'one of no origin', 'OPTIONS /list/a.txt', preflight('x', 'PUT'), 403,
      'PreflightDenied MalformedOrigin' ],
    [ 'one for another method', 'OPTIONS /list/a.txt',
      preflight($app, 'DELETE'), 204, 'PreflightDenied DeniedMethod' ],
    [ 'one for another header', 'OPTIONS /list/a.txt',
      preflight($app, 'PUT', 'x-b'), 204, 'PreflightDenied DeniedHeader' ],
    [ 'one that is not rejected but answered', 'OPTIONS /strict/a.txt',
      preflight($evil, 'PUT'), 403, 'PreflightDenied DeniedOrigin' ],
    [ 'a source allows', 'GET /source/a.txt', from($app), 200, $allowed ],
    [ 'a source denies', 'GET /source/a.txt', from($evil), 200, $denied ],
);
$told->fail('the disk is full');
$s->expect_log(cannot_answer($source, 'the disk is full'));
counts(
    [ 'a source that fails', 'GET /source/a.txt', from('https://a.example'),
      200, 'ActualDenied SourceErrors' ],
    [ 'a preflight then', 'OPTIONS /source/a.txt',
      preflight('https://b.example', 'GET'), 403,
      'PreflightDenied SourceErrors' ],
);

# Once, whatever becomes of the request.
counts(
    [ 'OPTIONS that is no preflight', 'OPTIONS /list/a.txt', from($app), 200,
      $allowed ],
    [ 'a preflight for the handler', 'OPTIONS /pass/a.txt', $may_preflight,
      200, 'PreflightAllowed' ],
    [ 'everybody', 'GET /any/a.txt', from($evil), 200, $allowed ],
    [ 'the second policy', 'GET /two/a.txt', from($app), 200, $allowed ],
    [ 'no policy', 'GET /two/a.txt', from($evil), 200, $denied ],
    [ 'an error document', 'GET /list/missing', from($app), 404, $allowed ],
    [ 'its denial', 'GET /list/missing', from($evil), 404, $denied ],
    [ 'access denied', 'GET /list/secret', from($app), 403, $allowed ],
    [ 'an error in front of the file', 'GET /list/%2f', from($app), 404,
      $allowed ],
    [ 'a redirect', 'GET /list/old', from($app), 302, $allowed ],
    [ 'a preflight in place of a redirect', 'OPTIONS /list/old',
      $may_preflight, 204, 'PreflightAllowed' ],
    [ 'a front controller', 'GET /list/front/a', from($app), 200, $allowed ],
    [ 'a directory', 'GET /list/dir/', from($app), 200, $allowed ],
    [ 'one without a slash', 'GET /list/dir', from($app), 301, $allowed ],
    [ 'a policy of the index alone', 'GET /late/', from($app), 200,
      $allowed ],
    [ 'MultiViews', 'GET /list/many/page', from($app), 200, $allowed ],
    [ 'a page with two parts', 'GET /list/page.shtml', from($app), 200,
      $allowed ],
    [ 'report only: allowed', 'GET /report/a.txt', from($app), 200,
      $allowed ],
    [ 'report only: not rejected', 'GET /report/a.txt', from($evil), 200,
      'ActualDenied Rejected' ],
    [ 'report only: a preflight', 'OPTIONS /report/a.txt',
      preflight($app, 'DELETE'), 200, 'PreflightDenied DeniedMethod' ],
    [ 'another host allows', 'GET /none/a.txt', from('https://other.example'),
      200, $allowed, { host => 'other.example' } ],
    [ 'another host denies', 'GET /none/a.txt', from($app), 200, $denied,
      { host => 'other.example' } ],
);

# What is no decision.
counts(
    [ 'no Origin', 'GET /list/a.txt', {}, 200, '' ],
    [ 'an empty one', 'GET /list/a.txt', from(''), 200, '' ],
    [ 'no policy', 'GET /none/a.txt', from($app), 200, '' ],
    [ 'no policy, a preflight', 'OPTIONS /none/a.txt', $may_preflight, 200,
      '' ],
    [ 'no policy, its parts have one', 'GET /none/page.shtml', from($app),
      200, '' ],
    [ 'no policy, the error document has one', 'GET /none/missing',
      from($app), 404, '' ],
    [ 'the engine is Off', 'GET /off/a.txt', from($app), 200, '' ],
    [ 'its preflight', 'OPTIONS /off/a.txt', $may_preflight, 200, '' ],
    [ 'the server as a whole', 'OPTIONS *', $may_preflight, 200, '' ],
    [ 'the page itself', 'GET /server-status', from($app), 200, '' ],
    [ 'CorsStatistics in .htaccess', 'GET /htaccess/a.txt', from($app), 500,
      '' ],
);

# ---------------------------------------------------------------------------
# The page
# ---------------------------------------------------------------------------

my $auto = $s->request('GET /server-status?auto')->body;
my @lines = $auto =~ /^(Cors\w*: \d+\n)/mg;
my %now   = counters($s);
promise(join('', @lines) eq join('', map { "$_: $now{$_}\n" } @COUNTERS)
        && $auto !~ /Cors(?!\w+: \d+\n)/,
    '?auto has a line for each counter, once, in their order', $auto);

# Ours, up to the next rule.
sub section {
    my ($server, $query) = @_;
    my $text = $server->request("GET /server-status$query")->body;
    return $text =~ m{^(<hr />\n<h2>CORS .*?)(?:^<hr|^</body>)}ms ? $1 : '';
}

# The first tag of XHTML that does not fit, or nothing.
sub flaw {
    my ($html) = @_;
    my @open;
    for my $tag ($html =~ /<([^>]*)>/g) {
        next if $tag =~ m{/$};
        my ($end, $name) = $tag =~ m{^(/?)([a-z]\w*)(?: \w+="[^"<]*")*$}
            or return "<$tag>";
        push @open, $name if !$end;
        return "</$name>" if $end && (pop(@open) // '') ne $name;
    }
    return @open ? "no </$open[-1]>" : $html =~ s/<[^>]*>//gr =~ /([<>&])/;
}

for my $form ([ '', 1 ], [ '?notable', 0 ], [ '?refresh=9&notable', 0 ]) {
    my ($query, $has_table) = @$form;
    my $html = section($s, $query);
    my @numbers = $html =~ m{(?:>|: )(\d+)</(?:td|dt)>}g;
    promise("@numbers" eq "@now{@COUNTERS}",
        "the page$query has the same numbers", $html);
    my @flaws = flaw($html);
    promise($html ne '' && !@flaws, "the page$query is well-formed", @flaws,
        $html);
    promise(($html =~ /<table/ ? 1 : 0) == $has_table,
        "the page$query: tables or none", $html);
}
my $res = $s->request('HEAD /server-status');
promise($res->status == 200 && $res->body eq '', 'HEAD', $res->transcript);
$s->stop;

# By default, and without mod_status.
sub shows {
    my ($text, $modules, $conf) = @_;
    my $server = CorsTest->start(name => $text, modules => $modules,
        files => { 'htdocs/a.txt' => "hi\n" },
        conf  => "CorsAllowOrigin $app\n$STATUS_PAGE$conf");
    $server->promises([ $text, 'GET /a.txt', from($app),
                        { acao => $app, vary => 'Origin' } ]);
    my $html = $server->request('GET /server-status')->body;
    promise(!counters($server) && $html !~ /CORS|Cors/,
        "$text: it shows nothing", $html);
}
shows('by default', ['status'], '');
shows('Off', ['status'], "CorsStatistics On\nCorsStatistics Off\n");
shows('without mod_status', [], "CorsStatistics On\n");
CorsTest::finish();
