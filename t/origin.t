# Which origins are allowed, and which look as if they were: every form of an
# item against the origins next to it, on the wire.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use Test::More;

# The longest origin: 64 bytes of scheme, 255 of host, 5 of port, punctuation.
my $label   = 'a' x 63;
my $longest = 'x' x 64 . "://$label.$label.$label.$label:65535";
my $longer  = 'x' x 65 . "://$label.$label.$label.$label:65535";

# Fills the field line up to httpd's default limit for one.
my $huge = 'https://' . 'a' x (8190 - length 'Origin: https://');

# One scope for each list, and what it says to origins. "denied" is a
# well-formed origin that is not listed, "malformed" is no origin at all.
my @scopes = (
    { items   => 'https://app.example.com',
      allowed => [
        'https://app.example.com' => 'the origin itself',
        "  https://app.example.com\t" => 'blanks around a value are not in it',
      ],
      denied  => [
        'http://app.example.com' => 'its http twin',
        'https://app.example.com:8443' => 'another port',
        'https://app.example.com:80' => 'the port of another scheme',
        'https://example.com' => 'its parent',
        'https://www.app.example.com' => 'a name under it',
        'https://evilapp.example.com' => 'a name that ends like it',
        'https://evil-app.example.com' => 'a name that ends like it, hyphen',
        'https://app.example.com.evil.example' => 'it as a prefix',
        'https://app.example.como' => 'one letter more',
        'https://app.example.co' => 'one letter less',
        'https://app.example.com.' => 'a trailing dot',
        'https://appxexample.com' => 'another byte for the dot',
        'https://app-example.com' => 'a hyphen for the dot',
        'https://xn--pp-lka.example.com' => 'a name that looks like it',
        'app://app.example.com' => 'another scheme',
        'httpss://app.example.com' => 'a longer scheme',
        'null' => 'null',
      ],
      malformed => [
        'https://APP.example.com' => 'an upper-case host',
        'HTTPS://app.example.com' => 'an upper-case scheme',
        'https://app.example.com:443' => 'the default port written out',
        'https://app.example.com:' => 'an empty port',
        'https://app.example.com:0' => 'port 0',
        'https://app.example.com:65536' => 'port 65536',
        'https://app.example.com:08443' => 'a port with a leading zero',
        'https://app.example.com/' => 'a slash at the end',
        'https://app.example.com/path' => 'a path',
        'https://app.example.com?query' => 'a query',
        'https://app.example.com#fragment' => 'a fragment',
        'https://app.example.com\\.evil.example' => 'a backslash',
        'https://app.example.com%2eevil.example' => 'an escape',
        'https://user@app.example.com' => 'a user name',
        'https://app.example.com@evil.example' => 'it as a user name',
        'https://app.example.com:x@evil.example' => 'it and a password',
        'https://app.example.com https://app.example.com' => 'it twice',
        'https://app.example.com, https://app.example.com' => 'a list',
        'https://app.example.com,https://evil.example' => 'a list, no blank',
        'https://app.example.com,' => 'a comma at the end',
        'https://evil.example https://app.example.com' => 'it in second place',
        "https://app.example.com\thttps://evil.example" => 'a tab between two',
        "https://app.example.com\x{e9}" => 'a byte above 127',
        "https://\x{e4}pp.example.com" => 'a raw letter of another alphabet',
        'https://app..example.com' => 'an empty label',
        'https://.app.example.com' => 'an empty first label',
        'https:///app.example.com' => 'three slashes',
        'https:app.example.com' => 'no slashes',
        'https://' => 'no host',
        'https' => 'a scheme alone',
        '//app.example.com' => 'no scheme',
        'app.example.com' => 'a host alone',
        '://app.example.com' => 'an empty scheme',
        '"https://app.example.com"' => 'quotes',
        '*' => 'an asterisk',
        'NULL' => 'NULL',
        ',' => 'a comma alone',
        $huge => 'as long a value as httpd takes',
      ] },
    { items   => 'https://app.example.com:3000',
      allowed => [ 'https://app.example.com:3000' => 'its port' ],
      denied  => [
        'https://app.example.com' => 'the default port',
        'https://app.example.com:300' => 'a digit less',
        'https://app.example.com:30000' => 'a digit more',
        'http://app.example.com:3000' => 'http on its port',
      ] },
    { items   => 'https://one.example https://two.example http://three.example'
        . ' https://one.example',
      allowed => [
        'https://one.example' => 'the first, listed twice',
        'https://two.example' => 'the second',
        'http://three.example' => 'the third',
      ],
      denied  => [
        'http://one.example' => 'the scheme of another',
        'https://three.example' => 'the scheme of the first',
      ] },
    { items   => '"https://one.example https://two.example"',
      allowed => [
        'https://one.example' => 'the first of a quoted argument',
        'https://two.example' => 'the second of a quoted argument',
      ],
      denied  => [ 'https://three.example' => 'a stranger' ] },
    { items   => "https://one.example\thttps://two.example \t "
        . 'https://three.example',
      allowed => [
        'https://one.example' => 'the first in front of a tab',
        'https://two.example' => 'the second between a tab and blanks',
        'https://three.example' => 'the third behind blanks and a tab',
      ],
      denied  => [ 'https://one.example:8443' => 'a stranger' ] },
    { items   => "\" https://one.example\thttps://two.example \""
        . " 'https://three.example' https://four.example",
      allowed => [
        'https://one.example' => 'in front of a tab in a quoted argument',
        'https://two.example' => 'behind a tab in a quoted argument',
        'https://three.example' => 'between single quotes',
        'https://four.example' => 'a plain item behind quoted ones',
      ],
      denied  => [ 'https://five.example' => 'a stranger' ] },
    { items   => "https://one.example '+https://two.example "
        . "http://three.example' \"-https://one.example\"",
      allowed => [
        'https://two.example' => 'a sign inside single quotes',
        'http://three.example' => 'the second between single quotes',
      ],
      denied  => [ 'https://one.example' => 'taken out in quotes' ] },
    { items   => '//app.example.com',
      allowed => [
        'https://app.example.com' => 'https',
        'http://app.example.com' => 'http',
      ],
      denied  => [
        'https://app.example.com:8443' => 'a port',
        'http://app.example.com:443' => 'the port of the other scheme',
        'ftp://app.example.com' => 'any other scheme',
        'app://app.example.com' => 'an app',
        'https://www.app.example.com' => 'a name under it',
      ] },
    { items   => '//app.example.com:8443',
      allowed => [
        'https://app.example.com:8443' => 'https on the port',
        'http://app.example.com:8443' => 'http on the port',
      ],
      denied  => [ 'https://app.example.com' => 'the default port' ] },
    { items   => '//*.example.com',
      allowed => [
        'https://a.example.com' => 'https',
        'http://a.b.example.com' => 'http, two labels',
      ],
      denied  => [
        'https://example.com' => 'the bare domain',
        'ftp://a.example.com' => 'any other scheme',
      ] },
    { items   => '//localhost:*',
      allowed => [
        'https://localhost' => 'https',
        'http://localhost:3000' => 'http on any port',
      ],
      denied  => [ 'app://localhost:3000' => 'any other scheme' ] },
    { items   => 'https://*.example.com',
      allowed => [
        'https://a.example.com' => 'one label',
        'https://a.b.example.com' => 'two labels',
        'https://a.b.c.d.e.f.example.com' => 'six labels',
        'https://example.com.example.com' => 'the domain twice',
        'https://a_b.example.com' => 'an underscore',
        'https://xn--mnchen-3ya.example.com' => 'an A-label',
      ],
      denied  => [
        'https://example.com' => 'the bare domain',
        'https://evilexample.com' => 'a domain that ends like it',
        'https://a.evilexample.com' => 'a name under such a domain',
        'http://a.example.com' => 'http',
        'https://a.example.com:8443' => 'a port',
        'https://a.example.com.evil.example' => 'it as a prefix',
        'https://a.example.com.' => 'a trailing dot',
        'https://a.example.org' => 'another domain',
      ],
      malformed => [
        'https://.example.com' => 'an empty label',
        'https://a..example.com' => 'an empty label between',
        'https://evil.example/.example.com' => 'it after a path',
        'https://evil.example?.example.com' => 'it after a query',
        'https://evil.example#.example.com' => 'it after a fragment',
        'https://evil.example\\.example.com' => 'it after a backslash',
        'https://evil.example:443.example.com' => 'it after a port',
        'https://user@a.example.com' => 'a user name',
        "https://$label" . 'a.example.com' => 'a label of 64 bytes',
      ] },
    { items   => 'https://pr-*.example.com',
      allowed => [
        'https://pr-1.example.com' => 'one character',
        'https://pr-12345.example.com' => 'several',
        'https://pr-fix-x.example.com' => 'a hyphen among them',
        'https://pr--.example.com' => 'a hyphen alone',
      ],
      denied  => [
        'https://pr-.example.com' => 'none',
        'https://pr.example.com' => 'not even the hyphen',
        'https://pr-1.evil.example.com' => 'two labels',
        'https://pr-1.example.com.evil.example' => 'it as a prefix',
        'https://xpr-1.example.com' => 'something in front',
        'https://a.pr-1.example.com' => 'a label in front',
        'https://pr-1.example.org' => 'another domain',
        'http://pr-1.example.com' => 'http',
      ] },
    { items   => 'https://a-*-b.example.com',
      allowed => [
        'https://a-x-b.example.com' => 'one character between',
        'https://a-x-b-y-b.example.com' => 'a match in several ways',
      ],
      denied  => [
        'https://a--b.example.com' => 'nothing between',
        'https://a-b.example.com' => 'one hyphen for both',
        'https://a-x.b.example.com' => 'a dot for the hyphen',
        'https://a-x.y-b.example.com' => 'two labels between',
        'https://a-x-bb.example.com' => 'something behind',
      ] },
    { items   => 'https://*-preview.example.com',
      allowed => [ 'https://x-preview.example.com' => 'a suffix of a label' ],
      denied  => [
        'https://-preview.example.com' => 'the suffix alone',
        'https://a.x-preview.example.com' => 'a label in front',
      ] },
    { items   => 'http://localhost:*',
      allowed => [
        'http://localhost' => 'the default port',
        'http://localhost:1' => 'port 1',
        'http://localhost:3000' => 'port 3000',
        'http://localhost:65535' => 'port 65535',
      ],
      denied  => [
        'https://localhost' => 'https',
        'http://localhost.evil.example:3000' => 'it as a prefix',
        'http://a.localhost:3000' => 'a name under it',
        'http://127.0.0.1:3000' => 'the address for the name',
      ],
      malformed => [
        'http://localhost:' => 'an empty port',
        'http://localhost:80' => 'the default port written out',
        'http://localhost:0' => 'port 0',
        'http://localhost:65536' => 'port 65536',
        'http://localhost:99999999999999999999' => 'a port beyond integers',
        'http://localhost:080' => 'a leading zero',
        'http://localhost:3000x' => 'a letter in the port',
        'http://localhost:+3000' => 'a sign in the port',
        'http://localhost:*' => 'the item itself',
        'http://localhost:3000@evil.example' => 'it as a user name',
      ] },
    { items   => 'https://*.example.com:*',
      allowed => [
        'https://a.example.com' => 'the default port',
        'https://a.b.example.com:8443' => 'any port',
      ],
      denied  => [
        'https://example.com:8443' => 'the bare domain',
        'http://a.example.com:8443' => 'http',
      ] },
    { items   => 'http://[::1]:9000',
      allowed => [ 'http://[::1]:9000' => 'the address itself' ],
      denied  => [
        'http://[::1]' => 'no port',
        'http://[::1]:9001' => 'another port',
        'http://[::2]:9000' => 'another address',
        'https://[::1]:9000' => 'https',
      ],
      malformed => [
        'http://[0:0:0:0:0:0:0:1]:9000' => 'the address at full length',
        'http://[::0001]:9000' => 'leading zeros',
        'http://[::1%25eth0]:9000' => 'a zone',
        'http://[::1:9000' => 'no closing bracket',
        'http://::1:9000' => 'no brackets',
        'http://[::1]9000' => 'no colon',
        'http://[]:9000' => 'no address',
      ] },
    { items   => 'http://[2001:DB8:0:0:0:0:0:1]',
      allowed => [ 'http://[2001:db8::1]' => 'the canonical address' ],
      malformed => [
        'http://[2001:DB8:0:0:0:0:0:1]' => 'the address as configured',
      ] },
    { items   => 'http://127.0.0.1:8080',
      allowed => [ 'http://127.0.0.1:8080' => 'the address itself' ],
      denied  => [
        'http://127.0.0.1:8081' => 'another port',
        'http://127.0.0.2:8080' => 'another address',
        'http://127.0.0.1.evil.example:8080' => 'it as a prefix',
      ],
      malformed => [
        'http://127.1:8080' => 'a short form',
        'http://2130706433:8080' => 'one number',
        'http://0x7f.0.0.1:8080' => 'a hexadecimal form',
        'http://127.0.0.01:8080' => 'an octal form',
      ] },
    { items   => 'capacitor://localhost chrome-extension://abcdef',
      allowed => [
        'capacitor://localhost' => 'an app',
        'chrome-extension://abcdef' => 'an extension',
      ],
      denied  => [
        'capacitor://localhos' => 'a shorter host',
        'chrome-extension://abcdefg' => 'another extension',
        'moz-extension://abcdef' => 'another browser',
        'http://localhost' => 'http',
      ],
      malformed => [ 'Capacitor://localhost' => 'an upper-case scheme' ] },
    { items   => 'ionic://App.Example',
      allowed => [ 'ionic://App.Example' => 'an opaque host keeps its case' ],
      denied  => [ 'ionic://app.example' => 'an opaque host in lower case' ] },
    { items   => 'HTTPS://App.EXAMPLE.com:443',
      allowed => [
        'https://app.example.com' => 'letter case and default port are mended',
      ],
      malformed => [
        'HTTPS://App.EXAMPLE.com:443' => 'the text as configured',
      ] },
    { items   => 'http://app.example.com:80',
      allowed => [
        'http://app.example.com' => 'the default port of http is mended' ],
      denied  => [ 'http://app.example.com:443' => 'the port of https' ] },
    { items   => 'https://my_app.example.com',
      allowed => [ 'https://my_app.example.com' => 'an underscore' ],
      denied  => [ 'https://my-app.example.com' => 'a hyphen for it' ] },
    { items   => 'null',
      allowed => [ 'null' => 'the origin null' ],
      denied  => [
        'https://null' => 'a host of that name',
        'https://app.example.com' => 'any origin',
      ],
      malformed => [
        'NULL' => 'upper case',
        'nullx' => 'a letter more',
        'null null' => 'it twice',
        'null, null' => 'a list',
      ] },
    # Beside another item `*` is not constant: each origin gets its own.
    { items   => '* https://app.example.com',
      allowed => [
        'https://app.example.com' => 'the other item',
        'https://any.example' => 'any origin',
        'http://any.example:81' => 'any origin over http',
        'null' => 'null',
        'chrome-extension://abcdef' => 'an extension',
        'http://[::1]' => 'an address',
        $longest => 'an origin of 328 bytes',
      ],
      malformed => [
        $longer => 'an origin of 329 bytes',
        'https://any.example/' => 'a slash at the end',
        'https://any.example, https://app.example.com' => 'a list',
      ] },
    { items   => '* -https://evil.example -//*.evil.example',
      allowed => [ 'https://any.example' => 'any origin' ],
      denied  => [
        'https://evil.example' => 'the one taken out',
        'http://a.evil.example' => 'a wildcard taken out',
      ] },
    { items   => 'https://*.example.com -https://staging.example.com',
      allowed => [ 'https://a.example.com' => 'the wildcard' ],
      denied  => [
        'https://staging.example.com' => 'the one taken out',
        'https://stagingx.example.org' => 'a stranger',
      ] },
    { items   => '-https://staging.example.com https://staging.example.com'
        . ' https://app.example.com',
      allowed => [ 'https://app.example.com' => 'the other item' ],
      denied  => [
        'https://staging.example.com' => 'taken out, whatever the order',
      ] },
    { items   => 'none',
      vary    => undef,
      denied  => [
        'https://app.example.com' => 'any origin',
        'null' => 'null',
      ] },
);

