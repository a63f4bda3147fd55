/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_explanation.h"

#include <apr_strings.h>
#include <http_protocol.h>

#include "cors_utf8.h"
#include "cors_view.h"

/* A document on its way. Each member and each element stands on a line of its
 * own, so that two documents can be compared by line. */
typedef struct writer_t {
    request_rec *r;
    int depth;                  /* of objects and arrays that are open */
    int is_begun;               /* boolean: the innermost holds something */
} writer_t;

/* --------------------------------------------------------------- values -- */

/* What stands for something that is no plain character. `n` is its length, 0
 * if it is no UTF-8. */
static const char *escape(apr_pool_t *pool, size_t n, uint32_t code)
{
    if (n == 0) {
        return "\\ufffd";
    }
    if (code == '"' || code == '\\') {
        return code == '"' ? "\\\"" : "\\\\";
    }
    if (code <= 0xffff) {
        return apr_psprintf(pool, "\\u%04x", code);
    }
    code -= 0x10000;
    return apr_psprintf(pool, "\\u%04x\\u%04x", 0xd800 + (code >> 10),
                        0xdc00 + (code & 0x3ff));
}

/* What HTML or a terminal would take for more than text is escaped as well. */
static int is_plain(uint32_t code)
{
    return cors_utf8_shows(code) && code != '"' && code != '\\'
        && code != '<';
}

static void put_string(writer_t *writer, const char *s)
{
    request_rec *r = writer->r;
    const char *from = s;       /* what is plain since here is not written */

    ap_rputs("\"", r);
    while (*s != '\0') {
        uint32_t code = 0;
        const size_t n = cors_utf8_next(s, &code);

        if (n == 0 || !is_plain(code)) {
            ap_rwrite(from, (int)(s - from), r);
            ap_rputs(escape(r->pool, n, code), r);
            from = s + (n > 0 ? n : 1);
        }
        s += n > 0 ? n : 1;
    }
    ap_rvputs(r, from, "\"", NULL);
}

static void put_string_or_null(writer_t *writer, const char *s)
{
    if (s != NULL) {
        put_string(writer, s);
    }
    else {
        ap_rputs("null", writer->r);
    }
}

static void put_number(writer_t *writer, int number)
{
    ap_rprintf(writer->r, "%d", number);
}

static void put_boolean(writer_t *writer, int is_true)
{
    ap_rputs(is_true ? "true" : "false", writer->r);
}

/* --------------------------------------------------- objects and arrays -- */

static void begin_line(writer_t *writer)
{
    ap_rprintf(writer->r, "\n%*s", 2 * writer->depth, "");
}

static void begin(writer_t *writer, const char *bracket)
{
    ap_rputs(bracket, writer->r);
    writer->depth++;
    writer->is_begun = 0;
}

static void end(writer_t *writer, const char *bracket)
{
    writer->depth--;
    if (writer->is_begun) {
        begin_line(writer);
    }
    ap_rputs(bracket, writer->r);
    writer->is_begun = 1;
}

/* In front of each element of an array. */
static void begin_element(writer_t *writer)
{
    if (writer->is_begun) {
        ap_rputs(",", writer->r);
    }
    begin_line(writer);
    writer->is_begun = 1;
}

/* In front of the value of each member of an object. */
static void begin_member(writer_t *writer, const char *name)
{
    begin_element(writer);
    put_string(writer, name);
    ap_rputs(": ", writer->r);
}

static void put_member(writer_t *writer, const char *name, const char *value)
{
    begin_member(writer, name);
    put_string_or_null(writer, value);
}

/* ------------------------------------------------------------ its parts -- */

/* A field that comes more than once is one member. */
static void put_fields(writer_t *writer, const apr_table_t *fields)
{
    apr_table_t *once = apr_table_clone(writer->r->pool, fields);
    const apr_array_header_t *all = apr_table_elts(once);
    const apr_table_entry_t *field;
    int i;

    apr_table_compress(once, APR_OVERLAP_TABLES_MERGE);
    begin(writer, "{");
    for (i = 0; i < all->nelts; i++) {
        field = &APR_ARRAY_IDX(all, i, apr_table_entry_t);
        put_member(writer, field->key, field->val);
    }
    end(writer, "}");
}

static void put_place(writer_t *writer, cors_place_t place)
{
    put_member(writer, "file", place.line > 0 ? place.file : "default");
    begin_member(writer, "line");
    put_number(writer, place.line);
}

