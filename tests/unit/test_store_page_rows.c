/* store: what a page of runs brings along, rows by their ids, and how many there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/page_world.h"

static void counts_are_bounded(void **in)
{
	struct page_world *p = *in;
	int64_t count;
	bool exact;

	int64_t shown = (int64_t)p->shown;
	const struct {
		const char *filter;
		int64_t limit, count;
		bool exact;
	} counts[] = {{NULL, shown - 1, shown - 1, false},
	              {NULL, shown, shown, true},
	              {NULL, INT64_MAX, shown, true},
	              {"archived", PAGE_RUNS, PAGE_RUNS - shown, true},
	              {"archived or not archived", PAGE_RUNS, PAGE_RUNS, true},
	              {"kind = command", shown - 1, shown - 1, false},
	              {"kind = command", shown, shown, true}};

	assert_in_range(p->shown, 20, PAGE_RUNS - 10);
	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		struct runs_query q = {.filter = counts[i].filter};

		assert_int_equal(store_runs_count(p->store, &q, counts[i].limit, &count, &exact, NULL), 0);
		assert_int_equal(count, counts[i].count);
		assert_int_equal(exact, counts[i].exact);
	}
}

static void cells_and_curves_come_along(void **in)
{
	static const char *const columns[] = {"metrics.auc", "params.depth", "tags.none",           "status",
	                                      "started",     "duration",     "metrics.curve[eval]", "user"};
	struct page_world *p = *in;
	struct arena *mem = arena_new();
	struct runs_query q = {
	    .columns = columns, .column_count = COUNT_OF(columns), .trend = "metrics.curve[eval]"};
	struct point *points = arena_array(mem, 5000, sizeof(*points));
	struct runs_page page;
	struct page_truth *t = NULL;
	struct error err;

	for (int i = 0; i < PAGE_RUNS && !t; i++) {
		if (p->runs[i].status == RUN_DONE && p->runs[i].depth && !isnan(p->runs[i].auc) &&
		    !p->runs[i].archived)
			t = &p->runs[i];
	}
	assert_non_null(t);
	for (int i = 0; i < 5000; i++)
		points[i] = (struct point){.step = i, .value = i};
	for (int length = 0; length < 2; length++) {
		const struct runs_row *r;

		assert_int_equal(store_series_append(p->store, t->id, SERIES_METRIC, "curve", "eval",
		                                     points + (length ? 20 : 0), length ? 4980 : 20, &err),
		                 0);
		if (store_runs_page(p->store, &q, RUNS_FROM, t->id, 1, mem, &page, &err))
			fail_msg("%s", err.text);
		r = &page.rows[0];
		assert_int_equal(r->id, t->id);
		assert_int_equal(r->cells[0].kind, CELL_NUMBER);
		assert_true(r->cells[0].number == t->auc);
		assert_string_equal(r->cells[1].text, t->depth);
		assert_int_equal(r->cells[2].kind, CELL_NONE);
		assert_string_equal(r->cells[3].text, "done");
		assert_int_equal(r->cells[4].kind, CELL_TIME);
		assert_true(r->cells[4].number == (double)t->started);
		assert_true(r->cells[5].number == (double)(9000 - t->started) / 1e3);
		assert_true(r->cells[6].number == (length ? 4999 : 19));
		assert_string_equal(r->cells[7].text, "");
		assert_true(r->trend_count > 8 && r->trend_count <= RUNS_TREND);
		assert_true(r->trend[r->trend_count - 1] == (length ? 4999 : 19));
		for (size_t i = 1; i < r->trend_count; i++)
			assert_true(r->trend[i] > r->trend[i - 1]);
	}
	q.columns = (const char *const[]){"metrics."};
	assert_int_equal(store_runs_page(p->store, &q, RUNS_FIRST, 0, 1, mem, &page, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	arena_free(mem);
}

/* Chosen runs, whatever the filter says and whether archived or not; those that are gone are left out. */
static void rows_come_as_they_are_asked_for(void **in)
{
	static const char *const columns[] = {"best(metrics.my acc)",
	                                      "min(metrics.my acc)",
	                                      "max(metrics.my acc)",
	                                      "mean(metrics.my acc)",
	                                      "first(metrics.my acc)",
	                                      "last(metrics.my acc)",
	                                      "archived"};
	static const enum metric_which which[] = {WHICH_BEST, WHICH_MIN,   WHICH_MAX,
	                                          WHICH_MEAN, WHICH_FIRST, WHICH_LAST};
	struct page_world *p = *in;
	struct runs_query q = {.filter = "metrics.none", .columns = columns, .column_count = COUNT_OF(columns)};
	struct arena *mem = arena_new();
	struct runs_page page;
	int64_t ids[PAGE_RUNS + 2];
	size_t n = 0;

	ids[n++] = 999999;
	for (int i = PAGE_RUNS; i-- > 0;)
		ids[n++] = p->runs[i].id;
	ids[n++] = -1;
	assert_int_equal(store_runs_rows(p->store, &q, ids, n, mem, &page, NULL), 0);
	assert_int_equal(page.count, PAGE_RUNS);
	for (size_t i = 0; i < PAGE_RUNS; i++) {
		const struct page_truth *t = &p->runs[PAGE_RUNS - 1 - i];
		const struct runs_row *r = &page.rows[i];

		assert_int_equal(r->id, t->id);
		assert_int_equal(r->archived, t->archived ? 9500 : 0);
		for (size_t c = 0; c < COUNT_OF(which); c++) {
			double v = t->acc[which[c]];
			bool may_be_nan = which[c] == WHICH_FIRST || which[c] == WHICH_LAST;

			assert_int_equal(r->cells[c].kind,
			                 t->has_acc && (may_be_nan || !isnan(v)) ? CELL_NUMBER : CELL_NONE);
			assert_true(r->cells[c].kind == CELL_NONE || r->cells[c].number == v ||
			            (isnan(v) && isnan(r->cells[c].number)));
		}
		assert_int_equal(r->cells[6].kind, t->archived ? CELL_TIME : CELL_NONE);
	}
	arena_free(mem);
}

