# What `httpd -t -D DUMP_CORS` prints: for each server and section the values
# that are in force, each on a line of its own with the place that wrote it,
# outer ones with their outer place; and that the same configuration always
# prints the same, a changed line no more than itself.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use Test::More;

# The text under test is a file of its own, so that its lines have numbers
# that are known here: ` :3` stands for its third line.
sub dump_of {
    my ($conf, %opt) = @_;
    my %files = ('cors.conf' => $conf, %{ $opt{files} || {} });
    return config_prints("Include cors.conf\n", args => ['-DDUMP_CORS'], %opt,
                         files => \%files);
}

sub dumps {
    my ($text, $conf, $expected, %opt) = @_;
    $expected =~ s{ ((?:\w+\.conf)?):(\d+)$}
                  {' (@ROOT@/' . ($1 || 'cors.conf') . ":$2)"}gem;
    my $dump = dump_of($conf, %opt);
    promise($dump eq $expected, $text, 'got:', $dump, 'expected:', $expected);
}

# ---------------------------------------------------------------------------
# The server
# ---------------------------------------------------------------------------

dumps('nothing is configured', '', "server localhost\n");

dumps('one line', <<'CONF', <<'DUMP');
CorsAllowOrigin https://app.example.com
CONF
server localhost
    CorsAllowOrigin https://app.example.com :1
DUMP

my %all = (modules => ['socache_shmcb'],
           files   => { 'origins.txt' => "https://hidden.example.com\n" });
dumps('every directive as it is documented, in the order of the reference',
      <<'CONF', <<'DUMP', %all);
corsallowprivatenetwork on
corsresourcepolicy SAME-SITE
corstimingalloworigin on
corsrejectunlisted on
corsforwardorigin off
corsbackendheaders keep
corspreflightstatus 200
corspreflight pass
corsmaxage 10min
corstolerate insecure-origin
corsallowcredentials on
corsexposeheaders ETag X-Acme-*
corsallowheaders *
corsallowmethods GET PUT put
corsalloworiginsource file:origins.txt
corsalloworiginexpr "%{REQUEST_URI} == '/a'"
corsalloworiginmatch https://pr-[0-9]+\.example\.com
corsalloworigin HTTPS://App.example.com:443 https://*.example.com -null
corsengine reportonly
corshtaccess Origins "gate"
corssourcecache shmcb:@ROOT@/scratch/cache 30
corssourcetimeout 500ms
CONF
server localhost
    CorsSourceCache shmcb:@ROOT@/scratch/cache 30 :21
    CorsSourceTimeout 500ms :22
    CorsHtaccess Origins "gate" :20
    CorsEngine ReportOnly :19
    CorsAllowOrigin -null :18
    CorsAllowOrigin https://app.example.com :18
    CorsAllowOrigin https://*.example.com :18
    CorsAllowOriginSource file:origins.txt :15
    CorsAllowOriginExpr "%{REQUEST_URI} == '/a'" :16
    CorsAllowOriginMatch https://pr-[0-9]+\.example\.com :17
    CorsAllowMethods GET :14
    CorsAllowMethods PUT :14
    CorsAllowHeaders * :13
    CorsExposeHeaders ETag :12
    CorsExposeHeaders X-Acme-* :12
    CorsAllowCredentials On :11
    CorsTolerate insecure-origin :10
    CorsMaxAge 600 :9
    CorsPreflight Pass :8
    CorsPreflightStatus 200 :7
    CorsBackendHeaders Keep :6
    CorsForwardOrigin Off :5
    CorsRejectUnlisted On :4
    CorsTimingAllowOrigin On :3
    CorsResourcePolicy same-site :2
    CorsAllowPrivateNetwork On :1
DUMP

dumps('of a directive that is given twice the last line counts',
      <<'CONF', <<'DUMP');
CorsMaxAge off
CorsMaxAge 60
CorsHtaccess None
CorsHtaccess All
CorsSourceTimeout 1
CorsSourceTimeout 2
CONF
server localhost
    CorsSourceTimeout 2 :6
    CorsHtaccess All :4
    CorsMaxAge 60 :2
DUMP

dumps('what is the default shows if it was given, and only then',
      <<'CONF', <<'DUMP');
