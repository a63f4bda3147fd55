/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_token.h"

#include "tap.h"

/* RFC 9110, section 5.6.2. */
static const char tchars[] =
    "!#$%&'*+-.^_`|~0123456789"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static void test_tokens(void)
{
    static const struct {
        const char *what;
        const char *text;
        int want;
    } rows[] = {
        { "a name is a token", "X-Acme-Id", 1 },
        { "one byte is a token", "x", 1 },
        { "odd but legal bytes", "!#$%&'*+-.^_`|~", 1 },
        { "the empty string is no token", "", 0 },
        { "no blank in front", " x", 0 },
        { "no blank behind", "x ", 0 },
        { "no blank inside", "x y", 0 },
        { "no colon", "x:", 0 },
        { "no line end", "x\r\n", 0 },
        { "no quote", "\"x\"", 0 },
        { "no letter beyond ASCII", "caf\xc3\xa9", 0 }
    };
    size_t i;
    int c;

    for (i = 0; i < COUNT(rows); i++) {
        cors_str_t text = exact(rows[i].text);

        ok(cors_is_token(text) == rows[i].want, "%s", rows[i].what);
        drop(text);
    }
    for (c = 0; c < 256; c++) {
        char two[2] = { 'x', (char)c };
        int want = memchr(tchars, c, sizeof(tchars) - 1) != NULL;
        cors_str_t text = exact_n(two, 2);

        ok(cors_is_token(text) == want, "byte %02x %s a token", c,
           want ? "may stand in" : "ends");
        drop(text);
    }
}

static void test_fields(void)
{
    /* The elements come back with a slash behind each. */
    static const struct {
        const char *what;
        const char *value;
        const char *want;
    } rows[] = {
        { "one element", "a", "a/" },
        { "several elements", "a,b,c", "a/b/c/" },
        { "blanks around elements go", " a ,\tb\t, c ", "a/b/c/" },
        { "any number of blanks goes", "  a \t , \t b\t \t", "a/b/" },
        { "blanks inside an element stay", "a b , c", "a b/c/" },
        { "empty elements are passed over", ",,a,, ,b,", "a/b/" },
        { "nothing but commas and blanks", " , ,\t,", "" },
        { "the empty value", "", "" },
        { "the absent value", NULL, "" },
        { "only blanks and tabs are blanks", "\va\n,b", "\va\n/b/" }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        cors_str_t value = exact(rows[i].value);
        cors_str_t rest = value;
        cors_str_t item;
        char got[64] = "";

        while (cors_field_next(&rest, &item)) {
            strncat(got, item.p, item.n);
            strcat(got, "/");
        }
        is(cors_str(got), rows[i].want, rows[i].what, "elements");
        ok(rest.n == 0 && !cors_field_next(&rest, &item),
           "%s: the end stays the end", rows[i].what);
        drop(value);
    }
}

static void test_trimming(void)
{
    static const struct {
        const char *value;
        const char *want;
    } rows[] = {
        { "a", "a" }, { " \t\r\na b\tc\r\n\t ", "a b\tc" }, { "", "" },
        { " \t\r\n ", "" }, { "\va\f", "\va\f" }, { NULL, NULL }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        cors_str_t value = exact(rows[i].value);

        is(cors_value_trim(value), rows[i].want,
           rows[i].value ? rows[i].value : "the absent value", "trimmed");
        drop(value);
    }
}

