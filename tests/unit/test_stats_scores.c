/* What scores are worth: against sklearn and DeLong's definition (tests/oracle/stats.json). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/oracle.h"
#include "assay/stats.h"

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

struct scored {
	double *a, *b;
	uint8_t *label;
	size_t n;
};

static struct scored read_scored(struct json_object *o)
{
	struct scored s;
	double *label = oracle_nums(o, "label", &s.n);
	s.a = oracle_nums(o, "a", &s.n);
	s.b = oracle_nums(o, "b", &s.n);
	s.label = xcalloc(s.n, 1);
	for (size_t i = 0; i < s.n; i++)
		s.label[i] = label[i] > 0;
	free(label);
	return s;
}

static void release_scored(struct scored *s)
{
	free(s->a);
	free(s->b);
	free(s->label);
}

static void one_case(struct json_object *o)
{
	const char *name = oracle_text(o, "name");
	struct scored s = read_scored(o);
	struct auc auc;
	stats_auc(s.a, s.label, s.n, 0.95, &auc);
	oracle_near(auc.value, oracle_num(o, "auc"), 1e-12, name);
	oracle_near(auc.variance, oracle_num(o, "variance"), 1e-12, name);
	oracle_near(auc.low, oracle_num(o, "low"), 1e-9, name);
	oracle_near(auc.high, oracle_num(o, "high"), 1e-9, name);
	struct auc_pair pair;
	stats_auc_pair(s.a, s.b, s.label, s.n, 0.95, &pair);
	oracle_near(pair.a.value, auc.value, 0, name);
	oracle_near(pair.b.value, oracle_num(o, "auc_b"), 1e-12, name);
	oracle_near(pair.b.variance, oracle_num(o, "variance_b"), 1e-12, name);
	oracle_near(pair.covariance, oracle_num(o, "covariance"), 1e-12, name);
	oracle_near(pair.difference, oracle_num(o, "difference"), 1e-12, name);
	oracle_near(pair.se, oracle_num(o, "se"), 1e-9, name);
	oracle_near(pair.p, oracle_num(o, "p"), 1e-9, name);
	oracle_near(stats_average_precision(s.a, s.label, s.n), oracle_num(o, "average_precision"), 1e-12, name);
	oracle_near(stats_log_loss(s.a, s.label, s.n), oracle_num(o, "log_loss"), 1e-12, name);
	oracle_near(stats_brier(s.a, s.label, s.n), oracle_num(o, "brier"), 1e-12, name);
	struct confusion c;
	size_t four;
	double *want = oracle_nums(o, "confusion", &four);
	stats_confusion(s.a, s.label, s.n, 0.5, &c);
	assert_int_equal(four, 4);
	assert_true((double)c.tp == want[0] && (double)c.fp == want[1] && (double)c.fn == want[2] &&
	            (double)c.tn == want[3]);
	free(want);
	struct calibration cal;
	uint64_t cases = 0;
	stats_calibration(s.a, s.label, s.n, false, &cal);
	oracle_near(cal.ece, oracle_num(o, "ece"), 1e-12, name);
	oracle_near(cal.mce, oracle_num(o, "mce"), 1e-12, name);
	stats_calibration(s.a, s.label, s.n, true, &cal);
	oracle_near(cal.ece, oracle_num(o, "ece_mass"), 1e-12, name);
	oracle_near(cal.mce, oracle_num(o, "mce_mass"), 1e-12, name);
	for (int b = 0; b < STATS_CALIBRATION_BINS; b++)
		cases += cal.bin[b].count;
	assert_int_equal(cases, s.n);
	release_scored(&s);
}

static void scores_match_reference(void **state)
{
	(void)state;
	struct json_object *list = oracle_get(oracle, "scores");
	assert_true(json_object_array_length(list) >= 8);
	for (size_t i = 0; i < json_object_array_length(list); i++)
		one_case(json_object_array_get_idx(list, i));
}

static void order_of_cases_does_not_matter(void **state)
{
	(void)state;
	struct scored s = read_scored(json_object_array_get_idx(oracle_get(oracle, "scores"), 2));
	double *a = xcalloc(s.n, sizeof *a);
	uint8_t *label = xcalloc(s.n, 1);
	uint32_t *order = xcalloc(s.n, sizeof *order);
	struct rng r;
	rng_init(&r, 5, 0);
	for (uint32_t i = 0; i < s.n; i++)
		order[i] = i;
	rng_shuffle(&r, order, s.n);
	for (size_t i = 0; i < s.n; i++) {
		a[i] = s.a[order[i]];
		label[i] = s.label[order[i]];
	}
	struct auc before, after;
	struct calibration cal_before, cal_after;
	stats_auc(s.a, s.label, s.n, 0.95, &before);
	stats_auc(a, label, s.n, 0.95, &after);
	assert_true(before.value == after.value && before.variance == after.variance && before.low == after.low);
	assert_true(stats_average_precision(s.a, s.label, s.n) == stats_average_precision(a, label, s.n));
	stats_calibration(s.a, s.label, s.n, true, &cal_before);
	stats_calibration(a, label, s.n, true, &cal_after);
	assert_true(cal_before.ece == cal_after.ece);
	oracle_near(stats_log_loss(a, label, s.n), stats_log_loss(s.a, s.label, s.n), 1e-15, "log loss");
	free(a);
	free(label);
	free(order);
	release_scored(&s);
}

static void one_class_and_none(void **state)
{
	(void)state;
	const double score[] = {0.2, 0.9, 0.4};
	const uint8_t all[] = {1, 1, 1}, none[] = {0, 0, 0}, one[] = {0, 1, 0};
	struct auc auc;
	struct calibration cal;
	struct auc_pair pair;
	double x[4], y[4];
	stats_auc(score, all, 3, 0.95, &auc);
	assert_true(isnan(auc.value) && isnan(auc.low) && auc.positives == 3);
	stats_auc(score, one, 3, 0.95, &auc);
	assert_true(auc.value == 1 && isnan(auc.variance) && isnan(auc.low));
	stats_auc_pair(score, score, none, 3, 0.95, &pair);
	assert_true(isnan(pair.difference) && isnan(pair.p));
	assert_true(isnan(stats_average_precision(score, none, 3)) &&
	            stats_average_precision(score, all, 3) == 1);
	assert_true(stats_roc(score, all, 3, x, y, 4) == 0);
	assert_true(isnan(stats_log_loss(score, one, 0)) && isnan(stats_brier(score, one, 0)));
	stats_calibration(score, one, 0, true, &cal);
	assert_true(isnan(cal.ece) && isnan(cal.mce));
	/* the same scores twice: no difference, nothing to test */
	stats_auc_pair(score, score, (const uint8_t[]){1, 0, 1}, 3, 0.95, &pair);
	assert_true(pair.difference == 0);
}

