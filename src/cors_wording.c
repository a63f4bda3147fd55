/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_wording.h"

#include <apr_strings.h>
#include <http_protocol.h>

const cors_mark_t *cors_wording_mark(int ok)
{
    static const cors_mark_t marks[] = {
        { "\xe2\x80\x93", "limit", "limit" },   /* a dash */
        { "\xe2\x9c\x97", "not ok", "no" },     /* a cross */
        { "\xe2\x9c\x93", "ok", "yes" },        /* a tick */
    };

    return &marks[ok < 0 ? 0 : ok == 0 ? 1 : 2];
}

static int is_preflight(const cors_exchange_t *exchange)
{
    return strcmp(exchange->kind, "preflight") == 0;
}

const char *cors_wording_kind(const cors_exchange_t *exchange)
{
    return is_preflight(exchange) ? "Preflight" : "Request";
}

/* Is no step that comes before this one the end? */
static int is_reached(const apr_array_header_t *steps, const char *name)
{
    int i;

    for (i = 0; i < steps->nelts; i++) {
        const cors_step_t *step = &APR_ARRAY_IDX(steps, i, cors_step_t);

        if (strcmp(step->step, name) == 0) {
            return 1;
        }
        if (step->ok == 0) {
            return 0;
        }
    }
    return 1;
}

const char *cors_wording_title(apr_pool_t *pool, const cors_explanation_t *e,
                               const cors_exchange_t *exchange)
{
    const char *first_check = is_preflight(exchange) ? "preflight origin"
                                                     : "origin";

    return apr_pstrcat(pool, cors_wording_kind(exchange),
                       is_reached(e->steps, first_check)
                       ? "" : ", which no browser gets to send", NULL);
}

const char *cors_wording_result(const cors_exchange_t *exchange)
{
    return exchange->result != NULL ? exchange->result
                                    : "not decided by any policy";
}

const char *cors_wording_status(apr_pool_t *pool,
                                const cors_exchange_t *exchange)
{
    return exchange->status == 0 ? NULL
        : apr_pstrcat(pool, "HTTP/1.1 ",
                      ap_get_status_line(exchange->status), NULL);
}

const char *cors_wording_place(apr_pool_t *pool, cors_place_t place)
{
    return place.line > 0
        ? apr_psprintf(pool, "%s:%d", place.file, place.line) : "default";
}
