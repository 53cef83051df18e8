/*
 * The list of runs, measured: pages of a store of many runs, each with 10 metrics, 10 parameters, 5 tags.
 *     bench_runs [RUNS [DIR]]      default 10000; DIR/.assay is made if it is not there, and kept
 * Prints the median and the slowest of 21 calls, in ms, of pages of 50 rows with 6 columns.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "assay/store.h"

enum { TIMES = 21, ROWS = 50 };

static uint64_t state = 88172645463325252u;
static double draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (double)(state >> 11) * 0x1p-53;
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static void must(int result, const struct error *err)
{
	if (result) {
		fprintf(stderr, "bench_runs: %s\n", err->text);
		exit(1);
	}
}

static void fill_run(struct store *s, int64_t i)
{
	static const char *const metrics[] = {"auc",    "loss", "val_loss", "accuracy", "f1",
	                                      "recall", "ece",  "brier",    "log_loss", "precision"};
	static const char *const params[] = {"lr",  "depth",     "rounds", "model", "l2",
	                                     "eta", "subsample", "seed",   "batch", "optimizer"};
	static const char *const tags[] = {"team", "owner", "stage", "host_class", "ticket"};
	static const char *const models[] = {"xgb", "logistic", "mlp"};
	struct run_process nobody = {.pid = 1};
	struct run_new new = {
	    .created = 1750000000000 + i * 1000, .user = "ada", .host = "bench", .kind = "train"};
	struct run_ending ending = {
	    .status = i % 17 ? RUN_DONE : RUN_FAILED, .reason = "", .at = new.created + 60000};
	struct error err;
	char text[64], uuid[ID_TEXT];
	int64_t id;

	snprintf(text, sizeof(text), "experiment-%d", (int)(draw() * 50));
	new.experiment = text;
	must(store_run_create(s, &new, &id, uuid, &err), &err);
	must(store_run_start(s, id, &nobody, new.created + 10, &err), &err);
	for (size_t k = 0; k < COUNT_OF(params); k++) {
		snprintf(text, sizeof(text), "%.4g", floor(draw() * 1000) / 1000);
		must(store_param_set(s, id, params[k], k == 3 ? models[(int)(draw() * 3)] : text, &err), &err);
	}
	for (size_t k = 0; k < COUNT_OF(tags); k++) {
		snprintf(text, sizeof(text), "value-%d", (int)(draw() * 20));
		must(store_tag_set(s, id, tags[k], text, &err), &err);
	}
	for (size_t k = 0; k < COUNT_OF(metrics); k++) {
		struct point p = {.step = 100, .time = new.created + 50000, .value = draw()};

		must(store_series_append(s, id, SERIES_METRIC, metrics[k], "", &p, 1, &err), &err);
	}
	must(store_run_end(s, id, &ending, &err), &err);
}

static void fill(const char *path, int64_t runs)
{
	struct store *s;
	struct error err;
	double start = now_ms();

	must(store_init(path, &err), &err);
	must(store_open(&s, path, STORE_WRITE, &err), &err);
	for (int64_t i = 0; i < runs; i++) {
		if (i % 1000 == 0)
			must(store_begin(s, STORE_NORMAL, &err), &err);
		fill_run(s, i);
		if (i % 1000 == 999 || i + 1 == runs)
			must(store_end(s, true, &err), &err);
	}
	store_close(s);
	printf("made %" PRId64 " runs in %.1f s\n", runs, (now_ms() - start) / 1e3);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void report(const char *what, double *ms, int64_t rows)
{
	qsort(ms, TIMES, sizeof(*ms), by_value);
	printf("%-64s %9.3f %9.3f   %" PRId64 "\n", what, ms[TIMES / 2], ms[TIMES - 1], rows);
}

static void measure(struct store *s, const char *what, const char *order, const char *filter,
                    enum runs_place place)
{
	static const char *const columns[] = {"metrics.auc",  "metrics.loss", "params.lr",
	                                      "params.model", "tags.team",    "duration"};
	struct runs_query q = {
	    .filter = filter, .columns = columns, .column_count = COUNT_OF(columns), .trend = "auc"};
	double ms[TIMES];
	struct error err;
	size_t rows = 0;
	int64_t anchor = 0;

	for (int i = -1; i < TIMES; i++) {
		struct arena *mem = arena_new();
		struct runs_order *keys;
		struct runs_page page;
		double start;

		must(store_order_parse(order, mem, &keys, &q.order_count, &err), &err);
		q.order = keys;
		start = now_ms();
		must(store_runs_page(s, &q, place, anchor, ROWS, mem, &page, &err), &err);
		if (i >= 0)
			ms[i] = now_ms() - start;
		rows = page.count;
		/* Page on from there, as a person would. */
		if (page.count && place != RUNS_FIRST && place != RUNS_LAST)
			anchor = page.rows[page.count - 1].id;
		arena_free(mem);
	}
	report(what, ms, (int64_t)rows);
}

