/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file suffixes.h
 * The system's Public Suffix List, for all that reads patterns.
 */
#ifndef SUFFIXES_H
#define SUFFIXES_H

#include <apr_general.h>

#include "cors_suffix.h"

/** The list, read once, after apr_initialize(); apr_terminate() frees it.
 * NULL in a build without libpsl. */
static inline const cors_suffixes_t *system_suffixes(void)
{
    static const cors_suffixes_t *list;
    static apr_pool_t *pool;

    if (pool == NULL) {
        apr_pool_create(&pool, NULL);
        list = cors_suffixes_load(pool, NULL);
    }
    return list;
}

#endif /* SUFFIXES_H */
