/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_policy.h
 * The heart: rules and the facts of a request in, verdict out. Knows nothing
 * of httpd, allocates nothing, writes nothing but the verdict.
 */
#ifndef CORS_POLICY_H
#define CORS_POLICY_H

#include "cors_names.h"
#include "cors_origins.h"
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
#define CORS_TOLERATE_LOOSE             0x8     /* loose-match */

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
    int rejects;                    /* boolean: CorsRejectUnlisted */
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
    cors_str_t fetch_site;      /* Sec-Fetch-Site */
    const cors_site_t *site;    /* what it was sent to; NULL: unknown */
    void *whole;                /* what sources are asked with */
} cors_request_t;

/**
 * Is it a preflight? One is OPTIONS with a non-empty Origin and a non-empty
 * Access-Control-Request-Method. Fetch, "HTTP requests", CORS-preflight
 * request.
 */
int cors_is_preflight(int is_options, cors_str_t origin, cors_str_t method);

/** What was decided. A rejected request has one of these as its reason. */
typedef enum {
    CORS_ALLOWED,
    CORS_MALFORMED_ORIGIN,
    CORS_DENIED_ORIGIN,
    CORS_DENIED_METHOD,
    CORS_DENIED_HEADER,
    CORS_SOURCE_ERROR           /* no entry allows the origin, but a source
                                   that might could not answer */
} cors_result_t;

/** What is to be answered, and why. */
typedef struct cors_verdict_t {
    cors_result_t result;       /* of no meaning without an origin */
    cors_str_t allow_origin;    /* Access-Control-Allow-Origin: `*`, or the
                                   request's own bytes; absent: none of the
                                   Access-Control headers is due */
    const cors_entry_t *entry;  /* the entry that decided, or NULL */
    const cors_entry_t *passed_over;    /* an entry that would have allowed
                                   the origin but for the guard (see
                                   cors_guard()), or NULL */
    const cors_entry_t *failed; /* with SOURCE_ERROR: that source; else of no
                                   meaning */
    unsigned guard;             /* with an entry that grants and DENIED_ORIGIN:
                                   the fact for which the origin itself must
                                   not have credentials */
    int is_rejected;            /* boolean: no response but 403 is due */
    int is_spared;              /* boolean: it would be, but for what
                                   Sec-Fetch-Site says */
    cors_str_t blamed;          /* with DENIED_METHOD and DENIED_HEADER: the
                                   request's method or header name; may hold
                                   any bytes */
} cors_verdict_t;

/** `allowed`, `denied-origin` and so on, the value of CORS_RESULT; a static
 * string. */
const char *cors_result_word(const cors_verdict_t *verdict);

/**
 * The guard: entries with any of these facts cover nobody under the policy,
 * because what they allow is not safe and nobody has consented to it.
 *
 * With credentials these are `*` and, unless CorsTolerate names them, `null`,
 * insecure origins and wildcards over a public suffix; always, unless
 * tolerated, partial wildcards over a public suffix and expressions that fail
 * the lint. The configuration refuses these where it can see them; the rest
 * fails closed.
 */
unsigned cors_guard(const cors_policy_t *policy);

/** Is the first of the facts that the guard knows only guarded because
 * credentials are on? */
int cors_guard_is_of_credentials(unsigned facts);

/** Why the guard bars entries with that fact, and what to do: a static phrase.
 * Where it is of credentials it follows "must not meet CorsAllowCredentials
 * On:", for a loose expression what the lint found, else the quoted entry. */
const char *cors_guard_rule(unsigned facts);

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
 * Whatever allows it, an origin that is `null` or insecure is denied with
 * credentials, unless tolerated. A source that cannot answer allows nobody.
 *
 * With `rejects`, a request whose origin is not allowed is to be rejected,
 * but never the site's own: one from the same origin, or one of which the
 * browser says so in `Sec-Fetch-Site`.
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
static inline int cors_policy_is_constant(const cors_policy_t *policy)
{
    return !policy->credentials && cors_origins_are_any(policy->origins);
}

/** Does the answer depend on the request's origin, so that `Vary` has to say
 * so? Not where it is constant, nor where no origin can be allowed and none
 * is rejected. */
static inline int cors_policy_depends_on_origin(const cors_policy_t *policy)
{
    return (policy->rejects || cors_origins_grant(policy->origins))
        && !cors_policy_is_constant(policy);
}

/* What to send of a list: this decides, cors_headers.c writes. */

/** The methods in force, with the default where nothing replaces it.
 * @param merged  room for a merge with the default list */
const cors_list_t *cors_policy_methods(const cors_policy_t *policy,
                                       cors_list_t *merged);

/**
 * May the list be sent as a literal `*`? It must hold `*`, nothing removed,
 * and credentials must be off: with them browsers take `*` for a name.
 * Fetch, "CORS protocol and credentials".
 */
static inline int cors_policy_sends_star(const cors_policy_t *policy,
                                         const cors_list_t *list)
{
    return list != NULL && !policy->credentials
        && (list->facts & (CORS_NAME_ANY | CORS_NAME_REMOVES))
           == CORS_NAME_ANY;
}

/** Does the list hold `*` or a prefix, so that names beside the literal ones
 * depend on what the other side sent? */
static inline int cors_list_is_open(const cors_list_t *list)
{
    return list != NULL
        && (list->facts & (CORS_NAME_ANY | CORS_NAME_PREFIX)) != 0;
}

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
