/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_decision.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <http_protocol.h>

#include "cors_expr.h"
#include "cors_log.h"
#include "cors_server.h"
#include "cors_statistics.h"
#include "mod_cors.h"

/* --------------------------------------------------------------- state -- */

/* Stands for the state while quick handlers are asked, so that requests which
 * they decline need none of their own. Never written. */
static cors_state_t quick = { .is_quick = 1 };

static cors_state_t *make_state(request_rec *r, int is_quick)
{
    cors_state_t *state = apr_palloc(r->pool, sizeof(*state));

    /* In parts, for each of which a few stores do. */
    memset(state, 0, offsetof(cors_state_t, decision.request));
    memset(&state->decision.request, 0, sizeof(state->decision.request));
    memset(&state->decision.verdict, 0, sizeof(state->decision.verdict));
    state->is_quick = (char)is_quick;
    ap_set_module_config(r->request_config, &cors_module, state);
    return state;
}

cors_state_t *cors_state_make(request_rec *r)
{
    cors_state_t *state = cors_state_of(r);

    return state != NULL && state != &quick ? state
        : make_state(r, state == &quick);
}

void cors_state_begin_quick(request_rec *r)
{
    ap_set_module_config(r->request_config, &cors_module, &quick);
}

void cors_state_end_quick(request_rec *r)
{
    cors_state_t *state = cors_state_of(r);

    if (state == &quick) {
        ap_set_module_config(r->request_config, &cors_module, NULL);
    }
    else if (state != NULL) {
        state->is_quick = 0;
    }
}

/* The configuration that is known, though an error may have come before the
 * sections were merged. */
static const cors_config_t *known(const request_rec *r)
{
    const cors_state_t *state = cors_state_of(r);

    return state != NULL && state->known != NULL && !cors_is_beyond_server(r)
        ? state->known : cors_config_of(r);
}

/* ----------------------------------------------- the facts of a request -- */

static cors_str_t field_in(const request_rec *r, const char *name)
{
    return cors_str(apr_table_get(r->headers_in, name));
}

static int is_about_server(const request_rec *r)
{
    return r->unparsed_uri != NULL && r->unparsed_uri[0] == '*'
        && r->unparsed_uri[1] == '\0';
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

/* What only preflights carry. One pass, since their names begin as those of
 * other fields do, which APR's tables would compare each time. */
static void read_preflight(const request_rec *r, cors_request_t *request)
{
    static const char method[] = "Access-Control-Request-Method";
    static const char headers[] = "Access-Control-Request-Headers";
    const apr_array_header_t *fields = apr_table_elts(r->headers_in);
    const apr_table_entry_t *field = (const apr_table_entry_t *)fields->elts;
    const apr_table_entry_t *end = field + fields->nelts;

    for (; field < end; field++) {
        if (!cors_may_be_access(field->key)) {
            continue;
        }
        if (request->method.p == NULL
            && strcasecmp(field->key, method) == 0) {
            request->method = cors_str(field->val);
        }
        else if (request->headers.p == NULL
                 && strcasecmp(field->key, headers) == 0) {
            request->headers = cors_str(field->val);
        }
    }
    request->is_preflight = cors_is_preflight(1, request->origin,
                                              request->method);
}

/* For a method that begins like OPTIONS: that of the client, since httpd makes
 * a GET of the request for an ErrorDocument. */
CORS_APART static void read_options(const request_rec *r,
                                    cors_decision_t *decision)
{
    decision->is_options = strncmp(r->the_request, "OPTIONS", 7) == 0
        && apr_isspace(r->the_request[7]);
    if (decision->is_options && decision->request.origin.n > 0) {
        read_preflight(r, &decision->request);
    }
}

static void read_request(const request_rec *r, cors_decision_t *decision)
{
    decision->request.origin = field_in(r, "Origin");
    if (r->the_request != NULL && r->the_request[0] == 'O') {
        read_options(r, decision);
    }
}

/* ----------------------------------------------------------- variables -- */

static const char request_variable[] = CORS_VARIABLE_REQUEST;
static const char result_variable[] = CORS_VARIABLE_RESULT;
static const char *const request_words[] = { "actual", "preflight" };

CORS_APART static void set_variables(request_rec *r,
                                     cors_decision_t *decision)
{
    const char *request = request_words[decision->request.is_preflight];
    const char *result = cors_result_word(&decision->verdict);
    apr_table_t *env = r->subprocess_env;

    if (decision->verdict.result == CORS_SOURCE_ERROR) {
        /* What is refused now may be allowed in a moment: nothing that
         * mod_cache should keep. */
        apr_table_setn(env, "no-cache", "1");
    }
    /* Adding does not compare the names, and they are hardly ever there. */
    if (apr_table_get(env, request_variable) == NULL
        && apr_table_get(env, result_variable) == NULL) {
        apr_table_addn(env, request_variable, request);
        apr_table_addn(env, result_variable, result);
        decision->told = apr_table_elts(env)->nelts;
        decision->told_result = result;
        return;
    }
    apr_table_setn(env, request_variable, request);
    apr_table_setn(env, result_variable, result);
}

/* Are the variables at the end of the environment, as they were added, and so
 * nobody has written any since? */
static int are_variables_set(const request_rec *r,
                             const cors_decision_t *decision)
{
    const apr_array_header_t *env = apr_table_elts(r->subprocess_env);
    const apr_table_entry_t *end =
        (const apr_table_entry_t *)env->elts + env->nelts;

    return env->nelts == decision->told
        && end[-1].key == result_variable
        && end[-1].val == decision->told_result
        && end[-2].val == request_words[decision->request.is_preflight];
}

void cors_decision_set_variables(request_rec *r, cors_decision_t *decision)
{
    if (decision->config != NULL && decision->request.origin.n > 0
        && (decision->told == 0 || !are_variables_set(r, decision))) {
        set_variables(r, decision);
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
            || (policy->origins->facts & (CORS_PATTERN_SAME_SITE
                                          | CORS_ENTRY_FILE)) != 0)) {
        request->site = site_of(r);
        request->fetch_site = field_in(r, "Sec-Fetch-Site");
    }
    asker->has_asked = 0;
    cors_decide(policy, request, &decision->verdict);
    if (!asker->has_asked && (policy->origins->facts & CORS_ENTRY_EXPR) != 0) {
        cors_expr_learn_vary(policy->origins, asker);
    }
    if (decision->verdict.passed_over != NULL) {
        decision->barred_by = config;
    }
    else {
        decision->verdict.passed_over = passed_over;
    }
}

