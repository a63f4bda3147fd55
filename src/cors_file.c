/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_file.h"

#include <apr_atomic.h>
#include <apr_hash.h>
#include <apr_shm.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <mod_watchdog.h>

#include "cors_asker.h"
#include "cors_lines.h"
#include "cors_server.h"
#include "cors_setter.h"
#include "cors_swap.h"
#include "cors_text.h"

APLOG_USE_MODULE(cors);

/* A version of a list, in a pool of its own. */
typedef struct version_t {
    apr_pool_t *pool;
    cors_str_t text;
    cors_origin_set_t set;
    apr_uint32_t digest;        /* of the text */
    int is_lost;                /* boolean: stands for one that this process
                                   has never seen, and does not know */
    struct version_t *older;    /* taken out before it, but not yet freed */
} version_t;

/* A file, and the list in force. */
typedef struct file_t {
    const char *path;
    unsigned guard;             /* facts that no entry may have */
    cors_stamp_t seen;          /* when it was last looked at */
    int is_pending;             /* boolean: to be read again, though it may be
                                   the same */
    int is_bad;                 /* boolean: what it holds is not in force,
                                   since it is bad, gone or unfinished */
    cors_stamp_t told;          /* what it was like when the log was told */
    cors_swap_t swap;           /* of version_t */
    version_t *retired;
    volatile apr_uint32_t *latest;      /* the digest of the latest version
                                   that any process has; shared; or NULL */
} file_t;

/* Path => file_t. */
static apr_hash_t *files;

/* Boolean: this is a child, whose lists end with it. */
static int is_child;

/* ------------------------------------------------------------ building -- */

static const char *describe_item(apr_pool_t *pool, const file_t *file,
                                 int line, cors_str_t item)
{
    static const size_t max = 200;

    return apr_psprintf(pool, "'%s' (%s:%d)",
                        apr_pstrmemdup(pool, item.p,
                                       item.n < max ? item.n : max),
                        file->path, line);
}

static const char *describe_fault(apr_pool_t *pool, const file_t *file,
                                  const cors_fault_t *fault)
{
    const char *item = describe_item(pool, file, fault->line, fault->item);

    return fault->reading.text[0] == '\0'
        ? apr_psprintf(pool, "%s %s", item, fault->reading.rule)
        : apr_psprintf(pool, "%s %s; did you mean '%s'?", item,
                       fault->reading.rule, fault->reading.text);
}

/* Makes a version of what has been read into its pool. Returns what is wrong
 * with the text, in `pool`, or NULL. */
static const char *build(file_t *file, version_t *version, apr_pool_t *pool)
{
    cors_fault_t fault;

    return cors_lines_read(version->pool, version->text, file->path,
                           cors_server_suffixes(), &version->set, &fault)
        ? NULL : describe_fault(pool, file, &fault);
}

static version_t *make_version(void)
{
    apr_pool_t *pool;
    version_t *version;

    /* What it takes goes back to the system with it. */
    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS) {
        return NULL;
    }
    version = apr_pcalloc(pool, sizeof(*version));
    version->pool = pool;
    return version;
}

/* ------------------------------------------------------------ replacing -- */

static void free_retired(file_t *file)
{
    while (file->retired != NULL && cors_swap_is_quiet(&file->swap)) {
        version_t *version = file->retired;

        file->retired = version->older;
        apr_pool_destroy(version->pool);
    }
}

static void put(file_t *file, version_t *version)
{
    version_t *old;

    version->digest = cors_text_digest(version->text);
    if (file->latest != NULL && !version->is_lost) {
        apr_atomic_set32(file->latest, version->digest);
    }
    old = cors_swap_exchange(&file->swap, version);
    if (old != NULL) {
        old->older = file->retired;
        file->retired = old;
    }
    free_retired(file);
}

static apr_status_t clear_up(void *data)
{
    file_t *file = data;
    version_t *version = cors_swap_exchange(&file->swap, NULL);

    if (version != NULL) {
        apr_pool_destroy(version->pool);
    }
    free_retired(file);
    return APR_SUCCESS;
}

