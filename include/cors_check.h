/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_check.h
 * What can be said about a configuration before any request comes.
 */
#ifndef CORS_CHECK_H
#define CORS_CHECK_H

#include "cors_config.h"

/**
 * Looks at the server, each virtual host and each of their sections, merged
 * with the sections that enclose it by literal path, and points out what is
 * allowed but may not be meant, with a notice for the administrator.
 *
 * Sections that only meet in a request (Match sections, Location over
 * Directory, .htaccess) cannot be known here.
 *
 * @param ptemp  for the merging
 * @param main   the main server, with its virtual hosts merged
 *
 * Cost: of sections that use a directive of ours, the square in each server.
 */
void cors_check_config(apr_pool_t *ptemp, server_rec *main);

#endif /* CORS_CHECK_H */
