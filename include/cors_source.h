/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_source.h
 * CorsAllowOriginSource: origins from outside of the configuration.
 *
 * A `file` is a list of patterns (cors_file.h). Everybody else is a provider
 * (mod_cors.h), whose answers are kept in a cache (cors_answers.h), and for
 * which no request waits too long (cors_errand.h).
 */
#ifndef CORS_SOURCE_H
#define CORS_SOURCE_H

#include "cors_config.h"

/** Registers the providers that come with this module, `dbm` and `dbd`. */
void cors_source_register(apr_pool_t *pool);

/* What sources need of the life of a server, in the hooks of these names,
 * which say OK or log what is wrong. */

/** Forgets the sources of an earlier reading of the configuration. */
int cors_source_pre_config(apr_pool_t *pconf);

/** Is there a cache, if one is needed? */
int cors_source_check_config(apr_pool_t *pconf, apr_pool_t *ptemp,
                             server_rec *s);

/** Opens the cache, and has files watched. */
int cors_source_post_config(apr_pool_t *pconf, server_rec *s);

/** Starts the helpers of a child process. */
void cors_source_child_init(apr_pool_t *pchild, server_rec *s);

#endif /* CORS_SOURCE_H */