CorsAllowOrigin none
CorsAllowMethods GET HEAD POST
CorsMaxAge 600
CorsEngine On
CONF
server localhost
    CorsEngine On :4
    CorsAllowOrigin none :1
    CorsAllowMethods GET :2
    CorsAllowMethods HEAD :2
    CorsAllowMethods POST :2
    CorsMaxAge 600 :3
DUMP

dumps('lists on several lines: each entry has its line, the first one',
      <<'CONF', <<'DUMP');
CorsAllowHeaders X-A X-B
CorsAllowOrigin  https://a.example
CorsTolerate     null-credentials
CorsAllowHeaders x-a
CorsAllowHeaders X-C-* X-B X-D
CorsTolerate     public-suffix null-credentials
CorsAllowOrigin  https://a.example https://b.example
CorsExposeHeaders ETag
CorsTolerate     loose-match
CONF
server localhost
    CorsAllowOrigin https://a.example :2
    CorsAllowOrigin https://b.example :7
    CorsAllowHeaders X-A :1
    CorsAllowHeaders X-B :1
    CorsAllowHeaders X-C-* :5
    CorsAllowHeaders X-D :5
    CorsExposeHeaders ETag :8
    CorsTolerate null-credentials :3
    CorsTolerate public-suffix :6
    CorsTolerate loose-match :9
DUMP

dumps('none has the line of its own directive', <<'CONF', <<'DUMP');
CorsAllowOriginMatch https://pr-[0-9]+\.example\.com
CorsAllowOrigin none
CorsAllowOriginMatch https://mr-[0-9]+\.example\.com
CorsAllowMethods NONE
CorsExposeHeaders none
CONF
server localhost
    CorsAllowOrigin none :2
    CorsAllowOriginMatch https://pr-[0-9]+\.example\.com :1
    CorsAllowOriginMatch https://mr-[0-9]+\.example\.com :3
    CorsAllowMethods none :4
    CorsExposeHeaders none :5
DUMP

# ---------------------------------------------------------------------------
# Virtual hosts
# ---------------------------------------------------------------------------

dumps('virtual hosts: as they stand, with what they inherit',
      <<'CONF', <<'DUMP');
ServerName main.example:8080
CorsAllowOrigin https://app.example.com
CorsMaxAge 60
CorsHtaccess null
<VirtualHost *:80>
    ServerName silent.example
</VirtualHost>
<VirtualHost *:443>
    ServerName own.example:8443
    CorsAllowOrigin https://own.example.com
    CorsHtaccess None
</VirtualHost>
<VirtualHost *:80>
    ServerName adds.example
    CorsAllowOrigin +https://more.example.com
</VirtualHost>
<VirtualHost *>
    ServerName off.example
    CorsEngine Off
    <CorsPolicy mine>
        CorsMaxAge 5
    </CorsPolicy>
</VirtualHost>
CONF
server main.example:8080
    CorsHtaccess null :4
    CorsAllowOrigin https://app.example.com :2
    CorsMaxAge 60 :3
virtual host silent.example:80 :5
    CorsHtaccess null :4
    CorsAllowOrigin https://app.example.com :2
    CorsMaxAge 60 :3
virtual host own.example:8443 :8
    CorsHtaccess None :11
    CorsAllowOrigin https://own.example.com :10
    CorsMaxAge 60 :3
virtual host adds.example:80 :13
    CorsHtaccess null :4
    CorsAllowOrigin +https://more.example.com :15
    CorsAllowOrigin https://app.example.com :2
    CorsMaxAge 60 :3
virtual host off.example :17
    CorsHtaccess null :4
    CorsEngine Off :19
    CorsAllowOrigin https://app.example.com :2
    CorsMaxAge 60 :3
    <CorsPolicy "mine"> :20
        CorsAllowOrigin none :20
        CorsMaxAge 5 :21
DUMP

dumps('virtual hosts that say the same each have their own lines',
      <<'CONF', <<'DUMP');
<VirtualHost *:80>
    ServerName a.example
    CorsAllowHeaders X-A X-B
    CorsAllowHeaders X-C
</VirtualHost>
<VirtualHost *:80>
    ServerName b.example
    CorsAllowHeaders X-A X-B
</VirtualHost>
<VirtualHost *:80>
    ServerName c.example
    CorsMaxAge 5
    CorsAllowHeaders X-A X-B
    CorsAllowHeaders -X-D
    CorsAllowHeaders X-A X-E
