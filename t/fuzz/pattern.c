/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/* Items of CorsAllowOrigin, and sets of them.
 *
 *      choices     which facts a look-up skips (2), 1: the request came over
 *                  https
 *      host:port   what the request was sent to
 *      items       as behind the directive, blanks between
 *      origin      and further lines of them
 *
 * An item is taken or refused, and normalised, as a naive reader does it; what
 * came of it stays as it is when read again. A set finds an entry for an
 * origin exactly where one of its items covers it for the naive matcher, in
 * whatever order it was built, with a table and without. */
#include "cors_origin_set.h"

#include <stdio.h>
#include <strings.h>

#include "fuzz.h"
#include "naive.h"
#include "naive_item.h"
#include "naive_origin.h"

#define ITEMS   48
#define ORIGINS 32
#define FILLERS (CORS_SET_PLAIN + 4)

typedef struct item_t {
    char text[TEXT_MAX];
    cors_pattern_t pattern;
    int is_again;               /* boolean: stands further in front, too */
} item_t;

static item_t items[ITEMS];
static size_t items_n;

/* ---------------------------------------------------------------- items -- */

/* Does the naive reader know what it comes to? */
static int is_plain(const char *item)
{
    size_t i;

    for (i = 0; item[i]; i++) {
        if ((unsigned char)item[i] > 0x7f
            || strncasecmp(item + i, "xn--", 4) == 0) {
            return 0;
        }
    }
    return 1;
}

static unsigned facts_of(const char *text, const cors_suffixes_t *list)
{
    unsigned facts = naive_facts(text);
    char host[TEXT_MAX];

    /* Without a list everything is a public suffix. */
    if (list == NULL && strstr(text, "//")) {
        naive_host(text, host);
        if (!naive_is_loopback(host)) {
            facts |= (facts & CORS_PATTERN_SUBDOMAINS)
                ? CORS_PATTERN_PUBLIC_SUFFIX
                : (facts & CORS_PATTERN_PARTIAL) ? CORS_PATTERN_REGISTRABLE
                : 0;
        }
    }
    return facts;
}

static void check_refused(cors_str_t item, const cors_suffixes_t *list,
                          const cors_reading_t *reading)
{
    const char *rule = reading->rule;
    cors_pattern_t pattern;
    cors_reading_t again;
    size_t i;

    promise(rule != NULL && (strncmp(rule, "must ", 5) == 0
                             || strncmp(rule, "needs ", 6) == 0),
            "a refused item breaks a rule", item);
    for (i = 0; rule[i]; i++) {
        promise(rule[i] >= ' ' && rule[i] < '\177', "a rule can be printed",
                item);
    }
    promise(memchr(reading->text, '\0', sizeof(reading->text)) != NULL,
            "what is suggested ends", item);
    if (reading->text[0] != '\0') {
        promise(cors_pattern_parse(cors_str(reading->text), list, &pattern,
                                   &again)
                && strcmp(reading->text, again.text) == 0
                && (pattern.facts & CORS_PATTERN_REGISTRABLE) == 0,
                "what is suggested would do as it is", item);
    }
}

static size_t count_stars(const char *p, size_t n)
{
    size_t stars = 0;

    while (n-- > 0) {
        stars += p[n] == '*';
    }
    return stars;
}

/* The offsets of a pattern. */
static void check_parts(const char *text, const cors_pattern_t *pattern)
{
    const cors_str_t about = cors_str(text);
    const char *slashes = strstr(text, "//");
    const char *behind;
    char host[TEXT_MAX];

    if (slashes == NULL) {
        return;
    }
    naive_host(text, host);
    behind = slashes + 2 + strlen(host);
    promise(pattern->scheme_n == (slashes > text ? slashes - text - 1 : 0),
            "the scheme", about);
    promise(text + pattern->host == slashes + 2
            && pattern->host_n == strlen(host), "the host", about);
    promise((strchr(host, '*') == NULL)
            == ((pattern->facts & (CORS_PATTERN_SUBDOMAINS
                                   | CORS_PATTERN_PARTIAL)) == 0)
            && (!strchr(host, '*') || host[pattern->star] == '*'),
            "the wildcard", about);
    promise(behind[0] != ':' || behind[1] == '*'
            || text + pattern->port == behind + 1, "the port", about);
    promise((behind[0] == ':' && behind[1] != '*')
            || pattern->port == pattern->n
            || (pattern->facts & CORS_PATTERN_ANY_PORT) != 0, "no port",
            about);
}

