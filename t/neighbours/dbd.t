# Origins in a database, by mod_dbd: SQLite and PostgreSQL. The database is
# asked about well-formed origins, once for as long as the answer is kept, and
# each virtual host believes its own database.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use CorsTest;
use CorsTest::Postgres;
use File::Temp ();
use Test::More;

my $app     = 'https://app.example.com';
my $evil    = 'https://evil.example';
my $plain   = 'http://plain.example';
my $gone    = 'https://gone.example';
my $listed  = 'https://listed.example';
my $partner = 'https://partner.example';
my $theirs  = 'https://theirs.example';
my $viewed  = 'https://viewed.example';
my $later   = 'https://later.example';

my $select = 'SELECT 1 FROM origins WHERE origin = %s';

# A session that runs this means something else by the same statement.
my $view = "CREATE TEMP VIEW origins AS SELECT '$theirs' AS origin"
    . " UNION SELECT '$viewed'";

# mod_dbd gives hosts with the same database the same connections, if it finds
# that their statements are the same; of the first of three hosts as below it
# may do so by mistake, which the order of its hash tables decides. Host n
# allows mate(n).
my @mates = 1 .. 6;
sub mate  { return "https://mate$_[0].example" }
sub other { return $_[0] % 2 ? $_[0] + 1 : $_[0] - 1 }

# Two databases each: what others must not see is in the second.
sub content {
    my (@origins) = @_;
    return join '', "CREATE TABLE origins (origin text PRIMARY KEY);\n",
        "CREATE TABLE partners (origin text PRIMARY KEY);\n",
        "INSERT INTO partners VALUES ('$partner');\n",
        "CREATE TABLE mates (n integer, origin text);\n",
        (map { "INSERT INTO mates VALUES ($_, '@{[ mate($_) ]}');\n" }
            @mates),
        map { "INSERT INTO origins VALUES ('$_');\n" } @origins;
}
my @ours = ($app, $plain, $gone, "$app:8443", 'https://xn--bcher-kva.example',
            'https://[2001:db8::1]', 'app-scheme://host', $later);

my $db = CorsTest::Postgres->start;
$db->sql(content(@ours));
$db->sql('CREATE DATABASE theirs');
$db->sql(content($theirs), 'theirs');

my $dir = File::Temp->newdir;
chmod 0755, "$dir";
# Paths that differ in what looks like a password.
sub file { return "$dir/a pass-$_[0]" }
sub sqlite {
    my ($name, $sql) = @_;
    open my $to, '|-', 'sqlite3', '-bail', file($name)
        or die "sqlite3: $!\n";
    print $to $sql;
    close $to or die "sqlite3: it failed at $sql\n";
}
sqlite('ours', content(@ours));
sqlite('theirs', content($theirs));

my %params = (
    pgsql   => { ours => $db->params, theirs => $db->params('theirs') },
    sqlite3 => { ours => file('ours'), theirs => file('theirs') },
);

# Sections of the main server come first, and would have no say under /main.
my $policy = <<"CONF";
<LocationMatch "^/(?!main/)">
    CorsAllowOriginSource dbd:cors
    CorsAllowOrigin $listed -$gone
    CorsAllowCredentials On
    CorsAllowMethods GET PUT
    CorsAllowHeaders X-A
</LocationMatch>
CONF

sub mate_host {
    my ($name, $n, $mark, $x) = @_;
    return <<"CONF";
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName $name.test
    DBDPrepareSQL "SELECT 1 FROM mates WHERE n = $n AND origin = %s" cors
    DBDPrepareSQL "SELECT $x FROM partners WHERE origin = %s" $mark
$policy
</VirtualHost>
CONF
}
my $mates = join '', map {
    mate_host("mate$_", $_, "mark$_", 1)
        . mate_host("between$_", $_, "mark$_", 2)
        . mate_host('mate' . ($_ + 1), $_ + 1, "mark$_", 1)
} grep { $_ % 2 } @mates;

