/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_policy.h"

#include <apr_general.h>

#include "sections.h"
#include "tap.h"

#define T_NULL     CORS_TOLERATE_NULL
#define T_INSECURE CORS_TOLERATE_INSECURE
#define T_PUBLIC   CORS_TOLERATE_PUBLIC_SUFFIX
#define T_LOOSE    CORS_TOLERATE_LOOSE

static apr_pool_t *pool;

/* Sections as in sections.h; NULL where nobody wrote a list. */
static cors_policy_t policy_of(const char *origins, const char *methods,
                               const char *headers, int credentials,
                               int tolerate)
{
    cors_policy_t policy;

    memset(&policy, 0, sizeof(policy));
    policy.origins = origin_sections(pool, origins);
    policy.methods = method_sections(pool, methods);
    policy.headers = header_sections(pool, headers);
    policy.credentials = credentials;
    policy.tolerate = tolerate;
    policy.max_age = 600;
    return policy;
}

/* The word of a result that is no rejection. */
static const char *word_of(cors_result_t result)
{
    cors_verdict_t verdict;

    memset(&verdict, 0, sizeof(verdict));
    verdict.result = result;
    return cors_result_word(&verdict);
}

/* --------------------------------------------------------- the origin -- */

/* Rows are initialised by name: what a row does not speak of is off. */
typedef struct origin_row_t {
    const char *what;
    const char *list;
    int credentials;
    int tolerate;
    const char *origin;
    cors_result_t result;
    const char *sent;           /* Access-Control-Allow-Origin */
    const char *entry;          /* what decided */
    const char *passed_over;
    unsigned guard;             /* why the origin itself is denied */
    const char *host;           /* of the request; NULL: no site is known */
    int is_secure;
    const char *asked;          /* the sources, a blank behind each */
    const char *failed;         /* with SOURCE_ERROR: the source */
} origin_row_t;

