/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_lint.h"

#include <limits.h>

#include "cors_host.h"
#include "cors_sample.h"

/* Bounds on the work for one expression, each far above what those need that
 * people write. Tokens that are read: */
#define FUEL (1uL << 26)

/* Origins that are built: */
#define TRIALS_MAX 400000uL

/* Samples that are also tried without regard to what is open in them, and
 * samples that are tried for endless backtracking: */
#define CHANGED_MAX 256
#define SLOW_MAX    16

/* Open elements of one sample that are tried for that: */
#define SLOW_OPEN_MAX 4

static const char any_host[] = "any host";
static const char prefix[] = "prefix";
static const char suffix[] = "suffix";
static const char unescaped_dot[] = "unescaped dot";
static const char top_level_domain[] = "top-level domain";
static const char public_suffix[] = "public suffix";
static const char open_label[] = "open label";
static const char address[] = "address";

/* Text that is put together. What does not fit makes it no origin. */
typedef struct text_t {
    char p[CORS_ORIGIN_MAX + 1];
    size_t n;
    int is_too_long;
} text_t;

/* One expression on trial. */
typedef struct trier_t {
    const cors_suffixes_t *suffixes;
    cors_lint_ask_t ask;
    void *context;
    cors_lint_t *lint;
    cors_lint_verdict_t verdict;        /* no more trials once LOOSE or SLOW */
    int asks;
    unsigned long trials;
    int is_changing;            /* which of two rounds: what is open is
                                   filled, then all else is changed */
    int samples;                /* accepted ones, so far in this round */
    cors_sample_t sample;       /* the last of them */
    cors_origin_t origin;       /* the same, taken apart */
} trier_t;

/* ---------------------------------------------------------------- text -- */

static void append(text_t *text, cors_str_t s)
{
    if (s.n > CORS_ORIGIN_MAX - text->n) {
        text->is_too_long = 1;
        return;
    }
    memcpy(text->p + text->n, s.p, s.n);
    text->n += s.n;
    text->p[text->n] = '\0';
}

static text_t join(cors_str_t head, cors_str_t middle, cors_str_t tail)
{
    text_t text;

    text.n = 0;
    text.is_too_long = 0;
    append(&text, head);
    append(&text, middle);
    append(&text, tail);
    return text;
}

/* `n` bytes of a unit, over and over. */
static text_t repeat(cors_str_t unit, size_t n)
{
    text_t text = join(cors_str(""), cors_str(""), cors_str(""));

    while (text.n < n) {
        append(&text, cors_str_sub(unit, 0, unit.n < n - text.n
                                   ? unit.n : n - text.n));
    }
    return text;
}

static cors_str_t slice(const text_t *text)
{
    cors_str_t s = { text->p, text->n };

    return s;
}

/* ---------------------------------------------------------------- sites -- */

/* Hosts are domains or addresses; under other schemes, what they are is up to
 * the application. */
static int is_domain(const cors_origin_t *origin)
{
    return cors_scheme_port(origin->scheme) != NULL;
}

static cors_str_t site_of(const trier_t *trier, const cors_origin_t *origin)
{
    cors_str_t host = origin->host;

    if (!is_domain(origin)) {
        return host;
    }
    /* A dot at the end changes nothing about who owns the name. */
    if (host.p[host.n - 1] == '.') {
        host.n--;
    }
    return cors_suffix_site(trier->suffixes, host);
}

static int is_same_site(const trier_t *trier, const cors_origin_t *a,
                        const cors_origin_t *b)
{
    return cors_str_eq(site_of(trier, a), site_of(trier, b))
        || (cors_host_is_loopback(a->host) && cors_host_is_loopback(b->host));
}

/* ----------------------------------------------------------------- try -- */

static int is_over(const trier_t *trier)
{
    return trier->verdict == CORS_LINT_LOOSE
        || trier->verdict == CORS_LINT_SLOW;
}

static void decide(trier_t *trier, cors_lint_verdict_t verdict,
                   const char *trial, const cors_origin_t *origin)
{
    trier->verdict = verdict;
    trier->lint->trial = trial;
    memcpy(trier->lint->origin, origin->text.p, origin->text.n);
    trier->lint->origin[origin->text.n] = '\0';
}

/* Takes the text apart if there is anything to ask about it. */
static int is_origin(trier_t *trier, const text_t *text, cors_origin_t *origin)
{
    if (is_over(trier)) {
        return 0;
    }
    if (trier->trials == TRIALS_MAX) {
        trier->lint->is_partial = 1;
        return 0;
    }
    trier->trials++;
    return !text->is_too_long && cors_origin_parse(slice(text), origin)
        && !cors_origin_is_null(origin);
}

