/* Weights, analysis of variance, relations of two columns: against numpy, scipy, statsmodels and sklearn
 * (tests/oracle/columns.json). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/oracle.h"
#include "../lib/relate.h"
#include "assay/stats_relation.h"

static struct json_object *oracle;

static int open_oracle(void **state)
{
	(void)state;
	oracle = oracle_open("tests/oracle/columns.json");
	return 0;
}

static int close_oracle(void **state)
{
	(void)state;
	json_object_put(oracle);
	return 0;
}

static size_t each(const char *key, struct json_object **list)
{
	*list = oracle_get(oracle, key);
	return json_object_array_length(*list);
}

static uint32_t *codes_of(struct json_object *o, const char *key, size_t *n)
{
	double *values = oracle_nums(o, key, n);
	uint32_t *codes = xreallocarray(NULL, *n + 1, sizeof *codes);
	for (size_t i = 0; i < *n; i++)
		codes[i] = values[i] < 0 ? UINT32_MAX : (uint32_t)values[i];
	free(values);
	return codes;
}

static void quantiles_match(struct json_object *o, const double *x, const double *w, size_t n,
                            enum stats_weights kind, const char *name)
{
	size_t count, wanted;
	double *at = oracle_nums(oracle, "at", &count), *want = oracle_nums(o, "quantiles", &wanted), got[16];
	assert_true(count == wanted && count <= 16);
	relate_quantiles(x, w, n, kind, at, count, got);
	for (size_t i = 0; i < count; i++)
		oracle_near(got[i], want[i], 1e-9, name);
	free(at);
	free(want);
}

static void sampling_weights(void **state)
{
	struct json_object *list;
	(void)state;
	for (size_t i = each("sampling", &list); i-- > 0;) {
		struct json_object *o = json_object_array_get_idx(list, i);
		const char *name = oracle_text(o, "name");
		size_t n;
		double *x = oracle_nums(o, "values", &n), *w = oracle_nums(o, "weights", &n);
		struct stats_sums *s = stats_sums_new(STATS_SAMPLING);
		struct weighted got;
		assert_int_equal(stats_weights_check(w, n, STATS_SAMPLING), n);
		stats_sums_add(s, x, w, n);
		stats_sums_weighted(s, &got);
		assert_int_equal(got.rows, n);
		oracle_near_relative(got.weight, oracle_num(o, "weight"), 1e-12, name);
		oracle_near_relative(got.mean, oracle_num(o, "mean"), 1e-9, name);
		oracle_near_relative(got.variance, oracle_num(o, "variance"), 1e-9, name);
		oracle_near_relative(got.sd, sqrt(oracle_num(o, "variance")), 1e-9, name);
		oracle_near_relative(got.effective, oracle_num(o, "effective"), 1e-9, name);
		oracle_near_relative(got.se, oracle_num(o, "se"), 1e-9, name);
		quantiles_match(o, x, w, n, STATS_SAMPLING, name);
		/* Only proportions matter: of weights eight times as large everything but their sum is the same. */
		struct stats_sums *more = stats_sums_new(STATS_SAMPLING);
		struct weighted scaled;
		for (size_t k = 0; k < n; k++)
			w[k] *= 8;
		stats_sums_add(more, x, w, n);
		stats_sums_weighted(more, &scaled);
		assert_true(scaled.weight == 8 * got.weight);
		scaled.weight = got.weight;
		assert_memory_equal(&scaled, &got, sizeof got);
		stats_sums_free(s);
		stats_sums_free(more);
		free(x);
		free(w);
	}
}

static void frequency_weights(void **state)
{
	struct json_object *list;
	(void)state;
	for (size_t i = each("frequency", &list); i-- > 0;) {
		struct json_object *o = json_object_array_get_idx(list, i);
		const char *name = oracle_text(o, "name");
		size_t n;
		double *x = oracle_nums(o, "values", &n), *w = oracle_nums(o, "weights", &n);
		struct stats_sums *s = stats_sums_new(STATS_FREQUENCY);
		struct moments got;
		assert_int_equal(stats_weights_check(w, n, STATS_FREQUENCY), n);
		stats_sums_add(s, x, w, n);
		stats_sums_moments(s, &got);
		assert_int_equal(got.count, (long)oracle_num(o, "count"));
		oracle_near_relative(got.mean, oracle_num(o, "mean"), 1e-9, name);
		oracle_near_relative(got.variance, oracle_num(o, "variance"), 1e-9, name);
		oracle_near(got.skewness, oracle_num(o, "skewness"), 1e-9, name);
		oracle_near(got.kurtosis, oracle_num(o, "kurtosis"), 1e-9, name);
		quantiles_match(o, x, w, n, STATS_FREQUENCY, name);
		stats_sums_free(s);
		free(x);
		free(w);
	}
}

