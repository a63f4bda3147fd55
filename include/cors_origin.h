/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_origin.h
 * One origin as a browser sends it, and the parts it is made of.
 */
#ifndef CORS_ORIGIN_H
#define CORS_ORIGIN_H

#include "cors_str.h"

/** The longest origin, in bytes: a scheme of 64, "://", a host of 255,
 * ":65535". Nothing longer is an origin or a pattern. */
#define CORS_ORIGIN_MAX 328
#define CORS_ORIGIN_LONG "must not be longer than 328 bytes"

/** A request's origin, taken apart; slices of the bytes it was parsed from. */
typedef struct cors_origin_t {
    cors_str_t text;            /* all of it */
    cors_str_t scheme;          /* without "://"; all four absent for `null` */
    cors_str_t host;            /* an IPv6 address with its brackets */
    cors_str_t port;            /* digits; empty: the scheme's default */
} cors_origin_t;

/**
 * Is this the serialisation of exactly one origin, or `null`?
 *
 * @param value   the field's value as it came, not terminated
 * @param origin  out, when 1 is returned; its slices point into `value`
 * @return 1 or 0
 *
 * Everything that no browser sends is refused: several origins, a path,
 * user information, upper case in a scheme or in the host of http and https,
 * the scheme's default port, an address in another than its canonical form,
 * more than CORS_ORIGIN_MAX bytes. What is accepted holds only letters,
 * digits and `+-._:/[]`, so it can go into a header or a log as it is.
 *
 * Cost: one pass; allocates nothing.
 * HTML, "serialization of an origin"; URL, "host serializer"; Fetch, 3.2.
 */
int cors_origin_parse(cors_str_t value, cors_origin_t *origin);

/** Is it the opaque origin, `null`? */
int cors_origin_is_null(const cors_origin_t *origin);

/**
 * Does it reach the browser over a network that anybody may listen on or
 * write to? True for `http` unless the host is a loopback address,
 * `localhost` or a name under it. Secure Contexts, section 3.1.
 */
int cors_origin_is_insecure(const cors_origin_t *origin);

/* The parts, as patterns are made of them too. */

/** The length of the scheme in front of "://", in any letter case; 0 if there
 * is none. URL, "scheme start state". */
size_t cors_scheme_length(cors_str_t s);

/** The default port, a static string, of the schemes whose hosts are domains;
 * NULL for others. `scheme` is in lower case. URL, "special scheme". */
const char *cors_scheme_port(cors_str_t scheme);

/** Splits what stands behind "//" at the colon of the port. `port` is absent,
 * not empty, when there is no colon. */
void cors_authority_split(cors_str_t s, cors_str_t *host, cors_str_t *port);

/** Is it a number from 1 to 65535 without leading zeros? */
int cors_port_is_valid(cors_str_t port);

#endif /* CORS_ORIGIN_H */
