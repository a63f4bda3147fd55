/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file compiled.h
 * Expressions of CorsAllowOriginMatch, compiled by PCRE2 as by httpd, and what
 * has to hold of the lint's verdict about any of them.
 */
#ifndef COMPILED_H
#define COMPILED_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>

#include "cors_lint.h"

/* The longest expression here, in bytes. */
#define REGEX_MAX 70000

/* An expression as httpd has it, and what the lint asked about it. */
typedef struct compiled_t {
    pcre2_code *code;
    int asks;
    int odd;                    /* questions that must not be asked */
} compiled_t;

/* Always against the whole; PCRE2's options are httpd's default ones. */
static inline int compile(const char *regex, compiled_t *compiled)
{
    static char text[REGEX_MAX + 32];
    int error;
    size_t where;

    compiled->asks = compiled->odd = 0;
    snprintf(text, sizeof(text), "(*LIMIT_MATCH=100000)\\A(?:%s)\\z", regex);
    compiled->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
                                   PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY,
                                   &error, &where, NULL);
    return compiled->code != NULL;
}

static inline int match(cors_str_t origin, const compiled_t *compiled)
{
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    const int rc = pcre2_match(compiled->code, (PCRE2_SPTR)origin.p, origin.n,
                               0, 0, data, NULL);
    const size_t *whole = pcre2_get_ovector_pointer(data);
    const int matches = rc >= 0 && whole[0] == 0 && whole[1] == origin.n;

    pcre2_match_data_free(data);
    return rc < 0 && rc != PCRE2_ERROR_NOMATCH ? -1 : matches;
}

static inline int ask(cors_str_t text, void *context)
{
    compiled_t *compiled = context;
    cors_origin_t origin;

    compiled->asks++;
    compiled->odd += !cors_origin_parse(text, &origin)
        || cors_origin_is_null(&origin) || text.p[text.n] != '\0';
    return match(text, compiled);
}

/* Is the text an origin that the expression accepts? */
static inline int accepts(const compiled_t *compiled, const char *text)
{
    cors_origin_t origin;

    return cors_origin_parse(cors_str(text), &origin)
        && match(cors_str(text), compiled) == 1;
}

/* What must hold whatever the expression. */
static inline int is_sane(const compiled_t *compiled,
                          cors_lint_verdict_t verdict,
                          const cors_lint_t *lint)
{
    const int is_loose = verdict == CORS_LINT_LOOSE;
    cors_origin_t origin;

    return compiled->asks <= CORS_LINT_ASKS_MAX && compiled->odd == 0
        && (lint->trial != NULL) == is_loose
        && (lint->origin[0] != '\0')
            == (is_loose || verdict == CORS_LINT_SLOW)
        && (!is_loose || accepts(compiled, lint->origin))
        && (verdict != CORS_LINT_SLOW
            || match(cors_str(lint->origin), compiled) < 0)
        && (lint->insecure[0] == '\0'
            || (accepts(compiled, lint->insecure)
                && cors_origin_parse(cors_str(lint->insecure), &origin)
                && cors_origin_is_insecure(&origin)));
}

#endif /* COMPILED_H */
