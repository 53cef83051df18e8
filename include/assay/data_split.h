/*
 * data: one column by another: its distribution in each group of rows (by label, by a category, by ranges of a number,
 * by time, by file), on edges that they share.
 */
#ifndef ASSAY_DATA_SPLIT_H
#define ASSAY_DATA_SPLIT_H

#include "assay/data.h"

enum split_kind {
	SPLIT_VALUES, /* bool, cat, few numbers: the most frequent values, most rows first (numbers and bools: rising);
	               * the rest together as the last group */
	SPLIT_RANGES, /* many numbers: ranges with about equally many rows */
	SPLIT_TIME, /* whole hours (but of whole days), days, weeks, months, quarters or years in UTC, rising, empty ones within among
	             * them; where those are too many, whole 5, 10, 20, 50… years */
	SPLIT_FILES, /* by -1: the files of the table in their order; those that are too many together as the last */
};
const char *split_kind_name(enum split_kind kind); /* "values", "ranges", "time", "files" */

/* Estimates with sampling weights of a group, beside what its rows say. Shares of the weight; NaN without any. */
struct split_weighted {
	double weight, share; /* of its rows; share of all rows */
	/* Of a column of numbers, moments, quantiles and bins too (bins of split.edges); of others missing alone. */
	struct weighted_profile estimates;
	double *
	    values; /* of categories and bools: share of the weight of those that are there, as split_group.values */
};

struct split_group {
	const char *name;  /* "Female", "18 to 25", "2026-10", "other (12 values)", "missing" */
	const char *where; /* an expression of table_where for its rows; NULL: there is none (files, other) */
	uint64_t first_row, rows; /* first_row from 0, of its first row; 0 where there is none */
	uint64_t missing;         /* of the column, among its rows */
	uint64_t infinite;
	/* A numeric column; NaN where there are too few values: */
	double mean, sd, min, max;
	double quantiles[PROFILE_QUANTILES];
	uint64_t *bins; /* rows in each bin of split.edges */
	/* A column of categories (or bool): rows with each of split.values, the last one being all others */
	uint64_t *values;
	struct split_weighted *weighted; /* with sampling weights; else NULL */
};

enum { SPLIT_GROUPS = 12, SPLIT_VALUES_SHOWN = 10, SPLIT_PERIODS = 36 };

/* The rows of a table in groups: made once, for any number of its columns. */
struct split_by {
	const struct table *table; /* must live longer */
	long by;                   /* -1: files */
	enum split_kind kind;
	struct split_group *groups; /* name, where, first_row and rows; every row is in one of them */
	size_t group_count;
	size_t compared;    /* those that are measured: all but "missing", which is the last */
	long positive;      /* the group of the positive value of a binary label, or -1 */
	uint32_t *group_of; /* [rows of the table] */
	/* With frequency weights everything is told of the rows written out, groups too; only first_row is of the table. A
	 * row with a weight of 0 is in a group, but has no part in anything. With sampling weights everything is of the rows as
	 * they stand, and estimates stand beside it (split_group.weighted). */
	enum stats_weights weights;
	long weight;       /* the column of them, or -1 */
	double *weight_of; /* [rows of the table], or NULL */
	uint64_t *times;   /* the same as whole numbers, of frequencies; else NULL */
	uint64_t rows;     /* of all groups */
	struct arena *arena;
};
/* by: a column's index, or -1 for files. groups: at most so many beside "missing"; 0: SPLIT_GROUPS (times and files:
 * SPLIT_PERIODS). weights: by the column with role weight, as profile_options has it. The table may be packed. ERR_USAGE:
 * a column of texts or ids, which are nearly all different; weights that profile_table refuses, or frequencies that are
 * all 0. progress may be NULL. */
int split_by_init(struct split_by *g, const struct table *t, long by, size_t groups,
                  enum stats_weights weights, struct progress *progress, struct error *err);
void split_by_release(struct split_by *g);
/* Bytes that groups of so many rows take, about, and columns while so many threads split one each: beside the table. */
uint64_t split_bytes(uint64_t rows, enum stats_weights weights, size_t threads);

struct split {
	enum split_kind kind;
	const char *column, *by; /* by: NULL for files */
	const char *weight;      /* the column of weights, or NULL */
	enum stats_weights weights;
	enum column_type type;
	bool numeric;
	double *edges; /* bins + 1: the profile's own (stats_bin_count of all finite values) */
	size_t bins;
	const char **value_names; /* most frequent first; "other (3 values)" last if there are more */
	size_t value_count;
	struct split_group *groups;
	size_t group_count;
	/* How much the groups differ, "missing" left out and "other" being one of them; sampling weights have no part in it.
	 * NaN where it cannot be told. */
	double strength;    /* from 0 to 1, as relation.strength: of numbers epsilon, of categories V */
	struct anova anova; /* of numbers: eta2 is the correlation ratio */
	struct association association; /* of categories and bools */
	struct association absence;     /* of whether a value is missing, with the groups */
	struct auc auc;                 /* of numbers, for a binary label as `by` */
	struct arena *arena;
};

/* Of texts and ids only what is missing is told. ERR_USAGE: the column that the groups are of; ERR_NO: stopped. Any
 * number of threads may split one table. A million rows take some 40 ms of one; what is taken beside the table is
 * room for one column, twice. */
int split_column(struct split *s, const struct split_by *g, size_t column, struct progress *progress,
                 struct error *err);
void split_release(struct split *s);
/* The rows of one group as a table (table_take) of its own. */
void split_take(const struct split_by *g, size_t group, struct table *out);
/* {"column","by","kind","type","edges":[…],"values":[…],"groups":[{"name","where","rows","first_row","missing",
 * "infinite","mean",…,"quantiles":{…},"bins":[…],"values":[…]}],"strength","eta","f","f_p","v","chi2","df","chi2_p",
 * "missing_v","missing_p","auc","auc_low","auc_high","weight","weights"}: what a column's type has; rows count from 1. by
 * null: files. With sampling weights each group has "weighted" {"total","share","missing", of numbers those of
 * column_profile.weighted, "values":[…]}. */
void split_json(const struct split *s, struct str *out);

#endif
