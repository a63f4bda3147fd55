/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file model.h
 * Whole decisions, made by a model: what the contract says about nested
 * sections, credentials, rejecting and preflights, done slowly and with
 * strings.
 */
#ifndef MODEL_H
#define MODEL_H

#include "cors_policy.h"

#include "naive.h"
#include "naive_names.h"
#include "sources.h"

#define SECTIONS  5
#define ITEMS_MAX 100           /* in a section */

/* What an item is of. */
typedef enum { PATTERN, MATCH, EXPR, PROVIDER, LINES } kind_t;

typedef struct item_t {
    char text[TEXT_MAX];        /* of LINES: with commas between */
    char seed[TEXT_MAX];        /* of a source: an origin it was made from */
    kind_t kind;
    int removes;
    int is_loose;
    int is_http_too;
    int meets_strangers;
    int is_dead;
    const cors_source_t *source;
} item_t;

typedef struct section_t {
    item_t *items;
    size_t n;
    int replaces;
    cors_origins_t *origins;
} section_t;

/* One policy. */
typedef struct model_t {
    section_t section[SECTIONS];        /* the outermost first */
    size_t n;
    size_t first;               /* the first that nobody replaces */
    naive_names_t methods;
    naive_names_t headers;
    int credentials;
    int tolerate;
    int rejects;
} model_t;

/* One request. */
typedef struct ask_t {
    char origin[2 * TEXT_MAX];  /* empty: none */
    int is_well_formed;
    int has_site;
    naive_site_t site;
    const char *fetch_site;
    int is_preflight;
    cors_str_t method;          /* these two are the request's own bytes */
    cors_str_t headers;
} ask_t;

/* What the model says. */
typedef struct answer_t {
    const char *word;
    const char *allow_origin;   /* NULL: none */
    int is_rejected;
    size_t section;             /* who decided, counted from 1; 0: nobody */
    int removes;
    const item_t *source;       /* if it was one */
    const item_t *failed;       /* the last one that could not answer, where
                                   nobody decided */
    int is_unfit;
    cors_str_t blamed;
} answer_t;

static inline int tolerates(const model_t *model, int what)
{
    return (model->tolerate & what) != 0;
}

/* Does the entry match nobody under this policy? */
static inline int is_guarded(const model_t *model, const item_t *item)
{
    const unsigned facts = item->kind == PATTERN ? naive_facts(item->text)
                                                 : 0;

    if (((facts & CORS_PATTERN_REGISTRABLE) != 0
         && !tolerates(model, CORS_TOLERATE_PUBLIC_SUFFIX))
        || (item->is_loose && !tolerates(model, CORS_TOLERATE_LOOSE))) {
        return 1;
    }
    if (!model->credentials) {
        return 0;
    }
    return (facts & CORS_PATTERN_ANY) != 0
        || ((facts & CORS_PATTERN_NULL) != 0
            && !tolerates(model, CORS_TOLERATE_NULL))
        || (((facts & CORS_PATTERN_INSECURE) != 0 || item->is_http_too)
            && !tolerates(model, CORS_TOLERATE_INSECURE))
        || ((facts & CORS_PATTERN_PUBLIC_SUFFIX) != 0
            && !tolerates(model, CORS_TOLERATE_PUBLIC_SUFFIX))
        || (item->meets_strangers && !tolerates(model, CORS_TOLERATE_LOOSE));
}

static inline int covers(const item_t *item, const ask_t *ask)
{
    static const naive_site_t unknown = { "", "", 0 };

    if (item->kind == PATTERN) {
        return naive_covers(item->text, ask->origin,
                            ask->has_site ? &ask->site : &unknown);
    }
    return strcmp(ask->origin, "null") != 0 && !item->is_dead
        && glob(item->text, ask->origin, strlen(ask->origin));
}

/* Takes the next of a file's lines. */
static inline int next_line(const char **rest, item_t *line)
{
    const size_t n = strcspn(*rest, ",");

    if (n == 0) {
        return 0;
    }
    memset(line, 0, sizeof(*line));
    sprintf(line->text, "%.*s", (int)n, *rest);
    *rest += n + ((*rest)[n] == ',');
    return 1;
}

