/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_text.h
 * The text of a file that somebody may be writing, and that may be bad when
 * httpd restarts.
 */
#ifndef CORS_TEXT_H
#define CORS_TEXT_H

#include <apr_hash.h>
#include <apr_time.h>
#include <httpd.h>

#include "cors_str.h"

/** The largest file that is read, in bytes: more than a million origins. */
#define CORS_TEXT_MAX (64 * 1024 * 1024)

/** What tells one state of a file from another. Compared as bytes. */
typedef struct cors_stamp_t {
    apr_int64_t mtime;
    apr_int64_t ctime;
    apr_int64_t size;
    apr_int64_t inode;
    apr_int64_t status;         /* why it could not be read, or 0 */
} cors_stamp_t;

/** What the file is like now, without opening it. */
void cors_stamp_take(const char *path, apr_pool_t *pool, cors_stamp_t *stamp);

int cors_stamp_is_same(const cors_stamp_t *a, const cors_stamp_t *b);

/**
 * Reads all of a file.
 *
 * @param pool   for the text, which is not terminated
 * @param stamp  out: what it was like, or why it could not be read
 * @return APR_EAGAIN if it changed meanwhile; what cors_text_problem() knows
 */
apr_status_t cors_text_read(const char *path, apr_pool_t *pool,
                            cors_stamp_t *stamp, cors_str_t *text);

/** Why a file could not be read: a phrase. */
const char *cors_text_problem(apr_pool_t *pool, apr_status_t status);

/** Keeps the text of a file in place of what was kept before, as long as the
 * process lives: configurations come and go. Only while nobody else does. */
void cors_text_keep(const char *path, cors_str_t text);

/** Keeps it no longer. */
void cors_text_forget(const char *path);

/** Keeps no others than those whose paths are keys of the hash. */
void cors_text_forget_all_but(apr_hash_t *paths);

/** A number that differs where texts do, but for one chance in four milliards.
 */
apr_uint32_t cors_text_digest(cors_str_t text);

/** Has a text of the file been kept? Then it is copied into the pool. */
int cors_text_recall(const char *path, apr_pool_t *pool, cors_str_t *text);

#endif /* CORS_TEXT_H */
