# `same-site`, the Public Suffix List behind it, and hosts that are written
# in other letters than browsers send.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use File::Temp ();
use IPC::Open2 qw(open2);
use Test::More;

# ---------------------------------------------------------------------------
# A server with a certificate
# ---------------------------------------------------------------------------

# A key of this run, nobody's authority, for the names below.
sub certificate {
    my $tmp = File::Temp->newdir;
    open my $out, '>', "$tmp/conf" or die "$tmp/conf: $!\n";
    print $out <<'CONF';
[req]
distinguished_name = name
x509_extensions = v3
prompt = no
[name]
CN = www.example.co.uk
[v3]
basicConstraints = critical, CA:FALSE
subjectAltName = DNS:www.example.co.uk
CONF
    close $out;
    my $said = qx(openssl req -x509 -newkey rsa:2048 -nodes -days 2 \\
        -config $tmp/conf -keyout $tmp/key -out $tmp/cert 2>&1);
    die "openssl makes no certificate: $said\n" if $?;
    return map {
        open my $in, '<', "$tmp/$_" or die "$_: $!\n";
        local $/;
        scalar <$in>;
    } qw(cert key);
}

my ($cert, $key) = certificate();
my %files = map { ("htdocs/$_" => "hi\n") }
    'a.txt', map { "$_/a.txt" }
    qw(only cred tolerated minus minus-too plus gate off tenant front old);
$files{'tls/cert'} = $cert;
$files{'tls/key'}  = $key;
$files{'htdocs/ht/a.txt'}     = "hi\n";
$files{'htdocs/ht/.htaccess'} = "CorsAllowOrigin same-site\n";
$files{'htdocs/front/index.txt'} = "front\n";

my $sections = <<'CONF';
    CorsAllowOrigin same-site
    <Location "/cred">
        CorsAllowCredentials On
    </Location>
    <Location "/tolerated">
        CorsAllowCredentials On
        CorsTolerate insecure-origin
    </Location>
    <Location "/minus">
        CorsAllowOrigin https://*.example.co.uk https://*.other.test -same-site
    </Location>
    <Location "/minus-too">
        CorsAllowOrigin *
    </Location>
    <Location "/minus-too/in">
        CorsAllowOrigin -same-site
    </Location>
    <Location "/plus">
        CorsAllowOrigin https://one.test same-site https://*.two.test \
            -https://bad.example.co.uk
    </Location>
    <Location "/gate">
        CorsRejectUnlisted On
    </Location>
    <Location "/off">
        CorsAllowOrigin https://one.test
    </Location>
    <Directory "@DOCROOT@/front">
        FallbackResource /front/index.txt
    </Directory>
    RedirectMatch ^/old/(.*) /only/$1
CONF
my $conf = <<"CONF";
SSLSessionCache none
Listen 127.0.0.1:\@PORT2\@
Listen 127.0.0.1:\@PORT3\@
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName localhost
    ServerAlias *
$sections</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT2\@>
    ServerName www.example.co.uk
    ServerAlias *
    SSLEngine On
    SSLCertificateFile "\@ROOT\@/tls/cert"
    SSLCertificateKeyFile "\@ROOT\@/tls/key"
$sections</VirtualHost>
# Something in front of it speaks TLS, and the server has been told.
<VirtualHost 127.0.0.1:\@PORT3\@>
    ServerName https://www.example.co.uk
    ServerAlias *
$sections</VirtualHost>
CONF
my $s = CorsTest->start(
    modules   => [qw(alias headers ssl)],
    ports     => 3,
    files     => \%files,
    log_level => 'info cors:debug ssl:error',
    conf      => $conf);

# ---------------------------------------------------------------------------
# Hosts
# ---------------------------------------------------------------------------

