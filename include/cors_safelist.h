/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_safelist.h
 * Which headers a page may set without the server being asked first: it
 * depends on their values, too. Nothing here allocates.
 */
#ifndef CORS_SAFELIST_H
#define CORS_SAFELIST_H

#include "cors_str.h"

/** Bytes in a safelisted value, and in all of them together. */
#define CORS_SAFELIST_VALUE_MAX 128
#define CORS_SAFELIST_SUM_MAX   1024

/** Whether a header is safelisted, and if not, why. */
typedef enum {
    CORS_SAFELISTED,
    CORS_UNSAFE_NAME,           /* whatever the value */
    CORS_UNSAFE_UNKNOWN,        /* the value is not known, and matters */
    CORS_UNSAFE_LENGTH,         /* more than CORS_SAFELIST_VALUE_MAX bytes */
    CORS_UNSAFE_BYTE,           /* one that must not stand there */
    CORS_UNSAFE_TYPE,           /* Content-Type: not one of the three */
    CORS_UNSAFE_RANGE,          /* Range: not one range with a start */
    CORS_UNSAFE_SUM             /* of all values; the caller knows the others:
                                   cors_safety() never says this */
} cors_safety_t;

/**
 * Is this header safelisted?
 *
 * @param name    a token, in any letters
 * @param value   as cors_value_trim() leaves it; absent: not known. Then
 *                Accept, Accept-Language and Content-Language count as
 *                safelisted, Content-Type and Range do not
 * @param blamed  out: the byte, the type or the range that is why, a slice of
 *                `value`; absent where there is none
 *
 * Cost: one pass over at most CORS_SAFELIST_VALUE_MAX bytes.
 * Fetch, "CORS-safelisted request-header" and "CORS-unsafe request-header
 * byte", "parse a single range header value"; MIME Sniffing, "parse a MIME
 * type".
 */
cors_safety_t cors_safety(cors_str_t name, cors_str_t value,
                          cors_str_t *blamed);

#endif /* CORS_SAFELIST_H */
