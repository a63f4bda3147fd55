# What an administrator leaves to others: the powers of .htaccess, and
# policies that are defined once and used in many places.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use Test::More;

my $app  = 'https://app.example.com';
my $evil = 'https://evil.example';

my %files = ('htdocs/a.txt' => "hi\n");

# What holds around every .htaccess, and on the 500 that a bad one makes.
my $base = 'https://base.example';
my $conf = "CorsAllowOrigin $base\n";
my @rows;

sub htaccess {
    my ($dir, @lines) = @_;
    $files{"htdocs/$dir/a.txt"} = "hi\n";
    $files{"htdocs/$dir/.htaccess"} = join '', map { "$_\n" } @lines;
}

# ---------------------------------------------------------------------------
# Powers: every line, under every grant
# ---------------------------------------------------------------------------

my @powers = qw(origins any-origin null credentials match expr gate);
my %is_default = map { $_ => 1 } qw(origins any-origin credentials);

# Policies of one need each, and one of several.
my %policy = (
    origins     => "CorsAllowOrigin $app https://*.example.org",
    'any-origin' => 'CorsAllowOrigin *',
    null        => 'CorsAllowOrigin null',
    credentials => "CorsAllowOrigin none\nCorsAllowCredentials On",
    match       => 'CorsAllowOriginMatch https://app\.example\.com',
    expr        => 'CorsAllowOriginExpr "true"',
    all         => "CorsAllowOrigin $app null\nCorsAllowOriginExpr false\n"
                 . "CorsAllowOriginMatch https://a\\.example\\.com\n"
                 . 'CorsAllowCredentials On' . "\nCorsAllowMethods +PUT",
    nobody      => "CorsAllowOrigin none\nCorsMaxAge 5",
    minus       => "CorsAllowOrigin $app -$app",
    silent      => 'CorsAllowMethods PUT',
);
$policy{all} =~ s/ null//;      # with credentials it needs more than a power
# What a file holds needs the same as if it stood there.
for my $row ([ 'null', "$app\nnull\n" ], [ 'any-origin', "$app\n*\n" ],
             [ 'origins', "$app\n" ]) {
    my ($power, $text) = @$row;
    $files{"$power.list"} = $text;
    $policy{"file-$power"} = "CorsAllowOriginSource file:$power.list";
}
$conf .= "<CorsPolicy $_>\n$policy{$_}\n</CorsPolicy>\n"
    for sort keys %policy;
$conf .= "<CorsPolicy tolerant>\nCorsAllowOrigin $app\n"
    . "CorsTolerate insecure-origin\n</CorsPolicy>\n";

# [ line, what it needs, an origin to ask for, what comes where it is in
# force ].
my %base = (acao => $base, vary => 'Origin');
my %app  = (acao => $app, vary => 'Origin');
my @lines = (
    (map { [ "CorsAllowOrigin $_", 'origins', $app, {%app} ] }
     $app, "+$app", 'https://*.example.com', "//app.example.com",
     'https://a*.example.com:*', "-null $app", qq{"$app https://b.example"}),
    [ 'CorsAllowOrigin same-site', 'origins', $base, { vary => 'Origin' } ],
    [ 'CorsAllowOrigin +same-site', 'origins', $base, {%base} ],
    [ 'CorsAllowOrigin capacitor://localhost', 'origins',
      'capacitor://localhost',
      { acao => 'capacitor://localhost', vary => 'Origin' } ],
    [ 'CorsAllowOrigin *', 'any-origin', $evil, { acao => '*' } ],
    [ 'CorsAllowOrigin +*', 'any-origin', $evil,
      { acao => $evil, vary => 'Origin' } ],
    (map { [ "CorsAllowOrigin $_", 'null', 'null',
             { acao => 'null', vary => 'Origin' } ] } qw(null +null)),
    [ "CorsAllowOrigin $app null", 'origins null', $app, {%app} ],
    [ "CorsAllowOrigin null $app", 'origins null', 'null',
      { acao => 'null', vary => 'Origin' } ],
    [ "CorsAllowOrigin * +$app", 'origins any-origin', $evil,
      { acao => $evil, vary => 'Origin' } ],
    [ qq{CorsAllowOrigin "+null +* +$app"}, 'origins any-origin null', $evil,
      { acao => $evil, vary => 'Origin' } ],
    [ 'CorsAllowOrigin none', '', $base, {} ],
    [ 'CorsAllowOrigin NONE', '', $base, {} ],
    [ "CorsAllowOrigin -$base", '', $base, { vary => 'Origin' } ],
    [ 'CorsAllowOrigin -null', '', $base, {%base} ],
    [ "corsalloworigin $app", 'origins', $app, {%app} ],
    [ 'CorsAllowOriginMatch https://app\.example\.com', 'match', $app,
      {%app} ],
    [ 'CorsAllowOriginMatch https://a\.example\.com https://app\.example\.com',
      'match', $app, {%app} ],
    [ qq{CorsAllowOriginExpr "req('Origin') == '$app'"}, 'expr', $app,
      {%app} ],
    [ 'CorsAllowOriginExpr false', 'expr', $base, {%base} ],
    [ 'CorsAllowCredentials On', 'credentials', $base,
      { %base, acac => 'true' } ],
    [ 'CorsAllowCredentials Off', '', $base, {%base} ],
    [ 'CorsRejectUnlisted On', 'gate', $evil,
      { status => 403, vary => 'Origin' } ],
    [ 'CorsRejectUnlisted Off', 'gate', $evil, { vary => 'Origin' } ],
    [ 'CorsEngine Off', '', $base, {} ],
    [ 'CorsEngine ReportOnly', '', $base, {} ],
    [ 'CorsEngine On', '', $base, {%base} ],
    (map { [ $_, '', $base, {%base} ] }
     'CorsAllowMethods +PUT', 'CorsAllowMethods *', 'CorsAllowMethods none',
     'CorsAllowHeaders *', 'CorsAllowHeaders none', 'CorsMaxAge 86400',
     'CorsPreflight Pass', 'CorsPreflightStatus 200',
     'CorsBackendHeaders Keep', 'CorsBackendHeaders Replace',
     'CorsForwardOrigin Off', 'CorsForwardOrigin On',
     'CorsTimingAllowOrigin Off', 'CorsResourcePolicy none',
     'CorsAllowPrivateNetwork On'),
    [ 'CorsResourcePolicy same-site', '', $base,
      { %base, field => { 'Cross-Origin-Resource-Policy' => 'same-site' } } ],
    [ 'CorsTimingAllowOrigin On', '', $base,
      { %base, field => { 'Timing-Allow-Origin' => $base } } ],
    [ 'CorsUsePolicy origins', 'origins', $app, {%app} ],
    [ 'CorsUsePolicy any-origin', 'any-origin', $evil, { acao => '*' } ],
    [ 'CorsUsePolicy null', 'null', 'null',
      { acao => 'null', vary => 'Origin' } ],
    [ 'CorsUsePolicy file-origins', 'origins', $app, {%app} ],
    [ 'CorsUsePolicy file-any-origin', 'origins any-origin', $evil,
      { acao => $evil, vary => 'Origin' } ],
    [ 'CorsUsePolicy file-null', 'origins null', 'null',
      { acao => 'null', vary => 'Origin' } ],
    [ 'CorsUsePolicy credentials', 'credentials', $base, {} ],
    [ 'CorsUsePolicy match', 'match', $app, {%app} ],
    [ 'CorsUsePolicy expr', 'expr', $evil,
      { acao => $evil, vary => 'Origin' } ],
    [ 'CorsUsePolicy all', 'origins credentials match expr', $app,
      { %app, acac => 'true' } ],
    [ 'CorsUsePolicy null any-origin', 'any-origin null', $evil,
      { acao => '*', vary => 'Origin' } ],
    [ 'CorsUsePolicy nobody silent', '', $base, {} ],
    [ 'CorsUsePolicy minus', '', $app, { vary => 'Origin' } ],
);

