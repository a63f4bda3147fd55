# What must not stand together: credentials and origins that nobody can trust.
# Where the configuration shows it, no server starts, and the message names
# both places; each consent lifts what it names. What only a request brings
# together is in credentials.t, but for expressions, which are here.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use Test::More;

my $app = 'https://app.example.com';
my $on  = 'CorsAllowCredentials On';
my $off = 'CorsAllowCredentials Off';

# ---------------------------------------------------------------------------
# The items
# ---------------------------------------------------------------------------

my $http = 'whoever controls the network speaks for an http origin; write '
    . "https, or 'CorsTolerate insecure-origin'";
my $suffix = 'anybody can register a name there; list the hosts, or write '
    . "'CorsTolerate public-suffix'";
my $http_too = 'it matches http origins, and whoever controls the network '
    . "speaks for them; write https, or 'CorsTolerate insecure-origin'";

# item => [ why it must not meet credentials, the consent ]
my %bad = (
    '*'    => [ 'every site could act for the user; list the origins', '' ],
    'null' => [ 'every site can send this origin; list real ones, or write '
                  . "'CorsTolerate null-credentials'", 'null-credentials' ],
    (map { $_ => [ $http, 'insecure-origin' ] }
     'http://plain.example', 'http://plain.example:8080',
     '//either.example', '//either.example:*', 'http://*.example.com',
     'http://127.example', 'http://[::2]:81'),
    (map { $_ => [ $suffix, 'public-suffix' ] }
     'https://*.com', 'https://*.github.io', 'https://*.co.uk',
     'https://*.internal', 'https://*.com:*'),
    'match https?://www\.example\.com' => [ $http_too, 'insecure-origin' ],
);
my @items = sort keys %bad;

# The consents that there are, and one that is a list.
my @words = qw(null-credentials insecure-origin public-suffix loose-match);

# The line that names the item.
sub list_of {
    my ($item) = @_;
    return $item =~ /^match (.*)/ ? "CorsAllowOriginMatch $1"
                                  : "CorsAllowOrigin $item";
}

# What is said about the item of one line and the credentials of another.
sub complaint {
    my ($item, $line, $other) = @_;
    my ($directive, $text) = split / /, list_of($item), 2;
    return "$directive: '$text' (cors.conf:$line) must not meet "
        . "CorsAllowCredentials On (cors.conf:$other): $bad{$item}[0]";
}

# ---------------------------------------------------------------------------
# One configuration, many places
# ---------------------------------------------------------------------------

# The text under test is a file of its own, so that its lines have numbers
# that are known here. put() adds lines and returns the number of the last.
my (@lines, @expected);

sub put {
    push @lines, @_;
    return scalar @lines;
}

sub begin { @lines = @expected = () }

# What the module said at `error`, without what differs from run to run.
sub complaints {
    my ($said) = @_;
    my @all = $said =~ /\[cors:error\] \[[^]]*\] (.*)/g;
    s{\(/\S+?/([\w.-]+:\d+)\)}{($1)}g, s/\\\\/\\/g for @all;
    return @all;
}

# Runs the configtest: the complaints are these, each once, and no others.
# mod_proxy is only loaded where it is needed.
sub check {
    my ($text, %opt) = @_;
    my %files = ('cors.conf' => join('', map { "$_\n" } @lines),
                 %{ $opt{files} || {} });
    my @proxy = (grep { /^<Proxy/m } @lines) ? 'proxy' : ();
    my %how = (modules => $opt{modules} || \@proxy, files => \%files);
    my $conf = "Include cors.conf\n";
    my $said = @expected
        ? config_error($conf, qr/^AH00014: Configuration check failed$/m,
                       "$text: refused", %how)
        : config_ok($conf, "$text: accepted", %how);
    my @got  = sort(complaints($said));
    my @want = sort @expected;
    my (%got, %want);
    $got{$_}++ for @got;
    $want{$_}++ for @want;
    promise("@got" eq "@want", "$text: "
            . (@want ? @want . ' complaint(s), no more' : 'no complaint'),
        (map { "missing: $_" } grep { !$got{$_} } @want),
        (map { "too many: $_" } grep { $got{$_} > ($want{$_} || 0) }
         sort keys %got),
        map { "$_: $lines[$_ - 1]" } 1 .. (@lines > 40 ? 40 : @lines));
    begin();
}

# Sections, each as [ what opens it ... ]; %d is a number of its own.
my $number = 0;

sub opening { my ($n, @open) = @_; s/%d/$n/g for @open; return @open }
sub closing { return map { /^<(\w+)/ ? "</$1>" : () } reverse @_ }

