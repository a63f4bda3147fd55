/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/*
 * An example of a provider of origins for mod_cors: a directory that holds a
 * file for each host whose pages may read responses. The application that
 * gives tenants their hosts creates and deletes the files; what they hold does
 * not matter.
 *
 *     LoadModule cors_module           modules/mod_cors.so
 *     LoadModule cors_directory_module modules/mod_cors_directory.so
 *
 *     # https://app.example.com if there is /srv/tenants/app.example.com
 *     CorsAllowOriginSource directory:/srv/tenants
 *
 * Build and install it from the top of mod_cors:
 *
 *     apxs -i -c -Iinclude docs/example/mod_cors_directory.c
 *
 * include/mod_cors.h is all that it needs, and the whole of the contract.
 */
#include "mod_cors.h"

#include <apr_file_info.h>
#include <apr_strings.h>
#include <ap_provider.h>
#include <http_core.h>

/* All that it keeps is the path, which lives as long as the configuration. */
static const char *directory_open(cmd_parms *cmd, const char *option,
                                  const char *argument, void **source,
                                  const char **name)
{
    const int is_starting =
        ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG;
    char *path = *argument != '\0' ? ap_server_root_relative(cmd->pool,
                                                             argument)
                                   : NULL;

    if (option != NULL) {
        return "must not have an option: 'directory' knows none";
    }
    /* A server that restarts would end, for a volume that is not mounted. */
    if (path == NULL
        || (is_starting && !ap_is_directory(cmd->temp_pool, path))) {
        return "must name a directory";
    }
    /* Two spellings of one path are one source, and share what is cached. On
     * other machines that share the cache, the path must be the same
     * directory; else the name would need the name of the machine too. */
    *name = path;
    *source = path;
    return NULL;
}

/* The name of the file, or NULL if no file can stand for the origin. Under
 * https a host is of letters, digits, '-', '_' and '.', or an IPv6 address in
 * brackets; no label is empty and none is long, so that it is neither '..' nor
 * has a '/'. Behind another port may be another's program. */
static const char *file_of(const char *origin)
{
    static const char scheme[] = "https://";
    const size_t n = sizeof(scheme) - 1;
    const char *host = origin + n;

    if (strncmp(origin, scheme, n) != 0) {
        return NULL;
    }
    return strchr(*host == '[' ? strchr(host, ']') : host, ':') == NULL
        ? host : NULL;
}

/* May be called by several threads at once, and changes nothing. A directory
 * that is not there is no answer: no origin of a volume that is not mounted
 * may be cached as refused. */
static cors_source_answer_t directory_ask(void *source,
                                          cors_source_question_t *question)
{
    const char *path = source;
    const char *host = file_of(question->origin);
    apr_finfo_t info;
    apr_status_t status;

    if (host == NULL) {
        return CORS_SOURCE_REFUSED;
    }
    status = apr_stat(&info, apr_pstrcat(question->pool, path, "/", host,
                                         NULL),
                      APR_FINFO_TYPE, question->pool);
    if (status == APR_SUCCESS) {
        return info.filetype == APR_REG ? CORS_SOURCE_ALLOWED
                                        : CORS_SOURCE_REFUSED;
    }
    if (APR_STATUS_IS_ENOENT(status)) {
        status = apr_stat(&info, path, APR_FINFO_TYPE, question->pool);
        if (status == APR_SUCCESS) {
            return CORS_SOURCE_REFUSED;
        }
    }
    question->reason = apr_psprintf(question->pool, "%pm", &status);
    return CORS_SOURCE_UNKNOWN;
}

static const cors_source_provider_t directory_provider = {
    directory_open, directory_ask
};

static void register_hooks(apr_pool_t *pool)
{
    ap_register_provider(pool, CORS_SOURCE_PROVIDER_GROUP, "directory",
                         CORS_SOURCE_PROVIDER_VERSION, &directory_provider);
}

AP_DECLARE_MODULE(cors_directory) = {
    STANDARD20_MODULE_STUFF,
    NULL,                       /* no configuration of its own */
    NULL,
    NULL,
    NULL,
    NULL,
    register_hooks,
#ifdef AP_MODULE_FLAG_NONE      /* httpd 2.4.34 */
    AP_MODULE_FLAG_NONE
#endif
};
