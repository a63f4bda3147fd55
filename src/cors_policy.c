/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_policy.h"

static cors_name_t default_post =
    { CORS_STR("POST"), CORS_NAME_LITERAL, 0, NULL };
static cors_name_t default_head =
    { CORS_STR("HEAD"), CORS_NAME_LITERAL, 0, &default_post };
static cors_name_t default_get =
    { CORS_STR("GET"), CORS_NAME_LITERAL, 0, &default_head };
static char default_text[] = "GET, HEAD, POST";
static const cors_names_t default_methods = {
    { NULL, NULL, CORS_NAME_LITERAL, 1, { "default", 0 } },
    cors_str_eq, &default_get, &default_post,
    default_text, sizeof(default_text) - 1, sizeof(default_text), 0
};
const cors_list_t *const cors_default_methods = &default_methods.list;

int cors_is_preflight(int is_options, cors_str_t origin, cors_str_t method)
{
    return is_options && origin.n > 0 && method.n > 0;
}

const char *cors_result_word(const cors_verdict_t *verdict)
{
    static const char *const words[] = {
        "allowed", "malformed-origin", "denied-origin", "denied-method",
        "denied-header", "source-error"
    };

    return verdict->is_rejected ? "rejected" : words[verdict->result];
}

/* ---------------------------------------------------------- the origin -- */

/* What is not safe, when, who may consent, and what to tell. */
static const struct {
    unsigned fact;
    int is_of_credentials;      /* safe enough without them */
    int consent;                /* a CORS_TOLERATE_ bit; 0: there is none */
    const char *rule;
} guards[] = {
    { CORS_PATTERN_REGISTRABLE, 0, CORS_TOLERATE_PUBLIC_SUFFIX,
      "must not have '*' in a label that anybody can register; put '*.' in "
      "front of a domain of your own, list the hosts, or write 'CorsTolerate "
      "public-suffix'" },
    { CORS_ENTRY_LOOSE, 0, CORS_TOLERATE_LOOSE,
      "use CorsAllowOrigin, or write 'CorsTolerate loose-match'" },
    { CORS_PATTERN_ANY, 1, 0,
      "every site could act for the user; list the origins" },
    { CORS_PATTERN_NULL, 1, CORS_TOLERATE_NULL,
      "every site can send this origin; list real ones, or write "
      "'CorsTolerate null-credentials'" },
    { CORS_PATTERN_INSECURE, 1, CORS_TOLERATE_INSECURE,
      "whoever controls the network speaks for an http origin; write https, "
      "or 'CorsTolerate insecure-origin'" },
    { CORS_ENTRY_HTTP_TOO, 1, CORS_TOLERATE_INSECURE,
      "it matches http origins, and whoever controls the network speaks for "
      "them; write https, or 'CorsTolerate insecure-origin'" },
    { CORS_PATTERN_PUBLIC_SUFFIX, 1, CORS_TOLERATE_PUBLIC_SUFFIX,
      "anybody can register a name there; list the hosts, or write "
      "'CorsTolerate public-suffix'" },
    { CORS_ENTRY_STRANGERS, 1, CORS_TOLERATE_LOOSE,
      "it allows strangers' origins too; compare the whole origin, or write "
      "'CorsTolerate loose-match'" }
};

#define GUARDS (sizeof(guards) / sizeof(*guards))

unsigned cors_guard(const cors_policy_t *policy)
{
    unsigned facts = 0;
    size_t i;

    for (i = 0; i < GUARDS; i++) {
        if ((policy->credentials || !guards[i].is_of_credentials)
            && (policy->tolerate & guards[i].consent) == 0) {
            facts |= guards[i].fact;
        }
    }
    return facts;
}

int cors_guard_is_of_credentials(unsigned facts)
{
    size_t i;

    for (i = 0; i < GUARDS; i++) {
        if ((facts & guards[i].fact) != 0) {
            return guards[i].is_of_credentials;
        }
    }
    return 0;
}

const char *cors_guard_rule(unsigned facts)
{
    size_t i;

    for (i = 0; i < GUARDS - 1 && (facts & guards[i].fact) == 0; i++) {
        continue;
    }
    return guards[i].rule;
}

/* The facts that have anything to do with the guard: those that it bars, and
 * those of entries that may allow an origin which it bars. */
#define GUARDED \
    (CORS_PATTERN_REGISTRABLE | CORS_ENTRY_LOOSE | CORS_PATTERN_ANY \
     | CORS_PATTERN_NULL | CORS_PATTERN_INSECURE | CORS_ENTRY_HTTP_TOO \
     | CORS_PATTERN_PUBLIC_SUFFIX | CORS_ENTRY_STRANGERS \
     | CORS_PATTERN_SAME_SITE | CORS_ENTRY_SOURCES)

/* The guard, where the policy has anything for it; plain lists have not. */
static unsigned guard_for(const cors_policy_t *policy)
{
    return (policy->origins->facts & GUARDED) != 0 ? cors_guard(policy) : 0;
}

/* The fact for which the guard bars an origin, though an entry allows it, or
 * 0. */
static unsigned unfit(unsigned guard, const cors_origin_t *origin)
{
    return guard & (cors_origin_is_null(origin) ? CORS_PATTERN_NULL
                    : cors_origin_is_insecure(origin) ? CORS_PATTERN_INSECURE
                    : 0u);
}

