# Where no policy is active the module is not there: heads are byte for byte
# those of the same httpd without it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use Test::More;

my $app = 'https://app.example.com';

# A CGI script that speaks CORS itself, carelessly. It says how long its body
# is, or timing would decide how httpd frames it.
my $cgi = <<'CGI';
#!/bin/sh
body="$REQUEST_METHOD $HTTP_ORIGIN ${CORS_REQUEST-unset} ${CORS_RESULT-unset}"
echo 'Content-Type: text/plain'
echo 'Access-Control-Allow-Origin: *'
echo 'Access-Control-Allow-Origin: https://other.example'
echo 'access-control-allow-credentials: true'
echo 'Access-Control-Allow-Methods: PURGE'
echo 'Access-Control-Expose-Headers: X-Mine'
echo 'Timing-Allow-Origin: *'
echo 'Vary: Cookie'
echo 'Vary: Accept'
echo "Content-Length: ${#body}"
echo
printf %s "$body"
CGI
my $conf = <<'CONF';
DavLockDB "@ROOT@/scratch/dav"
SetEnv ap_trust_cgilike_cl 1
ErrorDocument 404 /errors/404.html
FileETag MTime Size
LogFormat "%{CORS_REQUEST}e %{CORS_RESULT}e" cors
CustomLog "@ROOT@/access.log" cors
<Location "/mine">
    Header set Access-Control-Allow-Origin *
    Header add Access-Control-Allow-Origin https://other.example
    Header always set Access-Control-Max-Age 7
    Header merge Vary X-Mine
</Location>
<Location "/denied">
    Require all denied
</Location>
<Location "/auth">
    AuthType Basic
    AuthName private
    AuthUserFile "@ROOT@/users"
    Require valid-user
</Location>
<Location "/get-only">
    AllowMethods GET
</Location>
<Location "/dav">
    Dav On
</Location>
<Location "/deflate">
    SetOutputFilter DEFLATE
</Location>
AliasMatch "^/(mine|denied|auth|get-only|deflate)$" "@DOCROOT@/a.txt"
Redirect 302 /old /a.txt
TraceEnable On
ProxyPass /proxied/ http://127.0.0.1:@PORT2@/cgi-bin/
Listen 127.0.0.1:@PORT2@
<VirtualHost 127.0.0.1:@PORT2@>
    ServerName localhost
    KeepAlive Off
</VirtualHost>
CONF

# What is loaded, and written, and still active nowhere below.
my %servers = (
    'no directives' => '',
    'a policy elsewhere' => <<"CONF",
<Location "/elsewhere">
    CorsAllowOrigin *
</Location>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName localhost
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName elsewhere.example
    CorsAllowOrigin *
</VirtualHost>
CONF
    'no origins named' => <<'CONF',
CorsEngine On
CorsAllowMethods PUT
CorsAllowHeaders *
CorsExposeHeaders *
CorsAllowCredentials On
CorsMaxAge 5
CorsPreflightStatus 200
CorsBackendHeaders Replace
CorsTolerate insecure-origin
CONF
    'CorsEngine Off' => "CorsEngine Off\nCorsAllowOrigin *\n",
);

sub start {
    my ($more, @options) = @_;
    my $s = CorsTest->start(@options,
        modules => [qw(alias env headers allowmethods dav dav_fs deflate filter
                       negotiation rewrite include authn_core authn_file
                       auth_basic authz_user proxy proxy_http)],
        cgi   => 1,
        ports => 2,
        name  => "inert.t, $more",
        files => {
            'users' => "u:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n",
            'htdocs/a.txt'           => 'hi ' x 100 . "\n",
            'htdocs/dir/index.html'  => "index\n",
            'htdocs/dav/a.txt'       => "hi\n",
            'htdocs/multi/page.html' => "page\n",
            'htdocs/multi/page.txt'  => "page\n",
            'htdocs/multi/.htaccess' => "Options +MultiViews\n",
            'htdocs/errors/404.html' => "not found\n",
            'htdocs/front/.htaccess' => "RewriteEngine On\n"
                . "RewriteRule . /cgi-bin/mine.cgi\n",
            'htdocs/ssi/.htaccess'   => "Options +Includes\n"
                . "AddOutputFilter INCLUDES .html\n",
            'htdocs/ssi/a.html'      =>
                '<!--#include virtual="/mine" -->',
            'cgi-bin/mine.cgi'       => $cgi,
            'cgi-bin/404.cgi'        => $cgi
                =~ s/^echo$/echo Status: 404\necho/mr,
            'cgi-bin/broken.cgi'     => "#!/bin/sh\nexit 1\n",
        },
        conf => $conf . ($servers{$more} || ''),
    );
    # The same age everywhere, for the same ETag.
    utime 1e9, 1e9, map { glob $s->docroot . "/$_" } '*', '*/*';
    $s->expect_log(qr/AH01630: client denied by server configuration/,
        qr/AH01623: client method denied by server configuration/,
        qr/End of script output before headers: broken\.cgi/);
    return $s;
}

