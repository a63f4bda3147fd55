/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file naive_item.h
 * Which items CorsAllowOrigin takes, and what they are normalised to: done
 * with strings, for items of ASCII characters.
 */
#ifndef NAIVE_ITEM_H
#define NAIVE_ITEM_H

#include "naive.h"
#include "naive_origin.h"

/* Is it an item that needs no change? Its wildcards are filled in; what is
 * left has to be an origin. */
static inline int naive_is_item(const char *item)
{
    char text[TEXT_MAX + 8], host[TEXT_MAX];
    const char *scheme_end, *dot;
    char *star;
    size_t n = strlen(item);
    int is_wild;

    if (strcmp(item, "*") == 0 || strcmp(item, "null") == 0
        || strcmp(item, "same-site") == 0) {
        return 1;
    }
    if (n > CORS_ORIGIN_MAX) {
        return 0;
    }
    if (strncmp(item, "//", 2) == 0) {
        /* Both, and no port that only one of them may have. */
        sprintf(text, "http:%s", item);
        if (!naive_is_item(text)) {
            return 0;
        }
        sprintf(text, "https:%s", item);
        return naive_is_item(text);
    }
    strcpy(text, item);
    is_wild = strncmp(text, "http://", 7) == 0
        || strncmp(text, "https://", 8) == 0;
    scheme_end = strstr(text, "://");
    if (scheme_end == NULL) {
        return 0;
    }
    naive_host(scheme_end, host);
    if (is_wild && strcmp(scheme_end + 3 + strlen(host), ":*") == 0) {
        text[n - 2] = '\0';
    }
    star = strchr(host, '*');
    dot = strchr(host, '.');
    if (star != NULL) {
        if (!is_wild || dot == NULL || dot < star || strchr(star + 1, '*')) {
            return 0;
        }
        text[scheme_end - text + 3 + (star - host)] = 'x';
    }
    sprintf(host, "%.*s", (int)(scheme_end - text), text);
    if (naive_default_port(host) != NULL) {
        naive_host(scheme_end, host);
        if (ends_with(host, ".")) {
            return 0;
        }
    }
    return naive_is_origin(cors_str(text));
}

static inline void naive_lower(char *s, size_t n)
{
    for (; n > 0 && *s; n--, s++) {
        if (*s >= 'A' && *s <= 'Z') {
            *s = (char)(*s - 'A' + 'a');
        }
    }
}

/* Writes what an item is normalised to, if it is one at all. */
static inline void naive_normalise(const char *item, char text[TEXT_MAX])
{
    char scheme[TEXT_MAX] = "", host[TEXT_MAX], address[64];
    const char *colon = strstr(item, "://");
    const char *authority, *port, *standard = NULL;

    strcpy(text, item);
    if (strncmp(item, "//", 2) == 0) {
        authority = item + 2;
    }
    else if (colon != NULL && colon > item) {
        sprintf(scheme, "%.*s:", (int)(colon - item), item);
        naive_lower(scheme, strlen(scheme));
        scheme[strlen(scheme) - 1] = '\0';
        standard = naive_default_port(scheme);
        authority = colon + 3;
    }
    else {
        return;
    }
    naive_host(authority - 2, host);
    port = authority + strlen(host);
    if (*host == '[') {
        if (naive_ipv6(host, address)) {
            strcpy(host, address);
        }
    }
    else if (*scheme == '\0' || standard != NULL) {
        naive_lower(host, strlen(host));
    }
    if (*port == ':' && standard != NULL && strcmp(port + 1, standard) == 0) {
        port = "";
    }
    sprintf(text, "%s%s//%s%s", scheme, *scheme ? ":" : "", host, port);
}

#endif /* NAIVE_ITEM_H */
