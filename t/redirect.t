# One decision for a request, however often httpd redirects it inside: the URL
# that the client asked for decides, and what comes later does not.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use Test::More;

# The URL as asked allows app, all targets allow target, all error documents
# allow errors. So the origin that is allowed says who decided.
my $app    = 'https://app.example.com';
my $target = 'https://target.example';
my $errors = 'https://errors.example';

my $cgi = <<'CGI';
#!/bin/sh
echo 'Content-Type: text/plain'
echo 'Access-Control-Allow-Origin: https://errors.example'
echo 'Access-Control-Expose-Headers: X-Mine'
echo
echo "cgi"
CGI
my $rules = <<'HTACCESS';
RewriteEngine On
RewriteRule ^nice$ /target/a.txt
RewriteRule ^twice$ hop
RewriteRule ^hop$ /target/a.txt
RewriteRule ^to-missing$ /target/missing
RewriteRule ^to-denied$ /target/denied/a.txt
RewriteRule ^to-same$ a.txt
RewriteRule ^out$ /outside [R=302]
RewriteRule ^no$ - [F]
RewriteRule ^gone$ - [G]
RewriteRule ^proxy$ http://127.0.0.1:@PORT2@/cgi-bin/plain.cgi [P]
HTACCESS
my $front = <<'HTACCESS';
RewriteEngine On
RewriteCond %{REQUEST_FILENAME} !-f
RewriteRule . /target/front.cgi
HTACCESS

my %files = (
    'users'                     => "u:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n",
    'htdocs/a.txt'              => "hi\n",
    'htdocs/target/a.txt'       => "target\n",
    'htdocs/target/front.cgi'   => $cgi,
    'htdocs/target/index.html'  => "target\n",
    'htdocs/target/denied/a.txt' => "no\n",
    'htdocs/errors/404.html'    => "not found\n",
    'htdocs/early/a.txt'        => "hi\n",
    'htdocs/early/broken/a.txt' => "hi\n",
    'htdocs/early/broken/.htaccess' => "NoSuchDirective\n",
    'htdocs/early two/.htaccess' => "NoSuchDirective\n",
    'htdocs/walk/a.txt'         => "hi\n",
    'htdocs/walk/broken/a.txt'  => "hi\n",
    'htdocs/walk/broken/.htaccess' => "NoSuchDirective\n",
    'htdocs/locked/dir/index.html'   => "index\n",
    'htdocs/locked/known/index.html' => "index\n",
    'cgi-bin/error.cgi'         => $cgi,
    'cgi-bin/plain.cgi'         => $cgi,
    'htdocs/included/page.shtml' =>
        '<!--#include virtual="/cgi-bin/bare-local.cgi" -->',
    'htdocs/included/.htaccess' => "Options +Includes\n"
        . "AddType text/html .shtml\nAddOutputFilter INCLUDES .shtml\n",
    'cgi-bin/broken.cgi'        => "#!/bin/sh\nexit 1\n",
    'cgi-bin/action.cgi'        => $cgi,
    'cgi-bin/404.cgi'           => $cgi =~ s/^echo$/echo Status: 404\necho/mr,
);
# The same tree under each kind of policy.
for my $dir (qw(site bare off report)) {
    %files = (%files, map { ("htdocs/$dir/$_->[0]" => $_->[1]) }
        [ 'a.txt' => "hi\n" ],
        [ '.htaccess' => $rules ],
        [ 'denied/a.txt' => "no\n" ],
        [ 'index/index.html' => "index\n" ],
        [ 'index-away/x' => '' ],
        [ 'index-away/.htaccess' => "DirectoryIndex /target/a.txt\n" ],
        [ 'fallback/.htaccess' => "FallbackResource /target/index.html\n" ],
        [ 'front/.htaccess' => $front ],
        [ 'action/a.act' => '' ],
        [ 'action/.htaccess' =>
          "Action act /cgi-bin/action.cgi\nAddHandler act .act\n" ],
        [ 'multi/page.html' => "page\n" ],
        [ 'multi/.htaccess' => "Options +MultiViews\n" ],
        [ 'ssi/page.shtml' => '<!--#include virtual="/target/a.txt" -->'
          . '<!--#include virtual="/cgi-bin/plain.cgi" -->' ],
        [ 'ssi/.htaccess' => "Options +Includes\nAddType text/html .shtml\n"
          . "AddOutputFilter INCLUDES .shtml\n" ],
        [ 'nested/.htaccess' => "ErrorDocument 404 /errors/absent.html\n" ],
        [ 'text/.htaccess' => "ErrorDocument 404 \"just a text\"\n" ],
        [ 'url/.htaccess' =>
          "ErrorDocument 404 http://localhost/elsewhere\n" ],
        [ 'default/.htaccess' => "ErrorDocument 404 default\n" ],
        [ 'own/.htaccess' => "ErrorDocument 404 /$dir/a.txt\n" ],
    );
    $files{"cgi-bin/$dir-local.cgi"} =
        "#!/bin/sh\necho 'Location: /target/a.txt'\necho\n";
    $files{"cgi-bin/$dir-nowhere.cgi"} =
        "#!/bin/sh\necho 'Location: /target/missing'\necho\n";
}

