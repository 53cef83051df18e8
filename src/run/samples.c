/* samples: CPU, memory, disk, threads of the process tree, and GPUs: every second at first, seldom in a run of days. */
#include <math.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "supervise.h"

static const char *const names[SAMPLES] = {
    [SAMPLE_CPU] = "cpu",         [SAMPLE_RSS] = "rss",           [SAMPLE_READ] = "read",
    [SAMPLE_WRITTEN] = "written", [SAMPLE_THREADS] = "threads",   [SAMPLE_PROCESSES] = "processes",
    [SAMPLE_PSS] = "pss",         [SAMPLE_RECEIVED] = "received", [SAMPLE_SENT] = "sent"};

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
	size_t *count = &s->point_count[which];

	if (*count == KEEP_MAX) {
		memmove(s->points[which], s->points[which] + KEEP_MAX / 2, KEEP_MAX / 2 * sizeof **s->points);
		*count = KEEP_MAX / 2;
	}
	s->points[which] = vec_reserve(s->points[which], &s->point_cap[which], *count + 1, sizeof **s->points);
	s->points[which][(*count)++] = (struct point){.step = step, .time = time_now_ms(), .value = value};
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
	proc_net(&s->net);
	s->gpus = gpus_new(getenv("CUDA_VISIBLE_DEVICES"));
	s->first_sample = s->last_sample = time_mono_ms();
	s->next_sample = s->first_sample + FIRST_MS;
}

/* The kernel walks the page tables for it: at most a hundredth of a processor is spent on that. */
static void take_pss(struct supervisor *s, int64_t step, int64_t now)
{
	int64_t start = time_mono_ms();
	uint64_t bytes;

	if (now < s->next_pss)
		return;
	if (proc_pss_of(getpid(), &bytes))
		add(s, SAMPLE_PSS, step, (double)bytes);
	s->next_pss = now + 100 * (time_mono_ms() - start);
}

/* The whole machine's (or container's) since the run began: the kernel does not tell processes apart. */
static void take_net(struct supervisor *s, int64_t step)
{
	struct proc_net net;

	if (!proc_net(&net) || net.received < s->net.received || net.sent < s->net.sent)
		return;
	add(s, SAMPLE_RECEIVED, step, (double)(net.received - s->net.received));
	add(s, SAMPLE_SENT, step, (double)(net.sent - s->net.sent));
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
	take_gpus(s, step);
	add(s, SAMPLE_CPU, step, cpu > 0 ? cpu : 0);
	add(s, SAMPLE_RSS, step, (double)use.rss);
	add(s, SAMPLE_READ, step, (double)use.read);
	add(s, SAMPLE_WRITTEN, step, (double)use.written);
	add(s, SAMPLE_THREADS, step, use.threads);
	add(s, SAMPLE_PROCESSES, step, use.processes);
	take_pss(s, step, now);
	take_net(s, step);
	s->last_use = use;
	s->last_sample = now;
}

int samples_flush(struct supervisor *s, struct error *err)
{
	if (s->point_count[SAMPLE_CPU] == 0)
		return 0;
	if (store_begin(s->store, STORE_NORMAL, err) < 0)
		return -1;
	for (int i = 0; i < SAMPLES; i++) {
		if (store_series_append(s->store, s->run, SERIES_SAMPLE, names[i], "", s->points[i],
		                        s->point_count[i], err) < 0) {
			store_end(s->store, false, NULL);
			return -1;
		}
	}
	if (flush_gpus(s, err) < 0) {
		store_end(s->store, false, NULL);
		return -1;
	}
	/* They are the sign of life, too: other hosts have none but this. */
	if (store_run_heard(s->store, s->run, time_now_ms(), err) < 0) {
		store_end(s->store, false, NULL);
		return -1;
	}
	if (store_end(s->store, true, err) < 0)
		return -1;
	memset(s->point_count, 0, sizeof s->point_count);
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
