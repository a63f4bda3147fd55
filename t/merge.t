# What holds where sections meet: every kind of section, three depths of
# .htaccess, and httpd's order among them.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use Test::More;

my $app = 'https://app.example.com';

# What the server allows, for all sections to inherit.
my $base    = 'https://www.base.example';
my $staging = 'https://staging.base.example';
my $own     = 'https://own.example';
my $conf    = "CorsAllowOrigin https://*.base.example\n";
my %files   = ('htdocs/a.txt' => "hi\n");
my @rows;

# A row for each origin: is it allowed at this place?
sub sees {
    my ($where, $path, $allowed, %opt) = @_;
    my %known = ('https://www.base.example' => 'what the server allows',
                 'https://staging.base.example' => 'what may be carved out',
                 %{ $opt{origins} || { 'https://own.example' => 'its own' } });
    my %is = map { $_ => 1 } @$allowed;
    my $vary = exists $opt{vary} ? $opt{vary} : 'Origin';
    push @rows, map {
        [ "$where: $known{$_} is " . ($is{$_} ? 'allowed' : 'denied'),
          "GET $path", { Origin => $_ },
          { vary => $vary, body => "hi\n", $is{$_} ? (acao => $_) : () },
          { host => $opt{host} || 'localhost' } ]
    } sort keys %known;
}

# ---------------------------------------------------------------------------
# What a section can do to what it inherits, in every kind of section
# ---------------------------------------------------------------------------

my %deed = (
    plain => { line => "CorsAllowOrigin $own", allows => [$own] },
    plus  => { line => "CorsAllowOrigin +$own",
               allows => [ $own, $base, $staging ] },
    minus => { line => "CorsAllowOrigin -$staging", allows => [$base] },
    none  => { line => 'CorsAllowOrigin none', allows => [], vary => undef },
    off   => { line => 'CorsEngine Off', allows => [], vary => undef },
);

# Where the line stands; %s is the deed. "file" is asked for; a section whose
# name is not its first word says how it opens and closes.
my @kinds = (
    { name => 'VirtualHost', file => '/a.txt', host => '%s.example',
      open => "<VirtualHost 127.0.0.1:\@PORT\@>\n    ServerName %s.example",
      close => '</VirtualHost>' },
    { name => 'Directory',
      open => '<Directory "@DOCROOT@/Directory/%s">' },
    { name => 'Directory, wildcard',
      file => '/wild/%s/a.txt', open => '<Directory "@DOCROOT@/w*/%s">',
      close => '</Directory>' },
    { name => 'DirectoryMatch',
      open => '<DirectoryMatch "/DirectoryMatch/%s/">' },
    { name => '.htaccess', file => '/htaccess/%s/a.txt',
      htaccess => '/htaccess/%s' },
    { name => 'Files', file => '/files-%s.txt',
      open => '<Files "files-%s.txt">' },
    { name => 'FilesMatch', file => '/filesmatch-%s.txt',
      open => '<FilesMatch "^filesmatch-%s\.txt$">' },
    { name => 'Files in Directory', file => '/in/files-in-%s.txt',
      open => qq{<Directory "\@DOCROOT\@/in">\n<Files "files-in-%s.txt">},
      close => "</Files>\n</Directory>" },
    { name => 'Files in .htaccess', file => '/htfiles/%s/a.txt',
      htaccess => '/htfiles/%s', open => '<Files a.txt>' },
    { name => 'Location', open => '<Location "/Location/%s">' },
    { name => 'LocationMatch',
      open => '<LocationMatch "^/LocationMatch/%s">' },
    { name => 'Proxy',
      open => "ProxyPass /Proxy/%s/ http://127.0.0.1:\@PORT2\@/behind/%s/\n"
          . '<Proxy "http://127.0.0.1:@PORT2@/behind/%s/">' },
    { name => 'ProxyMatch',
      open => "ProxyPass /ProxyMatch/%s/ "
          . "http://127.0.0.1:\@PORT2\@/behind/match-%s/\n"
          . '<ProxyMatch "/behind/match-%s/">' },
    { name => 'If', open => q{<If "%{REQUEST_URI} =~ m#^/If/%s/#">} },
    { name => 'ElseIf', close => "</ElseIf>\n</Location>",
      open => qq{<Location "/ElseIf/%s">\n<If "false">\n</If>\n}
          . '<ElseIf "true">' },
    { name => 'Else', close => "</Else>\n</Location>",
      open => qq{<Location "/Else/%s">\n<If "false">\n</If>\n<Else>} },
    { name => 'If in If', close => "</If>\n</If>",
      file => '/IfIf/%s/a.txt',
      open => qq{<If "%{REQUEST_URI} =~ m#^/IfIf/#">\n}
          . '<If "%{REQUEST_URI} =~ m#^/IfIf/%s/#">' },
    { name => 'If in .htaccess', file => '/htif/%s/a.txt',
      htaccess => '/htif/%s', open => '<If "true">' },
);

