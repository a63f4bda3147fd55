/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_site.h"

#include <apr_general.h>

#include "suffixes.h"
#include "tap.h"

#define HTTP  0
#define HTTPS 1

/* Each row is asked for both, so it also tells what does not matter. */
static const struct {
    const char *what;
    const char *host;           /* NULL: unknown */
    const char *port;           /* NULL: none was given */
    int is_secure;
    const char *origin;
    int is_same_origin;
    int is_same_site;
    int is_same_without_list;   /* the same site, by no list */
} rows[] = {
    { "the same, https", "a.example.com", NULL, HTTPS,
      "https://a.example.com", 1, 1, 1 },
    { "the same, http", "a.example.com", NULL, HTTP,
      "http://a.example.com", 1, 1, 1 },
    { "https towards http", "a.example.com", NULL, HTTP,
      "https://a.example.com", 1, 1, 1 },
    { "http towards https", "a.example.com", NULL, HTTPS,
      "http://a.example.com", 0, 0, 0 },
    { "http towards https, another host", "a.example.com", NULL, HTTPS,
      "http://b.example.com", 0, 0, 0 },

    { "the same port", "a.example.com", "8443", HTTPS,
      "https://a.example.com:8443", 1, 1, 1 },
    { "another port", "a.example.com", "8443", HTTPS,
      "https://a.example.com:8444", 0, 1, 1 },
    { "a longer port", "a.example.com", "844", HTTPS,
      "https://a.example.com:8443", 0, 1, 1 },
    { "a port towards none", "a.example.com", NULL, HTTPS,
      "https://a.example.com:8443", 0, 1, 1 },
    { "none towards a port", "a.example.com", "8443", HTTPS,
      "https://a.example.com", 0, 1, 1 },
    { "an empty port is none", "a.example.com", "", HTTPS,
      "https://a.example.com", 1, 1, 1 },
    { "an empty port is none of theirs", "a.example.com", "", HTTPS,
      "https://a.example.com:8443", 0, 1, 1 },
    { "the default port given, https", "a.example.com", "443", HTTPS,
      "https://a.example.com", 1, 1, 1 },
    { "the default port given, http", "a.example.com", "80", HTTP,
      "http://a.example.com", 1, 1, 1 },
    { "the origin's default port given, https towards http",
      "a.example.com", "443", HTTP, "https://a.example.com", 1, 1, 1 },
    { "the server's default port given, https towards http",
      "a.example.com", "80", HTTP, "https://a.example.com", 0, 1, 1 },
    { "the other scheme's port, https", "a.example.com", "80", HTTPS,
      "https://a.example.com", 0, 1, 1 },
    { "the other scheme's port on both sides, https", "a.example.com", "80",
      HTTPS, "https://a.example.com:80", 1, 1, 1 },
    { "the other scheme's port, http", "a.example.com", "443", HTTP,
      "http://a.example.com", 0, 1, 1 },
    { "the other scheme's port on both sides, http", "a.example.com", "443",
      HTTP, "http://a.example.com:443", 1, 1, 1 },
    { "a port, https towards http", "a.example.com", "8080", HTTP,
      "https://a.example.com:8080", 1, 1, 1 },
    { "a port, http towards https", "a.example.com", "8080", HTTPS,
      "http://a.example.com:8080", 0, 0, 0 },

    { "another host of the site", "a.example.com", NULL, HTTPS,
      "https://b.example.com", 0, 1, 0 },
    { "another host of the site, http towards http", "a.example.com", NULL,
      HTTP, "http://b.example.com", 0, 1, 0 },
    { "another host of the site, https towards http", "a.example.com", NULL,
      HTTP, "https://b.example.com", 0, 1, 0 },
    { "another host and port of the site", "a.example.com", "8080", HTTPS,
      "https://b.example.com:8443", 0, 1, 0 },
    { "the registrable domain", "a.b.example.com", NULL, HTTPS,
      "https://example.com", 0, 1, 0 },
    { "a host far under the site's", "example.com", NULL, HTTPS,
      "https://a.b.c.example.com", 0, 1, 0 },
    { "another site", "a.example.com", NULL, HTTPS, "https://a.example.net",
      0, 0, 0 },
    { "a site that ends in the same bytes", "example.com", NULL, HTTPS,
      "https://evilexample.com", 0, 0, 0 },
    { "a site that begins with the same bytes", "example.com", NULL, HTTPS,
      "https://example.com.evil.test", 0, 0, 0 },
    { "upper case in the origin never came from a browser",
      "a.example.com", NULL, HTTPS, "app://A.example.com", 0, 0, 0 },
    { "a dot at the end makes another host, which httpd does not see",
      "a.example.com", NULL, HTTPS, "https://a.example.com.", 1, 0, 0 },
    { "a dot at the end of another host", "a.example.com", NULL, HTTPS,
      "https://b.example.com.", 0, 0, 0 },
    { "two dots are no host", "a.example.com", NULL, HTTPS,
      "app://a.example.com..", 0, 0, 0 },

    { "two names under a public suffix", "a.github.io", NULL, HTTPS,
      "https://b.github.io", 0, 0, 0 },
    { "two hosts of a name there", "a.pages.github.io", NULL, HTTPS,
      "https://b.pages.github.io", 0, 1, 0 },
    { "a public suffix and a name under it", "github.io", NULL, HTTPS,
      "https://a.github.io", 0, 0, 0 },
    { "a name under a public suffix, and that", "a.github.io", NULL, HTTPS,
      "https://github.io", 0, 0, 0 },
    { "a public suffix itself", "github.io", NULL, HTTPS,
      "https://github.io:8443", 0, 1, 1 },
    { "two names under a second-level suffix", "a.co.uk", NULL, HTTPS,
      "https://b.co.uk", 0, 0, 0 },

    { "one label", "intranet", NULL, HTTP, "http://intranet", 1, 1, 1 },
    { "one label and a port", "localhost", "8080", HTTP,
      "http://localhost:5173", 0, 1, 1 },
    { "two names of one label", "intranet", NULL, HTTP, "http://localhost",
      0, 0, 0 },
    { "a name under one label", "localhost", NULL, HTTP,
      "http://a.localhost", 0, 0, 0 },

    { "IPv4", "192.0.2.1", NULL, HTTP, "http://192.0.2.1", 1, 1, 1 },
    { "IPv4 and ports", "192.0.2.1", "8080", HTTP, "https://192.0.2.1:8443",
      0, 1, 1 },
    { "two addresses", "192.0.2.1", NULL, HTTP, "http://198.51.2.1", 0, 0,
      0 },
    { "IPv6", "[2001:db8::1]", NULL, HTTP, "http://[2001:db8::1]", 1, 1, 1 },
    { "IPv6 and the same port", "[2001:db8::1]", "8080", HTTP,
      "http://[2001:db8::1]:8080", 1, 1, 1 },
    { "IPv6 and another port", "[2001:db8::1]", "8080", HTTPS,
      "https://[2001:db8::1]", 0, 1, 1 },
    { "two IPv6 addresses", "[2001:db8::1]", NULL, HTTP,
      "http://[2001:db8::2]", 0, 0, 0 },
    { "IPv6 without brackets is no host", "2001:db8::1", NULL, HTTP,
      "http://[2001:db8::1]", 0, 0, 0 },

    { "an unknown host", NULL, NULL, HTTPS, "https://a.example.com", 0, 0,
      0 },
    { "an empty host", "", NULL, HTTPS, "https://a.example.com", 0, 0, 0 },
    { "an unknown host and null", NULL, NULL, HTTP, "null", 0, 0, 0 },
    { "null", "a.example.com", NULL, HTTP, "null", 0, 0, 0 },
    { "a host of that name", "null", NULL, HTTP, "null", 0, 0, 0 },

    { "capacitor", "localhost", NULL, HTTP, "capacitor://localhost", 0, 0,
      0 },
    { "an extension", "abcdef", NULL, HTTPS, "chrome-extension://abcdef", 0,
      0, 0 },
    { "wss", "a.example.com", NULL, HTTPS, "wss://a.example.com", 0, 0, 0 },
    { "ws", "a.example.com", NULL, HTTP, "ws://a.example.com", 0, 0, 0 },
    { "ftp", "a.example.com", NULL, HTTP, "ftp://a.example.com", 0, 0, 0 },
    { "a scheme that begins like https", "a.example.com", NULL, HTTPS,
      "httpss://a.example.com", 0, 0, 0 }
};

