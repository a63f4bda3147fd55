/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_near_miss.h"

#include <apr_general.h>

#include "sections.h"
#include "tap.h"

static apr_pool_t *pool;

#define BLANKS "must be one origin, without blanks and commas"
#define CASE   "must be in lower case"
#define HOST   "must have its host as browsers write it"
#define PATH   "must be scheme://host[:port] without a path"
#define PORT   "must not name the default port of its scheme"
#define SCHEME "must begin with a scheme and '://'"
#define SEEN   "must be of visible characters"
#define STAR   "must not have '*', which is for lists of origins"

/* Rows are initialised by name: what a row does not speak of is off. */
typedef struct row_t {
    const char *what;
    const char *list;
    int credentials;
    int tolerate;
    const char *origin;
    const char *other;          /* NULL: nothing that near is allowed */
    const char *entry;          /* which allows that; NULL: the same text */
    const char *rule;           /* with a malformed origin */
    const char *host;           /* of the request; NULL: no site is known */
    int is_plain;               /* boolean: it came over http */
} row_t;

static const row_t rows[] = {
    { .what = "https is allowed",
      .list = "https://a.example", .origin = "http://a.example",
      .other = "https://a.example" },
    { .what = "http is allowed",
      .list = "http://a.example", .origin = "https://a.example",
      .other = "http://a.example" },
    { .what = "https on that port",
      .list = "https://a.example:81", .origin = "http://a.example:81",
      .other = "https://a.example:81" },
    { .what = "http on a port that was the default",
      .list = "http://a.example", .origin = "https://a.example:80",
      .other = "http://a.example" },
    { .what = "https on a port that was the default",
      .list = "https://a.example", .origin = "http://a.example:443",
      .other = "https://a.example" },
    { .what = "no port",
      .list = "http://a.example", .origin = "http://a.example:8080",
      .other = "http://a.example" },
    { .what = "no port of another scheme",
      .list = "app://host", .origin = "app://host:8080",
      .other = "app://host" },
    { .what = "scheme and port are two things",
      .list = "https://a.example", .origin = "http://a.example:8080" },
    { .what = "which port is meant is not guessed",
      .list = "http://a.example:8080", .origin = "http://a.example" },
    { .what = "www. is allowed",
      .list = "https://www.a.example", .origin = "https://a.example",
      .other = "https://www.a.example" },
    { .what = "no www. is allowed",
      .list = "https://a.example:81", .origin = "https://www.a.example:81",
      .other = "https://a.example:81" },
    { .what = "a host that is www. alone",
      .list = "https://www", .origin = "https://www.",
      .other = "https://www" },
    { .what = "an address has no www.",
      .list = "http://127.0.0.1 http://[::1]", .origin = "https://127.0.0.2" },
    { .what = "a dot at the end",
      .list = "https://a.example", .origin = "https://a.example.",
      .other = "https://a.example" },
    { .what = "a dot in front of the port",
      .list = "https://a.example:81", .origin = "https://a.example.:81",
      .other = "https://a.example:81" },
    { .what = "an opaque host in lower case",
      .list = "app://host", .origin = "app://Host", .other = "app://host" },
    { .what = "a listed one in upper case",
      .list = "app://Host", .origin = "app://host" },
    { .what = "another host",
      .list = "https://a.example", .origin = "https://b.example" },
    { .what = "a sub-domain",
      .list = "https://a.example", .origin = "https://b.a.example" },
    { .what = "another scheme than http",
      .list = "https://a.example", .origin = "wss://a.example" },
    { .what = "ftp", .list = "http://a.example", .origin = "ftp://a.example" },
    { .what = "null", .list = "https://null http://a", .origin = "null" },
    { .what = "the empty list", .list = "none", .origin = "http://a.example" },

    { .what = "a wildcard",
      .list = "https://*.a.example", .origin = "http://b.a.example",
      .other = "https://b.a.example", .entry = "https://*.a.example" },
    { .what = "a part of a label",
      .list = "https://pr-*.a.example", .origin = "http://pr-1.a.example",
      .other = "https://pr-1.a.example", .entry = "https://pr-*.a.example" },
    { .what = "any port",
      .list = "http://a.example:*", .origin = "https://a.example:81",
      .other = "http://a.example:81", .entry = "http://a.example:*" },
    { .what = "www. is below a wildcard",
      .list = "https://*.a.example", .origin = "https://a.example",
      .other = "https://www.a.example", .entry = "https://*.a.example" },
    { .what = "same-site",
      .list = "same-site", .origin = "http://b.a.example",
      .other = "https://b.a.example", .entry = "same-site",
      .host = "a.example" },
    { .what = "same-site where no site is known",
      .list = "same-site", .origin = "http://b.a.example" },
    { .what = "one section of two",
      .list = "https://a.example | +https://b.example",
      .origin = "http://a.example", .other = "https://a.example" },
    { .what = "a section that was replaced",
      .list = "https://a.example | https://b.example",
      .origin = "http://a.example" },
    { .what = "one that is taken out",
      .list = "https://*.a.example | -https://b.a.example",
      .origin = "http://b.a.example" },

    { .what = "http with credentials",
      .list = "http://a.example", .credentials = 1,
      .origin = "https://a.example" },
    { .what = "http with credentials, where same-site covers it",
      .list = "same-site", .credentials = 1, .origin = "http://b.a.example/",
      .rule = PATH, .host = "a.example", .is_plain = 1 },
    { .what = "http where same-site covers it",
      .list = "same-site", .origin = "http://b.a.example/",
      .other = "http://b.a.example", .entry = "same-site", .rule = PATH,
      .host = "a.example", .is_plain = 1 },
    { .what = "http with credentials, tolerated",
      .list = "http://a.example", .credentials = 1,
      .tolerate = CORS_TOLERATE_INSECURE, .origin = "https://a.example",
      .other = "http://a.example" },
    { .what = "http on the machine itself, with credentials",
      .list = "http://localhost:3000", .credentials = 1,
      .origin = "https://localhost:3000", .other = "http://localhost:3000" },
    { .what = "https with credentials",
      .list = "https://a.example", .credentials = 1,
      .origin = "http://a.example", .other = "https://a.example" },
    { .what = "'*' with credentials",
      .list = "*", .credentials = 1, .origin = "http://a.example" },
    { .what = "a public suffix with credentials",
      .list = "https://*.com", .credentials = 1, .origin = "http://a.com" },

    { .what = "CorsAllowOriginMatch is not asked",
      .list = "~https://a.example", .origin = "http://a.example" },
    { .what = "CorsAllowOriginExpr is not asked",
      .list = "?https://a.example", .origin = "http://a.example" },
    { .what = "a provider is not asked",
      .list = "@https://a.example", .origin = "http://a.example" },
    { .what = "one that cannot answer is not asked",
      .list = "@https://*!dead", .origin = "http://a.example" },
    { .what = "a file is not asked",
      .list = "<https://a.example", .origin = "http://a.example" },
    { .what = "none is asked about malformed ones",
      .list = "~https://* ?https://* @https://* <https://a.example",
      .origin = "https://a.example/", .rule = PATH },
    { .what = "what is listed beside sources is found",
      .list = "https://a.example ~https://* @https://* <https://a.example",
      .origin = "http://a.example", .other = "https://a.example" },

    { .what = "a slash at the end",
      .list = "https://a.example", .origin = "https://a.example/",
      .other = "https://a.example", .rule = PATH },
    { .what = "a path",
      .list = "https://a.example", .origin = "https://a.example/x?y#z",
      .other = "https://a.example", .rule = PATH },
    { .what = "a path on another host",
      .list = "https://a.example", .origin = "https://b.example/",
      .rule = PATH },
    { .what = "a path, and http",
      .list = "https://a.example", .origin = "http://a.example/",
      .rule = PATH },
    { .what = "a path, taken out",
      .list = "https://*.a.example | -https://b.a.example",
      .origin = "https://b.a.example/", .rule = PATH },
    { .what = "a path, http with credentials",
      .list = "http://a.example", .credentials = 1,
      .origin = "http://a.example/", .rule = PATH },
    { .what = "user information",
      .list = "https://a.example", .origin = "https://me@a.example",
      .other = "https://a.example",
      .rule = "must be scheme://host[:port] without user information" },
    { .what = "upper case",
      .list = "https://a.example", .origin = "HTTPS://A.example",
      .other = "https://a.example", .rule = CASE },
    { .what = "upper case of an unlisted one",
      .list = "https://a.example", .origin = "https://B.example",
      .rule = CASE },
    { .what = "a default port",
      .list = "https://a.example", .origin = "https://a.example:443",
      .other = "https://a.example", .rule = PORT },
    { .what = "a default port and upper case",
      .list = "http://a.example", .origin = "http://A.example:80",
      .other = "http://a.example", .rule = PORT },
    { .what = "a long address",
      .list = "http://[::1]", .origin = "http://[0:0:0:0:0:0:0:1]",
      .other = "http://[::1]", .rule = HOST },
    { .what = "a long address in upper case, with its default port",
      .list = "http://[::a]", .origin = "http://[0:0:0:0:0:0:0:A]:80",
      .other = "http://[::a]", .rule = CASE },
    { .what = "a dot at the end, in upper case",
      .list = "https://a.example", .origin = "https://A.example.",
      .other = "https://a.example",
      .rule = "must not have a dot at the end of its host" },
    { .what = "no scheme",
      .list = "https://a.example", .origin = "a.example",
      .other = "https://a.example", .rule = SCHEME },
    { .what = "no scheme, and a port",
      .list = "https://a.example", .origin = "a.example:81",
      .rule = SCHEME },
    { .what = "no scheme but //",
      .list = "//a.example", .origin = "//a.example", .rule = SCHEME },
    { .what = "the word same-site",
      .list = "same-site", .origin = "same-site", .rule = SCHEME,
      .host = "a.example" },
    { .what = "the word same-site in upper case",
      .list = "same-site", .origin = "Same-Site", .rule = SCHEME,
      .host = "a.example" },
    { .what = "null in upper case",
      .list = "null", .origin = "NULL", .other = "null",
      .rule = "must be written in lower case" },
    { .what = "null in upper case, with credentials",
      .list = "null", .credentials = 1, .origin = "NULL",
      .rule = "must be written in lower case" },
    { .what = "a file",
      .list = "null", .origin = "file:///x.html",
      .rule = "must not be a file: origin; browsers send 'null' for files" },
    { .what = "two, with a comma",
      .list = "https://a.example", .origin = "https://a.example,https://b",
      .rule = BLANKS },
    { .what = "two, with a blank",
      .list = "https://a.example", .origin = "https://a.example https://b",
      .rule = BLANKS },
    { .what = "the word of lists",
      .list = "* -https://b.example", .origin = "*", .rule = STAR },
    { .what = "a wildcard as it is listed",
      .list = "https://*.a.example", .origin = "https://*.a.example",
      .rule = STAR },
    { .what = "any port as it is listed",
      .list = "https://a.example:*", .origin = "https://a.example:*",
      .rule = STAR },
    { .what = "a tab",
      .list = "https://a.example", .origin = "https://a.example\t",
      .rule = SEEN },
    { .what = "DEL",
      .list = "https://a.example", .origin = "https://a.example\x7f",
      .rule = SEEN },
    { .what = "an empty label",
      .list = "https://a.example", .origin = "https://a..example",
      .rule = "must not have an empty label in its host" },
    { .what = "an odd port",
      .list = "https://a.example", .origin = "https://a.example:0443",
      .rule = "must have a port from 1 to 65535 without leading zeros" }
};

