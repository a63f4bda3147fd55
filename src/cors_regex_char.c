/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_regex_char.h"

/* A class of so many characters, each named, is a choice like `(a|b)`. */
#define LIST_MAX 6

/* -------------------------------------------------------------- cursor -- */

char cors_re_peek(const cors_regex_t *regex, size_t ahead)
{
    const size_t at = regex->place.at + ahead;

    return at < regex->text.n ? regex->text.p[at] : '\0';
}

int cors_re_is_over(const cors_regex_t *regex)
{
    return regex->place.at >= regex->text.n;
}

int cors_re_take(cors_regex_t *regex, const char *word)
{
    const size_t n = strlen(word);

    if (regex->text.n - regex->place.at < n
        || memcmp(regex->text.p + regex->place.at, word, n) != 0) {
        return 0;
    }
    regex->place.at += n;
    return 1;
}

void cors_re_pass(cors_regex_t *regex, char last)
{
    while (!cors_re_is_over(regex) && cors_re_peek(regex, 0) != last) {
        regex->place.at++;
    }
    regex->place.at += !cors_re_is_over(regex);
}

/* The value of a digit up to base 16, or 16. */
static unsigned digit(char c)
{
    c = cors_lower(c);
    return cors_is_digit(c) ? (unsigned)(c - '0')
        : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

unsigned cors_re_number(cors_regex_t *regex, unsigned base, unsigned digits)
{
    unsigned value = 0;

    while (digits-- > 0 && digit(cors_re_peek(regex, 0)) < base) {
        if (value < 0x10000) {
            value = value * base + digit(cors_re_peek(regex, 0));
        }
        regex->place.at++;
    }
    return value;
}

/* ---------------------------------------------------------------- sets -- */

int cors_regex_holds(const cors_regex_set_t *set, char c)
{
    const unsigned byte = (unsigned char)c;

    return byte < 128 && (set->bits[byte / 8] >> byte % 8 & 1u) != 0;
}

static void add(cors_regex_set_t *set, unsigned from, unsigned to)
{
    for (; from <= to && from < 128; from++) {
        set->bits[from / 8] |= (unsigned char)(1u << from % 8);
    }
}

static void negate(cors_regex_set_t *set)
{
    size_t i;

    for (i = 0; i < sizeof(set->bits); i++) {
        set->bits[i] ^= 0xffu;
    }
}

static void unite(cors_regex_set_t *set, const cors_regex_set_t *other)
{
    size_t i;

    for (i = 0; i < sizeof(set->bits); i++) {
        set->bits[i] |= other->bits[i];
    }
}

/* Of classes whose name is one letter: \d, \D, \w... 0 if there is none. */
static int add_letter_class(cors_regex_set_t *set, char letter)
{
    cors_regex_set_t own = { { 0 } };

    switch (cors_lower(letter)) {
    case 'd':
        add(&own, '0', '9');
        break;
    case 'w':
        add(&own, '0', '9');
        add(&own, 'A', 'Z');
        add(&own, 'a', 'z');
        add(&own, '_', '_');
        break;
    case 's':
        add(&own, ' ', ' ');
        add(&own, '\t', '\r');
        break;
    case 'h':
        add(&own, ' ', ' ');
        add(&own, '\t', '\t');
        break;
    case 'v':
        add(&own, '\n', '\r');
        break;
    default:
        return 0;
    }
    if (cors_lower(letter) != letter) {
        negate(&own);
    }
    unite(set, &own);
    return 1;
}

/* \p{Ll}, \pN and so on: letters, digits, or both for all the others. */
static void add_property(cors_regex_t *regex, cors_regex_set_t *set,
                         int is_negated)
{
    const int has_name = cors_re_take(regex, "{");
    cors_regex_set_t own = { { 0 } };
    const int is_inverse = has_name && cors_re_take(regex, "^");
    const char first = cors_lower(cors_re_peek(regex, 0));

    if (first != 'n') {
        add(&own, 'A', 'Z');
        add(&own, 'a', 'z');
    }
    if (first != 'l') {
        add(&own, '0', '9');
    }
    if (has_name) {
        cors_re_pass(regex, '}');
    }
    else {
        regex->place.at += !cors_re_is_over(regex);
    }
    if (is_negated != is_inverse) {
        negate(&own);
    }
    unite(set, &own);
}

/* `[:alpha:]`, behind "[:". 0, and nothing is read, if it is none. */
static int add_posix_class(cors_regex_t *regex, cors_regex_set_t *set)
{
    static const struct {
        const char *name;
        const char *ranges;     /* pairs */
    } classes[] = {
        { "alpha:]", "AZaz" }, { "lower:]", "az" }, { "upper:]", "AZ" },
        { "alnum:]", "09AZaz" }, { "digit:]", "09" },
        { "xdigit:]", "09AFaf" }, { "word:]", "09AZaz__" },
        { "space:]", "\t\r  " }, { "blank:]", "\t\t  " },
        { "punct:]", "!/:@[`{~" }, { "graph:]", "!~" }, { "print:]", " ~" },
        { "cntrl:]", "\1\37\177\177" }, { "ascii:]", "\1\177" }
    };
    const size_t start = regex->place.at;
    const int is_negated = cors_re_take(regex, "^");
    cors_regex_set_t own = { { 0 } };
    const char *range;
    size_t i;

    for (i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
        if (cors_re_take(regex, classes[i].name)) {
            for (range = classes[i].ranges; *range; range += 2) {
                add(&own, (unsigned char)range[0], (unsigned char)range[1]);
            }
            if (is_negated) {
                negate(&own);
            }
            unite(set, &own);
            return 1;
        }
    }
    regex->place.at = start;
    return 0;
}

static void fold_case(cors_regex_set_t *set)
{
    char c;

    for (c = 'a'; c <= 'z'; c++) {
        const char upper = (char)(c - 'a' + 'A');

        if (cors_regex_holds(set, c) || cors_regex_holds(set, upper)) {
            add(set, (unsigned char)c, (unsigned char)c);
            add(set, (unsigned char)upper, (unsigned char)upper);
        }
    }
}

/* ------------------------------------------------------------- escapes -- */

/* The character that an escape names, behind its letter. Those beyond ASCII,
 * which no origin holds, become DEL, which no origin holds either. */
static char escaped(cors_regex_t *regex, char letter)
{
    unsigned value;

    switch (letter) {
    case 'a': return '\a';
    case 'e': return '\033';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'c':
        value = (unsigned char)cors_re_peek(regex, 0);
        regex->place.at += !cors_re_is_over(regex);
        return (char)((value & 0x5fu) ^ 0x40u);
    case '0':
        value = cors_re_number(regex, 8, 2);
        break;
    case 'o':
    case 'x':
        if (cors_re_take(regex, "{")) {
            value = cors_re_number(regex, letter == 'x' ? 16 : 8, ~0u);
            cors_re_pass(regex, '}');
        }
        else {
            value = cors_re_number(regex, 16, 2);
        }
        break;
    default:
        return letter;
    }
    return value < 128 ? (char)value : '\177';
}

void cors_re_pass_name(cors_regex_t *regex)
{
    const char sign = cors_re_peek(regex, 0);

    if (sign == '{' || sign == '<' || sign == '\'') {
        regex->place.at++;
        cors_re_pass(regex, sign == '{' ? '}' : sign == '<' ? '>' : '\'');
        return;
    }
    regex->place.at += sign == '-' || sign == '+';
    cors_re_number(regex, 10, ~0u);
}

void cors_re_set_dot(cors_regex_token_t *token)
{
    token->kind = CORS_REGEX_DOT;
    add(&token->set, 0, 127);
}

void cors_re_read_escape(cors_regex_t *regex, cors_regex_token_t *token)
{
    const char letter = cors_re_peek(regex, 0);

    regex->place.at += !cors_re_is_over(regex);
    token->kind = CORS_REGEX_CLASS;
    token->is_list = 0;
    if (add_letter_class(&token->set, letter)) {
        return;
    }
    if (letter == 'p' || letter == 'P') {
        add_property(regex, &token->set, letter == 'P');
        return;
    }
    if (letter == 'N' || letter == 'X' || letter == 'C') {
        cors_re_set_dot(token);
        return;
    }
    token->kind = CORS_REGEX_EMPTY;
    if (letter == '\0' || strchr("AzZbBGK", letter)) {
        return;
    }
    if (letter == 'g' || letter == 'k') {
        regex->is_blind = 1;
        cors_re_pass_name(regex);
        return;
    }
    if (letter != '0' && cors_is_digit(letter)) {
        regex->is_blind = 1;
        cors_re_number(regex, 10, ~0u);
        return;
    }
    token->kind = CORS_REGEX_LITERAL;
    token->literal = escaped(regex, letter == 'R' ? 'n' : letter);
}

/* ------------------------------------------------------------- classes -- */

/* One element of a class: 1 and the character, or 0 when it is a class of its
 * own, which has been added. */
static int read_member(cors_regex_t *regex, cors_regex_token_t *token,
                       char *member)
{
    char c = cors_re_peek(regex, 0);

    regex->place.at += !cors_re_is_over(regex);
    if (!regex->place.is_quoted) {
        if (c == '[' && cors_re_take(regex, ":")
            && add_posix_class(regex, &token->set)) {
            token->is_list = 0;
            return 0;
        }
        if (c == '\\' && !cors_re_is_over(regex)) {
            c = cors_re_peek(regex, 0);
            regex->place.at++;
            if (add_letter_class(&token->set, c)) {
                token->is_list = 0;
                return 0;
            }
            if (c == 'p' || c == 'P') {
                add_property(regex, &token->set, c == 'P');
                token->is_list = 0;
                return 0;
            }
            c = c == 'b' ? '\b'
                : cors_is_digit(c) ? (regex->place.at--, escaped(regex, '0'))
                : escaped(regex, c);
        }
    }
    *member = c;
    return 1;
}

/* Passes what a class ignores. */
static void pass_in_class(cors_regex_t *regex)
{
    for (;;) {
        if (cors_re_take(regex, "\\E")) {
            regex->place.is_quoted = 0;
        }
        else if (!regex->place.is_quoted && cors_re_take(regex, "\\Q")) {
            regex->place.is_quoted = 1;
        }
        else if (!regex->place.is_quoted
                 && (regex->place.flags & CORS_REGEX_BLANKS) != 0
                 && (cors_re_peek(regex, 0) == ' '
                     || cors_re_peek(regex, 0) == '\t')) {
            regex->place.at++;
        }
        else {
            return;
        }
    }
}

void cors_re_read_class(cors_regex_t *regex, cors_regex_token_t *token)
{
    const int is_negated = cors_re_take(regex, "^");
    int is_first = 1, members = 0;

    token->kind = CORS_REGEX_CLASS;
    token->is_list = !is_negated;
    for (;; is_first = 0) {
        char from, to;

        pass_in_class(regex);
        if (cors_re_is_over(regex)) {
            break;
        }
        if (!regex->place.is_quoted && !is_first && cors_re_take(regex, "]")) {
            break;
        }
        members++;
        if (!read_member(regex, token, &from)) {
            continue;
        }
        to = from;
        pass_in_class(regex);
        if (!regex->place.is_quoted && cors_re_peek(regex, 0) == '-'
            && cors_re_peek(regex, 1) != ']'
            && cors_re_peek(regex, 1) != '\0') {
            const size_t hyphen = regex->place.at++;

            token->is_list = 0;
            pass_in_class(regex);
            if (!read_member(regex, token, &to)) {
                /* `a-\d` is no range: the hyphen is a member. */
                to = from;
                regex->place.at = hyphen;
            }
        }
        add(&token->set, (unsigned char)from, (unsigned char)to);
    }
    if (members > LIST_MAX) {
        token->is_list = 0;
    }
    if ((regex->place.flags & CORS_REGEX_CASELESS) != 0) {
        fold_case(&token->set);
    }
    if (is_negated) {
        negate(&token->set);
    }
}
