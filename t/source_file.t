# CorsAllowOriginSource file: what a file may say and what it must not, where
# it stands among lists and sections, and what becomes of it while the server
# runs: changed in whatever way, spoiled, lost, across restarts and under load.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use CorsTest::Memory;
use CorsTest::Process qw(wait_until);
use Fcntl qw(O_WRONLY O_CREAT);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $app  = 'https://app.example.com';
my $evil = 'https://evil.example';

# A change is in force within these seconds; what is more is for the test,
# which asks every file in turn on a busy machine.
my $LIMIT     = 2;
my $ALLOWANCE = $ENV{CORS_VALGRIND} ? 20 : $ENV{CORS_PRELOAD} ? 6 : 2;

# ---------------------------------------------------------------------------
# What is refused at start
# ---------------------------------------------------------------------------

my $scheme = "must begin with a scheme and '://'";
my $path   = 'must be scheme://host[:port] without a path';
my $blanks = 'must be one item; write each on its own line';
my $sign   = 'must be written without a sign';

# [ what the file holds, the line and the item at fault, the rule, the fix ]
for my $row (
    [ "$app\n\n$app/\n", 3, "$app/", $path, $app ],
    [ "app.example.com\n", 1, 'app.example.com', $scheme, $app ],
    [ "$app\r\n# a\r\n*.example.com\r\n", 3, '*.example.com', $scheme,
      'https://*.example.com' ],
    [ "\xef\xbb\xbfexample.com\n", 1, 'example.com', $scheme,
      'https://example.com' ],
    [ "$app\n  NULL  # a\n", 2, 'NULL', 'must be written in lower case',
      'null' ],
    [ "\n\n$app https://b.example\n", 3, "$app https://b.example", $blanks ],
    [ "$app\t$app\n", 1, "$app\\t$app", $blanks ],
    [ "$app, \n", 1, "$app,", 'separate several with blanks' ],
    [ "+$app\n", 1, "+$app", $sign ],
    [ "-$app\n", 1, "-$app", $sign ],
    [ "+ $app\n", 1, "+ $app", $sign ],
    [ "-null\n", 1, '-null', $sign ],
    [ "none\n", 1, 'none', 'must not stand in a file; leave the file empty' ],
    [ "$app\nNone", 2, 'None', 'must not stand in a file' ],
    [ "\"$app\"\n", 1, "\"$app\"", $scheme ],
    [ "$app\n\xef\xbb\xbf$app\n", 2, "\\xef\\xbb\\xbf$app", 'must ' ],
    [ "https://" . 'a' x 400 . "\n", 1, 'https://aaa', 'must ' ],
    [ "$app\rhttps://b.example\n", 1, "$app\\rhttps://b.example", $blanks ],
    [ "$app\n$app\0\n", 2, $app, 'must ' ],
    [ "$app\n*://app.example.com", 2, '*://app.example.com',
      "must not have '*' for a scheme", '//app.example.com' ],
) {
    my ($text, $line, $item, $rule, $fix) = @$row;
    my $end = defined $fix ? qr/.*; did you mean '\Q$fix\E'\?$/
                           : qr/(?!.*did you mean).*$/;
    my $shown = $text =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ger;
    config_error("CorsAllowOriginSource file:origins.txt\n",
        qr{^CorsAllowOriginSource:\ '\Q$item\E[^']*'
           \ \(/\S+/origins\.txt:$line\)\ .*\Q$rule\E$end}mx,
        "line $line of '" . substr($shown, 0, 60) . "': $rule",
        files => { 'origins.txt' => $text });
}

# Whether a wildcard inside a label needs consent is known at the end.
my %pr = (files => { 'origins.txt' => "$app\nhttps://pr-*.github.io\n" });
config_error("CorsAllowOriginSource file:origins.txt\n",
    qr{CorsAllowOriginSource: 'https://pr-\*\.github\.io' (?#
       )\(/\S+/origins\.txt:2\) must not have '\*' in a label}m,
    'a wildcard for a label that anybody can register', %pr);
config_ok("CorsTolerate public-suffix\n"
    . "CorsAllowOriginSource file:origins.txt\n", 'the same with consent',
    %pr);

# Credentials, with the places of both.
for my $row (
    [ '*', 'every site could act for the user', '' ],
    [ 'null', 'every site can send this origin', 'null-credentials' ],
    [ 'http://a.example', 'whoever controls the network',
      'insecure-origin' ],
    [ '//a.example', 'whoever controls the network', 'insecure-origin' ],
    [ 'https://*.github.io', 'anybody can register a name there',
      'public-suffix' ],
) {
    my ($item, $why, $consent) = @$row;
    my %files = (files => { 'origins.txt' => "$app\n\n$item\n" });
    my $conf = "CorsAllowOriginSource file:origins.txt\n"
        . "CorsAllowCredentials On\n";
    config_error($conf,
        qr{CorsAllowOriginSource: '\Q$item\E' \(/\S+/origins\.txt:3\) must (?#
           )not meet CorsAllowCredentials On (?#
           )\(/\S+/httpd\.conf:\d+\): \Q$why\E},
        "credentials must not meet $item in a file", %files);
    config_ok("CorsTolerate $consent\n$conf", "unless $consent is tolerated",
        %files) if $consent;
    config_ok("<Location /a>\n${conf}CorsEngine Off\n</Location>\n",
        "nor where the engine is Off: $item", %files);
}
config_error("<Location />\nCorsAllowCredentials On\n</Location>\n"
    . "<Location /a/b>\nCorsAllowOriginSource file:origins.txt\n</Location>\n",
    qr{'http://a\.example' \(/\S+/origins\.txt:1\) must not meet},
    'credentials of a section further out',
    files => { 'origins.txt' => "http://a.example\n" });
