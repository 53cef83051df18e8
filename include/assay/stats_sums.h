/*
 * stats: sums of powers of a column that are exact, so that neither the order of the rows, nor where a
 * file is cut, nor in which order parts are joined can be seen in a result: the same bits every time.
 *
 * What is summed is what was meant: where every value of the column is a decimal number of at most 15
 * significant digits and 22 places, those decimals (0.1 is a tenth, and the variance of 10000000.1,
 * 10000000.2 and 10000000.3 is 0.01 to the last digit); otherwise the doubles as they are. Nothing but the
 * doubles is needed to tell: no two decimals of 15 digits read as one double.
 *
 * Each value is a whole number m below 2^53 times a power of ten or of two. The sums of w m^p are kept as
 * whole numbers for each such power and sign, and put on one scale in the end, where moments around the mean
 * come from those around 0 without any loss (n S2 - S1^2 and so on are whole numbers) and are rounded once.
 * After Neal, "Fast exact summation using small and large superaccumulators" (2015), for powers.
 *
 * Sums hold 2^44 rows. They take 240 bytes for decimals and as much for each power of two that occurs.
 */
#ifndef ASSAY_STATS_SUMS_H
#define ASSAY_STATS_SUMS_H

#include "assay/stats.h"

/* What a weight says. */
enum stats_weights {
	STATS_ONE_EACH,
	STATS_FREQUENCY, /* 2 stands for two equal rows, one after the other: whole numbers */
	STATS_SAMPLING,  /* how many of the population a row stands for: only their proportions matter */
};
/* The first row whose weight is not allowed: negative, not finite, above 1e15, or not whole where it is a
 * frequency; n if all are. A weight of 0 is allowed and leaves the row out. The sum of frequencies must stay
 * below 2^63. */
size_t stats_weights_check(const double *weights, size_t n, enum stats_weights kind);

struct stats_sums;
struct stats_sums *stats_sums_new(enum stats_weights kind);
void stats_sums_free(struct stats_sums *s); /* NULL is fine */
enum stats_weights stats_sums_kind(const struct stats_sums *s);
/* Rows after those that are there. weights: NULL for STATS_ONE_EACH, else as stats_weights_check allows.
 * Until a value is no decimal, both ways are summed. */
void stats_sums_add(struct stats_sums *s, const double *values, const double *weights, size_t n);
/* Of one each: rows that hold whole[i] / 10^places, with places 0 to 9: the same as adding those doubles, quicker. */
void stats_sums_add_decimals(struct stats_sums *s, const int32_t *whole, size_t n, int places);
/* The rows of `next` after those of `to`; both of one kind. `next` stays as it is. */
void stats_sums_merge(struct stats_sums *to, const struct stats_sums *next);

/* Of one each or of frequencies: the same bits as of the rows written out. A mean, a variance and a lag-1 are
 * the doubles nearest to the true ones; sd, skewness and kurtosis within a few units of the last digit. */
void stats_sums_moments(const struct stats_sums *s, struct moments *out);

struct weighted {
	size_t rows;         /* finite values with a weight above 0 */
	double weight;       /* sum of weights */
	double mean;         /* statsmodels DescrStatsW.mean; NaN without rows */
	double variance, sd; /* numpy.cov(x, aweights=w): sum w (x - mean)^2 / (W - sum w^2 / W), which is that of
	                        * DescrStatsW(ddof=0) times n/(n-1) for n effective rows; NaN below two rows */
	double effective; /* Kish: W^2 / sum w^2; the rows that an unweighted sample of this worth would have */
	double se;        /* sd / sqrt(effective) */
	double design_effect; /* rows / effective */
	double min, max;      /* NaN without rows */
};
/* Of sampling weights. */
void stats_sums_weighted(const struct stats_sums *s, struct weighted *out);

/* One line of text that stats_sums_parse reads back: for parts of a profile that are joined elsewhere. */
void stats_sums_text(const struct stats_sums *s, struct str *out);
/* NULL with ERR_USAGE if it is not such a line. */
struct stats_sums *stats_sums_parse(const char *text, size_t len, struct error *err);

/* ---- one-way analysis of variance: a number by a category ---- */

struct anova {
	size_t groups, rows;    /* that hold values */
	double between, within; /* sums of squares */
	double df_between, df_within;
	double f, p; /* scipy.stats.f_oneway; NaN with one group or no row to spare; f inf where within is 0 */
	double eta2; /* correlation ratio, R^2: between / total; NaN if the number is constant or n is 0 */
	double residual_sd; /* sqrt(within / df_within) */
};
/* Of the sums of each group (one each or frequencies), empty ones left out. */
void stats_anova(const struct stats_sums *const *groups, size_t count, struct anova *out);
/* Of values with the code of their group in [0, groups); other codes and values that are not finite are left
 * out. */
void stats_anova_by(const double *values, const uint32_t *codes, size_t n, size_t groups, struct anova *out);

#endif
