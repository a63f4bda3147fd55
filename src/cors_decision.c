/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_decision.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <http_protocol.h>

#include "cors_expr.h"
#include "cors_log.h"
#include "cors_server.h"
#include "mod_cors.h"

/* --------------------------------------------------------------- state -- */

const cors_config_t *cors_config_of(const request_rec *r)
{
    const cors_dir_t *dir =
        ap_get_module_config(r->per_dir_config, &cors_module);

    return dir->config;
}

cors_state_t *cors_state_of(const request_rec *r)
{
    return ap_get_module_config(r->request_config, &cors_module);
}

cors_state_t *cors_state_make(request_rec *r)
{
    cors_state_t *state = cors_state_of(r);

    if (state == NULL) {
        state = apr_pcalloc(r->pool, sizeof(*state));
        state->known = cors_config_of(r);
        ap_set_module_config(r->request_config, &cors_module, state);
    }
    return state;
}

/* The configuration that is known, though an error may have come before the
 * sections were merged. */
static const cors_config_t *known(const request_rec *r)
{
    const cors_state_t *state = cors_state_of(r);

    return state != NULL ? state->known : cors_config_of(r);
}

cors_state_t *cors_decision_find(const request_rec *r)
{
    for (; r != NULL; r = r->prev) {
        cors_state_t *state = cors_state_of(r);

        if (state != NULL && state->is_decided) {
            return state;
        }
    }
    return NULL;
}

int cors_is_error_document(const request_rec *r)
{
    return r->prev != NULL && r->prev->status != HTTP_OK;
}

/* ----------------------------------------------- the facts of a request -- */

static cors_str_t field_in(const request_rec *r, const char *name)
{
    return cors_str(apr_table_get(r->headers_in, name));
}

/* The method as the client sent it: httpd makes a GET of the request for an
 * ErrorDocument. */
static int is_options(const request_rec *r)
{
    return r->the_request != NULL
        && strncmp(r->the_request, "OPTIONS", 7) == 0
        && apr_isspace(r->the_request[7]);
}

static int is_about_server(const request_rec *r)
{
    return r->unparsed_uri != NULL && strcmp(r->unparsed_uri, "*") == 0;
}

/* What the request was sent to. */
static const cors_site_t *site_of(const request_rec *r)
{
    cors_site_t *site = apr_pcalloc(r->pool, sizeof(*site));
    char ipv6[CORS_IPV6_MAX + 1];
    const char *host = r->hostname;
    const request_rec *first;

    if (host != NULL && strchr(host, ':') != NULL) {
        host = apr_psprintf(r->pool, "[%s]", host);
        host = cors_host_canonical_ipv6(cors_str(host), ipv6)
            ? apr_pstrdup(r->pool, ipv6) : NULL;
    }
    site->host = cors_str(host);
    /* Only the client's own request_rec knows the port. */
    for (first = r; first->prev; first = first->prev) {
        continue;
    }
    if (first->parsed_uri.port_str != NULL) {
        site->port = cors_str(apr_itoa(r->pool, first->parsed_uri.port));
    }
    site->is_secure = strcmp(ap_http_scheme(r), "https") == 0;
    site->suffixes = cors_server_suffixes();
    return site;
}

static void read_request(request_rec *r, cors_decision_t *decision)
{
    cors_request_t *request = &decision->request;

    decision->is_options = is_options(r);
    request->origin = field_in(r, "Origin");
    if (decision->is_options) {
        request->method = field_in(r, "Access-Control-Request-Method");
        request->headers = field_in(r, "Access-Control-Request-Headers");
        request->is_preflight = cors_is_preflight(decision->is_options,
                                                  request->origin,
                                                  request->method);
    }
}

/* -------------------------------------------------------------- decide -- */

/* Decides by one configuration. What only some policies ask of a request is
 * looked for when one does. */
static void decide_by(request_rec *r, const cors_config_t *config,
                      cors_asker_t *asker, cors_decision_t *decision)
{
    const cors_policy_t *policy = &config->policy;
    const cors_entry_t *passed_over = decision->verdict.passed_over;
    cors_request_t *request = &decision->request;

    decision->config = config;
    if (request->origin.n > 0 && request->site == NULL
        && (policy->rejects
            || (policy->origins->facts & CORS_PATTERN_SAME_SITE) != 0)) {
        request->site = site_of(r);
        request->fetch_site = field_in(r, "Sec-Fetch-Site");
    }
    asker->has_asked = 0;
    cors_decide(policy, request, &decision->verdict);
    if (!asker->has_asked) {
        cors_expr_learn_vary(policy->origins, asker);
    }
    if (decision->verdict.passed_over != NULL) {
        decision->barred_by = config;
    }
    else {
        decision->verdict.passed_over = passed_over;
    }
}

