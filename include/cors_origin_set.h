/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_origin_set.h
 * Many patterns, one look-up.
 */
#ifndef CORS_ORIGIN_SET_H
#define CORS_ORIGIN_SET_H

#include <stdint.h>

#include "cors_host.h"
#include "cors_list.h"
#include "cors_pattern.h"
#include "cors_site.h"

/** One item with where it stands. */
typedef struct cors_entry_t {
    cors_pattern_t pattern;
    cors_place_t place;
} cors_entry_t;

/** Entries side by side, one more than there are in front of the block: a long
 * list needs few blocks, a short one has no room to spare. */
typedef struct cors_block_t {
    const struct cors_block_t *before;
    unsigned start;             /* entries in front of it */
    cors_entry_t entries[];
} cors_block_t;

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
    cors_block_t *blocks;       /* the last one, or NULL */
    struct cors_table_t *table; /* NULL while the set is small */
    unsigned n;
    unsigned any;               /* the number of `*`, counted from 1, or 0 */
    unsigned null;              /* of `null` */
    unsigned same_site;         /* of `same-site` */
} cors_origin_set_t;

/**
 * The table of a set. A slot is 0, or the number of an entry, counted from 1,
 * with the bits of its hash that the number leaves free. These tell nearly all
 * others apart, so that a look-up reads no entry but the one that it finds.
 */
typedef struct cors_table_t {
    apr_pool_t *pool;           /* where it and further entries live */
    uint32_t *slots;
    uint32_t mask;              /* number of slots - 1, a power of 2 minus 1 */
    unsigned shapes;            /* bit s: there is a pattern of shape s */
    uint32_t depths;            /* bit d: there is `*.` in front of a domain
                                   of d labels; the last one: of more */
    uint64_t *tails;            /* [h]: bit t is set if a partial wildcard
                                   has h bytes in front of `*` and t behind
                                   it in its label; 64 words */
} cors_table_t;

/** The size up to which a set has no table. */
#define CORS_SET_PLAIN 4

/** Entry number i, in the order they were written, counted from 0. */
static inline const cors_entry_t *
cors_origin_set_at(const cors_origin_set_t *set, unsigned i)
{
    const cors_block_t *block = set->blocks;

    while (i < block->start) {
        block = block->before;
    }
    return &block->entries[i - block->start];
}

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
 * The pattern of the set that is these very bytes and has no wildcard, or NULL
 * if there is none. Since such patterns are origins that cors_origin_parse()
 * accepts, the bytes need not be parsed to be looked up here.
 *
 * @param text  any bytes, at most CORS_ORIGIN_MAX
 *
 * Allocates nothing. Cost: one pass over the bytes, and one comparison.
 */
const cors_entry_t *cors_origin_set_literal(const cors_origin_set_t *set,
                                            cors_str_t text);

/** What an origin is looked up with. */
typedef struct cors_question_t {
    const cors_origin_t *origin;
    unsigned skip;              /* entries with any of these facts count as
                                   absent */
    const cors_site_t *site;    /* what the request was sent to, for
                                   `same-site`; NULL: unknown */
    void *request;              /* for sources (cors_origins.h) */
    int is_unlisted;            /* boolean: no pattern without wildcard is this
                                   origin, as is known already */
    const cors_entry_t *known;  /* of a source that is skipped, and known to
                                   cover the origin all the same; or NULL */
    const cors_entry_t **failed;        /* out, for sources: the last one that
                                   could not answer */
} cors_question_t;

/**
 * A pattern of the set that covers the origin, or NULL.
 *
 * Allocates nothing. Cost: see above; for exact origins one pass over the
 * origin and one comparison.
 */
const cors_entry_t *cors_origin_set_find(const cors_origin_set_t *set,
                                         const cors_question_t *question);

#endif /* CORS_ORIGIN_SET_H */
