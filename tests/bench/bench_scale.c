/*
 * How the store grows: the same work on the same runs, here and in tables laid out as MLflow's are, at each size.
 *
 *     bench_scale                     stores of 10^4, 10^5 and 10^6 runs, made below $TMPDIR by bench_store
 *     bench_scale DIR…                stores that `bench_store --make DIR RUNS` made, from small to large
 *
 * The other tables (runs, metrics, latest_metrics, params, tags, with their keys and indexes) are filled from the
 * store: the latest values, parameters and tags of all runs; the points of the first 10,000, since a row a point of
 * all would take tens of gigabytes. They are asked in SQL, as MLflow's own search puts it, with statistics
 * (ANALYZE): what its Python adds is not in these figures. Times are the processor's; of single commits the wall's.
 */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "assay/store.h"
#include "measure.h"

enum { PAGE = 50, POINTS_OF = 10000, SIZES = 8, ROWS = 24 };

/* What came out, by line and size, for the table at the end. */
static struct result {
	const char *what, *unit;
	double ours[SIZES], theirs[SIZES];
} results[ROWS];
static size_t result_count, size_now;
static int64_t sizes[SIZES];

static void keep(const char *what, const char *unit, double ours, double theirs)
{
	size_t i = 0;

	while (i < result_count && strcmp(results[i].what, what) != 0)
		i++;
	if (i == result_count)
		results[result_count++] = (struct result){.what = what, .unit = unit};
	results[i].ours[size_now] = ours;
	results[i].theirs[size_now] = theirs;
}

static sqlite3 *db;

static void sql(const char *text)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK)
		return;
	fprintf(stderr, "%s: %s\n", text, sqlite3_errmsg(db));
	exit(1);
}

static sqlite3_stmt *prepare(const char *text)
{
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v2(db, text, -1, &stmt, NULL) == SQLITE_OK)
		return stmt;
	fprintf(stderr, "%s: %s\n", text, sqlite3_errmsg(db));
	exit(1);
}

/* ---- their tables ---- */

static const char schema[] =
    "CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name VARCHAR(256) UNIQUE NOT NULL,"
    "  artifact_location VARCHAR(256), lifecycle_stage VARCHAR(32), creation_time BIGINT, last_update_time "
    "BIGINT);"
    "CREATE TABLE runs (run_uuid VARCHAR(32) NOT NULL PRIMARY KEY, name VARCHAR(250), source_type "
    "VARCHAR(20),"
    "  source_name VARCHAR(500), entry_point_name VARCHAR(50), user_id VARCHAR(256), status VARCHAR(9),"
    "  start_time BIGINT, end_time BIGINT, source_version VARCHAR(50), lifecycle_stage VARCHAR(20),"
    "  artifact_uri VARCHAR(200), experiment_id INTEGER REFERENCES experiments, deleted_time BIGINT);"
    "CREATE TABLE metrics (key VARCHAR(250) NOT NULL, value FLOAT(53) NOT NULL, timestamp BIGINT NOT NULL,"
    "  run_uuid VARCHAR(32) NOT NULL, step BIGINT DEFAULT 0 NOT NULL, is_nan BOOLEAN DEFAULT 0 NOT NULL,"
    "  PRIMARY KEY (key, timestamp, step, run_uuid, value, is_nan));"
    "CREATE TABLE latest_metrics (key VARCHAR(250) NOT NULL, value FLOAT(53) NOT NULL, timestamp BIGINT,"
    "  step BIGINT NOT NULL, is_nan BOOLEAN NOT NULL, run_uuid VARCHAR(32) NOT NULL, PRIMARY KEY (key, "
    "run_uuid));"
    "CREATE TABLE params (key VARCHAR(250) NOT NULL, value VARCHAR(8000) NOT NULL, run_uuid VARCHAR(32) NOT "
    "NULL,"
    "  PRIMARY KEY (key, run_uuid));"
    "CREATE TABLE tags (key VARCHAR(250) NOT NULL, value VARCHAR(8000), run_uuid VARCHAR(32) NOT NULL,"
    "  PRIMARY KEY (key, run_uuid));"
    "CREATE INDEX index_metrics_run_uuid ON metrics (run_uuid);"
    "CREATE INDEX index_metrics_run_uuid_key_step ON metrics (run_uuid, key, step);"
    "CREATE INDEX index_latest_metrics_run_uuid ON latest_metrics (run_uuid);"
    "CREATE INDEX index_params_run_uuid ON params (run_uuid);"
    "CREATE INDEX index_tags_run_uuid ON tags (run_uuid);";

