/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file naive.h
 * Items of CorsAllowOrigin matched with strings, slowly and in plain sight,
 * and random items, origins and sites that meet often. Shares no code with
 * what it is to judge.
 */
#ifndef NAIVE_H
#define NAIVE_H

#include <stdio.h>
#include <string.h>

#include "cors_pattern.h"
#include "random.h"
#include "tap.h"

/* Room for any text below. */
#define TEXT_MAX 128

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

/* Of the domains below only these are public suffixes. */
static inline int naive_is_public(const char *domain)
{
    return strchr(domain, '.') == NULL || strcmp(domain, "github.io") == 0;
}

static inline int naive_is_address(const char *host)
{
    return *host == '[' || strspn(host, ".0123456789") == strlen(host);
}

/* The last bytes of a host that make it part of a site. */
static inline const char *naive_site(const char *host)
{
    const char *domain = host;
    const char *parent;

    if (naive_is_address(host)) {
        return host;
    }
    while ((parent = strchr(domain, '.')) != NULL
           && !naive_is_public(parent + 1)) {
        domain = parent + 1;
    }
    return domain;
}

/* The bytes between "//" and the port. */
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
        && strcmp(name, "localhost") != 0 && !ends_with(name, ".localhost")
        && strcmp(name, "127.0.0.1") != 0
        && strcmp(name, "[::1]") != 0) {
        facts |= CORS_PATTERN_INSECURE;
    }
    return facts;
}

/* Labels come from a small alphabet, so that patterns hit; `width` makes it
 * wider where a set is large. */
static inline void add_label(char *text, unsigned width)
{
    static const char *const parts[] = {
        "a", "b", "ab", "pr-", "-x", "a-b", "1"
    };
    unsigned n = 1 + roll(2);

    while (n-- > 0) {
        strcat(text, parts[roll(COUNT(parts))]);
    }
    if (width > 0) {
        sprintf(text + strlen(text), "%u", roll(width));
    }
}

static inline void add_domain(char *text, unsigned width)
{
    static const char *const ends[] = {
        "com", "example.com", "example.com", "b.com", "localhost",
        "github.io"
    };

    if (width > 0 ? roll(width) > 0 : roll(4) == 0) {
        add_label(text, width);
        strcat(text, ".");
    }
    strcat(text, ends[roll(COUNT(ends))]);
}

static inline void add_address(char *text)
{
    static const char *const addresses[] = {
        "127.0.0.1", "[::1]", "[2001:db8::1]", "10.0.0.1", "localhost"
    };

    strcat(text, addresses[roll(COUNT(addresses))]);
}

static inline void add_port(char *text)
{
    static const char *const ports[] = { "", "", ":8080", ":8443", ":1" };

    strcat(text, ports[roll(COUNT(ports))]);
}

static inline void invent_origin(char *text, unsigned width)
{
    static const char *const schemes[] = {
        "https://", "https://", "https://", "http://", "http://", "evils://",
        "ws://"
    };

    if (roll(60) == 0) {
        strcpy(text, "null");
        return;
    }
    strcpy(text, schemes[roll(COUNT(schemes))]);
    if (roll(12) == 0) {
        add_address(text);
    }
    else {
        if (roll(8) > 0) {
            add_label(text, width);
            strcat(text, ".");
        }
        add_domain(text, width);
    }
    add_port(text);
}

static inline void invent_item(char *text, unsigned width)
{
    static const char *const schemes[] = {
        "https://", "https://", "http://", "//"
    };
    unsigned kind = roll(12);

    if (roll(400) == 0) {
        strcpy(text, "*");
        return;
    }
    if (roll(80) == 0) {
        strcpy(text, "same-site");
        return;
    }
    if (kind < 5) {
        invent_origin(text, width);
        return;
    }
    strcpy(text, schemes[roll(COUNT(schemes))]);
    if (kind < 6) {
        add_address(text);
    }
    else {
        if (kind < 8 || roll(2)) {
            add_label(text, kind < 8 ? width : 0);
        }
        if (kind >= 8) {
            strcat(text, "*");
        }
        if (kind >= 10 && roll(2)) {
            add_label(text, 0);
        }
        strcat(text, ".");
        add_domain(text, width);
    }
    if (roll(4) == 0) {
        strcat(text, ":*");
    }
    else {
        add_port(text);
    }
}

/* An origin that the item covers, more often than not. */
static inline void invent_near(char *text, const char *item)
{
    const char *p = item;

    if (strcmp(item, "*") == 0 || strcmp(item, "same-site") == 0) {
        return;
    }
    *text = '\0';
    if (strncmp(p, "//", 2) == 0) {
        strcpy(text, roll(2) ? "https:" : "http:");
    }
    for (; *p; p++) {
        if (strcmp(p, ":*") == 0) {
            add_port(text);
            break;
        }
        if (*p == '*') {
            add_label(text, 0);
        }
        else {
            strncat(text, p, 1);
        }
    }
}

/* A host that is often part of the origin's site. */
static inline void invent_site(naive_site_t *site, const char *origin)
{
    static const char *const ports[] = { "", "", "80", "443", "8080", "8443" };
    char other[TEXT_MAX];
    unsigned kind = roll(4);

    site->port = ports[roll(COUNT(ports))];
    site->is_secure = (int)roll(2);
    if (roll(8) == 0 || strcmp(origin, "null") == 0) {
        *site->host = '\0';
        return;
    }
    naive_host(origin, site->host);
    strcpy(other, naive_site(site->host));
    if (kind == 1) {
        strcpy(site->host, other);
    }
    else if (kind == 2 && !naive_is_address(other)) {
        *site->host = '\0';
        add_label(site->host, 0);
        strcat(site->host, ".");
        strcat(site->host, other);
    }
    else if (kind == 3) {
        do {
            invent_origin(other, 0);
        } while (strcmp(other, "null") == 0);
        naive_host(other, site->host);
    }
}

#endif /* NAIVE_H */
