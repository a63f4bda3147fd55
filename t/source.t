# CorsAllowOriginSource, CorsSourceCache and CorsSourceTimeout as directives:
# where they may stand, what they refuse and how they say so, what a policy
# with a source gives to whom uses it; and what a source is never asked.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use CorsTest::Outage qw(cannot_answer);
use CorsTest::Told;
use Test::More;

my $app  = 'https://app.example.com';
my $evil = 'https://evil.example';

my $told = CorsTest::Told->new;
my $load = CorsTest::Told::load();
my $line = 'CorsAllowOriginSource ' . $told->source;
my %with = (modules => ['socache_shmcb'],
            files => { 'origins.txt' => "$app\n" });
my $file = 'CorsAllowOriginSource file:origins.txt';

# ---------------------------------------------------------------------------
# Where they may stand
# ---------------------------------------------------------------------------

my @places = (
    [ 'the server', '%s' ],
    [ 'a virtual host', "<VirtualHost *:80>\n%s\n</VirtualHost>" ],
    (map { my ($open) = @$_;
           my ($name) = $open =~ /^(\w+)/;
           [ "<$name>", "<$open>\n%s\n</$name>" ] }
     ['Directory /srv'], ['DirectoryMatch ^/srv'], ['Files a.txt'],
     ['FilesMatch \.txt$'], ['Location /a'], ['LocationMatch ^/a'],
     ['If true'], ['CorsPolicy mine']),
    [ '<Files> in <Directory>',
      "<Directory /srv>\n<Files a.txt>\n%s\n</Files>\n</Directory>" ],
    [ '<If> in <Location>',
      "<Location /a>\n<If true>\n%s\n</If>\n</Location>" ],
    [ '<CorsPolicy> in a virtual host',
      "<VirtualHost *:80>\n<CorsPolicy mine>\n%s\n</CorsPolicy>\n"
      . '</VirtualHost>' ],
);
for my $place (@places) {
    my ($where, $section) = @$place;
    config_ok($load . sprintf("$section\n", "$line\n$file"),
        "CorsAllowOriginSource in $where", %with);
}
config_error("<Location /a>\n<$_ GET>\n$file\n</$_>\n</Location>\n",
    qr/CorsAllowOriginSource .*<$_>/, "CorsAllowOriginSource in <$_>", %with)
    for qw(Limit LimitExcept);
