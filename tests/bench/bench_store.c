/*
 * The store's bars: append, absorb, order and filter a million runs, a long series to a curve.
 *
 *     bench_store                     everything, on stores of 10^4 and 10^6 runs below $TMPDIR
 *     bench_store --runs N            the same with N for the larger one
 *     bench_store --make DIR RUNS     only makes a store in DIR/.assay
 *     bench_store --points            only appends and absorbs
 *     bench_store --pages DIR         only measures the pages of a store that was made so
 */
#include <dirent.h>
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../lib/store_fixture.h"
#include "measure.h"

enum { METRICS = 10, PARAMS = 5, MADE = 10000 };

/* ---- making a store ---- */

static const char *const metric_names[METRICS] = {"auc",      "loss",  "val_loss", "accuracy",  "f1",
                                                  "log_loss", "brier", "ece",      "precision", "recall"};
static const char *const param_names[PARAMS] = {"depth", "lr", "rounds", "lambda", "recipe"};
static const char *const param_values[PARAMS][4] = {{"3", "4", "6", "8"},
                                                    {"0.3", "0.1", "0.05", "0.01"},
                                                    {"50", "100", "200", "400"},
                                                    {"0", "1", "5", "10"},
                                                    {"logistic", "boosted-trees", "linear", "forest"}};

static void make_run(struct store *s, int64_t n, int64_t runs)
{
	const int64_t start = time_now_ms() - 1000 * runs;
	struct run_ending end = {n % 17  ? RUN_DONE
	                         : n % 2 ? RUN_FAILED
	                                 : RUN_KILLED,
	                         "", 0, 0, start + 1000 * n + 60000};
	char experiment[32], uuid[ID_TEXT];
	struct run_new new = {.experiment = experiment,
	                      .kind = "train",
	                      .command = "[\"assay\",\"train\",\"logistic\"]",
	                      .cwd = "/data",
	                      .host = "node1",
	                      .user = "ada",
	                      .created = start + 1000 * n};
	double skill = 0.6 + 0.35 * uniform();
	int points = n % 50 ? 10 : 300;
	int64_t id;

	snprintf(experiment, sizeof(experiment), "lending-%lld", (long long)(n % 8));
	must(store_run_create(s, &new, &id, uuid, &err), "run");
	for (int m = 0; m < METRICS; m++) {
		struct point curve[300];

		/* One run in forty has not reported the last metric. */
		if (m == METRICS - 1 && n % 40 == 0)
			continue;
		for (int i = 0; i < points; i++) {
			double gone = 1 - exp(-3.0 * (i + 1) / points);
			double v = m == 1 || m == 2 || (m >= 5 && m <= 7) ? 1 - skill * gone : skill * gone;

			curve[i] =
			    (struct point){i, start + 1000 * n + 100 * i, round((v + 0.01 * uniform()) * 1e5) / 1e5};
		}
		must(store_series_append(s, id, SERIES_METRIC, metric_names[m], NULL, curve, (size_t)points, &err),
		     "append");
	}
	for (int p = 0; p < PARAMS; p++)
		must(store_param_set(s, id, param_names[p], param_values[p][draw() % 4], &err), "param");
	if (n % 3 == 0)
		must(store_tag_set(s, id, "team", n % 2 ? "risk" : "fraud", &err), "tag");
	must(store_run_start(s, id, &(struct run_process){0}, start + 1000 * n, &err), "start");
	if (n + 2 < runs)
		must(store_run_end(s, id, &end, &err), "end");
}

static void sql(sqlite3 *db, const char *text)
{
	char *why = NULL;

	if (sqlite3_exec(db, text, NULL, NULL, &why) == SQLITE_OK)
		return;
	fprintf(stderr, "%s: %s\n", text, why);
	exit(1);
}

