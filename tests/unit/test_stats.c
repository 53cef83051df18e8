/* One column, intervals, random numbers: against pandas, numpy and scipy (tests/oracle/stats.json). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/oracle.h"
#include "assay/stats.h"
#include "assay/stats_relation.h"

static struct json_object *oracle;

static int open_oracle(void **state)
{
	(void)state;
	oracle = oracle_open("tests/oracle/stats.json");
	return 0;
}

static int close_oracle(void **state)
{
	(void)state;
	json_object_put(oracle);
	return 0;
}

static void one_column(struct json_object *c)
{
	size_t n, q_count, edge_count, count_count;
	const char *name = oracle_text(c, "name");
	double *x = oracle_nums(c, "values", &n), *q = oracle_nums(c, "quantiles", &q_count);
	double *at = oracle_nums(oracle, "quantile_at", &q_count), *edges = oracle_nums(c, "edges", &edge_count);
	double *counts = oracle_nums(c, "counts", &count_count);
	struct moments m;
	stats_moments(x, n, &m);
	assert_int_equal(m.count, n);
	assert_int_equal(m.nan + m.pos_inf + m.neg_inf, 0);
	/* A sum that cancels has no relative accuracy in the reference: measure against the size of the values.
	 */
	double scale = fmax(fabs(m.min), fabs(m.max));
	oracle_near_relative(m.min, oracle_num(c, "min"), 0, name);
	oracle_near_relative(m.max, oracle_num(c, "max"), 0, name);
	oracle_near(m.sum / scale, oracle_num(c, "sum") / scale, 1e-12, name);
	oracle_near(m.mean / scale, oracle_num(c, "mean") / scale, 1e-12, name);
	oracle_near_relative(m.variance, oracle_num(c, "variance"), 1e-9, name);
	oracle_near_relative(m.sd, oracle_num(c, "sd"), 1e-9, name);
	oracle_near(m.skewness, oracle_num(c, "skewness"), 1e-9, name);
	/* Fourth powers of values of the size 1e-100 are 0 to pandas, and its kurtosis missing. */
	if (scale > 1e-70)
		oracle_near(m.kurtosis, oracle_num(c, "kurtosis"), 1e-9, name);
	oracle_near(m.lag1, oracle_num(c, "lag1"), 1e-9, name);

	double *sorted = xreallocarray(NULL, n, sizeof *sorted);
	memcpy(sorted, x, n * sizeof *sorted);
	stats_sort(sorted, n);
	for (size_t i = 0; i < q_count; i++)
		oracle_near_relative(stats_quantile(sorted, n, at[i]), q[i], 1e-12, name);
	oracle_near_relative(stats_mad(&(struct stats_sorted){.values = sorted, .n = n}), oracle_num(c, "mad"),
	                     1e-9, name);
	assert_int_equal(stats_distinct(sorted, n), (long)oracle_num(c, "distinct"));
	size_t bins = stats_bin_count(&(struct stats_sorted){.values = sorted, .n = n});
	assert_int_equal(bins, (long)oracle_num(c, "bins"));
	double *own_edges = xreallocarray(NULL, bins + 1, sizeof *own_edges);
	uint64_t *from_sorted = xcalloc(bins, sizeof *from_sorted);
	stats_edges(m.min, m.max, bins, own_edges);
	for (size_t i = 0; i <= bins; i++)
		assert_true(own_edges[i] == edges[i]);
	stats_histogram_sorted(sorted, n, edges, bins, from_sorted);
	for (size_t i = 0; i < bins; i++) {
		assert_int_equal(from_sorted[i], (long)counts[i]);
	}
	free(from_sorted);
	free(own_edges);
	free(sorted);
	free(x);
	free(q);
	free(at);
	free(edges);
	free(counts);
}

static void columns_match_reference(void **state)
{
	(void)state;
	struct json_object *list = oracle_get(oracle, "columns");
	assert_true(json_object_array_length(list) >= 16);
	for (size_t i = 0; i < json_object_array_length(list); i++)
		one_column(json_object_array_get_idx(list, i));
}

