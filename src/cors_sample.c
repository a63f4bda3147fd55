/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_sample.h"

/* Letters in a row before a long filling gets a dot, if it may have one. */
#define LABEL 60

/* A sample on its way. */
typedef struct writer_t {
    cors_regex_t *regex;
    const cors_sample_plan_t *plan;
    unsigned style;
    cors_sample_t *sample;
    int is_too_long;
} writer_t;

/* How often an element is written, and whether it is open. */
typedef struct turn_t {
    unsigned count;
    int is_open;
} turn_t;

static void write_branch(writer_t *writer);

static int is_in_style(const writer_t *writer, unsigned style)
{
    return (writer->style & style) != 0;
}

/* Does the plan lead through this part of the expression? */
static int is_on_way(const writer_t *writer, size_t from, size_t to)
{
    const size_t via = writer->plan->via;

    return via != CORS_SAMPLE_NONE && via >= from && via <= to;
}

static void put(writer_t *writer, char c)
{
    cors_sample_t *sample = writer->sample;

    if (sample->n == CORS_ORIGIN_MAX) {
        writer->is_too_long = 1;
        return;
    }
    sample->text[sample->n++] = c;
    sample->text[sample->n] = '\0';
}

static void note_open(writer_t *writer, size_t from, int is_dot)
{
    cors_sample_t *sample = writer->sample;
    cors_sample_open_t *open = &sample->open[sample->open_n];

    if (sample->open_n > 0 && open[-1].from == from
        && open[-1].to == sample->n) {
        return;
    }
    if (sample->open_n == CORS_SAMPLE_OPEN_MAX) {
        sample->is_cut = 1;
        return;
    }
    open->from = from;
    open->to = sample->n;
    open->is_dot = is_dot;
    sample->open_n++;
}

/* ------------------------------------------------------------ fillings -- */

/* What an origin would go on with in its scheme; NUL behind "://". */
static char scheme_char(const cors_sample_t *sample)
{
    static const char https[] = "https://";
    const size_t n = sample->n;

    if (strstr(sample->text, "://")) {
        return '\0';
    }
    if (n < sizeof(https) - 1 && memcmp(sample->text, https, n) == 0) {
        return https[n];
    }
    if ((n > 0 && sample->text[n - 1] == ':')
        || (n > 1 && memcmp(sample->text + n - 2, ":/", 2) == 0)) {
        return '/';
    }
    return n > 0 ? ':' : '\0';
}

static int is_in_port(const cors_sample_t *sample)
{
    const char *host = strstr(sample->text, "://");

    return host != NULL && host[3] != '[' && strchr(host + 3, ':') != NULL;
}

/* The most plausible character of a set, or, of the letters and digits in it,
 * the one that comes last. */
static char fill_char(const writer_t *writer, const cors_regex_set_t *set)
{
    static const char usual[] = "abcdefghijklmnopqrstuvwxyz1234567890-._:/[]";
    const cors_sample_t *sample = writer->sample;
    const char in_scheme = scheme_char(sample);
    const char *p;
    char c;

    if (in_scheme != '\0' && cors_regex_holds(set, in_scheme)) {
        return in_scheme;
    }
    if (is_in_port(sample) && cors_regex_holds(set, '1')) {
        return '1';
    }
    for (p = strchr(usual, '-'); p-- > usual
         && is_in_style(writer, CORS_SAMPLE_OTHER);) {
        if (cors_regex_holds(set, *p)) {
            return *p;
        }
    }
    for (p = usual; *p; p++) {
        if (cors_regex_holds(set, *p)) {
            return *p;
        }
    }
    for (c = ' '; c < '\177'; c++) {
        if (cors_regex_holds(set, c)) {
            return c;
        }
    }
    return '\177';
}

static void write_lone_dot(writer_t *writer, const cors_regex_set_t *set)
{
    const cors_sample_t *sample = writer->sample;
    const char before = sample->n > 0 ? sample->text[sample->n - 1] : '/';
    const int is_scheme = scheme_char(sample) != '\0';

    put(writer, is_scheme || before == '.' || before == '/'
        || is_in_style(writer, CORS_SAMPLE_LETTER)
        ? fill_char(writer, set) : '.');
}

