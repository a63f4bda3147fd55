# mod_security2 with Debian's own configuration and the OWASP Core Rule Set,
# watching as it is shipped, and blocking: what it lets pass is as without it,
# and what it denies, in whichever of its phases, carries the headers of the
# policy that is known by then, once.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use CorsTest;
use CorsTest::Backend;
use Test::More;

my $app  = 'https://app.example.com';
my $evil = 'https://evil.example';

# As Debian's security2.conf loads it, once the recommended configuration is
# put in force as its documentation says. What it writes belongs to the test.
my $etc = '/etc/modsecurity';
open my $in, '<', "$etc/modsecurity.conf-recommended"
    or die "libapache2-mod-security2 is not there: $!\n";
my $recommended = do { local $/; <$in> };
close $in;
$recommended =~ s{^SecAuditLog\s.*}{SecAuditLog "\@ROOT\@/scratch/audit.log"}m
    or die "no SecAuditLog in the recommended configuration\n";
$recommended =~ s{^(Sec(?:Tmp|Data)Dir)\s.*}{$1 "\@ROOT\@/scratch"}mg
    or die "no SecTmpDir in the recommended configuration\n";
$recommended =~ s{^(SecUnicodeMapFile) (\S+)}{$1 $etc/$2}m
    or die "no SecUnicodeMapFile in the recommended configuration\n";

# A rule in each phase that the query asks for, and others.
my $rules = <<'RULES';
SecRule ARGS:phase "@streq 1" "id:1001,phase:1,deny,status:403,log"
SecRule ARGS:phase "@streq 2" "id:1002,phase:2,deny,status:403,log"
SecRule ARGS:phase "@streq 3" "id:1003,phase:3,deny,status:403,log"
SecRule ARGS:phase "@streq 4" "id:1004,phase:4,deny,status:403,log"
SecRule ARGS:limit "@streq 1" "id:1011,phase:1,deny,status:429,log"
SecRule ARGS:limit "@streq 2" "id:1012,phase:2,deny,status:429,log"
SecRule ARGS:limit "@streq 3" "id:1013,phase:3,deny,status:503,log"
SecRule ARGS:limit "@streq 4" "id:1014,phase:4,deny,status:503,log"
SecRule ARGS:away "@streq 1" \
    "id:1021,phase:1,redirect:http://www.example.org/no,status:302,log"
SecRule ARGS:away "@streq 2" \
    "id:1022,phase:2,redirect:http://www.example.org/no,status:302,log"
SecRule ARGS:drop "@streq 1" "id:1031,phase:1,drop,log"
SecRule ARGS:drop "@streq 2" "id:1032,phase:2,drop,log"
SecRule ARGS:trust "@streq 1" "id:1041,phase:1,pass,nolog,setenv:TRUSTED=yes"
SecRule REQUEST_URI "@beginsWith /judged/" \
    "id:1051,phase:2,deny,status:403,log,chain"
    SecRule ENV:CORS_RESULT "@streq denied-origin"
SecRule ARGS:seen "@streq 1" "id:1061,phase:3,deny,status:406,log,chain"
    SecRule RESPONSE_HEADERS:Access-Control-Allow-Origin "@rx ."
RULES

# A backend that lets slip what the rules look for in responses.
my $leak    = 'You have an error in your SQL syntax; check the manual that '
    . 'corresponds to your MySQL server version';
my $backend = CorsTest::Backend->start(sub {
    my ($routes) = @_;
    my $say = sub {
        my ($c, $text) = @_;
        my $h = $c->res->headers;
        $h->add('Access-Control-Allow-Origin' => 'https://wrong.example');
        $h->add('Access-Control-Allow-Methods' => 'TRACE');
        $h->add(Vary => $_) for 'X-A', 'origin';
        $h->content_type('text/html');
        $c->render(text => $text);
    };
    $routes->any('/leak' => sub { $say->($_[0], $leak) });
    $routes->any('/*any' => { any => '' } => sub { $say->($_[0], 'fine') });
});
my $to = '127.0.0.1:' . $backend->port;

