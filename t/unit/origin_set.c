/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_origin_set.h"

#include <apr_general.h>

#include "invent.h"
#include "sections.h"
#include "suffixes.h"
#include "tap.h"

static apr_pool_t *pool;

/* The same pattern, however it is written, is one entry: the first. */
static void test_twice(void)
{
    static const char *const same[] = {
        "https://a.example", "HTTPS://A.example", "https://a.example:443"
    };
    cors_origin_set_t set;
    const cors_entry_t *first = NULL;
    size_t i, n;

    memset(&set, 0, sizeof(set));
    for (n = 0; n < 4 * CORS_SET_PLAIN; n++) {
        cors_pattern_t pattern;
        cors_reading_t reading;

        for (i = 0; i < COUNT(same); i++) {
            const cors_entry_t *entry;
            cors_place_t place = { "test", (int)(n * COUNT(same) + i + 1) };

            cors_pattern_parse(cors_str(same[i]), system_suffixes(), &pattern,
                               &reading);
            pattern.text = apr_pstrdup(pool, reading.text);
            entry = cors_origin_set_add(pool, &set, &pattern, place);
            first = first ? first : entry;
            if (entry != first || entry->place.line != 1 || set.n != n + 1) {
                ok(0, "%s is listed again beside %d others", same[i],
                   (int)n);
                return;
            }
        }
        cors_pattern_parse(cors_str(apr_psprintf(pool, "https://%dx.example",
                                                 (int)n)),
                           system_suffixes(), &pattern, &reading);
        pattern.text = apr_pstrdup(pool, reading.text);
        cors_origin_set_add(pool, &set, &pattern, first->place);
    }
    ok(set.n == 4 * CORS_SET_PLAIN + 1,
       "an origin listed again is one entry, with and without a table");
}

/* A table pays for many look-ups; an .htaccess is read for one. */
static void test_small(void)
{
    const cors_place_t place = { "test", 1 };
    cors_origin_set_t set;
    size_t i;

    memset(&set, 0, sizeof(set));
    for (i = 0; i <= CORS_SET_PLAIN; i++) {
        cors_pattern_t pattern;
        cors_reading_t reading;
        char item[64];

        sprintf(item, "https://t%d.example", (int)i);
        cors_pattern_parse(cors_str(item), system_suffixes(), &pattern,
                           &reading);
        pattern.text = apr_pstrdup(pool, reading.text);
        cors_origin_set_add(pool, &set, &pattern, place);
        if (set.n == CORS_SET_PLAIN) {
            ok(set.table == NULL, "a few origins build no table");
        }
    }
    ok(set.table != NULL, "one origin more than a few builds one");
    ok(set.table != NULL && set.table->pool == pool,
       "which lives where the set lives");
}

#define EXACT 100000
#define WILD  10000

/* Flat without a clock: what a look-up goes through is the run of full slots
 * behind its hash, and how many runs it tries depends on the origin alone.
 * Under each form the patterns differ in one ingredient of the hash. */
static void test_flat(void)
{
    static const char *const forms[] = {
        "https://*.t#.example", "https://*.t.example:#",
        "https://pr-#-*.t.example", "https://*-#-pr.t.example",
        "https://pr-*.t#.example", "//t#.example", "//t.example:#",
        "http://t#.example:*"
    };
    cors_origin_set_t set;
    double met = 0;
    size_t i, run = 0, longest = 0;

    memset(&set, 0, sizeof(set));
    for (i = 0; i < EXACT + WILD; i++) {
        const char *form = i < EXACT ? "https://t#.example"
                                     : forms[i % COUNT(forms)];
        const size_t number = strcspn(form, "#");
        const cors_place_t place = { "test", 1 };
        cors_pattern_t pattern;
        cors_reading_t reading;
        char item[64];

        sprintf(item, "%.*s%d%s", (int)number, form,
                (int)(i < EXACT ? i : i - EXACT + 1000), form + number + 1);
        cors_pattern_parse(cors_str(item), system_suffixes(), &pattern,
                           &reading);
        pattern.text = apr_pstrdup(pool, reading.text);
        cors_origin_set_add(pool, &set, &pattern, place);
    }
    ok(set.n == EXACT + WILD, "%d patterns are as many entries",
       EXACT + WILD);
    ok(set.table->pool != pool, "a large table has a pool of its own");
    for (i = 0; i <= set.table->mask; i++) {
        run = set.table->slots[i] != 0 ? run + 1 : 0;
        longest = run > longest ? run : longest;
        met += (double)run / (double)(set.table->mask + 1);
    }
    printf("# a look-up meets %.2f entries on average, %d at most\n", met,
           (int)longest);
    ok(met < 4, "among them a look-up meets a few entries");
    ok(longest < 200, "and never many");
}

