/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_site.h"

static int is_over(const cors_site_t *site, const cors_origin_t *origin)
{
    return cors_str_is(origin->scheme, "https")
        || (!site->is_secure && cors_str_is(origin->scheme, "http"));
}

int cors_is_same_origin(const cors_site_t *site, const cors_origin_t *origin)
{
    cors_str_t host = origin->host;
    cors_str_t port = site->port;

    /* httpd takes the dot off the end of what the request names. */
    if (host.n > 0 && host.p[host.n - 1] == '.') {
        host.n--;
    }
    if (site->host.n == 0 || !is_over(site, origin)
        || !cors_str_eq(site->host, host)) {
        return 0;
    }
    /* An origin never names the default port of its scheme. */
    if (cors_str_is(port, cors_scheme_port(origin->scheme))) {
        port.n = 0;
    }
    return cors_str_eq(port, origin->port);
}

int cors_is_same_site(const cors_site_t *site, const cors_origin_t *origin)
{
    return site != NULL && site->host.n > 0 && is_over(site, origin)
        && cors_str_eq(cors_suffix_site(site->suffixes, site->host),
                       cors_suffix_site(site->suffixes, origin->host));
}
