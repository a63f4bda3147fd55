/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file mod_cors.c
 * The module record and the life of a request. From the top:
 *
 *   remember    before the URL is mapped: what the server, the virtual host
 *               and Location say is all that is known if mapping fails
 *   settle      the merged configuration is known, access control has not
 *               run: decide once, and answer a preflight
 *   settle late an error came first: decide by what was remembered
 *   emit        an output filter writes the headers, whoever responds
 *
 * What is decided stands in cors_policy.c, what is written in cors_headers.c.
 */
#include <apr_lib.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mod_core.h>
#include <util_filter.h>

#include "cors_check.h"
#include "cors_headers.h"
#include "cors_log.h"
#include "mod_cors.h"

/* What this module keeps with a request. */
typedef struct state_t {
    const cors_config_t *early; /* what held before the URL was mapped */
    int is_quick;               /* a quick handler may be answering */
    int is_decided;
    int is_rescued;             /* a preflight in place of a redirect */
    cors_decision_t decision;   /* if decided */
} state_t;

static ap_filter_rec_t *emit_handle;

static const cors_config_t *config_of(const request_rec *r)
{
    const cors_dir_t *dir =
        ap_get_module_config(r->per_dir_config, &cors_module);

    return dir->config;
}

static state_t *state_of(const request_rec *r)
{
    return ap_get_module_config(r->request_config, &cors_module);
}

static state_t *state_make(request_rec *r)
{
    state_t *state = state_of(r);

    if (state == NULL) {
        state = apr_pcalloc(r->pool, sizeof(*state));
        ap_set_module_config(r->request_config, &cors_module, state);
    }
    return state;
}

/* The decision about the client's request, made perhaps on an earlier
 * request_rec: every internal redirect but a fast one makes a new one. */
static state_t *find_decision(const request_rec *r)
{
    for (; r != NULL; r = r->prev) {
        state_t *state = state_of(r);

        if (state != NULL && state->is_decided) {
            return state;
        }
    }
    return NULL;
}

/* Was this request_rec made to show an error? Its URL is not the client's. */
static int is_error_document(const request_rec *r)
{
    return r->prev != NULL && r->prev->status != HTTP_OK;
}

/* ------------------------------------------------------------ to decide -- */

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

/* For logs, CGI, Require and the expr= of other modules. An internal redirect
 * gives the new request an environment of its own. */
static void set_variables(request_rec *r, const cors_decision_t *decision)
{
    if (decision->config == NULL || decision->request.origin.n == 0) {
        return;
    }
    apr_table_setn(r->subprocess_env, CORS_VARIABLE_REQUEST,
                   decision->request.is_preflight ? "preflight" : "actual");
    apr_table_setn(r->subprocess_env, CORS_VARIABLE_RESULT,
                   cors_result_word(decision->verdict.result));
}

/* Decides about the client's request by a configuration that does. */
static state_t *decide(request_rec *r, const cors_config_t *config)
{
    state_t *state = state_make(r);
    cors_decision_t *decision = &state->decision;
    cors_request_t *request = &decision->request;

    state->is_decided = 1;
    if (config->engine == CORS_ENGINE_OFF || is_about_server(r)) {
        return state;
    }
    decision->config = config;
    decision->is_options = is_options(r);
    request->origin = field_in(r, "Origin");
    if (decision->is_options) {
        request->method = field_in(r, "Access-Control-Request-Method");
        request->headers = field_in(r, "Access-Control-Request-Headers");
        request->is_preflight = cors_is_preflight(decision->is_options,
                                                  request->origin,
                                                  request->method);
    }
    cors_decide(&config->policy, request, &decision->verdict);
    if (request->origin.n > 0) {
        set_variables(r, decision);
        cors_log_decision(r, decision);
    }
    return state;
}

/* Is it for this module to answer the request, whoever else could? */
static int is_ours_to_answer(const cors_decision_t *decision)
{
    return decision->config != NULL && decision->request.is_preflight
        && !decision->config->preflight_passes
        && decision->config->engine != CORS_ENGINE_REPORT_ONLY;
}

static int answer_status(const cors_decision_t *decision)
{
    return decision->verdict.allow_origin.p != NULL
        ? decision->config->preflight_status : HTTP_FORBIDDEN;
}

