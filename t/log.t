# The error log, line by line: one for each refusal at `info`, for each
# decision at `debug`, with what has to be changed and where it stands, and
# with what the request just misses. Nothing that a client sends logs more.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use CorsTest::Outage qw(cannot_answer);
use CorsTest::Told;
use Test::More;

my $app   = 'https://app.example.com';
my $http  = 'http://app.example.com';
my $evil  = 'https://evil.example';
my $told  = CorsTest::Told->new;
my $dead  = CorsTest::Told->new;
my $other = 'https://other.example';
$told->allow($other);
$dead->fail('out of order');

my $conf = CorsTest::Told::load() . <<"CONF";
<CorsPolicy first>
    CorsAllowOrigin https://first.example
</CorsPolicy>
<CorsPolicy second>
    CorsAllowOrigin https://second.example
</CorsPolicy>

<LocationMatch "^/(list|report)/">
    CorsAllowOrigin $app https://www.shop.example capacitor://localhost
    CorsAllowOrigin https://*.example.org http://dev.example:8080
    CorsAllowOrigin -https://staging.example.org
    CorsAllowMethods PATCH purge
    CorsAllowHeaders X-A
</LocationMatch>
<Location "/report/">
    CorsEngine ReportOnly
</Location>
<Location "/plain/">
    CorsAllowOrigin https://plain.example
</Location>
<Location "/any/">
    CorsAllowOrigin *
    CorsAllowMethods *
    CorsAllowHeaders *
</Location>
<Location "/but/">
    CorsAllowOrigin * -$evil
</Location>
<Location "/none/">
    CorsAllowOrigin none
</Location>
<Location "/same/">
    CorsAllowOrigin same-site
</Location>
<Location "/login/">
    CorsAllowOrigin same-site https://login.example
    CorsAllowCredentials On
</Location>
<Location "/match/">
    CorsAllowOriginMatch https://m[0-9]\\.example\\.com
</Location>
<Location "/expr/">
    CorsAllowOriginExpr "%{req:Origin} == 'https://expr.example'"
</Location>
<Location "/file/">
    CorsAllowOriginSource file:origins.txt
</Location>
<Location "/told/">
    CorsAllowOriginSource @{[ $told->source ]}
    CorsAllowOrigin https://beside.example
</Location>
<Location "/dead/">
    CorsAllowOriginSource @{[ $dead->source ]}
</Location>
<Location "/reject/">
    CorsAllowOrigin https://strict.example
    CorsRejectUnlisted On
</Location>
<Location "/policies/">
    CorsUsePolicy first second
</Location>
<Location "/off/">
    CorsAllowOrigin https://off.example
    CorsEngine Off
</Location>
AliasMatch "^/(?!barred/)" "\@DOCROOT\@/a.txt"
CONF
my %files = (
    'htdocs/a.txt' => "hi\n", 'origins.txt' => "https://file.example\n",
    'htdocs/barred/a.txt'     => "hi\n",
    'htdocs/barred/.htaccess' =>
        "CorsAllowCredentials On\nCorsAllowOrigin *\n",
);

# ---------------------------------------------------------------------------
# The lines
# ---------------------------------------------------------------------------

# What stands between <> is a line of httpd.conf, or of another file behind a
# colon; the log has its place there.
my $list   = "CorsAllowOrigin (<CorsAllowOrigin $app ...>)";
my $second = "CorsAllowOrigin (<CorsAllowOrigin https://*.example.org ...>)";
my $plain  = 'CorsAllowOrigin (<CorsAllowOrigin https://plain.example>)';
my $beside = "which is not set beside $plain";
my $null   = '; files and sandboxed frames have no other';
my $slash  = 'must be scheme://host[:port] without a path';

