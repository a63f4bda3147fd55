/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/* Random policies and requests, decided by the core and by a model: what the
 * contract says about nested sections, credentials and rejecting, done slowly
 * and with strings. Here lives the promise that matters most: an origin that
 * is allowed is one that some entry allows. */
#include "cors_policy.h"

#include <apr_general.h>

#include "naive.h"
#include "sources.h"
#include "suffixes.h"
#include "tap.h"

#define SECTIONS 5

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
    const char *method;         /* of a preflight, or NULL */
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
} answer_t;

static apr_pool_t *pool;
static unsigned long misread;

/* --------------------------------------------------------- the model -- */

static int tolerates(const model_t *model, int what)
{
    return (model->tolerate & what) != 0;
}

/* Does the entry match nobody under this policy? */
static int is_guarded(const model_t *model, const item_t *item)
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

static int covers(const item_t *item, const ask_t *ask)
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
static void find(const model_t *model, const ask_t *ask, answer_t *answer,
                 size_t *guarded)
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

static int is_insecure(const char *origin)
{
    char host[TEXT_MAX];

    if (strncmp(origin, "http://", 7) != 0) {
        return 0;
    }
    naive_host(origin, host);
    return strcmp(host, "localhost") != 0 && !ends_with(host, ".localhost")
        && strcmp(host, "127.0.0.1") != 0 && strcmp(host, "[::1]") != 0;
}

/* An origin that must not have credentials, whatever allowed it. */
static int is_unfit(const model_t *model, const char *origin)
{
    return model->credentials
        && ((is_insecure(origin)
             && !tolerates(model, CORS_TOLERATE_INSECURE))
            || (strcmp(origin, "null") == 0
                && !tolerates(model, CORS_TOLERATE_NULL)));
}

static int is_constant(const model_t *model)
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

static int depends_on_origin(const model_t *model)
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
static int is_own(const ask_t *ask)
{
    const int is_https = strncmp(ask->origin, "https://", 8) == 0;
    const char *port = ask->site.port;
    char host[TEXT_MAX], same[2 * TEXT_MAX];

    if (strcmp(ask->fetch_site, "same-origin") == 0
        || strcmp(ask->fetch_site, "none") == 0) {
        return 1;
    }
    if (!ask->is_well_formed || !ask->has_site || *ask->site.host == '\0'
        || (!is_https && (ask->site.is_secure
                          || strncmp(ask->origin, "http://", 7) != 0))) {
        return 0;
    }
    strcpy(host, ask->site.host);
    if (strcmp(port, is_https ? "443" : "80") == 0) {
        port = "";
    }
    sprintf(same, "%s://%s%s%s", is_https ? "https" : "http", host,
            *port != '\0' ? ":" : "", port);
    return strcmp(same, ask->origin) == 0;
}

static void decide(const model_t *model, const ask_t *ask, answer_t *answer,
                   size_t *guarded)
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
    if (strcmp(answer->word, "allowed") == 0 && ask->method != NULL
        && strcmp(ask->method, "PUT") == 0) {
        answer->word = "denied-method";
    }
}

/* Is there an entry, anywhere, for which this origin may be allowed? */
static int some_entry_allows(const model_t *model, const ask_t *ask)
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

/* ------------------------------------------------- random policies -- */

/* Some of an origin, with `*` for the rest. */
static void invent_source(item_t *item, unsigned width)
{
    size_t n, from, to;

    do {
        invent_origin(item->seed, width);
    } while (strcmp(item->seed, "null") == 0);
    n = strlen(item->seed);
    from = roll((unsigned)n + 1);
    to = from + roll((unsigned)(n - from) + 1);
    if (roll(3) == 0) {
        from = strcspn(item->seed, "/") + 2;
        to = from + strcspn(item->seed + from, ".:");
    }
    sprintf(item->text, "%.*s*%s", (int)from, item->seed, item->seed + to);
    item->is_loose = roll(8) == 0;
    item->is_http_too = !item->is_loose && roll(6) == 0;
    if (item->kind == EXPR) {
        item->meets_strangers = !item->is_loose && !item->is_http_too
            && roll(4) == 0;
    }
}

