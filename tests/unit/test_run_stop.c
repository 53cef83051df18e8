/* run, end to end: stopped, left behind, and with its supervisor killed. This program is its own supervisor, as assay is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/run_world.h"

static int64_t number_in(struct run_world *w, const char *name)
{
	char *path = path_join(w->dir, name);
	struct str text;
	int64_t n = 0;

	str_init(&text);
	for (int i = 0; i < 6000; i++) {
		if (file_read(path, &text, 100, NULL) == 0 && strchr(text.data, '\n') &&
		    int_parse(text.data, text.len - 1, &n))
			break;
		poll(NULL, 0, 10);
	}
	str_release(&text);
	free(path);
	assert_true(n > 0);
	return n;
}

/* Gone, or a zombie: when it is buried is up to whoever inherited it, and some inits take seconds. */
static bool is_dead(int64_t pid)
{
	char *path = xasprintf("/proc/%lld/stat", (long long)pid);
	struct str text;
	bool dead;

	str_init(&text);
	dead = file_read(path, &text, 0, NULL) != 0 || !strrchr(text.data, ')') ||
	       strchr("ZX", strrchr(text.data, ')')[2]);
	str_release(&text);
	free(path);
	return dead;
}

static void assert_dead(int64_t pid)
{
	for (int i = 0; i < 6000 && !is_dead(pid); i++)
		poll(NULL, 0, 10);
	assert_true(is_dead(pid));
}

/* ---- stopping ---- */

/* A command that ignores what it can, with an orphan in a session of its own that does too: asked three
 * times, everything is gone. */
static void test_stop_stubborn(void **state)
{
	struct run_world *w = *state;
	struct run_started run = run_world_launch(
	    w, "trap '' INT TERM; (setsid sh -c \"trap '' INT TERM; echo \\$\\$ > orphan; while :; do sleep 1; "
	       "done\" &) ; echo $$ > main; while :; do sleep 1; done");
	int64_t orphan = number_in(w, "orphan"), command = number_in(w, "main");
	struct run_end end;
	struct error err;

	for (int i = 0; i < 3; i++) {
		run_world_ok(run_stop(w->store, run.uuid, i ? "asked again" : "stopped by ada", &err), &err);
		poll(NULL, 0, 100);
	}
	end = run_world_wait(w, run.uuid);
	assert_int_equal(end.status, RUN_KILLED);
	assert_int_equal(end.signal, SIGKILL);
	assert_string_equal(end.reason, "stopped by ada (SIGKILL)");
	assert_dead(command);
	assert_dead(orphan);
}

/* A command that is told to stop and ends well was stopped all the same. */
static void test_stop_polite(void **state)
{
	struct run_world *w = *state;
	struct run_started run =
	    run_world_launch(w, "trap 'echo bye; exit 0' INT; echo $$ > main; while :; do sleep 0.05; done");
	struct run_end end;
	struct error err;
	char *text;

	number_in(w, "main");
	run_world_ok(run_stop(w->store, run.uuid, "stopped by ada", &err), &err);
	end = run_world_wait(w, run.uuid);
	assert_int_equal(end.status, RUN_KILLED);
	assert_int_equal(end.exit_status, 0);
	text = run_world_output(w, run.uuid);
	assert_non_null(strstr(text, "bye"));
	free(text);
}

/* After an end of its own, what left the command on purpose is left alone. */
static void test_daemon_left(void **state)
{
	struct run_world *w = *state;
	struct run_started run =
	    run_world_launch(w, "(setsid sh -c 'echo $$ > orphan; exec sleep 60' >/dev/null 2>&1 &); "
	                        "while ! test -s orphan; do sleep 0.01; done");
	int64_t orphan = number_in(w, "orphan");

	assert_int_equal(run_world_wait(w, run.uuid).status, RUN_DONE);
	assert_int_equal(kill((pid_t)orphan, 0), 0);
	kill((pid_t)orphan, SIGKILL);
}

/* A worker that notices the end a little later than the command ended: what it still reports is there. */
static void test_late_worker(void **state)
{
	struct run_world *w = *state;
	struct run_started run =
	    run_world_launch(w, "(sleep 0.2; for i in 1 2 3 4; do echo '{\"metric\":\"late\",\"value\":1}' >> "
	                        "$ASSAY_EVENTS/events-2.jsonl; done) & exit 3");

	assert_int_equal(run_world_wait(w, run.uuid).exit_status, 3);
	assert_int_equal(run_world_points(w, run.id, SERIES_METRIC, "late", NULL), 4);
}

/* ---- the supervisor killed ---- */

static struct run_row row_of(struct run_world *w, int64_t id, struct arena *mem)
{
	struct run_row row;
	struct error err;

	run_world_ok(store_run_get(w->store, id, mem, &row, &err), &err);
	return row;
}

