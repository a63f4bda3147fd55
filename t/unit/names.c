/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_names.h"

#include <apr_general.h>

#include "random.h"
#include "sections.h"
#include "tap.h"

static apr_pool_t *pool;

static void test_find(void)
{
    /* What decides, a prefix without its `*`; NULL: the name is not there. */
    static const struct {
        const char *what;
        const char *list;
        const char *name;
        unsigned skip;
        const char *want;
    } rows[] = {
        { "a listed name is found", "X-A X-B", "X-B", 0, "X-B" },
        { "an unlisted name is not", "X-A X-B", "X-C", 0, NULL },
        { "case does not matter to headers", "X-Acme", "x-aCME", 0, "X-Acme" },
        { "a name does not stand for its beginnings", "X-Acme", "X-Acm", 0,
          NULL },
        { "a name does not stand for longer ones", "X-Acme", "X-Acme2", 0,
          NULL },
        { "the empty name is never there", "X-A X-*", "", 0, NULL },
        { "nothing is in an empty list", "none", "X-A", 0, NULL },
        { "a prefix covers what begins so", "X-Acme-*", "x-acme-id", 0,
          "X-Acme-" },
        { "one byte behind a prefix will do", "X-*", "X-a", 0, "X-" },
        { "a prefix alone is not covered", "X-Acme-*", "X-Acme-", 0, NULL },
        { "a prefix covers no shorter name", "X-Acme-*", "X-Acme", 0, NULL },
        { "a prefix stands at the beginning", "Acme-*", "X-Acme-Id", 0, NULL },
        { "'*' covers every name", "*", "X-A", 0, "*" },
        { "a name beats '*' beside it", "* X-A", "X-A", 0, "X-A" },
        { "a name beats a prefix beside it", "X-A X-*", "X-A", 0, "X-A" },
        { "a name beats '*' where another is removed", "* X-A -X-B", "X-A", 0,
          "X-A" },
        { "a name beats a prefix where another is removed", "X-* X-A -X-B",
          "X-A", 0, "X-A" },
        { "a removed name is gone", "* -X-A", "x-a", 0, NULL },
        { "what is removed beats what is added, in any order", "-X-A X-A",
          "X-A", 0, NULL },
        { "removing one name leaves the others", "* -X-A", "X-B", 0, "*" },
        { "a prefix can be removed", "* -X-*", "X-A", 0, NULL },
        { "a removed prefix leaves the others", "* -X-*", "Y-A", 0, "*" },

        { "an inner '+' extends", "X-A | +X-B", "X-A", 0, "X-A" },
        { "an inner '+' adds", "X-A | +X-B", "X-B", 0, "X-B" },
        { "an inner '-' removes", "X-A X-B | -X-A", "X-A", 0, NULL },
        { "an inner '-' leaves the others", "X-A X-B | -X-A", "X-B", 0,
          "X-B" },
        { "an inner plain value replaces", "X-A | X-B", "X-A", 0, NULL },
        { "one plain value beside '+' replaces", "X-A | +X-B X-C", "X-A", 0,
          NULL },
        { "none replaces", "X-A | none", "X-A", 0, NULL },
        { "'+' extends none", "X-A | none | +X-B", "X-B", 0, "X-B" },
        { "what none ended stays ended", "X-A | none | +X-B", "X-A", 0, NULL },
        { "the innermost section speaks last", "X-A | -X-A | +X-A", "X-A", 0,
          "X-A" },
        { "a removal reaches through sections", "X-A | -X-A | +X-B", "X-A", 0,
          NULL },
        { "'+' and '-' alone make a list", "+X-A -X-B", "X-A", 0, "X-A" },

        { "a skipped '*' is absent", "*", "X-A", CORS_NAME_ANY, NULL },
        { "skipping '*' leaves names", "* X-A", "X-A", CORS_NAME_ANY, "X-A" },
        { "skipping '*' leaves prefixes", "* X-*", "X-A", CORS_NAME_ANY,
          "X-" },
        { "a skipped '*' does not hide the outer name", "X-A | +*", "X-A",
          CORS_NAME_ANY, "X-A" },
        { "skipping '*' keeps removed names away", "X-A | +* -X-A", "X-A",
          CORS_NAME_ANY, NULL }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const cors_list_t *list = header_sections(pool, rows[i].list);
        cors_str_t name = exact(rows[i].name);
        const cors_name_t *found = cors_names_find(list, name, rows[i].skip);

        is(found ? found->text : cors_str(NULL), rows[i].want, rows[i].what,
           "entry");
        drop(name);
    }
    ok(cors_names_find(NULL, cors_str("X-A"), 0) == NULL,
       "nothing is in a list that nobody wrote");
    ok(!cors_names_find(method_sections(pool, "PATCH"), cors_str("patch"), 0)
       && cors_names_find(method_sections(pool, "PATCH"), cors_str("PATCH"),
                          0),
       "case matters to methods");
}