/* The first policy that allows the origin decides; if none does, the last.
 * Those that allow nobody say nothing about a request without an origin. */
static void decide_by_first(request_rec *r, const cors_config_t *config,
                            cors_asker_t *asker, cors_decision_t *decision)
{
    const cors_use_t *use = config->use;
    const cors_config_t *alternative;

    do {
        alternative = cors_config_with(r->pool, config, use);
        decide_by(r, alternative, asker, decision);
        decision->varies |= cors_policy_depends_on_origin(
            &alternative->policy);
        if (decision->verdict.allow_origin.p != NULL) {
            return;
        }
        use = use != NULL ? use->next : NULL;
    } while (use != NULL && (decision->request.origin.n > 0
                             || !decision->varies));
    for (; use != NULL; use = use->next) {
        alternative = cors_config_with(r->pool, config, use);
        cors_expr_learn_vary(alternative->policy.origins, asker);
    }
}

/* With `is_late` a response is on its way already, and 403 cannot be. */
static cors_state_t *decide(request_rec *r, const cors_config_t *config,
                            int is_late)
{
    cors_state_t *state = cors_state_make(r);
    cors_decision_t *decision = &state->decision;
    cors_asker_t asker = { r, NULL, 0 };

    state->is_decided = 1;
    if (config->engine == CORS_ENGINE_OFF || is_about_server(r)) {
        return state;
    }
    read_request(r, decision);
    decision->request.whole = &asker;
    decide_by_first(r, config, &asker, decision);
    decision->request.whole = NULL;
    if (decision->verdict.is_spared) {
        cors_asker_add_vary(&asker, "Sec-Fetch-Site");
    }
    decision->vary = asker.vary;
    /* A preflight is refused by its own answer. */
    if (is_late || (decision->request.is_preflight
                    && !decision->config->preflight_passes)) {
        decision->verdict.is_rejected = 0;
    }
    if (decision->request.origin.n > 0) {
        cors_decision_set_variables(r, decision);
        cors_log_decision(r, decision);
    }
    return state;
}

cors_state_t *cors_decision_make(request_rec *r, const cors_config_t *config)
{
    return decide(r, config, 0);
}

/* Has the response its headers from the cache of a quick handler? Caches have
 * no say in errors. */
static int is_from_cache(const request_rec *r)
{
    const cors_state_t *state = cors_state_of(r);

    return state != NULL && state->is_quick && !ap_is_HTTP_ERROR(r->status);
}

cors_state_t *cors_decision_make_late(request_rec *r)
{
    cors_state_t *state = r->prev != NULL ? cors_decision_make_late(r->prev)
                                          : NULL;
    const cors_config_t *config = known(r);

    if (state != NULL || cors_is_error_document(r)) {
        return state;
    }
    return cors_config_decides(config) && !is_from_cache(r)
        ? decide(r, config, 1) : NULL;
}

/* ------------------------------------------------------ what follows of it */

void cors_decision_set_variables(request_rec *r,
                                 const cors_decision_t *decision)
{
    if (decision->config == NULL || decision->request.origin.n == 0) {
        return;
    }
    apr_table_setn(r->subprocess_env, CORS_VARIABLE_REQUEST,
                   decision->request.is_preflight ? "preflight" : "actual");
    apr_table_setn(r->subprocess_env, CORS_VARIABLE_RESULT,
                   cors_result_word(&decision->verdict));
}

int cors_decision_acts(const cors_decision_t *decision)
{
    return decision->config != NULL
        && decision->config->engine != CORS_ENGINE_REPORT_ONLY;
}

int cors_decision_answers(const cors_decision_t *decision)
{
    return cors_decision_acts(decision) && decision->request.is_preflight
        && !decision->config->preflight_passes;
}

/* The configuration of the first URL in the redirect chain that has one, or an
 * engine that is not On; NULL: there is none, or the response has it from a
 * cache already. */
static const cors_config_t *find_resource_policy(const request_rec *r)
{
    const cors_config_t *config =
        r->prev != NULL ? find_resource_policy(r->prev) : NULL;

    if (config != NULL || cors_is_error_document(r) || is_from_cache(r)) {
        return config;
    }
    config = known(r);
    return config != NULL
        && (config->engine != CORS_ENGINE_ON
            || config->resource_policy != CORS_RESOURCE_NONE)
        ? config : NULL;
}

const char *cors_resource_policy_due(const request_rec *r)
{
    static const char *const values[] = {
        NULL, "same-origin", "same-site", "cross-origin"
    };
    const cors_config_t *config = find_resource_policy(r);

    return config != NULL && config->engine == CORS_ENGINE_ON
        ? values[config->resource_policy] : NULL;
}
