/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_origin_set.h"

#include <apr_general.h>

#include "random.h"
#include "sections.h"
#include "tap.h"

static apr_pool_t *pool;

static const cors_entry_t *find(const cors_list_t *list, const char *text,
                                unsigned skip)
{
    cors_str_t value = exact(text);
    cors_origin_t origin;
    const cors_entry_t *entry = NULL;

    if (cors_origin_parse(value, &origin)) {
        entry = cors_origins_find(list, &origin, skip);
    }
    drop(value);
    return entry;
}

/* ---------------------------------------------------- what is in force -- */

static void test_sections(void)
{
    /* What decides, with `-` in front if it removes; NULL: nothing. */
    static const struct {
        const char *what;
        const char *list;
        const char *origin;
        unsigned skip;
        const char *want;
    } rows[] = {
        { "listed", "https://a.example https://b.example",
          "https://b.example", 0, "https://b.example" },
        { "not listed", "https://a.example https://b.example",
          "https://c.example", 0, NULL },
        { "nothing is in none", "none", "https://a.example", 0, NULL },
        { "'-' beats an exact entry beside it",
          "https://a.example -https://a.example", "https://a.example", 0,
          "-https://a.example" },
        { "'-' beats a wildcard beside it, in any order",
          "-https://x.a.example https://*.a.example", "https://x.a.example",
          0, "-https://x.a.example" },
        { "a removed wildcard beats an exact entry beside it",
          "https://x.a.example -https://*.a.example", "https://x.a.example",
          0, "-https://*.a.example" },
        { "'-' leaves the others", "* -https://a.example",
          "https://b.example", 0, "*" },
        { "'-null' under '*'", "* -null", "null", 0, "-null" },
        { "'*' covers null", "*", "null", 0, "*" },
        { "an inner '-' carves one origin out",
          "https://*.a.example | -https://staging.a.example",
          "https://staging.a.example", 0, "-https://staging.a.example" },
        { "and leaves its neighbours",
          "https://*.a.example | -https://staging.a.example",
          "https://www.a.example", 0, "https://*.a.example" },
        { "an inner '+' adds", "https://a.example | +https://b.example",
          "https://b.example", 0, "https://b.example" },
        { "an inner '+' keeps what was there",
          "https://a.example | +https://b.example", "https://a.example", 0,
          "https://a.example" },
        { "an inner '+' beats an outer '-'",
          "* -https://a.example | +https://a.example", "https://a.example",
          0, "https://a.example" },
        { "the first scope with any match decides",
          "https://a.example | -https://*.a.example | +https://x.a.example",
          "https://y.a.example", 0, "-https://*.a.example" },
        { "an inner plain value replaces",
          "https://a.example | https://b.example", "https://a.example", 0,
          NULL },
        { "an inner none replaces", "https://a.example | none",
          "https://a.example", 0, NULL },
        { "an inner '-*' ends all", "https://a.example | -*",
          "https://a.example", 0, "-*" },
        { "skipped entries are absent",
          "http://a.example", "http://a.example", CORS_PATTERN_INSECURE,
          NULL },
        { "a skipped '*' lets others answer", "* https://a.example",
          "https://a.example", CORS_PATTERN_ANY, "https://a.example" },
        { "a skipped '*' does not cover null", "*", "null",
          CORS_PATTERN_ANY, NULL },
        { "a skipped null lets '*' answer", "* null", "null",
          CORS_PATTERN_NULL, "*" },
        { "what removes is never skipped", "* -http://a.example",
          "http://a.example", CORS_PATTERN_INSECURE,
          "-http://a.example" },
        { "'-*' is never skipped", "https://a.example | -*",
          "https://a.example", CORS_PATTERN_ANY, "-*" },
        { "a skipped inner entry lets the outer scope answer",
          "-http://a.example | +http://*.example", "http://a.example",
          CORS_PATTERN_INSECURE, "-http://a.example" }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const cors_list_t *list = origin_sections(pool, rows[i].list);
        const cors_entry_t *entry = find(list, rows[i].origin, rows[i].skip);
        int removes = rows[i].want != NULL && *rows[i].want == '-';

        is(text_of(entry), rows[i].want ? rows[i].want + removes : NULL,
           rows[i].what, "entry");
        ok((entry != NULL && cors_entry_removes(entry)) == removes,
           "%s: %s", rows[i].what, removes ? "removes" : "does not remove");
    }
}