static void test_methods(void)
{
    static const struct {
        const char *method;
        cors_method_kind_t kind;
        const char *right;
        int safelisted;
    } rows[] = {
        { "GET", CORS_METHOD_OK, NULL, 1 },
        { "HEAD", CORS_METHOD_OK, NULL, 1 },
        { "POST", CORS_METHOD_OK, NULL, 1 },
        { "DELETE", CORS_METHOD_OK, NULL, 0 },
        { "OPTIONS", CORS_METHOD_OK, NULL, 0 },
        { "PUT", CORS_METHOD_OK, NULL, 0 },
        { "PATCH", CORS_METHOD_OK, NULL, 0 },
        { "VERSION-CONTROL", CORS_METHOD_OK, NULL, 0 },
        { "FROBNICATE", CORS_METHOD_OK, NULL, 0 },
        { "frobnicate", CORS_METHOD_OK, NULL, 0 },
        { "GETS", CORS_METHOD_OK, NULL, 0 },
        { "GE", CORS_METHOD_OK, NULL, 0 },
        { "get", CORS_METHOD_NORMALISED, "GET", 0 },
        { "Head", CORS_METHOD_NORMALISED, "HEAD", 0 },
        { "pOST", CORS_METHOD_NORMALISED, "POST", 0 },
        { "delete", CORS_METHOD_NORMALISED, "DELETE", 0 },
        { "options", CORS_METHOD_NORMALISED, "OPTIONS", 0 },
        { "Put", CORS_METHOD_NORMALISED, "PUT", 0 },
        { "patch", CORS_METHOD_MISSPELT, "PATCH", 0 },
        { "Patch", CORS_METHOD_MISSPELT, "PATCH", 0 },
        { "propFind", CORS_METHOD_MISSPELT, "PROPFIND", 0 },
        { "version-control", CORS_METHOD_MISSPELT, "VERSION-CONTROL", 0 },
        { "CONNECT", CORS_METHOD_FORBIDDEN, NULL, 0 },
        { "Trace", CORS_METHOD_FORBIDDEN, NULL, 0 },
        { "track", CORS_METHOD_FORBIDDEN, NULL, 0 },
        { "", CORS_METHOD_NO_TOKEN, NULL, 0 },
        { "GET POST", CORS_METHOD_NO_TOKEN, NULL, 0 },
        { "GET,", CORS_METHOD_NO_TOKEN, NULL, 0 },
        { "GET/", CORS_METHOD_NO_TOKEN, NULL, 0 }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        cors_str_t method = exact(rows[i].method);
        const char *right = NULL;

        ok(cors_method_kind(method, &right) == rows[i].kind,
           "method '%s': kind", rows[i].method);
        is(cors_str(right), rows[i].right, rows[i].method, "right spelling");
        ok(cors_is_safelisted_method(method) == rows[i].safelisted,
           "method '%s' is %ssafelisted", rows[i].method,
           rows[i].safelisted ? "" : "not ");
        ok(cors_is_forbidden_method(method)
           == (rows[i].kind == CORS_METHOD_FORBIDDEN),
           "method '%s': forbidden or not", rows[i].method);
        drop(method);
    }
}

/* The IANA HTTP Method Registry, but for those that browsers upper-case and
 * those that no page can use. */
