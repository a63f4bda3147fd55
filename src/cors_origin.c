/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_origin.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>

/* ------------------------------------------------------------- grammar -- */

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

/* What the labels of a domain, and an opaque host, are made of. Browsers do
 * send `_`. */
static int is_label_char(char c)
{
    return is_letter(c) || is_digit(c) || c == '-' || c == '_';
}

static int is_word(const cors_str_t s, const char *word)
{
    return cors_str_eq(s, cors_str(word));
}

/* The schemes whose hosts are domains and which have a default port.
 * URL, "special scheme". */
static const char *default_port(cors_str_t scheme)
{
    static const struct {
        const char *scheme;
        const char *port;
    } special[] = {
        { "https", "443" }, { "http", "80" },
        { "wss", "443" }, { "ws", "80" }, { "ftp", "21" }
    };
    size_t i;

    for (i = 0; i < sizeof(special) / sizeof(*special); i++) {
        if (is_word(scheme, special[i].scheme)) {
            return special[i].port;
        }
    }
    return NULL;
}

/* The length of the scheme in front of "://", letter case aside, or 0. */
static size_t scheme_length(cors_str_t s)
{
    size_t n;

    for (n = 0; n < s.n; n++) {
        char c = cors_lower(s.p[n]);

        if (!is_letter(c)
            && (n == 0 || (!is_digit(c) && c != '+' && c != '-' && c != '.'))) {
            break;
        }
    }
    return n > 0 && s.n - n >= 3 && memcmp(s.p + n, "://", 3) == 0 ? n : 0;
}

/* Splits what stands behind "//" into host and port. The port is absent, not
 * empty, when there is no colon. */
static void split_authority(cors_str_t s, cors_str_t *host, cors_str_t *port)
{
    const char *colon = s.p;
    const char *end = s.p + s.n;

    if (s.n > 0 && s.p[0] == '[') {
        colon = memchr(s.p, ']', s.n);
        colon = colon ? colon + 1 : end;
    }
    while (colon < end && *colon != ':') {
        colon++;
    }
    *host = cors_str_sub(s, 0, (size_t)(colon - s.p));
    port->p = NULL;
    port->n = 0;
    if (colon < end) {
        *port = cors_str_sub(s, host->n + 1, s.n);
    }
}

/* 1 to 65535, no leading zero. */
static int is_port(cors_str_t port)
{
    unsigned long number = 0;
    size_t i;

    if (port.n == 0 || port.n > 5 || port.p[0] == '0') {
        return 0;
    }
    for (i = 0; i < port.n; i++) {
        if (!is_digit(port.p[i])) {
            return 0;
        }
        number = number * 10 + (unsigned long)(port.p[i] - '0');
    }
    return number <= 65535;
}

/* The canonical text of a bracketed IPv6 address; 0 if it is none.
 * URL, "IPv6 serializer": the first longest run of two or more zero pieces is
 * compressed, and there is no dotted form, which inet_ntop() would write. */
static int canonical_ipv6(cors_str_t host, char text[INET6_ADDRSTRLEN + 2])
{
    char inside[INET6_ADDRSTRLEN];
    unsigned char bytes[16];
    unsigned piece[8];
    int i, run, start = -1, length = 1, n = 0;

    if (host.n < 4 || host.n - 2 >= sizeof(inside)
        || host.p[host.n - 1] != ']') {
        return 0;
    }
    memcpy(inside, host.p + 1, host.n - 2);
    inside[host.n - 2] = '\0';
    if (strlen(inside) != host.n - 2
        || inet_pton(AF_INET6, inside, bytes) != 1) {
        return 0;
    }
    for (i = 0; i < 8; i++) {
        piece[i] = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
    }
    for (i = 0; i < 8; i += run > 0 ? run : 1) {
        for (run = 0; i + run < 8 && piece[i + run] == 0; run++) {
            continue;
        }
        if (run > length) {
            start = i;
            length = run;
        }
    }
    text[n++] = '[';
    for (i = 0; i < 8; i++) {
        if (i == start) {
            text[n++] = ':';
            text[n++] = ':';
            i += length - 1;
            continue;
        }
        if (i > 0 && i != start + length) {
            text[n++] = ':';
        }
        n += sprintf(text + n, "%x", piece[i]);
    }
    text[n++] = ']';
    text[n] = '\0';
    return 1;
}