# A server whose main database is of that kind.
sub server {
    my ($driver) = @_;
    my $params = $params{$driver};
    return CorsTest->start(
        name    => $driver,
        modules => [qw(dbd socache_shmcb asis)],
        files   => {
            'htdocs/a.txt'    => "hi\n",
            'htdocs/own.asis' => "Status: 200\nContent-Type: text/plain\n"
                . "Access-Control-Allow-Origin: *\n"
                . "Access-Control-Allow-Origin: $evil\n"
                . "Access-Control-Allow-Credentials: false\n"
                . "Vary: Origin\nVary: Accept, origin\n\nhi\n",
        },
        conf => <<"CONF");
AddHandler send-as-is asis
LogFormat "%{X-Row}i %{CORS_RESULT}e" cors
CustomLog "\@ROOT\@/access.log" cors
DBDriver $driver
DBDParams "$params->{ours}"
DBDMin 0
DBDPrepareSQL "$select" cors
DBDPrepareSQL "SELECT origin FROM partners WHERE origin = %s" partners
DBDPrepareSQL "SELECT 2 FROM partners WHERE origin = %s" Capitals
<Location "/main">
    CorsAllowOriginSource dbd:cors
</Location>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName first.test
$policy
    <Location "/cookieless">
        CorsAllowCredentials Off
    </Location>
    <Location "/partners">
        CorsAllowOriginSource dbd:partners
    </Location>
    <Location "/capitals">
        CorsAllowOriginSource dbd:Capitals
    </Location>
    <Location "/both">
        CorsAllowOriginSource dbd:partners dbd:cors
    </Location>
    <Location "/plain">
        CorsAllowOrigin $listed
        CorsAllowCredentials Off
    </Location>
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName second.test
$policy
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName theirs.test
    DBDriver $driver
    DBDParams "$params->{theirs}"
    DBDPrepareSQL "$select" cors
$policy
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName label.test
    DBDPrepareSQL "SELECT 1 FROM partners WHERE origin = %s" cors
$policy
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName view.test
    DBDMax 5
    DBDInitSQL "$view"
$policy
</VirtualHost>
$mates
CONF
}

my @granted  = (acac => 'true', vary => 'Origin');
my @stranger = (vary => 'Origin');
my %answered = (status => 204, body => '', acac => 'true', acam => 'GET, PUT',
                acah => 'x-a', acma => 600, vary => $TRIO);
my %refused  = (status => 403, body => '', vary => $TRIO);

# Rows for an origin that is, or is not, allowed; each way that a browser asks.
sub allowed {
    my ($text, $origin, @opt) = @_;
    return [ "$text: allowed", 'GET /a.txt', { Origin => $origin },
             { acao => $origin, @granted }, @opt ],
           [ "$text: allowed in a preflight", 'OPTIONS /a.txt',
             preflight($origin, 'PUT', 'x-a'),
             { %answered, acao => $origin }, @opt ];
}
sub denied {
    my ($text, $origin, @opt) = @_;
    return [ "$text: refused", 'GET /a.txt', { Origin => $origin },
             { @stranger }, @opt ],
           [ "$text: refused in a preflight", 'OPTIONS /a.txt',
             preflight($origin, 'PUT', 'x-a'), { %refused }, @opt ];
}

# Almost an origin of the database; each one is another origin.
my %variant = (
    'another scheme'      => 'http://app.example.com',
    'a web socket'        => 'wss://app.example.com',
    'another port'        => "$app:8444",
    'a port of 5 digits'  => "$app:65535",
    'a subdomain'         => 'https://www.app.example.com',
    'the domain above'    => 'https://example.com',
    'a longer host'       => 'https://app.example.community',
    'a host in front'     => 'https://app.example.com.evil.example',
    'a host behind'       => 'https://evilapp.example.com',
    'a shorter host'      => 'https://app.example.co',
    'a dot at the end'    => "$app.",
    'a pattern of LIKE'   => 'https://_pp.example.com',
    'an address beside'   => 'https://[2001:db8::2]',
);