my %policy = (
    site   => "CorsAllowOrigin $app",
    bare   => '',
    off    => 'CorsEngine Off',
    report => "CorsAllowOrigin $app\n    CorsEngine ReportOnly",
);
my $conf = join '', map { <<CONF } sort keys %policy;
<Directory "\@DOCROOT\@/$_">
    $policy{$_}
</Directory>
<Directory "\@DOCROOT\@/$_/denied">
    Require all denied
</Directory>
<LocationMatch "^/(cgi-bin|proxied)/$_-">
    $policy{$_}
</LocationMatch>
ProxyPass /proxied/$_-404 http://127.0.0.1:\@PORT2\@/cgi-bin/404.cgi
ProxyPass /proxied/$_-500 http://127.0.0.1:\@PORT2\@/cgi-bin/broken.cgi
ProxyPass /proxied/$_-down http://127.0.0.1:\@PORT3\@/
CONF

my $s = CorsTest->start(
    modules => [qw(rewrite actions negotiation include proxy proxy_http
                   authn_core authn_file auth_basic authz_user headers)],
    cgi     => 1,
    ports   => 3,
    files   => \%files,
    conf    => $conf . <<"CONF",
AddHandler cgi-script .cgi
ProxyErrorOverride On
ErrorDocument 404 /errors/404.html
ErrorDocument 403 /cgi-bin/error.cgi
ErrorDocument 500 /errors/404.html
ErrorDocument 503 /errors/404.html

<Directory "\@DOCROOT\@/target">
    Options +ExecCGI
    CorsAllowOrigin $target
</Directory>
<Directory "\@DOCROOT\@/target/denied">
    Require all denied
</Directory>
<Location "/cgi-bin/action.cgi">
    CorsAllowOrigin $target
</Location>
<Location "/errors">
    CorsAllowOrigin $errors
    Header always set X-Result "%{CORS_RESULT}e" env=CORS_RESULT
</Location>
<Location "/cgi-bin/error.cgi">
    CorsAllowOrigin $errors
</Location>

# A policy that is found only behind fast internal redirects.
<Files index.html>
    CorsAllowOrigin +$target
</Files>
<Files page.html>
    CorsAllowOrigin +$target
</Files>

# It is not switched on again by what a fast redirect finds.
<Directory "\@DOCROOT\@/off">
    <FilesMatch "^(index|page)\.html\$">
        CorsEngine On
    </FilesMatch>
</Directory>

# The policy is known before the directory walk, or only by it.
<Location "/early">
    CorsAllowOrigin $app
</Location>
<Location "/early two">
    CorsAllowOrigin $app
</Location>
<Directory "\@DOCROOT\@/early">
    Options None
</Directory>
<Directory "\@DOCROOT\@/walk">
    Options None
    CorsAllowOrigin $app
</Directory>
<Directory "\@DOCROOT\@/locked">
    AuthType Basic
    AuthName private
    AuthUserFile "\@ROOT\@/users"
    Require valid-user
</Directory>
<Directory "\@DOCROOT\@/locked/known">
    CorsAllowOrigin $app
</Directory>

<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName localhost
    Redirect 302 /early/moved /a.txt
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName vhost.example
    CorsAllowOrigin $app
</VirtualHost>
Listen 127.0.0.1:\@PORT2\@
<VirtualHost 127.0.0.1:\@PORT2\@>
    ServerName localhost
    KeepAlive Off
    ErrorDocument 404 default
    ErrorDocument 500 default
</VirtualHost>
CONF
);
for my $dir (qw(early walk)) {
    symlink $s->docroot . '/a.txt', $s->docroot . "/$dir/link.txt"
        or die "symlink: $!\n";
}

# ---------------------------------------------------------------------------
# Every kind of redirect, under every kind of policy
# ---------------------------------------------------------------------------

