/*
 * Edits of many runs at once: put away, tagged, removed, taken back, made again; and purging a tenth of them. Beside
 * each another process writes a point every few milliseconds, and tells how long it had to wait. And edits of one run.
 *
 *     bench_edits [RUNS]        10^5 finished runs without measurements, made below $TMPDIR
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "assay/store_remove.h"

static struct error err;

static void must(int rc, const char *what)
{
	if (rc) {
		fprintf(stderr, "%s: %s\n", what, err.text);
		exit(1);
	}
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double megabytes(const char *folder, const char *name)
{
	char *file = path_join(folder, name);
	struct stat st = {0};

	if (stat(file, &st) != 0)
		st.st_size = 0;
	free(file);
	return (double)st.st_size / 1e6;
}

/* The peak of this process so far. */
static double peak_mb(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_maxrss / 1e3;
}

/* What the other writer tells. */
struct waits {
	volatile double longest;
	volatile int64_t writes;
};
static struct waits *waits;

static void said(const char *what, double started, const char *path)
{
	double seconds = now_s() - started;

	printf("  %-16s %8.3f s   another's longest write %7.1f ms of %6lld   peak %6.1f MB   database %6.1f MB, "
	       "log "
	       "%5.1f MB\n",
	       what, seconds, 1e3 * waits->longest, (long long)waits->writes, peak_mb(),
	       megabytes(path, "assay.db"), megabytes(path, "assay.db-wal"));
	waits->longest = 0;
	waits->writes = 0;
}

static void write_for_ever(const char *path)
{
	struct run_new new = {.name = "other"};
	char uuid[ID_TEXT];
	struct store *s;
	int64_t run;

	must(store_open(&s, path, STORE_WRITE, &err) || store_run_create(s, &new, &run, uuid, &err), "the other");
	for (int64_t i = 0;; i++) {
		struct point p = {i, i, 1};
		double t = now_s(), took;

		must(store_series_append(s, run, SERIES_METRIC, "m", NULL, &p, 1, &err), "a point");
		took = now_s() - t;
		waits->writes++;
		if (took > waits->longest)
			waits->longest = took;
		usleep(3000);
	}
}

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Alone. */
static void one_at_a_time(struct store *s, int64_t run)
{
	enum { TIMES = 501, ACTS = 4 };
	static const char *const acts[ACTS] = {"archive", "undo", "remove", "undo"};
	static double took[ACTS][TIMES];
	struct arena *mem = arena_new();
	struct store_edit edit;
	int64_t changed, left;

	for (int i = 0; i < TIMES; i++)
		for (int a = 0; a < ACTS; a++) {
			double t = now_s();

			must(a % 2   ? store_undo(s, "bob@lab", mem, &edit, &err)
			     : a / 2 ? store_remove(s, "bob@lab", &run, 1, &changed, &left, &err)
			             : store_archive(s, "bob@lab", &run, 1, true, &changed, &left, &err),
			     acts[a]);
			took[a][i] = now_s() - t;
		}
	for (int a = 0; a < ACTS; a++) {
		qsort(took[a], TIMES, sizeof(double), by_value);
		printf("  one run: %-8s median %6.3f ms, p95 %6.3f ms\n", acts[a], 1e3 * took[a][TIMES / 2],
		       1e3 * took[a][TIMES * 95 / 100]);
	}
	arena_free(mem);
}

int main(int argc, char **argv)
{
	const char *tmp = getenv("TMPDIR");
	int64_t runs = argc > 1 ? strtoll(argv[1], NULL, 10) : 100000, changed, left;
	int64_t *ids = xreallocarray(NULL, (size_t)runs, sizeof(*ids));
	char *folder = xasprintf("%s/assay-bench-XXXXXX", tmp ? tmp : "/tmp"), *path;
	struct run_ending ending = {.status = RUN_DONE, .reason = ""};
	struct arena *mem = arena_new();
	struct store_edit edit;
	struct store_weight weight;
	struct store_purge purge = {.next = 0};
	struct store *s;
	pid_t other;
	double t;

	waits = mmap(NULL, sizeof(*waits), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (waits == MAP_FAILED || !mkdtemp(folder))
		return 1;
	path = path_join(folder, ".assay");
	must(store_init(path, &err) || store_open(&s, path, STORE_WRITE, &err), "a store");
	for (int64_t i = 0; i < runs; i++) {
		struct run_new new = {.kind = "train", .experiment = "lending"};
		char uuid[ID_TEXT];

		if (i % 1000 == 0)
			must(store_begin(s, STORE_NORMAL, &err), "begin");
		must(store_run_create(s, &new, &ids[i], uuid, &err) || store_run_end(s, ids[i], &ending, &err),
		     "run");
		if (i % 1000 == 999 || i == runs - 1)
			must(store_end(s, true, &err), "end");
	}
	/* In an order of their own, as marks come. */
	for (int64_t i = runs - 1; i > 0; i--) {
		int64_t j = (i * 7919 + 17) % (i + 1), swap = ids[i];

		ids[i] = ids[j];
		ids[j] = swap;
	}
	printf("%lld runs, peak %.1f MB before\n", (long long)runs, peak_mb());
	one_at_a_time(s, ids[0]);
	fflush(stdout);
	other = fork();
	if (!other)
		write_for_ever(path);
	usleep(300000);
	waits->longest = 0;
	t = now_s();
	must(store_archive(s, "ada@lab", ids, (size_t)runs, true, &changed, &left, &err), "archive");
	said("archive", t, path);
	t = now_s();
	must(store_undo(s, "ada@lab", mem, &edit, &err), "undo");
	said("undo", t, path);
	t = now_s();
	must(store_redo(s, "ada@lab", mem, &edit, &err), "redo");
	said("redo", t, path);
	t = now_s();
	must(store_tag_edit(s, "ada@lab", ids, (size_t)runs, "team", "risk", &changed, &err), "tag");
	said("tag", t, path);
	t = now_s();
	must(store_undo(s, "ada@lab", mem, &edit, &err), "undo");
	said("undo", t, path);
	t = now_s();
	must(store_remove(s, "ada@lab", ids, (size_t)runs, &changed, &left, &err), "remove");
	said("remove", t, path);
	t = now_s();
	must(store_runs_weigh(s, ids, (size_t)runs, &weight, &err), "weigh");
	said("weigh", t, path);
	t = now_s();
	while (purge.next < (size_t)runs / 10) {
		must(store_purge_some(s, "ada@lab", ids, (size_t)runs / 10, 100, &purge, &err), "purge");
		usleep(15000); /* as `assay purge` does */
	}
	said("purge a tenth", t, path);
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	printf("  the longest of its transactions held the lock for %lld ms\n", (long long)purge.longest_ms);
	store_close(s);
	must(dir_remove(folder, &err), "removing");
	free(folder);
	free(path);
	free(ids);
	arena_free(mem);
	return 0;
}
