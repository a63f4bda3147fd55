/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_dump.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <http_core.h>

#include "cors_server.h"
#include "cors_utf8.h"
#include "cors_view.h"
#include "cors_walk.h"

typedef struct dump_t {
    apr_pool_t *pool;           /* for one server */
    apr_file_t *out;
    server_rec *server;
    apr_array_header_t *open;   /* const char *: what opens the section that is
                                   visited, and those around it, the outermost
                                   first */
    int printed;                /* how many of these are */
} dump_t;

/* ---------------------------------------------------------------- text -- */

/* Without what would end the line, or a terminal might take for a command. */
static const char *visible(apr_pool_t *pool, const char *text)
{
    return cors_utf8_visible(pool, text, "");
}

/* In quotes, as httpd reads it back. */
static const char *quoted(apr_pool_t *pool, const char *text)
{
    const char *p;
    char *shown, *to;

    shown = to = apr_palloc(pool, 2 * strlen(text) + 3);
    *to++ = '"';
    for (p = text; *p; p++) {
        if (*p == '"' || (*p == '\\' && (p[1] == '\\' || p[1] == '"'
                                         || p[1] == '\0'))) {
            *to++ = '\\';
        }
        *to++ = *p;
    }
    *to++ = '"';
    *to = '\0';
    return visible(pool, shown);
}

/* As somebody would write it: in quotes where it needs them. */
static const char *written(apr_pool_t *pool, const char *text)
{
    return *text == '\0' || strpbrk(text, " \t\r\n\v\f\"'") != NULL
        || strstr(text, "\\\\") != NULL ? quoted(pool, text)
                                        : visible(pool, text);
}

/* ` (file:line)`, or nothing where it is not known. */
static const char *place_of(apr_pool_t *pool, const char *file, int line)
{
    return line == 0 ? ""
        : apr_psprintf(pool, " (%s:%d)", visible(pool, file), line);
}

static void print(const dump_t *dump, int depth, const char *directive,
                  const char *value, cors_place_t place)
{
    apr_file_printf(dump->out, "%*s%s %s%s\n", 4 * depth, "", directive, value,
                    place_of(dump->pool, place.file, place.line));
}

/* -------------------------------------------------------------- values -- */

static void print_values(const dump_t *dump, int depth,
                         const cors_config_t *config)
{
    const apr_array_header_t *lines = cors_view(dump->pool, config, 0, 0);
    int i;

    for (i = 0; i < lines->nelts; i++) {
        const cors_view_line_t *line = &APR_ARRAY_IDX(lines, i,
                                                      cors_view_line_t);

        print(dump, depth, line->directive, written(dump->pool, line->value),
              line->place);
    }
}

/* What holds in a section or server. */
static void print_merged(const dump_t *dump, int depth,
                         const cors_config_t *config)
{
    if (config == NULL) {
        return;
    }
    print_values(dump, depth, config);
    if (config->use != NULL && config->below != NULL) {
        apr_file_printf(dump->out, "%*sunder the policies:\n", 4 * depth, "");
        print_values(dump, depth + 1, config->below);
    }
}

/* -------------------------------------------------------------- servers -- */

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const cors_named_t *const *)a)->name,
                  (*(const cors_named_t *const *)b)->name);
}

static void print_policies(const dump_t *dump, apr_hash_t *policies)
{
    const cors_named_t **all =
        apr_palloc(dump->pool, apr_hash_count(policies) * sizeof(*all));
    apr_hash_index_t *index;
    int i, n = 0;

    for (index = apr_hash_first(dump->pool, policies); index;
         index = apr_hash_next(index)) {
        void *named;

        apr_hash_this(index, NULL, NULL, &named);
        all[n++] = named;
    }
    qsort(all, (size_t)n, sizeof(*all), by_name);
    for (i = 0; i < n; i++) {
        apr_file_printf(dump->out, "    <CorsPolicy %s>%s\n",
                        quoted(dump->pool, all[i]->name),
                        place_of(dump->pool, all[i]->place.file,
                                 all[i]->place.line));
        print_values(dump, 2, all[i]->config);
    }
}

static void print_globals(const dump_t *dump, const apr_array_header_t *lines)
{
    int i;

    for (i = 0; i < lines->nelts; i++) {
        const cors_view_line_t *line = &APR_ARRAY_IDX(lines, i,
                                                      cors_view_line_t);

        print(dump, 1, line->directive, visible(dump->pool, line->value),
              line->place);
    }
}

