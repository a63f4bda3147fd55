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
#define CORS_HOST_LONG \
    "must have a host of at most 253 bytes"
#define CORS_HOST_LONG_LABEL \
    "must have a host with labels of at most 63 bytes"

/** Is it a byte of a label? Browsers do send `_`. */
static inline int cors_host_is_label_char(char c)
{
    static const char is_one[256] = {
        ['a'] = 1, ['b'] = 1, ['c'] = 1, ['d'] = 1, ['e'] = 1, ['f'] = 1,
        ['g'] = 1, ['h'] = 1, ['i'] = 1, ['j'] = 1, ['k'] = 1, ['l'] = 1,
        ['m'] = 1, ['n'] = 1, ['o'] = 1, ['p'] = 1, ['q'] = 1, ['r'] = 1,
        ['s'] = 1, ['t'] = 1, ['u'] = 1, ['v'] = 1, ['w'] = 1, ['x'] = 1,
        ['y'] = 1, ['z'] = 1, ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1,
        ['4'] = 1, ['5'] = 1, ['6'] = 1, ['7'] = 1, ['8'] = 1, ['9'] = 1,
        ['-'] = 1, ['_'] = 1
    };

    return is_one[(unsigned char)c];
}

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
 * Writes a domain as browsers send it: in lower case, and an internationalised
 * label as an A-label (`bücher` becomes `xn--bcher-kva`). UTS 46 without its
 * transitional part; URL, "domain to ASCII".
 *
 * A label that holds `*` must be of ASCII characters, and stays. A label that
 * begins with `xn--` and that no browser could have made is refused. libidn2
 * keeps to IDNA 2008 and to its own version of Unicode; browsers allow more,
 * emoji for instance. What libidn2 only does not know is accepted in its
 * `xn--` form and refused in any other.
 *
 * Without libidn2 every label beyond ASCII is refused, and `xn--` is nothing
 * special.
 *
 * @param host  UTF-8, as written; no IPv6 address
 * @param text  out, when NULL is returned; terminated. It may be longer than
 *              `host`. cors_host_broken_rule() has yet to judge it: the
 *              conversion vouches for the bytes of what it converted alone,
 *              and labels may have come out empty or an address whole.
 * @param size  of `text`
 * @return a static phrase ("must ...") for the rule that is broken, or NULL
 *
 * Keeps no memory.
 */
const char *cors_host_to_ascii(cors_str_t host, char *text, size_t size);

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