config_ok("CorsAllowOriginSource file:origins.txt\nCorsAllowCredentials On\n",
    'the network does not reach localhost',
    files => { 'origins.txt' => "http://localhost:*\nhttp://[::1]:81\n" });

# The file itself.
for my $row (
    [ 'file:missing.txt', 'No such file or directory' ],
    [ 'file:missing/origins.txt', 'No such file or directory' ],
    [ 'file:/dev/null/origins.txt', 'Not a directory' ],
    [ 'file:htdocs', 'must ' ],
    [ 'file:', 'must ' ],
    [ 'file', 'must ' ],
    [ 'file=utf8:origins.txt', 'must ' ],
    [ 'FILE:origins.txt', 'must ' ],
    [ 'origins.txt', 'must ' ],
    [ '/etc/origins.txt', 'must ' ],
) {
    my ($source, $rule) = @$row;
    config_error("CorsAllowOriginSource $source\n",
        qr/^CorsAllowOriginSource: '\Q$source\E' .*\Q$rule\E/m,
        "CorsAllowOriginSource refuses $source",
        files => { 'origins.txt' => "$app\n" });
}
config_error("CorsAllowOriginSource file:good.txt file:missing.txt\n",
    qr/^CorsAllowOriginSource: 'file:missing\.txt' /m,
    'the second of two that is missing',
    files => { 'good.txt' => "$app\n" });
config_error("CorsAllowOriginSource file:/dev/zero\n",
    qr{^CorsAllowOriginSource: 'file:/dev/zero' must }m,
    'a device is no file');

# ---------------------------------------------------------------------------
# What a line may be
# ---------------------------------------------------------------------------

# The places of the one server: files, lines of configuration, and rows of
# what is promised from the start.
my (%files, @rows);
my $conf = "KeepAliveTimeout 60\nMaxKeepAliveRequests 0\n"
    . "SetEnvIf Origin . asked\n"
    . "Header always set X-Cors %{CORS_RESULT}e env=asked\n";

sub section {
    my ($url, @lines) = @_;
    $files{"htdocs/$url/a.txt"} = "hi\n";
    $conf .= join '', map { "$_\n" } "<Location \"/$url\">", @lines,
        '</Location>';
}

sub says {
    my ($what, $url, $expected, %says) = @_;
    push @rows, (map {
        [ "$what: allows $_", "GET /$url/a.txt", { Origin => $_ },
          { %$expected, acao => $_, vary => 'Origin', body => "hi\n",
            field => { 'X-Cors' => 'allowed' } } ]
    } @{ $says{allowed} || [] }), (map {
        [ "$what: denies $_", "GET /$url/a.txt", { Origin => $_ },
          { vary => 'Origin', body => "hi\n",
            field => { 'X-Cors' => 'denied-origin' } } ]
    } @{ $says{denied} || [] }), (map {
        [ "$what: '$_' is no origin", "GET /$url/a.txt", { Origin => $_ },
          { vary => 'Origin', body => "hi\n",
            field => { 'X-Cors' => 'malformed-origin' } } ]
    } @{ $says{malformed} || [] });
}

my $kinds = "# All kinds of lines.\n\n"
    . "\t $app \t\n"
    . "https://behind.example# a comment without a blank\n"
    . "  #https://commented.example\n"
    . "https://*.example.org     # a comment\n"
    . "http://localhost:*\n"
    . "//both.example:8443\n"
    . "capacitor://localhost\n"
    . "https://crlf.example\r\n"
    . "\r\n \t \r\n"
    . "HTTPS://Mended.Example:443\n"
    . "https://[2001:DB8:0:0:0:0:0:1]\n"
    . "$app\n"
    . "https://a-*.example.net\n";
$files{'kinds.txt'} = $kinds;
my @kinds = (
    allowed => [
        $app, 'https://behind.example', 'https://x.y.example.org',
        'http://localhost:81', 'http://both.example:8443',
        'https://both.example:8443', 'capacitor://localhost',
        'https://crlf.example', 'https://mended.example',
        'https://[2001:db8::1]', 'https://a-1.example.net',
    ],
    denied => [
        'null', $evil, 'https://commented.example', 'https://example.org',
        'https://both.example', 'http://app.example.com', "$app:81",
        'https://a.example.net', 'https://app.example.com.evil.example',
    ],
    malformed => [
        "$app, https://crlf.example", 'https://Mended.Example',
        'https://mended.example:443', '*',
    ],
);
section('kinds', 'CorsAllowOriginSource file:kinds.txt',
        'LogLevel cors:debug');
says('a file', 'kinds', {}, @kinds);
$files{'bom.txt'} = "\xef\xbb\xbf" . $kinds =~ s/\r?\n/\r\n/gr;
section('bom', 'CorsAllowOriginSource "file:@ROOT@/bom.txt"',
        'LogLevel cors:debug');
says('with a byte order mark, from Windows', 'bom', {}, @kinds);

$files{'last.txt'} = "https://first.example\n$app";
section('last', 'CorsAllowOriginSource file:./last.txt');
says('a last line without an end', 'last', {},
     allowed => [ 'https://first.example', $app ],
     denied => ['https://app.example.co']);
