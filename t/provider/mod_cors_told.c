/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/*
 * Origins from a directory of the tests, so that they tell the answer:
 *
 *     CorsAllowOriginSource told:/dir  told=name:/dir
 *
 * Each question is a line in /dir/heard. It waits while there is a file
 * /dir/wait; while there is one /dir/down it has no answer, and the file says
 * why, or nothing. Else the lines of /dir/allowed are the origins that are
 * allowed.
 *
 * The option is the name that it gives itself in caches. A provider `other` is
 * registered as well, under a version that there is not.
 */
#include "mod_cors.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <ap_provider.h>
#include <httpd.h>
#include <http_config.h>

#define WAIT_STEP apr_time_from_msec(10)

static const char *told_open(cmd_parms *cmd, const char *option,
                             const char *argument, void **source,
                             const char **name)
{
    (void)cmd;
    if (*argument != '/') {
        return "must have a path that begins with '/'";
    }
    *source = (void *)argument;
    if (option != NULL) {
        *name = option;
    }
    return NULL;
}

static int is_there(const char *dir, const char *name, apr_pool_t *pool)
{
    apr_finfo_t info;

    return apr_stat(&info, apr_pstrcat(pool, dir, "/", name, NULL),
                    APR_FINFO_TYPE, pool) == APR_SUCCESS;
}

/* The whole file, NULL if there is none. */
static const char *content_of(const char *dir, const char *name,
                              apr_pool_t *pool)
{
    const char *path = apr_pstrcat(pool, dir, "/", name, NULL);
    apr_finfo_t info;
    apr_file_t *file;
    char *text;

    if (apr_file_open(&file, path, APR_READ, 0, pool) != APR_SUCCESS) {
        return NULL;
    }
    if (apr_file_info_get(&info, APR_FINFO_SIZE, file) != APR_SUCCESS) {
        apr_file_close(file);
        return NULL;
    }
    text = apr_pcalloc(pool, (apr_size_t)info.size + 1);
    apr_file_read_full(file, text, (apr_size_t)info.size, NULL);
    apr_file_close(file);
    return text;
}

static void note_question(const char *dir, const cors_source_question_t *q)
{
    const char *path = apr_pstrcat(q->pool, dir, "/heard", NULL);
    const char *line = apr_pstrcat(q->pool, q->origin, "\n", NULL);
    apr_file_t *file;

    if (apr_file_open(&file, path, APR_WRITE | APR_APPEND | APR_CREATE,
                      APR_OS_DEFAULT, q->pool) == APR_SUCCESS) {
        apr_file_write_full(file, line, strlen(line), NULL);
        apr_file_close(file);
    }
}

static cors_source_answer_t told_ask(void *source, cors_source_question_t *q)
{
    const char *dir = source;
    const char *allowed, *reason;
    const char *line = apr_pstrcat(q->pool, "\n", q->origin, "\n", NULL);

    note_question(dir, q);
    while (is_there(dir, "wait", q->pool)) {
        apr_sleep(WAIT_STEP);
    }
    reason = content_of(dir, "down", q->pool);
    if (reason != NULL) {
        q->reason = *reason != '\0' ? reason : NULL;
        return CORS_SOURCE_UNKNOWN;
    }
    allowed = content_of(dir, "allowed", q->pool);
    return allowed != NULL
        && strstr(apr_pstrcat(q->pool, "\n", allowed, NULL), line) != NULL
        ? CORS_SOURCE_ALLOWED : CORS_SOURCE_REFUSED;
}

static const cors_source_provider_t told = { told_open, told_ask };

static void register_providers(apr_pool_t *pool)
{
    ap_register_provider(pool, CORS_SOURCE_PROVIDER_GROUP, "told",
                         CORS_SOURCE_PROVIDER_VERSION, &told);
    ap_register_provider(pool, CORS_SOURCE_PROVIDER_GROUP, "other",
                         CORS_SOURCE_PROVIDER_VERSION "-other", &told);
}

AP_DECLARE_MODULE(cors_told) = {
    STANDARD20_MODULE_STUFF,
    NULL, NULL, NULL, NULL, NULL,
    register_providers,
#ifdef AP_MODULE_FLAG_NONE      /* httpd 2.4.34 */
    AP_MODULE_FLAG_NONE
#endif
};
