/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_headers.h"

#include <apr_strings.h>

#define ALLOW_ORIGIN        "Access-Control-Allow-Origin"
#define ALLOW_CREDENTIALS   "Access-Control-Allow-Credentials"
#define ALLOW_METHODS       "Access-Control-Allow-Methods"
#define ALLOW_HEADERS       "Access-Control-Allow-Headers"
#define EXPOSE_HEADERS      "Access-Control-Expose-Headers"
#define MAX_AGE             "Access-Control-Max-Age"
#define PRIVATE_NETWORK     "Access-Control-Allow-Private-Network"
#define ASKS_PRIVATE_NETWORK    "Access-Control-Request-Private-Network"
#define TIMING_ORIGIN       "Timing-Allow-Origin"
#define RESOURCE_POLICY     "Cross-Origin-Resource-Policy"

/* A joined list that is being written: room for it is made beforehand. */
typedef struct text_t {
    char *p;
    size_t n;
} text_t;

static text_t text_make(apr_pool_t *pool, size_t max)
{
    text_t text = { apr_palloc(pool, max + 1), 0 };

    text.p[0] = '\0';
    return text;
}

static void text_add(text_t *text, cors_str_t item)
{
    if (text->n > 0) {
        text->p[text->n++] = ',';
        text->p[text->n++] = ' ';
    }
    memcpy(text->p + text->n, item.p, item.n);
    text->n += item.n;
    text->p[text->n] = '\0';
}

/* Is the element in the comma list, letter case aside? */
static int field_has(cors_str_t field, cors_str_t element)
{
    cors_str_t item;

    while (cors_field_next(&field, &item)) {
        if (cors_str_ieq(item, element)) {
            return 1;
        }
    }
    return 0;
}

static int count(cors_str_t field)
{
    cors_str_t item;
    int n = 0;

    while (cors_field_next(&field, &item)) {
        n++;
    }
    return n;
}

/* Adds the elements of a comma list that the text has not got. */
static void text_unite(text_t *text, cors_str_t field)
{
    cors_str_t item;

    while (cors_field_next(&field, &item)) {
        cors_str_t have = { text->p, text->n };

        if (!field_has(have, item)) {
            text_add(text, item);
        }
    }
}

/* ------------------------------------------------ what others have written */

/* The fields in both tables that concern CORS, and those for resource timing
 * where the policy `times`. */
typedef struct found_t {
    apr_array_header_t *cors;   /* apr_table_entry_t; NULL: none */
    apr_array_header_t *vary;   /* likewise */
    int allow_origins;          /* values of that name: httpd joins the
                                   fields of a CGI program into one */
} found_t;

static void push(apr_pool_t *pool, apr_array_header_t **array,
                 const apr_table_entry_t *field)
{
    if (*array == NULL) {
        *array = apr_array_make(pool, 4, sizeof(*field));
    }
    APR_ARRAY_PUSH(*array, apr_table_entry_t) = *field;
}

static int is_cors_field(const char *name)
{
    return strncasecmp(name, "Access-Control-", 15) == 0;
}

static int is_named(const char *name, const char *other)
{
    return strcasecmp(name, other) == 0;
}

static void find_in(apr_pool_t *pool, const apr_table_t *table, int times,
                    found_t *found)
{
    const apr_array_header_t *fields = apr_table_elts(table);
    int i;

    for (i = 0; i < fields->nelts; i++) {
        const apr_table_entry_t *field =
            &APR_ARRAY_IDX(fields, i, apr_table_entry_t);

        if (is_cors_field(field->key)) {
            push(pool, &found->cors, field);
            if (is_named(field->key, ALLOW_ORIGIN)) {
                found->allow_origins += count(cors_str(field->val));
            }
        }
        else if (is_named(field->key, "Vary")) {
            push(pool, &found->vary, field);
        }
        else if (times && is_named(field->key, TIMING_ORIGIN)) {
            push(pool, &found->cors, field);
        }
    }
}

