# CGI scripts, by mod_cgid and by mod_cgi, as programs of their own, behind
# mod_actions and inside of SSI pages. They bring fields of their own, fail in
# ways of their own, and ask for redirects inside the server.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use CorsTest;
use CorsTest::Heard qw(rows_at);
use Test::More;

my $app  = 'https://app.example.com';
my $evil = 'https://evil.example';
my $own  = 'https://cgi.example';           # what scripts say
my $acao = 'Access-Control-Allow-Origin';

# A script that says that it runs, and then these header fields and this.
sub script {
    my ($name, $fields, @lines) = @_;
    return ("htdocs/$name.cgi" => join "\n", '#!/bin/sh',
        'echo "$REQUEST_METHOD $REQUEST_URI" >>"@ROOT@/scratch/heard"',
        (map { "echo '$_'" } @$fields), @lines, '');
}
my @text = ('Content-Type: text/plain');
my @says = (@text, "$acao: $own");

my %policy = (
    inert   => '',
    replace => "CorsAllowOrigin $app",
    any     => 'CorsAllowOrigin *',
    expose  => "CorsAllowOrigin $app\nCorsExposeHeaders X-Own X-Rate-*",
    cookies => "CorsAllowOrigin $app\nCorsAllowCredentials On",
    keep    => "CorsAllowOrigin $app\nCorsBackendHeaders Keep",
    pass    => "CorsAllowOrigin $app\nCorsPreflight Pass",
    speaks  => "CorsAllowOrigin $app\nCorsPreflight Pass\n"
        . 'CorsBackendHeaders Keep',
    gate    => "CorsAllowOrigin $app\nCorsRejectUnlisted On",
    hidden  => "CorsAllowOrigin $app\nCorsForwardOrigin Off",
    errors  => "CorsAllowOrigin $app\nErrorDocument 404 /error.cgi\n"
        . "ErrorDocument 500 /error.cgi\n"
        . "<Files error.cgi>\nCorsAllowOrigin $evil\n</Files>",
);
my $hosts = join '', map { <<"CONF" } sort keys %policy;
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName $_
    $policy{$_}
</VirtualHost>
CONF

my %files = (
    'users'             => "u:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n",
    'htdocs/plain.html' => "plain\n",
    'htdocs/a.act'      => "acted on\n",
    script('plain',   \@text, 'echo', 'echo cgi'),
    script('star',    [ @text, "$acao: *" ], 'echo', 'echo cgi'),
    script('own',     \@says, 'echo', 'echo cgi'),
    script('lower',   [ @text, lc("$acao: ") . $own ], 'echo', 'echo cgi'),
    script('twice',   [ @says, "$acao: *" ], 'echo', 'echo cgi'),
    script('vary',    [ @text, 'Vary: Accept', 'Vary: origin' ],
           'echo', 'echo cgi'),
    script('full',    [ @says, 'Access-Control-Allow-Credentials: true',
                        'Access-Control-Allow-Methods: PUT',
                        'Access-Control-Expose-Headers: X-Rate-Limit',
                        'X-Rate-Limit: 7', 'Set-Cookie: a=b',
                        'Set-Cookie: c=d' ], 'echo', 'echo cgi'),
    # Allows whoever asks.
    script('mirror',  \@text,
           "echo \"$acao: \$HTTP_ORIGIN\"",
           'echo "Access-Control-Allow-Credentials: true"', 'echo',
           'echo cgi'),
    script('status',  \@says, 'echo "Status: $QUERY_STRING"', 'echo',
           'echo status'),
    script('goes',    [ "$acao: $own" ],
           'echo "Location: $QUERY_STRING"', 'echo'),
    script('loop',    [ 'Location: /loop.cgi', '' ]),
    script('moved',   [ "$acao: $own", 'Status: 301 Moved' ],
           'echo "Location: $QUERY_STRING"', 'echo'),
    script('nothing', []),
    script('fails',   [], 'echo oops >&2', 'exit 1'),
    script('garbage', [], 'echo this is no field'),
    script('exits',   \@says, 'echo', 'echo cgi', 'exit 3'),
    script('etag',    [ @says, 'ETag: "one"' ], 'echo', 'echo cgi'),
    script('streams', \@says, 'echo',
           'for i in 1 2 3; do printf "%09000d\n" $i; done'),
    script('body',    \@text, 'echo', 'echo "$REQUEST_METHOD `cat`"'),
    script('env',     \@text, 'echo', 'echo "${CORS_REQUEST--}'
           . ' ${CORS_RESULT--} ${HTTP_ORIGIN--}"'),
    script('path',    \@text, 'echo', 'echo "$PATH_INFO"'),
    script('error',   \@says, 'echo', 'echo "cgi says no"'),
    script('acts',    \@says, 'echo', 'cat "$PATH_TRANSLATED"'),
    script('preflight', [ "$acao: $own" ],
           '[ $REQUEST_METHOD = OPTIONS ] && echo "Status: 204 None"',
           'echo "Access-Control-Allow-Methods: PUT"', 'echo'),
    script('locked/a', \@text, 'echo', 'echo cgi'),
    script('nph-own', [], "printf '%s\\r\\n' 'HTTP/1.1 200 OK'"
           . " 'Content-Type: text/plain' '$acao: $own'"
           . " 'Connection: close' ''", 'echo raw'),
    script('nph-plain', [], "printf '%s\\r\\n' 'HTTP/1.1 404 No'"
           . " 'Connection: close' ''", 'echo raw'),
    script('inside/own', \@says, 'echo', 'echo cgi'),
    'htdocs/inside/.htaccess' => "CorsAllowOrigin $app\n",
    'htdocs/page.shtml' => 'a <!--#include virtual="/full.cgi" -->'
        . 'b <!--#include virtual="/env.cgi" -->c',
    'htdocs/long.shtml' => 'x' x 20_000
        . '<!--#include virtual="/mirror.cgi" -->',
    'htdocs/exec.shtml' => '<!--#exec cgi="/full.cgi" -->',
    'htdocs/inner.shtml' => '<!--#include virtual="/inside/own.cgi" -->',
    'htdocs/fails.shtml' => 'a <!--#include virtual="/fails.cgi" -->b',
);

