/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file mod_cors.h
 * The public interface of mod_cors, the only header that is installed.
 */
#ifndef MOD_CORS_H
#define MOD_CORS_H

#include <httpd.h>
#include <http_config.h>

/** The version of the module. */
#define CORS_VERSION "0.1.0-dev"

/**
 * Variables in the environment of a CORS request under an active policy, for
 * LogFormat, CGI, Require and the expr= of other directives. Unset on
 * requests without Origin.
 */
#define CORS_VARIABLE_REQUEST "CORS_REQUEST"    /* actual or preflight */
#define CORS_VARIABLE_RESULT  "CORS_RESULT"     /* allowed, denied-origin,
                                                   denied-method,
                                                   denied-header,
                                                   malformed-origin,
                                                   source-error or
                                                   rejected */

/* ------------------------------------------------- providers of origins -- */

/*
 * `CorsAllowOriginSource name[=option]:argument` asks the provider that a
 * module registers under that name, in its register_hooks:
 *
 *      ap_register_provider(pool, CORS_SOURCE_PROVIDER_GROUP, "name",
 *                           CORS_SOURCE_PROVIDER_VERSION, &provider);
 *
 * docs/example/ has a whole module. mod_cors' own `dbm` and `dbd` are
 * providers like any other; `file`, which is none, cannot be a provider's
 * name.
 */
#define CORS_SOURCE_PROVIDER_GROUP "cors-source"

/** Changes when what follows changes in a way that a compiled provider would
 * notice. */
#define CORS_SOURCE_PROVIDER_VERSION "1"

/** What a provider says of an origin. */
typedef enum {
    CORS_SOURCE_UNKNOWN,        /* it cannot tell: the origin is refused, the
                                   answer is not cached, and for a moment the
                                   provider is not asked about others */
    CORS_SOURCE_REFUSED,
    CORS_SOURCE_ALLOWED
} cors_source_answer_t;

/** One question. */
typedef struct cors_source_question_t {
    const char *origin;         /* the serialisation of one origin with scheme
                                   and host, never `null`: at most 328 bytes,
                                   letters, digits and `+-._:/[]` only, scheme
                                   and (under http and https) host in lower
                                   case, no default port; terminated */
    apr_pool_t *pool;           /* for whatever it takes; goes with the
                                   question */
    server_rec *server;         /* in which the directive stands: for the log,
                                   too */
    apr_time_t deadline;        /* when the request stops waiting; have time
                                   limits, for the thread waits on, and so may
                                   a child process that has to end */
    const char *reason;         /* out, with UNKNOWN: why, a phrase for the
                                   error log, in that pool or static */
} cors_source_question_t;

/** A provider. It lives as long as the module that registers it. */
typedef struct cors_source_provider_t {
    /**
     * A directive names a source. Called while the configuration is read,
     * which a starting httpd does twice, and again for each restart.
     *
     * @param cmd       of the directive: cmd->pool lives as long as the
     *                  configuration, cmd->server is the server it stands in
     * @param option    what stands behind `=`, or NULL
     * @param argument  what stands behind the colon; may be empty
     * @param source    out: what ask() gets
     * @param name      in: the directive's value; out: what tells its answers
     *                  from those of the provider's other sources, in a cache
     *                  that may be shared by many machines. Two sources of one
     *                  name must have the same answers; so add what the value
     *                  does not say (the host's name, if the answers are
     *                  those of one machine), but no secret
     * @return NULL; or the rule that the value breaks, a phrase that follows
     *         the quoted value ("must be a file")
     */
    const char *(*open)(cmd_parms *cmd, const char *option,
                        const char *argument, void **source,
                        const char **name);

    /**
     * May pages of this origin read responses? The answer must depend on the
     * origin alone, as it is kept for others: who asks is not told.
     *
     * Called in any thread of a child process, several at once. May block: the
     * request is refused when CorsSourceTimeout is over, but the thread stays
     * until it returns.
     */
    cors_source_answer_t (*ask)(void *source,
                                cors_source_question_t *question);
} cors_source_provider_t;

#endif /* MOD_CORS_H */
