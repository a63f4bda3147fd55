/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_file.h
 * The source `file:path`: a list of origins that is read again when it
 * changes.
 *
 * Each process has its own list. A thread of mod_watchdog looks at the files
 * once a second, builds a new list aside, and puts it in place of the old one
 * (cors_swap.h). Requests only look origins up. What cannot be read, or is
 * refused, leaves the last good list in force.
 *
 * The parent process looks too, some seconds later, so that a new child starts
 * with a list that was good, and keeps the text of it through restarts.
 */
#ifndef CORS_FILE_H
#define CORS_FILE_H

#include "cors_config.h"

/**
 * A directive names a file.
 *
 * @param text    its value, for messages
 * @param path    what stands behind "file:"
 * @param source  out: all that the file's kind decides of it
 * @return the error, or NULL
 *
 * Cost: the file is read when it is first named.
 */
const char *cors_file_add(cmd_parms *cmd, const char *text, const char *path,
                          cors_source_t **source);

/** Calls `visit` with each entry of the file that has any of the facts, while
 * nobody replaces the list: when the configuration is checked. */
void cors_file_visit(const cors_source_t *source, unsigned facts,
                     const void *(*visit)(const cors_entry_t *entry,
                                          void *context), void *context);

/** From now on an entry with any of these facts, which the guard bars where
 * the file is used (cors_guard()), makes a changed file one that is refused;
 * `objection` says why, for as long as the configuration lives. */
void cors_file_guard(const cors_source_t *source, unsigned facts);

/** Forgets the files of an earlier reading of the configuration: call it in
 * pre_config. */
void cors_file_forget_all(apr_pool_t *pconf);

/** Has all files watched: call it in post_config. OK, or an error that has
 * been logged. */
int cors_file_watch(apr_pool_t *pconf, server_rec *s);

/** Looks at all files now: in the parent, from time to time. */
void cors_file_look_at_all(server_rec *s);

/** The same in a new child, whose lists will end with it: call it in
 * child_init, in front of mod_watchdog, whose thread is the only one to look
 * from then on. */
void cors_file_child_init(server_rec *s);

#endif /* CORS_FILE_H */
