/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_log.h"

#include <apr_atomic.h>
#include <apr_strings.h>
#include <http_log.h>

#include "cors_near_miss.h"
#include "cors_step.h"

APLOG_USE_MODULE(cors);

const char *cors_quote_place(apr_pool_t *pool, cors_place_t place)
{
    return place.line > 0
        ? apr_psprintf(pool, "%s:%d", place.file, place.line) : place.file;
}

/* What the guard has against these facts, of which it bars one. */
static const char *object_to(apr_pool_t *pool, const cors_config_t *config,
                             unsigned facts)
{
    cors_place_t place;

    if (!cors_guard_is_of_credentials(facts)) {
        return cors_guard_rule(facts);
    }
    place = cors_config_place(config, offsetof(cors_config_t,
                                               policy.credentials));
    return apr_psprintf(pool, "must not meet CorsAllowCredentials On (%s): %s",
                        cors_quote_place(pool, place),
                        cors_guard_rule(facts));
}

const char *cors_objection(apr_pool_t *pool, const cors_config_t *config,
                           const cors_entry_t *entry)
{
    unsigned facts = entry->pattern.facts & cors_guard(&config->policy);
    const cors_source_t *source = cors_entry_source(entry);

    if (facts == 0) {
        facts = CORS_ENTRY_STRANGERS;   /* all else would show in the entry */
    }
    return source != NULL && source->flaw != NULL
        ? apr_psprintf(pool, "%s; %s", source->flaw,
                       object_to(pool, config, facts))
        : object_to(pool, config, facts);
}

/* --------------------------------------------------------- who decided -- */

const char *cors_quote_entry(apr_pool_t *pool, const cors_entry_t *entry)
{
    static const size_t max = 200;
    const cors_str_t text = cors_entry_text(entry);

    return apr_pstrmemdup(pool, text.p, text.n < max ? text.n : max);
}

/* Who stands behind a decision: an entry, or a whole list. */
typedef struct decider_t {
    const cors_entry_t *entry;  /* or NULL */
    const char *directive;      /* without an entry, that of the list; NULL:
                                   nobody */
    const cors_list_t *list;    /* NULL: it is not set */
} decider_t;

static const void *take(const cors_entry_t *entry, void *context)
{
    (void)context;
    return entry;
}

static decider_t find_decider(const cors_decision_t *decision)
{
    const cors_policy_t *policy = &decision->config->policy;
    const cors_verdict_t *verdict = &decision->verdict;
    decider_t decider = { verdict->entry, NULL, policy->origins };

    switch (verdict->result) {
    case CORS_ALLOWED:
        if (decider.entry == NULL) {    /* the constant policy, which is `*` */
            decider.entry = cors_origins_visit(policy->origins,
                                               CORS_PATTERN_ANY, take, NULL);
        }
        break;
    case CORS_MALFORMED_ORIGIN:
        decider.entry = NULL;
        break;
    case CORS_DENIED_ORIGIN:
        decider.directive = cors_origins_directive(policy->origins);
        break;
    case CORS_SOURCE_ERROR:
        decider.entry = verdict->failed;
        break;
    case CORS_DENIED_METHOD:
        decider.entry = NULL;
        decider.directive = "CorsAllowMethods";
        decider.list = policy->methods;
        break;
    case CORS_DENIED_HEADER:
        decider.entry = NULL;
        decider.directive = verdict->blamed.n > CORS_REQUEST_HEADERS_MAX
            ? NULL : "CorsAllowHeaders";
        decider.list = policy->headers;
        break;
    }
    return decider;
}

/* An entry as it may be written. */
static const char *name_entry(apr_pool_t *pool, const cors_entry_t *entry)
{
    return apr_psprintf(pool, "%s '%s%s'", cors_entry_directive(entry),
                        cors_entry_removes(entry) ? "-" : "",
                        cors_quote_entry(pool, entry));
}

const char *cors_decider(apr_pool_t *pool, const cors_decision_t *decision,
                         cors_place_t *place)
{
    static const cors_place_t nowhere = { "default", 0 };
    const decider_t decider = find_decider(decision);

    *place = decider.entry != NULL ? decider.entry->place
        : decider.directive != NULL && decider.list != NULL
        ? decider.list->place : nowhere;
    return decider.entry != NULL ? name_entry(pool, decider.entry)
                                 : decider.directive;
}

/* ----------------------------------------------------------------- why -- */

/* Bytes of a client, cut. Whoever shows them has to escape them. */
static const char *quote(apr_pool_t *pool, cors_str_t s)
{
    return apr_psprintf(pool, "'%s'", cors_step_show(pool, s));
}

