/* The screen of runs: keys of columns taken apart, differences from a baseline, rows and groups into
 * files. */
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "assay/base.h"
#include "assay/work.h"

#include "../../src/view/runs_cells.h"
#include "../../src/view/runs_key.h"
#include "../../src/view/view_inside.h"

#include "../lib/golden.h"
#include "../lib/store_fixture.h"

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
	/* Beside a whole number the difference keeps what it has behind the point. */
	assert_string_equal(view_cell_difference(a, 1 / 3.0, 4), "+0.333");
	assert_string_equal(view_cell_difference(a, 1 / 3.0, 40), "+0.33");
	assert_string_equal(view_cell_difference(a, 2, 4), "+2");
	assert_string_equal(view_cell_difference(a, -0.25, 1.5), "-0.250");
	assert_null(runs_cell_difference(a, 1, INFINITY, "1", "inf", false));
	assert_null(runs_cell_difference(a, 1e308, -1e308, "1e308", "-1e308", false));
	arena_free(a);
}

/* ---- into files ---- */

enum { RUNS = 14, EXPERIMENTS = 4 };
static char *folder, *dir, *out_folder;
static struct app app;
static struct desk desk;

static int make(void **state)
{
	struct error err = {0};

	(void)state;
	folder = golden_folder("view-runs", false);
	if (!folder || store_fixture(folder, &dir, &err) != 0 ||
	    store_open(&desk.store, dir, STORE_READ, &err) != 0) {
		print_error("%s\n", err.text);
		return -1;
	}
	app = (struct app){.store_dir = dir, .fixed_now = FIXTURE_NOW};
	desk.app = &app;
	out_folder = path_join(folder, "out");
	return dir_make(out_folder, &err);
}

static int drop(void **state)
{
	(void)state;
	store_close(desk.store);
	dir_remove(folder, NULL);
	free(folder);
	free(dir);
	free(out_folder);
	return 0;
}

static int names_in(const char *path)
{
	struct str out;
	int n = 0, status;

	str_init(&out);
	assert_int_equal(child_capture((const char *const[]){"ls", "-A", NULL}, path, 60000, 1 << 16, &out, NULL,
	                               &status, NULL),
	                 0);
	for (const char *p = out.data; *p; p++)
		n += *p == '\n';
	str_release(&out);
	return n;
}

static int export(ui_work_fn *fn, const void *ask, size_t *rows, struct error *err)
{
	struct arena *a = arena_new();
	void *result = NULL;
	int status = fn(&desk, a, ask, &result, err);

	*rows = result ? *(const size_t *)result : 0;
	arena_free(a);
	return status;
}

/* Of an export all is there, or nothing: no part of it either. */
static void exports(ui_work_fn *fn, const void *ask, const char *file, size_t want)
{
	struct rlimit was;
	struct error err;
	size_t rows;

	/* What was given up before is none of its business. */
	desk.stop = true;
	if (export(fn, ask, &rows, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(rows, want);
	assert_true(file_exists(file));
	assert_int_equal(names_in(out_folder), 1);
	assert_int_equal(export(fn, ask, &rows, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(unlink(file), 0);
	/* as on a disk that is full */
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){16, was.rlim_max}), 0);
	assert_int_equal(export(fn, ask, &rows, &err), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(err.code, ERR_ENV);
	assert_int_equal(names_in(out_folder), 0);
}

static void runs_go_into_a_file_as_a_whole(void **state)
{
	struct runs_export_ask ask = {.how = {.columns = {"name", "metrics.auc"}, .column_count = 2}};

	(void)state;
	snprintf(ask.file.path, sizeof ask.file.path, "%s/runs.csv", out_folder);
	exports(view_runs_export, &ask, ask.file.path, RUNS);
}

static void groups_go_into_a_file_as_a_whole(void **state)
{
	struct runs_groups_export_ask ask = {
	    .how = {.key = "experiment", .columns = {"metrics.auc"}, .column_count = 1}};

	(void)state;
	snprintf(ask.file.path, sizeof ask.file.path, "%s/groups.json", out_folder);
	ask.file.kind = UI_EXPORT_JSON;
	exports(view_runs_export_groups, &ask, ask.file.path, EXPERIMENTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys_come_back),
	    cmocka_unit_test(a_key_that_is_too_long_is_refused),
	    cmocka_unit_test(metrics_are_told_from_the_rest),
	    cmocka_unit_test(differences_have_the_decimals_of_their_values),
	    cmocka_unit_test(runs_go_into_a_file_as_a_whole),
	    cmocka_unit_test(groups_go_into_a_file_as_a_whole),
	};

	golden_begin();
	return cmocka_run_group_tests_name("view runs", tests, make, drop);
}