/* The definitions of all indexes or triggers that can be dropped, and their dropping. */
static void take_out(sqlite3 *db, const char *type, struct str *again)
{
	sqlite3_stmt *stmt;
	struct str drop;

	str_init(&drop);
	if (sqlite3_prepare_v2(db, "SELECT name, sql FROM sqlite_master WHERE type = ? AND sql IS NOT NULL", -1,
	                       &stmt, NULL))
		exit(1);
	sqlite3_bind_text(stmt, 1, type, -1, SQLITE_STATIC);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		str_addf(&drop, "DROP %s %s;", type, (const char *)sqlite3_column_text(stmt, 0));
		str_addf(again, "%s;\n", (const char *)sqlite3_column_text(stmt, 1));
	}
	sqlite3_finalize(stmt);
	sql(db, drop.data);
	str_release(&drop);
}

/* Large stores: the first runs are made as a program makes them, and copied with other ids, times and last
 * values; indexes are built at the end. The same rows and the same indexes, in a tenth of the time. */
static void multiply(const char *dir, int64_t base, int64_t runs)
{
	static const char *const copies[] = {
	    "INSERT INTO run SELECT id + ?1, substr(uuid, 1, 20) || printf('%012x', id + ?1), "
	    "experiment, name || "
	    "'-' || ?2, kind, status, reason, created + 1000 * ?1, started + 1000 * ?1, ended + 1000 * "
	    "?1, host, "
	    "user, command, cwd, source, parent, code_commit, code_diff, environment, seed, exit_status, signal, "
	    "progress, "
	    "bad_lines, supervisor_pid, supervisor_start, supervisor_boot, process_pid, process_start, "
	    "process_boot, seal, archived, removed, flag, flagged "
	    "FROM run WHERE id <= ?3",
	    "INSERT INTO series SELECT id + ?4, run + ?1, kind, name, context, main, count, nan_count, "
	    "direction, "
	    "last + abs(random() % 100000) / 1e6, last_step, last_time, last_nan, first, first_step, "
	    "first_time, first_nan, "
	    "min, min_step, max, max_step, best + abs(random() % 100000) / 1e6, best_step, "
	    "mean + abs(random() % 100000) / 1e6, sum, sum_low, stored, tail FROM series WHERE run <= ?3",
	    "INSERT INTO chunk SELECT id + (?4 << 22), count, nan_count, rising, step_low, step_high, "
	    "time_low, "
	    "time_high, min, max, first, last, points FROM chunk WHERE id < (?5 + 1) << 22",
	    "INSERT INTO param SELECT run + ?1, key, value, number FROM param WHERE run <= ?3",
	    "INSERT INTO tag SELECT run + ?1, key, value, number, at FROM tag WHERE run <= ?3"};
	char *path = path_join(dir, ".assay/assay.db");
	double start = now_ms();
	int64_t series = 0;
	struct str again;
	sqlite3_stmt *stmt;
	sqlite3 *db;

	str_init(&again);
	if (sqlite3_open(path, &db))
		exit(1);
	sql(db, "PRAGMA journal_mode = off; PRAGMA synchronous = off; PRAGMA cache_size = -1000000; BEGIN");
	take_out(db, "trigger", &again);
	take_out(db, "index", &again);
	if (sqlite3_prepare_v2(db, "SELECT max(id) FROM series", -1, &stmt, NULL) ||
	    sqlite3_step(stmt) != SQLITE_ROW)
		exit(1);
	series = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	for (int64_t k = 1; k * base < runs; k++) {
		int64_t left = runs - k * base;
		const int64_t values[] = {k * base, k, left < base ? left : base, k * series, series};

		for (size_t i = 0; i < COUNT_OF(copies); i++) {
			if (sqlite3_prepare_v2(db, copies[i], -1, &stmt, NULL))
				exit(1);
			for (int at = 1; at <= sqlite3_bind_parameter_count(stmt); at++)
				sqlite3_bind_int64(stmt, at, values[at - 1]);
			if (sqlite3_step(stmt) != SQLITE_DONE) {
				fprintf(stderr, "%s: %s\n", copies[i], sqlite3_errmsg(db));
				exit(1);
			}
			sqlite3_finalize(stmt);
		}
	}
	sql(db, again.data);
	sql(db, "UPDATE name SET used = (SELECT count(*) FROM run) / 10000 * used; COMMIT; PRAGMA journal_mode = "
	        "wal");
	sqlite3_close(db);
	printf("  %-58s %8.1f s\n", "multiply the runs", (now_ms() - start) / 1e3);
	str_release(&again);
	free(path);
}