static void put_decider(writer_t *writer, const cors_exchange_t *exchange)
{
    if (exchange->entry == NULL) {
        put_string_or_null(writer, NULL);
        return;
    }
    begin(writer, "{");
    put_member(writer, "entry", exchange->entry);
    put_place(writer, exchange->place);
    end(writer, "}");
}

/* The members that tell of one request, with those behind it left open. */
static void put_exchange(writer_t *writer, const cors_exchange_t *exchange)
{
    put_member(writer, "kind", exchange->kind);
    put_member(writer, "result", exchange->result);
    begin_member(writer, "status");
    if (exchange->status != 0) {
        put_number(writer, exchange->status);
    }
    else {
        put_string_or_null(writer, NULL);
    }
    begin_member(writer, "headers");
    put_fields(writer, exchange->received);
    begin_member(writer, "decided_by");
    put_decider(writer, exchange);
    put_member(writer, "reason", exchange->reason);
}

/* The same where the browser sends nothing. */
static void put_no_exchange(writer_t *writer)
{
    put_member(writer, "kind", NULL);
    put_member(writer, "result", NULL);
    put_member(writer, "status", NULL);
    begin_member(writer, "headers");
    begin(writer, "{");
    end(writer, "}");
    put_member(writer, "decided_by", NULL);
    put_member(writer, "reason", NULL);
}

static void put_steps(writer_t *writer, const apr_array_header_t *steps)
{
    const cors_step_t *step;
    int i;

    begin(writer, "[");
    for (i = 0; i < steps->nelts; i++) {
        step = &APR_ARRAY_IDX(steps, i, cors_step_t);
        begin_element(writer);
        begin(writer, "{");
        put_member(writer, "step", step->step);
        begin_member(writer, "ok");
        if (step->ok < 0) {
            put_string_or_null(writer, NULL);
        }
        else {
            put_boolean(writer, step->ok);
        }
        put_member(writer, "detail", step->detail);
        end(writer, "}");
    }
    end(writer, "]");
}

static void put_policy(writer_t *writer, const apr_array_header_t *policy)
{
    const cors_view_line_t *line;
    int i;

    begin(writer, "[");
    for (i = 0; i < policy->nelts; i++) {
        line = &APR_ARRAY_IDX(policy, i, cors_view_line_t);
        begin_element(writer);
        begin(writer, "{");
        put_member(writer, "directive", line->directive);
        put_member(writer, "value", line->value);
        put_place(writer, line->place);
        end(writer, "}");
    }
    end(writer, "]");
}

/* That of the page itself is the first. */
static void put_warnings(writer_t *writer, const cors_explanation_t *e)
{
    int i;

    begin(writer, "[");
    if (e->exposed != NULL) {
        begin_element(writer);
        put_string(writer, e->exposed);
    }
    for (i = 0; i < e->warnings->nelts; i++) {
        begin_element(writer);
        put_string(writer, APR_ARRAY_IDX(e->warnings, i, const char *));
    }
    end(writer, "]");
}

static void put_question(writer_t *writer, const cors_explanation_t *e)
{
    begin(writer, "{");
    put_member(writer, "url", e->url);
    put_member(writer, "origin", e->origin);
    put_member(writer, "method", e->method);
    put_member(writer, "headers", e->headers);
    end(writer, "}");
}

static void put_answer(writer_t *writer, const cors_explanation_t *e)
{
    const cors_exchange_t *first = e->preflight != NULL ? e->preflight
                                                        : e->actual;

    if (first != NULL) {
        put_exchange(writer, first);
    }
    else {
        put_no_exchange(writer);
    }
    begin_member(writer, "steps");
    put_steps(writer, e->steps);
    begin_member(writer, "policy");
    put_policy(writer, e->policy);
    if (e->preflight != NULL && e->actual != NULL) {
        begin_member(writer, "actual");
        begin(writer, "{");
        put_exchange(writer, e->actual);
        end(writer, "}");
    }
    put_member(writer, "verdict", e->verdict);
    begin_member(writer, "allowed");
    put_boolean(writer, e->is_allowed);
    begin_member(writer, "warnings");
    put_warnings(writer, e);
    begin_member(writer, "request");
    put_question(writer, e);
}

void cors_explanation_to_json(request_rec *r, const cors_explanation_t *e)
{
    writer_t writer = { r, 0, 0 };

    ap_set_content_type(r, "application/json");
    begin(&writer, "{");
    if (e->error != NULL) {
        put_member(&writer, "error", e->error);
    }
    else if (!e->is_asked) {
        put_member(&writer, "error", "nothing was asked: there is no query "
                   "parameter url");
    }
    else {
        put_answer(&writer, e);
    }
    end(&writer, "}");
    ap_rputs("\n", r);
}
