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
	bool has_scores;
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
struct counts cell_counts(const struct bias_table *t, const struct cell *c, double threshold);

/* ---- rates ---- */

/* A rate of one group, with what intervals of comparisons are made of. */
struct rated {
	double value, num, den; /* num, den: NaN where it is no share of cases */
	double log_value, log_variance;
	bool enough;              /* the group and the denominator reach the minimum */
	struct estimate at[3];    /* the interval at three levels */
	const char *why;          /* it cannot be computed; or NULL */
};
enum rate_level { AT_PLAIN, AT_REFERENCE, AT_PAIRS };

struct rate_about {
	const char *name, *words, *definition, *formula, *agrees;
	uint8_t num[CELLS], den[CELLS]; /* which cells are counted above and below the line */
	const char *why;                /* there is nothing below the line */
};
extern const struct rate_about RATES[BIAS_RATES];
bool rate_is_share(enum bias_rate rate); /* of cases: num / den of counts */
void rate_parts(enum bias_rate rate, const struct counts *k, double *num, double *den);
/* NaN if it cannot be computed; not for rates of scores. */
double rate_value(enum bias_rate rate, const struct counts *k);

/* ---- measures ---- */

enum measure_kind { DIFFERENCE, RATIO, ODDS_DIFFERENCE, ODDS_RATIO, OF_TWO, OF_STRATA, OF_ALL, OF_MANY };

/* Of two groups: a is held against b. Of many: all groups. */
struct many {
	const struct counts *group;
	size_t count;
};
struct measure_about {
	const char *name;
	enum measure_kind kind;
	enum bias_rate rate; /* DIFFERENCE, RATIO */
	const char *definition, *formula, *agrees;
	double (*two)(const struct counts *a, const struct counts *b);
	double (*many)(const struct many *m);
	bool at_least; /* more is fairer: ratios */
};
extern const struct measure_about MEASURES[];
extern const size_t MEASURE_COUNT;
/* The definitions of other tools (as_*.c). */
struct convention {
	const struct measure_about *measures;
	size_t count;
	enum bias_scope scope; /* of those OF_TWO */
};
const struct convention *convention_of(enum bias_convention c);
const struct measure_about *measure_about(const struct bias_report *r, const struct bias_measure *m);

/* Demographic disparity within strata, of group g: the share of it among the refused less that among the
 * selected, weighted by the sizes of the strata (Clarify's CDD; k[stratum * groups + group]). */
double strata_disparity(const struct counts *k, size_t strata, size_t groups, size_t g, bool of_labels);

double divide(double a, double b); /* NaN where b is 0 */

/* ---- verdicts ---- */

enum bias_verdict verdict_of(const struct bias_limit *limit, double low, double high);
const struct bias_limit *limit_for(const struct bias_settings *s, const char *measure,
                                   const struct bias_partition *by);
enum bias_verdict verdict_worse(enum bias_verdict a, enum bias_verdict b);

/* Judges every measure and group anew from its interval (after resampling). */
void report_judge(struct bias_report *r);

#endif
