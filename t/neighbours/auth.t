# What asks who somebody is and what he may do: mod_auth_basic, _digest and
# _form with its sessions and redirects, Require in its forms, the directives
# of httpd 2.2, <Limit>, mod_allowmethods. A preflight brings no password and
# is answered in front of all of them; a page can read why it was sent away.

use strict;
use warnings;

use Digest::MD5  qw(md5_hex);
use FindBin;
use lib "$FindBin::Bin/../lib";
use CorsTest;
use MIME::Base64 qw(encode_base64);
use Test::More;

my $app  = 'https://app.example.com';
my $evil = 'https://evil.example';
my $html = "<p>please log in</p>\n";

my $users = <<'CONF';
        AuthName private
        AuthUserFile "@ROOT@/users"
CONF
my $password = "$users        Require valid-user\n";

# Every host has one policy, and something in front of its files.
my %guarded = (
    basic => "<Location />\n        AuthType Basic\n$password</Location>",
    # The policy is found with the password.
    htaccess => '',
    digest => <<'CONF',
    <Location />
        AuthType Digest
        AuthName private
        AuthDigestProvider file
        AuthUserFile "@ROOT@/digests"
        Require valid-user
    </Location>
CONF
    form => <<"CONF",
    Session On
    SessionCookieName session path=/
    <Location /private>
        AuthType form
        AuthFormProvider file
        AuthFormLoginRequiredLocation \\
            "http://form/login?to=%{escape:%{REQUEST_URI}}"
$password    </Location>
    <Location /inline>
        AuthType form
        AuthFormProvider file
        ErrorDocument 401 /login.html
$password    </Location>
    <Location /do-login>
        SetHandler form-login-handler
        AuthType form
        AuthFormProvider file
        AuthName private
        AuthUserFile "\@ROOT\@/users"
        AuthFormLoginRequiredLocation http://form/login.html
        AuthFormLoginSuccessLocation http://form/private/a.txt
    </Location>
    <Location /do-logout>
        SetHandler form-logout-handler
        AuthFormLogoutLocation http://form/a.txt
        SessionMaxAge 1
    </Location>
CONF
    'not-here' => "<Location />\n    Require ip 192.0.2.0/24\n</Location>",
    here       => "<Location />\n    Require ip 127.0.0.0/8\n</Location>",
    env        => <<'CONF',
    SetEnvIf X-Key ^secret$ has_key
    <Location />
        Require env has_key
    </Location>
CONF
    'only-allowed' => <<'CONF',
    <Location />
        Require expr "%{reqenv:CORS_RESULT} == 'allowed'"
    </Location>
CONF
    'not-refused' => <<"CONF",
    <Location />
        <RequireAny>
            Require expr "%{reqenv:CORS_RESULT} in {'', 'allowed'}"
            Require valid-user
        </RequireAny>
        AuthType Basic
$users    </Location>
CONF
    'gate' => "CorsRejectUnlisted On\n    <Location />\n"
        . "        AuthType Basic\n$password</Location>",
    pass => "CorsPreflight Pass\n    <Location />\n"
        . "        AuthType Basic\n$password</Location>",
    order => <<'CONF',
    <Location />
        Order Allow,Deny
        Allow from 192.0.2.0/24
    </Location>
CONF
    'satisfy-any' => <<"CONF",
    <Location />
        Order Deny,Allow
        Deny from all
        Satisfy Any
        AuthType Basic
$password    </Location>
CONF
    'satisfy-all' => <<"CONF",
    <Location />
        Order Deny,Allow
        Deny from all
        Satisfy All
        AuthType Basic
$password    </Location>
CONF
    methods => <<'CONF',
    <Location />
        AllowMethods GET POST
    </Location>
CONF
    limit => <<"CONF",
    <Location />
        AuthType Basic
        AuthName private
        AuthUserFile "\@ROOT\@/users"
        <Limit OPTIONS PUT DELETE>
            Require valid-user
        </Limit>
    </Location>
CONF
    except => <<'CONF',
    <Location />
        <LimitExcept GET HEAD POST>
            Require all denied
        </LimitExcept>
    </Location>
CONF
);
my $access = <<"CONF";
    CorsAllowOrigin $app
    CorsAllowMethods GET HEAD POST PUT DELETE
    CorsAllowHeaders Authorization X-Key
    CorsExposeHeaders WWW-Authenticate Authentication-Info Location Allow
    CorsAllowCredentials On
CONF
my %htaccess = (
    'htdocs/own/a.txt' => "own\n",
    'htdocs/own/.htaccess' => "${access}AuthType Basic\n$password",
);

