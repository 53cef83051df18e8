/* store: pages of runs, held against sorting everything; plans. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/page_world.h"
#include "../lib/trials.h"

/* ---- the same order, by sorting ---- */

enum key { AUC, LOSS, DEPTH, CREATED, STARTED, EXPERIMENT, STATUS, ARCHIVED, ACC };
enum { KEYS = ACC + WHICH_AT };
static const char *const key_names[KEYS] = {[AUC] = "metrics.auc",
                                            [LOSS] = "metrics.loss",
                                            [DEPTH] = "params.depth",
                                            [CREATED] = "created",
                                            [STARTED] = "started",
                                            [EXPERIMENT] = "experiment",
                                            [STATUS] = "status",
                                            [ARCHIVED] = "archived",
                                            [ACC + WHICH_LAST] = "last(metrics.`my acc`)",
                                            [ACC + WHICH_BEST] = "best(metrics.`my acc`)",
                                            [ACC + WHICH_MIN] = "MIN( metrics.`my acc` )",
                                            [ACC + WHICH_MAX] = "max(metrics.\"my acc\")",
                                            [ACC + WHICH_MEAN] = "mean(metrics.my acc)",
                                            [ACC + WHICH_FIRST] = "first(metrics.`my acc`)"};
struct sorting {
	enum key keys[3];
	bool down[3];
	size_t count;
};

static struct sorting sorting; /* for qsort */

static int by_number(double a, double b, bool down)
{
	if (isnan(a) || isnan(b))
		return isnan(a) - isnan(b);
	return (a > b) - (a < b) ? (down ? (a < b) - (a > b) : (a > b) - (a < b)) : 0;
}

/* Numbers, then texts, then none. */
static int by_depth(const char *a, const char *b, bool down)
{
	double x = NAN, y = NAN;
	int zone_a = !a                            ? 2
	             : num_parse(a, strlen(a), &x) ? 0
	                                           : 1,
	    zone_b = !b                            ? 2
	             : num_parse(b, strlen(b), &y) ? 0
	                                           : 1;

	if (zone_a != zone_b)
		return zone_a - zone_b;
	if (zone_a == 0)
		return by_number(x, y, down);
	return zone_a == 2 ? 0 : down ? strcmp(b, a) : strcmp(a, b);
}

static double time_or_nan(int64_t t)
{
	return t ? (double)t : (double)NAN;
}

static int by_key(const struct page_truth *a, const struct page_truth *b, enum key key, bool down)
{
	static const char *const experiments[] = {"credit", "fraud", "a"};
	int c;

	switch (key) {
	case AUC:
		return by_number(a->auc, b->auc, down);
	case LOSS:
		return by_number(a->loss, b->loss, down);
	case DEPTH:
		return by_depth(a->depth, b->depth, down);
	case STARTED:
		return by_number(time_or_nan(a->started), time_or_nan(b->started), down);
	case EXPERIMENT:
		c = strcmp(experiments[a->experiment], experiments[b->experiment]);
		return down ? -c : c;
	case STATUS:
		return by_number(a->status, b->status, down);
	case ARCHIVED:
		return by_number(a->archived ? 9500 : (double)NAN, b->archived ? 9500 : (double)NAN, down);
	case CREATED:
		return by_number((double)a->created, (double)b->created, down);
	default:
		return by_number(a->acc[key - ACC], b->acc[key - ACC], down);
	}
}

static int compare(const void *x, const void *y)
{
	const struct page_truth *a = *(struct page_truth *const *)x, *b = *(struct page_truth *const *)y;
	bool down = sorting.down[0];

	for (size_t i = 0; i < sorting.count; i++) {
		int c = by_key(a, b, sorting.keys[i], sorting.down[i]);

		if (c)
			return c;
	}
	if (sorting.count == 1 && (sorting.keys[0] == EXPERIMENT || sorting.keys[0] == STATUS) &&
	    a->created != b->created)
		return (a->created > b->created) != down ? 1 : -1;
	return (a->id > b->id) != down ? 1 : -1;
}

static const struct {
	const char *text;
	int which;
} filters[] = {
    {NULL, 0},
    {"metrics.auc >= 0.7", 1},
    {"not metrics.auc >= 0.7", 2},
    {"experiment = credit and params.depth", 3},
    {"metrics.auc < 0.7 and metrics.loss < 2", 4},
    {"metrics.auc = inf", 5},
    {"metrics.none = 1", 6},
    {"archived", 7},
    {"not archived and metrics.auc >= 0.7", 1},
    {"archived or not archived", 8},
    {"archived >= 1970-01-01 and best(metrics.`my acc`) > 0.5", 9},
    {"mean(metrics.`my acc`) < 0.5 or first(metrics.`my acc`) = nan", 10},
    {"not max(metrics.`my acc`) != 0.5", 11},
    {"min(metrics.`my acc`)", 12},
    {"params.depth ~ '^[0-9.]+$'", 13},
    {"params.depth !~ '[0-9]' or name ~ nothing", 14},
};

