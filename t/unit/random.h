/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file random.h
 * The same numbers in every run, so that a failure can be looked at again.
 */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdint.h>

static uint64_t random_state = UINT64_C(0x9e3779b97f4a7c15);

/** A number from 0 to n - 1 (xorshift64*, Vigna 2016). */
static inline unsigned roll(unsigned n)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (unsigned)((random_state * UINT64_C(0x2545f4914f6cdd1d) >> 32) % n);
}

#endif /* RANDOM_H */
