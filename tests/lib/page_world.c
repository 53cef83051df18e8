#include "page_world.h"

#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "store_fixture.h"

unsigned page_draw(struct page_world *p, unsigned below)
{
	p->random ^= p->random << 13;
	p->random ^= p->random >> 7;
	p->random ^= p->random << 17;
	return (unsigned)(p->random % below);
}

void page_metric(struct store *s, int64_t run, const char *name, double value)
{
	struct point p = {.step = 1, .value = value};

	assert_int_equal(store_series_append(s, run, SERIES_METRIC, name, "", &p, 1, NULL), 0);
}

/* A short curve of accuracies: the step of the i-th point is i, and so on as the store is to have it. */
static void add_curve(struct page_world *p, struct page_truth *t)
{
	size_t n = page_draw(p, 5), numbers = 0;
	struct point points[5];
	double sum = 0;

	for (int i = 0; i < WHICH_AT; i++)
		t->acc[i] = (double)NAN;
	for (size_t i = 0; i < n; i++) {
		double v = page_draw(p, 6) ? 0.25 * (1 + page_draw(p, 3)) : (double)NAN;

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

static void archive(struct page_world *p, struct page_truth *t)
{
	char *sql = xasprintf("UPDATE run SET archived = 9500 WHERE id = %lld", (long long)t->id);

	t->archived = true;
	assert_int_equal(sqlite3_exec(p->store->db, sql, NULL, NULL, NULL), SQLITE_OK);
	free(sql);
}

/* Few different values, so that there are many ties; many runs without one. */
static void add_run(struct page_world *p, int i)
{
	static const double aucs[] = {0.5, 0.7, 0.7, -INFINITY, INFINITY, 0.9, -0.0, 0.0};
	static const char *const depths[] = {"1", "2", "10", "2.0", "x", "y", "X"};
	static const char *const experiments[] = {"credit", "fraud", "a"};
	struct page_truth *t = &p->runs[i];
	struct run_new new = {.created = 1000 + (int64_t)page_draw(p, 40)};
	struct run_process nobody = {.pid = 1};
	char uuid[ID_TEXT];

	t->experiment = (int)page_draw(p, 3);
	new.experiment = experiments[t->experiment];
	t->created = new.created;
	assert_int_equal(store_run_create(p->store, &new, &t->id, uuid, NULL), 0);
	if (page_draw(p, 3)) {
		t->started = 2000 + (int64_t)page_draw(p, 20);
		t->status = RUN_RUNNING;
		assert_int_equal(store_run_start(p->store, t->id, &nobody, t->started, NULL), 0);
		if (page_draw(p, 2)) {
			struct run_ending e = {.status = RUN_DONE, .reason = "", .at = 9000};

			t->status = RUN_DONE;
			assert_int_equal(store_run_end(p->store, t->id, &e, NULL), 0);
		}
	}
	t->auc = t->loss = (double)NAN;
	if (page_draw(p, 4)) {
		t->auc = aucs[page_draw(p, COUNT_OF(aucs))];
		page_metric(p->store, t->id, "auc", t->auc);
	} else if (page_draw(p, 2)) {
		page_metric(p->store, t->id, "auc", (double)NAN);
	}
	if (page_draw(p, 2)) {
		t->loss = page_draw(p, 3);
		page_metric(p->store, t->id, "loss", t->loss);
	}
	if (page_draw(p, 3)) {
		t->depth = depths[page_draw(p, COUNT_OF(depths))];
		assert_int_equal(store_param_set(p->store, t->id, "depth", t->depth, NULL), 0);
	}
	add_curve(p, t);
	if (t->status == RUN_DONE && page_draw(p, 4))
		archive(p, t);
	p->shown += !t->archived;
}

int page_world_open(void **out)
{
	struct page_world *p = xcalloc(1, sizeof(*p));

	p->random = 88172645463325252u;
	if (store_fixture_open("page", &p->folder, &p->store))
		return -1;
	assert_int_equal(store_begin(p->store, STORE_NORMAL, NULL), 0);
	for (int i = 0; i < PAGE_RUNS; i++)
		add_run(p, i);
	assert_int_equal(store_end(p->store, true, NULL), 0);
	*out = p;
	return 0;
}

int page_world_close(void **in)
{
	struct page_world *p = *in;

	store_close(p->store);
	dir_remove(p->folder, NULL);
	free(p->folder);
	free(p);
	return 0;
}
