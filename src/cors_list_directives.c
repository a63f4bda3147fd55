/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_setter.h"

#include <apr_hash.h>
#include <apr_lib.h>
#include <apr_strings.h>

typedef const char *(*add_item_t)(cmd_parms *cmd, cors_config_t *config,
                                  cors_str_t item, int removes);

/* --------------------------------------------------------------- items -- */

/* A line on its way: an argument may hold several items. */
typedef struct line_t {
    const char *args;           /* what is left of the line */
    cors_str_t argument;        /* what is left of the argument */
} line_t;

/* httpd keeps the arguments of a directive as long as the configuration, so
 * that what is listed need not be copied: a list may be long. */
static line_t line_of(cmd_parms *cmd, const char *args)
{
    line_t line = { args, CORS_STR("") };

    if (args != cmd->directive->args) {
        line.args = apr_pstrdup(cmd->pool, args);
    }
    return line;
}

/* Takes the next item off the argument; 0 if there is none left. */
CORS_APART static int next_in_argument(line_t *line, cors_str_t *item)
{
    cors_str_t rest = line->argument;
    size_t n = 0;

    while (rest.n > 0 && apr_isspace(*rest.p)) {
        rest = cors_str_sub(rest, 1, rest.n);
    }
    while (n < rest.n && !apr_isspace(rest.p[n])) {
        n++;
    }
    *item = cors_str_sub(rest, 0, n);
    line->argument = cors_str_sub(rest, n, rest.n);
    return n > 0;
}

/* The next item of the line, not terminated; 0 at its end. Only quotes and
 * backslashes make more of an argument than what stands there. */
static int next_item(cmd_parms *cmd, line_t *line, cors_str_t *item)
{
    /* What ends an argument that is one item: 2 for blanks. */
    static const char is_end[256] = {
        ['\0'] = 1, ['\\'] = 1, [' '] = 2, ['\t'] = 2, ['\r'] = 2,
        ['\n'] = 2, ['\v'] = 2, ['\f'] = 2
    };
    const char *p;

    while (line->argument.n == 0 || !next_in_argument(line, item)) {
        p = line->args;
        if (*p == '\0') {
            return 0;
        }
        while (!is_end[(unsigned char)*p]) {
            p++;
        }
        if (*p == '\\' || *line->args == '"' || *line->args == '\'') {
            line->argument = cors_str(cors_next_argument(cmd, &line->args));
            continue;
        }
        item->p = line->args;
        item->n = (size_t)(p - line->args);
        while (is_end[(unsigned char)*p] == 2) {
            p++;
        }
        line->args = p;
        return 1;
    }
    return 1;
}

static const char *terminated(cmd_parms *cmd, cors_str_t item)
{
    return apr_pstrmemdup(cmd->pool, item.p, item.n);
}

CORS_APART static const char *refuse(cmd_parms *cmd, cors_str_t item,
                                     const char *rule, const char *fix)
{
    return cors_refuse(cmd, terminated(cmd, item), rule, fix);
}

/* The section's own list of the directive, which is still being written. */
static cors_list_t *own_list(cmd_parms *cmd, cors_config_t *config)
{
    return (cors_list_t *)*cors_field_list(config, cmd->info);
}

/* Has the directive no entry in the section yet? Others may have added to the
 * same origins. */
static int is_empty(const cmd_parms *cmd, const cors_list_t *list)
{
    const cors_field_t *field = cmd->info;
    const cors_origins_t *origins = (const cors_origins_t *)list;

    return field->judge != NULL ? list->facts == 0
        : origins->grants.n == 0 && origins->removes.n == 0;
}

/* Reads the sign of an item and `none`, which mean the same in every list,
 * and has the rest added. */
