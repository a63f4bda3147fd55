# Real browsers: what pages at other origins can and cannot do with a server
# that has the module, and what the server's log says about it. Chromium and
# Firefox ESR, as Debian packages them, see the same server and the same rows
# (t/browser/rows); puppeteer-core drives both.
#
# A browser that is not installed is skipped, loudly; all else has to be
# there.
#
#     CORS_BROWSERS=firefox prove -v t/browser.t          # that one alone
#     prove -v t/browser.t :: 'canvas' 'a web font'       # those rows alone

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use CorsTest::Backend;
use CorsTest::Node;
use CorsTest::Process qw(wait_until $PATIENCE);
use Digest::SHA  qw(sha1_base64);
use File::Copy   qw(copy);
use File::Temp   ();
use JSON::PP     qw(decode_json encode_json);
use MIME::Base64 qw(decode_base64);
use Test::More;

my $driver  = "$FindBin::Bin/browser";
my $modules = CorsTest::Node::modules();
my %program = (chromium => 'chromium', firefox => 'firefox-esr');
my $font    = '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf';

# ---------------------------------------------------------------------------
# The application behind the server
# ---------------------------------------------------------------------------

my $backend = CorsTest::Backend->start(sub {
    my ($routes) = @_;
    $routes->websocket('/ws' => \&CorsTest::Backend::echo);
    # What it was asked.
    $routes->any('/echo' => sub {
        my ($c) = @_;
        my $h = $c->req->headers;
        $c->render(json => {
            method => $c->req->method, body => $c->req->text,
            cookie => $h->cookie, authorization => $h->authorization,
            type => $h->content_type, token => $h->header('X-Token'),
        });
    });
    $routes->any('/status/:code' => sub {
        my ($c) = @_;
        $c->render(status => $c->param('code'),
                   text => 'the application says ' . $c->param('code'));
    });
    $routes->any('/cookie' => sub {
        my ($c) = @_;
        $c->res->headers->set_cookie(
            'id=seven; Path=/; Secure; SameSite=None; Partitioned');
        $c->render(text => 'set');
    });
    $routes->any('/strict-cookie' => sub {
        my ($c) = @_;
        $c->res->headers->set_cookie(
            'strict=eight; Path=/; Secure; SameSite=Strict');
        $c->render(text => 'set');
    });
    $routes->any('/fields' => sub {
        my ($c) = @_;
        my $h = $c->res->headers;
        $h->header("X-$_" => lc $_) for qw(Acme-One Acme-Two Other);
        $h->set_cookie('seen=no; Path=/fields');
        $h->header('Access-Control-Expose-Headers' => 'X-Other');
        $c->render(text => 'fields');
    });
    $routes->any('/events' => sub {
        my ($c) = @_;
        my $cookie = $c->req->headers->cookie // 'no cookie';
        $c->res->headers->content_type('text/event-stream');
        $c->render(data => "data: event, $cookie\n\n");
    });
});
my $to = '127.0.0.1:' . $backend->port;

# ---------------------------------------------------------------------------
# The server: world.mjs says who is who
# ---------------------------------------------------------------------------

my $listed  = join ' ', map { "https://$_:\@PORT2\@" }
    qw(app.example.com shop.example.com partner.example.net);
my $plain   = join ' ', map { "http://$_:\@PORT\@" }
    qw(app.example.com shop.example.com);
my $write   = 'CorsAllowMethods GET HEAD POST PUT PATCH DELETE';
my $headers = 'CorsAllowHeaders Content-Type X-Token X-Acme-*';
my $own     = "CorsAllowOrigin $listed\nCorsAllowCredentials On";

