# docs/seeing.md: its configuration serves, some requests are made, and each of
# its commands prints what the document says that it prints. Only what differs
# from one run to the next is made the same: times, addresses, process numbers,
# the ids of requests and where the server's files are.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use CorsTest;
use CorsTest::Process qw(wait_until);
use JSON::PP ();
use Test::More;

my $app  = 'https://app.example.com';
my $http = 'http://app.example.com';
my $evil = 'https://evil.example';

# The sections that this file is about, as blocks: kind and text.
my @SECTIONS = ('In the error log', 'In the access log', 'Tailing refusals');
my $document = slurp("$FindBin::Bin/../docs/seeing.md");
my @blocks;
for my $title (@SECTIONS) {
    my ($section) = $document =~ /^## \Q$title\E\n(.*?)(?=^## |\z)/ms
        or die "seeing.md: no section '$title'\n";
    push @blocks, [ $1, $2 ] while $section =~ /^```(\w+)\n(.*?)^```$/msg;
}

# The first is the policy that all are about.
my $policy = (shift @blocks)->[1];

# The host with a log of its own is one more; the others are in none of those.
my $conf = join '', map { $_->[1] } grep { $_->[0] eq 'apache' } @blocks;
$conf =~ s/\*:80/127.0.0.1:\@PORT\@/ or die "seeing.md: no virtual host\n";
$conf =~ s{(?=</VirtualHost>)}{    CustomLog "\@ROOT\@/own.log" cors\n}
    or die "seeing.md: no end of one\n";
my $mpm = $ENV{CORS_MPM} || 'event';
my $s   = CorsTest->start(
    modules => ['rewrite'],
    files   => {
        'sites-enabled/api.conf'     => $policy,
        'htdocs/api/a.txt'           => "hi\n",
        'htdocs/new.txt'             => "hi\n",
        'htdocs/api/moved/.htaccess' =>
            "RewriteEngine On\nRewriteRule ^ /new.txt\n",
        'htdocs/old/.htaccess' =>
            "RewriteEngine On\nRewriteRule ^ /api/a.txt\n",
    },
    conf => <<"CONF");
Define APACHE_LOG_DIR "\@ROOT\@"
Include sites-enabled/api.conf
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName localhost
</VirtualHost>
$conf
# CorsTest waits for what this module says.
LogLevel mpm_$mpm:notice
CONF

my $url = 'GET /api/a.txt';
$s->request($url, [ Origin => $_ ])
    for ($evil) x 3, $app, $http, "$app/", "$app\x9b31m\"\\x41";
$s->request('OPTIONS /api/a.txt', preflight($app, $_)) for 'PUT', 'patch';
$s->request('GET /api/moved/a.txt', [ Origin => $http ]);
$s->request('GET /old/a.txt', [ Origin => $http ]);
$s->request('GET /new.txt', [ Origin => $evil ]);
$s->request($url, []);
$s->request($url, [ Origin => $evil ], host => 'api.example.com');
$s->request($url, [ Origin => 'https://mine.example' ]);
$s->request('OPTIONS /api/a.txt', preflight($app, 'GET', 'x-api-token'));
$s->read_file('refused.log', qr/denied-header$/m);
$s->read_file('cors.json', qr/denied-header/);

# Two hours may have seen these requests.
my $json = $s->read_file('cors.json');
$json =~ s/("time": ")[^:"]+/${1}2026-03-02T10/g;
$s->write_file('cors.json', $json);

# Everything that the error log was said to have.
my @error_log = $s->log_lines(qr/\[cors:/);
for my $line (map { split /\n/ } messages()) {
    promise((grep { placed($_) =~ /\] \Q$line\E$/ } @error_log),
        "the error log has: $line", @error_log);
}

# What a command leaves behind for those that follow: functions.
my $prelude = '';
my @tails;
for my $i (0 .. $#blocks) {
    my ($kind, $command) = @{ $blocks[$i] };
    next if $kind ne 'sh';
    my $prints = ($blocks[ $i + 1 ] || [''])->[0] eq 'text'
        ? $blocks[ $i + 1 ][1] : undef;
    if ($command =~ /^tail -n 0 -F /) {
        push @tails, [ $command, $prints, $prelude ];
    }
    elsif (!defined $prints) {
        $prelude .= $command;
    }
    else {
        my $said = same(run($prelude . $command));
        promise($said eq $prints, 'it prints what it should: '
            . first_line($command), $command, $said);
    }
}