static int is_accepted(trier_t *trier, const cors_origin_t *origin)
{
    cors_lint_t *lint = trier->lint;
    int answer;

    if (trier->asks == CORS_LINT_ASKS_MAX) {
        lint->is_partial = 1;
        return 0;
    }
    trier->asks++;
    answer = trier->ask(origin->text, trier->context);
    if (answer < 0) {
        decide(trier, CORS_LINT_SLOW, NULL, origin);
    }
    if (answer > 0 && lint->insecure[0] == '\0'
        && cors_origin_is_insecure(origin)) {
        memcpy(lint->insecure, origin->text.p, origin->text.n);
        lint->insecure[origin->text.n] = '\0';
    }
    return answer > 0;
}

/* A trial: fails if the text is an origin of another site than the sample and
 * is accepted. Without a sample, any is hostile. */
static void try_hostile(trier_t *trier, const char *trial, const text_t *text)
{
    cors_origin_t origin;

    if (is_origin(trier, text, &origin)
        && (trier->samples == 0
            || !is_same_site(trier, &trier->origin, &origin))
        && is_accepted(trier, &origin)) {
        decide(trier, CORS_LINT_LOOSE, trial, &origin);
    }
}

/* Only whether it is accepted in reasonable time, and whether it is
 * insecure. */
static void try_only(trier_t *trier, const text_t *text)
{
    cors_origin_t origin;

    if (is_origin(trier, text, &origin)) {
        is_accepted(trier, &origin);
    }
}

static void try_strangers(trier_t *trier)
{
    static const char *const strangers[] = {
        "https://evil.example", "https://stranger.test",
        "http://evil.example", "https://evil", "capacitor://evil",
        "https://192.0.2.1"
    };
    size_t i;

    for (i = 0; i < sizeof(strangers) / sizeof(*strangers); i++) {
        const text_t text = join(cors_str(strangers[i]), cors_str(""),
                                 cors_str(""));

        try_hostile(trier, any_host, &text);
    }
}

/* --------------------------------------------------------- the sample -- */

static cors_str_t sample_text(const trier_t *trier)
{
    return trier->origin.text;
}

/* Offsets of the host in the sample. */
static size_t host_from(const trier_t *trier)
{
    return (size_t)(trier->origin.host.p - trier->origin.text.p);
}

static size_t host_to(const trier_t *trier)
{
    return host_from(trier) + trier->origin.host.n;
}

/* The sample with something else between two offsets. */
static text_t splice(const trier_t *trier, size_t from, cors_str_t middle,
                     size_t to)
{
    const cors_str_t all = sample_text(trier);

    return join(cors_str_sub(all, 0, from), middle,
                cors_str_sub(all, to, all.n));
}

/* Whatever is open in the scheme is of no interest: no stranger has another.
 * 0 if nothing is left of the element. */
static int clip(const trier_t *trier, cors_sample_open_t *open)
{
    if (open->from < host_from(trier)) {
        if (open->to < host_from(trier)) {
            return 0;
        }
        open->from = host_from(trier);
    }
    return 1;
}

/* What it is called when an open element lets another site in. */
static const char *name_of(const trier_t *trier,
                           const cors_sample_open_t *open)
{
    const char *text = trier->origin.text.p;
    const cors_str_t site = site_of(trier, &trier->origin);
    const char *dot = memchr(site.p, '.', site.n);
    const int is_front = open->from == host_from(trier);
    const int is_back = open->to >= host_to(trier);
    const int is_label = is_front || text[open->from - 1] == '.';

    if (open->is_dot) {
        return unescaped_dot;
    }
    if (is_front && is_back) {
        return any_host;
    }
    if (cors_host_is_numeric(trier->origin.host)
        || trier->origin.host.p[0] == '[') {
        return address;
    }
    if (is_back) {
        return is_label ? top_level_domain : suffix;
    }
    if (is_label && text[open->to] == '.') {
        return public_suffix;
    }
    if (is_front) {
        return prefix;
    }
    return dot != NULL
        && memchr(dot + 1, '.', (size_t)(site.p + site.n - dot - 1))
        ? public_suffix : open_label;
}

/* Fills one open element as a stranger might. */
static void try_open(trier_t *trier, const cors_sample_open_t *open)
{
    static const char *const words[] = {
        ".evil.example", "evil", "evil-", "-evil", "evil.", ".evil",
        "evil.example", "evil.example.", "-evil.example", "xn--evil.evil.",
        "7", "12", "345", "zz", "xyz", "a.b", "evil.e", "e.evil"
    };
    /* Of the element's own length: `[0-9a-f]{8}`. */
    static const char *const units[] = {
        "x", "e", "7", "2", "-", "E", "z", "0", "_"
    };
    const size_t n = open->to > open->from ? open->to - open->from : 1;
    const char *trial = name_of(trier, open);
    size_t i;

    for (i = 0; i < sizeof(words) / sizeof(*words) && !open->is_dot; i++) {
        const text_t text = splice(trier, open->from, cors_str(words[i]),
                                   open->to);

        try_hostile(trier, trial, &text);
    }
    for (i = 0; i < sizeof(units) / sizeof(*units); i++) {
        const text_t run = repeat(cors_str(units[i]), n);
        const text_t text = splice(trier, open->from, slice(&run), open->to);

        try_hostile(trier, trial, &text);
    }
}

