/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file sources.h
 * Origin sources that need no httpd: `*` in their text stands for any bytes,
 * and they take down how they are asked. The text of a file's source is the
 * file's lines, with commas for line ends.
 *
 * What is known about a source stands behind a `!` at the end of its text:
 * `!loose`, `!http` or `!strangers`, and `!dead` of one that cannot answer.
 */
#ifndef SOURCES_H
#define SOURCES_H

#include <apr_strings.h>

#include "cors_lines.h"
#include "tap.h"

/** The texts of the sources that were asked since forget_asked(), a blank
 * behind each; too many are cut. */
static char sources_asked[256];

/** What the last one was asked. */
static cors_question_t sources_question;

/** Boolean: one was asked what none should be. */
static int sources_misled;

/** How often forget_asked() was called. */
static unsigned sources_round;

/** What a source knows of itself. */
typedef struct known_t {
    int meets_strangers;
    int is_dead;
    unsigned round;             /* in which it was asked last */
    apr_pool_t *pool;
    cors_origin_set_t lines;    /* of a file */
} known_t;

/** To be called before each decision. */
static inline void forget_asked(void)
{
    *sources_asked = '\0';
    sources_misled = 0;
    sources_round++;
}

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

/** A copy, as of what may be gone when somebody looks at it. */
static inline const cors_entry_t *find_line(const known_t *known,
                                            const cors_question_t *question)
{
    cors_question_t here = *question;
    const cors_entry_t *found;
    cors_entry_t *copy;

    here.is_unlisted = 0;
    found = cors_origin_set_find(&known->lines, &here);
    if (found == NULL) {
        return NULL;
    }
    copy = apr_palloc(known->pool, sizeof(*copy));
    *copy = *found;
    return copy;
}

static inline const cors_entry_t *
source_covers(const cors_source_t *source, const cors_question_t *question)
{
    known_t *known = (known_t *)source->what;
    const unsigned facts = source->entry.pattern.facts;
    const char *text = source->entry.pattern.text;
    const cors_str_t origin = question->origin->text;
    const size_t n = strlen(sources_asked);

    if (n + strlen(text) + 2 < sizeof(sources_asked)) {
        sprintf(sources_asked + n, "%s ", text);
    }
    sources_question = *question;
    sources_misled |= question->failed == NULL
        || ((facts & CORS_ENTRY_FILE) == 0 && cors_str_is(origin, "null"))
        || ((facts & CORS_ENTRY_PROVIDER) != 0
            && known->round == sources_round);
    known->round = sources_round;
    if (known->is_dead) {
        *question->failed = &source->entry;
        return NULL;
    }
    if ((facts & CORS_ENTRY_FILE) != 0) {
        return find_line(known, question);
    }
    return glob(text, origin.p, origin.n)
        && (!known->meets_strangers
            || (question->skip & CORS_ENTRY_STRANGERS) == 0)
        ? &source->entry : NULL;
}

/** Reads the lines of a file's source; its text is their file's name. */
static inline int read_lines(apr_pool_t *pool, const char *text,
                             const cors_suffixes_t *suffixes, known_t *known)
{
    const size_t n = strlen(text);
    char *lines = apr_palloc(pool, n + 1);
    const cors_str_t all = { lines, n };
    cors_fault_t fault;
    size_t i;

    for (i = 0; i < n; i++) {
        lines[i] = text[i] == ',' ? '\n' : text[i];
    }
    known->pool = pool;
    return cors_lines_read(pool, all, text, suffixes, &known->lines, &fault);
}

/**
 * Adds a source to a section's own origins.
 *
 * @param facts     one of CORS_ENTRY_SOURCES; with CORS_ENTRY_OUTSIDE also
 *                  CORS_ENTRY_FILE or CORS_ENTRY_PROVIDER
 * @param suffixes  for a file
 * @return NULL if the text is none of a source
 */
static inline const cors_source_t *
add_source(apr_pool_t *pool, cors_origins_t *origins, cors_str_t word,
           unsigned facts, const cors_suffixes_t *suffixes)
{
    char *text = apr_pstrmemdup(pool, word.p, word.n);
    cors_source_t *source = apr_pcalloc(pool, sizeof(*source));
    known_t *known = apr_pcalloc(pool, sizeof(*known));
    char *flag = strchr(text, '!');

    if (flag != NULL) {
        *flag++ = '\0';
        if (strcmp(flag, "loose") == 0) {
            facts |= CORS_ENTRY_LOOSE;
        }
        else if (strcmp(flag, "http") == 0) {
            facts |= CORS_ENTRY_HTTP_TOO;
        }
        else if (strcmp(flag, "strangers") == 0) {
            known->meets_strangers = 1;
        }
        else if (strcmp(flag, "dead") == 0) {
            known->is_dead = 1;
        }
        else {
            return NULL;
        }
    }
    if ((facts & CORS_ENTRY_FILE) != 0
        && !read_lines(pool, text, suffixes, known)) {
        return NULL;
    }
    source->entry.pattern.text = text;
    source->entry.pattern.n = (unsigned short)strlen(text);
    source->entry.pattern.facts = facts;
    source->entry.place = origins->list.place;
    source->covers = source_covers;
    source->what = known;
    cors_origins_add_source(origins, source);
    origins->list.facts |= known->meets_strangers ? CORS_ENTRY_STRANGERS : 0;
    return source;
}

#endif /* SOURCES_H */