my $proxied = "ProxyPass /b http://$to\n";
my $keep    = "<Location \"/b/keep\">\nCorsBackendHeaders Keep\n</Location>\n";
my $s = CorsTest->start(
    modules => [qw(unique_id security2 proxy proxy_http headers)],
    cgi     => 1,
    files   => {
        'modsecurity.conf'    => $recommended,
        (map { ("htdocs/$_" => "hi\n") } qw(a.txt shop/a.txt api/a.txt
            judged/a.txt gated/a.txt trusted/a.txt)),
        # It may be cut off in the middle, when its headers are denied.
        'cgi-bin/any.cgi'     => "#!/bin/sh\nexec 2> /dev/null\n"
            . "echo 'Content-Type: text/plain'\necho\n"
            . "cat > /dev/null\necho done\n",
    },
    conf => <<"CONF");
SecDataDir "\@ROOT\@/scratch"
Include "\@ROOT\@/modsecurity.conf"
Include /usr/share/modsecurity-crs/*.load
$rules
# As it is shipped.
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName watches
    CorsAllowOrigin $app
    CorsAllowMethods GET HEAD POST PUT DELETE
    ScriptAlias /any "\@ROOT\@/cgi-bin/any.cgi"
    $proxied
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName blocks
    SecRuleEngine On
    CorsAllowOrigin $app
    CorsAllowMethods GET HEAD POST PUT DELETE
    ScriptAlias /any "\@ROOT\@/cgi-bin/any.cgi"
    $proxied
    $keep
    <Location "/any/methods">
        SecRuleRemoveById 911100
    </Location>
    <Location "/gated">
        CorsRejectUnlisted On
    </Location>
    <Location "/trusted">
        CorsAllowOrigin none
        CorsAllowOriginExpr "reqenv('TRUSTED') == 'yes'"
    </Location>
</VirtualHost>
# The methods named, as crs-setup.conf has it; that comes before the rules.
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName methods
    SecRuleEngine On
    SecRuleInheritance Off
    SecAction "id:900200,phase:1,nolog,pass,t:none,\\
        setvar:'tx.allowed_methods=GET HEAD POST OPTIONS PUT'"
    Include /usr/share/modsecurity-crs/*.load
    CorsAllowOrigin $app
    CorsAllowMethods GET HEAD POST PUT DELETE
    ScriptAlias /any "\@ROOT\@/cgi-bin/any.cgi"
</VirtualHost>
# A policy that is not known before the URL is mapped.
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName sections
    SecRuleEngine On
    <Location "/shop">
        CorsAllowOrigin $app
    </Location>
    <Directory "\@DOCROOT\@/api">
        CorsAllowOrigin $app
    </Directory>
</VirtualHost>
CONF

# The rules find it suspicious to come without these.
my @browser = ('User-Agent' => 'Mozilla/5.0', Accept => '*/*');

# One request by each of three clients: who is allowed, who is not, who sends
# no Origin. With `silent` the policy is not known yet.
sub promise_all {
    my ($what, $host, $line, $is, %opt) = @_;
    my %is     = (status => 200, %$is);
    my $silent = delete $opt{silent};
    my @fields = (@browser, @{ delete $opt{fields} || [] });
    $opt{unexplained} = 'a rule comes first' if $silent;
    my @vary   = $silent ? ()
        : (vary => join ', ', 'Origin', delete $is{vary} || ());
    $s->promises(
        [ "$host: $what, allowed", $line, [ @fields, Origin => $app ],
          { %is, @vary, $silent ? () : (acao => $app) },
          { host => $host, %opt } ],
        [ "$host: $what, refused", $line, [ @fields, Origin => $evil ],
          { %is, @vary }, { host => $host, %opt } ],
        [ "$host: $what, no Origin", $line, \@fields, { %is, @vary },
          { host => $host, %opt } ]);
}

# The policy's answers to preflights.
my %yes = (status => 204, acao => $app, acma => 600, vary => $TRIO,
           body => '', field => { Location => undef });
my %no  = (status => 403, vary => $TRIO, body => '');

