# Languages inside of httpd: mod_wsgi with Python, embedded and in a daemon
# process, and mod_lua. Applications fail, stream and speak CORS themselves;
# both modules can also stand in for a password file or an access rule.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use CorsTest;
use CorsTest::Heard qw(rows_at);
use Test::More;

my $app  = 'https://app.example.com';
my $evil = 'https://evil.example';
my $own  = 'https://inside.example';        # what applications say

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
    quick   => "CorsAllowOrigin $app\n"
        . 'LuaQuickHandler "@ROOT@/inside/app.lua" quick',
    errors  => "CorsAllowOrigin $app\nErrorDocument 404 /lua/error\n"
        . "ErrorDocument 403 /embedded/own\n"
        . "ErrorDocument 500 /embedded/error\nWSGIErrorOverride On\n"
        . "<LocationMatch \"/(?:error|own)\$\">\nCorsAllowOrigin $evil\n"
        . '</LocationMatch>',
);
my $hosts = join '', map { <<"CONF" } sort keys %policy;
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName $_
    $policy{$_}
</VirtualHost>
CONF

# The same application in both languages, one route a function.
my $python = <<"PY";
import os

OWN = ('Access-Control-Allow-Origin', '$own')
TEXT = ('Content-Type', 'text/plain')

def says(text, *fields, status='200 OK'):
    def run(environ, start_response):
        start_response(status, [TEXT, *fields])
        return [text.encode()]
    return run

def mirror(environ, start_response):
    start_response('200 OK', [TEXT,
        ('Access-Control-Allow-Origin', environ.get('HTTP_ORIGIN', '')),
        ('Access-Control-Allow-Credentials', 'true')])
    return [b'inside\\n']

def status(environ, start_response):
    start_response(environ['QUERY_STRING'] + ' Oh', [TEXT, OWN])
    return [b'status\\n']

def throws(environ, start_response):
    start_response('200 OK', [TEXT, OWN])
    raise RuntimeError('out of luck')

# Begins anew with an error, as the interface provides for.
def recovers(environ, start_response):
    import sys
    start_response('200 OK', [TEXT, OWN])
    try:
        raise RuntimeError('out of luck')
    except RuntimeError:
        start_response('503 Later', [TEXT, OWN], sys.exc_info())
    return [b'later\\n']

def breaks(environ, start_response):
    start_response('200 OK', [TEXT, OWN, ('Content-Length', '20')])
    yield b'first'
    raise RuntimeError('out of luck')

def silent(environ, start_response):
    return []

def dies(environ, start_response):
    os._exit(1)

def goes(environ, start_response):
    start_response('302 Found', [OWN, ('Location', environ['QUERY_STRING'])])
    return []

# A daemon process may ask for a redirect inside of the server.
def local(environ, start_response):
    start_response('200 OK', [OWN, ('Location', environ['QUERY_STRING'])])
    return []

def unchanged(environ, start_response):
    start_response('304 Not Modified', [OWN, ('ETag', '"one"')])
    return []

def streams(environ, start_response):
    start_response('200 OK', [TEXT, OWN])
    for part in 'one', 'two', 'three':
        yield part.encode() + b'.' * 9000 + b'\\n'

# The server sees the header only when the first part comes.
def slow(environ, start_response):
    yield b''
    start_response('200 OK', [TEXT, OWN])
    yield b''
    yield b'inside\\n'

def writes(environ, start_response):
    write = start_response('200 OK', [TEXT, OWN])
    write(b'inside\\n')
    return []

def sends(environ, start_response):
    start_response('200 OK', [TEXT, OWN])
    return environ['wsgi.file_wrapper'](open('\@DOCROOT\@/plain.html', 'rb'))

def body(environ, start_response):
    text = environ['wsgi.input'].read().decode()
    return says(environ['REQUEST_METHOD'] + ' ' + text + '\\n')(
        environ, start_response)

def env(environ, start_response):
    return says(' '.join(environ.get(name, '-') for name in
        ('CORS_REQUEST', 'CORS_RESULT', 'HTTP_ORIGIN')) + '\\n')(
        environ, start_response)

def preflight(environ, start_response):
    if environ['REQUEST_METHOD'] == 'OPTIONS':
        start_response('204 None', [OWN,
            ('Access-Control-Allow-Methods', 'PUT')])
        return []
    return routes['own'](environ, start_response)

