/*
 * Every write, sync, cut and rename of every writing call of the store fails once, and then for ever, with a
 * full disk and with an I/O error: there is an error, the store is as it was, and the same handle does the
 * same thing well as soon as the disk does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "assay/store.h"

#include "failing_disk.h"

/* ---- what the store holds ---- */

/* Digest of every row of every table, by a connection of its own. */
static void digest_of(const char *path, char hex[SHA256_TEXT])
{
	char *file = path_join(path, "assay.db");
	struct sha256 h;
	sqlite3 *db;
	sqlite3_stmt *tables, *rows;

	assert_int_equal(sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sha256_init(&h);
	assert_int_equal(sqlite3_prepare_v2(db,
	                                    "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
	                                    -1, &tables, NULL),
	                 SQLITE_OK);
	while (sqlite3_step(tables) == SQLITE_ROW) {
		char *sql = xasprintf("SELECT * FROM %s", (const char *)sqlite3_column_text(tables, 0));
		int rc;

		assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &rows, NULL), SQLITE_OK);
		while ((rc = sqlite3_step(rows)) == SQLITE_ROW) {
			for (int i = 0; i < sqlite3_column_count(rows); i++) {
				const void *bytes = sqlite3_column_blob(rows, i);
				int len = sqlite3_column_bytes(rows, i);

				sha256_add(&h, &len, sizeof(len));
				sha256_add(&h, bytes ? bytes : "", (size_t)len);
			}
		}
		assert_int_equal(rc, SQLITE_DONE);
		sqlite3_finalize(rows);
		free(sql);
	}
	sqlite3_finalize(tables);
	sha256_end(&h, hex);
	sqlite3_close(db);
	free(file);
}

static void check_integrity(const char *path)
{
	char *file = path_join(path, "assay.db");
	sqlite3_stmt *stmt;
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(stmt, 0), "ok");
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	free(file);
}

/* Every object is whole under its name, and nothing else lies there. */
static void check_objects(const char *path)
{
	char *objects = path_join(path, "objects");
	DIR *outer = opendir(objects);
	struct dirent *d, *f;

	assert_non_null(outer);
	while ((d = readdir(outer))) {
		char *folder;
		DIR *inner;

		if (d->d_name[0] == '.')
			continue;
		if (strlen(d->d_name) != 2)
			fail_msg("objects/%s was left behind", d->d_name);
		folder = path_join(objects, d->d_name);
		inner = opendir(folder);
		assert_non_null(inner);
		while ((f = readdir(inner))) {
			char *file, hex[SHA256_TEXT];
			uint64_t size;

			if (f->d_name[0] == '.')
				continue;
			file = path_join(folder, f->d_name);
			assert_int_equal(sha256_file(file, hex, &size, NULL), 0);
			if (memcmp(hex, d->d_name, 2) || strcmp(hex + 2, f->d_name))
				fail_msg("%s is not whole or was left behind", file);
			free(file);
		}
		closedir(inner);
		free(folder);
	}
	closedir(outer);
	free(objects);
}

/* ---- what is done ---- */

struct bench {
	char *folder, *path;
	struct store *store;
	int64_t run;
	int serial;               /* names are never used twice */
	char digest[SHA256_TEXT]; /* of the store between two trials */
};

static const char *name_of(const struct bench *b, char out[32])
{
	snprintf(out, 32, "n%d", b->serial);
	return out;
}

static int do_create(struct bench *b, struct error *err)
{
	struct run_new new = {.name = "x", .experiment = "default"};
	char uuid[ID_TEXT];
	int64_t id;

	return store_run_create(b->store, &new, &id, uuid, err);
}

static int do_life(struct bench *b, struct error *err)
{
	struct run_new new = {.name = "life"};
	struct run_process nobody = {.pid = 7};
	struct run_ending ending = {.status = RUN_DONE, .reason = ""};
	char uuid[ID_TEXT];
	int64_t id;
	int result;

	if (store_begin(b->store, STORE_DURABLE, err))
		return -1;
	result =
	    store_run_create(b->store, &new, &id, uuid, err) || store_run_start(b->store, id, &nobody, 5, err) ||
	            store_run_process(b->store, id, &nobody, err) || store_run_end(b->store, id, &ending, err)
	        ? -1
	        : 0;
	return store_end(b->store, result == 0, result ? NULL : err) || result ? -1 : 0;
}

