/* The bias room: references, limits, verdicts, worst cases. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/bias_cases.h"

static void references_are_named_or_largest(void **state)
{
	struct made *m = made_new(8);
	struct bias_table *t = made_table(&m->cases, 2, 30);
	struct bias_settings s;
	struct bias_report r;
	struct error err;
	(void)state;
	bias_settings_init(&s);
	made_report(t, &s, &r);
	assert_string_equal(r.groups[r.reference[0]].name, "Male");
	assert_true(r.groups[r.reference[0]].reference);
	bias_report_release(&r);
	struct bias_reference refs[] = {{"sex", "Female"}, {"sex,age", "Male & old"}};
	s.references = refs;
	s.reference_count = 2;
	made_report(t, &s, &r);
	assert_string_equal(r.groups[r.reference[0]].name, "Female");
	assert_string_equal(r.groups[r.reference[3]].name, "Male & old");
	/* Signed: the group less the reference. */
	const struct bias_measure *d =
	    bias_find(&r, "demographic_parity_difference", "sex", BIAS_REFERENCE, BIAS_NONE);
	assert_string_equal(r.groups[d->a].name, "Male");
	assert_true(d->v.value == r.groups[d->a].rate[BIAS_SELECTION_RATE].value -
	                              r.groups[d->b].rate[BIAS_SELECTION_RATE].value);
	bias_report_release(&r);
	refs[0].group = "male";
	assert_int_equal(bias_report(t, &s, &r, &err), -1);
	assert_non_null(strstr(err.text, "Female, Male"));
	refs[0].by = "race";
	assert_int_equal(bias_report(t, &s, &r, &err), -1);
	assert_non_null(strstr(err.text, "race"));
	bias_table_free(t);
	free(m);
}

static enum bias_verdict verdict(const struct bias_table *t, const char *measure, double limit, bool at_least)
{
	struct bias_settings s;
	struct bias_report r;
	const struct bias_limit l = {measure, "g", limit, at_least};
	bias_settings_init(&s);
	s.limits = &l;
	s.limit_count = 1;
	made_report(t, &s, &r);
	enum bias_verdict v = bias_find(&r, measure, "g", BIAS_WORST, BIAS_NONE)->v.verdict;
	bias_report_release(&r);
	return v;
}

static void verdicts_follow_the_interval(void **state)
{
	/* Selected: 300 of 1000, 400 of 1000. */
	const uint64_t cells[2][4] = {{400, 100, 300, 200}, {350, 150, 250, 250}};
	struct bias_table *t = made_of_counts(cells, 2);
	struct estimate a = {.value = 0.3}, b = {.value = 0.4};
	struct bias_settings s;
	struct bias_report r;
	double low, high;
	(void)state;
	stats_wilson(300, 1000, 0.95, &a.low, &a.high);
	stats_wilson(400, 1000, 0.95, &b.low, &b.high);
	stats_difference(&b, &a, &low, &high);
	bias_settings_init(&s);
	made_report(t, &s, &r);
	/* Of two groups, the worst case is the pair: Newcombe's interval to the last digit. */
	const struct bias_measure *m = bias_find(&r, "demographic_parity_difference", "g", BIAS_WORST, BIAS_NONE);
	assert_true(fabs(m->v.low - low) < 1e-15 && fabs(m->v.high - high) < 1e-15);
	assert_string_equal(r.groups[m->a].name, "A");
	assert_string_equal(r.groups[m->b].name, "B");
	stats_ratio(300, 1000, 400, 1000, 0.95, &low, &high);
	m = bias_find(&r, "demographic_parity_ratio", "g", BIAS_WORST, BIAS_NONE);
	assert_true(fabs(m->v.low - low) < 1e-12 && fabs(m->v.high - high) < 1e-12);
	bias_report_release(&r);
	stats_difference(&b, &a, &low, &high);
	const char *gap = "demographic_parity_difference";
	assert_int_equal(verdict(t, gap, high + 1e-9, false), BIAS_OK);
	assert_int_equal(verdict(t, gap, high - 1e-9, false), BIAS_AT_LIMIT);
	assert_int_equal(verdict(t, gap, low + 1e-9, false), BIAS_AT_LIMIT);
	assert_int_equal(verdict(t, gap, low - 1e-9, false), BIAS_FAILS);
	stats_ratio(300, 1000, 400, 1000, 0.95, &low, &high);
	const char *ratio = "demographic_parity_ratio";
	assert_int_equal(verdict(t, ratio, low - 1e-9, true), BIAS_OK);
	assert_int_equal(verdict(t, ratio, low + 1e-9, true), BIAS_AT_LIMIT);
	assert_int_equal(verdict(t, ratio, high - 1e-9, true), BIAS_AT_LIMIT);
	assert_int_equal(verdict(t, ratio, high + 1e-9, true), BIAS_FAILS);
	bias_table_free(t);
}

