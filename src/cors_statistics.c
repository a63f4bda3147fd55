/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_statistics.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include <ap_mpm.h>
#include <apr_shm.h>
#include <apr_strings.h>
#include <http_log.h>
#include <http_main.h>
#include <http_protocol.h>
#include <mod_status.h>

#include "cors_setter.h"

APLOG_USE_MODULE(cors);

/* What is counted, in the order in which it is shown. */
enum {
    ACTUAL_ALLOWED,
    ACTUAL_DENIED,
    PREFLIGHT_ALLOWED,
    PREFLIGHT_DENIED,
    DENIED_ORIGIN,
    DENIED_METHOD,
    DENIED_HEADER,
    MALFORMED_ORIGIN,
    REJECTED,
    SOURCE_ERRORS,
    COUNTERS
};

/* For programs, and for people; of the reasons these know CORS_RESULT. */
static const struct {
    const char *name;
    const char *label;
} counters[] = {
    { "CorsActualAllowed", "Actual requests, allowed" },
    { "CorsActualDenied", "Actual requests, denied" },
    { "CorsPreflightAllowed", "Preflights, allowed" },
    { "CorsPreflightDenied", "Preflights, denied" },
    { "CorsDeniedOrigin", "denied-origin" },
    { "CorsDeniedMethod", "denied-method" },
    { "CorsDeniedHeader", "denied-header" },
    { "CorsMalformedOrigin", "malformed-origin" },
    { "CorsRejected", "rejected" },
    { "CorsSourceErrors", "source-error" },
};

/* Cache lines have 64 bytes, and processors like to fetch two at once. */
#define LINE 128

/* The slot of a process. What it has counted stays when it is passed on. */
typedef struct cors_tally_t {
    apr_uint64_t counts[COUNTERS];
    pid_t owner;                /* 0: nobody's */
} __attribute__((aligned(LINE))) cors_tally_t;

/* What a restart finds again. */
typedef struct shared_t {
    cors_tally_t *tallies;
    int count;
} shared_t;

cors_tally_t *cors_own_tally;

/* Boolean: CorsStatistics. */
static int is_on;

/* NULL: nothing is counted. */
static const shared_t *shared;

/* ----------------------------------------------------------- directive -- */

const char *cors_set_statistics(cmd_parms *cmd, void *dirv, const char *arg)
{
    static const cors_word_t words[] = {
        { "On", 1, 0 }, { "Off", 0, 0 }, { NULL, 0, 0 }
    };
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY);
    const cors_word_t *word = cors_word_find(words, arg);

    (void)dirv;
    if (error != NULL) {
        return error;
    }
    if (word == NULL) {
        return cors_refuse_word(cmd, words, arg);
    }
    is_on = word->value;
    cors_server_keep(cmd);
    return NULL;
}

/* -------------------------------------------------------------- memory -- */

void cors_statistics_pre_config(void)
{
    is_on = 0;
}

/* Children that finish their requests live on beside those that a graceful
 * restart brings, so there are two slots for each. */
static int count_slots(void)
{
    int daemons = 1;

    ap_mpm_query(AP_MPMQ_HARD_LIMIT_DAEMONS, &daemons);
    return 2 * daemons;
}

/* New memory is zero. */
static shared_t *make_shared(const char *key, server_rec *s)
{
    const int count = count_slots();
    shared_t *made;
    apr_shm_t *memory;
    apr_status_t rv = apr_shm_create(
        &memory, (apr_size_t)count * sizeof(cors_tally_t) + LINE, NULL,
        ap_pglobal);

    if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_ERR, rv, s, "CorsStatistics: no memory "
                     "that processes share; nothing is counted");
        return NULL;
    }
    made = ap_retained_data_create(key, sizeof(*made));
    made->tallies = (cors_tally_t *)APR_ALIGN(
        (uintptr_t)apr_shm_baseaddr_get(memory), LINE);
    made->count = count;
    return made;
}

void cors_statistics_post_config(server_rec *s)
{
    /* A restart may load another version of this module: with another
     * cors_tally_t the key has to be another, too. */
    static const char key[] = "mod_cors_statistics_1";

    shared = !is_on ? NULL : ap_retained_data_get(key);
    if (is_on && shared == NULL) {
        shared = make_shared(key, s);
    }
}

/* --------------------------------------------------------------- slots -- */

/* Does the slot pass from one process to another? Not if somebody else was
 * faster. */
