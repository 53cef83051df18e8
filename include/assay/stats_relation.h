/*
 * stats: what two columns have to do with each other, and quantities of one that need its sorted
 * values. Rows of which one side is missing are left out, and n says how many were not.
 *
 * Missing is NaN in numbers, and any code at or above the number of codes in categories.
 */
#ifndef ASSAY_STATS_RELATION_H
#define ASSAY_STATS_RELATION_H

#include "assay/stats_sums.h"

/* ---- two numbers ---- */

struct correlation {
	size_t n; /* complete pairs */
	double r; /* NaN below two pairs or if one side is constant */
	double p; /* two-sided, of no correlation, by Student's t with n-2 degrees (1 for two pairs) */
};
/* scipy.stats.pearsonr. Infinite values count as missing. With a column of 0 and 1 it is the point-biserial
 * correlation. Corrected two-pass sums (Chan, Golub and LeVeque 1983). */
void stats_pearson(const double *x, const double *y, size_t n, struct correlation *out);

/* Of a rank test: the probability that this share of the variation of n mid-ranks (rho^2, or eta^2 by df + 1 groups) or
 * more is explained with the rows in any order: the chi-square law with df degrees of (n - 1) times the share, which is
 * scipy.stats.kruskal, and with df 1 mannwhitneyu(use_continuity=False, method="asymptotic"). design: of how many
 * rows that go together each counts as one, on average; 1: each for itself. NaN where there is nothing to be told. */
double stats_rank_p(double share, size_t n, double df, double design);

/* ---- two categories ---- */

struct association {
	size_t n;             /* complete pairs */
	size_t rows, columns; /* values of a and of b that occur in them */
	double chi2, df, p;   /* scipy.stats.chi2_contingency(correction=False): no Yates, no pooling */
	double v;             /* Cramer's V, bias-corrected: Bergsma 2013; NaN where one side has one value, or
	                       * as many as there are rows */
	double mutual;        /* mutual information in nats, of the counts: sklearn.metrics.mutual_info_score */
	double explains_b;    /* mutual / entropy of b: how much of b is known with a; NaN if b is constant */
	double explains_a;
};
void stats_association(const uint32_t *a, size_t a_codes, const uint32_t *b, size_t b_codes, size_t n,
                       struct association *out);

/* With the rows in any order, b would be known as well with a with this probability at most, however few they are: what
 * b's rows have in all orders alike, n_1!…n_k! / n!, over what they have if each value of a has shares of b of its own
 * (Dirichlet's law, 1/5 in all: mostly of one value). Their ratio is Gunel and Dickey's Bayes factor (1974), of which the
 * mean over all orders is at most 1, so that its inverse is an upper bound of a p-value (Markov; Vovk and Wang 2021). NaN
 * without pairs. */
double stats_association_chance(const uint32_t *a, size_t a_codes, const uint32_t *b, size_t b_codes,
                                size_t n);

/* stats_association of the table of counts: a_codes rows of b_codes cells. */
void stats_association_counts(const uint64_t *cells, size_t a_codes, size_t b_codes, struct association *out);

/* Rising edges of at most so many bins that hold near equal numbers of the sorted values (ties stay together):
 * how many bins, 0 without values. edges has room for bins + 1. */
size_t stats_quantile_edges(const double *sorted, size_t n, size_t bins, double *edges);

/* A number by a category: stats_anova_by (eta2 is the correlation ratio). */

/* ---- values that lie far out ---- */

/* Tukey's fences (1977): outside are values beyond 1.5 interquartile ranges from the nearer quartile, far out
 * those beyond 3. Of a million normal values some 7,000 are outside and 2 far out: findings are made from the
 * far ones. Where the quartiles are one value there is no measure: everything is NaN and 0. */
struct fences {
	double low, high, far_low, far_high;
	size_t below, above;         /* outside; with those far out */
	size_t far_below, far_above; /* far out */
};
void stats_fences(const struct stats_sorted *s, struct fences *out);

#endif