</VirtualHost>
CONF
server localhost
virtual host a.example:80 :1
    CorsAllowHeaders X-A :3
    CorsAllowHeaders X-B :3
    CorsAllowHeaders X-C :4
virtual host b.example:80 :6
    CorsAllowHeaders X-A :8
    CorsAllowHeaders X-B :8
virtual host c.example:80 :10
    CorsAllowHeaders X-A :13
    CorsAllowHeaders X-B :13
    CorsAllowHeaders -X-D :14
    CorsAllowHeaders X-E :15
    CorsMaxAge 5 :12
DUMP

dumps("the main server's sections hold in virtual hosts, over what these say",
      <<'CONF', <<'DUMP');
<Location "/api">
    CorsMaxAge 5
</Location>
<VirtualHost *:80>
    ServerName v.example
    CorsAllowOrigin https://v.example.com
    <Location "/api/v">
        CorsMaxAge 6
    </Location>
</VirtualHost>
CONF
server localhost
    <Location "/api">
        CorsMaxAge 5 :2
virtual host v.example:80 :4
    CorsAllowOrigin https://v.example.com :6
    <Location "/api">
        CorsAllowOrigin https://v.example.com :6
        CorsMaxAge 5 :2
    <Location "/api/v">
        CorsAllowOrigin https://v.example.com :6
        CorsMaxAge 6 :8
DUMP

# ---------------------------------------------------------------------------
# Sections
# ---------------------------------------------------------------------------

dumps('sections in sections: innermost first, replaced ones not at all',
      <<'CONF', <<'DUMP');
CorsAllowOrigin https://lost.example.com
CorsAllowMethods +PUT
<Directory "@ROOT@/a/b/c">
    CorsAllowOrigin  -https://two.example.com
    CorsAllowMethods -PUT -POST
</Directory>
<Directory "@ROOT@/a">
    CorsAllowOrigin  https://one.example.com https://two.example.com
</Directory>
<Directory "@ROOT@/a/b">
    CorsAllowOrigin  +https://three.example.com
    CorsAllowMethods PUT DELETE
</Directory>
<Directory "@ROOT@/ab">
    CorsAllowOrigin  +null
</Directory>
CONF
server localhost
    CorsAllowOrigin https://lost.example.com :1
    CorsAllowMethods +PUT :2
    <Directory "@ROOT@/a/">
        CorsAllowOrigin https://one.example.com :8
        CorsAllowOrigin https://two.example.com :8
        CorsAllowMethods +PUT :2
    <Directory "@ROOT@/ab/">
        CorsAllowOrigin +null :15
        CorsAllowOrigin https://lost.example.com :1
        CorsAllowMethods +PUT :2
    <Directory "@ROOT@/a/b/">
        CorsAllowOrigin +https://three.example.com :11
        CorsAllowOrigin https://one.example.com :8
        CorsAllowOrigin https://two.example.com :8
        CorsAllowMethods PUT :12
        CorsAllowMethods DELETE :12
    <Directory "@ROOT@/a/b/c/">
        CorsAllowOrigin -https://two.example.com :4
        CorsAllowOrigin +https://three.example.com :11
        CorsAllowOrigin https://one.example.com :8
        CorsAllowOrigin https://two.example.com :8
        CorsAllowMethods -PUT :5
        CorsAllowMethods -POST :5
        CorsAllowMethods PUT :12
        CorsAllowMethods DELETE :12
DUMP

dumps('sources end those of the same directive further out, and no others',
      <<'CONF', <<'DUMP', files => { 'o.txt' => '', 'p.txt' => '' });
CorsAllowOriginMatch  https://pr-[0-9]+\.example\.com
CorsAllowOriginExpr   "%{HTTP:X-A} == 'b'"
CorsAllowOriginSource file:o.txt file:p.txt
<Location "/api">
    CorsAllowOriginMatch https://mr-[0-9]+\.example\.com
    CorsAllowOrigin      +https://app.example.com
</Location>
<Location "/api/none">
    CorsAllowOrigin      none
