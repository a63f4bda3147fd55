package Cases;

# What the endurance test asks, and what each generation of the configuration
# answers.
#
# A generation is what one reading of the configuration makes: generation n
# follows the letter n % 3. The letters differ in the origins that they allow,
# in what they call methods and headers, and in Access-Control-Max-Age. Each
# answer says in X-Generation who gave it, so that it can be held exactly
# against what is due.
#
# A row is { method, path, fields, due => sub { my ($letter) = @_; expected } }
# and what it has beside: host, over, body, cached, stale. Expected is what
# promises() of CorsTest takes: status (default 200), acao acac acam acah aceh
# acma vary, field, body.

use strict;
use warnings;

use POSIX qw(strftime);

use CorsTest;

our $LETTERS = 3;

my $always = 'https://always.example.com';
my @own    = map { "https://$_.example.com" } qw(a b c);
my $evil   = 'https://evil.example';
my @asking = ($always, @own, $evil, undef);

# The long list: each letter has a third that the others have not, and each
# entry is one of two letters.
my $LONG = 6000;
sub in_long {
    my ($n, $c) = @_;
    return int($n / ($LONG / $LETTERS)) != $c;
}

my $htaccess = <<'HTACCESS';
Header always set X-Htaccess %d
CorsAllowOrigin https://always.example.com https://h%d.example.com
CorsMaxAge %d
HTACCESS
# What .htaccess of /flip holds, one after the other; 0 is an error.
our @FLIP = ("CorsAllowOrigin example.com\n",
             map { sprintf $htaccess, $_, $_, $_ } 1 .. 3);

sub modules {
    my ($mpm) = @_;
    return [ qw(headers rewrite cache cache_disk proxy proxy_http alias cgi
                authn_core authn_file auth_basic authz_user env),
             $mpm eq 'prefork' ? () : 'http2' ];
}

sub files {
    my $front = <<'HTACCESS';
RewriteEngine On
RewriteCond %{REQUEST_FILENAME} !-f
RewriteRule . front.txt
HTACCESS
    my %text = map { ("htdocs/$_" => "hi\n") }
        map({ "$_/a.txt" } qw(plain private wild long star match expr site use
                              limited locked denied gate off report inert
                              related htaccess broken flip barred cached
                              stored verbose whole)),
        qw(front/front.txt index/index.html);
    return {
        %text,
        users                       => "u:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n",
        'htdocs/plain/big.txt'      => 'x' x 65536,
        'htdocs/errors/404.html'    => "not found\n",
        'htdocs/front/.htaccess'    => $front,
        'htdocs/htaccess/.htaccess' => "CorsAllowOrigin $always\n"
            . "CorsAllowOrigin https://*.h.example https://h-*.example.org\n"
            . "CorsAllowMethods +DELETE\nCorsAllowHeaders X-One X-Two\n",
        'htdocs/broken/.htaccess'   => $FLIP[0],
        'htdocs/flip/.htaccess'     => $FLIP[1],
        'htdocs/barred/.htaccess'   => "CorsAllowCredentials On\n"
            . "CorsAllowOrigin http://plain.example $always\n",
        'cgi-bin/hello.cgi'  => "#!/bin/sh\necho 'Content-Type: text/plain'\n"
            . "echo 'Access-Control-Allow-Origin: *'\necho 'Vary: Accept'\n"
            . "echo\necho cgi\n",
        'cgi-bin/broken.cgi' => "#!/bin/sh\nexit 1\n",
        'scratch/cached/x'   => '',
        'scratch/stored/x'   => '',
    };
}

