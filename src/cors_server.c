/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_server.h"

#include <apr_strings.h>

/* The main server's record. httpd gives virtual hosts no way back to the main
 * server while their directives are read. Made anew, in the pool of the
 * configuration, whenever one is read. */
static cors_server_t *main_server;

void *cors_server_create(apr_pool_t *pool, server_rec *s)
{
    if (s->is_virtual) {
        return NULL;
    }
    main_server = apr_pcalloc(pool, sizeof(*main_server));
    main_server->pool = pool;
    main_server->powers = CORS_POWER_DEFAULT;
    return main_server;
}

void *cors_server_merge(apr_pool_t *pool, void *base, void *add)
{
    const cors_server_t *outer = base;
    cors_server_t *inner = add;

    (void)pool;
    if (inner == NULL) {
        return base;
    }
    if (inner->htaccess == NULL) {
        inner->powers = outer->powers;
        inner->htaccess = outer->htaccess;
    }
    return inner;
}

const cors_server_t *cors_server_of(server_rec *s)
{
    const cors_server_t *server =
        ap_get_module_config(s->module_config, &cors_module);

    return server != NULL ? server : main_server;
}

cors_server_t *cors_server_own(apr_pool_t *pool, server_rec *s)
{
    cors_server_t *server =
        ap_get_module_config(s->module_config, &cors_module);

    if (server == NULL) {
        server = apr_pcalloc(pool, sizeof(*server));
        server->main = main_server;
        ap_set_module_config(s->module_config, &cors_module, server);
    }
    return server;
}

const cors_named_t *cors_server_policy(const cors_server_t *server,
                                       const char *name)
{
    for (; server != NULL; server = server->main) {
        const cors_named_t *named = server->policies == NULL ? NULL
            : apr_hash_get(server->policies, name, APR_HASH_KEY_STRING);

        if (named != NULL) {
            return named;
        }
    }
    return NULL;
}

const char *cors_server_file(const cmd_parms *cmd)
{
    const char *file = cmd->directive->filename;

    if (cors_is_htaccess(cmd)) {
        return file;
    }
    if (main_server->file == NULL || strcmp(main_server->file, file) != 0) {
        main_server->file = apr_pstrdup(main_server->pool, file);
    }
    return main_server->file;
}

const cors_view_line_t *cors_server_line(const cmd_parms *cmd)
{
    cors_view_line_t *line = apr_palloc(cmd->pool, sizeof(*line));

    line->directive = cmd->cmd->name;
    line->value = cmd->directive->args;
    line->place.file = cors_server_file(cmd);
    line->place.line = cmd->directive->line_num;
    return line;
}

void cors_server_keep(const cmd_parms *cmd)
{
    const cors_view_line_t *line = cors_server_line(cmd);
    apr_array_header_t *kept = main_server->globals;
    int i;

    if (kept == NULL) {
        kept = apr_array_make(cmd->pool, 4, sizeof(*line));
        main_server->globals = kept;
    }
    for (i = 0; i < kept->nelts; i++) {
        if (APR_ARRAY_IDX(kept, i, cors_view_line_t).directive
            == line->directive) {
            APR_ARRAY_IDX(kept, i, cors_view_line_t) = *line;
            return;
        }
    }
    *(cors_view_line_t *)apr_array_push(kept) = *line;
}

/* ------------------------------------------------- Public Suffix List -- */

const cors_suffixes_t *cors_server_suffixes(void)
{
    if (!main_server->are_suffixes_read) {
        cors_server_use_suffixes(cors_suffixes_load(main_server->pool, NULL));
    }
    return main_server->suffixes;
}

void cors_server_use_suffixes(const cors_suffixes_t *suffixes)
{
    main_server->suffixes = suffixes;
    main_server->are_suffixes_read = 1;
}

/* ------------------------------------------------------------ .htaccess -- */

const cors_word_t cors_power_words[] = {
    { "origins", CORS_POWER_ORIGINS, 0 },
    { "any-origin", CORS_POWER_ANY, 0 },
    { "null", CORS_POWER_NULL, 0 },
    { "credentials", CORS_POWER_CREDENTIALS, 0 },
    { "match", CORS_POWER_MATCH, 0 },
    { "expr", CORS_POWER_EXPR, 0 },
    { "gate", CORS_POWER_GATE, 0 },
    { "All", CORS_POWER_ALL, 0 },
    { "None", 0, 0 },
    { NULL, 0, 0 }
};

int cors_is_htaccess(const cmd_parms *cmd)
{
    return cmd->pool == cmd->temp_pool;
}

const char *cors_server_lacks(cmd_parms *cmd, int power)
{
    const cors_word_t *word;
    const char *words = NULL;

    if (!cors_is_htaccess(cmd)) {
        return NULL;
    }
    power &= ~cors_server_of(cmd->server)->powers;
    for (word = cors_power_words; power != 0 && word->word; word++) {
        if ((word->value & power) == word->value && word->value != 0) {
            words = words == NULL ? word->word
                : apr_pstrcat(cmd->pool, words, " ", word->word, NULL);
            power &= ~word->value;
        }
    }
    return words;
}