/* A pattern without a wildcard is an origin, and covers itself alone. */
static void check_exact(const cors_pattern_t *pattern)
{
    const cors_str_t text = { pattern->text, pattern->n };
    cors_origin_t origin;

    if ((pattern->facts & (CORS_PATTERN_ANY | CORS_PATTERN_EITHER_SCHEME
                           | CORS_PATTERN_ANY_PORT | CORS_PATTERN_SUBDOMAINS
                           | CORS_PATTERN_PARTIAL
                           | CORS_PATTERN_SAME_SITE)) == 0) {
        promise(cors_origin_parse(text, &origin)
                && cors_pattern_match(pattern, &origin),
                "what has no wildcard is an origin", text);
    }
}

/* Returns whether it is a pattern. */
static int check_item(cors_str_t item, const cors_suffixes_t *list,
                      cors_pattern_t *pattern, cors_reading_t *reading)
{
    const int is_taken = cors_pattern_parse(item, list, pattern, reading);
    char plain[TEXT_MAX], want[TEXT_MAX];
    cors_pattern_t again;
    cors_reading_t twin;
    cors_str_t text;
    int is_wanted;

    promise(item.n <= 328 || !is_taken, "an item has 328 bytes at most",
            item);
    if (item.n <= 328 && put_text(item, plain, sizeof(plain))
        && is_plain(plain)) {
        naive_normalise(plain, want);
        is_wanted = naive_is_item(want)
            && (list != NULL || strcmp(want, "same-site") != 0);
        promise(is_taken == is_wanted,
                is_taken ? "this item is refused" : "this item is taken",
                item);
        promise(!is_taken || strcmp(reading->text, want) == 0,
                "an item is normalised", item);
    }
    if (!is_taken) {
        check_refused(item, list, reading);
        return 0;
    }
    promise(reading->rule == NULL, "what is taken breaks no rule", item);
    promise(memchr(reading->text, '\0', sizeof(reading->text)) != NULL
            && strlen(reading->text) == pattern->n,
            "what is taken has a length", item);
    promise(naive_is_item(reading->text), "what is taken is an item",
            cors_str(reading->text));
    promise(count_stars(item.p, item.n)
            == count_stars(reading->text, pattern->n),
            "every wildcard was written as one", item);
    promise(pattern->facts == facts_of(reading->text, list),
            "the facts about it", cors_str(reading->text));
    check_parts(reading->text, pattern);
    text = exact_copy(cors_str(reading->text));
    promise(cors_pattern_parse(text, list, &again, &twin)
            && strcmp(reading->text, twin.text) == 0
            && again.facts == pattern->facts
            && again.host == pattern->host && again.port == pattern->port,
            "what is taken stays as it is when read again", text);
    check_exact(pattern);
    return 1;
}

static void read_items(cors_str_t line)
{
    cors_str_t word;
    size_t i;

    items_n = 0;
    while (items_n < ITEMS && take_word(&line, &word)) {
        item_t *item = &items[items_n];
        cors_reading_t reading;

        word = exact_copy(word);
        check_item(word, NULL, &item->pattern, &reading);
        if (!check_item(word, few_suffixes(), &item->pattern, &reading)) {
            continue;
        }
        strcpy(item->text, reading.text);
        item->pattern.text = apr_pstrmemdup(input_pool, reading.text,
                                            item->pattern.n);
        item->is_again = 0;
        for (i = 0; i < items_n; i++) {
            item->is_again |= strcmp(items[i].text, item->text) == 0;
        }
        items_n++;
    }
}

/* ----------------------------------------------------------------- sets -- */

/* The same items in three ways, and one set that has a table in any case. */
static cors_origin_set_t as_written, backwards, doubled, large;

