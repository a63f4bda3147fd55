/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_origin_set.h"

/* A pattern's shape: which of its parts are wildcards. */
#define SHAPE_EXACT         0u      /* none */
#define SHAPE_EITHER_SCHEME 1u
#define SHAPE_ANY_PORT      2u
#define SHAPE_SUBDOMAINS    4u
#define SHAPE_PARTIAL       8u

static uint32_t mix(uint32_t hash, uint32_t more)
{
    return (hash ^ more) * 0x9e3779b1u + (hash >> 15);
}

static uint32_t step(uint32_t hash, char c)
{
    return (hash ^ (unsigned char)c) * 0x01000193u;
}

static uint32_t hash_forwards(cors_str_t s)
{
    uint32_t hash = 0x811c9dc5u;
    size_t i;

    for (i = 0; i < s.n; i++) {
        hash = step(hash, s.p[i]);
    }
    return hash;
}

/* From the end, so that a host's suffixes are hashed in one pass. */
static uint32_t hash_backwards(cors_str_t s)
{
    uint32_t hash = 0x811c9dc5u;
    size_t i = s.n;

    while (i > 0) {
        hash = step(hash, s.p[--i]);
    }
    return hash;
}

static unsigned shape_of(const cors_pattern_t *pattern)
{
    unsigned shape = SHAPE_EXACT;

    if ((pattern->facts & CORS_PATTERN_EITHER_SCHEME) != 0) {
        shape |= SHAPE_EITHER_SCHEME;
    }
    if ((pattern->facts & CORS_PATTERN_ANY_PORT) != 0) {
        shape |= SHAPE_ANY_PORT;
    }
    if ((pattern->facts & CORS_PATTERN_SUBDOMAINS) != 0) {
        shape |= SHAPE_SUBDOMAINS;
    }
    if ((pattern->facts & CORS_PATTERN_PARTIAL) != 0) {
        shape |= SHAPE_PARTIAL;
    }
    return shape;
}

/* The key of everything but the host. */
static uint32_t key_of_rest(unsigned shape, cors_str_t scheme, cors_str_t port)
{
    uint32_t key = shape;

    if ((shape & SHAPE_EITHER_SCHEME) == 0) {
        key = mix(key, hash_forwards(scheme));
    }
    if ((shape & SHAPE_ANY_PORT) == 0) {
        key = mix(key, hash_forwards(port));
    }
    return key;
}

static uint32_t key_of_label(uint32_t key, uint32_t domain, uint32_t head,
                             uint32_t tail)
{
    return mix(mix(mix(key, domain), head), tail);
}

static uint32_t key_of(const cors_pattern_t *pattern)
{
    const unsigned shape = shape_of(pattern);
    const cors_str_t text = { pattern->text, pattern->n };
    const cors_str_t host = { text.p + pattern->host, pattern->host_n };
    const size_t star = pattern->star;
    size_t label;
    uint32_t key, domain;

    if (shape == SHAPE_EXACT) {
        return hash_forwards(text);
    }
    key = key_of_rest(shape, cors_str_sub(text, 0, pattern->scheme_n),
                      cors_str_sub(text, pattern->port, text.n));
    if ((shape & (SHAPE_SUBDOMAINS | SHAPE_PARTIAL)) == 0) {
        return mix(key, hash_backwards(host));
    }
    label = (size_t)((const char *)memchr(host.p, '.', host.n) - host.p);
    domain = hash_backwards(cors_str_sub(host, label, host.n));
    if ((shape & SHAPE_SUBDOMAINS) != 0) {
        return mix(key, domain);
    }
    return key_of_label(key, domain,
                        hash_forwards(cors_str_sub(host, 0, star)),
                        hash_backwards(cors_str_sub(host, star + 1, label)));
}

/* ------------------------------------------------------------ building -- */

static void put_in_slot(cors_origin_set_t *set, const cors_entry_t *entry)
{
    size_t i = key_of(&entry->pattern) & set->mask;

    while (set->slots[i] != NULL) {
        i = (i + 1) & set->mask;
    }
    set->slots[i] = entry;
}

/* Doubling keeps the cost of adding flat; the table is never more than half
 * full, so that a look-up ends after a slot or two. */
static void grow(apr_pool_t *pool, cors_origin_set_t *set)
{
    const size_t size = set->slots ? 2 * (set->mask + 1) : 4 * CORS_SET_PLAIN;
    const cors_entry_t *entry;

    set->slots = apr_pcalloc(pool, size * sizeof(*set->slots));
    set->mask = size - 1;
    for (entry = set->first; entry; entry = entry->next) {
        put_in_slot(set, entry);
    }
}