# The same server twice; which of the two a distribution loads depends on the
# MPM, but each runs under all of them.
my (%s, %heard);
for my $module ('cgid', 'cgi') {
    $s{$module} = CorsTest->start(
        name    => "mod_$module",
        modules => [ $module, qw(alias actions include headers authn_core
                                 authn_file auth_basic authz_user) ],
        files   => \%files,
        conf    => <<"CONF" . $hosts);
<IfModule mod_cgid.c>
    ScriptSock "\@ROOT\@/scratch/cgid"
</IfModule>
ScriptAlias /cgi-bin/ "\@DOCROOT\@/"
AddHandler cgi-script .cgi
Action act /acts.cgi
AddHandler act .act
Script PUT /body.cgi
AddType text/html .shtml
AddOutputFilter INCLUDES .shtml
<Directory "\@DOCROOT\@">
    Options +ExecCGI +Includes
</Directory>
<LocationMatch "/locked">
    AuthType Basic
    AuthName private
    AuthUserFile "\@ROOT\@/users"
    Require valid-user
</LocationMatch>
CONF
    $heard{$module} = CorsTest::Heard->new(
        $s{$module}->root . '/scratch/heard');
}

my @listed   = (acao => $app, vary => 'Origin');
my @stranger = (vary => 'Origin');
my %answered = (status => 204, body => '', acao => $app,
    acam => 'GET, HEAD, POST', acma => 600, vary => $TRIO);
my %refused  = (status => 403, body => '', vary => $TRIO);

# Rows as CorsTest::Heard takes them, with the number of scripts that run, for
# both modules.
sub both {
    my ($policy, @rows) = @_;
    for my $module (sort keys %s) {
        $heard{$module}->promises($s{$module},
            rows_at("$policy, mod_$module", $policy, @rows));
    }
}

# ---------------------------------------------------------------------------
# mod_cgid: preflight
# ---------------------------------------------------------------------------
# ---------------------------------------------------------------------------
# mod_cgi: preflight
# ---------------------------------------------------------------------------

