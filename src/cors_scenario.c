/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_scenario.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_uri.h>

#include "cors_token.h"

#define HEADERS_MAX 100

/* ------------------------------------------------------------- reading -- */

/* Would httpd take it for the value of a field? */
static int is_value(cors_str_t value)
{
    size_t i;

    for (i = 0; i < value.n; i++) {
        if (value.p[i] != '\t' && apr_iscntrl(value.p[i])) {
            return 0;
        }
    }
    return 1;
}

const char *cors_scenario_check(const cors_scenario_t *scenario)
{
    return !cors_is_token(scenario->fetch.method)
        ? "method: must be one such as GET or PUT"
        : !is_value(scenario->fetch.origin)
        ? "origin: must not hold control characters, which httpd refuses"
        : NULL;
}

/* The part of the URL behind the host, which is taken from it; the URL itself
 * if it is a path; NULL if it is neither. */
static const char *take_host(cors_scenario_t *scenario, const char *url)
{
    apr_uri_t parts;

    if (*url == '/') {
        return url;
    }
    if (apr_uri_parse(scenario->pool, url, &parts) != APR_SUCCESS
        || parts.scheme == NULL || parts.hostname == NULL
        || *parts.hostname == '\0' || parts.user != NULL) {
        return NULL;
    }
    scenario->host = parts.hostinfo;
    scenario->scheme = parts.scheme;
    scenario->port = parts.port_str != NULL ? parts.port
        : apr_uri_port_of_scheme(parts.scheme);
    url = strstr(url, "://") + 3;
    return url + strcspn(url, "/?#");
}

const char *cors_scenario_read_url(cors_scenario_t *scenario,
                                   const char *url)
{
    const char *path = take_host(scenario, url);
    const char *c;

    if (path == NULL) {
        return "url: must be a path such as /api/items, or the whole URL";
    }
    for (c = path; *c != '\0'; c++) {
        if ((unsigned char)*c <= ' ' || *c == 0x7f) {
            return "url: must not hold blanks or control characters; write "
                   "%20 for a blank";
        }
    }
    path = apr_pstrmemdup(scenario->pool, path, strcspn(path, "#"));
    scenario->uri = *path == '/' ? path
        : apr_pstrcat(scenario->pool, "/", path, NULL);
    return NULL;
}

/* Returns 0 for what is no name, or too much. */
static int add(cors_scenario_t *scenario, cors_str_t name, cors_str_t value)
{
    cors_sent_t *sent;

    if (!cors_is_token(name) || !is_value(value)
        || scenario->sent->nelts == HEADERS_MAX) {
        return 0;
    }
    sent = apr_array_push(scenario->sent);
    sent->name = name;
    sent->value = value;
    return 1;
}

/* A field, or names that blanks or commas separate. */
static int add_line(cors_scenario_t *scenario, cors_str_t line)
{
    const char *colon = memchr(line.p, ':', line.n);
    size_t n;

    if (colon != NULL) {
        n = (size_t)(colon - line.p);
        return add(scenario, cors_value_trim(cors_str_sub(line, 0, n)),
                   cors_value_trim(cors_str_sub(line, n + 1, line.n)));
    }
    for (; line.n > 0; line = cors_str_sub(line, n, line.n)) {
        for (n = 0; n < line.n && !apr_isspace(line.p[n])
             && line.p[n] != ','; n++) {
            continue;
        }
        if (n > 0 && !add(scenario, cors_str_sub(line, 0, n),
                          cors_str(NULL))) {
            return 0;
        }
        n += n == 0;
    }
    return 1;
}

const char *cors_scenario_read_headers(cors_scenario_t *scenario,
                                       const char *text)
{
    scenario->sent = apr_array_make(scenario->pool, 4, sizeof(cors_sent_t));
    scenario->fetch.sent = scenario->sent;
    while (*text != '\0') {
        const cors_str_t line = { text, strcspn(text, "\r\n") };

        if (!add_line(scenario, line)) {
            return "headers: must be names, or lines such as 'Content-Type: "
                   "application/json', and at most 100";
        }
        text += line.n + strspn(text + line.n, "\r\n");
    }
    return NULL;
}

int cors_scenario_is_preflight(const cors_scenario_t *scenario)
{
    static const cors_str_t name = CORS_STR(CORS_PREFLIGHT_METHOD);
    int i;

    for (i = 0; i < scenario->sent->nelts; i++) {
        const cors_sent_t *sent = &APR_ARRAY_IDX(scenario->sent, i,
                                                 cors_sent_t);

        if (cors_str_ieq(sent->name, name) && sent->value.n > 0) {
            return scenario->fetch.origin.n > 0
                && cors_str_is(scenario->fetch.method, "OPTIONS");
        }
    }
    return 0;
}

/* ------------------------------------------------------------- sending -- */

static const char *terminated(const cors_scenario_t *scenario, cors_str_t s)
{
    return apr_pstrmemdup(scenario->pool, s.p, s.n);
}

static apr_table_t *make_fields(const cors_scenario_t *scenario)
{
    apr_table_t *fields = apr_table_make(scenario->pool, 8);

    if (scenario->host != NULL) {
        apr_table_setn(fields, "Host", scenario->host);
    }
    if (scenario->fetch.origin.n > 0) {
        apr_table_setn(fields, "Origin",
                       terminated(scenario, scenario->fetch.origin));
    }
    return fields;
}

apr_table_t *cors_scenario_preflight(const cors_scenario_t *scenario)
{
    apr_table_t *fields = make_fields(scenario);
    const char *names = cors_browser_unsafe_names(scenario->pool,
                                                  scenario->sent);

    apr_table_setn(fields, CORS_PREFLIGHT_METHOD,
                   cors_browser_method(scenario->pool,
                                       scenario->fetch.method));
    if (names != NULL) {
        apr_table_setn(fields, CORS_PREFLIGHT_HEADERS, names);
    }
    return fields;
}

apr_table_t *cors_scenario_request(const cors_scenario_t *scenario)
{
    static const cors_str_t host = CORS_STR("Host");
    static const cors_str_t origin = CORS_STR("Origin");
    apr_table_t *fields = make_fields(scenario);
    int i;

    for (i = 0; i < scenario->sent->nelts; i++) {
        const cors_sent_t *sent = &APR_ARRAY_IDX(scenario->sent, i,
                                                 cors_sent_t);

        /* These have parameters of their own. */
        if (sent->value.p != NULL && !cors_str_ieq(sent->name, host)
            && !cors_str_ieq(sent->name, origin)) {
            apr_table_mergen(fields, terminated(scenario, sent->name),
                             terminated(scenario, sent->value));
        }
    }
    return fields;
}

void cors_scenario_turn(cors_scenario_t *scenario, const apr_table_t *fields)
{
    /* A browser names Accept and the like only for a value like that. */
    static const cors_str_t unsafe = CORS_STR("\"");
    cors_str_t names = cors_str(apr_table_get(fields,
                                              CORS_PREFLIGHT_HEADERS));
    cors_str_t name;

    scenario->fetch.method = cors_str(apr_table_get(fields,
                                                    CORS_PREFLIGHT_METHOD));
    apr_array_clear(scenario->sent);
    while (cors_field_next(&names, &name)
           && add(scenario, name, unsafe)) {
        continue;
    }
}