# The first virtual host is the default; this one adds nothing.
$conf .= "<VirtualHost 127.0.0.1:\@PORT\@>\n    ServerName localhost\n"
    . "</VirtualHost>\n";

for my $kind (@kinds) {
    for my $deed (sort keys %deed) {
        my $fill = sub {
            my ($text) = @_;
            $text =~ s/%s/$deed/g;
            return $text;
        };
        my $name = $kind->{name};
        my $path = $fill->($kind->{file} || "/$name/%s/a.txt");
        my $open = $fill->($kind->{open} || '');
        my ($word) = $open =~ /^<(\w+)/m;
        my $close = $kind->{close} || ($word ? "</$word>" : '');
        my $text = "$open\n$deed{$deed}{line}\n$close\n";

        $files{"htdocs$path"} = "hi\n";
        $files{"htdocs/behind/$_$deed/a.txt"} = "hi\n" for '', 'match-';
        if ($kind->{htaccess}) {
            $files{ 'htdocs' . $fill->($kind->{htaccess}) . '/.htaccess' } =
                $text;
        }
        else {
            $conf .= $text;
        }
        sees("$name, $deed", $path, $deed{$deed}{allows},
            exists $deed{$deed}{vary} ? (vary => $deed{$deed}{vary}) : (),
            $kind->{host} ? (host => $fill->($kind->{host})) : ());
    }
}

# ---------------------------------------------------------------------------
# Deeper and deeper
# ---------------------------------------------------------------------------

# The origins of the tree below: https://NAME.example.
my @names = qw(dir one two three loc only again);

sub in_tree {
    my ($where, $path, $allowed, %opt) = @_;
    my %known = map { ("https://$_.example" => "$_.example") } @names;
    my @full = map { /^http/ ? $_ : "https://$_.example" } @$allowed;
    $files{"htdocs$path"} = "hi\n" if !$opt{is_there};
    sees($where, $path, \@full, %opt, origins => \%known);
}

sub htaccess {
    my ($path, @lines) = @_;
    $files{"htdocs$path/.htaccess"} = join '', map { "$_\n" } @lines;
}

$conf .= <<'CONF';
<Directory "@DOCROOT@/tree">
    CorsAllowOrigin +https://dir.example
</Directory>
<Location "/tree/1/2/loc">
    CorsAllowOrigin +https://loc.example -https://one.example
</Location>
<Location "/tree/1/2/locplain">
    CorsAllowOrigin https://loc.example
</Location>
<Location "/tree/1/2/locoff">
    CorsEngine Off
</Location>
CONF
htaccess('/tree/1', 'CorsAllowOrigin +https://one.example');
htaccess('/tree/1/2', 'CorsAllowOrigin -https://dir.example',
    'CorsAllowOrigin +https://two.example -https://staging.base.example');
htaccess('/tree/1/2/3', 'CorsAllowOrigin +https://three.example'
    . ' +https://dir.example +https://staging.base.example');
htaccess('/tree/1/2/3/4', 'CorsAllowOrigin -https://*.base.example',
    'CorsAllowOrigin -https://three.example');
htaccess('/tree/1/2/3/4/5', 'CorsAllowOrigin +https://www.base.example');
htaccess('/tree/1/2/silent', 'CorsMaxAge 7');
htaccess('/tree/1/2/only', 'CorsAllowOrigin https://only.example');
htaccess('/tree/1/2/only/more', 'CorsAllowOrigin +https://again.example');
htaccess('/tree/1/2/none', 'CorsAllowOrigin none');
htaccess('/tree/1/2/none/again', 'CorsAllowOrigin +https://again.example');
htaccess('/tree/1/2/none/minus', 'CorsAllowOrigin -https://again.example');
htaccess('/tree/1/2/off', 'CorsEngine Off');
htaccess('/tree/1/2/off/still', 'CorsAllowOrigin +https://again.example');
htaccess('/tree/1/2/off/on', 'CorsEngine On');
htaccess('/tree/1/2/off/on/off', 'CorsEngine Off');
htaccess('/tree/1/2/locplain', 'CorsAllowOrigin https://only.example');
htaccess('/tree/1/2/locoff', 'CorsEngine On');

my @two = ('one', 'two', $base);
my @off = (vary => undef);
in_tree('Directory adds', '/tree/a.txt', [ 'dir', $base, $staging ]);
in_tree('first .htaccess adds', '/tree/1/a.txt',
    [ 'dir', 'one', $base, $staging ]);
