/* store: opening and refusing, transactions, objects, runs, data sets, what is remembered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/store_place.h"

static int64_t make_run(struct store_place *p, const char *name)
{
	struct run_new new = {.name = name, .experiment = "lending"};
	char uuid[ID_TEXT];
	int64_t id;

	assert_int_equal(store_run_create(p->store, &new, &id, uuid, NULL), 0);
	return id;
}

/* SQL on the file itself, as a stranger would. */
static void sql(struct store_place *p, const char *text)
{
	char *file = path_join(p->path, "assay.db");
	sqlite3 *db;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	free(file);
}

static void expect_refused(const char *path, enum store_mode mode, const char *words)
{
	struct store *s = NULL;
	struct error err;

	assert_int_equal(store_open(&s, path, mode, &err), -1);
	assert_null(s);
	assert_int_equal(err.code, ERR_STORE);
	if (!strstr(err.text, words))
		fail_msg("\"%s\" does not say \"%s\"", err.text, words);
}

static void a_store_is_made_once_and_found_upward(void **state)
{
	struct store_place *p = *state;
	char *deep = path_join(p->folder, "a/b"), *here = path_absolute("."), *found,
	     *real = path_absolute(p->path);
	struct error err;

	assert_int_equal(store_init(p->path, &err), -1);
	assert_int_equal(err.code, ERR_NO);
	assert_int_equal(dir_make(deep, &err), 0);
	assert_int_equal(chdir(deep), 0);
	found = store_find(NULL, &err);
	assert_non_null(found);
	assert_string_equal(found, real);
	free(found);
	found = store_find(p->folder, &err);
	assert_string_equal(found, real);
	free(found);
	assert_null(store_find("/nonexistent", &err));
	assert_non_null(strstr(err.text, "assay init"));
	setenv("ASSAY_STORE", p->path, 1);
	assert_int_equal(chdir("/"), 0);
	found = store_find(NULL, &err);
	assert_string_equal(found, real);
	free(found);
	unsetenv("ASSAY_STORE");
	assert_null(store_find(NULL, &err));
	assert_int_equal(chdir(here), 0);
	assert_true(id_is_valid(store_id(p->store)));
	free(deep);
	free(here);
	free(real);
}

static void what_is_no_store_of_ours_is_refused(void **state)
{
	struct store_place *p = *state;
	char *other = path_join(p->folder, "other"), *file = path_join(p->folder, "other/assay.db");
	char junk[8192];

	expect_refused(p->folder, STORE_READ, "no store");
	assert_int_equal(dir_make(other, NULL), 0);
	memset(junk, 'x', sizeof(junk));
	assert_int_equal(file_write_atomic(file, junk, sizeof(junk), 0644, NULL), 0);
	expect_refused(other, STORE_WRITE, "damaged");
	assert_int_equal(file_write_atomic(file, "", 0, 0644, NULL), 0);
	expect_refused(other, STORE_WRITE, "not a store of Assay");
	sql(p, "PRAGMA user_version = 7; UPDATE about SET value = '9.1.0' WHERE key = 'program'");
	expect_refused(p->path, STORE_WRITE, "Assay 9.1.0 or newer is needed");
	expect_refused(p->path, STORE_READ, "schema 7");
	free(other);
	free(file);
}

static void a_damaged_file_is_told_and_left_alone(void **state)
{
	struct store_place *p = *state;
	char *file = path_join(p->path, "assay.db"), zeros[4096] = {0}, before[SHA256_TEXT], after[SHA256_TEXT];
	struct error err;
	int fd;

	store_close(p->store);
	p->store = NULL;
	fd = open(file, O_RDWR);
	assert_int_equal(pwrite(fd, zeros, sizeof(zeros), 4096 * 2), sizeof(zeros));
	assert_int_equal(pwrite(fd, zeros, 80, 100), 80); /* the root of the schema */
	close(fd);
	assert_int_equal(sha256_file(file, before, NULL, &err), 0);
	expect_refused(p->path, STORE_WRITE, "damaged");
	assert_int_equal(sha256_file(file, after, NULL, &err), 0);
	assert_string_equal(before, after);
	free(file);
}

static void a_network_file_system_is_refused(void **state)
{
	struct store_place *p = *state;
	char *fresh = path_join(p->folder, "fresh/.assay"), *parent = path_join(p->folder, "fresh");
	struct error err;

	setenv("ASSAY_NETWORK_PATHS", p->folder, 1);
	expect_refused(p->path, STORE_WRITE, "network file system");
	assert_int_equal(dir_make(parent, NULL), 0);
	assert_int_equal(store_init(fresh, &err), -1);
	assert_int_equal(err.code, ERR_STORE);
	assert_false(file_exists(fresh));
	unsetenv("ASSAY_NETWORK_PATHS");
	free(fresh);
	free(parent);
}

