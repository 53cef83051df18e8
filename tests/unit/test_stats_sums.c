/* Exact sums: how a column is cut, joined and ordered never shows, not in one bit; and the constructed sets of
 * NIST's StRD, which only the decimals themselves can answer. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/oracle.h"
#include "assay/stats_sums.h"

enum { N = 5000, KINDS = 9 };

/* Columns of every kind: each takes another way through the sums. */
static void make_column(int kind, struct rng *r, double *x, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double z = rng_normal(r), u = rng_unit(r);
		double of[KINDS] = {
		    floor(u * 90),           /* small whole numbers */
		    round(z * 1e4) / 100,    /* two decimals, both signs */
		    z,                       /* doubles */
		    1.7e12 + floor(u * 1e9), /* times */
		    exp(9 * z),              /* doubles over many powers of two */
		    u < 0.3 ? 0 : u * ldexp(1, (int)(i % 1800) - 900),
		    i == n / 2 ? u : floor(u * 50), /* one that is no decimal */
		    round(u * 1e9) / pow(10, (double)(i % 12)),
		    u < 0.2    ? nan("")
		    : u < 0.21 ? (i % 2 ? HUGE_VAL : -HUGE_VAL)
		               : round(z * 100) / 10,
		};
		x[i] = of[kind];
	}
}

static void moments_of(const double *x, size_t n, struct moments *out)
{
	struct stats_sums *s = stats_sums_new(STATS_ONE_EACH);
	stats_sums_add(s, x, NULL, n);
	stats_sums_moments(s, out);
	stats_sums_free(s);
}

static bool same_bits(const struct moments *a, const struct moments *b)
{
	return !memcmp(a, b, sizeof *a);
}

static void cuts_do_not_show(void **state)
{
	static double x[N];
	struct rng r;
	(void)state;
	rng_init(&r, 5, 1);
	for (int kind = 0; kind < KINDS; kind++) {
		struct moments whole, parts;
		make_column(kind, &r, x, N);
		stats_moments(x, N, &whole);
		moments_of(x, N, &parts);
		assert_true(same_bits(&whole, &parts));
		for (int trial = 0; trial < 12; trial++) {
			/* Cut anywhere; add to the last part or make a new one; join from the left or from the right. */
			struct stats_sums *part[64];
			size_t count = 0, at = 0;
			while (at < N) {
				size_t most = trial < 3 ? 3 : N, len = 1 + (size_t)rng_below(&r, most);
				len = len < N - at ? len : N - at;
				if (!count || (count < 64 && rng_below(&r, 2)))
					part[count++] = stats_sums_new(STATS_ONE_EACH);
				stats_sums_add(part[count - 1], x + at, NULL, len);
				at += len;
			}
			if (trial % 2) {
				for (size_t i = 1; i < count; i++)
					stats_sums_merge(part[0], part[i]);
			} else {
				for (size_t i = count - 1; i > 0; i--)
					stats_sums_merge(part[i - 1], part[i]);
			}
			stats_sums_moments(part[0], &parts);
			if (!same_bits(&whole, &parts))
				fail_msg("kind %d, trial %d: cutting shows", kind, trial);
			for (size_t i = 0; i < count; i++)
				stats_sums_free(part[i]);
		}
	}
}

static void order_does_not_show(void **state)
{
	static double x[N], y[N];
	static uint32_t order[N];
	struct rng r;
	(void)state;
	rng_init(&r, 6, 1);
	for (int kind = 0; kind < KINDS; kind++) {
		struct moments a, b;
		make_column(kind, &r, x, N);
		for (uint32_t i = 0; i < N; i++)
			order[i] = i;
		rng_shuffle(&r, order, N);
		for (size_t i = 0; i < N; i++)
			y[i] = x[order[i]];
		stats_moments(x, N, &a);
		stats_moments(y, N, &b);
		assert_true(isnan(a.lag1) == isnan(b.lag1));
		b.lag1 = a.lag1; /* the one thing that is about order */
		assert_true(same_bits(&a, &b));
	}
}

