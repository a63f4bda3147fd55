/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_setter.h
 * What the setters of directives share. The setters themselves are named in
 * one place only, the table in cors_directives.c.
 */
#ifndef CORS_SETTER_H
#define CORS_SETTER_H

#include "cors_server.h"

/** The message for a value that breaks a rule: a phrase such as "must be On or
 * Off", and what to write instead, if that is obvious (else NULL or ""). */
const char *cors_refuse(cmd_parms *cmd, const char *item, const char *rule,
                        const char *fix);

/** The message for a directive that is given no value. */
const char *cors_refuse_empty(cmd_parms *cmd);

/**
 * What to return for a directive that must not do this in .htaccess: the
 * message, or NULL after a warning in the log where `AllowOverride
 * Nonfatal=Override` has such directives passed over. Call it before anything
 * is set.
 */
const char *cors_refuse_htaccess(cmd_parms *cmd, const char *message);

/** The same for one that lacks powers: their words, from
 * cors_server_lacks(). */
const char *cors_refuse_power(cmd_parms *cmd, const char *lacks);

/** The section's own record, to be written: made when its first directive
 * needs it, or copied when what was shared is no longer all it says. */
cors_config_t *cors_own(cmd_parms *cmd, void *dirv);

/** Has URLs watched where the section that is given a record is one for URLs;
 * cors_own() does so. */
void cors_watch_section(cmd_parms *cmd);

/** The section's own origins, made likewise, for the directives that add to
 * them. */
cors_origins_t *cors_own_origins(cmd_parms *cmd, cors_config_t *config);

/** The section's value of the directive is given now. Returns NULL. */
const char *cors_commit(cmd_parms *cmd, cors_config_t *config);

/** The same, for one line of several that add up: the bits that it adds. */
const char *cors_commit_bits(cmd_parms *cmd, cors_config_t *config,
                             int bits);

/** Where the directive stands. */
cors_place_t cors_place_of(const cmd_parms *cmd);

/** The word, letter case aside, or NULL. */
const cors_word_t *cors_word_find(const cors_word_t *words, const char *arg);

/** The message for an argument that is none of the words. */
const char *cors_refuse_word(cmd_parms *cmd, const cors_word_t *words,
                             const char *arg);

/** The next argument, or NULL at the end of the line. Unlike ITERATE it does
 * not take an empty one for the end. */
const char *cors_next_argument(cmd_parms *cmd, const char **args);

/* Setters that have files of their own. */

/* cors_list_directives.c */
const char *cors_set_origins(cmd_parms *cmd, void *dirv, const char *args);
const char *cors_set_names(cmd_parms *cmd, void *dirv, const char *args);
const char *cors_judge_method(cmd_parms *cmd, cors_str_t item,
                              cors_str_t *name, unsigned *facts);
const char *cors_judge_request_header(cmd_parms *cmd, cors_str_t item,
                                      cors_str_t *name, unsigned *facts);
const char *cors_judge_response_header(cmd_parms *cmd, cors_str_t item,
                                       cors_str_t *name, unsigned *facts);

/* cors_match.c */
const char *cors_set_match(cmd_parms *cmd, void *dirv, const char *args);

/* cors_expr.c */
const char *cors_set_expr(cmd_parms *cmd, void *dirv, const char *arg);

/* cors_source.c */
const char *cors_set_source(cmd_parms *cmd, void *dirv, const char *args);
const char *cors_set_source_cache(cmd_parms *cmd, void *dirv, const char *text,
                                  const char *ttl);
const char *cors_set_source_timeout(cmd_parms *cmd, void *dirv,
                                    const char *arg);

/* cors_statistics.c */
const char *cors_set_statistics(cmd_parms *cmd, void *dirv, const char *arg);

/* cors_delegation.c */
const char *cors_set_policy(cmd_parms *cmd, void *dirv, const char *args);
const char *cors_set_use(cmd_parms *cmd, void *dirv, const char *args);
const char *cors_set_powers(cmd_parms *cmd, void *dirv, const char *args);
const char *cors_set_suffix_file(cmd_parms *cmd, void *dirv, const char *arg);

/** Refuses to stand in <Limit> or <LimitExcept>, which CORS does not care
 * about: the error, or NULL. */
static inline const char *cors_refuse_limit(cmd_parms *cmd)
{
    return cmd->limited == -1 ? NULL
        : ap_check_cmd_context(cmd, NOT_IN_LIMIT);
}

/** A section for URLs has a directive, so that more than its server's own may
 * hold before a file is found: has requests looked at then, too. In
 * mod_cors.c; only while httpd's configuration is read. */
void cors_watch_urls(void);

#endif /* CORS_SETTER_H */
