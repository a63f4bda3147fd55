/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_server.h
 * What a server or virtual host says, apart from its sections: the policies
 * that scopes can use, what .htaccess may do, and the Public Suffix List.
 */
#ifndef CORS_SERVER_H
#define CORS_SERVER_H

#include <apr_hash.h>

#include "cors_view.h"

/* CorsHtaccess: what a directive in .htaccess may need. */
#define CORS_POWER_ORIGINS      0x01    /* origins: listed ones, wildcards */
#define CORS_POWER_ANY          0x02    /* any-origin: `*` */
#define CORS_POWER_NULL         0x04    /* null */
#define CORS_POWER_CREDENTIALS  0x08    /* credentials */
#define CORS_POWER_MATCH        0x10    /* match: CorsAllowOriginMatch */
#define CORS_POWER_EXPR         0x20    /* expr: CorsAllowOriginExpr */
#define CORS_POWER_GATE         0x40    /* gate: CorsRejectUnlisted */
#define CORS_POWER_ALL          0x7f
#define CORS_POWER_DEFAULT \
    (CORS_POWER_ORIGINS | CORS_POWER_ANY | CORS_POWER_CREDENTIALS)

/** One server's own directives. */
typedef struct cors_server_t {
    const struct cors_server_t *main;   /* the main server's; NULL in it */
    apr_hash_t *policies;       /* name => cors_named_t; NULL: none */
    int powers;                 /* CORS_POWER_ bits */
    const cors_view_line_t *htaccess;   /* CorsHtaccess, or NULL: not given */
    apr_array_header_t *globals;        /* cors_view_line_t; in the main
                                   server: see cors_server_keep() */
    apr_pool_t *pool;           /* in the main server: of the configuration */
    const char *file;           /* in the main server: see
                                   cors_server_file() */
    const cors_suffixes_t *suffixes;    /* in the main server */
    int are_suffixes_read;      /* boolean: whatever came of it */
} cors_server_t;

/** httpd's create_server_config. A virtual host gets a record when its first
 * directive needs one. */
void *cors_server_create(apr_pool_t *pool, server_rec *s);

/** httpd's merge_server_config. */
void *cors_server_merge(apr_pool_t *pool, void *base, void *add);

/** What holds in the server, while the configuration is read and later. */
const cors_server_t *cors_server_of(server_rec *s);

/** The server's own record, to be written while the configuration is read. */
cors_server_t *cors_server_own(apr_pool_t *pool, server_rec *s);

/** The policy of that name in the server or the main server, or NULL. */
const cors_named_t *cors_server_policy(const cors_server_t *server,
                                       const char *name);

/** A directive that is not of a section, with all its arguments as they stand
 * in its line, for whoever wants to see it. */
const cors_view_line_t *cors_server_line(const cmd_parms *cmd);

/** Keeps such a line for one that holds for all servers; where it is given
 * twice the last line counts. */
void cors_server_keep(const cmd_parms *cmd);

/** The name of the file that the directive stands in, for as long as the
 * configuration lives: mod_macro keeps its own no longer than reading takes.
 * The lines of one file share it. */
const char *cors_server_file(const cmd_parms *cmd);

/**
 * The Public Suffix List in force, or NULL. The system's is read when a list
 * is first asked for, which has to be before requests come: ask in
 * post_config.
 */
const cors_suffixes_t *cors_server_suffixes(void);

/** Puts a list in force, while the configuration is read. */
void cors_server_use_suffixes(const cors_suffixes_t *suffixes);

/**
 * May this directive, in an .htaccess, do what needs the power? Everything
 * may be done elsewhere.
 *
 * @param power  CORS_POWER_ bits; 0: needs none
 * @return NULL; else the words of the powers that are missing
 */
const char *cors_server_lacks(cmd_parms *cmd, int power);

/** The words of CorsHtaccess, `None` and `All` included. */
extern const cors_word_t cors_power_words[];

/** Is the directive in an .htaccess? One is read on every request, by whoever
 * asks for it. */
int cors_is_htaccess(const cmd_parms *cmd);

#endif /* CORS_SERVER_H */
