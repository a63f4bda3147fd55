# Bad and hostile requests get a plain answer: nothing crashes, nothing that is
# not listed comes back, no line above info, and the next request is served.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use Test::More;

my $app  = 'https://app.example.com';
my $evil = 'https://evil.example';
my $acrm = 'Access-Control-Request-Method';
my $acrh = 'Access-Control-Request-Headers';

my $s = CorsTest->start(
    modules => [qw(alias)],
    ports   => 2,
    files   => { 'htdocs/a.txt' => "hi\n" },
    conf    => <<"CONF");
AliasMatch "^/(list|open|any|none|pass)\$" "\@DOCROOT\@/a.txt"
<Location "/list">
    CorsAllowOrigin $app https://*.wild.example //either.example
    CorsAllowHeaders X-A
    CorsAllowCredentials Off
</Location>
# All that a policy can be asked to send back.
<Location "/open">
    CorsAllowOrigin $app https://*.wild.example https://pr-*.wild.example
    CorsAllowCredentials On
    CorsAllowMethods *
    CorsAllowHeaders * X-Acme-*
    CorsExposeHeaders *
</Location>
<Location "/any">
    CorsAllowOrigin *
    CorsAllowHeaders *
    CorsAllowCredentials Off
</Location>
<Location "/none">
    CorsAllowOrigin none
    CorsAllowCredentials Off
</Location>
<Location "/pass">
    CorsAllowOrigin $app
    CorsPreflight Pass
    CorsAllowCredentials Off
</Location>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName localhost
</VirtualHost>
# The whole host has a policy, and httpd is lenient.
Listen 127.0.0.1:\@PORT2\@
<VirtualHost 127.0.0.1:\@PORT2\@>
    ServerName localhost
    HttpProtocolOptions Unsafe
    CorsAllowOrigin $app
    CorsAllowCredentials On
    CorsAllowMethods *
    CorsAllowHeaders *
</VirtualHost>
CONF

# What httpd itself says about some of these requests.
$s->expect_log(qr/AH00135: Invalid method in request/,
    qr/AH00127: Cannot map GET/, qr/AH10244: invalid URI path/);

# ---------------------------------------------------------------------------
# The requests
# ---------------------------------------------------------------------------

my $host  = "Host: localhost\r\n";
my $close = "Connection: close\r\n\r\n";

sub get     { "GET /%s HTTP/1.1\r\n$host" . join('', @_) . $close }
sub ask     { "OPTIONS /%s HTTP/1.1\r\n$host" . join('', @_) . $close }
sub origin  { map { "Origin: $_\r\n" } @_ }
sub method  { map { "$acrm: $_\r\n" } @_ }
sub headers { map { "$acrh: $_\r\n" } @_ }

