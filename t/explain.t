# What the page of `SetHandler cors-explain` says, in configurations of many
# kinds: it agrees with the response that really comes, names the very line
# that decides, says the same as HTML, as text and as JSON, shows what
# `httpd -t -D DUMP_CORS` shows, warns of what there is to warn of, and of
# nothing else. And asking leaves no traces.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use CorsTest::Backend;
use CorsTest::Explained;
use File::Temp ();
use Mojo::DOM;
use Mojo::JSON qw(decode_json);
use Test::More;

my $app  = 'https://app.example.com';
my $evil = 'https://evil.example';
my $page = $CorsTest::Explained::PATH;

# ---------------------------------------------------------------------------
# The table
# ---------------------------------------------------------------------------

# row(NAME, lines, ...): the lines stand in the section of a directory of that
# name, unless they open a section themselves, and NAME in them stands for it.
#   as           htaccess: the lines are its .htaccess; vhost: they stand in a
#                virtual host NAME.example with that directory
#   beside       lines at server level, in front
#   password     true: GET brings it
#   url          default /NAME/a.txt, in a virtual host /a.txt
#   origin, stranger     who asks; default $app and $evil
#   preflight    [ method, headers ... ]; default GET
#   says         the result of each question; default as for a list
#   by, not_by   the line that decides about the origin, and about the stranger
#                if that is another; default: the only line with an origin.
#                Undef: none
#   entry        how `decided_by` names the origin's entry
#   warns        what is said in the warnings, each of which must come:
#                patterns, in which <LINE> stands for the place of that line
my @rows;
sub row {
    my ($name, $lines, %more) = @_;
    $lines =~ s/^\s+//mg;
    $lines =~ s/\bNAME\b/$name/g;
    push @rows, { name => $name, lines => $lines, %more };
}

# ------------------------------------------------------- sections and hosts --

row(directory => "CorsAllowOrigin $app");
row(location => qq(<Location "/NAME">\nCorsAllowOrigin $app\n</Location>));
row('location-over' => <<"CONF", by => "CorsAllowOrigin +$app");
    <Location "/NAME">
        CorsAllowOrigin +$app
    </Location>
    <Directory "\@DOCROOT\@/NAME">
        CorsAllowOrigin https://other.example
    </Directory>
CONF
row('location-match' => <<"CONF");
    <LocationMatch "^/NAME/[a-z]+\\.txt\$">
        CorsAllowOrigin $app
    </LocationMatch>
CONF
row('directory-match' => <<"CONF");
    <DirectoryMatch "/NAME/">
        CorsAllowOrigin $app
    </DirectoryMatch>
CONF
row(files => <<"CONF");
    <Files a.txt>
        CorsAllowOrigin $app
    </Files>
CONF
row('files-match' => <<"CONF");
    <FilesMatch "^a\\.">
        CorsAllowOrigin $app
    </FilesMatch>
CONF
row(if => <<"CONF");
    <If "%{REQUEST_URI} =~ /NAME/">
        CorsAllowOrigin $app
    </If>
CONF
row(else => <<"CONF", by => "CorsAllowOrigin $app");
    <If "%{REQUEST_URI} == '/elsewhere'">
        CorsAllowOrigin https://other.example
    </If>
    <Else>
        CorsAllowOrigin $app
    </Else>
CONF
row(host => "CorsAllowOrigin $app", as => 'vhost');
row('host-within' => <<"CONF", as => 'vhost', by => "CorsAllowOrigin $app");
    CorsAllowOrigin https://other.example
    <Directory "\@DOCROOT\@/NAME">
        CorsAllowOrigin $app
    </Directory>
CONF
row(alias => <<"CONF", url => '/alias/nick/a.txt');
    Alias /NAME/nick "\@DOCROOT\@/NAME"
    <Directory "\@DOCROOT\@/NAME">
        CorsAllowOrigin $app
    </Directory>
CONF
row(limit => <<"CONF", preflight => ['PUT'],
    CorsAllowOrigin $app
    CorsAllowMethods PUT
    <LimitExcept OPTIONS>
        Require all denied
    </LimitExcept>
CONF
    warns => [ 'Access control refuses .* status 403' ]);
row(methods => <<"CONF", preflight => ['PUT']);
    CorsAllowOrigin $app
    CorsAllowMethods PUT
    AllowMethods GET
CONF

# ---------------------------------------------------------------- .htaccess --

row(htaccess => "CorsAllowOrigin $app", as => 'htaccess');
row('htaccess-adds' => "CorsAllowOrigin +$app", as => 'htaccess',
    by => "CorsAllowOrigin +$app", beside => <<'CONF');
    <Directory "@DOCROOT@/NAME">
        CorsAllowOrigin https://other.example
    </Directory>
CONF
row('htaccess-takes' => "CorsAllowOrigin -$evil", as => 'htaccess',
    by     => 'CorsAllowOrigin https://*.example https://app.example.com',
    not_by => "CorsAllowOrigin -$evil",
    beside => <<'CONF');
    <Directory "@DOCROOT@/NAME">
        CorsAllowOrigin https://*.example https://app.example.com
    </Directory>