routes = {
    'plain': says('inside\\n'),
    'own': says('inside\\n', OWN),
    'star': says('inside\\n', ('Access-Control-Allow-Origin', '*')),
    'twice': says('inside\\n', OWN, ('Access-Control-Allow-Origin', '*')),
    'vary': says('inside\\n', ('Vary', 'Accept'), ('Vary', 'origin')),
    'full': says('inside\\n', OWN,
        ('Access-Control-Allow-Credentials', 'true'),
        ('Access-Control-Allow-Methods', 'PUT'),
        ('Access-Control-Expose-Headers', 'X-Rate-Limit'),
        ('X-Rate-Limit', '7'), ('Set-Cookie', 'a=b'), ('Set-Cookie', 'c=d')),
    'error': says('inside says no\\n', OWN, status='500 Oh'),
    'etag': says('inside\\n', OWN, ('ETag', '"one"')),
    'broken-field': says('inside\\n', ('X-Broken', 'a\\r\\nX-Second: b')),
}

def application(environ, start_response):
    with open('\@ROOT\@/scratch/heard', 'a') as out:
        print(environ['REQUEST_METHOD'], environ['REQUEST_URI'], file=out)
    name = environ['PATH_INFO'].lstrip('/')
    run = routes.get(name) or globals().get(name)
    if run is None:
        return says('no such route\\n', OWN, status='404 Not Found')(
            environ, start_response)
    return run(environ, start_response)
PY

my $lua = <<"LUA";
local function heard(r)
    local out = io.open('\@ROOT\@/scratch/heard', 'a')
    out:write(r.method, ' ', r.unparsed_uri, '\\n')
    out:close()
    r.content_type = 'text/plain'
end

local function says(fields, text, result)
    return function(r)
        heard(r)
        for name, value in pairs(fields) do
            r.headers_out[name] = value
        end
        if text then r:puts(text) end
        return result or apache2.OK
    end
end

local own = { ['Access-Control-Allow-Origin'] = '$own' }

plain = says({}, 'inside\\n')
error_page = says(own, 'inside says no\\n')
own_origin = says(own, 'inside\\n')
star = says({ ['Access-Control-Allow-Origin'] = '*' }, 'inside\\n')
vary = says({ Vary = 'Accept, origin' }, 'inside\\n')
full = says({
    ['Access-Control-Allow-Origin'] = '$own',
    ['Access-Control-Allow-Credentials'] = 'true',
    ['Access-Control-Allow-Methods'] = 'PUT',
    ['Access-Control-Expose-Headers'] = 'X-Rate-Limit',
    ['X-Rate-Limit'] = '7',
}, 'inside\\n')

-- One in each table of httpd.
function twice(r)
    heard(r)
    r.headers_out['Access-Control-Allow-Origin'] = '$own'
    r.err_headers_out['Access-Control-Allow-Origin'] = '*'
    r:puts('inside\\n')
    return apache2.OK
end

function mirror(r)
    heard(r)
    r.headers_out['Access-Control-Allow-Origin'] = r.headers_in['Origin']
    r.headers_out['Access-Control-Allow-Credentials'] = 'true'
    r:puts('inside\\n')
    return apache2.OK
end

-- The status by the result, which has httpd write the page, and by the field.
function returns(r)
    heard(r)
    r.err_headers_out['Access-Control-Allow-Origin'] = '$own'
    return tonumber(r.args)
end

function status(r)
    heard(r)
    r.headers_out['Access-Control-Allow-Origin'] = '$own'
    r.status = tonumber(r.args)
    r:puts('status\\n')
    return apache2.OK
end

function throws(r)
    heard(r)
    r.headers_out['Access-Control-Allow-Origin'] = '$own'
    error('out of luck')
end

function goes(r)
    heard(r)
    r.headers_out['Access-Control-Allow-Origin'] = '$own'
    r.headers_out['Location'] = r.args
    r.status = 302
    return apache2.OK
end

function gone(r)
    heard(r)
    r.headers_out['Location'] = r.args
    return 302
end

function streams(r)
    heard(r)
    r.headers_out['Access-Control-Allow-Origin'] = '$own'
    for _, part in ipairs({ 'one', 'two', 'three' }) do
        r:puts(part, ('.'):rep(9000), '\\n')
        r:flush()
    end
    return apache2.OK
end

function body(r)
    heard(r)
    r:puts(r.method, ' ', r:requestbody() or '', '\\n')
    return apache2.OK
end

function env(r)
    heard(r)
    r:puts(r.subprocess_env['CORS_REQUEST'] or '-', ' ',
        r.subprocess_env['CORS_RESULT'] or '-', ' ',
        r.headers_in['Origin'] or '-', '\\n')
    return apache2.OK
