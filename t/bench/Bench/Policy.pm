package Bench::Policy;

# One policy in the words of each contender: who may read, what a preflight
# grants, credentials and exposed headers.
#
#     use Bench::Policy qw(origins policy recipe);
#
#     my @listed = origins(1000);
#     my $conf   = policy(@listed);       # for mod_cors
#     my $same   = recipe(@listed);       # for httpd without it
#     my $asks   = map_recipe('dbm=sdbm:/path');    # with a RewriteMap

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(origins wildcards under_wildcard policy recipe
                    map_recipe $STRANGER $EXPOSED $METHODS $HEADERS $MAX_AGE);

our $EXPOSED = 'X-Request-Id, X-RateLimit-Remaining';
our $METHODS = 'GET, HEAD, POST, PUT, DELETE';
our $HEADERS = 'Content-Type, Authorization, X-Requested-With, X-Custom-One';
our $MAX_AGE = 600;

# Differs from those that are listed as late as it can.
our $STRANGER = 'https://tenant999999.example.com';

# Beyond some 800 origins to a line, PCRE refuses the expression.
my $IN_AN_EXPRESSION = 500;
my $ON_A_LINE = 50;

sub origins { return map { sprintf 'https://tenant%06d.example.com', $_ }
                  0 .. $_[0] - 1 }

sub wildcards { return map { sprintf 'https://*.tenant%06d.example.com', $_ }
                    0 .. $_[0] - 1 }

# An origin that this wildcard matches.
sub under_wildcard { return $_[0] =~ s{\*}{www}r }

sub policy {
    my (@origins) = @_;
    return _lines('CorsAllowOrigin %s', ' ', $ON_A_LINE, @origins)
        . 'CorsAllowMethods ' . ($METHODS =~ tr/,//dr) . "\n"
        . 'CorsAllowHeaders ' . ($HEADERS =~ tr/,//dr) . "\n"
        . 'CorsExposeHeaders ' . ($EXPOSED =~ tr/,//dr) . "\n"
        . "CorsAllowCredentials On\nCorsMaxAge $MAX_AGE\n";
}

# What careful people write with mod_setenvif, mod_rewrite and mod_headers: a
# list, Vary on every response, errors with headers too, preflights answered in
# front of passwords.
sub recipe {
    my (@origins) = @_;
    return _lines('SetEnvIf Origin "^(%s)$" CORS_ORIGIN=$1', '|',
                  $IN_AN_EXPRESSION, map { s/\./\\./gr } @origins)
        . "RewriteEngine On\n" . _answers();
}

# The same where the origins are outside, by a map as RewriteMap takes it.
sub map_recipe {
    my ($map) = @_;
    return <<"RECIPE" . _answers();
RewriteEngine On
RewriteMap origins "$map"
RewriteCond %{HTTP:Origin} .
RewriteCond \${origins:%{HTTP:Origin}} .
RewriteRule ^ - [E=CORS_ORIGIN:%{HTTP:Origin}]
RECIPE
}

# What follows from CORS_ORIGIN.
sub _answers {
    return <<"RECIPE";
RewriteCond %{REQUEST_METHOD} =OPTIONS
RewriteCond %{HTTP:Access-Control-Request-Method} .
RewriteCond %{ENV:CORS_ORIGIN} .
RewriteRule ^ - [E=CORS_PREFLIGHT:1,R=204,L]
RewriteCond %{REQUEST_METHOD} =OPTIONS
RewriteCond %{HTTP:Access-Control-Request-Method} .
RewriteRule ^ - [R=204,L]
Header always merge Vary "Origin"
Header always set Access-Control-Allow-Origin "%{CORS_ORIGIN}e" env=CORS_ORIGIN
Header always set Access-Control-Allow-Credentials "true" env=CORS_ORIGIN
Header always set Access-Control-Expose-Headers "$EXPOSED" env=CORS_ORIGIN
Header always set Access-Control-Allow-Methods "$METHODS" env=CORS_PREFLIGHT
Header always set Access-Control-Allow-Headers "$HEADERS" env=CORS_PREFLIGHT
Header always set Access-Control-Max-Age "$MAX_AGE" env=CORS_PREFLIGHT
RECIPE
}

# The values on as many lines as it takes.
sub _lines {
    my ($line, $between, $most, @values) = @_;
    my $text = '';
    while (my @some = splice @values, 0, $most) {
        $text .= sprintf "$line\n", join $between, @some;
    }
    return $text;
}

1;
