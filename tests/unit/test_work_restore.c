/* What comes to be in the place of a store while a backup is unpacked beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/registry_fixture.h"
#include "assay/work_care.h"

struct meanwhile {
	const char *place;
	bool watched; /* by whoever watches over a run */
	int lock;     /* -1 until it has happened */
};

static int comes_to_be(void *user, const char *what, uint64_t done, uint64_t total)
{
	struct meanwhile *m = user;
	char *run = xasprintf("%s/live/%032d", m->place, 7), *lock = path_join(run, "lock");
	struct error err;

	(void)what, (void)done, (void)total;
	if (m->lock < 0) {
		assert_int_equal(dir_make(run, &err), 0);
		m->lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		assert_true(m->lock >= 0);
		if (m->watched)
			assert_int_equal(flock(m->lock, LOCK_EX), 0);
	}
	free(run);
	free(lock);
	return 0;
}

static void it_is_looked_at_again(void **state)
{
	struct registry_fixture *f = *state;
	char *file = path_join(f->folder, "b.tar"), *place = path_join(f->folder, "new/.assay"),
	     *parent = path_join(f->folder, "new");
	struct arena *mem = arena_new();
	struct work_backup made;
	struct error err;

	if (work_backup(f->store, file, false, NULL, NULL, mem, &made, &err) != 0)
		fail_msg("%s", err.text);
	for (int force = 0; force < 2; force++) {
		struct meanwhile m = {.place = place, .watched = force, .lock = -1};
		struct work_restored done;

		assert_int_equal(work_restore(file, place, force, comes_to_be, &m, mem, &done, &err), -1);
		assert_true(m.lock >= 0);
		assert_int_equal(err.code, ERR_NO);
		assert_non_null(strstr(err.text, force ? "go on: stop them first" : "there is something at"));
		/* It is where it was, and nothing else is there. */
		char *one = xasprintf("%s/live/%032d/lock", place, 7);
		assert_true(file_exists(one));
		free(one);
		close(m.lock);
		assert_int_equal(dir_remove(place, &err), 0);
		assert_int_equal(rmdir(parent), 0);
	}
	arena_free(mem);
	free(file);
	free(place);
	free(parent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(it_is_looked_at_again, registry_fixture_setup,
	                                    registry_fixture_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