static void a_signed_gap_is_judged_by_its_size(void **state)
{
	/* B is selected far less, and the reference is A: the difference is negative. */
	const uint64_t cells[2][4] = {{400, 600, 400, 600}, {700, 300, 700, 300}};
	struct bias_table *t = made_of_counts(cells, 2);
	struct bias_settings s;
	struct bias_report r;
	struct bias_value size;
	const struct bias_limit limits[] = {{"demographic_parity_difference", NULL, 0.1, false},
	                                    {"demographic_parity_ratio", NULL, 0.8, true}};
	const struct bias_reference refs[2][1] = {{{"g", "A"}}, {{"g", "B"}}};
	(void)state;
	bias_settings_init(&s);
	s.limits = limits;
	s.limit_count = 2;
	for (int k = 0; k < 2; k++) {
		s.references = refs[k];
		s.reference_count = 1;
		made_report(t, &s, &r);
		const struct bias_measure *m = bias_find(&r, limits[0].measure, "g", BIAS_REFERENCE, BIAS_NONE);
		assert_true(k ? m->v.value > 0 : m->v.value < 0);
		assert_int_equal(m->v.verdict, BIAS_FAILS);
		bias_size(&r, m, &size);
		assert_true(size.low > 0.2 && size.low < size.value && size.value < size.high);
		m = bias_find(&r, limits[1].measure, "g", BIAS_REFERENCE, BIAS_NONE);
		assert_int_equal(m->v.verdict, BIAS_FAILS);
		bias_size(&r, m, &size);
		assert_true(size.high < 0.8 && fabs(size.value - 0.5) < 1e-12);
		assert_int_equal(r.groups[m->a].verdict, BIAS_FAILS);
		bias_report_release(&r);
	}
	bias_table_free(t);
}

static void too_few_take_no_part(void **state)
{
	/* C has 40 cases and is selected never: without the rule it would decide everything. */
	const uint64_t cells[3][4] = {{300, 300, 300, 300}, {290, 310, 295, 305}, {20, 0, 20, 0}};
	const uint64_t tiny[2][4] = {{10, 5, 5, 10}, {10, 5, 10, 5}};
	struct bias_table *t = made_of_counts(cells, 3);
	struct bias_settings s;
	struct bias_report r;
	(void)state;
	bias_settings_init(&s);
	made_report(t, &s, &r);
	const struct bias_measure *m = bias_find(&r, "demographic_parity_difference", "g", BIAS_WORST, BIAS_NONE);
	assert_int_equal(m->left_out, 1);
	assert_int_equal(m->v.verdict, BIAS_OK);
	assert_true(m->v.value < 0.02);
	assert_int_equal(r.groups[2].verdict, BIAS_TOO_FEW);
	assert_int_equal(r.groups[2].rate[BIAS_SELECTION_RATE].verdict, BIAS_TOO_FEW);
	assert_false(isnan(r.groups[2].rate[BIAS_SELECTION_RATE].high));
	m = bias_find(&r, "demographic_parity_difference", "g", BIAS_REFERENCE, 2);
	assert_int_equal(m->v.verdict, BIAS_TOO_FEW);
	bias_report_release(&r);
	/* As Fairlearn has it, every group counts. */
	s.convention = BIAS_AS_FAIRLEARN;
	made_report(t, &s, &r);
	assert_true(bias_find(&r, "demographic_parity_difference", "g", BIAS_WORST, BIAS_NONE)->v.value > 0.5);
	bias_report_release(&r);
	bias_table_free(t);
	/* None is enough: all are shown, and nothing is said. */
	t = made_of_counts(tiny, 2);
	s.convention = BIAS_AS_ASSAY;
	made_report(t, &s, &r);
	m = bias_find(&r, "demographic_parity_difference", "g", BIAS_WORST, BIAS_NONE);
	assert_false(isnan(m->v.value) || isnan(m->v.low));
	assert_int_equal(m->v.verdict, BIAS_TOO_FEW);
	bias_report_release(&r);
	bias_table_free(t);
}

