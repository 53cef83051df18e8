/* run: what comes between two steps: time that a supervisor is not given just when its command has ended; a signal to
 * who starts a run. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>
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

/* ---- a signal while the run begins ---- */

static bool interrupts;

pid_t __real_waitpid(pid_t pid, int *status, int options);
pid_t __wrap_waitpid(pid_t pid, int *status, int options);

/* Ctrl-C when the supervisor has been started and nobody follows the run yet. */
pid_t __wrap_waitpid(pid_t pid, int *status, int options)
{
	if (interrupts && !options)
		kill(getpid(), SIGINT);
	interrupts = interrupts && options;
	return __real_waitpid(pid, status, options);
}

/* ---- the tests ---- */

static void ok(int result, const struct error *err)
{
	if (result < 0)
		fail_msg("%s", err->text);
}

static int set_up(void **state)
{
	const char *base = getenv("TMPDIR");
	char *top = xasprintf("%s/assay-stalled-XXXXXX", base ? base : "/tmp");

	*state = mkdtemp(top);
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	dir_remove(*state, NULL);
	free(*state);
	return 0;
}

static struct store *open_store(const char *top)
{
	char *path = path_join(top, ".assay");
	struct store *store;
	struct error err;

	if (!file_exists(path))
		ok(store_init(path, &err), &err);
	ok(store_open(&store, path, STORE_WRITE, &err), &err);
	free(path);
	return store;
}

static void test_last_words(void **state)
{
	const char *const argv[] = {"sh", "-c", "(sleep 0.1; echo last words) & exit 0", NULL};
	struct run_spec spec = {.argv = argv, .cwd = "/", .no_mlflow = true};
	struct store *store = open_store(*state);
	struct run_started run;
	char text[100] = "";
	struct run_log *log;
	struct run_end end;
	uint64_t at = 0;
	struct error err;
	size_t got;

	ok(run_launch(store, &spec, &run, &err), &err);
	ok(run_wait(store, run.uuid, 30000, &end, &err), &err);
	assert_true(end.over);
	assert_int_equal(end.status, RUN_DONE);
	ok(run_log_open(store, run.uuid, &log, &err), &err);
	ok(run_log_read(log, &at, text, sizeof text - 1, &got, &err), &err);
	assert_string_equal(text, "last words\n");
	run_log_close(log);
	store_close(store);
}

/* Starts a run and follows it, as `assay run` does: the wait status of that. */
static int interrupted_start(const char *top)
{
	const char *const argv[] = {"sleep", "60", NULL};
	struct run_spec spec = {.argv = argv, .cwd = "/", .no_mlflow = true, .followed = true};
	pid_t pid = fork();
	struct store *store;
	struct run_started run;
	struct run_end end;
	struct error err;
	int status;

	if (pid == 0) {
		store = open_store(top);
		interrupts = true;
		if (run_launch(store, &spec, &run, &err) < 0 ||
		    run_follow(store, run.uuid, STDERR_FILENO, RUN_FOLLOW_OWNER, &end, &err) < 0)
			_exit(100);
		store_close(store);
		_exit(end.over && strcmp(end.reason, "interrupted (SIGINT)") == 0 ? 42 : 101);
	}
	assert_int_equal(__real_waitpid(pid, &status, 0), pid);
	return status;
}

static void test_interrupted_start(void **state)
{
	struct arena *mem = arena_new();
	struct store *store = open_store(*state);
	struct error err;
	int64_t *open;
	size_t count;

	store_close(store);
	assert_int_equal(interrupted_start(*state), 42 << 8);
	store = open_store(*state);
	ok(store_runs_open(store, mem, &open, &count, &err), &err);
	assert_int_equal(count, 0);
	store_close(store);
	arena_free(mem);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_last_words, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_interrupted_start, set_up, tear_down),
	};

	if (argc == 4 && strcmp(argv[1], "internal-supervise") == 0)
		return run_supervise(argv[2], argv[3]);
	return cmocka_run_group_tests_name("run: stalled", tests, NULL, NULL);
}