static const origin_row_t origin_rows[] = {
    { .what = "a listed origin is sent back",
      .list = "https://a.example https://b.example",
      .origin = "https://b.example", .result = CORS_ALLOWED,
      .sent = "https://b.example", .entry = "https://b.example" },
    { .what = "a listed origin is sent back with credentials",
      .list = "https://a.example", .credentials = 1,
      .origin = "https://a.example", .result = CORS_ALLOWED,
      .sent = "https://a.example", .entry = "https://a.example" },
    { .what = "a wildcard sends the origin, not itself",
      .list = "https://*.a.example", .origin = "https://x.a.example",
      .result = CORS_ALLOWED, .sent = "https://x.a.example",
      .entry = "https://*.a.example" },
    { .what = "an unlisted origin is denied",
      .list = "https://a.example", .origin = "https://b.example",
      .result = CORS_DENIED_ORIGIN },
    { .what = "a removed origin is denied, and by which entry",
      .list = "https://*.a.example | -https://x.a.example",
      .origin = "https://x.a.example", .result = CORS_DENIED_ORIGIN,
      .entry = "https://x.a.example" },
    { .what = "none allows nobody",
      .list = "none", .origin = "https://a.example",
      .result = CORS_DENIED_ORIGIN },
    { .what = "no origin, nothing to send",
      .list = "https://a.example", .result = CORS_ALLOWED },
    { .what = "an empty origin is none",
      .list = "https://a.example", .origin = "", .result = CORS_ALLOWED },
    { .what = "two origins are malformed",
      .list = "https://a.example",
      .origin = "https://a.example https://a.example",
      .result = CORS_MALFORMED_ORIGIN },
    { .what = "upper case is malformed",
      .list = "https://a.example", .origin = "https://A.example",
      .result = CORS_MALFORMED_ORIGIN },
    { .what = "a slash is malformed under '*' among others",
      .list = "* https://a.example", .origin = "https://a.example/",
      .result = CORS_MALFORMED_ORIGIN },

    { .what = "'*' is malformed where '*' is listed among others",
      .list = "* https://a.example", .origin = "*",
      .result = CORS_MALFORMED_ORIGIN },
    { .what = "'same-site' is malformed where it is listed",
      .list = "same-site", .origin = "same-site",
      .result = CORS_MALFORMED_ORIGIN, .host = "a.example" },
    { .what = "a listed wildcard is malformed itself",
      .list = "https://*.a.example", .origin = "https://*.a.example",
      .result = CORS_MALFORMED_ORIGIN },
    { .what = "a listed wildcard is malformed itself, in a table",
      .list = "https://pr-*.a.example https://b.example https://c.example "
      "https://d.example https://e.example https://f.example",
      .origin = "https://pr-*.a.example", .result = CORS_MALFORMED_ORIGIN },
    { .what = "a listed '//host' is malformed itself",
      .list = "//a.example", .origin = "//a.example",
      .result = CORS_MALFORMED_ORIGIN },
    { .what = "a listed ':*' is malformed itself",
      .list = "https://a.example:*", .origin = "https://a.example:*",
      .result = CORS_MALFORMED_ORIGIN },

    { .what = "'*' alone is constant",
      .list = "*", .origin = "https://a.example", .result = CORS_ALLOWED,
      .sent = "*" },
    { .what = "the constant policy answers null",
      .list = "*", .origin = "null", .result = CORS_ALLOWED, .sent = "*" },
    { .what = "the constant policy answers without origin",
      .list = "*", .result = CORS_ALLOWED, .sent = "*" },
    { .what = "the constant policy answers nonsense alike",
      .list = "*", .origin = "https://a.example/", .result = CORS_ALLOWED,
      .sent = "*" },
    { .what = "'*' beside another entry sends the origin",
      .list = "* https://a.example", .origin = "https://b.example",
      .result = CORS_ALLOWED, .sent = "https://b.example", .entry = "*" },
    { .what = "'*' beside another entry needs an origin",
      .list = "* https://a.example", .result = CORS_ALLOWED },
    { .what = "'*' with a '-' sends the origin",
      .list = "* -https://a.example", .origin = "null",
      .result = CORS_ALLOWED, .sent = "null", .entry = "*" },
    { .what = "'*' with a '-' denies that one",
      .list = "* | -https://a.example", .origin = "https://a.example",
      .result = CORS_DENIED_ORIGIN, .entry = "https://a.example" },
    { .what = "null is sent back where it is listed",
      .list = "null", .origin = "null", .result = CORS_ALLOWED,
      .sent = "null", .entry = "null" },
    { .what = "null is not listed by hosts",
      .list = "https://*.example", .origin = "null",
      .result = CORS_DENIED_ORIGIN },

    { .what = "'*' covers nobody with credentials",
      .list = "*", .credentials = 1, .origin = "https://a.example",
      .result = CORS_DENIED_ORIGIN, .passed_over = "*" },
    { .what = "'*' covers nobody with credentials, whatever is tolerated",
      .list = "*", .credentials = 1, .tolerate = T_NULL | T_INSECURE
      | T_PUBLIC, .origin = "https://a.example",
      .result = CORS_DENIED_ORIGIN, .passed_over = "*" },
    { .what = "'*' does not cover null with credentials",
      .list = "*", .credentials = 1, .tolerate = T_NULL, .origin = "null",
      .result = CORS_DENIED_ORIGIN, .passed_over = "*" },
    { .what = "'*' with credentials and without origin sends nothing",
      .list = "*", .credentials = 1, .result = CORS_ALLOWED },
    { .what = "an entry beside '*' still counts with credentials",
      .list = "* https://a.example", .credentials = 1,
      .origin = "https://a.example", .result = CORS_ALLOWED,
      .sent = "https://a.example", .entry = "https://a.example" },
    { .what = "an inner '*' does not hide an outer entry with credentials",
      .list = "https://a.example | +*", .credentials = 1,
      .origin = "https://a.example", .result = CORS_ALLOWED,
      .sent = "https://a.example", .entry = "https://a.example" },
    { .what = "a passed-over '*' does not hide a removal",
      .list = "-https://a.example | +*", .credentials = 1,
      .origin = "https://a.example", .result = CORS_DENIED_ORIGIN,
      .entry = "https://a.example", .passed_over = "*" },
    { .what = "nothing is passed over where '-' decides",
      .list = "* -https://a.example", .credentials = 1,
      .origin = "https://a.example", .result = CORS_DENIED_ORIGIN,
      .entry = "https://a.example" },
    { .what = "nothing is passed over where nothing covers the origin",
      .list = "http://a.example", .credentials = 1,
      .origin = "https://a.example", .result = CORS_DENIED_ORIGIN },

    { .what = "null is denied with credentials",
      .list = "null", .credentials = 1, .origin = "null",
      .result = CORS_DENIED_ORIGIN, .passed_over = "null" },
    { .what = "null with credentials, tolerated",
      .list = "null", .credentials = 1, .tolerate = T_NULL,
      .origin = "null", .result = CORS_ALLOWED, .sent = "null",
      .entry = "null" },
    { .what = "null with credentials, something else tolerated",
      .list = "null", .credentials = 1, .tolerate = T_INSECURE | T_PUBLIC,
      .origin = "null", .result = CORS_DENIED_ORIGIN,
      .passed_over = "null" },

    { .what = "http is allowed without credentials",
      .list = "http://a.example", .origin = "http://a.example",
      .result = CORS_ALLOWED, .sent = "http://a.example",
      .entry = "http://a.example" },
    { .what = "http is denied with credentials",
      .list = "http://a.example", .credentials = 1,
      .origin = "http://a.example", .result = CORS_DENIED_ORIGIN,
      .passed_over = "http://a.example" },
    { .what = "http with credentials, tolerated",
      .list = "http://a.example", .credentials = 1, .tolerate = T_INSECURE,
      .origin = "http://a.example", .result = CORS_ALLOWED,
      .sent = "http://a.example", .entry = "http://a.example" },
    { .what = "http with credentials, something else tolerated",
      .list = "http://a.example", .credentials = 1,
      .tolerate = T_NULL | T_PUBLIC, .origin = "http://a.example",
      .result = CORS_DENIED_ORIGIN, .passed_over = "http://a.example" },
    { .what = "http wildcards are denied with credentials",
      .list = "http://*.a.example:*", .credentials = 1,
      .origin = "http://x.a.example:81", .result = CORS_DENIED_ORIGIN,
      .passed_over = "http://*.a.example:*" },
    { .what = "//host is denied with credentials, over http",
      .list = "//a.example", .credentials = 1, .origin = "http://a.example",
      .result = CORS_DENIED_ORIGIN, .passed_over = "//a.example" },
    { .what = "//host is denied with credentials, over https too",
      .list = "//a.example", .credentials = 1, .origin = "https://a.example",
      .result = CORS_DENIED_ORIGIN, .passed_over = "//a.example" },
    { .what = "//host with credentials, tolerated",
      .list = "//a.example", .credentials = 1, .tolerate = T_INSECURE,
      .origin = "http://a.example", .result = CORS_ALLOWED,
      .sent = "http://a.example", .entry = "//a.example" },
    { .what = "http on localhost is welcome with credentials",
      .list = "http://localhost:*", .credentials = 1,
      .origin = "http://localhost:5173", .result = CORS_ALLOWED,
      .sent = "http://localhost:5173", .entry = "http://localhost:*" },
    { .what = "http under localhost is welcome with credentials",
      .list = "//*.localhost", .credentials = 1,
      .origin = "http://a.localhost", .result = CORS_ALLOWED,
      .sent = "http://a.localhost", .entry = "//*.localhost" },
    { .what = "http on a loopback address is welcome with credentials",
      .list = "http://127.0.0.1:3000 http://[::1]", .credentials = 1,
      .origin = "http://[::1]", .result = CORS_ALLOWED,
      .sent = "http://[::1]", .entry = "http://[::1]" },
    { .what = "what only looks like a loopback address is not",
      .list = "http://127.0.0.1.a.example", .credentials = 1,
      .origin = "http://127.0.0.1.a.example", .result = CORS_DENIED_ORIGIN,
      .passed_over = "http://127.0.0.1.a.example" },

    { .what = "a wildcard over a TLD is allowed without credentials",
      .list = "https://*.com", .origin = "https://a.com",
      .result = CORS_ALLOWED, .sent = "https://a.com",
      .entry = "https://*.com" },
    { .what = "a wildcard over a TLD is denied with credentials",
      .list = "https://*.com", .credentials = 1, .origin = "https://a.com",
      .result = CORS_DENIED_ORIGIN, .passed_over = "https://*.com" },
    { .what = "a wildcard over a TLD with credentials, tolerated",
      .list = "https://*.com", .credentials = 1, .tolerate = T_PUBLIC,
      .origin = "https://a.com", .result = CORS_ALLOWED,
      .sent = "https://a.com", .entry = "https://*.com" },
    { .what = "a wildcard over a TLD with credentials, other consent",
      .list = "https://*.com", .credentials = 1,
      .tolerate = T_NULL | T_INSECURE, .origin = "https://a.com",
      .result = CORS_DENIED_ORIGIN, .passed_over = "https://*.com" },
    { .what = "an http wildcard over a TLD needs both consents",
      .list = "http://*.com", .credentials = 1, .tolerate = T_PUBLIC,
      .origin = "http://a.com", .result = CORS_DENIED_ORIGIN,
      .passed_over = "http://*.com" },
    { .what = "a wildcard over a domain is welcome with credentials",
      .list = "https://*.a.com", .credentials = 1,
      .origin = "https://x.a.com", .result = CORS_ALLOWED,
      .sent = "https://x.a.com", .entry = "https://*.a.com" },
    { .what = "part of a registrable label needs consent always",
      .list = "https://*a.com", .origin = "https://evila.com",
      .result = CORS_DENIED_ORIGIN, .passed_over = "https://*a.com" },
    { .what = "part of a registrable label, other consent",
      .list = "https://*a.com", .tolerate = T_NULL | T_INSECURE,
      .origin = "https://evila.com", .result = CORS_DENIED_ORIGIN,
      .passed_over = "https://*a.com" },
    { .what = "part of a registrable label, tolerated",
      .list = "https://*a.com", .tolerate = T_PUBLIC,
      .origin = "https://evila.com", .result = CORS_ALLOWED,
      .sent = "https://evila.com", .entry = "https://*a.com" },
    { .what = "part of a registrable label, tolerated, with credentials",
      .list = "https://*a.com", .credentials = 1, .tolerate = T_PUBLIC,
      .origin = "https://evila.com", .result = CORS_ALLOWED,
      .sent = "https://evila.com", .entry = "https://*a.com" },
    { .what = "part of a registrable label still removes",
      .list = "https://www.a.com https://ba.com -https://*a.com",
      .origin = "https://ba.com", .result = CORS_DENIED_ORIGIN,
      .entry = "https://*a.com" },

    { .what = "'same-site' allows the site", .list = "same-site",
      .host = "www.a.example", .is_secure = 1,
      .origin = "https://x.a.example", .result = CORS_ALLOWED,
      .sent = "https://x.a.example", .entry = "same-site" },
    { .what = "'same-site' allows it with credentials", .list = "same-site",
      .credentials = 1, .host = "www.a.example", .is_secure = 1,
      .origin = "https://x.a.example", .result = CORS_ALLOWED,
      .sent = "https://x.a.example", .entry = "same-site" },
    { .what = "'same-site' denies others", .list = "same-site",
      .host = "www.a.example", .is_secure = 1,
      .origin = "https://x.b.example", .result = CORS_DENIED_ORIGIN },
    { .what = "'same-site' denies all where nothing is known of the request",
      .list = "same-site", .origin = "https://x.a.example",
      .result = CORS_DENIED_ORIGIN },
    { .what = "'same-site' over http", .list = "same-site",
      .host = "www.a.example", .origin = "http://x.a.example",
      .result = CORS_ALLOWED, .sent = "http://x.a.example",
      .entry = "same-site" },
    { .what = "'same-site' over http towards https", .list = "same-site",
      .host = "www.a.example", .is_secure = 1,
      .origin = "http://x.a.example", .result = CORS_DENIED_ORIGIN },
    { .what = "'same-site' over http with credentials", .list = "same-site",
      .credentials = 1, .host = "www.a.example",
      .origin = "http://x.a.example", .result = CORS_DENIED_ORIGIN,
      .entry = "same-site", .guard = CORS_PATTERN_INSECURE },
    { .what = "'same-site' over http with credentials, other consent",
      .list = "same-site", .credentials = 1,
      .tolerate = T_NULL | T_PUBLIC | T_LOOSE, .host = "www.a.example",
      .origin = "http://x.a.example", .result = CORS_DENIED_ORIGIN,
      .entry = "same-site", .guard = CORS_PATTERN_INSECURE },
    { .what = "'same-site' over http with credentials, tolerated",
      .list = "same-site", .credentials = 1, .tolerate = T_INSECURE,
      .host = "www.a.example", .origin = "http://x.a.example",
      .result = CORS_ALLOWED, .sent = "http://x.a.example",
      .entry = "same-site" },
    { .what = "'same-site' over http from localhost with credentials",
      .list = "same-site", .credentials = 1, .host = "localhost",
      .origin = "http://localhost:5173", .result = CORS_ALLOWED,
      .sent = "http://localhost:5173", .entry = "same-site" },

    { .what = "a source allows", .list = "~https://*.a.example",
      .origin = "https://x.a.example", .result = CORS_ALLOWED,
      .sent = "https://x.a.example", .entry = "https://*.a.example",
      .asked = "https://*.a.example " },
    { .what = "a source allows with credentials", .credentials = 1,
      .list = "?https://*.a.example", .origin = "https://x.a.example",
      .result = CORS_ALLOWED, .sent = "https://x.a.example",
      .entry = "https://*.a.example", .asked = "https://*.a.example " },
    { .what = "a source denies", .list = "~https://*.a.example",
      .origin = "https://x.b.example", .result = CORS_DENIED_ORIGIN,
      .asked = "https://*.a.example " },
    { .what = "no source is asked about null", .list = "~* ?*",
      .origin = "null", .result = CORS_DENIED_ORIGIN },
    { .what = "no source is asked about what is no origin", .list = "~* ?*",
      .origin = "https://a.example https://a.example",
      .result = CORS_MALFORMED_ORIGIN },
    { .what = "no source is asked without an origin", .list = "~* ?*",
      .result = CORS_ALLOWED },
    { .what = "no source is asked under a constant policy",
      .list = "~* ?* | *", .origin = "https://a.example",
      .result = CORS_ALLOWED, .sent = "*" },
    { .what = "'*' beside a source is not constant", .list = "* ~x",
      .origin = "https://a.example", .result = CORS_ALLOWED,
      .sent = "https://a.example", .entry = "*" },
    { .what = "a source beside '*' counts with credentials",
      .list = "* ~https://a*", .credentials = 1,
      .origin = "https://a.example", .result = CORS_ALLOWED,
      .sent = "https://a.example", .entry = "https://a*",
      .asked = "https://a* " },
    { .what = "a source allows http without credentials", .list = "~http*",
      .origin = "http://a.example", .result = CORS_ALLOWED,
      .sent = "http://a.example", .entry = "http*", .asked = "http* " },
    { .what = "an http origin that a source allows has no credentials",
      .list = "~http*", .credentials = 1, .origin = "http://a.example",
      .result = CORS_DENIED_ORIGIN, .entry = "http*",
      .guard = CORS_PATTERN_INSECURE, .asked = "http* " },
    { .what = "an http origin that a source allows, other consent",
      .list = "?http*", .credentials = 1,
      .tolerate = T_NULL | T_PUBLIC | T_LOOSE, .origin = "http://a.example",
      .result = CORS_DENIED_ORIGIN, .entry = "http*",
      .guard = CORS_PATTERN_INSECURE, .asked = "http* " },
    { .what = "an http origin that a source allows, tolerated",
      .list = "?http*", .credentials = 1, .tolerate = T_INSECURE,
      .origin = "http://a.example", .result = CORS_ALLOWED,
      .sent = "http://a.example", .entry = "http*", .asked = "http* " },
    { .what = "http on localhost is welcome with credentials by a source",
      .list = "~http://localhost:*", .credentials = 1,
      .origin = "http://localhost:5173", .result = CORS_ALLOWED,
      .sent = "http://localhost:5173", .entry = "http://localhost:*",
      .asked = "http://localhost:* " },
    { .what = "a denied origin may be passed over too", .credentials = 1,
      .list = "~http* | +http://a.example", .origin = "http://a.example",
      .result = CORS_DENIED_ORIGIN, .entry = "http*",
      .passed_over = "http://a.example", .guard = CORS_PATTERN_INSECURE,
      .asked = "http* " },
    { .what = "a denied origin ends the search", .credentials = 1,
      .list = "~https://a.example ~http://a.example ~http*",
      .origin = "http://a.example", .result = CORS_DENIED_ORIGIN,
      .entry = "http://a.example", .guard = CORS_PATTERN_INSECURE,
      .asked = "https://a.example http://a.example " },
    { .what = "a removed origin has no guard", .credentials = 1,
      .list = "~http* | -http://a.example", .origin = "http://a.example",
      .result = CORS_DENIED_ORIGIN, .entry = "http://a.example" },

    { .what = "a loose expression allows nobody", .list = "~https://*!loose",
      .origin = "https://a.example", .result = CORS_DENIED_ORIGIN,
      .passed_over = "https://*", .asked = "https://* " },
    { .what = "a loose expression passes nobody over by itself",
      .list = "~https://a*!loose", .origin = "https://b.example",
      .result = CORS_DENIED_ORIGIN, .asked = "https://a* " },
    { .what = "a good one beside a loose one", .list = "~https://*!loose ~*",
      .origin = "https://a.example", .result = CORS_ALLOWED,
      .sent = "https://a.example", .entry = "*", .asked = "* " },
    { .what = "an expression for http too has no credentials",
      .list = "~*a.example!http", .credentials = 1,
      .origin = "https://a.example", .result = CORS_DENIED_ORIGIN,
      .passed_over = "*a.example", .asked = "*a.example " },
    { .what = "an expression for http too without credentials",
      .list = "~*a.example!http", .origin = "https://a.example",
      .result = CORS_ALLOWED, .sent = "https://a.example",
      .entry = "*a.example", .asked = "*a.example " },
    { .what = "a condition that strangers meet has no credentials",
      .list = "?https://*!strangers", .credentials = 1,
      .origin = "https://a.example", .result = CORS_DENIED_ORIGIN,
      .passed_over = "https://*", .asked = "https://* https://* " },
    { .what = "a condition that strangers meet without credentials",
      .list = "?https://*!strangers", .origin = "https://a.example",
      .result = CORS_ALLOWED, .sent = "https://a.example",
      .entry = "https://*", .asked = "https://* " },
    { .what = "a condition that this origin does not meet is not asked for "
              "strangers",
      .list = "?https://a*!strangers", .credentials = 1,
      .origin = "https://b.example", .result = CORS_DENIED_ORIGIN,
      .asked = "https://a* https://a* " },

    { .what = "a provider allows", .list = "@https://*.a.example",
      .origin = "https://x.a.example", .result = CORS_ALLOWED,
      .sent = "https://x.a.example", .entry = "https://*.a.example",
      .asked = "https://*.a.example " },
    { .what = "a provider allows with credentials", .credentials = 1,
      .list = "@https://*.a.example", .origin = "https://x.a.example",
      .result = CORS_ALLOWED, .sent = "https://x.a.example",
      .entry = "https://*.a.example", .asked = "https://*.a.example " },
    { .what = "a provider denies", .list = "@https://*.a.example",
      .origin = "https://x.b.example", .result = CORS_DENIED_ORIGIN,
      .asked = "https://*.a.example " },
    { .what = "a provider is asked once with credentials",
      .list = "* @https://a*", .credentials = 1,
      .origin = "https://b.example", .result = CORS_DENIED_ORIGIN,
      .passed_over = "*", .asked = "https://a* " },
    { .what = "no provider is asked about null", .list = "@*",
      .origin = "null", .result = CORS_DENIED_ORIGIN },
    { .what = "no provider and no file is asked about what is no origin",
      .list = "@* <*", .origin = "https://a.example/",
      .result = CORS_MALFORMED_ORIGIN },
    { .what = "an http origin that a provider allows has no credentials",
      .list = "@http*", .credentials = 1, .origin = "http://a.example",
      .result = CORS_DENIED_ORIGIN, .entry = "http*",
      .guard = CORS_PATTERN_INSECURE, .asked = "http* " },
    { .what = "an http origin that a provider allows, tolerated",
      .list = "@http*", .credentials = 1, .tolerate = T_INSECURE,
      .origin = "http://a.example", .result = CORS_ALLOWED,
      .sent = "http://a.example", .entry = "http*", .asked = "http* " },

    { .what = "a line of a file allows", .credentials = 1,
      .list = "<https://b.example,https://*.a.example",
      .origin = "https://x.a.example", .result = CORS_ALLOWED,
      .sent = "https://x.a.example", .entry = "https://*.a.example",
      .asked = "https://b.example,https://*.a.example " },
    { .what = "no line of a file allows", .list = "<https://b.example",
      .origin = "https://a.example", .result = CORS_DENIED_ORIGIN,
      .asked = "https://b.example https://b.example " },
    { .what = "an empty file allows nobody", .list = "<",
      .origin = "https://a.example", .result = CORS_DENIED_ORIGIN,
      .asked = "  " },
    { .what = "'*' in a file sends the origin", .list = "<*",
      .origin = "https://a.example", .result = CORS_ALLOWED,
      .sent = "https://a.example", .entry = "*", .asked = "* " },
    { .what = "'*' in a file covers null", .list = "<*", .origin = "null",
      .result = CORS_ALLOWED, .sent = "null", .entry = "*", .asked = "* " },
    { .what = "null in a file", .list = "<null", .origin = "null",
      .result = CORS_ALLOWED, .sent = "null", .entry = "null",
      .asked = "null " },
    { .what = "'same-site' in a file", .list = "<same-site",
      .host = "www.a.example", .is_secure = 1,
      .origin = "https://x.a.example", .result = CORS_ALLOWED,
      .sent = "https://x.a.example", .entry = "same-site",
      .asked = "same-site " },
    { .what = "'*' in a file covers nobody with credentials", .list = "<*",
      .credentials = 1, .origin = "https://a.example",
      .result = CORS_DENIED_ORIGIN, .passed_over = "*", .asked = "* * " },
    { .what = "null in a file with credentials", .list = "<null",
      .credentials = 1, .origin = "null", .result = CORS_DENIED_ORIGIN,
      .passed_over = "null", .asked = "null null " },
    { .what = "null in a file with credentials, tolerated", .list = "<null",
      .credentials = 1, .tolerate = T_NULL, .origin = "null",
      .result = CORS_ALLOWED, .sent = "null", .entry = "null",
      .asked = "null " },
    { .what = "http in a file with credentials", .list = "<//a.example",
      .credentials = 1, .origin = "https://a.example",
      .result = CORS_DENIED_ORIGIN, .passed_over = "//a.example",
      .asked = "//a.example //a.example " },
    { .what = "part of a registrable label in a file",
      .list = "<https://*a.com", .origin = "https://evila.com",
      .result = CORS_DENIED_ORIGIN, .passed_over = "https://*a.com",
      .asked = "https://*a.com https://*a.com " },
    { .what = "a guarded line does not hide another", .credentials = 1,
      .list = "<*,//a.example,https://a.example",
      .origin = "https://a.example", .result = CORS_ALLOWED,
      .sent = "https://a.example", .entry = "https://a.example",
      .asked = "*,//a.example,https://a.example " },
    { .what = "a guarded line does not hide a provider", .credentials = 1,
      .list = "<* @https://*", .origin = "https://a.example",
      .result = CORS_ALLOWED, .sent = "https://a.example",
      .entry = "https://*", .asked = "* https://* " },
    { .what = "a line that is denied for the origin is not passed over",
      .list = "<same-site", .credentials = 1, .host = "www.a.example",
      .origin = "http://x.a.example", .result = CORS_DENIED_ORIGIN,
      .entry = "same-site", .guard = CORS_PATTERN_INSECURE,
      .asked = "same-site same-site " },

    { .what = "a provider is not asked again for what is passed over",
      .list = "@http* | +http://a.example", .credentials = 1,
      .origin = "http://a.example", .result = CORS_DENIED_ORIGIN,
      .entry = "http*", .passed_over = "http://a.example",
      .guard = CORS_PATTERN_INSECURE, .asked = "http* " },
    { .what = "nothing is passed over further out than a provider decides",
      .list = "http://a.example | @http*", .credentials = 1,
      .origin = "http://a.example", .result = CORS_DENIED_ORIGIN,
      .entry = "http*", .guard = CORS_PATTERN_INSECURE, .asked = "http* " },
    { .what = "nor is an origin removed further out",
      .list = "null -http://a.example | @http*", .credentials = 1,
      .origin = "http://a.example", .result = CORS_DENIED_ORIGIN,
      .entry = "http*", .guard = CORS_PATTERN_INSECURE, .asked = "http* " },
    { .what = "nor a source behind the provider that decides",
      .list = "null @http* ~http://*", .credentials = 1,
      .origin = "http://a.example", .result = CORS_DENIED_ORIGIN,
      .entry = "http*", .guard = CORS_PATTERN_INSECURE, .asked = "http* " },
    { .what = "a source in front of the provider that decides is passed over",
      .list = "~*a.example!http @http*", .credentials = 1,
      .origin = "http://a.example", .result = CORS_DENIED_ORIGIN,
      .entry = "http*", .passed_over = "*a.example",
      .guard = CORS_PATTERN_INSECURE, .asked = "http* *a.example " },

    { .what = "a source that cannot answer allows nobody", .list = "@x!dead",
      .origin = "https://a.example", .result = CORS_SOURCE_ERROR,
      .failed = "x", .asked = "x " },
    { .what = "a source that cannot answer, with credentials",
      .list = "@x!dead", .credentials = 1, .origin = "https://a.example",
      .result = CORS_SOURCE_ERROR, .failed = "x", .asked = "x " },
    { .what = "of several that cannot answer the last is told of",
      .list = "@x!dead @y!dead ~z", .origin = "https://a.example",
      .result = CORS_SOURCE_ERROR, .failed = "y", .asked = "x y z " },
    { .what = "a listed origin needs no answer",
      .list = "@x!dead https://a.example", .origin = "https://a.example",
      .result = CORS_ALLOWED, .sent = "https://a.example",
      .entry = "https://a.example" },
    { .what = "a wildcard needs no answer", .list = "@x!dead https://*.a.com",
      .origin = "https://x.a.com", .result = CORS_ALLOWED,
      .sent = "https://x.a.com", .entry = "https://*.a.com" },
    { .what = "another source allows", .list = "@x!dead @https://*",
      .origin = "https://a.example", .result = CORS_ALLOWED,
      .sent = "https://a.example", .entry = "https://*",
      .asked = "x https://* " },
    { .what = "a file allows", .list = "@x!dead <https://a.example",
      .origin = "https://a.example", .result = CORS_ALLOWED,
      .sent = "https://a.example", .entry = "https://a.example",
      .asked = "x https://a.example " },
    { .what = "an outer section allows", .credentials = 1,
      .list = "https://a.example | @x!dead", .origin = "https://a.example",
      .result = CORS_ALLOWED, .sent = "https://a.example",
      .entry = "https://a.example", .asked = "x " },
    { .what = "an outer expression allows", .list = "~https://* | @x!dead",
      .origin = "https://a.example", .result = CORS_ALLOWED,
      .sent = "https://a.example", .entry = "https://*",
      .asked = "x https://* " },
    { .what = "an origin that is taken out needs no answer",
      .list = "@x!dead -https://a.example", .origin = "https://a.example",
      .result = CORS_DENIED_ORIGIN, .entry = "https://a.example" },
    { .what = "an origin that is taken out further out is denied",
      .list = "-https://a.example | @x!dead", .origin = "https://a.example",
      .result = CORS_DENIED_ORIGIN, .entry = "https://a.example",
      .asked = "x " },
    { .what = "an unfit origin that another source allows is denied",
      .list = "@x!dead ~http*", .credentials = 1,
      .origin = "http://a.example", .result = CORS_DENIED_ORIGIN,
      .entry = "http*", .guard = CORS_PATTERN_INSECURE,
      .asked = "x http* " },
    { .what = "what the guard bars allows nobody in its place",
      .list = "* | @x!dead", .credentials = 1,
      .origin = "https://a.example", .result = CORS_SOURCE_ERROR,
      .failed = "x", .passed_over = "*", .asked = "x " },
    { .what = "a line that the guard bars allows nobody in its place",
      .list = "@x!dead <*", .credentials = 1,
      .origin = "https://a.example", .result = CORS_SOURCE_ERROR,
      .failed = "x", .passed_over = "*", .asked = "x * * " },
    { .what = "null needs no answer", .list = "@x!dead", .origin = "null",
      .result = CORS_DENIED_ORIGIN },
    { .what = "what is no origin needs no answer", .list = "@x!dead",
      .origin = "a", .result = CORS_MALFORMED_ORIGIN },
    { .what = "no origin needs no answer", .list = "@x!dead",
      .result = CORS_ALLOWED },
    { .what = "one that is ended needs not answer", .list = "@x!dead | @y",
      .origin = "https://a.example", .result = CORS_DENIED_ORIGIN,
      .asked = "y " }
};