$files{'blank.txt'} = '';
section('blank', 'CorsAllowOriginSource file:blank.txt');
says('an empty file', 'blank', {}, denied => [ $app, 'null' ]);
$files{'comments.txt'} = "# nobody\n\n  # yet\n";
section('comments', 'CorsAllowOriginSource file:comments.txt');
says('a file without items', 'comments', {}, denied => [ $app, 'null' ]);

$files{'star.txt'} = "*\n";
section('star', 'CorsAllowOriginSource file:star.txt');
says("a file with '*'", 'star', {}, allowed => [ $app, $evil, 'null' ]);
$files{'null.txt'} = "null # for our own sandboxes\n";
section('null', 'CorsAllowOriginSource file:null.txt');
says("a file with 'null'", 'null', {}, allowed => ['null'],
     denied => [ $app, 'x://null' ]);
$files{'site.txt'} = "same-site\n";
section('site', 'CorsAllowOriginSource file:site.txt');
says("a file with 'same-site'", 'site', {}, denied => [ $app, 'null' ],
     allowed => ['http://localhost:8080']);

# ---------------------------------------------------------------------------
# Among lists, sections and policies
# ---------------------------------------------------------------------------

$files{"$_.txt"} = "https://$_.example\n" for qw(one two three);
my ($one, $two, $three) = map { "https://$_.example" } qw(one two three);

section('beside', "CorsAllowOrigin $app",
        'CorsAllowOriginSource file:one.txt file:two.txt',
        'CorsAllowOriginSource file:three.txt');
says('beside a list', 'beside', {}, allowed => [ $app, $one, $two, $three ],
     denied => [$evil]);
section('beside/inner', 'CorsAllowOriginSource file:one.txt');
says('an inner source ends the outer ones, not the list', 'beside/inner', {},
     allowed => [ $app, $one ], denied => [ $two, $three ]);
section('beside/plain', "CorsAllowOrigin $evil");
says('a plain inner list ends sources', 'beside/plain', {},
     allowed => [$evil], denied => [ $app, $one ]);
section('beside/none', 'CorsAllowOrigin none');
push @rows, map {
    [ "none ends sources: $_", 'GET /beside/none/a.txt', { Origin => $_ },
      { body => "hi\n" } ] } $app, $one;
section('beside/signs', "CorsAllowOrigin +$evil -$two");
says('signs in an inner list keep and take', 'beside/signs', {},
     allowed => [ $app, $one, $three, $evil ], denied => [$two]);
section('beside/signs/again', 'CorsAllowOriginSource file:two.txt');
says('what was taken further out can be given further in',
     'beside/signs/again', {}, allowed => [ $two, $app, $evil ],
     denied => [ $one, $three ]);
section('beside/fresh', 'CorsAllowOrigin none',
        'CorsAllowOriginSource file:two.txt');
says('none beside a source starts anew', 'beside/fresh', {},
     allowed => [$two], denied => [ $app, $one ]);
section('minus', 'CorsAllowOriginSource file:kinds.txt',
        "CorsAllowOrigin -https://*.example.org -$app",
        'LogLevel cors:debug');
says('in one section an item with - beats a file', 'minus', {},
     allowed => ['https://crlf.example'],
     denied => [ $app, 'https://x.example.org' ]);
section('match', 'CorsAllowOriginSource file:one.txt',
        'CorsAllowOriginMatch https://m\d\.example\.com',
        "CorsAllowOriginExpr \"req('Origin') == '$evil'\"");
says('beside expressions', 'match', {},
     allowed => [ $one, 'https://m1.example.com', $evil ],
     denied => [ $two, $app ]);
section('match/inner', 'CorsAllowOriginMatch https://n\d\.example\.com');
says('an inner expression leaves a source', 'match/inner', {},
     allowed => [ $one, 'https://n1.example.com' ],
     denied => ['https://m1.example.com']);

# With a list of its own that is '*', nothing depends on the origin.
section('any', 'CorsAllowOrigin *', 'CorsAllowOriginSource file:one.txt');
push @rows, map {
    [ "a list with '*' beside a file allows $_ as itself", 'GET /any/a.txt',
      { Origin => $_ }, { acao => qr/^(?:\Q$_\E|\*)$/, vary => qr/^Origin$/,
        field => { 'X-Cors' => 'allowed' } } ] } $one, $evil;

# Credentials: only what the configuration alone does not show.
section('login', 'CorsAllowOriginSource file:login.txt',
        'CorsAllowCredentials On');
$files{'login.txt'} = "$app\nsame-site\nhttp://127.0.0.1:*\n";
says('with credentials', 'login', { acac => 'true' },
     allowed => [ $app, 'http://localhost', 'http://127.0.0.1:81' ],
     denied => [ 'null', $evil ]);
$conf .= "<Location \"/site-login\">\n"
    . "CorsAllowOriginSource file:site.txt\nCorsAllowCredentials On\n"
    . "</Location>\n";
$files{'htdocs/site-login/a.txt'} = "hi\n";
push @rows,
    [ 'same-site with credentials: an insecure origin is denied',
      'GET /site-login/a.txt', { Origin => 'http://www.host.example' },
      { vary => 'Origin', field => { 'X-Cors' => 'denied-origin' } },
      { host => 'api.host.example' } ],
    [ 'same-site with credentials: a secure one is allowed',
      'GET /site-login/a.txt', { Origin => 'https://www.host.example' },
      { vary => 'Origin', acao => 'https://www.host.example', acac => 'true',
        field => { 'X-Cors' => 'allowed' } },
      { host => 'api.host.example' } ];