static const char *quote_entry(apr_pool_t *pool, const cors_entry_t *entry)
{
    return apr_psprintf(pool, "%s (%s)", name_entry(pool, entry),
                        cors_quote_place(pool, entry->place));
}

/* The decider, if that is a list. Where it is not set, it belongs beside the
 * origins. */
static const char *quote_list(apr_pool_t *pool, const decider_t *decider,
                              const cors_list_t *origins)
{
    return decider->list != NULL
        ? apr_psprintf(pool, "%s (%s)", decider->directive,
                       cors_quote_place(pool, decider->list->place))
        : apr_psprintf(pool, "%s, which is not set beside %s (%s)",
                       decider->directive, cors_origins_directive(origins),
                       cors_quote_place(pool, origins->place));
}

static int is_place(cors_place_t a, cors_place_t b)
{
    return a.file == b.file && a.line == b.line;
}

/* What goes behind the phrase where another origin would be allowed, "" if
 * none is. `list` is what the phrase ends with, or NULL. */
static const char *tell_near_miss(apr_pool_t *pool,
                                  const cors_near_miss_t *miss,
                                  const cors_list_t *list)
{
    const cors_entry_t *entry = miss->entry;
    const char *has;

    if (entry == NULL) {
        return "";
    }
    has = cors_str_is(cors_entry_text(entry), miss->origin)
        ? quote(pool, cors_str(miss->origin))
        : apr_psprintf(pool, "'%s' for %s", cors_quote_entry(pool, entry),
                       quote(pool, cors_str(miss->origin)));
    return list != NULL && is_place(entry->place, list->place)
        ? apr_pstrcat(pool, ", which has ", has, NULL)
        : apr_psprintf(pool, "; %s (%s) has %s", cors_entry_directive(entry),
                       cors_quote_place(pool, entry->place), has);
}

static const char *explain_malformed(apr_pool_t *pool,
                                     const cors_decision_t *decision)
{
    cors_near_miss_t miss;

    cors_near_miss_find(&decision->config->policy, &decision->request, &miss);
    return apr_psprintf(pool, "origin %s %s%s",
                        quote(pool, decision->request.origin), miss.rule,
                        tell_near_miss(pool, &miss, NULL));
}

static const char *explain_unlisted(apr_pool_t *pool,
                                    const cors_decision_t *decision)
{
    const cors_list_t *origins = decision->config->policy.origins;
    const cors_str_t origin = decision->request.origin;
    const decider_t decider = find_decider(decision);
    cors_near_miss_t miss;

    cors_near_miss_find(&decision->config->policy, &decision->request, &miss);
    return apr_psprintf(pool, "origin %s is not in %s%s%s",
                        quote(pool, origin),
                        quote_list(pool, &decider, origins),
                        tell_near_miss(pool, &miss, origins),
                        cors_str_is(origin, "null")
                        ? "; files and sandboxed frames have no other" : "");
}

static const char *explain_denied(apr_pool_t *pool,
                                  const cors_decision_t *decision)
{
    const cors_verdict_t *verdict = &decision->verdict;
    const char *origin = quote(pool, decision->request.origin);

    if (verdict->guard != 0) {
        return apr_psprintf(pool, "origin %s of %s %s", origin,
                            quote_entry(pool, verdict->entry),
                            object_to(pool, decision->config,
                                      verdict->guard));
    }
    if (verdict->entry != NULL) {
        return apr_psprintf(pool, "origin %s is taken out by %s", origin,
                            quote_entry(pool, verdict->entry));
    }
    if (verdict->passed_over != NULL) {
        return apr_psprintf(pool, "origin %s has only %s, which matches "
                            "nobody: it %s", origin,
                            quote_entry(pool, verdict->passed_over),
                            cors_objection(pool, decision->barred_by,
                                           verdict->passed_over));
    }
    return explain_unlisted(pool, decision);
}

static const char *explain_method(apr_pool_t *pool,
                                  const cors_decision_t *decision)
{
    const cors_policy_t *policy = &decision->config->policy;
    const cors_str_t method = decision->verdict.blamed;
    const decider_t decider = find_decider(decision);
    char other[CORS_NEAR_METHOD_MAX + 1];
    const char *more = "";

    if (cors_is_forbidden_method(method)) {
        more = "; no page can use it";
    }
    else if (cors_near_miss_find_method(policy, method, other)) {
        more = apr_psprintf(pool, "; '%s' is allowed, and methods are "
                            "case-sensitive", other);
    }
    return apr_psprintf(pool, "method %s of origin %s is not in %s%s",
                        quote(pool, method),
                        quote(pool, decision->request.origin),
                        quote_list(pool, &decider, policy->origins), more);
}

