/*
 * CSV to profile, beside the bare limits: reading the bytes, and libcsv with empty callbacks on one thread.
 *
 *     bench_data [FILE.csv]
 *
 * Without a file: 10^6 rows of ../shared/tools/make-csv (seed 1) where that is, else of the sample data's
 * generator. Medians of five, pair by pair. CPU is of all threads.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csv.h>

#include "assay/data_split.h"
#include "assay/data_relation.h"

#define ROUNDS 5

static char *made;

static double cpu_seconds(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(const double *values)
{
	double sorted[ROUNDS];

	memcpy(sorted, values, sizeof(sorted));
	qsort(sorted, ROUNDS, sizeof(double), by_value);
	return sorted[ROUNDS / 2];
}

static char *make_file(void)
{
	static const char tool[] = "../shared/tools/make-csv";
	const char *build = getenv("BUILD");
	char *generate = path_join(build ? build : "build", "sample-data/generate");
	const char *tmp = getenv("TMPDIR");
	char *path = xasprintf("%s/assay-bench-%ld.csv", tmp ? tmp : "/tmp", (long)getpid());
	bool shared = access(tool, X_OK) == 0;
	pid_t child = fork();
	int status;

	if (child == 0) {
		int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		if (fd < 0 || dup2(fd, 1) < 0)
			_exit(127);
		if (shared)
			execl(tool, tool, "1000000", "1", (char *)NULL);
		else
			execl(generate, generate, "2026-07", "1000000", (char *)NULL);
		_exit(127);
	}
	free(generate);
	if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0) {
		unlink(path);
		free(path);
		return NULL;
	}
	printf("file: 10^6 rows of %s\n", shared ? "make-csv, seed 1" : "the sample data's generator");
	return path;
}

static void on_field(void *bytes, size_t len, void *user)
{
	(void)bytes;
	*(uint64_t *)user += len;
}

static void on_row(int c, void *user)
{
	(void)c;
	(void)user;
}

/* Seconds for the bytes alone, or through libcsv. */
static double bare(const char *path, bool parse)
{
	char *block = xmalloc(1 << 20);
	int fd = open(path, O_RDONLY);
	int64_t began = time_mono_ms();
	struct csv_parser p;
	uint64_t sum = 0;
	ssize_t got;

	csv_init(&p, 0);
	while ((got = read(fd, block, 1 << 20)) > 0)
		if (parse)
			csv_parse(&p, block, (size_t)got, on_field, on_row, &sum);
	csv_fini(&p, on_field, on_row, &sum);
	csv_free(&p);
	close(fd);
	free(block);
	return (double)(time_mono_ms() - began) / 1000;
}

/* CPU seconds of a reading, by each way to look through bytes that the machine has. */
static void by_level(const char *path)
{
	static const char *const names[] = {"", "scalar", "SSE2", "AVX2", "AVX-512", "NEON"};

	for (int level = SCAN_SCALAR; level < SCAN_LEVEL_COUNT; level++) {
		struct table_options options = {.packed = true, .level = (enum scan_level)level};
		double cpu[ROUNDS];
		struct reading r;
		struct table t;

		if (!scan_level_here(options.level))
			continue;
		reading_init(&r);
		for (int i = 0; i < ROUNDS; i++) {
			cpu[i] = cpu_seconds();
			if (table_read(&t, &path, 1, &r, &options, NULL) < 0)
				return;
			cpu[i] = cpu_seconds() - cpu[i];
			table_release(&t);
		}
		reading_release(&r);
		printf("read into columns by %-9s %6.3f s CPU\n", names[level], median(cpu));
	}
}

/* CPU milliseconds of one column by another, of a table as it is read for that and of one with plain numbers. */
static void splits(const char *path)
{
	static const struct {
		const char *column, *by, *what;
	} pairs[] = {
	    {"n2", "region", "number by category"},    {"n2", "label", "number by label, AUC"},
	    {"n2", "n_exp", "number by ranges"},       {"n2", "ts", "number by time"},
	    {"c20", "region", "category by category"}, {"c5000", "sex", "many values by category"},
	};

	for (int packed = 1; packed >= 0; packed--) {
		struct table_options options = {.packed = packed};
		struct reading r;
		struct table t;

		reading_init(&r);
		if (table_read(&t, &path, 1, &r, &options, NULL) < 0)
			return;
		for (size_t k = 0; k < sizeof(pairs) / sizeof(pairs[0]); k++) {
			long column = table_find(&t, pairs[k].column), by = table_find(&t, pairs[k].by);
			double whole[ROUNDS], again[ROUNDS];
			struct split_by g;
			struct split s;

			if (column < 0 || by < 0)
				continue;
			for (int i = 0; i < ROUNDS; i++) {
				double began = cpu_seconds(), grouped;

				if (split_by_init(&g, &t, by, 0, STATS_ONE_EACH, NULL, NULL) < 0)
					return;
				grouped = cpu_seconds();
				split_column(&s, &g, (size_t)column, NULL, NULL);
				again[i] = 1000 * (cpu_seconds() - grouped);
				whole[i] = 1000 * (cpu_seconds() - began);
				split_release(&s);
				split_by_release(&g);
			}
			printf("split, %-8s %-24s %6.1f ms CPU (of which grouping %.1f)\n", packed ? "packed" : "plain",
			       pairs[k].what, median(whole), median(whole) - median(again));
		}
		table_release(&t);
		reading_release(&r);
	}
}