# Lines that no grant helps.
my @never = (
    [ 'CorsTolerate null-credentials', 'not allowed here' ],
    [ 'CorsHtaccess All', 'not allowed here' ],
    [ "<CorsPolicy mine>\nCorsAllowOrigin $app\n</CorsPolicy>",
      'not allowed here' ],
    [ 'CorsPublicSuffixFile /etc/hosts', 'not allowed here' ],
    [ 'CorsUsePolicy tolerant', "'tolerant' must not be used in .htaccess" ],
    [ 'CorsUsePolicy origins tolerant',
      "'tolerant' must not be used in .htaccess" ],
    [ 'CorsUsePolicy unknown', "'unknown' must be the name of a <CorsPolicy>" ],
);

# The hosts: one for each power alone, one for each that is missing, and so on.
my %grant = (
    default => [ grep { $is_default{$_} } @powers ],
    all     => [@powers],
    none    => [],
);
my %says = (all => 'All', none => 'none');
for my $power (@powers) {
    $grant{"only-$power"} = [$power];
    $grant{"not-$power"} = [ grep { $_ ne $power } @powers ];
}
my @hosts = sort keys %grant;

# The first virtual host is the default one.
for my $host ('localhost', @hosts) {
    my $says = $says{$host} || join ' ', @{ $grant{$host} || [] };
    $conf .= "<VirtualHost 127.0.0.1:\@PORT\@>\n    ServerName "
        . ($host eq 'localhost' ? $host : "$host.example") . "\n"
        . ($host =~ /^(?:localhost|default)$/ ? '' : "    CorsHtaccess $says\n")
        . "</VirtualHost>\n";
}
$conf .= <<CONF;
<Directory "\@DOCROOT\@/power">
    AllowOverride FileInfo
</Directory>
<Directory "\@DOCROOT\@/pass">
    AllowOverride FileInfo Nonfatal=Override
</Directory>
CONF

# What the error log has to say, and how often.
my (%log, @all_rows);

for my $i (0 .. $#lines) {
    my ($line, $needs, $origin, $expected) = @{ $lines[$i] };
    my $directive = $line =~ /^corsallow/ ? 'CorsAllowOrigin'
                                          : ($line =~ /^(\w+)/)[0];
    my @needs = split / /, $needs;
    htaccess("power/$i", $line);
    # Under Nonfatal=Override the lines around it are there to be kept.
    htaccess("pass/$i", 'CorsExposeHeaders X-Before', $line,
             'CorsExposeHeaders X-Behind');
    for my $host (@hosts) {
        my %has = map { $_ => 1 } @{ $grant{$host} };
        my @lacks = grep { !$has{$_} } @needs;
        my $opt = { host => "$host.example" };
        my $around = $origin eq $base ? {%base} : { vary => 'Origin' };
        my $said = "$directive needs what CorsHtaccess does not grant to "
            . ".htaccess here: @lacks";
        if (@lacks) {
            $log{"power/$i/.htaccess: $said"}++;
            $log{"$said; passed over (pass/$i/.htaccess:2)"}++;
        }
        my $kept = { %{ @lacks ? $around : $expected } };
        $kept->{aceh} = 'X-Before, X-Behind' if $kept->{acao};
        push @all_rows,
            [ "$host: $line is " . (@lacks ? "refused for @lacks" : 'taken'),
              "GET /power/$i/a.txt", { Origin => $origin },
              @lacks ? { %$around, status => 500 } : $expected, $opt ],
            [ "$host, Nonfatal: $line is " . (@lacks ? 'passed over'
                                                     : 'taken'),
              "GET /pass/$i/a.txt", { Origin => $origin }, $kept, $opt ];
    }
}

for my $i (0 .. $#never) {
    my ($line, $why) = @{ $never[$i] };
    my ($directive) = $line =~ /^(<?\w+)/;
    htaccess("power/never-$i", $line);
    my $message = $why =~ /^'/ ? "$directive: $why" : "$directive $why";
    for my $host ('default', 'all', 'none') {
        $log{"power/never-$i/.htaccess: $message"}++;
        push @all_rows,
            [ "$host: never in .htaccess: $directive ($why)",
              "GET /power/never-$i/a.txt", { Origin => $base },
              { %base, status => 500 }, { host => "$host.example" } ];
    }
}

# httpd itself passes over what its own AllowOverride forbids.
for my $i (0 .. 3) {
    my ($line) = @{ $never[$i] };
    htaccess("pass/never-$i", 'CorsExposeHeaders X-Before', $line,
             "CorsAllowOrigin +$app");
    push @all_rows, map {
        [ "Nonfatal: $line does nothing, the rest does: $_",
          "GET /pass/never-$i/a.txt", { Origin => $_ },
          { vary => 'Origin', $_ eq 'null' ? ()
            : (acao => $_, aceh => 'X-Before') },
          { host => 'all.example' } ]
    } $app, $base, 'null';
}
# No grant is of use to a line with a mistake.
htaccess('pass/mistake', 'CorsAllowOrigin app.example.com');
htaccess('pass/mistake-too', 'CorsAllowOriginMatch (');
push @all_rows,
    [ 'Nonfatal=Override: a mistake is fatal', 'GET /pass/mistake/a.txt',
      { Origin => $base }, { %base, status => 500 },
      { host => 'all.example' } ],
    [ 'Nonfatal=Override: what is not granted is not looked at',
      'GET /pass/mistake-too/a.txt', { Origin => $base }, {%base},
      { host => 'none.example' } ];

# ---------------------------------------------------------------------------
# AllowOverride and AllowOverrideList
# ---------------------------------------------------------------------------

my %over = (
    fileinfo => 'FileInfo',
    others   => 'AuthConfig Indexes Limit Options',
    options  => 'Options',
    nothing  => 'None',
    passover => 'None Nonfatal=Override',
    unknown  => 'FileInfo Nonfatal=Unknown',
    list     => "None\n    AllowOverrideList CorsAllowOrigin CorsUsePolicy "
              . 'CorsTolerate CorsRejectUnlisted CorsAllowOriginMatch',
    listpass => "None Nonfatal=Override\n    AllowOverrideList "
              . 'CorsAllowOrigin',
);
for my $name (sort keys %over) {
    $conf .= qq{<Directory "\@DOCROOT\@/over/$name">\n}
        . "    AllowOverride $over{$name}\n</Directory>\n";
}
my @over_rows = (
    # directory, lines, origin, expected
    [ 'fileinfo/a', ["CorsAllowOrigin $app"], $app, {%app} ],
    [ 'others/a', ["CorsAllowOrigin $app"], $base, { %base, status => 500 } ],
    [ 'options/a', ['CorsMaxAge 5'], $base, { %base, status => 500 } ],
    [ 'options/use', ['CorsUsePolicy origins'], $base,
      { %base, status => 500 } ],
    [ 'nothing/a', ["CorsAllowOrigin $app", 'Nonsense'], $base, {%base} ],
    [ 'passover/a', [ "CorsAllowOrigin $app", 'CorsUsePolicy origins',
                      'CorsRejectUnlisted On' ], $base, {%base} ],
    [ 'passover/b', ["CorsAllowOrigin $app"], $app, { vary => 'Origin' } ],
    [ 'unknown/a', [ 'Nonsense', "CorsAllowOrigin $app" ], $app, {%app} ],
    [ 'unknown/b', [ 'Nonsense', 'CorsAllowOrigin null' ], $base,
      { %base, status => 500 } ],
    [ 'list/a', ["CorsAllowOrigin $app"], $app, {%app} ],
    [ 'list/use', ['CorsUsePolicy origins'], $app, {%app} ],
    [ 'list/not', ['CorsMaxAge 5'], $base, { %base, status => 500 } ],
    [ 'list/null', ['CorsAllowOrigin null'], $base, { %base, status => 500 } ],
    [ 'list/match', ['CorsAllowOriginMatch https://a\.example\.com'], $base,
      { %base, status => 500 } ],
    [ 'list/gate', ['CorsRejectUnlisted Off'], $base,
      { %base, status => 500 } ],
    [ 'list/tolerate', ['CorsTolerate null-credentials'], $base,
      { %base, status => 500 } ],
    [ 'listpass/a', [ 'CorsMaxAge 5', "CorsAllowOrigin $app" ], $app, {%app} ],
    [ 'listpass/null', ["CorsAllowOrigin $app null"], $base, {%base} ],
);
for my $row (@over_rows) {
    my ($dir, $lines, $origin, $expected) = @$row;
    htaccess("over/$dir", @$lines);
    push @all_rows, [ "AllowOverride, $dir: @$lines", "GET /over/$dir/a.txt",
                      { Origin => $origin }, $expected ];
}

