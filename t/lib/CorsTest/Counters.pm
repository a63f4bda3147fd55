package CorsTest::Counters;

# What a server with CorsStatistics On has counted, by the page of mod_status.
#
#     use CorsTest::Counters;
#
#     my $s = CorsTest->start(modules => ['status'],
#         conf => "CorsStatistics On\n$STATUS_PAGE");
#     my %before = counters($s);
#     ...
#     promise(in_words(moved($s, %before)) eq in_words(each_by(1, 'Rejected')),
#         ...);

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw($STATUS_PAGE @COUNTERS counters moved each_by in_words);

our $STATUS_PAGE = <<'CONF';
<Location "/server-status">
    SetHandler server-status
</Location>
CONF

# In the order of the page.
our @COUNTERS = map { "Cors$_" } qw(ActualAllowed ActualDenied PreflightAllowed
    PreflightDenied DeniedOrigin DeniedMethod DeniedHeader MalformedOrigin
    Rejected SourceErrors);

# The counters, by name; nothing if it shows none.
sub counters {
    my ($s) = @_;
    my $text = $s->request('GET /server-status?auto')->body;
    return $text =~ /^(Cors\w+): (\d+)$/mg;
}

# What has been added since these, without what has not.
sub moved {
    my ($s, %before) = @_;
    my %now = counters($s);
    return { map { ($_ => $now{$_} - $before{$_}) }
             grep { $now{$_} != $before{$_} } keys %now };
}

# That each of these, without "Cors", has moved by as much.
sub each_by {
    my ($count, @names) = @_;
    return { map { ("Cors$_" => $count) } @names };
}

sub in_words {
    my ($moved) = @_;
    return join(', ', map { "$_: $moved->{$_}" } sort keys %$moved)
        || 'nothing';
}

1;