$files{'tolerated.txt'} = "http://plain.example\nnull\n";
section('tolerated', 'CorsAllowOriginSource file:tolerated.txt',
        'CorsAllowCredentials On',
        'CorsTolerate insecure-origin null-credentials');
says('tolerated', 'tolerated', { acac => 'true' },
     allowed => [ 'http://plain.example', 'null' ], denied => [$evil]);

# Through a policy, from .htaccess too, and in the sections that httpd merges
# for each request.
$conf .= <<"CONF";
<CorsPolicy partners>
    CorsAllowOriginSource file:one.txt
    CorsAllowMethods +PUT
</CorsPolicy>
<CorsPolicy friends>
    CorsAllowOriginSource file:two.txt
    CorsAllowCredentials On
</CorsPolicy>
<Files "special.txt">
    CorsAllowOriginSource file:one.txt
</Files>
<If "%{REQUEST_URI} == '/if/a.txt'">
    CorsAllowOriginSource file:one.txt
</If>
CONF
$files{"htdocs/$_"} = "hi\n" for 'files/special.txt', 'if/a.txt';
$files{'htdocs/policy/a.txt'} = "hi\n";
$files{'htdocs/policy/.htaccess'} = "CorsUsePolicy partners friends\n";
says('a policy used in .htaccess', 'policy', {}, allowed => [$one],
     denied => [ $three, 'null' ]);
says('the second policy', 'policy', { acac => 'true' }, allowed => [$two]);
says('<If>', 'if', {}, allowed => [$one], denied => [$two]);
push @rows,
    [ 'a preflight goes by the policy that allows', 'OPTIONS /policy/a.txt',
      preflight($one, 'PUT'),
      { status => 204, acao => $one, acam => 'GET, HEAD, POST, PUT',
        acma => 600, vary => $TRIO, field => { 'X-Cors' => 'allowed' } } ],
    [ 'a preflight of a stranger', 'OPTIONS /policy/a.txt',
      preflight($evil, 'PUT'),
      { status => 403, vary => $TRIO,
        field => { 'X-Cors' => 'denied-origin' } } ],
    [ '<Files>', 'GET /files/special.txt', { Origin => $one },
      { acao => $one, vary => 'Origin', field => { 'X-Cors' => 'allowed' } }
    ],
    [ 'no Origin, the same Vary', 'GET /kinds/a.txt', {},
      { vary => 'Origin', body => "hi\n" } ];

# ---------------------------------------------------------------------------
# Changes: what is done to the files
# ---------------------------------------------------------------------------

my $s;

# How a file is changed. Each gets its full path and the new text.
sub write_in_place {
    my ($file, $text) = @_;
    sysopen my $out, $file, O_WRONLY | O_CREAT or die "$file: $!\n";
    syswrite $out, $text;
    truncate $out, length $text;
    close $out or die "$file: $!\n";
}

sub move_there {
    my ($file, $text) = @_;
    unlink "$file.new";
    write_in_place("$file.new", $text);
    chmod 0644, "$file.new";
    rename "$file.new", $file or die "$file: $!\n";
}

# Last year's, as a copy from a backup is.
sub move_old_there {
    my ($file, $text) = @_;
    write_in_place("$file.new", $text);
    chmod 0644, "$file.new";
    utime time, time - 365 * 86400, "$file.new";
    rename "$file.new", $file or die "$file: $!\n";
}

# A new file under a new name, and the link there with one step.
sub move_link_there {
    my ($file, $text) = @_;
    my $target = "$file." . ++our $links;
    write_in_place($target, $text);
    chmod 0644, $target;
    symlink $target, "$file.link" or die "$file.link: $!\n";
    rename "$file.link", $file or die "$file: $!\n";
}

# What takes the place of the file is no file, or none that can be read.
sub move_away   { unlink $_[0] or die "$_[0]: $!\n" }
sub become_dir  { unlink $_[0]; mkdir $_[0], 0755 or die "$_[0]: $!\n" }
sub become_fifo {
    unlink $_[0];
    POSIX::mkfifo($_[0], 0644) or die "$_[0]: $!\n";
}
sub clear_away  { -d $_[0] ? rmdir $_[0] : unlink $_[0] }
sub come_back   { clear_away($_[0]); move_there(@_) }

# The parent may read what the children must not, where root runs the test.
sub become_secret { chmod 0, $_[0] or die "$_[0]: $!\n" }
sub become_public { chmod 0644, $_[0]; write_in_place(@_) }

# One byte too many, of which none takes room.
sub become_huge {
    my ($file) = @_;
    move_there($file, '');
    truncate $file, (64 << 20) + 1;
}

# ---------------------------------------------------------------------------
# Changes: stories of one file each, all told at the same time
# ---------------------------------------------------------------------------

# A story begins with what the file holds at start, and has a step for each
# round: [ what happens, how, the new text, who is allowed then, who is not,
# the line in the log if it is bad ]. 'wait' passes a round.
my @stories;

sub story {
    my ($name, $text, @steps) = @_;
    my $url = "story-$name";
    my %own = ref $steps[0] eq 'HASH' ? %{ shift @steps } : ();
    $files{"$name.list"} = $text;
    section($url, "CorsAllowOriginSource file:$name.list",
            @{ $own{conf} || [] });
    push @stories, { name => $name, url => $own{url} || $url,
                     steps => \@steps, %own };
}

