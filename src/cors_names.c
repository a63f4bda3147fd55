/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_names.h"

#include <apr_strings.h>

#define KINDS (CORS_NAME_LITERAL | CORS_NAME_PREFIX | CORS_NAME_ANY)

cors_names_t *cors_names_make(apr_pool_t *pool, cors_name_eq_t eq,
                              cors_place_t place, size_t room)
{
    cors_names_t *names = apr_pcalloc(pool, sizeof(*names));

    names->text_max = (unsigned)room;
    names->eq = eq;
    names->list.place = place;
    return names;
}

/* Adds a name to the joined text. The room doubles, so that a long list on
 * many lines does not cost its length squared. */
static void join(apr_pool_t *pool, cors_names_t *names, cors_str_t name)
{
    static const cors_str_t comma = CORS_STR(", ");
    const unsigned more =
        (unsigned)(name.n + (names->text_n > 0 ? comma.n : 0));

    if (names->text == NULL || names->text_n + more >= names->text_max) {
        char *old = names->text;

        if (names->text_n + more >= names->text_max) {
            names->text_max = 2 * (names->text_n + more + 1);
        }
        names->text = apr_palloc(pool, names->text_max);
        if (names->text_n > 0) {
            memcpy(names->text, old, names->text_n);
        }
    }
    if (names->text_n > 0) {
        memcpy(names->text + names->text_n, comma.p, comma.n);
        names->text_n += (unsigned)comma.n;
    }
    memcpy(names->text + names->text_n, name.p, name.n);
    names->text_n += (unsigned)name.n;
    names->text[names->text_n] = '\0';
}

void cors_names_add(apr_pool_t *pool, cors_names_t *names, cors_str_t text,
                    unsigned facts)
{
    cors_name_t *name;

    for (name = names->first; name; name = name->next) {
        if (name->facts == facts && name->text.n == text.n
            && names->eq(name->text, text)) {
            return;
        }
    }
    name = apr_palloc(pool, sizeof(*name));
    name->text = text;
    name->facts = facts;
    name->line = names->lines;
    name->next = NULL;
    if (names->last != NULL) {
        names->last->next = name;
    }
    else {
        names->first = name;
    }
    names->last = name;
    names->list.facts |= facts;
    if (facts == CORS_NAME_LITERAL && names->text_max > 0) {
        join(pool, names, text);
    }
}

typedef struct question_t {
    cors_str_t name;
    unsigned skip;
} question_t;

static int covers(const cors_names_t *names, const cors_name_t *entry,
                  cors_str_t name)
{
    switch (entry->facts & KINDS) {
    case CORS_NAME_ANY:
        return 1;
    case CORS_NAME_PREFIX:
        return name.n > entry->text.n
            && names->eq(cors_str_sub(name, 0, entry->text.n), entry->text);
    default:
        return name.n == entry->text.n && names->eq(name, entry->text);
    }
}

/* The entry of one section that covers the name: one that removes, else a
 * literal one, else another. */
static const void *ask(const cors_list_t *own, void *context)
{
    const cors_names_t *names = (const cors_names_t *)own;
    const question_t *question = context;
    const cors_name_t *found = NULL;
    const cors_name_t *entry;

    for (entry = names->first; entry; entry = entry->next) {
        /* Most are names, and of another length. */
        if (entry->facts == CORS_NAME_LITERAL
            && entry->text.n != question->name.n) {
            continue;
        }
        if (!covers(names, entry, question->name)) {
            continue;
        }
        if ((entry->facts & CORS_NAME_REMOVES) != 0) {
            return entry;
        }
        if ((entry->facts & question->skip) != 0) {
            continue;
        }
        if (entry->facts == CORS_NAME_LITERAL
            && (own->facts & CORS_NAME_REMOVES) == 0) {
            return entry;
        }
        if (found == NULL || entry->facts == CORS_NAME_LITERAL) {
            found = entry;
        }
    }
    return found;
}

const cors_name_t *cors_names_find(const cors_list_t *list, cors_str_t name,
                                   unsigned skip)
{
    question_t question;
    const cors_name_t *found;

    question.name = name;
    question.skip = skip;
    found = cors_list_ask(list, ask, &question);
    return found != NULL && (found->facts & CORS_NAME_REMOVES) == 0
        ? found : NULL;
}

typedef struct fold_t {
    apr_pool_t *pool;
    const cors_list_t *list;
    cors_names_t *result;
} fold_t;

/* Takes over the literal names of one section that are still in force when
 * all sections have spoken. */
static const void *fold(const cors_list_t *own, void *context)
{
    const cors_names_t *names = (const cors_names_t *)own;
    const fold_t *state = context;
    const cors_name_t *entry;

    for (entry = names->first; entry; entry = entry->next) {
        if (entry->facts == CORS_NAME_LITERAL
            && cors_names_find(state->list, entry->text,
                               CORS_NAME_ANY | CORS_NAME_PREFIX) == entry) {
            join(state->pool, state->result, entry->text);
        }
    }
    return NULL;
}

/* All that is in force, where no section has it joined already. */
CORS_APART static const char *join_all(apr_pool_t *pool,
                                       const cors_list_t *list)
{
    cors_names_t result;
    const cors_name_t *entry;
    fold_t state;

    memset(&result, 0, sizeof(result));
    if (list->inner == NULL && (list->facts & CORS_NAME_REMOVES) == 0) {
        entry = ((const cors_names_t *)list)->first;
        for (; entry; entry = entry->next) {
            if (entry->facts == CORS_NAME_LITERAL) {
                join(pool, &result, entry->text);
            }
        }
        return result.text;
    }
    state.pool = pool;
    state.list = list;
    state.result = &result;
    cors_list_ask(list, fold, &state);
    return result.text;
}

const char *cors_names_join(apr_pool_t *pool, const cors_list_t *list)
{
    const cors_names_t *only = (const cors_names_t *)list;

    if (list == NULL) {
        return NULL;
    }
    return list->inner == NULL && (list->facts & CORS_NAME_REMOVES) == 0
        && only->text_max > 0 ? only->text : join_all(pool, list);
}
