/* Inside the room: what its files share. */
#ifndef BIAS_INSIDE_H
#define BIAS_INSIDE_H

#include <math.h>

#include "assay/bias.h"

/* ---- counts ---- */

/* Place in counts: label * 2 + decision. */
enum { TN, FP, FN, TP, CELLS };

struct counts {
	uint64_t c[CELLS];
};

static inline uint64_t counts_n(const struct counts *k)
{
	return k->c[TN] + k->c[FP] + k->c[FN] + k->c[TP];
}

static inline void counts_add(struct counts *to, const struct counts *from)
{
	for (int i = 0; i < CELLS; i++)
		to->c[i] += from->c[i];
}

/* What sums say of scores: how many, their mean, the sum of squared distances from it. */
struct spread {
	double n, mean, m2;
};
void spread_add(struct spread *to, const struct spread *from);

/* ---- the table ---- */

/* Cases that agree in every column (and in the stratum), by label. Scores stand in one array. */
struct cell {
	size_t first[2], end[2]; /* sorted scores of label 0 and of label 1 */
	struct spread score[2];
	struct counts decided; /* without scores */
};

struct partition {
	struct bias_partition about;
	size_t *group_of; /* by cell; BIAS_NONE: pruned */
};

struct bias_table {
	size_t n;
	bool has_scores, probabilities; /* all of them between 0 and 1 */
	double *score;
	size_t column_count; /* the stratum, if there is one, comes last */
	size_t stratum;      /* its index in code, or BIAS_NONE */
	struct bias_column *columns;
	struct cell *cells;
	size_t cell_count;
	uint32_t *code; /* [cell_count][column_count]; missing: group_count of the column */
	struct partition *partitions;
	struct bias_partition *about; /* the public part of each, side by side */
	size_t partition_count;
	struct arena *mem;
};

/* The partitions (partition.c). */
void partitions_make(struct bias_table *t, int depth, size_t support);

/* Counts of the groups of a partition at a threshold: out[group_count]. */
void table_counts(const struct bias_table *t, size_t by, double threshold, struct counts *out);
/* With strata: out[stratum * group_count + group]; *strata how many there are (1 without). Caller frees. */
struct counts *table_strata(const struct bias_table *t, size_t by, double threshold, size_t *strata);

/* ---- rates ---- */

/* The levels at which intervals are taken: of one thing; simultaneous over the comparisons with the
 * reference, over all pairs; and over two rates in each of these. */
enum rate_level { AT_PLAIN, AT_REFERENCE, AT_PAIRS, AT_ODDS_PAIR, AT_ODDS_REFERENCE, AT_ODDS_PAIRS, LEVELS };

/* A rate of one group, with what the intervals of comparisons are made of. */
struct rated {
	double value;
	double num, den;              /* counts above and below the line (of means: 0, n) */
	double log_value, log_spread; /* a positive mean: its logarithm and that one's variance; else NaN */
	struct estimate at[LEVELS];   /* odds levels: of TPR and FPR only */
	const char *why;              /* it cannot be computed; or NULL */
};

struct rate_about {
	const char *name, *words, *definition, *formula, *agrees;
	unsigned num, den; /* the sets of cells (1 << TN …) counted above and below the line; num 0: of scores */
	const char *why;   /* there is nothing below the line */
};
extern const struct rate_about RATES[BIAS_RATES];
#define NO_PROBABILITIES "the scores are no probabilities: some lie outside 0 to 1"
bool rate_is_share(enum bias_rate rate); /* of cases, between 0 and 1 */
void rate_parts(enum bias_rate rate, const struct counts *k, double *num, double *den);
/* NaN if it cannot be computed, and always for rates of scores. */
double rate_of(enum bias_rate rate, const struct counts *k);
void rates_of(const struct counts *k, double out[BIAS_RATES]); /* all of them */
double divide(double a, double b);                             /* NaN where b is 0 */

/* Scores of a group by label, merged from cells. */
struct group_scores {
	struct spread label[2];
};
/* scores may be NULL. out[BIAS_RATES]. */
void rate_group(const struct bias_settings *s, const struct counts *k, const struct group_scores *scores,
                const double levels[LEVELS], struct rated *out);