static cors_str_t last_label(cors_str_t host)
{
    size_t n = host.n;

    while (n > 0 && host.p[n - 1] != '.') {
        n--;
    }
    return cors_str_sub(host, n, host.n);
}

/* Would a browser take a host with this last label for an IPv4 address?
 * URL, "ends in a number checker". */
static int is_numeric(cors_str_t label)
{
    size_t i = 0;
    int hex = label.n >= 2 && label.p[0] == '0' && label.p[1] == 'x';

    for (i = hex ? 2 : 0; i < label.n; i++) {
        if (!is_digit(label.p[i])
            && !(hex && label.p[i] >= 'a' && label.p[i] <= 'f')) {
            return 0;
        }
    }
    return label.n > 0;
}

static int is_canonical_ipv4(cors_str_t host)
{
    size_t i = 0;
    int part;

    for (part = 0; part < 4; part++) {
        unsigned number = 0;
        size_t start = i;

        while (i < host.n && i - start < 4 && is_digit(host.p[i])) {
            number = number * 10 + (unsigned)(host.p[i++] - '0');
        }
        if (i == start || number > 255
            || (host.p[start] == '0' && i - start > 1)) {
            return 0;
        }
        if (part < 3 && (i == host.n || host.p[i++] != '.')) {
            return 0;
        }
    }
    return i == host.n;
}

#define ODD_HOST "must have a host of letters, digits, '-', '_' and '.'"
#define LONG_LABEL "must have a host with labels of at most 63 bytes"

/* The rule a host breaks, or NULL. `is_domain` says that the scheme is one
 * whose hosts are domains; other hosts are opaque. A dot at the end is an
 * empty last label, which browsers keep. */
static const char *broken_host_rule(cors_str_t host, int is_domain)
{
    char ipv6[INET6_ADDRSTRLEN + 2];
    size_t i, label = 0;
    cors_str_t name = host;

    if (host.n == 0) {
        return "must name a host";
    }
    if (host.p[0] == '[') {
        return canonical_ipv6(host, ipv6) && is_word(host, ipv6)
            ? NULL : "must hold a valid IPv6 address between the brackets";
    }
    for (i = 0; i < host.n; i++) {
        char c = is_domain ? host.p[i] : cors_lower(host.p[i]);

        if (!is_label_char(c) && c != '.') {
            return ODD_HOST;
        }
    }
    if (!is_domain) {
        return NULL;
    }
    if (name.p[name.n - 1] == '.') {
        name.n--;
    }
    if (name.n > CORS_DOMAIN_MAX) {
        return "must have a host of at most 253 bytes";
    }
    for (i = 0; i <= name.n; i++) {
        if (i < name.n && name.p[i] != '.') {
            continue;
        }
        if (i == label) {
            return "must not have an empty label in its host";
        }
        if (i - label > CORS_LABEL_MAX) {
            return LONG_LABEL;
        }
        label = i + 1;
    }
    if (is_numeric(last_label(name)) && !is_canonical_ipv4(host)) {
        return "must have a host that is a domain name or a canonical IPv4 "
               "address";
    }
    return NULL;
}

/* -------------------------------------------------------------- origin -- */

int cors_origin_parse(cors_str_t value, cors_origin_t *origin)
{
    static const cors_str_t absent = { NULL, 0 };
    const char *standard_port;
    cors_str_t port;
    size_t i, n;

    if (value.n > CORS_ORIGIN_MAX) {
        return 0;
    }
    origin->text = value;
    if (is_word(value, "null")) {
        origin->scheme = origin->host = origin->port = absent;
        return 1;
    }
    n = scheme_length(value);
    for (i = 0; i < n; i++) {
        if (value.p[i] != cors_lower(value.p[i])) {
            return 0;
        }
    }
    origin->scheme = cors_str_sub(value, 0, n);
    if (n == 0 || is_word(origin->scheme, "file")) {
        return 0;
    }
    standard_port = default_port(origin->scheme);
    split_authority(cors_str_sub(value, n + 3, value.n), &origin->host, &port);
    if (port.p != NULL
        && (!is_port(port)
            || (standard_port != NULL && is_word(port, standard_port)))) {
        return 0;
    }
    origin->port = port;
    return broken_host_rule(origin->host, standard_port != NULL) == NULL;
}