my @fields = (
    [ 'no Origin', [] ],
    [ 'an Origin', [ Origin => $app ] ],
    [ 'a malformed Origin', [ Origin => "$app/", Origin => 'null' ] ],
    [ 'the fields of a preflight', preflight($app, 'PUT', 'x-a, x-b') ],
);
my @requests = (
    'GET /a.txt', 'HEAD /a.txt', 'OPTIONS /a.txt', 'POST /a.txt',
    'PUT /a.txt', 'TRACE /a.txt', 'OPTIONS *', 'GET /dir', 'OPTIONS /dir',
    'GET /dir/', 'GET /missing', 'OPTIONS /missing', 'GET /denied',
    'OPTIONS /denied', 'GET /auth', 'OPTIONS /auth', 'POST /get-only',
    'OPTIONS /get-only', 'GET /old', 'OPTIONS /old', 'GET /a%2fb',
    'GET /mine', 'OPTIONS /mine', 'GET /mine?x', 'GET /multi/page',
    'GET /deflate', 'GET /front/x', 'OPTIONS /front/x', 'GET /ssi/a.html',
    'OPTIONS /dav/a.txt', 'OPTIONS /dav/', 'PROPFIND /dav/a.txt',
    (map { ("GET /$_", "HEAD /$_", "OPTIONS /$_", "POST /$_") }
     'cgi-bin/mine.cgi', 'cgi-bin/404.cgi', 'proxied/mine.cgi',
     'proxied/404.cgi'),
    'GET /cgi-bin/broken.cgi', 'GET /proxied/broken.cgi',
);
my @more = (
    [ 'a range', 'GET /a.txt', [ Range => 'bytes=1-2' ] ],
    [ 'no change', 'GET /a.txt',
      [ 'If-Modified-Since' => 'Sun, 09 Sep 2001 01:46:40 GMT' ] ],
    [ 'a range beyond', 'GET /a.txt', [ Range => 'bytes=999-' ] ],
    [ 'gzip', 'GET /deflate', [ 'Accept-Encoding' => 'gzip' ] ],
    [ 'a password', 'GET /auth',
      [ Authorization => 'Basic dTpwYXNzd29yZA==' ] ],
);

# All that is different from server to server.
sub answer {
    my ($s, $line, $fields) = @_;
    my $res  = $s->request($line, $fields);
    my $text = $res->head . "\r\n" . $res->body . $res->extra;
    $text =~ s/^Date: .*\r\n//m;
    # httpd lists methods in an order of the day.
    $text =~ s/^(Allow: )(.*)\r$/"$1@{[ sort split m{,}, $2 ]}\r"/me;
    $text =~ s/creationdate>[^<]*| xmlns:lp\d="[^"]*"//g;
    $text =~ s/127\.0\.0\.1:\d+/backend/g;
    $text =~ s/localhost(?::\d+|\sPort \d+)/localhost/g;
    return ($text, $res);
}

my $bare = start('without the module', bare => 1);
my %expected;
my @cases = (
    (map { my $line = $_; map { [ $_->[0], $line, $_->[1] ] } @fields }
     @requests),
    (map { my $case = $_;
           ($case, [ "$case->[0] and an Origin", $case->[1],
                     [ @{ $case->[2] }, Origin => $app ] ]) } @more),
);
for my $case (@cases) {
    my ($what, $line, $fields) = @$case;
    ($expected{"$line $what"}) = answer($bare, $line, $fields);
}

# The comparison is worth something: these do answer with CORS fields.
promise($expected{'GET /cgi-bin/mine.cgi an Origin'} =~
        /Access-Control-Allow-Origin: \*.*Access-Control-Allow-Methods/s,
    'the backend speaks for itself');
promise($expected{'OPTIONS /dav/a.txt an Origin'} =~ /^DAV: 1/m,
    'WebDAV is discovered');
promise($expected{'OPTIONS /a.txt the fields of a preflight'} =~ /^Allow: /m,
    'httpd answers OPTIONS');

for my $name (sort keys %servers) {
    my $s = start($name);
    for my $case (@cases) {
        my ($what, $line, $fields) = @$case;
        my ($text, $res) = answer($s, $line, $fields);
        promise($text eq $expected{"$line $what"},
            "$name: $line with $what is httpd's own answer",
            $res->transcript, 'expected:', $expected{"$line $what"});
    }
    $s->stop;
    open my $in, '<', $s->root . '/access.log' or die "access.log: $!\n";
    my @set = grep { !/^- -$/ } <$in>;
    promise(!@set, "$name: no variable is ever set", @set);
    promise(!$s->log_lines(qr/\[cors:/), "$name: not a word in the log",
        $s->log_lines(qr/\[cors:/));
}
CorsTest::finish();
