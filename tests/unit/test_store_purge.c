/* store: removed runs are in no list, come back, or go for good; what they weigh (test_store_sweep.c: their files). */
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "assay/store_remove.h"

#include "../lib/store_place.h"

#define ADA "ada@lab"

/* A run that has something of everything. */
static int64_t make_run(struct store_place *p, const char *name, int points, bool over)
{
	const struct run_new new = {.name = name, .experiment = "lending", .user = "ada"};
	const struct run_ending ending = {.status = RUN_DONE, .reason = ""};
	const struct run_artifact log = {.name = "output.log", .kind = "log", .bytes = 5};
	const struct run_input input = {.name = "train.csv", .role = "train"};
	struct point *all = xcalloc((size_t)points + 1, sizeof(*all));
	char uuid[ID_TEXT], note[64];
	int64_t id;

	for (int i = 0; i < points; i++)
		all[i] = (struct point){.step = i, .time = 1000 + i, .value = (double)(i % 1000 * 919 % 1000) / 3};
	snprintf(note, sizeof(note), "a note on %s", name);
	must(p, store_begin(p->store, STORE_NORMAL, &p->err));
	must(p, store_run_create(p->store, &new, &id, uuid, &p->err));
	must(p, store_param_set(p->store, id, "lr", "0.1", &p->err));
	must(p, store_param_set(p->store, id, name, "text", &p->err));
	must(p, store_tag_set(p->store, id, "team", name, &p->err));
	must(p, store_note_add(p->store, id, note, 1000, &p->err));
	must(p, store_artifact_add(p->store, id, &log, &p->err));
	must(p, store_input_add(p->store, id, &input, &p->err));
	must(p, store_series_append(p->store, id, SERIES_METRIC, "loss", "", all, (size_t)points, &p->err));
	must(p, store_series_append(p->store, id, SERIES_METRIC, name, "eval", all, (size_t)points / 2 + 1,
	                            &p->err));
	must(p,
	     store_series_append(p->store, id, SERIES_SAMPLE, "cpu", "", all, (size_t)points / 4 + 1, &p->err));
	if (over)
		must(p, store_run_end(p->store, id, &ending, &p->err));
	must(p, store_end(p->store, true, &p->err));
	free(all);
	return id;
}

/* What a filter finds, by name. */
static const char *found(struct store_place *p, const char *filter)
{
	const struct runs_order by_name = {"name", false};
	const struct runs_query q = {.filter = filter, .order = &by_name, .order_count = 1};
	struct runs_page page;
	struct str out;
	const char *text;
	int64_t count, *ids;
	size_t n;
	bool exact;

	str_init(&out);
	must(p, store_runs_page(p->store, &q, RUNS_FIRST, 0, 100, p->mem, &page, &p->err));
	for (size_t i = 0; i < page.count; i++)
		str_addf(&out, "%s%s", i ? " " : "", page.rows[i].name);
	must(p, store_runs_count(p->store, &q, 1000, &count, &exact, &p->err));
	must(p, store_runs_ids(p->store, &q, 1000, p->mem, &ids, &n, &p->err));
	assert_int_equal(count, page.count);
	assert_int_equal(n, page.count);
	text = arena_memdup0(p->mem, out.data, out.len);
	str_release(&out);
	return text;
}

static bool names_have(struct store_place *p, const char *prefix, const char *name)
{
	const char **names;
	size_t count;
	bool yes = false;

	must(p, store_names(p->store, prefix, 100, p->mem, &names, &count, &p->err));
	for (size_t i = 0; i < count; i++)
		yes = yes || !strcmp(names[i], name);
	return yes;
}

static size_t values_of(struct store_place *p, const char *field)
{
	const char **values;
	size_t count;

	must(p, store_values(p->store, field, "", 100, p->mem, &values, &count, &p->err));
	return count;
}

/* ---- lists ---- */