end

function preflight(r)
    heard(r)
    r.headers_out['Access-Control-Allow-Origin'] = '$own'
    if r.method == 'OPTIONS' then
        r.headers_out['Access-Control-Allow-Methods'] = 'PUT'
        r.status = 204
        return apache2.OK
    end
    r:puts('inside\\n')
    return apache2.OK
end

-- What SetHandler lua-script calls.
handle = own_origin

-- Other places where a script can stand.
function access(r)
    heard(r)
    return r.uri:find('/guarded') and 403 or apache2.DECLINED
end

function quick(r)
    return r.uri:find('^/quick') and own_origin(r) or apache2.DECLINED
end

function translate(r)
    return r.uri:find('^/misled') and 500 or apache2.DECLINED
end

function filter(r)
    r.headers_out['Access-Control-Allow-Origin'] = '*'
    coroutine.yield('')
    while bucket do
        coroutine.yield(bucket)
    end
    coroutine.yield('filtered\\n')
end
LUA

my $s = CorsTest->start(
    modules => [qw(wsgi lua alias headers authn_core auth_basic authz_user)],
    files   => {
        'htdocs/plain.html'    => "plain\n",
        'htdocs/guarded.html'  => "guarded\n",
        'htdocs/filtered.html' => "plain\n",
        'htdocs/locked.html'   => "locked\n",
        'htdocs/a.lua'         => $lua,
        'inside/app.py'        => $python,
        'inside/app.lua'       => $lua,
        'inside/broken.py'     => "this is no Python\n",
        'inside/broken.lua'    => "this is no Lua\n",
        'inside/access.py'     => <<'PY',
def heard(environ):
    with open('@ROOT@/scratch/heard', 'a') as out:
        print(environ['REQUEST_METHOD'], environ['REQUEST_URI'], file=out)

def allow_access(environ, host):
    heard(environ)
    return False

def check_password(environ, user, password):
    heard(environ)
    return password == 'password'
PY
    },
    conf => <<"CONF" . $hosts);
# Interpreters beside the main one may not end when a server stops.
WSGIApplicationGroup %{GLOBAL}
WSGISocketPrefix "\@ROOT\@/run/wsgi"
WSGIDaemonProcess app processes=1 threads=2 home="\@ROOT\@/scratch"
WSGIScriptAlias /embedded "\@ROOT\@/inside/app.py"
WSGIScriptAlias /daemon "\@ROOT\@/inside/app.py" process-group=app
WSGIScriptAlias /broken-embedded "\@ROOT\@/inside/broken.py"
WSGIScriptAlias /broken-daemon "\@ROOT\@/inside/broken.py" process-group=app
WSGIScriptAlias /absent-embedded "\@ROOT\@/inside/absent.py"
WSGIScriptAlias /absent-daemon "\@ROOT\@/inside/absent.py" process-group=app
<Directory "\@ROOT\@/inside">
    Require all granted
</Directory>
# Or mod_lua compares dates, of files that are missing too.
LuaCodeCache forever
LuaMapHandler "^/lua/own\$" "\@ROOT\@/inside/app.lua" own_origin
LuaMapHandler "^/lua/error\$" "\@ROOT\@/inside/app.lua" error_page
LuaMapHandler "^/lua/(\\w+)\$" "\@ROOT\@/inside/app.lua" "\$1"
LuaMapHandler "^/broken-lua\$" "\@ROOT\@/inside/broken.lua" handle
LuaMapHandler "^/absent-lua\$" "\@ROOT\@/inside/absent.lua" handle
LuaHookTranslateName "\@ROOT\@/inside/app.lua" translate early
LuaOutputFilter lua-filter "\@ROOT\@/inside/app.lua" filter
AddHandler lua-script .lua
<Location "/guarded">
    Require all granted
</Location>
<Files guarded.html>
    LuaHookAccessChecker "\@ROOT\@/inside/app.lua" access early
</Files>
<Files filtered.html>
    SetOutputFilter lua-filter
</Files>
<Location "/embedded/guarded">
    WSGIAccessScript "\@ROOT\@/inside/access.py" application-group=%{GLOBAL}
</Location>
<Files locked.html>
    AuthType Basic
    AuthName private
    AuthBasicProvider wsgi
    WSGIAuthUserScript "\@ROOT\@/inside/access.py" application-group=%{GLOBAL}
    Require valid-user
