/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/* Threads that read while one replaces what they read. Run twice: as all unit
 * tests, where AddressSanitizer sees a look at a version that is freed; and
 * under ThreadSanitizer, which also sees one that only luck has kept in front
 * of the freeing, or behind the making. */
#include "cors_swap.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "tap.h"

#define READERS  4
#define WORDS    16
#define SWAPS    50000
#define ROUND    100            /* swaps, after which each reader has a turn */
#define SEEN     (SWAPS / ROUND)        /* versions, by each reader */
#define FREED    (SWAPS / 10)           /* while readers are at work */

#define GOOD   UINT64_C(0x600d600d600d600d)
#define POISON UINT64_C(0xdeaddeaddeaddead)

typedef struct version_t {
    uint64_t number;
    uint64_t words[WORDS];      /* all of them made from the number */
    struct version_t *older;    /* retired before it */
} version_t;

typedef struct reader_t {
    pthread_t thread;
    int asks_first;             /* boolean: knows what must be there before it
                                   enters */
    unsigned long visits;       /* written by the reader, read by others */
    unsigned long seen;         /* versions */
    unsigned long torn;         /* not whole, or poisoned */
    unsigned long stale;        /* older than what was there before */
} reader_t;

static cors_swap_t swap;
static uint64_t newest;         /* what has been put in already */
static int is_over;

static version_t *make_version(uint64_t number)
{
    version_t *version = malloc(sizeof(*version));
    size_t i;

    version->number = number;
    version->older = NULL;
    for (i = 0; i < WORDS; i++) {
        version->words[i] = number ^ GOOD;
    }
    return version;
}

static void free_version(version_t *version)
{
    volatile version_t *poisoned = version;
    size_t i;

    poisoned->number = POISON;
    for (i = 0; i < WORDS; i++) {
        poisoned->words[i] = POISON;
    }
    free(version);
}

static int is_whole(const version_t *version)
{
    size_t i;

    for (i = 0; i < WORDS; i++) {
        if (version->words[i] != (version->number ^ GOOD)) {
            return 0;
        }
    }
    return 1;
}

static void *read_on(void *data)
{
    reader_t *reader = data;
    uint64_t last = 0, due = 0; /* none may be older than these */
    unsigned long visits = 0;

    while (!__atomic_load_n(&is_over, __ATOMIC_RELAXED)) {
        const version_t *version;

        if (reader->asks_first) {
            due = __atomic_load_n(&newest, __ATOMIC_ACQUIRE);
        }
        version = cors_swap_enter(&swap);
        if (visits % 64 == 0) {
            /* The longer the stay, the more is replaced meanwhile. */
            sched_yield();
        }
        reader->torn += !is_whole(version);
        reader->stale += version->number < last || version->number < due;
        reader->seen += version->number != last;
        last = version->number;
        cors_swap_leave(&swap);
        __atomic_store_n(&reader->visits, ++visits, __ATOMIC_RELAXED);
        if (visits % 8 == 0) {
            /* With all of them inside all the time nothing could be freed. */
            sched_yield();
        }
    }
    return NULL;
}

/* Frees what is retired, if nobody can hold it. */
static unsigned long free_retired(version_t **retired)
{
    unsigned long n = 0;

    while (*retired != NULL && cors_swap_is_quiet(&swap)) {
        version_t *version = *retired;

        *retired = version->older;
        free_version(version);
        n++;
    }
    return n;
}

static reader_t readers[READERS];

/* Waits until each reader has come by again, after a visit that may have begun
 * before. */
static void take_turns(void)
{
    static const struct timespec moment = { 0, 50000 };
    unsigned long before[READERS];
    int i;

    for (i = 0; i < READERS; i++) {
        before[i] = __atomic_load_n(&readers[i].visits, __ATOMIC_RELAXED);
    }
    for (i = 0; i < READERS; i++) {
        while (__atomic_load_n(&readers[i].visits, __ATOMIC_RELAXED)
               < before[i] + 2) {
            nanosleep(&moment, NULL);
        }
    }
}

static void test_threads(void)
{
    version_t *retired = NULL;
    unsigned long swaps = 0, freed = 0, wrong = 0, started = 0;
    unsigned long torn = 0, stale = 0, idle = 0;
    int i;

    cors_swap_exchange(&swap, make_version(1));
    newest = 1;
    for (i = 0; i < READERS; i++) {
        readers[i].asks_first = i % 2;
        started += pthread_create(&readers[i].thread, NULL, read_on,
                                  &readers[i]) == 0;
    }
    if (!ok(started == READERS, "%d readers", READERS)) {
        exit(1);
    }
    for (; swaps < SWAPS; swaps++) {
        version_t *version = make_version(swaps + 2);
        version_t *old = cors_swap_exchange(&swap, version);

        __atomic_store_n(&newest, version->number, __ATOMIC_RELEASE);
        wrong += old == NULL || old->number != swaps + 1;
        old->older = retired;
        retired = old;
        freed += free_retired(&retired);
        if (swaps % ROUND == 0) {
            take_turns();
        }
    }
    __atomic_store_n(&is_over, 1, __ATOMIC_RELAXED);
    for (i = 0; i < READERS; i++) {
        pthread_join(readers[i].thread, NULL);
        torn += readers[i].torn;
        stale += readers[i].stale;
        idle += readers[i].seen < SEEN;
        printf("# reader %d: %lu visits, %lu versions\n", i,
               readers[i].visits, readers[i].seen);
    }
    printf("# %lu swaps, %lu versions freed meanwhile\n", swaps, freed);
    ok(torn == 0, "a reader sees a whole version");
    ok(stale == 0, "and none older than one that was there before");
    ok(wrong == 0, "what comes out is what was put in last");
    ok(idle == 0, "each reader saw many");
    ok(freed >= FREED, "many were freed while they read");
    ok(cors_swap_is_quiet(&swap), "in the end nobody is inside");
    freed += free_retired(&retired);
    ok(freed == swaps && retired == NULL, "and all that was taken out goes");
    free_version(cors_swap_exchange(&swap, NULL));
}

/* One thread after the other. */
static void test_turns(void)
{
    cors_swap_t own = { NULL, 0 };
    int one, other;

    ok(cors_swap_is_quiet(&own), "a new one is quiet");
    ok(cors_swap_exchange(&own, &one) == NULL, "and holds nothing");
    ok(cors_swap_enter(&own) == &one, "a reader gets what was put in");
    ok(!cors_swap_is_quiet(&own), "it is not quiet with a reader inside");
    ok(cors_swap_exchange(&own, &other) == &one,
       "what was there comes out, reader or not");
    ok(cors_swap_enter(&own) == &other, "the next reader gets the new one");
    cors_swap_leave(&own);
    ok(!cors_swap_is_quiet(&own), "it is not quiet when one of two has left");
    cors_swap_leave(&own);
    ok(cors_swap_is_quiet(&own), "it is when both have");
}

int main(void)
{
    test_turns();
    test_threads();
    return done_testing();
}
