/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file origins.h
 * Origins as browsers send them: rows for one test, seeds for another.
 */
#ifndef ORIGINS_H
#define ORIGINS_H

#include <stddef.h>

/* A row's text may hold a NUL, so it brings its length. */
#define BYTES(literal) "" literal, sizeof(literal) - 1

static const struct {
    const char *what;
    const char *text;
    const char *scheme;
    const char *host;
    const char *port;           /* NULL: the default */
} origins[] = {
    { "https", "https://app.example.com", "https", "app.example.com", NULL },
    { "http", "http://example.com", "http", "example.com", NULL },
    { "a port", "https://example.com:8443", "https", "example.com", "8443" },
    { "the lowest port", "https://example.com:1", "https", "example.com",
      "1" },
    { "the highest port", "https://example.com:65535", "https", "example.com",
      "65535" },
    { "the other scheme's port, https", "https://example.com:80", "https",
      "example.com", "80" },
    { "the other scheme's port, http", "http://example.com:443", "http",
      "example.com", "443" },
    { "a host of one label", "http://localhost:3000", "http", "localhost",
      "3000" },
    { "an underscore in a host", "https://my_app.example.com", "https",
      "my_app.example.com", NULL },
    { "an A-label", "https://xn--bcher-kva.example", "https",
      "xn--bcher-kva.example", NULL },
    { "a dot at the end of the host", "https://example.com.", "https",
      "example.com.", NULL },
    { "a label that begins with digits", "https://1password.com", "https",
      "1password.com", NULL },
    { "a last label that begins with digits", "https://example.1com",
      "https", "example.1com", NULL },
    { "a numeric label that is not the last", "https://1.2.3.4.com", "https",
      "1.2.3.4.com", NULL },
    { "hexadecimal in front of another label", "https://0x7f.com", "https",
      "0x7f.com", NULL },
    { "what is not quite hexadecimal", "https://a.0xg", "https", "a.0xg",
      NULL },
    { "IPv4", "http://192.0.2.1:8080", "http", "192.0.2.1", "8080" },
    { "the lowest IPv4", "http://0.0.0.0", "http", "0.0.0.0", NULL },
    { "the highest IPv4", "http://255.255.255.255", "http",
      "255.255.255.255", NULL },
    { "IPv6", "http://[::1]:9000", "http", "[::1]", "9000" },
    { "the unspecified IPv6", "http://[::]", "http", "[::]", NULL },
    { "IPv6 with all its pieces", "https://[2001:db8:1:2:3:4:5:6]", "https",
      "[2001:db8:1:2:3:4:5:6]", NULL },
    { "IPv6, one zero piece is not compressed",
      "https://[2001:db8:0:1:1:1:1:1]", "https", "[2001:db8:0:1:1:1:1:1]",
      NULL },
    { "IPv6, the first of two equal runs is compressed",
      "https://[2001:db8::1:0:0:1]", "https", "[2001:db8::1:0:0:1]", NULL },
    { "IPv6, the longer run is compressed", "https://[2001:0:0:1::1]",
      "https", "[2001:0:0:1::1]", NULL },
    { "IPv6, a run at the end", "https://[fe80::]", "https", "[fe80::]",
      NULL },
    { "a mapped IPv4 in hexadecimal", "https://[::ffff:c000:201]", "https",
      "[::ffff:c000:201]", NULL },
    { "a custom scheme", "capacitor://localhost", "capacitor", "localhost",
      NULL },
    { "an extension", "chrome-extension://abcdefghijklmnop",
      "chrome-extension", "abcdefghijklmnop", NULL },
    { "every byte a scheme may have", "a+b-c.1://host", "a+b-c.1", "host",
      NULL },
    { "an opaque host keeps its case", "app://MyHost", "app", "MyHost",
      NULL },
    { "no default port under a custom scheme", "app://host:443", "app",
      "host", "443" },
    { "a scheme that begins like file", "files://host", "files", "host",
      NULL },
    { "ws", "ws://example.com:443", "ws", "example.com", "443" },
    { "the opaque origin", "null", NULL, NULL, NULL }
};

#endif /* ORIGINS_H */