static void measure_count(struct store *s, const char *what, const char *filter, int64_t limit)
{
	struct runs_query q = {.filter = filter};
	double ms[TIMES];
	struct error err;
	int64_t count = 0;
	bool exact;

	for (int i = 0; i < TIMES; i++) {
		double start = now_ms();

		must(store_runs_count(s, &q, limit, &count, &exact, &err), &err);
		ms[i] = now_ms() - start;
	}
	report(what, ms, count);
}

static void measure_open(const char *path)
{
	double ms[TIMES];
	struct error err;

	for (int i = 0; i < TIMES; i++) {
		double start = now_ms();
		struct store *s;

		must(store_open(&s, path, STORE_READ, &err), &err);
		store_close(s);
		ms[i] = now_ms() - start;
	}
	report("open and close", ms, 0);
}

int main(int argc, char **argv)
{
	int64_t runs = argc > 1 ? strtoll(argv[1], NULL, 10) : 10000;
	const char *tmp = getenv("TMPDIR"), *two = "metrics.loss < 0.5 and params.depth > 0.5";
	char *folder = argc > 2 ? xstrdup(argv[2]) : xasprintf("%s/assay-bench-XXXXXX", tmp ? tmp : "/tmp");
	char *path;
	struct store *s;
	struct error err;

	if (argc < 3 && !mkdtemp(folder))
		return 1;
	path = path_join(folder, ".assay");
	if (!file_exists(path))
		fill(path, runs);
	printf("%-64s %9s %9s   rows\n", "page", "median ms", "slowest");
	measure_open(path);
	must(store_open(&s, path, STORE_READ, &err), &err);
	measure(s, "first page, newest first", "created desc", NULL, RUNS_FIRST);
	measure(s, "first page by a metric", "metrics.auc desc", NULL, RUNS_FIRST);
	measure(s, "last page by a metric", "metrics.auc desc", NULL, RUNS_LAST);
	measure(s, "paging on by a metric", "metrics.auc desc", NULL, RUNS_AFTER);
	measure(s, "first page by a parameter", "params.lr", NULL, RUNS_FIRST);
	measure(s, "first page by a text, then a metric", "params.model, metrics.auc desc", NULL, RUNS_FIRST);
	measure(s, "by a metric, two filters that match 1/4", "metrics.auc desc", two, RUNS_FIRST);
	measure(s, "by a metric, two filters that match 1/100", "metrics.auc desc",
	        "metrics.loss < 0.1 and params.depth < 0.1", RUNS_FIRST);
	measure(s, "newest first, of one experiment of 50", "created desc", "experiment = 'experiment-7'",
	        RUNS_FIRST);
	measure(s, "newest first, words that nothing has", "created desc", "heron-xyz", RUNS_FIRST);
	measure_count(s, "count to 100, two filters", two, 100);
	measure_count(s, "count all", NULL, INT64_MAX - 1);
	store_close(s);
	if (argc < 3)
		dir_remove(folder, NULL);
	free(folder);
	free(path);
	return 0;
}
