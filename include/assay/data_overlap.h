/*
 * data: rows that two tables have in common, such as a training set and a test set. A model has seen what it is tested on
 * where a row stands in both; and where the same features have another label there, one of the two is wrong, or the
 * features do not say enough.
 *
 * Columns are matched by their names. Rows are told apart as duplicates are (data_relation.h): by every column that both
 * have but those that name a row (role or type id, in either), what is missing being like what is missing. Numbers are
 * equal by value, whatever they stand in; other columns by their text, as column_cell writes it where the types differ.
 */
#ifndef ASSAY_DATA_OVERLAP_H
#define ASSAY_DATA_OVERLAP_H

#include "assay/data.h"

enum { OVERLAP_EXAMPLES = 5 };

/* In what rows are alike: as the fields of struct overlap. */
enum overlap_kind { OVERLAP_SAME, OVERLAP_ALIKE, OVERLAP_CONFLICTS, OVERLAP_KINDS };
const char *overlap_kind_name(enum overlap_kind kind); /* "in both", "but for label", "other label" */

struct overlap_rows {
	uint64_t count; /* rows of the test table */
	struct {
		uint64_t test, train; /* the first of them, and the first row that it is like there; from 0 */
		/* Their labels, as column_cell writes them; NULL: missing, or there is no label. */
		const char *test_label, *train_label;
	} first[OVERLAP_EXAMPLES]; /* min(count, OVERLAP_EXAMPLES), by test */
};

struct overlap {
	uint64_t train_rows, test_rows;
	const char *const *columns; /* compared, in the order of the training table, the label among them */
	size_t column_count;
	const char *const *only_train, *const *only_test; /* in one of them only, but for what names rows */
	size_t only_train_count, only_test_count;
	const char *label;             /* in both, or NULL: then nothing is told of conflicts */
	struct overlap_rows same;      /* equal in all of the columns */
	struct overlap_rows alike;     /* in all but the label: with those that are the same */
	struct overlap_rows conflicts; /* alike to a row whose label is another, both being known */
	/* Rows of the training table that are equal to an earlier one of it: with few columns, or few values, rows are
	 * equal by chance. */
	uint64_t train_repeats;
	const uint8_t *marks;     /* of each test row: 1 << OVERLAP_SAME …; NULL: they were not asked for */
	const char *const *notes; /* what is left out, a sentence each */
	size_t note_count;
	struct arena *arena;
};

struct overlap_options {
	const char *label;          /* NULL: the training table's label, if it has one */
	bool no_label;              /* none, whatever the training table has */
	bool marks;                 /* tell of every row, not of the first ones alone */
	const char *const *columns; /* compare these, even if they name rows, and the label; count 0: all */
	size_t column_count;
	int threads;               /* 0: as many as the process may use; the result does not depend on them */
	struct progress *progress; /* rows; may be NULL */
	int hash_bits;             /* 0: all 64. The result does not depend on it (tests) */
};

/* Both may be packed. ERR_USAGE: a label or a column that is in neither or one alone, no column to compare; ERR_NO:
 * stopped. options may be NULL. Time goes with the rows of both: a million with ten thousand of 30 columns take as long
 * as finding duplicates. */
int overlap_tables(struct overlap *o, const struct table *train, const struct table *test,
                   const struct overlap_options *options, struct error *err);
void overlap_release(struct overlap *o);
/* Rows of the test table stand in the training table, and not because rows are alike anyway in the columns that are
 * compared: at most half of the training rows are equal to an earlier one. */
bool overlap_leaks(const struct overlap *o);
/* o->same, alike or conflicts. */
const struct overlap_rows *overlap_rows_of(const struct overlap *o, enum overlap_kind kind);
/* {"train_rows","test_rows","columns":[…],"only_train":[…],"only_test":[…],"label",
 *  "same","alike","conflicts":{"rows","share" (of the test rows),"first":[{"test","train"}]},"train_repeats","notes":[…]}
 * Rows are counted from 1; conflicts is null without a label. */
void overlap_json(const struct overlap *o, struct str *out);

#endif