static void test_join(void)
{
    static const struct {
        const char *what;
        const char *list;
        const char *want;
    } rows[] = {
        { "one name", "X-A", "X-A" },
        { "names in the order they were written", "X-B X-A", "X-B, X-A" },
        { "a name keeps its spelling, the first one", "x-aB X-AB", "x-aB" },
        { "a name on several lines is one name", "X-A X-B X-A", "X-A, X-B" },
        { "prefixes and '*' are no names", "X-A X-B-* *", "X-A" },
        { "an empty list has no text", "none", NULL },
        { "a list of wildcards has no text", "* X-*", NULL },
        { "removed names are left out", "X-A X-B -X-A", "X-B" },
        { "a removed prefix takes its names", "X-A Y-A -X-*", "Y-A" },
        { "a list that removes all its names has no text", "X-A -X-A", NULL },
        { "sections add up, once", "X-A X-B | +x-a", "x-a, X-B" },
        { "an inner section removes", "X-A X-B | -X-A", "X-B" },
        { "an inner section replaces", "X-A | X-B", "X-B" },
        { "an inner section adds again", "X-A | -X-A | +X-A", "X-A" },
        { "an inner '*' hides no name", "X-A | +*", "X-A" },
        { "an inner prefix hides no name", "X-A | +X-*", "X-A" },
        { "an inner '-*' removes all", "X-A X-B | -*", NULL },
        { "'-*' leaves what a further section adds", "X-A | -* | +X-B",
          "X-B" }
    };
    static const struct {
        size_t room;
        const char *part;
    } rooms[] = {
        { 0, "joined when asked for" }, { 1, "joined as it grows" },
        { 100, "joined" }
    };
    size_t i, k;

    for (k = 0; k < COUNT(rooms); k++) {
        names_room = rooms[k].room;
        for (i = 0; i < COUNT(rows); i++) {
            const cors_list_t *list = header_sections(pool, rows[i].list);

            is(cors_str(cors_names_join(pool, list)), rows[i].want,
               rows[i].what, rooms[k].part);
        }
    }
    names_room = 0;
    is(cors_str(cors_names_join(pool, NULL)), NULL,
       "a list that nobody wrote", "joined");
}

/* The text doubles its room: look at every length around that. */
static void test_long_join(void)
{
    cors_names_t *names = cors_names_make(pool, cors_str_ieq,
                                          (cors_place_t){ "test", 1 }, 1);
    char *want = malloc(5 * 1000);
    size_t n = 0;
    int i, wrong = 0;

    for (i = 0; i < 1000; i++) {
        char *name = apr_psprintf(pool, "%03d", i);

        cors_names_add(pool, names, cors_str(name), CORS_NAME_LITERAL);
        n += (size_t)sprintf(want + n, "%s%s", i > 0 ? ", " : "", name);
        wrong += strcmp(cors_names_join(pool, &names->list), want) != 0;
    }
    ok(wrong == 0, "a thousand names are joined right at every length");
    free(want);
}

static void test_merge(void)
{
    const cors_list_t *outer = header_sections(pool, "X-A");
    const cors_list_t *inner = header_sections(pool, "| +X-*");
    const cors_list_t *other = header_sections(pool, "X-B");
    const cors_list_t *both = cors_list_merge(pool, outer, inner);

    ok(cors_list_merge(pool, NULL, NULL) == NULL, "nothing in nothing");
    ok(cors_list_merge(pool, outer, NULL) == outer, "an unset list inherits");
    ok(cors_list_merge(pool, NULL, inner) == inner, "nothing to inherit");
    ok(cors_list_merge(pool, outer, other) == other,
       "a list that replaces is itself the merge");
    ok(both->outer == outer && both->inner == inner,
       "a merge points at both sides and copies neither");
    ok(both->facts == (CORS_NAME_LITERAL | CORS_NAME_PREFIX),
       "a merge has the facts of both");
    ok(both->place.line == 2, "a merge stands where its inner list stands");
    ok(both->replaces && !cors_list_merge(pool, inner, inner)->replaces,
       "a merge replaces if its outer list does");
    ok(cors_list_merge(pool, other, both) == both,
       "a merge that replaces ends what is outside");
}

/* ------------------------------------------------- against a naive fold -- */

#define SECTIONS 5
#define ENTRIES  4

/* Short names, so that entries hit the same ones often. */
static const char *const alphabet[] = {
    "A", "AB", "ABA", "B", "BA", "a", "aB", "C"
};
static const char *const items[] = {
    "A", "AB", "ABA", "B", "BA", "a", "aB", "A*", "AB*", "B*", "a*", "*"
};

