# Providers that others write (include/mod_cors.h): the example that comes with
# the module is built as its first comment says, loaded and asked; and one that
# does as it is told shows what a provider is asked, and how its answers are
# kept, under what name.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use CorsTest::Outage qw(cannot_answer answers_again);
use CorsTest::Process qw(wait_until);
use CorsTest::Told qw(build);
use File::Temp ();
use Test::More;

my $app  = 'https://app.example.com';
my $evil = 'https://evil.example';

# How long a source that has failed is left alone, and what is for the test.
my $PAUSE     = 2;
my $ALLOWANCE = $ENV{CORS_VALGRIND} ? 20 : $ENV{CORS_PRELOAD} ? 6 : 3;

my $base = "KeepAliveTimeout 60\nMaxKeepAliveRequests 0\n"
    . "SetEnvIf Origin . asked\n"
    . "Header always set X-Cors %{CORS_RESULT}e env=asked\n";
my @modules = qw(headers setenvif socache_shmcb);

sub result { return (field => { 'X-Cors' => $_[0] }) }

sub allows {
    my ($what, $url, $origin) = @_;
    return [ "$what allows $origin", "GET /$url/a.txt", { Origin => $origin },
             { acao => $origin, vary => 'Origin', body => "hi\n",
               result('allowed') } ];
}

sub denies {
    my ($what, $url, $origin, $result) = @_;
    return [ "$what denies '" . substr($origin, 0, 50) . "'",
             "GET /$url/a.txt", { Origin => $origin },
             { vary => 'Origin', body => "hi\n",
               result($result || 'denied-origin') } ];
}

# ---------------------------------------------------------------------------
# The example
# ---------------------------------------------------------------------------

# By its own words, in a copy, and without installing it.
my $c    = "$FindBin::Bin/../docs/example/mod_cors_directory.c";
my $copy = File::Temp->newdir('mod_cors.XXXXXX', TMPDIR => 1);
open my $in, '<', $c or die "$c: $!\n";
my ($line) = do { local $/; <$in> } =~ /^ \* {5}apxs -i (.*)$/m;
close $in;
my $said = `cp -R '$FindBin::Bin/../include' '$FindBin::Bin/../docs' '$copy' \\
            && cd '$copy' && @{[ $ENV{APXS} || 'apxs' ]} $line 2>&1`;
promise($? == 0, 'the line in the example builds it', $line, $said);

my $example = build('docs/example/mod_cors_directory.c');
my ($so) = $example =~ /"(.*)"/;
my @symbols = map { (split)[-1] } `nm -D --defined-only '$so'`;
promise("@symbols" eq 'cors_directory_module',
    'the example: only the module record is exported', @symbols);

my %with = (modules => ['socache_shmcb'],
            files => { 'tenants/app.example.com' => '', 'file' => '' });
for my $row (
    [ 'directory:missing', 'must name a directory' ],
    [ 'directory:file', 'must name a directory' ],
    [ 'directory:', 'must name a directory' ],
    [ 'directory=x:tenants', "must not have an option: 'directory' knows" ],
) {
    my ($source, $rule) = @$row;
    config_error("${example}CorsAllowOriginSource $source\n",
        qr/^CorsAllowOriginSource: '\Q$source\E' \Q$rule\E/m,
        "the example refuses $source", %with);
}
config_ok("${example}CorsAllowOriginSource directory:tenants\n",
    'the example takes a directory', %with);

my @tenants = map { "tenants/$_" } qw(app.example.com 127.0.0.1 [::1]
    my_app.example xn--bcher-kva.example);
my %files = (
    (map { ($_ => '') } @tenants, 'outside.example', 'tenants/gone.example',
     'tenants/app.example.com:8443', 'tenants/null', 'tenants/https:',
     'tenants/dir.example/.keep'),
    map { ("htdocs/$_/a.txt" => "hi\n") } qw(one same other),
);
my $s = CorsTest->start(name => 'the example', modules => \@modules,
    files => \%files, conf => $base . $example . <<'CONF');
<Location "/one">
    CorsAllowOriginSource directory:tenants
</Location>
<Location "/same">
    CorsAllowOriginSource directory:@ROOT@/htdocs/../tenants
</Location>
CONF
for my $round ('asked', 'kept') {
    $s->promises(
        (map { allows("the example, $round:", 'one', "https://$_") }
         map { m{/(.*)} } @tenants),
        (map { denies("the example, $round:", 'one', $_) } $evil,
         'http://app.example.com', "$app:8443", "capacitor://app.example.com",
         'https://outside.example', 'https://dir.example',
         'https://www.app.example.com', 'https://example.com', 'null',
         'https://[::2]', 'https://[::1]:8443', 'https://keep'),
        (map { denies("the example, $round:", 'one', $_,
                      'malformed-origin') }
         'https://..', 'https://.', 'https://../outside.example',
         'https://..%2foutside.example', 'https://dir.example/.keep',
         'https://.keep', 'https://APP.example.com', 'https://'),
    );
}

