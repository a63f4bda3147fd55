/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_list.h
 * The value of a list directive as httpd merges sections.
 *
 * Each section writes a list of its own. A list that holds only `+value` and
 * `-value` extends what the section inherits; any other replaces it. httpd
 * merges sections with each other before it merges the result onto the
 * server, so both sides of a merge may be results themselves, and merging
 * has to be associative. It is also done anew for every request. So a merge
 * copies nothing: it makes one node that points at both sides, and whoever
 * asks goes from the innermost section outwards.
 *
 *      <Directory /srv>        A, plain         merge(A, B) = (A, B)
 *      .htaccess               B, only +/-      merge((A, B), C) = C, or
 *      <Location /api>         C                ((A, B), C) if C only extends
 */
#ifndef CORS_LIST_H
#define CORS_LIST_H

#include <apr_pools.h>

/** Where a directive stands. */
typedef struct cors_place_t {
    const char *file;           /* lives as long as the configuration */
    int line;                   /* counted from 1 */
} cors_place_t;

/**
 * One section's list, or the merge of two lists. Origin lists and name lists
 * begin with this struct; a merge is nothing but this struct.
 */
typedef struct cors_list_t {
    const struct cors_list_t *outer;    /* both set in a merge, */
    const struct cors_list_t *inner;    /* both NULL in a section's own list */
    unsigned facts;             /* the flags of all entries, ored together */
    int replaces;               /* what lies outside is not asked */
    cors_place_t place;         /* the section's first line of this list */
} cors_list_t;

/**
 * What is in force where `inner` stands inside `outer`?
 *
 * @param pool   for the one node that a merge may need; must live as long as
 *               the result is used, and so must both lists
 * @param outer  the inherited list; NULL if there is none
 * @param inner  the list of the inner section; NULL if there is none
 * @return NULL only if both are
 *
 * Cost: the same for one entry and for 100,000.
 */
const cors_list_t *cors_list_merge(apr_pool_t *pool, const cors_list_t *outer,
                                   const cors_list_t *inner);

typedef const void *(*cors_list_asker_t)(const cors_list_t *own,
                                         void *context);

/** cors_list_ask() where there are several sections. */
const void *cors_list_ask_merged(const cors_list_t *list,
                                 cors_list_asker_t ask, void *context);

/**
 * Asks the sections' own lists from the innermost outwards and returns the
 * first answer that is not NULL, or NULL.
 *
 * @param list     NULL is a list without sections
 * @param ask      gets one section's own list and `context`
 * @param context  passed through
 */
static inline const void *cors_list_ask(const cors_list_t *list,
                                        cors_list_asker_t ask, void *context)
{
    return list == NULL ? NULL
        : list->inner == NULL ? ask(list, context)
        : cors_list_ask_merged(list, ask, context);
}

#endif /* CORS_LIST_H */