sub lines { return join '', map { "$_\n" } @_ }

# Origins with a number, so that versions are of the same size.
sub number { return sprintf 'https://v%05d.example', $_[0] }

sub numbers { return map { number($_) } @_ }

for my $how ([ renamed => \&move_there ], [ rewritten => \&write_in_place ],
             [ restored => \&move_old_there ],
             [ linked => \&move_link_there ]) {
    my ($name, $change) = @$how;
    story($name, lines(numbers(1, 2)),
        [ 'more', $change, lines(numbers(1 .. 3)), [ numbers(1 .. 3) ],
          [ number(4) ] ],
        [ 'others, of the same size', $change, lines(numbers(1, 4, 5)),
          [ numbers(1, 4, 5) ], [ numbers(2, 3) ] ],
        [ 'fewer', $change, lines(number(5)), [ number(5) ],
          [ numbers(1, 4) ] ],
        [ 'none, but a comment', $change, "# none\n", [],
          [ numbers(1, 4, 5) ] ],
        [ 'some again', $change, lines(number(1), '*'),
          [ number(1), $evil, 'null' ], [] ],
    );
}

story('unended', lines(number(1)),
    [ 'no end of the last line', \&write_in_place,
      lines(number(1)) . number(2), [ numbers(1, 2) ], [] ],
    [ 'nothing at all', \&write_in_place, '', [], [ numbers(1, 2) ] ],
    [ 'from Windows', \&write_in_place,
      "\xef\xbb\xbf" . lines(number(3)) =~ s/\n/\r\n/r, [ number(3) ],
      [ numbers(1, 2) ] ],
);
# The same line of the log must come once, however long it is bad.
story('bad', lines(numbers(1, 2)),
    [ 'a bad line keeps the last good list', \&move_there,
      lines(numbers(1, 3), '# a', "$app/"), [ numbers(1, 2) ], [ number(3) ],
      qr{'\Q$app\E/' \(/\S+/bad\.list:4\) must be (?#
         ).*; did you mean '\Q$app\E'} ],
    'wait',
    [ 'another bad line', \&move_there, lines(number(3), 'x.example'),
      [ numbers(1, 2) ], [ number(3) ],
      qr{'x\.example' \(/\S+/bad\.list:2\) must begin with a scheme} ],
    [ 'put right', \&move_there, lines(numbers(1, 3), $app),
      [ numbers(1, 3), $app ], [ number(2) ] ],
    [ 'the first bad line again', \&write_in_place, lines(number(1), '+null'),
      [ numbers(1, 3), $app ], [ 'null' ],
      qr{'\+null' \(/\S+/bad\.list:2\) must be written without a sign} ],
);
for my $way (
    [ vanished => \&move_away, qr/No such file/ ],
    [ directory => \&become_dir, qr/./ ],
    [ fifo => \&become_fifo, qr/./ ],
    [ huge => \&become_huge, qr/64/ ],
) {
    my ($name, $change, $why) = @$way;
    my $log = qr/CorsAllowOriginSource.*\/$name\.list.*$why/;
    story($name, lines(number(1)),
        [ 'keeps the last good list', $change, undef, [ number(1) ],
          [ number(2) ], $log ],
        'wait',
        [ 'comes back with another list', \&come_back, lines(number(2)),
          [ number(2) ], [ number(1) ] ],
        [ 'once more', $change, undef, [ number(2) ], [ number(1) ], $log ],
        [ 'comes back as it was', \&come_back, lines(numbers(2, 3)),
          [ numbers(2, 3) ], [ number(1) ] ],
    );
}
story('secret', lines(number(1)),
    [ 'keeps the last good list', \&become_secret, undef, [ number(1) ],
      [ number(2) ],
      qr/CorsAllowOriginSource.*\/secret\.list.*Permission denied/ ],
    'wait',
    [ 'comes back', \&become_public, lines(number(2)), [ number(2) ],
      [ number(1) ] ],
);
sub contradiction {
    my ($item, $why) = @_;
    return qr{CorsAllowOriginSource: '\Q$item\E' \(/\S+/login2\.list:3\) (?#
              )must not meet CorsAllowCredentials On(?#
              )(?: \(/\S+/httpd\.conf:\d+\))?: \Q$why};
}
story('login2', lines($app), { conf => ['CorsAllowCredentials On'],
                               expected => { acac => 'true' } },
    (map { [ "$_->[0] contradicts the credentials", \&move_there,
             lines($app, number(9), $_->[0]), [$app], [ $evil, number(9) ],
             contradiction(@$_) ] }
     [ '*', 'every site could act' ], [ 'null', 'every site can send' ],
     [ 'http://a.example', 'whoever controls the network' ]),
    [ 'a list without contradictions', \&move_there, lines($app, number(9)),
      [ $app, number(9) ], [$evil] ],
    [ 'a contradiction before the restart', \&move_there,
      lines($app, number(8), 'null'), [ $app, number(9) ],
      [ 'null', number(8) ], contradiction('null', 'every site can send') ],
);
story('login3', lines($app), { conf => [ 'CorsAllowCredentials On',
                                         'CorsTolerate insecure-origin' ],
                               expected => { acac => 'true' } },
    [ 'what is tolerated contradicts nothing', \&move_there,
      lines($app, 'http://a.example'), [ $app, 'http://a.example' ], [] ],
);
# Sections that httpd merges for each request hold no old list.
story('merged', lines(number(1)), { url => 'merged' },
    [ 'in <If>', \&move_there, lines(number(2)), [ number(2) ],
      [ number(1) ] ]);
