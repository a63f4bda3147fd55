/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_dbd.h"

#include <apr_dbd.h>
#include <apr_lib.h>
#include <apr_sha1.h>
#include <apr_strings.h>
#include <mod_dbd.h>

typedef struct dbd_t {
    const char *label;          /* of our own */
    const char *query;          /* as DBDPrepareSQL has it */
    const apr_array_header_t *inits;    /* the DBDInitSQL, as mod_dbd runs
                                   them */
    server_rec *server;         /* whose database it is */
} dbd_t;

/* ---------------------------------------------------- the configuration -- */

/* The directives of mod_dbd are looked up where they stand, since mod_dbd has
 * no other way to tell. The tree is complete when directives are run. */

/* Calls `match` with the arguments of each such directive among siblings;
 * returns its last answer that is not NULL, as later lines win. */
static const char *last_of(const ap_directive_t *line, const char *directive,
                           const char *(*match)(const char *args,
                                                cmd_parms *cmd,
                                                const char *label),
                           cmd_parms *cmd, const char *label)
{
    const char *last = NULL;

    for (; line != NULL; line = line->next) {
        if (ap_cstr_casecmp(line->directive, directive) == 0) {
            const char *answer = match(line->args, cmd, label);

            if (answer != NULL) {
                last = answer;
            }
        }
    }
    return last;
}

/* The outermost line around this directive, or itself. */
static const ap_directive_t *top_of(const cmd_parms *cmd)
{
    const ap_directive_t *top = cmd->directive;

    while (top->parent != NULL) {
        top = top->parent;
    }
    return top;
}

/* The lines of the virtual host that this directive stands in, or NULL. */
static const ap_directive_t *host_of(const cmd_parms *cmd)
{
    const ap_directive_t *top = top_of(cmd);

    return ap_cstr_casecmp(top->directive, "<VirtualHost") == 0
        ? top->first_child : NULL;
}

/* The same for the virtual host, then the main server. */
static const char *in_force(cmd_parms *cmd, const char *directive,
                            const char *(*match)(const char *args,
                                                 cmd_parms *cmd,
                                                 const char *label),
                            const char *label)
{
    const char *answer = last_of(host_of(cmd), directive, match, cmd, label);

    return answer != NULL ? answer
        : last_of(ap_conftree, directive, match, cmd, label);
}

/* An empty value inherits. */
static const char *first_argument(const char *args, cmd_parms *cmd,
                                  const char *label)
{
    const char *first = ap_getword_conf(cmd->pool, &args);

    (void)label;
    return *first != '\0' ? first : NULL;
}

static void add_inits(const ap_directive_t *line, cmd_parms *cmd,
                      apr_array_header_t *inits)
{
    for (; line != NULL; line = line->next) {
        if (ap_cstr_casecmp(line->directive, "DBDInitSQL") == 0) {
            const char *args = line->args;

            APR_ARRAY_PUSH(inits, const char *) =
                ap_getword_conf(cmd->pool, &args);
        }
    }
}

static const apr_array_header_t *inits_of(cmd_parms *cmd)
{
    apr_array_header_t *inits = apr_array_make(cmd->pool, 2,
                                               sizeof(const char *));

    add_inits(host_of(cmd), cmd, inits);
    add_inits(ap_conftree, cmd, inits);
    return inits;
}

/* The statement, if it has the label; empty where the label alone takes out
 * what the main server says. */
static const char *statement(const char *args, cmd_parms *cmd,
                             const char *label)
{
    const char *first = ap_getword_conf(cmd->pool, &args);
    const char *second = ap_getword_conf(cmd->pool, &args);

    if (*second == '\0') {
        return strcmp(first, label) == 0 ? "" : NULL;
    }
    return strcmp(second, label) == 0 ? first : NULL;
}

/* How many parameters the statement has, by the rules of apr_dbd_prepare(); -1
 * if one is no string. */
static int parameters(const char *query)
{
    int n = 0;

    for (; *query; query++) {
        if (query[0] == '%' && query[1] == '%') {
            query++;
        }
        else if (query[0] == '%' && apr_isalpha(query[1])) {
            if (query[1] != 's') {
                return -1;
            }
            n++;
        }
    }
    return n;
}

