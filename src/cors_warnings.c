/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_warnings.h"

#include <apr_strings.h>
#include <http_config.h>

#include "cors_browser.h"
#include "cors_log.h"

static void warn(apr_array_header_t *warnings, const char *sentence)
{
    int i;

    for (i = 0; i < warnings->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(warnings, i, const char *), sentence) == 0) {
            return;
        }
    }
    APR_ARRAY_PUSH(warnings, const char *) = sentence;
}

/* ------------------------------------------------- what is in the way -- */

/* A preflight that a policy would have answered, but for what this says. */
static const char *passing(apr_pool_t *pool, const cors_decision_t *decision)
{
    return apr_psprintf(
        pool, "CorsPreflight Pass (%s) leaves preflights to this URL, which "
        "asks for a password, and they never bring one: take that line out.",
        cors_quote_place(pool, cors_config_place(
            decision->config, offsetof(cors_config_t, preflight_passes))));
}

static void warn_of_access(const cors_rehearsal_t *rehearsal,
                           apr_array_header_t *warnings)
{
    const cors_state_t *state = rehearsal->state;

    if (rehearsal->access == HTTP_OK) {
        return;
    }
    if (rehearsal->access != HTTP_UNAUTHORIZED) {
        warn(warnings, apr_psprintf(
            warnings->pool, "Access control refuses this request, from your "
            "address, with status %d.", rehearsal->access));
    }
    else if (rehearsal->status != HTTP_UNAUTHORIZED) {
        warn(warnings, rehearsal->is_late && state != NULL
             ? "This URL asks for a password, and what decides is only found "
               "behind that: without a right one the status is 401, and no "
               "CORS header tells the page. Give the directory the policy."
             : "This URL asks for a password; without a right one the status "
               "is 401.");
    }
    else if (state != NULL && state->decision.config != NULL
             && state->decision.config->preflight_passes) {
        warn(warnings, passing(warnings->pool, &state->decision));
    }
    else {
        warn(warnings, "This URL asks for a password, which preflights never "
             "bring, and no CORS policy is known before it has been given: "
             "give the directory the policy.");
    }
}

static void warn_of_redirect(const cors_rehearsal_t *rehearsal,
                             apr_array_header_t *warnings)
{
    const char *location = apr_table_get(rehearsal->received, "Location");

    if (ap_is_HTTP_REDIRECT(rehearsal->status) && location != NULL) {
        warn(warnings, apr_psprintf(
            warnings->pool, "This URL redirects to %s: browsers do the same "
            "checks there, and never follow a redirected preflight. Use that "
            "URL in the page.", location));
    }
}

/* -------------------------------------------- who else writes headers -- */

/* How many lines of mod_headers are named. */
#define LINES_MAX 10

static int is_header(const ap_directive_t *line)
{
    return ap_cstr_casecmp(line->directive, "Header") == 0;
}

static int is_host(const ap_directive_t *line)
{
    return ap_cstr_casecmp(line->directive, "<VirtualHost") == 0;
}

/* mod_macro keeps the names of its lines no longer than reading takes. */
static void keep_names(apr_pool_t *pconf, ap_directive_t *line)
{
    for (; line != NULL; line = line->next) {
        if (is_header(line) || is_host(line)) {
            line->filename = apr_pstrdup(pconf, line->filename);
        }
        keep_names(pconf, line->first_child);
    }
}

void cors_warn_pre_config(apr_pool_t *pconf)
{
    keep_names(pconf, ap_conftree);
}

/* Is it a Header line about the field? */
static int is_about(apr_pool_t *pool, const ap_directive_t *line,
                    const char *field)
{
    const char *args = line->args;
    const size_t n = strlen(field);

    if (!is_header(line)) {
        return 0;
    }
    /* always or onsuccess, what to do, the name */
    while (*args) {
        const char *word = ap_getword_conf(pool, &args);

        if (ap_cstr_casecmpn(word, field, n) == 0
            && (word[n] == '\0' || word[n] == ':')) {
            return 1;
        }
    }
    return 0;
}

/* Is it the section of another virtual host? */
static int is_elsewhere(const ap_directive_t *line, const server_rec *s)
{
    return is_host(line)
        && ((unsigned)line->line_num != s->defn_line_number
            || s->defn_name == NULL
            || strcmp(line->filename, s->defn_name) != 0);
}

