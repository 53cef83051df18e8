/*
 * data: what the columns of a table have to do with each other and with the label, which of them go missing
 * together, which are the same but for their name, and which rows stand there more than once.
 *
 * Bool columns are categories beside categories and 0 and 1 beside numbers. Nothing here depends on the number of
 * threads. What is bounded, left out or measured on a part of the rows is said in `notes`.
 */
#ifndef ASSAY_DATA_RELATION_H
#define ASSAY_DATA_RELATION_H

#include "assay/data.h"
#include "assay/stats_relation.h"

enum relation_kind {
	RELATION_NUMBERS,    /* two numbers: Pearson and Spearman */
	RELATION_CATEGORIES, /* two categories: Cramer's V and mutual information */
	RELATION_MIXED,      /* a number and a category: correlation ratio */
	RELATION_KIND_COUNT
};
const char *relation_kind_name(enum relation_kind kind); /* "numbers", "categories", "number by category" */

struct relation {
	size_t a, b; /* columns of the table: a < b between features; b is the label */
	enum relation_kind kind;
	size_t n; /* complete pairs (of numbers: that are finite too) */
	/* One scale for all kinds, 0 to 1, by which they are sorted; NaN if it cannot be told (a column that is
	 * constant where both are there). Numbers: the larger of |Pearson| and |Spearman|, to a binary label
	 * |2 AUC - 1|. Categories: V. Mixed: sqrt(max(0, 1 - (1 - eta2)(n - 1)/(n - k))), Kelley's epsilon (1935),
	 * since eta grows with the number k of categories alone. */
	double strength;
	union {
		struct {
			struct correlation pearson, spearman;
		};                              /* numbers */
		struct association association; /* categories: its a and b are those above */
		struct anova anova;             /* mixed */
	};
	struct auc auc; /* of a column of numbers or bools for a binary label; else value NaN */
	/* Of to_label, else NaN and false. Rows in any order would say as much of the label with probability chance at
	 * most: with an AUC stats_auc_chance, of categories stats_association_chance. Else it is about that: stats_rank_p
	 * (of ranks, since one value that lies far out makes a Pearson or eta near 1 by itself), but no less than one over
	 * how many orders the values of either have (n!/(n_1!…n_k!)). NaN where the strength is. */
	double chance;
	/* It may know the label from after the fact: the AUC is RELATION_LEAK or more, or as far from one half the other
	 * way, or without one the strength as much (2 RELATION_LEAK - 1 if the label is binary, being |2 AUC - 1| there);
	 * and chance is at most RELATION_TELLS_P over the number of features. Of two rows any two values that differ tell
	 * the label. */
	bool leaks;
};

/*
 * What should have nothing to do with the label, and knows it where rows were sorted by class or names were given out by
 * it: the place of a row among those whose label is known, and columns of type or role id. Of an id it is the rank of
 * its number, or of its text in natural order: runs of digits by the number that they are, all else by its bytes, so
 * that "B7" < "B12" < "C1". What a name says anywhere but from its front (a last letter for the class) is not seen.
 *
 * Rows in any order would reach the same with probability p: Spearman's z, which for two classes is Mann and Whitney's
 * and for more Kruskal and Wallis' H, ties corrected. Where an id stands in many rows (a patient) they count as one: H
 * is divided by the mean number of rows of a row's id, Kish's design effect at its worst.
 */
enum relation_trail_kind { TRAIL_ORDER, TRAIL_NUMBERS, TRAIL_TEXTS, TRAIL_KIND_COUNT };
const char *
relation_trail_name(enum relation_trail_kind kind); /* "row order", "id by number", "id by text" */
struct relation_trail {
	enum relation_trail_kind kind;
	struct relation
	    with; /* as of a feature; a: the column, or column_count for the order (names and types go so far) */
	double p;
	/* It tells of the label: p is at most RELATION_TELLS_P over the number of trails, and the strength (of two numbers
	 * Spearman's) at least RELATION_TELLS, an AUC of 0.55. Of 100,000 tables of 20 to 1,000 shuffled rows, 50 have
	 * such a trail (LONG=1 test_data_trails). */
	bool tells;
	bool leaks; /* and DeLong's interval lies beyond RELATION_LEAK; without an AUC, the strength */
};
#define RELATION_LEAK    0.95 /* AUC from which on a column is suspected to know the label from after the fact */
#define RELATION_TELLS   0.1
#define RELATION_TELLS_P 0.001