static void note_shape(apr_pool_t *pool, cors_origin_set_t *set,
                       const cors_pattern_t *pattern)
{
    set->shapes |= 1u << shape_of(pattern);
    if ((pattern->facts & CORS_PATTERN_PARTIAL) != 0) {
        const char *host = pattern->text + pattern->host;
        const char *dot = memchr(host, '.', pattern->host_n);

        if (set->tails == NULL) {
            set->tails = apr_pcalloc(pool, (CORS_LABEL_MAX + 1)
                                           * sizeof(*set->tails));
        }
        set->tails[pattern->star] |=
            UINT64_C(1) << (dot - host - pattern->star - 1);
    }
}

static int is_same(const cors_entry_t *entry, const cors_pattern_t *pattern)
{
    return entry->pattern.n == pattern->n
        && memcmp(entry->pattern.text, pattern->text, pattern->n) == 0;
}

static const cors_entry_t *find_same(const cors_origin_set_t *set,
                                     const cors_pattern_t *pattern)
{
    const cors_entry_t *entry;
    size_t i;

    if (set->slots == NULL) {
        for (entry = set->first; entry; entry = entry->next) {
            if (is_same(entry, pattern)) {
                return entry;
            }
        }
        return NULL;
    }
    for (i = key_of(pattern) & set->mask; set->slots[i];
         i = (i + 1) & set->mask) {
        if (is_same(set->slots[i], pattern)) {
            return set->slots[i];
        }
    }
    return NULL;
}

const cors_entry_t *cors_origin_set_add(apr_pool_t *pool,
                                        cors_origin_set_t *set,
                                        const cors_pattern_t *pattern,
                                        cors_place_t place)
{
    const cors_entry_t *same = find_same(set, pattern);
    cors_entry_t *entry;

    if (same != NULL) {
        return same;
    }
    entry = apr_palloc(pool, sizeof(*entry));
    entry->pattern = *pattern;
    entry->place = place;
    entry->next = NULL;
    if (set->last != NULL) {
        set->last->next = entry;
    }
    else {
        set->first = entry;
    }
    set->last = entry;
    set->n++;

    if ((pattern->facts & CORS_PATTERN_ANY) != 0) {
        set->any = entry;
    }
    else if ((pattern->facts & CORS_PATTERN_NULL) != 0) {
        set->null = entry;
    }
    else if ((pattern->facts & CORS_PATTERN_SAME_SITE) != 0) {
        set->same_site = entry;
    }
    else {
        note_shape(pool, set, pattern);
    }
    if (set->slots != NULL && set->n <= (set->mask + 1) / 2) {
        put_in_slot(set, entry);
    }
    else if (set->n > CORS_SET_PLAIN) {
        grow(pool, set);
    }
    return entry;
}

/* ------------------------------------------------------------- look-up -- */

/* Does the pattern say, byte for byte, which one origin it covers? */
static int is_literal(const cors_pattern_t *pattern, cors_str_t text)
{
    return pattern->n == text.n
        && (pattern->facts & CORS_PATTERN_OTHERS) == 0
        && memcmp(pattern->text, text.p, text.n) == 0;
}

const cors_entry_t *cors_origin_set_literal(const cors_origin_set_t *set,
                                            cors_str_t text)
{
    const cors_entry_t *entry;
    size_t i;

    if (set->slots == NULL) {
        for (entry = set->first; entry; entry = entry->next) {
            if (is_literal(&entry->pattern, text)) {
                return entry;
            }
        }
        return NULL;
    }
    for (i = hash_forwards(text) & set->mask; (entry = set->slots[i]) != NULL;
         i = (i + 1) & set->mask) {
        if (is_literal(&entry->pattern, text)) {
            return entry;
        }
    }
    return NULL;
}

/* A look-up in progress. */
typedef struct lookup_t {
    const cors_origin_set_t *set;
    const cors_origin_t *origin;
    unsigned skip;
} lookup_t;

static const cors_entry_t *probe(const lookup_t *lookup, uint32_t key)
{
    const cors_origin_set_t *set = lookup->set;
    const cors_entry_t *entry;
    size_t i;

    for (i = key & set->mask; (entry = set->slots[i]) != NULL;
         i = (i + 1) & set->mask) {
        if ((entry->pattern.facts & lookup->skip) == 0
            && cors_pattern_match(&entry->pattern, lookup->origin)) {
            return entry;
        }
    }
    return NULL;
}

/* Partial wildcards: tries the heads and tails of the first label that have
 * a length some pattern has. `domain` is the key of what follows it. */
static const cors_entry_t *probe_label(const lookup_t *lookup,
                                       cors_str_t label, uint32_t key,
                                       uint32_t domain)
{
    uint32_t tails[CORS_LABEL_MAX + 1];
    uint32_t head = hash_forwards(cors_str_sub(label, 0, 0));
    size_t h, t;

    tails[0] = hash_backwards(cors_str_sub(label, 0, 0));
    for (t = 1; t < label.n; t++) {
        tails[t] = step(tails[t - 1], label.p[label.n - t]);
    }
    for (h = 0; h < label.n; h++) {
        uint64_t lengths = lookup->set->tails[h];

        for (t = 0; lengths != 0 && h + t < label.n; t++, lengths >>= 1) {
            if ((lengths & 1) != 0) {
                const cors_entry_t *entry =
                    probe(lookup,
                          key_of_label(key, domain, head, tails[t]));

                if (entry != NULL) {
                    return entry;
                }
            }
        }
        head = step(head, label.p[h]);
    }
    return NULL;
}

