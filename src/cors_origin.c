/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_origin.h"

#include "cors_host.h"

static int is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

const char *cors_scheme_port(cors_str_t scheme)
{
    static const struct {
        cors_str_t scheme;
        const char *port;
    } special[] = {
        { CORS_STR("https"), "443" }, { CORS_STR("http"), "80" },
        { CORS_STR("wss"), "443" }, { CORS_STR("ws"), "80" },
        { CORS_STR("ftp"), "21" }
    };
    size_t i;

    for (i = 0; i < sizeof(special) / sizeof(*special); i++) {
        if (cors_str_eq(scheme, special[i].scheme)) {
            return special[i].port;
        }
    }
    return NULL;
}

size_t cors_scheme_length(cors_str_t s)
{
    size_t n;

    for (n = 0; n < s.n; n++) {
        char c = cors_lower(s.p[n]);

        if (!is_letter(c)
            && (n == 0
                || (!cors_is_digit(c) && c != '+' && c != '-' && c != '.'))) {
            break;
        }
    }
    return n > 0 && s.n - n >= 3 && memcmp(s.p + n, "://", 3) == 0 ? n : 0;
}

void cors_authority_split(cors_str_t s, cors_str_t *host, cors_str_t *port)
{
    const char *colon = s.p;
    const char *end = s.p + s.n;

    if (s.n > 0 && s.p[0] == '[') {
        colon = memchr(s.p, ']', s.n);
        colon = colon ? colon + 1 : end;
    }
    colon = s.n > 0 ? memchr(colon, ':', (size_t)(end - colon)) : NULL;
    port->p = NULL;
    port->n = 0;
    if (colon == NULL) {
        *host = s;
        return;
    }
    *host = cors_str_sub(s, 0, (size_t)(colon - s.p));
    *port = cors_str_sub(s, host->n + 1, s.n);
}

int cors_port_is_valid(cors_str_t port)
{
    unsigned long number = 0;
    size_t i;

    if (port.n == 0 || port.n > 5 || port.p[0] == '0') {
        return 0;
    }
    for (i = 0; i < port.n; i++) {
        if (!cors_is_digit(port.p[i])) {
            return 0;
        }
        number = number * 10 + (unsigned long)(port.p[i] - '0');
    }
    return number <= 65535;
}

/* The scheme of an origin, which a browser sends in lower case; absent if it
 * is none. */
static cors_str_t scheme_of(cors_str_t value)
{
    static const cors_str_t absent = { NULL, 0 };
    const size_t n = cors_scheme_length(value);
    size_t i;

    for (i = 0; i < n; i++) {
        if (value.p[i] != cors_lower(value.p[i])) {
            return absent;
        }
    }
    return n > 0 ? cors_str_sub(value, 0, n) : absent;
}

static int parse(cors_str_t value, cors_origin_t *origin)
{
    static const cors_str_t absent = { NULL, 0 };
    const char *standard_port;
    cors_str_t port;

    if (value.n == 0 || value.n > CORS_ORIGIN_MAX) {
        return 0;
    }
    origin->text = value;
    if (cors_str_is(value, "null")) {
        origin->scheme = origin->host = origin->port = absent;
        return 1;
    }
    origin->scheme = scheme_of(value);
    if (origin->scheme.p == NULL || cors_str_is(origin->scheme, "file")) {
        return 0;
    }
    standard_port = cors_scheme_port(origin->scheme);
    cors_authority_split(cors_str_sub(value, origin->scheme.n + 3, value.n),
                         &origin->host, &port);
    if (port.p != NULL
        && (!cors_port_is_valid(port)
            || (standard_port != NULL && cors_str_is(port, standard_port)))) {
        return 0;
    }
    origin->port = port;
    return cors_host_broken_rule(origin->host, standard_port != NULL) == NULL;
}

/* What nearly all are: https, and a domain without a port whose last label
 * begins with a letter. A quick yes; a no says nothing. */
static int parse_plain(cors_str_t value, cors_origin_t *origin)
{
    static const cors_str_t https = CORS_STR("https://");
    const char *p = value.p + https.n;
    const char *end = value.p + value.n;
    const char *label = p;

    if (value.n <= https.n || value.n > https.n + CORS_LABEL_MAX
        || memcmp(value.p, https.p, https.n) != 0) {
        return 0;
    }
    origin->text = value;
    origin->scheme = cors_str_sub(value, 0, https.n - 3);
    origin->host = cors_str_sub(value, https.n, value.n);
    origin->port.p = NULL;
    origin->port.n = 0;
    for (; p < end; p++) {
        if (!cors_host_is_label_char(*p)) {
            if (*p != '.' || p == label) {
                return 0;
            }
            label = p + 1;
        }
    }
    return label < end && is_letter(*label);
}

int cors_origin_parse(cors_str_t value, cors_origin_t *origin)
{
    return parse_plain(value, origin) || parse(value, origin);
}

int cors_origin_is_null(const cors_origin_t *origin)
{
    return origin->scheme.p == NULL;
}

int cors_origin_is_insecure(const cors_origin_t *origin)
{
    return cors_str_is(origin->scheme, "http")
        && !cors_host_is_loopback(origin->host);
}
