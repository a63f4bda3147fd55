/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_origin_set.h"

/* A pattern's shape: which of its parts are wildcards. */
#define SHAPE_EXACT         0u      /* none */
#define SHAPE_EITHER_SCHEME 1u
#define SHAPE_ANY_PORT      2u
#define SHAPE_SUBDOMAINS    4u
#define SHAPE_PARTIAL       8u

/* The upper half of a product depends on all bits of both. */
static uint32_t mix(uint32_t hash, uint32_t more)
{
    return (uint32_t)(((uint64_t)hash << 32 | more)
                      * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

/* Fewer than eight bytes as a number, which together with `n` is theirs alone:
 * the first and the last of them, which may overlap. */
static uint64_t load_some(const char *p, size_t n)
{
    const unsigned char *bytes = (const unsigned char *)p;
    uint32_t first, last;

    if (n < 4) {
        return n == 0 ? 0
            : (uint64_t)(bytes[0] | bytes[n / 2] << 8 | bytes[n - 1] << 16);
    }
    memcpy(&first, p, 4);
    memcpy(&last, p + n - 4, 4);
    return (uint64_t)last << 32 | first;
}

static uint64_t mix_word(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

/* Eight bytes at a time, the last eight perhaps some of them again. */
static uint32_t hash_of(cors_str_t s)
{
    uint64_t hash = s.n;
    uint64_t word;
    size_t i;

    if (s.n < 8) {
        word = load_some(s.p, s.n);
    }
    else {
        for (i = 0; i + 8 < s.n; i += 8) {
            memcpy(&word, s.p + i, 8);
            hash = mix_word(hash, word);
        }
        memcpy(&word, s.p + s.n - 8, 8);
    }
    hash = mix_word(hash, word);
    return (uint32_t)(hash * UINT64_C(0xd6e8feb86659fd93) >> 32);
}

/* Of no bytes; for the heads and tails of a label, which grow by one. */
#define EMPTY 0x811c9dc5u

static uint32_t step(uint32_t hash, char c)
{
    return (hash ^ (unsigned char)c) * 0x01000193u;
}

static uint32_t hash_forwards(cors_str_t s)
{
    uint32_t hash = EMPTY;
    size_t i;

    for (i = 0; i < s.n; i++) {
        hash = step(hash, s.p[i]);
    }
    return hash;
}

static uint32_t hash_backwards(cors_str_t s)
{
    uint32_t hash = EMPTY;
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
        key = mix(key, hash_of(scheme));
    }
    if ((shape & SHAPE_ANY_PORT) == 0) {
        key = mix(key, hash_of(port));
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
        return hash_of(text);
    }
    key = key_of_rest(shape, cors_str_sub(text, 0, pattern->scheme_n),
                      cors_str_sub(text, pattern->port, text.n));
    if ((shape & (SHAPE_SUBDOMAINS | SHAPE_PARTIAL)) == 0) {
        return mix(key, hash_of(host));
    }
    label = (size_t)((const char *)memchr(host.p, '.', host.n) - host.p);
    domain = hash_of(cors_str_sub(host, label, host.n));
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

/* Which bit of `depths` stands for domains of so many labels. */
static uint32_t depth_bit(size_t labels)
{
    return UINT32_C(1) << (labels < 31 ? labels : 31);
}

static void note_depth(cors_table_t *table, const cors_pattern_t *pattern)
{
    const char *host = pattern->text + pattern->host;
    size_t i, labels = 0;

    for (i = 0; i < pattern->host_n; i++) {
        labels += host[i] == '.';
    }
    table->depths |= depth_bit(labels);
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
    if ((pattern->facts & CORS_PATTERN_SUBDOMAINS) != 0) {
        note_depth(table, pattern);
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

CORS_APART static const cors_entry_t *
literal_in_table(const cors_origin_set_t *set, cors_str_t text)
{
    const cors_entry_t *entry;
    uint32_t i, key;

    if ((set->table->shapes & 1u << SHAPE_EXACT) == 0) {
        return NULL;
    }
    i = key = hash_of(text);
    do {
        entry = candidate(set, key, &i);
    } while (entry != NULL && !is_literal(&entry->pattern, text));
    return entry;
}

const cors_entry_t *cors_origin_set_literal(const cors_origin_set_t *set,
                                            cors_str_t text)
{
    const cors_block_t *block;
    unsigned end = set->n;
    unsigned i;

    if (set->table != NULL) {
        return literal_in_table(set, text);
    }
    /* There is one at most, so any order does. */
    for (block = set->blocks; block; block = block->before) {
        for (i = 0; i < end - block->start; i++) {
            if (is_literal(&block->entries[i].pattern, text)) {
                return &block->entries[i];
            }
        }
        end = block->start;
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
    uint32_t head = EMPTY;
    size_t h, t;

    tails[0] = EMPTY;
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

/* Where the labels of a host begin, but for the first: at their dots. */
typedef struct dots_t {
    const char *at[CORS_DOMAIN_MAX / 2 + 2];
    size_t n;
} dots_t;

static void find_dots(cors_str_t host, dots_t *dots)
{
    const char *end = host.p + host.n;
    const char *p = host.p;

    dots->n = 0;
    while (dots->n < sizeof(dots->at) / sizeof(*dots->at)
           && (p = memchr(p, '.', (size_t)(end - p))) != NULL) {
        dots->at[dots->n++] = p++;
    }
}

/* The host from dot number i on. */
static cors_str_t suffix_at(cors_str_t host, const dots_t *dots, size_t i)
{
    return cors_str_sub(host, (size_t)(dots->at[i] - host.p), host.n);
}

/* Tries every shape of host under one choice of scheme and port. */
static const cors_entry_t *probe_hosts(const lookup_t *lookup,
                                       unsigned rest, const dots_t *dots)
{
    const cors_table_t *table = lookup->set->table;
    const cors_origin_t *origin = lookup->origin;
    const cors_str_t host = origin->host;
    const cors_entry_t *entry = NULL;
    uint32_t key;
    size_t i;

    if (rest != SHAPE_EXACT && (table->shapes & 1u << rest) != 0) {
        key = key_of_rest(rest, origin->scheme, origin->port);
        entry = probe(lookup, mix(key, hash_of(host)));
    }
    if (entry == NULL
        && (table->shapes & 1u << (rest | SHAPE_SUBDOMAINS)) != 0) {
        key = key_of_rest(rest | SHAPE_SUBDOMAINS, origin->scheme,
                          origin->port);
        for (i = 0; entry == NULL && i < dots->n; i++) {
            if ((table->depths & depth_bit(dots->n - i)) != 0) {
                entry = probe(lookup,
                              mix(key, hash_of(suffix_at(host, dots, i))));
            }
        }
    }
    if (entry == NULL && (table->shapes & 1u << (rest | SHAPE_PARTIAL)) != 0
        && dots->n > 0 && dots->at[0] - host.p <= CORS_LABEL_MAX) {
        key = key_of_rest(rest | SHAPE_PARTIAL, origin->scheme, origin->port);
        entry = probe_label(lookup,
                            cors_str_sub(host, 0,
                                         (size_t)(dots->at[0] - host.p)),
                            key, hash_of(suffix_at(host, dots, 0)));
    }
    return entry;
}

static const cors_entry_t *find_in_table(const lookup_t *lookup,
                                         int is_unlisted)
{
    const unsigned shapes = lookup->set->table->shapes;
    const cors_entry_t *entry = NULL;
    dots_t dots;
    unsigned rest;

    if ((shapes & 1u << SHAPE_EXACT) != 0 && !is_unlisted) {
        entry = probe(lookup, hash_of(lookup->origin->text));
    }
    if (entry == NULL && (shapes & ~(1u << SHAPE_EXACT)) != 0) {
        find_dots(lookup->origin->host, &dots);
        for (rest = 0; entry == NULL && rest < SHAPE_SUBDOMAINS; rest++) {
            entry = probe_hosts(lookup, rest, &dots);
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

        entry = find_in_table(&lookup, question->is_unlisted);
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