int cors_origin_is_null(const cors_origin_t *origin)
{
    return origin->scheme.p == NULL;
}

static int is_loopback(cors_str_t host)
{
    static const char under[] = ".localhost";
    const size_t n = sizeof(under) - 1;

    return is_word(host, "localhost") || is_word(host, "[::1]")
        || (host.n > n && memcmp(host.p + host.n - n, under, n) == 0)
        || (host.n > 4 && memcmp(host.p, "127.", 4) == 0
            && is_numeric(last_label(host)));
}

int cors_origin_is_insecure(const cors_origin_t *origin)
{
    return is_word(origin->scheme, "http") && !is_loopback(origin->host);
}

/* ------------------------------------------------------------- pattern -- */

/* How many mistakes in one item are mended to find a suggestion. */
#define MISTAKES 4

static int read_pattern(cors_str_t item, cors_pattern_t *pattern,
                        cors_reading_t *reading, int mistakes);

static int refuse(cors_reading_t *reading, const char *rule)
{
    reading->rule = rule;
    reading->text[0] = '\0';
    return 0;
}

/* Refuses, and suggests `head` followed by `tail`, itself mended where that
 * has another obvious mistake, but only if the result is a pattern. */
static int refuse_for(cors_reading_t *reading, const char *rule,
                      const char *head, cors_str_t tail, int mistakes)
{
    char text[CORS_ORIGIN_MAX + 1];
    const size_t n = strlen(head);
    cors_str_t item = { text, n + tail.n };
    cors_reading_t other;
    cors_pattern_t pattern;

    if (mistakes == 0 || item.n >= sizeof(text)) {
        return refuse(reading, rule);
    }
    memcpy(text, head, n);
    memcpy(text + n, tail.p, tail.n);
    read_pattern(item, &pattern, &other, mistakes - 1);
    reading->rule = rule;
    memcpy(reading->text, other.text, sizeof(other.text));
    return 0;
}

/* Appends to the normalised text, letters lower-cased if asked. The item's
 * own length bounds the sum. */
static void append(cors_reading_t *reading, cors_pattern_t *pattern,
                   cors_str_t s, int lower)
{
    size_t i;

    for (i = 0; i < s.n && pattern->n < CORS_ORIGIN_MAX; i++) {
        reading->text[pattern->n++] = lower ? cors_lower(s.p[i]) : s.p[i];
    }
    reading->text[pattern->n] = '\0';
}

static cors_str_t text_from(const cors_reading_t *reading,
                            const cors_pattern_t *pattern, size_t from)
{
    cors_str_t s = { reading->text + from, pattern->n - from };

    return s;
}

/* Looks for `*` in the host, which has been appended, and sets the facts.
 * Returns the rule that is broken, or NULL. */
static const char *read_wildcard(cors_reading_t *reading,
                                 cors_pattern_t *pattern, int is_domain)
{
    cors_str_t host = text_from(reading, pattern, pattern->host);
    const char *star = memchr(host.p, '*', host.n);
    const char *dot = memchr(host.p, '.', host.n);
    const char *rule, *p;
    cors_str_t parent;

    if (star == NULL) {
        return broken_host_rule(host, is_domain);
    }
    if (!is_domain) {
        return "must not have '*' in its host: only http and https origins "
               "have domains";
    }
    if (memchr(star + 1, '*', (size_t)(host.p + host.n - star - 1))) {
        return "must not have more than one '*' in its host";
    }
    if (dot == NULL) {
        return "must name the domain behind '*'";
    }
    if (dot < star) {
        return "must have '*' in the leftmost label of its host only";
    }
    parent = cors_str_sub(host, (size_t)(dot - host.p) + 1, host.n);
    rule = broken_host_rule(parent, is_domain);
    if (rule != NULL || is_numeric(last_label(parent))) {
        return rule != NULL ? rule
                            : "must not have '*' over an IP address";
    }
    pattern->star = (unsigned short)(star - host.p);
    pattern->facts |= dot - host.p == 1 ? CORS_PATTERN_SUBDOMAINS
                                        : CORS_PATTERN_PARTIAL;
    for (p = host.p; p < dot; p++) {
        if (p != star && !is_label_char(*p)) {
            return ODD_HOST;
        }
    }
    if (dot - host.p > CORS_LABEL_MAX) {
        return LONG_LABEL;
    }
    /* Names of one label are top-level domains; those under `localhost` never
     * leave the machine. */
    if (memchr(parent.p, '.', parent.n) == NULL
        && !is_word(parent, "localhost")) {
        pattern->facts |= (pattern->facts & CORS_PATTERN_PARTIAL) != 0
            ? CORS_PATTERN_REGISTRABLE : CORS_PATTERN_PUBLIC_SUFFIX;
    }
    return NULL;
}

