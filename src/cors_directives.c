/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_config.h"

#include <apr_strings.h>
#include <http_core.h>

/* -------------------------------------------------- what setters share -- */

/* The message for a value that breaks a rule: a phrase such as "must be On
 * or Off", and what to write instead, if that is obvious. */
static const char *refuse(cmd_parms *cmd, const char *item, const char *rule,
                          const char *fix)
{
    if (fix != NULL && *fix) {
        return apr_psprintf(cmd->pool, "%s: '%s' %s; did you mean '%s'?",
                            cmd->cmd->name, item, rule, fix);
    }
    return apr_psprintf(cmd->pool, "%s: '%s' %s", cmd->cmd->name, item, rule);
}

/* The section's own record, made when its first directive needs it. */
static cors_config_t *own(cmd_parms *cmd, void *dirv)
{
    cors_dir_t *dir = dirv;

    if (dir->config == NULL) {
        dir->config = apr_pcalloc(cmd->pool, sizeof(*dir->config));
        dir->config->policy.max_age = 600;
        dir->config->preflight_status = HTTP_NO_CONTENT;
    }
    return dir->config;
}

static cors_place_t place_of(const cmd_parms *cmd)
{
    cors_place_t place = { cmd->directive->filename,
                           cmd->directive->line_num };

    return place;
}

/* The section's value of the directive is given now. */
static const char *commit(cmd_parms *cmd, cors_config_t *config)
{
    config->set |= cors_field_bit(cmd->cmd);
    return NULL;
}

/* The value of a word, letter case aside, or -1. */
static int value_of(const cors_word_t *words, const char *arg)
{
    for (; words->word; words++) {
        if (ap_cstr_casecmp(arg, words->word) == 0) {
            return words->value;
        }
    }
    return -1;
}

static const char *refuse_word(cmd_parms *cmd, const cors_word_t *words,
                               const char *arg)
{
    const char *rule = "must be ";

    for (; words->word; words++) {
        rule = apr_pstrcat(cmd->pool, rule, words->word,
                           words[1].word == NULL ? ""
                           : words[2].word == NULL ? " or " : ", ", NULL);
    }
    return refuse(cmd, arg, rule, NULL);
}

/* ------------------------------------------------------------- setters -- */

/* Reads one of the words that the directive's field knows. */
static const char *read_word(cmd_parms *cmd, const char *arg,
                             unsigned forbidden, int *value)
{
    const cors_field_t *field = cmd->info;
    const char *error = ap_check_cmd_context(cmd, forbidden);

    *value = value_of(field->words, arg);
    if (error == NULL && *value < 0) {
        error = refuse_word(cmd, field->words, arg);
    }
    return error;
}

/* A directive that takes one word of a few. */
static const char *set_word(cmd_parms *cmd, void *dirv, const char *arg)
{
    cors_config_t *config;
    int value;
    const char *error = read_word(cmd, arg, NOT_IN_LIMIT, &value);

    if (error != NULL) {
        return error;
    }
    config = own(cmd, dirv);
    *cors_field_number(config, cmd->info) = value;
    return commit(cmd, config);
}

/* Several words and several lines add up. */
static const char *set_tolerate(cmd_parms *cmd, void *dirv, const char *arg)
{
    cors_config_t *config;
    int value;
    const char *error = read_word(cmd, arg, NOT_IN_LIMIT | NOT_IN_HTACCESS,
                                  &value);

    if (error != NULL) {
        return error;
    }
    config = own(cmd, dirv);
    *cors_field_number(config, cmd->info) |= value;
    return commit(cmd, config);
}

