/*
 * run_report: runs of what comes through a pipe, `assay log -`. A part of run; its conventions are run.h's.
 *
 * Event lines (store.md "Capture") are moved from a pipe into a file of live/RUN by the kernel, in one step, and are
 * absorbed from there: what has left the pipe counts exactly once, whoever is killed. The run is one of kind
 * "reported", whose supervisor is the reader itself: it holds the run's lock, `assay stop` ends it, and after a
 * kill -9 the reaper absorbs what was read and writes that the run is lost.
 */
#ifndef ASSAY_RUN_REPORT_H
#define ASSAY_RUN_REPORT_H

#include "assay/run.h"

#define RUN_REPORTED "reported" /* the kind of these runs */

struct run_report {
	/* A run that goes on, to be reported into beside its own supervisor; or one of kind "reported" that is over, which
	 * goes on then. NULL: a new one. */
	const char *into;
	const char *experiment, *name; /* of a new one; NULL as in struct run_spec */
	const char *const *shown;      /* what is recorded as the command; ends with NULL */
	const struct run_pair *params, *tags;
	size_t param_count, tag_count;
	int from; /* the descriptor that is read: a pipe, or anything else that can be read */
};

struct run_reported {
	struct run_started run;
	uint64_t bytes;    /* that were read */
	int64_t bad_lines; /* of the run, that were added meanwhile, by whatever file */
	bool over;         /* the run has ended with this */
	struct run_end end;
};

/* Reads to the end of input and ends the run (done), unless it goes on without us. SIGINT, SIGTERM, SIGHUP and SIGQUIT
 * end it as killed, after a second in which what still comes is read; a second signal at once. An input that cannot be
 * read: failed. While the store or the disk takes nothing, it is tried again, and the writer has to wait.
 *
 * The calling thread's signal mask is changed, so it must be the main thread's of a program that ends with this.
 * -1: nothing was read, or what was read could not be taken in (the message says where it is kept). */
int run_report(struct store *store, const struct run_report *spec, struct run_reported *out,
               struct error *err);

#endif
