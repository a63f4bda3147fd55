/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_lines.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "invent.h"
#include "items.h"
#include "suffixes.h"
#include "tap.h"

#define MARK "\xef\xbb\xbf"

static apr_pool_t *pool;
static const cors_suffixes_t *list;

/* Where the lines are said to stand. */
static const char file_name[] = "origins.txt";

static int read_lines(cors_str_t text, cors_origin_set_t *set,
                      cors_fault_t *fault)
{
    memset(set, 0, sizeof(*set));
    return cors_lines_read(pool, text, file_name, list, set, fault);
}

/* ----------------------------------------------------- what is accepted -- */

/* The entries, "line:text " of each. */
static const char *describe(const cors_origin_set_t *set)
{
    const char *all = "";
    unsigned i;

    for (i = 0; i < set->n; i++) {
        const cors_entry_t *entry = cors_origin_set_at(set, i);

        all = apr_psprintf(pool, "%s%d:%.*s ", all, entry->place.line,
                           (int)entry->pattern.n, entry->pattern.text);
    }
    return all;
}

static void test_accepted(void)
{
    static const struct {
        const char *what;
        const char *text;
        size_t n;
        const char *want;
    } rows[] = {
        { "one origin", BYTES("https://a.example\n"),
          "1:https://a.example " },
        { "several", BYTES("https://a.example\nnull\n*\nsame-site\n"
                           "//b.example\nhttps://*.c.example:*\n"),
          "1:https://a.example 2:null 3:* 4:same-site 5://b.example "
          "6:https://*.c.example:* " },
        { "an empty file", BYTES(""), "" },
        { "an empty line", BYTES("\n"), "" },
        { "blank lines are counted", BYTES("\n \n\t\nnull\n\n*\n\n"),
          "4:null 6:* " },
        { "no line end behind the last line", BYTES("null\n*"),
          "1:null 2:* " },
        { "no line end behind the only line", BYTES("*"), "1:* " },
        { "no line end behind blanks", BYTES("*\n  "), "1:* " },

        { "blanks in front and behind", BYTES("  null  \n\t*\t\n \t * \t \n"),
          "1:null 2:* " },
        { "carriage returns at the ends of lines",
          BYTES("null\r\n\r\n*\r\n"), "1:null 3:* " },
        { "blanks in front of one", BYTES("null \t\r\n"), "1:null " },
        { "one at the end of the file", BYTES("null\r"), "1:null " },
        { "several", BYTES("null\r\r\n"), "1:null " },

        { "a comment", BYTES("# null\nnull\n"), "2:null " },
        { "a comment alone, without a line end", BYTES("#"), "" },
        { "blanks in front of a comment", BYTES(" \t# null\n*\n"), "2:* " },
        { "a comment behind an item", BYTES("null # of the app\n*\n"),
          "1:null 2:* " },
        { "a comment that touches the item", BYTES("null#x\n*\n"),
          "1:null 2:* " },
        { "a comment of several '#'", BYTES("null ## x # *\n"), "1:null " },
        { "a comment that would be refused", BYTES("# -none , https://a/\n"),
          "" },
        { "a comment with a carriage return", BYTES("# x\r\nnull # y\r\n"),
          "2:null " },
        { "a comment that holds any bytes",
          BYTES("# \0 \xff\xfe " MARK " \r \x1f\nnull #\0\n"), "2:null " },
        { "a comment at the end of the file", BYTES("null\n# end"),
          "1:null " },

        { "a byte order mark", BYTES(MARK "null\n"), "1:null " },
        { "a byte order mark alone", BYTES(MARK), "" },
        { "a byte order mark on a line of its own", BYTES(MARK "\nnull\n"),
          "2:null " },
        { "a byte order mark in front of a comment",
          BYTES(MARK "# x\r\nnull\r\n"), "2:null " },

        { "what has one obvious meaning is mended",
          BYTES("HTTPS://A.Example:443\nhttp://[0::1]:80\n"
                "https://PR-*.Example.com\n"),
          "1:https://a.example 2:http://[::1] 3:https://pr-*.example.com " },
        { "an origin twice is the first",
          BYTES("null\nhttps://a.example\nnull\nhttps://a.example\n"),
          "1:null 2:https://a.example " },
        { "an origin again in other letters is the first",
          BYTES("HTTPS://a.example\nhttps://A.example:443\n"
                "https://a.example\n"), "1:https://a.example " },
        { "an origin again in a long file is the first",
          BYTES("https://1.b\nhttps://2.b\nhttps://3.b\nhttps://4.b\n"
                "https://5.b\nhttps://6.b\nhttps://2.b\nhttps://6.b\n"),
          "1:https://1.b 2:https://2.b 3:https://3.b 4:https://4.b "
          "5:https://5.b 6:https://6.b " },
        { "a name that begins like a word", BYTES("https://none\n"
                                                  "none://host\n"),
          "1:https://none 2:none://host " }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const cors_str_t text = exact_n(rows[i].text, rows[i].n);
        cors_origin_set_t set;
        cors_fault_t fault;

        if (ok(read_lines(text, &set, &fault), "accepted: %s",
               rows[i].what)) {
            is(cors_str(describe(&set)), rows[i].want, rows[i].what,
               "entries");
        }
        drop(text);
    }
}