$conf .= <<'CONF';
<If "%{REQUEST_URI} =~ m#^/merged/#">
    CorsAllowOriginSource file:merged.list
</If>
<CorsPolicy merged>
    CorsAllowOriginSource file:merged.list
</CorsPolicy>
CONF
$files{'htdocs/merged/a.txt'} = "hi\n";
$files{'htdocs/tenant/a.txt'} = "hi\n";
$files{'htdocs/tenant/.htaccess'} = "CorsUsePolicy merged\n";
# An item with a sign goes on to take out what a later version names.
story('taken', lines(number(1)),
    { conf => [ 'CorsAllowOrigin -' . number(2) ] },
    [ 'what is taken out', \&move_there, lines(numbers(2, 3)),
      [ number(3) ], [ numbers(1, 2) ] ],
);

# ---------------------------------------------------------------------------
# Changes: large files, a slow writer, and clients meanwhile
# ---------------------------------------------------------------------------

my $ROUNDS = 8;
my $LARGE  = 100_000;

story('large', lines(number(1)), { conf => ['LogLevel cors:debug'] },
    'wait',
    [ "$LARGE lines", \&move_there, lines(numbers(1 .. $LARGE)),
      [ numbers(1, 2, int $LARGE / 2, $LARGE) ],
      [ number(0), 'https://v1.example', 'https://v00001.exampl' ] ]);
# A list of 20,000 in each round; which one, its last line tells.
my $SWAPPED = 20_000;
story('swapped', lines(number(1)), map {
    [ "$SWAPPED lines, version $_", \&move_there,
      lines(numbers(1 .. $SWAPPED), "https://version-$_.example"),
      [ numbers(1, $SWAPPED), "https://version-$_.example" ],
      [ 'https://version-' . ($_ - 1) . '.example' ] ]
} 1 .. $ROUNDS);
# Some bytes every now and then: no list until the last line ends.
story('slow', lines(number(1)), map {
    $_ < $ROUNDS - 1
        ? [ 'is still being written', sub { }, undef, [ number(1) ],
            [ number(7), 'https://v00002.e' ] ]
        : [ 'is written', sub { }, undef, [ numbers(2, 7) ], [ number(1) ] ]
} 1 .. $ROUNDS);
# Some origins are in all versions, others in none.
my @always = ('https://always.example', 'https://a.always.example');
my @never  = ('https://never.example', 'https://always.example:81');
story('busy', lines('https://always.example', 'https://*.always.example'));

# ---------------------------------------------------------------------------
# The server as it starts
# ---------------------------------------------------------------------------

story('restarted', lines(number(1)),
    [ 'a change before the restart', \&move_there, lines(number(2)),
      [ number(2) ], [ number(1) ] ],
    [ 'then a bad line', \&move_there, lines(number(3), 'bad'),
      [ number(2) ], [ numbers(1, 3) ],
      qr{'bad' \(/\S+/restarted\.list:2\) must } ]);
story('kept', lines(number(1)),
    [ 'turns bad', \&move_there, lines(number(2), 'kept'), [ number(1) ],
      [ number(2) ], qr{'kept' \(/\S+/kept\.list:2\) must } ]);
story('kept-login', lines($app), { conf => ['CorsAllowCredentials On'],
                                  expected => { acac => 'true' } },
    [ 'contradicts the credentials', \&move_there, lines(number(2), 'null'),
      [$app], [ 'null', number(2) ],
      qr{'null' \(/\S+/kept-login\.list:2\) must not meet} ]);
story('half', lines(number(1)));
story('lost', lines(number(1)),
    [ 'a change before the restart', \&move_there, lines(number(2)),
      [ number(2) ], [ number(1) ] ],
    [ 'then it vanishes', \&move_away, undef, [ number(2) ], [ number(1) ],
      qr{/?lost\.list.*No such file} ]);

my @log = map { ref $_ && $_->[5] ? $_->[5] : () } map { @{ $_->{steps} } }
    @stories;
$s = CorsTest->start(modules => [qw(headers setenvif)], files => \%files,
                     conf => $conf, log_level => 'notice');
$s->expect_log(@log);
$s->promises(@rows);

sub logs {
    my ($text, $url, $origin, $pattern) = @_;
    $s->request("GET /$url/a.txt", { Origin => $origin });
    promise($s->log_lines($pattern, 5), $text, "expected: $pattern");
}

sub by_line {
    my ($text, $file, $line) = @_;
    return qr{allowed: origin '\S+' by CorsAllowOriginSource (?#
              )'\Q$text\E' \(/\S+/$file:$line\)};
}

logs('a line of the log names the line', 'kinds', 'https://behind.example',
     by_line('https://behind.example', 'kinds.txt', 4));
logs('also of a wildcard', 'kinds', 'https://z.example.org',
     by_line('https://*.example.org', 'kinds.txt', 6));
logs('what was put right is named so', 'bom', 'https://mended.example',
     by_line('https://mended.example', 'bom.txt', 13));
logs('what takes an origin out is named', 'minus', $app,
     qr{denied-origin: origin '\Q$app\E' is taken out by CorsAllowOrigin (?#
        )'-\Q$app\E' \(/\S+/httpd\.conf:\d+\)});

# ---------------------------------------------------------------------------
# Changes: the rounds
# ---------------------------------------------------------------------------