static void test_origins(void)
{
    size_t i;

    for (i = 0; i < COUNT(origin_rows); i++) {
        const origin_row_t *row = &origin_rows[i];
        const cors_policy_t policy = policy_of(row->list, NULL, NULL,
                                               row->credentials,
                                               row->tolerate);
        const cors_site_t site = { cors_str(row->host), CORS_STR(""),
                                   row->is_secure, system_suffixes() };
        cors_request_t request;
        cors_verdict_t verdict;

        memset(&request, 0, sizeof(request));
        request.origin = exact(row->origin);
        request.site = row->host != NULL ? &site : NULL;
        request.whole = &request;
        forget_asked();
        cors_decide(&policy, &request, &verdict);
        is(cors_str(sources_asked), row->asked ? row->asked : "", row->what,
           "sources asked");
        ok(!sources_misled, "%s: asked once, and what they should be",
           row->what);
        ok(row->asked == NULL
           || (sources_question.request == request.whole
               && sources_question.site == request.site),
           "%s: sources know the request", row->what);
        ok(verdict.guard == row->guard, "%s: guard %03x", row->what,
           row->guard);
        ok(!verdict.is_rejected, "%s: not rejected", row->what);
        is(cors_str(cors_result_word(&verdict)),
           word_of(row->result), row->what, "result");
        is(verdict.allow_origin, row->sent, row->what, "sent");
        is(text_of(verdict.entry), row->entry, row->what, "entry");
        if (verdict.result == CORS_SOURCE_ERROR) {
            is(text_of(verdict.failed), row->failed, row->what, "failed");
        }
        is(text_of(verdict.passed_over), row->passed_over, row->what,
           "passed over");
        if (verdict.allow_origin.p != NULL
            && !cors_policy_is_constant(&policy)) {
            ok(verdict.allow_origin.p == request.origin.p,
               "%s: sent are the request's own bytes", row->what);
        }
        drop(request.origin);
    }
}

