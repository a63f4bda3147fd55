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
typedef enum { PATTERN, MATCH, EXPR } kind_t;

typedef struct item_t {
    char text[TEXT_MAX];
    char seed[TEXT_MAX];        /* of a source: an origin it was made from */
    kind_t kind;
    int removes;
    int is_loose;
    int is_http_too;
    int meets_strangers;
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
    return strcmp(ask->origin, "null") != 0
        && glob(item->text, ask->origin, strlen(ask->origin));
}

/* Looks into the sections from the innermost outwards. `guarded` receives the
 * last section, counted from 1, in which an entry was passed over before that;
 * 0 if none was. */
static inline void find(const model_t *model, const ask_t *ask,
                        answer_t *answer, size_t *guarded)
{
    int ended[EXPR + 1] = { 0, 0, 0 };
    size_t s, i;

    for (s = model->n; s-- > model->first;) {
        const section_t *own = &model->section[s];
        const item_t *granting = NULL;

        for (i = 0; i < own->n; i++) {
            if (own->items[i].removes && covers(&own->items[i], ask)) {
                answer->section = s + 1;
                answer->removes = 1;
                return;
            }
        }
        for (i = 0; i < own->n; i++) {
            const item_t *item = &own->items[i];

            if (item->removes || ended[item->kind] || !covers(item, ask)) {
                continue;
            }
            if (is_guarded(model, item)) {
                *guarded = s + 1;
            }
            else if (granting == NULL
                     || (granting->kind != PATTERN
                         && item->kind == PATTERN)) {
                granting = item;
            }
        }
        if (granting != NULL) {
            answer->section = s + 1;
            answer->source = granting->kind != PATTERN ? granting : NULL;
            return;
        }
        for (i = 0; i < own->n; i++) {
            if (own->items[i].kind != PATTERN) {
                ended[own->items[i].kind] = 1;
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

            if (!item->removes && covers(item, ask)
                && !is_guarded(model, item)) {
                return !is_unfit(model, ask->origin);
            }
        }
    }
    return 0;
}

/* --------------------------------------------------------- compare -- */

/* What the core says, checked against the model; a phrase that tells what is
 * wrong, or NULL. */
static inline const char *compare(const model_t *model, const ask_t *ask,
                                  const answer_t *want, size_t guarded,
                                  const cors_verdict_t *verdict)
{
    const cors_entry_t *entry = verdict->entry;
    const cors_entry_t *over = verdict->passed_over;
    item_t item;

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
    if ((entry != NULL) != (want->section > 0)) {
        return "an entry or none";
    }
    if (entry != NULL) {
        if (entry->place.line != (int)want->section) {
            return "the section that decides";
        }
        if (cors_entry_removes(entry) != want->removes) {
            return "whether it removes";
        }
        if (cors_entry_source(entry)
            != (want->source ? want->source->source : NULL)) {
            return "the source that decides";
        }
        memset(&item, 0, sizeof(item));
        sprintf(item.text, "%.*s", (int)entry->pattern.n,
                entry->pattern.text);
        if (want->source != NULL
            ? strcmp(item.text, want->source->text) != 0
            : !covers(&item, ask)
              || (!want->removes && is_guarded(model, &item))) {
            return "the entry's text";
        }
    }
    if (over != NULL) {
        if (strcmp(want->word, "allowed") == 0 || cors_entry_removes(over)
            || guarded == 0 || over->place.line < (int)want->section) {
            return "an entry that was passed over";
        }
    }
    else if (guarded > want->section && want->allow_origin == NULL) {
        return "no entry that was passed over";
    }
    return NULL;
}

static inline void show(const model_t *model, const ask_t *ask,
                        const answer_t *want, const cors_verdict_t *verdict)
{
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

            printf(" %s%s%s%s%s", item->removes ? "-"
                   : item->kind == MATCH ? "~" : item->kind == EXPR ? "?"
                   : "", item->text, item->is_loose ? "!loose" : "",
                   item->is_http_too ? "!http" : "",
                   item->meets_strangers ? "!strangers" : "");
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

static inline unsigned facts_of(const item_t *item)
{
    return item->kind == PATTERN ? naive_facts(item->text) | CORS_ENTRY_GRANTS
        : (item->kind == MATCH ? CORS_ENTRY_MATCH : CORS_ENTRY_EXPR)
          | CORS_ENTRY_GRANTS | (item->is_loose ? CORS_ENTRY_LOOSE : 0)
          | (item->is_http_too ? CORS_ENTRY_HTTP_TOO : 0);
}

static inline void expect(const model_t *model, unsigned facts,
                          visitor_t *visitor)
{
    int ended[EXPR + 1] = { 0, 0, 0 };
    size_t s, i;
    int sources;

    for (s = model->n; s-- > model->first;) {
        const section_t *own = &model->section[s];

        for (sources = 0; sources <= 1; sources++) {
            for (i = 0; i < own->n; i++) {
                const item_t *item = &own->items[i];

                if ((item->kind != PATTERN) == sources && !item->removes
                    && (facts_of(item) & facts) != 0
                    && (sources ? !ended[item->kind]
                        : !is_taken_out(model, s, i))) {
                    visitor->line[visitor->n] = (int)s + 1;
                    visitor->text[visitor->n++] = item->text;
                }
            }
        }
        for (i = 0; i < own->n; i++) {
            if (own->items[i].kind != PATTERN) {
                ended[own->items[i].kind] = 1;
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
