/* What order.c says of sorted values, of values that are given with their counts, or of cells of them. */
#include <float.h>
#include <math.h>

#include "assay/stats_sketch.h"
#include "big.h"

/* ---- sums of weights ---- */

static void add_wide(struct weight_sum *s, uint64_t whole, uint64_t part)
{
	bool carry = __builtin_add_overflow(s->part, part, &s->part), over;
	over = __builtin_add_overflow(s->whole, whole, &s->whole);
	over |= carry && __builtin_add_overflow(s->whole, 1, &s->whole);
	if (over)
		*s = (struct weight_sum){UINT64_MAX, UINT64_MAX};
}

void weight_sum_add(struct weight_sum *s, double weight, uint64_t times)
{
	double whole = floor(weight);
	if (!(whole < 0x1p64)) {
		add_wide(s, UINT64_MAX, UINT64_MAX);
		return;
	}
	/* Rounded once, in units of 2^-64; what is left of a whole number may round up to 1. */
	double rest = rint((weight - whole) * 0x1p64);
	struct weight_sum one = {rest < 0x1p64 ? (uint64_t)rest : 0, (uint64_t)whole};
	if (!(rest < 0x1p64))
		one.whole++;
	if (times != 1) {
		wide part = (wide)one.part * times, sum = (wide)one.whole * times + (uint64_t)(part >> 64);
		if (sum >> 64)
			one = (struct weight_sum){UINT64_MAX, UINT64_MAX};
		else
			one = (struct weight_sum){(uint64_t)part, (uint64_t)sum};
	}
	add_wide(s, one.whole, one.part);
}

void weight_sum_merge(struct weight_sum *to, const struct weight_sum *from)
{
	add_wide(to, from->whole, from->part);
}

static bool is_full(const struct weight_sum *s)
{
	return s->whole == UINT64_MAX && s->part == UINT64_MAX;
}

double weight_sum_value(const struct weight_sum *s)
{
	if (is_full(s))
		return NAN;
	/* The conversion of 128 bits rounds once. */
	return ldexp((double)((wide)s->whole << 64 | s->part), -64);
}

/* ---- ranks ---- */

uint64_t stats_runs_rows(const struct stats_runs *r)
{
	return r->count ? r->upto[r->count - 1] : 0;
}