static void missing_and_infinite_are_kept_out(void **state)
{
	(void)state;
	const double x[] = {NAN, 1, INFINITY, 2, NAN, 4, -INFINITY}, plain[] = {1, 2, 4};
	struct moments m, p;
	stats_moments(x, COUNT_OF(x), &m);
	stats_moments(plain, COUNT_OF(plain), &p);
	assert_int_equal(m.count, 3);
	assert_int_equal(m.nan, 2);
	assert_int_equal(m.pos_inf, 1);
	assert_int_equal(m.neg_inf, 1);
	assert_true(m.mean == p.mean && m.sd == p.sd && m.skewness == p.skewness && m.lag1 == p.lag1);
	stats_moments(x, 1, &m);
	assert_int_equal(m.count, 0);
	assert_true(isnan(m.mean) && isnan(m.sd) && isnan(m.min) && isnan(m.lag1) && m.sum == 0);
	stats_moments(NULL, 0, &m);
	assert_true(m.count == 0 && isnan(m.mean));
}

static void extremes_do_not_overflow(void **state)
{
	(void)state;
	const double wide[] = {-1e308, 1e308, 1e308, -1e308}, thin[] = {5e-324, 1e-323, 1.5e-323, 1e-323};
	struct moments m;
	double edges[11];
	stats_moments(wide, 4, &m);
	assert_true(m.mean == 0 && m.sd > 1.15e308 && isfinite(m.sd) && isfinite(m.kurtosis));
	stats_moments(thin, 4, &m);
	assert_true(m.mean > 0 && isfinite(m.skewness));
	stats_edges(-1.7e308, 1.7e308, 10, edges);
	for (int i = 0; i < 10; i++)
		assert_true(isfinite(edges[i]) && edges[i] < edges[i + 1]);
}

