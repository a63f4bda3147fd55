/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_origin.h"
#include "cors_pattern.h"

#include "origins.h"
#include "tap.h"

/* `n` bytes of names, 63 bytes a label. */
static char *domain(size_t n)
{
    static char text[CORS_ORIGIN_MAX];
    size_t i;

    for (i = 0; i < n; i++) {
        text[i] = "x."[i % 64 == 63];
    }
    text[n] = '\0';
    return text;
}

static const struct {
    const char *what;
    const char *text;
    size_t n;
} no_origins[] = {
    { "the empty value", BYTES("") },
    { "no scheme", BYTES("example.com") },
    { "an empty scheme", BYTES("://example.com") },
    { "no scheme but slashes", BYTES("//example.com") },
    { "a scheme that begins with a digit", BYTES("1app://host") },
    { "a scheme that begins with a sign", BYTES("+app://host") },
    { "an underscore in a scheme", BYTES("my_app://host") },
    { "an upper-case scheme", BYTES("HTTPS://example.com") },
    { "one upper-case letter in a scheme", BYTES("httpS://example.com") },
    { "an upper-case host", BYTES("https://EXAMPLE.com") },
    { "one upper-case letter in a host", BYTES("https://example.coM") },
    { "upper case in a host under http", BYTES("http://Example.com") },
    { "file", BYTES("file://host") },
    { "file without a host", BYTES("file://") },
    { "no host", BYTES("https://") },
    { "no host but a port", BYTES("https://:8443") },
    { "one slash", BYTES("https:/example.com") },
    { "three slashes", BYTES("https:///example.com") },
    { "backslashes", BYTES("https:\\\\example.com") },
    { "a slash at the end", BYTES("https://example.com/") },
    { "a path", BYTES("https://example.com/app") },
    { "a query", BYTES("https://example.com?x") },
    { "a fragment", BYTES("https://example.com#x") },
    { "a backslash in a host", BYTES("https://example.com\\.evil.com") },
    { "user information", BYTES("https://user@example.com") },
    { "user information that looks like a host",
      BYTES("https://example.com:443@evil.com") },
    { "empty user information", BYTES("https://@example.com") },
    { "two origins", BYTES("https://example.com https://evil.com") },
    { "a list", BYTES("https://example.com,https://evil.com") },
    { "a comma at the end", BYTES("https://example.com,") },
    { "a blank in front", BYTES(" https://example.com") },
    { "a blank behind", BYTES("https://example.com ") },
    { "a tab behind", BYTES("https://example.com\t") },
    { "a line end", BYTES("https://example.com\r\n") },
    { "a header smuggled in", BYTES("https://example.com\r\nX-Evil: 1") },
    { "NUL at the end", BYTES("https://example.com\0") },
    { "NUL inside", BYTES("https://example.com\0.evil.com") },
    { "NUL in IPv6", BYTES("https://[::1\0]") },
    { "DEL", BYTES("https://exam\x7fple.com") },
    { "UTF-8", BYTES("https://b\xc3\xbc" "cher.example") },
    { "an escape", BYTES("https://ex%61mple.com") },
    { "a star", BYTES("https://*.example.com") },
    { "a star alone", BYTES("*") },
    { "quotes", BYTES("\"https://example.com\"") },
    { "an empty label", BYTES("https://example..com") },
    { "an empty first label", BYTES("https://.example.com") },
    { "two dots at the end", BYTES("https://example.com..") },
    { "a host of one dot", BYTES("https://.") },
    { "https with its default port", BYTES("https://example.com:443") },
    { "http with its default port", BYTES("http://example.com:80") },
    { "ws with its default port", BYTES("ws://example.com:80") },
    { "wss with its default port", BYTES("wss://example.com:443") },
    { "ftp with its default port", BYTES("ftp://example.com:21") },
    { "an empty port", BYTES("https://example.com:") },
    { "port zero", BYTES("https://example.com:0") },
    { "a port with a leading zero", BYTES("https://example.com:08443") },
    { "a default port with a leading zero",
      BYTES("https://example.com:0443") },
    { "the port behind the last", BYTES("https://example.com:65536") },
    { "a port of six digits", BYTES("https://example.com:100000") },
    { "a port beyond 64 bits",
      BYTES("https://example.com:18446744073709551617") },
    { "a signed port", BYTES("https://example.com:+443") },
    { "a port of letters", BYTES("https://example.com:https") },
    { "a port and more", BYTES("https://example.com:8443x") },
    { "two ports", BYTES("https://example.com:8443:8443") },
    { "a star for a port", BYTES("https://example.com:*") },
    { "IPv4 with a leading zero", BYTES("http://127.0.0.01") },
    { "IPv4 in short form", BYTES("http://127.1") },
    { "IPv4 as one number", BYTES("http://2130706433") },
    { "IPv4 in hexadecimal", BYTES("http://0x7f000001") },
    { "IPv4 with a hexadecimal part", BYTES("http://127.0.0.0x1") },
    { "IPv4 with an empty hexadecimal part", BYTES("http://127.0.0.0x") },
    { "IPv4 with five parts", BYTES("http://1.2.3.4.5") },
    { "IPv4 with a part of 256", BYTES("http://1.2.3.256") },
    { "IPv4 with a part beyond 64 bits",
      BYTES("http://1.2.3.18446744073709551617") },
    { "IPv4 with a dot behind", BYTES("http://127.0.0.1.") },
    { "a name with a numeric last label", BYTES("http://example.42") },
    { "https, IPv4 in short form", BYTES("https://127.1") },
    { "https, IPv4 as one number", BYTES("https://2130706433") },
    { "https, IPv4 in hexadecimal", BYTES("https://0x7f000001") },
    { "https, IPv4 with a leading zero", BYTES("https://127.0.0.01") },
    { "https, IPv4 with a dot behind", BYTES("https://127.0.0.1.") },
    { "https, a name with a numeric last label",
      BYTES("https://example.42") },
    { "https, a name with a hexadecimal last label",
      BYTES("https://example.0x7f") },
    { "IPv6 without brackets", BYTES("http://::1") },
    { "IPv6 that does not end", BYTES("http://[::1") },
    { "an empty IPv6", BYTES("http://[]") },
    { "brackets that hold no address", BYTES("http://[example]") },
    { "brackets that hold IPv4", BYTES("http://[127.0.0.1]") },
    { "a letter behind IPv6", BYTES("http://[::1]x") },
    { "IPv6 inside a name", BYTES("http://a[::1]") },
    { "IPv6 with a zone", BYTES("http://[fe80::1%25eth0]") },
    { "IPv6 in upper case", BYTES("http://[::A]") },
    { "IPv6 not compressed", BYTES("http://[0:0:0:0:0:0:0:1]") },
    { "IPv6, the second of two equal runs compressed",
      BYTES("https://[2001:db8:0:0:1::1]") },
    { "IPv6, one zero piece compressed", BYTES("https://[1::2:3:4:5:6:7]") },
    { "IPv6 with leading zeros", BYTES("http://[::01]") },
    { "IPv6 with an IPv4 tail", BYTES("http://[::ffff:192.0.2.1]") },
    { "IPv6 with nine pieces", BYTES("http://[1:2:3:4:5:6:7:8:9]") },
    { "an IPv6 text of 200 bytes", BYTES("http://["
      "00000000000000000000000000000000000000000000000000000000000000000000"
      "0000000000000000000000000000000000000000000000000000000000000000001]")
    },
    { "null in upper case", BYTES("NULL") },
    { "Null", BYTES("Null") },
    { "null and more", BYTES("nullx") },
    { "less than null", BYTES("nul") },
    { "null and a blank", BYTES("null ") },
    { "two nulls", BYTES("null, null") },
    { "null as a scheme without a host", BYTES("null://") },
    { "about", BYTES("about:blank") },
    { "data", BYTES("data:text/html,x") },
    { "a blob", BYTES("blob:https://example.com") }
};

