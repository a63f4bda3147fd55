/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_pattern.h"

#include "items.h"
#include "origins.h"
#include "random.h"
#include "suffixes.h"
#include "tap.h"

#define WILD (CORS_PATTERN_ANY | CORS_PATTERN_EITHER_SCHEME \
              | CORS_PATTERN_ANY_PORT | CORS_PATTERN_SUBDOMAINS \
              | CORS_PATTERN_PARTIAL | CORS_PATTERN_SAME_SITE)

static const cors_suffixes_t *list;

/* ------------------------------------------------------------- reading -- */

/* A pattern whose text ends with its last byte. For drop_pattern(). */
static int read_exact(const char *item, cors_pattern_t *pattern,
                      cors_reading_t *reading)
{
    cors_str_t bytes = exact(item);
    int good = cors_pattern_parse(bytes, list, pattern, reading);

    drop(bytes);
    if (good) {
        pattern->text = exact_n(reading->text, pattern->n).p;
    }
    return good;
}

static void drop_pattern(cors_pattern_t *pattern)
{
    free((char *)pattern->text);
}

/* Is what is suggested itself a pattern, already normalised? */
static int is_good(const char *text)
{
    cors_pattern_t pattern;
    cors_reading_t reading;

    return cors_pattern_parse(cors_str(text), list, &pattern, &reading)
        && strcmp(reading.text, text) == 0;
}

/* What is known of a pattern without a list: every domain that others reach
 * is a public suffix. */
static unsigned facts_without_list(const row_t *row)
{
    unsigned facts = row->facts;

    if (strstr(row->item, "localhost") == NULL) {
        facts |= (facts & SUB) != 0 ? PUBLIC : 0;
        facts |= (facts & PARTIAL) != 0 ? REGISTER : 0;
    }
    return facts;
}

static void test_pattern(const row_t *row)
{
    const char *want = row->text ? row->text : row->item;
    unsigned facts = list ? row->facts : facts_without_list(row);
    cors_pattern_t pattern;
    cors_reading_t reading;
    cors_str_t text;
    cors_origin_t origin;

    if (!ok(read_exact(row->item, &pattern, &reading), "a pattern: %s",
            row->what)) {
        printf("#   %s\n", reading.rule);
        return;
    }
    text.p = pattern.text;
    text.n = pattern.n;
    is(text, want, row->what, "normalised");
    ok(reading.rule == NULL && strcmp(reading.text, want) == 0,
       "%s: the reading says so", row->what);
    ok(pattern.facts == facts, "%s: facts %03x", row->what, facts);
    ok(is_good(want), "%s: normalising ends", row->what);
    if ((pattern.facts & WILD) == 0) {
        ok(cors_origin_parse(text, &origin)
           && cors_pattern_match(&pattern, &origin),
           "%s: a browser may send it, and it matches", row->what);
    }
    drop_pattern(&pattern);
    ok(cors_pattern_parse(cors_str(row->item), NULL, &pattern, &reading)
       && pattern.facts == facts_without_list(row),
       "%s: without a list too", row->what);
}

static void test_refused(const refused_t *row)
{
    cors_str_t item = exact_n(row->item, row->n);
    cors_pattern_t pattern;
    cors_reading_t reading;

    if (ok(!cors_pattern_parse(item, list, &pattern, &reading),
           "no pattern: %s", row->what)) {
        /* Where the contract names several rules, any will do. */
        if (row->rule != NULL) {
            is(cors_str(reading.rule), row->rule, row->what, "rule");
        }
        is(cors_str(reading.text), row->instead, row->what, "suggestion");
        ok(reading.rule != NULL
           && (reading.text[0] == '\0' || is_good(reading.text)),
           "%s: what is suggested is a pattern", row->what);
    }
    drop(item);
}

static void test_patterns(void)
{
    size_t i;

    for (i = 0; i < COUNT(patterns); i++) {
        test_pattern(&patterns[i]);
    }
    for (i = 0; i < COUNT(no_patterns); i++) {
        test_refused(&no_patterns[i]);
    }
}

#define NO_LIST_RULE (cors_suffixes_supported \
    ? "needs the Public Suffix List, which cannot be read" \
    : "needs the Public Suffix List, which this module is built without")