static void weights_that_are_none(void **state)
{
	(void)state;
	const double bad[][2] = {{1, -1}, {1, NAN}, {1, INFINITY}, {2, 1e16}, {1, 0.5}}, none[] = {0, 0},
	             x[] = {1, 2}, half = 0.5;
	double got;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(stats_weights_check(bad[i], 2, STATS_FREQUENCY), 1);
	assert_int_equal(stats_weights_check(bad[4], 2, STATS_SAMPLING), 2);
	assert_int_equal(stats_weights_check(none, 2, STATS_FREQUENCY), 2);
	relate_quantiles(x, none, 2, STATS_SAMPLING, &half, 1, &got);
	assert_true(isnan(got));
	struct stats_sums *s = stats_sums_new(STATS_SAMPLING);
	struct weighted w;
	stats_sums_add(s, x, none, 2);
	stats_sums_weighted(s, &w);
	assert_true(w.rows == 0 && w.weight == 0 && isnan(w.mean) && isnan(w.effective) && isnan(w.min));
	stats_sums_free(s);
}

/* Two categories of two thousand values each: more degrees of freedom than GSL's function takes. */
static void many_degrees(void **state)
{
	enum { ROWS = 300000, CODES = 2000 };
	uint32_t *a = xcalloc(ROWS, sizeof *a), *b = xcalloc(ROWS, sizeof *b);
	struct association got;
	struct rng g;
	(void)state;
	rng_init(&g, 3, 0);
	for (size_t i = 0; i < ROWS; i++) {
		a[i] = (uint32_t)rng_below(&g, CODES);
		b[i] = i % 300 ? (uint32_t)rng_below(&g, CODES) : a[i];
	}
	stats_association(a, CODES, b, CODES, ROWS, &got);
	assert_true(got.df == 1999.0 * 1999 && fabs(got.chi2 - 4004379.3462821422) < 1e-3);
	/* scipy 1.17.1: scipy.stats.chi2.sf(4004379.3462821422, 3996001) */
	oracle_near(got.p, 0.001529025376953686, 1e-9, "many degrees");
	stats_association(a, CODES, a, CODES, ROWS, &got);
	assert_true(got.p == 0 && fabs(got.v - 1) < 1e-12);
	free(a);
	free(b);
}

static void pairs_match(void **state)
{
	struct json_object *list;
	(void)state;
	for (size_t i = each("pairs", &list); i-- > 0;) {
		struct json_object *o = json_object_array_get_idx(list, i);
		const char *name = oracle_text(o, "name");
		size_t n;
		double *x = oracle_nums(o, "x", &n), *y = oracle_nums(o, "y", &n);
		struct correlation c, swapped;
		stats_pearson(x, y, n, &c);
		assert_int_equal(c.n, (long)oracle_num(o, "n"));
		oracle_near(c.r, oracle_num(o, "pearson"), 1e-9, name);
		oracle_near(c.p, oracle_num(o, "pearson_p"), 1e-9, name);
		stats_pearson(y, x, n, &swapped);
		assert_true(swapped.r == c.r);
		relate_spearman(x, y, n, &c);
		assert_int_equal(c.n, (long)oracle_num(o, "n"));
		oracle_near(c.r, oracle_num(o, "spearman"), 1e-9, name);
		/* Of two pairs scipy has a p of 1 for Pearson and none for Spearman: here it is 1. */
		if (c.n > 2)
			oracle_near(c.p, oracle_num(o, "spearman_p"), 1e-9, name);
		free(x);
		free(y);
	}
	enum { LONG = 200000 };
	double *u = xreallocarray(NULL, LONG, sizeof *u), *v = xreallocarray(NULL, LONG, sizeof *v);
	for (uint64_t i = 0; i < LONG; i++) {
		u[i] = (double)(i * 7919 % 1009);
		v[i] = (double)(i * 104729 % 997) + u[i] * 0.004;
	}
	struct correlation c;
	struct json_object *o = oracle_get(oracle, "long");
	stats_pearson(u, v, LONG, &c);
	oracle_near_relative(c.r, oracle_num(o, "r"), 1e-9, "long");
	oracle_near(c.p, oracle_num(o, "p"), 1e-9, "long");
	free(u);
	free(v);
}

