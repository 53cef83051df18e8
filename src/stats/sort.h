/* Inside stats: the order of scores, and the bin of one. */
#ifndef STATS_SORT_H
#define STATS_SORT_H

#include "assay/base.h"

/* Bits of a double such that unsigned order is numeric order, and back. */
uint64_t stats_key(double x);
double stats_key_value(uint64_t key);

/* One case in rising order of its score; equal scores keep their order. */
struct ranked {
	uint64_t key;  /* rises with the score; equal for equal scores (-0 is 0) */
	uint32_t item; /* index of the case */
};
/* Caller frees. n must be below 2^32. */
struct ranked *stats_rank(const double *values, size_t n);
/* Which of the ten uniform bins of calibration a score lies in. */
size_t stats_uniform_bin(double score);

#endif
