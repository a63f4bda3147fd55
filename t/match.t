# CorsAllowOriginMatch: an expression speaks about whole origins and nothing
# else, meets the lists around it as they meet each other, and is refused if
# it lets strangers in.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use Test::More;

my $label   = 'a' x 63;
my $longest = 'x' x 64 . "://$label.$label.$label.$label:65535";
my %files;
my $conf = '';
my @rows;

# Three lines that give everything, for expressions that the lint refuses.
my $loose = "CorsTolerate loose-match\n";

# What is no origin at all, whatever an expression says.
my @malformed = (
    'https://APP.example.com', 'HTTPS://app.example.com',
    'https://app.example.com/', 'https://app.example.com/x',
    'https://app.example.com:443', 'https://app.example.com:08443',
    'https://user@app.example.com', 'https://app.example.com?x',
    'https://app.example.com#x', 'https://app.example.com\\x',
    'https://app.example.com%00.evil.example', 'https://app..example.com',
    'https://app.example.com https://app.example.com',
    'https://app.example.com, https://app.example.com',
    'https://app.example.com,https://app.example.com',
    "https://app.example.com\tx", "https://app.example.com\x80",
    'https://app.example.com*', 'https://*.example.com', '*', 'NULL',
    'app.example.com', '//app.example.com', 'https://', 'file://',
    "x$longest",
);

# A place with these lines of configuration, and what it says to origins.
sub place {
    my ($name, $lines, %says) = @_;
    my $path = $says{path} || "/$name";
    $files{"htdocs$path/a.txt"} = "hi\n";
    $conf .= qq{<Location "$path">\n$lines\n</Location>\n} if $lines;
    says("$name", $path, %says);
}

sub says {
    my ($name, $path, %says) = @_;
    push @rows, (map {
        [ "$name: allows $_", "GET $path/a.txt", { Origin => $_ },
          { acao => $_, vary => 'Origin', body => "hi\n",
            field => { 'X-Cors' => 'actual allowed' } } ],
    } @{ $says{allowed} || [] }), (map {
        [ "$name: denies $_", "GET $path/a.txt", { Origin => $_ },
          { vary => 'Origin', body => "hi\n",
            field => { 'X-Cors' => 'actual denied-origin' } } ]
    } @{ $says{denied} || [] }), (map {
        [ "$name: '" . substr($_, 0, 50) . "' is no origin",
          "GET $path/a.txt", { Origin => $_ },
          { vary => 'Origin', body => "hi\n",
            field => { 'X-Cors' => 'actual malformed-origin' } } ]
    } @{ $says{malformed} || [] });
}

# ---------------------------------------------------------------------------
# The whole origin, and only one
# ---------------------------------------------------------------------------

place('whole', 'CorsAllowOriginMatch https://[a-z]+\.example\.com',
    allowed => [ 'https://app.example.com', 'https://x.example.com' ],
    denied  => [
        'null', 'http://app.example.com', 'https://app.example.com:8443',
        'https://app.example.com.', 'https://app.example.com.evil.example',
        'https://app.example.community', 'https://a1.example.com',
        'https://app.example.co', 'https://appxexample.com',
        'https://evil.example', 'xhttps://app.example.com',
        'https://https.app.example.com',
    ],
    malformed => \@malformed);

# An expression for everything: what is left is what it is never asked.
place('all', "CorsAllowOriginMatch .*\n$loose",
    allowed => [ 'https://app.example.com', 'http://any.test:8080',
                 'capacitor://localhost', 'https://[::1]:8443',
                 'https://192.0.2.1', $longest ],
    denied    => ['null'],
    malformed => \@malformed);

# What stands in the expression for its beginning and end changes nothing.
place('anchors', 'CorsAllowOriginMatch ^https://one\.example\.com$ '
    . '\Ahttps://two\.example\.com\z (^https://three\.example\.com$) '
    . 'https://four\.example\.com\Z',
    allowed => [ map { "https://$_.example.com" } qw(one two three four) ],
    denied  => [ map { ("https://$_.example.com.evil.example",
                        "https://x$_.example.com") } qw(one two three four) ]);

