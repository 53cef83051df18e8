/* Ranks as whole numbers: counted where the values are few or near each other, else sorted. */
#include <math.h>

#include "assay/stats_blocks.h"
#include "sort.h"

enum { BITS = 11, DIGITS = 3, FEW = 65536 };

/* Twice the mid-rank of `count` equal values before which so many stand. */
static uint32_t twice(uint32_t before, uint32_t count)
{
	return 2 * before + count + 1;
}

static void check_count(size_t n)
{
	if (n > INT32_MAX)
		bug("ranks of %zu values, which are too many", n);
}

/* ---- counted ---- */

static void counts_to_ranks(uint32_t *counts, size_t range)
{
	uint32_t before = 0;
	for (size_t v = 0; v < range; v++) {
		uint32_t here = counts[v];
		counts[v] = twice(before, here);
		before += here;
	}
}

static void rank_near(const int32_t *values, size_t n, int32_t missing, uint32_t lowest, size_t range,
                      uint32_t *ranks)
{
	uint32_t *counts = xcalloc(range, sizeof *counts);
	for (size_t i = 0; i < n; i++)
		if (values[i] != missing)
			counts[(uint32_t)values[i] - lowest]++;
	counts_to_ranks(counts, range);
	for (size_t i = 0; i < n; i++)
		ranks[i] = values[i] != missing ? counts[(uint32_t)values[i] - lowest] : 0;
	free(counts);
}

/* Whole numbers that are kept as doubles, within [lowest, lowest + range). */
static void rank_near_wholes(const double *values, size_t n, double lowest, size_t range, uint32_t *ranks)
{
	uint32_t *counts = xcalloc(range, sizeof *counts);
	for (size_t i = 0; i < n; i++)
		if (!isnan(values[i]))
			counts[(size_t)(values[i] - lowest)]++;
	counts_to_ranks(counts, range);
	for (size_t i = 0; i < n; i++)
		ranks[i] = isnan(values[i]) ? 0 : counts[(size_t)(values[i] - lowest)];
	free(counts);
}

/* ---- sorted ---- */

/* A value above the lowest in the upper half, its row in the lower one. */
static uint64_t *sort_pairs(uint64_t *from, uint64_t *to, size_t n, uint32_t highest,
                            const struct progress *progress)
{
	const int bits = 32 - __builtin_clz(highest | 1), digits = (bits + BITS - 1) / BITS,
	          width = (bits + digits - 1) / digits;
	const uint64_t mask = (UINT64_C(1) << width) - 1;
	uint32_t(*count)[1 << BITS] = xcalloc(DIGITS, sizeof *count);
	for (size_t i = 0; i < n; i++)
		for (int d = 0; d < digits; d++)
			count[d][from[i] >> (32 + d * width) & mask]++;
	for (int d = 0; d < digits && !progress_stop(progress); d++) {
		uint32_t before = 0;
		for (size_t v = 0; v <= mask; v++) {
			uint32_t here = count[d][v];
			count[d][v] = before;
			before += here;
		}
		for (size_t i = 0; i < n; i++)
			to[count[d][from[i] >> (32 + d * width) & mask]++] = from[i];
		uint64_t *swap = from;
		from = to;
		to = swap;
	}
	free(count);
	return from;
}

static void rank_far(const int32_t *values, size_t n, int32_t missing, uint32_t lowest, uint32_t highest,
                     uint32_t *ranks, const struct progress *progress)
{
	uint64_t *pairs = xmalloc(size_mul(n + 1, sizeof *pairs)),
	         *other = xmalloc(size_mul(n + 1, sizeof *other)), *sorted;
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		if (values[i] != missing)
			pairs[kept++] = (uint64_t)((uint32_t)values[i] - lowest) << 32 | i;
		else
			ranks[i] = 0;
	}
	sorted = sort_pairs(pairs, other, kept, highest - lowest, progress);
	for (size_t at = 0, end; at < kept; at = end) {
		for (end = at + 1; end < kept && sorted[end] >> 32 == sorted[at] >> 32; end++)
			;
		for (size_t i = at; i < end; i++)
			ranks[(uint32_t)sorted[i]] = twice((uint32_t)at, (uint32_t)(end - at));
	}
	free(pairs);
	free(other);
}

void stats_ranks_twice_ints(const int32_t *values, size_t n, int32_t missing, uint32_t *ranks,
                            const struct progress *progress)
{
	int32_t least = INT32_MAX, greatest = INT32_MIN;
	bool any = false;
	check_count(n);
	for (size_t i = 0; i < n; i++)
		if (values[i] != missing) {
			least = values[i] < least ? values[i] : least;
			greatest = values[i] > greatest ? values[i] : greatest;
			any = true;
		}
	if (!any) {
		memset(ranks, 0, n * sizeof *ranks);
		return;
	}
	uint64_t range = (uint64_t)((uint32_t)greatest - (uint32_t)least) + 1;
	if (range <= FEW || range <= 2 * (uint64_t)n)
		rank_near(values, n, missing, (uint32_t)least, (size_t)range, ranks);
	else
		rank_far(values, n, missing, (uint32_t)least, (uint32_t)greatest, ranks, progress);
}

void stats_ranks_twice(const double *values, size_t n, uint32_t *ranks, const struct progress *progress)
{
	double least = INFINITY, greatest = -INFINITY;
	bool whole = true;
	check_count(n);
	for (size_t i = 0; i < n && whole; i++) {
		if (isnan(values[i]))
			continue;
		least = values[i] < least ? values[i] : least;
		greatest = values[i] > greatest ? values[i] : greatest;
		whole = fabs(values[i]) < 0x1p52 && values[i] == trunc(values[i]);
	}
	if (whole && least <= greatest && (greatest - least < FEW || greatest - least < 2 * (double)n)) {
		rank_near_wholes(values, n, least, (size_t)(greatest - least) + 1, ranks);
		return;
	}
	if (progress_stop(progress))
		return;
	struct ranked *rank = stats_rank(values, n);
	uint32_t before = 0;
	for (size_t at = 0, end; at < n; at = end) {
		const bool missing = isnan(values[rank[at].item]);
		for (end = at + 1; end < n && rank[end].key == rank[at].key; end++)
			;
		for (size_t i = at; i < end; i++)
			ranks[rank[i].item] = missing ? 0 : twice(before, (uint32_t)(end - at));
		before += missing ? 0 : (uint32_t)(end - at);
	}
	free(rank);
}