</Files>
CONF
my $heard = CorsTest::Heard->new($s->root . '/scratch/heard');

my @listed   = (acao => $app, vary => 'Origin');
my @stranger = (vary => 'Origin');
my %answered = (status => 204, body => '', acao => $app,
    acam => 'GET, HEAD, POST', acma => 600, vary => $TRIO);
my %refused  = (status => 403, body => '', vary => $TRIO);
my %passed   = (%answered, status => 200);
delete $passed{body};

# The ways into an application, by the paths that lead there.
my %python = ('embedded' => '/embedded', 'daemon' => '/daemon');
my %lua    = ('lua' => '/lua');
my %all    = (%python, %lua);

# Rows as CorsTest::Heard takes them, with %s for the way in, and how often an
# application runs.
sub each_way {
    my ($ways, $policy, @rows) = @_;
    for my $way (sort keys %$ways) {
        my @here = rows_at("$policy, $way", $policy, @rows);
        $_->[1] =~ s/%s/$ways->{$way}/ for @here;
        $heard->promises($s, @here);
    }
}

# ---------------------------------------------------------------------------
# mod_wsgi: preflight
# ---------------------------------------------------------------------------
# ---------------------------------------------------------------------------
# mod_lua: preflight
# ---------------------------------------------------------------------------

each_way(\%all, 'replace',
    [ 'nothing runs for an allowed preflight', 'OPTIONS %s/plain',
      preflight($app, 'GET'), { %answered }, {}, 0 ],
    [ 'nor for a refused one', 'OPTIONS %s/plain',
      preflight($evil, 'GET'), { %refused }, {}, 0 ],
    [ 'nor where it would answer', 'OPTIONS %s/preflight',
      preflight($evil, 'PUT'), { %refused }, {}, 0 ],
    [ 'nor where it would fail', 'OPTIONS %s/throws',
      preflight($app, 'GET'), { %answered }, {}, 0 ],
    [ 'nor with a body', 'OPTIONS %s/body', preflight($app, 'GET'),
      { %answered }, { body => 'x' x 5000 }, 0 ],
    [ 'OPTIONS that is no preflight is for the application',
      'OPTIONS %s/own', { Origin => $app },
      { acao => $app, body => "inside\n", vary => $TRIO } ],
    [ 'and of a stranger, too', 'OPTIONS %s/own', { Origin => $evil },
      { body => "inside\n", vary => $TRIO } ],
);
each_way(\%all, 'inert',
    [ 'without a policy the application answers', 'OPTIONS %s/preflight',
      preflight($evil, 'PUT'), { status => 204, acao => $own,
                                 acam => 'PUT' } ],
);
each_way(\%all, 'pass',
    [ 'the application hears of a preflight', 'OPTIONS %s/plain',
      preflight($app, 'GET'), { %passed, body => "inside\n" } ],
    [ 'where it answers, the policy speaks', 'OPTIONS %s/preflight',
      preflight($app, 'PUT'), { %answered } ],
    [ 'and is silent to a stranger', 'OPTIONS %s/preflight',
      preflight($evil, 'PUT'), { status => 204, vary => $TRIO } ],
    [ 'the application refuses', 'OPTIONS %s/status?405',
      preflight($app, 'GET'), { %passed, status => 405 } ],
    [ 'the application fails', 'OPTIONS %s/throws', preflight($app, 'GET'),
      { %passed, status => 500 } ],
);
each_way(\%all, 'speaks',
    [ 'the application answers preflights', 'OPTIONS %s/preflight',
      preflight($evil, 'PUT'), { status => 204, acao => $own,
                                 acam => 'PUT', vary => $TRIO } ],
    [ 'the policy does where it is silent', 'OPTIONS %s/plain',
      preflight($app, 'GET'), { %passed } ],
);
each_way({ python => '/embedded/guarded', lua => '/guarded.html' },
    'replace',
    [ 'no access rule of its own is asked', 'OPTIONS %s',
      preflight($app, 'GET'), { %answered }, {}, 0 ],
    [ 'nor for a stranger', 'OPTIONS %s', preflight($evil, 'GET'),
      { %refused }, {}, 0 ],
);
each_way({ python => '/locked.html' }, 'replace',
    [ 'no password is asked for', 'OPTIONS %s', preflight($app, 'GET'),
      { %answered }, {}, 0 ],
);

# ---------------------------------------------------------------------------
# mod_wsgi: actual
# ---------------------------------------------------------------------------
# ---------------------------------------------------------------------------
# mod_lua: actual
# ---------------------------------------------------------------------------

