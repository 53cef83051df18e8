/* run, end to end on a real store: this program is its own supervisor, as assay is (test_run_stop.c: being stopped). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/run_world.h"

/* ---- the truth about the end ---- */

static void test_truth(void **state)
{
	static const struct {
		const char *script;
		enum run_status status;
		int exit_status, signal;
		const char *reason;
	} rows[] = {
	    {"exit 0", RUN_DONE, 0, 0, ""},
	    {"exit 3", RUN_FAILED, 3, 0, "exit status 3"},
	    {"kill -TERM $$", RUN_FAILED, 143, SIGTERM, "ended by SIGTERM"},
	    {"kill -KILL $$", RUN_FAILED, 137, SIGKILL, "ended by SIGKILL"},
	    {"kill -SEGV $$", RUN_FAILED, 139, SIGSEGV, "ended by SIGSEGV"},
	    {"kill -HUP $$", RUN_FAILED, 129, SIGHUP, "ended by SIGHUP"},
	};
	struct run_world *w = *state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct run_started run = run_world_launch(w, rows[i].script);
		struct run_end end = run_world_wait(w, run.uuid);
		assert_int_equal(end.status, rows[i].status);
		assert_int_equal(end.exit_status, rows[i].exit_status);
		assert_int_equal(end.signal, rows[i].signal);
		assert_memory_equal(end.reason, rows[i].reason, strlen(rows[i].reason));
		run_world_gone(w, run.uuid);
	}
}