static double store_bytes(const char *dir)
{
	char *path = path_join(dir, ".assay/assay.db");
	double bytes = file_bytes(path);

	free(path);
	return bytes;
}

static void make_store(const char *dir, int64_t runs)
{
	char *path = path_join(dir, ".assay");
	struct store *s;
	double start = now_ms();
	int64_t made = runs > 2 * MADE ? MADE : runs;

	must(dir_make(dir, &err), "folder");
	must(store_init(path, &err), "init");
	must(store_open(&s, path, STORE_WRITE, &err), "open");
	for (int64_t n = 0; n < made;) {
		must(store_begin(s, STORE_NORMAL, &err), "begin");
		for (int i = 0; i < 500 && n < made; i++)
			make_run(s, n++, made);
		must(store_end(s, true, &err), "commit");
	}
	store_close(s);
	printf("  %-58s %8.1f s\n", "make the store (one transaction for 500 runs)", (now_ms() - start) / 1e3);
	free(path);
	if (made < runs)
		multiply(dir, made, runs);
}

/* ---- pages ---- */

static void page(struct store *s, const char *what, const char *filter, const char *order_text,
                 enum runs_place place)
{
	static const char *const columns[] = {"metrics.auc", "metrics.loss", "params.depth", "params.lr",
	                                      "started"};
	double ms[TIMES] = {0};
	size_t rows = 0, done = 0;
	char label[96];

	/* Slow ones five times: they are no matter of chance. */
	for (size_t i = 0; i < (ms[0] > 200 ? 5 : TIMES); i++) {
		struct arena *mem = arena_new();
		struct runs_order *order;
		struct runs_query q = {
		    .filter = filter, .columns = columns, .column_count = COUNT_OF(columns), .trend = "auc"};
		struct runs_page got;
		double start;

		must(store_order_parse(order_text, mem, &order, &q.order_count, &err), "order");
		q.order = order;
		start = cpu_ms();
		must(store_runs_page(s, &q, place, 0, 50, mem, &got, &err), what);
		ms[i] = cpu_ms() - start;
		rows = got.count;
		done = i + 1;
		arena_free(mem);
	}
	snprintf(label, sizeof(label), "%s (%zu rows)", what, rows);
	report(label, ms, done);
}

/* Pages on from the first, by the last row of each. */
static void page_on(struct store *s, const char *order_text)
{
	double ms[TIMES];
	int64_t anchor = 0;

	for (int i = 0; i < TIMES; i++) {
		struct arena *mem = arena_new();
		struct runs_order *order;
		struct runs_query q = {0};
		struct runs_page got;
		double start;

		must(store_order_parse(order_text, mem, &order, &q.order_count, &err), "order");
		q.order = order;
		start = cpu_ms();
		must(store_runs_page(s, &q, anchor ? RUNS_AFTER : RUNS_FIRST, anchor, 50, mem, &got, &err), "page");
		ms[i] = cpu_ms() - start;
		anchor = got.count ? got.rows[got.count - 1].id : 0;
		arena_free(mem);
	}
	report("next page, by the metric, no columns", ms, TIMES);
}

static void counts(struct store *s, const char *filter, int64_t limit)
{
	double ms[TIMES];
	int64_t count = 0;
	bool exact = false;
	char label[96];

	for (int i = 0; i < TIMES; i++) {
		struct runs_query q = {.filter = filter};
		double start = cpu_ms();

		must(store_runs_count(s, &q, limit, &count, &exact, &err), "count");
		ms[i] = cpu_ms() - start;
	}
	snprintf(label, sizeof(label), "count up to %lld: %lld%s", (long long)limit, (long long)count,
	         exact ? "" : "+");
	report(label, ms, TIMES);
}