static void test_caching(void)
{
    static const struct {
        const char *what;
        const char *list;
        int credentials;
        int constant;
        int depends;
    } rows[] = {
        { "'*'", "*", 0, 1, 0 },
        { "'+*'", "+*", 0, 1, 0 },
        { "'*' under '*'", "* | +*", 0, 1, 0 },
        { "'*' that replaces others", "https://a.example | *", 0, 1, 0 },
        { "'*' with credentials", "*", 1, 0, 1 },
        { "'*' beside an origin", "* https://a.example", 0, 0, 1 },
        { "'*' beside null", "* null", 0, 0, 1 },
        { "'*' with a '-'", "* -https://a.example", 0, 0, 1 },
        { "'*' with a '-' further in", "* | -https://a.example", 0, 0, 1 },
        { "'*' with a '+' further in", "* | +https://a.example", 0, 0, 1 },
        { "one origin", "https://a.example", 0, 0, 1 },
        { "a wildcard", "https://*.a.example", 1, 0, 1 },
        { "none", "none", 0, 0, 0 },
        { "none with credentials", "none", 1, 0, 0 },
        { "none that replaces '*'", "* | none", 0, 0, 0 },
        { "'-' alone", "-https://a.example", 0, 0, 0 },
        { "same-site", "same-site", 0, 0, 1 },
        { "an expression", "~x", 0, 0, 1 },
        { "a condition beside '*'", "* ?x", 0, 0, 1 },
        { "an expression that '*' replaces", "~x | *", 0, 1, 0 },
        { "a provider", "@x", 0, 0, 1 },
        { "a file", "<https://a.example", 1, 0, 1 },
        { "an empty file", "<", 0, 0, 1 },
        { "'*' in a file", "<*", 0, 0, 1 },
        { "a file that '*' replaces", "<null | *", 0, 1, 0 }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        cors_policy_t policy = policy_of(rows[i].list, NULL, NULL,
                                         rows[i].credentials, 0);

        ok(cors_policy_is_constant(&policy) == rows[i].constant,
           "%s: %sconstant", rows[i].what, rows[i].constant ? "" : "not ");
        ok(cors_policy_depends_on_origin(&policy) == rows[i].depends,
           "%s: %s on the origin", rows[i].what,
           rows[i].depends ? "depends" : "does not depend");
        policy.rejects = 1;
        ok(cors_policy_is_constant(&policy) == rows[i].constant,
           "%s: %sconstant where others are rejected", rows[i].what,
           rows[i].constant ? "" : "not ");
        ok(cors_policy_depends_on_origin(&policy) == !rows[i].constant,
           "%s: %s on the origin where others are rejected", rows[i].what,
           rows[i].constant ? "does not depend" : "depends");
    }
}