static void all_ids_come_in_the_order_too(void **in)
{
	struct page_world *p = *in;
	struct arena *mem = arena_new();
	struct runs_order order = {"metrics.auc", true};
	struct runs_query q = {.order = &order, .order_count = 1};
	struct runs_page page;
	int64_t *ids;
	size_t n;

	assert_int_equal(store_runs_ids(p->store, &q, 1000, mem, &ids, &n, NULL), 0);
	assert_int_equal(n, p->shown);
	assert_int_equal(store_runs_page(p->store, &q, RUNS_FIRST, 0, PAGE_RUNS, mem, &page, NULL), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(ids[i], page.rows[i].id);
	assert_int_equal(store_runs_ids(p->store, &q, 7, mem, &ids, &n, NULL), 0);
	assert_int_equal(n, 7);
	arena_free(mem);
}

/* What is kept of one page for the next is not kept beyond a commit, by whomever. */
static void sets_of_runs_end_with_the_next_commit(void **in)
{
	struct page_world *p = *in;
	struct runs_order order = {"metrics.auc", true};
	struct runs_query q = {
	    .order = &order, .order_count = 1, .filter = "not params.depth = 3 and created > 1d"};
	struct store *other;

	p->store->patience = 0;
	assert_int_equal(store_open(&other, store_path(p->store), STORE_WRITE, NULL), 0);
	for (int i = 0; i < 6; i++) {
		struct run_new new = {.created = time_now_ms() + 100 * 86400000L + i};
		struct arena *mem = arena_new();
		struct runs_page page;
		char uuid[ID_TEXT];
		int64_t id;

		assert_int_equal(store_run_create(i % 2 ? other : p->store, &new, &id, uuid, NULL), 0);
		assert_int_equal(store_runs_page(p->store, &q, RUNS_LAST, 0, 3, mem, &page, NULL), 0);
		assert_int_equal(page.count, 1);
		assert_int_equal(page.rows[0].id, id);
		assert_int_equal(store_runs_page(p->store, &q, RUNS_FROM, id, 3, mem, &page, NULL), 0);
		assert_int_equal(page.rows[0].id, id);
		/* Then it has what it had not, and is not listed as one that has not as well. */
		page_metric(i % 2 ? p->store : other, id, "auc", 0.5);
		assert_int_equal(store_runs_page(p->store, &q, RUNS_LAST, 0, 3, mem, &page, NULL), 0);
		assert_int_equal(page.count, 1);
		/* Then it has what the filter is against, and is gone from the list. */
		assert_int_equal(store_param_set(i % 2 ? p->store : other, id, "depth", "3", NULL), 0);
		assert_int_equal(store_runs_page(p->store, &q, RUNS_LAST, 0, 3, mem, &page, NULL), 0);
		assert_int_equal(page.count, 0);
		arena_free(mem);
	}
	store_close(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counts_are_bounded),
	    cmocka_unit_test(cells_and_curves_come_along),
	    cmocka_unit_test(rows_come_as_they_are_asked_for),
	    cmocka_unit_test(all_ids_come_in_the_order_too),
	    cmocka_unit_test(sets_of_runs_end_with_the_next_commit),
	};

	return cmocka_run_group_tests(tests, page_world_open, page_world_close);
}
