# The page of `SetHandler cors-explain` in its three forms: valid whatever is
# asked, and nothing that a stranger puts into the question comes out as
# more than text. What it says is t/explain.t's.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use CorsTest::Node;
use CorsTest::Shapes qw(shapes);
use Digest::SHA qw(sha256_base64);
use Encode      qw(decode encode FB_CROAK LEAVE_SRC);
use File::Temp  ();
use JSON::PP    ();
use Mojo::DOM;
use Test::More;

my $app = 'https://app.example.com';

my $s = CorsTest->start(
    modules => ['authz_host'],
    files   => { 'htdocs/a.txt' => "hi\n" },
    conf    => <<"CONF");
<Location "/explain">
    SetHandler cors-explain
    Require local
</Location>
<Location "/open-explain">
    SetHandler cors-explain
</Location>
<Location "/a.txt">
    CorsAllowOrigin $app
    CorsAllowOriginExpr "req('Origin') in { '<b>&amp;</b>', '</code>' }"
    CorsAllowMethods GET PUT
    CorsAllowHeaders X-A
</Location>
<Location "/off">
    CorsAllowOrigin $app
    CorsEngine Off
</Location>
CONF

# ---------------------------------------------------------------------------
# Asking
# ---------------------------------------------------------------------------

my @FORMS = qw(html json text);

# The query of a question, as a form sends it.
sub query {
    my (%question) = @_;
    my $query = join '&', map {
        "$_=" . $question{$_} =~ s/([^\w. -])/sprintf '%%%02x', ord $1/gear
            =~ tr/ /+/r
    } sort keys %question;
    return $query eq '' ? '' : "?$query";
}

sub ask {
    my ($form, %question) = @_;
    return $s->request(
        'GET /explain' . query(%question, format => $form), {});
}

my %harmless = (url => '/a.txt', origin => $app, method => 'GET',
                headers => '');

# Questions with nothing odd in them: their pages show which elements there
# are. [ what, question ].
my @plain = (
    [ 'nothing' ],
    [ 'an allowed request', %harmless ],
    [ 'an allowed request behind a preflight', %harmless, method => 'PUT',
      headers => "X-A: 1\r\nX-A" ],
    [ 'a refused header', %harmless, headers => 'X-B' ],
    [ 'a header that no page can set', %harmless, headers => 'Cookie' ],
    [ 'a method that is not typed', %harmless, method => '' ],
    [ 'a refused method', %harmless, method => 'DELETE' ],
    [ 'a method that no page can send', %harmless, method => 'TRACE' ],
    [ 'a refused origin', %harmless, origin => 'https://evil.example' ],
    [ 'a refused origin behind a preflight', %harmless, method => 'PUT',
      origin => 'https://evil.example' ],
    [ 'a malformed origin', %harmless, origin => "$app/" ],
    [ 'a malformed origin behind a preflight', %harmless, method => 'PUT',
      origin => "$app/" ],
    [ 'no origin', url => '/a.txt' ],
    [ 'no origin, and another method', url => '/a.txt', method => 'PUT' ],
    [ 'a preflight itself', %harmless, method => 'OPTIONS',
      headers => 'Access-Control-Request-Method: PUT' ],
    [ 'no policy', %harmless, url => '/b.txt' ],
    [ 'no policy behind a preflight', %harmless, url => '/b.txt',
      method => 'PUT' ],
    [ 'CorsEngine Off', %harmless, url => '/off' ],
    [ 'an error', %harmless, url => 'a.txt' ],
    [ 'an error in the method', %harmless, method => '/' ],
    [ 'an error in the headers', %harmless, headers => 'X A: 1' ],
);

# ---------------------------------------------------------------------------
# What must be so of every answer
# ---------------------------------------------------------------------------

my $utf8 = qr/ [\x00-\x7f] | [\xc2-\xdf] [\x80-\xbf]
    | \xe0 [\xa0-\xbf] [\x80-\xbf] | [\xe1-\xec\xee\xef] [\x80-\xbf]{2}
    | \xed [\x80-\x9f] [\x80-\xbf] | \xf0 [\x90-\xbf] [\x80-\xbf]{2}
    | [\xf1-\xf3] [\x80-\xbf]{3} | \xf4 [\x80-\x8f] [\x80-\xbf]{2} /x;

