/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_explanation.h"

#include <apr_strings.h>
#include <http_protocol.h>

#include "cors_style.h"
#include "cors_utf8.h"
#include "cors_view.h"
#include "cors_wording.h"

/* ----------------------------------------------------------------- text -- */

/* Any bytes, as they may stand in an element or in a quoted attribute. */
static const char *text(request_rec *r, const char *s)
{
    return ap_escape_html2(r->pool, cors_utf8_visible(r->pool, s, ""), 0);
}

/* The same for several lines. The parser drops a first line that is empty,
 * and makes a carriage return the end of a line. */
static const char *lines(request_rec *r, const char *s)
{
    return ap_escape_html2(r->pool, cors_utf8_visible(r->pool, s, "\t\r\n"),
                           0);
}

/* ----------------------------------------------------------------- form -- */

/* What belongs to one question lies between its label and its hint. */
static void put_label(request_rec *r, const char *name, const char *label)
{
    ap_rvputs(r, "<div>\n<label for=\"", name, "\">", label, "</label>\n",
              NULL);
}

static void put_hint(request_rec *r, const char *name, const char *hint)
{
    ap_rvputs(r, "<p class=\"hint\" id=\"", name, "-hint\">", text(r, hint),
              "</p>\n</div>\n", NULL);
}

/* The attributes of a field, with its tag left open. */
static void put_field(request_rec *r, const char *element, const char *name,
                      const char *sample)
{
    ap_rvputs(r, "<", element, " id=\"", name, "\" name=\"", name,
              "\" placeholder=\"", sample, "\" aria-describedby=\"", name,
              "-hint\" autocapitalize=\"off\" autocomplete=\"off\" "
              "spellcheck=\"false\"", NULL);
}

static void put_input(request_rec *r, const char *name, const char *sample,
                      const char *value, const char *more)
{
    put_field(r, "input", name, sample);
    ap_rvputs(r, " type=\"text\" value=\"", text(r, value), "\"", more, ">\n",
              NULL);
}

static void put_methods(request_rec *r)
{
    static const char *const methods[] = {
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"
    };
    size_t i;

    ap_rputs("<datalist id=\"methods\">\n", r);
    for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        ap_rvputs(r, "<option value=\"", methods[i], "\"></option>\n",
                  NULL);
    }
    ap_rputs("</datalist>\n", r);
}

/* The answer comes into view, where there is one. */
static void put_form(request_rec *r, const cors_explanation_t *e)
{
    ap_rputs("<form method=\"get\" action=\"#answer\">\n", r);
    put_label(r, "url", CORS_WORDING_URL);
    put_input(r, "url", "/api/items", e->url, " inputmode=\"url\" required");
    put_hint(r, "url", CORS_WORDING_URL_HINT);
    put_label(r, "origin", CORS_WORDING_ORIGIN);
    put_input(r, "origin", "https://app.example.com", e->origin,
              " inputmode=\"url\"");
    put_hint(r, "origin", CORS_WORDING_ORIGIN_HINT);
    put_label(r, "method", CORS_WORDING_METHOD);
    put_input(r, "method", "GET", e->method, " list=\"methods\"");
    put_methods(r);
    put_hint(r, "method", CORS_WORDING_METHOD_HINT);
    put_label(r, "headers", CORS_WORDING_HEADERS);
    put_field(r, "textarea", "headers", "Content-Type: application/json");
    ap_rvputs(r, " rows=\"3\">\n", lines(r, e->headers), "</textarea>\n",
              NULL);
    put_hint(r, "headers", CORS_WORDING_HEADERS_HINT);
    ap_rputs("<button type=\"submit\">Explain</button>\n</form>\n", r);
}

/* --------------------------------------------------------------- answer -- */

static void put_mark(request_rec *r, const cors_mark_t *mark,
                     const char *word)
{
    ap_rvputs(r, "<strong><span aria-hidden=\"true\">", mark->sign,
              "</span> ", word, "</strong> ", NULL);
}

static void put_note(request_rec *r, const char *title, const char *s)
{
    ap_rvputs(r, "<p class=\"note limit\"><strong>", title, "</strong> ",
              text(r, s), "</p>\n", NULL);
}

