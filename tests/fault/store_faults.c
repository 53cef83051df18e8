/*
 * Every write, sync, cut and rename of every writing call of the store fails once, and then for ever, with a
 * full disk and with an I/O error: there is an error, the store is as it was, and the same handle does the
 * same thing well as soon as the disk does. Without LONG an action has one error once and the other for ever.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "assay/store.h"

#include "failing_disk.h"
#include "store_actions.h"

static void expect_integrity(const char *path)
{
	struct error err;

	if (store_state_integrity(path, &err))
		fail_msg("%s", err.text);
}

static void expect_objects(const char *path)
{
	struct error err;

	if (store_state_objects(path, true, &err))
		fail_msg("%s", err.text);
}

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
	store_state_digest(b->path, after);
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
		store_state_digest(b->path, after);
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
	const bool every = getenv("LONG");

	store_state_digest(b->path, b->digest);
	for (size_t i = 0; i < COUNT_OF(actions); i++) {
		int64_t faults = 0;

		for (size_t e = 0; e < COUNT_OF(errors); e++) {
			for (int sticky = 0; sticky < 2; sticky++) {
				int64_t at = 1;

				if (!every && sticky != (int)(e + i) % 2)
					continue;
				while (trial(b, &actions[i], at, sticky, errors[e]))
					at++;
				if (at == 1)
					fail_msg("%s: no call at all", actions[i].name);
				faults += at - 1;
				expect_objects(b->path);
			}
		}
		expect_integrity(b->path);
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
		store_state_digest(b->path, before);
		disk.armed = true;
		store_close(b->store);
		disk.armed = false;
		checkpoints += disk.calls > 0;
		assert_int_equal(store_open(&b->store, b->path, STORE_WRITE, &err), 0);
		store_state_digest(b->path, after);
		assert_string_equal(before, after);
	}
	print_message("%d calls of closing failed\n", checkpoints);
	assert_true(checkpoints >= 5);
	expect_integrity(b->path);
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
				store_state_digest(path, hex);
				expect_integrity(path);
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
