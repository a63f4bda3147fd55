/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/* Files of origins.
 *
 *      choices     which facts a look-up skips (2), 1: the request came over
 *                  https
 *      host        what the request was sent to
 *      text        of the file, all the rest
 *
 * A naive reader takes the text apart. The file is refused if one of its items
 * is, for the first of them; else each is an entry, where it stands and as
 * cors_pattern_parse() reads it, and the set finds an entry for an origin
 * exactly where one of the items covers it for the naive matcher. To read it
 * again changes nothing. */
#include "cors_lines.h"

#include <stdio.h>
#include <strings.h>

#include "fuzz.h"
#include "naive.h"
#include "naive_origin.h"

#define ITEMS 1024              /* more than a text has room for */
#define NEAR  6                 /* items that origins are made from */

typedef struct item_t {
    cors_str_t written;
    int line;
    int is_again;               /* boolean: stands further in front, too */
    char text[TEXT_MAX];        /* normalised */
    unsigned facts;
} item_t;

static item_t items[ITEMS];
static size_t items_n;

static const char name[] = "origins.txt";

/* ---------------------------------------------------- the naive reader -- */

/* Adds what stands between two offsets of a line, if anything does. */
static void add_item(cors_str_t text, size_t from, size_t to, int line)
{
    size_t i;

    for (i = from; i < to && text.p[i] != '#'; i++) {
        continue;
    }
    for (to = i; to > from && strchr(" \t\r", text.p[to - 1])
                 && text.p[to - 1] != '\0'; to--) {
        continue;
    }
    while (from < to && strchr(" \t\r", text.p[from])
           && text.p[from] != '\0') {
        from++;
    }
    if (from < to) {
        items[items_n].written = cors_str_sub(text, from, to);
        items[items_n].line = line;
        items_n++;
    }
}

static void take_apart(cors_str_t text)
{
    size_t from = 0, i;
    int line = 1;

    items_n = 0;
    if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0) {
        from = 3;
    }
    for (i = from; i <= text.n; i++) {
        if (i == text.n || text.p[i] == '\n') {
            add_item(text, from, i, line++);
            from = i + 1;
        }
    }
}

/* Is the item none that a file may have, whatever a directive does? */
static int is_misplaced(cors_str_t item)
{
    size_t i;

    if (item.p[0] == '+' || item.p[0] == '-'
        || (item.n == 4 && strncasecmp(item.p, "none", 4) == 0)) {
        return 1;
    }
    for (i = 0; i < item.n; i++) {
        if (item.p[i] == ' ' || item.p[i] == '\t' || item.p[i] == '\r') {
            return 1;
        }
    }
    return 0;
}

/* Reads an item as CorsAllowOrigin does. */
static int read_item(item_t *item, cors_reading_t *reading)
{
    cors_pattern_t pattern;

    reading->text[0] = '\0';
    reading->rule = "";
    if (is_misplaced(item->written)
        || !cors_pattern_parse(exact_copy(item->written), few_suffixes(),
                               &pattern, reading)) {
        return 0;
    }
    strcpy(item->text, reading->text);
    item->facts = pattern.facts;
    return 1;
}

/* ------------------------------------------------------------- the file -- */

static int read_text(cors_str_t text, cors_origin_set_t *set,
                     cors_fault_t *fault)
{
    memset(set, 0, sizeof(*set));
    return cors_lines_read(input_pool, text, name, few_suffixes(), set,
                           fault);
}

/* An item alone is judged as it is among others. It stands on the second line,
 * since what looks like a byte order mark is one on the first. */
static void check_alone(const item_t *item, int is_good)
{
    const size_t n = item->written.n;
    char *bytes = apr_palloc(input_pool, n + 1);
    const cors_str_t text = { bytes, n + 1 };
    cors_origin_set_t set;
    cors_fault_t fault;

    bytes[0] = '\n';
    memcpy(bytes + 1, item->written.p, n);
    promise(read_text(text, &set, &fault) == is_good,
            is_good ? "an item is accepted alone, too"
                    : "an item is refused alone, too", item->written);
    promise(!is_good || (set.n == 1
                         && cors_str_is(cors_entry_text(
                             cors_origin_set_at(&set, 0)), item->text)),
            "which makes one entry", item->written);
}

static void check_fault(cors_str_t text, const item_t *item,
                        const cors_reading_t *reading,
                        const cors_fault_t *fault)
{
    const char *rule = fault->reading.rule;
    size_t i;

    promise(fault->line == item->line
            && cors_str_eq(fault->item, item->written),
            "the first bad item is told of", item->written);
    promise(fault->item.p >= text.p
            && fault->item.p + fault->item.n <= text.p + text.n,
            "it is a slice of the text", item->written);
    promise(rule != NULL && (strncmp(rule, "must ", 5) == 0
                             || strncmp(rule, "needs ", 6) == 0),
            "it breaks a rule", item->written);
    for (i = 0; rule[i]; i++) {
        promise(rule[i] >= ' ' && rule[i] < '\177', "a rule can be printed",
                item->written);
    }
    promise(*reading->rule == '\0' || strcmp(rule, reading->rule) == 0,
            "the rule is that of CorsAllowOrigin", item->written);
    promise(strcmp(fault->reading.text, reading->text) == 0,
            "and so is what is suggested", item->written);
}

/* Returns how many differ. */
static unsigned count_items(void)
{
    unsigned n = 0;
    size_t i, k;

    for (i = 0; i < items_n; i++) {
        items[i].is_again = 0;
        for (k = 0; k < i; k++) {
            items[i].is_again |= strcmp(items[i].text, items[k].text) == 0;
        }
        n += !items[i].is_again;
    }
    return n;
}