static void test_origins(void)
{
    size_t i;

    for (i = 0; i < COUNT(origins); i++) {
        cors_str_t text = exact(origins[i].text);
        cors_origin_t origin;

        if (ok(cors_origin_parse(text, &origin), "an origin: %s",
               origins[i].what)) {
            int has_port = origin.port.n > 0;

            ok(origin.text.p == text.p && origin.text.n == text.n,
               "%s: all of it", origins[i].what);
            is(origin.scheme, origins[i].scheme, origins[i].what, "scheme");
            is(origin.host, origins[i].host, origins[i].what, "host");
            ok(has_port == (origins[i].port != NULL)
               && (!has_port
                   || cors_str_eq(origin.port, cors_str(origins[i].port))),
               "%s: port", origins[i].what);
            ok(cors_origin_is_null(&origin) == (origins[i].scheme == NULL),
               "%s: null or not", origins[i].what);
        }
        drop(text);
    }
    for (i = 0; i < COUNT(no_origins); i++) {
        cors_str_t text = exact_n(no_origins[i].text, no_origins[i].n);
        cors_origin_t origin;

        ok(!cors_origin_parse(text, &origin), "no origin: %s",
           no_origins[i].what);
        drop(text);
    }
}

static void test_lengths(void)
{
    static const struct {
        const char *what;
        const char *scheme;
        size_t labels;          /* bytes of host, in labels of 63 */
        const char *behind;
        int want;
    } rows[] = {
        { "a label of 63 bytes", "https", 63, ".example", 1 },
        { "a label of 64 bytes", "https", 63, "x.example", 0 },
        { "one label of 63 bytes", "https", 63, "", 1 },
        { "one label of 64 bytes", "https", 63, "x", 0 },
        { "a last label of 63 bytes", "https", 127, "", 1 },
        { "a last label of 64 bytes", "https", 127, "x", 0 },
        { "a host of 253 bytes", "https", 253, "", 1 },
        { "a host of 253 bytes with port", "https", 253, ":65535", 1 },
        { "a host of 253 bytes and a dot", "https", 253, ".", 1 },
        { "a host of 254 bytes", "https", 254, "", 0 },
        { "a host of 254 bytes and a dot", "https", 254, ".", 0 },
        { "328 bytes under another scheme", "app", 322, "", 1 },
        { "329 bytes under another scheme", "app", 323, "", 0 }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        char text[2 * CORS_ORIGIN_MAX];
        cors_str_t value;
        cors_origin_t origin;
        cors_pattern_t pattern;
        cors_reading_t reading;
        int dot = *rows[i].behind == '.' && rows[i].behind[1] == '\0';

        sprintf(text, "%s://%s%s", rows[i].scheme, domain(rows[i].labels),
                rows[i].behind);
        value = exact(text);
        ok(cors_origin_parse(value, &origin) == rows[i].want,
           "%s: %s origin", rows[i].what, rows[i].want ? "an" : "no");
        ok(cors_pattern_parse(value, NULL, &pattern, &reading)
           == (rows[i].want && !dot),
           "%s: %s pattern", rows[i].what,
           rows[i].want && !dot ? "a" : "no");
        drop(value);
    }
}

