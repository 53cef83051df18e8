/* What the program reckons of many columns at once, of two: the reference that it is held against, and what the oracle is
 * held against. */
#ifndef TESTS_RELATE_H
#define TESTS_RELATE_H

#include "assay/stats_blocks.h"

/* scipy.stats.spearmanr of the complete pairs: stats_pearson of their ranks (stats_ranks_twice). Infinite values have
 * ranks. */
void relate_spearman(const double *x, const double *y, size_t n, struct correlation *out);
/* stats_auc of the rows in which both are there. */
void relate_label(const double *feature, const double *label, size_t n, struct auc *out);
/* Quantiles with weights, as a sketch with room for all of them has them; NaN without weight. */
void relate_quantiles(const double *values, const double *weights, size_t n, enum stats_weights kind,
                      const double *at, size_t count, double *out);

#endif