for my $method (qw(GET HEAD POST PUT PATCH DELETE)) {
    my $line = "$method %s/body";
    my %body = $method =~ /GET|HEAD/ ? () : (body => 'a=b');
    # A script in Lua gets to see the bodies of these two only.
    my $said = $method eq 'HEAD' ? '' : $method =~ /POST|PUT/
        ? "$method a=b\n" : qr/^$method (?:a=b)?\n\z/;
    each_way(\%all, 'replace',
        [ "$method by an allowed origin", $line, { Origin => $app },
          { @listed, body => $said }, { %body } ],
        [ "$method by a stranger", $line, { Origin => $evil },
          { @stranger, body => $said }, { %body } ],
        [ "$method without Origin", $line, {},
          { @stranger, body => $said }, { %body } ],
    );
}
each_way(\%all, 'replace',
    [ 'output that comes in parts', 'GET %s/streams', { Origin => $app },
      { @listed, body => qr/^one\.+\ntwo\.+\nthree\.+\n\z/ } ],
    [ 'output that comes in parts, for a stranger', 'GET %s/streams',
      { Origin => $evil }, { @stranger, body => qr/^one\.+\n/ } ],
);
each_way(\%python, 'replace',
    [ 'a header that comes late', 'GET %s/slow', { Origin => $app },
      { @listed, body => "inside\n" } ],
    [ 'output that is written', 'GET %s/writes', { Origin => $app },
      { @listed, body => "inside\n" } ],
    [ 'a file that is sent', 'GET %s/sends', { Origin => $app },
      { @listed, body => "plain\n" } ],
);
each_way({ lua => '/a.lua' }, 'replace',
    [ 'a script as handler', 'GET %s', { Origin => $app },
      { @listed, body => "inside\n" } ],
    [ 'a script as handler, for a stranger', 'GET %s', { Origin => $evil },
      { @stranger, body => "inside\n" } ],
    [ 'a script as handler does not run for HEAD', 'HEAD %s',
      { Origin => $app }, { @listed, body => '' }, {}, 0 ],
);
each_way({ python => '/locked.html' }, 'replace',
    [ 'a password that an application knows', 'GET %s',
      { Origin => $app, Authorization => 'Basic dTpwYXNzd29yZA==' },
      { @listed, body => "locked\n" } ],
);
each_way(\%all, 'any',
    [ 'one answer for all', 'GET %s/plain', {}, { acao => '*' } ],
);
each_way(\%all, 'expose',
    [ 'the names that came, under a prefix', 'GET %s/full',
      { Origin => $app }, { @listed, aceh => 'X-Own, X-Rate-Limit' } ],
    [ 'nothing for a stranger', 'GET %s/full', { Origin => $evil },
      { @stranger } ],
);
each_way(\%all, 'inert',
    [ 'without a policy all that is said stands', 'GET %s/full',
      { Origin => $evil },
      { acao => $own, acac => 'true', acam => 'PUT',
        aceh => 'X-Rate-Limit' } ],
    [ 'and nothing is added', 'GET %s/plain', { Origin => $app }, {} ],
);

# ---------------------------------------------------------------------------
# mod_wsgi: errors
# ---------------------------------------------------------------------------
# ---------------------------------------------------------------------------
# mod_lua: errors
# ---------------------------------------------------------------------------

