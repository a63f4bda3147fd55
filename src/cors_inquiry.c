/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_inquiry.h"

#include "cors_errand.h"

#define LATE "no answer within CorsSourceTimeout"

/* What a helper is sent for: an inquiry of its own, for the request may end
 * before it comes back. */
typedef struct job_t {
    cors_provided_t *provided;
    cors_answers_t *cache;
    char origin[CORS_ORIGIN_MAX + 1];
    apr_time_t deadline;
    cors_source_answer_t answer;
    const char *reason;         /* why the source cannot answer, or NULL */
    apr_status_t cache_says;
    int is_probe;               /* boolean: the cache was to show that it is
                                   there */
} job_t;

static void find(cors_errand_t *errand)
{
    job_t *job = errand->what;
    cors_outage_t *outage = cors_answers_outage(job->cache);

    cors_outage_enter(outage);
    /* That it has nothing is also what a cache says whose server is gone. */
    job->is_probe = cors_outage_is(outage);
    job->cache_says = !job->is_probe ? APR_SUCCESS
        : cors_answers_keep(job->cache, job->provided->server,
                            &job->provided->space, cors_str(""),
                            errand->pool, CORS_SOURCE_REFUSED,
                            apr_time_now());
    if (job->cache_says == APR_SUCCESS) {
        job->cache_says = cors_answers_find(job->cache, job->provided->server,
                                            &job->provided->space,
                                            cors_str(job->origin),
                                            errand->pool, &job->answer);
    }
    cors_outage_leave(outage);
}

static void keep(cors_errand_t *errand, apr_time_t asked)
{
    job_t *job = errand->what;
    cors_outage_t *outage = cors_answers_outage(job->cache);

    cors_errand_reach(errand, CORS_TO_CACHE);
    cors_outage_enter(outage);
    job->cache_says = cors_answers_keep(job->cache, job->provided->server,
                                        &job->provided->space,
                                        cors_str(job->origin), errand->pool,
                                        job->answer, asked);
    cors_outage_leave(outage);
}

/* Has been let into the outage of the source, and leaves it. */
static void ask_and_keep(cors_errand_t *errand)
{
    job_t *job = errand->what;
    cors_provided_t *provided = job->provided;
    const apr_time_t asked = apr_time_now();
    cors_source_question_t question = {
        job->origin, errand->pool, provided->server, job->deadline, NULL
    };

    job->answer = provided->provider->ask(provided->own, &question);
    cors_outage_leave(provided->outage);
    if (job->answer != CORS_SOURCE_UNKNOWN) {
        keep(errand, asked);
    }
    else {
        job->reason = question.reason != NULL ? question.reason
                                              : "it does not say why";
    }
}

static cors_outage_t *outage_at(const cors_inquiry_t *inquiry,
                                cors_errand_to_t at)
{
    return at == CORS_TO_CACHE ? cors_answers_outage(inquiry->cache)
                               : inquiry->provided->outage;
}

static void fail(const cors_inquiry_t *inquiry, cors_errand_to_t at,
                 const char *reason)
{
    cors_outage_begin(outage_at(inquiry, at), inquiry->asker->r->server,
                      reason);
}

/* The same of one that is not to blame itself. */
static void tell(const cors_inquiry_t *inquiry, cors_errand_to_t at,
                 const char *reason)
{
    cors_outage_tell(outage_at(inquiry, at), inquiry->asker->r->server,
                     reason);
}

/* Does what came of it tell anything? */
static int is_good(const cors_inquiry_t *inquiry, const char *reason,
                   apr_status_t cache_says)
{
    char text[120];

    if (reason != NULL) {
        fail(inquiry, CORS_TO_SOURCE, reason);
    }
    else if (cache_says != APR_SUCCESS) {
        fail(inquiry, CORS_TO_CACHE,
             apr_strerror(cache_says, text, sizeof(text)));
    }
    return reason == NULL && cache_says == APR_SUCCESS;
}

/* When the request has waited long enough: it has not, before it waits. */
static apr_time_t deadline_of(const cors_inquiry_t *inquiry)
{
    cors_asker_t *asker = inquiry->asker;

    if (asker->deadline == 0) {
        asker->deadline = apr_time_now() + inquiry->timeout;
    }
    return asker->deadline;
}