/*
 * A binary label over a column of times: a rate that changes with the date of collection is a defect of the data, or at
 * least to be known. Rows are those in which both are there; the periods are those of split_by_init.
 */
struct relation_period {
	const char *name, *where; /* where NULL: there is no expression for it */
	uint64_t rows, positive;
	double rate, low, high; /* positive / rows with Wilson's 95 % interval; NaN without rows */
};
/* Before a time, or after it, the label is one and the same. */
struct relation_end {
	uint64_t rows; /* 0: there is no such end, rows of both kinds standing at the first (last) time */
	double time;   /* ms UTC, of the last of them at the beginning, of the first of them at the end */
	bool positive; /* which it is */
	double p; /* that so many rows are one or the other, in any order: hypergeometric; NaN without rows */
	bool
	    constant; /* p is at most RELATION_TELLS_P over the number of ends, and it is one row in a thousand or more */
};
struct relation_time {
	size_t column;
	uint64_t rows, positive;
	struct relation_period *periods; /* in order, empty ones among them */
	size_t period_count;
	/* Periods with the label: scipy.stats.chi2_contingency(correction=False). Neighbours are joined until five rows of
	 * each kind are expected; rows: how many are left. */
	struct association association;
	bool
	    changes; /* its p is at most RELATION_TELLS_P over the number of times, its V at least RELATION_TELLS */
	struct relation_end begin, end;
};

/* Two columns and the rows in which they are missing. */
struct relation_missing {
	size_t a, b;
	uint64_t a_missing, b_missing, both;
	double phi;     /* Pearson of the two as 0 and 1; NaN if one is missing everywhere */
	double jaccard; /* both / either */
};

/* Rows in which just these columns are missing. */
struct relation_pattern {
	const size_t *columns; /* rising */
	size_t column_count;
	uint64_t rows, first_row; /* first_row from 0 */
};

/* Linear and renamed are those that rows in any order would be with a probability of at most RELATION_TELLS_P over the
 * number of pairs (by Spearman's rho or the orders that there are, and by stats_association_chance): of three rows, one pair of numbers in three is in
 * order by chance. */
enum relation_same_kind {
	SAME_EQUAL,   /* the same value, or none, in every row */
	SAME_NEARLY,  /* in all but one in a hundred of the rows, those not counted in which both hold the value
	               * that is commonest in a */
	SAME_LINEAR,  /* |Pearson| or |Spearman| at least RELATION_SAME: one can be computed from the other */
	SAME_RENAMED, /* categories that go one to one with other ones, or with numbers */
	SAME_KIND_COUNT
};
const char *
relation_same_name(enum relation_same_kind kind); /* "equal", "nearly equal", "linear", "renamed" */
#define RELATION_SAME 0.999

struct relation_same {
	size_t a, b; /* a < b; any columns, features or not, but the weight */
	enum relation_same_kind kind;
	uint64_t same; /* rows with the same value, or none, in both; 0 of the last two kinds */
};

/* Rows that are equal in every column but those that name a row (role or type id). */
struct relation_rows {
	uint64_t count;
	uint64_t first[5]; /* the first of them, from 0: min(count, 5) */
};

/* All of them: keep[row_count] gets 1 for each row that is equal to `row` (itself, too), else 0; returns how many. */
size_t table_equal_rows(const struct table *t, size_t row, uint8_t *keep);

struct relation_options {
	const char *label;     /* a column; NULL: the table's label, if it has one */
	const char *positive;  /* NULL: the reading's, else as table_label has it */
	const size_t *columns; /* the features to be related; column_count 0: all */
	size_t column_count;
	size_t most; /* columns of which pairs are made at most, the first ones; 0: RELATION_COLUMNS */
	size_t rows; /* rows that pairs of features are measured on at most: more are drawn from, by a fixed seed;
	              * 0: as many as keep pairs times rows within RELATION_WORK */
	int threads; /* 0: as many as the process may use */
	struct progress *progress; /* stages: columns, pairs, rows; may be NULL */
	int hash_bits;             /* of a row's hash; 0: all 64. The result does not depend on it (tests) */
};
enum { RELATION_COLUMNS = 200, RELATION_PATTERNS = 20, RELATION_ROWS = 20 };
#define RELATION_WORK                                                                                        \
	4000000000.0 /* about a minute of one core if all have holes, some seconds if none has */

