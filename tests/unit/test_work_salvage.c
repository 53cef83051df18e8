/*
 * Stores that were damaged at random: what can be seen is found, what is saved is what was there, and the new store is
 * whole. LONG=1: more of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/registry_fixture.h"
#include "../lib/trials.h"
#include "assay/stats.h"
#include "assay/work_care.h"

enum { PAGE = 4096, RUNS = 120, LONG_POINTS = 3000, BLOCK = 512 };

static void must(int status, const struct error *err)
{
	if (status != 0)
		fail_msg("%s", err->text);
}

static double value_at(int run, int i)
{
	return i % 97 == 5 ? (double)NAN : sin(run + i * 0.013) * (run + 1);
}

/* Beside the fixture's own contents: runs with everything that runs have; three of them with long series. */
static void fill(struct registry_fixture *f)
{
	struct error err;
	struct point *points = xcalloc(LONG_POINTS, sizeof *points);
	registry_fixture_run(f, "trained", "set-test", NULL);
	must(store_begin(f->store, STORE_DURABLE, &err), &err);
	for (int r = 0; r < RUNS; r++) {
		char name[32], text[600], uuid[ID_TEXT];
		struct run_new new = {.experiment = r % 3 ? "one" : "two"};
		struct run_ending end = {.status = RUN_DONE, .reason = "", .at = 2000 + r};
		int64_t id;
		int count = r % 40 == 0 ? LONG_POINTS : 20 + r % 60;
		snprintf(name, sizeof name, "run-%d", r);
		new.name = name;
		new.created = 1000 + r;
		must(store_run_create(f->store, &new, &id, uuid, &err), &err);
		must(store_run_end(f->store, id, &end, &err), &err);
		for (int i = 0; i < count; i++)
			points[i] = (struct point){.step = i, .time = 5000 + i * 10, .value = value_at(r, i)};
		must(store_series_append(f->store, id, SERIES_METRIC, "loss", "", points, (size_t)count, &err), &err);
		must(store_series_append(f->store, id, SERIES_METRIC, "loss", "eval", points, 5, &err), &err);
		must(store_param_set(f->store, id, "lr", name + 4, &err), &err);
		memset(text, 'a' + r % 26, sizeof text);
		text[sizeof text - 1] = '\0';
		must(store_tag_set(f->store, id, "text", text, &err), &err);
		must(store_note_add(f->store, id, name, 7, &err), &err);
	}
	must(store_end(f->store, true, &err), &err);
	free(points);
}

static char *in(const char *folder, const char *name)
{
	return path_join(folder, name);
}

static void copy_tree(const char *from, const char *to)
{
	const char *argv[] = {"cp", "-a", from, to, NULL};
	struct error err;
	int status;
	must(child_capture(argv, NULL, 60000, 1000, NULL, NULL, &status, &err), &err);
	assert_int_equal(status, 0);
}

/* ---- damage ---- */

enum kind { OVERWRITTEN, CUT, FLIPPED, ZEROED, KINDS };

struct damage {
	enum kind kind;
	int pages;
	bool header; /* the first page was hit */
	off_t size;
	int flips;
};

static void damage_file(const char *file, struct rng *r, struct damage *d)
{
	struct stat st;
	int fd = open(file, O_RDWR | O_CLOEXEC);
	unsigned char page[PAGE];
	assert_true(fd >= 0 && fstat(fd, &st) == 0);
	uint64_t pages = (uint64_t)st.st_size / PAGE;
	*d = (struct damage){.kind = (enum kind)rng_below(r, KINDS), .pages = 1 + (int)rng_below(r, 4)};
	if (d->kind == CUT)
		assert_int_equal(ftruncate(fd, (off_t)(PAGE + rng_below(r, (uint64_t)st.st_size - PAGE))), 0);
	for (int i = 0; d->kind != CUT && i < d->pages; i++) {
		uint64_t at = rng_below(r, pages);
		d->header = d->header || at == 0;
		assert_int_equal(pread(fd, page, PAGE, (off_t)(at * PAGE)), PAGE);
		if (d->kind == FLIPPED) {
			uint64_t bit = rng_below(r, PAGE * 8);
			page[bit / 8] ^= (unsigned char)(1u << bit % 8);
			d->flips++;
		}
		for (int k = 0; d->kind != FLIPPED && k < PAGE; k++)
			page[k] = d->kind == ZEROED ? 0 : (unsigned char)rng_below(r, 256);
		assert_int_equal(pwrite(fd, page, PAGE, (off_t)(at * PAGE)), PAGE);
	}
	close(fd);
}

/* ---- comparing ---- */

