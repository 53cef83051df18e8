/*
 * kill_trials: kill -9 at random moments, of the supervisor, the command, both, the launcher, the reaper;
 * hang-up of the terminal; and in every trial two programs that report at once, one
 * by lines, one by an event file of TensorBoard's. After each trial the run must have a true status, and of each
 * series as many points as lines were acknowledged: none lost, none doubled, in order.
 *
 *     TRIALS=100 SEED=1 build/tests/fault/kill_trials
 *
 * The runs are started and watched by build/assay itself. A reporter (this program again) writes one event
 * line a write and counts what was written in memory that it shares with the judge; a kill between the two
 * leaves one line that nobody acknowledged, which may or may not be there.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "assay/exchange_tensorboard.h"
#include "assay/log.h"
#include "assay/run.h"

#include "../lib/store_state.h"

enum { WORKERS = 6, WRITERS = 2, END_MS = 20000 };

/* What the reporter tells the judge. */
struct tally {
	volatile int64_t written[WRITERS]; /* lines whose write(2) came back */
	volatile int64_t pid;
	volatile int finished; /* all lines written, about to end with `exit` */
};

/* What came of the trials, for the record: summed up over the workers. */
struct totals {
	int64_t status[RUN_STATUSES], lines;
};

struct trial {
	int number, lines, exit, pause_us, kill_us;
	bool ends; /* the run is to end with its supervisor */
	const char *program, *self, *store_dir, *tally_path;
	struct store *store;
	struct tally *tally;
	struct totals *totals;
	struct error err;
	unsigned *seed;
};

static int pick(struct trial *t, int from, int to)
{
	return from + (int)(rand_r(t->seed) % (unsigned)(to - from + 1));
}

static void sleep_us(int us)
{
	struct timespec ts = {us / 1000000, us % 1000000 * 1000L};

	nanosleep(&ts, NULL);
}

/* ---- the reporter ---- */

/* By the reporting API, whose every call is a line that is written when it comes back. */
static void report_calls(struct tally *tally, int writer, int lines, int pause_us)
{
	char name[16];

	snprintf(name, sizeof name, "m%d", writer);
	for (int i = 0; i < lines && assay_log_metric(name, i, i) == 0; i++) {
		tally->written[writer]++;
		if (pause_us)
			sleep_us(pause_us);
	}
}

static int put_little(char *out, uint64_t n, int bytes)
{
	for (int i = 0; i < bytes; i++)
		out[i] = (char)(n >> (8 * i));
	return bytes;
}

/* A frame of a TensorBoard event file: step and value i (below 2^14) of the metric that is named by two letters. */
static int event_frame(char *out, const char *name, int i)
{
	float value = (float)i;
	char *body = out + 12, *p = body;
	uint32_t bits;

	memcpy(&bits, &value, sizeof bits);
	*p++ = 0x10;
	*p++ = (char)(0x80 | (i & 0x7f));
	*p++ = (char)(i >> 7);
	memcpy(p, "\x2a\x0b\x0a\x09\x0a\x02", 6);
	memcpy(p + 6, name, 2);
	p[8] = 0x15;
	p += 9;
	p += put_little(p, bits, 4);
	put_little(out, (uint64_t)(p - body), 8);
	put_little(out + 8, tensorboard_checksum(out, 8), 4);
	p += put_little(p, tensorboard_checksum(body, (size_t)(p - body)), 4);
	return (int)(p - out);
}

/* The first writes lines, the second TensorBoard's events. */
static void report_lines(struct tally *tally, int writer, int lines, int pause_us)
{
	const char *dir = getenv("ASSAY_EVENTS");
	char *path = writer
	                 ? xasprintf("%s/events.out.tfevents.%lld.here", dir, (long long)(time_now_ms() / 1000))
	                 : xasprintf("%s/events-0.jsonl", dir),
	     line[128];
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	for (int i = 0; i < lines && fd >= 0; i++) {
		int n = writer ? event_frame(line, "m1", i)
		               : snprintf(line, sizeof line, "{\"metric\":\"m0\",\"value\":%d,\"step\":%d}\n", i, i);
		if (write(fd, line, (size_t)n) != n)
			break;
		tally->written[writer]++;
		if (pause_us)
			sleep_us(pause_us);
	}
	free(path);
}

