/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_log.h
 * What the error log is told about a decision.
 */
#ifndef CORS_LOG_H
#define CORS_LOG_H

#include "cors_headers.h"

/**
 * Logs why a CORS request was refused, at `info`, or allowed, at `debug`: the
 * reason word first, then the origin, the refused method or header name, and
 * the configured entry with its file and line. What the client sent is
 * quoted and cut; httpd escapes it.
 *
 * The guard of credentials (see cors_decide()) is the administrator's to
 * mend, so an entry that it passed over is an error, but at most one a minute
 * in each child process: clients decide how often it happens.
 *
 * @param decision  with a configuration, about a request with an origin
 *
 * Cost: nothing is put together unless the level is on.
 */
void cors_log_decision(request_rec *r, const cors_decision_t *decision);

#endif /* CORS_LOG_H */
