package CorsTest::Told;

# A provider of origins (include/mod_cors.h) that does as the test tells it,
# and says what it was asked. The module, t/provider/mod_cors_told.c, is built
# when it is first needed.
#
#     use CorsTest::Told;
#
#     my $told = CorsTest::Told->new;
#     my $s = CorsTest->start(conf => CorsTest::Told::load() . <<"CONF");
#     CorsAllowOriginSource @{[ $told->source ]}
#     CONF
#
#     $told->allow('https://app.example.com');
#     $told->promises($s,
#         [ 'it is asked', 'GET /a.txt',
#           { Origin => 'https://app.example.com' },
#           { acao => 'https://app.example.com', vary => 'Origin' } ],
#         [ 'and not again', ..., {}, 0 ]);
#     $told->fail('out of order');
#
# Rows are those of CorsTest::Heard.

use strict;
use warnings;

use Cwd            qw(abs_path);
use Exporter       qw(import);
use File::Basename qw(dirname);
use File::Temp     ();

use CorsTest::Heard;

our @EXPORT_OK = qw(build);

my $TOP = abs_path(dirname(__FILE__) . '/../../..');

# Builds a module, warnings are errors, and returns the line that loads it. In
# a directory of its own, as libtool leaves things beside the source.
sub build {
    my ($file) = @_;
    our %built;
    my ($name) = $file =~ m{mod_(\w+)\.c$};
    my $dir  = $built{$name} ||= File::Temp->newdir('mod_cors.XXXXXX',
                                                    TMPDIR => 1);
    my $apxs = $ENV{APXS} || 'apxs';
    my $said = `cp '$TOP/$file' '$dir' && cd '$dir' \\
        && $apxs -c -I'$TOP/include' -Wc,-Wall -Wc,-Wextra -Wc,-Werror \\
           mod_$name.c 2>&1`;
    die "$apxs: $said\n" if $?;
    chmod 0755, "$dir";
    return qq(LoadModule ${name}_module "$dir/.libs/mod_$name.so"\n);
}

sub load { our $line ||= build('t/provider/mod_cors_told.c') }

# It allows nobody yet. The directory is the server's to write.
sub new {
    my ($class) = @_;
    my $dir = File::Temp->newdir('mod_cors.told.XXXXXX', TMPDIR => 1,
                                 CLEANUP => !$ENV{CORS_KEEP});
    chmod 0777, "$dir";
    return bless { dir => $dir,
                   heard => CorsTest::Heard->new("$dir/heard") }, $class;
}

# What CorsAllowOriginSource takes; with a name for caches, if there is one.
sub source {
    my ($self, $name) = @_;
    return 'told' . (defined $name ? "=$name" : '') . ":$self->{dir}";
}

# Allows these and no others.
sub allow {
    my ($self, @origins) = @_;
    $self->_write('allowed', join '', map { "$_\n" } @origins);
}

# Has no answers from now on, for that reason; without one it has them again.
sub fail {
    my ($self, $reason) = @_;
    return $self->_remove('down') if !defined $reason;
    $self->_write('down', $reason);
}

# Keeps who asks waiting, until it is told not to.
sub hang {
    my ($self, $hangs) = @_;
    $hangs ? $self->_write('wait', '') : $self->_remove('wait');
}

# The origins that it was asked about since the last call.
sub heard { return $_[0]{heard}->lines }

sub promises { return shift->{heard}->promises(@_) }

# In one step, as it may be asked meanwhile.
sub _write {
    my ($self, $name, $text) = @_;
    open my $out, '>:raw', "$self->{dir}/new" or die "$self->{dir}: $!\n";
    print $out $text;
    close $out or die "$self->{dir}: $!\n";
    rename "$self->{dir}/new", "$self->{dir}/$name"
        or die "$self->{dir}/$name: $!\n";
}

sub _remove {
    my ($self, $name) = @_;
    unlink "$self->{dir}/$name";
}

# Nobody must be left waiting, unless Perl has cleared up the directory.
sub DESTROY { local ($?, $!); $_[0]->hang(0) if defined $_[0]{dir} }

1;
