/*
 * Runs, measured against the bare command, pair by pair.
 *     bench_run [launch|report]…
 * launch   `assay run -- true` beside `true`: the time from the start of the process to its end
 * report   a program that computes for two seconds or so: alone, and as a run that reports 1,000 points a
 * second; wall time and CPU time of its own, and the CPU time of the supervisor Medians of the pairs. The
 * program is $ASSAY.
 */
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "assay/run.h"

enum { LAUNCHES = 41, REPORTS = 7 };

extern char **environ;

static double clock_ms(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof *values, by_value);
	return values[count / 2];
}

static double timed(const char *const *argv)
{
	double start = clock_ms(CLOCK_MONOTONIC);
	int status;
	pid_t pid;

	if (posix_spawnp(&pid, argv[0], NULL, NULL, (char **)(uintptr_t)argv, environ) != 0)
		bug("bench_run: cannot start %s", argv[0]);
	waitpid(pid, &status, 0);
	if (status != 0)
		bug("bench_run: %s ended with %d", argv[0], status);
	return clock_ms(CLOCK_MONOTONIC) - start;
}

static void bench_launch(const char *program, const char *store)
{
	const char *const plain[] = {"true", NULL};
	const char *const run[] = {program, "--store", store, "run", "--", "true", NULL};
	double a[LAUNCHES], b[LAUNCHES], more[LAUNCHES];

	timed(run);
	for (int i = 0; i < LAUNCHES; i++) {
		a[i] = timed(plain);
		b[i] = timed(run);
		more[i] = b[i] - a[i];
	}
	printf("true                         %8.2f ms\n", median(a, LAUNCHES));
	printf("assay run -- true            %8.2f ms\n", median(b, LAUNCHES));
	printf("more than true               %8.2f ms   (median of %d pairs)\n", median(more, LAUNCHES),
	       LAUNCHES);
}

static volatile double sum;

static void compute(int rounds)
{
	for (int i = 0; i < rounds; i++)
		sum = sum * 0.999 + i;
}

/* How much of it is a millisecond here. */
static int rounds_per_ms(void)
{
	double cpu = clock_ms(CLOCK_PROCESS_CPUTIME_ID);

	compute(20000000);
	return (int)(20000000 / (clock_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu));
}

/* 2,000 times a millisecond's work; a line for each if there is a folder for it. */
static int work(const char *result, int rounds)
{
	const char *folder = getenv("ASSAY_EVENTS");
	char *path = folder ? xasprintf("%s/events-1.jsonl", folder) : NULL, line[160];
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
	double start = clock_ms(CLOCK_MONOTONIC), cpu = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
	FILE *out;

	for (int step = 0; step < 2000; step++) {
		compute(rounds);
		if (fd >= 0) {
			int n =
			    snprintf(line, sizeof line, "{\"metric\":\"loss\",\"value\":%.17g,\"step\":%d}\n", sum, step);
			if (write(fd, line, (size_t)n) != n)
				return 1;
		}
	}
	out = fopen(result, "w");
	fprintf(out, "%.3f %.3f\n", clock_ms(CLOCK_MONOTONIC) - start, clock_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu);
	fclose(out);
	return 0;
}

static void read_result(const char *path, double *wall, double *cpu)
{
	FILE *in = fopen(path, "r");

	if (!in || fscanf(in, "%lf %lf", wall, cpu) != 2)
		bug("bench_run: no result in %s", path);
	fclose(in);
}

static void bench_report(const char *program, const char *store, const char *self, const char *dir)
{
	char *result = path_join(dir, "result"), *rounds = xasprintf("%d", rounds_per_ms());
	const char *const plain[] = {self, "work", result, rounds, NULL};
	const char *const run[] = {program, "--store", store, "run", "--", self, "work", result, rounds, NULL};
	double wall[REPORTS], cpu[REPORTS], alone_ms, alone_cpu, ms, own;

	for (int i = 0; i < REPORTS; i++) {
		timed(plain);
		read_result(result, &alone_ms, &alone_cpu);
		timed(run);
		read_result(result, &ms, &own);
		wall[i] = 100 * (ms / alone_ms - 1);
		cpu[i] = 100 * (own / alone_cpu - 1);
	}
	printf("1,000 lines a second or so: wall %+.2f %%, own CPU %+.2f %%   (median of %d pairs of %.1f s)\n",
	       median(wall, REPORTS), median(cpu, REPORTS), REPORTS, alone_ms / 1000);
	free(result);
	free(rounds);
}

int main(int argc, char **argv)
{
	const char *program = getenv("ASSAY"), *base = getenv("TMPDIR");
	char *dir = xasprintf("%s/assay-bench-XXXXXX", base ? base : "/tmp"), *store, *self;
	struct error err;

	if (argc == 4 && strcmp(argv[1], "work") == 0)
		return work(argv[2], (int)strtol(argv[3], NULL, 10));
	program = path_absolute(program ? program : "build/assay");
	self = path_absolute("/proc/self/exe");
	if (!mkdtemp(dir) || chdir(dir) < 0)
		bug("bench_run: cannot make %s", dir);
	store = path_join(dir, ".assay");
	if (store_init(store, &err) < 0)
		bug("bench_run: %s", err.text);
	if (argc == 1 || strcmp(argv[1], "launch") == 0)
		bench_launch(program, store);
	if (argc == 1 || strcmp(argv[argc - 1], "report") == 0)
		bench_report(program, store, self, dir);
	dir_remove(dir, NULL);
	return 0;
}