/* ---------------------------------------------------------- the guards -- */

/* What is not safe, and who may consent. The list has nothing else that
 * would allow the origin. */
static const struct {
    const char *what;
    unsigned fact;
    const char *list;
    const char *origin;
    int is_of_credentials;
    int consent;                /* 0: there is none */
    const char *phrase;         /* part of the rule */
} guard_rows[] = {
    { "'*'", CORS_PATTERN_ANY, "* https://z.example", "https://a.example",
      1, 0, "list the origins" },
    { "null", CORS_PATTERN_NULL, "null", "null", 1, T_NULL,
      "'CorsTolerate null-credentials'" },
    { "http", CORS_PATTERN_INSECURE, "http://a.example", "http://a.example",
      1, T_INSECURE, "'CorsTolerate insecure-origin'" },
    { "//host", CORS_PATTERN_INSECURE, "//a.example", "https://a.example",
      1, T_INSECURE, "'CorsTolerate insecure-origin'" },
    { "an expression for http too", CORS_ENTRY_HTTP_TOO, "~*a.example!http",
      "https://a.example", 1, T_INSECURE, "'CorsTolerate insecure-origin'" },
    { "'*.' in front of a public suffix", CORS_PATTERN_PUBLIC_SUFFIX,
      "https://*.github.io", "https://a.github.io", 1, T_PUBLIC,
      "'CorsTolerate public-suffix'" },
    { "a condition that strangers meet", CORS_ENTRY_STRANGERS,
      "?https://*!strangers", "https://a.example", 1, T_LOOSE,
      "'CorsTolerate loose-match'" },
    { "'*' in a label that anybody can register", CORS_PATTERN_REGISTRABLE,
      "https://pr-*.github.io", "https://pr-1.github.io", 0, T_PUBLIC,
      "'CorsTolerate public-suffix'" },
    { "a loose expression", CORS_ENTRY_LOOSE, "~https://*!loose",
      "https://a.example", 0, T_LOOSE, "'CorsTolerate loose-match'" },
    { "'*' in a file", CORS_PATTERN_ANY, "<*", "https://a.example", 1, 0,
      "list the origins" },
    { "null in a file", CORS_PATTERN_NULL, "<null", "null", 1, T_NULL,
      "'CorsTolerate null-credentials'" },
    { "http in a file", CORS_PATTERN_INSECURE, "<http://a.example",
      "http://a.example", 1, T_INSECURE, "'CorsTolerate insecure-origin'" },
    { "'*.' in front of a public suffix, in a file",
      CORS_PATTERN_PUBLIC_SUFFIX, "<https://*.github.io",
      "https://a.github.io", 1, T_PUBLIC, "'CorsTolerate public-suffix'" },
    { "'*' in a label that anybody can register, in a file",
      CORS_PATTERN_REGISTRABLE, "<https://pr-*.github.io",
      "https://pr-1.github.io", 0, T_PUBLIC, "'CorsTolerate public-suffix'" }
};

static void test_guards(void)
{
    static const char *const words[] = {
        "null-credentials", "insecure-origin", "public-suffix", "loose-match"
    };
    size_t i, k;
    int tolerate, credentials;

    for (i = 0; i < COUNT(guard_rows) * 32; i++) {
        const size_t row = i / 32;
        char consent[80] = "";
        int barred;
        cors_policy_t policy;
        cors_request_t request;
        cors_verdict_t verdict;

        credentials = (int)(i & 1);
        tolerate = (int)(i / 2 % 16);
        for (k = 0; k < COUNT(words); k++) {
            if ((tolerate & (1 << k)) != 0) {
                strcat(strcat(consent, " "), words[k]);
            }
        }
        barred = (credentials || !guard_rows[row].is_of_credentials)
            && (guard_rows[row].consent == 0
                || (tolerate & guard_rows[row].consent) == 0);
        policy = policy_of(guard_rows[row].list, NULL, NULL, credentials,
                           tolerate);
        memset(&request, 0, sizeof(request));
        request.origin = cors_str(guard_rows[row].origin);
        cors_decide(&policy, &request, &verdict);
        ok(((cors_guard(&policy) & guard_rows[row].fact) != 0) == barred,
           "%s: %s with%s credentials, tolerated:%s", guard_rows[row].what,
           barred ? "guarded" : "free", credentials ? "" : "out", consent);
        ok(barred ? verdict.result == CORS_DENIED_ORIGIN
           && verdict.entry == NULL && verdict.allow_origin.p == NULL
           && verdict.passed_over != NULL && verdict.guard == 0
           && !cors_entry_removes(verdict.passed_over)
           : verdict.result == CORS_ALLOWED && verdict.entry != NULL
           && verdict.passed_over == NULL && verdict.guard == 0
           && verdict.allow_origin.p == request.origin.p,
           "%s: %s", guard_rows[row].what, barred ? "denied" : "allowed");
    }
}

static void test_rules(void)
{
    cors_policy_t policy;
    unsigned all = 0;
    int wrong = 0;
    size_t i;

    for (i = 0; i < COUNT(guard_rows); i++) {
        const unsigned fact = guard_rows[i].fact;
        const unsigned more = fact | CORS_ENTRY_GRANTS
            | CORS_PATTERN_ANY_PORT | CORS_ENTRY_MATCH;
        const char *rule = cors_guard_rule(fact);

        all |= fact;
        ok(cors_guard_is_of_credentials(fact)
           == guard_rows[i].is_of_credentials, "%s: %s", guard_rows[i].what,
           guard_rows[i].is_of_credentials ? "only with credentials"
                                           : "always");
        ok(strstr(rule, guard_rows[i].phrase) != NULL,
           "%s: the rule says %s", guard_rows[i].what,
           guard_rows[i].phrase);
        ok((strncmp(rule, "must ", 5) == 0)
           == (fact == CORS_PATTERN_REGISTRABLE),
           "%s: the rule follows what is said before it",
           guard_rows[i].what);
        ok(cors_guard_rule(more) == rule
           && cors_guard_is_of_credentials(more)
              == guard_rows[i].is_of_credentials,
           "%s: other facts do not matter", guard_rows[i].what);
    }
    for (i = 0; i < COUNT(guard_rows) * COUNT(guard_rows); i++) {
        const unsigned one = guard_rows[i / COUNT(guard_rows)].fact;
        const unsigned other = guard_rows[i % COUNT(guard_rows)].fact;
        const char *rule = cors_guard_rule(one | other);
        const int is_of_credentials = cors_guard_is_of_credentials(one)
            && cors_guard_is_of_credentials(other);

        wrong += cors_guard_is_of_credentials(one | other)
            != is_of_credentials
            || !((rule == cors_guard_rule(one)
                  && cors_guard_is_of_credentials(one) == is_of_credentials)
                 || (rule == cors_guard_rule(other)
                     && cors_guard_is_of_credentials(other)
                        == is_of_credentials));
    }
    ok(wrong == 0, "of two facts the one that is always barred is told of");
    ok(!cors_guard_is_of_credentials(0)
       && !cors_guard_is_of_credentials(CORS_ENTRY_GRANTS),
       "what is not guarded is not of credentials");

    policy = policy_of("*", NULL, NULL, 1, 0);
    ok(cors_guard(&policy) == all, "with credentials all is guarded");
    policy.credentials = 0;
    ok(cors_guard(&policy) == (CORS_PATTERN_REGISTRABLE | CORS_ENTRY_LOOSE),
       "without them what is wider than it looks");
    policy.tolerate = T_NULL | T_INSECURE | T_PUBLIC | T_LOOSE;
    ok(cors_guard(&policy) == 0, "and nothing of it where tolerated");
    policy.credentials = 1;
    ok(cors_guard(&policy) == CORS_PATTERN_ANY,
       "nobody may consent to '*' with credentials");
}

