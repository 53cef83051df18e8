/*
 * bias: who is selected, who is wrongly refused, by how much they differ, and how sure that is. Everything
 * but the metrics of scores comes from one table of counts: group x label x decision (x stratum).
 *
 * Words. A case is a row. Its label is 1 or 0; its decision is 1 ("selected") or 0; where scores are given,
 * the decision is score >= threshold. A *partition* ("by") divides the cases by one column, or by two or
 * three of them (an intersection); its parts are *groups*. The *reference* group of a partition is the one
 * that was named, else the largest (the first of the largest).
 *
 * Three steps, so that a screen can follow a finger:
 *   bias_table_new   once for a data set: sorts the scores within the cells (10^6 cases: tens of ms)
 *   bias_report      at any threshold: counts, closed-form intervals, verdicts (well under a frame)
 *   bias_resample    bootstrap intervals and permutation p-values; behind the screen, may be interrupted
 *
 * Intervals (level 0.95 unless said otherwise)
 *   - rate: Wilson, or Clopper-Pearson on request; mean score and calibration gap: Student's t
 *   - FN/FP: log, variance 1/FN + 1/FP, half a case added where one is 0
 *   - difference of two: Newcombe's square-and-add of the two intervals (for rates: his hybrid score)
 *   - ratio of two rates: log (Katz); the adjusted form (half a case added) where a count is 0; from Wilson's
 *     intervals where both are full
 *   - worst case of many: from the intervals of all pairs. The end towards more unfairness is the worst plain
 *     end of any pair, for the truly worst pair alone must be covered; the other end is the worst of the
 *     pairs' simultaneous (Sidak) ends. Together they hold at least the level.
 *   - everything else: percentiles of a bootstrap of the cells (NaN until bias_resample)
 * Comparisons with the reference are simultaneous over the groups compared (Sidak) unless `plain` is set. The
 * percentile bootstrap of a worst case stands beside it (boot_low, boot_high) and never decides: it leans
 * away from 0. Its p is that of the permutation null "the groups do not differ".
 *
 * Groups below the minimum (n, and the denominator of the rate) are *too few*: shown with their interval,
 * left out of worst cases, neither passed nor failed. If fewer than two remain, all are shown and the
 * verdict is "too few".
 *
 * Results depend on neither threads nor the order of the rows. Sums of scores are taken in sorted order.
 */
#ifndef ASSAY_BIAS_H
#define ASSAY_BIAS_H

#include <stdatomic.h>

#include "assay/base.h"
#include "assay/stats.h"

enum {
	BIAS_DEPTH_MAX = 3,
	BIAS_COLUMNS_MAX = 16,
	BIAS_MINIMUM = 100,            /* cases of a group */
	BIAS_MINIMUM_DENOMINATOR = 30, /* cases below the line of a rate */
	BIAS_SUPPORT = 30,             /* cases of an intersection that is listed at all */
	BIAS_REPLICATES = 10000,
};
/* Code of a case whose group is not known: group "(missing)", always last. */
#define BIAS_MISSING UINT32_MAX
#define BIAS_NONE    SIZE_MAX

/* ---- the table ---- */

struct bias_column {
	const char *name;         /* "sex" */
	const uint32_t *code;     /* [n], below group_count or BIAS_MISSING */
	const char *const *group; /* names by code, in the order in which groups are listed */
	size_t group_count;
};
/* Exactly one of score and decision is there. Everything is copied. */
struct bias_cases {
	size_t n;
	const uint8_t *label;    /* [n] 1 or 0 */
	const uint8_t *decision; /* [n] 1 or 0 */
	const double *score;     /* [n] finite */
	const struct bias_column *columns;
	size_t column_count;
	const struct bias_column *stratum; /* for conditional demographic disparity; NULL: none */
};
struct bias_table_options {
	int depth;      /* 1: single columns; 2, 3: intersections of so many columns too; 0 is 1 */
	size_t support; /* smaller intersections are not listed; 0: BIAS_SUPPORT */
	int threads;    /* 0: as many as the process may use */
};

struct bias_table;
/* ERR_USAGE: no cases, no column, too many columns, a column named twice, a code out of range, a score that
 * is not finite, a label that is neither 0 nor 1. */
int bias_table_new(const struct bias_cases *cases, const struct bias_table_options *options,
                   struct bias_table **out, struct error *err);
void bias_table_free(struct bias_table *t); /* NULL is fine */

/* How the cases are divided: first by the single columns as given, then by two, then by three. */
struct bias_partition {
	const char *name; /* "sex", "sex,age" */
	int depth;
	size_t column[BIAS_DEPTH_MAX]; /* indexes into the columns, `depth` of them */
	size_t group_count;            /* groups that occur and have the support */
	size_t pruned, pruned_cases;   /* groups of an intersection left out for want of support */
	const char *const *group;      /* names: "Female", "Female & under 25" */
	const uint64_t *n;             /* cases by group */
};
size_t bias_cases_count(const struct bias_table *t);
bool bias_has_scores(const struct bias_table *t);
size_t bias_partitions(const struct bias_table *t, const struct bias_partition **out);

