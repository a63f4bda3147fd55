/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_check.h"

#include "cors_file.h"
#include "cors_log.h"
#include "cors_server.h"
#include "cors_walk.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <http_log.h>

APLOG_USE_MODULE(cors);

typedef struct check_t {
    apr_pool_t *pool;           /* for one server; there may be thousands */
    server_rec *server;
    apr_hash_t *told;           /* what was pointed out, by address */
    int is_told;                /* boolean: everything, earlier */
    int errors;
} check_t;

/* Is this the first time that it comes up? The same entry may be in force in
 * many sections. */
static int is_news(const check_t *check, const void *what)
{
    if (apr_hash_get(check->told, &what, sizeof(what)) != NULL) {
        return 0;
    }
    apr_hash_set(check->told,
                 apr_pmemdup(apr_hash_pool_get(check->told), &what,
                             sizeof(what)), sizeof(what), what);
    return 1;
}

/* ------------------------------------------------------ contradictions -- */

typedef struct look_t {
    check_t *check;
    const cors_config_t *config;
} look_t;

/* Refuses an entry that is in force and that the guard bars. */
static const void *refuse(const cors_entry_t *entry, void *context)
{
    const look_t *look = context;
    check_t *check = look->check;

    if (is_news(check, entry) && !check->is_told) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, check->server,
                     "%s: '%s' (%s) %s", cors_entry_directive(entry),
                     cors_quote_entry(check->pool, entry),
                     cors_quote_place(check->pool, entry->place),
                     cors_objection(check->pool, look->config, entry));
        check->errors++;
    }
    return NULL;
}

/* What a file holds now, and what it must not come to hold. */
static const void *guard_file(const cors_entry_t *entry, void *context)
{
    const look_t *look = context;
    const unsigned guard = cors_guard(&look->config->policy);

    cors_file_visit(cors_entry_source(entry), guard, refuse, context);
    cors_file_guard(cors_entry_source(entry), guard);
    return NULL;
}

/* ------------------------------------------------------------- notices -- */

/* What is known of the sections, gone through from the innermost outwards. */
typedef struct lending_t {
    const cors_list_t *origins; /* the innermost that replaces others */
    int is_settled;             /* credentials are given beside it or inside */
    int replaces_others;
    int lends;
} lending_t;

static void go_through(const cors_config_t *config, lending_t *lending)
{
    const cors_list_t *origins = config->policy.origins;
    const int gives_origins =
        cors_config_gives(config, offsetof(cors_config_t, policy.origins));
    const int gives_credentials =
        cors_config_gives(config, offsetof(cors_config_t,
                                           policy.credentials));

    if (!gives_origins && !gives_credentials) {
        return;
    }
    if (config->inner != NULL) {
        go_through(config->inner, lending);
        go_through(config->outer, lending);
        return;
    }
    if (gives_credentials && !lending->is_settled) {
        lending->is_settled = 1;
        lending->lends = lending->origins != NULL
            && config->policy.credentials;
    }
    if (gives_origins && lending->origins != NULL) {
        lending->replaces_others = 1;
    }
    else if (gives_origins && origins != NULL && origins->replaces
             && cors_origins_grant(origins)) {
        lending->origins = origins;
    }
}

/* An inner section that replaces the origins may not mean to give them the
 * credentials that the old ones had. */
static void point_out_lending(const check_t *check,
                              const cors_config_t *config)
{
    lending_t lending = { NULL, 0, 0, 0 };

    go_through(config, &lending);
    if (lending.lends && lending.replaces_others && !check->is_told
        && is_news(check, lending.origins)) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, check->server,
                     "CorsAllowOrigin (%s) replaces the origins and inherits "
                     "CorsAllowCredentials On; say CorsAllowCredentials "
                     "beside it",
                     cors_quote_place(check->pool, lending.origins->place));
    }
}

/* ---------------------------------------------------------------- look -- */

static void look_at_one(check_t *check, const cors_config_t *config)
{
    const unsigned guard = cors_guard(&config->policy);
    look_t look;

    if (config->policy.origins == NULL) {
        return;
    }
    look.check = check;
    look.config = config;
    if ((config->policy.origins->facts & guard) != 0) {
        cors_origins_visit(config->policy.origins, guard, refuse, &look);
    }
    if ((config->policy.origins->facts & CORS_ENTRY_FILE) != 0) {
        cors_origins_visit(config->policy.origins, CORS_ENTRY_FILE, guard_file,
                           &look);
    }
    point_out_lending(check, config);
}

static void look_at(const cors_section_t *section, void *context)
{
    const cors_config_t *config = section->merged->config;
    check_t *check = context;
    const cors_use_t *use;

    if (config == NULL || config->engine == CORS_ENGINE_OFF) {
        return;
    }
    use = config->use;
    if (use == NULL) {
        look_at_one(check, config);
    }
    for (; use != NULL; use = use->next) {
        is_news(check, use->named);      /* no longer */
        look_at_one(check, cors_config_with(check->pool, config, use));
    }
}

/* The policies of a server that no section uses, since an .htaccess may: what
 * they say themselves, with the consent that the server gives. */
static void look_at_unused(check_t *check, const cors_server_t *server,
                           const cors_dir_t *base)
{
    const int consent = base->config != NULL ? base->config->policy.tolerate
                                             : 0;
    apr_hash_index_t *index;

    if (server->policies == NULL || !is_news(check, server)) {
        return;
    }
    for (index = apr_hash_first(check->pool, server->policies); index;
         index = apr_hash_next(index)) {
        const cors_named_t *named;
        cors_config_t config;
        void *value;

        apr_hash_this(index, NULL, NULL, &value);
        named = value;
        config = *named->config;
        config.policy.tolerate |= consent;
        if (is_news(check, named)) {
            look_at_one(check, &config);
        }
    }
}

int cors_check_config(apr_pool_t *ptemp, server_rec *main, int is_told)
{
    check_t check;

    apr_pool_create(&check.pool, ptemp);
    check.told = apr_hash_make(ptemp);
    check.is_told = is_told;
    check.errors = 0;
    for (check.server = main; check.server;
         check.server = check.server->next) {
        cors_walk(check.pool, check.server, look_at, &check);
        apr_pool_clear(check.pool);
    }
    for (check.server = main; check.server;
         check.server = check.server->next) {
        look_at_unused(&check, cors_server_of(check.server),
                       ap_get_module_config(check.server->lookup_defaults,
                                            &cors_module));
    }
    apr_pool_destroy(check.pool);
    return check.errors;
}
