/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_origins.h"

cors_origins_t *cors_origins_make(apr_pool_t *pool, cors_place_t place)
{
    cors_origins_t *origins = apr_pcalloc(pool, sizeof(*origins));

    origins->list.place = place;
    return origins;
}

void cors_origins_add(apr_pool_t *pool, cors_origins_t *origins,
                      const cors_pattern_t *pattern, cors_place_t place,
                      int removes)
{
    cors_pattern_t entry = *pattern;

    if (removes) {
        entry.facts |= CORS_ENTRY_REMOVES;
        origins->list.facts |= CORS_ENTRY_NOT_ANY
                               | (entry.facts & CORS_PATTERN_SAME_SITE);
        cors_origin_set_add(pool, &origins->removes, &entry, place);
        return;
    }
    entry.facts |= CORS_ENTRY_GRANTS;
    origins->list.facts |= entry.facts;
    if ((entry.facts & CORS_PATTERN_ANY) == 0) {
        origins->list.facts |= CORS_ENTRY_NOT_ANY;
    }
    cors_origin_set_add(pool, &origins->grants, &entry, place);
}

void cors_origins_add_source(cors_origins_t *origins, cors_source_t *source)
{
    source->next = NULL;
    source->entry.pattern.facts |= CORS_ENTRY_GRANTS;
    if (origins->last != NULL) {
        origins->last->next = source;
    }
    else {
        origins->first = source;
    }
    origins->last = source;
    origins->list.facts |= source->entry.pattern.facts | CORS_ENTRY_NOT_ANY;
}

/* ---------------------------------------------------------------- find -- */

typedef struct search_t {
    const cors_question_t *question;
    cors_question_t bare;       /* the same, nothing skipped: for entries that
                                   remove */
    unsigned ended;             /* sources of a directive that a section
                                   further in has set */
} search_t;

static const cors_entry_t *ask_sources(const cors_origins_t *origins,
                                       const search_t *search)
{
    const cors_question_t *question = search->question;
    const unsigned needed =
        cors_origin_is_null(question->origin) ? CORS_ENTRY_FILE : ~0u;
    const cors_entry_t *entry = NULL;
    const cors_source_t *source;

    for (source = origins->first; source && entry == NULL;
         source = source->next) {
        const unsigned facts = source->entry.pattern.facts;

        if ((facts & needed) == 0 || (facts & search->ended) != 0) {
            continue;
        }
        if ((facts & question->skip) == 0) {
            entry = source->covers(source, question);
        }
        else if (&source->entry == question->known) {
            entry = question->known;
        }
    }
    return entry;
}

static const void *ask(const cors_list_t *own, void *context)
{
    const cors_origins_t *origins = (const cors_origins_t *)own;
    search_t *search = context;
    const cors_entry_t *entry = NULL;

    if (origins->removes.n > 0) {
        entry = cors_origin_set_find(&origins->removes, &search->bare);
    }
    if (entry == NULL) {
        entry = cors_origin_set_find(&origins->grants, search->question);
    }
    if (entry == NULL && origins->first != NULL) {
        entry = ask_sources(origins, search);
        search->ended |= own->facts & CORS_ENTRY_SOURCES;
    }
    return entry;
}

const cors_entry_t *cors_origins_find(const cors_list_t *list,
                                      const cors_question_t *question)
{
    search_t search;

    search.question = question;
    search.bare = *question;
    search.bare.skip = 0;
    search.ended = 0;
    return cors_list_ask(list, ask, &search);
}

cors_listing_t cors_origins_look(const cors_list_t *list, cors_str_t text,
                                 const cors_entry_t **entry)
{
    const cors_origins_t *origins = (const cors_origins_t *)list;

    *entry = NULL;
    if (list->inner != NULL || origins->removes.n > 0
        || text.n > CORS_ORIGIN_MAX) {
        return CORS_UNKNOWN;
    }
    *entry = cors_origin_set_literal(&origins->grants, text);
    return *entry != NULL ? CORS_LISTED
        : (list->facts & (CORS_PATTERN_OTHERS | CORS_ENTRY_SOURCES)) != 0
        ? CORS_UNLISTED : CORS_UNCOVERED;
}

/* --------------------------------------------------------------- visit -- */

/* What only sources can have. */
#define SOURCE_FACTS \
    (CORS_ENTRY_SOURCES | CORS_ENTRY_LOOSE | CORS_ENTRY_HTTP_TOO \
     | CORS_ENTRY_FILE | CORS_ENTRY_PROVIDER)