/* What tells this database from others. All of DBDParams: the drivers have so
 * many ways of quoting that a password could not be left out for certain. */
static const char *name_of(cmd_parms *cmd, const dbd_t *dbd,
                           const char *driver, const char *params)
{
    char host[APRMAXHOSTLEN + 1] = "";

    /* Other machines have files of that name too. */
    if (ap_cstr_casecmpn(driver, "sqlite", 6) == 0
        && apr_gethostname(host, sizeof(host), cmd->temp_pool)
           != APR_SUCCESS) {
        *host = '\0';
    }
    return apr_pstrcat(cmd->pool, driver, "\n", params, "\n", host, "\n",
                       apr_array_pstrcat(cmd->temp_pool, dbd->inits, '\n'),
                       "\n", dbd->query, NULL);
}

/* A label of our own, which is a name in SQL too: mod_dbd may give a virtual
 * host the connections of another, whose statements have the same labels. */
static const char *make_label(cmd_parms *cmd, const char *query)
{
    unsigned char digest[APR_SHA1_DIGESTSIZE];
    char hex[2 * APR_SHA1_DIGESTSIZE + 1];
    apr_sha1_ctx_t sha1;

    apr_sha1_init(&sha1);
    apr_sha1_update(&sha1, query, (unsigned)strlen(query));
    apr_sha1_final(digest, &sha1);
    ap_bin2hex(digest, sizeof(digest), hex);
    return apr_pstrcat(cmd->pool, "cors_", hex, NULL);
}

static const char *open_source(cmd_parms *cmd, const char *option,
                               const char *argument, void **source,
                               const char **name)
{
    const char *query, *driver, *params;
    dbd_t *dbd;

    if (option != NULL) {
        return "must be dbd:label; dbd takes no option";
    }
    if (ap_find_linked_module("mod_dbd.c") == NULL) {
        return "needs mod_dbd";
    }
    query = in_force(cmd, "DBDPrepareSQL", statement, argument);
    if (query == NULL || *query == '\0') {
        return "must be the label of a DBDPrepareSQL in this server or the "
               "main server";
    }
    if (parameters(query) != 1) {
        return "must be the label of a statement with one parameter, %s, for "
               "the origin";
    }
    driver = in_force(cmd, "DBDriver", first_argument, NULL);
    params = in_force(cmd, "DBDParams", first_argument, NULL);
    if (driver == NULL) {
        return "needs a DBDriver in this server or the main server";
    }
    dbd = apr_palloc(cmd->pool, sizeof(*dbd));
    dbd->label = make_label(cmd, query);
    dbd->query = query;
    dbd->inits = inits_of(cmd);
    dbd->server = cmd->server;
    *source = dbd;
    *name = name_of(cmd, dbd, driver, params != NULL ? params : "");
    return NULL;
}

/* -------------------------------------------------------------- asking -- */

/* Runs the statement. Returns 0 with `answer`, or what the driver says. */
static int run(ap_dbd_t *db, apr_dbd_prepared_t *prepared,
               const cors_source_question_t *question,
               cors_source_answer_t *answer)
{
    const char *args[1];
    apr_dbd_results_t *results = NULL;
    apr_dbd_row_t *row = NULL;
    int n = 0;
    int rv;

    args[0] = question->origin;
    rv = apr_dbd_pselect(db->driver, question->pool, db->handle, &results,
                         prepared, 1, 1, args);
    if (rv != 0) {
        return rv;
    }
    *answer = CORS_SOURCE_REFUSED;
    /* To the last row, which clears up; and by number, as the driver of MySQL
     * knows no other way where all rows have been fetched. */
    while ((rv = apr_dbd_get_row(db->driver, question->pool, results, &row,
                                 ++n)) == 0) {
        *answer = CORS_SOURCE_ALLOWED;
    }
    return rv == -1 ? 0 : rv;
}

/* What the driver says, as one line. */
static const char *said(ap_dbd_t *db, int rv, apr_pool_t *pool)
{
    const char *error = apr_dbd_error(db->driver, db->handle, rv);
    char *line = apr_pstrdup(pool, error != NULL ? error : "nothing");
    size_t n = strlen(line);
    char *p;

    while (n > 0 && apr_isspace(line[n - 1])) {
        line[--n] = '\0';
    }
    for (p = line; *p; p++) {
        *p = apr_iscntrl(*p) ? ' ' : *p;
    }
    return line;
}

