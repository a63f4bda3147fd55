/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/* Policies that scopes share, and what .htaccess may do. */
#include "cors_file.h"
#include "cors_setter.h"

#include <apr_strings.h>
#include <http_core.h>

/* -------------------------------------------------------- <CorsPolicy> -- */

/* The row of the table that a line inside a policy is about; NULL if it must
 * not stand there. */
static const command_rec *row_in_policy(const ap_directive_t *line)
{
    const command_rec *row;

    for (row = cors_commands; row->name; row++) {
        const cors_field_t *field = row->cmd_data;

        if (field != NULL && field->is_in_policy
            && ap_cstr_casecmp(row->name, line->directive) == 0) {
            return row;
        }
    }
    return NULL;
}

static const void *add_power(const cors_entry_t *entry, void *context)
{
    const unsigned facts = entry->pattern.facts;
    int *powers = context;

    if ((facts & CORS_ENTRY_FILE) != 0) {
        cors_file_visit(cors_entry_source(entry),
                        CORS_PATTERN_ANY | CORS_PATTERN_NULL, add_power,
                        context);
    }

    *powers |= (facts & CORS_ENTRY_MATCH) != 0 ? CORS_POWER_MATCH
        : (facts & CORS_ENTRY_EXPR) != 0 ? CORS_POWER_EXPR
        : (facts & CORS_PATTERN_ANY) != 0 ? CORS_POWER_ANY
        : (facts & CORS_PATTERN_NULL) != 0 ? CORS_POWER_NULL
        : CORS_POWER_ORIGINS;
    return NULL;
}

/* The powers that an .htaccess needs to put the policy in force. */
static int powers_for(const cors_policy_t *policy)
{
    int powers = policy->credentials ? CORS_POWER_CREDENTIALS : 0;

    cors_origins_visit(policy->origins, CORS_ENTRY_GRANTS, add_power,
                       &powers);
    return powers;
}

/* Runs the lines between the tags, and keeps what they say. */
static const char *read_policy(cmd_parms *cmd, cors_named_t *named)
{
    ap_conf_vector_t *section = ap_create_per_dir_config(cmd->pool);
    cors_dir_t *dir;
    ap_directive_t *lines = cmd->directive->first_child;
    ap_directive_t *line;
    cors_config_t *config;
    const char *error;

    for (line = lines; line; line = line->next) {
        if (row_in_policy(line) == NULL) {
            cmd->err_directive = line;
            return cors_refuse(cmd, line->directive, "must not stand in a "
                               "policy, which holds what decides about "
                               "origins and preflights", NULL);
        }
    }
    error = ap_walk_config(lines, cmd, section);
    if (error != NULL) {
        return error;
    }
    /* httpd makes our record only where a directive of ours stands. */
    dir = ap_get_module_config(section, &cors_module);
    config = cors_own(cmd, dir != NULL ? dir : cors_dir_create(cmd->pool,
                                                               NULL));
    /* It ends what its user inherits, so without origins it allows none. */
    if (config->policy.origins == NULL) {
        config->policy.origins =
            &cors_origins_make(cmd->pool, named->place)->list;
    }
    config->set |= cors_bit_at(offsetof(cors_config_t, policy.origins));
    named->config = config;
    named->powers = powers_for(&config->policy);
    named->alone = cors_config_make(cmd->pool);
    named->alone->is_shared = 1;
    named->alone->use = apr_pcalloc(cmd->pool, sizeof(*named->alone->use));
    named->alone->use->named = named;
    return NULL;
}

const char *cors_set_policy(cmd_parms *cmd, void *dirv, const char *args)
{
    const char *error = ap_check_cmd_context(cmd, NOT_IN_DIR_CONTEXT
                                                  | NOT_IN_LIMIT);
    const char *end = ap_strrchr_c(args, '>');
    const command_rec *row = cmd->cmd;
    cors_named_t *named;
    cors_server_t *server;
    const char *rest, *name;

    (void)dirv;
    if (error != NULL) {
        return error;
    }
    if (end == NULL || end[1] != '\0') {
        return "<CorsPolicy> must end in '>'";
    }
    rest = apr_pstrmemdup(cmd->pool, args, (apr_size_t)(end - args));
    name = ap_getword_conf(cmd->pool, &rest);
    if (*name == '\0' || *rest) {
        return "<CorsPolicy> takes one name";
    }
    server = cors_server_own(cmd->pool, cmd->server);
    if (server->policies == NULL) {
        server->policies = apr_hash_make(cmd->pool);
    }
    named = apr_hash_get(server->policies, name, APR_HASH_KEY_STRING);
    if (named != NULL) {
        return apr_psprintf(cmd->pool, "<CorsPolicy>: '%s' is defined "
                            "already (%s:%d)", name, named->place.file,
                            named->place.line);
    }
    named = apr_pcalloc(cmd->pool, sizeof(*named));
    named->name = name;
    named->place = cors_place_of(cmd);
    error = read_policy(cmd, named);
    cmd->cmd = row;
    apr_hash_set(server->policies, name, APR_HASH_KEY_STRING, named);
    return error;
}