static int by_number(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Numbers that differ in their last bits only, alone or among others; and those that are often the same. */
static void sort_looks_at_every_bit(void **state)
{
	enum { N = 5000, KINDS = 5 };
	static double x[N], y[N];
	struct rng r;
	(void)state;
	rng_init(&r, 8, 0);
	for (int kind = 0; kind < KINDS; kind++) {
		for (size_t i = 0; i < N; i++) {
			double close = 1 + (double)rng_below(&r, 1 << 20) * 0x1p-52;
			x[i] = kind == 3 ? (double)rng_below(&r, 7) - 3 : kind == 4 ? ldexp(close, (int)(i % 3)) : close;
		}
		if (kind > 0)
			x[N / 2] = 1e300;
		if (kind > 1)
			x[N / 3] = -1e300;
		memcpy(y, x, sizeof y);
		stats_sort(x, N);
		qsort(y, N, sizeof *y, by_number);
		assert_memory_equal(x, y, sizeof x);
	}
}

static int by_int(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
	return (x > y) - (x < y);
}

/* One, two and three digits of a sort, wider ones of many values; both ends of the range; what is sorted already. */
static void ints_sort_as_qsort_does(void **state)
{
	enum { N = 70000 };
	static int32_t x[N], y[N], spare[N];
	static const uint64_t spans[] = {
	    1, 2, 100, 2048, 2049, 1 << 17, 1 << 22, (1 << 22) + 1, 1 << 26, (1 << 26) + 1, UINT64_C(1) << 32};
	(void)state;
	struct rng r;
	rng_init(&r, 9, 0);
	for (size_t k = 0; k < COUNT_OF(spans); k++)
		for (size_t n = 0; n <= N; n = n < 10000 ? n * 6 + 1 : n + N - 10000) {
			int64_t low = k % 2 ? INT32_MIN : (int64_t)INT32_MAX + 1 - (int64_t)spans[k];
			for (size_t i = 0; i < n; i++)
				y[i] = x[i] = (int32_t)(low + (int64_t)rng_below(&r, spans[k]));
			qsort(y, n, sizeof *y, by_int);
			assert_memory_equal(stats_sort_ints(x, spare, n), y, n * sizeof *y);
			assert_ptr_equal(stats_sort_ints(y, spare, n), y);
		}
}

/* Runs of every length, wherever they stand; of whole numbers as of doubles. */
static void runs_of_equal_values_are_found(void **state)
{
	enum { N = 150 };
	int32_t x[N];
	double as_doubles[N];
	(void)state;
	struct rng r;
	rng_init(&r, 12, 0);
	for (int trial = 0; trial < 2000; trial++) {
		size_t n = rng_below(&r, N + 1), distinct = 0, length = 1 + rng_below(&r, 40),
		       from = rng_below(&r, n + 1), first = n;
		for (size_t i = 0; i < n; i++) {
			x[i] = i == 0 ? INT32_MIN + 1 : x[i - 1] + (rng_below(&r, 1 + (uint64_t)trial % 30) == 0);
			as_doubles[i] = x[i];
			distinct += i == 0 || x[i] != x[i - 1];
		}
		for (size_t i = from; i + length <= n && first == n; i++)
			first = x[i] == x[i + length - 1] ? i : n;
		assert_int_equal(stats_distinct(as_doubles, n), distinct);
		assert_int_equal(stats_distinct_ints(x, n), distinct);
		assert_int_equal(stats_run(as_doubles, n, from, length), first);
		assert_int_equal(stats_run_ints(x, n, from, length), first);
	}
}

/* What is told of decimals is told of the same values as doubles, to the last bit. */
static void packed_values_say_what_doubles_do(void **state)
{
	enum { N = 500 };
	static const double ten[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
	int32_t x[N], spare[N];
	double as_doubles[N];
	(void)state;
	struct rng r;
	rng_init(&r, 13, 0);
	for (int trial = 0; trial < 500; trial++) {
		struct stats_sorted packed = {.places = trial % 10, .n = 1 + rng_below(&r, N)},
		                    plain = {.n = packed.n};
		uint64_t span = UINT64_C(1) << (1 + rng_below(&r, 32));
		for (size_t i = 0; i < packed.n; i++)
			x[i] = (int32_t)((int64_t)rng_below(&r, span) - (int64_t)(span / 2));
		packed.whole = stats_sort_ints(x, spare, packed.n);
		for (size_t i = 0; i < packed.n; i++)
			as_doubles[i] = packed.whole[i] / ten[packed.places];
		plain.values = as_doubles;
		for (int k = 0; k <= 100; k++)
			assert_true(stats_sorted_quantile(&packed, k / 100.0) ==
			            stats_quantile(as_doubles, plain.n, k / 100.0));
		assert_true(stats_mad(&packed) == stats_mad(&plain));
		size_t bins = stats_bin_count(&plain);
		assert_int_equal(stats_bin_count(&packed), bins);
		double edges[STATS_BINS_MAX + 1];
		uint64_t counts[STATS_BINS_MAX], same[STATS_BINS_MAX];
		stats_edges(as_doubles[0], as_doubles[plain.n - 1], bins, edges);
		stats_histogram_sorted(as_doubles, plain.n, edges, bins, counts);
		stats_sorted_histogram(&packed, edges, bins, same);
		assert_memory_equal(counts, same, bins * sizeof *counts);
		struct fences a, b;
		stats_fences(&packed, &a);
		stats_fences(&plain, &b);
		assert_memory_equal(&a, &b, sizeof a);
	}
}

/* Against the definition, with ties and with all on one side. */
static void mad_is_the_median_of_deviations(void **state)
{
	(void)state;
	struct rng r;
	rng_init(&r, 10, 0);
	for (int trial = 0; trial < 3000; trial++) {
		double x[40], d[40];
		size_t n = 1 + rng_below(&r, 40);
		for (size_t i = 0; i < n; i++)
			x[i] = trial % 3 ? (double)rng_below(&r, 6) : exp(rng_normal(&r) * 3);
		stats_sort(x, n);
		double middle = stats_quantile(x, n, 0.5);
		for (size_t i = 0; i < n; i++)
			d[i] = fabs(x[i] - middle);
		stats_sort(d, n);
		double before = d[(n - 1) / 2], wanted = before + (d[n / 2] - before) / 2;
		assert_true(stats_mad(&(struct stats_sorted){.values = x, .n = n}) == wanted);
	}
}

static void sort_equals_qsort(void **state)
{
	(void)state;
	struct rng r;
	rng_init(&r, 7, 0);
	for (size_t n = 0; n < 4000; n = n * 2 + 1) {
		double *x = xreallocarray(NULL, n + 1, sizeof *x), sum = 0, after = 0;
		for (size_t i = 0; i < n; i++) {
			x[i] = (rng_unit(&r) - 0.5) * pow(10, (double)rng_below(&r, 30) - 15);
			if (n % 2 && i % 3 == 0)
				x[i] = round(x[i]);
			sum += floor(x[i] * 1e-6);
		}
		stats_sort(x, n);
		for (size_t i = 0; i < n; i++) {
			assert_true(i == 0 || x[i - 1] <= x[i]);
			after += floor(x[i] * 1e-6);
		}
		assert_true(sum == after);
		free(x);
	}
}

static void order_of_rows_does_not_matter(void **state)
{
	(void)state;
	enum { N = 5000 };
	struct rng r;
	double x[N], y[N];
	uint32_t order[N];
	rng_init(&r, 11, 3);
	for (uint32_t i = 0; i < N; i++) {
		x[i] = 1e6 + rng_normal(&r);
		order[i] = i;
	}
	rng_shuffle(&r, order, N);
	for (size_t i = 0; i < N; i++)
		y[i] = x[order[i]];
	struct moments a, b;
	stats_moments(x, N, &a);
	stats_moments(y, N, &b);
	assert_true(a.mean == b.mean && a.min == b.min && a.max == b.max);
	oracle_near_relative(b.sd, a.sd, 1e-14, "sd of permuted rows");
	oracle_near(b.kurtosis, a.kurtosis, 1e-12, "kurtosis of permuted rows");
	assert_true(fabs(a.lag1) < 0.1);
	stats_sort(x, N);
	stats_sort(y, N);
	assert_memory_equal(x, y, sizeof x);
}

static void histogram_edges_decide(void **state)
{
	(void)state;
	/* 0.3 lies in the bin that begins at 0.3 even where multiplying says otherwise; the last edge is closed.
	 */
	double edges[11], x[] = {-0.1, 0, 0.1, 0.2, 0.3, 0.6, 0.7, 0.9, 1, 1.5};
	uint64_t counts[10];
	for (int i = 0; i <= 10; i++)
		edges[i] = i / 10.0;
	stats_histogram_sorted(x, COUNT_OF(x), edges, 10, counts);
	const uint64_t want[] = {1, 1, 1, 1, 0, 0, 1, 1, 0, 2};
	assert_memory_equal(counts, want, sizeof want);
	const double uneven[] = {0, 1, 10, 1000};
	const double y[] = {0.5, 1, 9.9, 10, 1000};
	const uint64_t want_uneven[] = {1, 2, 2};
	stats_histogram_sorted(y, 5, uneven, 3, counts);
	assert_memory_equal(counts, want_uneven, sizeof want_uneven);
}

static void small_references(void **state)
{
	(void)state;
	struct json_object *list = oracle_get(oracle, "entropy");
	size_t n, k;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *o = json_object_array_get_idx(list, i);
		double *c = oracle_nums(o, "counts", &n);
		uint64_t counts[16];
		for (size_t j = 0; j < n; j++)
			counts[j] = (uint64_t)c[j];
		oracle_near(stats_entropy(counts, n), oracle_num(o, "value"), 1e-12, "entropy");
		free(c);
	}
	list = oracle_get(oracle, "wilson");
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *o = json_object_array_get_idx(list, i);
		double low, high;
		stats_wilson(oracle_num(o, "k"), oracle_num(o, "n"), 0.95, &low, &high);
		oracle_near(low, oracle_num(o, "low"), 1e-9, "wilson low");
		oracle_near(high, oracle_num(o, "high"), 1e-9, "wilson high");
	}
	list = oracle_get(oracle, "normal");
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *o = json_object_array_get_idx(list, i);
		oracle_near_relative(stats_normal_cdf(oracle_num(o, "x")), oracle_num(o, "cdf"), 1e-9, "normal cdf");
	}
	list = oracle_get(oracle, "normal_quantile");
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *o = json_object_array_get_idx(list, i);
		oracle_near(stats_normal_quantile(oracle_num(o, "p")), oracle_num(o, "x"), 1e-9, "normal quantile");
	}
	list = oracle_get(oracle, "ks");
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *o = json_object_array_get_idx(list, i);
		double *a = oracle_nums(o, "a", &n), *b = oracle_nums(o, "b", &k);
		stats_sort(a, n);
		stats_sort(b, k);
		oracle_near(stats_ks(a, n, b, k), oracle_num(o, "value"), 1e-12, "ks");
		free(a);
		free(b);
	}
}

