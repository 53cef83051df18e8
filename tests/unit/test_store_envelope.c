/* Envelopes: every bucket is that of the points in it, whatever summaries it was put together from. */
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "../../src/store/span.h"
#include "../lib/store_place.h"

static uint64_t state = 88172645463325252u;

static uint64_t draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void same(double a, double b)
{
	if (!(a == b) && !(isnan(a) && isnan(b)))
		fail_msg("%.17g is not %.17g", a, b);
}

static bool place(const struct point *p, enum series_axis axis, double *x)
{
	*x = (double)(axis == AXIS_TIME ? p->time : p->step);
	return axis == AXIS_STEP || p->time;
}

/* The definition: each point into its bucket. */
static void expect(const struct point *all, size_t count, enum series_axis axis, double low, double high,
                   int buckets, struct series_bucket *want)
{
	double *first_x = xcalloc((size_t)buckets, sizeof(double)),
	       *last_x = xcalloc((size_t)buckets, sizeof(double)), x;

	if (low > high) {
		low = INFINITY;
		high = -INFINITY;
		for (size_t i = 0; i < count; i++)
			if (place(&all[i], axis, &x)) {
				low = x < low ? x : low;
				high = x > high ? x : high;
			}
	}
	for (int i = 0; i < buckets; i++)
		want[i] = (struct series_bucket){.first = NAN, .last = NAN, .min = NAN, .max = NAN};
	for (size_t i = 0; i < count; i++) {
		double v = all[i].value, part;
		struct series_bucket *b;
		int at;

		if (!place(&all[i], axis, &x) || x < low || x > high)
			continue;
		part = buckets > 1 && high > low ? (x - low) / (high - low) * buckets : 0;
		at = part >= buckets ? buckets - 1 : (int)part;
		b = &want[at];
		b->x_low = !b->count || x < b->x_low ? x : b->x_low;
		b->x_high = !b->count || x > b->x_high ? x : b->x_high;
		b->count++;
		b->nan_count += isnan(v);
		if (isnan(v))
			continue;
		if (isnan(b->first) || x < first_x[at]) {
			b->first = v;
			first_x[at] = x;
		}
		if (isnan(b->last) || x >= last_x[at]) {
			b->last = v;
			last_x[at] = x;
		}
		b->min = isnan(b->min) || v < b->min ? v : b->min;
		b->max = isnan(b->max) || v > b->max ? v : b->max;
	}
	free(first_x);
	free(last_x);
}

static void check(struct store_place *f, const struct point *all, size_t count, int64_t series,
                  enum series_axis axis, double from, double to, int buckets)
{
	struct series_bucket *want = xcalloc((size_t)buckets, sizeof(*want)), *b;
	struct arena *mem = arena_new();
	size_t n, at = 0;

	expect(all, count, axis, from, to, buckets, want);
	must(f, store_series_envelope(f->store, series, axis, from, to, buckets, mem, &b, &n, &f->err));
	for (int i = 0; i < buckets; i++) {
		if (!want[i].count)
			continue;
		assert_true(at < n);
		if (b[at].count != want[i].count)
			fail_msg("series %lld, axis %d, %d parts of [%.17g, %.17g]: part %d has %lld points, not %lld",
			         (long long)series, axis, buckets, from, to, i, (long long)b[at].count,
			         (long long)want[i].count);
		assert_int_equal(b[at].nan_count, want[i].nan_count);
		same(b[at].x_low, want[i].x_low);
		same(b[at].x_high, want[i].x_high);
		same(b[at].min, want[i].min);
		same(b[at].max, want[i].max);
		same(b[at].first, want[i].first);
		same(b[at].last, want[i].last);
		at++;
	}
	assert_int_equal(at, n);
	arena_free(mem);
	free(want);
}