# Host field, origins that are the same site, and origins that are not.
my @hosts = (
    [ 'www.example.co.uk',
      [ qw(https://shop.example.co.uk https://example.co.uk
           https://www.example.co.uk http://shop.example.co.uk
           https://a.b.c.example.co.uk https://shop.example.co.uk:8443
           http://www.example.co.uk:3000) ],
      [ qw(https://other.co.uk https://www.other.co.uk https://co.uk
           https://uk https://evilexample.co.uk https://example.co.uk.test
           https://www.example.co.uk.evil.test https://example.com
           https://wwwxexample.co.uk https://shop.example.co.uk.
           app://shop.example.co.uk ws://shop.example.co.uk
           https://example.co https://127.0.0.1 null) ] ],
    [ 'www.example.co.uk:8080',
      [ qw(https://shop.example.co.uk http://shop.example.co.uk:99) ],
      [ qw(https://other.co.uk null) ] ],
    [ 'WWW.Example.CO.UK', [qw(https://shop.example.co.uk)],
      [qw(https://other.co.uk)] ],
    # A dot at the end is taken off by httpd, not by browsers.
    [ 'www.example.co.uk.', [qw(https://shop.example.co.uk)],
      [qw(https://other.co.uk https://shop.example.co.uk.)] ],
    [ 'alice.github.io', [ qw(https://alice.github.io
                              https://x.alice.github.io) ],
      [qw(https://bob.github.io https://github.io https://github.com)] ],
    # A suffix is a site of its own, nobody else's.
    [ 'github.io', [qw(https://github.io)],
      [qw(https://bob.github.io https://io)] ],
    [ 'co.uk', [qw(https://co.uk)], [qw(https://example.co.uk https://uk)] ],
    [ 'com', [qw(https://com http://com)],
      [qw(https://example.com https://org)] ],
    [ 'app.test', [qw(https://app.test https://www.app.test)],
      [qw(https://other.test https://test)] ],
    [ 'localhost', [ qw(https://localhost http://localhost:3000) ],
      [qw(https://a.localhost https://127.0.0.1 https://localhost.test)] ],
    [ 'a.localhost', [ qw(https://a.localhost http://b.a.localhost:81) ],
      [qw(https://localhost https://b.localhost)] ],
    [ 'intranet', [qw(https://intranet http://intranet)],
      [qw(https://x.intranet https://intranet.test)] ],
    [ '192.0.2.7', [qw(https://192.0.2.7 http://192.0.2.7:81)],
      [ qw(https://192.0.2.8 https://1.192.0.2.7 https://2.7
           https://[::ffff:192.0.2.7] https://192.0.2.7.test) ] ],
    [ '[2001:db8::7]', [qw(https://[2001:db8::7] http://[2001:db8::7]:81)],
      [qw(https://[2001:db8::8] https://[::7])] ],
    [ '[2001:DB8:0:0:0::7]:81', [qw(https://[2001:db8::7])],
      [qw(https://[2001:db8::8])] ],
    [ 'www.xn--bcher-kva.example', [ qw(https://shop.xn--bcher-kva.example
                                       https://xn--bcher-kva.example) ],
      [qw(https://bcher.example https://www.bucher.example)] ],
    [ 'www.xn--85x722f.com.cn', [qw(https://shop.xn--85x722f.com.cn)],
      [qw(https://other.com.cn)] ],
);
for my $case (@hosts) {
    my ($host, $same, $others) = @$case;
    $s->promises((map {
        [ "on $host: $_ is of the site", 'GET /only/a.txt', { Origin => $_ },
          { acao => $_, vary => 'Origin', body => "hi\n" },
          { host => $host } ]
    } @$same), map {
        [ "on $host: $_ is not", 'GET /only/a.txt', { Origin => $_ },
          { vary => 'Origin', body => "hi\n" }, { host => $host } ]
    } @$others);
}

my $www  = 'https://www.example.co.uk';
my $shop = 'https://shop.example.co.uk';
my $http = 'http://shop.example.co.uk';
my %at   = (host => 'www.example.co.uk');
my %pre  = (status => 204, acam => 'GET, HEAD, POST', acma => 600,
            vary => $TRIO);
my %no   = (status => 403, vary => $TRIO, body => '');
$s->promises(
    # Around the item.
    [ 'a preflight', 'OPTIONS /only/a.txt', preflight($shop, 'GET'),
      { %pre, acao => $shop }, \%at ],
    [ 'a preflight from elsewhere', 'OPTIONS /only/a.txt',
      preflight('https://other.co.uk', 'GET'), \%no, \%at ],
    [ 'a preflight of null', 'OPTIONS /only/a.txt', preflight('null', 'GET'),
      \%no, \%at ],
    [ 'Vary is there without Origin', 'GET /only/a.txt', {},
      { vary => 'Origin' }, \%at ],
    [ 'and on errors', 'GET /only/none', { Origin => $shop },
      { status => 404, acao => $shop, vary => 'Origin' }, \%at ],
    [ 'and on redirects', 'GET /old/a.txt', { Origin => $shop },
      { status => 302, acao => $shop, vary => 'Origin' }, \%at ],
    [ 'an internal redirect keeps the host', 'GET /front/any/thing',
      { Origin => $shop }, { acao => $shop, vary => 'Origin',
                             body => "front\n" }, \%at ],
    [ 'and another is still another', 'GET /front/any/thing',
      { Origin => 'https://other.co.uk' },
      { vary => 'Origin', body => "front\n" }, \%at ],
    [ 'the host of the request line counts', "GET $http/only/a.txt"
          =~ s/shop\.example/www.one/r, { Origin => 'https://a.one.co.uk' },
      { acao => 'https://a.one.co.uk', vary => 'Origin' }, \%at ],
    [ 'not that of the field beside it', "GET $http/only/a.txt"
          =~ s/shop\.example/www.one/r, { Origin => $shop },
      { vary => 'Origin' }, \%at ],
    [ 'an .htaccess may say it', 'GET /ht/a.txt', { Origin => $shop },
      { acao => $shop, vary => 'Origin' }, \%at ],
    [ 'another in the same .htaccess', 'GET /ht/a.txt',
      { Origin => 'https://other.co.uk' }, { vary => 'Origin' }, \%at ],
    [ 'upper case is no origin', 'GET /only/a.txt',
      { Origin => 'https://SHOP.example.co.uk' }, { vary => 'Origin' },
      \%at ],
    [ 'beside others: one.test', 'GET /plus/a.txt',
      { Origin => 'https://one.test' },
      { acao => 'https://one.test', vary => 'Origin' }, \%at ],
    [ 'beside others: *.two.test', 'GET /plus/a.txt',
      { Origin => 'https://a.two.test' },
      { acao => 'https://a.two.test', vary => 'Origin' }, \%at ],
    [ 'beside others: the site', 'GET /plus/a.txt', { Origin => $shop },
      { acao => $shop, vary => 'Origin' }, \%at ],
    [ 'beside others: what is taken out', 'GET /plus/a.txt',
      { Origin => 'https://bad.example.co.uk' }, { vary => 'Origin' },
      \%at ],
    [ 'beside others: strangers', 'GET /plus/a.txt',
      { Origin => 'https://three.test' }, { vary => 'Origin' }, \%at ],
    [ 'a list inside replaces it', 'GET /off/a.txt', { Origin => $shop },
      { vary => 'Origin' }, \%at ],
    [ '-same-site takes the site out', 'GET /minus/a.txt',
      { Origin => $shop }, { vary => 'Origin' }, \%at ],
    [ '-same-site leaves others', 'GET /minus/a.txt',
      { Origin => 'https://a.other.test' },
      { acao => 'https://a.other.test', vary => 'Origin' }, \%at ],
    [ '-same-site on another site takes nothing out', 'GET /minus/a.txt',
      { Origin => $shop }, { acao => $shop, vary => 'Origin' },
      { host => 'www.one.test' } ],
    [ '-same-site in a section inside', 'GET /minus-too/in/none',
      { Origin => $shop }, { status => 404, vary => 'Origin' }, \%at ],
    [ '-same-site inside leaves others', 'GET /minus-too/in/none',
      { Origin => 'https://a.test' },
      { status => 404, acao => 'https://a.test', vary => 'Origin' }, \%at ],
    [ 'CorsRejectUnlisted lets the site in', 'GET /gate/a.txt',
      { Origin => $shop }, { acao => $shop, vary => 'Origin' }, \%at ],
    [ 'and others not', 'GET /gate/a.txt',
      { Origin => 'https://other.co.uk' },
      { status => 403, vary => 'Origin' }, \%at ],

    # Credentials.
    [ 'with credentials', 'GET /cred/a.txt', { Origin => $shop },
      { acao => $shop, acac => 'true', vary => 'Origin' }, \%at ],
    [ 'never over http', 'GET /cred/a.txt', { Origin => $http },
      { vary => 'Origin' }, \%at ],
    [ 'nor in its preflight', 'OPTIONS /cred/a.txt', preflight($http, 'GET'),
      \%no, \%at ],
    [ 'unless tolerated', 'GET /tolerated/a.txt', { Origin => $http },
      { acao => $http, acac => 'true', vary => 'Origin' }, \%at ],
    [ 'localhost is not insecure', 'GET /cred/a.txt',
      { Origin => 'http://localhost:3000' },
      { acao => 'http://localhost:3000', acac => 'true', vary => 'Origin' },
      { host => 'localhost' } ],
    [ 'null has none', 'GET /tolerated/a.txt', { Origin => 'null' },
      { vary => 'Origin' }, \%at ],
);
promise($s->log_lines(
    qr{denied-origin: origin '$http' of CorsAllowOrigin 'same-site'}, 5),
    'the log names the item that would have allowed it');
promise($s->log_lines(
    qr{allowed: origin '$shop' by CorsAllowOrigin 'same-site' \(\S+:\d+\)},
    5), 'and that did');

# Without Host nobody knows the site.
for my $origin ($shop, 'https://localhost', 'null') {
    my ($res) = $s->raw(
        "GET /only/a.txt HTTP/1.0\r\nOrigin: $origin\r\n\r\n");
    promise($res->status == 200 && !$res->fields('Access-Control-Allow-Origin')
            && $res->field('Vary') eq 'Origin',
        "without Host, $origin is not of the site", $res->transcript);
}

# ---------------------------------------------------------------------------
# Over TLS
# ---------------------------------------------------------------------------

# One request over TLS; its response.
sub over_tls {
    my ($line, @fields) = @_;
    my $head = "$line HTTP/1.1\r\nHost: www.example.co.uk\r\n"
        . "Connection: close\r\n";
    while (my ($name, $value) = splice @fields, 0, 2) {
        $head .= "$name: $value\r\n";
    }
    my $pid = open2(my $from, my $to, 'exec openssl s_client -quiet '
        . '-servername www.example.co.uk -connect 127.0.0.1:' . $s->port(2)
        . ' 2>/dev/null');
    print $to "$head\r\n";
    local $/;
    my $text = <$from>;
    close $to;
    waitpid $pid, 0;
    my ($first) = $text =~ /^(.*?\r\n)\r\n/s or die "no TLS: $text\n";
    return CorsTest::Response->new($first, $head);
}

for my $case (
    [ 'an https origin over https', 'GET /only/a.txt', $shop,
      { acao => $shop, vary => 'Origin' } ],
    [ 'the same host', 'GET /only/a.txt', $www,
      { acao => $www, vary => 'Origin' } ],
    [ 'another port', 'GET /only/a.txt', "$shop:8443",
      { acao => "$shop:8443", vary => 'Origin' } ],
    [ 'an http origin over https', 'GET /only/a.txt', $http,
      { vary => 'Origin' } ],
    [ 'the same host over http', 'GET /only/a.txt',
      'http://www.example.co.uk', { vary => 'Origin' } ],
    [ 'another site', 'GET /only/a.txt', 'https://other.co.uk',
      { vary => 'Origin' } ],
    [ 'consent to insecure ones is none', 'GET /tolerated/a.txt', $http,
      { vary => 'Origin' } ],
    [ 'credentials', 'GET /cred/a.txt', $shop,
      { acao => $shop, acac => 'true', vary => 'Origin' } ],
) {
    my ($text, $line, $origin, $expected) = @$case;
    my $res = over_tls($line, Origin => $origin);
    my @wrong = $res->differences($expected);
    promise(!@wrong, "over TLS: $text", @wrong, $res->transcript);
}
$s->promises(map {
    my ($origin, @allowed) = @$_;
    [ "with https in ServerName: $origin", 'GET /only/a.txt',
      { Origin => $origin }, { vary => 'Origin', @allowed },
      { host => 'www.example.co.uk', port => $s->port(3) } ]
} [ $shop, acao => $shop ], [$http]);

# ---------------------------------------------------------------------------
# A list of one's own
# ---------------------------------------------------------------------------

my $list = "// A list for this test.\ncom\nuk\nexample\n"
    . "corp.example\n*.wild.example\n!not.wild.example\n";
my $policy = "<VirtualHost 127.0.0.1:\@PORT\@>\n    ServerName localhost\n"
    . "    ServerAlias *\n    CorsAllowOrigin same-site\n</VirtualHost>\n";

sub sites {
    my ($server, $when, @cases) = @_;
    $server->promises(map {
        my ($host, $origin, $is) = @$_;
        [ "$when: $origin is " . ($is ? '' : 'not ') . "of the site of $host",
          'GET /a.txt', { Origin => $origin },
          { vary => 'Origin', $is ? (acao => $origin) : () },
          { host => $host } ]
    } @cases);
}

my @own = (
    [ 'a.corp.example', 'https://b.corp.example', 0 ],
    [ 'a.corp.example', 'https://x.a.corp.example', 1 ],
    [ 'www.shop.example', 'https://a.shop.example', 1 ],
    [ 'a.b.wild.example', 'https://c.b.wild.example', 0 ],
    [ 'a.not.wild.example', 'https://b.not.wild.example', 1 ],
    [ 'one.co.uk', 'https://two.co.uk', 1 ],
);
my @debian = (
    [ 'a.corp.example', 'https://b.corp.example', 1 ],
    [ 'one.co.uk', 'https://two.co.uk', 0 ],
);
my $psl = CorsTest->start(
    name  => 'list',
    files => { 'htdocs/a.txt' => "hi\n", 'conf.d/list.dat' => $list,
               'htdocs/h/.htaccess' => "CorsPublicSuffixFile list.dat\n" },
    conf  => "CorsPublicSuffixFile conf.d/list.dat\n$policy");
sites($psl, 'a list of the server', @own);
$psl->write_file('conf.d/list.dat', "com\nexample\nco.uk\n");
sites($psl, 'a list that has changed, before a restart', @own);
$psl->restart;
sites($psl, 'and after it', @debian);
$psl->promises([ 'not in .htaccess', 'GET /h/a.txt', {},
    { status => 500, vary => 'Origin' } ]);
$psl->expect_log(qr/CorsPublicSuffixFile not allowed here/);
sites(CorsTest->start(name => 'no list', conf => $policy,
        files => { 'htdocs/a.txt' => "hi\n" }),
    'the list of the system', @debian);

my %with = (files => {
    'list.dat' => $list, 'other.dat' => "com\nuk\nco.uk\nexample\n",
    'empty.dat' => '', 'words.dat' => "// nothing but this\n", 'x/y' => '',
});
my $credentials = sub {
    return "<Location /x>\n    CorsAllowCredentials On\n"
        . "    CorsAllowOrigin $_[0]\n</Location>\n";
};
my $file   = "CorsPublicSuffixFile list.dat\n";
my $public = qr{
    CorsAllowOrigin:\ '\S+'\ \(\S+:\d+\)\ must\ not\ meet\ .*
    'CorsTolerate\ public-suffix'
}x;
my $label = qr/'\S+corp\.example' \(\S+:\d+\) must not have '\*' in a label/;
for my $case (
    [ 0, $credentials->('https://*.corp.example'), $public,
      'a suffix of the list' ],
    [ 0, $credentials->('https://*.b.wild.example'), $public,
      'a suffix by a rule with a wildcard' ],
    [ 1, $credentials->('https://*.not.wild.example'), undef,
      'an exception of the list' ],
    [ 1, $credentials->('https://*.co.uk'), undef, 'no suffix in this list' ],
    [ 0, "CorsAllowOrigin https://pr-*.corp.example\n", $label,
      'a partial wildcard' ],
    [ 0, "CorsAllowOriginMatch https://[a-z]+\\.corp\\.example\n",
      qr/\(public suffix\)/, 'an expression' ],
    [ 1, "CorsAllowOriginMatch https://[a-z]+\\.co\\.uk\n", undef,
      'an expression over what is none' ],
) {
    my ($is_fine, $lines, $rule, $text) = @$case;
    $is_fine ? config_ok($file . $lines, $text, %with)
        : config_error($file . $lines, $rule, $text, %with);
    config_error($lines . $file,
        qr/CorsPublicSuffixFile: 'list.dat' must be named once, and in front/,
        "$text: not behind the lines that need the list", %with);
}
config_error($credentials->('https://*.co.uk'), $public,
    'the list of the system', %with);
config_ok($credentials->('https://*.corp.example'),
    'what it does not have', %with);
config_ok('CorsPublicSuffixFile "@ROOT@/list.dat"' . "\n", 'a whole path',
    %with);
config_error($file . 'CorsPublicSuffixFile other.dat',
    qr/CorsPublicSuffixFile: 'other.dat' must be named once/,
    'there is one list', %with);
for my $bad (qw(none.dat empty.dat words.dat x)) {
    config_error("CorsPublicSuffixFile $bad\n",
        qr/CorsPublicSuffixFile: '$bad' must be a readable Public Suffix List/,
        "$bad is no list", %with);
}
config_error("CorsPublicSuffixFile\n", qr/CorsPublicSuffixFile takes one/,
    'a file is needed', %with);
for my $section (
    [ '<VirtualHost *:@PORT@>', "    ServerName a.example\n" ],
    ['<Directory "@DOCROOT@">'], ['<Location /x>'], ['<Files x>'],
    ['<CorsPolicy p>'], ['<If true>'],
) {
    my ($open, $more) = @$section;
    my ($word) = $open =~ /^<(\w+)/;
    config_error("$open\n" . ($more // '') . "    $file</$word>\n",
        qr/CorsPublicSuffixFile\b/, "not inside of <$word>", %with);
}
config_ok("<IfModule cors_module>\n    $file</IfModule>\n",
    'but inside of <IfModule>', %with);

# ---------------------------------------------------------------------------
# Other letters
# ---------------------------------------------------------------------------

# As it is written in the configuration, and what browsers send.
my @idn = (
    [ 'https://bücher.example', 'https://xn--bcher-kva.example' ],
    [ 'https://BÜCHER.Example', 'https://xn--bcher-kva.example' ],
    [ 'HTTPS://Bücher.example:443', 'https://xn--bcher-kva.example' ],
    [ 'https://bücher.example:8443', 'https://xn--bcher-kva.example:8443' ],
    [ 'https://straße.example', 'https://xn--strae-oqa.example' ],
    [ 'https://shop.bücher.example', 'https://shop.xn--bcher-kva.example' ],
    [ 'https://*.bücher.example', 'https://a.xn--bcher-kva.example' ],
    [ 'https://pr-*.bücher.example', 'https://pr-7.xn--bcher-kva.example' ],
    [ '//bücher.example', 'http://xn--bcher-kva.example' ],
    [ 'http://bücher.example:*', 'http://xn--bcher-kva.example:81' ],
    [ 'https://例え.テスト', 'https://xn--r8jz45g.xn--zckzah' ],
    [ 'https://пример.испытание', 'https://xn--e1afmkfd.xn--80akhbyknj4f' ],
    [ 'https://例え。example', 'https://xn--r8jz45g.example' ],
);
my $i = 0;
my %idn_files = map { $i++; ("htdocs/i$i/a.txt" => "hi\n",
    "htdocs/h$i/a.txt" => "hi\n",
    "htdocs/h$i/.htaccess" => "CorsAllowOrigin $_->[0]\n") } @idn;
$i = 0;
my $idn = CorsTest->start(
    name  => 'letters',
    files => \%idn_files,
    conf  => join '', map {
        $i++;
        qq{<Location "/i$i">\n    CorsAllowOrigin $_->[0]\n</Location>\n}
    } @idn);
$i = 0;
for my $case (@idn) {
    my ($item, $origin) = @$case;
    $i++;
    my @wanted = ({ Origin => $origin }, { acao => $origin,
                                           vary => 'Origin' });
    my @not = map { [ "$item does not match what looks like it: $_",
        "GET /i$i/a.txt", { Origin => $_ }, { vary => 'Origin' } ]
    } grep { $_ ne $origin } $item =~ /^https?:..[^*]*$/ ? $item : (),
        'https://bucher.example', 'https://xn--bcher-kva.example.test',
        'https://xn--bcher-kvb.example';
    $idn->promises(
        [ "$item matches $origin", "GET /i$i/a.txt", @wanted ],
        [ "$item matches in .htaccess", "GET /h$i/a.txt", @wanted ], @not);

    # httpd writes the bytes of other letters as escapes.
    (my $text = $item) =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ge;
    promise($idn->log_lines(
        qr/\[cors:info\] .*CorsAllowOrigin: '\Q$text\E' is taken as '/, 5),
        "$item: a note says what it is taken for");
}
promise(!$idn->log_lines(qr/is taken as .*htaccess/),
    'no notes from .htaccess');

for my $bad (
    [ 'https://bü*.example', qr/must have ASCII characters only/ ],
    [ "https://b\xff.example", qr/must/ ],
    [ 'https://a‥b.example', qr/must/ ],
    [ 'https://bücher/.example', qr/without a path/ ],
    [ 'https://' . 'ü' x 60 . '.example', qr/must/ ],
    [ "https://a\x{e2}\x{80}\x{8b}\x{ff}b.example", qr/must/ ],
) {
    my ($item, $rule) = @$bad;
    config_error("CorsAllowOrigin $item\n", qr/CorsAllowOrigin: .* $rule/,
        "'" . substr($item, 0, 40) . "' is no host");
}

CorsTest::finish();