static void put_verdict(request_rec *r, const cors_explanation_t *e)
{
    const cors_mark_t *mark = cors_wording_mark(e->is_allowed);

    ap_rvputs(r, "<h2 id=\"answer\">Verdict</h2>\n<p class=\"note ",
              mark->kind, "\">", NULL);
    put_mark(r, mark, e->is_allowed ? "Allowed." : "Not allowed.");
    ap_rvputs(r, text(r, e->verdict), "</p>\n", NULL);
}

static void put_warnings(request_rec *r, const apr_array_header_t *warnings)
{
    int i;

    for (i = 0; i < warnings->nelts; i++) {
        put_note(r, "Warning:", APR_ARRAY_IDX(warnings, i, const char *));
    }
}

static void put_steps(request_rec *r, const apr_array_header_t *steps)
{
    const cors_step_t *step;
    int i;

    ap_rputs("<h2>" CORS_WORDING_STEPS "</h2>\n<ol>\n", r);
    for (i = 0; i < steps->nelts; i++) {
        const cors_mark_t *mark;

        step = &APR_ARRAY_IDX(steps, i, cors_step_t);
        mark = cors_wording_mark(step->ok);
        ap_rvputs(r, "<li class=\"", mark->kind, "\">", NULL);
        put_mark(r, mark, mark->word);
        ap_rvputs(r, "<b>", text(r, step->step), "</b>: ",
                  text(r, step->detail), "</li>\n", NULL);
    }
    ap_rputs("</ol>\n", r);
}

/* Each line is an element of its own: where it is folded, that shows. */
static void put_message(request_rec *r, const char *title, const char *line,
                        const apr_table_t *fields)
{
    const apr_array_header_t *all = apr_table_elts(fields);
    const apr_table_entry_t *field;
    int i;

    ap_rvputs(r, "<div>\n<h4>", title, "</h4>\n<pre>", NULL);
    if (line != NULL) {
        ap_rvputs(r, "<code>", text(r, line), "\n</code>", NULL);
    }
    for (i = 0; i < all->nelts; i++) {
        field = &APR_ARRAY_IDX(all, i, apr_table_entry_t);
        ap_rvputs(r, "<code>", text(r, field->key), ": ",
                  text(r, field->val), "\n</code>", NULL);
    }
    if (line == NULL) {
        ap_rputs("<em>" CORS_WORDING_NO_STATUS "</em>", r);
    }
    ap_rputs("</pre>\n</div>\n", r);
}

static void put_exchange(request_rec *r, const cors_explanation_t *e,
                         const cors_exchange_t *exchange)
{
    if (exchange != NULL) {
        ap_rvputs(r, "<h3>", cors_wording_title(r->pool, e, exchange),
                  "</h3>\n<div class=\"pair\">\n", NULL);
        put_message(r, "The browser sends", exchange->request_line,
                    exchange->sent);
        put_message(r, "This server answers",
                    cors_wording_status(r->pool, exchange),
                    exchange->received);
        ap_rputs("</div>\n", r);
    }
}

static void put_decided(request_rec *r, const cors_exchange_t *exchange)
{
    if (exchange == NULL) {
        return;
    }
    ap_rvputs(r, "<dt>", cors_wording_kind(exchange), ": <b>",
              cors_wording_result(exchange), "</b></dt>\n", NULL);
    if (exchange->entry != NULL) {
        ap_rvputs(r, "<dd><code>", text(r, exchange->entry),
                  "</code> in <code>",
                  text(r, cors_wording_place(r->pool, exchange->place)),
                  "</code></dd>\n", NULL);
    }
    ap_rvputs(r, "<dd>", text(r, exchange->reason), "</dd>\n", NULL);
}

static void put_exchanges(request_rec *r, const cors_explanation_t *e)
{
    if (e->preflight != NULL || e->actual != NULL) {
        ap_rputs("<h2>" CORS_WORDING_EXCHANGES "</h2>\n", r);
        put_exchange(r, e, e->preflight);
        put_exchange(r, e, e->actual);
        ap_rputs("<h2>" CORS_WORDING_DECIDED "</h2>\n<dl>\n", r);
        put_decided(r, e->preflight);
        put_decided(r, e->actual);
        ap_rputs("</dl>\n", r);
    }
}