static void add(cors_origin_set_t *set, const item_t *item, int line,
                int is_again)
{
    const size_t n = set->n;
    const cors_place_t place = { "fuzz", line };
    const cors_entry_t *entry = cors_origin_set_add(input_pool, set,
                                                    &item->pattern, place);

    promise(strcmp(entry->pattern.text, item->text) == 0,
            "an entry is of its pattern", cors_str(item->text));
    promise(set->n == n + !is_again
            && (entry->place.line == line) == !is_again,
            "the same item again is the first entry", cors_str(item->text));
}

static int is_behind(size_t i)
{
    size_t k;

    for (k = i + 1; k < items_n; k++) {
        if (strcmp(items[i].text, items[k].text) == 0) {
            return 1;
        }
    }
    return 0;
}

static void build_sets(void)
{
    size_t i;

    memset(&as_written, 0, sizeof(as_written));
    memset(&backwards, 0, sizeof(backwards));
    memset(&doubled, 0, sizeof(doubled));
    memset(&large, 0, sizeof(large));
    for (i = 0; i < FILLERS; i++) {
        cors_pattern_t pattern;
        cors_reading_t reading;
        char text[32];
        const cors_place_t place = { "fuzz", 1000 };

        sprintf(text, "filler://f%d", (int)i);
        cors_pattern_parse(cors_str(text), NULL, &pattern, &reading);
        pattern.text = apr_pstrmemdup(input_pool, text, pattern.n);
        cors_origin_set_add(input_pool, &large, &pattern, place);
    }
    for (i = 0; i < items_n; i++) {
        add(&as_written, &items[i], (int)i + 1, items[i].is_again);
        add(&doubled, &items[i], (int)i + 1, items[i].is_again);
        add(&doubled, &items[i], (int)i + 1001, 1);
        if (strncmp(items[i].text, "filler://", 9) != 0) {
            add(&large, &items[i], (int)i + 1, items[i].is_again);
        }
    }
    for (i = items_n; i-- > 0;) {
        add(&backwards, &items[i], (int)i + 1, is_behind(i));
    }
    promise(large.table != NULL, "a large set has a table", cors_str(""));
}

/* What the request was sent to, twice. */
static naive_site_t naive_site_asked;
static cors_site_t site_asked;

/* Looks up one origin in one set. */
static void look_up(const cors_origin_set_t *set, const cors_origin_t *origin,
                    const char *text, unsigned skip, int is_covered)
{
    const cors_question_t question = { .origin = origin, .skip = skip,
                                       .site = &site_asked };
    const cors_entry_t *entry = cors_origin_set_find(set, &question);

    promise(entry != NULL || !is_covered, "a listed origin is found",
            origin->text);
    promise(entry == NULL || is_covered, "an origin that is found is listed",
            origin->text);
    promise(entry == NULL
            || (naive_covers(entry->pattern.text, text, &naive_site_asked)
                && (naive_facts(entry->pattern.text) & skip) == 0),
            "the entry that is found covers the origin", origin->text);
}

/* `value` is an exact copy. */
static void check_origin(cors_str_t value, unsigned skip)
{
    static const naive_site_t nowhere = { "", "", 0 };
    cors_origin_t origin;
    char text[TEXT_MAX];
    int is_covered = 0;
    size_t i;

    promise(!!cors_origin_parse(value, &origin) == naive_is_origin(value),
            "an origin is one", value);
    if (!naive_is_origin(value)) {
        return;
    }
    put_text(value, text, sizeof(text));
    for (i = 0; i < items_n; i++) {
        const item_t *item = &items[i];

        promise(!!cors_pattern_match(&item->pattern, &origin)
                == naive_covers(item->text, text, &nowhere),
                "an item covers what it says", cors_str(item->text));
        promise(!cors_origin_is_insecure(&origin)
                || !cors_pattern_match(&item->pattern, &origin)
                || (item->pattern.facts & (CORS_PATTERN_INSECURE
                                           | CORS_PATTERN_ANY)) != 0,
                "what covers an insecure origin has the fact", value);
        is_covered |= (naive_facts(item->text) & skip) == 0
            && naive_covers(item->text, text, &naive_site_asked);
    }
    look_up(&as_written, &origin, text, skip, is_covered);
    look_up(&backwards, &origin, text, skip, is_covered);
    look_up(&doubled, &origin, text, skip, is_covered);
    if (strncmp(text, "filler://", 9) != 0) {
        look_up(&large, &origin, text, skip, is_covered);
    }
}