static cors_policy_t policy_of(const row_t *row)
{
    cors_policy_t policy;

    memset(&policy, 0, sizeof(policy));
    policy.origins = origin_sections(pool, row->list);
    policy.credentials = row->credentials;
    policy.tolerate = row->tolerate;
    return policy;
}

/* Is what was found allowed, and what it was found for not? */
static int agrees(const cors_policy_t *policy, cors_request_t request,
                  const cors_near_miss_t *miss)
{
    cors_verdict_t verdict;

    cors_decide(policy, &request, &verdict);
    if (verdict.result == CORS_ALLOWED
        || (verdict.result == CORS_MALFORMED_ORIGIN)
           != (miss->rule != NULL)) {
        return 0;
    }
    if (miss->entry == NULL) {
        return 1;
    }
    request.origin = cors_str(miss->origin);
    cors_decide(policy, &request, &verdict);
    return verdict.result == CORS_ALLOWED && verdict.entry == miss->entry;
}

static void test_row(const row_t *row)
{
    const cors_policy_t policy = policy_of(row);
    const cors_site_t site = { cors_str(row->host), CORS_STR(""),
                               !row->is_plain, system_suffixes() };
    cors_request_t request;
    cors_near_miss_t miss;

    memset(&request, 0, sizeof(request));
    request.origin = exact(row->origin);
    request.site = row->host != NULL ? &site : NULL;
    forget_asked();
    cors_near_miss_find(&policy, &request, &miss);
    is(cors_str(sources_asked), "", row->what, "no source is asked");
    is(cors_str(miss.rule), row->rule, row->what, "rule");
    is(miss.entry != NULL ? cors_str(miss.origin) : cors_str(NULL),
       row->other, row->what, "the other origin");
    is(text_of(miss.entry), row->entry != NULL ? row->entry : row->other,
       row->what, "its entry");
    ok(agrees(&policy, request, &miss), "%s: as cors_decide() has it",
       row->what);
    drop(request.origin);
}