static void test_insecure(void)
{
    static const struct {
        const char *origin;
        int want;
    } rows[] = {
        { "http://example.com", 1 },
        { "http://example.com:443", 1 },
        { "http://192.0.2.1", 1 },
        { "http://[2001:db8::1]", 1 },
        { "http://[::2]", 1 },
        { "http://126.255.255.255", 1 },
        { "http://128.0.0.1", 1 },
        { "http://127.evil.com", 1 },
        { "http://127.0.0.1.evil.com", 1 },
        { "http://localhost.evil.com", 1 },
        { "http://evillocalhost", 1 },
        { "http://evil-localhost", 1 },
        { "http://localhost", 0 },
        { "http://localhost:3000", 0 },
        { "http://app.localhost", 0 },
        { "http://a.b.localhost:8080", 0 },
        { "http://127.0.0.1", 0 },
        { "http://127.255.255.254:5173", 0 },
        { "http://[::1]:9000", 0 },
        { "https://example.com", 0 },
        { "capacitor://localhost", 0 },
        { "null", 0 }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        cors_str_t text = exact(rows[i].origin);
        cors_origin_t origin;

        ok(cors_origin_parse(text, &origin)
           && cors_origin_is_insecure(&origin) == rows[i].want,
           "%s is %s", rows[i].origin,
           rows[i].want ? "insecure" : "not insecure");
        drop(text);
    }
}

int main(void)
{
    test_origins();
    test_lengths();
    test_insecure();
    return done_testing();
}
