/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_setter.h"

#include <apr_strings.h>

typedef const char *(*add_item_t)(cmd_parms *cmd, cors_config_t *config,
                                  char *item, int removes);

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
        : origins->grants.first == NULL && origins->removes.first == NULL;
}

/* Reads the sign of an item and `none`, which mean the same in every list,
 * and has the rest added. */
static const char *add_signed(cmd_parms *cmd, cors_config_t *config,
                              char *item, add_item_t add)
{
    cors_list_t *list = own_list(cmd, config);
    const char sign = *item == '+' || *item == '-' ? *item : '\0';
    char *value = sign ? item + 1 : item;
    const int is_none = ap_cstr_casecmp(value, "none") == 0;
    const char *error;

    if (sign && *value == '\0') {
        return cors_refuse(cmd, item, "must be followed by its value, without "
                           "a blank between", NULL);
    }
    if (is_none && sign) {
        return cors_refuse(cmd, item, "must be written without a sign",
                           "none");
    }
    /* If an empty list replaces, `none` did it. */
    if (is_none ? !is_empty(cmd, list) : list->replaces
                                         && is_empty(cmd, list)) {
        return cors_refuse(cmd, item, "must not stand in one section with "
                           "'none', the empty list, and other values", NULL);
    }
    if (is_none) {
        list->replaces = 1;
        return NULL;
    }
    if (sign == '-' && strcmp(value, "*") == 0) {
        return cors_refuse(cmd, item, "would remove everything", "none");
    }
    error = add(cmd, config, value, sign == '-');
    if (error == NULL && !sign) {
        list->replaces = 1;
    }
    return error;
}

/* The items of a line; blanks inside an argument separate items too. */
static apr_array_header_t *split(cmd_parms *cmd, const char *args)
{
    apr_array_header_t *items = apr_array_make(cmd->temp_pool, 8,
                                               sizeof(char *));
    const char *arg;

    while ((arg = cors_next_argument(cmd, &args)) != NULL) {
        char *rest = (char *)arg;

        for (;;) {
            char *item = rest + strspn(rest, " \t\r\n");

            if (*item == '\0') {
                break;
            }
            rest = item + strcspn(item, " \t\r\n");
            if (*rest) {
                *rest++ = '\0';
            }
            APR_ARRAY_PUSH(items, char *) = item;
        }
    }
    return items;
}

static const char *add_items(cmd_parms *cmd, cors_config_t *config,
                             const apr_array_header_t *items, add_item_t add)
{
    const char *error = NULL;
    int i;

    if (items->nelts == 0) {
        return cors_refuse_empty(cmd);
    }
    for (i = 0; error == NULL && i < items->nelts; i++) {
        error = add_signed(cmd, config, APR_ARRAY_IDX(items, i, char *), add);
    }
    return error != NULL ? error : cors_commit(cmd, config);
}

/* ------------------------------------------------------------- origins -- */

/* The powers that these items need in .htaccess. What narrows needs none. */
static int powers_for(const apr_array_header_t *items)
{
    int i, powers = 0;

    for (i = 0; i < items->nelts; i++) {
        const char *item = APR_ARRAY_IDX(items, i, char *);

        if (*item == '-' || ap_cstr_casecmp(item, "none") == 0) {
            continue;
        }
        if (*item == '+') {
            item++;
        }
        powers |= strcmp(item, "*") == 0 ? CORS_POWER_ANY
            : strcmp(item, "null") == 0 ? CORS_POWER_NULL
            : CORS_POWER_ORIGINS;
    }
    return powers;
}

static const char *add_origin(cmd_parms *cmd, cors_config_t *config,
                              char *item, int removes)
{
    cors_pattern_t pattern;
    cors_reading_t reading;

    if (!cors_pattern_parse(cors_str(item), cors_server_suffixes(), &pattern,
                            &reading)) {
        return cors_refuse(cmd, item, reading.rule, reading.text);
    }
    if (strcmp(item, reading.text) != 0) {
        cors_config_note(cmd, item, reading.text);
        item = apr_pstrmemdup(cmd->pool, reading.text, pattern.n);
    }
    pattern.text = item;
    cors_origins_add(cmd->pool, (cors_origins_t *)own_list(cmd, config),
                     &pattern, cors_place_of(cmd), removes);
    return NULL;
}