/* What is as long as it may be, and one byte longer. */
static void test_length(void)
{
    static const char host[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.";
    const row_t any = { .list = "* -http://a.example" };
    const cors_policy_t policy = policy_of(&any);
    char text[CORS_ORIGIN_MAX + 2] = "http://";
    cors_request_t request;
    cors_near_miss_t miss;

    memset(&request, 0, sizeof(request));
    while (strlen(text) + sizeof(host) < CORS_DOMAIN_MAX) {
        strcat(text, host);
    }
    strcat(text, "example/");
    request.origin = exact(text);
    cors_near_miss_find(&policy, &request, &miss);
    ok(miss.entry != NULL && strlen(miss.origin) == strlen(text) - 1,
       "a long origin with a slash");
    drop(request.origin);
    memset(text, 'x', sizeof(text));
    memcpy(text, "app://", 6);
    request.origin = exact_n(text, CORS_ORIGIN_MAX + 1);
    cors_near_miss_find(&policy, &request, &miss);
    is(cors_str(miss.rule), CORS_ORIGIN_LONG, "a byte too many", "rule");
    ok(miss.entry == NULL, "a byte too many: nothing is near");
    drop(request.origin);
}

/* The origin with `www.` would be too long; what it begins with is listed. */
static void test_no_room(void)
{
    static const char front[] = "app://www.";
    char listed[CORS_ORIGIN_MAX + 1], sent[CORS_ORIGIN_MAX];
    const row_t row = { .list = listed };
    cors_request_t request;
    cors_near_miss_t miss;
    cors_policy_t policy;

    memset(listed, 'x', sizeof(listed));
    memcpy(listed, front, sizeof(front) - 1);
    listed[CORS_ORIGIN_MAX] = '\0';
    memset(sent, 'x', sizeof(sent));
    memcpy(sent, front, 6);
    policy = policy_of(&row);
    memset(&request, 0, sizeof(request));
    request.origin = exact_n(sent, sizeof(sent));
    cors_near_miss_find(&policy, &request, &miss);
    ok(miss.rule == NULL, "the longest origin is one");
    ok(miss.entry == NULL, "no room for www.: nothing is near");
    drop(request.origin);
}

/* ---------------------------------------------------------- the method -- */

static const struct {
    const char *what;
    const char *list;
    const char *method;
    const char *other;          /* NULL: there is none */
} methods[] = {
    { "lower case", "PATCH", "patch", "PATCH" },
    { "mixed case", "PATCH", "Patch", "PATCH" },
    { "upper case", "purge", "PURGE", "purge" },
    { "a listed one in mixed case is not found", "Purge", "purge", NULL },
    { "another method", "PATCH", "PUT", NULL },
    { "the default", NULL, "get", "GET" },
    { "GET, which needs no list", "none", "get", "GET" },
    { "an extended default", "+PUT", "put", "PUT" },
    { "taken out", "PUT -PATCH", "patch", NULL },
    { "one that is forbidden", "*", "trace", NULL },
    { "any, but not this", "* -patch", "patch", "PATCH" },
    { "no token", "*", "pa tch", NULL },
    { "odd bytes", "*", "pat\xffh", NULL },
    { "the longest", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
    { "one byte more", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL }
};

static void test_methods(void)
{
    size_t i;

    for (i = 0; i < COUNT(methods); i++) {
        const cors_str_t method = exact(methods[i].method);
        char other[CORS_NEAR_METHOD_MAX + 1];
        cors_policy_t policy;
        int found;

        memset(&policy, 0, sizeof(policy));
        policy.methods = method_sections(pool, methods[i].list);
        found = cors_near_miss_find_method(&policy, method, other);
        is(cors_str(found ? other : NULL), methods[i].other, methods[i].what,
           "the method in other letters");
        ok(!found || cors_policy_allows_method(&policy, cors_str(other)),
           "%s: it is allowed", methods[i].what);
        drop(method);
    }
}

int main(void)
{
    size_t i;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    for (i = 0; i < COUNT(rows); i++) {
        test_row(&rows[i]);
    }
    test_length();
    test_no_room();
    test_methods();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
