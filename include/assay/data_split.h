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
	SPLIT_TIME, /* whole hours, days, weeks, months, quarters or years, rising, empty ones within among them */
	SPLIT_FILES, /* by == NULL: the files of the table in their order */
};

struct split_group {
	const char *name;  /* "Female", "18 to 25", "2026-10", "other (12 values)", "missing" */
	const char *where; /* an expression of table_where for its rows; NULL: there is none (files, other) */
	uint64_t first_row, rows; /* first_row from 0, of its first row */
	uint64_t missing;         /* of the column, among its rows */
	uint64_t infinite;
	/* A numeric column; NaN where there are too few values: */
	double mean, sd, min, max;
	double quantiles[PROFILE_QUANTILES];
	uint64_t *bins; /* rows in each bin of split.edges */
	/* A column of categories (or bool): rows with each of split.values, the last one being all others */
	uint64_t *values;
};

struct split {
	enum split_kind kind;
	const char *column, *by; /* by: NULL for files */
	enum column_type type;
	bool numeric;
	double *edges; /* bins + 1: the profile's own (stats_bin_count of all finite values) */
	size_t bins;
	const char **value_names; /* most frequent first; "other" last if there are more */
	size_t value_count;
	struct split_group *groups;
	size_t group_count;
	/* How much the groups differ: of numbers the correlation ratio (stats_anova), of categories V (stats_association).
	 * For a binary label as `by` and a column of numbers: auc. NaN value where it cannot be told. */
	struct anova anova;
	struct association association;
	struct auc auc;
	struct arena *arena;
};

enum { SPLIT_GROUPS = 12, SPLIT_VALUES_SHOWN = 10, SPLIT_PERIODS = 36 };

/* column and by: indexes; by -1: files. groups: at most so many, 0: SPLIT_GROUPS (times SPLIT_PERIODS). The table may be
 * packed. ERR_USAGE: column or by of a type that cannot be split (text, id by itself). progress may be NULL. */
int split_table(struct split *s, const struct table *t, size_t column, long by, size_t groups,
                struct progress *progress, struct error *err);
void split_release(struct split *s);
/* {"column","by","kind","edges":[…],"values":[…],"groups":[{"name","where","rows","missing","infinite","mean",…,
 * "quantiles":{…},"counts":[…]}],"eta","v","auc",…} */
void split_json(const struct split *s, struct str *out);

#endif