static void test_same_site(void)
{
    static const char *const words[] = { "same-site", "Same-Site",
                                         "SAME-SITE" };
    static const char *const others[] = {
        "https://example.com", "https://same-site", "null"
    };
    const cors_suffixes_t *lists[2];
    size_t i, l;

    lists[0] = NULL;
    lists[1] = list;
    for (l = 0; l < COUNT(lists); l++) {
        const char *name = lists[l] ? "a list" : "no list";

        for (i = 0; i < COUNT(words); i++) {
            cors_str_t item = exact(words[i]);
            cors_pattern_t pattern;
            cors_reading_t reading;
            int good = cors_pattern_parse(item, lists[l], &pattern, &reading);

            if (lists[l] != NULL && i == 0) {
                ok(good && pattern.facts == CORS_PATTERN_SAME_SITE
                   && pattern.n == 9 && strcmp(reading.text, words[i]) == 0,
                   "%s with %s is a pattern", words[i], name);
            }
            else if (ok(!good, "%s with %s is none", words[i], name)) {
                is(cors_str(reading.rule), i == 0 ? NO_LIST_RULE : CASE_RULE,
                   words[i], name);
                is(cors_str(reading.text),
                   i > 0 && lists[l] != NULL ? words[0] : "", words[i],
                   "suggestion");
            }
            drop(item);
        }
    }
    for (i = 0; list != NULL && i < COUNT(others); i++) {
        cors_pattern_t pattern;
        cors_reading_t reading;
        cors_origin_t origin;

        ok(read_exact("same-site", &pattern, &reading)
           && cors_origin_parse(cors_str(others[i]), &origin)
           && !cors_pattern_match(&pattern, &origin),
           "same-site alone does not cover %s", others[i]);
        drop_pattern(&pattern);
    }
}

/* --------------------------------------------------- internationalised -- */

/* A label of 60 characters that is too long as an A-label, ten labels before
 * dots, ten before ideographic dots, and a label of 63 bytes. */
#define U10 "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc" \
            "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
#define U60 U10 U10 U10 U10 U10 U10
#define D10 "\xc3\xbc.\xc3\xbc.\xc3\xbc.\xc3\xbc.\xc3\xbc." \
            "\xc3\xbc.\xc3\xbc.\xc3\xbc.\xc3\xbc.\xc3\xbc."
#define I10 "\xc3\xbc\xe3\x80\x82\xc3\xbc\xe3\x80\x82" \
            "\xc3\xbc\xe3\x80\x82\xc3\xbc\xe3\x80\x82" \
            "\xc3\xbc\xe3\x80\x82\xc3\xbc\xe3\x80\x82" \
            "\xc3\xbc\xe3\x80\x82\xc3\xbc\xe3\x80\x82" \
            "\xc3\xbc\xe3\x80\x82\xc3\xbc\xe3\x80\x82"
#define A63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

#define NAME_RULE "must have a host that is a valid internationalised " \
                  "domain name"
#define IDNA_RULE "must have a host that IDNA 2008 allows, or be written in " \
                  "its xn-- form"
#define ASCII_RULE "must be of visible ASCII characters; write an " \
                   "internationalised host in its xn-- form"
#define STAR_RULE "must have ASCII characters only in the label that holds '*'"
#define LONG_RULE "must have a host of at most 253 bytes"
#define LONG_LABEL_RULE "must have a host with labels of at most 63 bytes"

static const row_t names[] = {
#ifdef CORS_WITH_IDN2
    { "a name", "https://b\xc3\xbc" "cher.example",
      "https://xn--bcher-kva.example", 0 },
    { "upper case", "https://B\xc3\x9c" "CHER.Example",
      "https://xn--bcher-kva.example", 0 },
    { "decomposed", "https://bu\xcc\x88" "cher.example",
      "https://xn--bcher-kva.example", 0 },
    { "several labels", "https://b\xc3\xbc.www.\xc3\xa9.example",
      "https://xn--b-eha.www.xn--9ca.example", 0 },
    { "a full-width dot", "https://b\xc3\xbc" "cher\xef\xbc\x8e" "example",
      "https://xn--bcher-kva.example", 0 },
    { "an ideographic dot", "https://b\xc3\xbc" "cher\xe3\x80\x82" "example",
      "https://xn--bcher-kva.example", 0 },
    { "a half-width dot", "https://b\xc3\xbc" "cher\xef\xbd\xa1" "example",
      "https://xn--bcher-kva.example", 0 },
    { "full-width letters", "https://\xef\xbd\x81\xef\xbc\xa2.com",
      "https://ab.com", 0 },
    { "sharp s stays", "https://fu\xc3\x9f" "ball.example",
      "https://xn--fuball-cta.example", 0 },
    { "final sigma stays",
      "https://\xce\xb2\xcf\x8c\xce\xbb\xce\xbf\xcf\x82.example",
      "https://xn--nxasmm1c.example", 0 },
    { "from right to left", "https://\xd7\x90\xd7\x91" "1.example",
      "https://xn--1-zhcd.example", 0 },
    { "a joiner behind a virama",
      "https://\xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8d\xe0\xa4\xb7.example",
      "https://xn--11b2ezcw70k.example", 0 },
    { "a soft hyphen goes", "https://exam\xc2\xad" "ple.com",
      "https://example.com", 0 },
    { "a zero-width space goes", "https://exam\xe2\x80\x8b" "ple.com",
      "https://example.com", 0 },
    { "full-width digits",
      "http://\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1",
      "http://127.0.0.1", 0 },
    { "a port", "https://b\xc3\xbc" "cher.example:8443",
      "https://xn--bcher-kva.example:8443", 0 },
    { "the default port", "HTTPS://b\xc3\xbc" "cher.example:443",
      "https://xn--bcher-kva.example", 0 },
    { "any port", "https://b\xc3\xbc" "cher.example:*",
      "https://xn--bcher-kva.example:*", ANY_PORT },
    { "http", "http://b\xc3\xbc" "cher.example",
      "http://xn--bcher-kva.example", INSECURE },
    { "either scheme", "//b\xc3\xbc" "cher.example",
      "//xn--bcher-kva.example", EITHER | INSECURE },
    { "another scheme with domains", "wss://b\xc3\xbc" "cher.example",
      "wss://xn--bcher-kva.example", 0 },
    { "subdomains", "https://*.b\xc3\xbc" "cher.example",
      "https://*.xn--bcher-kva.example", SUB },
    { "part of a label", "https://PR-*.b\xc3\xbc" "cher.example:8443",
      "https://pr-*.xn--bcher-kva.example:8443", PARTIAL },
    { "everybody's names", "https://*.\xe5\x85\xac\xe5\x8f\xb8.cn",
      "https://*.xn--55qx5d.cn", SUB | PUBLIC },
    { "everybody's names, top level", "https://*.\xd1\x80\xd1\x84",
      "https://*.xn--p1ai", SUB | PUBLIC },
    { "hyphens in an ASCII label beside it",
      "https://r3---a.b\xc3\xbc" "cher.example",
      "https://r3---a.xn--bcher-kva.example", 0 },
    { "an A-label", "https://xn--bcher-kva.example", NULL, 0 },
    { "an A-label in upper case", "https://XN--Bcher-KVA.example",
      "https://xn--bcher-kva.example", 0 },
    { "an A-label under a wildcard", "https://*.xn--bcher-kva.example", NULL,
      SUB },
    { "emoji as an A-label", "https://xn--i-7iq.example", NULL, 0 },
    { "a character of Unicode 16 as an A-label", "https://xn--b39h.example",
      NULL, 0 },
    { "a hyphen at an end, as an A-label", "https://xn----eha.example", NULL,
      0 },
    { "any A-label", "https://xn--*.example.com", NULL, PARTIAL },
    { "no A-label where hosts are opaque", "app://xn--99999999", NULL, 0 },
    { "the longest label", "https://" A63 ".b\xc3\xbc" "cher.example",
      "https://" A63 ".xn--bcher-kva.example", 0 }
#else
    { "an A-label", "https://xn--bcher-kva.example", NULL, 0 },
    { "what is none", "https://xn--99999999.example", NULL, 0 }
#endif
};

