/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_browser.h"

#include <apr_strings.h>

#include "cors_origin.h"
#include "cors_safelist.h"
#include "cors_step.h"
#include "cors_token.h"

/* --------------------------------------------------- what the page sets -- */

/* A method of any bytes as the browser sends it. */
static cors_str_t normalise(cors_str_t method)
{
    const char *right = NULL;

    return cors_method_kind(method, &right) == CORS_METHOD_NORMALISED
        ? cors_str(right) : method;
}

const char *cors_browser_method(apr_pool_t *pool, cors_str_t method)
{
    const cors_str_t sent = normalise(method);

    return apr_pstrmemdup(pool, sent.p, sent.n);
}

/* Line ends and NUL cannot stand in the value of a header. */
static int is_value(cors_str_t value)
{
    size_t i;

    for (i = 0; i < value.n; i++) {
        if (memchr("\r\n", value.p[i], sizeof("\r\n")) != NULL) {
            return 0;
        }
    }
    return 1;
}

/* A header that is not safelisted. */
typedef struct unsafe_t {
    const char *name;           /* in lower case */
    cors_safety_t why;
    cors_str_t blamed;
} unsafe_t;

/* Can the page set it at all? Then `unsafe` says whether it is. */
static int can_set(const cors_sent_t *sent, unsafe_t *unsafe)
{
    const cors_str_t value = cors_value_trim(sent->value);

    unsafe->why = cors_safety(sent->name, value, &unsafe->blamed);
    return cors_is_token(sent->name) && is_value(value)
        && !cors_is_forbidden_request_field(sent->name, value);
}

/* The bytes of all safelisted values; each of them can be set. */
static size_t add_up_safelisted(const apr_array_header_t *sent)
{
    const cors_sent_t *header = (const cors_sent_t *)sent->elts;
    cors_str_t blamed;
    size_t sum = 0;
    int i;

    for (i = 0; i < sent->nelts; i++) {
        const cors_str_t value = cors_value_trim(header[i].value);

        if (cors_safety(header[i].name, value, &blamed) == CORS_SAFELISTED) {
            sum += value.n;
        }
    }
    return sum;
}

static const char *lower(apr_pool_t *pool, cors_str_t name)
{
    char *copy = apr_pstrmemdup(pool, name.p, name.n);
    char *p;

    for (p = copy; *p; p++) {
        *p = cors_lower(*p);
    }
    return copy;
}

/* Keeps the array sorted, with each name once. */
static void insert(apr_array_header_t *all, const unsafe_t *unsafe)
{
    unsafe_t *first = (unsafe_t *)all->elts;
    int i = all->nelts;

    while (i > 0 && strcmp(first[i - 1].name, unsafe->name) > 0) {
        i--;
    }
    if (i > 0 && strcmp(first[i - 1].name, unsafe->name) == 0) {
        return;
    }
    apr_array_push(all);
    first = (unsafe_t *)all->elts;
    memmove(first + i + 1, first + i,
            (size_t)(all->nelts - 1 - i) * sizeof(*first));
    first[i] = *unsafe;
}

/* Of unsafe_t: those for which the browser asks first. */
static apr_array_header_t *find_unsafe(apr_pool_t *pool,
                                       const apr_array_header_t *sent)
{
    const int is_too_much = add_up_safelisted(sent) > CORS_SAFELIST_SUM_MAX;
    const cors_sent_t *header = (const cors_sent_t *)sent->elts;
    apr_array_header_t *all = apr_array_make(pool, 4, sizeof(unsafe_t));
    unsafe_t unsafe;
    int i;

    for (i = 0; i < sent->nelts; i++) {
        if (!can_set(&header[i], &unsafe)) {
            continue;
        }
        if (unsafe.why == CORS_SAFELISTED && is_too_much) {
            unsafe.why = CORS_UNSAFE_SUM;
        }
        if (unsafe.why != CORS_SAFELISTED) {
            unsafe.name = lower(pool, header[i].name);
            insert(all, &unsafe);
        }
    }
    return all;
}

const char *cors_browser_unsafe_names(apr_pool_t *pool,
                                      const apr_array_header_t *sent)
{
    const apr_array_header_t *all = find_unsafe(pool, sent);
    const unsafe_t *unsafe = (const unsafe_t *)all->elts;
    char *names, *p;
    size_t n = 0;
    int i;

    if (all->nelts == 0) {
        return NULL;
    }
    for (i = 0; i < all->nelts; i++) {
        n += strlen(unsafe[i].name) + 1;
    }
    names = p = apr_palloc(pool, n);
    for (i = 0; i < all->nelts; i++) {
        n = strlen(unsafe[i].name);
        memcpy(p, unsafe[i].name, n);
        p[n] = ',';
        p += n + 1;
    }
    p[-1] = '\0';
    return names;
}

int cors_browser_preflights(apr_pool_t *pool, const cors_fetch_t *fetch)
{
    return !cors_is_safelisted_method(normalise(fetch->method))
        || find_unsafe(pool, fetch->sent)->nelts > 0;
}