/* `again` is an item of any section to say once more, or NULL. */
static void add_item(section_t *section, cors_place_t place,
                     const item_t *again, unsigned width)
{
    item_t *item = &section->items[section->n];
    const unsigned kind = roll(8);
    cors_pattern_t pattern;
    cors_reading_t reading;
    char word[TEXT_MAX + 16];

    section->n++;
    memset(item, 0, sizeof(*item));
    if (kind < 2) {
        item->kind = kind == 0 ? MATCH : EXPR;
        invent_source(item, width);
        sprintf(word, "%s%s", item->text, item->is_loose ? "!loose"
                : item->is_http_too ? "!http"
                : item->meets_strangers ? "!strangers" : "");
        add_source(pool, section->origins, cors_str(word),
                   kind == 0 ? CORS_ENTRY_MATCH : CORS_ENTRY_EXPR);
        item->source = section->origins->last;
        return;
    }
    if (again != NULL && again->kind == PATTERN) {
        strcpy(item->text, again->text);
    }
    else {
        switch (roll(30)) {
        case 0:
            strcpy(item->text, "*");
            break;
        case 1:
            strcpy(item->text, "null");
            break;
        case 2:
            strcpy(item->text, "same-site");
            break;
        default:
            invent_item(item->text, width);
        }
    }
    item->removes = roll(10) == 0;
    if (!cors_pattern_parse(cors_str(item->text), system_suffixes(), &pattern,
                            &reading)
        || strcmp(reading.text, item->text) != 0) {
        misread++;
        return;
    }
    pattern.text = apr_pstrmemdup(pool, reading.text, pattern.n);
    cors_origins_add(pool, section->origins, &pattern, place, item->removes);
}

/* `first` is the outermost section. */
static void invent_section(const section_t *first, section_t *section,
                           cors_place_t place)
{
    const unsigned kind = roll(20);
    const size_t n = kind == 0 ? roll(100) : kind == 1 ? 14 + roll(8)
        : kind < 4 ? 1 : roll(9);

    section->origins = cors_origins_make(pool, place);
    section->items = apr_palloc(pool, (n + 1) * sizeof(*section->items));
    section->n = 0;
    section->replaces = roll(4) == 0;
    section->origins->list.replaces = section->replaces;
    while (section->n < n) {
        const section_t *from = &first[roll((unsigned)(section - first) + 1)];

        add_item(section, place, from->n > 0 && roll(10) == 0
                 ? &from->items[roll((unsigned)from->n)] : NULL,
                 (unsigned)n / 12);
    }
}

/* A section that is written as `*` alone: constant policies are rare. */
static void invent_star(section_t *section, cors_place_t place)
{
    cors_pattern_t pattern;
    cors_reading_t reading;

    section->origins = cors_origins_make(pool, place);
    section->items = apr_pcalloc(pool, sizeof(*section->items));
    strcpy(section->items->text, "*");
    section->n = 1;
    section->replaces = section->origins->list.replaces = (int)roll(2);
    cors_pattern_parse(cors_str("*"), NULL, &pattern, &reading);
    pattern.text = "*";
    cors_origins_add(pool, section->origins, &pattern, place, 0);
}

/* Merges in one of all the orders that brackets allow. */
static const cors_list_t *merge_somehow(const section_t *section, size_t n)
{
    size_t left;

    if (n == 1) {
        return section->n > 0 || section->replaces ? &section->origins->list
                                                   : NULL;
    }
    left = 1 + roll((unsigned)n - 1);
    return cors_list_merge(pool, merge_somehow(section, left),
                           merge_somehow(section + left, n - left));
}

