/* GPUs, by way of NVIDIA's management library, where there is one. */
#ifndef ASSAY_RUN_GPU_H
#define ASSAY_RUN_GPU_H

#include "local.h"

/* What is measured of one. NaN: this GPU does not tell. */
enum { GPU_USE, GPU_MEMORY, GPU_OWN, GPU_POWER, GPU_TEMPERATURE, GPU_VALUES };
struct gpu_reading {
	int index;    /* as nvidia-smi counts: by bus */
	int64_t time; /* UTC ms */
	double values[GPU_VALUES];
};
/* "gpu" in per cent of the time, "gpu.memory" in bytes, by all who use it; "gpu.own": bytes that processes of this
 * run hold; "gpu.power" in watts; "gpu.temperature" in degrees Celsius. */
const char *gpu_value_name(int value);

/*
 * The driver may take its time, or never answer when a GPU has fallen off the bus: it is only ever called on a
 * thread of its own, and nobody waits for that.
 */
struct gpus;
/* The library is loaded by the thread. `visible` as in CUDA_VISIBLE_DEVICES: only these, by number or UUID; NULL: all
 * of them. */
struct gpus *gpus_new(const char *visible);
void gpus_free(struct gpus *g); /* NULL is fine */
/* What has been measured since the last call, at most `max`; then asks for the next measurement. */
size_t gpus_take(struct gpus *g, struct gpu_reading *out, size_t max);

#endif