# Beside the list that has them all.
sub not_in {
    my ($origin, $more) = @_;
    return "denied-origin: origin '$origin' is not in $list" . ($more // '');
}

my $methods = '(<CorsAllowMethods PATCH purge>)';
my $headers = '(<CorsAllowHeaders X-A>)';
my $header  = "denied-header: request header";
my @refused = (
    # what, request, fields, the line
    [ 'a stranger', 'GET /list/', [ Origin => $evil ], not_in($evil) ],
    [ "a stranger's preflight", 'OPTIONS /list/', preflight($evil, 'PATCH'),
      not_in($evil) ],
    [ 'http', 'GET /list/', [ Origin => $http ],
      not_in($http, ", which has '$app'") ],
    [ 'http in a preflight', 'OPTIONS /list/', preflight($http, 'PATCH'),
      not_in($http, ", which has '$app'") ],
    [ 'a port', 'GET /list/', [ Origin => "$app:8443" ],
      not_in("$app:8443", ", which has '$app'") ],
    [ 'no www.', 'GET /list/', [ Origin => 'https://shop.example' ],
      not_in('https://shop.example', ", which has 'https://www.shop.example'")
    ],
    [ 'www.', 'GET /list/', [ Origin => 'https://www.app.example.com' ],
      not_in('https://www.app.example.com', ", which has '$app'") ],
    [ 'a dot', 'GET /list/', [ Origin => "$app." ],
      not_in("$app.", ", which has '$app'") ],
    [ 'a host of another scheme', 'GET /list/',
      [ Origin => 'capacitor://LocalHost' ],
      not_in('capacitor://LocalHost', ", which has 'capacitor://localhost'")
    ],
    [ 'https, in another line', 'GET /list/',
      [ Origin => 'https://dev.example:8080' ],
      not_in('https://dev.example:8080',
             "; $second has 'http://dev.example:8080'") ],
    [ 'http under a wildcard', 'GET /list/',
      [ Origin => 'http://a.example.org' ],
      not_in('http://a.example.org', "; $second has 'https://*.example.org' "
             . "for 'https://a.example.org'") ],
    [ 'http, and the other is taken out', 'GET /list/',
      [ Origin => 'http://staging.example.org' ],
      not_in('http://staging.example.org') ],
    [ 'a port that is listed', 'GET /list/',
      [ Origin => 'http://dev.example' ], not_in('http://dev.example') ],
    [ 'http and a port', 'GET /list/', [ Origin => "$http:8080" ],
      not_in("$http:8080") ],
    [ 'a sub-domain', 'GET /list/', [ Origin => 'https://a.app.example.com' ],
      not_in('https://a.app.example.com') ],
    [ 'null', 'GET /list/', [ Origin => 'null' ], not_in('null', $null) ],
    [ 'one taken out', 'GET /list/',
      [ Origin => 'https://staging.example.org' ],
      "denied-origin: origin 'https://staging.example.org' is taken out by "
      . "CorsAllowOrigin '-https://staging.example.org' "
      . '(<CorsAllowOrigin -https://staging.example.org>)' ],
    [ 'one taken out of all', 'GET /but/', [ Origin => $evil ],
      "denied-origin: origin '$evil' is taken out by "
      . "CorsAllowOrigin '-$evil' (<CorsAllowOrigin * -$evil>)" ],
    [ 'the empty list', 'GET /none/', [ Origin => $app ],
      "denied-origin: origin '$app' is not in "
      . 'CorsAllowOrigin (<CorsAllowOrigin none>)' ],
    [ 'same-site', 'GET /same/', [ Origin => $evil ],
      "denied-origin: origin '$evil' is not in "
      . 'CorsAllowOrigin (<CorsAllowOrigin same-site>)' ],
    [ 'http under same-site, with credentials', 'GET /login/',
      [ Origin => 'http://localhost.example.com' ],
      "denied-origin: origin 'http://localhost.example.com' of "
      . "CorsAllowOrigin 'same-site' "
      . '(<CorsAllowOrigin same-site https://login.example>) must not meet '
      . 'CorsAllowCredentials On (<CorsAllowCredentials On>): whoever '
      . 'controls the network speaks for an http origin; write https, or '
      . "'CorsTolerate insecure-origin'",
      { host => 'www.example.com' } ],
    [ 'all, who must not have credentials', 'GET /barred/a.txt',
      [ Origin => $evil ],
      "denied-origin: origin '$evil' has only CorsAllowOrigin '*' "
      . '(<htdocs/barred/.htaccess:CorsAllowOrigin *>), which matches '
      . 'nobody: it must not meet CorsAllowCredentials On '
      . '(<htdocs/barred/.htaccess:CorsAllowCredentials On>): every site '
      . 'could act for the user; list the origins' ],
    [ 'a regular expression', 'GET /match/',
      [ Origin => 'http://m1.example.com' ],
      "denied-origin: origin 'http://m1.example.com' is not in "
      . 'CorsAllowOriginMatch (<CorsAllowOriginMatch ...>)' ],
    [ 'a condition', 'GET /expr/', [ Origin => 'http://expr.example' ],
      "denied-origin: origin 'http://expr.example' is not in "
      . 'CorsAllowOriginExpr (<CorsAllowOriginExpr ...>)' ],
    [ 'a file', 'GET /file/', [ Origin => 'http://file.example' ],
      "denied-origin: origin 'http://file.example' is not in "
      . 'CorsAllowOriginSource (<CorsAllowOriginSource file:origins.txt>)' ],
    [ 'a provider', 'GET /told/', [ Origin => 'http://other.example' ],
      "denied-origin: origin 'http://other.example' is not in "
      . "CorsAllowOriginSource (<CorsAllowOriginSource @{[ $told->source ]}>)"
    ],
    [ 'a list beside a provider', 'GET /told/',
      [ Origin => 'http://beside.example' ],
      "denied-origin: origin 'http://beside.example' is not in "
      . "CorsAllowOriginSource (<CorsAllowOriginSource @{[ $told->source ]}>)"
      . '; CorsAllowOrigin (<CorsAllowOrigin https://beside.example>) has '
      . "'https://beside.example'" ],
    [ 'a provider that cannot answer', 'GET /dead/', [ Origin => $app ],
      "source-error: origin '$app' may be one that CorsAllowOriginSource "
      . "'@{[ $dead->source ]}' (<CorsAllowOriginSource "
      . "@{[ $dead->source ]}>) would allow, which cannot answer" ],
    [ 'a rejection', 'GET /reject/', [ Origin => 'http://strict.example' ],
      "rejected: origin 'http://strict.example' is not in CorsAllowOrigin "
      . '(<CorsAllowOrigin https://strict.example>), which has '
      . "'https://strict.example'; CorsRejectUnlisted "
      . '(<CorsRejectUnlisted On>) makes that a 403' ],
    [ 'a malformed origin that is rejected', 'GET /reject/',
      [ Origin => 'strict.example' ],
      "rejected: origin 'strict.example' must begin with a scheme and '://'; "
      . 'CorsAllowOrigin (<CorsAllowOrigin https://strict.example>) has '
      . "'https://strict.example'; CorsRejectUnlisted "
      . '(<CorsRejectUnlisted On>) makes that a 403' ],
    [ 'several policies', 'GET /policies/', [ Origin => $evil ],
      "denied-origin: origin '$evil' is not in "
      . 'CorsAllowOrigin (<CorsAllowOrigin https://second.example>)' ],
    [ 'several policies, nearly the last', 'GET /policies/',
      [ Origin => 'http://second.example' ],
      "denied-origin: origin 'http://second.example' is not in "
      . 'CorsAllowOrigin (<CorsAllowOrigin https://second.example>), which '
      . "has 'https://second.example'" ],
    [ 'ReportOnly', 'GET /report/', [ Origin => $http ],
      not_in($http, ", which has '$app' (report only)") ],

    [ 'a slash', 'GET /list/', [ Origin => "$app/" ],
      "malformed-origin: origin '$app/' $slash; $list has '$app'" ],
    [ "a stranger's slash", 'GET /list/', [ Origin => "$evil/" ],
      "malformed-origin: origin '$evil/' $slash" ],
    [ 'a slash where it is taken out', 'GET /list/',
      [ Origin => 'https://staging.example.org/' ],
      "malformed-origin: origin 'https://staging.example.org/' $slash" ],
    [ 'a path under a wildcard', 'GET /list/',
      [ Origin => 'https://a.example.org/x' ],
      "malformed-origin: origin 'https://a.example.org/x' $slash; $second "
      . "has 'https://*.example.org' for 'https://a.example.org'" ],
    [ 'upper case', 'GET /list/', [ Origin => 'https://App.example.com' ],
      "malformed-origin: origin 'https://App.example.com' must be in lower "
      . "case; $list has '$app'" ],
    [ 'a default port', 'GET /list/', [ Origin => "$app:443" ],
      "malformed-origin: origin '$app:443' must not name the default port of "
      . "its scheme; $list has '$app'" ],
    [ 'no scheme', 'GET /list/', [ Origin => 'app.example.com' ],
      "malformed-origin: origin 'app.example.com' must begin with a scheme "
      . "and '://'; $list has '$app'" ],
    [ 'two fields', 'GET /list/', [ Origin => $app, Origin => $app ],
      "malformed-origin: origin '$app, $app' must be one origin, without "
      . 'blanks and commas' ],
    [ 'the word of lists', 'GET /but/', [ Origin => '*' ],
      "malformed-origin: origin '*' must not have '*', which is for lists of "
      . 'origins' ],
    [ 'a malformed preflight', 'OPTIONS /list/', preflight("$app/", 'PATCH'),
      "malformed-origin: origin '$app/' $slash; $list has '$app'" ],
    [ 'ReportOnly, malformed', 'GET /report/', [ Origin => "$evil/" ],
      "malformed-origin: origin '$evil/' $slash (report only)" ],
    [ 'a slash before a provider', 'GET /told/', [ Origin => "$other/" ],
      "malformed-origin: origin '$other/' $slash" ],

    [ 'a method', 'OPTIONS /list/', preflight($app, 'PUT'),
      "denied-method: method 'PUT' of origin '$app' is not in "
      . "CorsAllowMethods $methods" ],
    [ 'a method in lower case', 'OPTIONS /list/', preflight($app, 'patch'),
      "denied-method: method 'patch' of origin '$app' is not in "
      . "CorsAllowMethods $methods; 'PATCH' is allowed, and methods are "
      . 'case-sensitive' ],
    [ 'a method in upper case', 'OPTIONS /list/', preflight($app, 'PURGE'),
      "denied-method: method 'PURGE' of origin '$app' is not in "
      . "CorsAllowMethods $methods; 'purge' is allowed, and methods are "
      . 'case-sensitive' ],
    [ 'a method that no list needs, in lower case', 'OPTIONS /list/',
      preflight($app, 'post'),
      "denied-method: method 'post' of origin '$app' is not in "
      . "CorsAllowMethods $methods; 'POST' is allowed, and methods are "
      . 'case-sensitive' ],
    [ 'a method without a list', 'OPTIONS /plain/',
      preflight('https://plain.example', 'PUT'),
      "denied-method: method 'PUT' of origin 'https://plain.example' is not "
      . "in CorsAllowMethods, $beside" ],
    [ 'a method of no page', 'OPTIONS /any/', preflight($evil, 'Trace'),
      "denied-method: method 'Trace' of origin '$evil' is not in "
      . 'CorsAllowMethods (<CorsAllowMethods *>); no page can use it' ],
    [ 'ReportOnly, a method', 'OPTIONS /report/', preflight($app, 'PUT'),
      "denied-method: method 'PUT' of origin '$app' is not in "
      . "CorsAllowMethods $methods (report only)" ],

    [ 'a header', 'OPTIONS /list/', preflight($app, 'PATCH', 'x-a,x-b'),
      "$header 'x-b' of origin '$app' is not in CorsAllowHeaders $headers" ],
    [ 'a header without a list', 'OPTIONS /plain/',
      preflight('https://plain.example', 'GET', 'X-A'),
      "$header 'X-A' of origin 'https://plain.example' is not in "
      . "CorsAllowHeaders, $beside" ],
    [ 'Authorization beside *', 'OPTIONS /any/',
      preflight($evil, 'GET', 'authorization'),
      "$header 'authorization' of origin '$evil' is not in CorsAllowHeaders "
      . "(<CorsAllowHeaders *>); '*' does not cover it, list it by name" ],
    [ 'Authorization without *', 'OPTIONS /list/',
      preflight($app, 'GET', 'authorization'),
      "$header 'authorization' of origin '$app' is not in CorsAllowHeaders "
      . $headers ],
    [ 'a header of no page', 'OPTIONS /list/',
      preflight($app, 'GET', 'cookie'),
      "$header 'cookie' of origin '$app' is not in CorsAllowHeaders $headers; "
      . 'no page can set it' ],
    [ 'too many headers', 'OPTIONS /list/',
      preflight($app, 'GET', 'x-a,' x 2000),
      "denied-header: request headers '" . 'x-a,' x 25 . "...' of origin "
      . "'$app' take more than 4096 bytes" ],

    # What clients send, made harmless and cut.
    [ 'a tab', 'GET /list/', [ Origin => "$app\t$evil" ],
      "malformed-origin: origin '$app\\t$evil' must be of visible characters"
    ],
    [ 'an escape', 'GET /list/', [ Origin => "$app\x{9b}31m" ],
      "malformed-origin: origin '$app\\x9b31m' must have a host that is a "
      . 'valid internationalised domain name' ],
    [ 'quotes and backslashes', 'GET /list/', [ Origin => q{a"b\\c'd} ],
      q{malformed-origin: origin 'a"b\\\\c'd' must begin with a scheme }
      . "and '://'" ],
    [ 'percent signs', 'GET /list/', [ Origin => 'https://%s%n.example' ],
      "malformed-origin: origin 'https://%s%n.example' must have a host of "
      . "letters, digits, '-', '_' and '.'" ],
    [ 'a long origin', 'GET /list/', [ Origin => 'https://' . 'a' x 5000 ],
      "malformed-origin: origin 'https://" . 'a' x 92 . "...' must not be "
      . 'longer than 328 bytes' ],
    [ 'a long one that is near', 'GET /but/',
      [ Origin => 'https://' . 'a.' x 60 . 'example/' ],
      "malformed-origin: origin 'https://" . 'a.' x 46 . "...' $slash; "
      . "CorsAllowOrigin (<CorsAllowOrigin * -$evil>) has '*' for 'https://"
      . 'a.' x 46 . "...'" ],
    [ 'a long method', 'OPTIONS /list/', preflight($app, 'P' x 5000),
      "denied-method: method '" . 'P' x 100 . "...' of origin '$app' is not "
      . "in CorsAllowMethods $methods" ],
    [ 'an odd method', 'OPTIONS /list/', preflight($app, "p\x80\"T"),
      "denied-method: method 'p\\x80\"T' of origin '$app' is not in "
      . "CorsAllowMethods $methods" ],
    [ 'a long header', 'OPTIONS /list/',
      preflight($app, 'GET', 'x' x 3000),
      "$header '" . 'x' x 100 . "...' of origin '$app' is not in "
      . "CorsAllowHeaders $headers" ],
    [ 'an odd header', 'OPTIONS /list/',
      preflight($app, 'GET', "x-a, x\xff\x9b[1m"),
      "$header 'x\\xff\\x9b[1m' of origin '$app' is not in CorsAllowHeaders "
      . $headers ],
);
my @allowed = (
    [ 'a listed origin', 'GET /list/', [ Origin => $app ],
      "allowed: origin '$app' by CorsAllowOrigin '$app' "
      . "(<CorsAllowOrigin $app ...>)" ],
    [ 'its preflight', 'OPTIONS /list/', preflight($app, 'PATCH', 'x-a'),
      "allowed: origin '$app' by CorsAllowOrigin '$app' "
      . "(<CorsAllowOrigin $app ...>)" ],
    [ 'a wildcard', 'GET /list/', [ Origin => 'https://a.example.org' ],
      "allowed: origin 'https://a.example.org' by CorsAllowOrigin "
      . "'https://*.example.org' (<CorsAllowOrigin https://*.example.org "
      . '...>)' ],
    [ 'the constant policy', 'GET /any/', [ Origin => $evil ],
      "allowed: origin '$evil' by CorsAllowOrigin '*' (<CorsAllowOrigin *>)"
    ],
    [ 'the constant policy, no origin at all', 'GET /any/',
      [ Origin => "\x9b" ],
      "allowed: origin '\\x9b' by CorsAllowOrigin '*' (<CorsAllowOrigin *>)"
    ],
    [ 'a source', 'GET /told/', [ Origin => $other ],
      "allowed: origin '$other' by CorsAllowOriginSource "
      . "'@{[ $told->source ]}' (<CorsAllowOriginSource "
      . "@{[ $told->source ]}>)" ],
    [ 'a file', 'GET /file/', [ Origin => 'https://file.example' ],
      "allowed: origin 'https://file.example' by CorsAllowOriginSource "
      . "'https://file.example' (<origins.txt:https://file.example>)" ],
    [ 'ReportOnly', 'GET /report/', [ Origin => $app ],
      "allowed: origin '$app' by CorsAllowOrigin '$app' "
      . "(<CorsAllowOrigin $app ...>) (report only)" ],
);
my @silent = (
    [ 'no Origin', 'GET /list/', [] ],
    [ 'no policy', 'GET /nothing/', [ Origin => $evil ] ],
    [ 'CorsEngine Off', 'GET /off/', [ Origin => $evil ] ],
);

# The place of the line that reads so, or, with `...`, begins so.
sub place {
    my ($s, $what) = @_;
    my ($file, $text) = $what =~ m{^([\w./]+):(\S.*)} ? ($1, $2)
                                                      : ('httpd.conf', $what);
    my $rest  = $text =~ s/\.\.\.\z// ? '' : '$';
    my @lines = split /\n/, $s->read_file($file);
    my @found = grep { $lines[ $_ - 1 ] =~ /^\s*\Q$text\E$rest/ }
        1 .. @lines;
    die "$what: lines @found\n" if @found != 1;
    return $s->root . "/$file:$found[0]";
}

# What a request adds to the log of this module; without what comes once a
# minute.
sub logs {
    my ($s, $line, $fields, $opt) = @_;
    my $ours   = qr/\[cors:(?!error|notice)/;
    my $before = () = $s->log_lines($ours);
    $s->request($line, $fields, %{ $opt || {} });
    my @all = $s->log_lines($ours);
    return @all[ $before .. $#all ];
}

sub check_line {
    my ($s, $level, $row) = @_;
    my ($what, $line, $fields, $says, $opt) = @$row;
    my @got  = logs($s, $line, $fields, $opt);
    my $full = $says =~ s/<([^<>]+)>/place($s, $1)/ger;
    my ($is, $said) = ($got[0] // '') =~ /^\[[^]]+\] \[cors:(\w+)\] (?#
        )\[pid [^]]+\] (?:\S+: )?\[client [^]]+\] (.*)/;
    promise(@got == 1 && $is eq $level && $said eq $full
            && $said !~ /[^ -~]/,
        "$s->{log_level}, $what: $level", $full, @got);
}

sub check_silence {
    my ($s, $row) = @_;
    my ($what, $line, $fields, undef, $opt) = @$row;
    my @got = logs($s, $line, $fields, $opt);
    promise(!@got, "$s->{log_level}, $what: not a line", @got);
}

my $barred = qr/\[cors:error\] .*'\*' \(\S+\) matches nobody: it must not/;
for my $level ('notice', 'info', 'info cors:debug') {
    my $s = CorsTest->start(
        name  => "log.t, $level", log_level => $level, conf => $conf,
        files => \%files, modules => [qw(alias socache_shmcb)],
    );
    my ($at_info, $at_debug) = ($level ne 'notice', $level =~ /debug/);

    $told->heard;
    check_line($s, 'info', $_)   for $at_info ? @refused : ();
    check_line($s, 'debug', $_)  for $at_debug ? @allowed : ();
    check_silence($s, $_)        for $at_info ? () : @refused;
    check_silence($s, $_)        for $at_debug ? () : @allowed;
    check_silence($s, $_)        for @silent;

    # Each of the origins that its rows send; nothing that is near one.
    my @heard = $told->heard;
    promise("@heard" eq "http://other.example http://beside.example $other",
        "$level: the provider is asked what clients ask", @heard);
    $s->expect_log($barred, cannot_answer($dead->source, 'out of order'));
    $s->stop;
}
CorsTest::finish();