# What holds for all generations: no directive of the module. There are more
# threads in each child than the client has requests under way, since a child
# whose threads are all busy closes connections that are kept alive; and their
# number does not change with the load, or memory could not be judged.
sub server_conf {
    my ($mpm, $backend, $nobody) = @_;
    my $size = $mpm eq 'prefork'
        ? "StartServers 48\nMinSpareServers 1\nMaxSpareServers 64\n"
        . "ServerLimit 128\nMaxRequestWorkers 64\n"
        : "StartServers 2\nServerLimit 8\nThreadsPerChild 32\n"
        . "MinSpareThreads 1\nMaxSpareThreads 64\nMaxRequestWorkers 64\n";
    my $h2 = $mpm eq 'prefork' ? '' : "Protocols h2 h2c http/1.1\n";
    return <<"CONF";
$size${h2}KeepAliveTimeout 30
Listen 127.0.0.1:\@PORT2\@ https
ScriptAlias /cgi-bin/ "\@ROOT\@/cgi-bin/"
<Directory "\@ROOT\@/cgi-bin">
    Require all granted
</Directory>
<Location "/limited">
    LimitRequestBody 100
</Location>
<Location "/locked">
    AuthType Basic
    AuthName private
    AuthUserFile "\@ROOT\@/users"
    Require valid-user
</Location>
<Location "/denied">
    Require all denied
    LogLevel authz_core:crit
</Location>
<Location "/front">
    ErrorDocument 404 /errors/404.html
</Location>
<Location "/private">
    Header set X-Soak-Note a
    Header always set X-Soak-Other b
</Location>
<Location "/document">
    ErrorDocument 404 /errors/404.html
</Location>
SetEnv proxy-nokeepalive 1
ProxyPass /backend/ http://127.0.0.1:$backend/
ProxyPass /override/ http://127.0.0.1:$backend/
ProxyPass /hidden/ http://127.0.0.1:$backend/
ProxyPass /keep/ http://127.0.0.1:$backend/
ProxyPass /nobody/ http://127.0.0.1:$nobody/ retry=0
<Location "/override">
    ProxyErrorOverride On
    ErrorDocument 404 /errors/404.html
</Location>
Include "\@ROOT\@/generation.conf"
CONF
}

# What one generation adds; `bare` leaves the module's directives out.
sub generation_conf {
    my ($n, $bare) = @_;
    my $c  = $n % $LETTERS;
    my $ok = "$always $own[$c]";
    my $age = 100 + $c;
    my $long = join '',
        map { "    CorsAllowOrigin https://app$_.long.example\n" }
        grep { in_long($_, $c) } 0 .. $LONG - 1;
    my $conf = <<"CONF";
Header always set X-Generation $n
<CorsPolicy long>
$long    CorsMaxAge $age
</CorsPolicy>
<CorsPolicy partners>
    CorsAllowOrigin https://*.partner$c.example
    CorsAllowMethods GET PUT
    CorsAllowCredentials On
</CorsPolicy>
<CorsPolicy fonts>
    CorsAllowOrigin *
    CorsMaxAge off
</CorsPolicy>
<Location "/plain">
    CorsAllowOrigin $ok
    CorsAllowMethods +PUT
    CorsAllowHeaders X-Token-$c Content-Type
    CorsExposeHeaders X-Generation ETag
    CorsMaxAge $age
</Location>
<Location "/private">
    CorsAllowOrigin $ok
    CorsAllowCredentials On
    CorsAllowMethods *
    CorsAllowHeaders *
    CorsExposeHeaders X-Soak-*
</Location>
<Location "/wild">
    CorsAllowOrigin https://*.sub$c.example https://pr-*.example.org
    CorsAllowOrigin http://localhost:* null -https://no.sub$c.example
    CorsAllowHeaders X-Acme-*
</Location>
<Location "/long">
    CorsUsePolicy long
</Location>
<Location "/star">
    CorsAllowOrigin *
    CorsExposeHeaders *
    CorsAllowHeaders * Authorization
</Location>
<Location "/match">
    CorsAllowOriginMatch https://m[0-9]+-$c\\.example\\.com
</Location>
<Location "/expr">
    CorsAllowOriginExpr "req('X-Tenant') == 't$c' \\
        && req('Origin') =~ m#^https://[a-z]+[.]example\$#"
</Location>
<Location "/site">
    CorsAllowOrigin same-site
    CorsAllowCredentials On
</Location>
<Location "/use">
    CorsUsePolicy partners fonts
</Location>
<Location "/gate">
    CorsAllowOrigin $ok
    CorsRejectUnlisted On
</Location>
<LocationMatch "^/(limited|locked|denied|cgi-bin|index|front|document)">
    CorsAllowOrigin $ok
</LocationMatch>
<LocationMatch "^/(backend|override|keep|nobody|verbose|broken)">
    CorsAllowOrigin $ok
</LocationMatch>
<Location "/keep">
    CorsBackendHeaders Keep
    CorsPreflight Pass
</Location>
<Location "/hidden">
    CorsAllowOrigin $ok
    CorsForwardOrigin Off
</Location>
<Location "/off">
    CorsAllowOrigin *
    CorsEngine Off
</Location>
<Location "/report">
    CorsAllowOrigin $ok
    CorsEngine ReportOnly
</Location>
<Location "/errors">
    CorsAllowOrigin https://errors.example
</Location>
<Location "/related">
    CorsAllowOrigin $ok
    CorsTimingAllowOrigin On
    CorsResourcePolicy same-site
    CorsAllowPrivateNetwork On
</Location>
<Location "/cached">
    CorsAllowOrigin $ok
</Location>
<Location "/stored">
    CorsAllowOrigin $always
</Location>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName localhost
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT2\@>
    ServerName localhost
    SSLEngine On
    SSLCertificateFile "\@ROOT\@/tls.pem"
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName whole.example
    CorsAllowOrigin $ok
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName verbose.example
    LogLevel cors:debug
    ErrorLog "\@ROOT\@/scratch/verbose.log"
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName cached.example
    CacheEnable disk /cached
    CacheRoot "\@ROOT\@/scratch/cached"
    CacheHeader On
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName stored.example
    CacheQuickHandler Off
    CacheEnable disk /stored
    CacheRoot "\@ROOT\@/scratch/stored"
    CacheHeader On
</VirtualHost>
CONF
    if ($bare) {
        $conf =~ s{^<CorsPolicy.*?^</CorsPolicy>\n}{}msg;
        $conf =~ s/^\s*(?:Cors|LogLevel cors:)(?:.*\\\n)*.*\n//mg;
    }
    return $conf;
}