static void rows_written_out(void **state)
{
	static double x[N / 5], w[N / 5], rows[N * 2];
	struct rng r;
	(void)state;
	rng_init(&r, 7, 1);
	for (int kind = 0; kind < KINDS; kind++) {
		size_t n = N / 5, all = 0;
		make_column(kind, &r, x, n);
		for (size_t i = 0; i < n; i++) {
			w[i] = (double)rng_below(&r, 5);
			for (size_t k = 0; k < (size_t)w[i]; k++)
				rows[all++] = x[i];
		}
		struct moments want, got, parts;
		struct stats_sums *s = stats_sums_new(STATS_FREQUENCY), *half = stats_sums_new(STATS_FREQUENCY);
		stats_moments(rows, all, &want);
		stats_sums_add(s, x, w, n);
		stats_sums_moments(s, &got);
		if (!same_bits(&want, &got))
			fail_msg("kind %d: a weight of 2 is not a row twice", kind);
		stats_sums_free(s);
		s = stats_sums_new(STATS_FREQUENCY);
		stats_sums_add(s, x, w, n / 3);
		stats_sums_add(half, x + n / 3, w + n / 3, n - n / 3);
		stats_sums_merge(s, half);
		stats_sums_moments(s, &parts);
		assert_true(same_bits(&want, &parts));
		stats_sums_free(s);
		stats_sums_free(half);
	}
}

static void sampling_cuts_do_not_show(void **state)
{
	static double x[N], w[N];
	struct rng r;
	(void)state;
	rng_init(&r, 8, 1);
	for (int kind = 0; kind < KINDS; kind++) {
		struct stats_sums *whole = stats_sums_new(STATS_SAMPLING), *back = stats_sums_new(STATS_SAMPLING);
		struct stats_sums *front = stats_sums_new(STATS_SAMPLING);
		struct weighted a, b;
		size_t cut = (size_t)rng_below(&r, N);
		make_column(kind, &r, x, N);
		for (size_t i = 0; i < N; i++)
			w[i] = kind % 2 ? floor(rng_unit(&r) * 5000) : rng_unit(&r);
		stats_sums_add(whole, x, w, N);
		/* The back part first: the mean of a survey has no order either. */
		stats_sums_add(back, x + cut, w + cut, N - cut);
		stats_sums_add(front, x, w, cut);
		stats_sums_merge(back, front);
		stats_sums_weighted(whole, &a);
		stats_sums_weighted(back, &b);
		assert_memory_equal(&a, &b, sizeof a);
		assert_true(a.rows > 0 && a.effective <= (double)a.rows && isfinite(a.mean));
		stats_sums_free(whole);
		stats_sums_free(front);
		stats_sums_free(back);
	}
}

static void text_brings_everything_back(void **state)
{
	static double x[N], w[N];
	struct rng r;
	struct str text, again;
	struct error err;
	(void)state;
	rng_init(&r, 9, 1);
	str_init(&text);
	str_init(&again);
	for (int kind = 0; kind < 3 * KINDS; kind++) {
		enum stats_weights weights = (enum stats_weights)(kind / KINDS);
		struct stats_sums *s = stats_sums_new(weights), *back;
		make_column(kind % KINDS, &r, x, N);
		for (size_t i = 0; i < N; i++)
			w[i] = (double)rng_below(&r, 4);
		str_clear(&text);
		str_clear(&again);
		stats_sums_add(s, x, weights == STATS_ONE_EACH ? NULL : w, N / 2);
		stats_sums_text(s, &text);
		back = stats_sums_parse(text.data, text.len, &err);
		assert_non_null(back);
		stats_sums_text(back, &again);
		assert_string_equal(text.data, again.data);
		stats_sums_add(s, x + N / 2, weights == STATS_ONE_EACH ? NULL : w + N / 2, N - N / 2);
		stats_sums_add(back, x + N / 2, weights == STATS_ONE_EACH ? NULL : w + N / 2, N - N / 2);
		if (weights == STATS_SAMPLING) {
			struct weighted a, b;
			stats_sums_weighted(s, &a);
			stats_sums_weighted(back, &b);
			assert_memory_equal(&a, &b, sizeof a);
		} else {
			struct moments a, b;
			stats_sums_moments(s, &a);
			stats_sums_moments(back, &b);
			assert_true(same_bits(&a, &b));
		}
		stats_sums_free(s);
		stats_sums_free(back);
	}
	/* Damaged: refused, or sums that can be asked. */
	struct stats_sums *s = stats_sums_new(STATS_ONE_EACH);
	make_column(2, &r, x, 20);
	stats_sums_add(s, x, NULL, 20);
	str_clear(&text);
	stats_sums_text(s, &text);
	stats_sums_free(s);
	size_t refused = 0;
	for (int trial = 0; trial < 2000; trial++) {
		char *copy = xmemdup0(text.data, text.len);
		size_t len = trial % 3 ? text.len : (size_t)rng_below(&r, text.len);
		if (trial % 3)
			copy[rng_below(&r, len)] = " 0123456789abcdef-z"[rng_below(&r, 19)];
		s = stats_sums_parse(copy, len, &err);
		refused += !s;
		if (s) {
			struct moments m;
			stats_sums_moments(s, &m);
		}
		stats_sums_free(s);
		free(copy);
	}
	assert_true(refused > 600);
	assert_null(stats_sums_parse("", 0, &err));
	str_release(&text);
	str_release(&again);
}

