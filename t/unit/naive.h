/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file naive.h
 * Items of CorsAllowOrigin matched with strings, slowly and in plain sight.
 * Shares no code with what it is to judge.
 */
#ifndef NAIVE_H
#define NAIVE_H

#include <stdio.h>
#include <string.h>

#include "cors_pattern.h"

/* Room for any text below: an item, an origin, and a few bytes more. */
#define TEXT_MAX (CORS_ORIGIN_MAX + 24)

/* What `*` stands for: bytes of a host; of one label only, if asked. */
static inline int is_host_part(const char *s, size_t n, int one_label)
{
    size_t i;

    for (i = 0; i < n; i++) {
        if (strchr(one_label ? ":/[]." : ":/[]", s[i])) {
            return 0;
        }
    }
    return n > 0;
}

/* Does the text "scheme://host[:port]" with at most one `*` cover this? */
static inline int naive_glob(const char *item, const char *origin)
{
    const char *star = strchr(item, '*');
    size_t head, tail, n;

    if (star == NULL) {
        return strcmp(item, origin) == 0;
    }
    n = strlen(origin);
    head = (size_t)(star - item);
    tail = strlen(star + 1);
    return n > head + tail
        && strncmp(origin, item, head) == 0
        && strcmp(origin + n - tail, star + 1) == 0
        && is_host_part(origin + head, n - head - tail,
                        !(star[-1] == '/' && star[1] == '.'));
}

/* What the request was sent to, as text. */
typedef struct naive_site_t {
    char host[TEXT_MAX];        /* empty: unknown */
    const char *port;           /* "": none was given */
    int is_secure;
} naive_site_t;

static inline int ends_with(const char *s, const char *end)
{
    return strlen(s) >= strlen(end)
        && strcmp(s + strlen(s) - strlen(end), end) == 0;
}

/* Of the domains that tests make up only these are public suffixes: names of
 * one label, and `*.ck`, but not `www.ck`. */
static inline int naive_is_public(const char *domain)
{
    const char *dot = strchr(domain, '.');

    return !cors_suffixes_supported || dot == NULL
        || strcmp(domain, "github.io") == 0
        || (strcmp(dot, ".ck") == 0 && strcmp(domain, "www.ck") != 0);
}

static inline int naive_is_address(const char *host)
{
    return *host == '[' || strspn(host, ".0123456789") == strlen(host);
}

/* Does it never leave the machine? */
static inline int naive_is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || ends_with(host, ".localhost")
        || strcmp(host, "[::1]") == 0
        || (strncmp(host, "127.", 4) == 0 && naive_is_address(host));
}

/* The last bytes of a host that make it part of a site. */
static inline const char *naive_site(const char *host)
{
    const char *domain = host;
    const char *parent;

    if (!cors_suffixes_supported || naive_is_address(host)
        || ends_with(host, ".")) {
        return host;
    }
    while ((parent = strchr(domain, '.')) != NULL
           && !naive_is_public(parent + 1)) {
        domain = parent + 1;
    }
    return domain;
}

/* The bytes between "//" and the port: a host. */
static inline void naive_host(const char *origin, char *host)
{
    strcpy(host, strstr(origin, "//") + 2);
    host[*host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":")] = '\0';
}

static inline int naive_is_same_site(const char *origin,
                                     const naive_site_t *site)
{
    char host[TEXT_MAX];

    if (strncmp(origin, "https://", 8) != 0
        && (site->is_secure || strncmp(origin, "http://", 7) != 0)) {
        return 0;
    }
    naive_host(origin, host);
    return *site->host != '\0'
        && strcmp(naive_site(host), naive_site(site->host)) == 0;
}

/* The table of items, done with strings: rewrites the item into ones without
 * its wildcards of scheme and port. */
static inline int naive_covers(const char *item, const char *origin,
                               const naive_site_t *site)
{
    char text[TEXT_MAX + 8];
    char bare[TEXT_MAX + 8];
    size_t n = strlen(item);

    if (strcmp(item, "*") == 0) {
        return 1;
    }
    if (strcmp(item, "null") == 0 || strcmp(origin, "null") == 0) {
        return strcmp(item, origin) == 0;
    }
    if (strcmp(item, "same-site") == 0) {
        return naive_is_same_site(origin, site);
    }
    if (strncmp(item, "//", 2) == 0) {
        sprintf(text, "http:%s", item);
        sprintf(bare, "https:%s", item);
        return naive_covers(text, origin, site)
            || naive_covers(bare, origin, site);
    }
    if (n > 2 && strcmp(item + n - 2, ":*") == 0) {
        size_t end = strlen(origin);

        while (end > 0 && strchr("0123456789", origin[end - 1])) {
            end--;
        }
        sprintf(text, "%.*s", (int)n - 2, item);
        sprintf(bare, "%.*s", (int)end - 1, origin);
        return naive_glob(text, origin)
            || (end > 0 && origin[end - 1] == ':'
                && naive_glob(text, bare));
    }
    return naive_glob(item, origin);
}

/* The facts that a look-up may be told to skip, read off the text. */
static inline unsigned naive_facts(const char *item)
{
    unsigned facts = 0;
    const char *host = strstr(item, "//");
    const char *star;
    char name[TEXT_MAX];

    if (host == NULL) {
        return *item == '*' ? CORS_PATTERN_ANY
            : *item == 'n' ? CORS_PATTERN_NULL : CORS_PATTERN_SAME_SITE;
    }
    if (host == item) {
        facts |= CORS_PATTERN_EITHER_SCHEME;
    }
    if (ends_with(item, ":*")) {
        facts |= CORS_PATTERN_ANY_PORT;
    }
    naive_host(item, name);
    star = strchr(name, '*');
    if (star != NULL) {
        const char *parent = strchr(name, '.') + 1;
        int whole = star == name && star[1] == '.';

        facts |= whole ? CORS_PATTERN_SUBDOMAINS : CORS_PATTERN_PARTIAL;
        if (naive_is_public(parent) && strcmp(parent, "localhost") != 0) {
            facts |= whole ? CORS_PATTERN_PUBLIC_SUFFIX
                           : CORS_PATTERN_REGISTRABLE;
        }
    }
    if ((host == item || strncmp(item, "http:", 5) == 0)
        && !naive_is_loopback(name)) {
        facts |= CORS_PATTERN_INSECURE;
    }
    return facts;
}

#endif /* NAIVE_H */