/* Both axes, the whole and parts of it, few and many buckets. */
static void check_all(struct store_place *f, const struct point *all, size_t count, int64_t series,
                      int trials)
{
	static const int buckets[] = {1, 2, 7, 80, 320, 1000, 4099};

	for (int axis = AXIS_STEP; axis <= AXIS_TIME; axis++) {
		for (size_t i = 0; i < COUNT_OF(buckets); i += (size_t)(trials > 4 ? 1 : 2))
			check(f, all, count, series, (enum series_axis)axis, 1, 0, buckets[i]);
		for (int i = 0; i < trials; i++) {
			double a, b;

			place(&all[draw() % count], (enum series_axis)axis, &a);
			place(&all[draw() % count], (enum series_axis)axis, &b);
			if (i % 3 == 1) { /* a zoom to a few points */
				b = a + (double)(draw() % 100);
			} else if (i % 3 == 2) { /* between the places, and beyond the ends */
				a -= 0.5 + (double)(draw() % 1000);
				b += 0.25;
			}
			check(f, all, count, series, (enum series_axis)axis, fmin(a, b), fmax(a, b),
			      buckets[draw() % COUNT_OF(buckets)]);
		}
	}
	check(f, all, count, series, AXIS_TIME, -1e18, 1e18, 10);
	check(f, all, count, series, AXIS_STEP, -1e300, 1e300, 3);
}

enum shape { STEADY, RESTARTED, REPEATED, SCATTERED, UNTIMED, HALF_TIMED, MOSTLY_NAN, ALL_NAN, FAR, SHAPES };

static struct point make(enum shape shape, size_t i, size_t count)
{
	static const double odd[] = {NAN, -NAN, INFINITY, -INFINITY, -0.0, 0.0, 5e-324, 1e308};
	struct point p = {10 * (int64_t)i, 1763888000000 + 250 * (int64_t)i + (int64_t)(draw() % 40),
	                  sin((double)i / 300) + (double)(draw() % 1000) / 5000};

	switch ((int)shape) {
	case RESTARTED: /* goes on from an earlier step, the clock set back */
		if (i > count / 2) {
			p.step -= 5 * (int64_t)(count / 2);
			p.time -= 100 * (int64_t)count;
		}
		break;
	case REPEATED:
		p.step = (int64_t)(i / 700);
		p.time = 1000 + (int64_t)(i / 1500);
		break;
	case SCATTERED:
		p.step = (int64_t)(draw() % 5000) - 2500;
		p.time = (int64_t)(draw() % 5000) - 2500;
		break;
	case UNTIMED:
		p.time = 0;
		break;
	case HALF_TIMED: /* long stretches, and single ones */
		p.time = i / 1000 % 3 == 0 || draw() % 5000 == 0 ? 0 : p.time;
		break;
	case MOSTLY_NAN:
		p.value = draw() % 300 == 0 ? p.value : (double)NAN;
		break;
	case ALL_NAN:
		p.value = (double)NAN;
		break;
	case FAR: /* places that doubles cannot tell apart */
		p.step = INT64_MAX - (int64_t)(count - i) / 3;
		p.time = INT64_MIN + 1 + (int64_t)i / 3;
		break;
	}
	if (shape != MOSTLY_NAN && shape != ALL_NAN && draw() % 2000 == 0)
		p.value = odd[draw() % COUNT_OF(odd)];
	return p;
}

static int64_t append(struct store_place *f, const char *name, const struct point *all, size_t count,
                      size_t most)
{
	struct series series;

	for (size_t done = 0; done < count;) {
		size_t n = 1 + draw() % most;

		n = n < count - done ? n : count - done;
		must(f, store_series_append(f->store, f->run, SERIES_METRIC, name, NULL, all + done, n, &f->err));
		done += n;
	}
	must(f, store_series_find(f->store, f->run, SERIES_METRIC, name, NULL, f->mem, &series, &f->err));
	return series.id;
}

static void every_shape(void **at)
{
	struct store_place *f = *at;
	enum { MOST = 110000 };
	struct point *all = xcalloc(MOST, sizeof(*all));

	for (int shape = 0; shape < SHAPES; shape++) {
		/* Three nodes and what comes after; a few chunks; at the border of a node. */
		const size_t counts[] = {MOST - draw() % 600, 3000 + draw() % 500, 65536 + draw() % 2};

		for (size_t c = 0; c < COUNT_OF(counts); c++) {
			char name[32];
			int64_t series;

			for (size_t i = 0; i < counts[c]; i++)
				all[i] = make((enum shape)shape, i, counts[c]);
			snprintf(name, sizeof(name), "m%d-%zu", shape, c);
			series = append(f, name, all, counts[c], shape % 2 ? 40000 : 900);
			check_all(f, all, counts[c], series, c ? 3 : 6);
		}
	}
	free(all);
}