/* May this origin, which is not simply listed, read the response? */
CORS_APART static void check_origin(const cors_policy_t *policy,
                                    unsigned guard, cors_listing_t listing,
                                    const cors_request_t *request,
                                    const cors_origin_t *origin,
                                    cors_verdict_t *verdict)
{
    cors_question_t question;
    const cors_entry_t *over;

    question.origin = origin;
    question.skip = guard;
    question.site = request->site;
    question.request = request->whole;
    question.is_unlisted = listing == CORS_UNLISTED;
    question.known = NULL;
    question.failed = &verdict->failed;
    verdict->entry = cors_origins_find(policy->origins, &question);
    if (verdict->entry != NULL && !cors_entry_removes(verdict->entry)) {
        verdict->guard = guard != 0 ? unfit(guard, origin) : 0;
        if (verdict->guard == 0) {
            verdict->allow_origin = request->origin;
            return;
        }
    }
    verdict->result = verdict->entry == NULL && verdict->failed != NULL
        ? CORS_SOURCE_ERROR : CORS_DENIED_ORIGIN;
    /* What is in a file is not known here, and an entry out of it is another
     * copy each time. Of providers the guard bars none, and what they say is
     * known already. */
    if (guard != 0
        && (policy->origins->facts & (guard | CORS_ENTRY_FILE)) != 0) {
        question.skip = CORS_ENTRY_PROVIDER;
        question.known = verdict->entry;
        over = cors_origins_find(policy->origins, &question);
        if (over != NULL && over != verdict->entry
            && (over->pattern.facts & (guard | CORS_ENTRY_LINE))
               != CORS_ENTRY_LINE) {
            verdict->passed_over = over;
        }
    }
}

/* Rejects a request whose origin is not allowed, unless it is the site's own,
 * by what the server can see or by what the browser says. `origin` is NULL if
 * it is malformed. */
static void reject(const cors_request_t *request, const cors_origin_t *origin,
                   cors_verdict_t *verdict)
{
    if (origin != NULL && request->site != NULL
        && cors_is_same_origin(request->site, origin)) {
        return;
    }
    verdict->is_spared = cors_str_is(request->fetch_site, "same-origin")
        || cors_str_is(request->fetch_site, "none");
    verdict->is_rejected = !verdict->is_spared;
}

/* ------------------------------------------------------- the preflight -- */

const cors_list_t *cors_policy_methods(const cors_policy_t *policy,
                                       cors_list_t *merged)
{
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

/* Does the entry name what was looked for? Then it is a token, and not one of
 * those that are forbidden: the configuration takes no other. */
static int is_literal(const cors_name_t *found)
{
    return found != NULL && found->facts == CORS_NAME_LITERAL;
}

int cors_policy_allows_method(const cors_policy_t *policy, cors_str_t method)
{
    cors_list_t merged;
    const cors_name_t *found =
        cors_names_find(cors_policy_methods(policy, &merged), method, 0);

    return is_literal(found) || cors_is_safelisted_method(method)
        || (found != NULL && cors_is_token(method)
            && !cors_is_forbidden_method(method));
}

/* The entry that lets a page set this request header. Without credentials
 * `*` does not cover Authorization. */
static const cors_name_t *find_header(const cors_policy_t *policy,
                                      cors_str_t name)
{
    const cors_name_t *found = cors_names_find(policy->headers, name, 0);

    if (found == NULL || is_literal(found)) {
        return found;
    }
    if (!policy->credentials && cors_is_non_wildcard_request_header(name)) {
        found = cors_names_find(policy->headers, name, CORS_NAME_ANY);
    }
    return cors_is_token(name) ? found : NULL;
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

/* The CORS check: whether the origin may read the response. */
CORS_APART static void decide_origin(const cors_policy_t *policy,
                                     const cors_request_t *request,
                                     cors_verdict_t *verdict)
{
    const unsigned guard = guard_for(policy);
    const cors_entry_t *entry;
    const cors_listing_t listing =
        cors_origins_look(policy->origins, request->origin, &entry);
    cors_origin_t origin;
    int is_origin;

    if (listing == CORS_LISTED && (entry->pattern.facts & guard) == 0) {
        verdict->entry = entry;
        verdict->allow_origin = request->origin;
        return;
    }
    is_origin = cors_origin_parse(request->origin, &origin);
    if (!is_origin) {
        verdict->result = CORS_MALFORMED_ORIGIN;
    }
    else if (listing == CORS_UNCOVERED) {
        verdict->result = CORS_DENIED_ORIGIN;
    }
    else {
        check_origin(policy, guard, listing, request, &origin, verdict);
    }
    if (policy->rejects && verdict->result != CORS_ALLOWED) {
        reject(request, is_origin ? &origin : NULL, verdict);
    }
}

/* Whether it may send what it asks for. */
CORS_APART static void decide_preflight(const cors_policy_t *policy,
                                        const cors_request_t *request,
                                        cors_verdict_t *verdict)
{
    if (!cors_policy_allows_method(policy, request->method)) {
        verdict->result = CORS_DENIED_METHOD;
        verdict->blamed = request->method;
    }
    else if (!check_headers(policy, request->headers, &verdict->blamed)) {
        verdict->result = CORS_DENIED_HEADER;
    }
}

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
        decide_origin(policy, request, verdict);
    }
    if (request->is_preflight && verdict->result == CORS_ALLOWED) {
        decide_preflight(policy, request, verdict);
    }
}