static void test_facts(void)
{
    static const struct {
        const char *list;
        int are_any;
        int grant;
    } rows[] = {
        { "*", 1, 1 },
        { "+*", 1, 1 },
        { "* *", 1, 1 },
        { "* | +*", 1, 1 },
        { "https://a.example | *", 1, 1 },
        { "* -https://a.example | *", 1, 1 },
        { "* https://a.example", 0, 1 },
        { "* null", 0, 1 },
        { "* -https://a.example", 0, 1 },
        { "* -null", 0, 1 },
        { "* | +https://a.example", 0, 1 },
        { "* | -https://a.example", 0, 1 },
        { "+https://a.example | +*", 0, 1 },
        { "https://*.example", 0, 1 },
        { "https://a.example", 0, 1 },
        { "null", 0, 1 },
        { "none", 0, 0 },
        { "* | none", 0, 0 },
        { "-*", 0, 0 },
        { "-https://a.example", 0, 0 },
        { "none | -https://a.example", 0, 0 },
        { "none | +https://a.example", 0, 1 }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const cors_list_t *list = origin_sections(pool, rows[i].list);

        ok(cors_origins_are_any(list) == rows[i].are_any,
           "'%s' is %s '*'", rows[i].list,
           rows[i].are_any ? "exactly" : "not exactly");
        ok(cors_origins_grant(list) == rows[i].grant,
           "'%s' allows %s", rows[i].list,
           rows[i].grant ? "somebody" : "nobody");
    }
}

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

            cors_pattern_parse(cors_str(same[i]), &pattern, &reading);
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
                           &pattern, &reading);
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
        cors_pattern_parse(cors_str(item), &pattern, &reading);
        pattern.text = apr_pstrdup(pool, reading.text);
        cors_origin_set_add(pool, &set, &pattern, place);
        if (set.n == 10) {
            ok(set.slots == NULL, "ten origins build no table");
        }
    }
    ok(set.slots != NULL, "one origin more than a few builds one");
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
        cors_pattern_parse(cors_str(item), &pattern, &reading);
        pattern.text = apr_pstrdup(pool, reading.text);
        cors_origin_set_add(pool, &set, &pattern, place);
    }
    ok(set.n == EXACT + WILD, "%d patterns are as many entries",
       EXACT + WILD);
    for (i = 0; i <= set.mask; i++) {
        run = set.slots[i] != NULL ? run + 1 : 0;
        longest = run > longest ? run : longest;
        met += (double)run / (double)(set.mask + 1);
    }
    printf("# a look-up meets %.2f entries on average, %d at most\n", met,
           (int)longest);
    ok(met < 4, "among them a look-up meets a few entries");
    ok(longest < 200, "and never many");
}

/* ---------------------------------------------- against a naive matcher -- */

/* What `*` stands for: bytes of a host; of one label only, if asked. */
static int is_host_part(const char *s, size_t n, int one_label)
{
    size_t i;

    for (i = 0; i < n; i++) {
        if (strchr(one_label ? ":/[]." : ":/[]", s[i])) {
            return 0;
        }
    }
    return n > 0;
}

/* Does the text "scheme://host[:port]" with at most one `*` cover this? */
static int naive_glob(const char *item, const char *origin)
{
    const char *star = strchr(item, '*');
    size_t head, tail, n;

    if (star == NULL) {
        return strcmp(item, origin) == 0;
    }
    n = strlen(origin);
    head = (size_t)(star - item);
    tail = strlen(star + 1);
    return n > head + tail
        && strncmp(origin, item, head) == 0
        && strcmp(origin + n - tail, star + 1) == 0
        && is_host_part(origin + head, n - head - tail,
                        !(star[-1] == '/' && star[1] == '.'));
}

/* The table of items, done with strings: rewrites the item into ones without
 * its wildcards of scheme and port. */