/* reporter TALLY LINES PAUSE_US EXIT */
static int reporter(char **argv)
{
	int fd = open(argv[0], O_RDWR | O_CLOEXEC);
	struct tally *tally = mmap(NULL, sizeof *tally, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	int lines = (int)strtol(argv[1], NULL, 10), pause_us = (int)strtol(argv[2], NULL, 10);
	pid_t second;

	if (tally == MAP_FAILED)
		return 99;
	/* Its terminal may go: it goes on, as a training program that ignores SIGHUP does. */
	signal(SIGHUP, SIG_IGN);
	tally->pid = getpid();
	second = fork();
	if (second == 0) {
		/* It goes with the first, even if that was killed before this was said. */
		prctl(PR_SET_PDEATHSIG, (long)SIGKILL);
		if (getppid() != tally->pid)
			_exit(0);
		report_lines(tally, 1, lines, pause_us);
		_exit(0);
	}
	printf("writing\n");
	fflush(stdout);
	(lines % 2 ? report_lines : report_calls)(tally, 0, lines, pause_us);
	while (waitpid(second, NULL, 0) < 0 && errno == EINTR)
		;
	tally->finished = 1;
	return (int)strtol(argv[3], NULL, 10);
}

/* ---- starting ---- */

static void reporter_argv(struct trial *t, const char **argv, char buf[3][16])
{
	snprintf(buf[0], 16, "%d", t->lines);
	snprintf(buf[1], 16, "%d", t->pause_us);
	snprintf(buf[2], 16, "%d", t->exit);
	argv[0] = t->self;
	argv[1] = "reporter";
	argv[2] = t->tally_path;
	argv[3] = buf[0];
	argv[4] = buf[1];
	argv[5] = buf[2];
	argv[6] = NULL;
}

static int launch(struct trial *t, struct run_started *run)
{
	const char *argv[8];
	char buf[3][16];
	struct run_spec spec = {
	    .argv = argv, .cwd = "/", .program = t->program, .orphans = t->ends ? "end" : "go-on"};

	reporter_argv(t, argv, buf);
	return run_launch(t->store, &spec, run, &t->err);
}

/* `assay run` in a terminal of its own, whose master side is ours. */
static pid_t foreground(struct trial *t, int *master)
{
	const char *argv[16] = {t->program, "--store", t->store_dir, "run", "--"};
	char buf[3][16], name[128];
	pid_t pid;

	reporter_argv(t, argv + 5, buf);
	*master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*master < 0 || grantpt(*master) < 0 || unlockpt(*master) < 0 ||
	    ptsname_r(*master, name, sizeof name) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		int fd;
		setsid();
		fd = open(name, O_RDWR); /* becomes the controlling terminal: closing the master hangs it up */
		dup2(fd, 0);
		dup2(fd, 1);
		dup2(fd, 2);
		close(fd);
		execv(t->program, (char **)(uintptr_t)argv);
		_exit(127);
	}
	return pid;
}

/* ---- judging ---- */

static bool alive(int64_t pid)
{
	char path[64], buf[512];
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, buf, sizeof buf - 1);
	close(fd);
	buf[n > 0 ? n : 0] = 0;
	return n > 0 && strrchr(buf, ')') && strrchr(buf, ')')[2] != 'Z';
}

#define REFUTE(condition, ...)                                                                               \
	do {                                                                                                     \
		if (condition)                                                                                       \
			return error_set(&t->err, ERR_NO, __VA_ARGS__);                                                  \
	} while (0)

