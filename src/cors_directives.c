/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_setter.h"

#include <http_core.h>

/* ------------------------------------------------------------- setters -- */

/* Reads one of the words that the directive's field knows. */
static const char *read_word(cmd_parms *cmd, const char *arg,
                             unsigned forbidden, const cors_word_t **word)
{
    const cors_field_t *field = cmd->info;
    const char *error = ap_check_cmd_context(cmd, forbidden);

    *word = cors_word_find(field->words, arg);
    if (error == NULL && *word == NULL) {
        error = cors_refuse_word(cmd, field->words, arg);
    }
    return error;
}

/* A directive that takes one word of a few. */
static const char *set_word(cmd_parms *cmd, void *dirv, const char *arg)
{
    const cors_word_t *word;
    const char *error = read_word(cmd, arg, NOT_IN_LIMIT, &word);
    const char *lacks;
    cors_config_t *config;

    if (error != NULL) {
        return error;
    }
    lacks = cors_server_lacks(cmd, word->power);
    if (lacks != NULL) {
        return cors_refuse_power(cmd, lacks);
    }
    config = cors_own(cmd, dirv);
    *cors_field_number(config, cmd->info) = word->value;
    return cors_commit(cmd, config);
}

/* Several words and several lines add up. */
static const char *set_tolerate(cmd_parms *cmd, void *dirv, const char *arg)
{
    const cors_word_t *word;
    const char *error = read_word(cmd, arg, NOT_IN_LIMIT | NOT_IN_HTACCESS,
                                  &word);
    cors_config_t *config;

    if (error != NULL) {
        return error;
    }
    config = cors_own(cmd, dirv);
    *cors_field_number(config, cmd->info) |= word->value;
    return cors_commit_bits(cmd, config, word->value);
}

static const char *set_max_age(cmd_parms *cmd, void *dirv, const char *arg)
{
    static const char rule[] = "must be off or a time from 0 to 86400 "
        "seconds in whole seconds, such as 600 or 10min";
    static const cors_word_t suffixes[] = {
        { "", 0, 0 }, { "ms", 0, 0 }, { "s", 0, 0 }, { "mi", 0, 0 },
        { "min", 0, 0 }, { "h", 0, 0 }, { NULL, 0, 0 }
    };
    const char *error = cors_refuse_limit(cmd);
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
        if (digits == 0 || digits > 8
            || cors_word_find(suffixes, arg + digits) == NULL
            || ap_timeout_parameter_parse(arg, &time, "s") != APR_SUCCESS
            || time > apr_time_from_sec(86400) || apr_time_usec(time) != 0) {
            return cors_refuse(cmd, arg, rule, NULL);
        }
        age = (int)apr_time_sec(time);
    }
    config = cors_own(cmd, dirv);
    config->policy.max_age = age;
    return cors_commit(cmd, config);
}

/* ----------------------------------------------------------- THE table -- */

static const cors_word_t off_on[] = {
    { "Off", 0, 0 }, { "On", 1, 0 }, { NULL, 0, 0 }
};

static const cors_word_t on_off[] = {
    { "On", 0, 0 }, { "Off", 1, 0 }, { NULL, 0, 0 }
};

static const cors_word_t engines[] = {
    { "On", CORS_ENGINE_ON, 0 }, { "Off", CORS_ENGINE_OFF, 0 },
    { "ReportOnly", CORS_ENGINE_REPORT_ONLY, 0 }, { NULL, 0, 0 }
};

static const cors_word_t credentials[] = {
    { "Off", 0, 0 }, { "On", 1, CORS_POWER_CREDENTIALS }, { NULL, 0, 0 }
};

static const cors_word_t tolerable[] = {
    { "null-credentials", CORS_TOLERATE_NULL, 0 },
    { "insecure-origin", CORS_TOLERATE_INSECURE, 0 },
    { "public-suffix", CORS_TOLERATE_PUBLIC_SUFFIX, 0 },
    { "loose-match", CORS_TOLERATE_LOOSE, 0 }, { NULL, 0, 0 }
};

