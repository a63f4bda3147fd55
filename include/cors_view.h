/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_view.h
 * A merged configuration as the lines that an administrator would have to
 * write for it, and where each comes from.
 */
#ifndef CORS_VIEW_H
#define CORS_VIEW_H

#include "cors_config.h"

/** One value that is in force. */
typedef struct cors_view_line_t {
    const char *directive;      /* static */
    const char *value;          /* as the directive takes it, not quoted, with
                                   its sign where it has one; what comes out
                                   of a file is not told, the source's own
                                   text is */
    cors_place_t place;         /* of the line that wrote it; of a policy in
                                   use, where that is defined. Line 0: the
                                   default */
} cors_view_line_t;

/**
 * All values in force in a configuration: those that decide about a request
 * first (CorsEngine, CorsUsePolicy and the origins, one line for each entry),
 * then the rest in the order of the directive table.
 *
 * Lists are told as they stand, innermost section first, and inside a section
 * origins in the order in which they are asked: those taken out, those listed,
 * sources. A section that is replaced is not told; an entry that a section
 * further in takes out by `-` is.
 *
 * @param config    merged; with `use`, the policies' names are told and what
 *                  is laid over them, not what they say, nor what they are
 *                  laid over (see cors_config_with())
 * @param max       how many entries of one list to tell at most, 0: all; a
 *                  last line, in the place where the list goes on, says how
 *                  many there are beside ("and 99900 more")
 * @param defaults  boolean: with the values that nobody gave
 * @return array of cors_view_line_t in `pool`; the strings live as long as
 *         the configuration or `pool`
 *
 * Cost: of origins no more than `max` are looked at. Nothing in it comes from
 * a client, but .htaccess is part of a request's configuration.
 */
apr_array_header_t *cors_view(apr_pool_t *pool, const cors_config_t *config,
                              int max, int defaults);

#endif /* CORS_VIEW_H */
