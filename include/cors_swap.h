/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/**
 * @file cors_swap.h
 * A pointer that one thread replaces while others read what it points to.
 * Readers never wait.
 *
 *      reader                          writer (one at a time)
 *      value = cors_swap_enter(swap);  old = cors_swap_exchange(swap, value);
 *      ... look things up ...          keep `old` until
 *      cors_swap_leave(swap);              cors_swap_is_quiet(swap)
 *
 * Why that is enough: whoever enters after the exchange sees the new value.
 * So at any moment after it at which nobody is inside, nobody holds an old
 * one, nor will anybody again.
 */
#ifndef CORS_SWAP_H
#define CORS_SWAP_H

#include <stdint.h>

/** All zero: holds NULL. */
typedef struct cors_swap_t {
    void *value;
    uint32_t inside;            /* how many readers there are right now */
} cors_swap_t;

/** The value, to be read until cors_swap_leave(). Stay for a look-up, not for
 * a request: what is taken out is kept while anybody is inside. */
static inline const void *cors_swap_enter(cors_swap_t *swap)
{
    __atomic_fetch_add(&swap->inside, 1, __ATOMIC_SEQ_CST);
    return __atomic_load_n(&swap->value, __ATOMIC_SEQ_CST);
}

/** The end of reading. */
static inline void cors_swap_leave(cors_swap_t *swap)
{
    __atomic_fetch_sub(&swap->inside, 1, __ATOMIC_SEQ_CST);
}

/** Puts a value in and returns the one that was there, which readers may still
 * hold. */
static inline void *cors_swap_exchange(cors_swap_t *swap, void *value)
{
    return __atomic_exchange_n(&swap->value, value, __ATOMIC_SEQ_CST);
}

/** Is nobody inside, so that all that was taken out before this call is its
 * owner's alone? */
static inline int cors_swap_is_quiet(cors_swap_t *swap)
{
    return __atomic_load_n(&swap->inside, __ATOMIC_SEQ_CST) == 0;
}

#endif /* CORS_SWAP_H */