static void removed_runs_are_in_no_list(void **state)
{
	struct store_place *p = *state;
	int64_t ids[4], changed, left, found_id;
	struct store_experiment *experiments;
	struct runs_page called;
	struct run_row row;
	const char **contexts;
	size_t count;

	ids[0] = make_run(p, "a", 3, true);
	ids[1] = make_run(p, "b", 3, true);
	ids[2] = make_run(p, "c", 3, true);
	ids[3] = make_run(p, "d", 3, false);
	must(p, store_archive(p->store, ADA, &ids[2], 1, true, &changed, &left, &p->err));
	must(p, store_remove(p->store, ADA, ids, 4, &changed, &left, &p->err));
	assert_int_equal(changed, 3);
	assert_int_equal(left, 1);
	assert_string_equal(found(p, NULL), "d");
	assert_string_equal(found(p, "metrics.loss >= 0"), "d");
	assert_string_equal(found(p, "archived"), "");
	assert_string_equal(found(p, "removed"), "a b c");
	assert_string_equal(found(p, "removed and archived"), "c");
	assert_string_equal(found(p, "not removed"), "d");
	assert_string_equal(found(p, "removed > -1d and name = b"), "b");
	/* Nor is anything offered that they alone have. */
	assert_false(names_have(p, "params.", "params.a"));
	assert_true(names_have(p, "params.", "params.d"));
	assert_true(names_have(p, "params.", "params.lr"));
	assert_false(names_have(p, "metrics.", "metrics.b"));
	assert_true(names_have(p, "metrics.", "metrics.loss"));
	assert_int_equal(values_of(p, "tags.team"), 1);
	assert_int_equal(values_of(p, "name"), 1);
	assert_int_equal(values_of(p, "status"), 1);
	assert_int_equal(values_of(p, "params.lr"), 1);
	must(p, store_contexts(p->store, 100, p->mem, &contexts, &count, &p->err));
	assert_int_equal(count, 1);
	must(p, store_experiments(p->store, 100, p->mem, &experiments, &count, &p->err));
	assert_int_equal(experiments[0].runs, 1);
	must(p, store_runs_called(p->store, "a", 100, 10, p->mem, &called, &p->err));
	for (size_t i = 0; i < called.count; i++) /* an id may begin so */
		assert_int_equal(called.rows[i].id, ids[3]);
	must(p, store_run_find(p->store, "@last", &found_id, &p->err));
	assert_int_equal(found_id, ids[3]);
	/* A name means the one that is there, else the one that was removed. */
	must(p, store_run_find(p->store, "a", &found_id, &p->err));
	assert_int_equal(found_id, ids[0]);
	must(p, store_rename(p->store, ADA, ids[3], "a", &p->err));
	must(p, store_run_find(p->store, "a", &found_id, &p->err));
	assert_int_equal(found_id, ids[3]);
	must(p, store_run_get(p->store, ids[0], p->mem, &row, &p->err));
	assert_true(row.removed > 0);
	/* Removing alone what is not over is refused. */
	assert_int_equal(store_remove(p->store, ADA, &ids[3], 1, &changed, &left, &p->err), -1);
	assert_int_equal(p->err.code, ERR_NO);
}

static void removed_runs_come_back(void **state)
{
	struct store_place *p = *state;
	int64_t ids[3], changed, left;
	struct store_edit edit;

	for (int i = 0; i < 3; i++)
		ids[i] = make_run(p, (const char *[]){"a", "b", "c"}[i], 2, true);
	must(p, store_archive(p->store, ADA, ids, 1, true, &changed, &left, &p->err));
	must(p, store_remove(p->store, ADA, ids, 2, &changed, &left, &p->err));
	must(p, store_undo(p->store, ADA, p->mem, &edit, &p->err));
	assert_string_equal(edit.text, "removed 2 runs");
	assert_string_equal(found(p, NULL), "b c");
	assert_string_equal(found(p, "archived"), "a");
	must(p, store_redo(p->store, ADA, p->mem, &edit, &p->err));
	assert_string_equal(found(p, NULL), "c");
	must(p, store_remove(p->store, ADA, ids, 2, &changed, &left, &p->err));
	assert_int_equal(changed, 0);
	/* Restoring brings back from both, in one edit, and counts runs. */
	must(p, store_archive(p->store, ADA, ids, 3, false, &changed, NULL, &p->err));
	assert_int_equal(changed, 2);
	assert_string_equal(found(p, NULL), "a b c");
	must(p, store_undo(p->store, ADA, p->mem, &edit, &p->err));
	assert_string_equal(edit.text, "restored 2 runs");
	assert_string_equal(found(p, "archived or removed"), "a b");
	assert_string_equal(found(p, "removed and archived"), "a");
	/* Stale where somebody brought one back meanwhile. */
	must(p, store_archive(p->store, "bob@lab", &ids[1], 1, false, &changed, NULL, &p->err));
	assert_int_equal(store_undo(p->store, ADA, p->mem, &edit, &p->err), -1);
	assert_int_equal(p->err.code, ERR_STALE);
	assert_non_null(strstr(p->err.text, "b was restored"));
}

/* ---- purging ---- */

static int purge_all(struct store_place *p, const int64_t *ids, size_t count, int budget,
                     struct store_purge *u)
{
	int calls = 0;