in_tree('second .htaccess carves two out and adds', '/tree/1/2/a.txt', \@two);
in_tree('third .htaccess gives them back', '/tree/1/2/3/a.txt',
    [ qw(dir one two three), $base, $staging ]);
in_tree('fourth .htaccess carves a wildcard out', '/tree/1/2/3/4/a.txt',
    [ qw(dir one two) ]);
in_tree('fifth .htaccess gives one of them back', '/tree/1/2/3/4/5/a.txt',
    [ qw(dir one two), $base ]);
in_tree('.htaccess without origins inherits', '/tree/1/2/silent/a.txt',
    \@two);
in_tree('a directory without .htaccess inherits', '/tree/1/2/bare/a.txt',
    \@two);
in_tree('a plain value ends all that is inherited', '/tree/1/2/only/a.txt',
    ['only']);
in_tree('+ behind a plain value extends that', '/tree/1/2/only/more/a.txt',
    [ 'only', 'again' ]);
in_tree('none ends all that is inherited', '/tree/1/2/none/a.txt', [], @off);
in_tree('+ behind none starts anew', '/tree/1/2/none/again/a.txt', ['again']);
in_tree('- behind none is none', '/tree/1/2/none/minus/a.txt', [], @off);
in_tree('Off', '/tree/1/2/off/a.txt', [], @off);
in_tree('Off stays for a deeper list', '/tree/1/2/off/still/a.txt', [], @off);
in_tree('On again, the list inherited through Off',
    '/tree/1/2/off/on/a.txt', \@two);
in_tree('Off once more', '/tree/1/2/off/on/off/a.txt', [], @off);
in_tree('Location comes after .htaccess', '/tree/1/2/loc/a.txt',
    [ 'two', 'loc', $base ]);
in_tree("Location's plain value beats that of .htaccess",
    '/tree/1/2/locplain/a.txt', ['loc']);
in_tree("Location's Off beats the On of .htaccess",
    '/tree/1/2/locoff/a.txt', [], @off);

# ---------------------------------------------------------------------------
# httpd's order: the later merged is the inner
# ---------------------------------------------------------------------------

# Each level sets the age to its number and adds an origin, on the paths of
# its own and all higher numbers. They stand here in another order.
my @order = (
    [ 6, '<Location "/order/%d">', '</Location>' ],
    [ 3, undef ],
    [ 7, '<If "%%{REQUEST_URI} =~ m#^/order/%d/#">', '</If>' ],
    [ 4, '<DirectoryMatch "/order/%d/">', '</DirectoryMatch>' ],
    [ 2, '<Directory "@DOCROOT@/order/%d">', '</Directory>' ],
    [ 5, '<Files "order-%d.txt">', '</Files>' ],
);
my @what = (undef, 'VirtualHost', 'Directory', '.htaccess', 'DirectoryMatch',
            'Files', 'Location', 'If');
for my $level (@order) {
    my ($number, $open, $close) = @$level;
    my $lines = "    CorsMaxAge $number\n"
        . "    CorsAllowOrigin +https://l$number.example\n";
    for my $path ($number .. 7) {
        if (!$open) {
            $files{"htdocs/order/$path/.htaccess"} = $lines;
            next;
        }
        $conf .= sprintf("$open\n", $path) . "$lines$close\n";
    }
}
$conf .= <<'CONF';
<VirtualHost 127.0.0.1:@PORT@>
    ServerName order.example
    CorsMaxAge 1
    CorsAllowOrigin +https://l1.example
</VirtualHost>
CONF
my @order_rows;
my %order_host = (host => 'order.example');
for my $n (1 .. 7) {
    $files{"htdocs/order/$n/order-$n.txt"} = "hi\n";
    my $outer = $n > 1 ? "$what[$n] comes after $what[$n - 1]"
                       : "$what[1] comes after the server";
    push @order_rows,
        [ $outer, "OPTIONS /order/$n/order-$n.txt",
          preflight($base, 'GET'),
          { status => 204, acao => $base, acam => 'GET, HEAD, POST',
            acma => $n, vary => $TRIO }, \%order_host ],
        map {
            [ "$what[$n] inherits what $what[$_] adds",
              "GET /order/$n/order-$n.txt",
              { Origin => "https://l$_.example" },
              { acao => "https://l$_.example", vary => 'Origin' },
              \%order_host ]
        } 1 .. $n;
}

# ---------------------------------------------------------------------------
# Set, or unset
# ---------------------------------------------------------------------------

# An outer section sets what is not the default. An inner one that is silent
# about it inherits; one that writes the default has set it.
my %get  = (acao => $app, vary => 'Origin');
my %pre  = (status => 204, acao => $app, acam => 'GET, HEAD, POST',
            acma => 600, vary => $TRIO);