/* A group with enough cases but few of one label: only what is a rate of them is too few. */
static void a_denominator_can_be_too_small(void **state)
{
	const uint64_t cells[2][4] = {{300, 300, 300, 300}, {300, 300, 10, 10}};
	struct bias_table *t = made_of_counts(cells, 2);
	struct bias_settings s;
	struct bias_report r;
	(void)state;
	bias_settings_init(&s);
	made_report(t, &s, &r);
	assert_int_equal(r.groups[1].rate[BIAS_TPR].verdict, BIAS_TOO_FEW);
	assert_int_equal(r.groups[1].rate[BIAS_FPR].verdict, BIAS_NO_LIMIT);
	assert_int_equal(bias_find(&r, "equal_opportunity_difference", "g", BIAS_WORST, BIAS_NONE)->v.verdict,
	                 BIAS_TOO_FEW);
	assert_int_equal(bias_find(&r, "demographic_parity_difference", "g", BIAS_WORST, BIAS_NONE)->v.verdict,
	                 BIAS_OK);
	bias_report_release(&r);
	bias_table_free(t);
}

static void one_group_cannot_be_compared(void **state)
{
	const uint64_t cells[1][4] = {{100, 100, 100, 100}};
	struct bias_table *t = made_of_counts(cells, 1);
	struct bias_settings s;
	struct bias_report r;
	(void)state;
	bias_settings_init(&s);
	made_report(t, &s, &r);
	const struct bias_measure *m = bias_find(&r, "demographic_parity_ratio", "g", BIAS_WORST, BIAS_NONE);
	assert_true(isnan(m->v.value));
	assert_non_null(m->v.why);
	assert_int_equal(m->v.verdict, BIAS_AT_LIMIT); /* not a pass */
	const struct bias_resampling how = {.replicates = 200, .seed = 1};
	assert_true(bias_resample(t, &how, &r));
	bias_report_release(&r);
	bias_table_free(t);
}

static void a_rate_can_have_a_limit(void **state)
{
	const uint64_t cells[2][4] = {{300, 300, 100, 500}, {300, 300, 300, 300}};
	struct bias_table *t = made_of_counts(cells, 2);
	struct bias_settings s;
	struct bias_report r;
	const struct bias_limit l = {"tpr", NULL, 0.7, true};
	(void)state;
	bias_settings_init(&s);
	s.limits = &l;
	s.limit_count = 1;
	made_report(t, &s, &r);
	assert_int_equal(r.groups[0].rate[BIAS_TPR].verdict, BIAS_OK);
	assert_int_equal(r.groups[1].rate[BIAS_TPR].verdict, BIAS_FAILS);
	assert_int_equal(r.groups[1].verdict, BIAS_FAILS);
	bias_report_release(&r);
	bias_table_free(t);
}