/* Changes the sample without regard to what is open, in case that was not
 * read as PCRE reads it. */
static void try_changed(trier_t *trier)
{
    static const char *const glued[] = { "evil", "evil-" };
    static const char *const added[] = {
        ".evil.example", "evil", "-evil.example"
    };
    const size_t from = host_from(trier), to = host_to(trier);
    const cors_str_t site = site_of(trier, &trier->origin);
    const size_t site_from = (size_t)(site.p - trier->origin.text.p);
    size_t i, last = from;
    text_t text;

    for (i = 0; i < sizeof(added) / sizeof(*added); i++) {
        text = splice(trier, to, cors_str(added[i]), to);
        try_hostile(trier, suffix, &text);
    }
    for (i = from; i < to; i++) {
        if (sample_text(trier).p[i] == '.') {
            last = i;
            text = splice(trier, i, cors_str("x"), i + 1);
            try_hostile(trier, unescaped_dot, &text);
        }
    }
    if (cors_host_is_numeric(trier->origin.host)) {
        return;
    }
    for (i = 0; i < sizeof(glued) / sizeof(*glued); i++) {
        text = splice(trier, from, cors_str(glued[i]), site_from);
        try_hostile(trier, prefix, &text);
        text = splice(trier, from, cors_str(glued[i]), from);
        try_hostile(trier, prefix, &text);
    }
    if (last > from) {
        text = splice(trier, last + 1, cors_str("evil"), to);
        try_hostile(trier, top_level_domain, &text);
    }
}

/* The same over http, which is not hostile, but worth to know. */
static void try_insecure(trier_t *trier)
{
    const cors_str_t all = sample_text(trier);
    const text_t text = join(cors_str("http"), cors_str(""),
                             cors_str_sub(all, trier->origin.scheme.n,
                                          all.n));

    if (trier->lint->insecure[0] == '\0') {
        try_only(trier, &text);
    }
}

/* Long fillings of one open element, with ends that match and ends that do
 * not: then PCRE goes through all ways to share the filling out. */
static void try_slow(trier_t *trier, size_t from, size_t to)
{
    const cors_str_t all = sample_text(trier);
    const cors_str_t own = cors_str_sub(all, from, to);
    const cors_str_t units[] = {
        to > from ? own : cors_str("a"), cors_str("a"), cors_str("1"),
        cors_str("a."), cors_str("a-"),
        cors_str("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.")
    };
    /* Behind the filling and at the end. What the expression ends with stays:
     * PCRE looks for that first, and gives up early without. */
    static const struct {
        const char *behind;
        const char *last;
    } tails[] = {
        { "", "" }, { "_", "" }, { "-", "" }, { "._", "" }, { "", "x" }
    };
    const cors_str_t rest = cors_str_sub(all, to, all.n);
    size_t i, k;

    for (i = 0; i < sizeof(units) / sizeof(*units); i++) {
        for (k = 0; k < sizeof(tails) / sizeof(*tails); k++) {
            const size_t used = from - host_from(trier) + rest.n + 3;
            const size_t max = memchr(units[i].p, '.', units[i].n)
                ? CORS_DOMAIN_MAX - 3 : CORS_LABEL_MAX - 3;
            text_t run, text;

            if (used >= max) {
                continue;
            }
            run = repeat(units[i], max - used);
            if (run.p[run.n - 1] == '.') {
                run.n--;
            }
            text = join(cors_str_sub(all, 0, from), slice(&run),
                        cors_str(tails[k].behind));
            append(&text, rest);
            append(&text, cors_str(tails[k].last));
            try_only(trier, &text);
        }
    }
}

/* All trials of a sample that was accepted. */
static void try_sample(trier_t *trier)
{
    cors_sample_open_t open;
    size_t i;

    if (trier->is_changing) {
        try_changed(trier);
        return;
    }
    if (trier->samples == 1) {
        try_strangers(trier);
    }
    if (trier->samples <= SLOW_MAX) {
        for (i = 0; i < trier->sample.open_n && i < SLOW_OPEN_MAX; i++) {
            open = trier->sample.open[i];
            if (clip(trier, &open)) {
                try_slow(trier, open.from, open.to);
            }
        }
    }
    for (i = 0; i < trier->sample.open_n; i++) {
        open = trier->sample.open[i];
        if (clip(trier, &open)) {
            try_open(trier, &open);
        }
    }
    try_insecure(trier);
}