static cors_errand_t *make_errand(const cors_inquiry_t *inquiry)
{
    cors_errand_t *errand = cors_errand_make(sizeof(job_t));
    job_t *job;

    if (errand != NULL) {
        job = errand->what;
        job->provided = inquiry->provided;
        job->cache = inquiry->cache;
        job->deadline = deadline_of(inquiry);
        memcpy(job->origin, inquiry->origin.p, inquiry->origin.n);
    }
    return errand;
}

/* Sends a helper. Returns 0 if nothing came of it. */
static int send_helper(const cors_inquiry_t *inquiry, cors_errand_to_t to,
                       void (*work)(cors_errand_t *errand),
                       cors_source_answer_t *answer)
{
    const apr_time_t deadline = deadline_of(inquiry);
    apr_time_t since = 0;
    cors_errand_t *errand = make_errand(inquiry);
    const job_t *job;
    int is_so;

    if (errand == NULL) {
        if (to == CORS_TO_SOURCE) {
            cors_outage_leave(inquiry->provided->outage);
        }
        return 0;
    }
    switch (cors_errand_run(errand, &to, work, deadline, &since)) {
    case CORS_ERRAND_DONE:
        job = errand->what;
        *answer = job->answer;
        is_so = is_good(inquiry, job->reason, job->cache_says);
        if (is_so && job->is_probe) {
            cors_outage_end(cors_answers_outage(inquiry->cache),
                            inquiry->asker->r->server);
        }
        cors_errand_free(errand);
        return is_so;
    case CORS_ERRAND_LATE:
        /* Where others took the most of the time, this one is not to blame. */
        if (apr_time_now() - since >= inquiry->timeout / 2) {
            fail(inquiry, to, LATE);
        }
        else {
            tell(inquiry, to, LATE ", of which too little was left");
        }
        return 0;
    default:
        if (to == CORS_TO_SOURCE) {
            cors_outage_leave(inquiry->provided->outage);
        }
        tell(inquiry, to, LATE ", in which no helper was free");
        return 0;
    }
}

/* Looks the answer up in the cache. In this machine's memory that takes less
 * than the way of a helper. */
static int look_up(const cors_inquiry_t *inquiry, cors_source_answer_t *answer)
{
    const cors_provided_t *provided = inquiry->provided;

    if (!cors_answers_are_here(inquiry->cache)) {
        return send_helper(inquiry, CORS_TO_CACHE, find, answer);
    }
    return is_good(inquiry, NULL,
                   cors_answers_find(inquiry->cache, provided->server,
                                     &provided->space, inquiry->origin,
                                     inquiry->asker->r->pool, answer));
}

/* Asks the source, if there is hope. */
static int ask(const cors_inquiry_t *inquiry, cors_source_answer_t *answer)
{
    cors_outage_t *outage = inquiry->provided->outage;

    if (!cors_outage_lets(outage)) {
        return 0;
    }
    if (!cors_outage_enter_by(outage, deadline_of(inquiry))) {
        tell(inquiry, CORS_TO_SOURCE, LATE ", in which others waited for "
             "it");
        return 0;
    }
    return send_helper(inquiry, CORS_TO_SOURCE, ask_and_keep, answer);
}

cors_source_answer_t cors_inquire(const cors_inquiry_t *inquiry)
{
    cors_outage_t *of_cache = cors_answers_outage(inquiry->cache);
    server_rec *s = inquiry->asker->r->server;
    cors_source_answer_t answer;

    if (!cors_outage_lets(of_cache) || !look_up(inquiry, &answer)) {
        return CORS_SOURCE_UNKNOWN;
    }
    if (answer == CORS_SOURCE_UNKNOWN) {
        if (!ask(inquiry, &answer)) {
            return CORS_SOURCE_UNKNOWN;
        }
        cors_outage_end(inquiry->provided->outage, s);
    }
    /* Only now: that it has nothing is also what a cache says whose server is
     * gone. */
    cors_outage_end(of_cache, s);
    return answer;
}
