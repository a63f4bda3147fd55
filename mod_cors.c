/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file mod_cors.c
 * The module record and the life of a request. From the top:
 *
 *   remember    before the URL is mapped: what Location says, which would
 *               be lost if mapping fails
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
#include <mod_status.h>
#include <mpm_common.h>
#include <util_filter.h>

#include "cors_check.h"
#include "cors_decision.h"
#include "cors_dump.h"
#include "cors_explain.h"
#include "cors_file.h"
#include "cors_headers.h"
#include "cors_server.h"
#include "cors_setter.h"
#include "cors_source.h"
#include "cors_stand_in.h"
#include "cors_statistics.h"

static ap_filter_rec_t *emit_handle;
static ap_filter_rec_t *cache_save_handle;      /* NULL: no mod_cache */

/* ----------------------------------------------------------- preflights -- */

static int answer_status(const cors_decision_t *decision)
{
    return decision->verdict.allow_origin.p != NULL
        ? decision->config->preflight_status : HTTP_FORBIDDEN;
}

CORS_APART static void write_resource_policy(request_rec *r)
{
    const char *value = cors_resource_policy_due(r);

    if (value != NULL) {
        cors_headers_write_resource_policy(r, value);
    }
}

static inline void write_headers(request_rec *r, const cors_state_t *state)
{
    const cors_config_t *config = cors_config_of(r);

    if (cors_decision_acts(&state->decision)) {
        cors_headers_write(r, &state->decision);
    }
    /* In most requests only one configuration was ever in force. */
    if (config == NULL || config != state->known || r->prev != NULL
        || config->resource_policy != CORS_RESOURCE_NONE) {
        write_resource_policy(r);
    }
}

/* Puts the filter in, if it has something to write. */
static inline void add_emit(request_rec *r, cors_state_t *state)
{
    if ((state != NULL && cors_decision_acts(&state->decision))
        || cors_resource_policy_due(r) != NULL) {
        ap_add_output_filter_handle(emit_handle,
                                    state != NULL ? state
                                                  : cors_state_make(r),
                                    r, r->connection);
    }
}

/* The output filters for a response without a body: ranges and a length to
 * count are no concern of it. */
static ap_filter_t *bodyless(request_rec *r)
{
    ap_filter_t *f = r->proto_output_filters;

    while (f != NULL && f->frec != ap_http_header_filter_handle) {
        f = f->next;
    }
    return f != NULL ? f : r->proto_output_filters;
}

/* Answers a preflight: nothing behind runs, not even an ErrorDocument. */
CORS_APART static int answer(request_rec *r, cors_state_t *state)
{
    /* httpd does so in the end, but would not promise to read on once the
     * status says that the request was refused. */
    const int rv = ap_request_has_body(r) ? ap_discard_request_body(r) : OK;
    ap_filter_t *last;

    if (rv != OK) {
        return rv;
    }
    last = bodyless(r);
    state->decision.is_answered = 1;
    r->status = answer_status(&state->decision);
    if (r->status != HTTP_NO_CONTENT) {
        apr_table_setn(r->headers_out, "Content-Length", "0");
    }
    r->output_filters = last;
    state->is_answering = 1;
    ap_run_insert_error_filter(r);
    state->is_answering = 0;
    /* Only other filters could still write what is not to be sent. */
    if (r->output_filters == last) {
        write_headers(r, state);
    }
    else {
        add_emit(r, state);
    }
    return DONE;
}

/* ---------------------------------------------------------------- hooks -- */

/* Runs first of the quick handlers. */
static int begin_quick(request_rec *r, int lookup)
{
    (void)lookup;
    if (r->main == NULL) {
        cors_state_begin_quick(r);
    }
    return DECLINED;
}

/* Runs last of the quick handlers: none has answered. */
static int end_quick(request_rec *r, int lookup)
{
    (void)lookup;
    cors_state_end_quick(r);
    return DECLINED;
}