/* The hashes of a host's suffixes that begin with a dot, shortest first, and
 * last that of the whole host. */
typedef struct suffixes_t {
    uint32_t hash[CORS_DOMAIN_MAX / 2 + 2];
    size_t n;
    uint32_t whole;
    size_t label;               /* bytes in front of the first dot */
} suffixes_t;

static void hash_suffixes(cors_str_t host, suffixes_t *suffixes)
{
    uint32_t hash = hash_backwards(cors_str_sub(host, 0, 0));
    size_t i = host.n;

    suffixes->n = 0;
    suffixes->label = host.n;
    while (i > 0) {
        hash = step(hash, host.p[--i]);
        if (host.p[i] == '.'
            && suffixes->n < sizeof(suffixes->hash) / sizeof(hash)) {
            suffixes->hash[suffixes->n++] = hash;
            suffixes->label = i;
        }
    }
    suffixes->whole = hash;
}

/* Tries every shape of host under one choice of scheme and port. */
static const cors_entry_t *probe_hosts(const lookup_t *lookup,
                                       unsigned rest,
                                       const suffixes_t *suffixes)
{
    const cors_origin_set_t *set = lookup->set;
    const cors_origin_t *origin = lookup->origin;
    const cors_entry_t *entry = NULL;
    uint32_t key;
    size_t i;

    if (rest != SHAPE_EXACT && (set->shapes & 1u << rest) != 0) {
        key = key_of_rest(rest, origin->scheme, origin->port);
        entry = probe(lookup, mix(key, suffixes->whole));
    }
    if (entry == NULL && (set->shapes & 1u << (rest | SHAPE_SUBDOMAINS))) {
        key = key_of_rest(rest | SHAPE_SUBDOMAINS, origin->scheme,
                          origin->port);
        for (i = 0; entry == NULL && i < suffixes->n; i++) {
            entry = probe(lookup, mix(key, suffixes->hash[i]));
        }
    }
    if (entry == NULL && (set->shapes & 1u << (rest | SHAPE_PARTIAL)) != 0
        && suffixes->n > 0 && suffixes->label <= CORS_LABEL_MAX) {
        key = key_of_rest(rest | SHAPE_PARTIAL, origin->scheme, origin->port);
        entry = probe_label(lookup,
                            cors_str_sub(origin->host, 0, suffixes->label),
                            key, suffixes->hash[suffixes->n - 1]);
    }
    return entry;
}

static const cors_entry_t *find_in_table(const lookup_t *lookup)
{
    const unsigned shapes = lookup->set->shapes;
    const cors_entry_t *entry = NULL;
    suffixes_t suffixes;
    unsigned rest;

    if ((shapes & 1u << SHAPE_EXACT) != 0) {
        entry = probe(lookup, hash_forwards(lookup->origin->text));
    }
    if (entry == NULL && (shapes & ~(1u << SHAPE_EXACT)) != 0) {
        hash_suffixes(lookup->origin->host, &suffixes);
        for (rest = 0; entry == NULL && rest < SHAPE_SUBDOMAINS; rest++) {
            entry = probe_hosts(lookup, rest, &suffixes);
        }
    }
    return entry;
}

static int is_skipped(const cors_entry_t *entry, unsigned skip)
{
    return (entry->pattern.facts & skip) != 0;
}

const cors_entry_t *cors_origin_set_find(const cors_origin_set_t *set,
                                         const cors_question_t *question)
{
    const cors_origin_t *origin = question->origin;
    const unsigned skip = question->skip;
    const cors_entry_t *entry = NULL;
    lookup_t lookup;

    if (set->any != NULL && !is_skipped(set->any, skip)) {
        return set->any;
    }
    if (cors_origin_is_null(origin)) {
        return set->null != NULL && !is_skipped(set->null, skip)
            ? set->null : NULL;
    }
    if (set->slots != NULL) {
        lookup.set = set;
        lookup.origin = origin;
        lookup.skip = skip;
        entry = find_in_table(&lookup);
    }
    else {
        for (entry = set->first; entry; entry = entry->next) {
            if (!is_skipped(entry, skip)
                && cors_pattern_match(&entry->pattern, origin)) {
                break;
            }
        }
    }
    if (entry == NULL && set->same_site != NULL
        && !is_skipped(set->same_site, skip)
        && cors_is_same_site(question->site, origin)) {
        entry = set->same_site;
    }
    return entry;
}
