/* Sketches: exact up to their budget; beyond it, bounds that hold in every one of many simulated columns. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "assay/stats_sketch.h"

enum { N = 60000, ROOM = 4096 };
static const double at[] = {0, 0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999, 1};

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
	default:
		return floor(u * 3000); /* as many as there is room for */
	}
}

static void quantiles_lie_within(void **state)
{
	static double x[N], sorted[N];
	struct rng r;
	(void)state;
	rng_init(&r, 11, 1);
	for (int kind = 0; kind < 6; kind++) {
		struct quantile_sketch *s = quantile_sketch_new(ROOM);
		for (size_t i = 0; i < N; i++)
			sorted[i] = x[i] = draw(kind, &r);
		stats_sort(sorted, N);
		quantile_sketch_add(s, x, N);
		double spread = stats_quantile(sorted, N, 0.95) - stats_quantile(sorted, N, 0.05), widest = 0;
		assert_int_equal(quantile_sketch_count(s), N);
		assert_int_equal(quantile_sketch_is_exact(s), kind == 5);
		for (size_t i = 0; i < COUNT_OF(at); i++) {
			double q = stats_quantile(sorted, N, at[i]);
			struct estimate e;
			quantile_sketch_at(s, at[i], &e);
			if (!(e.low <= q && q <= e.high && e.low <= e.value && e.value <= e.high))
				fail_msg("kind %d at %g: %.17g is not in [%.17g, %.17g]", kind, at[i], q, e.low, e.high);
			if (kind == 5)
				assert_true(e.low == q && e.high == q && e.value == q);
			if (at[i] >= 0.05 && at[i] <= 0.95)
				widest = fmax(widest, (e.high - e.low) / spread);
		}
		/* The ends are known, and what lies between them is narrow. */
		struct estimate first, last;
		quantile_sketch_at(s, 0, &first);
		quantile_sketch_at(s, 1, &last);
		assert_true(first.low == sorted[0] && first.high == sorted[0] && last.low == sorted[N - 1]);
		print_message("# kind %d: widest interval of a central quantile %.2g of the spread\n", kind, widest);
		assert_true(widest < 0.01);

		uint64_t exact[20], got[20], astray;
		double edges[21];
		stats_edges(stats_quantile(sorted, N, 0.02), stats_quantile(sorted, N, 0.98), 20, edges);
		stats_histogram(x, N, edges, 20, exact);
		quantile_sketch_histogram(s, edges, 20, got, &astray);
		uint64_t off = 0;
		for (int b = 0; b < 20; b++)
			off += exact[b] > got[b] ? exact[b] - got[b] : got[b] - exact[b];
		assert_true(off <= 2 * astray && (kind != 5 || off == 0));
		quantile_sketch_free(s);
	}
}

static void quantile_order_does_not_show(void **state)
{
	static double x[N];
	struct rng r;
	(void)state;
	rng_init(&r, 12, 1);
	for (int kind = 0; kind < 6; kind++) {
		struct quantile_sketch *whole = quantile_sketch_new(ROOM), *part[5];
		for (size_t i = 0; i < N; i++)
			x[i] = draw(kind, &r);
		quantile_sketch_add(whole, x, N);
		for (size_t k = 0; k < 5; k++) {
			part[k] = quantile_sketch_new(ROOM);
			quantile_sketch_add(part[k], x + k * N / 5, (k + 1) * N / 5 - k * N / 5);
		}
		quantile_sketch_merge(part[3], part[4]);
		quantile_sketch_merge(part[3], part[0]);
		quantile_sketch_merge(part[1], part[3]);
		quantile_sketch_merge(part[1], part[2]);
		assert_int_equal(quantile_sketch_count(part[1]), N);
		for (double p = 0; p <= 1; p += 0.013) {
			struct estimate a, b;
			quantile_sketch_at(whole, p, &a);
			quantile_sketch_at(part[1], p, &b);
			assert_memory_equal(&a, &b, sizeof a);
		}
		for (size_t k = 0; k < 5; k++)
			quantile_sketch_free(part[k]);
		quantile_sketch_free(whole);
	}
	struct quantile_sketch *s = quantile_sketch_new(0);
	struct estimate e;
	quantile_sketch_at(s, 0.5, &e);
	assert_true(isnan(e.value));
	quantile_sketch_add(s, (const double[]){NAN, 7, INFINITY}, 3);
	quantile_sketch_at(s, 0.5, &e);
	assert_true(e.value == 7 && quantile_sketch_is_exact(s) && quantile_sketch_count(s) == 1);
	quantile_sketch_free(s);
}

