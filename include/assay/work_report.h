/*
 * work, the part about reporting through a pipe: `assay log -`.
 */
#ifndef ASSAY_WORK_REPORT_H
#define ASSAY_WORK_REPORT_H

#include "assay/run_report.h"
#include "assay/work.h"

struct work_report {
	const char *into;              /* a run as people write it; NULL: a new one */
	const char *experiment, *name; /* of a new one */
	const struct work_set *params, *tags;
	size_t param_count, tag_count;
	int from; /* the descriptor that is read */
};
/* As run_report. ERR_USAGE: names for a run that has some already. */
int work_report(struct store *store, const struct work_report *r, struct run_reported *out,
                struct error *err);

#endif
