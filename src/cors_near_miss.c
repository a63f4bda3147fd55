/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_near_miss.h"

#include <stdio.h>

/* ---------------------------------------------------------- the origin -- */

typedef struct search_t {
    const cors_policy_t *policy;
    const cors_site_t *site;
    cors_near_miss_t *miss;
} search_t;

/* Tries what stands in `miss->origin`, with the guard that cors_decide() has,
 * but without sources. */
static int try_text(const search_t *search)
{
    const unsigned guard = cors_guard(search->policy);
    const cors_entry_t *entry, *failed = NULL;
    cors_question_t question;
    cors_origin_t origin;

    if (!cors_origin_parse(cors_str(search->miss->origin), &origin)
        || ((guard & CORS_PATTERN_INSECURE) != 0
            && cors_origin_is_insecure(&origin))) {
        return 0;
    }
    memset(&question, 0, sizeof(question));
    question.origin = &origin;
    question.skip = guard | CORS_ENTRY_SOURCES;
    question.site = search->site;
    question.failed = &failed;
    entry = cors_origins_find(search->policy->origins, &question);
    if (entry == NULL || cors_entry_removes(entry)) {
        return 0;
    }
    search->miss->entry = entry;
    return 1;
}

/* The same of parts, `front` in front of the host. */
static int try_parts(const search_t *search, cors_str_t scheme,
                     const char *front, cors_str_t host, cors_str_t port)
{
    char *text = search->miss->origin;
    const int n = snprintf(text, sizeof(search->miss->origin),
                           "%.*s://%s%.*s%s%.*s", (int)scheme.n, scheme.p,
                           front, (int)host.n, host.p, port.n > 0 ? ":" : "",
                           (int)port.n, port.n > 0 ? port.p : "");

    return n <= CORS_ORIGIN_MAX && try_text(search);
}

static int try_other_scheme(const search_t *search,
                            const cors_origin_t *origin)
{
    static const cors_str_t http = CORS_STR("http"), https = CORS_STR("https");
    static const cors_str_t absent = { NULL, 0 };
    const int is_http = cors_str_eq(origin->scheme, http);
    const cors_str_t other = is_http ? https : http;

    return (is_http || cors_str_eq(origin->scheme, https))
        && try_parts(search, other, "", origin->host,
                     cors_str_is(origin->port, cors_scheme_port(other))
                     ? absent : origin->port);
}

static int try_other_host(const search_t *search, const cors_origin_t *origin)
{
    static const char www[] = "www.";
    const size_t n = sizeof(www) - 1;
    const cors_str_t host = origin->host;
    const int is_www = host.n > n && memcmp(host.p, www, n) == 0;

    return try_parts(search, origin->scheme, is_www ? "" : www,
                     is_www ? cors_str_sub(host, n, host.n) : host,
                     origin->port)
        || (host.p[host.n - 1] == '.'
            && try_parts(search, origin->scheme, "",
                         cors_str_sub(host, 0, host.n - 1), origin->port));
}

/* Only opaque hosts have upper case. */
static int try_lower_case(const search_t *search, cors_str_t origin)
{
    char *text = search->miss->origin;
    size_t i;

    for (i = 0; i < origin.n; i++) {
        text[i] = cors_lower(origin.p[i]);
    }
    text[i] = '\0';
    return try_text(search);
}

static void find_other(const search_t *search, const cors_origin_t *origin)
{
    static const cors_str_t absent = { NULL, 0 };

    if (!cors_origin_is_null(origin)
        && !try_other_scheme(search, origin)
        && !(origin->port.n > 0
             && try_parts(search, origin->scheme, "", origin->host, absent))
        && !try_other_host(search, origin)) {
        try_lower_case(search, origin->text);
    }
}

/* What is wrong with bytes that no list could hold either, or NULL. */
static const char *find_odd_byte(cors_str_t value)
{
    size_t i;

    for (i = 0; i < value.n; i++) {
        const unsigned char c = (unsigned char)value.p[i];

        if (c < ' ' || c == 0x7f) {
            return "must be of visible characters";
        }
        if (c == ' ' || c == ',') {
            return "must be one origin, without blanks and commas";
        }
        if (c == '*') {
            return "must not have '*', which is for lists of origins";
        }
    }
    return NULL;
}

/* What a list would have put right without a word, and no browser sends. */
static const char *find_difference(cors_str_t value, cors_str_t right)
{
    size_t i;

    if (value.n > right.n && value.p[right.n] == ':'
        && cors_str_ibegins(value, right.p, right.n)) {
        return "must not name the default port of its scheme";
    }
    for (i = 0; i < value.n; i++) {
        if (cors_lower(value.p[i]) != value.p[i]) {
            return "must be in lower case";
        }
    }
    return "must have its host as browsers write it";
}

/* What is wrong with bytes that are no origin; `miss->origin` is what they
 * might have been meant to be, or empty. */
static const char *find_rule(cors_str_t value, cors_near_miss_t *miss)
{
    cors_pattern_t pattern;
    cors_reading_t reading;
    const char *rule = value.n > CORS_ORIGIN_MAX ? CORS_ORIGIN_LONG
                                                 : find_odd_byte(value);

    if (rule != NULL) {
        return rule;
    }
    if (!cors_pattern_parse(value, NULL, &pattern, &reading)) {
        memcpy(miss->origin, reading.text, sizeof(miss->origin));
        return cors_str_ieq(value, cors_str("same-site"))
            ? CORS_PATTERN_NO_SCHEME : reading.rule;
    }
    if ((pattern.facts & CORS_PATTERN_EITHER_SCHEME) != 0) {
        return CORS_PATTERN_NO_SCHEME;
    }
    memcpy(miss->origin, reading.text, sizeof(miss->origin));
    return find_difference(value, cors_str(reading.text));
}

void cors_near_miss_find(const cors_policy_t *policy,
                         const cors_request_t *request,
                         cors_near_miss_t *miss)
{
    const search_t search = { policy, request->site, miss };
    cors_origin_t origin;

    miss->rule = NULL;
    miss->entry = NULL;
    miss->origin[0] = '\0';
    if (cors_origin_parse(request->origin, &origin)) {
        find_other(&search, &origin);
    }
    else {
        miss->rule = find_rule(request->origin, miss);
        try_text(&search);
    }
}

/* ---------------------------------------------------------- the method -- */

int cors_near_miss_find_method(const cors_policy_t *policy, cors_str_t method,
                               char other[CORS_NEAR_METHOD_MAX + 1])
{
    const cors_str_t all = { other, method.n };
    int upper;
    size_t i;

    if (method.n > CORS_NEAR_METHOD_MAX) {
        return 0;
    }
    for (upper = 1; upper >= 0; upper--) {
        for (i = 0; i < method.n; i++) {
            const char c = cors_lower(method.p[i]);

            other[i] = upper && c >= 'a' && c <= 'z' ? (char)(c & ~0x20) : c;
        }
        other[i] = '\0';
        if (!cors_str_eq(all, method)
            && cors_policy_allows_method(policy, all)) {
            return 1;
        }
    }
    return 0;
}