# ---------------------------------------------------------------------------
# The server of the powers
# ---------------------------------------------------------------------------

my $s = CorsTest->start(name => 'powers', files => \%files, conf => $conf);
$s->promises(@all_rows);

my %got;
my $docroot = $s->docroot;
for my $line ($s->log_lines(qr/\.htaccess/)) {
    $line =~ s/^(?:\[[^]]*\] )+//;
    $line =~ s{\Q$docroot\E/}{}g;
    $got{$line}++ if $line =~ /needs what/ || $line =~ m{^power/never};
}
for my $said (sort keys %log) {
    # The rest of it says why and what to do.
    my $times = 0;
    $times += $got{$_} for grep { $said =~ /never/ ? index($_, $said) == 0
                                                   : $_ eq $said } keys %got;
    promise($times == $log{$said}
            * ($said =~ /passed over/ ? $s->readings : 1),
        "logged $log{$said} times: $said",
        "logged $times times");
}
my @more = grep { m{(?:power|pass)/\d} && !$log{$_} } sort keys %got;
promise(!@more, 'no grant is said to be missing that is not', @more);
my @passed = $s->log_lines(qr/passed over/);
promise(@passed > 0 && !(grep { !/\[cors:warn\]/ } @passed),
    'what is passed over is a warning', @passed[0, 1]);
