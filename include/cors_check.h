/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_check.h
 * What can be said about a configuration before any request comes.
 */
#ifndef CORS_CHECK_H
#define CORS_CHECK_H

#include "cors_config.h"

/**
 * Looks at the server, each virtual host, their policies, and each of their
 * sections (cors_walk.h). Refuses what contradicts itself or is unsafe without
 * consent (cors_guard()), with an error that names both directives; points
 * out, with a notice, what is allowed but may not be meant.
 *
 * @param ptemp  for the merging
 * @param main   the main server, with its virtual hosts merged
 * @param is_told  boolean: all of it has been said already, and what is left
 *               is to tell files what they must not come to hold
 *               (cors_file_guard())
 * @return how many errors there are
 */
int cors_check_config(apr_pool_t *ptemp, server_rec *main, int is_told);

#endif /* CORS_CHECK_H */