# ---------------------------------------------------------------------------
# What comes
# ---------------------------------------------------------------------------

my @preflight = (acam => 'GET, HEAD, POST', acma => 600);

# The common policy: `always` and the letter's own.
sub is_ok {
    my ($origin, $c) = @_;
    return defined $origin && ($origin eq $always || $origin eq $own[$c]);
}

# Actual responses of a policy: `more` for whom it allows, `any` for all.
sub actual {
    my ($request, $origins, $is_ok, $any, $more, %beside) = @_;
    my ($method, $path) = split / /, $request;
    my $fields = delete $beside{fields} || [];
    my $vary   = delete $beside{vary} || 'Origin';
    return map {
        my $origin = $_;
        { method => $method, path => $path, %beside,
          fields => [ defined $origin ? (Origin => $origin) : (), @$fields ],
          due => sub {
              my ($c) = @_;
              return { vary => $vary, %{ $any || {} },
                       $is_ok->($origin, $c)
                           ? (acao => $origin, %{ $more || {} }) : () };
          } };
    } @$origins;
}

# Preflights; `more` is what the allowed get beside ACAO, or a sub of the
# letter.
sub asks {
    my ($path, $origins, $is_ok, $wants, $more, %beside) = @_;
    return map {
        my $origin = $_;
        { method => 'OPTIONS', path => $path, %beside,
          fields => preflight($origin, @$wants),
          due => sub {
              my ($c) = @_;
              my %more = ref $more eq 'CODE' ? $more->($c)
                       : $more ? @$more : @preflight;
              return $is_ok->($origin, $c)
                  ? { status => 204, acao => $origin, vary => $TRIO, %more }
                  : { status => 403, body => '', vary => $TRIO };
          } };
    } grep { defined } @$origins;
}

# ---------------------------------------------------------------------------
# The kinds of requests
# ---------------------------------------------------------------------------

