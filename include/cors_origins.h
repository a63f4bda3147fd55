/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_origins.h
 * Which origins a section names, by whatever directive, and who decides when
 * sections merge: CorsAllowOrigin, CorsAllowOriginMatch, CorsAllowOriginExpr,
 * CorsAllowOriginSource.
 */
#ifndef CORS_ORIGINS_H
#define CORS_ORIGINS_H

#include "cors_origin_set.h"

/* Facts about an entry beside those of its pattern. A list has the facts of
 * all its entries that grant; of those that remove, whether `same-site` is
 * among them, for which a request has to be looked at. */
#define CORS_ENTRY_REMOVES      0x01000u    /* written with `-` */
#define CORS_ENTRY_GRANTS       0x02000u    /* written without */
#define CORS_ENTRY_NOT_ANY      0x04000u    /* anything but a granting `*` */
#define CORS_ENTRY_MATCH        0x08000u    /* of CorsAllowOriginMatch */
#define CORS_ENTRY_EXPR         0x10000u    /* of CorsAllowOriginExpr */
#define CORS_ENTRY_LOOSE        0x20000u    /* an expression that failed the
                                               lint (cors_lint.h) */
#define CORS_ENTRY_HTTP_TOO     0x40000u    /* an expression that accepts an
                                               insecure origin */
#define CORS_ENTRY_STRANGERS    0x80000u    /* of a list only: it has a source
                                               that may turn out to allow any
                                               stranger; one that is asked to
                                               skip this has to find out */
#define CORS_ENTRY_OUTSIDE      0x100000u   /* of CorsAllowOriginSource; and
                                               then also one of these two: */
#define CORS_ENTRY_FILE         0x200000u   /* patterns that may change; it is
                                               asked about `null` too */
#define CORS_ENTRY_PROVIDER     0x400000u   /* whoever answers */
#define CORS_ENTRY_LINE         0x800000u   /* a pattern out of such a file */

/** The facts that tell which directive a source is of. */
#define CORS_ENTRY_SOURCES \
    (CORS_ENTRY_MATCH | CORS_ENTRY_EXPR | CORS_ENTRY_OUTSIDE)

/**
 * An origin source that has to be asked, where a pattern can be looked up. It
 * is only asked about one well-formed origin, about `null` only if it has the
 * fact CORS_ENTRY_FILE.
 */
typedef struct cors_source_t {
    cors_entry_t entry;         /* first; its text is the directive's value,
                                   terminated, of whatever length;
                                   its facts one of CORS_ENTRY_SOURCES and
                                   what is known about it */
    const cors_entry_t *(*covers)(const struct cors_source_t *source,
                                  const cors_question_t *question);
                                /* the entry that covers the origin, as a rule
                                   the source's own; or NULL, and if that is
                                   because it cannot tell, it sets
                                   question->failed */
    const void *what;           /* the source's own */
    const char *flaw;           /* with CORS_ENTRY_LOOSE: what the lint found,
                                   a phrase; else NULL */
    struct cors_source_t *next;
} cors_source_t;

/** One section's own origins. */
typedef struct cors_origins_t {
    cors_list_t list;           /* first: a merge holds only this */
    cors_origin_set_t grants;
    cors_origin_set_t removes;
    cors_source_t *first;       /* the sources, in the order they stand */
    cors_source_t *last;
} cors_origins_t;

/** Empty origins in `pool`, which start at `place`. */
cors_origins_t *cors_origins_make(apr_pool_t *pool, cors_place_t place);

/** Adds a pattern to a section's own origins, before they are first asked.
 * `removes` says that `-` stood in front of it. */
void cors_origins_add(apr_pool_t *pool, cors_origins_t *origins,
                      const cors_pattern_t *pattern, cors_place_t place,
                      int removes);

/** Adds a source, likewise. It must live as long as the origins. */
void cors_origins_add_source(cors_origins_t *origins, cors_source_t *source);

/**
 * Which entry decides about the origin?
 *
 * @param list      merged lists
 * @param question  what it skips are entries that grant
 * @return the entry, one that grants or one that removes (look at
 *         cors_entry_removes()), or NULL if no section has one that covers
 *         the origin
 *
 * The innermost section in which any entry covers the origin decides; inside
 * a section an entry that removes beats the others, and patterns are tried
 * before sources. A section with sources of one directive ends those of the
 * same directive further out.
 */
const cors_entry_t *cors_origins_find(const cors_list_t *list,
                                      const cors_question_t *question);

/** What a look at the bytes of an Origin field tells. */
typedef enum {
    CORS_UNKNOWN,       /* nothing */
    CORS_LISTED,        /* there is an entry of these bytes, which decides */
    CORS_UNLISTED,      /* there is none, but one of another kind may cover
                           the origin */
    CORS_UNCOVERED      /* no entry covers it, whatever it is */
} cors_listing_t;

/**
 * The short cut for most requests: is the origin listed byte for byte?
 *
 * @param text   an Origin field's value, not parsed
 * @param entry  out, with CORS_LISTED; otherwise NULL
 *
 * Knows nothing of merged lists, and of lists with entries that remove.
 */
cors_listing_t cors_origins_look(const cors_list_t *list, cors_str_t text,
                                 const cors_entry_t **entry);

/**
 * Calls `visit` with each entry that grants, has any of the facts, and is in
 * force: that no section further in ends or takes out by the same text.
 * Returns the first answer that is not NULL, or NULL.
 */
const void *cors_origins_visit(const cors_list_t *list, unsigned facts,
                               const void *(*visit)(const cors_entry_t *entry,
                                                    void *context),
                               void *context);

/** Was the entry written with `-`? */
int cors_entry_removes(const cors_entry_t *entry);

/** The directive that stands in the list's place, with which its innermost
 * section begins; a static string. */
const char *cors_origins_directive(const cors_list_t *list);

/** The directive that an entry is of, a static string. */
const char *cors_entry_directive(const cors_entry_t *entry);

/** What an administrator wrote: the normalised item, or the source's text. */
cors_str_t cors_entry_text(const cors_entry_t *entry);

/** The source that an entry is of, or NULL if it is a pattern. */
const cors_source_t *cors_entry_source(const cors_entry_t *entry);

/** Is the list in force exactly `*`? */
static inline int cors_origins_are_any(const cors_list_t *list)
{
    return (list->facts & (CORS_PATTERN_ANY | CORS_ENTRY_NOT_ANY))
        == CORS_PATTERN_ANY;
}

/** Is there an origin that the list in force may allow? */
static inline int cors_origins_grant(const cors_list_t *list)
{
    return (list->facts & CORS_ENTRY_GRANTS) != 0;
}

#endif /* CORS_ORIGINS_H */