/* The statement in this connection, prepared when it is first asked for there;
 * NULL, and what the driver says. */
static apr_dbd_prepared_t *find_statement(const dbd_t *dbd, ap_dbd_t *db,
                                          int *rv)
{
    apr_dbd_prepared_t *prepared =
        apr_hash_get(db->prepared, dbd->label, APR_HASH_KEY_STRING);

    if (prepared == NULL) {
        *rv = apr_dbd_prepare(db->driver, db->pool, db->handle, dbd->query,
                              dbd->label, &prepared);
        if (*rv != 0) {
            return NULL;
        }
        apr_hash_set(db->prepared, dbd->label, APR_HASH_KEY_STRING, prepared);
    }
    return prepared;
}

/* Makes good what has befallen a statement. Returns whether it may run now. */
static int mend(const dbd_t *dbd, ap_dbd_t *db, apr_pool_t *pool,
                const char *error)
{
    apr_dbd_prepared_t *unused = NULL;
    int i, rows, rv;

    /* SQLite forgets it when the tables change; another takes its place. */
    if (strcmp(apr_dbd_name(db->driver), "sqlite3") == 0) {
        if (strstr(error, "schema has changed") == NULL) {
            return 0;
        }
        apr_hash_set(db->prepared, dbd->label, APR_HASH_KEY_STRING, NULL);
        return 1;
    }
    /* When PostgreSQL has restarted, apr_dbd_pgsql connects anew, but the new
     * session knows neither the statement nor what mod_dbd does before. */
    if (strcmp(apr_dbd_name(db->driver), "pgsql") != 0
        || apr_dbd_check_conn(db->driver, pool, db->handle) != APR_SUCCESS) {
        return 0;
    }
    for (i = 0; i < dbd->inits->nelts; i++) {
        rv = apr_dbd_query(db->driver, db->handle, &rows,
                           APR_ARRAY_IDX(dbd->inits, i, const char *));
        if (rv != 0) {
            return 0;
        }
    }
    return apr_hash_get(db->prepared, dbd->label, APR_HASH_KEY_STRING) == NULL
        || apr_dbd_prepare(db->driver, pool, db->handle, dbd->query,
                           dbd->label, &unused) == 0;
}

static cors_source_answer_t ask_in(const dbd_t *dbd, ap_dbd_t *db,
                                   cors_source_question_t *question)
{
    cors_source_answer_t answer = CORS_SOURCE_UNKNOWN;
    const char *error = NULL;
    int tries, rv = 0;

    for (tries = 0; tries < 2; tries++) {
        apr_dbd_prepared_t *prepared = find_statement(dbd, db, &rv);

        if (prepared != NULL) {
            rv = run(db, prepared, question, &answer);
        }
        if (rv == 0) {
            return answer;
        }
        error = said(db, rv, question->pool);
        if (!mend(dbd, db, question->pool, error)) {
            break;
        }
    }
    question->reason = apr_pstrcat(question->pool, "the database says: ",
                                   error, NULL);
    return CORS_SOURCE_UNKNOWN;
}

static cors_source_answer_t ask(void *source, cors_source_question_t *question)
{
    const dbd_t *dbd = source;
    APR_OPTIONAL_FN_TYPE(ap_dbd_open) *open_db =
        APR_RETRIEVE_OPTIONAL_FN(ap_dbd_open);
    APR_OPTIONAL_FN_TYPE(ap_dbd_close) *close_db =
        APR_RETRIEVE_OPTIONAL_FN(ap_dbd_close);
    ap_dbd_t *db = open_db(question->pool, dbd->server);
    cors_source_answer_t answer;

    /* The first try throws a connection away that was closed while idle. */
    if (db == NULL) {
        db = open_db(question->pool, dbd->server);
    }
    if (db == NULL) {
        question->reason = "mod_dbd has no connection to the database";
        return CORS_SOURCE_UNKNOWN;
    }
    answer = ask_in(dbd, db, question);
    close_db(dbd->server, db);
    return answer;
}

const cors_source_provider_t cors_dbd_provider = { open_source, ask };