my $s = CorsTest->start(
    modules => [qw(authn_core authn_file auth_basic auth_digest auth_form
                   authz_user authz_host access_compat allowmethods session
                   session_cookie request headers setenvif)],
    files => {
        users   => "u:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n",
        digests => 'u:private:' . md5_hex('u:private:password') . "\n",
        'htdocs/a.txt'         => "hi\n",
        'htdocs/private/a.txt' => "private\n",
        'htdocs/inline/a.txt'  => "inline\n",
        'htdocs/login.html'    => $html,
        %htaccess,
    },
    conf => join '', map { my $policy = $_ eq 'htaccess' ? '' : $access;
                           <<CONF } sort keys %guarded);
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName $_
$policy    $guarded{$_}
</VirtualHost>
CONF

my @app  = (acao => $app, acac => 'true', vary => 'Origin',
    aceh => 'WWW-Authenticate, Authentication-Info, Location, Allow');
my @none = (vary => 'Origin');
my @with = (Authorization => 'Basic ' . encode_base64('u:password', ''));
my @bad  = (Authorization => 'Basic ' . encode_base64('u:guess', ''));

# What a preflight gets; the neighbour has no part in it.
my %silent = map { $_ => undef }
    'WWW-Authenticate', 'Authentication-Info', 'Location', 'Set-Cookie',
    'Allow';
my %answered = (status => 204, body => '', acao => $app, acac => 'true',
    acam => 'GET, HEAD, POST, PUT, DELETE', acah => 'Authorization, X-Key',
    acma => 600, vary => $TRIO, field => \%silent);
my %refused = (status => 403, body => '', vary => $TRIO, field => \%silent);

# A preflight is answered or refused, whatever stands in front.
sub promise_preflights {
    my ($host, $what, $path, @methods) = @_;
    $s->promises(map {
        [ "$what: a preflight for $_ is answered", "OPTIONS $path",
          preflight($app, $_, 'authorization'), \%answered,
          { host => $host } ],
        [ "$what: or refused by the policy", "OPTIONS $path",
          preflight($evil, $_), \%refused, { host => $host } ]
    } @methods);
}

# The three that come: what they get of CORS stands beside what everybody
# gets. Rows: request, fields, expected.
sub promise_all {
    my ($host, $what, $line, $fields, $expected, %opt) = @_;
    my $vary = $line =~ /^OPTIONS/ ? $TRIO : 'Origin';
    $s->promises(
        [ "$what, for an allowed origin", $line, [ Origin => $app, @$fields ],
          { @app, vary => $vary, %$expected }, { host => $host, %opt } ],
        [ "$what, for a stranger", $line, [ Origin => $evil, @$fields ],
          { vary => $vary, %$expected }, { host => $host, %opt } ],
        [ "$what, without Origin", $line, $fields,
          { vary => $vary, %$expected }, { host => $host, %opt } ]);
}

# ---------------------------------------------------------------------------
# mod_auth_basic: preflight
# ---------------------------------------------------------------------------

promise_preflights('basic', 'Basic', $_, qw(GET PUT))
    for '/a.txt', '/missing', '/';
promise_preflights('htaccess', 'Basic and its policy in .htaccess',
    '/own/a.txt', 'GET');
$s->promises(
    [ 'passed on, a preflight meets the password', 'OPTIONS /a.txt',
      preflight($app, 'PUT'),
      { %answered, status => 401, body => qr/Unauthorized/,
        field => { 'WWW-Authenticate' => 'Basic realm="private"' } },
      { host => 'pass' } ],
    [ "so does a stranger's", 'OPTIONS /a.txt', preflight($evil, 'PUT'),
      { status => 401, vary => $TRIO }, { host => 'pass' } ],
);
promise_all('basic', 'OPTIONS that is no preflight needs the password',
    'OPTIONS /a.txt', [], { status => 401 });
promise_all('basic', 'and passes with it', 'OPTIONS /a.txt', \@with,
    { field => { Allow => qr/GET/ } });

# ---------------------------------------------------------------------------
# mod_auth_basic: actual
# ---------------------------------------------------------------------------

promise_all('basic', 'with the password', 'GET /a.txt', \@with,
    { body => "hi\n" });
promise_all('htaccess', 'with the password, .htaccess', 'GET /own/a.txt',
    \@with, { body => "own\n" });

# ---------------------------------------------------------------------------
# mod_auth_basic: errors
# ---------------------------------------------------------------------------