static bool keeps(const struct page_truth *t, int which)
{
	if (t->archived && which != 7 && which != 8 && which != 9)
		return false;
	switch (which) {
	case 7:
		return t->archived;
	case 9:
		return t->archived && t->acc[WHICH_BEST] > 0.5;
	case 10:
		/* Without a first point there is none that could be NaN. */
		return t->acc[WHICH_MEAN] < 0.5 || (t->has_acc && isnan(t->acc[WHICH_FIRST]));
	case 11:
		return isnan(t->acc[WHICH_MAX]) || t->acc[WHICH_MAX] == 0.5;
	case 12:
		return !isnan(t->acc[WHICH_MIN]);
	case 13:
		return t->depth && strspn(t->depth, "0123456789.") == strlen(t->depth);
	case 14:
		return t->depth && !strpbrk(t->depth, "0123456789");
	case 1:
		return t->auc >= 0.7;
	case 2:
		return !(t->auc >= 0.7);
	case 3:
		return t->experiment == 0 && t->depth;
	case 4:
		return t->auc < 0.7 && t->loss < 2;
	case 5:
		return isinf(t->auc) && t->auc > 0;
	case 6:
		return false;
	default:
		return true;
	}
}

static void expect_ids(const struct runs_page *page, struct page_truth *const *wanted, size_t from,
                       size_t count, const char *what, const char *order)
{
	if (page->count != count)
		fail_msg("%s by %s from %zu: %zu rows, not %zu", what, order, from, page->count, count);
	for (size_t i = 0; i < count; i++) {
		if (page->rows[i].id != wanted[from + i]->id)
			fail_msg("%s by %s: row %zu is %lld, not %lld", what, order, from + i,
			         (long long)page->rows[i].id, (long long)wanted[from + i]->id);
	}
}

static void check_paging(struct page_world *p, const struct runs_query *q, struct page_truth *const *wanted,
                         size_t n, const char *order)
{
	size_t limit = 1 + page_draw(p, 40);
	struct arena *mem = arena_new();
	struct runs_page page;
	struct error err;
	size_t at;

	if (store_runs_page(p->store, q, RUNS_FIRST, 0, limit, mem, &page, &err))
		fail_msg("%s", err.text);
	at = n < limit ? n : limit;
	expect_ids(&page, wanted, 0, at, "first", order);
	assert_int_equal(page.more_after, n > limit);
	assert_false(page.more_before);
	while (page.more_after) {
		assert_int_equal(
		    store_runs_page(p->store, q, RUNS_AFTER, page.rows[page.count - 1].id, limit, mem, &page, &err),
		    0);
		expect_ids(&page, wanted, at, n - at < limit ? n - at : limit, "after", order);
		assert_true(page.more_before);
		at += page.count;
		assert_int_equal(page.more_after, at < n);
	}
	assert_int_equal(store_runs_page(p->store, q, RUNS_LAST, 0, limit, mem, &page, &err), 0);
	at = n < limit ? 0 : n - limit;
	expect_ids(&page, wanted, at, n - at, "last", order);
	while (page.more_before) {
		size_t from = at < limit ? 0 : at - limit;

		assert_int_equal(store_runs_page(p->store, q, RUNS_BEFORE, page.rows[0].id, limit, mem, &page, &err),
		                 0);
		expect_ids(&page, wanted, from, at - from, "before", order);
		assert_true(page.more_after);
		at = from;
		assert_int_equal(page.more_before, at > 0);
	}
	if (n) {
		at = page_draw(p, (unsigned)n);
		assert_int_equal(store_runs_page(p->store, q, RUNS_FROM, wanted[at]->id, limit, mem, &page, &err), 0);
		expect_ids(&page, wanted, at, n - at < limit ? n - at : limit, "from", order);
		assert_int_equal(page.more_before, at > 0);
	}
	arena_free(mem);
}

static void pages_are_as_sorting_everything(void **in)
{
	struct page_world *p = *in;

	for (unsigned trial = 0; trial < trials_here(800); trial++) {
		struct runs_order order[3];
		struct page_truth *wanted[PAGE_RUNS];
		struct runs_query q = {.order = order, .now = 10000};
		int filter = (int)page_draw(p, COUNT_OF(filters));
		char text[200] = "";
		size_t n = 0;

		/* Without patience, so that the search by sets is tried as well. */
		p->store->patience = page_draw(p, 2) ? 0 : PATIENCE;
		sorting.count = 1 + page_draw(p, 3);
		for (size_t i = 0; i < sorting.count; i++) {
			sorting.keys[i] = (enum key)page_draw(p, KEYS);
			sorting.down[i] = page_draw(p, 2);
			order[i] = (struct runs_order){key_names[sorting.keys[i]], sorting.down[i]};
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s %s, ", order[i].key,
			         order[i].descending ? "desc" : "asc");
		}
		q.order_count = sorting.count;
		q.filter = filters[filter].text;
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s", q.filter ? q.filter : "all");
		for (int i = 0; i < PAGE_RUNS; i++) {
			if (keeps(&p->runs[i], filters[filter].which))
				wanted[n++] = &p->runs[i];
		}
		qsort(wanted, n, sizeof(*wanted), compare);
		check_paging(p, &q, wanted, n, text);
	}
}

