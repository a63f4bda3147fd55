/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file decision.c
 * What one decision of the core costs: nanoseconds, and that it takes no
 * memory. Lines for Bench/Decision.pm, each a figure behind what it is of:
 *
 *      exact 1000 allowed-any 41.7
 *      8k-origin 1 refused 5.2
 *      malloc 0
 *
 * `-any` asks for listed origins in no order, `-last` for the last one only.
 */
#define _POSIX_C_SOURCE 199309L

#include <time.h>

#include <apr_general.h>

#include "cors_policy.h"
#include "random.h"
#include "sections.h"
#include "tap.h"

#define DENIED 999999u          /* the tenant that no list names */
#define LONG 8192               /* bytes of a long field */
#define TEXT_MAX 64
#define BATCH 256               /* requests: few enough for the nearest cache,
                                   where a server has what it just read */
#define BATCHES 100
#define ROUNDS 9

static apr_pool_t *pool;

/* ---------------------------------------------------------- allocations -- */

/* The linker sends the core's calls here (--wrap). */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);

static unsigned long mallocs;

void *__wrap_malloc(size_t size)
{
    mallocs++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    mallocs++;
    return __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    mallocs++;
    return __real_realloc(old, size);
}

/* A pool hands out its memory in order: what two pieces have between them
 * somebody else took. */
static const char *taken;

static void begin_counting(void)
{
    apr_palloc(pool, 4096);     /* there is room for two more */
    mallocs = 0;
    taken = apr_palloc(pool, 8);
}

static void print_allocations(void)
{
    const char *now = apr_palloc(pool, 8);

    printf("malloc %lu\n", mallocs);
    printf("pool %ld\n", (long)(now - taken) - 8);
}

/* ------------------------------------------------------------- policies -- */

/* How the lists are written, and the origins that they allow. */
typedef struct kind_t {
    const char *name;
    const char *item;           /* what stands in front of the tenant, in the
                                   list */
    const char *origin;         /* and in a request */
    size_t max;
} kind_t;

static const kind_t exact_kind = {
    "exact", "https://", "https://", 100000
};

static const kind_t wildcard_kind = {
    "wildcard", "https://*.", "https://app.", 10000
};

static void write_tenant(char text[TEXT_MAX], const char *front,
                         unsigned tenant)
{
    sprintf(text, "%stenant%06u.example.com", front, tenant);
}

static cors_policy_t policy_of(const kind_t *kind, size_t n)
{
    const cors_place_t place = { "bench", 1 };
    cors_origins_t *origins = cors_origins_make(pool, place);
    cors_policy_t policy;
    cors_pattern_t pattern;
    cors_reading_t reading;
    size_t i;

    for (i = 0; i < n; i++) {
        char item[TEXT_MAX];

        write_tenant(item, kind->item, (unsigned)i);
        cors_pattern_parse(cors_str(item), system_suffixes(), &pattern,
                           &reading);
        pattern.text = apr_pstrmemdup(pool, reading.text, pattern.n);
        cors_origins_add(pool, origins, &pattern, place, 0);
    }
    memset(&policy, 0, sizeof(policy));
    policy.origins = &origins->list;
    policy.methods = method_sections(pool, "GET HEAD POST PUT DELETE");
    policy.headers = header_sections(pool, "Content-Type Authorization "
                                     "X-Requested-With X-Custom-One");
    policy.expose = header_sections(pool, "X-Request-Id "
                                    "X-RateLimit-Remaining");
    policy.credentials = 1;
    policy.max_age = 600;
    return policy;
}

/* -------------------------------------------------------------- timing -- */

typedef enum { ANY, LAST, NONE } which_t;

/* One line of the output. */
typedef struct row_t {
    const char *kind;
    size_t n;
    const char *what;
    const cors_policy_t *policy;
    const char *origin;         /* what stands in front of the tenant */
    which_t which;
    int is_preflight;
    cors_str_t long_origin;     /* in place of a tenant's, if there */
    cors_str_t headers;
    cors_result_t result;       /* that is right */
    double ns[ROUNDS];
} row_t;

#define ROWS_MAX 128

static row_t rows[ROWS_MAX];
static size_t n_rows;

static const cors_str_t no_field = { NULL, 0 };
static const cors_str_t two_headers = CORS_STR("content-type,x-custom-one");