/* The lines about the field, whatever section of the server they stand in. */
static void find_lines(const ap_directive_t *line, const server_rec *s,
                       const char *field, apr_array_header_t *places)
{
    for (; line != NULL && places->nelts < LINES_MAX; line = line->next) {
        if (is_elsewhere(line, s)) {
            continue;
        }
        if (is_about(places->pool, line, field)) {
            APR_ARRAY_PUSH(places, const char *) =
                apr_psprintf(places->pool, "%s:%d", line->filename,
                             line->line_num);
        }
        find_lines(line->first_child, s, field, places);
    }
}

typedef struct replaced_t {
    const server_rec *server;
    apr_array_header_t *warnings;
} replaced_t;

static int warn_of_header(void *context, const char *name, const char *value)
{
    const replaced_t *replaced = context;
    apr_pool_t *pool = replaced->warnings->pool;
    apr_array_header_t *places = apr_array_make(pool, 2, sizeof(char *));

    (void)value;
    find_lines(ap_conftree, replaced->server, name, places);
    warn(replaced->warnings, apr_psprintf(
        pool, "mod_headers writes %s here, which mod_cors replaces: take the "
        "Header line out (%s).", name, places->nelts > 0
        ? apr_array_pstrcat(pool, places, ',') : "in an .htaccess"));
    return 1;
}

static void warn_of_resource_policy(const cors_rehearsal_t *rehearsal,
                                    apr_array_header_t *warnings)
{
    static const char name[] = "Cross-Origin-Resource-Policy";
    const char *value = apr_table_get(rehearsal->received, name);
    const cors_decision_t *decision = rehearsal->state != NULL
        ? &rehearsal->state->decision : NULL;

    if (value != NULL && decision != NULL && decision->config != NULL
        && decision->verdict.allow_origin.p != NULL
        && strncasecmp(value, "same-", 5) == 0) {
        warn(warnings, apr_psprintf(
            warnings->pool, "%s is %s, though other origins are allowed: "
            "pages get it with fetch() and crossorigin, but <img>, <script> "
            "and the like without crossorigin are blocked.", name, value));
    }
}

/* ---------------------------------------------------------- the policy -- */

static void warn_of_policy(const cors_decision_t *decision,
                           apr_array_header_t *warnings)
{
    const cors_config_t *config = decision->config;
    apr_pool_t *pool = warnings->pool;

    if (config->engine == CORS_ENGINE_REPORT_ONLY) {
        warn(warnings, apr_psprintf(
            pool, "CorsEngine ReportOnly (%s): what is decided is logged, "
            "and changes no response.",
            cors_quote_place(pool, cors_config_place(
                config, offsetof(cors_config_t, engine)))));
    }
    if (decision->verdict.passed_over != NULL) {
        const cors_entry_t *entry = decision->verdict.passed_over;

        warn(warnings, apr_psprintf(
            pool, "%s '%s' (%s) matches nobody: it %s.",
            cors_entry_directive(entry), cors_quote_entry(pool, entry),
            cors_quote_place(pool, entry->place),
            cors_objection(pool, decision->barred_by, entry)));
    }
    if (decision->request.is_preflight
        && config->policy.max_age > CORS_CHROMIUM_AGE_MAX) {
        warn(warnings, apr_psprintf(
            pool, "CorsMaxAge %d (%s): Chromium keeps a preflight's answer "
            "for %d seconds at most, Safari for %d.",
            config->policy.max_age,
            cors_quote_place(pool, cors_config_place(
                config, offsetof(cors_config_t, policy.max_age))),
            CORS_CHROMIUM_AGE_MAX, CORS_SAFARI_AGE_MAX));
    }
    if (config->backend_keeps && !decision->is_answered) {
        warn(warnings, apr_psprintf(
            pool, "CorsBackendHeaders Keep (%s): what handles the URL may "
            "send CORS headers of its own, which are not known here.",
            cors_quote_place(pool, cors_config_place(
                config, offsetof(cors_config_t, backend_keeps)))));
    }
}

void cors_warn(const cors_rehearsal_t *rehearsal,
               apr_array_header_t *warnings)
{
    replaced_t replaced = { rehearsal->r->server, warnings };

    warn_of_access(rehearsal, warnings);
    warn_of_redirect(rehearsal, warnings);
    apr_table_do(warn_of_header, &replaced, rehearsal->replaced, NULL);
    warn_of_resource_policy(rehearsal, warnings);
    if (rehearsal->state != NULL
        && rehearsal->state->decision.config != NULL) {
        warn_of_policy(&rehearsal->state->decision, warnings);
    }
}