static int do_facts(struct bench *b, struct error *err)
{
	char name[32];
	struct run_artifact a = {.name = name, .kind = "file"};
	struct run_input in = {.name = name, .role = "train"};
	int result;

	name_of(b, name);
	if (store_begin(b->store, STORE_NORMAL, err))
		return -1;
	result = store_param_set(b->store, b->run, name, "1", err) ||
	                 store_tag_set(b->store, b->run, name, "t", err) ||
	                 store_note_add(b->store, b->run, name, 0, err) ||
	                 store_artifact_add(b->store, b->run, &a, err) ||
	                 store_input_add(b->store, b->run, &in, err) ||
	                 store_progress_set(b->store, b->run, b->serial % 100 / 100.0, err)
	             ? -1
	             : 0;
	return store_end(b->store, result == 0, result ? NULL : err) || result ? -1 : 0;
}

/* Fills blocks, and enough pages that SQLite writes before it commits. */
static int do_series(struct bench *b, struct error *err)
{
	static struct point points[3000];

	for (size_t i = 0; i < COUNT_OF(points); i++)
		points[i] =
		    (struct point){.step = (int64_t)i, .time = (int64_t)i * 7, .value = sin((double)i + b->serial)};
	return store_series_append(b->store, b->run, SERIES_METRIC, "loss", "", points, COUNT_OF(points), err);
}

static int do_object(struct bench *b, struct error *err)
{
	char name[32], hex[SHA256_TEXT];

	name_of(b, name);
	return store_object_put(b->store, name, strlen(name), hex, err);
}

static int do_object_file(struct bench *b, struct error *err)
{
	char *file = path_join(b->folder, "file"), hex[SHA256_TEXT], name[32];
	uint64_t size;
	bool armed = disk.armed;
	FILE *f;
	int result;

	disk.armed = false;
	f = fopen(file, "wb");
	assert_non_null(f);
	fprintf(f, "%s", name_of(b, name));
	for (int i = 0; i < 30000; i++)
		fprintf(f, "line %d\n", i);
	fclose(f);
	disk.armed = armed;
	result = store_object_put_file(b->store, file, hex, &size, err);
	free(file);
	return result;
}

static int do_dataset(struct bench *b, struct error *err)
{
	struct dataset_file file = {.path = "/data/x.csv", .bytes = 3, .rows = 2};
	struct dataset_column columns[] = {{"a", "num", "feature"}, {"y", "bool", "label"}};
	struct dataset_row d = {.name = "set",
	                        .reading = "x\n",
	                        .rows = 2,
	                        .files = &file,
	                        .file_count = 1,
	                        .columns = columns,
	                        .column_count = 2};
	char name[32];
	int64_t id, version;
	bool known;

	name_of(b, name);
	sha256_hex(name, strlen(name), d.digest);
	memcpy(file.digest, d.digest, SHA256_TEXT);
	return store_dataset_add(b->store, &d, &id, &version, &known, err);
}

static int do_records(struct bench *b, struct error *err)
{
	struct store_evaluation e = {.run = b->run, .split = "test"};
	char name[32];
	int64_t id;
	int result;

	name_of(b, name);
	sha256_hex(name, strlen(name), e.evidence);
	if (store_begin(b->store, STORE_NORMAL, err))
		return -1;
	result = store_evaluation_add(b->store, &e, &id, err) ||
	                 store_activity_add(b->store, "ada", "did", name, err) ||
	                 store_profile_put(b->store, e.evidence, "{}", 2, err)
	             ? -1
	             : 0;
	return store_end(b->store, result == 0, result ? NULL : err) || result ? -1 : 0;
}

static int do_edits(struct bench *b, struct error *err)
{
	char name[32];
	struct store_saved saved = {.kind = "view", .experiment = "", .name = "v", .text = name};
	int64_t changed;
	int result;

	name_of(b, name);
	if (store_begin(b->store, STORE_NORMAL, err))
		return -1;
	result = store_tag_edit(b->store, "ada", &b->run, 1, name, "t", &changed, err) ||
	                 store_note_edit(b->store, "ada", b->run, name, err) ||
	                 store_rename(b->store, "ada", b->run, name, err) ||
	                 store_saved_set(b->store, "ada", &saved, err)
	             ? -1
	             : 0;
	return store_end(b->store, result == 0, result ? NULL : err) || result ? -1 : 0;
}