for my $code (400, 401, 403, 404, 405, 410, 422, 429, 500, 503) {
    each_way(\%all, 'replace',
        [ "an application says $code", "GET %s/status?$code",
          { Origin => $app },
          { status => $code, body => "status\n", @listed } ],
        [ "an application says $code to a stranger",
          "GET %s/status?$code", { Origin => $evil },
          { status => $code, body => "status\n", @stranger } ],
    );
    each_way(\%lua, 'replace',
        [ "a script returns $code", "GET %s/returns?$code",
          { Origin => $app }, { status => $code, @listed } ],
        [ "a script returns $code to a stranger", "GET %s/returns?$code",
          { Origin => $evil }, { status => $code, @stranger } ],
    );
}
each_way(\%all, 'replace',
    [ 'an exception', 'GET %s/throws', { Origin => $app },
      { status => 500, @listed } ],
    [ 'an exception, for a stranger', 'GET %s/throws', { Origin => $evil },
      { status => 500, @stranger } ],
    [ 'an exception, without Origin', 'GET %s/throws', {},
      { status => 500, @stranger } ],
    [ 'a redirect', 'GET %s/goes?https://other.example/',
      { Origin => $app },
      { status => 302, @listed,
        field => { Location => 'https://other.example/' } } ],
    [ 'a redirect, for a stranger', 'GET %s/goes?https://other.example/',
      { Origin => $evil }, { status => 302, @stranger } ],
);
for my $origin ($app, $evil) {
    my $who = $origin eq $app ? 'an allowed origin' : 'a stranger';
    my @ours = $origin eq $app ? @listed : @stranger;
    each_way(\%python, 'replace',
        [ "an answer that becomes an error, for $who", 'GET %s/recovers',
          { Origin => $origin },
          { status => 503, body => "later\n", @ours } ],
        [ "no answer, for $who", 'GET %s/silent', { Origin => $origin },
          { status => 500, @ours } ],
        [ "a field that is two, for $who", 'GET %s/broken-field',
          { Origin => $origin },
          { status => 500, @ours, field => { 'X-Second' => undef } } ],
        [ "not changed, for $who", 'GET %s/unchanged',
          { Origin => $origin }, { status => 304, @ours } ],
        [ "no such route, for $who", 'GET %s/missing',
          { Origin => $origin },
          { status => 404, body => "no such route\n", @ours } ],
    );
    each_way({ embedded => '/broken-embedded', daemon => '/broken-daemon',
               lua => '/broken-lua' }, 'replace',
        [ "an application with an error in it, for $who", 'GET %s',
          { Origin => $origin }, { status => 500, @ours }, {}, 0 ]);
    each_way({ embedded => '/absent-embedded', daemon => '/absent-daemon' },
        'replace',
        [ "an application that is missing, for $who", 'GET %s',
          { Origin => $origin }, { status => 404, @ours }, {}, 0 ]);
    each_way({ lua => '/absent-lua' }, 'replace',
        [ "an application that is missing, for $who", 'GET %s',
          { Origin => $origin }, { status => 500, @ours }, {}, 0 ]);
    each_way(\%lua, 'replace',
        [ "a function that is missing, for $who", 'GET %s/missing',
          { Origin => $origin }, { status => 500, @ours }, {}, 0 ],
        [ "a redirect by httpd, for $who",
          'GET %s/gone?https://other.example/', { Origin => $origin },
          { status => 302, @ours,
            field => { Location => 'https://other.example/' } } ],
    );
    each_way({ python => '/embedded/guarded', lua => '/guarded.html' },
        'replace',
        [ "an access rule refuses $who", 'GET %s', { Origin => $origin },
          { status => 403, @ours } ]);
    each_way({ python => '/locked.html' }, 'replace',
        [ "no password, for $who", 'GET %s', { Origin => $origin },
          { status => 401, @ours }, {}, 0 ],
        [ "a wrong password, for $who", 'GET %s',
          { Origin => $origin, Authorization => 'Basic dTpu' },
          { status => 401, @ours } ]);
    each_way({ lua => '/misled' }, 'replace',
        [ "a translation that fails, for $who", 'GET %s',
          { Origin => $origin }, { status => 500, @ours }, {}, 0 ]);

    # What a daemon process alone can do.
    each_way({ daemon => '/daemon' }, 'replace',
        [ "a redirect inside, for $who", 'GET %s/local?/plain.html',
          { Origin => $origin }, { body => "plain\n", @ours } ],
        [ "a redirect inside, to another, for $who",
          'GET %s/local?/lua/star', { Origin => $origin },
          { body => "inside\n", @ours }, {}, 2 ],
        [ "a redirect inside, to what is missing, for $who",
          'GET %s/local?/missing', { Origin => $origin },
          { status => 404, @ours } ],
        [ "a process that dies, for $who", 'GET %s/dies',
          { Origin => $origin }, { status => 500, @ours } ],
        [ "the next process, for $who", 'GET %s/plain',
          { Origin => $origin }, { body => "inside\n", @ours } ]);
}
each_way(\%all, 'errors',
    [ 'a script as ErrorDocument', 'GET /missing.html', { Origin => $app },
      { status => 404, body => "inside says no\n", @listed } ],
    [ 'a script as ErrorDocument, for whom that alone allows',
      'GET /missing.html',
      { Origin => $evil },
      { status => 404, body => "inside says no\n", @stranger } ],
    [ 'an application as ErrorDocument for one', 'GET %s/throws',
      { Origin => $app },
      { status => 500, body => qr/inside says no\n\z/, @listed }, {}, 2 ],
    [ 'an application as ErrorDocument by its own URL', 'GET /lua/error',
      { Origin => $evil },
      { acao => $evil, vary => 'Origin', body => "inside says no\n" } ],
    [ 'an application as ErrorDocument for one, and whom it allows',
      'GET %s/throws', { Origin => $evil },
      { status => 500, body => qr/inside says no\n\z/, @stranger }, {}, 2 ],
);
# Whose status stays.
each_way({ lua => '/guarded.html' }, 'errors',
    [ 'an application as ErrorDocument that sets no status', 'GET %s',
      { Origin => $app }, { status => 200, body => "inside\n", @listed }, {},
      2 ],
    [ 'an application as ErrorDocument that sets none, and whom it allows',
      'GET %s', { Origin => $evil },
      { status => 200, body => "inside\n", @stranger }, {}, 2 ],
);
each_way({ daemon => '/daemon' }, 'errors',
    [ 'WSGIErrorOverride', 'GET %s/missing', { Origin => $app },
      { status => 404, body => "inside says no\n", @listed }, {}, 2 ],
    [ 'WSGIErrorOverride, for a stranger', 'GET %s/missing',
      { Origin => $evil },
      { status => 404, body => "inside says no\n", @stranger }, {}, 2 ],
);