$s->expect_log(
    qr{\[core:alert\] .*/power/[\w-]+/\.htaccess: <?Cors\w+:? },
    qr{\[cors:warn\] .*; passed over \(\S+/(?:pass|over)/},
    qr{AH02295: <?\w+ in \.htaccess forbidden},
    qr{AH02296: Unknown directive nonsense},
    qr{/pass/mistake/\.htaccess: CorsAllowOrigin: 'app},
    qr{/over/[\w/]+/\.htaccess: \w+ not allowed here},
    qr{/over/(?:list|unknown)/\w+/\.htaccess: \w+ needs what},
    qr{/over/list/tolerate/\.htaccess: CorsTolerate cannot occur within});
$s->stop;

# The names of what may never be there, in AllowOverrideList.
%files = ('htdocs/a.txt' => "hi\n");
htaccess("a", "CorsHtaccess All\nCorsAllowOrigin null");
htaccess("b", "<CorsPolicy p>\nCorsAllowOrigin null\n</CorsPolicy>");
htaccess("c", 'CorsAllowOrigin null');
htaccess("d", "CorsAllowOrigin $app");
htaccess("e", 'CorsPublicSuffixFile /etc/hosts');
$s = CorsTest->start(name => 'the main server', files => \%files,
    conf => <<CONF);
<CorsPolicy main>
    CorsAllowOrigin https://main.example
</CorsPolicy>
CorsUsePolicy main
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName first.example
    CorsHtaccess None
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName second.example
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName fourth.example
    <CorsPolicy mine>
        CorsAllowOrigin https://mine.example
    </CorsPolicy>
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName third.example
    <CorsPolicy main>
        CorsAllowOrigin https://third.example
    </CorsPolicy>
    CorsHtaccess origins
    CorsHtaccess origins null
</VirtualHost>
# Behind the virtual hosts, and still for those that say nothing.
CorsHtaccess Null
<Directory "\@DOCROOT\@">
    AllowOverride None
    AllowOverrideList CorsHtaccess <CorsPolicy CorsPublicSuffixFile \\
        CorsAllowOrigin
</Directory>
CONF
my %null = (acao => 'null', vary => 'Origin');
my @of = map { { host => "$_.example" } } qw(first second third fourth);
$s->promises(
    (map {
        [ "AllowOverrideList cannot bring it in: $_->[1]", "GET /$_->[0]/a.txt",
          { Origin => 'null' }, { status => 500, vary => 'Origin' }, $of[2] ]
    } [ a => 'CorsHtaccess' ], [ b => '<CorsPolicy>' ],
      [ e => 'CorsPublicSuffixFile' ]),
    [ 'a virtual host that grants nothing', 'GET /c/a.txt',
      { Origin => 'null' }, { status => 500, vary => 'Origin' }, $of[0] ],
    (map {
        ([ "a virtual host has the main server's grant: $_->{host}",
           'GET /c/a.txt', { Origin => 'null' }, {%null}, $_ ],
         [ "which replaces the default: $_->{host}", 'GET /d/a.txt',
           { Origin => $app }, { status => 500, vary => 'Origin' }, $_ ])
    } @of[ 1, 3 ]),
    [ 'a virtual host with a grant of its own', 'GET /d/a.txt',
      { Origin => $app }, {%app}, $of[2] ],
    [ 'its last line counts', 'GET /c/a.txt', { Origin => 'null' }, {%null},
      $of[2] ],
    (map {
        [ "a policy used in the main server, seen from a virtual host: "
              . "$_->{host}", 'GET /a.txt',
          { Origin => 'https://main.example' },
          { acao => 'https://main.example', vary => 'Origin' }, $_ ]
    } @of),
    [ 'and what it does not allow', 'GET /a.txt',
      { Origin => 'https://third.example' }, { vary => 'Origin' }, $of[2] ],
);
$s->expect_log(
    (map { qr/AH02304: Discarding directive `\Q$_\E' not allowed/ }
     'CorsHtaccess', '<CorsPolicy', 'CorsPublicSuffixFile'),
    qr{/a/\.htaccess: CorsHtaccess not allowed here},
    qr{/b/\.htaccess: <CorsPolicy not allowed here},
    qr{/e/\.htaccess: CorsPublicSuffixFile not allowed here},
    qr{/c/\.htaccess: CorsAllowOrigin needs what .* here: null$},
    qr{/d/\.htaccess: CorsAllowOrigin needs what .* here: origins$});
$s->stop;

# ---------------------------------------------------------------------------
# CorsHtaccess and <CorsPolicy> as text
# ---------------------------------------------------------------------------

my $alone = 'must not stand beside others';
for my $row (
    [ 'All origins', "CorsHtaccess: 'origins' $alone" ],
    [ 'origins All', "CorsHtaccess: 'All' $alone" ],
    [ 'match None', "CorsHtaccess: 'None' $alone" ],
    [ 'none expr', "CorsHtaccess: 'expr' $alone" ],
    [ 'All None', "CorsHtaccess: 'None' $alone" ],
    [ 'All All', "CorsHtaccess: 'All' $alone" ],
    [ 'origin', "CorsHtaccess: 'origin' must be origins, any-origin, null, "
          . 'credentials, match, expr, gate, All or None' ],
    [ 'origins,null', "CorsHtaccess: 'origins,null' must be origins, " ],
    [ '+origins', "CorsHtaccess: '+origins' must be origins, " ],
    [ '', 'CorsHtaccess takes All, None, or one or more of ' ],
) {
    config_error("CorsHtaccess $row->[0]\n", qr/^\Q$row->[1]\E/m,
        "CorsHtaccess '$row->[0]' is refused");
}
config_ok("CorsHtaccess $_\n", "CorsHtaccess $_")
    for 'all', 'NONE', 'Origins Any-Origin', join(' ', @powers), 'null null';
for my $open ('<Directory "/">', '<Location "/">', '<Files "a">',
              '<If "true">', "<VirtualHost *:80>\nServerName v.example\n"
              . '<Location "/">') {
    my @words = $open =~ /^<(\w+)/mg;
    my $close = join "\n", map { "</$_>" } reverse @words;
    (my $shown = $open) =~ s/\n/, /g;
    config_error("$open\n$_\n$close\n",
        qr/^<?Cors\w+ (?:not allowed in <\w+> context|not allowed here)/m,
        "in $shown: no " . ($_ =~ /(\S+)/)[0])
        for 'CorsHtaccess All', "<CorsPolicy p>\nCorsMaxAge 5\n</CorsPolicy>";
}

my $stands = 'must not stand in a policy';
my $named  = 'must be the name of a <CorsPolicy> that stands in front of this '
    . 'line, in this server or the main server';
sub policy { my ($n, @in) = @_; return join "\n", "<CorsPolicy $n>", @in,
             "</CorsPolicy>\n" }
for my $row (
    # what, text, message
    [ 'no name', policy('', 'CorsMaxAge 5'), '<CorsPolicy> takes one name' ],
    [ 'an empty name', policy('""', 'CorsMaxAge 5'),
      '<CorsPolicy> takes one name' ],
    [ 'two names', policy('a b', 'CorsMaxAge 5'),
      '<CorsPolicy> takes one name' ],
    [ "no '>'", "<CorsPolicy a\nCorsMaxAge 5\n</CorsPolicy>\n",
      "<CorsPolicy> must end in '>'" ],
    [ "something behind '>'", "<CorsPolicy a>b\nCorsMaxAge 5\n</CorsPolicy>\n",
      "<CorsPolicy> must end in '>'" ],
    [ 'twice in one server', policy('a', 'CorsMaxAge 5')
          . policy('a', 'CorsMaxAge 6'),
      "<CorsPolicy>: 'a' is defined already" ],
    [ 'twice, and the first is empty', policy('a') . policy('a'),
      "<CorsPolicy>: 'a' is defined already" ],
    [ 'twice in one virtual host', "<VirtualHost *:80>\nServerName v.example\n"
          . policy('a', 'CorsMaxAge 5') . policy('a', 'CorsMaxAge 6')
          . "</VirtualHost>\n", "<CorsPolicy>: 'a' is defined already" ],
    [ 'a policy inside', policy('a', policy('b')),
      "<CorsPolicy>: '<CorsPolicy' $stands" ],
    [ 'a policy that uses one', policy('b', 'CorsMaxAge 5')
          . policy('a', 'CorsUsePolicy b'),
      "<CorsPolicy>: 'CorsUsePolicy' $stands" ],
    (map { [ "$_ inside", policy('a', 'CorsMaxAge 5', $_),
             "<CorsPolicy>: '" . ($_ =~ /(\S+)/)[0] . "' $stands" ] }
     'CorsEngine Off', 'CorsRejectUnlisted On', 'CorsBackendHeaders Keep',
     'CorsForwardOrigin Off', 'CorsResourcePolicy same-site',
     'CorsTimingAllowOrigin On', 'CorsAllowPrivateNetwork On',
     'CorsHtaccess All', 'Require all granted', 'DirectoryIndex a.txt',
     "<If \"true\">\nCorsMaxAge 5\n</If>",
     "<Files \"a\">\nCorsMaxAge 5\n</Files>",
     "<Limit GET>\nCorsMaxAge 5\n</Limit>",
     "<LimitExcept GET>\nCorsMaxAge 5\n</LimitExcept>"),
    [ 'a mistake inside', policy('a', 'CorsMaxAge week'),
      "CorsMaxAge: 'week' must be" ],
    [ 'used before it is defined', "CorsUsePolicy a\n"
          . policy('a', 'CorsMaxAge 5'), "CorsUsePolicy: 'a' $named" ],
    [ 'an unknown name', policy('a', 'CorsMaxAge 5') . "CorsUsePolicy a b\n",
      "CorsUsePolicy: 'b' $named" ],
    [ 'a name in another case', policy('A', 'CorsMaxAge 5')
          . "CorsUsePolicy a\n", "CorsUsePolicy: 'a' $named" ],
    [ 'no name to use', "CorsUsePolicy\n", 'CorsUsePolicy takes one or more' ],
    [ "a virtual host's, used in the main server",
      "<VirtualHost *:80>\nServerName v.example\n" . policy('a', 'CorsMaxAge 5')
          . "</VirtualHost>\nCorsUsePolicy a\n", "CorsUsePolicy: 'a' $named" ],
    [ "a virtual host's, used in another", join('', map {
          "<VirtualHost *:80>\nServerName $_->[0].example\n$_->[1]"
              . "</VirtualHost>\n" } [ a => policy('p', 'CorsMaxAge 5') ],
          [ b => "CorsUsePolicy p\n" ]), "CorsUsePolicy: 'p' $named" ],
    [ 'in <Limit>', policy('a', 'CorsMaxAge 5')
          . "<Location />\n<Limit GET>\nCorsUsePolicy a\n</Limit>\n"
          . "</Location>\n",
      'CorsUsePolicy cannot occur within <Limit> or <LimitExcept> section' ],
    [ 'not closed', "<CorsPolicy a>\nCorsMaxAge 5\n",
      "<CorsPolicy> was not closed" ],
) {
    my ($what, $text, $message) = @$row;
    config_error($text, qr/\Q$message\E/, "policy: $what is an error");
}
config_error("Include inc.conf\n",
    qr{^AH\d+: Syntax error on line 4 of \S+/inc\.conf:\n<CorsPolicy>: 'a' (?#
    )is defined already \(\S+/inc\.conf:1\)}m, 'both places are named',
    files => { 'inc.conf' => policy('a', 'CorsMaxAge 5')
               . policy('a', 'CorsMaxAge 5') });
config_error("Include inc.conf\n",
    qr{^AH\d+: Syntax error on line 3 of \S+/inc\.conf:\n<CorsPolicy>: 'Cors}m,
    'the line inside is blamed, not the section',
    files => { 'inc.conf' => policy('a', 'CorsMaxAge 5', 'CorsEngine Off') });
config_ok($_->[1], "policy: $_->[0]") for
    [ 'empty', policy('a') . "CorsUsePolicy a\n" ],
    [ 'a quoted name', policy('"a b"', 'CorsMaxAge 5')
          . qq{CorsUsePolicy "a b"\n} ],
    [ 'the same name in two virtual hosts', join '', map {
          "<VirtualHost *:80>\nServerName $_.example\n"
              . policy('p', 'CorsMaxAge 5') . "CorsUsePolicy p\n"
              . "</VirtualHost>\n" } 'a', 'b' ],
    [ "the main server's name again", policy('p', 'CorsMaxAge 5')
          . "<VirtualHost *:80>\nServerName a.example\n"
          . policy('p', 'CorsMaxAge 6') . "</VirtualHost>\n" ],
    [ 'everything that may stand there', policy('a', "CorsAllowOrigin $app",
          'CorsAllowOriginMatch https://a\.example\.com',
          'CorsAllowOriginExpr false', 'CorsAllowMethods PUT',
          'CorsAllowHeaders X-A', 'CorsExposeHeaders X-B',
          'CorsAllowCredentials On', 'CorsTolerate insecure-origin',
          'CorsMaxAge 5', 'CorsPreflight Pass', 'CorsPreflightStatus 200') ],
    [ 'used twice by one line', policy('a', 'CorsMaxAge 5')
          . "CorsUsePolicy a a\n" ],
    [ 'sections in a policy that only ask', policy('a',
          '<IfModule cors_module>', 'CorsMaxAge 5', '</IfModule>') ];

# ---------------------------------------------------------------------------
# Policies at work
# ---------------------------------------------------------------------------

my $partner = 'https://shop.partner.example';
my $staging = 'https://staging.partner.example';
my $guest   = 'https://guest.example';
%files = ('htdocs/a.txt' => "hi\n", 'htdocs/files-use.txt' => "hi\n",
          'htdocs/behind/a.txt' => "hi\n",
          'cgi-bin/hide' => "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n"
              . "origin=%s\\n' \"\$HTTP_ORIGIN\"\n");
my %partner_get = (acao => $partner, acac => 'true', aceh => 'X-Order',
                   vary => 'Origin');
my %guest_get   = (acao => $guest, vary => 'Origin');
my %partner_pre = (status => 204, acao => $partner, acac => 'true',
                   acam => 'GET, PUT', acah => 'X-Token', acma => 11,
                   vary => $TRIO);
my %guest_pre   = (status => 200, acao => $guest, acam => 'GET, HEAD, POST',
                   acma => 22, vary => $TRIO);
$conf = <<CONF;
<CorsPolicy partners>
    CorsAllowOrigin https://*.partner.example -$staging
    CorsAllowCredentials On
    CorsAllowMethods GET PUT
    CorsAllowHeaders X-Token
    CorsExposeHeaders X-Order
    CorsMaxAge 11
</CorsPolicy>
<CorsPolicy guests>
    CorsAllowOrigin $guest
    CorsMaxAge 22
    CorsPreflightStatus 200
</CorsPolicy>
<CorsPolicy staging>
    CorsAllowOrigin $staging $partner
    CorsMaxAge 33
</CorsPolicy>
<CorsPolicy public>
    CorsAllowOrigin *
    CorsAllowCredentials Off
</CorsPolicy>
<CorsPolicy nobody>
    CorsAllowOrigin none
</CorsPolicy>
<CorsPolicy silent>
</CorsPolicy>
<CorsPolicy same>
    CorsAllowOrigin https://main.example
</CorsPolicy>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName localhost
</VirtualHost>
CONF
@rows = ();

# A Location of that name with these lines, and a file in it.
sub place {
    my ($name, @in) = @_;
    $files{"htdocs/$name/a.txt"} = "hi\n";
    $conf .= join "\n", qq{<Location "/$name">}, @in, "</Location>\n";
}
sub get {
    my ($text, $path, $origin, $expected, @opt) = @_;
    push @rows, [ $text, "GET /$path", defined $origin ? { Origin => $origin }
                                                       : {},
                  $expected, @opt ];
}
sub pre {
    my ($text, $path, $origin, $expected, @opt) = @_;
    push @rows, [ $text, "OPTIONS /$path", preflight($origin, 'GET'),
                  $expected, @opt ];
}

# Wherever it is used, it is the same.
my %where = (
    VirtualHost   => [ 'a.txt', "<VirtualHost 127.0.0.1:\@PORT\@>\n"
                       . "ServerName use.example\n%s</VirtualHost>\n",
                       { host => 'use.example' } ],
    Directory     => [ 'w-dir/a.txt',
                       qq{<Directory "\@DOCROOT\@/w-dir">\n%s</Directory>\n} ],
    DirectoryMatch => [ 'w-dirm/a.txt', qq{<DirectoryMatch "/w-dirm/">\n%s}
                        . "</DirectoryMatch>\n" ],
    Location      => [ 'w-loc/a.txt',
                       qq{<Location "/w-loc">\n%s</Location>\n} ],
    LocationMatch => [ 'w-locm/a.txt', qq{<LocationMatch "^/w-locm">\n%s}
                       . "</LocationMatch>\n" ],
    Files         => [ 'files-use.txt',
                       qq{<Files "files-use.txt">\n%s</Files>\n} ],
    If            => [ 'w-if/a.txt', qq{<If "%%{REQUEST_URI} =~ m#^/w-if/#">\n}
                       . "%s</If>\n" ],
    '.htaccess'   => [ 'w-ht/a.txt', undef ],
    Proxy         => [ 'w-proxy/a.txt', 'ProxyPass /w-proxy/ http://127.0.0.1:'
                       . "\@PORT2\@/behind/\n<Proxy \"http://127.0.0.1:"
                       . "\@PORT2\@/behind/\">\n%s</Proxy>\n" ],
);
for my $kind (sort keys %where) {
    my ($path, $text, @opt) = @{ $where{$kind} };
    my $use = "    CorsUsePolicy partners guests\n";
    $files{"htdocs/$path"} ||= "hi\n";
    $files{'htdocs/w-ht/.htaccess'} = $use;
    $conf .= sprintf $text, $use if $text;
    get("$kind: a partner", $path, $partner, {%partner_get}, @opt);
    get("$kind: a guest", $path, $guest, {%guest_get}, @opt);
    get("$kind: a stranger", $path, $evil, { vary => 'Origin' }, @opt);
    get("$kind: without Origin", $path, undef, { vary => 'Origin' }, @opt);
    get("$kind: who is taken out", $path, $staging, { vary => 'Origin' }, @opt);
    pre("$kind: a partner's preflight", $path, $partner, {%partner_pre}, @opt);
    pre("$kind: a guest's preflight", $path, $guest, {%guest_pre}, @opt);
    pre("$kind: a stranger's preflight", $path, $evil,
        { status => 403, vary => $TRIO }, @opt);
}

# Several policies.
place('order', 'CorsUsePolicy partners staging');
get('the first that allows decides', 'order/a.txt', $partner,
    {%partner_get});
get('taken out of the first, allowed by the second', 'order/a.txt', $staging,
    { acao => $staging, vary => 'Origin' });
pre('with the terms of the second', 'order/a.txt', $staging,
    { status => 204, acao => $staging, acam => 'GET, HEAD, POST', acma => 33,
      vary => $TRIO });
place('reverse', 'CorsUsePolicy staging partners');
pre('in the other order the other decides', 'reverse/a.txt', $partner,
    { status => 204, acao => $partner, acam => 'GET, HEAD, POST', acma => 33,
      vary => $TRIO });
pre('and the second for the rest', 'reverse/a.txt', 'https://b.partner.example',
    { %partner_pre, acao => 'https://b.partner.example' });
place('two-lines', 'CorsUsePolicy staging', 'CorsMaxAge 44',
      'CorsUsePolicy partners guests');
pre('several lines add up, in order', 'two-lines/a.txt', $partner,
    { status => 204, acao => $partner, acam => 'GET, HEAD, POST', acma => 44,
      vary => $TRIO });
pre('the last name of the last line counts', 'two-lines/a.txt', $guest,
    { %guest_pre, acma => 44 });
# What one place adds to its use is no other's.
place('one', 'CorsUsePolicy guests');
place('one-more', 'CorsUsePolicy guests', 'CorsUsePolicy partners',
      'CorsMaxAge 55', 'CorsAllowOrigin +https://more.example');
place('one-again', 'CorsUsePolicy guests');
for my $path ('one', 'one-again') {
    get("$path: only its own policy", "$path/a.txt", $partner,
        { vary => 'Origin' });
    get("$path: no origin of another place", "$path/a.txt",
        'https://more.example', { vary => 'Origin' });
    pre("$path: on its own terms", "$path/a.txt", $guest, {%guest_pre});
}
pre('what adds to it has both', 'one-more/a.txt', $partner,
    { %partner_pre, acma => 55 });

# Vary, and the constant policy.
for my $row (
    # names, Vary without Origin, what a stranger gets, what everybody gets
    [ 'public', undef, { acao => '*' }, { acao => '*' } ],
    [ 'public partners', undef, { acao => '*' }, { acao => '*' } ],
    [ 'nobody public', undef, { acao => '*' }, { acao => '*' } ],
    [ 'silent public', undef, { acao => '*' }, { acao => '*' } ],
    [ 'partners public', 'Origin', { acao => '*', vary => 'Origin' },
      { vary => 'Origin' } ],
    [ 'nobody', undef, {}, {} ],
    [ 'silent nobody', undef, {}, {} ],
    [ 'nobody partners', 'Origin', { vary => 'Origin' },
      { vary => 'Origin' } ],
) {
    my ($names, $vary, $stranger, $all) = @$row;
    (my $path = "v-$names") =~ s/ /-/g;
    place($path, "CorsUsePolicy $names");
    get("$names: a stranger", "$path/a.txt", $evil, $stranger);
    get("$names: without Origin", "$path/a.txt", undef, $all);
    push @rows, [ "$names: OPTIONS varies", "OPTIONS /$path/a.txt", {},
                  { %$all, vary => $TRIO, status => qr/^[24]/ } ];
    get("$names: a partner", "$path/a.txt", $partner, {%partner_get})
        if $names =~ /^(?:nobody )?partners/;
}

# Directives beside override every policy's; `+` and `-` extend.
place('beside', 'CorsUsePolicy partners guests', 'CorsMaxAge 77',
      'CorsAllowMethods +DELETE', 'CorsExposeHeaders +X-More',
      'CorsAllowHeaders none', 'CorsAllowCredentials Off');
pre('beside: a partner', 'beside/a.txt', $partner,
    { status => 204, acao => $partner, acam => 'GET, PUT, DELETE',
      acma => 77, vary => $TRIO });
pre('beside: a guest', 'beside/a.txt', $guest,
    { status => 200, acao => $guest, acam => 'GET, HEAD, POST, DELETE',
      acma => 77, vary => $TRIO });
get('beside: exposed to a partner', 'beside/a.txt', $partner,
    { acao => $partner, aceh => 'X-Order, X-More', vary => 'Origin' });
get('beside: exposed to a guest', 'beside/a.txt', $guest,
    { acao => $guest, aceh => 'X-More', vary => 'Origin' });
place('before', 'CorsMaxAge 78', 'CorsUsePolicy partners');
pre('in front of the use is beside it', 'before/a.txt', $partner,
    { %partner_pre, acma => 78 });
place('in', 'CorsUsePolicy partners guests');
place('in/side', 'CorsMaxAge off', 'CorsAllowMethods -PUT');
pre('an inner section overrides', 'in/side/a.txt', $partner,
    { %partner_pre, acam => 'GET', acma => undef });
pre('for each policy', 'in/side/a.txt', $guest,
    { %guest_pre, acma => undef });

# Around a policy: it is laid over what it does not say itself.
place('around', 'CorsMaxAge 88', 'CorsAllowMethods PATCH',
      'CorsAllowHeaders X-Outer', 'CorsAllowCredentials On',
      'CorsAllowOrigin https://outer.example');
place('around/use', 'CorsUsePolicy guests', 'CorsAllowCredentials Off');
pre('a policy inherits what it does not say', 'around/use/a.txt', $guest,
    { status => 200, acao => $guest, acam => 'PATCH', acah => 'X-Outer',
      acma => 22, vary => $TRIO });
get('but no origins', 'around/use/a.txt', 'https://outer.example',
    { vary => 'Origin' });

# What ends what.
place('replace', 'CorsUsePolicy partners', 'CorsAllowMethods +DELETE');
place('replace/use', 'CorsUsePolicy guests');
get('an inner use replaces the outer', 'replace/use/a.txt', $partner,
    { vary => 'Origin' });
pre('and inherits what stood beside it', 'replace/use/a.txt', $guest,
    { %guest_pre, acam => 'GET, HEAD, POST, DELETE' });
place('in/none', 'CorsAllowOrigin none');
get('none ends the origins of policies', 'in/none/a.txt', $_, {})
    for $partner, $guest;
place('in/plain', 'CorsAllowOrigin https://plain.example',
      'CorsAllowCredentials Off');
get('so does a plain item', 'in/plain/a.txt', $_, { vary => 'Origin' })
    for $partner, $guest;
get('and is allowed itself', 'in/plain/a.txt', 'https://plain.example',
    { acao => 'https://plain.example', aceh => 'X-Order', vary => 'Origin' });
place('in/plus', 'CorsAllowOrigin +https://plus.example');
get('+ extends them: the old', 'in/plus/a.txt', $guest, {%guest_get});
get('+ extends them: the new', 'in/plus/a.txt', 'https://plus.example',
    { %partner_get, acao => 'https://plus.example' });
place('in/minus', "CorsAllowOrigin -$partner");
get('- takes from them', 'in/minus/a.txt', $partner, { vary => 'Origin' });
get('- takes no more', 'in/minus/a.txt', $guest, {%guest_get});
place('in/none/use', 'CorsUsePolicy guests');
get('a use inside of none starts anew', 'in/none/use/a.txt', $guest,
    {%guest_get});

# What may not stand in a policy holds around it and inside.
my $keep = 'Header set Access-Control-Allow-Origin https://backend.example';
for my $how ('outside', 'inside', 'beside') {
    for my $case (
        [ off => 'CorsEngine Off', $partner, {} ],
        [ report => 'CorsEngine ReportOnly', $partner, {} ],
        [ reject => 'CorsRejectUnlisted On', $evil,
          { status => 403, vary => 'Origin' } ],
        [ 'reject' => 'CorsRejectUnlisted On', $guest, {%guest_get} ],
        [ keep => "CorsBackendHeaders Keep\n$keep", $evil,
          { acao => 'https://backend.example', vary => 'Origin' } ],
        [ corp => 'CorsResourcePolicy same-site', $guest,
          { %guest_get,
            field => { 'Cross-Origin-Resource-Policy' => 'same-site' } } ],
        [ timing => 'CorsTimingAllowOrigin On', $guest,
          { %guest_get, field => { 'Timing-Allow-Origin' => $guest } } ],
        [ hide => 'CorsForwardOrigin Off', $guest,
          { %guest_get, body => "origin=\n" } ],
        [ show => 'CorsForwardOrigin On', $guest,
          { %guest_get, body => "origin=$guest\n" } ],
    ) {
        my ($name, $line, $origin, $expected) = @$case;
        my $is_cgi = $name =~ /hide|show/;
        my $dir = ($is_cgi ? 'cgi-bin/' : '') . "np-$how-$name";
        my $path = "$dir/x/a.txt";
        my $use = 'CorsUsePolicy partners guests';
        my %in = (outside => [ [$line], [$use] ], inside => [ [$use], [$line] ],
                  beside => [ [], [ $use, $line ] ]);
        if ($is_cgi) {
            $files{"cgi-bin/np-$how-$name"} = $files{'cgi-bin/hide'};
            $conf .= join "\n", qq{<Location "/$dir">}, @{ $in{$how}[0] },
                "</Location>\n" . qq{<Location "/$dir/x">},
                @{ $in{$how}[1] }, "</Location>\n";
        }
        else {
            $files{"htdocs/$path"} = "hi\n";
            place($dir, @{ $in{$how}[0] });
            place("$dir/x", @{ $in{$how}[1] });
        }
        get("$line $how, $origin", $path, $origin, $expected);
    }
}

# Policies of virtual hosts.
for my $v ('own', 'other') {
    $conf .= <<CONF;
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName $v.example
    <Location "/early">
        CorsUsePolicy same
    </Location>
    <CorsPolicy same>
        CorsAllowOrigin https://$v.example
    </CorsPolicy>
    <CorsPolicy $v>
        CorsAllowOrigin https://only-$v.example
    </CorsPolicy>
    CorsUsePolicy same $v guests
</VirtualHost>
CONF
    my $opt = { host => "$v.example" };
    get("$v: its own policy wins", 'a.txt', "https://$v.example",
        { acao => "https://$v.example", vary => 'Origin' }, $opt);
    get("$v: the main server's of that name is not seen", 'a.txt',
        'https://main.example', { vary => 'Origin' }, $opt);
    get("$v: in front of its own it is", 'early/a.txt', 'https://main.example',
        { acao => 'https://main.example', vary => 'Origin' }, $opt);
    get("$v: one that the others do not have", 'a.txt',
        "https://only-$v.example",
        { acao => "https://only-$v.example", vary => 'Origin' }, $opt);
    get("$v: one of the main server", 'a.txt', $guest, {%guest_get}, $opt);
    get("$v: .htaccess sees its policies", 'ht-same/a.txt',
        "https://$v.example",
        { acao => "https://$v.example", vary => 'Origin' }, $opt);
}
$files{'htdocs/early/a.txt'} = "hi\n";
htaccess('ht-same', 'CorsUsePolicy same');
htaccess('ht-other', 'CorsUsePolicy other');
get('main: .htaccess sees the policies of the main server', 'ht-same/a.txt',
    'https://main.example', { acao => 'https://main.example',
                              vary => 'Origin' });
get('main: .htaccess sees no policy of a virtual host', 'ht-other/a.txt',
    'https://only-other.example', { status => 500 });
htaccess('ht-beside', 'CorsUsePolicy guests',
         'CorsAllowOrigin +https://h.example', 'CorsMaxAge 99');
pre('.htaccess: directives beside a use', 'ht-beside/a.txt', $guest,
    { %guest_pre, acma => 99 });
get('.htaccess: and origins', 'ht-beside/a.txt', 'https://h.example',
    { acao => 'https://h.example', vary => 'Origin' });

# Where nothing is around it, a line that is passed over makes no policy.
for my $i (0 .. 5) {
    my @line = ("CorsAllowOrigin $app null", 'CorsUsePolicy guests open',
                'CorsAllowOriginMatch https://app\.example\.com',
                'CorsAllowOriginExpr true', 'CorsRejectUnlisted On',
                "CorsAllowOrigin $app\nCorsAllowOrigin null");
    $conf .= qq{<CorsPolicy open>\nCorsAllowOriginExpr true\n</CorsPolicy>\n}
        if $i == 0;
    $conf .= qq{<Directory "\@DOCROOT\@/bare/$i">\n    AllowOverride FileInfo }
        . "Nonfatal=Override\n</Directory>\n";
    htaccess("bare/$i", $line[$i]);
    my @allowed = $i == 5 ? (acao => $app, vary => 'Origin') : ();
    get("passed over, with nothing around it: $line[$i]", "bare/$i/a.txt",
        $app, {@allowed});
    get("passed over, without Origin: $line[$i]", "bare/$i/a.txt", undef,
        @allowed ? { vary => 'Origin' } : {});
    pre("passed over, a preflight is httpd's: $line[$i]", "bare/$i/a.txt",
        $evil, @allowed ? { status => 403, vary => $TRIO } : {});
}

# Nor has any of these changed the policy for those that only use it.
pre('a policy is what it was', 'one/a.txt', $guest, {%guest_pre});
get('and allows who it did', 'one/a.txt', 'https://h.example',
    { vary => 'Origin' });

# mod_macro.
$conf .= <<'CONF';
<Macro Group $name $origin $age>
    <CorsPolicy macro-$name>
        CorsAllowOrigin $origin
        CorsMaxAge $age
    </CorsPolicy>
</Macro>
Use Group one https://one.example 101
Use Group two https://two.example 102
<Macro Open $path>
    <Location "$path">
        CorsUsePolicy macro-one macro-two
    </Location>
</Macro>
Use Open /macro
CONF
$files{'htdocs/macro/a.txt'} = "hi\n";
pre("a macro's policy: $_->[0]", 'macro/a.txt', "https://$_->[0].example",
    { status => 204, acao => "https://$_->[0].example", acma => $_->[1],
      acam => 'GET, HEAD, POST', vary => $TRIO })
    for [ one => 101 ], [ two => 102 ];

# ---------------------------------------------------------------------------
# Sections at random, and the same written flat
# ---------------------------------------------------------------------------

# Each case is a chain of sections, outermost first, in which some lines
# stand at random. What they say together is reckoned here line by line and
# written into one section, each value in full; the answers must be the same.
# httpd merges such a chain from the middle, so this shows whether it matters.
my $seed = 20240229;
sub dice { $seed = ($seed * 1103515245 + 12345) % 2**31;
           return int($seed / 65536) % $_[0] }
sub pick { return $_[ dice(scalar @_) ] }

my @universe = map { "https://o$_.example" } 1 .. 5;
my %names_of = (
    CorsAllowMethods  => [qw(PUT DELETE PATCH)],
    CorsAllowHeaders  => [qw(X-A X-B X-C)],
    CorsExposeHeaders => [qw(X-D X-E X-F)],
);
my @lists = ('CorsAllowOrigin', sort keys %names_of);
my %values = (
    CorsAllowCredentials => [qw(On Off)],
    CorsMaxAge           => [qw(1 2 3 off)],
    CorsPreflightStatus  => [qw(200 204)],
);
my %outside = (             # what may not stand in a policy
    CorsEngine            => [qw(On On On ReportOnly)],
    CorsTimingAllowOrigin => [qw(On Off)],
    CorsResourcePolicy    => [qw(same-site none)],
    CorsRejectUnlisted    => [qw(On Off Off)],
);

# The lines of one section: { directive => [ items ] or value }.
sub some_lines {
    my ($odds, $is_policy) = @_;
    my %is;
    for my $list (@lists) {
        my $from = $list eq 'CorsAllowOrigin' ? \@universe : $names_of{$list};
        next if dice(100) >= $odds;
        my $sign = dice(3);
        my %seen;
        my @items = grep { !$seen{$_}++ } map { pick(@$from) } 0 .. dice(3);
        $is{$list} = !dice(12) ? ['none']
            : [ map { ($sign ? pick('+', '+', '-') : '') . $_ } @items ];
    }
    my %words = (%values, $is_policy ? () : %outside);
    for my $word (sort keys %words) {
        $is{$word} = pick(@{ $words{$word} }) if dice(100) < $odds / 2;
    }
    return \%is;
}

sub text_of {
    my ($is) = @_;
    return map { "$_ " . (ref $is->{$_} ? "@{ $is->{$_} }" : $is->{$_}) }
        sort keys %$is;
}

# Adds the lines of a section to what is inherited. Lists keep a record of
# their sections, innermost last.
sub over {
    my ($outer, $is) = @_;
    my %all = %$outer;
    for my $key (keys %$is) {
        $all{$key} = $is->{$key};
        next if !ref $is->{$key};
        my @sections = ref $is->{$key}[0] ? @{ $is->{$key} } : $is->{$key};
        my $is_plain = grep { !/^[-+]/ } map { @$_ } @sections;
        $all{$key} = [ $is_plain ? () : @{ $outer->{$key} || [] }, @sections ];
    }
    return \%all;
}

# What is left of a list.
sub left_of {
    my ($key, $sections) = @_;
    my %is = $key eq 'CorsAllowMethods' ? map { $_ => 1 } qw(GET HEAD POST)
                                        : ();
    my $grants = 0;
    for my $items (@$sections) {
        %is = () if grep { !/^[-+]/ } @$items;
        my %minus;
        for my $item (@$items) {
            my ($sign, $value) = $item =~ /^([-+]?)(.*)/;
            next if $value eq 'none';
            $minus{$value} = 1 if $sign eq '-';
            $is{$value} = 1 if $sign ne '-';
            $grants = 1 if $sign ne '-';
        }
        delete @is{ keys %minus };
    }
    # Of origins, what is added and taken away again still makes Vary.
    return sort keys %is if %is;
    return $grants && $key eq 'CorsAllowOrigin' ? ($app, "-$app") : 'none';
}

# Every directive with its value.
sub in_full {
    my ($all, @keys) = @_;
    my %default = (CorsAllowCredentials => 'Off', CorsMaxAge => 600,
                   CorsPreflightStatus => 204, CorsEngine => 'On',
                   CorsTimingAllowOrigin => 'Off', CorsResourcePolicy => 'none',
                   CorsRejectUnlisted => 'Off');
    return map {
        my $key = $_;
        exists $default{$key} ? "$key " . ($all->{$key} // $default{$key})
            : $key eq 'CorsExposeHeaders' && !$all->{$key} ? ()
            : "$key " . join ' ', left_of($key, $all->{$key});
    } @keys;
}

my @random = map { some_lines(60, 1) } 1 .. 6;
$_->{CorsAllowOrigin} ||= [ pick(@universe) ] for @random;
$conf .= policy("random-$_", text_of($random[ $_ - 1 ])) for 1 .. @random;

my $cases = 80;
my @in_policy = (@lists, sort keys %values);
my ($flat, $chains) = ('', '');
for my $case (1 .. $cases) {
    my $dir = "n/$case";
    my @sections = (
        [ "<VirtualHost 127.0.0.1:\@PORT\@>\n    ServerName n$case.example" ],
        [ qq{<Directory "\@DOCROOT\@/$dir">}, '</Directory>' ],
        [ qq{<Directory "\@DOCROOT\@/$dir/a">}, '</Directory>' ],
        [],
        [ '<Files "a.txt">', '</Files>' ],
        [ qq{<Location "/$dir">}, '</Location>' ],
        [ qq{<Location "/$dir/a">}, '</Location>' ],
        [ '<If "true">', '</If>' ],
    );
    my ($below, $use, $own, $open) = ({}, undef, {}, {});
    my $htaccess = '';
    for my $i (0 .. $#sections) {
        my ($start, $end) = @{ $sections[$i] };
        my $is = dice(10) < 7 ? some_lines(35) : {};
        delete @$is{ grep { /Reject/ } keys %$is } if $i == 3;
        my @use = dice(4) ? () : map { 1 + dice(6) } 0 .. dice(3);
        my $text = join '', map { "        $_\n" } text_of($is),
            @use ? 'CorsUsePolicy ' . join ' ', map { "random-$_" } @use : ();
        $htaccess = $text if $i == 3;
        $chains .= "$start\n$text" . ($end ? "$end\n" : '') if $i != 3;

        my %inner = map { $_ => $is->{$_} } grep { exists $is->{$_} }
            @in_policy;
        if (@use) {
            $below = over($below, $own);
            delete $below->{CorsAllowOrigin};
            ($use, $own) = (\@use, {});
        }
        $own = over($own, \%inner);
        $open = { %$open, map { $_ => $is->{$_} } grep { exists $is->{$_} }
                  sort keys %outside };
    }
    $chains .= "</VirtualHost>\n";
    $files{"htdocs/$dir/a/b/a.txt"} = "hi\n";
    $files{"htdocs/$dir/a/.htaccess"} = $htaccess;
    $files{"htdocs/flat/$case/a.txt"} = "hi\n";

    # What is alike in all policies may stand outside of them.
    my @full = map { over(over($below, $random[ $_ - 1 ]), $own) }
        @{ $use || [] };
    if ($use) {
        $conf .= policy("flat-$case-$_", in_full($full[$_], @in_policy))
            for 0 .. $#full;
    }
    my @says = $use ? 'CorsUsePolicy '
            . join ' ', map { "flat-$case-$_" } 0 .. $#full
        : in_full($own, grep { $_ ne 'CorsAllowOrigin'
                               || $own->{CorsAllowOrigin} } @in_policy);
    $flat .= join "\n", qq{<Location "/flat/$case">}, @says,
        in_full($open, sort keys %outside), "</Location>\n";
}

$conf .= $chains . "<VirtualHost 127.0.0.1:\@PORT\@>\n"
    . "    ServerName flat.example\n$flat</VirtualHost>\n";

$s = CorsTest->start(name => 'policies', ports => 2, cgi => 1,
    modules => [qw(headers macro proxy proxy_http)], files => \%files,
    conf => $conf . <<'CONF');
Listen 127.0.0.1:@PORT2@
<VirtualHost 127.0.0.1:@PORT2@>
    ServerName localhost
    KeepAlive Off
    CorsEngine Off
</VirtualHost>
CONF
$s->expect_log(qr/\[cors:notice\] .* replaces the origins and inherits/);
$s->promises(@rows);
$s->expect_log(
    qr{/ht-other/\.htaccess: CorsUsePolicy: 'other' must be the name of},
    qr{\[cors:warn\] .*; passed over \(\S+/bare/});

# The CORS part of an answer, lists in order.
sub answer {
    my ($host, $path, $method, $origin) = @_;
    my @fields = $method eq 'GET' ? (defined $origin ? (Origin => $origin) : ())
        : @{ preflight($origin // '', 'PUT', 'x-a, x-b') };
    my $res = $s->request("$method $path", \@fields, host => $host);
    my @seen = $res->status;
    for my $name (sort map { lc } $res->names) {
        next if $name !~ /^access-control-|^vary$|^timing|^cross-origin/;
        my $value = join ' | ', $res->fields($name);
        $value = join ', ', sort split /, */, $value
            if $name =~ /methods|headers|vary/;
        push @seen, "$name: $value";
    }
    return join "\n", @seen;
}
my %kinds;
for my $case (1 .. $cases) {
    my @wrong;
    for my $method ('GET', 'OPTIONS') {
        for my $origin (@universe, $app, undef) {
            my $nested = answer("n$case.example", "/n/$case/a/b/a.txt",
                                $method, $origin);
            my $is = answer('flat.example', "/flat/$case/a.txt", $method,
                            $origin);
            $kinds{$nested}++;
            push @wrong, "$method of " . ($origin // 'nobody'),
                "nested:\n$nested", "flat:\n$is" if $nested ne $is;
        }
    }
    promise(!@wrong, "sections at random, case $case", @wrong);
}
promise(keys %kinds > 40, 'they differ: ' . keys(%kinds) . ' kinds of answer');

# ---------------------------------------------------------------------------
# What the log says of policies
# ---------------------------------------------------------------------------

my $log = CorsTest->start(name => 'log', modules => ['macro'],
    files => { 'inc.conf' => <<'INC' }, conf => "Include inc.conf\n");
<CorsPolicy all>
    CorsAllowOrigin *
</CorsPolicy>
<CorsPolicy one>
    CorsAllowCredentials Off
    CorsAllowOrigin https://one.example
</CorsPolicy>
<CorsPolicy silent>
    CorsMaxAge 5
</CorsPolicy>
<Directory "@DOCROOT@">
    CorsAllowCredentials On
</Directory>
<LocationMatch "^/two">
    CorsUsePolicy all one
</LocationMatch>
<LocationMatch "^/silent">
    CorsUsePolicy silent
</LocationMatch>
<Macro open $origin>
<LocationMatch "^/macro">
    CorsAllowOrigin $origin
</LocationMatch>
</Macro>
Use open https://macro.example
INC
$log->promises(map {
    [ "refused at $_", "GET $_", { Origin => 'https://evil.example' },
      { status => 404, $_ eq '/silent' ? () : (vary => 'Origin') } ]
} '/two', '/silent', '/macro');
for my $case (
    [ 'the fault of an entry is that of its own policy',
      qr{CorsAllowOrigin '\*' \(\S+/inc\.conf:2\) matches nobody: it must not (?#
         )meet CorsAllowCredentials On \(\S+/inc\.conf:12\): every site} ],
    [ 'a policy without origins stands where it begins',
      qr{is not in CorsAllowOrigin \(\S+/inc\.conf:8\)} ],
    [ 'a line of a macro has its place',
      qr{is not in CorsAllowOrigin \(macro 'open' .*:\d+\)} ],
) {
    my ($text, $pattern) = @$case;
    promise($log->log_lines($pattern, 5) > 0, $text,
        $log->log_lines(qr/\[cors:/));
}
$log->expect_log(qr/\[cors:error\] .*CorsAllowOrigin '\*' .* matches nobody/);

# What is not for .htaccess is passed over where nothing there is fatal.
my $mild = CorsTest->start(name => 'mild', override => 'FileInfo Nonfatal=All',
    files => { 'htdocs/a.txt' => "hi\n",
               'htdocs/.htaccess' => "CorsUsePolicy tolerant\n" },
    conf => <<'CONF');
<CorsPolicy tolerant>
    CorsAllowOrigin http://app.example.com
    CorsAllowCredentials On
    CorsTolerate insecure-origin
</CorsPolicy>
CONF
$mild->promises([ 'a policy with consent, where nothing is fatal',
    'GET /a.txt', { Origin => 'http://app.example.com' }, { body => "hi\n" } ]);
$mild->expect_log(qr/\[cors:warn\] .*'tolerant' must not be used in \.htaccess/);

CorsTest::finish();
