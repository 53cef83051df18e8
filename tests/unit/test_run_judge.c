/* Runs that only clients of a tracking server write are flagged by the rules of every other run. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/store_fixture.h"
#include "assay/run.h"

/* What passes by the clock is said by the tests: how long they take themselves counts for nothing. */
static int64_t mono_ms = 1000000;

int64_t __wrap_time_mono_ms(void);

int64_t __wrap_time_mono_ms(void)
{
	return mono_ms;
}

struct place {
	char *folder;
	struct store *store;
	struct arena *mem;
	struct run_judge *judge;
	int64_t run;
	struct error err;
};

static void must(struct place *p, int result)
{
	if (result < 0)
		fail_msg("%s", p->err.text);
}

static int set_up(void **state)
{
	static const char settings[] = "[watch]\nstalled = 3\nstalled_seconds = 0.6\n";
	struct place *p = xcalloc(1, sizeof *p);
	struct run_new new = {.name = "client", .kind = "command", .command = "[]", .source = "mlflow"};
	const struct run_process nobody = {0};
	char uuid[ID_TEXT], *path;

	if (store_fixture_open("assay-judge-XXXXXX", &p->folder, &p->store) < 0)
		return -1;
	path = path_join(store_path(p->store), "config.ini");
	must(p, file_write_atomic(path, settings, sizeof settings - 1, 0644, &p->err));
	free(path);
	p->judge = run_judge_new(store_path(p->store), &p->err);
	assert_non_null(p->judge);
	p->mem = arena_new();
	must(p, store_run_create(p->store, &new, &p->run, uuid, &p->err));
	must(p, store_run_start(p->store, p->run, &nobody, time_now_ms(), &p->err));
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	run_judge_free(p->judge);
	store_close(p->store);
	arena_free(p->mem);
	dir_remove(p->folder, NULL);
	free(p->folder);
	free(p);
	return 0;
}

static void report(struct place *p, const char *name, int64_t step, double value)
{
	const struct point point = {step, time_now_ms(), value};

	must(p, store_series_append(p->store, p->run, SERIES_METRIC, name, "", &point, 1, &p->err));
}

static const char *flag(struct place *p)
{
	struct run_row r;

	must(p, store_run_get(p->store, p->run, p->mem, &r, &p->err));
	return r.flag;
}

static void look(struct place *p, int64_t heard)
{
	run_judge_look(p->judge, p->store, p->run, heard, false);
}

static void loss_is_nan(void **state)
{
	struct place *p = *state;

	report(p, "loss", 1, 0.5);
	look(p, time_mono_ms());
	assert_string_equal(flag(p), "");
	for (int step = 2; step < 5; step++)
		report(p, "loss", step, (double)NAN);
	/* Points are counted once a second. */
	mono_ms += 1050;
	look(p, time_mono_ms());
	assert_string_equal(flag(p), "loss is nan at step 2");
	run_judge_look(p->judge, p->store, p->run, time_mono_ms(), true);
	assert_string_equal(flag(p), "loss is nan at step 2");
}

/* A single one at the very end, and a judge that never looked before. */
static void at_its_end(void **state)
{
	struct place *p = *state;

	report(p, "loss", 1, 0.5);
	report(p, "loss", 2, (double)INFINITY);
	run_judge_look(p->judge, p->store, p->run, time_mono_ms(), true);
	assert_string_equal(flag(p), "loss is inf at step 2");
}

static void stalled(void **state)
{
	struct place *p = *state;
	int64_t heard = 0, start = time_mono_ms();

	/* Every 0.1 s for 0.8 s, then not. */
	while (time_mono_ms() - start < 800) {
		heard = time_mono_ms();
		look(p, heard);
		assert_string_equal(flag(p), "");
		mono_ms += 100;
	}
	mono_ms += 500;
	look(p, heard);
	assert_int_equal(strncmp(flag(p), "stalled: nothing for ", 21), 0);
	/* It is heard of again. */
	look(p, time_mono_ms());
	assert_string_equal(flag(p), "");
	/* Silence says nothing of a run that is over. It was silent for as long before, so it takes twice that. */
	mono_ms += 1500;
	look(p, heard);
	assert_int_equal(strncmp(flag(p), "stalled", 7), 0);
	run_judge_look(p->judge, p->store, p->run, heard, true);
	assert_string_equal(flag(p), "");
}

/* What an earlier server said comes down when it does not hold. */
static void what_was_left(void **state)
{
	struct place *p = *state;

	must(p, store_run_flag(p->store, p->run, "stalled: nothing for 4m (usually every 2s)", 1, &p->err));
	look(p, time_mono_ms());
	assert_string_equal(flag(p), "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(loss_is_nan), TEST(at_its_end), TEST(stalled),
	                                   TEST(what_was_left)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
