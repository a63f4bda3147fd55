/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_step.h
 * How the steps of cors_browser.h are written down.
 */
#ifndef CORS_STEP_H
#define CORS_STEP_H

#include "cors_browser.h"

/** Bytes of a text of others in a detail; what is longer ends in "...". */
#define CORS_STEP_SHOWN_MAX 100

/**
 * Adds a step.
 *
 * @param step  static: its name
 * @param ok    as in cors_step_t
 * @param fmt   of its detail, as for apr_psprintf(); all texts of others have
 *              gone through cors_step_show()
 * @return whether the browser goes on
 */
__attribute__((format(printf, 5, 6)))
int cors_step_add(apr_pool_t *pool, apr_array_header_t *steps,
                  const char *step, int ok, const char *fmt, ...);

/** A text of others, such as a client, for a detail: cut where it is long,
 * but not amid a character of UTF-8; a NUL becomes `?`; else as it is. The
 * absent text is empty. */
const char *cors_step_show(apr_pool_t *pool, cors_str_t text);

#endif /* CORS_STEP_H */