for my $global ('CorsSourceCache shmcb', 'CorsSourceTimeout 2') {
    my ($name) = $global =~ /^(\w+)/;
    config_ok("$global\n", "$name in the server", %with);
    config_error(sprintf("$_->[1]\n", $global), qr/\b$name\b/,
        "$name in $_->[0]", %with) for @places[ 1 .. $#places ];
}

# ---------------------------------------------------------------------------
# What is refused
# ---------------------------------------------------------------------------

my $form    = 'must be provider:argument, such as file:conf/origins.txt';
my $unknown = qr/must\ begin\ with\ file(?:,\ \w+)*\ or\ \w+,\ or\ with\ what
                 \ a\ module\ provides\ that\ is\ loaded/x;
my $time    = 'must be a time from 100ms to 60 seconds, such as 2 or 500ms';
my $ttl     = 'must be a time from 2 to 86400 seconds, such as 60 or 5min';
my $cache   = 'must name a cache whose module is loaded, such as shmcb';

# Rows: [ the value at fault, the rule ]; what stands in front of the value.
sub refuses {
    my ($directive, $front, @rows) = @_;
    for my $row (@rows) {
        my ($value, $rule) = @$row;
        $rule = qr/\Q$rule\E/ if !ref $rule;
        config_error(qq{$load$directive $front"$value"\n},
            qr/^$directive: '\Q$value\E' $rule/m,
            "$directive $front'$value' is refused", %with);
    }
}

refuses('CorsAllowOriginSource', '',
    (map { [ $_, $form ] } 'origins.txt', '/etc/origins', ':', ':a', '=:a',
     '=a:b', 'dbd'),
    (map { [ $_, $unknown ] } 'nobody:a', 'Told:/tmp', 'FILE:origins.txt',
     'https://app.example.com',
     'told file:/tmp', 'other:/tmp'),
    (map { [ $_, 'must be file:path; file takes no option' ] }
        'file=utf8:origins.txt', 'file=:origins.txt'),
    [ 'told:tmp', "must have a path that begins with '/'" ],
    [ 'told=name:', "must have a path that begins with '/'" ],
    [ 'file:', 'must name a file' ],
);
refuses('CorsAllowOriginSource', 'file:origins.txt ', [ 'nobody:a', $unknown ],
        [ 'origins.txt', $form ]);
refuses('CorsSourceTimeout', '',
    map { [ $_, $time ] } '0', '99ms', '0s', '61', '60001ms', '2min', '1h',
        '-2', '+2', '2.5', 'none', '2x', ' 2', '0x10', '4294967298',
        '99999999999999999999');
refuses('CorsSourceCache', 'shmcb ',
    map { [ $_, $ttl ] } '0', '1', '86401', '25h', '1999ms', '-60', 'never',
        '60x', '99999999999999999999');
refuses('CorsSourceCache', '',
    (map { [ $_, $cache ] } 'none', 'SHMCB', 'redis:localhost:6379',
     ':a', 'dbm:/tmp/a', 'memcache:localhost'),
    [ 'shmcb:/tmp/answers(tiny)', 'must suit the cache' ]);
config_ok("CorsSourceTimeout $_\n", "CorsSourceTimeout $_", %with)
    for '100ms', '1', '2s', '60', '60000ms', '1min';
config_ok("CorsSourceCache shmcb $_\n", "CorsSourceCache for $_", %with)
    for '2', '2s', '2000ms', '60', '5min', '24h', '86400';

for my $nothing ('', '""', '" "') {
    config_error("CorsAllowOriginSource $nothing\n",
        qr/^CorsAllowOriginSource(?: takes one or more |: '\s*' $form)/m,
        "CorsAllowOriginSource with nothing to read: '$nothing'", %with);
}
config_error("$_\n", qr/^Cors\w+ takes (?:one|1-2) arguments?, /m,
    "$_ with nothing", %with)
    for map { ($_, "$_ \"\"") } qw(CorsSourceCache CorsSourceTimeout);

# What is missing in the server.
config_error("$load$line\n",
    qr/CorsAllowOriginSource: needs mod_socache_shmcb, or a CorsSourceCache/,
    'a provider without a cache');
config_ok("$file\n", 'a file without a cache', files => $with{files});
config_error("CorsAllowOriginSource dbd:label\n",
    qr/^CorsAllowOriginSource: 'dbd:label' .*mod_dbd/m,
    'dbd without mod_dbd', modules => ['socache_shmcb']);
config_ok("$load$line\nCorsSourceCache dbm:\@ROOT\@/scratch/answers\n",
    'a cache of another kind', modules => ['socache_dbm']);
config_ok("$line\n$load", 'a module that is loaded further down', %with);

# ---------------------------------------------------------------------------
# A running server
# ---------------------------------------------------------------------------

my %files = ('origins.txt' => "https://listed.example\n");
my $conf  = "AddHandler send-as-is asis\nSetEnvIf Origin . asked\n"
    . "Header always set X-Cors %{CORS_RESULT}e env=asked\n";

# A source of its own for each place: what one is asked the others are not.
my %source;

sub place {
    my ($url, @lines) = @_;
    $source{$url} = CorsTest::Told->new;
    $source{$url}->allow($app, 'null', 'https://app.example.com/', '*');
    $files{"htdocs/$url/a.txt"} = "hi\n";
    $files{"htdocs/$url/own.asis"} = "Content-Type: text/plain\n"
        . "Cache-Control: max-age=600\n\nhi\n";
    my $own = join "\n", @lines;
    $own =~ s/SOURCE/$source{$url}->source/ge;
    $conf .= $own =~ /<CorsPolicy/ ? "$own\n"
        : "<Location \"/$url\">\n$own\n</Location>\n";
}

place('plain', 'CorsAllowOriginSource SOURCE');
place('off', 'CorsAllowOriginSource SOURCE', 'CorsEngine Off');
place('report', 'CorsAllowOriginSource SOURCE', 'CorsEngine ReportOnly');
place('reject', 'CorsAllowOriginSource SOURCE', 'CorsRejectUnlisted On');
place('login', 'CorsAllowOriginSource SOURCE', 'CorsAllowCredentials On');
place('listed', "CorsAllowOrigin $app -$evil",
      'CorsAllowOriginSource file:origins.txt SOURCE');
place('any', 'CorsAllowOrigin *', 'CorsAllowOriginSource SOURCE');
place('ended', "CorsAllowOriginSource SOURCE\n</Location>\n"
    . "<Location /ended>\nCorsAllowOrigin https://own.example");
place('kept', "CorsAllowOriginSource SOURCE\n</Location>\n"
    . "<Location /kept>\nCorsAllowOrigin +https://own.example");
place('tenant', '<CorsPolicy partners>', 'CorsAllowOriginSource SOURCE',
      'CorsAllowMethods +PUT', '</CorsPolicy>');
$files{'htdocs/tenant/.htaccess'} = "CorsUsePolicy partners\n";
place('power', '<CorsPolicy powerful>', 'CorsAllowOriginSource SOURCE',
      'CorsAllowCredentials On', '</CorsPolicy>',
      '<VirtualHost 127.0.0.1:@PORT@>', 'ServerName localhost',
      '</VirtualHost>',
      '<VirtualHost 127.0.0.1:@PORT@>', 'ServerName none.example',
      'CorsHtaccess none', '</VirtualHost>',
      '<VirtualHost 127.0.0.1:@PORT@>', 'ServerName any.example',
      'CorsHtaccess any-origin null match expr', '</VirtualHost>');
$files{'htdocs/power/.htaccess'} = "CorsUsePolicy powerful\n";
place('two', '<CorsPolicy first>', 'CorsAllowOriginSource SOURCE',
      '</CorsPolicy>', '<CorsPolicy second>', "CorsAllowOrigin $app $evil",
      '</CorsPolicy>', '<Location /two>', 'CorsUsePolicy first second',
      '</Location>');
# In .htaccess they are refused; the first one also where it is listed, which
# httpd does not let the others be.
my %own = (
    'own-list'    => $file,
    'own-source'  => $file,
    'own-cache'   => 'CorsSourceCache shmcb',
    'own-timeout' => 'CorsSourceTimeout 2',
);
for my $dir (keys %own) {
    $files{"htdocs/$dir/a.txt"} = "hi\n";
    $files{"htdocs/$dir/.htaccess"} = "$own{$dir}\n";
}
$conf .= <<'CONF';
<Directory "@DOCROOT@/own-list">
    AllowOverride None
    AllowOverrideList CorsAllowOriginSource
</Directory>
CONF

my $s = CorsTest->start(
    modules => [qw(headers setenvif socache_shmcb asis)], files => \%files,
    conf => "$load$conf");

# Rows for a place: each with the number of questions that its source is
# asked.
sub promises {
    my ($url, @rows) = @_;
    $source{$url}->promises($s, map {
        my ($text, $method, $fields, $expected, $asked, $opt) = @$_;
        [ "$url: $text", "$method /$url/a.txt",
          ref $fields ? $fields : { Origin => $fields }, $expected,
          $opt || {}, $asked ]
    } @rows);
}

sub result { return (field => { 'X-Cors' => $_[0] }) }

my @malformed = (
    "$app, $evil", "$app $evil", "$app/", 'https://APP.example.com',
    "$app:443", 'NULL', '*', '//app.example.com', 'file://', 'app.example.com',
    'https://app..example.com', 'https://*.example.com', 'x' x 400,
);
promises('plain',
    [ 'no Origin asks nothing', 'GET', {}, { vary => 'Origin' }, 0 ],
    (map { [ "'" . substr($_, 0, 40) . "' asks nothing", 'GET', $_,
             { vary => 'Origin', result('malformed-origin') }, 0 ] }
     @malformed),
    [ 'null asks nothing, though it would be allowed', 'GET', 'null',
      { vary => 'Origin', result('denied-origin') }, 0 ],
    [ 'a preflight of null asks nothing', 'OPTIONS', preflight('null', 'GET'),
      { status => 403, vary => $TRIO, result('denied-origin') }, 0 ],
    [ 'a preflight asks', 'OPTIONS', preflight($app, 'GET'),
      { status => 204, acao => $app, acam => 'GET, HEAD, POST', acma => 600,
        vary => $TRIO, result('allowed') }, 1 ],
    [ 'the request that follows does not', 'GET', $app,
      { acao => $app, vary => 'Origin', result('allowed') }, 0 ],
    [ 'a stranger asks', 'GET', $evil,
      { vary => 'Origin', result('denied-origin') }, 1 ],
    [ 'once', 'OPTIONS', preflight($evil, 'GET'),
      { status => 403, vary => $TRIO, result('denied-origin') }, 0 ],
    [ 'another port is another origin', 'GET', "$app:8443",
      { vary => 'Origin', result('denied-origin') }, 1 ],
    [ 'and another scheme', 'GET', 'http://app.example.com',
      { vary => 'Origin', result('denied-origin') }, 1 ],
);
promises('off',
    [ 'nothing is asked', 'GET', $app, { body => "hi\n" }, 0 ],
    [ 'nor by a preflight', 'OPTIONS', preflight($app, 'GET'),
      { status => 200 }, 0 ]);
promises('report',
    [ 'it is asked, and changes nothing', 'GET', $app,
      { result('allowed') }, 1 ],
    [ 'nor for a stranger', 'GET', $evil, { result('denied-origin') }, 1 ]);
promises('reject',
    [ 'an allowed origin passes', 'GET', $app,
      { acao => $app, vary => 'Origin', result('allowed') }, 1 ],
    [ 'a stranger does not', 'GET', $evil,
      { status => 403, vary => 'Origin', result('rejected') }, 1 ],
    [ 'no Origin passes', 'GET', {}, { vary => 'Origin' }, 0 ],
    [ 'the site itself passes', 'GET', 'http://localhost',
      { vary => 'Origin', result('denied-origin') }, 1 ],
    [ 'a malformed one does not', 'GET', "$app/",
      { status => 403, vary => 'Origin', result('rejected') }, 0 ]);
$source{login}->allow($app, 'http://plain.example', 'http://localhost:81',
                      'null');
promises('login',
    [ 'with credentials', 'GET', $app,
      { acao => $app, acac => 'true', vary => 'Origin', result('allowed') },
      1 ],
    [ 'an insecure origin is refused whatever it says', 'GET',
      'http://plain.example', { vary => 'Origin', result('denied-origin') },
      1 ],
    [ 'a loopback origin is not', 'GET', 'http://localhost:81',
      { acao => 'http://localhost:81', acac => 'true', vary => 'Origin',
        result('allowed') }, 1 ],
    [ 'null is', 'GET', 'null',
      { vary => 'Origin', result('denied-origin') }, 0 ]);
promises('listed',
    [ 'what a list allows is not asked', 'GET', $app,
      { acao => $app, vary => 'Origin', result('allowed') }, 0 ],
    [ 'nor what it takes out', 'GET', $evil,
      { vary => 'Origin', result('denied-origin') }, 0 ],
    [ 'nor what a file in front allows', 'GET', 'https://listed.example',
      { acao => 'https://listed.example', vary => 'Origin',
        result('allowed') }, 0 ],
    [ 'the rest is', 'GET', 'https://b.example',
      { vary => 'Origin', result('denied-origin') }, 1 ]);
promises('any',
    [ "beside '*' it is not asked", 'GET', $evil,
      { acao => qr/^(?:\*|\Q$evil\E)$/, vary => qr/^Origin$/,
        result('allowed') }, 0 ]);
promises('ended',
    [ 'a plain list further in ends it', 'GET', $app,
      { vary => 'Origin', result('denied-origin') }, 0 ]);
promises('kept',
    [ 'a list with signs does not', 'GET', $app,
      { acao => $app, vary => 'Origin', result('allowed') }, 1 ]);
promises('tenant',
    [ 'a policy that .htaccess uses', 'OPTIONS', preflight($app, 'PUT'),
      { status => 204, acao => $app, acam => 'GET, HEAD, POST, PUT',
        acma => 600, vary => $TRIO, result('allowed') }, 1 ]);
promises('power',
    [ 'granted by default', 'GET', $app,
      { acao => $app, acac => 'true', vary => 'Origin', result('allowed') },
      1 ],
    (map { [ "$_ does not grant it", 'GET', $app, { status => 500 }, 0,
             { host => "$_.example" } ] } qw(none any)));
promises('two',
    [ 'the first policy is asked', 'GET', $app,
      { acao => $app, vary => 'Origin', result('allowed') }, 1 ],
    [ 'the second one allows too', 'GET', $evil,
      { acao => $evil, vary => 'Origin', result('allowed') }, 1 ]);

$s->expect_log(
    (map { qr{/own-\w+/\.htaccess: $_ not allowed here} }
     qw(CorsAllowOriginSource CorsSourceCache CorsSourceTimeout)),
    qr{/own-list/\.htaccess: CorsAllowOriginSource },
    qr{/power/\.htaccess: CorsUsePolicy needs what CorsHtaccess does not});
$s->promises(
    map { [ "$_: refused in .htaccess", "GET /$_/a.txt", { Origin => $app },
            { status => 500 } ] } sort keys %own);

# ---------------------------------------------------------------------------
# Without an answer
# ---------------------------------------------------------------------------

my @without = qw(plain report reject listed two);
$source{$_}->fail("no answer for /$_") for @without;
$s->expect_log(
    map { cannot_answer($source{$_}->source, "no answer for /$_;") } @without);
my $new = 'https://new.example';
promises('plain',
    [ 'what is known is still known', 'GET', $app,
      { acao => $app, vary => 'Origin', result('allowed') }, 0 ]);
$s->promises(
    [ 'plain: source-error', 'GET /plain/a.txt', { Origin => $new },
      { vary => 'Origin', body => "hi\n",
        field => { 'X-Cors' => 'source-error',
                   'Cache-Control' => 'no-store' } } ],
    [ 'plain: and this alone', 'GET /plain/own.asis', { Origin => $new },
      { vary => 'Origin', body => "hi\n",
        field => { 'X-Cors' => 'source-error',
                   'Cache-Control' => 'no-store' } } ],
    (map { [ "plain: what the application says else: $_->[1]",
             'GET /plain/own.asis', { Origin => $_->[0] },
             { vary => 'Origin', @{ $_->[2] || [] },
               field => { 'X-Cors' => $_->[1],
                          'Cache-Control' => 'max-age=600' } } ] }
     [ $app, 'allowed', [ acao => $app ] ], [ $evil, 'denied-origin' ],
     [ "$new/", 'malformed-origin' ]),
    [ 'ReportOnly: what the application says', 'GET /report/own.asis',
      { Origin => $new },
      { field => { 'X-Cors' => 'source-error',
                   'Cache-Control' => 'max-age=600' } } ],
    [ 'plain: a preflight', 'OPTIONS /plain/a.txt', preflight($new, 'GET'),
      { status => 403, body => '', vary => $TRIO, result('source-error') } ],
    [ 'ReportOnly: nothing but the result', 'GET /report/a.txt',
      { Origin => $new }, { body => "hi\n", result('source-error') } ],
    [ 'CorsRejectUnlisted: refused', 'GET /reject/a.txt', { Origin => $new },
      { status => 403, vary => 'Origin', result('rejected') } ],
    [ 'CorsRejectUnlisted: no Origin', 'GET /reject/a.txt', {},
      { vary => 'Origin', body => "hi\n" } ],
    [ 'a list beside it', 'GET /listed/a.txt', { Origin => $app },
      { acao => $app, vary => 'Origin', result('allowed') } ],
    [ 'a file beside it', 'GET /listed/a.txt',
      { Origin => 'https://listed.example' },
      { acao => 'https://listed.example', vary => 'Origin',
        result('allowed') } ],
    [ 'neither', 'GET /listed/a.txt', { Origin => $new },
      { vary => 'Origin', result('source-error') } ],
    [ 'the policy behind it is not asked', 'GET /two/a.txt',
      { Origin => $new }, { vary => 'Origin', result('source-error') } ],
    [ 'a malformed origin is malformed', 'GET /plain/a.txt',
      { Origin => "$new/" }, { vary => 'Origin',
                               result('malformed-origin') } ],
    [ 'null is denied', 'GET /plain/a.txt', { Origin => 'null' },
      { vary => 'Origin', result('denied-origin') } ],
);
CorsTest::finish();