for my $host ('basic', 'htaccess') {
    my $path = $host eq 'htaccess' ? '/own/a.txt' : '/a.txt';
    promise_all($host, "$host: 401 without the password, $_", "$_ $path", [],
        { status => 401,
          field => { 'WWW-Authenticate' => 'Basic realm="private"' } })
        for qw(GET HEAD POST PUT DELETE);
    promise_all($host, "$host: 401 with a wrong one", "GET $path", \@bad,
        { status => 401 });
}
promise_all('basic', '404 with the password', 'GET /missing', \@with,
    { status => 404 });
promise_all('basic', '304 with the password', 'GET /a.txt',
    [ @with, 'If-None-Match' => '*' ],
    { status => 304 });
$s->expect_log(qr/AH01617: user u: authentication failure/);

# ---------------------------------------------------------------------------
# mod_auth_basic: gate
# ---------------------------------------------------------------------------

$s->promises(
    [ 'a stranger is sent away and not asked for a password', 'GET /a.txt',
      { Origin => $evil },
      { status => 403, @none, field => { 'WWW-Authenticate' => undef } },
      { host => 'gate' } ],
    [ 'nor does a password help him', 'GET /a.txt',
      [ Origin => $evil, @with ], { status => 403, @none },
      { host => 'gate' } ],
    [ 'an allowed origin is asked', 'GET /a.txt', { Origin => $app },
      { status => 401, @app }, { host => 'gate' } ],
    [ 'and let in', 'GET /a.txt', [ Origin => $app, @with ],
      { @app, body => "hi\n" }, { host => 'gate' } ],
    [ 'one without an origin is asked, too', 'GET /a.txt', {},
      { status => 401, @none }, { host => 'gate' } ],
);

# ---------------------------------------------------------------------------
# mod_auth_digest: preflight
# ---------------------------------------------------------------------------

promise_preflights('digest', 'Digest', $_, qw(GET DELETE))
    for '/a.txt', '/missing';

# ---------------------------------------------------------------------------
# mod_auth_digest: actual
# ---------------------------------------------------------------------------

# The answer to a challenge, as RFC 7616 computes it with MD5.
sub digest {
    my ($challenge, $line, $password) = @_;
    my ($method, $uri) = split / /, $line;
    my ($nonce) = $challenge =~ /\bnonce="([^"]+)"/;
    my ($nc, $cnonce) = ('00000001', 'abcdef');
    my $response = md5_hex(join ':', md5_hex("u:private:$password"), $nonce,
        $nc, $cnonce, 'auth', md5_hex("$method:$uri"));
    return (Authorization => "Digest username=\"u\", realm=\"private\", "
        . "nonce=\"$nonce\", uri=\"$uri\", algorithm=MD5, qop=auth, "
        . "nc=$nc, cnonce=\"$cnonce\", response=\"$response\"");
}
my $challenge = $s->request('GET /a.txt', {}, host => 'digest')
    ->field('WWW-Authenticate') // '';