static void calibration_bins_have_open_tops(void **state)
{
	(void)state;
	const double score[] = {0, 0.1, 0.3, 0.6, 0.7, 0.99, 1};
	const uint8_t label[] = {0, 0, 1, 1, 1, 1, 1};
	struct calibration cal;
	stats_calibration(score, label, 7, false, &cal);
	const uint64_t want[] = {1, 1, 0, 1, 0, 0, 1, 1, 0, 2};
	for (int b = 0; b < 10; b++)
		assert_int_equal(cal.bin[b].count, want[b]);
	assert_true(isnan(cal.bin[2].rate) && cal.bin[3].low == 0.3);
}

static void curves_keep_their_ends(void **state)
{
	(void)state;
	enum { N = 3000 };
	static double score[N], x[N + 2], y[N + 2];
	static uint8_t label[N];
	struct rng r;
	rng_init(&r, 3, 0);
	for (size_t i = 0; i < N; i++) {
		label[i] = rng_unit(&r) < 0.4;
		score[i] = rng_unit(&r) + 0.3 * label[i];
	}
	struct auc auc;
	stats_auc(score, label, N, 0.95, &auc);
	for (size_t room = 2; room <= N + 2; room = room * 3) {
		size_t n = stats_roc(score, label, N, x, y, room);
		double area = 0;
		assert_true(n >= 2 && n <= room);
		assert_true(x[0] == 0 && y[0] == 0 && x[n - 1] == 1 && y[n - 1] == 1);
		for (size_t i = 1; i < n; i++) {
			assert_true(x[i] >= x[i - 1] && y[i] >= y[i - 1]);
			area += (x[i] - x[i - 1]) * (y[i] + y[i - 1]) / 2;
		}
		if (room >= 18)
			oracle_near(area, auc.value, 0.01, "area under the thinned curve");
		n = stats_precision_recall(score, label, N, x, y, room);
		assert_true(n >= 2 && n <= room && x[n - 1] == 1);
		oracle_near(y[n - 1], (double)auc.positives / N, 1e-12, "precision when all are chosen");
	}
	size_t n = stats_roc(score, label, N, x, y, N + 2);
	assert_true(n > 100);
}

static void numeric_predictions(void **state)
{
	(void)state;
	struct json_object *o = oracle_get(oracle, "regression");
	struct regression r;
	size_t n;
	double *predicted = oracle_nums(o, "predicted", &n), *actual = oracle_nums(o, "actual", &n);
	stats_regression(predicted, actual, n, &r);
	oracle_near(r.r2, oracle_num(o, "r2"), 1e-12, "r2");
	oracle_near(r.rmse, oracle_num(o, "rmse"), 1e-12, "rmse");
	oracle_near(r.mae, oracle_num(o, "mae"), 1e-12, "mae");
	stats_regression(predicted, actual, 1, &r);
	assert_true(isnan(r.r2) && r.rmse > 0);
	stats_regression(predicted, actual, 0, &r);
	assert_true(isnan(r.rmse));
	free(predicted);
	free(actual);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(scores_match_reference), cmocka_unit_test(order_of_cases_does_not_matter),
	    cmocka_unit_test(one_class_and_none),     cmocka_unit_test(calibration_bins_have_open_tops),
	    cmocka_unit_test(curves_keep_their_ends), cmocka_unit_test(numeric_predictions),
	};
	return cmocka_run_group_tests(tests, open_oracle, close_oracle);
}
