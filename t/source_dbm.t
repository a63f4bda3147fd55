# CorsAllowOriginSource dbm: files as httxt2dbm makes them, of each type that
# there is: what they answer, what is refused at start, how long an answer is
# kept, and what becomes of it when the file changes, goes and comes back.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use CorsTest::Outage qw(cannot_answer answers_again);
use CorsTest::Process qw(wait_until);
use File::Temp ();
use Test::More;

my $app  = 'https://app.example.com';
my $evil = 'https://evil.example';

# What a change may take beyond the time that answers are kept.
my $ALLOWANCE = $ENV{CORS_VALGRIND} ? 20 : $ENV{CORS_PRELOAD} ? 6 : 3;

# ---------------------------------------------------------------------------
# Files
# ---------------------------------------------------------------------------

# Made before the server starts, which reads them as somebody else.
my $dir = File::Temp->newdir('mod_cors.XXXXXX', TMPDIR => 1,
                             CLEANUP => !$ENV{CORS_KEEP});
chmod 0755, "$dir";

# Type for the directive, for httxt2dbm, and what the names of its files end
# in.
my %type = (
    default => [ '', 'default' ],
    sdbm    => [ '=sdbm', 'SDBM', '.pag', '.dir' ],
    gdbm    => [ '=gdbm', 'GDBM' ],
    db      => [ '=db', 'DB' ],
);
my @types = sort keys %type;

# Whatever APR takes for its default, the names are its own.
sub files_of { return glob "$_[0]*" }

