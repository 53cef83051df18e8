/* store: files that no row names go, once they are old; what rows name is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "assay/store_remove.h"

#include "../lib/store_place.h"

static void make_old(const char *path)
{
	const struct timespec then[2] = {{.tv_sec = time(NULL) - 7200}, {.tv_sec = time(NULL) - 7200}};

	assert_int_equal(utimensat(AT_FDCWD, path, then, 0), 0);
}

static void put(struct store_place *p, const char *text, char digest[SHA256_TEXT], bool old)
{
	char *path;

	must(p, store_object_put(p->store, text, strlen(text), digest, &p->err));
	path = store_object_path(p->store, digest);
	if (old)
		make_old(path);
	free(path);
}

static bool has(const struct store_place *p, const char *digest)
{
	char *path = store_object_path(p->store, digest);
	bool yes = file_exists(path);

	free(path);
	return yes;
}

static void what_nothing_names_is_swept(void **state)
{
	struct store_place *p = *state;
	char used[SHA256_TEXT], unused[SHA256_TEXT], young[SHA256_TEXT], again[SHA256_TEXT], id[ID_TEXT];
	struct store_swept swept;
	struct intern keep;
	char *copy = path_join(store_path(p->store), "objects/new-abcdef"), *folder;

	put(p, "used", used, true);
	put(p, "unused", unused, true);
	put(p, "young", young, false);
	/* Asked for again, it is as good as new. */
	put(p, "again", again, true);
	put(p, "again", again, false);
	must(p, file_write_atomic(copy, "half", 4, 0644, &p->err));
	make_old(copy);
	id_make(id);
	folder = store_live_path(p->store, id);
	must(p, dir_make(folder, &p->err));
	make_old(folder);
	intern_init(&keep);
	intern_add(&keep, used, SHA256_TEXT - 1);
	for (int dry = 1; dry >= 0; dry--) {
		must(p, store_sweep(p->store, &keep, dry, &swept, &p->err));
		assert_int_equal(swept.objects, 1);
		assert_int_equal(swept.bytes, 6);
		assert_int_equal(swept.young, 2);
		assert_int_equal(swept.copies, 1);
		assert_int_equal(swept.folders, 1);
		assert_int_equal(has(p, unused), dry);
	}
	assert_true(has(p, used) && has(p, young) && has(p, again));
	assert_false(file_exists(copy));
	assert_false(file_exists(folder));
	must(p, store_sweep(p->store, &keep, false, &swept, &p->err));
	assert_int_equal(swept.objects + swept.copies + swept.folders, 0);
	intern_release(&keep);
	free(copy);
	free(folder);
}

static int64_t new_run(struct store_place *p, const char *name)
{
	const struct run_new new = {.name = name};
	char uuid[ID_TEXT];
	int64_t id;

	must(p, store_run_create(p->store, &new, &id, uuid, &p->err));
	return id;
}

static void what_rows_name_is_told(void **state)
{
	struct store_place *p = *state;
	int64_t ids[2] = {new_run(p, "a"), new_run(p, "b")};
	struct run_artifact artifact = {.name = "model", .kind = "model"};
	struct intern theirs, named;
	char one[SHA256_TEXT], both[SHA256_TEXT];

	put(p, "one", one, true);
	put(p, "both", both, true);
	memcpy(artifact.digest, both, SHA256_TEXT);
	must(p, store_artifact_add(p->store, ids[0], &artifact, &p->err));
	must(p, store_artifact_add(p->store, ids[1], &artifact, &p->err));
	artifact.name = "other";
	memcpy(artifact.digest, one, SHA256_TEXT);
	must(p, store_artifact_add(p->store, ids[0], &artifact, &p->err));
	intern_init(&theirs);
	intern_init(&named);
	must(p, store_objects_of(p->store, ids, 1, &theirs, &p->err));
	assert_int_equal(theirs.count, 2);
	must(p, store_objects_named(p->store, ids, 1, &theirs, &named, &p->err));
	assert_int_equal(named.count, 1);
	assert_int_not_equal(intern_find(&named, both, SHA256_TEXT - 1), INTERN_NONE);
	must(p, store_objects_named(p->store, NULL, 0, NULL, &named, &p->err));
	assert_int_equal(named.count, 2);
	intern_release(&theirs);
	intern_release(&named);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(what_nothing_names_is_swept, store_place_empty, store_place_end),
	    cmocka_unit_test_setup_teardown(what_rows_name_is_told, store_place_empty, store_place_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
