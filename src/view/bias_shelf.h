/* The reader's side of the shelf (bias.h has the screen's). */
#ifndef ASSAY_VIEW_BIAS_SHELF_H
#define ASSAY_VIEW_BIAS_SHELF_H

#include "assay/ledger.h"
#include "bias.h"

/* Fills limits, threshold, level and minimum: the policy's in force where it has bias gates for a partition,
 * the house's elsewhere. policy NULL: none is known. l has its table and its arena. */
void bias_set_limits(struct bias_loaded *l, const struct policy *policy);

/* Takes `loaded` over (made with xcalloc); the number under which it can be taken. */
int64_t bias_shelf_put(struct bias_shelf *s, const char *key, struct bias_loaded *loaded);
/* The number of what was put under this key, 0 if it is gone. */
int64_t bias_shelf_find(struct bias_shelf *s, const char *key);

#endif