# PCRE takes the first alternative that fits; all of them have to be tried.
place('alternatives', 'CorsAllowOriginMatch '
    . 'https://one\.example\.com|https://one\.example\.com:8443 '
    . 'https://(?:a|ab)\.example\.com https://x+?\.example\.com',
    allowed => [ 'https://one.example.com', 'https://one.example.com:8443',
                 'https://a.example.com', 'https://ab.example.com',
                 'https://xxx.example.com' ],
    denied  => [ 'https://one.example.com:84', 'https://abb.example.com',
                 'https://one.example.com:8443.evil.example'
                    =~ s/:8443//r, 'https://one.example.com.evil' ]);

# Leaving early is no match of the whole, and a beginning that is cut off no
# match of it either.
place('accept', "CorsAllowOriginMatch https://app\\.example\\.com(*ACCEPT)"
    . "\\.nowhere (*ACCEPT)https://stranger\\.example\n$loose",
    allowed => ['https://app.example.com'],
    denied  => [ 'https://app.example.com.evil.example',
                 'https://app.example.com:8443', 'https://evil.example',
                 'https://stranger.example',
                 'https://app.example.com.nowhere' ]);
place('keep', "CorsAllowOriginMatch https://\\Kapp\\.example\\.com "
    . ".+\\K//app\\.example\\.com\n$loose",
    denied => [ 'https://app.example.com', 'https://evil.example',
                'xhttps://app.example.com' ]);

# The lint writes no origin with a reference in it, so this takes consent.
place('back', 'CorsAllowOriginMatch https://([a-z])\1\.example\.com '
    . qq{"https://(?<n>[0-9])(?P=n)\\.example\\.com"\n$loose},
    allowed => [ 'https://aa.example.com', 'https://77.example.com' ],
    denied  => [ 'https://ab.example.com', 'https://78.example.com',
                 'https://a.example.com', 'https://aaa.example.com' ]);
place('look', 'CorsAllowOriginMatch '
    . 'https://(?!staging\.)[a-z]+\.example\.com',
    allowed => ['https://app.example.com'],
    denied  => ['https://staging.example.com']);
place('quote', 'CorsAllowOriginMatch \Qhttps://app.example.com\E',
    allowed => ['https://app.example.com'],
    denied  => [ 'https://appxexample.com', 'https://app.example.comx' ]);

# Origins are lower-case, so is what matches; and case is no way in.
place('case', 'CorsAllowOriginMatch (?i)HTTPS://APP\.Example\.com',
    allowed   => ['https://app.example.com'],
    denied    => ['https://app.example.co'],
    malformed => [ 'HTTPS://APP.Example.com', 'https://APP.example.com' ]);
place('upper', "CorsAllowOriginMatch https://APP\\.example\\.com\n$loose",
    denied    => ['https://app.example.com'],
    malformed => ['https://APP.example.com']);

# One that backtracks without end is given up, which is no match.
place('slow', "CorsAllowOriginMatch "
    . "https://(?:(?:[a-z]+)+)+x\\.example\\.com\n$loose",
    denied => [ 'https://' . 'a' x 63 . '.example.com',
                'https://' . 'a' x 63 . '.example.org' ]);

# ---------------------------------------------------------------------------
# How it is written
# ---------------------------------------------------------------------------

place('several', <<'CONF',
    CorsAllowOriginMatch https://a\d\.example\.com https://b\d\.example\.com
    CorsAllowOriginMatch "https://c\d\.example\.com"
    CorsAllowOriginMatch 'https://d\d\.example\.com'
    corsalloworiginmatch https://e[0-9]\\.example\\.com \
        https://f[0-9]\.example\.com
    CorsAllowOriginMatch "https://g[0-9]{1,2}\\.example\\.com"
CONF
    allowed => [ (map { "https://${_}1.example.com" } 'a' .. 'g'),
                 'https://g12.example.com' ],
    denied  => [ (map { "https://${_}1xexample.com" } 'a' .. 'g'),
                 'https://h1.example.com', 'https://g123.example.com' ]);

# ---------------------------------------------------------------------------
# Beside a list
# ---------------------------------------------------------------------------

my $match = 'CorsAllowOriginMatch https://m[0-9]\.example\.com';

for my $order (0, 1) {
    my @lines = ("CorsAllowOrigin https://list.example.com "
        . "https://*.wild.example -https://m7.example.com", $match);
    @lines = reverse @lines if $order;
    place("list-$order", join("\n", @lines),
        allowed => [ 'https://list.example.com', 'https://a.wild.example',
                     'https://m1.example.com' ],
        denied  => [ 'https://m7.example.com', 'https://x.example.com',
                     'null' ]);
    @lines = ('CorsAllowOrigin none', $match);
    @lines = reverse @lines if $order;
    place("none-$order", join("\n", @lines),
        allowed => ['https://m1.example.com'],
        denied  => [ 'https://base.example', 'null' ]);
}
place('null', "CorsAllowOrigin null\n$match",
    allowed => [ 'null', 'https://m1.example.com' ],
    denied  => ['https://x.example.com']);
# Not the same for everybody: the expression may be all that is left of it.
place('any', "CorsAllowOrigin *\n$match",
    allowed => [ 'https://m1.example.com', 'https://evil.example', 'null' ]);

# ---------------------------------------------------------------------------
# Section over section
# ---------------------------------------------------------------------------

# The outer section: a list, an expression and a `-` of its own.
place('outer', <<"CONF",
    CorsAllowOrigin https://list.example.com -https://m8.example.com
    $match
CONF
    allowed => [ 'https://list.example.com', 'https://m1.example.com' ],
    denied  => ['https://m8.example.com']);
my @outer = ('https://list.example.com', 'https://m1.example.com',
             'https://m8.example.com', 'https://n1.example.com',
             'https://n8.example.com', 'https://own.example.com');
my $n = 'CorsAllowOriginMatch https://n[0-9]\.example\.com';
my %inner = (
    'sets a Match' => [ $n, qw(list n1 n8) ],
    'extends the list' => [ 'CorsAllowOrigin +https://own.example.com',
                            qw(list m1 own) ],
    'takes one out' => [ 'CorsAllowOrigin -https://m1.example.com', 'list' ],
    'replaces the list' => [ 'CorsAllowOrigin https://own.example.com',
                             'own' ],
    'has none' => [ 'CorsAllowOrigin none' ],
    'has none and a Match' => [ "CorsAllowOrigin none\n$n", qw(n1 n8) ],
    'replaces the list, has a Match' =>
        [ "CorsAllowOrigin https://own.example.com\n$n", qw(n1 n8 own) ],
    'extends the list, has a Match' =>
        [ "CorsAllowOrigin +https://own.example.com "
          . "-https://n8.example.com\n$n", qw(list n1 own) ],
    'allows again' => [ 'CorsAllowOriginMatch https://m[0-9]\.example\.com',
                        qw(list m1 m8) ],
);
my $number = 0;
my %kinds = (
    'Location' => [ '/outer/%d', '<Location "/outer/%d">', '</Location>' ],
    'LocationMatch' => [ '/outer/%d', '<LocationMatch "^/outer/%d/">',
                         '</LocationMatch>' ],
    'If' => [ '/outer/%d', '<If "%%{REQUEST_URI} =~ m#^/outer/%d/#">',
              '</If>' ],
    'Directory' => [ '/dir/%d', '<Directory "@DOCROOT@/dir/%d">',
                     '</Directory>' ],
    '.htaccess' => ['/dir/%d'],
);
$conf .= <<"CONF";
CorsHtaccess All
<Directory "\@DOCROOT\@/dir">
    CorsAllowOrigin https://list.example.com -https://m8.example.com
    $match
</Directory>
<Directory "\@DOCROOT\@/consent">
    CorsTolerate loose-match
</Directory>
CONF
for my $kind (sort keys %kinds) {
    my ($path, @tags) = @{ $kinds{$kind} };
    for my $what (sort keys %inner) {
        my ($lines, @names) = @{ $inner{$what} };
        my %is = map { ("https://$_.example.com" => 1) } @names;
        my $where = sprintf $path, ++$number;
        if (@tags) {
            $conf .= join "\n", sprintf($tags[0], $number), $lines, $tags[1],
                '';
        }
        else {
            $files{"htdocs$where/.htaccess"} = "$lines\n";
        }
        $files{"htdocs$where/a.txt"} = "hi\n";
        if (!@names) {
            push @rows, map {
                [ "$kind $what: denies $_", "GET $where/a.txt",
                  { Origin => $_ },
                  { field => { 'X-Cors' => 'actual denied-origin' } } ]
            } @outer;
            next;
        }
        says("$kind $what", $where, allowed => [ grep { $is{$_} } @outer ],
            denied => [ grep { !$is{$_} } @outer ]);
    }
}

# Three deep: the innermost Match alone, with each list in between.
place('outer/deep', "CorsAllowOrigin +https://two.example.com",
    allowed => [ map { "https://$_.example.com" } qw(list two m1) ],
    denied  => ['https://m8.example.com']);
place('outer/deep/er', $n,
    allowed => [ map { "https://$_.example.com" } qw(list two n1) ],
    denied  => [ map { "https://$_.example.com" } qw(m1 m8) ]);
place('outer/deep/er/yet', 'CorsAllowOrigin -https://n1.example.com',
    allowed => [ map { "https://$_.example.com" } qw(list two n2) ],
    denied  => [ map { "https://$_.example.com" } qw(n1 m1 m8) ]);
place('outer/deep/er/off', 'CorsAllowOrigin https://end.example.com',
    allowed => ['https://end.example.com'],
    denied  => [ map { "https://$_.example.com" } qw(list two n1 m1) ]);

# ---------------------------------------------------------------------------
# Preflights, credentials, refusals, methods
# ---------------------------------------------------------------------------

place('cred', <<"CONF", allowed => []);
    CorsAllowCredentials On
    CorsAllowMethods PUT
    CorsAllowHeaders X-One
    CorsMaxAge off
    $match
CONF
place('http', <<'CONF', allowed => []);
    CorsAllowCredentials On
    CorsTolerate insecure-origin
    CorsAllowOriginMatch https?://m[0-9]\.example\.com
CONF
place('http-no', <<'CONF', allowed => []);
    CorsAllowOriginMatch https?://m[0-9]\.example\.com
CONF
place('gate', "CorsRejectUnlisted On\n$match", allowed => []);

my $m1 = 'https://m1.example.com';
my %preflighted = (acao => $m1, acam => 'GET, HEAD, POST', acma => 600,
                   vary => $TRIO);
my %put = (acao => $m1, acac => 'true', acam => 'PUT', acah => 'X-One',
           vary => $TRIO);
my $x = sub { return field => { 'X-Cors' => $_[0] } };
push @rows, (
    [ 'a preflight is answered', 'OPTIONS /none-0/a.txt',
      preflight($m1, 'GET'),
      { status => 204, %preflighted, $x->('preflight allowed') } ],
    [ 'one of a stranger is refused', 'OPTIONS /none-0/a.txt',
      preflight('https://m1.example.com.evil.example', 'GET'),
      { status => 403, vary => $TRIO, body => '',
        $x->('preflight denied-origin') } ],
    [ 'one without a valid origin, too', 'OPTIONS /all/a.txt',
      preflight('https://M1.example.com', 'GET'),
      { status => 403, vary => $TRIO, body => '',
        $x->('preflight malformed-origin') } ],
    [ 'null has no preflight, whatever is accepted', 'OPTIONS /all/a.txt',
      preflight('null', 'GET'),
      { status => 403, vary => $TRIO, body => '',
        $x->('preflight denied-origin') } ],
    [ 'lists of methods and headers are those of the scope',
      'OPTIONS /cred/a.txt', preflight($m1, 'PUT', 'x-one'),
      { status => 204, %put, $x->('preflight allowed') } ],
    [ 'a method that is not listed', 'OPTIONS /cred/a.txt',
      preflight($m1, 'PATCH'),
      { status => 204, %put, $x->('preflight denied-method') } ],
    [ 'credentials for whom it matches', 'GET /cred/a.txt', { Origin => $m1 },
      { acao => $m1, acac => 'true', vary => 'Origin',
        $x->('actual allowed') } ],
    [ 'and for nobody else', 'GET /cred/a.txt',
      { Origin => 'https://n1.example.com' },
      { vary => 'Origin', $x->('actual denied-origin') } ],
    [ 'Vary is there without Origin', 'GET /cred/a.txt', {},
      { vary => 'Origin', body => "hi\n" } ],
    [ 'and on errors', 'GET /cred/none.txt', { Origin => $m1 },
      { status => 404, acao => $m1, acac => 'true', vary => 'Origin',
        $x->('actual allowed') } ],
    [ 'OPTIONS that is no preflight varies on all three',
      'OPTIONS /whole/a.txt', {}, { vary => $TRIO } ],
    [ 'an http origin has credentials by consent', 'GET /http/a.txt',
      { Origin => 'http://m1.example.com' },
      { acao => 'http://m1.example.com', acac => 'true', vary => 'Origin',
        $x->('actual allowed') } ],
    [ 'an http origin without credentials needs none', 'GET /http-no/a.txt',
      { Origin => 'http://m1.example.com' },
      { acao => 'http://m1.example.com', vary => 'Origin',
        $x->('actual allowed') } ],
    [ 'CorsRejectUnlisted lets in whom it matches', 'GET /gate/a.txt',
      { Origin => $m1 },
      { acao => $m1, vary => 'Origin', $x->('actual allowed') } ],
    [ 'and rejects the others', 'GET /gate/a.txt',
      { Origin => 'https://n1.example.com' },
      { status => 403, vary => 'Origin', $x->('actual rejected') } ],
    [ 'and what is no origin', 'GET /gate/a.txt',
      { Origin => 'https://M1.example.com' },
      { status => 403, vary => 'Origin', $x->('actual rejected') } ],
);

my $s = CorsTest->start(
    modules   => [qw(headers)],
    files     => \%files,
    log_level => 'info cors:debug',
    conf      => "Header always set X-Cors "
        . "\"%{CORS_REQUEST}e %{CORS_RESULT}e\" env=CORS_RESULT\n$conf");
$s->promises(@rows);

# A loose one in an .htaccess is found out on the request; the directory may
# consent to it.
$s->write_file("htdocs/$_/.htaccess",
    "CorsAllowOriginMatch https://.*example\\.com\n")
    for 'dir/loose', 'consent';
$s->write_file("htdocs/$_/a.txt", "hi\n") for 'dir/loose', 'consent';
$s->promises(
    [ 'a loose one in an .htaccess matches nobody', 'GET /dir/loose/a.txt',
      { Origin => 'https://app.example.com' },
      { vary => 'Origin', $x->('actual denied-origin') } ],
    [ 'unless the directory consents', 'GET /consent/a.txt',
      { Origin => 'https://evilexample.com' },
      { acao => 'https://evilexample.com', vary => 'Origin',
        $x->('actual allowed') } ],
);
$s->expect_log(qr{
    CorsAllowOriginMatch\ '\S+'\ \(\S+/dir/loose/\.htaccess:1\)
    \ matches\ nobody:\ it\ .*which\ may\ be\ a\ stranger's
}x);

# ---------------------------------------------------------------------------
# The log
# ---------------------------------------------------------------------------

# The place as the log names it.
sub line_of {
    my ($text) = @_;
    my @lines = split /\n/, $s->read_file('httpd.conf');
    for my $i (0 .. $#lines) {
        return $s->root . '/httpd.conf:' . ($i + 1)
            if index($lines[$i], $text) >= 0;
    }
    die "no such line: $text\n";
}

# httpd doubles the backslashes of what it logs.
my $quote = sub { return quotemeta $_[0] =~ s/\\/\\\\/gr };
for my $case (
    [ 'https://app.example.com', 'https://[a-z]+\.example\.com' ],
    [ 'https://b1.example.com', 'https://b\d\.example\.com' ],
) {
    my ($origin, $expression) = @$case;
    my $at = quotemeta line_of(" $expression");
    my $said = $quote->($expression);
    promise($s->log_lines(
        qr/allowed: origin '$origin' by CorsAllowOriginMatch '$said' \($at\)/,
        5), "the log names the expression that allows $origin");
}
promise($s->log_lines(
    qr{denied-origin: origin 'https://a1\.example\.com' is not in }, 5),
    'and the list that does not allow an origin');

# ---------------------------------------------------------------------------
# What is no expression, and where there can be none
# ---------------------------------------------------------------------------

sub refused {
    my ($lines, $pattern, $text, %opt) = @_;
    return config_error(qq{<Location "/x">\n$lines\n</Location>\n}, $pattern,
        $text, %opt);
}

my $rule = qr/must be a regular expression/;
for my $bad ('https://(app\.example\.com', 'https://[a-z\.example\.com',
             'https://*+?', '(?<n', '\1(', 'a{2,1}', '(?z)x', 'https://app(?#',
             'https://a\.example\.com)|(?:https://b\.example\.com',
             ')|(', 'x)\z|(?:y', '') {
    refused(qq{    CorsAllowOriginMatch "$bad"},
        qr/CorsAllowOriginMatch: '@{[ $quote->($bad) ]}' $rule/,
        "'$bad' is no expression");
}
# What swallows the end of an expression must not swallow what stands behind.
for my $open ('https://app\.example\.com\Q', '\Qhttps://app.example.com',
              '(?x)https://app\.example\.com#app',
              '(*UTF)https://app\.example\.com',
              '(*LIMIT_MATCH=1)https://app\.example\.com') {
    refused(qq{    CorsAllowOriginMatch "$open"},
        qr/'@{[ $quote->($open) ]}' must not end inside a comment or /,
        "'$open' is refused");
}
refused('    CorsAllowOriginMatch https://app\.example\.com (',
    qr/CorsAllowOriginMatch: '\(' $rule/,
    'the second expression of a line is judged like the first');
refused('    CorsAllowOriginMatch',
    qr/CorsAllowOriginMatch takes one or more regular expressions/,
    'an expression is needed');
refused("    <Limit GET>\n    CorsAllowOriginMatch x\n    </Limit>",
    qr/CorsAllowOriginMatch .*<Limit>/, 'not inside <Limit>');
refused(
    "    <LimitExcept GET>\n    CorsAllowOriginMatch x\n    </LimitExcept>",
    qr/CorsAllowOriginMatch .*<Limit(?:Except)?>/, 'not inside <LimitExcept>');

# ---------------------------------------------------------------------------
# RegexDefaultOptions
# ---------------------------------------------------------------------------

my $options = CorsTest->start(
    name  => 'options',
    files => {
        'htdocs/a.txt'        => "hi\n",
        'htdocs/h/a.txt'      => "hi\n",
        'htdocs/h/.htaccess'  => "$match\n",
    },
    conf  => <<'CONF');
RegexDefaultOptions +ICASE +DOTALL -DOLLAR_ENDONLY
CorsTolerate loose-match
CorsAllowOriginMatch HTTPS://[A-Z]+\.EXAMPLE\.com$
CONF
$options->promises(
    [ 'the default options of the server hold for it', 'GET /a.txt',
      { Origin => 'https://app.example.com' },
      { acao => 'https://app.example.com', vary => 'Origin' } ],
    [ 'but loosen nothing', 'GET /a.txt',
      { Origin => 'https://app.example.com.evil.example' },
      { vary => 'Origin' } ],
    [ 'nor make an origin of what is none', 'GET /a.txt',
      { Origin => 'https://APP.example.com' }, { vary => 'Origin' } ],
    [ 'an .htaccess has no expressions unless they are granted',
      'GET /h/a.txt', { Origin => $m1 },
      { status => 500, vary => 'Origin' } ],
);
$options->expect_log(
    qr/CorsAllowOriginMatch needs what CorsHtaccess does not /);

# ---------------------------------------------------------------------------
# The lint
# ---------------------------------------------------------------------------

# Loose expressions: the trial that one of them fails, and what the one who
# wrote it had in mind. The message names an origin that is not among that.
my @loose = (
    [ '^https://.*\.?example\.com', 'prefix', 'example.com' ],
    [ 'https://.*example\.com', 'prefix', 'example.com' ],
    [ 'https://.+example\.com', 'prefix', 'example.com' ],
    [ 'https?://(www.)?example.com', 'unescaped dot', 'example.com' ],
    [ 'https?://(www|app).example.com', 'unescaped dot', 'example.com' ],
    [ 'https://www.example\.com', 'unescaped dot', 'example.com' ],
    [ 'https://app\.example.com', 'unescaped dot', 'example.com' ],
    [ '.*example\.com$', '\S.*', 'example.com' ],
    [ '(.*)example\.com', '\S.*', 'example.com' ],
    [ 'https://[^/]*example\.com', 'prefix', 'example.com' ],
    [ 'https://[a-z-]*example\.com', 'prefix', 'example.com' ],
    [ 'https://([a-z]+\.?)?example\.com', 'prefix', 'example.com' ],
    [ 'https://example\.com.*', 'suffix', 'example.com' ],
    [ 'https://example\.com.+', 'suffix', 'example.com' ],
    [ 'https://(www\.)?example\.com(.*)', 'suffix', 'example.com' ],
    [ 'https://.*', 'any host', 'example.com' ],
    [ 'https://[^/]+', 'any host', 'example.com' ],
    [ 'https?://.+', 'any host', 'example.com' ],
    [ '.*', 'any host', 'example.com' ],
    [ '.+', 'any host', 'example.com' ],
    [ 'https://[a-z0-9.-]+', 'any host', 'example.com' ],
    [ 'https://\S+', 'any host', 'example.com' ],
    [ '[\s\S]*', 'any host', 'example.com' ],
    [ 'https://example\.[a-z]+', 'top-level domain', 'example.com' ],
    [ 'https://example\..*', '\S.*', 'example.com' ],
    [ 'https://www\.example\.\w{2,3}', 'top-level domain', 'example.com' ],
    [ 'https://pr-[0-9]+\.netlify\.app', 'public suffix', 'netlify.app' ],
    [ 'https://[a-z]+\.github\.io', 'public suffix', 'github.io' ],
    [ 'https://.*\.co\.uk', 'public suffix', 'co.uk' ],
    [ 'https://example-[a-z]+\.com', 'open label', 'example.com' ],
    [ 'https://192\.168\.1\.\d+', 'address', '192.168.1.1' ],
    [ 'https://192\.0\.2\.1.*', '\S.*', '192.0.2.1' ],

    # The shapes that are copied most, with other names.
    # C6, C7: SetEnvIf Origin ... AccessControlAllowOrigin=$0 or $0$1
    [ 'http(s)?://(.+\.)?(example\.com|example\.org|www.example.net)(:\d+)?',
      'unescaped dot', 'example.com' ],
    [ '^(.*\.?example\.org)$', '\S.*', 'example.org' ],
    [ 'http(s)?://(www\.)?(example.com|staging.example.com)$',
      'unescaped dot', 'example.com' ],
    # C18: the dispatcher's list
    [ 'http://.*\.your-domain.example|https://.*your-domain\.example.*',
      '\S.*', 'your-domain.example' ],
    [ 'https://.*.example.com', '\S.*', 'example.com' ],
    # C28
    [ '^https?://([^/]*).wherever.example(:[0-9]+)?$', '\S.*',
      'wherever.example' ],
    # C29
    [ '(https|http)://(.*.)?example.com', '\S.*', 'example.com' ],
    # C30, C31
    [ 'https://.*\.vercel\.app', 'public suffix', 'vercel.app' ],
    [ 'https://[a-z0-9-]+-shop\.netlify\.app', 'prefix', 'netlify.app' ],
    [ 'https://shop-.+\.netlify\.app', 'public suffix', 'netlify.app' ],
    # C47
    [ '.*keeweb.example', '\S.*', 'keeweb.example' ],
    # C49
    [ '(example\.com|example\.org)$|https://(.*)(example\.com|example\.org)$',
      '\S.*', 'example.com' ],
    # C50
    [ '^https?://.+example\.org$', 'prefix', 'example.org' ],
    [ '^.+://.+$', 'any host', 'example.com' ],
);

# Where everybody may have a name.
my %is_shared = map { $_ => 1 } qw(co.uk github.io netlify.app vercel.app);

# Good ones: one site each, whatever is open in front of it.
my @good = (
    'https://app\.example\.com', '^https://app\.example\.com$',
    'https://(?:www\.)?example\.com', 'https://(www|app)\.example\.com',
    'https://.*\.example\.com', 'https://.+\.example\.com',
    'https://([^/]+\.)?example\.com', 'https://[a-z]+-preview\.example\.com',
    'https://pr-[0-9]+\.example\.com', 'https://[a-z-]+\.example\.com(:\d+)?',
    'https?://(www\.)?example\.com', 'https?://localhost(:[0-9]+)?',
    'http://localhost:\d{4}', 'http://127\.0\.0\.1:[0-9]+',
    'https://example\.(com|org|net)', 'https://example\.com:8\d{3}',
    'https://shop\.example\.co\.uk', 'https://.*\.example\.co\.uk',
    'https://tenant-[a-f0-9]{8}\.example\.com',
    'https://tenant\.github\.io', 'https://app[.]example[.]com',
    '(?i)https://[A-Z]+\.example\.com', 'capacitor://localhost',
    'https://\[2001:db8::1\](:\d+)?', 'https://192\.0\.2\.(1|2)',
    'https://a\.example\.com|https://b\.example\.org',
    'https://xn--bcher-kva\.example',
    # C6 and C50 as they were meant
    'https?://(?:.+\.)?(?:example\.com|example\.org)(?::\d+)?',
    'https://(?:[a-z0-9-]+\.)+example\.com',
);

# Each in a place of its own; what the server says is about all at once.
sub places {
    my ($expressions, $more) = @_;
    my $i = 0;
    return join '', map {
        $i++;
        qq{<Location "/l$i">\n    CorsAllowOriginMatch "$_"\n$more}
            . "</Location>\n"
    } @$expressions;
}

my $said = config_error(places([ map { $_->[0] } @loose ], ''),
    qr/Configuration check failed/, 'loose expressions are refused');
my $first;
for my $i (0 .. $#loose) {
    my $case = $loose[$i];
    my ($expression, $trial, $site) = @$case;
    my $text = $quote->($expression);
    my ($where, $origin, $name, $fix) = $said =~ m{
        \ CorsAllowOriginMatch:\ '(?:$text|\Q$expression\E)'
        \ \(/[^\s:]+/httpd\.conf:(\d+)\)
        \ accepts\ '([^']+)'\ \(([^)]+)\),\ (.*)
    }x;
    $first = $where if !$i;
    promise($where && $where == $first + 3 * $i,
        "'$expression' is refused, with file and line", $said) or next;
    promise($name =~ /^$trial$/, "'$expression': the trial is $trial", $name);
    promise($origin =~ m{^[a-z]+://}
            && $origin =~ /\A(?:$expression)\z/
            && ($is_shared{$site}
                || $origin !~ m{://(?:[^/]+\.)?\Q$site\E(?::\d+)?$}),
        "'$expression': it accepts a stranger's origin", $origin);
    promise($fix =~ /use CorsAllowOrigin/
            && $fix =~ /'CorsTolerate loose-match'/,
        "'$expression': the message says what to do", $fix);
}
config_ok(places(\@good, ''), 'good expressions pass');
config_ok(places([ map { $_->[0] } @loose ], "    CorsTolerate loose-match\n"),
    'loose ones pass by consent');

refused('    CorsAllowOriginMatch https://(?:(?:[a-z]+)+)+x\.example\.com',
    qr/takes too long to refuse 'https:.* 'CorsTolerate loose-match'/,
    'so are those that take too long');
refused('    CorsAllowOriginMatch https://([a-z]+-?){5}\.example\.com',
    qr/takes too long to refuse 'https:/, 'PCRE\'s own patience is not ours');
my $large = qr/'https:.*' \(\S+:\d+\) is too large or too intricate .*(?#
    )'CorsTolerate loose-match'/;
for my $odd (
    'https://app\.example\.com|https://([a-z])\1\1\.net',
    'https://app\.example\.com|https://(?<a>[a-z])\k<a>\.net',
    'https://app\.example\.com|https://(?&a)\.net(?(DEFINE)(?<a>[a-z]{5}))',
    'https://' . '[a-z]' x 40 . '\.example\.com',
    'https://(' . join('|', map { "a$_\\.example\\.com" } 1 .. 1500) . ')',
) {
    refused("    CorsAllowOriginMatch $odd", $large,
        'and what cannot be tried in full: ' . substr $odd, 0, 60);
}

# The consent, and where it may stand.
my $bad = '    CorsAllowOriginMatch https://.*example\.com';
my $why = qr/'https:..\.\*example\\{1,2}\.com' \(\S+:\d+\) accepts 'https:/;
config_ok("CorsTolerate loose-match\n<Location /x>\n$bad\n</Location>\n",
    'consent of the server');
config_ok("<Location /x>\n$bad\n</Location>\nCorsTolerate loose-match\n",
    'consent behind the line');
config_ok("<Location /x>\n    CorsTolerate loose-match\n</Location>\n"
    . "<Location /x/y>\n$bad\n</Location>\n",
    'consent of the section outside');
config_ok(qq{<Directory "\@DOCROOT\@">\n    CorsTolerate loose-match\n}
    . "    <Files a.txt>\n$bad\n    </Files>\n</Directory>\n",
    'consent of the Directory around Files');
config_ok("<VirtualHost *:\@PORT\@>\n    ServerName a.example\n"
    . "    CorsTolerate loose-match\n    <Location /x>\n$bad\n"
    . "    </Location>\n</VirtualHost>\n", 'consent of the virtual host');
config_error("<Location /y>\n    CorsTolerate loose-match\n</Location>\n"
    . "<Location /x>\n$bad\n</Location>\n", $why,
    'consent of another section is none');
config_error("CorsTolerate loose-match\n<Location /x>\n"
    . "    CorsTolerate public-suffix\n$bad\n</Location>\n", $why,
    'consent that the section replaces is none');
for my $word (qw(null-credentials insecure-origin public-suffix)) {
    refused("    CorsTolerate $word\n$bad", $why, "$word is no such consent");
}
refused("    CorsTolerate null-credentials insecure-origin public-suffix\n"
    . $bad, $why, 'all the others together are none');

# With credentials, and over http.
refused("    CorsAllowCredentials On\n$bad", $why,
    'a loose expression with credentials');
refused("    CorsAllowCredentials On\n"
    . '    CorsAllowOriginMatch https?://m\.example\.com',
    qr{
        'https\?://m\S+'\ \(\S+:\d+\)
        \ must\ not\ meet\ CorsAllowCredentials\ On\ \(\S+:\d+\):
        \ it\ matches\ http\ origins.*'CorsTolerate\ insecure-origin'
    }x,
    'credentials and http');
refused("    CorsAllowCredentials On\n    CorsTolerate loose-match\n"
    . '    CorsAllowOriginMatch https?://m\.example\.com',
    qr/it matches http origins/, 'consent to loose ones is none to http');
config_ok("<Location /x>\n    CorsAllowCredentials On\n"
    . "    CorsAllowOriginMatch https?://localhost:\\d+\n</Location>\n",
    'localhost is not insecure');
config_ok(qq{<Location /x>\n$bad\n</Location>\nCorsTolerate loose-match\n}
    . "<Location /y>\n    CorsAllowCredentials On\n"
    . "    CorsTolerate insecure-origin\n"
    . "    CorsAllowOriginMatch https?://m\\.example\\.com\n</Location>\n",
    'consent to http');

# Off has no effect, so there is nothing to refuse.
config_ok("<Location /x>\n    CorsEngine Off\n$bad\n</Location>\n",
    'CorsEngine Off');
config_error("<CorsPolicy p>\n$bad\n</CorsPolicy>\n", $why,
    'a policy that nobody uses is judged, too');

CorsTest::finish();