/* Runs first in header_parser: the file is found, and what the request_rec
 * holds is all that counts, even if no section is left. */
static int forget(request_rec *r)
{
    cors_state_t *state = cors_state_of(r);

    if (state != NULL && state->known != NULL && !state->is_decided) {
        state->known = NULL;
    }
    return DECLINED;
}

/* Runs first, with server, virtual host, Location and If merged for the URL as
 * sent (before pre_translate_name) and decoded (before translate_name): what
 * Location says is lost if there is an error before the file is found. */
static int remember(request_rec *r)
{
    const cors_config_t *config = cors_config_of(r);

    if (r->main != NULL) {
        return DECLINED;
    }
    if (!cors_is_beyond_server(r) || !cors_config_applies(config)) {
        return forget(r);       /* what the URL as sent had */
    }
    cors_state_make(r)->known = config;
    return DECLINED;
}

/* Decides, and says what is to become of the request. */
CORS_APART static int settle_by(request_rec *r, const cors_config_t *config)
{
    cors_state_t *state = cors_decision_make(r, config);

    if (cors_decision_answers(&state->decision)) {
        return answer(r, state);
    }
    return state->decision.verdict.is_rejected
        && cors_decision_acts(&state->decision) ? HTTP_FORBIDDEN : DECLINED;
}

/* Runs when all sections and .htaccess are merged: in header_parser, last,
 * so that variables of mod_setenvif are there, but before all access control;
 * and again in fixups, last, because DirectoryIndex and MultiViews swap the
 * configuration without another header_parser. */
static int settle(request_rec *r)
{
    const cors_config_t *config = cors_config_of(r);
    cors_state_t *state;

    if (config == NULL && r->prev == NULL) {
        return DECLINED;
    }
    state = cors_state_of(r);
    if (r->main != NULL) {
        return DECLINED;
    }
    if (state != NULL && state->is_decided) {
        /* mod_env and mod_rewrite may have laid theirs over our variables. */
        if (state->decision.request.origin.n > 0) {
            cors_decision_set_variables(r, &state->decision);
        }
        return DECLINED;
    }
    if (r->prev != NULL) {
        /* An internal redirect begins with an environment of its own. */
        state = cors_decision_find(r->prev);
        if (state != NULL) {
            cors_decision_set_variables(r, &state->decision);
            return DECLINED;
        }
    }
    return cors_config_decides(config) && !cors_is_error_document(r)
        ? settle_by(r, config) : DECLINED;
}

/* A cache lays the fields of a 304 over those that it has stored, and those
 * that do not come again stay. A permission that has been taken back, or half
 * of what a backend said itself, must not: ask for the whole response. */
