/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_errand.h
 * Work that may hang, which a request does not wait for longer than it wants.
 *
 * The drivers that sources and caches use know no time limits worth the name:
 * a database or a cache that stops without closing its connections would keep
 * a request for minutes. So a helper thread goes, and the request waits for
 * it. One that gives up waiting leaves everything to the helper, which clears
 * up when it returns.
 */
#ifndef CORS_ERRAND_H
#define CORS_ERRAND_H

#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>
#include <httpd.h>

/** Helpers for different things: those that hang at one leave others to go for
 * the other. */
typedef enum { CORS_TO_SOURCE, CORS_TO_CACHE } cors_errand_to_t;

/** One errand, in a pool of its own. */
typedef struct cors_errand_t {
    apr_pool_t *pool;
    void *what;                 /* for the work; all in `pool`, or of the
                                   configuration */
    void (*work)(struct cors_errand_t *errand);
    apr_thread_mutex_t *mutex;  /* for these: */
    cors_errand_to_t at;        /* where it waits */
    apr_time_t since;           /* when it began to wait there */
    int is_begun;
    int is_done;
    int is_left;                /* nobody waits for it */
    apr_thread_cond_t *done;
} cors_errand_t;

/** Starts the helpers that a child process has for one thing: call it in
 * child_init. They end with the pool, which waits a moment for those that are
 * away; where one hangs, the process ends there and then. */
void cors_errand_start(cors_errand_to_t to, apr_pool_t *pchild, server_rec *s);

/** An errand with `size` bytes, all zero, at `what`. NULL: out of memory. */
cors_errand_t *cors_errand_make(apr_size_t size);

/** How an errand went. */
typedef enum {
    CORS_ERRAND_DONE,
    CORS_ERRAND_LATE,           /* it has been begun, and takes too long */
    CORS_ERRAND_NOT_BEGUN       /* no helper was free */
} cors_errand_end_t;

/** For the work: what it waits for from now on, by the same helper. */
void cors_errand_reach(cors_errand_t *errand, cors_errand_to_t at);

/**
 * Has the work done.
 *
 * @param to        in: whose helper goes; out: where it waits
 * @param work      takes `what` and `pool` from the errand
 * @param deadline  when to stop waiting
 * @param since     out: since when it waits there
 * @return how it went; only if it is DONE the errand is still the caller's, to
 *         be freed when all is taken out of it
 *
 * Cost: two changes of the thread.
 */
cors_errand_end_t cors_errand_run(cors_errand_t *errand,
                                  cors_errand_to_t *to,
                                  void (*work)(cors_errand_t *errand),
                                  apr_time_t deadline, apr_time_t *since);

/** Clears up after one that is done. */
void cors_errand_free(cors_errand_t *errand);

#endif /* CORS_ERRAND_H */
