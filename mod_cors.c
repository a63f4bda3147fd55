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
 *   prepare     what the handler shall not see of the request
 *   emit        an output filter writes the headers, whoever responds
 *
 * What is decided stands in cors_policy.c, how the facts get there in
 * cors_decision.c, what is written in cors_headers.c.
 */
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mod_core.h>
#include <util_filter.h>

#include "cors_check.h"
#include "cors_decision.h"
#include "cors_headers.h"
#include "cors_server.h"

static ap_filter_rec_t *emit_handle;

/* ----------------------------------------------------------- preflights -- */

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

/* Keeps the configuration that is known so far. */
static void remember(request_rec *r)
{
    const cors_config_t *config = cors_config_of(r);
    cors_state_t *state = cors_state_of(r);

    if (state != NULL) {
        state->known = config;
    }
    else if (cors_config_applies(config)) {
        cors_state_make(r);
    }
}

/* Runs first of the quick handlers. While one of them answers, from a cache
 * that is, the response has its headers already. */
static int begin_quick(request_rec *r, int lookup)
{
    cors_state_t *state;

    (void)lookup;
    if (r->main == NULL) {
        remember(r);
        state = cors_state_of(r);
        if (state != NULL) {
            state->is_quick = 1;
        }
    }
    return DECLINED;
}

/* Runs last of the quick handlers: none has answered. */
static int end_quick(request_rec *r, int lookup)
{
    cors_state_t *state = cors_state_of(r);

    (void)lookup;
    if (state != NULL) {
        state->is_quick = 0;
    }
    return DECLINED;
}

/* Runs first, with server, virtual host, Location and If merged for the URL
 * as sent (before pre_translate_name) and decoded (before translate_name), and
 * with all sections (header_parser), as others may end the request there. */
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
    const cors_config_t *config = cors_config_of(r);
    cors_state_t *state;
    cors_decision_t *decision;

    if (r->main != NULL) {
        return DECLINED;
    }
    state = cors_state_of(r);
    if (state != NULL) {
        state->known = config;
    }
    if (r->prev == NULL && !cors_config_decides(config)) {
        return DECLINED;
    }
    state = cors_decision_find(r);
    if (state != NULL) {
        cors_decision_set_variables(r, &state->decision);
        return DECLINED;
    }
    if (cors_is_error_document(r) || !cors_config_decides(config)) {
        return DECLINED;
    }
    decision = &cors_decision_make(r, config)->decision;
    if (cors_decision_answers(decision)) {
        return answer(r, decision);
    }
    return decision->verdict.is_rejected && cors_decision_acts(decision)
        ? HTTP_FORBIDDEN : DECLINED;
}

/* A cache lays the fields of a 304 over those that it has stored, and those
 * that do not come again stay. A permission that has been taken back, or half
 * of what a backend said itself, must not: ask for the whole response. */
static void prevent_revalidation(request_rec *r,
                                 const cors_decision_t *decision)
{
    const ap_filter_t *f = r->output_filters;

    if (decision->config->backend_keeps
        || (decision->verdict.allow_origin.p == NULL
            && (decision->request.origin.n > 0 || !decision->varies))) {
        while (f != NULL && strcmp(f->frec->name, "cache_save") != 0) {
            f = f->next;
        }
        if (f != NULL) {
            apr_table_unset(r->headers_in, "If-None-Match");
            apr_table_unset(r->headers_in, "If-Modified-Since");
        }
    }
}

/* CorsForwardOrigin Off. A subrequest has a table of its own, which ends with
 * it; a request gets the field back. */
static void hide_origin(request_rec *r, cors_state_t *state)
{
    const char *origin = apr_table_get(r->headers_in, "Origin");

    apr_table_unset(r->headers_in, "Origin");
    if (r->main == NULL && origin != NULL) {
        state->hidden_origin = origin;
    }
}

/* Runs in front of the handlers, but behind that of mod_cache, which has to
 * see Origin, and asks on conditions of its own about what is stale. */
static int prepare(request_rec *r)
{
    const request_rec *client = r;
    cors_state_t *state;

    while (client->main != NULL) {
        client = client->main;
    }
    state = cors_decision_find(client);
    if (state == NULL || !cors_decision_acts(&state->decision)) {
        return DECLINED;
    }
    if (r->main == NULL) {
        prevent_revalidation(r, &state->decision);
    }
    if (state->decision.config->hides_origin) {
        hide_origin(r, state);
    }
    return DECLINED;
}

/* The handler has the request behind it; caches and logs want it whole. */
static void restore_origin(request_rec *r, cors_state_t *state)
{
    if (state != NULL && state->hidden_origin != NULL) {
        apr_table_setn(r->headers_in, "Origin", state->hidden_origin);
        state->hidden_origin = NULL;
    }
}

