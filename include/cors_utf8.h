/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_utf8.h
 * What anybody sent, for eyes: bytes as characters, and those that a reader
 * would not see, or that would deceive him, as escapes.
 */
#ifndef CORS_UTF8_H
#define CORS_UTF8_H

#include <apr_pools.h>

#include <stdint.h>

#include "cors_str.h"

/**
 * The character that a terminated string begins with. RFC 3629: no overlong
 * forms, no surrogates.
 *
 * @param code  out: its code point; untouched if 0 is returned
 * @return its length in bytes, 1 for the terminator itself; 0: the string
 *         begins with no UTF-8
 */
size_t cors_utf8_next(const char *s, uint32_t *code);

/**
 * Is it a character that shows, and that leaves others where they are? Not
 * controls, nor what has no width or changes the direction of the
 * text, and nothing that Unicode keeps from interchange.
 */
int cors_utf8_shows(uint32_t code);

/**
 * A terminated string as valid UTF-8 of which each character shows. All
 * others become `\u202e` or `\U000e0041`, or `\x1b` where they are ASCII;
 * bytes that are not UTF-8 become `\xff`.
 *
 * @param keep  controls that stay as they are, such as "\t\n"; may be ""
 * @return in `pool`, at most four times as long; `s` itself if all of it shows
 */
const char *cors_utf8_visible(apr_pool_t *pool, const char *s,
                              const char *keep);

#endif /* CORS_UTF8_H */