my %pass = (%pre, status => 200);
my $put  = 'GET, HEAD, POST, PUT';
my @settings = (
    # what is set, the default, method, expected when inherited, when default
    [ 'CorsEngine ReportOnly', 'CorsEngine On', 'GET', {}, { %get } ],
    [ 'CorsEngine Off', 'CorsEngine On', 'GET', {}, { %get } ],
    [ 'CorsAllowCredentials On', 'CorsAllowCredentials Off', 'GET',
      { %get, acac => 'true' }, { %get } ],
    [ 'CorsMaxAge 5', 'CorsMaxAge 600', 'OPTIONS',
      { %pre, acma => 5 }, { %pre } ],
    [ 'CorsMaxAge off', 'CorsMaxAge 10min', 'OPTIONS',
      { %pre, acma => undef }, { %pre } ],
    [ 'CorsMaxAge 0', 'CorsMaxAge 600', 'OPTIONS',
      { %pre, acma => 0 }, { %pre } ],
    [ 'CorsPreflight Pass', 'CorsPreflight Answer', 'OPTIONS',
      { %pass }, { %pre } ],
    [ 'CorsPreflightStatus 200', 'CorsPreflightStatus 204', 'OPTIONS',
      { %pass }, { %pre } ],
    [ 'CorsBackendHeaders Keep', 'CorsBackendHeaders Replace', 'GET',
      { %get, acao => 'https://backend.example' }, { %get } ],
    [ 'CorsAllowMethods +PUT', 'CorsAllowMethods GET HEAD POST', 'OPTIONS',
      { %pre, acam => $put }, { %pre } ],
    [ 'CorsAllowMethods none', 'CorsAllowMethods GET HEAD POST', 'OPTIONS',
      { %pre, acam => undef }, { %pre } ],
    [ 'CorsAllowHeaders X-A', 'CorsAllowHeaders none', 'OPTIONS',
      { %pre, acah => 'X-A' }, { %pre } ],
    [ 'CorsExposeHeaders X-A', 'CorsExposeHeaders none', 'GET',
      { %get, aceh => 'X-A' }, { %get } ],
);
my $silent  = 'CorsAllowOrigin +https://more.example';
my $backend = 'Header set Access-Control-Allow-Origin https://backend.example';
my @set_rows;
for my $i (0 .. $#settings) {
    my ($set, $default, $method, $inherited, $own) = @{ $settings[$i] };
    my %path = (
        '.htaccess in Directory' => "/set-d/$i",
        'Location in Location'   => "/set-l/$i",
        'Files in .htaccess'     => "/set-f/$i",
        'If in VirtualHost'      => "/set-v/$i",
    );
    $conf .= qq{<Directory "\@DOCROOT\@/set-d/$i">\n    $set\n</Directory>\n}
        . qq{<Location "/set-l/$i">\n    $set\n</Location>\n}
        . qq{<Location "/set-l/$i/silent">\n    $silent\n</Location>\n}
        . qq{<Location "/set-l/$i/default">\n    $default\n</Location>\n}
        . "<VirtualHost 127.0.0.1:\@PORT\@>\n    ServerName v$i.example\n"
        . "    $set\n"
        . qq{    <If "%{REQUEST_URI} =~ /silent/">\n        $silent\n}
        . qq{    </If>\n    <If "%{REQUEST_URI} =~ /default/">\n}
        . "        $default\n    </If>\n</VirtualHost>\n";
    htaccess("/set-d/$i/silent", $silent);
    htaccess("/set-d/$i/default", $default);
    htaccess("/set-f/$i", $set, "<Files silent.txt>", $silent, '</Files>',
        '<Files default.txt>', $default, '</Files>');
    for my $where (sort keys %path) {
        my $v = $where =~ /Virtual/;
        for my $how ([ 'silent', 'inherits', $inherited ],
                     [ 'default', 'replaces', $own ]) {
            my ($dir, $verb, $expected) = @$how;
            my $file = $where =~ /Files/ ? "$path{$where}/$dir.txt"
                                         : "$path{$where}/$dir/a.txt";
            $files{"htdocs$file"} = "hi\n";
            push @set_rows,
                [ "$where: '" . ($dir eq 'silent' ? '' : $default)
                  . "' $verb '$set'", "$method $file",
                  $method eq 'GET' ? { Origin => $app }
                                   : preflight($app, 'GET'),
                  $expected->{acao} || $method eq 'OPTIONS' ? $expected
                      : { field => { 'Access-Control-Allow-Origin' =>
                                         'https://backend.example' } },
                  { host => $v ? "v$i.example" : 'localhost' } ];
        }
    }
}
$conf .= <<CONF;
<LocationMatch "^/set-">
    CorsAllowOrigin +$app
    $backend