/* Origins that an item covers, and near misses: as the item is written but for
 * one of its parts. */
static void check_near(const char *item, unsigned skip)
{
    static const char *const stars[] = { "x", "x.y", "-", "", ".", "evil.x" };
    static const char *const schemes[] = { "http:", "https:", "ws:" };
    static const char *const ports[] = { ":80", ":443", ":8443", "0" };
    enum { STARS = 6, SCHEMES = 3, PORTS = 4 };

    const char *rest = strstr(item, "//");
    const char *star, *port;
    char host[TEXT_MAX], text[4 * TEXT_MAX], scheme[TEXT_MAX];
    size_t front;
    int i;

    if (rest == NULL) {
        return;
    }
    naive_host(item, host);
    star = strchr(host, '*');
    front = star != NULL ? (size_t)(star - host) : strlen(host);
    port = ends_with(item, ":*") ? "" : rest + 2 + strlen(host);
    if (rest == item) {
        strcpy(scheme, "http:");
    }
    else {
        sprintf(scheme, "%.*s", (int)(rest - item), item);
    }
    for (i = 0; i < STARS + SCHEMES + PORTS; i++) {
        const int k = i - STARS;

        sprintf(text, "%s//%.*s%s%s%s",
                k >= 0 && k < SCHEMES ? schemes[k] : scheme, (int)front, host,
                star == NULL ? "" : k < 0 ? stars[i] : "x",
                star == NULL ? "" : star + 1,
                k >= SCHEMES ? ports[k - SCHEMES] : port);
        check_origin(exact_copy(cors_str(text)), skip);
    }
    /* Without what stands in front of the domain, and with something glued to
     * it. */
    if (star != NULL) {
        const char *domain = strchr(star, '.') + 1;

        sprintf(text, "%s//%s%s", scheme, domain, port);
        check_origin(exact_copy(cors_str(text)), skip);
        sprintf(text, "%s//evil%s%s", scheme, domain, port);
        check_origin(exact_copy(cors_str(text)), skip);
    }
}

static void read_site(cors_str_t line, int is_secure)
{
    cors_str_t host, port;

    cors_authority_split(line, &host, &port);
    if (!put_text(host, naive_site_asked.host, sizeof(naive_site_asked.host))
        || !naive_is_host(naive_site_asked.host, 1)) {
        naive_site_asked.host[0] = '\0';
        host.n = 0;
    }
    naive_site_asked.port = "";
    naive_site_asked.is_secure = is_secure;
    site_asked.host = host;
    site_asked.port = cors_str("");
    site_asked.is_secure = is_secure;
    site_asked.suffixes = few_suffixes();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    cors_str_t rest = begin_input(bytes, n);
    cors_str_t choices = take_line(&rest);
    const unsigned one = take_choice(&choices), other = take_choice(&choices);
    const unsigned skip = (one ? 1u << (one - 1) % 10 : 0)
        | (other ? 1u << (other - 1) % 10 : 0);
    const int is_secure = take_choice(&choices) == 1;
    size_t i;

    read_site(take_line(&rest), is_secure);
    read_items(take_line(&rest));
    build_sets();
    for (i = 0; i < 3 && i < items_n; i++) {
        check_near(items[i].text, skip);
    }
    for (i = 0; i < ORIGINS && rest.n > 0; i++) {
        const cors_str_t value = take_line(&rest);
        cors_pattern_t pattern;
        cors_reading_t reading;

        check_origin(value, skip);
        check_item(value, few_suffixes(), &pattern, &reading);
    }
    check_origin(cors_str("null"), skip);
    end_input();
    return 0;
}
