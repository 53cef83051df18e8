/* The supervisor's state, shared by its loop and its sampler. */
#ifndef ASSAY_RUN_SUPERVISE_H
#define ASSAY_RUN_SUPERVISE_H

#include "assay/store_capture.h"
#include "events.h"
#include "files.h"
#include "findings.h"
#include "flags.h"
#include "gpu.h"
#include "local.h"
#include "oom.h"
#include "tracking.h"

enum stop_stage { STOP_NONE, STOP_INT, STOP_TERM, STOP_KILL };

/* What is measured of the process tree; samples.c has their names. */
enum {
	SAMPLE_CPU,
	SAMPLE_RSS,
	SAMPLE_READ,
	SAMPLE_WRITTEN,
	SAMPLE_THREADS,
	SAMPLE_PROCESSES,
	SAMPLE_PSS,
	SAMPLE_RECEIVED,
	SAMPLE_SENT,
	SAMPLES
};

struct supervisor {
	const char *uuid;
	int64_t run;
	char *dir; /* live/RUN */
	struct store *store;
	struct events_folder *folder; /* what is remembered of dir */
	struct arena *mem;
	struct command command;
	struct output output;
	bool output_open;
	int64_t last_output;
	struct findings findings;
	int guard; /* guard.c */
	int signals;
	bool reported;
	int64_t next_absorb, next_sample, next_stop, retry_ms; /* monotonic */
	bool troubled;
	enum stop_stage stop_stage;
	char stop_why[320];
	struct files *files; /* among the arguments; NULL: none */
	bool ended;
	struct ending ending;
	struct oom_marks oom;
	struct flags flags;
	struct events events;
	/* samples.c */
	struct point *points[SAMPLES];
	size_t point_count[SAMPLES], point_cap[SAMPLES];
	int64_t next_pss;
	struct proc_net net; /* of the machine when the run began */
	int64_t first_sample, last_sample;
	struct proc_use last_use;
	struct gpus *gpus;
	struct gpu_points *gpu_points; /* one for each value of each GPU that has been seen */
	size_t gpu_count, gpu_cap;
	/* tracking.c */
	struct tracking tracking;
	struct run_process self, child;
};

void samples_start(struct supervisor *s);
/* Measures, and says when to measure next. */
void samples_take(struct supervisor *s);
/* Into the store, in one transaction. */
int samples_flush(struct supervisor *s, struct error *err);
void samples_release(struct supervisor *s);

#endif
