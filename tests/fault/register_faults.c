/*
 * Every write, sync, cut and rename of registering a version fails once, and then for ever: whatever happens,
 * no number is given to two versions, no version is lost, and the same thing done again succeeds, with one
 * version a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "assay/work.h"
#include "failing_disk.h"
#include "../lib/registry_fixture.h"

static struct run_artifact model; /* of the one run that was really trained: all have it */

static void must(int status, const struct error *err)
{
	if (status != 0)
		fail_msg("%s", err->text);
}

static void add_run(struct registry_fixture *f, const char *name)
{
	struct error err;
	struct run_new new = {.name = name, .kind = "train", .user = "ada", .host = "gpu1"};
	struct run_ending ending = {.status = RUN_DONE, .reason = "", .at = time_now_ms()};
	char uuid[ID_TEXT];
	int64_t run;
	must(store_run_create(f->store, &new, &run, uuid, &err), &err);
	/* Each has a manifest of its own, so that objects are written too. */
	struct run_artifact note = {.name = name, .kind = "model-file"};
	must(store_object_put(f->store, name, strlen(name), note.digest, &err), &err);
	note.bytes = strlen(name);
	must(store_artifact_add(f->store, run, &model, &err), &err);
	must(store_artifact_add(f->store, run, &note, &err), &err);
	must(store_run_end(f->store, run, &ending, &err), &err);
}

static int64_t versions_of(struct registry_fixture *f, const char *run)
{
	const struct ledger_state *s = work_trust_state(f->trust);
	struct arena *mem = arena_new();
	struct run_row row;
	struct error err;
	int64_t id, n = 0;
	must(store_run_find(f->store, run, &id, &err), &err);
	must(store_run_get(f->store, id, mem, &row, &err), &err);
	for (size_t i = 0; i < s->version_count; i++) {
		n += strcmp(s->versions[i].run, row.uuid) == 0;
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(s->versions[i].version, s->versions[k].version);
	}
	/* A row that the ledger makes void would be a number that was given twice. */
	assert_int_equal(s->ignored_count, 0);
	arena_free(mem);
	return n;
}

/* The store's own rows say what the ledger says. */
static void check_cache(struct registry_fixture *f)
{
	const struct ledger_state *s = work_trust_state(f->trust);
	struct arena *mem = arena_new();
	struct store_model_version *rows;
	struct error err;
	size_t count;
	must(store_model_versions(f->store, mem, &rows, &count, &err), &err);
	assert_int_equal(count, s->version_count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(rows[i].subject, ledger_version_find(s, rows[i].model, rows[i].version)->subject);
	arena_free(mem);
}

/* False when the fault was not reached. */
static bool trial(struct registry_fixture *f, int64_t at, bool sticky, int error)
{
	static int serial;
	struct arena *mem = arena_new();
	struct work_version v;
	struct error err = {.text = ""};
	bool known;
	char name[32];
	snprintf(name, sizeof name, "run-%d", ++serial);
	const struct work_register asked = {.run = name, .name = "credit", .description = name};
	add_run(f, name);
	disk.at = at;
	disk.sticky = sticky;
	disk.error = error;
	disk.calls = 0;
	disk.armed = true;
	int status = work_register(f->trust, &asked, &v, &known, mem, &err);
	disk.armed = false;
	bool reached = disk.calls >= at;
	if (status != 0) {
		if (!reached)
			fail_msg("failed without a fault: %s", err.text);
		if (!err.text[0])
			fail_msg("call %lld: failed without saying why", (long long)at);
		/* What another process sees; it goes on from there. */
		registry_fixture_reopen(f);
		assert_true(versions_of(f, name) <= 1);
		must(work_register(f->trust, &asked, &v, &known, mem, &err), &err);
	}
	assert_int_equal(versions_of(f, name), 1);
	assert_string_equal(v.description, name);
	check_cache(f);
	arena_free(mem);
	return reached;
}

static void no_fault_gives_a_number_twice(void **state)
{
	static const int errors[] = {EIO, ENOSPC};
	const char *longer = getenv("LONG");
	struct registry_fixture *f = *state;
	struct run_artifact *all;
	struct arena *mem = arena_new();
	struct error err;
	size_t count, kinds = longer && *longer == '1' ? COUNT_OF(errors) : 1;
	int64_t first = registry_fixture_run(f, "first", "set-test", NULL), faults = 0;
	must(store_artifacts(f->store, first, mem, &all, &count, &err), &err);
	for (size_t i = 0; i < count; i++)
		if (strcmp(all[i].kind, "model") == 0)
			model = all[i];
	for (size_t e = 0; e < kinds; e++)
		for (int sticky = 0; sticky < 2; sticky++) {
			int64_t at = 1;
			while (trial(f, at, sticky, errors[e]))
				at++;
			assert_true(at > 10);
			faults += at - 1;
		}
	print_message("registering: %lld faults\n", (long long)faults);
	arena_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(no_fault_gives_a_number_twice, registry_fixture_setup,
	                                    registry_fixture_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
