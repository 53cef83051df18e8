/* Stores of older schemas: brought up to date in place, by one of many, and after a kill. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/store/internal.h"
#include "../../src/work/trust.h"
#include "../lib/registry_fixture.h"

static void must(int status, const struct error *err)
{
	if (status != 0)
		fail_msg("%s", err->text);
}

/* A store as an older version of the schema made it, with a run, a metric of it and an evaluation in it. */
static char *old_store(struct registry_fixture *f, int schema)
{
	char *path = path_join(f->folder, "old"), *file = path_join(path, "assay.db"),
	     *objects = path_join(path, "objects");
	struct error err;
	sqlite3 *db;
	char *sql =
	    xasprintf("PRAGMA journal_mode = WAL; BEGIN; %s%s"
	              "INSERT INTO about VALUES ('store', '%032d'), ('program', '0.1.0');"
	              "INSERT INTO experiment (name, created) VALUES ('default', 1);"
	              "INSERT INTO run (uuid, experiment, name, kind, status, created) VALUES ('%032x', "
	              "1, 'old', 'train', 2, 1);"
	              "INSERT INTO series (run, kind, name, context, main, count, nan_count, direction, "
	              "last, last_step, last_time, last_nan, first, first_step, first_time, first_nan, "
	              "min, max, best, best_step, mean, stored) VALUES "
	              "(1, 0, 'auc', '', 1, 2, 0, 1, 0.7, 2, 0, 0, 0.9, 1, 0, 0, 0.7, 0.9, 0.9, 1, 0.8, 0);"
	              "INSERT INTO evaluation (run, split, model, data, settings, evidence, at) VALUES "
	              "(1, 'test', 'm', 'd', 's', "
	              "'e', 7);"
	              "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
	              STORE_SCHEMAS[0], schema > 1 ? STORE_SCHEMAS[1] : "", 7 + schema, 11, 0x41535359, schema);
	must(dir_make(objects, &err), &err);
	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	free(sql);
	free(file);
	free(objects);
	return path;
}

