/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_explain.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <http_config.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>
#include <util_script.h>

#include "cors_explanation.h"
#include "cors_log.h"
#include "cors_rehearsal.h"
#include "cors_scenario.h"
#include "cors_step.h"
#include "cors_view.h"
#include "cors_warnings.h"

/* How many values of one list are told. */
#define VALUES_MAX 100

/* ---------------------------------------------------- what is answered -- */

static const char *received(const char *name, void *context)
{
    const cors_rehearsal_t *rehearsal = context;

    return apr_table_get(rehearsal->received, name);
}

/* What decided, or decided not to. */
static void tell_decision(apr_pool_t *pool, const cors_rehearsal_t *rehearsal,
                          cors_exchange_t *exchange)
{
    const cors_state_t *state = rehearsal->state;

    if (state == NULL && rehearsal->r->method_number == M_TRACE) {
        exchange->reason = "httpd answers TRACE itself, in front of policies";
    }
    else if (state == NULL) {
        exchange->reason = "no CorsAllowOrigin, nor anything else that names "
                           "origins, applies to this URL";
    }
    else if (state->decision.config == NULL) {
        exchange->entry = "CorsEngine Off";
        exchange->place = cors_config_place(state->known,
                                            offsetof(cors_config_t, engine));
        exchange->reason = "CorsEngine Off ends all effect on this URL";
    }
    else if (state->decision.request.origin.n == 0) {
        exchange->reason = "a request without Origin is no CORS request";
    }
    else {
        exchange->result = cors_result_word(&state->decision.verdict);
        exchange->reason = cors_reason(pool, &state->decision);
        exchange->entry = cors_decider(pool, &state->decision,
                                       &exchange->place);
    }
}

static cors_exchange_t *make_exchange(apr_pool_t *pool, const char *kind,
                                      const apr_table_t *sent,
                                      const cors_rehearsal_t *rehearsal)
{
    const request_rec *r = rehearsal->r;
    cors_exchange_t *exchange = apr_pcalloc(pool, sizeof(*exchange));

    exchange->kind = kind;
    exchange->request_line = r->the_request;
    exchange->sent = sent;
    exchange->status = rehearsal->status;
    exchange->received = rehearsal->received;
    tell_decision(pool, rehearsal, exchange);
    return exchange;
}

/* Adds the names of the policies in use: what one of them says does not tell
 * that. */
static void add_use(apr_array_header_t *lines, const cors_config_t *asked)
{
    const apr_array_header_t *all = cors_view(lines->pool, asked, 0, 0);
    int i;

    for (i = 0; i < all->nelts; i++) {
        const cors_view_line_t *line = &APR_ARRAY_IDX(all, i,
                                                      cors_view_line_t);

        if (strcmp(line->directive, "CorsUsePolicy") == 0) {
            APR_ARRAY_PUSH(lines, cors_view_line_t) = *line;
        }
    }
}

/* The policy that decided; if none did, what there is. */
static apr_array_header_t *view(apr_pool_t *pool,
                                const cors_rehearsal_t *rehearsal)
{
    const cors_state_t *state = rehearsal->state;
    const cors_config_t *asked =
        state != NULL ? state->known : cors_config_of(rehearsal->r);
    const cors_config_t *decided =
        state != NULL ? state->decision.config : NULL;
    apr_array_header_t *lines = apr_array_make(pool, 16,
                                               sizeof(cors_view_line_t));

    if (asked != NULL && asked->use != NULL && asked != decided) {
        add_use(lines, asked);
    }
    if (decided == NULL) {
        decided = asked;
    }
    return decided == NULL ? lines
        : apr_array_append(pool, lines,
                           cors_view(pool, decided, VALUES_MAX, 1));
}

/* --------------------------------------------------------- the verdict -- */

/* Why the browser stopped. */
static const char *last_detail(const apr_array_header_t *steps)
{
    return APR_ARRAY_IDX(steps, steps->nelts - 1, cors_step_t).detail;
}