# Every byte that httpd lets in, and what looks like its escapes.
my $bytes = join '', map { chr } 0x21 .. 0x7e, 0x80 .. 0xff;
for my $sent ($bytes, '\\x41', '\\\\x41\\u0041\\"', "a\tb\\tc\\v\\",
              'x" , "y": "') {
    my $got = through_log($sent);
    promise($got eq $sent, 'what was sent comes out of the log: '
        . ($sent eq $bytes ? 'all bytes' : $sent), $got);
}

follow(@$_) for @tails;
promise(@tails == 3, 'three commands follow a log', scalar @tails);
CorsTest::finish();

# An origin, sent, and read from the log in JSON as the document has it.
sub through_log {
    my ($origin) = @_;
    my $before = () = $s->read_file('cors.json') =~ /\n/g;
    $s->request($url, [ Origin => $origin ]);
    $s->read_file('cors.json', qr/\A(?:.*\n){@{[ $before + 1 ]}}/);
    my $last = run($prelude
        . 'json /var/log/apache2/cors.json | jq -a .origin | tail -n 1');
    return JSON::PP->new->allow_nonref->decode($last);
}

# The texts that are no command's.
sub messages {
    return map { $blocks[$_][1] } grep {
        $blocks[$_][0] eq 'text' && $blocks[ $_ - 1 ][0] ne 'sh'
    } 1 .. $#blocks;
}

# Runs a command that ends by itself.
sub run {
    my ($command) = @_;
    my $full = placed_here($command);
    open my $out, '-|', 'sh', '-c', "{ $full\n} 2>&1"
        or die "sh: $!\n";
    local $/;
    return <$out> // '';
}

# Runs one that does not, while requests are refused, until it has printed all
# it should, or anything where the document does not say what. It begins when
# it does, so they are made again and again.
sub follow {
    my ($command, $prints, $before) = @_;
    my $full  = placed_here($before . $command);
    my $shell = CorsTest::Process->program('sh', '-c', $full);
    my $wanted = join '', sort { $a cmp $b } map { "$_\n" }
        split /\n/, $prints // '';
    # So few requests that what is not written at once stays in a buffer.
    my $said = '';
    for my $pause (map { 0.1 * 2**$_ } 0 .. 7) {
        $s->request($url, [ Origin => $_ ]) for $evil, $http;
        wait_until(sub {
            my %seen = map { $_ => 1 } same($shell->wrote) =~ /(.*\n)/g;
            $said = join '', sort keys %seen;
            return defined $prints ? $said eq $wanted : $said ne '';
        }, $pause) and last;
    }
    $shell->stop;
    promise(defined $prints ? $said eq $wanted
                            : $said =~ /\A(?:.*\[cors:.*\n)+\z/,
        'it follows the log: ' . first_line($command), $command, $said);
}

# Where the logs are.
sub placed_here { return $_[0] =~ s{/var/log/apache2/}{$s->root . '/'}ger }

# What differs from run to run, as the document has it.
sub placed { return $_[0] =~ s{\Q@{[ $s->root ]}\E/}{/etc/apache2/}gr }

sub same {
    my ($text) = @_;
    $text = placed($text);
    $text =~ s/^\[[-\d]+ [\d:.]+\]/[2026-03-02 10:15:00.000000]/mg;
    $text =~ s/\[pid \d+\]/[pid 4711]/g;
    $text =~ s/\[client [\d.:]+\] \[[\w+\/]+\](?#
        )/[client 192.0.2.7:50000] [Yz3K0fJk1xg]/g;
    return $text;
}

sub first_line { return $_[0] =~ s/\n.*//sr }

sub slurp {
    my ($file) = @_;
    open my $in, '<', $file or die "$file: $!\n";
    local $/;
    return <$in> // '';
}