both('replace',
    [ 'no script runs for an allowed preflight', 'OPTIONS /plain.cgi',
      preflight($app, 'GET'), { %answered }, {}, 0 ],
    [ 'nor for a refused one', 'OPTIONS /plain.cgi',
      preflight($evil, 'GET'), { %refused }, {}, 0 ],
    [ 'nor under ScriptAlias', 'OPTIONS /cgi-bin/plain.cgi',
      preflight($app, 'GET'), { %answered }, {}, 0 ],
    [ 'nor with a path behind it', 'OPTIONS /path.cgi/a/b',
      preflight($app, 'GET'), { %answered }, {}, 0 ],
    [ 'nor where it would answer', 'OPTIONS /preflight.cgi',
      preflight($evil, 'PUT'), { %refused }, {}, 0 ],
    [ 'nor where it writes its own header', 'OPTIONS /nph-own.cgi',
      preflight($app, 'GET'), { %answered }, {}, 0 ],
    [ 'nor where it is an Action', 'OPTIONS /a.act',
      preflight($app, 'GET'), { %answered }, {}, 0 ],
    [ 'nor where it is in a page', 'OPTIONS /page.shtml',
      preflight($app, 'GET'), { %answered }, {}, 0 ],
    [ 'nor where it leads elsewhere', 'OPTIONS /goes.cgi?/plain.html',
      preflight($app, 'GET'), { %answered }, {}, 0 ],
    [ 'none is missed', 'OPTIONS /missing.cgi', preflight($app, 'GET'),
      { %answered }, {}, 0 ],
    [ 'a preflight with a body', 'OPTIONS /body.cgi',
      preflight($app, 'GET'), { %answered }, { body => 'x' x 5000 }, 0 ],
    [ 'a preflight needs no password', 'OPTIONS /locked/a.cgi',
      preflight($app, 'GET'), { %answered }, {}, 0 ],
    [ 'OPTIONS that is no preflight is for the script', 'OPTIONS /own.cgi',
      { Origin => $app }, { acao => $app, body => "cgi\n", vary => $TRIO } ],
    [ 'and of a stranger, too', 'OPTIONS /own.cgi', { Origin => $evil },
      { body => "cgi\n", vary => $TRIO } ],
);
both('inert',
    [ 'without a policy the script answers', 'OPTIONS /preflight.cgi',
      preflight($evil, 'PUT'), { status => 204, acao => $own,
                                 acam => 'PUT' } ],
);
my %passed = (%answered, status => 200);
delete $passed{body};
both('pass',
    [ 'the script hears of a preflight', 'OPTIONS /plain.cgi',
      preflight($app, 'GET'), { %passed, body => "cgi\n" } ],
    [ 'where it answers, the policy speaks', 'OPTIONS /preflight.cgi',
      preflight($app, 'PUT'), { %answered } ],
    [ 'and is silent to a stranger', 'OPTIONS /preflight.cgi',
      preflight($evil, 'PUT'), { status => 204, vary => $TRIO } ],
    [ 'the script refuses', 'OPTIONS /status.cgi?405',
      preflight($app, 'GET'), { %passed, status => 405 } ],
    [ 'the script fails', 'OPTIONS /fails.cgi', preflight($app, 'GET'),
      { %passed, status => 500 } ],
    [ 'the script leads elsewhere', 'OPTIONS /goes.cgi?/plain.cgi',
      preflight($app, 'GET'), { %passed, body => "cgi\n" }, {}, 2 ],
    [ 'a password is asked for', 'OPTIONS /locked/a.cgi',
      preflight($app, 'GET'), { %passed, status => 401 }, {}, 0 ],
);
both('speaks',
    [ 'the script answers preflights', 'OPTIONS /preflight.cgi',
      preflight($evil, 'PUT'), { status => 204, acao => $own,
                                 acam => 'PUT', vary => $TRIO } ],
    [ 'the policy does where it is silent', 'OPTIONS /plain.cgi',
      preflight($app, 'GET'), { %passed } ],
);

# ---------------------------------------------------------------------------
# mod_cgid: actual
# ---------------------------------------------------------------------------
# ---------------------------------------------------------------------------
# mod_cgi: actual
# ---------------------------------------------------------------------------