for my $line ('GET /a.txt', 'HEAD /a.txt', 'POST /a.txt') {
    promise_all('digest', "a good digest, $line", $line,
        [ digest($challenge, $line, 'password') ],
        { field => { 'Authentication-Info' => qr/^rspauth="/ } });
}

# ---------------------------------------------------------------------------
# mod_auth_digest: errors
# ---------------------------------------------------------------------------

promise_all('digest', 'no digest', 'GET /a.txt', [],
    { status => 401, field => { 'WWW-Authenticate' => qr/^Digest / } });
promise_all('digest', 'a wrong digest', 'GET /a.txt',
    [ digest($challenge, 'GET /a.txt', 'guess') ],
    { status => 401, field => { 'WWW-Authenticate' => qr/^Digest / } });
promise_all('digest', 'a digest of another URL', 'GET /missing',
    [ digest($challenge, 'GET /a.txt', 'password') ], { status => 400 });
promise_all('digest', 'a forged nonce', 'GET /a.txt',
    [ digest('nonce="AAAAAAAAAAA=' . '0' x 40 . '"', 'GET /a.txt',
             'password') ],
    { status => 401 });
$s->expect_log(qr/\[auth_digest:error\]/);

# ---------------------------------------------------------------------------
# mod_auth_form: preflight
# ---------------------------------------------------------------------------

promise_preflights('form', 'a form, the login redirect', '/private/a.txt',
    qw(GET PUT));
promise_preflights('form', 'a form on the spot', '/inline/a.txt', 'POST');
promise_preflights('form', 'the URL that logs in', '/do-login', 'POST');
$s->promises(
    # Where SessionMaxAge is set, mod_session sends its cookie with whatever
    # is answered. Browsers take no cookie from a preflight.
    [ 'the URL that logs out: a preflight is answered, with the cookie of '
        . 'mod_session', 'OPTIONS /do-logout', preflight($app, 'GET'),
      { %answered, field => { %silent, 'Set-Cookie' => qr/^session=/ } },
      { host => 'form' } ],
    [ 'the URL that logs out: or refused, with it too', 'OPTIONS /do-logout',
      preflight($evil, 'GET'),
      { %refused, field => { %silent, 'Set-Cookie' => qr/^session=/ } },
      { host => 'form' } ],
);
promise_all('form', 'OPTIONS that is no preflight is sent to log in',
    'OPTIONS /private/a.txt', [],
    { status => 302, field => { Location =>
        'http://form/login?to=/private/a.txt' } });

# ---------------------------------------------------------------------------
# mod_auth_form: errors
# ---------------------------------------------------------------------------

my $good = 'httpd_username=u&httpd_password=password';
my $form = [ 'Content-Type' => 'application/x-www-form-urlencoded' ];
promise_all('form', 'the redirect to the login page', 'GET /private/a.txt', [],
    { status => 302, field => {
        Location => 'http://form/login?to=/private/a.txt' } });
promise_all('form', '401 with the login page', 'GET /inline/a.txt', [],
    { status => 401, body => $html });
promise_all('form', 'a login that fails', 'POST /do-login', $form,
    { status => 302, field => { Location => 'http://form/login.html' } },
    body => 'httpd_username=u&httpd_password=guess');
promise_all('form', 'a login on the spot that fails', 'POST /inline/a.txt',
    $form, { status => 401, body => $html },
    body => 'httpd_username=u&httpd_password=guess');
promise_all('form', 'a login by GET', 'GET /do-login', [],
    { status => 405, field => { Allow => qr/./ } });
$s->expect_log(qr/AH01807: user 'u': authentication failure/,
               qr/AH01811: .*only supports the POST method/);

# ---------------------------------------------------------------------------
# mod_auth_form: actual
# ---------------------------------------------------------------------------

promise_all('form', 'a login', 'POST /do-login', $form,
    { status => 302, field => {
        Location => 'http://form/private/a.txt',
        'Set-Cookie' => qr/^session=.*private-user=u/ } }, body => $good);
promise_all('form', 'a login on the spot, on to where the form says',
    'POST /inline/a.txt', $form,
    { status => 302, field => { Location => qr{/a\.txt$},
        'Set-Cookie' => qr/^session=.*private-user=u/ } },
    body => "$good&httpd_location=/a.txt");
promise_all('form', 'a login on the spot, and the request again by itself',
    'POST /inline/a.txt', $form,
    { body => "inline\n" },
    body => "$good&httpd_method=GET&httpd_mimetype=text/plain&httpd_body=x");
promise_all('form', 'the logout', 'GET /do-logout', [],
    { status => 307, field => { Location => 'http://form/a.txt' } });

# ---------------------------------------------------------------------------
# mod_session_cookie: actual
# ---------------------------------------------------------------------------

my ($cookie) = ($s->request('POST /do-login', $form, body => $good,
    host => 'form')->field('Set-Cookie') // '') =~ /^([^;]+)/;
promise_all('form', 'with the session', 'GET /private/a.txt',
    [ Cookie => $cookie ],
    { body => "private\n", field => { 'Cache-Control' => qr/private/ } });
promise_all('form', 'with a session of nobody', 'GET /private/a.txt',
    [ Cookie => 'session=private-user=u&private-pw=guess' ],
    { status => 302 });
promise_preflights('form', 'a session', '/private/a.txt', 'GET');

# ---------------------------------------------------------------------------
# mod_authz_host: preflight
# ---------------------------------------------------------------------------

promise_preflights($_, "Require ip, $_", '/a.txt', qw(GET PUT))
    for 'not-here', 'here';

# ---------------------------------------------------------------------------
# mod_authz_host: actual
# ---------------------------------------------------------------------------

promise_all('here', 'Require ip, of this address', 'GET /a.txt', [],
    { body => "hi\n" });

# ---------------------------------------------------------------------------
# mod_authz_host: errors
# ---------------------------------------------------------------------------

promise_all('not-here', "Require ip, of another address, $_", "$_ /a.txt", [],
    { status => 403 }) for qw(GET OPTIONS);
$s->expect_log(qr/AH01630: client denied by server configuration/);

# ---------------------------------------------------------------------------
# mod_authz_core: preflight
# ---------------------------------------------------------------------------

promise_preflights('env', 'Require env', '/a.txt', 'GET');
promise_preflights('only-allowed', 'Require expr', '/a.txt', 'GET');
promise_preflights('limit', '<Limit OPTIONS>', '/a.txt', qw(GET PUT));
promise_preflights('except', '<LimitExcept>', '/a.txt', qw(GET PUT));

# ---------------------------------------------------------------------------
# mod_authz_core: actual
# ---------------------------------------------------------------------------

promise_all('env', 'Require env, with what sets it', 'GET /a.txt',
    [ 'X-Key' => 'secret' ], { body => "hi\n" });
promise_all('limit', '<Limit>, a method that is free', 'GET /a.txt', [],
    { body => "hi\n" });
promise_all('except', '<LimitExcept>, a method that is free', 'GET /a.txt', [],
    { body => "hi\n" });

# ---------------------------------------------------------------------------
# mod_authz_core: errors
# ---------------------------------------------------------------------------

promise_all('env', 'Require env, without', 'GET /a.txt', [],
    { status => 403 });
promise_all('limit', "<Limit>, $_ that is not", "$_ /a.txt", [],
    { status => 401 }) for qw(PUT DELETE OPTIONS);
promise_all('except', "<LimitExcept>, $_ that is not", "$_ /a.txt", [],
    { status => 403 }) for qw(PUT DELETE OPTIONS);

# ---------------------------------------------------------------------------
# mod_authz_core: gate
# ---------------------------------------------------------------------------

$s->promises(
    [ 'Require expr, allowed: in', 'GET /a.txt', { Origin => $app },
      { @app, body => "hi\n" }, { host => 'only-allowed' } ],
    [ 'Require expr, a stranger: out', 'GET /a.txt', { Origin => $evil },
      { status => 403, @none }, { host => 'only-allowed' } ],
    [ 'Require expr, no Origin has no result: out', 'GET /a.txt', {},
      { status => 403, @none }, { host => 'only-allowed' } ],
    [ 'Require expr, a forged result does not help', 'GET /a.txt',
      { Origin => $evil, 'Cors-Result' => 'allowed',
        'CORS_RESULT' => 'allowed' },
      { status => 403, @none }, { host => 'only-allowed' } ],
    [ 'a password for strangers alone: an allowed origin is in',
      'GET /a.txt', { Origin => $app }, { @app, body => "hi\n" },
      { host => 'not-refused' } ],
    [ 'so is one without Origin', 'GET /a.txt', {},
      { @none, body => "hi\n" }, { host => 'not-refused' } ],
    [ 'a stranger is asked', 'GET /a.txt', { Origin => $evil },
      { status => 401, @none }, { host => 'not-refused' } ],
    [ 'and let in with the password', 'GET /a.txt',
      [ Origin => $evil, @with ], { @none, body => "hi\n" },
      { host => 'not-refused' } ],
);

# ---------------------------------------------------------------------------
# mod_access_compat: preflight
# ---------------------------------------------------------------------------

promise_preflights($_, "Order, $_", '/a.txt', qw(GET PUT))
    for qw(order satisfy-any satisfy-all);

# ---------------------------------------------------------------------------
# mod_access_compat: actual
# ---------------------------------------------------------------------------

promise_all('satisfy-any', 'Satisfy Any, with the password', 'GET /a.txt',
    \@with, { body => "hi\n" });

# ---------------------------------------------------------------------------
# mod_access_compat: errors
# ---------------------------------------------------------------------------

promise_all('order', 'Order, from somewhere else', 'GET /a.txt', [],
    { status => 403 });
promise_all('satisfy-any', 'Satisfy Any, without the password', 'GET /a.txt',
    [], { status => 401 });
promise_all('satisfy-all', 'Satisfy All, with the password', 'GET /a.txt',
    \@with, { status => 403 });
$s->expect_log(qr/AH01797: client denied by server configuration/);

# ---------------------------------------------------------------------------
# mod_allowmethods: preflight
# ---------------------------------------------------------------------------

promise_preflights('methods', 'AllowMethods without OPTIONS', '/a.txt',
    qw(GET POST PUT));

# ---------------------------------------------------------------------------
# mod_allowmethods: actual
# ---------------------------------------------------------------------------

promise_all('methods', "AllowMethods, $_", "$_ /a.txt", [], { body => "hi\n" })
    for qw(GET POST);

# ---------------------------------------------------------------------------
# mod_allowmethods: errors
# ---------------------------------------------------------------------------

promise_all('methods', "AllowMethods, $_ is not among them", "$_ /a.txt", [],
    { status => 405, field => { Allow => qr/./ } })
    for qw(PUT DELETE PATCH OPTIONS);
$s->expect_log(qr/AH01623: client method denied/);

CorsTest::finish();
