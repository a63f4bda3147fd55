# docs/mistakes.md, row by row: each example is tried, and does what the row
# says. A row without a test fails here, and so does a test without a row.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use Encode qw(encode);
use Test::More;

my $app    = 'https://app.example.com';
my $evil   = 'https://evil.example';
my $label  = 'a' x 63;
my $blanks = qr/separate several with blanks/;
my $port   = qr/must have a port from 1 to 65535 without leading zeros/;
my $number = qr/must have a host that is a domain name or a canonical IPv4/;
my $ipv6   = qr/must hold a valid IPv6 address between the brackets/;
my $host   = qr/must have a host of letters, digits, '-', '_' and '\.'/;
my $public = qr/must not have '\*' in a label that anybody can register/;
my $meets  = qr/must not meet CorsAllowCredentials On \(\S+:\d+\): /;

# What the policy sends to $app where nothing else is said, and what everybody
# gets of it.
my %nothing = (vary => 'Origin');
my %actual  = (%nothing, acao => $app);
my %asked   = (status => 204, acao => $app, acam => 'GET, HEAD, POST',
    acma => 600, vary => $TRIO);
my %login   = (acac => 'true');

sub from { return { Origin => $_[0] } }
sub allows { return [ GET => from($_[0]), { %nothing, acao => $_[0] } ] }
sub denies { return [ GET => from($_[0]), {%nothing} ] }