/* The first policy that allows the origin decides; if none does, the last. If
 * one cannot tell, nothing can: it might have said less than the next.
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
        if (decision->verdict.allow_origin.p != NULL
            || decision->verdict.result == CORS_SOURCE_ERROR) {
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

/* For policies that ask for more than the origin. With `is_late` a response
 * is on its way already, and 403 cannot be. */
CORS_APART static void ask(request_rec *r, const cors_config_t *config,
                           int is_late, cors_decision_t *decision)
{
    cors_asker_t asker = { r, NULL, 0, 0 };

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
}

/* Does the policy want to know nothing of a request but Origin and what a
 * preflight says? */
static int is_simple(const cors_config_t *config)
{
    return config->use == NULL && !config->policy.rejects
        && (config->policy.origins->facts
            & (CORS_ENTRY_SOURCES | CORS_PATTERN_SAME_SITE)) == 0;
}

/* What the administrator is told of a decision about a real request. */
static inline void tell(request_rec *r, const cors_state_t *state)
{
    if (state->rehearsal == NULL) {
        cors_log_decision(r, &state->decision);
        cors_statistics_count(&state->decision);
    }
}

static cors_state_t *decide(request_rec *r, const cors_config_t *config,
                            int is_late)
{
    cors_state_t *state = cors_state_make(r);
    cors_decision_t *decision = &state->decision;

    state->is_decided = 1;
    state->known = config;
    if (config->engine == CORS_ENGINE_OFF || is_about_server(r)) {
        return state;
    }
    read_request(r, decision);
    if (is_simple(config)) {
        decision->config = decision->barred_by = config;
        decision->varies = cors_policy_depends_on_origin(&config->policy);
        if (decision->request.origin.n > 0 || !decision->varies) {
            cors_decide(&config->policy, &decision->request,
                        &decision->verdict);
        }
    }
    else {
        ask(r, config, is_late, decision);
    }
    if (decision->request.origin.n > 0) {
        set_variables(r, decision);
        tell(r, state);
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

/* ----------------------------------------------------- resource policy -- */

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