static int pass_on(cors_tally_t *tally, pid_t from, pid_t to)
{
    return __atomic_compare_exchange_n(&tally->owner, &from, to, 0,
                                       __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

/* Has its process been killed, so that it could not give it back? */
static int is_orphan(pid_t owner)
{
    return owner != 0 && kill(owner, 0) != 0 && errno == ESRCH;
}

/* A slot for this process alone, or NULL. */
static cors_tally_t *claim(pid_t self)
{
    cors_tally_t *tally, *end = shared->tallies + shared->count;

    for (tally = shared->tallies; tally < end; tally++) {
        if (pass_on(tally, 0, self)) {
            return tally;
        }
    }
    for (tally = shared->tallies; tally < end; tally++) {
        const pid_t owner = __atomic_load_n(&tally->owner, __ATOMIC_RELAXED);

        if (is_orphan(owner) && pass_on(tally, owner, self)) {
            return tally;
        }
    }
    return NULL;
}

/* Threads that still run go on counting there, whoever has it next. */
static apr_status_t release(void *tally)
{
    pass_on(tally, getpid(), 0);
    return APR_SUCCESS;
}

void cors_statistics_child_init(apr_pool_t *pchild, server_rec *s)
{
    const pid_t self = getpid();
    cors_tally_t *tally;

    if (shared == NULL) {
        return;
    }
    tally = claim(self);
    cors_own_tally = tally != NULL ? tally
        : shared->tallies + self % shared->count;
    apr_pool_cleanup_register(pchild, cors_own_tally, release,
                              apr_pool_cleanup_null);
    ap_log_error(APLOG_MARK, APLOG_DEBUG, 0, s, "CorsStatistics: this process "
                 "counts in slot %d of %d%s",
                 (int)(cors_own_tally - shared->tallies) + 1, shared->count,
                 tally == NULL ? ", which is another's too" : "");
}

/* ------------------------------------------------------------ counting -- */

static void add_one(int counter)
{
    __atomic_fetch_add(&cors_own_tally->counts[counter], 1, __ATOMIC_RELAXED);
}

void cors_statistics_add(const cors_decision_t *decision)
{
    static const signed char reasons[] = {
        [CORS_MALFORMED_ORIGIN] = MALFORMED_ORIGIN,
        [CORS_DENIED_ORIGIN] = DENIED_ORIGIN,
        [CORS_DENIED_METHOD] = DENIED_METHOD,
        [CORS_DENIED_HEADER] = DENIED_HEADER,
        [CORS_SOURCE_ERROR] = SOURCE_ERRORS
    };
    const cors_verdict_t *verdict = &decision->verdict;
    const int is_preflight = decision->request.is_preflight;

    if (verdict->result == CORS_ALLOWED) {
        add_one(is_preflight ? PREFLIGHT_ALLOWED : ACTUAL_ALLOWED);
        return;
    }
    add_one(is_preflight ? PREFLIGHT_DENIED : ACTUAL_DENIED);
    add_one(verdict->is_rejected ? REJECTED : reasons[verdict->result]);
}

/* ------------------------------------------------------------- showing -- */

/* What stands around the numbers. */
typedef struct form_t {
    const char *begin, *label, *number, *next, *end;
    int is_for_programs;
} form_t;

static const form_t *choose_form(int flags)
{
    static const form_t lines = { "", "", ": ", "\n", "", 1 };
    static const form_t list = {
        "<hr />\n<h2>CORS decisions</h2>\n<dl>\n", "<dt>", ": ", "</dt>\n",
        "</dl>\n", 0
    };
    static const form_t table = {
        "<hr />\n<h2>CORS decisions</h2>\n<table border=\"0\">\n",
        "<tr><td>", "</td><td align=\"right\">", "</td></tr>\n",
        "</table>\n", 0
    };

    return flags & AP_STATUS_SHORT ? &lines
        : flags & AP_STATUS_NOTABLE ? &list : &table;
}

static apr_uint64_t sum_of(int counter)
{
    apr_uint64_t sum = 0;
    int i;

    for (i = 0; i < shared->count; i++) {
        sum += __atomic_load_n(&shared->tallies[i].counts[counter],
                               __ATOMIC_RELAXED);
    }
    return sum;
}

int cors_statistics_show(request_rec *r, int flags)
{
    const form_t *form = choose_form(flags);
    int i;

    if (shared == NULL) {
        return DECLINED;
    }
    ap_rputs(form->begin, r);
    for (i = 0; i < COUNTERS; i++) {
        ap_rvputs(r, form->label,
                  form->is_for_programs ? counters[i].name : counters[i].label,
                  form->number,
                  apr_psprintf(r->pool, "%" APR_UINT64_T_FMT, sum_of(i)),
                  form->next, NULL);
    }
    ap_rputs(form->end, r);
    return OK;
}