/* So many labels, all alike: every domain is part of every longer one. */
static const char *labels(size_t n)
{
    char *host = apr_palloc(pool, 2 * n);
    size_t i;

    for (i = 0; i < n; i++) {
        memcpy(host + 2 * i, "a.", 2);
    }
    host[2 * n - 1] = '\0';
    return host;
}

#define LABELS ((CORS_DOMAIN_MAX + 1) / 2)

/* Under each depth of wildcard, hosts of all depths: how many labels there
 * are tells which suffixes of a host are looked for in a table. */
static void test_depths(void)
{
    size_t depth, n;
    int i, wrong = 0;

    for (depth = 1; depth < LABELS; depth++) {
        const cors_place_t place = { "test", 1 };
        cors_origin_set_t set;
        cors_pattern_t pattern;
        cors_reading_t reading;

        memset(&set, 0, sizeof(set));
        for (i = 0; i <= CORS_SET_PLAIN; i++) {
            const char *item = i > 0
                ? apr_psprintf(pool, "https://t%d.example", i)
                : apr_psprintf(pool, "https://*.%s", labels(depth));

            cors_pattern_parse(cors_str(item), system_suffixes(), &pattern,
                               &reading);
            pattern.text = apr_pstrdup(pool, reading.text);
            cors_origin_set_add(pool, &set, &pattern, place);
        }
        for (n = 1; n <= LABELS; n++) {
            const char *dot = roll(2) ? "." : "";
            cors_str_t value = exact(apr_psprintf(pool, "https://%s%s",
                                                  labels(n), dot));
            cors_origin_t origin;
            const cors_question_t question = {
                .origin = &origin, .is_unlisted = (int)roll(2)
            };

            wrong += !cors_origin_parse(value, &origin)
                || (cors_origin_set_find(&set, &question) != NULL)
                   != (n > depth && *dot == '\0');
            drop(value);
        }
        apr_pool_clear(pool);
    }
    ok(wrong == 0, "hosts of 1 to %d labels under wildcards of each depth",
       LABELS);
}

/* A partial wildcard stands in a domain's label; an opaque host may have a
 * longer one. */
static void test_long_labels(void)
{
    static const struct {
        const char *scheme;
        size_t n;               /* bytes of the first label */
        int want;
    } rows[] = {
        { "https", 4, 1 }, { "https", 3, 0 }, { "https", 62, 1 },
        { "https", 63, 1 }, { "capacitor", 63, 0 }, { "capacitor", 64, 0 },
        { "capacitor", 300, 0 }
    };
    static const char *const items[] = {
        "https://pr-*.example.com", "https://t1.example",
        "https://t2.example", "https://t3.example", "https://t4.example"
    };
    const cors_place_t place = { "test", 1 };
    cors_origin_set_t set;
    char label[301];
    size_t i;

    memset(&set, 0, sizeof(set));
    for (i = 0; i < COUNT(items); i++) {
        cors_pattern_t pattern;
        cors_reading_t reading;

        cors_pattern_parse(cors_str(items[i]), system_suffixes(), &pattern,
                           &reading);
        pattern.text = items[i];
        cors_origin_set_add(pool, &set, &pattern, place);
    }
    for (i = 0; i < COUNT(rows); i++) {
        cors_origin_t origin;
        const cors_question_t question = { .origin = &origin };
        cors_str_t value;

        memset(label, 'x', sizeof(label));
        memcpy(label, "pr-", 3);
        label[rows[i].n] = '\0';
        value = exact(apr_psprintf(pool, "%s://%s.example.com",
                                   rows[i].scheme, label));
        ok(set.table != NULL && cors_origin_parse(value, &origin)
           && (cors_origin_set_find(&set, &question) != NULL) == rows[i].want,
           "a label of %d bytes under %s is %scovered by 'pr-*'",
           (int)rows[i].n, rows[i].scheme, rows[i].want ? "" : "not ");
        drop(value);
    }
}

