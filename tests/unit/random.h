/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random numbers of a seed, the same on each machine. */
#ifndef TESTS_UNIT_RANDOM_H
#define TESTS_UNIT_RANDOM_H

#include "../../trace/types.h"

/* xorshift64* (Vigna: An experimental exploration of Marsaglia's xorshift generators, 2016). */
static inline u64 random_next(u64 *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

#endif
