/*
 * A management library of GPUs that are not there, for tests: NVML_STANDIN_GPUS of them (1), each with numbers of its
 * own. The process whose number stands in the file NVML_STANDIN_PID holds 3 GiB of GPU 0, process 1 the rest.
 * NVML_STANDIN_HANG: the driver never answers. Power is not told by GPU 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct utilization {
	unsigned gpu, memory;
};
struct memory {
	unsigned version;
	unsigned long long total, reserved, free, used;
};
struct user {
	unsigned pid;
	unsigned long long used;
	unsigned instance, compute_instance;
};

static int gpus[16];

int nvmlInit_v2(void);
int nvmlDeviceGetCount_v2(unsigned *count);
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device);
int nvmlDeviceGetUUID(void *device, char *text, unsigned size);
int nvmlDeviceGetUtilizationRates(void *device, struct utilization *out);
int nvmlDeviceGetMemoryInfo_v2(void *device, struct memory *out);
int nvmlDeviceGetPowerUsage(void *device, unsigned *milliwatts);
int nvmlDeviceGetTemperature(void *device, int sensor, unsigned *celsius);
int nvmlDeviceGetComputeRunningProcesses_v3(void *device, unsigned *count, struct user *out);

static unsigned index_of(void *device)
{
	return (unsigned)((int *)device - gpus);
}

int nvmlInit_v2(void)
{
	return 0;
}

int nvmlDeviceGetCount_v2(unsigned *count)
{
	const char *text = getenv("NVML_STANDIN_GPUS");

	*count = text ? (unsigned)strtoul(text, NULL, 10) : 1;
	return 0;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device)
{
	*device = &gpus[index];
	return 0;
}

int nvmlDeviceGetUUID(void *device, char *text, unsigned size)
{
	snprintf(text, size, "GPU-%08x-made-up", 0xabc0 + index_of(device));
	return 0;
}

int nvmlDeviceGetUtilizationRates(void *device, struct utilization *out)
{
	if (getenv("NVML_STANDIN_HANG"))
		sleep(60);
	*out = (struct utilization){40 + 10 * index_of(device), 5};
	return 0;
}

int nvmlDeviceGetMemoryInfo_v2(void *device, struct memory *out)
{
	(void)device;
	if (out->version != (sizeof *out | 2 << 24))
		return 25;
	*out = (struct memory){out->version, 80ULL << 30, 1ULL << 29, 74ULL << 30, 5ULL << 30};
	return 0;
}

int nvmlDeviceGetPowerUsage(void *device, unsigned *milliwatts)
{
	*milliwatts = 312500;
	return index_of(device) == 1 ? 3 : 0; /* not supported */
}

int nvmlDeviceGetTemperature(void *device, int sensor, unsigned *celsius)
{
	*celsius = 61 + index_of(device);
	return sensor == 0 ? 0 : 2;
}

int nvmlDeviceGetComputeRunningProcesses_v3(void *device, unsigned *count, struct user *out)
{
	const char *path = getenv("NVML_STANDIN_PID");
	FILE *f = path ? fopen(path, "r") : NULL;
	unsigned pid = 0;

	if (f && fscanf(f, "%u", &pid) != 1)
		pid = 0;
	if (f)
		fclose(f);
	out[0] = (struct user){.pid = 1, .used = 2ULL << 30};
	out[1] = (struct user){.pid = pid, .used = 3ULL << 30};
	*count = index_of(device) == 0 && pid ? 2 : 1;
	return 0;
}
