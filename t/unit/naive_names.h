/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file naive_names.h
 * Lists of method and header names, and the fields that ask for them, gone
 * through slowly and in plain sight. Shares no code with what it is to judge.
 */
#ifndef NAIVE_NAMES_H
#define NAIVE_NAMES_H

#include <string.h>
#include <strings.h>

#include "cors_str.h"

/* Sections inside each other, and names in one. */
#define NAMES_SECTIONS 4
#define NAMES_MAX      32

typedef struct naive_name_t {
    cors_str_t text;            /* of a prefix the part in front of `*` */
    char kind;                  /* '=' a name, '^' a prefix, '*' any */
    int removes;
} naive_name_t;

/* Lists as directives write them, the outermost first. */
typedef struct naive_names_t {
    struct {
        naive_name_t name[NAMES_MAX];
        size_t n;
        int replaces;
    } section[NAMES_SECTIONS];
    size_t n;
    int is_caseless;            /* header names; methods are not */
    int has_default;            /* the first section is the default's */
} naive_names_t;

/* Are they the same name? */
static inline int naive_is_name(const naive_names_t *names, cors_str_t a,
                                cors_str_t b)
{
    return a.n == b.n
        && (a.n == 0 || (names->is_caseless ? strncasecmp(a.p, b.p, a.n)
                                            : memcmp(a.p, b.p, a.n)) == 0);
}

static inline int naive_name_covers(const naive_names_t *names,
                                    const naive_name_t *entry, cors_str_t name)
{
    if (entry->kind == '^' && name.n > entry->text.n) {
        name.n = entry->text.n;
        return naive_is_name(names, entry->text, name);
    }
    return entry->kind == '*'
        || (entry->kind == '=' && naive_is_name(names, entry->text, name));
}

/* The first section that nobody replaces. */
static inline size_t naive_names_first(const naive_names_t *names)
{
    size_t s = names->n;

    while (s > 0 && !names->section[--s].replaces) {
        continue;
    }
    return s;
}

/* Is the name listed? Of the entries that add, only these kinds count. */
static inline int naive_is_listed(const naive_names_t *names, cors_str_t name,
                                  const char *kinds)
{
    size_t s, i;

    for (s = names->n; s-- > naive_names_first(names);) {
        int adds = 0;

        for (i = 0; i < names->section[s].n; i++) {
            const naive_name_t *entry = &names->section[s].name[i];

            if (naive_name_covers(names, entry, name)) {
                if (entry->removes) {
                    return 0;
                }
                adds |= strchr(kinds, entry->kind) != NULL;
            }
        }
        if (adds) {
            return 1;
        }
    }
    return 0;
}

/* Is there such an entry in force? `removes` is -1 for either. */
static inline int naive_has_entry(const naive_names_t *names,
                                  const char *kinds, int removes)
{
    size_t s, i;

    for (s = naive_names_first(names); s < names->n; s++) {
        for (i = 0; i < names->section[s].n; i++) {
            const naive_name_t *entry = &names->section[s].name[i];

            if (strchr(kinds, entry->kind)
                && (removes < 0 || entry->removes == removes)) {
                return 1;
            }
        }
    }
    return 0;
}

/* How many different names stand in the list and are in force? */
static inline size_t naive_count_literals(const naive_names_t *names)
{
    size_t first = naive_names_first(names), s, i, other, k, n = 0;

    for (s = first; s < names->n; s++) {
        for (i = 0; i < names->section[s].n; i++) {
            const naive_name_t *entry = &names->section[s].name[i];
            int is_new = entry->kind == '=' && !entry->removes
                && naive_is_listed(names, entry->text, "=");

            for (other = first; is_new && other <= s; other++) {
                const size_t end = other < s ? names->section[other].n : i;

                for (k = 0; k < end; k++) {
                    const naive_name_t *before =
                        &names->section[other].name[k];

                    is_new &= before->kind != '=' || before->removes
                        || !naive_is_name(names, before->text, entry->text);
                }
            }
            n += is_new;
        }
    }
    return n;
}

/* RFC 9110, section 5.6.2. */
static inline int naive_is_token(cors_str_t s)
{
    static const char tchars[] =
        "!#$%&'*+-.^_`|~0123456789"
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    size_t i;

    for (i = 0; i < s.n; i++) {
        if (memchr(tchars, s.p[i], sizeof(tchars) - 1) == NULL) {
            return 0;
        }
    }
    return s.n > 0;
}

/* The element of a comma list that begins at an offset, without the blanks
 * around it; perhaps empty. `end` is the offset of its comma, or the value's
 * length. */
static inline cors_str_t naive_element(cors_str_t value, size_t at,
                                       size_t *end)
{
    size_t to = at;

    while (to < value.n && value.p[to] != ',') {
        to++;
    }
    *end = to;
    while (at < to && (value.p[at] == ' ' || value.p[at] == '\t')) {
        at++;
    }
    while (at < to && (value.p[to - 1] == ' ' || value.p[to - 1] == '\t')) {
        to--;
    }
    return cors_str_sub(value, at, to);
}

/* May a page use this method? */
static inline int naive_allows_method(const naive_names_t *names,
                                      cors_str_t method)
{
    static const char *const never[] = { "connect", "trace", "track" };
    size_t i;

    for (i = 0; i < sizeof(never) / sizeof(*never); i++) {
        if (method.n == strlen(never[i])
            && strncasecmp(method.p, never[i], method.n) == 0) {
            return 0;
        }
    }
    return cors_str_is(method, "GET") || cors_str_is(method, "HEAD")
        || cors_str_is(method, "POST")
        || (naive_is_token(method) && naive_is_listed(names, method, "=^*"));
}

/* May a page set this request header? Without credentials `*` does not stand
 * for Authorization. */
static inline int naive_allows_header(const naive_names_t *names,
                                      cors_str_t name, int credentials)
{
    const int is_authorization = name.n == strlen("authorization")
        && strncasecmp(name.p, "authorization", name.n) == 0;

    return naive_is_token(name)
        && naive_is_listed(names, name, is_authorization && !credentials
                           ? "=^" : "=^*");
}

/* The first of the requested headers that is not allowed, all of them if they
 * are too long together, the absent slice if all are allowed. */
static inline cors_str_t naive_blame(const naive_names_t *names,
                                     cors_str_t requested, int credentials)
{
    const cors_str_t none = { NULL, 0 };
    size_t at, end;

    if (requested.n > 4096) {
        return requested;
    }
    for (at = 0; at < requested.n; at = end + 1) {
        const cors_str_t name = naive_element(requested, at, &end);

        if (name.n > 0 && !naive_allows_header(names, name, credentials)) {
            return name;
        }
    }
    return none;
}

#endif /* NAIVE_NAMES_H */