static void put_policy(request_rec *r, const apr_array_header_t *policy)
{
    const cors_view_line_t *line;
    int i;

    ap_rputs("<h2 id=\"policy\">" CORS_WORDING_POLICY "</h2>\n", r);
    if (policy->nelts == 0) {
        ap_rputs("<p>" CORS_WORDING_NO_POLICY "</p>\n", r);
        return;
    }
    ap_rputs("<table aria-labelledby=\"policy\">\n<thead>\n<tr>"
             "<th scope=\"col\">Directive</th><th scope=\"col\">Value</th>"
             "<th scope=\"col\">From</th></tr>\n</thead>\n<tbody>\n", r);
    for (i = 0; i < policy->nelts; i++) {
        line = &APR_ARRAY_IDX(policy, i, cors_view_line_t);
        ap_rvputs(r, "<tr><td class=\"first\">", text(r, line->directive),
                  "</td><td><code>", text(r, line->value),
                  "</code></td><td><code>",
                  text(r, cors_wording_place(r->pool, line->place)),
                  "</code></td></tr>\n", NULL);
    }
    ap_rputs("</tbody>\n</table>\n", r);
}

/* The question as a query, exactly as it was asked. */
static const char *query(request_rec *r, const cors_explanation_t *e)
{
    return apr_pstrcat(r->pool,
                       "?url=", ap_escape_urlencoded(r->pool, e->url),
                       "&origin=", ap_escape_urlencoded(r->pool, e->origin),
                       "&method=", ap_escape_urlencoded(r->pool, e->method),
                       "&headers=", ap_escape_urlencoded(r->pool, e->headers),
                       NULL);
}

static void put_answer(request_rec *r, const cors_explanation_t *e)
{
    const char *same = text(r, query(r, e));

    put_verdict(r, e);
    put_warnings(r, e->warnings);
    put_steps(r, e->steps);
    put_exchanges(r, e);
    put_policy(r, e->policy);
    ap_rvputs(r, "<p>The same as <a href=\"", same,
              "&amp;format=json\">JSON</a> and as <a href=\"", same,
              "&amp;format=text\">plain text</a>.</p>\n", NULL);
}

void cors_explanation_guard(request_rec *r)
{
    apr_table_setn(r->headers_out, "Content-Security-Policy",
                   "default-src 'none'; style-src '" CORS_STYLE_HASH "'; "
                   "form-action 'self'; base-uri 'none'; "
                   "frame-ancestors 'none'");
    apr_table_setn(r->headers_out, "X-Content-Type-Options", "nosniff");
    apr_table_setn(r->headers_out, "Referrer-Policy", "no-referrer");
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    apr_table_mergen(r->headers_out, "Vary", "Accept");
}

void cors_explanation_to_html(request_rec *r, const cors_explanation_t *e)
{
    ap_set_content_type(r, "text/html; charset=utf-8");
    ap_rvputs(r, "<!doctype html>\n<html lang=\"en\">\n<head>\n"
              "<meta charset=\"utf-8\">\n"
              "<meta name=\"viewport\" content=\"width=device-width, "
              "initial-scale=1\">\n"
              "<title>" CORS_WORDING_TITLE "</title>\n<style>", cors_style,
              "</style>\n</head>\n<body>\n<main>\n"
              "<h1>" CORS_WORDING_TITLE "</h1>\n", NULL);
    if (e->exposed != NULL) {
        put_note(r, "Warning:", e->exposed);
    }
    ap_rputs("<p>" CORS_WORDING_INTRO "</p>\n", r);
    put_form(r, e);
    if (e->error != NULL) {
        ap_rvputs(r, "<p class=\"note no\" id=\"answer\">", NULL);
        put_mark(r, cors_wording_mark(0), "Error:");
        ap_rvputs(r, text(r, e->error), "</p>\n", NULL);
    }
    else if (e->is_asked) {
        put_answer(r, e);
    }
    ap_rputs("</main>\n</body>\n</html>\n", r);
}