/* Does an item cover the origin that counts, and one that is guarded? */
static inline void judge(const model_t *model, const item_t *item,
                         const ask_t *ask, int *counts, int *is_barred)
{
    const char *rest = item->text;
    item_t line;

    *counts = *is_barred = 0;
    if (item->kind != LINES) {
        *counts = covers(item, ask) && !is_guarded(model, item);
        *is_barred = covers(item, ask) && is_guarded(model, item);
        return;
    }
    while (next_line(&rest, &line)) {
        *counts |= covers(&line, ask) && !is_guarded(model, &line);
        *is_barred |= covers(&line, ask) && is_guarded(model, &line);
    }
}

/* The directive that it is of, as the first of its kinds. */
static inline kind_t directive_of(const item_t *item)
{
    return item->kind == LINES ? PROVIDER : item->kind;
}

/* Those of a section that are of a directive which no section further in has
 * set: patterns, then sources in order. */
static inline const item_t *grant(const model_t *model, const section_t *own,
                                  const ask_t *ask, const int *ended,
                                  answer_t *answer, int *is_barred)
{
    const item_t *granting = NULL;
    int sources, counts, barred;
    size_t i;

    *is_barred = 0;
    for (sources = 0; sources <= 1; sources++) {
        for (i = 0; i < own->n; i++) {
            const item_t *item = &own->items[i];

            if (item->removes || (item->kind != PATTERN) != sources
                || ended[directive_of(item)]) {
                continue;
            }
            judge(model, item, ask, &counts, &barred);
            *is_barred |= barred;
            if (granting != NULL) {
                continue;
            }
            if (counts) {
                granting = item;
            }
            if (item->is_dead && strcmp(ask->origin, "null") != 0) {
                answer->failed = item;
            }
        }
    }
    return granting;
}

/* Looks into the sections from the innermost outwards. `guarded` receives the
 * last section, counted from 1, in which an entry was passed over before that;
 * 0 if none was. */
static inline void find(const model_t *model, const ask_t *ask,
                        answer_t *answer, size_t *guarded)
{
    int ended[PROVIDER + 1] = { 0, 0, 0, 0 };
    size_t s, i;

    for (s = model->n; s-- > model->first;) {
        const section_t *own = &model->section[s];
        const item_t *granting;
        int is_barred;

        for (i = 0; i < own->n; i++) {
            if (own->items[i].removes && covers(&own->items[i], ask)) {
                answer->section = s + 1;
                answer->removes = 1;
                return;
            }
        }
        granting = grant(model, own, ask, ended, answer, &is_barred);
        if (is_barred) {
            *guarded = s + 1;
        }
        if (granting != NULL) {
            answer->section = s + 1;
            answer->source = granting->kind != PATTERN ? granting : NULL;
            return;
        }
        for (i = 0; i < own->n; i++) {
            if (own->items[i].kind != PATTERN) {
                ended[directive_of(&own->items[i])] = 1;
            }
        }
    }
}

static inline int is_insecure(const char *origin)
{
    char host[TEXT_MAX];

    if (strncmp(origin, "http://", 7) != 0) {
        return 0;
    }
    naive_host(origin, host);
    return !naive_is_loopback(host);
}

/* An origin that must not have credentials, whatever allowed it. */
static inline int is_unfit(const model_t *model, const char *origin)
{
    return model->credentials
        && ((is_insecure(origin)
             && !tolerates(model, CORS_TOLERATE_INSECURE))
            || (strcmp(origin, "null") == 0
                && !tolerates(model, CORS_TOLERATE_NULL)));
}

static inline int is_constant(const model_t *model)
{
    size_t s, i, n = 0;

    for (s = model->first; s < model->n; s++) {
        for (i = 0; i < model->section[s].n; i++, n++) {
            const item_t *item = &model->section[s].items[i];

            if (item->kind != PATTERN || item->removes
                || strcmp(item->text, "*") != 0) {
                return 0;
            }
        }
    }
    return n > 0 && !model->credentials;
}

static inline int depends_on_origin(const model_t *model)
{
    int grants = 0;
    size_t s, i;

    for (s = model->first; s < model->n; s++) {
        for (i = 0; i < model->section[s].n; i++) {
            grants |= !model->section[s].items[i].removes;
        }
    }
    return (grants || model->rejects) && !is_constant(model);
}

