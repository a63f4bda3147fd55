/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_dump.h
 * `httpd -t -D DUMP_CORS`: the merged policy of every server and section, with
 * the place that each value comes from.
 */
#ifndef CORS_DUMP_H
#define CORS_DUMP_H

#include <httpd.h>

/**
 * httpd's test_config. Prints to stdout, if DUMP_CORS is defined: the servers
 * in the order of the configuration; for each of them what holds in it, its
 * policies by name, and the sections in which a directive of ours stands, in
 * the order in which they are merged. One value is one line, whatever bytes
 * it has, and depends on no other line. What nobody gave is not told.
 */
void cors_dump(apr_pool_t *pconf, server_rec *main);

#endif /* CORS_DUMP_H */
