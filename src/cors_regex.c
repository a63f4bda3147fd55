/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_regex.h"

/* A class of so many characters, each named, is a choice like `(a|b)`. */
#define LIST_MAX 6

#define FLAG_CASELESS 1u
#define FLAG_EXTENDED 2u        /* (?x) */
#define FLAG_BLANKS   4u        /* (?xx): blanks in classes too */

/* The byte at an offset from here, NUL behind the end. */
static char peek(const cors_regex_t *regex, size_t ahead)
{
    const size_t at = regex->place.at + ahead;

    return at < regex->text.n ? regex->text.p[at] : '\0';
}

static int is_over(const cors_regex_t *regex)
{
    return regex->place.at >= regex->text.n;
}

/* Passes a word if it is what comes next. */
static int take(cors_regex_t *regex, const char *word)
{
    const size_t n = strlen(word);

    if (regex->text.n - regex->place.at < n
        || memcmp(regex->text.p + regex->place.at, word, n) != 0) {
        return 0;
    }
    regex->place.at += n;
    return 1;
}

/* Passes everything up to a character, and that. */
static void pass(cors_regex_t *regex, char last)
{
    while (!is_over(regex) && peek(regex, 0) != last) {
        regex->place.at++;
    }
    regex->place.at += !is_over(regex);
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_letter(char c)
{
    return cors_lower(c) >= 'a' && cors_lower(c) <= 'z';
}

static int is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The value of a digit up to base 16, or 16. */
static unsigned digit(char c)
{
    c = cors_lower(c);
    return is_digit(c) ? (unsigned)(c - '0')
        : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

static unsigned number(cors_regex_t *regex, unsigned base, unsigned digits)
{
    unsigned value = 0;

    while (digits-- > 0 && digit(peek(regex, 0)) < base) {
        if (value < 0x10000) {
            value = value * base + digit(peek(regex, 0));
        }
        regex->place.at++;
    }
    return value;
}

/* Passes what PCRE ignores: comments, the signs of \Q and \E. */
static void pass_ignored(cors_regex_t *regex)
{
    while (!is_over(regex)) {
        if (take(regex, "\\E")) {
            regex->place.is_quoted = 0;
        }
        else if (regex->place.is_quoted) {
            return;
        }
        else if (take(regex, "\\Q")) {
            regex->place.is_quoted = 1;
        }
        else if (take(regex, "(?#")) {
            pass(regex, ')');
        }
        else if ((regex->place.flags & FLAG_EXTENDED) == 0) {
            return;
        }
        else if (peek(regex, 0) == '#') {
            pass(regex, '\n');
        }
        else if (is_blank(peek(regex, 0))) {
            regex->place.at++;
        }
        else {
            return;
        }
    }
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
    const int has_name = take(regex, "{");
    cors_regex_set_t own = { { 0 } };
    const int is_inverse = has_name && take(regex, "^");
    const char first = cors_lower(peek(regex, 0));

    if (first != 'n') {
        add(&own, 'A', 'Z');
        add(&own, 'a', 'z');
    }
    if (first != 'l') {
        add(&own, '0', '9');
    }
    if (has_name) {
        pass(regex, '}');
    }
    else {
        regex->place.at += !is_over(regex);
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
    const int is_negated = take(regex, "^");
    cors_regex_set_t own = { { 0 } };
    const char *range;
    size_t i;

    for (i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
        if (take(regex, classes[i].name)) {
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
        value = (unsigned char)peek(regex, 0);
        regex->place.at += !is_over(regex);
        return (char)((value & 0x5fu) ^ 0x40u);
    case '0':
        value = number(regex, 8, 2);
        break;
    case 'o':
    case 'x':
        if (take(regex, "{")) {
            value = number(regex, letter == 'x' ? 16 : 8, ~0u);
            pass(regex, '}');
        }
        else {
            value = number(regex, 16, 2);
        }
        break;
    default:
        return letter;
    }
    return value < 128 ? (char)value : '\177';
}

/* Passes the name of a group, in whichever signs. */
static void pass_name(cors_regex_t *regex)
{
    const char sign = peek(regex, 0);

    if (sign == '{' || sign == '<' || sign == '\'') {
        regex->place.at++;
        pass(regex, sign == '{' ? '}' : sign == '<' ? '>' : '\'');
        return;
    }
    regex->place.at += sign == '-' || sign == '+';
    number(regex, 10, ~0u);
}

/* An escape outside a class, behind its backslash. */
static void read_escape(cors_regex_t *regex, cors_regex_token_t *token)
{
    const char letter = peek(regex, 0);

    regex->place.at += !is_over(regex);
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
        token->kind = CORS_REGEX_DOT;
        add(&token->set, 0, 127);
        return;
    }
    token->kind = CORS_REGEX_EMPTY;
    if (letter == '\0' || strchr("AzZbBGK", letter)) {
        return;
    }
    if (letter == 'g' || letter == 'k') {
        regex->is_blind = 1;
        pass_name(regex);
        return;
    }
    if (letter != '0' && is_digit(letter)) {
        regex->is_blind = 1;
        number(regex, 10, ~0u);
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
    char c = peek(regex, 0);

    regex->place.at++;
    if (!regex->place.is_quoted) {
        if (c == '[' && take(regex, ":")
            && add_posix_class(regex, &token->set)) {
            token->is_list = 0;
            return 0;
        }
        if (c == '\\' && !is_over(regex)) {
            c = peek(regex, 0);
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
                : is_digit(c) ? (regex->place.at--, escaped(regex, '0'))
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
        if (take(regex, "\\E")) {
            regex->place.is_quoted = 0;
        }
        else if (!regex->place.is_quoted && take(regex, "\\Q")) {
            regex->place.is_quoted = 1;
        }
        else if (!regex->place.is_quoted
                 && (regex->place.flags & FLAG_BLANKS) != 0
                 && (peek(regex, 0) == ' ' || peek(regex, 0) == '\t')) {
            regex->place.at++;
        }
        else {
            return;
        }
    }
}

/* A class, behind its bracket. */
static void read_class(cors_regex_t *regex, cors_regex_token_t *token)
{
    const int is_negated = take(regex, "^");
    int is_first = 1, members = 0;

    token->kind = CORS_REGEX_CLASS;
    token->is_list = !is_negated;
    for (;; is_first = 0) {
        char from, to;

        pass_in_class(regex);
        if (is_over(regex)) {
            break;
        }
        if (!regex->place.is_quoted && !is_first && take(regex, "]")) {
            break;
        }
        members++;
        if (!read_member(regex, token, &from)) {
            continue;
        }
        to = from;
        pass_in_class(regex);
        if (!regex->place.is_quoted && peek(regex, 0) == '-'
            && peek(regex, 1) != ']' && peek(regex, 1) != '\0') {
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
    if ((regex->place.flags & FLAG_CASELESS) != 0) {
        fold_case(&token->set);
    }
    if (is_negated) {
        negate(&token->set);
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
        char c = peek(regex, 0);

        if (is_over(regex)) {
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
        flag = c == 'i' ? FLAG_CASELESS : c == 'x' ? FLAG_EXTENDED : 0;
        if (c == 'x' && take(regex, "x")) {
            flag |= FLAG_BLANKS;
        }
        flags = (unsigned char)(is_off && flag != 0
            ? flags & ~(flag | (c == 'x' ? FLAG_BLANKS : 0u))
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
        if (take(regex, groups[i])) {
            read_open(regex, token, CORS_REGEX_OPEN, regex->place.flags);
            return;
        }
    }
    if (peek(regex, 0) >= 'a' && peek(regex, 0) <= 'z') {
        pass(regex, ':');
        read_open(regex, token, CORS_REGEX_OPEN_EMPTY, regex->place.flags);
        return;
    }
    pass(regex, ')');
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
    if (take(regex, "*")) {
        read_verb(regex, token);
        return;
    }
    if (!take(regex, "?")) {
        read_open(regex, token, CORS_REGEX_OPEN, flags);
        return;
    }
    for (i = 0; i < sizeof(empty) / sizeof(*empty); i++) {
        if (take(regex, empty[i])) {
            read_open(regex, token, CORS_REGEX_OPEN_EMPTY, flags);
            return;
        }
    }
    if (peek(regex, 0) == '(') {
        /* A condition; its own parenthesis is the first token inside. */
        regex->is_blind = 1;
        read_open(regex, token, CORS_REGEX_OPEN_EMPTY, flags);
        return;
    }
    if (take(regex, "P=") || take(regex, "P>") || take(regex, "&")
        || take(regex, "R") || take(regex, "C") || is_digit(peek(regex, 0))
        || (strchr("+-", peek(regex, 0)) && is_digit(peek(regex, 1)))) {
        regex->is_blind = 1;
        pass(regex, ')');
        return;
    }
    if (take(regex, "P") || peek(regex, 0) == '<' || peek(regex, 0) == '\'') {
        pass_name(regex);
        read_open(regex, token, CORS_REGEX_OPEN, flags);
        return;
    }
    if (take(regex, "|") || take(regex, ">")) {
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
    if (is_over(regex) || *regex->fuel == 0) {
        return;
    }
    --*regex->fuel;
    c = peek(regex, 0);
    regex->place.at++;
    if (regex->place.is_quoted || c == '\0' || !strchr("\\[(|).^$", c)) {
        token->kind = CORS_REGEX_LITERAL;
        token->literal = c;
    }
    else if (c == '\\') {
        read_escape(regex, token);
    }
    else if (c == '[') {
        read_class(regex, token);
    }
    else if (c == '(') {
        read_group(regex, token);
    }
    else if (c == ')') {
        read_close(regex, token);
    }
    else if (c == '.') {
        token->kind = CORS_REGEX_DOT;
        add(&token->set, 0, 127);
    }
    else {
        token->kind = c == '|' ? CORS_REGEX_BAR : CORS_REGEX_EMPTY;
    }
    if (token->kind == CORS_REGEX_LITERAL && is_letter(token->literal)
        && (regex->place.flags & FLAG_CASELESS) != 0) {
        token->literal = cors_lower(token->literal);
    }
}

/* `{2}`, `{2,}`, `{2,3}`; with anything else, the brace is a literal. */
static int read_braces(cors_regex_t *regex, cors_regex_quantifier_t *often)
{
    const size_t start = regex->place.at;

    if (take(regex, "{") && is_digit(peek(regex, 0))) {
        often->min = often->max = number(regex, 10, ~0u);
        if (take(regex, ",")) {
            often->max = is_digit(peek(regex, 0)) ? number(regex, 10, ~0u)
                                                  : CORS_REGEX_MANY;
        }
        if (take(regex, "}")) {
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
    if (is_over(regex) || regex->place.is_quoted) {
        return often;
    }
    if (take(regex, "?")) {
        often.min = 0;
    }
    else if (take(regex, "*")) {
        often.min = 0;
        often.max = CORS_REGEX_MANY;
    }
    else if (take(regex, "+")) {
        often.max = CORS_REGEX_MANY;
    }
    else if (!read_braces(regex, &often)) {
        often.min = often.max = 1;
        return often;
    }
    pass_ignored(regex);
    if (!regex->place.is_quoted && !take(regex, "?")) {
        take(regex, "+");
    }
    return often;
}
