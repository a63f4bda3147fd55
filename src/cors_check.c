/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_check.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>

APLOG_USE_MODULE(cors);

typedef struct walk_t {
    apr_pool_t *pool;
    server_rec *server;
    apr_hash_t *told;           /* lists that were pointed out */
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

static void look_at(const walk_t *walk, const cors_dir_t *dir)
{
    const cors_list_t *list =
        dir->config != NULL ? dir->config->lends_credentials_to : NULL;

    if (list == NULL || apr_hash_get(walk->told, &list, sizeof(list))) {
        return;
    }
    apr_hash_set(walk->told, apr_pmemdup(walk->pool, &list, sizeof(list)),
                 sizeof(list), list);
    ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, walk->server, "CorsAllowOrigin "
                 "(%s:%d) replaces the origins and inherits "
                 "CorsAllowCredentials On; say CorsAllowCredentials beside it",
                 list->place.file, list->place.line);
}

/* The <Files> and <If> sections inside a section, whose merge is `base`. */
static void walk_inside(const walk_t *walk, cors_dir_t *base,
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
static void walk_sections(const walk_t *walk, cors_dir_t *base,
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

void cors_check_config(apr_pool_t *ptemp, server_rec *main)
{
    walk_t walk;

    walk.pool = ptemp;
    walk.told = apr_hash_make(ptemp);
    for (walk.server = main; walk.server; walk.server = walk.server->next) {
        const core_server_config *core =
            ap_get_core_module_config(walk.server->module_config);
        ap_conf_vector_t *defaults = walk.server->lookup_defaults;
        cors_dir_t *base = ap_get_module_config(defaults, &cors_module);

        look_at(&walk, base);
        walk_inside(&walk, base, defaults);
        walk_sections(&walk, base, core->sec_dir);
        walk_sections(&walk, base, core->sec_url);
    }
}
