/*
 * What a chart of a long series costs: envelopes of all of it and of parts.
 *
 *     bench_series              of 10^6 and 10^7 points, below $TMPDIR
 *     bench_series POINTS       of so many (10^9: two minutes and 4 GB)
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "assay/store.h"

static struct error err;

static void must(int rc, const char *what)
{
	if (rc) {
		fprintf(stderr, "%s: %s\n", what, err.text);
		exit(1);
	}
}

static double clock_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static uint64_t state = 88172645463325252u;

static uint64_t draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double file_bytes(const char *store)
{
	char *path = path_join(store, "assay.db");
	struct stat st;
	double bytes = stat(path, &st) ? 0 : (double)st.st_size;

	free(path);
	return bytes;
}

/* Each envelope is asked of a store that was just opened. */
static void curve(const char *dir, int64_t count)
{
	enum { AT_ONCE = 1 << 20, PARTS = 800, TIMES = 21 };
	static const struct {
		const char *what;
		enum series_axis axis;
		double from, to; /* parts of the whole */
	} asks[] = {{"whole, by step", AXIS_STEP, 1, 0},
	            {"whole, by time", AXIS_TIME, 1, 0},
	            {"its middle tenth", AXIS_STEP, 0.45, 0.55},
	            {"a thousandth", AXIS_STEP, 0.5, 0.501}};
	struct point *points = xcalloc(AT_ONCE, sizeof(*points));
	int64_t run, time = 1763888000000;
	struct store *s;
	struct arena *mem = arena_new();
	char *path = path_join(dir, ".assay"), uuid[ID_TEXT];
	double start = clock_ms(CLOCK_MONOTONIC);
	struct series series;

	must(dir_make(dir, &err), "folder");
	must(store_init(path, &err), "init");
	must(store_open(&s, path, STORE_WRITE, &err), "open");
	must(store_run_create(s, &(struct run_new){.kind = "command", .command = "[]"}, &run, uuid, &err), "run");

	for (int64_t done = 0; done < count;) {
		size_t n = count - done < AT_ONCE ? (size_t)(count - done) : AT_ONCE;

		for (size_t i = 0; i < n; i++) {
			time += 40 + (int64_t)(draw() % 30);
			points[i] = (struct point){done + (int64_t)i, time, (double)(draw() % 10000) / 1e4};
		}
		must(store_series_append(s, run, SERIES_METRIC, "loss", NULL, points, n, &err), "append");
		done += (int64_t)n;
	}
	printf("  %lld points: made in %.1f s", (long long)count, (clock_ms(CLOCK_MONOTONIC) - start) / 1e3);
	must(store_series_find(s, run, SERIES_METRIC, "loss", NULL, mem, &series, &err), "find");
	store_close(s);
	printf(", %.2f bytes a point on disk\n", file_bytes(path) / (double)count);
	for (size_t a = 0; a < COUNT_OF(asks); a++) {
		double ms[TIMES], last = (double)count;
		for (int i = 0; i < TIMES; i++) {
			struct series_bucket *b;
			size_t n;

			must(store_open(&s, path, STORE_READ, &err), "open");
			start = clock_ms(CLOCK_THREAD_CPUTIME_ID);
			must(store_series_envelope(
			         s, series.id, asks[a].axis, asks[a].from > asks[a].to ? 1 : asks[a].from * last,
			         asks[a].from > asks[a].to ? 0 : asks[a].to * last, PARTS, mem, &b, &n, &err),
			     "envelope");
			ms[i] = clock_ms(CLOCK_THREAD_CPUTIME_ID) - start;
			store_close(s);
		}
		qsort(ms, TIMES, sizeof(*ms), by_value);
		printf("  %-30s %8.3f ms [%.3f..%.3f]\n", asks[a].what, ms[TIMES / 2], ms[0], ms[TIMES - 1]);
	}
	arena_free(mem);
	free(points);
	free(path);
	dir_remove(dir, NULL);
}

int main(int argc, char **argv)
{
	const char *tmp = getenv("TMPDIR");
	int64_t points = 0;
	char dir[256];
	char *inside;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 2 || (argc == 2 && (!int_parse(argv[1], strlen(argv[1]), &points) || points < 1))) {
		fprintf(stderr, "usage: bench_series [POINTS]\n");
		return 2;
	}
	snprintf(dir, sizeof(dir), "%s/bench-series-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		return 1;
	inside = path_join(dir, "store");
	if (points) {
		curve(inside, points);
	} else {
		curve(inside, 1000000);
		curve(inside, 10000000);
	}
	free(inside);
	dir_remove(dir, NULL);
	return 0;
}
