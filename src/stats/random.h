/* Inside stats: the generator where it is called for each of millions of draws. */
#ifndef STATS_RANDOM_H
#define STATS_RANDOM_H

#include "assay/stats.h"

static inline uint64_t random_rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

/* rng_next */
static inline uint64_t random_next(struct rng *r)
{
	uint64_t *s = r->s, result = random_rotate(s[1] * 5, 7) * 9, shifted = s[1] << 17;
	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= shifted;
	s[3] = random_rotate(s[3], 45);
	return result;
}

/* rng_unit; by way of a signed number, which takes one instruction */
static inline double random_unit(struct rng *r)
{
	return (double)(int64_t)(random_next(r) >> 11) * 0x1p-53;
}

#endif
