/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_config.h"
#include "cors_server.h"

#include <apr_strings.h>
#include <http_log.h>

APLOG_USE_MODULE(cors);

/* -------------------------------------------------------------- fields -- */

int *cors_field_number(const cors_config_t *config, const cors_field_t *field)
{
    return (int *)((char *)config + field->offset);
}

const cors_list_t **cors_field_list(const cors_config_t *config,
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

cors_config_t *cors_config_make(apr_pool_t *pool)
{
    cors_config_t *config = apr_pcalloc(pool, sizeof(*config));

    config->policy.max_age = 600;
    config->preflight_status = HTTP_NO_CONTENT;
    return config;
}

/* The record of `inner` over `outer`, policies in use aside. Either may be
 * NULL, and where one has nothing to add there is no new record. */
static cors_config_t *overlay(apr_pool_t *pool, const cors_config_t *outer,
                              const cors_config_t *inner)
{
    const command_rec *row;
    cors_config_t *config;
    apr_uint64_t left;

    if (inner == NULL || inner->set == 0) {
        return (cors_config_t *)outer;
    }
    if (outer == NULL) {
        return (cors_config_t *)inner;
    }
    config = apr_pmemdup(pool, outer, sizeof(*outer));
    config->set |= inner->set;
    config->outer = outer;
    config->inner = inner;
    config->given = NULL;
    config->use = NULL;
    config->below = NULL;
    config->is_shared = 0;
    /* Rows may share a field. */
    for (row = cors_commands, left = inner->set; left != 0; row++) {
        const cors_field_t *field = row->cmd_data;

        if (field == NULL || (left & cors_bit_at(field->offset)) == 0) {
            continue;
        }
        left &= ~cors_bit_at(field->offset);
        if (field->is_list) {
            *cors_field_list(config, field) =
                cors_list_merge(pool, *cors_field_list(outer, field),
                                *cors_field_list(inner, field));
        }
        else {
            *cors_field_number(config, field) =
                *cors_field_number(inner, field);
        }
    }
    return config;
}

/* Of the fields that are given, those that may stand in a policy, or those
 * that may not. NULL: there is none. */
static cors_config_t *only(apr_pool_t *pool, const cors_config_t *config,
                           int is_in_policy)
{
    cors_config_t *some = cors_config_make(pool);
    apr_uint64_t left = config != NULL ? config->set : 0;
    const command_rec *row;

    for (row = cors_commands; left != 0; row++) {
        const cors_field_t *field = row->cmd_data;
        const apr_uint64_t bit = field == NULL ? 0
                                               : cors_bit_at(field->offset);

        if ((left & bit) == 0) {
            continue;
        }
        left &= ~bit;
        if (field->is_in_policy != is_in_policy) {
            continue;
        }
        some->set |= bit;
        if (field->is_list) {
            *cors_field_list(some, field) = *cors_field_list(config, field);
        }
        else {
            *cors_field_number(some, field) =
                *cors_field_number(config, field);
        }
    }
    if (some->set == 0) {
        return NULL;
    }
    some->outer = config->outer;
    some->inner = config->inner;
    some->given = config->given;
    return some;
}

/* What the policies of `inner` are laid over: everything outside of them that
 * may stand in a policy, but not the origins, which they end. */
static cors_config_t *below(apr_pool_t *pool, const cors_config_t *outer,
                            const cors_config_t *inner)
{
    cors_config_t *config =
        only(pool, overlay(pool, overlay(pool, outer->below, outer),
                           inner->below), 1);

    if (config != NULL) {
        config->policy.origins = NULL;
    }
    return config;
}

void *cors_dir_merge(apr_pool_t *pool, void *base, void *add)
{
    const cors_config_t *outer = ((cors_dir_t *)base)->config;
    const cors_config_t *inner = ((cors_dir_t *)add)->config;
    cors_config_t *config;
    cors_dir_t *dir;

    if (inner == NULL || outer == NULL) {
        return inner == NULL ? base : add;
    }
    if (inner->use == NULL) {
        config = overlay(pool, outer, inner);
        if (config != outer) {
            config->use = outer->use;
            config->below = outer->below;
        }
    }
    else {
        config = overlay(pool, only(pool, outer, 0), inner);
        if (config == NULL || config == inner) {
            config = apr_pmemdup(pool, inner, sizeof(*inner));
            config->is_shared = 0;
        }
        config->use = inner->use;
        config->below = below(pool, outer, inner);
    }
    dir = apr_palloc(pool, sizeof(*dir));
    dir->config = config;
    return dir;
}

const cors_config_t *cors_config_with(apr_pool_t *pool,
                                      const cors_config_t *config,
                                      const cors_use_t *use)
{
    return use == NULL ? config
        : overlay(pool, overlay(pool, config->below, use->named->config),
                  config);
}

int cors_config_gives(const cors_config_t *config, size_t offset)
{
    return (config->set & cors_bit_at(offset)) != 0;
}

const cors_config_t *cors_config_giver(const cors_config_t *config,
                                       size_t offset)
{
    if (!cors_config_gives(config, offset)) {
        return NULL;
    }
    while (config->inner != NULL) {
        config = cors_config_gives(config->inner, offset) ? config->inner
                                                          : config->outer;
    }
    return config;
}

cors_place_t cors_config_place(const cors_config_t *config, size_t offset)
{
    static const cors_place_t nowhere = { "default", 0 };
    const cors_config_t *giver = cors_config_giver(config, offset);
    const cors_given_t *given = giver != NULL ? giver->given : NULL;

    for (; given; given = given->next) {
        if (given->offset == offset) {
            const cors_place_t place = { given->file, given->line };

            return place;
        }
    }
    return nowhere;
}

int cors_config_is_same(const cors_config_t *a, const cors_config_t *b)
{
    /* All that decides stands behind the provenance. */
    const size_t from = offsetof(cors_config_t, use);

    return a == b
        || (a != NULL && b != NULL
            && memcmp((const char *)a + from, (const char *)b + from,
                      sizeof(*a) - from) == 0);
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

    if (cors_is_htaccess(cmd)) {
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
