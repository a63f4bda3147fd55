package Bench::Source;

# Contenders whose origins are not in httpd.conf: in a file of lines, in a dbm
# file, or in a database (SQLite). The policy is that of Bench::Policy.
#
#     use Bench::Source qw(from_file from_dbm from_dbd map_to_dbm map_to_dbd);
#
#     my $one  = from_file(1);                # origins(1), by `file:`
#     my $dbd  = from_dbd(100_000);           # answers are kept in shmcb
#     my $far  = from_dbd(100_000, 'redis:127.0.0.1:6379');
#     my $maps = map_to_dbm(100_000);         # what people write without us
#
# The files are made once, and go when the program ends.

use strict;
use warnings;

use Exporter   qw(import);
use File::Temp ();

use Bench::Policy qw(origins policy map_recipe);
use Bench::Server qw(with_cors with_recipe @RECIPE_MODULES);

our @EXPORT_OK = qw(from_file from_own_file from_dbm from_dbd map_to_dbm
                    map_to_dbd write_lines);

# So that nothing is asked for anew while it is measured.
my $LONG = 86_400;

# Rows that SQLite takes in one statement.
my $AT_ONCE = 500;

# What is asked of a database, in the words of mod_dbd.
my $STATEMENT = 'SELECT 1 FROM origins WHERE origin = %s';

my ($directory, %made);

# ---------------------------------------------------------------------------
# Contenders
# ---------------------------------------------------------------------------

sub from_file {
    my ($count, @more) = @_;
    my $path = _made("$count.txt", sub { write_lines($_[0], origins($count)) });
    return _in_file($path, @more);
}

# One that may be changed, as nobody else has it; and its path.
sub from_own_file {
    my ($origins, @more) = @_;
    my $path = _made('own' . keys(%made) . '.txt',
                     sub { write_lines($_[0], @$origins) });
    return (_in_file($path, @more), $path);
}

sub _in_file {
    my ($path, @more) = @_;
    return with_cors(policy() . "CorsAllowOriginSource file:$path\n", @more);
}

sub from_dbm {
    my ($count, @more) = @_;
    return _asked('dbm=sdbm:' . _dbm($count), '', @more);
}

sub from_dbd {
    my ($count, $cache, @more) = @_;
    my $prepare = qq(DBDPrepareSQL "$STATEMENT" cors\n);
    return _asked('dbd:cors', _database($count) . $prepare, $cache, @more);
}

sub map_to_dbm {
    my ($count, @more) = @_;
    return with_recipe(map_recipe('dbm=sdbm:' . _dbm($count)), @more);
}

# dbd asks the database for each request, fastdbd keeps what it said.
sub map_to_dbd {
    my ($kind, $count, @more) = @_;
    return with_recipe(_database($count) . map_recipe("$kind:$STATEMENT"),
                       modules => [ @RECIPE_MODULES, 'dbd' ], @more);
}

# A provider that is asked, and a cache for what it says.
sub _asked {
    my ($source, $conf, $cache, @more) = @_;
    $cache //= 'shmcb';
    my ($socache) = $cache =~ /^(\w+)/;
    return with_cors(
        $conf . policy() . "CorsAllowOriginSource $source\n"
            . "CorsSourceCache $cache $LONG\n",
        modules => [ 'dbd', "socache_$socache" ], @more);
}

# ---------------------------------------------------------------------------
# Files
# ---------------------------------------------------------------------------

# An origin a line. Takes the place of what is there at once, as an
# administrator should do it.
sub write_lines {
    my ($path, @lines) = @_;
    open my $out, '>', "$path.new" or die "$path.new: $!\n";
    print $out map { "$_\n" } @lines;
    close $out or die "$path.new: $!\n";
    rename "$path.new", $path or die "$path: $!\n";
}

sub _dbm {
    my ($count) = @_;
    return _made("$count.dbm", sub {
        my ($path) = @_;
        write_lines("$path.txt", map { "$_ 1" } origins($count));
        _pipe([ 'httxt2dbm', '-f', 'sdbm', '-i', "$path.txt", '-o', $path ]);
    });
}

# Lines of mod_dbd for a database of so many origins.
sub _database {
    my ($count) = @_;
    my $path = _made("$count.db", sub {
        my @rows = map { "('$_')" } origins($count);
        my $sql = "CREATE TABLE origins (origin TEXT PRIMARY KEY);\nBEGIN;\n";
        while (my @some = splice @rows, 0, $AT_ONCE) {
            $sql .= 'INSERT INTO origins VALUES ' . join(',', @some) . ";\n";
        }
        _pipe([ 'sqlite3', $_[0] ], "${sql}COMMIT;\n");
    });
    return "DBDriver sqlite3\nDBDParams $path\n";
}

# The path of this name, made when it is first asked for. The server's user
# has to reach it.
sub _made {
    my ($name, $make) = @_;
    if (!$directory) {
        $directory = File::Temp->newdir('mod_cors.XXXXXX', TMPDIR => 1);
        chmod 0755, "$directory";
    }
    my $path = "$directory/$name";
    $make->($path) if !$made{$name}++;
    return $path;
}

# Runs a program with this to read.
sub _pipe {
    my ($command, $text) = @_;
    local $ENV{PATH} = "$ENV{PATH}:/usr/sbin";
    open my $program, '|-', @$command or die "$command->[0]: $!\n";
    print $program $text // '';
    close $program or die "$command->[0]: failed\n";
}

1;