static const char *add_signed(cmd_parms *cmd, cors_config_t *config,
                              cors_str_t item, add_item_t add)
{
    static const cors_str_t none = CORS_STR("none");

    cors_list_t *list = own_list(cmd, config);
    const char sign = *item.p == '+' || *item.p == '-' ? *item.p : '\0';
    const cors_str_t value = cors_str_sub(item, sign ? 1 : 0, item.n);
    const int is_none = cors_str_ieq(value, none);
    const char *error;

    if (sign && value.n == 0) {
        return refuse(cmd, item, "must be followed by its value, without a "
                      "blank between", NULL);
    }
    if (is_none && sign) {
        return refuse(cmd, item, "must be written without a sign", "none");
    }
    /* If an empty list replaces, `none` did it. */
    if (is_none ? !is_empty(cmd, list) : list->replaces
                                         && is_empty(cmd, list)) {
        return refuse(cmd, item, "must not stand in one section with 'none', "
                      "the empty list, and other values", NULL);
    }
    if (is_none) {
        list->replaces = 1;
        return NULL;
    }
    if (sign == '-' && cors_str_is(value, "*")) {
        return refuse(cmd, item, "would remove everything", "none");
    }
    error = add(cmd, config, value, sign == '-');
    if (error == NULL && !sign) {
        list->replaces = 1;
    }
    return error;
}

static const char *add_items(cmd_parms *cmd, cors_config_t *config,
                             line_t line, add_item_t add)
{
    const char *error = NULL;
    cors_str_t item;

    if (!next_item(cmd, &line, &item)) {
        return cors_refuse_empty(cmd);
    }
    do {
        error = add_signed(cmd, config, item, add);
    } while (error == NULL && next_item(cmd, &line, &item));
    return error != NULL ? error : cors_commit(cmd, config);
}

/* ------------------------------------------------------------- origins -- */

/* The powers that these items need in .htaccess. What narrows needs none. */
static int powers_for(cmd_parms *cmd, line_t line)
{
    static const cors_str_t none = CORS_STR("none");

    cors_str_t item;
    int powers = 0;

    while (next_item(cmd, &line, &item)) {
        if (*item.p == '-' || cors_str_ieq(item, none)) {
            continue;
        }
        if (*item.p == '+') {
            item = cors_str_sub(item, 1, item.n);
        }
        powers |= cors_str_is(item, "*") ? CORS_POWER_ANY
            : cors_str_is(item, "null") ? CORS_POWER_NULL
            : CORS_POWER_ORIGINS;
    }
    return powers;
}

static const char *add_origin(cmd_parms *cmd, cors_config_t *config,
                              cors_str_t item, int removes)
{
    cors_pattern_t pattern;
    cors_reading_t reading;

    if (!cors_pattern_parse(item, cors_server_suffixes(), &pattern,
                            &reading)) {
        return refuse(cmd, item, reading.rule, reading.text);
    }
    pattern.text = item.p;
    if (!cors_str_is(item, reading.text)) {
        cors_config_note(cmd, terminated(cmd, item), reading.text);
        pattern.text = apr_pstrmemdup(cmd->pool, reading.text, pattern.n);
    }
    cors_origins_add(cmd->pool, (cors_origins_t *)own_list(cmd, config),
                     &pattern, cors_place_of(cmd), removes);
    return NULL;
}

const char *cors_set_origins(cmd_parms *cmd, void *dirv, const char *args)
{
    const char *error = cors_refuse_limit(cmd);
    const line_t line = line_of(cmd, args);
    cors_config_t *config;
    const char *lacks;

    if (error != NULL) {
        return error;
    }
    lacks = !cors_is_htaccess(cmd) ? NULL
        : cors_server_lacks(cmd, powers_for(cmd, line));
    if (lacks != NULL) {
        return cors_refuse_power(cmd, lacks);
    }
    config = cors_own(cmd, dirv);
    cors_own_origins(cmd, config);
    return add_items(cmd, config, line, add_origin);
}

/* --------------------------------------------------------------- names -- */

#define SEPARATE "; separate several with blanks"

/* A judge looks at an item of its list: it may mend the name, refines the
 * facts, and returns the rule that is broken, or NULL. */

