/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_warnings.h
 * What else stands in the way of a page, or only seems to work.
 */
#ifndef CORS_WARNINGS_H
#define CORS_WARNINGS_H

#include "cors_rehearsal.h"

/** Keeps what it takes to say where lines of mod_headers stand: call it in
 * pre_config. */
void cors_warn_pre_config(apr_pool_t *pconf);

/**
 * Adds what is worth a warning about a request that was rehearsed.
 *
 * @param warnings  array of const char *: whole sentences in its pool; none is
 *                  added twice
 *
 * Cost: where mod_headers has written something that this module writes, a
 * look at each line of the configuration.
 */
void cors_warn(const cors_rehearsal_t *rehearsal,
               apr_array_header_t *warnings);

#endif /* CORS_WARNINGS_H */
