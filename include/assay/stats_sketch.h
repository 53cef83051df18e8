/*
 * stats: a column summed up row by row: each different value with its count while there are no more of
 * them than there is room for, and what can still be said beyond that, with its error. No p-value is
 * computed from any of it.
 *
 * Everything here is a property of the rows alone, not of their order, nor of how they were cut into parts
 * and how those were joined: the same bits, and the same text, every time. Two exceptions, both said where
 * they are: the values that a top_sketch lists (up to a probability), and those that its text keeps if
 * parts were texts already.
 *
 * What was added is put in order when it is looked at, which is why reading takes a sketch that is not
 * const; one thread at a time.
 */
#ifndef ASSAY_STATS_SKETCH_H
#define ASSAY_STATS_SKETCH_H

#include "assay/stats_relation.h"

/* ---- rows that are given as different values with their counts ---- */

/* A sum of weights: whole + part / 2^64. Each weight is rounded once to a multiple of 2^-64; the sum is
 * exact. One that reaches 2^64 stays at the greatest that there is, and what needs it is NaN. */
struct weight_sum {
	uint64_t part, whole;
};
void weight_sum_add(struct weight_sum *s, double weight, uint64_t times); /* weight >= 0 */
void weight_sum_merge(struct weight_sum *to, const struct weight_sum *from);
double weight_sum_value(const struct weight_sum *s); /* the nearest double; NaN if it was too much */

/* Cells in rising order. The least and the greatest value of a cell are known, and how many rows it has:
 * upto[i] is how many there are in the cells up to this one. Exact: low and high are one array, every cell
 * is one value. */
struct stats_runs {
	size_t count;
	const double *low, *high;
	const uint64_t *upto;
	const struct weight_sum *weight; /* of each cell, or NULL */
};
uint64_t stats_runs_rows(const struct stats_runs *r);
/* Where value is what the function of stats.h or stats_relation.h gives for the rows written out (the same
 * bits): exact cells have it in low, value and high. Else it lies in [low, high] for certain, and value is
 * the middle of them. NaN without rows. */
void stats_runs_quantile(const struct stats_runs *r, double p, struct estimate *out);
void stats_runs_mad(const struct stats_runs *r, struct estimate *out);
/* stats_bin_count, stats_histogram_sorted and stats_fences; each cell of several values is counted where
 * its least value lies (bins by the middle of the bounds of the quartiles). `astray` (may be NULL): how
 * many rows may be elsewhere; of the fences those for which it is not known on which side they are. */
size_t stats_runs_bin_count(const struct stats_runs *r);
void stats_runs_histogram(const struct stats_runs *r, const double *edges, size_t bins, uint64_t *counts,
                          uint64_t *astray);
void stats_runs_fences(const struct stats_runs *r, struct fences *out, uint64_t *astray);
/* stats_quantile_edges, of exact cells. */
size_t stats_runs_edges(const struct stats_runs *r, size_t bins, double *edges);
/* stats_auc_sorted, of exact cells: bit by bit that of the rows written out. */
void stats_runs_auc(const struct stats_runs *positives, const struct stats_runs *negatives, double level,
                    struct auc *out);
/* Distances of neighbouring different values: those of cells (high to low of the next) when not exact. NaN
 * for fewer than two values; the first one of the largest. */
struct steps {
	double smallest, median, largest, largest_from;
};
void stats_runs_steps(const struct stats_runs *r, struct steps *out);
/* Of cells with weights: the first value at which the share of the weight reaches at[k], as
 * numpy.quantile(x, p, weights=w, method="inverted_cdf") has it (in cells of several values the middle of the cell),
 * and the share of the weight in each bin. NaN without weight. */
void stats_runs_weighted(const struct stats_runs *r, const double *at, size_t count, double *out);
void stats_runs_weighted_bins(const struct stats_runs *r, const double *edges, size_t bins, double *share);

/* ---- a column of numbers ---- */

/* Doubles as whole numbers in rising order; those that agree in all but the last b bits are one cell. b is
 * 0, and everything exact, while no more different values than `room` have been seen; then it is the least
 * b with which there are no more cells than that: a property of the set of values. From that moment on the
 * different values are estimated, and the most frequent ones looked for, by the two sketches below, in
 * sizes that follow from the room.
 *
 * A cell takes 16 bytes while exact, then 24; 16 more with weights. Memory grows with what is used: to
 * twice the cells while values are put in order, at most 128 KB (256 with weights) for values that come
 * again and again, and beyond the room about as much as the cells for the other two. Batches of some
 * thousand values are best: 2 to 5 ns a value where there are a hundred different ones, 40 where all are,
 * 65 beyond the room. */
struct number_sketch;
/* At least 16 cells. weighted: weights are summed up in each. */
struct number_sketch *number_sketch_new(size_t room, bool weighted);
void number_sketch_free(struct number_sketch *s); /* NULL is fine */
/* NaN and infinities are left out; -0 is 0. times: how many rows each stands for (0: none), NULL: one
 * each. weights: of each of these rows (>= 0, as stats_weights_check allows), if and only if it is
 * weighted. */
void number_sketch_add(struct number_sketch *s, const double *values, const uint64_t *times,
                       const double *weights, size_t n);
/* Both weighted or neither, with fewer than 2^63 rows together. Of two rooms the smaller one holds. */
void number_sketch_merge(struct number_sketch *to, struct number_sketch *from);
bool number_sketch_weighted(const struct number_sketch *s);
uint64_t number_sketch_rows(const struct number_sketch *s);
bool number_sketch_is_exact(struct number_sketch *s);
/* Of the sketch, until it changes. */
void number_sketch_runs(struct number_sketch *s, struct stats_runs *out);
/* low = value = high while exact, else as distinct_sketch_estimate has it. */
void number_sketch_distinct(struct number_sketch *s, struct estimate *out);
/* The most frequent values, ties by value, at most `most` of them: how many. *error (may be NULL): 0 while
 * exact, else as top_sketch_error has it. */