</LocationMatch>
CONF

# ---------------------------------------------------------------------------
# The lists of names
# ---------------------------------------------------------------------------

$conf .= <<CONF;
<Directory "\@DOCROOT\@/lists">
    CorsAllowOrigin $app
    CorsAllowMethods +PUT
    CorsAllowHeaders X-A X-B
    CorsExposeHeaders ETag
</Directory>
CONF
htaccess('/lists/1', 'CorsAllowMethods +DELETE -POST',
    'CorsAllowHeaders -x-a +X-C', 'CorsExposeHeaders +Link');
htaccess('/lists/1/2', 'CorsAllowMethods +POST -PUT',
    'CorsAllowHeaders +X-A', 'CorsExposeHeaders -etag');
htaccess('/lists/1/2/plain', 'CorsAllowMethods PATCH +MKCOL',
    'CorsAllowHeaders X-New', 'CorsExposeHeaders X-New');
htaccess('/lists/1/2/plain/more', 'CorsAllowMethods +PUT',
    'CorsAllowHeaders +X-More', 'CorsExposeHeaders +X-More');
htaccess('/lists/1/2/none', 'CorsAllowMethods none',
    'CorsAllowHeaders none', 'CorsExposeHeaders none');
htaccess('/lists/1/2/none/more', 'CorsAllowMethods +PUT',
    'CorsAllowHeaders +X-More', 'CorsExposeHeaders +X-More');
my @list_rows = map {
    my ($where, $path, $methods, $headers, $expose) = @$_;
    $files{"htdocs$path/a.txt"} = "hi\n";
    ([ "$where: methods and headers", "OPTIONS $path/a.txt",
       preflight($app, 'GET'),
       { status => 204, acao => $app, acam => $methods, acah => $headers,
         acma => 600, vary => $TRIO } ],
     [ "$where: exposed headers", "GET $path/a.txt", { Origin => $app },
       { acao => $app, aceh => $expose, vary => 'Origin' } ]);
} (
    [ '+ extends the default methods', '/lists', $put, 'X-A, X-B', 'ETag' ],
    [ '+ and - in .htaccess', '/lists/1', 'GET, HEAD, PUT, DELETE',
      'X-B, X-C', 'ETag, Link' ],
    [ '+ gives back, - takes what was added', '/lists/1/2',
      'GET, HEAD, DELETE, POST', 'X-B, X-C, X-A', 'Link' ],
    [ 'a plain value among signs replaces', '/lists/1/2/plain',
      'PATCH, MKCOL', 'X-New', 'X-New' ],
    [ '+ extends the replacement', '/lists/1/2/plain/more',
      'PATCH, MKCOL, PUT', 'X-New, X-More', 'X-New, X-More' ],
    [ 'none empties', '/lists/1/2/none', undef, undef, undef ],
    [ '+ behind none', '/lists/1/2/none/more', 'PUT', 'X-More', 'X-More' ],
);

# ---------------------------------------------------------------------------
# In one section
# ---------------------------------------------------------------------------

$conf .= <<'CONF';
Define ORIGINS "https://dir.example  https://one.example"
Define BLANK " "
<LocationMatch "^/line-">
    CorsAllowMethods GET
</LocationMatch>
<Location "/line-lines">
    CorsAllowOrigin https://dir.example
    CorsMaxAge 9
    CorsAllowOrigin https://one.example
</Location>
<Location "/line-mixed">
    CorsAllowOrigin +https://dir.example
    CorsAllowOrigin https://one.example
    CorsAllowOrigin -https://two.example
</Location>
<Location "/line-plus-last">
    CorsAllowOrigin https://one.example
    CorsAllowOrigin +https://dir.example
</Location>
<Location "/line-wild">
    CorsAllowOrigin https://*.base.example
    CorsAllowOrigin -https://staging.base.example
</Location>
<Location "/line-wild-minus">
    CorsAllowOrigin https://www.base.example -https://*.base.example
    CorsAllowOrigin https://one.example
</Location>
<Location "/line-quoted">
    CorsAllowOrigin " https://dir.example	https://one.example "
</Location>
<Location "/line-define">
    CorsAllowOrigin "${ORIGINS}" https://two.example
</Location>
<Location "/line-define-bare">
    CorsAllowOrigin ${ORIGINS}
</Location>
<Location "/line-empty">
    CorsAllowOrigin https://*.base.example "" "${BLANK}" https://one.example
    CorsAllowOrigin "" -https://staging.base.example
</Location>
<Location "/line-empty-first">
    CorsAllowOrigin "" +https://one.example
