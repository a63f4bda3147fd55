/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_explain.h
 * `SetHandler cors-explain`: what would be answered to whom, and why.
 */
#ifndef CORS_EXPLAIN_H
#define CORS_EXPLAIN_H

#include <httpd.h>

/** Puts the handler in where the configuration that has been read names it,
 * so that other servers do without its hooks: call it in pre_config. An
 * .htaccess alone does not bring it up. */
void cors_explain_pre_config(apr_pool_t *pconf);

#endif /* CORS_EXPLAIN_H */
