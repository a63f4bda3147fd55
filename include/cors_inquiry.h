/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_inquiry.h
 * Finding out what a provider says of an origin: from the cache, or by asking;
 * not for long, and not again at once where it failed.
 */
#ifndef CORS_INQUIRY_H
#define CORS_INQUIRY_H

#include "cors_answers.h"
#include "cors_asker.h"
#include "cors_origins.h"

/** A provider's source. */
typedef struct cors_provided_t {
    cors_source_t source;       /* first */
    const cors_source_provider_t *provider;
    void *own;                  /* the provider's */
    cors_namespace_t space;
    server_rec *server;         /* in which the directive stands */
    cors_outage_t *outage;      /* of all sources of that name */
} cors_provided_t;

/** Does the source allow the origin? */
typedef struct cors_inquiry_t {
    cors_provided_t *provided;
    cors_str_t origin;          /* well-formed, not `null` */
    cors_answers_t *cache;      /* is looked at first, and keeps the answer */
    cors_asker_t *asker;        /* the request, with the time that it has left
                                   for sources */
    apr_interval_time_t timeout;        /* all the time that it has */
} cors_inquiry_t;

/**
 * Finds it out.
 *
 * @return UNKNOWN if that cannot be told, which the log has been told
 *
 * A cache that fails is no reason to ask the source: all that it kept away
 * would fall upon it.
 *
 * Cost: a look-up in the cache, for which a helper goes if the cache is not on
 * this machine; where that has no answer, an errand to the source.
 */
cors_source_answer_t cors_inquire(const cors_inquiry_t *inquiry);

#endif /* CORS_INQUIRY_H */
