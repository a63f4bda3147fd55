# Credentials and the origins that must not have them, where only a request
# brings the two together: the guard holds, and CorsTolerate lifts what it
# names. What is known before the server starts is in contradictions.t.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use Test::More;

my $app = 'https://app.example.com';
my $any = 'https://any.example';

# ---------------------------------------------------------------------------
# `*`, `null` and the rest with credentials from another level
# ---------------------------------------------------------------------------

# Two halves of a contradiction, in two places that only a request's own merge
# brings together. Each pair is tried both ways round.
my %files = ('htdocs/a.txt' => "hi\n");
my $conf  = "CorsHtaccess All\n"
    . "<VirtualHost 127.0.0.1:\@PORT\@>\n    ServerName localhost\n"
    . "</VirtualHost>\n";
my @halves = (
    # name, text around the outer half, around the inner half; %d is a number
    [ 'Directory and .htaccess', '<Directory "@DOCROOT@/p/%d">', undef ],
    [ 'Directory and Location', '<Directory "@DOCROOT@/p/%d">',
      '<Location "/p/%d">' ],
    [ 'Directory and LocationMatch', '<Directory "@DOCROOT@/p/%d">',
      '<LocationMatch "^/p/%d/">' ],
    [ 'Location and LocationMatch', '<Location "/p/%d">',
      '<LocationMatch "^/p/%d/">' ],
    [ 'DirectoryMatch and Files', '<DirectoryMatch "/p/%d/">',
      '<FilesMatch "^a-%d\.txt$">' ],
    [ 'LocationMatch and If', '<LocationMatch "^/p/%d/">',
      '<If "%%{REQUEST_URI} =~ m#^/p/%d/#">' ],
);
my $n = 0;
my @rows;

sub close_of { my ($word) = $_[0] =~ /^<(\w+)/; return "</$word>" }

# Puts one half in each place of the pair, and returns the path.
sub pair {
    my ($halves, $outer, $inner) = @_;
    my (undef, $around, $within) = @$halves;
    $n++;
    $files{"htdocs/p/$n/a-$n.txt"} = "hi\n";
    $around = sprintf $around, $n;
    $conf .= "$around\n    $outer\n" . close_of($around) . "\n";
    if ($within) {
        $within = sprintf $within, $n;
        $conf .= "$within\n    $inner\n" . close_of($within) . "\n";
    }
    else {
        $files{"htdocs/p/$n/.htaccess"} = "$inner\n";
    }
    return "/p/$n/a-$n.txt";
}

my @on = ('CorsAllowCredentials On');
for my $halves (@halves) {
    for my $case (
        [ '*', [ $any, 'null', 'http://any.example' ] ],
        [ 'null', ['null'] ],
        [ 'http://plain.example', ['http://plain.example'] ],
        [ '//plain.example', ['http://plain.example'] ],
        [ 'https://*.com', ['https://any.com'] ],
    ) {
        my ($item, $origins) = @$case;
        my @list = "CorsAllowOrigin $app $item";
        my %paths = (
            'the list outside' => pair($halves, @list, @on),
            'the list inside'  => pair($halves, @on, @list),
        );
        for my $how (sort keys %paths) {
            my $path = $paths{$how};
            push @rows, (map {
                [ "$halves->[0], $how: $item does not give credentials to $_",
                  "GET $path", { Origin => $_ },
                  { vary => 'Origin', body => "hi\n" } ]
            } @$origins),
            [ "$halves->[0], $how: nor on a preflight: $item",
              "OPTIONS $path", preflight($origins->[0], 'GET'),
              { status => 403, body => '', vary => $TRIO } ],
            [ "$halves->[0], $how: who is listed beside $item has them",
              "GET $path", { Origin => $app },
              { acao => $app, acac => 'true', vary => 'Origin' } ];
        }
    }
    # Without another item, `*` alone must not become the constant policy.
    for my $path (pair($halves, 'CorsAllowOrigin *', @on),
                  pair($halves, @on, 'CorsAllowOrigin *')) {
        push @rows,
            [ "$halves->[0]: * alone with credentials is for nobody",
              "GET $path", { Origin => $any }, { vary => 'Origin' } ],
            [ "$halves->[0]: * alone, without Origin", "GET $path", {},
              { vary => 'Origin' } ];
    }
}

