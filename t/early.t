# What is known of a URL before httpd has found its file, and when that is
# forgotten: errors in front of the mapping, in it, and behind it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use Test::More;

my $app = 'https://app.example.com';

my %policy = (
    'in the section'   => "CorsAllowOrigin $app",
    'by CorsUsePolicy' => 'CorsUsePolicy apps',
);

# httpd asks for little of a section that says nothing but that it uses a
# policy, and a server with one such section has no other reason to look.
for my $how (sort keys %policy) {
    my $s = CorsTest->start(
        name  => "early.t, policy $how",
        files => { 'htdocs/api/broken/.htaccess' => "NoSuchDirective\n",
                   'htdocs/an api/.htaccess' => "NoSuchDirective\n",
                   'htdocs/api/a.txt' => "a\n" },
        conf  => <<"CONF");
<CorsPolicy apps>
    CorsAllowOrigin $app
</CorsPolicy>
<LocationMatch "^/(an )?api">
    $policy{$how}
</LocationMatch>
CONF
    $s->expect_log(qr/Invalid command 'NoSuchDirective'/);
    $s->promises(
        [ "$how: 500, as .htaccess is broken", 'GET /api/broken/',
          { Origin => $app }, { status => 500, acao => $app,
                                vary => 'Origin' } ],
        [ "$how: the same, where the Location is of the decoded URL",
          'GET /an%20api/', { Origin => $app },
          { status => 500, acao => $app, vary => 'Origin' } ],
        [ "$how: 404, as %2f is not allowed", 'GET /api/a%2fb',
          { Origin => $app }, { status => 404, acao => $app,
                                vary => 'Origin' } ],
        [ "$how: 200", 'GET /api/a.txt', { Origin => $app },
          { acao => $app, vary => 'Origin' } ],
        [ "$how: nothing elsewhere", 'GET /b%2fc', { Origin => $app },
          { status => 404 } ],
    );
    $s->stop;
}

# A URL that leads somewhere else without a redirect is asked about by what
# it leads to. Nobody listens on the port of the backend.
my $s = CorsTest->start(
    modules => [qw(rewrite proxy proxy_http)],
    ports   => 2,
    files   => { 'htdocs/priv/.htaccess' => "NoSuchDirective\n" },
    conf    => <<"CONF");
AllowEncodedSlashes On
RewriteEngine On
RewriteRule ^/public/(.*) /backend/\$1 [PT]
ProxyPass /backend http://127.0.0.1:\@PORT2\@/
<LocationMatch "^/pub">
    CorsAllowOrigin $app
    CorsResourcePolicy same-origin
</LocationMatch>
CONF

$s->expect_log(qr/Invalid command 'NoSuchDirective'/,
               qr/AH00957|AH01114|AH00959/);
$s->promises(
    [ 'an error of another URL is not readable', 'GET /public/a',
      { Origin => $app }, { status => 503 } ],
    [ 'nor that of one that only looked as if it lay in a Location',
      'GET /pub/x%2f..%2f..%2fpriv/a', { Origin => $app },
      { status => 500 } ],
);

CorsTest::finish();