static void a_reader_cannot_write(void **state)
{
	struct store_place *p = *state;
	struct store *reader;
	struct error err;
	char hex[SHA256_TEXT];

	assert_int_equal(store_open(&reader, p->path, STORE_READ, &err), 0);
	assert_int_equal(store_profile_put(reader, "k", "v", strlen("v"), &err), -1);
	assert_int_equal(err.code, ERR_STORE);
	assert_int_equal(store_object_put(reader, "x", 1, hex, &err), -1);
	store_close(reader);
}

static void a_full_disk_leaves_the_store_as_it_was(void **state)
{
	struct store_place *p = *state;
	struct rlimit old, small;
	struct error err;
	struct str got;
	bool found;
	char *big = xmalloc(2000001), hex[SHA256_TEXT];
	int rc, rc_object;

	memset(big, 'x', 2000000);
	big[2000000] = '\0';
	str_init(&got);
	assert_int_equal(store_profile_put(p->store, "k", "before", strlen("before"), &err), 0);
	getrlimit(RLIMIT_FSIZE, &old);
	small = (struct rlimit){300000, old.rlim_max};
	setrlimit(RLIMIT_FSIZE, &small);
	rc = store_profile_put(p->store, "k", big, strlen(big), &err);
	rc_object = store_object_put(p->store, big, 2000000, hex, NULL);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(rc, -1);
	assert_int_equal(err.code, ERR_STORE);
	assert_int_equal(rc_object, -1);
	assert_int_equal(store_profile_get(p->store, "k", &got, &found, &err), 0);
	assert_string_equal(got.data, "before");
	assert_int_equal(store_profile_put(p->store, "k", "after", strlen("after"), &err), 0);
	assert_int_equal(store_profile_get(p->store, "k", &got, &found, &err), 0);
	assert_string_equal(got.data, "after");
	str_release(&got);
	free(big);
}

static void transactions_are_kept_or_taken_back_whole(void **state)
{
	struct store_place *p = *state;
	struct store *other;
	struct str got;
	struct error err;
	bool found;
	int64_t before, mid;

	str_init(&got);
	assert_int_equal(store_open(&other, p->path, STORE_READ, &err), 0);
	before = store_change(other);
	assert_int_equal(store_begin(p->store, STORE_DURABLE, &err), 0);
	assert_int_equal(store_profile_put(p->store, "a", "1", strlen("1"), &err), 0);
	assert_int_equal(store_profile_put(p->store, "b", "2", strlen("2"), &err), 0);
	assert_int_equal(store_profile_get(other, "a", &got, &found, &err), 0);
	assert_false(found);
	assert_int_equal(store_end(p->store, false, &err), 0);
	assert_int_equal(store_profile_get(p->store, "a", &got, &found, &err), 0);
	assert_false(found);
	assert_int_equal(store_change(other), before);
	mid = store_change(p->store);
	assert_int_equal(store_begin(p->store, STORE_NORMAL, &err), 0);
	assert_int_equal(store_profile_put(p->store, "a", "1", strlen("1"), &err), 0);
	assert_int_equal(store_end(p->store, true, &err), 0);
	assert_true(store_change(other) != before);
	assert_true(store_change(p->store) != mid);
	store_close(other);
	str_release(&got);
}

static void objects_are_kept_once_and_verified(void **state)
{
	struct store_place *p = *state;
	char hex[SHA256_TEXT], again[SHA256_TEXT], *path, *file = path_join(p->folder, "f");
	struct error err;
	struct str got;
	struct stat st;
	uint64_t size;
	int fd;

	str_init(&got);
	assert_int_equal(store_object_put(p->store, "abc", 3, hex, &err), 0);
	path = store_object_path(p->store, hex);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0444);
	assert_int_equal(file_write_atomic(file, "abc", 3, 0644, &err), 0);
	assert_int_equal(store_object_put_file(p->store, file, again, &size, &err), 0);
	assert_string_equal(hex, again);
	assert_int_equal(size, 3);
	assert_int_equal(store_object_read(p->store, hex, &got, 0, &err), 0);
	assert_string_equal(got.data, "abc");
	assert_int_equal(store_object_put_file(p->store, p->folder, again, &size, &err), -1);
	assert_int_equal(store_object_put_file(p->store, "/nonexistent", again, &size, &err), -1);
	chmod(path, 0644);
	fd = open(path, O_WRONLY);
	assert_int_equal(write(fd, "abd", 3), 3);
	close(fd);
	assert_int_equal(store_object_read(p->store, hex, &got, 0, &err), -1);
	assert_int_equal(err.code, ERR_TAMPER);
	assert_int_equal(truncate(path, 1), 0);
	assert_int_equal(store_object_put(p->store, "abc", 3, hex, &err),
	                 0); /* one that lost its end is written anew */
	assert_int_equal(store_object_read(p->store, hex, &got, 0, &err), 0);
	str_release(&got);
	free(path);
	free(file);
}