/* Powers of two change nothing but the scale; what a double can hold is also shifted without a trace. */
static void scale_and_shift(void **state)
{
	static double x[N], y[N], z[N];
	struct rng r;
	struct moments a, b, c;
	(void)state;
	rng_init(&r, 10, 1);
	for (size_t i = 0; i < N; i++) {
		x[i] = (double)rng_below(&r, 100000);
		y[i] = ldexp(x[i], -20);
		z[i] = x[i] + 0x1p44;
	}
	stats_moments(x, N, &a);
	stats_moments(y, N, &b);
	stats_moments(z, N, &c);
	assert_true(b.mean == ldexp(a.mean, -20) && b.sd == ldexp(a.sd, -20) &&
	            b.variance == ldexp(a.variance, -40));
	assert_true(b.skewness == a.skewness && b.kurtosis == a.kurtosis && b.lag1 == a.lag1);
	assert_true(c.variance == a.variance && c.sd == a.sd && c.skewness == a.skewness);
	assert_true(c.kurtosis == a.kurtosis && c.lag1 == a.lag1);
}

static void decimals_are_what_was_written(void **state)
{
	(void)state;
	const double tenths[] = {0.1, 0.2, 0.3}, same[] = {0.1, 0.1, 0.1},
	             odd[] = {0.1, 0.2, 0.30000000000000004}, all[] = {1e15, 1e-22, -1e15}, zero[] = {-0.0, 0.0};
	struct moments m;
	stats_moments(tenths, 3, &m);
	assert_true(m.sum == 0.6 && m.mean == 0.2 && m.variance == 0.01 && m.sd == 0.1 && m.skewness == 0);
	stats_moments(same, 3, &m);
	assert_true(m.mean == 0.1 && m.variance == 0 && m.sd == 0 && isnan(m.skewness) && isnan(m.lag1));
	/* Not all of them are decimals: doubles, as everybody sees them. */
	stats_moments(odd, 3, &m);
	assert_true(m.sum == 0.60000000000000009 || m.sum == 0.6000000000000001);
	stats_moments(all, 3, &m);
	assert_true(m.sum == 1e-22);
	stats_moments(zero, 2, &m);
	assert_true(!signbit(m.min) && !signbit(m.max) && m.mean == 0 && m.variance == 0);
}