CONF
row('htaccess-power' => "CorsAllowOrigin $app\nCorsAllowCredentials On",
    as => 'htaccess',
    by => "CorsAllowOrigin $app");

# --------------------------------------------------------- lists of origins --

row(two => "CorsAllowOrigin https://other.example\nCorsAllowOrigin $app",
    by => "CorsAllowOrigin $app",
    not_by => 'CorsAllowOrigin https://other.example');
row(carved => <<"CONF", stranger => 'https://staging.example.com',
    <Directory "\@DOCROOT\@/NAME">
        CorsAllowOrigin https://*.example.com
    </Directory>
    <Location "/NAME">
        CorsAllowOrigin -https://staging.example.com
    </Location>
CONF
    by     => 'CorsAllowOrigin https://*.example.com',
    not_by => 'CorsAllowOrigin -https://staging.example.com');
row(ports => 'CorsAllowOrigin http://localhost:*',
    origin => 'http://localhost:3000', stranger => 'https://localhost:3000');
row(partial => 'CorsAllowOrigin https://pr-*.example.com',
    origin => 'https://pr-7.example.com', stranger => 'https://x.example.com');
row(schemes => 'CorsAllowOrigin //app.example.com',
    origin => 'http://app.example.com');
row(upper => 'CorsAllowOrigin HTTPS://App.example.com:443',
    by => 'CorsAllowOrigin HTTPS://App.example.com:443');
row(null => 'CorsAllowOrigin null', origin => 'null');
row(none => 'CorsAllowOrigin none',
    says => 'denied-origin denied-origin denied-origin denied-origin');
row(any => 'CorsAllowOrigin *',
    says => 'allowed allowed allowed allowed');
row(site => 'CorsAllowOrigin same-site', as => 'vhost',
    host => 'www.site.example', origin => 'https://app.site.example');
row(malformed => "CorsAllowOrigin $app", stranger => "$app/", not_by => undef,
    says => 'allowed malformed-origin allowed malformed-origin');
row(match => "CorsAllowOriginMatch https://[a-z]+\\.example\\.com");
row(expr =>
    q(CorsAllowOriginExpr "req('Origin') == 'https://app.example.com'"));
row(variable => <<'CONF',
    SetEnvIf Origin ^https://app\. TRUSTED=yes
    CorsAllowOriginExpr "reqenv('TRUSTED') == 'yes'"
CONF
    by => q(CorsAllowOriginExpr "reqenv('TRUSTED') == 'yes'"));
row(file => 'CorsAllowOriginSource file:@ROOT@/origins.txt',
    by => $app, not_by => 'CorsAllowOriginSource file:@ROOT@/origins.txt');
row(dbm => 'CorsAllowOriginSource dbm=sdbm:@DBM@');
row(policy => 'CorsUsePolicy partners', by => "CorsAllowOrigin $app",
    beside => <<"CONF");
    <CorsPolicy partners>
        CorsAllowOrigin $app
    </CorsPolicy>
CONF
row(policies => 'CorsUsePolicy first second', beside => <<"CONF",
    <CorsPolicy first>
        CorsAllowOrigin https://first.example
    </CorsPolicy>
    <CorsPolicy second>
        CorsAllowOrigin $app
        CorsAllowMethods PUT
    </CorsPolicy>
CONF
    preflight => ['PUT'],
    by => "CorsAllowOrigin $app");
row(macro => 'Use NAME', beside => <<"CONF",
    <Macro NAME>
        CorsAllowOrigin $app
    </Macro>
CONF
    by => 'the first line of the macro');

# -------------------------------------------------- what an origin may do --

row('method-unlisted' => "CorsAllowOrigin $app", preflight => ['PUT'],
    says => 'allowed denied-origin denied-method denied-origin');
row('header-unlisted' => "CorsAllowOrigin $app\nCorsAllowHeaders X-A",
    preflight => [ 'GET', 'x-b' ], by => "CorsAllowOrigin $app",
   
    says => 'allowed denied-origin denied-header denied-origin');
row('any-authorization' => "CorsAllowOrigin *\nCorsAllowHeaders *",
    preflight => [ 'GET', 'authorization' ],
    by => 'CorsAllowOrigin *',
    says => 'allowed allowed denied-header denied-header');
row('any-header' =>
    "CorsAllowOrigin $app\nCorsAllowHeaders *\nCorsAllowCredentials On",
    preflight => [ 'GET', 'x-a,x-b' ]);
row(prefix => "CorsAllowOrigin $app\nCorsAllowHeaders X-Acme-*\n"
    . "CorsExposeHeaders X-Acme-* ETag", preflight => [ 'GET', 'x-acme-id' ]);
row(insecure => "CorsAllowOrigin http://app.example.com\n"
    . "CorsAllowCredentials On\nCorsTolerate insecure-origin",
    origin => 'http://app.example.com');
