/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/* Random policies and requests, decided by the core and by a model. Here lives
 * the promise that matters most: an origin that is allowed is one that some
 * entry allows. */
#include <apr_general.h>

#include "invent.h"
#include "model.h"
#include "suffixes.h"
#include "tap.h"

static apr_pool_t *pool;
static unsigned long misread;

/* ------------------------------------------------- random policies -- */

/* Few lines without a table, or some more with one. */
static void invent_lines(item_t *item, unsigned width)
{
    const unsigned max = roll(3) ? CORS_SET_PLAIN : 2 * CORS_SET_PLAIN;
    unsigned n = roll(max + 1);
    char line[TEXT_MAX];

    while (n-- > 0) {
        switch (roll(20)) {
        case 0:
            strcpy(line, "*");
            break;
        case 1:
        case 2:
            strcpy(line, "null");
            break;
        case 3:
            strcpy(line, "same-site");
            break;
        default:
            invent_item(line, width);
        }
        if (strlen(item->text) + strlen(line) + 2 < TEXT_MAX) {
            strcat(item->text, *item->text != '\0' ? "," : "");
            strcat(item->text, line);
        }
        if (n == 0 || roll(4) == 0) {
            strcpy(item->seed, line);
        }
    }
}

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
    if (item->kind == PROVIDER) {
        item->is_dead = roll(4) == 0;
        return;
    }
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
    const unsigned kind = roll(14);
    cors_pattern_t pattern;
    cors_reading_t reading;
    char word[TEXT_MAX + 16];

    section->n++;
    memset(item, 0, sizeof(*item));
    if (kind < LINES) {
        item->kind = (kind_t)(kind + 1);
        (item->kind == LINES ? invent_lines : invent_source)(item, width);
        sprintf(word, "%s%s", item->text, flag_of(item));
        item->source = add_source(pool, section->origins, cors_str(word),
                                  source_facts_of(item->kind),
                                  system_suffixes());
        misread += item->source == NULL;
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
    const size_t n = kind == 0 ? roll(ITEMS_MAX) : kind == 1 ? 14 + roll(8)
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
    model->methods.n = model->headers.n = 0;
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
        else if (item->kind == LINES && *item->seed != '\0') {
            invent_near(ask->origin, item->seed);
        }
        else if (item->kind != LINES) {
            strcpy(ask->origin, item->seed);
        }
    }
    if (roll(8) == 0) {
        strcpy(ask->origin, "null");
    }
    ask->has_site = roll(6) > 0;
    invent_site(&ask->site, ask->origin);
    ask->is_well_formed = 1;
    if (near->n > 0 && roll(20) == 0) {
        const item_t *item = &near->items[roll((unsigned)near->n)];

        /* An entry's own text, which is no origin if it has a wildcard. */
        if (item->kind == PATTERN) {
            strcpy(ask->origin, item->text);
            ask->is_well_formed = (naive_facts(item->text)
                                   & CORS_PATTERN_OTHERS) == 0;
        }
    }
    else if (roll(20) == 0) {
        ask->is_well_formed = 0;
        spoil(ask->origin);
    }
    else if (roll(40) == 0) {
        *ask->origin = '\0';
    }
    ask->fetch_site = words[roll(COUNT(words))];
    ask->is_preflight = roll(4) == 0;
    ask->method = cors_str(roll(2) ? "GET" : "PUT");
    ask->headers = cors_str(NULL);
}

static int visits_right(const model_t *model, const cors_policy_t *policy)
{
    static visitor_t visitor;

    unsigned facts = roll(3) > 0 ? CORS_ENTRY_GRANTS : cors_guard(policy);

    if (roll(3) == 0) {
        facts = 1u << roll(24);
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
        "denied-method", "source-error"
    };
    unsigned long met[COUNT(words)] = { 0, 0, 0, 0, 0, 0 };
    unsigned long wrong = 0, unlisted = 0, constant = 0, unfit = 0;
    unsigned long by_source[LINES + 1] = { 0, 0, 0, 0, 0 };
    unsigned long passed_over = 0, removed = 0, errors = 0;
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
            request.is_preflight = ask.is_preflight;
            request.method = ask.method;
            request.fetch_site = cors_str(ask.fetch_site);
            site.host = exact(ask.site.host);
            site.port = cors_str(ask.site.port);
            site.is_secure = ask.site.is_secure;
            site.suffixes = system_suffixes();
            request.site = ask.has_site ? &site : NULL;
            forget_asked();
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
            by_source[want.source != NULL ? want.source->kind : PATTERN]++;
            errors += want.failed != NULL && want.is_rejected;
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
    printf("# %lu by an expression, %lu by a condition, %lu by a provider, "
           "%lu by a line of a file\n", by_source[MATCH], by_source[EXPR],
           by_source[PROVIDER], by_source[LINES]);
    printf("# %lu removed, %lu unfit, %lu rejected for a source that cannot "
           "answer, %lu with an entry passed over; %lu policies constant\n",
           removed, unfit, errors, passed_over, constant);
    ok(misread == 0, "made-up items are read as what they are");
    ok(unlisted == 0, "an allowed origin is one that some entry allows");
    ok(wrong == 0, "%d decisions are those of the model",
       POLICIES * REQUESTS);
    ok(wrong_policies == 0, "what depends on the origin is as in the model");
    ok(wrong_visits == 0, "the entries in force are those of the model");
    for (i = 0; i < COUNT(words); i++) {
        ok(met[i] > POLICIES / 2, "%s was met often", words[i]);
    }
    for (i = MATCH; i <= LINES; i++) {
        ok(by_source[i] > POLICIES / 2, "sources of kind %d too", (int)i);
    }
    ok(removed > POLICIES && unfit > POLICIES / 4 && errors > POLICIES / 20
       && passed_over > POLICIES && constant > POLICIES / 100,
       "and so was all that leads there");
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
