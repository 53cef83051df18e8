/* store: columns, orders and names of fields as people write them; a metric at the step of another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "../../src/store/order.h"
#include "../lib/store_place.h"

/* A metric at the step where another one was best: in the row, in blocks, several at a step, none. */
static void columns_can_be_at_the_step_of_another(void **in)
{
	static const char *const columns[] = {"at(metrics.ece, metrics.score)",
	                                      "at(metrics.ece, min(metrics.score))",
	                                      "AT( metrics.ece , max( metrics.score ))",
	                                      "at(metrics.ece, first(metrics.score))",
	                                      "at(metrics.`e, (ce`[eval], last(metrics.score))",
	                                      "at(metrics.none, metrics.score)",
	                                      "at(metrics.ece, metrics.none)",
	                                      "at(metrics.score, metrics.ece)"};
	static const struct {
		const char *column, *says;
	} wrongs[] = {
	    {"at(metrics.ece)", "two metrics"},
	    {"at(metrics.ece, mean(metrics.score))", "no step"},
	    {"at(metrics.ece, at(metrics.a, metrics.b))", "takes a metric"},
	    {"at(best(metrics.ece), metrics.a)", "takes a metric"},
	    {"at(params.x, metrics.a)", "of metrics"},
	    {"at(metrics.a, status)", "of metrics"},
	    {"best(metrics.a, metrics.b)", "one metric"},
	    {"best(metrics.a", "missing"},
	    {"best()", "no such field"},
	    {"best(metrics.a) x", "nothing can follow"},
	};
	struct store_place *p = *in;
	struct arena *mem = arena_new();
	struct runs_query q = {.columns = columns, .column_count = COUNT_OF(columns)};
	struct runs_page page;
	struct error err;

	for (int length = 0; length < 3; length++) {
		struct run_new new = {.name = "at"};
		size_t n = length == 0 ? 10 : length == 1 ? 700 : 5000;
		struct point *points = arena_array(mem, n, sizeof(*points));
		size_t best = n - 4, worst = 2;
		char uuid[ID_TEXT];
		int64_t id;

		assert_int_equal(store_run_create(p->store, &new, &id, uuid, NULL), 0);
		/* Steps fall in the end, as after a restart. */
		for (size_t i = 0; i < n; i++)
			points[i] = (struct point){.step = (int64_t)(i + 2 < n ? i : i - 2),
			                           .value = i == best    ? 9
			                                    : i == worst ? -9
			                                                 : (double)(i % 5)};
		points[n - 1].value = points[n - 2].value = 1;
		assert_int_equal(store_series_append(p->store, id, SERIES_METRIC, "score", "", points, n, NULL), 0);
		for (size_t i = 0; i < n; i++)
			points[i].value = (double)i;
		assert_int_equal(store_series_append(p->store, id, SERIES_METRIC, "ece", "", points, n, NULL), 0);
		assert_int_equal(store_series_append(p->store, id, SERIES_METRIC, "e, (ce", "eval", points, n, NULL),
		                 0);
		if (store_runs_rows(p->store, &q, &id, 1, mem, &page, &err))
			fail_msg("%s", err.text);
		/* Two points have the step of the best: the later one counts. */
		assert_true(page.rows[0].cells[0].number == (double)(n - 2));
		assert_true(page.rows[0].cells[1].number == 2);
		assert_true(page.rows[0].cells[2].number == (double)(n - 2));
		assert_true(page.rows[0].cells[3].number == 0);
		/* The greatest step is that of the third point from the end, and of the last. */
		assert_true(page.rows[0].cells[4].number == (double)(n - 1));
		for (size_t c = 5; c < 7; c++)
			assert_int_equal(page.rows[0].cells[c].kind, CELL_NONE);
		/* ece: less is better, so at its first step. */
		assert_true(page.rows[0].cells[7].number == 0);
	}
	for (size_t i = 0; i < COUNT_OF(wrongs); i++) {
		q.columns = &wrongs[i].column;
		q.column_count = 1;
		if (!store_runs_rows(p->store, &q, NULL, 0, mem, &page, &err))
			fail_msg("%s is accepted", wrongs[i].column);
		assert_int_equal(err.code, ERR_USAGE);
		if (!strstr(err.text, wrongs[i].says))
			fail_msg("%s: \"%s\" does not say \"%s\"", wrongs[i].column, err.text, wrongs[i].says);
	}
	arena_free(mem);
}

