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

/** The one symbol that leaves the module: the others may be compiled hidden,
 * which lets the compiler see that nobody else calls them. */
extern module AP_MODULE_DECLARE_DATA cors_module
    __attribute__((visibility("default")));

/** CorsEngine. */
typedef enum {
    CORS_ENGINE_ON,
    CORS_ENGINE_OFF,
    CORS_ENGINE_REPORT_ONLY     /* decides, logs, changes no response */
} cors_engine_t;

/** CorsResourcePolicy. */
typedef enum {
    CORS_RESOURCE_NONE,
    CORS_RESOURCE_SAME_ORIGIN,
    CORS_RESOURCE_SAME_SITE,
    CORS_RESOURCE_CROSS_ORIGIN
} cors_resource_policy_t;

/** A directive that a section gives, and where: as there may be one for each
 * line of thousands of virtual hosts, it is kept small. */
typedef struct cors_given_t {
    const char *file;           /* as in cors_place_t */
    int line;
    unsigned short offset;      /* of the field in cors_config_t */
    unsigned short bits;        /* that it adds to a field of which several
                                   lines add up; else 0 */
    const struct cors_given_t *next;
} cors_given_t;

/** The directives of a section, or of sections merged. */
typedef struct cors_config_t {
    apr_uint64_t set;           /* the fields that were given, as bits of
                                   cors_bit_at(); the others hold their
                                   defaults */
    const struct cors_config_t *outer;  /* both set in a merge, both NULL in a
                                   section's own record: whose values these
                                   are */
    const struct cors_config_t *inner;
    const cors_given_t *given;  /* in a section's own record */
    struct cors_use_t *use;     /* CorsUsePolicy, or NULL */
    int is_shared;              /* boolean: the record, and its `use`, are not
                                   the section's own; see cors_own() */
    const struct cors_config_t *below;  /* with `use`: what the policies are
                                   laid over; NULL: the defaults. What this
                                   record gives is laid over them. */
    int engine;                 /* a cors_engine_t */
    cors_policy_t policy;
    int preflight_passes;       /* boolean: CorsPreflight Pass */
    int preflight_status;       /* 204 or 200 */
    int backend_keeps;          /* boolean: CorsBackendHeaders Keep */
    int hides_origin;           /* boolean: CorsForwardOrigin Off */
    int times;                  /* boolean: CorsTimingAllowOrigin */
    int resource_policy;        /* a cors_resource_policy_t */
    int private_network;        /* boolean: CorsAllowPrivateNetwork */
} cors_config_t;

/** A `<CorsPolicy>`: directives that scopes share. */
typedef struct cors_named_t {
    const char *name;
    cors_place_t place;
    const cors_config_t *config;        /* its origins are never NULL */
    cors_config_t *alone;       /* the record of every section that says
                                   nothing but that it uses this policy */
    int powers;                 /* that .htaccess needs to use it; see
                                   cors_server.h */
} cors_named_t;

/** One name that CorsUsePolicy gives. */
typedef struct cors_use_t {
    const cors_named_t *named;
    struct cors_use_t *next;
} cors_use_t;

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
    int power;                  /* what it needs in .htaccess; see
                                   cors_server.h */
} cors_word_t;

/** The field of cors_config_t that a directive owns: cmd_data of its row. */
typedef struct cors_field_t {
    size_t offset;
    const cors_word_t *words;   /* for set_word() and the like */
    const char *(*judge)(cmd_parms *cmd, cors_str_t item, cors_str_t *name,
                         unsigned *facts);  /* for add_names(): the rule that
                                   a name breaks, or NULL */
    cors_name_eq_t eq;          /* likewise: how it compares names */
    int is_list;                /* a cors_list_t pointer, else an int */
    int is_in_policy;           /* may stand in a <CorsPolicy> */
} cors_field_t;

/** The directive table: name, setter, the field it owns, contexts, help. The
 * merge goes by it too, so a new directive is one row, one field and, if the
 * stock ones do not fit, one setter. */
extern const command_rec cors_commands[];

/** The bit in `set` of the field at that offset in cors_config_t. */
static inline apr_uint64_t cors_bit_at(size_t offset)
{
    _Static_assert(sizeof(cors_config_t) / sizeof(int) <= 64,
                   "more fields than bits");
    return (apr_uint64_t)1 << offset / sizeof(int);
}

/** The field itself, in this record. */
int *cors_field_number(const cors_config_t *config, const cors_field_t *field);
const cors_list_t **cors_field_list(const cors_config_t *config,
                                    const cors_field_t *field);

/** A section's own record, with all defaults. */
cors_config_t *cors_config_make(apr_pool_t *pool);

/** httpd's create_dir_config. */
void *cors_dir_create(apr_pool_t *pool, char *path);

/** httpd's merge_dir_config: a field that `add` sets wins, lists merge as
 * cors_list.h says, all else is inherited. Associative. Copies no list. */
void *cors_dir_merge(apr_pool_t *pool, void *base, void *add);

/**
 * What holds where a policy is used.
 *
 * @param pool    for the merging; nothing is made where the scope adds nothing
 *                to the policy
 * @param config  whose `use` it is part of
 * @param use     NULL: no policy is used
 * @return what the policy is laid over, the policy, and the scope's own
 *         directives, merged; `config` itself if `use` is NULL
 */
const cors_config_t *cors_config_with(apr_pool_t *pool,
                                      const cors_config_t *config,
                                      const cors_use_t *use);

/** Was the field at that offset in cors_config_t given by a directive? */
int cors_config_gives(const cors_config_t *config, size_t offset);

/** The section's own record that gave the field its value; NULL: it is the
 * default. */
const cors_config_t *cors_config_giver(const cors_config_t *config,
                                       size_t offset);

/** Where the directive stands that gave a field its value; line 0: nowhere, it
 * is the default. `offset` is that of the field in cors_config_t. */
cors_place_t cors_config_place(const cors_config_t *config, size_t offset);

/** Is the decision about a request made by this configuration: by an origin
 * source, by a policy, or by `CorsEngine Off`, which decides that nothing
 * happens? NULL is a configuration without directives. */
static inline int cors_config_decides(const cors_config_t *config)
{
    return config != NULL && (config->policy.origins != NULL
                              || config->use != NULL
                              || config->engine == CORS_ENGINE_OFF);
}

/** Has this configuration a say in a response: does it decide, or is there a
 * CorsResourcePolicy? NULL is a configuration without directives. */
static inline int cors_config_applies(const cors_config_t *config)
{
    return cors_config_decides(config)
        || (config != NULL && config->resource_policy != CORS_RESOURCE_NONE);
}

/** Do the two say the same? May be false where they do, never the other way
 * round. Either may be NULL. */
int cors_config_is_same(const cors_config_t *a, const cors_config_t *b);

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
