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
$s->expect_log(qr/AH10244: invalid URI path/);
CorsTest::finish();