const char *cors_judge_method(cmd_parms *cmd, cors_str_t item,
                              cors_str_t *name, unsigned *facts)
{
    const char *right = NULL;

    if (*facts == CORS_NAME_ANY) {
        return NULL;
    }
    if (memchr(name->p, '*', name->n) != NULL) {
        return refuse(cmd, item, "must be a method or '*'; methods have "
                           "no prefixes", NULL);
    }
    switch (cors_method_kind(*name, &right)) {
    case CORS_METHOD_NORMALISED:
        cors_config_note(cmd, terminated(cmd, item), right);
        *name = cors_str(right);
        return NULL;
    case CORS_METHOD_MISSPELT:
        return refuse(cmd, item, "must be written as it is registered: "
                           "methods are case-sensitive", right);
    case CORS_METHOD_FORBIDDEN:
        return refuse(cmd, item, "must not be listed: no page can use "
                           "this method", NULL);
    case CORS_METHOD_NO_TOKEN:
        return refuse(cmd, item, "must be a method such as PUT" SEPARATE,
                           NULL);
    default:
        return NULL;
    }
}

/* What names of request and response headers have in common. */
static const char *judge_name(cmd_parms *cmd, cors_str_t item,
                              cors_str_t *name, unsigned *facts)
{
    if (*facts == CORS_NAME_ANY) {
        return NULL;
    }
    if (name->n > 1 && name->p[name->n - 1] == '*') {
        *facts = CORS_NAME_PREFIX;
        name->n--;
    }
    if (!cors_is_token(*name)) {
        return refuse(cmd, item, "must be a header name such as "
                           "X-Request-Id" SEPARATE, NULL);
    }
    if (memchr(name->p, '*', name->n) != NULL) {
        return refuse(cmd, item, "must not have '*' but at the end, "
                           "where it makes a prefix", NULL);
    }
    return NULL;
}

const char *cors_judge_request_header(cmd_parms *cmd, cors_str_t item,
                                      cors_str_t *name, unsigned *facts)
{
    const char *error = judge_name(cmd, item, name, facts);

    if (error == NULL && (*facts == CORS_NAME_PREFIX
                          ? cors_is_forbidden_request_prefix(*name)
                          : cors_is_forbidden_request_header(*name))) {
        return refuse(cmd, item, "must not be listed: no page can set "
                           "this header, and browsers send it unasked", NULL);
    }
    if (error == NULL && cors_is_response_only_header(*name)) {
        return refuse(cmd, item, "must be a request header: only "
                           "servers send this one", NULL);
    }
    return error;
}

const char *cors_judge_response_header(cmd_parms *cmd, cors_str_t item,
                                       cors_str_t *name, unsigned *facts)
{
    const char *error = judge_name(cmd, item, name, facts);

    if (error == NULL && cors_is_forbidden_response_header(*name)) {
        return refuse(cmd, item, "must not be listed: no page can read "
                           "this header", NULL);
    }
    if (error == NULL && *facts == CORS_NAME_LITERAL
        && cors_is_request_only_header(*name)) {
        return refuse(cmd, item, "must be a response header: only "
                           "browsers send this one", NULL);
    }
    return error;
}

static const char *add_name(cmd_parms *cmd, cors_config_t *config,
                            cors_str_t item, int removes)
{
    const cors_field_t *field = cmd->info;
    cors_str_t name = item;
    unsigned facts = cors_str_is(item, "*") ? CORS_NAME_ANY
                                            : CORS_NAME_LITERAL;
    const char *error = field->judge(cmd, item, &name, &facts);

    if (error != NULL) {
        return error;
    }
    if (removes) {
        facts |= CORS_NAME_REMOVES;
    }
    cors_names_add(cmd->pool, (cors_names_t *)own_list(cmd, config), name,
                   facts);
    return NULL;
}

/* The list that one line wrote for a virtual host. Thousands of them may say
 * the same; all but the place is then there once. */
