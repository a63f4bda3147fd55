/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_dbd.h
 * The source `dbd:label`: a statement of DBDPrepareSQL, run by mod_dbd.
 */
#ifndef CORS_DBD_H
#define CORS_DBD_H

#include "mod_cors.h"

/** The provider. The statement has one parameter, the origin, and a row allows
 * it. It is run in the database of the server that the directive stands in. */
extern const cors_source_provider_t cors_dbd_provider;

#endif /* CORS_DBD_H */