static void names(struct store *s)
{
	double ms[TIMES];

	for (int i = 0; i < TIMES; i++) {
		struct arena *mem = arena_new();
		const char **list;
		size_t count;
		double start = cpu_ms();

		must(store_names(s, "", 100, mem, &list, &count, &err), "names");
		ms[i] = cpu_ms() - start;
		arena_free(mem);
	}
	report("names", ms, TIMES);
}

enum whole { GROUPS, SEEDS, SUMMARY, VALUES, EXPERIMENTS, CALLED };

/* What is asked of all runs at once, or of what there is. */
static void whole(struct store *s, const char *what, enum whole which, const char *filter)
{
	static const char *const columns[] = {"metrics.auc", "best(metrics.loss)"}, *const keys[] = {
	                                                                                "params.depth"};
	double ms[5];
	size_t n = 0, total = 0;
	char label[96];

	for (size_t i = 0; i < COUNT_OF(ms); i++) {
		struct arena *mem = arena_new();
		struct runs_query q = {.filter = filter, .columns = columns, .column_count = COUNT_OF(columns)};
		struct runs_groups_query gq = {
		    .runs = &q, .keys = keys, .key_count = which == GROUPS, .over_seeds = which == SEEDS};
		struct runs_group *groups;
		struct runs_summary *summary;
		struct store_experiment *experiments;
		struct runs_page found;
		const char **values;
		double start = cpu_ms();

		if (which <= SEEDS)
			must(store_runs_groups(s, &gq, 50, mem, &groups, &n, &total, &err), what);
		else if (which == SUMMARY)
			must(store_runs_summary(s, &q, mem, &summary, &err), what);
		else if (which == VALUES)
			must(store_values(s, "params.depth", "", 50, mem, &values, &n, &err), what);
		else if (which == EXPERIMENTS)
			must(store_experiments(s, 10000, mem, &experiments, &n, &err), what);
		else
			must(store_runs_called(s, "wise-", 4096, 20, mem, &found, &err), what);
		ms[i] = cpu_ms() - start;
		arena_free(mem);
	}
	snprintf(label, sizeof(label), "%s%s", what, filter ? ", 1/16 of the runs" : "");
	report(label, ms, COUNT_OF(ms));
}

static void open_store(const char *dir)
{
	char *path = path_join(dir, ".assay");
	double ms[TIMES];

	for (int i = 0; i < TIMES; i++) {
		struct store *s;
		double start = now_ms();

		must(store_open(&s, path, STORE_READ, &err), "open");
		ms[i] = now_ms() - start;
		store_close(s);
	}
	report("open for reading", ms, TIMES);
	free(path);
}

