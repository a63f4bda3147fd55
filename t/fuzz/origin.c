/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/* The value of a request's Origin, as it came: the input is all of it, no
 * choices. Whatever the bytes, it is an origin exactly where a naive reader
 * says so, its parts are its own bytes, and nothing in it can harm a header or
 * a log. The same bytes are also tried as a host. */
#include "cors_host.h"
#include "cors_origin.h"

#include "fuzz.h"
#include "naive.h"
#include "naive_origin.h"

/* Are the bytes of a part those at `at` in the whole? */
static int stands_at(cors_str_t whole, size_t at, cors_str_t part)
{
    return part.p == whole.p + at && at + part.n <= whole.n;
}

static void check_parts(const cors_origin_t *origin)
{
    const cors_str_t text = origin->text;
    const size_t host = origin->scheme.n + 3;
    const size_t port = host + origin->host.n + 1;

    if (cors_origin_is_null(origin)) {
        promise(cors_str_is(text, "null") && origin->scheme.p == NULL
                && origin->host.p == NULL && origin->port.p == NULL,
                "null has no parts", text);
        return;
    }
    promise(stands_at(text, 0, origin->scheme)
            && stands_at(text, host, origin->host)
            && memcmp(text.p + host - 3, "://", 3) == 0
            && (origin->port.n == 0 ? text.n == port - 1
                : stands_at(text, port, origin->port)
                  && text.p[port - 1] == ':'
                  && text.n == port + origin->port.n),
            "an origin is its scheme, host and port", text);
    promise(origin->port.n == 0 || cors_port_is_valid(origin->port),
            "a port is a number", text);
}

static void check_origin(cors_str_t value)
{
    static const char allowed[] = NAIVE_LOWER NAIVE_UPPER NAIVE_DIGITS
                                  "+-._:/[]";
    cors_origin_t origin;
    char text[CORS_ORIGIN_MAX + 1];
    char host[TEXT_MAX];
    size_t i;

    const int is_origin = cors_origin_parse(value, &origin);

    promise(!!is_origin == naive_is_origin(value),
            is_origin ? "no browser sends this" : "browsers send this",
            value);
    if (!is_origin) {
        return;
    }
    promise(value.n <= 328, "an origin has 328 bytes at most", value);
    promise(origin.text.p == value.p && origin.text.n == value.n,
            "an origin is all of the value", value);
    for (i = 0; i < value.n; i++) {
        promise(memchr(allowed, value.p[i], sizeof(allowed) - 1) != NULL,
                "an origin holds letters, digits and +-._:/[]", value);
    }
    check_parts(&origin);
    put_text(value, text, sizeof(text));
    if (strcmp(text, "null") != 0) {
        naive_host(text, host);
        promise(!!cors_origin_is_insecure(&origin)
                == (strncmp(text, "http://", 7) == 0
                    && !naive_is_loopback(host)),
                "insecure is http to another machine", value);
    }
    else {
        promise(!cors_origin_is_insecure(&origin), "null is not insecure",
                value);
    }
}

static void check_address(cors_str_t host, const char *text)
{
    char canonical[CORS_IPV6_MAX + 1], again[CORS_IPV6_MAX + 1], naive[64];
    const int is_one = cors_host_canonical_ipv6(host, canonical);

    promise(!!is_one == naive_ipv6(text, naive), "this is an IPv6 address",
            host);
    if (is_one) {
        promise(strcmp(canonical, naive) == 0, "its canonical form", host);
        promise(strlen(canonical) <= host.n + 1,
                "which is one byte longer at most", host);
        promise(cors_host_canonical_ipv6(cors_str(canonical), again)
                && strcmp(canonical, again) == 0, "and has no other", host);
    }
}

/* `value` has no NUL. */
static void check_host(cors_str_t value, const char *text)
{
    char ascii[CORS_ORIGIN_MAX + 1], again[CORS_ORIGIN_MAX + 1];
    const char *rule;
    int is_domain;

    for (is_domain = 0; is_domain <= 1; is_domain++) {
        rule = cors_host_broken_rule(value, is_domain);
        promise((rule == NULL) == naive_is_host(text, is_domain),
                rule == NULL ? "no browser serialises this host"
                             : "browsers serialise this host", value);
        promise(rule == NULL || strncmp(rule, "must ", 5) == 0,
                "a rule is a phrase", value);
    }
    if (*text == '[') {
        check_address(value, text);
        return;
    }
    rule = cors_host_to_ascii(value, ascii, sizeof(ascii));
    if (rule != NULL) {
        promise(strncmp(rule, "must ", 5) == 0, "a rule is a phrase", value);
        return;
    }
    if (cors_host_broken_rule(cors_str(ascii), 1) == NULL) {
        promise(cors_host_to_ascii(cors_str(ascii), again, sizeof(again))
                == NULL && strcmp(ascii, again) == 0,
                "a host as browsers send it stays as it is",
                cors_str(ascii));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const cors_str_t value = exact_copy(begin_input(bytes, n));
    char text[1024];

    check_origin(value);
    if (put_text(value, text, sizeof(text))) {
        check_host(value, text);
    }
    end_input();
    return 0;
}
