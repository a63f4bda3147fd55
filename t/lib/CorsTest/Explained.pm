package CorsTest::Explained;

# The page of `SetHandler cors-explain`, held against the answer that really
# comes: what the page says of a request is a promise about the response.
#
#     my $page = CorsTest::Explained->ask($s, 'PUT /a.txt',
#         { Origin => 'https://app.example.com' });
#     my $res  = $s->request('PUT /a.txt', { ... });
#     is_deeply([ $page->differences($res) ], []);
#
# With CORS_EXPLAIN set, CorsTest does so for each request of a test: see
# add_page() and request(). What cannot be asked is left out, with a reason,
# and counted.

use strict;
use warnings;

use Mojo::JSON qw(decode_json);
use Test::More;

# Where the page is, in every server of CorsTest.
our $PATH = '/cors-explain-page';

# What a question may have in all; LimitRequestLine is 8190.
my $LONGEST = 8000;

my @ASKED = qw(Origin Access-Control-Request-Method
               Access-Control-Request-Headers Sec-Fetch-Site
               Access-Control-Request-Private-Network);

# ---------------------------------------------------------------------------
# A world in which every request is asked about
# ---------------------------------------------------------------------------

# The configuration with the page in it. <If> is what httpd merges last, and
# an internal redirect keeps the request line.
sub add_page {
    my ($conf) = @_;
    return $conf . <<"CONF";

<If "%{THE_REQUEST} =~ m#^GET ${PATH}[? ]#">
    SetHandler cors-explain
    Require all granted
    <IfModule mod_access_compat.c>
        Order deny,allow
        Allow from all
    </IfModule>
</If>
<IfModule mod_proxy.c>
    <Location "$PATH">
        ProxyPass !
    </Location>
</IfModule>
CONF
}

my ($rows, $unasked, $explained, %left_out) = (0, 0, 0);

# A request of a test, with a question about it in front, and a test behind:
# was the page right? Unless it is left out.
sub request {
    my ($server, $line, $fields, %opt) = @_;
    my $page = _ask_or_say_why($server, $line, $fields, \%opt);
    my $res  = $server->send_request($line, $fields, %opt);
    my @wrong = $page->differences($res);

    # What answers may have changed in between: a list, a source that was away.
    if (@wrong) {
        my $again = _ask_or_say_why($server, $line, $fields, \%opt);
        @wrong = () if $again->{answer} && !$again->differences($res);
    }
    _count($page, \@wrong, $line, $fields, $res);
    return $res;
}

sub _ask_or_say_why {
    my ($server, $line, $fields, $opt) = @_;
    my $why = $opt->{unexplained} || $server->{unexplained};
    $unasked++ if $why;
    return __PACKAGE__->none($why) if $why;
    return eval { __PACKAGE__->ask($server, $line, $fields, %$opt) }
        || __PACKAGE__->none("no answer of the page: $@");
}