/* The series is 0, 1, 2 … up to what was acknowledged, or one more. */
static int judge_series(struct trial *t, int64_t run, int writer)
{
	struct arena *mem = arena_new();
	int64_t acked = t->tally->written[writer];
	struct point *points = NULL;
	struct series s = {0};
	struct error none;
	char name[16];
	size_t count = 0;
	int result = 0;

	snprintf(name, sizeof name, "m%d", writer);
	if (store_series_find(t->store, run, SERIES_METRIC, name, NULL, mem, &s, &none) == 0)
		result = store_series_points(t->store, s.id, 0, 0, mem, &points, &count, &t->err);
	if (result == 0 && ((int64_t)count < acked || (int64_t)count > acked + 1 || s.count != (int64_t)count))
		result = error_set(&t->err, ERR_NO,
		                   "%s: %lld lines were acknowledged, %zu points are there (row says %lld)", name,
		                   (long long)acked, count, (long long)s.count);
	for (size_t i = 0; result == 0 && i < count; i++)
		if (points[i].step != (int64_t)i || points[i].value < (double)i || points[i].value > (double)i)
			result = error_set(&t->err, ERR_NO, "%s: point %zu is of step %lld", name, i,
			                   (long long)points[i].step);
	arena_free(mem);
	return result;
}

enum killed {
	KILLED_NOBODY = 0,
	KILLED_SUPERVISOR = 1,
	KILLED_COMMAND = 2,
	STOPPED = 4,
	KILLED_LAUNCHER = 8
};

/* Waits until everything of it is gone, has it reaped, and compares the row with what happened. */
static int judge(struct trial *t, const char *uuid, unsigned killed)
{
	struct run_end end = {0};
	int64_t deadline = time_mono_ms() + END_MS;
	struct run_row row;
	struct arena *mem = arena_new();
	char *dir = store_live_path(t->store, uuid);
	int result;

	result = run_wait(t->store, uuid, END_MS, &end, &t->err);
	if (result == 0)
		result = store_run_by_uuid(t->store, uuid, mem, &row, &t->err);
	while (result == 0 && file_exists(dir) && time_mono_ms() < deadline) {
		run_reap(t->store, NULL, NULL);
		sleep_us(5000);
	}
	if (result == 0 && file_exists(dir))
		result = error_set(&t->err, ERR_NO, "%s is still there", dir);
	free(dir);
	for (int i = 0; result == 0 && i < WRITERS; i++)
		result = judge_series(t, row.id, i);
	arena_free(mem);
	if (result < 0)
		return -1;
	REFUTE(!end.over, "still %s after %d ms", store_status_name(end.status), END_MS);
	REFUTE(t->tally->pid && alive(t->tally->pid), "%s, but the command lives", store_status_name(end.status));
	__atomic_add_fetch(&t->totals->status[end.status], 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&t->totals->lines, t->tally->written[0] + t->tally->written[1], __ATOMIC_RELAXED);
	switch (end.status) {
	case RUN_DONE:
		REFUTE(!t->tally->finished || t->exit != 0, "done, but the command did not end with 0");
		break;
	case RUN_FAILED:
		if (end.signal) {
			REFUTE(end.signal != SIGKILL || !(killed & KILLED_COMMAND), "failed by signal %d", end.signal);
			REFUTE(end.exit_status != 137, "exit status %d of a command that was killed", end.exit_status);
		} else {
			REFUTE(!t->tally->finished || end.exit_status != t->exit || t->exit == 0,
			       "failed with status %d (wanted %d): %s", end.exit_status, t->exit, end.reason);
		}
		break;
	case RUN_KILLED:
		REFUTE(!(killed & STOPPED) && !t->ends, "killed, but nobody stopped it: %s", end.reason);
		break;
	case RUN_LOST:
		REFUTE(killed == KILLED_LAUNCHER && t->tally->pid, "lost, but it had a supervisor: %s", end.reason);
		REFUTE(!(killed & (KILLED_SUPERVISOR | KILLED_LAUNCHER)),
		       "lost, but its supervisor was left alone: %s", end.reason);
		break;
	default:
		REFUTE(true, "status %d", (int)end.status);
	}
	/* Nobody was killed: then it is not a question of what may be. */
	if (killed == KILLED_NOBODY) {
		REFUTE(end.exit_status != t->exit, "exit status %d instead of %d", end.exit_status, t->exit);
		REFUTE(t->tally->written[0] != t->lines || t->tally->written[1] != t->lines,
		       "not all lines were written");
	}
	return 0;
}

/* ---- trials ---- */

static int supervisor_of(struct trial *t, const struct run_started *run, pid_t *pid)
{
	struct arena *mem = arena_new();
	struct run_row row;
	int result = store_run_get(t->store, run->id, mem, &row, &t->err);

	*pid = result == 0 ? (pid_t)row.supervisor.pid : 0;
	arena_free(mem);
	return result;
}