static void pairs_without_an_answer(void **state)
{
	(void)state;
	const double x[] = {1, 2, 3, NAN}, same[] = {0.1, 0.1, 0.1, 5}, none[] = {NAN, NAN, NAN, 4},
	             far[] = {1, INFINITY, 3, 4};
	struct correlation c;
	/* Exactly on a line, which rounding must not hide: of so few rows p would be 1e-8. */
	const double on[] = {2.5, 1.5, 2.5}, line[] = {1, 0, 1};
	stats_pearson(on, line, 3, &c);
	assert_true(c.r == 1 && c.p == 0);
	stats_pearson(x, same, 4, &c);
	assert_true(c.n == 3 && isnan(c.r) && isnan(c.p));
	relate_spearman(x, none, 4, &c);
	assert_true(c.n == 0 && isnan(c.r) && isnan(c.p));
	stats_pearson(x, x, 0, &c);
	assert_true(c.n == 0 && isnan(c.r));
	stats_pearson(x, far, 4, &c);
	assert_true(c.n == 2 && c.r == 1 && c.p == 1);
	relate_spearman(x, far, 4, &c);
	assert_true(c.n == 3 && c.r == 0.5);
	struct auc auc;
	relate_label(x, none, 4, &auc);
	assert_true(isnan(auc.value));
}

/* Of a small r, 1 - r^2 is near 1, and the p-value is right all the same (values by mpmath 1.3.0 in 50 digits:
 * 1 - betainc(1/2, 249, 0, r*r, regularized=True) of these doubles). */
static void small_correlations(void **state)
{
	static const struct {
		double slope, r, p;
	} want[] = {
	    {0x1p-30, 1.3442456593921582e-7, 0.99999760770156318},
	    {0x1p-40, 1.3127399017501663e-10, 0.99999999766377106},
	    {0x1p-10, 0.13957464907053117, 0.0017570144528798948},
	};
	double x[500], y[500];
	struct correlation c;
	(void)state;
	for (size_t k = 0; k < COUNT_OF(want); k++) {
		for (size_t i = 0; i < 500; i++) {
			x[i] = (double)i;
			y[i] = (i % 4 == 0 || i % 4 == 3 ? 1 : -1) + want[k].slope * (double)i;
		}
		stats_pearson(x, y, 500, &c);
		oracle_near(c.r, want[k].r, 1e-14, "r");
		oracle_near(c.p, want[k].p, 1e-13, "p");
	}
}

static void ranks_and_auc(void **state)
{
	struct json_object *list, *o;
	size_t n, ranks;
	(void)state;
	for (size_t i = each("ranks", &list); i-- > 0;) {
		o = json_object_array_get_idx(list, i);
		double *x = oracle_nums(o, "values", &n), *want = oracle_nums(o, "ranks", &ranks);
		uint32_t *got = xreallocarray(NULL, n, sizeof *got);
		stats_ranks_twice(x, n, got, NULL);
		for (size_t k = 0; k < n; k++)
			assert_true(got[k] == 2 * want[k]);
		free(x);
		free(want);
		free(got);
	}
	const double holes[] = {NAN, 3, -NAN, 1, 3};
	uint32_t got[5];
	stats_ranks_twice(holes, 5, got, NULL);
	assert_true(got[0] == 0 && got[1] == 5 && got[2] == 0 && got[3] == 2 && got[4] == 5);
	o = oracle_get(oracle, "auc");
	double *x = oracle_nums(o, "feature", &n), *y = oracle_nums(o, "label", &n);
	struct auc auc;
	relate_label(x, y, n, &auc);
	oracle_near(auc.value, oracle_num(o, "value"), 1e-9, "auc of a feature");
	assert_true(auc.low < auc.value && auc.value < auc.high);
	size_t positives = auc.positives;
	y[0] = NAN;
	relate_label(x, y, n, &auc);
	assert_true(auc.positives + auc.negatives == n - 1 && auc.positives <= positives);
	free(x);
	free(y);
}

static void associations_match(void **state)
{
	struct json_object *list;
	(void)state;
	for (size_t i = each("associations", &list); i-- > 0;) {
		struct json_object *o = json_object_array_get_idx(list, i);
		const char *name = oracle_text(o, "name");
		size_t n;
		uint32_t *a = codes_of(o, "a", &n), *b = codes_of(o, "b", &n);
		struct association got;
		stats_association(a, 50, b, 40, n, &got);
		assert_int_equal(got.n, (long)oracle_num(o, "n"));
		assert_int_equal(got.rows, (long)oracle_num(o, "rows"));
		assert_int_equal(got.columns, (long)oracle_num(o, "columns"));
		oracle_near_relative(got.chi2, oracle_num(o, "chi2"), 1e-9, name);
		oracle_near(got.df, oracle_num(o, "df"), 0, name);
		oracle_near(got.p, oracle_num(o, "p"), 1e-9, name);
		oracle_near(got.v, oracle_num(o, "v"), 1e-9, name);
		oracle_near(got.mutual, oracle_num(o, "mutual"), 1e-9, name);
		oracle_near(got.explains_b, oracle_num(o, "explains_b"), 1e-9, name);
		oracle_near(got.explains_a, oracle_num(o, "explains_a"), 1e-9, name);
		free(a);
		free(b);
	}
	const uint32_t one[] = {0, 0, 0}, two[] = {0, 1, 1}, none[] = {9, 9, 9};
	struct association got;
	stats_association(one, 1, two, 2, 3, &got);
	assert_true(got.n == 3 && isnan(got.chi2) && isnan(got.v) && got.mutual == 0 && got.explains_b == 0);
	assert_true(isnan(got.explains_a));
	stats_association(none, 1, two, 2, 3, &got);
	assert_true(got.n == 0 && isnan(got.mutual) && isnan(got.p));
}

