/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_browser.h"

#include <apr_strings.h>

#include "cors_step.h"
#include "cors_token.h"

/* How long browsers keep the answer to a preflight by themselves, in
 * seconds. */
#define DEFAULT_AGE      5

/* What the functions below pass on. */
typedef struct answer_t {
    apr_pool_t *pool;
    cors_str_t origin;          /* of the page */
    cors_received_t received;
    void *context;
    apr_array_header_t *steps;
} answer_t;

/* The value of a response header, absent if there is none. */
static cors_str_t receive(const answer_t *answer, const char *name)
{
    return cors_value_trim(cors_str(answer->received(name,
                                                     answer->context)));
}

static const char *show(const answer_t *answer, cors_str_t text)
{
    return cors_step_show(answer->pool, text);
}

/* A step of an answer. */
#define SAY(answer, step, ok, ...) \
    cors_step_add((answer)->pool, (answer)->steps, step, ok, __VA_ARGS__)

/* ----------------------------------------------------------- CORS check -- */

/* What is wrong with a value that almost is the origin. */
static const char *hint(cors_str_t value, cors_str_t origin)
{
    if (value.n == 0) {
        return "";
    }
    if (memchr(value.p, ',', value.n) || memchr(value.p, ' ', value.n)) {
        return ": several values, where one may stand";
    }
    if (cors_str_ieq(value, origin)) {
        return ": letter case matters";
    }
    if (value.n > origin.n && value.p[origin.n] == '/'
        && cors_str_eq(cors_str_sub(value, 0, origin.n), origin)) {
        return ": no path may stand behind it";
    }
    return memchr(value.p, '*', value.n) ? ": browsers know no patterns" : "";
}

static int judge_origin(const answer_t *answer, const char *step)
{
    const cors_str_t value = receive(answer, "Access-Control-Allow-Origin");
    const char *page = show(answer, answer->origin);
    const char *shown = show(answer, value);

    if (value.p == NULL) {
        return SAY(answer, step, 0, "there is no Access-Control-Allow-Origin,"
                   " which must be '%s' or '*'", page);
    }
    if (cors_str_is(value, "*")) {
        return SAY(answer, step, 1, "Access-Control-Allow-Origin is '*', any "
                   "origin");
    }
    if (cors_str_eq(value, answer->origin)) {
        return SAY(answer, step, 1, "Access-Control-Allow-Origin is '%s', the "
                   "page's origin", shown);
    }
    return SAY(answer, step, 0, "Access-Control-Allow-Origin is '%s', not "
               "'%s'%s", shown, page, hint(value, answer->origin));
}

/* ------------------------------------------------------------ preflight -- */

/* What a status that is not ok tells. */
static const char *why_status(int status)
{
    switch (status) {
    case 301: case 302: case 303: case 307: case 308:
        return "a preflight must not be redirected";
    case 401: case 407:
        return "a preflight carries no credentials and must not need any";
    case 403:
        return "a preflight must not be refused";
    case 404: case 405: case 501:
        return "a preflight must be answered, which is an OPTIONS request";
    default:
        return "a preflight needs a status from 200 to 299";
    }
}

static int judge_status(const answer_t *answer, int status)
{
    static const char step[] = "preflight status";

    if (status == 0) {
        return SAY(answer, step, -1, "the status is not known; it must be "
                   "from 200 to 299");
    }
    return status >= 200 && status <= 299
        ? SAY(answer, step, 1, "%d is an ok status (200 to 299)", status)
        : SAY(answer, step, 0, "%d: %s", status, why_status(status));
}

/* Is the list one of tokens? If not, `item` receives the first other. */
static int parses(cors_str_t list, cors_str_t *item)
{
    while (cors_field_next(&list, item)) {
        if (!cors_is_token(*item)) {
            return 0;
        }
    }
    return 1;
}

typedef int (*eq_t)(cors_str_t a, cors_str_t b);

static int holds(cors_str_t list, cors_str_t name, eq_t eq)
{
    cors_str_t item;

    while (cors_field_next(&list, &item)) {
        if (eq(item, name)) {
            return 1;
        }
    }
    return 0;
}