static void invent_policy(model_t *model, cors_policy_t *policy)
{
    size_t s;

    memset(policy, 0, sizeof(*policy));
    do {
        model->n = 1 + roll(SECTIONS);
        model->first = 0;
        for (s = 0; s < model->n; s++) {
            const cors_place_t place = { "test", (int)s + 1 };

            if (roll(16) == 0) {
                invent_star(&model->section[s], place);
            }
            else {
                invent_section(model->section, &model->section[s], place);
            }
            if (model->section[s].replaces) {
                model->first = s;
            }
        }
        policy->origins = merge_somehow(model->section, model->n);
    } while (policy->origins == NULL);
    policy->credentials = model->credentials = (int)roll(2);
    policy->tolerate = model->tolerate =
        (int)(roll(2) ? roll(16) : roll(2) ? 1u << roll(4) : 0);
    policy->rejects = model->rejects = roll(3) == 0;
}

/* ------------------------------------------------- random requests -- */

/* Makes something of an origin that no browser sends. */
static void spoil(char *origin)
{
    char text[TEXT_MAX];

    strcpy(text, origin);
    switch (roll(7)) {
    case 0:
        strcat(origin, "/");
        break;
    case 1:
        sprintf(origin, " %s", text);
        break;
    case 2:
        strcat(origin, " ");
        break;
    case 3:
        sprintf(origin, "%s %s", text, text);
        break;
    case 4:
        sprintf(origin, "%s,null", text);
        break;
    case 5:
        *origin = (char)(*origin - 'a' + 'A');
        break;
    default:
        strcpy(origin, "https://example.com:443");
    }
}

static void invent_request(const model_t *model, ask_t *ask)
{
    static const char *const words[] = {
        "", "", "", "cross-site", "same-site", "same-origin", "none"
    };
    const section_t *near = &model->section[roll((unsigned)model->n)];

    invent_origin(ask->origin, (unsigned)near->n / 12);
    if (near->n > 0 && roll(4) > 0) {
        const item_t *item = &near->items[roll((unsigned)near->n)];

        if (item->kind == PATTERN) {
            invent_near(ask->origin, item->text);
        }
        else {
            strcpy(ask->origin, item->seed);
        }
    }
    if (roll(8) == 0) {
        strcpy(ask->origin, "null");
    }
    ask->has_site = roll(6) > 0;
    invent_site(&ask->site, ask->origin);
    ask->is_well_formed = 1;
    if (roll(20) == 0) {
        ask->is_well_formed = 0;
        spoil(ask->origin);
    }
    else if (roll(40) == 0) {
        *ask->origin = '\0';
    }
    ask->fetch_site = words[roll(COUNT(words))];
    ask->method = roll(4) > 0 ? NULL : roll(2) ? "GET" : "PUT";
}

/* --------------------------------------------------------- compare -- */

/* What the core says, checked against the model; a phrase that tells what is
 * wrong, or NULL. */