/* What an entry of a file knows of itself. */
static void test_entries(void)
{
    static const char *const given[] = {
        "*", "null", "https://*.com", "HTTP://A.example"
    };
    static const unsigned facts[] = {
        CORS_PATTERN_ANY, CORS_PATTERN_NULL,
        CORS_PATTERN_SUBDOMAINS | CORS_PATTERN_PUBLIC_SUFFIX,
        CORS_PATTERN_INSECURE
    };
    static const char text[] = "*\nnull\nhttps://*.com\nHTTP://A.example\n";
    cors_origin_set_t set;
    cors_fault_t fault;
    unsigned i;

    if (!ok(read_lines(cors_str(text), &set, &fault) && set.n == 4,
            "a file of four")) {
        return;
    }
    for (i = 0; i < set.n; i++) {
        const cors_entry_t *entry = cors_origin_set_at(&set, i);

        ok(entry->pattern.facts == (facts[i] | CORS_ENTRY_GRANTS
                                    | CORS_ENTRY_LINE),
           "'%s': facts of the pattern, and that it is a line", given[i]);
        ok(entry->place.file == file_name
           && entry->place.line == (int)i + 1, "'%s': its place", given[i]);
        ok(!cors_entry_removes(entry) && cors_entry_source(entry) == NULL,
           "'%s': a pattern that grants", given[i]);
        is(cors_str(cors_entry_directive(entry)), "CorsAllowOriginSource",
           given[i], "directive");
    }
}

/* ------------------------------------------------------ what is refused -- */

#define SIGN_RULE "must be written without a sign"
#define NONE_RULE "must not stand in a file; leave the file empty"
#define ONE_RULE  "must be one item; write each on its own line"