/* Can find_in() find anything? Mostly not, and the first letters tell. */
static int may_find_in(const apr_table_t *table)
{
    static const char is_initial[256] = {
        ['A'] = 1, ['a'] = 1, ['T'] = 1, ['t'] = 1, ['V'] = 1, ['v'] = 1
    };
    const apr_array_header_t *fields = apr_table_elts(table);
    const apr_table_entry_t *field = (const apr_table_entry_t *)fields->elts;
    const apr_table_entry_t *end = field + fields->nelts;

    for (; field < end; field++) {
        const unsigned char initial = (unsigned char)field->key[0];

        if (is_initial[initial]
            && ((initial | 0x20) != 'a' || cors_may_be_access(field->key))) {
            return 1;
        }
    }
    return 0;
}

static void unset(request_rec *r, const char *name)
{
    apr_table_unset(r->headers_out, name);
    apr_table_unset(r->err_headers_out, name);
}

static void add(request_rec *r, const char *name, const char *value)
{
    if (value != NULL) {
        apr_table_addn(r->headers_out, name, value);
    }
}

/* The elements of all fields of one name, joined, each once; NULL if there is
 * none. */
static const char *join_fields(apr_pool_t *pool,
                               const apr_array_header_t *fields,
                               const char *name)
{
    size_t max = 0;
    text_t text;
    int i;

    for (i = 0; fields != NULL && i < fields->nelts; i++) {
        const apr_table_entry_t *field =
            &APR_ARRAY_IDX(fields, i, apr_table_entry_t);

        if (is_named(field->key, name)) {
            /* As many ", " as it has commas, and one more. */
            max += 2 * strlen(field->val) + 2;
        }
    }
    if (max == 0) {
        return NULL;
    }
    text = text_make(pool, max);
    for (i = 0; i < fields->nelts; i++) {
        const apr_table_entry_t *field =
            &APR_ARRAY_IDX(fields, i, apr_table_entry_t);

        if (is_named(field->key, name)) {
            text_unite(&text, cors_str(field->val));
        }
    }
    return text.n > 0 ? text.p : NULL;
}

/* CorsBackendHeaders Keep: what the backend says stands, but each field goes
 * out once. */
static void keep_once(request_rec *r, const apr_array_header_t *fields)
{
    static const char *const names[] = {
        ALLOW_ORIGIN, ALLOW_CREDENTIALS, ALLOW_METHODS, ALLOW_HEADERS,
        EXPOSE_HEADERS, MAX_AGE, PRIVATE_NETWORK, TIMING_ORIGIN, NULL
    };
    const char *const *name;

    for (name = names; *name; name++) {
        const char *value = join_fields(r->pool, fields, *name);

        if (value != NULL) {
            unset(r, *name);
            add(r, *name, value);
        }
    }
}

/* -------------------------------------------------------- what is due now */

/* Access-Control-Allow-Methods, or NULL. */
static const char *methods_due(request_rec *r, const cors_policy_t *policy,
                               const cors_request_t *request)
{
    cors_list_t merged;
    const cors_list_t *list = cors_policy_methods(policy, &merged);

    if (cors_policy_sends_star(policy, list)) {
        return "*";
    }
    if (!cors_list_is_open(list)) {
        return cors_names_join(r->pool, list);
    }
    return cors_policy_allows_method(policy, request->method)
        ? apr_pstrmemdup(r->pool, request->method.p, request->method.n)
        : NULL;
}

/* Access-Control-Allow-Headers, or NULL. */
static const char *headers_due(request_rec *r, const cors_policy_t *policy,
                               const cors_request_t *request)
{
    static const cors_str_t authorization = CORS_STR("Authorization");
    const cors_list_t *list = policy->headers;
    cors_str_t literal, rest, name;
    text_t text;

    if (cors_policy_sends_star(policy, list)) {
        return cors_names_find(list, authorization, CORS_NAME_ANY) != NULL
            ? "*, Authorization" : "*";
    }
    literal = cors_str(cors_names_join(r->pool, list));
    rest = request->headers;
    if (!cors_list_is_open(list)
        || !cors_next_open_header(policy, &rest, &name)) {
        return literal.p;
    }
    /* Each name takes its own bytes, its comma's place and one byte more. */
    text = text_make(r->pool, literal.n + 2 + 2 * request->headers.n);
    if (literal.n > 0) {
        text_add(&text, literal);
    }
    do {
        text_add(&text, name);
    } while (cors_next_open_header(policy, &rest, &name));
    return text.p;
}