# Two spellings of a path have one name in the cache, so the answer that one
# has is the other's, though the file is gone.
my $root = $s->root;
$s->promises(allows('before', 'one', 'https://gone.example'));
unlink "$root/tenants/gone.example" or die "gone.example: $!\n";
$s->promises(
    allows('the same directory by another name', 'same',
           'https://gone.example'));

# A volume that is not mounted refuses nobody for good.
my $tenants = 'directory:tenants';
$s->expect_log(cannot_answer($tenants, 'No such file or directory'),
               answers_again($tenants));
rename "$root/tenants", "$root/unmounted" or die "tenants: $!\n";
my $conn = $s->connect;
my $new  = 'https://new.example';
$s->promises(
    (map { [ @{ denies('without the directory it', 'one', $_,
                       'source-error') }, { conn => $conn } ] } $new,
     'https://b.example'),
    [ @{ allows('what is kept it', 'one', $app) }, { conn => $conn } ],
);
$conn->close;
$s->restart;
$conn = $s->connect;
$s->promises(
    [ @{ denies('after a restart without it', 'one', $new, 'source-error') },
      { conn => $conn } ]);
rename "$root/unmounted", "$root/tenants" or die "tenants: $!\n";
$s->write_file('tenants/new.example', '');
my $is_back = wait_until(sub {
    my $res = $s->request('GET /one/a.txt', { Origin => $new },
                          conn => $conn);
    return $res->field('X-Cors') eq 'allowed';
}, $PAUSE + $ALLOWANCE, 0.1);
promise($is_back, 'with the directory it answers again');
$s->promises(
    [ @{ denies('and', 'one', 'https://b.example') }, { conn => $conn } ]);
$conn->close;
$s->stop;

# ---------------------------------------------------------------------------
# What a provider is asked, and how its answers are kept
# ---------------------------------------------------------------------------

my %told = map { $_ => CorsTest::Told->new }
    qw(plain twin other named1 named2 whole clash);
my %source = map { $_ => $told{$_}->source } keys %told;
$source{$_} = $told{$_}->source('shared') for qw(named1 named2);
$source{twin} = $source{plain};
# The name that the example gives itself.
$source{clash}   = $told{clash}->source('@ROOT@/tenants');
$source{tenants} = 'directory:tenants';

my $label   = 'a' x 63;
my $longest = 'x' x 64 . "://$label.$label.$label.$label:65535";
$told{$_}->allow($app, $longest) for keys %told;
%files = ('tenants/b.example' => '',
          map { ("htdocs/$_/a.txt" => "hi\n") } keys %source);
my $sections = join '', map {
    qq{<Location "/$_">\n    CorsAllowOriginSource $source{$_}\n</Location>\n}
} sort keys %source;
$s = CorsTest->start(name => 'one that is told', modules => \@modules,
    files => \%files,
    conf  => $base . $example . CorsTest::Told::load() . $sections);

sub rows_of {
    my ($name, @rows) = @_;
    $told{$name}->promises($s, map {
        my ($row, $asked) = @$_;
        [ @$row[ 0 .. 3 ], $row->[4] || {}, $asked ]
    } @rows);
}

rows_of('plain',
    [ allows('the first answer', 'plain', $app), 1 ],
    [ allows('the second', 'plain', $app), 0 ],
    [ allows('the same source elsewhere', 'twin', $app), 0 ],
    [ denies('the first answer', 'plain', $evil), 1 ],
    [ denies('the second', 'plain', $evil), 0 ],
    [ allows('the longest', 'plain', $longest), 1 ],
    [ denies('one byte more', 'plain', "x$longest", 'malformed-origin'), 0 ]);
$told{plain}->allow($evil);
rows_of('plain',
    [ allows('what was kept', 'plain', $app), 0 ],
    [ denies('what was kept', 'plain', $evil), 0 ]);
rows_of('other', [ allows('another argument', 'other', $app), 1 ]);
rows_of('named1', [ allows('a name of its own', 'named1', $app), 1 ]);
rows_of('named2',
    [ allows('another argument, the same name', 'named2', $app), 0 ],
    [ denies('and what nobody has asked', 'named2', $evil), 1 ]);
rows_of('named1', [ denies('which then is known', 'named1', $evil), 0 ]);

rows_of('clash',
    [ allows('a provider', 'clash', $app), 1 ],
    [ denies('another one, by the same name,', 'tenants', $app), 0 ],
    [ denies('the first', 'clash', 'https://b.example'), 1 ],
    [ allows('the second', 'tenants', 'https://b.example'), 0 ]);

$s->request('GET /whole/a.txt', { Origin => $longest });
my @heard = $told{whole}->heard;
promise("@heard" eq $longest, 'it is asked for the whole origin', @heard);
CorsTest::finish();
