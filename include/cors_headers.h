/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_headers.h
 * From verdict to response headers: the only place that writes any.
 */
#ifndef CORS_HEADERS_H
#define CORS_HEADERS_H

#include "cors_decision.h"

/**
 * Makes both of httpd's header tables say what the decision says, and nothing
 * else about CORS. Each field is there once afterwards, in r->headers_out.
 *
 * Call it when the status and all other headers of the response stand, but
 * before it is cached or sent. Calling it again, for an error that takes the
 * place of the response, is harmless.
 *
 * @param decision  with a configuration
 *
 * Cost: one pass over each table, and the fields that are due.
 */
void cors_headers_write(request_rec *r, const cors_decision_t *decision);

/** Likewise for Cross-Origin-Resource-Policy, which needs no decision. */
void cors_headers_write_resource_policy(request_rec *r, const char *value);

#endif /* CORS_HEADERS_H */