</Location>
<Location "/line-single-quotes">
    CorsAllowOrigin 'https://dir.example https://one.example'
</Location>
<Location "/line-continued">
    CorsAllowOrigin https://dir.example \
                    https://one.example
</Location>
<Location "/line-again">
    CorsAllowOrigin https://one.example
</Location>
<Location "/line-again">
    CorsAllowOrigin +https://two.example
</Location>
<Location "/line-again-plain">
    CorsAllowOrigin https://one.example
</Location>
<Location "/line-again-plain">
    CorsAllowOrigin https://two.example
</Location>
<Location "/line-case">
    corsalloworigin https://one.example
    CORSALLOWORIGIN https://two.example
</Location>
CONF

for my $case (
    [ lines => 'several lines add up', 'dir', 'one' ],
    [ mixed => 'one plain value makes the list replace', 'dir', 'one' ],
    [ 'plus-last' => 'wherever it stands', 'dir', 'one' ],
    [ wild => '- takes from a wildcard', $base ],
    [ 'wild-minus' => '- with a wildcard beats a plain value', 'one' ],
    [ quoted => 'blanks in a quoted argument', 'dir', 'one' ],
    [ define => 'a quoted variable', 'dir', 'one', 'two' ],
    [ 'define-bare' => 'a bare variable', 'dir', 'one' ],
    [ empty => 'empty arguments do not end the line', 'one', $base ],
    [ 'empty-first' => 'an empty argument is no plain value', 'one', $base,
      $staging ],
    [ 'single-quotes' => 'single quotes', 'dir', 'one' ],
    [ continued => 'a line continued', 'dir', 'one' ],
    [ again => 'a second section extends the first', 'one', 'two' ],
    [ 'again-plain' => 'a second section replaces the first', 'two' ],
    [ case => 'the case of a directive does not matter', 'one', 'two' ],
) {
    my ($path, $text, @allowed) = @$case;
    $files{"htdocs/line-$path/a.txt"} = "hi\n";
    in_tree($text, "/line-$path/a.txt", \@allowed);
}

# ---------------------------------------------------------------------------
# AllowOverride
# ---------------------------------------------------------------------------

