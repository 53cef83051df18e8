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

/* The name of the copy that is made before a store is changed. */
#define TEXT_(number) #number
#define TEXT(number)  TEXT_(number)
#define COPY          "assay.db.before-" TEXT(STORE_SCHEMA_VERSION)

/* Something in every table that the first schema has, and in those of the later ones that are there. */
static const char *const CONTENTS[STORE_SCHEMA_VERSION] = {
    "INSERT INTO experiment (name, created) VALUES ('default', 1), ('other', 2);"
    "INSERT INTO run (uuid, experiment, name, kind, status, created, started, ended, command, seed, "
    "progress, "
    "exit_status, supervisor_pid, supervisor_start, supervisor_boot, seal) VALUES "
    "(printf('%032x', 11), 1, 'old', 'train', 2, 1, 2, 3, '[\"true\"]', -7, 0.5, 0, 9, 8, 'boot', 'seal');"
    "INSERT INTO series (run, kind, name, context, main, count, nan_count, direction, last, last_step, "
    "last_time, last_nan, first, first_step, first_time, first_nan, min, max, best, best_step, mean, stored) "
    "VALUES (1, 0, 'auc', '', 1, 2, 0, 1, 0.7, 2, 0, 0, 0.9, 1, 0, 0, 0.7, 0.9, 0.9, 1, 0.8, 0);"
    "INSERT INTO param VALUES (1, 'lr', '0.10', 0.1), (1, 'solver', x'C3A4' || 'b', NULL);"
    "INSERT INTO tag VALUES (1, 'team', 'risk', NULL, 5);"
    "INSERT INTO note (run, text, at) VALUES (1, 'first', 6);"
    "INSERT INTO direction VALUES (1, 'auc', 1);"
    "INSERT INTO event_file (run, name, offset, lines, skip, mark) VALUES (1, 'events-1.jsonl', 100, 3, 0, "
    "'mark');"
    "INSERT INTO bad_line (run, file, offset, text, why) VALUES (1, 'events-1.jsonl', 9, x'00FF', 'no JSON');"
    "INSERT INTO dataset (name, last_version) VALUES ('set', 2);"
    "INSERT INTO dataset_version (dataset, version, digest, reading, rows, created) VALUES (1, 2, 'd', 'r', "
    "4, 5);"
    "INSERT INTO dataset_file VALUES (1, 0, '/a', 'f', 1, 0, 4);"
    "INSERT INTO dataset_column VALUES (1, 0, 'x', 'num', '');"
    "INSERT INTO profile VALUES ('d', '{}');"
    "INSERT INTO run_input VALUES (1, 'train', 'set@2', 1, 'd');"
    "INSERT INTO artifact VALUES (1, 'model', 'model', 'm', 12, 5);"
    "INSERT INTO evaluation (run, split, model, data, settings, evidence, at) VALUES "
    "(1, 'test', 'm', 'd', 's', 'e', 7);"
    "INSERT INTO activity (at, who, verb, what) VALUES (1, 'ada@node', 'ran', 'old');",
    "UPDATE evaluation SET producer = 'ada@node';"
    "INSERT INTO bias_report (run, split, model, data, settings, predictions, evidence, at, producer) VALUES "
    "(1, 'test', 'm', 'd', 's', 'p', 'e', 8, 'ada@node');"
    "INSERT INTO model (name, last_version, created) VALUES ('risk', 3, 9);"
    "INSERT INTO model_version (model, version, subject, run, seq, registered) VALUES "
    "(1, 3, 's', printf('%032x', 11), 2, 9);"
    "INSERT INTO alias VALUES (1, 'best', 3);",
    "INSERT INTO run (uuid, experiment, name, kind, status, created, archived) VALUES "
    "(printf('%032x', 12), 2, 'away', 'train', 2, 1, 77);"
    "INSERT INTO saved VALUES ('view', '', 'mine', 'columns');"
    "INSERT INTO edit (at, who, text) VALUES (5, 'ada@node', 'archived 1 run');"
    "INSERT INTO edit_item VALUES (1, 0, 'archived', 2, NULL, NULL, NULL, '77');",
    "",
};

