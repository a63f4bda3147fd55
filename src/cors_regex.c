/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_regex_char.h"

static int is_letter(char c)
{
    return cors_lower(c) >= 'a' && cors_lower(c) <= 'z';
}

static int is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Passes what PCRE ignores: comments, the signs of \Q and \E. */
static void pass_ignored(cors_regex_t *regex)
{
    while (!cors_re_is_over(regex)) {
        if (cors_re_take(regex, "\\E")) {
            regex->place.is_quoted = 0;
        }
        else if (regex->place.is_quoted) {
            return;
        }
        else if (cors_re_take(regex, "\\Q")) {
            regex->place.is_quoted = 1;
        }
        else if (cors_re_take(regex, "(?#")) {
            cors_re_pass(regex, ')');
        }
        else if ((regex->place.flags & CORS_REGEX_EXTENDED) == 0) {
            return;
        }
        else if (cors_re_peek(regex, 0) == '#') {
            cors_re_pass(regex, '\n');
        }
        else if (is_blank(cors_re_peek(regex, 0))) {
            regex->place.at++;
        }
        else {
            return;
        }
    }
}

/* -------------------------------------------------------------- groups -- */

static void read_open(cors_regex_t *regex, cors_regex_token_t *token,
                      cors_regex_kind_t kind, unsigned char flags)
{
    if (regex->place.depth == CORS_REGEX_DEPTH) {
        *regex->fuel = 0;
        token->kind = CORS_REGEX_END;
        return;
    }
    regex->groups[regex->place.depth].start = token->start;
    regex->groups[regex->place.depth].flags = regex->place.flags;
    regex->place.depth++;
    regex->place.flags = flags;
    token->kind = kind;
}

/* `(?i)`, `(?x-i:`, `(?^)`, behind the question mark. */
static void read_flags(cors_regex_t *regex, cors_regex_token_t *token)
{
    unsigned char flags = regex->place.flags;
    unsigned char flag;
    int is_off = 0;

    for (;;) {
        char c = cors_re_peek(regex, 0);

        if (cors_re_is_over(regex)) {
            return;
        }
        regex->place.at++;
        if (c == ':') {
            read_open(regex, token, CORS_REGEX_OPEN, flags);
            return;
        }
        if (c == ')') {
            regex->place.flags = flags;
            return;
        }
        if (c == '^') {
            flags = 0;
        }
        if (c == '-') {
            is_off = 1;
        }
        flag = c == 'i' ? CORS_REGEX_CASELESS
            : c == 'x' ? CORS_REGEX_EXTENDED : 0;
        if (c == 'x' && cors_re_take(regex, "x")) {
            flag |= CORS_REGEX_BLANKS;
        }
        flags = (unsigned char)(is_off && flag != 0
            ? flags & ~(flag | (c == 'x' ? CORS_REGEX_BLANKS : 0u))
            : flags | flag);
    }
}

/* What begins with `(*`. */
static void read_verb(cors_regex_t *regex, cors_regex_token_t *token)
{
    static const char *const groups[] = {
        "atomic:", "sr:", "script_run:", "asr:", "atomic_script_run:"
    };
    size_t i;

    for (i = 0; i < sizeof(groups) / sizeof(*groups); i++) {
        if (cors_re_take(regex, groups[i])) {
            read_open(regex, token, CORS_REGEX_OPEN, regex->place.flags);
            return;
        }
    }
    if (cors_re_peek(regex, 0) >= 'a' && cors_re_peek(regex, 0) <= 'z') {
        cors_re_pass(regex, ':');
        read_open(regex, token, CORS_REGEX_OPEN_EMPTY, regex->place.flags);
        return;
    }
    cors_re_pass(regex, ')');
}