sub promise_asked {
    my ($what, $host, $path, $methods) = @_;
    $s->promises(
        [ "$host: $what: a preflight is answered", "OPTIONS $path",
          [ @browser, @{ preflight($app, 'PUT') } ],
          { %yes, acam => $methods }, { host => $host } ],
        [ "$host: $what: or refused", "OPTIONS $path",
          [ @browser, @{ preflight($evil, 'PUT') } ], \%no,
          { host => $host } ]);
}

# ---------------------------------------------------------------------------
# mod_security2: actual
# ---------------------------------------------------------------------------

# Attacks that the rule set knows, and what it makes of them when it may.
my $script = 'q=%3Cscript%3Ealert(1)%3C/script%3E';
my $sql    = "q=1'%20UNION%20SELECT%20password%20FROM%20users--%20";
my @form   = ('Content-Type' => 'application/x-www-form-urlencoded');
my @json   = ('Content-Type' => 'application/json');
my @attacks = (
    [ 'a script in the query', "GET /a.txt?$script" ],
    [ 'SQL in the query', "GET /a.txt?$sql" ],
    [ 'a file in the query', 'GET /a.txt?q=../../../../etc/passwd' ],
    [ 'a script in the body', 'POST /any', 403, \@form, $script ],
    [ 'SQL in the body', 'POST /any', 403, \@form, $sql ],
    [ 'JSON that is none', 'POST /any', 400, \@json, '{"a": nothing}' ],
    # Watching or not: it fails on what ends too early, and has a limit.
    [ 'JSON cut short', 'POST /any', 500, \@json, '{"a', 500 ],
    [ 'too long a body', 'POST /any', 413, \@form, 'q=' . 'a' x 140_000,
      413 ],
    [ 'a method off the list, PUT', 'PUT /any', 403, [], 'x' ],
    [ 'a method off the list, DELETE', 'DELETE /any', 403 ],
    [ 'a method off the list, PATCH', 'PATCH /any', 403, \@json, '{}' ],
    [ 'a scanner', 'GET /a.txt', 403, [ 'User-Agent' => 'sqlmap/1.0' ] ],
);

for my $host (qw(watches blocks)) {
    promise_all('an ordinary request',
        $host, 'GET /a.txt', { body => "hi\n" });
    promise_all('a form', $host, 'POST /any', { body => "done\n" },
        fields => \@form, body => 'q=hello');
    promise_all('JSON', $host, 'POST /any', { body => "done\n" },
        fields => \@json, body => '{"q":"hello"}');
    promise_all('an ordinary 404', $host, 'GET /none', { status => 404 });
    promise_all('not modified', $host, 'GET /a.txt', { status => 304 },
        fields => [ 'If-None-Match' => '*' ]);
    promise_all('OPTIONS that is no preflight', $host, 'OPTIONS /a.txt',
        { vary => 'Access-Control-Request-Method, '
            . 'Access-Control-Request-Headers' });
}
promise_all("it only watches: $_->[0]", 'watches', $_->[1],
    { status => $_->[5] || 200 }, fields => $_->[3] || [], body => $_->[4])
    for @attacks;
promise_all('a rule of our own is watched too',
    'watches', "GET /a.txt?phase=$_", {})
    for 1 .. 4;
promise_all('a method that was put on the list, PUT', 'methods', 'PUT /any',
    { body => "done\n" }, body => 'q=hello', fields => \@form);

# ---------------------------------------------------------------------------
# mod_security2: errors
# ---------------------------------------------------------------------------

for my $attack (@attacks) {
    my ($what, $line, $status, $fields, $body) = @$attack;
    promise_all($what, 'blocks', $line, { status => $status || 403 },
        fields => $fields || [], body => $body);
}
promise_all('a method that is still off the list, DELETE', 'methods',
    'DELETE /any', { status => 403 });
promise_all("a response that says too much", 'blocks', 'GET /b/leak',
    { status => 403, body => qr/403 Forbidden/ });
promise_all('which is only watched', 'watches', 'GET /b/leak',
    { body => $leak, vary => 'X-A' });