static const char *set_max_age(cmd_parms *cmd, void *dirv, const char *arg)
{
    static const char rule[] = "must be off or a time from 0 to 86400 "
        "seconds in whole seconds, such as 600 or 10min";
    static const cors_word_t suffixes[] = {
        { "", 0 }, { "ms", 0 }, { "s", 0 }, { "mi", 0 }, { "min", 0 },
        { "h", 0 }, { NULL, 0 }
    };
    const char *error = ap_check_cmd_context(cmd, NOT_IN_LIMIT);
    const size_t digits = strspn(arg, "0123456789");
    apr_interval_time_t time = 0;
    cors_config_t *config;
    int age = CORS_MAX_AGE_OFF;

    if (error != NULL) {
        return error;
    }
    if (ap_cstr_casecmp(arg, "off") != 0) {
        /* httpd's parser takes signs, overflows and any tail; eight digits
         * hold the longest time in its smallest unit here. */
        if (digits == 0 || digits > 8 || value_of(suffixes, arg + digits) < 0
            || ap_timeout_parameter_parse(arg, &time, "s") != APR_SUCCESS
            || time > apr_time_from_sec(86400) || apr_time_usec(time) != 0) {
            return refuse(cmd, arg, rule, NULL);
        }
        age = (int)apr_time_sec(time);
    }
    config = own(cmd, dirv);
    config->policy.max_age = age;
    return commit(cmd, config);
}

/* ----------------------------------------------------- list directives -- */

typedef const char *(*add_item_t)(cmd_parms *cmd, cors_config_t *config,
                                  char *item, int removes);

/* The section's own list of the directive, which is still being written. */
static cors_list_t *own_list(cmd_parms *cmd, cors_config_t *config)
{
    return (cors_list_t *)*cors_field_list(config, cmd->info);
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
        return refuse(cmd, item, "must be followed by its value, without a "
                      "blank between", NULL);
    }
    if (is_none && sign) {
        return refuse(cmd, item, "must be written without a sign", "none");
    }
    /* A list without facts has no entries; if it replaces, `none` did it. */
    if (is_none ? list->facts != 0 : list->replaces && list->facts == 0) {
        return refuse(cmd, item, "must not stand in one section with 'none', "
                      "the empty list, and other values", NULL);
    }
    if (is_none) {
        list->replaces = 1;
        return NULL;
    }
    if (sign == '-' && strcmp(value, "*") == 0) {
        return refuse(cmd, item, "would remove everything", "none");
    }
    error = add(cmd, config, value, sign == '-');
    if (error == NULL && !sign) {
        list->replaces = 1;
    }
    return error;
}

/* Goes through the arguments; blanks inside one separate items too. Not
 * ITERATE, which takes an empty argument for the end of the line and would
 * lose, say, the `-` entries behind it. */
static const char *add_items(cmd_parms *cmd, cors_config_t *config,
                             const char *args, add_item_t add)
{
    const char *error = NULL;
    int n = 0;

    while (error == NULL && *args) {
        char *rest = ap_getword_conf(cmd->pool, &args);

        for (;;) {
            char *item = rest + strspn(rest, " \t\r\n");

            if (error != NULL || *item == '\0') {
                break;
            }
            rest = item + strcspn(item, " \t\r\n");
            if (*rest) {
                *rest++ = '\0';
            }
            error = add_signed(cmd, config, item, add);
            n++;
        }
    }
    if (error == NULL && n == 0) {
        return apr_pstrcat(cmd->pool, cmd->cmd->name, " takes ",
                           cmd->cmd->errmsg, NULL);
    }
    return error != NULL ? error : commit(cmd, config);
}

/* Consent given in the same section or the server, in front of what needs
 * it. What sections merged would say is not known yet; cors_decide() asks. */
static int tolerates(cmd_parms *cmd, const cors_config_t *config, int what)
{
    const cors_dir_t *server = ap_get_module_config(
        cmd->server->lookup_defaults, &cors_module);

    return (config->policy.tolerate & what) != 0
        || (server != NULL && server->config != NULL
            && (server->config->policy.tolerate & what) != 0);
}

static const char *add_origin(cmd_parms *cmd, cors_config_t *config,
                              char *item, int removes)
{
    cors_pattern_t pattern;
    cors_reading_t reading;

    if (!cors_pattern_parse(cors_str(item), &pattern, &reading)) {
        return refuse(cmd, item, reading.rule, reading.text);
    }
    if ((pattern.facts & CORS_PATTERN_REGISTRABLE) != 0 && !removes
        && !tolerates(cmd, config, CORS_TOLERATE_PUBLIC_SUFFIX)) {
        return refuse(cmd, item, "must not have '*' in a label that anybody "
                      "can register; put '*.' in front of the whole domain, "
                      "or 'CorsTolerate public-suffix' in front of this line",
                      NULL);
    }
    if (strcmp(item, reading.text) != 0) {
        cors_config_note(cmd, item, reading.text);
        item = apr_pstrmemdup(cmd->pool, reading.text, pattern.n);
    }
    pattern.text = item;
    cors_origins_add(cmd->pool, (cors_origins_t *)own_list(cmd, config),
                     &pattern, place_of(cmd), removes);
    return NULL;
}