static void test_registered(void)
{
    static const char *const methods[] = {
        "ACL", "BASELINE-CONTROL", "BIND", "CHECKIN", "CHECKOUT", "COPY",
        "LABEL", "LINK", "LOCK", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL",
        "MKREDIRECTREF", "MKWORKSPACE", "MOVE", "ORDERPATCH", "PATCH", "PRI",
        "PROPFIND", "PROPPATCH", "QUERY", "REBIND", "REPORT", "SEARCH",
        "UNBIND", "UNCHECKOUT", "UNLINK", "UNLOCK", "UPDATE",
        "UPDATEREDIRECTREF", "VERSION-CONTROL"
    };
    size_t i, k;

    for (i = 0; i < COUNT(methods); i++) {
        const size_t n = strlen(methods[i]);
        const char *right = NULL;
        char other[64];

        for (k = 0; k < n; k++) {
            other[k] = cors_lower(methods[i][k]);
        }
        other[n] = '\0';
        ok(cors_method_kind(cors_str(methods[i]), &right) == CORS_METHOD_OK
           && right == NULL, "'%s' is written right", methods[i]);
        ok(cors_method_kind(cors_str(other), &right) == CORS_METHOD_MISSPELT
           && strcmp(right, methods[i]) == 0, "'%s' is '%s'", other,
           methods[i]);
    }
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* Names in the spelling of the standards. */
static void test_names(void)
{
    static const struct {
        const char *what;
        int (*is_one)(cors_str_t name);
        const char *members[32];
        const char *others[8];
    } rows[] = {
        { "forbidden request header", cors_is_forbidden_request_header,
          { "Accept-Charset", "Accept-Encoding",
            "Access-Control-Request-Headers", "Access-Control-Request-Method",
            "Access-Control-Request-Private-Network",
            "Connection", "Content-Length", "Cookie", "Cookie2", "Date",
            "DNT", "Expect", "Host", "Keep-Alive", "Origin", "Referer",
            "Set-Cookie", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
            "Via" },
          { "Accept", "Authorization", "Content-Type", "User-Agent", "Range",
            "Proxy", "Sec", "" } },
        { "response-only header", cors_is_response_only_header,
          { "Accept-Ranges", "Access-Control-Allow-Credentials",
            "Access-Control-Allow-Headers", "Access-Control-Allow-Methods",
            "Access-Control-Allow-Origin",
            "Access-Control-Allow-Private-Network",
            "Access-Control-Expose-Headers", "Access-Control-Max-Age",
            "ETag", "Location", "Retry-After",
            "Server", "Strict-Transport-Security", "Timing-Allow-Origin",
            "Vary", "WWW-Authenticate" },
          { "Access-Control-Request-Method", "Access-Control", "Accept",
            "Range", "Content-Type", "" } },
        { "forbidden response header", cors_is_forbidden_response_header,
          { "Set-Cookie", "Set-Cookie2" },
          { "Cookie", "Set-Cookie3", "" } },
        { "request-only header", cors_is_request_only_header,
          { "Access-Control-Request-Headers", "Access-Control-Request-Method",
            "Access-Control-Request-Private-Network",
            "Authorization", "Cookie", "Cookie2", "Expect", "Host", "If-Match",
            "If-Modified-Since", "If-None-Match", "If-Range",
            "If-Unmodified-Since", "Max-Forwards", "Origin",
            "Proxy-Authorization", "Range", "Referer", "TE", "User-Agent" },
          { "ETag", "Content-Range", "Content-Type", "X-Request-Id",
            "WWW-Authenticate", "" } },
        { "safelisted response header", cors_is_safelisted_response_header,
          { "Cache-Control", "Content-Language", "Content-Length",
            "Content-Type", "Expires", "Last-Modified", "Pragma" },
          { "ETag", "Content", "Location", "" } },
        { "hop-by-hop header", cors_is_hop_by_hop_header,
          { "Connection", "Keep-Alive", "Proxy-Authenticate",
            "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding",
            "Upgrade" },
          { "Content-Encoding", "ETag", "" } },
        { "non-wildcard request header", cors_is_non_wildcard_request_header,
          { "Authorization" },
          { "Proxy-Authorization", "Content-Type", "" } }
    };
    size_t i;
    const char *const *name;

    for (i = 0; i < COUNT(rows); i++) {
        for (name = rows[i].members; *name; name++) {
            const size_t n = strlen(*name);
            cors_str_t as_is = exact(*name);
            char other[64];
            size_t k;

            ok(rows[i].is_one(as_is), "'%s' is a %s", *name, rows[i].what);
            for (k = 0; k < n; k++) {
                other[k] = upper((*name)[k]);
            }
            ok(rows[i].is_one(cors_str_sub(cors_str(other), 0, n)),
               "'%s' is a %s in capitals, too", *name, rows[i].what);
            other[n] = 'x';
            ok(!rows[i].is_one(cors_str_sub(cors_str(other), 0, n + 1)),
               "'%s' and one letter more is none", *name);
            drop(as_is);
        }
        for (name = rows[i].others; *name; name++) {
            cors_str_t other = exact(*name);

            ok(!rows[i].is_one(other), "'%s' is no %s", *name, rows[i].what);
            drop(other);
        }
    }
    for (i = 0; i < COUNT(rows); i++) {
        char other[200];
        size_t n;
        int found = 0;

        memset(other, 'x', sizeof(other));
        for (n = 0; n < sizeof(other); n++) {
            found |= rows[i].is_one((cors_str_t){ other, n });
        }
        ok(!found, "no row of letters, however long, is a %s", rows[i].what);
    }
    ok(cors_is_forbidden_request_header(cors_str("Sec-Fetch-Site"))
       && cors_is_forbidden_request_header(cors_str("sec-"))
       && cors_is_forbidden_request_header(cors_str("pROXY-anything")),
       "no page sets a header that begins with Sec- or Proxy-");
}

/* What no page can send, as it depends on the value. */
static void test_overrides(void)
{
    static const struct {
        const char *name;
        const char *value;
        int want;
    } rows[] = {
        { "X-HTTP-Method", "TRACE", 1 },
        { "x-http-method-override", "connect", 1 },
        { "X-METHOD-OVERRIDE", "Track", 1 },
        { "X-HTTP-Method", "PUT", 0 },
        { "X-HTTP-Method", "TRACES", 0 },
        { "X-HTTP-Method", "", 0 },
        { "X-HTTP-Method", NULL, 0 },
        { "X-HTTP-Method", "GET, TRACE", 1 },
        { "X-HTTP-Method", "TRACE,GET", 1 },
        { "X-HTTP-Method", ",, \tTRACE\t ,,", 1 },
        { "X-HTTP-Method", "GET TRACE", 0 },
        { "X-HTTP-Method", "\"TRACE\"", 0 },
        { "X-HTTP-Method", "\"a,TRACE,b\"", 0 },
        { "X-HTTP-Method", "\"a\",TRACE", 1 },
        { "X-HTTP-Method", "\"a\\\",TRACE,b\"", 0 },
        { "X-HTTP-Method", "\"a\\\\\",TRACE", 1 },
        { "X-HTTP-Method", "\\\",TRACE", 0 },
        { "X-HTTP-Method", "TRACE,\"", 1 },
        { "X-HTTP-Method", "\",TRACE", 0 },
        { "X-HTTP-Method", "\"\\", 0 },
        { "X-HTTP-Methods", "TRACE", 0 },
        { "X-Other", "TRACE", 0 },
        { "Cookie", NULL, 1 },
        { "Sec-A", "", 1 }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        cors_str_t name = exact(rows[i].name);
        cors_str_t value = exact(rows[i].value);

        ok(cors_is_forbidden_request_field(name, value) == rows[i].want,
           "%s: %s is %sforbidden", rows[i].name,
           rows[i].value ? rows[i].value : "(not known)",
           rows[i].want ? "" : "not ");
        drop(name);
        drop(value);
    }
}

int main(void)
{
    test_tokens();
    test_fields();
    test_trimming();
    test_methods();
    test_registered();
    test_names();
    test_overrides();
    return done_testing();
}