row(barred => <<"CONF", origin => 'http://app.example.com',
    <Directory "\@DOCROOT\@/NAME">
        CorsAllowOrigin http://app.example.com
    </Directory>
    <Location "/NAME">
        CorsAllowCredentials On
    </Location>
CONF
    says => 'denied-origin denied-origin denied-origin denied-origin',
    warns => [ 'CorsAllowOrigin .http://app\.example\.com. '
        . '\(<CorsAllowOrigin http://app.example.com>\) matches nobody' ]);
row('max-age' => "CorsAllowOrigin $app\nCorsMaxAge 24h",
    warns => [ 'CorsMaxAge 86400 \(<CorsMaxAge 24h>\): Chromium keeps' ]);
row('no-age' => "CorsAllowOrigin $app\nCorsMaxAge off");
row('status-200' => "CorsAllowOrigin $app\nCorsPreflightStatus 200");
row(pass => "CorsAllowOrigin $app\nCorsPreflight Pass");
row(gate => "CorsAllowOrigin $app\nCorsRejectUnlisted On",
    says => 'allowed rejected allowed denied-origin');
row(report => "CorsAllowOrigin $app\nCorsEngine ReportOnly",
    warns => [ 'CorsEngine ReportOnly \(<CorsEngine ReportOnly>\)' ]);
row(off => <<"CONF", by => 'CorsEngine Off',
    <Directory "\@DOCROOT\@/NAME">
        CorsAllowOrigin $app
    </Directory>
    <Location "/NAME">
        CorsEngine Off
    </Location>
CONF
    says => '- - - -');
row(nothing => '', by => undef, says => '- - - -');
row(timing => "CorsAllowOrigin $app\nCorsTimingAllowOrigin On");
row(resource => "CorsAllowOrigin $app\nCorsResourcePolicy same-origin",
    warns => [ 'Cross-Origin-Resource-Policy is same-origin, though' ]);
row('resource-open' =>
    "CorsAllowOrigin $app\nCorsResourcePolicy cross-origin");
row(private => "CorsAllowOrigin $app\nCorsAllowPrivateNetwork On",
    with => [ 'Access-Control-Request-Private-Network' => 'true' ]);

# ------------------------------------------------------------- neighbours --

my $auth = <<'CONF';
    AuthType Basic
    AuthName x
    AuthUserFile "@ROOT@/users"
    Require valid-user
CONF
row(auth => "CorsAllowOrigin $app\n$auth",
    warns => [ 'asks for a password; without a right one the status is 401' ]);
row('auth-late' => <<"CONF", url => '/auth-late/', password => 1,
    <Directory "\@DOCROOT\@/NAME">
        $auth
        DirectoryIndex a.txt
    </Directory>
    <Files a.txt>
        <If "%{REQUEST_URI} =~ m#^/NAME/#">
            CorsAllowOrigin $app
        </If>
    </Files>
CONF
    says  => 'allowed denied-origin - -',
    warns => [ 'the status is 401, and no CORS header tells the page',
               'no CORS policy is known before it has been given' ]);
row('auth-pass' => "CorsAllowOrigin $app\nCorsPreflight Pass\n$auth",
    warns => [ 'asks for a password; without a right one',
               'CorsPreflight Pass \(<CorsPreflight Pass>\) leaves' ]);
row(denied => "CorsAllowOrigin $app\nRequire ip 192.0.2.1",
    warns => [ 'Access control refuses this request, from your address, with '
               . 'status 403' ]);
row(proxy => <<"CONF", url => '/proxy/plain');
    ProxyPass /NAME http://127.0.0.1:\@BACKEND\@
    <Location "/NAME">
        CorsAllowOrigin $app
    </Location>
CONF
row('proxy-section' => <<"CONF", url => '/proxy-section/plain');
    ProxyPass /NAME http://localhost:\@BACKEND\@
    <Proxy "http://localhost:\@BACKEND\@/*">
        CorsAllowOrigin $app
    </Proxy>
CONF
row(keep => <<"CONF", url => '/keep/own',
    ProxyPass /NAME http://127.0.0.1:\@BACKEND\@
    <Location "/NAME">
        CorsAllowOrigin $app
        CorsBackendHeaders Keep
    </Location>
CONF
    warns => [ 'CorsBackendHeaders Keep \(<CorsBackendHeaders Keep>\)' ]);
row(cgi => <<"CONF", url => '/cgi-bin/leaves-a-trace.cgi');
    <Location "/cgi-bin">
        CorsAllowOrigin $app
    </Location>
CONF
row(front => <<"CONF", as => 'htaccess', url => '/front/some/route');
    CorsAllowOrigin $app
    RewriteEngine On
    RewriteCond %{REQUEST_FILENAME} !-f
    RewriteRule . /NAME/a.txt [L]
CONF
row('front-within' => <<"CONF", as => 'htaccess', url => '/front-within/x');
    RewriteEngine On
    RewriteRule !^a\\.txt\$ /NAME/a.txt [L]
    <Files a.txt>
        CorsAllowOrigin $app
    </Files>
CONF
row(forbidden => <<"CONF", as => 'htaccess', url => '/forbidden/x');
    CorsAllowOrigin $app
    RewriteEngine On
    RewriteRule ^x - [F]
