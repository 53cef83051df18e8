/* store: pages of runs, held against sorting everything; plans; counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "../../src/store/order.h"
#include "../lib/store_fixture.h"
#include "../lib/trials.h"

enum { RUNS = 120 };

struct truth {
	int64_t id, created, started; /* started 0: not */
	double auc, loss;             /* NaN: none */
	const char *depth;            /* NULL: none */
	double acc[WHICH_AT];         /* best, min …; NaN: none */
	bool archived, has_acc;
	int experiment;
	enum run_status status;
};

struct place {
	char *folder;
	struct store *store;
	struct truth runs[RUNS];
	size_t shown; /* not archived */
};

static uint64_t state = 88172645463325252u;
static unsigned draw(unsigned below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state % below);
}

static void add_metric(struct store *s, int64_t run, const char *name, double value)
{
	struct point p = {.step = 1, .value = value};

	assert_int_equal(store_series_append(s, run, SERIES_METRIC, name, "", &p, 1, NULL), 0);
}

/* A short curve of accuracies: the step of the i-th point is i, and so on as the store is to have it. */
static void add_curve(struct place *p, struct truth *t)
{
	size_t n = draw(5), numbers = 0;
	struct point points[5];
	double sum = 0;

	for (int i = 0; i < WHICH_AT; i++)
		t->acc[i] = (double)NAN;
	for (size_t i = 0; i < n; i++) {
		double v = draw(6) ? 0.25 * (1 + draw(3)) : (double)NAN;

		points[i] = (struct point){.step = (int64_t)i, .value = v};
		t->acc[WHICH_FIRST] = i ? t->acc[WHICH_FIRST] : v;
		t->acc[WHICH_LAST] = v;
		if (isnan(v))
			continue;
		sum += v;
		numbers++;
		t->acc[WHICH_MIN] = v < t->acc[WHICH_MIN] || numbers == 1 ? v : t->acc[WHICH_MIN];
		t->acc[WHICH_MAX] = v > t->acc[WHICH_MAX] || numbers == 1 ? v : t->acc[WHICH_MAX];
		t->acc[WHICH_BEST] = t->acc[WHICH_MAX];
		t->acc[WHICH_MEAN] = sum / (double)numbers;
	}
	t->has_acc = n > 0;
	if (n)
		assert_int_equal(store_series_append(p->store, t->id, SERIES_METRIC, "my acc", "", points, n, NULL),
		                 0);
}

static void archive(struct place *p, struct truth *t)
{
	char *sql = xasprintf("UPDATE run SET archived = 9500 WHERE id = %lld", (long long)t->id);

	t->archived = true;
	assert_int_equal(sqlite3_exec(p->store->db, sql, NULL, NULL, NULL), SQLITE_OK);
	free(sql);
}

/* Few different values, so that there are many ties; many runs without one. */
static void add_run(struct place *p, int i)
{
	static const double aucs[] = {0.5, 0.7, 0.7, -INFINITY, INFINITY, 0.9, -0.0, 0.0};
	static const char *const depths[] = {"1", "2", "10", "2.0", "x", "y", "X"};
	static const char *const experiments[] = {"credit", "fraud", "a"};
	struct truth *t = &p->runs[i];
	struct run_new new = {.created = 1000 + (int64_t)draw(40)};
	struct run_process nobody = {.pid = 1};
	char uuid[ID_TEXT];

	t->experiment = (int)draw(3);
	new.experiment = experiments[t->experiment];
	t->created = new.created;
	assert_int_equal(store_run_create(p->store, &new, &t->id, uuid, NULL), 0);
	if (draw(3)) {
		t->started = 2000 + (int64_t)draw(20);
		t->status = RUN_RUNNING;
		assert_int_equal(store_run_start(p->store, t->id, &nobody, t->started, NULL), 0);
		if (draw(2)) {
			struct run_ending e = {.status = RUN_DONE, .reason = "", .at = 9000};

			t->status = RUN_DONE;
			assert_int_equal(store_run_end(p->store, t->id, &e, NULL), 0);
		}
	}
	t->auc = t->loss = (double)NAN;
	if (draw(4)) {
		t->auc = aucs[draw(COUNT_OF(aucs))];
		add_metric(p->store, t->id, "auc", t->auc);
	} else if (draw(2)) {
		add_metric(p->store, t->id, "auc", (double)NAN);
	}
	if (draw(2)) {
		t->loss = draw(3);
		add_metric(p->store, t->id, "loss", t->loss);
	}
	if (draw(3)) {
		t->depth = depths[draw(COUNT_OF(depths))];
		assert_int_equal(store_param_set(p->store, t->id, "depth", t->depth, NULL), 0);
	}
	add_curve(p, t);
	if (t->status == RUN_DONE && draw(4))
		archive(p, t);
	p->shown += !t->archived;
}

