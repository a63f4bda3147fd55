/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_rehearsal.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mod_core.h>
#include <util_filter.h>

#include "cors_phases.h"
#include "cors_stand_in.h"

/* -------------------------------------------------------- the response -- */

static int note_field(void *replaced, const char *name, const char *value)
{
    if (strncasecmp(name, "Access-Control-", 15) == 0) {
        apr_table_addn(replaced, name, value);
    }
    return 1;
}

/* Does this module write its fields over those of others? */
static int writes_over(const request_rec *r)
{
    const cors_state_t *state = cors_decision_find(r);

    return state != NULL && cors_decision_acts(&state->decision)
        && (state->decision.is_answered
            || !state->decision.config->backend_keeps);
}

/* Has mod_headers and this module write their fields, in that order. */
static void write_headers(request_rec *r, cors_rehearsal_t *rehearsal)
{
    static const char *const theirs[] = {
        "fixup_headers_err", "fixup_headers_out", NULL
    };
    static const char *const ours[] = { "cors", NULL };
    ap_filter_rec_t *emit = NULL;
    void *context = NULL;
    ap_filter_t *f;

    for (f = r->output_filters; f != NULL; f = f->next) {
        if (strcmp(f->frec->name, ours[0]) == 0) {
            emit = f->frec;
            context = f->ctx;
        }
    }
    cors_stand_in_end(r, theirs);
    if (emit == NULL) {
        return;
    }
    if (writes_over(r)) {
        apr_table_do(note_field, rehearsal->replaced, r->headers_out, NULL);
        apr_table_do(note_field, rehearsal->replaced, r->err_headers_out,
                     NULL);
    }
    ap_add_output_filter_handle(emit, context, r, r->connection);
    cors_stand_in_end(r, ours);
}

/* What ap_send_error_response() makes of the tables. */
static void send_error(request_rec *r, cors_rehearsal_t *rehearsal)
{
    const char *location = apr_table_get(r->headers_out, "Location");
    apr_table_t *normal = r->headers_out;

    cors_phase_error_filters(r);
    r->headers_out = r->err_headers_out;
    r->err_headers_out = normal;
    apr_table_clear(normal);
    if (ap_is_HTTP_REDIRECT(r->status) && location != NULL) {
        apr_table_setn(r->headers_out, "Location", location);
    }
    write_headers(r, rehearsal);
}

static void send_response(request_rec *r, cors_rehearsal_t *rehearsal)
{
    cors_phase_filters(r);
    write_headers(r, rehearsal);
}

static int process(request_rec *r, cors_rehearsal_t *rehearsal)
{
    cors_stand_in_begin(r);
    cors_state_make(r)->rehearsal = rehearsal;
    cors_phase_begin(r);
    return ap_process_request_internal(r);
}

/* What ap_die() makes of an error. Returns the last request_rec. */
static request_rec *fail(request_rec *r, int status,
                         cors_rehearsal_t *rehearsal)
{
    const char *document =
        ap_response_code_string(r, ap_index_of_response(status));
    const int access = rehearsal->access;
    const int is_late = rehearsal->is_late;
    request_rec *shown;
    int rv;

    r->status = status;
    if (document != NULL && *document == '/') {
        shown = cors_stand_in_redirect(r, document);
        shown->method = "GET";
        shown->method_number = M_GET;
        rv = process(shown, rehearsal);
        rehearsal->access = access;
        rehearsal->is_late = is_late;
        if (rv == DONE) {
            shown->status = rehearsal->status = status;
            send_response(shown, rehearsal);
            return shown;
        }
    }
    if (document != NULL && ap_is_url(document)) {
        r->status = HTTP_MOVED_TEMPORARILY;
        apr_table_setn(r->headers_out, "Location", document);
    }
    send_error(r, rehearsal);
    rehearsal->status = r->status;
    return r;
}

static request_rec *finish(request_rec *r, int rv,
                           cors_rehearsal_t *rehearsal)
{
    const cors_state_t *state;

    if (rv != DONE) {
        return fail(r, ap_is_HTTP_VALID_RESPONSE(rv)
                       ? rv : HTTP_INTERNAL_SERVER_ERROR, rehearsal);
    }
    state = cors_decision_find(r);
    if (state != NULL && state->decision.is_answered) {
        rehearsal->status = r->status;
        write_headers(r, rehearsal);
    }
    else {
        send_response(r, rehearsal);
    }
    return r;
}

/* --------------------------------------------------------------- hooks -- */

/* The rehearsal that the request is made for, or one that it is part of. */
static cors_rehearsal_t *rehearsal_of(const request_rec *r)
{
    const cors_state_t *state;

    while (r->main != NULL) {
        r = r->main;
    }
    state = cors_state_of(r);
    return state != NULL ? state->rehearsal : NULL;
}

/* Runs first when a URL is mapped. */
static int hush(request_rec *r)
{
    if (rehearsal_of(r) != NULL) {
        cors_stand_in_hush(r);
    }
    return DECLINED;
}

/* Preflights bring no password. */
static int is_preflight(const request_rec *r)
{
    return cors_is_preflight(
        r->method_number == M_OPTIONS,
        cors_str(apr_table_get(r->headers_in, "Origin")),
        cors_str(apr_table_get(r->headers_in,
                               "Access-Control-Request-Method")));
}