static const char *add_origins(cmd_parms *cmd, void *dirv, const char *args)
{
    const char *error = ap_check_cmd_context(cmd, NOT_IN_LIMIT);
    cors_config_t *config;

    if (error != NULL) {
        return error;
    }
    config = own(cmd, dirv);
    if (own_list(cmd, config) == NULL) {
        *cors_field_list(config, cmd->info) =
            &cors_origins_make(cmd->pool, place_of(cmd))->list;
    }
    return add_items(cmd, config, args, add_origin);
}

#define SEPARATE "; separate several with blanks"

/* A judge looks at an item of its list: it may mend the name, refines the
 * facts, and returns the rule that is broken, or NULL. */

static const char *judge_method(cmd_parms *cmd, const char *item,
                                cors_str_t *name, unsigned *facts)
{
    const char *right = NULL;

    if (*facts == CORS_NAME_ANY) {
        return NULL;
    }
    if (memchr(name->p, '*', name->n) != NULL) {
        return refuse(cmd, item, "must be a method or '*'; methods have no "
                      "prefixes", NULL);
    }
    switch (cors_method_kind(*name, &right)) {
    case CORS_METHOD_NORMALISED:
        cors_config_note(cmd, item, right);
        *name = cors_str(right);
        return NULL;
    case CORS_METHOD_MISSPELT:
        return refuse(cmd, item, "must be written as it is registered: "
                      "methods are case-sensitive", right);
    case CORS_METHOD_FORBIDDEN:
        return refuse(cmd, item, "must not be listed: no page can use this "
                      "method", NULL);
    case CORS_METHOD_NO_TOKEN:
        return refuse(cmd, item, "must be a method such as PUT" SEPARATE,
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
        return refuse(cmd, item, "must be a header name such as X-Request-Id"
                      SEPARATE, NULL);
    }
    if (memchr(name->p, '*', name->n) != NULL) {
        return refuse(cmd, item, "must not have '*' but at the end, where it "
                      "makes a prefix", NULL);
    }
    return NULL;
}

static const char *judge_request_header(cmd_parms *cmd, const char *item,
                                        cors_str_t *name, unsigned *facts)
{
    const char *error = judge_name(cmd, item, name, facts);

    if (error == NULL && (*facts == CORS_NAME_PREFIX
                          ? cors_is_forbidden_request_prefix(*name)
                          : cors_is_forbidden_request_header(*name))) {
        return refuse(cmd, item, "must not be listed: no page can set this "
                      "header, and browsers send it unasked", NULL);
    }
    if (error == NULL && cors_is_response_only_header(*name)) {
        return refuse(cmd, item, "must be a request header: only servers "
                      "send this one", NULL);
    }
    return error;
}

static const char *judge_response_header(cmd_parms *cmd, const char *item,
                                         cors_str_t *name, unsigned *facts)
{
    const char *error = judge_name(cmd, item, name, facts);

    if (error == NULL && cors_is_forbidden_response_header(*name)) {
        return refuse(cmd, item, "must not be listed: no page can read this "
                      "header", NULL);
    }
    if (error == NULL && *facts == CORS_NAME_LITERAL
        && cors_is_request_only_header(*name)) {
        return refuse(cmd, item, "must be a response header: only browsers "
                      "send this one", NULL);
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

static const char *add_names(cmd_parms *cmd, void *dirv, const char *args)
{
    const char *error = ap_check_cmd_context(cmd, NOT_IN_LIMIT);
    const cors_field_t *field = cmd->info;
    cors_config_t *config;

    if (error != NULL) {
        return error;
    }
    config = own(cmd, dirv);
    if (own_list(cmd, config) == NULL) {
        *cors_field_list(config, field) =
            &cors_names_make(cmd->pool, field->eq, place_of(cmd))->list;
    }
    return add_items(cmd, config, args, add_name);
}

/* ----------------------------------------------------------- THE table -- */

static const cors_word_t off_on[] = { { "Off", 0 }, { "On", 1 }, { NULL, 0 } };

static const cors_word_t engines[] = {
    { "On", CORS_ENGINE_ON }, { "Off", CORS_ENGINE_OFF },
    { "ReportOnly", CORS_ENGINE_REPORT_ONLY }, { NULL, 0 }
};

static const cors_word_t tolerable[] = {
    { "null-credentials", CORS_TOLERATE_NULL },
    { "insecure-origin", CORS_TOLERATE_INSECURE },
    { "public-suffix", CORS_TOLERATE_PUBLIC_SUFFIX }, { NULL, 0 }
};

static const cors_word_t preflights[] = {
    { "Answer", 0 }, { "Pass", 1 }, { NULL, 0 }
};

static const cors_word_t statuses[] = {
    { "200", HTTP_OK }, { "204", HTTP_NO_CONTENT }, { NULL, 0 }
};

static const cors_word_t backends[] = {
    { "Replace", 0 }, { "Keep", 1 }, { NULL, 0 }
};

#define WORD(member, words) \
    (void *)&(const cors_field_t){ \
        offsetof(cors_config_t, member), words, NULL, NULL, 0 }
#define LIST(member, judge, eq) \
    (void *)&(const cors_field_t){ \
        offsetof(cors_config_t, policy.member), NULL, judge, eq, 1 }

const command_rec cors_commands[] = {
    AP_INIT_TAKE1("CorsEngine", set_word, WORD(engine, engines), OR_FILEINFO,
        "On, Off, or ReportOnly to decide and log without any effect "
        "(default On)"),
    AP_INIT_RAW_ARGS("CorsAllowOrigin", add_origins,
        LIST(origins, NULL, NULL), OR_FILEINFO,
        "one or more origins such as https://app.example.com or "
        "https://*.example.com, or * or none; +item and -item extend what is "
        "inherited"),
    AP_INIT_RAW_ARGS("CorsAllowMethods", add_names,
        LIST(methods, judge_method, cors_str_eq), OR_FILEINFO,
        "one or more methods, or * or none; +method and -method extend what "
        "is inherited (default GET HEAD POST)"),
    AP_INIT_RAW_ARGS("CorsAllowHeaders", add_names,
        LIST(headers, judge_request_header, cors_str_ieq), OR_FILEINFO,
        "one or more request header names or prefixes such as X-Acme-*, or * "
        "or none; +name and -name extend what is inherited (default none)"),
    AP_INIT_RAW_ARGS("CorsExposeHeaders", add_names,
        LIST(expose, judge_response_header, cors_str_ieq), OR_FILEINFO,
        "one or more response header names or prefixes such as X-Acme-*, or "
        "* or none; +name and -name extend what is inherited (default none)"),
    AP_INIT_TAKE1("CorsAllowCredentials", set_word,
        WORD(policy.credentials, off_on), OR_FILEINFO,
        "On or Off (default Off)"),
    AP_INIT_ITERATE("CorsTolerate", set_tolerate,
        WORD(policy.tolerate, tolerable), RSRC_CONF | ACCESS_CONF,
        "one or more of null-credentials, insecure-origin and public-suffix"),
    AP_INIT_TAKE1("CorsMaxAge", set_max_age, WORD(policy.max_age, NULL),
        OR_FILEINFO,
        "a time from 0 to 86400 seconds, such as 600 or 10min, or off "
        "(default 600)"),
    AP_INIT_TAKE1("CorsPreflight", set_word,
        WORD(preflight_passes, preflights), OR_FILEINFO,
        "Answer, or Pass to let preflights go their way (default Answer)"),
    AP_INIT_TAKE1("CorsPreflightStatus", set_word,
        WORD(preflight_status, statuses), OR_FILEINFO,
        "200 or 204 (default 204)"),
    AP_INIT_TAKE1("CorsBackendHeaders", set_word,
        WORD(backend_keeps, backends), OR_FILEINFO,
        "Replace, or Keep to let a response that brings its own "
        "Access-Control-Allow-Origin keep it (default Replace)"),
    { NULL, { NULL }, NULL, 0, RAW_ARGS, NULL }
};
