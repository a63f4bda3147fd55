/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_walk.h"

#include <http_core.h>
#include <mod_proxy.h>

typedef struct walk_t {
    apr_pool_t *pool;
    cors_visit_t visit;
    void *context;
} walk_t;

/* A section as httpd keeps it; NULL where it has no directive of the core. */
static core_dir_config *core_of(ap_conf_vector_t *section)
{
    return ap_get_core_module_config(section);
}

/* Does a directive of ours stand there? httpd makes our record only then. */
static int speaks(ap_conf_vector_t *section)
{
    return ap_get_module_config(section, &cors_module) != NULL;
}

/* What holds in the section. */
static cors_dir_t *merge_over(const walk_t *walk, cors_dir_t *base,
                              ap_conf_vector_t *section)
{
    return !speaks(section) ? base
        : cors_dir_merge(walk->pool, base,
                         ap_get_module_config(section, &cors_module));
}

/* ------------------------------------------- <Files>, <If> and the like -- */

static void describe_files(const core_dir_config *core,
                           cors_section_t *section)
{
    section->tag = core->r != NULL ? "FilesMatch" : "Files";
    section->path = core->d;
}

static void describe_if(const core_dir_config *core, cors_section_t *section)
{
    section->tag = core->condition_ifelse == AP_CONDITION_IF ? "If"
        : core->condition_ifelse == AP_CONDITION_ELSEIF ? "ElseIf" : "Else";
    if (core->condition != NULL) {
        section->place.file = core->condition->filename;
        section->place.line = (int)core->condition->line_number;
    }
}

/* The sections inside one whose merge is `base`. */
static void walk_inside(const walk_t *walk, cors_dir_t *base,
                        ap_conf_vector_t *section, int depth)
{
    static void (*const describe[])(const core_dir_config *core,
                                    cors_section_t *section) = {
        describe_files, describe_if
    };
    const core_dir_config *core = core_of(section);
    apr_array_header_t *inside[2];
    int i, k;

    if (core == NULL) {
        return;
    }
    inside[0] = core->sec_file;
    inside[1] = core->sec_if;
    for (k = 0; k < 2; k++) {
        for (i = 0; inside[k] != NULL && i < inside[k]->nelts; i++) {
            ap_conf_vector_t *inner =
                APR_ARRAY_IDX(inside[k], i, ap_conf_vector_t *);
            cors_section_t told = { NULL, NULL, { NULL, 0 }, 0, 0, NULL };

            describe[k](core_of(inner), &told);
            told.depth = depth;
            told.speaks = speaks(inner);
            told.merged = merge_over(walk, base, inner);
            walk->visit(&told, walk->context);
            walk_inside(walk, told.merged, inner, depth + 1);
        }
    }
}

/* ------------------------------ <Directory>, <Location>, <Proxy>, Match -- */

/* All sections of a server that are asked for the same thing. */
typedef struct family_t {
    const char *tag;
    const char *match;          /* the tag with an expression */
    const module *proxy;        /* if that has them */
    const apr_array_header_t *all;
} family_t;

typedef struct path_t {
    const char *text;
    int is_regex;
    int is_literal;
} path_t;

static path_t path_of(const family_t *family, ap_conf_vector_t *section)
{
    path_t path;

    if (family->proxy != NULL) {
        const proxy_dir_conf *proxy = ap_get_module_config(section,
                                                           family->proxy);

        path.text = proxy->p;
        path.is_regex = proxy->r != NULL;
        path.is_literal = !path.is_regex && !proxy->p_is_fnmatch;
    }
    else {
        const core_dir_config *core = core_of(section);

        path.text = core->d;
        path.is_regex = core->r != NULL;
        path.is_literal = !path.is_regex && !core->d_is_fnmatch
                          && core->d != NULL;
    }
    return path;
}

/* Does the path of one section hold that of the other? Directory keeps a
 * slash at the end of its path, Location as it is written, and Proxy takes
 * any beginning. */
static int encloses(const family_t *family, ap_conf_vector_t *outer,
                    ap_conf_vector_t *inner)
{
    const path_t out = path_of(family, outer);
    const path_t in = path_of(family, inner);
    size_t n;

    if (!out.is_literal || !in.is_literal) {
        return 0;
    }
    n = strlen(out.text);
    return strncmp(out.text, in.text, n) == 0
        && (family->proxy != NULL || in.text[n] == '\0' || in.text[n] == '/'
            || (n > 0 && out.text[n - 1] == '/'));
}

/* They stand in the order in which they are merged. */
static void walk_family(const walk_t *walk, cors_dir_t *base,
                        const family_t *family)
{
    ap_conf_vector_t **section = (ap_conf_vector_t **)family->all->elts;
    const int n = family->all->nelts;
    int i, k;

    for (i = 0; i < n; i++) {
        const path_t path = path_of(family, section[i]);
        cors_section_t told = { NULL, NULL, { NULL, 0 }, 1, 0, NULL };

        told.tag = path.is_regex ? family->match : family->tag;
        told.path = path.text;
        told.speaks = speaks(section[i]);
        told.merged = base;
        for (k = 0; k < n; k++) {
            if (k == i || (speaks(section[k])
                           && encloses(family, section[k], section[i]))) {
                told.merged = merge_over(walk, told.merged, section[k]);
            }
        }
        walk->visit(&told, walk->context);
        walk_inside(walk, told.merged, section[i], 2);
    }
}

/* mod_proxy keeps its sections to itself. */
static void walk_proxies(const walk_t *walk, cors_dir_t *base,
                         const server_rec *server)
{
    family_t family = { "Proxy", "ProxyMatch", NULL, NULL };

    family.proxy = ap_find_linked_module("mod_proxy.c");
    if (family.proxy != NULL) {
        const proxy_server_conf *proxy =
            ap_get_module_config(server->module_config, family.proxy);

        family.all = proxy->sec_proxy;
        walk_family(walk, base, &family);
    }
}

void cors_walk(apr_pool_t *pool, server_rec *server, cors_visit_t visit,
               void *context)
{
    const core_server_config *core =
        ap_get_core_module_config(server->module_config);
    const family_t directories = { "Directory", "DirectoryMatch", NULL,
                                   core->sec_dir };
    const family_t locations = { "Location", "LocationMatch", NULL,
                                 core->sec_url };
    cors_dir_t *base = ap_get_module_config(server->lookup_defaults,
                                            &cors_module);
    const cors_section_t itself = { NULL, NULL, { NULL, 0 }, 0, 1, base };
    const walk_t walk = { pool, visit, context };

    visit(&itself, context);
    walk_inside(&walk, base, server->lookup_defaults, 1);
    walk_family(&walk, base, &directories);
    walk_family(&walk, base, &locations);
    walk_proxies(&walk, base, server);
}
