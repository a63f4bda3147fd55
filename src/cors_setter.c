/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_setter.h"

#include <apr_strings.h>
#include <http_log.h>

APLOG_USE_MODULE(cors);

const char *cors_refuse(cmd_parms *cmd, const char *item, const char *rule,
                        const char *fix)
{
    const char *name = cmd->cmd->name;
    const char *end = *name == '<' ? ">" : "";

    if (fix != NULL && *fix) {
        return apr_psprintf(cmd->pool, "%s%s: '%s' %s; did you mean '%s'?",
                            name, end, item, rule, fix);
    }
    return apr_psprintf(cmd->pool, "%s%s: '%s' %s", name, end, item, rule);
}

const char *cors_refuse_empty(cmd_parms *cmd)
{
    return apr_pstrcat(cmd->pool, cmd->cmd->name, " takes ", cmd->cmd->errmsg,
                       NULL);
}

const char *cors_refuse_power(cmd_parms *cmd, const char *lacks)
{
    return cors_refuse_htaccess(
        cmd, apr_psprintf(cmd->pool, "%s needs what CorsHtaccess does not "
                          "grant to .htaccess here: %s", cmd->cmd->name,
                          lacks));
}

const char *cors_refuse_htaccess(cmd_parms *cmd, const char *message)
{
    if ((cmd->override & NONFATAL_OVERRIDE) == 0) {
        return message;
    }
    ap_log_perror(APLOG_MARK, APLOG_WARNING, 0, cmd->temp_pool,
                  "%s; passed over (%s:%d)", message,
                  cmd->directive->filename, cmd->directive->line_num);
    return NULL;
}

void cors_watch_section(cmd_parms *cmd)
{
    if (cmd->path != NULL && !cors_is_htaccess(cmd)
        && ap_check_cmd_context(cmd, NOT_IN_DIRECTORY) == NULL) {
        cors_watch_urls();
    }
}

cors_config_t *cors_own(cmd_parms *cmd, void *dirv)
{
    cors_dir_t *dir = dirv;

    cors_watch_section(cmd);
    if (dir->config == NULL) {
        dir->config = cors_config_make(cmd->pool);
    }
    else if (dir->config->is_shared) {
        dir->config = apr_pmemdup(cmd->pool, dir->config,
                                  sizeof(*dir->config));
        dir->config->use = apr_pmemdup(cmd->pool, dir->config->use,
                                       sizeof(*dir->config->use));
        dir->config->is_shared = 0;
    }
    return dir->config;
}

cors_origins_t *cors_own_origins(cmd_parms *cmd, cors_config_t *config)
{
    if (config->policy.origins == NULL) {
        config->policy.origins =
            &cors_origins_make(cmd->pool, cors_place_of(cmd))->list;
    }
    return (cors_origins_t *)config->policy.origins;
}

const char *cors_commit(cmd_parms *cmd, cors_config_t *config)
{
    return cors_commit_bits(cmd, config, 0);
}

const char *cors_commit_bits(cmd_parms *cmd, cors_config_t *config, int bits)
{
    const cors_field_t *field = cmd->info;
    const cors_place_t place = cors_place_of(cmd);
    cors_given_t *given = apr_palloc(cmd->pool, sizeof(*given));

    given->file = place.file;
    given->line = place.line;
    given->offset = (unsigned short)field->offset;
    given->bits = (unsigned short)bits;
    given->next = config->given;
    config->given = given;
    config->set |= cors_bit_at(field->offset);
    return NULL;
}

cors_place_t cors_place_of(const cmd_parms *cmd)
{
    cors_place_t place = { cors_server_file(cmd), cmd->directive->line_num };

    return place;
}

const cors_word_t *cors_word_find(const cors_word_t *words, const char *arg)
{
    for (; words->word; words++) {
        if (ap_cstr_casecmp(arg, words->word) == 0) {
            return words;
        }
    }
    return NULL;
}

const char *cors_refuse_word(cmd_parms *cmd, const cors_word_t *words,
                             const char *arg)
{
    const char *rule = "must be ";

    for (; words->word; words++) {
        rule = apr_pstrcat(cmd->pool, rule, words->word,
                           words[1].word == NULL ? ""
                           : words[2].word == NULL ? " or " : ", ", NULL);
    }
    return cors_refuse(cmd, arg, rule, NULL);
}

const char *cors_next_argument(cmd_parms *cmd, const char **args)
{
    return **args ? ap_getword_conf(cmd->pool, args) : NULL;
}
