/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_rehearsal.h
 * A request that nobody sent, gone through for the sake of its answer.
 *
 * It has a request_rec of its own, which goes through httpd as any other: the
 * URL is mapped, sections and .htaccess are merged, and the hooks of this
 * module decide and write headers. Of other modules' hooks behind the mapping
 * only those run that do nothing but look (cors_phases.h); all of them run as
 * usual for the subrequests by which httpd looks for a file, but for access
 * control. Nobody is authenticated, no handler runs, nothing is sent or
 * counted, and nothing logged but that a source of origins cannot answer.
 */
#ifndef CORS_REHEARSAL_H
#define CORS_REHEARSAL_H

#include "cors_decision.h"

/** What became of it. All of it lives as long as the request that asked. */
typedef struct cors_rehearsal_t {
    request_rec *r;             /* the last one, of internal redirects */
    const cors_state_t *state;  /* with the decision; NULL: nothing decided */
    int status;                 /* of the response; 0: the handler's choice */
    int access;                 /* HTTP_OK; HTTP_UNAUTHORIZED: to whoever can
                                   name themselves, perhaps; or the status
                                   that the asker's own address gets */
    int is_late;                /* boolean: nothing was decided in front of
                                   access control */
    ap_conf_vector_t *around;   /* while a subrequest goes by access control:
                                   that of the request around it; else NULL */
    apr_table_t *received;      /* the response's fields, as far as they are
                                   known, each name once */
    apr_table_t *replaced;      /* Access-Control fields that mod_headers has
                                   written, and this module written over */
} cors_rehearsal_t;

/** Puts its hooks in, in pre_config: only where somebody rehearses, as they
 * are asked about every request. */
void cors_rehearsal_hook(void);

/**
 * What would be answered to this request?
 *
 * @param asker   who asks, over the same connection
 * @param method  a token
 * @param uri     a path, and perhaps a query
 * @param sent    the request's fields, Host among them
 * @return NULL if that Host is not one of the asker's virtual host
 *
 * Cost: as for a request whose handler does nothing. Sources of origins are
 * asked.
 */
const cors_rehearsal_t *cors_rehearse(request_rec *asker, const char *method,
                                      const char *uri,
                                      const apr_table_t *sent);

/** Would this request be let through for somebody at an address that is
 * nobody's (192.0.2.1, RFC 5737), who has no password? */
int cors_is_open_to_strangers(request_rec *asker);

#endif /* CORS_REHEARSAL_H */