struct number_count {
	double value;
	uint64_t count;
};
size_t number_sketch_top(struct number_sketch *s, struct number_count *out, size_t most, uint64_t *error);

/* ---- a column of texts ---- */

/* Each different text with its count while there are at most `room` of them and at most `bytes` of bytes
 * in them: a property of the set. Beyond, the two sketches below, in sizes that follow from the room. */
struct text_sketch;
struct text_sketch *text_sketch_new(size_t room, size_t bytes); /* at least 16 texts */
void text_sketch_free(struct text_sketch *s);                   /* NULL is fine */
void text_sketch_add(struct text_sketch *s, const void *bytes, size_t len, uint64_t times);
/* Of two rooms the smaller one holds, of two limits of bytes too; fewer than 2^63 rows together. */
void text_sketch_merge(struct text_sketch *to, struct text_sketch *from);
uint64_t text_sketch_rows(const struct text_sketch *s);
bool text_sketch_is_exact(const struct text_sketch *s);
struct text_count {
	const char *bytes; /* of the sketch, until it changes */
	size_t len;        /* of `bytes`: cut at TOP_BYTES in what is not exact */
	size_t whole;      /* of the text */
	uint64_t count;
};
/* While exact: all of them in the order of their bytes; the caller frees the array. NULL and 0 when not. */
struct text_count *text_sketch_all(const struct text_sketch *s, size_t *count);
void text_sketch_distinct(const struct text_sketch *s, struct estimate *out);
/* As number_sketch_top; ties by their bytes. */
size_t text_sketch_top(const struct text_sketch *s, struct text_count *out, size_t most, uint64_t *error);

/* ---- text of both, for parts that are joined elsewhere ---- */

/* Printable, without a quote, a backslash or a blank; text of what is parsed is the same again. */
void number_sketch_text(struct number_sketch *s, struct str *out);
void text_sketch_text(const struct text_sketch *s, struct str *out);
/* NULL with ERR_USAGE if it is not such a text. */
struct number_sketch *number_sketch_parse(const char *text, size_t len, struct error *err);
struct text_sketch *text_sketch_parse(const char *text, size_t len, struct error *err);

/* ---- how many different values ---- */

/* HyperLogLog (Flajolet et al. 2007) with 2^bits registers of 64-bit hashes, read by Ertl's improved
 * estimator (2017, algorithm 6), which needs no tables and has no bias at either end. The standard error
 * is 1.04 / sqrt(registers): 0.81 % of 2^14; the interval is of three of them (99.7 %). */
enum { DISTINCT_BITS_MIN = 6, DISTINCT_BITS_MAX = 14 };
struct distinct_sketch {
	int bits;
	uint8_t registers[]; /* 1 << bits */
};
struct distinct_sketch *distinct_sketch_new(int bits); /* free() it */
/* Values with one hash are one value. */
void distinct_sketch_add(struct distinct_sketch *s, const uint64_t *hashes, size_t n);
/* Of two sizes the smaller one holds, exactly as if all had been added to that. */
void distinct_sketch_merge(struct distinct_sketch *to, const struct distinct_sketch *from);
void distinct_sketch_estimate(const struct distinct_sketch *s, struct estimate *out);
/* Hashes for it: of a number (-0 is 0), of bytes. */
uint64_t distinct_hash_number(double value);
uint64_t distinct_hash_bytes(const void *bytes, size_t len);

/* ---- the most frequent values ---- */

/* Count-Min (Cormode and Muthukrishnan 2005) of 12 rows of w = 2^bits counters, and the values that may be
 * frequent. A count in the table is never below the true one; it is above by more than rows * e / w with a
 * chance of e^-12 (6 in a million) for each value. The table is a sum over the rows, and so the same
 * however they come.
 *
 * A value is kept as a candidate from when its count in the table reaches rows * 2 / w, and dropped when
 * it is below that. So one with a true share of 2 / w is always a candidate: it was when it came last, or
 * it is below; and in one of any parts its share is no less than in the whole. A text of a sketch has
 * those that reach 16 / w, and so one with a true share of 16 / w is a candidate however parts were cut,
 * joined, written and read. Listed is what reaches 32 / w in the table. Of those only one with a true
 * share below 16 / w may be missing, and for that the others must add 16 / w of all rows to it in each of
 * the twelve rows, whose average is 1 / w: a chance of 16^-12 (4e-15) for each different value, 4e-6 for
 * 10^9 of them, if hashes are as good as random ones. The text of parts that were joined in memory is the
 * same by the same reckoning (14^-12); where parts were texts themselves, it may lack values about as
 * frequent as 16 / w, which are never listed. */
enum { TOP_ROWS = 12, TOP_BITS_MIN = 5, TOP_BITS_MAX = 13, TOP_BYTES = 256 };
struct top_sketch;
struct top_sketch *top_sketch_new(int bits);
void top_sketch_free(struct top_sketch *s);
/* The two sketches above fill it (stats/sketch.h): values with one hash are one value; its first TOP_BYTES bytes are
 * kept. Of two sizes the smaller one holds: its table is that of all rows. */
void top_sketch_merge(struct top_sketch *to, const struct top_sketch *from);
uint64_t top_sketch_rows(const struct top_sketch *s);
/* rows * e / w: a true count lies in [count - error, count], but for that chance. */
uint64_t top_sketch_error(const struct top_sketch *s);
/* The most frequent ones, ties by their bytes, at most `most` of them: how many. */
size_t top_sketch_list(const struct top_sketch *s, struct text_count *out, size_t most);

#endif
