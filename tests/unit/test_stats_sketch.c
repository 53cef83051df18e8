/* Columns of numbers summed up: the same bits as of the rows written out while there is room; beyond,
 * bounds that hold, and no trace of how the rows came. */
#include <malloc.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "assay/stats_sketch.h"

enum { N = 60000, ROOM = 4096, KINDS = 8 };
static const double at[] = {0, 0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999, 1};

/* The last three have no more different values than there is room for. */
static double draw(int kind, struct rng *r)
{
	double z = rng_normal(r), u = rng_unit(r);
	switch (kind) {
	case 0:
		return z;
	case 1:
		return exp(4 * z);
	case 2:
		return 1.7e12 + floor(u * 3e10); /* a year of times in ms */
	case 3:
		return u < 0.9 ? 0 : 1e6 + z;
	case 4:
		return tan(3.14159 * (u - 0.5));
	case 5:
		return floor(u * 3000) - 1500;
	case 6:
		return u < 0.5 ? -0.0 : floor(u * 4) / 10;
	default:
		return exp(floor(2 * z)) * (u < 0.5 ? -1 : 1);
	}
}

static bool same(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static bool is_within(double x, const struct estimate *e)
{
	return e->low <= x && x <= e->high && e->low <= e->value && e->value <= e->high;
}

static uint64_t off(const uint64_t *a, const uint64_t *b, size_t n)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += a[i] > b[i] ? a[i] - b[i] : b[i] - a[i];
	return sum;
}