static const refused_t no_names[] = {
#ifdef CORS_WITH_IDN2
    { "no UTF-8", BYTES("https://a\xff.example"), NAME_RULE, "" },
    { "Latin-1", BYTES("https://b\xfc" "cher.example"), NAME_RULE, "" },
    { "UTF-8 that breaks off", BYTES("https://a\xc3.example"), NAME_RULE, "" },
    { "UTF-8 that breaks off at the end", BYTES("https://example.com\xc3"),
      NAME_RULE, "" },
    { "a dot spelled too long", BYTES("https://a\xc0\xae" "example"),
      NAME_RULE, "" },
    { "a surrogate", BYTES("https://a\xed\xa0\x80.example"), NAME_RULE, "" },
    { "beyond Unicode", BYTES("https://a\xf4\x90\x80\x80.example"), NAME_RULE,
      "" },
    { "right to left behind left to right", BYTES("https://a\xd7\x90.example"),
      NAME_RULE, "" },
    { "left to right behind right to left",
      BYTES("https://\xd7\x90" "a.example"), NAME_RULE, "" },
    { "a joiner", BYTES("https://a\xe2\x80\x8d" "b.example"), NAME_RULE, "" },
    { "a non-joiner", BYTES("https://a\xe2\x80\x8c" "b.example"), NAME_RULE,
      "" },
    { "an accent that comes first", BYTES("https://\xcc\x81" "a.example"),
      NAME_RULE, "" },
    { "emoji", BYTES("https://i\xe2\x9d\xa4.example"), IDNA_RULE, "" },
    { "an unassigned character", BYTES("https://a\xcd\xb8.example"), IDNA_RULE,
      "" },
    { "a hyphen at an end", BYTES("https://b\xc3\xbc-.example"), IDNA_RULE,
      "" },
    { "an A-label of nothing", BYTES("https://xn--.example"), NAME_RULE, "" },
    { "an A-label of bad Punycode", BYTES("https://xn--99999999.example"),
      NAME_RULE, "" },
    { "an A-label of ASCII", BYTES("https://xn--example-.com"), NAME_RULE,
      "" },
    { "one in upper case", BYTES("https://XN--EXAMPLE-.com"), NAME_RULE, "" },
    { "one that is not the first label",
      BYTES("https://www.xn--99999999.example"), NAME_RULE, "" },
    { "one under a wildcard", BYTES("https://*.xn--99999999.example"),
      NAME_RULE, "" },
    { "an A-label that mixes directions", BYTES("https://xn--a-zhc.example"),
      NAME_RULE, "" },
    { "an A-label with a joiner", BYTES("https://xn--ab-m1t.example"),
      NAME_RULE, "" },
    { "an A-label that is not composed", BYTES("https://xn--u-ccb.example"),
      NAME_RULE, "" },
    { "an A-label that is not ASCII", BYTES("https://xn--b\xc3\xbc.example"),
      NAME_RULE, "" },
    { "a label that grows too long", BYTES("https://" U60 ".example"),
      LONG_LABEL_RULE, "" },
    { "a label that is too long beside one",
      BYTES("https://" A63 "x\xe3\x80\x82" "example"), LONG_LABEL_RULE, "" },
    { "a domain that grows too long",
      BYTES("https://" D10 D10 D10 "\xc3\xbc.\xc3\xbc.com"), LONG_RULE, "" },
    { "a domain that has no room to grow",
      BYTES("https://" D10 D10 D10 D10 D10 D10 D10 D10 D10 D10 "com"),
      LONG_RULE, "" },
    { "one between ideographic dots",
      BYTES("https://" I10 I10 I10 I10 I10 I10 "com"), LONG_RULE, "" },
    { "hyphens in third and fourth place",
      BYTES("https://b\xc3\xbc--x.example"), IDNA_RULE, "" },
    { "a full-width solidus", BYTES("https://example.com\xef\xbc\x8f.example"),
      HOST_RULE, "" },
    { "a full-width colon", BYTES("https://example.com\xef\xbc\x9a" "8443"),
      HOST_RULE, "" },
    { "a full-width at sign", BYTES("https://me\xef\xbc\xa0" "example.com"),
      HOST_RULE, "" },
    { "a full-width percent sign", BYTES("https://\xef\xbc\x85" "61.example"),
      HOST_RULE, "" },
    { "a full-width star", BYTES("https://\xef\xbc\x8a.example.com"),
      HOST_RULE, "" },
    { "a full-width star alone", BYTES("\xef\xbc\x8a"), SCHEME_RULE, "" },
    { "full-width brackets",
      BYTES("https://\xef\xbc\xbb\xef\xbc\x9a" "\xef\xbc\x9a" "1\xef\xbc\xbd"),
      HOST_RULE, "" },
    { "a full-width digit in brackets", BYTES("https://[::\xef\xbc\x91]"),
      IPV6_RULE, "" },
    { "a no-break space", BYTES("https://a\xc2\xa0" "b.example"), HOST_RULE,
      "" },
    { "a host that goes", BYTES("https://\xc2\xad"), "must name a host", "" },
    { "a label that goes", BYTES("https://\xc2\xad.example"), LABEL_RULE, "" },
    { "an IPv4 address in short form", BYTES("https://\xef\xbc\x91.2"),
      ADDRESS_RULE, "" },
    { "an IPv4 address under a wildcard",
      BYTES("https://*.\xef\xbc\x91.2.3.4"),
      "must not have '*' over an IP address", "" },
    { "a star beside it", BYTES("https://b\xc3\xbc*.example.com"), STAR_RULE,
      "" },
    { "a star in front of an ideographic dot",
      BYTES("https://*\xe3\x80\x82" "example.com"), STAR_RULE, "" },
    { "a star in another label", BYTES("https://b\xc3\xbc.*.example.com"),
      LEFT_RULE, "" },
    { "a scheme", BYTES("http\xc5\xbf://example.com"), SCHEME_RULE, "" },
    { "a byte order mark", BYTES("\xef\xbb\xbf" "https://example.com"),
      SCHEME_RULE, "" },
    { "a port", BYTES("https://example.com:\xef\xbc\x98"), PORT_RULE, "" },
    { "an opaque host", BYTES("capacitor://b\xc3\xbc" "cher"), HOST_RULE, "" },
    { "no scheme", BYTES("b\xc3\xbc" "cher.example"), SCHEME_RULE,
      "https://xn--bcher-kva.example" },
    { "a path", BYTES("https://b\xc3\xbc" "cher.example/\xc3\xbc"), PATH_RULE,
      "https://xn--bcher-kva.example" },
    { "user information", BYTES("https://\xc3\xbc@b\xc3\xbc" "cher.example"),
      USER_RULE, "https://xn--bcher-kva.example" },
    { "a path behind what has no form", BYTES("https://a\xff.example/"),
      PATH_RULE, "" },
    { "a dot at the end", BYTES("https://b\xc3\xbc" "cher.example."), DOT_RULE,
      "https://xn--bcher-kva.example" },
    { "an ideographic dot at the end",
      BYTES("https://b\xc3\xbc" "cher.example\xe3\x80\x82"), DOT_RULE, "" }
#else
    { "a name", BYTES("https://b\xc3\xbc" "cher.example"), ASCII_RULE, "" },
    { "a name without a scheme", BYTES("b\xc3\xbc" "cher.example"),
      SCHEME_RULE, "" },
    { "a name under a wildcard", BYTES("https://*.b\xc3\xbc" "cher.example"),
      ASCII_RULE, "" },
    { "a star beside it", BYTES("https://b\xc3\xbc*.example.com"), STAR_RULE,
      "" },
    { "no UTF-8", BYTES("https://a\xff.example"), ASCII_RULE, "" },
    { "an opaque host", BYTES("capacitor://b\xc3\xbc" "cher"), HOST_RULE, "" }
#endif
};

