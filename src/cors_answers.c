/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_answers.h"

#include <ap_provider.h>
#include <ap_socache.h>
#include <apr_strings.h>
#include <http_log.h>
#include <util_mutex.h>

#include "cors_config.h"
#include "cors_host.h"

APLOG_USE_MODULE(cors);

struct cors_answers_t {
    const ap_socache_provider_t *provider;
    ap_socache_instance_t *instance;
    apr_global_mutex_t *mutex;  /* NULL: it needs none */
    apr_interval_time_t ttl;
    cors_outage_t outage;
};

/* What httpd's Mutex directive calls it, and the cache its user. */
static const char name[] = "cors-source";

/* Where the parts of a value begin. */
#define TIME    1
#define NAME    (TIME + 8)
#define ORIGIN  (NAME + APR_SHA1_DIGESTSIZE)

/* ----------------------------------------------------- making, opening -- */

const char *cors_answers_make(apr_pool_t *pool, apr_pool_t *ptemp,
                              const char *text, apr_interval_time_t ttl,
                              cors_answers_t **cache)
{
    const char *colon = text != NULL ? ap_strchr_c(text, ':') : NULL;
    const char *provider = text == NULL ? AP_SOCACHE_DEFAULT_PROVIDER
        : colon == NULL ? text : apr_pstrmemdup(ptemp, text,
                                                (apr_size_t)(colon - text));
    const char *error;

    *cache = apr_pcalloc(pool, sizeof(**cache));
    (*cache)->outage.what = text == NULL ? "CorsSourceCache"
        : apr_psprintf(pool, "CorsSourceCache '%s'", text);
    (*cache)->ttl = ttl;
    (*cache)->provider = ap_lookup_provider(AP_SOCACHE_PROVIDER_GROUP,
                                            provider,
                                            AP_SOCACHE_PROVIDER_VERSION);
    if ((*cache)->provider == NULL) {
        return text == NULL
            ? "needs mod_socache_shmcb, or a CorsSourceCache of another kind"
            : "must name a cache whose module is loaded, such as shmcb or "
              "redis:localhost:6379, for which that is mod_socache_shmcb and "
              "mod_socache_redis";
    }
    error = (*cache)->provider->create(&(*cache)->instance,
                                       colon != NULL ? colon + 1 : NULL,
                                       ptemp, pool);
    return error == NULL ? NULL
        : apr_psprintf(pool, "must suit the cache, which says: %s", error);
}

apr_status_t cors_answers_register(apr_pool_t *pconf)
{
    return ap_mutex_register(pconf, name, NULL, APR_LOCK_DEFAULT, 0);
}

typedef struct closing_t {
    cors_answers_t *cache;
    server_rec *server;
} closing_t;

static apr_status_t close_cache(void *data)
{
    const closing_t *closing = data;

    closing->cache->provider->destroy(closing->cache->instance,
                                      closing->server);
    return APR_SUCCESS;
}

apr_status_t cors_answers_open(cors_answers_t *cache, apr_pool_t *pconf,
                               server_rec *s)
{
    static const struct ap_socache_hints hints = {
        APR_SHA1_DIGESTSIZE, ORIGIN + 40, 0
    };
    apr_status_t rv = APR_SUCCESS;
    closing_t *closing;

    if ((cache->provider->flags & AP_SOCACHE_FLAG_NOTMPSAFE) != 0) {
        rv = ap_global_mutex_create(&cache->mutex, NULL, name, NULL, s, pconf,
                                    0);
    }
    if (rv == APR_SUCCESS) {
        rv = cache->provider->init(cache->instance, name, &hints, s, pconf);
    }
    if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, rv, s, "%s cannot be opened",
                     cache->outage.what);
        return rv;
    }
    closing = apr_palloc(pconf, sizeof(*closing));
    closing->cache = cache;
    closing->server = s;
    apr_pool_cleanup_register(pconf, closing, close_cache,
                              apr_pool_cleanup_null);
    return APR_SUCCESS;
}

void cors_answers_start(cors_answers_t *cache, apr_pool_t *pchild,
                        server_rec *s)
{
    apr_status_t rv;

    if (cache->mutex == NULL) {
        return;
    }
    rv = apr_global_mutex_child_init(&cache->mutex,
                                     apr_global_mutex_lockfile(cache->mutex),
                                     pchild);
    if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, rv, s, "%s has no mutex",
                     cache->outage.what);
    }
}

int cors_answers_are_here(const cors_answers_t *cache)
{
    return cache->mutex != NULL;
}

cors_outage_t *cors_answers_outage(cors_answers_t *cache)
{
    return &cache->outage;
}

/* ---------------------------------------------------- finding, keeping -- */

