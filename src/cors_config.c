/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_config.h"

#include <apr_strings.h>
#include <http_log.h>

APLOG_USE_MODULE(cors);

/* -------------------------------------------------------------- fields -- */

apr_uint32_t cors_field_bit(const command_rec *row)
{
    return (apr_uint32_t)1 << (row - cors_commands);
}

int *cors_field_number(cors_config_t *config, const cors_field_t *field)
{
    return (int *)((char *)config + field->offset);
}

const cors_list_t **cors_field_list(cors_config_t *config,
                                    const cors_field_t *field)
{
    return (const cors_list_t **)((char *)config + field->offset);
}

/* ------------------------------------------------------- create, merge -- */

void *cors_dir_create(apr_pool_t *pool, char *path)
{
    (void)path;
    return apr_pcalloc(pool, sizeof(cors_dir_t));
}

static int replaces_origins(const cors_config_t *outer,
                            const cors_config_t *inner)
{
    return outer->policy.origins != NULL && inner->policy.origins != NULL
        && inner->policy.origins->replaces
        && cors_origins_grant(inner->policy.origins);
}

void *cors_dir_merge(apr_pool_t *pool, void *base, void *add)
{
    cors_config_t *outer = ((cors_dir_t *)base)->config;
    cors_config_t *inner = ((cors_dir_t *)add)->config;
    const command_rec *row;
    cors_dir_t *dir;
    cors_config_t *config;

    if (inner == NULL || outer == NULL) {
        return inner == NULL ? base : add;
    }
    dir = apr_palloc(pool, sizeof(*dir) + sizeof(*config));
    dir->config = config = (cors_config_t *)(dir + 1);
    *config = *outer;
    config->set |= inner->set;
    config->lends_credentials_to =
        outer->policy.credentials && replaces_origins(outer, inner)
        ? inner->policy.origins : NULL;
    for (row = cors_commands; row->name; row++) {
        const cors_field_t *field = row->cmd_data;

        if ((inner->set & cors_field_bit(row)) == 0) {
            continue;
        }
        if (field->is_list) {
            *cors_field_list(config, field) =
                cors_list_merge(pool, *cors_field_list(outer, field),
                                *cors_field_list(inner, field));
        }
        else {
            *cors_field_number(config, field) =
                *cors_field_number(inner, field);
        }
        if (field->offset == offsetof(cors_config_t, policy.credentials)) {
            config->lends_credentials_to = NULL;
        }
    }
    return dir;
}

int cors_config_decides(const cors_config_t *config)
{
    return config != NULL && (config->policy.origins != NULL
                              || config->engine == CORS_ENGINE_OFF);
}

/* --------------------------------------------------------------- notes -- */

typedef struct note_t {
    server_rec *server;
    const char *text;
} note_t;

/* Collected while the configuration is read, which is before the error log
 * is open. In the pool of the configuration; only the main thread of a
 * starting server comes here. */
static apr_array_header_t *notes;

void cors_config_forget_notes(void)
{
    notes = NULL;
}

void cors_config_log_notes(void)
{
    int i;

    for (i = 0; notes != NULL && i < notes->nelts; i++) {
        const note_t *note = &APR_ARRAY_IDX(notes, i, note_t);

        ap_log_error(APLOG_MARK, APLOG_INFO, 0, note->server, "%s",
                     note->text);
    }
    notes = NULL;
}

void cors_config_note(cmd_parms *cmd, const char *item, const char *text)
{
    note_t *note;

    /* An .htaccess is read on every request, by whoever asks for it; httpd
     * tells it by its pools. */
    if (cmd->pool == cmd->temp_pool) {
        return;
    }
    if (notes == NULL) {
        notes = apr_array_make(cmd->pool, 4, sizeof(note_t));
    }
    note = apr_array_push(notes);
    note->server = cmd->server;
    note->text = apr_psprintf(cmd->pool, "%s: '%s' is taken as '%s' (%s:%d)",
                              cmd->cmd->name, item, text,
                              cmd->directive->filename,
                              cmd->directive->line_num);
}
