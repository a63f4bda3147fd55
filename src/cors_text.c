/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_text.h"

#include <apr_strings.h>
#include <http_config.h>
#include <http_main.h>

/* ------------------------------------------------------------- reading -- */

/* What the file is like; with `file` NULL, the one of that path. */
static apr_status_t inspect(const char *path, apr_file_t *file,
                            apr_pool_t *pool, cors_stamp_t *stamp)
{
    static const apr_int32_t wanted = APR_FINFO_MTIME | APR_FINFO_CTIME
        | APR_FINFO_SIZE | APR_FINFO_INODE | APR_FINFO_TYPE;
    apr_finfo_t info;
    apr_status_t rv = file != NULL ? apr_file_info_get(&info, wanted, file)
                                   : apr_stat(&info, path, wanted, pool);

    memset(stamp, 0, sizeof(*stamp));
    if (rv != APR_SUCCESS && rv != APR_INCOMPLETE) {
        stamp->status = rv;
        return rv;
    }
    stamp->mtime = info.mtime;
    stamp->ctime = info.ctime;
    stamp->size = info.size;
    stamp->inode = (apr_int64_t)info.inode;
    return info.filetype != APR_REG ? APR_EINVAL
        : info.size > CORS_TEXT_MAX ? APR_ENOSPC : APR_SUCCESS;
}

void cors_stamp_take(const char *path, apr_pool_t *pool, cors_stamp_t *stamp)
{
    inspect(path, NULL, pool, stamp);
}

int cors_stamp_is_same(const cors_stamp_t *a, const cors_stamp_t *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

/* Reads an open file. */
static apr_status_t read_all(apr_file_t *file, apr_pool_t *pool,
                             const cors_stamp_t *stamp, cors_str_t *text)
{
    /* One byte more, to see whether it has grown. */
    const apr_size_t room = (apr_size_t)stamp->size + 1;
    char *p = apr_palloc(pool, room);
    cors_stamp_t after;
    apr_status_t rv = apr_file_read_full(file, p, room, &text->n);

    text->p = p;
    if (rv == APR_SUCCESS || rv == APR_EOF) {
        rv = inspect(NULL, file, pool, &after);
    }
    return rv == APR_SUCCESS && (!cors_stamp_is_same(stamp, &after)
                                 || text->n + 1 != room) ? APR_EAGAIN : rv;
}

apr_status_t cors_text_read(const char *path, apr_pool_t *pool,
                            cors_stamp_t *stamp, cors_str_t *text)
{
    apr_file_t *file;
    /* A pipe would keep who opens it waiting. */
    apr_status_t rv = apr_file_open(&file, path,
                                    APR_FOPEN_READ | APR_FOPEN_NONBLOCK,
                                    APR_OS_DEFAULT, pool);

    if (rv != APR_SUCCESS) {
        memset(stamp, 0, sizeof(*stamp));
        stamp->status = rv;
        return rv;
    }
    rv = inspect(NULL, file, pool, stamp);
    if (rv == APR_SUCCESS) {
        rv = read_all(file, pool, stamp, text);
    }
    apr_file_close(file);
    return rv;
}

const char *cors_text_problem(apr_pool_t *pool, apr_status_t status)
{
    char text[120];

    return status == APR_ENOSPC ? "it has more than 64 MiB"
        : status == APR_EINVAL ? "it is no regular file"
        : apr_pstrdup(pool, apr_strerror(status, text, sizeof(text)));
}

/* ------------------------------------------------------------- keeping -- */

typedef struct kept_t {
    apr_pool_t *pool;
    cors_str_t text;
} kept_t;

/* Path => kept_t. */
static apr_hash_t *kept_texts(void)
{
    static const char key[] = "mod_cors_texts";
    apr_hash_t **retained = ap_retained_data_get(key);

    if (retained == NULL) {
        retained = ap_retained_data_create(key, sizeof(*retained));
        *retained = apr_hash_make(ap_pglobal);
    }
    return *retained;
}

void cors_text_keep(const char *path, cors_str_t text)
{
    apr_hash_t *texts = kept_texts();
    kept_t *kept = apr_hash_get(texts, path, APR_HASH_KEY_STRING);

    if (kept == NULL) {
        kept = apr_pcalloc(ap_pglobal, sizeof(*kept));
        apr_hash_set(texts, apr_pstrdup(ap_pglobal, path),
                     APR_HASH_KEY_STRING, kept);
    }
    if (kept->pool != NULL) {
        if (cors_str_eq(kept->text, text)) {
            return;
        }
        apr_pool_destroy(kept->pool);
        kept->pool = NULL;
    }
    if (apr_pool_create_unmanaged_ex(&kept->pool, NULL, NULL)
        == APR_SUCCESS) {
        kept->text.p = apr_pmemdup(kept->pool, text.p, text.n);
        kept->text.n = text.n;
    }
}

void cors_text_forget(const char *path)
{
    kept_t *kept = apr_hash_get(kept_texts(), path, APR_HASH_KEY_STRING);

    if (kept != NULL && kept->pool != NULL) {
        apr_pool_destroy(kept->pool);
        kept->pool = NULL;
    }
}

void cors_text_forget_all_but(apr_hash_t *paths)
{
    apr_hash_index_t *index;

    for (index = apr_hash_first(NULL, kept_texts()); index;
         index = apr_hash_next(index)) {
        const char *path = apr_hash_this_key(index);

        if (apr_hash_get(paths, path, APR_HASH_KEY_STRING) == NULL) {
            cors_text_forget(path);
        }
    }
}

apr_uint32_t cors_text_digest(cors_str_t text)
{
    apr_ssize_t n = (apr_ssize_t)text.n;

    return apr_hashfunc_default(text.p, &n);
}

int cors_text_recall(const char *path, apr_pool_t *pool, cors_str_t *text)
{
    const kept_t *kept = apr_hash_get(kept_texts(), path,
                                      APR_HASH_KEY_STRING);

    if (kept == NULL || kept->pool == NULL) {
        return 0;
    }
    text->p = apr_pmemdup(pool, kept->text.p, kept->text.n);
    text->n = kept->text.n;
    return 1;
}
