/*
 * Sixty-four processes write into one store at once: points, absorbed event files, tags, notes, new runs that start and
 * end, searches between them. Nobody is told "locked", everything that was acknowledged is there, and integrity_check
 * is clean. SECONDS (2; with LONG 60; the bar is 300); the longest wait for a commit is said.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../lib/store_fixture.h"
#include "../lib/store_state.h"

enum { PROCESSES = 64, EVENT_WRITERS = 8 };

static struct error err;
static int failures, tests;

struct told { /* what one process was told, in memory that all share */
	int64_t acts, points, runs, lines;
	int64_t longest_us;
	int failed;
	char why[300];
};

static void check(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, what);
	failures += !good;
}

static void must(int rc, const char *what)
{
	if (!rc)
		return;
	printf("Bail out! %s: %s\n", what, err.text);
	exit(1);
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int new_run(struct store *s, int which, int64_t n, struct error *why)
{
	char name[40], uuid[ID_TEXT];
	struct run_process self = {.pid = getpid(), .start_ticks = 1, .boot_id = "boot"};
	struct run_ending end = {.status = RUN_DONE, .reason = ""};
	int64_t run;

	snprintf(name, sizeof name, "run-%d-%lld", which, (long long)n);
	if (store_run_create(
	        s, &(struct run_new){.name = name, .kind = "command", .command = "[]", .experiment = "many"},
	        &run, uuid, why) ||
	    store_run_start(s, run, &self, 0, why))
		return -1;
	return store_run_end(s, run, &end, why);
}

static int append(struct store *s, int64_t run, int which, int64_t n, struct error *why)
{
	char name[20];
	struct point p = {n, 1000 + n, (double)n};

	snprintf(name, sizeof name, "p%d", which);
	return store_series_append(s, run, SERIES_METRIC, name, NULL, &p, 1, why);
}

static int mark(struct store *s, int64_t run, int which, int64_t n, struct error *why)
{
	char key[20], value[30];

	snprintf(key, sizeof key, "t%d", which);
	snprintf(value, sizeof value, "%lld", (long long)n);
	if (n % 7 == 0)
		return store_note_add(s, run, value, 0, why);
	return store_tag_set(s, run, key, value, why);
}

static int search(struct store *s, struct error *why)
{
	struct runs_query q = {.filter = "experiment = many and status = done"};
	int64_t count;
	bool exact;

	return store_runs_count(s, &q, 50, &count, &exact, why);
}

static void work(const char *store, const char *live, int64_t run, int which, int64_t until_ms,
                 struct told *told)
{
	struct events_folder *folder = store_events_new(live);
	struct error why = {0};
	struct store *s;
	int64_t points = 0, marks = 0;
	char *path = xasprintf("%s/events-%d.jsonl", live, which);
	int fd = which < EVENT_WRITERS ? open(path, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1, rc = 0;

	free(path);
	if (store_open(&s, store, STORE_WRITE, &why))
		rc = -1;
	for (int64_t n = 0; !rc && time_mono_ms() < until_ms; n++) {
		int64_t start;
		struct absorbed a;

		for (int i = 0; fd >= 0 && i < 10; i++) {
			char line[100];
			int len = snprintf(line, sizeof line,
			                   "{\"metric\":\"e\",\"context\":\"w%d\",\"value\":%lld,\"step\":%lld}\n", which,
			                   (long long)told->lines, (long long)told->lines);

			told->lines += write(fd, line, (size_t)len) == len;
		}
		start = now_us();
		switch ((n + which) % 8) {
		case 0:
			rc = new_run(s, which, n, &why);
			told->runs += !rc;
			break;
		case 1:
			rc = mark(s, run, which, marks++, &why);
			break;
		case 2:
			rc = search(s, &why);
			break;
		case 3:
			rc = store_events_absorb(s, run, folder, 0, &a, &why);
			break;
		default:
			rc = append(s, run, which, points, &why);
			points += !rc;
			told->points = points;
		}
		start = now_us() - start;
		told->longest_us = start > told->longest_us ? start : told->longest_us;
		told->acts += !rc;
	}
	if (rc) {
		told->failed = 1;
		snprintf(told->why, sizeof told->why, "%.299s", why.text);
	}
	store_events_free(folder);
	_exit(0);
}

/* So many points, each once and in order. */
static bool has(struct store *s, int64_t run, const char *name, const char *context, int64_t count)
{
	struct arena *mem = arena_new();
	struct series series;
	struct point *points;
	size_t n = 0;
	bool good = !count;

	if (count && !store_series_find(s, run, SERIES_METRIC, name, context, mem, &series, &err) &&
	    !store_series_points(s, series.id, 0, 0, mem, &points, &n, &err)) {
		good = (int64_t)n == count;
		for (size_t i = 0; good && i < n; i++)
			good = points[i].step == (int64_t)i && points[i].value == (double)i;
	}
	if (!good)
		printf("# %s %s: %zu points, not %lld\n", name, context ? context : "", n, (long long)count);
	arena_free(mem);
	return good;
}

int main(void)
{
	const char *tmp = getenv("TMPDIR"), *asked = getenv("SECONDS");
	int64_t seconds = getenv("LONG") ? 60 : 2, run, until, acts = 0, runs = 0, points = 0, lines = 0,
	        longest = 0, count;
	struct told *told =
	    mmap(NULL, PROCESSES * sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char dir[256], uuid[ID_TEXT], text[200];
	char *store, *live;
	pid_t pids[PROCESSES];
	struct absorbed a;
	struct store *s;
	bool all = true, events = true, quiet = true, exact;
	int status;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (told == MAP_FAILED)
		return 1;
	/* Bash counts its own seconds under this name, and exports it if it was asked to: a small number is one of ours. */
	if (asked)
		int_parse(asked, strlen(asked), &seconds);
	snprintf(dir, sizeof dir, "%s/many-writers-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		return 1;
	store = path_join(dir, ".assay");
	live = path_join(dir, "live");
	must(dir_make(live, &err), "folder");
	must(store_init(store, &err), "init");
	must(store_open(&s, store, STORE_WRITE, &err), "open");
	must(store_run_create(s, &(struct run_new){.kind = "command", .command = "[]"}, &run, uuid, &err), "run");
	store_close(s);
	printf("1..5\n");
	until = time_mono_ms() + seconds * 1000;
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (pids[i] < 0) {
			printf("Bail out! fork\n");
			return 1;
		}
		if (!pids[i])
			work(store, live, run, i, until, &told[i]);
	}
	for (int i = 0; i < PROCESSES; i++) {
		waitpid(pids[i], &status, 0);
		if (told[i].failed || !WIFEXITED(status))
			printf("# %d: %s\n", i, told[i].failed ? told[i].why : "it did not end by itself");
		quiet = quiet && !told[i].failed && WIFEXITED(status);
		acts += told[i].acts;
		runs += told[i].runs;
		points += told[i].points;
		lines += told[i].lines;
		longest = told[i].longest_us > longest ? told[i].longest_us : longest;
	}
	snprintf(text, sizeof text, "%d processes, %lld seconds: %lld acts, and nobody was turned away",
	         PROCESSES, (long long)seconds, (long long)acts);
	check(quiet, text);
	printf("# the longest act took %lld ms\n", (long long)(longest / 1000));
	must(store_open(&s, store, STORE_WRITE, &err), "open");
	do
		must(absorb_once(s, run, live, ABSORB_FINAL, &a, &err), "absorb");
	while (a.more);
	for (int i = 0; i < PROCESSES; i++) {
		char name[20];

		snprintf(name, sizeof name, "p%d", i);
		all = has(s, run, name, NULL, told[i].points) && all;
		snprintf(name, sizeof name, "w%d", i);
		events = has(s, run, "e", name, told[i].lines) && events;
	}
	snprintf(text, sizeof text, "%lld points that were acknowledged are there, each once", (long long)points);
	check(all, text);
	snprintf(text, sizeof text, "%lld lines of %d event files are there, each once", (long long)lines,
	         EVENT_WRITERS);
	check(events, text);
	must(store_runs_count(s, &(struct runs_query){.filter = "experiment = many and status = done"}, 1 << 30,
	                      &count, &exact, &err),
	     "count");
	snprintf(text, sizeof text, "%lld runs that ended are there", (long long)runs);
	check(count == runs, text);
	store_close(s);
	check(!store_state_integrity(store, &err), "integrity_check is ok");
	dir_remove(dir, NULL);
	free(store);
	free(live);
	return failures != 0;
}