/* `[a-z]+` in front of a sample may be its scheme, all of it. */
static void write_scheme(writer_t *writer, const cors_regex_set_t *set,
                         unsigned max)
{
    const int is_long = is_in_style(writer, CORS_SAMPLE_SCHEME);
    const cors_sample_t *sample = writer->sample;
    unsigned i;

    for (i = 0; i < max && !writer->is_too_long; i++) {
        const char c = scheme_char(sample);

        if (c == '\0' || (c == ':' && !is_long)
            || !cors_regex_holds(set, c)) {
            break;
        }
        put(writer, c);
    }
    if (is_long && i < max && scheme_char(sample) == '\0') {
        put(writer, fill_char(writer, set));
    }
}

static void write_filling(writer_t *writer, const cors_regex_set_t *set,
                          unsigned count, unsigned max)
{
    const size_t from = writer->sample->n;
    unsigned i;

    if (count > 0 && max > 1 && from < 5) {
        write_scheme(writer, set, max);
    }
    for (i = (unsigned)(writer->sample->n - from);
         i < count && !writer->is_too_long; i++) {
        put(writer, i % LABEL == LABEL - 1 && cors_regex_holds(set, '.')
            ? '.' : fill_char(writer, set));
    }
}

/* ------------------------------------------------------------ elements -- */

/* How often, according to plan and style, for an element that ends at `to`. */
static turn_t take_turn(const writer_t *writer, size_t from, size_t to,
                        cors_regex_quantifier_t often, int is_atom)
{
    turn_t turn = { often.min, often.max > 1 };
    const unsigned left_out = is_atom && turn.is_open
        ? !is_in_style(writer, CORS_SAMPLE_FILLED)
        : is_in_style(writer, CORS_SAMPLE_BARE);

    if (turn.count == 0 && often.max > 0) {
        turn.count = writer->plan->omit == from ? 0
            : is_on_way(writer, from, to) || !left_out;
    }
    return turn;
}

static void write_literal(writer_t *writer, const cors_regex_token_t *token)
{
    const cors_regex_quantifier_t often =
        cors_regex_quantifier(writer->regex);
    unsigned count = take_turn(writer, token->start, token->start, often,
                               0).count;

    while (count-- > 0 && !writer->is_too_long) {
        put(writer, token->literal);
    }
}

static void write_set(writer_t *writer, const cors_regex_token_t *token)
{
    const cors_regex_quantifier_t often =
        cors_regex_quantifier(writer->regex);
    const turn_t turn = take_turn(writer, token->start, token->start, often,
                                  1);
    const int is_dot = token->kind == CORS_REGEX_DOT && !turn.is_open;
    const int is_noted = turn.is_open || !token->is_list;
    const unsigned style = writer->style;
    const size_t from = writer->sample->n;

    if (!is_noted) {
        writer->style &= ~CORS_SAMPLE_OTHER;
    }
    if (is_dot && turn.count > 0) {
        write_lone_dot(writer, &token->set);
    }
    else {
        write_filling(writer, &token->set, turn.count, often.max);
    }
    writer->style = style;
    if (is_noted) {
        note_open(writer, from, is_dot);
    }
}

/* Passes a branch of a group; the token that ends it is read, too. */
static cors_regex_kind_t pass_branch(cors_regex_t *regex,
                                     cors_regex_token_t *last)
{
    size_t depth = 0;

    for (;;) {
        cors_regex_next(regex, last);
        switch (last->kind) {
        case CORS_REGEX_OPEN:
        case CORS_REGEX_OPEN_EMPTY:
            depth++;
            break;
        case CORS_REGEX_CLOSE:
        case CORS_REGEX_BAR:
            if (depth == 0) {
                return last->kind;
            }
            depth -= last->kind == CORS_REGEX_CLOSE;
            break;
        case CORS_REGEX_END:
            return last->kind;
        default:
            break;
        }
    }
}

/* Writes one of the branches up to `end`, the group's or the expression's. */
static void write_branches(writer_t *writer, size_t end)
{
    cors_regex_t *regex = writer->regex;
    cors_regex_place_t place = regex->place;
    cors_regex_token_t token;

    if (is_on_way(writer, place.at, end)) {
        while (pass_branch(regex, &token) == CORS_REGEX_BAR
               && token.start < writer->plan->via) {
            place = regex->place;
        }
        regex->place = place;
    }
    write_branch(writer);
}

