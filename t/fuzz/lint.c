/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/* An expression of CorsAllowOriginMatch: the input is all of it, no choices.
 * Whatever it is, the reader comes to its end, samples keep to their bounds,
 * and the lint's verdict is borne out by PCRE2. */
#include "compiled.h"
#include "cors_sample.h"

#include "fuzz.h"

/* As long as a line of a configuration may well be. */
#define LONGEST 2000

/* Tokens, and samples, that are looked at. */
#define FUEL    20000u
#define SAMPLES 64

/* -------------------------------------------------------------- tokens -- */

static void check_tokens(cors_str_t text)
{
    static cors_regex_t regex;

    unsigned long fuel = FUEL, before;
    size_t opens[CORS_REGEX_DEPTH];
    size_t depth = 0, last = 0;
    cors_regex_token_t token;

    cors_regex_begin(&regex, text, &fuel);
    for (;;) {
        before = fuel;
        cors_regex_next(&regex, &token);
        promise(regex.place.at <= text.n, "the reader stays in the text",
                text);
        if (token.kind == CORS_REGEX_END) {
            break;
        }
        promise(fuel == before - 1, "a token takes one of fuel", text);
        promise(token.start >= last && regex.place.at > token.start,
                "the reader goes on", text);
        last = regex.place.at;
        if (token.kind == CORS_REGEX_OPEN
            || token.kind == CORS_REGEX_OPEN_EMPTY) {
            promise(depth < CORS_REGEX_DEPTH, "groups have a greatest depth",
                    text);
            opens[depth++] = token.start;
        }
        else if (token.kind == CORS_REGEX_CLOSE) {
            promise(depth > 0 && token.open == opens[depth - 1],
                    "a group closes what it opened", text);
            depth--;
        }
        if (token.kind != CORS_REGEX_OPEN
            && token.kind != CORS_REGEX_OPEN_EMPTY) {
            cors_regex_quantifier(&regex);
            promise(regex.place.at <= text.n && regex.place.at >= last,
                    "a quantifier stays in the text", text);
            last = regex.place.at;
        }
    }
    cors_regex_next(&regex, &token);
    promise(token.kind == CORS_REGEX_END, "the end is the end", text);
}

/* ------------------------------------------------------------- samples -- */

static void check_sample(const cors_sample_t *sample, cors_str_t regex)
{
    size_t i;

    promise(sample->n <= CORS_ORIGIN_MAX && sample->text[sample->n] == '\0',
            "a sample is as long as an origin at most", regex);
    promise(sample->open_n <= CORS_SAMPLE_OPEN_MAX,
            "so many open elements are noted", regex);
    for (i = 0; i < sample->open_n; i++) {
        promise(sample->open[i].from <= sample->open[i].to
                && sample->open[i].to <= sample->n,
                "an open element is part of the sample", regex);
    }
}

static void check_samples(cors_str_t text)
{
    static cors_sample_plans_t plans;
    static cors_regex_t regex;

    unsigned long fuel = FUEL;
    cors_sample_plan_t plan;
    cors_sample_t sample;
    unsigned i;

    cors_regex_begin(&regex, text, &fuel);
    cors_sample_begin(&plans, text, &fuel);
    for (i = 0; i < SAMPLES && cors_sample_next(&plans, &plan); i++) {
        promise((plan.via == CORS_SAMPLE_NONE || plan.via <= text.n)
                && (plan.omit == CORS_SAMPLE_NONE || plan.omit < text.n),
                "a plan leads through the expression", text);
        if (cors_sample_write(&regex, &plan,
                              i % (2 * CORS_SAMPLE_STYLES), &sample)) {
            check_sample(&sample, text);
        }
    }
}

/* ------------------------------------------------------------- the lint -- */

/* Accepts what looks like it, so that all trials are gone through. */
static int ask_nobody(cors_str_t text, void *context)
{
    ++*(int *)context;
    return text.n % 7 == 0;
}

static int compiles_alone(const char *regex)
{
    int error;
    size_t where;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)regex, PCRE2_ZERO_TERMINATED,
                                     PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY,
                                     &error, &where, NULL);

    pcre2_code_free(code);
    return code != NULL;
}

/* The details belong to the verdict. */
static void check_lint(const cors_lint_t *lint, cors_lint_verdict_t verdict,
                       cors_str_t regex)
{
    cors_origin_t origin;

    promise(verdict == CORS_LINT_GOOD || verdict == CORS_LINT_LOOSE
            || verdict == CORS_LINT_DEAD || verdict == CORS_LINT_SLOW,
            "a verdict is one of four", regex);
    promise(lint->origin[0] == '\0'
            || (cors_origin_parse(cors_str(lint->origin), &origin)
                && !cors_origin_is_null(&origin)),
            "an origin in a message is one", regex);
    promise(lint->insecure[0] == '\0'
            || (cors_origin_parse(cors_str(lint->insecure), &origin)
                && cors_origin_is_insecure(&origin)),
            "an insecure origin is one", regex);
}

static void check_verdict(const char *regex, const cors_suffixes_t *list)
{
    compiled_t compiled;
    cors_lint_t lint;
    cors_lint_verdict_t verdict;
    int asks = 0;

    if (!compiles_alone(regex) || !compile(regex, &compiled)) {
        /* No directive comes here, but it ends all the same. */
        verdict = cors_lint(regex, list, ask_nobody, &asks, &lint);
        promise(asks <= CORS_LINT_ASKS_MAX, "questions are bounded",
                cors_str(regex));
        check_lint(&lint, verdict, cors_str(regex));
        return;
    }
    verdict = cors_lint(regex, list, ask, &compiled, &lint);
    check_lint(&lint, verdict, cors_str(regex));
    promise(is_sane(&compiled, verdict, &lint), "a verdict is borne out",
            cors_str(regex));
    pcre2_code_free(compiled.code);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const cors_str_t text = exact_copy(begin_input(bytes, n));
    char *regex;

    if (n > 0 && n <= LONGEST && memchr(text.p, '\0', n) == NULL) {
        check_tokens(text);
        check_samples(text);
        regex = apr_pstrmemdup(input_pool, text.p, text.n);
        check_verdict(regex, few_suffixes());
    }
    end_input();
    return 0;
}
