/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_source.h"

#include <ap_provider.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include <http_log.h>

#include "cors_dbd.h"
#include "cors_dbm.h"
#include "cors_errand.h"
#include "cors_file.h"
#include "cors_inquiry.h"
#include "cors_log.h"
#include "cors_setter.h"

APLOG_USE_MODULE(cors);

#define TTL_DEFAULT         apr_time_from_sec(60)
#define TIMEOUT_DEFAULT     apr_time_from_sec(2)

/* What all sources share. Made anew whenever a configuration is read. */
static struct {
    cors_answers_t *cache;      /* CorsSourceCache; NULL: the default */
    apr_hash_t *outages;        /* digest of a name => cors_outage_t */
    apr_interval_time_t timeout;
    int has_providers;          /* boolean: there is a source that needs the
                                   cache and helpers */
} shared;

/* ------------------------------------------------ CorsAllowOriginSource -- */

static const cors_entry_t *covers(const cors_source_t *source,
                                  const cors_question_t *question)
{
    const cors_inquiry_t inquiry = {
        (cors_provided_t *)source, question->origin->text, shared.cache,
        question->request, shared.timeout
    };

    switch (cors_inquire(&inquiry)) {
    case CORS_SOURCE_ALLOWED:
        return &source->entry;
    case CORS_SOURCE_REFUSED:
        return NULL;
    default:
        *question->failed = &source->entry;
        return NULL;
    }
}

/* Takes a value of "provider=option:argument" apart. */
static const char *take_apart(cmd_parms *cmd, const char *text,
                              const char **provider, const char **option,
                              const char **argument)
{
    const char *colon = ap_strchr_c(text, ':');
    char *equals;
    char *front;

    if (colon == NULL || colon == text || *text == '=') {
        return "must be provider:argument, such as file:conf/origins.txt";
    }
    front = apr_pstrmemdup(cmd->pool, text, (apr_size_t)(colon - text));
    equals = strchr(front, '=');
    if (equals != NULL) {
        *equals++ = '\0';
    }
    *provider = front;
    *option = equals;
    *argument = colon + 1;
    return NULL;
}

/* The rule for a provider that is not there. */
static const char *name_providers(cmd_parms *cmd)
{
    const apr_array_header_t *names =
        ap_list_provider_names(cmd->temp_pool, CORS_SOURCE_PROVIDER_GROUP,
                               CORS_SOURCE_PROVIDER_VERSION);
    const char *list = "file";
    int i;

    for (i = 0; i < names->nelts; i++) {
        list = apr_pstrcat(cmd->temp_pool, list, i < names->nelts - 1
                           ? ", " : " or ",
                           APR_ARRAY_IDX(names, i, ap_list_provider_names_t)
                               .provider_name, NULL);
    }
    return apr_psprintf(cmd->pool, "must begin with %s, or with what a module "
                        "provides that is loaded", list);
}

/* One for all sources of a name: what hangs would otherwise have helpers for
 * each section that names it. */
static cors_outage_t *find_outage(cmd_parms *cmd, const char *text,
                                  const cors_namespace_t *space)
{
    cors_outage_t *outage;

    if (shared.outages == NULL) {
        shared.outages = apr_hash_make(cmd->pool);
    }
    outage = apr_hash_get(shared.outages, space->digest,
                          sizeof(space->digest));
    if (outage == NULL) {
        outage = apr_pcalloc(cmd->pool, sizeof(*outage));
        outage->what =
            apr_psprintf(cmd->pool, "%s '%s' (%s)", cmd->cmd->name, text,
                         cors_quote_place(cmd->temp_pool,
                                          cors_place_of(cmd)));
        apr_hash_set(shared.outages, space->digest, sizeof(space->digest),
                     outage);
    }
    return outage;
}

static const char *add_provided(cmd_parms *cmd, const char *text,
                                const char *provider, const char *option,
                                const char *argument, cors_source_t **source)
{
    cors_provided_t *provided = apr_pcalloc(cmd->pool, sizeof(*provided));
    const char *name = text;
    const char *rule;

    provided->provider = ap_lookup_provider(CORS_SOURCE_PROVIDER_GROUP,
                                            provider,
                                            CORS_SOURCE_PROVIDER_VERSION);
    rule = provided->provider == NULL ? name_providers(cmd)
        : provided->provider->open(cmd, option, argument, &provided->own,
                                   &name);
    if (rule != NULL) {
        return cors_refuse(cmd, text, rule, NULL);
    }
    provided->server = cmd->server;
    provided->source.entry.pattern.facts = CORS_ENTRY_PROVIDER;
    provided->source.covers = covers;
    cors_namespace_make(apr_pstrcat(cmd->temp_pool, provider, "\n", name,
                                    NULL), &provided->space);
    provided->outage = find_outage(cmd, text, &provided->space);
    shared.has_providers = 1;
    *source = &provided->source;
    return NULL;
}

