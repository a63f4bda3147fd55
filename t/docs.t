# The documents against the module: its directives and their contexts as httpd
# lists them, every example and every message through httpd's own configuration
# check, a dump, and the trials of the lint. No server runs here, so nothing
# counts as a promise.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use File::Temp qw(tempdir);
use Test::More;

my $top = "$FindBin::Bin/..";

# Name => may it stand in .htaccess?
my %module = directives_of_module();
my %docs   = directives_of_reference();

is_deeply([ sort keys %docs ], [ sort keys %module ],
    'docs/directives.md describes the directives there are, and no others');
for my $name (sort grep { exists $docs{$_} } keys %module) {
    is($docs{$name}, $module{$name}, "$name: .htaccess or not, as documented");
}

# They are named like directives.
my %counter = map { $_ => 1 }
    slurp("$top/src/cors_statistics.c") =~ /^    \{ "(Cors\w+)", /mg;

my @named = map { glob "$top/$_" }
    qw(README.md CHANGES SECURITY.md docs/*.md conf/*);
for my $file (@named) {
    my %unknown = map { $_ => 1 }
        grep { !exists $module{$_} && !exists $counter{$_} }
        slurp($file) =~ s/^\| unknown \|.*$//mr =~ /\b(Cors[A-Z]\w+)/g;
    is_deeply([ sort keys %unknown ], [], base($file)
        . ' names no directive that does not exist');
}

# What examples name.
my @modules = qw(dbd socache_shmcb socache_redis socache_memcache
                 status authz_host);
my %files   = ('conf/public_suffix_list.dat' => "com\nexample\n",
    'conf/origins.txt' => "https://app.example.com\n", dbm('conf/origins.dbm'));

for my $file ("$top/README.md", glob "$top/docs/*.md") {
    my $number = 0;
    for my $example (slurp($file) =~ /^```apache\n(.*?)^```/msg) {
        config_ok("Define APACHE_LOG_DIR \@ROOT\@\n$example",
            base($file) . ', example ' . ++$number . ': httpd accepts it',
            modules => \@modules, files => \%files);
    }
}

# The dump is that of the example in front of it.
my ($dumped, $dump) = slurp("$top/docs/seeing.md")
    =~ /^## The merged.*?^```apache\n(.*?)^```\n.*?^```\n(server .*?)^```$/ms;
is(config_prints("Include site.conf\n", args => ['-DDUMP_CORS'],
                 files => { 'site.conf' => $dumped })
       =~ s{\@ROOT\@}{/etc/httpd}gr,
    $dump, 'seeing.md: the dump of its example');

my $reference = slurp("$top/docs/directives.md");

# A message quotes what it is about, so it is enough to write that, or to put
# it into the line of the file that the message names.
for my $message ($reference =~ /^```\n(Cors\w+: '.*)\n```$/mg) {
    my ($directive, $value) = $message =~ /^(Cors\w+): '(.*?)' /;
    my ($other) = $message =~ / must not meet (Cors\w+ \w+) /;
    my ($name, $line) = $message =~ m{'.*?' \(/etc/httpd/(\w+\.txt):(\d+)\)};
    my $said = join '\S+/httpd\.conf:\d+', map { quotemeta }
        split m{/etc/httpd/httpd\.conf:\d+}, $message, -1;
    $said =~ s{\\\\}{\\\\+}g;          # in the log httpd doubles them
    $said =~ s{\\/etc\\/httpd(?=\\/)}{\\S+};
    config_error(
        join("\n", $directive . ($name ? " file:$name" : " $value"),
             $other // '', ''),
        qr/$said/, "directives.md: what $directive says to '$value'",
        $name ? (files => { $name => "\n" x ($line - 1) . "$value\n" }) : ());
}

# The trials: each by its name, with an expression that fails it.
my @trials = $reference
    =~ /^\| trial \|.*\n\|.*\n((?:\|.*\n)+)/m ? split(/\n/, $1) : ();
my %trial;
for (@trials) {
    my ($name, $regex, $origin)
        = /^\| ([\w -]+) \| `(.*)` \| `(.*)` \|$/ or die "what is '$_'?\n";
    $trial{$name} = 1;
    ok($origin =~ /\A(?:$regex)\z/, "$name: $regex lets $origin in");
    config_error("CorsAllowOriginMatch $regex\n",
        qr/ accepts '\S+' \(\Q$name\E\), /, "$name: fails that trial");
}
my %lint = map { $_ => 1 }
    slurp("$top/src/cors_lint.c") =~ /^static const char \w+\[\] = "(.*)";/mg;
is_deeply([ sort keys %trial ], [ sort keys %lint ],
    'directives.md lists the trials there are, and no others');

my %counted = map { $_ => 1 } $reference =~ /^\| `(Cors\w+)` \| /mg;
is_deeply([ sort keys %counted ], [ sort keys %counter ],
    'directives.md lists the counters there are, and no others');

# Comments begin with "# ", examples with "#" and the directive.
my $conf = slurp("$top/conf/cors.conf");
$conf =~ s/^#(?=\S|    )//mg;
config_ok($conf, 'cors.conf: httpd accepts all of it, uncommented',
    modules => \@modules, files => \%files);

done_testing();

sub directives_of_module {
    my $apxs = $ENV{APXS} || 'apxs';
    my %apxs = map { $_ => scalar `$apxs -q $_` }
        qw(SBINDIR PROGNAME LIBEXECDIR);
    chomp %apxs;
    my $httpd = $ENV{CORS_HTTPD} || "$apxs{SBINDIR}/$apxs{PROGNAME}";

    # httpd lists nothing without an MPM.
    my $mpm  = "$apxs{LIBEXECDIR}/mod_mpm_event.so";
    my @conf = ('ErrorLog /dev/null', 'ServerName localhost',
        -e $mpm ? "LoadModule mpm_event_module $mpm" : (),
        "LoadModule cors_module $top/build/mod_cors.so");
    my $list = join ' ', map { "-C '$_'" } @conf;
    my %found;
    my $name;
    for (`$httpd -f /dev/null $list -L`) {
        if (/^\S/) {
            ($name) = /^<?(\w+)>? \(mod_cors\.c\)/;
            $found{$name} = 0 if $name;
        }
        $found{$name} = 1 if $name && /^\s+Allowed in .*\.htaccess/;
    }
    return %found;
}

sub directives_of_reference {
    my %found;
    for my $part (split /^(?=## )/m, slurp("$top/docs/directives.md")) {
        my ($name, $context) = $part
            =~ /^## (?:\\<)?(Cors\w+)>?\n.*?^\| Context: \| (.*?) \|/ms
            or next;
        $found{$name} = $context =~ /\.htaccess/ ? 1 : 0;
    }
    return %found;
}

# The files, one or two, of a DBM file.
sub dbm {
    my ($path) = @_;
    my $dir = tempdir(CLEANUP => 1);
    open my $to, '|-', "httxt2dbm -i - -o '$dir/dbm'" or die "httxt2dbm: $!\n";
    print {$to} "https://app.example.com 1\n";
    close $to or die "httxt2dbm has failed\n";
    return map { ($path . s{^\Q$dir\E/dbm}{}r => slurp($_)) } glob "$dir/*";
}

sub base { $_[0] =~ s{^\Q$top\E/}{}r }

sub slurp {
    my ($file) = @_;
    open my $in, '<', $file or die "$file: $!\n";
    local $/;
    return <$in>;
}
