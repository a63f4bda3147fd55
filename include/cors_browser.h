/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_browser.h
 * The other side: what a browser sends for a page's fetch(), and what it makes
 * of the answers. Knows nothing of the configuration: it is what the server's
 * verdict has to stand up to. Details hold at most 100 bytes of each text of
 * others, as they came.
 */
#ifndef CORS_BROWSER_H
#define CORS_BROWSER_H

#include <apr_tables.h>

#include "cors_str.h"

/* The longest that browsers keep the answer to a preflight, in seconds. */
#define CORS_CHROMIUM_AGE_MAX   7200
#define CORS_FIREFOX_AGE_MAX    86400
#define CORS_SAFARI_AGE_MAX     600

/** A request header that the page sets. */
typedef struct cors_sent_t {
    cors_str_t name;            /* a token */
    cors_str_t value;           /* absent (p NULL): not known, as when only the
                                   name was given */
} cors_sent_t;

/** What the page asks for. */
typedef struct cors_fetch_t {
    cors_str_t origin;          /* of the page; any bytes */
    cors_str_t method;          /* as the page gives it */
    const apr_array_header_t *sent;     /* cors_sent_t */
} cors_fetch_t;

/** One step that a browser takes. */
typedef struct cors_step_t {
    const char *step;           /* static: see cors_browser_judge_*() */
    int ok;                     /* 1 yes, 0 no: the browser stops here; -1:
                                   says what the page may not do, without
                                   ending anything */
    const char *detail;         /* a sentence without its full stop */
} cors_step_t;

/** The value of a response header, all fields of that name joined by ", ", or
 * NULL; terminated. */
typedef const char *(*cors_received_t)(const char *name, void *context);

/** The method as a browser sends it: DELETE, GET, HEAD, OPTIONS, POST and PUT
 * in upper case, others as they are; what is no token is not sent. Fetch,
 * "normalize" a method. */
const char *cors_browser_method(apr_pool_t *pool, cors_str_t method);

/**
 * The names for Access-Control-Request-Headers: those that are not safelisted,
 * in lower case, sorted, each once, joined by ",". Names that no page can set
 * are left out. NULL: there is none.
 *
 * Of a header whose value is not known, Accept, Accept-Language and
 * Content-Language count as safelisted, Content-Type and Range do not. Fetch,
 * "CORS-unsafe request-header names".
 */
const char *cors_browser_unsafe_names(apr_pool_t *pool,
                                      const apr_array_header_t *sent);

/** Does the browser ask first? It does where the method is not GET, HEAD or
 * POST, or a header is not safelisted. Fetch, "Main fetch". */
int cors_browser_preflights(apr_pool_t *pool, const cors_fetch_t *fetch);

/**
 * What the page asks of itself, before anything is sent. Adds the step
 * `request`: a preflight is needed or not, and why; 0 for a method that is no
 * token, and for CONNECT, TRACE and TRACK; -1 where no browser has such an
 * origin, which goes for all that follows. Then `header` for each one that no
 * page can set: -1 where the browser leaves it out, 0 where it refuses, as the
 * name is no token or a line end is in the value. Stops behind a 0.
 * Fetch, "forbidden method", "forbidden request-header".
 *
 * @return whether the browser sends anything
 */
int cors_browser_judge_request(apr_pool_t *pool, const cors_fetch_t *fetch,
                               apr_array_header_t *steps);

/**
 * The preflight's answer. Adds the steps `preflight origin` (CORS check),
 * `preflight status`, `method`, one `header` for each unsafe name, `max age`;
 * stops behind the first that is 0. Says for each what was asked, what was
 * answered, and why that is enough or not: wildcards, letter case of methods,
 * a list that does not parse (of headers: one `header`, even where none is
 * asked for), Authorization which `*` does not cover. Without cookies
 * (credentials mode "same-origin", as fetch() does by itself).
 * Fetch, "CORS-preflight fetch", step 7 on.
 *
 * @param status  0: not known, which is -1
 * @return whether the browser goes on
 */
int cors_browser_judge_preflight(apr_pool_t *pool, const cors_fetch_t *fetch,
                                 int status, cors_received_t received,
                                 void *context, apr_array_header_t *steps);

/**
 * The response itself. Adds `origin` (CORS check), then, if that is not 0,
 * `credentials` (1: also with cookies, -1: only without, and why) and `exposed
 * headers` (1: which, -1: only the safelisted ones). Fetch, "CORS check" and
 * "Main fetch".
 *
 * @return whether the page may read the response (without cookies)
 */
int cors_browser_judge_response(apr_pool_t *pool, const cors_fetch_t *fetch,
                                cors_received_t received, void *context,
                                apr_array_header_t *steps);

#endif /* CORS_BROWSER_H */
