/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_outage.h
 * Something that others may fail to provide: it is left alone for a while when
 * it does, and the log hears of it at a bounded rate.
 */
#ifndef CORS_OUTAGE_H
#define CORS_OUTAGE_H

#include <httpd.h>

/** What one process knows of it. */
typedef struct cors_outage_t {
    const char *what;           /* what the log calls it: a directive with its
                                   value, and perhaps its place */
    volatile apr_uint32_t tried;    /* when it was last tried in vain, in
                                       milliseconds; 0: it is there */
    volatile apr_uint32_t told;     /* see cors_log_is_due() */
    volatile apr_uint32_t inside;   /* how many threads wait for it now */
} cors_outage_t;

/** How long it is left alone, in milliseconds. */
#define CORS_OUTAGE_PAUSE 2000

/** How many helpers may wait for one source, so that one which hangs does not
 * get all of them; and how many may be sent to try something that is not
 * there: more than one, as each may get an old connection that hangs. */
#define CORS_OUTAGE_INSIDE 4

/** May it be tried? Always while it is there; when it is not, by one request
 * after each pause. Any thread may ask. */
int cors_outage_lets(cors_outage_t *outage);

/** Has it failed, and not answered since? */
int cors_outage_is(cors_outage_t *outage);

/** A thread begins, or ends, to wait for it. */
void cors_outage_enter(cors_outage_t *outage);
void cors_outage_leave(cors_outage_t *outage);

/** Enters if there are not CORS_OUTAGE_INSIDE, for which it looks each
 * millisecond; 0 if there are until the deadline. */
int cors_outage_enter_by(cors_outage_t *outage, apr_time_t deadline);

/** It has failed; `reason` is a phrase. Logged as an error, at most once a
 * minute. */
void cors_outage_begin(cors_outage_t *outage, server_rec *s,
                       const char *reason);

/** Logs the same of one that is not to blame itself. */
void cors_outage_tell(cors_outage_t *outage, server_rec *s,
                      const char *reason);

/** It has answered. Logged at `notice` if it had failed before. */
void cors_outage_end(cors_outage_t *outage, server_rec *s);

#endif /* CORS_OUTAGE_H */
