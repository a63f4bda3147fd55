/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_pattern.h"

#include "cors_host.h"

/* ---------------------------------------------------------------- read -- */

/* How many mistakes in one item are mended to find a suggestion. */
#define MISTAKES 4

/* An item on its way into a pattern. Each step below takes its part, appends
 * the normalised bytes, and returns 1, or 0 with the rule that is broken. */
typedef struct reader_t {
    cors_str_t item;
    const cors_suffixes_t *suffixes;
    int mistakes;               /* that may still be mended */
    cors_pattern_t *pattern;
    cors_reading_t *reading;
    cors_str_t rest;            /* what stands behind "//" */
    const char *standard_port;  /* of the scheme, or NULL */
    int is_domain;              /* hosts of the scheme are domains */
    int may_be_wild;            /* http, https or both */
} reader_t;

static int read_pattern(cors_str_t item, const cors_suffixes_t *suffixes,
                        int mistakes, cors_pattern_t *pattern,
                        cors_reading_t *reading);

static int refuse(reader_t *reader, const char *rule)
{
    reader->reading->rule = rule;
    reader->reading->text[0] = '\0';
    return 0;
}

/* Refuses, and suggests `head` followed by `tail`, itself mended where that
 * has another obvious mistake, but only if the result would do. */
static int refuse_for(reader_t *reader, const char *rule, const char *head,
                      cors_str_t tail)
{
    char text[CORS_ORIGIN_MAX + 1];
    const size_t n = strlen(head);
    cors_str_t item = { text, n + tail.n };
    cors_reading_t other;
    cors_pattern_t pattern;

    if (reader->mistakes == 0 || item.n >= sizeof(text)) {
        return refuse(reader, rule);
    }
    memcpy(text, head, n);
    memcpy(text + n, tail.p, tail.n);
    if (read_pattern(item, reader->suffixes, reader->mistakes - 1, &pattern,
                     &other)
        && (pattern.facts & CORS_PATTERN_REGISTRABLE) != 0) {
        return refuse(reader, rule);
    }
    reader->reading->rule = rule;
    memcpy(reader->reading->text, other.text, sizeof(other.text));
    return 0;
}

/* Appends to the normalised text, letters lower-cased if asked. */
static void append(reader_t *reader, cors_str_t s, int lower)
{
    cors_pattern_t *pattern = reader->pattern;
    char *text = reader->reading->text + pattern->n;
    const size_t room = CORS_ORIGIN_MAX - pattern->n;
    const size_t n = s.n < room ? s.n : room;
    size_t i;

    memcpy(text, s.p, n);
    for (i = 0; lower && i < n; i++) {
        text[i] = cors_lower(text[i]);
    }
    text[n] = '\0';
    pattern->n = (unsigned short)(pattern->n + n);
}

/* The host as it was appended. */
static cors_str_t own_host(const reader_t *reader)
{
    cors_str_t host = { reader->reading->text + reader->pattern->host,
                        reader->pattern->host_n };

    return host;
}

static int is_wild(const cors_pattern_t *pattern)
{
    return (pattern->facts
            & (CORS_PATTERN_SUBDOMAINS | CORS_PATTERN_PARTIAL)) != 0;
}

/* The domain that the wildcard stands in front of, or the whole host. */
static cors_str_t own_domain(const reader_t *reader)
{
    cors_str_t host = own_host(reader);
    const char *dot = is_wild(reader->pattern)
        ? memchr(host.p, '.', host.n) : NULL;

    return dot == NULL ? host
        : cors_str_sub(host, (size_t)(dot - host.p) + 1, host.n);
}

/* The items that are no origin. */
static const struct {
    const char *text;
    unsigned fact;
} words[] = {
    { "*", CORS_PATTERN_ANY },
    { "null", CORS_PATTERN_NULL },
    { "same-site", CORS_PATTERN_SAME_SITE }
};

#define WORDS (sizeof(words) / sizeof(*words))

/* The word that the item is, letter case aside; WORDS if none. */
static size_t find_word(cors_str_t item)
{
    size_t i;

    for (i = 0; i < WORDS; i++) {
        if (cors_str_ieq(item, cors_str(words[i].text))) {
            break;
        }
    }
    return i;
}

static int read_word(reader_t *reader, const char *word, unsigned fact)
{
    cors_pattern_t *pattern = reader->pattern;

    if (!cors_str_is(reader->item, word)) {
        return refuse_for(reader, "must be written in lower case", word,
                          cors_str(""));
    }
    if (fact == CORS_PATTERN_SAME_SITE && reader->suffixes == NULL) {
        return refuse(reader, cors_suffixes_supported
                      ? "needs the Public Suffix List, which cannot be read"
                      : "needs the Public Suffix List, which this module is "
                        "built without");
    }
    append(reader, reader->item, 0);
    pattern->facts = fact;
    pattern->port = pattern->n;
    return 1;
}