# mod_headers shows the result on the response; unset, there is no header.
my $conf = qq{AliasMatch "^/[a-z0-9-]+\$" "\@DOCROOT\@/a.txt"\n}
    . qq{Header always set X-Result "%{CORS_RESULT}e" env=CORS_RESULT\n};
my @rows;
for my $i (0 .. $#scopes) {
    my $scope = $scopes[$i];
    my %vary  = (vary => exists $scope->{vary} ? $scope->{vary} : 'Origin');
    $conf .= qq{<Location "/list-$i">\n    CorsAllowOrigin $scope->{items}\n}
        . "</Location>\n";

    my @words = (allowed => 'allowed', denied => 'denied-origin',
                 malformed => 'malformed-origin');
    while (my ($kind, $word) = splice @words, 0, 2) {
        my @origins = @{ $scope->{$kind} || [] };
        while (my ($origin, $text) = splice @origins, 0, 2) {
            my ($echo) = $origin =~ /^\s*(.*?)\s*$/;
            push @rows, [
                "$scope->{items}: $text is $word", "GET /list-$i",
                { Origin => $origin },
                { %vary, $kind eq 'allowed' ? (acao => $echo) : (),
                  body => "hi\n", field => { 'X-Result' => $word } },
            ];
        }
    }
}

# Several hundred entries of each kind, with neighbours that share all but a
# byte: what a clever look-up gets wrong first.
my (@many, @near);
for my $n (100 .. 399) {
    push @many, "https://app$n.example.com", "https://*.team$n.example",
        "https://pr-*.shop$n.example";
}
for my $n (100, 255, 399) {
    push @near,
        [ "https://app$n.example.com", 1 ],
        [ "https://x.team$n.example", 1 ],
        [ "https://x.y.team$n.example", 1 ],
        [ "https://pr-7.shop$n.example", 1 ],
        [ "https://app${n}0.example.com", 0 ],
        [ "https://x.app$n.example.com", 0 ],
        [ "https://team$n.example", 0 ],
        [ "https://x.team${n}.example.com", 0 ],
        [ "https://pr-.shop$n.example", 0 ],
        [ "https://x.pr-7.shop$n.example", 0 ];
}
$conf .= join '', qq{<Location "/many">\n},
    (map { "    CorsAllowOrigin $_\n" } @many), "</Location>\n";