/* ------------------------------------------------------- CorsUsePolicy -- */

/* The policy of that name. */
static const char *find_policy(cmd_parms *cmd, const char *name,
                               const cors_named_t **named)
{
    *named = cors_server_policy(cors_server_of(cmd->server), name);
    if (*named == NULL) {
        return cors_refuse(cmd, name, "must be the name of a <CorsPolicy> "
                           "that stands in front of this line, in this "
                           "server or the main server", NULL);
    }
    return NULL;
}

const char *cors_set_use(cmd_parms *cmd, void *dirv, const char *args)
{
    const char *error = cors_refuse_limit(cmd);
    cors_dir_t *dir = dirv;
    cors_use_t *first = NULL, **last = &first;
    cors_config_t *config;
    const char *name, *lacks;
    const char *tolerant = NULL;
    int powers = 0;

    while (error == NULL && (name = cors_next_argument(cmd, &args)) != NULL) {
        *last = apr_pcalloc(cmd->pool, sizeof(**last));
        error = find_policy(cmd, name, &(*last)->named);
        if (error == NULL) {
            powers |= (*last)->named->powers;
            if ((*last)->named->config->policy.tolerate != 0) {
                tolerant = name;
            }
            last = &(*last)->next;
        }
    }
    if (error != NULL) {
        return error;
    }
    if (first == NULL) {
        return cors_refuse_empty(cmd);
    }
    if (tolerant != NULL && cors_is_htaccess(cmd)) {
        return cors_refuse_htaccess(
            cmd, cors_refuse(cmd, tolerant, "must not be used in .htaccess: "
                             "it has a CorsTolerate, which is for who runs "
                             "the server", NULL));
    }
    lacks = cors_server_lacks(cmd, powers);
    if (lacks != NULL) {
        return cors_refuse_power(cmd, lacks);
    }
    if (dir->config == NULL && first->next == NULL) {
        cors_watch_section(cmd);
        dir->config = first->named->alone;
        return NULL;
    }
    config = cors_own(cmd, dirv);
    /* Several lines in a section add up. */
    last = &config->use;
    while (*last != NULL) {
        last = &(*last)->next;
    }
    *last = first;
    return NULL;
}

/* -------------------------------------------------------- CorsHtaccess -- */

const char *cors_set_powers(cmd_parms *cmd, void *dirv, const char *args)
{
    const char *error = ap_check_cmd_context(cmd, NOT_IN_DIR_CONTEXT
                                                  | NOT_IN_LIMIT);
    cors_server_t *server;
    const cors_word_t *word;
    const char *arg;
    int powers = 0, n = 0, is_alone = 0;

    (void)dirv;
    while (error == NULL && (arg = cors_next_argument(cmd, &args)) != NULL) {
        word = cors_word_find(cors_power_words, arg);
        if (word == NULL) {
            return cors_refuse_word(cmd, cors_power_words, arg);
        }
        is_alone |= word->value == 0 || word->value == CORS_POWER_ALL;
        powers |= word->value;
        if (++n > 1 && is_alone) {
            return cors_refuse(cmd, arg, "must not stand beside others if it, "
                               "or one of them, is All or None", NULL);
        }
    }
    if (error != NULL) {
        return error;
    }
    if (n == 0) {
        return cors_refuse_empty(cmd);
    }
    server = cors_server_own(cmd->pool, cmd->server);
    server->powers = powers;
    server->htaccess = cors_server_line(cmd);
    return NULL;
}

/* ------------------------------------------------ CorsPublicSuffixFile -- */

const char *cors_set_suffix_file(cmd_parms *cmd, void *dirv, const char *arg)
{
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY);
    const cors_suffixes_t *suffixes;
    const char *path;

    (void)dirv;
    if (error != NULL) {
        return error;
    }
    if (!cors_suffixes_supported) {
        return cors_refuse(cmd, arg, "needs libpsl, which this module is "
                           "built without", NULL);
    }
    if (cors_server_of(cmd->server)->are_suffixes_read) {
        return cors_refuse(cmd, arg, "must be named once, and in front of "
                           "all directives that need the list", NULL);
    }
    path = ap_server_root_relative(cmd->pool, arg);
    suffixes = path != NULL ? cors_suffixes_load(cmd->pool, path) : NULL;
    if (suffixes == NULL) {
        return cors_refuse(cmd, arg, "must be a readable Public Suffix List",
                           NULL);
    }
    cors_server_use_suffixes(suffixes);
    cors_server_keep(cmd);
    return NULL;
}