	*u = (struct store_purge){.next = 0};
	for (; u->next < count; calls++)
		must(p, store_purge_some(p->store, ADA, ids, count, budget, u, &p->err));
	return calls;
}

/* In every table that has a column `run` there is nothing of a run that is not there; the file is whole. */
static void check_whole(const struct store_place *p)
{
	char *file = path_join(store_path(p->store), "assay.db");
	sqlite3_stmt *tables = NULL;
	sqlite3 *db = NULL;
	int looked = 0;

	assert_int_equal(sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(db,
	                       "SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) i ON "
	                       "i.name = 'run' AND i.type = 'INTEGER' WHERE m.type = 'table'",
	                       -1, &tables, NULL),
	    SQLITE_OK);
	while (sqlite3_step(tables) == SQLITE_ROW) {
		char *sql =
		    xasprintf("SELECT count(*) FROM %s WHERE run IS NOT NULL AND run NOT IN (SELECT id FROM run)",
		              (const char *)sqlite3_column_text(tables, 0));

		if (store_place_ask(p, sql))
			fail_msg("%s: rows of runs that are gone", (const char *)sqlite3_column_text(tables, 0));
		looked++;
		free(sql);
	}
	assert_true(looked >= 10);
	sqlite3_finalize(tables);
	sqlite3_close(db);
	free(file);
	assert_int_equal(store_place_ask(p, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
	assert_int_equal(
	    store_place_ask(p, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
	assert_int_equal(
	    store_place_ask(p, "SELECT count(*) FROM chunk WHERE id >> 22 NOT IN (SELECT id FROM series)"), 0);
	assert_int_equal(
	    store_place_ask(p, "SELECT count(*) FROM span WHERE id >> 18 NOT IN (SELECT id FROM series)"), 0);
	/* What occurs is counted as if counted anew. */
	assert_int_equal(
	    store_place_ask(p,
	                    "SELECT count(*) FROM name n WHERE kind = 'params' AND used <> (SELECT count(*) FROM "
	                    "param WHERE key = n.name)"),
	    0);
	assert_int_equal(
	    store_place_ask(
	        p, "SELECT count(*) FROM name n WHERE kind = 'metrics' AND used <> (SELECT count(*) FROM "
	           "series WHERE kind = 0 AND name = n.name)"),
	    0);
}

static void purged_runs_leave_nothing(void **state)
{
	struct store_place *p = *state;
	int64_t ids[3], changed, left, id;
	struct store_evaluation evaluation = {.split = "test", .producer = ""};
	struct store_purge u;
	struct store_edit *edits, edit;
	struct activity *activities;
	struct run_row row;
	char *folder;
	size_t count;

	for (int i = 0; i < 3; i++)
		ids[i] = make_run(p, (const char *[]){"a", "b", "c"}[i], 1300, true);
	evaluation.run = ids[0];
	memset(evaluation.model, 'a', SHA256_TEXT - 1);
	memset(evaluation.evidence, 'b', SHA256_TEXT - 1);
	must(p, store_evaluation_add(p->store, &evaluation, &id, &p->err));
	must(p, store_run_get(p->store, ids[0], p->mem, &row, &p->err));
	folder = store_live_path(p->store, row.uuid);
	must(p, dir_make(folder, &p->err));
	must(p, store_tag_edit(p->store, ADA, ids, 1, "x", "1", &changed, &p->err));
	must(p, store_remove(p->store, ADA, ids, 2, &changed, &left, &p->err));
	/* One that is not removed stays, as does one whose model is registered. */
	must(p, store_model_version_add(
	            p->store,
	            &(struct store_model_version){
	                .model = "m", .version = 1, .run = "", .registered = 1, .description = ""},
	            &p->err));
	assert_int_equal(purge_all(p, (int64_t[]){ids[0], ids[2], 999}, 3, 1000, &u), 1);
	assert_int_equal(u.gone, 1);
	assert_int_equal(u.left, 1);
	assert_int_equal(u.edits, 1); /* the tag's */
	check_whole(p);
	assert_false(file_exists(folder));
	free(folder);
	assert_string_equal(found(p, NULL), "c");
	assert_string_equal(found(p, "removed"), "b");
	assert_false(names_have(p, "", "params.a"));
	/* It is known that it was there, and who asks for it is told. */
	assert_int_equal(store_run_find(p->store, row.uuid, &id, &p->err), -1);
	assert_memory_equal(p->err.text, "the run a (", 11);
	assert_non_null(strstr(p->err.text, "was purged: "));
	assert_non_null(strstr(p->err.text, "by " ADA));
	assert_int_equal(store_run_by_uuid(p->store, row.uuid, p->mem, &row, &p->err), -1);
	assert_non_null(strstr(p->err.text, "was purged"));
	must(p, store_activities(p->store, 0, 1, p->mem, &activities, &count, &p->err));
	assert_string_equal(activities[0].verb, "purged");
	assert_memory_equal(activities[0].what, "a (", 3);
	/* What is left of the edit can be taken back, and says that some went. */
	must(p, store_edits(p->store, ADA, 10, p->mem, &edits, &count, &p->err));
	assert_int_equal(count, 1);
	must(p, store_undo(p->store, ADA, p->mem, &edit, &p->err));
	assert_string_equal(edit.text, "removed 2 runs (but for 1 that went with purged runs)");
	assert_string_equal(found(p, NULL), "b c");
}

static void a_registered_run_stays(void **state)
{
	struct store_place *p = *state;
	int64_t id = make_run(p, "a", 3, true), changed, left;
	struct store_model_version version = {.model = "m", .version = 1, .registered = 1, .description = ""};
	struct run_row row;
	struct store_purge u;
	const char *as;

	must(p, store_run_get(p->store, id, p->mem, &row, &p->err));
	memcpy(version.run, row.uuid, ID_TEXT);
	must(p, store_model_version_add(p->store, &version, &p->err));
	must(p, store_remove(p->store, ADA, &id, 1, &changed, &left, &p->err));
	purge_all(p, &id, 1, 1000, &u);
	assert_int_equal(u.gone, 0);
	assert_int_equal(u.left, 1);
	assert_string_equal(found(p, "removed"), "a");
	must(p, store_registered_as(p->store, row.uuid, p->mem, &as, &p->err));
	assert_string_equal(as, "m@1");
}

static void a_large_run_goes_in_pieces_unseen(void **state)
{
	struct store_place *p = *state;
	int64_t ids[2] = {make_run(p, "large", 2000000, true), make_run(p, "b", 3, true)}, changed, left, *begun;
	struct store_purge u = {.next = 0};
	struct run_row row;
	size_t count;
	int calls = 0;

	must(p, store_remove(p->store, ADA, ids, 2, &changed, &left, &p->err));
	must(p, store_purge_some(p->store, ADA, ids, 1, 1, &u, &p->err));
	assert_true(u.more);
	assert_int_equal(u.next, 0);
	/* In no list, not to be brought back, and known to whoever purges next. */
	assert_string_equal(found(p, NULL), "");
	assert_string_equal(found(p, "removed"), "b");
	assert_string_equal(found(p, "archived or removed"), "b");
	assert_int_equal(store_archive(p->store, ADA, ids, 1, false, &changed, NULL, &p->err), -1);
	assert_non_null(strstr(p->err.text, "being purged"));
	assert_int_equal(store_tag_edit(p->store, ADA, ids, 1, "x", "1", &changed, &p->err), -1);
	must(p, store_purging(p->store, p->mem, &begun, &count, &p->err));
	assert_int_equal(count, 1);
	assert_int_equal(begun[0], ids[0]);
	must(p, store_run_get(p->store, ids[0], p->mem, &row, &p->err));
	assert_true(row.removed < 0);
	assert_int_equal(store_place_ask(p, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
	for (; u.next < 1; calls++)
		must(p, store_purge_some(p->store, ADA, ids, 1, 1, &u, &p->err));
	assert_true(calls > 1);
	assert_int_equal(u.gone, 1);
	check_whole(p);
	must(p, store_purging(p->store, p->mem, &begun, &count, &p->err));
	assert_int_equal(count, 0);
}

/* Killed anywhere, the same again does the rest; in between nothing is half there. */
static void a_killed_purge_goes_on(void **state)
{
	enum { RUNS = 60, KILLS = 12 };
	struct store_place *p = *state;
	int64_t ids[RUNS], changed, left;
	struct store_purge u;
	unsigned random = 12345;

	for (int i = 0; i < RUNS; i++)
		ids[i] = make_run(p, i % 2 ? "odd" : "even", i % 10 == 0 ? 60000 : 700, true);
	must(p, store_remove(p->store, ADA, ids, RUNS, &changed, &left, &p->err));
	for (int k = 0; k < KILLS; k++) {
		pid_t child = fork();
		int status;

		assert_true(child >= 0);
		if (child == 0) {
			struct store_purge mine = {.next = 0};
			struct store *s;

			if (store_open(&s, store_path(p->store), STORE_WRITE, NULL))
				_exit(1);
			while (mine.next < RUNS)
				if (store_purge_some(s, ADA, ids, RUNS, 2, &mine, NULL))
					_exit(2);
			_exit(0);
		}
		random = random * 1103515245u + 12345u;
		nanosleep(&(struct timespec){0, (long)(random / 65536 % 9000) * 1000L}, NULL);
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		assert_false(WIFEXITED(status) && WEXITSTATUS(status));
		check_whole(p);
		assert_int_equal(store_place_ask(p, "SELECT count(*) FROM run") +
		                     store_place_ask(p, "SELECT count(*) FROM purged"),
		                 RUNS);
	}
	purge_all(p, ids, RUNS, 50, &u);
	check_whole(p);
	assert_int_equal(store_place_ask(p, "SELECT count(*) FROM run"), 0);
	assert_int_equal(store_place_ask(p, "SELECT count(*) FROM purged"), RUNS);
	assert_int_equal(store_place_ask(p, "SELECT count(*) FROM edit"), 0);
}

/* ---- weight and space ---- */

static uint64_t size_of_database(const struct store_place *p)
{
	char *file = path_join(store_path(p->store), "assay.db");
	struct stat st;

	assert_int_equal(stat(file, &st), 0);
	free(file);
	return (uint64_t)st.st_size;
}

static void weight_is_about_what_comes_back(void **state)
{
	enum { RUNS = 400 };
	struct store_place *p = *state;
	int64_t ids[RUNS], changed, left;
	struct store_weight w;
	struct store_purge u;
	uint64_t before, after;
	bool emptied;

	for (int shape = 0; shape < 2; shape++) {
		for (int i = 0; i < RUNS; i++)
			ids[i] = make_run(p, i % 2 ? "odd" : "even", shape ? 3000 : 3, true);
		must(p, store_remove(p->store, ADA, ids, RUNS, &changed, &left, &p->err));
		must(p, store_vacuum(p->store, &p->err));
		before = size_of_database(p);
		must(p, store_runs_weigh(p->store, ids, RUNS, &w, &p->err));
		assert_int_equal(w.runs, RUNS);
		assert_int_equal(w.series, 3 * RUNS);
		assert_false(w.sampled);
		purge_all(p, ids, RUNS, 1000, &u);
		must(p, store_vacuum(p->store, &p->err));
		must(p, store_log_empty(p->store, &emptied, &p->err));
		assert_true(emptied);
		after = size_of_database(p);
		print_message("# %s series: weighed %llu, %llu came back\n", shape ? "long" : "short",
		              (unsigned long long)w.bytes, (unsigned long long)(before - after));
		assert_true((double)w.bytes > 0.66 * (double)(before - after));
		assert_true((double)w.bytes < 1.5 * (double)(before - after));
	}
}

static void old_edits_are_forgotten(void **state)
{
	struct store_place *p = *state;
	int64_t id = make_run(p, "a", 2, true), changed, edits;
	struct store_space space;
	struct store_edit edit;

	must(p, store_tag_edit(p->store, ADA, &id, 1, "x", "1", &changed, &p->err));
	must(p, store_rename(p->store, ADA, id, "b", &p->err));
	must(p, store_edits_trim(p->store, time_now_ms() - 100000, &edits, &p->err));
	assert_int_equal(edits, 0);
	must(p, store_space(p->store, time_now_ms() + 1, &space, &p->err));
	assert_int_equal(space.trimmable, 2);
	assert_true(space.database > 0);
	must(p, store_edits_trim(p->store, time_now_ms() + 1, &edits, &p->err));
	assert_int_equal(edits, 2);
	must(p, store_undo(p->store, ADA, p->mem, &edit, &p->err));
	assert_int_equal(edit.id, 0);
	assert_int_equal(store_place_ask(p, "SELECT count(*) FROM edit_item"), 0);
	assert_string_equal(found(p, NULL), "b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(removed_runs_are_in_no_list, store_place_empty, store_place_end),
	    cmocka_unit_test_setup_teardown(removed_runs_come_back, store_place_empty, store_place_end),
	    cmocka_unit_test_setup_teardown(purged_runs_leave_nothing, store_place_empty, store_place_end),
	    cmocka_unit_test_setup_teardown(a_registered_run_stays, store_place_empty, store_place_end),
	    cmocka_unit_test_setup_teardown(a_large_run_goes_in_pieces_unseen, store_place_empty,
	                                    store_place_end),
	    cmocka_unit_test_setup_teardown(a_killed_purge_goes_on, store_place_empty, store_place_end),
	    cmocka_unit_test_setup_teardown(weight_is_about_what_comes_back, store_place_empty, store_place_end),
	    cmocka_unit_test_setup_teardown(old_edits_are_forgotten, store_place_empty, store_place_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
