/* Inside stats: what is made of sums, however they were come by. */
#ifndef STATS_PAIRS_H
#define STATS_PAIRS_H

#include "assay/stats_relation.h"

/* Of the sums of squares and of products of deviations. */
void pairs_correlation(size_t n, double xx, double yy, double xy, struct correlation *out);
/* What follows from groups (one at least), rows, between and within. */
void anova_end(struct anova *out);

#endif