/* ------------------------------------------------------ before anything -- */

/* Why a header is unsafe, in brackets. */
static const char *explain(apr_pool_t *pool, const unsafe_t *unsafe)
{
    const char *blamed = cors_step_show(pool, unsafe->blamed);

    switch (unsafe->why) {
    case CORS_UNSAFE_UNKNOWN:
        return strcmp(unsafe->name, "range") == 0
            ? " (its value is not known; one range with a start, such as "
              "'bytes=0-499', is)"
            : " (its value is not known; application/json is not, "
              "text/plain is)";
    case CORS_UNSAFE_LENGTH:
        return " (its value has more than 128 bytes)";
    case CORS_UNSAFE_BYTE:
        return apr_psprintf(pool, " (the byte '%s' is in its value)", blamed);
    case CORS_UNSAFE_TYPE:
        return apr_psprintf(pool, " ('%s' is not, text/plain is)", blamed);
    case CORS_UNSAFE_RANGE:
        return apr_psprintf(pool, " ('%s' is not; one range with a start, "
                            "such as 'bytes=0-499', is)", blamed);
    case CORS_UNSAFE_SUM:
        return " (the safelisted values have more than 1024 bytes together)";
    default:
        return "";
    }
}

static const char *and_others(apr_pool_t *pool, int n)
{
    return n == 0 ? "" : n == 1 ? ", nor is one more"
        : apr_psprintf(pool, ", nor are %d more", n);
}

/* Why the browser asks first; empty: it does not. */
static const char *why_preflight(apr_pool_t *pool, cors_str_t method,
                                 const apr_array_header_t *sent)
{
    const apr_array_header_t *all = find_unsafe(pool, sent);
    const unsafe_t *unsafe = (const unsafe_t *)all->elts;
    const char *of_method = cors_is_safelisted_method(method) ? ""
        : apr_psprintf(pool, "%s is not GET, HEAD or POST",
                       cors_step_show(pool, method));

    if (all->nelts == 0) {
        return of_method;
    }
    return apr_psprintf(pool, "%s%sheader %s is not safelisted%s%s",
                        of_method, *of_method != '\0' ? "; " : "",
                        cors_step_show(pool, cors_str(unsafe->name)),
                        explain(pool, unsafe),
                        and_others(pool, all->nelts - 1));
}

static int judge_page(apr_pool_t *pool, const cors_fetch_t *fetch,
                      apr_array_header_t *steps)
{
    static const char step[] = "request";
    const cors_str_t method = normalise(fetch->method);
    const char *shown = cors_step_show(pool, method);
    const char *why;
    cors_origin_t origin;

    if (!cors_is_token(method)) {
        return cors_step_add(pool, steps, step, 0, "'%s' is no method: the "
                             "browser refuses to send it", shown);
    }
    if (cors_is_forbidden_method(method)) {
        return cors_step_add(pool, steps, step, 0, "%s is a method that no "
                             "page can use", shown);
    }
    why = why_preflight(pool, method, fetch->sent);
    why = *why != '\0' ? apr_psprintf(pool, "a preflight comes first: %s", why)
        : apr_psprintf(pool, "no preflight: %s with safelisted headers only",
                       shown);
    return cors_origin_parse(fetch->origin, &origin)
        ? cors_step_add(pool, steps, step, 1, "%s", why)
        : cors_step_add(pool, steps, step, -1, "browsers never send '%s' as "
                        "an origin; %s", cors_step_show(pool, fetch->origin),
                        why);
}

/* Says something only of a header that the page cannot set. */
static int judge_setting(apr_pool_t *pool, const cors_sent_t *sent,
                         apr_array_header_t *steps)
{
    static const char step[] = "header";
    const cors_str_t value = cors_value_trim(sent->value);
    const char *name = cors_step_show(pool, sent->name);

    if (!cors_is_token(sent->name)) {
        return cors_step_add(pool, steps, step, 0, "'%s' is no header name: "
                             "the browser refuses to send it", name);
    }
    if (!is_value(value)) {
        return cors_step_add(pool, steps, step, 0, "a line end or NUL is in "
                             "the value of %s: the browser refuses to send "
                             "it", name);
    }
    if (cors_is_forbidden_request_header(sent->name)) {
        return cors_step_add(pool, steps, step, -1, "no page can set %s: the "
                             "browser leaves it out", name);
    }
    if (cors_is_forbidden_request_field(sent->name, value)) {
        return cors_step_add(pool, steps, step, -1, "no page can set %s to "
                             "'%s': the browser leaves it out", name,
                             cors_step_show(pool, value));
    }
    return 1;
}

int cors_browser_judge_request(apr_pool_t *pool, const cors_fetch_t *fetch,
                               apr_array_header_t *steps)
{
    const cors_sent_t *sent = (const cors_sent_t *)fetch->sent->elts;
    int goes_on = judge_page(pool, fetch, steps);
    int i;

    for (i = 0; i < fetch->sent->nelts && goes_on; i++) {
        goes_on = judge_setting(pool, &sent[i], steps);
    }
    return goes_on;
}