/* A response that never came by the filter: cut short, or written past it. */
static int log_transaction(request_rec *r)
{
    while (r->next != NULL) {
        r = r->next;
    }
    restore_origin(r, cors_decision_find(r));
    return DECLINED;
}

/* Puts the filter in, if it has something to write. */
static void add_emit(request_rec *r, cors_state_t *state)
{
    if ((state != NULL && cors_decision_acts(&state->decision))
        || cors_resource_policy_due(r) != NULL) {
        ap_add_output_filter_handle(emit_handle, state, r, r->connection);
    }
}

/* With this variable mod_cache does not store the response. */
static void keep_from_cache(request_rec *r)
{
    apr_table_setn(r->subprocess_env, "no-cache", "1");
}

/* Runs last, after mod_headers, so that the filter comes behind its. */
static void insert_filter(request_rec *r)
{
    cors_state_t *state;

    if (r->main != NULL) {
        /* Nobody writes headers onto the response of a subrequest, but clients
         * may ask for its URL too, and would get it as it is. */
        if (cors_config_applies(cors_config_of(r))) {
            keep_from_cache(r);
        }
        return;
    }
    state = cors_decision_find(r);
    if (state == NULL && r->prev != NULL) {
        state = cors_decision_make_late(r);
        if (state != NULL) {
            cors_decision_set_variables(r, &state->decision);
        }
    }
    /* An internal redirect stores what it shows under the URL that it leads
     * to. Headers that another URL's policy decides about must not stay. */
    if (state != NULL && state != cors_state_of(r)
        && !cors_config_is_same(state->known, cors_config_of(r))) {
        keep_from_cache(r);
    }
    add_emit(r, state);
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
    cors_state_t *state;

    if (r->main != NULL) {
        return;
    }
    state = cors_decision_find(r);
    if (state == NULL) {
        state = cors_decision_make_late(r);
        /* Redirect, or RewriteRule in a virtual host: browsers never follow
         * a redirected preflight, so it is answered instead. */
        if (state != NULL && cors_decision_answers(&state->decision)
            && ap_is_HTTP_REDIRECT(r->status) && !is_error_redirect(r)) {
            state->is_rescued = 1;
            state->decision.is_answered = 1;
        }
    }
    add_emit(r, state);
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

static void write_headers(request_rec *r, const cors_state_t *state)
{
    const char *resource_policy = cors_resource_policy_due(r);

    if (state != NULL && cors_decision_acts(&state->decision)) {
        cors_headers_write(r, &state->decision);
    }
    if (resource_policy != NULL) {
        cors_headers_write_resource_policy(r, resource_policy);
    }
}

/* The output filter. It stands at the end of the content filters: behind
 * mod_headers, in front of a cache that stores the response and of the
 * protocol that sends it. */
static apr_status_t emit(ap_filter_t *f, apr_bucket_brigade *brigade)
{
    cors_state_t *state = f->ctx;

    if (state != NULL && state->is_rescued) {
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
    restore_origin(f->r, state);
    write_headers(f->r, state);
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
    /* A starting httpd reads its configuration twice; say things once. One
     * that restarts would end for good; what is refused there covers nobody,
     * and the log says so. */
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) {
        return cors_check_config(ptemp, s) > 0 ? HTTP_INTERNAL_SERVER_ERROR
                                               : OK;
    }
    if (ap_state_query(AP_SQ_CONFIG_GEN) > 0) {
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
    /* Children have no safe way to read the list themselves. */
    cors_server_suffixes();
    if (ap_state_query(AP_SQ_MAIN_STATE) != AP_SQ_MS_CREATE_PRE_CONFIG) {
        cors_config_log_notes();
    }
    return OK;
}

static void register_hooks(apr_pool_t *pool)
{
    static const char *const headers[] = { "mod_headers.c", NULL };
    static const char *const cache[] = { "mod_cache.c", NULL };

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
    ap_hook_header_parser(remember_early, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_header_parser(settle, NULL, NULL, APR_HOOK_LAST);
    ap_hook_fixups(settle, NULL, NULL, APR_HOOK_REALLY_LAST);
    ap_hook_handler(prepare, cache, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_log_transaction(log_transaction, NULL, NULL,
                            APR_HOOK_REALLY_FIRST);
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
    cors_server_create,         /* per-server configuration */
    cors_server_merge,
    cors_commands,
    register_hooks,
#ifdef AP_MODULE_FLAG_NONE      /* httpd 2.4.34 */
    AP_MODULE_FLAG_NONE
#endif
};