/* ---------------------------------------------- against a naive matcher -- */

#define SECTIONS 5

typedef struct item_t {
    char text[TEXT_MAX];
    unsigned facts;
    int removes;
} item_t;

typedef struct section_t {
    cors_origins_t *list;
    item_t *items;
    size_t n;
} section_t;

static unsigned long misread;

/* Adds an item, that of `again` or a new one, to both: the section's list and
 * the naive array. */
static void add_item(section_t *section, cors_place_t place,
                     const item_t *again, unsigned width)
{
    item_t *item = &section->items[section->n++];
    cors_pattern_t pattern;
    cors_reading_t reading;

    if (again != NULL) {
        strcpy(item->text, again->text);
    }
    else {
        invent_item(item->text, width);
    }
    item->facts = naive_facts(item->text);
    item->removes = roll(12) == 0;
    if (!cors_pattern_parse(cors_str(item->text), system_suffixes(), &pattern,
                            &reading)
        || strcmp(reading.text, item->text) != 0
        || pattern.facts != item->facts) {
        misread++;
        return;
    }
    pattern.text = apr_pstrmemdup(pool, reading.text, pattern.n);
    cors_origins_add(pool, section->list, &pattern, place, item->removes);
}

/* Mostly small sets, many of them where the table begins, a few large. */
static size_t invent_size(void)
{
    const unsigned kind = roll(40);

    if (kind == 0) {
        return roll(20) ? roll(400) : 1000 + roll(3000);
    }
    if (kind < 14) {
        return CORS_SET_PLAIN - 1 + roll(8);
    }
    return kind < 18 ? roll(100) : 1 + roll(10);
}

static void invent_section(section_t *section, cors_place_t place)
{
    const size_t n = invent_size();
    const unsigned width = (unsigned)n / 12;

    section->list = cors_origins_make(pool, place);
    section->list->list.replaces = roll(3) == 0;
    section->items = apr_palloc(pool, (n + 1) * sizeof(*section->items));
    section->n = 0;
    while (section->n < n) {
        if (section->n > 0 && roll(10) == 0) {
            const item_t *again = &section->items[roll((unsigned)section->n)];

            add_item(section, place, again, width);
        }
        else {
            add_item(section, place, NULL, width);
        }
    }
}

/* Merges in one of all the orders that brackets allow. */
static const cors_list_t *merge_somehow(const section_t *section, size_t n)
{
    size_t left;

    if (n == 1) {
        return section->n > 0 || section->list->list.replaces
            ? &section->list->list : NULL;
    }
    left = 1 + roll((unsigned)n - 1);
    return cors_list_merge(pool, merge_somehow(section, left),
                           merge_somehow(section + left, n - left));
}

/* The number of the section that decides, counted from 1, negative if it
 * removes; 0 if none does. */
static int naive_decide(const section_t *section, size_t n,
                        const char *origin, const naive_site_t *site,
                        unsigned skip)
{
    size_t i;

    for (; n > 0; n--) {
        const section_t *own = &section[n - 1];
        int granted = 0;

        for (i = 0; i < own->n; i++) {
            const item_t *item = &own->items[i];

            if ((item->removes || (!granted && (item->facts & skip) == 0))
                && naive_covers(item->text, origin, site)) {
                if (item->removes) {
                    return -(int)n;
                }
                granted = 1;
            }
        }
        if (granted) {
            return (int)n;
        }
        if (own->list->list.replaces) {
            break;
        }
    }
    return 0;
}

/* How often `same-site` was the answer, of sets without a table and with. */
static unsigned long same_sites[2];

/* The same, counted the same way, from the code under test; 1000 for an entry
 * that does not cover the origin or should have been skipped. */