sub _count {
    my ($page, $wrong, $line, $fields, $res) = @_;
    my @said = ref $fields eq 'HASH' ? %$fields : @{ $fields || [] };
    my $text = substr("explained: $line @said", 0, 200)
        =~ s/([^ -~]|#)/sprintf '\\x%02x', ord $1/ger;

    $rows++;
    if (defined $page->{why}) {
        $left_out{ $page->{why} }++;
        diag("LEFT OUT $page->{why}: $text") if $ENV{CORS_EXPLAIN_DEBUG};
        return;
    }
    $explained++;
    local $Test::Builder::Level = $Test::Builder::Level + 3;
    ok(!@$wrong, $text)
        or diag(join "\n", @$wrong, $page->{text}, $res->transcript);
}

# For the end of a file. Where a test does not say itself that its requests are
# left out, most of them must not be.
sub report {
    my $asked = $rows - $unasked;
    ok(2 * $explained >= $asked, "most of $asked requests are explained")
        if $asked;
    note("explained: $explained of $rows rows");
    note("not explained: $left_out{$_}: $_") for sort keys %left_out;
}

# ---------------------------------------------------------------------------
# The page
# ---------------------------------------------------------------------------

sub none { my ($class, $why) = @_; return bless { why => $why }, $class }

# Asks about a request as CorsTest::request() would send it. Options as there.
# Where the page cannot answer, `why` says why.
sub ask {
    my ($class, $server, $line, $fields, %opt) = @_;
    my ($why, $is_preflight, $question) = _question($line, $fields, %opt);
    return $class->none($why) if defined $why;

    my $res = _send($server, "$question&format=json", $fields, %opt);
    return $class->none('the page cannot be reached: ' . $res->status)
        if ($res->field('Content-Type') // '') !~ m{^application/json};
    my $answer = decode_json($res->body);
    return $class->none("the page refuses: $answer->{error}")
        if defined $answer->{error};
    my $exchange = $answer->{kind} eq 'preflight' && !$is_preflight
        ? $answer->{actual} : $answer;
    return bless { answer => $answer, exchange => $exchange,
                   text => _shortened($res->body) }, $class;
}

# The response of the page to the same question, in another form.
sub page {
    my ($server, $form, $line, $fields, %opt) = @_;
    my ($why, undef, $question) = _question($line, $fields, %opt);
    die "$line: $why\n" if defined $why;
    return _send($server, "$question&format=$form", $fields, %opt);
}

# Why it is none, or undef; whether it is about a preflight; and its query.
sub _question {
    my ($line, $fields, %opt) = @_;
    my ($method, $target) = split / /, $line, 2;
    my @fields = ref $fields eq 'HASH' ? %$fields : @{ $fields || [] };
    my (@lines, @origins);

    return 'not a path' if $target !~ m{^/};
    return 'TRACE'      if $method eq 'TRACE';
    return 'a script that writes its own header'
        if $target =~ m{/nph-} && $method ne 'OPTIONS';
    return 'a method that browsers write otherwise'
        if $method ne uc $method
            && uc($method) =~ /^(?:DELETE|GET|HEAD|OPTIONS|POST|PUT)$/;
    while (my ($name, $value) = splice @fields, 0, 2) {
        return 'httpd refuses these bytes'
            if $value =~ /[^\t -~\x80-\xff]/
                || $name !~ /^[!#\$%&'*+.^_`|~\w-]+$/;
        next if lc $name eq 'host';
        if (lc $name eq 'origin') {
            push @origins, $value;
        }
        else {
            push @lines, "$name: $value";
        }
    }
    # As httpd reads several fields.
    my $origin = join ', ', @origins;
    my $is_preflight = $method eq 'OPTIONS' && $origin ne ''
        && grep { /^Access-Control-Request-Method: *\S/i } @lines;
    return 'a preflight with a password or a body'
        if $is_preflight && (defined $opt{body} || grep {
            /^(?:Authorization|Content-Length|Transfer-Encoding):/i } @lines);
    my $question = _query(url => $target, method => $method,
        origin => $origin, headers => join "\n", @lines);
    return 'a question that is too long' if length $question > $LONGEST;
    return (undef, $is_preflight, $question);
}

# The question, to the same host, on a connection like that of the request.
sub _send {
    my ($server, $question, $fields, %opt) = @_;
    my %sent = map { ref $_ eq 'HASH' ? %$_ : @$_ } $fields || [];
    my @host = map { ($_ => $sent{$_}) } grep { lc $_ eq 'host' } keys %sent;
    # The client's certificate belongs to the connection.
    delete $opt{conn} if !$opt{conn} || !$opt{conn}->socket->can('get_cipher');
    delete @opt{qw(body version)};
    return $server->send_request("GET $PATH?$question", \@host, %opt);
}

sub _query {
    my (%query) = @_;
    return join '&', map {
        my $value = $query{$_};
        $value =~ s/([^\w.\/:-])/sprintf '%%%02X', ord $1/ge;
        "$_=$value";
    } sort keys %query;
}

sub _shortened {
    my ($json) = @_;
    $json =~ s/"steps".*?"policy"/"policy"/s;
    $json =~ s/^\s*\{\s*"directive":\s*"(\w+)",\s*"value":\s*("[^\n]*"),
               \s*"file":\s*"([^\n]*)",\s*"line":\s*(\d+)\s*\},?\n
              /$4 ? "    $1 $2 $3:$4\n" : ''/gemx;
    return $json;
}

sub exchange { $_[0]{exchange} }
sub answer   { $_[0]{answer} }

# The value of a directive, in force for the first request.
sub value {
    my ($self, $directive) = @_;
    return map { $_->{value} } grep { $_->{directive} eq $directive }
        @{ $self->{answer}{policy} };
}

# ---------------------------------------------------------------------------
# Is the answer as the page said?
# ---------------------------------------------------------------------------

# In words. Sets why, if nothing can be said after all.
sub differences {
    my ($self, $res) = @_;
    $self->{why} //= $self->_why_not($res);
    return if defined $self->{why};
    my $said  = $self->{exchange};
    my @wrong = ($self->_field_differences($res),
                 $self->_vary_differences($res));
    push @wrong, 'the page knows of no policy, but one has spoken'
        if !$self->_rules && $self->_sounds_like_one($res);
    push @wrong, 'status ' . $res->status . ", the page says $said->{status}"
        if defined $said->{status} && $said->{status} != $res->status;
    return @wrong;
}

# Responses about which the page says nothing.
sub _why_not {
    my ($self, $res) = @_;
    my @keeps = grep { $_ eq 'Keep' } $self->value('CorsBackendHeaders');
    return 'there is no response' if !$res->status;
    return 'the protocol is switched' if $res->status == 101;
    return 'CorsBackendHeaders Keep, and the backend speaks'
        if @keeps && !defined $self->{exchange}{status}
            && $self->_field_differences($res);
    return;
}

sub _field_differences {
    my ($self, $res) = @_;
    my %said = $self->_headers;
    my %is   = map { lc $_ => join ', ', $res->fields($_) } $res->names;
    my @wrong;

    for my $name (sort keys %said) {
        next if $name eq 'vary';
        if ($name eq 'access-control-expose-headers'
            && $self->_exposes_what_comes) {
            my %shown = _elements($is{$name} // '');
            push @wrong, map { "$name lacks $_" } grep { !$shown{$_} }
                sort keys %{ { _elements($said{$name}) } };
            next;
        }
        my $ours = $self->_is_ours($name);
        # Of other modules: where an error comes instead, or more beside it.
        next if !$ours && !defined $self->{exchange}{status}
            && ($res->status >= 400
                || grep { $_ eq $said{$name} } $res->fields($name));
        push @wrong, "$name '" . ($is{$name} // '')
            . "', the page says '$said{$name}'"
            if ($is{$name} // '') ne $said{$name};
    }
    push @wrong, map { "the page does not know $_: $is{$_}" }
        grep { !defined $said{$_} && $self->_is_ours($_) } sort keys %is;
    return @wrong;
}

# Is it for the module alone to write this field, and does it know the value
# before there is a response?
sub _is_ours {
    my ($self, $name) = @_;
    return $self->_sets('CorsResourcePolicy', 'none')
        if $name eq 'cross-origin-resource-policy';
    return $self->_rules && $self->_sets('CorsTimingAllowOrigin', 'Off')
        if $name eq 'timing-allow-origin';
    return $self->_rules && !$self->_exposes_what_comes
        if $name eq 'access-control-expose-headers';
    return $name =~ /^access-control-/ && $self->_rules;
}

# Is there a policy that shows on the response?
sub _rules {
    my ($self) = @_;
    return !(grep { $_ ne 'On' } $self->value('CorsEngine'))
        && $self->{exchange}{reason} !~ /^no CorsAllowOrigin/;
}

# Backends say what they want, but not in these words, as a rule.
sub _sounds_like_one {
    my ($self, $res) = @_;
    my ($origin) = $self->{answer}{request}{origin};
    my %varies   = _elements($res->fields('Vary'));
    my %said     = $self->_headers;
    return $origin ne '' && $varies{origin}
        && !defined $said{'access-control-allow-origin'}
        && ($res->field('Access-Control-Allow-Origin') // '') eq $origin;
}

# Is the directive in force, with another value than that?
sub _sets {
    my ($self, $directive, $value) = @_;
    return !(grep { $_ ne 'On' } $self->value('CorsEngine'))
        && grep { $_ ne $value } $self->value($directive);
}

# Names that the response brings, or may bring.
sub _exposes_what_comes {
    my ($self) = @_;
    my @lines = grep { $_->{directive} eq 'CorsExposeHeaders' && $_->{line} }
        @{ $self->{answer}{policy} };
    return !@lines || grep { $_->{value} =~ /\*$/ } @lines;
}

sub _headers {
    my ($self) = @_;
    my $headers = $self->{exchange}{headers};
    return map { lc $_ => $headers->{$_} } keys %$headers;
}

sub _vary_differences {
    my ($self, $res) = @_;
    my %said   = $self->_headers;
    my %is     = _elements($res->fields('Vary'));
    my %should = _elements($said{vary} // '');
    return if $is{'*'};
    my @lacks = grep { !$is{$_} } sort keys %should;
    my @more;
    if (defined $self->{exchange}{status}) {
        @more = grep { $is{$_} && !$should{$_} } map { lc } @ASKED;
    }
    elsif ($res->status >= 400) {
        my %asked = map { lc $_ => 1 } @ASKED;
        @lacks = grep { $asked{$_} } @lacks;
    }
    return map({ "Vary lacks $_" } @lacks), map { "Vary has $_" } @more;
}

sub _elements { return map { lc $_ => 1 } map { split /\s*,\s*/ } @_ }

1;
