/* run: a program that still has a store open which was removed, and another made in its place. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "../../src/run/local.h"

static void ok(int result, const struct error *err)
{
	if (result < 0)
		fail_msg("%s", err->text);
}

static void test_displaced(void **state)
{
	const char *base = getenv("TMPDIR");
	char *top = xasprintf("%s/assay-displaced-XXXXXX", base ? base : "/tmp"), *path, *folder, *lock;
	struct store *before = NULL, *now = NULL;
	char id[ID_TEXT];
	struct error err;

	(void)state;
	assert_non_null(mkdtemp(top));
	path = path_join(top, ".assay");
	ok(store_init(path, &err), &err);
	ok(store_open(&before, path, STORE_WRITE, &err), &err);
	assert_false(store_is_displaced(before));
	ok(dir_remove(path, &err), &err);
	ok(store_init(path, &err), &err);
	ok(store_open(&now, path, STORE_WRITE, &err), &err);
	assert_true(store_is_displaced(before));
	assert_false(store_is_displaced(now));

	id_make(id);
	folder = store_live_path(now, id);
	lock = folder_file(folder, FILE_LOCK);
	ok(dir_make(folder, &err), &err);
	ok(file_write_atomic(lock, "", 0, 0644, &err), &err);
	ok(run_reap(before, NULL, &err), &err);
	assert_true(file_exists(lock)); /* the folder of a run of the other */
	ok(run_reap(now, NULL, &err), &err);
	assert_false(file_exists(folder));

	store_close(before);
	store_close(now);
	dir_remove(top, NULL);
	free(lock);
	free(folder);
	free(path);
	free(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_displaced)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