# What does not show, or moves what does.
my $hidden = qr/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/;

# The characters that a page shows in place of bytes; $kept are those that do
# not show and stay.
sub visible {
    my ($bytes, $kept) = @_;
    my $shown = '';
    while ($bytes =~ /\G(?:($utf8)|(.))/gs) {
        if (!defined $1) {
            $shown .= sprintf '\x%02x', ord $2;
            next;
        }
        my $char = decode('utf8', $1);          # with noncharacters
        $shown .= $char !~ $hidden || ($kept && $char =~ $kept) ? $char
            : sprintf ord $char < 0x80 ? '\x%02x'
                : ord $char > 0xffff ? '\U%08x' : '\u%04x', ord $char;
    }
    return $shown;
}

# What the handler sees: blanks are taken off both ends, NUL ends a string.
sub trimmed { $_[0] =~ s/\0.*//sr =~ s/^[ \t\r\n]+|\s+$//gar }

my %TYPE = (html => 'text/html; charset=utf-8', json => 'application/json',
            text => 'text/plain; charset=utf-8');

# The policy allows the one style that the page has.
my ($style) = ask('html')->body =~ m{<style>(.*?)</style>}s;
my %FIELD = (
    'Content-Security-Policy' => "default-src 'none'; style-src 'sha256-"
        . sha256_base64($style) . "='; form-action 'self'; base-uri 'none'; "
        . "frame-ancestors 'none'",
    'X-Content-Type-Options' => 'nosniff', 'Referrer-Policy' => 'no-referrer',
    'Cache-Control' => 'no-store',
);

# An element's name and attributes, and the same of what is in it; elements
# in a row that are the same count once.
sub skeleton {
    my ($element) = @_;
    my @inside;
    for my $child ($element->children->each) {
        my $part = skeleton($child);
        push @inside, $part if !@inside || $inside[-1] ne $part;
    }
    my $attributes = join ' ', sort keys %{ $element->attr };
    return $element->tag . "[$attributes](@inside)";
}

# By the parts of a page, as some have more of them than others.
sub parts {
    my ($dom) = @_;
    return map { skeleton($_) } $dom->at('head'), $dom->find('main > *')->each;
}

my %known;

# What is in the four fields of the form, in characters; nothing if one is
# missing.
sub typed {
    my ($dom) = @_;
    my $area = $dom->at('textarea[name=headers]');
    my %input = map { $_ => $dom->at("input[name=$_]") }
        qw(url origin method);
    return if grep { !$_ } $area, values %input;
    return (headers => $area->text =~ s/^\n//r =~ s/\r\n?/\n/gr,
            map { $_ => $input{$_}->attr('value') } keys %input);
}

# The question that a link asks, in bytes.
sub linked {
    my ($href) = @_;
    return map {
        my ($name, $value) = split /=/, $_, 2;
        $name => $value =~ tr/+/ /r =~ s/%(..)/chr hex $1/ger
    } split /&/, $href =~ s/^\?//r =~ s/&amp;/&/gr;
}

sub parse { return Mojo::DOM->new(decode('UTF-8', $_[0])) }

sub wrong_html {
    my ($res, %question) = @_;
    my $dom = parse($res->body);
    my %typed = typed($dom) or return 'no form';
    my @wrong = map { "an element of its own: $_" }
        grep { !$known{$_} } parts($dom);
    for my $name (sort keys %question) {
        my $sent = trimmed($question{$name});
        my $want = $name eq 'headers'
            ? visible($sent, qr/[\t\r\n]/) =~ s/\r\n?/\n/gr : visible($sent);
        push @wrong, "$name is '$typed{$name}', expected '$want'"
            if $typed{$name} ne $want;
        push @wrong, "$name comes back as it was"
            if $sent =~ /[<>]/ && index($res->body, $sent) >= 0;
    }
    for my $href ($res->body =~ /\bhref="([^"]*)"/g) {
        my %asked = linked($href);
        push @wrong, "a link to $href" if $href !~ /^\?/
            || grep { ($asked{$_} // '') ne trimmed($question{$_}) }
               keys %question;
    }
    return @wrong;
}

my @KEYS = qw(kind result status headers decided_by reason steps policy actual
              verdict allowed warnings request);

sub wrong_json {
    my ($res, %question) = @_;
    my $said = eval { JSON::PP->new->utf8->decode($res->body) };
    return "no JSON: $@" if !$said;
    my @wrong = $res->body =~ /</ ? 'it has a <' : ();
    my @keys  = $res->body =~ /^  "(\w+)":/mg;
    my @want  = $res->status == 400 ? 'error'
        : grep { $_ ne 'actual' || exists $said->{actual} } @KEYS;
    push @wrong, "keys are @keys" if "@keys" ne "@want";
    for my $name ($res->status == 400 ? () : sort keys %question) {
        my $got  = $said->{request}{$name};
        my $sent = trimmed($question{$name});
        my $want = join '', map {
            /^$utf8$/ ? decode('utf8', $_) : "\x{fffd}"
        } $sent =~ /\G($utf8|.)/gs;
        push @wrong, "$name is '$got', expected '$want'" if $got ne $want;
    }
    return @wrong;
}

sub wrong_text {
    my ($res) = @_;
    return $res->body =~ /[^\n]\n\z/ ? () : 'no end of line at the end';
}

my %WRONG = (html => \&wrong_html, json => \&wrong_json,
             text => \&wrong_text);

# What is wrong with the answer in one form.
sub wrong {
    my ($form, %question) = @_;
    my $res   = ask($form, %question);
    my @wrong = $res->differences({
        status => qr/^(?:200|400)$/, vary => 'Accept',
        field  => { 'Content-Type' => $TYPE{$form}, %FIELD } });
    my $text = eval { decode('UTF-8', $res->body, FB_CROAK | LEAVE_SRC) };
    return @wrong, 'no UTF-8' if !defined $text;
    my $kept = $form eq 'html' ? qr/[\t\r\n]/ : qr/\n/;
    push @wrong, sprintf 'U+%04x is in it', ord $1
        if $text =~ /((?!$kept)$hidden)/;
    return @wrong, $WRONG{$form}->($res, %question);
}

# For diagnostics.
sub quoted {
    my (%question) = @_;
    return substr join(', ', map {
        "$_ " . encode('UTF-8', visible($question{$_}))
    } sort keys %question), 0, 200;
}

# One promise for each form, over many questions.
sub promise_all {
    my ($what, $forms, @questions) = @_;
    for my $form (@$forms) {
        my @wrong;
        for my $question (@questions) {
            push @wrong, map {
                quoted(%$question) . ': ' . substr encode('UTF-8', $_), 0, 200
            } wrong($form, %$question);
        }
        promise(!@wrong, "$what: $form is as it should be",
                @wrong[ 0 .. ($#wrong < 9 ? $#wrong : 9) ]);
    }
}

# ---------------------------------------------------------------------------
# The pages of plain questions
# ---------------------------------------------------------------------------

my $pages = File::Temp->newdir('mod_cors.XXXXXX', TMPDIR => 1);
my $pages_n = 0;

# Keeps a page for the validator.
sub keep {
    my ($body) = @_;
    my $file = sprintf '%s/%02d.html', $pages, ++$pages_n;
    open my $to, '>:raw', $file or die "$file: $!\n";
    print {$to} $body;
    close $to or die "$file: $!\n";
    return $file;
}

my $open = $s->request('GET /open-explain', { Accept => 'text/html' })->body;
$known{$_}++ for parts(parse($open));
my @kept = keep($open);
for my $plain (@plain) {
    my ($what, %question) = @$plain;
    my $body = ask('html', %question)->body;
    $known{$_}++ for parts(parse($body));
    push @kept, keep($body);
    promise_all($what, $what eq 'nothing' ? [qw(html text)] : \@FORMS,
                \%question);
}
my %tags = map { $_ => 1 } map { /(\w+)\[/g } keys %known;
my @tags = qw(a b button code datalist dd div dl dt em form h1 h2 h3 h4 head
              input label li meta ol option p pre span strong style table tbody
              td textarea th thead title tr);
is(join(' ', sort keys %tags), "@tags", 'the pages have these elements');
my %attributes = map { $_ => 1 } map { split ' ' } map { /\[(.*?)\]/g }
    keys %known;
ok(!(grep { /^on|^style$|^src/ } keys %attributes),
   'and no attribute that runs or loads anything');

# With a page that is not valid, so that it is known to look.
sub validate {
    my (@files) = @_;
    my $config = "$pages/rules.json";
    open my $to, '>', $config or die "$config: $!\n";
    print {$to} JSON::PP::encode_json({
        root => JSON::PP::true,
        extends => [ map { "html-validate:$_" }
                     qw(recommended standard document) ],
        rules => { 'doctype-style' => [ 'error', { style => 'lowercase' } ],
                   # A visitor may write some.
                   'no-trailing-whitespace' => 'off' },
    });
    close $to or die "$config: $!\n";
    my $program = CorsTest::Node::modules()
        . '/node_modules/.bin/html-validate';
    my $said = `'$program' --config '$config' --formatter text @files 2>&1`;
    return ($?, $said);
}

my $broken = keep($open =~ s{</h1>}{}r);
my ($status, $said) = validate($broken);
promise($status == 1 << 8 && $said =~ /\bh1\b/,
        'the validator refuses a page without </h1>', $said);

# ---------------------------------------------------------------------------
# The words that are the page's own
# ---------------------------------------------------------------------------

# [ promise, question, patterns for the text form ]
my @rows = (
    [ 'a request that is allowed', {}, qr/^Allowed: A page /m, qr/^Request$/m,
      qr/^  > GET \/a\.txt HTTP\/1\.1$/m,
      qr/^  < \(status, and further fields: whatever handles the URL says\)$/m,
      qr/^  Request: allowed$/m ],
    [ 'a preflight that is refused, and the request behind it',
      { method => 'DELETE' }, qr/^Not allowed: A page /m, qr/^Preflight$/m,
      qr/^  < HTTP\/1\.1 204 No Content$/m, qr/^ +\d\. not ok method: /m,
      qr/^Request, which no browser gets to send$/m ],
    [ 'a request that is sent but not to be read',
      { origin => 'https://evil.example' }, qr/^Not allowed: A page /m,
      qr/^ +\d\. not ok origin: /m, qr/^Request$/m,
      qr/^  Request: denied-origin$/m ],
    [ 'a request that is never sent', { method => 'TRACE' },
      qr/^ +1\. not ok request: /m, qr/^Request, which no browser/m ],
    [ 'no policy', { url => '/b.txt' },
      qr/^  Request: not decided by any policy$/m,
      qr/^  no Cors\* directive is in force there$/m ],
    [ 'where a value stands, or that nobody gave it', {},
      qr/^  CorsAllowMethods GET +\# \/\S+\/httpd\.conf:\d+$/m,
      qr/^  CorsMaxAge 600 +\# default$/m ],
    [ 'an error', { url => 'a.txt' }, qr/\AError: url: /,
      qr/\A(?:.(?!\nPreflight|\nRequest))*\z/s ],
);
for my $row (@rows) {
    my ($what, $question, @patterns) = @$row;
    my $body  = ask('text', %harmless, %$question)->body;
    my @wrong = grep { $body !~ $_ } @patterns;
    promise(!@wrong, "text: $what", @wrong, $body);
}
for my $plain (@plain) {
    my ($what, %question) = @$plain;
    # What is sent is on one line, whatever its length.
    my @wide = grep { length > 79 && !/^  [<>] / }
        split /\n/, ask('text', %question)->body;
    promise(!@wide, "text: $what fits a terminal", @wide);
}

# ---------------------------------------------------------------------------
# The pages of hostile ones
# ---------------------------------------------------------------------------

my @markup = (
    '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>',
    '" autofocus onfocus="alert(1)', "' onclick='alert(1)", '</textarea><b>',
    '</title></style></pre></code><h1>', '<!--', '-->', ']]>', '<![CDATA[',
    '<svg/onload=alert(1)>', '&lt;b&gt;', '&quot;', '&#60;b&#62;', '&amp',
    '\u003cb\u003e', '%3Cb%3E', '{{7*7}}', '${7*7}', '<?php', '<%= 1 %>',
    'javascript:alert(1)', 'data:text/html,<b>', "\"},{\"allowed\":true", '\\',
    '\\"', '\x3cb\x3e', '%s%n%p%1000d', '../../../etc/passwd',
    '=cmd|/c calc!A1', "\x{1b}[2J\x{1b}[31mred", "\x{9b}31m",
    "\xc2\x9b31m", "\r\nSet-Cookie: evil=1", "\r\n\r\n<script>", "a\rb\nc",
    "\xe2\x80\xaegro.live\xe2\x80\xac", "\xe2\x81\xa6a\xe2\x81\xa9",
    "a\xe2\x80\x8bb\xef\xbb\xbf", "\xe2\x80\xa8\xe2\x80\xa9",
    "\xf3\xa0\x81\x81", "\xef\xbf\xbe\xef\xb7\x90\xf4\x8f\xbf\xbf",
    "\xc0\xbcb\xc0\xbe", "\xe0\x80\xbcb", "\xf0\x80\x80\xbc", "\xfc\x80",
    "\xed\xa0\xbd\xed\xb8\x80", "\xc3", "\xe2\x80", "\xf0\x9f\x98",
    "\xc3<", "\xe2\x80\"", "\xf0\x9f\x98\x80", "\xc3\xa9", "\xe9",
    '+ADw-script+AD4-', "\x1b\$B<b>", 'x' x 1800, '<' x 600, '"' x 600,
    "\xff" x 600, "\x01" x 600,
);
my @bytes = map { join '', map { chr } 32 * $_ || 1 .. 32 * $_ + 31 } 0 .. 7;

# A stranger's text in each place of a question.
sub places {
    my ($text) = @_;
    return (
        { %harmless, url => $text },
        { %harmless, url => "http://$text/a.txt" },
        { %harmless, origin => "$app$text" }, { %harmless, method => $text },
        { %harmless, headers => $text },
        { url => "/a.txt$text", origin => $text, method => 'PUT',
          headers => "X-A: $text" },
    );
}

promise_all('markup, controls, and what looks like them', \@FORMS,
            map { places($_) } @markup);
promise_all('every byte', \@FORMS, map { places($_) } @bytes);

my %shapes = shapes($app, 'example.com', 'https://www.example.org',
                    'example.org');
my @shapes = map { @$_ } @shapes{ sort keys %shapes };
promise_all('what looks like the origin', \@FORMS, map { {
    url => "/a.txt?$_", origin => $_, method => 'PUT', headers => "X-A: $_"
} } @shapes);
promise_all('the same where it is out of place', ['html'], map { {
    url => $_, origin => $_, method => $_, headers => $_
} } @shapes, @markup, @bytes);
promise_all('NUL', \@FORMS,
            map { { %harmless, $_ => "a\0b" } } sort keys %harmless);

push @kept, map { keep(ask('html', %$_)->body) }
    map { places($_) } @markup[ 0, 5, 13, 31, 36 ], @bytes;
($status, $said) = validate(@kept);
promise($status == 0, 'all kinds of pages are valid HTML', $said);

# ---------------------------------------------------------------------------
# Eyes
# ---------------------------------------------------------------------------

# WCAG 2: how bright a colour such as #17181a is, and two of them beside each
# other.
sub luminance {
    my ($colour) = @_;
    my ($hex) = $colour =~ /^#(\w+)$/;
    $hex =~ s/(.)/$1$1/g if length $hex == 3;
    my ($r, $g, $b) = map {
        my $part = hex($_) / 255;
        $part <= 0.04045 ? $part / 12.92 : (($part + 0.055) / 1.055) ** 2.4
    } $hex =~ /(..)/g;
    return 0.2126 * $r + 0.7152 * $g + 0.0722 * $b;
}

sub contrast {
    my ($dark, $light) = sort { $a <=> $b } map { luminance($_) } @_;
    return ($light + 0.05) / ($dark + 0.05);
}

my %scheme;
@scheme{qw(light dark)} = map { { /--(\w+): (#\w+)/g } }
    $style =~ /:root \{(.*?)\}/gs;
for my $scheme (qw(light dark)) {
    my %colour = %{ $scheme{$scheme} };
    my @wrong;
    for my $ground (qw(page panel)) {
        push @wrong, map { "$_ on $ground" }
            grep { contrast(@colour{ $_, $ground }) < 4.5 }
            qw(ink faint link yes no limit);
    }
    push @wrong, 'edges of fields' if contrast(@colour{qw(edge page)}) < 3;
    promise(!@wrong, "$scheme: all text has a contrast of 4.5 to 1", @wrong);
}

CorsTest::finish();
