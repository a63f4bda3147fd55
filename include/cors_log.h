/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_log.h
 * What the administrator is told about a decision, in the error log and on the
 * page that explains one.
 */
#ifndef CORS_LOG_H
#define CORS_LOG_H

#include "cors_decision.h"

/**
 * Logs why a CORS request was refused, at `info`, or allowed, at `debug`: the
 * reason word, then cors_reason(). httpd escapes what the client sent.
 *
 * What the guard (see cors_guard()) bars is the administrator's to mend, so an
 * entry that it passed over is an error, but at most one a minute
 * in each child process: clients decide how often it happens.
 *
 * @param decision  with a configuration, about a request with an origin
 *
 * Cost: nothing is put together unless the level is on.
 */
void cors_log_decision(request_rec *r, const cors_decision_t *decision);

/**
 * Why was it decided so? What the log has behind the reason word: a phrase
 * with the quoted origin, the refused name, the directive to change and where
 * it stands; and what the request just misses (cors_near_miss.h), for which no
 * source is asked.
 *
 * @param decision  with a configuration, about a request with an origin
 * @return in `pool`. What the client sent is in it as it came, each piece cut
 *         to 100 bytes: not for the client, and not to be shown unescaped
 */
const char *cors_reason(apr_pool_t *pool, const cors_decision_t *decision);

/**
 * Who decided so: an entry as it may be written, such as `CorsAllowOrigin
 * 'https://app.example.com'`, or the list that the origin, the method or the
 * header is not in, such as `CorsAllowMethods`.
 *
 * @param decision  as for cors_reason()
 * @param place     out: where that stands; line 0: nowhere, it is the default
 * @return in `pool` or static, nothing of the client's; NULL: nobody did, the
 *         request is at fault
 */
const char *cors_decider(apr_pool_t *pool, const cors_decision_t *decision,
                         cors_place_t *place);

/** May an error be logged that clients could bring about at will? True at most
 * once a minute for each `last`, which starts at 0. Any thread may ask. */
int cors_log_is_due(volatile apr_uint32_t *last);

/** Where a directive stands, as `file:line`; "default" where nobody wrote
 * one. */
const char *cors_quote_place(apr_pool_t *pool, cors_place_t place);

/** The text of an entry, cut short where it is long. */
const char *cors_quote_entry(apr_pool_t *pool, const cors_entry_t *entry);

/**
 * What is wrong with an entry that the guard (see cors_guard()) bars under the
 * configuration: a phrase that follows the quoted entry ("must not ..."), with
 * the place of CorsAllowCredentials where that is a part of it.
 */
const char *cors_objection(apr_pool_t *pool, const cors_config_t *config,
                           const cors_entry_t *entry);

#endif /* CORS_LOG_H */
