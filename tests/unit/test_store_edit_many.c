/* store: edits of so many things that they are made of many transactions: whole or not at all all the same. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "assay/store_remove.h"

#include "../lib/store_edits.h"

#define ADA "ada@lab"
#define BOB "bob@lab"

enum { LOTS = 6000 };

static int64_t *make_lots(struct store_place *p)
{
	int64_t *ids = xreallocarray(NULL, LOTS, sizeof(*ids));

	must(p, store_begin(p->store, STORE_NORMAL, &p->err));
	for (size_t i = 0; i < LOTS; i++)
		ids[i] = make_run(p, NULL, true);
	must(p, store_end(p->store, true, &p->err));
	return ids;
}

static int64_t count_of(struct store_place *p, const char *filter)
{
	int64_t *ids;
	size_t count;

	must(p, store_runs_ids(p->store, &(struct runs_query){.filter = filter}, INT32_MAX, p->mem, &ids, &count,
	                       &p->err));
	return (int64_t)count;
}

/* What a process is to do for ever with a store of its own, until it is killed. */
static pid_t start(const struct store_place *p, void (*act)(struct store *s, const int64_t *ids, int i),
                   const int64_t *ids)
{
	pid_t child = fork();
	struct store *s;

	if (child)
		return child;
	if (store_open(&s, p->path, STORE_WRITE, NULL))
		_exit(1);
	for (int i = 0;; i++)
		act(s, ids, i);
}

