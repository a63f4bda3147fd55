/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_log.h"

#include <apr_atomic.h>
#include <apr_strings.h>
#include <http_log.h>

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

/* Bytes of a client for the log, cut. httpd escapes the message. */
static const char *quote(request_rec *r, cors_str_t s)
{
    static const size_t max = 100;

    return apr_psprintf(r->pool, "'%s%s'",
                        apr_pstrmemdup(r->pool, s.p, s.n < max ? s.n : max),
                        s.n > max ? "..." : "");
}

const char *cors_quote_entry(apr_pool_t *pool, const cors_entry_t *entry)
{
    static const size_t max = 200;
    const cors_str_t text = cors_entry_text(entry);

    return apr_pstrmemdup(pool, text.p, text.n < max ? text.n : max);
}

static const char *quote_entry(request_rec *r, const cors_entry_t *entry)
{
    return apr_psprintf(r->pool, "%s '%s%s' (%s)",
                        cors_entry_directive(entry),
                        cors_entry_removes(entry) ? "-" : "",
                        cors_quote_entry(r->pool, entry),
                        cors_quote_place(r->pool, entry->place));
}

static const char *quote_list(request_rec *r, const char *directive,
                              const cors_list_t *list)
{
    if (list == NULL) {
        return apr_pstrcat(r->pool, directive, " (not set)", NULL);
    }
    return apr_psprintf(r->pool, "%s (%s)", directive,
                        cors_quote_place(r->pool, list->place));
}

/* Why: what follows the reason word in the log. */
static const char *explain(request_rec *r, const cors_decision_t *decision)
{
    const cors_policy_t *policy = &decision->config->policy;
    const cors_verdict_t *verdict = &decision->verdict;
    const char *origin = quote(r, decision->request.origin);
    cors_list_t merged;

    switch (verdict->result) {
    case CORS_ALLOWED:
        return apr_psprintf(r->pool, "origin %s by %s", origin,
                            verdict->entry != NULL
                            ? quote_entry(r, verdict->entry)
                            : quote_list(r, "CorsAllowOrigin",
                                         policy->origins));
    case CORS_MALFORMED_ORIGIN:
        return apr_psprintf(r->pool, "%s is not one origin", origin);
    case CORS_DENIED_ORIGIN:
        if (verdict->guard != 0) {
            return apr_psprintf(r->pool, "origin %s of %s %s", origin,
                                quote_entry(r, verdict->entry),
                                object_to(r->pool, decision->config,
                                          verdict->guard));
        }
        if (verdict->entry != NULL) {
            return apr_psprintf(r->pool, "origin %s is taken out by %s",
                                origin, quote_entry(r, verdict->entry));
        }
        return apr_psprintf(r->pool, "origin %s is not in %s", origin,
                            quote_list(r, cors_origins_directive(
                                              policy->origins),
                                       policy->origins));
    case CORS_SOURCE_ERROR:
        return apr_psprintf(r->pool, "origin %s may be one that %s would "
                            "allow, which cannot answer", origin,
                            quote_entry(r, verdict->failed));
    case CORS_DENIED_METHOD:
        return apr_psprintf(r->pool, "method %s of origin %s is not in %s",
                            quote(r, verdict->blamed), origin,
                            quote_list(r, "CorsAllowMethods",
                                       cors_policy_methods(policy, &merged)));
    default:
        if (verdict->blamed.n > CORS_REQUEST_HEADERS_MAX) {
            return apr_psprintf(r->pool, "request headers %s of origin %s "
                                "take more than %d bytes",
                                quote(r, verdict->blamed), origin,
                                CORS_REQUEST_HEADERS_MAX);
        }
        return apr_psprintf(r->pool, "request header %s of origin %s is not "
                            "in %s%s", quote(r, verdict->blamed), origin,
                            quote_list(r, "CorsAllowHeaders",
                                       policy->headers),
                            cors_is_non_wildcard_request_header(
                                verdict->blamed)
                            ? "; '*' does not cover it, list it by name"
                            : "");
    }
}

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
                      cors_result_word(verdict), explain(r, decision),
                      decision->config->engine == CORS_ENGINE_REPORT_ONLY
                      ? " (report only)" : "");
    }
    if (passed_over != NULL && cors_log_is_due(&told)) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, "%s matches nobody: it %s",
                      quote_entry(r, passed_over),
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