/* A store as the given version of the schema made it, with contents. */
static char *old_store(struct registry_fixture *f, int schema)
{
	char *path = path_join(f->folder, "old"), *file = path_join(path, "assay.db"),
	     *objects = path_join(path, "objects"), *failure = NULL;
	struct error err;
	struct str sql;
	sqlite3 *db;

	str_init(&sql);
	str_adds(&sql, "PRAGMA journal_mode = WAL; BEGIN;");
	for (int i = 0; i < schema && i < STORE_SCHEMA_VERSION; i++) {
		str_adds(&sql, STORE_SCHEMAS[i]);
		str_adds(&sql, CONTENTS[i]);
	}
	str_addf(&sql,
	         "INSERT INTO about VALUES ('store', '%032d'), ('program', '%s');"
	         "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
	         7 + schema, schema > STORE_SCHEMA_VERSION ? "9.7.0" : "0.0.9", 0x41535359, schema);
	must(dir_make(objects, &err), &err);
	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql.data, NULL, NULL, &failure) != SQLITE_OK)
		fail_msg("%s", failure);
	sqlite3_close(db);
	str_release(&sql);
	free(file);
	free(objects);
	return path;
}

/* Everything that stood in the copy stands in the store: every row of every table that was not dropped, in the
 * columns that there were. Returns the rows that were compared. */
static int64_t contents_are_kept(const char *folder)
{
	char *file = path_join(folder, "assay.db"), *copy = path_join(folder, COPY), *attach;
	sqlite3_stmt *tables, *check;
	int64_t rows = 0;
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	attach = sqlite3_mprintf("ATTACH %Q AS old", copy);
	assert_int_equal(sqlite3_exec(db, attach, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_free(attach);
	assert_int_equal(
	    sqlite3_prepare_v2(
	        db,
	        "SELECT t.name, (SELECT group_concat('\"' || c.name || '\"') FROM "
	        "pragma_table_info(t.name, 'old') c) FROM old.sqlite_schema t WHERE t.type = 'table' "
	        "AND t.name NOT IN ('sqlite_sequence', 'view')",
	        -1, &tables, NULL),
	    SQLITE_OK);
	while (sqlite3_step(tables) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(tables, 0),
		           *columns = (const char *)sqlite3_column_text(tables, 1),
		           *now = strcmp(name, "event_file") == 0 ? "reported" : name;
		char *sql = sqlite3_mprintf(
		    "SELECT (SELECT count(*) FROM old.%w), (SELECT count(*) FROM main.%w), (SELECT count(*) FROM "
		    "(SELECT %s FROM old.%w EXCEPT SELECT %s FROM main.%w))",
		    name, now, columns, name, columns, now);

		assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &check, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_step(check), SQLITE_ROW);
		if (sqlite3_column_int64(check, 0) != sqlite3_column_int64(check, 1) ||
		    sqlite3_column_int64(check, 2) != !strcmp(name, "about")) /* "program" is another one now */
			fail_msg("rows of %s changed", name);
		rows += sqlite3_column_int64(check, 0);
		sqlite3_finalize(check);
		sqlite3_free(sql);
	}
	sqlite3_finalize(tables);
	sqlite3_close(db);
	free(file);
	free(copy);
	return rows;
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
static void read_runs(struct store *s, int schema)
{
	static const struct runs_order orders[] = {{"best(metrics.auc)", true},
	                                           {"mean(metrics.auc)", false},
	                                           {"archived", true},
	                                           {"metrics.auc", false}};
	static const char *const columns[] = {"first(metrics.auc)", "archived", "best(metrics.auc)"};
	const struct {
		const char *filter;
		size_t found;
	} filters[] = {{"", 1},
	               {"archived", schema >= 3},
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
				assert_int_equal(page.rows[r].removed, 0);
				assert_string_equal(page.rows[r].flag, "");
				if (!strcmp(page.rows[r].name, "away")) {
					assert_int_equal(page.rows[r].archived, 77);
					continue;
				}
				assert_true(page.rows[r].cells[0].number == 0.9);
				assert_int_equal(page.rows[r].cells[1].kind, CELL_NONE);
				assert_true(page.rows[r].cells[2].number == 0.9);
				assert_int_equal(page.rows[r].archived, 0);
			}
		}
	}
	must(store_run_get(s, 1, mem, &run, &err), &err);
	assert_int_equal(run.archived, 0);
	assert_int_equal(run.removed, 0);
	assert_string_equal(run.flag, "");
	assert_int_equal(run.flagged, 0);
	arena_free(mem);
}