static int fill(void **out)
{
	struct place *p = xcalloc(1, sizeof(*p));

	if (store_fixture_open("page", &p->folder, &p->store))
		return -1;
	assert_int_equal(store_begin(p->store, STORE_NORMAL, NULL), 0);
	for (int i = 0; i < RUNS; i++)
		add_run(p, i);
	assert_int_equal(store_end(p->store, true, NULL), 0);
	*out = p;
	return 0;
}

static int clear(void **in)
{
	struct place *p = *in;

	store_close(p->store);
	dir_remove(p->folder, NULL);
	free(p->folder);
	free(p);
	return 0;
}

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

static int by_key(const struct truth *a, const struct truth *b, enum key key, bool down)
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
	const struct truth *a = *(struct truth *const *)x, *b = *(struct truth *const *)y;
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

static bool keeps(const struct truth *t, int which)
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

static void expect_ids(const struct runs_page *page, struct truth *const *wanted, size_t from, size_t count,
                       const char *what, const char *order)
{
	if (page->count != count)
		fail_msg("%s by %s from %zu: %zu rows, not %zu", what, order, from, page->count, count);
	for (size_t i = 0; i < count; i++) {
		if (page->rows[i].id != wanted[from + i]->id)
			fail_msg("%s by %s: row %zu is %lld, not %lld", what, order, from + i,
			         (long long)page->rows[i].id, (long long)wanted[from + i]->id);
	}
}

static void check_paging(struct place *p, const struct runs_query *q, struct truth *const *wanted, size_t n,
                         const char *order)
{
	size_t limit = 1 + draw(40);
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
		at = draw((unsigned)n);
		assert_int_equal(store_runs_page(p->store, q, RUNS_FROM, wanted[at]->id, limit, mem, &page, &err), 0);
		expect_ids(&page, wanted, at, n - at < limit ? n - at : limit, "from", order);
		assert_int_equal(page.more_before, at > 0);
	}
	arena_free(mem);
}

static void pages_are_as_sorting_everything(void **in)
{
	struct place *p = *in;

	for (unsigned trial = 0; trial < trials_here(800); trial++) {
		struct runs_order order[3];
		struct truth *wanted[RUNS];
		struct runs_query q = {.order = order, .now = 10000};
		int filter = (int)draw(COUNT_OF(filters));
		char text[200] = "";
		size_t n = 0;

		/* Without patience, so that the search by sets is tried as well. */
		p->store->patience = draw(2) ? 0 : PATIENCE;
		sorting.count = 1 + draw(3);
		for (size_t i = 0; i < sorting.count; i++) {
			sorting.keys[i] = (enum key)draw(KEYS);
			sorting.down[i] = draw(2);
			order[i] = (struct runs_order){key_names[sorting.keys[i]], sorting.down[i]};
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s %s, ", order[i].key,
			         order[i].descending ? "desc" : "asc");
		}
		q.order_count = sorting.count;
		q.filter = filters[filter].text;
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s", q.filter ? q.filter : "all");
		for (int i = 0; i < RUNS; i++) {
			if (keeps(&p->runs[i], filters[filter].which))
				wanted[n++] = &p->runs[i];
		}
		qsort(wanted, n, sizeof(*wanted), compare);
		check_paging(p, &q, wanted, n, text);
	}
}