CONF
row(index => <<"CONF", url => '/index/');
    DirectoryIndex a.txt
    <Files a.txt>
        CorsAllowOrigin $app
    </Files>
CONF
row(slash => "CorsAllowOrigin $app", url => '/slash',
    warns => [ 'redirects to http://localhost/slash/' ]);
row(redirect => <<"CONF", url => '/redirect/x',
    Redirect /NAME /elsewhere
    <Location "/NAME">
        CorsAllowOrigin $app
    </Location>
CONF
    warns => [ 'redirects to http://localhost/elsewhere/x' ]);
row(rewritten => <<"CONF", as => 'vhost',
    CorsAllowOrigin $app
    RewriteEngine On
    RewriteRule ^ http://elsewhere.example/ [R=301,L]
    RewriteRule ^$page - [L]
CONF
    reached => "RewriteEngine On\nRewriteRule ^$page - [L]\n",
    warns => [ 'redirects to http://elsewhere\.example/' ]);
row('document-url' => <<"CONF",
    CorsAllowOrigin $app
    Require ip 192.0.2.1
    ErrorDocument 403 http://elsewhere.example/403
CONF
    warns => [ 'Access control refuses', 'redirects to http://elsewhere' ]);
row(document => <<"CONF",
    CorsAllowOrigin $app
    Require ip 192.0.2.1
    ErrorDocument 403 /directory/a.txt
CONF
    warns => [ 'Access control refuses' ]);
row(fallback => "CorsAllowOrigin $app\nFallbackResource /NAME/a.txt",
    url => '/fallback/x');
row(header => "CorsAllowOrigin $app\nHeader set Access-Control-Allow-Origin *",
    warns => [ 'mod_headers writes Access-Control-Allow-Origin here.*'
        . '\(<Header set Access-Control-Allow-Origin \*>\)' ]);
row('header-htaccess' => "CorsAllowOrigin $app\n"
    . 'Header always set Access-Control-Allow-Methods PUT', as => 'htaccess',
    warns => [ 'mod_headers writes Access-Control-Allow-Methods here.*'
        . '\(in an \.htaccess\)' ]);
row('header-vary' => "CorsAllowOrigin $app\nHeader merge Vary X-Tenant");
row(views => "CorsAllowOrigin $app\nOptions +MultiViews", url => '/views/a');
row(early => "CorsAllowOrigin $app", as => 'vhost', url => '/%zz');

# ---------------------------------------------------------------------------
# The server of the table
# ---------------------------------------------------------------------------

my $backend = CorsTest::Backend->start(sub {
    my ($routes) = @_;
    $routes->any('/plain' => sub { $_[0]->render(text => "plain\n") });
    $routes->any('/own' => sub {
        my ($c) = @_;
        $c->res->headers->header(
            'Access-Control-Allow-Origin' => 'https://own.example');
        $c->render(text => "own\n");
    });
});

my $dbm = File::Temp->newdir('mod_cors.XXXXXX', TMPDIR => 1);
chmod 0755, "$dbm";
make_dbm("$dbm/origins", "$app 1");

sub make_dbm {
    my ($file, @lines) = @_;
    open my $in, '>', "$file.txt" or die "$file.txt: $!\n";
    print $in map { "$_\n" } @lines;
    close $in or die "$file.txt: $!\n";
    local $ENV{PATH} = "$ENV{PATH}:/usr/sbin:/usr/local/sbin";
    my $said = `httxt2dbm -f SDBM -i '$file.txt' -o '$file' 2>&1`;
    die "httxt2dbm, which is in apache2-utils: $said\n" if $?;
    chmod 0644, glob "$file.*";
}

my %files = (
    'users'       => "u:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n",
    'origins.txt' => "# partners\nhttps://first.example\n$app\n",
    'cgi-bin/leaves-a-trace.cgi' => <<'CGI',
#!/bin/sh
echo ran >>"@ROOT@/scratch/ran"
echo 'Content-Type: text/plain'
echo
CGI
);

# What is written for a row into the configuration.
sub written {
    my ($row) = @_;
    my ($name, $lines) = @$row{qw(name lines)};
    my $is_host = ($row->{as} || '') eq 'vhost';
    my $text = $row->{beside} || '';
    $text =~ s/\bNAME\b/$name/g;
    $files{"htdocs/$name/a.txt"} = "hi\n";
    $row->{url}  //= $is_host ? '/a.txt' : "/$name/a.txt";
    $row->{host} //= "$name.example" if $is_host;
    if (($row->{as} || '') eq 'htaccess') {
        $files{"htdocs/$name/.htaccess"} = $lines;
        return "# row $name\n$text";
    }
    return <<"HOST" if $is_host;
# row $name
$text<VirtualHost 127.0.0.1:\@PORT\@>
ServerName $row->{host}
DocumentRoot "\@DOCROOT\@/$name"
@{[ $row->{reached} || '' ]}$lines
</VirtualHost>
HOST
    return "# row $name\n$text$lines\n"
        if $lines =~ /^(?:ProxyPass|Redirect|Alias|<(?:Dir|Loc))/;
    return "# row $name\n$text"
        . qq(<Directory "\@DOCROOT\@/$name">\n$lines\n</Directory>\n);
}
my $written = join '', map { written($_) } @rows;
$written =~ s{\@BACKEND\@}{$backend->port}ge;
$written =~ s{\@DBM\@}{$dbm/origins}g;

