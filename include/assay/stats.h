/*
 * stats: numbers about numbers. One column, a seeded stream of random numbers, intervals, and
 * what a model's scores are worth. Conventions and reference functions: the design's statistics;
 * every formula here is held against them by tests/oracle.
 *
 * Conventions of this room:
 *   - Results depend on the values and their order only: one thread, fixed lanes, no fused
 *     multiply-add. The same bytes on every machine that has IEEE doubles.
 *   - NaN stands for missing. NaN and infinities are counted and kept out of every moment.
 *   - A quantity that is not defined (the sd of one value, the AUC of one class) is NaN; the
 *     function says beside it when that is. Never a made-up 0.
 *   - "sorted" means finite doubles in rising order, as stats_sort leaves them.
 *   - Labels are bytes: 1 is the positive class, 0 the negative one. Scores are finite.
 */
#ifndef ASSAY_STATS_H
#define ASSAY_STATS_H

#include "assay/base.h"

/* ---- one column ---- */

struct moments {
	size_t count; /* finite values: everything below is about these */
	size_t nan, pos_inf, neg_inf;
	double sum, mean;    /* sum 0 and mean NaN without values */
	double variance, sd; /* n-1; NaN below two values          = pandas Series.var, .std */
	double skewness;     /* G1; NaN below three or if constant = pandas Series.skew */
	double kurtosis;     /* G2, excess; NaN below four or if constant = pandas Series.kurt */
	double min, max;     /* NaN without values */
	double lag1;         /* autocorrelation of neighbours, missing ones left out; NaN if constant */
	int places; /* that the values have as decimals at most; -1: without values, or where some are none */
};
/* Exact sums of powers (stats_sums.h): decimals are taken for what was written, and no order, split or machine
 * shows in any bit. */
void stats_moments(const double *values, size_t n, struct moments *out);
/* The same of whole[i] / 10^places, places 0 to 9. */
void stats_moments_decimals(const int32_t *whole, size_t n, int places, struct moments *out);

/* Copies the finite values of values[0..n) to out (room for n; may be the same array), -0 as 0: how many. */
size_t stats_finite(const double *values, size_t n, double *out);

/* Sorts finite doubles in rising order (radix: 10^6 in about 20 ms). */
void stats_sort(double *values, size_t n);
/* The same of 32-bit whole numbers (10^6 in about 5 ms). `spare` has room for n, which is below UINT32_MAX;
 * returns which of the two they are in now. */
int32_t *stats_sort_ints(int32_t *values, int32_t *spare, size_t n);

/* Quantile p in [0, 1] of sorted values, Hyndman-Fan 7 (numpy.quantile's default); NaN if n is 0. */
double stats_quantile(const double *sorted, size_t n, double p);
/* How many different values (-0 and 0 are one). */
size_t stats_distinct(const double *sorted, size_t n);
size_t stats_distinct_ints(const int32_t *sorted, size_t n); /* n below UINT32_MAX */
/* Where, at or after `from`, the first `length` equal ones begin; n: nowhere. length > 0. */
size_t stats_run(const double *sorted, size_t n, size_t from, size_t length);
size_t stats_run_ints(const int32_t *sorted, size_t n, size_t from, size_t length);

/* Sorted finite values, as doubles or as whole numbers whole[i] / 10^places, places 0 to 9. */
struct stats_sorted {
	const double *values; /* unless there are: */
	const int32_t *whole;
	int places;
	size_t n;
};
double stats_at(const struct stats_sorted *s, size_t i);
double stats_sorted_quantile(const struct stats_sorted *s, double p); /* stats_quantile */
/* Median of the absolute deviations from the median, unscaled; NaN if n is 0. */
double stats_mad(const struct stats_sorted *s);
/* Freedman-Diaconis: how many bins of 2 IQR n^(-1/3) cover the values, kept within 10 to 256. */
enum { STATS_BINS_MIN = 10, STATS_BINS_MAX = 256 };
size_t stats_bin_count(const struct stats_sorted *s);
/* stats_bin_count of values that stand in several sorted runs, and the least and greatest of all (NaN without any). */
struct stats_part {
	const double *sorted;
	size_t n;
};
size_t stats_bins_of_parts(const struct stats_part *parts, size_t count, double *min, double *max);
/* bins+1 equal-width edges over [min, max] (min = max: half a unit to either side), as numpy has them. */
void stats_edges(double min, double max, size_t bins, double *edges);
/* Counts of values per bin [edge i, edge i+1), the last one closed; values outside are not counted. Any rising edges. */
void stats_histogram_sorted(const double *sorted, size_t n, const double *edges, size_t bins,
                            uint64_t *counts);