/* ---------------------------------------------------- who is rejected -- */

typedef struct reject_row_t {
    const char *what;
    const char *list;           /* NULL: https://a.example */
    int credentials;
    const char *origin;
    const char *fetch_site;     /* Sec-Fetch-Site */
    const char *host;           /* NULL: no site is known */
    const char *port;
    int is_secure;
    const char *method;         /* of a preflight */
    int is_rejected;
    cors_result_t result;
} reject_row_t;

static const reject_row_t reject_rows[] = {
    { .what = "an unlisted origin", .origin = "https://b.example",
      .is_rejected = 1, .result = CORS_DENIED_ORIGIN },
    { .what = "a listed one", .origin = "https://a.example" },
    { .what = "no origin" },
    { .what = "no origin, across sites", .fetch_site = "cross-site" },
    { .what = "an empty origin", .origin = "" },
    { .what = "a removed origin", .list = "https://*.a.example "
      "-https://x.a.example", .origin = "https://x.a.example",
      .is_rejected = 1, .result = CORS_DENIED_ORIGIN },
    { .what = "a malformed origin", .origin = "https://a.example/",
      .is_rejected = 1, .result = CORS_MALFORMED_ORIGIN },
    { .what = "null", .origin = "null", .is_rejected = 1,
      .result = CORS_DENIED_ORIGIN },
    { .what = "null where it is listed", .list = "null", .origin = "null" },
    { .what = "null with credentials", .list = "null", .credentials = 1,
      .origin = "null", .is_rejected = 1, .result = CORS_DENIED_ORIGIN },
    { .what = "a guarded origin", .list = "http://b.example",
      .credentials = 1, .origin = "http://b.example", .is_rejected = 1,
      .result = CORS_DENIED_ORIGIN },
    { .what = "an unfit origin", .list = "~http*", .credentials = 1,
      .origin = "http://b.example", .is_rejected = 1,
      .result = CORS_DENIED_ORIGIN },
    { .what = "an origin that a source allows", .list = "~https://*",
      .origin = "https://b.example" },
    { .what = "an origin that a source cannot tell of", .list = "@x!dead",
      .origin = "https://b.example", .is_rejected = 1,
      .result = CORS_SOURCE_ERROR },
    { .what = "an origin that a source cannot tell of, and another allows",
      .list = "@x!dead @https://*", .origin = "https://b.example" },
    { .what = "any origin under none", .list = "none",
      .origin = "https://a.example", .is_rejected = 1,
      .result = CORS_DENIED_ORIGIN },
    { .what = "no origin under none", .list = "none" },
    { .what = "any origin under a constant policy", .list = "*",
      .origin = "https://b.example" },
    { .what = "null under a constant policy", .list = "*",
      .origin = "null" },
    { .what = "a malformed origin under a constant policy", .list = "*",
      .origin = "https://b.example/" },
    { .what = "any origin under '*' with credentials", .list = "*",
      .credentials = 1, .origin = "https://b.example", .is_rejected = 1,
      .result = CORS_DENIED_ORIGIN },

    { .what = "Sec-Fetch-Site: same-origin", .origin = "https://b.example",
      .fetch_site = "same-origin", .result = CORS_DENIED_ORIGIN },
    { .what = "Sec-Fetch-Site: none", .origin = "https://b.example",
      .fetch_site = "none", .result = CORS_DENIED_ORIGIN },
    { .what = "Sec-Fetch-Site: same-site", .origin = "https://b.example",
      .fetch_site = "same-site", .is_rejected = 1,
      .result = CORS_DENIED_ORIGIN },
    { .what = "Sec-Fetch-Site: cross-site", .origin = "https://b.example",
      .fetch_site = "cross-site", .is_rejected = 1,
      .result = CORS_DENIED_ORIGIN },
    { .what = "Sec-Fetch-Site in another case", .fetch_site = "Same-Origin",
      .origin = "https://b.example", .is_rejected = 1,
      .result = CORS_DENIED_ORIGIN },
    { .what = "Sec-Fetch-Site twice", .origin = "https://b.example",
      .fetch_site = "same-origin, cross-site", .is_rejected = 1,
      .result = CORS_DENIED_ORIGIN },
    { .what = "an empty Sec-Fetch-Site", .origin = "https://b.example",
      .fetch_site = "", .is_rejected = 1, .result = CORS_DENIED_ORIGIN },
    { .what = "a malformed origin, Sec-Fetch-Site: same-origin",
      .origin = "https://b.example/", .fetch_site = "same-origin",
      .result = CORS_MALFORMED_ORIGIN },
    { .what = "a malformed origin, Sec-Fetch-Site: none", .origin = "?",
      .fetch_site = "none", .result = CORS_MALFORMED_ORIGIN },
    { .what = "null, Sec-Fetch-Site: same-origin", .origin = "null",
      .fetch_site = "same-origin", .result = CORS_DENIED_ORIGIN },
    { .what = "under none, Sec-Fetch-Site: same-origin", .list = "none",
      .origin = "https://b.example", .fetch_site = "same-origin",
      .result = CORS_DENIED_ORIGIN },

    { .what = "the site itself", .origin = "https://b.example",
      .host = "b.example", .is_secure = 1, .result = CORS_DENIED_ORIGIN },
    { .what = "the site itself, http", .origin = "http://b.example",
      .host = "b.example", .result = CORS_DENIED_ORIGIN },
    { .what = "the site itself, https towards http",
      .origin = "https://b.example", .host = "b.example",
      .result = CORS_DENIED_ORIGIN },
    { .what = "the site itself, http towards https",
      .origin = "http://b.example", .host = "b.example", .is_secure = 1,
      .is_rejected = 1, .result = CORS_DENIED_ORIGIN },
    { .what = "the site itself on a port", .host = "b.example",
      .origin = "http://b.example:8080", .port = "8080",
      .result = CORS_DENIED_ORIGIN },
    { .what = "the site itself on a default port",
      .origin = "https://b.example", .host = "b.example", .port = "443",
      .is_secure = 1, .result = CORS_DENIED_ORIGIN },
    { .what = "the site itself on another port", .host = "b.example",
      .origin = "http://b.example:8080", .port = "8081", .is_rejected = 1,
      .result = CORS_DENIED_ORIGIN },
    { .what = "the site itself under none", .list = "none",
      .origin = "https://b.example", .host = "b.example", .is_secure = 1,
      .result = CORS_DENIED_ORIGIN },
    { .what = "the site itself, removed",
      .list = "https://*.example -https://b.example",
      .origin = "https://b.example", .host = "b.example", .is_secure = 1,
      .result = CORS_DENIED_ORIGIN },
    { .what = "the site itself, unfit", .list = "~http*", .credentials = 1,
      .origin = "http://b.example", .host = "b.example",
      .result = CORS_DENIED_ORIGIN },
    { .what = "the site itself, whatever Sec-Fetch-Site says",
      .origin = "https://b.example", .host = "b.example", .is_secure = 1,
      .fetch_site = "cross-site", .result = CORS_DENIED_ORIGIN },
    { .what = "the site itself, where a source cannot tell",
      .list = "@x!dead", .origin = "https://b.example", .host = "b.example",
      .is_secure = 1, .result = CORS_SOURCE_ERROR },
    { .what = "a source cannot tell, Sec-Fetch-Site: same-origin",
      .list = "@x!dead", .origin = "https://b.example",
      .fetch_site = "same-origin", .result = CORS_SOURCE_ERROR },
    { .what = "another host of the site", .origin = "https://x.b.example",
      .host = "b.example", .is_secure = 1, .is_rejected = 1,
      .result = CORS_DENIED_ORIGIN },
    { .what = "the site itself, another scheme", .origin = "wss://b.example",
      .host = "b.example", .is_secure = 1, .is_rejected = 1,
      .result = CORS_DENIED_ORIGIN },
    { .what = "an unknown host", .origin = "https://b.example", .host = "",
      .is_rejected = 1, .result = CORS_DENIED_ORIGIN },
    { .what = "null towards a site", .origin = "null", .host = "b.example",
      .is_rejected = 1, .result = CORS_DENIED_ORIGIN },
    { .what = "what only begins like the site itself",
      .origin = "https://b.example/", .host = "b.example", .is_secure = 1,
      .is_rejected = 1, .result = CORS_MALFORMED_ORIGIN },

    { .what = "a preflight from an unlisted origin", .method = "GET",
      .origin = "https://b.example", .is_rejected = 1,
      .result = CORS_DENIED_ORIGIN },
    { .what = "a preflight that a source cannot tell of", .method = "GET",
      .list = "@x!dead", .origin = "https://b.example", .is_rejected = 1,
      .result = CORS_SOURCE_ERROR },
    { .what = "a preflight from a listed one", .method = "GET",
      .origin = "https://a.example" },
    { .what = "a preflight with an unlisted method", .method = "PUT",
      .origin = "https://a.example", .result = CORS_DENIED_METHOD }
};

