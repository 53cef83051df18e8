/* Radix sorts of doubles: eleven bits a pass, passes in which nothing differs are left out. */
#include "assay/stats.h"
#include "sort.h"

enum { BITS = 11, BUCKETS = 1 << BITS, PASSES = 6, SMALL = 128 };

/* Bits of a double such that unsigned order is numeric order. */
static uint64_t key_of(double x)
{
	uint64_t bits;
	memcpy(&bits, &x, sizeof bits);
	return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static double value_of(uint64_t key)
{
	uint64_t bits = key >> 63 ? key & ~(UINT64_C(1) << 63) : ~key;
	double x;
	memcpy(&x, &bits, sizeof x);
	return x;
}

static size_t digit(uint64_t key, int pass)
{
	return key >> (pass * BITS) & (BUCKETS - 1);
}

/* Turns counts into first places; false if all keys have the same digit. */
static bool place(size_t *count, size_t n)
{
	size_t at = 0;
	for (size_t b = 0; b < BUCKETS; b++) {
		size_t here = count[b];
		if (here == n)
			return false;
		count[b] = at;
		at += here;
	}
	return true;
}

static void insertion_sort(double *x, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		double v = x[i];
		size_t j = i;
		for (; j > 0 && v < x[j - 1]; j--)
			x[j] = x[j - 1];
		x[j] = v;
	}
}

void stats_sort(double *values, size_t n)
{
	if (n <= SMALL) {
		insertion_sort(values, n);
		return;
	}
	size_t(*count)[BUCKETS] = xcalloc(PASSES, sizeof *count);
	uint64_t *from = xreallocarray(NULL, n, sizeof *from), *to = xreallocarray(NULL, n, sizeof *to);
	bool sorted = true;
	for (size_t i = 0; i < n; i++) {
		uint64_t key = key_of(values[i]);
		from[i] = key;
		sorted = sorted && (i == 0 || from[i - 1] <= key);
		for (int p = 0; p < PASSES; p++)
			count[p][digit(key, p)]++;
	}
	for (int p = 0; p < PASSES && !sorted; p++) {
		if (!place(count[p], n))
			continue;
		for (size_t i = 0; i < n; i++)
			to[count[p][digit(from[i], p)]++] = from[i];
		uint64_t *swap = from;
		from = to;
		to = swap;
	}
	for (size_t i = 0; i < n && !sorted; i++)
		values[i] = value_of(from[i]);
	free(count);
	free(from);
	free(to);
}

struct ranked *stats_rank(const double *values, size_t n)
{
	if (n >= UINT32_MAX)
		bug("stats_rank: %zu cases are too many", n);
	size_t(*count)[BUCKETS] = xcalloc(PASSES, sizeof *count);
	struct ranked *from = xcalloc(n + 1, sizeof *from), *to = xcalloc(n + 1, sizeof *to);
	for (size_t i = 0; i < n; i++) {
		from[i].key = key_of(values[i] + 0.0); /* -0 becomes 0 */
		from[i].item = (uint32_t)i;
		for (int p = 0; p < PASSES; p++)
			count[p][digit(from[i].key, p)]++;
	}
	for (int p = 0; p < PASSES; p++) {
		if (!place(count[p], n))
			continue;
		for (size_t i = 0; i < n; i++)
			to[count[p][digit(from[i].key, p)]++] = from[i];
		struct ranked *swap = from;
		from = to;
		to = swap;
	}
	free(count);
	free(to);
	return from;
}
