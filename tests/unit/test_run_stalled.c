/* run: a supervisor that is not given a processor for a while, just when its command has ended. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <unistd.h>

#include "../../src/run/local.h"

/* ---- the machine ---- */

enum { STALL_MS = 300 };

static int64_t lost_ms;
static int looks; /* at the clock until then; 0: it is not going to stall */

bool __real_proc_below(pid_t root, pid_t session);
bool __wrap_proc_below(pid_t root, pid_t session);
int64_t __real_time_mono_ms(void);
int64_t __wrap_time_mono_ms(void);

/* What is left of the run ends while its supervisor looks whether anything is, and what it printed is not read yet. */
bool __wrap_proc_below(pid_t root, pid_t session)
{
	while (__real_proc_below(root, session))
		usleep(1000);
	looks = 1;
	return false;
}

/* Then, after one look at the clock, time is lost. */
int64_t __wrap_time_mono_ms(void)
{
	int64_t now = __real_time_mono_ms() + lost_ms;

	if (looks == 1)
		lost_ms = STALL_MS;
	looks = 0;
	return now;
}

/* ---- the test ---- */

static void ok(int result, const struct error *err)
{
	if (result < 0)
		fail_msg("%s", err->text);
}

static void test_last_words(void **state)
{
	const char *const argv[] = {"sh", "-c", "(sleep 0.1; echo last words) & exit 0", NULL};
	const char *base = getenv("TMPDIR");
	char *top = xasprintf("%s/assay-stalled-XXXXXX", base ? base : "/tmp"), *path, text[100] = "";
	struct run_spec spec = {.argv = argv, .cwd = "/", .no_mlflow = true};
	struct store *store = NULL;
	struct run_started run;
	struct run_log *log;
	struct run_end end;
	uint64_t at = 0;
	struct error err;
	size_t got;

	(void)state;
	assert_non_null(mkdtemp(top));
	path = path_join(top, ".assay");
	ok(store_init(path, &err), &err);
	ok(store_open(&store, path, STORE_WRITE, &err), &err);
	ok(run_launch(store, &spec, &run, &err), &err);
	ok(run_wait(store, run.uuid, 30000, &end, &err), &err);
	assert_true(end.over);
	assert_int_equal(end.status, RUN_DONE);
	ok(run_log_open(store, run.uuid, &log, &err), &err);
	ok(run_log_read(log, &at, text, sizeof text - 1, &got, &err), &err);
	assert_string_equal(text, "last words\n");
	run_log_close(log);
	store_close(store);
	dir_remove(top, NULL);
	free(path);
	free(top);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_last_words)};

	if (argc == 4 && strcmp(argv[1], "internal-supervise") == 0)
		return run_supervise(argv[2], argv[3]);
	return cmocka_run_group_tests_name("run: stalled", tests, NULL, NULL);
}