/* Several items an edit. */
static int do_archive(struct bench *b, struct error *err)
{
	static int64_t many[40];
	int64_t changed, left;
	struct run_row first;
	struct arena *mem;

	if (!many[0]) {
		bool armed = disk.armed;
		struct run_new new = {.name = "many"};
		struct run_ending ending = {.status = RUN_DONE, .reason = ""};
		char uuid[ID_TEXT];

		disk.armed = false;
		assert_int_equal(store_begin(b->store, STORE_NORMAL, NULL), 0);
		for (size_t i = 0; i < COUNT_OF(many); i++) {
			assert_int_equal(store_run_create(b->store, &new, &many[i], uuid, NULL), 0);
			assert_int_equal(store_run_end(b->store, many[i], &ending, NULL), 0);
		}
		assert_int_equal(store_end(b->store, true, NULL), 0);
		digest_of(b->path, b->digest);
		disk.armed = armed;
	}
	mem = arena_new();
	assert_int_equal(store_run_get(b->store, many[0], mem, &first, NULL), 0);
	arena_free(mem);
	return store_archive(b->store, "ada", many, COUNT_OF(many), !first.archived, &changed, &left, err);
}

/* The other way round when that is at its end. */
static int turn(struct bench *b, bool undo, struct error *err)
{
	int (*const ways[])(struct store *, const char *, struct arena *, struct store_edit *,
	                    struct error *) = {store_redo, store_undo};
	struct arena *mem = arena_new();
	struct store_edit edit;
	int result = ways[undo](b->store, "ada", mem, &edit, err);

	if (!result && !edit.id)
		result = ways[!undo](b->store, "ada", mem, &edit, err);
	arena_free(mem);
	return result;
}

static int do_undo(struct bench *b, struct error *err)
{
	return turn(b, true, err);
}

static int do_redo(struct bench *b, struct error *err)
{
	return turn(b, false, err);
}

static const struct action {
	const char *name;
	int (*act)(struct bench *, struct error *);
	bool database; /* else only objects/ */
} actions[] = {
    {"an object", do_object, false},
    {"an object from a file", do_object_file, false},
    {"create a run", do_create, true},
    {"a run's life, durably", do_life, true},
    {"facts of a run", do_facts, true},
    {"a data set", do_dataset, true},
    {"records", do_records, true},
    {"edits", do_edits, true},
    {"put runs away", do_archive, true},
    {"take back", do_undo, true},
    {"make again", do_redo, true},
    {"a series", do_series, true}, /* the largest: read after each trial */
};

/* ---- trials ---- */

/* One action under one fault; false when the fault was not reached. */
static bool trial(struct bench *b, const struct action *a, int64_t at, bool sticky, int error)
{
	char after[SHA256_TEXT];
	struct error err = {.text = ""};
	bool reached;
	int result;

	b->serial++;
	disk.at = at;
	disk.sticky = sticky;
	disk.error = error;
	disk.calls = 0;
	disk.armed = true;
	result = a->act(b, &err);
	disk.armed = false;
	reached = disk.calls >= at;
	digest_of(b->path, after);
	if (result) {
		if (!reached)
			fail_msg("%s: failed without a fault: %s", a->name, err.text);
		if (!err.text[0] || (err.code != ERR_STORE && err.code != ERR_ENV))
			fail_msg("%s, call %lld: failed without saying why (%d: %s)", a->name, (long long)at, err.code,
			         err.text);
		if (strcmp(b->digest, after) != 0)
			fail_msg("%s, call %lld: failed (%s), but the store has changed", a->name, (long long)at,
			         err.text);
		/* The same handle, once the disk works. */
		if (a->act(b, &err))
			fail_msg("%s, call %lld: does not recover: %s", a->name, (long long)at, err.text);
		digest_of(b->path, after);
	}
	if (a->database && !strcmp(b->digest, after))
		fail_msg("%s, call %lld: acknowledged, but nothing was written", a->name, (long long)at);
	memcpy(b->digest, after, sizeof(after));
	return reached;
}