sub source {
    my ($type, $name) = @_;
    return "dbm$type{$type}[0]:$dir/" . ($name // "$type-origins");
}

# Has httxt2dbm make a file of these lines, aside, and moves it into place.
sub make_file {
    my ($type, $name, @lines) = @_;
    open my $in, '>', "$dir/lines.txt" or die "$dir: $!\n";
    print $in map { "$_\n" } @lines;
    close $in or die "$dir: $!\n";
    # Debian has it where the search path of most people does not lead.
    local $ENV{PATH} = "$ENV{PATH}:/usr/sbin:/usr/local/sbin";
    my $said = `httxt2dbm -f $type{$type}[1] -i '$dir/lines.txt' \\
                -o '$dir/new' 2>&1`;
    die "httxt2dbm, which is in apache2-utils: $said\n" if $?;
    for my $new (files_of("$dir/new")) {
        (my $file = $new) =~ s{/new}{/$name};
        chmod 0644, $new;
        rename $new, $file or die "$file: $!\n";
    }
}

make_file($_, "$_-origins", "$app 1", 'https://b.example:8443 whatever',
          'capacitor://localhost 1', "null 1", '* 1',
          'https://*.wild.example 1', 'HTTPS://UPPER.example 1',
          'https://path.example/ 1', '# comment 1') for @types;

# ---------------------------------------------------------------------------
# What is refused at start
# ---------------------------------------------------------------------------

sub refuses {
    my ($source, $rule, $text) = @_;
    config_error("CorsAllowOriginSource $source\n",
        qr/^CorsAllowOriginSource: '\Q$source\E' \Q$rule\E/m, $text,
        modules => ['socache_shmcb']);
}

my $unfit = 'must be a readable DBM file of its type, as httxt2dbm makes them';
refuses(source($_, 'missing'), $unfit, "$_: a file that is missing")
    for @types;
refuses(source(gdbm => 'sdbm-origins.pag'), $unfit, 'gdbm is not sdbm');
refuses(source(gdbm => 'db-origins'), $unfit, 'gdbm is not db');
refuses(source(db => 'gdbm-origins'), $unfit, 'db is not gdbm');
refuses(source(sdbm => 'gdbm-origins'), $unfit, 'sdbm is not gdbm');
refuses(source(gdbm => 'lines.txt'), $unfit, 'text is not gdbm');
refuses("dbm=$_:$dir/db-origins", 'must ', "no type '$_'")
    for qw(dbase sqlite);
refuses('dbm:', 'must name a file', 'dbm without a path');
refuses('dbm=sdbm:', 'must name a file', 'dbm with a type alone');
refuses('dbm', 'must be provider:argument', 'dbm alone');
refuses("DBM:$dir/db-origins", 'must begin with file, ', 'upper case');
config_ok('CorsAllowOriginSource ' . source($_) . "\n",
    "$_: the right file is taken", modules => ['socache_shmcb']) for @types;
config_error('CorsAllowOriginSource ' . source('db') . "\n",
    qr/CorsAllowOriginSource.* needs mod_socache_shmcb/,
    'without a cache there is no dbm');

# ---------------------------------------------------------------------------
# Answers
# ---------------------------------------------------------------------------

my %files = ('origins.txt' => "https://listed.example\n");
my $conf  = "KeepAliveTimeout 60\nMaxKeepAliveRequests 0\n"
    . "SetEnvIf Origin . asked\n"
    . "Header always set X-Cors %{CORS_RESULT}e env=asked\n";

sub section {
    my ($url, @lines) = @_;
    $files{"htdocs/$url/a.txt"} = "hi\n";
    $conf .= join '', map { "$_\n" } "<Location \"/$url\">", @lines,
        '</Location>';
}

section($_, 'CorsAllowOriginSource ' . source($_)) for @types;
section('relative', 'CorsAllowOriginSource dbm=sdbm:relative');
$files{'relative.dir'} = '';
$files{'relative.pag'} = do {
    open my $in, '<:raw', "$dir/sdbm-origins.pag" or die "sdbm: $!\n";
    local $/;
    <$in>;
};
section('several', "CorsAllowOrigin https://own.example -$app",
        'CorsAllowOriginSource ' . source('sdbm') . ' ' . source('gdbm'),
        'CorsAllowOriginSource file:origins.txt');
section('login', 'CorsAllowOriginSource ' . source('sdbm', 'login'),
        'CorsAllowCredentials On');
make_file(sdbm => 'login', "$app 1", 'http://plain.example 1',
          'http://localhost:81 1');
section('kept', 'CorsAllowOriginSource ' . source('gdbm', 'kept'));
make_file(gdbm => 'kept', "$app 1");

my $cache = "CorsSourceCache shmcb:\@ROOT\@/scratch/answers 2\n";
my $s = CorsTest->start(modules => [qw(headers setenvif socache_shmcb)],
                        files => \%files, conf => $cache . $conf);

sub allows {
    my ($what, $url, $origin, %more) = @_;
    return [ "$what allows $origin", "GET /$url/a.txt", { Origin => $origin },
             { acao => $origin, vary => 'Origin', body => "hi\n",
               field => { 'X-Cors' => 'allowed' }, %more } ];
}

sub denies {
    my ($what, $url, $origin, $result) = @_;
    return [ "$what denies '$origin'", "GET /$url/a.txt",
             { Origin => $origin },
             { vary => 'Origin', body => "hi\n",
               field => { 'X-Cors' => $result || 'denied-origin' } } ];
}

for my $round ('asked', 'kept') {
    for my $url (@types, 'relative') {
        my $what = "$url, $round:";
        $s->promises(
            (map { allows($what, $url, $_) } $app, 'https://b.example:8443',
             'capacitor://localhost'),
            (map { denies($what, $url, $_) } $evil, 'null', "$app:8443",
             'https://b.example', 'http://app.example.com',
             'https://x.wild.example', 'https://app.example.co',
             'https://upper.example', 'https://path.example'),
            (map { denies($what, $url, $_, 'malformed-origin') } '*',
             'HTTPS://UPPER.example', 'https://path.example/', "$app 1",
             'https://*.wild.example', '#'),
            [ "$what a preflight", "OPTIONS /$url/a.txt",
              preflight($app, 'GET'),
              { status => 204, acao => $app, acam => 'GET, HEAD, POST',
                acma => 600, vary => $TRIO,
                field => { 'X-Cors' => 'allowed' } } ],
            [ "$what a preflight of a stranger", "OPTIONS /$url/a.txt",
              preflight($evil, 'GET'),
              { status => 403, vary => $TRIO,
                field => { 'X-Cors' => 'denied-origin' } } ],
        );
    }
}
$s->promises(
    (map { allows('beside others it', 'several', $_) } 'https://own.example',
     'https://b.example:8443', 'https://listed.example'),
    (map { denies('beside others it', 'several', $_) } $app, $evil),
    allows('with credentials it', 'login', $app, acac => 'true'),
    allows('with credentials it', 'login', 'http://localhost:81',
           acac => 'true'),
    denies('with credentials it', 'login', 'http://plain.example'),
);

# ---------------------------------------------------------------------------
# A file that changes, goes, and comes back
# ---------------------------------------------------------------------------

my $TTL = 2;
my $b   = 'https://b.example:8443';

# Under prefork each connection is a process of its own.
my @conn = map { $s->connect } 1 .. 4;

sub is_so {
    my ($url, $origin, $result) = @_;
    for my $conn (@conn) {
        my $res = $s->request("GET /$url/a.txt", { Origin => $origin },
                              conn => $conn);
        return "$origin: " . $res->field('X-Cors')
            if $res->field('X-Cors') ne $result
            || ($result eq 'allowed') != defined
               $res->field('Access-Control-Allow-Origin');
    }
    return '';
}

# Rows: [ origin, result ], all of which come true within the time.
sub becomes {
    my ($text, $url, $seconds, @rows) = @_;
    my $wrong;
    wait_until(sub {
        $wrong = join '; ', grep { $_ } map { is_so($url, @$_) } @rows;
        return !$wrong;
    }, $seconds + $ALLOWANCE, 0.1);
    promise(!$wrong, $text, $wrong);
}

for my $type (@types) {
    make_file($type, "$type-origins", "$evil 1", "$b 1");
}
becomes("$_: a change is seen as soon as answers expire", $_, $TTL,
        [ $evil, 'allowed' ], [ $app, 'denied-origin' ], [ $b, 'allowed' ])
    for @types;

# Under another name, so that it can come back as it was.
sub hide {
    my ($name, $hidden) = @_;
    for my $file (files_of("$dir/$name")) {
        (my $to = $file) =~ s{/\Q$name\E}{/$hidden};
        rename $file, $to or die "$file: $!\n";
    }
}

for my $type (@types) {
    # A line for each of the sections, and each of the processes.
    $s->expect_log(cannot_answer(source($type), 'it cannot be opened: '),
                   answers_again(source($type)));
    hide("$type-origins", "hidden-$type");
}
for my $type (@types) {
    becomes("$type: without its file no origin is allowed", $type, $TTL,
            map { [ $_, 'source-error' ] } $evil, $app, $b);
}
$s->promises(
    [ 'a preflight is refused', 'OPTIONS /gdbm/a.txt',
      preflight($evil, 'GET'),
      { status => 403, vary => $TRIO,
        field => { 'X-Cors' => 'source-error' } } ],
    [ 'a list beside it still allows', 'GET /several/a.txt',
      { Origin => 'https://own.example' },
      { acao => 'https://own.example', vary => 'Origin',
        field => { 'X-Cors' => 'allowed' } } ],
    [ 'so does a file', 'GET /several/a.txt',
      { Origin => 'https://listed.example' },
      { acao => 'https://listed.example', vary => 'Origin',
        field => { 'X-Cors' => 'allowed' } } ],
    [ 'and an item with - takes out', 'GET /several/a.txt',
      { Origin => $app },
      { vary => 'Origin', field => { 'X-Cors' => 'denied-origin' } } ],
);

# A restart finds a server that runs, whatever is missing.
$_->close for @conn;
$s->expect_log(qr{CorsAllowOriginSource: '\S+-origins' cannot be opened: (?#
                 )\S+: No such file});
$s->restart;
@conn = map { $s->connect } 1 .. 4;
becomes("$_: a restart without the file", $_, 0, [ $app, 'source-error' ])
    for @types;

for my $type (@types) {
    hide("hidden-$type", "$type-origins");
}
# Each process tries again after two seconds.
for my $type (@types) {
    becomes("$type: the file is back", $type, 2, [ $evil, 'allowed' ],
            [ $b, 'allowed' ], [ $app, 'denied-origin' ]);
}

# What is there is no DBM file any more; SDBM could not tell. Berkeley DB says
# so itself, at length.
$s->expect_log(qr/^BDB\d+ /);
for my $type (qw(gdbm db)) {
    make_file($type, "$type-origins", "$app 1");
    open my $out, '>', "$dir/$type-origins" or die "$type-origins: $!\n";
    print $out "https://evil.example 1\n" x 500;
    close $out or die "$type-origins: $!\n";
}
becomes("$_: a file of another kind allows nobody", $_, $TTL,
        [ $app, 'source-error' ], [ $evil, 'source-error' ]) for qw(gdbm db);
$_->close for @conn;
$s->stop;

# ---------------------------------------------------------------------------
# Answers are kept
# ---------------------------------------------------------------------------

make_file($_, "$_-origins", "$app 1", "$b 1") for @types;
make_file(gdbm => 'kept', "$app 1", "$b 1");
$s = CorsTest->start(name => 'answers for an hour',
    modules => [qw(headers setenvif socache_shmcb)], files => \%files,
    conf => "CorsSourceCache shmcb:\@ROOT\@/scratch/answers 60min\n$conf");
$s->promises(allows('at first it', 'kept', $app),
             denies('at first it', 'kept', $evil));
make_file(gdbm => 'kept', "$evil 1");
@conn = map { $s->connect } 1 .. 4;
for my $row (
    [ 'what was allowed is kept, for all processes', $app, 'allowed' ],
    [ 'what was refused is kept, too', $evil, 'denied-origin' ],
    [ 'what was not asked is asked of the new file', $b, 'denied-origin' ],
) {
    my ($text, @so) = @$row;
    my $wrong = is_so('kept', @so);
    promise(!$wrong, $text, $wrong);
}
$s->expect_log(cannot_answer(source(gdbm => 'kept'), ''));
hide('kept', 'gone');
for my $row (
    [ 'without the file, too, for what was allowed', $app, 'allowed' ],
    [ 'and what was refused', $evil, 'denied-origin' ],
    [ 'not for the rest', 'https://c.example', 'source-error' ],
    [ 'which changes nothing', $app, 'allowed' ],
) {
    my ($text, @so) = @$row;
    my $wrong = is_so('kept', @so);
    promise(!$wrong, $text, $wrong);
}
$_->close for @conn;
CorsTest::finish();