static void end(pid_t child)
{
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void tag_lots(struct store *s, const int64_t *ids, int i)
{
	struct arena *mem = arena_new();
	struct store_edit edit;
	char value[24];

	snprintf(value, sizeof(value), "%d", i);
	if (store_tag_edit(s, ADA, ids, LOTS, "k", value, NULL, NULL) ||
	    store_archive(s, ADA, ids, LOTS, i % 2 == 0, NULL, NULL, NULL) ||
	    (i % 2 == 0 && (store_undo(s, ADA, mem, &edit, NULL) || store_redo(s, ADA, mem, &edit, NULL))))
		_exit(1);
	arena_free(mem);
}

/* Many transactions, and yet: whole or not at all, once somebody has opened the store to write. */
static void a_killed_edit_of_many_is_put_back(void **state)
{
	enum { TRIALS = 10 };
	struct store_place *p = *state;
	int64_t *ids = make_lots(p);
	unsigned random = 7;

	for (int trial = 0; trial < TRIALS; trial++) {
		struct store_edit *edits;
		struct store_edit_item *items;
		size_t edit_count, count;
		pid_t child = start(p, tag_lots, ids);
		int64_t archived;
		char filter[80];

		random = random * 1103515245u + 12345u;
		usleep(20000 + random / 65536 % 400000);
		end(child);
		store_close(p->store);
		must(p, store_open(&p->store, p->path, STORE_WRITE, &p->err));
		archived = count_of(p, "archived");
		assert_true(archived == 0 || archived == LOTS);
		snprintf(filter, sizeof(filter), "tags.k = '%s' and (archived or not archived)",
		         strchr(tags_of(p, ids[0]), '=') ? strchr(tags_of(p, ids[0]), '=') + 1 : "");
		if (tags_of(p, ids[0])[0])
			assert_int_equal(count_of(p, filter), LOTS);
		else
			assert_int_equal(count_of(p, "has tags.k and (archived or not archived)"), 0);
		must(p, store_edits(p->store, ADA, SIZE_MAX, p->mem, &edits, &edit_count, &p->err));
		for (size_t i = 0; i < edit_count; i++) {
			must(p, store_edit_items(p->store, edits[i].id, LOTS + 1, p->mem, &items, &count, &p->err));
			assert_int_equal(count, LOTS);
			assert_true(strstr(edits[i].text, "6000 runs") != NULL);
		}
	}
	while (undo(p, ADA)[0])
		;
	assert_int_equal(count_of(p, "archived"), 0);
	assert_string_equal(tags_of(p, ids[0]), "");
	free(ids);
}

static void archive_lots(struct store *s, const int64_t *ids, int i)
{
	struct arena *mem = arena_new();
	struct store_edit edit;

	(void)i;
	if (store_archive(s, ADA, ids, LOTS, true, NULL, NULL, NULL) || store_undo(s, ADA, mem, &edit, NULL))
		_exit(1);
	arena_free(mem);
}

/* Another writer's transactions come between those of an edit of many; ADA's own edits do not. */
static void others_write_meanwhile(void **state)
{
	struct store_place *p = *state;
	int64_t *ids = make_lots(p), changed;
	struct store_edit edit;
	int told = 0, between = 0;
	int64_t end_at = time_mono_ms() + 60000;
	pid_t child = start(p, archive_lots, ids);

	for (int i = 0; time_mono_ms() < end_at && (told < 3 || between < 3); i++) {
		struct error why;
		int64_t archived;
		char value[24];

		snprintf(value, sizeof(value), "%d", i);
		must(p, store_tag_edit(p->store, BOB, ids, 1, "other", value, &changed, &p->err));
		archived = count_of(p, "archived");
		between += archived > 0 && archived < LOTS;
		if (store_tag_edit(p->store, ADA, ids, 1, "mine", value, &changed, &why)) {
			assert_int_equal(why.code, ERR_NO);
			assert_true(strstr(why.text, "still going on") != NULL);
			told++;
		} else {
			store_undo(p->store, ADA, p->mem, &edit, &p->err);
		}
		usleep(1000);
	}
	end(child);
	assert_true(told >= 3);
	assert_true(between >= 3);
	/* Nobody opens the store anew here: who edits finds it. */
	must(p, store_tag_edit(p->store, BOB, ids, 1, "other", "last", &changed, &p->err));
	changed = count_of(p, "archived");
	assert_true(changed == 0 || changed == LOTS);
	free(ids);
}

/* What changes under an undo of many is seen, and nothing of it stays. */
static void an_undo_of_many_is_stale_or_whole(void **state)
{
	struct store_place *p = *state;
	int64_t *ids = make_lots(p), changed;
	struct store_edit edit, *edits;
	struct store_space space;
	size_t count;

	must(p, store_archive(p->store, ADA, ids, LOTS, true, &changed, NULL, &p->err));
	must(p, store_archive(p->store, BOB, &ids[LOTS - 1], 1, false, &changed, NULL, &p->err));
	refused(p, true, ADA, "was restored");
	assert_int_equal(count_of(p, "archived"), LOTS - 1);
	must(p, store_undo(p->store, BOB, p->mem, &edit, &p->err));
	assert_string_equal(undo(p, ADA), "archived 6000 runs");
	assert_int_equal(count_of(p, "archived"), 0);
	assert_string_equal(redo(p, ADA), "archived 6000 runs");
	assert_int_equal(count_of(p, "archived"), LOTS);
	assert_string_equal(undo(p, ADA), "archived 6000 runs");
	/* What cannot be done again any more takes no room. */
	must(p, store_tag_edit(p->store, ADA, ids, LOTS, "k", "v", &changed, &p->err));
	must(p, store_edits(p->store, ADA, 10, p->mem, &edits, &count, &p->err));
	assert_int_equal(count, 1);
	must(p, store_space(p->store, INT64_MAX, &space, &p->err));
	assert_int_equal(space.trimmable, 2); /* this one, and BOB's that was taken back */
	/* A run that is not there: nothing at all. */
	ids[LOTS - 1] = 999999;
	assert_int_equal(store_archive(p->store, ADA, ids, LOTS, true, &changed, NULL, &p->err), -1);
	assert_int_equal(p->err.code, ERR_NO);
	assert_int_equal(count_of(p, "archived"), 0);
	assert_string_equal(undo(p, ADA), "tagged 6000 runs: k=v");
	free(ids);
}

/* The edit is left as one that has just begun to be taken back, or made again. */
static void set_going(const struct store_place *p, int64_t edit)
{
	char *file = path_join(p->path, "assay.db"),
	     *sql = xasprintf("INSERT OR REPLACE INTO about VALUES ('going', '%lld')", (long long)edit);
	sqlite3 *db;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	free(sql);
	free(file);
}

/* Whose edit of many is being made again cannot save a view meanwhile: that would take away what can be made again. */
static void nothing_of_ones_own_comes_between(void **state)
{
	struct flock turn = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1, .l_len = 1};
	struct store_saved view = {.kind = "view", .experiment = "", .name = "v", .text = "status = done"};
	struct store_place *p = *state;
	int64_t *ids = make_lots(p), changed;
	char *lock = path_join(p->path, "lock");
	struct store_edit *edits;
	size_t count;
	int fd;

	must(p, store_archive(p->store, ADA, ids, LOTS, true, &changed, NULL, &p->err));
	assert_string_equal(undo(p, ADA), "archived 6000 runs");
	must(p, store_edits(p->store, ADA, 9, p->mem, &edits, &count, &p->err));
	fd = open(lock, O_RDWR | O_CLOEXEC);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &turn), 0);
	set_going(p, edits[0].id);
	assert_int_equal(store_saved_set(p->store, ADA, &view, &p->err), -1);
	assert_int_equal(p->err.code, ERR_NO);
	must(p, store_saved_set(p->store, BOB, &view, &p->err));
	close(fd);
	view.name = "w";
	must(p, store_saved_set(p->store, BOB, &view, &p->err));
	assert_string_equal(redo(p, ADA), "archived 6000 runs");
	assert_int_equal(count_of(p, "archived"), LOTS);
	free(lock);
	free(ids);
}