static void without_an_order_the_newest_come_first(void **in)
{
	struct page_world *p = *in;
	struct arena *mem = arena_new();
	struct runs_page page;

	assert_int_equal(
	    store_runs_page(p->store, &(struct runs_query){0}, RUNS_FIRST, 0, PAGE_RUNS, mem, &page, NULL), 0);
	assert_int_equal(page.count, p->shown);
	for (size_t i = 1; i < page.count; i++)
		assert_true(
		    page.rows[i - 1].created > page.rows[i].created ||
		    (page.rows[i - 1].created == page.rows[i].created && page.rows[i - 1].id > page.rows[i].id));
	/* An anchor that is gone. */
	assert_int_equal(
	    store_runs_page(p->store, &(struct runs_query){0}, RUNS_BEFORE, 999999, 5, mem, &page, NULL), 0);
	assert_int_equal(page.count, 5);
	assert_false(page.more_before);
	arena_free(mem);
}

/* The plan of each segment: walks an index, neither sorts nor reads a whole table beside it. */
static void expect_plan(struct page_world *p, const struct runs_query *q, const char *index, bool from_anchor)
{
	struct arena *mem = arena_new();
	struct order o;
	struct order_place at;
	struct sql sql, explain;
	struct str plan;
	struct error err;
	bool found;
	sqlite3_stmt *stmt;

	assert_int_equal(order_make(p->store, q, mem, &o, &err), 0);
	assert_int_equal(order_place_of(p->store, &o, p->runs[5].id, &at, &found, &err), 0);
	for (int backward = 0; backward < 2; backward++) {
		struct order_segment g = {.zone = 0, .beside = from_anchor ? &at : NULL};

		at.zone = 0;
		at.value = (struct sql_value){.type = SQL_INT, .integer = 0};
		sql_init(&sql, p->store);
		assert_true(order_segment_sql(&o, &g, backward, 50, &sql));
		explain = sql;
		str_init(&explain.text);
		str_addf(&explain.text, "EXPLAIN QUERY PLAN %s", sql.text.data);
		stmt = sql_prepare(p->store, &explain, &err);
		if (!stmt)
			fail_msg("%s: %s", sql.text.data, err.text);
		str_init(&plan);
		while (store_step(p->store, stmt, &err) > 0)
			str_addf(&plan, "%s\n", (const char *)sqlite3_column_text(stmt, 3));
		sqlite3_finalize(stmt);
		if (!strstr(plan.data, index) || strstr(plan.data, "TEMP B-TREE"))
			fail_msg("%s\nis done by\n%swhich is not a walk of %s", sql.text.data, plan.data, index);
		str_release(&plan);
		str_release(&explain.text);
		sql_release(&sql);
	}
	arena_free(mem);
}

static void every_first_key_walks_an_index(void **in)
{
	static const struct {
		const char *key, *filter, *index;
	} plans[] = {
	    {"metrics.auc", NULL, "series_last"},
	    {"metrics.auc[eval]", NULL, "series_context"},
	    {"best(metrics.auc)", NULL, "series_best"},
	    {"min(metrics.auc)", "status = done", "series_min"},
	    {"max(metrics.auc)", "best(metrics.loss) < 1", "series_max"},
	    {"mean(metrics.auc)", "mean(metrics.auc) > 0.5", "series_mean"},
	    {"first(metrics.auc)", "archived", "series_first"},
	    {"metrics.auc", "metrics.loss < 0.5 and params.depth = 3", "series_last"},
	    {"metrics.auc", "metrics.auc > 0.5 and experiment = credit", "series_last"},
	    {"params.depth", NULL, "param_number"},
	    {"tags.team", "status = done", "tag_number"},
	    {"created", NULL, "run_created"},
	    {"created", "metrics.auc > 0.5", "run_created"},
	    {"created", "experiment = credit", "run_experiment"},
	    {"created", "status = running", "run_status"},
	    {"started", NULL, "run_started"},
	    {"ended", "started > -2d", "run_ended"},
	    {"name", NULL, "run_name"},
	    {"id", NULL, "sqlite_autoindex_run_1"},
	    {"status", NULL, "run_status"},
	    {"experiment", NULL, "run_experiment"},
	};
	struct page_world *p = *in;

	for (size_t i = 0; i < COUNT_OF(plans); i++) {
		for (int down = 0; down < 2; down++) {
			struct runs_order order = {plans[i].key, down};
			struct runs_query q = {.order = &order, .order_count = 1, .filter = plans[i].filter};

			expect_plan(p, &q, plans[i].index, false);
			if (strcmp(plans[i].key, "id") && strcmp(plans[i].key, "name") &&
			    strcmp(plans[i].key, "experiment"))
				expect_plan(p, &q, plans[i].index, true);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pages_are_as_sorting_everything),
	    cmocka_unit_test(without_an_order_the_newest_come_first),
	    cmocka_unit_test(every_first_key_walks_an_index),
	};

	return cmocka_run_group_tests(tests, page_world_open, page_world_close);
}