/* ---- what is measured ---- */

/* Of one group. */
enum bias_rate {
	BIAS_SELECTION_RATE,  /* (TP+FP)/n */
	BIAS_BASE_RATE,       /* (TP+FN)/n */
	BIAS_TPR,             /* TP/(TP+FN) */
	BIAS_FPR,             /* FP/(FP+TN) */
	BIAS_TNR,             /* TN/(FP+TN) */
	BIAS_FNR,             /* FN/(TP+FN) */
	BIAS_PPV,             /* TP/(TP+FP) */
	BIAS_NPV,             /* TN/(TN+FN) */
	BIAS_ACCURACY,        /* (TP+TN)/n */
	BIAS_MEAN_SCORE,      /* mean of the scores; NaN without scores */
	BIAS_CALIBRATION_GAP, /* mean of the scores - base rate; NaN unless scores lie in 0 to 1 */
	BIAS_FN_FP_RATIO,     /* FN/FP: treatment */
	BIAS_RATES
};
const char *bias_rate_name(enum bias_rate rate); /* "selection_rate" … */

/* Whom a measure compares. */
enum bias_scope {
	BIAS_WORST,     /* the worst pair of the groups that are not too few; groups a (low) and b (high) */
	BIAS_REFERENCE, /* group a against the reference group b, signed: a - b, a / b */
	BIAS_PAIR,      /* as BIAS_REFERENCE, for any two groups (settings.all_pairs) */
	BIAS_OVERALL,   /* all cases at once, no groups */
	BIAS_REST,      /* group a against all other cases */
};
const char *bias_scope_name(enum bias_scope scope); /* "worst", "reference", "pair", "overall", "rest" */

enum bias_verdict {
	BIAS_NO_LIMIT, /* there is nothing to judge it by */
	BIAS_OK,       /* the whole interval is inside the limit */
	BIAS_AT_LIMIT, /* the interval contains it, or there is no interval (yet) */
	BIAS_FAILS,    /* the whole interval is outside */
	BIAS_TOO_FEW,
};
/* "ok", "at the limit", "fails", "too few"; NULL for BIAS_NO_LIMIT. */
const char *bias_verdict_name(enum bias_verdict verdict);

struct bias_value {
	double value, low, high; /* NaN: cannot be computed (why says why), or not yet */
	enum bias_verdict verdict;
	const char *why; /* constant text, or NULL */
};

/* A limit of the policy. For a worst case of differences `limit` bounds the gap from above (at_least false),
 * for one of ratios from below. Comparisons with the reference are held to the same limit by size: a
 * difference within -limit … limit, a ratio within limit … 1/limit. For a rate it holds in every group. */
struct bias_limit {
	const char *measure; /* "demographic_parity_ratio", "tpr" … */
	const char *by;      /* partition, "sex"; NULL: every partition that no limit on the measure names */
	double limit;
	bool at_least; /* true: value >= limit; false: value (of calibration_gap: its size) <= limit */
};
/* Without a policy: demographic parity ratio >= 0.8; differences of demographic parity, equal opportunity,
 * equalized odds and predictive parity <= 0.1. */
const struct bias_limit *bias_limits_default(size_t *count);
/* Whether this is the name of a measure or rate of Assay's own convention (policies are checked with it). */
bool bias_measure_known(const char *name);

enum bias_convention { BIAS_AS_ASSAY, BIAS_AS_FAIRLEARN, BIAS_AS_AIF360, BIAS_AS_CLARIFY, BIAS_AS_AEQUITAS };
const char *bias_convention_name(enum bias_convention convention);
bool bias_convention_parse(const char *name, enum bias_convention *convention);

struct bias_reference {
	const char *by, *group; /* by: a partition; an intersection without one takes its largest group */
};
struct bias_settings {
	double threshold; /* of scores; decisions do not look at it */
	double level;
	bool plain;     /* intervals of comparisons at the plain level, not Sidak's */
	bool exact;     /* rates: Clopper-Pearson instead of Wilson */
	bool mean_odds; /* equalized odds: mean of the two gaps instead of the worse */
	bool all_pairs; /* list every pair of groups, not only those with the reference */
	enum bias_convention convention;
	uint64_t minimum, minimum_denominator;
	const struct bias_reference *references;
	size_t reference_count;
	const struct bias_limit *limits;
	size_t limit_count;
};
void bias_settings_init(struct bias_settings *s); /* threshold 0.5, the defaults above, the default limits */

/* ---- the report ---- */