static void kill_pid(int64_t pid)
{
	if (pid > 1)
		kill((pid_t)pid, SIGKILL);
}

/* The newest run, for those that were started by another program. */
static bool newest(struct trial *t, const char *not_this, char uuid[ID_TEXT])
{
	struct arena *mem = arena_new();
	struct run_row row;
	int64_t id;
	bool found = store_run_find(t->store, "@last", &id, NULL) == 0 &&
	             store_run_get(t->store, id, mem, &row, NULL) == 0 && strcmp(row.uuid, not_this) != 0;

	if (found)
		memcpy(uuid, row.uuid, ID_TEXT);
	arena_free(mem);
	return found;
}

/* The moment after a commit of whoever: if points and offsets did not go together, this is where it would
 * show. */
static void await_commit(struct trial *t)
{
	int64_t before = store_change(t->store);

	for (int i = 0; i < 20000 && store_change(t->store) == before && !t->tally->finished; i++)
		sleep_us(50);
	sleep_us(pick(t, 0, 1) ? 0 : pick(t, 0, 500));
}

static int trial_kill(struct trial *t, unsigned whom)
{
	struct run_started run;
	pid_t supervisor;

	if (launch(t, &run) < 0 || supervisor_of(t, &run, &supervisor) < 0)
		return -1;
	if (pick(t, 0, 1))
		sleep_us(t->kill_us);
	else
		await_commit(t);
	if ((whom & KILLED_COMMAND) && pick(t, 0, 1))
		kill_pid(t->tally->pid);
	if (whom & KILLED_SUPERVISOR)
		kill_pid(supervisor);
	if (whom & KILLED_COMMAND) {
		/* Not begun yet: it is killed as soon as it has. */
		for (int i = 0; i < 1000 && !t->tally->pid && !t->tally->finished; i++)
			sleep_us(1000);
		kill_pid(t->tally->pid);
	}
	return judge(t, run.uuid, whom);
}

static int trial_stop(struct trial *t)
{
	struct run_started run;

	if (launch(t, &run) < 0)
		return -1;
	sleep_us(t->kill_us);
	if (run_stop(t->store, run.uuid, "stopped by the trial", &t->err) < 0 && t->err.code != ERR_NO &&
	    t->err.code != ERR_STALE)
		return -1;
	return judge(t, run.uuid, STOPPED);
}

/* Supervisor and command are killed, and then whoever takes note of it, at random moments of its work. */
static int trial_reaper(struct trial *t)
{
	struct run_started run;
	pid_t supervisor;

	if (launch(t, &run) < 0 || supervisor_of(t, &run, &supervisor) < 0)
		return -1;
	sleep_us(t->kill_us);
	kill_pid(supervisor);
	for (int i = 0; i < 1000 && !t->tally->pid; i++)
		sleep_us(1000);
	kill_pid(t->tally->pid);
	for (int i = 0; i < 3; i++) {
		const char *argv[] = {t->self, "reap", t->store_dir, NULL};
		pid_t pid[2];
		for (int k = 0; k < 2; k++) {
			pid[k] = fork();
			if (pid[k] == 0) {
				execv(t->self, (char **)(uintptr_t)argv);
				_exit(127);
			}
		}
		sleep_us(pick(t, 0, 12000));
		for (int k = 0; k < 2; k++) {
			kill_pid(pid[k]);
			waitpid(pid[k], NULL, 0);
		}
	}
	return judge(t, run.uuid, KILLED_SUPERVISOR | KILLED_COMMAND);
}

/* assay run in the foreground: its terminal goes, or the program itself is killed. Either way the run goes on
 * to its own end; killed before it had a supervisor, it may be lost, but then nothing of it ran. */
