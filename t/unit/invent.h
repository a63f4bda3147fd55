/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file invent.h
 * Random items, origins and sites that meet often.
 */
#ifndef INVENT_H
#define INVENT_H

#include "naive.h"
#include "random.h"
#include "tap.h"

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

#endif /* INVENT_H */