void cors_namespace_make(const char *text, cors_namespace_t *space)
{
    apr_sha1_ctx_t sha1;

    apr_sha1_init(&sha1);
    apr_sha1_update(&sha1, text, (unsigned)strlen(text));
    apr_sha1_final(space->digest, &sha1);
}

/* A value, of which the answer and the time may be missing; and its key. */
typedef struct record_t {
    unsigned char value[ORIGIN + CORS_ORIGIN_MAX];
    unsigned n;
    unsigned char key[APR_SHA1_DIGESTSIZE];
} record_t;

static void make_record(const cors_namespace_t *space, cors_str_t origin,
                        record_t *record)
{
    /* Some bytes of the name do for a key, which need not be the only one, and
     * leave room in one block of SHA-1 for the origins that there are. */
    static const unsigned from = ORIGIN - 8;
    apr_sha1_ctx_t sha1;

    memcpy(record->value + NAME, space->digest, sizeof(space->digest));
    memcpy(record->value + ORIGIN, origin.p, origin.n);
    record->n = (unsigned)(ORIGIN + origin.n);
    apr_sha1_init(&sha1);
    apr_sha1_update_binary(&sha1, record->value + from, record->n - from);
    apr_sha1_final(record->key, &sha1);
}

static void write_time(unsigned char *value, apr_time_t time)
{
    apr_uint64_t seconds = (apr_uint64_t)apr_time_sec(time);
    int i;

    for (i = NAME; i-- > TIME; seconds >>= 8) {
        value[i] = (unsigned char)seconds;
    }
}

static apr_time_t time_of(const unsigned char *value)
{
    apr_uint64_t seconds = 0;
    int i;

    for (i = TIME; i < NAME; i++) {
        seconds = seconds << 8 | value[i];
    }
    return apr_time_from_sec((apr_time_t)(seconds & 0xffffffffffu));
}

/* What a value says that is about this question; UNKNOWN if it is old. One
 * from the future is the clock of another machine. */
static cors_source_answer_t read_answer(const cors_answers_t *cache,
                                        const unsigned char *value)
{
    const apr_time_t age = apr_time_now() - time_of(value);

    if (age > cache->ttl || age < -cache->ttl) {
        return CORS_SOURCE_UNKNOWN;
    }
    return value[0] == '+' ? CORS_SOURCE_ALLOWED
        : value[0] == '-' ? CORS_SOURCE_REFUSED : CORS_SOURCE_UNKNOWN;
}

static apr_status_t lock(const cors_answers_t *cache)
{
    return cache->mutex != NULL ? apr_global_mutex_lock(cache->mutex)
                                : APR_SUCCESS;
}

static void unlock(const cors_answers_t *cache)
{
    if (cache->mutex != NULL) {
        apr_global_mutex_unlock(cache->mutex);
    }
}

apr_status_t cors_answers_find(cors_answers_t *cache, server_rec *s,
                               const cors_namespace_t *space,
                               cors_str_t origin, apr_pool_t *pool,
                               cors_source_answer_t *answer)
{
    record_t record;
    unsigned char value[sizeof(record.value)];
    unsigned n = sizeof(value);
    apr_status_t rv;

    *answer = CORS_SOURCE_UNKNOWN;
    make_record(space, origin, &record);
    rv = lock(cache);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = cache->provider->retrieve(cache->instance, s, record.key,
                                   sizeof(record.key), value, &n, pool);
    unlock(cache);
    if (rv == APR_SUCCESS && n == record.n
        && memcmp(value + NAME, record.value + NAME, n - NAME) == 0) {
        *answer = read_answer(cache, value);
    }
    /* What takes more room than any answer is none, and will be replaced. */
    return APR_STATUS_IS_NOTFOUND(rv) || rv == APR_ENOMEM ? APR_SUCCESS : rv;
}

apr_status_t cors_answers_keep(cors_answers_t *cache, server_rec *s,
                               const cors_namespace_t *space,
                               cors_str_t origin, apr_pool_t *pool,
                               cors_source_answer_t answer, apr_time_t asked)
{
    const apr_time_t expiry = asked + cache->ttl;
    record_t record;
    apr_status_t rv;

    /* Caches for a network count in seconds, and refuse to keep for none. */
    if (expiry - apr_time_now() < apr_time_from_sec(1)) {
        return APR_SUCCESS;
    }
    make_record(space, origin, &record);
    record.value[0] = answer == CORS_SOURCE_ALLOWED ? '+' : '-';
    write_time(record.value, asked);
    rv = lock(cache);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = cache->provider->store(cache->instance, s, record.key,
                                sizeof(record.key),
                                expiry, record.value, record.n, pool);
    unlock(cache);
    return rv;
}