my %section = (
    'Directory'            => ['<Directory "@DOCROOT@/p/%d">'],
    'Directory, wildcard'  => ['<Directory "@DOCROOT@/p/%d/*/a">'],
    'DirectoryMatch'       => ['<DirectoryMatch "/p/%d/">'],
    'Location'             => ['<Location "/p/%d">'],
    'LocationMatch'        => ['<LocationMatch "^/p/%d/">'],
    'Files'                => ['<Files "p-%d.txt">'],
    'FilesMatch'           => ['<FilesMatch "^p-%d\.">'],
    'If'                   => ['<If "%{REQUEST_URI} =~ m#^/p/%d/#">'],
    'Files in Directory'   => [ '<Directory "@DOCROOT@/p/%d">',
                                '<Files "a.txt">' ],
    'If in Directory'      => [ '<Directory "@DOCROOT@/p/%d">',
                                '<If "true">' ],
    'If in Location'       => [ '<Location "/p/%d">', '<If "true">' ],
    'If in LocationMatch'  => [ '<LocationMatch "/p/%d">', '<If "true">' ],
    'If in Files'          => [ '<Files "p-%d.txt">', '<If "true">' ],
    'If in If'             => [ '<If "%{REQUEST_URI} =~ m#^/p/%d/#">',
                                '<If "true">' ],
    'Files in Directory of a virtual host' =>
        [ '<VirtualHost *:80>', 'ServerName s%d.example',
          '<Directory "@DOCROOT@/p/%d">', '<Files "a.txt">' ],
    'Location in a virtual host' =>
        [ '<VirtualHost *:80>', 'ServerName s%d.example',
          '<Location "/p/%d">' ],
    'Proxy'                => ['<Proxy "http://p%d.example/">'],
    'Proxy, wildcard'      => ['<Proxy "http://*.p%d.example/">'],
    'ProxyMatch'           => ['<ProxyMatch "^http://p%d\.example/">'],
    'If in Proxy'          => [ '<Proxy "http://p%d.example/">',
                                '<If "true">' ],
    'Proxy in a virtual host' =>
        [ '<VirtualHost *:80>', 'ServerName s%d.example',
          '<Proxy "http://p%d.example/">' ],
    'VirtualHost'          => [ '<VirtualHost *:80>',
                                'ServerName s%d.example' ],
    'CorsPolicy'           => ['<CorsPolicy p%d>'],
    'CorsPolicy of a virtual host' =>
        [ '<VirtualHost *:80>', 'ServerName s%d.example',
          '<CorsPolicy p%d>' ],
);

# Both halves in one section, every item in every kind of section.
for my $kind (sort keys %section) {
    for my $item (@items) {
        my @open = opening(++$number, @{ $section{$kind} });
        put(@open);
        my $list  = put(list_of($item));
        my $other = put($on);
        put(closing(@open));
        push @expected, complaint($item, $list, $other);
    }
}
check('both halves in every kind of section');

# The other way round, with more beside it.
for my $kind (sort keys %section) {
    for my $item (@items) {
        my @open = opening(++$number, @{ $section{$kind} });
        my $other = put(@open, 'CorsMaxAge 5', $on);
        my $list  = put("CorsAllowOrigin +$app", list_of($item));
        put("CorsAllowOrigin +https://b.example", closing(@open));
        push @expected, complaint($item, $list, $other);
    }
}
check('credentials first, and safe origins beside it');

# In the server itself.
for my $item (@items) {
    my $list = put('CorsMaxAge 5', list_of($item));
    push @expected, complaint($item, $list, put($on));
    check("in the server: $item");
}
for my $item (@items) {
    push @expected, complaint($item, put(list_of($item)), scalar @items + 1);
}
put($on);
check('in the server: all at once, each with its own line');

# ---------------------------------------------------------------------------
# Halves apart
# ---------------------------------------------------------------------------

# One half in the server, one elsewhere; the list inside, or outside.
put($on);
for my $item (@items) {
    for my $kind (sort keys %section) {
        my @open = opening(++$number, @{ $section{$kind} });
        my $list = put(@open, list_of($item));
        put(closing(@open));
        # A policy is a contradiction where it is used, not before.
        push @expected, complaint($item, $list, 1) if $kind !~ /Policy/;
    }
}
check('credentials in the server, the list in a section');

for my $kind (grep { !/Policy/ } sort keys %section) {
    my @places = map { put(list_of($_)) } @items;
    my @open = opening(++$number, @{ $section{$kind} });
    my $other = put(@open, $on);
    put(closing(@open));
    @expected = map { complaint($items[$_], $places[$_], $other) } 0 .. $#items;
    check("the list in the server, credentials in $kind");
}

# A section in a section, by nesting or by path, in any order in the file.
my %nested = (
    # name => [ outer, inner, what closes the inner one ]; without an inner one
    # the next two stand inside the outer one
    'Directory in Directory' => [ '<Directory "@DOCROOT@/n/%d">',
                                  '<Directory "@DOCROOT@/n/%d/in">' ],
    'Directory far down'     => [ '<Directory "@DOCROOT@/n/%d/">',
                                  '<Directory "@DOCROOT@/n/%d/a/b/c">' ],
    'Directory twice'        => [ '<Directory "@DOCROOT@/n/%d">',
                                  '<Directory "@DOCROOT@/n/%d">' ],
    'Location in Location'   => [ '<Location "/n/%d">',
                                  '<Location "/n/%d/in">' ],
    'Location with a slash'  => [ '<Location "/n/%d/">',
                                  '<Location "/n/%d/in">' ],
    'Location twice'         => [ '<Location "/n/%d">', '<Location "/n/%d">' ],
    'Files in Directory'     => [ '<Directory "@DOCROOT@/n/%d">',
                                  undef, '<Files "a.txt">' ],
    'If in Directory'        => [ '<Directory "@DOCROOT@/n/%d">',
                                  undef, '<If "true">' ],
    'If in Location'         => [ '<Location "/n/%d">', undef,
                                  '<If "true">' ],
    'Else in Location'       => [ '<Location "/n/%d">', undef,
                                  "<If \"false\">\n</If>\n<Else>", '</Else>' ],
    'If in Files in Directory' => [ '<Directory "@DOCROOT@/n/%d">', undef,
                                    "<Files \"a.txt\">\n<If \"true\">",
                                    "</If>\n</Files>" ],
    'Files in a Directory inside' =>
        [ '<Directory "@DOCROOT@/n/%d">',
          "<Directory \"\@DOCROOT\@/n/%d/in\">\n<Files \"a.txt\">",
          "</Files>\n</Directory>" ],
    'If in a Location inside' =>
        [ '<Location "/n/%d">', "<Location \"/n/%d/in\">\n<If \"true\">",
          "</If>\n</Location>" ],
    'Proxy in Proxy'         => [ '<Proxy "http://n%d.example/">',
                                  '<Proxy "http://n%d.example/in">' ],
    'Proxy twice'            => [ '<Proxy "http://n%d.example/">',
                                  '<Proxy "http://n%d.example/">' ],
    'Proxy by any beginning' => [ '<Proxy "http://n%d.">',
                                  '<Proxy "http://n%d.example/in">' ],
    'If in Proxy'            => [ '<Proxy "http://n%d.example/">', undef,
                                  '<If "true">' ],
);

