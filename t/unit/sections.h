/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file sections.h
 * Lists of nested sections from one line of text, in the words of the
 * directives: "https://a.example * | -https://b.example" are two sections,
 * the outermost first. As in a configuration, a section with a plain value or
 * `none` replaces what it inherits. An entry's line is its section's number.
 *
 * Among origins `~` begins a source of CorsAllowOriginMatch, `?` one of
 * CorsAllowOriginExpr, and of CorsAllowOriginSource `@` one that a provider
 * answers for and `<` a file (see sources.h); they extend what is inherited.
 */
#ifndef SECTIONS_H
#define SECTIONS_H

#include <apr_strings.h>

#include "cors_names.h"
#include "cors_origins.h"
#include "sources.h"
#include "suffixes.h"
#include "tap.h"

typedef cors_list_t *(*sections_make_t)(apr_pool_t *pool, cors_place_t place);
/* `sign` is what stands in front of the item, or '\0'. */
typedef void (*sections_add_t)(apr_pool_t *pool, cors_list_t *list,
                               cors_str_t item, char sign);

static inline const cors_list_t *sections(apr_pool_t *pool, const char *text,
                                          sections_make_t make,
                                          sections_add_t add)
{
    const cors_list_t *merged = NULL;
    cors_list_t *own = NULL;
    cors_place_t place = { "test", 1 };

    while (text != NULL) {
        cors_str_t word;
        char sign = '\0';

        text += strspn(text, " ");
        word = cors_str_sub(cors_str(text), 0, strcspn(text, " "));
        text += word.n;
        if (word.n == 0 || cors_str_eq(word, cors_str("|"))) {
            merged = cors_list_merge(pool, merged, own);
            own = NULL;
            place.line++;
            text = word.n > 0 ? text : NULL;
            continue;
        }
        if (own == NULL) {
            own = make(pool, place);
        }
        if (strchr("+-~?@<", *word.p)) {
            sign = *word.p;
            word = cors_str_sub(word, 1, word.n);
        }
        else {
            own->replaces = 1;
        }
        if (!cors_str_eq(word, cors_str("none"))) {
            add(pool, own, word, sign);
        }
    }
    return merged;
}

static inline cors_list_t *make_origins(apr_pool_t *pool, cors_place_t place)
{
    return &cors_origins_make(pool, place)->list;
}

/* What `sign` says about a source; 0: it begins none. */
static inline unsigned source_facts(char sign)
{
    return sign == '~' ? CORS_ENTRY_MATCH
        : sign == '?' ? CORS_ENTRY_EXPR
        : sign == '@' ? CORS_ENTRY_OUTSIDE | CORS_ENTRY_PROVIDER
        : sign == '<' ? CORS_ENTRY_OUTSIDE | CORS_ENTRY_FILE : 0;
}

static inline void add_origin(apr_pool_t *pool, cors_list_t *list,
                              cors_str_t item, char sign)
{
    cors_origins_t *origins = (cors_origins_t *)list;
    cors_pattern_t pattern;
    cors_reading_t reading;

    if (source_facts(sign) != 0) {
        if (add_source(pool, origins, item, source_facts(sign),
                       system_suffixes()) == NULL) {
            printf("Bail out! no source: %.*s\n", (int)item.n, item.p);
            exit(1);
        }
        return;
    }
    if (!cors_pattern_parse(item, system_suffixes(), &pattern, &reading)) {
        printf("Bail out! no pattern: %.*s\n", (int)item.n, item.p);
        exit(1);
    }
    pattern.text = apr_pstrmemdup(pool, reading.text, pattern.n);
    cors_origins_add(pool, origins, &pattern, list->place, sign == '-');
}

static inline const cors_list_t *origin_sections(apr_pool_t *pool,
                                                 const char *text)
{
    return sections(pool, text, make_origins, add_origin);
}

/* The room of lists of names: 0 as in .htaccess, which joins none. */
static size_t names_room;

static inline cors_list_t *make_methods(apr_pool_t *pool, cors_place_t place)
{
    return &cors_names_make(pool, cors_str_eq, place, names_room)->list;
}

static inline cors_list_t *make_headers(apr_pool_t *pool, cors_place_t place)
{
    return &cors_names_make(pool, cors_str_ieq, place, names_room)->list;
}

static inline void add_name(apr_pool_t *pool, cors_list_t *list,
                            cors_str_t item, char sign)
{
    unsigned facts = sign == '-' ? CORS_NAME_REMOVES : 0;
    cors_str_t text = { apr_pstrmemdup(pool, item.p, item.n), item.n };

    if (item.p[item.n - 1] != '*') {
        facts |= CORS_NAME_LITERAL;
    }
    else if (item.n == 1) {
        facts |= CORS_NAME_ANY;
    }
    else {
        facts |= CORS_NAME_PREFIX;
        text.n--;
    }
    cors_names_add(pool, (cors_names_t *)list, text, facts);
}

static inline const cors_list_t *method_sections(apr_pool_t *pool,
                                                 const char *text)
{
    return sections(pool, text, make_methods, add_name);
}

static inline const cors_list_t *header_sections(apr_pool_t *pool,
                                                 const char *text)
{
    return sections(pool, text, make_headers, add_name);
}

/* The text of an entry that decided; absent if none did. */
static inline cors_str_t text_of(const cors_entry_t *entry)
{
    cors_str_t text = { NULL, 0 };

    if (entry != NULL) {
        text.p = entry->pattern.text;
        text.n = entry->pattern.n;
    }
    return text;
}

#endif /* SECTIONS_H */