static void intersections_are_held_too(void **state)
{
	struct made *m = made_new(15);
	struct bias_table *t = made_table(&m->cases, 3, 30);
	struct bias_settings s;
	struct bias_report r;
	const struct bias_limit limits[] = {{"demographic_parity_difference", NULL, 0.3, false},
	                                    {"demographic_parity_difference", "sex,age", 0.9, false}};
	size_t deep = 0;
	(void)state;
	bias_settings_init(&s);
	s.limits = limits;
	s.limit_count = COUNT_OF(limits);
	made_report(t, &s, &r);
	for (size_t i = 0; i < r.measure_count; i++) {
		const struct bias_measure *one = &r.measures[i];
		if (strcmp(one->name, limits[0].measure) != 0)
			continue;
		bool named = strcmp(r.partitions[one->by].name, "sex,age") == 0;
		assert_non_null(one->limit);
		assert_true(one->limit->limit == limits[named].limit);
		assert_int_not_equal(one->v.verdict, BIAS_NO_LIMIT);
		deep += r.partitions[one->by].depth == 3;
	}
	assert_true(deep > 1);
	bias_report_release(&r);
	bias_table_free(t);
	free(m);
}

static void scores_need_not_be_probabilities(void **state)
{
	struct made *m = made_new(14);
	struct bias_settings s;
	struct bias_report r;
	struct bias_calibration c[3];
	const struct bias_limit l = {"calibration_gap", NULL, 0.1, false};
	(void)state;
	for (size_t i = 0; i < MADE_N; i++)
		m->score[i] = 10 * m->score[i] - 3;
	struct bias_table *t = made_table(&m->cases, 1, 0);
	bias_settings_init(&s);
	s.threshold = 2;
	s.limits = &l;
	s.limit_count = 1;
	made_report(t, &s, &r);
	assert_false(isnan(r.groups[0].rate[BIAS_MEAN_SCORE].low));
	assert_true(isnan(r.groups[0].rate[BIAS_CALIBRATION_GAP].value));
	assert_non_null(strstr(r.groups[0].rate[BIAS_CALIBRATION_GAP].why, "no probabilities"));
	assert_int_equal(r.groups[0].rate[BIAS_CALIBRATION_GAP].verdict, BIAS_AT_LIMIT); /* not a pass */
	assert_null(bias_find(&r, "calibration_gap_difference", "sex", BIAS_WORST, BIAS_NONE));
	assert_non_null(bias_find(&r, "mean_score_difference", "sex", BIAS_WORST, BIAS_NONE));
	assert_false(bias_calibrate(t, 0, 0.95, NULL, c));
	bias_score(t, &r);
	assert_true(r.groups[0].auc.low < r.groups[0].auc.value && r.groups[0].auc.value < r.groups[0].auc.high);
	assert_true(isnan(r.groups[0].brier.value));
	assert_non_null(strstr(r.groups[0].brier.why, "no probabilities"));
	bias_report_release(&r);
	bias_table_free(t);
	free(m);
}

static void what_is_wrong_is_said(void **state)
{
	struct made *m = made_new(9);
	struct bias_table *t;
	struct bias_settings s;
	struct bias_report r;
	struct error err;
	(void)state;
	const struct bias_cases good = m->cases;
	m->cases.n = 0;
	assert_int_equal(bias_table_new(&m->cases, NULL, &t, &err), -1);
	m->cases = good;
	m->cases.column_count = 0;
	assert_int_equal(bias_table_new(&m->cases, NULL, &t, &err), -1);
	m->cases = good;
	m->columns[1].name = "sex";
	assert_int_equal(bias_table_new(&m->cases, NULL, &t, &err), -1);
	assert_non_null(strstr(err.text, "sex is named twice"));
	m->columns[1].name = "age";
	m->code[2][17] = 5;
	assert_int_equal(bias_table_new(&m->cases, NULL, &t, &err), -1);
	assert_non_null(strstr(err.text, "case 18"));
	m->code[2][17] = 0;
	m->label[3] = 2;
	assert_int_equal(bias_table_new(&m->cases, NULL, &t, &err), -1);
	m->label[3] = 0;
	m->score[5] = (double)NAN;
	assert_int_equal(bias_table_new(&m->cases, NULL, &t, &err), -1);
	m->score[5] = 0;
	t = made_table(&m->cases, 1, 0);
	bias_settings_init(&s);
	s.level = 1;
	assert_int_equal(bias_report(t, &s, &r, &err), -1);
	s.level = 0.95;
	const struct bias_limit l = {"niceness", NULL, 0.1, false};
	s.limits = &l;
	s.limit_count = 1;
	assert_int_equal(bias_report(t, &s, &r, &err), -1);
	assert_non_null(strstr(err.text, "niceness"));
	bias_table_free(t);
	free(m);
}