static const char *compare(const model_t *model, const ask_t *ask,
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

static void show(const model_t *model, const ask_t *ask,
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
    const char *text[SECTIONS * 100];
    int line[SECTIONS * 100];
    size_t n;
    size_t seen;
    int is_wrong;
} visitor_t;

/* Is the item said before in its section, or taken out there or further in? */
static int is_taken_out(const model_t *model, size_t s, size_t i)
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

static unsigned facts_of(const item_t *item)
{
    return item->kind == PATTERN ? naive_facts(item->text) | CORS_ENTRY_GRANTS
        : (item->kind == MATCH ? CORS_ENTRY_MATCH : CORS_ENTRY_EXPR)
          | CORS_ENTRY_GRANTS | (item->is_loose ? CORS_ENTRY_LOOSE : 0)
          | (item->is_http_too ? CORS_ENTRY_HTTP_TOO : 0);
}

static void expect(const model_t *model, unsigned facts, visitor_t *visitor)
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

static const void *see(const cors_entry_t *entry, void *context)
{
    visitor_t *visitor = context;
    const size_t i = visitor->seen++;

    visitor->is_wrong |= i >= visitor->n
        || visitor->line[i] != entry->place.line
        || strcmp(visitor->text[i], entry->pattern.text) != 0;
    return NULL;
}

static int visits_right(const model_t *model, const cors_policy_t *policy)
{
    static visitor_t visitor;

    unsigned facts = roll(3) > 0 ? CORS_ENTRY_GRANTS : cors_guard(policy);

    if (roll(3) == 0) {
        facts = 1u << roll(20);
    }
    facts &= ~CORS_ENTRY_REMOVES;
    visitor.n = visitor.seen = 0;
    visitor.is_wrong = 0;
    expect(model, facts, &visitor);
    cors_origins_visit(policy->origins, facts, see, &visitor);
    return visitor.seen == visitor.n && !visitor.is_wrong;
}

#define POLICIES 8000
#define REQUESTS 50

int main(void)
{
    static const char *const words[] = {
        "allowed", "denied-origin", "malformed-origin", "rejected",
        "denied-method"
    };
    unsigned long met[COUNT(words)] = { 0, 0, 0, 0, 0 };
    unsigned long wrong = 0, unlisted = 0, constant = 0, unfit = 0;
    unsigned long by_source = 0, passed_over = 0, removed = 0;
    unsigned long wrong_visits = 0, wrong_policies = 0;
    int round, k;
    size_t i;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    for (round = 0; round < POLICIES; round++) {
        model_t model;
        cors_policy_t policy;

        invent_policy(&model, &policy);
        wrong_policies += !!cors_policy_is_constant(&policy)
            != is_constant(&model)
            || !!cors_policy_depends_on_origin(&policy)
               != depends_on_origin(&model);
        wrong_visits += !visits_right(&model, &policy);
        constant += is_constant(&model);
        for (k = 0; k < REQUESTS; k++) {
            ask_t ask;
            answer_t want;
            size_t guarded;
            const char *what;
            cors_site_t site;
            cors_request_t request;
            cors_verdict_t verdict;

            invent_request(&model, &ask);
            memset(&request, 0, sizeof(request));
            request.origin = exact(ask.origin);
            request.is_preflight = ask.method != NULL;
            request.method = cors_str(ask.method);
            request.fetch_site = cors_str(ask.fetch_site);
            site.host = exact(ask.site.host);
            site.port = cors_str(ask.site.port);
            site.is_secure = ask.site.is_secure;
            site.suffixes = system_suffixes();
            request.site = ask.has_site ? &site : NULL;
            *sources_asked = '\0';
            cors_decide(&policy, &request, &verdict);
            decide(&model, &ask, &want, &guarded);
            what = compare(&model, &ask, &want, guarded, &verdict);
            if (what != NULL && wrong++ == 0) {
                printf("#   first: %s\n", what);
                show(&model, &ask, &want, &verdict);
            }
            if (verdict.allow_origin.n > 0 && !is_constant(&model)
                && !some_entry_allows(&model, &ask) && unlisted++ == 0) {
                printf("#   first: allowed, and no entry allows it\n");
                show(&model, &ask, &want, &verdict);
            }
            for (i = 0; i < COUNT(words); i++) {
                met[i] += strcmp(words[i], want.word) == 0;
            }
            by_source += want.source != NULL;
            removed += want.removes;
            unfit += want.is_unfit;
            passed_over += verdict.passed_over != NULL;
            drop(request.origin);
            drop(site.host);
        }
        apr_pool_clear(pool);
    }
    for (i = 0; i < COUNT(words); i++) {
        printf("# %lu %s\n", met[i], words[i]);
    }
    printf("# %lu by a source, %lu removed, %lu unfit, %lu with an entry "
           "passed over; %lu policies constant\n", by_source, removed, unfit,
           passed_over, constant);
    ok(misread == 0, "made-up items are read as what they are");
    ok(unlisted == 0, "an allowed origin is one that some entry allows");
    ok(wrong == 0, "%d decisions are those of the model",
       POLICIES * REQUESTS);
    ok(wrong_policies == 0, "what depends on the origin is as in the model");
    ok(wrong_visits == 0, "the entries in force are those of the model");
    for (i = 0; i < COUNT(words); i++) {
        ok(met[i] > POLICIES / 2, "%s was met often", words[i]);
    }
    ok(by_source > POLICIES && removed > POLICIES && unfit > POLICIES / 4
       && passed_over > POLICIES && constant > POLICIES / 100,
       "and so was all that leads there");
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
