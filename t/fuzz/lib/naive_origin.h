/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file naive_origin.h
 * Is this an origin as a browser sends it? Read with strings, slowly and in
 * plain sight. Shares no code with what it is to judge.
 */
#ifndef NAIVE_ORIGIN_H
#define NAIVE_ORIGIN_H

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cors_str.h"

#define NAIVE_LOWER  "abcdefghijklmnopqrstuvwxyz"
#define NAIVE_UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define NAIVE_DIGITS "0123456789"

/* Is it of these characters only? */
static inline int naive_is_of(const char *s, const char *characters)
{
    return s[strspn(s, characters)] == '\0';
}

/* The default port of the schemes whose hosts are domains, or NULL. */
static inline const char *naive_default_port(const char *scheme)
{
    return strcmp(scheme, "https") == 0 || strcmp(scheme, "wss") == 0 ? "443"
        : strcmp(scheme, "http") == 0 || strcmp(scheme, "ws") == 0 ? "80"
        : strcmp(scheme, "ftp") == 0 ? "21" : NULL;
}

/* Writes an address with its brackets as browsers do; 0 if it is none. Of the
 * eight numbers the first longest run of zeros is looked for by trying the
 * longest first. */
static inline int naive_ipv6(const char *host, char text[64])
{
    const size_t n = strlen(host);
    char inside[INET6_ADDRSTRLEN + 1], all[64] = ":", zeros[32];
    unsigned char b[16];
    char *found = NULL;
    int i, run;

    if (n < 2 || n - 2 > INET6_ADDRSTRLEN || host[0] != '['
        || host[n - 1] != ']') {
        return 0;
    }
    sprintf(inside, "%.*s", (int)n - 2, host + 1);
    if (inet_pton(AF_INET6, inside, b) != 1) {
        return 0;
    }
    for (i = 0; i < 16; i += 2) {
        sprintf(all + strlen(all), "%x:", b[i] * 256u + b[i + 1]);
    }
    for (run = 8; run >= 2 && found == NULL; run--) {
        strcpy(zeros, ":");
        for (i = 0; i < run; i++) {
            strcat(zeros, "0:");
        }
        found = strstr(all, zeros);
        if (found != NULL) {
            memmove(found + 2, found + strlen(zeros),
                    strlen(found + strlen(zeros)) + 1);
            found[1] = ':';
        }
    }
    if (strlen(all) > 2 && strcmp(all + strlen(all) - 2, "::") != 0) {
        all[strlen(all) - 1] = '\0';
    }
    sprintf(text, "[%s]", strncmp(all, "::", 2) == 0 ? all : all + 1);
    return 1;
}

/* A host of http, https and their like. */
static inline int naive_is_domain(const char *host)
{
    unsigned char address[4];
    char name[256];
    size_t n = strlen(host), i = 0;
    const char *last;

    if (n > 254 || !naive_is_of(host, NAIVE_LOWER NAIVE_DIGITS "-_.")) {
        return 0;
    }
    strcpy(name, host);
    if (n > 0 && name[n - 1] == '.') {
        name[--n] = '\0';
    }
    if (n > 253) {
        return 0;
    }
    for (;;) {
        const size_t label = strcspn(name + i, ".");

        if (label == 0 || label > 63) {
            return 0;
        }
        if (name[i + label] == '\0') {
            break;
        }
        i += label + 1;
    }
    last = name + i;
    if (naive_is_of(last, NAIVE_DIGITS)
        || (strncmp(last, "0x", 2) == 0
            && naive_is_of(last + 2, NAIVE_DIGITS "abcdef"))) {
        return inet_pton(AF_INET, host, address) == 1;
    }
    return 1;
}

static inline int naive_is_host(const char *host, int is_domain)
{
    char canonical[64];

    if (*host == '[') {
        return naive_ipv6(host, canonical) && strcmp(canonical, host) == 0;
    }
    return is_domain ? naive_is_domain(host)
        : *host != '\0'
          && naive_is_of(host, NAIVE_LOWER NAIVE_UPPER NAIVE_DIGITS "-_.");
}

/* Any bytes. */
static inline int naive_is_origin(cors_str_t value)
{
    char text[400], scheme[400];
    const char *port = NULL;
    char *host, *end;

    if (value.n == 0 || value.n > 328 || memchr(value.p, '\0', value.n)) {
        return 0;
    }
    memcpy(text, value.p, value.n);
    text[value.n] = '\0';
    if (strcmp(text, "null") == 0) {
        return 1;
    }
    host = strstr(text, "://");
    if (host == NULL) {
        return 0;
    }
    *host = '\0';
    host += 3;
    strcpy(scheme, text);
    if (*scheme == '\0' || !strchr(NAIVE_LOWER, *scheme)
        || !naive_is_of(scheme, NAIVE_LOWER NAIVE_DIGITS "+-.")
        || strcmp(scheme, "file") == 0) {
        return 0;
    }
    end = *host == '[' ? host + strcspn(host, "]") : host;
    end += strcspn(end, ":");
    if (*end == ':') {
        *end = '\0';
        port = end + 1;
    }
    if (port != NULL
        && (*port == '\0' || *port == '0' || strlen(port) > 5
            || !naive_is_of(port, NAIVE_DIGITS) || atol(port) > 65535
            || (naive_default_port(scheme) != NULL
                && strcmp(port, naive_default_port(scheme)) == 0))) {
        return 0;
    }
    return naive_is_host(host, naive_default_port(scheme) != NULL);
}

#endif /* NAIVE_ORIGIN_H */