static int trial_foreground(struct trial *t, bool hang_up)
{
	char before[ID_TEXT] = "", uuid[ID_TEXT];
	struct pollfd p;
	char buf[256];
	int master;
	pid_t pid;

	newest(t, "", before);
	pid = foreground(t, &master);
	if (pid < 0)
		return error_errno(&t->err, ERR_ENV, "cannot start %s", t->program);
	/* A hang-up during the run: so it has to be one first. */
	for (int i = 0; hang_up && i < 5000 && !t->tally->pid; i++)
		sleep_us(1000);
	sleep_us(t->kill_us);
	p = (struct pollfd){master, POLLIN, 0};
	if (poll(&p, 1, 0) > 0)
		(void)!read(master, buf, sizeof buf);
	if (!hang_up)
		kill_pid(pid);
	close(master);
	for (int i = 0; i < 3000 && waitpid(pid, NULL, WNOHANG) == 0; i++)
		sleep_us(1000);
	if (waitpid(pid, NULL, WNOHANG) == 0) {
		kill_pid(pid);
		waitpid(pid, NULL, 0);
		return error_set(&t->err, ERR_NO, "assay run did not end when its terminal went");
	}
	if (!newest(t, before, uuid)) {
		REFUTE(hang_up, "there is no run");
		return 0; /* killed before there was one */
	}
	return judge(t, uuid, hang_up ? KILLED_NOBODY : KILLED_LAUNCHER);
}