/* ---- relations ---- */

struct stopper {
	struct progress progress;
	int64_t after_ms, at_ms;
};

static void *stop_later(void *user)
{
	struct stopper *s = user;

	usleep((useconds_t)s->after_ms * 1000);
	s->at_ms = time_mono_ms();
	s->progress.stop = true;
	return NULL;
}

/* What columns have to do with each other; and how long it goes on after it was told to stop, at any time of it. */
static void relations_of(const char *path)
{
	struct table_options options = {.packed = true};
	double wall[ROUNDS], cpu[ROUNDS], worst = 0;
	struct relations out;
	struct reading r;
	struct table t;
	size_t pairs = 0;
	uint64_t rows = 0;

	reading_init(&r);
	if (table_read(&t, &path, 1, &r, &options, NULL) < 0)
		return;
	for (int i = 0; i < ROUNDS; i++) {
		int64_t began = time_mono_ms();

		cpu[i] = cpu_seconds();
		if (relations_table(&out, &t, NULL, NULL) < 0)
			return;
		wall[i] = (double)(time_mono_ms() - began) / 1000;
		cpu[i] = cpu_seconds() - cpu[i];
		pairs = out.pair_count;
		rows = out.pair_rows;
		relations_release(&out);
	}
	for (int i = 0; i < 2 * ROUNDS; i++) {
		struct stopper s = {.after_ms = (int64_t)(median(wall) * 1000) * i / (2 * ROUNDS)};
		pthread_t thread;

		if (pthread_create(&thread, NULL, stop_later, &s))
			return;
		if (relations_table(&out, &t, &(struct relation_options){.progress = &s.progress}, NULL) == 0)
			relations_release(&out);
		else if ((double)(time_mono_ms() - s.at_ms) > worst)
			worst = (double)(time_mono_ms() - s.at_ms);
		pthread_join(thread, NULL);
	}
	printf("relations of the columns       %6.3f s (%.2f s CPU; %zu pairs on %llu rows)\n", median(wall),
	       median(cpu), pairs, (unsigned long long)rows);
	printf("stopped, it ends within        %6.0f ms\n", worst);
	table_release(&t);
	reading_release(&r);
}

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : (made = make_file());
	double read_s[ROUNDS], profile_s[ROUNDS], total_s[ROUNDS], cpu_s[ROUNDS], bytes_s[ROUNDS], csv_s[ROUNDS],
	    csv_cpu_s[ROUNDS];
	struct rusage usage;
	uint64_t bytes = 0;
	size_t rows = 0, columns = 0;

	if (!path) {
		fprintf(stderr, "bench_data: no file to read\n");
		return 1;
	}
	for (int i = 0; i < ROUNDS; i++) {
		struct table_options options = {.packed = true};
		struct reading r;
		struct table t;
		struct profile p;
		struct error err;
		int64_t began, between, ended;
		double cpu;

		bytes_s[i] = bare(path, false);
		cpu = cpu_seconds();
		csv_s[i] = bare(path, true);
		csv_cpu_s[i] = cpu_seconds() - cpu;
		reading_init(&r);
		cpu = cpu_seconds();
		began = time_mono_ms();
		if (table_read(&t, (const char *const[]){path}, 1, &r, &options, &err) < 0) {
			fprintf(stderr, "bench_data: %s\n", err.text);
			return 1;
		}
		between = time_mono_ms();
		profile_table(&p, &t, NULL, NULL);
		ended = time_mono_ms();
		cpu_s[i] = cpu_seconds() - cpu;
		read_s[i] = (double)(between - began) / 1000;
		profile_s[i] = (double)(ended - between) / 1000;
		total_s[i] = (double)(ended - began) / 1000;
		bytes = t.files[0].bytes;
		rows = t.row_count;
		columns = t.column_count;
		profile_release(&p);
		table_release(&t);
		reading_release(&r);
	}
	getrusage(RUSAGE_SELF, &usage);
	printf("%zu rows x %zu columns, %.1f MB, %d threads\n", rows, columns, (double)bytes / 1e6, cpu_count());
	printf("bytes alone                    %6.3f s\n", median(bytes_s));
	printf("libcsv, empty callbacks        %6.3f s (one thread; %.2f s CPU)\n", median(csv_s),
	       median(csv_cpu_s));
	printf("read into columns, with digest %6.3f s\n", median(read_s));
	printf("profile of the columns         %6.3f s\n", median(profile_s));
	printf("file to profile                %6.3f s (%.2f s CPU: %.2f of libcsv's)\n", median(total_s),
	       median(cpu_s), median(cpu_s) / median(csv_cpu_s));
	printf("largest resident size          %6.0f MiB\n", (double)usage.ru_maxrss / 1024);
	relations_of(path);
	getrusage(RUSAGE_SELF, &usage);
	printf("largest resident size with it  %6.0f MiB\n", (double)usage.ru_maxrss / 1024);
	by_level(path);
	splits(path);
	if (made) {
		unlink(made);
		free(made);
	}
	return 0;
}
