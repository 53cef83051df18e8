/* How many different hashes there were: the most leading zeros by register. */
#include <math.h>

#include "assay/stats_sketch.h"

enum { LEFT = 64 - DISTINCT_BITS }; /* bits of a hash after those that choose the register */

void distinct_sketch_init(struct distinct_sketch *s)
{
	memset(s, 0, sizeof *s);
}

void distinct_sketch_add(struct distinct_sketch *s, uint64_t hash)
{
	uint64_t rest = hash << DISTINCT_BITS;
	uint8_t rank = rest ? (uint8_t)(__builtin_clzll(rest) + 1) : LEFT + 1;
	uint8_t *reg = &s->registers[hash >> LEFT];
	*reg = rank > *reg ? rank : *reg;
}

void distinct_sketch_merge(struct distinct_sketch *to, const struct distinct_sketch *from)
{
	for (size_t i = 0; i < DISTINCT_REGISTERS; i++)
		if (from->registers[i] > to->registers[i])
			to->registers[i] = from->registers[i];
}

/* x + sum of x^(2^k) 2^(k-1) */
static double sigma(double x)
{
	double y = 1, z = x, before;
	if (x == 1)
		return INFINITY;
	do {
		x *= x;
		before = z;
		z += x * y;
		y += y;
	} while (z != before);
	return z;
}

/* (1 - x - sum of (1 - x^(2^-k))^2 2^-k) / 3 */
static double tau(double x)
{
	double y = 1, z = 1 - x, before;
	if (x == 0 || x == 1)
		return 0;
	do {
		x = sqrt(x);
		before = z;
		y /= 2;
		z -= (1 - x) * (1 - x) * y;
	} while (z != before);
	return z / 3;
}

void distinct_sketch_estimate(const struct distinct_sketch *s, struct estimate *out)
{
	const double m = DISTINCT_REGISTERS, three = 3 * 1.04 / sqrt(m),
	             ln2 = 0.693147180559945309417232121458176568;
	uint32_t with[LEFT + 2] = {0};
	for (size_t i = 0; i < DISTINCT_REGISTERS; i++)
		with[s->registers[i]]++;
	double z = m * tau(1 - with[LEFT + 1] / m);
	for (int k = LEFT; k > 0; k--)
		z = 0.5 * (z + with[k]);
	z += m * sigma(with[0] / m);
	out->value = m / (2 * ln2) * m / z;
	out->low = out->value / (1 + three);
	out->high = out->value / (1 - three);
}

/* Every bit of the result depends on every bit of x (Stafford's variant 13 of MurmurHash3's last step). */
static uint64_t mix(uint64_t x)
{
	x ^= x >> 30;
	x *= UINT64_C(0xBF58476D1CE4E5B9);
	x ^= x >> 27;
	x *= UINT64_C(0x94D049BB133111EB);
	return x ^ x >> 31;
}

uint64_t distinct_hash_number(double value)
{
	uint64_t bits;
	value += 0.0; /* -0 becomes 0 */
	memcpy(&bits, &value, sizeof bits);
	return mix(bits + UINT64_C(0x9E3779B97F4A7C15));
}

uint64_t distinct_hash_bytes(const void *bytes, size_t len)
{
	return mix(hash_bytes(bytes, len));
}
