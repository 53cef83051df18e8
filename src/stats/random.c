/* Seeded random numbers: xoshiro256** (Blackman and Vigna 2018), seeded through splitmix64. */
#include "random.h"

static uint64_t splitmix(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

void rng_init(struct rng *r, uint64_t seed, uint64_t stream)
{
	uint64_t state = stream;
	state = splitmix(&state) ^ seed;
	for (int i = 0; i < 4; i++)
		r->s[i] = splitmix(&state);
}

uint64_t rng_next(struct rng *r)
{
	return random_next(r);
}

uint64_t rng_below(struct rng *r, uint64_t n)
{
	if (n == 0)
		bug("rng_below: nothing is below 0");
	/* Numbers beyond the last whole multiple of n would favour the small ones. */
	uint64_t limit = UINT64_MAX - UINT64_MAX % n, x;
	do
		x = rng_next(r);
	while (x >= limit);
	return x % n;
}

double rng_unit(struct rng *r)
{
	return random_unit(r);
}

double rng_normal(struct rng *r)
{
	/* Half a step up: never 0, never 1. */
	return stats_normal_quantile(((double)(rng_next(r) >> 12) + 0.5) * 0x1p-52);
}

void rng_shuffle(struct rng *r, uint32_t *items, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = (size_t)rng_below(r, i);
		uint32_t swap = items[i - 1];
		items[i - 1] = items[j];
		items[j] = swap;
	}
}
