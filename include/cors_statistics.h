/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_statistics.h
 * CorsStatistics: how many requests were decided how, for the page of
 * mod_status.
 *
 * Each process counts in memory of its own, which all others can read; who
 * asks for the page adds up. The memory belongs to httpd as a whole, and so
 * the numbers outlive processes, however they end, and restarts.
 */
#ifndef CORS_STATISTICS_H
#define CORS_STATISTICS_H

#include "cors_decision.h"

/** Where this process counts; NULL: it does not. Written before its requests
 * come. Hidden, so that a look at it takes one load. */
extern struct cors_tally_t *cors_own_tally
    __attribute__((visibility("hidden")));

/** Counts a decision where there is a place for it. */
void cors_statistics_add(const cors_decision_t *decision);

/**
 * Counts a decision with a configuration about a request with an origin. No
 * count is lost, whichever threads and processes count at the same time.
 *
 * Cost: with CorsStatistics Off a load and a branch; else an atomic addition
 * in memory that hardly ever another process writes, a second one for what
 * was denied.
 */
static inline void cors_statistics_count(const cors_decision_t *decision)
{
    if (cors_own_tally != NULL) {
        cors_statistics_add(decision);
    }
}

/** The configuration is about to be read: Off is the default. */
void cors_statistics_pre_config(void);

/** Makes the memory, or finds again what was made when CorsStatistics was
 * first On. Without memory nothing is counted, and the error log says so. Not
 * while httpd only checks its configuration. */
void cors_statistics_post_config(server_rec *s);

/** Gives a child process its place. httpd's child_init. */
void cors_statistics_child_init(apr_pool_t *pchild, server_rec *s);

/** Writes the sums; see mod_status.h. */
int cors_statistics_show(request_rec *r, int flags);

#endif /* CORS_STATISTICS_H */