static void anova_matches(void **state)
{
	struct json_object *list;
	(void)state;
	for (size_t i = each("anova", &list); i-- > 0;) {
		struct json_object *o = json_object_array_get_idx(list, i);
		const char *name = oracle_text(o, "name");
		size_t n;
		double *x = oracle_nums(o, "values", &n);
		uint32_t *codes = codes_of(o, "codes", &n);
		struct anova got;
		stats_anova_by(x, codes, n, 5, &got);
		assert_int_equal(got.rows, n);
		oracle_near_relative(got.f, oracle_num(o, "f"), 1e-9, name);
		oracle_near(got.p, oracle_num(o, "p"), 1e-9, name);
		oracle_near_relative(got.between, oracle_num(o, "between"), 1e-9, name);
		oracle_near_relative(got.within, oracle_num(o, "within"), 1e-9, name);
		oracle_near_relative(got.eta2, oracle_num(o, "eta2"), 1e-9, name);
		free(x);
		free(codes);
	}
	const double x[] = {1, 1, 2, 2, NAN, 7}, flat[] = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
	const uint32_t codes[] = {0, 0, 1, 1, 0, 9};
	struct anova got;
	stats_anova_by(x, codes, 6, 2, &got);
	assert_true(got.rows == 4 && got.groups == 2 && got.within == 0 && got.eta2 == 1 && got.p == 0);
	stats_anova_by(flat, codes, 6, 2, &got);
	assert_true(got.between == 0 && isnan(got.f) && isnan(got.eta2));
	stats_anova_by(x, codes, 2, 2, &got);
	assert_true(got.groups == 1 && isnan(got.f) && isnan(got.p));
	stats_anova_by(x, codes, 0, 2, &got);
	assert_true(got.rows == 0 && isnan(got.f) && isnan(got.eta2));
}

static void bins_and_fences(void **state)
{
	(void)state;
	double x[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 100, NAN}, edges[11];
	size_t bins = stats_quantile_edges(x, 11, 4, edges);
	assert_int_equal(bins, 4);
	assert_true(edges[0] == 0 && edges[1] == 2.5 && edges[2] == 5 && edges[3] == 7.5 && edges[4] == 100);
	const double same[] = {5, 5, 5, 5, 5, 5, 5, 9};
	assert_int_equal(stats_quantile_edges(same, 7, 10, edges), 1);
	assert_int_equal(stats_quantile_edges(same, 0, 10, edges), 0);
	struct fences f;
	/* quartiles 2.5 and 7.5: fences at -5 and 15, far ones at -12.5 and 22.5 */
	stats_fences(&(struct stats_sorted){.values = x, .n = 11}, &f);
	assert_true(f.low == -5 && f.high == 15 && f.far_low == -12.5 && f.far_high == 22.5);
	assert_true(f.below == 0 && f.above == 1 && f.far_below == 0 && f.far_above == 1);
	x[10] = 15;
	stats_fences(&(struct stats_sorted){.values = x, .n = 11}, &f);
	assert_true(f.above == 0);
	stats_fences(&(struct stats_sorted){.values = same, .n = 8}, &f);
	assert_true(isnan(f.low) && isnan(f.far_high) && f.above == 0);
	stats_fences(&(struct stats_sorted){.values = same, .n = 0}, &f);
	assert_true(isnan(f.high));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sampling_weights),      cmocka_unit_test(frequency_weights),
	    cmocka_unit_test(weights_that_are_none), cmocka_unit_test(pairs_match),
	    cmocka_unit_test(many_degrees),          cmocka_unit_test(pairs_without_an_answer),
	    cmocka_unit_test(small_correlations),    cmocka_unit_test(ranks_and_auc),
	    cmocka_unit_test(associations_match),    cmocka_unit_test(anova_matches),
	    cmocka_unit_test(bins_and_fences),
	};
	return cmocka_run_group_tests(tests, open_oracle, close_oracle);
}
