/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_pattern.h
 * One item of CorsAllowOrigin: read, normalised or refused, and matched.
 */
#ifndef CORS_PATTERN_H
#define CORS_PATTERN_H

#include "cors_origin.h"
#include "cors_suffix.h"

/* Facts about a pattern. */
#define CORS_PATTERN_ANY            0x001u  /* `*` */
#define CORS_PATTERN_NULL           0x002u  /* `null` */
#define CORS_PATTERN_EITHER_SCHEME  0x004u  /* `//host`: http and https */
#define CORS_PATTERN_ANY_PORT       0x008u  /* `:*` */
#define CORS_PATTERN_SUBDOMAINS     0x010u  /* `*.host` */
#define CORS_PATTERN_PARTIAL        0x020u  /* `pr-*.host` */
#define CORS_PATTERN_INSECURE       0x040u  /* covers an insecure origin */
#define CORS_PATTERN_PUBLIC_SUFFIX  0x080u  /* `*.` in front of a public
                                               suffix: everybody's names */
#define CORS_PATTERN_REGISTRABLE    0x100u  /* a partial wildcard there:
                                               anybody can register a match */
#define CORS_PATTERN_SAME_SITE      0x200u  /* `same-site` */

/** The facts of which a pattern has one if it is not `null` or one origin,
 * byte for byte. */
#define CORS_PATTERN_OTHERS \
    (CORS_PATTERN_ANY | CORS_PATTERN_EITHER_SCHEME | CORS_PATTERN_ANY_PORT \
     | CORS_PATTERN_SUBDOMAINS | CORS_PATTERN_PARTIAL \
     | CORS_PATTERN_SAME_SITE)

/* A rule that is told of origins, too. */
#define CORS_PATTERN_NO_SCHEME "must begin with a scheme and '://'"

/** What an administrator wrote, normalised and taken apart. */
typedef struct cors_pattern_t {
    const char *text;           /* not terminated; the configuration owns it */
    unsigned short n;           /* bytes of text */
    unsigned short scheme_n;    /* bytes of the scheme, which text begins
                                   with; 0 if that is "//" */
    unsigned short host;        /* offset of the host */
    unsigned short host_n;
    unsigned short star;        /* offset of `*` in the host, if there */
    unsigned short port;        /* offset of the port's digits, n if none */
    unsigned facts;
} cors_pattern_t;

/** What reading a pattern tells the administrator. */
typedef struct cors_reading_t {
    const char *rule;           /* static; the rule that is broken, or NULL */
    char text[CORS_ORIGIN_MAX + 1];     /* the normalised item; or, beside a
                                           rule, what to write instead, empty
                                           if nothing is obvious */
} cors_reading_t;

/**
 * Reads one item of CorsAllowOrigin, without its sign.
 *
 * @param item      as written; UTF-8
 * @param suffixes  tells in front of which names a wildcard covers what
 *                  anybody can register; or NULL (see cors_suffix.h)
 * @param pattern   out, when 1 is returned; its text is `reading->text`, which
 *                  the caller moves to where the configuration lives
 * @param reading   out
 * @return 1, or 0 where `reading->rule` says which rule the item breaks:
 *         a phrase that follows the quoted item ("must be ...")
 *
 * The only forms that are mended are those with one obvious meaning: letter
 * case of a scheme and of a host under http and https, the scheme's default
 * port, an internationalised host, an IPv6 address. Whatever is accepted
 * without a wildcard, `same-site` aside, is accepted by cors_origin_parse too.
 * Keeps no memory.
 */
int cors_pattern_parse(cors_str_t item, const cors_suffixes_t *suffixes,
                       cors_pattern_t *pattern, cors_reading_t *reading);

/**
 * Does the pattern cover the origin?
 *
 * Apart from the wildcards the bytes must be the same: scheme, host and port.
 * `*` covers `null`; no other pattern but `null` does. `same-site` needs to
 * know the request (cors_site.h) and matches nothing here. Cost: at most one
 * pass over the origin; allocates nothing. Fetch, "CORS check", step 4.
 */
int cors_pattern_match(const cors_pattern_t *pattern,
                       const cors_origin_t *origin);

#endif /* CORS_PATTERN_H */