static void test_names(void)
{
    size_t i;

    for (i = 0; i < COUNT(names); i++) {
        test_pattern(&names[i]);
    }
    for (i = 0; i < COUNT(no_names); i++) {
        test_refused(&no_names[i]);
    }
}

/* An item of the greatest length whose normalised form is longer. */
static void test_growing_item(void)
{
    static const char tail[] = "://[1::3:4:5:6:7:8]:65432";
    static const char grown[] = "://[1:0:3:4:5:6:7:8]:65432";
    size_t n;

    for (n = CORS_ORIGIN_MAX - 2; n <= CORS_ORIGIN_MAX; n++) {
        const size_t scheme = n - (sizeof(tail) - 1);
        char item[CORS_ORIGIN_MAX + 2];
        cors_pattern_t pattern;
        cors_reading_t reading;

        memset(item, 'a', scheme);
        strcpy(item + scheme, tail);
        if (cors_pattern_parse(cors_str(item), list, &pattern, &reading)) {
            strcpy(item + scheme, grown);
            ok(strcmp(reading.text, item) == 0,
               "an item of %d bytes that grows keeps its port", (int)n);
        }
        else {
            ok(n == CORS_ORIGIN_MAX && reading.rule != NULL,
               "an item of %d bytes has no room to grow", (int)n);
        }
    }
}