/* Is there a step of that name which is fine? */
static int is_fine(const apr_array_header_t *steps, const char *what)
{
    int i;

    for (i = 0; i < steps->nelts; i++) {
        const cors_step_t *step = &APR_ARRAY_IDX(steps, i, cors_step_t);

        if (strcmp(step->step, what) == 0 && step->ok == 1) {
            return 1;
        }
    }
    return 0;
}

static const char *verdict(const cors_scenario_t *scenario,
                           const cors_explanation_t *e)
{
    apr_pool_t *pool = scenario->pool;
    const char *method = e->actual == NULL ? "what this preflight asks for"
        : cors_browser_method(pool, scenario->fetch.method);

    if (scenario->fetch.origin.n == 0) {
        return "Without an origin this is no CORS request, and no browser "
               "asks for permission.";
    }
    if (!e->is_allowed) {
        return apr_psprintf(pool, "A page of %s may not send %s to %s and "
                            "read the response: %s.", e->origin, method,
                            scenario->uri, last_detail(e->steps));
    }
    return apr_psprintf(pool, "A page of %s may send %s to %s%s.", e->origin,
                        method, scenario->uri,
                        e->actual == NULL ? ""
                        : is_fine(e->steps, "credentials")
                        ? " and read the response, also with cookies"
                        : " and read the response, but only without cookies");
}

/* ------------------------------------------------------------- explain -- */

static const char not_here[] = "url: its host is none of this virtual host, "
    "whose page can tell";

/* What becomes of a request; NULL: it is for another virtual host. */
static const cors_rehearsal_t *add_exchange(request_rec *r,
                                            const char *method,
                                            const cors_scenario_t *scenario,
                                            const apr_table_t *fields,
                                            const cors_exchange_t **exchange,
                                            cors_explanation_t *e)
{
    const cors_rehearsal_t *rehearsal =
        cors_rehearse(r, method, scenario->uri, fields);

    if (rehearsal != NULL) {
        *exchange = make_exchange(r->pool, exchange == &e->preflight
                                  ? "preflight" : "actual", fields,
                                  rehearsal);
        if (e->policy == NULL) {
            e->policy = view(r->pool, rehearsal);
        }
        cors_warn(rehearsal, e->warnings);
    }
    return rehearsal;
}

/* A preflight may ask for what no browser would, and be refused for that. */
static int is_granted(const cors_rehearsal_t *rehearsal,
                      const cors_explanation_t *e)
{
    const cors_state_t *state = rehearsal->state;

    return state == NULL || !state->decision.is_answered
        || state->decision.verdict.result != CORS_DENIED_HEADER
        || cors_step_add(e->steps->pool, e->steps, "header", 0, "%s",
                         e->preflight->reason);
}

/* Returns what is wrong with the question, or NULL. */
static const char *explain_preflight(request_rec *r,
                                     cors_scenario_t *scenario,
                                     cors_explanation_t *e)
{
    const apr_table_t *fields = cors_scenario_request(scenario);
    const cors_rehearsal_t *rehearsal =
        add_exchange(r, "OPTIONS", scenario, fields, &e->preflight, e);

    if (rehearsal == NULL) {
        return not_here;
    }
    cors_scenario_turn(scenario, fields);
    e->is_allowed = cors_browser_judge_preflight(
        r->pool, &scenario->fetch, rehearsal->status, received,
        (void *)rehearsal, e->steps)
        && is_granted(rehearsal, e);
    return NULL;
}

/* Likewise. The request itself is explained even if a browser would not send
 * it any more. */