static void without_an_order_the_newest_come_first(void **in)
{
	struct place *p = *in;
	struct arena *mem = arena_new();
	struct runs_page page;

	assert_int_equal(
	    store_runs_page(p->store, &(struct runs_query){0}, RUNS_FIRST, 0, RUNS, mem, &page, NULL), 0);
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
static void expect_plan(struct place *p, const struct runs_query *q, const char *index, bool from_anchor)
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
	struct place *p = *in;

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

static void counts_are_bounded(void **in)
{
	struct place *p = *in;
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
	              {"archived", RUNS, RUNS - shown, true},
	              {"archived or not archived", RUNS, RUNS, true},
	              {"kind = command", shown - 1, shown - 1, false},
	              {"kind = command", shown, shown, true}};

	assert_in_range(p->shown, 20, RUNS - 10);
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
	struct place *p = *in;
	struct arena *mem = arena_new();
	struct runs_query q = {
	    .columns = columns, .column_count = COUNT_OF(columns), .trend = "metrics.curve[eval]"};
	struct point *points = arena_array(mem, 5000, sizeof(*points));
	struct runs_page page;
	struct truth *t = NULL;
	struct error err;

	for (int i = 0; i < RUNS && !t; i++) {
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
	struct place *p = *in;
	struct runs_query q = {.filter = "metrics.none", .columns = columns, .column_count = COUNT_OF(columns)};
	struct arena *mem = arena_new();
	struct runs_page page;
	int64_t ids[RUNS + 2];
	size_t n = 0;

	ids[n++] = 999999;
	for (int i = RUNS; i-- > 0;)
		ids[n++] = p->runs[i].id;
	ids[n++] = -1;
	assert_int_equal(store_runs_rows(p->store, &q, ids, n, mem, &page, NULL), 0);
	assert_int_equal(page.count, RUNS);
	for (size_t i = 0; i < RUNS; i++) {
		const struct truth *t = &p->runs[RUNS - 1 - i];
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
	struct place *p = *in;
	struct arena *mem = arena_new();
	struct runs_order order = {"metrics.auc", true};
	struct runs_query q = {.order = &order, .order_count = 1};
	struct runs_page page;
	int64_t *ids;
	size_t n;

	assert_int_equal(store_runs_ids(p->store, &q, 1000, mem, &ids, &n, NULL), 0);
	assert_int_equal(n, p->shown);
	assert_int_equal(store_runs_page(p->store, &q, RUNS_FIRST, 0, RUNS, mem, &page, NULL), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(ids[i], page.rows[i].id);
	assert_int_equal(store_runs_ids(p->store, &q, 7, mem, &ids, &n, NULL), 0);
	assert_int_equal(n, 7);
	arena_free(mem);
}

/* What is kept of one page for the next is not kept beyond a commit, by whomever. */
static void sets_of_runs_end_with_the_next_commit(void **in)
{
	struct place *p = *in;
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
		add_metric(i % 2 ? p->store : other, id, "auc", 0.5);
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
	    cmocka_unit_test(pages_are_as_sorting_everything),
	    cmocka_unit_test(without_an_order_the_newest_come_first),
	    cmocka_unit_test(every_first_key_walks_an_index),
	    cmocka_unit_test(counts_are_bounded),
	    cmocka_unit_test(cells_and_curves_come_along),
	    cmocka_unit_test(rows_come_as_they_are_asked_for),
	    cmocka_unit_test(all_ids_come_in_the_order_too),
	    cmocka_unit_test(sets_of_runs_end_with_the_next_commit),
	};

	return cmocka_run_group_tests(tests, fill, clear);
}