/* What the guard has against the version, in `pool`, or NULL. */
static const char *object(const file_t *file, const version_t *version,
                          apr_pool_t *pool)
{
    unsigned i;

    for (i = 0; file->guard != 0 && i < version->set.n; i++) {
        const cors_entry_t *entry = cors_origin_set_at(&version->set, i);
        const unsigned facts = entry->pattern.facts & file->guard;

        if (facts != 0) {
            return apr_psprintf(
                pool, "%s %s%s",
                describe_item(pool, file, entry->place.line,
                              cors_entry_text(entry)),
                cors_guard_is_of_credentials(facts)
                ? "must not meet CorsAllowCredentials On: " : "",
                cors_guard_rule(facts));
        }
    }
    return NULL;
}

/* Was it changed so lately that it may change again without a trace? Some file
 * systems count in seconds. */
static int is_young(const cors_stamp_t *stamp)
{
    const apr_interval_time_t age = apr_time_now() - stamp->mtime;

    return age >= 0 && age < apr_time_from_sec(2);
}

/* Is it what another process has in force, or as far as this one knows? */
static int is_latest(const file_t *file, apr_uint32_t digest)
{
    return file->latest != NULL && apr_atomic_read32(file->latest) == digest;
}

/* Reads the file into the version. Returns 1; or 0 if there is nothing new in
 * it or it is not to be had, with what is to be said about that, in `pool`. */
static int load(file_t *file, version_t *version, apr_pool_t *pool,
                const char **wrong)
{
    const cors_stamp_t seen = file->seen;
    const version_t *current = file->swap.value;
    const apr_status_t rv = cors_text_read(file->path, version->pool,
                                           &file->seen, &version->text);
    const int is_seen = cors_stamp_is_same(&seen, &file->seen);

    file->is_bad = rv != APR_SUCCESS && rv != APR_EAGAIN;
    file->is_pending = rv != APR_SUCCESS || is_young(&file->seen);
    if (rv != APR_SUCCESS) {
        *wrong = rv == APR_EAGAIN ? NULL
            : apr_psprintf(pool, "'%s' cannot be read: %s", file->path,
                           cors_text_problem(pool, rv));
        return 0;
    }
    if (!cors_lines_are_ended(version->text)
        && (!is_seen || is_young(&file->seen))
        && !is_latest(file, cors_text_digest(version->text))) {
        file->is_bad = file->is_pending = 1;
        return 0;
    }
    if (cors_str_eq(current->text, version->text) && !current->is_lost) {
        return 0;
    }
    *wrong = build(file, version, pool);
    if (*wrong == NULL) {
        *wrong = object(file, version, pool);
    }
    file->is_bad = *wrong != NULL;
    return !file->is_bad;
}

/* Says once what is wrong with the file as it is. */
static void tell(file_t *file, server_rec *s, const char *wrong)
{
    const version_t *current = file->swap.value;

    if (!cors_stamp_is_same(&file->told, &file->seen)) {
        file->told = file->seen;
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, s, "CorsAllowOriginSource: %s; "
                     "%s", wrong, current->is_lost ? "nobody is allowed"
                     : "the last good list stays in force");
    }
}

/* Others had a later list, which this process has missed, and now the file is
 * bad. What has been taken out of it must not come back. */
static void lose(file_t *file, server_rec *s)
{
    version_t *version = make_version();

    if (version != NULL) {
        version->is_lost = 1;
        put(file, version);
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, s, "CorsAllowOriginSource: the "
                     "last good list of '%s' is not known here; it allows "
                     "nobody until the file is good", file->path);
    }
}

static int is_behind(const file_t *file)
{
    const version_t *version = file->swap.value;

    return is_child && file->is_bad && file->latest != NULL
        && !version->is_lost && !is_latest(file, version->digest);
}