static const char fill[] =
    "INSERT INTO experiments SELECT id, name, '', 'active', created, created FROM a.experiment;"
    "INSERT INTO runs SELECT uuid, name, 'LOCAL', '', '', user,"
    "  CASE status WHEN 2 THEN 'FINISHED' WHEN 3 THEN 'FAILED' WHEN 4 THEN 'KILLED' ELSE 'RUNNING' END,"
    "  started, ended, '', 'active', 'mlflow-artifacts:/' || experiment || '/' || uuid || '/artifacts', "
    "experiment,"
    "  NULL FROM a.run;"
    "INSERT INTO latest_metrics SELECT s.name, s.last, s.last_time, s.last_step, 0, r.uuid"
    "  FROM a.series s JOIN a.run r ON r.id = s.run WHERE s.kind = 0 AND s.main = 1;"
    "INSERT INTO params SELECT p.key, p.value, r.uuid FROM a.param p JOIN a.run r ON r.id = p.run;"
    "INSERT INTO tags SELECT t.key, t.value, r.uuid FROM a.tag t JOIN a.run r ON r.id = t.run;";

static int64_t fill_points(struct store *s)
{
	sqlite3_stmt *put = prepare("INSERT INTO metrics VALUES (?, ?, ?, ?, ?, 0)");
	struct arena *mem = arena_new();
	int64_t total = 0;

	for (int64_t run = 1; run <= POINTS_OF; run++) {
		struct run_row row;
		struct series *list;
		size_t count;

		arena_free(mem);
		mem = arena_new();
		must(store_run_get(s, run, mem, &row, &err), "run");
		must(store_series_list(s, run, SERIES_METRIC, mem, &list, &count, &err), "series");
		for (size_t i = 0; i < count; i++) {
			struct point *points;
			size_t n;

			must(store_series_points(s, list[i].id, 0, 0, mem, &points, &n, &err), "points");
			for (size_t k = 0; k < n; k++) {
				sqlite3_bind_text(put, 1, list[i].name, -1, SQLITE_STATIC);
				sqlite3_bind_double(put, 2, points[k].value);
				sqlite3_bind_int64(put, 3, points[k].time);
				sqlite3_bind_text(put, 4, row.uuid, -1, SQLITE_STATIC);
				sqlite3_bind_int64(put, 5, points[k].step);
				sqlite3_step(put);
				sqlite3_reset(put);
			}
			total += (int64_t)n;
		}
	}
	sqlite3_finalize(put);
	arena_free(mem);
	return total;
}

/* File by file: the tables of runs first, then those of points, so that each can be weighed. */
static void make_theirs(const char *dir, struct store *s)
{
	char *path = path_join(dir, "theirs.db"), *attach = xasprintf("ATTACH '%s/.assay/assay.db' AS a", dir);
	double runs, points;
	int64_t count;

	unlink(path);
	if (sqlite3_open(path, &db))
		exit(1);
	sql("PRAGMA foreign_keys = ON; PRAGMA case_sensitive_like = ON; PRAGMA cache_size = -1000000; PRAGMA "
	    "synchronous = OFF");
	sql(attach);
	sql("BEGIN");
	sql(schema);
	sql(fill);
	sql("COMMIT");
	runs = file_bytes(path);
	sql("BEGIN");
	count = fill_points(s);
	sql("COMMIT; DETACH a; ANALYZE");
	points = file_bytes(path) - runs;
	printf("  their tables: %.0f bytes a run, %.0f bytes a point more (%lld points)\n",
	       runs / (double)sizes[size_now], points / (double)count, (long long)count);
	sqlite3_close(db);
	/* As their program opens it, but for a cache as large as ours. */
	if (sqlite3_open(path, &db))
		exit(1);
	sql("PRAGMA foreign_keys = ON; PRAGMA case_sensitive_like = ON; PRAGMA cache_size = -16384");
	free(path);
	free(attach);
}

/* ---- lists ---- */

#define THEIR_COLUMNS                                                                                        \
	"SELECT r.run_uuid, r.name, r.status, r.start_time, r.end_time, "                                        \
	"(SELECT value FROM latest_metrics l WHERE l.key = 'auc' AND l.run_uuid = r.run_uuid), "                 \
	"(SELECT value FROM latest_metrics l WHERE l.key = 'loss' AND l.run_uuid = r.run_uuid), "                \
	"(SELECT value FROM params p WHERE p.key = 'depth' AND p.run_uuid = r.run_uuid), "                       \
	"(SELECT value FROM params p WHERE p.key = 'lr' AND p.run_uuid = r.run_uuid) FROM ("                     \
	"SELECT r.* FROM runs r "
