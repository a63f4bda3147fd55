/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file tap.h
 * All that a unit test needs: TAP on standard output, an exit status that
 * cannot be mistaken, and bytes whose end AddressSanitizer guards.
 */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cors_str.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static int tap_run;
static int tap_failed;

/** One promise, kept or broken. Returns whether it was kept. */
__attribute__((format(printf, 2, 3)))
static inline int ok(int kept, const char *fmt, ...)
{
    va_list args;

    tap_run++;
    tap_failed += !kept;
    printf("%sok %d - ", kept ? "" : "not ", tap_run);
    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);
    putchar('\n');
    return kept;
}

/** A promise about text; NULL promises the absent slice. */
static inline void is(cors_str_t got, const char *want, const char *what,
                      const char *part)
{
    int kept = want ? got.p != NULL && cors_str_eq(got, cors_str(want))
                    : got.p == NULL;

    if (!ok(kept, "%s: %s", what, part)) {
        printf("#   got '%.*s', want %s\n", (int)got.n, got.p ? got.p : "",
               want ? want : "nothing");
    }
}

/** The plan, and main()'s result. A program that tested nothing failed. */
static inline int done_testing(void)
{
    printf("1..%d\n", tap_run);
    return tap_failed > 0 || tap_run == 0;
}

/** A copy of `n` bytes on the heap, with nothing behind: the sanitizer sees
 * a read of one byte more. For drop(). */
static inline cors_str_t exact_n(const char *bytes, size_t n)
{
    char *copy = malloc(n);
    cors_str_t s = { copy, n };

    if (n > 0) {
        memcpy(copy, bytes, n);
    }
    return s;
}

/** The same of a string, without its terminator; NULL stays absent. */
static inline cors_str_t exact(const char *string)
{
    return string ? exact_n(string, strlen(string)) : cors_str(NULL);
}

static inline void drop(cors_str_t s)
{
    free((char *)s.p);
}

#endif /* TAP_H */