static const char *add(cmd_parms *cmd, cors_origins_t *origins,
                       const char *text)
{
    const char *provider, *option, *argument;
    const char *error = take_apart(cmd, text, &provider, &option, &argument);
    cors_source_t *source;

    if (error != NULL) {
        return cors_refuse(cmd, text, error, NULL);
    }
    if (strcmp(provider, "file") == 0 && option != NULL) {
        return cors_refuse(cmd, text, "must be file:path; file takes no "
                           "option", NULL);
    }
    error = strcmp(provider, "file") == 0
        ? cors_file_add(cmd, text, argument, &source)
        : add_provided(cmd, text, provider, option, argument, &source);
    if (error != NULL) {
        return error;
    }
    source->entry.pattern.text = text;
    source->entry.pattern.facts |= CORS_ENTRY_OUTSIDE;
    source->entry.place = cors_place_of(cmd);
    cors_origins_add_source(origins, source);
    return NULL;
}

const char *cors_set_source(cmd_parms *cmd, void *dirv, const char *args)
{
    /* Not in .htaccess, even where AllowOverrideList names it. */
    const char *error = ap_check_cmd_context(cmd, NOT_IN_LIMIT
                                                  | NOT_IN_HTACCESS);
    cors_config_t *config;
    const char *text;

    if (error != NULL) {
        return error;
    }
    if (*args == '\0') {
        return cors_refuse_empty(cmd);
    }
    config = cors_own(cmd, dirv);
    while (error == NULL && (text = cors_next_argument(cmd, &args)) != NULL) {
        error = add(cmd, cors_own_origins(cmd, config), text);
    }
    return error != NULL ? error : cors_commit(cmd, config);
}

/* --------------------------------- CorsSourceCache, CorsSourceTimeout -- */

/* Reads a time in seconds, or with a unit that httpd knows. */
static int read_time(const char *text, apr_interval_time_t min,
                     apr_interval_time_t max, apr_interval_time_t *time)
{
    /* httpd's parser takes signs and overflows. */
    return strspn(text, "0123456789") > 0 && strlen(text) <= 8
        && ap_timeout_parameter_parse(text, time, "s") == APR_SUCCESS
        && *time >= min && *time <= max;
}

const char *cors_set_source_cache(cmd_parms *cmd, void *dirv, const char *text,
                                  const char *ttl)
{
    apr_interval_time_t time = TTL_DEFAULT;
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY);
    const char *rule;

    (void)dirv;
    if (error != NULL) {
        return error;
    }
    if (ttl != NULL && !read_time(ttl, apr_time_from_sec(2),
                                  apr_time_from_sec(86400), &time)) {
        return cors_refuse(cmd, ttl, "must be a time from 2 to 86400 seconds, "
                           "such as 60 or 5min", NULL);
    }
    rule = cors_answers_make(cmd->pool, cmd->temp_pool, text, time,
                             &shared.cache);
    cors_server_keep(cmd);
    return rule != NULL ? cors_refuse(cmd, text, rule, NULL) : NULL;
}

const char *cors_set_source_timeout(cmd_parms *cmd, void *dirv,
                                    const char *arg)
{
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY);

    (void)dirv;
    if (error != NULL) {
        return error;
    }
    cors_server_keep(cmd);
    return read_time(arg, apr_time_from_msec(100), apr_time_from_sec(60),
                     &shared.timeout) ? NULL
        : cors_refuse(cmd, arg, "must be a time from 100ms to 60 seconds, "
                      "such as 2 or 500ms", NULL);
}

/* ------------------------------------------------- the life of a server -- */

void cors_source_register(apr_pool_t *pool)
{
    ap_register_provider(pool, CORS_SOURCE_PROVIDER_GROUP, "dbm",
                         CORS_SOURCE_PROVIDER_VERSION, &cors_dbm_provider);
    ap_register_provider(pool, CORS_SOURCE_PROVIDER_GROUP, "dbd",
                         CORS_SOURCE_PROVIDER_VERSION, &cors_dbd_provider);
}

int cors_source_pre_config(apr_pool_t *pconf)
{
    shared.cache = NULL;
    shared.outages = NULL;
    shared.timeout = TIMEOUT_DEFAULT;
    shared.has_providers = 0;
    cors_file_forget_all(pconf);
    return cors_answers_register(pconf) == APR_SUCCESS
        ? OK : HTTP_INTERNAL_SERVER_ERROR;
}

int cors_source_check_config(apr_pool_t *pconf, apr_pool_t *ptemp,
                             server_rec *s)
{
    const char *rule;

    if (!shared.has_providers || shared.cache != NULL) {
        return OK;
    }
    rule = cors_answers_make(pconf, ptemp, NULL, TTL_DEFAULT, &shared.cache);
    if (rule == NULL) {
        return OK;
    }
    ap_log_error(APLOG_MARK, APLOG_ERR, 0, s, "CorsAllowOriginSource: %s",
                 rule);
    return HTTP_INTERNAL_SERVER_ERROR;
}

int cors_source_post_config(apr_pool_t *pconf, server_rec *s)
{
    if (shared.has_providers
        && cors_answers_open(shared.cache, pconf, s) != APR_SUCCESS) {
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    return cors_file_watch(pconf, s);
}

void cors_source_child_init(apr_pool_t *pchild, server_rec *s)
{
    if (shared.has_providers) {
        cors_answers_start(shared.cache, pchild, s);
        cors_errand_start(CORS_TO_SOURCE, pchild, s);
        if (!cors_answers_are_here(shared.cache)) {
            cors_errand_start(CORS_TO_CACHE, pchild, s);
        }
    }
}
