/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_asker.h
 * Who asks origin sources: the `whole` of a cors_request_t.
 */
#ifndef CORS_ASKER_H
#define CORS_ASKER_H

#include <httpd.h>

/** A request on whose behalf sources are asked. */
typedef struct cors_asker_t {
    request_rec *r;
    const char *vary;           /* out: the request headers that were read
                                   beside Origin, joined by ", "; NULL: none */
    int has_asked;              /* out, boolean: a condition was evaluated */
    apr_time_t deadline;        /* when it has waited long enough for sources;
                                   0: it has not waited yet */
} cors_asker_t;

/** Adds the name of a request header that the answer depends on. */
void cors_asker_add_vary(cors_asker_t *asker, const char *name);

#endif /* CORS_ASKER_H */