/* Reads a file that has changed, or may have. */
static void read_again(file_t *file, server_rec *s, apr_pool_t *pool)
{
    const char *wrong = NULL;
    version_t *version = make_version();

    if (version != NULL && load(file, version, pool, &wrong)) {
        ap_log_error(APLOG_MARK, APLOG_INFO, 0, s, "CorsAllowOriginSource: "
                     "'%s' has changed; it has %u origins now", file->path,
                     version->set.n);
        put(file, version);
        if (!is_child) {
            cors_text_keep(file->path, version->text);
        }
    }
    else if (version != NULL) {
        apr_pool_destroy(version->pool);
    }
    if (wrong != NULL) {
        tell(file, s, wrong);
    }
    else if (!file->is_bad) {
        memset(&file->told, 0, sizeof(file->told));
    }
}

static void look_at(file_t *file, server_rec *s, apr_pool_t *pool)
{
    cors_stamp_t stamp;

    free_retired(file);
    cors_stamp_take(file->path, pool, &stamp);
    if (!cors_stamp_is_same(&stamp, &file->seen) || file->is_pending) {
        read_again(file, s, pool);
    }
    if (is_behind(file)) {
        lose(file, s);
    }
}

void cors_file_look_at_all(server_rec *s)
{
    apr_hash_index_t *index;
    apr_pool_t *pool, *one;

    if (apr_hash_count(files) == 0
        || apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS) {
        return;
    }
    apr_pool_create(&one, pool);
    for (index = apr_hash_first(pool, files); index;
         index = apr_hash_next(index)) {
        look_at(apr_hash_this_val(index), s, one);
        apr_pool_clear(one);
    }
    apr_pool_destroy(pool);
}

void cors_file_child_init(server_rec *s)
{
    apr_hash_index_t *index;
    file_t *file;

    is_child = 1;
    for (index = apr_hash_first(NULL, files); index;
         index = apr_hash_next(index)) {
        file = apr_hash_this_val(index);
        /* When the parent has seen that it is unfinished, that may have been
         * just now. */
        if (file->is_pending) {
            memset(&file->seen, 0, sizeof(file->seen));
        }
    }
    cors_file_look_at_all(s);
}

/* ------------------------------------------------------------ watching -- */

static apr_status_t watch(int state, void *server, apr_pool_t *pool)
{
    (void)pool;
    if (state == AP_WATCHDOG_STATE_RUNNING) {
        cors_file_look_at_all(server);
    }
    return APR_SUCCESS;
}

/* ------------------------------------------------------- configuration -- */

static const cors_entry_t *covers(const cors_source_t *source,
                                  const cors_question_t *question)
{
    const cors_asker_t *asker = question->request;
    file_t *file = (file_t *)source->what;
    cors_question_t here = *question;
    const version_t *version;
    const cors_entry_t *found;
    cors_entry_t *entry = NULL;

    here.is_unlisted = 0;
    version = cors_swap_enter(&file->swap);
    found = cors_origin_set_find(&version->set, &here);
    if (version->is_lost) {
        *question->failed = &source->entry;
    }
    if (found != NULL) {
        /* The log may ask for it when the version is gone. */
        entry = apr_pmemdup(asker->r->pool, found, sizeof(*found));
        entry->pattern.text = apr_pmemdup(asker->r->pool, found->pattern.text,
                                          found->pattern.n);
    }
    cors_swap_leave(&file->swap);
    return entry;
}

/* Reads a file that a directive names first. Returns what is wrong, or
 * NULL. */
static const char *read_first(cmd_parms *cmd, const char *text, file_t *file,
                              version_t *version)
{
    const apr_status_t rv = cors_text_read(file->path, version->pool,
                                           &file->seen, &version->text);
    const char *wrong = rv == APR_SUCCESS ? build(file, version, cmd->pool)
                                          : NULL;

    return rv != APR_SUCCESS
        ? cors_refuse(cmd, text, apr_pstrcat(cmd->pool, "must be a file that "
                                             "can be read: ",
                                             cors_text_problem(cmd->pool, rv),
                                             NULL), NULL)
        : wrong != NULL ? apr_psprintf(cmd->pool, "%s: %s", cmd->cmd->name,
                                       wrong) : NULL;
}

