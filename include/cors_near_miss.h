/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_near_miss.h
 * What a refused request only just misses, for whoever has to find out why: an
 * origin that is allowed, a method in other letters. It is told to the log and
 * to the administrator, never to the client.
 */
#ifndef CORS_NEAR_MISS_H
#define CORS_NEAR_MISS_H

#include "cors_policy.h"

/** The longest method for which another one is looked for, in bytes. */
#define CORS_NEAR_METHOD_MAX 40

/** What an origin misses. */
typedef struct cors_near_miss_t {
    const char *rule;           /* static; what is wrong with bytes that are no
                                   origin, a phrase that follows them ("must
                                   ..."); NULL: they are one */
    const cors_entry_t *entry;  /* the pattern that allows the other origin;
                                   NULL: there is no such origin */
    char origin[CORS_ORIGIN_MAX + 1];   /* that one, terminated */
} cors_near_miss_t;

/**
 * Is there an origin that the policy's patterns allow and that differs from
 * the request's in one thing: http or https, the port left out, `www.`, a dot
 * at the end, letter case; or, where the request's is malformed, in what is
 * wrong with it?
 *
 * @param policy   with origins
 * @param request  its origin may be any bytes, its site serves `same-site`
 * @param miss     out
 *
 * What is found is allowed by cors_decide() too. No source is asked, so an
 * origin that only a source allows is not found. Cost: at most five look-ups;
 * allocates nothing that it keeps.
 */
void cors_near_miss_find(const cors_policy_t *policy,
                         const cors_request_t *request,
                         cors_near_miss_t *miss);

/**
 * Is the method allowed in other letters, all upper or all lower case? Methods
 * are case-sensitive.
 *
 * @param method  of the request; any bytes
 * @param other   out, when 1 is returned; terminated
 */
int cors_near_miss_find_method(const cors_policy_t *policy, cors_str_t method,
                               char other[CORS_NEAR_METHOD_MAX + 1]);

#endif /* CORS_NEAR_MISS_H */