typedef struct section_t {
    const cors_list_t *list;    /* NULL: says nothing */
    char text[64];              /* the same for a reader */
    int replaces;
    size_t n;
    const char *item[ENTRIES];
    int removes[ENTRIES];
} section_t;

static void invent_section(section_t *section)
{
    unsigned only_signs = roll(3);
    size_t i;

    memset(section, 0, sizeof(*section));
    section->n = roll(ENTRIES + 1);
    for (i = 0; i < section->n; i++) {
        int sign = only_signs ? "+-"[roll(2)] : " -+"[roll(3)];

        section->item[i] = items[roll(COUNT(items))];
        section->removes[i] = sign == '-';
        section->replaces |= sign == ' ';
        sprintf(section->text + strlen(section->text), "%c%s ", sign,
                section->item[i]);
    }
    if (section->n == 0 && roll(3) == 0) {
        section->replaces = 1;
        strcpy(section->text, "none");
    }
    names_room = roll(3) * 8;
    section->list = method_sections(pool, section->text);
}

/* Merges in one of all the orders that brackets allow. */
static const cors_list_t *merge_somehow(const section_t *section, size_t n)
{
    size_t left;

    if (n == 1) {
        return section->list;
    }
    left = 1 + roll((unsigned)n - 1);
    return cors_list_merge(pool, merge_somehow(section, left),
                           merge_somehow(section + left, n - left));
}

static int item_covers(const char *item, const char *name)
{
    size_t n = strlen(item) - 1;

    return item[n] == '*' ? strlen(name) > n && strncmp(item, name, n) == 0
                          : strcmp(item, name) == 0;
}

/* Goes from the outermost section inwards and lets each overrule what was
 * known. With `literally` only entries that spell the name out add it. */
static int naive_has(const section_t *section, size_t n, const char *name,
                     int literally)
{
    int has = 0;
    size_t s, i;

    for (s = 0; s < n; s++) {
        int added = 0;
        int removed = 0;

        for (i = 0; i < section[s].n; i++) {
            if (item_covers(section[s].item[i], name)) {
                removed |= section[s].removes[i];
                added |= !section[s].removes[i]
                    && (!literally || strchr(section[s].item[i], '*') == NULL);
            }
        }
        has = ((has && !section[s].replaces) || added) && !removed;
    }
    return has;
}

/* Is `name` an element of "A, B"? More than once is wrong, -1. */
static int joined_has(const char *joined, const char *name)
{
    const size_t n = strlen(name);
    int has = 0;

    while (joined != NULL) {
        const char *end = strchr(joined, ',');

        if ((end ? (size_t)(end - joined) : strlen(joined)) == n
            && memcmp(joined, name, n) == 0) {
            has++;
        }
        joined = end ? end + 2 : NULL;
    }
    return has > 1 ? -1 : has;
}

static void show(const section_t *section, size_t n, const char *name,
                 int want, const char *joined)
{
    size_t s;

    printf("#   first: '%s' should %sbe in", name, want ? "" : "not ");
    for (s = 0; s < n; s++) {
        printf(" | %s", section[s].text);
    }
    printf(", joined '%s'\n", joined);
}

static void test_naive_fold(void)
{
    unsigned long yes = 0, no = 0;
    int round, wrong = 0, wrong_joined = 0;
    size_t s, k;

    for (round = 0; round < 20000; round++) {
        section_t section[SECTIONS];
        const size_t n = 1 + roll(SECTIONS);
        const cors_list_t *list;
        const char *joined;

        for (s = 0; s < n; s++) {
            invent_section(&section[s]);
        }
        list = merge_somehow(section, n);
        joined = cors_names_join(pool, list);
        for (k = 0; k < COUNT(alphabet); k++) {
            const char *name = alphabet[k];
            int want = naive_has(section, n, name, 0);
            int literal = naive_has(section, n, name, 1);

            *(want ? &yes : &no) += 1;
            if ((cors_names_find(list, cors_str(name), 0) != NULL) != want
                && wrong++ == 0) {
                show(section, n, name, want, "");
            }
            if (joined_has(joined, name) != literal && wrong_joined++ == 0) {
                show(section, n, name, literal, joined ? joined : "");
            }
        }
        apr_pool_clear(pool);
    }
    printf("# random sections: %lu names there, %lu not\n", yes, no);
    ok(wrong == 0, "sections merged in any order answer like a naive fold");
    ok(wrong_joined == 0, "and their joined names are those of that fold");
    ok(yes > 20000 && no > 20000, "both answers were asked for often");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_find();
    test_join();
    test_long_join();
    test_merge();
    test_naive_fold();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