struct bias_group {
	size_t by; /* index of the partition */
	const char *name;
	uint64_t n, tp, fp, fn, tn;
	bool reference;
	bool too_few; /* n below the minimum */
	struct bias_value rate[BIAS_RATES];
	struct bias_value auc, brier; /* NaN until bias_score; no limit is on them */
	/* The worst verdict of its comparisons with the reference, and of its rates, that have a limit. */
	enum bias_verdict verdict;
};
struct bias_measure {
	const char *name; /* "demographic_parity_difference" */
	size_t by;        /* index of the partition; BIAS_NONE for BIAS_OVERALL */
	enum bias_scope scope;
	size_t a, b; /* indexes into groups; BIAS_NONE */
	struct bias_value v;
	const struct bias_limit *limit; /* the one that it was judged by, or NULL */
	size_t left_out;                /* groups too few to take part in a worst case */
	double boot_low, boot_high;     /* percentiles of the bootstrap; NaN until bias_resample */
	double p;                       /* permutation null, of worst cases; NaN until then or if there is none */
	int kind;                       /* the room's own business */
};
struct bias_report {
	struct bias_settings settings; /* strings and arrays copied */
	size_t n;
	const struct bias_partition *partitions; /* the table's: it must live as long */
	size_t partition_count;
	size_t *reference; /* by partition: index into groups */
	size_t *first;     /* by partition: its first group in groups; [partition_count] ends the last */
	struct bias_group *groups;
	size_t group_count;
	struct bias_measure *measures;
	size_t measure_count;
	uint64_t replicates, seed; /* 0: not resampled */
	struct arena *mem;         /* holds everything above but the partitions */
};
/* ERR_USAGE: a reference that is not there (names the groups that are), two for one partition, a limit on what is not known, a level
 * or threshold that makes no sense. */
int bias_report(const struct bias_table *t, const struct bias_settings *settings, struct bias_report *out,
                struct error *err);
void bias_report_release(struct bias_report *r);

/* Fills boot_low, boot_high and p, and low, high and the verdict of what has no closed form. The same seed
 * gives the same numbers for any number of threads. `stop` (may be NULL) is looked at often; once it is true
 * the report is left as it was and false is returned. */
struct bias_resampling {
	uint64_t replicates; /* 0: BIAS_REPLICATES */
	uint64_t seed;
	int threads; /* 0: as many as the process may use */
	const atomic_bool *stop;
};
bool bias_resample(const struct bias_table *t, const struct bias_resampling *how, struct bias_report *r);

/* Fills auc and brier of the groups of single columns: what no threshold moves, so it is done once and not in
 * bias_report. AUC with DeLong's interval; Brier, of probabilities only, with Student's t of the squared
 * errors. Sorts the cases once for each column (10^6 cases: about a fifth of a second). */
void bias_score(const struct bias_table *t, struct bias_report *r);

/* The measure of that name and scope, or NULL. by NULL: of BIAS_OVERALL. a: index into groups, for
 * BIAS_REFERENCE (BIAS_NONE: the first). */
const struct bias_measure *bias_find(const struct bias_report *r, const char *name, const char *by,
                                     enum bias_scope scope, size_t a);

/* A comparison as limits see it, without its sign: of a difference |d|, of a ratio the smaller of r and 1 /
 * r. Worst cases and values of all cases are that already. bias_size_of_gap is for a calibration gap. */
void bias_size(const struct bias_report *r, const struct bias_measure *m, struct bias_value *out);
void bias_size_of_gap(const struct bias_value *v, struct bias_value *out);

/* ---- calibration within groups: does 0.3 mean 0.3 for everybody? ---- */

struct bias_calibration {
	struct calibration uniform; /* ten bins, as stats_calibration */
	struct {
		double low, high; /* Wilson's interval of the rate in the bin */
	} rate[STATS_CALIBRATION_BINS];
	/* Expected calibration error. Its interval holds at least the level: above, one normal error of the whole
	 * (the signs of the bins' true gaps make it a mean); below, what ten bins without any gap would show by
	 * chance. */
	struct bias_value ece;
};
/* out[group_count of the partition]; a few ns a case. False if stopped (NULL: cannot be) or if there are no
 * scores. */
bool bias_calibrate(const struct bias_table *t, size_t by, double level, const atomic_bool *stop,
                    struct bias_calibration *out);

/* ---- what a number means: for Enter on a screen, and --explain ---- */

struct bias_explanation {
	const char *title;      /* "true positive rate of Female" */
	const char *definition; /* "Of the cases that are positive, the share that is selected." */
	const char *formula;    /* "TP / (TP + FN)" */
	const char *counts;     /* "412 / (412 + 131) = 0.7587" */
	const char *interval;   /* "Wilson, 95 %" */
	const char *convention; /* "agrees with fairlearn.metrics.true_positive_rate" or "" */
	const char *verdict;    /* "at the limit: 0.8 lies within the interval; …" */
};
void bias_explain_rate(const struct bias_report *r, size_t group, enum bias_rate rate, struct arena *mem,
                       struct bias_explanation *out);
void bias_explain_measure(const struct bias_report *r, size_t measure, struct arena *mem,
                          struct bias_explanation *out);

/* The object of commands.md "bias": adds its members, keys sorted, no white space, null with "KEY_why", to an
 * open object of j. */
void bias_json(const struct bias_report *r, struct json_writer *j);
/* Adds "limits": [{"at_least", "by", "limit", "measure"} …] to an open object. */
void bias_limits_json(const struct bias_settings *s, struct json_writer *j);

#endif