static int one_trial(struct trial *t, const char **what)
{
	int fd = open(t->tally_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), result;

	if (fd < 0 || ftruncate(fd, sizeof *t->tally) < 0)
		return error_errno(&t->err, ERR_ENV, "cannot write %s", t->tally_path);
	t->tally = mmap(NULL, sizeof *t->tally, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (t->tally == MAP_FAILED)
		return error_errno(&t->err, ERR_ENV, "cannot map %s", t->tally_path);
	t->lines = pick(t, 0, 300);
	t->pause_us = pick(t, 0, 2) ? pick(t, 100, 1500) : 0;
	t->ends = t->number % 10 == 2;
	t->exit = pick(t, 0, 1) ? 0 : pick(t, 1, 100);
	t->kill_us = pick(t, 0, 1) ? pick(t, 0, 5000) : pick(t, 0, t->lines * (t->pause_us + 100) + 50000);
	switch (t->number % 10) {
	case 0:
		*what = "nobody is killed";
		result = trial_kill(t, KILLED_NOBODY);
		break;
	case 1:
	case 2:
		*what =
		    t->ends ? "the supervisor is killed, and the run is to end with it" : "the supervisor is killed";
		result = trial_kill(t, KILLED_SUPERVISOR);
		break;
	case 3:
		*what = "the command is killed";
		result = trial_kill(t, KILLED_COMMAND);
		break;
	case 4:
	case 5:
		*what = "both are killed";
		result = trial_kill(t, KILLED_SUPERVISOR | KILLED_COMMAND);
		break;
	case 6:
		*what = "it is stopped";
		result = trial_stop(t);
		break;
	case 7:
		*what = "both are killed, and those who take note of it";
		result = trial_reaper(t);
		break;
	case 8:
		*what = "the terminal hangs up";
		result = trial_foreground(t, true);
		break;
	default:
		*what = "assay run is killed";
		result = trial_foreground(t, false);
		break;
	}
	munmap(t->tally, sizeof *t->tally);
	return result;
}

/* ---- workers ---- */

/* The name of a run's folder that is in live/, or "". */
static void left_in_live(const struct trial *t, char name[256])
{
	char *live = path_join(t->store_dir, "live");
	struct dirent *e;
	DIR *dir = opendir(live);

	*name = '\0';
	while (!*name && dir && (e = readdir(dir)))
		/* A launcher that was killed before it had a run leaves new-…, which goes after an hour. */
		if (e->d_name[0] != '.' && strncmp(e->d_name, "new-", 4) != 0)
			snprintf(name, 256, "%s", e->d_name);
	if (dir)
		closedir(dir);
	free(live);
}

/* Nothing is left of any run in live/. What a launcher that was killed had just started may hold its lock until it is
 * gone itself, and what is held is not touched. */
static int leftovers(struct trial *t)
{
	char name[256];

	for (int i = 0; i < 500; i++) {
		run_reap(t->store, NULL, NULL);
		left_in_live(t, name);
		if (!*name)
			return 0;
		sleep_us(10000);
	}
	return error_set(&t->err, ERR_NO, "%s is left in live/", name);
}

/* Trials number `first`, first + WORKERS, … in a store of its own; failures are printed as TAP comments. The
 * exit status is the number of failures. */
static int worker(const char *dir, const char *program, const char *self, int first, int trials,
                  unsigned seed, struct totals *totals)
{
	char *root = xasprintf("%s/%d", dir, first), *store_dir = path_join(root, ".assay"),
	     *tally = path_join(root, "tally");
	struct trial t = {
	    .program = program, .self = self, .store_dir = store_dir, .tally_path = tally, .totals = totals};
	int failed = 0;

	if (dir_make(root, &t.err) < 0 || store_init(store_dir, &t.err) < 0 ||
	    store_open(&t.store, store_dir, STORE_WRITE, &t.err) < 0) {
		printf("# worker %d: %s\n", first, t.err.text);
		return 1;
	}
	for (t.number = first; t.number < trials; t.number += WORKERS) {
		unsigned mine = seed * 1000003u + (unsigned)t.number;
		const char *what = "";
		t.seed = &mine;
		if (one_trial(&t, &what) < 0) {
			printf("# trial %d (%s; %d lines, kill after %d us): %s\n", t.number, what, t.lines, t.kill_us,
			       t.err.text);
			fflush(stdout);
			failed++;
		}
	}
	if (leftovers(&t) < 0) {
		printf("# worker %d: %s\n", first, t.err.text);
		failed++;
	}
	if (store_state_integrity(store_dir, &t.err) < 0) {
		printf("# worker %d: %s\n", first, t.err.text);
		failed++;
	}
	fflush(stdout);
	store_close(t.store);
	free(root);
	free(store_dir);
	free(tally);
	return failed > 250 ? 250 : failed;
}

static int reap_here(const char *store_dir)
{
	struct store *store;
	struct error err;

	if (store_open(&store, store_dir, STORE_WRITE, &err) < 0)
		return 1;
	run_reap(store, NULL, NULL);
	store_close(store);
	return 0;
}

static int env_int(const char *name, int otherwise)
{
	const char *text = getenv(name);

	return text && *text ? (int)strtol(text, NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
	const char *base = getenv("TMPDIR");
	int trials = env_int("TRIALS", 100), failed = 0, status;
	unsigned seed = (unsigned)env_int("SEED", (int)(time_now_ms() % 1000000));
	char *dir, *self, *program, *slash;
	int64_t start = time_mono_ms();
	struct totals *totals;

	if (argc == 6 && strcmp(argv[1], "reporter") == 0)
		return reporter(argv + 2);
	if (argc == 3 && strcmp(argv[1], "reap") == 0)
		return reap_here(argv[2]);
	self = path_absolute("/proc/self/exe");
	program = xstrdup(self);
	for (int i = 0; i < 3 && (slash = strrchr(program, '/')); i++)
		*slash = 0; /* build/tests/fault/kill_trials: build */
	program = xasprintf("%s/assay", program);
	dir = xasprintf("%s/assay-kill-XXXXXX", base ? base : "/tmp");
	totals = mmap(NULL, sizeof *totals, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!mkdtemp(dir) || totals == MAP_FAILED)
		return 3;
	printf("# SEED=%u TRIALS=%d %s\n", seed, trials, program);
	fflush(stdout);
	for (int i = 0; i < WORKERS; i++)
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, (long)SIGKILL);
			_exit(worker(dir, program, self, i, trials, seed, totals));
		}
	while (waitpid(-1, &status, 0) > 0)
		failed += WIFEXITED(status) ? WEXITSTATUS(status) : 1;
	printf("# %.1f s;", (double)(time_mono_ms() - start) / 1000);
	for (int i = RUN_DONE; i < RUN_STATUSES; i++)
		printf(" %lld %s,", (long long)totals->status[i], store_status_name((enum run_status)i));
	printf(" %lld lines acknowledged\n", (long long)totals->lines);
	printf("%sok 1 - %d kill trials: true status, nothing lost, nothing doubled\n1..1\n",
	       failed ? "not " : "", trials);
	if (failed)
		printf("# %d failures; the stores are left in %s\n", failed, dir);
	else
		dir_remove(dir, NULL);
	return failed != 0;
}