</Location>
CONF
server localhost
    CorsAllowOriginMatch https://pr-[0-9]+\.example\.com :1
    CorsAllowOriginExpr "%{HTTP:X-A} == 'b'" :2
    CorsAllowOriginSource file:o.txt :3
    CorsAllowOriginSource file:p.txt :3
    <Location "/api">
        CorsAllowOrigin +https://app.example.com :6
        CorsAllowOriginMatch https://mr-[0-9]+\.example\.com :5
        CorsAllowOriginExpr "%{HTTP:X-A} == 'b'" :2
        CorsAllowOriginSource file:o.txt :3
        CorsAllowOriginSource file:p.txt :3
    <Location "/api/none">
        CorsAllowOrigin none :9
DUMP

dumps('sections that say nothing are there for those inside',
      <<'CONF', <<'DUMP');
<Directory "@ROOT@/silent">
    <Files "silent.txt">
        Require all denied
    </Files>
</Directory>
<Directory "@ROOT@/a">
    <Files "a.txt">
        CorsAllowOrigin *
    </Files>
    <Files "silent.txt">
        <If "true">
            CorsMaxAge 1
        </If>
        <If "false">
            CorsMaxAge 2
        </If>
    </Files>
</Directory>
<Files "top.txt">
    CorsMaxAge 3
</Files>
CONF
server localhost
    <Files "top.txt">
        CorsMaxAge 3 :20
    <Directory "@ROOT@/a/">
        <Files "a.txt">
            CorsAllowOrigin * :8
        <Files "silent.txt">
            <If> :11
                CorsMaxAge 1 :12
            <If> :14
                CorsMaxAge 2 :15
DUMP

dumps('If, ElseIf and Else', <<'CONF', <<'DUMP');
<If "%{REQUEST_URI} == '/a'">
    CorsAllowOrigin https://a.example
    <If "true">
        CorsAllowOrigin +https://in.example
    </If>
</If>
<ElseIf "true">
    CorsAllowOrigin https://b.example
</ElseIf>
<Else>
    CorsAllowOrigin https://c.example
</Else>
CONF
server localhost
    <If> :1
        CorsAllowOrigin https://a.example :2
        <If> :3
            CorsAllowOrigin +https://in.example :4
            CorsAllowOrigin https://a.example :2
    <ElseIf> :7
        CorsAllowOrigin https://b.example :8
    <Else>
        CorsAllowOrigin https://c.example :11
DUMP

dumps('Match sections, however they are written', <<'CONF', <<'DUMP');
CorsMaxAge 1
<LocationMatch "^/api\.v[0-9]+/">
    CorsMaxAge 2
</LocationMatch>
<Location ~ "^/old">
    CorsMaxAge 3
</Location>
<DirectoryMatch "/p/\d+$">
    CorsMaxAge 4
    <FilesMatch "\.js$">
        CorsMaxAge 5
    </FilesMatch>
</DirectoryMatch>
<Location "/a/*/b">
    CorsMaxAge 6
</Location>
CONF
server localhost
    CorsMaxAge 1 :1
    <DirectoryMatch "/p/\d+$">
        CorsMaxAge 4 :9
        <FilesMatch "\.js$">
            CorsMaxAge 5 :11
    <LocationMatch "^/api\.v[0-9]+/">
        CorsMaxAge 2 :3
    <LocationMatch "^/old">
        CorsMaxAge 3 :6
    <Location "/a/*/b">
        CorsMaxAge 6 :15
DUMP

dumps('Proxy and ProxyMatch', <<'CONF', <<'DUMP', modules => ['proxy']);
CorsAllowOrigin https://app.example.com
<Proxy "http://one.example/">
    CorsMaxAge 1
</Proxy>
<Proxy "http://one.example/in/">
    CorsAllowCredentials On
    <If "true">
        CorsMaxAge 2
    </If>
</Proxy>
<ProxyMatch "^http://two\.">
    CorsMaxAge 3
</ProxyMatch>
<Proxy "*">
    Require all granted
</Proxy>
<VirtualHost *:80>
    ServerName v.example
    <Proxy "http://v.example/">
        CorsMaxAge 4
    </Proxy>
</VirtualHost>
CONF
server localhost
    CorsAllowOrigin https://app.example.com :1
    <Proxy "http://one.example/">
        CorsAllowOrigin https://app.example.com :1
        CorsMaxAge 1 :3
    <Proxy "http://one.example/in/">
        CorsAllowOrigin https://app.example.com :1
        CorsAllowCredentials On :6
        CorsMaxAge 1 :3
        <If> :7
            CorsAllowOrigin https://app.example.com :1
            CorsAllowCredentials On :6
            CorsMaxAge 2 :8
    <ProxyMatch "^http://two\.">
        CorsAllowOrigin https://app.example.com :1
        CorsMaxAge 3 :12