my @ways = (
    # what happens, path, status, body;
    # target: it ends at a URL that has the target's policy
    # cgi: a CGI script that brings fields of its own responds; an error
    #      document that does so is 'error'
    # vary: what others vary on
    { way => 'a local ErrorDocument', path => 'missing', status => 404,
      body => "not found\n" },
    { way => 'a CGI ErrorDocument', path => 'denied/a.txt', status => 403,
      body => "cgi\n", cgi => 'error' },
    { way => 'DirectoryIndex', path => 'index/', body => "index\n",
      target => 1 },
    { way => 'DirectoryIndex elsewhere', path => 'index-away/',
      body => "target\n", target => 1 },
    { way => 'FallbackResource', path => 'fallback/any', body => "target\n",
      target => 1 },
    { way => 'RewriteRule', path => 'nice', body => "target\n", target => 1 },
    { way => 'two RewriteRules', path => 'twice', body => "target\n",
      target => 1 },
    { way => 'RewriteRule into the same directory', path => 'to-same',
      body => "hi\n" },
    { way => 'RewriteRule to a missing file', path => 'to-missing',
      status => 404, body => "not found\n", target => 1 },
    { way => 'RewriteRule to a forbidden file', path => 'to-denied',
      status => 403, body => "cgi\n", target => 1, cgi => 'error' },
    { way => 'RewriteRule [R]', path => 'out', status => 302,
      body => qr/outside/ },
    { way => 'RewriteRule [F]', path => 'no', status => 403, body => "cgi\n",
      cgi => 'error' },
    { way => 'RewriteRule [G]', path => 'gone', status => 410,
      body => qr/410 Gone/ },
    { way => 'RewriteRule [P]', path => 'proxy', body => "cgi\n", cgi => 1 },
    { way => 'a front controller', path => 'front/any/thing',
      body => "cgi\n", target => 1, cgi => 1 },
    { way => 'Action', path => 'action/a.act', body => "cgi\n", target => 1,
      cgi => 1, by_handler => 1 },
    { way => 'MultiViews', path => 'multi/page', body => "page\n",
      target => 1, vary => 'negotiate' },
    { way => 'SSI, two subrequests', path => 'ssi/page.shtml',
      body => "target\ncgi\n" },
    { way => 'an ErrorDocument that is missing', path => 'nested/any',
      status => 404, body => qr/404 Not Found/ },
    { way => 'ErrorDocument with a text', path => 'text/any', status => 404,
      body => 'just a text' },
    { way => 'ErrorDocument with a URL', path => 'url/any', status => 302,
      body => qr/elsewhere/ },
    { way => "httpd's own error page", path => 'default/any', status => 404,
      body => qr/404 Not Found/ },
    { way => 'ErrorDocument in the same directory', path => 'own/any',
      status => 404, body => "hi\n" },
    { way => "a CGI's Location", path => '/cgi-bin/%s-local.cgi',
      body => "target\n", target => 1, by_handler => 1 },
    { way => "a CGI's Location to a missing file",
      path => '/cgi-bin/%s-nowhere.cgi', status => 404,
      body => "not found\n", target => 1, by_handler => 1 },
    { way => 'ProxyErrorOverride, 404', path => '/proxied/%s-404',
      status => 404, body => "not found\n" },
    { way => 'ProxyErrorOverride, 500', path => '/proxied/%s-500',
      status => 500, body => "not found\n" },
    { way => 'a proxied server that is down', path => '/proxied/%s-down',
      status => 503, body => "not found\n" },
);
my %who = ($app => 'app', $target => 'target', $errors => 'errors');

