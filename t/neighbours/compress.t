# What stands beside the policy in the chain of output filters, or writes
# fields of its own: compression, negotiation, ranges, mod_headers, pages that
# are put together. Whatever they make of the response, it has one Vary with
# everybody's names, and the policy's headers once.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use CorsTest;
use File::Find qw(find);
use IO::Compress::Gzip     qw(gzip);
use IO::Uncompress::Gunzip qw(gunzip);
use POSIX qw(strftime);
use Test::More;

my $app  = 'https://app.example.com';
my $evil = 'https://evil.example';
my $text = "all work and no play\n" x 50;
gzip(\$text, \my $gzipped, -Minimal => 1) or die "gzip fails\n";

# A program that says what its query tells it to.
my $cgi = <<'CGI';
#!/bin/sh
test -n "$QUERY_STRING" && echo "Status: $QUERY_STRING"
echo 'Content-Type: text/plain'
echo 'Vary: X-Program'
echo 'Access-Control-Allow-Origin: https://wrong.example'
echo
for i in 1 2 3 4 5 6 7 8 9; do echo 'all work and no play'; done
CGI

# What mod_headers may be told, and what is left of it: the directives, what
# Vary has beside Origin, and under Keep the ACAO and its Vary.
my @wrong = (acao => 'https://wrong.example');
my $acao  = 'Access-Control-Allow-Origin';
my @told  = (
    [ 'set Vary', 'Header set Vary X-A', 'X-A' ],
    [ 'always set Vary', 'Header always set Vary X-A', 'X-A' ],
    [ 'set Vary in both tables',
      "Header set Vary X-A\nHeader always set Vary X-B", 'X-A, X-B' ],
    [ 'the same name in both',
      "Header set Vary X-A\nHeader always set Vary x-a", 'X-A' ],
    [ 'set Vary Origin', 'Header set Vary Origin', '' ],
    [ 'always set Vary origin', 'Header always set Vary origin', '' ],
    [ 'append Vary', 'Header append Vary "X-A, origin"', 'X-A' ],
    [ 'merge Vary', "Header merge Vary X-A\nHeader merge Vary X-A", 'X-A' ],
    [ 'always merge Vary', 'Header always merge Vary Origin', '' ],
    [ 'add Vary, twice',
      "Header add Vary X-A\nHeader add Vary X-B", 'X-A, X-B' ],
    [ 'unset Vary', "Header unset Vary\nHeader always unset Vary", '' ],
    [ 'edit Vary', 'Header edit Vary Origin X-Edited', '' ],
    [ 'set Vary *', 'Header set Vary *', '*' ],
    [ 'set Vary early', 'Header set Vary X-A early', 'X-A' ],
    [ 'set ACAO', "Header set $acao https://wrong.example", '', @wrong ],
    [ 'always set ACAO', "Header always set $acao https://wrong.example",
      '', @wrong ],
    [ 'set ACAO in both tables', "Header set $acao https://wrong.example\n"
          . "Header always set $acao *", '' ],
    [ 'add ACAO, twice', "Header add $acao *\nHeader add $acao *", '' ],
    [ 'merge ACAO', "Header merge $acao https://wrong.example", '', @wrong ],
    [ 'setifempty ACAO', "Header setifempty $acao https://wrong.example",
      '', @wrong ],
    [ 'set ACAO early', "Header set $acao https://wrong.example early", '',
      @wrong ],
    [ 'unset ACAO', "Header unset $acao\nHeader always unset $acao", '' ],
    [ 'edit ACAO', "Header edit $acao .* https://wrong.example", '' ],
    [ 'echo', 'Header echo ^Access-Control', '' ],
    [ 'set credentials', 'Header set Access-Control-Allow-Credentials true',
      '' ],
    [ 'ACAO by expression',
      "Header always set $acao \"expr=%{req:Origin}\"", 'Origin' ],
);
my $told = join '', map {
    my $lines = $told[$_][1];
    my $safe  = $lines =~ / early/ ? '' : $lines;
    my $early = $lines =~ / early/ ? $lines : '';
    <<"CONF";
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName told$_
    CorsAllowOrigin $app
    $early
    <Location "/">
        $safe
    </Location>
    <Location "/keep">
        CorsBackendHeaders Keep
    </Location>
</VirtualHost>
CONF
} 0 .. $#told;