push @rows, map {
    my ($origin, $listed) = @$_;
    [ 'among 900 items: ' . ($listed ? '' : 'not ') . $origin, 'GET /many',
      { Origin => $origin },
      { vary => 'Origin', $listed ? (acao => $origin) : () } ]
} @near;

$conf .= <<'CONF';
<Location "/any">
    CorsAllowOrigin *
</Location>

# A vhost's policy is known even where httpd refuses to read the request.
<VirtualHost 127.0.0.1:@PORT@>
    ServerName localhost
</VirtualHost>
Listen 127.0.0.1:@PORT2@
<VirtualHost 127.0.0.1:@PORT2@>
    ServerName localhost
    CorsAllowOrigin https://app.example.com
</VirtualHost>

# Control bytes come through only here.
Listen 127.0.0.1:@PORT3@
<VirtualHost 127.0.0.1:@PORT3@>
    ServerName localhost
    HttpProtocolOptions Unsafe
    CorsAllowOrigin https://app.example.com
    Header always set X-Result "%{CORS_RESULT}e" env=CORS_RESULT
</VirtualHost>

# A debug line for each decision.
<Location "/debug">
    LogLevel cors:debug
    CorsAllowOrigin https://app.example.com
</Location>
CONF

my $s = CorsTest->start(
    modules => [qw(alias headers)],
    files   => { 'htdocs/a.txt' => "hi\n" },
    ports   => 3,
    conf    => $conf,
);
my $app = 'https://app.example.com';

