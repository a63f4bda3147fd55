/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_config.h
 * The directives: what a section wrote and what holds after merging.
 */
#ifndef CORS_CONFIG_H
#define CORS_CONFIG_H

#include <httpd.h>
#include <http_config.h>

#include "cors_policy.h"

extern module AP_MODULE_DECLARE_DATA cors_module;

/** CorsEngine. */
typedef enum {
    CORS_ENGINE_ON,
    CORS_ENGINE_OFF,
    CORS_ENGINE_REPORT_ONLY     /* decides, logs, changes no response */
} cors_engine_t;

/** The directives of a section, or of sections merged. */
typedef struct cors_config_t {
    apr_uint32_t set;           /* bit n: row n of cors_commands was given;
                                   the other fields hold the defaults */
    int engine;                 /* a cors_engine_t */
    cors_policy_t policy;
    int preflight_passes;       /* boolean: CorsPreflight Pass */
    int preflight_status;       /* 204 or 200 */
    int backend_keeps;          /* boolean: CorsBackendHeaders Keep */
    const cors_list_t *lends_credentials_to;    /* origins that replaced
                                   others in the last merge and inherit
                                   CorsAllowCredentials On; NULL: none did */
} cors_config_t;

/**
 * The per-directory configuration as httpd holds it. Only a section that uses
 * a directive pays for a cors_config_t: httpd makes one of these for every
 * virtual host.
 */
typedef struct cors_dir_t {
    cors_config_t *config;      /* NULL: no directive here */
} cors_dir_t;

/** A word that a directive takes, and what it means. */
typedef struct cors_word_t {
    const char *word;
    int value;
} cors_word_t;

/** The field of cors_config_t that a directive owns: cmd_data of its row. */
typedef struct cors_field_t {
    size_t offset;
    const cors_word_t *words;   /* for set_word() and set_tolerate() */
    const char *(*judge)(cmd_parms *cmd, const char *item, cors_str_t *name,
                         unsigned *facts);  /* for add_names(): the rule that
                                   a name breaks, or NULL */
    cors_name_eq_t eq;          /* likewise: how it compares names */
    int is_list;                /* a cors_list_t pointer, else an int */
} cors_field_t;

/** The directive table: name, setter, the field it owns, contexts, help. The
 * merge goes by it too, so a new directive is one row, one field and, if the
 * stock ones do not fit, one setter. */
extern const command_rec cors_commands[];

/** The bit in `set` of a row of the table. */
apr_uint32_t cors_field_bit(const command_rec *row);

/** The field itself, in this record. */
int *cors_field_number(cors_config_t *config, const cors_field_t *field);
const cors_list_t **cors_field_list(cors_config_t *config,
                                    const cors_field_t *field);

/** httpd's create_dir_config. */
void *cors_dir_create(apr_pool_t *pool, char *path);

/** httpd's merge_dir_config: a field that `add` sets wins, lists merge as
 * cors_list.h says, all else is inherited. Associative. Copies no list. */
void *cors_dir_merge(apr_pool_t *pool, void *base, void *add);

/** Is the decision about a request made by this configuration: by an origin
 * source, or by `CorsEngine Off`, which decides that nothing happens? NULL is
 * a configuration without directives. */
int cors_config_decides(const cors_config_t *config);

/** Notes that `item` was taken as `text`, its one obvious meaning. For the
 * setters; has no effect in .htaccess. */
void cors_config_note(cmd_parms *cmd, const char *item, const char *text);

/** Forgets the notes of an earlier reading of the configuration. Call it from
 * pre_config. */
void cors_config_forget_notes(void);

/**
 * Writes what was normalised while the configuration was read into the error
 * log, at `info`. Call it when the logs are open; from .htaccess there are no
 * notes.
 */
void cors_config_log_notes(void);

#endif /* CORS_CONFIG_H */
