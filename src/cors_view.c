/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_view.h"

#include <apr_strings.h>

typedef struct view_t {
    apr_pool_t *pool;
    const cors_config_t *config;
    unsigned max;
    int defaults;
    apr_array_header_t *lines;
    /* Of the list that is being told: */
    const cors_field_t *field;
    const char *directive;
    unsigned ended;             /* sources of a directive that a section
                                   further in has set */
    unsigned told;
    unsigned left;              /* entries beyond `max` */
    cors_view_line_t next;      /* the first of these; without its value */
} view_t;

static void tell(const view_t *view, const char *directive, const char *value,
                 cors_place_t place)
{
    cors_view_line_t *line = apr_array_push(view->lines);

    line->directive = directive;
    line->value = value;
    line->place = place;
}

/* Is there no room for the entry, and the others of these n? */
static int is_beyond(view_t *view, const char *directive, cors_place_t place,
                     unsigned n)
{
    if (view->max == 0 || view->told < view->max) {
        view->told++;
        return 0;
    }
    if (view->left == 0) {
        view->next.directive = directive;
        view->next.place = place;
    }
    view->left += n;
    return 1;
}

/* The section's own record in which its list was written. NULL: in none, as
 * the default is. */
static const cors_config_t *record_of(const cors_config_t *config,
                                      const cors_field_t *field,
                                      const cors_list_t *own)
{
    /* As deep as sections nest. */
    while (config->inner != NULL) {
        const cors_config_t *found = record_of(config->inner, field, own);

        if (found != NULL) {
            return found;
        }
        config = config->outer;
    }
    return *cors_field_list(config, field) == own ? config : NULL;
}

/* ------------------------------------------------------------- origins -- */

static void tell_patterns(view_t *view, const cors_origin_set_t *set,
                          const char *sign)
{
    unsigned i;

    for (i = 0; i < set->n; i++) {
        const cors_entry_t *entry = cors_origin_set_at(set, i);
        const cors_str_t text = cors_entry_text(entry);
        const char *directive = cors_entry_directive(entry);

        if (is_beyond(view, directive, entry->place, set->n - i)) {
            return;
        }
        tell(view, directive,
             apr_psprintf(view->pool, "%s%.*s", sign, (int)text.n, text.p),
             entry->place);
    }
}

static void tell_sources(view_t *view, const cors_origins_t *origins)
{
    const cors_source_t *source;

    for (source = origins->first; source; source = source->next) {
        const cors_entry_t *entry = &source->entry;
        const char *directive = cors_entry_directive(entry);

        if ((entry->pattern.facts & view->ended) == 0
            && !is_beyond(view, directive, entry->place, 1)) {
            tell(view, directive, entry->pattern.text, entry->place);
        }
    }
    view->ended |= origins->list.facts & CORS_ENTRY_SOURCES;
}

static int is_of_source(const cors_origins_t *origins,
                        const cors_given_t *given)
{
    const cors_source_t *source;

    for (source = origins->first; source; source = source->next) {
        if (source->entry.place.file == given->file
            && source->entry.place.line == given->line) {
            return 1;
        }
    }
    return 0;
}

/* Where CorsAllowOrigin says `none`: no source stands in that line. A policy
 * without origins has none, too. */
static cors_place_t place_of_none(const view_t *view,
                                  const cors_origins_t *origins)
{
    const cors_config_t *record =
        record_of(view->config, view->field, &origins->list);
    const cors_given_t *given = record != NULL ? record->given : NULL;
    cors_place_t place = origins->list.place;

    for (; given != NULL; given = given->next) {
        if (given->offset == view->field->offset
            && !is_of_source(origins, given)) {
            place.file = given->file;
            place.line = given->line;
        }
    }
    return place;
}

static const void *tell_origins(const cors_list_t *own, void *context)
{
    const cors_origins_t *origins = (const cors_origins_t *)own;
    view_t *view = context;

    if (origins->grants.n == 0 && origins->removes.n == 0
        && (own->replaces || origins->first == NULL)) {
        tell(view, view->directive, "none", place_of_none(view, origins));
    }
    tell_patterns(view, &origins->removes, "-");
    tell_patterns(view, &origins->grants, own->replaces ? "" : "+");
    tell_sources(view, origins);
    return NULL;
}

static void tell_use(const view_t *view)
{
    const cors_use_t *use;

    for (use = view->config->use; use; use = use->next) {
        tell(view, "CorsUsePolicy", use->named->name, use->named->place);
    }
}

/* --------------------------------------------------------------- names -- */

/* The section's lines of the directive, in the order in which they stand.
 * NULL: there is one, in the place of the list. */
