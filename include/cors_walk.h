/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_walk.h
 * All the places of a server in which directives can stand.
 */
#ifndef CORS_WALK_H
#define CORS_WALK_H

#include "cors_config.h"

/** A section, or the server itself. */
typedef struct cors_section_t {
    const char *tag;            /* such as "Directory" or "LocationMatch",
                                   static; NULL: the server itself */
    const char *path;           /* path or expression, as httpd has it; NULL:
                                   it has none */
    cors_place_t place;         /* of <If> and <ElseIf>; httpd does not keep
                                   those of others. Line 0: unknown */
    int depth;                  /* of the server 0, of its sections 1, of
                                   those inside of these 2 and so on */
    int speaks;                 /* boolean: a directive of ours stands in the
                                   section itself */
    cors_dir_t *merged;         /* what holds there; in `pool` of the walk */
} cors_section_t;

typedef void (*cors_visit_t)(const cors_section_t *section, void *context);

/**
 * Visits the server itself, then its sections in the order in which httpd
 * merges them, each followed by those inside of it: <Directory>, <Location>,
 * <Proxy>, and inside of these, and of the server, <Files> and <If>. What
 * virtual hosts inherit of the main server's sections is theirs, too.
 *
 * A section is merged with those that enclose it by literal path. Sections
 * that only meet in a request (Match sections, Location over Directory,
 * .htaccess) cannot be known here.
 *
 * @param pool    for the merging
 * @param server  merged with the main server
 * @param visit   gets a section for the time of the call, and `context`
 *
 * Cost: of sections that use a directive of ours, the square.
 */
void cors_walk(apr_pool_t *pool, server_rec *server, cors_visit_t visit,
               void *context);

#endif /* CORS_WALK_H */