static const char *explain_fetch(request_rec *r,
                                 const cors_scenario_t *scenario,
                                 cors_explanation_t *e)
{
    const cors_fetch_t *fetch = &scenario->fetch;
    const int is_cors = fetch->origin.n > 0;
    const cors_rehearsal_t *rehearsal;
    int goes_on = is_cors
        && cors_browser_judge_request(r->pool, fetch, e->steps);

    if (is_cors && cors_browser_preflights(r->pool, fetch)) {
        rehearsal = add_exchange(r, "OPTIONS", scenario,
                                 cors_scenario_preflight(scenario),
                                 &e->preflight, e);
        goes_on = goes_on && rehearsal != NULL
            && cors_browser_judge_preflight(r->pool, fetch,
                                            rehearsal->status, received,
                                            (void *)rehearsal, e->steps);
    }
    rehearsal = add_exchange(r, cors_browser_method(r->pool, fetch->method),
                             scenario, cors_scenario_request(scenario),
                             &e->actual, e);
    if (rehearsal == NULL) {
        return not_here;
    }
    e->is_allowed = !is_cors;
    if (goes_on) {
        e->is_allowed = cors_browser_judge_response(
            r->pool, fetch, received, (void *)rehearsal, e->steps);
    }
    return NULL;
}

/* The same host may have another policy on another port. What the request came
 * to may be known by another one outside. */
static void warn_of_port(request_rec *r, const cors_scenario_t *scenario,
                         apr_array_header_t *warnings)
{
    const int port = r->connection->local_addr->port;

    if (scenario->scheme != NULL
        && (ap_cstr_casecmp(scenario->scheme, ap_http_scheme(r)) != 0
            || (scenario->port != port
                && scenario->port != ap_get_server_port(r)))) {
        APR_ARRAY_PUSH(warnings, const char *) = apr_psprintf(
            r->pool, "The URL says %s on port %d, but this is what is said to "
            "%s on port %d: if another virtual host serves that URL, ask its "
            "page.", scenario->scheme, scenario->port, ap_http_scheme(r),
            port);
    }
}

static void explain(request_rec *r, cors_explanation_t *e)
{
    cors_scenario_t scenario = {
        .pool = r->pool, .host = apr_table_get(r->headers_in, "Host"),
        .fetch = { .origin = cors_str(e->origin),
                   .method = cors_str(cors_browser_method(r->pool, cors_str(
                       *e->method ? e->method : "GET"))) }
    };

    e->error = cors_scenario_check(&scenario);
    if (e->error == NULL) {
        e->error = cors_scenario_read_url(&scenario, e->url);
    }
    if (e->error == NULL) {
        e->error = cors_scenario_read_headers(&scenario, e->headers);
    }
    if (e->error == NULL) {
        e->error = cors_scenario_is_preflight(&scenario)
            ? explain_preflight(r, &scenario, e)
            : explain_fetch(r, &scenario, e);
    }
    if (e->error == NULL) {
        e->verdict = verdict(&scenario, e);
        warn_of_port(r, &scenario, e->warnings);
    }
}

/* ------------------------------------------------------------- handler -- */

static const char name[] = "cors-explain";

/* Forms write a blank as a plus, which httpd leaves as it is. */
static apr_table_t *read_arguments(request_rec *r)
{
    char *args = r->args;
    apr_table_t *table;
    char *c;

    r->args = apr_pstrdup(r->pool, args);
    for (c = r->args; c != NULL && *c; c++) {
        if (*c == '+') {
            *c = ' ';
        }
    }
    ap_args_to_table(r, &table);
    r->args = args;
    return table;
}

/* What was typed, without blanks around it; "" where nothing was. */
static const char *argument(apr_pool_t *pool, const apr_table_t *args,
                            const char *key)
{
    const char *value = apr_table_get(args, key);
    size_t n;

    if (value == NULL) {
        return "";
    }
    value += strspn(value, " \t\r\n");
    for (n = strlen(value); n > 0 && apr_isspace(value[n - 1]); n--) {
        continue;
    }
    return apr_pstrmemdup(pool, value, n);
}