/* Is it a name that `*` or a prefix exposes, and that needs exposing? */
static int is_exposed_openly(const cors_list_t *list, const char *key)
{
    static const cors_str_t vary = CORS_STR("vary");
    const cors_str_t name = cors_str(key);
    const cors_name_t *found;

    /* httpd looks at a backend's names only behind this. */
    if (!cors_is_token(name) || is_cors_field(key)
        || cors_str_ieq(name, vary)
        || cors_is_safelisted_response_header(name)
        || cors_is_forbidden_response_header(name)
        || cors_is_hop_by_hop_header(name)) {
        return 0;
    }
    found = cors_names_find(list, name, 0);
    return found != NULL && found->facts != CORS_NAME_LITERAL;
}

/* Access-Control-Expose-Headers, or NULL. */
static const char *expose_due(request_rec *r, const cors_policy_t *policy)
{
    const apr_table_t *tables[2] = { r->headers_out, r->err_headers_out };
    const cors_list_t *list = policy->expose;
    const char *literal;
    size_t max;
    text_t text;
    int i, t;

    if (cors_policy_sends_star(policy, list)) {
        return "*";
    }
    literal = cors_names_join(r->pool, list);
    if (!cors_list_is_open(list)) {
        return literal;
    }
    max = (literal ? strlen(literal) : 0) + sizeof("Content-Range") + 2;
    for (t = 0; t < 2; t++) {
        const apr_array_header_t *fields = apr_table_elts(tables[t]);

        for (i = 0; i < fields->nelts; i++) {
            max += strlen(APR_ARRAY_IDX(fields, i, apr_table_entry_t).key)
                   + 2;
        }
    }
    text = text_make(r->pool, max);
    if (literal != NULL) {
        text_add(&text, cors_str(literal));
    }
    for (t = 0; t < 2; t++) {
        const apr_array_header_t *fields = apr_table_elts(tables[t]);

        for (i = 0; i < fields->nelts; i++) {
            const char *key = APR_ARRAY_IDX(fields, i, apr_table_entry_t).key;

            if (is_exposed_openly(list, key)) {
                text_unite(&text, cors_str(key));
            }
        }
    }
    /* httpd cuts ranges out of the response after this. */
    if (apr_table_get(r->headers_in, "Range") != NULL
        && is_exposed_openly(list, "Content-Range")) {
        text_unite(&text, cors_str("Content-Range"));
    }
    return text.n > 0 ? text.p : NULL;
}

static void add_due(request_rec *r, const cors_decision_t *decision,
                    const char *backend_expose)
{
    const cors_config_t *config = decision->config;
    const cors_policy_t *policy = &config->policy;
    /* The value is `*` or a field's whole value, both terminated. */
    const char *origin = decision->verdict.allow_origin.p;

    add(r, ALLOW_ORIGIN, origin);
    add(r, ALLOW_CREDENTIALS, policy->credentials ? "true" : NULL);
    if (!decision->request.is_preflight) {
        add(r, TIMING_ORIGIN, config->times ? origin : NULL);
        add(r, EXPOSE_HEADERS, policy->expose != NULL
            ? expose_due(r, policy) : backend_expose);
        return;
    }
    add(r, ALLOW_METHODS, methods_due(r, policy, &decision->request));
    add(r, ALLOW_HEADERS, headers_due(r, policy, &decision->request));
    if (policy->max_age != CORS_MAX_AGE_OFF) {
        add(r, MAX_AGE, apr_itoa(r->pool, policy->max_age));
    }
    add(r, PRIVATE_NETWORK, config->private_network
        && cors_str_is(cors_str(apr_table_get(r->headers_in,
                                              ASKS_PRIVATE_NETWORK)), "true")
        ? "true" : NULL);
}

/* ---------------------------------------------------------------- Vary -- */

/* The request headers that the response depends on; NULL: none. One that keeps
 * what the backend says may depend on the origin in ways that are not ours to
 * know. */