my @allowed = (
    CorsEngine           => 'On',
    CorsAllowOrigin      => $app,
    CorsAllowMethods     => 'PUT',
    CorsAllowHeaders     => 'X-A',
    CorsExposeHeaders    => 'ETag',
    CorsAllowCredentials => 'On',
    CorsMaxAge           => '5',
    CorsPreflight        => 'Answer',
    CorsPreflightStatus  => '200',
    CorsBackendHeaders   => 'Replace',
);
my @directives = @allowed[ grep { !($_ % 2) } 0 .. $#allowed ];
my %value = @allowed;
for my $case (
    [ none => 'None' ], [ fileinfo => 'FileInfo' ], [ all => 'All' ],
    [ auth => 'AuthConfig' ], [ others => 'AuthConfig Limit Indexes Options' ],
    [ nonfatal => 'AuthConfig Nonfatal=Override' ],
    [ unknown => 'FileInfo Nonfatal=Unknown' ],
    [ list => "None\n    AllowOverrideList CorsAllowOrigin" ],
) {
    my ($dir, $override) = @$case;
    $conf .= qq{<Directory "\@DOCROOT\@/over/$dir">\n}
        . "    AllowOverride $override\n</Directory>\n";
    $files{"htdocs/over/$dir/a.txt"} = "hi\n";
    htaccess("/over/$dir", "CorsAllowOrigin $app");
}
for my $directive (@directives) {
    $conf .= qq{<Directory "\@DOCROOT\@/over/auth-$directive">\n}
        . "    AllowOverride AuthConfig\n</Directory>\n";
    $files{"htdocs/over/auth-$directive/a.txt"} = "hi\n";
    $files{"htdocs/over/limit-$directive/a.txt"} = "hi\n";
    htaccess("/over/auth-$directive", "$directive $value{$directive}");
    htaccess("/over/limit-$directive", '<Limit GET>',
        "$directive $value{$directive}", '</Limit>');
}
$conf .= <<'CONF';
<Directory "@DOCROOT@/over/every">
    AllowOverride FileInfo
</Directory>
CONF
$files{'htdocs/over/every/a.txt'} = "hi\n";
htaccess('/over/every', map { "$_ $value{$_}" } @directives);
$files{'htdocs/over/list/more/a.txt'} = "hi\n";
htaccess('/over/list/more', 'CorsMaxAge 5');
$files{'htdocs/over/wrong/a.txt'} = "hi\n";
htaccess('/over/wrong', 'CorsAllowOrigin app.example.com');

my %base500 = (status => 500, acao => $base, vary => 'Origin');
my %denied  = (vary => 'Origin', body => "hi\n");
my @over_rows = (
    [ 'AllowOverride None: .htaccess is not read', 'GET /over/none/a.txt',
      { Origin => $app }, { %denied } ],
    [ 'AllowOverride FileInfo: it acts', 'GET /over/fileinfo/a.txt',
      { Origin => $app }, { %get, body => "hi\n" } ],
    [ 'AllowOverride All: it acts', 'GET /over/all/a.txt',
      { Origin => $app }, { %get, body => "hi\n" } ],
    [ 'AllowOverride AuthConfig: 500', 'GET /over/auth/a.txt',
      { Origin => $app }, { status => 500, vary => 'Origin' } ],
    [ 'the 500 carries the policy of the server', 'GET /over/auth/a.txt',
      { Origin => $base }, { %base500 } ],
    [ 'all others but FileInfo: 500', 'GET /over/others/a.txt',
      { Origin => $base }, { %base500 } ],
    [ 'Nonfatal=Override: the line is skipped', 'GET /over/nonfatal/a.txt',
      { Origin => $app }, { %denied } ],
    [ 'Nonfatal=Override: the rest is in force', 'GET /over/nonfatal/a.txt',
      { Origin => $base }, { acao => $base, vary => 'Origin' } ],
    [ 'Nonfatal=Unknown: the directive is known', 'GET /over/unknown/a.txt',
      { Origin => $app }, { %get } ],
    [ 'AllowOverrideList names it: it acts', 'GET /over/list/a.txt',
      { Origin => $app }, { %get } ],
    [ 'AllowOverrideList does not name it: 500', 'GET /over/list/more/a.txt',
      { Origin => $base }, { %base500 } ],
    [ 'a mistake in .htaccess: 500', 'GET /over/wrong/a.txt',
      { Origin => $base }, { %base500 } ],
    [ 'FileInfo is enough for every directive: actual',
      'GET /over/every/a.txt', { Origin => $app },
      { %get, acac => 'true', aceh => 'ETag' } ],
    [ 'FileInfo is enough for every directive: preflight',
      'OPTIONS /over/every/a.txt', preflight($app, 'PUT'),
      { status => 200, acao => $app, acac => 'true', acam => 'PUT',
        acah => 'X-A', acma => 5, vary => $TRIO } ],
    (map {
        my $directive = $_;
        ([ "AllowOverride AuthConfig: 500 for $directive",
           "GET /over/auth-$directive/a.txt", { Origin => $base },
           { %base500 } ],
         [ "in <Limit> of .htaccess: 500 for $directive",
           "GET /over/limit-$directive/a.txt", { Origin => $base },
           { %base500 } ]);
    } @directives),
);

# ---------------------------------------------------------------------------
# The server
# ---------------------------------------------------------------------------

my $s = CorsTest->start(
    modules => [qw(headers proxy proxy_http)],
    ports   => 2,
    files   => \%files,
    conf    => $conf . <<'CONF',
Listen 127.0.0.1:@PORT2@
<VirtualHost 127.0.0.1:@PORT2@>
    ServerName localhost
    KeepAlive Off
    CorsEngine Off
</VirtualHost>
CONF
);

# The If sections of the server stand in the virtual host with credentials too.
$s->expect_log(qr/\[cors:notice\] .* replaces the origins and inherits/);
$s->promises(@rows, @order_rows, @set_rows, @list_rows, @over_rows);

$s->expect_log(map { qr{/$_/\.htaccess: \w+ not allowed here} }
    'over/auth', 'over/others', 'over/list/more',
    map { "over/auth-$_" } @directives);
$s->expect_log(map {
    qr{/over/limit-$_/\.htaccess: $_ cannot occur within <Limit>}
} @directives);
$s->expect_log(qr{AH02295: CorsAllowOrigin in \.htaccess forbidden},
    qr{/over/wrong/\.htaccess: CorsAllowOrigin: 'app\.example\.com' must});

# ---------------------------------------------------------------------------
# Virtual hosts that say the same, and more
# ---------------------------------------------------------------------------

# What one virtual host says, in the words of another or not, is never seen in
# another: [ lines, and below /in, the methods in force there and here ].
my @same = (
    [ ['CorsAllowMethods PUT PURGE'], [], 'PUT, PURGE' ],
    [ [ 'CorsAllowMethods PUT PURGE', 'CorsAllowMethods +DELETE',
        'CorsAllowMethods +LOCK' ], [], 'PUT, PURGE, DELETE, LOCK' ],
    [ ['CorsAllowMethods PUT PURGE'], [], 'PUT, PURGE' ],
    [ ['CorsAllowMethods PUT PURGE'], ['CorsAllowMethods -PURGE +LINK'],
      'PUT, PURGE', 'PUT, LINK' ],
    [ ['CorsAllowMethods PUT PURGE'], ['CorsAllowMethods PUT PURGE'],
      'PUT, PURGE', 'PUT, PURGE' ],
    [ ['CorsAllowMethods +PUT'], [], 'GET, HEAD, POST, PUT' ],
    [ ['CorsAllowMethods +PUT'], ['CorsAllowMethods +PUT'],
      'GET, HEAD, POST, PUT', 'GET, HEAD, POST, PUT' ],
    [ [ 'CorsAllowMethods +PUT', 'CorsAllowMethods -PUT' ], [],
      'GET, HEAD, POST' ],
    [ ['CorsAllowMethods +PUT'], [], 'GET, HEAD, POST, PUT' ],
    [ [ 'CorsAllowMethods none', 'CorsAllowMethods none' ], [], undef ],
    [ ['CorsAllowMethods none'], ['CorsAllowMethods +PUT'], undef, 'PUT' ],
);
# Each with the same words for headers, which have no default.
my $same = "CorsAllowOrigin $app\nCorsAllowMethods +PUT\n";
for my $n (0 .. $#same) {
    my ($lines, $in) = @{ $same[$n] };
    my @all = map {
        my @both = map { ($_, s/Methods/Headers/r) } @$_;
        join '', map { "$_\n" } @both;
    } $lines, $in;
    $same .= "<VirtualHost 127.0.0.1:\@PORT\@>\nServerName v$n.example\n"
        . "$all[0]<Location /in>\n$all[1]</Location>\n</VirtualHost>\n";
}
sub without_default {
    my ($methods) = @_;
    $methods =~ s/^GET, HEAD, POST(?:, )?// if defined $methods;
    return defined $methods && length $methods ? $methods : undef;
}
my $v = CorsTest->start(name => 'merge.t, virtual hosts',
                        files => { 'hosts.conf' => $same },
                        conf => "Include \@ROOT\@/hosts.conf\n");
my @same_rows;
for my $n (0 .. $#same) {
    my ($lines, $in, @want) = @{ $same[$n] };
    @want = (@want, $want[0])[0, 1];
    for my $at (0, 1) {
        my $path = ('/', '/in')[$at];
        push @same_rows,
            [ join(' / ', @$lines, $at ? @$in : ()) . " in host $n, $path",
              "OPTIONS $path", preflight($app, 'GET'),
              { status => 204, acao => $app, acam => $want[$at],
                acah => without_default($want[$at]), acma => 600,
                vary => $TRIO }, { host => "v$n.example" } ];
    }
}
$v->promises(@same_rows);
# Two hosts that say the same, in lines of their own.
my %line;
for my $n (0, 2) {
    $v->request('OPTIONS /', preflight($app, "M$n"), host => "v$n.example");
    ($line{$n}) = map { /CorsAllowMethods \(\S+:(\d+)\)/ }
        $v->log_lines(qr/denied-method: method 'M$n'/, 5);
}
# The first takes seven lines of the configuration, the second eleven.
promise(($line{2} // 0) - ($line{0} // 0) == 18,
    'what is said of a list names its own line', %line);
# The next configuration is another one, in the memory of this.
my $hosts = "$v->{root}/hosts.conf";
open my $in, '<', $hosts or die "$hosts: $!\n";
my ($server, @blocks) = split /^(?=<VirtualHost)/m, do { local $/; <$in> };
open my $out, '>', $hosts or die "$hosts: $!\n";
print $out "CorsMaxAge 600\n" x 9, $server, reverse @blocks;
close $out or die "$hosts: $!\n";
$v->restart;
$v->promises(@same_rows);
config_error(
    join('', map { "<VirtualHost *:80>\nServerName $_.example\n"
                   . "CorsAllow$_ PU*\n</VirtualHost>\n" }
             qw(Headers Methods)),
    qr/^CorsAllowMethods: 'PU\*' must be a method or '\*'; methods have no/m,
    'the same words in another directive are another list');

# ---------------------------------------------------------------------------
# In <Limit> and <LimitExcept> every directive is an error
# ---------------------------------------------------------------------------

for my $directive (@directives, 'CorsTolerate') {
    my $line = "$directive " . ($value{$directive} || 'insecure-origin');
    for my $limit ('Limit OPTIONS', 'LimitExcept GET') {
        my ($word) = $limit =~ /(\w+)/;
        config_error(
            qq{<Location "/">\n<$limit>\n$line\n</$word>\n</Location>\n},
            qr/$directive cannot occur within <Limit> or <LimitExcept>/,
            "$directive in <$limit> is an error");
    }
}

CorsTest::finish();
