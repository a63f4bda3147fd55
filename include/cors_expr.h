/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_expr.h
 * CorsAllowOriginExpr: conditions of ap_expr.
 */
#ifndef CORS_EXPR_H
#define CORS_EXPR_H

#include "cors_config.h"

/** What origin sources are asked with: the `whole` of a cors_request_t. */
typedef struct cors_asker_t {
    request_rec *r;
    const char *vary;           /* out: the request headers that were read
                                   beside Origin, joined by ", "; NULL: none */
    int has_asked;              /* out, boolean: a condition was evaluated */
} cors_asker_t;

/** Adds the name of a request header that the answer depends on. */
void cors_asker_add_vary(cors_asker_t *asker, const char *name);

/**
 * Evaluates the conditions in force only to learn which request headers they
 * read: for a response that was decided without them, but which a cache must
 * not mix up with one that was not.
 */
void cors_expr_learn_vary(const cors_list_t *origins, cors_asker_t *asker);

#endif /* CORS_EXPR_H */