/* What the server had before it restarted; NULL: nothing good. */
static version_t *recall(file_t *file, apr_pool_t *pool)
{
    version_t *version = ap_state_query(AP_SQ_CONFIG_GEN) > 0 ? make_version()
                                                              : NULL;

    if (version != NULL
        && (!cors_text_recall(file->path, version->pool, &version->text)
            || build(file, version, pool) != NULL)) {
        apr_pool_destroy(version->pool);
        version = NULL;
    }
    return version;
}

/* As read_first(); but where the server restarts, what it had will do, and if
 * that is not known, a list of nobody. */
static const char *read_or_recall(cmd_parms *cmd, const char *text,
                                  file_t *file)
{
    version_t *version = make_version();
    version_t *old = NULL;
    const char *wrong = version == NULL ? "out of memory"
        : read_first(cmd, text, file, version);

    file->is_bad = wrong != NULL;
    /* It may be unfinished; see load(). */
    file->is_pending = file->is_bad || is_young(&file->seen)
        || !cors_lines_are_ended(version->text);
    if (file->is_bad || !cors_lines_are_ended(version->text)) {
        old = recall(file, cmd->temp_pool);
    }
    if (file->is_bad && old == NULL
        && ap_state_query(AP_SQ_CONFIG_GEN) == 0) {
        if (version != NULL) {
            apr_pool_destroy(version->pool);
        }
        return wrong;
    }
    if (file->is_bad) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, cmd->server, "%s; %s", wrong,
                     old != NULL ? "the last good list stays in force"
                     : "there is no last good list, so nobody is allowed");
    }
    if (old != NULL || file->is_bad) {
        if (version != NULL) {
            apr_pool_destroy(version->pool);
        }
        version = old != NULL ? old : make_version();
        if (version == NULL) {
            return wrong;
        }
        version->is_lost = old == NULL;
    }
    file->told = file->seen;
    put(file, version);
    return NULL;
}

/* The file of that path, read if need be. */
static const char *find_file(cmd_parms *cmd, const char *text,
                             const char *path, file_t **file)
{
    const char *wrong;

    *file = apr_hash_get(files, path, APR_HASH_KEY_STRING);
    if (*file != NULL) {
        return NULL;
    }
    *file = apr_pcalloc(cmd->pool, sizeof(**file));
    (*file)->path = path;
    wrong = read_or_recall(cmd, text, *file);
    if (wrong == NULL) {
        apr_pool_cleanup_register(cmd->pool, *file, clear_up,
                                  apr_pool_cleanup_null);
        apr_hash_set(files, path, APR_HASH_KEY_STRING, *file);
    }
    return wrong;
}

const char *cors_file_add(cmd_parms *cmd, const char *text, const char *path,
                          cors_source_t **source)
{
    const char *absolute = ap_server_root_relative(cmd->pool, path);
    const char *wrong;
    file_t *file;

    if (*path == '\0' || absolute == NULL) {
        return cors_refuse(cmd, text, "must name a file", NULL);
    }
    if (ap_find_linked_module("mod_watchdog.c") == NULL) {
        return cors_refuse(cmd, text, "needs mod_watchdog", NULL);
    }
    wrong = find_file(cmd, text, absolute, &file);
    if (wrong == NULL) {
        *source = apr_pcalloc(cmd->pool, sizeof(**source));
        (*source)->entry.pattern.facts = CORS_ENTRY_FILE;
        (*source)->covers = covers;
        (*source)->what = file;
    }
    return wrong;
}

