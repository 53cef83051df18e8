/* TensorBoard's event files that a run writes: found, and read as they grow. */
#ifndef ASSAY_RUN_EVENTS_H
#define ASSAY_RUN_EVENTS_H

#include "local.h"

struct event_path {
	char *path, *context, mark[SHA256_TEXT];
	int64_t offset, records;
	bool broken; /* nothing more can come of it */
};
struct events {
	struct store *store;
	int64_t run;
	const char *uuid, *cwd, *dir; /* live/RUN */
	struct event_path *paths;
	size_t count, cap;
	bool loaded;       /* those that the store knows are here */
	int64_t next_scan; /* monotonic ms */
};

/* The strings must outlive it. */
void events_begin(struct events *e, struct store *store, int64_t run, const char *uuid, const char *cwd,
                  const char *dir);
void events_release(struct events *e);

/* A file that is this run's, by its whole path; known already, or another run's: left. */
void events_add(struct events *e, const char *path);
/* Files that processes below root, which are this run's, have open for writing (at most once a second, and not more
 * than a fiftieth of the time). */
void events_scan_tree(struct events *e, pid_t root);
/* Files that nobody has open any more: those in live/RUN, and new ones in the working folder or below, if no other run
 * can have written them. started: UTC ms. */
int events_scan_folders(struct events *e, int64_t started, struct error *err);
/* Some MiB of what is new. *points: what came; *more: there is more. -1: the store could not be written. */
int events_take(struct events *e, uint64_t *points, bool *more, struct error *err);

#endif
