/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_phases.h"

#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>

#include "cors_str.h"

#define OURS "mod_cors.c"

/* A module that is in a list reads the request and the configuration in that
 * phase, and writes to the request_rec alone. */
static const char *const at_begin[] = {
    "mod_headers.c", "mod_setenvif.c", NULL
};
static const char *const at_headers[] = { "mod_setenvif.c", OURS, NULL };
static const char *const at_access[] = {
    "mod_access_compat.c", "mod_allowmethods.c", "mod_authz_core.c", NULL
};
static const char *const at_type[] = {
    "core.c", "mod_mime.c", "mod_negotiation.c", NULL
};
static const char *const at_fixups[] = {
    "core.c", "mod_alias.c", "mod_dir.c", "mod_env.c", "mod_headers.c",
    "mod_rewrite.c", "mod_speling.c", OURS, NULL
};
static const char *const at_output[] = { "mod_headers.c", OURS, NULL };

/* Calls the hooks of a phase that are in the list, up to the first that says
 * something: an error, DONE or, where one is enough, OK. The structs that
 * httpd's macros make for these phases differ in nothing but their names. */
static int call(const apr_array_header_t *hooks, const char *const *names,
                int is_one_enough, request_rec *r)
{
    int i, rv;

    for (i = 0; hooks != NULL && i < hooks->nelts; i++) {
        const ap_LINK_header_parser_t *hook =
            &APR_ARRAY_IDX(hooks, i, ap_LINK_header_parser_t);

        if (cors_is_one_of(names, hook->szName)) {
            rv = hook->pFunc(r);
            if (rv != DECLINED && (rv != OK || is_one_enough)) {
                return rv;
            }
        }
    }
    return is_one_enough ? DECLINED : OK;
}

/* The same for phases that say nothing. */
static void call_void(const apr_array_header_t *hooks,
                      const char *const *names, request_rec *r)
{
    int i;

    for (i = 0; hooks != NULL && i < hooks->nelts; i++) {
        const ap_LINK_insert_filter_t *hook =
            &APR_ARRAY_IDX(hooks, i, ap_LINK_insert_filter_t);

        if (cors_is_one_of(names, hook->szName)) {
            hook->pFunc(r);
        }
    }
}

int cors_phase_begin(request_rec *r)
{
    return call(ap_hook_get_post_read_request(), at_begin, 0, r);
}

int cors_phase_headers(request_rec *r)
{
    return call(ap_hook_get_header_parser(), at_headers, 0, r);
}

int cors_phase_access(request_rec *r)
{
    const int is_any = ap_satisfies(r) == SATISFY_ANY;
    int rv = call(ap_hook_get_access_checker(), at_access, 0, r);

    if (is_any ? rv != OK : rv == OK) {
        rv = call(ap_hook_get_access_checker_ex(), at_access, 1, r);
    }
    return rv == OK ? HTTP_OK : rv == DECLINED ? HTTP_UNAUTHORIZED : rv;
}

int cors_phase_type(request_rec *r)
{
    const int rv = call(ap_hook_get_type_checker(), at_type, 1, r);

    return rv == DECLINED ? OK : rv;
}

int cors_phase_fixups(request_rec *r)
{
    return call(ap_hook_get_fixups(), at_fixups, 0, r);
}

void cors_phase_filters(request_rec *r)
{
    call_void(ap_hook_get_insert_filter(), at_output, r);
}

void cors_phase_error_filters(request_rec *r)
{
    call_void(ap_hook_get_insert_error_filter(), at_output, r);
}
