/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_str.h
 * A slice: bytes that somebody else owns. The core passes text as slices, so
 * nothing is copied and nothing needs a terminator.
 */
#ifndef CORS_STR_H
#define CORS_STR_H

#include <stddef.h>
#include <string.h>

/** In front of a function that few requests come to. Compilers would make it
 * part of its caller, and then all requests pay for the registers it needs. */
#define CORS_APART __attribute__((noinline))

typedef struct cors_str_t {
    const char *p;              /* NULL: absent, which is not empty */
    size_t n;                   /* bytes */
} cors_str_t;

/** A slice over a string literal. */
#define CORS_STR(literal) { "" literal, sizeof(literal) - 1 }

/** The slice over a terminated string; NULL becomes the absent slice. */
static inline cors_str_t cors_str(const char *s)
{
    cors_str_t str = { s, s ? strlen(s) : 0 };

    return str;
}

/** Is the name one of the terminated strings, up to a NULL? */
static inline int cors_is_one_of(const char *const *names, const char *name)
{
    for (; *names != NULL; names++) {
        if (strcmp(*names, name) == 0) {
            return 1;
        }
    }
    return 0;
}

/** The bytes of `s` from offset `from` up to, not including, `to`. */
static inline cors_str_t cors_str_sub(cors_str_t s, size_t from, size_t to)
{
    cors_str_t str = { s.p + from, to - from };

    return str;
}

/** Are the two equal, byte for byte? */
static inline int cors_str_eq(cors_str_t a, cors_str_t b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/** Is `s` the terminated string `word`, byte for byte? */
static inline int cors_str_is(cors_str_t s, const char *word)
{
    return cors_str_eq(s, cors_str(word));
}

/** The lower-case form of an ASCII letter, any other byte as it is. The
 * locale has no say in a protocol. */
static inline char cors_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/** Is it an ASCII digit? */
static inline int cors_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/** Does `s` begin with the `n` bytes at `prefix`, ASCII case aside? */
static inline int cors_str_ibegins(cors_str_t s, const char *prefix, size_t n)
{
    size_t i;

    if (s.n < n) {
        return 0;
    }
    for (i = 0; i < n; i++) {
        /* Most are the same as they are. */
        if (s.p[i] != prefix[i]
            && cors_lower(s.p[i]) != cors_lower(prefix[i])) {
            return 0;
        }
    }
    return 1;
}

/** Are the two equal, ASCII case aside? */
static inline int cors_str_ieq(cors_str_t a, cors_str_t b)
{
    return a.n == b.n && cors_str_ibegins(a, b.p, b.n);
}

#endif /* CORS_STR_H */