/* The worst case is found without looking at all pairs: here they are all looked at. */
static void the_worst_is_the_worst_of_all_pairs(void **state)
{
	enum { GROUPS = 24 };
	uint64_t cells[GROUPS][4];
	static const char *names[GROUPS];
	char name[GROUPS][8];
	struct rng rng;
	size_t checked = 0;
	(void)state;
	rng_init(&rng, 13, 0);
	for (int round = 0; round < 6; round++) {
		size_t n = 0;
		for (size_t g = 0; g < GROUPS; g++) {
			snprintf(name[g], sizeof name[g], "g%zu", g);
			names[g] = name[g];
			for (int k = 0; k < 4; k++) {
				cells[g][k] = rng_below(&rng, 5) ? rng_below(&rng, round < 3 ? 20 : 200) : 0;
				n += cells[g][k];
			}
			if (round == 5 || rng_below(&rng, 8) == 0) { /* everybody is selected */
				cells[g][1] += cells[g][0];
				cells[g][3] += cells[g][2];
				cells[g][0] = cells[g][2] = 0;
			}
		}
		struct bias_table *t = made_of_named_counts((const uint64_t(*)[4])cells, names, GROUPS, n);
		struct bias_settings s;
		struct bias_report r;
		bias_settings_init(&s);
		s.minimum = s.minimum_denominator = 0;
		s.plain = s.all_pairs = true;
		made_report(t, &s, &r);
		for (size_t i = 0; i < r.measure_count; i++) {
			const struct bias_measure *m = &r.measures[i];
			bool ratio = strstr(m->name, "_ratio");
			if (m->scope != BIAS_WORST || isnan(m->v.value))
				continue;
			double low = ratio ? 1 : 0, high = low;
			for (size_t k = 0; k < r.measure_count; k++) {
				struct bias_value v;
				const char *name_of = r.measures[k].name, *end = ratio ? "_ratio" : "_difference";
				/* Of odds, either rate's pairs: a group may have but one of the two. */
				bool odds =
				    strncmp(m->name, "equalized_odds", 14) == 0 && strstr(name_of, end) &&
				    (strncmp(name_of, "equal_opportunity", 17) == 0 || strncmp(name_of, "fpr", 3) == 0);
				if (r.measures[k].scope != BIAS_PAIR || (!odds && strcmp(name_of, m->name) != 0) ||
				    strncmp(name_of, "equalized_odds", 14) == 0)
					continue;
				bias_size(&r, &r.measures[k], &v);
				if (isnan(v.low))
					continue;
				low = ratio ? fmin(low, v.low) : fmax(low, v.low);
				high = ratio ? fmin(high, v.high) : fmax(high, v.high);
			}
			if (fabs(m->v.low - low) > 1e-12 || fabs(m->v.high - high) > 1e-12)
				fail_msg("%s: [%g, %g], of all pairs [%g, %g]", m->name, m->v.low, m->v.high, low, high);
			checked++;
		}
		bias_report_release(&r);
		bias_table_free(t);
	}
	assert_true(checked > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(references_are_named_or_largest),
	    cmocka_unit_test(verdicts_follow_the_interval),
	    cmocka_unit_test(a_signed_gap_is_judged_by_its_size),
	    cmocka_unit_test(too_few_take_no_part),
	    cmocka_unit_test(a_denominator_can_be_too_small),
	    cmocka_unit_test(one_group_cannot_be_compared),
	    cmocka_unit_test(a_rate_can_have_a_limit),
	    cmocka_unit_test(intersections_are_held_too),
	    cmocka_unit_test(scores_need_not_be_probabilities),
	    cmocka_unit_test(what_is_wrong_is_said),
	    cmocka_unit_test(the_worst_is_the_worst_of_all_pairs),
	};
	return cmocka_run_group_tests_name("bias verdicts", tests, NULL, NULL);
}
