/* Series: points come back as they came, the row's figures are those of all points. */
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../src/store/internal.h"
#include "../lib/store_place.h"

static uint64_t state = 88172645463325252u;

static uint64_t draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static int compare_points(const struct point *a, const struct point *b)
{
	if (a->step != b->step)
		return a->step < b->step ? -1 : 1;
	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	if (isnan(a->value) || isnan(b->value))
		return isnan(b->value) - isnan(a->value);
	return a->value < b->value ? -1 : a->value > b->value;
}

static void same(double a, double b)
{
	if (isnan(a) && isnan(b))
		return;
	if (!(a == b))
		fail_msg("%.17g is not %.17g", a, b);
}

/* Everything that the store says of a series, against the plain list of its points. */
static void check_series(struct store_place *f, const char *name, const struct point *all, size_t count)
{
	struct series series;
	struct point *back, first = all[0], last = all[0];
	size_t n;
	int64_t nans = 0;
	double min = NAN, max = NAN;
	int64_t min_step = 0, max_step = 0; /* of several points, the one that came first */
	long double sum = 0;

	must(f, store_series_find(f->store, f->run, SERIES_METRIC, name, NULL, f->mem, &series, &f->err));
	must(f, store_series_points(f->store, series.id, 0, 0, f->mem, &back, &n, &f->err));
	assert_int_equal(n, count);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(back[i].step, all[i].step);
		assert_int_equal(back[i].time, all[i].time);
		assert_memory_equal(&back[i].value, &all[i].value, sizeof(double));
		if (compare_points(&all[i], &first) < 0)
			first = all[i];
		if (compare_points(&all[i], &last) > 0)
			last = all[i];
		if (isnan(all[i].value)) {
			nans++;
			continue;
		}
		if (isnan(min) || all[i].value < min) {
			min = all[i].value;
			min_step = all[i].step;
		}
		if (isnan(max) || all[i].value > max) {
			max = all[i].value;
			max_step = all[i].step;
		}
		sum += (long double)all[i].value;
	}
	assert_int_equal(series.count, count);
	assert_int_equal(series.nan_count, nans);
	same(series.first.value, first.value);
	assert_int_equal(series.first.step, first.step);
	assert_int_equal(series.first_time, first.time);
	same(series.last.value, last.value);
	assert_int_equal(series.last.step, last.step);
	assert_int_equal(series.last_time, last.time);
	same(series.min.value, min);
	same(series.max.value, max);
	assert_int_equal(series.min.step, min_step);
	assert_int_equal(series.max.step, max_step);
	same(series.best.value, series.direction > 0 ? max : series.direction < 0 ? min : (double)NAN);
	if (series.direction && (int64_t)count > nans)
		assert_int_equal(series.best.step, series.direction > 0 ? max_step : min_step);
	if ((int64_t)count > nans && isfinite((double)sum)) {
		double mean = (double)(sum / (long double)(count - (size_t)nans));

		assert_true(fabs(series.mean - mean) <= 1e-14 * (fabs(mean) + fabs(max)));
	}
	/* Pieces from anywhere. */
	for (int i = 0; i < 5; i++) {
		size_t from = draw() % count, limit = 1 + draw() % 1500,
		       expect = count - from < limit ? count - from : limit;

		must(f, store_series_points(f->store, series.id, from, limit, f->mem, &back, &n, &f->err));
		assert_int_equal(n, expect);
		for (size_t k = 0; k < n; k++)
			assert_memory_equal(&back[k].value, &all[from + k].value, sizeof(double));
	}
	must(f, store_series_points(f->store, series.id, count, 0, f->mem, &back, &n, &f->err));
	assert_int_equal(n, 0);
}

/* Appends of any size, with every odd value, falling and repeated steps. */
static void appends(void **at)
{
	struct store_place *f = *at;
	const double odd[] = {NAN, -NAN, INFINITY, -0.0, 0.0, 5e-324, 1e308};
	struct point *all = xcalloc(30000, sizeof(*all));

	for (int trial = 0; trial < 12; trial++) {
		char name[32];
		size_t count = 0, most = trial < 4 ? 3 : trial < 8 ? 200 : 3000;

		snprintf(name, sizeof(name), "%s-%d",
		         trial % 3 == 0   ? "metric"
		         : trial % 3 == 1 ? "loss"
		                          : "auc",
		         trial);
		for (int call = 0; call < 9 * (trial < 4 ? 20 : 1); call++) {
			size_t more = 1 + draw() % most;

			for (size_t i = 0; i < more; i++)
				all[count + i] = (struct point){trial % 3 ? (int64_t)(count + i) : (int64_t)(draw() % 50),
				                                trial % 4 ? 1763888000000 + (int64_t)(draw() % 3) : 0,
				                                draw() % 9 ? (double)(draw() % 1000) / 1000
				                                           : odd[draw() % (COUNT_OF(odd) - 1)]};
			must(f, store_series_append(f->store, f->run, SERIES_METRIC, name, NULL, all + count, more,
			                            &f->err));
			count += more;
			if (call % 7 == 0)
				check_series(f, name, all, count);
		}
		check_series(f, name, all, count);
	}
	free(all);
}

