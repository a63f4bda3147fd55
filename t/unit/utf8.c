/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_utf8.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "tap.h"

static apr_pool_t *pool;

/* ----------------------------------------------------------- characters -- */

static void test_characters(void)
{
    static const struct {
        const char *what;
        const char *s;
        size_t n;               /* 0: no UTF-8 */
        uint32_t code;
    } rows[] = {
        { "the terminator", "", 1, 0 },
        { "a letter", "ab", 1, 'a' },
        { "the last of one byte", "\x7f", 1, 0x7f },
        { "the first of two bytes", "\xc2\x80", 2, 0x80 },
        { "the last of two bytes", "\xdf\xbf", 2, 0x7ff },
        { "the first of three bytes", "\xe0\xa0\x80", 3, 0x800 },
        { "the last in front of the surrogates", "\xed\x9f\xbf", 3, 0xd7ff },
        { "the first behind the surrogates", "\xee\x80\x80", 3, 0xe000 },
        { "the last of three bytes", "\xef\xbf\xbf", 3, 0xffff },
        { "the first of four bytes", "\xf0\x90\x80\x80", 4, 0x10000 },
        { "the last of all", "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
        { "one behind another", "\xc3\xa9\xc3\xa9", 2, 0xe9 },

        { "a byte that goes on", "\x80", 0, 0 },
        { "the last byte that goes on", "\xbf" "a", 0, 0 },
        { "an overlong NUL", "\xc0\x80", 0, 0 },
        { "an overlong slash", "\xc0\xaf", 0, 0 },
        { "the last overlong of two", "\xc1\xbf", 0, 0 },
        { "an overlong slash of three", "\xe0\x80\xaf", 0, 0 },
        { "the last overlong of three", "\xe0\x9f\xbf", 0, 0 },
        { "an overlong slash of four", "\xf0\x80\x80\xaf", 0, 0 },
        { "the last overlong of four", "\xf0\x8f\xbf\xbf", 0, 0 },
        { "the first surrogate", "\xed\xa0\x80", 0, 0 },
        { "the last surrogate", "\xed\xbf\xbf", 0, 0 },
        { "the first behind the last", "\xf4\x90\x80\x80", 0, 0 },
        { "the first of five bytes", "\xf8\x88\x80\x80\x80", 0, 0 },
        { "six bytes", "\xfc\x84\x80\x80\x80\x80", 0, 0 },
        { "0xfe", "\xfe", 0, 0 },
        { "0xff", "\xff", 0, 0 },
        { "the end behind one of two", "\xc3", 0, 0 },
        { "the end behind one of three", "\xe2", 0, 0 },
        { "the end behind two of three", "\xe2\x80", 0, 0 },
        { "the end behind three of four", "\xf0\x9f\x98", 0, 0 },
        { "a letter behind one of two", "\xc3" "a", 0, 0 },
        { "a letter behind two of three", "\xe2\x80" "a", 0, 0 },
        { "two that begin", "\xc3\xc3", 0, 0 }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        /* The sanitizer sees a read behind the terminator. */
        const cors_str_t s = exact_n(rows[i].s, strlen(rows[i].s) + 1);
        uint32_t code = 0;
        const size_t n = cors_utf8_next(s.p, &code);

        ok(n == rows[i].n && code == rows[i].code, "%s: %s", rows[i].what,
           rows[i].n > 0 ? "a character" : "none");
        drop(s);
    }
}

static void test_shows(void)
{
    static const struct {
        uint32_t from, to;
        int want;
    } rows[] = {
        { 0, 0x1f, 0 }, { ' ', '~', 1 }, { 0x7f, 0x9f, 0 },
        { 0xa0, 0xac, 1 }, { 0xad, 0xad, 0 }, { 0xae, 0x2ff, 1 },
        { 0x61b, 0x61b, 1 }, { 0x61c, 0x61c, 0 }, { 0x61d, 0x61d, 1 },
        { 0x180e, 0x180e, 0 },
        { 0x2010, 0x2027, 1 }, { 0x200b, 0x200f, 0 }, { 0x2028, 0x202e, 0 },
        { 0x2030, 0x205e, 1 }, { 0x2060, 0x206f, 0 }, { 0x2070, 0x2070, 1 },
        { 0xfdcf, 0xfdcf, 1 }, { 0xfdd0, 0xfdef, 0 }, { 0xfdf0, 0xfdf0, 1 },
        { 0xfeff, 0xfeff, 0 }, { 0xfff9, 0xfffb, 0 }, { 0xfffc, 0xfffd, 1 },
        { 0xfffe, 0xffff, 0 }, { 0x10000, 0x1fffd, 1 },
        { 0x1fffe, 0x1ffff, 0 }, { 0xe0000, 0xe0fff, 0 },
        { 0x10fffe, 0x10ffff, 0 }
    };
    size_t i;
    uint32_t code;

    for (i = 0; i < COUNT(rows); i++) {
        uint32_t wrong = 0;

        for (code = rows[i].from; code <= rows[i].to; code++) {
            wrong += !cors_utf8_shows(code) != !rows[i].want;
        }
        ok(wrong == 0, "U+%04X to U+%04X: %s", (unsigned)rows[i].from,
           (unsigned)rows[i].to, rows[i].want ? "show" : "do not");
    }
}

/* -------------------------------------------------------------- strings -- */

static void test_visible(void)
{
    static const struct {
        const char *what;
        const char *s;
        const char *keep;
        const char *want;
    } rows[] = {
        { "nothing", "", "", "" },
        { "what shows", "a <b> \"'&\\ ~", "", "a <b> \"'&\\ ~" },
        { "other letters", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "",
          "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
        { "a terminal's escape", "\x1b[31mred", "", "\\x1b[31mred" },
        { "the same in one byte", "\x9b" "31m", "", "\\x9b31m" },
        { "the same in UTF-8", "\xc2\x9b" "31m", "", "\\u009b31m" },
        { "lines", "a\r\n\tb", "", "a\\x0d\\x0a\\x09b" },
        { "lines that are kept", "a\r\n\tb\x0b", "\t\r\n",
          "a\r\n\tb\\x0b" },
        { "what is to be kept in a longer form", "\xc0\x8a", "\n",
          "\\xc0\\x8a" },
        { "DEL", "\x7f", "", "\\x7f" },
        { "an override", "a\xe2\x80\xae" "b", "", "a\\u202eb" },
        { "a tag", "\xf3\xa0\x81\x81", "", "\\U000e0041" },
        { "the last noncharacter", "\xf4\x8f\xbf\xbf", "", "\\U0010ffff" },
        { "half a character at the end", "a\xe2\x80", "", "a\\xe2\\x80" },
        { "half a character, and another", "\xe2\x80\xc3\xa9", "",
          "\\xe2\\x80\xc3\xa9" }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const cors_str_t s = exact_n(rows[i].s, strlen(rows[i].s) + 1);

        is(cors_str(cors_utf8_visible(pool, s.p, rows[i].keep)),
           rows[i].want, "visible", rows[i].what);
        drop(s);
    }
}

/* Whatever the bytes: what comes out shows, all of it. */
static void test_all_pairs(void)
{
    unsigned long wrong = 0;
    unsigned i;

    for (i = 0; i < 0x10000; i++) {
        const char s[] = { (char)(i >> 8), (char)i, '\0' };
        const char *made = cors_utf8_visible(pool, s, "");
        uint32_t code = 0;

        while (*made != '\0') {
            const size_t n = cors_utf8_next(made, &code);

            wrong += n == 0 || !cors_utf8_shows(code);
            made += n > 0 ? n : 1;
        }
        apr_pool_clear(pool);
    }
    ok(wrong == 0, "any two bytes become what shows");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_characters();
    test_shows();
    test_visible();
    test_all_pairs();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