for my $method (qw(GET HEAD POST PUT PATCH DELETE)) {
    my $line = "$method /body.cgi";
    my %body = $method =~ /GET|HEAD/ ? () : (body => 'a=b');
    my $said = $method eq 'HEAD' ? '' : "$method " . ($body{body} // '')
        . "\n";
    both('replace',
        [ "$method by an allowed origin", $line, { Origin => $app },
          { @listed, body => $said }, { %body } ],
        [ "$method by a stranger", $line, { Origin => $evil },
          { @stranger, body => $said }, { %body } ],
        [ "$method without Origin", $line, {},
          { @stranger, body => $said }, { %body } ],
    );
}
both('replace',
    [ 'under ScriptAlias', 'GET /cgi-bin/plain.cgi', { Origin => $app },
      { @listed, body => "cgi\n" } ],
    [ 'with a path behind the script', 'GET /path.cgi/a/b',
      { Origin => $app }, { @listed, body => "/a/b\n" } ],
    [ 'output that comes in parts', 'GET /streams.cgi', { Origin => $app },
      { @listed, body => qr/^0+1\n0+2\n0+3\n\z/ } ],
    [ 'a password was right', 'GET /locked/a.cgi',
      { Origin => $app, Authorization => 'Basic dTpwYXNzd29yZA==' },
      { @listed, body => "cgi\n" } ],
    [ 'a script that is an Action', 'GET /a.act', { Origin => $app },
      { @listed, body => "acted on\n" } ],
    [ 'a script that is an Action, for a stranger', 'GET /a.act',
      { Origin => $evil }, { @stranger, body => "acted on\n" } ],
    [ 'a script for a method', 'PUT /plain.html', { Origin => $app },
      { @listed, body => "PUT a=b\n" }, { body => 'a=b' } ],
    [ 'a script that leads to a page', 'GET /goes.cgi?/plain.html',
      { Origin => $app }, { @listed, body => "plain\n" } ],
    [ 'a script that leads to a page, for a stranger',
      'GET /goes.cgi?/plain.html', { Origin => $evil },
      { @stranger, body => "plain\n" } ],
    [ 'a script that leads to another', 'GET /goes.cgi?/own.cgi',
      { Origin => $app }, { @listed, body => "cgi\n" }, {}, 2 ],
    [ 'a policy that only the other script has is not asked',
      'GET /goes.cgi?/inside/own.cgi', { Origin => $evil },
      { @stranger, body => "cgi\n" }, {}, 2 ],
);
both('inert',
    [ 'without a policy all that a script says stands', 'GET /full.cgi',
      { Origin => $evil },
      { acao => $own, acac => 'true', acam => 'PUT',
        aceh => 'X-Rate-Limit' } ],
    [ 'and nothing is added', 'GET /plain.cgi', { Origin => $app }, {} ],
    [ 'a policy in .htaccess has its say', 'GET /inside/own.cgi',
      { Origin => $app }, { @listed } ],
    [ 'and keeps preflights from scripts', 'OPTIONS /inside/own.cgi',
      preflight($app, 'GET'), { %answered }, {}, 0 ],
    [ 'it is found where a script leads', 'GET /goes.cgi?/inside/own.cgi',
      { Origin => $app }, { @listed, body => "cgi\n" },
      { unexplained => 'only the handler leads to a policy' }, 2 ],
);
both('any',
    [ 'one answer for all', 'GET /plain.cgi', {}, { acao => '*' } ],
);
both('expose',
    [ 'the names that a script sent, under a prefix', 'GET /full.cgi',
      { Origin => $app }, { @listed, aceh => 'X-Own, X-Rate-Limit' } ],
    [ 'nothing for a stranger', 'GET /full.cgi', { Origin => $evil },
      { @stranger } ],
);

# Scripts that write the whole header themselves are left alone, but for what
# happens before they run.
both('replace',
    [ 'nph: what it writes stands', 'GET /nph-own.cgi', { Origin => $evil },
      { acao => $own, body => "raw\n" } ],
    [ 'nph: nothing is added', 'GET /nph-plain.cgi', { Origin => $app },
      { status => 404, body => "raw\n" } ],
);

# ---------------------------------------------------------------------------
# mod_include: actual
# ---------------------------------------------------------------------------

my $page = qr/^a cgi\nb actual (\S+) \S+\nc\z/;
both('replace',
    [ 'a page has the policy, what it includes has no say',
      'GET /page.shtml', { Origin => $app }, { @listed, body => $page }, {},
      2 ],
    [ 'a page for a stranger', 'GET /page.shtml', { Origin => $evil },
      { @stranger, body => $page }, {}, 2 ],
    [ 'a page that has begun when it includes', 'GET /long.shtml',
      { Origin => $evil }, { @stranger, body => qr/xcgi\n\z/ } ],
    [ 'a page that runs a script', 'GET /exec.shtml', { Origin => $app },
      { @listed, body => "cgi\n" } ],
    [ 'a page whose script fails', 'GET /fails.shtml', { Origin => $app },
      { @listed, body => qr/^a / } ],
);
both('keep',
    [ 'what a page includes does not speak for it', 'GET /page.shtml',
      { Origin => $evil }, { @stranger }, {}, 2 ],
);
both('inert',
    [ 'a policy that only an included script has is not asked',
      'GET /inner.shtml', { Origin => 'https://included.example' },
      { body => "cgi\n" } ],
    [ 'without a policy a page has no fields', 'GET /page.shtml',
      { Origin => $evil }, {}, {}, 2 ],
);

for my $module (sort keys %s) {
    promise(!$s{$module}->log_lines(qr/included\.example/),
        "inert, mod_$module: nothing is decided about a script in a page");
    $s{$module}->request('GET /page.shtml',
        { Origin => 'https://counted.example' }, host => 'replace');
    my @lines = $s{$module}->log_lines(qr/cors:info.*counted\.example/, 5);
    promise(1 == @lines,
        "replace, mod_$module: a page with two scripts is one decision",
        @lines);
}

# ---------------------------------------------------------------------------
# mod_cgid: errors
# ---------------------------------------------------------------------------
# ---------------------------------------------------------------------------
# mod_cgi: errors
# ---------------------------------------------------------------------------

for my $code (400, 401, 403, 404, 405, 410, 422, 429, 500, 503) {
    both('replace',
        [ "a script says $code", "GET /status.cgi?$code",
          { Origin => $app },
          { status => $code, body => "status\n", @listed } ],
        [ "a script says $code to a stranger", "GET /status.cgi?$code",
          { Origin => $evil },
          { status => $code, body => "status\n", @stranger } ],
    );
}
for my $case ([ 'says nothing', 'nothing' ], [ 'fails', 'fails' ],
              [ 'writes no header', 'garbage' ]) {
    my ($what, $name) = @$case;
    both('replace',
        [ "a script $what", "GET /$name.cgi", { Origin => $app },
          { status => 500, body => qr/Internal Server Error/, @listed } ],
        [ "a script $what, for a stranger", "GET /$name.cgi",
          { Origin => $evil }, { status => 500, @stranger } ],
        [ "a script $what, without Origin", "GET /$name.cgi", {},
          { status => 500, @stranger } ],
        [ "a script $what, to HEAD", "HEAD /$name.cgi", { Origin => $app },
          { status => 500, body => '', @listed } ],
    );
}
both('replace',
    [ 'a script ends badly after its answer', 'GET /exits.cgi',
      { Origin => $app }, { body => "cgi\n", @listed } ],
    [ 'a script is missing', 'GET /missing.cgi', { Origin => $app },
      { status => 404, @listed }, {}, 0 ],
    [ 'a password is missing', 'GET /locked/a.cgi', { Origin => $app },
      { status => 401, @listed }, {}, 0 ],
    [ 'a redirect to another site', 'GET /goes.cgi?https://other.example/',
      { Origin => $app },
      { status => 302, @listed,
        field => { Location => 'https://other.example/' } } ],
    [ 'a redirect to another site, for a stranger',
      'GET /goes.cgi?https://other.example/', { Origin => $evil },
      { status => 302, @stranger } ],
    [ 'a redirect with a status', 'GET /moved.cgi?https://other.example/',
      { Origin => $app }, { status => 301, @listed } ],
    [ 'a redirect inside, to what is missing', 'GET /goes.cgi?/missing',
      { Origin => $app }, { status => 404, @listed } ],
    [ 'a redirect inside, to what fails', 'GET /goes.cgi?/fails.cgi',
      { Origin => $app }, { status => 500, @listed }, {}, 2 ],
    [ 'a redirect inside, to what is locked', 'GET /goes.cgi?/locked/a.cgi',
      { Origin => $app }, { status => 401, @listed } ],
    [ 'redirects inside without end', 'GET /loop.cgi',
      { Origin => $app }, { status => 500, @listed }, {}, 11 ],
    [ 'redirects inside without end, for a stranger', 'GET /loop.cgi',
      { Origin => $evil }, { status => 500, @stranger }, {}, 11 ],
    [ 'httpd says 304 for a script', 'GET /etag.cgi',
      { Origin => $app, 'If-None-Match' => '"one"' },
      { status => 304, @listed } ],
    [ 'httpd says 304 for a script, to a stranger', 'GET /etag.cgi',
      { Origin => $evil, 'If-None-Match' => '"one"' },
      { status => 304, @stranger } ],
    [ 'httpd says 412 for a script', 'GET /etag.cgi',
      { Origin => $app, 'If-Match' => '"two"' },
      { status => 412, @listed } ],
    [ 'an Action for a file that is missing', 'GET /missing.act',
      { Origin => $app }, { status => 404, @listed }, {}, 0 ],
);
both('errors',
    [ 'a script as ErrorDocument', 'GET /missing.html', { Origin => $app },
      { status => 404, body => "cgi says no\n", @listed } ],
    [ 'a script as ErrorDocument, for whom that alone allows',
      'GET /missing.html',
      { Origin => $evil },
      { status => 404, body => "cgi says no\n", @stranger } ],
    [ 'a script as ErrorDocument by its own URL', 'GET /error.cgi',
      { Origin => $evil },
      { acao => $evil, vary => 'Origin', body => "cgi says no\n" } ],
    [ 'a script as ErrorDocument for a script', 'GET /fails.cgi',
      { Origin => $app },
      { status => 500, body => "cgi says no\n", @listed }, {}, 2 ],
    [ 'a script that says 404 itself has no ErrorDocument',
      'GET /status.cgi?404', { Origin => $app },
      { status => 404, body => "status\n", @listed } ],
);

# ---------------------------------------------------------------------------
# mod_cgid: once
# ---------------------------------------------------------------------------
# ---------------------------------------------------------------------------
# mod_cgi: once
# ---------------------------------------------------------------------------

for my $script (qw(star own lower twice mirror)) {
    both('replace',
        [ "$script: allowed, once", "GET /$script.cgi", { Origin => $app },
          { @listed, body => "cgi\n" } ],
        [ "$script: a stranger gets nothing", "GET /$script.cgi",
          { Origin => $evil }, { @stranger, body => "cgi\n" } ],
        [ "$script: no Origin, nothing", "GET /$script.cgi", {},
          { @stranger, body => "cgi\n" } ],
    );
}
both('replace',
    [ 'two fields of Vary are one', 'GET /vary.cgi', { Origin => $app },
      { acao => $app, vary => 'Accept, Origin' } ],
    [ 'all that a script says of it goes, but the names it exposes',
      'GET /full.cgi', { Origin => $app },
      { @listed, aceh => 'X-Rate-Limit' } ],
    [ 'and these, too, for a stranger', 'GET /full.cgi',
      { Origin => $evil }, { @stranger } ],
    # httpd keeps what a script has said through a redirect inside.
    [ 'a script that leads to another, and both speak',
      'GET /goes.cgi?/star.cgi', { Origin => $app },
      { @listed, body => "cgi\n" }, {}, 2 ],
);
for my $module (sort keys %s) {
    my @cookies = $s{$module}->request('GET /full.cgi', { Origin => $app },
        host => 'replace')->fields('Set-Cookie');
    promise("@cookies" eq 'a=b c=d', "replace, mod_$module: two cookies "
        . 'are two fields', @cookies);
}
both('cookies',
    [ 'credentials come from the policy', 'GET /plain.cgi',
      { Origin => $app, Cookie => 'a=b' }, { @listed, acac => 'true' } ],
    [ 'and once where a script sends them', 'GET /mirror.cgi',
      { Origin => $app }, { @listed, acac => 'true' } ],
    [ 'and not to a stranger', 'GET /mirror.cgi', { Origin => $evil },
      { @stranger } ],
);
both('keep',
    [ 'what a script says stands', 'GET /full.cgi', { Origin => $evil },
      { acao => $own, acac => 'true', acam => 'PUT', vary => 'Origin',
        aceh => 'X-Rate-Limit' } ],
    [ 'on its errors', 'GET /status.cgi?404', { Origin => $evil },
      { status => 404, acao => $own, vary => 'Origin' } ],
    [ 'on its redirects', 'GET /moved.cgi?https://other.example/',
      { Origin => $evil },
      { status => 301, acao => $own, vary => 'Origin' } ],
    [ 'when httpd says 304 for it', 'GET /etag.cgi',
      { Origin => $evil, 'If-None-Match' => '"one"' },
      { status => 304, acao => $own, vary => 'Origin' } ],
    [ 'where it is an Action', 'GET /a.act', { Origin => $evil },
      { acao => $own, vary => 'Origin' } ],
    [ 'where it leads to a page', 'GET /goes.cgi?/plain.html',
      { Origin => $evil }, { acao => $own, vary => 'Origin' } ],
    [ 'the policy speaks where it is silent', 'GET /plain.cgi',
      { Origin => $app }, { @listed } ],
    [ 'and where it contradicts itself', 'GET /twice.cgi',
      { Origin => $app }, { @listed } ],
    [ 'and where it leads to another that contradicts it',
      'GET /goes.cgi?/star.cgi', { Origin => $app }, { @listed }, {}, 2 ],
    [ 'and where it fails', 'GET /fails.cgi', { Origin => $app },
      { status => 500, @listed } ],
    [ 'and where it is missing', 'GET /missing.cgi', { Origin => $app },
      { status => 404, @listed }, {}, 0 ],
);

# ---------------------------------------------------------------------------
# mod_cgid: gate
# ---------------------------------------------------------------------------
# ---------------------------------------------------------------------------
# mod_cgi: gate
# ---------------------------------------------------------------------------

both('gate',
    [ 'no script runs for a stranger', 'GET /plain.cgi',
      { Origin => $evil }, { status => 403, @stranger }, {}, 0 ],
    [ 'nor for what a stranger sends', 'POST /body.cgi',
      { Origin => $evil }, { status => 403, @stranger },
      { body => 'a=b' }, 0 ],
    [ 'nor one that writes its own header', 'GET /nph-own.cgi',
      { Origin => $evil }, { status => 403, @stranger }, {}, 0 ],
    [ 'nor one that is an Action', 'GET /a.act', { Origin => $evil },
      { status => 403, @stranger }, {}, 0 ],
    [ 'nor those in a page', 'GET /page.shtml', { Origin => $evil },
      { status => 403, @stranger }, {}, 0 ],
    [ 'it runs for an allowed origin', 'GET /plain.cgi',
      { Origin => $app }, { @listed } ],
    [ 'and for who sends no Origin', 'GET /plain.cgi', {}, { @stranger } ],
);
both('replace',
    [ 'a script reads that it is allowed', 'GET /env.cgi',
      { Origin => $app }, { @listed, body => "actual allowed $app\n" } ],
    [ 'a script reads that it is denied', 'GET /env.cgi',
      { Origin => $evil },
      { @stranger, body => "actual denied-origin $evil\n" } ],
    [ 'without Origin there is nothing to read', 'GET /env.cgi', {},
      { @stranger, body => "- - -\n" } ],
    [ 'a script that another leads to reads it', 'GET /goes.cgi?/env.cgi',
      { Origin => $evil },
      { @stranger, body => "actual denied-origin $evil\n" }, {}, 2 ],
    [ 'a script in a page reads it', 'GET /page.shtml',
      { Origin => $evil }, { @stranger, body => qr/b actual denied-origin / },
      {}, 2 ],
);
both('pass',
    [ 'a script reads of a preflight', 'OPTIONS /env.cgi',
      preflight($app, 'PUT'),
      { %passed, body => "preflight denied-method $app\n" } ],
);
both('hidden',
    [ 'a script need not see the origin', 'GET /env.cgi',
      { Origin => $app }, { @listed, body => "actual allowed -\n" } ],
    [ 'nor one that another leads to', 'GET /goes.cgi?/env.cgi',
      { Origin => $app }, { @listed, body => "actual allowed -\n" }, {},
      2 ],
);

$_->expect_log(
    qr/End of script output before headers: nothing\.cgi/,
    qr/End of script output before headers: fails\.cgi/,
    qr/malformed header from script 'garbage\.cgi'/,
    qr/^oops|AH01215: stderr from .*fails\.cgi: oops/,
    qr/(?:AH01264|AH02811): .*script not found or unable to stat/,
    qr/unable to include "\/fails\.cgi"/,
    qr/AH00124: Request exceeded the limit of 10 internal redirects/,
) for values %s;
CorsTest::finish();