# [ name, weight, rows ]
sub kinds {
    my ($port) = @_;
    my @ok   = (\@asking, \&is_ok);
    my $hi   = { body => "hi\n" };
    my $age  = sub { return (acma => 100 + $_[0]) };
    my $form = [ 'Content-Type' => 'text/plain' ];
    my %expose = (aceh => 'X-Generation, ETag');
    my $plain = sub {
        my ($c) = @_;
        return (acam => 'GET, HEAD, POST, PUT', acma => 100 + $c,
                acah => "X-Token-$c, Content-Type");
    };
    my $dated = [ 'If-Modified-Since' =>
                  strftime('%a, %d %b %Y %H:%M:%S GMT', gmtime) ];

    my $subs = sub {
        my ($origin, $c) = @_;
        return defined $origin
            && $origin =~ m{^https://(?!no\.)[a-z.]+\.sub$c\.example$
                            |^https://pr-\d+\.example\.org$
                            |^http://localhost:|^null$}x;
    };
    my @wild = (map({ ("https://x.sub$_.example", "https://x.y.sub$_.example",
                       "https://no.sub$_.example", "https://sub$_.example") }
                    0 .. 2),
                'https://pr-7.example.org', 'https://pr-.example.org',
                'http://localhost:3000', 'null', $evil, undef);

    my @long = map { "https://app$_.long.example" }
        map({ ($_ * 2000, $_ * 2000 + 777, $_ * 2000 + 1999) } 0 .. 2), $LONG;
    my $listed = sub {
        my ($n) = ($_[0] // '') =~ /app(\d+)\./ or return 0;
        return $n < $LONG && in_long($n, $_[1]);
    };

    my $clear = [qw(h1 close h2c)];
    my $tls   = [qw(https https-close h2)];

    my @partners = map { "https://x.partner$_.example" } 0 .. 2;
    my $partner = sub { ($_[0] // '') =~ /partner$_[1]\./ };

    my @malformed = ('https://always.example.com/', 'https://a b',
        'HTTPS://ALWAYS.EXAMPLE.COM', "$always, $own[0]", "$always $own[0]",
        'always.example.com', 'https://', '*', "https://\xe9.example",
        'null, null', 'https://user@always.example.com',
        'https://' . 'a' x 320 . '.example', 'https://' . 'a.' x 3990 . 'b');
    my $nobody = sub { 0 };

    # What a cache holds keeps the generation that made it.
    my @cache   = (cached => 1, stale => 1, over => $clear);
    my @cached  = (host => 'cached.example', @cache);
    my @stored  = (host => 'stored.example', @cache);
    my @verbose = (host => 'verbose.example', over => $clear);
    my @whole   = (host => 'whole.example', over => $clear);

    return (
    [ 'actual', 16, [
        actual('GET /plain/a.txt', @ok, $hi, \%expose),
        actual('HEAD /plain/a.txt', @ok, undef, \%expose),
        actual('POST /plain/a.txt', @ok, $hi, \%expose,
               body => 'x' x 200, fields => $form),
        actual('GET /plain/big.txt', @ok, { body => 'x' x 65536 },
               \%expose) ] ],
    [ 'range, not modified', 3, [
        actual('GET /plain/a.txt', @ok, { status => 206, body => "i\n" },
               \%expose, fields => [ Range => 'bytes=1-2' ]),
        actual('GET /plain/a.txt', @ok, { status => 416 }, \%expose,
               fields => [ Range => 'bytes=10-' ]),
        actual('GET /plain/a.txt', @ok, { status => 304 }, \%expose,
               fields => $dated) ] ],
    [ 'preflight', 14, [
        asks('/plain/a.txt', @ok, [ 'PUT' ], $plain),
        asks('/plain/a.txt', @ok, [ 'PUT', 'x-token-0' ], $plain),
        asks('/plain/a.txt', @ok, [ 'DELETE' ], $plain),
        asks('/plain/a.txt', @ok, [ 'GET', 'x-evil', 'x-other' ], $plain),
        asks('/plain/missing', @ok, [ 'GET' ], $plain),
        asks('/private/a.txt', @ok, [ 'PUT', 'x-b,x-a' ],
             [ acac => 'true', acam => 'PUT', acah => 'x-b, x-a',
               acma => 600 ]),
        asks('/wild/a.txt', \@wild, $subs, [ 'GET', 'x-acme-b,x-evil' ],
             [ @preflight, acah => 'x-acme-b' ]),
        asks('/locked/a.txt', @ok, [ 'GET' ]),
        asks('/backend/a', @ok, [ 'GET' ]),
        asks('/index/', @ok, [ 'GET' ]) ] ],
    [ 'OPTIONS without a question', 1, [
        map { $_->{method} = 'OPTIONS'; $_ }
        actual('OPTIONS /plain/a.txt', @ok, { vary => $TRIO, status => 200 },
               \%expose) ] ],
    [ 'credentials', 4, [
        actual('GET /private/a.txt', @ok, $hi,
               { acac => 'true', aceh => 'X-Soak-Note, X-Soak-Other' }),
        actual('GET /private/missing', @ok, { status => 404 },
               { acac => 'true', aceh => 'X-Soak-Other' }) ] ],
    [ 'wildcards', 5, [ actual('GET /wild/a.txt', \@wild, $subs, $hi) ] ],
    [ 'a list of thousands', 5, [
        actual('GET /long/a.txt', \@long, $listed, $hi),
        asks('/long/a.txt', \@long, $listed, [ 'POST' ],
             sub { (@preflight, $age->(@_)) }) ] ],
    [ 'any origin', 4, [
        map({ { method => 'GET', path => '/star/a.txt',
                fields => [ defined $_ ? (Origin => $_) : () ],
                due => sub { { acao => '*', aceh => '*', %$hi } } } } @asking),
        map({ { method => 'GET', path => '/star/missing',
                fields => [ defined $_ ? (Origin => $_) : () ],
                due => sub { { acao => '*', aceh => '*', status => 404 } } } }
            @asking),
        { method => 'OPTIONS', path => '/star/a.txt',
          fields => preflight($evil, 'PUT', 'x-a'),
          due => sub { { status => 204, acao => '*', @preflight,
                         acah => '*, Authorization', vary => $TRIO } } } ] ],
    [ 'Match', 3, [
        actual('GET /match/a.txt',
               [ map({ "https://m1234-$_.example.com" } 0 .. 2),
                 'https://m1-0.example.com.evil.example', $evil, undef ],
               sub { ($_[0] // '') =~ m{^https://m\d+-$_[1]\.example\.com$} },
               $hi) ] ],
    [ 'Expr', 3, [
        map { my $tenant = $_;
            actual('GET /expr/a.txt', [ 'https://x.example', $always, undef ],
                   sub { ($_[0] // '') eq 'https://x.example'
                         && $tenant eq "t$_[1]" },
                   $hi, undef, vary => 'Origin, X-Tenant',
                   fields => [ 'X-Tenant' => $tenant ]) } qw(t0 t1 t2) ] ],
    [ 'same-site', 3, [
        map {
            actual('GET /site/a.txt',
                   [ 'https://www.shop.example', 'https://shop.example',
                     'http://www.shop.example', 'https://evilshop.example',
                     $evil, undef ],
                   sub { ($_[0] // '') =~ m{^https://(?:www\.)?shop\.} },
                   $hi, { acac => 'true' },
                   host => 'api.shop.example', over => $_)
        } $clear, $tls ] ],
    [ 'CorsUsePolicy', 4, [
        map({ my $o = $_; { method => 'GET', path => '/use/a.txt',
            fields => [ defined $o ? (Origin => $o) : () ],
            due => sub { { vary => 'Origin', %$hi,
                $partner->($o, $_[0]) ? (acao => $o, acac => 'true')
                    : defined $o ? (acao => '*') : () } } } }
            @partners, $evil, undef),
        map({ my $o = $_; { method => 'OPTIONS', path => '/use/a.txt',
            fields => preflight($o, 'PUT'),
            due => sub { { status => 204, vary => $TRIO,
                $partner->($o, $_[0])
                    ? (acao => $o, acac => 'true', acam => 'GET, PUT',
                       acma => 600)
                    : (acao => '*', acam => 'GET, HEAD, POST') } } } }
            @partners, $evil) ] ],
    [ 'errors', 8, [
        actual('GET /locked/a.txt', @ok, { status => 401 }),
        actual('GET /denied/a.txt', @ok, { status => 403 }),
        actual('GET /plain/missing', @ok, { status => 404 }, \%expose),
        actual('PUT /plain/a.txt', @ok, { status => 405 }, \%expose,
               body => 'x'),
        # mod_http2 does not know LimitRequestBody.
        actual('POST /limited/a.txt', @ok, { status => 413 }, undef,
               body => 'x' x 2000, fields => $form,
               over => [qw(h1 close https https-close)]) ] ],
    [ 'redirects inside', 8, [
        actual('GET /document/missing', @ok,
               { status => 404, body => "not found\n" }),
        actual('GET /front/any/thing', @ok, $hi),
        actual('GET /index/', @ok, $hi),
        actual('GET /index', @ok, { status => 301 }) ] ],
    [ 'CGI', 0.3, [
        actual('GET /cgi-bin/hello.cgi', @ok,
               { body => "cgi\n", vary => 'Accept, Origin' }),
        actual('GET /cgi-bin/broken.cgi', @ok, { status => 500 }) ] ],
    [ 'proxy', 3, [
        actual('GET /backend/a', @ok,
               { body => 'backend', vary => 'Accept-Language, Origin' },
               { aceh => 'X-Theirs' }),
        actual('PUT /backend/a', @ok, { body => 'xyz' }, undef,
               body => 'xyz', fields => $form),
        map({ actual("GET /backend/status/$_", @ok,
                     { status => $_, body => 'no',
                       vary => 'Accept-Language, Origin' },
                     { aceh => 'X-Theirs' }) } 404, 500),
        actual('GET /override/status/404', @ok,
               { status => 404, body => "not found\n" }),
        actual('GET /nobody/', @ok, { status => 503 }),
        actual('GET /hidden/origin', @ok, { body => 'none' }),
        map({ my $o = $_; { method => 'GET', path => '/keep/a',
            fields => [ defined $o ? (Origin => $o) : () ],
            due => sub { { vary => 'Accept-Language, Origin',
                body => 'backend', acao => 'https://theirs.example',
                aceh => 'X-Theirs' } } } } @asking),
        map({ my $o = $_; { method => 'GET', path => '/backend/origin',
            fields => [ defined $o ? (Origin => $o) : () ],
            due => sub { { vary => 'Origin', body => $o // 'none',
                           is_ok($o, $_[0]) ? (acao => $o) : () } } } }
            @asking) ] ],
    [ '.htaccess', 6, [
        actual('GET /htaccess/a.txt',
               [ $always, 'https://x.h.example', 'https://h-1.example.org',
                 $own[0], $evil, undef ],
               sub { ($_[0] // '') =~ /always|\.h\.|h-1/ }, $hi),
        asks('/htaccess/a.txt', [ $always, 'https://x.h.example', $evil ],
             sub { $_[0] =~ /always|\.h\./ }, [ 'DELETE', 'x-one' ],
             [ acam => 'GET, HEAD, POST, DELETE', acah => 'X-One, X-Two',
               acma => 600 ]),
        actual('GET /barred/a.txt', [ $always, 'http://plain.example', $evil ],
               sub { $_[0] eq $always }, $hi, { acac => 'true' }) ] ],
    # The error is raised while the sections are merged: Location is known.
    [ '.htaccess in error', 0.5, [
        actual('GET /broken/a.txt', @ok, { status => 500 }),
        actual('OPTIONS /broken/a.txt', @ok,
               { status => 500, vary => $TRIO }) ] ],
    [ '.htaccess rewritten', 4, [ flips() ] ],
    [ 'gate', 3, [
        map({ my $o = $_; { method => 'GET', path => '/gate/a.txt',
            fields => [ defined $o ? (Origin => $o) : () ],
            due => sub { { vary => 'Origin',
                is_ok($o, $_[0]) ? (acao => $o, %$hi)
                    : defined $o ? (status => 403) : %$hi } } } } @asking),
        { method => 'GET', path => '/gate/a.txt', over => [qw(h1 close h2c)],
          host => "localhost:$port",
          fields => [ Origin => "http://localhost:$port" ],
          due => sub { { vary => 'Origin', %$hi } } },
        { method => 'GET', path => '/gate/a.txt',
          fields => [ Origin => $evil, 'Sec-Fetch-Site' => 'none' ],
          due => sub { { vary => 'Origin, Sec-Fetch-Site', %$hi } } } ] ],
    [ 'malformed Origin', 5, [
        actual('GET /plain/a.txt', \@malformed, $nobody, $hi),
        map({ asks('/plain/a.txt', [$_], $nobody, [ 'PUT' ]) } @malformed),
        { method => 'GET', path => '/plain/a.txt', over => [qw(h1 close)],
          fields => [ Origin => [ $always, $own[0] ] ],
          due => sub { { vary => 'Origin', %$hi } } } ] ],
    [ 'errors before a URL is mapped', 0.5, [
        actual('GET /%zz', @ok, { status => 400 }, undef,
               @whole),
        asks('/whole/a.txt', @ok, [ 'GET' ], undef, @whole) ] ],
    # httpd has not looked for the virtual host then.
    [ 'an Origin too long for httpd', 0.5, [
        { method => 'GET', path => '/plain/a.txt',
          over => [qw(h1 close https)],
          fields => [ Origin => 'https://' . 'a' x 9000 ],
          due => sub { { status => 400 } } } ] ],
    [ 'mod_cache, quick', 3, [
        actual('GET /cached/a.txt', @ok, $hi, undef, @cached) ] ],
    [ 'mod_cache, not quick', 2, [
        actual('GET /stored/a.txt', [ $always, $evil, undef ],
               sub { ($_[0] // '') eq $always }, $hi, undef, @stored) ] ],
    [ 'Off, ReportOnly, nothing', 2, [
        map { my $path = $_;
            map { { method => 'GET', path => $path,
                    fields => [ defined $_ ? (Origin => $_) : () ],
                    due => sub { $hi } } } @asking
        } qw(/off/a.txt /report/a.txt /inert/a.txt) ] ],
    [ 'related headers', 2, [
        map({ my $o = $_; { method => 'GET', path => '/related/a.txt',
            fields => [ defined $o ? (Origin => $o) : () ],
            due => sub { my @is = is_ok($o, $_[0]) ? $o : ();
                { vary => 'Origin', %$hi, map({ (acao => $_) } @is),
                  field => { 'Cross-Origin-Resource-Policy' => 'same-site',
                             map { ('Timing-Allow-Origin' => $_) } @is } } }
            } } @asking) ] ],
    [ 'with a log of every decision', 3, [
        actual('GET /verbose/a.txt', @ok, $hi, undef, @verbose),
        asks('/verbose/a.txt', @ok, [ 'DELETE', 'x-a' ], undef, @verbose),
        actual('GET /verbose/a.txt', [ @malformed[ 0, 5, 12 ] ], $nobody, $hi,
               undef, @verbose) ] ],
    );
}

# Which .htaccess was read stands in X-Htaccess; a broken one sets none.
sub flips {
    my @asking = (map({ "https://h$_.example.com" } 1 .. 3), $always, @own,
                  undef);
    my $due = sub {
        my ($origin, $is_preflight) = @_;
        my %vary = (vary => $is_preflight ? $TRIO : 'Origin');
        return sub {
            return { by => 'X-Htaccess', values => { map({
                my $is = defined $origin
                    && $origin =~ /^https:\/\/(?:always|h$_)\.example\.com$/;
                ( $_ => { %vary, field => { 'X-Htaccess' => $_ },
                    $is_preflight
                        ? $is ? (status => 204, acao => $origin,
                                 acam => 'GET, HEAD, POST', acma => $_)
                              : (status => 403)
                        : (body => "hi\n", $is ? (acao => $origin) : ()) } )
                } 1 .. 3),
                '' => { status => 500 } } };
        };
    };
    return (
        map({ { method => 'GET', path => '/flip/a.txt',
                fields => [ defined $_ ? (Origin => $_) : () ],
                due => $due->($_, 0) } } @asking),
        map({ { method => 'OPTIONS', path => '/flip/a.txt',
                fields => preflight($_, 'GET'), due => $due->($_, 1) } }
            grep { defined } @asking));
}

1;