static void edges(void **at)
{
	struct store_place *f = *at;
	const struct point ends[] = {{INT64_MAX, INT64_MAX, 1}, {INT64_MIN, INT64_MIN, 2}, {0, 0, NAN}};
	struct point *more = xcalloc(2000, sizeof(*more));
	struct series series;

	must(f, store_series_append(f->store, f->run, SERIES_METRIC, "ends", NULL, ends, 3, &f->err));
	check_series(f, "ends", ends, 3);
	must(f, store_series_append(f->store, f->run, SERIES_METRIC, "nan", NULL, ends + 2, 1, &f->err));
	check_series(f, "nan", ends + 2, 1);
	/* Exactly at the borders of tail and chunk. */
	for (size_t first = 448; first <= 512; first += 16)
		for (size_t second = 1; second < 1100; second = second * 2 + 1) {
			char name[32];

			snprintf(name, sizeof(name), "b%zu-%zu", first, second);
			for (size_t i = 0; i < first + second; i++)
				more[i] = (struct point){(int64_t)i, 5, (double)i};
			must(f, store_series_append(f->store, f->run, SERIES_METRIC, name, "", more, first, &f->err));
			must(f, store_series_append(f->store, f->run, SERIES_METRIC, name, "", more + first, second,
			                            &f->err));
			check_series(f, name, more, first + second);
		}
	/* Names. */
	assert_int_equal(store_series_append(f->store, f->run, SERIES_METRIC, "", NULL, ends, 1, &f->err), -1);
	assert_int_equal(f->err.code, ERR_USAGE);
	assert_int_equal(store_series_append(f->store, 9999, SERIES_METRIC, "x", NULL, ends, 1, &f->err), -1);
	assert_int_equal(f->err.code, ERR_NO);
	must(f, store_series_append(f->store, f->run, SERIES_METRIC, "x", NULL, ends, 0, &f->err));
	assert_int_equal(
	    store_series_find(f->store, f->run, SERIES_METRIC, "endz", NULL, f->mem, &series, &f->err), -1);
	assert_int_equal(f->err.code, ERR_NO);
	assert_non_null(strstr(f->err.text, "\"ends\""));
	free(more);
}

static void contexts_and_kinds(void **at)
{
	struct store_place *f = *at;
	const struct point one = {1, 1, 0.5}, two = {1, 1, 0.25}, three = {1, 1, 0.125};
	struct series series, *list;
	size_t count;

	must(f, store_series_append(f->store, f->run, SERIES_METRIC, "loss", "train", &one, 1, &f->err));
	must(f, store_series_append(f->store, f->run, SERIES_METRIC, "loss", "eval", &two, 1, &f->err));
	must(f, store_series_append(f->store, f->run, SERIES_SAMPLE, "loss", "", &three, 1, &f->err));
	/* Without a context: the first made, until there is one without. */
	must(f, store_series_find(f->store, f->run, SERIES_METRIC, "loss", NULL, f->mem, &series, &f->err));
	assert_string_equal(series.context, "train");
	must(f, store_series_append(f->store, f->run, SERIES_METRIC, "loss", NULL, &three, 1, &f->err));
	must(f, store_series_find(f->store, f->run, SERIES_METRIC, "loss", NULL, f->mem, &series, &f->err));
	assert_string_equal(series.context, "");
	must(f, store_series_find(f->store, f->run, SERIES_METRIC, "loss", "eval", f->mem, &series, &f->err));
	assert_true(series.last.value == 0.25);
	assert_int_equal(series.direction, -1);
	assert_int_equal(
	    store_series_find(f->store, f->run, SERIES_METRIC, "loss", "test", f->mem, &series, &f->err), -1);
	must(f, store_series_list(f->store, f->run, SERIES_METRIC, f->mem, &list, &count, &f->err));
	assert_int_equal(count, 3);
	assert_string_equal(list[0].context, "");
	assert_string_equal(list[1].context, "eval");
	must(f, store_series_list(f->store, f->run, SERIES_SAMPLE, f->mem, &list, &count, &f->err));
	assert_int_equal(count, 1);
}