static int read_bytes(reader_t *reader)
{
    const cors_str_t item = reader->item;
    size_t i;

    if (item.n == 0) {
        return refuse(reader, "must not be empty");
    }
    if (item.n > CORS_ORIGIN_MAX) {
        return refuse(reader, CORS_ORIGIN_LONG);
    }
    for (i = 0; i < item.n; i++) {
        unsigned char c = (unsigned char)item.p[i];

        if (c <= ' ' || c == 0x7f) {
            return refuse(reader, "must be of visible characters");
        }
    }
    if (memchr(item.p, ',', item.n)) {
        return refuse(reader, "must be one origin; separate several with "
                      "blanks");
    }
    return 1;
}

static int read_scheme(reader_t *reader)
{
    static const cors_str_t separator = CORS_STR("://");
    const cors_str_t item = reader->item;
    const size_t n = cors_scheme_length(item);
    cors_str_t scheme;

    if (n > 0) {
        append(reader, cors_str_sub(item, 0, n), 1);
        scheme.p = reader->reading->text;
        scheme.n = n;
        if (cors_str_is(scheme, "file")) {
            return refuse(reader, "must not be a file: origin; browsers send "
                          "'null' for files");
        }
        reader->standard_port = cors_scheme_port(scheme);
        reader->is_domain = reader->standard_port != NULL;
        reader->may_be_wild = cors_str_is(scheme, "https")
                              || cors_str_is(scheme, "http");
        reader->pattern->scheme_n = (unsigned short)n;
        reader->rest = cors_str_sub(item, n + separator.n, item.n);
        append(reader, separator, 0);
        return 1;
    }
    if (item.n >= 2 && memcmp(item.p, "//", 2) == 0) {
        reader->pattern->facts |= CORS_PATTERN_EITHER_SCHEME;
        reader->is_domain = reader->may_be_wild = 1;
        reader->rest = cors_str_sub(item, 2, item.n);
        append(reader, cors_str_sub(item, 0, 2), 0);
        return 1;
    }
    if (item.n > 4 && memcmp(item.p, "*://", 4) == 0) {
        return refuse_for(reader, "must not have '*' for a scheme; '//host' "
                          "stands for http and https", "",
                          cors_str_sub(item, 2, item.n));
    }
    return refuse_for(reader, CORS_PATTERN_NO_SCHEME, "https://", item);
}

/* Refuses what a URL has and an origin has not. */
static int read_end(reader_t *reader)
{
    const cors_str_t rest = reader->rest;
    const size_t front = reader->item.n - rest.n;
    char head[CORS_ORIGIN_MAX + 1];
    size_t i;

    for (i = 0; i < rest.n; i++) {
        if (rest.p[i] == '@') {
            memcpy(head, reader->item.p, front);
            head[front] = '\0';
            return refuse_for(reader, "must be scheme://host[:port] without "
                              "user information", head,
                              cors_str_sub(rest, i + 1, rest.n));
        }
        if (strchr("/?#\\", rest.p[i])) {
            return refuse_for(reader, "must be scheme://host[:port] without "
                              "a path", "",
                              cors_str_sub(reader->item, 0, front + i));
        }
    }
    return 1;
}

/* Looks for `*` in the host, which has been appended. */
static int read_wildcard(reader_t *reader)
{
    cors_pattern_t *pattern = reader->pattern;
    const cors_str_t host = own_host(reader);
    const char *star = memchr(host.p, '*', host.n);
    const char *dot = memchr(host.p, '.', host.n);
    const char *rule, *p;
    cors_str_t domain;

    if (star == NULL) {
        rule = cors_host_broken_rule(host, reader->is_domain);
        return rule == NULL || refuse(reader, rule);
    }
    if (!reader->may_be_wild) {
        return refuse(reader, "must not have '*' in its host unless it is an "
                      "http or https origin");
    }
    if (memchr(star + 1, '*', (size_t)(host.p + host.n - star - 1))) {
        return refuse(reader, "must not have more than one '*' in its host");
    }
    if (dot == NULL) {
        return refuse(reader, "must name the domain behind '*'");
    }
    if (dot < star) {
        return refuse(reader, "must have '*' in the leftmost label of its "
                      "host only");
    }
    for (p = host.p; p < dot; p++) {
        if (p != star && !cors_host_is_label_char(*p)) {
            return refuse(reader, CORS_HOST_ODD);
        }
    }
    if (dot - host.p > CORS_LABEL_MAX) {
        return refuse(reader, CORS_HOST_LONG_LABEL);
    }
    pattern->star = (unsigned short)(star - host.p);
    pattern->facts |= dot - host.p == 1 ? CORS_PATTERN_SUBDOMAINS
                                        : CORS_PATTERN_PARTIAL;
    domain = own_domain(reader);
    if (host.n > CORS_DOMAIN_MAX) {
        return refuse(reader, CORS_HOST_LONG);
    }
    if (cors_host_is_numeric(domain)) {
        return refuse(reader, "must not have '*' over an IP address");
    }
    rule = cors_host_broken_rule(domain, 1);
    if (rule != NULL) {
        return refuse(reader, rule);
    }
    /* Names under `localhost` never leave the machine. */
    if (cors_suffix_is_public(reader->suffixes, domain)
        && !cors_host_is_loopback(domain)) {
        pattern->facts |= (pattern->facts & CORS_PATTERN_PARTIAL) != 0
            ? CORS_PATTERN_REGISTRABLE : CORS_PATTERN_PUBLIC_SUFFIX;
    }
    return 1;
}

