package CorsTest::Outage;

# What the log says of a source that cannot answer, and when it can again, for
# expect_log() and log_lines() of CorsTest.
#
#     use CorsTest::Outage qw(cannot_answer answers_again);
#
#     $s->expect_log(cannot_answer('dbd:origins', 'no answer within'),
#                    answers_again('dbd:origins'));

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(cannot_answer answers_again);

# $reason is how the reason begins.
sub cannot_answer {
    my ($source, $reason) = @_;
    return qr{\[cors:error\].*CorsAllowOriginSource '\Q$source\E' (?#
              )\(/\S+/httpd\.conf:\d+\) cannot answer: \Q$reason\E};
}

sub answers_again {
    my ($source) = @_;
    return qr{\[cors:notice\].*CorsAllowOriginSource '\Q$source\E' (?#
              )\(/\S+/httpd\.conf:\d+\) answers again};
}

1;