/* Behind its OPEN. */
static void write_group(writer_t *writer, const cors_regex_token_t *open)
{
    cors_regex_t *regex = writer->regex;
    const cors_regex_place_t inside = regex->place;
    const size_t from = writer->sample->n;
    cors_regex_place_t behind;
    cors_regex_quantifier_t often;
    cors_regex_token_t token;
    turn_t turn;
    unsigned i;

    while (pass_branch(regex, &token) == CORS_REGEX_BAR) {
        continue;
    }
    often = cors_regex_quantifier(regex);
    behind = regex->place;
    if (open->kind == CORS_REGEX_OPEN && token.kind == CORS_REGEX_CLOSE) {
        turn = take_turn(writer, open->start, token.start, often, 0);
        for (i = 0; i < turn.count && !writer->is_too_long; i++) {
            const size_t n = writer->sample->n;

            regex->place = inside;
            write_branches(writer, token.start);
            if (writer->sample->n == n) {
                break;
            }
        }
        if (turn.is_open && writer->sample->n > from) {
            note_open(writer, from, 0);
        }
    }
    regex->place = behind;
}

/* The token that ends the branch is read, too. */
static void write_branch(writer_t *writer)
{
    cors_regex_token_t token;

    while (!writer->is_too_long) {
        cors_regex_next(writer->regex, &token);
        switch (token.kind) {
        case CORS_REGEX_END:
        case CORS_REGEX_BAR:
        case CORS_REGEX_CLOSE:
            return;
        case CORS_REGEX_EMPTY:
            cors_regex_quantifier(writer->regex);
            break;
        case CORS_REGEX_LITERAL:
            write_literal(writer, &token);
            break;
        case CORS_REGEX_DOT:
        case CORS_REGEX_CLASS:
            write_set(writer, &token);
            break;
        case CORS_REGEX_OPEN:
        case CORS_REGEX_OPEN_EMPTY:
            write_group(writer, &token);
            break;
        }
    }
}

int cors_sample_write(cors_regex_t *regex, const cors_sample_plan_t *plan,
                      unsigned style, cors_sample_t *sample)
{
    writer_t writer = { regex, plan, style, sample, 0 };

    cors_regex_begin(regex, regex->text, regex->fuel);
    sample->n = sample->open_n = 0;
    sample->is_cut = 0;
    sample->text[0] = '\0';
    write_branches(&writer, regex->text.n);
    return !writer.is_too_long && *regex->fuel > 0;
}

/* --------------------------------------------------------------- plans -- */

/* States of cors_sample_plans_t. */
enum { FIRST, READING, WITHOUT };

void cors_sample_begin(cors_sample_plans_t *plans, cors_str_t text,
                       unsigned long *fuel)
{
    cors_regex_begin(&plans->regex, text, fuel);
    plans->last.via = plans->last.omit = CORS_SAMPLE_NONE;
    plans->state = FIRST;
}

int cors_sample_next(cors_sample_plans_t *plans, cors_sample_plan_t *plan)
{
    cors_regex_t *regex = &plans->regex;
    cors_regex_token_t token;
    size_t start;

    if (plans->state == WITHOUT) {
        plans->last.omit = plans->last.via;
        plans->state = READING;
        *plan = plans->last;
        return 1;
    }
    plans->last.via = plans->last.omit = CORS_SAMPLE_NONE;
    *plan = plans->last;
    if (plans->state == FIRST) {
        plans->state = READING;
        return 1;
    }
    for (;;) {
        cors_regex_next(regex, &token);
        start = token.kind == CORS_REGEX_CLOSE ? token.open : token.start;
        switch (token.kind) {
        case CORS_REGEX_END:
            return 0;
        case CORS_REGEX_BAR:
            plans->last.via = plan->via = regex->place.at;
            return 1;
        case CORS_REGEX_OPEN:
        case CORS_REGEX_OPEN_EMPTY:
            break;
        default:
            if (cors_regex_quantifier(regex).min == 0) {
                plans->last.via = plan->via = start;
                plans->state = WITHOUT;
                return 1;
            }
            break;
        }
    }
}