/* Has the sample just been tried? */
static int is_last(const trier_t *trier, const cors_sample_t *sample)
{
    const cors_sample_t *last = &trier->sample;
    size_t i;

    if (sample->n != last->n || memcmp(sample->text, last->text, last->n) != 0
        || sample->open_n != last->open_n) {
        return 0;
    }
    for (i = 0; i < last->open_n; i++) {
        if (sample->open[i].from != last->open[i].from
            || sample->open[i].to != last->open[i].to) {
            return 0;
        }
    }
    return 1;
}

/* The same sample with other letters and digits where it is open: a class may
 * hold none of the fillings. */
static void try_other(trier_t *trier, cors_regex_t *regex,
                      const cors_sample_plan_t *plan, unsigned style)
{
    const cors_str_t none = cors_str("");
    cors_sample_t other;
    text_t text;

    trier->lint->is_partial |= trier->sample.is_cut;
    if (cors_sample_write(regex, plan, style | CORS_SAMPLE_OTHER, &other)) {
        text = join(cors_str(other.text), none, none);
        try_hostile(trier, open_label, &text);
    }
}

/* Writes the sample of a plan in one style after the other, up to the first
 * that is accepted. */
static void try_plan(trier_t *trier, cors_regex_t *regex,
                     const cors_sample_plan_t *plan)
{
    cors_sample_t sample;
    cors_origin_t origin;
    unsigned style;

    for (style = 0; style < CORS_SAMPLE_STYLES && !is_over(trier); style++) {
        cors_str_t text = { sample.text, 0 };

        if (!cors_sample_write(regex, plan, style, &sample)) {
            continue;
        }
        text.n = sample.n;
        if (trier->samples > 0 && is_last(trier, &sample)) {
            return;
        }
        if (cors_origin_parse(text, &origin)
            && !cors_origin_is_null(&origin)
            && is_accepted(trier, &origin)) {
            trier->samples++;
            trier->sample = sample;
            text.p = trier->sample.text;
            cors_origin_parse(text, &trier->origin);
            try_sample(trier);
            try_other(trier, regex, plan, style);
            return;
        }
    }
}

/* A round through all plans, up to so many samples. */
static void try_plans(trier_t *trier, cors_str_t regex, unsigned long *fuel,
                      int samples)
{
    cors_sample_plans_t plans;
    cors_sample_plan_t plan;
    cors_regex_t reader;

    trier->samples = 0;
    cors_regex_begin(&reader, regex, fuel);
    cors_sample_begin(&plans, regex, fuel);
    while (!is_over(trier) && trier->samples < samples
           && cors_sample_next(&plans, &plan)) {
        try_plan(trier, &reader, &plan);
    }
    trier->lint->is_partial |= plans.regex.is_blind;
}

/* A loose expression may accept its hostile origin over http as well: that is
 * another matter to consent to. */
static void note_twin(trier_t *trier)
{
    const cors_str_t all = cors_str(trier->lint->origin);
    cors_origin_t origin;
    text_t twin;

    if (trier->verdict != CORS_LINT_LOOSE || trier->lint->insecure[0] != '\0'
        || !cors_origin_parse(all, &origin)) {
        return;
    }
    twin = join(cors_str("http"), cors_str(""),
                cors_str_sub(all, origin.scheme.n, all.n));
    if (cors_origin_parse(slice(&twin), &origin)) {
        is_accepted(trier, &origin);
    }
}

cors_lint_verdict_t cors_lint(const char *regex,
                              const cors_suffixes_t *suffixes,
                              cors_lint_ask_t ask, void *context,
                              cors_lint_t *lint)
{
    unsigned long fuel = FUEL;
    trier_t trier;

    memset(lint, 0, sizeof(*lint));
    memset(&trier, 0, sizeof(trier));
    trier.suffixes = suffixes;
    trier.ask = ask;
    trier.context = context;
    trier.lint = lint;
    trier.verdict = CORS_LINT_GOOD;
    try_plans(&trier, cors_str(regex), &fuel, INT_MAX);
    if (is_over(&trier)) {
        note_twin(&trier);
        return trier.verdict;
    }
    lint->is_partial |= fuel == 0;
    if (trier.samples == 0) {
        try_strangers(&trier);
        return is_over(&trier) ? trier.verdict : CORS_LINT_DEAD;
    }
    fuel = FUEL;
    trier.is_changing = 1;
    try_plans(&trier, cors_str(regex), &fuel, CHANGED_MAX);
    note_twin(&trier);
    return trier.verdict;
}