#define THEIR_ACTIVE "WHERE r.experiment_id BETWEEN 1 AND 1000 AND r.lifecycle_stage IN ('active') "
#define THEIR_NEWEST "r.start_time DESC, r.run_uuid LIMIT 50) r"
#define THEIR_METRIC "LEFT OUTER JOIN latest_metrics m ON m.run_uuid = r.run_uuid AND m.key = 'auc' "
#define THEIR_ORDER                                                                                          \
	"ORDER BY CASE WHEN m.is_nan = 1 THEN 1 WHEN m.value IS NULL THEN 2 ELSE 0 END, m.value DESC, "

static const struct list_work {
	const char *what, *filter, *order, *theirs;
} lists[] = {
    {"first page, newest first", NULL, "started desc", THEIR_COLUMNS THEIR_ACTIVE "ORDER BY " THEIR_NEWEST},
    {"first page by a metric", NULL, "metrics.auc desc",
     THEIR_COLUMNS THEIR_METRIC THEIR_ACTIVE THEIR_ORDER THEIR_NEWEST},
    {"by a metric, two filters (1/16 match)", "params.depth = 3 and params.lr = 0.1", "metrics.auc desc",
     THEIR_COLUMNS THEIR_METRIC
     "JOIN (SELECT run_uuid FROM params WHERE key = 'depth' AND value = '3') f1 ON f1.run_uuid = r.run_uuid "
     "JOIN (SELECT run_uuid FROM params WHERE key = 'lr' AND value = '0.1') f2 ON f2.run_uuid = "
     "r.run_uuid " THEIR_ACTIVE THEIR_ORDER THEIR_NEWEST},
    {"by a metric, filters on a metric and a parameter", "metrics.loss < 0.3 and params.depth = 3",
     "metrics.auc desc",
     THEIR_COLUMNS THEIR_METRIC "JOIN (SELECT run_uuid FROM latest_metrics WHERE key = 'loss' AND value < "
                                "0.3) f1 ON f1.run_uuid = r.run_uuid "
                                "JOIN (SELECT run_uuid FROM params WHERE key = 'depth' AND value = '3') f2 "
                                "ON f2.run_uuid = r.run_uuid " THEIR_ACTIVE THEIR_ORDER THEIR_NEWEST},
};

static size_t our_page(struct store *s, const struct list_work *w)
{
	static const char *const columns[] = {"metrics.auc", "metrics.loss", "params.depth", "params.lr"};
	struct arena *mem = arena_new();
	struct runs_query q = {.filter = w->filter, .columns = columns, .column_count = COUNT_OF(columns)};
	struct runs_order *order;
	struct runs_page got;
	size_t count;

	must(store_order_parse(w->order, mem, &order, &q.order_count, &err), w->what);
	q.order = order;
	must(store_runs_page(s, &q, RUNS_FIRST, 0, PAGE, mem, &got, &err), w->what);
	count = got.count;
	arena_free(mem);
	return count;
}

static size_t their_page(const struct list_work *w)
{
	sqlite3_stmt *stmt = prepare(w->theirs);
	size_t count = 0;

	while (sqlite3_step(stmt) == SQLITE_ROW)
		count++;
	sqlite3_finalize(stmt);
	return count;
}

/* Slow ones three times: they are no matter of chance. */
static size_t enough(const double *ms)
{
	return ms[0] > 200 ? 3 : TIMES;
}

static void list_runs(struct store *s)
{
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		double ours[TIMES] = {0}, theirs[TIMES] = {0};
		size_t a = 0, b = 0, n = 0, m = 0;

		for (; n < enough(ours); n++) {
			double start = cpu_ms();

			a = our_page(s, &lists[i]);
			ours[n] = cpu_ms() - start;
		}
		for (; m < enough(theirs); m++) {
			double start = cpu_ms();

			b = their_page(&lists[i]);
			theirs[m] = cpu_ms() - start;
		}
		if (a != b || a != PAGE)
			printf("  %s: %zu rows here, %zu there\n", lists[i].what, a, b);
		keep(lists[i].what, "ms", median(ours, n), median(theirs, m));
	}
}