/* The schema of a database, in words, and the number of its version. */
static char *schema_of(const char *folder, const char *file, int *version)
{
	char *path = path_join(folder, file);
	struct str out;
	sqlite3_stmt *stmt;
	sqlite3 *db;
	str_init(&out);
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT sql FROM sqlite_schema WHERE sql NOT NULL ORDER BY name",
	                                    -1, &stmt, NULL),
	                 SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		str_addf(&out, "%s\n", (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	*version = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	free(path);
	return str_take(&out);
}

/* What lists need of newer schemas is done without. */
static void read_runs(struct store *s)
{
	static const struct runs_order orders[] = {{"best(metrics.auc)", true},
	                                           {"mean(metrics.auc)", false},
	                                           {"archived", true},
	                                           {"metrics.auc", false}};
	static const char *const columns[] = {"first(metrics.auc)", "archived", "best(metrics.auc)"};
	static const struct {
		const char *filter;
		size_t found;
	} filters[] = {{"", 1},
	               {"archived", 0},
	               {"not archived", 1},
	               {"archived > -1d", 0},
	               {"best(metrics.auc) >= 0.9", 1},
	               {"best(metrics.auc) < 0.9", 0},
	               {"mean(metrics.auc) = 0.8 and name ~ '^ol'", 1}};
	struct arena *mem = arena_new();
	struct runs_page page;
	struct run_row run;
	struct error err;
	int64_t count;
	bool exact;

	for (size_t i = 0; i < COUNT_OF(filters); i++) {
		for (size_t k = 0; k < COUNT_OF(orders); k++) {
			struct runs_query q = {.filter = filters[i].filter,
			                       .order = &orders[k],
			                       .order_count = 1,
			                       .columns = columns,
			                       .column_count = COUNT_OF(columns)};

			must(store_runs_page(s, &q, k % 2 ? RUNS_LAST : RUNS_FIRST, 0, 5, mem, &page, &err), &err);
			assert_int_equal(page.count, filters[i].found);
			must(store_runs_count(s, &q, 5, &count, &exact, &err), &err);
			assert_int_equal(count, filters[i].found);
			for (size_t r = 0; r < page.count; r++) {
				assert_true(page.rows[r].cells[0].number == 0.9);
				assert_int_equal(page.rows[r].cells[1].kind, CELL_NONE);
				assert_true(page.rows[r].cells[2].number == 0.9);
				assert_int_equal(page.rows[r].archived, 0);
			}
		}
	}
	must(store_run_get(s, 1, mem, &run, &err), &err);
	assert_int_equal(run.archived, 0);
	arena_free(mem);
}

static void brought_up_to_date(struct registry_fixture *f, int schema)
{
	struct arena *mem = arena_new();
	struct store_evaluation *e;
	struct store_model *models;
	struct store *store;
	struct error err;
	size_t count;
	int version;
	char *path = old_store(f, schema), *before, *after, *fresh, *copy;

	/* A reader takes it as it is. */
	before = schema_of(path, "assay.db", &version);
	assert_int_equal(version, schema);
	must(store_open(&store, path, STORE_READ, &err), &err);
	read_runs(store);
	must(store_evaluations(store, 1, mem, &e, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_string_equal(e[0].producer, "");
	must(store_models(store, mem, &models, &count, &err), &err);
	assert_int_equal(count, 0);
	struct trust *t;
	must(work_trust_open(store, &t, &err), &err);
	assert_null(work_trust_ledger(t));
	assert_int_equal(work_trust_state(t)->version_count, 0);
	work_trust_close(t);
	store_close(store);
	after = schema_of(path, "assay.db", &version);
	assert_string_equal(after, before);
	free(after);

	must(store_open(&store, path, STORE_WRITE, &err), &err);
	read_runs(store);
	must(store_evaluations(store, 1, mem, &e, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_int_equal(e[0].at, 7);
	must(work_trust_open(store, &t, &err), &err);
	assert_int_equal(work_trust_state(t)->seq, 1);
	work_trust_close(t);
	store_close(store);
	after = schema_of(path, "assay.db", &version);
	assert_int_equal(version, STORE_SCHEMA_VERSION);
	fresh = schema_of(f->path, "assay.db", &version);
	assert_string_equal(after, fresh);
	/* The copy is the store as it was, whole by itself. */
	copy = schema_of(path, "assay.db.before-3", &version);
	assert_int_equal(version, schema);
	assert_string_equal(copy, before);
	must(dir_remove(path, &err), &err);
	free(before);
	free(after);
	free(fresh);
	free(copy);
	free(path);
	arena_free(mem);
}

static void an_older_store_is_brought_up_to_date(void **state)
{
	for (int schema = 1; schema < STORE_SCHEMA_VERSION; schema++)
		brought_up_to_date(*state, schema);
}

/* Who reads has opened it before somebody writes: nothing that is new stays unseen until the next start. */
static void a_reader_sees_what_a_newer_schema_brings(void **state)
{
	for (int schema = 1; schema < STORE_SCHEMA_VERSION; schema++) {
		char *path = old_store(*state, schema);
		struct arena *mem = arena_new();
		struct runs_query all = {.filter = ""}, archived = {.filter = "archived"};
		const int64_t ids[] = {1};
		struct store *reader, *writer;
		struct store_saved saved = {"filter", "", "good", "metrics.auc > 0.5"}, *list;
		struct runs_page page;
		struct run_row run;
		struct error err;
		int64_t changed, counted;
		size_t count;
		bool exact;

		must(store_open(&reader, path, STORE_READ, &err), &err);
		read_runs(reader);
		must(store_open(&writer, path, STORE_WRITE, &err), &err);
		must(store_archive(writer, "ada@node", ids, 1, true, &changed, NULL, &err), &err);
		must(store_saved_set(writer, "ada@node", &saved, &err), &err);
		must(store_runs_page(reader, &all, RUNS_FIRST, 0, 5, mem, &page, &err), &err);
		assert_int_equal(page.count, 0);
		must(store_runs_count(reader, &all, 5, &counted, &exact, &err), &err);
		assert_int_equal(counted, 0);
		must(store_runs_page(reader, &archived, RUNS_FIRST, 0, 5, mem, &page, &err), &err);
		assert_int_equal(page.count, 1);
		assert_int_not_equal(page.rows[0].archived, 0);
		must(store_run_get(reader, 1, mem, &run, &err), &err);
		assert_int_not_equal(run.archived, 0);
		must(store_saved_list(reader, "filter", "", mem, &list, &count, &err), &err);
		assert_int_equal(count, 1);
		store_close(reader);
		store_close(writer);
		must(dir_remove(path, &err), &err);
		free(path);
		arena_free(mem);
	}
}

static void a_newer_store_is_refused(void **state)
{
	struct registry_fixture *f = *state;
	char *path = old_store(f, STORE_SCHEMA_VERSION + 1), *schema;
	struct store *s;
	struct error err;
	int version;

	for (int mode = STORE_READ; mode <= STORE_WRITE; mode++) {
		assert_int_equal(store_open(&s, path, (enum store_mode)mode, &err), -1);
		assert_int_equal(err.code, ERR_STORE);
		assert_non_null(strstr(err.text, "has schema 4"));
		assert_non_null(strstr(err.text, "knows schema 3"));
	}
	schema = schema_of(path, "assay.db", &version);
	assert_int_equal(version, STORE_SCHEMA_VERSION + 1);
	free(schema);
	free(path);
}

static void many_first_openings_at_once_are_one_change(void **state)
{
	struct registry_fixture *f = *state;
	char *path = old_store(f, 2), *schema;
	int version, status, good = 0;
	enum { OPENERS = 8 };
	for (int i = 0; i < OPENERS; i++) {
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			struct store *s;
			struct error err;
			int rc = store_open(&s, path, STORE_WRITE, &err);
			if (rc == 0)
				store_close(s);
			else
				fprintf(stderr, "%s\n", err.text);
			_exit(rc != 0);
		}
	}
	for (int i = 0; i < OPENERS; i++)
		good += wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	assert_int_equal(good, OPENERS);
	schema = schema_of(path, "assay.db", &version);
	assert_int_equal(version, STORE_SCHEMA_VERSION);
	free(schema);
	schema = schema_of(path, "assay.db.before-3", &version);
	assert_int_equal(version, 2);
	free(schema);
	free(path);
}

/* Killed anywhere: of one schema or the other, and the next who opens it goes on. */
static void a_change_that_is_killed_is_made_by_the_next(void **state)
{
	struct registry_fixture *f = *state;
	const char *longer = getenv("LONG");
	int trials = longer && *longer == '1' ? 200 : 12, left_old = 0;
	struct rng r;
	rng_init(&r, 4, 0);
	/* How long it takes here and now. */
	int64_t whole = time_mono_ms();
	{
		char *path = old_store(f, 1);
		struct store *s;
		struct error err;
		must(store_open(&s, path, STORE_WRITE, &err), &err);
		store_close(s);
		must(dir_remove(path, &err), &err);
		free(path);
	}
	whole = time_mono_ms() - whole + 2;
	for (int i = 0; i < trials; i++) {
		char *path = old_store(f, 1), *schema;
		struct store *s;
		struct error err;
		int version, status;
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			if (store_open(&s, path, STORE_WRITE, &err) == 0)
				store_close(s);
			_exit(0);
		}
		usleep((useconds_t)rng_below(&r, 1000 * (uint64_t)whole));
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		free(schema_of(path, "assay.db", &version));
		assert_true(version == 1 || version == STORE_SCHEMA_VERSION);
		left_old += version == 1;
		must(store_open(&s, path, STORE_WRITE, &err), &err);
		store_close(s);
		schema = schema_of(path, "assay.db", &version);
		assert_int_equal(version, STORE_SCHEMA_VERSION);
		free(schema);
		free(schema_of(path, "assay.db.before-3", &version));
		assert_int_equal(version, 1);
		must(dir_remove(path, &err), &err);
		free(path);
	}
	print_message("%d of %d killed before the change was made\n", left_old, trials);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, registry_fixture_setup, registry_fixture_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(an_older_store_is_brought_up_to_date),        TEST(many_first_openings_at_once_are_one_change),
	    TEST(a_reader_sees_what_a_newer_schema_brings),    TEST(a_newer_store_is_refused),
	    TEST(a_change_that_is_killed_is_made_by_the_next),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
