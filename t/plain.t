# The module as it is built where libpsl and libidn2 are missing: it works,
# and what needs them is refused and says what is missing.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use Test::More;

# Built without asking whether anybody else builds right now: make leaves the
# file alone if it is up to date.
my $module = "$FindBin::Bin/../build/plain/mod_cors.so";
my $make   = $ENV{MAKE} || 'make';
my $said   = qx($make -s -C "$FindBin::Bin/.." build/plain/mod_cors.so 2>&1);
die "cannot build build/plain/mod_cors.so:\n$said"
    if $? || !-f $module;
$ENV{CORS_MODULE} = $module;

my %files = map { ("htdocs/$_/a.txt" => "hi\n") }
    qw(list wild either cred match expr policy partial over idn);
my $s = CorsTest->start(files => \%files, conf => <<'CONF');
<CorsPolicy p>
    CorsAllowOrigin https://p.example.com
</CorsPolicy>
<Location "/list">
    CorsAllowOrigin https://app.example.com null capacitor://localhost
</Location>
<Location "/wild">
    CorsAllowOrigin https://*.example.com -https://bad.example.com
</Location>
<Location "/either">
    CorsAllowOrigin //app.example.com http://localhost:*
</Location>
<Location "/cred">
    CorsAllowCredentials On
    CorsAllowOrigin https://app.example.com http://*.localhost:*
</Location>
<Location "/match">
    CorsAllowOriginMatch https://pr-[0-9]+\.example\.com:8443
    CorsTolerate loose-match
</Location>
<Location "/expr">
    CorsAllowOriginExpr "req('Origin') == 'https://e.example.com'"
</Location>
<Location "/policy">
    CorsUsePolicy p
</Location>
<Location "/partial">
    CorsTolerate public-suffix
    CorsAllowOrigin https://pr-*.example.com
</Location>
<Location "/over">
    CorsTolerate public-suffix
    CorsAllowCredentials On
    CorsAllowOrigin https://*.example.com
</Location>
<Location "/idn">
    CorsAllowOrigin https://xn--bcher-kva.example
</Location>
CONF

my %says = (
    list => [ [ 'https://app.example.com', 'null', 'capacitor://localhost' ],
              [ 'https://x.example.com' ] ],
    wild => [ [ 'https://a.example.com', 'https://a.b.example.com' ],
              [ 'https://bad.example.com', 'https://evilexample.com',
                'https://example.com' ] ],
    either => [ [ 'http://app.example.com', 'http://localhost:3000' ],
                [ 'http://x.example.com' ] ],
    cred => [ [ 'https://app.example.com', 'http://a.localhost:81' ],
              [ 'null', 'http://app.example.com' ] ],
    match => [ ['https://pr-7.example.com:8443'],
               [ 'https://pr-x.example.com:8443' ] ],
    expr => [ ['https://e.example.com'], ['https://f.example.com'] ],
    policy => [ ['https://p.example.com'], ['https://q.example.com'] ],
    partial => [ ['https://pr-7.example.com'],
                 [ 'https://pr-.example.com', 'https://a.pr-7.example.com' ] ],
    over => [ ['https://a.example.com'], ['https://example.com'] ],
    idn => [ ['https://xn--bcher-kva.example'], ['https://bcher.example'] ],
);
for my $where (sort keys %says) {
    my ($yes, $no) = @{ $says{$where} };
    my @acac = $where =~ /cred|over/ ? (acac => 'true') : ();
    $s->promises((map {
        [ "$where: $_ is allowed", "GET /$where/a.txt", { Origin => $_ },
          { acao => $_, @acac, vary => 'Origin', body => "hi\n" } ],
        [ "$where: $_ is allowed, preflight", "OPTIONS /$where/a.txt",
          preflight($_, 'GET'),
          { status => 204, acao => $_, @acac, acam => 'GET, HEAD, POST',
            acma => 600, vary => $TRIO } ],
    } @$yes), map {
        [ "$where: $_ is denied", "GET /$where/a.txt", { Origin => $_ },
          { vary => 'Origin', body => "hi\n" } ]
    } @$no);
}

# ---------------------------------------------------------------------------
# What is missing
# ---------------------------------------------------------------------------

sub refused {
    my ($text, $pattern, @lines) = @_;
    config_error(join("\n", '<Location "/x">', @lines, '</Location>', ''),
        $pattern, $text);
}
my $without = qr/which this module is built without/;
for my $item ('same-site', '+same-site', '-same-site') {
    refused("no $item", qr/'same-site' needs the Public Suffix List, $without/,
        "CorsAllowOrigin $item");
}
config_error("CorsPublicSuffixFile list.dat\n",
    qr/CorsPublicSuffixFile: 'list.dat' needs libpsl, $without/,
    'no list', files => { 'list.dat' => "com\n" });
for my $item ('https://bücher.example', '//bücher.example',
              'https://*.bücher.example') {
    refused("no $item",
        qr/CorsAllowOrigin: '.*' must be of visible ASCII .* its xn-- form/,
        "CorsAllowOrigin $item");
}

# Every domain may be a public suffix: nobody knows.
my $consent = qr/'CorsTolerate public-suffix'/;
for my $item ('https://pr-*.example.com', 'https://*-x.example.co.uk',
              'https://*example.com', '//pr-*.app.example.com') {
    refused("$item needs consent",
        qr/'\Q$item\E' \(\S+:\d+\) must not have '\*' .*$consent/,
        "CorsAllowOrigin $item");
}
for my $item ('https://*.example.com', 'https://*.app.example.com',
              'https://*.github.io', 'https://*.com') {
    refused("$item with credentials needs consent",
        qr/'\Q$item\E' \(\S+:\d+\) must not meet .*$consent/,
        'CorsAllowCredentials On', "CorsAllowOrigin $item");
    config_ok("CorsAllowOrigin $item\n", "$item without credentials is fine");
}
refused('other consent is none', $consent,
    'CorsTolerate insecure-origin null-credentials loose-match',
    'CorsAllowOrigin https://pr-*.example.com');
config_ok("CorsAllowCredentials On\n"
    . "CorsAllowOrigin https://a.example.com http://*.localhost:*\n",
    'whole hosts and localhost need none');

# Who builds on a system without them is told, and who asks for it is not.
my $none = File::Temp->newdir('mod_cors.XXXXXX', TMPDIR => 1);
symlink '/bin/false', "$none/pkg-config" or die "pkg-config: $!\n";
for my $case (
    [ '', "PATH='$none':\"\$PATH\"", 1 ],
    [ 'PSL= IDN2=', '', 0 ],
    [ '', '', 0 ],
) {
    my ($arguments, $environment, $is) = @$case;
    my $command = "$environment $make -C '$FindBin::Bin/..' -nB $arguments";
    my $plan = `$command build/mod_cors.so 2>&1`;
    my @said = grep { $plan =~ /^echo "$_ not found: .* refused/m }
        qw(libpsl libidn2);
    promise($plan =~ /apxs/ && @said == ($is ? 2 : 0),
        $is ? 'make tells which library is missing, and what will be refused'
            : "make $arguments with the libraries has nothing to tell", $plan);
}

CorsTest::finish();