/* The cell of the row with this number, from 0. */
static size_t cell_of(const struct stats_runs *r, uint64_t row)
{
	size_t low = 0, high = r->count - 1;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (r->upto[middle] > row)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static uint64_t rows_before(const struct stats_runs *r, size_t cell)
{
	return cell ? r->upto[cell - 1] : 0;
}

/* Between which values a row lies. The first and the last one of a cell are known. */
static void value_at(const struct stats_runs *r, uint64_t row, double *low, double *high)
{
	size_t i = cell_of(r, row);
	*low = row + 1 == r->upto[i] ? r->high[i] : r->low[i];
	*high = row == rows_before(r, i) ? r->low[i] : r->high[i];
}

/* Bounds of a value that was reckoned from others of at most this size in a few steps: each is rounded. */
static void widen(struct estimate *e, double size)
{
	double slack = 8 * DBL_EPSILON * size + DBL_TRUE_MIN;
	e->low -= slack;
	e->high += slack;
}

static void set_middle(struct estimate *e)
{
	e->value = e->low == e->high ? e->low : e->low / 2 + e->high / 2;
}

void stats_runs_quantile(const struct stats_runs *r, double p, struct estimate *out)
{
	uint64_t n = stats_runs_rows(r);
	*out = (struct estimate){NAN, NAN, NAN};
	if (!n || isnan(p))
		return;
	double at = (double)(n - 1) * (p < 0 ? 0 : p > 1 ? 1 : p);
	uint64_t below = (uint64_t)at, row = below < n ? below : n - 1;
	double low[2], high[2], share = row + 1 < n ? at - (double)below : 0;
	value_at(r, row, &low[0], &high[0]);
	value_at(r, row + 1 < n ? row + 1 : row, &low[1], &high[1]);
	out->low = stats_quantile(low, 2, share);
	out->high = stats_quantile(high, 2, share);
	if (row + 1 == n) {
		out->low = low[0];
		out->high = high[0];
	}
	if (out->low != out->high && share > 0) {
		widen(out, fmax(fmax(fabs(low[0]), fabs(low[1])), fmax(fabs(high[0]), fabs(high[1]))));
		out->low = out->low > low[0] ? out->low : low[0];
		out->high = out->high < high[1] ? out->high : high[1];
	}
	set_middle(out);
}

/* ---- median of the deviations ---- */

/* How far the values of a cell are from the middle, at least and at most. Both fall and then rise from
 * cell to cell. */
static double nearest(const struct stats_runs *r, size_t i, const struct estimate *middle)
{
	double before = middle->low - r->high[i], behind = r->low[i] - middle->high;
	return before > behind ? before > 0 ? before : 0 : behind > 0 ? behind : 0;
}

static double farthest(const struct stats_runs *r, size_t i, const struct estimate *middle)
{
	double before = middle->high - r->low[i], behind = r->high[i] - middle->low;
	return before > behind ? before : behind;
}

typedef double distance(const struct stats_runs *r, size_t cell, const struct estimate *middle);

/* The median of the distances, from the cell of the smallest one outwards. */
static double median_distance(const struct stats_runs *r, distance *d, const struct estimate *middle)
{
	uint64_t n = stats_runs_rows(r), seen = 0;
	size_t left, right = 0, high = r->count;
	/* The first cell from which on they rise. */
	while (right < high) {
		size_t half = right + (high - right) / 2;
		if (r->high[half] - middle->low < middle->high - r->low[half])
			right = half + 1;
		else
			high = half;
	}
	left = right;
	double before = NAN, last = 0;
	for (;;) {
		double a = left > 0 ? d(r, left - 1, middle) : (double)INFINITY,
		       b = right < r->count ? d(r, right, middle) : (double)INFINITY;
		bool to_left = right >= r->count || (left > 0 && a < b);
		size_t cell = to_left ? --left : right++;
		last = to_left ? a : b;
		seen += r->upto[cell] - rows_before(r, cell);
		if (isnan(before) && seen >= n / 2 + (n % 2))
			before = last;
		if (seen >= n / 2 + 1)
			return n % 2 ? last : before + (last - before) / 2;
	}
}

void stats_runs_mad(const struct stats_runs *r, struct estimate *out)
{
	*out = (struct estimate){NAN, NAN, NAN};
	if (!r->count)
		return;
	struct estimate middle;
	stats_runs_quantile(r, 0.5, &middle);
	out->low = median_distance(r, nearest, &middle);
	out->high = median_distance(r, farthest, &middle);
	if (out->low != out->high) {
		widen(out, out->high);
		out->low = out->low > 0 ? out->low : 0;
	}
	set_middle(out);
}

/* ---- bins and fences ---- */

size_t stats_runs_bin_count(const struct stats_runs *r)
{
	if (!r->count)
		return STATS_BINS_MIN;
	struct estimate q1, q3;
	stats_runs_quantile(r, 0.25, &q1);
	stats_runs_quantile(r, 0.75, &q3);
	double iqr = q3.value - q1.value;
	double bins = ceil((r->high[r->count - 1] - r->low[0]) / (2 * iqr / cbrt((double)stats_runs_rows(r))));
	if (!(iqr > 0) || !(bins > STATS_BINS_MIN))
		return STATS_BINS_MIN;
	return bins < STATS_BINS_MAX ? (size_t)bins : STATS_BINS_MAX;
}

/* How many of n rising numbers are below x; with `or_equal`, not above it. */
static size_t how_many(const double *rising, size_t n, double x, bool or_equal)
{
	size_t low = 0, high = n;
	while (low < high) {
		size_t half = low + (high - low) / 2;
		if (rising[half] < x || (or_equal && rising[half] == x))
			low = half + 1;
		else
			high = half;
	}
	return low;
}

/* The cells whose least value lies in each bin: from first[b] to before first[b + 1]. */
static void bin_cells(const struct stats_runs *r, const double *edges, size_t bins, size_t b, size_t *from,
                      size_t *to)
{
	*from = how_many(r->low, r->count, edges[b], false);
	*to = how_many(r->low, r->count, edges[b + 1], b + 1 == bins);
	*to = *to > *from ? *to : *from;
}

/* Rows of the cell at this edge's left that may lie beyond it. */
static uint64_t beyond_edge(const struct stats_runs *r, size_t cells, double edge, bool closed)
{
	if (!cells || r->high[cells - 1] < edge || (closed && r->high[cells - 1] == edge))
		return 0;
	/* The least of them is known to be where it is counted. */
	return r->upto[cells - 1] - rows_before(r, cells - 1) - 1;
}

void stats_runs_histogram(const struct stats_runs *r, const double *edges, size_t bins, uint64_t *counts,
                          uint64_t *astray)
{
	uint64_t lost = 0;
	size_t last = SIZE_MAX;
	for (size_t b = 0; b <= bins; b++) {
		size_t from = 0, to = how_many(r->low, r->count, edges[b], b == bins);
		if (b < bins) {
			bin_cells(r, edges, bins, b, &from, &to);
			counts[b] = to > from ? r->upto[to - 1] - rows_before(r, from) : 0;
			to = from;
		}
		/* A cell may reach over several edges. */
		if (to != last)
			lost += beyond_edge(r, to, edges[b], b == bins);
		last = to;
	}
	if (astray)
		*astray = lost;
}

/* Rows below x (or not above it), those of cells by their least value; adds those that are not known. */
static uint64_t rows_below(const struct stats_runs *r, double x, bool or_equal, uint64_t *astray)
{
	size_t cells = how_many(r->low, r->count, x, or_equal);
	*astray += beyond_edge(r, cells, x, or_equal);
	return rows_before(r, cells);
}

void stats_runs_fences(const struct stats_runs *r, struct fences *out, uint64_t *astray)
{
	uint64_t lost = 0, n = stats_runs_rows(r);
	struct estimate q1, q3;
	stats_runs_quantile(r, 0.25, &q1);
	stats_runs_quantile(r, 0.75, &q3);
	double range = q3.value - q1.value;
	*out = (struct fences){NAN, NAN, NAN, NAN, 0, 0, 0, 0};
	if (range > 0) {
		out->low = q1.value - 1.5 * range;
		out->high = q3.value + 1.5 * range;
		out->far_low = q1.value - 3 * range;
		out->far_high = q3.value + 3 * range;
		out->below = (size_t)rows_below(r, out->low, false, &lost);
		out->far_below = (size_t)rows_below(r, out->far_low, false, &lost);
		out->above = (size_t)(n - rows_below(r, out->high, true, &lost));
		out->far_above = (size_t)(n - rows_below(r, out->far_high, true, &lost));
	}
	if (astray)
		*astray = lost;
}

size_t stats_runs_edges(const struct stats_runs *r, size_t bins, double *edges)
{
	size_t made = 0;
	if (!r->count || !bins)
		return 0;
	edges[0] = r->low[0];
	for (size_t k = 1; k < bins; k++) {
		struct estimate edge;
		stats_runs_quantile(r, (double)k / (double)bins, &edge);
		if (edge.value > edges[made] && edge.value < r->low[r->count - 1])
			edges[++made] = edge.value;
	}
	edges[++made] = r->low[r->count - 1];
	return made;
}

/* ---- distances ---- */

void stats_runs_steps(const struct stats_runs *r, struct steps *out)
{
	*out = (struct steps){NAN, NAN, NAN, NAN};
	if (r->count < 2)
		return;
	size_t n = r->count - 1;
	double *step = xreallocarray(NULL, n, sizeof *step);
	out->largest = -1;
	for (size_t i = 0; i < n; i++) {
		step[i] = r->low[i + 1] - r->high[i];
		if (step[i] > out->largest) {
			out->largest = step[i];
			out->largest_from = r->high[i];
		}
	}
	stats_sort(step, n);
	out->smallest = step[0];
	out->median = stats_quantile(step, n, 0.5);
	free(step);
}

/* ---- weights ---- */

static struct weight_sum weight_of(const struct stats_runs *r, size_t from, size_t to)
{
	struct weight_sum sum = {0, 0};
	for (size_t i = from; i < to; i++)
		weight_sum_merge(&sum, &r->weight[i]);
	return sum;
}

void stats_runs_weighted(const struct stats_runs *r, const double *at, size_t count, double *out)
{
	struct weight_sum all = weight_of(r, 0, r->count);
	double total = weight_sum_value(&all);
	for (size_t k = 0; k < count; k++) {
		double p = fmax(0, fmin(1, at[k]));
		struct weight_sum upto = {0, 0};
		out[k] = NAN;
		if (!(total > 0))
			continue;
		for (size_t i = 0; i < r->count; i++) {
			if (!r->weight[i].whole && !r->weight[i].part)
				continue;
			weight_sum_merge(&upto, &r->weight[i]);
			if (weight_sum_value(&upto) / total >= p) {
				out[k] = r->low[i] == r->high[i] ? r->low[i] : r->low[i] / 2 + r->high[i] / 2;
				break;
			}
		}
	}
}

void stats_runs_weighted_bins(const struct stats_runs *r, const double *edges, size_t bins, double *share)
{
	struct weight_sum all = weight_of(r, 0, r->count);
	double total = weight_sum_value(&all);
	for (size_t b = 0; b < bins; b++) {
		size_t from, to;
		bin_cells(r, edges, bins, b, &from, &to);
		struct weight_sum sum = weight_of(r, from, to);
		share[b] = total > 0 ? weight_sum_value(&sum) / total : (double)NAN;
	}
}
