/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_wording.h
 * What the forms of an explanation that people read have in common: its words.
 */
#ifndef CORS_WORDING_H
#define CORS_WORDING_H

#include "cors_explanation.h"

#define CORS_WORDING_TITLE "What would CORS do, and why?"
#define CORS_WORDING_INTRO \
    "Asks this server what it would answer to the request of a web page at " \
    "another origin, and plays the checks of the page's browser on that. " \
    "Nothing is sent, and what handles the URL does not run."

/* The questions, and what to write. */
#define CORS_WORDING_URL "URL"
#define CORS_WORDING_URL_HINT \
    "A path of this virtual host, or a whole URL of it."
#define CORS_WORDING_ORIGIN "Origin"
#define CORS_WORDING_ORIGIN_HINT \
    "Of the page that asks: scheme, host and port, no path."
#define CORS_WORDING_METHOD "Method"
#define CORS_WORDING_METHOD_HINT "GET, if left empty."
#define CORS_WORDING_HEADERS "Request headers"
#define CORS_WORDING_HEADERS_HINT \
    "Those that the page's script sets: names, or one \"Name: value\" a " \
    "line. With the method OPTIONS and a line for " \
    "Access-Control-Request-Method, the request is that preflight itself."

/* The parts of the answer. */
#define CORS_WORDING_STEPS "What the browser checks"
#define CORS_WORDING_EXCHANGES "What is sent"
#define CORS_WORDING_DECIDED "Who decided"
#define CORS_WORDING_POLICY "Policy in force"
#define CORS_WORDING_NO_POLICY "no Cors* directive is in force there"
#define CORS_WORDING_NO_STATUS \
    "status, and further fields: whatever handles the URL says"

/** A sign to see at a glance, and the same as a word. */
typedef struct cors_mark_t {
    const char *sign;           /* UTF-8 */
    const char *word;
    const char *kind;           /* "yes", "no" or "limit" */
} cors_mark_t;

/** The mark of a step: cors_step_t's ok. */
const cors_mark_t *cors_wording_mark(int ok);

/** "Preflight" or "Request". */
const char *cors_wording_kind(const cors_exchange_t *exchange);

/** The same, for the exchange itself: where an earlier step ends all, it says
 * that no browser sends that. */
const char *cors_wording_title(apr_pool_t *pool, const cors_explanation_t *e,
                               const cors_exchange_t *exchange);

/** What became of it: the word of CORS_RESULT, or that there is none. */
const char *cors_wording_result(const cors_exchange_t *exchange);

/** Such as "HTTP/1.1 204 No Content"; NULL: that is not known. */
const char *cors_wording_status(apr_pool_t *pool,
                                const cors_exchange_t *exchange);

/** Where something stands, as `file:line`, or "default". */
const char *cors_wording_place(apr_pool_t *pool, cors_place_t place);

#endif /* CORS_WORDING_H */
