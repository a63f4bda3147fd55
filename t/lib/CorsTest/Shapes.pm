package CorsTest::Shapes;

# The shapes of attacks: origins that look like another one.

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(shapes);

# What somebody sends who wants to be taken for the origin. "domain" is the
# part of the host that the entry does not leave open: the whole host, or what
# stands behind `*.`. "other" is another origin of the same list, "theirs" its
# domain.
sub shapes {
    my ($origin, $domain, $other, $theirs) = @_;
    my ($scheme, $host, $port) = $origin =~ m{^(\w+)://([^:]+)(:\d+)?$};
    my ($twin) = $scheme eq 'https' ? 'http' : 'https';
    my ($them) = $other =~ m{//([^:]+)};
    $port //= '';
    my $with = sub { return map { "$scheme://$_$port" } @_ };
    my $label = substr $host, 0, length($host) - length $domain;
    my @x = map {
        my $at = $_;
        substr($domain, $at, 1) eq '.'
            ? $label . substr($domain, 0, $at) . 'x' . substr $domain, $at + 1
            : ()
    } 0 .. length($domain) - 1;
    (my $upper = $host) =~ s/(\w)/\u$1/;
    return (
        'prefix' => [ $with->("evil$domain", "evil-$domain", "x$domain",
                              "a.evil$domain", "xn--evil$domain") ],
        'suffix' => [ $with->("$host.evil.example", "$host.evil",
                              "$host-evil.example", "${host}evil.example",
                              "$host.$host.evil.example"),
                      "$origin.evil.example" ],
        'dot' => [ $with->(@x, $label ? ($label =~ s/\.$/x/r) . $domain
                                      : "wwwx$domain") ],
        'longer' => [ $with->("${host}munity", "${host}x") ],
        'shorter' => [ map { $with->($_) } substr($host, 0, -1),
                       $domain =~ /^[^.]+\.(.+)/ ? $1 : () ],
        'null' => ['null'],
        'twin' => ["$twin://$host$port"],
        'scheme' => [ map { "$_://$host$port" } qw(app httpss ws wss ftp),
                      'chrome-extension' ],
        'no scheme' => [ "//$host$port", "$host$port", "https:$host",
                         "https:/$host", "https:///$host",
                         'https:\\\\' . $host, "blob:$origin",
                         "filesystem:$origin", "view-source:$origin" ],
        'merged' => [ $with->("$host$theirs", "$them$domain",
                              $domain =~ s/\..*//r . $theirs,
                              "$host-$theirs") ],
        'merged under' => [ $with->("$them.$host") ],
        'merged over' => [ $with->("$host.$them") ],
        'under' => [ $with->("sub.$host", "a.b.$host", "localhost.$host") ],
        'port' => [ map { "$scheme://$host:$_" } 8443, 1, 65535, 4430 ],
        'no port' => [ map { "$scheme://$host:$_" } '', 0, 65536, '08443',
                       $scheme eq 'https' ? 443 : 80, '*', '+8443', '8443x',
                       '8443:8443', '0x20fb', '99999999999999999999' ],
        'user' => [ "$scheme://$host\@evil.example",
                    "$scheme://evil.example\@$host",
                    "$scheme://user:pw\@$host", "$scheme://$host:pw\@evil",
                    "$scheme://\@$host" ],
        'trailing dot' => [ "$scheme://$host.$port", "$scheme://$host..",
                            "$scheme://.$host", "$scheme://..$host" ],
        'upper case' => [ "$scheme://$upper$port", uc $origin,
                          "\u$scheme://$host$port", 'NULL', 'Null' ],
        'path' => [ map { "$origin$_" } '/', '/x', '?x', '#x', '\\', ';x',
                    '/.evil.example', '?.evil.example', '#@evil.example',
                    '\\@evil.example', '%2f', '&', '`', '"', "'" ],
        'several' => [ "$origin $origin", "$origin, $origin",
                       "$origin,$origin", "https://evil.example $origin",
                       "$origin https://evil.example", "null $origin",
                       "$origin null", "$origin,", ",$origin", "$origin,null",
                       "$origin $other", "$origin;$other" ],
        'lookalike' => [ $with->(map { "$label$_" }
                                 "xn--" . ($domain =~ s/e/-/r) . '-9uf',
                                 $domain =~ s/o/0/r =~ s/l/1/r =~ s/e/3/r,
                                 $domain =~ s/[ae]/\xc3\xa9/r,
                                 $domain =~ s/[ae]/\xd0\xb0/r,
                                 $domain =~ s/\.?([^.]+)$/\xe3\x80\x82$1/r,
                                 $domain =~ s/\b[a-z]/xn--$&/r) ],
        'escaped' => [ map { "$scheme://$host$_" } '%00.evil.example', '%00',
                       '%2eevil.example', '%20', '%0d%0a', '\\x00', '\\0' ],
        'blank' => [ "$scheme://$host\t.evil.example", "$scheme:// $host",
                     "$scheme://\t$host", "$origin \tx", "$origin\x80",
                     "$origin\xff.evil.example", "$origin\xa0" ],
        'number' => [ "$scheme://2130706433", "$scheme://127.1",
                      "$scheme://0x7f000001", "$scheme://[::ffff:127.0.0.1]",
                      "$scheme://127.0.0.1.$host.evil" ],
        'star' => [ "$scheme://*", '*', "*://$host", "$scheme://*.$domain",
                    "$scheme://%", "$scheme://_", 'https://.*', '.*', 'on',
                    'true', '0' ],
    );
}

1;
