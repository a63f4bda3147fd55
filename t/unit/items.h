/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file items.h
 * Items of CorsAllowOrigin, taken and refused: rows for one test, seeds for
 * another.
 */
#ifndef ITEMS_H
#define ITEMS_H

#include "cors_pattern.h"
#include "origins.h"

#define EITHER    CORS_PATTERN_EITHER_SCHEME
#define ANY_PORT  CORS_PATTERN_ANY_PORT
#define SUB       CORS_PATTERN_SUBDOMAINS
#define PARTIAL   CORS_PATTERN_PARTIAL
#define INSECURE  CORS_PATTERN_INSECURE
#define PUBLIC    CORS_PATTERN_PUBLIC_SUFFIX
#define REGISTER  CORS_PATTERN_REGISTRABLE

/* An item that is taken, and what it is read as. */
typedef struct row_t {
    const char *what;
    const char *item;
    const char *text;           /* normalised; NULL: as written */
    unsigned facts;
} row_t;

static const row_t patterns[] = {
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
    { "everybody's names, second level", "https://*.co.uk", NULL,
      SUB | PUBLIC },
    { "everybody's names, a private suffix", "https://*.github.io", NULL,
      SUB | PUBLIC },
    { "names anybody can register, private", "https://pr-*.github.io", NULL,
      PARTIAL | REGISTER },
    { "one's own names there", "https://*.pages.github.io", NULL, SUB },
    { "part of one's own names there", "https://pr-*.pages.github.io", NULL,
      PARTIAL },
    { "what only ends like a suffix", "https://*.notgithub.io", NULL, SUB },
    { "an unlisted domain", "https://*.corp.internal", NULL, SUB },
    { "localhost is nobody's suffix", "http://*.localhost", NULL, SUB },
    { "nor is a name under it", "http://*.app.localhost", NULL, SUB },
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
#define BYTES_RULE "must be of visible characters"
#define COMMA_RULE "must be one origin; separate several with blanks"
#define FILE_RULE "must not be a file: origin; browsers send 'null' for files"
#define BEHIND_RULE "must name the domain behind '*'"
#define LEFT_RULE "must have '*' in the leftmost label of its host only"
#define STARS_RULE "must not have more than one '*' in its host"
#define CASE_RULE "must be written in lower case"
#define OPAQUE_RULE \
    "must not have '*' in its host unless it is an http or https origin"

/* One that is refused, and why. */
typedef struct refused_t {
    const char *what;
    const char *item;
    size_t n;
    const char *rule;
    const char *instead;        /* what is suggested, if anything */
} refused_t;

static const refused_t no_patterns[] = {
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
    { "another control byte", BYTES("https://a\x1f.example"), BYTES_RULE,
      "" },
    { "DEL", BYTES("https://a\x7f.example"), BYTES_RULE, "" },
    { "file", BYTES("file://host"), FILE_RULE, "" },
    { "file in capitals", BYTES("FILE:///etc"), FILE_RULE, "" },
    { "null in capitals", BYTES("NULL"), CASE_RULE, "null" },
    { "what begins like null", BYTES("nul"), SCHEME_RULE, "https://nul" },
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

#endif /* ITEMS_H */
