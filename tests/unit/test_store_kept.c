/* Rows of series that stay in memory between appends: whoever else writes, the next append finds what the table says. */
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "assay/store_remove.h"

#include "../lib/store_place.h"

static void append(struct store_place *f, struct store *s, const char *name, int64_t step, double value)
{
	const struct point p = {step, 1000 + step, value};

	must(f, store_series_append(s, f->run, SERIES_METRIC, name, "", &p, 1, &f->err));
}

static struct store *another(struct store_place *f)
{
	struct store *s = NULL;

	must(f, store_open(&s, f->path, STORE_WRITE, &f->err));
	return s;
}

/* The series has these values in this order, and its figures are theirs. */
static void check(struct store_place *f, const char *name, const double *values, size_t count)
{
	struct series series;
	struct point *points;
	double sum = 0, min = INFINITY, max = -INFINITY;
	size_t n;

	must(f, store_series_find(f->store, f->run, SERIES_METRIC, name, "", f->mem, &series, &f->err));
	must(f, store_series_points(f->store, series.id, 0, 0, f->mem, &points, &n, &f->err));
	assert_int_equal(n, count);
	assert_int_equal(series.count, count);
	for (size_t i = 0; i < n; i++) {
		assert_true(points[i].value == values[i]);
		sum += values[i];
		min = values[i] < min ? values[i] : min;
		max = values[i] > max ? values[i] : max;
	}
	assert_true(series.min.value == min && series.max.value == max && series.first.value == values[0] &&
	            series.last.value == values[count - 1]);
	assert_true(fabs(series.mean - sum / (double)count) < 1e-9);
	if (series.direction)
		assert_true(series.best.value == (series.direction > 0 ? max : min));
}

/* Two connections, transactions that are kept and taken back, directions that change, in any order. */
static void two_writers(void **at)
{
	enum { NAMES = 3, ROOM = 4000 };
	struct store_place *f = *at;
	struct store *stores[2] = {f->store, another(f)};
	static double values[NAMES][ROOM];
	size_t counts[NAMES] = {0};
	uint64_t state = 88172645463325252u;

	for (int turn = 0; turn < 1200; turn++) {
		struct store *s;
		size_t before[NAMES];
		bool keep;

		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		s = stores[(state >> 8) % 8 == 0];
		keep = (state >> 16) % 8 != 0;
		if ((state >> 24) % 64 == 0)
			must(f, store_direction_set(s, "default", "m1", (int)((state >> 32) % 2) * 2 - 1, &f->err));
		memcpy(before, counts, sizeof before);
		must(f, store_begin(s, STORE_NORMAL, &f->err));
		for (int i = 0; i < 3; i++) {
			size_t k = (state >> (40 + 4 * i)) % NAMES;
			double value = (double)((state >> 3 * i) % 1000) / 8;

			append(f, s, k == 0 ? "m0" : k == 1 ? "m1" : "loss", (int64_t)counts[k], value);
			values[k][counts[k]++] = value;
		}
		must(f, store_end(s, keep, &f->err));
		if (!keep)
			memcpy(counts, before, sizeof before);
	}
	check(f, "m0", values[0], counts[0]);
	check(f, "m1", values[1], counts[1]);
	check(f, "loss", values[2], counts[2]);
	store_close(stores[1]);
}

static void purge(struct store_place *f, struct store *s)
{
	struct store_purge purge = {0};
	const struct run_ending ending = {.status = RUN_DONE, .reason = ""};

	int64_t changed, left;

	must(f, store_run_end(s, f->run, &ending, &f->err));
	must(f, store_remove(s, "ada@lab", &f->run, 1, &changed, &left, &f->err));
	while (purge.next < 1)
		must(f, store_purge_some(s, "ada@lab", &f->run, 1, 1000, &purge, &f->err));
	assert_int_equal(purge.gone, 1);
}

static void refused(struct store_place *f)
{
	const struct point p = {9, 9, 9};

	assert_int_equal(store_series_append(f->store, f->run, SERIES_METRIC, "m", "", &p, 1, &f->err), -1);
	assert_int_equal(f->err.code, ERR_NO);
}

static void purged_by_another(void **at)
{
	struct store_place *f = *at;
	struct store *other = another(f);

	append(f, f->store, "m", 0, 1);
	append(f, f->store, "m", 1, 2);
	purge(f, other);
	refused(f);
	store_close(other);
}

static void purged_by_the_same(void **at)
{
	struct store_place *f = *at;

	append(f, f->store, "m", 0, 1);
	append(f, f->store, "m", 1, 2);
	purge(f, f->store);
	refused(f);
}

/* Another program that knows nothing of us, within one second of our own commits. */
static void changed_by_hand(void **at)
{
	struct store_place *f = *at;
	char *file = path_join(f->path, "assay.db");
	const double left[] = {3, 4};
	sqlite3 *db = NULL;

	append(f, f->store, "m", 0, 1);
	append(f, f->store, "m", 1, 2);
	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "DELETE FROM series", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	append(f, f->store, "m", 2, 3);
	append(f, f->store, "m", 3, 4);
	check(f, "m", left, 2);
	free(file);
}

/* More than are kept. */
static void many_names(void **at)
{
	enum { NAMES = 5000, ROUNDS = 3 };
	struct store_place *f = *at;
	const double values[ROUNDS] = {2, 1, 3};
	char name[32];

	must(f, store_begin(f->store, STORE_NORMAL, &f->err));
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < NAMES; i++) {
			snprintf(name, sizeof name, "m%d", i);
			append(f, f->store, name, round, values[round]);
		}
	must(f, store_end(f->store, true, &f->err));
	for (int i = 0; i < NAMES; i += 499) {
		snprintf(name, sizeof name, "m%d", i);
		check(f, name, values, ROUNDS);
	}
}

/* A log that is cut later is as whole as one that is cut at once. */
static void checkpoints_later(void **at)
{
	enum { COUNT = 3000 };
	struct store_place *f = *at;
	static double values[COUNT];
	bool was_due = false;

	store_checkpoint_later(f->store);
	for (int i = 0; i < COUNT; i++) {
		values[i] = i % 7;
		append(f, f->store, "m", i, values[i]);
		if (i % 1000 == 999 && store_checkpoint_due(f->store)) {
			was_due = true;
			store_checkpoint_now(f->store);
			assert_false(store_checkpoint_due(f->store));
		}
	}
	assert_true(was_due);
	check(f, "m", values, COUNT);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, store_place_report, store_place_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(two_writers),     TEST(purged_by_another), TEST(purged_by_the_same),
	    TEST(changed_by_hand), TEST(many_names),        TEST(checkpoints_later),
	};

	return cmocka_run_group_tests_name("store_kept", tests, NULL, NULL);
}