/* Is it the site's own request? */
static inline int is_own(const ask_t *ask)
{
    const int is_https = strncmp(ask->origin, "https://", 8) == 0;
    const char *port = ask->site.port;
    char host[TEXT_MAX], same[3 * TEXT_MAX];

    if (strcmp(ask->fetch_site, "same-origin") == 0
        || strcmp(ask->fetch_site, "none") == 0) {
        return 1;
    }
    if (!ask->is_well_formed || !ask->has_site || *ask->site.host == '\0'
        || (!is_https && (ask->site.is_secure
                          || strncmp(ask->origin, "http://", 7) != 0))) {
        return 0;
    }
    if (strcmp(port, is_https ? "443" : "80") == 0) {
        port = "";
    }
    /* httpd does not see a dot at the end of the host. */
    naive_host(ask->origin, host);
    sprintf(same, "%s://%s%s%s%s", is_https ? "https" : "http",
            ask->site.host, ends_with(host, ".") ? "." : "",
            *port != '\0' ? ":" : "", port);
    return strcmp(same, ask->origin) == 0;
}

static inline void decide(const model_t *model, const ask_t *ask,
                          answer_t *answer, size_t *guarded)
{
    memset(answer, 0, sizeof(*answer));
    *guarded = 0;
    answer->word = "allowed";
    if (is_constant(model)) {
        answer->allow_origin = "*";
    }
    else if (*ask->origin != '\0') {
        if (!ask->is_well_formed) {
            answer->word = "malformed-origin";
        }
        else {
            find(model, ask, answer, guarded);
            answer->is_unfit = answer->section > 0 && !answer->removes
                && is_unfit(model, ask->origin);
            if (answer->section > 0 && !answer->removes
                && !answer->is_unfit) {
                answer->allow_origin = ask->origin;
            }
            else {
                answer->word = "denied-origin";
            }
            if (answer->section > 0) {
                answer->failed = NULL;
            }
            else if (answer->failed != NULL) {
                answer->word = "source-error";
            }
        }
        if (model->rejects && answer->allow_origin == NULL && !is_own(ask)) {
            answer->is_rejected = 1;
            answer->word = "rejected";
        }
    }
    if (strcmp(answer->word, "allowed") != 0 || !ask->is_preflight) {
        return;
    }
    if (!naive_allows_method(&model->methods, ask->method)) {
        answer->word = "denied-method";
        answer->blamed = ask->method;
        return;
    }
    answer->blamed = naive_blame(&model->headers, ask->headers,
                                 model->credentials);
    if (answer->blamed.p != NULL) {
        answer->word = "denied-header";
    }
}

/* Is there an entry, anywhere, for which this origin may be allowed? */
static inline int some_entry_allows(const model_t *model, const ask_t *ask)
{
    size_t s, i;

    for (s = 0; s < model->n; s++) {
        for (i = 0; i < model->section[s].n; i++) {
            const item_t *item = &model->section[s].items[i];
            int counts, is_barred;

            judge(model, item, ask, &counts, &is_barred);
            if (!item->removes && counts) {
                return !is_unfit(model, ask->origin);
            }
        }
    }
    return 0;
}

/* --------------------------------------------------------- compare -- */

/* The item whose file the entry is a line of, and its section, counted from
 * 1; NULL if it is none. */
static inline const item_t *file_of(const model_t *model,
                                    const cors_entry_t *entry, int *section)
{
    size_t s, i;

    for (s = 0; s < model->n; s++) {
        for (i = 0; i < model->section[s].n; i++) {
            const item_t *item = &model->section[s].items[i];

            if (item->kind == LINES
                && entry->place.file == item->source->entry.pattern.text) {
                *section = (int)s + 1;
                return item;
            }
        }
    }
    return NULL;
}

/* Is the entry the line of the file that it says it is? */
static inline int is_line(const item_t *file, const cors_entry_t *entry)
{
    const char *rest = file->text;
    item_t line;
    int n = 0;

    while (next_line(&rest, &line)) {
        if (++n == entry->place.line) {
            return strlen(line.text) == entry->pattern.n
                && strncmp(line.text, entry->pattern.text,
                           entry->pattern.n) == 0
                && cors_entry_source(entry) == NULL
                && (entry->pattern.facts & CORS_ENTRY_LINE) != 0;
        }
    }
    return 0;
}

