/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_headers.h
 * From verdict to response headers: the only place that writes any.
 */
#ifndef CORS_HEADERS_H
#define CORS_HEADERS_H

#include "cors_config.h"

/** Everything that was decided about one client request. */
typedef struct cors_decision_t {
    const cors_config_t *config;    /* NULL: decided to have no effect */
    cors_request_t request;
    int is_options;             /* the client's method is OPTIONS */
    int is_answered;            /* a preflight that no handler sees */
    cors_verdict_t verdict;
} cors_decision_t;

/**
 * Makes both of httpd's header tables say what the decision says, and nothing
 * else about CORS. Each field is there once afterwards, in r->headers_out.
 *
 * Call it when the status and all other headers of the response stand, but
 * before it is cached or sent. Calling it again, for an error that takes the
 * place of the response, is harmless.
 *
 * Cost: one pass over each table, and the fields that are due.
 */
void cors_headers_write(request_rec *r, const cors_decision_t *decision);

#endif /* CORS_HEADERS_H */