static void test_rows(const cors_suffixes_t *list, const char *name)
{
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const cors_str_t text = exact(rows[i].origin);
        const int same_site = list != NULL ? rows[i].is_same_site
                                           : rows[i].is_same_without_list;
        cors_origin_t origin;
        cors_site_t site;

        site.host = exact(rows[i].host);
        site.port = exact(rows[i].port);
        site.is_secure = rows[i].is_secure;
        site.suffixes = list;
        if (ok(cors_origin_parse(text, &origin), "%s, %s: an origin", name,
               rows[i].what)) {
            ok(!!cors_is_same_origin(&site, &origin)
               == rows[i].is_same_origin, "%s, %s: %s origin", name,
               rows[i].what, rows[i].is_same_origin ? "same" : "another");
            ok(!!cors_is_same_site(&site, &origin) == same_site,
               "%s, %s: %s site", name, rows[i].what,
               same_site ? "same" : "another");
            ok(!cors_is_same_site(NULL, &origin),
               "%s, %s: no site without a request", name, rows[i].what);
        }
        drop(text);
        drop(site.host);
        drop(site.port);
    }
}

int main(void)
{
    apr_initialize();
    test_rows(NULL, "without a list");
    if (cors_suffixes_supported) {
        test_rows(system_suffixes(), "system");
    }
    apr_terminate();
    return done_testing();
}
