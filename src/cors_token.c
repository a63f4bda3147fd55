/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_token.h"

#include <stdint.h>

/* RFC 9110, section 5.6.2. */
static const char is_tchar[256] = {
    ['!'] = 1, ['#'] = 1, ['$'] = 1, ['%'] = 1, ['&'] = 1, ['\''] = 1,
    ['*'] = 1, ['+'] = 1, ['-'] = 1, ['.'] = 1, ['^'] = 1, ['_'] = 1,
    ['`'] = 1, ['|'] = 1, ['~'] = 1,
    ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1,
    ['5'] = 1, ['6'] = 1, ['7'] = 1, ['8'] = 1, ['9'] = 1,
    ['A'] = 1, ['B'] = 1, ['C'] = 1, ['D'] = 1, ['E'] = 1, ['F'] = 1,
    ['G'] = 1, ['H'] = 1, ['I'] = 1, ['J'] = 1, ['K'] = 1, ['L'] = 1,
    ['M'] = 1, ['N'] = 1, ['O'] = 1, ['P'] = 1, ['Q'] = 1, ['R'] = 1,
    ['S'] = 1, ['T'] = 1, ['U'] = 1, ['V'] = 1, ['W'] = 1, ['X'] = 1,
    ['Y'] = 1, ['Z'] = 1,
    ['a'] = 1, ['b'] = 1, ['c'] = 1, ['d'] = 1, ['e'] = 1, ['f'] = 1,
    ['g'] = 1, ['h'] = 1, ['i'] = 1, ['j'] = 1, ['k'] = 1, ['l'] = 1,
    ['m'] = 1, ['n'] = 1, ['o'] = 1, ['p'] = 1, ['q'] = 1, ['r'] = 1,
    ['s'] = 1, ['t'] = 1, ['u'] = 1, ['v'] = 1, ['w'] = 1, ['x'] = 1,
    ['y'] = 1, ['z'] = 1
};

int cors_is_token(cors_str_t s)
{
    const char *p = s.p;
    const char *end = s.p + s.n;

    while (p < end && is_tchar[(unsigned char)*p]) {
        p++;
    }
    return p == end && s.n > 0;
}

static int is_blank(char c)
{
    return c == ' ' || c == '\t';
}

int cors_field_next(cors_str_t *rest, cors_str_t *item)
{
    const char *p = rest->p;
    const char *end, *comma;

    if (rest->n == 0) {
        return 0;               /* perhaps absent: no pointer to count from */
    }
    end = p + rest->n;
    while (p < end && (is_blank(*p) || *p == ',')) {
        p++;
    }
    if (p == end) {
        rest->p = end;
        rest->n = 0;
        return 0;
    }
    comma = memchr(p, ',', (size_t)(end - p));
    if (comma == NULL) {
        comma = end;
    }
    rest->p = comma;
    rest->n = (size_t)(end - comma);
    item->p = p;
    item->n = (size_t)(comma - p);
    while (is_blank(item->p[item->n - 1])) {
        item->n--;
    }
    return 1;
}

/* HTTP whitespace bytes. */
static int is_whitespace(char c)
{
    return is_blank(c) || c == '\r' || c == '\n';
}

cors_str_t cors_value_trim(cors_str_t value)
{
    size_t from = 0;
    size_t to = value.n;

    while (to > 0 && is_whitespace(value.p[to - 1])) {
        to--;
    }
    while (from < to && is_whitespace(value.p[from])) {
        from++;
    }
    return value.p != NULL ? cors_str_sub(value, from, to) : value;
}

/* A table of names, and which lengths they have: most names that are looked
 * up are of none, and need not be compared. */
typedef struct table_t {
    uint64_t lengths;           /* bit n: there is a name of n bytes */
    const cors_str_t *names;    /* the last one is absent */
} table_t;