my @all = map { chr } 1 .. 9, 11, 12, 14 .. 255;
my @requests = (
    # Origins.
    [ 'two origins', get(origin($app, $evil)) ],
    [ 'fifty origins', get(origin(($evil) x 50)) ],
    [ '90 times the listed origin', get(origin(($app) x 90)) ],
    [ '8 KiB of origin', get(origin('https://' . 'e' x 8100)) ],
    [ '9 KiB of origin', get(origin('https://' . 'e' x 9000)) ],
    [ '8 KiB of commas as origin', get(origin(',' x 8100)) ],
    [ '8 KiB of dots as host', get(origin('https://' . '.' x 8000)) ],
    [ '8 KiB of labels',
      get(origin('https://' . 'a.' x 4000 . 'wild.example')) ],
    [ '328 bytes of labels',
      get(origin('https://' . 'a.' x 153 . 'wild.example')) ],
    [ '8 KiB of digits as port', get(origin("$app:" . '4' x 8000)) ],
    [ '8 KiB of scheme', get(origin('h' x 8000 . '://x')) ],
    [ '8 KiB of brackets', get(origin('https://' . '[' x 8000)) ],
    [ '8 KiB of hyphens', get(origin('https://pr-' . '-' x 8000)) ],
    [ 'an origin of one byte', get(origin('x')) ],
    [ 'every byte as an origin', map { get(origin($_)) } @all ],
    [ 'every byte behind the origin', map { get(origin("$app$_")) } @all ],
    [ 'every byte in front of the origin',
      map { get(origin("$_$app")) } @all ],
    [ 'every byte below the wildcard',
      map { get(origin("https://e${_}evil.wild.example")) } @all ],
    [ 'NUL in the origin', get(origin("$app\0.evil.example")) ],
    [ 'NUL alone', get(origin("\0")) ],
    [ 'a folded origin', get("Origin: $app\r\n .evil.example\r\n") ],
    [ 'an origin folded by a tab', get("Origin:\r\n\t$app\r\n") ],
    [ 'a bare CR in the origin', get("Origin: $app\rX-Evil: 1\r\n") ],
    [ 'a bare LF in the origin', get("Origin: $evil\nX-Evil: 1\n\r\n") ],
    [ 'a header in the origin, escaped',
      get(origin("$app%0d%0aX-Evil:%201")) ],
    [ 'overlong UTF-8', get(origin("https://app\xc0\xaeexample.com")) ],
    [ 'a fullwidth dot', get(origin("https://app\xef\xbc\x8eexample.com")) ],
    [ 'format characters', get(origin('https://%s%s%n%n%p')) ],
    [ 'markup', get(origin('<script>evil</script>')) ],
    [ 'an empty origin among others', get(origin('', $evil)) ],

    # Preflights.
    [ 'a method of 8 KiB', ask(origin($app), method('M' x 8000)) ],
    [ 'every byte as a method', map { ask(origin($app), method($_)) } @all ],
    [ 'several methods', ask(origin($app), method('PUT', 'PUT')) ],
    [ 'a list of methods', ask(origin($app), method('PUT, X-Evil')) ],
    [ 'forbidden methods',
      map { ask(origin($app), method($_)) } qw(TRACE CONNECT TRACK trace) ],
    [ '8000 commas', ask(origin($app), method('PUT'), headers(',' x 8000)) ],
    [ '50 fields of commas',
      ask(origin($app), method('PUT'), headers((',' x 1000) x 50)) ],
    [ '50 fields of headers',
      ask(origin($app), method('PUT'), headers(('x-a,x-b') x 50)) ],
    [ '4000 one-letter headers',
      ask(origin($app), method('PUT'), headers(join ',', ('x') x 4000)) ],
    [ 'a header of 8 KiB', ask(origin($app), method('PUT'),
                               headers('x-acme-' . 'a' x 8000)) ],
    [ '8 KiB of blanks', ask(origin($app), method('PUT'),
                             headers('x-a' . ' ' x 8000 . ',x-b')) ],
    [ 'every byte as a header',
      map { ask(origin($app), method('PUT'), headers("x-acme-$_")) } @all ],
    [ 'NUL in a header', ask(origin($app), method('PUT'), headers("x-\0a")) ],
    [ 'format characters in a header',
      ask(origin($app), method('PUT'), headers('%s%n,x-acme-%s%n')) ],
    [ 'a header in a header',
      ask(origin($app), method('PUT'), headers("x-a\r X-Evil: 1")) ],
    [ 'a folded header list',
      ask(origin($app), method('PUT'), "$acrh: x-a,\r\n x-b\r\n") ],
    [ 'a preflight with everything too long',
      ask(origin('https://' . 'e' x 8000), method('M' x 8000),
          headers('x' x 8000)) ],

    # HTTP.
    [ 'HTTP/0.9', "GET /%s\r\n" ],
    [ 'HTTP/1.0 without Host',
      "GET /%s HTTP/1.0\r\nOrigin: $evil\r\n\r\n" ],
    [ 'HTTP/1.1 without Host',
      "GET /%s HTTP/1.1\r\nOrigin: $evil\r\n$close" ],
    [ 'HTTP/9.9', "GET /%s HTTP/9.9\r\nOrigin: $evil\r\n$close" ],
    [ 'a preflight over HTTP/1.0',
      "OPTIONS /%s HTTP/1.0\r\nOrigin: $evil\r\n$acrm: PUT\r\n\r\n" ],
    [ 'a whole URL',
      "GET http://localhost/%s HTTP/1.1\r\n${host}Origin: $evil\r\n$close" ],
    [ 'OPTIONS *', "OPTIONS * HTTP/1.1\r\n$host"
      . "Origin: $evil\r\n$acrm: PUT\r\n$close" ],
    [ 'a method of 8000 bytes', 'G' x 8000 . " /%s HTTP/1.1\r\n$host$close" ],
    [ 'a method that begins like OPTIONS', map {
        "OPTIONS$_/%s HTTP/1.1\r\n${host}Origin: $evil\r\n$acrm: PUT\r\n$close"
    } 'X ', "\t" ],
    [ 'a URL of 8 KiB', 'GET /' . 'x' x 8000
      . " HTTP/1.1\r\n${host}Origin: $evil\r\n$close" ],
    [ 'a URL of 9 KiB', 'GET /' . 'x' x 9000
      . " HTTP/1.1\r\n${host}Origin: $evil\r\n$close" ],
    [ 'escapes gone wrong', map {
        "GET /%s$_ HTTP/1.1\r\n${host}Origin: $evil\r\n$close"
    } '%%zz', '%%00', '%%2f', '%%', '%%0d%%0aX-Evil:1', '/../../../etc' ],
    [ '99 fields', get(origin($evil), ("X-F: 1\r\n") x 96) ],
    [ '150 fields', get(origin($evil), ("X-F: 1\r\n") x 150) ],
    [ '20000 fields', get(origin($evil), ("X-F: 1\r\n") x 20000) ],
    [ 'a field without a colon', get(origin($evil), "X-Evil\r\n") ],
    [ 'a blank in front of a colon', get("Origin : $app\r\n") ],
    [ 'a field without a name', get(": $app\r\n") ],
    [ 'bare line feeds', "GET /%s HTTP/1.1\nHost: localhost\n"
      . "Origin: $evil\nConnection: close\n\n" ],
    [ 'a length and chunks', ask(origin($evil), method('PUT'),
        "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n")
      . "0\r\n\r\nGET /any HTTP/1.1\r\n$host\r\n" ],
    [ 'two lengths', ask(origin($evil), method('PUT'),
        "Content-Length: 5\r\n", "Content-Length: 6\r\n") . 'xxxxxx' ],
    [ 'a negative length',
      ask(origin($evil), method('PUT'), "Content-Length: -1\r\n") ],
    [ 'an odd coding', ask(origin($evil), method('PUT'),
        "Transfer-Encoding: evil\r\n") . 'xxxxxx' ],
    [ 'chunks gone wrong', ask(origin($evil), method('PUT'),
        "Transfer-Encoding: chunked\r\n") . "zz\r\n" ],
    [ 'chunks that claim too much', ask(origin($evil), method('PUT'),
        "Transfer-Encoding: chunked\r\n") . 'f' x 20 . "\r\n" ],
    [ 'an odd expectation', get(origin($evil), "Expect: evil\r\n") ],
    [ 'TRACE', "TRACE /%s HTTP/1.1\r\n${host}Origin: $evil\r\n$close" ],
    [ 'CONNECT', "CONNECT evil:1 HTTP/1.1\r\n${host}Origin: $evil\r\n$close" ],
    [ 'the preface of HTTP/2', "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" ],
    [ 'a TLS handshake', "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n" ],
    [ 'noise', join('', map { chr(($_ * 167 + 13) % 256) } 1 .. 2000)
      . "\r\n\r\n" ],
    [ 'empty lines', "\r\n" x 200 ],
);

