/*
 * The ledger under kills and failing disks.
 *
 * Every write, sync, cut and link of an append fails once, and then for ever: there is an error and no row,
 * or the row is there in spite of the error (the disk failed behind the moment of the commit) and the same
 * request finds it. Then writers are killed at random moments, TRIALS times: every row that was acknowledged
 * is there, none is there twice, the chain holds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "../lib/ledger_fixture.h"
#include "failing_disk.h"

static int close_all(void **state)
{
	disk.armed = false;
	return fixture_close(state);
}

static void check_integrity(const struct fixture *f)
{
	char *file = path_join(f->path, "ledger.db");
	sqlite3_stmt *stmt;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(stmt, 0), "ok");
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	free(file);
}

static void check_chain(struct fixture *f, int64_t rows)
{
	struct ledger_verify_options options = {.objects = false};
	struct ledger_report r;
	struct error err;

	assert_int_equal(ledger_verify(f->ledger, &f->by_digest, &options, &r, &err), 0);
	for (size_t i = 0; i < r.problem_count; i++)
		fail_msg("row %lld: %s: %s", (long long)r.problems[i].seq, r.problems[i].what, r.problems[i].where);
	assert_int_equal(r.rows, rows);
	ledger_report_release(&r);
}

static int64_t head(struct fixture *f)
{
	char link[SHA256_TEXT];
	int64_t seq;

	assert_int_equal(ledger_head(f->ledger, &seq, link, NULL), 0);
	return seq;
}

/* A record that is about nothing, so that it never disturbs. */
static void a_body(struct fixture *f, struct str *body)
{
	struct ledger_text t = fixture_record(f, LEDGER_RUN_SEALS);
	struct error err;

	t.model = t.stage = NULL;
	t.version = 0;
	t.subject[0] = '\0';
	if (ledger_text_write(&t, body, &err))
		abort();
}

/* ---- failing disks ---- */

/* False when the fault was not reached. */
static bool trial(struct fixture *f, int64_t at, bool sticky, int error, int *behind)
{
	int64_t before = head(f), seq = 0, again = 0, after;
	struct error err = {.text = ""};
	struct str body;
	bool known, reached;
	int result;

	str_init(&body);
	a_body(f, &body);
	disk.at = at;
	disk.sticky = sticky;
	disk.error = error;
	disk.calls = 0;
	disk.armed = true;
	result = ledger_append(f->ledger, body.data, body.len, "", 0, &seq, &known, &err);
	disk.armed = false;
	reached = disk.calls >= at;
	after = head(f);
	if (result) {
		assert_true(reached);
		assert_int_equal(err.code, ERR_STORE);
		assert_true(err.text[0] && (after == before || after == before + 1));
		*behind += after == before + 1;
		/* The same handle, once the disk works: the same request, once. */
		if (ledger_append(f->ledger, body.data, body.len, "", 0, &again, &known, &err))
			fail_msg("call %lld: does not recover: %s", (long long)at, err.text);
		assert_int_equal(known, after == before + 1);
		assert_int_equal(again, before + 1);
	} else {
		assert_int_equal(seq, before + 1);
	}
	assert_int_equal(head(f), before + 1);
	str_release(&body);
	return reached;
}

static void every_call_of_an_append_may_fail(void **state)
{
	static const int errors[] = {ENOSPC, EIO};
	struct fixture *f = *state;
	int64_t faults = 0;
	int behind = 0;

	for (size_t e = 0; e < COUNT_OF(errors); e++) {
		for (int sticky = 0; sticky < 2; sticky++) {
			int64_t at = 1;

			while (trial(f, at, sticky, errors[e], &behind))
				at++;
			assert_true(at > 5);
			faults += at - 1;
		}
	}
	check_integrity(f);
	check_chain(f, head(f));
	print_message("%lld faults; in %d of them the row stood in spite of the error\n", (long long)faults,
	              behind);
}

static void a_ledger_is_made_whole_or_not_at_all(void **state)
{
	struct fixture *f = *state;

	for (int sticky = 0; sticky < 2; sticky++) {
		for (int64_t at = 1;; at++) {
			char *place = path_join(f->folder, "fresh"), *file = path_join(place, "ledger.db");
			struct ledger *l;
			struct error err;
			int result;

			assert_int_equal(syscall(SYS_mkdirat, AT_FDCWD, place, 0777), 0);
			disk.at = at;
			disk.sticky = sticky;
			disk.error = ENOSPC;
			disk.calls = 0;
			disk.armed = true;
			result = ledger_create(place, FIXTURE_STORE, f->roster_digest, f->policy_digest, &err);
			disk.armed = false;
			if (file_exists(file)) {
				assert_int_equal(ledger_open(&l, place, true, &err), 0);
				ledger_close(l);
			} else {
				assert_int_equal(result, -1);
				assert_int_equal(err.code, ERR_STORE);
				if (rmdir(place))
					fail_msg("call %lld left something behind", (long long)at);
			}
			dir_remove(place, NULL);
			free(place);
			free(file);
			if (disk.calls < at) {
				assert_int_equal(result, 0);
				break;
			}
		}
	}
}

