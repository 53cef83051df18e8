/* store: many programs write at once, one reads while another writes, and a read is interrupted at any moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/store_place.h"

static int integrity(const char *path)
{
	char *file = path_join(path, "assay.db");
	sqlite3 *db;
	sqlite3_stmt *stmt;
	int ok;

	assert_int_equal(sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	ok = !strcmp((const char *)sqlite3_column_text(stmt, 0), "ok");
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	free(file);
	return ok;
}

static void many_programs_write_at_once(void **state)
{
	struct store_place *p = *state;
	enum { WRITERS = 4, EACH = 150 };
	struct activity *acts;
	struct error err;
	pid_t pids[WRITERS];
	size_t count;

	store_close(p->store); /* no handle is carried over a fork */
	for (int w = 0; w < WRITERS; w++) {
		pids[w] = fork();
		if (!pids[w]) {
			struct store *s;
			int bad = store_open(&s, p->path, STORE_WRITE, &err);

			for (int i = 0; !bad && i < EACH; i++)
				bad = store_activity_add(s, "w", "wrote",
				                         "a line that is long enough to fill pages of the log soon", &err);
			if (bad)
				fprintf(stderr, "%s\n", err.text);
			else
				store_close(s);
			_exit(bad ? 1 : 0);
		}
	}
	for (int w = 0; w < WRITERS; w++) {
		int status;

		assert_int_equal(waitpid(pids[w], &status, 0), pids[w]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(store_open(&p->store, p->path, STORE_WRITE, &err), 0);
	assert_int_equal(store_activities(p->store, 0, 100000, p->mem, &acts, &count, &err), 0);
	assert_int_equal(count, WRITERS * EACH);
	assert_true(integrity(p->path));
}

static void the_log_does_not_grow_without_end(void **state)
{
	struct store_place *p = *state;
	char *wal = path_join(p->path, "assay.db-wal"), *text = xmalloc(20001);
	struct store *reader;
	struct error err;
	struct stat st;

	memset(text, 'x', 20000);
	text[20000] = '\0';
	assert_int_equal(store_open(&reader, p->path, STORE_READ, &err), 0); /* a screen that stays open */
	for (int i = 0; i < 1500; i++) {
		struct str got;
		bool found;

		text[0] = (char)('a' + i % 26);
		assert_int_equal(store_profile_put(p->store, "k", text, strlen(text), &err), 0);
		str_init(&got);
		assert_int_equal(store_profile_get(reader, "k", &got, &found, &err), 0);
		assert_int_equal(got.data[0], text[0]);
		str_release(&got);
	}
	assert_int_equal(stat(wal, &st), 0);
	assert_true(st.st_size < 8 << 20);
	store_close(reader);
	free(wal);
	free(text);
}

struct interrupter {
	struct store *store;
	atomic_bool done;
};

static void *keep_interrupting(void *user)
{
	struct interrupter *i = user;

	while (!atomic_load(&i->done)) {
		store_interrupt(i->store);
		usleep(1);
	}
	return NULL;
}

/* An interrupt may come at any moment, also while the read that it was meant for is being closed: the next one must
 * find the way free. */
static void an_interrupt_leaves_nothing_open(void **state)
{
	struct store_place *p = *state;
	struct interrupter i = {.store = p->store};
	struct runs_query all = {0};
	struct runs_page page;
	struct error err;
	pthread_t thread;

	atomic_init(&i.done, false);
	assert_int_equal(pthread_create(&thread, NULL, keep_interrupting, &i), 0);
	for (int n = 0; n < 3000; n++)
		if (store_runs_page(p->store, &all, RUNS_FIRST, 0, 10, p->mem, &page, &err) &&
		    strstr(err.text, "transaction"))
			fail_msg("after %d reads: %s", n, err.text);
	atomic_store(&i.done, true);
	pthread_join(thread, NULL);
	assert_int_equal(store_runs_page(p->store, &all, RUNS_FIRST, 0, 10, p->mem, &page, &err), 0);
}

int main(void)
{
#define ON_A_STORE(test) cmocka_unit_test_setup_teardown(test, store_place_empty, store_place_end)
	const struct CMUnitTest tests[] = {
	    ON_A_STORE(many_programs_write_at_once),
	    ON_A_STORE(the_log_does_not_grow_without_end),
	    ON_A_STORE(an_interrupt_leaves_nothing_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
