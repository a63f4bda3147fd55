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
 * sections, merged with the sections that enclose it by literal path. Refuses
 * what contradicts itself or is unsafe without consent (cors_guard()), with
 * an error that names both directives; points out, with a notice, what is
 * allowed but may not be meant.
 *
 * Sections that only meet in a request (Match sections, Location over
 * Directory, .htaccess) cannot be known here, nor those of <Proxy>, which
 * mod_proxy keeps to itself.
 *
 * @param ptemp  for the merging
 * @param main   the main server, with its virtual hosts merged
 * @param is_told  boolean: all of it has been said already, and what is left
 *               is to tell files what they must not come to hold
 *               (cors_file_guard())
 * @return how many errors there are
 *
 * Cost: of sections that use a directive of ours, the square in each server.
 */
int cors_check_config(apr_pool_t *ptemp, server_rec *main, int is_told);

#endif /* CORS_CHECK_H */