static void *open_and_close(void *path)
{
	struct store *s;
	int rc = store_open(&s, path, STORE_WRITE, NULL);

	if (!rc)
		store_close(s);
	return rc ? path : NULL;
}

/* One that was left in the middle and is put back within a transaction of the caller is not put back by the next as
 * well, who has waited for that: over what was edited in it since. */
static void what_was_left_is_put_back_once(void **state)
{
	struct store_place *p = *state;
	int64_t *ids = make_lots(p), changed;
	struct store_edit *edits;
	pthread_t other;
	size_t count;
	void *failed;

	must(p, store_archive(p->store, ADA, ids, LOTS, true, &changed, NULL, &p->err));
	must(p, store_edits(p->store, ADA, 9, p->mem, &edits, &count, &p->err));
	set_going(p, edits[0].id);
	must(p, store_begin(p->store, STORE_NORMAL, &p->err));
	must(p, store_archive(p->store, BOB, ids, 1, false, &changed, NULL, &p->err));
	assert_int_equal(pthread_create(&other, NULL, open_and_close, p->path), 0);
	usleep(300000); /* it waits for us by then */
	must(p, store_end(p->store, true, &p->err));
	assert_int_equal(pthread_join(other, &failed), 0);
	assert_null(failed);
	assert_int_equal(count_of(p, "archived"), LOTS - 1);
	free(ids);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(an_undo_of_many_is_stale_or_whole, store_place_empty,
	                                    store_place_end),
	    cmocka_unit_test_setup_teardown(nothing_of_ones_own_comes_between, store_place_empty,
	                                    store_place_end),
	    cmocka_unit_test_setup_teardown(what_was_left_is_put_back_once, store_place_empty, store_place_end),
	    cmocka_unit_test_setup_teardown(others_write_meanwhile, store_place_empty, store_place_end),
	    cmocka_unit_test_setup_teardown(a_killed_edit_of_many_is_put_back, store_place_empty,
	                                    store_place_end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