virtual host v.example:80 :17
    CorsAllowOrigin https://app.example.com :1
    <Proxy "http://one.example/">
        CorsAllowOrigin https://app.example.com :1
        CorsMaxAge 1 :3
    <Proxy "http://one.example/in/">
        CorsAllowOrigin https://app.example.com :1
        CorsAllowCredentials On :6
        CorsMaxAge 1 :3
        <If> :7
            CorsAllowOrigin https://app.example.com :1
            CorsAllowCredentials On :6
            CorsMaxAge 2 :8
    <ProxyMatch "^http://two\.">
        CorsAllowOrigin https://app.example.com :1
        CorsMaxAge 3 :12
    <Proxy "http://v.example/">
        CorsAllowOrigin https://app.example.com :1
        CorsMaxAge 4 :20
DUMP

# ---------------------------------------------------------------------------
# Policies
# ---------------------------------------------------------------------------

dumps('policies by name; sections say which they use, what is over and under',
      <<'CONF', <<'DUMP');
<CorsPolicy partners>
    CorsAllowOrigin  https://partner.example
    CorsAllowCredentials On
    CorsAllowHeaders X-A
    CorsAllowHeaders X-B
</CorsPolicy>
<CorsPolicy "a guest">
    CorsAllowOrigin  *
</CorsPolicy>
<CorsPolicy nobody>
    CorsMaxAge 30
</CorsPolicy>
CorsAllowOrigin  https://lost.example.com
CorsAllowHeaders X-Under
CorsForwardOrigin Off
<Location "/a">
    CorsUsePolicy partners "a guest"
    CorsUsePolicy nobody
    CorsMaxAge 5
</Location>
<Location "/a/b">
    CorsAllowOrigin -https://partner.example
</Location>
<Location "/a/b/c">
    CorsUsePolicy nobody
</Location>
<VirtualHost *:80>
    ServerName v.example
    <CorsPolicy partners>
        CorsAllowOrigin https://other.example
    </CorsPolicy>
    CorsUsePolicy partners
</VirtualHost>
CONF
server localhost
    CorsAllowOrigin https://lost.example.com :13
    CorsAllowHeaders X-Under :14
    CorsForwardOrigin Off :15
    <CorsPolicy "a guest"> :7
        CorsAllowOrigin * :8
    <CorsPolicy "nobody"> :10
        CorsAllowOrigin none :10
        CorsMaxAge 30 :11
    <CorsPolicy "partners"> :1
        CorsAllowOrigin https://partner.example :2
        CorsAllowHeaders X-A :4
        CorsAllowHeaders X-B :5
        CorsAllowCredentials On :3
    <Location "/a">
        CorsUsePolicy partners :1
        CorsUsePolicy "a guest" :7
        CorsUsePolicy nobody :10
        CorsMaxAge 5 :19
        CorsForwardOrigin Off :15
        under the policies:
            CorsAllowHeaders X-Under :14
    <Location "/a/b">
        CorsUsePolicy partners :1
        CorsUsePolicy "a guest" :7
        CorsUsePolicy nobody :10
        CorsAllowOrigin -https://partner.example :22
        CorsMaxAge 5 :19
        CorsForwardOrigin Off :15
        under the policies:
            CorsAllowHeaders X-Under :14
    <Location "/a/b/c">
        CorsUsePolicy nobody :10
        CorsForwardOrigin Off :15
        under the policies:
            CorsAllowHeaders X-Under :14
            CorsMaxAge 5 :19
virtual host v.example:80 :27
    CorsUsePolicy partners :29
    CorsForwardOrigin Off :15
    under the policies:
        CorsAllowHeaders X-Under :14
    <CorsPolicy "partners"> :29
        CorsAllowOrigin https://other.example :30
    <Location "/a">
        CorsUsePolicy partners :1
        CorsUsePolicy "a guest" :7
        CorsUsePolicy nobody :10
        CorsMaxAge 5 :19
        CorsForwardOrigin Off :15
        under the policies:
            CorsAllowHeaders X-Under :14
    <Location "/a/b">
        CorsUsePolicy partners :1
        CorsUsePolicy "a guest" :7
        CorsUsePolicy nobody :10
        CorsAllowOrigin -https://partner.example :22
        CorsMaxAge 5 :19
        CorsForwardOrigin Off :15
        under the policies:
            CorsAllowHeaders X-Under :14
    <Location "/a/b/c">
        CorsUsePolicy nobody :10
        CorsForwardOrigin Off :15
        under the policies:
            CorsAllowHeaders X-Under :14
            CorsMaxAge 5 :19