typedef struct written_t {
    const cors_field_t *field;
    const cors_names_t *names;
    struct written_t *next;     /* by the same words in another directive */
} written_t;

/* By the words of the line, in the pool of the configuration. Only the main
 * thread of a starting server comes here, never an .htaccess. */
static apr_hash_t *written;

static apr_status_t forget_written(void *unused)
{
    (void)unused;
    written = NULL;
    return APR_SUCCESS;
}

static void remember(cmd_parms *cmd, const char *args,
                     const cors_names_t *names)
{
    written_t *line = apr_palloc(cmd->pool, sizeof(*line));

    line->field = cmd->info;
    line->names = names;
    line->next = apr_hash_get(written, args, APR_HASH_KEY_STRING);
    apr_hash_set(written, args, APR_HASH_KEY_STRING, line);
}

static const cors_names_t *recall(cmd_parms *cmd, const char *args)
{
    const written_t *line;

    if (written == NULL) {
        written = apr_hash_make(cmd->pool);
        apr_pool_cleanup_register(cmd->pool, NULL, forget_written,
                                  apr_pool_cleanup_null);
    }
    line = apr_hash_get(written, args, APR_HASH_KEY_STRING);
    while (line != NULL && line->field != cmd->info) {
        line = line->next;
    }
    return line != NULL ? line->names : NULL;
}

/* A list of the same names to which more can be added. */
static cors_names_t *copy_of(cmd_parms *cmd, const cors_names_t *names)
{
    cors_names_t *copy = cors_names_make(cmd->pool, names->eq,
                                         names->list.place, names->text_max);
    const cors_name_t *name;

    copy->list.replaces = names->list.replaces;
    for (name = names->first; name; name = name->next) {
        cors_names_add(cmd->pool, copy, name->text, name->facts);
    }
    copy->lines = names->lines;
    return copy;
}

/* Is the section a virtual host itself? Its lists never meet those of another,
 * where sections that merge have to have entries of their own. */
static int may_share(const cmd_parms *cmd, const void *dirv)
{
    return !cors_is_htaccess(cmd) && cmd->server->is_virtual
        && dirv == ap_get_module_config(cmd->server->lookup_defaults,
                                        &cors_module);
}

/* The section's first line of the directive. */
static const char *set_first(cmd_parms *cmd, cors_config_t *config,
                             const char *args, int is_shared)
{
    const cors_field_t *field = cmd->info;
    const cors_names_t *same = is_shared ? recall(cmd, args) : NULL;
    const cors_place_t place = cors_place_of(cmd);
    /* A comma more for each blank, of which at most half the line is made.
     * What .htaccess says is for one request, which may have no use for it. */
    const size_t room = cors_is_htaccess(cmd) ? 0 : strlen(args) * 3 / 2 + 1;
    cors_names_t *names = cors_names_make(cmd->pool, field->eq, place, room);
    const char *error;

    *cors_field_list(config, field) = &names->list;
    if (same != NULL) {
        *names = *same;
        names->list.place = place;
        return cors_commit(cmd, config);
    }
    error = add_items(cmd, config, line_of(cmd, args), add_name);
    names->lines++;
    if (error == NULL && is_shared) {
        remember(cmd, args, names);
    }
    return error;
}

const char *cors_set_names(cmd_parms *cmd, void *dirv, const char *args)
{
    const char *error = cors_refuse_limit(cmd);
    cors_config_t *config;
    cors_names_t *own;

    if (error != NULL) {
        return error;
    }
    config = cors_own(cmd, dirv);
    own = (cors_names_t *)own_list(cmd, config);
    if (own == NULL) {
        return set_first(cmd, config, args, may_share(cmd, dirv));
    }
    if (may_share(cmd, dirv) && own->lines == 1) {
        own = copy_of(cmd, own);
        *cors_field_list(config, cmd->info) = &own->list;
    }
    error = add_items(cmd, config, line_of(cmd, args), add_name);
    own->lines++;
    return error;
}
