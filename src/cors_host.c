/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_host.h"

#include <stdio.h>

#ifdef CORS_WITH_IDN2
#include <idn2.h>
#endif

/* inet_ntop() would do, but for the dotted form that it writes. */
int cors_host_canonical_ipv6(cors_str_t host, char text[CORS_IPV6_MAX + 1])
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

int cors_host_is_numeric(cors_str_t host)
{
    size_t n = host.n;
    cors_str_t label;
    size_t i;
    int hex;

    while (n > 0 && host.p[n - 1] != '.') {
        n--;
    }
    label = cors_str_sub(host, n, host.n);
    hex = label.n >= 2 && label.p[0] == '0' && label.p[1] == 'x';
    for (i = hex ? 2 : 0; i < label.n; i++) {
        if (!cors_is_digit(label.p[i])
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

        while (i < host.n && i - start < 4 && cors_is_digit(host.p[i])) {
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

static int is_ascii(cors_str_t s)
{
    size_t i;

    for (i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] > 0x7f) {
            return 0;
        }
    }
    return 1;
}

/* Writes the bytes in lower case, with a terminator. */
static const char *put(cors_str_t s, char *text, size_t size)
{
    size_t i;

    if (s.n >= size) {
        return CORS_HOST_LONG;
    }
    for (i = 0; i < s.n; i++) {
        text[i] = cors_lower(s.p[i]);
    }
    text[s.n] = '\0';
    return NULL;
}

#ifdef CORS_WITH_IDN2

/* Which rule stands behind libidn2's error, if browsers have it too? They let
 * hyphens stand anywhere, go by UTS 46 and not by IDNA 2008, and may know a
 * later version of Unicode. */
static const char *rule_of(int error, int is_a_label)
{
    switch (error) {
    case IDN2_DISALLOWED:
    case IDN2_UNASSIGNED:
    case IDN2_INVALID_NONTRANSITIONAL:
    case IDN2_2HYPHEN:
    case IDN2_HYPHEN_STARTEND:
        return is_a_label ? NULL
            : "must have a host that IDNA 2008 allows, or be written in its "
              "xn-- form";
    case IDN2_TOO_BIG_LABEL:
    case IDN2_PUNYCODE_BIG_OUTPUT:
        return CORS_HOST_LONG_LABEL;
    case IDN2_TOO_BIG_DOMAIN:
        return CORS_HOST_LONG;
    default:
        return "must have a host that is a valid internationalised domain "
               "name";
    }
}

/* Converts a label that is not ASCII, or checks one that begins with "xn--".
 * What comes out may have dots: UTS 46 knows four of them. */
static const char *convert(cors_str_t label, char *text, size_t size)
{
    const int is_a_label = is_ascii(label);
    const char *rule = put(label, text, size);
    uint8_t *converted = NULL;
    size_t i;
    int error;

    if (rule != NULL) {
        return rule;
    }
    error = idn2_lookup_u8((const uint8_t *)text, &converted,
                           IDN2_NONTRANSITIONAL);
    if (error != IDN2_OK) {
        return rule_of(error, is_a_label);
    }
    label = cors_str((const char *)converted);
    for (i = 0; i < label.n; i++) {
        if (!cors_host_is_label_char(label.p[i]) && label.p[i] != '.') {
            rule = CORS_HOST_ODD;
        }
    }
    if (rule == NULL) {
        rule = put(label, text, size);
    }
    idn2_free(converted);
    return rule;
}

#else

static const char *convert(cors_str_t label, char *text, size_t size)
{
    return is_ascii(label) ? put(label, text, size)
        : "must be of visible ASCII characters; write an internationalised "
          "host in its xn-- form";
}

#endif

/* Labels are converted one by one: libidn2 would judge the ASCII ones too, and
 * a label with a wildcard is none of its business. */
const char *cors_host_to_ascii(cors_str_t host, char *text, size_t size)
{
    size_t i, n = 0, start = 0;

    for (i = 0; i <= host.n; i++) {
        cors_str_t label;
        const char *rule;

        if (i < host.n && host.p[i] != '.') {
            continue;
        }
        label = cors_str_sub(host, start, i);
        if (memchr(label.p, '*', label.n)) {
            rule = is_ascii(label) ? put(label, text + n, size - n)
                : "must have ASCII characters only in the label that holds "
                  "'*'";
        }
        else if (is_ascii(label) && !cors_str_ibegins(label, "xn--", 4)) {
            rule = put(label, text + n, size - n);
        }
        else {
            rule = convert(label, text + n, size - n);
        }
        if (rule != NULL) {
            return rule;
        }
        n += strlen(text + n);
        if (i < host.n) {
            text[n++] = '.';
        }
        start = i + 1;
    }
    return NULL;
}

/* The rule for opaque hosts, which may have upper case. */
static const char *broken_rule_of_opaque(cors_str_t host)
{
    size_t i;

    for (i = 0; i < host.n; i++) {
        if (!cors_host_is_label_char(cors_lower(host.p[i]))
            && host.p[i] != '.') {
            return CORS_HOST_ODD;
        }
    }
    return NULL;
}

/* The one for domains and IPv4 addresses: one pass, as every origin that is
 * not listed as it is comes here. */
static const char *broken_rule_of_domain(cors_str_t host)
{
    const size_t n = host.n - (host.p[host.n - 1] == '.');
    const char *rule = NULL;
    size_t i, label;

    for (label = 0; label <= n; label = i + 1) {
        for (i = label; i < n && cors_host_is_label_char(host.p[i]); i++) {
            continue;
        }
        if (i < n && host.p[i] != '.') {
            return CORS_HOST_ODD;
        }
        if (rule == NULL && i == label) {
            rule = "must not have an empty label in its host";
        }
        else if (rule == NULL && i - label > CORS_LABEL_MAX) {
            rule = CORS_HOST_LONG_LABEL;
        }
    }
    if (n > CORS_DOMAIN_MAX) {
        return CORS_HOST_LONG;
    }
    if (rule == NULL && cors_host_is_numeric(cors_str_sub(host, 0, n))
        && !is_canonical_ipv4(host)) {
        rule = "must have a host that is a domain name or a canonical IPv4 "
               "address";
    }
    return rule;
}

const char *cors_host_broken_rule(cors_str_t host, int is_domain)
{
    char ipv6[CORS_IPV6_MAX + 1];

    if (host.n == 0) {
        return "must name a host";
    }
    if (host.p[0] == '[') {
        return cors_host_canonical_ipv6(host, ipv6) && cors_str_is(host, ipv6)
            ? NULL : "must hold a valid IPv6 address between the brackets";
    }
    return is_domain ? broken_rule_of_domain(host)
                     : broken_rule_of_opaque(host);
}

int cors_host_is_loopback(cors_str_t host)
{
    static const char under[] = ".localhost";
    const size_t n = sizeof(under) - 1;

    return cors_str_is(host, "localhost") || cors_str_is(host, "[::1]")
        || (host.n > n && memcmp(host.p + host.n - n, under, n) == 0)
        || (host.n > 4 && memcmp(host.p, "127.", 4) == 0
            && cors_host_is_numeric(host));
}