# A wildcard that an inner section adds to a list that it inherits.
for my $halves (@halves) {
    my $path = pair($halves, "CorsAllowOrigin $app\n    @on",
                    'CorsAllowOrigin +* +null');
    push @rows,
        [ "$halves->[0]: +* does not widen credentials", "GET $path",
          { Origin => $any }, { vary => 'Origin' } ],
        [ "$halves->[0]: +null does not", "GET $path",
          { Origin => 'null' }, { vary => 'Origin' } ],
        [ "$halves->[0]: what was listed stays", "GET $path",
          { Origin => $app },
          { acao => $app, acac => 'true', vary => 'Origin' } ];
    $path = pair($halves, @on,
                 "CorsAllowOrigin *\n    CorsAllowCredentials Off");
    push @rows,
        [ "$halves->[0]: * is constant where credentials end", "GET $path",
          { Origin => $any }, { acao => '*' } ],
        [ "$halves->[0]: and without Origin", "GET $path", {},
          { acao => '*' } ];
}

# ---------------------------------------------------------------------------
# What is insecure, and what is not
# ---------------------------------------------------------------------------

# One place for each consent: [ CorsTolerate words, path ]. The list comes
# from .htaccess, which no start of the server sees.
my @items = qw(null http://plain.example //either.example https://*.com
    https://*.github.io https://*.co.uk https://*.internal
    http://*.plain.example http://plain.example:8080
    http://localhost http://localhost:3000 http://app.localhost
    http://*.localhost http://127.0.0.1 http://127.8.9.10:81 http://[::1]:9000
    //localhost:* http://localhost.example http://notlocalhost
    http://128.0.0.1 http://[::2] http://127.example https://*.example.com
    capacitor://localhost chrome-extension://abcdef ws://plain.example);

# What each origin needs; nothing: it has credentials anywhere.
my @needs = (
    [ 'null', 'null-credentials' ],
    [ 'http://plain.example', 'insecure-origin' ],
    [ 'http://plain.example:8080', 'insecure-origin' ],
    [ 'http://a.plain.example', 'insecure-origin' ],
    [ 'http://either.example', 'insecure-origin' ],
    [ 'https://either.example', 'insecure-origin' ],
    [ 'http://localhost.example', 'insecure-origin' ],
    [ 'http://notlocalhost', 'insecure-origin' ],
    [ 'http://128.0.0.1', 'insecure-origin' ],
    [ 'http://[::2]', 'insecure-origin' ],
    [ 'http://127.example', 'insecure-origin' ],
    [ 'https://any.com', 'public-suffix' ],
    [ 'https://a.any.com', 'public-suffix' ],
    [ 'https://any.github.io', 'public-suffix' ],
    [ 'https://any.co.uk', 'public-suffix' ],
    [ 'https://wiki.internal', 'public-suffix' ],
    [ 'http://localhost', undef ],
    [ 'http://localhost:3000', undef ],
    [ 'https://localhost:3000', undef ],
    [ 'http://app.localhost', undef ],
    [ 'http://a.b.localhost', undef ],
    [ 'http://127.0.0.1', undef ],
    [ 'http://127.8.9.10:81', undef ],
    [ 'http://[::1]:9000', undef ],
    [ 'https://a.example.com', undef ],
    [ 'capacitor://localhost', undef ],
    [ 'chrome-extension://abcdef', undef ],
    [ 'ws://plain.example', undef ],
);
my @all = qw(null-credentials insecure-origin public-suffix);
my %consent = (
    nothing    => [],
    null       => ['null-credentials'],
    insecure   => ['insecure-origin'],
    public     => ['public-suffix'],
    one_line   => [@all],
    two_lines  => [ 'insecure-origin',
                    "public-suffix\n    CorsTolerate null-credentials" ],
);
my $list = "CorsAllowOrigin @items\n";
for my $name (sort keys %consent) {
    my @words = map { split /\n *CorsTolerate / } @{ $consent{$name} };
    my %gives = map { $_ => 1 } @words;
    $conf .= qq{<Directory "\@DOCROOT\@/c/$name">\n    @on\n}
        . (@words ? "    CorsTolerate @{ $consent{$name} }\n" : '')
        . "</Directory>\n";
    $files{"htdocs/c/$name/.htaccess"} = $list;
    $files{"htdocs/c/$name/a.txt"} = "hi\n";
    push @rows, map {
        my ($origin, $need) = @$_;
        my $has = !$need || $gives{$need};
        [ "consent to " . (@words ? "@words" : 'nothing') . ": $origin is "
              . ($has ? 'allowed' : 'denied'), "GET /c/$name/a.txt",
          { Origin => $origin },
          { vary => 'Origin', $has ? (acao => $origin, acac => 'true') : () } ]
    } @needs;
}

# Without credentials none of them is special.
$files{'htdocs/free/a.txt'} = "hi\n";
$files{'htdocs/free/.htaccess'} = $list;
push @rows, map {
    [ "without credentials $_->[0] is an origin like any",
      'GET /free/a.txt', { Origin => $_->[0] },
      { acao => $_->[0], vary => 'Origin' } ]
} @needs;

# No consent helps `*`.
push @rows, do {
    $conf .= qq{<Directory "\@DOCROOT\@/star">\n    @on\n}
        . "    CorsTolerate @all\n</Directory>\n";
    $files{'htdocs/star/a.txt'} = "hi\n";
    $files{'htdocs/star/.htaccess'} = "CorsAllowOrigin *\n";
    map {
        [ "* has no consent: $_", 'GET /star/a.txt', { Origin => $_ },
          { vary => 'Origin' } ]
    } $any, 'null', 'http://plain.example', 'https://any.com';
};

# ---------------------------------------------------------------------------
# Consent is inherited, replaced and taken back
# ---------------------------------------------------------------------------

my $wide = 'CorsAllowOrigin null http://plain.example';
for my $case (
    [ 'an inner section inherits', 'inherit', 'CorsMaxAge 5', 1, 1 ],
    [ 'an inner section replaces', 'replace', 'CorsTolerate null-credentials',
      1, 0 ],
    [ 'an inner section says it again', 'both',
      'CorsTolerate null-credentials insecure-origin', 1, 1 ],
) {
    my ($text, $name, $inner, $null, $http) = @$case;
    $conf .= <<CONF;
<Directory "\@DOCROOT\@/t/$name">
    CorsTolerate null-credentials
    CorsTolerate insecure-origin
</Directory>
<LocationMatch "^/t/$name/">
    $inner
</LocationMatch>
CONF
    $files{"htdocs/t/$name/.htaccess"} = "$wide\n@on\n";
    $files{"htdocs/t/$name/a.txt"} = "hi\n";
    push @rows, map {
        my ($origin, $has) = @$_;
        [ "$text: $origin is " . ($has ? 'allowed' : 'denied'),
          "GET /t/$name/a.txt", { Origin => $origin },
          { vary => 'Origin', $has ? (acao => $origin, acac => 'true') : () } ]
    } [ null => $null ], [ 'http://plain.example' => $http ];
}

# A partial wildcard over a public suffix needs consent, credentials or not.
# Here its section consents, and a section that only the request brings in
# replaces the consent; there .htaccess writes one that nobody consents to.
$conf .= <<CONF;
<Directory "\@DOCROOT\@/partial">
    CorsTolerate public-suffix
    CorsAllowOrigin https://*-shop.com
</Directory>
<LocationMatch "^/partial/without/">
    CorsTolerate insecure-origin
</LocationMatch>
CONF
$files{"htdocs/partial/$_"} = "hi\n" for qw(a.txt without/a.txt
                                             htaccess/a.txt);
push @rows,
    [ 'a partial wildcard over a public suffix, with consent',
      'GET /partial/a.txt', { Origin => 'https://any-shop.com' },
      { acao => 'https://any-shop.com', vary => 'Origin' } ],
    [ 'a partial wildcard whose consent an inner section replaces',
      'GET /partial/without/a.txt', { Origin => 'https://any-shop.com' },
      { vary => 'Origin' } ],
    [ 'a partial wildcard in .htaccess, with the consent around it',
      'GET /partial/htaccess/a.txt', { Origin => 'https://my-app.github.io' },
      { acao => 'https://my-app.github.io', vary => 'Origin' } ],
    (map {
        [ "a partial wildcard in .htaccess, without consent: $_ is denied",
          'GET /selfpart/a.txt', { Origin => $_ }, { vary => 'Origin' } ]
    } 'https://any-shop.com', 'https://my-app.github.io'),
    [ 'who is listed beside it is allowed', 'GET /selfpart/a.txt',
      { Origin => $app }, { acao => $app, vary => 'Origin' } ];
$files{'htdocs/partial/htaccess/.htaccess'} =
    "CorsAllowOrigin +https://*-app.github.io\n";
$files{'htdocs/selfpart/a.txt'} = "hi\n";
$files{'htdocs/selfpart/.htaccess'} =
    "CorsAllowOrigin $app https://*-shop.com https://*-app.github.io\n";

# Nobody gives himself consent.
$files{'htdocs/self/a.txt'} = "hi\n";
$files{'htdocs/self/.htaccess'} = "CorsTolerate null-credentials\n";
$conf .= <<'CONF';
<Directory "@DOCROOT@/selflist">
    AllowOverride None
    AllowOverrideList CorsTolerate
</Directory>
CONF
$files{'htdocs/selflist/a.txt'} = "hi\n";
$files{'htdocs/selflist/.htaccess'} = "CorsTolerate null-credentials\n";
push @rows, map {
    [ "$_->[1] in .htaccess is refused", "GET /$_->[0]/a.txt",
      { Origin => 'null' }, { status => 500 } ]
} [ self => 'CorsTolerate' ],
  [ selflist => 'CorsTolerate, even listed in AllowOverrideList,' ];

# ---------------------------------------------------------------------------
# Where an origin is passed over, the search goes on
# ---------------------------------------------------------------------------

# The guarded entry counts as absent, so an outer section may still decide.
$conf .= <<CONF;
<Directory "\@DOCROOT\@/on">
    CorsAllowOrigin $app
    @on
</Directory>
CONF
$files{'htdocs/on/a.txt'} = "hi\n";
$files{'htdocs/on/.htaccess'} = "CorsAllowOrigin +*\n";
push @rows,
    [ 'an origin listed outside is found behind a guarded *',
      'GET /on/a.txt', { Origin => $app },
      { acao => $app, acac => 'true', vary => 'Origin' } ],
    [ 'one that is not is denied', 'GET /on/a.txt', { Origin => $any },
      { vary => 'Origin' } ];

# ---------------------------------------------------------------------------
# The line in the log
# ---------------------------------------------------------------------------

my $s = CorsTest->start(files => \%files, conf => $conf);
my $line = qr/\[cors:error\] .*matches nobody/;

# The first request of the file asks a list that .htaccess wrote.
$s->promises(
    [ 'a guarded entry, asked first', 'GET /star/a.txt', { Origin => $any },
      { vary => 'Origin' } ]);
my @first = $s->log_lines($line);
promise(@first == 1, 'the guard logs an error', @first);
promise(
    ($first[0] // '') =~ m{CorsAllowOrigin '\*' \(\S+/star/\.htaccess:1\) (?#
        )matches nobody: it must not meet CorsAllowCredentials On (?#
        )\(\S+/httpd\.conf:\d+\): every site could act for the user; },
    'the error names the entry and its rule, file and line of both', @first);