# What is no origin is not worth a question, whatever it would do to a
# database.
my %nonsense = (
    'SQL: always true'     => "$app' OR '1'='1",
    'SQL: a comment'       => "$app'--",
    'SQL: a second one'    => "https://x';DROP TABLE origins;--",
    'SQL: a union'         => "x' UNION SELECT 1--",
    'SQL: a quote'         => q{https://'},
    'SQL: a backslash'     => "$app\\' OR 1=1--",
    'SQL: a dollar quote'  => 'https://$$ OR 1=1 $$',
    'SQL: a parameter'     => '$1',
    'SQL: a percent sign'  => '%',
    'SQL: LIKE'            => 'https://%.example.com',
    'a format'             => '%s%s%s%n',
    'a path'               => "$app/",
    'capitals'             => 'https://APP.example.com',
    'the default port'     => "$app:443",
    'two origins'          => "$app $evil",
    'two in a list'        => "$app, $evil",
    'bytes'                => "https://\xff\xfe.example",
    'UTF-8'                => "https://b\xc3\xbccher.example",
    'the word none'        => 'none',
    'null'                 => 'null',
    '8000 letters'         => 'https://' . 'a' x 8000,
    '8000 bytes of labels' => 'https://' . ('a' x 60 . '.') x 131 . 'com',
    '8000 quotes'          => q{'} x 8000,
);

for my $driver (qw(pgsql sqlite3)) {
    my $s = server($driver);
    my $knows = $driver eq 'pgsql';
    my $row   = 0;

    # [ promise, what is asked of the database meanwhile, rows ]: who cannot
    # tell what it was asked says nothing.
    my $asked = sub {
        my ($text, $expected, @rows) = @_;
        $db->asked;
        $s->promises(map { my @row = @$_; $row[0] = "$driver: $row[0]"; \@row }
            @rows);
        return if !$knows;
        my @is = $db->asked;
        promise("@is" eq "@$expected", "$driver: $text",
            'asked: ' . (join(', ', @is) || 'nothing'));
    };
    my $result = sub {
        my ($text, $expected, $line, $fields, %opt) = @_;
        $row++;
        $s->request($line, [ 'X-Row' => $row,
            ref $fields eq 'HASH' ? %$fields : @$fields ], %opt);
        my ($is) = $s->read_file('access.log', qr/^\Q$row\E .*\n/m)
            =~ /^\Q$row\E (\S+)/m;
        promise($is eq $expected, "$driver: $text", "CORS_RESULT: $is");
    };

    # -----------------------------------------------------------------------
    # What is in the table
    # -----------------------------------------------------------------------
    my $first = { host => 'first.test' };
    $asked->('one question for all of that', [$app],
        allowed('an origin of the table', $app, $first),
        [ 'what the application says itself is replaced', 'GET /own.asis',
          { Origin => $app },
          { acao => $app, acac => 'true', vary => 'Accept, Origin' }, $first ],
        [ 'an error', 'GET /missing', { Origin => $app },
          { acao => $app, @granted, status => 404 }, $first ],
        [ 'without an origin', 'GET /a.txt', {}, { @stranger }, $first ]);
    $asked->('one question for a stranger', [$evil],
        denied('an origin that is not there', $evil, $first),
        [ 'what the application says to it is taken away', 'GET /own.asis',
          { Origin => $evil }, { vary => 'Accept, Origin' }, $first ]);
    $asked->('one question for each', [ @ours[3 .. 6] ],
        map { allowed($_, $_, $first) } @ours[3 .. 6]);
    $result->('CORS_RESULT is that of any policy', 'allowed', 'GET /a.txt',
        { Origin => $app }, %$first);
    $result->('and so for a stranger', 'denied-origin', 'GET /a.txt',
        { Origin => $evil }, %$first);

    # -----------------------------------------------------------------------
    # Beside lists
    # -----------------------------------------------------------------------
    $s->promises(map { [ "$driver: $_->[0]", @$_[ 1 .. $#$_ ] ] }
        allowed('a list still counts', $listed, $first),
        denied('-item counts for what the table has', $gone, $first),
        denied('http:// may not have credentials', $plain, $first),
        [ 'http:// without credentials: allowed', 'GET /cookieless/a.txt',
          { Origin => $plain }, { status => 404, acao => $plain, @stranger },
          $first ],
        [ 'the source of an inner section ends the outer one',
          'GET /partners/a.txt', { Origin => $app },
          { status => 404, @stranger }, $first ],
        [ 'a label with capitals', 'GET /capitals/a.txt',
          { Origin => $partner },
          { status => 404, acao => $partner, @granted }, $first ],
        [ 'and is in force', 'GET /partners/a.txt', { Origin => $partner },
          { status => 404, acao => $partner, @granted }, $first ],
        [ 'two sources: the first', 'GET /both/a.txt', { Origin => $partner },
          { status => 404, acao => $partner, @granted }, $first ],
        [ 'two sources: the second', 'GET /both/a.txt', { Origin => $app },
          { status => 404, acao => $app, @granted }, $first ],
        [ 'two sources: neither', 'GET /both/a.txt', { Origin => $evil },
          { status => 404, @stranger }, $first ]);
    $asked->('a plain list of an inner section ends the source: no question',
        [], [ 'an inner list ends the source', 'GET /plain/a.txt',
          { Origin => 'https://new.example' },
          { status => 404, @stranger }, $first ]);

    # -----------------------------------------------------------------------
    # Other origins, and what is none
    # -----------------------------------------------------------------------
    my @variants = sort keys %variant;
    $asked->('each variant is a question of its own',
        [ map { $variant{$_} } @variants ],
        map { denied($_, $variant{$_}, $first) } @variants);
    $asked->('what is no origin is no question', [],
        map { denied($_, $nonsense{$_}, $first) } sort keys %nonsense);
    $s->promises([ "$driver: the table has survived", 'GET /a.txt',
        { Origin => $ours[4] }, { acao => $ours[4], @granted }, $first ]);

    # -----------------------------------------------------------------------
    # Which database
    # -----------------------------------------------------------------------
    my %at = map { $_ => { host => "$_.test" } }
        qw(second theirs label view), map { "mate$_" } @mates;
    my $new = 'https://new.example';
    $asked->('hosts with the same database share its answers', [$new],
        denied('first asks', $new, $first),
        denied('second knows', $new, $at{second}),
        allowed('second', $app, $at{second}),
        [ 'a section of the main server', 'GET /main/a.txt',
          { Origin => $app }, { status => 404, acao => $app, @stranger },
          $first ]);
    # The main server's sections are in force in its hosts, and mean its own
    # database there.
    $asked->('hosts with databases of their own do not', [$app, $theirs],
        denied('theirs, what ours allows', $app, $at{theirs}),
        allowed('theirs, its own', $theirs, $at{theirs}),
        [ 'a section of the main server means its database, also in a host '
          . 'with another', 'GET /main/a.txt', { Origin => $app },
          { status => 404, acao => $app, @stranger }, $at{theirs} ]);
    $asked->('nor the other way round', [$theirs],
        denied('first, what theirs allows', $theirs, $first),
        allowed('theirs, again', $theirs, $at{theirs}),
        [ 'a section of the main server does not know it', 'GET /main/a.txt',
          { Origin => $theirs }, { status => 404, @stranger },
          $at{theirs} ]);
    $asked->('the same label for another statement is another source',
        [$app, $partner],
        denied('label, what ours allows', $app, $at{label}),
        allowed('label, its own', $partner, $at{label}));
    $asked->('so is the same one in a session with other DBDInitSQL',
        [$app, $theirs],
        denied('view, what ours allows', $app, $at{view}),
        allowed('view, its own', $theirs, $at{view}),
        denied('first, what view allows', $theirs, $first));
    $asked->('and in hosts of the same database, the one of each host',
        [ map { (mate($_), mate(other($_))) } @mates ],
        map { (allowed("mate$_, its own", mate($_), $at{"mate$_"}),
               denied("mate$_, the other's", mate(other($_)),
                      $at{"mate$_"})) } @mates);

    # -----------------------------------------------------------------------
    # What befalls a statement that is prepared
    # -----------------------------------------------------------------------
    if ($knows) {
        $db->stop;
        $db->start;
        $asked->('after a restart the session is made as before',
            [$viewed, $later],
            allowed('a restart, and view, its own', $viewed, $at{view}),
            denied('a restart, and view, what ours allows', $later,
                   $at{view}));
    }
    else {
        for my $change ('CREATE INDEX more ON origins (origin)',
                        'ALTER TABLE origins ADD COLUMN more text') {
            my ($what) = $change =~ /^(\w+ \w+)/;
            my $new = 'https://' . lc $what =~ s/ /./r;
            sqlite('ours', "$change;\n"
                . "INSERT INTO origins (origin) VALUES ('$new');\n");
            $s->promises(allowed("$driver: $what", $new, $first));
        }
    }

    $s->stop;
}

is_deeply([ $db->sql('SELECT count(*) FROM origins') ], [ scalar @ours ],
    'pgsql: nobody has changed the table');

# ---------------------------------------------------------------------------
# Configurations that cannot be meant
# ---------------------------------------------------------------------------

my @dbd    = (modules => [qw(dbd socache_shmcb)]);
my $sqlite = qq{DBDriver sqlite3\nDBDParams "@{[ file('ours') ]}"\n};
my $line   = "CorsAllowOriginSource dbd:cors\n";

config_ok("${sqlite}DBDPrepareSQL \"$select\" cors\n$line",
    'a label of the main server', @dbd);
config_ok("DBDPrepareSQL \"$select\" cors\n<VirtualHost *:1>\n${sqlite}$line"
    . "</VirtualHost>\n", 'a label of the main server, another database',
    @dbd);
config_error($line, qr/CorsAllowOriginSource: 'dbd:cors' /,
    'no mod_dbd', modules => [qw(socache_shmcb)]);
config_error("${sqlite}DBDPrepareSQL \"$select\" other\n$line",
    qr/CorsAllowOriginSource: 'dbd:cors' .*label/, 'an unknown label', @dbd);
config_error("$sqlite<VirtualHost *:1>\nDBDPrepareSQL \"$select\" cors\n"
    . "</VirtualHost>\n$line", qr/CorsAllowOriginSource: 'dbd:cors' .*label/,
    'the label of another virtual host', @dbd);
config_error("${sqlite}DBDPrepareSQL \"$select\" cors\n"
    . "CorsAllowOriginSource dbd:CORS\n",
    qr/CorsAllowOriginSource: 'dbd:CORS' .*label/,
    'a label in other letters', @dbd);
for my $bad ('SELECT 1 FROM origins', "$select OR origin = %s",
             'SELECT 1 FROM origins WHERE id = %d') {
    config_error("${sqlite}DBDPrepareSQL \"$bad\" cors\n$line",
        qr/CorsAllowOriginSource: 'dbd:cors' .*parameter/,
        "a statement with other parameters: $bad", @dbd);
}
config_error("${sqlite}DBDPrepareSQL \"$select\" cors\n$line",
    qr/CorsSourceCache|mod_socache_shmcb/, 'no cache', modules => [qw(dbd)]);

CorsTest::finish();