$s->promises(@rows);

# No Origin, an empty one, and several fields.
$s->promises(
    [ 'without Origin there is no result', 'GET /list-0', {},
      { vary => 'Origin', field => { 'X-Result' => undef } } ],
    [ 'an empty Origin is none', 'GET /list-0', { Origin => '' },
      { vary => 'Origin', field => { 'X-Result' => undef } } ],
    [ 'a blank Origin is none', 'GET /list-0', { Origin => " \t " },
      { vary => 'Origin', field => { 'X-Result' => undef } } ],
    [ 'two fields with the listed origin are malformed', 'GET /list-0',
      [ Origin => $app, Origin => $app ],
      { vary => 'Origin', field => { 'X-Result' => 'malformed-origin' } } ],
    [ 'a second field with another origin is malformed', 'GET /list-0',
      [ Origin => $app, Origin => 'https://evil.example' ],
      { vary => 'Origin', field => { 'X-Result' => 'malformed-origin' } } ],
    [ 'a listed origin in the second field is malformed', 'GET /list-0',
      [ Origin => 'https://evil.example', Origin => $app ],
      { vary => 'Origin', field => { 'X-Result' => 'malformed-origin' } } ],
    [ 'the name of the field is read in any case', 'GET /list-0',
      { oRIGIN => $app }, { acao => $app, vary => 'Origin' } ],
    [ 'a field with a similar name is not Origin', 'GET /list-0',
      { 'X-Origin' => $app }, { vary => 'Origin' } ],
    [ 'Referer does not stand in for Origin', 'GET /list-0',
      { Referer => "$app/page" }, { vary => 'Origin' } ],
    [ 'HTTP/1.0 is answered alike', 'GET /list-0', { Origin => $app },
      { acao => $app, vary => 'Origin' }, { version => '1.0' } ],
);