static uint64_t apart(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static void assert_bins(const struct stats_runs *r, const double *sorted, size_t n, double from, double to,
                        size_t bins, bool exact)
{
	uint64_t truth[STATS_BINS_MAX], got[STATS_BINS_MAX], astray;
	double edges[STATS_BINS_MAX + 1];
	stats_edges(from, to, bins, edges);
	stats_histogram_sorted(sorted, n, edges, bins, truth);
	stats_runs_histogram(r, edges, bins, got, &astray);
	uint64_t wrong = off(truth, got, bins);
	assert_true(wrong <= 2 * astray && (!exact || wrong + astray == 0));
}

/* Everything that runs say of sorted values. */
static void assert_says(const struct stats_runs *r, const double *sorted, size_t n, bool exact)
{
	struct estimate e;
	assert_int_equal(stats_runs_rows(r), n);
	for (size_t i = 0; i < COUNT_OF(at); i++) {
		double q = stats_quantile(sorted, n, at[i]);
		stats_runs_quantile(r, at[i], &e);
		if (!is_within(q, &e) || (exact && !(e.low == q && e.high == q && e.value == q)))
			fail_msg("at %g: %.17g is not in [%.17g, %.17g]", at[i], q, e.low, e.high);
	}
	double mad = stats_mad(&(struct stats_sorted){.values = sorted, .n = n});
	stats_runs_mad(r, &e);
	if (!is_within(mad, &e) || (exact && !(e.low == mad && e.high == mad && e.value == mad)))
		fail_msg("deviation %.17g is not in [%.17g, %.17g]", mad, e.low, e.high);
	assert_bins(r, sorted, n, sorted[0], sorted[n - 1], 37, exact);
	assert_bins(r, sorted, n, stats_quantile(sorted, n, 0.02), stats_quantile(sorted, n, 0.98), 20, exact);
	assert_bins(r, sorted, n, sorted[0] - 3, sorted[0] - 1, 5, exact);

	struct fences truth, got;
	uint64_t astray;
	stats_fences(&(struct stats_sorted){.values = sorted, .n = n}, &truth);
	stats_runs_fences(r, &got, &astray);
	if (!exact)
		return;
	assert_int_equal(stats_runs_bin_count(r),
	                 stats_bin_count(&(struct stats_sorted){.values = sorted, .n = n}));
	assert_true(astray == 0 && same(truth.low, got.low) && same(truth.high, got.high) &&
	            same(truth.far_low, got.far_low) && same(truth.far_high, got.far_high));
	assert_true(truth.below == got.below && truth.above == got.above && truth.far_below == got.far_below &&
	            truth.far_above == got.far_above);
}

static void says_what_rows_say(void **state)
{
	static double x[N], sorted[N];
	struct rng r;
	(void)state;
	rng_init(&r, 11, 1);
	for (int kind = 0; kind < KINDS; kind++) {
		/* From one row to many, so that ranks fall on every kind of place. */
		for (size_t n = 1; n <= N; n += n < 40 ? 1 : n) {
			struct number_sketch *s = number_sketch_new(ROOM, false);
			struct stats_runs runs;
			struct estimate distinct;
			for (size_t i = 0; i < n; i++)
				sorted[i] = x[i] = draw(kind, &r);
			stats_sort(sorted, n);
			number_sketch_add(s, x, NULL, NULL, n);
			bool exact = number_sketch_is_exact(s);
			size_t different = stats_distinct(sorted, n);
			assert_int_equal(exact, different <= ROOM);
			number_sketch_runs(s, &runs);
			assert_says(&runs, sorted, n, exact);
			number_sketch_distinct(s, &distinct);
			assert_true(is_within((double)different, &distinct));
			assert_true(!exact || (distinct.low == distinct.high && runs.low == runs.high));
			number_sketch_free(s);
		}
	}
}

static void bounds_are_narrow(void **state)
{
	static double x[N], sorted[N];
	struct rng r;
	(void)state;
	rng_init(&r, 21, 1);
	for (int kind = 0; kind < 5; kind++) {
		struct number_sketch *s = number_sketch_new(ROOM, false);
		struct stats_runs runs;
		struct estimate e;
		for (size_t i = 0; i < N; i++)
			sorted[i] = x[i] = draw(kind, &r);
		stats_sort(sorted, N);
		number_sketch_add(s, x, NULL, NULL, N);
		number_sketch_runs(s, &runs);
		double spread = stats_quantile(sorted, N, 0.95) - stats_quantile(sorted, N, 0.05), widest = 0;
		for (double p = 0.05; p <= 0.95; p += 0.05) {
			stats_runs_quantile(&runs, p, &e);
			widest = fmax(widest, (e.high - e.low) / spread);
		}
		stats_runs_mad(&runs, &e);
		print_message(
		    "# kind %d: widest interval of a central quantile %.2g of the spread, of the deviation %.2g\n",
		    kind, widest, (e.high - e.low) / spread);
		assert_true(widest < 0.01 && (e.high - e.low) / spread < 0.01);
		/* The ends are known. */
		assert_true(runs.low[0] == sorted[0] && runs.high[runs.count - 1] == sorted[N - 1]);
		number_sketch_free(s);
	}
}

static void text_of(struct number_sketch *s, struct str *out)
{
	str_clear(out);
	number_sketch_text(s, out);
}

static void assert_text(struct number_sketch *s, const struct str *expected, const char *what)
{
	struct str text;
	str_init(&text);
	number_sketch_text(s, &text);
	if (text.len != expected->len || memcmp(text.data, expected->data, text.len))
		fail_msg("%s: another text", what);
	str_release(&text);
}

/* Adds in pieces of any size, to any of some sketches of several sizes of room, and joins them in any
 * order; some of them were texts in between. */
static struct number_sketch *in_pieces(const double *x, const double *weights, size_t n, size_t room,
                                       struct rng *r)
{
	enum { PARTS = 5 };
	struct number_sketch *part[PARTS];
	struct str text;
	size_t left = PARTS, smallest = (size_t)rng_below(r, PARTS);
	str_init(&text);
	for (size_t k = 0; k < PARTS; k++)
		part[k] = number_sketch_new(k == smallest ? room : room + (size_t)rng_below(r, 3) * room, weights);
	for (size_t i = 0; i < n;) {
		size_t piece = 1 + (size_t)rng_below(r, UINT64_C(1) << rng_below(r, 15));
		piece = piece < n - i ? piece : n - i;
		number_sketch_add(part[rng_below(r, PARTS)], x + i, NULL, weights ? weights + i : NULL, piece);
		i += piece;
	}
	while (left > 1) {
		size_t to = (size_t)rng_below(r, left - 1);
		left--;
		number_sketch_merge(part[to], part[left]);
		number_sketch_free(part[left]);
		if (rng_below(r, 3) == 0) {
			text_of(part[to], &text);
			number_sketch_free(part[to]);
			part[to] = number_sketch_parse(text.data, text.len, NULL);
			assert_non_null(part[to]);
		}
	}
	str_release(&text);
	return part[0];
}

static void shuffle(double *x, double *weights, size_t n, struct rng *r)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = (size_t)rng_below(r, i);
		double swap = x[i - 1];
		x[i - 1] = x[j];
		x[j] = swap;
		if (!weights)
			continue;
		swap = weights[i - 1];
		weights[i - 1] = weights[j];
		weights[j] = swap;
	}
}