# The header is gone when an application breaks off.
for my $way (sort keys %python) {
    my $res = eval {
        $s->request("GET $python{$way}/breaks", { Origin => $app },
                    host => 'replace');
    };
    my $why = $@;
    promise(!$res && $why =~ /cut short/,
        "replace, $way: an application that breaks off is cut short", $why);
}

# ---------------------------------------------------------------------------
# mod_wsgi: once
# ---------------------------------------------------------------------------
# ---------------------------------------------------------------------------
# mod_lua: once
# ---------------------------------------------------------------------------

for my $route (qw(star own twice mirror)) {
    each_way(\%all, 'replace',
        [ "$route: allowed, once", "GET %s/$route", { Origin => $app },
          { @listed, body => "inside\n" } ],
        [ "$route: a stranger gets nothing", "GET %s/$route",
          { Origin => $evil }, { @stranger, body => "inside\n" } ],
        [ "$route: no Origin, nothing", "GET %s/$route", {},
          { @stranger, body => "inside\n" } ],
    );
}
each_way(\%all, 'replace',
    [ 'Vary is one field', 'GET %s/vary', { Origin => $app },
      { acao => $app, vary => 'Accept, Origin' } ],
    [ 'all that is said of it goes, but the names exposed', 'GET %s/full',
      { Origin => $app }, { @listed, aceh => 'X-Rate-Limit' } ],
    [ 'and these, too, for a stranger', 'GET %s/full', { Origin => $evil },
      { @stranger } ],
);
for my $way (sort keys %python) {
    my @cookies = $s->request("GET $python{$way}/full", { Origin => $app },
        host => 'replace')->fields('Set-Cookie');
    promise("@cookies" eq 'a=b c=d', "replace, $way: two cookies are two "
        . 'fields', @cookies);
}
each_way({ lua => '/filtered.html' }, 'replace',
    [ 'a filter that speaks', 'GET %s', { Origin => $app },
      { @listed, body => "plain\nfiltered\n" }, {}, 0 ],
    [ 'a filter that speaks to strangers', 'GET %s', { Origin => $evil },
      { @stranger, body => "plain\nfiltered\n" }, {}, 0 ],
);
each_way(\%all, 'cookies',
    [ 'credentials come from the policy', 'GET %s/plain',
      { Origin => $app, Cookie => 'a=b' }, { @listed, acac => 'true' } ],
    [ 'and once where the application sends them', 'GET %s/mirror',
      { Origin => $app }, { @listed, acac => 'true' } ],
    [ 'and not to a stranger', 'GET %s/mirror', { Origin => $evil },
      { @stranger } ],
);
each_way(\%all, 'keep',
    [ 'what an application says stands', 'GET %s/full', { Origin => $evil },
      { acao => $own, acac => 'true', acam => 'PUT', vary => 'Origin',
        aceh => 'X-Rate-Limit' } ],
    [ 'on its errors', 'GET %s/status?404', { Origin => $evil },
      { status => 404, acao => $own, vary => 'Origin' } ],
    [ 'on its redirects', 'GET %s/goes?https://other.example/',
      { Origin => $evil },
      { status => 302, acao => $own, vary => 'Origin' } ],
    [ 'the policy speaks where it is silent', 'GET %s/plain',
      { Origin => $app }, { @listed } ],
    [ 'and where it contradicts itself', 'GET %s/twice',
      { Origin => $app }, { @listed } ],
);
each_way(\%lua, 'keep',
    [ 'on errors that a script leaves to httpd', 'GET %s/returns?404',
      { Origin => $evil }, { status => 404, acao => $own,
                             vary => 'Origin' } ],
);
each_way(\%python, 'keep',
    [ 'the policy speaks where it fails', 'GET %s/throws',
      { Origin => $app }, { status => 500, @listed } ],
);