static void test_rejects(void)
{
    size_t i;

    for (i = 0; i < COUNT(reject_rows); i++) {
        const reject_row_t *row = &reject_rows[i];
        cors_policy_t policy = policy_of(row->list ? row->list
                                         : "https://a.example", NULL, NULL,
                                         row->credentials, 0);
        const cors_site_t site = { cors_str(row->host), cors_str(row->port),
                                   row->is_secure, system_suffixes() };
        cors_request_t request;
        cors_verdict_t verdict;

        memset(&request, 0, sizeof(request));
        request.origin = exact(row->origin);
        request.fetch_site = exact(row->fetch_site);
        request.site = row->host != NULL ? &site : NULL;
        request.is_preflight = row->method != NULL;
        request.method = cors_str(row->method);
        cors_decide(&policy, &request, &verdict);
        ok(!verdict.is_rejected, "%s: not rejected unless told to",
           row->what);
        policy.rejects = 1;
        cors_decide(&policy, &request, &verdict);
        ok(!!verdict.is_rejected == row->is_rejected, "%s: %srejected",
           row->what, row->is_rejected ? "" : "not ");
        ok(verdict.result == row->result, "%s: the result stays %s",
           row->what, word_of(row->result));
        is(cors_str(cors_result_word(&verdict)),
           row->is_rejected ? "rejected" : word_of(row->result), row->what,
           "word");
        ok(!row->is_rejected || verdict.allow_origin.p == NULL,
           "%s: nothing is sent with a rejection", row->what);
        drop(request.origin);
        drop(request.fetch_site);
    }
}

/* ------------------------------------------------------ the preflight -- */

static void test_is_preflight(void)
{
    static const struct {
        const char *what;
        int is_options;
        const char *origin;
        const char *method;
        int want;
    } rows[] = {
        { "OPTIONS, Origin and method", 1, "https://a.example", "PUT", 1 },
        { "nonsense counts until it is judged", 1, "?", "?", 1 },
        { "another method", 0, "https://a.example", "PUT", 0 },
        { "no Origin", 1, NULL, "PUT", 0 },
        { "an empty Origin", 1, "", "PUT", 0 },
        { "no requested method", 1, "https://a.example", NULL, 0 },
        { "an empty requested method", 1, "https://a.example", "", 0 }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        ok(cors_is_preflight(rows[i].is_options, cors_str(rows[i].origin),
                             cors_str(rows[i].method)) == rows[i].want,
           "%s: %s preflight", rows[i].what, rows[i].want ? "a" : "no");
    }
}

typedef struct preflight_row_t {
    const char *what;
    const char *origins;        /* NULL: https://a.example */
    const char *methods;        /* NULL: the default */
    const char *headers;        /* NULL: the default */
    int credentials;
    const char *origin;         /* NULL: https://a.example */
    const char *method;         /* asked for; NULL: GET */
    const char *asked;          /* headers asked for */
    cors_result_t result;
    const char *blamed;
    const char *open;           /* headers sent beside the literal ones */
} preflight_row_t;

static const preflight_row_t preflight_rows[] = {
    { .what = "a safelisted method needs no listing", .method = "POST" },
    { .what = "a safelisted method needs none, under none",
      .methods = "none", .method = "GET" },
    { .what = "a safelisted method cannot be removed",
      .methods = "* -GET", .method = "GET" },
    { .what = "HEAD is safelisted", .methods = "PUT", .method = "HEAD" },
    { .what = "an unlisted method", .method = "PUT",
      .result = CORS_DENIED_METHOD, .blamed = "PUT" },
    { .what = "a listed method", .methods = "PUT PATCH", .method = "PATCH" },
    { .what = "methods are case-sensitive", .methods = "PATCH",
      .method = "patch", .result = CORS_DENIED_METHOD, .blamed = "patch" },
    { .what = "safelisted methods are case-sensitive", .method = "get",
      .result = CORS_DENIED_METHOD, .blamed = "get" },
    { .what = "'+' extends the default", .methods = "+PUT",
      .method = "PUT" },
    { .what = "'*' covers every method", .methods = "*",
      .method = "FROBNICATE" },
    { .what = "'*' covers every method with credentials", .methods = "*",
      .credentials = 1, .method = "DELETE" },
    { .what = "'*' does not cover TRACE", .methods = "*", .method = "TRACE",
      .result = CORS_DENIED_METHOD, .blamed = "TRACE" },
    { .what = "no letters make CONNECT a method for pages", .methods = "*",
      .method = "connect", .result = CORS_DENIED_METHOD,
      .blamed = "connect" },
    { .what = "'*' does not cover what is no token", .methods = "*",
      .method = "PUT DELETE", .result = CORS_DENIED_METHOD,
      .blamed = "PUT DELETE" },
    { .what = "'*' does not cover bytes that split headers", .methods = "*",
      .method = "PUT\r\nX: y", .result = CORS_DENIED_METHOD,
      .blamed = "PUT\r\nX: y" },
    { .what = "a removed method", .methods = "* -DELETE",
      .method = "DELETE", .result = CORS_DENIED_METHOD,
      .blamed = "DELETE" },
    { .what = "a '-*' further in ends the listed methods",
      .methods = "PUT | -*", .method = "PUT",
      .result = CORS_DENIED_METHOD, .blamed = "PUT" },

    { .what = "an unlisted header", .asked = "x-a",
      .result = CORS_DENIED_HEADER, .blamed = "x-a" },
    { .what = "a listed header", .headers = "X-A X-B", .asked = "x-a,x-b" },
    { .what = "the first header that is not allowed is blamed",
      .headers = "X-A", .asked = "x-a, x-c ,x-b",
      .result = CORS_DENIED_HEADER, .blamed = "x-c" },
    { .what = "case, blanks, order and empty elements do not matter",
      .headers = "X-A X-B", .asked = " ,X-b ,, \tx-A\t," },
    { .what = "an empty field asks for nothing", .asked = "" },
    { .what = "commas ask for nothing", .asked = ", ,,\t," },
    { .what = "no name of several words", .headers = "*", .asked = "x a",
      .result = CORS_DENIED_HEADER, .blamed = "x a" },
    { .what = "no name with a colon", .headers = "*", .asked = "x-a,x:",
      .result = CORS_DENIED_HEADER, .blamed = "x:", .open = "x-a/" },
    { .what = "no name with a line end", .headers = "X-* *",
      .asked = "x-a\r\nSet-Cookie: b", .credentials = 1,
      .result = CORS_DENIED_HEADER, .blamed = "x-a\r\nSet-Cookie: b" },
    { .what = "no name beyond ASCII", .headers = "*", .asked = "x-\xc3\xa9",
      .result = CORS_DENIED_HEADER, .blamed = "x-\xc3\xa9" },
    { .what = "every byte of a token is allowed", .headers = "*",
      .asked = "!#$%&'*+-.^_`|~", .open = "!#$%&'*+-.^_`|~/" },
    { .what = "a star that is asked for is a name", .headers = "X-A",
      .asked = "*", .result = CORS_DENIED_HEADER, .blamed = "*" },
    { .what = "a prefix", .headers = "X-Acme-*", .asked = "x-acme-id",
      .open = "x-acme-id/" },
    { .what = "a prefix covers nothing beside it", .headers = "X-Acme-*",
      .asked = "x-acme-id,x-acme-,x-other", .result = CORS_DENIED_HEADER,
      .blamed = "x-acme-", .open = "x-acme-id/" },
    { .what = "literal names are sent anyway", .headers = "X-A X-*",
      .asked = "x-a,x-b", .open = "x-b/" },
    { .what = "names of outer sections too", .headers = "X-A | +X-*",
      .asked = "x-a,x-b", .open = "x-b/" },
    { .what = "a removed name under a prefix", .headers = "X-* -X-A",
      .asked = "x-b,x-a", .result = CORS_DENIED_HEADER, .blamed = "x-a",
      .open = "x-b/" },

    { .what = "'*' covers a header", .headers = "*", .asked = "x-a",
      .open = "x-a/" },
    { .what = "'*' covers headers with credentials", .headers = "*",
      .credentials = 1, .asked = "x-a,x-b", .open = "x-a/x-b/" },
    { .what = "'*' does not cover Authorization", .headers = "*",
      .asked = "x-a,authorization", .result = CORS_DENIED_HEADER,
      .blamed = "authorization", .open = "x-a/" },
    { .what = "'*' does not cover it in capitals", .headers = "*",
      .asked = "AUTHORIZATION", .result = CORS_DENIED_HEADER,
      .blamed = "AUTHORIZATION" },
    { .what = "Authorization beside '*'", .headers = "* Authorization",
      .asked = "x-a,authorization", .open = "x-a/" },
    { .what = "Authorization outside of '*'",
      .headers = "Authorization | +*", .asked = "authorization,x-a",
      .open = "x-a/" },
    { .what = "'*' covers Authorization with credentials", .headers = "*",
      .credentials = 1, .asked = "authorization",
      .open = "authorization/" },
    { .what = "a removed header under '*'", .headers = "* -X-Evil",
      .asked = "x-good,x-evil", .result = CORS_DENIED_HEADER,
      .blamed = "x-evil", .open = "x-good/" },
    { .what = "removed Authorization", .headers = "Authorization | -*",
      .asked = "authorization", .result = CORS_DENIED_HEADER,
      .blamed = "authorization" },
    { .what = "removed Authorization with credentials",
      .headers = "Authorization | -*", .credentials = 1,
      .asked = "authorization", .result = CORS_DENIED_HEADER,
      .blamed = "authorization" },

    { .what = "the origin is judged before the method",
      .origin = "https://b.example", .method = "PUT", .asked = "x-a",
      .result = CORS_DENIED_ORIGIN },
    { .what = "a malformed origin is judged before the method",
      .origin = "https://a.example/", .method = "PUT", .asked = "x-a",
      .result = CORS_MALFORMED_ORIGIN },
    { .what = "a source that cannot answer is told of before the method",
      .origins = "@x!dead", .method = "PUT", .asked = "x-a",
      .result = CORS_SOURCE_ERROR },
    { .what = "the method is judged before the headers",
      .method = "PUT", .asked = "x-a", .result = CORS_DENIED_METHOD,
      .blamed = "PUT" },
    { .what = "the constant policy judges the method", .origins = "*",
      .method = "PUT", .result = CORS_DENIED_METHOD, .blamed = "PUT" },
    { .what = "the constant policy judges headers", .origins = "*",
      .asked = "x-a", .result = CORS_DENIED_HEADER, .blamed = "x-a" },
    { .what = "the constant policy allows", .origins = "*", .origin = "?" }
};