static void open_both(const char *dir)
{
	char *ours = path_join(dir, ".assay"), *theirs = path_join(dir, "theirs.db");
	double a[TIMES], b[TIMES];

	for (int i = 0; i < TIMES; i++) {
		double start = now_ms();
		struct store *s;

		must(store_open(&s, ours, STORE_READ, &err), "open");
		our_page(s, &lists[0]);
		store_close(s);
		a[i] = now_ms() - start;
		sqlite3_close(db);
		start = now_ms();
		if (sqlite3_open(theirs, &db))
			exit(1);
		their_page(&lists[0]);
		b[i] = now_ms() - start;
	}
	keep("open, and the newest 50 runs (wall)", "ms", median(a, TIMES), median(b, TIMES));
	free(ours);
	free(theirs);
}

/* ---- points ---- */

static void put_point(sqlite3_stmt *stmt, const char *uuid, int64_t step, double value)
{
	sqlite3_bind_text(stmt, 1, "new", -1, SQLITE_STATIC);
	sqlite3_bind_double(stmt, 2, value);
	sqlite3_bind_int64(stmt, 3, 1763888000000 + step);
	sqlite3_bind_text(stmt, 4, uuid, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 5, step);
	if (sqlite3_step(stmt) != SQLITE_DONE) {
		fprintf(stderr, "a point: %s\n", sqlite3_errmsg(db));
		exit(1);
	}
	sqlite3_reset(stmt);
}

/* Rows of metrics, and the latest value, as one call writes them. */
static void their_points(const char *uuid, int64_t first, int count)
{
	sqlite3_stmt *put = prepare("INSERT INTO metrics VALUES (?, ?, ?, ?, ?, 0)"),
	             *latest = prepare("INSERT INTO latest_metrics VALUES (?1, ?2, ?3, ?5, 0, ?4) ON CONFLICT DO "
	                               "UPDATE SET value = ?2, timestamp = ?3, step = ?5 WHERE step < ?5");
	double value = 0;

	sql("BEGIN IMMEDIATE");
	for (int i = 0; i < count; i++) {
		value = uniform();
		put_point(put, uuid, first + i, value);
	}
	put_point(latest, uuid, first + count - 1, value);
	sql("COMMIT");
	sqlite3_finalize(put);
	sqlite3_finalize(latest);
}

static void our_points(struct store *s, int64_t run, int64_t first, int count, enum store_sync sync)
{
	struct point points[1000];

	for (int i = 0; i < count; i++)
		points[i] = (struct point){first + i, 1763888000000 + first + i, uniform()};
	must(store_begin(s, sync, &err), "begin");
	must(store_series_append(s, run, SERIES_METRIC, "new", NULL, points, (size_t)count, &err), "append");
	must(store_end(s, true, &err), "commit");
}

/* Points a second: calls of `count` points each, to a run of that store. */
static void append(struct store *s, const char *what, int64_t run, int count, int calls, enum store_sync sync)
{
	struct arena *mem = arena_new();
	struct run_row row;
	double ours, theirs, start;

	must(store_run_get(s, run, mem, &row, &err), "run");
	start = now_ms();
	for (int i = 0; i < calls; i++)
		our_points(s, run, (int64_t)i * count, count, sync);
	ours = now_ms() - start;
	start = now_ms();
	for (int i = 0; i < calls; i++)
		their_points(row.uuid, (int64_t)i * count, count);
	theirs = now_ms() - start;
	keep(what, "points/s", calls * count / ours * 1e3, calls * count / theirs * 1e3);
	arena_free(mem);
}

