/* Inside data: what is kept of columns that are summed up instead of kept. */
#ifndef ASSAY_DATA_TALLY_INTERNAL_H
#define ASSAY_DATA_TALLY_INTERNAL_H

#include "assay/data_tally.h"
#include "assay/stats_sketch.h"
#include "facts.h"
#include "internal.h"

struct tally_column {
	char *name;
	enum cell_mode mode;
	enum column_type forced;
	unsigned roles; /* said */
	bool saw_number, all_whole, rounded;
	uint64_t empty;                   /* rows of the files without a value */
	uint64_t missing, *missing_by;    /* by spelling; with frequency weights of the rows written out */
	struct weight_sum missing_weight; /* with sampling weights */
	/* Numbers, times, truth values; and texts while all of them are truth words, as 0 and 1. */
	struct stats_sums *sums, *weighed; /* weighed: with sampling weights */
	struct number_sketch *numbers;
	bool any, climbs; /* of a column that may be an id: each number is greater than the one before it */
	double first, last;
	struct time_counter *times; /* of times; else NULL */
	/* of texts: */
	struct text_sketch *texts;
	struct text_counter *written;
	uint64_t text_bytes; /* of all of them */
	bool all_numbers, not_utf8;
	/* With frequency weights, of which some are 0: of rows as they stand, since these tell what a column is. Of texts, and
	 * of numbers that may be an id; else NULL. */
	struct text_sketch *plain_texts;
	struct number_sketch *plain_numbers;
};

struct tally_file {
	char *path;
	char sha256[SHA256_TEXT];
	uint64_t bytes, rows;
};

struct tally {
	struct tally_column *columns;
	size_t column_count;
	size_t room;    /* different values of a column */
	uint64_t lines; /* rows as they stand in the files */
	uint64_t rows;  /* with frequency weights: written out */
	enum stats_weights weights;
	long weight;                  /* the column of them, or -1 */
	struct weight_sum weight_all; /* of all rows, with sampling weights */
	char **missing;               /* the spellings */
	size_t missing_count;
	char *positive; /* or NULL */
	bool resolved;  /* types and roles were all said */
	struct tally_file *files;
	size_t file_count, file_cap;
};

/* So many different values of each column are kept in this much memory. */
size_t tally_room(uint64_t memory, size_t columns);
/* A column of numbers of which it matters that all are different. */
bool tally_may_be_id(const struct tally_column *c);
/* What a column without any value looks like: everything that is summed up, for its mode and kind of weights. */
void tally_column_begin(struct tally_column *c, const struct tally *t, enum cell_mode mode);
void tally_column_end(struct tally_column *c); /* frees it, but neither name nor missing_by */
/* Types as a table's, told by what was summed up, into the columns of `about` (names are there) and its reading. */
void tally_types(const struct tally *t, struct table *about, struct note_list *notes);

/* Rows of a chunk: from the columns of a build. times or weights: of each row, or NULL. */
struct tally_rows {
	const struct build *build;
	size_t from, count; /* rows of the build */
	const uint64_t *times;
	const double *weights; /* of frequency or sampling weights */
};
/* Adds one column's rows. *spelled: of the missing ones among them, with frequency weights; goes on behind them.
 * `scratch` has room for as many doubles. */
void tally_column_add(struct tally_column *c, const struct tally *t, const struct build_column *from,
                      const struct tally_rows *rows, const uint32_t **spelled, double *scratch);

/* What is said of one column; type and roles are those of `typed`. */
void tally_column_profile(const struct tally *t, size_t at, const struct column *typed, struct arena *a,
                          struct column_profile *p);
/* The words of a part. */
enum { TALLY_VERSION = 1 };
/* Appends the last line to the text of a part, which begins at `from`; whether there is one, and whether it is that of
 * what stands before it. */
enum { TALLY_SEAL = 11 + 64 + 3 };
void tally_seal(struct str *text, size_t from);
bool tally_has_seal(const char *text, size_t len);
bool tally_seal_holds(const char *text, size_t len);
extern const char *const TALLY_MODES[4];   /* enum cell_mode */
extern const char *const TALLY_WEIGHTS[3]; /* enum stats_weights */

/* The profile of a table with weights (options->weights is one of the two kinds), which stands in *p as far as it is the
 * same with weights and without. As profile_table. */
int profile_weighted(struct profile *p, const struct table *t, const struct profile_options *options,
                     struct error *err);

/* Reads files as table_read into a tally. keep: rows stay in a table while this takes a good part of the memory; *t is
 * NULL if they all did. */
int tally_read(struct tally **t, struct table *about, const char *const paths[], size_t path_count,
               const struct reading *r, const struct profile_options *options, uint64_t memory, bool keep,
               struct error *err);
/* A line for a person, if something is only known within bounds. */
void tally_say_bounds(const struct profile *p, size_t room, struct str *notes);
/* Of files, the label's positive value: as table_read refuses it. */
int tally_check_positive(const struct tally *t, const struct table *about, struct error *err);

#endif
