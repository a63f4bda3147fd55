/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_pattern.h"

#include "origins.h"
#include "random.h"
#include "tap.h"

#define WILD (CORS_PATTERN_ANY | CORS_PATTERN_EITHER_SCHEME \
              | CORS_PATTERN_ANY_PORT | CORS_PATTERN_SUBDOMAINS \
              | CORS_PATTERN_PARTIAL)

/* ------------------------------------------------------------- reading -- */

/* A pattern whose text ends with its last byte. For drop_pattern(). */
static int read_exact(const char *item, cors_pattern_t *pattern,
                      cors_reading_t *reading)
{
    cors_str_t bytes = exact(item);
    int good = cors_pattern_parse(bytes, pattern, reading);

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

#define EITHER    CORS_PATTERN_EITHER_SCHEME
#define ANY_PORT  CORS_PATTERN_ANY_PORT
#define SUB       CORS_PATTERN_SUBDOMAINS
#define PARTIAL   CORS_PATTERN_PARTIAL
#define INSECURE  CORS_PATTERN_INSECURE
#define PUBLIC    CORS_PATTERN_PUBLIC_SUFFIX
#define REGISTER  CORS_PATTERN_REGISTRABLE

static const struct {
    const char *what;
    const char *item;
    const char *text;           /* normalised; NULL: as written */
    unsigned facts;
} patterns[] = {
    { "any origin", "*", NULL, CORS_PATTERN_ANY },
    { "the opaque origin", "null", NULL, CORS_PATTERN_NULL },
    { "an exact origin", "https://app.example.com", NULL, 0 },
    { "one with a port", "https://app.example.com:8443", NULL, 0 },
    { "an IPv6 origin", "http://[::1]:9000", NULL, 0 },
    { "a custom scheme", "capacitor://localhost", NULL, 0 },
    { "an extension", "chrome-extension://abcdef", NULL, 0 },
    { "http is insecure", "http://example.com", NULL, INSECURE },
    { "http with a port is", "http://example.com:8080", NULL, INSECURE },
    { "http on localhost is not", "http://localhost:3000", NULL, 0 },
    { "http under localhost is not", "http://app.localhost", NULL, 0 },
    { "http on a loopback address is not", "http://127.0.0.2", NULL, 0 },
    { "http on what only begins like one is", "http://127.0.0.1.evil.com",
      NULL, INSECURE },
    { "either scheme", "//app.example.com", NULL, EITHER | INSECURE },
    { "either scheme on localhost", "//localhost:3000", NULL, EITHER },
    { "either scheme under localhost", "//*.localhost:*", NULL,
      EITHER | SUB | ANY_PORT },
    { "subdomains", "https://*.example.com", NULL, SUB },
    { "subdomains over http", "http://*.example.com", NULL, SUB | INSECURE },
    { "subdomains, a port", "https://*.example.com:8443", NULL, SUB },
    { "subdomains, any port", "https://*.example.com:*", NULL,
      SUB | ANY_PORT },
    { "subdomains, either scheme", "//*.example.com", NULL,
      EITHER | SUB | INSECURE },
    { "a beginning of a label", "https://pr-*.example.com", NULL, PARTIAL },
    { "an end of a label", "https://*-app.example.com", NULL, PARTIAL },
    { "both", "https://a-*-b.example.com", NULL, PARTIAL },
    { "either scheme, part of a label", "//pr-*.example.com:8080", NULL,
      EITHER | PARTIAL | INSECURE },
    { "any port", "http://localhost:*", NULL, ANY_PORT },
    { "any port of IPv6", "http://[::1]:*", NULL, ANY_PORT },
    { "any port over http", "http://example.com:*", NULL,
      ANY_PORT | INSECURE },
    { "everybody's names", "https://*.com", NULL, SUB | PUBLIC },
    { "everybody's names, unlisted", "https://*.internal", NULL,
      SUB | PUBLIC },
    { "everybody's names, http", "//*.com:*", NULL,
      EITHER | SUB | ANY_PORT | PUBLIC | INSECURE },
    { "names anybody can register", "https://*example.com", NULL,
      PARTIAL | REGISTER },
    { "names anybody can register, beginning", "https://example*.com", NULL,
      PARTIAL | REGISTER },
    { "localhost is nobody's suffix", "http://*.localhost", NULL, SUB },
    { "part of a label in front of localhost", "http://pr-*.localhost", NULL,
      PARTIAL },
    { "an underscore", "https://my_app.example.com", NULL, 0 },
    { "an underscore beside a star", "https://a_*.example.com", NULL,
      PARTIAL },
    { "a label with a star has room for 63 bytes",
      "https://*234567890123456789012345678901234567890123456789012345678901"
      "23.example.com", NULL, PARTIAL },

    { "a scheme in upper case", "HTTPS://example.com", "https://example.com",
      0 },
    { "a host in upper case", "https://App.EXAMPLE.com",
      "https://app.example.com", 0 },
    { "a wildcard in upper case", "https://PR-*.Example.com",
      "https://pr-*.example.com", PARTIAL },
    { "either scheme in upper case", "//Example.COM", "//example.com",
      EITHER | INSECURE },
    { "a custom scheme in upper case, its host is kept", "App://MyHost",
      "app://MyHost", 0 },
    { "the default port of https", "https://example.com:443",
      "https://example.com", 0 },
    { "the default port of http", "http://example.com:80",
      "http://example.com", INSECURE },
    { "the default port behind a wildcard", "https://*.example.com:443",
      "https://*.example.com", SUB },
    { "the default port of the other scheme is none",
      "https://example.com:80", NULL, 0 },
    { "a custom scheme has no default port", "app://host:443", NULL, 0 },
    { "IPv6 in long form", "http://[0:0:0:0:0:0:0:1]", "http://[::1]", 0 },
    { "IPv6 in upper case", "https://[2001:DB8::A]", "https://[2001:db8::a]",
      0 },
    { "IPv6 with leading zeros", "https://[2001:0db8::0001]",
      "https://[2001:db8::1]", 0 },
    { "IPv6 with an IPv4 tail", "https://[::ffff:192.0.2.1]",
      "https://[::ffff:c000:201]", 0 },
    { "IPv6 with the wrong run compressed", "https://[2001:db8:0:0:1::1]",
      "https://[2001:db8::1:0:0:1]", 0 },
    { "IPv6 that grows", "https://[1::3:4:5:6:7:8]",
      "https://[1:0:3:4:5:6:7:8]", 0 }
};

#define HOST_RULE "must have a host of letters, digits, '-', '_' and '.'"
#define PATH_RULE "must be scheme://host[:port] without a path"
#define USER_RULE "must be scheme://host[:port] without user information"
#define PORT_RULE "must have a port from 1 to 65535 without leading zeros"
#define SCHEME_RULE "must begin with a scheme and '://'"
#define LABEL_RULE "must not have an empty label in its host"
#define DOT_RULE "must not have a dot at the end of its host"
#define ADDRESS_RULE "must have a host that is a domain name or a canonical " \
                     "IPv4 address"
#define IPV6_RULE "must hold a valid IPv6 address between the brackets"
#define BARE_IPV6_RULE "must have an IPv6 address between brackets"
#define BYTES_RULE "must be of visible ASCII characters; write an " \
                   "internationalised host in its xn-- form"
#define COMMA_RULE "must be one origin; separate several with blanks"
#define FILE_RULE "must not be a file: origin; browsers send 'null' for files"
#define BEHIND_RULE "must name the domain behind '*'"
#define LEFT_RULE "must have '*' in the leftmost label of its host only"
#define STARS_RULE "must not have more than one '*' in its host"
#define OPAQUE_RULE \
    "must not have '*' in its host unless it is an http or https origin"

static const struct {
    const char *what;
    const char *item;
    size_t n;
    const char *rule;
    const char *instead;        /* what is suggested, if anything */
} no_patterns[] = {
    { "nothing", BYTES(""), "must not be empty", "" },
    { "no scheme", BYTES("example.com"), SCHEME_RULE, "https://example.com" },
    { "no scheme but a port", BYTES("localhost:3000"), SCHEME_RULE,
      "https://localhost:3000" },
    { "no scheme but a path", BYTES("example.com/"), SCHEME_RULE,
      "https://example.com" },
    { "no scheme but a wildcard", BYTES("*.example.com"), SCHEME_RULE,
      "https://*.example.com" },
    { "a colon that is no scheme", BYTES("mailto:me"), SCHEME_RULE, "" },
    { "a star for a scheme", BYTES("*://example.com"),
      "must not have '*' for a scheme; '//host' stands for http and https",
      "//example.com" },
    { "a slash", BYTES("https://example.com/"), PATH_RULE,
      "https://example.com" },
    { "a path", BYTES("https://example.com/app"), PATH_RULE,
      "https://example.com" },
    { "a path behind a port and capitals",
      BYTES("HTTPS://Example.com:443/App"), PATH_RULE,
      "https://example.com" },
    { "a path behind a wildcard", BYTES("https://*.example.com/*"),
      PATH_RULE, "https://*.example.com" },
    { "a query", BYTES("https://example.com?x=1"), PATH_RULE,
      "https://example.com" },
    { "a fragment", BYTES("https://example.com#top"), PATH_RULE,
      "https://example.com" },
    { "a backslash", BYTES("https://example.com\\"), PATH_RULE,
      "https://example.com" },
    { "user information", BYTES("https://me:pw@example.com"), USER_RULE,
      "https://example.com" },
    { "user information and path", BYTES("https://me@example.com/x"),
      USER_RULE, "https://example.com" },
    { "user information, either scheme", BYTES("//me@example.com"),
      USER_RULE, "//example.com" },
    { "a comma list", BYTES("https://a.example,https://b.example"),
      COMMA_RULE, "" },
    { "a comma at the end", BYTES("https://a.example,"), COMMA_RULE, "" },
    { "a blank", BYTES("https://a.example https://b.example"), BYTES_RULE,
      "" },
    { "NUL", BYTES("https://a.example\0"), BYTES_RULE, "" },
    { "UTF-8", BYTES("https://b\xc3\xbc" "cher.example"), BYTES_RULE, "" },
    { "DEL", BYTES("https://a\x7f.example"), BYTES_RULE, "" },
    { "file", BYTES("file://host"), FILE_RULE, "" },
    { "file in capitals", BYTES("FILE:///etc"), FILE_RULE, "" },
    { "null in capitals", BYTES("NULL"), "must be written in lower case",
      "null" },
    { "no host", BYTES("https://"), "must name a host", "" },
    { "no host but a port", BYTES("https://:8443"), "must name a host", "" },
    { "no host, either scheme", BYTES("//"), "must name a host", "" },
    { "an empty label", BYTES("https://a..example"), LABEL_RULE, "" },
    { "an empty first label", BYTES("https://.example.com"), LABEL_RULE,
      "" },
    { "an empty label behind a star", BYTES("https://*..example.com"),
      LABEL_RULE, "" },
    { "a dot at the end", BYTES("https://example.com."), DOT_RULE,
      "https://example.com" },
    { "a dot at the end, wildcard", BYTES("https://*.example.com."),
      DOT_RULE, "https://*.example.com" },
    { "a dot in front of the port", BYTES("https://example.com.:8443"),
      DOT_RULE, "" },
    { "an escape", BYTES("https://ex%61mple.com"), HOST_RULE, "" },
    { "a bracket in a name", BYTES("https://exam]ple.com"), HOST_RULE, "" },
    { "an escape beside a star", BYTES("https://%61*.example.com"),
      HOST_RULE, "" },
    { "an odd byte in an opaque host", BYTES("app://ho!st"), HOST_RULE, "" },
    { "an empty port", BYTES("https://example.com:"), PORT_RULE, "" },
    { "port zero", BYTES("https://example.com:0"), PORT_RULE, "" },
    { "a leading zero", BYTES("https://example.com:0443"), PORT_RULE, "" },
    { "a port too high", BYTES("https://example.com:65536"), PORT_RULE, "" },
    { "a port with a star and more", BYTES("https://example.com:80*"),
      PORT_RULE, "" },
    { "a port of letters", BYTES("https://example.com:http"), PORT_RULE,
      "" },
    { "the default port of one scheme of two", BYTES("//example.com:443"),
      "must name the scheme: this port is the default of only one of http "
      "and https", "" },
    { "the same with 80", BYTES("//*.example.com:80"),
      "must name the scheme: this port is the default of only one of http "
      "and https", "" },
    { "IPv4 in short form", BYTES("http://127.1"), ADDRESS_RULE, "" },
    { "IPv4 as a number", BYTES("http://2130706433"), ADDRESS_RULE, "" },
    { "IPv4 in hexadecimal", BYTES("http://0X7F.0.0.1"), NULL, "" },
    { "IPv4 with leading zeros", BYTES("http://127.0.0.01"), ADDRESS_RULE,
      "" },
    { "a numeric last label", BYTES("http://example.0x1f"), ADDRESS_RULE,
      "" },
    { "bare IPv6", BYTES("http://::1"), BARE_IPV6_RULE, "" },
    { "two ports", BYTES("http://a.example:1:2"), BARE_IPV6_RULE, "" },
    { "IPv6 that does not end", BYTES("http://[::1"), IPV6_RULE, "" },
    { "IPv6 with nine pieces", BYTES("http://[1:2:3:4:5:6:7:8:9]"),
      IPV6_RULE, "" },
    { "IPv6 with a zone", BYTES("http://[fe80::1%eth0]"), IPV6_RULE, "" },
    { "a name in brackets", BYTES("http://[localhost]"), IPV6_RULE, "" },
    { "a star in brackets", BYTES("http://[::*]"), NULL, "" },
    { "every host", BYTES("https://*"), BEHIND_RULE, "" },
    { "every host, with a port", BYTES("https://*:8443"), BEHIND_RULE, "" },
    { "every host, either scheme", BYTES("//*"), BEHIND_RULE, "" },
    { "every host of one label", BYTES("https://pr-*"), BEHIND_RULE, "" },
    { "every host of one dot", BYTES("https://*."), DOT_RULE, "" },
    { "a star in the middle", BYTES("https://a.*.example.com"), LEFT_RULE,
      "" },
    { "a star at the end", BYTES("https://example.*"), LEFT_RULE, "" },
    { "two stars", BYTES("https://*.*.example.com"), STARS_RULE, "" },
    { "two stars in a label", BYTES("https://**.example.com"), STARS_RULE,
      "" },
    { "two stars around", BYTES("https://*-a-*.example.com"), STARS_RULE,
      "" },
    { "a star in the scheme", BYTES("http*://example.com"), SCHEME_RULE,
      "" },
    { "a star over an IPv4 address", BYTES("http://*.192.0.2.1"),
      "must not have '*' over an IP address", "" },
    { "a star in an IPv4 address", BYTES("http://*.0.2.1"), NULL, "" },
    { "a star in a part of one", BYTES("http://1*.0.2.1"), NULL, "" },
    { "a star over an IPv6 address", BYTES("http://*.[::1]"), NULL, "" },
    { "a star in an opaque host", BYTES("app://*.host"), OPAQUE_RULE, "" },
    { "any port of an opaque host", BYTES("app://host:*"),
      "must not have '*' for a port unless it is an http or https origin",
      "" },
    { "a star under wss", BYTES("wss://*.example.com"), OPAQUE_RULE, "" },
    { "any port under ftp", BYTES("ftp://example.com:*"),
      "must not have '*' for a port unless it is an http or https origin",
      "" },
    { "no star is suggested where anybody can register a match",
      BYTES("*example.com"), "must begin with a scheme and '://'", "" },
    { "a label with a star that has no room",
      BYTES("https://*234567890123456789012345678901234567890123456789012345"
            "67890123x.example.com"),
      "must have a host with labels of at most 63 bytes", "" },
    { "a blob", BYTES("blob:https://example.com"), SCHEME_RULE, "" }
};

/* Is what is suggested itself a pattern, already normalised? */
static int is_good(const char *text)
{
    cors_pattern_t pattern;
    cors_reading_t reading;

    return cors_pattern_parse(cors_str(text), &pattern, &reading)
        && strcmp(reading.text, text) == 0;
}

static void test_patterns(void)
{
    size_t i;

    for (i = 0; i < COUNT(patterns); i++) {
        const char *what = patterns[i].what;
        const char *want = patterns[i].text ? patterns[i].text
                                            : patterns[i].item;
        cors_pattern_t pattern;
        cors_reading_t reading;
        cors_str_t text;
        cors_origin_t origin;

        if (!ok(read_exact(patterns[i].item, &pattern, &reading),
                "a pattern: %s", what)) {
            printf("#   %s\n", reading.rule);
            continue;
        }
        text.p = pattern.text;
        text.n = pattern.n;
        is(text, want, what, "normalised");
        ok(reading.rule == NULL && strcmp(reading.text, want) == 0,
           "%s: the reading says so", what);
        ok(pattern.facts == patterns[i].facts, "%s: facts %03x", what,
           patterns[i].facts);
        ok(is_good(want), "%s: normalising ends", what);
        if ((pattern.facts & WILD) == 0) {
            ok(cors_origin_parse(text, &origin)
               && cors_pattern_match(&pattern, &origin),
               "%s: a browser may send it, and it matches", what);
        }
        drop_pattern(&pattern);
    }
    for (i = 0; i < COUNT(no_patterns); i++) {
        cors_str_t item = exact_n(no_patterns[i].item, no_patterns[i].n);
        cors_pattern_t pattern;
        cors_reading_t reading;

        if (ok(!cors_pattern_parse(item, &pattern, &reading),
               "no pattern: %s", no_patterns[i].what)) {
            /* Where the contract names several rules, any will do. */
            if (no_patterns[i].rule != NULL) {
                is(cors_str(reading.rule), no_patterns[i].rule,
                   no_patterns[i].what, "rule");
            }
            is(cors_str(reading.text), no_patterns[i].instead,
               no_patterns[i].what, "suggestion");
            ok(reading.rule != NULL
               && (reading.text[0] == '\0' || is_good(reading.text)),
               "%s: what is suggested is a pattern", no_patterns[i].what);
        }
        drop(item);
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
        if (cors_pattern_parse(cors_str(item), &pattern, &reading)) {
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

/* What the properties below saw go wrong. */
typedef struct tally_t {
    unsigned long accepted, refused;
    unsigned long unsafe;       /* origins with a byte no header should see */
    unsigned long torn;         /* origins that are not their parts */
    unsigned long other;        /* origins that an exact pattern of another
                                   text covers, or not that of their own */
    unsigned long unsent;       /* exact patterns that are no origin */
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

    if (cors_pattern_parse(value, &twin, &reading)
        && (twin.facts & WILD) == 0) {
        tally->unsent +=
            !cors_origin_parse(cors_str(reading.text), &origin)
            || !cors_pattern_match(&twin, &origin);
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
        "HTTPS", "1", "0"
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
    ok(tally.unsent == 0, "a pattern without a wildcard is an origin");
    ok(tally.unsure == 0, "what covers an insecure origin has the fact");
}

int main(void)
{
    test_patterns();
    test_growing_item();
    test_matches();
    test_properties();
    return done_testing();
}