static const char *vary_due(request_rec *r, const cors_decision_t *decision,
                            int is_kept)
{
    const char *due = NULL;

    if (decision->is_options) {
        due = decision->config->private_network
            ? "Origin, Access-Control-Request-Method, "
              "Access-Control-Request-Headers, " ASKS_PRIVATE_NETWORK
            : "Origin, Access-Control-Request-Method, "
              "Access-Control-Request-Headers";
    }
    else if (is_kept || decision->varies) {
        due = "Origin";
    }
    if (due == NULL || decision->vary == NULL) {
        return due != NULL ? due : decision->vary;
    }
    return apr_pstrcat(r->pool, due, ", ", decision->vary, NULL);
}

/* Adds to what others vary on; never takes away. `due` may name a header
 * twice if it `may_repeat`. */
static void merge_vary(request_rec *r, const apr_array_header_t *fields,
                       const char *due, int may_repeat)
{
    static const cors_str_t star = CORS_STR("*");
    const char *have = join_fields(r->pool, fields, "vary");
    text_t text;

    if (have != NULL && field_has(cors_str(have), star)) {
        due = "*";
    }
    else if (have != NULL || may_repeat) {
        text = text_make(r->pool, (have ? strlen(have) : 0) + 2
                                  + 2 * strlen(due));
        if (have != NULL) {
            text_add(&text, cors_str(have));
        }
        text_unite(&text, cors_str(due));
        due = text.p;
    }
    if (fields != NULL) {
        unset(r, "Vary");
    }
    apr_table_addn(r->headers_out, "Vary", due);
}

/* ----------------------------------------------------------------- all -- */

CORS_APART static void add_vary(request_rec *r,
                                const cors_decision_t *decision, int is_kept,
                                const apr_array_header_t *fields)
{
    const char *due = vary_due(r, decision, is_kept);

    if (due != NULL) {
        merge_vary(r, fields, due, decision->vary != NULL);
    }
}

/* Over what others have written. */
CORS_APART static void write_over(request_rec *r,
                                  const cors_decision_t *decision)
{
    const int times = decision->config->times;
    found_t found = { NULL, NULL, 0 };
    const char *backend_expose = NULL;
    int i, is_kept;

    find_in(r->pool, r->headers_out, times, &found);
    find_in(r->pool, r->err_headers_out, times, &found);

    is_kept = decision->config->backend_keeps && !decision->is_answered
        && found.allow_origins == 1;
    if (is_kept) {
        keep_once(r, found.cors);
    }
    else {
        if (found.cors != NULL) {
            backend_expose = join_fields(r->pool, found.cors, EXPOSE_HEADERS);
            for (i = 0; i < found.cors->nelts; i++) {
                unset(r, APR_ARRAY_IDX(found.cors, i, apr_table_entry_t).key);
            }
        }
        if (decision->verdict.allow_origin.p != NULL) {
            add_due(r, decision, backend_expose);
        }
    }
    add_vary(r, decision, is_kept, found.vary);
}

/* What is refused now may be allowed in a moment, and browsers would go on
 * showing the page what they have. */
CORS_APART static void forbid_storing(request_rec *r)
{
    unset(r, "Cache-Control");
    add(r, "Cache-Control", "no-store");
}

void cors_headers_write(request_rec *r, const cors_decision_t *decision)
{
    if (decision->verdict.result == CORS_SOURCE_ERROR) {
        forbid_storing(r);
    }
    if (may_find_in(r->headers_out)
        || (!apr_is_empty_table(r->err_headers_out)
            && may_find_in(r->err_headers_out))) {
        write_over(r, decision);
        return;
    }
    if (decision->verdict.allow_origin.p != NULL) {
        add_due(r, decision, NULL);
    }
    if (decision->vary == NULL) {
        add(r, "Vary", vary_due(r, decision, 0));
    }
    else {
        add_vary(r, decision, 0, NULL);
    }
}

void cors_headers_write_resource_policy(request_rec *r, const char *value)
{
    unset(r, RESOURCE_POLICY);
    add(r, RESOURCE_POLICY, value);
}