/* Is the entry one that decides as the model does? */
static inline const char *compare_entry(const model_t *model,
                                        const ask_t *ask,
                                        const answer_t *want,
                                        const cors_entry_t *entry)
{
    int section = entry->place.line;
    const item_t *file = file_of(model, entry, &section);
    const item_t *source = want->source;
    item_t item;

    if (section != (int)want->section) {
        return "the section that decides";
    }
    if (cors_entry_removes(entry) != want->removes) {
        return "whether it removes";
    }
    if ((source != NULL && source->kind == LINES)
        ? file != source || !is_line(file, entry)
        : cors_entry_source(entry) != (source ? source->source : NULL)) {
        return "the source that decides";
    }
    memset(&item, 0, sizeof(item));
    sprintf(item.text, "%.*s", (int)entry->pattern.n, entry->pattern.text);
    if (source != NULL && source->kind != LINES
        ? strcmp(item.text, source->text) != 0
        : !covers(&item, ask)
          || (!want->removes && is_guarded(model, &item))) {
        return "the entry's text";
    }
    return NULL;
}

/* Would the entry allow the origin but for the guard? */
static inline int is_passed_over(const model_t *model, const ask_t *ask,
                                 const cors_entry_t *over)
{
    int section = over->place.line;
    const cors_source_t *source = cors_entry_source(over);
    item_t item;
    size_t i;

    file_of(model, over, &section);
    if (source != NULL) {
        const section_t *own = &model->section[section - 1];

        for (i = 0; i < own->n; i++) {
            if (own->items[i].source == source) {
                return covers(&own->items[i], ask)
                    && is_guarded(model, &own->items[i]);
            }
        }
        return 0;
    }
    memset(&item, 0, sizeof(item));
    sprintf(item.text, "%.*s", (int)over->pattern.n, over->pattern.text);
    return !cors_entry_removes(over) && covers(&item, ask)
        && is_guarded(model, &item);
}

/* What the core says, checked against the model; a phrase that tells what is
 * wrong, or NULL. */
static inline const char *compare(const model_t *model, const ask_t *ask,
                                  const answer_t *want, size_t guarded,
                                  const cors_verdict_t *verdict)
{
    const cors_entry_t *entry = verdict->entry;
    const cors_entry_t *over = verdict->passed_over;
    int section;

    if (strcmp(cors_result_word(verdict), want->word) != 0) {
        return "the result";
    }
    if (!!verdict->is_rejected != want->is_rejected) {
        return "rejected or not";
    }
    if (want->allow_origin != NULL
        ? !cors_str_is(verdict->allow_origin, want->allow_origin)
        : verdict->allow_origin.p != NULL) {
        return "what is sent";
    }
    if (verdict->blamed.p != want->blamed.p
        || verdict->blamed.n != want->blamed.n) {
        return "the name that is to blame";
    }
    if ((verdict->guard != 0) != want->is_unfit) {
        return "the guard of the origin itself";
    }
    if ((verdict->result == CORS_SOURCE_ERROR) != (want->failed != NULL)
        || (want->failed != NULL
            && verdict->failed != &want->failed->source->entry)) {
        return "the source that cannot answer";
    }
    if (sources_misled) {
        return "what sources are asked";
    }
    if ((entry != NULL) != (want->section > 0)) {
        return "an entry or none";
    }
    if (entry != NULL) {
        const char *wrong = compare_entry(model, ask, want, entry);

        if (wrong != NULL) {
            return wrong;
        }
    }
    if (over != NULL) {
        section = over->place.line;
        file_of(model, over, &section);
        if (strcmp(want->word, "allowed") == 0 || guarded == 0
            || section < (int)want->section
            || !is_passed_over(model, ask, over)) {
            return "an entry that was passed over";
        }
    }
    else if (guarded > want->section && want->allow_origin == NULL) {
        return "no entry that was passed over";
    }
    return NULL;
}

/* What stands behind a source's text, as in sources.h. */
static inline const char *flag_of(const item_t *item)
{
    return item->is_loose ? "!loose" : item->is_http_too ? "!http"
        : item->meets_strangers ? "!strangers" : item->is_dead ? "!dead" : "";
}

