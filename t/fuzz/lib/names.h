/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file names.h
 * Lists of names from one line of an input, for the core and for the naive
 * reader: words as behind CorsAllowMethods or CorsAllowHeaders, `|` between
 * sections, the outermost first. What the directives refuse is passed over.
 */
#ifndef NAMES_H
#define NAMES_H

#include "cors_names.h"
#include "fuzz.h"
#include "naive_names.h"

/* Adds a word, if a directive would take it. */
static inline void read_name(cors_str_t word, cors_names_t *own,
                             naive_names_t *naive)
{
    const size_t s = naive->n - 1;
    const char sign = *word.p == '+' || *word.p == '-' ? *word.p : '\0';
    naive_name_t *entry = &naive->section[s].name[naive->section[s].n];
    cors_str_t text = sign ? cors_str_sub(word, 1, word.n) : word;
    unsigned facts = CORS_NAME_LITERAL;

    if (naive->section[s].n == NAMES_MAX) {
        return;
    }
    entry->kind = '=';
    entry->removes = sign == '-';
    if (cors_str_is(text, "*")) {
        if (entry->removes) {
            return;
        }
        entry->kind = '*';
        facts = CORS_NAME_ANY;
    }
    else {
        if (naive->is_caseless && text.n > 1 && text.p[text.n - 1] == '*') {
            text.n--;
            entry->kind = '^';
            facts = CORS_NAME_PREFIX;
        }
        if (!naive_is_token(text) || memchr(text.p, '*', text.n)) {
            return;
        }
    }
    text = exact_copy(text);
    entry->text = text;
    naive->section[s].n++;
    naive->section[s].replaces |= sign == '\0';
    own->list.replaces |= sign == '\0';
    cors_names_add(input_pool, own, text,
                   facts | (entry->removes ? CORS_NAME_REMOVES : 0));
}

/**
 * Reads a line. The lists are merged in one of two orders, in one of which
 * they are joined as they are read; the result may be NULL.
 */
static inline const cors_list_t *read_names(cors_str_t line,
                                            cors_name_eq_t eq, int from_right,
                                            naive_names_t *naive)
{
    const cors_list_t *own[NAMES_SECTIONS];
    const cors_list_t *list = NULL;
    cors_place_t place = { "fuzz", 1 };
    cors_names_t *names = NULL;
    cors_str_t word;
    size_t i;

    naive->n = 0;
    naive->has_default = 0;
    naive->is_caseless = eq == cors_str_ieq;
    while (take_word(&line, &word)) {
        if (cors_str_is(word, "|")) {
            names = NULL;
            continue;
        }
        if (names == NULL) {
            /* One is left for the default methods. */
            if (naive->n == NAMES_SECTIONS - 1) {
                break;
            }
            names = cors_names_make(input_pool, eq, place, !from_right);
            own[naive->n] = &names->list;
            naive->section[naive->n].n = 0;
            naive->section[naive->n].replaces = 0;
            naive->n++;
            place.line++;
        }
        if (cors_str_is(word, "none")) {
            if (names->first == NULL) {
                names->list.replaces = 1;
                naive->section[naive->n - 1].replaces = 1;
            }
            names = names->first == NULL ? NULL : names;
            continue;
        }
        read_name(word, names, naive);
    }
    for (i = 0; i < naive->n; i++) {
        list = from_right
            ? cors_list_merge(input_pool, own[naive->n - 1 - i], list)
            : cors_list_merge(input_pool, list, own[i]);
    }
    return list;
}

/* Is the entry said before in its section? The same entry twice is one. */
static inline size_t count_entries(const naive_names_t *naive, size_t s)
{
    size_t i, k, n = 0;

    for (i = 0; i < naive->section[s].n; i++) {
        const naive_name_t *entry = &naive->section[s].name[i];
        int is_new = 1;

        for (k = 0; k < i; k++) {
            const naive_name_t *before = &naive->section[s].name[k];

            is_new &= before->kind != entry->kind
                || before->removes != entry->removes
                || !naive_is_name(naive, before->text, entry->text);
        }
        n += is_new;
    }
    return n;
}

/* Of a section's own list: each entry once. */
static inline const void *check_section(const cors_list_t *own, void *context)
{
    const cors_names_t *names = (const cors_names_t *)own;
    const naive_names_t *naive = context;
    const cors_name_t *entry;
    size_t n = 0;

    for (entry = names->first; entry; entry = entry->next) {
        n++;
    }
    promise(n == count_entries(naive, (size_t)own->place.line
                                      - !naive->has_default),
            "the same entry twice is one entry", cors_str("a list"));
    return NULL;
}

/* What is sent of a list: tokens with commas between, no bytes else. */
static inline void check_sent(const char *sent)
{
    const cors_str_t all = cors_str(sent);
    size_t i = 0, from;

    for (;;) {
        for (from = i; sent[i] && sent[i] != ','; i++) {
            continue;
        }
        promise(naive_is_token(cors_str_sub(all, from, i)),
                "a list that is sent is of tokens", all);
        if (sent[i] == '\0') {
            break;
        }
        promise(sent[i + 1] == ' ', "with comma and blank between", all);
        i += 2;
    }
}

/** The literal names in force, as they are sent, are those of the naive
 * reader, each of them once. */
static inline void check_joined(const cors_list_t *list,
                                const naive_names_t *naive)
{
    const char *joined = cors_names_join(input_pool, list);
    const cors_str_t all = cors_str(joined);
    size_t at, end, n = 0;

    cors_list_ask(list, check_section, (void *)naive);
    if (joined != NULL) {
        check_sent(joined);
        for (at = 0; at < all.n; at = end + 1) {
            const cors_str_t name = naive_element(all, at, &end);

            promise(naive_is_listed(naive, name, "="),
                    "what is sent is listed", name);
            n++;
        }
    }
    promise(n == naive_count_literals(naive), "each name in force once", all);
}

#endif /* NAMES_H */