/* Answers a preflight: nothing behind runs, not even an ErrorDocument. */
static int answer(request_rec *r, cors_decision_t *decision)
{
    int rv = ap_discard_request_body(r);

    if (rv != OK) {
        return rv;
    }
    decision->is_answered = 1;
    r->status = answer_status(decision);
    r->output_filters = r->proto_output_filters;
    ap_run_insert_error_filter(r);
    if (r->status != HTTP_NO_CONTENT) {
        ap_set_content_length(r, 0);
    }
    return DONE;
}

/* ---------------------------------------------------------------- hooks -- */

/* Keeps the policy that is known so far. */
static void remember(request_rec *r)
{
    const cors_config_t *config = config_of(r);
    state_t *state = state_of(r);

    if (state != NULL) {
        state->early = config;
    }
    else if (cors_config_decides(config)) {
        state_make(r)->early = config;
    }
}

/* Runs first of the quick handlers. While one of them answers, from a cache
 * that is, the response has its headers already. */
static int begin_quick(request_rec *r, int lookup)
{
    state_t *state;

    (void)lookup;
    if (r->main == NULL) {
        remember(r);
        state = state_of(r);
        if (state != NULL) {
            state->is_quick = 1;
        }
    }
    return DECLINED;
}

/* Runs last of the quick handlers: none has answered. */
static int end_quick(request_rec *r, int lookup)
{
    state_t *state = state_of(r);

    (void)lookup;
    if (state != NULL) {
        state->is_quick = 0;
    }
    return DECLINED;
}

/* Runs first, with server, virtual host, Location and If merged for the URL
 * as sent (before pre_translate_name) and decoded (before translate_name). */
static int remember_early(request_rec *r)
{
    if (r->main == NULL) {
        remember(r);
    }
    return DECLINED;
}

/* Runs when all sections and .htaccess are merged: in header_parser, last,
 * so that variables of mod_setenvif are there, but before all access control;
 * and again in fixups, last, because DirectoryIndex and MultiViews swap the
 * configuration without another header_parser. */
static int settle(request_rec *r)
{
    const cors_config_t *config = config_of(r);
    state_t *state;

    if (r->main != NULL) {
        return DECLINED;
    }
    if (r->prev == NULL && !cors_config_decides(config)) {
        return DECLINED;
    }
    state = find_decision(r);
    if (state != NULL) {
        set_variables(r, &state->decision);
        return DECLINED;
    }
    if (is_error_document(r) || !cors_config_decides(config)) {
        return DECLINED;
    }
    state = decide(r, config);
    return is_ours_to_answer(&state->decision) ? answer(r, &state->decision)
                                               : DECLINED;
}

/* Nobody decided before the response: an error came first, in front of, or
 * in, the mapping of the URL. Asks the client's own URL first. */
static state_t *settle_late(request_rec *r)
{
    state_t *state = r->prev != NULL ? settle_late(r->prev) : NULL;
    const cors_config_t *config;

    if (state != NULL || is_error_document(r)) {
        return state;
    }
    state = state_of(r);
    if (state != NULL && state->is_quick) {
        return NULL;
    }
    config = state != NULL ? state->early : config_of(r);
    return cors_config_decides(config) ? decide(r, config) : NULL;
}

static void add_emit(request_rec *r, state_t *state)
{
    const cors_config_t *config = state->decision.config;

    if (config != NULL && config->engine != CORS_ENGINE_REPORT_ONLY) {
        ap_add_output_filter_handle(emit_handle, state, r, r->connection);
    }
}

/* Runs last, after mod_headers, so that the filter comes behind its. */
static void insert_filter(request_rec *r)
{
    state_t *state;

    if (r->main != NULL) {
        return;
    }
    state = find_decision(r);
    if (state == NULL && r->prev != NULL) {
        state = settle_late(r);
        if (state != NULL) {
            set_variables(r, &state->decision);
        }
    }
    if (state != NULL) {
        add_emit(r, state);
    }
}

/* Did ap_die() make a redirect of an error, because its ErrorDocument is a
 * URL? It leaves no other trace than the Location. */
static int is_error_redirect(request_rec *r)
{
    const char *location = apr_table_get(r->headers_out, "Location");
    int status;

    for (status = 400; location != NULL && status < 600; status++) {
        int index = ap_index_of_response(status);
        const char *document = ap_response_code_string(r, index);

        if (document != NULL && strcmp(document, location) == 0) {
            return 1;
        }
    }
    return 0;
}

