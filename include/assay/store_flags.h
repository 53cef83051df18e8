/*
 * store_flags: losses that are not what they should be, for whoever watches a run. A part of store; its conventions
 * are store.h's.
 */
#ifndef ASSAY_STORE_FLAGS_H
#define ASSAY_STORE_FLAGS_H

#include "assay/store.h"

/* Points of all metrics of the run, whoever reported them. Costs a look at each of its series. */
int store_points_count(struct store *s, int64_t run, int64_t *count, struct error *err);
/* Metrics of the run that are better when they are less, and whose latest value is NaN or infinite after there were
 * finite ones, or is more than `factor` times their first value (0: these are not asked for). By name and context.
 * Costs a look at each series of the run. */
int store_losses_odd(struct store *s, int64_t run, double factor, struct arena *mem, struct series **out,
                     size_t *count, struct error *err);

#endif
