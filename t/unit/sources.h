/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file sources.h
 * Origin sources that need no httpd: `*` in their text stands for any bytes,
 * and they take down how they are asked.
 *
 * What is known about a source stands behind a `!` at the end of its text:
 * `!loose`, `!http` or `!strangers`.
 */
#ifndef SOURCES_H
#define SOURCES_H

#include <apr_strings.h>

#include "cors_origins.h"
#include "tap.h"

/** The texts of the sources that were asked, a blank behind each; too many are
 * cut. Whoever reads it empties it first. */
static char sources_asked[256];

/** What the last one was asked. */
static cors_question_t sources_question;

/** Does the text cover this, each `*` any bytes or none? */
static inline int glob(const char *text, const char *bytes, size_t n)
{
    for (; *text != '*'; text++, bytes++, n--) {
        if (*text == '\0' || n == 0) {
            return *text == '\0' && n == 0;
        }
        if (*text != *bytes) {
            return 0;
        }
    }
    while (!glob(text + 1, bytes, n)) {
        if (n == 0) {
            return 0;
        }
        bytes++;
        n--;
    }
    return 1;
}

static inline int source_covers(const cors_source_t *source,
                                const cors_question_t *question)
{
    const char *text = source->entry.pattern.text;
    const cors_str_t origin = question->origin->text;
    const size_t n = strlen(sources_asked);

    if (n + strlen(text) + 2 < sizeof(sources_asked)) {
        sprintf(sources_asked + n, "%s ", text);
    }
    sources_question = *question;
    return glob(text, origin.p, origin.n)
        && (source->what == NULL
            || (question->skip & CORS_ENTRY_STRANGERS) == 0);
}

/** Adds a source of the directive, one of CORS_ENTRY_SOURCES, to a section's
 * own origins. */
static inline void add_source(apr_pool_t *pool, cors_origins_t *origins,
                              cors_str_t word, unsigned directive)
{
    char *text = apr_pstrmemdup(pool, word.p, word.n);
    cors_source_t *source = apr_pcalloc(pool, sizeof(*source));
    char *known = strchr(text, '!');
    unsigned facts = 0, list_facts = 0;

    if (known != NULL) {
        *known++ = '\0';
        if (strcmp(known, "loose") == 0) {
            facts = CORS_ENTRY_LOOSE;
        }
        else if (strcmp(known, "http") == 0) {
            facts = CORS_ENTRY_HTTP_TOO;
        }
        else if (strcmp(known, "strangers") == 0) {
            list_facts = CORS_ENTRY_STRANGERS;
            source->what = source;
        }
        else {
            printf("Bail out! what is !%s?\n", known);
            exit(1);
        }
    }
    source->entry.pattern.text = text;
    source->entry.pattern.n = (unsigned short)strlen(text);
    source->entry.pattern.facts = directive | facts;
    source->entry.place = origins->list.place;
    source->covers = source_covers;
    cors_origins_add_source(origins, source);
    origins->list.facts |= list_facts;
}

#endif /* SOURCES_H */