/* A long history to what a chart of 320 columns draws. */
static void chart(struct store *s, int64_t run)
{
	enum { COUNT = 1000000, BATCH = 1000 };
	struct arena *mem = arena_new();
	struct series series;
	struct run_row row;
	double ours[TIMES], theirs[3];

	must(store_run_get(s, run, mem, &row, &err), "run");
	for (int64_t i = 0; i < COUNT; i += BATCH)
		our_points(s, run, i, BATCH, STORE_NORMAL);
	sql("PRAGMA synchronous = OFF");
	for (int64_t i = 0; i < COUNT; i += BATCH)
		their_points(row.uuid, i, BATCH);
	sql("PRAGMA synchronous = FULL");
	must(store_series_find(s, run, SERIES_METRIC, "new", NULL, mem, &series, &err), "find");
	for (int i = 0; i < TIMES; i++) {
		struct series_bucket *b;
		size_t count;
		double start = cpu_ms();

		must(store_series_envelope(s, series.id, AXIS_STEP, 1, 0, 320, mem, &b, &count, &err), "envelope");
		ours[i] = cpu_ms() - start;
	}
	for (size_t i = 0; i < COUNT_OF(theirs); i++) {
		sqlite3_stmt *stmt = prepare(
		    "SELECT key, value, timestamp, step, is_nan FROM metrics WHERE run_uuid = ? AND key = 'new' "
		    "ORDER BY timestamp, step, value");
		double low[320], high[320], start = cpu_ms();
		int64_t n = 0;

		for (int k = 0; k < 320; k++)
			low[k] = 1e300, high[k] = -1e300;
		sqlite3_bind_text(stmt, 1, row.uuid, -1, SQLITE_STATIC);
		while (sqlite3_step(stmt) == SQLITE_ROW) {
			int64_t at = sqlite3_column_int64(stmt, 3) * 320 / COUNT;
			double value = sqlite3_column_double(stmt, 1);

			low[at] = value < low[at] ? value : low[at];
			high[at] = value > high[at] ? value : high[at];
			n++;
		}
		theirs[i] = cpu_ms() - start;
		sqlite3_finalize(stmt);
		if (n != COUNT || low[0] > high[0])
			exit(1);
	}
	keep("history of 10^6 points to 320 columns", "ms", median(ours, TIMES),
	     median(theirs, COUNT_OF(theirs)));
	arena_free(mem);
}

/* ---- sizes ---- */

static void measure(const char *dir)
{
	char *path = path_join(dir, ".assay"), *file = path_join(path, "assay.db"),
	     *theirs = path_join(dir, "theirs.db");
	struct runs_query all = {0};
	struct store *s;
	bool exact;

	must(store_open(&s, path, STORE_WRITE, &err), "open");
	must(store_runs_count(s, &all, INT64_MAX / 4, &sizes[size_now], &exact, &err), "count");
	printf("%lld runs: %s\n", (long long)sizes[size_now], dir);
	make_theirs(dir, s);
	/* Theirs without the points of nine runs in ten and more. */
	keep("database, all runs, points of 10^4 of them there", "MB", file_bytes(file) / 1e6,
	     file_bytes(theirs) / 1e6);
	open_both(dir);
	list_runs(s);
	append(s, "one point a commit, durable (theirs: as it comes)", 1, 1, 2000, STORE_DURABLE);
	append(s, "1,000 points a commit, durable", 2, 1000, 200, STORE_DURABLE);
	sql("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
	append(s, "one point a commit, write-ahead log, not synced", 3, 1, 20000, STORE_NORMAL);
	append(s, "1,000 points a commit, the same", 4, 1000, 200, STORE_NORMAL);
	chart(s, 5);
	sqlite3_close(db);
	store_close(s);
	unlink(theirs);
	free(path);
	free(file);
	free(theirs);
}

static void table(void)
{
	printf("\n%-52s", "work: here / their tables, in one run");
	for (size_t k = 0; k < size_now; k++)
		printf("  %20lld runs", (long long)sizes[k]);
	printf("   growth\n");
	for (size_t i = 0; i < result_count; i++) {
		const struct result *r = &results[i];

		printf("%-52s", r->what);
		for (size_t k = 0; k < size_now; k++)
			printf("  %11.4g / %-11.4g", r->ours[k], r->theirs[k]);
		printf("   %.2f x / %.3g x (%s)\n", r->ours[size_now - 1] / r->ours[0],
		       r->theirs[size_now - 1] / r->theirs[0], r->unit);
	}
}

/* With the program beside this one. */
static void make(const char *self, const char *dir, const char *runs)
{
	char *program = xasprintf("%.*s/bench_store", (int)(strrchr(self, '/') - self), self);
	pid_t pid = fork();
	int status;

	if (!pid) {
		execl(program, program, "--make", dir, runs, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
		fprintf(stderr, "%s --make %s %s failed\n", program, dir, runs);
		exit(1);
	}
	free(program);
}

int main(int argc, char **argv)
{
	static const char *const usual[] = {"10000", "100000", "1000000"};
	const char *tmp = getenv("TMPDIR");
	char temp[256];

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1 + SIZES || !strchr(argv[0], '/'))
		return 2;
	for (int i = 1; i < argc; i++, size_now++)
		measure(argv[i]);
	for (size_t i = 0; argc == 1 && i < COUNT_OF(usual); i++, size_now++) {
		snprintf(temp, sizeof(temp), "%s/bench-scale-XXXXXX", tmp ? tmp : "/tmp");
		if (!mkdtemp(temp))
			return 1;
		make(argv[0], temp, usual[i]);
		measure(temp);
		dir_remove(temp, NULL);
	}
	table();
	return 0;
}