#define NAME(literal)   CORS_STR(literal),
#define LENGTH(literal) | UINT64_C(1) << (sizeof(literal) - 1)
#define TABLE(table, NAMES) \
    static const cors_str_t table##_names[] = { \
        NAMES(NAME) { NULL, 0 } \
    }; \
    static const table_t table = { 0 NAMES(LENGTH), table##_names };

#define FORBIDDEN_METHODS(N) \
    N("CONNECT") N("TRACE") N("TRACK")
TABLE(forbidden_methods, FORBIDDEN_METHODS)

#define SAFELISTED_METHODS(N) \
    N("GET") N("HEAD") N("POST")
TABLE(safelisted_methods, SAFELISTED_METHODS)

#define NORMALISED_METHODS(N) \
    N("DELETE") N("GET") N("HEAD") N("OPTIONS") N("POST") N("PUT")
TABLE(normalised_methods, NORMALISED_METHODS)

#define REGISTERED_METHODS(N) \
    N("ACL") N("BASELINE-CONTROL") N("BIND") N("CHECKIN") N("CHECKOUT") \
    N("COPY") N("LABEL") N("LINK") N("LOCK") N("MERGE") N("MKACTIVITY") \
    N("MKCALENDAR") N("MKCOL") N("MKREDIRECTREF") N("MKWORKSPACE") N("MOVE") \
    N("ORDERPATCH") N("PATCH") N("PRI") N("PROPFIND") N("PROPPATCH") \
    N("QUERY") N("REBIND") N("REPORT") N("SEARCH") N("UNBIND") \
    N("UNCHECKOUT") N("UNLINK") N("UNLOCK") N("UPDATE") \
    N("UPDATEREDIRECTREF") N("VERSION-CONTROL")
TABLE(registered_methods, REGISTERED_METHODS)

#define FORBIDDEN_REQUEST_HEADERS(N) \
    N("accept-charset") N("accept-encoding") \
    N("access-control-request-headers") N("access-control-request-method") \
    N("access-control-request-private-network") N("connection") \
    N("content-length") N("cookie") N("cookie2") N("date") N("dnt") \
    N("expect") N("host") N("keep-alive") N("origin") N("referer") \
    N("set-cookie") N("te") N("trailer") N("transfer-encoding") N("upgrade") \
    N("via")
TABLE(forbidden_request_headers, FORBIDDEN_REQUEST_HEADERS)

#define OVERRIDE_HEADERS(N) \
    N("x-http-method") N("x-http-method-override") N("x-method-override")
TABLE(override_headers, OVERRIDE_HEADERS)

#define RESPONSE_ONLY_HEADERS(N) \
    N("accept-ranges") N("access-control-allow-credentials") \
    N("access-control-allow-headers") N("access-control-allow-methods") \
    N("access-control-allow-origin") \
    N("access-control-allow-private-network") \
    N("access-control-expose-headers") N("access-control-max-age") N("etag") \
    N("location") N("retry-after") N("server") \
    N("strict-transport-security") N("timing-allow-origin") N("vary") \
    N("www-authenticate")
TABLE(response_only_headers, RESPONSE_ONLY_HEADERS)

#define FORBIDDEN_RESPONSE_HEADERS(N) \
    N("set-cookie") N("set-cookie2")
TABLE(forbidden_response_headers, FORBIDDEN_RESPONSE_HEADERS)

#define REQUEST_ONLY_HEADERS(N) \
    N("access-control-request-headers") N("access-control-request-method") \
    N("access-control-request-private-network") N("authorization") \
    N("cookie") N("cookie2") N("expect") N("host") N("if-match") \
    N("if-modified-since") N("if-none-match") N("if-range") \
    N("if-unmodified-since") N("max-forwards") N("origin") \
    N("proxy-authorization") N("range") N("referer") N("te") N("user-agent")
TABLE(request_only_headers, REQUEST_ONLY_HEADERS)

#define SAFELISTED_RESPONSE_HEADERS(N) \
    N("cache-control") N("content-language") N("content-length") \
    N("content-type") N("expires") N("last-modified") N("pragma")
TABLE(safelisted_response_headers, SAFELISTED_RESPONSE_HEADERS)

#define HOP_BY_HOP_HEADERS(N) \
    N("connection") N("keep-alive") N("proxy-authenticate") \
    N("proxy-connection") N("te") N("trailer") N("transfer-encoding") \
    N("upgrade")
TABLE(hop_by_hop_headers, HOP_BY_HOP_HEADERS)

/* The table's own spelling of a name, or NULL. */
static const cors_str_t *find_in(const table_t *table, cors_str_t name)
{
    const cors_str_t *other = table->names;

    if (name.n > 63 || (table->lengths >> name.n & 1) == 0) {
        return NULL;
    }
    while (other->p != NULL && !cors_str_ieq(name, *other)) {
        other++;
    }
    return other->p != NULL ? other : NULL;
}

cors_method_kind_t cors_method_kind(cors_str_t method, const char **right)
{
    const cors_str_t *name = find_in(&normalised_methods, method);
    cors_method_kind_t other = CORS_METHOD_NORMALISED;

    if (name != NULL && cors_str_eq(method, *name)) {
        return CORS_METHOD_OK;
    }
    if (!cors_is_token(method)) {
        return CORS_METHOD_NO_TOKEN;
    }
    if (find_in(&forbidden_methods, method)) {
        return CORS_METHOD_FORBIDDEN;
    }
    if (name == NULL) {
        name = find_in(&registered_methods, method);
        other = CORS_METHOD_MISSPELT;
    }
    if (name == NULL || cors_str_eq(method, *name)) {
        return CORS_METHOD_OK;
    }
    *right = name->p;
    return other;
}

int cors_is_safelisted_method(cors_str_t method)
{
    const cors_str_t *name = find_in(&safelisted_methods, method);

    return name != NULL && cors_str_eq(method, *name);
}

int cors_is_forbidden_method(cors_str_t method)
{
    return find_in(&forbidden_methods, method) != NULL;
}

int cors_is_forbidden_request_prefix(cors_str_t prefix)
{
    return cors_str_ibegins(prefix, "proxy-", 6)
        || cors_str_ibegins(prefix, "sec-", 4);
}

int cors_is_forbidden_request_header(cors_str_t name)
{
    return cors_is_forbidden_request_prefix(name)
        || find_in(&forbidden_request_headers, name) != NULL;
}

/* Takes the next element off a value in which a comma between quotes does not
 * separate. Fetch, "get, decode, and split". */
static cors_str_t take_element(cors_str_t *rest)
{
    const cors_str_t all = *rest;
    int is_quoted = 0;
    size_t n;

    for (n = 0; n < all.n && (is_quoted || all.p[n] != ','); n++) {
        if (all.p[n] == '"') {
            is_quoted = !is_quoted;
        }
        else if (is_quoted && all.p[n] == '\\' && n + 1 < all.n) {
            n++;
        }
    }
    *rest = cors_str_sub(all, n < all.n ? n + 1 : n, all.n);
    return cors_value_trim(cors_str_sub(all, 0, n));
}

int cors_is_forbidden_request_field(cors_str_t name, cors_str_t value)
{
    if (cors_is_forbidden_request_header(name)) {
        return 1;
    }
    if (find_in(&override_headers, name) == NULL) {
        return 0;
    }
    while (value.n > 0) {
        if (cors_is_forbidden_method(take_element(&value))) {
            return 1;
        }
    }
    return 0;
}

int cors_is_response_only_header(cors_str_t name)
{
    return find_in(&response_only_headers, name) != NULL;
}

int cors_is_forbidden_response_header(cors_str_t name)
{
    return find_in(&forbidden_response_headers, name) != NULL;
}

int cors_is_request_only_header(cors_str_t name)
{
    return find_in(&request_only_headers, name) != NULL;
}

int cors_is_safelisted_response_header(cors_str_t name)
{
    return find_in(&safelisted_response_headers, name) != NULL;
}

int cors_is_hop_by_hop_header(cors_str_t name)
{
    return find_in(&hop_by_hop_headers, name) != NULL;
}

int cors_is_non_wildcard_request_header(cors_str_t name)
{
    static const cors_str_t authorization = CORS_STR("authorization");

    return cors_str_ieq(name, authorization);
}