static void pages(const char *dir)
{
	char *path = path_join(dir, ".assay");
	struct runs_query all = {0};
	int64_t runs;
	struct store *s;
	bool exact;

	open_store(dir);
	must(store_open(&s, path, STORE_READ, &err), "open");
	free(path);
	must(store_runs_count(s, &all, 100000000, &runs, &exact, &err), "count");
	printf("  %-58s %8.0f bytes\n", "size of a run (10 series, 5 parameters)",
	       store_bytes(dir) / (double)runs);
	page(s, "newest first, 5 columns and trend", NULL, "", RUNS_FIRST);
	page(s, "by metrics.auc desc", NULL, "metrics.auc desc", RUNS_FIRST);
	page(s, "by metrics.auc", NULL, "metrics.auc", RUNS_FIRST);
	page(s, "by metrics.recall desc, last page", NULL, "metrics.recall desc", RUNS_LAST);
	page(s, "by metrics.auc desc, last page", NULL, "metrics.auc desc", RUNS_LAST);
	page(s, "by params.depth, metrics.auc desc", NULL, "params.depth, metrics.auc desc", RUNS_FIRST);
	page(s, "the same, last page", NULL, "params.depth, metrics.auc desc", RUNS_LAST);
	page(s, "by experiment, best(metrics.auc) desc", NULL, "experiment, best(metrics.auc) desc", RUNS_FIRST);
	page(s, "by status, params.lr, metrics.auc desc", NULL, "status, params.lr, metrics.auc desc",
	     RUNS_FIRST);
	page(s, "by best(metrics.auc) desc", NULL, "best(metrics.auc) desc", RUNS_FIRST);
	page(s, "by mean(metrics.loss)", NULL, "mean(metrics.loss)", RUNS_FIRST);
	page(s, "by auc, where best(loss) < 0.3", "best(metrics.loss) < 0.3", "metrics.auc desc", RUNS_FIRST);
	page(s, "newest first, name ~ '^w.*-1'", "name ~ '^w.*-1'", "", RUNS_FIRST);
	page(s, "by auc desc, where accuracy < 0.66: contradicts", "metrics.accuracy < 0.66", "metrics.auc desc",
	     RUNS_FIRST);
	page(s, "by name", NULL, "name", RUNS_FIRST);
	page(s, "by auc, two filters (1/16)", "params.depth = 3 and params.lr = 0.1", "metrics.auc desc",
	     RUNS_FIRST);
	page(s, "by auc, three filters (1/64)", "params.depth = 3 and params.lr = 0.1 and params.rounds = 100",
	     "metrics.auc desc", RUNS_FIRST);
	page(s, "by auc, filters on metrics", "metrics.loss < 0.3 and metrics.f1 > 0.8", "metrics.auc desc",
	     RUNS_FIRST);
	page(s, "by loss, experiment and tag", "experiment = 'lending-3' and tags.team = 'risk'", "metrics.loss",
	     RUNS_FIRST);
	page_on(s, "metrics.auc desc");
	counts(s, NULL, 10000);
	counts(s, "metrics.auc > 0.9 and params.depth = 3", 1000);
	names(s);
	whole(s, "groups by a parameter, two columns", GROUPS, NULL);
	whole(s, "groups by a parameter, two columns", GROUPS, "params.depth = 3 and params.lr = 0.1");
	whole(s, "groups over seeds, two columns", SEEDS, NULL);
	whole(s, "summary of two columns", SUMMARY, NULL);
	whole(s, "values of a parameter", VALUES, NULL);
	whole(s, "experiments, counted up to 10000", EXPERIMENTS, NULL);
	whole(s, "runs called wise-", CALLED, NULL);
	store_close(s);
}

/* ---- points ---- */

static struct store *fresh(const char *dir, int64_t *run)
{
	char *path = path_join(dir, ".assay"), uuid[ID_TEXT];
	struct store *s;

	must(dir_make(dir, &err), "folder");
	must(store_init(path, &err), "init");
	must(store_open(&s, path, STORE_WRITE, &err), "open");
	must(store_run_create(s, &(struct run_new){.kind = "command", .command = "[]"}, run, uuid, &err), "run");
	free(path);
	return s;
}

static void bare_commits(sqlite3_stmt *stmt, int count)
{
	for (int i = 0; i < count; i++) {
		sqlite3_bind_int(stmt, 1, i);
		sqlite3_step(stmt);
		sqlite3_reset(stmt);
	}
}

static void our_commits(struct store *s, int64_t run, enum store_sync sync, int from, int count)
{
	for (int i = from; i < from + count; i++) {
		struct point p = {i, 1763888000000 + 100 * i, uniform()};

		must(store_begin(s, sync, &err), "begin");
		must(store_series_append(s, run, SERIES_METRIC, "loss", NULL, &p, 1, &err), "append");
		must(store_end(s, true, &err), "commit");
	}
}

