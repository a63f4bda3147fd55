/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_step.h"

#include <apr_strings.h>
#include <stdarg.h>

int cors_step_add(apr_pool_t *pool, apr_array_header_t *steps,
                  const char *name, int ok, const char *fmt, ...)
{
    cors_step_t *step = apr_array_push(steps);
    va_list args;

    va_start(args, fmt);
    step->step = name;
    step->ok = ok;
    step->detail = apr_pvsprintf(pool, fmt, args);
    va_end(args);
    return ok != 0;
}

const char *cors_step_show(apr_pool_t *pool, cors_str_t text)
{
    const int is_long = text.n > CORS_STEP_SHOWN_MAX;
    size_t n = is_long ? CORS_STEP_SHOWN_MAX : text.n;
    size_t i;
    char *shown;

    /* The first byte behind goes on with a character. */
    while (is_long && n > CORS_STEP_SHOWN_MAX - 3
           && (text.p[n] & 0xc0) == 0x80) {
        n--;
    }
    shown = apr_palloc(pool, n + sizeof("..."));
    for (i = 0; i < n; i++) {
        shown[i] = text.p[i] != '\0' ? text.p[i] : '?';
    }
    strcpy(shown + n, is_long ? "..." : "");
    return shown;
}
