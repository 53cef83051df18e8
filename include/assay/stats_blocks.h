/*
 * stats: relations of many columns at once, over blocks of rows that stay in the cache. They are those of
 * stats_relation.h but for the last digits; where digits would be lost, a function says so, and that one is asked.
 *
 * Sums are of fixed lanes within a block and to some 30 digits from block to block: who adds the blocks of a part
 * of the rows, and the parts in order, gets the same on any number of threads.
 */
#ifndef ASSAY_STATS_BLOCKS_H
#define ASSAY_STATS_BLOCKS_H

#include "assay/base_progress.h"
#include "assay/stats_relation.h"

enum { STATS_BLOCK = 512 }; /* rows of a block at most */

/* A sum with what rounding took from it (Knuth's two-sum). */
struct stats_sum2 {
	double hi, lo;
};
void stats_sum2_add(struct stats_sum2 *s, double x);
void stats_sum2_join(struct stats_sum2 *s, const struct stats_sum2 *more);

/* ---- ranks ---- */

/* Twice the mid-ranks, the first one 1, as scipy.stats.rankdata has them, which are whole; 0 where there is no value. n must be below 2^31. Halved and
 * rounded down, they name a place: from 1 to n, another for every different value. Ends early, the ranks being of no
 * use, if it is to stop. */
void stats_ranks_twice(const double *values, size_t n, uint32_t *ranks, const struct progress *progress);
void stats_ranks_twice_ints(const int32_t *values, size_t n, int32_t missing, uint32_t *ranks,
                            const struct progress *progress);

/* stats_auc of cases that were counted by the place of their score: positive[p] and negative[p] in places 0…count-1. */
void stats_auc_counts(const uint32_t *positive, const uint32_t *negative, size_t count, double level,
                      struct auc *out);

/* With the rows in any order, the classes would lie as far apart by these places (or farther, either way) with this
 * probability at most: twice the tail of Mann and Whitney's U (1947), those of equal score being taken as if the order
 * between them were the wrong one, which makes it right with ties. Of classes that are apart it is exact, 2 / (n over
 * m); else it is Chernoff's bound (1952) by the generating function, the Gaussian binomial coefficient. NaN with one class. */
double stats_auc_chance(const uint32_t *positive, const uint32_t *negative, size_t count);

/* ---- two numbers ---- */

/* Where the finite values of a column lie: a power of two that keeps fourth powers within doubles, and the mean of what
 * it leaves. */
struct stats_centre {
	size_t finite;
	bool constant;
	double scale, mean;
	double first, largest; /* inside */
	struct stats_sum2 sum;
};
/* All blocks through the first, then all through the second, then stats_centre_end. Zeroed at first. */
void stats_centre_look(struct stats_centre *c, const double *x, size_t n);
void stats_centre_sum(struct stats_centre *c, const double *x, size_t n);
void stats_centre_end(struct stats_centre *c);
/* What is left of a block about the mean, 0 in place of what is not finite, and zeros up to a multiple of four. */
void stats_centred(const struct stats_centre *c, const double *x, size_t n, double *out);
double stats_block_sum(const double *centred, size_t n);

/* Products of every two of `count` columns, centred, in n rows: into sums[i * count + j], i <= j. */
void stats_gram_add(const double *const *columns, size_t count, size_t n, struct stats_sum2 *sums);

/* Sums over the rows in which two columns are finite. */
struct stats_cross {
	size_t n;
	struct stats_sum2 x, y, xx, yy, xy; /* of deviations from each one's centre */
};
void stats_cross_add(struct stats_cross *s, const double *x, const struct stats_centre *a, const double *y,
                     const struct stats_centre *b, size_t n);
/* False: digits are lost, as these rows lie very close together beside the others, or nearly on a line: stats_pearson
 * has them. Of ranks it is right all the same. */
bool stats_cross_correlation(const struct stats_cross *s, struct correlation *out);

/* ---- numbers by a category ---- */

enum { STATS_TILE = 8 }; /* numbers at a time */

/* Of as many groups, and one more for the rows that are in none. */
struct stats_tile {
	size_t groups;
	double *sums;                          /* [groups + 1][STATS_TILE] of deviations */
	double *counts;                        /* likewise, of values that are there; NULL: all are */
	struct stats_sum2 squares[STATS_TILE]; /* over the rows that are in a group */
};
void stats_tile_init(struct stats_tile *t, size_t groups, bool counted);
void stats_tile_release(struct stats_tile *t);
/* columns[STATS_TILE]: centred (stats_centred); there[STATS_TILE]: 1 and 0 (only if counted). Any code at or above
 * `groups` is none. */
void stats_tile_add(struct stats_tile *t, const double *const *columns, const double *const *there,
                    const uint32_t *codes, size_t n);
/* stats_anova_by of one of its numbers; rows_by[groups]: how many rows a group has, where not counted. False, and *out is of no
 * use: digits are lost, as these rows lie close together or the groups tell nearly all. Sums of squares
 * are those of the number times its centre's scale. */
bool stats_tile_anova(const struct stats_tile *t, size_t number, const uint64_t *rows_by, struct anova *out);

#endif