static int naive_covers(const char *item, const char *origin)
{
    char text[128];
    char bare[128];
    size_t n = strlen(item);

    if (strcmp(item, "*") == 0) {
        return 1;
    }
    if (strcmp(item, "null") == 0 || strcmp(origin, "null") == 0) {
        return strcmp(item, origin) == 0;
    }
    if (strncmp(item, "//", 2) == 0) {
        sprintf(text, "http:%s", item);
        sprintf(bare, "https:%s", item);
        return naive_covers(text, origin) || naive_covers(bare, origin);
    }
    if (n > 2 && strcmp(item + n - 2, ":*") == 0) {
        size_t end = strlen(origin);

        while (end > 0 && strchr("0123456789", origin[end - 1])) {
            end--;
        }
        sprintf(text, "%.*s", (int)n - 2, item);
        sprintf(bare, "%.*s", (int)end - 1, origin);
        return naive_glob(text, origin)
            || (end > 0 && origin[end - 1] == ':'
                && naive_glob(text, bare));
    }
    return naive_glob(item, origin);
}

static int ends_with(const char *s, const char *end)
{
    return strlen(s) >= strlen(end)
        && strcmp(s + strlen(s) - strlen(end), end) == 0;
}

/* The facts that a look-up may be told to skip, read off the text. */
static unsigned naive_facts(const char *item)
{
    unsigned facts = 0;
    const char *host = strstr(item, "//");
    const char *star;
    char name[128];

    if (host == NULL) {
        return *item == '*' ? CORS_PATTERN_ANY : CORS_PATTERN_NULL;
    }
    if (host == item) {
        facts |= CORS_PATTERN_EITHER_SCHEME;
    }
    if (ends_with(item, ":*")) {
        facts |= CORS_PATTERN_ANY_PORT;
    }
    strcpy(name, host + 2);
    name[*name == '[' ? strcspn(name, "]") + 1 : strcspn(name, ":")] = '\0';
    star = strchr(name, '*');
    if (star != NULL) {
        const char *parent = strchr(name, '.') + 1;
        int whole = star == name && star[1] == '.';

        facts |= whole ? CORS_PATTERN_SUBDOMAINS : CORS_PATTERN_PARTIAL;
        if (strchr(parent, '.') == NULL && strcmp(parent, "localhost")) {
            facts |= whole ? CORS_PATTERN_PUBLIC_SUFFIX
                           : CORS_PATTERN_REGISTRABLE;
        }
    }
    if ((host == item || strncmp(item, "http:", 5) == 0)
        && strcmp(name, "localhost") != 0 && !ends_with(name, ".localhost")
        && strcmp(name, "127.0.0.1") != 0
        && strcmp(name, "[::1]") != 0) {
        facts |= CORS_PATTERN_INSECURE;
    }
    return facts;
}

#define TEXT_MAX 128

/* Labels come from a small alphabet, so that patterns hit; `width` makes it
 * wider where a set is large. */
static void add_label(char *text, unsigned width)
{
    static const char *const parts[] = {
        "a", "b", "ab", "pr-", "-x", "a-b", "1"
    };
    unsigned n = 1 + roll(2);

    while (n-- > 0) {
        strcat(text, parts[roll(COUNT(parts))]);
    }
    if (width > 0) {
        sprintf(text + strlen(text), "%u", roll(width));
    }
}

static void add_domain(char *text, unsigned width)
{
    static const char *const ends[] = {
        "com", "example.com", "example.com", "b.com", "localhost"
    };

    if (width > 0 ? roll(width) > 0 : roll(4) == 0) {
        add_label(text, width);
        strcat(text, ".");
    }
    strcat(text, ends[roll(COUNT(ends))]);
}

static void add_address(char *text)
{
    static const char *const addresses[] = {
        "127.0.0.1", "[::1]", "[2001:db8::1]", "10.0.0.1", "localhost"
    };

    strcat(text, addresses[roll(COUNT(addresses))]);
}

static void add_port(char *text)
{
    static const char *const ports[] = { "", "", ":8080", ":8443", ":1" };

    strcat(text, ports[roll(COUNT(ports))]);
}

static void invent_origin(char *text, unsigned width)
{
    static const char *const schemes[] = {
        "https://", "https://", "https://", "http://", "http://", "evils://",
        "ws://"
    };

    if (roll(60) == 0) {
        strcpy(text, "null");
        return;
    }
    strcpy(text, schemes[roll(COUNT(schemes))]);
    if (roll(12) == 0) {
        add_address(text);
    }
    else {
        if (roll(8) > 0) {
            add_label(text, width);
            strcat(text, ".");
        }
        add_domain(text, width);
    }
    add_port(text);
}

