/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_decision.h
 * The one decision about a client's request: made once, found again through
 * internal redirects.
 */
#ifndef CORS_DECISION_H
#define CORS_DECISION_H

#include "cors_config.h"

/** Everything that was decided about one client request. */
typedef struct cors_decision_t {
    const cors_config_t *config;    /* what it was decided by; NULL: decided to
                                   have no effect */
    cors_request_t request;
    int is_options;             /* the client's method is OPTIONS */
    int is_answered;            /* a preflight that no handler sees */
    int varies;                 /* boolean: the answer depends on the origin */
    const char *vary;           /* further request headers that it depends on,
                                   joined by ", "; NULL: none */
    cors_verdict_t verdict;
    const cors_config_t *barred_by;     /* with verdict.passed_over: the
                                   configuration whose guard bars it */
} cors_decision_t;

/** What this module keeps with a request_rec. */
typedef struct cors_state_t {
    const cors_config_t *known; /* what held when last looked, perhaps before
                                   the URL was mapped */
    int is_quick;               /* a quick handler may be answering */
    int is_decided;
    int is_rescued;             /* a preflight in place of a redirect */
    const char *hidden_origin;  /* the field that CorsForwardOrigin Off keeps
                                   from the backend, while it is away */
    cors_decision_t decision;   /* if decided */
} cors_state_t;

/** The merged configuration of a request_rec, as far as it is known; NULL if
 * there is no directive. */
const cors_config_t *cors_config_of(const request_rec *r);

/** The state of a request_rec, or NULL. */
cors_state_t *cors_state_of(const request_rec *r);

/** The same, made if need be. */
cors_state_t *cors_state_make(request_rec *r);

/** The state with the decision about the client's request, made perhaps on an
 * earlier request_rec: every internal redirect but a fast one makes a new one.
 * NULL: nothing is decided yet. */
cors_state_t *cors_decision_find(const request_rec *r);

/** Decides about the client's request by a configuration that does
 * (cors_config_decides()), sets the variables and logs. */
cors_state_t *cors_decision_make(request_rec *r, const cors_config_t *config);

/** Decides late: an error came first, in front of, or in, the mapping of the
 * URL. Asks the client's own URL first. NULL: nothing decides. */
cors_state_t *cors_decision_make_late(request_rec *r);

/** Was this request_rec made to show an error? Its URL is not the client's. */
int cors_is_error_document(const request_rec *r);

/** For logs, CGI, Require and the expr= of other modules. An internal redirect
 * gives the new request_rec an environment of its own. */
void cors_decision_set_variables(request_rec *r,
                                 const cors_decision_t *decision);

/** Is the decision one that shows on the response? */
int cors_decision_acts(const cors_decision_t *decision);

/** Is the preflight for this module to answer, whoever else could? */
int cors_decision_answers(const cors_decision_t *decision);

/**
 * CorsResourcePolicy of the client's URL, or of the first URL in the redirect
 * chain that has one: the value of the header, static; NULL: none is due.
 */
const char *cors_resource_policy_due(const request_rec *r);

#endif /* CORS_DECISION_H */