void stats_sorted_histogram(const struct stats_sorted *s, const double *edges, size_t bins, uint64_t *counts);

/* Entropy in bits of counts; 0 if all are 0. */
double stats_entropy(const uint64_t *counts, size_t k);
/* 1 - entropy / log2 k over the k counts that are not 0: 0 is even, near 1 one value rules; NaN below two. */
double stats_imbalance(const uint64_t *counts, size_t k);

/* ---- two samples, for a glance (no p-values here) ---- */

/* Largest distance of the two distribution functions (scipy.stats.ks_2samp); NaN if one is empty. */
double stats_ks(const double *sorted_a, size_t na, const double *sorted_b, size_t nb);
/* Population stability index, natural log, of counts over the same k cells: shares of 0 become 1e-4
 * and the shares are renormalised; NaN if one side is all 0. */
double stats_psi(const uint64_t *reference, const uint64_t *current, size_t k);

/* ---- distributions, intervals ---- */

double stats_normal_cdf(double x);
double stats_normal_quantile(double p); /* p in (0, 1); -inf, inf at the ends */
/* Wilson's interval of successes/n at a level such as 0.95 (statsmodels proportion_confint);
 * n 0 gives [0, 1]. */
void stats_wilson(double successes, double n, double level, double *low, double *high);

/* Clopper and Pearson's exact interval (statsmodels proportion_confint, method "beta"); n 0 gives [0, 1]. */
void stats_clopper_pearson(double successes, double n, double level, double *low, double *high);
double stats_t_quantile(double p, double df); /* NaN if df is not above 0 */

struct estimate {
	double value, low, high;
};
/* Interval of a - b, of independent a and b whose intervals are known: square and add. With Wilson's
 * intervals it is Newcombe's hybrid score (1998, method 10; statsmodels confint_proportions_2indep
 * "newcomb"). */
void stats_difference(const struct estimate *a, const struct estimate *b, double *low, double *high);
/* Interval of (xa/na) / (xb/nb) by its logarithm (Katz; statsmodels compare="ratio", method="log"). Where a
 * count is 0, half a case is added to all four (method="log-adjusted"); where both are full, and the
 * logarithm has no width either way, it is square and add on the ratio (Donner and Zou 2012) of Wilson's
 * intervals. An n of 0: [0, inf].
 */
void stats_ratio(double xa, double na, double xb, double nb, double level, double *low, double *high);
/* The level of each of so many independent intervals that together hold `level`. */
double stats_sidak(double level, double comparisons);

/* ---- seeded random numbers: xoshiro256**, the same stream on every machine ---- */

struct rng {
	uint64_t s[4];
};
/* A stream is (seed, stream): streams of one seed do not overlap in practice. */
void rng_init(struct rng *r, uint64_t seed, uint64_t stream);
uint64_t rng_next(struct rng *r);
uint64_t rng_below(struct rng *r, uint64_t n); /* uniform in [0, n), unbiased; n > 0 */
double rng_unit(struct rng *r);                /* uniform in [0, 1), 53 bits */
double rng_normal(struct rng *r);              /* mean 0, sd 1 (inverse of the distribution function) */
void rng_shuffle(struct rng *r, uint32_t *items, size_t n);
uint64_t rng_binomial(struct rng *r, uint64_t n, double p); /* successes of n; p below 0 is 0, above 1 is 1 */
/* n cases over k cells with chances weight[i] / their sum; the weights must not all be 0 unless n is. */
void rng_multinomial(struct rng *r, uint64_t n, const uint64_t *weight, size_t k, uint64_t *out);
/* So many of them at once, out[cell * times + t]: other numbers of the same law, sooner. */
void rng_multinomials(struct rng *r, uint64_t n, const uint64_t *weight, size_t k, size_t times,
                      uint64_t *out);
/* Good ones among `draws` without replacement (draws <= good + bad). */
uint64_t rng_hypergeometric(struct rng *r, uint64_t good, uint64_t bad, uint64_t draws);
/* So many of them at once: draws of `all`, of which good[t] are good (each <= all). out may be good. */
void rng_hypergeometrics(struct rng *r, uint64_t all, uint64_t draws, const uint64_t *good, size_t times,
                         uint64_t *out);

/* ---- what scores are worth: a binary label ---- */