static void invent_item(char *text, unsigned width)
{
    static const char *const schemes[] = {
        "https://", "https://", "http://", "//"
    };
    unsigned kind = roll(12);

    if (roll(400) == 0) {
        strcpy(text, "*");
        return;
    }
    if (kind < 5) {
        invent_origin(text, width);
        return;
    }
    strcpy(text, schemes[roll(COUNT(schemes))]);
    if (kind < 6) {
        add_address(text);
    }
    else {
        if (kind < 8 || roll(2)) {
            add_label(text, kind < 8 ? width : 0);
        }
        if (kind >= 8) {
            strcat(text, "*");
        }
        if (kind >= 10 && roll(2)) {
            add_label(text, 0);
        }
        strcat(text, ".");
        add_domain(text, width);
    }
    if (roll(4) == 0) {
        strcat(text, ":*");
    }
    else {
        add_port(text);
    }
}

/* An origin that the item covers, more often than not. */
static void invent_near(char *text, const char *item)
{
    const char *p = item;

    if (strcmp(item, "*") == 0) {
        return;
    }
    *text = '\0';
    if (strncmp(p, "//", 2) == 0) {
        strcpy(text, roll(2) ? "https:" : "http:");
    }
    for (; *p; p++) {
        if (strcmp(p, ":*") == 0) {
            add_port(text);
            break;
        }
        if (*p == '*') {
            add_label(text, 0);
        }
        else {
            strncat(text, p, 1);
        }
    }
}

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
    if (!cors_pattern_parse(cors_str(item->text), &pattern, &reading)
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
                        const char *origin, unsigned skip)
{
    size_t i;

    for (; n > 0; n--) {
        const section_t *own = &section[n - 1];
        int granted = 0;

        for (i = 0; i < own->n; i++) {
            const item_t *item = &own->items[i];

            if ((item->removes || (!granted && (item->facts & skip) == 0))
                && naive_covers(item->text, origin)) {
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

/* The same, counted the same way, from the code under test; 1000 for an entry
 * that does not cover the origin or should have been skipped. */
static int decide(const cors_list_t *list, const char *text, unsigned skip)
{
    const cors_entry_t *entry = find(list, text, skip);
    char item[TEXT_MAX];

    if (entry == NULL) {
        return 0;
    }
    sprintf(item, "%.*s", (int)entry->pattern.n, entry->pattern.text);
    if (!naive_covers(item, text)
        || (!cors_entry_removes(entry) && (naive_facts(item) & skip) != 0)) {
        return 1000;
    }
    return cors_entry_removes(entry) ? -entry->place.line
                                     : entry->place.line;
}

static unsigned invent_skip(void)
{
    switch (roll(4)) {
    case 0:
        return 1u << roll(9) | 1u << roll(9);
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
            tables += section[s].list->grants.slots != NULL;
        }
        list = merge_somehow(section, n);
        wrong_facts += list != NULL
            && (cors_origins_are_any(list) != (any && !other)
                || cors_origins_grant(list) != grant);
        for (i = 0; i < ORIGINS_A_SET; i++) {
            const section_t *near = &section[roll((unsigned)n)];
            const unsigned skip = invent_skip();
            char origin[TEXT_MAX];
            int want;

            invent_origin(origin, (unsigned)near->n / 12);
            if (near->n > 0 && roll(3) > 0) {
                invent_near(origin,
                            near->items[roll((unsigned)near->n)].text);
            }
            want = naive_decide(section, n, origin, skip);
            *(want > 0 ? &allowed : want < 0 ? &removed : &unknown) += 1;
            if (decide(list, origin, skip) != want && wrong++ == 0) {
                printf("#   first: %s, skip %03x: got %d, want %d of %d "
                       "sections\n", origin, skip,
                       decide(list, origin, skip), want, (int)n);
            }
        }
        apr_pool_clear(pool);
    }
    printf("# %lu lists, %lu sections with a table; %lu times allowed, "
           "%lu removed, %lu not listed\n", sets, tables, allowed, removed,
           unknown);
    ok(misread == 0, "made-up items are read as what they are");
    ok(wrong == 0, "a million look-ups answer like the naive matcher");
    ok(wrong_facts == 0, "and so do the facts about whole lists");
    ok(allowed > PAIRS / 5 && removed > PAIRS / 50 && unknown > PAIRS / 5
       && tables > 500, "all answers were asked for often");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_sections();
    test_facts();
    test_twice();
    test_small();
    test_flat();
    apr_pool_clear(pool);
    test_naive();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