/* One point a transaction, beside a bare SQLite loop on the same disk, turn by turn: wall time and the processor's. */
static void append_one(const char *dir, enum store_sync sync, int count)
{
	char *path = path_join(dir, "bare.db");
	double bare[TIMES], ours[TIMES], ratio[TIMES], bare_cpu = 0, our_cpu = 0;
	sqlite3_stmt *stmt;
	struct store *s;
	int64_t run;
	sqlite3 *db;

	s = fresh(dir, &run);
	if (sqlite3_open(path, &db) ||
	    sqlite3_exec(db, "PRAGMA journal_mode = wal; CREATE TABLE p (a, b, c, d)", 0, 0, 0) ||
	    sqlite3_exec(db, sync == STORE_DURABLE ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL",
	                 0, 0, 0) ||
	    sqlite3_prepare_v2(db, "INSERT INTO p VALUES (1, 2, ?, 0.5)", -1, &stmt, NULL)) {
		fprintf(stderr, "%s\n", sqlite3_errmsg(db));
		exit(1);
	}
	for (int i = 0; i < TIMES; i++) {
		double start = now_ms(), cpu = cpu_ms(), middle, middle_cpu;

		bare_commits(stmt, count);
		middle = now_ms();
		middle_cpu = cpu_ms();
		our_commits(s, run, sync, i * count, count);
		bare[i] = (middle - start) / count;
		ours[i] = (now_ms() - middle) / count;
		ratio[i] = bare[i] / ours[i];
		bare_cpu += middle_cpu - cpu;
		our_cpu += cpu_ms() - middle_cpu;
	}
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	store_close(s);
	printf(
	    "  one point a commit, %-38s %8.0f /s; bare SQLite %.0f /s (%.0f %%); processor %.4f and %.4f ms\n",
	    sync == STORE_DURABLE ? "durable" : "normal", 1e3 / median(ours, TIMES), 1e3 / median(bare, TIMES),
	    100 * median(ratio, TIMES), our_cpu / count / TIMES, bare_cpu / count / TIMES);
	free(path);
	dir_remove(dir, NULL);
}

/* `points` lines of 10 series in one file, as a program writes them. */
static void absorb(const char *dir, int64_t points, bool decimals)
{
	struct str lines;
	struct store *s;
	int64_t run, done = 0;
	char *live = path_join(dir, "live"), *path = path_join(dir, "live/events-a.jsonl");
	struct absorbed a;
	double start, ms;
	double before, after;
	int calls = 0;

	s = fresh(dir, &run);
	must(dir_make(live, &err), "folder");
	str_init(&lines);
	for (int64_t i = 0; i < points; i++) {
		char number[NUM_TEXT];
		double v = 2 * exp(-(double)i / (double)points * 4) + 0.05 * uniform();

		num_shortest(decimals ? round(v * 1e4) / 1e4 : v, number);
		str_addf(&lines, "{\"metric\":\"%s\",\"value\":%s,\"step\":%lld,\"time\":%lld}\n",
		         metric_names[i % METRICS], number, (long long)(i / METRICS),
		         (long long)(1763888000000 + 13 * i));
	}
	must(file_write_atomic(path, lines.data, lines.len, 0600, &err), "lines");
	store_close(s);
	before = store_bytes(dir);
	{
		char *store = path_join(dir, ".assay");

		must(store_open(&s, store, STORE_WRITE, &err), "open");
		free(store);
	}
	start = now_ms();
	do {
		must(absorb_once(s, run, live, 0, &a, &err), "absorb");
		done += (int64_t)a.points;
		calls++;
	} while (a.more);
	ms = now_ms() - start;
	store_close(s);
	after = store_bytes(dir);
	printf("  absorb %lld points, %-42s %8.0f points/s, %.0f MB/s; a call %.0f ms; %.1f bytes a point\n",
	       (long long)done, decimals ? "4 decimals" : "17 digits", (double)done / ms * 1e3,
	       (double)lines.len / ms / 1e3, ms / calls, (after - before) / (double)points);
	str_release(&lines);
	free(live);
	free(path);
	dir_remove(dir, NULL);
}

/* Small batches of many series, as a supervisor absorbs them: how much is written for a point. */
static void follow(const char *dir)
{
	enum { ROUNDS = 2000, SERIES = 20 };
	int64_t run;
	struct store *s = fresh(dir, &run);
	char *path = path_join(dir, ".assay/assay.db-wal");
	double start = now_ms();

	for (int i = 0; i < ROUNDS; i++) {
		must(store_begin(s, STORE_NORMAL, &err), "begin");
		for (int m = 0; m < SERIES; m++) {
			struct point p = {i, 1763888000000 + 100 * i, uniform()};
			char name[16];

			snprintf(name, sizeof(name), "metric%d", m);
			must(store_series_append(s, run, SERIES_METRIC, name, NULL, &p, 1, &err), "append");
		}
		must(store_end(s, true, &err), "commit");
	}
	printf("  %-58s %8.3f ms\n", "one point of each of 20 series, a commit", (now_ms() - start) / ROUNDS);
	store_close(s);
	free(path);
	dir_remove(dir, NULL);
}

