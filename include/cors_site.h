/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_site.h
 * The server's own side of a request: is an origin the site itself, or a part
 * of it?
 */
#ifndef CORS_SITE_H
#define CORS_SITE_H

#include "cors_origin.h"
#include "cors_suffix.h"

/** Where a request was sent to, as far as the server can tell. */
typedef struct cors_site_t {
    cors_str_t host;            /* lower case, an IPv6 address with its
                                   brackets; absent: unknown */
    cors_str_t port;            /* digits; empty: none was given */
    int is_secure;              /* boolean: it came over https */
    const cors_suffixes_t *suffixes;
} cors_site_t;

/**
 * Is the origin the one that the request was sent to? Host and port must be
 * the same, and the scheme too, but that `https` towards a server that sees
 * `http` is the same: something in front of it speaks TLS. A dot at the end of
 * the host does not count, since the server does not see it.
 *
 * Cost: two comparisons. HTML, "same origin".
 */
int cors_is_same_origin(const cors_site_t *site, const cors_origin_t *origin);

/**
 * Do origin and request belong to one site? Both hosts must have the same
 * registrable domain, or, where they have none, be the same. The scheme must
 * be `https`, or `http` if the request came over it too; ports do not matter.
 *
 * @param site  NULL: nothing is known, so no
 *
 * Cost: two look-ups in the Public Suffix List. HTML, "same site", but that
 * `https` is also welcome where the request came over `http`.
 */
int cors_is_same_site(const cors_site_t *site, const cors_origin_t *origin);

#endif /* CORS_SITE_H */