static int decide(const section_t *section, const cors_list_t *list,
                  const char *text, const naive_site_t *where, unsigned skip)
{
    const cors_str_t value = exact(text);
    const cors_str_t host = exact(where->host);
    const cors_site_t site = { host, cors_str(where->port), where->is_secure,
                               system_suffixes() };
    const cors_entry_t *entry = NULL;
    cors_origin_t origin;
    cors_question_t question = { .origin = &origin, .skip = skip,
                                 .site = &site };
    char item[TEXT_MAX];

    if (cors_origin_parse(value, &origin)) {
        entry = cors_origins_find(list, &question);
    }
    drop(value);
    drop(host);
    if (entry == NULL) {
        return 0;
    }
    sprintf(item, "%.*s", (int)entry->pattern.n, entry->pattern.text);
    if (!naive_covers(item, text, where)
        || (!cors_entry_removes(entry) && (naive_facts(item) & skip) != 0)) {
        return 1000;
    }
    if (cors_entry_removes(entry)) {
        return -entry->place.line;
    }
    if (strcmp(item, "same-site") == 0) {
        same_sites[section[entry->place.line - 1].list->grants.table
                   != NULL]++;
    }
    return entry->place.line;
}

static unsigned invent_skip(void)
{
    switch (roll(4)) {
    case 0:
        return 1u << roll(10) | 1u << roll(10);
    case 1:
        return CORS_PATTERN_ANY | CORS_PATTERN_NULL | CORS_PATTERN_INSECURE
            | CORS_PATTERN_PUBLIC_SUFFIX | CORS_PATTERN_REGISTRABLE;
    default:
        return 0;
    }
}

#define PAIRS 1000000
#define ORIGINS_A_SET 500

static void test_naive(void)
{
    unsigned long allowed = 0, removed = 0, unknown = 0, tables = 0;
    unsigned long wrong = 0, wrong_facts = 0, sets = 0;

    misread = 0;
    for (; sets < PAIRS / ORIGINS_A_SET; sets++) {
        section_t section[SECTIONS];
        const size_t n = roll(2) ? 1 : 1 + roll(SECTIONS);
        const cors_list_t *list;
        size_t s, i;
        int any = 0, other = 0, grant = 0;

        for (s = 0; s < n; s++) {
            cors_place_t place = { "test", (int)s + 1 };

            invent_section(&section[s], place);
            if (section[s].list->list.replaces) {
                any = other = grant = 0;
            }
            for (i = 0; i < section[s].n; i++) {
                const item_t *item = &section[s].items[i];

                grant |= !item->removes;
                any |= !item->removes && strcmp(item->text, "*") == 0;
                other |= item->removes || strcmp(item->text, "*") != 0;
            }
            tables += section[s].list->grants.table != NULL;
        }
        list = merge_somehow(section, n);
        wrong_facts += list != NULL
            && (cors_origins_are_any(list) != (any && !other)
                || cors_origins_grant(list) != grant);
        for (i = 0; i < ORIGINS_A_SET; i++) {
            const section_t *near = &section[roll((unsigned)n)];
            const unsigned skip = invent_skip();
            naive_site_t site;
            char origin[TEXT_MAX];
            int got, want;

            invent_origin(origin, (unsigned)near->n / 12);
            if (near->n > 0 && roll(3) > 0) {
                invent_near(origin,
                            near->items[roll((unsigned)near->n)].text);
            }
            invent_site(&site, origin);
            want = naive_decide(section, n, origin, &site, skip);
            got = decide(section, list, origin, &site, skip);
            *(want > 0 ? &allowed : want < 0 ? &removed : &unknown) += 1;
            if (got != want && wrong++ == 0) {
                printf("#   first: %s to %s, skip %03x: got %d, want %d of "
                       "%d sections\n", origin, site.host, skip, got, want,
                       (int)n);
            }
        }
        apr_pool_clear(pool);
    }
    printf("# %lu lists, %lu sections with a table; %lu times allowed, "
           "%lu removed, %lu not listed\n", sets, tables, allowed, removed,
           unknown);
    printf("# same-site: %lu times without a table, %lu with one\n",
           same_sites[0], same_sites[1]);
    ok(misread == 0, "made-up items are read as what they are");
    ok(wrong == 0, "a million look-ups answer like the naive matcher");
    ok(wrong_facts == 0, "and so do the facts about whole lists");
    ok(allowed > PAIRS / 5 && removed > PAIRS / 50 && unknown > PAIRS / 5
       && tables > 500 && same_sites[0] > PAIRS / 400
       && same_sites[1] > PAIRS / 200, "all answers were asked for often");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_twice();
    test_small();
    test_flat();
    apr_pool_clear(pool);
    test_depths();
    test_long_labels();
    apr_pool_clear(pool);
    test_naive();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
