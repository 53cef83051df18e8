/* samples: CPU, memory, disk, threads of the process tree, and GPUs: every second at first, seldom in a run of days. */
#include <math.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "supervise.h"

static const char *const names[SAMPLES] = {
    [SAMPLE_CPU] = "cpu",         [SAMPLE_RSS] = "rss",         [SAMPLE_READ] = "read",
    [SAMPLE_WRITTEN] = "written", [SAMPLE_THREADS] = "threads", [SAMPLE_PROCESSES] = "processes"};

/* Kept while the store cannot be written; older ones then make room. */
enum { KEEP_MAX = 4096 };

/* The first one soon, so that a short run has something to show. */
enum { FIRST_MS = 100 };

static int64_t interval_ms(int64_t age_ms)
{
	if (age_ms < 10 * 60000)
		return 1000;
	if (age_ms < 3600000)
		return 2000;
	return age_ms < 12 * 3600000LL ? 5000 : 15000;
}

static void add(struct supervisor *s, int which, int64_t step, double value)
{
	s->points[which] =
	    vec_reserve(s->points[which], &s->point_cap[which], s->point_count + 1, sizeof **s->points);
	s->points[which][s->point_count] = (struct point){.step = step, .time = time_now_ms(), .value = value};
}

/* ---- GPUs ---- */

struct gpu_points {
	int gpu, value;
	struct point *points;
	size_t count, cap;
};

static struct gpu_points *gpu_points_of(struct supervisor *s, int gpu, int value)
{
	for (size_t i = 0; i < s->gpu_count; i++)
		if (s->gpu_points[i].gpu == gpu && s->gpu_points[i].value == value)
			return &s->gpu_points[i];
	s->gpu_points = vec_reserve(s->gpu_points, &s->gpu_cap, s->gpu_count + 1, sizeof *s->gpu_points);
	s->gpu_points[s->gpu_count] = (struct gpu_points){.gpu = gpu, .value = value};
	return &s->gpu_points[s->gpu_count++];
}

static void add_gpu(struct supervisor *s, const struct gpu_reading *r, int value, int64_t step)
{
	struct gpu_points *to;

	if (isnan(r->values[value]))
		return;
	to = gpu_points_of(s, r->index, value);
	if (to->count == KEEP_MAX) {
		memmove(to->points, to->points + KEEP_MAX / 2, KEEP_MAX / 2 * sizeof *to->points);
		to->count = KEEP_MAX / 2;
	}
	to->points = vec_reserve(to->points, &to->cap, to->count + 1, sizeof *to->points);
	to->points[to->count++] = (struct point){.step = step, .time = r->time, .value = r->values[value]};
}

/* What was measured since the last time: a driver that is slow is a step behind. */
static void take_gpus(struct supervisor *s, int64_t step)
{
	struct gpu_reading readings[256];
	size_t count = gpus_take(s->gpus, readings, COUNT_OF(readings));

	for (size_t i = 0; i < count; i++)
		for (int value = 0; value < GPU_VALUES; value++)
			add_gpu(s, &readings[i], value, step);
}

static int flush_gpus(struct supervisor *s, struct error *err)
{
	for (size_t i = 0; i < s->gpu_count; i++) {
		struct gpu_points *p = &s->gpu_points[i];
		char context[16];

		snprintf(context, sizeof context, "%d", p->gpu);
		if (p->count > 0 && store_series_append(s->store, s->run, SERIES_SAMPLE, gpu_value_name(p->value),
		                                        context, p->points, p->count, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- the process tree ---- */

/* Children that were waited for by us alone: orphans and the command itself. */
static double reaped_cpu(void)
{
	struct rusage ru;

	if (getrusage(RUSAGE_CHILDREN, &ru) < 0)
		return 0;
	return (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
	       (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
}

static void measure(struct proc_use *use)
{
	proc_use_of(getpid(), use);
	use->cpu_s += reaped_cpu();
}

/* A share of time needs a span: this is where the first one begins. */
void samples_start(struct supervisor *s)
{
	measure(&s->last_use);
	s->gpus = gpus_new(getenv("CUDA_VISIBLE_DEVICES"));
	s->first_sample = s->last_sample = time_mono_ms();
	s->next_sample = s->first_sample + FIRST_MS;
}

void samples_take(struct supervisor *s)
{
	int64_t now = time_mono_ms(), step = (now - s->first_sample) / 1000;
	struct proc_use use;
	double cpu;

	measure(&use);
	s->next_sample = now + interval_ms(now - s->first_sample);
	if (use.processes == 0 || now == s->last_sample)
		return;
	/* Percent of one core. */
	cpu = 100 * (use.cpu_s - s->last_use.cpu_s) / ((double)(now - s->last_sample) / 1000);
	/* Bytes of a process that died with nobody waiting for it are not in the sum any more: it never falls. */
	if (use.read < s->last_use.read)
		use.read = s->last_use.read;
	if (use.written < s->last_use.written)
		use.written = s->last_use.written;
	if (s->point_count == KEEP_MAX) {
		for (int i = 0; i < SAMPLES; i++)
			memmove(s->points[i], s->points[i] + KEEP_MAX / 2, KEEP_MAX / 2 * sizeof **s->points);
		s->point_count = KEEP_MAX / 2;
	}
	take_gpus(s, step);
	add(s, SAMPLE_CPU, step, cpu > 0 ? cpu : 0);
	add(s, SAMPLE_RSS, step, (double)use.rss);
	add(s, SAMPLE_READ, step, (double)use.read);
	add(s, SAMPLE_WRITTEN, step, (double)use.written);
	add(s, SAMPLE_THREADS, step, use.threads);
	add(s, SAMPLE_PROCESSES, step, use.processes);
	s->point_count++;
	s->last_use = use;
	s->last_sample = now;
}

int samples_flush(struct supervisor *s, struct error *err)
{
	if (s->point_count == 0)
		return 0;
	if (store_begin(s->store, STORE_NORMAL, err) < 0)
		return -1;
	for (int i = 0; i < SAMPLES; i++) {
		if (store_series_append(s->store, s->run, SERIES_SAMPLE, names[i], "", s->points[i], s->point_count,
		                        err) < 0) {
			store_end(s->store, false, NULL);
			return -1;
		}
	}
	if (flush_gpus(s, err) < 0) {
		store_end(s->store, false, NULL);
		return -1;
	}
	if (store_end(s->store, true, err) < 0)
		return -1;
	s->point_count = 0;
	for (size_t i = 0; i < s->gpu_count; i++)
		s->gpu_points[i].count = 0;
	return 0;
}

void samples_release(struct supervisor *s)
{
	for (int i = 0; i < SAMPLES; i++)
		free(s->points[i]);
	for (size_t i = 0; i < s->gpu_count; i++)
		free(s->gpu_points[i].points);
	free(s->gpu_points);
	gpus_free(s->gpus);
}