static void test_refused_lines(void)
{
    static const struct {
        const char *what;
        const char *text;
        size_t n;
        int line;
        const char *item;
        const char *rule;       /* NULL: one of cors_pattern_parse() */
        const char *instead;
    } rows[] = {
        { "'+'", BYTES("+https://a.example\n"), 1, "+https://a.example",
          SIGN_RULE, "" },
        { "'-'", BYTES("null\n-https://a.example\n"), 2,
          "-https://a.example", SIGN_RULE, "" },
        { "a sign alone", BYTES("-\n"), 1, "-", SIGN_RULE, "" },
        { "a sign and a blank", BYTES("- null\n"), 1, "- null", SIGN_RULE,
          "" },
        { "a sign in front of none", BYTES("-none\n"), 1, "-none", SIGN_RULE,
          "" },
        { "none", BYTES("none\n"), 1, "none", NONE_RULE, "" },
        { "none among others", BYTES("*\nnone\n"), 2, "none", NONE_RULE, "" },
        { "none in other letters", BYTES("None\n"), 1, "None", NONE_RULE,
          "" },
        { "two items", BYTES("null *\n"), 1, "null *", ONE_RULE, "" },
        { "two items and a tab", BYTES("null\t*\n"), 1, "null\t*", ONE_RULE,
          "" },
        { "lines that end with a carriage return alone",
          BYTES("null\r*\r"), 1, "null\r*", ONE_RULE, "" },
        { "none and another item", BYTES("none null\n"), 1, "none null",
          ONE_RULE, "" },
        { "a value beside each origin, as for httxt2dbm",
          BYTES("https://a.example 1\n"), 1, "https://a.example 1", ONE_RULE,
          "" },
        { "quotes", BYTES("\"https://a.example\"\n"), 1,
          "\"https://a.example\"", NULL, NULL },

        { "a slash", BYTES("# x\n\nhttps://a.example/\n"), 3,
          "https://a.example/", PATH_RULE, "https://a.example" },
        { "no scheme", BYTES("null\r\na.example\r\n"), 2, "a.example",
          SCHEME_RULE, "https://a.example" },
        { "blanks and a comment around it", BYTES("  a.example \t# x\n"), 1,
          "a.example", SCHEME_RULE, "https://a.example" },
        { "the first of several is told of",
          BYTES("null\na.example\nb.example\n-*\n"), 2, "a.example",
          SCHEME_RULE, "https://a.example" },
        { "good ones behind it do not help", BYTES("NULL\nnull\n"), 1,
          "NULL", CASE_RULE, "null" },
        { "a last line without an end", BYTES("null\nhttps://a.exa/"), 2,
          "https://a.exa/", PATH_RULE, "https://a.exa" },
        { "a line behind a mark", BYTES(MARK "a.example\n"), 1, "a.example",
          SCHEME_RULE, "https://a.example" },
        { "a comma list", BYTES("https://a.example,https://b.example\n"), 1,
          "https://a.example,https://b.example", COMMA_RULE, "" },
        { "a file: origin", BYTES("file://host\n"), 1, "file://host",
          FILE_RULE, "" },

        { "a mark on another line", BYTES("null\n" MARK "*\n"), 2, MARK "*",
          NULL, NULL },
        { "two marks", BYTES(MARK MARK "*\n"), 1, MARK "*", NULL, NULL },
        { "part of a mark", BYTES("\xef\xbb"), 1, "\xef\xbb", NULL, NULL },
        { "a mark of UTF-16", BYTES("\xff\xfe*\n"), 1, "\xff\xfe*", NULL,
          NULL },
        { "a form feed is no blank", BYTES("\f*\n"), 1, "\f*", NULL, NULL },
        { "nor is a vertical tab", BYTES("*\v\n"), 1, "*\v", NULL, NULL },
        { "nor is a no-break space", BYTES("*\xc2\xa0\n"), 1, "*\xc2\xa0",
          NULL, NULL },
        { "a line separator ends no line",
          BYTES("https://a.example\xe2\x80\xa8null\n"), 1,
          "https://a.example\xe2\x80\xa8null", NULL, NULL }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const cors_str_t text = exact_n(rows[i].text, rows[i].n);
        cors_origin_set_t set;
        cors_fault_t fault;

        memset(&fault, 0xff, sizeof(fault));
        if (!ok(!read_lines(text, &set, &fault), "refused: %s",
                rows[i].what)) {
            drop(text);
            continue;
        }
        ok(fault.line == rows[i].line, "%s: line %d", rows[i].what,
           rows[i].line);
        is(fault.item, rows[i].item, rows[i].what, "the item");
        ok(fault.item.p >= text.p
           && fault.item.p + fault.item.n <= text.p + text.n,
           "%s: the item is of the text", rows[i].what);
        if (rows[i].rule != NULL) {
            is(cors_str(fault.reading.rule), rows[i].rule, rows[i].what,
               "rule");
        }
        ok(strncmp(fault.reading.rule, "must ", 5) == 0,
           "%s: the rule follows the item", rows[i].what);
        if (rows[i].instead != NULL) {
            is(cors_str(fault.reading.text), rows[i].instead, rows[i].what,
               "instead");
        }
        drop(text);
    }
}

