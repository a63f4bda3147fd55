# The page of cors-explain: the request that it rehearses goes through httpd,
# but does nothing there. What a rehearsal must not do, and where it could go
# another way than a real request.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use CorsTest::Httpd qw(cors_module load_modules);
use JSON::PP ();
use Test::More;

my $app = 'https://app.example.com';
my $s   = CorsTest->start(
    unexplained => 'this is about explanations',
    modules => [qw(headers rewrite negotiation alias include macro setenvif
                   authz_host authz_user authn_core authn_file auth_basic
                   auth_digest)],
    cgi   => 1,
    ports => 2,
    files => {
        'htdocs/a.txt'            => "hi\n",
        'htdocs/own/a.txt'        => "hi\n",
        'htdocs/secret/index.html' => "hi\n",
        'htdocs/variants/page.html' => "hi\n",
        'htdocs/denied.html'      => "no\n",
        'htdocs/pages/index.shtml' =>
            qq(<!--#include virtual="/explain?url=/a.txt&origin=$app" -->\n),
        'htdocs/loop/.htaccess'   =>
            "RewriteEngine On\nRewriteRule ^(.*)\$ x/\$1 [L]\n",
        'htdocs/broken/.htaccess' => "NoSuchDirective\n",
        'htdocs/guarded/.htaccess' => <<'HTACCESS',
RewriteEngine On
RewriteCond %{REMOTE_ADDR} !^127
RewriteRule . - [F]
HTACCESS
        'htdocs/tree/.htaccess'   => "SetHandler cors-explain\n",
        'passwords'               => '',
        'cgi-bin/touch'           => <<'CGI',
#!/bin/sh
echo ran >@ROOT@/scratch/ran
printf 'Content-Type: text/plain\n\nran\n'
CGI
    },
    conf => <<"CONF");
<Location "/explain">
    SetHandler cors-explain
    Require local
</Location>
CustomLog "\@ROOT\@/access.log" "%r"

<Location "/open">
    SetHandler cors-explain
    CorsAllowOrigin *
    CorsForwardOrigin Off
</Location>
<Directory "\@DOCROOT\@/guarded">
    SetHandler cors-explain
</Directory>

<Directory "\@DOCROOT\@/own">
    CorsAllowOrigin $app
</Directory>
<Directory "\@DOCROOT\@/secret">
    <Files index.html>
        AuthType      Digest
        AuthName      secret
        AuthUserFile  "\@ROOT\@/passwords"
        Require       valid-user
        CorsAllowOrigin $app
    </Files>
</Directory>
<Directory "\@DOCROOT\@/variants">
    Options +MultiViews
    <Files page.html>
        CorsAllowOrigin $app
    </Files>
</Directory>
<Directory "\@ROOT\@/cgi-bin">
    CorsAllowOrigin $app
</Directory>
<Location "/denied">
    Require all denied
    ErrorDocument 403 /denied.html
    CorsAllowOrigin *
    Header always set X-Denied yes
</Location>
<Location "/denied.html">
    Header set X-Shown yes
</Location>
<Directory "\@DOCROOT\@/pages">
    Options +Includes
    AddOutputFilter INCLUDES .shtml
    AddType text/html .shtml
</Directory>
<Macro twice \$path>
    <Location "\$path">
        CorsAllowOrigin $app
        Header set Access-Control-Allow-Origin *
    </Location>
</Macro>
Use twice /macro
<Location "/report">
    CorsEngine ReportOnly
    CorsAllowOrigin $app
</Location>
<Location "/kept">
    CorsAllowOrigin $app
    CorsBackendHeaders Keep
    Header set Access-Control-Allow-Origin *
</Location>
<Location "/resource">
    CorsResourcePolicy same-site
    Header set Access-Control-Allow-Origin *
</Location>
Listen 127.0.0.1:\@PORT2\@
<VirtualHost 127.0.0.1:\@PORT2\@>
    ServerName elsewhere.example.com
    CorsAllowOrigin *
    Header set Access-Control-Allow-Origin *
</VirtualHost>
CONF

sub query {
    my (%question) = @_;
    return join '&', 'format=json', map {
        my $value = $question{$_} =~ s/([^\w.~-])/sprintf '%%%02X', ord $1/ger;
        "$_=$value";
    } sort keys %question;
}

# The whole answer of the page, and what is in it.
sub ask {
    my (%question) = @_;
    my $res = $s->request('GET /explain?' . query(origin => $app, %question),
                          {});
    return ($res, eval { JSON::PP::decode_json($res->body) } || {});
}

sub explained { return (ask(@_))[1] }

sub warnings_of { return join ' ', @{ $_[0]{warnings} || [] } }

# ---------------------------------------------------------------------------
# It does nothing
# ---------------------------------------------------------------------------

my $told = explained(url => '/cgi-bin/touch');
promise($told->{result} eq 'allowed' && !-e $s->root . '/scratch/ran',
    'a program is explained, and not run');

$told = explained(url => '/secret/');
promise($told->{result} eq 'allowed'
        && warnings_of($told) =~ /asks for a password, and what decides is/,
    'DirectoryIndex into what has a digest password is explained',
    JSON::PP::encode_json($told));

for my $password ('Basic YTpi', 'Digest username="a"') {
    my $with = explained(url => '/secret/',
                         headers => "Authorization: $password");
    promise($with->{actual}{result} eq 'allowed'
            && warnings_of($with) eq warnings_of($told),
        "no password is tried: $password");
}

explained(url => '/own/a.txt', origin => 'https://evil.example') for 1 .. 3;
promise(!$s->log_lines(qr/denied-origin/), 'no decision is logged');
my @logged = grep { !/^GET \/explain/ }
    split /\n/, $s->read_file('access.log', qr/(?:.*\n){6}/);
promise(!@logged, 'the access log has the page alone', @logged);

# The error log has nothing of these; finish() looks.
$told = explained(url => '/broken/a.txt');
promise($told->{status} == 500, 'an .htaccess that is wrong is a 500');
$told = explained(url => '/denied/a.txt');
promise($told->{status} == 403, 'what is denied is a 403');

# ---------------------------------------------------------------------------
# It goes the way of a real request
# ---------------------------------------------------------------------------

$s->tolerate_log(qr/AH00124: |AH01630: /);
for my $path ('/loop/a', '/variants/page', '/own/a.txt', '/denied/a.txt',
              '/own/../a.txt', '/own//a.txt', '/own%2fa.txt', '/a%00.txt') {
    my ($told) = explained(url => $path);
    my $real = $s->request("GET $path", { Origin => $app });
    my $acao = $told->{headers}{'Access-Control-Allow-Origin'} // 'none';
    promise(($told->{status} // $real->status) == $real->status
            && $acao eq ($real->field('Access-Control-Allow-Origin')
                         // 'none'),
        "$path: the same status and origin as of a request",
        JSON::PP::encode_json($told), $real->transcript);
}
promise(explained(url => '/loop/a')->{status} == 500, 'a loop is a 500');
$told = explained(url => '/denied/a.txt');
promise($told->{headers}{'X-Shown'} && !$told->{headers}{'X-Denied'},
    'an ErrorDocument has its own Header lines', $told->{headers});

$told = explained(url => '/own/a.txt', method => 'TRACE');
promise($told->{actual}{reason} =~ /^httpd answers TRACE itself/,
    'TRACE is not for policies', $told->{actual}{reason});
$told = explained(url => '/own/a.txt', method => 'CONNECT');
promise($told->{verdict} =~ /CONNECT is a method that no page can use/,
    'CONNECT is not for pages', $told->{verdict});

# What is asked for in a preflight as it is sent, no browser's way of asking
# taken for granted.
for my $names ('accept', 'cookie', 'x-a, b c',
               join ',', map { "x-$_" } 0 .. 120) {
    $told = explained(url => '/own/a.txt', method => 'OPTIONS',
        headers => "Access-Control-Request-Method: GET\n"
            . "Access-Control-Request-Headers: $names");
    promise($told->{result} eq 'denied-header' && !$told->{allowed}
            && $told->{steps}[-1]{ok} eq JSON::PP::false,
        'a preflight is refused for ' . substr($names, 0, 20),
        JSON::PP::encode_json($told));
}

$told = explained(url => '/report/a.txt', method => 'OPTIONS',
    headers => "Access-Control-Request-Method: GET\n"
        . "Access-Control-Request-Headers: cookie");
promise($told->{result} eq 'denied-header' && !$told->{status}
        && $told->{steps}[-1]{detail} !~ /cookie/,
    'what is only reported refuses nothing', JSON::PP::encode_json($told));

# ---------------------------------------------------------------------------
# Who wrote headers, and where
# ---------------------------------------------------------------------------

promise(warnings_of(explained(url => '/macro'))
        =~ /mod_headers writes Access-Control-Allow-Origin here.*\S+:\d+/,
    'a Header line out of a macro is named');
$told = warnings_of(explained(url => '/macro'));
my ($hosts) = $s->read_file('httpd.conf') =~ /\A(.*?)<VirtualHost/s;
my $first = 1 + $hosts =~ tr/\n//;
promise(!(grep { $_ > $first } $told =~ /httpd\.conf:(\d+)/g),
    'and none of other virtual hosts', $told);
for my $path ('/kept', '/resource') {
    promise(warnings_of(explained(url => $path)) !~ /mod_headers/,
        "$path: what mod_headers writes stands, and is no mistake");
}

# ---------------------------------------------------------------------------
# Questions that have no answer here
# ---------------------------------------------------------------------------

my $port  = $s->port;
my $other = $s->port(2);
for my $row (
    [ 'a path that is none',  { url => 'own/a.txt' }, qr/^url: must be/ ],
    [ 'a URL within a path',  { url => 'own/a?u=http://localhost/' },
      qr/^url: must be/ ],
    [ 'a blank in the URL',   { url => '/a b' }, qr/^url: must not hold/ ],
    [ 'a user in the URL',    { url => 'http://a@localhost/' },
      qr/^url: must be/ ],
    [ 'a method that is none', { url => '/', method => 'G T' },
      qr/^method: must be/ ],
    [ 'a name that is none',  { url => '/', headers => 'a/b' },
      qr/^headers: must be/ ],
    [ '101 names',            { url => '/', headers => join ' ', 1 .. 101 },
      qr/^headers: must be/ ],
    [ 'an end of the line in an origin', { url => '/', origin => "a\r\nb" },
      qr/^origin: must not hold/ ],
    [ 'nothing',              { origin => '' }, qr/./ ],
) {
    my ($what, $question, $error) = @$row;
    my ($res, $told) = ask(%$question);
    promise($res->status == 400 && ($told->{error} // '') =~ $error
            && keys %$told == 1, "$what: says what is wrong",
        $res->transcript, $res->body);
}
my $cut = $s->request("GET /explain?format=json&url=/a.txt%00x&origin=$app",
                      {});
promise($cut->status == 400, 'a NUL does not end what was asked');

$told = explained(url => "https://localhost:$port/own/a.txt");
promise($told->{result} eq 'allowed'
        && warnings_of($told) =~ /The URL says https on port $port/,
    'another scheme is explained, with a warning', warnings_of($told));
$told = explained(url => "http://localhost:$port/own/a.txt");
promise(warnings_of($told) eq '', 'its own scheme and port have none',
    warnings_of($told));
my $elsewhere = $s->request('GET /explain?' . query(
    url => '/a.txt', origin => $app), {}, port => $other,
    host => 'elsewhere.example.com');
promise(JSON::PP::decode_json($elsewhere->body)->{result} eq 'allowed',
    'a virtual host has a page of its own');

$told = explained(url => '/own/a.txt',
                  headers => "Origin: https://evil.example\nHost: evil");
promise($told->{headers}{'Access-Control-Allow-Origin'} eq $app,
    'Origin and Host have parameters of their own',
    JSON::PP::encode_json($told));

# Hooks that are put in late bear the name of the module that comes last, here
# one of which the rehearsal calls hooks.
my $late = CorsTest->start(
    name  => 'mod_negotiation last',
    bare  => 1,
    files => { 'htdocs/index.html' => "hi\n" },
    conf  => 'LoadModule cors_module "' . cors_module() . qq("\n)
        . load_modules('authz_host', 'negotiation') . <<"CONF");
CorsAllowOrigin $app
<Location "/explain">
    SetHandler cors-explain
    Require local
</Location>
CONF
my $index = $late->request(
    'GET /explain?' . query(url => '/', origin => $app), {});
promise($index->body =~ /"allowed": true/, 'any module may be loaded last',
    $index->transcript);

# ---------------------------------------------------------------------------
# Who may see it
# ---------------------------------------------------------------------------

$s->expect_log(qr/unable to include "\/explain/);

my $open = '/open?' . query(url => '/a.txt', origin => $app);
$s->promises(
    [ 'a script from elsewhere is refused', "GET $open",
      { Origin => 'https://evil.example' }, { status => 403, acao => '*' } ],
    [ 'and sees nothing where no Origin comes', "GET $open", {}, {
      vary => 'Accept' } ],
    [ 'nor can a page of this server include it', 'GET /pages/index.shtml',
      {}, { body => qr/\A\[an error occurred/ } ],
    [ 'POST is not for it', 'POST /explain', {}, { status => 405 } ],
    [ 'an .htaccess brings it up where httpd.conf names it', 'GET /tree/?'
      . query(url => '/a.txt', origin => $app), {}, {
      vary => 'Accept', body => qr/Everybody can read this page/ } ],
    [ 'it says that it is open', "GET $open", {}, {
      vary => 'Accept', body => qr/Everybody can read this page/ } ],
    [ 'a RewriteRule protects it as well', 'GET /guarded/x?'
      . query(url => '/a.txt', origin => $app), {}, {
      vary => 'Accept', body => qr/"warnings": \[\]/ } ],
);
CorsTest::finish();