/* The names that go back beside the literal ones, a slash behind each. */
static void open_headers(const cors_policy_t *policy, cors_str_t asked,
                         char *text)
{
    cors_str_t name;

    *text = '\0';
    while (cors_next_open_header(policy, &asked, &name)) {
        strncat(text, name.p, name.n);
        strcat(text, "/");
    }
}

static void test_preflights(void)
{
    size_t i;

    for (i = 0; i < COUNT(preflight_rows); i++) {
        const preflight_row_t *row = &preflight_rows[i];
        const char *origin = row->origin ? row->origin : "https://a.example";
        const cors_policy_t policy =
            policy_of(row->origins ? row->origins : "https://a.example",
                      row->methods, row->headers, row->credentials, 0);
        cors_request_t request;
        cors_verdict_t verdict;
        char open[128];

        memset(&request, 0, sizeof(request));
        request.origin = exact(origin);
        request.is_preflight = 1;
        request.method = exact(row->method ? row->method : "GET");
        request.headers = exact(row->asked);
        cors_decide(&policy, &request, &verdict);
        is(cors_str(cors_result_word(&verdict)),
           word_of(row->result), row->what, "result");
        is(verdict.allow_origin,
           row->result == CORS_DENIED_ORIGIN
           || row->result == CORS_MALFORMED_ORIGIN
           || row->result == CORS_SOURCE_ERROR
               ? NULL : row->origins ? row->origins : origin,
           row->what, "sent");
        if (row->blamed != NULL) {
            is(verdict.blamed, row->blamed, row->what, "blamed");
        }
        open_headers(&policy, request.headers, open);
        is(cors_str(open), row->open ? row->open : "", row->what,
           "sent back");
        drop(request.origin);
        drop(request.method);
        drop(request.headers);
    }
}

/* A request that is no preflight is not judged as one. */
static void test_actual(void)
{
    const cors_policy_t policy = policy_of("https://a.example", NULL, NULL,
                                           0, 0);
    cors_request_t request = {
        .origin = CORS_STR("https://a.example"), .method = CORS_STR("PUT"),
        .headers = CORS_STR("x-a")
    };
    cors_verdict_t verdict;

    cors_decide(&policy, &request, &verdict);
    ok(verdict.result == CORS_ALLOWED,
       "preflight headers on another request mean nothing");
}

/* ---------------------------------------------------------- the bound -- */

/* `n` bytes of names or, if asked, of one byte. */
static cors_str_t long_field(size_t n, char fill)
{
    char *text = malloc(n);
    cors_str_t field = { text, n };
    size_t i;

    for (i = 0; i < n; i++) {
        text[i] = fill ? fill : "x-a,"[i % 4];
    }
    return field;
}

static void test_bound(void)
{
    static const struct {
        const char *what;
        size_t n;
        char fill;              /* 0: names */
        cors_result_t result;
        int names;
    } rows[] = {
        { "4095 bytes of names", 4095, 0, CORS_ALLOWED, 1024 },
        { "4096 bytes of names", 4096, 0, CORS_ALLOWED, 1024 },
        { "4097 bytes of names", 4097, 0, CORS_DENIED_HEADER, 0 },
        { "4096 commas", 4096, ',', CORS_ALLOWED, 0 },
        { "4097 commas", 4097, ',', CORS_DENIED_HEADER, 0 },
        { "a name of 4096 bytes", 4096, 'x', CORS_ALLOWED, 1 },
        { "a name of 4097 bytes", 4097, 'x', CORS_DENIED_HEADER, 0 },
        { "a megabyte of commas", 1 << 20, ',', CORS_DENIED_HEADER, 0 },
        { "a megabyte of blanks", 1 << 20, ' ', CORS_DENIED_HEADER, 0 }
    };
    const cors_policy_t policy = policy_of("https://a.example", NULL, "*", 1,
                                           0);
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        cors_request_t request = {
            .origin = CORS_STR("https://a.example"), .is_preflight = 1,
            .method = CORS_STR("GET")
        };
        cors_verdict_t verdict;
        cors_str_t rest, name;
        int bad = 0, names = 0;

        request.headers = long_field(rows[i].n, rows[i].fill);
        cors_decide(&policy, &request, &verdict);
        is(cors_str(cors_result_word(&verdict)),
           word_of(rows[i].result), rows[i].what, "result");
        is(verdict.allow_origin, "https://a.example", rows[i].what, "sent");
        rest = request.headers;
        while (cors_next_open_header(&policy, &rest, &name)) {
            names++;
            bad |= !cors_is_token(name)
                || name.p < request.headers.p
                || name.p + name.n > request.headers.p + request.headers.n;
        }
        ok(names == rows[i].names && !bad, "%s: %d sent back", rows[i].what,
           rows[i].names);
        drop(request.headers);
    }
}

/* ------------------------------------------------ what is sent of lists -- */

static void test_lists(void)
{
    static const struct {
        const char *what;
        const char *list;
        int star;               /* without credentials; with them, never */
        int open;
    } rows[] = {
        { "nobody's list", NULL, 0, 0 },
        { "none", "none", 0, 0 },
        { "names", "X-A X-B", 0, 0 },
        { "a prefix", "X-A X-*", 0, 1 },
        { "'*'", "*", 1, 1 },
        { "'*' beside a name", "* Authorization", 1, 1 },
        { "'*' from outside", "* | +X-A", 1, 1 },
        { "'*' with a name removed", "* -X-A", 0, 1 },
        { "'*' with a name removed further in", "* | -X-A", 0, 1 },
        { "'*' that replaced a removal", "* -X-A | *", 1, 1 }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const cors_list_t *list = header_sections(pool, rows[i].list);
        cors_policy_t policy = policy_of("https://a.example", NULL, NULL, 0,
                                         0);

        ok(cors_policy_sends_star(&policy, list) == rows[i].star,
           "%s: %s sent", rows[i].what, rows[i].star ? "'*' is" : "no '*' is");
        policy.credentials = 1;
        ok(!cors_policy_sends_star(&policy, list),
           "%s: no '*' is sent with credentials", rows[i].what);
        ok(cors_list_is_open(list) == rows[i].open, "%s: %s", rows[i].what,
           rows[i].open ? "open" : "literal names alone");
    }
}

static void test_which(void)
{
    static const struct {
        const char *what;
        const char *methods;
        const char *want;
    } rows[] = {
        { "the default methods", NULL, "GET, HEAD, POST" },
        { "methods that replace it", "PUT DELETE", "PUT, DELETE" },
        { "methods that extend it", "+PUT", "PUT, GET, HEAD, POST" },
        { "methods that cut it", "-POST", "GET, HEAD" },
        { "methods of several sections", "+PUT | +PATCH -POST",
          "PATCH, PUT, GET, HEAD" },
        { "no methods", "none", NULL }
    };
    cors_policy_t policy;
    cors_list_t room;
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        policy = policy_of("*", rows[i].methods, NULL, 0, 0);
        is(cors_str(cors_names_join(pool, cors_policy_methods(&policy, &room))),
           rows[i].want, rows[i].what, "joined");
    }
    ok(cors_default_methods->replaces,
       "nothing is asked outside of the default");
}

static void test_words(void)
{
    static const struct {
        cors_result_t result;
        const char *word;
    } rows[] = {
        { CORS_ALLOWED, "allowed" },
        { CORS_DENIED_ORIGIN, "denied-origin" },
        { CORS_DENIED_METHOD, "denied-method" },
        { CORS_DENIED_HEADER, "denied-header" },
        { CORS_MALFORMED_ORIGIN, "malformed-origin" },
        { CORS_SOURCE_ERROR, "source-error" }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        is(cors_str(word_of(rows[i].result)), rows[i].word,
           "the word for the log", rows[i].word);
    }
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_origins();
    test_caching();
    test_guards();
    test_rules();
    test_rejects();
    test_is_preflight();
    test_preflights();
    test_actual();
    test_bound();
    test_lists();
    test_which();
    test_words();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