static void check_entries(const cors_origin_set_t *set)
{
    unsigned n = 0;
    size_t i;

    promise(set->n == count_items(), "the same item again is one entry",
            cors_str(""));
    for (i = 0; i < items_n; i++) {
        const cors_entry_t *entry;

        if (items[i].is_again) {
            continue;
        }
        entry = cors_origin_set_at(set, n++);
        promise(cors_str_is(cors_entry_text(entry), items[i].text),
                "an entry is as the item is normalised", items[i].written);
        promise(entry->place.file == name
                && entry->place.line == items[i].line,
                "an entry is of its line", items[i].written);
        promise(entry->pattern.facts == (items[i].facts | CORS_ENTRY_GRANTS
                                         | CORS_ENTRY_LINE),
                "what is known of an entry", items[i].written);
    }
}

static void check_same(const cors_origin_set_t *set,
                       const cors_origin_set_t *other)
{
    unsigned i;

    promise(set->n == other->n, "read again it is as long", cors_str(""));
    for (i = 0; i < set->n; i++) {
        const cors_entry_t *a = cors_origin_set_at(set, i);
        const cors_entry_t *b = cors_origin_set_at(other, i);

        promise(cors_str_eq(cors_entry_text(a), cors_entry_text(b))
                && a->pattern.facts == b->pattern.facts
                && a->place.line == b->place.line,
                "read again it is the same", cors_entry_text(a));
    }
}

/* -------------------------------------------------------------- look-up -- */

static naive_site_t naive_site_asked;
static cors_site_t site_asked;

static void read_site(cors_str_t line, int is_secure)
{
    if (!put_text(line, naive_site_asked.host, sizeof(naive_site_asked.host))
        || !naive_is_host(naive_site_asked.host, 1)) {
        naive_site_asked.host[0] = '\0';
        line.n = 0;
    }
    naive_site_asked.port = "";
    naive_site_asked.is_secure = site_asked.is_secure = is_secure;
    site_asked.host = line;
    site_asked.port = cors_str("");
    site_asked.suffixes = few_suffixes();
}

static void look_up(const cors_origin_set_t *set, const char *text,
                    unsigned skip)
{
    const cors_str_t value = exact_copy(cors_str(text));
    cors_origin_t origin;
    cors_question_t question = { .origin = &origin, .skip = skip,
                                 .site = &site_asked };
    const cors_entry_t *entry;
    char found[TEXT_MAX];
    int is_covered = 0;
    size_t i;

    if (!cors_origin_parse(value, &origin)) {
        return;
    }
    for (i = 0; i < items_n; i++) {
        is_covered |= (items[i].facts & skip) == 0
            && naive_covers(items[i].text, text, &naive_site_asked);
    }
    entry = cors_origin_set_find(set, &question);
    promise(entry != NULL || !is_covered, "a listed origin is found", value);
    promise(entry == NULL || is_covered, "an origin that is found is listed",
            value);
    promise(entry == NULL
            || (put_text(cors_entry_text(entry), found, sizeof(found))
                && naive_covers(found, text, &naive_site_asked)),
            "the entry that is found covers the origin", value);
}

/* Origins that the item covers, and some that it may not. */
static void check_near(const cors_origin_set_t *set, const item_t *item,
                       unsigned skip)
{
    static const char *const stars[] = { "x", "x.y", "", "-" };
    static const char *const ports[] = { "", ":8443", ":1", "0" };
    enum { VARIANTS = 4 };

    const int is_open = ends_with(item->text, ":*");
    const size_t n = strlen(item->text) - 2 * (size_t)is_open;
    char text[4 * TEXT_MAX];
    size_t i;
    int k;

    for (k = 0; k < VARIANTS; k++) {
        strcpy(text, strncmp(item->text, "//", 2) != 0 ? ""
               : k % 2 ? "http:" : "https:");
        for (i = 0; i < n; i++) {
            if (item->text[i] == '*') {
                strcat(text, stars[k]);
            }
            else {
                strncat(text, item->text + i, 1);
            }
        }
        look_up(set, text, skip);
        strcat(text, ports[k]);
        look_up(set, text, skip);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    cors_str_t text = begin_input(bytes, n);
    cors_str_t choices = take_line(&text);
    const unsigned one = take_choice(&choices), other = take_choice(&choices);
    const unsigned skip = (one ? 1u << (one - 1) % 10 : 0)
        | (other ? 1u << (other - 1) % 10 : 0);
    const int is_secure = take_choice(&choices) == 1;
    cors_origin_set_t set, again;
    cors_fault_t fault;
    cors_reading_t reading;
    size_t i = 0;
    int is_good;

    read_site(take_line(&text), is_secure);
    text = exact_copy(text);
    take_apart(text);
    while (i < items_n && read_item(&items[i], &reading)) {
        i++;
    }
    is_good = read_text(text, &set, &fault);
    promise(is_good == (i == items_n), is_good ? "this file is refused"
            : "this file is accepted", text);
    promise(cors_lines_are_ended(text)
            == (text.n > 0 && text.p[text.n - 1] == '\n'),
            "whether the text ends where a line does", text);
    if (is_good) {
        check_entries(&set);
        read_text(exact_copy(text), &again, &fault);
        check_same(&set, &again);
        for (i = 0; i < items_n && i < NEAR; i++) {
            check_alone(&items[i], 1);
            check_near(&set, &items[i], skip);
        }
        look_up(&set, "null", skip);
    }
    else {
        check_fault(text, &items[i], &reading, &fault);
        check_alone(&items[i], 0);
    }
    end_input();
    return 0;
}