static void halves_of_copies_are_swept_when_old(void **state)
{
	struct store_place *p = *state;
	static const struct timespec old[2] = {{1000000000, 0}, {1000000000, 0}};
	char *objects = path_join(store_path(p->store), "objects"), *stale = path_join(objects, "new-abc123"),
	     *fresh = path_join(objects, "new-def456"), *path = xstrdup(store_path(p->store));
	struct store *other;
	struct error err;

	assert_int_equal(file_write_atomic(stale, "half", 4, 0600, &err), 0);
	assert_int_equal(file_write_atomic(fresh, "half", 4, 0600, &err), 0);
	assert_int_equal(utimensat(AT_FDCWD, stale, old, 0), 0);
	assert_int_equal(store_open(&other, path, STORE_READ, &err), 0);
	store_close(other);
	assert_true(file_exists(stale));
	assert_int_equal(store_open(&other, path, STORE_WRITE, &err), 0);
	store_close(other);
	assert_false(file_exists(stale));
	assert_true(file_exists(fresh)); /* somebody may be writing it */
	unlink(fresh);
	free(path);
	free(fresh);
	free(stale);
	free(objects);
}

static void a_run_goes_only_through_its_states(void **state)
{
	struct store_place *p = *state;
	struct run_process me = {123, 456, "boot"};
	struct run_ending done = {RUN_DONE, "", 0, 0, 2000}, lost = {RUN_LOST, "gone", -1, 0, 3000};
	struct run_row r;
	struct error err;
	int64_t id = make_run(p, "one"), *open, other;
	size_t count;

	assert_int_equal(store_run_get(p->store, id, p->mem, &r, &err), 0);
	assert_int_equal(r.status, RUN_QUEUED);
	assert_int_equal(r.exit_status, -1);
	assert_true(isnan(r.progress));
	assert_string_equal(r.experiment, "lending");
	assert_int_equal(store_run_start(p->store, id, &me, 1000, &err), 0);
	assert_int_equal(store_run_start(p->store, id, &me, 1000, &err), -1);
	assert_int_equal(err.code, ERR_STALE);
	assert_int_equal(store_runs_open(p->store, p->mem, &open, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_int_equal(store_run_process(p->store, id, &me, &err), 0);
	assert_int_equal(store_progress_set(p->store, id, 0.5, 0, &err), 0);
	assert_int_equal(store_run_end(p->store, id, &done, &err), 0);
	assert_int_equal(store_run_end(p->store, id, &lost, &err), -1);
	assert_int_equal(err.code, ERR_STALE);
	assert_int_equal(store_run_get(p->store, id, p->mem, &r, &err), 0);
	assert_int_equal(r.status, RUN_DONE);
	assert_true(r.progress == 1);
	assert_int_equal(r.supervisor.pid, 123);
	assert_string_equal(r.process.boot_id, "boot");
	assert_int_equal(r.ended, 2000);
	assert_int_equal(store_runs_open(p->store, p->mem, &open, &count, &err), 0);
	assert_int_equal(count, 0);
	other = make_run(p, "two");
	assert_int_equal(store_run_end(p->store, other, &lost, &err),
	                 0); /* a run that never started can be lost too */
	assert_int_equal(store_run_get(p->store, 99, p->mem, &r, &err), -1);
	assert_int_equal(err.code, ERR_NO);
}

static void runs_are_found_by_what_people_call_them(void **state)
{
	struct store_place *p = *state;
	struct run_row r;
	struct error err;
	int64_t first = make_run(p, "swift"), second = make_run(p, "swift"), third = make_run(p, "beef"), id;
	char piece[ID_TEXT];
	static const char *const same_head = "0190aaaa0000700080000000000000";

	assert_int_equal(store_run_find(p->store, "swift", &id, &err), 0);
	assert_int_equal(id, second);
	assert_int_equal(store_run_find(p->store, "run:beef", &id, &err), 0);
	assert_int_equal(id, third);
	assert_int_equal(store_run_find(p->store, "@last", &id, &err), 0);
	assert_int_equal(id, third);
	assert_int_equal(store_run_get(p->store, first, p->mem, &r, &err), 0);
	assert_int_equal(store_run_find(p->store, r.uuid, &id, &err), 0);
	assert_int_equal(id, first);
	assert_int_equal(store_run_find(p->store, r.uuid + 24, &id, &err), 0);
	assert_int_equal(id, first);
	assert_int_equal(store_run_find(p->store, r.uuid + 20, &id, &err), 0);
	assert_int_equal(id, first);
	for (int i = 0; i < 3; i++) {
		struct run_new new = {.name = "x"};

		snprintf(new.uuid, sizeof(new.uuid), "%s%02x", same_head, i);
		assert_int_equal(store_run_create(p->store, &new, &id, piece, &err), 0);
	}
	assert_int_equal(store_run_find(p->store, "0190aaaa", &id, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_non_null(strstr(err.text, same_head));
	assert_int_equal(store_run_find(p->store, "0190aaaa000070008000000000000001", &id, &err), 0);
	assert_int_equal(store_run_find(p->store, "nothing", &id, &err), -1);
	assert_int_equal(err.code, ERR_NO);
	assert_int_equal(store_run_find(p->store, "", &id, &err), -1);
	assert_int_equal(store_run_find(p->store, "%", &id, &err), -1);
}

static void facts_of_a_run_are_kept(void **state)
{
	struct store_place *p = *state;
	struct store_pair *pairs;
	struct run_artifact artifact = {.name = "model.bin", .kind = "model", .bytes = 7}, *artifacts;
	struct run_input input = {.name = "train.csv", .role = "train"}, *inputs;
	struct error err;
	int64_t id = make_run(p, "one");
	size_t count;

	assert_int_equal(store_param_set(p->store, id, "lr", "0.10", &err), 0);
	assert_int_equal(store_param_set(p->store, id, "lr", "0.10", &err), 0);
	assert_int_equal(store_param_set(p->store, id, "lr", "0.2", &err), -1);
	assert_int_equal(err.code, ERR_NO);
	assert_int_equal(store_param_set(p->store, id, "", "x", &err), -1);
	assert_int_equal(store_param_set(p->store, id, "kind", "nan", &err), 0);
	assert_int_equal(store_params(p->store, id, p->mem, &pairs, &count, &err), 0);
	assert_int_equal(count, 2);
	assert_string_equal(pairs[0].key, "kind");
	assert_false(pairs[0].is_number);
	assert_string_equal(pairs[1].value, "0.10");
	assert_true(pairs[1].is_number && pairs[1].number == 0.1);
	assert_int_equal(store_tag_set(p->store, id, "team", "risk", &err), 0);
	assert_int_equal(store_tag_set(p->store, id, "team", "fraud", &err), 0);
	assert_int_equal(store_tags(p->store, id, p->mem, &pairs, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_string_equal(pairs[0].value, "fraud");
	assert_int_equal(store_note_add(p->store, id, "\xff bytes\x1b", 5, &err), 0);
	assert_int_equal(store_notes(p->store, id, p->mem, &pairs, &count, &err), 0);
	assert_string_equal(pairs[0].value, "\xff bytes\x1b");
	assert_int_equal(store_artifact_add(p->store, id, &artifact, &err), 0);
	artifact.bytes = 8;
	assert_int_equal(store_artifact_add(p->store, id, &artifact, &err), 0);
	assert_int_equal(store_artifacts(p->store, id, p->mem, &artifacts, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_int_equal(artifacts[0].bytes, 8);
	assert_int_equal(store_input_add(p->store, id, &input, &err), 0);
	assert_int_equal(store_inputs(p->store, id, p->mem, &inputs, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_int_equal(inputs[0].dataset, 0);
	assert_int_equal(store_param_set(p->store, 999, "k", "v", &err), -1); /* no such run */
}

static void data_set_versions_are_counted_and_never_reused(void **state)
{
	struct store_place *p = *state;
	struct dataset_file files[2] = {{.path = "/data/a.csv", .bytes = 10, .rows = 3},
	                                {.path = "/data/b.csv", .first_row = 3}};
	struct dataset_column columns[2] = {{"age", "int", ""}, {"y", "bool", "label"}};
	struct dataset_row d = {.name = "apps",
	                        .reading = "delimiter ,\n",
	                        .rows = 5,
	                        .files = files,
	                        .file_count = 2,
	                        .columns = columns,
	                        .column_count = 2},
	                   got, *all;
	struct error err;
	struct str json;
	int64_t id, version, first;
	size_t count;
	bool known, found;

	str_init(&json);
	memset(d.digest, 'a', 64);
	assert_int_equal(store_dataset_add(p->store, &d, &first, &version, &known, &err), 0);
	assert_true(version == 1 && !known);
	assert_int_equal(store_dataset_add(p->store, &d, &id, &version, &known, &err), 0);
	assert_true(version == 1 && known && id == first);
	memset(d.digest, 'b', 64);
	assert_int_equal(store_dataset_add(p->store, &d, &id, &version, &known, &err), 0);
	assert_true(version == 2 && !known);
	assert_int_equal(store_dataset_find(p->store, "apps", p->mem, &got, &err), 0);
	assert_int_equal(got.version, 2);
	assert_int_equal(got.file_count, 2);
	assert_string_equal(got.files[1].path, "/data/b.csv");
	assert_string_equal(got.columns[1].roles, "label");
	assert_int_equal(store_dataset_find(p->store, "apps@1", p->mem, &got, &err), 0);
	assert_int_equal(got.id, first);
	assert_int_equal(store_dataset_find(p->store, "apsp", p->mem, &got, &err), -1);
	assert_int_equal(err.code, ERR_NO);
	assert_non_null(strstr(err.text, "apps"));
	assert_int_equal(store_dataset_find(p->store, "apps@x", p->mem, &got, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(store_dataset_rm(p->store, id, &err), 0);
	assert_int_equal(store_dataset_rm(p->store, id, &err), -1);
	assert_int_equal(store_dataset_add(p->store, &d, &id, &version, &known, &err), 0);
	assert_true(version == 3 && !known);
	assert_int_equal(store_datasets(p->store, p->mem, &all, &count, &err), 0);
	assert_int_equal(count, 2);
	assert_int_equal(all[0].version, 3);
	assert_int_equal(all[0].column_count, 2);
	assert_int_equal(store_dataset_by_digest(p->store, d.digest, p->mem, &got, &found, &err), 0);
	assert_true(found && got.version == 3);
	assert_int_equal(store_profile_get(p->store, d.digest, &json, &found, &err), 0);
	assert_false(found);
	assert_int_equal(store_profile_put(p->store, d.digest, "{\"rows\":5}", 10, &err), 0);
	assert_int_equal(store_profile_get(p->store, d.digest, &json, &found, &err), 0);
	assert_true(found);
	assert_string_equal(json.data, "{\"rows\":5}");
	str_release(&json);
}

static void what_is_recorded_comes_back(void **state)
{
	struct store_place *p = *state;
	struct store_evaluation e = {.split = "test"}, *all;
	struct activity *acts;
	struct error err;
	int64_t id;
	size_t count;

	e.run = make_run(p, "one");
	memset(e.evidence, 'e', 64);
	memset(e.model, 'a', 64);
	assert_int_equal(store_evaluation_add(p->store, &e, &id, &err), 0);
	assert_int_equal(store_evaluations(p->store, e.run, p->mem, &all, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_string_equal(all[0].evidence, e.evidence);
	assert_string_equal(all[0].predictions, "");
	for (int i = 0; i < 5; i++)
		assert_int_equal(store_activity_add(p->store, "ada", "stopped", "swift", &err), 0);
	assert_int_equal(store_activities(p->store, 0, 2, p->mem, &acts, &count, &err), 0);
	assert_int_equal(count, 2);
	assert_int_equal(store_activities(p->store, acts[1].id, 10, p->mem, &acts, &count, &err), 0);
	assert_int_equal(count, 3);
}

int main(void)
{
#define ON_A_STORE(test) cmocka_unit_test_setup_teardown(test, store_place_empty, store_place_end)
	const struct CMUnitTest tests[] = {
	    ON_A_STORE(a_store_is_made_once_and_found_upward),
	    ON_A_STORE(what_is_no_store_of_ours_is_refused),
	    ON_A_STORE(a_damaged_file_is_told_and_left_alone),
	    ON_A_STORE(a_network_file_system_is_refused),
	    ON_A_STORE(a_reader_cannot_write),
	    ON_A_STORE(a_full_disk_leaves_the_store_as_it_was),
	    ON_A_STORE(transactions_are_kept_or_taken_back_whole),
	    ON_A_STORE(objects_are_kept_once_and_verified),
	    ON_A_STORE(halves_of_copies_are_swept_when_old),
	    ON_A_STORE(a_run_goes_only_through_its_states),
	    ON_A_STORE(runs_are_found_by_what_people_call_them),
	    ON_A_STORE(facts_of_a_run_are_kept),
	    ON_A_STORE(data_set_versions_are_counted_and_never_reused),
	    ON_A_STORE(what_is_recorded_comes_back),
	};

	signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
