/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_phases.h
 * The phases of a request, cut down to those hooks that do nothing but look:
 * of this module, and of httpd's own modules that change what it sees, or the
 * headers that it writes. What a request may do for real (ask for a password,
 * count, start a program) is left out.
 *
 * Each function calls the hooks of one phase in the order in which httpd has
 * sorted them, and returns what httpd would take the phase's word to be.
 */
#ifndef CORS_PHASES_H
#define CORS_PHASES_H

#include <httpd.h>

/** post_read_request. */
int cors_phase_begin(request_rec *r);

/** header_parser. */
int cors_phase_headers(request_rec *r);

/** Access control up to the point where somebody has to name themselves:
 * HTTP_OK, HTTP_UNAUTHORIZED if they have to, or the error. */
int cors_phase_access(request_rec *r);

/** type_checker: OK or an error. */
int cors_phase_type(request_rec *r);

/** fixups. */
int cors_phase_fixups(request_rec *r);

/** insert_filter. */
void cors_phase_filters(request_rec *r);

/** insert_error_filter. */
void cors_phase_error_filters(request_rec *r);

#endif /* CORS_PHASES_H */
