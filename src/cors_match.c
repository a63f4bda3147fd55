/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/* CorsAllowOriginMatch: regular expressions, and what the lint says. */
#include "cors_lint.h"
#include "cors_setter.h"

#include <apr_strings.h>

/* What an expression says about an origin: 1, 0, or -1 where matching was
 * given up. Anchors around it make it try for a match of the whole; one that
 * leaves early, as (*ACCEPT) does, is none. */
static int match(const ap_regex_t *regex, cors_str_t origin)
{
    ap_regmatch_t whole[1];
    int rv = ap_regexec_len(regex, origin.p, origin.n, 1, whole, 0);

    if (rv != 0) {
        return rv == AP_REG_NOMATCH ? 0 : -1;
    }
    return whole[0].rm_so == 0 && (size_t)whole[0].rm_eo == origin.n;
}

static const cors_entry_t *covers(const cors_source_t *source,
                                  const cors_question_t *question)
{
    return match(source->what, question->origin->text) == 1 ? &source->entry
                                                            : NULL;
}

static int ask(cors_str_t origin, void *context)
{
    return match(context, origin);
}

/* How long PCRE may go on about one origin, in its own steps: well above what
 * an expression for 328 bytes takes, and so little that nobody can keep a
 * server busy with an expression that backtracks without end. */
#define LIMIT "(*LIMIT_MATCH=100000)"

/* Compiles the expression, to be matched against the whole. Returns the rule
 * that it breaks, or NULL. It has to be one on its own, or "a)|(?:b" would get
 * past the anchors. */
static const char *compile(cmd_parms *cmd, const char *text,
                           ap_regex_t **regex)
{
    if (*text == '\0'
        || ap_pregcomp(cmd->temp_pool, text, AP_REG_EXTENDED) == NULL) {
        return "must be a regular expression";
    }
    *regex = ap_pregcomp(cmd->pool,
                         apr_pstrcat(cmd->pool, LIMIT "\\A(?:", text, ")\\z",
                                     NULL),
                         AP_REG_EXTENDED);
    return *regex != NULL ? NULL
        : "must not end inside a comment or a \\Q, nor begin with an option "
          "of PCRE's own: anchors are put around it";
}

/* Has the lint try it, and notes what it finds. */
static void judge(cmd_parms *cmd, cors_source_t *source, ap_regex_t *regex)
{
    cors_lint_t lint;

    switch (cors_lint(source->entry.pattern.text, cors_server_suffixes(), ask,
                      regex, &lint)) {
    case CORS_LINT_LOOSE:
        source->flaw = apr_psprintf(cmd->pool, "accepts '%s' (%s), which may "
                                    "be a stranger's", lint.origin,
                                    lint.trial);
        break;
    case CORS_LINT_DEAD:
        source->flaw = "accepts no origin that can be built from it, from the "
                       "scheme to the end of the host or port";
        break;
    case CORS_LINT_SLOW:
        source->flaw = apr_psprintf(cmd->pool, "takes too long to refuse '%s'",
                                    lint.origin);
        break;
    case CORS_LINT_GOOD:
        source->flaw = lint.is_partial
            ? "is too large or too intricate to be tried in full" : NULL;
        break;
    }
    if (source->flaw != NULL) {
        source->entry.pattern.facts |= CORS_ENTRY_LOOSE;
    }
    if (*lint.insecure) {
        source->entry.pattern.facts |= CORS_ENTRY_HTTP_TOO;
    }
}

static const char *add(cmd_parms *cmd, cors_origins_t *origins,
                       const char *text)
{
    cors_source_t *source = apr_pcalloc(cmd->pool, sizeof(*source));
    ap_regex_t *regex;
    const char *rule = compile(cmd, text, &regex);

    if (rule != NULL) {
        return cors_refuse(cmd, text, rule, NULL);
    }
    source->entry.pattern.text = text;
    source->entry.pattern.facts = CORS_ENTRY_MATCH;
    source->entry.place = cors_place_of(cmd);
    source->covers = covers;
    source->what = regex;
    judge(cmd, source, regex);
    cors_origins_add_source(origins, source);
    return NULL;
}

const char *cors_set_match(cmd_parms *cmd, void *dirv, const char *args)
{
    const char *error = cors_refuse_limit(cmd);
    const char *lacks = cors_server_lacks(cmd, CORS_POWER_MATCH);
    cors_config_t *config;
    const char *text;

    if (error != NULL) {
        return error;
    }
    if (lacks != NULL) {
        return cors_refuse_power(cmd, lacks);
    }
    if (*args == '\0') {
        return cors_refuse_empty(cmd);
    }
    config = cors_own(cmd, dirv);
    while (error == NULL && (text = cors_next_argument(cmd, &args)) != NULL) {
        error = add(cmd, cors_own_origins(cmd, config), text);
    }
    return error != NULL ? error : cors_commit(cmd, config);
}