my $s = CorsTest->start(
    unexplained => 'this is about explanations',
    modules   => [qw(headers rewrite alias setenvif env macro negotiation
                     allowmethods status auth_basic authn_core authn_file
                     authz_user authz_host proxy proxy_http socache_shmcb)],
    cgi       => 1,
    log_level => 'info cors:debug',
    files     => \%files,
    conf      => <<"CONF");
<Location "$page">
    SetHandler cors-explain
    Require local
</Location>
<Location "/open-page">
    SetHandler cors-explain
</Location>
<Location "/server-status">
    SetHandler server-status
</Location>
CorsStatistics On
LogFormat "%r" line
CustomLog "\@ROOT\@/access.log" line
Header always set X-Result "%{CORS_RESULT}e"
# The first is the one for all other hosts.
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName localhost
</VirtualHost>
$written
CONF

# ---------------------------------------------------------------------------
# Where a line stands
# ---------------------------------------------------------------------------

# { row => { line => [ file, number ] }, ... }
my %place;
{
    my ($name, $number) = ('', 0);
    for my $line (split /\n/, $s->read_file('httpd.conf')) {
        $number++;
        $name = $1 if $line =~ /^# row (\S+)/;
        note_place($name, $line, $s->root . '/httpd.conf', $number);
    }
    for my $row (grep { ($_->{as} || '') eq 'htaccess' } @rows) {
        my $file = "htdocs/$row->{name}/.htaccess";
        my $count = 0;
        note_place($row->{name}, $_, $s->root . "/$file", ++$count)
            for split /\n/, $s->read_file($file);
    }
    # httpd has words of its own for these.
    my ($file, $defined) = @{ $place{macro}{'<Macro macro>'} };
    my ($used) = $place{macro}{'Use macro'}[1];
    note_place('macro', 'the first line of the macro', qq(macro 'macro' )
        . qq[(defined on line $defined of "$file") used on line $used ]
        . qq(of "$file"), 1);
    $number = 0;
    note_place('file', $_, $s->root . '/origins.txt', ++$number)
        for split /\n/, $files{'origins.txt'};
}

sub note_place {
    my ($name, $line, $file, $number) = @_;
    $line =~ s/^\s+//;
    $place{$name}{$line} = [ $file, $number ];
}

