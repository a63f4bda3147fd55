/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_suffix.h"

#ifdef CORS_WITH_PSL

#include <libpsl.h>

#include "cors_host.h"

/* The longest host that is looked up: a domain and a dot at its end. */
#define HOST_MAX 255

const int cors_suffixes_supported = 1;

struct cors_suffixes_t {
    psl_ctx_t *psl;
};

/* The list that is built into libpsl may come here too; psl_free() knows. */
static apr_status_t free_list(void *psl)
{
    psl_free(psl);
    return APR_SUCCESS;
}

const cors_suffixes_t *cors_suffixes_load(apr_pool_t *pool, const char *file)
{
    psl_ctx_t *psl = file != NULL ? psl_load_file(file) : psl_latest(NULL);
    cors_suffixes_t *list;

    /* libpsl makes an empty list of a file that is none. It counts -1 rules
     * in a compiled one. */
    if (psl == NULL || psl_suffix_count(psl) == 0) {
        psl_free(psl);
        return NULL;
    }
    list = apr_palloc(pool, sizeof(*list));
    list->psl = psl;
    apr_pool_cleanup_register(pool, psl, free_list, apr_pool_cleanup_null);
    return list;
}

/* Is it a domain that may have a registrable one? libpsl would take an address
 * for one, and not see that a dot at the end makes another host. */
static int is_domain(cors_str_t host)
{
    return host.n > 0 && host.n <= HOST_MAX && host.p[0] != '['
        && host.p[host.n - 1] != '.' && !cors_host_is_numeric(host);
}

/* libpsl wants a terminator. */
static void terminate(cors_str_t host, char text[HOST_MAX + 1])
{
    memcpy(text, host.p, host.n);
    text[host.n] = '\0';
}

int cors_suffix_is_public(const cors_suffixes_t *list, cors_str_t domain)
{
    char text[HOST_MAX + 1];

    if (list == NULL || domain.n > HOST_MAX) {
        return 1;
    }
    terminate(domain, text);
    return psl_is_public_suffix(list->psl, text);
}

cors_str_t cors_suffix_site(const cors_suffixes_t *list, cors_str_t host)
{
    char text[HOST_MAX + 1];
    const char *site;

    if (list == NULL || !is_domain(host)) {
        return host;
    }
    terminate(host, text);
    site = psl_registrable_domain(list->psl, text);
    return site == NULL ? host
        : cors_str_sub(host, (size_t)(site - text), host.n);
}

#else

const int cors_suffixes_supported = 0;

const cors_suffixes_t *cors_suffixes_load(apr_pool_t *pool, const char *file)
{
    (void)pool;
    (void)file;
    return NULL;
}

int cors_suffix_is_public(const cors_suffixes_t *list, cors_str_t domain)
{
    (void)list;
    (void)domain;
    return 1;
}

cors_str_t cors_suffix_site(const cors_suffixes_t *list, cors_str_t host)
{
    (void)list;
    return host;
}

#endif
