/* The screen of runs: keys of columns taken apart, differences from a baseline. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "assay/base.h"
#include "assay/work.h"

#include "../../src/view/runs_cells.h"
#include "../../src/view/runs_key.h"

static void keys_come_back(void **state)
{
	static const struct {
		const char *key, *title;
	} cases[] = {
	    {"metrics.auc", "auc"},
	    {"params.lr", "lr"},
	    {"best(metrics.auc)", "auc best"},
	    {"min(metrics.`val loss`[eval])", "val loss[eval] min"},
	    {"at(metrics.ece, metrics.auc)", "ece @ auc best"},
	    {"at(metrics.ece, min(metrics.loss))", "ece @ loss min"},
	    {"at(metrics.`a, b`, max(metrics.`c), d`))", "a, b @ c), d max"},
	    {"metrics.`odd``name`", "odd`name"},
	    {"status", "status"},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct runs_key k;
		char again[UI_COLUMN_ID];

		runs_key_split(cases[i].key, &k);
		assert_true(runs_key_join(&k, again));
		assert_string_equal(again, cases[i].key);
		assert_string_equal(runs_key_title(a, cases[i].key), cases[i].title);
	}
	arena_free(a);
}

static void a_key_that_is_too_long_is_refused(void **state)
{
	struct runs_key k = {.which = "at", .where_which = "best"};
	char out[UI_COLUMN_ID];

	(void)state;
	memset(k.of, 'a', 150);
	memset(k.where, 'b', 150);
	assert_false(runs_key_join(&k, out));
	memset(k.where, 0, sizeof k.where);
	memset(k.where, 'b', 90);
	assert_true(runs_key_join(&k, out));
}

static void metrics_are_told_from_the_rest(void **state)
{
	struct arena *a = arena_new();
	const char *context;

	(void)state;
	assert_string_equal(runs_key_metric(a, "best(metrics.`val loss`[eval])", &context), "val loss");
	assert_string_equal(context, "eval");
	assert_string_equal(runs_key_metric(a, "metrics.auc", &context), "auc");
	assert_string_equal(context, "");
	assert_null(runs_key_metric(a, "params.auc", &context));
	assert_true(runs_key_measures("at(metrics.a, metrics.b)"));
	assert_false(runs_key_measures("trend.auc"));
	arena_free(a);
}

static void differences_have_the_decimals_of_their_values(void **state)
{
	static const struct {
		double value, base;
		const char *texts[2], *difference, *percent;
	} cases[] = {
	    {0.8112, 0.7312, {"0.8112", "0.7312"}, "+0.0800", "+10.9%"},
	    {0.7312, 0.8, {"0.7312", "0.8"}, "-0.0688", "-8.6%"},
	    {5, 5, {"5", "5"}, "0", "0.0%"},
	    {3, -2, {"3", "-2"}, "+5", "+250.0%"},
	    {-3, -2, {"-3", "-2"}, "-1", "-50.0%"},
	    {1, 0, {"1", "0"}, "+1", NULL},
	    {0.80002, 0.8, {"0.8000", "0.8000"}, "+2.000e-05", "+0.0025%"},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *got = runs_cell_difference(a, cases[i].value, cases[i].base, cases[i].texts[0],
		                                       cases[i].texts[1], false);

		assert_string_equal(got, cases[i].difference);
		got = runs_cell_difference(a, cases[i].value, cases[i].base, cases[i].texts[0], cases[i].texts[1],
		                           true);
		if (cases[i].percent)
			assert_string_equal(got, cases[i].percent);
		else
			assert_null(got);
	}
	/* What cannot be told is not told. */
	assert_null(runs_cell_difference(a, NAN, 1, "nan", "1", false));
	assert_null(runs_cell_difference(a, 1, INFINITY, "1", "inf", false));
	assert_null(runs_cell_difference(a, 1e308, -1e308, "1e308", "-1e308", false));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys_come_back),
	    cmocka_unit_test(a_key_that_is_too_long_is_refused),
	    cmocka_unit_test(metrics_are_told_from_the_rest),
	    cmocka_unit_test(differences_have_the_decimals_of_their_values),
	};

	return cmocka_run_group_tests_name("view runs", tests, NULL, NULL);
}