static void shares_and_their_edges(void **state)
{
	(void)state;
	const uint64_t even[] = {4, 4, 0, 4, 4}, one[] = {9, 0}, none[] = {0, 0};
	const uint64_t a[] = {50, 50}, b[] = {25, 75}, c[] = {0, 100};
	assert_true(stats_imbalance(even, 5) == 0);
	uint64_t each[300];
	for (size_t i = 0; i < 300; i++) {
		each[i] = 1;
		assert_true(i == 0 || (stats_imbalance(each, i + 1) >= 0 && stats_imbalance(each, i + 1) < 1e-15));
	}
	assert_true(isnan(stats_imbalance(one, 2)) && isnan(stats_imbalance(none, 2)));
	assert_true(stats_entropy(none, 2) == 0);
	/* by hand: (0.25-0.5) ln(0.25/0.5) + (0.75-0.5) ln(0.75/0.5) = 0.25 ln 3 */
	oracle_near(stats_psi(a, b, 2), 0.25 * log(3), 1e-12, "psi");
	/* an empty cell counts as 1e-4, the rest renormalised */
	double p = 1e-4 / 1.0001, q = 1 / 1.0001;
	oracle_near(stats_psi(a, c, 2), (p - 0.5) * log(p / 0.5) + (q - 0.5) * log(q / 0.5), 1e-12,
	            "psi, empty cell");
	assert_true(stats_psi(a, a, 2) == 0 && isnan(stats_psi(a, none, 2)));
	double low, high;
	stats_wilson(0, 0, 0.95, &low, &high);
	assert_true(low == 0 && high == 1);
}

