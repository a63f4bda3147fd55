/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_safelist.h"

#include "tap.h"

#define S100 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
             "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define S128 S100 "xxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void test_values(void)
{
    static const struct {
        const char *name;
        const char *value;
        cors_safety_t want;
        const char *blamed;
    } rows[] = {
        { "X-A", "1", CORS_UNSAFE_NAME, NULL },
        { "X-A", NULL, CORS_UNSAFE_NAME, NULL },
        { "", "", CORS_UNSAFE_NAME, NULL },
        { "Accept-", "a", CORS_UNSAFE_NAME, NULL },
        { "Accep", "a", CORS_UNSAFE_NAME, NULL },
        { "Authorization", "Basic YTpi", CORS_UNSAFE_NAME, NULL },
        { "X-A", S128 "x", CORS_UNSAFE_NAME, NULL },

        { "Accept", NULL, CORS_SAFELISTED, NULL },
        { "Accept-Language", NULL, CORS_SAFELISTED, NULL },
        { "Content-Language", NULL, CORS_SAFELISTED, NULL },
        { "Content-Type", NULL, CORS_UNSAFE_UNKNOWN, NULL },
        { "Range", NULL, CORS_UNSAFE_UNKNOWN, NULL },

        { "Accept", "", CORS_SAFELISTED, NULL },
        { "ACCEPT", "text/html, */*;q=0.8", CORS_SAFELISTED, NULL },
        { "accept", S128, CORS_SAFELISTED, NULL },
        { "accept", S128 "x", CORS_UNSAFE_LENGTH, NULL },
        { "accept", S128 "(", CORS_UNSAFE_LENGTH, NULL },
        { "accept", "caf\xc3\xa9\t", CORS_SAFELISTED, NULL },
        { "accept", "a(b)", CORS_UNSAFE_BYTE, "(" },

        { "Accept-Language", "de-DE, *;q=0.5", CORS_SAFELISTED, NULL },
        { "Accept-Language", "", CORS_SAFELISTED, NULL },
        { "Content-Language", "AZaz09 *,-.;=", CORS_SAFELISTED, NULL },
        { "Content-Language", "de_DE", CORS_UNSAFE_BYTE, "_" },
        { "Content-Language", "de\tfr", CORS_UNSAFE_BYTE, "\t" },
        { "Accept-Language", "de/", CORS_UNSAFE_BYTE, "/" },
        { "Accept-Language", "caf\xc3\xa9", CORS_UNSAFE_BYTE, "\xc3" },
        { "Accept-Language", S128 "x", CORS_UNSAFE_LENGTH, NULL },

        { "Content-Type", "text/plain", CORS_SAFELISTED, NULL },
        { "content-type", "multipart/form-data", CORS_SAFELISTED, NULL },
        { "content-type", "application/x-www-form-urlencoded",
          CORS_SAFELISTED, NULL },
        { "content-type", "Text/PLAIN", CORS_SAFELISTED, NULL },
        { "content-type", "text/plain;charset=utf-8", CORS_SAFELISTED, NULL },
        { "content-type", "text/plain \t; x", CORS_SAFELISTED, NULL },
        { "content-type", "text/plain;", CORS_SAFELISTED, NULL },
        { "content-type", "multipart/form-data; boundary=\"x\"",
          CORS_UNSAFE_BYTE, "\"" },
        { "content-type", "text/plain;a=b:c", CORS_UNSAFE_BYTE, ":" },
        { "content-type", "application/json", CORS_UNSAFE_TYPE,
          "application/json" },
        { "content-type", "application/json; charset=utf-8",
          CORS_UNSAFE_TYPE, "application/json" },
        { "content-type", "application/json, text/plain", CORS_UNSAFE_TYPE,
          "application/json, text/plain" },
        { "content-type", "text/plain, text/plain", CORS_UNSAFE_TYPE,
          "text/plain, text/plain" },
        { "content-type", "text/plainx", CORS_UNSAFE_TYPE, "text/plainx" },
        { "content-type", "text/plai", CORS_UNSAFE_TYPE, "text/plai" },
        { "content-type", "text / plain", CORS_UNSAFE_TYPE, "text / plain" },
        { "content-type", ";text/plain", CORS_UNSAFE_TYPE, "" },
        { "content-type", "", CORS_UNSAFE_TYPE, "" },
        { "content-type", "text/plain;" S128, CORS_UNSAFE_LENGTH, NULL },

        { "Range", "bytes=0-499", CORS_SAFELISTED, NULL },
        { "range", "bytes=0-", CORS_SAFELISTED, NULL },
        { "range", "bytes=5-5", CORS_SAFELISTED, NULL },
        { "range", "bytes=0005-5", CORS_SAFELISTED, NULL },
        { "range", "bytes=0-0", CORS_SAFELISTED, NULL },
        { "range", "bytes=9-10", CORS_SAFELISTED, NULL },
        { "range", "bytes=99999999999999999999998-99999999999999999999999",
          CORS_SAFELISTED, NULL },
        { "range", "bytes=6-5", CORS_UNSAFE_RANGE, "bytes=6-5" },
        { "range", "bytes=10-9", CORS_UNSAFE_RANGE, "bytes=10-9" },
        { "range", "bytes=1-0", CORS_UNSAFE_RANGE, "bytes=1-0" },
        { "range", "bytes=6-05", CORS_UNSAFE_RANGE, "bytes=6-05" },
        { "range", "bytes=-500", CORS_UNSAFE_RANGE, "bytes=-500" },
        { "range", "bytes=-", CORS_UNSAFE_RANGE, "bytes=-" },
        { "range", "bytes=5", CORS_UNSAFE_RANGE, "bytes=5" },
        { "range", "bytes=", CORS_UNSAFE_RANGE, "bytes=" },
        { "range", "bytes", CORS_UNSAFE_RANGE, "bytes" },
        { "range", "", CORS_UNSAFE_RANGE, "" },
        { "range", "Bytes=0-1", CORS_UNSAFE_RANGE, "Bytes=0-1" },
        { "range", "bytes =0-1", CORS_UNSAFE_RANGE, "bytes =0-1" },
        { "range", "bytes= 0-1", CORS_UNSAFE_RANGE, "bytes= 0-1" },
        { "range", "bytes=0 -1", CORS_UNSAFE_RANGE, "bytes=0 -1" },
        { "range", "bytes=0-1,5-6", CORS_UNSAFE_RANGE, "bytes=0-1,5-6" },
        { "range", "bytes=0-1x", CORS_UNSAFE_RANGE, "bytes=0-1x" },
        { "range", "items=0-1", CORS_UNSAFE_RANGE, "items=0-1" }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        cors_str_t name = exact(rows[i].name);
        cors_str_t value = exact(rows[i].value);
        cors_str_t blamed = CORS_STR("untouched");

        ok(cors_safety(name, value, &blamed) == rows[i].want, "%s: %s",
           rows[i].name, rows[i].value ? rows[i].value : "(not known)");
        is(blamed, rows[i].blamed, rows[i].name, "what is to blame");
        drop(name);
        drop(value);
    }
}

