/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_token.h
 * Tokens, comma lists in header fields, and the tables of names to which the
 * Fetch standard gives a special rank. Nothing here allocates; names are
 * compared without regard to ASCII case unless a function says otherwise.
 */
#ifndef CORS_TOKEN_H
#define CORS_TOKEN_H

#include "cors_str.h"

/**
 * Is `s` one token, as method and header names must be?
 * Cost: one pass. RFC 9110, section 5.6.2. The empty slice is none.
 */
int cors_is_token(cors_str_t s);

/**
 * Takes the next element off a comma list, a header field's value.
 *
 * @param rest  in: what is left of the value; out: what is left behind the
 *              element
 * @param item  out, when 1 is returned: the element, without the blanks
 *              around it; a slice of the same bytes
 * @return 1, or 0 when nothing but blanks and empty elements was left
 *
 * Empty elements are passed over (RFC 9110, section 5.6.1.2: a recipient
 * must). Going through a whole value costs one pass over its bytes.
 */
int cors_field_next(cors_str_t *rest, cors_str_t *item);

/** The value without the whitespace around it, line ends included; a slice of
 * the same bytes. The absent value stays absent.
 * Fetch, "normalize" a header value. */
cors_str_t cors_value_trim(cors_str_t value);

/** What a method name in the configuration turns out to be. */
typedef enum {
    CORS_METHOD_OK,             /* written as browsers send it */
    CORS_METHOD_NORMALISED,     /* one of the six that browsers upper-case */
    CORS_METHOD_MISSPELT,       /* a registered method in other letters */
    CORS_METHOD_FORBIDDEN,      /* CONNECT, TRACE or TRACK, in any letters */
    CORS_METHOD_NO_TOKEN
} cors_method_kind_t;

/**
 * Judges a method name that an administrator wrote.
 *
 * @param method  the name
 * @param right   out for NORMALISED and MISSPELT: the right spelling, a
 *                static string; otherwise untouched
 *
 * Fetch, "normalize a method" and "forbidden method"; the registered names
 * are those of the IANA HTTP Method Registry. Methods are case-sensitive:
 * `patch` and `PATCH` are two methods, and browsers mend neither.
 */
cors_method_kind_t cors_method_kind(cors_str_t method, const char **right);

/** Is it GET, HEAD or POST, which no server needs to list? Case-sensitive.
 * Fetch, "CORS-safelisted method". */
int cors_is_safelisted_method(cors_str_t method);

/** Is it a method that no page can use? In any letters.
 * Fetch, "forbidden method". */
int cors_is_forbidden_method(cors_str_t method);

/** Can no page ever set this request header?
 * Fetch, "forbidden request-header" (those whose value does not matter). */
int cors_is_forbidden_request_header(cors_str_t name);

/** Can no page ever set any request header that begins like this? */
int cors_is_forbidden_request_prefix(cors_str_t prefix);

/** Can no page set this request header to this value? Beside the names above:
 * one of those that override the method, with a method that no page can use.
 * An absent value is not known, and does not forbid.
 * Fetch, "forbidden request-header". */
int cors_is_forbidden_request_field(cors_str_t name, cors_str_t value);

/** Does this name only make sense in a response? RFC 9110, section 10.2 and
 * others; Fetch. */
int cors_is_response_only_header(cors_str_t name);

/** Can no page ever read this response header?
 * Fetch, "forbidden response-header name". */
int cors_is_forbidden_response_header(cors_str_t name);

/** Does this name only make sense in a request? RFC 9110, section 10.1 and
 * 13.1; RFC 6265; Fetch. */
int cors_is_request_only_header(cors_str_t name);

/** May every page read this response header without being told?
 * Fetch, "CORS-safelisted response-header name". */
int cors_is_safelisted_response_header(cors_str_t name);

/** Does this header speak of one connection only? RFC 9110, section 7.6.1. */
int cors_is_hop_by_hop_header(cors_str_t name);

/** Is it Authorization, the one name that `*` does not cover?
 * Fetch, "CORS non-wildcard request-header name". */
int cors_is_non_wildcard_request_header(cors_str_t name);

#endif /* CORS_TOKEN_H */