/* The interval of one rate at any level. */
void rate_interval(const struct bias_settings *s, enum bias_rate rate, const struct counts *k,
                   const struct group_scores *scores, double level, struct estimate *out);

/* ---- measures ---- */

/* The counts that a measure is computed from: those of a partition, at hand or drawn. */
struct view {
	const struct counts *group; /* [count] */
	size_t count;
	struct counts total;          /* of the groups */
	const struct counts *stratum; /* [strata * count], NULL: none */
	size_t strata;
	const bool *enough; /* [count * BIAS_RATES], NULL: all */
	/* Lowest and highest of each rate, if they were looked up already (view_extremes); NULL: not. */
	const struct extremes *extremes;
};
struct extremes {
	double low, high; /* NaN if fewer than two groups have one */
};
void view_extremes(const struct view *v, struct extremes out[BIAS_RATES]);

enum measure_kind { OTHER, DIFFERENCE, RATIO, ODDS_DIFFERENCE, ODDS_RATIO };
/* Where the closed form of OTHER comes from, if there is one. */
enum measure_form { BY_BOOTSTRAP, BY_SHARE, BY_LABELS, BY_LABELS_SIZE, BY_DECISIONS, BY_BOOTSTRAP_FROM_0 };

/* What kind of definition it is and how it is computed: of groups a and b of the view; a alone, or neither,
 * according to the scope. NaN if it cannot be. */
struct measure_about {
	const char *name;
	enum measure_kind kind;
	enum bias_rate rate; /* DIFFERENCE, RATIO */
	unsigned scopes;     /* 1 << enum bias_scope */
	double (*value)(const struct view *v, size_t a, size_t b);
	/* Another convention's way with a rate; complement: 1 - rate is meant. */
	double (*of_rate)(const struct measure_about *m, const struct view *v, size_t a, size_t b);
	bool complement;
	enum measure_form form;
	bool needs_strata;
	const char *definition, *formula, *agrees;
};
struct convention {
	const char *name;
	const struct measure_about *measures;
	size_t count;
	bool all_groups; /* small groups take part in worst cases too */
};
extern const struct convention CONVENTION_ASSAY, CONVENTION_FAIRLEARN, CONVENTION_AIF360, CONVENTION_CLARIFY,
    CONVENTION_AEQUITAS;
const struct convention *convention_of(enum bias_convention c);
const struct measure_about *measure_about(const struct bias_report *r, const struct bias_measure *m);

/* From counts alone: NaN for what takes scores. a BIAS_NONE: the worst of all. */
double measure_value(const struct measure_about *m, const struct view *v, size_t a, size_t b);
/* Worst gap (or ratio) of a rate over the groups of the view that are enough, from counts alone. */
double worst_gap(const struct view *v, enum bias_rate rate);
double worst_ratio(const struct view *v, enum bias_rate rate);
/* Values that several conventions have in common. */
double value_kl(const struct counts *a, const struct counts *d);
double value_js(const struct counts *a, const struct counts *d);
double value_norm(const struct counts *a, const struct counts *d, int p); /* 1, 2; 0: the largest */
double value_disparity(const struct view *v, size_t g, bool labels); /* within strata, if there are any */
double value_entropy(const struct counts *total, int alpha);         /* generalized entropy, 1 or 2 */
struct counts rest_of(const struct view *v, size_t g);

/* ---- verdicts ---- */

enum bias_verdict verdict_of(const struct bias_limit *limit, double low, double high);
const struct bias_limit *limit_for(const struct bias_settings *s, const char *measure,
                                   const struct bias_partition *by);
/* The size of a signed thing from its interval: |x|, or for ratios the smaller of r and 1/r. */
void fold_difference(double low, double high, double *size_low, double *size_high);
void fold_ratio(double low, double high, double *size_low, double *size_high);
/* Judges a measure by its interval and gives the verdicts of groups anew. */
void measure_judge(const struct bias_report *r, struct bias_measure *m);
void groups_judge(struct bias_report *r);

/* Fills `enough` of a view ([count * BIAS_RATES]). */
void view_enough(const struct bias_settings *s, const struct counts *group, size_t count, bool *enough);
/* The level of a measure's interval: simultaneous over what is shown beside it. */
double measure_level(const struct bias_report *r, const struct bias_measure *m);

#endif