static void directions(void **at)
{
	struct store_place *f = *at;
	const struct point points[] = {{0, 1, 3}, {1, 2, 1}, {2, 3, 2}};
	struct series series;

	assert_int_equal(store_direction_guess("val_loss"), -1);
	assert_int_equal(store_direction_guess("train-auc"), 1);
	assert_int_equal(store_direction_guess("eval/brier_score"), -1);
	assert_int_equal(store_direction_guess("f1_score"), 1);
	assert_int_equal(store_direction_guess("error_rate"), -1);
	assert_int_equal(store_direction_guess("lr"), 0);
	assert_int_equal(store_direction_guess("caucus"), 0);
	assert_int_equal(store_direction_guess(""), 0);
	must(f, store_series_append(f->store, f->run, SERIES_METRIC, "gain", NULL, points, 3, &f->err));
	must(f, store_series_find(f->store, f->run, SERIES_METRIC, "gain", NULL, f->mem, &series, &f->err));
	assert_int_equal(series.direction, 0);
	assert_true(isnan(series.best.value));
	must(f, store_direction_set(f->store, "default", "gain", 1, &f->err));
	must(f, store_series_find(f->store, f->run, SERIES_METRIC, "gain", NULL, f->mem, &series, &f->err));
	assert_true(series.best.value == 3 && series.best.step == 0);
	must(f, store_direction_set(f->store, "default", "gain", -1, &f->err));
	must(f, store_series_append(f->store, f->run, SERIES_METRIC, "gain", NULL, points + 2, 1, &f->err));
	must(f, store_series_find(f->store, f->run, SERIES_METRIC, "gain", NULL, f->mem, &series, &f->err));
	assert_true(series.best.value == 1 && series.best.step == 1);
	/* Also for series that come later. */
	must(f, store_direction_set(f->store, "default", "new", 1, &f->err));
	must(f, store_series_append(f->store, f->run, SERIES_METRIC, "new", NULL, points, 3, &f->err));
	must(f, store_series_find(f->store, f->run, SERIES_METRIC, "new", NULL, f->mem, &series, &f->err));
	assert_int_equal(series.direction, 1);
	assert_int_equal(store_direction_set(f->store, "default", "new", 2, &f->err), -1);
}

/* What is taken back leaves nothing. */
static void taken_back(void **at)
{
	struct store_place *f = *at;
	struct point points[700] = {{0}};
	struct series series;

	must(f, store_series_append(f->store, f->run, SERIES_METRIC, "m", NULL, points, 10, &f->err));
	must(f, store_begin(f->store, STORE_NORMAL, &f->err));
	must(f, store_series_append(f->store, f->run, SERIES_METRIC, "m", NULL, points, 700, &f->err));
	must(f, store_end(f->store, false, &f->err));
	must(f, store_series_find(f->store, f->run, SERIES_METRIC, "m", NULL, f->mem, &series, &f->err));
	assert_int_equal(series.count, 10);
}

