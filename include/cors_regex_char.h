/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_regex_char.h
 * The lower half of the reader in cors_regex.h: where it stands in the text,
 * and the elements that stand for one character: escapes and classes.
 */
#ifndef CORS_REGEX_CHAR_H
#define CORS_REGEX_CHAR_H

#include "cors_regex.h"

/* Options in force, bits of cors_regex_place_t.flags. */
#define CORS_REGEX_CASELESS 1u  /* (?i) */
#define CORS_REGEX_EXTENDED 2u  /* (?x) */
#define CORS_REGEX_BLANKS   4u  /* (?xx): blanks in classes too */

/** The byte at an offset from here, NUL behind the end. */
char cors_re_peek(const cors_regex_t *regex, size_t ahead);

/** Is the whole text read? */
int cors_re_is_over(const cors_regex_t *regex);

/** Passes a word if it is what comes next; returns whether. */
int cors_re_take(cors_regex_t *regex, const char *word);

/** Passes everything up to a character, and that. */
void cors_re_pass(cors_regex_t *regex, char last);

/** Reads a number of at most so many digits; big ones are cut. */
unsigned cors_re_number(cors_regex_t *regex, unsigned base,
                           unsigned digits);

/** Passes the name of a group, in whichever signs. */
void cors_re_pass_name(cors_regex_t *regex);

/** Makes the token one that stands for any character. */
void cors_re_set_dot(cors_regex_token_t *token);

/** Reads an escape outside a class, behind its backslash. */
void cors_re_read_escape(cors_regex_t *regex, cors_regex_token_t *token);

/** Reads a class, behind its bracket. */
void cors_re_read_class(cors_regex_t *regex, cors_regex_token_t *token);

#endif /* CORS_REGEX_CHAR_H */
