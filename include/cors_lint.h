/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_lint.h
 * Is a regular expression for origins too loose? Tries it on hostile origins
 * that are built from the expression itself.
 *
 * The lint reads as much of the expression's syntax as it takes to write
 * origins that the expression is meant to accept (cors_sample.h), and then
 * other ones that only differ where the expression leaves something open: a
 * dot that stands for any character, `.*`, a class. If one of those is
 * accepted although it belongs to another site, whoever registers that site
 * gets in.
 *
 * The trials, each with an expression that fails it and with an origin of
 * somebody else's that the expression accepts:
 *
 *   any host          https://[^/]+                     https://evil.example
 *   prefix            https://.*example\.com         https://evilexample.com
 *   suffix            https://example\.com.*
 *                                          https://example.com.evil.example
 *   unescaped dot     https://www.example\.com    https://wwwxexample.com
 *   top-level domain  https://example\.[a-z]+           https://example.evil
 *   public suffix     https://pr-[0-9]+\.netlify\.app
 *                                               https://pr-7.netlify.app
 *   open label        https://example-[a-z]+\.com   https://example-evil.com
 *   address           https://192\.168\.1\.\d+          https://192.168.1.7
 *
 * What the lint cannot read (back references, recursion, conditions) counts
 * as empty; lest something is open there, each sample is also tried with a
 * text in front, behind, in place of a dot or of the top-level domain.
 *
 * Hosts under one site are nobody else's, and neither are loopback hosts;
 * `https://.*\.example\.com` is good. Nor does a port or a scheme make an
 * origin hostile.
 */
#ifndef CORS_LINT_H
#define CORS_LINT_H

#include "cors_origin.h"
#include "cors_suffix.h"

/** No expression costs more calls of `ask`. */
#define CORS_LINT_ASKS_MAX 8192

/** What the lint thinks of an expression. */
typedef enum {
    CORS_LINT_GOOD,
    CORS_LINT_LOOSE,            /* it accepts a hostile origin */
    CORS_LINT_DEAD,             /* it accepts none of the origins that were
                                   built from it: it may match nothing, or use
                                   what the lint cannot read */
    CORS_LINT_SLOW              /* matching was given up: it backtracks
                                   without end */
} cors_lint_verdict_t;

/** The details. */
typedef struct cors_lint_t {
    const char *trial;          /* with LOOSE: the name of the trial that it
                                   failed, static, as above; else NULL */
    char origin[CORS_ORIGIN_MAX + 1];   /* with LOOSE and SLOW: the origin,
                                   terminated; else empty */
    char insecure[CORS_ORIGIN_MAX + 1]; /* an insecure origin
                                   (cors_origin_is_insecure()) that it
                                   accepts, or empty */
    int is_partial;             /* with GOOD and DEAD: not all of it was tried;
                                   it is too large, or has back references,
                                   recursion or conditions */
} cors_lint_t;

/**
 * Asks the compiled expression about one origin.
 *
 * @param origin  terminated, well-formed
 * @return 1 if it matches the whole origin, 0 if not, -1 if matching was
 *         given up
 */
typedef int (*cors_lint_ask_t)(cors_str_t origin, void *context);

/**
 * Tries an expression that has been compiled without error, on its own: with
 * nothing around it.
 *
 * @param regex     its text, terminated
 * @param suffixes  or NULL; tells which hosts are of one site
 * @param ask       see above; only called with well-formed origins, none of
 *                  them `null`, at most CORS_LINT_ASKS_MAX times
 * @param lint      out
 *
 * Cost: bounded, whatever the expression. Allocates nothing but some 15 KiB
 * on the stack, and 400 bytes for each group inside another (an unoptimised
 * build takes more).
 */
cors_lint_verdict_t cors_lint(const char *regex,
                              const cors_suffixes_t *suffixes,
                              cors_lint_ask_t ask, void *context,
                              cors_lint_t *lint);

#endif /* CORS_LINT_H */