static cors_explanation_t *make_explanation(request_rec *r,
                                            const apr_table_t *args)
{
    apr_pool_t *pool = r->pool;
    cors_explanation_t *e = apr_pcalloc(pool, sizeof(*e));

    e->url = argument(pool, args, "url");
    e->origin = argument(pool, args, "origin");
    e->method = argument(pool, args, "method");
    e->headers = argument(pool, args, "headers");
    e->is_asked = *e->url != '\0' || *e->origin != '\0';
    /* It would end what was typed. */
    e->error = r->args == NULL || strstr(r->args, "%00") == NULL ? NULL
        : "parameters must not hold %00";
    e->steps = apr_array_make(pool, 8, sizeof(cors_step_t));
    e->warnings = apr_array_make(pool, 4, sizeof(const char *));
    e->exposed = !cors_is_open_to_strangers(r) ? NULL
        : "Everybody can read this page, which shows where your "
          "configuration stands. Put 'Require local', or another Require, "
          "beside 'SetHandler cors-explain'.";
    return e;
}

typedef void writer_t(request_rec *r, const cors_explanation_t *e);

/* The writer of the form that was asked for, by name or by Accept. */
static writer_t *writer_for(request_rec *r, const apr_table_t *args)
{
    const char *format = argument(r->pool, args, "format");
    const char *accept = apr_table_get(r->headers_in, "Accept");

    if (accept == NULL) {
        accept = "";
    }
    if (strcmp(format, "json") == 0
        || (*format == '\0' && ap_strcasestr(accept, "application/json"))) {
        return cors_explanation_to_json;
    }
    return strcmp(format, "html") == 0
        || (*format == '\0' && ap_strcasestr(accept, "text/html"))
        ? cors_explanation_to_html : cors_explanation_to_text;
}

/* May the script of a page have sent it, from elsewhere? A policy that holds
 * here too might show it the answer. */
static int is_cross_origin(request_rec *r)
{
    cors_state_t *state = cors_decision_find(r);

    if (apr_table_get(r->headers_in, "Origin") != NULL
        || (state != NULL && state->decision.request.origin.n > 0)) {
        return 1;
    }
    if (state != NULL) {
        state->decision.config = NULL;      /* `*` is for nobody here */
    }
    return 0;
}

/* Answers GET and HEAD. */
static int handle(request_rec *r)
{
    cors_explanation_t *e;
    apr_table_t *args;
    writer_t *writer;

    if (r->handler == NULL || strcmp(r->handler, name) != 0) {
        return DECLINED;
    }
    ap_allow_standard_methods(r, REPLACE_ALLOW, M_GET, -1);
    if (r->method_number != M_GET) {
        return r->method_number == M_OPTIONS ? DECLINED
                                             : HTTP_METHOD_NOT_ALLOWED;
    }
    if (r->main != NULL || is_cross_origin(r)) {
        return HTTP_FORBIDDEN;
    }
    args = read_arguments(r);
    writer = writer_for(r, args);
    e = make_explanation(r, args);
    if (e->is_asked && e->error == NULL) {
        explain(r, e);
    }
    if (e->error != NULL
        || (!e->is_asked && writer == cors_explanation_to_json)) {
        r->status = HTTP_BAD_REQUEST;
    }
    cors_explanation_guard(r);
    writer(r, e);
    return OK;
}

/* Does a line of the configuration name the handler? */
static int is_named(apr_pool_t *pool, const ap_directive_t *line)
{
    for (; line != NULL; line = line->next) {
        const char *args = line->args;

        if ((ap_cstr_casecmp(line->directive, "SetHandler") == 0
             || ap_cstr_casecmp(line->directive, "AddHandler") == 0)
            && ap_cstr_casecmp(ap_getword_conf(pool, &args), name) == 0) {
            return 1;
        }
        if (is_named(pool, line->first_child)) {
            return 1;
        }
    }
    return 0;
}

void cors_explain_pre_config(apr_pool_t *pconf)
{
    if (is_named(pconf, ap_conftree)) {
        cors_warn_pre_config(pconf);
        /* In front of mod_proxy, which takes no notice of SetHandler. */
        ap_hook_handler(handle, NULL, NULL, APR_HOOK_REALLY_FIRST);
        cors_rehearsal_hook();
    }
}
