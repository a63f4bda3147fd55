/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_token.h"

static int is_tchar(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
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

static const char *const forbidden_methods[] = {
    "CONNECT", "TRACE", "TRACK", NULL
};

static const char *const safelisted_methods[] = {
    "GET", "HEAD", "POST", NULL
};

static const char *const normalised_methods[] = {
    "DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT", NULL
};

static const char *const registered_methods[] = {
    "ACL", "BASELINE-CONTROL", "BIND", "CHECKIN", "CHECKOUT", "COPY", "LABEL",
    "LINK", "LOCK", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL",
    "MKREDIRECTREF", "MKWORKSPACE", "MOVE", "ORDERPATCH", "PATCH", "PRI",
    "PROPFIND", "PROPPATCH", "QUERY", "REBIND", "REPORT", "SEARCH", "UNBIND",
    "UNCHECKOUT", "UNLINK", "UNLOCK", "UPDATE", "UPDATEREDIRECTREF",
    "VERSION-CONTROL", NULL
};

static const char *const forbidden_request_headers[] = {
    "accept-charset", "accept-encoding", "access-control-request-headers",
    "access-control-request-method", "access-control-request-private-network",
    "connection", "content-length", "cookie", "cookie2", "date", "dnt",
    "expect", "host", "keep-alive", "origin", "referer", "set-cookie", "te",
    "trailer", "transfer-encoding", "upgrade", "via", NULL
};

static const char *const response_only_headers[] = {
    "accept-ranges", "access-control-allow-credentials",
    "access-control-allow-headers", "access-control-allow-methods",
    "access-control-allow-origin", "access-control-allow-private-network",
    "access-control-expose-headers", "access-control-max-age", "etag",
    "location", "retry-after", "server", "strict-transport-security",
    "timing-allow-origin", "vary", "www-authenticate", NULL
};

static const char *const forbidden_response_headers[] = {
    "set-cookie", "set-cookie2", NULL
};

static const char *const request_only_headers[] = {
    "access-control-request-headers", "access-control-request-method",
    "access-control-request-private-network", "authorization", "cookie",
    "cookie2", "expect", "host", "if-match", "if-modified-since",
    "if-none-match", "if-range", "if-unmodified-since", "max-forwards",
    "origin", "proxy-authorization", "range", "referer", "te", "user-agent",
    NULL
};

static const char *const safelisted_response_headers[] = {
    "cache-control", "content-language", "content-length", "content-type",
    "expires", "last-modified", "pragma", NULL
};

static const char *const hop_by_hop_headers[] = {
    "connection", "keep-alive", "proxy-authenticate", "proxy-connection",
    "te", "trailer", "transfer-encoding", "upgrade", NULL
};

/* The table's own spelling of a name, or NULL. The tables are short and the
 * first letters differ, so a plain loop is quick enough. */
static const char *in_table(const char *const *table, cors_str_t name)
{
    for (; *table; table++) {
        if (cors_str_ieq(name, cors_str(*table))) {
            return *table;
        }
    }
    return NULL;
}

cors_method_kind_t cors_method_kind(cors_str_t method, const char **right)
{
    const char *name;
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
    if (name == NULL || cors_str_eq(method, cors_str(name))) {
        return CORS_METHOD_OK;
    }
    *right = name;
    return other;
}

int cors_is_safelisted_method(cors_str_t method)
{
    const char *name = in_table(safelisted_methods, method);

    return name != NULL && cors_str_eq(method, cors_str(name));
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