my $s = CorsTest->start(
    modules => [qw(deflate brotli filter negotiation rewrite headers expires
                   include substitute ext_filter buffer sed asis autoindex
                   status info env setenvif proxy proxy_http)],
    cgi     => 1,
    ports   => 2,
    files   => {
        'htdocs/a.txt'              => $text,
        'htdocs/keep/a.txt'         => $text,
        'htdocs/missing.txt'        => "not here\n",
        'htdocs/gone/404.txt'       => $text,
        'htdocs/packed/a.css.gz'    => $gzipped,
        'htdocs/packed/a.css'       => $text,
        'htdocs/packed/.htaccess'   => <<'HTACCESS',
# As the documentation of mod_deflate has it.
RewriteEngine On
RewriteCond "%{HTTP:Accept-encoding}" "gzip"
RewriteCond "%{REQUEST_FILENAME}\.gz" "-s"
RewriteRule "^(.*)\.css" "$1\.css\.gz" [QSA]
RewriteRule "\.css\.gz$" "-" [T=text/css,E=no-gzip:1]
<FilesMatch "\.css\.gz$">
    Header append Content-Encoding gzip
    Header append Vary Accept-Encoding
</FilesMatch>
HTACCESS
        'htdocs/views/a.html'       => $text,
        'htdocs/views/a.html.gz'    => $gzipped,
        'htdocs/views/b.html.en'    => "english\n",
        'htdocs/views/b.html.fr'    => "français\n",
        'htdocs/views/c.var'        =>
            "URI: c\n\nURI: b.html.en\nContent-type: text/html\n"
            . "Content-language: en\n\nURI: b.html.fr\n"
            . "Content-type: text/html\nContent-language: fr\n",
        'htdocs/views/.htaccess'    => "Options +MultiViews\n"
            . "AddEncoding x-gzip .gz\nAddLanguage en .en\n"
            . "AddLanguage fr .fr\nAddHandler type-map .var\n"
            . "ForceLanguagePriority None\nAddType text/html .html\n",
        'htdocs/views/any/.htaccess' => "LanguagePriority fr en\n"
            . "ForceLanguagePriority Prefer Fallback\n",
        'htdocs/views/any/b.html.en' => "english\n",
        'htdocs/views/any/b.html.fr' => "français\n",
        'htdocs/expires/a.txt'      => $text,
        'htdocs/expires/.htaccess'  =>
            "ExpiresActive On\nExpiresDefault \"access plus 1 day\"\n",
        'htdocs/ssi/a.shtml'        =>
            '<!--#echo var="CORS_RESULT" --> <!--#include file="b.shtml" -->'
            . '<!--#include virtual="/cgi-bin/say.cgi" -->',
        'htdocs/ssi/b.shtml'        => '<!--#echo var="CORS_REQUEST" --> ',
        'htdocs/ssi/bad.shtml'      => '<!--#include virtual="/none" -->',
        'htdocs/ssi/.htaccess'      => "Options +Includes\n"
            . "AddType text/html .shtml\nAddOutputFilter INCLUDES .shtml\n",
        'htdocs/substitute/a.txt'   => $text,
        'htdocs/sed/a.txt'          => $text,
        'htdocs/extern/a.txt'       => $text,
        'htdocs/buffer/a.txt'       => $text,
        'htdocs/filter/a.txt'       => $text,
        'htdocs/asis/a.asis'        => "Status: 200 Right\n"
            . "Content-type: text/plain\nVary: X-A\n"
            . "Access-Control-Allow-Origin: https://wrong.example\n"
            . "Access-Control-Allow-Methods: TRACE\n\nas it is\n",
        'htdocs/asis/b.asis'        => "Status: 404 Wrong\n"
            . "Content-type: text/plain\nVary: origin\n"
            . "Access-Control-Allow-Origin: *\n\nas it is not\n",
        'htdocs/asis/c.asis'        =>
            "Location: http://www.example.org/elsewhere\n"
            . "Status: 302 There\nContent-type: text/plain\n\nthere\n",
        'htdocs/asis/.htaccess'     => "AddHandler send-as-is asis\n",
        'htdocs/list/a.txt'         => $text,
        'htdocs/list/.htaccess'     => "Options +Indexes\n",
        'htdocs/nolist/a.txt'       => $text,
        'cgi-bin/say.cgi'           => $cgi,
        'packed/a.txt'              => $gzipped,
    },
    conf => <<"CONF" . $told);