/* As many fourth powers of the largest whole numbers as a block holds: half of the values at each of two ends. */
static void large_whole_numbers(void **state)
{
	enum { MANY = 2048 };
	static const int32_t ends[] = {(1 << 24) + 1, 900000000, 1 << 30, 1700000001, INT32_MAX};
	static int32_t whole[MANY];
	static double x[MANY];
	const double n = MANY, wanted = (n - 1) / ((n - 2) * (n - 3)) * (6 - 2 * (n + 1));
	struct moments m;
	(void)state;
	for (size_t k = 0; k < COUNT_OF(ends); k++)
		for (int places = 0; places < 10; places += 9) {
			for (int i = 0; i < MANY; i++) {
				whole[i] = i % 2 ? ends[k] : -ends[k];
				x[i] = whole[i] / (places ? 1e9 : 1);
			}
			stats_moments_decimals(whole, MANY, places, &m);
			oracle_near(m.kurtosis, wanted, 1e-12, "of what is packed");
			assert_true(m.mean == 0 && m.skewness == 0);
			stats_moments(x, MANY, &m);
			oracle_near(m.kurtosis, wanted, 1e-12, "of doubles");
			for (int i = 0; i < MANY; i++)
				whole[i] = i % 2 ? ends[k] : ends[k] - 4;
			stats_moments_decimals(whole, MANY, places, &m);
			oracle_near(m.kurtosis, wanted, 1e-12, "far from 0");
		}
}

/* ---- NIST StRD ---- */

static double digits(double got, double certified)
{
	double error = fabs(got - certified) / fabs(certified);
	return error > 1e-15 ? -log10(error) : 15;
}

/* NumAcc3 and 4: the base and two tenths, then a tenth and three tenths in turn. */
static void constructed_columns(void **state)
{
	static double x[1001];
	struct moments m;
	(void)state;
	for (int set = 0; set < 2; set++) {
		double base = set ? 10000000 : 1000000;
		for (int i = 1; i <= 1000; i++)
			x[i] = (base * 10 + (i % 2 ? 1 : 3)) / 10;
		x[0] = (base * 10 + 2) / 10;
		stats_moments(x, 1001, &m);
		assert_true(m.mean == x[0] && m.sd == 0.1 && digits(m.lag1, -0.999) == 15);
	}
}

/* SmLs01 to 09: nine treatments of 21, 201 or 2001 rows, each its mean and then a tenth less and more in turn;
 * with 1, 7 and 13 leading digits that are all the same. */
static void constructed_treatments(void **state)
{
	static double x[9 * 2001];
	static uint32_t codes[9 * 2001];
	static const double base[] = {1, 1e6, 1e12}, between[] = {1.68, 16.08, 160.08}, within[] = {1.8, 18, 180},
	                    f[] = {21, 201, 2001},
	                    r2[] = {4.82758620689655e-01, 4.71830985915493e-01, 4.70712773465067e-01};
	(void)state;
	for (int set = 0; set < 9; set++) {
		size_t each = set % 3 == 0 ? 21 : set % 3 == 1 ? 201 : 2001, n = 0;
		struct anova got;
		for (uint32_t g = 0; g < 9; g++)
			for (size_t k = 0; k < each; k++, n++) {
				int tenths = (g == 0 ? 4 : g % 2 ? 3 : 5) + (k == 0 ? 0 : k % 2 ? -1 : 1);
				codes[n] = g;
				x[n] = (base[set / 3] * 10 + tenths) / 10;
			}
		stats_anova_by(x, codes, n, 9, &got);
		assert_true(got.groups == 9 && got.rows == n);
		if (digits(got.between, between[set % 3]) < 14 || digits(got.within, within[set % 3]) < 14 ||
		    digits(got.f, f[set % 3]) < 14 || digits(got.eta2, r2[set % 3]) < 14 ||
		    digits(got.residual_sd, 0.1) < 14)
			fail_msg("SmLs0%d: F %.17g", set + 1, got.f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cuts_do_not_show),
	    cmocka_unit_test(order_does_not_show),
	    cmocka_unit_test(rows_written_out),
	    cmocka_unit_test(sampling_cuts_do_not_show),
	    cmocka_unit_test(text_brings_everything_back),
	    cmocka_unit_test(scale_and_shift),
	    cmocka_unit_test(decimals_are_what_was_written),
	    cmocka_unit_test(large_whole_numbers),
	    cmocka_unit_test(constructed_columns),
	    cmocka_unit_test(constructed_treatments),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