typedef struct visit_t {
    const cors_list_t *list;
    unsigned facts;
    const void *(*visit)(const cors_entry_t *entry, void *context);
    void *context;
    const cors_list_t *until;   /* for is_removed(): where to stop */
    const cors_entry_t *entry;
    unsigned ended;
} visit_t;

/* Does this section take out the very text of an entry? Answers with the
 * section itself where the search has to end. */
static const void *removes_text(const cors_list_t *own, void *context)
{
    const cors_origins_t *origins = (const cors_origins_t *)own;
    const visit_t *visit = context;
    const cors_str_t text = cors_entry_text(visit->entry);
    unsigned i;

    for (i = 0; i < origins->removes.n; i++) {
        const cors_entry_t *other = cors_origin_set_at(&origins->removes, i);

        if (cors_str_eq(cors_entry_text(other), text)) {
            return other;
        }
    }
    return own == visit->until ? own : NULL;
}

static int is_removed(visit_t *visit, const cors_list_t *own,
                      const cors_entry_t *entry)
{
    visit->until = own;
    visit->entry = entry;
    return cors_list_ask(visit->list, removes_text, visit) != own;
}

static const void *visit_own(const cors_list_t *own, void *context)
{
    const cors_origins_t *origins = (const cors_origins_t *)own;
    visit_t *visit = context;
    const cors_entry_t *entry;
    const cors_source_t *source;
    const void *answer = NULL;
    unsigned i, n;

    /* No pattern has the facts of sources; there may be many of them. */
    n = (visit->facts & ~SOURCE_FACTS) != 0 ? origins->grants.n : 0;
    for (i = 0; i < n && answer == NULL; i++) {
        entry = cors_origin_set_at(&origins->grants, i);
        if ((entry->pattern.facts & visit->facts) != 0
            && !is_removed(visit, own, entry)) {
            answer = visit->visit(entry, visit->context);
        }
    }
    for (source = origins->first; source && answer == NULL;
         source = source->next) {
        if ((source->entry.pattern.facts & visit->facts) != 0
            && (source->entry.pattern.facts & visit->ended) == 0) {
            answer = visit->visit(&source->entry, visit->context);
        }
    }
    visit->ended |= own->facts & CORS_ENTRY_SOURCES;
    return answer;
}

const void *cors_origins_visit(const cors_list_t *list, unsigned facts,
                               const void *(*visit)(const cors_entry_t *entry,
                                                    void *context),
                               void *context)
{
    visit_t state;

    memset(&state, 0, sizeof(state));
    state.list = list;
    state.facts = facts;
    state.visit = visit;
    state.context = context;
    return cors_list_ask(list, visit_own, &state);
}

/* --------------------------------------------------------------- facts -- */

int cors_entry_removes(const cors_entry_t *entry)
{
    return (entry->pattern.facts & CORS_ENTRY_REMOVES) != 0;
}

const char *cors_origins_directive(const cors_list_t *list)
{
    const cors_origins_t *origins;

    while (list->inner != NULL) {
        list = list->inner;
    }
    origins = (const cors_origins_t *)list;
    return origins->first != NULL
        && origins->first->entry.place.line == list->place.line
        && origins->first->entry.place.file == list->place.file
        ? cors_entry_directive(&origins->first->entry) : "CorsAllowOrigin";
}

const char *cors_entry_directive(const cors_entry_t *entry)
{
    switch (entry->pattern.facts & CORS_ENTRY_SOURCES) {
    case CORS_ENTRY_MATCH:
        return "CorsAllowOriginMatch";
    case CORS_ENTRY_EXPR:
        return "CorsAllowOriginExpr";
    case CORS_ENTRY_OUTSIDE:
        return "CorsAllowOriginSource";
    default:
        return (entry->pattern.facts & CORS_ENTRY_LINE) != 0
            ? "CorsAllowOriginSource" : "CorsAllowOrigin";
    }
}

const cors_source_t *cors_entry_source(const cors_entry_t *entry)
{
    return (entry->pattern.facts & CORS_ENTRY_SOURCES) != 0
        ? (const cors_source_t *)entry : NULL;
}

cors_str_t cors_entry_text(const cors_entry_t *entry)
{
    cors_str_t text = { entry->pattern.text, entry->pattern.n };

    return cors_entry_source(entry) != NULL ? cors_str(text.p) : text;
}