DUMP

# ---------------------------------------------------------------------------
# Files and bytes
# ---------------------------------------------------------------------------

my %files = map { ("$_.conf" => <<"IN") } qw(a b);
CorsAllowOrigin https://$_.example
CorsAllowHeaders X-$_
IN
dumps('a section out of several files: each value has its own',
      <<'CONF', <<'DUMP', files => \%files);
<Location "/in">
    CorsAllowHeaders X-First
    Include a.conf
    Include b.conf
</Location>
CONF
server localhost
    <Location "/in">
        CorsAllowOrigin https://a.example a.conf:1
        CorsAllowOrigin https://b.example b.conf:1
        CorsAllowHeaders X-First :2
        CorsAllowHeaders X-a a.conf:2
        CorsAllowHeaders X-b b.conf:2
DUMP

# What the line is called is mod_macro's own.
my $macro = 'macro \'open\' (defined on line 1 of "@ROOT@/cors.conf") used on '
    . 'line 7 of "@ROOT@/cors.conf"';
dumps('macros', <<'CONF', <<"DUMP", modules => ['macro']);
<Macro open $path $origin>
    <Location "$path">
        CorsAllowOrigin $origin
        CorsAllowHeaders X-A
    </Location>
</Macro>
Use open /api https://app.example.com
CONF
server localhost
    <Location "/api">
        CorsAllowOrigin https://app.example.com ($macro:2)
        CorsAllowHeaders X-A ($macro:3)
DUMP

# A variable brings bytes that no line of a file can hold.
{
    local $ENV{BYTES} = "\n    CorsMaxAge 1\t\x1b[2J\x7f";
    my $shown = '\x0a    CorsMaxAge 1\x09\x1b[2J\x7f';
    my %odd   = ("a\nb" => "CorsMaxAge 5\n", "o$ENV{BYTES}.txt" => '');
    dumps('no byte breaks a line', <<'CONF', <<"DUMP", files => \%odd);
<CorsPolicy "p${BYTES}">
    CorsAllowOriginSource "file:o${BYTES}.txt"
</CorsPolicy>
<Location "/x${BYTES}\"quoted\" é \\">
    CorsUsePolicy "p${BYTES}"
</Location>
Include a*b
CONF
server localhost
    CorsMaxAge 5 (\@ROOT\@/a\\x0ab:1)
    <CorsPolicy "p$shown"> :1
        CorsAllowOriginSource "file:o$shown.txt" :2
    <Location "/x$shown\\"quoted\\" é \\\\">
        CorsUsePolicy "p$shown" :1
        under the policies:
            CorsMaxAge 5 (\@ROOT\@/a\\x0ab:1)
DUMP
}

my $quotes = <<'CONF';
CorsAllowOriginMatch https://a\.example "https://b\\.example"
CorsAllowOriginMatch "https://c[ ]?d\.example" "https://e['\"]?f\.example"
CorsAllowOriginMatch 'https://(?:g|h\\\\)i\.example'
CONF
dumps('quotes stand where httpd needs them', $quotes, <<'DUMP');
server localhost
    CorsAllowOriginMatch https://a\.example :1
    CorsAllowOriginMatch https://b\.example :1
    CorsAllowOriginMatch "https://c[ ]?d\.example" :2
    CorsAllowOriginMatch "https://e['\"]?f\.example" :2
    CorsAllowOriginMatch "https://(?:g|h\\\)i\.example" :3