static void order_does_not_show(void **state)
{
	static double x[N], weights[N];
	struct rng r;
	struct str expected;
	(void)state;
	rng_init(&r, 12, 1);
	str_init(&expected);
	for (int kind = 0; kind < KINDS; kind++) {
		for (size_t i = 0; i < N; i++) {
			x[i] = draw(kind, &r);
			weights[i] = rng_below(&r, 20) ? exp(9 * rng_normal(&r)) : 0;
		}
		for (int weighted = 0; weighted < 2; weighted++) {
			size_t n = weighted ? N / 4 : N, room = kind % 2 ? ROOM : 100;
			struct number_sketch *whole = number_sketch_new(room, weighted);
			number_sketch_add(whole, x, NULL, weighted ? weights : NULL, n);
			text_of(whole, &expected);
			for (int t = 0; t < 4; t++) {
				shuffle(x, weights, n, &r);
				struct number_sketch *pieces = in_pieces(x, weighted ? weights : NULL, n, room, &r);
				assert_text(pieces, &expected, "in pieces");
				number_sketch_free(pieces);
			}
			struct number_sketch *again = number_sketch_parse(expected.data, expected.len, NULL);
			assert_non_null(again);
			assert_text(again, &expected, "parsed");
			number_sketch_free(again);
			number_sketch_free(whole);
		}
	}
	str_release(&expected);
}

static void counts_are_rows(void **state)
{
	static double x[N], rows[3 * N];
	static uint64_t times[N];
	struct rng r;
	struct str expected;
	(void)state;
	rng_init(&r, 15, 1);
	str_init(&expected);
	for (int kind = 0; kind < KINDS; kind++) {
		size_t n = 0;
		for (size_t i = 0; i < N; i++) {
			x[i] = draw(kind, &r);
			times[i] = rng_below(&r, 3);
			for (uint64_t k = 0; k < times[i]; k++)
				rows[n++] = x[i];
		}
		struct number_sketch *a = number_sketch_new(ROOM, false), *b = number_sketch_new(ROOM, false);
		number_sketch_add(a, rows, NULL, NULL, n);
		number_sketch_add(b, x, times, NULL, N);
		text_of(a, &expected);
		assert_text(b, &expected, "counts");
		assert_int_equal(number_sketch_rows(b), n);
		number_sketch_free(a);
		number_sketch_free(b);
	}
	str_release(&expected);
}

static void what_is_left_out(void **state)
{
	struct number_sketch *s = number_sketch_new(0, false);
	struct stats_runs runs;
	struct estimate e;
	struct fences f;
	struct steps steps;
	struct number_count top[3];
	uint64_t bins[2], error;
	(void)state;
	number_sketch_runs(s, &runs);
	stats_runs_quantile(&runs, 0.5, &e);
	assert_true(isnan(e.value));
	stats_runs_mad(&runs, &e);
	stats_runs_fences(&runs, &f, NULL);
	stats_runs_histogram(&runs, (const double[]){0, 1, 2}, 2, bins, NULL);
	assert_true(isnan(e.value) && isnan(f.low) && bins[0] == 0 && bins[1] == 0);
	assert_int_equal(stats_runs_bin_count(&runs), STATS_BINS_MIN);
	assert_int_equal(number_sketch_top(s, top, 3, &error), 0);
	number_sketch_distinct(s, &e);
	assert_true(e.value == 0);
	number_sketch_add(s, (const double[]){NAN, 7, INFINITY, -INFINITY, -0.0, 0.0, 9}, NULL, NULL, 7);
	assert_int_equal(number_sketch_rows(s), 4);
	number_sketch_runs(s, &runs);
	assert_true(runs.count == 3 && runs.low[0] == 0 && !signbit(runs.low[0]) && runs.upto[0] == 2);
	stats_runs_steps(&runs, &steps);
	assert_true(steps.smallest == 2 && steps.largest == 7 && steps.largest_from == 0 && steps.median == 4.5);
	assert_int_equal(number_sketch_top(s, top, 2, &error), 2);
	assert_true(top[0].value == 0 && top[0].count == 2 && top[1].value == 7 && error == 0);
	number_sketch_free(s);
}

/* Bytes of the heap (0 where another allocator stands in for the C library's, as with sanitizers). */
static size_t held(void)
{
	struct mallinfo2 m = mallinfo2();
	return m.uordblks + m.hblkhd;
}

static size_t bytes_of(int kind, size_t room)
{
	static double x[N];
	struct rng r;
	rng_init(&r, 16, 1);
	size_t before = held();
	struct number_sketch *s = number_sketch_new(room, false);
	for (int t = 0; t < 20; t++) {
		for (size_t i = 0; i < N; i++)
			x[i] = draw(kind, &r);
		number_sketch_add(s, x, NULL, NULL, N);
	}
	size_t bytes = held() - before;
	number_sketch_free(s);
	return bytes;
}

static void memory_follows_use(void **state)
{
	(void)state;
	size_t few = bytes_of(6, 1000000), many = bytes_of(0, 20000);
	print_message("# few values: %zu bytes; a room of 20,000: %zu bytes\n", few, many);
	assert_true(few < 64 << 10);
	assert_true(many < 4 * 24 * 20000);
}