#ifdef CORS_WITH_IDN2

/* The same with internationalised labels: 63 bytes with a wildcard, and a
 * domain that grows to 253 bytes: as a whole, more than a host may have. */
static void test_growing_name(void)
{
    static const char *const ports[] = { ":65", ":655", ":65535" };
    size_t i, label;

    for (i = 0; i < COUNT(ports); i++) {
        char item[CORS_ORIGIN_MAX + 1] = "https://*" A63;
        cors_pattern_t pattern;
        cors_reading_t reading;
        int good;

        strcpy(item + 8 + 63, ".aaaaa");
        for (label = 0; label < 31; label++) {
            strcat(item, ".\xc3\xbc");
        }
        strcat(item, ports[i]);
        good = cors_pattern_parse(cors_str(item), list, &pattern, &reading);
        ok(!good && strcmp(reading.rule, i == 0 ? LONG_RULE
                                                : CORS_ORIGIN_LONG) == 0,
           "a name that grows has no room for %s", ports[i]);
    }
}

#endif

/* ------------------------------------------------------------ matching -- */

static const struct {
    const char *what;
    const char *item;
    const char *origin;
    int want;
} matches[] = {
    { "the same", "https://example.com", "https://example.com", 1 },
    { "a prefix attack", "https://example.com", "https://evilexample.com",
      0 },
    { "a suffix attack", "https://example.com", "https://example.com.evil.com",
      0 },
    { "a longer last label", "https://example.com",
      "https://example.community", 0 },
    { "a shorter one", "https://example.com", "https://example.co", 0 },
    { "the http twin", "https://example.com", "http://example.com", 0 },
    { "the https twin", "http://example.com", "https://example.com", 0 },
    { "a subdomain", "https://example.com", "https://www.example.com", 0 },
    { "the parent", "https://www.example.com", "https://example.com", 0 },
    { "port is significant", "https://example.com", "https://example.com:8443",
      0 },
    { "the listed port", "https://example.com:8443",
      "https://example.com:8443", 1 },
    { "the default port for a listed one", "https://example.com:8443",
      "https://example.com", 0 },
    { "a longer port", "https://example.com:844", "https://example.com:8443",
      0 },
    { "the default port written out", "https://example.com",
      "https://example.com:443", 0 },
    { "a configured default port is left out", "https://example.com:443",
      "https://example.com", 1 },
    { "the default port of the other scheme", "https://example.com:443",
      "http://example.com:443", 0 },
    { "a trailing dot", "https://example.com", "https://example.com.", 0 },
    { "upper case", "https://example.com", "https://EXAMPLE.COM", 0 },
    { "an upper-case scheme", "https://example.com", "HTTPS://example.com",
      0 },
    { "userinfo", "https://example.com", "https://example.com@evil.com", 0 },
    { "userinfo in front", "https://example.com", "https://evil@example.com",
      0 },
    { "a path", "https://example.com", "https://example.com/", 0 },
    { "a byte for a dot", "https://app.example.com",
      "https://appxexample.com", 0 },
    { "an underscore for a dash", "https://my-app.example.com",
      "https://my_app.example.com", 0 },
    { "null for a host", "https://example.com", "null", 0 },
    { "a configured upper-case host", "https://EXAMPLE.com",
      "https://example.com", 1 },
    { "an opaque host in other letters", "app://MyHost", "app://myhost", 0 },
    { "the same opaque host", "app://MyHost", "app://MyHost", 1 },
    { "another scheme", "capacitor://localhost", "ionic://localhost", 0 },
    { "IPv6", "http://[::1]:9000", "http://[::1]:9000", 1 },
    { "another IPv6", "http://[::1]:9000", "http://[::2]:9000", 0 },
    { "IPv4 in IPv6", "http://127.0.0.1", "http://[::ffff:7f00:1]", 0 },

    { "null", "null", "null", 1 },
    { "null is no host", "null", "https://null", 0 },
    { "null is lower case", "null", "NULL", 0 },
    { "any", "*", "https://example.com", 1 },
    { "any, custom schemes too", "*", "app://host:1", 1 },
    { "any, null too", "*", "null", 1 },
    { "any, but an origin", "*", "https://example.com/", 0 },

    { "either, https", "//example.com", "https://example.com", 1 },
    { "either, http", "//example.com", "http://example.com", 1 },
    { "either, no other scheme", "//example.com", "ws://example.com", 0 },
    { "either, no custom scheme", "//example.com", "app://example.com", 0 },
    { "either, no longer scheme", "//example.com", "httpss://example.com",
      0 },
    { "either, no port", "//example.com", "https://example.com:8443", 0 },
    { "either, not the other's default port", "//example.com",
      "http://example.com:443", 0 },
    { "either, the port", "//example.com:8443", "http://example.com:8443",
      1 },
    { "either, no subdomain", "//example.com", "https://a.example.com", 0 },
    { "either, no prefix", "//example.com", "https://evilexample.com", 0 },
    { "either, not null", "//example.com", "null", 0 },
    { "either, subdomains", "//*.example.com", "http://a.example.com", 1 },

    { "one label in front", "https://*.example.com", "https://a.example.com",
      1 },
    { "several labels in front", "https://*.example.com",
      "https://a.b.c.example.com", 1 },
    { "not the domain itself", "https://*.example.com", "https://example.com",
      0 },
    { "the label boundary counts", "https://*.example.com",
      "https://evilexample.com", 0 },
    { "the label boundary counts further in", "https://*.example.com",
      "https://a.evilexample.com", 0 },
    { "a byte for the boundary", "https://*.example.com",
      "https://a-example.com", 0 },
    { "a suffix on a wildcard", "https://*.example.com",
      "https://a.example.com.evil.com", 0 },
    { "a sibling domain", "https://*.example.com", "https://a.example.org",
      0 },
    { "a trailing dot on a wildcard", "https://*.example.com",
      "https://a.example.com.", 0 },
    { "the http twin of a wildcard", "https://*.example.com",
      "http://a.example.com", 0 },
    { "a longer scheme", "https://*.example.com", "httpsx://a.example.com",
      0 },
    { "a scheme of the same length", "https://*.example.com",
      "evils://a.example.com", 0 },
    { "a port on a wildcard", "https://*.example.com",
      "https://a.example.com:8443", 0 },
    { "a wildcard's port", "https://*.example.com:8443",
      "https://a.example.com:8443", 1 },
    { "another port than a wildcard's", "https://*.example.com:8443",
      "https://a.example.com:8444", 0 },
    { "a default port on a wildcard", "https://*.example.com:8443",
      "https://a.example.com", 0 },
    { "an empty label", "https://*.example.com", "https://.example.com", 0 },
    { "a wildcard is not null", "https://*.example.com", "null", 0 },
    { "a wildcard in upper case", "https://*.example.com",
      "https://A.example.com", 0 },
    { "an opaque host under a wildcard", "https://*.example.com",
      "app://a.example.com", 0 },

    { "part of a label", "https://pr-*.example.com",
      "https://pr-17.example.com", 1 },
    { "one byte of it", "https://pr-*.example.com", "https://pr-1.example.com",
      1 },
    { "not nothing", "https://pr-*.example.com", "https://pr-.example.com",
      0 },
    { "not another beginning", "https://pr-*.example.com",
      "https://px-1.example.com", 0 },
    { "nothing in front", "https://pr-*.example.com",
      "https://xpr-1.example.com", 0 },
    { "it stays in its label", "https://pr-*.example.com",
      "https://pr-1.evil.example.com", 0 },
    { "it stays in its label, a dot first", "https://pr-*.example.com",
      "https://pr-.evil.example.com", 0 },
    { "no label in front", "https://pr-*.example.com",
      "https://a.pr-1.example.com", 0 },
    { "a sibling label", "https://pr-*.example.com",
      "https://pr-1.example.org", 0 },
    { "a suffix on part of a label", "https://pr-*.example.com",
      "https://pr-1.example.com.evil.com", 0 },
    { "an end of a label", "https://*-app.example.com",
      "https://my-app.example.com", 1 },
    { "another end", "https://*-app.example.com",
      "https://my-apps.example.com", 0 },
    { "an end that stays in its label", "https://*-app.example.com",
      "https://evil.my-app.example.com", 0 },
    { "beginning and end", "https://a-*-b.example.com",
      "https://a-x-b.example.com", 1 },
    { "beginning and end do not overlap", "https://a-*-b.example.com",
      "https://a-b.example.com", 0 },
    { "beginning and end touch", "https://a-*-b.example.com",
      "https://a--b.example.com", 0 },
    { "a whole label in between", "https://a-*-b.example.com",
      "https://a-x.y-b.example.com", 0 },
    { "everybody can register", "https://*example.com",
      "https://evilexample.com", 1 },
    { "but not without a byte", "https://*example.com", "https://example.com",
      0 },
    { "but not a subdomain", "https://*example.com",
      "https://www.example.com", 0 },

    { "any port", "http://localhost:*", "http://localhost:5173", 1 },
    { "any port, the default", "http://localhost:*", "http://localhost", 1 },
    { "any port, this scheme", "http://localhost:*", "https://localhost:5173",
      0 },
    { "any port, no scheme of the same length", "http://localhost:*",
      "evil://localhost:5173", 0 },
    { "any port, this host", "http://localhost:*", "http://localhost.evil.com",
      0 },
    { "any port, a host that ends so", "http://localhost:*",
      "http://evillocalhost:5173", 0 },
    { "any port, a valid one", "http://localhost:*", "http://localhost:0",
      0 },
    { "any port, no userinfo", "http://localhost:*",
      "http://localhost:x@evil.com", 0 },
    { "any port of IPv6", "http://[::1]:*", "http://[::1]:5173", 1 },
    { "any port of another IPv6", "http://[::1]:*", "http://[::2]:5173", 0 },
    { "any port of subdomains", "https://*.example.com:*",
      "https://a.example.com:5173", 1 },
    { "any port of subdomains, the default", "https://*.example.com:*",
      "https://a.example.com", 1 },
    { "any port of subdomains, not of the domain", "https://*.example.com:*",
      "https://example.com:5173", 0 },
    { "any port, not null", "http://localhost:*", "null", 0 }
};