static int has_star(cors_str_t list)
{
    static const cors_str_t star = CORS_STR("*");

    return holds(list, star, cors_str_eq);
}

static int judge_method(const answer_t *answer, cors_str_t method)
{
    static const char step[] = "method";
    const cors_str_t list = receive(answer, "Access-Control-Allow-Methods");
    const char *asked = show(answer, method);
    const char *shown = show(answer, list);
    cors_str_t item;

    if (!parses(list, &item)) {
        return SAY(answer, step, 0, "Access-Control-Allow-Methods ('%s') does "
                   "not parse: '%s' is no method", shown, show(answer, item));
    }
    if (holds(list, method, cors_str_eq)) {
        return SAY(answer, step, 1, "%s is in '%s'", asked, shown);
    }
    if (cors_is_safelisted_method(method)) {
        return SAY(answer, step, 1, "GET, HEAD and POST need no permission");
    }
    if (has_star(list)) {
        return SAY(answer, step, 1, "'*' allows it, but not with cookies");
    }
    if (list.p == NULL) {
        return SAY(answer, step, 0, "there is no "
                   "Access-Control-Allow-Methods, which must name %s", asked);
    }
    return SAY(answer, step, 0, "%s is not in Access-Control-Allow-Methods "
               "('%s')%s", asked, shown, holds(list, method, cors_str_ieq)
               ? ": methods are case-sensitive" : "");
}

static int judge_header(const answer_t *answer, cors_str_t name,
                        cors_str_t list)
{
    static const char step[] = "header";
    const char *asked = show(answer, name);

    if (holds(list, name, cors_str_ieq)) {
        return SAY(answer, step, 1, "%s is in '%s'", asked,
                   show(answer, list));
    }
    if (list.p == NULL) {
        return SAY(answer, step, 0, "there is no "
                   "Access-Control-Allow-Headers, which must name %s", asked);
    }
    if (!has_star(list)) {
        return SAY(answer, step, 0, "%s is not in "
                   "Access-Control-Allow-Headers ('%s')", asked,
                   show(answer, list));
    }
    if (cors_is_non_wildcard_request_header(name)) {
        return SAY(answer, step, 0, "'*' does not cover %s, which must be "
                   "named (some browsers let it pass)", asked);
    }
    return SAY(answer, step, 1, "'*' allows %s, but not with cookies", asked);
}

static int judge_headers(const answer_t *answer, cors_str_t names)
{
    const cors_str_t list = receive(answer, "Access-Control-Allow-Headers");
    cors_str_t name;

    if (!parses(list, &name)) {
        return SAY(answer, "header", 0, "Access-Control-Allow-Headers ('%s') "
                   "does not parse: '%s' is no header name",
                   show(answer, list), show(answer, name));
    }
    while (cors_field_next(&names, &name)) {
        if (!judge_header(answer, name, list)) {
            return 0;
        }
    }
    return 1;
}

/* A number of seconds, or one more than any browser takes; -1: none. */
static int read_age(cors_str_t value)
{
    int age = 0;
    size_t i;

    for (i = 0; i < value.n; i++) {
        if (!cors_is_digit(value.p[i])) {
            return -1;
        }
        if (age <= CORS_FIREFOX_AGE_MAX) {
            age = 10 * age + (value.p[i] - '0');
        }
    }
    return value.n == 0 ? -1 : age;
}

