# What a quick handler serves from mod_cache has its headers already: nobody
# knows the policy of its URL then, and the server's own must not replace it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use Test::More;

my $app  = 'https://app.example.com';
my $site = 'https://site.example.com';

my $s = CorsTest->start(
    modules => [qw(cache cache_disk)],
    files   => {
        'htdocs/a.txt'     => "hi\n",
        'htdocs/api/a.txt' => "hi\n",
        'scratch/cache/x'  => '',
    },
    conf => <<"CONF");
CacheRoot "\@ROOT\@/scratch/cache"
CacheEnable disk /api
CacheHeader On
CorsAllowOrigin $site
<Location "/api">
    CorsAllowOrigin $app
</Location>
CONF

# The disk cache writes as the server's user. A file of yesterday is fresh for
# some hours.
chmod 0777, $s->root . '/scratch/cache';
utime time, time - 86400, $s->docroot . '/api/a.txt';

sub cached { return (vary => 'Origin', field => { 'X-Cache' => qr/^$_[0]/ }) }

my @app  = (acao => $app);
my $etag = $s->request('GET /api/a.txt', { Origin => 'https://x.example' })
    ->field('ETag');
$s->promises(
    [ 'an allowed origin is stored with its headers', 'GET /api/a.txt',
      { Origin => $app }, { @app, cached('MISS'), body => "hi\n" } ],
    [ 'and served with them', 'GET /api/a.txt',
      { Origin => $app }, { @app, cached('HIT'), body => "hi\n" } ],
    [ 'a 304 out of the cache has them too', 'GET /api/a.txt',
      { Origin => $app, 'If-None-Match' => $etag },
      { status => 304, @app, cached('HIT') } ],
    [ "the server's own origin is stored without", 'GET /api/a.txt',
      { Origin => $site }, { cached('MISS'), body => "hi\n" } ],
    [ 'and served without', 'GET /api/a.txt',
      { Origin => $site }, { cached('HIT'), body => "hi\n" } ],
    [ 'a 304 out of the cache does not give it more', 'GET /api/a.txt',
      { Origin => $site, 'If-None-Match' => $etag },
      { status => 304, cached('HIT') } ],
    [ 'no Origin is stored without', 'GET /api/a.txt', {},
      { cached('MISS'), body => "hi\n" } ],
    [ 'and served without', 'GET /api/a.txt', {},
      { cached('HIT'), body => "hi\n" } ],
    [ 'a preflight is answered, not cached', 'OPTIONS /api/a.txt',
      preflight($app, 'GET'),
      { status => 204, @app, acam => 'GET, HEAD, POST', acma => 600,
        vary => $TRIO } ],
    [ 'an error in front of the URL has the server\'s policy', 'GET /api/%zz',
      { Origin => $site },
      { status => 400, acao => $site, vary => 'Origin' } ],
);
# Errors that mod_cache makes itself have no headers from a cache.
$s->promises(
    [ 'a range that the stored response has not', 'GET /api/a.txt',
      { Origin => $site, Range => 'bytes=100-' },
      { status => 416, acao => $site, vary => 'Origin' } ],
    [ 'only what is stored, of what is not', 'GET /api/a.txt?other',
      { Origin => $site, 'Cache-Control' => 'only-if-cached' },
      { status => 504, acao => $site, vary => 'Origin' } ],
    [ 'the same without Origin', 'GET /api/a.txt?other',
      { 'Cache-Control' => 'only-if-cached' },
      { status => 504, vary => 'Origin' } ],
);
$s->expect_log(qr/AH10244: invalid URI path/);

# An internal redirect stores its response under the URL that it leads to, but
# the URL as asked has decided about the headers. Nobody who asks the other URL
# may get these.
my $evil  = { Origin => 'https://evil.example' };
my $rule  = "RewriteEngine On\nRewriteRule ^(\\w)\$ /c/\$1/a.txt [L]\n";
my @hosts = map {
    my $quick = $_;
    <<"CONF";
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName quick-$quick
    CacheQuickHandler $quick
    CacheEnable disk /c
    CacheHeader On
    CacheRoot "\@ROOT\@/scratch/$quick"
    <LocationMatch "^/c/[abc]/">
        CorsAllowOrigin $app
        CorsAllowCredentials On
    </LocationMatch>
    <Location "/c/b">
        CorsRejectUnlisted On
    </Location>
    <LocationMatch "^/(same|c/s)">
        CorsAllowOrigin $app
    </LocationMatch>
</VirtualHost>
CONF
} qw(On Off);
my $r = CorsTest->start(
    name    => 'redirects',
    modules => [qw(cache cache_disk rewrite)],
    files   => {
        'htdocs/open/.htaccess' => "CorsAllowOrigin *\n$rule",
        'htdocs/off/.htaccess'  => "CorsEngine Off\n$rule",
        'htdocs/same/.htaccess' => $rule,
        (map { ("htdocs/c/$_/a.txt" => "hi\n") } qw(a b c s)),
        (map { ("scratch/$_/x" => '') } qw(On Off)),
    },
    conf => join '', @hosts);
chmod 0777, map { $r->root . "/scratch/$_" } qw(On Off);
utime time, time - 86400, map { $r->docroot . "/c/$_/a.txt" } qw(a b c s);
for my $quick (qw(On Off)) {
    my @own = (acao => $app, acac => 'true', vary => 'Origin');
    $r->promises(map { $_->[0] = "CacheQuickHandler $quick: $_->[0]";
                       $_->[4] = { host => "quick-$quick" }; $_ }
        [ 'a redirect, open to all', 'GET /open/a', $evil,
          { acao => '*', body => "hi\n" } ],
        [ 'what it leads to is not, for a stranger', 'GET /c/a/a.txt', $evil,
          { vary => 'Origin', body => "hi\n" } ],
        [ 'nor for whom it is', 'GET /c/a/a.txt', { Origin => $app },
          { @own, body => "hi\n" } ],
        [ 'a redirect past the gate', 'GET /open/b', $evil,
          { acao => '*', body => "hi\n" } ],
        [ 'leaves the gate shut', 'GET /c/b/a.txt', $evil,
          { status => 403, vary => 'Origin' } ],
        [ 'a redirect without a policy', 'GET /off/c', { Origin => $app },
          { body => "hi\n" } ],
        [ 'takes none away', 'GET /c/c/a.txt', { Origin => $app },
          { @own, body => "hi\n" } ],
        [ 'a redirect under one policy is stored', 'GET /same/s',
          { Origin => $app },
          { acao => $app, cached('MISS'), body => "hi\n" } ],
        [ 'and served', 'GET /same/s', { Origin => $app },
          { acao => $app, cached('HIT'), body => "hi\n" } ]);
}
CorsTest::finish();
