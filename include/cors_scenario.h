/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_scenario.h
 * What a page is to do: a URL, and what a script from elsewhere asks for
 * there, as a visitor of cors-explain types it.
 */
#ifndef CORS_SCENARIO_H
#define CORS_SCENARIO_H

#include "cors_browser.h"

#define CORS_PREFLIGHT_METHOD "Access-Control-Request-Method"
#define CORS_PREFLIGHT_HEADERS "Access-Control-Request-Headers"

/** One scenario; the bytes are those that were typed. */
typedef struct cors_scenario_t {
    apr_pool_t *pool;
    const char *host;           /* the value for Host; NULL: there is none */
    const char *scheme;         /* of the URL; NULL: it has no host */
    int port;                   /* likewise */
    const char *uri;            /* the path and the query */
    cors_fetch_t fetch;         /* `sent` is the array below */
    apr_array_header_t *sent;   /* cors_sent_t, at most 100 */
} cors_scenario_t;

/** Is there something wrong with the method or the origin? Returns what, or
 * NULL. */
const char *cors_scenario_check(const cors_scenario_t *scenario);

/** Reads the URL: a path, or one with scheme and host, which then takes the
 * place of `host`. Returns what is wrong with it, or NULL. */
const char *cors_scenario_read_url(cors_scenario_t *scenario,
                                   const char *url);

/** Reads the headers: lines, of which one with a colon is a field, and others
 * are names between blanks or commas. Returns what is wrong with them, or
 * NULL. */
const char *cors_scenario_read_headers(cors_scenario_t *scenario,
                                       const char *text);

/** Is it a preflight itself, with all its fields, and not what a page asks
 * for? */
int cors_scenario_is_preflight(const cors_scenario_t *scenario);

/** The fields of the preflight that a browser sends for it. */
apr_table_t *cors_scenario_preflight(const cors_scenario_t *scenario);

/** The fields of the request itself: Host, Origin, and others of which the
 * value is known. */
apr_table_t *cors_scenario_request(const cors_scenario_t *scenario);

/** Makes of a scenario that is a preflight itself, with these fields, what the
 * page asked for that had it sent. */
void cors_scenario_turn(cors_scenario_t *scenario, const apr_table_t *fields);

#endif /* CORS_SCENARIO_H */
