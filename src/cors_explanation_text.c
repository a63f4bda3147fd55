/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_explanation.h"

#include <apr_strings.h>
#include <http_protocol.h>

#include "cors_utf8.h"
#include "cors_view.h"
#include "cors_wording.h"

/* Columns of a terminal, as far as the words allow. */
#define COLUMNS 79

/* Any bytes, as they may go to a terminal. */
static const char *text(request_rec *r, const char *s)
{
    return cors_utf8_visible(r->pool, s, "");
}

/* Columns that `n` bytes of UTF-8 take, more or less. */
static int columns(const char *s, size_t n)
{
    int count = 0;

    while (n-- > 0) {
        count += (*s++ & 0xc0) != 0x80;
    }
    return count;
}

/* Writes a paragraph: `lead` in front of its first line, and as many blanks
 * in front of the others. Nothing but blanks is taken apart. */
static void put_paragraph(request_rec *r, const char *lead, const char *s)
{
    const int indent = columns(lead, strlen(lead));
    int at = indent;
    int is_first = 1;
    const char *word = text(r, s);

    ap_rputs(lead, r);
    for (;;) {
        size_t n;

        word += strspn(word, " ");
        n = strcspn(word, " ");
        if (n == 0) {
            break;
        }
        if (!is_first && at + 1 + columns(word, n) > COLUMNS) {
            ap_rprintf(r, "\n%*s", indent, "");
            at = indent;
        }
        else if (!is_first) {
            ap_rputs(" ", r);
            at++;
        }
        ap_rwrite(word, (int)n, r);
        at += columns(word, n);
        word += n;
        is_first = 0;
    }
    ap_rputs("\n", r);
}

static void put_heading(request_rec *r, const char *title)
{
    ap_rvputs(r, "\n", title, "\n", NULL);
}

static void put_warnings(request_rec *r, const apr_array_header_t *warnings)
{
    int i;

    for (i = 0; i < warnings->nelts; i++) {
        ap_rputs("\n", r);
        put_paragraph(r, "Warning: ",
                      APR_ARRAY_IDX(warnings, i, const char *));
    }
}

static void put_verdict(request_rec *r, const cors_explanation_t *e)
{
    put_paragraph(r, e->is_allowed ? "Allowed: " : "Not allowed: ",
                  e->verdict);
}

static void put_steps(request_rec *r, const apr_array_header_t *steps)
{
    const cors_step_t *step;
    int i;

    put_heading(r, CORS_WORDING_STEPS);
    for (i = 0; i < steps->nelts; i++) {
        step = &APR_ARRAY_IDX(steps, i, cors_step_t);
        put_paragraph(r, apr_psprintf(r->pool, "%3d. %-7s", i + 1,
                                      cors_wording_mark(step->ok)->word),
                      apr_pstrcat(r->pool, step->step, ": ", step->detail,
                                  NULL));
    }
}

/* What is sent is told exactly, on one line each. */
static void put_message(request_rec *r, const char *lead, const char *line,
                        const apr_table_t *fields)
{
    const apr_array_header_t *all = apr_table_elts(fields);
    const apr_table_entry_t *field;
    int i;

    if (line != NULL) {
        ap_rvputs(r, lead, text(r, line), "\n", NULL);
    }
    for (i = 0; i < all->nelts; i++) {
        field = &APR_ARRAY_IDX(all, i, apr_table_entry_t);
        ap_rvputs(r, lead, text(r, field->key), ": ", text(r, field->val),
                  "\n", NULL);
    }
    if (line == NULL) {
        ap_rvputs(r, lead, "(" CORS_WORDING_NO_STATUS ")\n", NULL);
    }
}

static void put_exchange(request_rec *r, const cors_explanation_t *e,
                         const cors_exchange_t *exchange)
{
    if (exchange != NULL) {
        put_heading(r, cors_wording_title(r->pool, e, exchange));
        put_message(r, "  > ", exchange->request_line, exchange->sent);
        ap_rputs("\n", r);
        put_message(r, "  < ", cors_wording_status(r->pool, exchange),
                    exchange->received);
    }
}

static void put_decided(request_rec *r, const cors_exchange_t *exchange)
{
    if (exchange == NULL) {
        return;
    }
    ap_rvputs(r, "  ", cors_wording_kind(exchange), ": ",
              cors_wording_result(exchange), "\n", NULL);
    if (exchange->entry != NULL) {
        ap_rvputs(r, "    ", text(r, exchange->entry), "\n    in ",
                  text(r, cors_wording_place(r->pool, exchange->place)),
                  "\n", NULL);
    }
    put_paragraph(r, "    ", exchange->reason);
}

static void put_policy(request_rec *r, const apr_array_header_t *policy)
{
    const cors_view_line_t *line;
    int i;

    put_heading(r, CORS_WORDING_POLICY);
    if (policy->nelts == 0) {
        ap_rputs("  " CORS_WORDING_NO_POLICY "\n", r);
    }
    for (i = 0; i < policy->nelts; i++) {
        const char *said;
        const char *place;

        line = &APR_ARRAY_IDX(policy, i, cors_view_line_t);
        said = apr_pstrcat(r->pool, "  ", line->directive, " ",
                           text(r, line->value), NULL);
        place = text(r, cors_wording_place(r->pool, line->place));
        ap_rvputs(r, said,
                  columns(said, strlen(said)) + 5
                      + columns(place, strlen(place)) <= COLUMNS
                  ? "   # " : "\n    # ", place, "\n", NULL);
    }
}

static void put_answer(request_rec *r, const cors_explanation_t *e)
{
    put_verdict(r, e);
    put_warnings(r, e->warnings);
    put_steps(r, e->steps);
    put_exchange(r, e, e->preflight);
    put_exchange(r, e, e->actual);
    if (e->preflight != NULL || e->actual != NULL) {
        put_heading(r, CORS_WORDING_DECIDED);
        put_decided(r, e->preflight);
        put_decided(r, e->actual);
    }
    put_policy(r, e->policy);
}

static void put_usage(request_rec *r)
{
    ap_rputs(CORS_WORDING_TITLE "\n\n", r);
    put_paragraph(r, "", CORS_WORDING_INTRO);
    ap_rputs("\nThe question, as query parameters:\n\n", r);
    put_paragraph(r, "  url      ", CORS_WORDING_URL_HINT);
    put_paragraph(r, "  origin   ", CORS_WORDING_ORIGIN_HINT);
    put_paragraph(r, "  method   ", CORS_WORDING_METHOD_HINT);
    put_paragraph(r, "  headers  ", CORS_WORDING_HEADERS_HINT);
    put_paragraph(r, "  format   ", "html, json or text.");
    ap_rputs("\nFor example:\n\n"
             "  curl -G --data-urlencode 'url=/api/items' \\\n"
             "      --data-urlencode 'origin=https://app.example.com' \\\n"
             "      -d method=PUT -d format=text  URL-OF-THIS-PAGE\n", r);
}

void cors_explanation_to_text(request_rec *r, const cors_explanation_t *e)
{
    ap_set_content_type(r, "text/plain; charset=utf-8");
    if (e->exposed != NULL) {
        put_paragraph(r, "Warning: ", e->exposed);
        ap_rputs("\n", r);
    }
    if (e->error != NULL) {
        put_paragraph(r, "Error: ", e->error);
    }
    else if (e->is_asked) {
        put_answer(r, e);
    }
    else {
        put_usage(r);
    }
}