# The constant policy gives everybody the same, whatever the value is.
$s->promises(
    [ '* gives * to an origin', 'GET /any', { Origin => $app },
      { acao => '*', field => { 'X-Result' => 'allowed' } } ],
    [ '* gives * to null', 'GET /any', { Origin => 'null' },
      { acao => '*', field => { 'X-Result' => 'allowed' } } ],
    [ '* gives * without Origin', 'GET /any', {},
      { acao => '*', field => { 'X-Result' => undef } } ],
    [ '* gives * to a malformed origin, which is allowed', 'GET /any',
      { Origin => 'https://app.example.com/x' },
      { acao => '*', field => { 'X-Result' => 'allowed' } } ],
    [ '* gives * to several origins', 'GET /any',
      [ Origin => $app, Origin => $app ],
      { acao => '*', field => { 'X-Result' => 'allowed' } } ],
    [ '* gives * to 8 KiB', 'GET /any', { Origin => $huge },
      { acao => '*', field => { 'X-Result' => 'allowed' } } ],
);

# httpd refuses control bytes itself, before it knows any Location; where it
# is told to let them pass they are no part of an origin.
for my $byte (map { chr } 0x01, 0x08, 0x1f, 0x7f) {
    my $hex = sprintf '0x%02x', ord $byte;
    $s->promises(
        [ "byte $hex is refused by httpd, before any Location",
          'GET /list-0', { Origin => $app . $byte }, { status => 400 } ],
        [ "byte $hex is refused by httpd, and the vhost's Vary is there",
          'GET /a.txt', { Origin => $app . $byte },
          { status => 400, vary => 'Origin' }, { port => $s->port(2) } ],
        [ "byte $hex behind the origin, let through, is malformed",
          'GET /a.txt', { Origin => "$app$byte" },
          { vary => 'Origin', field => { 'X-Result' => 'malformed-origin' } },
          { port => $s->port(3) } ],
        [ "byte $hex inside the origin, let through, is malformed",
          'GET /a.txt', { Origin => "https://app${byte}.example.com" },
          { vary => 'Origin', field => { 'X-Result' => 'malformed-origin' } },
          { port => $s->port(3) } ],
    );
}
for my $port (2, 3) {
    $s->promises(
        [ "a NUL does not cut an origin short (port $port)", 'GET /a.txt',
          { Origin => "$app\0.evil.example" },
          { status => 400, vary => 'Origin' }, { port => $s->port($port) } ],
    );
}