static const cors_word_t preflights[] = {
    { "Answer", 0, 0 }, { "Pass", 1, 0 }, { NULL, 0, 0 }
};

static const cors_word_t statuses[] = {
    { "200", HTTP_OK, 0 }, { "204", HTTP_NO_CONTENT, 0 }, { NULL, 0, 0 }
};

static const cors_word_t backends[] = {
    { "Replace", 0, 0 }, { "Keep", 1, 0 }, { NULL, 0, 0 }
};

static const cors_word_t gates[] = {
    { "Off", 0, CORS_POWER_GATE }, { "On", 1, CORS_POWER_GATE },
    { NULL, 0, 0 }
};

static const cors_word_t resource_policies[] = {
    { "same-origin", CORS_RESOURCE_SAME_ORIGIN, 0 },
    { "same-site", CORS_RESOURCE_SAME_SITE, 0 },
    { "cross-origin", CORS_RESOURCE_CROSS_ORIGIN, 0 },
    { "none", CORS_RESOURCE_NONE, 0 }, { NULL, 0, 0 }
};

#define FIELD(member, words, is_in_policy) \
    (void *)&(const cors_field_t){ \
        offsetof(cors_config_t, member), words, NULL, NULL, 0, is_in_policy }
#define LIST(member, judge, eq) \
    (void *)&(const cors_field_t){ \
        offsetof(cors_config_t, policy.member), NULL, judge, eq, 1, 1 }
#define WORD(member, words) FIELD(member, words, 0)
#define POLICY(member, words) FIELD(member, words, 1)