/* A million points to what a chart draws. */
static void curve(const char *dir)
{
	enum { COUNT = 1000000 };
	struct point *points = xcalloc(COUNT, sizeof(*points));
	int64_t run;
	struct store *s = fresh(dir, &run);
	double ms[TIMES], start;
	struct arena *mem = arena_new();
	struct series series;

	for (int i = 0; i < COUNT; i++)
		points[i] = (struct point){i, 1763888000000 + 100 * i, sin(i / 1e5) + 0.1 * uniform()};
	start = now_ms();
	must(store_series_append(s, run, SERIES_METRIC, "loss", NULL, points, COUNT, &err), "append");
	printf("  %-58s %8.2f M points/s\n", "append in one call", COUNT / (now_ms() - start) / 1e3);
	must(store_series_find(s, run, SERIES_METRIC, "loss", NULL, mem, &series, &err), "find");
	for (int i = 0; i < TIMES; i++) {
		struct series_bucket *b;
		size_t count;

		start = cpu_ms();
		must(store_series_envelope(s, series.id, AXIS_STEP, 1, 0, 320, mem, &b, &count, &err), "envelope");
		ms[i] = cpu_ms() - start;
	}
	report("envelope of 10^6 points in 320 parts", ms, TIMES);
	for (int i = 0; i < TIMES; i++) {
		struct arena *own = arena_new();
		struct point *all;
		size_t count;

		start = cpu_ms();
		must(store_series_points(s, series.id, 0, 0, own, &all, &count, &err), "points");
		ms[i] = cpu_ms() - start;
		arena_free(own);
	}
	report("all 10^6 points", ms, TIMES);
	arena_free(mem);
	store_close(s);
	printf("  %-58s %8.1f bytes\n", "a point on disk (full doubles)", store_bytes(dir) / COUNT);
	free(points);
	dir_remove(dir, NULL);
}

int main(int argc, char **argv)
{
	const char *tmp = getenv("TMPDIR");
	int64_t runs = 1000000;
	char dir[256];
	char *inside;
	bool points_only;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 4 && !strcmp(argv[1], "--make") && int_parse(argv[3], strlen(argv[3]), &runs)) {
		make_store(argv[2], runs);
		return 0;
	}
	if (argc == 3 && !strcmp(argv[1], "--pages")) {
		pages(argv[2]);
		return 0;
	}
	points_only = argc == 2 && !strcmp(argv[1], "--points");
	if (argc != 1 && !points_only &&
	    (argc != 3 || strcmp(argv[1], "--runs") || !int_parse(argv[2], strlen(argv[2]), &runs))) {
		fprintf(stderr, "usage: bench_store [--runs N | --points | --make DIR RUNS | --pages DIR]\n");
		return 2;
	}
	snprintf(dir, sizeof(dir), "%s/bench-store-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		return 1;
	inside = path_join(dir, "store");
	printf("points\n");
	append_one(inside, STORE_NORMAL, 2000);
	append_one(inside, STORE_DURABLE, 100);
	follow(inside);
	absorb(inside, 1000000, true);
	absorb(inside, 1000000, false);
	curve(inside);
	for (int64_t n = 10000; n <= runs && !points_only; n = n < runs && n * 100 > runs ? runs : n * 100) {
		printf("%lld runs (pages: time of the processor)\n", (long long)n);
		make_store(inside, n);
		pages(inside);
		dir_remove(inside, NULL);
		if (n == runs)
			break;
	}
	free(inside);
	dir_remove(dir, NULL);
	return 0;
}