static inline void show(const model_t *model, const ask_t *ask,
                        const answer_t *want, const cors_verdict_t *verdict)
{
    static const char *const signs[] = { "", "~", "?", "@", "<" };
    size_t s, i;

    printf("#   '%s' to '%s:%s' (%s%s), Sec-Fetch-Site '%s', credentials %d,"
           " tolerated %x, rejects %d\n", ask->origin, ask->site.host,
           ask->site.port, ask->site.is_secure ? "https" : "http",
           ask->has_site ? "" : ", unknown", ask->fetch_site,
           model->credentials, (unsigned)model->tolerate, model->rejects);
    for (s = 0; s < model->n; s++) {
        printf("#   %d%s", (int)s + 1, model->section[s].replaces ? "!" : "");
        for (i = 0; i < model->section[s].n && i < 24; i++) {
            const item_t *item = &model->section[s].items[i];

            printf(" %s%s%s", item->removes ? "-" : signs[item->kind],
                   item->text, flag_of(item));
        }
        putchar('\n');
    }
    printf("#   got %s by %s of %d, want %s by %d\n",
           cors_result_word(verdict),
           verdict->entry ? verdict->entry->pattern.text : "none",
           verdict->entry ? verdict->entry->place.line : 0, want->word,
           (int)want->section);
}

/* ----------------------------------------------------------- visit -- */

/* What cors_origins_visit() should come by, in order: of a pattern that
 * stands twice in a section, the first. */
typedef struct visitor_t {
    const char *text[SECTIONS * ITEMS_MAX];
    int line[SECTIONS * ITEMS_MAX];
    size_t n;
    size_t seen;
    int is_wrong;
} visitor_t;

/* Is the item said before in its section, or taken out there or further in? */
static inline int is_taken_out(const model_t *model, size_t s, size_t i)
{
    const char *text = model->section[s].items[i].text;
    size_t k;

    for (k = 0; k < i; k++) {
        const item_t *other = &model->section[s].items[k];

        if (other->kind == PATTERN && !other->removes
            && strcmp(other->text, text) == 0) {
            return 1;
        }
    }
    for (; s < model->n; s++) {
        for (k = 0; k < model->section[s].n; k++) {
            const item_t *other = &model->section[s].items[k];

            if (other->removes && strcmp(other->text, text) == 0) {
                return 1;
            }
        }
    }
    return 0;
}

static inline unsigned source_facts_of(kind_t kind)
{
    static const unsigned facts[] = {
        0, CORS_ENTRY_MATCH, CORS_ENTRY_EXPR,
        CORS_ENTRY_OUTSIDE | CORS_ENTRY_PROVIDER,
        CORS_ENTRY_OUTSIDE | CORS_ENTRY_FILE
    };

    return facts[kind];
}

static inline unsigned facts_of(const item_t *item)
{
    return CORS_ENTRY_GRANTS
        | (item->kind == PATTERN ? naive_facts(item->text)
                                 : source_facts_of(item->kind))
        | (item->is_loose ? CORS_ENTRY_LOOSE : 0)
        | (item->is_http_too ? CORS_ENTRY_HTTP_TOO : 0);
}

static inline void expect(const model_t *model, unsigned facts,
                          visitor_t *visitor)
{
    int ended[PROVIDER + 1] = { 0, 0, 0, 0 };
    size_t s, i;
    int sources;

    for (s = model->n; s-- > model->first;) {
        const section_t *own = &model->section[s];

        for (sources = 0; sources <= 1; sources++) {
            for (i = 0; i < own->n; i++) {
                const item_t *item = &own->items[i];

                if ((item->kind != PATTERN) == sources && !item->removes
                    && (facts_of(item) & facts) != 0
                    && (sources ? !ended[directive_of(item)]
                        : !is_taken_out(model, s, i))) {
                    visitor->line[visitor->n] = (int)s + 1;
                    visitor->text[visitor->n++] = item->text;
                }
            }
        }
        for (i = 0; i < own->n; i++) {
            if (own->items[i].kind != PATTERN) {
                ended[directive_of(&own->items[i])] = 1;
            }
        }
    }
}

static inline const void *see(const cors_entry_t *entry, void *context)
{
    visitor_t *visitor = context;
    const size_t i = visitor->seen++;

    visitor->is_wrong |= i >= visitor->n
        || visitor->line[i] != entry->place.line
        || strcmp(visitor->text[i], entry->pattern.text) != 0;
    return NULL;
}

#endif /* MODEL_H */