my %refusal = (
    phase => [ 403, 403, 403, 403 ],
    limit => [ 429, 429, 503, 503 ],
);
for my $rule (sort keys %refusal) {
    for my $phase (1 .. 4) {
        my $is = { status => $refusal{$rule}[$phase - 1] };
        my $text = "$is->{status} in phase $phase";
        my $query = "?$rule=$phase";
        promise_all($text, 'blocks', "GET /a.txt$query", $is);
        promise_all("$text, HEAD", 'blocks', "HEAD /a.txt$query", $is);
        promise_all("$text, of a program", 'blocks', "POST /any$query", $is,
            fields => \@form, body => 'q=hello');
        promise_all("$text, of a backend", 'blocks', "GET /b/x$query", $is);
        # Phase 1 comes before the URL has been looked at.
        promise_all("$text, $_", 'sections', "GET /$_/a.txt$query", $is,
            silent => $phase == 1) for qw(shop api);
    }
}
for my $phase (1, 2) {
    my $is = { status => 302,
               field => { Location => 'http://www.example.org/no' } };
    promise_all("redirected in phase $phase",
        'blocks', "GET /a.txt?away=$phase",
        $is);
    promise_all("redirected in phase $phase", 'sections',
        "GET /shop/a.txt?away=$phase", $is, silent => $phase == 1);
    for my $origin ($app, $evil) {
        my @answers = $s->raw("GET /a.txt?drop=$phase HTTP/1.1\r\n"
            . "Host: blocks\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\n"
            . "Origin: $origin\r\nConnection: close\r\n\r\n");
        promise(!@answers, "dropped in phase $phase, $origin: no answer",
            map { $_->head } @answers);
    }
}

# ---------------------------------------------------------------------------
# mod_security2: once
# ---------------------------------------------------------------------------

for my $host (qw(watches blocks)) {
    promise_all("a backend's own fields", $host, 'GET /b/x',
        { vary => 'X-A', body => 'fine' });
}
$s->promises(map { my $origin = $_;
    my @at   = ({ host => 'blocks' });
    my @from = ([ @browser, Origin => $origin ]);
    [ "Keep: what a backend says, $origin", 'GET /b/keep/x', @from,
      { acao => 'https://wrong.example', acam => 'TRACE',
        vary => 'Origin, X-A' }, @at ],
    map { [ "Keep: but not of what phase $_ denied, $origin",
            "GET /b/keep/x?phase=$_", @from,
            { status => 403, vary => 'Origin',
              $origin eq $app ? (acao => $app) : () }, @at ] } 1 .. 4;
} $app, $evil);

# ---------------------------------------------------------------------------
# mod_security2: preflight
# ---------------------------------------------------------------------------

my @list = qw(GET HEAD POST PUT DELETE);
my $list = join ', ', @list;
promise_asked('methods that are listed', 'methods', '/any', $list);
for my $host (qw(watches blocks)) {
    promise_asked('a file', $host, '/a.txt', $list);
    promise_asked('a program', $host, '/any', $list);
    promise_asked('a backend', $host, '/b/x', $list);
}
promise_asked('a section', 'sections', '/shop/a.txt', 'GET, HEAD, POST');
promise_asked('a directory', 'sections', '/api/a.txt', 'GET, HEAD, POST');
$s->promises(
    [ 'the rule set has nothing against headers in the question',
      'OPTIONS /a.txt',
      [ @browser, @{ preflight($app, 'PUT', 'x-a, content-type') } ],
      { %yes, acam => $list }, { host => 'blocks' } ]);

# What is blocked in phase 2 is blocked when the request itself comes; of a
# preflight there is nothing behind the answer.
promise_asked('an attack in the query', 'blocks', "/a.txt?$script", $list);
promise_asked('a rule for the body', 'blocks', '/a.txt?phase=2', $list);
promise_asked('the same',
    'sections', '/shop/a.txt?phase=2', 'GET, HEAD, POST');
promise_asked('a redirect for the body', 'blocks', '/a.txt?away=2', $list);
# Browsers never follow a redirected preflight.
promise_asked('a redirect in front', 'blocks', '/a.txt?away=1', $list);

