/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_regex.h
 * Reads a regular expression, one token after the other: as much of PCRE's
 * syntax as it takes to write a text that the expression is meant to match.
 * What it means to match is PCRE's business; here nothing is matched, and
 * whatever cannot be read counts as empty.
 */
#ifndef CORS_REGEX_H
#define CORS_REGEX_H

#include "cors_str.h"

/** Parentheses inside each other; PCRE2 compiles no more unless told to. */
#define CORS_REGEX_DEPTH 250

/** "Any number of times." */
#define CORS_REGEX_MANY (~0u)

/** The ASCII characters that a dot or a class stands for. */
typedef struct cors_regex_set_t {
    unsigned char bits[16];
} cors_regex_set_t;

typedef enum {
    CORS_REGEX_END,             /* or the reader gave up, see `fuel` */
    CORS_REGEX_EMPTY,           /* stands for no character: `^`, `\b`, `(?i)`,
                                   `(*ACCEPT)`; also back references and
                                   recursion, which cannot be read */
    CORS_REGEX_LITERAL,
    CORS_REGEX_DOT,
    CORS_REGEX_CLASS,           /* `[...]`, `\d` */
    CORS_REGEX_OPEN,            /* of a group, named or not */
    CORS_REGEX_OPEN_EMPTY,      /* of what counts as empty, up to its CLOSE:
                                   lookarounds, conditions */
    CORS_REGEX_BAR,
    CORS_REGEX_CLOSE
} cors_regex_kind_t;

/** One token. */
typedef struct cors_regex_token_t {
    cors_regex_kind_t kind;
    size_t start;               /* its offset */
    size_t open;                /* CLOSE: the offset of its OPEN */
    char literal;               /* LITERAL; in lower case under (?i) */
    int is_list;                /* CLASS: a few characters, each of them named
                                   in it */
    cors_regex_set_t set;       /* DOT and CLASS */
} cors_regex_token_t;

/** How often the token or group stands there. */
typedef struct cors_regex_quantifier_t {
    unsigned min;
    unsigned max;
} cors_regex_quantifier_t;

/** Where the reader is; copy it to come back. */
typedef struct cors_regex_place_t {
    size_t at;                  /* offset */
    size_t depth;               /* groups that are open */
    unsigned char flags;        /* of (?i) and (?x) */
    unsigned char is_quoted;    /* between \Q and \E */
} cors_regex_place_t;

/** A reader. Going back to a place is allowed as long as the groups that are
 * open there have not been left for others. */
typedef struct cors_regex_t {
    cors_str_t text;
    unsigned long *fuel;        /* tokens that may still be read */
    int is_blind;               /* boolean, out: there was something that may
                                   match text but cannot be read */
    cors_regex_place_t place;
    struct {
        size_t start;
        unsigned char flags;    /* in front of it */
    } groups[CORS_REGEX_DEPTH];
} cors_regex_t;

/**
 * Begins to read.
 *
 * @param text  an expression that PCRE compiles; with another, the tokens are
 *              unspecified, but reading ends all the same
 * @param fuel  each token takes one; without, there is only END
 */
void cors_regex_begin(cors_regex_t *regex, cors_str_t text,
                      unsigned long *fuel);

/** Reads a token. Cost: its length; a group's contents are tokens. */
void cors_regex_next(cors_regex_t *regex, cors_regex_token_t *token);

/** Reads the quantifier behind a token or a CLOSE; {1, 1} if there is none.
 * Lazy and possessive ones are alike. */
cors_regex_quantifier_t cors_regex_quantifier(cors_regex_t *regex);

/** Does the set hold the character? */
int cors_regex_holds(const cors_regex_set_t *set, char c);

#endif /* CORS_REGEX_H */