DUMP
# The lines of the server itself, without the places.
sub values_of { return join '', $_[0] =~ /^    (\w.*) \(\@ROOT\@.*(\n)/mg }
my $written = values_of(dump_of($quotes));
promise($written =~ tr/\n// == 5 && $written eq values_of(dump_of($written)),
    'and httpd reads back what was printed', $written);

# ---------------------------------------------------------------------------
# Only when it is asked for
# ---------------------------------------------------------------------------

promise(config_prints("CorsAllowOrigin *\n") eq '',
    'a configuration test that is not asked to prints nothing');
my $said = config_ok("CorsAllowOrigin *\n",
    'one that is asked to ends as others do', args => ['-DDUMP_CORS']);
promise($said !~ /CorsAllowOrigin/, 'and prints nothing on stderr', $said);
config_error("CorsAllowOrigin *\nCorsAllowCredentials On\n",
    qr/^AH00014: Configuration check failed$/m,
    'what contradicts itself is refused, not printed',
    args => ['-DDUMP_CORS']);

# ---------------------------------------------------------------------------
# Fit for diff
# ---------------------------------------------------------------------------

# Enough of everything for the order of a hash to show.
my $many = join '',
    (map { "<CorsPolicy p$_>\nCorsAllowOrigin https://p$_.example\n"
               . "</CorsPolicy>\n" } reverse 1 .. 300),
    (map { "<Location /$_>\nCorsUsePolicy p$_\n</Location>\n" } 1 .. 300),
    (map { "<VirtualHost *:80>\nServerName v$_.example\nCorsMaxAge $_\n"
               . "</VirtualHost>\n" } 1 .. 20);
my $once = dump_of($many);
promise($once eq dump_of($many), 'two dumps of a configuration are the same');
my @names = $once =~ /<CorsPolicy "(p\d+)">/g;
promise("@names" eq join(' ', sort map { "p$_" } 1 .. 300),
    'policies are sorted', "@names");

# The lines of the one that are not in the other.
sub only_in {
    my ($one, $other) = @_;
    my %other = map { $_ => 1 } split /\n/, $other;
    return grep { !$other{$_} } split /\n/, $one;
}

# Rows: [ what is changed, from, to, how many lines change, what these are ].
my $base = <<'CONF';
CorsAllowOrigin https://a.example https://b.example
CorsMaxAge 60
CorsAllowHeaders X-A
<Location "/a">
    CorsAllowHeaders +X-B
</Location>
<VirtualHost *:80>
    ServerName v.example
    CorsAllowMethods PUT
</VirtualHost>
CONF
for my $row (
    [ 'an origin of several', 'https://b.example',
      'https://a-much-longer-name.example', 4,
      qr/^ +CorsAllowOrigin https:/ ],
    [ 'a value that many sections inherit', 'CorsMaxAge 60',
      'CorsMaxAge off', 4, qr/^ +CorsMaxAge / ],
    [ 'a value of one section', '+X-B', '+X-Bbbbbbbbbbbbbbbbb', 2,
      qr/^ +CorsAllowHeaders \+X-B/ ],
    [ 'a value of a virtual host', 'PUT', 'DELETE', 2,
      qr/^ +CorsAllowMethods / ],
    [ 'the name of a virtual host', 'v.example', 'w.example', 1,
      qr/^virtual host / ],
) {
    my ($what, $from, $to, $n, $line) = @$row;
    my $old = dump_of($base);
    my $new = dump_of($base =~ s/\Q$from\E/$to/r);
    my @gone = only_in($old, $new);
    my @come = only_in($new, $old);
    promise(@gone == $n && @come == $n && !grep({ !/$line/ } @gone, @come),
        "a change shows in its own lines only: $what", @gone, @come);
}

# ---------------------------------------------------------------------------
# Very many
# ---------------------------------------------------------------------------

# Returns the dump of so many origins, and the time that httpd took for it.
sub timed {
    my ($count) = @_;
    my $conf = join '', map { "CorsAllowOrigin https://o$_.example\n" }
        1 .. $count;
    my $before = (times)[2] + (times)[3];
    my $dump   = dump_of($conf);
    return ($dump, (times)[2] + (times)[3] - $before);
}

my ($small, $short) = timed(10_000);
my ($large, $long)  = timed(80_000);
promise($small eq "server localhost\n" . join('', map {
            "    CorsAllowOrigin https://o$_.example (\@ROOT\@/cors.conf:$_)\n"
        } 1 .. 10_000), 'ten thousand origins, each on its line');
promise($large =~ /https:\/\/o80000\.example /,
    'eighty thousand, to the last');
promise($long < 24 * $short, 'they take about eight times as long',
    "$short s, $long s");

CorsTest::finish();
