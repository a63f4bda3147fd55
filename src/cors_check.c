/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_check.h"

#include "cors_file.h"
#include "cors_log.h"
#include "cors_server.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>

APLOG_USE_MODULE(cors);

typedef struct walk_t {
    apr_pool_t *pool;           /* for one server; there may be thousands */
    server_rec *server;
    apr_hash_t *told;           /* what was pointed out, by address */
    int is_told;                /* boolean: everything, earlier */
    int errors;
} walk_t;

/* A section as httpd keeps it. */
static core_dir_config *core_of(ap_conf_vector_t *section)
{
    return ap_get_core_module_config(section);
}

/* What holds in the section. httpd makes our record only where a directive of
 * ours stands. */
static cors_dir_t *merge_over(const walk_t *walk, cors_dir_t *base,
                              ap_conf_vector_t *section)
{
    cors_dir_t *add = ap_get_module_config(section, &cors_module);

    return add != NULL ? cors_dir_merge(walk->pool, base, add) : base;
}

/* Is this the first time that it comes up? The same entry may be in force in
 * many sections. */
static int is_news(const walk_t *walk, const void *what)
{
    if (apr_hash_get(walk->told, &what, sizeof(what)) != NULL) {
        return 0;
    }
    apr_hash_set(walk->told,
                 apr_pmemdup(apr_hash_pool_get(walk->told), &what,
                             sizeof(what)), sizeof(what), what);
    return 1;
}

/* ------------------------------------------------------ contradictions -- */

typedef struct look_t {
    walk_t *walk;
    const cors_config_t *config;
} look_t;

/* Refuses an entry that is in force and that the guard bars. */
static const void *refuse(const cors_entry_t *entry, void *context)
{
    const look_t *look = context;
    walk_t *walk = look->walk;

    if (is_news(walk, entry) && !walk->is_told) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, walk->server,
                     "%s: '%s' (%s) %s", cors_entry_directive(entry),
                     cors_quote_entry(walk->pool, entry),
                     cors_quote_place(walk->pool, entry->place),
                     cors_objection(walk->pool, look->config, entry));
        walk->errors++;
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
static void point_out_lending(const walk_t *walk, const cors_config_t *config)
{
    lending_t lending = { NULL, 0, 0, 0 };

    go_through(config, &lending);
    if (lending.lends && lending.replaces_others && !walk->is_told
        && is_news(walk, lending.origins)) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, walk->server,
                     "CorsAllowOrigin (%s) replaces the origins and inherits "
                     "CorsAllowCredentials On; say CorsAllowCredentials "
                     "beside it",
                     cors_quote_place(walk->pool, lending.origins->place));
    }
}

/* ---------------------------------------------------------------- walk -- */

static void look_at_one(walk_t *walk, const cors_config_t *config)
{
    const unsigned guard = cors_guard(&config->policy);
    look_t look;

    if (config->policy.origins == NULL) {
        return;
    }
    look.walk = walk;
    look.config = config;
    if ((config->policy.origins->facts & guard) != 0) {
        cors_origins_visit(config->policy.origins, guard, refuse, &look);
    }
    if ((config->policy.origins->facts & CORS_ENTRY_FILE) != 0) {
        cors_origins_visit(config->policy.origins, CORS_ENTRY_FILE, guard_file,
                           &look);
    }
    point_out_lending(walk, config);
}

static void look_at(walk_t *walk, const cors_dir_t *dir)
{
    const cors_config_t *config = dir->config;
    const cors_use_t *use;

    if (config == NULL || config->engine == CORS_ENGINE_OFF) {
        return;
    }
    use = config->use;
    if (use == NULL) {
        look_at_one(walk, config);
    }
    for (; use != NULL; use = use->next) {
        is_news(walk, use->named);      /* no longer */
        look_at_one(walk, cors_config_with(walk->pool, config, use));
    }
}

/* The policies of a server that no section uses, since an .htaccess may: what
 * they say themselves, with the consent that the server gives. */