static void a_pin_is_the_old_or_the_new_one(void **state)
{
	struct ledger_pin old = {.there = true, .seq = 7}, next = {.there = true, .seq = 8}, now;
	struct error err;

	(void)state;
	memset(old.head, 'a', SHA256_TEXT - 1);
	memset(next.head, 'b', SHA256_TEXT - 1);
	for (int64_t at = 1;; at++) {
		int result;

		assert_int_equal(ledger_pin_write(FIXTURE_STORE, &old, &err), 0);
		disk.at = at;
		disk.sticky = at % 2;
		disk.error = EIO;
		disk.calls = 0;
		disk.armed = true;
		result = ledger_pin_write(FIXTURE_STORE, &next, &err);
		disk.armed = false;
		assert_int_equal(ledger_pin_read(FIXTURE_STORE, &now, &err), 0);
		assert_true(now.seq == 8 || (result && now.seq == 7 && !strcmp(now.head, old.head)));
		if (disk.calls < at)
			break;
	}
}

/* ---- kills ---- */

/* Appends rows until it is killed; each is acknowledged on the pipe by its request and row. */
static void append_for_ever(struct fixture *f, int to)
{
	struct error err;

	/* A handle does not cross a fork. */
	if (ledger_open(&f->ledger, f->path, true, &err))
		_exit(1);
	for (;;) {
		struct str body;
		int64_t seq;
		bool known;

		str_init(&body);
		a_body(f, &body);
		if (ledger_append(f->ledger, body.data, body.len, "", 0, &seq, &known, &err))
			_exit(1);
		/* Less than a pipe's worth at once: whole or not at all. */
		const char *request = body.data + body.len - 5 - (ID_TEXT - 1);
		char line[64];
		int len = snprintf(line, sizeof(line), "%.32s %lld\n", request, (long long)seq);

		fd_write_all(to, line, (size_t)len);
		str_release(&body);
	}
}

static void read_acknowledged(int from, struct intern *requests, int64_t **rows, size_t *cap)
{
	char buffer[4096];
	struct str all;
	ssize_t n;

	str_init(&all);
	while ((n = read(from, buffer, sizeof(buffer))) > 0)
		str_add(&all, buffer, (size_t)n);
	for (const char *p = all.data; *p;) {
		const char *stop = strchr(p, '\n');
		uint32_t id;

		if (!stop)
			break;
		id = intern_add(requests, p, ID_TEXT - 1);
		*rows = vec_reserve(*rows, cap, requests->count, sizeof(**rows));
		assert_true(int_parse(p + ID_TEXT, (size_t)(stop - p) - ID_TEXT, &(*rows)[id]));
		p = stop + 1;
	}
	str_release(&all);
}

static void killed_writers_lose_nothing(void **state)
{
	enum { WRITERS = 2, MOST_US = 30000 };
	struct fixture *f = *state;
	const char *asked = getenv("TRIALS");
	int64_t trials = 40, row_count = 0;
	struct intern requests, present;
	int64_t *rows = NULL;
	size_t cap = 0, count;
	struct ledger_row *all;
	struct error err;
	unsigned draw = 20261123;

	if (asked)
		int_parse(asked, strlen(asked), &trials);
	intern_init(&requests);
	intern_init(&present);
	ledger_close(f->ledger);
	f->ledger = NULL;
	for (int64_t t = 0; t < trials; t++) {
		struct timespec pause;
		pid_t pids[WRITERS];
		int ends[2];

		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		for (int w = 0; w < WRITERS; w++) {
			pids[w] = fork();
			assert_true(pids[w] >= 0);
			if (!pids[w])
				append_for_ever(f, ends[1]);
		}
		close(ends[1]);
		/* Every other time not before something was acknowledged, however slow the machine is. */
		if (t % 2) {
			struct pollfd first = {ends[0], POLLIN, 0};

			assert_int_equal(poll(&first, 1, 60000), 1);
		}
		draw = draw * 1103515245u + 12345u;
		pause = (struct timespec){0, (long)(draw / 16 % MOST_US) * 1000};
		ppoll(NULL, 0, &pause, NULL);
		for (int w = 0; w < WRITERS; w++)
			kill(pids[w], SIGKILL);
		for (int w = 0; w < WRITERS; w++) {
			int status;

			assert_int_equal(waitpid(pids[w], &status, 0), pids[w]);
			assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		}
		read_acknowledged(ends[0], &requests, &rows, &cap);
		close(ends[0]);
	}
	/* Opening it rolls back what was left half done. */
	assert_int_equal(ledger_open(&f->ledger, f->path, false, &err), 0);
	assert_int_equal(ledger_rows(f->ledger, 1, 0, f->mem, &all, &count, &err), 0);
	for (size_t i = 1; i < count; i++) {
		size_t known = present.count;
		const char *request = all[i].body + all[i].body_len - 5 - (ID_TEXT - 1);
		uint32_t id;

		intern_add(&present, request, ID_TEXT - 1);
		assert_int_equal(present.count, known + 1);
		id = intern_find(&requests, request, ID_TEXT - 1);
		if (id != INTERN_NONE) {
			assert_int_equal(rows[id], all[i].seq);
			row_count++;
		}
	}
	assert_int_equal(row_count, requests.count);
	assert_true(row_count >= trials / 2);
	check_chain(f, (int64_t)count);
	check_integrity(f);
	print_message("%lld kills: %lld rows acknowledged and there, %zu there in all\n", (long long)trials,
	              (long long)row_count, count - 1);
	intern_release(&requests);
	intern_release(&present);
	free(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(every_call_of_an_append_may_fail, fixture_open, close_all),
	    cmocka_unit_test_setup_teardown(a_ledger_is_made_whole_or_not_at_all, fixture_open, close_all),
	    cmocka_unit_test_setup_teardown(a_pin_is_the_old_or_the_new_one, fixture_open, close_all),
	    cmocka_unit_test_setup_teardown(killed_writers_lose_nothing, fixture_open, close_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
