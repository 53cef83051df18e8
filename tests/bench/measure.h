/* What the measurements of the store share: clocks, drawn numbers, a median with its range. */
#ifndef ASSAY_BENCH_MEASURE_H
#define ASSAY_BENCH_MEASURE_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "assay/base.h"

enum { TIMES = 21 };

static struct error err;

static inline void must(int rc, const char *what)
{
	if (rc) {
		fprintf(stderr, "%s: %s\n", what, err.text);
		exit(1);
	}
}

static inline double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Of the processor, for calls that wait for nothing: other programs on the machine disturb these figures
 * less. */
static inline double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* The same numbers each time. */
static inline uint64_t draw(void)
{
	static uint64_t state = 88172645463325252u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static inline double uniform(void)
{
	return (double)(draw() >> 11) / 9007199254740992.0;
}

static inline int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static inline double median(double *ms, size_t count)
{
	qsort(ms, count, sizeof(*ms), by_value);
	return ms[count / 2];
}

/* Median and range of the times of `count` calls. */
static inline void report(const char *what, double *ms, size_t count)
{
	double middle = median(ms, count);

	printf("  %-58s %8.3f ms [%.3f..%.3f]\n", what, middle, ms[0], ms[count - 1]);
}

static inline double file_bytes(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : (double)st.st_size;
}

#endif