static int read_host(reader_t *reader, cors_str_t host, int has_port)
{
    cors_pattern_t *pattern = reader->pattern;
    char text[CORS_ORIGIN_MAX + 1];
    cors_str_t own = host;

    pattern->host = pattern->n;
    if (host.n > 0 && host.p[0] == '[') {
        if (cors_host_canonical_ipv6(host, text)) {
            own = cors_str(text);
        }
    }
    else if (reader->is_domain) {
        const char *rule = cors_host_to_ascii(host, text, sizeof(text));

        if (rule != NULL) {
            return refuse(reader, rule);
        }
        own = cors_str(text);
    }
    /* The canonical form may be the longer one. */
    if (reader->item.n - host.n + own.n > CORS_ORIGIN_MAX) {
        return refuse(reader, CORS_ORIGIN_LONG);
    }
    append(reader, own, 0);
    pattern->host_n = (unsigned short)own.n;
    if (reader->is_domain && own.n > 1 && own.p[own.n - 1] == '.') {
        static const char rule[] = "must not have a dot at the end of its "
                                   "host";

        return has_port ? refuse(reader, rule)
            : refuse_for(reader, rule, "",
                         cors_str_sub(reader->item, 0, reader->item.n - 1));
    }
    return read_wildcard(reader);
}

static int read_port(reader_t *reader, cors_str_t port)
{
    cors_pattern_t *pattern = reader->pattern;

    pattern->port = pattern->n;
    if (port.p == NULL) {
        return 1;
    }
    if (cors_str_is(port, "*")) {
        if (!reader->may_be_wild) {
            return refuse(reader, "must not have '*' for a port unless it is "
                          "an http or https origin");
        }
        pattern->facts |= CORS_PATTERN_ANY_PORT;
        append(reader, cors_str(":*"), 0);
        return 1;
    }
    if (!cors_port_is_valid(port)) {
        return refuse(reader, "must have a port from 1 to 65535 without "
                      "leading zeros");
    }
    if ((pattern->facts & CORS_PATTERN_EITHER_SCHEME) != 0
        && (cors_str_is(port, "80") || cors_str_is(port, "443"))) {
        return refuse(reader, "must name the scheme: this port is the "
                      "default of only one of http and https");
    }
    if (reader->standard_port == NULL
        || !cors_str_is(port, reader->standard_port)) {
        append(reader, cors_str(":"), 0);
        pattern->port = pattern->n;
        append(reader, port, 0);
    }
    return 1;
}

static void judge_safety(reader_t *reader)
{
    cors_pattern_t *pattern = reader->pattern;
    const cors_str_t scheme = { reader->reading->text, pattern->scheme_n };

    if ((cors_str_is(scheme, "http")
         || (pattern->facts & CORS_PATTERN_EITHER_SCHEME) != 0)
        && !cors_host_is_loopback(own_domain(reader))) {
        pattern->facts |= CORS_PATTERN_INSECURE;
    }
}

/* libidn2 has yet to judge such a label. */
static int has_a_label(cors_str_t host)
{
    const char *dot = host.p - 1;

    while (dot != NULL) {
        host = cors_str_sub(host, (size_t)(dot + 1 - host.p), host.n);
        if (cors_str_ibegins(host, "xn--", 4)) {
            return 1;
        }
        dot = memchr(host.p, '.', host.n);
    }
    return 0;
}

/* Most of a long list is written as browsers send it, and needs neither to be
 * taken apart nor to be mended. Returns 0, with nothing done, for all else. */