/* `:port`, as ServerName says it, or the first address; or nothing. */
static const char *port_of(apr_pool_t *pool, const server_rec *s)
{
    const int port = s->port != 0 || s->addrs == NULL ? s->port
                                                      : s->addrs->host_port;

    return port == 0 ? "" : apr_psprintf(pool, ":%d", port);
}

/* The server itself. */
static void print_server(const dump_t *dump, const cors_config_t *config)
{
    server_rec *s = dump->server;
    const cors_server_t *server = cors_server_of(s);
    const cors_view_line_t *htaccess = server->htaccess;
    /* A virtual host without a record of its own has the main server's. */
    const int is_own = (server->main != NULL) == s->is_virtual;

    apr_file_printf(dump->out, "%s %s%s%s\n",
                    s->is_virtual ? "virtual host" : "server",
                    visible(dump->pool, s->server_hostname),
                    port_of(dump->pool, s),
                    place_of(dump->pool, s->defn_name,
                             (int)s->defn_line_number));
    if (is_own && server->globals != NULL) {
        print_globals(dump, server->globals);
    }
    if (htaccess != NULL) {
        print(dump, 1, htaccess->directive,
              visible(dump->pool, htaccess->value), htaccess->place);
    }
    print_merged(dump, 1, config);
    if (is_own && server->policies != NULL) {
        print_policies(dump, server->policies);
    }
}

/* ------------------------------------------------------------- sections -- */

static const char *opening(apr_pool_t *pool, const cors_section_t *section)
{
    return apr_pstrcat(pool, "<", section->tag,
                       section->path != NULL ? " " : "",
                       section->path != NULL ? quoted(pool, section->path)
                                             : "", ">",
                       place_of(pool, section->place.file,
                                section->place.line), NULL);
}

/* Those around it that say nothing themselves are printed when one inside
 * speaks. */
static void print_section(dump_t *dump, const cors_section_t *section)
{
    const int around = section->depth - 1;

    dump->open->nelts = around;
    if (dump->printed > around) {
        dump->printed = around;
    }
    APR_ARRAY_PUSH(dump->open, const char *) = opening(dump->pool, section);
    if (!section->speaks) {
        return;
    }
    for (; dump->printed <= around; dump->printed++) {
        apr_file_printf(dump->out, "%*s%s\n", 4 * (dump->printed + 1), "",
                        APR_ARRAY_IDX(dump->open, dump->printed,
                                      const char *));
    }
    print_merged(dump, section->depth + 1, section->merged->config);
}

static void visit(const cors_section_t *section, void *context)
{
    dump_t *dump = context;

    if (section->depth == 0) {
        print_server(dump, section->merged->config);
    }
    else {
        print_section(dump, section);
    }
}

/* httpd has the virtual hosts the other way round. */
static const apr_array_header_t *servers_in_order(apr_pool_t *pool,
                                                  server_rec *main)
{
    apr_array_header_t *all = apr_array_make(pool, 16, sizeof(main));
    server_rec *s;
    int i;

    for (s = main; s; s = s->next) {
        APR_ARRAY_PUSH(all, server_rec *) = s;
    }
    for (i = 1; i < all->nelts - i; i++) {
        s = APR_ARRAY_IDX(all, i, server_rec *);
        APR_ARRAY_IDX(all, i, server_rec *) =
            APR_ARRAY_IDX(all, all->nelts - i, server_rec *);
        APR_ARRAY_IDX(all, all->nelts - i, server_rec *) = s;
    }
    return all;
}

void cors_dump(apr_pool_t *pconf, server_rec *main)
{
    const apr_array_header_t *servers;
    dump_t dump;
    int i;

    if (!ap_exists_config_define("DUMP_CORS")) {
        return;
    }
    apr_pool_create(&dump.pool, pconf);
    apr_file_open_flags_stdout(&dump.out, APR_FOPEN_BUFFERED, pconf);
    servers = servers_in_order(pconf, main);
    for (i = 0; i < servers->nelts; i++) {
        dump.server = APR_ARRAY_IDX(servers, i, server_rec *);
        dump.open = apr_array_make(dump.pool, 4, sizeof(const char *));
        dump.printed = 0;
        cors_walk(dump.pool, dump.server, visit, &dump);
        apr_pool_clear(dump.pool);
    }
    apr_file_flush(dump.out);
    apr_pool_destroy(dump.pool);
}
