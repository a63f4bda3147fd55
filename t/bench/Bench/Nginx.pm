package Bench::Nginx;

# nginx with the same policy, the way its people write it: a map of origins.
#
#     use Bench::Nginx;
#
#     if (Bench::Nginx->is_there) {
#         my $server = Bench::Nginx->start(Bench::Nginx::with_map($listed));
#         ...                                 # as Bench::Server
#     }

use strict;
use warnings;

use Bench::Policy qw($EXPOSED $METHODS $HEADERS $MAX_AGE);
use CorsTest::Httpd qw(lesser_user);

use parent 'Bench::Server';

sub is_there { return defined _program() }

# Options of start() as Bench::Server knows them; conf is at the level of http,
# and location in one that covers all.
sub with_map {
    my ($origin, @more) = @_;
    return { name => 'nginx', @more,
             conf => <<"HTTP", location => <<'LOCATION' };
    map \$http_origin \$origin {
        default "";
        "$origin" \$http_origin;
    }
    map \$request_method:\$http_access_control_request_method \$preflight {
        default "";
        "~^OPTIONS:." 1;
    }
    map \$origin \$credentials { default "true"; "" ""; }
    map \$origin \$exposed { default "$EXPOSED"; "" ""; }
    map \$preflight \$granted_methods { default "$METHODS"; "" ""; }
    map \$preflight \$granted_headers { default "$HEADERS"; "" ""; }
    map \$preflight \$granted_age { default "$MAX_AGE"; "" ""; }
    map \$origin \$methods { default \$granted_methods; "" ""; }
    map \$origin \$headers { default \$granted_headers; "" ""; }
    map \$origin \$max_age { default \$granted_age; "" ""; }
HTTP
            add_header Vary Origin always;
            add_header Access-Control-Allow-Origin $origin always;
            add_header Access-Control-Allow-Credentials $credentials always;
            add_header Access-Control-Expose-Headers $exposed always;
            add_header Access-Control-Allow-Methods $methods always;
            add_header Access-Control-Allow-Headers $headers always;
            add_header Access-Control-Max-Age $max_age always;
            if ($preflight) { return 204; }
LOCATION
}

# An ordinary user's PATH may lack where it is.
sub _program {
    my ($found) = grep { -x } map { "$_/nginx" }
        split(/:/, $ENV{PATH}), '/usr/sbin', '/usr/local/sbin';
    return $found;
}

sub _command {
    my ($self) = @_;
    return (_program(), '-p', $self->root, '-e', 'scratch/error.log',
            '-c', 'server.conf', '-g', 'daemon off;');
}

sub _config {
    my ($self) = @_;
    my @user = lesser_user();
    my $run_as = @user ? "user @user;\n" : '';
    my $temporary = join '', map { "    ${_}_temp_path scratch/$_;\n" }
        qw(client_body proxy fastcgi uwsgi scgi);
    return <<"CONF";
worker_processes 1;
${run_as}pid scratch/pid;
events { worker_connections 512; }
http {
    types { text/plain txt; }
    access_log off;
    sendfile on;
    keepalive_timeout 30;
    keepalive_requests 1000000000;
$temporary$self->{conf}
    server {
        listen 127.0.0.1:\@PORT\@;
        root \@DOCROOT\@;
        location / {
$self->{location}        }
    }
}
CONF
}

1;
