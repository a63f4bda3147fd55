# What the configuration takes, what it puts right, and what it refuses: each
# refusal names the directive, quotes the value, states the rule and, where
# there is one, the fix.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use Test::More;

# Arguments for httpd's reader: quoted, so that any byte gets through.
sub quoted {
    my ($text) = @_;
    $text =~ s/(["\\])/\\$1/g;
    return qq("$text");
}

# Rows: [ value, the rule, the fix ]. A fix that is not there must not be
# offered.
sub refuses {
    my ($directive, @rows) = @_;
    for my $row (@rows) {
        my ($value, $rule, $fix) = @$row;
        my $end = defined $fix ? qr/.*; did you mean '\Q$fix\E'\?$/
                               : qr/(?!.*did you mean).*$/;
        # httpd escapes what it says.
        my $shown = $value =~ s/\\/\\\\/gr;
        $shown =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ge;
        my $short = length $shown > 60 ? substr($shown, 0, 60) . '...'
                                       : $shown;
        config_error(
            "$directive " . quoted($value) . "\n",
            qr/^\Q$directive: '$shown' \E.*\Q$rule\E$end/m,
            "$directive refuses '$short'"
                . (defined $fix ? " and suggests '$fix'" : ''));
    }
}

# ---------------------------------------------------------------------------
# CorsAllowOrigin
# ---------------------------------------------------------------------------

my $scheme = "must begin with a scheme and '://'";
my $path   = 'must be scheme://host[:port] without a path';
my $user   = 'must be scheme://host[:port] without user information';
my $port   = 'must have a port from 1 to 65535 without leading zeros';
my $label  = 'must not have an empty label';
my $host   = "must have a host of letters, digits, '-', '_' and '.'";
my $ipv6   = 'must hold a valid IPv6 address between the brackets';
my $number = 'must have a host that is a domain name or a canonical IPv4';
my $blanks = 'separate several with blanks';
my $public = "must not have '*' in a label that anybody can register";
my $left   = "must have '*' in the leftmost label of its host only";
my $l63    = 'a' x 63;
my $ok     = 'https://app.example.com';

refuses('CorsAllowOrigin',
    # No scheme.
    [ 'app.example.com', $scheme, $ok ],
    [ 'app.example.com:8443', $scheme, "$ok:8443" ],
    [ '*.example.com', $scheme, 'https://*.example.com' ],
    [ '[::1]:9000', $scheme, 'https://[::1]:9000' ],
    [ 'app.example.com/', $scheme, $ok ],
    [ 'APP.example.com', $scheme, $ok ],
    [ 'https:app.example.com', $scheme ],
    [ 'https:/app.example.com', $scheme ],
    [ '://app.example.com', $scheme ],
    [ '1https://app.example.com', $scheme ],
    [ 'https', $scheme, 'https://https' ],

    # Path, query, fragment, user information.
    [ "$ok/", $path, $ok ],
    [ "$ok//", $path, $ok ],
    [ "$ok/app/index.html", $path, $ok ],
    [ "$ok:8443/", $path, "$ok:8443" ],
    [ "$ok?a=b", $path, $ok ],
    [ "$ok#top", $path, $ok ],
    [ "$ok\\", $path, $ok ],
    [ "$ok/*", $path, $ok ],
    [ 'HTTPS://App.Example.Com:443/', $path, $ok ],
    [ '//app.example.com/', $path, '//app.example.com' ],
    [ 'https://*.example.com/', $path, 'https://*.example.com' ],
    [ 'https://me@app.example.com', $user, $ok ],
    [ 'https://me:secret@app.example.com:8443/x', $user, "$ok:8443" ],
    [ '//me@app.example.com', $user, '//app.example.com' ],

    # Several in one argument.
    [ "$ok,https://b.example", $blanks ],
    [ "$ok,", $blanks ],
    [ ',', $blanks ],

    # Schemes.
    [ 'file://', "must not be a file: origin; browsers send 'null'" ],
    [ 'file:///srv/a.html', "must not be a file: origin" ],
    [ 'FILE://host', "must not be a file: origin" ],
    [ '*://app.example.com', "must not have '*' for a scheme",
      '//app.example.com' ],
    [ 'NULL', 'must be written in lower case', 'null' ],
    [ 'Null', 'must be written in lower case', 'null' ],

    # No host, or an odd one.
    [ 'https://', 'must name a host' ],
    [ '//', 'must name a host' ],
    [ 'https://:8443', 'must name a host' ],
    [ 'capacitor://', 'must name a host' ],
    [ 'https://.', $label ],
    [ 'https://.example.com', $label ],
    [ 'https://app..example.com', $label ],
    [ 'https://*..example.com', $label ],
    [ 'https://app%2eexample.com', $host ],
    [ 'https://app!.example.com', $host ],
    [ 'https://app~.example.com', $host ],
    [ 'https://app$.example.com', $host ],
    [ 'https://(app|www).example.com', $host ],
    [ 'capacitor://local host'=~ s/ /%20/r, $host ],
    [ "https://a$l63.example.com", 'labels of at most 63 bytes' ],
    [ "https://a$l63-*.example.com", 'labels of at most 63 bytes' ],
    # The first rule that is broken is the one that is told.
    [ "https://a$l63..example.com", 'labels of at most 63 bytes' ],
    [ "https://.a$l63.example.com", $label ],
    [ "https://a..b!.example.com", $host ],
    [ "https://$l63.$l63.$l63.$l63.example.com",
      'must have a host of at most 253 bytes' ],
    [ "$ok.", 'must not have a dot at the end', $ok ],
    [ 'https://*.example.com.', 'must not have a dot at the end',
      'https://*.example.com' ],
    [ "$ok.:8443", 'must not have a dot at the end' ],
    [ "x$l63://$l63.$l63.$l63." . 'a' x 66 . ':65535' . 'x' x 10,
      'must not be longer than 328 bytes' ],
    (map { [ "$ok$_", 'must be of visible characters' ] }
     "\x01", "\x1f", "\x7f"),
    [ "https://app\x7f.example.com", 'must be of visible characters' ],

    # Addresses.
    [ 'https://1.2.3', $number ],
    [ 'https://127.1', $number ],
    [ 'https://1.2.3.4.5', $number ],
    [ 'https://256.1.1.1', $number ],
    [ 'https://01.2.3.4', $number ],
    [ 'https://2130706433', $number ],
    [ 'https://0x7f000001', $number ],
    [ 'https://0x7f.0.0.1', $number ],
    [ 'https://example.1', $number ],
    [ 'https://example.0x', $number ],
    [ 'https://::1', 'must have an IPv6 address between brackets' ],
    [ 'https://2001:db8::1', 'must have an IPv6 address between brackets' ],
    [ 'https://[]', $ipv6 ],
    [ 'https://[::1', $ipv6 ],
    [ 'https://[::g]', $ipv6 ],
    [ 'https://[1::2::3]', $ipv6 ],
    [ 'https://[1.2.3.4]', $ipv6 ],
    [ 'https://[fe80::1%25eth0]', $ipv6 ],
    [ 'https://[::1]x', $ipv6 ],

    # Ports.
    (map { [ "$ok:$_", $port ] }
     '', '0', '00', '65536', '99999', '100000', '08443', '-1', '+1', '80a',
     'https', '8443*', '**'),
    [ 'https://[::1]:0', $port ],
    [ 'https://*.example.com:0', $port ],
    [ 'capacitor://localhost:0', $port ],
    [ '//app.example.com:80', 'must name the scheme' ],
    [ '//app.example.com:443', 'must name the scheme' ],

    # Wildcards.
    [ 'https://*', "must name the domain behind '*'" ],
    [ 'https://app*', "must name the domain behind '*'" ],
    [ '//*', "must name the domain behind '*'" ],
    [ 'https://*:8443', "must name the domain behind '*'" ],
    [ '**', $scheme ],
    [ 'https://app.*.com', $left ],
    [ 'https://app.example.*', $left ],
    [ 'https://app.ex*mple.com', $left ],
    [ 'https://*.*.example.com', "must not have more than one '*'" ],
    [ 'https://**.example.com', "must not have more than one '*'" ],
    [ 'https://a*b*.example.com', "must not have more than one '*'" ],
    [ 'https://*.1.2.3.4', "must not have '*' over an IP address" ],
    [ 'https://*.3.4', "must not have '*' over an IP address" ],
    [ 'https://*.[::1]', 'must ' ],
    [ 'https://[*]', 'must ' ],
    [ 'capacitor://*.localhost', "must not have '*' in its host" ],
    [ 'chrome-extension://*', "must not have '*' in its host" ],
    [ 'capacitor://localhost:*', "must not have '*' for a port" ],
);

# Whether a wildcard inside a label needs consent, and has it, is only known
# when all sections are merged, so the place is in the message and not in
# httpd's own line around it.
for my $item ('https://*example.com', 'https://pr-*.com', 'https://*-pr.com:*',
              '//*example.com', 'https://pr-*.github.io',
              'http://a-*-b.co.uk', 'https://*-pr.internal') {
    config_error("Include inc.conf\n",
        qr{\] CorsAllowOrigin: '\Q$item\E' \(\S+/inc\.conf:3\) \Q$public\E; (?#
           )put '\*\.' in front of a domain of your own, (?#
           )list the hosts, or write (?#
           )'CorsTolerate public-suffix'$}m,
        "CorsAllowOrigin refuses '$item' without consent",
        files => { 'inc.conf' => "\nCorsMaxAge 5\nCorsAllowOrigin $item\n" });
}

# Signs and none.
my $alone = "must not stand in one section with 'none', the empty list, and"
    . ' other values';
my %list = (
    CorsAllowOrigin   => $ok,
    CorsAllowMethods  => 'PUT',
    CorsAllowHeaders  => 'X-A',
    CorsExposeHeaders => 'X-A',
);
for my $directive (sort keys %list) {
    my $value = $list{$directive};
    refuses($directive,
        [ '+none', 'must be written without a sign', 'none' ],
        [ '-none', 'must be written without a sign', 'none' ],
        [ '-*', 'would remove everything', 'none' ],
    );
    for my $both (
        [ "none $value", $value ], [ "$value none", 'none' ],
        [ "none +$value", "+$value" ], [ "-$value none", 'none' ],
        [ "None\n$directive $value", $value ],
        [ "+$value\n$directive NONE", 'NONE' ],
    ) {
        my ($line, $blamed) = @$both;
        (my $shown = $line) =~ s/\n/, then /;
        config_error("$directive $line\n",
            qr/^\Q$directive: '$blamed' $alone\E$/m,
            "$directive $shown: none stands alone");
    }
    for my $nothing ('', '""', '" "', '"" ""') {
        config_error("$directive $nothing\n",
            qr/^$directive takes one or more /m,
            "$directive with nothing to read: '$nothing'");
    }
    config_error("$directive $_ $value\n", qr/^$directive: '\Q$_\E?' must /m,
        "$directive refuses '$_' alone") for '+', '-';
    config_ok("$directive none\n", "$directive none");
    config_ok("$directive NONE none\n", "$directive none in any case, twice");
    config_ok("$directive none\n<Location />\n$directive +$value\n"
        . "</Location>\n", "$directive: none and a sign in another section");
    config_ok("$directive +$value -$value $value\n",
        "$directive takes the same value with each sign");
}

# ---------------------------------------------------------------------------
# The other lists
# ---------------------------------------------------------------------------

my $no_page = 'must not be listed: no page can';
refuses('CorsAllowMethods',
    (map { [ $_, "$no_page use this method" ] }
     qw(CONNECT TRACE TRACK connect Trace)),
    (map { [ $_, 'must be written as it is registered: methods are '
                . 'case-sensitive', uc ] }
     qw(patch Patch propfind MkCol search)),
    [ 'PUT,DELETE', $blanks ],
    [ 'PUT,', $blanks ],
    [ 'P@T', 'must be a method' ],
    [ '(PUT)', 'must be a method' ],
    [ "P\xc3\x9cT", 'must be a method' ],
    [ 'PU*', "must be a method or '*'; methods have no prefixes" ],
    [ '*PUT', "must be a method or '*'; methods have no prefixes" ],
);

my $forbidden = 'must not be listed: no page can set this header';
refuses('CorsAllowHeaders',
    (map { [ $_, $forbidden ] }
     qw(Accept-Charset Accept-Encoding Access-Control-Request-Headers
        Access-Control-Request-Method Connection Content-Length Cookie Cookie2
        Date DNT Expect Host Keep-Alive Origin Referer Set-Cookie TE Trailer
        Transfer-Encoding Upgrade Via Proxy-Authorization Proxy-X
        Sec-Fetch-Mode sec-x hOST Sec-* proxy-* Sec-Fetch-*)),
    (map { [ $_, 'must be a request header: only servers send this one' ] }
     qw(Access-Control-Allow-Origin Access-Control-Allow-Credentials
        Access-Control-Allow-Methods access-control-allow-headers
        Access-Control-Expose-Headers Access-Control-Max-Age ETag Location
        Vary WWW-Authenticate)),
    [ 'X-A,X-B', $blanks ],
    [ 'X-A:', 'must be a header name' ],
    [ 'X-(A)', 'must be a header name' ],
    [ 'X-*-Id', "must not have '*' but at the end" ],
    [ '*-Id', "must not have '*' but at the end" ],
    [ 'X-**', "must not have '*' but at the end" ],
);

refuses('CorsExposeHeaders',
    (map { [ $_, 'must not be listed: no page can read this header' ] }
     qw(Set-Cookie set-cookie Set-Cookie2)),
    (map { [ $_, 'must be a response header: only browsers send this one' ] }
     qw(Authorization Cookie Host Origin Referer Range User-Agent
        If-None-Match If-Modified-Since if-range Expect
        Access-Control-Request-Method Access-Control-Request-Headers)),
    [ 'X-A,X-B', $blanks ],
    [ 'X A'=~ s/ /@/r, 'must be a header name' ],
    [ 'X-*-Id', "must not have '*' but at the end" ],
    [ '*-Id', "must not have '*' but at the end" ],
);

# What was refused with a sign in front names the item behind it.
for my $sign ('+', '-') {
    config_error("CorsAllowOrigin $sign$ok/\n",
        qr/^CorsAllowOrigin: '\Q$ok\E\/' .*did you mean '\Q$ok\E'\?/m,
        "CorsAllowOrigin refuses a path behind '$sign'");
    config_error("CorsAllowMethods ${sign}patch\n",
        qr/^CorsAllowMethods: 'patch' .*did you mean 'PATCH'\?/m,
        "CorsAllowMethods refuses patch behind '$sign'");
    config_error("CorsAllowHeaders ${sign}Cookie\n",
        qr/^CorsAllowHeaders: 'Cookie' must not/m,
        "CorsAllowHeaders refuses Cookie behind '$sign'");
}
config_error("CorsAllowOrigin $ok https://b.example/ c.example\n",
    qr{^CorsAllowOrigin: 'https://b\.example/' }m,
    'the first bad value of several is the one quoted');
config_error(qq{CorsAllowOrigin "$ok  b.example"\n},
    qr{^CorsAllowOrigin: 'b\.example' .*'https://b\.example'}m,
    'a bad value inside a quoted argument is quoted alone');
config_error("CorsAllowOrigin 'b.example $ok'\n",
    qr{^CorsAllowOrigin: 'b\.example' .*'https://b\.example'}m,
    'so it is inside single quotes');
# httpd reads two backslashes as one, and escapes what it says.
config_error("CorsAllowOrigin $ok ${_}b.example\n",
    qr{^CorsAllowOrigin: '\\\\b\.example' must begin with a scheme}m,
    "a backslash is read as httpd reads it: $_")
    for '\\', '\\\\';
config_error(qq{CorsAllowHeaders X-A\tX-B\t"X-C\tX\\"D"\n},
    qr{^CorsAllowHeaders: 'X"D' must be a header name}m,
    'an escaped quote does not end a quoted argument, and tabs separate');
config_error("CorsAllowOrigin $ok b\"$ok\"\n",
    qr{^CorsAllowOrigin: 'b"https:}m,
    'a quote inside an argument is part of it');
config_error("\n\nCorsAllowOrigin b.example\n",
    qr{^AH\d+: Syntax error on line \d+ of \S+/httpd\.conf:\s+CorsAllow}m,
    'httpd adds file and line');

# ---------------------------------------------------------------------------
# Words and times
# ---------------------------------------------------------------------------

refuses('CorsEngine', map { [ $_, 'must be On, Off or ReportOnly' ] }
    'Yes', '1', 'Report-Only', 'On ', 'Onn');
refuses('CorsAllowCredentials', map { [ $_, 'must be Off or On' ] }
    'true', 'yes', '1', 'ReportOnly');
refuses('CorsPreflight', map { [ $_, 'must be Answer or Pass' ] }
    'On', 'Off', 'answered');
refuses('CorsPreflightStatus', map { [ $_, 'must be 200 or 204' ] }
    '201', '206', '403', '0204', '204.0', 'OK');
refuses('CorsBackendHeaders', map { [ $_, 'must be Replace or Keep' ] }
    'On', 'Merge', 'unset');
refuses('CorsTolerate', map { [ $_, 'must be null-credentials, ' ] }
    'null', 'all', 'insecure', 'public-suffixes', '*');
refuses('CorsMaxAge', map { [ $_, 'must be off or a time from 0 to 86400' ] }
    '-1', '+5', ' 5', '5 ', '86401', '24h1', '25h', '1441min', '86401s',
    '1.5', '0.5h', '500ms', '1001ms', '1d', '10m', '10minutes', '1h30min',
    '0x10', 'ten', 'on', 'none', '99999999999999999999', '4294967896',
    '18446744073709551616s');

for my $row (
    [ CorsEngine => 'On', 'off', 'reportonly' ],
    [ CorsAllowCredentials => 'ON', 'off' ],
    [ CorsPreflight => 'answer', 'PASS' ],
    [ CorsPreflightStatus => '200', '204' ],
    [ CorsBackendHeaders => 'replace', 'KEEP' ],
    [ CorsTolerate => 'Null-Credentials', 'insecure-origin public-suffix',
      'loose-match' ],
    [ CorsMaxAge => qw(0 1 86400 24h 1440min 1440mi 3600s 2000ms off OFF) ],
) {
    my ($directive, @values) = @$row;
    config_ok("$directive $_\n", "$directive $_") for @values;
}

for my $directive (qw(CorsEngine CorsAllowCredentials CorsMaxAge CorsPreflight
                      CorsPreflightStatus CorsBackendHeaders)) {
    config_error("$directive $_\n", qr/^$directive takes one argument, /m,
        "$directive needs an argument, not '$_'") for '', '""';
    config_error("$directive 200 204\n", qr/^$directive takes one argument, /m,
        "$directive takes but one");
}
config_error("CorsTolerate\n", qr/^CorsTolerate requires at least one/m,
    'CorsTolerate needs an argument');

# ---------------------------------------------------------------------------
# What is accepted, odd as it may look
# ---------------------------------------------------------------------------

for my $item (
    'https://my_app.example.com', 'https://_.example.com',
    'https://-a-.example.com', 'https://a--b.example.com',
    'https://xn--mnchen-3ya.de', 'https://intranet',
    'https://1.example.com', 'https://1.2.3.example', 'https://127.0.0.1:1',
    'https://app.example.com:65535', 'http://app.example.com:443',
    'https://app.example.com:80', 'http://[::ffff:102:304]',
    'http://localhost:*', 'https://*.example.com:*', '//localhost:*',
    '//*.example.com:8443', 'https://*.com', 'https://*.co.uk',
    'https://*.github.io', 'https://*.localhost', 'http://pr-*.localhost',
    'https://a-*-b.example.com', 'https://*x.example.com',
    'capacitor://localhost', 'tauri://localhost:1420',
    'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
    'vscode-webview://1f2e', 'web+app.x-y://Host', 'ws://app.example.com',
    'null', '*', '+*', '-null', '-https://*example.com',
    "https://$l63.$l63.$l63." . 'a' x 61,
    'x' x 64 . "://$l63.$l63.$l63.$l63:65535",
) {
    config_ok("CorsAllowOrigin $item\n",
        'CorsAllowOrigin takes '
            . (length $item > 60 ? length($item) . ' bytes' : $item));
}
for my $row (
    [ CorsAllowMethods => '*', '+*', 'PATCH', 'purge', 'M-SEARCH', 'QUERY',
      "x!#\$%&'^_`|~9" ],
    [ CorsAllowHeaders => '*', '* Authorization', 'X-Acme-*', 'X_Under.Score',
      'Content-Type Accept Range', 'X-HTTP-Method-Override', 'Secret',
      'Proxy', 'If-Match', 'S*' ],
    [ CorsExposeHeaders => '*', 'X-Acme-*', 'ETag Link', 'Content-Length',
      'WWW-Authenticate', 'Set-*' ],
) {
    my ($directive, @values) = @$row;
    for my $value (@values) {
        config_ok("$directive " . quoted($value) . "\n",
            "$directive takes $value");
    }
}
config_ok(<<'CONF', 'consent to a partial wildcard in the same section');
<Location "/">
    CorsTolerate public-suffix
    CorsAllowOrigin https://*example.com
</Location>
CONF
config_ok(<<'CONF', 'consent behind the line that needs it');
<Location "/">
    CorsAllowOrigin https://*example.com
    CorsTolerate public-suffix
</Location>
CONF
config_ok(<<'CONF', 'consent to a partial wildcard at server level');
CorsTolerate insecure-origin public-suffix
<Location "/">
    CorsAllowOrigin https://*example.com
</Location>
CONF
config_error("CorsTolerate insecure-origin null-credentials\n"
    . "CorsAllowOrigin https://*example.com\n", qr/\Q$public\E/,
    'another consent does not help');

# Both names of the module are true, and what stands inside is read.
for my $name ('cors_module', 'mod_cors.c') {
    config_error("<IfModule $name>\nCorsEngine maybe\n</IfModule>\n",
        qr/^CorsEngine: 'maybe' must be/m, "<IfModule $name> is true");
    config_ok("<IfModule !$name>\nCorsEngine maybe\n</IfModule>\n",
        "<IfModule !$name> is not");
}

# ---------------------------------------------------------------------------
# Credentials that are lent
# ---------------------------------------------------------------------------

# A section that replaces the origins and inherits CorsAllowCredentials On.
my $lent = "<Location \"/a\">\nCorsAllowOrigin $ok\n"
    . "CorsAllowCredentials On\n%s</Location>\n"
    . "<Location \"/a/b\">\n%s\n</Location>\n";
my $notice = qr{:notice\] .*CorsAllowOrigin \(\S+/httpd\.conf:\d+\) replaces};
for my $row (
    [ 'CorsAllowOrigin https://b.example', 1, 'replaces the origins' ],
    [ 'CorsAllowOrigin +https://b.example', 0, 'adds to them' ],
    [ 'CorsAllowOrigin -https://b.example', 0, 'takes from them' ],
    [ 'CorsMaxAge 5', 0, 'leaves the origins alone' ],
    [ "CorsAllowOrigin https://b.example\nCorsAllowCredentials On", 0,
      'says On itself' ],
    [ "CorsAllowOrigin https://b.example\nCorsAllowCredentials Off", 0,
      'says Off' ],
) {
    my ($inner, $is_told, $text) = @$row;
    my $said = config_ok(sprintf($lent, '', $inner),
        "inherited credentials, a section that $text: accepted");
    promise(($said =~ $notice) == $is_told, "inherited credentials, a section "
        . "that $text: " . ($is_told ? 'a notice' : 'no notice'), $said);
}

# ---------------------------------------------------------------------------
# What is put right
# ---------------------------------------------------------------------------

my @mended = (
    # directive, as written, as taken
    [ CorsAllowOrigin => 'HTTPS://app.example.com', $ok ],
    [ CorsAllowOrigin => 'https://APP.Example.COM', $ok ],
    [ CorsAllowOrigin => 'https://app.example.com:443', $ok ],
    [ CorsAllowOrigin => 'http://app.example.com:80',
      'http://app.example.com' ],
    [ CorsAllowOrigin => 'Https://*.Example.com:443',
      'https://*.example.com' ],
    [ CorsAllowOrigin => '//App.example.com', '//app.example.com' ],
    [ CorsAllowOrigin => 'Capacitor://LocalHost', 'capacitor://LocalHost' ],
    [ CorsAllowOrigin => 'http://[0:0:0:0:0:0:0:1]:9000',
      'http://[::1]:9000' ],
    [ CorsAllowOrigin => 'https://[2001:DB8:0:0:1:0:0:1]',
      'https://[2001:db8::1:0:0:1]' ],
    [ CorsAllowOrigin => 'https://[::FFFF:1.2.3.4]',
      'https://[::ffff:102:304]' ],
    [ CorsAllowOrigin => '+https://[2001:db8::0001]:443',
      'https://[2001:db8::1]' ],
    [ CorsAllowMethods => 'get', 'GET' ],
    [ CorsAllowMethods => '+Put', 'PUT' ],
    [ CorsAllowMethods => 'dElEtE', 'DELETE' ],
    [ CorsAllowMethods => 'options', 'OPTIONS' ],
    [ CorsAllowMethods => 'Head', 'HEAD' ],
    [ CorsAllowMethods => 'post', 'POST' ],
);
my @right = (
    [ CorsAllowOrigin => 'https://app.example.com:8443' ],
    [ CorsAllowOrigin => 'ionic://App.Example' ],
    [ CorsAllowOrigin => 'https://[2001:db8::2]' ],
    [ CorsAllowMethods => 'PUT' ],
    [ CorsAllowMethods => 'purge' ],
    [ CorsAllowHeaders => 'x-a' ],
);
my $n = 0;
my $conf = join '', map {
    $n++;
    qq{<Location "/note-$n">\n    $_->[0] $_->[1]\n</Location>\n}
} @mended, @right;
my $s = CorsTest->start(
    files => {
        'htdocs/a.txt'          => "hi\n",
        'htdocs/note-1'         => "hi\n",
        'htdocs/dir/a.txt'      => "hi\n",
        'htdocs/dir/.htaccess'  => 'CorsAllowOrigin HTTPS://Dir.Example:443'
            . "\nCorsAllowMethods put\n",
    },
    conf => $conf . sprintf($lent, '', 'CorsAllowOrigin https://b.example'),
);
$s->expect_log($notice);
for my $round ('start', 'restart') {
    my @notes = $s->log_lines(qr/\[cors:info\] .* is taken as /);
    for my $row (@mended) {
        my ($directive, $from, $to) = @$row;
        $from =~ s/^\+//;
        my $note = qr/\] $directive: '\Q$from\E' is taken as '\Q$to\E' (?#
                     )\(\S+\/httpd\.conf:\d+\)$/;
        my @found = grep { $_ =~ $note } @notes;
        promise(@found == ($round eq 'start' ? 1 : 2),
            "$round: $from is noted once, as $to", @notes);
    }
    promise(@notes == @mended * ($round eq 'start' ? 1 : 2),
        "$round: what is right is not noted", @notes);
    my @lent = $s->log_lines($notice);
    promise(@lent == ($round eq 'start' ? 1 : 2),
        "$round: credentials that are lent are pointed out once", @lent);
    $s->restart if $round eq 'start';
}
$s->promises(
    [ 'what was put right is what counts', 'GET /note-1', { Origin => $ok },
      { acao => $ok, vary => 'Origin' } ],
    [ '.htaccess is put right', 'GET /dir/a.txt',
      { Origin => 'https://dir.example' },
      { acao => 'https://dir.example', vary => 'Origin' } ],
    [ '.htaccess is put right, methods too', 'OPTIONS /dir/a.txt',
      preflight('https://dir.example', 'PUT'),
      { status => 204, acao => 'https://dir.example', acam => 'PUT',
        acma => 600, vary => $TRIO } ],
);
promise(!$s->log_lines(qr/Dir\.Example/i), 'an .htaccess is never noted',
    $s->log_lines(qr/Dir\.Example/i));

CorsTest::finish();