# Locations of the API, on every scheme: [ path, lines ].
my @locations = (
    [ '/listed', "CorsAllowOrigin $listed $plain" ],
    [ '/write',  "CorsAllowOrigin $listed $plain\n$write\n$headers" ],
    [ '/any',    "CorsAllowOrigin *\n$write\nCorsAllowHeaders *\n"
        . 'CorsExposeHeaders *' ],
    [ '/any-method', "CorsAllowOrigin $listed\nCorsAllowMethods *" ],
    [ '/any-auth', "CorsAllowOrigin *\nCorsAllowHeaders * Authorization" ],
    [ '/null',   'CorsAllowOrigin null' ],
    [ '/wild',   'CorsAllowOrigin https://*.example.com:@PORT2@' ],
    [ '/carved', "CorsAllowOrigin https://*.example.com:\@PORT2\@ "
        . '-https://old.example.com:@PORT2@' ],
    [ '/match',  q(CorsAllowOriginMatch "https://[a-z]+\.example\.net:\d+") ],
    [ '/off',    "CorsAllowOrigin *\nCorsEngine Off" ],
    [ '/report', "CorsAllowOrigin *\nCorsEngine ReportOnly" ],

    [ '/own',    "$own\n$write\n$headers\nCorsExposeHeaders X-Acme-*" ],
    [ '/own-any', "$own\nCorsAllowMethods *\nCorsAllowHeaders *\n"
        . 'CorsExposeHeaders *' ],
    [ '/site',   "CorsAllowOrigin same-site\nCorsAllowCredentials On\n"
        . $write ],
    [ '/policies', "CorsUsePolicy own public" ],

    [ '/exposed-list',   "CorsAllowOrigin $listed\n"
        . 'CorsExposeHeaders X-Acme-One' ],
    [ '/exposed-prefix', "CorsAllowOrigin $listed\n"
        . 'CorsExposeHeaders X-Acme-*' ],
    [ '/exposed-none',   "CorsAllowOrigin $listed\nCorsExposeHeaders none" ],

    [ '/max-long', "CorsAllowOrigin $listed\n$write\n$headers\n"
        . 'CorsMaxAge 1h' ],
    [ '/max-zero', "CorsAllowOrigin $listed\n$write\nCorsMaxAge 0" ],
    [ '/max-off',  "CorsAllowOrigin $listed\n$write\nCorsMaxAge off" ],

    [ '/gate',   "CorsAllowOrigin $listed\n$write\nCorsRejectUnlisted On" ],
    [ '/private', <<'LINES' . "CorsAllowOrigin $listed\n$write\n"
        AuthType Basic
        AuthName private
        AuthUserFile "@ROOT@/users"
        Require valid-user
LINES
        . 'CorsAllowHeaders Authorization' ],
    [ '/private-own', <<'LINES' . "$own\n$write\n"
        AuthType Basic
        AuthName private
        AuthUserFile "@ROOT@/users"
        Require valid-user
LINES
        . 'CorsAllowHeaders Authorization' ],
    [ '/timing', "CorsAllowOrigin $listed\nCorsTimingAllowOrigin On" ],
    (map { [ "/resource-$_", "CorsResourcePolicy $_" ] }
        qw(same-origin same-site cross-origin)),

    [ '/listed/forbidden', 'Require all denied' ],
    [ '/listed/styled',    'ErrorDocument 404 /styled.html' ],
);

# Anywhere in the API: files of the site, and the application.
my $api = join '', map { <<"LOCATION" } @locations;
    <Location $_->[0]>
        $_->[1]
    </Location>
LOCATION
$api .= <<"LINES";
    AliasMatch "^/[^/]+/(?:.+/)?([a-z]+\\.(?:txt|png|js|mjs|css|ttf))\$" \\
        "\@DOCROOT\@/\$1"
    <Location /explain>
        SetHandler cors-explain
        Require local
    </Location>
    ProxyPassMatch "^/[^/]+/(ws)\$" "ws://$to/\$1"
    ProxyPassMatch "^/[^/]+/dead\$" "http://127.0.0.1:\@PORT4\@/"
    ProxyPassMatch "^/[^/]+/(echo|fields|events|cookie|strict-cookie)\$" \\
        "http://$to/\$1"
    ProxyPassMatch "^/[^/]+/(status/[0-9]+)\$" "http://$to/\$1"
    Redirect 500 /listed/broken
    RedirectMatch 302 "^(/[^/]+)/to-text\$" "\$1/hello.txt"
    RedirectMatch 307 "^(/[^/]+)/to-echo\$" "\$1/echo"
    RedirectMatch 303 "^(/[^/]+)/see-echo\$" "\$1/echo"
    RewriteEngine On
    RewriteRule "^(/[^/]+)/to-cdn(/.*)\$" \\
        "%{REQUEST_SCHEME}://cdn.example.org:%{SERVER_PORT}\$1\$2" [R=307]
    RewriteRule "^(/[^/]+)/to-https(/.*)\$" \\
        "https://api.example.org:\@PORT2\@\$1\$2" [R=301]
LINES

# Pages; they have no policy, and one redirect, to the API.
my $pages = <<'LINES';
    RewriteEngine On
    RewriteRule "^(/[^/]+)/to-api(/.*)$" \
        "%{REQUEST_SCHEME}://api.example.org:%{SERVER_PORT}$1$2" [R=307]
    Alias /embedder.html "@DOCROOT@/page.html"
    <Location /embedder.html>
        Header set Cross-Origin-Embedder-Policy require-corp
    </Location>
LINES

# A virtual host over http, at both ports, and https.
sub host {
    my ($lines, $name, @aliases) = @_;
    my $names = "    ServerName $name\n"
        . (@aliases ? "    ServerAlias @aliases\n" : '');
    return <<"CONF";
<VirtualHost *:\@PORT\@ *:\@PORT3\@>
$names$lines</VirtualHost>
<VirtualHost *:\@PORT2\@>
    SSLEngine On
    SSLCertificateFile "\@ROOT\@/tls.pem"
$names$lines</VirtualHost>
CONF
}

my $hosts = host($pages, 'app.example.com', qw(shop.example.com
                 old.example.com partner.example.net stranger.test))
    . host($api, 'api.example.org', qw(cdn.example.org api.example.com));

# As sites do it, except that prefork can't. Now and then mod_http2 lets a
# request wait until KeepAliveTimeout is over, with or without this module; so
# that is to be soon.
my $http2 = ($ENV{CORS_MPM} || '') ne 'prefork';