CORS_APART static void prevent_revalidation(request_rec *r,
                                            const cors_decision_t *decision)
{
    const ap_filter_t *f = r->output_filters;

    if (decision->config->backend_keeps
        || (decision->verdict.allow_origin.p == NULL
            && (decision->request.origin.n > 0 || !decision->varies))) {
        while (f != NULL && f->frec != cache_save_handle) {
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
CORS_APART static void hide_origin(request_rec *r, cors_state_t *state)
{
    const char *origin = apr_table_get(r->headers_in, "Origin");

    apr_table_unset(r->headers_in, "Origin");
    if (r->main == NULL && origin != NULL) {
        state->hidden_origin = origin;
    }
}

CORS_APART static int prepare_for(request_rec *r)
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
    if (r->main == NULL && cache_save_handle != NULL) {
        prevent_revalidation(r, &state->decision);
    }
    if (state->decision.config->hides_origin) {
        hide_origin(r, state);
    }
    return DECLINED;
}

/* Runs in front of the handlers, but behind that of mod_cache, which has to
 * see Origin, and asks on conditions of its own about what is stale. */
static int prepare(request_rec *r)
{
    const cors_state_t *state = cors_state_of(r);

    if (r->main == NULL && r->prev == NULL && cache_save_handle == NULL
        && (state == NULL || state->known == NULL
            || !state->known->hides_origin)) {
        return DECLINED;
    }
    return prepare_for(r);
}

/* The handler has the request behind it; caches and logs want it whole. */
CORS_APART static void restore_origin(request_rec *r, cors_state_t *state)
{
    apr_table_setn(r->headers_in, "Origin", state->hidden_origin);
    state->hidden_origin = NULL;
}

/* A response that never came by the filter: cut short, or written past it. */
static int log_transaction(request_rec *r)
{
    cors_state_t *state = cors_state_of(r);

    if (state == NULL && r->next == NULL) {
        return DECLINED;
    }
    while (r->next != NULL) {
        r = r->next;
    }
    state = cors_decision_find(r);
    if (state != NULL && state->hidden_origin != NULL) {
        restore_origin(r, state);
    }
    return DECLINED;
}

/* With this variable mod_cache does not store the response. */
static void keep_from_cache(request_rec *r)
{
    apr_table_setn(r->subprocess_env, "no-cache", "1");
}

/* For what is not the client's own request, decided as usual. */
CORS_APART static void insert_otherwise(request_rec *r)
{
    cors_state_t *state;

    if (r->main != NULL) {
        /* Nobody writes headers onto the response of a subrequest, but clients
         * may ask for its URL too, and would get it from a cache as it is. */
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

/* Runs last, after mod_headers, so that the filter comes behind its. */
static void insert_filter(request_rec *r)
{
    cors_state_t *state = cors_state_of(r);

    if (state != NULL && state->is_decided) {
        add_emit(r, state);
    }
    else if (cors_config_of(r) != NULL || r->prev != NULL) {
        insert_otherwise(r);
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
    cors_state_t *state;

    if (r->main != NULL) {
        return;
    }
    state = cors_decision_find(r);
    if (state != NULL && state->is_answering) {
        return;
    }
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

/* Turns the redirect into the answer, when its body has gone by. What is left
 * of the response must not tell of it: no Location, no body. Returns whether
 * the answer is complete. */
CORS_APART static int rescue(request_rec *r, const cors_decision_t *decision,
                       apr_bucket_brigade *brigade)
{
    if (APR_BRIGADE_EMPTY(brigade)
        || !APR_BUCKET_IS_EOS(APR_BRIGADE_LAST(brigade))) {
        apr_brigade_cleanup(brigade);
        return 0;
    }
    while (!APR_BUCKET_IS_EOS(APR_BRIGADE_FIRST(brigade))) {
        apr_bucket_delete(APR_BRIGADE_FIRST(brigade));
    }
    r->status = answer_status(decision);
    r->status_line = NULL;
    r->content_type = NULL;
    apr_table_unset(r->headers_out, "Location");
    apr_table_unset(r->err_headers_out, "Location");
    apr_table_unset(r->headers_out, "Content-Type");
    return 1;
}

/* The output filter. It stands at the end of the content filters: behind
 * mod_headers, in front of a cache that stores the response and of the
 * protocol that sends it. */
static apr_status_t emit(ap_filter_t *f, apr_bucket_brigade *brigade)
{
    cors_state_t *state = f->ctx;

    if (state->is_rescued
        && !rescue(f->r, &state->decision, brigade)) {
        return APR_SUCCESS;
    }
    if (state->hidden_origin != NULL) {
        restore_origin(f->r, state);
    }
    write_headers(f->r, state);
    /* Behind the end of the response nothing comes by. */
    if (APR_BRIGADE_EMPTY(brigade)
        || !APR_BUCKET_IS_EOS(APR_BRIGADE_LAST(brigade))) {
        ap_remove_output_filter(f);
    }
    return ap_pass_brigade(f->next, brigade);
}

/* -------------------------------------------------------- configuration -- */

/* Boolean: remember() runs. Most configurations have no use for it. */
static int are_urls_watched;

/* httpd sorts its hooks once more when all directives are read. */
void cors_watch_urls(void)
{
    if (!are_urls_watched
        && ap_state_query(AP_SQ_MAIN_STATE) != AP_SQ_MS_RUN_MPM) {
        are_urls_watched = 1;
#if AP_MODULE_MAGIC_AT_LEAST(20120211, 109)     /* httpd 2.4.49 */
        ap_hook_pre_translate_name(remember, NULL, NULL,
                                   APR_HOOK_REALLY_FIRST);
#endif
        ap_hook_translate_name(remember, NULL, NULL, APR_HOOK_REALLY_FIRST);
        ap_hook_header_parser(forget, NULL, NULL, APR_HOOK_REALLY_FIRST);
    }
}

/* Runs when all modules are loaded, before their hooks are sorted. */
static int pre_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    const apr_array_header_t *quick = ap_hook_get_quick_handler();

    (void)plog;
    (void)ptemp;
    are_urls_watched = 0;
    cors_config_forget_notes();
    cors_statistics_pre_config();
    /* Most servers have no quick handlers, that is, no cache. */
    if (quick != NULL && quick->nelts > 0) {
        ap_hook_quick_handler(begin_quick, NULL, NULL, APR_HOOK_REALLY_FIRST);
        ap_hook_quick_handler(end_quick, NULL, NULL, APR_HOOK_REALLY_LAST);
    }
    cors_explain_pre_config(pconf);
    return cors_source_pre_config(pconf);
}

/* Runs for configtest too. */
static int check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                        server_rec *s)
{
    const int is_first =
        ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG;
    /* A starting httpd reads its configuration twice; say things once. */
    const int is_told = !is_first && ap_state_query(AP_SQ_CONFIG_GEN) == 1;

    (void)plog;
    /* One that restarts would end for good; what is refused there covers
     * nobody, and the log says so. */
    if (cors_check_config(ptemp, s, is_told) > 0 && is_first) {
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    return cors_source_check_config(pconf, ptemp, s);
}

static int post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                       server_rec *s)
{
    (void)plog;
    (void)ptemp;
    cache_save_handle = ap_get_output_filter_handle("cache_save");
    /* Children have no safe way to read the list themselves. */
    cors_server_suffixes();
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) {
        return OK;
    }
    cors_config_log_notes();
    cors_statistics_post_config(s);
    return cors_source_post_config(pconf, s);
}

/* Runs first: a child may start long after the configuration was read. */
static void update_files(apr_pool_t *pchild, server_rec *s)
{
    (void)pchild;
    cors_file_child_init(s);
}

/* Runs in the parent, every ten seconds or so. */
static int monitor(apr_pool_t *pool, server_rec *s)
{
    (void)pool;
    cors_file_look_at_all(s);
    return OK;
}

static void register_hooks(apr_pool_t *pool)
{
    static const char *const headers[] = { "mod_headers.c", NULL };
    static const char *const cache[] = { "mod_cache.c", NULL };
    static const char *const watchdog[] = { "mod_watchdog.c", NULL };

    cors_source_register(pool);
    cors_stand_in_register();
    ap_hook_pre_config(pre_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_check_config(check_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_test_config(cors_dump, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(post_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_init(update_files, NULL, watchdog, APR_HOOK_FIRST);
    ap_hook_child_init(cors_statistics_child_init, NULL, NULL,
                       APR_HOOK_MIDDLE);
    /* Last, so that the helpers are the first to end. */
    ap_hook_child_init(cors_source_child_init, NULL, NULL,
                       APR_HOOK_REALLY_LAST);
    ap_hook_monitor(monitor, NULL, NULL, APR_HOOK_MIDDLE);
    /* Whether mod_status is there or not. */
    APR_OPTIONAL_HOOK(ap, status_hook, cors_statistics_show, NULL, NULL,
                      APR_HOOK_MIDDLE);

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