/* NUL is no end of anything, and nothing that could be overlooked. */
static void test_nul(void)
{
    static const struct {
        const char *what;
        const char *text;
        size_t n;
        size_t item_n;
    } rows[] = {
        { "behind an item", BYTES("*\nnull\0\n"), 5 },
        { "in front of one", BYTES("*\n\0null\n"), 5 },
        { "inside of one", BYTES("*\nhttps://a\0.example\n"), 18 },
        { "in front of a blank", BYTES("*\nnull\0 \n"), 5 },
        { "on a line of its own", BYTES("*\n\0\nnull\n"), 1 },
        { "at the end of the file", BYTES("*\n\0"), 1 },
        { "in every other byte, as of UTF-16", BYTES("\n*\0\n\0"), 2 }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const cors_str_t text = exact_n(rows[i].text, rows[i].n);
        cors_origin_set_t set;
        cors_fault_t fault;

        ok(!read_lines(text, &set, &fault) && fault.line == 2
           && fault.item.n == rows[i].item_n
           && memchr(fault.item.p, '\0', fault.item.n) != NULL,
           "NUL %s is refused", rows[i].what);
        drop(text);
    }
}

/* ------------------------------------------------ as in CorsAllowOrigin -- */

/* Is an item alone on a line judged as cors_pattern_parse() judges it? It has
 * no byte with a meaning of its own in a file. */
static int is_judged_alike(cors_str_t item)
{
    char *line = malloc(item.n + 1);
    const cors_str_t text = { line, item.n + 1 };
    cors_pattern_t pattern;
    cors_reading_t reading;
    cors_origin_set_t set;
    cors_fault_t fault;
    int is_taken, is_same;

    memcpy(line, item.p, item.n);
    line[item.n] = '\n';
    is_taken = cors_pattern_parse(item, list, &pattern, &reading);
    if (is_taken != read_lines(text, &set, &fault)) {
        is_same = 0;
    }
    else if (is_taken) {
        const cors_entry_t *entry = cors_origin_set_at(&set, 0);

        is_same = set.n == 1
            && cors_str_is(cors_entry_text(entry), reading.text)
            && entry->pattern.facts == (pattern.facts | CORS_ENTRY_GRANTS
                                        | CORS_ENTRY_LINE)
            && entry->pattern.host == pattern.host
            && entry->pattern.host_n == pattern.host_n
            && entry->pattern.star == pattern.star
            && entry->pattern.port == pattern.port;
    }
    else {
        is_same = fault.line == 1 && cors_str_eq(fault.item, item)
            && strcmp(fault.reading.rule, reading.rule) == 0
            && strcmp(fault.reading.text, reading.text) == 0;
    }
    drop(text);
    return is_same;
}

/* Does a byte of it mean something else in a file than in a directive? */
static int is_special(cors_str_t item)
{
    static const char special[] = " \t\r\n#";
    size_t i;

    for (i = 0; i < item.n; i++) {
        if (memchr(special, item.p[i], sizeof(special) - 1) != NULL) {
            return 1;
        }
    }
    return item.n == 0 || *item.p == '+' || *item.p == '-'
        || cors_str_ieq(item, cors_str("none"));
}

static void test_rows(void)
{
    size_t i;

    for (i = 0; i < COUNT(patterns); i++) {
        ok(is_judged_alike(cors_str(patterns[i].item)),
           "accepted as in CorsAllowOrigin: %s", patterns[i].what);
    }
    for (i = 0; i < COUNT(no_patterns); i++) {
        const cors_str_t item = { no_patterns[i].item, no_patterns[i].n };

        if (!is_special(item)) {
            ok(is_judged_alike(item), "refused as in CorsAllowOrigin: %s",
               no_patterns[i].what);
        }
    }
}

