/* run, end to end on a real store: this program is its own supervisor, as assay is. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "assay/run.h"

struct world {
	char *dir, *path;
	struct store *store;
};

static int set_up(void **state)
{
	const char *base = getenv("TMPDIR");
	struct world *w = xcalloc(1, sizeof *w);
	struct error err;

	w->dir = xasprintf("%s/assay-run-XXXXXX", base ? base : "/tmp");
	if (!mkdtemp(w->dir))
		return -1;
	w->path = path_join(w->dir, ".assay");
	if (store_init(w->path, &err) < 0 || store_open(&w->store, w->path, STORE_WRITE, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	store_close(w->store);
	dir_remove(w->dir, NULL);
	free(w->path);
	free(w->dir);
	free(w);
	return 0;
}

static void ok(int result, const struct error *err)
{
	if (result < 0)
		fail_msg("%s", err->text);
}

static struct run_started launch_words(struct world *w, const char *const *argv, bool pipe)
{
	struct run_spec spec = {.argv = argv, .cwd = w->dir, .pipe = pipe};
	struct run_started run;
	struct error err;

	ok(run_launch(w->store, &spec, &run, &err), &err);
	assert_true(run.id > 0);
	assert_true(id_is_valid(run.uuid));
	return run;
}

static struct run_started launch(struct world *w, const char *script)
{
	const char *const argv[] = {"sh", "-c", script, NULL};

	return launch_words(w, argv, false);
}

static struct run_end wait_for(struct world *w, const char *uuid)
{
	struct run_end end;
	struct error err;

	ok(run_wait(w->store, uuid, 60000, &end, &err), &err);
	assert_true(end.over);
	return end;
}

static bool live(struct world *w, const char *uuid)
{
	char *dir = store_live_path(w->store, uuid);
	bool there = file_exists(dir);

	free(dir);
	return there;
}

static void gone(struct world *w, const char *uuid)
{
	for (int i = 0; i < 6000 && live(w, uuid); i++)
		poll(NULL, 0, 10);
	assert_false(live(w, uuid));
}

static char *output_of(struct world *w, const char *uuid)
{
	struct run_log *log;
	struct error err;
	struct str text;
	uint64_t at = 0;
	char buf[1000];
	size_t got;

	str_init(&text);
	ok(run_log_open(w->store, uuid, &log, &err), &err);
	do {
		ok(run_log_read(log, &at, buf, sizeof buf, &got, &err), &err);
		str_add(&text, buf, got);
		at += got;
	} while (got);
	run_log_close(log);
	return str_take(&text);
}

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
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct run_started run = launch(w, rows[i].script);
		struct run_end end = wait_for(w, run.uuid);
		assert_int_equal(end.status, rows[i].status);
		assert_int_equal(end.exit_status, rows[i].exit_status);
		assert_int_equal(end.signal, rows[i].signal);
		assert_memory_equal(end.reason, rows[i].reason, strlen(rows[i].reason));
		gone(w, run.uuid);
	}
}

static void test_cannot_start(void **state)
{
	static const char *const none[] = {"no-such-command-anywhere", "x", NULL};
	static const char *const folder[] = {"/usr", NULL};
	static const char *const nothing[] = {NULL};
	struct world *w = *state;
	struct run_spec spec = {.argv = nothing};
	struct run_started run;
	struct run_end end;
	struct error err;

	run = launch_words(w, none, false);
	end = wait_for(w, run.uuid);
	assert_int_equal(end.status, RUN_FAILED);
	assert_int_equal(end.exit_status, 127);
	assert_string_equal(end.reason, "command not found: no-such-command-anywhere");
	run = launch_words(w, folder, false);
	end = wait_for(w, run.uuid);
	assert_int_equal(end.exit_status, 126);
	assert_int_equal(run_launch(w->store, &spec, &run, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	/* A supervisor that cannot be: the run says so. */
	spec.argv = none;
	spec.program = "/no/such/assay";
	assert_int_equal(run_launch(w->store, &spec, &run, &err), -1);
	end = wait_for(w, run.uuid);
	assert_int_equal(end.status, RUN_FAILED);
	assert_int_equal(end.exit_status, 125);
	assert_non_null(strstr(end.reason, "supervisor"));
	gone(w, run.uuid);
	/* One that goes without a word, too. */
	spec.program = "/bin/true";
	assert_int_equal(run_launch(w->store, &spec, &run, &err), -1);
	assert_int_equal(wait_for(w, run.uuid).status, RUN_FAILED);
	gone(w, run.uuid);
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
	struct world *w = *state;
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

	ok(run_launch(w->store, &spec, &run, &err), &err);
	assert_string_equal(run.name, "first");
	assert_int_equal(wait_for(w, run.uuid).exit_status, 2);
	ok(store_run_get(w->store, run.id, mem, &row, &err), &err);
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
	ok(store_params(w->store, run.id, mem, &pairs, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_string_equal(pairs[0].value, "0.1");
	ok(store_tags(w->store, run.id, mem, &pairs, &count, &err), &err);
	assert_int_equal(count, 1);
	text = output_of(w, run.uuid);
	wanted = xasprintf("%s\n1\npassive\na\xff b\n{}\n%s\n", run.uuid, w->dir);
	assert_string_equal(text, wanted);
	free(wanted);
	free(text);
	arena_free(mem);
}

static void test_code(void **state)
{
	struct world *w = *state;
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
	run = launch(w, "true");
	wait_for(w, run.uuid);
	ok(store_run_get(w->store, run.id, mem, &row, &err), &err);
	assert_int_equal(strlen(row.code_commit), 40);
	ok(store_object_read(w->store, row.code_diff, &diff, 0, &err), &err);
	assert_non_null(strstr(diff.data, "+two\n"));
	str_release(&diff);
	str_release(&none);
	arena_free(mem);
}

/* ---- metrics ---- */

static size_t points_of(struct world *w, int64_t run, enum series_kind kind, const char *name,
                        struct series *out)
{
	struct arena *mem = arena_new();
	struct series s;
	size_t count = 0;

	if (store_series_find(w->store, run, kind, name, NULL, mem, &s, NULL) == 0) {
		count = (size_t)s.count;
		if (out)
			*out = s;
	}
	arena_free(mem);
	return count;
}

static void test_metrics(void **state)
{
	struct world *w = *state;
	struct run_started run = launch(
	    w, "for i in 1 2 3; do echo \"step=$i loss=0.$i\"; "
	       "echo '{\"metric\":\"auc\",\"value\":0.9,\"step\":'$i'}' >> $ASSAY_EVENTS/events-1.jsonl; done; "
	       "echo loss=nan; printf '{\"param\":\"lr\",\"value\":\"0.5\"}' >> $ASSAY_EVENTS/events-1.jsonl");
	struct arena *mem = arena_new();
	struct store_pair *pairs;
	struct series s;
	struct error err;
	size_t count;

	assert_int_equal(wait_for(w, run.uuid).status, RUN_DONE);
	assert_int_equal(points_of(w, run.id, SERIES_METRIC, "loss", &s), 4);
	assert_int_equal(s.nan_count, 1);
	assert_true(s.max.value > 0.2999 && s.max.value < 0.3001);
	assert_int_equal(s.max.step, 3);
	assert_int_equal(points_of(w, run.id, SERIES_METRIC, "auc", &s), 3);
	ok(store_params(w->store, run.id, mem, &pairs, &count, &err), &err);
	assert_int_equal(count, 1);
	arena_free(mem);
}

/* While it runs: what is reported is there within a second or so, with samples. */
static void test_live(void **state)
{
	struct world *w = *state;
	struct run_started run = launch(w, "echo loss=0.5; sleep 120");
	enum run_watch watch;
	struct run_end end;
	struct error err;
	size_t points = 0, samples = 0;

	for (int i = 0; i < 1200 && (!points || !samples); i++) {
		poll(NULL, 0, 50);
		points = points_of(w, run.id, SERIES_METRIC, "loss", NULL);
		samples = points_of(w, run.id, SERIES_SAMPLE, "rss", NULL);
	}
	assert_int_equal(points, 1);
	assert_true(samples >= 1);
	ok(run_watch(w->store, run.uuid, &watch, &err), &err);
	assert_int_equal(watch, RUN_WATCH_OK);
	ok(run_wait(w->store, run.uuid, 10, &end, &err), &err);
	assert_false(end.over);
	assert_int_equal(end.status, RUN_RUNNING);
	ok(run_stop(w->store, run.uuid, "stopped by ada", &err), &err);
	end = wait_for(w, run.uuid);
	assert_int_equal(end.status, RUN_KILLED);
	assert_int_equal(end.signal, SIGINT);
	assert_string_equal(end.reason, "stopped by ada (SIGINT)");
	ok(run_watch(w->store, run.uuid, &watch, &err), &err);
	assert_int_equal(watch, RUN_WATCH_OVER);
	assert_int_equal(run_stop(w->store, run.uuid, "again", &err), -1);
	assert_int_equal(err.code, ERR_NO);
}

/* ---- stopping ---- */

static int64_t number_in(struct world *w, const char *name)
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

/* A command that ignores what it can, with an orphan in a session of its own that does too: asked three
 * times, everything is gone. */
static void test_stop_stubborn(void **state)
{
	struct world *w = *state;
	struct run_started run = launch(
	    w, "trap '' INT TERM; (setsid sh -c \"trap '' INT TERM; echo \\$\\$ > orphan; while :; do sleep 1; "
	       "done\" &) ; echo $$ > main; while :; do sleep 1; done");
	int64_t orphan = number_in(w, "orphan"), command = number_in(w, "main");
	struct run_end end;
	struct error err;

	for (int i = 0; i < 3; i++) {
		ok(run_stop(w->store, run.uuid, i ? "asked again" : "stopped by ada", &err), &err);
		poll(NULL, 0, 100);
	}
	end = wait_for(w, run.uuid);
	assert_int_equal(end.status, RUN_KILLED);
	assert_int_equal(end.signal, SIGKILL);
	assert_string_equal(end.reason, "stopped by ada (SIGKILL)");
	assert_dead(command);
	assert_dead(orphan);
}

/* A command that is told to stop and ends well was stopped all the same. */
static void test_stop_polite(void **state)
{
	struct world *w = *state;
	struct run_started run =
	    launch(w, "trap 'echo bye; exit 0' INT; echo $$ > main; while :; do sleep 0.05; done");
	struct run_end end;
	struct error err;
	char *text;

	number_in(w, "main");
	ok(run_stop(w->store, run.uuid, "stopped by ada", &err), &err);
	end = wait_for(w, run.uuid);
	assert_int_equal(end.status, RUN_KILLED);
	assert_int_equal(end.exit_status, 0);
	text = output_of(w, run.uuid);
	assert_non_null(strstr(text, "bye"));
	free(text);
}

/* After an end of its own, what left the command on purpose is left alone. */
static void test_daemon_left(void **state)
{
	struct world *w = *state;
	struct run_started run = launch(w, "(setsid sh -c 'echo $$ > orphan; exec sleep 60' >/dev/null 2>&1 &); "
	                                   "while ! test -s orphan; do sleep 0.01; done");
	int64_t orphan = number_in(w, "orphan");

	assert_int_equal(wait_for(w, run.uuid).status, RUN_DONE);
	assert_int_equal(kill((pid_t)orphan, 0), 0);
	kill((pid_t)orphan, SIGKILL);
}

/* A worker that notices the end a little later than the command ended: what it still reports is there. */
static void test_late_worker(void **state)
{
	struct world *w = *state;
	struct run_started run =
	    launch(w, "(sleep 0.2; for i in 1 2 3 4; do echo '{\"metric\":\"late\",\"value\":1}' >> "
	              "$ASSAY_EVENTS/events-2.jsonl; done) & exit 3");

	assert_int_equal(wait_for(w, run.uuid).exit_status, 3);
	assert_int_equal(points_of(w, run.id, SERIES_METRIC, "late", NULL), 4);
}

/* ---- the supervisor killed ---- */

static struct run_row row_of(struct world *w, int64_t id, struct arena *mem)
{
	struct run_row row;
	struct error err;

	ok(store_run_get(w->store, id, mem, &row, &err), &err);
	return row;
}

static void test_lost(void **state)
{
	struct world *w = *state;
	struct run_started run = launch(
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
	ok(run_watch(w->store, run.uuid, &watch, &err), &err);
	assert_int_equal(watch, RUN_WATCH_ALONE);
	ok(run_reap(w->store, &reaped, &err), &err);
	assert_int_equal(reaped.alone, 1);
	assert_int_equal(reaped.lost, 0);
	row = row_of(w, run.id, mem);
	assert_int_equal(row.status, RUN_RUNNING);
	assert_non_null(strstr(row.reason, "unsupervised"));
	assert_int_equal(points_of(w, run.id, SERIES_METRIC, "auc", NULL), 1);
	kill((pid_t)command, SIGKILL);
	assert_dead(command);
	/* Its last words are taken first. */
	for (int i = 0; i < 3000 && watch == RUN_WATCH_ALONE; i++) {
		ok(run_watch(w->store, run.uuid, &watch, &err), &err);
		poll(NULL, 0, 20);
	}
	assert_int_equal(watch, RUN_WATCH_GONE);
	ok(run_reap(w->store, &reaped, &err), &err);
	assert_int_equal(reaped.lost, 1);
	ok(run_reap(w->store, &reaped, &err), &err);
	assert_int_equal(reaped.lost, 0);
	ok(run_end_of(w->store, run.uuid, &end, &err), &err);
	assert_int_equal(end.status, RUN_LOST);
	assert_int_equal(end.exit_status, 125);
	assert_non_null(strstr(end.reason, "supervisor was killed"));
	assert_non_null(strstr(end.reason, "last line: last words"));
	assert_int_equal(points_of(w, run.id, SERIES_METRIC, "auc", NULL), 1);
	gone(w, run.uuid);
	char *text = output_of(w, run.uuid);
	assert_string_equal(text, "last words\n");
	free(text);
	arena_free(mem);
}

/* Unsupervised, it can still be stopped. */
static void test_stop_alone(void **state)
{
	struct world *w = *state;
	struct run_started run = launch(w, "echo $$ > main; exec sleep 60");
	int64_t command = number_in(w, "main");
	struct arena *mem = arena_new();
	struct run_row row = row_of(w, run.id, mem);
	struct run_end end;
	struct error err;

	kill((pid_t)row.supervisor.pid, SIGKILL);
	assert_dead(row.supervisor.pid);
	ok(run_stop(w->store, run.uuid, "stopped by ada", &err), &err);
	assert_dead(command);
	end = wait_for(w, run.uuid);
	assert_int_equal(end.status, RUN_KILLED);
	assert_string_equal(end.reason, "stopped by ada (unsupervised)");
	gone(w, run.uuid);
	arena_free(mem);
}

/* What the row says of processes cannot be taken for others: another boot, and it is lost with that reason.
 */
static void test_reboot(void **state)
{
	struct world *w = *state;
	struct run_new fresh = {.kind = "command", .command = "[\"x\"]", .cwd = "/", .user = "ada"};
	struct run_process before = {
	    .pid = getpid(), .start_ticks = 1, .boot_id = "00000000-0000-0000-0000-000000000000"};
	char uuid[ID_TEXT], host[256] = "";
	struct run_end end;
	struct error err;
	int64_t id;

	gethostname(host, sizeof host - 1);
	fresh.host = host;
	ok(store_run_create(w->store, &fresh, &id, uuid, &err), &err);
	ok(store_run_start(w->store, id, &before, time_now_ms(), &err), &err);
	ok(store_run_process(w->store, id, &before, &err), &err);
	ok(run_reap(w->store, NULL, &err), &err);
	ok(run_end_of(w->store, uuid, &end, &err), &err);
	assert_int_equal(end.status, RUN_LOST);
	assert_non_null(strstr(end.reason, "restarted"));
	/* Another host's runs are not ours to judge. */
	fresh.host = "elsewhere";
	ok(store_run_create(w->store, &fresh, &id, uuid, &err), &err);
	ok(store_run_start(w->store, id, &before, time_now_ms(), &err), &err);
	ok(run_reap(w->store, NULL, &err), &err);
	ok(run_end_of(w->store, uuid, &end, &err), &err);
	assert_false(end.over);
}

/* ---- output ---- */

static void test_log(void **state)
{
	struct world *w = *state;
	struct run_started run = launch(w, "seq 1 5000; printf '\\033[31m10%%\\r\\033[32m99%% end'");
	struct run_log *log;
	struct error err;
	uint64_t at, above;
	char buf[64];
	size_t got;

	wait_for(w, run.uuid);
	ok(run_log_open(w->store, run.uuid, &log, &err), &err);
	assert_false(run_log_live(log));
	ok(run_log_tail(log, 3, UINT64_MAX, &at, &err), &err);
	ok(run_log_read(log, &at, buf, sizeof buf, &got, &err), &err);
	assert_memory_equal(buf, "4999\n5000\n\033[31m", 15);
	ok(run_log_tail(log, 2, at, &above, &err), &err);
	ok(run_log_read(log, &above, buf, 10, &got, &err), &err);
	assert_memory_equal(buf, "4997\n4998\n", 10);
	ok(run_log_tail(log, 100000, UINT64_MAX, &at, &err), &err);
	assert_int_equal(at, 0);
	run_log_last_line(log, buf, sizeof buf);
	assert_string_equal(buf, "99% end");
	run_log_close(log);
}

static void test_follow(void **state)
{
	struct world *w = *state;
	struct run_started run = launch(w, "echo a; sleep 0.3; echo b; sleep 0.3; printf c; exit 4");
	struct run_end end;
	struct error err;
	struct str text;
	int fds[2];
	char buf[100];

	str_init(&text);
	assert_int_equal(pipe(fds), 0);
	ok(run_follow(w->store, run.uuid, fds[1], 0, &end, &err), &err);
	assert_true(end.over);
	assert_int_equal(end.exit_status, 4);
	/* Less than a second: what it used is known all the same. */
	assert_true(points_of(w, run.id, SERIES_SAMPLE, "rss", NULL) >= 1);
	close(fds[1]);
	assert_int_equal(read(fds[0], buf, sizeof buf), 5);
	assert_memory_equal(buf, "a\nb\nc", 5);
	close(fds[0]);
	/* And afterwards, from what is kept. */
	assert_int_equal(pipe(fds), 0);
	ok(run_follow(w->store, run.uuid, fds[1], RUN_FOLLOW_FROM_END | RUN_FOLLOW_SAFE, &end, &err), &err);
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
	struct world *w = *state;
	struct world small = {.dir = path_join(w->dir, "small")};
	bool troubled = false;
	struct run_started run;
	struct run_end end;
	struct error err;
	char trouble[256], *text;
	size_t acked;

	ok(dir_make(small.dir, &err), &err);
	/* In a name space of our own: nothing is left mounted, whatever happens. */
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", small.dir, "tmpfs", 0, "size=4m") < 0) {
		free(small.dir);
		skip(); /* needs root */
	}
	small.path = path_join(small.dir, ".assay");
	ok(store_init(small.path, &err), &err);
	ok(store_open(&small.store, small.path, STORE_WRITE, &err), &err);
	run = launch(&small, "n=0; say() { printf '{\"metric\":\"m\",\"value\":%d,\"step\":%d}\\n' $n $n "
	                     ">> $ASSAY_EVENTS/events-1.jsonl && n=$((n+1)); }; "
	                     "say; dd if=/dev/zero of=filler bs=4k 2>/dev/null; "
	                     "for i in 1 2 3 4 5 6 7 8 9 10; do say; echo line; sleep 0.2; done 2>/dev/null; "
	                     "rm filler; say; echo acknowledged $n; exit 5");
	do {
		troubled |= run_trouble(small.store, run.uuid, trouble, sizeof trouble);
		ok(run_wait(small.store, run.uuid, 50, &end, &err), &err);
	} while (!end.over);
	assert_true(troubled);
	assert_int_equal(end.status, RUN_FAILED);
	assert_int_equal(end.exit_status, 5);
	text = output_of(&small, run.uuid);
	assert_non_null(strstr(text, "acknowledged "));
	acked = (size_t)strtol(strstr(text, "acknowledged ") + 13, NULL, 10);
	assert_true(acked >= 2);
	assert_int_equal(points_of(&small, run.id, SERIES_METRIC, "m", NULL), acked);
	gone(&small, run.uuid);
	store_close(small.store);
	assert_int_equal(umount2(small.dir, MNT_DETACH), 0); /* its supervisor may still be leaving */
	free(text);
	free(small.path);
	free(small.dir);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#define IN_A_STORE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	    IN_A_STORE(test_truth),         IN_A_STORE(test_cannot_start), IN_A_STORE(test_record),
	    IN_A_STORE(test_code),          IN_A_STORE(test_metrics),      IN_A_STORE(test_live),
	    IN_A_STORE(test_stop_stubborn), IN_A_STORE(test_stop_polite),  IN_A_STORE(test_daemon_left),
	    IN_A_STORE(test_late_worker),   IN_A_STORE(test_lost),         IN_A_STORE(test_stop_alone),
	    IN_A_STORE(test_reboot),        IN_A_STORE(test_log),          IN_A_STORE(test_follow),
	    IN_A_STORE(test_full_disk),
	};

	if (argc == 4 && strcmp(argv[1], "internal-supervise") == 0)
		return run_supervise(argv[2], argv[3]);
	return cmocka_run_group_tests_name("run: end to end", tests, NULL, NULL);
}
