# Origins that look like an allowed one, under every way to write the list;
# and random configurations, decided a second time by a model that is written
# from the documentation: whoever is allowed, some entry allows it.
#
# SEED in the environment chooses the random part; it is printed.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use CorsTest::Shapes qw(shapes);
use Test::More;

# Many requests: a connection is used as long as the server keeps it.
my %open;

sub ask {
    my ($s, $line, $fields, $host) = @_;
    for my $try (1, 2) {
        my $fresh = !$open{$s};
        my $conn = $open{$s} ||= $s->connect;
        my $res = eval {
            $s->request($line, $fields, conn => $conn, host => $host)
        };
        my $is_last = !$res || !$res->status
            || ($res->field('Connection') // '') =~ /close/i;
        delete $open{$s} if $is_last;
        return $res if $res && $res->status;
        die $@ || "$line: no answer\n" if $fresh;
    }
}

# Before a server stops, which waits for its connections.
sub hang_up {
    $_->close for values %open;
    %open = ();
}

sub printable {
    return $_[0] =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ger;
}

# Never of any use, even under what allows every site: they are no origins.
# httpd itself refuses them.
my @nul = ("https://example.com\0.evil.example", "\0https://example.com",
           "https://example.com\0");

# ---------------------------------------------------------------------------
# Every way to write a list, for the same origins
# ---------------------------------------------------------------------------

my @meant = ('https://example.com', 'https://www.example.org',
             'https://app.example.co.uk');
my @hosts = map { m{//(.*)} } @meant;
my $thousand = join '', map {
    '    CorsAllowOrigin '
        . join(' ', map { "https://t$_.example.net" } $_ * 10 .. $_ * 10 + 9)
        . "\n"
} 0 .. 99;
my $any_of = join '|', map { quotemeta } @meant;
my $either_of = join ', ', map { "'$_'" } @meant;

# What a matcher's lines are; which shapes it takes for good reason; the
# origins that it means, with what is fixed in their hosts.
my %whole = map { ("https://$_" => $_) } @hosts;
my %under = map { ("https://a.$_" => $_) } @hosts;
my %matcher = (
    'exact list' => { lines => "    CorsAllowOrigin @meant\n" },
    'list of a thousand' =>
        { lines => "    CorsAllowOrigin @meant\n$thousand" },
    '//host' => { takes => ['twin'], tolerate => 'insecure-origin',
        lines => '    CorsAllowOrigin ' . join(' ', map { "//$_" } @hosts)
            . "\n" },
    '*.' => { means => \%under,
        takes => [ 'under', 'merged under', 'merged over' ],
        lines => '    CorsAllowOrigin '
            . join(' ', map { "https://*.$_" } @hosts) . "\n" },
    '*. in a table' => { means => \%under,
        takes => [ 'under', 'merged under', 'merged over' ],
        lines => '    CorsAllowOrigin '
            . join(' ', map { "https://*.$_" } @hosts) . "\n$thousand" },
    'partial wildcard' => {
        means => { map { ("https://pr-7.$_" => $_) } @hosts },
        lines => '    CorsAllowOrigin '
            . join(' ', map { "https://pr-*.$_" } @hosts) . "\n" },
    'partial wildcard in a table' => {
        means => { map { ("https://a-7-b.$_" => $_) } @hosts },
        lines => '    CorsAllowOrigin '
            . join(' ', map { "https://a-*-b.$_" } @hosts) . "\n$thousand" },
    'port wildcard' => { takes => ['port'],
        lines => '    CorsAllowOrigin '
            . join(' ', map { "$_:*" } @meant) . "\n" },
    'localhost' => { takes => [ 'port', 'under localhost' ],
        means => { 'http://localhost:3000' => 'localhost' },
        lines => "    CorsAllowOrigin http://localhost:*\n" },
    'same-site' => { host => 'www.example.com',
        means => { 'https://app.example.com' => 'example.com',
                   'https://a.b.example.com' => 'example.com' },
        takes => [ 'under', 'merged under', 'merged over',
                   'twin', 'port' ],
        lines => "    CorsAllowOrigin same-site\n" },
    'CorsAllowOriginMatch' => {
        lines => "    CorsAllowOriginMatch \"$any_of\"\n" },
    'CorsAllowOriginMatch, several' => {
        lines => join '', map {
            "    CorsAllowOriginMatch ^https://\Q$_\E\$\n" } @hosts },
    'CorsAllowOriginExpr' => {
        lines => qq{    CorsAllowOriginExpr "req('Origin') in }
            . qq{{ $either_of }"\n} },
    'CorsAllowOriginExpr, pattern' => {
        lines => "    CorsAllowOriginExpr "
            . qq{"%{HTTP:Origin} =~ m#\\\\A(?:$any_of)\\\\z#"\n} },
    'policy' => { lines => "    CorsUsePolicy all\n" },
    'several policies' => {
        lines => "    CorsUsePolicy zero one\n    CorsUsePolicy two\n" },
    'several sections' => { lines => join '', map {
        "    CorsAllowOrigin +$_\n" } @meant },
    '.htaccess' => { lines => "    CorsAllowOrigin @meant\n" },
);
my @names = sort keys %matcher;
my %files = ('htdocs/a.txt' => "hi\n");
my @words = qw(zero one two);
my $conf = "MaxKeepAliveRequests 0\n"
    . "<VirtualHost 127.0.0.1:\@PORT\@>\n    ServerName localhost\n"
    . "    ServerAlias *\n</VirtualHost>\n"
    . "<CorsPolicy all>\n    CorsAllowOrigin @meant\n</CorsPolicy>\n"
    . join '', map {
        "<CorsPolicy $words[$_]>\n    CorsAllowOrigin $meant[$_]\n"
            . "</CorsPolicy>\n"
    } 0 .. 2;
my @variants = (
    [ 'plain', '' ],
    [ 'credentials', "    CorsAllowCredentials On\n" ],
    [ 'rejecting', "    CorsRejectUnlisted On\n" ],
);
$conf .= "CorsHtaccess All\n";
for my $i (0 .. $#names) {
    my $matcher = $matcher{ $names[$i] };
    for my $variant (@variants) {
        my ($name, $more) = @$variant;
        my $path = "m$i/$name";
        $more .= "    CorsTolerate $matcher->{tolerate}\n"
            if $more =~ /Credentials/ && $matcher->{tolerate};
        $files{"htdocs/$path/a.txt"} = "hi\n";
        if ($names[$i] eq '.htaccess') {
            $files{"htdocs/$path/.htaccess"} = "$matcher->{lines}$more";
            next;
        }
        $conf .= qq{<Location "/$path">\n$matcher->{lines}$more</Location>\n};
    }
}

# Is the answer that of an allowed origin, or that of a stranger?
sub wrong {
    my ($res, $origin, $is_allowed, $is_preflight, $variant) = @_;
    my $with = $variant =~ /credentials/ ? 'true' : undef;
    return $res->differences({
        vary => $is_preflight ? $TRIO : qr/\bOrigin\b/,
        status => $is_preflight ? ($is_allowed ? 204 : 403)
            : !$is_allowed && $variant =~ /rejecting/ ? 403 : 200,
        !$is_allowed ? () : (
            acao => $origin, acac => $with,
            $is_preflight ? (acam => 'GET, HEAD, POST', acma => 600) : () ),
    });
}

my $s = CorsTest->start(name => 'shapes', files => \%files, conf => $conf,
                        log_level => 'notice');
for my $i (0 .. $#names) {
    my $matcher = $matcher{ $names[$i] };
    my %means = %{ $matcher->{means} || \%whole };
    my @origins = sort keys %means;
    my $host = $matcher->{host} || 'api.example.net';
    for my $variant (map { $_->[0] } @variants) {
        my %takes = map { $_ => 1 } @{ $matcher->{takes} || [] };
        my %wrong = (itself => []);
        # Over http, `same-site` allows http; but never with credentials.
        delete $takes{twin} if $host eq 'www.example.com'
            && $variant =~ /credentials/;
        # One origin shows whether the rest of the scope makes a difference.
        for my $k (0 .. ($variant eq 'plain' ? $#origins : 0)) {
            my $origin = $origins[$k];
            my $other = $origins[ ($k + 1) % @origins ];
            my %shapes = (shapes($origin, $means{$origin}, $other,
                                 $means{$other}), itself => [$origin]);
            # There is nothing else to confuse it with.
            delete @shapes{ grep { /^merged/ } keys %shapes }
                if @origins == 1;
            delete $shapes{shorter} if $host eq 'www.example.com';
            for my $shape (sort keys %shapes) {
                my $is = $shape eq 'itself' || $takes{$shape} || 0;
                $wrong{$shape} ||= [];
                for my $sent (@{ $shapes{$shape} }) {
                    my $path = "/m$i/$variant/a.txt";
                    my $get = ask($s, "GET $path", { Origin => $sent },
                                  $host);
                    my $options = ask($s, "OPTIONS $path",
                                      preflight($sent, 'GET'), $host);
                    push @{ $wrong{$shape} }, map {
                        printable($sent) . ": $_"
                    } wrong($get, $sent, $is, 0, $variant),
                        wrong($options, $sent, $is, 1, $variant);
                }
            }
        }
        promise(!@{ $wrong{$_} }, "$names[$i], $variant: "
            . ($_ eq 'itself' || $takes{$_} ? 'allows ' : 'refuses ') . $_,
            @{ $wrong{$_} }) for sort keys %wrong;
    }
}
for my $nul (@nul) {
    my ($res) = $s->raw("GET /m0/plain/a.txt HTTP/1.1\r\nHost: localhost\r\n"
        . "Origin: $nul\r\nConnection: close\r\n\r\n");
    promise($res && $res->status == 400
            && !$res->fields('Access-Control-Allow-Origin'),
        "'" . printable($nul) . "' is no request");
}
hang_up();
$s->stop;

# ---------------------------------------------------------------------------
# The model: what the documentation says, written down once more
# ---------------------------------------------------------------------------

my $seed = $ENV{SEED} || 20261121;
srand $seed;
note("SEED=$seed");

sub any_of { return $_[ int rand @_ ] }
sub chance { return rand() < $_[0] }

# The host that requests are sent to, over http.
my $server = 'www.example.com';

# Public suffixes of several labels in what follows; all names of one label
# are suffixes, too.
my %suffix = map { $_ => 1 } qw(co.uk github.io);

sub site {
    my ($host) = @_;
    return $host if $host =~ /^\[|^[\d.]+$|\.$/;
    my @labels = split /\./, $host;
    my $own = pop @labels;
    while (@labels) {
        my $is_suffix = $own !~ /\./ || $suffix{$own};
        $own = (pop @labels) . ".$own";
        return $own if $is_suffix && !$suffix{$own};
    }
    return $host;
}

sub parts { return $_[0] =~ m{^([a-z-]+)://(\[[^\]]*\]|[^:]*)(?::(\d+))?$} }

sub is_local {
    return $_[0] =~ /^(?:(?:.*\.)?localhost|\[::1\]|127\.[\d.]+)$/;
}

sub is_insecure {
    my ($scheme, $host) = parts($_[0]);
    return $_[0] ne 'null' && $scheme eq 'http' && !is_local($host);
}

# Does an item cover a well-formed origin, or null?
sub item_covers {
    my ($item, $origin) = @_;
    return 1 if $item eq '*';
    return $origin eq $item if $item eq 'null' || $origin eq 'null';
    if ($item eq 'same-site') {
        my ($scheme, $host) = parts($origin);
        return $scheme =~ /^https?$/ && site($host) eq site($server);
    }
    my $label = '[a-z0-9_-]+';
    my $text = quotemeta $item;
    $text =~ s{^\\/\\/}{https?://};
    $text =~ s{/\\\*\\\.}{/(?:$label\\.)+};
    $text =~ s{\\:\\\*$}{(?::\\d+)?};
    $text =~ s{\\\*}{$label};
    return $origin =~ /\A$text\z/;
}

# What makes an item unsafe with credentials: the consent that it takes.
sub item_needs {
    my ($item) = @_;
    return 'nothing will do' if $item eq '*';
    return 'null-credentials' if $item eq 'null';
    my ($scheme, $host) = $item =~ m{^([a-z-]*):?//(\[[^\]]*\]|[^:]*)};
    return () if !defined $host;
    my $domain = $host =~ s/^[^.]*\*[^.]*\.//r;
    return ($scheme eq 'http' || $scheme eq '') && !is_local($domain)
            ? 'insecure-origin' : (),
        $host =~ /\*/ && !is_local($domain)
            && ($domain !~ /\./ || $suffix{$domain})
            ? 'public-suffix' : ();
}

# Sections of a configuration: { lines, origins => [[sign, item]...], none,
# match => [...], expr => [...], use => [names], credentials, tolerate => {},
# rejects, engine }. What is not there is not set.

# The sections that count, from the outermost, as one policy sees them: where
# policies are in use, the named one lies between what is inherited, whose
# origins it ends, and the section that uses it.
sub alternatives {
    my ($policies, @chain) = @_;
    my ($last) = grep { $chain[$_]{use} } reverse 0 .. $#chain;
    return \@chain if !defined $last;
    my @outer = map {
        my %section = %$_;
        delete @section{qw(origins none match expr)};
        \%section
    } @chain[ 0 .. $last - 1 ];
    return map {
        [ @outer, { %{ $policies->{$_} }, ends => 1 },
          @chain[ $last .. $#chain ] ]
    } @{ $chain[$last]{use} };
}

sub sets_origins {
    return grep { $_[0]{$_} } qw(origins none match expr ends);
}

sub replaces {
    my ($section) = @_;
    return $section->{none} || $section->{ends}
        || grep { $_->[0] eq '' } @{ $section->{origins} || [] };
}

# The sections whose origins are in force, from the innermost.
sub in_force {
    my @force;
    for my $section (reverse @_) {
        push @force, $section;
        last if replaces($section);
    }
    return @force;
}

sub setting {
    my ($name, $default, @chain) = @_;
    for my $section (reverse @chain) {
        return $section->{$name} if defined $section->{$name};
    }
    return $default;
}

# The consents without which the configuration is refused; '?' where it is
# not said whether it is.
sub refusals {
    my ($policies, @chain) = @_;
    return () if setting('engine', 'On', @chain) eq 'Off';
    my @all;
    for my $alternative (alternatives($policies, @chain)) {
        my $with = setting('credentials', 'Off', @$alternative) eq 'On';
        my %consent = %{ setting('tolerate', {}, @$alternative) };
        my (%removed, $ended);
        for my $section (in_force(@$alternative)) {
            my @items = @{ $section->{origins} || [] };
            my @needs = map {
                my (undef, $item) = @$_;
                map { [ $_, $item ] } item_needs($item)
            } grep { $_->[0] ne '-' } @items;
            my @matches = $ended ? () : @{ $section->{match} || [] };
            $removed{ $_->[1] } = 1 for grep { $_->[0] eq '-' } @items;
            push @needs, map { [ 'insecure-origin', $_->{text} ] }
                grep { $_->{http} } @matches;
            push @all, map { $removed{ $_->[1] } ? '?' : $_->[0] }
                grep { !$consent{ $_->[0] } } @needs if $with;
            # Without credentials too: a wildcard in the registrable label.
            push @all, map { $removed{ $_->[1] } ? '?' : 'partial' }
                grep { $_->[0] ne '-' && $_->[1] =~ m{//[^./]+\*|\*[^./]+\.}
                       && !$consent{'public-suffix'}
                       && grep { $_ eq 'public-suffix' } item_needs($_->[1]) }
                @items;
            $ended ||= $section->{match};
        }
    }
    return @all;
}

# What one policy says: allowed or not.
sub allows {
    my ($alternative, $origin, $key) = @_;
    my $with = setting('credentials', 'Off', @$alternative) eq 'On';
    my %consent = %{ setting('tolerate', {}, @$alternative) };
    my ($no_match, $no_expr);
    my $found = '';
    SECTION: for my $section (in_force(@$alternative)) {
        my @items = @{ $section->{origins} || [] };
        return 0 if grep { $_->[0] eq '-' && item_covers($_->[1], $origin) }
            @items;
        last if $found = grep { $_->[0] ne '-'
                                && item_covers($_->[1], $origin) } @items;
        if ($origin ne 'null') {
            last if !$no_match
                && ($found = grep { $origin =~ /\A(?:$_->{text})\z/ }
                    @{ $section->{match} || [] });
            last if !$no_expr && ($found = grep {
                $_->{is}->($origin, $key)
                    && !($_->{strangers} && $with && !$consent{'loose-match'})
            } @{ $section->{expr} || [] });
        }
        $no_match ||= $section->{match};
        $no_expr  ||= $section->{expr};
    }
    return 0 if !$found;
    return 1 if !$with;
    return 0 if $origin eq 'null' && !$consent{'null-credentials'};
    return !is_insecure($origin) || $consent{'insecure-origin'};
}

# Is the list in force exactly `*`?
sub is_constant {
    my ($alternative) = @_;
    return 0 if setting('credentials', 'Off', @$alternative) eq 'On';
    my @force = in_force(@$alternative);
    my @items = map { @{ $_->{origins} || [] } } @force;
    return @items && !(grep { $_->[1] ne '*' } @items)
        && !grep { $_->{match} || $_->{expr} } @force;
}

# The site's own origin, which nobody rejects.
sub is_own {
    return $_[0] eq "https://$server" || $_[0] eq "http://$server";
}

# The answer: { active, acao, acac, rejected }. Malformed origins come as
# undef.
sub predict {
    my ($policies, $chain, $origin, $sent, $key) = @_;
    my @chain = @$chain;
    return {} if setting('engine', 'On', @chain) eq 'Off'
        || !grep { sets_origins($_) || $_->{use} } @chain;
    my ($answer, $varies);
    for my $alternative (alternatives($policies, @chain)) {
        my $constant = is_constant($alternative);
        my $is = $constant
            || (defined $origin && allows($alternative, $origin, $key));
        my $rejects = setting('rejects', 'Off', @$alternative) eq 'On';
        $answer = { active => 1, !$is ? () : (
            acao => $constant ? '*' : $sent,
            acac => setting('credentials', 'Off', @$alternative) eq 'On'
                ? 'true' : undef) };
        $answer->{rejected} = !$is && $rejects
            && !(defined $origin && is_own($origin));
        last if $is;
    }
    return $answer;
}

# ---------------------------------------------------------------------------
# Random configurations
# ---------------------------------------------------------------------------

my @safe = qw(https://example.com https://www.example.com
    https://app.example.org https://app.example.org:8443
    http://localhost:3000 capacitor://localhost https://[2001:db8::1]
    https://192.0.2.7 same-site https://*.example.com https://*.example.com:*
    https://pr-*.example.com https://a-*-b.example.org http://localhost:*
    https://*.shop.example.co.uk https://tenant.github.io
    https://*.tenant.github.io http://*.localhost:* https://example.org:*
    https://x_y.example.net https://127.0.0.1:8443);
my @unsafe = qw(* null http://plain.example.net //either.example.net
    //*.either.example.org http://*.example.net:* https://*.github.io
    http://10.0.0.7:* https://pr-*.github.io https://*.co.uk);
my @match = map { { text => $_, http => scalar m{^http(?!s:)} } } (
    'https://m[0-9]\.example\.com', 'https?://(www\.)?match\.example\.org',
    'https://(?:.+\.)?deep\.example\.net(?::\d+)?',
    'https://a\.example\.com|https://ab\.example\.com:8443',
    'https://t-[a-f0-9]{2}\.example\.com', '^https://app\.example\.org$',
);
my @expr = (
    { text => "req('Origin') == 'https://e1.example.com'",
      is => sub { $_[0] eq 'https://e1.example.com' } },
    { text => "%{HTTP:Origin} in { 'https://e2.example.net', "
          . "'http://e3.example.net' }",
      is => sub { $_[0] =~ m{^(?:https://e2|http://e3)\.example\.net$} } },
    { text => "%{HTTP:Origin} =~ m#^https://e[0-9]\\\\.example\\\\.com\$# && "
          . "req('X-Key') == 'k1'",
      is => sub { $_[0] =~ m{^https://e[0-9]\.example\.com$}
                  && $_[1] eq 'k1' } },
    { text => "req('X-Key') == 'k2'", strangers => 1,
      is => sub { $_[1] eq 'k2' } },
    { text => 'true', strangers => 1, is => sub { 1 } },
    { text => 'false', is => sub { 0 } },
);
my @consents = qw(null-credentials insecure-origin public-suffix loose-match);

sub random_origins {
    my ($section, $unsafe) = @_;
    if (chance(0.1)) {
        $section->{none} = 1;
        return "    CorsAllowOrigin none\n";
    }
    # Only signs extend, and otherwise any item may have one.
    my @signs = chance(0.5) ? qw(+ -) : ('', '', '+', '-');
    my $text = '';
    for (1 .. 1 + int rand 3) {
        my @items;
        for (1 .. 1 + int rand(chance(0.1) ? 20 : 3)) {
            my $sign = any_of(@signs);
            my $item = chance($unsafe) ? any_of(@unsafe) : any_of(@safe);
            next if $item eq '*' && $sign eq '-';
            push @{ $section->{origins} }, [ $sign, $item ];
            push @items, "$sign$item";
        }
        $text .= "    CorsAllowOrigin @items\n" if @items;
    }
    return $text;
}

# A section's own lines, and what they mean. `policies` are those that it may
# use; none inside a policy.
sub random_section {
    my ($unsafe, @policies) = @_;
    my %own;
    my @lines;
    if (chance(0.75)) {
        push @lines, random_origins(\%own, $unsafe);
    }
    if (chance(0.25)) {
        my @picked = map { any_of(@match) } 1 .. 1 + int rand 2;
        $own{match} = \@picked;
        push @lines, '    CorsAllowOriginMatch '
            . join(' ', map { qq{"$_->{text}"} } @picked) . "\n";
    }
    if (chance(0.25)) {
        my @picked = map { any_of(@expr) } 1 .. 1 + int rand 2;
        $own{expr} = \@picked;
        push @lines, map { qq{    CorsAllowOriginExpr "$_->{text}"\n} }
            @picked;
    }
    if (@policies && chance(0.15)) {
        my @picked = map { any_of(@policies) } 1 .. 1 + int rand 3;
        $own{use} = \@picked;
        push @lines, "    CorsUsePolicy @picked\n";
    }
    if (chance(0.3)) {
        $own{credentials} = any_of(qw(On On Off));
        push @lines, "    CorsAllowCredentials $own{credentials}\n";
    }
    if (chance(0.2)) {
        my @picked = map { any_of(@consents) } 1 .. 1 + int rand 3;
        $own{tolerate} = { map { $_ => 1 } @picked };
        push @lines, "    CorsTolerate @picked\n";
    }
    if (@policies && chance(0.2)) {
        $own{rejects} = any_of(qw(On On Off));
        push @lines, "    CorsRejectUnlisted $own{rejects}\n";
    }
    if (@policies && chance(0.05)) {
        $own{engine} = any_of(qw(On Off));
        push @lines, "    CorsEngine $own{engine}\n";
    }
    $own{lines} = join '', map { $_->[1] } sort { $a->[0] <=> $b->[0] }
        map { [ rand, $_ ] } @lines;
    return \%own;
}

# What no browser sends, near an origin.
my @manglers = (
    sub { "$_[0]/" }, sub { uc $_[0] }, sub { "$_[0] $_[0]" },
    sub { "$_[0],$_[0]" }, sub { "$_[0]:" }, sub { "$_[0]:0" },
    sub { "$_[0]%00.evil" }, sub { $_[0] =~ s{://}{://u@}r },
    sub { "$_[0]?x" }, # Hosts under other schemes are up to the application.
    sub { $_[0] =~ m{^http} ? $_[0] =~ s{//}{//.}r : "$_[0]#" },
    sub { "null, $_[0]" },
    sub { $_[0] =~ s{^[a-z-]+://}{}r }, sub { $_[0] =~ s{://}{:/}r },
);
my %twin = (https => 'http', http => 'https');

# An origin that a chain of sections may have an opinion on.
sub random_origin {
    my @items = @_;
    return 'null' if chance(0.05);
    my $item = !@items || chance(0.4) ? any_of(@safe, @unsafe)
        : any_of(@items);
    my $origin = $item =~ m{//} ? $item : any_of(
        'https://m7.example.com', 'http://www.match.example.org',
        'https://match.example.org', 'https://x.deep.example.net:81',
        'https://ab.example.com:8443', 'https://a.example.com',
        'https://t-0f.example.com', 'https://e1.example.com',
        'https://e2.example.net', 'http://e3.example.net',
        'https://evil.example', 'https://shop.example.com',
        'http://www.example.com');
    $origin =~ s{^//}{any_of('https://', 'http://')}e;
    $origin =~ s{:\*$}{any_of('', ':8443', ':3000')}e;
    $origin =~ s{//\*\.}{'//' . any_of('a.', 'a.b.', 'evil', '')}e;
    $origin =~ s{\*}{any_of('7', 'x-y', 'a.b')}e;
    return $origin if chance(0.5);
    my ($scheme, $host, $port) = parts($origin);
    $port = defined $port ? ":$port" : '';
    return any_of(
        ($twin{$scheme} || 'app') . "://$host$port",
        "$scheme://$host:8443",
        "$scheme://$host",
        $host =~ /^\[|^[\d.]+$/ ? () : (
            "$scheme://evil$host$port",
            "$scheme://$host.evil.example$port",
            "$scheme://a.$host$port",
            "$scheme://" . ($host =~ s/^[^.]+\.(?=.)//r) . $port,
            "$scheme://" . ($host =~ s/\./x/r) . $port,
        ),
    );
}

# ---------------------------------------------------------------------------
# Ask
# ---------------------------------------------------------------------------

sub location {
    my ($path, $section) = @_;
    return qq{<Location "$path">\n$section->{lines}</Location>\n};
}

# Two servers, one of which has something to inherit.
my ($asked, $allowed, $sections, $refused) = (0, 0, 0, 0);
for my $round (1, 2) {
    my (%policies, @places, @bad);
    my $text = "MaxKeepAliveRequests 0\n";
    while (keys %policies < 12) {
        my $policy = random_section(0.2);
        my $name = 'p' . keys %policies;
        next if refusals({}, { %$policy, ends => 1 });
        $policies{$name} = $policy;
        $text .= "<CorsPolicy $name>\n$policy->{lines}</CorsPolicy>\n";
    }
    my @policies = sort keys %policies;
    my $base = { lines => '' };
    if ($round == 2) {
        do { $base = random_section(0.1) }
            until $base->{origins} && !refusals({}, $base);
        $text .= $base->{lines};
    }
    while (@places < 170) {
        my $depth = 1 + int rand 4;
        my @chain = ($base);
        my $path = '';
        while (@chain <= $depth) {
            my $section = random_section(0.15, @policies);
            next if refusals(\%policies, @chain, $section);
            $path .= '/s' . @places;
            push @chain, $section;
            $text .= location($path, $section);
            push @places, [ $path, [@chain] ];
        }
    }
    $sections += @places;
    while (@bad < 12) {
        my $section = random_section(0.3, @policies);
        my @why = refusals(\%policies, $base, $section);
        push @bad, [ $text . location('/bad', $section), @why ]
            if @why && !grep { $_ eq '?' } @why;
    }

    for my $bad (@bad) {
        my ($conf, @why) = @$bad;
        config_error($conf, qr/\[cors:error\]/,
            "round $round: refused for @why");
        $refused++;
    }

    my $s = CorsTest->start(name => "round $round", conf => $text,
                            log_level => 'crit');
    for my $place (@places) {
        my ($path, $chain) = @$place;
        my @items = map { $_->[1] } map { @{ $_->{origins} || [] } }
            map { @$_ } alternatives(\%policies, @$chain);
        my @wrong;
        for (1 .. 25) {
            my $origin = random_origin(@items);
            my $sent = $origin;
            if (chance(0.1)) {
                $sent = any_of(@manglers)->(
                    $origin eq 'null' ? 'https://example.com' : $origin);
                undef $origin;
            }
            my $key = any_of('k1', 'k2', 'k3');
            my $is_preflight = chance(0.25);
            my $due = predict(\%policies, $chain, $origin, $sent, $key);
            my $res = ask($s, ($is_preflight ? 'OPTIONS' : 'GET')
                . " $path/a.txt", [ 'X-Key' => $key, $is_preflight
                ? @{ preflight($sent, 'GET') } : (Origin => $sent) ],
                $server);
            my %got = (
                acao => join(' and ', $res->fields(
                    'Access-Control-Allow-Origin')),
                acac => join(' and ', $res->fields(
                    'Access-Control-Allow-Credentials')),
                status => $res->status,
            );
            my $is = defined $due->{acao};
            my %want = (
                acao => $due->{acao} // '', acac => $due->{acac} // '',
                status => !$is_preflight
                    ? ($due->{rejected} ? 403 : 404)
                    : !$due->{active} ? 200 : $is ? 204 : 403,
            );
            push @wrong, map {
                ($is_preflight ? 'preflight' : 'request') . " of "
                    . printable($sent) . " (X-Key: $key): $_ is "
                    . "'$got{$_}', the model says '$want{$_}'"
            } grep { $got{$_} ne $want{$_} } sort keys %want;
            $asked++;
            $allowed++ if $is;
        }
        promise(!@wrong, "round $round: $path is as the model says",
            @wrong, (map { "---\n" . ($_->{lines} // '') } @$chain),
            map { "<CorsPolicy $_>\n$policies{$_}{lines}" } map {
                @{ $_->{use} || [] } } @$chain);
    }
    hang_up();

    # A notice that is of no interest here, whoever deserves it.
    $s->expect_log(qr/replaces the origins and inherits/);
    $s->stop;
}
promise($asked > 8000 && $allowed > $asked / 10 && $sections >= 300
        && $refused > 20,
    'the random part is worth something: ' . "$sections sections, "
    . "$refused refused, $asked requests, $allowed of them allowed");

CorsTest::finish();