static bool file_exists_in(const char *folder, const char *name)
{
	char *path = path_join(folder, name);
	bool there = file_exists(path);

	free(path);
	return there;
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
	read_runs(store, schema);
	must(store_evaluations(store, 1, mem, &e, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_string_equal(e[0].producer, schema < 2 ? "" : "ada@node");
	must(store_models(store, mem, &models, &count, &err), &err);
	assert_int_equal(count, schema >= 2);
	struct trust *t;
	must(work_trust_open(store, &t, &err), &err);
	assert_null(work_trust_ledger(t));
	assert_int_equal(work_trust_state(t)->version_count, 0);
	work_trust_close(t);
	store_close(store);
	assert_false(file_exists_in(path, COPY));
	after = schema_of(path, "assay.db", &version);
	assert_string_equal(after, before);
	free(after);

	must(store_open(&store, path, STORE_WRITE, &err), &err);
	assert_true(contents_are_kept(path) >= 20 + 5 * (schema > 1) + 5 * (schema > 2));
	read_runs(store, schema);
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
	copy = schema_of(path, COPY, &version);
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
		read_runs(reader, schema);
		must(store_open(&writer, path, STORE_WRITE, &err), &err);
		must(store_archive(writer, "ada@node", ids, 1, true, &changed, NULL, &err), &err);
		must(store_saved_set(writer, "ada@node", &saved, &err), &err);
		must(store_runs_page(reader, &all, RUNS_FIRST, 0, 5, mem, &page, &err), &err);
		assert_int_equal(page.count, 0);
		must(store_runs_count(reader, &all, 5, &counted, &exact, &err), &err);
		assert_int_equal(counted, 0);
		must(store_runs_page(reader, &archived, RUNS_FIRST, 0, 5, mem, &page, &err), &err);
		assert_int_equal(page.count, 1 + (schema >= 3));
		for (size_t i = 0; i < page.count; i++)
			assert_int_not_equal(page.rows[i].archived, 0);
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
	char theirs[40];
	int version;

	for (int mode = STORE_READ; mode <= STORE_WRITE; mode++) {
		assert_int_equal(store_open(&s, path, (enum store_mode)mode, &err), -1);
		assert_int_equal(err.code, ERR_STORE);
		snprintf(theirs, sizeof(theirs), "has schema %d,", STORE_SCHEMA_VERSION + 1);
		assert_non_null(strstr(err.text, theirs));
		assert_non_null(strstr(err.text, "knows schema " TEXT(STORE_SCHEMA_VERSION) ":"));
		assert_non_null(strstr(err.text, "Assay 9.7.0 or newer is needed"));
	}
	schema = schema_of(path, "assay.db", &version);
	assert_int_equal(version, STORE_SCHEMA_VERSION + 1);
	free(schema);
	free(path);
}

static void opened_by_many(struct registry_fixture *f, int schema)
{
	char *path = old_store(f, schema);
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
	free(schema_of(path, "assay.db", &version));
	assert_int_equal(version, STORE_SCHEMA_VERSION);
	free(schema_of(path, COPY, &version));
	assert_int_equal(version, schema);
	contents_are_kept(path);
	assert_int_equal(dir_remove(path, NULL), 0);
	free(path);
}

static void many_first_openings_at_once_are_one_change(void **state)
{
	for (int schema = 1; schema < STORE_SCHEMA_VERSION; schema++)
		opened_by_many(*state, schema);
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
		int made = 1 + i % (STORE_SCHEMA_VERSION - 1);
		char *path = old_store(f, made), *schema;
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
		assert_true(version == made || version == STORE_SCHEMA_VERSION);
		left_old += version == made;
		must(store_open(&s, path, STORE_WRITE, &err), &err);
		store_close(s);
		schema = schema_of(path, "assay.db", &version);
		assert_int_equal(version, STORE_SCHEMA_VERSION);
		free(schema);
		free(schema_of(path, COPY, &version));
		assert_int_equal(version, made);
		contents_are_kept(path);
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
