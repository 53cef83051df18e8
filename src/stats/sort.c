/* Radix sorts of doubles: eleven bits a pass, passes in which nothing differs are left out. Few numbers
 * differ in their lower bits only, so that stats_sort looks at the upper ones and puts the rest right
 * afterwards. */
#include "assay/stats.h"
#include "sort.h"

enum {
	BITS = 11,
	BUCKETS = 1 << BITS,
	PASSES = 6,
	HALF = 3,
	SMALL = 128,
	MOVES = 4,
	MANTISSA = 52,
	COUNTS = 1 << 17,
	INT_BITS = 13,
	INT_BUCKETS = 1 << INT_BITS,
	MANY = 1 << 16
};

uint64_t stats_key(double x)
{
	uint64_t bits;
	memcpy(&bits, &x, sizeof bits);
	return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

double stats_key_value(uint64_t key)
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

/* Sorts keys by so many digits (HALF at most) of what they are above the lowest, from a bit on: to where they
 * were, or to spare (returned). */
static uint64_t *sort_digits(uint64_t *keys, uint64_t *spare, size_t n, uint64_t lowest, int bit, int digits)
{
	size_t count[HALF][BUCKETS];
	memset(count, 0, (size_t)digits * sizeof *count);
	for (size_t i = 0; i < n; i++) {
		uint64_t key = (keys[i] - lowest) >> bit;
		for (int p = 0; p < digits; p++)
			count[p][digit(key, p)]++;
	}
	for (int p = 0; p < digits; p++) {
		if (!place(count[p], n))
			continue;
		for (size_t i = 0; i < n; i++)
			spare[count[p][digit((keys[i] - lowest) >> bit, p)]++] = keys[i];
		uint64_t *swap = keys;
		keys = spare;
		spare = swap;
	}
	return keys;
}

/* Sorts what is nearly sorted; false, and all keys still there, if it takes more than a few moves a key. */
static bool put_right(uint64_t *key, size_t n)
{
	size_t moves = 0;
	for (size_t i = 1; i < n; i++) {
		uint64_t k = key[i];
		size_t j = i;
		if (key[j - 1] <= k)
			continue;
		for (; j > 0 && k < key[j - 1] && moves <= n * MOVES; j--, moves++)
			key[j] = key[j - 1];
		key[j] = k;
		if (moves > n * MOVES)
			return false;
	}
	return true;
}

void stats_sort(double *values, size_t n)
{
	if (n <= SMALL) {
		insertion_sort(values, n);
		return;
	}
	/* Keys take the place of the values. */
	uint64_t *keys = (uint64_t *)(void *)values, *spare = NULL, lowest = UINT64_MAX, highest = 0, before = 0;
	bool sorted = true;
	for (size_t i = 0; i < n; i++) {
		uint64_t key = stats_key(values[i]);
		sorted &= before <= key;
		before = keys[i] = key;
		lowest = key < lowest ? key : lowest;
		highest = key > highest ? key : highest;
	}
	if (!sorted) {
		/* Two digits will do if they part the numbers of one power of two well enough. */
		int bits = 64 - __builtin_clzll(highest - lowest), log_n = 64 - __builtin_clzll(n);
		int digits = bits - 2 * BITS <= MANTISSA - log_n ? 2 : HALF;
		spare = xreallocarray(NULL, n, sizeof *spare);
		keys = sort_digits(keys, spare, n, lowest, bits > digits * BITS ? bits - digits * BITS : 0, digits);
		if (!put_right(keys, n)) {
			uint64_t *other = keys == spare ? (uint64_t *)(void *)values : spare;
			uint64_t *half = sort_digits(keys, other, n, lowest, 0, HALF);
			keys = sort_digits(half, half == keys ? other : keys, n, lowest, HALF * BITS, HALF);
		}
	}
	for (size_t i = 0; i < n; i++)
		values[i] = stats_key_value(keys[i]);
	free(spare);
}

/* Counts each digit of the keys, which are what the values are above the lowest. Inlined with a number of passes that
 * is known. */
static inline __attribute__((always_inline)) void count_digits(uint32_t (*count)[INT_BUCKETS],
                                                               const int32_t *values, size_t n,
                                                               uint32_t lowest, int width, int passes)
{
	const uint32_t mask = (UINT32_C(1) << width) - 1;
	for (size_t i = 0; i < n; i++) {
		uint32_t key = (uint32_t)values[i] - lowest;
		for (int p = 0; p < passes; p++, key >>= width)
			count[p][key & mask]++;
	}
}

/* Of so few different values that there can be a count for each. */
static void sort_by_counts(int32_t *values, size_t n, uint32_t lowest, size_t kinds)
{
	uint32_t *count = xcalloc(kinds, sizeof *count);
	size_t at = 0;
	for (size_t i = 0; i < n; i++)
		count[(uint32_t)values[i] - lowest]++;
	for (size_t k = 0; k < kinds; k++) {
		int32_t value = (int32_t)((uint32_t)k + lowest);
		for (size_t end = at + count[k]; at < end; at++)
			values[at] = value;
	}
	free(count);
}

typedef int32_t ints __attribute__((vector_size(32)));

/* The least and the greatest of n > 0 values. */
TWO_WIDTHS static void span_of_ints(const int32_t *x, size_t n, int32_t *min, int32_t *max)
{
	enum { LANES = 8 };
	int32_t low = x[0], high = x[0];
	size_t i = 0;
	if (n >= LANES) {
		ints lows, highs, v, less, more;
		memcpy(&lows, x, sizeof lows);
		highs = lows;
		for (; i + LANES <= n; i += LANES) {
			memcpy(&v, x + i, sizeof v);
			less = v < lows;
			more = v > highs;
			lows = (v & less) | (lows & ~less);
			highs = (v & more) | (highs & ~more);
		}
		for (int k = 0; k < LANES; k++) {
			low = lows[k] < low ? lows[k] : low;
			high = highs[k] > high ? highs[k] : high;
		}
	}
	for (; i < n; i++) {
		low = x[i] < low ? x[i] : low;
		high = x[i] > high ? x[i] : high;
	}
	*min = low;
	*max = high;
}

int32_t *stats_sort_ints(int32_t *values, int32_t *spare, size_t n)
{
	if (n >= UINT32_MAX)
		bug("stats_sort_ints: %zu values are too many", n);
	size_t rising = 1;
	while (rising < n && values[rising - 1] <= values[rising])
		rising++;
	if (rising >= n)
		return values;
	int32_t least, greatest;
	span_of_ints(values, n, &least, &greatest);
	if ((uint32_t)greatest - (uint32_t)least < n && (uint32_t)greatest - (uint32_t)least < COUNTS) {
		sort_by_counts(values, n, (uint32_t)least, (size_t)((uint32_t)greatest - (uint32_t)least) + 1);
		return values;
	}
	/* Few passes, and digits as narrow as these allow: fewer places to write to at once. */
	uint32_t lowest = (uint32_t)least, count[HALF][INT_BUCKETS];
	int bits = 32 - __builtin_clz((uint32_t)greatest - lowest), most = n < MANY ? BITS : INT_BITS;
	int passes = (bits + most - 1) / most, width = (bits + passes - 1) / passes;
	for (int p = 0; p < passes; p++)
		memset(count[p], 0, sizeof count[p][0] << width);
	if (passes == 1)
		count_digits(count, values, n, lowest, width, 1);
	else if (passes == 2)
		count_digits(count, values, n, lowest, width, 2);
	else
		count_digits(count, values, n, lowest, width, 3);
	for (int p = 0; p < passes; p++) {
		uint32_t at = 0, *place = count[p], mask = (UINT32_C(1) << width) - 1;
		for (uint32_t b = 0; b <= mask; b++) {
			uint32_t here = place[b];
			place[b] = at;
			at += here;
		}
		for (size_t i = 0; i < n; i++)
			spare[place[((uint32_t)values[i] - lowest) >> (p * width) & mask]++] = values[i];
		int32_t *swap = values;
		values = spare;
		spare = swap;
	}
	return values;
}

/* By so many digits of the keys from a bit on, equal ones in their order: to one of the two (returned). */
static struct ranked *sort_ranked(struct ranked *from, struct ranked *to, size_t n, uint64_t lowest, int bit,
                                  int digits)
{
	size_t(*count)[BUCKETS] = xcalloc((size_t)digits, sizeof *count);
	for (size_t i = 0; i < n; i++) {
		uint64_t key = (from[i].key - lowest) >> bit;
		for (int p = 0; p < digits; p++)
			count[p][digit(key, p)]++;
	}
	for (int p = 0; p < digits; p++) {
		if (!place(count[p], n))
			continue;
		for (size_t i = 0; i < n; i++)
			to[count[p][digit((from[i].key - lowest) >> bit, p)]++] = from[i];
		struct ranked *swap = from;
		from = to;
		to = swap;
	}
	free(count);
	return from;
}

/* As put_right, of cases. */
static bool put_ranked_right(struct ranked *rank, size_t n)
{
	size_t moves = 0;
	for (size_t i = 1; i < n; i++) {
		struct ranked r = rank[i];
		size_t j = i;
		if (rank[j - 1].key <= r.key)
			continue;
		for (; j > 0 && r.key < rank[j - 1].key && moves <= n * MOVES; j--, moves++)
			rank[j] = rank[j - 1];
		rank[j] = r;
		if (moves > n * MOVES)
			return false;
	}
	return true;
}

struct ranked *stats_rank(const double *values, size_t n)
{
	if (n >= UINT32_MAX)
		bug("stats_rank: %zu cases are too many", n);
	struct ranked *from = xcalloc(n + 1, sizeof *from), *to = xcalloc(n + 1, sizeof *to), *sorted = from;
	uint64_t lowest = UINT64_MAX, highest = 0;
	for (size_t i = 0; i < n; i++) {
		from[i].key = stats_key(values[i] + 0.0); /* -0 becomes 0 */
		from[i].item = (uint32_t)i;
		lowest = from[i].key < lowest ? from[i].key : lowest;
		highest = from[i].key > highest ? from[i].key : highest;
	}
	if (n > 1 && lowest < highest) {
		/* As in stats_sort. */
		int bits = 64 - __builtin_clzll(highest - lowest), log_n = 64 - __builtin_clzll(n);
		int digits = bits - 2 * BITS <= MANTISSA - log_n ? 2 : HALF, shift = bits - digits * BITS;
		sorted = sort_ranked(from, to, n, lowest, shift > 0 ? shift : 0, digits);
		if (shift > 0 && !put_ranked_right(sorted, n)) {
			/* Whatever order they are in by now: equal ones would not be in theirs. */
			for (size_t i = 0; i < n; i++)
				from[i] = (struct ranked){stats_key(values[i] + 0.0), (uint32_t)i};
			sorted = sort_ranked(from, to, n, lowest, 0, PASSES);
		}
	}
	free(sorted == from ? to : from);
	return sorted;
}
