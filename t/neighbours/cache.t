# mod_cache, on disk and in shared memory, in front of everything (its quick
# handler) and behind access control: whoever came first, each origin is served
# its own headers and never another's, fresh or stale, and a policy that has
# changed reaches what is stored when that expires.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use CorsTest;
use CorsTest::Backend;
use CorsTest::Process qw(wait_until);
use File::Temp ();
use POSIX ();
use Test::More;

my $app   = 'https://app.example.com';
my $other = 'https://other.example.net';
my $evil  = 'https://evil.example';

# The backend answers every origin with headers for one more, with a Vary that
# comes twice, and with what the path asks for: /fresh/lang/... and so on.
my $wrong = 'https://wrong.example';
my %kind  = (
    fresh   => { 'Cache-Control' => 'max-age=600', ETag => '"v"' },
    stale   => { 'Cache-Control' => 'max-age=0', ETag => '"v"' },
    must    => { 'Cache-Control' => 'max-age=0, must-revalidate',
                 ETag => '"v"' },
    private => { 'Cache-Control' => 'private, max-age=600' },
    nostore => { 'Cache-Control' => 'no-store, max-age=600' },
    public  => { 'Cache-Control' => 'public, max-age=600' },
    cookie  => { 'Cache-Control' => 'max-age=600', 'Set-Cookie' => 'id=1' },
    star    => { 'Cache-Control' => 'max-age=600', Vary => '*' },
    plain   => { 'Cache-Control' => 'max-age=600', ETag => '"v"',
                 'Access-Control-Allow-Origin' => undef, Vary => undef },
);
# While there is a file of that name here, the backend answers nothing under
# /kind/gate/name, and under /kind/broken with an error.
my $flags   = File::Temp->newdir;
my $backend = CorsTest::Backend->start(sub {
    my ($routes) = @_;
    my $say = sub {
        my ($c) = @_;
        my $h      = $c->res->headers;
        my $origin = $c->req->headers->origin // '-';
        my $path   = $c->param('any');
        my %is = (
            'Access-Control-Allow-Origin'      => $wrong,
            'Access-Control-Allow-Credentials' => 'true',
            'Access-Control-Expose-Headers'    => 'X-Wrong',
            'Vary' => [ 'Accept-Language', 'accept-encoding, origin' ],
            %{ $kind{ $c->param('kind') } },
        );
        for my $name (keys %is) {
            $h->add($name => $_) for grep { defined }
                ref $is{$name} ? @{ $is{$name} } : $is{$name};
        }
        $h->add('Access-Control-Allow-Origin' => $origin)
            if $path =~ /^echo/ && $origin ne '-';
        my ($status) = $path =~ m{^status/(\d+)};
        $status = 500 if $path =~ /^broken/ && -e "$flags/broken";
        $h->location('/elsewhere') if $status && $status =~ /^3/;
        my $is_same = !$status && $is{ETag}
            && ($c->req->headers->if_none_match // '') eq $is{ETag};
        my $answer = sub {
            return $c->rendered(304) if $is_same;
            $c->render(status => $status || 200, text => "for $origin\n");
        };
        my ($gate) = $path =~ m{^gate/([\w-]+)};
        return $answer->() if !$gate;
        $c->render_later;
        my $id;
        $id = Mojo::IOLoop->recurring(0.02 => sub {
            return if -e "$flags/$gate";
            Mojo::IOLoop->remove($id);
            $answer->();
        });
    };
    $routes->any('/:kind/*any' => $say);
});

# The same site four times, under a policy that no quick handler can know.
my @stores = map { my $quick = $_; map { "$quick-$_" } qw(disk socache) }
    qw(quick late);
my $sites = join '', map {
    my ($mode, $store) = /(\w+)-(\w+)/;
    my $quick = $mode eq 'quick' ? 'On' : 'Off';
    my $place = $mode eq 'quick' ? '' : 'SetOutputFilter CACHE';
    <<"CONF";
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName $_
    CacheQuickHandler $quick
    CacheEnable $store /b/
    CacheEnable $store /placed/
    CacheEnable $store /files/
    CacheRoot "\@ROOT\@/scratch/$_"
    CacheStoreExpired On
    CacheLock On
    CacheLockPath "\@ROOT\@/scratch/lock-$_"
    CacheLockMaxAge 300
    <Location "/section">
        CacheEnable $store
    </Location>
    <Location "/placed">
        $place
    </Location>
    <LocationMatch "^/(b|files|section|placed)/">
        CorsAllowOrigin $app $other
        CorsAllowCredentials On
        CorsExposeHeaders X-Mine
    </LocationMatch>
    <LocationMatch "^/b/\\w+/any">
        CorsAllowOrigin *
        CorsAllowCredentials Off
        CorsExposeHeaders none
    </LocationMatch>
    <LocationMatch "^/b/\\w+/tenant">
        CorsAllowOrigin none
        CorsAllowOriginExpr "req('X-Tenant') == 'a'"
        CorsAllowCredentials Off
    </LocationMatch>
    <LocationMatch "^/b/plain/echo">
        CorsBackendHeaders Keep
    </LocationMatch>
    <LocationMatch "^/b/\\w+/gated">
        CorsRejectUnlisted On
    </LocationMatch>
    <LocationMatch "^/b/\\w+/hidden">
        CorsForwardOrigin Off
    </LocationMatch>
    <LocationMatch "^/b/\\w+/kept">
        CacheStorePrivate On
        CacheStoreNoStore On
    </LocationMatch>
    <LocationMatch "^/b/\\w+/broken/permitted">
        CorsAllowOriginExpr "-f '\@ROOT\@/scratch/permit'"
        CorsAllowCredentials Off
    </LocationMatch>
    <LocationMatch "^/b/\\w+/broken/alone">
        CacheStaleOnError Off
    </LocationMatch>
</VirtualHost>
CONF
} @stores;

my $to = '127.0.0.1:' . $backend->port;
my $s  = CorsTest->start(
    modules => [qw(cache cache_disk cache_socache socache_shmcb proxy
                   proxy_http headers)],
    files   => {
        'htdocs/files/a.txt'   => "0123456789\n",
        'htdocs/section/a.txt' => "0123456789\n",
        'htdocs/placed/a.txt'  => "0123456789\n",
        # Not x: mod_cache makes directories of one letter there.
        map({ ("scratch/$_/.keep" => '', "scratch/lock-$_/.keep" => '') }
            @stores),
    },
    conf => <<"CONF" . $sites);
CacheSocache "shmcb:\@ROOT\@/scratch/socache(16000000)"
CacheHeader On
CacheDetailHeader On
ProxyPass /b http://$to retry=0
CONF
# While a thread of mod_cache_disk replaces an entry, others may find it
# without its body; so may the first after a 304 that says that it varies now.
my $bodyless = qr/AH00708: Cannot open data file/;
$s->tolerate_log($bodyless);

# The disk cache and the locks are written by the server's user. A file of
# yesterday is fresh for some hours.
chmod 0777, map { ($s->root . "/scratch/$_", $s->root . "/scratch/lock-$_") }
    @stores;
utime time, time - 86400, map { $s->docroot . "/$_/a.txt" }
    qw(files section placed);

# Six kinds of clients, and what each is served of a policy that lists two.
my @mine   = (acac => 'true', aceh => 'X-Mine');
my %client = (
    app       => [ $app, acao => $app, @mine ],
    other     => [ $other, acao => $other, @mine ],
    evil      => [ $evil ],
    null      => [ 'null' ],
    malformed => [ "$app, $evil" ],
    none      => [ undef ],
);
my $varied  = 'Accept-Language, Accept-Encoding';
my @clients = sort keys %client;

sub origin_of {
    my ($who) = @_;
    my $origin = $client{$who}[0];
    return defined $origin ? (Origin => $origin) : ();
}

sub is_refused {
    my ($who) = @_;
    my ($origin, %headers) = @{ $client{$who} };
    return defined $origin && !$headers{acao};
}

# What is due to a client from the backend: its own headers, its own body.
sub due {
    my ($who, $cache) = @_;
    my ($origin, @headers) = @{ $client{$who} };
    return (
        @headers, body => 'for ' . ($origin // '-') . "\n",
        vary  => "Origin, $varied",
        field => { 'X-Cache' => $cache ? qr/^$cache/ : undef },
    );
}

# The table of what holds under all four. A part of it is code that is given
# the host and returns rows, or has looked for itself and returns none.
my (%table, $column);
sub rows { push @{ $table{$column} }, $_[0] }

# Holds a column of the table against the hosts of a store.
sub promises_of {
    my ($store, $column) = @_;
    for my $part (@{ $table{$column} }) {
        for my $host (grep { /$store/ } @stores) {
            $s->promises(map {
                my ($text, $line, $fields, $expected, $opt) = @$_;
                [ "$host: $text", $line, $fields, $expected,
                  { host => $host, %{ $opt || {} } } ];
            } $part->($host));
        }
    }
}

$column = 'actual';

# Whoever comes first is stored, and spoils it for nobody.
for my $first (@clients) {
    rows(sub {
        my @others = grep { $_ ne $first } @clients;
        map {
            my ($text, $who, $cache) = @$_;
            [ "$first came first: $text", "GET /b/fresh/first/$first",
              [ origin_of($who) ], { due($who, $cache) } ];
        } [ 'it is stored', $first, 'MISS' ],
          (map { [ "$_ is stored beside it", $_, 'MISS' ] } @others),
          (map { [ "$_ is served its own", $_, 'HIT' ] }
              reverse(@others), $first, @others);
    });
}

# All at once, while nothing is stored and again when all is.
sub at_once {
    my ($host, $path, $text, $rounds) = @_;
    my @wrong;
    for my $round (1 .. $rounds) {
        my @asked = map { [ $_, $s->connect ] } @clients, reverse @clients;
        $_->[1]->write(request_text($host, $path, origin_of($_->[0])))
            for @asked;
        for (@asked) {
            my ($who, $conn) = @$_;
            my $res = $conn->response('GET', "$who, round $round");
            # Behind another's lock mod_cache keeps out, and says nothing.
            push @wrong, map { "$who: $_" } $res->differences({ due($who),
                field => {}, $path =~ /stale/ ? (body => qr//) : () });
        }
    }
    promise(!@wrong, "$host: $text", @wrong);
}

sub request_text {
    my ($host, $path, @fields) = @_;
    my $text = "GET $path HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n";
    while (my ($name, $value) = splice @fields, 0, 2) {
        $text .= "$name: $value\r\n";
    }
    return "$text\r\n";
}

rows(sub {
    my ($host) = @_;
    at_once($host, '/b/fresh/at-once', 'six origins at once, twice each', 3);
    at_once($host, '/b/stale/at-once', 'the same, of what is stale', 3);
    return;
});

# What is stale is asked for again, and the answer may be 304.
rows(sub {
    my ($host) = @_;
    my $validated = 0;
    my $twice = sub {
        my ($text, $path, $kind, @fields) = @_;
        $validated = $kind eq 'MISS' ? 0
            : $validated + ($kind eq 'REVALIDATE');
        map {
            my $who  = $_;
            # A refused origin gets nothing validated, but the whole response.
            my $kind = $kind eq 'REVALIDATE' && is_refused($who) ? 'MISS'
                : $kind;
            [ "$text, $who: $kind", "GET $path",
              [ origin_of($who), @fields ],
              # httpd 2.4.71 loses the body of what mod_cache_socache has
              # validated, with or without this module.
              { due($who, $kind),
                $validated && $host =~ /socache/ ? (body => qr//) : () } ];
        } @clients;
    };
    my @again = ('Cache-Control' => 'max-age=0');
    $twice->('stale', '/b/stale/a', 'MISS'),
    $twice->('stale', '/b/stale/a', 'REVALIDATE'),
    $twice->('stale once more', '/b/stale/a', 'REVALIDATE'),
    $twice->('fresh', '/b/fresh/a', 'MISS'),
    $twice->('fresh, but the client insists', '/b/fresh/a', 'REVALIDATE',
        @again),
    $twice->('and then', '/b/fresh/a', 'HIT'),
    $twice->('fresh, but the client wants it whole', '/b/fresh/a', 'MISS',
        'Cache-Control' => 'no-cache'),
    $twice->('and then again', '/b/fresh/a', 'HIT');
});

# The client's own conditions, and parts.
rows(sub {
    map {
        my $who = $_;
        my ($origin, @headers) = @{ $client{$who} };
        my %hit   = (@headers, field => { 'X-Cache' => qr/^HIT/ });
        my %file  = (%hit, vary => 'Origin');
        my %other = (vary => "Origin, $varied");
        my @miss  = (field => { 'X-Cache' => qr/^MISS/ });
        # For a refused origin, no 304 passes on its way to the cache.
        ([ "$who: not stored, and not changed", 'GET /b/fresh/same',
           [ origin_of($who), 'If-None-Match' => '"v"' ],
           { status => is_refused($who) ? 200 : 304, @headers, %other,
             @miss } ],
         [ "$who: a file is stored", 'GET /files/a.txt', [ origin_of($who) ],
           { %file, body => "0123456789\n", @miss } ],
         [ "$who: HEAD of what is stored", 'HEAD /files/a.txt',
           [ origin_of($who) ], { %file } ],
         [ "$who: a part of it", 'GET /files/a.txt',
           [ origin_of($who), Range => 'bytes=2-4' ],
           { status => 206, %file, body => '234' } ],
         [ "$who: two parts of it", 'GET /files/a.txt',
           [ origin_of($who), Range => 'bytes=0-1,4-5' ],
           { status => 206, %file, body => qr/01.*45/s } ],
         [ "$who: a part of something else", 'GET /files/a.txt',
           [ origin_of($who), Range => 'bytes=2-4', 'If-Range' => '"x"' ],
           { %file, body => "0123456789\n",
             field => { 'X-Cache' => qr/^(?:HIT|MISS|REVALIDATE)/ } } ],
         [ "$who: since today it has not changed", 'GET /files/a.txt',
           [ origin_of($who), 'If-Modified-Since' => http_date(time) ],
           { status => 304, %file } ],
         [ "$who: HEAD first", 'HEAD /b/fresh/head', [ origin_of($who) ],
           { @headers, %other, field => { 'X-Cache' => qr/./ } } ],
         [ "$who: GET behind it", 'GET /b/fresh/head', [ origin_of($who) ],
           { due($who), field => { 'X-Cache' => qr/./ } } ]);
    } @clients;
});

sub http_date { return POSIX::strftime('%a, %d %b %Y %T GMT', gmtime $_[0]) }

# One answer for all is stored once.
rows(sub {
    my $one = sub {
        my ($who, $cache) = @_;
        my $origin = $client{$who}[0] // '-';
        [ "*: $who, $cache", 'GET /b/plain/any', [ origin_of($who) ],
          { acao => '*', field => { 'X-Cache' => qr/^$cache/ },
            body => $who eq 'evil' ? "for $evil\n" : qr/^for / } ];
    };
    $one->('evil', 'MISS'), map { $one->($_, 'HIT') } @clients;
});

# What only one may see is not stored, unless mod_cache is told to.
rows(sub {
    my $late = $_[0] =~ /^late/;
    my $own = sub { [ "$_[0], $_[1]", "GET $_[2]", [ origin_of($_[1]) ],
                      { due($_[1], $_[3]) } ] };
    (map { my ($what, $path) = @$_;
           map { $own->($what, $_, $path, 'MISS') } @clients, @clients;
     } [ 'private', '/b/private/x' ], [ 'no-store', '/b/nostore/x' ]),
    (map { my ($what, $path) = @$_;
           (map { $own->($what, $_, $path, 'MISS') } @clients),
           (map { $own->($what, $_, $path, 'HIT') } reverse @clients);
     } [ 'private, and stored', '/b/private/kept' ],
       [ 'no-store, and stored', '/b/nostore/kept' ],
       [ 'a cookie', '/b/cookie/x' ]),
    # The cache sees the origin that the backend is not shown.
    (map { my ($cache, $who) = @$_;
           [ "CorsForwardOrigin Off, $who: $cache", 'GET /b/fresh/hidden',
             [ origin_of($who) ], { due($who, $cache), body => "for -\n" } ];
     } (map { [ MISS => $_ ] } @clients), (map { [ HIT => $_ ] } @clients));
});
rows(sub {
    my ($host) = @_;
    map {
        my $who = $_;
        my $ask = sub {
            my ($text, $path, $cache, @fields) = @_;
            [ "$text, $who", "GET $path", [ origin_of($who), @fields ],
              { due($who),
                field => { 'X-Cache' => $cache ? qr/^$cache/ : undef } } ];
        };
        my @secret = (Authorization => 'Bearer x');
        # The quick handler leaves such requests alone.
        my ($miss, $hit) = $host =~ /^quick/ ? () : ('MISS', 'HIT');
        $ask->('with a password', '/b/fresh/secret', $miss, @secret),
        $ask->('nothing is stored of it', '/b/fresh/secret', 'MISS'),
        $ask->('with a password, though public', '/b/public/secret', $miss,
            @secret),
        $ask->('this is, behind access control', '/b/public/secret',
            $hit || 'MISS');
    } @clients;
});

# A policy that asks for more than the origin keeps apart what it asks for.
rows(sub {
    my $row = sub {
        my ($who, $tenant, $cache) = @_;
        my $origin = $client{$who}[0];
        my @own = $tenant eq 'a' ? (acao => $origin, aceh => 'X-Mine') : ();
        [ "CorsAllowOriginExpr, $who, $tenant: $cache", 'GET /b/fresh/tenant',
          [ origin_of($who), 'X-Tenant' => $tenant ],
          { due($who, $cache), acao => undef, acac => undef, aceh => undef,
            @own, vary => "Origin, X-Tenant, $varied" } ];
    };
    map { my $cache = $_;
          map { my $tenant = $_;
                map { $row->($_, $tenant, $cache) } qw(app other)
          } qw(b a) } qw(MISS HIT);
});

# A request that changes something makes what is stored old.
rows(sub {
    map {
        my $who = $_;
        my @any = (field => { 'X-Cache' => qr/^(?:MISS|REVALIDATE)/ });
        [ "$who: before", 'GET /b/fresh/changed', [ origin_of($who) ],
          { due($who, 'MISS') } ],
        [ "$who: POST", 'POST /b/fresh/changed', [ origin_of($who) ],
          { due($who), field => {} }, { body => 'x' } ],
        [ "$who: behind it", 'GET /b/fresh/changed', [ origin_of($who) ],
          { due($who), @any } ];
    } @clients;
});

# One asks while another's answer is on its way.
rows(sub {
    my ($host) = @_;
    my $flag = "$flags/$host";
    my $asked = sub {
        my ($who, $path) = @_;
        $backend->heard;
        my $conn = $s->connect;
        $conn->write(request_text($host, $path, origin_of($who)));
        my $heard = 0;
        wait_until(sub { $heard += $backend->heard; $heard });
        return [ $who, $conn ];
    };
    my $wait = sub { open my $out, '>', $flag or die "$flag: $!\n" };
    my $go_on = sub { unlink $flag };

    my $new = "/b/fresh/gate/$host/new";
    $wait->();
    my @under_way = map { $asked->($_, $new) } qw(app other app);
    $go_on->();
    for (@under_way) {
        my ($who, $conn) = @$_;
        my $res = $conn->response('GET', "$who, $host");
        my @wrong = $res->differences({ due($who), field => {} });
        promise(!@wrong, "$host: locked, $who is not given another's",
            @wrong, $res->transcript);
    }
    my $old = "/b/stale/gate/$host/old";
    my %at  = (host => $host);
    $s->promises(
        [ "$host: who came first was stored", "GET $new", [ origin_of('app') ],
          { due('app', 'HIT') }, \%at ],
        [ "$host: who came second was not", "GET $new",
          [ origin_of('other') ], { due('other', 'MISS') }, \%at ],
        [ "$host: stored", "GET $old", [ origin_of('app') ],
          { due('app', 'MISS') }, \%at ]);
    $wait->();
    my $again = $asked->('app', $old);
    $s->promises(
        [ "$host: while it is validated, the stale one is served",
          "GET $old", [ origin_of('app') ], { due('app', 'HIT') }, \%at ]);
    $go_on->();
    my $res = $again->[1]->response('GET', "app, $host");
    my @wrong = $res->differences({ due('app', 'REVALIDATE') });
    promise(!@wrong, "$host: and then the valid one", @wrong,
        $res->transcript);
    return;
});

# mod_cache says itself where it works: in a section, by a filter.
rows(sub {
    my ($host) = @_;
    map {
        my $who = $_;
        my ($origin, @headers) = @{ $client{$who} };
        # A quick handler comes in front of all sections.
        map {
            my $cache = $host =~ /^late/ ? $_ : undef;
            [ "in a section, $who: " . ($cache // 'no cache'),
              'GET /section/a.txt', [ origin_of($who) ],
              { @headers, vary => 'Origin', body => "0123456789\n",
                field => { 'X-Cache' => $cache && qr/^$cache/ } } ];
        } 'MISS', 'HIT';
    } @clients;
});

# Placed in front of the policy's filter, it keeps one response for everybody.
rows(sub {
    my $late = $_[0] =~ /^late/;
    my @seen;
    map {
        my ($origin, @headers) = @{ $client{$_} };
        my $is_new = !$late || !@seen;
        push @seen, $_;
        [ "SetOutputFilter CACHE, $_", 'GET /placed/a.txt', [ origin_of($_) ],
          { @headers, vary => 'Origin', body => "0123456789\n",
            field => { 'X-Cache' => $is_new ? qr/^MISS/ : qr/^HIT/ } } ];
    } @clients, $late ? @clients : ();
});

$column = 'once';

rows(sub {
    (map { [ "two origins of the backend's own, $_->[1]: $_->[0]",
             'GET /b/fresh/echo', [ origin_of($_->[1]) ],
             { due($_->[1], $_->[0]) } ];
     } (map { [ MISS => $_ ] } @clients), (map { [ HIT => $_ ] } @clients)),
    # Under Keep what it says is its own business, but not what others get.
    (map { my ($cache, $who) = @$_;
           my $origin = $client{$who}[0];
           my @kept = defined $origin && $who ne 'malformed'
               ? (acao => $origin, acac => 'true', aceh => 'X-Wrong') : ();
           [ "CorsBackendHeaders Keep, $who: $cache", 'GET /b/plain/echo',
             [ origin_of($who) ],
             { due($who, $cache), @kept, vary => 'Origin' } ];
     } (map { [ MISS => $_ ] } @clients), (map { [ HIT => $_ ] } @clients)),
    (map { [ "a backend that varies on everything, $_: not stored",
             'GET /b/star/x', [ origin_of($_) ],
             { due($_, 'MISS'), vary => '*' } ] } @clients, @clients);
});

$column = 'preflight';

rows(sub {
    map { [ "$_ is stored", 'GET /b/fresh/known', [ origin_of($_) ],
            { due($_, 'MISS') } ] } @clients;
});
rows(sub { $backend->heard; return });
rows(sub {
    my @allowed = (status => 204, acao => $app, acac => 'true', acma => 600,
        acam => 'GET, HEAD, POST', vary => $TRIO, body => '');
    my @none = (field => { 'X-Cache' => undef, Age => undef });
    my $rows = sub {
        my ($what, $path) = @_;
        [ "$what: allowed, not by the cache", "OPTIONS $path",
          preflight($app, 'PUT'), { @allowed, @none } ],
        [ "$what: and refused", "OPTIONS $path", preflight($evil, 'GET'),
          { status => 403, vary => $TRIO, body => '', @none } ];
    };
    $rows->('what is stored', '/b/fresh/known'),
    $rows->('the same again', '/b/fresh/known'),
    $rows->('what is stale', '/b/stale/a'),
    $rows->('what is not stored', '/b/fresh/preflight'),
    [ 'only what is stored: it is answered all the same',
      'OPTIONS /b/fresh/preflight',
      [ @{ preflight($app, 'PUT') }, 'Cache-Control' => 'only-if-cached' ],
      { @allowed, @none } ],
    (map { [ "what is stored is as it was, $_", 'GET /b/fresh/known',
             [ origin_of($_) ], { due($_, 'HIT') } ] } @clients);
});
rows(sub {
    my @heard = $backend->heard;
    promise(!@heard, "$_[0]: the backend hears of none", @heard);
    return;
});
rows(sub {
    (map { [ "nothing was stored by preflights, $_",
             'GET /b/fresh/preflight', [ origin_of($_) ],
             { due($_, 'MISS') } ] } @clients),
    (map { [ "other OPTIONS are the backend's, $_",
             'OPTIONS /b/fresh/preflight', [ origin_of($_) ],
             { due($_), vary => "$TRIO, $varied" } ] } @clients, @clients);
});

$column = 'gate';

rows(sub {
    my $path = '/b/fresh/gated';
    my $row  = sub {
        my ($text, $who, $cache, @more) = @_;
        my $is = $cache ? { due($who, $cache) }
            : { status => 403, vary => 'Origin' };
        [ $text, "GET $path", [ origin_of($who), @more ], $is ];
    };
    # What the browser calls the site's own goes through the gate, and into
    # the cache, but opens it for nobody else.
    my @own = ('Sec-Fetch-Site' => 'same-origin');
    my $through = sub {
        my ($cache) = @_;
        my $row = $row->("the site itself: $cache", 'evil', $cache, @own);
        $row->[3]{vary} .= ', Sec-Fetch-Site';
        return $row;
    };
    $row->('the gate is shut', 'evil'),
    $row->('open for who is allowed', 'app', 'MISS'),
    $row->('and who sends no Origin', 'none', 'MISS'),
    $row->('shut, though it is stored', 'evil'),
    $row->('shut for null', 'null'),
    $row->('served from the cache', 'app', 'HIT'),
    $through->('MISS'), $through->('HIT'),
    $row->('shut still', 'evil'),
    $row->('shut for the others', 'malformed'),
    [ 'shut, whatever they say', "GET $path",
      { Origin => $evil, 'Sec-Fetch-Site' => 'cross-site' },
      { status => 403, vary => 'Origin' } ],
    $row->('not shut for an allowed one', 'other', 'MISS'),
    $row->('shut at last', 'evil');
});

$column = 'errors';

rows(sub {
    map {
        my $status = $_;
        map { my ($cache, $who) = @$_;
              my %is = (due($who, $cache), status => $status);
              $is{field}{Location} = qr/elsewhere/ if $status =~ /^3/;
              [ "$status is stored and served, $who: $cache",
                "GET /b/fresh/status/$status", [ origin_of($who) ], \%is ];
        } (map { [ MISS => $_ ] } @clients), (map { [ HIT => $_ ] } @clients);
    } 301, 302, 404, 410, 500;
});
rows(sub {
    my $quick = $_[0] =~ /^quick/;
    map {
        my $who = $_;
        my ($origin, @headers) = @{ $client{$who} };
        my %own = (@headers, vary => 'Origin');
        my %cache_says = $quick ? (unexplained => 'a cache answers') : ();
        [ "404 of httpd's own, $who", 'GET /files/missing',
          [ origin_of($who) ], { status => 404, %own } ],
        [ "405 of its own, $who", 'DELETE /files/a.txt',
          [ origin_of($who) ], { status => 405, %own } ],
        [ "a file, $who", 'GET /files/a.txt', [ origin_of($who) ],
          { %own, field => {} } ],
        # In front of all sections only the server's policy is known; so the
        # page does not know what a quick handler says.
        [ "a part that the stored file has not, $who", 'GET /files/a.txt',
          [ origin_of($who), Range => 'bytes=100-' ],
          { status => 416, $quick ? () : %own }, \%cache_says ],
        [ "only what is stored, of what is not, $who",
          'GET /b/fresh/not-stored',
          [ origin_of($who), 'Cache-Control' => 'only-if-cached' ],
          { status => 504, $quick ? () : %own }, \%cache_says ],
        [ "a precondition that failed, $who", 'GET /files/a.txt',
          [ origin_of($who), 'If-Match' => '"other"' ],
          { status => 412, %own } ];
    } @clients;
});

# An error behind the cache: what is stored is better, its headers are right.
rows(sub {
    map { my $path = $_;
          map { [ "it was good once: $path, $_", "GET $path",
                  [ origin_of($_) ], { due($_, 'MISS') } ] } @clients;
    } '/b/stale/broken', '/b/must/broken', '/b/stale/broken/alone';
});
my $permitted = '/b/stale/broken/permitted';
my %stored = (unexplained => 'a cache has what another policy said');
sub permitted {
    my ($text, $has, $cache, $warning) = @_;
    return [ "a policy that changes: $text", "GET $permitted",
        [ origin_of('evil') ],
        { due('evil', $cache), $has ? (acao => $evil, aceh => 'X-Mine') : (),
          field => { 'X-Cache' => qr/^$cache/, Warning => $warning } },
        $cache eq 'HIT' ? \%stored : () ];
}
rows(sub {
    $s->write_file('scratch/permit', '');
    return permitted('allowed', 1, 'MISS');
});
sub when_broken {
    my ($what, $status, $body) = @_;
    rows(sub {
        map {
            my $who = $_;
            my ($origin, @headers) = @{ $client{$who} };
            my %stale = due($who, 'HIT');
            $stale{field}{Warning} = qr/^111 /;
            my %error = (@headers, status => $status, vary => $body
                ? 'Origin, Accept-Language, Accept-Encoding' : 'Origin');
            my $get = sub {
                my ($text, $path, $is) = @_;
                [ "$what, $text, $who", "GET $path", [ origin_of($who) ],
                  $is ];
            };
            $get->('the stale one is served', '/b/stale/broken', \%stale),
            $get->('and again', '/b/stale/broken', \%stale),
            $get->('not if it must not', '/b/must/broken', \%error),
            $get->('CacheStaleOnError Off', '/b/stale/broken/alone',
                \%error);
        } @clients;
    });
}
rows(sub { open my $out, '>', "$flags/broken" or die "broken: $!\n"; return });
when_broken('the backend fails', 500, 1);
# It is served with what was stored, as the policy is asked only by what comes
# from behind.
rows(sub {
    unlink $s->root . '/scratch/permit';
    return permitted('no more, but the backend fails', 1, 'HIT', qr/^111 /);
});
rows(sub { unlink "$flags/broken"; return });
rows(sub { permitted('no more, and the backend is back', 0, 'MISS') });
$column = 'gone';
when_broken('the backend is gone', 503, 0);

# ---------------------------------------------------------------------------
# mod_cache_disk: actual
# ---------------------------------------------------------------------------

promises_of('disk', 'actual');

# ---------------------------------------------------------------------------
# mod_cache_socache: actual
# ---------------------------------------------------------------------------

promises_of('socache', 'actual');

# ---------------------------------------------------------------------------
# mod_cache_disk: once
# ---------------------------------------------------------------------------

promises_of('disk', 'once');

# ---------------------------------------------------------------------------
# mod_cache_socache: once
# ---------------------------------------------------------------------------

promises_of('socache', 'once');

# ---------------------------------------------------------------------------
# mod_cache_disk: preflight
# ---------------------------------------------------------------------------

promises_of('disk', 'preflight');

# ---------------------------------------------------------------------------
# mod_cache_socache: preflight
# ---------------------------------------------------------------------------

promises_of('socache', 'preflight');

# ---------------------------------------------------------------------------
# mod_cache_disk: gate
# ---------------------------------------------------------------------------

promises_of('disk', 'gate');

# ---------------------------------------------------------------------------
# mod_cache_socache: gate
# ---------------------------------------------------------------------------

promises_of('socache', 'gate');

# ---------------------------------------------------------------------------
# mod_cache_disk: errors
# ---------------------------------------------------------------------------

promises_of('disk', 'errors');

# ---------------------------------------------------------------------------
# mod_cache_socache: errors
# ---------------------------------------------------------------------------

promises_of('socache', 'errors');

$backend->stop;
promises_of($_, 'gone') for qw(disk socache);
$s->expect_log(qr/AH00957: .*attempt to connect/,
               qr/AH01114: .*failed to make connection/,
               # mod_cache_disk cuts an entry short that it declares invalid.
               qr/AH00717: Premature end of cache headers/);
$s->stop;

# ---------------------------------------------------------------------------
# A policy that changes
# ---------------------------------------------------------------------------

# A policy that has changed reaches what is stored when that expires, and a 304
# from behind leaves nobody a permission that has been taken back. (What else
# was said to an origin that is still allowed stays, until the response itself
# changes.) Where a client insists on a validation, that has the same effect.
my $strict = "CorsAllowOrigin $app\n";
# A response that need not vary any more may still say so; these do.
my $vary   = "Header merge Vary Origin\n";
my %change = (
    # what changes => [ before, after, and how for whom: before, after ]
    'all origins, then one' => [
        "CorsAllowOrigin *\n", $strict,
        [ app   => { acao => '*' }, { acao => $app, vary => 'Origin' } ],
        [ evil  => { acao => '*' }, { vary => 'Origin' } ],
    ],
    'an origin less' => [
        "CorsAllowOrigin $app $evil\n", $strict,
        [ app   => ({ acao => $app, vary => 'Origin' }) x 2 ],
        [ evil  => { acao => $evil, vary => 'Origin' },
          { vary => 'Origin' } ],
        [ none  => ({ vary => 'Origin' }) x 2 ],
    ],
    'nobody any more' => [
        $strict, "CorsAllowOrigin none\n$vary",
        [ app   => { acao => $app, vary => 'Origin' },
          { vary => 'Origin' } ],
    ],
    'an origin more' => [
        $strict, "CorsAllowOrigin $app $other\n",
        [ app   => ({ acao => $app, vary => 'Origin' }) x 2 ],
        [ other => { vary => 'Origin' },
          { acao => $other, vary => 'Origin' } ],
    ],
    'one origin, then all' => [
        $strict, "CorsAllowOrigin *\n$vary",
        [ app   => { acao => $app, vary => 'Origin' },
          { acao => '*', vary => 'Origin' } ],
        [ none  => { vary => 'Origin' }, { acao => '*', vary => 'Origin' } ],
    ],
    'another list to expose' => [
        "${strict}CorsExposeHeaders X-A\n", "${strict}CorsExposeHeaders X-B\n",
        [ app   => { acao => $app, aceh => 'X-A', vary => 'Origin' },
          { acao => $app, aceh => 'X-B', vary => 'Origin' } ],
    ],
);
my @changes = sort keys %change;
my %at = map { $changes[$_] => "site$_" } 0 .. $#changes;

sub policies {
    my ($is_after) = @_;
    return join '', map { <<"CONF" } @changes;
<Location "/restarted/$at{$_}">
    $change{$_}[$is_after]
</Location>
CONF
}

my $p = CorsTest->start(
    name    => 'changes',
    modules => [qw(cache cache_disk cache_socache socache_shmcb headers)],
    files   => {
        'policy.conf' => policies(0),
        (map { ("scratch/$_/.keep" => '') } @stores),
        (map { my $host = $_; map { my $at = $_;
            ("htdocs/$host/$at{$at}/.htaccess" => $change{$at}[0],
             map({ ("htdocs/$host/$at{$at}/$_.txt" => "hi\n",
                    "htdocs/$host/restarted/$at{$at}/$_.txt" => "hi\n")
             } @clients));
        } @changes } @stores),
    },
    conf => join '', <<"CONF", map {
CacheSocache "shmcb:\@ROOT\@/scratch/socache(16000000)"
CacheHeader On
Include "\@ROOT\@/policy.conf"
CONF
    my ($mode, $store) = /(\w+)-(\w+)/;
    my $quick = $mode eq 'quick' ? 'On' : 'Off';
    <<"CONF" } @stores);
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName $_
    DocumentRoot "\@DOCROOT\@/$_"
    CacheQuickHandler $quick
    CacheEnable $store /
    CacheRoot "\@ROOT\@/scratch/$_"
</VirtualHost>
CONF
$p->tolerate_log($bodyless);
chmod 0777, map { $p->root . "/scratch/$_" } @stores;
utime time, time - 86400, glob($p->docroot . '/*/*/*.txt'),
    glob($p->docroot . '/*/restarted/*/*.txt');

# At each time, a row for each change and client, and a file for each row:
# [ when, X-Cache, before or after, more fields ].
sub promise_changed {
    my ($hosts, $dir, @times) = @_;
    for my $time (@times) {
        my ($when, $cache, $is_after, @fields) = @$time;
        $p->promises(map { my $host = $_; map { my $what = $_; map {
            my ($who, @expected) = @$_;
            [ "$host: $what: $when, $who", "GET $dir/$at{$what}/$who.txt",
              [ origin_of($who), @fields ],
              { %{ $expected[$is_after] },
                field => { %{ $expected[$is_after]{field} || {} },
                           'X-Cache' => qr/^(?:$cache)/ } },
              { host => $host, $cache =~ /HIT/ ? %stored : () } ];
        } @{ $change{$what} }[2 .. $#{ $change{$what} }] } @changes }
            @$hosts);
    }
}
my @insist = ('Cache-Control' => 'max-age=0');
my @after  = (
    [ 'validated', 'REVALIDATE|MISS', 1, @insist ],
    [ 'and then', 'HIT|MISS', 1 ],
    [ 'and so on', 'HIT', 1 ],
    [ 'validated again', 'REVALIDATE|MISS', 1, @insist ]);
my @disks   = grep { /disk/ } @stores;
my @socache = grep { /socache/ } @stores;

sub promise_htaccess {
    my (@hosts) = @_;
    promise_changed(\@hosts, $_, [ 'stored', 'MISS', 0 ],
                    [ 'served', 'HIT', 0 ]) for '', '/restarted';
    for my $host (@hosts) {
        $p->write_file("htdocs/$host/$at{$_}/.htaccess", $change{$_}[1])
            for @changes;
    }
    promise_changed(\@hosts, '', [ '.htaccess changes, fresh', 'HIT', 0 ],
                    @after);
}

# ---------------------------------------------------------------------------
# mod_cache_disk: actual
# ---------------------------------------------------------------------------

promise_htaccess(@disks);

# ---------------------------------------------------------------------------
# mod_cache_socache: actual
# ---------------------------------------------------------------------------

promise_htaccess(@socache);

$p->write_file('policy.conf', policies(1));
$p->restart;
# Shared memory is new then.
promise_changed(\@socache, '/restarted', [ 'a restart', 'MISS', 1 ], @after);

# ---------------------------------------------------------------------------
# mod_cache_disk: actual
# ---------------------------------------------------------------------------

promise_changed(\@disks, '/restarted', [ 'a restart, fresh', 'HIT', 0 ],
                @after);
$p->stop;

# ---------------------------------------------------------------------------
# What a quick handler serves has its headers already: nobody knows the policy
# of its URL then, and the server's own must not replace it
# ---------------------------------------------------------------------------

my $site = 'https://site.example.com';
my $q = CorsTest->start(
    name    => 'one server',
    modules => [qw(cache cache_disk)],
    files   => {
        'htdocs/a.txt'     => "hi\n",
        'htdocs/api/a.txt' => "hi\n",
        'htdocs/plain/a.txt' => "hi\n",
        'htdocs/error.txt' => "an error\n",
        'scratch/cache/x'  => '',
    },
    conf => <<"CONF");
CacheRoot "\@ROOT\@/scratch/cache"
CacheEnable disk /api
CacheEnable disk /plain
CacheHeader On
CorsAllowOrigin $site
<Location "/api">
    CorsAllowOrigin $app
</Location>
ErrorDocument 404 /error.txt
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName localhost
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName document
    ErrorDocument 416 /error.txt
    ErrorDocument 504 /error.txt
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName late-document
    CacheQuickHandler Off
    ErrorDocument 416 /error.txt
    ErrorDocument 504 /error.txt
</VirtualHost>
CONF

# The disk cache writes as the server's user. A file of yesterday is fresh for
# some hours.
chmod 0777, $q->root . '/scratch/cache';
utime time, time - 86400, map { $q->docroot . "/$_/a.txt" } qw(api plain);

sub cached { return (vary => 'Origin', field => { 'X-Cache' => qr/^$_[0]/ }) }

my $etag = $q->request('GET /api/a.txt', { Origin => $evil })->field('ETag');
$q->promises(
    [ 'an allowed origin is stored with its headers', 'GET /api/a.txt',
      { Origin => $app }, { acao => $app, cached('MISS'), body => "hi\n" } ],
    [ 'and served with them', 'GET /api/a.txt',
      { Origin => $app }, { acao => $app, cached('HIT'), body => "hi\n" } ],
    [ 'a 304 out of the cache has them too', 'GET /api/a.txt',
      { Origin => $app, 'If-None-Match' => $etag },
      { status => 304, acao => $app, cached('HIT') } ],
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
      { status => 204, acao => $app, acam => 'GET, HEAD, POST', acma => 600,
        vary => $TRIO } ],
    [ 'an error in front of the URL has the server\'s policy', 'GET /api/%zz',
      { Origin => $site },
      { status => 400, acao => $site, vary => 'Origin' } ],
);
# Errors that mod_cache makes itself have no headers from a cache.
my %cache_says = (unexplained => 'a cache answers');
$q->promises(
    [ 'a range that the stored response has not', 'GET /api/a.txt',
      { Origin => $site, Range => 'bytes=100-' },
      { status => 416, acao => $site, vary => 'Origin' }, \%cache_says ],
    [ 'only what is stored, of what is not', 'GET /api/a.txt?other',
      { Origin => $site, 'Cache-Control' => 'only-if-cached' },
      { status => 504, acao => $site, vary => 'Origin' }, \%cache_says ],
    [ 'the same without Origin', 'GET /api/a.txt?other',
      { 'Cache-Control' => 'only-if-cached' },
      { status => 504, vary => 'Origin' } ],
);
# An error document shows the error of the URL as asked.
for my $host (qw(document late-document)) {
    my %error = (acao => $site, vary => 'Origin', body => "an error\n");
    my %at    = (host => $host);
    $q->promises(
        [ "$host: stored", 'GET /plain/a.txt', { Origin => $site },
          { acao => $site, cached('MISS') }, \%at ],
        [ "$host: 404", 'GET /plain/none', { Origin => $site },
          { status => 404, %error }, \%at ],
        [ "$host: 416", 'GET /plain/a.txt',
          { Origin => $site, Range => 'bytes=100-' },
          { status => 416, %error }, \%at ],
        [ "$host: 504", 'GET /plain/b.txt',
          { Origin => $site, 'Cache-Control' => 'only-if-cached' },
          { status => 504, %error }, \%at ],
        [ "$host: 504 for a stranger", 'GET /plain/b.txt',
          { Origin => $evil, 'Cache-Control' => 'only-if-cached' },
          { status => 504, vary => 'Origin', body => "an error\n" }, \%at ]);
}
$q->expect_log(qr/AH10244: invalid URI path/);

$q->stop;

# ---------------------------------------------------------------------------
# Internal redirects
# ---------------------------------------------------------------------------

# An internal redirect stores its response under the URL that it leads to, but
# the URL as asked has decided about the headers. Nobody who asks the other URL
# may get these.
my %evil  = (Origin => $evil);
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
    <LocationMatch "^/c/[abci]/">
        CorsAllowOrigin $app
        CorsAllowCredentials On
    </LocationMatch>
    <Location "/c/r">
        CorsResourcePolicy same-site
    </Location>
    <Location "/c/k">
        CorsAllowOrigin $app
        CorsBackendHeaders Keep
        Header set Access-Control-Allow-Origin $site \\
            expr=%{REQUEST_STATUS}==200
        Header set Access-Control-Allow-Credentials true \\
            expr=%{REQUEST_STATUS}==200
    </Location>
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
    modules => [qw(cache cache_disk rewrite include headers)],
    files   => {
        'htdocs/page.html' => '<!--#include virtual="/c/i/a.txt" -->'
            . '<!--#include virtual="/c/r/a.txt" -->',
        'htdocs/c/n/.htaccess'  => "CorsAllowOrigin *\n",
        'htdocs/open/.htaccess' => "CorsAllowOrigin *\n$rule",
        'htdocs/off/.htaccess'  => "CorsEngine Off\n$rule",
        'htdocs/same/.htaccess' => $rule,
        (map { ("htdocs/c/$_/a.txt" => "hi\n") } qw(a b c i k n r s)),
        (map { ("scratch/$_/x" => '') } qw(On Off)),
    },
    conf => join '', <<"CONF", @hosts);
<Location "/page.html">
    Options +Includes
    SetOutputFilter INCLUDES
</Location>
CONF
chmod 0777, map { $r->root . "/scratch/$_" } qw(On Off);
utime time, time - 86400, map { $r->docroot . "/c/$_/a.txt" }
    qw(a b c i k n r s);
for my $quick (qw(On Off)) {
    my @own = (acao => $app, acac => 'true', vary => 'Origin');
    $r->promises(map { $_->[0] = "CacheQuickHandler $quick: $_->[0]";
                       $_->[4] = { host => "quick-$quick" }; $_ }
        [ 'a redirect, open to all', 'GET /open/a', \%evil,
          { acao => '*', body => "hi\n" } ],
        [ 'what it leads to is not, for a stranger', 'GET /c/a/a.txt', \%evil,
          { vary => 'Origin', body => "hi\n" } ],
        [ 'nor for whom it is', 'GET /c/a/a.txt', { Origin => $app },
          { @own, body => "hi\n" } ],
        [ 'a redirect past the gate', 'GET /open/b', \%evil,
          { acao => '*', body => "hi\n" } ],
        [ 'leaves the gate shut', 'GET /c/b/a.txt', \%evil,
          { status => 403, vary => 'Origin' } ],
        [ 'a redirect without a policy', 'GET /off/c', { Origin => $app },
          { body => "hi\n" } ],
        [ 'takes none away', 'GET /c/c/a.txt', { Origin => $app },
          { @own, body => "hi\n" } ],
        [ 'a redirect under one policy is stored', 'GET /same/s',
          { Origin => $app },
          { acao => $app, cached('MISS'), body => "hi\n" } ],
        [ 'and served', 'GET /same/s', { Origin => $app },
          { acao => $app, cached('HIT'), body => "hi\n" } ],
        # So does a subrequest, whose response nobody writes headers onto.
        [ 'a page that includes others', 'GET /page.html', {},
          { body => "hi\nhi\n" } ],
        [ 'leaves them their headers', 'GET /c/i/a.txt', { Origin => $app },
          { @own, body => "hi\n" } ],
        [ 'and their resource policy', 'GET /c/r/a.txt', {},
          { body => "hi\n",
            field => { 'Cross-Origin-Resource-Policy' => 'same-site' } } ],
        # And a 304 that has no more of a backend's own fields, under Keep.
        (map { my ($what, $cache, @fields) = @$_;
               [ "what a backend says itself, $what", 'GET /c/k/a.txt',
                 [ Origin => $app, @fields ],
                 { acao => $site, acac => 'true', cached($cache),
                   body => "hi\n" } ] }
            [ 'is stored', 'MISS' ],
            [ 'asked for anew', 'MISS', 'Cache-Control' => 'max-age=0' ],
            [ 'and served', 'HIT' ]),
        [ 'an open URL is stored for all', 'GET /c/n/a.txt', {},
          { acao => '*', field => { 'X-Cache' => qr/^MISS/ } } ]);
}

# What was stored for all, nobody may read any more, even if somebody without
# an Origin had it validated.
$r->write_file('htdocs/c/n/.htaccess', "CorsAllowOrigin none\n");
for my $quick (qw(On Off)) {
    $r->promises(map { $_->[4] = { host => "quick-$quick" }; $_ }
        [ "CacheQuickHandler $quick: closed, and validated without Origin",
          'GET /c/n/a.txt', { 'Cache-Control' => 'max-age=0' },
          { body => "hi\n" } ],
        [ "CacheQuickHandler $quick: a stranger comes next", 'GET /c/n/a.txt',
          \%evil, { body => "hi\n" } ]);
}
CorsTest::finish();
