/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_policy.h"

static cors_name_t default_post =
    { CORS_STR("POST"), CORS_NAME_LITERAL, NULL };
static cors_name_t default_head =
    { CORS_STR("HEAD"), CORS_NAME_LITERAL, &default_post };
static cors_name_t default_get =
    { CORS_STR("GET"), CORS_NAME_LITERAL, &default_head };
static char default_text[] = "GET, HEAD, POST";
static const cors_names_t default_methods = {
    { NULL, NULL, CORS_NAME_LITERAL, 1, { "default", 0 } },
    cors_str_eq, &default_get, &default_post,
    default_text, sizeof(default_text) - 1, sizeof(default_text)
};
const cors_list_t *const cors_default_methods = &default_methods.list;

int cors_is_preflight(int is_options, cors_str_t origin, cors_str_t method)
{
    return is_options && origin.n > 0 && method.n > 0;
}

const char *cors_result_word(cors_result_t result)
{
    static const char *const words[] = {
        "allowed", "malformed-origin", "denied-origin", "denied-method",
        "denied-header"
    };

    return words[result];
}

/* ---------------------------------------------------------- the origin -- */

/* The facts of entries that cover nobody: the guard of credentials. */
static unsigned guarded(const cors_policy_t *policy)
{
    unsigned facts = 0;

    if ((policy->tolerate & CORS_TOLERATE_PUBLIC_SUFFIX) == 0) {
        facts |= CORS_PATTERN_REGISTRABLE;
    }
    if (policy->credentials) {
        facts |= CORS_PATTERN_ANY;
        if ((policy->tolerate & CORS_TOLERATE_NULL) == 0) {
            facts |= CORS_PATTERN_NULL;
        }
        if ((policy->tolerate & CORS_TOLERATE_INSECURE) == 0) {
            facts |= CORS_PATTERN_INSECURE;
        }
        if ((policy->tolerate & CORS_TOLERATE_PUBLIC_SUFFIX) == 0) {
            facts |= CORS_PATTERN_PUBLIC_SUFFIX;
        }
    }
    return facts;
}

int cors_policy_is_constant(const cors_policy_t *policy)
{
    return !policy->credentials && cors_origins_are_any(policy->origins);
}

int cors_policy_depends_on_origin(const cors_policy_t *policy)
{
    return cors_origins_grant(policy->origins)
        && !cors_policy_is_constant(policy);
}

/* May this origin read the response? */
static void check_origin(const cors_policy_t *policy, cors_str_t value,
                         cors_verdict_t *verdict)
{
    const unsigned skip = guarded(policy);
    cors_origin_t origin;

    if (!cors_origin_parse(value, &origin)) {
        verdict->result = CORS_MALFORMED_ORIGIN;
        return;
    }
    verdict->entry = cors_origins_find(policy->origins, &origin, skip);
    if (verdict->entry != NULL && !cors_entry_removes(verdict->entry)) {
        verdict->allow_origin = value;
        return;
    }
    verdict->result = CORS_DENIED_ORIGIN;
    if ((policy->origins->facts & skip) != 0) {
        verdict->passed_over = cors_origins_find(policy->origins, &origin, 0);
        if (verdict->passed_over == verdict->entry) {
            verdict->passed_over = NULL;
        }
    }
}

/* ------------------------------------------------------- the preflight -- */

const cors_list_t *cors_policy_list(const cors_policy_t *policy,
                                    cors_which_t which, cors_list_t *merged)
{
    if (which == CORS_HEADERS) {
        return policy->headers;
    }
    if (which == CORS_EXPOSE) {
        return policy->expose;
    }
    if (policy->methods == NULL) {
        return cors_default_methods;
    }
    if (policy->methods->replaces) {
        return policy->methods;
    }
    merged->outer = cors_default_methods;
    merged->inner = policy->methods;
    merged->facts = cors_default_methods->facts | policy->methods->facts;
    merged->replaces = 1;
    merged->place = policy->methods->place;
    return merged;
}

int cors_policy_sends_star(const cors_policy_t *policy,
                           const cors_list_t *list)
{
    return list != NULL && !policy->credentials
        && (list->facts & (CORS_NAME_ANY | CORS_NAME_REMOVES))
           == CORS_NAME_ANY;
}

int cors_list_is_open(const cors_list_t *list)
{
    return list != NULL
        && (list->facts & (CORS_NAME_ANY | CORS_NAME_PREFIX)) != 0;
}

int cors_policy_allows_method(const cors_policy_t *policy, cors_str_t method)
{
    cors_list_t merged;

    if (cors_is_safelisted_method(method)) {
        return 1;
    }
    return cors_is_token(method) && !cors_is_forbidden_method(method)
        && cors_names_find(cors_policy_list(policy, CORS_METHODS, &merged),
                           method, 0) != NULL;
}

/* The entry that lets a page set this request header. Without credentials
 * `*` does not cover Authorization. */
static const cors_name_t *find_header(const cors_policy_t *policy,
                                      cors_str_t name)
{
    unsigned skip = 0;

    if (!policy->credentials && cors_is_non_wildcard_request_header(name)) {
        skip = CORS_NAME_ANY;
    }
    return cors_is_token(name) ? cors_names_find(policy->headers, name, skip)
                               : NULL;
}

/* Finds the first requested header that is not allowed. */
static int check_headers(const cors_policy_t *policy, cors_str_t requested,
                         cors_str_t *blamed)
{
    cors_str_t name;

    if (requested.n > CORS_REQUEST_HEADERS_MAX) {
        *blamed = requested;
        return 0;
    }
    while (cors_field_next(&requested, &name)) {
        if (find_header(policy, name) == NULL) {
            *blamed = name;
            return 0;
        }
    }
    return 1;
}

int cors_next_open_header(const cors_policy_t *policy, cors_str_t *rest,
                          cors_str_t *name)
{
    if (rest->n > CORS_REQUEST_HEADERS_MAX) {
        return 0;
    }
    while (cors_field_next(rest, name)) {
        if (find_header(policy, *name) != NULL
            && cors_names_find(policy->headers, *name,
                               CORS_NAME_ANY | CORS_NAME_PREFIX) == NULL) {
            return 1;
        }
    }
    return 0;
}

/* ---------------------------------------------------------- the verdict -- */

void cors_decide(const cors_policy_t *policy, const cors_request_t *request,
                 cors_verdict_t *verdict)
{
    static const cors_str_t star = CORS_STR("*");

    memset(verdict, 0, sizeof(*verdict));
    verdict->result = CORS_ALLOWED;
    if (cors_policy_is_constant(policy)) {
        verdict->allow_origin = star;
    }
    else if (request->origin.n > 0) {
        check_origin(policy, request->origin, verdict);
    }
    if (verdict->result != CORS_ALLOWED || !request->is_preflight) {
        return;
    }
    if (!cors_policy_allows_method(policy, request->method)) {
        verdict->result = CORS_DENIED_METHOD;
        verdict->blamed = request->method;
    }
    else if (!check_headers(policy, request->headers, &verdict->blamed)) {
        verdict->result = CORS_DENIED_HEADER;
    }
}
