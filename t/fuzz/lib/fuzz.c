/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "fuzz.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "naive.h"

apr_pool_t *input_pool;

void promise(int kept, const char *what, cors_str_t about)
{
    size_t i;

    if (kept) {
        return;
    }
    fprintf(stderr, "broken promise: %s: '", what);
    for (i = 0; i < about.n; i++) {
        fprintf(stderr, isprint((unsigned char)about.p[i]) ? "%c" : "\\x%02x",
                (unsigned char)about.p[i]);
    }
    fprintf(stderr, "'\n");
    abort();
}

/* --------------------------------------------------------------- input -- */

cors_str_t begin_input(const uint8_t *bytes, size_t n)
{
    const cors_str_t input = { (const char *)bytes, n };

    apr_pool_create(&input_pool, NULL);
    return input;
}

void end_input(void)
{
    apr_pool_destroy(input_pool);
}

cors_str_t exact_copy(cors_str_t s)
{
    char *bytes = apr_palloc(input_pool, s.n);
    const cors_str_t copy = { bytes, s.n };

    if (s.n > 0) {
        memcpy(bytes, s.p, s.n);
    }
    return copy;
}

cors_str_t take_line(cors_str_t *rest)
{
    const char *end = rest->n > 0 ? memchr(rest->p, '\n', rest->n) : NULL;
    const size_t n = end != NULL ? (size_t)(end - rest->p) : rest->n;
    const cors_str_t line = cors_str_sub(*rest, 0, n);

    *rest = cors_str_sub(*rest, n + (end != NULL), rest->n);
    return exact_copy(line);
}

int take_word(cors_str_t *line, cors_str_t *word)
{
    size_t from = 0, to;

    while (from < line->n && memchr(" \t\r", line->p[from], 3)) {
        from++;
    }
    for (to = from; to < line->n && !memchr(" \t\r", line->p[to], 3); to++) {
        continue;
    }
    *word = cors_str_sub(*line, from, to);
    *line = cors_str_sub(*line, to, line->n);
    return word->n > 0;
}

unsigned take_choice(cors_str_t *line)
{
    unsigned char c;

    if (line->n == 0) {
        return 0;
    }
    c = (unsigned char)*line->p;
    *line = cors_str_sub(*line, 1, line->n);
    return c >= '0' && c <= '9' ? c - '0' + 0u
        : c >= 'a' && c <= 'z' ? c - 'a' + 10u : c % 36u;
}

int put_text(cors_str_t s, char *text, size_t size)
{
    if (s.n >= size || (s.n > 0 && memchr(s.p, '\0', s.n))) {
        *text = '\0';
        return 0;
    }
    if (s.n > 0) {
        memcpy(text, s.p, s.n);
    }
    text[s.n] = '\0';
    return 1;
}

/* ------------------------------------------------------------ suffixes -- */

static const cors_suffixes_t *suffixes;

const cors_suffixes_t *few_suffixes(void)
{
    return suffixes;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const char rules[] =
        "// ===BEGIN ICANN DOMAINS===\ngithub.io\n*.ck\n!www.ck\n"
        "// ===END ICANN DOMAINS===\n";
    static const char *const hosts[] = {
        "com", "example.com", "github.io", "a.github.io", "ck", "a.ck",
        "b.a.ck", "www.ck", "a.www.ck"
    };
    static apr_pool_t *forever;
    char name[] = "/tmp/mod_cors-suffixes-XXXXXX";
    const int file = mkstemp(name);
    size_t i;

    (void)argc;
    (void)argv;
    promise(file >= 0 && write(file, rules, sizeof(rules) - 1)
                         == (ssize_t)sizeof(rules) - 1,
            "a temporary file can be written", cors_str(name));
    apr_pool_create(&forever, NULL);
    suffixes = cors_suffixes_load(forever, name);
    close(file);
    unlink(name);
    promise((suffixes != NULL) == !!cors_suffixes_supported,
            "the list can be read", cors_str(name));
    for (i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
        promise(!!cors_suffix_is_public(suffixes, cors_str(hosts[i]))
                == naive_is_public(hosts[i]), "naive.h knows the list",
                cors_str(hosts[i]));
    }
    return 0;
}