/* By their definition: the first value at which the share reaches at[k]. */
static void weighted_quantiles(const double *x, const double *weights, size_t n, double total, double *out)
{
	for (size_t k = 0; k < COUNT_OF(at); k++) {
		out[k] = NAN;
		for (size_t i = 0; i < n; i++) {
			double share = 0;
			if (!(weights[i] > 0) || x[i] >= out[k])
				continue;
			for (size_t j = 0; j < n; j++)
				share += x[j] <= x[i] ? weights[j] : 0;
			if (share / total >= at[k])
				out[k] = x[i];
		}
	}
}

/* The weighted quantiles and shares of rows written out. */
static void weights_are_summed(void **state)
{
	enum { ROWS = 2000 };
	static double x[ROWS], weights[ROWS];
	struct rng r;
	(void)state;
	rng_init(&r, 17, 1);
	for (int kind = 5; kind < KINDS; kind++) {
		struct number_sketch *s = number_sketch_new(ROOM, true);
		struct stats_runs runs;
		double expected[COUNT_OF(at)], got[COUNT_OF(at)], edges[11], share[10], sum[10] = {0}, total = 0;
		for (size_t i = 0; i < ROWS; i++) {
			x[i] = draw(kind, &r);
			weights[i] = floor(rng_unit(&r) * 1000) / 8; /* so that sums are exact either way */
			total += weights[i];
		}
		number_sketch_add(s, x, NULL, weights, ROWS / 3);
		number_sketch_add(s, x + ROWS / 3, NULL, weights + ROWS / 3, ROWS - ROWS / 3);
		number_sketch_runs(s, &runs);
		weighted_quantiles(x, weights, ROWS, total, expected);
		stats_runs_weighted(&runs, at, COUNT_OF(at), got);
		for (size_t i = 0; i < COUNT_OF(at); i++)
			assert_true(expected[i] == got[i]);
		stats_edges(runs.low[0], runs.high[runs.count - 1], 10, edges);
		stats_runs_weighted_bins(&runs, edges, 10, share);
		for (size_t i = 0; i < ROWS; i++) {
			uint64_t one[10];
			stats_histogram_sorted(&x[i], 1, edges, 10, one);
			for (size_t b = 0; b < 10; b++)
				sum[b] += one[b] ? weights[i] : 0;
		}
		for (size_t b = 0; b < 10; b++)
			assert_true(share[b] == sum[b] / total);
		number_sketch_free(s);
	}

	struct weight_sum w = {0, 0}, v = {0, 0};
	weight_sum_add(&w, 0.1, 10);
	for (int i = 0; i < 10; i++)
		weight_sum_add(&v, 0.1, 1);
	assert_true(w.whole == v.whole && w.part == v.part && weight_sum_value(&w) == 1);
	weight_sum_add(&w, 1e15, UINT64_C(1) << 40);
	assert_true(isnan(weight_sum_value(&w)));
	weight_sum_add(&w, 1, 1);
	assert_true(isnan(weight_sum_value(&w)));
	weight_sum_merge(&v, &w);
	assert_true(isnan(weight_sum_value(&v)));
	v = (struct weight_sum){0, 0};
	weight_sum_add(&v, nextafter(1, 0), 1);
	weight_sum_add(&v, 0x1p-70, 5);
	assert_true(weight_sum_value(&v) == nextafter(1, 0));
}

/* Frequent numbers among many different ones; the cell of one that stands alone knows its count. */
static void frequent_numbers(void **state)
{
	static double x[N];
	struct rng r;
	struct number_count top[4];
	uint64_t error, zeros = 0, sevens = 0;
	(void)state;
	rng_init(&r, 18, 1);
	struct number_sketch *s = number_sketch_new(ROOM, false);
	for (size_t i = 0; i < N; i++) {
		double u = rng_unit(&r);
		x[i] = u < 0.2 ? 0 : u < 0.3 ? 7 : u * 100;
		zeros += x[i] == 0;
		sevens += x[i] == 7;
	}
	number_sketch_add(s, x, NULL, NULL, N);
	assert_int_equal(number_sketch_top(s, top, 4, &error), 2);
	assert_true(top[0].value == 0 && top[0].count == zeros && top[1].value == 7);
	assert_true(error > 0 && apart(top[1].count, sevens) <= error && top[1].count >= sevens);
	number_sketch_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_what_rows_say),  cmocka_unit_test(bounds_are_narrow),
	    cmocka_unit_test(order_does_not_show), cmocka_unit_test(counts_are_rows),
	    cmocka_unit_test(what_is_left_out),    cmocka_unit_test(memory_follows_use),
	    cmocka_unit_test(weights_are_summed),  cmocka_unit_test(frequent_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