# Writes two halves into a pair of sections; returns the lines they are on.
sub nest {
    my ($pair, $first, $outer, $inner) = @_;
    my ($around, $within, @more) = opening(++$number, map { $_ // '' } @$pair);
    my ($word) = $around =~ /^<(\w+)/;
    my @places;
    my $tail = $pair->[1] ? $more[0] : $more[1];
    my $open = $pair->[1] ? $within : $more[0];
    $tail ||= $open =~ /^<(\w+)/ ? "</$1>" : '';
    my @inside = split /\n/, $open;
    if (!$pair->[1]) {
        $places[0] = put($around, $outer);
        $places[1] = put(@inside, $inner);
        put(split(/\n/, $tail), "</$word>");
        return @places;
    }
    for my $i ($first ? (1, 0) : (0, 1)) {
        $places[$i] = put($i ? @inside : $around, $i ? $inner : $outer);
        put($i ? split(/\n/, $tail) : "</$word>");
    }
    return @places;
}

for my $first (0, 1) {
    for my $name (sort keys %nested) {
        for my $item (@items) {
            my ($list, $other) = nest($nested{$name}, $first, list_of($item),
                                      $on);
            push @expected, complaint($item, $list, $other);
            # `+`, so that what is outside stays.
            my $add = list_of($item) =~ s/(Origin) /$1 +/r;
            ($other, $list) = nest($nested{$name}, $first, $on, $add);
            push @expected, complaint($item, $list, $other);
        }
    }
    check('halves nested, ' . ($first ? 'the inner one first in the file'
                                      : 'in order'));
}

# Three levels: the innermost credentials count, and have their place.
{
    my @places = (put('<Location "/t">', $off), put("CorsAllowOrigin null"),
                  put('</Location>', '<Location "/t/a">', $on),
                  put('</Location>', '<Location "/t/a/b">', $on));
    put('CorsMaxAge 5', '</Location>');
    @expected = complaint('null', $places[1], $places[2]);
    check('an entry that several sections contradict is told once');
}
{
    put($on, 'CorsMaxAge 5', $off);
    my $other = put($on);
    push @expected, complaint('null', put('CorsAllowOrigin null'), $other);
    check('credentials said again: the last line counts');
}

# The main server's section around that of a virtual host, and vice versa.
for my $item (@items) {
    my $n = ++$number;
    my $other = put(qq{<Directory "\@DOCROOT\@/v/$n">}, $on);
    put('</Directory>');
    my $list = put('<VirtualHost *:80>', "ServerName v$n.example",
                   qq{<Directory "\@DOCROOT\@/v/$n/in">}, list_of($item));
    put('</Directory>', '</VirtualHost>');
    push @expected, complaint($item, $list, $other);

    $n = ++$number;
    $list = put(qq{<Location "/v/$n/in">}, list_of($item));
    $other = put('</Location>', '<VirtualHost *:80>', "ServerName v$n.example",
                 qq{<Location "/v/$n">}, $on);
    put('</Location>', '</VirtualHost>');
    push @expected, complaint($item, $list, $other);
}
check("a main server's section around that of a virtual host, and inside");

# Most virtual hosts do without credentials; one is enough.
my @lists = map {
    my $list = put(qq{<Directory "\@DOCROOT\@/v/} . ++$number . '">',
                   list_of($_));
    put('</Directory>');
    $list;
} @items;
put('<VirtualHost *:80>', "ServerName $_.example", $_ eq 'on' ? $on : $off,
    '</VirtualHost>') for qw(first on last);
@expected = map { complaint($items[$_], $lists[$_], @lines - 5) } 0 .. $#items;
check('sections of the main server, credentials in one of its virtual hosts');

# ---------------------------------------------------------------------------
# Policies
# ---------------------------------------------------------------------------

# Where it is used, and whatever gives the other half.
my %use = map { $_ => $section{$_} }
    qw(VirtualHost Directory Location Files If LocationMatch),
    'If in Location', 'Files in Directory';
for my $where (sort keys %use) {
    for my $item (@items) {
        my $n = ++$number;
        my $list = put("<CorsPolicy l$n>", list_of($item));
        my $give = put('</CorsPolicy>', "<CorsPolicy c$n>",
                       "CorsAllowOrigin $app", $on);
        my @open = opening($n, @{ $use{$where} });
        my $other = put('</CorsPolicy>', @open, "CorsUsePolicy l$n", $on);
        put(closing(@open));
        push @expected, complaint($item, $list, $other);

        # The section's own origins replace the policy's and keep its
        # credentials.
        $n = ++$number;
        @open = opening($n, @{ $use{$where} });
        $list = put(@open, list_of($item));
        put('CorsUsePolicy c' . ($n - 1), closing(@open));
        push @expected, complaint($item, $list, $give);
    }
}
check('a policy and directives beside its use');

{
    my $list = put('<CorsPolicy a>', "CorsAllowOrigin $app", '</CorsPolicy>',
                   '<CorsPolicy b>', 'CorsAllowOrigin null');
    my $other = put('</CorsPolicy>', 'CorsUsePolicy a b', $on);
    @expected = complaint('null', $list, $other);
    check('a policy that is used second, in the server');

    $list = put('<CorsPolicy a>', 'CorsAllowOrigin null');
    $other = put('</CorsPolicy>', '<Location "/a">', 'CorsUsePolicy a',
                 '</Location>', '<Location "/a/b">', $on);
    put('</Location>');
    @expected = complaint('null', $list, $other);
    check('credentials inside of where a policy is used');

    $other = put('<CorsPolicy a>', "CorsAllowOrigin $app", $on);
    $list = put('</CorsPolicy>', '<Location "/a">', 'CorsUsePolicy a',
                '</Location>', '<Location "/a/b">', 'CorsAllowOrigin +null');
    put('</Location>');
    @expected = complaint('null', $list, $other);
    check('origins inside of where a policy is used');

    $list = put('<CorsPolicy a>', 'CorsAllowOrigin null');
    $other = put('</CorsPolicy>', '<Location "/">', "CorsAllowOrigin $app",
                 $on);
    put('</Location>', map { (qq{<Location "/u/$_">}, 'CorsUsePolicy a',
                              '</Location>') } 1 .. 20);
    @expected = complaint('null', $list, $other);
    check('credentials around 20 uses of a policy are told once');

    put('<CorsPolicy a>', 'CorsAllowOrigin null', '</CorsPolicy>',
        '<CorsPolicy b>', "CorsAllowOrigin $app", $on, '</CorsPolicy>',
        'CorsUsePolicy a b');
    check('two policies do not mix');

    put('<CorsPolicy a>', 'CorsAllowOrigin null', '</CorsPolicy>',
        '<Location "/a">', 'CorsUsePolicy a', $on, $off, '</Location>',
        '<Location "/b">', $on, '</Location>', '<Location "/b/c">',
        'CorsUsePolicy a', $off, '</Location>');
    check('a policy used where credentials are off');

    put("CorsAllowOrigin null", '<CorsPolicy a>', "CorsAllowOrigin $app", $on,
        '</CorsPolicy>', '<Location "/a">', 'CorsUsePolicy a', '</Location>');
    check('a policy ends the origins that it would contradict');
}

# ---------------------------------------------------------------------------
# Consent
# ---------------------------------------------------------------------------

# In the section, in one around it, in the virtual host and in the server:
# the right word lifts what it names, and no other does.
for my $word (@words) {
    my %places = (
        'the section' => sub {
            my ($n, $list) = @_;
            my $at = put(qq{<Location "/c/$n">}, $list);
            my $other = put($on);
            put("CorsTolerate $word", '</Location>');
            return ($at, $other);
        },
        'a section around it' => sub {
            my ($n, $list) = @_;
            my $at = put(qq{<Directory "\@DOCROOT\@/c/$n">},
                         "CorsTolerate $word", '</Directory>',
                         qq{<Directory "\@DOCROOT\@/c/$n/in">},
                         '<Files "a.txt">', $list);
            my $other = put($on);
            put('</Files>', '</Directory>');
            return ($at, $other);
        },
        'the virtual host' => sub {
            my ($n, $list) = @_;
            my $at = put('<VirtualHost *:80>', "ServerName c$n.example",
                         "CorsTolerate $word", '<If "true">', $list);
            my $other = put($on);
            put('</If>', '</VirtualHost>');
            return ($at, $other);
        },
        'the policy' => sub {
            my ($n, $list) = @_;
            my $at = put("<CorsPolicy c$n>", "CorsTolerate $word", $list);
            my $other = put($on);
            put('</CorsPolicy>', qq{<Location "/c/$n">}, "CorsUsePolicy c$n",
                '</Location>');
            return ($at, $other);
        },
    );
    for my $place (sort keys %places) {
        for my $item (@items) {
            my ($list, $other) = $places{$place}->(++$number, list_of($item));
            push @expected, complaint($item, $list, $other)
                if $bad{$item}[1] ne $word;
        }
    }
    check("$word lifts what it names, in a section, around it and so on");

    put("CorsTolerate $word");
    for my $item (@items) {
        my $n = ++$number;
        my $list = put(qq{<Location "/c/$n">}, list_of($item));
        my $other = put($on);
        put('</Location>');
        push @expected, complaint($item, $list, $other)
            if $bad{$item}[1] ne $word;
    }
    check("$word lifts what it names, in the server");
}

put("CorsTolerate @words[0, 1]", "CorsTolerate @words[2, 3]",
    map { list_of($_) } grep { $_ ne '*' } @items);
put($on);
check('all consents lift all but *');
@expected = complaint('*', put("CorsTolerate @words", 'CorsAllowOrigin *'), 3);
put($on);
check('nothing lifts *');

{
    put('<Location "/a">', 'CorsTolerate null-credentials', '</Location>',
        '<Location "/a/b">');
    my $list = put('CorsTolerate insecure-origin', 'CorsAllowOrigin null');
    push @expected, complaint('null', $list, put($on));
    put('</Location>', '<Location "/c">', 'CorsTolerate null-credentials');
    $list = put('</Location>', '<Location "/d">', 'CorsAllowOrigin null');
    push @expected, complaint('null', $list, put($on));
    put('</Location>', '<VirtualHost *:80>', 'ServerName v.example',
        'CorsTolerate null-credentials', '</VirtualHost>');
    check('consent that is replaced, or stands elsewhere, does not help');
}

# Two dangers in one item need both consents.
for my $row (
    [ 'CorsAllowOrigin http://*.com', 'insecure-origin', 'public-suffix' ],
    [ 'CorsAllowOrigin //*.github.io:*', 'insecure-origin', 'public-suffix' ],
    [ 'CorsAllowOriginMatch https?://.*example\.com', 'insecure-origin',
      'loose-match' ],
) {
    my ($list, @need) = @$row;
    for my $word ('', @words) {
        config_error("$list\n$on\n" . ($word && "CorsTolerate $word\n"),
            qr/\] CorsAllowOrigin(?:Match)?: .*Configuration check failed/s,
            "$list needs more than '$word'");
    }
    config_ok("$list\n$on\nCorsTolerate @need\n",
        "$list is lifted by @need together");
}

# ---------------------------------------------------------------------------
# What is fine
# ---------------------------------------------------------------------------

put("CorsAllowOrigin $_", $on)
    for 'http://localhost', 'http://localhost:*', '//localhost:3000',
    'http://app.localhost', 'http://a.b.localhost:81', '//*.localhost:*',
    'http://127.0.0.1', 'http://127.255.0.9:8080', '//127.0.0.1:*',
    'http://[::1]', 'http://[::1]:9000', 'https://plain.example',
    'https://*.example.com', 'https://*.me.github.io', 'https://pr-*.localhost',
    'https://pr-*.example.com', 'capacitor://localhost', 'ws://plain.example',
    'chrome-extension://abcdef', 'same-site';
put('CorsAllowOriginMatch https://[a-z]+\.example\.com');
check('what is no contradiction');

put('<Proxy "http://a.example:81/">', $on, '</Proxy>',
    '<ProxyMatch "http://b">', $on, '</ProxyMatch>',
    '<Proxy "http://c.example/">', $on, '</Proxy>');
put(qq{<Proxy "http://$_">}, 'CorsAllowOrigin null', '</Proxy>')
    for 'a.example/', 'b.example/', 'c.example/*.txt';
check('proxies apart, for all that can be known');

# Each in a place of its own, for each item.
my %fine = (
    'without credentials' => sub { ($_[0]) },
    'credentials Off'     => sub { ($_[0], $off) },
    'credentials Off again' => sub { ($on, $_[0], $off) },
    'CorsEngine Off'      => sub { ($_[0], $on, 'CorsEngine Off') },
    'a plain origin inside' => sub {
        ($_[0], '<If "true">', "CorsAllowOrigin $app", $on, '</If>');
    },
    'none inside' => sub {
        ($_[0], '<If "true">', 'CorsAllowOrigin none', $on, '</If>');
    },
    'CorsEngine Off inside' => sub {
        ($_[0], '<If "true">', $on, 'CorsEngine Off', '</If>');
    },
    'credentials Off inside' => sub {
        ("CorsAllowOrigin $app", $on, '<If "true">', $_[0], $off, '</If>');
    },
);
for my $name (sort keys %fine) {
    for my $item (@items) {
        ++$number;
        put(qq{<Location "/f/$number">}, $fine{$name}->(list_of($item)),
            '</Location>');
    }
    check("fine: $name");
}
put(map { list_of($_) } @items);
check('fine: in the server, without credentials');

for my $item (grep { !/match/ && $_ ne '*' } @items) {
    put(qq{<Location "/m/} . ++$number . '">', "CorsAllowOrigin $app $item",
        '<If "true">', "CorsAllowOrigin -$item", $on, '</If>', '</Location>',
        qq{<Location "/m/} . ++$number . '">',
        "CorsAllowOrigin $app $item -$item", $on, '</Location>');
}
check('fine: an entry that is taken out again');
put('<Location "/m">', 'CorsAllowOrigin http://x.example:80', '</Location>',
    '<Location "/m/n">', 'CorsAllowOrigin -HTTP://X.example', $on,
    '</Location>');
check('fine: taken out under another spelling');
{
    my $list = put('<Location "/m">', 'CorsAllowOrigin -null', '</Location>',
                   '<Location "/m/n">', 'CorsAllowOrigin +null');
    @expected = complaint('null', $list, put($on));
    put('</Location>');
    check('an entry that is taken out only outside');
    $list = put('<Location "/m">', "CorsAllowOrigin $app null", '</Location>',
                '<Location "/m/n">', "CorsAllowOrigin -$app") - 3;
    @expected = complaint('null', $list, put($on));
    put('</Location>');
    check('another one that is taken out does not help');
}
put('CorsAllowOriginMatch https?://www\.example\.com', '<Location "/a">',
    'CorsAllowOriginMatch https://www\.example\.com', $on, '</Location>');
check('fine: an expression that an inner one replaces');
put('CorsEngine Off', $on, '<Location "/a">', 'CorsAllowOrigin null',
    '</Location>');
check('fine: CorsEngine Off around it');
for my $row ([ '<Location "/sib">', '<Location "/sibling">' ],
             [ '<Location "/a/b">', '<Location "/a/c">' ],
             [ '<Directory "@DOCROOT@/sib">',
               '<Directory "@DOCROOT@/sibling">' ],
             [ '<Directory "@DOCROOT@/y/in">',
               '<Directory "@DOCROOT@/y/ink">' ],
             [ '<Location "/z">', '<Directory "@DOCROOT@/z">' ],
             [ '<LocationMatch "/m">', '<Location "/m">' ],
             [ '<Files "a.txt">', '<Files "b.txt">' ]) {
    my ($one, $two) = @$row;
    for my $pair ([ 'CorsAllowOrigin null', $on ],
                  [ $on, 'CorsAllowOrigin null' ]) {
        put($one, $pair->[0], closing($one), $two, $pair->[1], closing($two));
        check("fine: halves in $one and $two");
    }
}
{
    put('CorsEngine Off', $on);
    my $list = put('<Location "/a">', 'CorsEngine On', 'CorsAllowOrigin null');
    put('</Location>');
    @expected = complaint('null', $list, 2);
    check('CorsEngine On again');
    $list = put('CorsEngine ReportOnly', 'CorsAllowOrigin null');
    @expected = complaint('null', $list, put($on));
    check('ReportOnly is no excuse');
}

# Of several things that are wrong with an entry, the message names one that
# nobody has consented to.
my $on_at = put('CorsTolerate insecure-origin', $on);
my $both  = put('CorsAllowOrigin http://*.com');
@expected = "CorsAllowOrigin: 'http://*.com' (cors.conf:$both) must not meet "
    . "CorsAllowCredentials On (cors.conf:$on_at): anybody can register a name "
    . "there; list the hosts, or write 'CorsTolerate public-suffix'";
check('an insecure wildcard over a public suffix, tolerating insecure ones');

# Consent to what a policy holds may stand around it, or around its use.
my @null = ('<CorsPolicy p>', 'CorsAllowOrigin null', $on, '</CorsPolicy>');
put('CorsTolerate null-credentials', @null);
check('a policy that nobody uses, with the consent of the server');
put(@null, '<Location "/a">', 'CorsTolerate null-credentials',
    'CorsUsePolicy p', '</Location>');
check('a policy that is used where there is consent');

# ---------------------------------------------------------------------------
# What is unsafe without credentials too
# ---------------------------------------------------------------------------

my $partial = "must not have '*' in a label that anybody can register; put "
    . "'*.' in front of a domain of your own, list the hosts, or write "
    . "'CorsTolerate public-suffix'";
my $loose = "use CorsAllowOrigin, or write 'CorsTolerate loose-match'";
for my $row (
    (map { [ "CorsAllowOrigin $_", 'public-suffix', $partial ] }
     'https://*example.com', 'https://pr-*.github.io', '//*-shop.co.uk:*'),
    [ 'CorsAllowOriginMatch https://.*example\.com', 'loose-match',
      "accepts 'https://evilexample.com' (prefix), which may be a "
      . "stranger's; $loose" ],
) {
    my ($list, $word, $rule) = @$row;
    my ($directive, $value) = split / /, $list, 2;
    for my $credentials ([], [$off]) {
        for my $kind (sort keys %section) {
            my @open = opening(++$number, @{ $section{$kind} });
            my $at = put(@open, $list);
            put(@$credentials, closing(@open));
            push @expected, "$directive: '$value' (cors.conf:$at) $rule";
        }
    }
    check("$list, without credentials");
    put($list);
    @expected = "$directive: '$value' (cors.conf:1) $rule";
    check("$list, in the server");
    for my $other (grep { $_ ne $word } @words) {
        put($list, "CorsTolerate $other");
        @expected = "$directive: '$value' (cors.conf:1) $rule";
        check("$list: $other does not help");
    }
    put('<Location "/x">', $list, "CorsTolerate $word", '</Location>');
    put("<Location \"/y\">", "CorsTolerate $word", '</Location>',
        '<Location "/y/z">', $list, '</Location>');
    put('<VirtualHost *:80>', 'ServerName w.example', "CorsTolerate $word",
        $list, '</VirtualHost>');
    check("$list is lifted by $word");
    put("CorsTolerate $word", $list);
    check("$list is lifted by $word in the server");
}

# ---------------------------------------------------------------------------
# Once for each entry, and in the right file
# ---------------------------------------------------------------------------

put('CorsAllowOrigin null http://plain.example', $on);
for my $n (1 .. 30) {
    put('<VirtualHost *:80>', "ServerName o$n.example", 'CorsMaxAge 5',
        qq{<Location "/o/$n">}, 'CorsMaxAge 6', '</Location>', '</VirtualHost>',
        qq{<Directory "\@DOCROOT\@/o/$n">}, $on, '<Files "a.txt">',
        'CorsMaxAge 7', '</Files>', '</Directory>');
}
@expected = map { complaint($_, 1, 2) } 'null', 'http://plain.example';
check('60 scopes that inherit a contradiction');

for my $order (0, 1) {
    my @files = (list => "\n\n\nCorsAllowOrigin \\\n    $app \\\n    null\n",
                 on   => "#\n\n$on\n");
    my %files = map { $files[2 * $_] . '.conf' => $files[2 * $_ + 1] } 0, 1;
    my @includes = ('Include list.conf', 'Include on.conf');
    @includes = reverse @includes if $order;
    put('<Location "/inc">', @includes, '</Location>');
    @expected = "CorsAllowOrigin: 'null' (list.conf:6) must not meet "
        . "CorsAllowCredentials On (on.conf:3): $bad{null}[0]";
    check('each half in a file of its own' . ($order ? ', reversed' : ''),
        files => \%files);
}

# ---------------------------------------------------------------------------
# Credentials that are lent to a policy, or by one
# ---------------------------------------------------------------------------

sub notices {
    my ($text, @places) = @_;
    my $said = config_ok("Include cors.conf\n", "$text: accepted",
        files => { 'cors.conf' => join('', map { "$_\n" } @lines) });
    my @got = sort $said =~ m{\[cors:notice\] .*\] CorsAllowOrigin (?#
        )\(\S+/(cors\.conf:\d+)\) replaces the origins and inherits (?#
        )CorsAllowCredentials On}g;
    my @want = sort map { "cors.conf:$_" } @places;
    promise("@got" eq "@want",
        "$text: " . (@want ? 'pointed out once' : 'nothing to point out'),
        "expected @want", $said);
    begin();
}

my @p = ('<CorsPolicy p>', 'CorsAllowOrigin https://p.example');
put(@p, '</CorsPolicy>', "CorsAllowOrigin $app", $on, '<Location "/a">',
    'CorsUsePolicy p', '</Location>');
notices('a policy that inherits credentials', 2);
put(@p, '</CorsPolicy>', '<VirtualHost *:80>', 'ServerName n.example',
    "CorsAllowOrigin $app", $on,
    (map { (qq{<Location "/a/$_">}, 'CorsUsePolicy p', 'CorsMaxAge 5',
            '</Location>') } 1 .. 9), '</VirtualHost>');
notices('a policy that inherits them in many places', 2);
put(@p, '</CorsPolicy>', "CorsAllowOrigin $app", '<Location "/a">', $on,
    '</Location>', '<Location "/a/b">', 'CorsUsePolicy p', '</Location>');
notices('a policy that inherits them from several sections', 2);
put(@p, '</CorsPolicy>', "CorsAllowOrigin $app", $on, '<Location "/a">',
    'CorsUsePolicy p', $_, '</Location>') and notices("$_ beside the use")
    for $on, $off;
put(@p, $_, '</CorsPolicy>', "CorsAllowOrigin $app", $on, '<Location "/a">',
    'CorsUsePolicy p', '</Location>') and notices("$_ in the policy")
    for $on, $off;
put(@p, '</CorsPolicy>', $on, '<Location "/a">', 'CorsUsePolicy p',
    '</Location>');
notices('a policy that replaces nothing');
put(@p, $on, '</CorsPolicy>', 'CorsUsePolicy p', '<Location "/a">');
notices('a list that replaces those of a policy, and inherits from it',
    put("CorsAllowOrigin $app", '</Location>') - 1);
put(@p, $on, '</CorsPolicy>', 'CorsUsePolicy p', '<Location "/a">',
    "CorsAllowOrigin +$app", '</Location>');
notices('a list that adds to those of a policy');

# ---------------------------------------------------------------------------
# Not only configtest
# ---------------------------------------------------------------------------

for my $conf ("CorsAllowOrigin *\n$on\n",
              "CorsAllowOrigin https://pr-*.github.io\n") {
    my $started = eval { CorsTest->start(conf => $conf) };
    my $why = $@;
    my ($value) = $conf =~ /(\S+)\n/;
    promise(!$started && $why =~ /^AH00014: Configuration check failed$/m
            && $why =~ /\[cors:error\] .*CorsAllowOrigin: '\Q$value\E'/,
        "no server starts with $value", $why);
}

# A file that has become a contradiction, and a restart without a configtest.
# httpd would end itself over a refusal then, and with it what works; so the
# server goes on, the contradiction is told at once, and matches nobody.
my $s = CorsTest->start(
    name  => 'a restart into a contradiction',
    files => { 'htdocs/a.txt' => "hi\n",
               'cors.conf'    => "CorsAllowOrigin $app null\n" },
    conf  => "Include cors.conf\n",
);
$s->promises([ 'before: null is allowed', 'GET /a.txt', { Origin => 'null' },
               { acao => 'null', vary => 'Origin', body => "hi\n" } ]);
$s->write_file('cors.conf', "CorsAllowOrigin $app null\n$on\n");
$s->restart;
my $told = qr{\[cors:error\] .*CorsAllowOrigin: 'null' \(\S+/cors\.conf:1\) (?#
    )must not meet CorsAllowCredentials On \(\S+/cors\.conf:2\): };
my @told = $s->log_lines($told);
promise(@told == 1, 'a restart tells of the contradiction, once', @told);
$s->promises(
    [ 'restarted: null is not allowed', 'GET /a.txt', { Origin => 'null' },
      { vary => 'Origin', body => "hi\n" } ],
    [ 'restarted: the others are', 'GET /a.txt', { Origin => $app },
      { acao => $app, acac => 'true', vary => 'Origin', body => "hi\n" } ]);
$s->expect_log(qr/\[cors:error\] .*CorsAllowOrigin 'null' .* matches nobody/);
$s->expect_log($told) if @told;
$s->write_file('cors.conf', "CorsAllowOrigin $app null\n");
$s->restart;
$s->promises([ 'restarted without it: allowed again', 'GET /a.txt',
               { Origin => 'null' },
               { acao => 'null', vary => 'Origin', body => "hi\n" } ]);
$s->stop;

# ---------------------------------------------------------------------------
# What only requests bring together: expressions in .htaccess, and <Location>
# around <Proxy>
# ---------------------------------------------------------------------------

my @loose = ('https://.*example\.com', 'https://www.example\.com',
             'https://example\.com.*', '.*');
my %files = ('htdocs/a.txt' => "hi\n", 'htdocs/behind/a.txt' => "hi\n");
my @rows;
my $conf = "CorsHtaccess All\n";
for my $i (0 .. $#loose) {
    for my $how ('plain', 'tolerated', 'report', 'with') {
        my $dir = "$how-$i";
        $files{"htdocs/$dir/a.txt"} = "hi\n";
        $files{"htdocs/$dir/.htaccess"} =
            "CorsAllowOrigin $app\nCorsAllowOriginMatch $loose[$i]\n";
        $conf .= qq{<Directory "\@DOCROOT\@/$dir">\n}
            . ($how eq 'tolerated' ? "CorsTolerate loose-match\n"
               : $how eq 'report' ? "CorsEngine ReportOnly\n"
               : $how eq 'with' ? "$on\nCorsTolerate insecure-origin\n" : '')
            . "</Directory>\n";
    }
}
my @origins = ('https://evilexample.com', 'https://wwwxexample.com',
               'https://example.com.evil.example', 'https://www.example.com');
for my $i (0 .. $#loose) {
    for my $origin (@origins) {
        my $matches = $origin =~ /\A(?:$loose[$i])\z/;
        push @rows,
            (map { [ "$_ expression $loose[$i] of .htaccess matches nobody: "
                         . $origin, "GET /$_-$i/a.txt", { Origin => $origin },
                     { vary => 'Origin', body => "hi\n" } ] }
             'plain', 'with'),
            [ "$loose[$i] of .htaccess, with the consent around it: $origin",
              "GET /tolerated-$i/a.txt", { Origin => $origin },
              { vary => 'Origin', $matches ? (acao => $origin) : () } ],
            [ "ReportOnly: $loose[$i] changes nothing: $origin",
              "GET /report-$i/a.txt", { Origin => $origin }, {} ];
    }
    push @rows, [ "who is listed beside $loose[$i] is allowed",
                  "GET /plain-$i/a.txt", { Origin => $app },
                  { acao => $app, vary => 'Origin' } ];
}

# <Proxy> meets <Location> in a request only.
$conf .= <<"CONF";
ProxyPass /proxy/ http://127.0.0.1:\@PORT2\@/behind/
<Proxy "http://127.0.0.1:\@PORT2\@/behind/">
    CorsAllowOrigin $app null
</Proxy>
<Location "/proxy/">
    $on
</Location>
Listen 127.0.0.1:\@PORT2\@
<VirtualHost 127.0.0.1:\@PORT2\@>
    ServerName localhost
    KeepAlive Off
</VirtualHost>
CONF
push @rows,
    [ 'Location around <Proxy>: null does not meet credentials',
      'GET /proxy/a.txt', { Origin => 'null' }, { vary => 'Origin', body => "hi\n" } ],
    [ 'Location around <Proxy>: the others have them', 'GET /proxy/a.txt',
      { Origin => $app },
      { acao => $app, acac => 'true', vary => 'Origin', body => "hi\n" } ];

$s = CorsTest->start(files => \%files, conf => $conf, ports => 2,
                     modules => [qw(proxy proxy_http)]);
my $nobody = qr/\[cors:error\] .*matches nobody/;

# The first request of the file is one that changes nothing.
$s->promises([ 'ReportOnly, asked first', 'GET /report-0/a.txt',
               { Origin => $origins[0] }, { body => "hi\n" } ]);
my @first = $s->log_lines($nobody);
promise(@first == 1 && $first[0] =~ m{CorsAllowOriginMatch (?#
        )'https://\.\*example\\\\\.com' \(\S+/report-0/\.htaccess:2\) (?#
        )matches nobody: it accepts .*, which may be a stranger's; },
    'it is told under ReportOnly too, with its place', @first);
$s->promises(@rows);
my @all = $s->log_lines($nobody);
my %by;
$by{ /\[pid (\d+)/ ? $1 : '' }++ for @all;
promise(@all >= 1 && @all <= 16 && !(grep { $_ > 2 } values %by),
    @rows . ' requests tell it once a minute in each child', @all);
$s->expect_log($nobody);

CorsTest::finish();