static const char *explain_header(apr_pool_t *pool,
                                  const cors_decision_t *decision)
{
    const cors_policy_t *policy = &decision->config->policy;
    const cors_str_t header = decision->verdict.blamed;
    const char *origin = quote(pool, decision->request.origin);
    const decider_t decider = find_decider(decision);

    if (decider.directive == NULL) {
        return apr_psprintf(pool, "request headers %s of origin %s take more "
                            "than %d bytes", quote(pool, header), origin,
                            CORS_REQUEST_HEADERS_MAX);
    }
    return apr_psprintf(pool, "request header %s of origin %s is not in %s%s",
                        quote(pool, header), origin,
                        quote_list(pool, &decider, policy->origins),
                        cors_is_forbidden_request_header(header)
                        ? "; no page can set it"
                        : policy->headers != NULL
                        && (policy->headers->facts & CORS_NAME_ANY) != 0
                        && cors_is_non_wildcard_request_header(header)
                        ? "; '*' does not cover it, list it by name" : "");
}

static const char *explain_allowed(apr_pool_t *pool,
                                   const cors_decision_t *decision)
{
    return apr_psprintf(pool, "origin %s by %s",
                        quote(pool, decision->request.origin),
                        quote_entry(pool, find_decider(decision).entry));
}

static const char *explain_failure(apr_pool_t *pool,
                                   const cors_decision_t *decision)
{
    return apr_psprintf(pool, "origin %s may be one that %s would allow, "
                        "which cannot answer",
                        quote(pool, decision->request.origin),
                        quote_entry(pool, decision->verdict.failed));
}

static const char *explain(apr_pool_t *pool, const cors_decision_t *decision)
{
    switch (decision->verdict.result) {
    case CORS_ALLOWED:
        return explain_allowed(pool, decision);
    case CORS_MALFORMED_ORIGIN:
        return explain_malformed(pool, decision);
    case CORS_DENIED_ORIGIN:
        return explain_denied(pool, decision);
    case CORS_SOURCE_ERROR:
        return explain_failure(pool, decision);
    case CORS_DENIED_METHOD:
        return explain_method(pool, decision);
    default:
        return explain_header(pool, decision);
    }
}

const char *cors_reason(apr_pool_t *pool, const cors_decision_t *decision)
{
    const char *why = explain(pool, decision);
    cors_place_t place;

    if (!decision->verdict.is_rejected) {
        return why;
    }
    place = cors_config_place(decision->config,
                              offsetof(cors_config_t, policy.rejects));
    return apr_psprintf(pool, "%s; CorsRejectUnlisted (%s) makes that a 403",
                        why, cors_quote_place(pool, place));
}

/* ----------------------------------------------------------------- log -- */

int cors_log_is_due(volatile apr_uint32_t *last)
{
    const apr_uint32_t then = apr_atomic_read32(last);
    const apr_uint32_t now = (apr_uint32_t)apr_time_sec(apr_time_now());

    return (then == 0 || now - then >= 60)
        && apr_atomic_cas32(last, now, then) == then;
}

/* Everything that is worth a line; at most levels that is nothing. */
CORS_APART static void log_decision(request_rec *r,
                                    const cors_decision_t *decision)
{
    const cors_verdict_t *verdict = &decision->verdict;
    const cors_entry_t *passed_over = verdict->passed_over;
    const int level = verdict->result == CORS_ALLOWED ? APLOG_DEBUG
                                                      : APLOG_INFO;
    static volatile apr_uint32_t told;

    if (APLOG_R_IS_LEVEL(r, level)) {
        ap_log_rerror(APLOG_MARK, level, 0, r, "%s: %s%s",
                      cors_result_word(verdict),
                      cors_reason(r->pool, decision),
                      decision->config->engine == CORS_ENGINE_REPORT_ONLY
                      ? " (report only)" : "");
    }
    if (passed_over != NULL && cors_log_is_due(&told)) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, "%s matches nobody: it %s",
                      quote_entry(r->pool, passed_over),
                      cors_objection(r->pool, decision->barred_by,
                                     passed_over));
    }
}

void cors_log_decision(request_rec *r, const cors_decision_t *decision)
{
    if (APLOG_R_IS_LEVEL(r, APLOG_INFO)
        || decision->verdict.passed_over != NULL) {
        log_decision(r, decision);
    }
}