const command_rec cors_commands[] = {
    AP_INIT_TAKE1("CorsEngine", set_word, WORD(engine, engines), OR_FILEINFO,
        "On, Off, or ReportOnly to decide and log without any effect "
        "(default On)"),
    AP_INIT_RAW_ARGS("CorsAllowOrigin", cors_set_origins,
        LIST(origins, NULL, NULL), OR_FILEINFO,
        "one or more origins such as https://app.example.com or "
        "https://*.example.com, or same-site, * or none; +item and -item "
        "extend what is inherited"),
    AP_INIT_RAW_ARGS("CorsAllowOriginMatch", cors_set_match,
        LIST(origins, NULL, NULL), OR_FILEINFO,
        "one or more regular expressions for whole origins, such as "
        "https://[a-z]+-preview\\.example\\.com"),
    AP_INIT_TAKE1("CorsAllowOriginExpr", cors_set_expr,
        LIST(origins, NULL, NULL), OR_FILEINFO,
        "a condition that is true for requests of allowed origins"),
    AP_INIT_RAW_ARGS("CorsAllowOriginSource", cors_set_source,
        LIST(origins, NULL, NULL), RSRC_CONF | ACCESS_CONF,
        "one or more sources such as file:conf/origins.txt, dbm:path or "
        "dbd:label"),
    AP_INIT_RAW_ARGS("CorsUsePolicy", cors_set_use, NULL, OR_FILEINFO,
        "one or more names of <CorsPolicy> sections; the first one that "
        "allows the origin decides"),
    AP_INIT_RAW_ARGS("CorsAllowMethods", cors_set_names,
        LIST(methods, cors_judge_method, cors_str_eq), OR_FILEINFO,
        "one or more methods, or * or none; +method and -method extend what "
        "is inherited (default GET HEAD POST)"),
    AP_INIT_RAW_ARGS("CorsAllowHeaders", cors_set_names,
        LIST(headers, cors_judge_request_header, cors_str_ieq), OR_FILEINFO,
        "one or more request header names or prefixes such as X-Acme-*, or * "
        "or none; +name and -name extend what is inherited (default none)"),
    AP_INIT_RAW_ARGS("CorsExposeHeaders", cors_set_names,
        LIST(expose, cors_judge_response_header, cors_str_ieq), OR_FILEINFO,
        "one or more response header names or prefixes such as X-Acme-*, or "
        "* or none; +name and -name extend what is inherited (default none)"),
    AP_INIT_TAKE1("CorsAllowCredentials", set_word,
        POLICY(policy.credentials, credentials), OR_FILEINFO,
        "On or Off (default Off)"),
    AP_INIT_ITERATE("CorsTolerate", set_tolerate,
        POLICY(policy.tolerate, tolerable), RSRC_CONF | ACCESS_CONF,
        "one or more of null-credentials, insecure-origin, public-suffix and "
        "loose-match"),
    AP_INIT_TAKE1("CorsMaxAge", set_max_age, POLICY(policy.max_age, NULL),
        OR_FILEINFO,
        "a time from 0 to 86400 seconds, such as 600 or 10min, or off "
        "(default 600)"),
    AP_INIT_TAKE1("CorsPreflight", set_word,
        POLICY(preflight_passes, preflights), OR_FILEINFO,
        "Answer, or Pass to let preflights go their way (default Answer)"),
    AP_INIT_TAKE1("CorsPreflightStatus", set_word,
        POLICY(preflight_status, statuses), OR_FILEINFO,
        "200 or 204 (default 204)"),
    AP_INIT_TAKE1("CorsBackendHeaders", set_word,
        WORD(backend_keeps, backends), OR_FILEINFO,
        "Replace, or Keep to let a response that brings its own "
        "Access-Control-Allow-Origin keep it (default Replace)"),
    AP_INIT_TAKE1("CorsForwardOrigin", set_word, WORD(hides_origin, on_off),
        OR_FILEINFO,
        "On, or Off to keep the Origin header from backends (default On)"),
    AP_INIT_TAKE1("CorsRejectUnlisted", set_word, WORD(policy.rejects, gates),
        OR_FILEINFO,
        "On to answer requests of origins that are not allowed with 403, or "
        "Off (default Off)"),
    AP_INIT_TAKE1("CorsTimingAllowOrigin", set_word, WORD(times, off_on),
        OR_FILEINFO,
        "On to let allowed origins read resource timing, or Off (default "
        "Off)"),
    AP_INIT_TAKE1("CorsResourcePolicy", set_word,
        WORD(resource_policy, resource_policies), OR_FILEINFO,
        "same-origin, same-site or cross-origin for the header "
        "Cross-Origin-Resource-Policy, or none (default none)"),
    AP_INIT_TAKE1("CorsAllowPrivateNetwork", set_word,
        WORD(private_network, off_on), OR_FILEINFO,
        "On to answer the discontinued question for private networks in "
        "preflights, or Off (default Off)"),
    AP_INIT_RAW_ARGS("<CorsPolicy", cors_set_policy, NULL, RSRC_CONF,
        "a name for the directives inside, which CorsUsePolicy puts in force"),
    AP_INIT_RAW_ARGS("CorsHtaccess", cors_set_powers, NULL, RSRC_CONF,
        "All, None, or one or more of origins, any-origin, null, credentials, "
        "match, expr and gate: what .htaccess may do (default origins "
        "any-origin credentials)"),
    AP_INIT_TAKE12("CorsSourceCache", cors_set_source_cache, NULL, RSRC_CONF,
        "a cache such as shmcb or redis:localhost:6379, and how long it keeps "
        "an answer (default shmcb 60)"),
    AP_INIT_TAKE1("CorsSourceTimeout", cors_set_source_timeout, NULL,
        RSRC_CONF,
        "how long a request waits for origin sources, from 100ms to 60 "
        "seconds (default 2)"),
    AP_INIT_TAKE1("CorsStatistics", cors_set_statistics, NULL, RSRC_CONF,
        "On to count decisions for the page of mod_status, or Off (default "
        "Off)"),
    AP_INIT_TAKE1("CorsPublicSuffixFile", cors_set_suffix_file, NULL,
        RSRC_CONF,
        "a Public Suffix List to be used in place of the system's"),
    { NULL, { NULL }, NULL, 0, RAW_ARGS, NULL }
};
