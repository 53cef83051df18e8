/*
 * stats: what can still be said of a column when its values no longer fit the memory that they may take. Each is
 * exact up to its budget, says whether it still is, and says its error when it is not. No p-value is computed
 * from any of them.
 *
 * The first two do not depend on the order of the rows or on how parts are joined: the same bits every time.
 * The third does (its bounds hold either way).
 */
#ifndef ASSAY_STATS_SKETCH_H
#define ASSAY_STATS_SKETCH_H

#include "assay/stats.h"

/* ---- quantiles: counts of values, by as many leading bits as there is room for ---- */

/* Doubles as whole numbers in rising order; those that agree in all but the last b bits are one cell, with its
 * count and its least and greatest value. b is 0, and everything exact, while no more different values than
 * `room` have been seen; then it is the least b with which there are no more cells than that: a property of the
 * set of values. A quantile lies between two values that are known; nothing about it is a matter of chance. */
struct quantile_sketch;
struct quantile_sketch *quantile_sketch_new(size_t room); /* cells of 32 bytes, at least 16 of them */
void quantile_sketch_free(struct quantile_sketch *s);
/* NaN and infinities are left out. */
void quantile_sketch_add(struct quantile_sketch *s, const double *values, size_t n);
/* Both of one room. */
void quantile_sketch_merge(struct quantile_sketch *to, const struct quantile_sketch *from);
uint64_t quantile_sketch_count(const struct quantile_sketch *s);
/* Whether every cell is one value. */
bool quantile_sketch_is_exact(const struct quantile_sketch *s);
/* The quantile of stats_quantile lies in [low, high] for certain; value is the middle of them, or the quantile
 * itself where they are one. NaN without values. */
void quantile_sketch_at(const struct quantile_sketch *s, double p, struct estimate *out);
/* Counts in bins as stats_histogram has them, with each cell counted where its least value lies: exact where no
 * edge falls within a cell; `astray` (may be NULL) is how many values may be in another bin. */
void quantile_sketch_histogram(const struct quantile_sketch *s, const double *edges, size_t bins,
                               uint64_t *counts, uint64_t *astray);

/* ---- how many different values ---- */

/* HyperLogLog (Flajolet et al. 2007) with 2^14 registers of 64-bit hashes, read by Ertl's improved estimator
 * (2017, algorithm 6), which needs no tables and has no bias at either end. Standard error 0.81 %; the interval is
 * of three of them (99.7 %). */
enum { DISTINCT_BITS = 14, DISTINCT_REGISTERS = 1 << DISTINCT_BITS };
struct distinct_sketch {
	uint8_t registers[DISTINCT_REGISTERS];
};
void distinct_sketch_init(struct distinct_sketch *s);
/* Values with one hash are one value. */
void distinct_sketch_add(struct distinct_sketch *s, uint64_t hash);
void distinct_sketch_merge(struct distinct_sketch *to, const struct distinct_sketch *from);
void distinct_sketch_estimate(const struct distinct_sketch *s, struct estimate *out);
/* Hashes for it: of a number (-0 is 0), of bytes. */
uint64_t distinct_hash_number(double value);
uint64_t distinct_hash_bytes(const void *bytes, size_t len);

/* ---- the most frequent values ---- */

/* Frequent items (Misra and Gries 1982 as Anderson et al. 2017 have it): of more than `room` values the counts are
 * lowered by their median, and those that are left with nothing are dropped. The true count lies in
 * [count, count + error], and error <= rows / (room / 2). Values are bytes. */
struct top_sketch;
struct top_value {
	const char *bytes; /* of the sketch, until it changes */
	size_t len;
	uint64_t count; /* at least */
};
struct top_sketch *top_sketch_new(size_t room); /* at least 16 */
void top_sketch_free(struct top_sketch *s);
void top_sketch_add(struct top_sketch *s, const void *bytes, size_t len, uint64_t times);
void top_sketch_merge(struct top_sketch *to, const struct top_sketch *from);
/* 0: every count is exact and no value is left out. */
uint64_t top_sketch_error(const struct top_sketch *s);
/* The most frequent ones, ties by their bytes, at most `most` of them: how many. What is not among them has a true
 * count of at most the last one's count + error. */
size_t top_sketch_list(const struct top_sketch *s, struct top_value *out, size_t most);

#endif
