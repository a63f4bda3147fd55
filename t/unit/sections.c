/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/* Nested sections: which entry decides, and which are in force. */
#include "cors_origins.h"

#include <apr_general.h>

#include "sections.h"
#include "tap.h"

static apr_pool_t *pool;

/* The last source that could not answer. */
static const cors_entry_t *failed;

/* Asks with a site and a request that can be recognised. */
static const cors_entry_t *find(const cors_list_t *list, const char *text,
                                unsigned skip)
{
    static int request;

    const cors_site_t site = { CORS_STR("www.a.example"), CORS_STR(""), 1,
                               system_suffixes() };
    cors_str_t value = exact(text);
    cors_origin_t origin;
    cors_question_t question = { .origin = &origin, .skip = skip,
                                 .site = &site, .request = &request,
                                 .failed = &failed };
    const cors_entry_t *entry = NULL;

    failed = NULL;
    forget_asked();
    if (cors_origin_parse(value, &origin)) {
        entry = cors_origins_find(list, &question);
    }
    if (*sources_asked != '\0') {
        ok(sources_question.origin == &origin
           && sources_question.site == &site
           && sources_question.request == &request
           && sources_question.skip == skip
           && sources_question.failed == &failed,
           "%s: sources are asked the whole question", text);
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
        { "'same-site'", "same-site", "https://x.a.example", 0,
          "same-site" },
        { "'same-site' gives way to what is listed beside it",
          "same-site https://x.a.example", "https://x.a.example", 0,
          "https://x.a.example" },
        { "'-' beats 'same-site' beside it",
          "same-site -https://x.a.example", "https://x.a.example", 0,
          "-https://x.a.example" },
        { "an inner 'same-site' decides before an outer '-'",
          "-https://x.a.example | +same-site", "https://x.a.example", 0,
          "same-site" },
        { "'-same-site' carves the site out", "* | -same-site",
          "https://x.a.example", 0, "-same-site" },
        { "'-same-site' leaves the others", "* | -same-site",
          "https://x.b.example", 0, "*" },
        { "'-same-site' is never skipped", "* | -same-site",
          "https://x.a.example", CORS_PATTERN_SAME_SITE, "-same-site" },
        { "a skipped 'same-site'", "same-site", "https://x.a.example",
          CORS_PATTERN_SAME_SITE, NULL },
        { "'same-site' does not cover null", "same-site", "null", 0, NULL },
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
        { "none | +https://a.example", 0, 1 },
        { "same-site", 0, 1 },
        { "* same-site", 0, 1 },
        { "* | -same-site", 0, 1 },
        { "-same-site", 0, 0 },
        { "~https://*", 0, 1 },
        { "* ~https://*", 0, 1 },
        { "* | ~https://*", 0, 1 },
        { "~https://* | *", 1, 1 },
        { "none ?https://*", 0, 1 },
        { "~https://* ?https://* | none", 0, 0 },
        { "-https://a.example ?https://*", 0, 1 },
        { "@https://*", 0, 1 },
        { "<https://a.example", 0, 1 },
        { "<", 0, 1 },
        { "<*", 0, 1 },
        { "* | <*", 0, 1 },
        { "<* | *", 1, 1 },
        { "@* <* | none", 0, 0 }
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

/* ------------------------------------------------------------- sources -- */

static void test_sources(void)
{
    static const struct {
        const char *what;
        const char *list;
        const char *origin;
        unsigned skip;
        const char *want;       /* as above */
        const char *asked;      /* the sources, in order */
    } rows[] = {
        { "a source allows", "~https://*.a.example", "https://x.a.example", 0,
          "https://*.a.example", "https://*.a.example " },
        { "a source does not know the origin", "~https://*.a.example",
          "https://a.example", 0, NULL, "https://*.a.example " },
        { "the first that covers the origin decides",
          "~x ?https://* ~y ~https://*.example ?z", "https://b.example", 0,
          "https://*", "x https://* " },
        { "all are asked, in the order they stand", "?c ~b ?a ~d",
          "https://b.example", 0, NULL, "c b a d " },
        { "patterns are tried before sources",
          "~https://* https://b.example", "https://b.example", 0,
          "https://b.example", "" },
        { "'*' is tried before sources", "~https://* *",
          "https://b.example", 0, "*", "" },
        { "'same-site' is tried before sources", "~https://* same-site",
          "https://b.a.example", 0, "same-site", "" },
        { "sources are tried before sections further out",
          "https://b.example | ~https://*", "https://b.example", 0,
          "https://*", "https://* " },
        { "sections further in are tried before sources",
          "~https://* | +https://b.example", "https://b.example", 0,
          "https://b.example", "" },
        { "a source that does not know it lets outer sections answer",
          "https://b.example | ~x", "https://b.example", 0,
          "https://b.example", "x " },
        { "'-' beats a source beside it", "~https://* -https://b.example",
          "https://b.example", 0, "-https://b.example", "" },
        { "'-' in front of a source beats it",
          "-https://*.example ?https://*", "https://b.example", 0,
          "-https://*.example", "" },
        { "'-' leaves the other origins to the source",
          "~https://* -https://b.example", "https://c.example", 0,
          "https://*", "https://* " },
        { "'-' further in beats a source", "~https://* | -https://b.example",
          "https://b.example", 0, "-https://b.example", "" },
        { "'-' further out does not", "-https://b.example | ~https://*",
          "https://b.example", 0, "https://*", "https://* " },
        { "a source is never asked about null", "~* ?*", "null", 0, NULL,
          "" },
        { "null beside sources", "~* null", "null", 0, "null", "" },
        { "null behind sources", "null | ~*", "null", 0, "null", "" },
        { "a source is asked about other schemes", "~capacitor://*",
          "capacitor://localhost", 0, "capacitor://*", "capacitor://* " },
        { "nor about what is no origin", "~* ?*", "https://a.example/", 0,
          NULL, "" },

        { "inner expressions end outer ones", "~https://* | ~x",
          "https://b.example", 0, NULL, "x " },
        { "inner conditions end outer ones", "?https://* | ?x",
          "https://b.example", 0, NULL, "x " },
        { "inner expressions leave outer conditions", "?https://* | ~x",
          "https://b.example", 0, "https://*", "x https://* " },
        { "inner conditions leave outer expressions", "~https://* | ?x",
          "https://b.example", 0, "https://*", "x https://* " },
        { "inner expressions end only expressions",
          "~a ?https://* ~b | ~x", "https://b.example", 0, "https://*",
          "x https://* " },
        { "both end both", "~https://* ?https://* | ~x ?y",
          "https://b.example", 0, NULL, "x y " },
        { "one after the other end both",
          "~https://* ?https://* | ~x | ?y", "https://b.example", 0, NULL,
          "y x " },
        { "a section in between does not matter",
          "~https://* | +https://c.example | ~x", "https://b.example", 0,
          NULL, "x " },
        { "what is ended stays ended further out", "~https://* | ?y | ~x",
          "https://b.example", 0, NULL, "x y " },
        { "what is ended ends too", "?https://* | ~a ?b | ~x",
          "https://b.example", 0, NULL, "x b " },
        { "a section's own are not ended by each other", "~a ~https://*",
          "https://b.example", 0, "https://*", "a https://* " },
        { "patterns end no sources", "~https://* | +https://c.example",
          "https://b.example", 0, "https://*", "https://* " },
        { "a plain value ends them", "~https://* ?* | https://c.example",
          "https://b.example", 0, NULL, "" },
        { "none ends them", "~https://* ?* | none", "https://b.example", 0,
          NULL, "" },
        { "none beside a source leaves it",
          "https://b.example ~* ?* | none ~https://*", "https://b.example",
          0, "https://*", "https://* " },
        { "sources end no patterns", "https://b.example | ~x ?y",
          "https://b.example", 0, "https://b.example", "x y " },

        { "a loose source is skipped unasked", "~https://*!loose ~x",
          "https://b.example", CORS_ENTRY_LOOSE, NULL, "x " },
        { "a loose source where that is no matter", "~https://*!loose",
          "https://b.example", CORS_ENTRY_HTTP_TOO | CORS_ENTRY_STRANGERS,
          "https://*", "https://* " },
        { "one that accepts http is skipped unasked", "~*!http ~x",
          "https://b.example", CORS_ENTRY_HTTP_TOO, NULL, "x " },
        { "one that accepts http where that is no matter", "~*!http",
          "https://b.example",
          CORS_ENTRY_LOOSE | CORS_ENTRY_STRANGERS | CORS_PATTERN_INSECURE,
          "*", "* " },
        { "one that may allow strangers has to find out",
          "?https://*!strangers", "https://b.example", CORS_ENTRY_STRANGERS,
          NULL, "https://* " },
        { "one that may allow strangers where that is no matter",
          "?https://*!strangers", "https://b.example",
          CORS_ENTRY_LOOSE | CORS_ENTRY_HTTP_TOO, "https://*",
          "https://* " },
        { "a skipped source still ends outer ones", "~https://* | ~x!loose",
          "https://b.example", CORS_ENTRY_LOOSE, NULL, "" },
        { "a skipped source lets the next one answer",
          "~https://*!loose ~https://b*", "https://b.example",
          CORS_ENTRY_LOOSE, "https://b*", "https://b* " },
        { "a skipped source lets outer sections answer",
          "https://b.example | ~https://*!http", "https://b.example",
          CORS_ENTRY_HTTP_TOO, "https://b.example", "" },
        { "a skipped pattern lets a source answer",
          "http://b.example ~http://*", "http://b.example",
          CORS_PATTERN_INSECURE, "http://*", "http://* " },

        { "a provider allows", "@https://*.a.example", "https://x.a.example",
          0, "https://*.a.example", "https://*.a.example " },
        { "a provider does not know the origin", "@https://*.a.example",
          "https://a.example", 0, NULL, "https://*.a.example " },
        { "a line of a file allows", "<https://a.example,https://*.b.example",
          "https://x.b.example", 0, "https://*.b.example",
          "https://a.example,https://*.b.example " },
        { "a line of a long file allows",
          "<https://1.b,https://2.b,https://3.b,https://4.b,https://5.b",
          "https://5.b", 0, "https://5.b",
          "https://1.b,https://2.b,https://3.b,https://4.b,https://5.b " },
        { "no line of a file covers the origin", "<https://a.example,null",
          "https://b.example", 0, NULL, "https://a.example,null " },
        { "'same-site' in a file", "<same-site", "https://x.a.example", 0,
          "same-site", "same-site " },
        { "sources of all directives, in the order they stand",
          "@c <null ~b ?a @e", "https://b.example", 0, NULL,
          "c null b a e " },
        { "null in a file", "<https://a.example,null", "null", 0, "null",
          "https://a.example,null " },
        { "'*' in a file covers null", "<*", "null", 0, "*", "* " },
        { "of all sources only a file is asked about null",
          "@* <https://a.example ~* ?*", "null", 0, NULL,
          "https://a.example " },
        { "null behind a file", "null | <https://a.example", "null", 0,
          "null", "https://a.example " },
        { "neither is asked about what is no origin", "@* <*",
          "https://a.example/", 0, NULL, "" },
        { "patterns are tried before files and providers",
          "@https://* <* https://b.example", "https://b.example", 0,
          "https://b.example", "" },
        { "'-' beats a file beside it", "<https://b.example "
          "-https://b.example", "https://b.example", 0, "-https://b.example",
          "" },
        { "'-' beats a provider beside it", "@https://* -https://b.example",
          "https://b.example", 0, "-https://b.example", "" },
        { "'-' further in beats both", "@https://* <* | -https://b.example",
          "https://b.example", 0, "-https://b.example", "" },
        { "'-' further out does not beat a file",
          "-https://b.example | <https://b.example", "https://b.example", 0,
          "https://b.example", "https://b.example " },
        { "'-' further out does not beat a provider",
          "-https://b.example | @https://*", "https://b.example", 0,
          "https://*", "https://* " },

        { "an inner provider ends outer ones", "@https://* | @x",
          "https://b.example", 0, NULL, "x " },
        { "an inner file ends outer ones", "<https://b.example | <null",
          "https://b.example", 0, NULL, "null " },
        { "an inner file ends outer providers", "@https://* | <null",
          "https://b.example", 0, NULL, "null " },
        { "an inner provider ends outer files", "<https://b.example | @x",
          "https://b.example", 0, NULL, "x " },
        { "an empty file ends outer ones", "@https://* | <",
          "https://b.example", 0, NULL, " " },
        { "they end no sources of other directives",
          "~a ?https://* | @x <null", "https://b.example", 0, "https://*",
          "x null a https://* " },
        { "those of other directives do not end them",
          "@https://* | ~x ?y", "https://b.example", 0, "https://*",
          "x y https://* " },
        { "they end no patterns", "https://b.example | <null @x",
          "https://b.example", 0, "https://b.example", "null x " },
        { "patterns do not end them", "@https://* | +https://c.example",
          "https://b.example", 0, "https://*", "https://* " },
        { "a plain value ends both", "@https://* <* | https://c.example",
          "https://b.example", 0, NULL, "" },
        { "none ends both", "@https://* <* | none", "https://b.example", 0,
          NULL, "" },
        { "what was not asked about null ends too", "<null | @x", "null", 0,
          NULL, "" },

        { "a line is skipped, another is not", "<//b.example,https://*.b.com,"
          "https://b.example", "https://b.example", CORS_PATTERN_INSECURE,
          "https://b.example", "//b.example,https://*.b.com,"
          "https://b.example " },
        { "all lines are skipped", "<//b.example,*", "https://b.example",
          CORS_PATTERN_INSECURE | CORS_PATTERN_ANY, NULL, "//b.example,* " },
        { "a skipped line lets the next source answer",
          "<//b.example ~https://*", "https://b.example",
          CORS_PATTERN_INSECURE, "https://*", "//b.example https://* " },
        { "a skipped provider is not asked", "@* <https://b.example",
          "https://b.example", CORS_ENTRY_PROVIDER, "https://b.example",
          "https://b.example " },
        { "a skipped provider still ends outer sources",
          "<https://b.example | @*", "https://b.example",
          CORS_ENTRY_PROVIDER, NULL, "" }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const cors_list_t *list = origin_sections(pool, rows[i].list);
        const cors_entry_t *entry = find(list, rows[i].origin, rows[i].skip);
        const int removes = rows[i].want != NULL && *rows[i].want == '-';

        is(text_of(entry), rows[i].want ? rows[i].want + removes : NULL,
           rows[i].what, "entry");
        is(cors_str(sources_asked), rows[i].asked, rows[i].what, "asked");
        ok((entry != NULL && cors_entry_removes(entry)) == removes,
           "%s: %s", rows[i].what, removes ? "removes" : "does not remove");
    }
}

/* Sources that cannot answer. */
static void test_failures(void)
{
    static const struct {
        const char *what;
        const char *list;
        const char *origin;
        const char *want;       /* as above */
        const char *failed;
        const char *asked;
    } rows[] = {
        { "it allows nobody", "@https://*!dead", "https://b.example", NULL,
          "https://*", "https://* " },
        { "the next one is asked", "@x!dead @https://*", "https://b.example",
          "https://*", "x", "x https://* " },
        { "an expression is asked next", "@x!dead ~https://*",
          "https://b.example", "https://*", "x", "x https://* " },
        { "a file is asked next", "@x!dead <https://b.example",
          "https://b.example", "https://b.example", "x",
          "x https://b.example " },
        { "one in front of it decides", "@https://* @x!dead",
          "https://b.example", "https://*", NULL, "https://* " },
        { "a pattern beside it decides", "@x!dead https://b.example",
          "https://b.example", "https://b.example", NULL, "" },
        { "of several the last is told of", "@x!dead @y!dead ~z",
          "https://b.example", NULL, "y", "x y z " },
        { "an outer pattern decides", "https://b.example | @x!dead",
          "https://b.example", "https://b.example", "x", "x " },
        { "an outer '-' decides", "-https://b.example | @x!dead",
          "https://b.example", "-https://b.example", "x", "x " },
        { "an outer expression decides", "~https://* | @x!dead",
          "https://b.example", "https://*", "x", "x https://* " },
        { "it ends outer ones", "@https://* | @x!dead", "https://b.example",
          NULL, "x", "x " },
        { "it is ended by inner ones", "@x!dead | @y", "https://b.example",
          NULL, NULL, "y " },
        { "it is not asked about null", "@x!dead", "null", NULL, NULL, "" },
        { "it is not asked about what is no origin", "@x!dead", "a", NULL,
          NULL, "" }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const cors_list_t *list = origin_sections(pool, rows[i].list);
        const cors_entry_t *entry = find(list, rows[i].origin, 0);
        const int removes = rows[i].want != NULL && *rows[i].want == '-';

        is(text_of(entry), rows[i].want ? rows[i].want + removes : NULL,
           rows[i].what, "entry");
        is(text_of(failed), rows[i].failed, rows[i].what, "failed");
        is(cors_str(sources_asked), rows[i].asked, rows[i].what, "asked");
    }
}

static void test_entries(void)
{
    static const struct {
        const char *what;
        const char *list;
        const char *directive;
        int is_source;
    } rows[] = {
        { "a pattern", "https://b.example", "CorsAllowOrigin", 0 },
        { "a removing one", "-https://b.example", "CorsAllowOrigin", 0 },
        { "'*'", "*", "CorsAllowOrigin", 0 },
        { "an expression", "~https://*", "CorsAllowOriginMatch", 1 },
        { "a loose expression", "~https://*!loose", "CorsAllowOriginMatch",
          1 },
        { "a condition", "?https://*", "CorsAllowOriginExpr", 1 },
        { "a provider", "@https://*", "CorsAllowOriginSource", 1 },
        { "a line of a file", "<https://b.example", "CorsAllowOriginSource",
          0 }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const cors_entry_t *entry =
            find(origin_sections(pool, rows[i].list), "https://b.example", 0);
        const cors_source_t *source = cors_entry_source(entry);

        is(cors_str(cors_entry_directive(entry)), rows[i].directive,
           rows[i].what, "directive");
        ok(rows[i].is_source
           ? source != NULL && &source->entry == entry
             && source->covers == source_covers
           : source == NULL, "%s: %s", rows[i].what,
           rows[i].is_source ? "its source" : "no source");
        ok(entry->place.line == 1, "%s: its place", rows[i].what);
    }
}

/* What the log calls a list. */
static void test_directives(void)
{
    static const struct {
        const char *list;
        const char *want;
    } rows[] = {
        { "https://a.example", "CorsAllowOrigin" },
        { "-https://a.example", "CorsAllowOrigin" },
        { "none", "CorsAllowOrigin" },
        { "~x", "CorsAllowOriginMatch" },
        { "?x ~y", "CorsAllowOriginExpr" },
        { "@x ~y", "CorsAllowOriginSource" },
        { "<null", "CorsAllowOriginSource" },
        { "https://a.example | @x", "CorsAllowOriginSource" },
        { "@x | +https://a.example", "CorsAllowOrigin" },
        { "@x | none", "CorsAllowOrigin" },
        { "null | @x | ?y | ~z", "CorsAllowOriginMatch" }
    };
    const cors_list_t *list;
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        is(cors_str(cors_origins_directive(origin_sections(pool,
                                                           rows[i].list))),
           rows[i].want, rows[i].list, "directive of the list");
    }
    list = origin_sections(pool, "https://a.example ~x");
    ((cors_origins_t *)list)->first->entry.place.line++;
    is(cors_str(cors_origins_directive(list)), "CorsAllowOrigin",
       "a source on a later line", "directive of the list");
}

/* --------------------------------------------------------------- visit -- */

typedef struct visitor_t {
    char seen[256];             /* "line:text " of each entry */
    const char *stop;           /* the text to stop at; NULL: none */
} visitor_t;

static const void *look(const cors_entry_t *entry, void *context)
{
    visitor_t *visitor = context;

    sprintf(visitor->seen + strlen(visitor->seen), "%d:%s ",
            entry->place.line, entry->pattern.text);
    return visitor->stop != NULL
        && strcmp(visitor->stop, entry->pattern.text) == 0 ? entry : NULL;
}

static void test_visit(void)
{
    static const unsigned all = CORS_ENTRY_GRANTS;
    static const unsigned insecure = CORS_PATTERN_INSECURE;
    static const unsigned file = CORS_ENTRY_FILE;
    static const unsigned provider = CORS_ENTRY_PROVIDER;
    static const struct {
        const char *what;
        const char *list;
        const unsigned *facts;  /* NULL: a null, or a loose source */
        const char *seen;
        const char *stop;
    } rows[] = {
        { "entries with the fact",
          "https://a.example http://a.example null http://b.example",
          &insecure, "1:http://a.example 1:http://b.example ", NULL },
        { "entries with any of the facts",
          "https://a.example null ~a ~b!loose ?c", NULL, "1:null 1:b ",
          NULL },
        { "no entry has the fact", "https://a.example ~b null", &insecure,
          "", NULL },
        { "nothing to visit", "none", &all, "", NULL },
        { "all that grant, patterns first",
          "?d https://a.example -https://b.example ~c same-site *", &all,
          "1:https://a.example 1:same-site 1:* 1:d 1:c ", NULL },
        { "from the innermost section outwards",
          "https://a.example | +https://b.example ~x | +https://c.example",
          &all, "3:https://c.example 2:https://b.example 2:x "
          "1:https://a.example ", NULL },
        { "no entry that is replaced",
          "http://a.example ~x!loose | http://b.example | +null", &insecure,
          "2:http://b.example ", NULL },

        { "no entry that is taken out beside it",
          "http://a.example -http://a.example http://b.example", &all,
          "1:http://b.example ", NULL },
        { "no entry that is taken out further in",
          "http://a.example http://b.example | -http://a.example", &all,
          "1:http://b.example ", NULL },
        { "no entry that is taken out far in",
          "http://a.example http://b.example | +null | -http://b.example",
          &insecure, "1:http://a.example ", NULL },
        { "no entry that is taken out between others",
          "null | -http://a.example null | +http://a.example | -null", &all,
          "3:http://a.example ", NULL },
        { "'*' that is taken out", "* null | -*", &all, "1:null ", NULL },
        { "an entry that is taken out further out",
          "-http://a.example | +http://a.example", &all,
          "2:http://a.example ", NULL },
        { "an entry that is taken out and comes back",
          "http://a.example | -http://a.example | +http://a.example", &all,
          "3:http://a.example ", NULL },
        { "another text takes nothing out",
          "http://x.a.example | -http://*.a.example -http://x.a.example:81",
          &all, "1:http://x.a.example ", NULL },
        { "the same pattern, written otherwise",
          "http://a.example | -HTTP://A.example:80", &all, "", NULL },
        { "a source is not a pattern of the same text",
          "~http://a.example | -http://a.example", &all,
          "1:http://a.example ", NULL },

        { "no expressions that are ended", "~a ~b | ~c", &all, "2:c ",
          NULL },
        { "no conditions that are ended", "?a | ?b ?c", &all, "2:b 2:c ",
          NULL },
        { "those of the other directive", "~a ?b null | ~c", &all,
          "2:c 1:null 1:b ", NULL },
        { "none that are ended far in", "~a ?b | +null | ?c", &all,
          "3:c 2:null 1:a ", NULL },
        { "none that others ended one by one", "~a ?b | ~c | ?d", &all,
          "3:d 2:c ", NULL },
        { "sources without the fact end others too", "~a!loose | ~b", NULL,
          "", NULL },
        { "sources with the fact", "~a!loose ~b ?c | ?d", NULL, "1:a ",
          NULL },

        { "files, and not their lines", "<http://a.example,null ~b @c", &file,
          "1:http://a.example,null ", NULL },
        { "no lines of files", "<http://a.example ~b @c", &insecure, "",
          NULL },
        { "providers", "null ~a @a | @b <null @c", &provider, "2:b 2:c ",
          NULL },
        { "no files that are ended by providers", "<null ~a | @b", &all,
          "2:b 1:a ", NULL },
        { "no providers that are ended by files", "@b ?a | <null", &all,
          "2:null 1:a ", NULL },

        { "stops at a pattern",
          "https://a.example | +https://b.example https://c.example ~x",
          &all, "2:https://b.example ", "https://b.example" },
        { "stops at a source", "https://a.example | +https://b.example ~x ~y",
          &all, "2:https://b.example 2:x ", "x" },
        { "stops at the last",
          "https://a.example | +https://b.example", &all,
          "2:https://b.example 1:https://a.example ", "https://a.example" }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const cors_list_t *list = origin_sections(pool, rows[i].list);
        visitor_t visitor = { "", rows[i].stop };
        const cors_entry_t *answer =
            cors_origins_visit(list, rows[i].facts ? *rows[i].facts
                               : CORS_PATTERN_NULL | CORS_ENTRY_LOOSE, look,
                               &visitor);

        is(cors_str(visitor.seen), rows[i].seen, rows[i].what, "seen");
        is(text_of(answer), rows[i].stop, rows[i].what, "answer");
    }
}

/* ---------------------------------------------------- the first look -- */

/* Enough origins that nobody asks for to give any list a table. */
#define MORE " +https://m1.example +https://m2.example +https://m3.example" \
             " +https://m4.example +https://m5.example"

/* What the bytes of a field tell, without a table and with one. */
static void test_look(void)
{
    static const char wild[] = "https://*.a.example https://pr-*.b.example "
        "//c.example https://d.example:* //*.e.example:* https://a.example";
    static const struct {
        const char *what;
        const char *list;
        const char *text;
        cors_listing_t listing;
    } rows[] = {
        { "a listed origin", "https://a.example https://b.example",
          "https://b.example", CORS_LISTED },
        { "a listed origin beside wildcards", wild, "https://a.example",
          CORS_LISTED },
        { "a listed origin beside '*'", "* https://a.example",
          "https://a.example", CORS_LISTED },
        { "a listed origin beside sources", "~x ?y https://a.example",
          "https://a.example", CORS_LISTED },
        { "an insecure origin, listed", "http://a.example:8080",
          "http://a.example:8080", CORS_LISTED },
        { "null, listed", "https://a.example null", "null", CORS_LISTED },
        { "null, not listed", "https://a.example", "null", CORS_UNCOVERED },
        { "another origin", "https://a.example", "https://b.example",
          CORS_UNCOVERED },
        { "a beginning of a listed origin", "https://a.example",
          "https://a.exampl", CORS_UNCOVERED },
        { "a listed origin and a byte more", "https://a.example",
          "https://a.example/", CORS_UNCOVERED },
        { "a listed origin in capitals", "https://a.example",
          "HTTPS://a.example", CORS_UNCOVERED },
        { "an empty list", "none", "https://a.example", CORS_UNCOVERED },
        { "no bytes", "https://a.example", "", CORS_UNCOVERED },
        { "what '*' may cover", "* https://a.example", "https://b.example",
          CORS_UNLISTED },
        { "what same-site may cover", "same-site", "https://b.example",
          CORS_UNLISTED },
        { "what an expression may cover", "https://a.example ~x",
          "https://b.example", CORS_UNLISTED },
        { "what a condition may cover", "https://a.example ?x",
          "https://b.example", CORS_UNLISTED },
        { "what a provider may allow", "https://a.example @x",
          "https://b.example", CORS_UNLISTED },
        { "what a file may cover", "https://a.example <https://b.example",
          "https://b.example", CORS_UNLISTED },
        { "a listed origin beside a provider and a file",
          "@x <* https://a.example", "https://a.example", CORS_LISTED },
        { "what '*.' may cover", "https://*.a.example", "https://b.a.example",
          CORS_UNLISTED },
        { "what a wildcard in a label may cover", "https://pr-*.a.example",
          "https://pr-1.a.example", CORS_UNLISTED },
        { "what '//' may cover", "//a.example", "https://a.example",
          CORS_UNLISTED },
        { "what ':*' may cover", "https://a.example:*", "https://a.example",
          CORS_UNLISTED },
        { "'*' is no origin", "* https://a.example", "*", CORS_UNLISTED },
        { "same-site is no origin", "same-site", "same-site",
          CORS_UNLISTED },
        { "'*.' is part of no origin", wild, "https://*.a.example",
          CORS_UNLISTED },
        { "a wildcard in a label is part of no origin", wild,
          "https://pr-*.b.example", CORS_UNLISTED },
        { "'//' begins no origin", wild, "//c.example", CORS_UNLISTED },
        { "':*' ends no origin", wild, "https://d.example:*",
          CORS_UNLISTED },
        { "nor do all of them together", wild, "//*.e.example:*",
          CORS_UNLISTED },
        { "the text of an expression", "~https://x.example",
          "https://x.example", CORS_UNLISTED },
        { "an entry that removes, beside", "https://a.example "
          "-https://a.example", "https://a.example", CORS_UNKNOWN },
        { "an entry that removes another, beside", "https://a.example "
          "-https://b.example", "https://a.example", CORS_UNKNOWN },
        { "a section further in", "https://a.example | +https://b.example",
          "https://b.example", CORS_UNKNOWN },
        { "a section further in that removes",
          "https://a.example | -https://a.example", "https://a.example",
          CORS_UNKNOWN },
        { "a section further in that replaces",
          "https://a.example | https://b.example", "https://a.example",
          CORS_UNCOVERED }
    };
    char text[CORS_ORIGIN_MAX + 2];
    const cors_entry_t *entry;
    size_t i;
    int large;

    for (i = 0; i < COUNT(rows); i++) {
        for (large = 0; large <= 1; large++) {
            const char *what = apr_psprintf(pool, "%s%s", rows[i].what,
                                            large ? ", in a table" : "");
            const cors_list_t *list = origin_sections(
                pool, apr_pstrcat(pool, rows[i].list, large ? MORE : "",
                                  NULL));
            cors_str_t value = exact(rows[i].text);
            const cors_listing_t listing = cors_origins_look(list, value,
                                                             &entry);

            ok(listing == rows[i].listing, "%s: what is known", what);
            is(text_of(entry), listing == CORS_LISTED ? rows[i].text : NULL,
               what, "entry");
            drop(value);
        }
    }
    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    ok(cors_origins_look(origin_sections(pool, "https://a.example"),
                         cors_str(text), &entry) == CORS_UNKNOWN
       && entry == NULL, "what is too long for an origin is not looked up");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_sections();
    test_facts();
    test_sources();
    test_failures();
    test_entries();
    test_directives();
    test_visit();
    test_look();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