# Under prefork each connection is a process of its own.
my @conn = map { $s->connect } 1 .. 4;

# Does each process say so of this story's step?
sub holds {
    my ($story, $step) = @_;
    my (undef, undef, undef, $allowed, $denied) = @$step;
    my $is = sub {
        my ($origin, $expected) = @_;
        for my $conn (@conn) {
            my $res = $s->request("GET /$story->{url}/a.txt",
                                  { Origin => $origin }, conn => $conn);
            my @wrong = $res->differences({ vary => 'Origin', %$expected });
            return "$origin: @wrong" if @wrong;
        }
        return;
    };
    for my $origin (@$denied) {
        my $wrong = $is->($origin, {});
        return $wrong if $wrong;
    }
    for my $origin (@$allowed) {
        my $wrong = $is->($origin, { acao => $origin,
                                     %{ $story->{expected} || {} } });
        return $wrong if $wrong;
    }
    return;
}

# Which lines of the log match, by process.
sub logged_by {
    my ($pattern) = @_;
    my %count;
    /\[pid (\d+)/ && $count{$1}++ for $s->log_lines($pattern);
    return \%count;
}

my $root = $s->root;
# Writes on, as an upload over a slow line does.
my $writer = CorsTest::Process->code('slow writer', sub {
    my $parent = getppid;
    open my $out, '>:raw', "$root/slow.list" or die "slow.list: $!\n";
    syswrite $out, lines(numbers(2 .. 6)) . '# a comment';
    while (getppid == $parent && !-e "$root/written") {
        sleep 0.2;
        syswrite $out, ' that grows';
    }
    syswrite $out, "\n" . lines(number(7));
});

# Asks as fast as it can, and keeps what was wrong.
sub hammer {
    my ($n) = @_;
    return CorsTest::Process->code("client $n", sub {
        my $parent = getppid;
        my ($asked, @wrong) = 0;
        my $conn = $s->connect;
        while (getppid == $parent && !-e "$root/finished") {
            for my $origin (@always, @never) {
                my $res = $s->request('GET /story-busy/a.txt',
                                      { Origin => $origin }, conn => $conn);
                my $is = grep { $origin eq $_ } @always;
                push @wrong, $res->differences({ vary => 'Origin',
                    $is ? (acao => $origin) : () });
                $asked++;
            }
        }
        open my $out, '>', "$root/client-$n.new" or die "client: $!\n";
        print $out "$asked asked\n", map { "$_\n" } @wrong;
        close $out;
        rename "$root/client-$n.new", "$root/client-$n";
    });
}
my @clients = map { hammer($_) } 1 .. 2;

# Each child's own memory.
sub own_memory {
    my %held;
    for my $pid ($s->_children) {
        open my $in, '<', "/proc/$pid/status" or next;
        my ($kib) = map { /^RssAnon:\s+(\d+) kB/ ? $1 : () } <$in>;
        $held{$pid} = $kib if $kib;
    }
    return \%held;
}

my ($settled, %slowest);
for my $round (1 .. $ROUNDS) {
    my @open;
    for my $story (@stories) {
        my $step = $story->{steps}[ $round - 1 ];
        next if !ref $step;
        my ($what, $change, $text) = @$step;
        $story->{since} = $step;
        $change->("$root/$story->{name}.list", $text);
        push @open, { story => $story, step => $step, at => time };
    }
    move_there("$root/busy.list", lines(
        (map { "https://filler-$round-$_.example" } 1 .. 50),
        'https://*.always.example', 'https://always.example'));
    if ($round == $ROUNDS - 1) {
        write_in_place("$root/written", '');
    }
    # Round after round of questions, until all is as it should be.
    my $end = time + $LIMIT + 1 + $ALLOWANCE;
    while (1) {
        for my $change (grep { !exists $_->{took} } @open) {
            my $log = $change->{step}[5];
            $change->{wrong} = $log && !$s->log_lines($log)
                ? 'nothing is logged'
                : holds($change->{story}, $change->{step});
            $change->{took} = time - $change->{at} if !$change->{wrong};
        }
        last if time > $end || !grep { !exists $_->{took} } @open;
        sleep 0.05;
    }
    for my $change (@open) {
        my ($story, $step) = @$change{qw(story step)};
        my $took = $change->{took} // 99;
        # A last line without an end has a second more.
        my $unended = defined $step->[2] && $step->[2] !~ /\n\z/;
        my $late = $took > $LIMIT + $ALLOWANCE + ($unended ? 1 : 0);
        promise(!$change->{wrong} && !$late,
            "$story->{name}, round $round: $step->[0]",
            $change->{wrong} || "after $took s");
        $slowest{ $step->[0] } = $took;
    }
    # By now the pools that come and go have their size.
    $settled = own_memory() if $round == 3;
}
note sprintf 'in force after %.2f s: %s', $slowest{$_}, $_
    for (sort { $slowest{$b} <=> $slowest{$a} } keys %slowest)[ 0 .. 4 ];

write_in_place("$root/finished", '');
for my $n (1 .. @clients) {
    wait_until(sub { -e "$root/client-$n" });
    my $said = $s->read_file("client-$n");
    promise($said =~ /^(\d+) asked\n\z/ && $1 > 100,
        "client $n: each of its answers was right through all changes",
        substr $said, 0, 1000);
    note("client $n: $said");
}

SKIP: {
    skip 'no memory figures here', 1 if !memory_is_known()
        || $ENV{CORS_VALGRIND};
    my $now = own_memory();
    my ($most) = sort { $b <=> $a } map { $now->{$_} - $settled->{$_} }
        grep { $settled->{$_} } keys %$now;
    # One list of 20,000 is a megabyte at the very least.
    promise(defined $most && $most < 2 << 10,
        ($ROUNDS - 3) . " lists of $SWAPPED do not make a child grow",
        ($most // 'no') . ' KiB more');
    note("memory: $most KiB more");
}

# Once in each child, however long it stays bad. The parent looks less often,
# and may miss something.
my %is_child = map { $_ => 1 } $s->_children;
for my $story (@stories) {
    my %times;
    $times{ $_->[5] }++ for grep { ref && $_->[5] } @{ $story->{steps} };
    for my $pattern (sort keys %times) {
        my $count = logged_by($pattern);
        my @wrong = grep { $is_child{$_}
                               ? $count->{$_} != $times{$pattern}
                               : $count->{$_} > $times{$pattern} }
            keys %$count;
        promise(!@wrong && %$count,
            "$story->{name}: a process tells of each change once",
            map { "process $_: $count->{$_} times" } @wrong);
    }
}

$s->promises(
    [ 'a policy used in .htaccess has the new list', 'GET /tenant/a.txt',
      { Origin => number(2) },
      { acao => number(2), vary => 'Origin',
        field => { 'X-Cors' => 'allowed' } } ],
    [ 'and not the old one', 'GET /tenant/a.txt', { Origin => number(1) },
      { vary => 'Origin', field => { 'X-Cors' => 'denied-origin' } } ],
);
logs('the line has its new number', 'story-large', number(777),
     by_line(number(777), 'large.list', 777));
$_->close for @conn;

# ---------------------------------------------------------------------------
# A restart with files that are bad or missing
# ---------------------------------------------------------------------------

my @bad = grep { $_->{name} =~ /^(?:restarted|lost|bad|login2|kept.*)$/ }
    @stories;
$s->tolerate_log(
    qr{the last good list of '\S+' is not known here},
    qr{/[\w-]+\.list.*; there is no last good list, so nobody is allowed});

# The parent, which hands on the lists, looks at the files every ten seconds
# only. A good list that it never saw is not to be had again; but what was
# taken out of one that it did see must not come back: then nobody is allowed.
sub all_hold {
    my ($when) = @_;
    @conn = map { $s->connect } 1 .. 4;
    for my $story (@bad) {
        my ($what, $allowed, $denied) = ('its last good list',
                                         @{ $story->{since} }[3, 4]);
        my $wrong = holds($story, $story->{since});
        if ($wrong && $story->{name} !~ /^kept/) {
            $what .= ', or none';
            $wrong = holds($story, [ undef, undef, undef, [],
                                     [ @$allowed, @$denied ] ]);
        }
        promise(!$wrong, "$when: $story->{name} has $what", $wrong);
    }
    $_->close for @conn;
}

# Somebody is writing a file meanwhile, and its last line looks like another
# origin until it ends.
my ($half) = grep { $_->{name} eq 'half' } @stories;
my $rewriter = CorsTest::Process->code('rewriter', sub {
    my $parent = getppid;
    my $n = 0;
    while (getppid == $parent && !-e "$root/ended") {
        move_there("$root/half.list", "# version " . ++$n . "\n"
            . lines(number(2)) . 'https://app.example.co');
        sleep 0.2;
    }
    move_there("$root/half.list", lines(number(2), $app));
});
wait_until(sub { $s->read_file('half.list') =~ /version/ });
sub half_becomes {
    my ($text, $allowed, $denied) = @_;
    my @step = (undef, undef, undef, $allowed,
                [ @$denied, 'https://app.example.co' ]);
    my $wrong;
    @conn = map { $s->connect } 1 .. 4;
    wait_until(sub { !($wrong = holds($half, \@step)) }, $LIMIT + $ALLOWANCE,
               0.1) if @$allowed > 1;
    $wrong = holds($half, \@step);
    $_->close for @conn;
    promise(!$wrong, $text, $wrong);
}

for my $times (1, 2) {
    my $before = () = $s->log_lines(qr{/restarted\.list:2\) must });
    $s->restart;
    all_hold("restart $times with bad files");
    my $after = () = $s->log_lines(qr{/restarted\.list:2\) must });
    promise($after > $before, "restart $times: the log has the bad line");
    half_becomes("restart $times: what is still being written is not in force",
                 [ number(1) ], [ number(2) ]);
}
write_in_place("$root/ended", '');
half_becomes('when it is written, it is', [ number(2), $app ], [ number(1) ]);

# A child that is born later was not there when the file was good.
my @old = $s->_children;
kill KILL => @old;
wait_until(sub { my %now = map { $_ => 1 } $s->_children;
                 %now && !grep { $now{$_} } @old });
all_hold('a new child');

for my $story (@bad) {
    come_back("$root/$story->{name}.list", lines(number(8)));
    $story->{since} = [ undef, undef, undef, [ number(8) ],
                        [ numbers(2, 3) ] ];
}
@conn = map { $s->connect } 1 .. 4;
for my $story (@bad) {
    my $wrong;
    wait_until(sub { !($wrong = holds($story, $story->{since})) },
               $LIMIT + $ALLOWANCE, 0.1);
    promise(!$wrong, "$story->{name}: put right after the restart", $wrong);
}
$_->close for @conn;
$s->restart;
all_hold('a restart with good files');

CorsTest::finish();