static void test_matches(void)
{
    size_t i;

    for (i = 0; i < COUNT(matches); i++) {
        cors_str_t value = exact(matches[i].origin);
        cors_pattern_t pattern;
        cors_reading_t reading;
        cors_origin_t origin;

        if (ok(read_exact(matches[i].item, &pattern, &reading),
               "%s is a pattern", matches[i].item)) {
            ok((cors_origin_parse(value, &origin)
                && cors_pattern_match(&pattern, &origin)) == matches[i].want,
               "%s: %s %s %s", matches[i].what, matches[i].item,
               matches[i].want ? "covers" : "leaves out", matches[i].origin);
            drop_pattern(&pattern);
        }
        drop(value);
    }
}

/* ---------------------------------------------------------- properties -- */

static int is_safe(cors_str_t s)
{
    static const char bytes[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        "+-._:/[]";
    size_t i;

    for (i = 0; i < s.n; i++) {
        if (memchr(bytes, s.p[i], sizeof(bytes) - 1) == NULL) {
            return 0;
        }
    }
    return 1;
}

/* Is a pattern safe but for the `*` that the item has? */
static int is_clean(const cors_pattern_t *pattern, cors_str_t item)
{
    char text[CORS_ORIGIN_MAX + 1];
    cors_str_t rest = { text, pattern->n };
    size_t i, stars = 0;

    memcpy(text, pattern->text, pattern->n);
    for (i = 0; i < item.n; i++) {
        stars += item.p[i] == '*';
    }
    for (i = 0; i < pattern->n; i++) {
        if (text[i] == '*') {
            text[i] = '-';
            stars--;
        }
    }
    return stars == 0 && is_safe(rest);
}

/* What the properties below saw go wrong. */
typedef struct tally_t {
    unsigned long accepted, refused;
    unsigned long unsafe;       /* origins with a byte no header should see */
    unsigned long torn;         /* origins that are not their parts */
    unsigned long other;        /* origins that an exact pattern of another
                                   text covers, or not that of their own */
    unsigned long unsent;       /* exact patterns that are no origin */
    unsigned long unclean;      /* patterns with such a byte, `*` aside */
    unsigned long unsure;       /* insecure origins that a pattern covers
                                   without having the fact */
} tally_t;

/* Is the origin its parts in a row? */
static int is_whole(const cors_origin_t *origin)
{
    char text[CORS_ORIGIN_MAX + 8];

    if (cors_origin_is_null(origin)) {
        return cors_str_eq(origin->text, cors_str("null"));
    }
    sprintf(text, "%.*s://%.*s%s%.*s", (int)origin->scheme.n,
            origin->scheme.p, (int)origin->host.n, origin->host.p,
            origin->port.n ? ":" : "", (int)origin->port.n,
            origin->port.n ? origin->port.p : "");
    return cors_str_eq(origin->text, cors_str(text));
}

static void check(cors_str_t value, const cors_pattern_t *pattern,
                  tally_t *tally)
{
    const cors_str_t own = { pattern->text, pattern->n };
    cors_origin_t origin;
    cors_pattern_t twin;
    cors_reading_t reading;

    if (cors_pattern_parse(value, list, &twin, &reading)) {
        tally->unclean += !is_clean(&twin, value);
        tally->unsent += (twin.facts & WILD) == 0
            && (!cors_origin_parse(cors_str(reading.text), &origin)
                || !cors_pattern_match(&twin, &origin));
    }
    if (!cors_origin_parse(value, &origin)) {
        tally->refused++;
        return;
    }
    tally->accepted++;
    tally->unsafe += !is_safe(value);
    tally->torn += !is_whole(&origin);
    tally->other += (pattern->facts & WILD) == 0
        && cors_pattern_match(pattern, &origin) != cors_str_eq(value, own);
    tally->unsure += cors_origin_is_insecure(&origin)
        && (pattern->facts & (CORS_PATTERN_INSECURE | CORS_PATTERN_ANY)) == 0
        && cors_pattern_match(pattern, &origin);
}

/* All origins at one byte's distance: replaced, inserted, removed. */
static void check_neighbours(const char *text, const cors_pattern_t *pattern,
                             tally_t *tally)
{
    const size_t n = strlen(text);
    size_t at;
    int c;

    for (at = 0; at <= n; at++) {
        char *longer = malloc(n + 1);
        char *shorter = malloc(n);
        cors_str_t value;

        memcpy(longer, text, at);
        memcpy(longer + at + 1, text + at, n - at);
        value.p = longer;
        value.n = n + 1;
        for (c = 0; c < 256; c++) {
            longer[at] = (char)c;
            check(value, pattern, tally);
        }
        value.p = shorter;
        value.n = n;
        memcpy(shorter, text, n);
        for (c = 0; at < n && c < 256; c++) {
            shorter[at] = (char)c;
            check(value, pattern, tally);
        }
        free(longer);
        free(shorter);
        if (at < n) {
            longer = malloc(n - 1);
            memcpy(longer, text, at);
            memcpy(longer + at, text + at + 1, n - at - 1);
            value.p = longer;
            value.n = n - 1;
            check(value, pattern, tally);
            free(longer);
        }
    }
}

/* Pieces of origins in any order. */
static void check_nonsense(const cors_pattern_t *pattern, tally_t *tally)
{
    static const char *const pieces[] = {
        "https", "http", "app", "null", "file", "://", "://", "//", ":", "/",
        "@", "*", ".", ".", "example", "com", "localhost", "127.0.0.1", "0x",
        "[::1]", "[", "]", "443", "8443", "-", "_", "a", "A", "%", " ", ",",
        "HTTPS", "1", "0", "same-site", "xn--", "bcher-kva", "\xc3\xbc",
        "\xcc\x88", "\xd7\x90", "\xc3", "\xe2\x80\x8d", "\xe3\x80\x82",
        "\xef\xbc\x8f", "\xef\xbc\x8a", "\xef\xbc\x9a", "\xef\xbc\x91"
    };
    char text[128] = "";
    unsigned n = 2 + roll(7);
    cors_str_t value;

    if (roll(2)) {
        strcpy(text, roll(2) ? "https://" : "http://");
    }
    while (n-- > 0) {
        strcat(text, pieces[roll(COUNT(pieces))]);
    }
    value = exact(text);
    check(value, pattern, tally);
    drop(value);
}

static void test_properties(void)
{
    tally_t tally;
    size_t i;
    int round;

    memset(&tally, 0, sizeof(tally));
    for (i = 0; i < COUNT(origins); i++) {
        cors_pattern_t pattern;
        cors_reading_t reading;

        /* A host with a dot at its end is no pattern. */
        if (read_exact(origins[i].text, &pattern, &reading)) {
            check_neighbours(origins[i].text, &pattern, &tally);
            drop_pattern(&pattern);
        }
    }
    for (i = 0; i < COUNT(patterns); i++) {
        cors_pattern_t pattern;
        cors_reading_t reading;

        if (read_exact(patterns[i].item, &pattern, &reading)) {
            for (round = 0; round < 3000; round++) {
                check_nonsense(&pattern, &tally);
            }
            drop_pattern(&pattern);
        }
    }
    printf("# %lu made-up origins accepted, %lu refused\n", tally.accepted,
           tally.refused);
    ok(tally.accepted > 5000 && tally.refused > 5000,
       "the made-up origins are of both kinds");
    ok(tally.unsafe == 0, "an origin holds only [A-Za-z0-9+-._:/[]]");
    ok(tally.torn == 0, "an origin is its scheme, host and port");
    ok(tally.other == 0, "an exact pattern covers its own text alone");
    ok(tally.unclean == 0, "a pattern adds '*' to that and nothing else");
    ok(tally.unsent == 0, "a pattern without a wildcard is an origin");
    ok(tally.unsure == 0, "what covers an insecure origin has the fact");
}

int main(void)
{
    apr_initialize();
    list = system_suffixes();
    test_patterns();
    test_same_site();
    test_names();
    test_growing_item();
#ifdef CORS_WITH_IDN2
    test_growing_name();
#endif
    test_matches();
    test_properties();
    apr_terminate();
    return done_testing();
}