static int judge_age(const answer_t *answer)
{
    static const char step[] = "max age";
    const cors_str_t value = receive(answer, "Access-Control-Max-Age");
    const int age = read_age(value);
    const char *shown = show(answer, value);

    if (value.p == NULL) {
        return SAY(answer, step, 1, "there is no Access-Control-Max-Age: "
                   "browsers keep the answer for %d s", DEFAULT_AGE);
    }
    if (age < 0) {
        return SAY(answer, step, -1, "Access-Control-Max-Age is '%s', which "
                   "is no number of seconds: browsers keep the answer for "
                   "%d s", shown, DEFAULT_AGE);
    }
    if (age == 0) {
        return SAY(answer, step, 1, "browsers do not keep the answer");
    }
    if (age <= CORS_SAFARI_AGE_MAX) {
        return SAY(answer, step, 1, "browsers keep the answer for %d s", age);
    }
    return SAY(answer, step, -1, "Access-Control-Max-Age is '%s', which is "
               "cut: Safari keeps the answer for %d s%s%s", shown,
               CORS_SAFARI_AGE_MAX,
               age > CORS_CHROMIUM_AGE_MAX ? ", Chromium for "
               APR_STRINGIFY(CORS_CHROMIUM_AGE_MAX) " s" : "",
               age > CORS_FIREFOX_AGE_MAX ? ", Firefox for "
               APR_STRINGIFY(CORS_FIREFOX_AGE_MAX) " s" : "");
}

int cors_browser_judge_preflight(apr_pool_t *pool, const cors_fetch_t *fetch,
                                 int status, cors_received_t received,
                                 void *context, apr_array_header_t *steps)
{
    const answer_t answer = {
        pool, fetch->origin, received, context, steps
    };
    const char *method = cors_browser_method(pool, fetch->method);
    const char *names = cors_browser_unsafe_names(pool, fetch->sent);

    return judge_origin(&answer, "preflight origin")
        && judge_status(&answer, status)
        && judge_method(&answer, cors_str(method))
        && judge_headers(&answer, cors_str(names))
        && judge_age(&answer);
}

/* ------------------------------------------------------------- response -- */

static int judge_credentials(const answer_t *answer)
{
    static const char step[] = "credentials";
    const cors_str_t origin = receive(answer, "Access-Control-Allow-Origin");
    const cors_str_t value = receive(answer,
                                     "Access-Control-Allow-Credentials");

    if (cors_str_is(origin, "*")) {
        return SAY(answer, step, -1, "without cookies only: "
                   "Access-Control-Allow-Origin is '*', not '%s'",
                   show(answer, answer->origin));
    }
    if (value.p == NULL) {
        return SAY(answer, step, -1, "without cookies only: there is no "
                   "Access-Control-Allow-Credentials, which must be 'true'");
    }
    if (!cors_str_is(value, "true")) {
        return SAY(answer, step, -1, "without cookies only: "
                   "Access-Control-Allow-Credentials is '%s', not 'true'",
                   show(answer, value));
    }
    return SAY(answer, step, 1, "also with cookies: "
               "Access-Control-Allow-Credentials is 'true'");
}

/* Does the list name a header that pages could not read without it? */
static int exposes(cors_str_t list)
{
    cors_str_t name;

    while (cors_field_next(&list, &name)) {
        if (!cors_is_safelisted_response_header(name)
            && !cors_is_forbidden_response_header(name)) {
            return 1;
        }
    }
    return 0;
}

static int judge_exposed(const answer_t *answer)
{
    static const char step[] = "exposed headers";
    const cors_str_t list = receive(answer, "Access-Control-Expose-Headers");
    const char *shown = show(answer, list);
    cors_str_t item;

    if (list.p == NULL) {
        return SAY(answer, step, -1, "only the safelisted ones: there is no "
                   "Access-Control-Expose-Headers");
    }
    if (!parses(list, &item)) {
        return SAY(answer, step, -1, "only the safelisted ones: the list '%s' "
                   "does not parse: '%s' is no header name", shown,
                   show(answer, item));
    }
    if (has_star(list)) {
        return SAY(answer, step, 1, "'*' exposes all of them, but not with "
                   "cookies");
    }
    return exposes(list)
        ? SAY(answer, step, 1, "'%s', beside the safelisted ones", shown)
        : SAY(answer, step, -1, "only the safelisted ones: '%s' adds none",
              shown);
}

int cors_browser_judge_response(apr_pool_t *pool, const cors_fetch_t *fetch,
                                cors_received_t received, void *context,
                                apr_array_header_t *steps)
{
    const answer_t answer = {
        pool, fetch->origin, received, context, steps
    };

    return judge_origin(&answer, "origin")
        && judge_credentials(&answer)
        && judge_exposed(&answer);
}
