/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_stand_in.h
 * A request_rec for a request that nobody sent. It is like any other to
 * httpd, but that it reads nothing from the connection, and sends nothing.
 */
#ifndef CORS_STAND_IN_H
#define CORS_STAND_IN_H

#include <httpd.h>

/** Registers its filters: call it in register_hooks. */
void cors_stand_in_register(void);

/**
 * Makes one, in the pool of the asker.
 *
 * @param asker   the request whose connection, and client's address, it has
 * @param method  a token
 * @param uri     a path, and perhaps a query
 * @param sent    the request's fields; copied
 * @return with the virtual host that Host names; `status` is not HTTP_OK if
 *         that is no host
 */
request_rec *cors_stand_in_make(request_rec *asker, const char *method,
                                const char *uri, const apr_table_t *sent);

/** What ap_internal_redirect() would make of it. */
request_rec *cors_stand_in_redirect(request_rec *prev, const char *uri);

/** Makes it ready for ap_process_request_internal(). */
void cors_stand_in_begin(request_rec *r);

/** Has nothing logged about it, whatever the level: nobody is to be told of
 * errors that nobody made. httpd takes the level anew from the configuration
 * whenever it merges sections. */
void cors_stand_in_hush(request_rec *r);

/**
 * Sends the end of a response without a body through those of its output
 * filters that are named; the others are taken out.
 *
 * @param names   NULL-terminated
 */
void cors_stand_in_end(request_rec *r, const char *const *names);

#endif /* CORS_STAND_IN_H */