AddType text/css .css
DefaultType None
ExtFilterDefine louder mode=output intype=text/plain cmd="/usr/bin/tr a-z A-Z"
FilterDeclare chosen
FilterProvider chosen SUBSTITUTE "%{CONTENT_TYPE} == 'text/plain'"
CorsAllowOrigin $app
ErrorDocument 410 /gone/404.txt
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName localhost
    # The same files, compressed on their way in one of several manners.
    Alias /deflate/ "\@DOCROOT\@/"
    Alias /brotli/ "\@DOCROOT\@/"
    Alias /either/ "\@DOCROOT\@/"
    Alias /always/ "\@DOCROOT\@/"
    ScriptAlias /deflate-cgi/ "\@ROOT\@/cgi-bin/"
    ScriptAlias /brotli-cgi/ "\@ROOT\@/cgi-bin/"
    <LocationMatch "^/(deflate|deflate-cgi)/">
        SetOutputFilter DEFLATE
    </LocationMatch>
    <LocationMatch "^/(brotli|brotli-cgi)/">
        SetOutputFilter BROTLI_COMPRESS
    </LocationMatch>
    <Location "/either/">
        AddOutputFilterByType BROTLI_COMPRESS;DEFLATE text/plain
    </Location>
    <Location "/always/">
        SetOutputFilter DEFLATE
        SetEnv force-gzip 1
        Header append Vary User-Agent
    </Location>
    Redirect 410 /deflate/gone
    Redirect 410 /brotli/gone
    ProxyPass /unpacked/ http://127.0.0.1:\@PORT2\@/
    <Location "/unpacked/">
        SetOutputFilter INFLATE
    </Location>
    <Location "/substitute">
        SetOutputFilter SUBSTITUTE
        Substitute s|work|rest|
    </Location>
    <Location "/sed">
        SetOutputFilter Sed
        OutputSed "s|work|rest|"
    </Location>
    <Location "/extern">
        SetOutputFilter louder
    </Location>
    <Location "/buffer">
        SetOutputFilter BUFFER
    </Location>
    <Location "/filter">
        FilterChain chosen
        Substitute s|work|rest|
    </Location>
    <Location "/server-status">
        SetHandler server-status
    </Location>
    <Location "/server-info">
        SetHandler server-info
    </Location>
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName no-etag
    Alias /deflate/ "\@DOCROOT\@/"
    Alias /brotli/ "\@DOCROOT\@/"
    DeflateAlterETag Remove
    BrotliAlterETag Remove
    SetOutputFilter DEFLATE
    <Location "/brotli/">
        SetOutputFilter BROTLI_COMPRESS
    </Location>
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName same-etag
    Alias /deflate/ "\@DOCROOT\@/"
    Alias /brotli/ "\@DOCROOT\@/"
    DeflateAlterETag NoChange
    BrotliAlterETag NoChange
    SetOutputFilter DEFLATE
    <Location "/brotli/">
        SetOutputFilter BROTLI_COMPRESS
    </Location>
</VirtualHost>
Listen 127.0.0.1:\@PORT2\@
<VirtualHost 127.0.0.1:\@PORT2\@>
    ServerName localhost
    CorsEngine Off
    DocumentRoot "\@ROOT\@/packed"
    <Directory "\@ROOT\@/packed">
        Require all granted
        ForceType text/plain
        Header set Content-Encoding gzip
        Header set Access-Control-Allow-Origin *
        Header set Vary Accept-Encoding
    </Directory>
</VirtualHost>
CONF

# The ETag of a file of this second is a weak one.
find(sub { -f && utime time, time - 86400, $_ }, $s->docroot);

