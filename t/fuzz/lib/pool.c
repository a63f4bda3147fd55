/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/* APR's pools as far as the core needs them, in the place of APR. In a real
 * pool one allocation begins where another ends, and AddressSanitizer cannot
 * see a step across. Here each is a block of its own. */
#include <apr_pools.h>
#include <apr_strings.h>
#include <apr_tables.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct apr_pool_t {
    void **blocks;
    size_t n;
    size_t max;
};

apr_status_t apr_pool_create_ex(apr_pool_t **newpool, apr_pool_t *parent,
                                apr_abortfunc_t abort_fn,
                                apr_allocator_t *allocator)
{
    (void)parent;
    (void)abort_fn;
    (void)allocator;
    *newpool = calloc(1, sizeof(**newpool));
    return *newpool != NULL ? APR_SUCCESS : APR_ENOMEM;
}

/* There is one way only to allocate here. */
apr_status_t apr_allocator_create(apr_allocator_t **allocator)
{
    *allocator = NULL;
    return APR_ENOTIMPL;
}

void apr_allocator_owner_set(apr_allocator_t *allocator, apr_pool_t *pool)
{
    (void)allocator;
    (void)pool;
}

void apr_pool_destroy(apr_pool_t *pool)
{
    while (pool->n > 0) {
        free(pool->blocks[--pool->n]);
    }
    free(pool->blocks);
    free(pool);
}

void *apr_palloc(apr_pool_t *pool, apr_size_t size)
{
    if (pool->n == pool->max) {
        pool->max = 2 * pool->max + 16;
        pool->blocks = realloc(pool->blocks,
                               pool->max * sizeof(*pool->blocks));
    }
    return pool->blocks[pool->n++] = malloc(size);
}

char *apr_pstrmemdup(apr_pool_t *pool, const char *s, apr_size_t n)
{
    char *copy;

    if (s == NULL) {
        return NULL;
    }
    copy = apr_palloc(pool, n + 1);
    memcpy(copy, s, n);
    copy[n] = '\0';
    return copy;
}

__attribute__((format(printf, 2, 0)))
char *apr_pvsprintf(apr_pool_t *pool, const char *fmt, va_list args)
{
    va_list again;
    char *text;
    int n;

    va_copy(again, args);
    n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    text = apr_palloc(pool, (size_t)n + 1);
    vsnprintf(text, (size_t)n + 1, fmt, args);
    return text;
}

char *apr_psprintf(apr_pool_t *pool, const char *fmt, ...)
{
    va_list args;
    char *text;

    va_start(args, fmt);
    text = apr_pvsprintf(pool, fmt, args);
    va_end(args);
    return text;
}

int apr_snprintf(char *buf, apr_size_t len, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(buf, len, format, args);
    va_end(args);
    return n;
}

apr_array_header_t *apr_array_make(apr_pool_t *pool, int nelts, int elt_size)
{
    apr_array_header_t *array = apr_palloc(pool, sizeof(*array));

    array->pool = pool;
    array->elt_size = elt_size;
    array->nelts = 0;
    array->nalloc = nelts;
    array->elts = apr_palloc(pool, (apr_size_t)nelts * (apr_size_t)elt_size);
    return array;
}

/* Each time into a block that ends where the array does. */
void *apr_array_push(apr_array_header_t *array)
{
    const apr_size_t old = (apr_size_t)array->nelts
        * (apr_size_t)array->elt_size;
    char *elts = apr_palloc(array->pool, old + (apr_size_t)array->elt_size);

    memcpy(elts, array->elts, old);
    array->elts = elts;
    array->nelts++;
    return elts + old;
}

/* Only what lives as long as the program has cleanups. */
void apr_pool_cleanup_register(apr_pool_t *pool, const void *data,
                               apr_status_t (*cleanup)(void *),
                               apr_status_t (*child_cleanup)(void *))
{
    (void)pool;
    (void)data;
    (void)cleanup;
    (void)child_cleanup;
}

apr_status_t apr_pool_cleanup_null(void *data)
{
    (void)data;
    return APR_SUCCESS;
}