void cors_file_visit(const cors_source_t *source, unsigned facts,
                     const void *(*visit)(const cors_entry_t *entry,
                                          void *context), void *context)
{
    const file_t *file = source->what;
    const version_t *version = file->swap.value;
    unsigned i;

    for (i = 0; i < version->set.n; i++) {
        const cors_entry_t *entry = cors_origin_set_at(&version->set, i);

        if ((entry->pattern.facts & facts) != 0) {
            visit(entry, context);
        }
    }
}

void cors_file_guard(const cors_source_t *source, unsigned facts)
{
    ((file_t *)source->what)->guard |= facts;
}

void cors_file_forget_all(apr_pool_t *pconf)
{
    files = apr_hash_make(pconf);
    is_child = 0;
}

/* ------------------------------------------------- when all is read -- */

/* What the check of the configuration has against a list that a server has
 * read at its restart, and which has been logged, is a reason to go on with
 * the last good one. */
static void settle(file_t *file, server_rec *s, apr_pool_t *pool)
{
    const version_t *current = file->swap.value;
    version_t *old = NULL;

    if (object(file, current, pool) != NULL
        && ap_state_query(AP_SQ_CONFIG_GEN) > 0) {
        old = recall(file, pool);
        if (old == NULL) {
            lose(file, s);
        }
        /* If it is the configuration that has changed, the old list is no
         * better. */
        else if (object(file, old, pool) == NULL) {
            put(file, old);
        }
        else {
            apr_pool_destroy(old->pool);
        }
    }
    current = file->swap.value;
    if (!current->is_lost && object(file, current, pool) == NULL) {
        cors_text_keep(file->path, current->text);
    }
}

/* Before the server restarts: what children have read later is lost with them,
 * and what they had before must not come back. */
static apr_status_t forget_old_texts(void *data)
{
    apr_hash_index_t *index;

    (void)data;
    for (index = apr_hash_first(NULL, files); index;
         index = apr_hash_next(index)) {
        const file_t *file = apr_hash_this_val(index);
        const version_t *version = file->swap.value;

        if (apr_atomic_read32(file->latest) != version->digest) {
            cors_text_forget(file->path);
        }
    }
    return APR_SUCCESS;
}

/* Settles all files, and gives their children a place to say what they have
 * read. */
static apr_status_t share(apr_pool_t *pconf, server_rec *s)
{
    apr_hash_index_t *index;
    apr_shm_t *shared;
    volatile apr_uint32_t *latest;
    apr_status_t rv = apr_shm_create(&shared, apr_hash_count(files)
                                              * sizeof(*latest), NULL, pconf);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    latest = apr_shm_baseaddr_get(shared);
    for (index = apr_hash_first(NULL, files); index;
         index = apr_hash_next(index)) {
        file_t *file = apr_hash_this_val(index);
        const version_t *version;

        settle(file, s, pconf);
        version = file->swap.value;
        file->latest = latest++;
        apr_atomic_set32(file->latest, version->digest);
    }
    apr_pool_cleanup_register(pconf, NULL, forget_old_texts,
                              apr_pool_cleanup_null);
    return APR_SUCCESS;
}

int cors_file_watch(apr_pool_t *pconf, server_rec *s)
{
    APR_OPTIONAL_FN_TYPE(ap_watchdog_get_instance) *get =
        APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_get_instance);
    APR_OPTIONAL_FN_TYPE(ap_watchdog_register_callback) *add =
        APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_register_callback);
    ap_watchdog_t *watchdog;
    apr_status_t rv;

    cors_text_forget_all_but(files);
    if (apr_hash_count(files) == 0) {
        return OK;
    }
    rv = share(pconf, s);
    if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, rv, s, "CorsAllowOriginSource: "
                     "no shared memory");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    if (get == NULL || add == NULL
        || get(&watchdog, "_cors_files_", 0, 0, pconf) != APR_SUCCESS
        || add(watchdog, apr_time_from_sec(1), s, watch) != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s, "CorsAllowOriginSource: "
                     "mod_watchdog does not watch files");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    return OK;
}