struct relations {
	uint64_t rows;
	const char *const *names; /* of the table's columns, and behind them "row order" */
	const enum column_type *types;
	size_t column_count;
	long label; /* or -1 */
	/* Why nothing is related to it (one class, no value, a type to which nothing is), as a sentence; else NULL. */
	const char *label_why;
	bool binary;

	struct relation *to_label; /* of every feature; strongest first, then by column */
	size_t to_label_count;
	struct relation_trail *trails; /* with a label: the order of rows, then ids by column */
	size_t trail_count;
	struct relation_time *times; /* of a binary label, by column */
	size_t time_count;
	struct relation *pairs; /* of two features, neither the label: strongest first, then by columns */
	size_t pair_count;
	uint64_t pair_rows; /* rows that they were measured on: all of them, or a sample */

	uint64_t complete_rows;           /* nothing is missing in them */
	struct relation_missing *missing; /* of columns in which something is; largest phi first */
	size_t missing_count;
	struct relation_pattern *patterns; /* the most frequent ones, of RELATION_PATTERNS at most */
	size_t pattern_count, pattern_all; /* those here, and all that occur */

	struct relation_same *same; /* by kind, then most rows first */
	size_t same_count;

	uint64_t duplicates;        /* rows that are equal to an earlier one: pandas duplicated().sum() */
	uint64_t duplicate_sets;    /* sets of equal rows */
	struct relation_rows *sets; /* the largest, of RELATION_ROWS at most; then by first row */
	size_t set_count;

	const char *const *notes; /* what was bounded or left out, a sentence each: relation_note_of */
	size_t note_count;
	struct arena *arena; /* holds everything above */
};

/* What a note is about. */
enum relation_note { NOTE_LABEL, NOTE_PAIRS, NOTE_MISSING, NOTE_SAME, NOTE_ROWS, RELATION_NOTE_COUNT };
enum relation_note relation_note_of(const char *note);

/* The result does not depend on the table's being packed. ERR_NO: stopped. ERR_USAGE: a label that is no column; one that is
 * not the table's and of a type that nothing is related to (text, time, id); a positive value in the options that it does
 * not have. Of any other label to which nothing can be related label_why says so, and all else is measured. options may be
 * NULL. The result outlives the table. */
int relations_table(struct relations *r, const struct table *t, const struct relation_options *options,
                    struct error *err);
void relations_release(struct relations *r);
/* One object; of lists that are sorted the first `limit` entries (0: all).
 *   {"rows","columns":[{"name","type"}],"label","binary","label_why","pair_rows","to_label":[…],"pairs":[…],"pair_count",
 *    "missing":{"complete_rows","pairs":[{"a","b","a_missing","b_missing","both","phi","jaccard"}],"pair_count",
 *               "patterns":[{"columns":[…],"rows","first_row"}],"pattern_count"},
 *    "same":[{"a","b","kind","same_rows"}],
 *    "trails":[{"what",…of a relation, without "a" for the order of rows,"order_p","tells","leaks"}],
 *    "label_over_time":[{"column","rows","positive","periods":[{"name","where","rows","positive","rate","low","high"}],
 *                        "compared","chi2","df","p","v","changes",
 *                        "begin","end":{"rows","time","positive","p","constant"}}],
 *    "duplicates":{"rows","sets","largest":[{"count","first_rows":[…]}]},"notes":[…]}
 * A relation: {"a","b","kind","n","strength"} and of numbers "pearson","pearson_p","spearman","spearman_p"
 * (and "spearman_n" where infinite values make it another n), of categories "v","chi2","df","p","mutual","explains_a",
 * "explains_b","a_values","b_values" (how many of each occur), of both kinds mixed "eta","f","p","groups";
 * to a binary label "auc","auc_low","auc_high"; in to_label "chance","leaks". Rows are counted from 1. */
void relations_json(const struct relations *r, size_t limit, struct str *out);
/* Reads back what relations_json wrote with limit 0; the same lists in the same order, whose JSON
 * is the same again. Of the measures, what the JSON does not hold (sums of squares, cases by class) is NaN or 0.
 * ERR_USAGE if it is not that. */
int relations_parse(struct relations *r, const char *json, size_t len, struct error *err);

#endif