static int read_origin(reader_t *reader)
{
    const cors_str_t item = reader->item;
    cors_pattern_t *pattern = reader->pattern;
    cors_origin_t origin;

    if (item.n < 5 || memcmp(item.p, "http", 4) != 0
        || !cors_origin_parse(item, &origin)
        || cors_origin_is_null(&origin)
        || cors_scheme_port(origin.scheme) == NULL
        || origin.host.p[origin.host.n - 1] == '.'
        || has_a_label(origin.host)) {
        return 0;
    }
    append(reader, item, 0);
    pattern->scheme_n = (unsigned short)origin.scheme.n;
    pattern->host = (unsigned short)(origin.host.p - item.p);
    pattern->host_n = (unsigned short)origin.host.n;
    pattern->port = origin.port.n > 0
        ? (unsigned short)(origin.port.p - item.p) : pattern->n;
    pattern->facts = cors_origin_is_insecure(&origin) ? CORS_PATTERN_INSECURE
                                                      : 0;
    return 1;
}

static int read_pattern(cors_str_t item, const cors_suffixes_t *suffixes,
                        int mistakes, cors_pattern_t *pattern,
                        cors_reading_t *reading)
{
    const size_t word = find_word(item);
    reader_t reader;
    cors_str_t host, port;

    memset(&reader, 0, sizeof(reader));
    reader.item = item;
    reader.suffixes = suffixes;
    reader.mistakes = mistakes;
    reader.pattern = pattern;
    reader.reading = reading;
    memset(pattern, 0, sizeof(*pattern));
    reading->rule = NULL;
    reading->text[0] = '\0';

    if (word < WORDS) {
        return read_word(&reader, words[word].text, words[word].fact);
    }
    if (read_origin(&reader)) {
        return 1;
    }
    if (!read_bytes(&reader) || !read_scheme(&reader) || !read_end(&reader)) {
        return 0;
    }
    cors_authority_split(reader.rest, &host, &port);
    if (port.p != NULL && memchr(port.p, ':', port.n)) {
        return refuse(&reader, "must have an IPv6 address between brackets");
    }
    if (!read_host(&reader, host, port.p != NULL)
        || !read_port(&reader, port)) {
        return 0;
    }
    judge_safety(&reader);
    return 1;
}

int cors_pattern_parse(cors_str_t item, const cors_suffixes_t *suffixes,
                       cors_pattern_t *pattern, cors_reading_t *reading)
{
    int ok = read_pattern(item, suffixes, MISTAKES, pattern, reading);

    pattern->text = reading->text;
    return ok;
}

/* --------------------------------------------------------------- match -- */

static int host_matches(const cors_pattern_t *pattern, cors_str_t host)
{
    const char *own = pattern->text + pattern->host;
    size_t head, tail;

    if (!is_wild(pattern)) {
        return host.n == pattern->host_n
            && memcmp(host.p, own, host.n) == 0;
    }
    head = pattern->star;
    tail = pattern->host_n - head - 1u;
    if (host.n <= head + tail || memcmp(host.p, own, head) != 0
        || memcmp(host.p + host.n - tail, own + head + 1, tail) != 0) {
        return 0;
    }
    /* `pr-*` stays inside its label; `*` alone stands for several. */
    return (pattern->facts & CORS_PATTERN_SUBDOMAINS) != 0
        || memchr(host.p + head, '.', host.n - head - tail) == NULL;
}

int cors_pattern_match(const cors_pattern_t *pattern,
                       const cors_origin_t *origin)
{
    const unsigned facts = pattern->facts;

    if ((facts & CORS_PATTERN_ANY) != 0) {
        return 1;
    }
    /* No origin reads `same-site`, so that word needs no case of its own. */
    if ((facts & (CORS_PATTERN_EITHER_SCHEME | CORS_PATTERN_ANY_PORT
                  | CORS_PATTERN_SUBDOMAINS | CORS_PATTERN_PARTIAL)) == 0) {
        return origin->text.n == pattern->n
            && memcmp(origin->text.p, pattern->text, pattern->n) == 0;
    }
    if ((facts & CORS_PATTERN_EITHER_SCHEME) != 0) {
        if (!cors_str_is(origin->scheme, "https")
            && !cors_str_is(origin->scheme, "http")) {
            return 0;
        }
    }
    else if (origin->scheme.n != pattern->scheme_n
             || memcmp(origin->scheme.p, pattern->text,
                       pattern->scheme_n) != 0) {
        return 0;
    }
    if ((facts & CORS_PATTERN_ANY_PORT) == 0
        && (origin->port.n != (size_t)(pattern->n - pattern->port)
            || (origin->port.n > 0
                && memcmp(origin->port.p, pattern->text + pattern->port,
                          origin->port.n) != 0))) {
        return 0;
    }
    return host_matches(pattern, origin->host);
}