/* Items with a byte changed, put in or taken out. */
static void test_changed(void)
{
    unsigned long taken = 0, refused = 0, wrong = 0;
    int round;

    for (round = 0; round < 40000; round++) {
        char text[TEXT_MAX + 2];
        cors_pattern_t pattern;
        cors_reading_t reading;
        cors_str_t item;
        size_t at;

        invent_item(text, roll(3));
        at = roll((unsigned)strlen(text));
        switch (roll(4)) {
        case 0:
            text[at] = (char)(1 + roll(255));
            break;
        case 1:
            memmove(text + at + 1, text + at, strlen(text + at) + 1);
            text[at] = (char)(1 + roll(255));
            break;
        case 2:
            memmove(text + at, text + at + 1, strlen(text + at));
            break;
        default:
            ;
        }
        item = exact(text);
        if (!is_special(item)) {
            *(cors_pattern_parse(item, list, &pattern, &reading)
                  ? &taken : &refused) += 1;
            if (!is_judged_alike(item) && wrong++ == 0) {
                printf("#   first: %s\n", text);
            }
        }
        drop(item);
        if (round % 1000 == 0) {
            apr_pool_clear(pool);
        }
    }
    ok(wrong == 0, "changed items are judged as in CorsAllowOrigin");
    ok(taken > 5000 && refused > 5000, "of which %lu were taken, %lu refused",
       taken, refused);
}

/* ----------------------------------------------------------- long lines -- */

/* Some text with so many bytes of filling in its place. */
static cors_str_t filled(const char *before, size_t n, char fill,
                         const char *after)
{
    const size_t from = strlen(before);
    char *text = malloc(from + n + strlen(after));
    const cors_str_t all = { text, from + n + strlen(after) };

    memcpy(text, before, from);
    memset(text + from, fill, n);
    memcpy(text + from + n, after, strlen(after));
    return all;
}

static void test_long(void)
{
    static const char longest[] =
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl://";
    static const size_t host = CORS_ORIGIN_MAX - (sizeof(longest) - 1);
    static const struct {
        const char *what;
        const char *before;
        size_t n;
        char fill;
        const char *after;
        int line;               /* that is refused; 0: none */
        unsigned entries;
    } rows[] = {
        { "a comment of a megabyte", "null # ", 1 << 20, 'x', "\n*\n", 0, 2 },
        { "a megabyte of '#'", "null", 1 << 20, '#', "\n*\n", 0, 2 },
        { "a megabyte of blanks in front", "", 1 << 20, ' ', "null\n*\n", 0,
          2 },
        { "a megabyte of blanks behind", "null", 1 << 20, '\t', "\n*\n", 0,
          2 },
        { "a megabyte of line ends", "null\n", 1 << 20, '\n', "*\n", 0, 2 },
        { "a megabyte of carriage returns", "", 1 << 20, '\r', "null", 0,
          1 },
        { "an item of a megabyte", "null\nhttps://", 1 << 20, 'x', "\n*\n",
          2, 0 },
        { "a megabyte of NUL", "null\n", 1 << 20, '\0', "\n*\n", 2, 0 },
        { "two items a megabyte apart", "null", 1 << 20, ' ', "*\n", 1, 0 }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const cors_str_t text = filled(rows[i].before, rows[i].n,
                                       rows[i].fill, rows[i].after);
        cors_origin_set_t set;
        cors_fault_t fault;
        const int is_read = read_lines(text, &set, &fault);

        ok(is_read ? rows[i].line == 0 && set.n == rows[i].entries
                   : fault.line == rows[i].line, "%s: %s", rows[i].what,
           rows[i].line == 0 ? "accepted" : "refused");
        drop(text);
    }
    for (i = 0; i <= 1; i++) {
        const cors_str_t text = filled(longest, host + i, 'x', "\r\n");
        cors_origin_set_t set;
        cors_fault_t fault;

        ok(read_lines(text, &set, &fault) == !i
           && (i ? fault.item.n == CORS_ORIGIN_MAX + 1
                 : cors_origin_set_at(&set, 0)->pattern.n == CORS_ORIGIN_MAX),
           "an item of %d bytes is %s", CORS_ORIGIN_MAX + (int)i,
           i ? "refused" : "accepted");
        drop(text);
    }
}