my %site = map {
    my $name = $_;
    open my $in, '<:raw', "$driver/site/$name" or die "$name: $!\n";
    local $/;
    ("htdocs/$name" => scalar <$in>);
} map { s{.*/}{}r } glob "$driver/site/*";

die "$font is missing (fonts-dejavu-core)\n" if !-f $font;

my $s = CorsTest->start(
    modules => [ qw(alias headers rewrite proxy proxy_http proxy_wstunnel
                    auth_basic authn_core authn_file authz_user authz_host),
                 $http2 ? 'http2' : () ],
    tls     => 1,
    ports   => 4,
    files   => {
        %site,
        'htdocs/listed/folder/index.html' => "index\n",
        'htdocs/pixel.png' => decode_base64(
            'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AA'
            . 'AAMBAQDJ/pLvAAAAAElFTkSuQmCC'),
        # The format holds the SHA-1 of a password; there is no secret here.
        'users' => 'ann:{SHA}' . sha1_base64('pass') . "=\n",
    },
    conf => ($http2 ? "Protocols h2 http/1.1\nKeepAliveTimeout 1\n" : '')
        . <<"CONF" . $hosts);
<IfModule mpm_prefork_module>
    ServerLimit 64
    MaxRequestWorkers 64
</IfModule>
AddType text/javascript .js .mjs
AddType text/css .css
AddType image/png .png
AddType font/ttf .ttf
Listen 127.0.0.1:\@PORT2\@ https
Listen 127.0.0.1:\@PORT3\@
LogFormat "%{usec}t %<q %m %>s %{CORS_REQUEST}e %{CORS_RESULT}e %U \\
%{Origin}i" rows
CustomLog "\@ROOT\@/rows.log" rows
<CorsPolicy own>
    CorsAllowOrigin https://app.example.com:\@PORT2\@
    CorsAllowCredentials On
    $write
</CorsPolicy>
<CorsPolicy public>
    CorsAllowOrigin *
</CorsPolicy>
CONF
copy($font, $s->docroot . '/font.ttf') or die "$font: $!\n";
chmod 0644, $s->docroot . '/font.ttf';

# ---------------------------------------------------------------------------
# The driver
# ---------------------------------------------------------------------------

# A browser that runs: the id of its process, and of its group. The driver ends
# it, unless something ends the driver.
my $browser;
sub end_browser {
    return if !$browser;
    kill -KILL => $browser;
    wait_until(sub { !kill 0 => -$browser }, 5);
    undef $browser;
}
END { local $?; end_browser() }

sub find_program {
    my ($name) = @_;
    return (grep { -x } map { "$_/$name" } split /:/, $ENV{PATH})[0];
}

# Runs all rows in one browser, if it is there.
sub visit {
    my ($name) = @_;
    my $program = find_program($program{$name});
    my $home    = File::Temp->newdir('mod_cors.XXXXXX', TMPDIR => 1);
    my $text    = encode_json({
        name => $name, program => $program, modules => $modules,
        home => "$home", log => $s->root . '/rows.log',
        ports => { http => $s->port, https => $s->port(2),
                   other => $s->port(3) },
        patience => $PATIENCE });
    diag("$program{$name} is not installed: its rows are SKIPPED")
        if !$program;

    pipe my $read, my $write or die "pipe: $!\n";
    my $node = CorsTest::Process->code($name, sub {
        close $read;
        open STDIN,  '<', '/dev/null';
        open STDOUT, '>&', $write;
        { no warnings 'exec'; exec 'node', "$driver/run.mjs", $text, @ARGV; }
        die "node: $!\n";
    });
    close $write;
    my $began = time;
    my $closed;
    while (my $line = <$read>) {
        my $said = decode_json($line);
        if ($said->{pid}) {
            $browser = $said->{pid};
            note($said->{version});
        }
        elsif ($said->{closed}) {
            $closed = 1;
            undef $browser;
        }
        elsif ($said->{skip}) {
            SKIP: { skip($said->{skip}, 1) }
        }
        else {
            utf8::encode($_) for my @said = @{ $said->{said} };
            promise($said->{ok}, "$name: $said->{name}", @said);
        }
    }
    promise($closed, "$name: the rows come to their end");
    note("$name: ", time - $began, ' s');
    end_browser();
    $node->stop;
    return $program;
}

my $visits = grep { visit($_) }
    split ' ', $ENV{CORS_BROWSERS} || 'chromium firefox';

# The certificate names nobody, and the rows ask for refusals.
$s->expect_log(qr/\[ssl:warn\] .* AH01909: /);
$s->expect_log(grep { @ARGV ? $s->log_lines($_) : $visits }
    qr/AH01630: client denied by server configuration: .*hello\.txt/,
    qr/AH00957: .* attempt to connect to 127\.0\.0\.1:@{[ $s->port(4) ]} /,
    qr/AH01114: .* failed to make connection to backend/,
    qr/AH01617: user ann: authentication failure/);
CorsTest::finish();
