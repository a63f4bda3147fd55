/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_suffix.h
 * The Public Suffix List: under which names anybody can register one of their
 * own, and which hosts belong together. The list is libpsl's.
 *
 * Everywhere, a list of NULL is no list, as in a build without libpsl: then
 * every domain counts as a public suffix, and every host is a site of its
 * own. That refuses too much rather than too little.
 */
#ifndef CORS_SUFFIX_H
#define CORS_SUFFIX_H

#include <apr_pools.h>

#include "cors_str.h"

/** A list, never written after it is read, so threads share it. */
typedef struct cors_suffixes_t cors_suffixes_t;

/** Was the module built with libpsl? Boolean. */
extern const int cors_suffixes_supported;

/**
 * Reads a list.
 *
 * @param pool  the list is freed with it
 * @param file  a list in text form or libpsl's compiled form; NULL: the
 *              latest that the system has
 * @return NULL if there is none, it cannot be read, or libpsl is not built in
 *
 * Cost: reads the file and builds libpsl's tables, once for each start.
 */
const cors_suffixes_t *cors_suffixes_load(apr_pool_t *pool, const char *file);

/**
 * Can anybody register a name directly under this one: `com`, `co.uk`,
 * `github.io`? A name of one label that is not listed counts as one.
 *
 * @param list    or NULL
 * @param domain  a domain in lower case, no wildcard, no address
 *
 * Cost: one look-up in libpsl; allocates nothing.
 * URL, "host public suffix".
 */
int cors_suffix_is_public(const cors_suffixes_t *list, cors_str_t domain);

/**
 * The site of a host: its registrable domain, the public suffix and one label
 * more. Hosts that have none are a site of their own, whole: addresses, names
 * of one label, public suffixes, names that end in a dot.
 *
 * @param list  or NULL
 * @param host  in lower case, an IPv6 address with its brackets
 * @return a slice of `host`
 *
 * Cost: one look-up in libpsl; allocates nothing.
 * URL, "host registrable domain"; HTML, "schemelessly same site".
 */
cors_str_t cors_suffix_site(const cors_suffixes_t *list, cors_str_t host);

#endif /* CORS_SUFFIX_H */