static row_t *add_row(const cors_policy_t *policy, const kind_t *kind,
                      size_t n, const char *what, which_t which,
                      int is_preflight)
{
    row_t *row = &rows[n_rows++];

    row->kind = kind->name;
    row->n = n;
    row->what = what;
    row->policy = policy;
    row->origin = kind->origin;
    row->which = which;
    row->is_preflight = is_preflight;
    row->long_origin = no_field;
    row->headers = is_preflight ? two_headers : no_field;
    row->result = which == NONE ? CORS_DENIED_ORIGIN : CORS_ALLOWED;
    return row;
}

static void add_kind(const kind_t *kind)
{
    size_t n;

    for (n = 1; n <= kind->max; n *= 10) {
        cors_policy_t *policy = apr_palloc(pool, sizeof(*policy));

        *policy = policy_of(kind, n);
        add_row(policy, kind, n, "allowed-any", ANY, 0);
        add_row(policy, kind, n, "allowed-last", LAST, 0);
        add_row(policy, kind, n, "refused", NONE, 0);
        add_row(policy, kind, n, "preflight-any", ANY, 1);
        add_row(policy, kind, n, "preflight-last", LAST, 1);
        add_row(policy, kind, n, "preflight-refused", NONE, 1);
    }
}

/* A field of that many bytes, which begins so and goes on as it ended. */
static cors_str_t long_field(const char *begin, const char *more)
{
    cors_str_t field = { NULL, LONG };
    char *text = apr_palloc(pool, LONG + strlen(more) + 1);
    size_t n;

    strcpy(text, begin);
    for (n = strlen(text); n < LONG; n += strlen(more)) {
        strcpy(text + n, more);
    }
    field.p = text;
    return field;
}

static void add_long_fields(void)
{
    cors_policy_t *policy = apr_palloc(pool, sizeof(*policy));
    row_t *row;

    *policy = policy_of(&exact_kind, 1);
    row = add_row(policy, &exact_kind, 1, "refused", NONE, 0);
    row->kind = "8k-origin";
    row->long_origin = long_field("https://a", ".example");
    row->result = CORS_MALFORMED_ORIGIN;
    row = add_row(policy, &exact_kind, 1, "preflight-refused", LAST, 1);
    row->kind = "8k-headers";
    row->headers = long_field("x-custom-one", ",x-custom-one");
    row->result = CORS_DENIED_HEADER;
}

static void ask_batch(const row_t *row, cors_request_t *requests,
                      char (*text)[TEXT_MAX])
{
    size_t i;

    for (i = 0; i < BATCH; i++) {
        const unsigned tenant = row->which == NONE ? DENIED
            : row->which == LAST ? (unsigned)row->n - 1
            : roll((unsigned)row->n);

        memset(&requests[i], 0, sizeof(*requests));
        write_tenant(text[i], row->origin, tenant);
        requests[i].origin = row->long_origin.n > 0 ? row->long_origin
            : cors_str(text[i]);
        requests[i].is_preflight = row->is_preflight;
        requests[i].method = cors_str(row->is_preflight ? "PUT" : NULL);
        requests[i].headers = row->headers;
    }
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* Nanoseconds for one decision; those that are wrong end the program. */
static double time_row(const row_t *row)
{
    static cors_request_t requests[BATCH];
    static char text[BATCH][TEXT_MAX];
    static cors_verdict_t verdicts[BATCH];
    double spent = 0, began;
    size_t batch, i;

    for (batch = 0; batch < BATCHES; batch++) {
        ask_batch(row, requests, text);
        began = now();
        for (i = 0; i < BATCH; i++) {
            cors_decide(row->policy, &requests[i], &verdicts[i]);
        }
        spent += now() - began;
        for (i = 0; i < BATCH; i++) {
            if (verdicts[i].result != row->result) {
                printf("%s %lu %s: wrong answer\n", row->kind,
                       (unsigned long)row->n, row->what);
                exit(1);
            }
        }
    }
    return spent / (BATCHES * BATCH);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

int main(void)
{
    size_t round, i;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    add_kind(&exact_kind);
    add_kind(&wildcard_kind);
    add_long_fields();

    begin_counting();
    for (round = 0; round < ROUNDS; round++) {
        for (i = 0; i < n_rows; i++) {
            rows[i].ns[round] = time_row(&rows[i]);
        }
    }
    print_allocations();
    for (i = 0; i < n_rows; i++) {
        qsort(rows[i].ns, ROUNDS, sizeof(*rows[i].ns), compare);
        printf("%s %lu %s %.1f\n", rows[i].kind, (unsigned long)rows[i].n,
               rows[i].what, rows[i].ns[ROUNDS / 2]);
    }
    apr_terminate();
    return 0;
}
