/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_decision.h
 * The one decision about a client's request: made once, found again through
 * internal redirects.
 */
#ifndef CORS_DECISION_H
#define CORS_DECISION_H

#include "cors_config.h"

#include <http_config.h>

/** May the field's name begin with `Access-Control-`? A quick no for all that
 * requests and responses often have, Accept-Ranges for one. */
static inline int cors_may_be_access(const char *name)
{
    return (name[0] | 0x20) == 'a' && (name[1] | 0x20) == 'c'
        && (name[2] | 0x20) == 'c' && (name[3] | 0x20) == 'e'
        && (name[4] | 0x20) == 's';
}

/** Everything that was decided about one client request. */
typedef struct cors_decision_t {
    const cors_config_t *config;    /* what it was decided by; NULL: decided to
                                   have no effect */
    int is_options;             /* the client's method is OPTIONS */
    int is_answered;            /* a preflight that no handler sees */
    int varies;                 /* boolean: the answer depends on the origin */
    int told;                   /* how many variables there were when ours had
                                   been added; 0: they were not */
    const char *told_result;    /* the value of the last one then */
    const char *vary;           /* further request headers that it depends on,
                                   joined by ", "; NULL: none */
    const cors_config_t *barred_by;     /* with verdict.passed_over: the
                                   configuration whose guard bars it */
    cors_request_t request;
    cors_verdict_t verdict;
} cors_decision_t;

/** What this module keeps with a request_rec. */
typedef struct cors_state_t {
    const cors_config_t *known; /* before the decision: what Location says of
                                   the URL, or NULL; then: what was asked */
    char is_quick;              /* a quick handler may be answering */
    char is_decided;
    char is_answering;          /* the preflight's headers come without the
                                   filter */
    char is_rescued;            /* a preflight in place of a redirect */
    const char *hidden_origin;  /* the field that CorsForwardOrigin Off keeps
                                   from the backend, while it is away */
    struct cors_rehearsal_t *rehearsal; /* NULL: a client sent the request;
                                   else see cors_rehearsal.h */
    cors_decision_t decision;   /* if decided */
} cors_state_t;

/** The merged configuration of a request_rec, as far as httpd has got with it;
 * NULL if there is no directive. */
static inline const cors_config_t *cors_config_of(const request_rec *r)
{
    const cors_dir_t *dir =
        ap_get_module_config(r->per_dir_config, &cors_module);

    return dir->config;
}

/** The state of a request_rec, or NULL. */
static inline cors_state_t *cors_state_of(const request_rec *r)
{
    return ap_get_module_config(r->request_config, &cors_module);
}

/** The same, made if need be. */
cors_state_t *cors_state_make(request_rec *r);

/** The quick handlers are about to be asked, or have all declined. A response
 * out of their cache has its headers already. */
void cors_state_begin_quick(request_rec *r);
void cors_state_end_quick(request_rec *r);

/** Is the configuration that has been merged for the request_rec more than its
 * server's own? httpd goes back to that when it begins to look for the file.
 */
static inline int cors_is_beyond_server(const request_rec *r)
{
    return r->per_dir_config != r->server->lookup_defaults;
}

/** The state with the decision about the client's request, made perhaps on an
 * earlier request_rec: every internal redirect but a fast one makes a new one.
 * NULL: nothing is decided yet. */
static inline cors_state_t *cors_decision_find(const request_rec *r)
{
    for (; r != NULL; r = r->prev) {
        cors_state_t *state = cors_state_of(r);

        if (state != NULL && state->is_decided) {
            return state;
        }
    }
    return NULL;
}

/** Decides about the client's request by a configuration that does
 * (cors_config_decides()), sets the variables, logs and counts. */
cors_state_t *cors_decision_make(request_rec *r, const cors_config_t *config);

/** Decides late: an error came first, in front of, or in, the mapping of the
 * URL. Asks the client's own URL first. NULL: nothing decides. */
cors_state_t *cors_decision_make_late(request_rec *r);

/** Was this request_rec made to show an error? Its URL is not the client's. */
static inline int cors_is_error_document(const request_rec *r)
{
    return r->prev != NULL && r->prev->status != HTTP_OK;
}

/** For logs, CGI, Require and the expr= of other modules. An internal redirect
 * gives the new request_rec an environment of its own. */
void cors_decision_set_variables(request_rec *r, cors_decision_t *decision);

/** Is the decision one that shows on the response? */
static inline int cors_decision_acts(const cors_decision_t *decision)
{
    return decision->config != NULL
        && decision->config->engine != CORS_ENGINE_REPORT_ONLY;
}

/** Is the preflight for this module to answer, whoever else could? */
static inline int cors_decision_answers(const cors_decision_t *decision)
{
    return decision->request.is_preflight && cors_decision_acts(decision)
        && !decision->config->preflight_passes;
}

/**
 * CorsResourcePolicy of the client's URL, or of the first URL in the redirect
 * chain that has one: the value of the header, static; NULL: none is due.
 */
const char *cors_resource_policy_due(const request_rec *r);

#endif /* CORS_DECISION_H */