$s->promises(@rows);

# At most once a minute in each child; threaded servers have one or two
# children here, prefork up to 16.
my @lines = $s->log_lines($line);
promise(@lines >= 1 && @lines <= 16,
    @rows . ' requests logged it but once a minute in each child', @lines);
my %by;
$by{ /\[pid (\d+)/ ? $1 : '' }++ for @lines;
promise(!(grep { $_ > 2 } values %by), 'no child logged it over and over',
    @lines);

# The refusals themselves are at info, each of them.
my @denied = $s->log_lines(qr/\[cors:info\] .*\] denied-origin/);
promise(@denied > 100, 'each refusal has its own line at info',
    scalar @denied);

$s->expect_log($line,
    qr{/self/\.htaccess: CorsTolerate },
    qr{/selflist/\.htaccess: CorsTolerate cannot occur within htaccess});

# ---------------------------------------------------------------------------
# A log that takes no more than notices
# ---------------------------------------------------------------------------

my $quiet = CorsTest->start(
    name      => 'credentials.t, quiet',
    log_level => 'notice',
    files     => { 'htdocs/a.txt' => "hi\n",
                   'htdocs/.htaccess' =>
                       "CorsAllowOrigin *\nCorsAllowCredentials On\n" },
);
$quiet->promises(
    [ 'an entry that matches nobody, where refusals are not logged',
      'GET /a.txt', { Origin => 'https://a.example' }, { vary => 'Origin' } ]);
$quiet->expect_log(qr/\[cors:error\] .*CorsAllowOrigin '\*' .*matches nobody/);
promise(!$quiet->log_lines(qr/cors:info/), 'the refusal is not logged');

CorsTest::finish();