# By the row's id. What is refused, put right or pointed out has a pattern for
# what the server says; what is put right, and what is accepted, has requests:
# [ method, fields, expected ]. `conf` is for rows whose example is too long
# to stand there.
my %tests = (
    'origin-missing' => { bare => 1, asks => [
        [ GET => from($app), {} ], [ OPTIONS => preflight($app, 'PUT'),
        { field => { Allow => qr/GET/ } } ] ] },
    'origin-empty' => { says => qr/^CorsAllowOrigin takes one or more/m },
    'origin-long'  => {
        conf => "CorsAllowOrigin x://$label.$label.$label." . 'a' x 140,
        says => qr/must not be longer than 328 bytes/ },
    'origin-comma' => { says => $blanks },
    'origin-none'  => { asks => [ [ GET => from($app), {} ],
        [ OPTIONS => preflight($app, 'PUT'),
          { status => 403, vary => $TRIO } ] ] },
    'origin-all-and-some' => { asks => [ allows($evil), allows($app),
        [ GET => {}, {%nothing} ] ] },
    'origin-many' => {
        conf => "CorsAllowOrigin"
            . join('', map { " https://app$_.example.com" } 1 .. 1000),
        asks => [ allows('https://app1000.example.com'), denies($app) ] },
    'origin-null' => { asks => [ allows('null'), denies($evil) ] },
    'origin-own'  => { asks => [ [ GET => from('http://localhost'),
        { %nothing, acao => 'http://localhost', %login } ],
        [ GET => {}, {%nothing} ] ] },
    'variable-unknown' => { says => qr/'\$\{NOT_DEFINED\}' must begin with/ },
    'variable-percent' => { says => $host },
    'scheme-missing'   => { says => qr/; did you mean '\Q$app\E'\?/ },
    'scheme-separator' => { says => qr/must begin with a scheme and ':/ },
    'scheme-upper'     => {
        says => qr{'HTTPS://app\.example\.com' is taken as '\Q$app\E'},
        asks => [ allows($app) ] },
    'scheme-odd'   => { says => qr/must begin with a scheme and ':/ },
    'scheme-long'  => { conf => 'CorsAllowOrigin ' . 'x' x 65 . '://app',
        asks => [ allows('x' x 65 . '://app') ] },
    'scheme-twice' => { says => qr/without a path/ },
    'scheme-file'  => { says => qr/browsers send 'null' for files/ },
    'scheme-other' => { asks => [ allows('capacitor://localhost') ] },
    'host-empty'   => { says => qr/must name a host/ },
    'host-upper'   => {
        says => qr{'https://App\.Example\.com' is taken as '\Q$app\E'},
        asks => [ allows($app) ] },
    'host-unicode' => {
        says => qr/is taken as 'https:\/\/xn--mnchen-3ya\.example'/,
        asks => [ allows('https://xn--mnchen-3ya.example') ] },
    'host-bidi'   => { says => qr/a valid internationalised domain name/ },
    'host-user'   => { says => qr/user information; .*'\Q$app\E'\?/ },
    'host-escape' => { says => $host },
    'host-path'   => { says => qr/without a path; .*'\Q$app\E'\?/ },
    'host-query'  => { says => qr/without a path; .*'\Q$app\E'\?/ },
    'host-label-empty' => { says => qr/must not have an empty label/ },
    'host-label-long'  => { conf => "CorsAllowOrigin https://a$label.example",
        says => qr/labels of at most 63 bytes/ },
    'host-long' => {
        conf => "CorsAllowOrigin https://$label.$label.$label.$label.example",
        says => qr/a host of at most 253 bytes/ },
    'host-hyphen' => { asks => [ allows('https://app-.example.com') ] },
    'host-dot'    => { says => qr/a dot at the end .*'\Q$app\E'\?/ },
    'host-digit'  => { asks => [ allows('https://app.1a') ] },
    'address-short'   => { says => $number },
    'address-hex'     => { says => $number },
    'address-https'   => { asks => [ allows('https://192.0.2.1') ] },
    'address-bracket' => { says => $ipv6 },
    'address-zone'    => { says => $ipv6 },
    'address-form'    => { says => qr{is taken as 'https://\[2001:db8::1\]'},
        asks => [ allows('https://[2001:db8::1]') ] },
    'address-mapped'  => {
        says => qr{is taken as 'https://\[::ffff:c000:201\]'},
        asks => [ allows('https://[::ffff:c000:201]') ] },
    'port-odd'     => { says => $port },
    'port-default' => { says => qr/:443' is taken as '\Q$app\E'/,
        asks => [ allows($app) ] },
    'port-default-either' => { says => qr/must name the scheme/ },

    'star-glued'        => { says => $public },
    'star-glued-suffix' => { says => $public },
    'star-label'   => { asks => [ allows('https://pr-7.example.com'),
        denies('https://pr-7.evil.example.com'), denies($app) ] },
    'star-middle'  => { says => qr/must have '\*' in the leftmost label/ },
    'star-twice'   => { says => qr/must not have more than one '\*'/ },
    'star-scheme'  => { says => qr{did you mean '//app\.example\.com'\?} },
    'star-address' => { says => qr/must not have '\*' over an IP address/ },
    'star-alone'   => { says => qr/must name the domain behind '\*'/ },

    'match-broken'     => { says => qr/must be a regular expression/ },
    'match-unanchored' => { asks => [ allows($app),
        denies("$app.evil.example"), denies("https://evil.example/?$app") ] },
    'match-dot'    => { says => qr{accepts 'https://appxexample\.com' } },
    'match-any'    => { says => qr/ accepts '\S+' \(any host\)/ },
    'match-prefix' => { says => qr{accepts 'https://evilexample\.com' } },
    'match-suffix' => {
        says => qr{accepts 'https://example\.com\.evil\.example' } },
    'match-null'  => { says => qr/'null' \(\S+:\d+\) accepts no origin/ },
    'match-http'  => { says => qr/${meets}it matches http origins/ },
    'expr-broken' => { says => qr/must be a condition: / },
    'expr-any'    => { asks => [ denies($app) ],
        logs => qr/\ACorsAllowOriginExpr 'true' \(\S+:\d+\) matches nobody/ },

    'credentials-any'  => { says => qr/'\*' \(\S+:\d+\) ${meets}every site/ },
    'credentials-null' => { says => qr/${meets}.*CorsTolerate null-cred/ },
    'credentials-http' => { says => qr/${meets}.*CorsTolerate insecure-or/ },
    'credentials-http-alone' => { asks => [
        allows('http://app.example.com') ] },
    'credentials-loopback'   => { asks => [ map { [ GET => from($_),
        { %nothing, %login, acao => $_ } ] } 'http://localhost:3000',
        'http://127.0.0.1:81', 'http://[::1]' ] },
    'credentials-suffix' => { says => qr/${meets}.*CorsTolerate public-suf/ },
    'credentials-lent'   => { says => qr{(?#
        ):notice\] .*replaces the origins and inherits CorsAllowCredentials} },
    'credentials-star-methods' => { asks => [ [ OPTIONS =>
        preflight($app, 'PURGE'), { %asked, %login, acam => 'PURGE' } ] ] },
    'credentials-star-headers' => { asks => [ [ OPTIONS =>
        preflight($app, 'GET', 'authorization,x-a'),
        { %asked, %login, acah => 'authorization, x-a' } ] ] },
    'credentials-star-expose' => { more => 'Header set X-Total 7',
        asks => [ [ GET => from($app), { %actual, %login,
        aceh => qr/^(?!.*\*)(?=.*\bX-Total\b)(?=.*\bETag\b)/ } ] ] },
    'credentials-timing' => { asks => [ [ GET => from($app), { %actual,
        %login, field => { 'Timing-Allow-Origin' => $app } } ] ] },

    'method-odd'       => { says => qr/must be a method such as PUT/ },
    'method-comma'     => { says => $blanks },
    'method-forbidden' => { says => qr/no page can use this method/ },
    'method-case'      => { says => qr/'put' is taken as 'PUT'/,
        asks => [ [ OPTIONS => preflight($app, 'PUT'),
        { %asked, acam => 'PUT' } ] ] },
    'method-patch' => { says => qr/; did you mean 'PATCH'\?/ },
    'method-own'   => { asks => [ [ OPTIONS => preflight($app, 'PURGE'),
        { %asked, acam => 'PURGE' } ] ] },
    'method-star-part' => { says => qr/methods have no prefixes/ },
    'method-star-some' => { asks => [ [ OPTIONS => preflight($app, 'PUT'),
        { %asked, acam => '*' } ] ] },
    'method-options'   => { asks => [ [ OPTIONS => preflight($app, 'OPTIONS'),
        { %asked, acam => 'GET, HEAD, POST, OPTIONS' } ] ] },
    'method-safelisted' => { asks => [ [ OPTIONS => preflight($app, 'HEAD'),
        { %asked, acam => 'GET, POST' } ] ] },

    'header-odd'       => { says => qr/must be a header name such as/ },
    'header-comma'     => { says => $blanks },
    'header-forbidden' => { says => qr/no page can set this header/ },
    'header-response'  => { says => qr/only servers send this one/ },
    'header-star-part' => { says => qr/must not have '\*' but at the end/ },
    'header-prefix'    => { asks => [ [ OPTIONS =>
        preflight($app, 'GET', 'x-acme-a,x-b'),
        { %asked, acah => 'x-acme-a' } ] ] },
    'header-star-some' => { asks => [ [ OPTIONS =>
        preflight($app, 'GET', 'x-b'), { %asked, acah => '*' } ] ] },
    'header-star-authorization' => { asks => [ [ OPTIONS =>
        preflight($app, 'GET', 'authorization'), { %asked, acah => '*' } ] ],
        logs => qr/\Adenied-header: .*'\*' does not cover it, list it/ },
    'header-safelisted' => { asks => [ [ OPTIONS =>
        preflight($app, 'GET', 'content-type'),
        { %asked, acah => 'Accept, Content-Type' } ] ] },

    'expose-odd'     => { says => qr/must be a header name such as/ },
    'expose-comma'   => { says => $blanks },
    'expose-cookie'  => { says => qr/no page can read this header/ },
    'expose-request' => { says => qr/only browsers send this one/ },
    'expose-cors'    => { asks => [ [ GET => from($app),
        { %actual, aceh => 'Access-Control-Max-Age' } ] ] },
    'expose-safelisted' => { asks => [ [ GET => from($app),
        { %actual, aceh => 'Content-Type' } ] ] },

    'age-negative' => { says => qr/must be off or a time from 0 to 86400/ },
    'age-zero'     => { asks => [ [ OPTIONS => preflight($app, 'GET'),
        { %asked, acma => 0 } ] ] },
    'age-long'     => { says => qr/must be off or a time from 0 to 86400/ },
    'age-browsers' => { asks => [ [ OPTIONS => preflight($app, 'GET'),
        { %asked, acma => 86400 } ] ] },
    'preflight-word'     => { says => qr/must be Answer or Pass/ },
    'preflight-status'   => { says => qr/must be 200 or 204/ },
    'preflight-password' => { asks => [
        [ OPTIONS => preflight($app, 'GET'), {%asked} ],
        [ GET => from($app), { %actual, status => 403 } ] ] },
    'preflight-pass' => { asks => [ [ OPTIONS => preflight($app, 'GET'),
        { %asked, status => 403 } ] ] },
    'preflight-limit' => {
        says => qr/CorsAllowOrigin cannot occur within <Limit>/ },
    'preflight-redirect' => { asks => [
        [ OPTIONS => preflight($app, 'GET'), {%asked} ],
        [ GET => from($app), { %actual, status => 302 } ] ] },
    'preflight-https' => { asks => [
        [ OPTIONS => preflight($app, 'GET'), {%asked} ],
        [ GET => from($app), { %actual, status => 301 } ] ] },
    'private-any' => { asks => [ [ OPTIONS => [ @{ preflight($app, 'GET') },
        'Access-Control-Request-Private-Network' => 'true' ],
        { %asked, acao => '*',
          vary => "$TRIO, Access-Control-Request-Private-Network",
          field => { 'Access-Control-Allow-Private-Network' => 'true' } } ]
    ] },

    'source-origin' => { says => qr/must begin with file, .*\bdbd\b.*, or with/ },
    'source-path'   => { says => qr/must be provider:argument, such as file:/ },
    'source-file'   => { says => qr/must be a file that can be read: / },
    'source-redis'  => { says => qr/must begin with file, .*\bdbd\b.*, or with/ },
    'source-module' => { says => qr/needs mod_dbd/ },
    'source-cache'  => { says => qr/mod_socache_shmcb and mod_socache_redis/ },
    'source-time'   => { says => qr/must be a time from 2 to 86400 seconds/ },
    'source-wait'   => { says => qr/must be a time from 100ms to 60 seconds/ },

    'unknown'    => { says => qr/^Invalid command 'CorsAllowOrigins'/m },
    'header-set' => { asks => [ allows($app), denies($evil) ] },
    'header-add' => { asks => [ allows($app), denies($evil) ] },
    'resource-policy' => { asks => [ [ GET => from($app), { %actual,
        field => { 'Cross-Origin-Resource-Policy' => 'same-origin' } } ] ] },
);

# ---------------------------------------------------------------------------
# The rows
# ---------------------------------------------------------------------------

my %words = map { $_ => 1 } 'Refused', 'Put right', 'Pointed out', 'Accepted';
my (%rows, @order);
my $page = "$FindBin::Bin/../docs/mistakes.md";
open my $in, '<:encoding(UTF-8)', $page or die "$page: $!\n";
while (<$in>) {
    my ($id, $example, $verdict)
        = /^\| ([a-z][\w-]*) \| [^|]* \|(.*?)\| \*\*(.+?)\*\*.* \|$/
        or next;
    next if $id eq 'id';
    ok(!$rows{$id}, "$id stands there once");
    ok($words{$verdict}, "$id: a verdict that there is: $verdict");
    push @order, $id;
    $rows{$id} = { verdict => $verdict, example => join '',
        map { s/\\\|/|/gr . "\n" } $example =~ /`([^`]+)`/g };
}
seek $in, 0, 0;
is(scalar(grep { /^\| (?!id \||--- )/ } <$in>), scalar @order,
    'each row of the page is read');
is_deeply([ grep { !$tests{$_} } @order ], [], 'each row has a test');
is_deeply([ grep { !$rows{$_} } sort keys %tests ], [],
    'each test has a row');

# ---------------------------------------------------------------------------
# Refused, and pointed out
# ---------------------------------------------------------------------------

my @modules = qw(headers rewrite alias);
my (@live, @notes);
for my $id (grep { $tests{$_} } @order) {
    my ($row, $test) = ($rows{$id}, $tests{$id});
    my $conf = $row->{example} || "$test->{conf}\n";
    my $what = $row->{example} =~ s/\n(?=.)/, /gr =~ s/\n//r;
    my $text = encode('UTF-8', "$id: " . ($what || 'too long to show'));

    promise(!$row->{example} == !!$test->{conf},
        "$id: one example, here or there");
    $conf = encode('UTF-8', $conf);
    if ($row->{verdict} eq 'Refused') {
        config_error($conf, $test->{says}, "$text: refused",
            modules => \@modules);
        promise(!$test->{asks}, "$id: nothing to ask of it");
        next;
    }
    my $said = config_ok(unless_given($conf, $test), "$text: accepted",
        modules => \@modules);
    if ($row->{verdict} eq 'Pointed out') {
        promise($said =~ $test->{says}, "$id: pointed out", $said);
        next;
    }
    promise($said !~ /\[cors:/, "$id: not a word at configtest", $said);
    promise($test->{asks} && (!$test->{says} == ($row->{verdict} ne
        'Put right')), "$id: something to ask of it");
    push @live, $id;
    push @notes, [ $id, $test->{says} ] if $test->{says};
}

# The example, with an origin where it names none.
sub unless_given {
    my ($conf, $test) = @_;
    return $conf if $test->{bare} || $conf =~ /^\s*CorsAllowOrigin/m;
    return qq(<Location "/">\nCorsAllowOrigin $app\n$conf</Location>\n);
}

# ---------------------------------------------------------------------------
# Put right, and accepted
# ---------------------------------------------------------------------------

my $conf = '';
for my $id (@live) {
    my $text = $rows{$id}{example} || "$tests{$id}{conf}\n";
    $text = unless_given($text, $tests{$id});
    $text =~ s{</?Location.*\n}{}g;
    $text .= ($tests{$id}{more} // '') . "\n";
    $conf .= qq(<Location "/$id">\n$text</Location>\n);
}
my $s = CorsTest->start(
    modules   => \@modules,
    log_level => 'info cors:info',
    files     => { map { ("htdocs/$_" => "hi\n") } @live },
    conf      => encode('UTF-8', $conf),
);
my @starting = $s->log_lines(qr/\[cors:info\] .* is taken as /);
$s->expect_log(qr/:error\] .*CorsAllowOriginExpr 'true' .* matches nobody/,
    qr/AH01630: client denied .*preflight-pass/);
for my $id (@live) {
    my $n = 0;
    for my $ask (@{ $tests{$id}{asks} || [] }) {
        my ($method, $fields, $expected) = @$ask;
        $s->promises([ "$id: request " . ++$n, "$method /$id", $fields,
            $expected ]);
    }
    my $logs = $tests{$id}{logs} or next;
    my @lines = map { s/^(?:\[[^]]*\] )+//r }
        $s->log_lines(qr/\[cors:\w+\]/, 5);
    promise((grep { $_ =~ $logs } @lines), "$id: the log says it", @lines);
}
for my $note (@notes) {
    my ($id, $says) = @$note;
    promise((grep { $_ =~ $says } @starting) == 1,
        "$id: the log says how it is taken", @starting);
}

CorsTest::finish();