for my $way (@ways) {
    my %answer = (status => $way->{status} || 200);
    my %body   = (body => $way->{body});
    my @others = $way->{vary} ? (vary => $way->{vary}) : ();
    my @origin = (vary => join ', ', $way->{vary} || (), 'Origin');
    my $is_error_cgi = ($way->{cgi} || '') eq 'error';

    # What a CGI says of itself stays where no policy speaks.
    my @cgi = $way->{cgi} ? (acao => $errors, aceh => 'X-Mine') : ();
    # Under Replace its list survives on what is allowed.
    my @kept = $way->{cgi} ? (aceh => 'X-Mine') : ();

    # The page does not know what a handler leads to.
    my %led = $way->{by_handler}
        ? (unexplained => 'only the handler leads to a policy') : ();

    my $path = sub {
        my ($dir) = @_;
        return $way->{path} =~ m{^/} ? sprintf $way->{path}, $dir
                                     : "/$dir/$way->{path}";
    };
    my $rows = sub {
        my ($dir, $text, $allowed, $silent) = @_;
        my @nobody = $silent ? (@others, @cgi) : @origin;
        $s->promises(map {
            my $origin = $_;
            my $is = $allowed && $origin eq $allowed;
            my @expected = $is ? (acao => $origin, @origin, @kept) : @nobody;
            my $row = [ "$way->{way}, $text: GET for $who{$origin} is "
                            . ($is ? 'allowed' : 'none of its business'),
                        'GET ' . $path->($dir), { Origin => $origin },
                        { %answer, %body, @expected },
                        $dir eq 'bare' ? \%led : () ];
            # CGI error documents and proxies hear HEAD too.
            my $head = [ "$way->{way}, $text: HEAD for $who{$origin}",
                         'HEAD ' . $path->($dir), { Origin => $origin },
                         { %answer, @expected },
                         $dir eq 'bare' ? \%led : () ];
            $is || $silent ? ($row, $head) : $row;
        } $app, $target, $errors);
    };

    $rows->('site', 'policy at the URL as asked', $app);
    $rows->('bare', $way->{target} ? 'policy at the target' : 'no policy',
            $way->{target} && $target, !$way->{target});
    $rows->('off', 'Off at the URL as asked', undef, 1);
    $rows->('report', 'ReportOnly at the URL as asked', undef, 1);

    my %answered = (status => 204, acam => 'GET, HEAD, POST', acma => 600,
                    vary => $TRIO, field => { Location => undef });
    $s->promises(
        [ "$way->{way}: a preflight is answered by the URL as asked",
          'OPTIONS ' . $path->('site'), preflight($app, 'GET'),
          { %answered, acao => $app } ],
        [ "$way->{way}: or refused by it",
          'OPTIONS ' . $path->('site'), preflight($target, 'GET'),
          { status => 403, body => '', vary => $TRIO } ]);
    next if !$way->{target};
    $s->promises(
        [ "$way->{way}: without a policy, by the first URL that has one",
          'OPTIONS ' . $path->('bare'), preflight($target, 'GET'),
          { %answered, acao => $target }, \%led ],
        [ "$way->{way}: or refused by that",
          'OPTIONS ' . $path->('bare'), preflight($app, 'GET'),
          { status => 403, body => '', vary => $TRIO }, \%led ]);

    my $res = $s->request('OPTIONS ' . $path->('off'),
                          preflight($target, 'GET'));
    promise(($res->field('Access-Control-Allow-Origin') // '') ne $target
            && !defined $res->field('Access-Control-Allow-Methods')
            && $res->head !~ /Access-Control-Request/,
        "$way->{way}: under Off nobody answers a preflight",
        $res->transcript);
}

$s->promises(
    [ 'without Origin the URL as asked varies', 'GET /site/nice', {},
      { body => "target\n", vary => 'Origin' } ],
    [ 'without Origin an error varies by the URL as asked',
      'GET /site/missing', {}, { status => 404, vary => 'Origin' } ],
    [ 'without Origin an error document varies on nothing',
      'GET /bare/missing', {}, { status => 404 } ],
    [ 'an error document asked for by its own URL has its own policy',
      'GET /errors/404.html', { Origin => $errors },
      { acao => $errors, vary => 'Origin', body => "not found\n" } ],
    [ 'a target asked for by its own URL has its own policy',
      'GET /target/a.txt', { Origin => $target },
      { acao => $target, vary => 'Origin' } ],
    [ 'so has the file behind DirectoryIndex, where it is On again',
      'GET /off/index/index.html', { Origin => $target },
      { acao => $target, vary => 'Origin' } ],
);

$s->promises(
    [ 'an internal redirect inside a subrequest has no policy',
      'GET /included/page.shtml', { Origin => 'https://subrequest.example' },
      { body => "target\n" } ]);
promise(!$s->log_lines(qr/subrequest\.example/), 'and nothing is decided');

# ---------------------------------------------------------------------------
# Errors before the directory is known
# ---------------------------------------------------------------------------

my %vhost = (host => 'vhost.example');
$s->promises(
    (map {
        my ($what, $path, $status) = @$_;
        my @kept = $status == 403 ? (aceh => 'X-Mine') : ();
        ([ "$what: Location's policy is known", "GET /early/$path",
           { Origin => $app },
           { status => $status, acao => $app, vary => 'Origin', @kept } ],
         [ "$what: and refuses", "GET /early/$path", { Origin => $errors },
           { status => $status, vary => 'Origin' } ],
         [ "$what: and varies", "GET /early/$path", {},
           { status => $status, vary => 'Origin' } ]);
    } [ 'an encoded slash', 'a%2fb', 404 ],
      [ 'a symbolic link', 'link.txt', 403 ],
      [ 'a broken .htaccess', 'broken/a.txt', 500 ]),
    [ 'a broken .htaccess: a Location that only the decoded URL meets',
      'GET /early%20two/a.txt', { Origin => $app },
      { status => 500, acao => $app, vary => 'Origin',
        field => { 'X-Result' => 'allowed' } } ],
    [ 'Redirect in the virtual host: Location\'s policy is known',
      'GET /early/moved', { Origin => $app },
      { status => 302, acao => $app, vary => 'Origin' } ],
    (map {
        my ($what, $path, $status) = @$_;
        my @kept = $status == 403 ? (aceh => 'X-Mine') : ();
        ([ "$what: the virtual host's policy is known", "GET /$path",
           { Origin => $app },
           { status => $status, acao => $app, vary => 'Origin', @kept },
           \%vhost ],
         [ "$what: nobody else decides", "GET /$path",
           { Origin => $errors },
           { status => $status, vary => 'Origin' }, \%vhost ]);
    } [ 'an encoded slash', 'a%2fb', 404 ],
      [ 'half an escape', 'a%2', 400 ],
      [ 'a symbolic link', 'walk/link.txt', 403 ],
      [ 'a broken .htaccess', 'walk/broken/a.txt', 500 ]),
    (map {
        my ($what, $path, $status) = @$_;
        map {
            [ "$what: Directory's policy is not known, and the error "
                  . "document's does not stand in: $who{$_}",
              "GET /$path", { Origin => $_ },
              { status => $status,
                $status == 403 ? (acao => $errors, aceh => 'X-Mine') : () } ]
        } $app, $errors
    } [ 'a symbolic link', 'walk/link.txt', 403 ],
      [ 'a broken .htaccess', 'walk/broken/a.txt', 500 ]),
);
my $res = $s->request('OPTIONS /early/a%2fb', preflight($app, 'GET'));
promise($res->status == 404 && $res->head =~ /^Vary: .*Request-Method/m,
    'a preflight that ends in such an error ends in it', $res->transcript);

# ---------------------------------------------------------------------------
# What is found only behind a password
# ---------------------------------------------------------------------------

my @password = (Authorization => 'Basic dTpwYXNzd29yZA==');
$s->promises(
    [ 'a policy in Files index.html alone: a preflight meets the password',
      'OPTIONS /locked/dir/', preflight($target, 'GET'), { status => 401 } ],
    [ 'so does the request itself', 'GET /locked/dir/',
      { Origin => $target }, { status => 401 },
      { unexplained => 'a password is missing' } ],
    [ 'behind the password it holds', 'GET /locked/dir/',
      { Origin => $target, @password },
      { acao => $target, vary => 'Origin', body => "index\n" } ],
    [ 'a policy on the directory answers the preflight',
      'OPTIONS /locked/known/', preflight($app, 'GET'),
      { status => 204, acao => $app, acam => 'GET, HEAD, POST', acma => 600,
        vary => $TRIO } ],
    [ 'and is on the 401', 'GET /locked/known/', { Origin => $app },
      { status => 401, acao => $app, vary => 'Origin' } ],
    [ 'and behind the password', 'GET /locked/known/',
      { Origin => $app, @password },
      { acao => $app, vary => 'Origin', body => "index\n" } ],
);

# One decision is one line, however long the chain.
my @refused = map {
    my $before = () = $s->log_lines(qr/\[cors:info\]/);
    $s->request("GET $_", { Origin => 'https://counted.example' });
    (() = $s->log_lines(qr/\[cors:info\]/)) - $before;
} '/site/twice', '/site/to-missing', '/site/ssi/page.shtml', '/bare/twice',
  '/site/index/', '/bare/missing', '/off/twice';
promise("@refused" eq '1 1 1 1 1 0 0',
    'a chain of redirects logs one refusal, or none', "@refused");

$s->expect_log(
    qr/AH01630: client denied by server configuration/,
    qr/End of script output before headers: broken\.cgi/,
    qr/AH00957: .*attempt to connect to/,
    qr/AH01114: HTTP: failed to make connection to backend/,
    qr/AH00037: Symbolic link not allowed/,
    qr/AH10244: invalid URI path/,
    qr/Invalid command 'NoSuchDirective'/,
);
CorsTest::finish();
