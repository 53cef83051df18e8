/* How many different hashes there were: the most leading zeros by register. */
#include <math.h>
#include <stdlib.h>

#include "sketch.h"

struct distinct_sketch *distinct_sketch_new(int bits)
{
	struct distinct_sketch *s = xcalloc(1, sizeof *s + ((size_t)1 << bits));
	s->bits = bits;
	return s;
}

void distinct_sketch_add(struct distinct_sketch *s, const uint64_t *hashes, size_t n)
{
	int bits = s->bits;
	for (size_t i = 0; i < n; i++) {
		/* What is left after the bits that choose the register; its end is marked. */
		uint64_t rest = hashes[i] << bits | UINT64_C(1) << (bits - 1);
		uint8_t rank = (uint8_t)(__builtin_clzll(rest) + 1), *reg = &s->registers[hashes[i] >> (64 - bits)];
		*reg = rank > *reg ? rank : *reg;
	}
}

/* The last bit that chose a register becomes the first one of what is left. */
void distinct_sketch_fold(struct distinct_sketch *s, int bits)
{
	for (; s->bits > bits; s->bits--) {
		for (size_t i = 0; i < (size_t)1 << (s->bits - 1); i++) {
			uint8_t zero = s->registers[2 * i], one = s->registers[2 * i + 1];
			s->registers[i] = zero ? (uint8_t)(zero + 1) : one ? 1 : 0;
		}
	}
}

void distinct_sketch_merge(struct distinct_sketch *to, const struct distinct_sketch *from)
{
	distinct_sketch_fold(to, from->bits);
	size_t size = sizeof *from + ((size_t)1 << from->bits);
	struct distinct_sketch *folded = NULL;
	if (from->bits > to->bits) {
		folded = xmalloc(size);
		memcpy(folded, from, size);
		distinct_sketch_fold(folded, to->bits);
		from = folded;
	}
	for (size_t i = 0; i < (size_t)1 << to->bits; i++)
		if (from->registers[i] > to->registers[i])
			to->registers[i] = from->registers[i];
	free(folded);
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
	const int left = 64 - s->bits;
	const double m = (double)((size_t)1 << s->bits), three = 3 * 1.04 / sqrt(m),
	             ln2 = 0.693147180559945309417232121458176568;
	uint32_t with[66] = {0};
	for (size_t i = 0; i < (size_t)1 << s->bits; i++)
		with[s->registers[i]]++;
	double z = m * tau(1 - with[left + 1] / m);
	for (int k = left; k > 0; k--)
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
