/* What the sorted values of a column say: quantiles, spread, distinct values, histograms. */
#include <math.h>

#include "assay/stats_relation.h"
#include "big.h"
#include "sort.h"

/* From the nearer end, as numpy does: monotone, and exact where both are equal. */
static double between(double a, double b, double share)
{
	double apart = b - a;
	/* What lies between two numbers is one, however far apart they are. */
	if (isinf(apart) && isfinite(a) && isfinite(b))
		return a * (1 - share) + b * share;
	return share < 0.5 ? a + apart * share : b - apart * (1 - share);
}

double stats_at(const struct stats_sorted *s, size_t i)
{
	static const double ten[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
	return s->whole ? s->whole[i] / ten[s->places] : s->values[i];
}

static struct stats_sorted doubles(const double *sorted, size_t n)
{
	return (struct stats_sorted){.values = sorted, .n = n};
}

double stats_sorted_quantile(const struct stats_sorted *s, double p)
{
	if (s->n == 0 || isnan(p))
		return NAN;
	double at = (double)(s->n - 1) * (p < 0 ? 0 : p > 1 ? 1 : p);
	size_t below = (size_t)at;
	if (below + 1 >= s->n)
		return stats_at(s, s->n - 1);
	return between(stats_at(s, below), stats_at(s, below + 1), at - (double)below);
}

double stats_quantile(const double *sorted, size_t n, double p)
{
	struct stats_sorted s = doubles(sorted, n);
	return stats_sorted_quantile(&s, p);
}

/* How many are below x. */
static size_t count_below(const struct stats_sorted *s, size_t from, double x)
{
	size_t low = from, high = s->n;
	while (low < high) {
		size_t half = low + (high - low) / 2;
		if (stats_at(s, half) < x)
			low = half + 1;
		else
			high = half;
	}
	return low;
}

/* The k-th smallest deviation from the middle (k from 1). To the left of `right` and from it on they rise; of the k
 * smallest so many are on the left that neither side leaves out a smaller one than the other takes. */
static double deviation(const struct stats_sorted *s, size_t right, double middle, size_t k)
{
	size_t low = k > s->n - right ? k - (s->n - right) : 0, high = k < right ? k : right;
	while (low < high) {
		size_t left = low + (high - low) / 2;
		if (middle - stats_at(s, right - 1 - left) < stats_at(s, right + (k - left) - 1) - middle)
			low = left + 1;
		else
			high = left;
	}
	double on_left = low > 0 ? middle - stats_at(s, right - low) : -(double)INFINITY;
	double on_right = low < k ? stats_at(s, right + (k - low) - 1) - middle : -(double)INFINITY;
	return on_left > on_right ? on_left : on_right;
}

double stats_mad(const struct stats_sorted *s)
{
	if (s->n == 0)
		return NAN;
	double middle = stats_sorted_quantile(s, 0.5);
	size_t right = count_below(s, 0, middle);
	double last = deviation(s, right, middle, s->n / 2 + 1);
	double before = s->n % 2 ? last : deviation(s, right, middle, s->n / 2);
	return s->n % 2 ? last : before + (last - before) / 2;
}

size_t stats_distinct(const double *sorted, size_t n)
{
	size_t distinct = n > 0;
	for (size_t i = 1; i < n; i++)
		distinct += sorted[i] != sorted[i - 1];
	return distinct;
}

typedef int32_t ints __attribute__((vector_size(32)));
typedef int64_t halves __attribute__((vector_size(32)));
enum { LANES = 8 };

TWO_WIDTHS size_t stats_distinct_ints(const int32_t *sorted, size_t n)
{
	ints equal = {0}; /* minus how many of each lane are what the one before them is */
	size_t distinct = n, i = 1;
	for (; i + LANES <= n; i += LANES) {
		ints here, before;
		memcpy(&here, sorted + i, sizeof here);
		memcpy(&before, sorted + i - 1, sizeof before);
		equal += here == before;
	}
	for (int k = 0; k < LANES; k++)
		distinct -= (size_t)-equal[k];
	for (; i < n; i++)
		distinct -= sorted[i] == sorted[i - 1];
	return distinct;
}

size_t stats_run(const double *sorted, size_t n, size_t from, size_t length)
{
	size_t i = from;
	while (i + length <= n && sorted[i] != sorted[i + length - 1])
		i++;
	return i + length <= n ? i : n;
}

TWO_WIDTHS size_t stats_run_ints(const int32_t *sorted, size_t n, size_t from, size_t length)
{
	const size_t ahead = length - 1;
	size_t i = from;
	for (; i + ahead + 4 * LANES <= n; i += 4 * LANES) {
		ints a[4], b[4], any;
		halves both;
		memcpy(a, sorted + i, sizeof a);
		memcpy(b, sorted + i + ahead, sizeof b);
		any = (a[0] == b[0]) | (a[1] == b[1]) | (a[2] == b[2]) | (a[3] == b[3]);
		both = (halves)any;
		if (both[0] | both[1] | both[2] | both[3])
			break;
	}
	while (i + length <= n && sorted[i] != sorted[i + ahead])
		i++;
	return i + length <= n ? i : n;
}

/* Freedman and Diaconis, from what is known of n > 0 values. */
static size_t bins_for(size_t n, double min, double max, double q1, double q3)
{
	double iqr = q3 - q1, bins = ceil((max - min) / (2 * iqr / cbrt((double)n)));
	if (!(iqr > 0) || !(bins > STATS_BINS_MIN))
		return STATS_BINS_MIN;
	return bins < STATS_BINS_MAX ? (size_t)bins : STATS_BINS_MAX;
}

size_t stats_bin_count(const struct stats_sorted *s)
{
	if (s->n == 0)
		return STATS_BINS_MIN;
	return bins_for(s->n, stats_at(s, 0), stats_at(s, s->n - 1), stats_sorted_quantile(s, 0.25),
	                stats_sorted_quantile(s, 0.75));
}

void stats_edges(double min, double max, size_t bins, double *edges)
{
	if (min == max) {
		min -= 0.5;
		max += 0.5;
	}
	/* Two halves, so that a span beyond the largest double does not overflow. */
	double step = (max / 2 - min / 2) / (double)bins;
	double whole = (max - min) / (double)bins;
	for (size_t i = 0; i < bins; i++)
		edges[i] = isfinite(whole) ? (double)i * whole + min : ((double)i * step + min / 2) * 2;
	edges[bins] = max;
}

void stats_sorted_histogram(const struct stats_sorted *s, const double *edges, size_t bins, uint64_t *counts)
{
	size_t at = count_below(s, 0, edges[0]);
	for (size_t b = 0; b < bins; b++) {
		size_t end = count_below(s, at, edges[b + 1]);
		while (b + 1 == bins && end < s->n && stats_at(s, end) == edges[bins])
			end++;
		counts[b] = end - at;
		at = end;
	}
}

void stats_histogram_sorted(const double *sorted, size_t n, const double *edges, size_t bins,
                            uint64_t *counts)
{
	struct stats_sorted s = doubles(sorted, n);
	stats_sorted_histogram(&s, edges, bins, counts);
}

/* The value at a place (from 0) of what the parts would be in one: halving between the bits of the least and the
 * greatest, which rise as the values do. */
static double at_place(const struct stats_part *parts, size_t count, double min, double max, size_t place)
{
	uint64_t low = stats_key(min), high = stats_key(max);
	while (low < high) {
		uint64_t half = low + (high - low) / 2;
		double above = nextafter(stats_key_value(half), INFINITY);
		size_t upto = 0;
		for (size_t i = 0; i < count; i++) {
			struct stats_sorted s = doubles(parts[i].sorted, parts[i].n);
			upto += count_below(&s, 0, above);
		}
		if (upto > place)
			high = half;
		else
			low = half + 1;
	}
	return stats_key_value(low);
}

static double quantile_of_parts(const struct stats_part *parts, size_t count, double min, double max,
                                size_t n, double p)
{
	double at = (double)(n - 1) * p;
	size_t below = (size_t)at;
	double a = at_place(parts, count, min, max, below);
	return below + 1 < n ? between(a, at_place(parts, count, min, max, below + 1), at - (double)below) : a;
}

size_t stats_bins_of_parts(const struct stats_part *parts, size_t count, double *min, double *max)
{
	size_t n = 0;
	*min = *max = NAN;
	for (size_t i = 0; i < count; i++) {
		if (!parts[i].n)
			continue;
		n += parts[i].n;
		*min = fmin(*min, parts[i].sorted[0]);
		*max = fmax(*max, parts[i].sorted[parts[i].n - 1]);
	}
	if (n == 0)
		return STATS_BINS_MIN;
	return bins_for(n, *min, *max, quantile_of_parts(parts, count, *min, *max, n, 0.25),
	                quantile_of_parts(parts, count, *min, *max, n, 0.75));
}

void stats_fences(const struct stats_sorted *s, struct fences *out)
{
	*out = (struct fences){NAN, NAN, NAN, NAN, 0, 0, 0, 0};
	double q1 = stats_sorted_quantile(s, 0.25), q3 = stats_sorted_quantile(s, 0.75), range = q3 - q1;
	if (!(range > 0))
		return;
	out->low = q1 - 1.5 * range;
	out->high = q3 + 1.5 * range;
	out->far_low = q1 - 3 * range;
	out->far_high = q3 + 3 * range;
	out->below = count_below(s, 0, out->low);
	out->far_below = count_below(s, 0, out->far_low);
	/* A value on a fence is inside. */
	out->above = s->n - count_below(s, 0, nextafter(out->high, INFINITY));
	out->far_above = s->n - count_below(s, 0, nextafter(out->far_high, INFINITY));
}

/* In whole numbers of 2^-96, so that the order of the counts does not show. */
double stats_entropy(const uint64_t *counts, size_t k)
{
	uint64_t total = 0;
	wide bits = 0;
	for (size_t i = 0; i < k; i++)
		total += counts[i];
	for (size_t i = 0; i < k; i++) {
		double share = (double)counts[i] / (double)total;
		if (counts[i])
			bits += (wide)(-share * log2(share) * 0x1p96);
	}
	return (double)bits * 0x1p-96;
}

double stats_imbalance(const uint64_t *counts, size_t k)
{
	size_t used = 0;
	for (size_t i = 0; i < k; i++)
		used += counts[i] != 0;
	/* None is less than even: what is below 0 is rounding. */
	return used < 2 ? (double)NAN : fmax(0, 1 - stats_entropy(counts, k) / log2((double)used));
}

double stats_ks(const double *a, size_t na, const double *b, size_t nb)
{
	if (na == 0 || nb == 0)
		return NAN;
	double largest = 0;
	for (size_t i = 0, j = 0; i < na && j < nb;) {
		double x = a[i] < b[j] ? a[i] : b[j];
		while (i < na && a[i] <= x)
			i++;
		while (j < nb && b[j] <= x)
			j++;
		largest = fmax(largest, fabs((double)i / (double)na - (double)j / (double)nb));
	}
	return largest;
}

/* The share of cell i once shares of 0 have become a ten-thousandth and all add up to 1. */
static double filled_share(const uint64_t *counts, size_t i, double total, double filled_total)
{
	return (counts[i] ? (double)counts[i] / total : 1e-4) / filled_total;
}

static double cell_totals(const uint64_t *counts, size_t k, double *filled)
{
	double total = 0, empty = 0;
	for (size_t i = 0; i < k; i++) {
		total += (double)counts[i];
		empty += counts[i] == 0;
	}
	*filled = 1 + empty * 1e-4;
	return total;
}

double stats_psi(const uint64_t *reference, const uint64_t *current, size_t k)
{
	double filled_r, filled_c, psi = 0;
	double total_r = cell_totals(reference, k, &filled_r), total_c = cell_totals(current, k, &filled_c);
	if (!(total_r > 0) || !(total_c > 0))
		return NAN;
	for (size_t i = 0; i < k; i++) {
		double r = filled_share(reference, i, total_r, filled_r),
		       c = filled_share(current, i, total_c, filled_c);
		psi += (c - r) * log(c / r);
	}
	return psi;
}
