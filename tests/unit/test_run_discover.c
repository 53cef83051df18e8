/* Files that were written while a run ran: which are told, as what, and where nobody may look. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../src/run/files.h"
#include "../lib/store_fixture.h"

enum { BEGAN = 1795435200 }; /* seconds, UTC */
#define ENDED ((BEGAN + 100) * INT64_C(1000))

struct place {
	char *folder, *cwd;
	struct store *store;
	struct arena *mem;
	struct run_row run;
	struct error err;
};

static void must(struct place *p, int result)
{
	if (result < 0)
		fail_msg("%s", p->err.text);
}

static void new_run(struct place *p, const char *cwd, struct run_row *out)
{
	struct run_new new = {.kind = "command", .command = "[]", .cwd = cwd, .host = "here"};
	const struct run_process somebody = {.pid = 1, .start_ticks = 1, .boot_id = "another"};
	char uuid[ID_TEXT];
	int64_t id;

	must(p, store_run_create(p->store, &new, &id, uuid, &p->err));
	must(p, store_run_start(p->store, id, &somebody, BEGAN * INT64_C(1000), &p->err));
	must(p, store_run_get(p->store, id, p->mem, out, &p->err));
}

static int set_up(void **state)
{
	struct place *p = xcalloc(1, sizeof *p);

	if (store_fixture_open("assay-discover-XXXXXX", &p->folder, &p->store) < 0)
		return -1;
	p->mem = arena_new();
	p->cwd = path_join(p->folder, "work");
	assert_int_equal(mkdir(p->cwd, 0755), 0);
	new_run(p, p->cwd, &p->run);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	store_close(p->store);
	arena_free(p->mem);
	dir_remove(p->folder, NULL);
	free(p->folder);
	free(p->cwd);
	free(p);
	return 0;
}

/* A file below the working folder, written so many seconds after the run began. */
static void write_file(struct place *p, const char *name, const char *text, int64_t after)
{
	char *path = path_join(p->cwd, name), *slash = strrchr(path, '/');
	struct timespec times[2] = {{.tv_sec = BEGAN + after}, {.tv_sec = BEGAN + after}};

	*slash = 0;
	mkdir(path, 0755);
	*slash = '/';
	must(p, file_write_atomic(path, text, strlen(text), 0644, &p->err));
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	free(path);
}

/* "name kind bytes digest…|" of each, by name. */
static void is_told(struct place *p, const struct run_row *run, const char *wanted)
{
	struct run_artifact *list;
	struct str all;
	size_t count;

	must(p, store_artifacts(p->store, run->id, p->mem, &list, &count, &p->err));
	str_init(&all);
	for (size_t i = 0; i < count; i++)
		str_addf(&all, "%s %s %llu %.6s|", list[i].name, list[i].kind, (unsigned long long)list[i].bytes,
		         list[i].digest);
	assert_string_equal(all.len ? all.data : "", wanted);
	str_release(&all);
}

static void what_was_written(void **state)
{
	struct place *p = *state;

	write_file(p, "before.bin", "x", -1);
	write_file(p, "after.bin", "x", 101);
	write_file(p, "model.bin", "abc", 50);
	write_file(p, "out/scores.csv", "", 0);
	write_file(p, "events.out.tfevents.1795435200.here", "x", 50);
	write_file(p, ".hidden/x", "x", 50);
	artifacts_discover(p->store, &p->run, ENDED);
	/* SHA-256 of "abc" and of nothing. */
	is_told(p, &p->run, "model.bin found 3 ba7816|out/scores.csv found 0 e3b0c4|");
	/* Once more, nothing is doubled. */
	artifacts_discover(p->store, &p->run, ENDED);
	is_told(p, &p->run, "model.bin found 3 ba7816|out/scores.csv found 0 e3b0c4|");
}

static void what_is_known(void **state)
{
	struct place *p = *state;
	char *absolute = path_join(p->cwd, "c.bin");
	struct run_artifact told[] = {{.name = "a.bin", .kind = "model"},
	                              {.name = "././b.bin", .kind = "file"},
	                              {.name = absolute, .kind = "file"}};

	for (size_t i = 0; i < COUNT_OF(told); i++)
		must(p, store_artifact_add(p->store, p->run.id, &told[i], &p->err));
	write_file(p, "a.bin", "abc", 50);
	write_file(p, "b.bin", "abc", 50);
	write_file(p, "c.bin", "abc", 50);
	artifacts_discover(p->store, &p->run, ENDED);
	for (size_t i = 0; i < COUNT_OF(told); i++) {
		struct run_artifact *list;
		size_t count;

		must(p, store_artifacts(p->store, p->run.id, p->mem, &list, &count, &p->err));
		assert_int_equal(count, 3);
		assert_string_not_equal(list[i].kind, ARTIFACT_FOUND);
	}
	free(absolute);
}

/* Whose they are cannot be told where another run was at work, or in folders that everybody uses. */
static void where_others_are(void **state)
{
	struct place *p = *state;
	struct run_row beside, relative = p->run, early = p->run;
	char *inner = path_join(p->cwd, "inner"), *home = getenv("HOME") ? xstrdup(getenv("HOME")) : NULL;

	write_file(p, "model.bin", "abc", 50);
	setenv("HOME", p->cwd, 1);
	artifacts_discover(p->store, &p->run, ENDED);
	is_told(p, &p->run, "");
	unsetenv("HOME");
	if (home)
		setenv("HOME", home, 1);
	relative.cwd = "work";
	artifacts_discover(p->store, &relative, ENDED);
	early.started = 0;
	artifacts_discover(p->store, &early, ENDED);
	is_told(p, &p->run, "");
	new_run(p, inner, &beside);
	artifacts_discover(p->store, &p->run, ENDED);
	is_told(p, &p->run, "");
	/* It was over before. */
	must(p,
	     store_run_end(p->store, beside.id,
	                   &(struct run_ending){.status = RUN_DONE, .at = BEGAN * INT64_C(1000) + 1}, &p->err));
	p->run.started += 1000;
	artifacts_discover(p->store, &p->run, ENDED);
	is_told(p, &p->run, "model.bin found 3 ba7816|");
	free(home);
	free(inner);
}

static void not_more_than_two_hundred(void **state)
{
	struct place *p = *state;
	struct run_artifact *list;
	char name[40];
	size_t count;

	for (int i = 0; i < 210; i++) {
		snprintf(name, sizeof name, "deep/%03d", i);
		write_file(p, name, "x", 50);
	}
	write_file(p, "near", "x", 50);
	artifacts_discover(p->store, &p->run, ENDED);
	must(p, store_artifacts(p->store, p->run.id, p->mem, &list, &count, &p->err));
	assert_int_equal(count, 200);
	/* The nearest ones first. */
	assert_string_equal(list[count - 1].name, "near");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(what_was_written), TEST(what_is_known), TEST(where_others_are),
	                                   TEST(not_more_than_two_hundred)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