# ---------------------------------------------------------------------------
# mod_wsgi: gate
# ---------------------------------------------------------------------------
# ---------------------------------------------------------------------------
# mod_lua: gate
# ---------------------------------------------------------------------------

each_way(\%all, 'gate',
    [ 'nothing runs for a stranger', 'GET %s/plain', { Origin => $evil },
      { status => 403, @stranger }, {}, 0 ],
    [ 'nor for what a stranger sends', 'POST %s/body',
      { Origin => $evil }, { status => 403, @stranger },
      { body => 'a=b' }, 0 ],
    [ 'it runs for an allowed origin', 'GET %s/plain', { Origin => $app },
      { @listed } ],
    [ 'and for who sends no Origin', 'GET %s/plain', {}, { @stranger } ],
);
each_way({ python => '/embedded/guarded', lua => '/guarded.html' }, 'gate',
    [ 'no access rule of its own is asked about a stranger', 'GET %s',
      { Origin => $evil }, { status => 403, @stranger }, {}, 0 ],
);
each_way(\%all, 'replace',
    [ 'an application reads that it is allowed', 'GET %s/env',
      { Origin => $app }, { @listed, body => "actual allowed $app\n" } ],
    [ 'an application reads that it is denied', 'GET %s/env',
      { Origin => $evil },
      { @stranger, body => "actual denied-origin $evil\n" } ],
    [ 'without Origin there is nothing to read', 'GET %s/env', {},
      { @stranger, body => "- - -\n" } ],
);
each_way(\%all, 'pass',
    [ 'an application reads of a preflight', 'OPTIONS %s/env',
      preflight($app, 'PUT'),
      { %passed, body => "preflight denied-method $app\n" } ],
);
each_way(\%all, 'hidden',
    [ 'an application need not see the origin', 'GET %s/env',
      { Origin => $app }, { @listed, body => "actual allowed -\n" } ],
);

# ---------------------------------------------------------------------------
# A quick handler that is no cache: httpd shows its response to no filter
# ---------------------------------------------------------------------------

my $quick = { unexplained => 'a quick handler answers' };
each_way({ lua => '/quick' }, 'quick',
    [ 'it has the headers of the script', 'GET %s', { Origin => $app },
      { acao => $own, body => "inside\n" }, $quick ],
    [ 'for a stranger, too', 'GET %s', { Origin => $evil },
      { acao => $own, body => "inside\n" }, $quick ],
    [ 'a preflight is for the script', 'OPTIONS %s',
      preflight($app, 'GET'), { acao => $own, body => "inside\n" },
      $quick ],
    [ 'where it declines, the policy speaks', 'GET /plain.html',
      { Origin => $app }, { @listed, body => "plain\n" }, {}, 0 ],
    [ 'and answers preflights', 'OPTIONS /plain.html',
      preflight($app, 'GET'), { %answered }, {}, 0 ],
);

# Python's complaints come in several lines each.
$s->expect_log(
    qr/\[wsgi:error\] .*(?:Exception occurred|Traceback|\]   )/,
    qr/\[wsgi:error\] .*RuntimeError: out of luck/,
    qr/\[wsgi:error\] .*RuntimeError: response has not been started/,
    qr/\[wsgi:error\] .*ValueError: carriage return\/line feed/,
    qr/\[wsgi:error\] .*(?:Could not read\/compile|SyntaxError: )/,
    qr/\[wsgi:error\] .*Target WSGI script not found/,
    qr/\[wsgi:error\] .*Client denied by server configuration/,
    qr/\[wsgi:error\] .*(?:Truncated or oversized|data write error)/,
    qr/AH01471: Lua error: .*out of luck/,
    qr/AH01482: Error loading .*(?:broken|absent)\.lua/,
    qr/AH02330: lua: Failed to obtain Lua interpreter/,
    qr/AH02331: lua: Unable to find entry function 'missing'/,
    qr/AH01617: user u: authentication failure/,
);
CorsTest::finish();
