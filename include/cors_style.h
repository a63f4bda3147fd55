/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_style.h
 * How the HTML page of an explanation looks.
 */
#ifndef CORS_STYLE_H
#define CORS_STYLE_H

/** All that stands between `<style>` and `</style>`: light and dark, and a
 * table that becomes a list where the window is narrow. */
extern const char cors_style[];

/** The one style that Content-Security-Policy allows is that one. After a
 * change, browsers name the new hash when they refuse it. */
#define CORS_STYLE_HASH \
    "sha256-Vmbl5s6Rwxkymrfhjr5dRJ1Z4KGmU3dGCUPXnrhPeog="

#endif /* CORS_STYLE_H */