static void test_cannot_start(void **state)
{
	static const char *const none[] = {"no-such-command-anywhere", "x", NULL};
	static const char *const folder[] = {"/usr", NULL};
	static const char *const nothing[] = {NULL};
	struct run_world *w = *state;
	struct run_spec spec = {.argv = nothing};
	struct run_started run;
	struct run_end end;
	struct error err;

	run = run_world_words(w, none, false);
	end = run_world_wait(w, run.uuid);
	assert_int_equal(end.status, RUN_FAILED);
	assert_int_equal(end.exit_status, 127);
	assert_string_equal(end.reason, "command not found: no-such-command-anywhere");
	run = run_world_words(w, folder, false);
	end = run_world_wait(w, run.uuid);
	assert_int_equal(end.exit_status, 126);
	assert_int_equal(run_launch(w->store, &spec, &run, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	/* A supervisor that cannot be: the run says so. */
	spec.argv = none;
	spec.program = "/no/such/assay";
	assert_int_equal(run_launch(w->store, &spec, &run, &err), -1);
	end = run_world_wait(w, run.uuid);
	assert_int_equal(end.status, RUN_FAILED);
	assert_int_equal(end.exit_status, 125);
	assert_non_null(strstr(end.reason, "supervisor"));
	run_world_gone(w, run.uuid);
	/* One that goes without a word, too. */
	spec.program = "/bin/true";
	assert_int_equal(run_launch(w->store, &spec, &run, &err), -1);
	assert_int_equal(run_world_wait(w, run.uuid).status, RUN_FAILED);
	run_world_gone(w, run.uuid);
}

/* ---- what is recorded ---- */

static void test_record(void **state)
{
	static const char *const argv[] = {
	    "sh",
	    "-c",
	    "printf '%s\\n' \"$ASSAY_RUN_ID\" \"$MINE\" \"$OMP_WAIT_POLICY\" \"$1\"; "
	    "cat \"$ASSAY_EVENTS/train.json\"; pwd; exit 2",
	    "sh",
	    "a\xff b",
	    NULL};
	static const char *const shown[] = {"assay", "train", "logistic", NULL};
	static const char *const env[] = {"MINE=1", NULL};
	struct run_world *w = *state;
	struct run_pair params[] = {{"lr", "0.1"}}, tags[] = {{"team", "risk"}};
	struct run_file file = {"train.json", "{}\n", 3};
	struct run_spec spec = {.argv = argv,
	                        .shown = shown,
	                        .cwd = w->dir,
	                        .experiment = "credit",
	                        .name = "first",
	                        .kind = "train",
	                        .params = params,
	                        .param_count = 1,
	                        .tags = tags,
	                        .tag_count = 1,
	                        .files = &file,
	                        .file_count = 1,
	                        .env = env,
	                        .has_seed = true,
	                        .seed = 7};
	struct arena *mem = arena_new();
	struct run_started run;
	struct run_row row;
	struct store_pair *pairs;
	struct error err;
	size_t count;
	char *text, *wanted;

	run_world_ok(run_launch(w->store, &spec, &run, &err), &err);
	assert_string_equal(run.name, "first");
	assert_int_equal(run_world_wait(w, run.uuid).exit_status, 2);
	run_world_ok(store_run_get(w->store, run.id, mem, &row, &err), &err);
	assert_string_equal(row.experiment, "credit");
	assert_string_equal(row.kind, "train");
	assert_string_equal(row.command, "[\"assay\",\"train\",\"logistic\"]");
	assert_string_equal(row.cwd, w->dir);
	assert_int_equal(row.seed, 7);
	assert_true(row.has_seed);
	assert_int_equal(row.exit_status, 2);
	assert_int_equal(strlen(row.environment), 64);
	assert_true(row.host[0] && row.user[0]);
	assert_true(row.created <= row.started && row.started <= row.ended);
	run_world_ok(store_params(w->store, run.id, mem, &pairs, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_string_equal(pairs[0].value, "0.1");
	run_world_ok(store_tags(w->store, run.id, mem, &pairs, &count, &err), &err);
	assert_int_equal(count, 1);
	text = run_world_output(w, run.uuid);
	wanted = xasprintf("%s\n1\npassive\na\xff b\n{}\n%s\n", run.uuid, w->dir);
	assert_string_equal(text, wanted);
	free(wanted);
	free(text);
	arena_free(mem);
}

static void test_code(void **state)
{
	struct run_world *w = *state;
	static const char *const steps[] = {"git init -q . && echo one > a && git add a && git -c user.name=a -c "
	                                    "user.email=a@b commit -qm one && echo two >> a",
	                                    NULL};
	const char *const argv[] = {"sh", "-c", steps[0], NULL};
	struct arena *mem = arena_new();
	struct run_started run;
	struct run_row row;
	struct error err;
	struct str diff, none;
	int status;

	str_init(&none);
	str_init(&diff);
	if (child_capture(argv, w->dir, 60000, 1000, &none, NULL, &status, NULL) < 0 || status != 0)
		skip(); /* no git here */
	run = run_world_launch(w, "true");
	run_world_wait(w, run.uuid);
	run_world_ok(store_run_get(w->store, run.id, mem, &row, &err), &err);
	assert_int_equal(strlen(row.code_commit), 40);
	run_world_ok(store_object_read(w->store, row.code_diff, &diff, 0, &err), &err);
	assert_non_null(strstr(diff.data, "+two\n"));
	str_release(&diff);
	str_release(&none);
	arena_free(mem);
}

/* ---- metrics ---- */

static void test_metrics(void **state)
{
	struct run_world *w = *state;
	struct run_started run = run_world_launch(
	    w, "for i in 1 2 3; do echo \"step=$i loss=0.$i\"; "
	       "echo '{\"metric\":\"auc\",\"value\":0.9,\"step\":'$i'}' >> $ASSAY_EVENTS/events-1.jsonl; done; "
	       "echo loss=nan; printf '{\"param\":\"lr\",\"value\":\"0.5\"}' >> $ASSAY_EVENTS/events-1.jsonl");
	struct arena *mem = arena_new();
	struct store_pair *pairs;
	struct series s;
	struct error err;
	size_t count;

	assert_int_equal(run_world_wait(w, run.uuid).status, RUN_DONE);
	assert_int_equal(run_world_points(w, run.id, SERIES_METRIC, "loss", &s), 4);
	assert_int_equal(s.nan_count, 1);
	assert_true(s.max.value > 0.2999 && s.max.value < 0.3001);
	assert_int_equal(s.max.step, 3);
	assert_int_equal(run_world_points(w, run.id, SERIES_METRIC, "auc", &s), 3);
	run_world_ok(store_params(w->store, run.id, mem, &pairs, &count, &err), &err);
	assert_int_equal(count, 1);
	arena_free(mem);
}

/* While it runs: what is reported is there within a second or so, with samples. */
static void test_live(void **state)
{
	struct run_world *w = *state;
	struct run_started run = run_world_launch(w, "echo loss=0.5; sleep 120");
	enum run_watch watch;
	struct run_end end;
	struct error err;
	size_t points = 0, samples = 0;

	for (int i = 0; i < 1200 && (!points || !samples); i++) {
		poll(NULL, 0, 50);
		points = run_world_points(w, run.id, SERIES_METRIC, "loss", NULL);
		samples = run_world_points(w, run.id, SERIES_SAMPLE, "rss", NULL);
	}
	assert_int_equal(points, 1);
	assert_true(samples >= 1);
	run_world_ok(run_watch(w->store, run.uuid, &watch, &err), &err);
	assert_int_equal(watch, RUN_WATCH_OK);
	run_world_ok(run_wait(w->store, run.uuid, 10, &end, &err), &err);
	assert_false(end.over);
	assert_int_equal(end.status, RUN_RUNNING);
	run_world_ok(run_stop(w->store, run.uuid, "stopped by ada", &err), &err);
	end = run_world_wait(w, run.uuid);
	assert_int_equal(end.status, RUN_KILLED);
	assert_int_equal(end.signal, SIGINT);
	assert_string_equal(end.reason, "stopped by ada (SIGINT)");
	run_world_ok(run_watch(w->store, run.uuid, &watch, &err), &err);
	assert_int_equal(watch, RUN_WATCH_OVER);
	assert_int_equal(run_stop(w->store, run.uuid, "again", &err), -1);
	assert_int_equal(err.code, ERR_NO);
}

/* ---- output ---- */

static void test_log(void **state)
{
	struct run_world *w = *state;
	struct run_started run = run_world_launch(w, "seq 1 5000; printf '\\033[31m10%%\\r\\033[32m99%% end'");
	struct run_log *log;
	struct error err;
	uint64_t at, above;
	char buf[64];
	size_t got;

	run_world_wait(w, run.uuid);
	run_world_ok(run_log_open(w->store, run.uuid, &log, &err), &err);
	assert_false(run_log_live(log));
	run_world_ok(run_log_tail(log, 3, UINT64_MAX, &at, &err), &err);
	run_world_ok(run_log_read(log, &at, buf, sizeof buf, &got, &err), &err);
	assert_memory_equal(buf, "4999\n5000\n\033[31m", 15);
	run_world_ok(run_log_tail(log, 2, at, &above, &err), &err);
	run_world_ok(run_log_read(log, &above, buf, 10, &got, &err), &err);
	assert_memory_equal(buf, "4997\n4998\n", 10);
	run_world_ok(run_log_tail(log, 100000, UINT64_MAX, &at, &err), &err);
	assert_int_equal(at, 0);
	run_log_last_line(log, buf, sizeof buf);
	assert_string_equal(buf, "99% end");
	run_log_close(log);
}

static void test_follow(void **state)
{
	struct run_world *w = *state;
	struct run_started run = run_world_launch(w, "echo a; sleep 0.3; echo b; sleep 0.3; printf c; exit 4");
	struct run_end end;
	struct error err;
	struct str text;
	int fds[2];
	char buf[100];

	str_init(&text);
	assert_int_equal(pipe(fds), 0);
	run_world_ok(run_follow(w->store, run.uuid, fds[1], 0, &end, &err), &err);
	assert_true(end.over);
	assert_int_equal(end.exit_status, 4);
	/* Less than a second: what it used is known all the same. */
	assert_true(run_world_points(w, run.id, SERIES_SAMPLE, "rss", NULL) >= 1);
	close(fds[1]);
	assert_int_equal(read(fds[0], buf, sizeof buf), 5);
	assert_memory_equal(buf, "a\nb\nc", 5);
	close(fds[0]);
	/* And afterwards, from what is kept. */
	assert_int_equal(pipe(fds), 0);
	run_world_ok(run_follow(w->store, run.uuid, fds[1], RUN_FOLLOW_FROM_END | RUN_FOLLOW_SAFE, &end, &err),
	             &err);
	assert_int_equal(read(fds[0], buf, sizeof buf), 5);
	close(fds[0]);
	close(fds[1]);
	str_release(&text);
}

/* ---- a full disk ---- */

/* The command fills the disk that the store is on, goes on reporting, and makes room again. It runs to its
 * own end; what was written is there, once; and meanwhile it can be read what the trouble is. */
static void test_full_disk(void **state)
{
	struct run_world *w = *state;
	struct run_world small = {.dir = path_join(w->dir, "small")};
	bool troubled = false;
	struct run_started run;
	struct run_end end;
	struct error err;
	char trouble[256], *text;
	size_t acked;

	run_world_ok(dir_make(small.dir, &err), &err);
	/* In a name space of our own: nothing is left mounted, whatever happens. */
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", small.dir, "tmpfs", 0, "size=4m") < 0) {
		free(small.dir);
		skip(); /* needs root */
	}
	small.path = path_join(small.dir, ".assay");
	run_world_ok(store_init(small.path, &err), &err);
	run_world_ok(store_open(&small.store, small.path, STORE_WRITE, &err), &err);
	run = run_world_launch(&small,
	                       "n=0; say() { printf '{\"metric\":\"m\",\"value\":%d,\"step\":%d}\\n' $n $n "
	                       ">> $ASSAY_EVENTS/events-1.jsonl && n=$((n+1)); }; "
	                       "say; dd if=/dev/zero of=filler bs=4k 2>/dev/null; "
	                       "for i in 1 2 3 4 5 6 7 8 9 10; do say; echo line; sleep 0.2; done 2>/dev/null; "
	                       "rm filler; say; echo acknowledged $n; exit 5");
	do {
		troubled |= run_trouble(small.store, run.uuid, trouble, sizeof trouble);
		run_world_ok(run_wait(small.store, run.uuid, 50, &end, &err), &err);
	} while (!end.over);
	assert_true(troubled);
	assert_int_equal(end.status, RUN_FAILED);
	assert_int_equal(end.exit_status, 5);
	text = run_world_output(&small, run.uuid);
	assert_non_null(strstr(text, "acknowledged "));
	acked = (size_t)strtol(strstr(text, "acknowledged ") + 13, NULL, 10);
	assert_true(acked >= 2);
	assert_int_equal(run_world_points(&small, run.id, SERIES_METRIC, "m", NULL), acked);
	run_world_gone(&small, run.uuid);
	store_close(small.store);
	assert_int_equal(umount2(small.dir, MNT_DETACH), 0); /* its supervisor may still be leaving */
	free(text);
	free(small.path);
	free(small.dir);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#define IN_A_STORE(test) cmocka_unit_test_setup_teardown(test, run_world_open, run_world_close)
	    IN_A_STORE(test_truth), IN_A_STORE(test_cannot_start), IN_A_STORE(test_record),
	    IN_A_STORE(test_code),  IN_A_STORE(test_metrics),      IN_A_STORE(test_live),
	    IN_A_STORE(test_log),   IN_A_STORE(test_follow),       IN_A_STORE(test_full_disk),
	};

	if (argc == 4 && strcmp(argv[1], "internal-supervise") == 0)
		return run_supervise(argv[2], argv[3]);
	return cmocka_run_group_tests_name("run: end to end", tests, NULL, NULL);
}
