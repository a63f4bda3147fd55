/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_token.h"

static int is_tchar(char c)
{
    return (c >= 'a' && c <= 'z') || c == '-' || (c >= 'A' && c <= 'Z')
        || cors_is_digit(c)
        || (c != '\0' && strchr("!#$%&'*+.^_`|~", c) != NULL);
}

int cors_is_token(cors_str_t s)
{
    size_t i;

    for (i = 0; i < s.n; i++) {
        if (!is_tchar(s.p[i])) {
            return 0;
        }
    }
    return s.n > 0;
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

/* The tables of names. */
#define N(literal) CORS_STR(literal)
#define END { NULL, 0 }

static const cors_str_t forbidden_methods[] = {
    N("CONNECT"), N("TRACE"), N("TRACK"), END
};

static const cors_str_t safelisted_methods[] = {
    N("GET"), N("HEAD"), N("POST"), END
};

static const cors_str_t normalised_methods[] = {
    N("DELETE"), N("GET"), N("HEAD"), N("OPTIONS"), N("POST"), N("PUT"), END
};

static const cors_str_t registered_methods[] = {
    N("ACL"), N("BASELINE-CONTROL"), N("BIND"), N("CHECKIN"), N("CHECKOUT"),
    N("COPY"), N("LABEL"), N("LINK"), N("LOCK"), N("MERGE"), N("MKACTIVITY"),
    N("MKCALENDAR"), N("MKCOL"), N("MKREDIRECTREF"), N("MKWORKSPACE"),
    N("MOVE"), N("ORDERPATCH"), N("PATCH"), N("PRI"), N("PROPFIND"),
    N("PROPPATCH"), N("QUERY"), N("REBIND"), N("REPORT"), N("SEARCH"),
    N("UNBIND"), N("UNCHECKOUT"), N("UNLINK"), N("UNLOCK"), N("UPDATE"),
    N("UPDATEREDIRECTREF"), N("VERSION-CONTROL"), END
};

static const cors_str_t forbidden_request_headers[] = {
    N("accept-charset"), N("accept-encoding"),
    N("access-control-request-headers"), N("access-control-request-method"),
    N("access-control-request-private-network"), N("connection"),
    N("content-length"), N("cookie"), N("cookie2"), N("date"), N("dnt"),
    N("expect"), N("host"), N("keep-alive"), N("origin"), N("referer"),
    N("set-cookie"), N("te"), N("trailer"), N("transfer-encoding"),
    N("upgrade"), N("via"), END
};

static const cors_str_t response_only_headers[] = {
    N("accept-ranges"), N("access-control-allow-credentials"),
    N("access-control-allow-headers"), N("access-control-allow-methods"),
    N("access-control-allow-origin"),
    N("access-control-allow-private-network"),
    N("access-control-expose-headers"), N("access-control-max-age"), N("etag"),
    N("location"), N("retry-after"), N("server"),
    N("strict-transport-security"), N("timing-allow-origin"), N("vary"),
    N("www-authenticate"), END
};

static const cors_str_t forbidden_response_headers[] = {
    N("set-cookie"), N("set-cookie2"), END
};

static const cors_str_t request_only_headers[] = {
    N("access-control-request-headers"), N("access-control-request-method"),
    N("access-control-request-private-network"), N("authorization"),
    N("cookie"), N("cookie2"), N("expect"), N("host"), N("if-match"),
    N("if-modified-since"), N("if-none-match"), N("if-range"),
    N("if-unmodified-since"), N("max-forwards"), N("origin"),
    N("proxy-authorization"), N("range"), N("referer"), N("te"),
    N("user-agent"), END
};

static const cors_str_t safelisted_response_headers[] = {
    N("cache-control"), N("content-language"), N("content-length"),
    N("content-type"), N("expires"), N("last-modified"), N("pragma"), END
};

static const cors_str_t hop_by_hop_headers[] = {
    N("connection"), N("keep-alive"), N("proxy-authenticate"),
    N("proxy-connection"), N("te"), N("trailer"), N("transfer-encoding"),
    N("upgrade"), END
};

/* The table's own spelling of a name, or NULL. The tables are short, and most
 * names differ in length or in the first letter. */
static const cors_str_t *in_table(const cors_str_t *table, cors_str_t name)
{
    for (; table->p; table++) {
        if (cors_str_ieq(name, *table)) {
            return table;
        }
    }
    return NULL;
}

cors_method_kind_t cors_method_kind(cors_str_t method, const char **right)
{
    const cors_str_t *name;
    cors_method_kind_t other = CORS_METHOD_NORMALISED;

    if (!cors_is_token(method)) {
        return CORS_METHOD_NO_TOKEN;
    }
    if (in_table(forbidden_methods, method)) {
        return CORS_METHOD_FORBIDDEN;
    }
    name = in_table(normalised_methods, method);
    if (name == NULL) {
        name = in_table(registered_methods, method);
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
    const cors_str_t *name = in_table(safelisted_methods, method);

    return name != NULL && cors_str_eq(method, *name);
}

int cors_is_forbidden_method(cors_str_t method)
{
    return in_table(forbidden_methods, method) != NULL;
}

int cors_is_forbidden_request_prefix(cors_str_t prefix)
{
    return cors_str_ibegins(prefix, "proxy-", 6)
        || cors_str_ibegins(prefix, "sec-", 4);
}

int cors_is_forbidden_request_header(cors_str_t name)
{
    return cors_is_forbidden_request_prefix(name)
        || in_table(forbidden_request_headers, name) != NULL;
}

int cors_is_response_only_header(cors_str_t name)
{
    return in_table(response_only_headers, name) != NULL;
}

int cors_is_forbidden_response_header(cors_str_t name)
{
    return in_table(forbidden_response_headers, name) != NULL;
}

int cors_is_request_only_header(cors_str_t name)
{
    return in_table(request_only_headers, name) != NULL;
}

int cors_is_safelisted_response_header(cors_str_t name)
{
    return in_table(safelisted_response_headers, name) != NULL;
}

int cors_is_hop_by_hop_header(cors_str_t name)
{
    return in_table(hop_by_hop_headers, name) != NULL;
}

int cors_is_non_wildcard_request_header(cors_str_t name)
{
    static const cors_str_t authorization = CORS_STR("authorization");

    return cors_str_ieq(name, authorization);
}
