/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_policy.h
 * The heart: rules and the facts of a request in, verdict out. Knows nothing
 * of httpd, allocates nothing, writes nothing but the verdict.
 */
#ifndef CORS_POLICY_H
#define CORS_POLICY_H

#include "cors_names.h"
#include "cors_origin_set.h"
#include "cors_token.h"

/** The longest Access-Control-Request-Headers that is looked at, in bytes,
 * commas included. A longer one counts as a header that is not allowed. */
#define CORS_REQUEST_HEADERS_MAX 4096

/** CorsMaxAge: what leaves the header out. */
#define CORS_MAX_AGE_OFF (-1)

/* CorsTolerate, as bits. */
#define CORS_TOLERATE_NULL              0x1     /* null-credentials */
#define CORS_TOLERATE_INSECURE          0x2     /* insecure-origin */
#define CORS_TOLERATE_PUBLIC_SUFFIX     0x4     /* public-suffix */

/** The rules that sections set. Shared by threads, never written after the
 * configuration is read. */
typedef struct cors_policy_t {
    const cors_list_t *origins;     /* NULL: nobody named an origin source */
    const cors_list_t *methods;     /* NULL: cors_default_methods */
    const cors_list_t *headers;     /* NULL: none */
    const cors_list_t *expose;      /* NULL: unset */
    int credentials;                /* boolean */
    int tolerate;                   /* CORS_TOLERATE_ bits */
    int max_age;                    /* seconds, or CORS_MAX_AGE_OFF */
} cors_policy_t;

/** `GET HEAD POST`, as if a section around all others had written it. */
extern const cors_list_t *const cors_default_methods;

/** What the client asks, in its own bytes. */
typedef struct cors_request_t {
    cors_str_t origin;          /* absent or empty: this is no CORS request */
    int is_preflight;           /* see cors_is_preflight() */
    cors_str_t method;          /* Access-Control-Request-Method */
    cors_str_t headers;         /* Access-Control-Request-Headers, several
                                   fields joined by commas */
} cors_request_t;

/**
 * Is it a preflight? One is OPTIONS with a non-empty Origin and a non-empty
 * Access-Control-Request-Method. Fetch, "HTTP requests", CORS-preflight
 * request.
 */
int cors_is_preflight(int is_options, cors_str_t origin, cors_str_t method);

/** The words of CORS_RESULT. */
typedef enum {
    CORS_ALLOWED,
    CORS_MALFORMED_ORIGIN,
    CORS_DENIED_ORIGIN,
    CORS_DENIED_METHOD,
    CORS_DENIED_HEADER
} cors_result_t;

/** `allowed`, `denied-origin` and so on; a static string. */
const char *cors_result_word(cors_result_t result);

/** What is to be answered, and why. */
typedef struct cors_verdict_t {
    cors_result_t result;       /* of no meaning without an origin */
    cors_str_t allow_origin;    /* Access-Control-Allow-Origin: `*`, or the
                                   request's own bytes; absent: none of the
                                   Access-Control headers is due */
    const cors_entry_t *entry;  /* the entry that decided, or NULL */
    const cors_entry_t *passed_over;    /* an entry that would have allowed
                                   the origin but for the guard of credentials
                                   (see cors_decide()), or NULL */
    cors_str_t blamed;          /* with DENIED_METHOD and DENIED_HEADER: the
                                   request's method or header name; may hold
                                   any bytes */
} cors_verdict_t;

/**
 * Decides about one request.
 *
 * @param policy   with origins
 * @param request  the facts
 * @param verdict  out; its slices point into the request, and no further
 *
 * The checks come in the browser's order (Fetch, "CORS-preflight fetch",
 * steps 7 on): origin, method, headers. A preflight whose method or headers
 * are refused still carries allow_origin: the browser compares the lists
 * itself and names the culprit in its console.
 *
 * The guard of credentials: with credentials, `*` covers nobody, and neither
 * does, unless tolerated, `null`, an insecure origin, or a wildcard over a
 * public suffix; a partial wildcard over one needs consent always. The
 * configuration refuses these where it can see them; here the rest fails
 * closed.
 *
 * Cost: the look-up of cors_origins_find(), and for a preflight one look-up
 * a requested header. Fetch, "CORS check" and "CORS-preflight fetch".
 */
void cors_decide(const cors_policy_t *policy, const cors_request_t *request,
                 cors_verdict_t *verdict);

/**
 * Is the answer the same for every origin and for none: `*`, without
 * credentials and without other entries? Then it is sent on every response,
 * and caches need not tell origins apart. Fetch, "CORS protocol and HTTP
 * caches".
 */
int cors_policy_is_constant(const cors_policy_t *policy);

/** Does the answer depend on the request's origin, so that `Vary` has to say
 * so? Not where it is constant, nor where no origin can be allowed. */
int cors_policy_depends_on_origin(const cors_policy_t *policy);

/* What to send of a list: this decides, cors_headers.c writes. */

/** Which list of names a header is made of. */
typedef enum { CORS_METHODS, CORS_HEADERS, CORS_EXPOSE } cors_which_t;

/** The list in force, with the default where nothing replaces it.
 * @param merged  room for a merge with the default list */
const cors_list_t *cors_policy_list(const cors_policy_t *policy,
                                    cors_which_t which, cors_list_t *merged);

/**
 * May the list be sent as a literal `*`? It must hold `*`, nothing removed,
 * and credentials must be off: with them browsers take `*` for a name.
 * Fetch, "CORS protocol and credentials".
 */
int cors_policy_sends_star(const cors_policy_t *policy,
                           const cors_list_t *list);

/** Does the list hold `*` or a prefix, so that names beside the literal ones
 * depend on what the other side sent? */
int cors_list_is_open(const cors_list_t *list);

/**
 * May a page use this method? GET, HEAD and POST always, whatever is listed;
 * CONNECT, TRACE and TRACK never. Fetch, "CORS-preflight fetch", step 7.5.
 *
 * @param method  any bytes; what is allowed is a token
 */
int cors_policy_allows_method(const cors_policy_t *policy, cors_str_t method);

/**
 * Goes through the request headers that a preflight asks for and that `*` or
 * a prefix of CorsAllowHeaders lets through: what is sent back beside the
 * list's literal names. Fetch, "CORS-preflight fetch", steps 7.6 and 7.7.
 *
 * @param rest  in: Access-Control-Request-Headers, or what an earlier call
 *              left of it; out: what is left now
 * @param name  out, when 1 is returned; always a token, in the client's bytes
 * @return 1, or 0 at the end, and for a field beyond
 *         CORS_REQUEST_HEADERS_MAX at once
 */
int cors_next_open_header(const cors_policy_t *policy, cors_str_t *rest,
                          cors_str_t *name);

#endif /* CORS_POLICY_H */