# A denial stays one.
my %first = (unexplained => 'a rule comes first');
for my $rule (sort keys %refusal) {
    for my $phase (1, 3, 4) {
        my $status = $refusal{$rule}[$phase - 1];
        for my $origin ($app, $evil) {
            my $res = $s->request("OPTIONS /a.txt?$rule=$phase",
                [ @browser, @{ preflight($origin, 'PUT') } ],
                host => 'blocks', %first);
            my @acao = $origin eq $app ? (acao => $app, acma => 600,
                acam => $list) : ();
            my @wrong = $res->differences(
                { status => $status, vary => $TRIO, @acao });
            promise(!@wrong, "a preflight denied in phase $phase, "
                . "$status, $origin", @wrong, $res->transcript);
        }
    }
}

# ---------------------------------------------------------------------------
# mod_security2: gate
# ---------------------------------------------------------------------------

promise_all('the rule that knows no PUT is off here', 'blocks',
    'PUT /any/methods', { body => "done\n" }, body => 'q=hello',
    fields => \@form);
$s->promises(map { $_->[4] = { host => 'blocks', %{ $_->[4] || {} } };
                   unshift @{ $_->[2] }, @browser; $_ }
    [ 'the gate is shut', 'GET /gated/a.txt', [ Origin => $evil ],
      { status => 403, vary => 'Origin' } ],
    [ 'open', 'GET /gated/a.txt', [ Origin => $app ],
      { acao => $app, vary => 'Origin', body => "hi\n" } ],
    [ 'open, and the rules deny', 'GET /gated/a.txt?limit=2',
      [ Origin => $app ], { status => 429, acao => $app, vary => 'Origin' } ],
    [ 'shut, and a rule in front of it denies', 'GET /gated/a.txt?limit=1',
      [ Origin => $evil ], { status => 429, vary => 'Origin' }, \%first ],
    [ 'shut, and a rule behind it is not asked', 'GET /gated/a.txt?limit=2',
      [ Origin => $evil ], { status => 403, vary => 'Origin' } ],
    [ 'shut, and a rule denies the refusal', 'GET /gated/a.txt?limit=3',
      [ Origin => $evil ], { status => 503, vary => 'Origin' }, \%first ],
    [ 'a rule acts on the decision: allowed', 'GET /judged/a.txt',
      [ Origin => $app ], { acao => $app, vary => 'Origin', body => "hi\n" } ],
    [ 'a rule acts on the decision: refused', 'GET /judged/a.txt',
      [ Origin => $evil ], { status => 403, vary => 'Origin' } ],
    [ 'a rule acts on the decision: no Origin', 'GET /judged/a.txt', [],
      { vary => 'Origin', body => "hi\n" } ],
    [ 'the decision acts on a rule', 'GET /trusted/a.txt?trust=1',
      [ Origin => $evil ], { acao => $evil, vary => 'Origin' }, \%first ],
    [ 'which did not match', 'GET /trusted/a.txt', [ Origin => $evil ],
      { vary => 'Origin' } ],
    [ 'for preflights too', 'OPTIONS /trusted/a.txt?trust=1',
      preflight($evil, 'GET'),
      { status => 204, acao => $evil, acam => $list, acma => 600,
        vary => $TRIO }, \%first ],
    # Rules for responses look at what the backend has made, not at what the
    # policy makes of it.
    [ 'a rule sees what the backend says', 'GET /b/x?seen=1',
      [ Origin => $app ], { status => 406, acao => $app, vary => 'Origin' } ],
    [ 'of a stranger too', 'GET /b/x?seen=1', [ Origin => $evil ],
      { status => 406, vary => 'Origin' } ],
    [ 'it does not see the header of the policy', 'GET /a.txt?seen=1',
      [ Origin => $app ], { acao => $app, vary => 'Origin' } ]);

$s->expect_log(
    qr/ModSecurity: (?:Access denied|Warning\.)/,
    qr/ModSecurity: JSON pars(?:er|ing) error/,
    qr/ModSecurity: Request body no files data length is larger than/,
);
CorsTest::finish();