/* Each byte on its own, against the standard's own list. */
static void test_bytes(void)
{
    static const char unsafe[] = "\"():<>?@[\\]{}\x7f";
    static const char of_languages[] =
        " *,-.;=0123456789"
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const cors_str_t accept = CORS_STR("accept");
    const cors_str_t language = CORS_STR("content-language");
    const cors_str_t type = CORS_STR("content-type");
    cors_str_t blamed;
    int c;

    for (c = 0; c < 256; c++) {
        const char two[2] = { 'x', (char)c };
        const char text[] = "text/plain;x=";
        const int is_safe = c == '\t'
            || (c >= 0x20 && memchr(unsafe, c, sizeof(unsafe) - 1) == NULL);
        const int is_of_language =
            memchr(of_languages, c, sizeof(of_languages) - 1) != NULL;
        cors_str_t value = exact_n(two, 2);
        char full[sizeof(text) + 1];

        ok((cors_safety(accept, value, &blamed) == CORS_SAFELISTED)
           == is_safe, "byte %02x %s Accept", c,
           is_safe ? "may stand in" : "is too much for");
        ok((cors_safety(language, value, &blamed) == CORS_SAFELISTED)
           == is_of_language, "byte %02x %s Content-Language", c,
           is_of_language ? "may stand in" : "is too much for");
        drop(value);
        memcpy(full, text, sizeof(text) - 1);
        full[sizeof(text) - 1] = (char)c;
        value = exact_n(full, sizeof(text));
        ok((cors_safety(type, value, &blamed) == CORS_SAFELISTED) == is_safe,
           "byte %02x %s a parameter of Content-Type", c,
           is_safe ? "may stand in" : "is too much for");
        drop(value);
    }
}

int main(void)
{
    test_values();
    test_bytes();
    return done_testing();
}