# Nothing of a client comes back but what a policy was told to send: the
# listed origins, tokens, and TRACE's own echo, which is a body.
sub reflects {
    my ($res, $place) = @_;
    my @wrong;
    for my $field (@{ $res->{fields} }) {
        my ($name, $value) = @$field;
        my $which = lc $name;
        if ($which eq 'access-control-allow-origin') {
            next if $place eq 'any' && $value eq '*';
            next if $value eq $app;
            next if $value =~ m{^https://(?:[\w-]+\.)+wild\.example$}
                && length $value <= 328;
        }
        elsif ($which =~ /^access-control-allow-(?:methods|headers)$/) {
            my $token = qr/[\w!#\$%&'*+.^`|~-]+/;
            next if $value =~ /^$token(?:, $token)*$/
                && $value !~ /evil/i && length $value <= 8200;
        }
        else {
            # A redirect to a directory's slash repeats the URL, no more.
            next if $value !~ /evil/i && $which !~ /evil/;
        }
        push @wrong, "$name: $value";
    }
    my %seen;
    $seen{ lc $_ }++ for grep { /^Access-Control-|^Vary$/i } $res->names;
    return @wrong, map { "$_ comes $seen{$_} times" }
        grep { $seen{$_} > 1 } sort keys %seen;
}

# Every request in every place; then an honest one.
my %honest = (
    list => { acao => $app, vary => 'Origin' },
    open => { acao => $app, acac => 'true', vary => 'Origin',
              aceh => qr/ETag/ },
    any  => { acao => '*' },
    none => {},
    pass => { acao => $app, vary => 'Origin' },
    host => { acao => $app, acac => 'true', vary => 'Origin' },
);
for my $request (@requests) {
    my ($what, @bytes) = @$request;
    my (@wrong, $answers);
    for my $place (qw(list open any none pass host)) {
        my %port = $place eq 'host' ? (port => $s->port(2)) : ();
        for my $text (@bytes) {
            # A single % of a request is data; %s is the place.
            my $sent = $text;
            my $path = $place eq 'host' ? 'a.txt' : $place;
            $sent =~ s{^(\S+ (?:http://localhost)?/)%s}{$1$path};
            $sent =~ s/^([^\r\n]*)/(my $line = $1) =~ s,%%,%,g; $line/e;
            my @got = eval { $s->raw($sent, %port) };
            push @wrong, "$place: $@" if $@;
            $answers += @got;
            for my $res (@got) {
                push @wrong, map { "$place: $_" } reflects($res, $place);
                push @wrong, "$place: status " . $res->status
                    if $res->status !~ /^(?:200|204|301|400|403|404|405|408
                                           |411|413|414|417|431|501|505)$/x;
            }
        }
        my $res = $s->request('GET /' . ($place eq 'host' ? 'a.txt' : $place),
                              { Origin => $app }, %port);
        push @wrong, map { "$place, the next request: $_" }
            $res->differences({ %{ $honest{$place} }, body => "hi\n" });
    }
    promise(!@wrong, "$what: a plain answer, and the next is served",
        @wrong[ 0 .. ($#wrong < 9 ? $#wrong : 9) ]);
    promise($answers, "$what: httpd does answer") if $what !~ /^empty|0\.9/;
}

# The connection survives where httpd lets it, and nothing leaks from one
# request into the next.
my %on = (conn => $s->connect);
for my $n (1 .. 20) {
    my $fields = $n % 2
        ? [ Origin => $evil, $acrm => 'PUT', $acrh => 'x-evil' x 100 ]
        : [ Origin => $app ];
    my $res = $s->request(($n % 2 ? 'OPTIONS' : 'GET') . ' /open', $fields,
                          %on);
    my @wrong = $res->differences($n % 2
        ? { status => 403, body => '', vary => $TRIO }
        : { %{ $honest{open} }, body => "hi\n" });
    promise(!@wrong, "request $n of one connection", @wrong,
        $res->transcript);
}

# Several at once, in one write: each gets its own.
my @mixed = $s->raw(join '', map {
    "GET /list HTTP/1.1\r\n${host}Origin: $_\r\n"
        . ($_ eq 'end' ? $close : "\r\n")
} ($app, $evil, "$app/", $app, 'null', 'https://a.wild.example') x 10, 'end');
my @acao = map { $_->field('Access-Control-Allow-Origin') // '-' } @mixed;
promise("@acao" eq join(' ', ($app, '-', '-', $app, '-',
                              'https://a.wild.example') x 10, '-'),
    'sixty requests in one write: each gets its own answer', "@acao");

# Nothing above info, whatever came: stop() looks at the whole log.
my @loud = grep { !/\[cors:info\]/ } $s->log_lines(qr/\[cors:/);
promise(!@loud, 'this module logs nothing above info', @loud);
my @raw = grep { /[^ -~]/ || length > 2000 } $s->log_lines(qr/\[cors:/);
promise(!@raw, 'what it logs is printable, and short', @raw);

# A backend's header names are looked at by httpd only when it sends them. Those
# that are none must not upset what is computed from the names before.
my $odd = CorsTest->start(name => 'odd names', cgi => 1,
    files => { 'cgi-bin/names.cgi' => <<'CGI' }, conf => <<"CONF");
#!/usr/bin/perl
print "Content-Type: text/plain\r\n";
for my $n (0 .. 4) {
    print join(',', map { sprintf '%dx%04d', $n, $_ } 0 .. 1150), ": x\r\n";
}
print "\r\nhi\n";
CGI
CorsAllowOrigin $app
CorsAllowCredentials On
CorsExposeHeaders *
CONF
my @before = sort $odd->_children;
for (1 .. 20) {
    # httpd gives up on the response, sometimes in the midst of it.
    eval { $odd->request('GET /cgi-bin/names.cgi', { Origin => $app }) };
}
my @after = sort $odd->_children;
promise("@before" eq "@after", 'names with commas: no child has gone',
    "@before", "@after");
$odd->expect_log(qr/AH02429: Response header name '0x0000,/);

CorsTest::finish();