static const cors_given_t **lines_of(const view_t *view,
                                     const cors_names_t *names)
{
    const cors_config_t *record = names->lines < 2 ? NULL
        : record_of(view->config, view->field, &names->list);
    const cors_given_t **lines;
    const cors_given_t *given;
    unsigned i = names->lines;

    if (record == NULL) {
        return NULL;
    }
    lines = apr_palloc(view->pool, i * sizeof(*lines));
    for (given = record->given; given && i > 0; given = given->next) {
        if (given->offset == view->field->offset) {
            lines[--i] = given;
        }
    }
    return lines;
}

static const char *value_of(const view_t *view, const cors_list_t *own,
                            const cors_name_t *name)
{
    const char *sign = (name->facts & CORS_NAME_REMOVES) != 0 ? "-"
        : own->replaces ? "" : "+";

    return apr_psprintf(view->pool, "%s%.*s%s", sign, (int)name->text.n,
                        name->text.p,
                        (name->facts & CORS_NAME_PREFIX) != 0 ? "*" : "");
}

static const void *tell_names(const cors_list_t *own, void *context)
{
    const cors_names_t *names = (const cors_names_t *)own;
    view_t *view = context;
    const cors_given_t **lines = lines_of(view, names);
    const cors_name_t *name;

    if (names->first == NULL) {
        tell(view, view->directive, "none", own->place);
    }
    for (name = names->first; name; name = name->next) {
        cors_place_t place = own->place;

        if (lines != NULL) {
            place.file = lines[name->line]->file;
            place.line = lines[name->line]->line;
        }
        if (!is_beyond(view, view->directive, place, 1)) {
            tell(view, view->directive, value_of(view, own, name), place);
        }
    }
    return NULL;
}

/* -------------------------------------------------------------- fields -- */

/* Is the value that nobody gave to be told? With policies in use it may be
 * theirs to give. */
static int is_default_told(const view_t *view)
{
    return view->defaults
        && (view->config->use == NULL || !view->field->is_in_policy);
}

static void tell_list(view_t *view)
{
    static const cors_place_t nowhere = { "default", 0 };
    const int is_origins =
        view->field->offset == offsetof(cors_config_t, policy.origins);
    const cors_list_t *list = *cors_field_list(view->config, view->field);
    cors_list_t merged;

    view->ended = 0;
    view->told = 0;
    view->left = 0;
    if (is_origins) {
        tell_use(view);
    }
    else if (is_default_told(view)) {
        if (view->field->offset == offsetof(cors_config_t, policy.methods)) {
            list = cors_policy_methods(&view->config->policy, &merged);
        }
        if (list == NULL) {
            tell(view, view->directive, "none", nowhere);
        }
    }
    cors_list_ask(list, is_origins ? tell_origins : tell_names, view);
    if (view->left > 0) {
        tell(view, view->next.directive,
             apr_psprintf(view->pool, "and %u more", view->left),
             view->next.place);
    }
}

/* CorsTolerate, whose lines add up. */
static void tell_bits(const view_t *view)
{
    const cors_config_t *giver = cors_config_giver(view->config,
                                                   view->field->offset);
    const cors_word_t *word;

    for (word = view->field->words; giver && word->word; word++) {
        const cors_given_t *given;
        cors_place_t place = { NULL, 0 };

        /* The first line is the last one here. */
        for (given = giver->given; given; given = given->next) {
            if (given->offset == view->field->offset
                && given->bits == word->value) {
                place.file = given->file;
                place.line = given->line;
            }
        }
        if (place.file != NULL) {
            tell(view, view->directive, word->word, place);
        }
    }
}

static void tell_number(const view_t *view)
{
    const size_t offset = view->field->offset;
    const int number = *cors_field_number(view->config, view->field);
    const cors_word_t *word = view->field->words;

    if (!cors_config_gives(view->config, offset) && !is_default_told(view)) {
        return;
    }
    while (word != NULL && word->value != number) {
        word++;
    }
    tell(view, view->directive,
         word != NULL ? word->word
         : number == CORS_MAX_AGE_OFF ? "off"
         : apr_itoa(view->pool, number),
         cors_config_place(view->config, offset));
}

apr_array_header_t *cors_view(apr_pool_t *pool, const cors_config_t *config,
                              int max, int defaults)
{
    apr_uint64_t done = 0;
    const command_rec *row;
    view_t view;

    memset(&view, 0, sizeof(view));
    view.pool = pool;
    view.config = config;
    view.max = (unsigned)max;
    view.defaults = defaults;
    view.lines = apr_array_make(pool, 16, sizeof(cors_view_line_t));
    /* Rows may share a field. */
    for (row = cors_commands; row->name; row++) {
        view.field = row->cmd_data;
        view.directive = row->name;
        if (view.field == NULL
            || (done & cors_bit_at(view.field->offset)) != 0) {
            continue;
        }
        done |= cors_bit_at(view.field->offset);
        if (view.field->is_list) {
            tell_list(&view);
        }
        else if (view.field->offset == offsetof(cors_config_t,
                                                policy.tolerate)) {
            tell_bits(&view);
        }
        else {
            tell_number(&view);
        }
    }
    return view.lines;
}
