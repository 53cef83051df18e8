/*
 * base: how far a long piece of work has come, told from the threads that do it to the one that shows it, and
 * the wish to stop it, told back. Everything here may be read and set by any thread at any time.
 */
#ifndef ASSAY_BASE_PROGRESS_H
#define ASSAY_BASE_PROGRESS_H

#include <stdatomic.h>

#include "assay/base.h"

struct progress {
	_Atomic uint64_t done, total; /* in `unit`s; total 0: not known */
	_Atomic(const char *) what;   /* "reading", "sorting": a constant text; NULL: nothing was begun yet */
	_Atomic(const char *) unit;   /* "bytes", "rows", "pairs": a constant text */
	_Atomic bool stop;            /* set by who no longer waits; the work ends soon with ERR_NO "stopped" */
};

/* Each takes p NULL and then does nothing. A new stage begins at 0. */
static inline void progress_begin(struct progress *p, const char *what, const char *unit, uint64_t total)
{
	if (!p)
		return;
	p->done = 0;
	p->total = total;
	p->unit = unit;
	p->what = what;
}
static inline void progress_add(struct progress *p, uint64_t more)
{
	if (p)
		atomic_fetch_add_explicit(&p->done, more, memory_order_relaxed);
}
/* For loops: true where the work should end; then progress_stopped says so. */
static inline bool progress_stop(const struct progress *p)
{
	return p && atomic_load_explicit(&p->stop, memory_order_relaxed);
}
/* Sets err to ERR_NO, "stopped"; returns -1. */
static inline int progress_stopped(struct error *err)
{
	return error_set(err, ERR_NO, "stopped");
}

/* What one thread that looks now and then makes of it: zeroed at first. */
struct progress_seen {
	const char *what, *unit; /* NULL: nothing was begun yet */
	uint64_t done, total;
	double share;    /* 0 to 1; NaN: how much there is, is not known */
	double rate;     /* units a second, of the last seconds; NaN: not known yet */
	int64_t left_ms; /* -1: not known */
	int64_t began;   /* the stage, as it was first seen; monotonic ms */
	struct progress_mark {
		int64_t at;
		uint64_t done;
	} marks[2]; /* from the older of them the rate is told */
};
void progress_look(const struct progress *p, int64_t mono_ms, struct progress_seen *s);
/* "121 MiB of 253 MiB, 512 MiB/s, 3s left", as much of it as is known; appended. */
void progress_text(const struct progress_seen *s, struct str *out);

#endif
