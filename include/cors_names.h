/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_names.h
 * Lists of method or header names: CorsAllowMethods, CorsAllowHeaders and
 * CorsExposeHeaders. An entry is a name, a prefix (`X-Acme-*`) or `*`, and
 * either adds or removes.
 */
#ifndef CORS_NAMES_H
#define CORS_NAMES_H

#include "cors_list.h"
#include "cors_str.h"

/* Facts about an entry; a list has those of all its entries. */
#define CORS_NAME_LITERAL   0x01u   /* one name */
#define CORS_NAME_PREFIX    0x02u   /* `X-Acme-*`: names that begin so */
#define CORS_NAME_ANY       0x04u   /* `*` */
#define CORS_NAME_REMOVES   0x08u   /* written with `-` */

typedef struct cors_name_t {
    cors_str_t text;            /* of a prefix the part in front of `*` */
    unsigned facts;
    unsigned line;              /* which of the section's lines of the
                                   directive it stands in, counted from 0 */
    struct cors_name_t *next;
} cors_name_t;

/** Which comparison a list uses: methods are case-sensitive, header names
 * are not. */
typedef int (*cors_name_eq_t)(cors_str_t a, cors_str_t b);

/** One section's own list. */
typedef struct cors_names_t {
    cors_list_t list;           /* first: a merge holds only this */
    cors_name_eq_t eq;
    cors_name_t *first;
    cors_name_t *last;
    char *text;                 /* the added literal names, joined by ", ";
                                   NULL if there is none, or none joined */
    unsigned text_n;
    unsigned text_max;          /* the room that it has, or is to have; 0: it
                                   is not joined */
    unsigned lines;             /* the section's lines of the directive that
                                   have been read; who reads them counts */
} cors_names_t;

/**
 * An empty list in `pool`, which starts at `place`.
 *
 * @param room  how many bytes its joined text may take, with commas and a
 *              terminator; it grows beyond. 0: it is joined when it is asked
 *              for.
 */
cors_names_t *cors_names_make(apr_pool_t *pool, cors_name_eq_t eq,
                              cors_place_t place, size_t room);

/**
 * Adds an entry to a section's own list, before the list is first asked.
 * The same entry twice is one entry, that of the first line.
 *
 * @param pool   that of the list
 * @param text   the name, or the prefix without `*`, or `*`; the bytes must
 *               live as long as the list
 * @param facts  LITERAL, PREFIX or ANY, with REMOVES where `-` stood
 */
void cors_names_add(apr_pool_t *pool, cors_names_t *names, cors_str_t text,
                    unsigned facts);

/**
 * Which entry decides about `name`?
 *
 * @param list  merged lists or NULL
 * @param name  a method or header name, as a client or backend sent it
 * @param skip  entries that add, with any of these facts, count as absent
 * @return the entry that adds it, or NULL where nothing does or an entry
 *         removes it
 *
 * Innermost section first; inside a section an entry that removes beats the
 * others. Cost: at most one comparison an entry.
 */
const cors_name_t *cors_names_find(const cors_list_t *list, cors_str_t name,
                                   unsigned skip);

/**
 * The literal names in force, joined by ", ", as they go into a header.
 *
 * @param pool  for the text where sections have to be folded together; a
 *              list that one section of httpd.conf wrote was joined when it
 *              was read
 * @return a terminated string; NULL if there is none
 */
const char *cors_names_join(apr_pool_t *pool, const cors_list_t *list);

#endif /* CORS_NAMES_H */