# The log: one line for a refusal, at info, with what the client sent quoted,
# escaped and cut; a decision only at debug, with who decided.
my @info = $s->log_lines(qr/\[cors:info\] .*denied-origin/);
promise(
    (grep { m{\] denied-origin\b.*'http://app\.example\.com'} } @info),
    'a refusal is logged at info, reason first, the origin quoted', @info);
my @raw = grep { /[^ -~]/ } $s->log_lines(qr/malformed-origin/);
promise(!@raw, 'no raw byte of a client is in the log', @raw);
promise(
    scalar($s->log_lines(qr/\] malformed-origin\b.*app\.example\.com\\+x01/)),
    'a control byte is logged escaped', $s->log_lines(qr/malformed-origin/));
my ($cut) = $s->log_lines(qr/malformed-origin\b.*https:\/\/aaaaaaaa/);
promise(defined $cut && length $cut < 1000,
    'a long origin is cut in the log', $cut // 'not logged');
promise(!$s->log_lines(qr/\[cors:debug\]/),
    'nothing is logged at debug unless asked');

my $before = () = $s->log_lines(qr/\[cors:info\]/);
$s->promises(
    [ 'a stranger where debug is on', 'GET /debug',
      { Origin => 'https://evil.example' }, { vary => 'Origin' } ]);
my $after = () = $s->log_lines(qr/\[cors:info\]/);
promise($after == $before + 1, 'one refusal is one line at info',
    $s->log_lines(qr/evil\.example/));

$s->promises(
    [ 'a listed origin where debug is on', 'GET /debug',
      { Origin => $app }, { acao => $app, vary => 'Origin' } ]);
my @debug = $s->log_lines(qr/\[cors:debug\] .*\ballowed\b/);
promise(
    (grep { /'https:\/\/app\.example\.com'.*httpd\.conf:\d+/ } @debug),
    'a decision at debug names the entry and its file and line',
    @debug);

CorsTest::finish();
