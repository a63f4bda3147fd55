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

/* An exact origin is only hashed whole: eight bytes at a time. */
static uint64_t mix_word(uint64_t hash, const char *bytes, size_t n)
{
    uint64_t word = 0;

    memcpy(&word, bytes, n);
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

static uint32_t hash_whole(cors_str_t s)
{
    uint64_t hash = s.n;
    size_t i;

    if (s.n < 8) {
        return (uint32_t)mix_word(hash, s.p, s.n);
    }
    for (i = 0; i + 8 < s.n; i += 8) {
        hash = mix_word(hash, s.p + i, 8);
    }
    return (uint32_t)mix_word(hash, s.p + s.n - 8, 8);
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
        return hash_whole(text);
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

/* The next entry, from slot `i` on, that may be of this key, or NULL. */
static const cors_entry_t *candidate(const cors_origin_set_t *set,
                                     uint32_t key, uint32_t *i)
{
    const cors_table_t *table = set->table;
    uint32_t slot;

    while ((slot = table->slots[*i & table->mask]) != 0) {
        ++*i;
        if (((slot ^ key) & ~table->mask) == 0) {
            return cors_origin_set_at(set, (slot & table->mask) - 1);
        }
    }
    return NULL;
}

static void note_tail(cors_table_t *table, const cors_pattern_t *pattern)
{
    const char *host = pattern->text + pattern->host;
    const char *dot = memchr(host, '.', pattern->host_n);

    if (table->tails == NULL) {
        table->tails = apr_pcalloc(table->pool, (CORS_LABEL_MAX + 1)
                                                * sizeof(*table->tails));
    }
    table->tails[pattern->star] |=
        UINT64_C(1) << (dot - host - pattern->star - 1);
}

#define WORD \
    (CORS_PATTERN_ANY | CORS_PATTERN_NULL | CORS_PATTERN_SAME_SITE)

static void put_in_table(cors_table_t *table, uint32_t key,
                         const cors_pattern_t *pattern, unsigned number)
{
    uint32_t i = key & table->mask;

    while (table->slots[i] != 0) {
        i = (i + 1) & table->mask;
    }
    table->slots[i] = (key & ~table->mask) | number;
    if ((pattern->facts & WORD) == 0) {
        table->shapes |= 1u << shape_of(pattern);
    }
    if ((pattern->facts & CORS_PATTERN_PARTIAL) != 0) {
        note_tail(table, pattern);
    }
}

/* From this many slots on a table has a pool of its own. */
#define LARGE 16384u

/* A pool whose memory goes back to the system. A server that starts reads its
 * configuration twice, and what fits nothing in the second reading would stay
 * behind. */
static apr_pool_t *own_pool(apr_pool_t *pool)
{
    apr_allocator_t *allocator;
    apr_pool_t *own;

    if (apr_allocator_create(&allocator) != APR_SUCCESS) {
        return pool;
    }
    apr_pool_create_ex(&own, pool, NULL, allocator);
    apr_allocator_owner_set(allocator, own);
    return own;
}

/* Makes the table, or one much larger: so the cost of adding stays flat, and
 * what is outgrown, which stays in the pool, small. */
static void grow(apr_pool_t *pool, cors_origin_set_t *set)
{
    cors_table_t *table = set->table;
    uint32_t size = 4 * CORS_SET_PLAIN;
    unsigned i;

    if (table == NULL) {
        table = set->table = apr_pcalloc(pool, sizeof(*table));
        table->pool = pool;
    }
    else {
        size = 4 * (table->mask + 1);
    }
    if (size == LARGE) {
        table->pool = own_pool(pool);
    }
    table->slots = apr_pcalloc(table->pool, size * sizeof(*table->slots));
    table->mask = size - 1;
    for (i = 0; i < set->n; i++) {
        const cors_pattern_t *pattern = &cors_origin_set_at(set, i)->pattern;

        put_in_table(table, key_of(pattern), pattern, i + 1);
    }
}

static int is_same(const cors_entry_t *entry, const cors_pattern_t *pattern)
{
    return entry->pattern.n == pattern->n
        && memcmp(entry->pattern.text, pattern->text, pattern->n) == 0;
}

/* The entry of the same pattern, or NULL. `key` counts if there is a table. */
static const cors_entry_t *find_same(const cors_origin_set_t *set,
                                     const cors_pattern_t *pattern,
                                     uint32_t key)
{
    const cors_entry_t *entry = NULL;
    uint32_t i;

    if (set->table != NULL) {
        i = key;
        do {
            entry = candidate(set, key, &i);
        } while (entry != NULL && !is_same(entry, pattern));
        return entry;
    }
    for (i = 0; i < set->n; i++) {
        entry = cors_origin_set_at(set, i);
        if (is_same(entry, pattern)) {
            return entry;
        }
    }
    return NULL;
}

/* Room for one more, where it stays. */
static cors_entry_t *append(apr_pool_t *pool, cors_origin_set_t *set)
{
    const unsigned n = set->n++;
    cors_block_t *block = set->blocks;

    if (block == NULL || n == 2 * block->start + 1) {
        block = apr_palloc(pool, sizeof(*block)
                                 + (n + 1) * sizeof(*block->entries));
        block->before = set->blocks;
        block->start = n;
        set->blocks = block;
    }
    return &block->entries[n - block->start];
}

const cors_entry_t *cors_origin_set_add(apr_pool_t *pool,
                                        cors_origin_set_t *set,
                                        const cors_pattern_t *pattern,
                                        cors_place_t place)
{
    cors_table_t *table = set->table;
    const uint32_t key = table == NULL ? 0 : key_of(pattern);
    const cors_entry_t *same = find_same(set, pattern, key);
    cors_entry_t *entry;

    if (same != NULL) {
        return same;
    }
    entry = append(table == NULL ? pool : table->pool, set);
    entry->pattern = *pattern;
    entry->place = place;

    if ((pattern->facts & CORS_PATTERN_ANY) != 0) {
        set->any = set->n;
    }
    else if ((pattern->facts & CORS_PATTERN_NULL) != 0) {
        set->null = set->n;
    }
    else if ((pattern->facts & CORS_PATTERN_SAME_SITE) != 0) {
        set->same_site = set->n;
    }
    if (table == NULL ? set->n > CORS_SET_PLAIN
                      : set->n > table->mask - table->mask / 4) {
        grow(pool, set);
    }
    else if (table != NULL) {
        put_in_table(table, key, pattern, set->n);
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
    uint32_t i, key;

    if (set->table != NULL) {
        i = key = hash_whole(text);
        do {
            entry = candidate(set, key, &i);
        } while (entry != NULL && !is_literal(&entry->pattern, text));
        return entry;
    }
    for (i = 0; i < set->n; i++) {
        entry = cors_origin_set_at(set, i);
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
    const cors_entry_t *entry;
    uint32_t i = key;

    do {
        entry = candidate(lookup->set, key, &i);
    } while (entry != NULL
             && ((entry->pattern.facts & lookup->skip) != 0
                 || !cors_pattern_match(&entry->pattern, lookup->origin)));
    return entry;
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
        uint64_t lengths = lookup->set->table->tails[h];

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
    const unsigned shapes = lookup->set->table->shapes;
    const cors_origin_t *origin = lookup->origin;
    const cors_entry_t *entry = NULL;
    uint32_t key;
    size_t i;

    if (rest != SHAPE_EXACT && (shapes & 1u << rest) != 0) {
        key = key_of_rest(rest, origin->scheme, origin->port);
        entry = probe(lookup, mix(key, suffixes->whole));
    }
    if (entry == NULL && (shapes & 1u << (rest | SHAPE_SUBDOMAINS))) {
        key = key_of_rest(rest | SHAPE_SUBDOMAINS, origin->scheme,
                          origin->port);
        for (i = 0; entry == NULL && i < suffixes->n; i++) {
            entry = probe(lookup, mix(key, suffixes->hash[i]));
        }
    }
    if (entry == NULL && (shapes & 1u << (rest | SHAPE_PARTIAL)) != 0
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
    const unsigned shapes = lookup->set->table->shapes;
    const cors_entry_t *entry = NULL;
    suffixes_t suffixes;
    unsigned rest;

    if ((shapes & 1u << SHAPE_EXACT) != 0) {
        entry = probe(lookup, hash_whole(lookup->origin->text));
    }
    if (entry == NULL && (shapes & ~(1u << SHAPE_EXACT)) != 0) {
        hash_suffixes(lookup->origin->host, &suffixes);
        for (rest = 0; entry == NULL && rest < SHAPE_SUBDOMAINS; rest++) {
            entry = probe_hosts(lookup, rest, &suffixes);
        }
    }
    return entry;
}

static const cors_entry_t *find_in_list(const cors_origin_set_t *set,
                                        const cors_question_t *question)
{
    const cors_entry_t *entry;
    unsigned i;

    for (i = 0; i < set->n; i++) {
        entry = cors_origin_set_at(set, i);
        if ((entry->pattern.facts & question->skip) == 0
            && cors_pattern_match(&entry->pattern, question->origin)) {
            return entry;
        }
    }
    return NULL;
}

/* The entry of a word, if it is there and not to be skipped. */
static const cors_entry_t *find_word(const cors_origin_set_t *set,
                                     unsigned number, unsigned skip)
{
    const cors_entry_t *entry;

    if (number == 0) {
        return NULL;
    }
    entry = cors_origin_set_at(set, number - 1);
    return (entry->pattern.facts & skip) == 0 ? entry : NULL;
}

const cors_entry_t *cors_origin_set_find(const cors_origin_set_t *set,
                                         const cors_question_t *question)
{
    const cors_origin_t *origin = question->origin;
    const unsigned skip = question->skip;
    const cors_entry_t *entry = find_word(set, set->any, skip);

    if (entry != NULL) {
        return entry;
    }
    if (cors_origin_is_null(origin)) {
        return find_word(set, set->null, skip);
    }
    if (set->table != NULL) {
        const lookup_t lookup = { set, origin, skip };

        entry = find_in_table(&lookup);
    }
    else {
        entry = find_in_list(set, question);
    }
    if (entry == NULL && set->same_site != 0
        && cors_is_same_site(question->site, origin)) {
        entry = find_word(set, set->same_site, skip);
    }
    return entry;
}