static void every_call_of_every_action_may_fail(void **state)
{
	static const int errors[] = {ENOSPC, EIO};
	struct bench *b = *state;

	digest_of(b->path, b->digest);
	for (size_t i = 0; i < COUNT_OF(actions); i++) {
		int64_t faults = 0;

		for (size_t e = 0; e < COUNT_OF(errors); e++) {
			for (int sticky = 0; sticky < 2; sticky++) {
				int64_t at = 1;

				while (trial(b, &actions[i], at, sticky, errors[e]))
					at++;
				if (at == 1)
					fail_msg("%s: no call at all", actions[i].name);
				faults += at - 1;
				check_objects(b->path);
			}
		}
		check_integrity(b->path);
		print_message("%s: %lld faults\n", actions[i].name, (long long)faults);
	}
}

/* Checkpoints are made after the answer: what fails there is made up for by the next. */
static void a_checkpoint_that_fails_loses_nothing(void **state)
{
	struct bench *b = *state;
	struct error err;
	int checkpoints = 0;

	disk.calls = 1;
	for (int64_t at = 1; disk.calls >= at - 1; at++) {
		char before[SHA256_TEXT], after[SHA256_TEXT];

		store_close(b->store);
		b->store = NULL;
		disk.at = at;
		disk.sticky = at % 2;
		disk.error = at % 3 ? EIO : ENOSPC;
		disk.calls = 0;
		assert_int_equal(store_open(&b->store, b->path, STORE_WRITE, &err), 0);
		for (int i = 0; i < 12; i++) {
			b->serial++;
			assert_int_equal(do_series(b, &err), 0);
		}
		digest_of(b->path, before);
		disk.armed = true;
		store_close(b->store);
		disk.armed = false;
		checkpoints += disk.calls > 0;
		assert_int_equal(store_open(&b->store, b->path, STORE_WRITE, &err), 0);
		digest_of(b->path, after);
		assert_string_equal(before, after);
	}
	print_message("%d calls of closing failed\n", checkpoints);
	assert_true(checkpoints >= 5);
	check_integrity(b->path);
}

static void a_store_is_made_whole_or_not_at_all(void **state)
{
	struct bench *b = *state;

	for (int sticky = 0; sticky < 2; sticky++) {
		for (int64_t at = 1;; at++) {
			char *place = path_join(b->folder, "fresh"), *path = path_join(place, ".assay"), hex[SHA256_TEXT];
			struct error err;
			struct store *s;
			int result;

			assert_int_equal(syscall(SYS_mkdirat, AT_FDCWD, place, 0777), 0);
			disk.at = at;
			disk.sticky = sticky;
			disk.error = ENOSPC;
			disk.calls = 0;
			disk.armed = true;
			result = store_init(path, &err);
			disk.armed = false;
			if (result && file_exists(path) && store_open(&s, path, STORE_WRITE, &err))
				fail_msg("call %lld left half a store", (long long)at);
			else if (result && file_exists(path))
				store_close(s); /* whole: only the folder's own sync failed */
			else if (result && rmdir(place))
				fail_msg("call %lld left something behind", (long long)at);
			if (!result) {
				digest_of(path, hex);
				check_integrity(path);
			}
			dir_remove(place, NULL);
			free(place);
			free(path);
			if (disk.calls < at) {
				assert_int_equal(result, 0);
				break;
			}
		}
	}
}

static int open_new(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct bench *b = xcalloc(1, sizeof(*b));
	struct run_new new = {.name = "subject"};
	struct error err;
	char uuid[ID_TEXT];

	b->folder = xasprintf("%s/assay-faults-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(b->folder))
		return -1;
	b->path = path_join(b->folder, ".assay");
	if (store_init(b->path, &err) || store_open(&b->store, b->path, STORE_WRITE, &err) ||
	    store_run_create(b->store, &new, &b->run, uuid, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	*state = b;
	return 0;
}

static int close_all(void **state)
{
	struct bench *b = *state;

	store_close(b->store);
	dir_remove(b->folder, NULL);
	free(b->folder);
	free(b->path);
	free(b);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(every_call_of_every_action_may_fail, open_new, close_all),
	    cmocka_unit_test_setup_teardown(a_checkpoint_that_fails_loses_nothing, open_new, close_all),
	    cmocka_unit_test_setup_teardown(a_store_is_made_whole_or_not_at_all, open_new, close_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
