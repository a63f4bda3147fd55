/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_dbm.h
 * The source `dbm[=type]:path`: a file of apr_dbm whose keys are origins.
 */
#ifndef CORS_DBM_H
#define CORS_DBM_H

#include "mod_cors.h"

/** The provider. A file is opened for each question, so that one which takes
 * its place is in force for the next. The type is one that apr_dbm knows. */
extern const cors_source_provider_t cors_dbm_provider;

#endif /* CORS_DBM_H */