static int64_t number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt;
	int64_t n;
	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return n;
}

/* Rows of the new store that the old one did not have: by a flipped bit, one row a bit may be another. */
static int64_t strange_rows(sqlite3 *db)
{
	static const char *const sql[] = {
	    "SELECT count(*) FROM (SELECT id, uuid, experiment, name, kind, status, created, host, command, "
	    "seal, archived FROM "
	    "run WHERE name NOT LIKE 'lost-%' EXCEPT SELECT id, uuid, experiment, name, kind, status, created, "
	    "host, command, "
	    "seal, archived FROM old.run)",
	    "SELECT count(*) FROM (SELECT * FROM param EXCEPT SELECT * FROM old.param)",
	    "SELECT count(*) FROM (SELECT * FROM tag EXCEPT SELECT * FROM old.tag)",
	    "SELECT count(*) FROM (SELECT * FROM note EXCEPT SELECT * FROM old.note)",
	    "SELECT count(*) FROM (SELECT * FROM artifact EXCEPT SELECT * FROM old.artifact)",
	    "SELECT count(*) FROM (SELECT * FROM evaluation EXCEPT SELECT * FROM old.evaluation)",
	    "SELECT count(*) FROM (SELECT * FROM dataset_version EXCEPT SELECT * FROM old.dataset_version)",
	    "SELECT count(*) FROM (SELECT * FROM dataset_column EXCEPT SELECT * FROM old.dataset_column)",
	    "SELECT count(*) FROM (SELECT * FROM profile EXCEPT SELECT * FROM old.profile)",
	    "SELECT count(*) FROM (SELECT * FROM activity EXCEPT SELECT * FROM old.activity)"};
	int64_t strange = 0;
	for (size_t i = 0; i < COUNT_OF(sql); i++) {
		int64_t more = number(db, sql[i]);
		if (more && getenv("VERBOSE"))
			print_message("%lld of %s\n", (long long)more, sql[i]);
		strange += more;
	}
	return strange;
}

/* Every point that was saved is one that was there, in its order. Returns how many are not. */
static int64_t strange_points(struct store *s, sqlite3 *db, int64_t *points_seen)
{
	struct arena *mem = arena_new();
	sqlite3_stmt *stmt;
	struct error err;
	int64_t strange = 0;
	assert_int_equal(
	    sqlite3_prepare_v2(
	        db,
	        "SELECT s.id, r.name, s.name, s.context, s.count, s.run FROM series s JOIN run r ON r.id = s.run "
	        "WHERE s.name = 'loss' AND r.name LIKE 'run-%' AND s.kind = 0",
	        -1, &stmt, NULL),
	    SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		int64_t run;
		struct point *points;
		size_t count;
		const char *name = (const char *)sqlite3_column_text(stmt, 1) + 4;
		if (!int_parse(name, strlen(name), &run)) {
			strange++;
			continue;
		}
		must(store_series_points(s, sqlite3_column_int64(stmt, 0), 0, 0, mem, &points, &count, &err), &err);
		assert_int_equal(count, sqlite3_column_int64(stmt, 4));
		*points_seen += (int64_t)count;
		int64_t before = -1, wrong = 0;
		for (size_t i = 0; i < count; i++) {
			double want = value_at((int)run, (int)points[i].step);
			wrong += points[i].step <= before || points[i].time != 5000 + points[i].step * 10 ||
			         !(points[i].value == want || (isnan(want) && isnan(points[i].value)));
			before = points[i].step;
		}
		if (wrong && getenv("VERBOSE"))
			print_message("%lld of %zu points of %s[%s]\n", (long long)wrong, count, name,
			              (const char *)sqlite3_column_text(stmt, 3));
		strange += wrong > 0;
	}
	sqlite3_finalize(stmt);
	arena_free(mem);
	return strange;
}

struct tally {
	int found, not_found, saved, nothing, exact;
	int64_t rows, rows_of, points, points_of;
};

