/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file mod_cors.h
 * The public interface of mod_cors, the only header that is installed.
 */
#ifndef MOD_CORS_H
#define MOD_CORS_H

/** The version of the module. */
#define CORS_VERSION "0.1.0-dev"

/**
 * Variables in the environment of a CORS request under an active policy, for
 * LogFormat, CGI, Require and the expr= of other directives. Unset on
 * requests without Origin.
 */
#define CORS_VARIABLE_REQUEST "CORS_REQUEST"    /* actual or preflight */
#define CORS_VARIABLE_RESULT  "CORS_RESULT"     /* allowed, denied-origin,
                                                   denied-method,
                                                   denied-header,
                                                   malformed-origin or
                                                   rejected */

#endif /* MOD_CORS_H */