/* All the rest of the way. Whatever it says ends the processing. */
static int go_through(request_rec *r, cors_rehearsal_t *rehearsal)
{
    int rv;

    cors_state_of(r)->known = NULL;     /* as forget() has it */
    rv = cors_phase_headers(r);
    if (rv != OK) {
        return rv;
    }
    rehearsal->is_late = cors_decision_find(r) == NULL;
    rehearsal->access = cors_phase_access(r);
    if (rehearsal->access != HTTP_OK
        && (rehearsal->access != HTTP_UNAUTHORIZED || is_preflight(r))) {
        return rehearsal->access;
    }
    rv = cors_phase_type(r);
    if (rv == OK) {
        rv = cors_phase_fixups(r);
    }
    return rv == OK ? DONE : rv;
}

/* A subrequest, by which mod_dir and others look for a file, has to come
 * through, or the file is not there; but without authentication, which httpd
 * leaves out where the configuration is that of the request around it. */
static int go_by(request_rec *r, cors_rehearsal_t *rehearsal)
{
    const int access = cors_phase_access(r);

    if (access == HTTP_UNAUTHORIZED) {
        rehearsal->access = access;
    }
    else if (access != HTTP_OK) {
        return access;
    }
    rehearsal->around = r->main->per_dir_config;
    r->main->per_dir_config = r->per_dir_config;
    return DECLINED;
}

/* Runs first in post_perdir_config: sections and .htaccess are merged. */
static int rehearse(request_rec *r)
{
    cors_rehearsal_t *rehearsal = rehearsal_of(r);

    if (rehearsal == NULL) {
        return DECLINED;
    }
    cors_stand_in_hush(r);
    return r->main == NULL ? go_through(r, rehearsal) : go_by(r, rehearsal);
}

/* Runs first in type_checker, which only subrequests reach. Once: hooks that
 * are put in late bear the name of the module that was loaded last, which may
 * be one that cors_phase_type() calls. */
static int go_on(request_rec *r)
{
    cors_rehearsal_t *rehearsal = r->main != NULL ? rehearsal_of(r) : NULL;

    if (rehearsal == NULL || rehearsal->around == NULL) {
        return DECLINED;
    }
    r->main->per_dir_config = rehearsal->around;
    rehearsal->around = NULL;
    return cors_phase_type(r);
}

void cors_rehearsal_hook(void)
{
#if AP_MODULE_MAGIC_AT_LEAST(20120211, 109)     /* httpd 2.4.49 */
    ap_hook_pre_translate_name(hush, NULL, NULL, APR_HOOK_REALLY_FIRST);
#endif
    ap_hook_translate_name(hush, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_post_perdir_config(rehearse, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_type_checker(go_on, NULL, NULL, APR_HOOK_REALLY_FIRST);
}

/* ----------------------------------------------------------------- all -- */

/* Where a RewriteRule of a directory sends the request, inside of httpd. */
static const char *redirected_to(const request_rec *r)
{
    static const char prefix[] = "redirect:";

    if (r->handler == NULL || strcmp(r->handler, "redirect-handler") != 0
        || r->filename == NULL
        || strncmp(r->filename, prefix, sizeof(prefix) - 1) != 0) {
        return NULL;
    }
    return apr_pstrcat(r->pool, r->filename + sizeof(prefix) - 1,
                       r->args != NULL ? "?" : NULL, r->args, NULL);
}

const cors_rehearsal_t *cors_rehearse(request_rec *asker, const char *method,
                                      const char *uri,
                                      const apr_table_t *sent)
{
    request_rec *r = cors_stand_in_make(asker, method, uri, sent);
    cors_rehearsal_t *rehearsal = apr_pcalloc(r->pool, sizeof(*rehearsal));
    const char *next;
    int rv;

    if (r->server != asker->server || r->status != HTTP_OK) {
        return NULL;
    }
    rehearsal->replaced = apr_table_make(r->pool, 4);
    rehearsal->access = HTTP_OK;
    rv = process(r, rehearsal);
    while (rv == DONE && (next = redirected_to(r)) != NULL) {
        if (ap_is_recursion_limit_exceeded(r)) {
            rv = HTTP_INTERNAL_SERVER_ERROR;
            break;
        }
        r = cors_stand_in_redirect(r, next);
        rv = process(r, rehearsal);
    }
    r = finish(r, rv, rehearsal);
    rehearsal->r = r;
    rehearsal->state = cors_decision_find(r);
    rehearsal->received = apr_table_overlay(r->pool, r->err_headers_out,
                                            r->headers_out);
    apr_table_compress(rehearsal->received, APR_OVERLAP_TABLES_MERGE);
    return rehearsal;
}

int cors_is_open_to_strangers(request_rec *asker)
{
    static const char nobody[] = "192.0.2.1";
    cors_rehearsal_t *rehearsal = apr_pcalloc(asker->pool,
                                              sizeof(*rehearsal));
    apr_table_t *sent = apr_table_make(asker->pool, 1);
    const char *host = apr_table_get(asker->headers_in, "Host");
    request_rec *r;

    if (host != NULL) {
        apr_table_setn(sent, "Host", host);
    }
    r = cors_stand_in_make(asker, "GET", asker->unparsed_uri, sent);
    r->useragent_ip = apr_pstrdup(r->pool, nobody);
    r->useragent_host = apr_pstrdup(r->pool, "");   /* DNS has been asked */
    if (apr_sockaddr_info_get(&r->useragent_addr, nobody, APR_INET, 0, 0,
                              r->pool) != APR_SUCCESS) {
        return 0;
    }
    rehearsal->access = HTTP_FORBIDDEN;
    return process(r, rehearsal) == DONE && rehearsal->access == HTTP_OK;
}