static void distinct_is_near(void **state)
{
	static const uint64_t sizes[] = {0, 1, 2, 10, 100, 1000, 10000, 30000, 50000, 100000, 400000};
	struct rng r;
	(void)state;
	rng_init(&r, 13, 1);
	for (size_t k = 0; k < COUNT_OF(sizes); k++) {
		int trials = getenv("LONG") ? 400 : sizes[k] > 50000 ? 4 : 20, outside = 0;
		double squares = 0, bias = 0;
		for (int t = 0; t < trials; t++) {
			struct distinct_sketch a, b;
			struct estimate e, joined;
			distinct_sketch_init(&a);
			distinct_sketch_init(&b);
			double from = floor(rng_unit(&r) * 1e9);
			for (uint64_t i = 0; i < sizes[k]; i++)
				distinct_sketch_add(i % 3 ? &a : &b, distinct_hash_number(from + (double)i * 0.25));
			/* Seen again: nothing changes. */
			for (uint64_t i = 0; i < sizes[k]; i += 7)
				distinct_sketch_add(&a, distinct_hash_number(from + (double)i * 0.25));
			struct distinct_sketch other = b;
			distinct_sketch_merge(&other, &a);
			distinct_sketch_merge(&a, &b);
			distinct_sketch_estimate(&a, &e);
			distinct_sketch_estimate(&other, &joined);
			assert_memory_equal(&e, &joined, sizeof e);
			double error = sizes[k] ? (e.value - (double)sizes[k]) / (double)sizes[k] : e.value;
			outside += !(e.low <= (double)sizes[k] && (double)sizes[k] <= e.high);
			squares += error * error;
			bias += error;
		}
		double rms = sqrt(squares / trials);
		print_message("# %llu different: error %.2f %%, mean %.2f %%, %d of %d outside\n",
		              (unsigned long long)sizes[k], 100 * rms, 100 * bias / trials, outside, trials);
		assert_true(rms < 0.0125 && outside <= trials / 20);
	}
	assert_true(distinct_hash_number(-0.0) == distinct_hash_number(0.0));
	assert_true(distinct_hash_bytes("a", 1) != distinct_hash_bytes("b", 1));
}

/* Values 0, 1, 2… with chances that fall by a power law; `shift` changes which. */
static size_t law(struct rng *r)
{
	return (size_t)(pow(1 - rng_unit(r), -1 / 0.9) - 1);
}

static void top_bounds_hold(void **state)
{
	enum { VALUES = 1 << 20, PARTS = 3 };
	struct rng r;
	(void)state;
	rng_init(&r, 14, 1);
	uint64_t *truth = xcalloc(VALUES, sizeof *truth);
	struct top_sketch *part[PARTS];
	char text[32];
	for (int k = 0; k < PARTS; k++)
		part[k] = top_sketch_new(512);
	for (size_t i = 0; i < 3 * N; i++) {
		size_t value = law(&r) % VALUES;
		truth[value]++;
		int len = snprintf(text, sizeof text, "v%zu", value);
		top_sketch_add(part[i % PARTS], text, (size_t)len, 1);
	}
	for (int k = 1; k < PARTS; k++)
		top_sketch_merge(part[0], part[k]);
	uint64_t error = top_sketch_error(part[0]);
	assert_true(error > 0 && error <= 3 * N / 256);
	struct top_value top[512];
	size_t n = top_sketch_list(part[0], top, COUNT_OF(top));
	assert_true(n > 100 && n <= 512);
	uint64_t *listed = xcalloc(VALUES, sizeof *listed);
	for (size_t i = 0; i < n; i++) {
		size_t value = (size_t)strtoull(top[i].bytes + 1, NULL, 10);
		assert_true(top[i].count <= truth[value] && truth[value] <= top[i].count + error);
		assert_true(i == 0 || top[i].count <= top[i - 1].count);
		listed[value] = top[i].count;
	}
	/* Nothing that is frequent is left out, and the first ones come first. */
	for (size_t v = 0; v < VALUES; v++)
		assert_true(listed[v] || truth[v] <= error);
	assert_string_equal(top[0].bytes, "v0");
	free(listed);
	free(truth);
	for (int k = 0; k < PARTS; k++)
		top_sketch_free(part[k]);

	/* Within the room: exact, ties by their bytes. */
	struct top_sketch *s = top_sketch_new(0);
	for (int i = 0; i < 16; i++)
		top_sketch_add(s, (const char[]){(char)('a' + i)}, 1, i == 9 ? 3 : 2);
	top_sketch_add(s, "z", 1, 0);
	assert_int_equal(top_sketch_error(s), 0);
	assert_int_equal(top_sketch_list(s, top, 3), 3);
	assert_true(top[0].bytes[0] == 'j' && top[0].count == 3 && top[1].bytes[0] == 'a' &&
	            top[2].bytes[0] == 'b');
	top_sketch_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(quantiles_lie_within),
	    cmocka_unit_test(quantile_order_does_not_show),
	    cmocka_unit_test(distinct_is_near),
	    cmocka_unit_test(top_bounds_hold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
