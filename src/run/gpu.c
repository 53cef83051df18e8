/* gpu: use, memory, power and temperature of GPUs, and what of their memory is held by this process tree. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gpu.h"

enum { GPUS_MAX = 64, USERS_MAX = 256, READINGS_MAX = 4 * GPUS_MAX, LEAVE_MS = 200 };

/* ---- the library: five structures and a dozen functions of its documented interface ---- */

struct nvml_utilization {
	unsigned gpu, memory; /* per cent of the time since the driver's last sample */
};
struct nvml_memory {
	unsigned version; /* size of the structure, and 2 in the upper byte */
	unsigned long long total, reserved, free,
	    used; /* bytes; what the driver keeps for itself is not in used */
};
struct nvml_user {
	unsigned pid;
	unsigned long long used; /* all ones: not told */
	unsigned instance, compute_instance;
};
enum { NVML_OK = 0, NVML_TEMPERATURE_GPU = 0, NVML_UUID_TEXT = 96 };

struct nvml {
	int (*init)(void);
	int (*count)(unsigned *count);
	int (*handle)(unsigned index, void **device);
	int (*uuid)(void *device, char *text, unsigned size);
	int (*utilization)(void *device, struct nvml_utilization *out);
	int (*memory)(void *device, struct nvml_memory *out);
	int (*power)(void *device, unsigned *milliwatts);
	int (*temperature)(void *device, int sensor, unsigned *celsius);
	int (*users)(void *device, unsigned *count, struct nvml_user *out);
};

/* False: no library, no driver, or one that is too old: then there is nothing to measure. */
static bool load(struct nvml *n)
{
	static const char *const names[] = {"libnvidia-ml.so.1", NULL};
	const struct library_call calls[] = {
	    {"nvmlInit_v2", &n->init},
	    {"nvmlDeviceGetCount_v2", &n->count},
	    {"nvmlDeviceGetHandleByIndex_v2", &n->handle},
	    {"nvmlDeviceGetUUID", &n->uuid},
	    {"nvmlDeviceGetUtilizationRates", &n->utilization},
	    {"nvmlDeviceGetMemoryInfo_v2", &n->memory},
	    {"nvmlDeviceGetPowerUsage", &n->power},
	    {"nvmlDeviceGetTemperature", &n->temperature},
	    {"nvmlDeviceGetComputeRunningProcesses_v3", &n->users},
	};
	const char *lacks;

	return library_load(names, calls, COUNT_OF(calls), &lacks) && n->init() == NVML_OK;
}

/* ---- which ones ---- */

/* CUDA counts equal GPUs by bus when it is told to, and usually otherwise as well; UUIDs leave no doubt. A list ends
 * at the first that is not known, as in CUDA. */
static bool is_visible(const char *visible, unsigned index, const char *uuid)
{
	for (const char *p = visible; p && *p;) {
		size_t len = strcspn(p, ",");
		int64_t number;

		if (len > 0 && int_parse(p, len, &number)) {
			if (number < 0)
				return false;
			if (number == index)
				return true;
		} else if (len > 0 && strncmp(p, uuid, len) == 0) { /* a beginning will do */
			return true;
		}
		p += len + (p[len] == ',');
	}
	return !visible;
}

struct gpu {
	unsigned index;
	void *device;
};

static size_t find_gpus(const struct nvml *n, const char *visible, struct gpu out[GPUS_MAX])
{
	unsigned count = 0;
	size_t found = 0;

	if (n->count(&count) != NVML_OK)
		return 0;
	for (unsigned i = 0; i < count && found < GPUS_MAX; i++) {
		char uuid[NVML_UUID_TEXT] = "";
		void *device;

		if (n->handle(i, &device) != NVML_OK)
			continue;
		if (n->uuid(device, uuid, sizeof uuid) != NVML_OK)
			uuid[0] = 0;
		if (is_visible(visible, i, uuid))
			out[found++] = (struct gpu){i, device};
	}
	return found;
}

/* ---- measuring ---- */

static bool listed(const struct proc_list *list, pid_t pid)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->pids[i] == pid)
			return true;
	return false;
}

/* In a container the driver may name processes by numbers of the host: then none of ours is found, and nothing is
 * claimed. */
static double held_by(const struct nvml *n, const struct gpu *gpu, const struct proc_list *tree)
{
	struct nvml_user users[USERS_MAX];
	unsigned count = USERS_MAX;
	double held = 0;
	bool any = false;

	if (n->users(gpu->device, &count, users) != NVML_OK)
		return NAN;
	for (unsigned i = 0; i < count && i < USERS_MAX; i++) {
		if (!listed(tree, (pid_t)users[i].pid) || users[i].used == ~0ULL)
			continue;
		held += (double)users[i].used;
		any = true;
	}
	return any ? held : (double)NAN;
}

