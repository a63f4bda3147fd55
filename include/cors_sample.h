/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_sample.h
 * Texts that a regular expression is meant to match, written from the
 * expression, and where in them the expression leaves something open.
 *
 * An expression has choices that are all written down in it (`(a|b)`, `s?`,
 * `[12]`) and elements that are open, which a stranger may fill as he likes:
 * a dot, `.*`, `[a-z]`, `\d+`, a group that may be repeated. A plan takes the
 * choices, a style says how open elements are filled.
 */
#ifndef CORS_SAMPLE_H
#define CORS_SAMPLE_H

#include "cors_origin.h"
#include "cors_regex.h"

/** Open elements that are noted in one sample. */
#define CORS_SAMPLE_OPEN_MAX 32

/** Styles: the plainest is 0, each bit departs from it. */
#define CORS_SAMPLE_FILLED 1u   /* `.*` and the like are not left empty */
#define CORS_SAMPLE_BARE   2u   /* what is optional is left out */
#define CORS_SAMPLE_LETTER 4u   /* a lone dot is a letter, not a dot */
#define CORS_SAMPLE_SCHEME 8u   /* an open element in front holds `https://`,
                                   not only `https` */
#define CORS_SAMPLE_STYLES 16u  /* so many styles can be made of these */
#define CORS_SAMPLE_OTHER  16u  /* of letters and digits, open elements take
                                   the last they can, not the first */

/** No offset. */
#define CORS_SAMPLE_NONE (~(size_t)0)

/** Which choices; offsets in the expression. */
typedef struct cors_sample_plan_t {
    size_t via;                 /* what stands there is part of the sample; of
                                   the other choices, the first. Or NONE */
    size_t omit;                /* the optional element that begins there is
                                   left out. Or NONE */
} cors_sample_plan_t;

/** An open element's part of a sample; offsets in the sample. */
typedef struct cors_sample_open_t {
    size_t from;
    size_t to;                  /* not included */
    int is_dot;                 /* a dot without a quantifier, or `.?` */
} cors_sample_open_t;

/** A sample. */
typedef struct cors_sample_t {
    char text[CORS_ORIGIN_MAX + 1];     /* terminated */
    size_t n;
    cors_sample_open_t open[CORS_SAMPLE_OPEN_MAX];
    size_t open_n;
    int is_cut;                 /* boolean: there are more open elements */
} cors_sample_t;

/** Goes through the plans of an expression. */
typedef struct cors_sample_plans_t {
    cors_regex_t regex;
    cors_sample_plan_t last;
    int state;
} cors_sample_plans_t;

/** Before the first plan. `fuel`: see cors_regex_begin(). */
void cors_sample_begin(cors_sample_plans_t *plans, cors_str_t text,
                       unsigned long *fuel);

/**
 * The next plan: first the one that takes the first of all choices, then two
 * for each optional element, with it and without it, and one for each further
 * alternative. One choice at a time, not all combinations.
 *
 * @return 1, or 0 when there are no more
 */
int cors_sample_next(cors_sample_plans_t *plans, cors_sample_plan_t *plan);

/**
 * Writes the sample of a plan.
 *
 * @param regex  whose text and fuel are used; goes to its start
 * @return 1, or 0 if it gets longer than an origin may be, or the fuel is used
 *         up. Whether it is an origin, and matches, the caller has to find
 *         out.
 */
int cors_sample_write(cors_regex_t *regex, const cors_sample_plan_t *plan,
                      unsigned style, cors_sample_t *sample);

#endif /* CORS_SAMPLE_H */