sub place_of {
    my ($row, $line) = @_;
    $line =~ s/\@ROOT\@/$s->root/e;
    return @{ $place{ $row->{name} }{$line}
        // die "$row->{name}: there is no line '$line'\n" };
}

# The line that decides about the origin, or about the stranger; undef: none.
sub decider {
    my ($row, $is_stranger) = @_;
    return $row->{not_by} if $is_stranger && exists $row->{not_by};
    return $row->{by} if exists $row->{by};
    my ($only, @others) = grep { /^CorsAllowOrigin|^CorsUsePolicy/ }
        sort keys %{ $place{ $row->{name} } };
    die "$row->{name}: which line decides?\n" if !$only || @others;
    return $only;
}

# ---------------------------------------------------------------------------
# Each row is asked four questions
# ---------------------------------------------------------------------------

# [ what, request line, fields, is it the stranger's ]
my $password = 'Basic dTpwYXNzd29yZA==';
sub questions {
    my ($row) = @_;
    my ($method, @names) = @{ $row->{preflight} || ['GET'] };
    return map {
        my ($who, $origin, $is_stranger) = @$_;
        [ "$who, GET", "GET $row->{url}", [ Origin => $origin,
              $row->{password} ? (Authorization => $password) : () ],
          $is_stranger ],
        [ "$who, preflight", "OPTIONS $row->{url}",
          [ @{ preflight($origin, $method, @names) },
            @{ $row->{with} || [] } ], $is_stranger ]
    } [ 'origin',   $row->{origin}   || $app, 0 ],
      [ 'stranger', $row->{stranger} || $evil, 1 ];
}

my (%policy_lines, %asked);
for my $row (@rows) {
    # As the questions come: the origin's GET and preflight, the stranger's.
    my @says = split ' ', $row->{says}
        || 'allowed denied-origin allowed denied-origin';
    my @in_order = @says[0, 2, 1, 3];
    my @opt = $row->{host} ? (host => $row->{host}) : ();
    my %warnings;
    for my $question (questions($row)) {
        my ($what, $line, $fields, $is_stranger) = @$question;
        my $is = CorsTest::Explained->ask($s, $line, $fields, @opt);
        my $res = $s->request($line, $fields, @opt);
        my $says = shift @in_order;
        my @wrong = !$is->answer ? $is->{why}
            : (explained_wrong($row, $is, $res, $says, $is_stranger),
               forms_wrong($is, $line, $fields, @opt));
        promise(!@wrong, "$row->{name}: $what", @wrong,
                $is->{text} // '', $res->transcript);
        next if !$is->answer;
        $warnings{$_}++ for @{ $is->answer->{warnings} };
        push @{ $policy_lines{ $row->{name} } },
            grep { $_->{line} } @{ $is->answer->{policy} };
    }
    my @wrong = warnings_wrong($row, sort keys %warnings);
    promise(!@wrong, "$row->{name}: warnings", @wrong);
}

# The result is that of the real request, and what the row says; so is who
# decided.
sub explained_wrong {
    my ($row, $is, $res, $says, $is_stranger) = @_;
    my $result = $is->exchange->{result} // '-';
    my $real   = ($res->field('X-Result') // '') =~ s/^\(null\)$/-/r;
    my $by     = $is->exchange->{decided_by};
    my $line   = decider($row, $is_stranger);
    undef $line if $says eq '-' && ($line // '') ne 'CorsEngine Off';
    my @wrong  = $is->differences($res);
    push @wrong, "result $result, expected $says" if $result ne $says;
    push @wrong, "result $result, really $real" if $result ne $real;
    push @wrong, differs($_, [ in_field($is->exchange->{headers}{$_}) ],
        [ in_field($res->fields($_)) ]) for 'Vary', 'X-Result';
    return @wrong if $result =~ /^denied-(?:method|header)$/;
    my ($file, $number) = defined $line ? place_of($row, $line) : ('-', '-');
    push @wrong, 'decided by '
        . ($by ? "$by->{file}:$by->{line}" : 'nobody')
        . ", expected $file:$number ($line)"
        if ($by->{file} // '-') ne $file || ($by->{line} // '-') ne $number;
    return @wrong;
}

sub in_field { return map { split /, */ } grep { defined } @_ }

# As HTML and as text it says what the JSON says.
sub forms_wrong {
    my ($is, $line, $fields, @opt) = @_;
    my %form = map { $_ => CorsTest::Explained::page($s, $_, $line, $fields,
                                                     @opt)->body }
        qw(html text);
    my $answer = $is->answer;
    my $dom    = Mojo::DOM->new($form{html});
    my $flat   = $form{text} =~ s/\s+/ /gr;
    my $title  = $is->exchange->{kind} eq 'preflight' ? 'Preflight'
                                                      : 'Request';
    my $word   = $answer->{allowed} ? 'Allowed' : 'Not allowed';
    my $verdict = squeezed($dom->at('#answer + p')->all_text);
    my @wrong;

    push @wrong, "HTML: verdict '$verdict'"
        if $verdict !~ /\Q$word\E\. \Q$answer->{verdict}\E$/;
    push @wrong, 'text: another verdict'
        if index($flat, "$word: $answer->{verdict}") < 0;
    push @wrong, differs("HTML: warnings", [ map { squeezed($_->all_text) }
            @{ $dom->find('p.limit') } ],
        [ map { "Warning: $_" } @{ $answer->{warnings} } ]);
    push @wrong, map { "text: no warning: $_" }
        grep { index($flat, "Warning: $_") < 0 } @{ $answer->{warnings} };

    my @fields = fields_of($is->exchange);
    my ($pair) = grep { $_->previous->text =~ /^$title\b/ }
        @{ $dom->find('h3 + div.pair') };
    push @wrong, differs('HTML: response', [ map { $_->text =~ s/\n$//r }
            @{ $pair->children('div')->[1]->find('code') } ], \@fields);
    my ($part) = $form{text} =~ /^$title\b[^\n:]*\n(.*?)(?:\n\n(?=\w)|\z)/ms;
    push @wrong, differs('text: response',
        [ map { /^  < (.*)/ && $1 !~ /^\(status/ ? $1 : () }
            split /\n/, $part // '' ], \@fields);

    push @wrong, differs('HTML: policy', [ map {
            join ' ', map { $_->text } @{ $_->find('td:first-child, code') }
        } @{ $dom->find('tbody tr') } ], [ map {
            "$_->{directive} $_->{value} " . where($_)
        } @{ $answer->{policy} } ]);
    push @wrong, map { "text: no $_->{directive} $_->{value}" } grep {
        index($flat, squeezed("$_->{directive} $_->{value} # " . where($_)))
            < 0
    } @{ $answer->{policy} };
    if (my $by = $is->exchange->{decided_by}) {
        my @who = ($by->{entry}, where($by));
        push @wrong, "HTML: nobody says that $who[0] decided"
            if !grep { my @is = map { $_->text } @{ $_->find('code') };
                       "@is" eq "@who" } @{ $dom->find('dd') };
        push @wrong, "text: nobody says that $who[0] decided"
            if index($flat, squeezed("$who[0] in $who[1]")) < 0;
    }
    return @wrong;
}

sub squeezed { return $_[0] =~ s/\s+/ /gr =~ s/^ | $//gr }

sub where {
    my ($it) = @_;
    return $it->{line} ? "$it->{file}:$it->{line}" : $it->{file};
}

sub fields_of {
    my ($exchange) = @_;
    my %reason = (200 => 'OK', 204 => 'No Content', 301 => 'Moved Permanently',
                  302 => 'Found', 400 => 'Bad Request', 401 => 'Unauthorized',
                  403 => 'Forbidden', 405 => 'Method Not Allowed');
    my $status = $exchange->{status};
    return ($status ? "HTTP/1.1 $status $reason{$status}" : (),
        map { "$_: $exchange->{headers}{$_}" }
            keys %{ $exchange->{headers} });
}

# In whatever order: JSON has none.
sub differs {
    my ($what, $is, $should) = @_;
    my ($left, $right) = map { join "\n    ", sort @$_ } $is, $should;
    return $left eq $right ? () : "$what:\n    $left\nexpected:\n    $right";
}

sub warnings_wrong {
    my ($row, @warnings) = @_;
    my @patterns = map {
        s/<(.+?)>/my $line = $1 =~ s{\\}{}gr;
                  quotemeta join ':', place_of($row, $line)/er
    } @{ $row->{warns} || [] };
    my @wrong;
    for my $pattern (@patterns) {
        push @wrong, "no warning like $pattern"
            if !grep { $_ =~ $pattern } @warnings;
    }
    for my $warning (@warnings) {
        push @wrong, "warning: $warning"
            if !grep { $warning =~ $_ } @patterns;
    }
    return @wrong;
}

# Really, that is: nobody is told of a rehearsal.
$s->expect_log(
    qr/AH01630: client denied by server configuration: /,
    qr/CorsAllowOrigin 'http:\/\/app\.example\.com' .* matches nobody: /,
    qr/AH10244: invalid URI path/);

# ---------------------------------------------------------------------------
# The question
# ---------------------------------------------------------------------------

# The page's response to a query; fields of its own.
sub asks {
    my ($query, @fields) = @_;
    return $s->request("GET $page?$query", \@fields);
}

sub says {
    my ($text, $query, $check, @fields) = @_;
    my $res = asks("$query&format=json", @fields);
    my $answer = decode_json($res->body);
    promise($res->status == 200 && $check->($answer), $text, $res->transcript,
            $res->body);
}

my $put = "url=/any-header/a.txt&method=PUT";
says('without a preflight, the request is all there is',
    "url=/any-header/a.txt&origin=$app", sub {
        my ($is) = @_;
        return $is->{kind} eq 'actual' && !$is->{actual} && $is->{allowed};
    });
says('a preflight comes first, and the request behind it', "$put&origin=$app",
    sub {
        my ($is) = @_;
        return $is->{kind} eq 'preflight' && $is->{status} == 204
            && $is->{result} eq 'denied-method' && !$is->{allowed}
            && $is->{actual}{kind} eq 'actual'
            && $is->{actual}{result} eq 'allowed';
    });
says('a preflight that is refused', "$put&origin=$evil", sub {
    my ($is) = @_;
    return $is->{kind} eq 'preflight' && $is->{status} == 403
        && $is->{result} eq 'denied-origin' && !$is->{allowed};
});
says('headers that need one', "url=/any-header/a.txt&origin=$app"
        . '&headers=X-A%0AContent-Type:%20application/json', sub {
    my ($is) = @_;
    return $is->{kind} eq 'preflight' && $is->{result} eq 'allowed'
        && $is->{allowed} && $is->{headers}{'Access-Control-Allow-Headers'}
            eq 'content-type, x-a';
});
says('and such that do not', "url=/any-header/a.txt&origin=$app&method=POST"
        . '&headers=Content-Type:%20text/plain', sub {
    return $_[0]{kind} eq 'actual' && $_[0]{allowed};
});
says('a whole URL of this virtual host',
    "url=http://localhost/directory/a.txt&origin=$app",
    sub { return $_[0]{result} eq 'allowed' });
says('and of a host that none has, for which it is the first',
    "url=http://elsewhere.example/directory/a.txt&origin=$app",
    sub { return $_[0]{result} eq 'allowed' });
says('a page of that address is not open to strangers',
    "url=/directory/a.txt&origin=$app", sub { return !@{ $_[0]{warnings} } });
my $open = $s->request("GET /open-page?url=/directory/a.txt&format=json", []);
promise($open->body =~ /"Everybody can read this page, [^"]*Require local/,
    'one that is says so', $open->transcript, $open->body);

# ---------------------------------------------------------------------------
# Who may not ask, and what
# ---------------------------------------------------------------------------

my $query = "url=/directory/a.txt&origin=$app";
$s->promises(
    [ 'a page from elsewhere may not', "GET $page?$query",
      { Origin => $app }, { status => 403 } ],
    [ 'an empty Origin is one', "GET $page?$query", [ Origin => '' ],
      { status => 403 } ],
    [ 'POST is no question', "POST $page?$query", {}, { status => 405,
      field => { Allow => qr/GET/ } }, { body => 'x' } ],
    [ 'HEAD is', "HEAD $page?$query&format=json", {},
      { vary => 'Accept', body => '',
        field => { 'Content-Type' => 'application/json' } } ],
    [ 'nobody keeps the answer', "GET $page?$query&format=json", {},
      { vary => 'Accept', field => { 'Cache-Control' => 'no-store' } } ],
    [ 'Accept chooses JSON', "GET $page?$query",
      { Accept => 'application/json' }, { vary => 'Accept',
        field => { 'Content-Type' => 'application/json' } } ],
    [ 'Accept chooses HTML', "GET $page?$query",
      { Accept => 'text/html,*/*;q=0.8' }, { vary => 'Accept',
        field => { 'Content-Type' => qr{^text/html} } } ],
    [ 'without, it is text', "GET $page?$query", {}, { vary => 'Accept',
        field => { 'Content-Type' => qr{^text/plain} } } ],
);

# [ what, query, the beginning of the error ]
for my $bad (
    [ 'a URL of another virtual host', 'url=http://host.example/a.txt',
      'url: its host is none of this virtual host' ],
    [ 'no path', 'url=directory', 'url: must be a path' ],
    [ 'no host', 'url=http:///a.txt', 'url: must be a path' ],
    [ 'a blank', 'url=/a%20b', 'url: must not hold blanks' ],
    [ 'a line end', 'url=/a%0d%0ab', 'url: must not hold blanks' ],
    [ 'a method with a blank', 'url=/&method=A%20B', 'method: must be one' ],
    [ 'a header that is no name', 'url=/&headers=X%20Y:z',
      'headers: must be names' ],
    [ 'too many headers', 'url=/&headers=' . 'x,' x 101,
      'headers: must be names' ],
) {
    my ($what, $asked, $error) = @$bad;
    my %body = map { $_ => asks("$asked&origin=$app&format=$_") }
        qw(json html text);
    my $json = decode_json($body{json}->body);
    promise(!(grep { $_->status != 400 } values %body)
            && keys %$json == 1 && index($json->{error}, $error) == 0
            && Mojo::DOM->new($body{html}->body)->at('#answer')->all_text
                =~ /\Q$error\E/
            && $body{text}->body =~ /\Q$error\E/,
        "$what: 400, and what is wrong", $body{json}->transcript,
        map { $_->body } values %body);
}

# ---------------------------------------------------------------------------
# Asking leaves no traces
# ---------------------------------------------------------------------------

sub lines_of {
    my ($file) = @_;
    open my $in, '<', $s->root . "/$file" or return;
    my @lines = <$in>;
    return @lines;
}

sub counters {
    my $said = $s->request('GET /server-status?auto', {})->body;
    return join '', grep { /^Cors/ } split /^/m, $said;
}

# It runs for each real request of its row that is not answered, and there are
# two.
my @ran = lines_of('scratch/ran');
promise(@ran == 2, 'a script runs when it is asked, not when it is explained',
    scalar @ran);
$backend->heard;
my $counted = counters();
my @logged = lines_of('error.log');
my @seen   = lines_of('access.log');
my @quiet = map { "url=$_&origin=$app" } '/cgi-bin/leaves-a-trace.cgi',
    '/proxy/plain', '/keep/own', '/denied/a.txt', '/directory/a.txt',
    '/barred/a.txt', '/none/a.txt', '/front/x', '/%25zz';
for my $method ('GET', 'PUT') {
    for my $form (qw(json html text)) {
        asks("$_&method=$method&format=$form") for @quiet;
    }
}
promise(lines_of('scratch/ran') == @ran, 'no script has run');
promise(!$backend->heard, 'no backend was asked');
my @more = lines_of('error.log');
splice @more, 0, scalar @logged;
promise(!@more, 'the error log says nothing', @more);
@more = lines_of('access.log');
splice @more, 0, scalar @seen;
promise(@more == 6 * @quiet && !(grep { !/^GET \Q$page\E/ } @more),
    'the access log has the page alone', @more);
promise($counted =~ /^CorsActualAllowed: [1-9]/m && counters() eq $counted,
    'nothing is counted', $counted, counters());

# ---------------------------------------------------------------------------
# The dump
# ---------------------------------------------------------------------------

# A value as a configuration has it.
sub quoted {
    my ($value) = @_;
    return $value if $value ne '' && $value !~ /[\s"']|\\\\/;
    return '"' . $value =~ s/"|\\(?=[\\"]|\z)/\\$&/gr . '"';
}

$s->stop;
my %dumped = map { s/^\s+//r => 1 }
    split /\n/, $s->printed('-t', '-DDUMP_CORS');
for my $row (@rows) {
    my @wrong = grep { !$dumped{$_} } map {
        my ($file) = $_->{file} =~ m{/htdocs/.*\.htaccess$};
        $file ? () : "$_->{directive} " . quoted($_->{value})
            . " ($_->{file}:$_->{line})"
    } @{ $policy_lines{ $row->{name} } || [] };
    promise(!@wrong, "$row->{name}: the dump shows the same", @wrong);
}

CorsTest::finish();
