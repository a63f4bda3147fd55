/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_answers.h
 * CorsSourceCache: where the answers of providers are kept for a while, in one
 * of httpd's caches for small objects, which many machines may share.
 *
 * The key is a digest of some of the source's name and the origin. The value
 * repeats what it is an answer to:
 *
 *      byte 0      '+' allowed, '-' refused
 *      1 to 8      when that was asked, in seconds since 1970, the highest
 *                  byte first
 *      9 to 28     the SHA-1 digest of the source's name
 *      29 on       the origin, to the end
 *
 * and counts only if all of it is right, so that no two questions can share
 * an answer, whatever their keys; and as long as CorsSourceCache says, even if
 * the cache was slow to take it.
 */
#ifndef CORS_ANSWERS_H
#define CORS_ANSWERS_H

#include <apr_sha1.h>

#include "cors_outage.h"
#include "cors_str.h"
#include "mod_cors.h"

/** Whose answers: the digest of a source's name. */
typedef struct cors_namespace_t {
    unsigned char digest[APR_SHA1_DIGESTSIZE];
} cors_namespace_t;

/** The digest of the name of a source. */
void cors_namespace_make(const char *name, cors_namespace_t *space);

/** The cache of a server. */
typedef struct cors_answers_t cors_answers_t;

/**
 * Makes a cache as CorsSourceCache says, while the configuration is read.
 *
 * @param pool   of the configuration
 * @param text   "provider" or "provider:argument"; NULL: the default one
 * @param ttl    how long an answer is kept
 * @param cache  out
 * @return the rule that the text breaks, or NULL
 */
const char *cors_answers_make(apr_pool_t *pool, apr_pool_t *ptemp,
                              const char *text, apr_interval_time_t ttl,
                              cors_answers_t **cache);

/** Registers the mutex of caches that need one: call it in pre_config. */
apr_status_t cors_answers_register(apr_pool_t *pconf);

/** Opens the cache: call it in post_config. Logs what is wrong. */
apr_status_t cors_answers_open(cors_answers_t *cache, apr_pool_t *pconf,
                               server_rec *s);

/** Opens its mutex in a child process: call it in child_init. */
void cors_answers_start(cors_answers_t *cache, apr_pool_t *pchild,
                        server_rec *s);

/** Is it in this machine's memory or files, as those are that need a lock, so
 * that it never makes anybody wait for long? */
int cors_answers_are_here(const cors_answers_t *cache);

/** Whether it fails. */
cors_outage_t *cors_answers_outage(cors_answers_t *cache);

/**
 * Looks an answer up. Any thread may ask.
 *
 * @param origin  at most CORS_ORIGIN_MAX bytes
 * @param pool    for what the cache takes
 * @param answer  out; CORS_SOURCE_UNKNOWN: there is none
 * @return APR_SUCCESS, also if there is none; else why the cache cannot tell
 */
apr_status_t cors_answers_find(cors_answers_t *cache, server_rec *s,
                               const cors_namespace_t *space,
                               cors_str_t origin, apr_pool_t *pool,
                               cors_source_answer_t *answer);

/** Keeps an answer for what is left of its time, since it was asked for. */
apr_status_t cors_answers_keep(cors_answers_t *cache, server_rec *s,
                               const cors_namespace_t *space,
                               cors_str_t origin, apr_pool_t *pool,
                               cors_source_answer_t answer, apr_time_t asked);

#endif /* CORS_ANSWERS_H */