static void orders_are_read_as_people_write_them(void **in)
{
	struct arena *mem = arena_new();
	struct runs_order *o;
	struct error err;
	size_t n;

	(void)in;
	assert_int_equal(
	    store_order_parse("metrics.auc desc, started,params.`a, b` DESC ,name  asc", mem, &o, &n, &err), 0);
	assert_int_equal(n, 4);
	assert_string_equal(o[0].key, "metrics.auc");
	assert_true(o[0].descending);
	assert_string_equal(o[1].key, "started");
	assert_false(o[1].descending);
	assert_string_equal(o[2].key, "params.`a, b`");
	assert_true(o[2].descending);
	assert_string_equal(o[3].key, "name");
	assert_int_equal(store_order_parse("", mem, &o, &n, &err), 0);
	assert_int_equal(n, 0);
	assert_int_equal(store_order_parse("auc desc", mem, &o, &n, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(store_order_parse("name,,started", mem, &o, &n, &err), -1);
	assert_int_equal(
	    store_order_parse("best( metrics.`a, (b` ) desc, mean(metrics.x[eval])", mem, &o, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_string_equal(o[0].key, "best( metrics.`a, (b` )");
	assert_true(o[0].descending);
	assert_int_equal(store_order_parse("at(metrics.a, metrics.b)", mem, &o, &n, &err), -1);
	assert_non_null(strstr(err.text, "columns only"));
	arena_free(mem);
}

static void columns_are_read_as_people_write_them(void **in)
{
	struct arena *mem = arena_new();
	const char **c;
	struct error err;
	size_t n;

	(void)in;
	assert_int_equal(
	    store_columns_parse("name, at(metrics.a, min(metrics.b)) ,params.`x, y`", mem, &c, &n, &err), 0);
	assert_int_equal(n, 3);
	assert_string_equal(c[1], "at(metrics.a, min(metrics.b))");
	assert_string_equal(c[2], "params.`x, y`");
	assert_int_equal(store_columns_parse("name,", mem, &c, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_int_equal(store_columns_parse("name,,id", mem, &c, &n, &err), -1);
	assert_int_equal(store_columns_parse("nam", mem, &c, &n, &err), -1);
	arena_free(mem);
}

static void names_are_listed_in_a_form_that_reads_back(void **in)
{
	static const char *const metrics[] = {"auc", "loss", "val loss", "odd`[x]"};
	struct store_place *p = *in;
	struct arena *mem = arena_new();
	const char **names;
	struct field f;
	char uuid[ID_TEXT];
	int64_t run;
	size_t n;

	assert_int_equal(store_run_create(p->store, &(struct run_new){.name = "one"}, &run, uuid, NULL), 0);
	for (size_t i = 0; i < COUNT_OF(metrics); i++)
		assert_int_equal(store_series_append(p->store, run, SERIES_METRIC, metrics[i], "",
		                                     &(struct point){1, 0, 1}, 1, NULL),
		                 0);
	assert_int_equal(store_param_set(p->store, run, "depth", "3", NULL), 0);
	assert_int_equal(store_names(p->store, "", 100, mem, &names, &n, NULL), 0);
	assert_true(n >= 5);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(field_parse(names[i], mem, &f, NULL), 0);
	assert_int_equal(store_names(p->store, "metrics.odd", 100, mem, &names, &n, NULL), 0);
	assert_int_equal(n, 1);
	assert_int_equal(field_parse(names[0], mem, &f, NULL), 0);
	assert_string_equal(f.name, "odd`[x]");
	assert_null(f.context);
	assert_int_equal(store_names(p->store, "params.", 1, mem, &names, &n, NULL), 0);
	assert_int_equal(n, 1);
	assert_string_equal(names[0], "params.depth");
	arena_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(columns_can_be_at_the_step_of_another, store_place_empty,
	                                    store_place_end),
	    cmocka_unit_test(orders_are_read_as_people_write_them),
	    cmocka_unit_test(columns_are_read_as_people_write_them),
	    cmocka_unit_test_setup_teardown(names_are_listed_in_a_form_that_reads_back, store_place_empty,
	                                    store_place_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
