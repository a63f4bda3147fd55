/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_stand_in.h"

#include <apr_strings.h>
#include <http_config.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include <http_vhost.h>
#include <util_filter.h>

#include "cors_str.h"

static ap_filter_rec_t *nothing_handle;     /* input: there is no body */
static ap_filter_rec_t *nowhere_handle;     /* output: nothing is sent */

static const struct ap_logconf silence = { NULL, APLOG_EMERG };

void cors_stand_in_hush(request_rec *r)
{
    r->log = &silence;
}

/* ------------------------------------------------------------ filters -- */

static apr_status_t read_nothing(ap_filter_t *f, apr_bucket_brigade *brigade,
                                 ap_input_mode_t mode, apr_read_type_e block,
                                 apr_off_t bytes)
{
    (void)mode;
    (void)block;
    (void)bytes;
    APR_BRIGADE_INSERT_TAIL(brigade,
                            apr_bucket_eos_create(f->c->bucket_alloc));
    return APR_SUCCESS;
}

static apr_status_t write_nowhere(ap_filter_t *f, apr_bucket_brigade *brigade)
{
    (void)f;
    apr_brigade_cleanup(brigade);
    return APR_SUCCESS;
}

void cors_stand_in_register(void)
{
    nothing_handle = ap_register_input_filter("CORS_NOTHING", read_nothing,
                                              NULL, AP_FTYPE_PROTOCOL);
    nowhere_handle = ap_register_output_filter("CORS_NOWHERE", write_nowhere,
                                               NULL, AP_FTYPE_PROTOCOL);
}

void cors_stand_in_end(request_rec *r, const char *const *names)
{
    apr_bucket_alloc_t *alloc = r->connection->bucket_alloc;
    apr_bucket_brigade *brigade = apr_brigade_create(r->pool, alloc);
    ap_filter_t *f, *next;

    for (f = r->output_filters; f->frec != nowhere_handle; f = next) {
        next = f->next;
        if (!cors_is_one_of(names, f->frec->name)) {
            ap_remove_output_filter(f);
        }
    }
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(alloc));
    ap_pass_brigade(r->output_filters, brigade);
    apr_brigade_destroy(brigade);
}

/* ----------------------------------------------------------- making it -- */

void cors_stand_in_begin(request_rec *r)
{
    r->request_config = ap_create_request_config(r->pool);
    r->per_dir_config = r->server->lookup_defaults;
    r->allowed_methods = ap_make_method_list(r->pool, 2);
    r->status = HTTP_OK;
    r->used_path_info = AP_REQ_DEFAULT_PATH_INFO;
    r->no_cache = r->no_local_copy = 1;
    r->headers_out = apr_table_make(r->pool, 12);
    r->notes = apr_table_make(r->pool, 5);
    r->trailers_out = apr_table_make(r->pool, 1);
    ap_run_create_request(r);
    /* Whatever that put in would send, or read what others sent. */
    r->output_filters = r->proto_output_filters = NULL;
    r->input_filters = r->proto_input_filters = NULL;
    ap_add_output_filter_handle(nowhere_handle, NULL, r, r->connection);
    ap_add_input_filter_handle(nothing_handle, NULL, r, r->connection);
    r->output_filters = r->proto_output_filters;
    r->input_filters = r->proto_input_filters;
}

request_rec *cors_stand_in_make(request_rec *asker, const char *method,
                                const char *uri, const apr_table_t *sent)
{
    request_rec *r = apr_pcalloc(asker->pool, sizeof(*r));

    r->pool = asker->pool;
    r->connection = asker->connection;
    r->server = asker->connection->base_server;
    r->useragent_addr = asker->useragent_addr;
    r->useragent_ip = asker->useragent_ip;
    r->useragent_host = asker->useragent_host;
    r->double_reverse = asker->double_reverse;
    r->request_time = asker->request_time;
    r->method = method;
    /* CONNECT would have a host and a port in place of the URL. */
    r->method_number = strcmp(method, "CONNECT") == 0
        ? M_INVALID : ap_method_number_of(method);
    r->header_only = strcmp(method, "HEAD") == 0;
    r->protocol = apr_pstrdup(r->pool, "HTTP/1.1");
    r->proto_num = HTTP_VERSION(1, 1);
    r->the_request = apr_pstrcat(r->pool, method, " ", uri, " ", r->protocol,
                                 NULL);
    r->headers_in = apr_table_copy(r->pool, sent);
    r->trailers_in = apr_table_make(r->pool, 1);
    r->err_headers_out = apr_table_make(r->pool, 5);
    r->subprocess_env = apr_table_make(r->pool, 25);
    cors_stand_in_hush(r);
    r->status = HTTP_OK;
    ap_parse_uri(r, uri);
    ap_update_vhost_from_headers(r);
    return r;
}

static int add_redirected(void *env, const char *name, const char *value)
{
    apr_table_addn(env, apr_pstrcat(apr_table_elts(env)->pool, "REDIRECT_",
                                    name, NULL), value);
    return 1;
}

request_rec *cors_stand_in_redirect(request_rec *prev, const char *uri)
{
    request_rec *r = apr_pmemdup(prev->pool, prev, sizeof(*r));

    r->prev = prev;
    prev->next = r;
    r->handler = r->content_type = r->content_encoding = NULL;
    r->filename = r->canonical_filename = r->path_info = NULL;
    r->content_languages = NULL;
    r->htaccess = NULL;
    memset(&r->finfo, 0, sizeof(r->finfo));
    r->subprocess_env = apr_table_make(r->pool, 25);
    apr_table_do(add_redirected, r->subprocess_env, prev->subprocess_env,
                 NULL);
    apr_table_setn(r->subprocess_env, "REDIRECT_STATUS",
                   apr_itoa(r->pool, prev->status));
    ap_parse_uri(r, uri);
    r->parsed_uri.port_str = prev->parsed_uri.port_str;
    r->parsed_uri.port = prev->parsed_uri.port;
    return r;
}