/* Of the file that are in use. */
static int64_t pages(struct store_place *f)
{
	sqlite3_stmt *stmt;
	int64_t n;

	assert_int_equal(sqlite3_prepare_v2(f->store->db,
	                                    "SELECT page_count - freelist_count FROM pragma_page_count, "
	                                    "pragma_freelist_count",
	                                    -1, &stmt, NULL),
	                 SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return n;
}

static double uniform(void)
{
	return (double)(draw() >> 11) / 9007199254740992.0;
}

/* What training programs report, all but two with full doubles. */
static double curve(int kind, int i, double *walk)
{
	double loss = 2 * exp(-i / 3000.0) + 0.3 + 0.05 * uniform();

	switch (kind) {
	case 0:
		return loss;
	case 1:
		return (double)(float)loss;
	case 2: /* a learning rate */
		return 5e-4 * (1 + cos(i * 3.14159265358979 / 20000));
	case 3: /* an accuracy */
		return (double)(int)(8000 + 1000 * uniform()) / 9000;
	case 4: /* a norm */
		return exp(4 * uniform() - 2) * pow(uniform(), 3);
	case 5:
		return round(loss * 1e4) / 1e4;
	case 6: /* bytes */
		return floor(4e9 + 1e8 * uniform());
	default:
		*walk += 0.01 * (uniform() - 0.5);
		return *walk;
	}
}

/* Every 250 ms; late by chance; minutes apart, with every 500th step; several at once. */
static void advance(int kind, int i, struct point *p)
{
	static const int64_t every[] = {10, 1, 500, 1};

	p->step += every[kind] + (kind == 1 && draw() % 20 == 0 ? 7 : 0);
	p->time += kind == 0   ? 250
	           : kind == 1 ? 60 + (int64_t)(draw() % 90) + (draw() % 100 ? 0 : 3000)
	           : kind == 2 ? 90000 + (int64_t)(draw() % 5000)
	           : i % 10    ? 0
	                       : 2500 + (int64_t)(draw() % 400);
}

/* At most twelve bytes of the file for a point, everything counted. */
static void usual_curves_are_small(void **at)
{
	struct store_place *f = *at;
	enum { COUNT = 20480 };
	struct point *points = xcalloc(COUNT, sizeof(*points));

	for (int kind = 0; kind < 8; kind++)
		for (int clock = 0; clock < 4; clock++) {
			struct point p = {0, 1763888000000, 0};
			double walk = 3, bytes;
			char name[32];
			int64_t before, after;

			for (int i = 0; i < COUNT; i++) {
				advance(clock, i, &p);
				p.value = curve(kind, i, &walk);
				points[i] = p;
			}
			snprintf(name, sizeof(name), "curve%d-%d", kind, clock);
			before = pages(f);
			/* As they come, not all at once. */
			for (size_t done = 0, n; done < COUNT; done += n) {
				n = COUNT - done < 1000 ? COUNT - done : 1000;
				must(f, store_series_append(f->store, f->run, SERIES_METRIC, name, NULL, points + done, n,
				                            &f->err));
			}
			after = pages(f);
			bytes = 4096.0 * (double)(after - before) / COUNT;
			if (bytes > 12)
				fail_msg("%s takes %.2f bytes a point", name, bytes);
			check_series(f, name, points, COUNT);
		}
	free(points);
}

/* At most so many, the first and the last among them, each where it stands. */
static void thinned(void **at)
{
	struct store_place *f = *at;
	enum { COUNT = 3000 };
	struct point *all = xcalloc(COUNT, sizeof(*all)), *few;
	struct series series;
	size_t n;

	for (int i = 0; i < COUNT; i++)
		all[i] = (struct point){i, 1000 + i, (double)i / 8};
	must(f, store_series_append(f->store, f->run, SERIES_METRIC, "m", NULL, all, COUNT, &f->err));
	must(f, store_series_find(f->store, f->run, SERIES_METRIC, "m", NULL, f->mem, &series, &f->err));
	for (size_t most = 1; most < 2 * COUNT; most = most * 3 + 1) {
		must(f, store_series_thinned(f->store, series.id, most, f->mem, &few, &n, &f->err));
		assert_int_equal(n, most < COUNT ? most : COUNT);
		assert_int_equal(few[n - 1].step, COUNT - 1);
		for (size_t i = 0; i < n && n > 1; i++) {
			double place = (double)i * (COUNT - 1) / (double)(n - 1);

			assert_true(fabs((double)few[i].step - place) <= 0.5);
			assert_true(few[i].value == (double)few[i].step / 8);
			assert_int_equal(few[i].time, 1000 + few[i].step);
		}
	}
	assert_int_equal(store_series_thinned(f->store, 999, 5, f->mem, &few, &n, &f->err), -1);
	assert_int_equal(f->err.code, ERR_NO);
	free(all);
}

static void some(void **at)
{
	struct store_place *f = *at;
	const struct point one = {1, 1, 0.5};
	struct series *list;
	size_t count, total;

	for (int i = 0; i < 30; i++) {
		char name[16];

		snprintf(name, sizeof(name), "m%02d", 29 - i);
		must(f, store_series_append(f->store, f->run, SERIES_METRIC, name, NULL, &one, 1, &f->err));
	}
	must(f, store_series_some(f->store, f->run, SERIES_METRIC, 7, f->mem, &list, &count, &total, &f->err));
	assert_int_equal(count, 7);
	assert_int_equal(total, 30);
	assert_string_equal(list[6].name, "m06");
	must(f, store_series_some(f->store, f->run, SERIES_METRIC, 70, f->mem, &list, &count, &total, &f->err));
	assert_int_equal(count, 30);
	must(f, store_series_append(f->store, f->run, SERIES_METRIC, "val_loss", NULL, &one, 1, &f->err));
	must(f, store_series_some(f->store, f->run, SERIES_METRIC, 2, f->mem, &list, &count, &total, &f->err));
	assert_string_equal(list[0].name, "val_loss"); /* less of it is better */
	assert_string_equal(list[1].name, "m00");
	must(f, store_series_some(f->store, f->run, SERIES_SAMPLE, 7, f->mem, &list, &count, &total, &f->err));
	assert_int_equal(count + total, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(appends, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(edges, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(contexts_and_kinds, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(directions, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(taken_back, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(usual_curves_are_small, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(thinned, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(some, store_place_report, store_place_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
