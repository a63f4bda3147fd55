/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_host.h
 * The host of an origin: domains, addresses, and what a browser makes of
 * them. All of it is lower case; URL, "host parsing" and "host serializing".
 */
#ifndef CORS_HOST_H
#define CORS_HOST_H

#include <arpa/inet.h>

#include "cors_str.h"

/** The longest label of a domain, and the longest domain, in bytes.
 * RFC 1035, section 2.3.4. */
#define CORS_LABEL_MAX  63
#define CORS_DOMAIN_MAX 253

/** The longest IPv6 address with its brackets, in bytes. */
#define CORS_IPV6_MAX   (INET6_ADDRSTRLEN + 1)

/* Rules that more than one function names. */
#define CORS_HOST_ODD \
    "must have a host of letters, digits, '-', '_' and '.'"
#define CORS_HOST_LONG_LABEL \
    "must have a host with labels of at most 63 bytes"

/** Is it a byte of a label? Browsers do send `_`. */
int cors_host_is_label_char(char c);

/**
 * Writes the canonical form of an IPv6 address: the first longest run of two
 * or more zero pieces is compressed, and nothing is dotted. URL, "IPv6
 * serializer".
 *
 * @param host  with its brackets, in any form
 * @param text  out, when 1 is returned; terminated. It may be one byte longer
 *              than `host`.
 * @return 1, or 0 if it is none
 */
int cors_host_canonical_ipv6(cors_str_t host, char text[CORS_IPV6_MAX + 1]);

/** Would a browser take the host for an IPv4 address, valid or not, because
 * its last label is a number? URL, "ends in a number checker". */
int cors_host_is_numeric(cors_str_t host);

/**
 * Which rule does the host break?
 *
 * @param is_domain  the scheme is one whose hosts are domains or addresses;
 *                   other hosts are opaque, and may have upper case
 * @return a static phrase ("must ..."), or NULL if it is a host as browsers
 *         serialise it; that may end in a dot
 */
const char *cors_host_broken_rule(cors_str_t host, int is_domain);

/** Does the host, unbroken, never leave the machine: 127.0.0.0/8, `[::1]`,
 * `localhost` or a name under it? Secure Contexts, section 3.1. */
int cors_host_is_loopback(cors_str_t host);

#endif /* CORS_HOST_H */