static int read_pattern(cors_str_t item, cors_pattern_t *pattern,
                        cors_reading_t *reading, int mistakes)
{
    static const cors_str_t either = CORS_STR("//");
    static const cors_str_t separator = CORS_STR("://");
    char ipv6[INET6_ADDRSTRLEN + 2];
    cors_str_t rest, scheme, host, port;
    const char *standard_port = NULL;
    const char *rule;
    int is_domain;
    size_t i, n;

    memset(pattern, 0, sizeof(*pattern));
    reading->rule = NULL;
    reading->text[0] = '\0';
    if (item.n == 0) {
        return refuse(reading, "must not be empty");
    }
    if (item.n > CORS_ORIGIN_MAX) {
        return refuse(reading, "must not be longer than 328 bytes");
    }
    for (i = 0; i < item.n; i++) {
        unsigned char c = (unsigned char)item.p[i];

        if (c <= ' ' || c >= 0x7f) {
            return refuse(reading, "must be of visible ASCII characters; "
                          "write an internationalised host in its xn-- form");
        }
    }
    if (is_word(item, "*") || is_word(item, "null")) {
        append(reading, pattern, item, 0);
        pattern->facts = item.n == 1 ? CORS_PATTERN_ANY : CORS_PATTERN_NULL;
        pattern->port = pattern->n;
        return 1;
    }
    if (memchr(item.p, ',', item.n)) {
        return refuse(reading, "must be one origin; separate several with "
                      "blanks");
    }

    /* The scheme. */
    n = scheme_length(item);
    if (n > 0) {
        scheme = cors_str_sub(item, 0, n);
        rest = cors_str_sub(item, n + separator.n, item.n);
        append(reading, pattern, scheme, 1);
        scheme = text_from(reading, pattern, 0);
        if (is_word(scheme, "file")) {
            return refuse(reading, "must not be a file: origin; browsers "
                          "send 'null' for files");
        }
        standard_port = default_port(scheme);
        pattern->scheme_n = pattern->n;
        append(reading, pattern, separator, 0);
        is_domain = standard_port != NULL;
    }
    else if (item.n >= 2 && memcmp(item.p, either.p, either.n) == 0) {
        rest = cors_str_sub(item, either.n, item.n);
        append(reading, pattern, either, 0);
        pattern->facts |= CORS_PATTERN_EITHER_SCHEME;
        pattern->scheme_n = 0;
        is_domain = 1;
    }
    else if (item.n > 4 && memcmp(item.p, "*://", 4) == 0) {
        return refuse_for(reading, "must not have '*' for a scheme; "
                          "'//host' stands for http and https", "",
                          cors_str_sub(item, 2, item.n), mistakes);
    }
    else if (cors_str_ieq(item, cors_str("null"))) {
        return refuse_for(reading, "must be written in lower case", "null",
                          cors_str(""), mistakes);
    }
    else {
        return refuse_for(reading, "must begin with a scheme and '://'",
                          "https://", item, mistakes);
    }

    /* What an origin does not have. */
    for (i = 0; i < rest.n; i++) {
        if (rest.p[i] == '@') {
            return refuse_for(reading, "must be scheme://host[:port] without "
                              "user information", pattern->scheme_n > 0
                              ? reading->text : "//",
                              cors_str_sub(rest, i + 1, rest.n), mistakes);
        }
        if (strchr("/?#\\", rest.p[i])) {
            return refuse_for(reading, "must be scheme://host[:port] without "
                              "a path", "",
                              cors_str_sub(item, 0, item.n - rest.n + i),
                              mistakes);
        }
    }
    split_authority(rest, &host, &port);

    /* The host. */
    pattern->host = pattern->n;
    if (canonical_ipv6(host, ipv6)) {
        append(reading, pattern, cors_str(ipv6), 0);
    }
    else {
        append(reading, pattern, host, is_domain);
    }
    pattern->host_n = (unsigned short)(pattern->n - pattern->host);
    if (port.p != NULL && memchr(port.p, ':', port.n)) {
        return refuse(reading, "must have an IPv6 address between brackets");
    }
    if (is_domain && host.n > 1 && host.p[host.n - 1] == '.') {
        return refuse_for(reading, "must not have a dot at the end of its "
                          "host", "",
                          cors_str_sub(item, 0, item.n - 1),
                          port.p == NULL ? mistakes : 0);
    }
    rule = read_wildcard(reading, pattern, is_domain);
    if (rule != NULL) {
        return refuse(reading, rule);
    }

    /* The port. */
    pattern->port = pattern->n;
    if (port.p != NULL && is_word(port, "*")) {
        if (!is_domain) {
            return refuse(reading, "must not have '*' for a port: only http "
                          "and https origins may");
        }
        pattern->facts |= CORS_PATTERN_ANY_PORT;
        append(reading, pattern, cors_str(":*"), 0);
    }
    else if (port.p != NULL) {
        if (!is_port(port)) {
            return refuse(reading, "must have a port from 1 to 65535 without "
                          "leading zeros");
        }
        if ((pattern->facts & CORS_PATTERN_EITHER_SCHEME) != 0
            && (is_word(port, "80") || is_word(port, "443"))) {
            return refuse(reading, "must name the scheme: this port is the "
                          "default of only one of http and https");
        }
        if (standard_port == NULL || !is_word(port, standard_port)) {
            append(reading, pattern, cors_str(":"), 0);
            pattern->port = pattern->n;
            append(reading, pattern, port, 0);
        }
    }

    host = cors_str_sub(text_from(reading, pattern, 0), pattern->host,
                        pattern->host + (size_t)pattern->host_n);
    if ((pattern->facts
         & (CORS_PATTERN_SUBDOMAINS | CORS_PATTERN_PARTIAL)) != 0) {
        const char *dot = memchr(host.p, '.', host.n);

        host = cors_str_sub(host, (size_t)(dot - host.p) + 1, host.n);
    }
    scheme = cors_str_sub(text_from(reading, pattern, 0), 0,
                          pattern->scheme_n);
    if ((is_word(scheme, "http")
         || (pattern->facts & CORS_PATTERN_EITHER_SCHEME) != 0)
        && !is_loopback(host)) {
        pattern->facts |= CORS_PATTERN_INSECURE;
    }
    return 1;
}

int cors_pattern_parse(cors_str_t item, cors_pattern_t *pattern,
                       cors_reading_t *reading)
{
    int ok = read_pattern(item, pattern, reading, MISTAKES);

    pattern->text = reading->text;
    return ok;
}

static int host_matches(const cors_pattern_t *pattern, cors_str_t host)
{
    const char *own = pattern->text + pattern->host;
    size_t head, tail;

    if ((pattern->facts
         & (CORS_PATTERN_SUBDOMAINS | CORS_PATTERN_PARTIAL)) == 0) {
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
    if ((facts & (CORS_PATTERN_EITHER_SCHEME | CORS_PATTERN_ANY_PORT
                  | CORS_PATTERN_SUBDOMAINS | CORS_PATTERN_PARTIAL)) == 0) {
        return origin->text.n == pattern->n
            && memcmp(origin->text.p, pattern->text, pattern->n) == 0;
    }
    if ((facts & CORS_PATTERN_EITHER_SCHEME) != 0) {
        if (!is_word(origin->scheme, "https")
            && !is_word(origin->scheme, "http")) {
            return 0;
        }
    }
    else if (origin->scheme.n != pattern->scheme_n
             || memcmp(origin->scheme.p, pattern->text, pattern->scheme_n)) {
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
