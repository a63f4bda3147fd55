/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_dbm.h"

#include <apr_dbm.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>

#include "cors_config.h"

APLOG_USE_MODULE(cors);

typedef struct dbm_t {
    const char *type;
    const char *path;
} dbm_t;

static apr_status_t open_file(const dbm_t *dbm, apr_pool_t *pool,
                              apr_dbm_t **file)
{
    return apr_dbm_open_ex(file, dbm->type, dbm->path, APR_DBM_READONLY,
                           APR_OS_DEFAULT, pool);
}

/* Why the file cannot be opened. Some types of apr_dbm have codes of their
 * own, which APR has no words for. */
static const char *problem(const dbm_t *dbm, apr_pool_t *pool,
                           apr_status_t status)
{
    const char *used[2] = { NULL, NULL };
    apr_finfo_t info;
    char text[120];
    int i;

    if (apr_dbm_get_usednames_ex(pool, dbm->type, dbm->path, &used[0],
                                 &used[1]) != APR_SUCCESS) {
        return "APR has no such type here";
    }
    for (i = 0; i < 2 && used[i] != NULL; i++) {
        const apr_status_t rv = apr_stat(&info, used[i], APR_FINFO_MIN, pool);

        if (rv != APR_SUCCESS && rv != APR_INCOMPLETE) {
            return apr_psprintf(pool, "%s: %s", used[i],
                                apr_strerror(rv, text, sizeof(text)));
        }
    }
    return status >= APR_OS_START_USERERR
        ? "it is of another type, or not readable"
        : apr_pstrdup(pool, apr_strerror(status, text, sizeof(text)));
}

static const char *open_source(cmd_parms *cmd, const char *option,
                               const char *argument, void **source,
                               const char **name)
{
    dbm_t *dbm = apr_palloc(cmd->pool, sizeof(*dbm));
    char host[APRMAXHOSTLEN + 1];
    apr_dbm_t *file;
    apr_status_t rv;

    dbm->type = option != NULL ? option : "default";
    dbm->path = ap_server_root_relative(cmd->pool, argument);
    if (*argument == '\0' || dbm->path == NULL) {
        return "must name a file";
    }
    rv = open_file(dbm, cmd->temp_pool, &file);
    if (rv == APR_SUCCESS) {
        apr_dbm_close(file);
    }
    /* What was well at the start may be written anew just now, which is no
     * reason for a server that restarts to end. */
    else if (ap_state_query(AP_SQ_CONFIG_GEN) > 0) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, cmd->server, "%s: '%s' cannot "
                     "be opened: %s", cmd->cmd->name, dbm->path,
                     problem(dbm, cmd->temp_pool, rv));
    }
    else {
        return apr_pstrcat(cmd->pool, "must be a readable DBM file of its "
                           "type, as httxt2dbm makes them: ",
                           problem(dbm, cmd->temp_pool, rv), NULL);
    }
    /* Other machines have files of that name too. */
    if (apr_gethostname(host, sizeof(host), cmd->temp_pool) != APR_SUCCESS) {
        *host = '\0';
    }
    *source = dbm;
    *name = apr_psprintf(cmd->pool, "%s:%s of %s", dbm->type, dbm->path,
                         host);
    return NULL;
}

static cors_source_answer_t ask(void *source, cors_source_question_t *question)
{
    const dbm_t *dbm = source;
    apr_dbm_t *file;
    apr_datum_t key, value = { NULL, 0 };
    cors_source_answer_t answer;
    apr_status_t rv = open_file(dbm, question->pool, &file);

    if (rv != APR_SUCCESS) {
        question->reason = apr_pstrcat(question->pool, "it cannot be opened: ",
                                       problem(dbm, question->pool, rv), NULL);
        return CORS_SOURCE_UNKNOWN;
    }
    key.dptr = (char *)question->origin;
    key.dsize = strlen(question->origin);
    rv = apr_dbm_fetch(file, key, &value);
    answer = value.dptr != NULL ? CORS_SOURCE_ALLOWED : CORS_SOURCE_REFUSED;
    if (rv != APR_SUCCESS) {
        question->reason = "the file cannot be read";
        answer = CORS_SOURCE_UNKNOWN;
    }
    if (value.dptr != NULL) {
        apr_dbm_freedatum(file, value);
    }
    apr_dbm_close(file);
    return answer;
}

const cors_source_provider_t cors_dbm_provider = { open_source, ask };