# Three clients to each answer: who is allowed, who is not, who says nothing.
# `vary` is what others vary on.
sub promise_all {
    my ($what, $line, $fields, $is, $opt) = @_;
    my %is   = %{ $is || {} };
    my $vary = delete $is{vary};
    my $all  = ($vary // '') eq '*' ? '*'
        : join ', ', 'Origin', $vary || ();
    $s->promises(
        [ "$what, allowed", $line, [ Origin => $app, @{ $fields || [] } ],
          { %is, acao => $app, vary => $all }, $opt ],
        [ "$what, refused", $line, [ Origin => $evil, @{ $fields || [] } ],
          { %is, vary => $all }, $opt ],
        [ "$what, no Origin", $line, $fields || [],
          { %is, vary => $all }, $opt ]);
}

# A preflight is answered, and nothing of the neighbour is in the answer but
# what it says of all responses (`vary`).
sub promise_asked {
    my ($what, $path, $opt, @fields) = @_;
    my %at = %{ $opt || {} };
    my $vary = delete $at{vary};
    my $all = join ', ', $TRIO, $vary || ();
    my $bare = { map { $_ => undef } qw(Content-Encoding ETag Content-Type
        Content-Language TCN) };
    $s->promises(
        [ "$what: a preflight is answered", "OPTIONS $path",
          [ @{ preflight($app, 'PUT') }, @fields ],
          { status => 204, acao => $app, acam => 'GET, HEAD, POST',
            acma => 600, vary => $all, body => '', field => $bare }, \%at ],
        [ "$what: or refused", "OPTIONS $path",
          [ @{ preflight($evil, 'GET') }, @fields ],
          { status => 403, vary => $all, body => '',
            field => { %$bare, 'Content-Length' => 0 } }, \%at ]);
}

# ---------------------------------------------------------------------------
# mod_deflate: actual
# ---------------------------------------------------------------------------

my $today = strftime('%a, %d %b %Y %T GMT', gmtime);
my @gzip = ('Accept-Encoding' => 'gzip');
my @br   = ('Accept-Encoding' => 'br, gzip');
my $whole = { body => $text, vary => 'Accept-Encoding',
              field => { 'Content-Encoding' => undef } };

promise_all('mod_deflate, a client that cannot',
    'GET /deflate/a.txt', [], $whole);
promise_all('mod_deflate, compressed', 'GET /deflate/a.txt', \@gzip,
    { body => qr/^\x1f\x8b/, vary => 'Accept-Encoding',
      field => { 'Content-Encoding' => 'gzip', ETag => qr/-gzip"$/ } });
promise_all('mod_deflate, HEAD', 'HEAD /deflate/a.txt', \@gzip,
    { vary => 'Accept-Encoding', field => { ETag => qr/-gzip"$/ } });
promise_all('mod_deflate, a part', 'GET /deflate/a.txt',
    [ @gzip, Range => 'bytes=0-1' ],
    { status => 206, vary => 'Accept-Encoding' });
promise_all('mod_deflate, for everybody', 'GET /always/a.txt', [],
    { body => qr/^\x1f\x8b/, vary => 'Accept-Encoding, User-Agent',
      field => { 'Content-Encoding' => 'gzip' } });

my $res = $s->request('GET /deflate/a.txt', [ Origin => $app, @gzip ]);
my $packed = $res->body;
gunzip(\$packed, \my $unpacked);
promise(($unpacked // '') eq $text, 'what was compressed can be read',
    $res->transcript);

promise_all('mod_deflate, in front of a compressed backend',
    'GET /unpacked/a.txt',
    \@gzip, $whole);

# ---------------------------------------------------------------------------
# mod_brotli: actual
# ---------------------------------------------------------------------------

promise_all('mod_brotli, a client that cannot',
    'GET /brotli/a.txt', [], $whole);
promise_all('mod_brotli, compressed', 'GET /brotli/a.txt', \@br,
    { body => qr/^(?!all work).{9}/s, vary => 'Accept-Encoding',
      field => { 'Content-Encoding' => 'br', ETag => qr/-br"$/ } });
promise_all('mod_brotli, HEAD', 'HEAD /brotli/a.txt', \@br,
    { vary => 'Accept-Encoding', field => { ETag => qr/-br"$/ } });
for my $case ([ 'br', \@br ], [ 'gzip', \@gzip ], [ undef, [] ]) {
    my ($encoding, $fields) = @$case;
    promise_all('mod_brotli and mod_deflate: ' . ($encoding // 'neither'),
        'GET /either/a.txt', $fields, { vary => 'Accept-Encoding',
            field => { 'Content-Encoding' => $encoding } });
}

# The errors of both are alike.
sub promise_errors {
    my ($name, $encoding, $fields) = @_;
    my $packed = { 'Content-Encoding' => $encoding };
    my %vary   = (vary => 'Accept-Encoding');
    my $get = sub {
        my ($path, @more) = @_;
        return $s->request("GET /$name/$path", [ @$fields, @more ])
            ->field('ETag') // die "no ETag\n";
    };
    my $tag = $get->('a.txt');
    # httpd does not know the altered ETag of a file of its own; and a 304 of
    # its own says nothing of Accept-Encoding, but by mod_brotli.
    my %brotli = $name eq 'brotli' ? %vary : ();
    promise_all("mod_$name, its own ETag", "GET /$name/a.txt",
        [ @$fields, 'If-None-Match' => $tag ],
        { %vary, field => { ETag => $tag } });
    promise_all("mod_$name, 304", "GET /$name/a.txt",
        [ @$fields, 'If-Modified-Since' => $today ],
        { status => 304, %brotli });
    for my $host ('same-etag', 'no-etag') {
        my %at = (host => $host);
        my $plain = $s->request("GET /$name/a.txt", [])->field('ETag');
        my $is    = $host eq 'same-etag' ? $plain : undef;
        promise_all("mod_$name, $host", "GET /$name/a.txt", $fields,
            { %vary, field => { %$packed, ETag => $is } }, \%at);
        promise_all("mod_$name, $host, 304", "GET /$name/a.txt",
            [ @$fields, 'If-None-Match' => $plain ],
            { status => 304, %brotli }, \%at);
    }
    promise_all("mod_$name, httpd's own 404", "GET /$name/none", $fields,
        { status => 404 });
    promise_all("mod_$name, an error document", "GET /$name/gone", $fields,
        { status => 410, body => $text });
    for my $status (404, 500, 503) {
        promise_all("mod_$name, a program's $status", "GET /$name-cgi/say.cgi?"
            . $status, $fields, { status => $status, field => $packed,
            vary => 'Accept-Encoding, X-Program' });
    }
    promise_all("mod_$name, 412", "GET /$name/a.txt",
        [ @$fields, 'If-Match' => '"x"' ],
        { status => 412, %brotli });
}

# ---------------------------------------------------------------------------
# mod_deflate: errors
# ---------------------------------------------------------------------------

promise_errors('deflate', 'gzip', \@gzip);

# ---------------------------------------------------------------------------
# mod_brotli: errors
# ---------------------------------------------------------------------------

promise_errors('brotli', 'br', \@br);

# ---------------------------------------------------------------------------
# mod_deflate: once
# ---------------------------------------------------------------------------

promise_all("mod_deflate, a program's own fields", 'GET /deflate-cgi/say.cgi',
    \@gzip, { vary => 'Accept-Encoding, X-Program',
              field => { 'Content-Encoding' => 'gzip' } });

# ---------------------------------------------------------------------------
# mod_brotli: once
# ---------------------------------------------------------------------------

promise_all("mod_brotli, a program's own fields",
    'GET /brotli-cgi/say.cgi', \@br,
    { vary => 'Accept-Encoding, X-Program',
      field => { 'Content-Encoding' => 'br' } });

# ---------------------------------------------------------------------------
# mod_deflate: preflight
# ---------------------------------------------------------------------------

promise_asked('mod_deflate', '/deflate/a.txt', {}, @gzip);
promise_asked('mod_deflate, for everybody', '/always/a.txt', {}, @gzip);
promise_asked('mod_deflate, in front of a backend',
    '/unpacked/a.txt', {}, @gzip);

# ---------------------------------------------------------------------------
# mod_brotli: preflight
# ---------------------------------------------------------------------------

promise_asked('mod_brotli', '/brotli/a.txt', {}, @br);

# ---------------------------------------------------------------------------
# mod_rewrite: actual
# ---------------------------------------------------------------------------

promise_all('a file that is compressed already', 'GET /packed/a.css', \@gzip,
    { body => $gzipped, vary => 'Accept-Encoding',
      field => { 'Content-Encoding' => 'gzip',
                 'Content-Type' => 'text/css' } });
# mod_rewrite says what it varies on only where that made a difference.
promise_all('for who cannot read that, another', 'GET /packed/a.css', [],
    { %$whole, vary => undef });
my $tag = $s->request('GET /packed/a.css', \@gzip)->field('ETag');
promise_all('the compressed one has not changed', 'GET /packed/a.css',
    [ @gzip, 'If-None-Match' => $tag ],
    { status => 304, vary => 'Accept-Encoding' });
promise_asked('a file that is compressed already', '/packed/a.css', {}, @gzip);

# ---------------------------------------------------------------------------
# mod_negotiation: actual
# ---------------------------------------------------------------------------

my @en = ('Accept-Language' => 'en');
my @fr = ('Accept-Language' => 'fr');
my %language = (vary => 'negotiate, accept-language');
for my $case ([ 'MultiViews', '/views/b' ], [ 'MultiViews, with a type',
                                              '/views/b.html' ],
              [ 'a type map', '/views/c.var' ]) {
    my ($what, $path) = @$case;
    promise_all("$what: english", "GET $path", \@en,
        { %language, body => "english\n",
          field => { 'Content-Language' => 'en', TCN => 'choice' } });
    promise_all("$what: french", "GET $path", \@fr,
        { %language, body => "français\n",
          field => { 'Content-Language' => 'fr' } });
    promise_all("$what: HEAD", "HEAD $path", \@fr, { %language });
    my $tag = $s->request("GET $path", \@fr)->field('ETag');
    promise_all("$what: 304", "GET $path", [ @fr, 'If-None-Match' => $tag ],
        { %language, status => 304 });
}
my %encoding = (vary => 'negotiate, accept-encoding');
promise_all('MultiViews: an encoding', 'GET /views/a', \@gzip,
    { %encoding, body => $gzipped,
      field => { 'Content-Encoding' => 'gzip', TCN => 'choice' } });
promise_all('MultiViews: none', 'GET /views/a', [],
    { %encoding, body => $text,
      field => { 'Content-Encoding' => undef, TCN => 'choice' } });
promise_all('MultiViews: one that exists is not negotiated',
    'GET /views/b.html.en',
    \@fr, { body => "english\n" });
promise_all('MultiViews: by priority', 'GET /views/any/b',
    [ 'Accept-Language' => 'de' ], { %language, body => "français\n" });

# ---------------------------------------------------------------------------
# mod_negotiation: errors
# ---------------------------------------------------------------------------

promise_all('MultiViews: nothing suits', 'GET /views/b',
    [ 'Accept-Language' => 'de' ],
    { status => 406, %language, body => qr/b\.html\.fr/ });
promise_all('a type map: nothing suits', 'GET /views/c.var',
    [ 'Accept-Language' => 'de' ],
    { status => 406, %language, body => qr/b\.html\.fr/ });
promise_all('MultiViews: the client wants to choose', 'GET /views/b',
    [ 'Negotiate' => 'trans' ],
    { status => 300, %language, body => qr/b\.html\.fr/ });

# ---------------------------------------------------------------------------
# mod_negotiation: preflight
# ---------------------------------------------------------------------------

promise_asked('MultiViews', '/views/b', {}, @fr);
promise_asked('a type map', '/views/c.var', {}, @fr);
promise_asked('MultiViews, where nothing suits', '/views/b', {},
    'Accept-Language' => 'de');

# ---------------------------------------------------------------------------
# mod_headers: once
# ---------------------------------------------------------------------------

# What is not `always` is not on responses that httpd makes itself.
sub lasting {
    my ($n) = @_;
    return join ', ', grep { lc ne 'origin' } map {
        /^Header always (?:set|merge|append) Vary (\S+)/ ? $1 : ()
    } split /\n/, $told[$n][1];
}

for my $n (0 .. $#told) {
    my ($what, undef, $vary, @kept) = @{ $told[$n] };
    my %at = (host => "told$n");
    my $after  = $what =~ /expression/ ? '' : $vary;
    promise_all("Header $what", 'GET /a.txt', [], { vary => $after }, \%at);
    promise_all("Header $what, 304", 'GET /a.txt',
        [ 'If-Modified-Since' => $today ],
        { status => 304, vary => $after }, \%at);
    promise_asked("Header $what", '/a.txt',
        { %at, vary => $what =~ /early/ ? $vary : lasting($n) });
}

# ---------------------------------------------------------------------------
# mod_headers: errors
# ---------------------------------------------------------------------------

for my $n (0 .. $#told) {
    my ($what) = @{ $told[$n] };
    promise_all("Header $what, 404", 'GET /none', [],
        { status => 404, vary => lasting($n) }, { host => "told$n" });
}

# ---------------------------------------------------------------------------
# mod_headers: actual
# ---------------------------------------------------------------------------

# Under Keep one origin of theirs stays, and Vary is still everybody's.
for my $n (0 .. $#told) {
    my ($what, undef, $vary, @kept) = @{ $told[$n] };
    my $is = sub {
        my ($origin) = @_;
        return (acao => $kept[1]) if @kept;
        return (acao => $origin)
            if $what =~ /expression/ && defined $origin;
        return $origin && $origin eq $app ? (acao => $app) : ();
    };
    my $all = $vary eq '*' ? '*' : join ', ', grep { length }
        'Origin', $what =~ /expression/ ? '' : $vary;
    $s->promises(map { my $origin = $_;
        [ "Header $what, Keep, " . ($origin // 'no Origin'),
          'GET /keep/a.txt', defined $origin ? { Origin => $origin } : {},
          { $is->($origin), vary => $all }, { host => "told$n" } ];
    } $app, $evil, undef);
}

# ---------------------------------------------------------------------------
# mod_headers: gate
# ---------------------------------------------------------------------------

# What changes the request in front of everything changes the decision; what
# comes later does not.
my $g = CorsTest->start(
    name    => 'request headers',
    modules => [qw(headers)],
    files   => { 'htdocs/a.txt' => "hi\n" },
    conf    => join '', map { my ($name, $line) = @$_; <<"CONF" }
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName $name
    CorsAllowOrigin $app
    CorsRejectUnlisted On
    $line
</VirtualHost>
CONF
    [ 'unset-early', 'RequestHeader unset Origin early' ],
    [ 'set-early', "RequestHeader set Origin $app early" ],
    [ 'unset', 'RequestHeader unset Origin' ],
    [ 'set', "RequestHeader set Origin $app" ]);
my @shut = (status => 403, vary => 'Origin');
my @open = (acao => $app, vary => 'Origin', body => "hi\n");
$g->promises(map {
    my ($host, $origin, $text, @is) = @$_;
    [ "RequestHeader $host: $text", 'GET /a.txt', { Origin => $origin },
      { @is }, { host => $host } ];
} [ 'unset-early', $app, 'no Origin for anybody', vary => 'Origin',
    body => "hi\n" ],
  [ 'unset-early', $evil, 'and no gate', vary => 'Origin', body => "hi\n" ],
  [ 'set-early', $evil, 'everybody is the one', @open ],
  [ 'unset', $app, 'too late', @open ], [ 'unset', $evil, 'too late', @shut ],
  [ 'set', $app, 'it is the one', @open ],
  [ 'set', $evil, 'too late', @shut ]);
$g->stop;

# ---------------------------------------------------------------------------
# mod_expires: actual
# ---------------------------------------------------------------------------

my $expires = { field => { 'Cache-Control' => 'max-age=86400',
                           Expires => qr/GMT$/ } };
promise_all('mod_expires', 'GET /expires/a.txt', [], $expires);
promise_all('mod_expires, 304', 'GET /expires/a.txt',
    [ 'If-Modified-Since' => $today ], { status => 304, %$expires });

# ---------------------------------------------------------------------------
# mod_expires: preflight
# ---------------------------------------------------------------------------

# It writes them on what succeeds there; no browser looks at them.
promise_asked('mod_expires', '/expires/a.txt');
$s->promises(
    [ 'mod_expires: they are on the answer to a preflight',
      'OPTIONS /expires/a.txt', preflight($app, 'PUT'),
      { status => 204, body => '', acao => $app, acma => 600,
        acam => 'GET, HEAD, POST', vary => $TRIO, %$expires } ],
    [ 'mod_expires: not on a refusal', 'OPTIONS /expires/a.txt',
      preflight($evil, 'PUT'),
      { status => 403, body => '', vary => $TRIO,
        field => { 'Cache-Control' => undef, Expires => undef } } ]);
# ---------------------------------------------------------------------------
# mod_include: actual
# ---------------------------------------------------------------------------

my $said = "all work and no play\n" x 9;
$s->promises(
    [ 'a page may say what was decided: allowed', 'GET /ssi/a.shtml',
      { Origin => $app },
      { acao => $app, vary => 'Origin', body => "allowed actual $said" } ],
    [ 'refused', 'GET /ssi/a.shtml', { Origin => $evil },
      { vary => 'Origin', body => "denied-origin actual $said" } ],
    [ 'no Origin', 'GET /ssi/a.shtml', {},
      { vary => 'Origin', body => "(none) (none) $said" } ]);
promise_all('mod_include, HEAD', 'HEAD /ssi/a.shtml');
promise_all('mod_include, a part that is missing', 'GET /ssi/bad.shtml', [],
    { body => qr/an error occurred/ });
promise_asked('mod_include', '/ssi/a.shtml');

# ---------------------------------------------------------------------------
# mod_substitute: actual
# ---------------------------------------------------------------------------

my $rested = { body => $text =~ s|work|rest|gr };
promise_all('mod_substitute', 'GET /substitute/a.txt', [], $rested);
promise_all('mod_substitute, HEAD', 'HEAD /substitute/a.txt');
promise_all('mod_substitute, 404',
    'GET /substitute/none', [], { status => 404 });
promise_asked('mod_substitute', '/substitute/a.txt');

# ---------------------------------------------------------------------------
# mod_sed: actual
# ---------------------------------------------------------------------------

promise_all('mod_sed', 'GET /sed/a.txt', [], $rested);
promise_asked('mod_sed', '/sed/a.txt');

# ---------------------------------------------------------------------------
# mod_filter: actual
# ---------------------------------------------------------------------------

promise_all('mod_filter', 'GET /filter/a.txt', [], $rested);
promise_all('mod_filter, 404', 'GET /filter/none', [], { status => 404 });
promise_asked('mod_filter', '/filter/a.txt');

# ---------------------------------------------------------------------------
# mod_ext_filter: actual
# ---------------------------------------------------------------------------

promise_all('mod_ext_filter', 'GET /extern/a.txt', [], { body => uc $text });
promise_all('mod_ext_filter, 404', 'GET /extern/none', [], { status => 404 });
promise_asked('mod_ext_filter', '/extern/a.txt');

# ---------------------------------------------------------------------------
# mod_buffer: actual
# ---------------------------------------------------------------------------

promise_all('mod_buffer', 'GET /buffer/a.txt', [], { body => $text });
promise_all('mod_buffer, 304', 'GET /buffer/a.txt',
    [ 'If-Modified-Since' => $today ], { status => 304 });
promise_asked('mod_buffer', '/buffer/a.txt');

# ---------------------------------------------------------------------------
# mod_asis: actual
# ---------------------------------------------------------------------------

promise_all('mod_asis', 'GET /asis/a.asis', [],
    { vary => 'X-A', body => "as it is\n" });
promise_asked('mod_asis', '/asis/a.asis');

# ---------------------------------------------------------------------------
# mod_asis: errors
# ---------------------------------------------------------------------------

promise_all('mod_asis, an error', 'GET /asis/b.asis', [], { status => 404 });
promise_all('mod_asis, a redirect', 'GET /asis/c.asis', [],
    { status => 302, field => { Location => qr/elsewhere/ } });

# ---------------------------------------------------------------------------
# mod_autoindex: actual
# ---------------------------------------------------------------------------

promise_all('mod_autoindex', 'GET /list/', [], { body => qr/a\.txt/ });
promise_all('mod_autoindex, sorted', 'GET /list/?C=M;O=D', [],
    { body => qr/a\.txt/ });
promise_asked('mod_autoindex', '/list/');

# ---------------------------------------------------------------------------
# mod_autoindex: errors
# ---------------------------------------------------------------------------

promise_all('mod_autoindex, not allowed',
    'GET /nolist/', [], { status => 403 });
promise_all('mod_dir, a slash is missing', 'GET /list', [],
    { status => 301, field => { Location => qr{/list/$} } });

# ---------------------------------------------------------------------------
# mod_status: actual
# ---------------------------------------------------------------------------

promise_all('mod_status',
    'GET /server-status?auto', [], { body => qr/^Uptime: /m });
promise_asked('mod_status', '/server-status');

# ---------------------------------------------------------------------------
# mod_info: actual
# ---------------------------------------------------------------------------

promise_all('mod_info', 'GET /server-info', [], { body => qr/mod_cors\.c/ });
promise_all('mod_info, a part', 'GET /server-info?list', [],
    { body => qr/mod_cors\.c/ });
promise_asked('mod_info', '/server-info');

# ---------------------------------------------------------------------------
# Ranges
# ---------------------------------------------------------------------------

promise_all('one range', 'GET /a.txt', [ Range => 'bytes=4-7' ],
    { status => 206, body => 'work',
      field => { 'Content-Range' => 'bytes 4-7/1050' } });
promise_all('two ranges', 'GET /a.txt', [ Range => 'bytes=0-2,4-7' ],
    { status => 206, body => qr/\r\n\r\nall\r\n.*\r\n\r\nwork\r\n/s });
promise_all('a range of another state', 'GET /a.txt',
    [ Range => 'bytes=4-7', 'If-Range' => '"x"' ], { body => $text });
promise_all('a range that is not there',
    'GET /a.txt', [ Range => 'bytes=9999-' ],
    { status => 416 });
promise_all('HEAD of a range', 'HEAD /a.txt', [ Range => 'bytes=4-7' ],
    { status => 206 });

$s->expect_log(
    qr/AH00690: no acceptable variant/,
    qr/unable to include .* in parsed file/,
    qr/AH01276: Cannot serve directory/,
);
CorsTest::finish();
