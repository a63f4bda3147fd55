/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_lines.h
 * Origins as a text, one item a line: what the source `file:` reads.
 */
#ifndef CORS_LINES_H
#define CORS_LINES_H

#include "cors_origins.h"

/** The first line that breaks a rule. */
typedef struct cors_fault_t {
    int line;                   /* counted from 1 */
    cors_str_t item;            /* a slice of the text */
    cors_reading_t reading;     /* the rule, and what to write instead */
} cors_fault_t;

/**
 * Reads items of CorsAllowOrigin, without signs and without `none`, each on a
 * line of its own. `#` starts a comment; blanks around an item, blank lines, a
 * carriage return at the end of a line and a byte order mark at the start of
 * the text do not count.
 *
 * @param pool      where the set lives
 * @param text      must live as long as the set
 * @param name      of the file, for the entries' places; likewise
 * @param suffixes  see cors_pattern_parse()
 * @param set       all zero; out: the patterns, as entries that grant, with
 *                  the fact CORS_ENTRY_LINE
 * @param fault     out, when 0 is returned
 * @return 1, or 0 where a line breaks a rule; the set is of no use then
 *
 * Cost: one pass, and cors_pattern_parse() a line.
 */
int cors_lines_read(apr_pool_t *pool, cors_str_t text, const char *name,
                    const cors_suffixes_t *suffixes, cors_origin_set_t *set,
                    cors_fault_t *fault);

/** Does the text end where a line does? One that does not, or that is empty,
 * may be a file that somebody is still writing. */
int cors_lines_are_ended(cors_str_t text);

#endif /* CORS_LINES_H */
