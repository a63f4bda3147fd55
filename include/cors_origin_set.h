/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_origin_set.h
 * Many patterns, one look-up: the origins of CorsAllowOrigin as one section
 * wrote them and as sections merge.
 */
#ifndef CORS_ORIGIN_SET_H
#define CORS_ORIGIN_SET_H

#include <stdint.h>

#include "cors_list.h"
#include "cors_host.h"
#include "cors_pattern.h"

/* Facts about an entry beside those of its pattern. */
#define CORS_ENTRY_REMOVES      0x1000u  /* written with `-` */
#define CORS_ENTRY_GRANTS       0x2000u  /* written without */
#define CORS_ENTRY_NOT_ANY      0x4000u  /* anything but a granting `*` */

/** One item with where it stands. */
typedef struct cors_entry_t {
    cors_pattern_t pattern;
    cors_place_t place;
    struct cors_entry_t *next;
} cors_entry_t;

/**
 * A set of patterns. A handful is simply gone through. With more than
 * CORS_SET_PLAIN it gets a hash table, which grows with the set:
 *
 *   - an exact origin is hashed whole;
 *   - any other pattern by its shape (either scheme or one, any port or one,
 *     whole host, domain behind `*.`, or label with a `*` and its domain) and
 *     by the bytes that the shape leaves fixed.
 *
 * A look-up tries the shapes that are there, and under each the parts of the
 * origin that could be the fixed bytes: the host's suffixes, and of its first
 * label the heads and tails of lengths that are there. Their number depends
 * on the origin's length, never on the number of patterns. Whatever the table
 * offers, cors_pattern_match() has the last word.
 */
typedef struct cors_origin_set_t {
    cors_entry_t *first;        /* in the order they were written */
    cors_entry_t *last;
    size_t n;
    const cors_entry_t *any;    /* `*`, if there */
    const cors_entry_t *null;   /* `null`, if there */
    const cors_entry_t **slots; /* NULL while the set is small */
    size_t mask;                /* number of slots - 1, a power of 2 minus 1 */
    unsigned shapes;            /* bit s: there is a pattern of shape s */
    uint64_t *tails;            /* [h]: bit t is set if a partial wildcard
                                   has h bytes in front of `*` and t behind
                                   it in its label; 64 words */
} cors_origin_set_t;

/** The size up to which a set has no table. */
#define CORS_SET_PLAIN 16

/**
 * Adds a pattern.
 *
 * @param pool     where the set lives
 * @param pattern  its text must live as long as the set
 * @param place    where it stands
 * @return its entry; that of the same pattern if it is there already
 */
const cors_entry_t *cors_origin_set_add(apr_pool_t *pool,
                                        cors_origin_set_t *set,
                                        const cors_pattern_t *pattern,
                                        cors_place_t place);

/**
 * A pattern of the set that covers the origin, or NULL.
 *
 * @param skip  patterns with any of these facts count as absent
 *
 * Allocates nothing. Cost: see above; for exact origins one pass over the
 * origin and one comparison.
 */
const cors_entry_t *cors_origin_set_find(const cors_origin_set_t *set,
                                         const cors_origin_t *origin,
                                         unsigned skip);

/** One section's own CorsAllowOrigin. */
typedef struct cors_origins_t {
    cors_list_t list;           /* first: a merge holds only this */
    cors_origin_set_t grants;
    cors_origin_set_t removes;
} cors_origins_t;

/** An empty list in `pool`, which starts at `place`. */
cors_origins_t *cors_origins_make(apr_pool_t *pool, cors_place_t place);

/** Adds a pattern to a section's own list, before the list is first asked.
 * `removes` says that `-` stood in front of it. */
void cors_origins_add(apr_pool_t *pool, cors_origins_t *origins,
                      const cors_pattern_t *pattern, cors_place_t place,
                      int removes);

/**
 * Which entry decides about the origin?
 *
 * @param list  merged lists
 * @param skip  granting entries with any of these facts count as absent
 * @return the entry, one that grants or one that removes (look at
 *         cors_entry_removes()), or NULL if no section has one that covers
 *         the origin
 *
 * The innermost section in which any entry covers the origin decides; inside
 * a section an entry that removes beats the others.
 */
const cors_entry_t *cors_origins_find(const cors_list_t *list,
                                      const cors_origin_t *origin,
                                      unsigned skip);

/** Was the entry written with `-`? */
int cors_entry_removes(const cors_entry_t *entry);

/** Is the list in force exactly `*`? */
int cors_origins_are_any(const cors_list_t *list);

/** Is there an origin that the list in force may allow? */
int cors_origins_grant(const cors_list_t *list);

#endif /* CORS_ORIGIN_SET_H */