/* A group or what looks like one, behind its parenthesis. */
static void read_group(cors_regex_t *regex, cors_regex_token_t *token)
{
    static const char *const empty[] = {
        "=", "!", "*", "<=", "<!", "<*"
    };
    const unsigned char flags = regex->place.flags;
    size_t i;

    token->kind = CORS_REGEX_EMPTY;
    if (cors_re_take(regex, "*")) {
        read_verb(regex, token);
        return;
    }
    if (!cors_re_take(regex, "?")) {
        read_open(regex, token, CORS_REGEX_OPEN, flags);
        return;
    }
    for (i = 0; i < sizeof(empty) / sizeof(*empty); i++) {
        if (cors_re_take(regex, empty[i])) {
            read_open(regex, token, CORS_REGEX_OPEN_EMPTY, flags);
            return;
        }
    }
    if (cors_re_peek(regex, 0) == '(') {
        /* A condition; its own parenthesis is the first token inside. */
        regex->is_blind = 1;
        read_open(regex, token, CORS_REGEX_OPEN_EMPTY, flags);
        return;
    }
    if (cors_re_take(regex, "P=") || cors_re_take(regex, "P>")
        || cors_re_take(regex, "&") || cors_re_take(regex, "R")
        || cors_re_take(regex, "C") || cors_is_digit(cors_re_peek(regex, 0))
        || (strchr("+-", cors_re_peek(regex, 0))
            && cors_is_digit(cors_re_peek(regex, 1)))) {
        regex->is_blind = 1;
        cors_re_pass(regex, ')');
        return;
    }
    if (cors_re_take(regex, "P") || cors_re_peek(regex, 0) == '<'
        || cors_re_peek(regex, 0) == '\'') {
        cors_re_pass_name(regex);
        read_open(regex, token, CORS_REGEX_OPEN, flags);
        return;
    }
    if (cors_re_take(regex, "|") || cors_re_take(regex, ">")) {
        read_open(regex, token, CORS_REGEX_OPEN, flags);
        return;
    }
    read_flags(regex, token);
}

static void read_close(cors_regex_t *regex, cors_regex_token_t *token)
{
    token->kind = CORS_REGEX_CLOSE;
    if (regex->place.depth == 0) {
        *regex->fuel = 0;
        token->kind = CORS_REGEX_END;
        return;
    }
    regex->place.depth--;
    regex->place.flags = regex->groups[regex->place.depth].flags;
    token->open = regex->groups[regex->place.depth].start;
}

/* ---------------------------------------------------------------- read -- */

void cors_regex_begin(cors_regex_t *regex, cors_str_t text,
                      unsigned long *fuel)
{
    memset(&regex->place, 0, sizeof(regex->place));
    regex->text = text;
    regex->fuel = fuel;
    regex->is_blind = 0;
}

void cors_regex_next(cors_regex_t *regex, cors_regex_token_t *token)
{
    char c;

    memset(token, 0, sizeof(*token));
    pass_ignored(regex);
    token->start = regex->place.at;
    if (cors_re_is_over(regex) || *regex->fuel == 0) {
        return;
    }
    --*regex->fuel;
    c = cors_re_peek(regex, 0);
    regex->place.at++;
    if (regex->place.is_quoted || c == '\0' || !strchr("\\[(|).^$", c)) {
        token->kind = CORS_REGEX_LITERAL;
        token->literal = c;
    }
    else if (c == '\\') {
        cors_re_read_escape(regex, token);
    }
    else if (c == '[') {
        cors_re_read_class(regex, token);
    }
    else if (c == '(') {
        read_group(regex, token);
    }
    else if (c == ')') {
        read_close(regex, token);
    }
    else if (c == '.') {
        cors_re_set_dot(token);
    }
    else {
        token->kind = c == '|' ? CORS_REGEX_BAR : CORS_REGEX_EMPTY;
    }
    if (token->kind == CORS_REGEX_LITERAL && is_letter(token->literal)
        && (regex->place.flags & CORS_REGEX_CASELESS) != 0) {
        token->literal = cors_lower(token->literal);
    }
}

/* `{2}`, `{2,}`, `{2,3}`; with anything else, the brace is a literal. */
static int read_braces(cors_regex_t *regex, cors_regex_quantifier_t *often)
{
    const size_t start = regex->place.at;

    if (cors_re_take(regex, "{") && cors_is_digit(cors_re_peek(regex, 0))) {
        often->min = often->max = cors_re_number(regex, 10, ~0u);
        if (cors_re_take(regex, ",")) {
            often->max = cors_is_digit(cors_re_peek(regex, 0))
                ? cors_re_number(regex, 10, ~0u) : CORS_REGEX_MANY;
        }
        if (cors_re_take(regex, "}")) {
            return 1;
        }
    }
    regex->place.at = start;
    return 0;
}

cors_regex_quantifier_t cors_regex_quantifier(cors_regex_t *regex)
{
    cors_regex_quantifier_t often = { 1, 1 };

    pass_ignored(regex);
    if (cors_re_is_over(regex) || regex->place.is_quoted) {
        return often;
    }
    if (cors_re_take(regex, "?")) {
        often.min = 0;
    }
    else if (cors_re_take(regex, "*")) {
        often.min = 0;
        often.max = CORS_REGEX_MANY;
    }
    else if (cors_re_take(regex, "+")) {
        often.max = CORS_REGEX_MANY;
    }
    else if (!read_braces(regex, &often)) {
        often.min = often.max = 1;
        return often;
    }
    pass_ignored(regex);
    if (!regex->place.is_quoted && !cors_re_take(regex, "?")) {
        cors_re_take(regex, "+");
    }
    return often;
}