/* Runs last, after mod_headers, for responses that httpd makes itself. */
static void insert_error_filter(request_rec *r)
{
    state_t *state;

    if (r->main != NULL) {
        return;
    }
    state = find_decision(r);
    if (state == NULL) {
        state = settle_late(r);
        /* Redirect, or RewriteRule in a virtual host: browsers never follow
         * a redirected preflight, so it is answered instead. */
        if (state != NULL && is_ours_to_answer(&state->decision)
            && ap_is_HTTP_REDIRECT(r->status) && !is_error_redirect(r)) {
            state->is_rescued = 1;
            state->decision.is_answered = 1;
        }
    }
    if (state != NULL) {
        add_emit(r, state);
    }
}

/* Turns the redirect into the answer. What is left of the response must not
 * tell of it: no Location, no body. */
static void rescue(request_rec *r, const cors_decision_t *decision)
{
    r->status = answer_status(decision);
    r->status_line = NULL;
    r->content_type = NULL;
    apr_table_unset(r->headers_out, "Location");
    apr_table_unset(r->err_headers_out, "Location");
    apr_table_unset(r->headers_out, "Content-Type");
}

/* The output filter. It stands at the end of the content filters: behind
 * mod_headers, in front of a cache that stores the response and of the
 * protocol that sends it. */
static apr_status_t emit(ap_filter_t *f, apr_bucket_brigade *brigade)
{
    state_t *state = f->ctx;

    if (state->is_rescued) {
        if (APR_BRIGADE_EMPTY(brigade)
            || !APR_BUCKET_IS_EOS(APR_BRIGADE_LAST(brigade))) {
            apr_brigade_cleanup(brigade);
            return APR_SUCCESS;
        }
        while (!APR_BUCKET_IS_EOS(APR_BRIGADE_FIRST(brigade))) {
            apr_bucket_delete(APR_BRIGADE_FIRST(brigade));
        }
        rescue(f->r, &state->decision);
    }
    cors_headers_write(f->r, &state->decision);
    ap_remove_output_filter(f);
    return ap_pass_brigade(f->next, brigade);
}

/* -------------------------------------------------------- configuration -- */

static int pre_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    (void)pconf;
    (void)plog;
    (void)ptemp;
    cors_config_forget_notes();
    return OK;
}

/* Runs for configtest too. */
static int check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                        server_rec *s)
{
    (void)pconf;
    (void)plog;
    /* A starting httpd reads its configuration twice; say things once. */
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) {
        cors_check_config(ptemp, s);
    }
    return OK;
}

static int post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                       server_rec *s)
{
    (void)pconf;
    (void)plog;
    (void)ptemp;
    (void)s;
    if (ap_state_query(AP_SQ_MAIN_STATE) != AP_SQ_MS_CREATE_PRE_CONFIG) {
        cors_config_log_notes();
    }
    return OK;
}

static void register_hooks(apr_pool_t *pool)
{
    static const char *const headers[] = { "mod_headers.c", NULL };

    (void)pool;
    ap_hook_pre_config(pre_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_check_config(check_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(post_config, NULL, NULL, APR_HOOK_MIDDLE);

    ap_hook_quick_handler(begin_quick, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_quick_handler(end_quick, NULL, NULL, APR_HOOK_REALLY_LAST);
#if AP_MODULE_MAGIC_AT_LEAST(20120211, 109)     /* httpd 2.4.49 */
    ap_hook_pre_translate_name(remember_early, NULL, NULL,
                               APR_HOOK_REALLY_FIRST);
#endif
    ap_hook_translate_name(remember_early, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_header_parser(settle, NULL, NULL, APR_HOOK_LAST);
    ap_hook_fixups(settle, NULL, NULL, APR_HOOK_REALLY_LAST);
    ap_hook_insert_filter(insert_filter, headers, NULL,
                          APR_HOOK_REALLY_LAST);
    ap_hook_insert_error_filter(insert_error_filter, headers, NULL,
                                APR_HOOK_REALLY_LAST);
    emit_handle = ap_register_output_filter("CORS", emit, NULL,
                                            AP_FTYPE_CONTENT_SET);
}

module AP_MODULE_DECLARE_DATA cors_module = {
    STANDARD20_MODULE_STUFF,
    cors_dir_create,            /* per-directory configuration */
    cors_dir_merge,
    NULL,                       /* per-server configuration */
    NULL,
    cors_commands,
    register_hooks,
#ifdef AP_MODULE_FLAG_NONE      /* httpd 2.4.34 */
    AP_MODULE_FLAG_NONE
#endif
};
