/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_expr.h
 * CorsAllowOriginExpr: conditions of ap_expr.
 */
#ifndef CORS_EXPR_H
#define CORS_EXPR_H

#include "cors_asker.h"
#include "cors_config.h"

/**
 * Evaluates the conditions in force only to learn which request headers they
 * read: for a response that was decided without them, but which a cache must
 * not mix up with one that was not.
 */
void cors_expr_learn_vary(const cors_list_t *origins, cors_asker_t *asker);

#endif /* CORS_EXPR_H */