static void one_store(struct registry_fixture *f, const char *whole, uint64_t seed, struct tally *tally)
{
	char *folder = in(f->folder, "hurt"), *file = in(folder, "assay.db"), *to = in(f->folder, "saved"),
	     *db_file, *whole_db = in(whole, "assay.db");
	struct arena *mem = arena_new();
	struct store_check how = {.quick = false};
	struct care_report report;
	struct work_salvage saved;
	struct damage d;
	struct error err;
	struct store *store;
	struct rng r;
	sqlite3 *db;
	rng_init(&r, seed, 0);
	copy_tree(whole, folder);
	damage_file(file, &r, &d);

	care_report_init(&report);
	must(store_check(folder, &how, &report, &err), &err);
	bool found = care_worst(&report) == CARE_DAMAGE;
	tally->found += found;
	tally->not_found += !found;
	/* A bit within a text, in a page that is not used or in what is free on it is nobody's to see; whole pages are seen
	 * unless nothing stood on them. */
	if (!found && d.kind != FLIPPED && getenv("VERBOSE"))
		print_message("seed %llu: kind %d not found\n", (unsigned long long)seed, (int)d.kind);
	care_report_release(&report);

	must(work_salvage(folder, to, NULL, NULL, mem, &saved, &err), &err);
	assert_non_null(saved.rows.tables);
	must(store_open(&store, to, STORE_WRITE, &err), &err);
	care_report_init(&report);
	must(store_check(to, &how, &report, &err), &err);
	for (size_t i = 0; i < report.count; i++)
		if (report.lines[i].level >= CARE_DAMAGE && strcmp(report.lines[i].check, "objects"))
			fail_msg("seed %llu: the saved store: %s: %s", (unsigned long long)seed, report.lines[i].check,
			         report.lines[i].text);
	care_report_release(&report);

	db_file = in(to, "assay.db");
	assert_int_equal(sqlite3_open_v2(db_file, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	char *attach = sqlite3_mprintf("ATTACH %Q AS old", whole_db);
	assert_int_equal(sqlite3_exec(db, attach, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_free(attach);
	int64_t strange = strange_rows(db) + strange_points(store, db, &tally->points);
	if (strange > d.flips)
		fail_msg("seed %llu: %lld rows or series are not what they were", (unsigned long long)seed,
		         (long long)strange);
	int64_t
	    rows = number(
	        db,
	        "SELECT (SELECT count(*) FROM run) + (SELECT count(*) FROM param) + (SELECT count(*) FROM tag) "
	        "+ (SELECT count(*) FROM series)"),
	    rows_of =
	        number(db, "SELECT (SELECT count(*) FROM old.run) + (SELECT count(*) FROM old.param) + (SELECT "
	                   "count(*) FROM old.tag) + (SELECT count(*) FROM old.series)");
	tally->rows += rows;
	tally->rows_of += rows_of;
	tally->exact += rows == rows_of;
	tally->nothing += saved.rows.problem != NULL;
	if (saved.rows.problem && getenv("VERBOSE"))
		print_message("seed %llu: kind %d, header %d, mended %d %d: %s\n", (unsigned long long)seed,
		              (int)d.kind, d.header, saved.rows.mended, saved.rows.schema_mended, saved.rows.problem);
	tally->saved++;
	/* Whatever was not found to be damaged is all there. */
	if (!found && rows < rows_of)
		fail_msg("seed %llu: nothing was found, but %lld rows are lost", (unsigned long long)seed,
		         (long long)(rows_of - rows));
	sqlite3_close(db);
	store_close(store);
	must(dir_remove(folder, &err), &err);
	must(dir_remove(to, &err), &err);
	free(folder);
	free(file);
	free(to);
	free(db_file);
	free(whole_db);
	arena_free(mem);
}

static void what_is_whole_is_saved(void **state)
{
	struct registry_fixture *f = *state;
	const char *longer = getenv("LONG"), *only = getenv("SEED");
	uint64_t trials = longer && *longer == '1' ? 60 : trials_here(24);
	struct tally tally = {0};
	char *whole = in(f->folder, "whole"), *db_file;
	sqlite3 *db;
	fill(f);
	work_trust_close(f->trust);
	f->trust = NULL;
	store_close(f->store);
	f->store = NULL;
	/* One file, so that all of it can be damaged. */
	db_file = in(f->path, "assay.db");
	assert_int_equal(sqlite3_open_v2(db_file, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	copy_tree(f->path, whole);
	for (uint64_t seed = 1; seed <= trials; seed++)
		if (!only || strtoull(only, NULL, 10) == seed)
			one_store(f, whole, seed, &tally);
	print_message("%d stores: damage found in %d, of %lld rows %lld saved, all in %d; %lld points; nothing "
	              "could be read of %d\n",
	              tally.saved, tally.found, (long long)tally.rows_of, (long long)tally.rows, tally.exact,
	              (long long)tally.points, tally.nothing);
	/* Of a few it may be less. */
	assert_true(tally.saved < 24 || tally.rows * 4 > tally.rows_of * 3);
	assert_true(tally.saved < 24 || tally.found * 2 > tally.saved);
	free(db_file);
	free(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(what_is_whole_is_saved, registry_fixture_setup,
	                                    registry_fixture_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