/* ----------------------------------------------------------- many lines -- */

#define MANY 100000

/* The number of the entry that covers an origin; -1: none. */
static int number_of(const cors_entry_t *entry)
{
    return entry != NULL ? entry->place.line : -1;
}

static void test_many(void)
{
    const cors_place_t place = { file_name, 1 };
    char *bytes = malloc(MANY * TEXT_MAX);
    cors_origins_t *plain = cors_origins_make(pool, place);
    cors_str_t text = { bytes, 0 };
    cors_origin_set_t set;
    cors_fault_t fault;
    unsigned long covered = 0, wrong = 0;
    int i;

    for (i = 1; i <= MANY; i++) {
        const cors_place_t here = { file_name, i };
        cors_pattern_t pattern;
        cors_reading_t reading;
        char item[TEXT_MAX];

        /* One that covers everything would hide the others. */
        do {
            invent_item(item, 5000);
        } while (strcmp(item, "*") == 0);
        cors_pattern_parse(cors_str(item), list, &pattern, &reading);
        pattern.text = apr_pstrmemdup(pool, reading.text, pattern.n);
        cors_origins_add(pool, plain, &pattern, here, 0);
        text.n += (size_t)sprintf(bytes + text.n, "%s\n", item);
    }
    if (!ok(read_lines(text, &set, &fault), "%d lines", MANY)) {
        free(bytes);
        return;
    }
    ok(set.n == plain->grants.n, "%u of them differ, as in CorsAllowOrigin",
       set.n);
    for (i = 0; i < MANY; i++) {
        char value[TEXT_MAX];
        cors_origin_t origin;
        cors_question_t question = { .origin = &origin };

        invent_origin(value, 5000);
        if (roll(3) > 0) {
            const cors_entry_t *near =
                cors_origin_set_at(&set, roll(set.n));

            invent_near(value, apr_pstrmemdup(pool, near->pattern.text,
                                              near->pattern.n));
        }
        if (cors_origin_parse(cors_str(value), &origin)) {
            const cors_entry_t *got = cors_origin_set_find(&set, &question);

            covered += got != NULL;
            wrong += number_of(got)
                != number_of(cors_origins_find(&plain->list, &question));
        }
    }
    ok(wrong == 0, "the answers are those of the same items in "
       "CorsAllowOrigin");
    ok(covered > MANY / 3 && covered < MANY - MANY / 10,
       "%lu of %d origins were covered", covered, MANY);
    free(bytes);
}

/* ---------------------------------------------------------- is it ended -- */

static void test_ended(void)
{
    static const struct {
        const char *what;
        const char *text;
        size_t n;
        int want;
    } rows[] = {
        { "a line", BYTES("null\n"), 1 },
        { "a line that ends with CRLF", BYTES("null\r\n"), 1 },
        { "a blank line", BYTES("\n"), 1 },
        { "a comment", BYTES("# x\n"), 1 },
        { "NUL in front of the end", BYTES("\0\n"), 1 },
        { "nothing", BYTES(""), 0 },
        { "a line without an end", BYTES("null"), 0 },
        { "another line without an end", BYTES("null\n*"), 0 },
        { "a blank behind the end", BYTES("null\n "), 0 },
        { "half of CRLF", BYTES("null\r"), 0 },
        { "a comment without an end", BYTES("null\n#"), 0 },
        { "NUL behind the end", BYTES("null\n\0"), 0 }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const cors_str_t text = exact_n(rows[i].text, rows[i].n);

        ok(!cors_lines_are_ended(text) == !rows[i].want, "%s: %s",
           rows[i].what, rows[i].want ? "ended" : "may go on");
        drop(text);
    }
    ok(!cors_lines_are_ended(cors_str(NULL)), "no text at all: may go on");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    list = system_suffixes();
    test_accepted();
    test_entries();
    test_refused_lines();
    test_nul();
    test_rows();
    test_changed();
    test_long();
    test_many();
    test_ended();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