static int64_t number(struct store_place *f, const char *sql)
{
	sqlite3_stmt *stmt;
	int64_t n;

	assert_int_equal(sqlite3_prepare_v2(f->store->db, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return n;
}

static void run_sql(struct store_place *f, const char *sql)
{
	char *why = NULL;

	if (sqlite3_exec(f->store->db, sql, NULL, NULL, &why))
		fail_msg("%s: %s", sql, why);
}

/* Nodes of nodes: more than two million points (LONG=1: three levels, 134 million). */
static void levels(void **at)
{
	struct store_place *f = *at;
	size_t count = (getenv("LONG") ? ((size_t)1 << 27) : (size_t)1 << 21) + 100000;
	struct point *all = xcalloc(count, sizeof(*all));
	int64_t series;

	for (size_t i = 0; i < count; i++)
		all[i] = (struct point){(int64_t)i, 1000 + 7 * (int64_t)i, (double)(i * 2654435761u % 1000) / 8};
	all[count / 3].value = 1e9;
	all[count / 3 + 1].value = (double)NAN;
	all[count / 2].step = 17;
	series = append(f, "long", all, count, 700000);
	assert_int_equal(number(f, "SELECT count(*) FROM span WHERE (id >> 16) & 3 = 2"),
	                 getenv("LONG") ? 64 : 1);
	assert_int_equal(number(f, "SELECT count(*) FROM span WHERE (id >> 16) & 3 = 3"), getenv("LONG") ? 1 : 0);
	check_all(f, all, count, series, 2);
	/* One that is missing is done without; one that is damaged is told. */
	run_sql(f, "DELETE FROM span WHERE id & 0xFFFF = 0");
	check(f, all, count, series, AXIS_STEP, 1, 0, 320);
	run_sql(f, "UPDATE span SET parts = x'0102'");
	{
		struct series_bucket *b;
		size_t n;

		assert_int_equal(store_series_envelope(f->store, series, AXIS_STEP, 1, 0, 9, f->mem, &b, &n, &f->err),
		                 -1);
		assert_int_equal(f->err.code, ERR_STORE);
		assert_non_null(strstr(f->err.text, "damaged"));
	}
	/* They go with their series. */
	run_sql(f, "DELETE FROM series");
	assert_int_equal(number(f, "SELECT count(*) FROM span"), 0);
	free(all);
}

/* A store of the third schema, as it is and brought up to date. */
static void older_store(void **at)
{
	struct store_place *f = *at;
	enum { COUNT = 140000 };
	struct point *all = xcalloc(COUNT, sizeof(*all));
	char *path = xstrdup(store_path(f->store));
	int64_t series;

	for (size_t i = 0; i < COUNT; i++)
		all[i] = make(i % 3 ? HALF_TIMED : MOSTLY_NAN, i, COUNT);
	series = append(f, "old", all, COUNT, 50000);
	/* What the fourth one brought is taken away. */
	run_sql(
	    f,
	    "DROP TRIGGER series_spans; DROP TABLE span; DROP TABLE recognised; DROP TABLE experiment_tag; "
	    "DROP TRIGGER param_unnamed; DROP TRIGGER series_unnamed; DROP INDEX run_removed; DROP TABLE "
	    "followed; DROP TABLE foreign_record; "
	    "DROP TABLE reported; DROP TABLE purged; DROP INDEX bias_report_run; DROP INDEX edit_item_run; "
	    "ALTER TABLE edit DROP COLUMN purged; ALTER TABLE run DROP COLUMN flagged; "
	    "ALTER TABLE run DROP COLUMN heard; ALTER TABLE run DROP COLUMN progress_at; "
	    "ALTER TABLE run DROP COLUMN progress_from; ALTER TABLE run DROP COLUMN progress_from_at; "
	    "ALTER TABLE run DROP COLUMN flag; ALTER TABLE run DROP COLUMN removed; "
	    "CREATE TABLE view (key TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID; "
	    "CREATE TABLE event_file (run INTEGER NOT NULL, name TEXT NOT NULL, offset INTEGER NOT NULL, "
	    "lines INTEGER NOT NULL, skip INTEGER NOT NULL, mark TEXT NOT NULL, PRIMARY KEY (run, name)) STRICT, "
	    "WITHOUT ROWID; PRAGMA user_version = 3");
	store_close(f->store);
	must(f, store_open(&f->store, path, STORE_READ, &f->err));
	check_all(f, all, COUNT, series, 3);
	store_close(f->store);
	must(f, store_open(&f->store, path, STORE_WRITE, &f->err));
	assert_int_equal(number(f, "SELECT count(*) FROM span"), COUNT / 32768);
	check_all(f, all, COUNT, series, 3);
	/* It goes on as one that was always so. */
	must(f, store_series_append(f->store, f->run, SERIES_METRIC, "old", NULL, all, 60000, &f->err));
	assert_int_equal(number(f, "SELECT count(*) FROM span"), (COUNT + 60000) / 32768);
	free(path);
	free(all);
}

static void refused(void **at)
{
	struct store_place *f = *at;
	struct series_bucket *b;
	size_t n;

	assert_int_equal(store_series_envelope(f->store, 1, AXIS_STEP, 0, NAN, 10, f->mem, &b, &n, &f->err), -1);
	assert_int_equal(store_series_envelope(f->store, 1, AXIS_STEP, 0, 1, 0, f->mem, &b, &n, &f->err), -1);
	assert_int_equal(store_series_envelope(f->store, 999999, AXIS_STEP, 0, 1, 4, f->mem, &b, &n, &f->err),
	                 -1);
	assert_int_equal(f->err.code, ERR_NO);
}

/* Any bytes in the place of a node are refused or are one. */
static void damaged_nodes(void **unused)
{
	struct span parts[SPAN_PARTS], back[SPAN_PARTS];
	struct str packed;

	(void)unused;
	state = 1;
	str_init(&packed);
	for (int i = 0; i < SPAN_PARTS; i++) {
		struct point points[BLOCK_POINTS];

		for (size_t k = 0; k < BLOCK_POINTS; k++)
			points[k] = make((enum shape)(i % SHAPES), k, BLOCK_POINTS);
		span_init(&parts[i]);
		span_add_points(&parts[i], points, BLOCK_POINTS);
	}
	span_pack(parts, &packed);
	assert_int_equal(span_unpack(packed.data, packed.len, 1, back), 0);
	for (int i = 0; i < SPAN_PARTS; i++)
		for (int axis = 0; axis < 2; axis++) {
			const struct span_axis *a = &parts[i].axis[axis], *b = &back[i].axis[axis];

			assert_int_equal(a->count, b->count);
			assert_int_equal(a->nan_count, b->nan_count);
			if (!a->count)
				continue;
			assert_int_equal(a->low, b->low);
			assert_int_equal(a->high, b->high);
			if (a->count == a->nan_count)
				continue;
			assert_int_equal(a->first_at, b->first_at);
			assert_int_equal(a->last_at, b->last_at);
			assert_memory_equal(&a->min, &b->min, 4 * sizeof(double));
		}
	assert_int_equal(span_unpack(packed.data, packed.len, 2, back), -1);
	for (size_t cut = 0; cut < packed.len; cut++)
		assert_int_equal(span_unpack(packed.data, cut, 1, back), -1);
	for (int trial = 0; trial < 3000; trial++) {
		size_t where = draw() % packed.len;
		char was = packed.data[where];
		int rc;

		packed.data[where] = (char)draw();
		rc = span_unpack(packed.data, packed.len, 1, back);
		assert_true(rc == 0 || rc == -1);
		packed.data[where] = was;
	}
	str_release(&packed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(every_shape, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(levels, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(older_store, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(refused, store_place_report, store_place_end),
	    cmocka_unit_test(damaged_nodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