static void random_stream_is_fixed(void **state)
{
	(void)state;
	struct rng r, again, other;
	/* xoshiro256** from the state {1, 2, 3, 4}: the first outputs of the authors' program. */
	r = (struct rng){{1, 2, 3, 4}};
	const uint64_t want[] = {11520, 0, 1509978240, UINT64_C(1215971899390074240)};
	for (size_t i = 0; i < COUNT_OF(want); i++)
		assert_true(rng_next(&r) == want[i]);
	rng_init(&r, 42, 0);
	rng_init(&again, 42, 0);
	rng_init(&other, 42, 1);
	assert_true(rng_next(&r) == rng_next(&again) && rng_next(&r) != rng_next(&other));
	double sum = 0, squares = 0;
	size_t hits[6] = {0};
	enum { N = 60000 };
	for (int i = 0; i < N; i++) {
		double x = rng_normal(&r), u = rng_unit(&r);
		assert_true(u >= 0 && u < 1);
		sum += x;
		squares += x * x;
		hits[rng_below(&r, 6)]++;
	}
	assert_true(fabs(sum / N) < 0.02 && fabs(squares / N - 1) < 0.03);
	for (int i = 0; i < 6; i++)
		assert_true(hits[i] > N / 6 - 500 && hits[i] < N / 6 + 500);
	uint32_t items[100];
	bool seen[100] = {false};
	for (uint32_t i = 0; i < 100; i++)
		items[i] = i;
	rng_shuffle(&r, items, 100);
	for (int i = 0; i < 100; i++)
		seen[items[i]] = true;
	for (int i = 0; i < 100; i++)
		assert_true(seen[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(columns_match_reference),
	    cmocka_unit_test(missing_and_infinite_are_kept_out),
	    cmocka_unit_test(extremes_do_not_overflow),
	    cmocka_unit_test(sort_equals_qsort),
	    cmocka_unit_test(ints_sort_as_qsort_does),
	    cmocka_unit_test(runs_of_equal_values_are_found),
	    cmocka_unit_test(packed_values_say_what_doubles_do),
	    cmocka_unit_test(mad_is_the_median_of_deviations),
	    cmocka_unit_test(sort_looks_at_every_bit),
	    cmocka_unit_test(order_of_rows_does_not_matter),
	    cmocka_unit_test(histogram_edges_decide),
	    cmocka_unit_test(small_references),
	    cmocka_unit_test(shares_and_their_edges),
	    cmocka_unit_test(random_stream_is_fixed),
	};
	return cmocka_run_group_tests(tests, open_oracle, close_oracle);
}
