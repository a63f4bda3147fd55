/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_utf8.h"

#include <apr_strings.h>

size_t cors_utf8_next(const char *s, uint32_t *code)
{
    /* The smallest code point that needs so many bytes. */
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    const unsigned char *p = (const unsigned char *)s;
    const size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc0 ? 0 : p[0] < 0xe0 ? 2
        : p[0] < 0xf0 ? 3 : p[0] < 0xf8 ? 4 : 0;
    uint32_t found = n < 2 ? p[0] : p[0] & 0xffu >> (n + 1);
    size_t i;

    for (i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;           /* the terminator, for one */
        }
        found = found << 6 | (p[i] & 0x3f);
    }
    if (n == 0 || found < least[n] || found > 0x10ffff
        || (found >= 0xd800 && found <= 0xdfff)) {
        return 0;
    }
    *code = found;
    return n;
}

int cors_utf8_shows(uint32_t code)
{
    static const struct {
        uint32_t from, to;
    } hidden[] = {
        { 0x0000, 0x001f },
        { 0x007f, 0x009f },
        { 0x00ad, 0x00ad },     /* soft hyphen */
        { 0x061c, 0x061c },     /* Arabic letter mark */
        { 0x180e, 0x180e },     /* Mongolian vowel separator */
        { 0x200b, 0x200f },     /* zero width, and marks of direction */
        { 0x2028, 0x202e },     /* separators, embeddings, overrides */
        { 0x2060, 0x206f },     /* word joiner, isolates */
        { 0xfdd0, 0xfdef },     /* noncharacters */
        { 0xfeff, 0xfeff },     /* byte order mark */
        { 0xfff9, 0xfffb },     /* interlinear annotation */
        { 0xe0000, 0xe0fff },   /* tags, variation selectors */
    };
    size_t i;

    for (i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
        if (code >= hidden[i].from && code <= hidden[i].to) {
            return 0;
        }
    }
    return (code & 0xfffe) != 0xfffe;   /* the last two of each plane */
}

/* Writes the escape for what `s` begins with and returns where it ends. `n` is
 * the length of the character, 0 if it is none. */
static char *escape(char *to, const char *s, size_t n, uint32_t code)
{
    if (n < 2) {
        return to + apr_snprintf(to, 5, "\\x%02x", (unsigned char)*s);
    }
    return code > 0xffff ? to + apr_snprintf(to, 11, "\\U%08x", code)
                         : to + apr_snprintf(to, 7, "\\u%04x", code);
}

static const char *write_visible(apr_pool_t *pool, const char *s,
                                 const char *keep)
{
    char *made = apr_palloc(pool, 4 * strlen(s) + 1);
    char *to = made;

    while (*s != '\0') {
        uint32_t code = 0;
        const size_t n = cors_utf8_next(s, &code);

        if (n > 0 && (cors_utf8_shows(code)
                      || (n == 1 && strchr(keep, *s) != NULL))) {
            memcpy(to, s, n);
            to += n;
        }
        else {
            to = escape(to, s, n, code);
        }
        s += n > 0 ? n : 1;
    }
    *to = '\0';
    return made;
}

const char *cors_utf8_visible(apr_pool_t *pool, const char *s,
                              const char *keep)
{
    const char *p = s;

    while (*p >= ' ' && *p < 0x7f) {
        p++;
    }
    return *p == '\0' ? s : write_visible(pool, s, keep);
}
