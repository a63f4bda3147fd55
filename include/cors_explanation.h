/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_explanation.h
 * What the page of `SetHandler cors-explain` says, in whatever form.
 */
#ifndef CORS_EXPLANATION_H
#define CORS_EXPLANATION_H

#include <httpd.h>

#include "cors_browser.h"
#include "cors_list.h"

/** A request that would be sent, and what is known of its response. */
typedef struct cors_exchange_t {
    const char *kind;           /* "preflight" or "actual"; static */
    const char *request_line;   /* such as "PUT /a.txt HTTP/1.1" */
    const apr_table_t *sent;    /* its fields */
    int status;                 /* 0: what handles the URL decides */
    const apr_table_t *received;        /* all that is known of the response's
                                   fields, each once */
    const char *result;         /* the word of CORS_RESULT, static; NULL: no
                                   policy decided, or there was no Origin */
    const char *reason;         /* a phrase: why */
    const char *entry;          /* who decided, such as "CorsAllowOrigin
                                   'https://app.example.com'"; NULL: nobody */
    cors_place_t place;         /* where that stands; line 0: nowhere, it is
                                   the default */
} cors_exchange_t;

/** All of it. The strings may hold any bytes that a visitor sent; no writer
 * may put them out as they are. */
typedef struct cors_explanation_t {
    const char *url;            /* as typed, or "" */
    const char *origin;
    const char *method;
    const char *headers;
    const char *error;          /* why there is no explanation; NULL: there is
                                   one, or nothing was asked yet */
    int is_asked;               /* boolean: something was typed */
    int is_allowed;             /* boolean: the script gets the response */
    const char *verdict;        /* one sentence, with its full stop */
    const cors_exchange_t *preflight;   /* NULL: none */
    const cors_exchange_t *actual;      /* NULL: not asked for */
    apr_array_header_t *steps;  /* cors_step_t */
    apr_array_header_t *policy; /* cors_view_line_t */
    apr_array_header_t *warnings;       /* const char *: sentences */
    const char *exposed;        /* a warning about this page itself: it is open
                                   to strangers; NULL: it is not */
} cors_explanation_t;

/* The writers: each sends the whole body, and sets the content type. With
 * nothing asked, HTML shows the form alone, text says how to ask, JSON has an
 * error. */
void cors_explanation_to_html(request_rec *r, const cors_explanation_t *e);
void cors_explanation_to_json(request_rec *r, const cors_explanation_t *e);
void cors_explanation_to_text(request_rec *r, const cors_explanation_t *e);

/** The headers of the response in all three forms: nothing but the page itself
 * is loaded or run, nobody frames, guesses at or keeps it. */
void cors_explanation_guard(request_rec *r);

#endif /* CORS_EXPLANATION_H */