/* Area under the ROC curve, ties count one half, with DeLong's variance (fast midrank form:
 * Sun and Xu 2014) and the normal interval, cut at 0 and 1. */
struct auc {
	size_t positives, negatives;
	double value, variance, low, high; /* NaN with one class; variance NaN with one case of a class */
};
void stats_auc(const double *score, const uint8_t *label, size_t n, double level, struct auc *out);

/* The same of the scores of each class in rising order. */
void stats_auc_sorted(const struct stats_part *positives, const struct stats_part *negatives, double level,
                      struct auc *out);

/* DeLong's paired comparison of two scores of the same cases: difference = a - b. */
struct auc_pair {
	struct auc a, b;
	double covariance, difference, se, low, high;
	double z, p; /* two-sided; NaN when se is 0 */
};
void stats_auc_pair(const double *score_a, const double *score_b, const uint8_t *label, size_t n,
                    double level, struct auc_pair *out);

/* Step sum (sklearn average_precision_score); NaN without positives. */
double stats_average_precision(const double *score, const uint8_t *label, size_t n);
/* Mean -log of the probability given to what happened; scores within [eps, 1-eps], eps = 2^-52
 * (sklearn log_loss). Brier: mean squared error of the probability. NaN if n is 0. */
double stats_log_loss(const double *score, const uint8_t *label, size_t n);
double stats_brier(const double *score, const uint8_t *label, size_t n);

/* Cells at a threshold: score >= threshold is selected. */
struct confusion {
	uint64_t tp, fp, fn, tn;
};
void stats_confusion(const double *score, const uint8_t *label, size_t n, double threshold,
                     struct confusion *out);

/* Calibration: scores are probabilities. Uniform bins are [0, 0.1) … [0.9, 1]; equal-mass bins hold
 * n/bins cases each in rising order of score (bin of rank r: floor(r * bins / n), tied scores kept
 * in the bin of the first of them, so a bin may be empty). */
struct calibration_bin {
	double low, high; /* bounds of the bin (uniform), of its scores (equal mass) */
	uint64_t count, positives;
	double mean_score, rate; /* NaN in an empty bin */
};
enum { STATS_CALIBRATION_BINS = 10 };
struct calibration {
	struct calibration_bin bin[STATS_CALIBRATION_BINS];
	double ece; /* sum of |rate - mean score| weighted by count; NaN if n is 0 */
	double mce; /* the largest |rate - mean score| of a bin that is not empty */
};
void stats_calibration(const double *score, const uint8_t *label, size_t n, bool equal_mass,
                       struct calibration *out);

/* Points of a curve for drawing, at most `room` of them (room >= 2), ends kept; returns how many.
 * ROC: x = false positive rate, y = true positive rate, from (0,0) to (1,1).
 * PR: x = recall, y = precision, from the highest threshold down. 0 points with one class. */
size_t stats_roc(const double *score, const uint8_t *label, size_t n, double *x, double *y, size_t room);
size_t stats_precision_recall(const double *score, const uint8_t *label, size_t n, double *x, double *y,
                              size_t room);

/* ---- a metric with an interval by resampling its cases ---- */

enum stats_metric {
	STATS_AVERAGE_PRECISION,
	STATS_LOG_LOSS,
	STATS_BRIER,
	STATS_ACCURACY, /* at the threshold */
	STATS_ECE,      /* of ten uniform bins */
	STATS_MCE,
};
struct stats_cases {
	const double *score;   /* [n] */
	const double *against; /* [n] scores of the same cases by another model, or NULL */
	const uint8_t *label;  /* [n] */
	size_t n;
	double threshold;
};
struct stats_resampled {
	double a, b; /* the metric of score and of against (NaN without); as the functions above have it */
	double value, low, high; /* a, or a - b: with the percentiles of the replicates */
	size_t undefined; /* replicates without a value (no positives): left out; beyond one in a hundred there
	                     is no interval */
};
/* Bootstrap of the cases: each replicate draws n of them with replacement, the same ones for both models,
 * from its own stream of the seed. The same interval on any number of threads (0: as many as the process may
 * use). */
void stats_resample(const struct stats_cases *c, enum stats_metric metric, size_t replicates, uint64_t seed,
                    double level, int threads, struct stats_resampled *out);

/* ---- what predictions are worth: a numeric target ---- */

struct regression {
	size_t n;
	double r2, rmse, mae; /* r2 NaN if the target is constant or n < 2; all NaN if n is 0 */
};
void stats_regression(const double *predicted, const double *actual, size_t n, struct regression *out);

#endif