static void look_at_unused(walk_t *walk, const cors_server_t *server,
                           const cors_dir_t *base)
{
    const int consent = base->config != NULL ? base->config->policy.tolerate
                                             : 0;
    apr_hash_index_t *index;

    if (server->policies == NULL || !is_news(walk, server)) {
        return;
    }
    for (index = apr_hash_first(walk->pool, server->policies); index;
         index = apr_hash_next(index)) {
        const cors_named_t *named;
        cors_config_t config;
        void *value;

        apr_hash_this(index, NULL, NULL, &value);
        named = value;
        config = *named->config;
        config.policy.tolerate |= consent;
        if (is_news(walk, named)) {
            look_at_one(walk, &config);
        }
    }
}

/* The <Files> and <If> sections inside a section, whose merge is `base`. */
static void walk_inside(walk_t *walk, cors_dir_t *base,
                        ap_conf_vector_t *section)
{
    const core_dir_config *core = core_of(section);
    apr_array_header_t *inside[2];
    int i, k;

    inside[0] = core->sec_file;
    inside[1] = core->sec_if;
    for (k = 0; k < 2; k++) {
        for (i = 0; inside[k] != NULL && i < inside[k]->nelts; i++) {
            ap_conf_vector_t *inner =
                APR_ARRAY_IDX(inside[k], i, ap_conf_vector_t *);
            cors_dir_t *merged = merge_over(walk, base, inner);

            look_at(walk, merged);
            walk_inside(walk, merged, inner);
        }
    }
}

static int is_literal(const core_dir_config *core)
{
    return core->d != NULL && core->r == NULL && !core->d_is_fnmatch;
}

/* Does the path of one section hold that of the other? Directory keeps a
 * slash at the end of its path, Location as it is written. */
static int encloses(const core_dir_config *outer, const core_dir_config *inner)
{
    size_t n;

    if (!is_literal(outer) || !is_literal(inner)) {
        return 0;
    }
    n = strlen(outer->d);
    return strncmp(outer->d, inner->d, n) == 0
        && (inner->d[n] == '\0' || inner->d[n] == '/'
            || (n > 0 && outer->d[n - 1] == '/'));
}

/* All <Directory>, or all <Location>, sections of a server. They stand in the
 * order in which they are merged. */
static void walk_sections(walk_t *walk, cors_dir_t *base,
                          const apr_array_header_t *all)
{
    ap_conf_vector_t **section = (ap_conf_vector_t **)all->elts;
    int i, k;

    for (i = 0; i < all->nelts; i++) {
        cors_dir_t *merged = base;

        for (k = 0; k < all->nelts; k++) {
            if (k == i || (ap_get_module_config(section[k], &cors_module)
                           && encloses(core_of(section[k]),
                                       core_of(section[i])))) {
                merged = merge_over(walk, merged, section[k]);
            }
        }
        look_at(walk, merged);
        walk_inside(walk, merged, section[i]);
    }
}

int cors_check_config(apr_pool_t *ptemp, server_rec *main, int is_told)
{
    walk_t walk;

    apr_pool_create(&walk.pool, ptemp);
    walk.told = apr_hash_make(ptemp);
    walk.is_told = is_told;
    walk.errors = 0;
    for (walk.server = main; walk.server; walk.server = walk.server->next) {
        const core_server_config *core =
            ap_get_core_module_config(walk.server->module_config);
        ap_conf_vector_t *defaults = walk.server->lookup_defaults;
        cors_dir_t *base = ap_get_module_config(defaults, &cors_module);

        look_at(&walk, base);
        walk_inside(&walk, base, defaults);
        walk_sections(&walk, base, core->sec_dir);
        walk_sections(&walk, base, core->sec_url);
        apr_pool_clear(walk.pool);
    }
    for (walk.server = main; walk.server; walk.server = walk.server->next) {
        look_at_unused(&walk, cors_server_of(walk.server),
                       ap_get_module_config(walk.server->lookup_defaults,
                                            &cors_module));
    }
    apr_pool_destroy(walk.pool);
    return walk.errors;
}