static void test_lost(void **state)
{
	struct run_world *w = *state;
	struct run_started run = run_world_launch(
	    w, "echo '{\"metric\":\"auc\",\"value\":0.5}' >> $ASSAY_EVENTS/events-1.jsonl; echo last words; "
	       "echo $$ > main; exec sleep 60");
	int64_t command = number_in(w, "main");
	struct arena *mem = arena_new();
	struct run_row row = row_of(w, run.id, mem);
	struct run_reaped reaped;
	struct run_end end;
	enum run_watch watch;
	struct error err;

	assert_int_equal(row.process.pid, command);
	poll(NULL, 0, 100);
	kill((pid_t)row.supervisor.pid, SIGKILL);
	assert_dead(row.supervisor.pid);
	/* The command goes on, and so does the run: unsupervised. */
	run_world_ok(run_watch(w->store, run.uuid, &watch, &err), &err);
	assert_int_equal(watch, RUN_WATCH_ALONE);
	run_world_ok(run_reap(w->store, &reaped, &err), &err);
	assert_int_equal(reaped.alone, 1);
	assert_int_equal(reaped.lost, 0);
	row = row_of(w, run.id, mem);
	assert_int_equal(row.status, RUN_RUNNING);
	assert_non_null(strstr(row.reason, "unsupervised"));
	assert_int_equal(run_world_points(w, run.id, SERIES_METRIC, "auc", NULL), 1);
	kill((pid_t)command, SIGKILL);
	assert_dead(command);
	/* Its last words are taken first. */
	for (int i = 0; i < 3000 && watch == RUN_WATCH_ALONE; i++) {
		run_world_ok(run_watch(w->store, run.uuid, &watch, &err), &err);
		poll(NULL, 0, 20);
	}
	assert_int_equal(watch, RUN_WATCH_GONE);
	run_world_ok(run_reap(w->store, &reaped, &err), &err);
	assert_int_equal(reaped.lost, 1);
	run_world_ok(run_reap(w->store, &reaped, &err), &err);
	assert_int_equal(reaped.lost, 0);
	run_world_ok(run_end_of(w->store, run.uuid, &end, &err), &err);
	assert_int_equal(end.status, RUN_LOST);
	assert_int_equal(end.exit_status, 125);
	assert_non_null(strstr(end.reason, "supervisor was killed"));
	assert_non_null(strstr(end.reason, "last line: last words"));
	assert_int_equal(run_world_points(w, run.id, SERIES_METRIC, "auc", NULL), 1);
	run_world_gone(w, run.uuid);
	char *text = run_world_output(w, run.uuid);
	assert_string_equal(text, "last words\n");
	free(text);
	arena_free(mem);
}

/* Unsupervised, it can still be stopped. */
static void test_stop_alone(void **state)
{
	struct run_world *w = *state;
	struct run_started run = run_world_launch(w, "echo $$ > main; exec sleep 60");
	int64_t command = number_in(w, "main");
	struct arena *mem = arena_new();
	struct run_row row = row_of(w, run.id, mem);
	struct run_end end;
	struct error err;

	kill((pid_t)row.supervisor.pid, SIGKILL);
	assert_dead(row.supervisor.pid);
	run_world_ok(run_stop(w->store, run.uuid, "stopped by ada", &err), &err);
	assert_dead(command);
	end = run_world_wait(w, run.uuid);
	assert_int_equal(end.status, RUN_KILLED);
	assert_string_equal(end.reason, "stopped by ada (unsupervised)");
	run_world_gone(w, run.uuid);
	arena_free(mem);
}

/* What the row says of processes cannot be taken for others: another boot, and it is lost with that reason.
 */
static void test_reboot(void **state)
{
	struct run_world *w = *state;
	struct run_new fresh = {.kind = "command", .command = "[\"x\"]", .cwd = "/", .user = "ada"};
	struct run_process before = {
	    .pid = getpid(), .start_ticks = 1, .boot_id = "00000000-0000-0000-0000-000000000000"};
	char uuid[ID_TEXT], host[256] = "";
	struct run_end end;
	struct error err;
	int64_t id;

	gethostname(host, sizeof host - 1);
	fresh.host = host;
	run_world_ok(store_run_create(w->store, &fresh, &id, uuid, &err), &err);
	run_world_ok(store_run_start(w->store, id, &before, time_now_ms(), &err), &err);
	run_world_ok(store_run_process(w->store, id, &before, &err), &err);
	run_world_ok(run_reap(w->store, NULL, &err), &err);
	run_world_ok(run_end_of(w->store, uuid, &end, &err), &err);
	assert_int_equal(end.status, RUN_LOST);
	assert_non_null(strstr(end.reason, "restarted"));
	/* Another host's runs are not ours to judge. */
	fresh.host = "elsewhere";
	run_world_ok(store_run_create(w->store, &fresh, &id, uuid, &err), &err);
	run_world_ok(store_run_start(w->store, id, &before, time_now_ms(), &err), &err);
	run_world_ok(run_reap(w->store, NULL, &err), &err);
	run_world_ok(run_end_of(w->store, uuid, &end, &err), &err);
	assert_false(end.over);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#define IN_A_STORE(test) cmocka_unit_test_setup_teardown(test, run_world_open, run_world_close)
	    IN_A_STORE(test_stop_stubborn), IN_A_STORE(test_stop_polite), IN_A_STORE(test_daemon_left),
	    IN_A_STORE(test_late_worker),   IN_A_STORE(test_lost),        IN_A_STORE(test_stop_alone),
	    IN_A_STORE(test_reboot),
	};

	if (argc == 4 && strcmp(argv[1], "internal-supervise") == 0)
		return run_supervise(argv[2], argv[3]);
	return cmocka_run_group_tests_name("run: stopped", tests, NULL, NULL);
}