static void measure(const struct nvml *n, const struct gpu *gpu, const struct proc_list *tree,
                    struct gpu_reading *out)
{
	struct nvml_utilization use;
	struct nvml_memory memory = {.version = sizeof memory | 2 << 24};
	unsigned number;

	*out = (struct gpu_reading){.index = (int)gpu->index, .time = time_now_ms()};
	out->values[GPU_USE] = n->utilization(gpu->device, &use) == NVML_OK ? use.gpu : (double)NAN;
	out->values[GPU_MEMORY] = n->memory(gpu->device, &memory) == NVML_OK ? (double)memory.used : (double)NAN;
	out->values[GPU_POWER] = n->power(gpu->device, &number) == NVML_OK ? number / 1e3 : (double)NAN;
	out->values[GPU_TEMPERATURE] =
	    n->temperature(gpu->device, NVML_TEMPERATURE_GPU, &number) == NVML_OK ? number : (double)NAN;
	out->values[GPU_OWN] = held_by(n, gpu, tree);
}

/* ---- the thread ---- */

struct gpus {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t asked;
	char *visible;
	bool wanted, leaving;
	struct gpu_reading readings[READINGS_MAX];
	size_t count;
};

static void hand_over(struct gpus *g, const struct gpu_reading *readings, size_t count)
{
	pthread_mutex_lock(&g->mutex);
	/* Nobody has come for the older ones: they are worth less than these. */
	if (g->count + count > READINGS_MAX)
		g->count = 0;
	memcpy(g->readings + g->count, readings, count * sizeof *readings);
	g->count += count;
	pthread_mutex_unlock(&g->mutex);
}

static bool wait_for_question(struct gpus *g)
{
	bool stay;

	pthread_mutex_lock(&g->mutex);
	while (!g->wanted && !g->leaving)
		pthread_cond_wait(&g->asked, &g->mutex);
	g->wanted = false;
	stay = !g->leaving;
	pthread_mutex_unlock(&g->mutex);
	return stay;
}

static void *work(void *arg)
{
	struct gpus *g = arg;
	struct nvml n;
	struct gpu found[GPUS_MAX];
	struct gpu_reading readings[GPUS_MAX];
	struct proc_list tree = {0};
	size_t count;

	if (!load(&n) || (count = find_gpus(&n, g->visible, found)) == 0)
		return NULL;
	while (wait_for_question(g)) {
		proc_tree(getpid(), &tree);
		for (size_t i = 0; i < count; i++)
			measure(&n, &found[i], &tree, &readings[i]);
		hand_over(g, readings, count);
	}
	proc_list_release(&tree);
	return NULL;
}

struct gpus *gpus_new(const char *visible)
{
	struct gpus *g = xcalloc(1, sizeof *g);

	pthread_mutex_init(&g->mutex, NULL);
	pthread_cond_init(&g->asked, NULL);
	g->visible = visible ? xstrdup(visible) : NULL;
	g->wanted = true; /* the first measurement is there when it is asked for */
	/* Without a thread there are no readings, and the run goes on. */
	if (pthread_create(&g->thread, NULL, work, g) == 0)
		return g;
	free(g->visible);
	free(g);
	return NULL;
}

void gpus_free(struct gpus *g)
{
	struct timespec until;

	if (!g)
		return;
	pthread_mutex_lock(&g->mutex);
	g->leaving = true;
	pthread_cond_signal(&g->asked);
	pthread_mutex_unlock(&g->mutex);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += LEAVE_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	/* A thread that the driver does not let go of keeps its memory: the process is about to end. */
	if (pthread_timedjoin_np(g->thread, NULL, &until) != 0)
		return;
	pthread_cond_destroy(&g->asked);
	pthread_mutex_destroy(&g->mutex);
	free(g->visible);
	free(g);
}

size_t gpus_take(struct gpus *g, struct gpu_reading *out, size_t max)
{
	size_t count;

	if (!g)
		return 0;
	pthread_mutex_lock(&g->mutex);
	count = g->count < max ? g->count : max;
	memcpy(out, g->readings, count * sizeof *out);
	g->count = 0;
	g->wanted = true;
	pthread_cond_signal(&g->asked);
	pthread_mutex_unlock(&g->mutex);
	return count;
}

const char *gpu_value_name(int value)
{
	static const char *const names[GPU_VALUES] = {[GPU_USE] = "gpu",
	                                              [GPU_MEMORY] = "gpu.memory",
	                                              [GPU_OWN] = "gpu.own",
	                                              [GPU_POWER] = "gpu.power",
	                                              [GPU_TEMPERATURE] = "gpu.temperature"};

	return names[value];
}
