/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file fuzz.h
 * What every fuzz target needs: promises that stop the program when broken,
 * memory whose ends AddressSanitizer guards, and a reader that makes bytes
 * into something with a structure.
 *
 * Inputs are text. The first line holds choices, a character each: `0` to `9`
 * and `a` to `z` are numbers, and what is missing is 0. The lines behind it
 * are what the target says. So seeds can be read and written by hand, and a
 * change of a few bytes leaves the rest of the meaning as it was.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <apr_strings.h>
#include <stdint.h>

#include "cors_suffix.h"

/* libFuzzer calls these. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/** Stops the program, after telling what was promised and about what, if it
 * does not hold. */
void promise(int kept, const char *what, cors_str_t about);

/** A list in which, beside names of one label, `github.io` and `*.ck` are
 * public suffixes but `www.ck` is not: the one that naive.h knows. NULL in a
 * build without libpsl. */
const cors_suffixes_t *few_suffixes(void);

/** The pool of the input at hand. Each allocation is a block of its own. */
extern apr_pool_t *input_pool;

/** Before and after each input. */
cors_str_t begin_input(const uint8_t *bytes, size_t n);
void end_input(void);

/** A copy with nothing behind its last byte. */
cors_str_t exact_copy(cors_str_t s);

/** Takes the next line off the input, an exact copy without its end; empty if
 * there is none. */
cors_str_t take_line(cors_str_t *rest);

/** Takes the next word off a line, without the blanks around it. Returns
 * whether there is one. */
int take_word(cors_str_t *line, cors_str_t *word);

/** Takes a choice off a line of them: from 0 to 35. */
unsigned take_choice(cors_str_t *line);

/** Copies text into an array, terminated. Returns 0 if it does not fit or
 * holds a NUL. */
int put_text(cors_str_t s, char *text, size_t size);

#endif /* FUZZ_H */
