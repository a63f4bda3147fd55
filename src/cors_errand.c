/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_errand.h"

#include <signal.h>
#include <unistd.h>

#include <ap_mpm.h>
#include <apr_thread_pool.h>
#include <http_log.h>

#include "cors_config.h"
#include "cors_outage.h"

APLOG_USE_MODULE(cors);

/* More would only press a database that is slow already. With fewer, one that
 * hangs could have them all. */
#define HELPERS_MIN (CORS_OUTAGE_INSIDE + 1)
#define HELPERS_MAX 8

/* How many errands may wait for a helper. */
#define QUEUE_MAX 256

/* Of this process. */
static apr_thread_pool_t *helpers[2];

/* How long a child that ends waits for helpers. Their requests have ended. */
#define PATIENCE apr_time_from_sec(1)

/* Before all else in the pool goes, connections to databases for one. A child
 * that stayed for a helper that hangs would keep its place from others, until
 * none is left; and one that went on would take away what the helper uses. So
 * it ends here, and what others would have done at its end is lost, such as
 * lines that BufferedLogs has not written. */
static apr_status_t stop(void *group)
{
    apr_thread_pool_t **mine = group;
    apr_thread_pool_t *leaving = *mine;
    const apr_time_t end = apr_time_now() + PATIENCE;

    *mine = NULL;
    while (apr_thread_pool_busy_count(leaving) > 0) {
        if (apr_time_now() > end) {
            _exit(APEXIT_OK);
        }
        apr_sleep(apr_time_from_msec(10));
    }
    apr_thread_pool_destroy(leaving);
    return APR_SUCCESS;
}

/* prefork's pool, of which mod_dbd takes its connections, thinks that there is
 * one thread. */
static apr_status_t let_threads_share(apr_pool_t *pchild)
{
    apr_allocator_t *allocator = apr_pool_allocator_get(pchild);
    apr_thread_mutex_t *mutex;
    apr_status_t rv = APR_SUCCESS;

    if (apr_allocator_mutex_get(allocator) == NULL) {
        rv = apr_thread_mutex_create(&mutex, APR_THREAD_MUTEX_DEFAULT, pchild);
        if (rv == APR_SUCCESS) {
            apr_allocator_mutex_set(allocator, mutex);
        }
    }
    return rv;
}

/* Signals are for httpd's own threads. */
static apr_status_t make_helpers(apr_size_t n, apr_pool_t *pchild,
                                 apr_thread_pool_t **group)
{
    sigset_t all, old;
    apr_status_t rv;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    rv = apr_thread_pool_create(group, n, n, pchild);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return rv;
}

void cors_errand_start(cors_errand_to_t to, apr_pool_t *pchild, server_rec *s)
{
    int threads = 0;
    apr_size_t n;
    apr_status_t rv;

    ap_mpm_query(AP_MPMQ_MAX_THREADS, &threads);
    n = threads < HELPERS_MIN ? HELPERS_MIN
        : threads > HELPERS_MAX ? HELPERS_MAX : (apr_size_t)threads;
    rv = let_threads_share(pchild);
    if (rv == APR_SUCCESS) {
        rv = make_helpers(n, pchild, &helpers[to]);
    }
    if (rv != APR_SUCCESS) {
        helpers[to] = NULL;
        ap_log_error(APLOG_MARK, APLOG_CRIT, rv, s, "CorsAllowOriginSource: "
                     "no helper threads; origins that need them are refused");
        return;
    }
    apr_pool_pre_cleanup_register(pchild, &helpers[to], stop);
}

cors_errand_t *cors_errand_make(apr_size_t size)
{
    apr_pool_t *pool;
    cors_errand_t *errand;

    /* Of no other pool, as it may outlive the request, and an allocator of
     * its own needs no lock. */
    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS) {
        return NULL;
    }
    errand = apr_pcalloc(pool, sizeof(*errand));
    errand->pool = pool;
    errand->what = apr_pcalloc(pool, size);
    if (apr_thread_mutex_create(&errand->mutex, APR_THREAD_MUTEX_DEFAULT,
                                pool) != APR_SUCCESS
        || apr_thread_cond_create(&errand->done, pool) != APR_SUCCESS) {
        apr_pool_destroy(pool);
        return NULL;
    }
    return errand;
}

void cors_errand_free(cors_errand_t *errand)
{
    apr_pool_destroy(errand->pool);
}

void cors_errand_reach(cors_errand_t *errand, cors_errand_to_t at)
{
    apr_thread_mutex_lock(errand->mutex);
    errand->at = at;
    errand->since = apr_time_now();
    apr_thread_mutex_unlock(errand->mutex);
}

static void *APR_THREAD_FUNC go(apr_thread_t *thread, void *data)
{
    cors_errand_t *errand = data;
    int is_left;

    (void)thread;
    apr_thread_mutex_lock(errand->mutex);
    is_left = errand->is_left;
    errand->is_begun = 1;
    errand->since = apr_time_now();
    apr_thread_mutex_unlock(errand->mutex);
    if (!is_left) {
        errand->work(errand);
        apr_thread_mutex_lock(errand->mutex);
        errand->is_done = 1;
        is_left = errand->is_left;
        apr_thread_cond_signal(errand->done);
        apr_thread_mutex_unlock(errand->mutex);
    }
    if (is_left) {
        cors_errand_free(errand);
    }
    return NULL;
}

/* Waits until it is done, or leaves it. */
static cors_errand_end_t await(cors_errand_t *errand, cors_errand_to_t *to,
                               apr_time_t deadline, apr_time_t *since)
{
    cors_errand_end_t end;
    apr_interval_time_t left = deadline - apr_time_now();

    apr_thread_mutex_lock(errand->mutex);
    while (!errand->is_done && left > 0) {
        const apr_interval_time_t before = left;

        if (APR_STATUS_IS_TIMEUP(apr_thread_cond_timedwait(errand->done,
                                                           errand->mutex,
                                                           left))) {
            break;
        }
        left = deadline - apr_time_now();
        /* Somebody may set the clock. */
        left = left < before ? left : before - 1;
    }
    errand->is_left = !errand->is_done;
    *to = errand->at;
    *since = errand->since;
    end = errand->is_done ? CORS_ERRAND_DONE
        : errand->is_begun ? CORS_ERRAND_LATE : CORS_ERRAND_NOT_BEGUN;
    apr_thread_mutex_unlock(errand->mutex);
    return end;
}

cors_errand_end_t cors_errand_run(cors_errand_t *errand, cors_errand_to_t *to,
                                  void (*work)(cors_errand_t *errand),
                                  apr_time_t deadline, apr_time_t *since)
{
    apr_thread_pool_t *group = helpers[*to];

    errand->work = work;
    errand->at = *to;
    if (group == NULL || apr_thread_pool_tasks_count(group) >= QUEUE_MAX
        || apr_thread_pool_push(group, go, errand, 0, NULL) != APR_SUCCESS) {
        cors_errand_free(errand);
        return CORS_ERRAND_NOT_BEGUN;
    }
    return await(errand, to, deadline, since);
}