const char *cors_set_origins(cmd_parms *cmd, void *dirv, const char *args)
{
    const char *error = ap_check_cmd_context(cmd, NOT_IN_LIMIT);
    const apr_array_header_t *items;
    cors_config_t *config;
    const char *lacks;

    if (error != NULL) {
        return error;
    }
    items = split(cmd, args);
    lacks = cors_server_lacks(cmd, powers_for(items));
    if (lacks != NULL) {
        return cors_refuse_power(cmd, lacks);
    }
    config = cors_own(cmd, dirv);
    cors_own_origins(cmd, config);
    return add_items(cmd, config, items, add_origin);
}

/* --------------------------------------------------------------- names -- */

#define SEPARATE "; separate several with blanks"

/* A judge looks at an item of its list: it may mend the name, refines the
 * facts, and returns the rule that is broken, or NULL. */

const char *cors_judge_method(cmd_parms *cmd, const char *item,
                              cors_str_t *name, unsigned *facts)
{
    const char *right = NULL;

    if (*facts == CORS_NAME_ANY) {
        return NULL;
    }
    if (memchr(name->p, '*', name->n) != NULL) {
        return cors_refuse(cmd, item, "must be a method or '*'; methods have "
                           "no prefixes", NULL);
    }
    switch (cors_method_kind(*name, &right)) {
    case CORS_METHOD_NORMALISED:
        cors_config_note(cmd, item, right);
        *name = cors_str(right);
        return NULL;
    case CORS_METHOD_MISSPELT:
        return cors_refuse(cmd, item, "must be written as it is registered: "
                           "methods are case-sensitive", right);
    case CORS_METHOD_FORBIDDEN:
        return cors_refuse(cmd, item, "must not be listed: no page can use "
                           "this method", NULL);
    case CORS_METHOD_NO_TOKEN:
        return cors_refuse(cmd, item, "must be a method such as PUT" SEPARATE,
                           NULL);
    default:
        return NULL;
    }
}

/* What names of request and response headers have in common. */
static const char *judge_name(cmd_parms *cmd, const char *item,
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
        return cors_refuse(cmd, item, "must be a header name such as "
                           "X-Request-Id" SEPARATE, NULL);
    }
    if (memchr(name->p, '*', name->n) != NULL) {
        return cors_refuse(cmd, item, "must not have '*' but at the end, "
                           "where it makes a prefix", NULL);
    }
    return NULL;
}

const char *cors_judge_request_header(cmd_parms *cmd, const char *item,
                                      cors_str_t *name, unsigned *facts)
{
    const char *error = judge_name(cmd, item, name, facts);

    if (error == NULL && (*facts == CORS_NAME_PREFIX
                          ? cors_is_forbidden_request_prefix(*name)
                          : cors_is_forbidden_request_header(*name))) {
        return cors_refuse(cmd, item, "must not be listed: no page can set "
                           "this header, and browsers send it unasked", NULL);
    }
    if (error == NULL && cors_is_response_only_header(*name)) {
        return cors_refuse(cmd, item, "must be a request header: only "
                           "servers send this one", NULL);
    }
    return error;
}

const char *cors_judge_response_header(cmd_parms *cmd, const char *item,
                                       cors_str_t *name, unsigned *facts)
{
    const char *error = judge_name(cmd, item, name, facts);

    if (error == NULL && cors_is_forbidden_response_header(*name)) {
        return cors_refuse(cmd, item, "must not be listed: no page can read "
                           "this header", NULL);
    }
    if (error == NULL && *facts == CORS_NAME_LITERAL
        && cors_is_request_only_header(*name)) {
        return cors_refuse(cmd, item, "must be a response header: only "
                           "browsers send this one", NULL);
    }
    return error;
}

static const char *add_name(cmd_parms *cmd, cors_config_t *config, char *item,
                            int removes)
{
    const cors_field_t *field = cmd->info;
    cors_str_t name = cors_str(item);
    unsigned facts = strcmp(item, "*") == 0 ? CORS_NAME_ANY
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

const char *cors_set_names(cmd_parms *cmd, void *dirv, const char *args)
{
    const char *error = ap_check_cmd_context(cmd, NOT_IN_LIMIT);
    const cors_field_t *field = cmd->info;
    cors_config_t *config;

    if (error != NULL) {
        return error;
    }
    config = cors_own(cmd, dirv);
    if (own_list(cmd, config) == NULL) {
        *cors_field_list(config, field) =
            &cors_names_make(cmd->pool, field->eq, cors_place_of(cmd))->list;
    }
    return add_items(cmd, config, split(cmd, args), add_name);
}
