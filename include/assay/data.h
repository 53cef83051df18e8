/*
 * data: from bytes to typed columns and what can be said about one column.
 *
 *   struct reading   how the bytes are read: separators, header, missing spellings, types, roles.
 *                    What the person did not say is inferred from the bytes, and said.
 *   struct table     typed columns in memory.
 *   struct profile   statistics.md "One column" for every column; goes to JSON and back.
 *
 * A data set version is the pair (digests of the files in order, digest of the resolved reading).
 * Results never depend on the number of threads. libcsv lives in this room and nowhere else.
 */
#ifndef ASSAY_DATA_H
#define ASSAY_DATA_H

#include "assay/base_progress.h"
#include "assay/stats_relation.h"

/* ---- types and roles ---- */

enum column_type {
	COLUMN_GUESS, /* only in a reading: infer it from all the data */
	COLUMN_BOOL,  /* true/false, yes/no in any case (0/1 too where the person says bool); values 0 and 1 */
	COLUMN_INT,   /* whole numbers; exact up to 2^53 */
	COLUMN_NUM,   /* numbers; "inf" and "-inf" are read as such */
	COLUMN_CAT,   /* categories: few values for the number of rows, or numbers written with leading zeros */
	COLUMN_TEXT,  /* nearly every value different, or long */
	COLUMN_TIME,  /* ms UTC; forms of time_parse */
	COLUMN_ID,    /* names a row: unique, never missing, and called so ("id", "loan_id") or said so */
	COLUMN_TYPE_COUNT
};
const char *column_type_name(enum column_type type);              /* "num"; "guess" for COLUMN_GUESS */
bool column_type_parse(const char *name, enum column_type *type); /* the seven names, not "guess" */

/* A column without any of these is a feature. A protected or background column is a feature too
 * unless dropped; label, weight, time and id never are (see column_is_feature). */
enum column_role {
	ROLE_LABEL = 1,
	ROLE_PROTECTED = 2,
	ROLE_BACKGROUND = 4,
	ROLE_WEIGHT = 8,
	ROLE_TIME = 16,
	ROLE_ID = 32,
};
#define ROLES_NOT_FEATURE (ROLE_LABEL | ROLE_WEIGHT | ROLE_TIME | ROLE_ID)
/* Adds "label", "protected,background", "feature" for 0, behind what is there. Returns out->data. */
const char *column_roles_text(unsigned roles, struct str *out);

/* ---- reading ---- */

enum {
	READ_GUESS = -1, /* for every setting below: infer from the bytes */
	READ_NO = 0,
	READ_YES = 1,
	READ_BLANKS = ' ', /* as delimiter: runs of blanks and tabs; leading and trailing ones do not count */
	READ_SKIP_MAX = 1000000,
};

enum encoding { ENCODING_UTF8, ENCODING_LATIN1, ENCODING_UTF16, ENCODING_COUNT };
const char *encoding_name(enum encoding encoding); /* "utf-8" */

struct reading_column {
	char *name;
	enum column_type type; /* COLUMN_GUESS: not said */
	unsigned roles;        /* enum column_role */
};

struct reading {
	int encoding;  /* enum encoding. UTF-8: bytes that are none are kept as they stand. Guessed: UTF-16 by its
	                 * byte order mark, Latin-1 where more bytes are no UTF-8 than letters of it are there */
	int delimiter; /* a byte, or READ_BLANKS */
	int quote;     /* a byte, or READ_NO; guessed: '"' */
	int header;    /* READ_YES: the first record (after skipped and comment lines) holds names */
	int skip;      /* lines before the first record */
	int comment;   /* lines that begin with this byte are left out; READ_NO */
	int trim;      /* READ_YES: blanks around unquoted fields do not count */
	int end_mark;  /* a byte that ends every record and does not belong to its last field (the period of
	                 * C4.5 files, as in adult.test); READ_NO */
	char **missing; /* spellings that mean "missing"; missing_count 0: READING_MISSING_DEFAULT */
	size_t missing_count;
	char *positive; /* the label value that counts as 1, or NULL */
	/* What is known by column. In a resolved reading: every column, in file order, all typed.
	 * Otherwise only what was said. */
	struct reading_column *columns;
	size_t column_count;
	char **names; /* given names of all columns in file order, or none */
	size_t name_count;
	bool resolved;
	bool like; /* made by reading_like: a column that the file lacks is no error */
};
/* The default spellings: "", "NA", "NaN", "nan", "null", "NULL", "?". */
extern const char *const READING_MISSING_DEFAULT[];
extern const size_t READING_MISSING_DEFAULT_COUNT;

void reading_init(struct reading *r); /* everything to be guessed */
void reading_release(struct reading *r);
void reading_copy(struct reading *to, const struct reading *from); /* `to` is not released first */
/* Sets one option by its name on the command line without "--": delimiter (a byte, "comma", "tab", "space"),
 * quote (a byte or "none"), header yes|no, no-header (value NULL), names a,b,…, skip N, comment C|none,
 * trim yes|no (NULL: yes), end-mark C|none, encoding utf-8|latin-1|utf-16, missing a,b,… (adds to the empty field, replaces the default),
 * label COL, positive VALUE, protected a,b, background a,b, weight COL, time COL, id COL, type COL=TYPE.
 * Lists are comma separated; a name that holds a comma is written in double quotes. */
int reading_set(struct reading *r, const char *option, const char *value, struct error *err);
/* What is known of a column, made if it is not there. */
struct reading_column *reading_column(struct reading *r, const char *name);
const struct reading_column *reading_find(const struct reading *r, const char *name); /* or NULL */
const char *reading_label(const struct reading *r);                                   /* or NULL */

/* Canonical text of a *resolved* reading, one fact a line, always the same bytes for the same reading. */
void reading_canonical(const struct reading *r, struct str *out);
/* Reads canonical text back (into an uninitialised *r); refuses anything else, with the line. */
int reading_parse(const char *text, size_t len, struct reading *r, struct error *err);
void reading_digest(const struct reading *r, char hex[SHA256_TEXT]);
/* For reading another file of the same schema (test set, predict): keeps names (where the files have no
 * header), types, roles, missing spellings and positive; the layout of the bytes is guessed anew. With
 * a header, columns are then found by name: others may be there, and the caller checks which are missing. */
void reading_like(struct reading *to, const struct reading *resolved);

/* ---- table ---- */

#define CODE_MISSING INTERN_NONE

struct column {
	const char *name; /* unique in the table, never empty */
	enum column_type type;
	unsigned roles;
	/* Exactly one of the first two is there. bool, int, num, time: values. cat, text: codes. id: values if all
	 * of them are plain whole numbers within 2^53, else codes. With table_options.packed, packed may stand in
	 * the place of values: column_number reads both. */
	double *values;            /* NaN = missing (a NaN never means anything else here) */
	uint32_t *codes;           /* index into dict, or CODE_MISSING */
	const struct intern *dict; /* values in order of first appearance */
	int32_t *packed;           /* value * 10^decimals; INT32_MIN = missing */
	int decimals;
	size_t missing;
	uint64_t *missing_by; /* by spelling, in the order of table.reading.missing; NULL after table_take */
	uint32_t *
	    spelled; /* of each missing cell, in the order of rows, which of them; or NULL (table_options.spellings) */
	bool rounded; /* int beyond 2^53: values are the nearest doubles */
};

struct table_file {
	const char *path;
	/* Of the bytes as they stand in the file, packed if it is; "": no_digest, or not read to its end (table.cut). */
	char sha256[SHA256_TEXT];
	uint64_t bytes;         /* so many of them */
	size_t first_row, rows; /* its rows in the table */
};

struct table {
	struct column *columns;
	size_t column_count;
	size_t row_count;
	bool cut;               /* these are the first rows only: table_options.most_bytes */
	struct reading reading; /* resolved: how it was in fact read */
	struct table_file *files;
	size_t file_count;
	const char *const *notes; /* what was inferred or noticed, a sentence each, for a person */
	size_t note_count;
	struct table_owner *owner; /* what the columns stand in */
};

/* How bytes are looked through for what separates fields: as the processor does it best, or in one of the ways
 * that it may have (tests). */
enum scan_level { SCAN_BEST, SCAN_SCALAR, SCAN_SSE2, SCAN_AVX2, SCAN_AVX512, SCAN_NEON, SCAN_LEVEL_COUNT };
bool scan_level_here(enum scan_level level); /* this machine has it */

struct table_options {
	int threads;      /* 0: as many as the process may use */
	size_t max_field; /* bytes of one field; 0: 1 MiB */
	size_t slice; /* bytes of a parallel slice; 0: the default. The result does not depend on it (tests) */
	bool libcsv_only; /* without the fast lane. The result does not depend on it (tests) */
	/* Numbers with few digits stay packed, in half the memory. For a table that goes to profile_table, relations_table, overlap_tables,
	 * split_by_init, table_take, table_label, column_cell, column_number, table_where, table_order and table_release, and
	 * nowhere else. What these
	 * give does not depend on it. */
	bool packed;
	bool spellings; /* keep which spelling each missing cell has (column.spelled) */
	/* The rows of these columns alone are kept, and of those with a role or called an id; NULL: of all. The others are read,
	 * checked and typed as ever, but have neither values, codes nor packed; a name that there is not is no error. */
	const char *const *only;
	size_t only_count;
	/* Reading ends, between two records, once the columns take about so many bytes: then table.cut. 0: all is read. */
	uint64_t most_bytes;
	enum scan_level level; /* one that is not here: the best. The result does not depend on it (tests) */
	bool no_digest;        /* files are not hashed, a sixth of the time: table_file.sha256 is empty then */
	struct progress *progress; /* bytes of the files as they stand; may be NULL */
};

/* Reads the files, in order, as one table. By what they begin with, files packed by gzip or Zstandard are unpacked; "-"
 * is the standard input. What comes through a pipe is kept until it was read for the last time, beyond some megabytes
 * in a file without a name in $TMPDIR (/var/tmp). `r` is what the person said (not changed); options may be NULL.
 * Each file must have the same columns (with a header: the same names in the same order; without: as many).
 * Every record must have as many fields as there are columns. Errors name file, line, column and field:
 *   ERR_ENV    cannot be opened or read, or it changed meanwhile
 *   ERR_USAGE  packed and damaged or cut off, not in the encoding that was said, empty, header only, binary (a NUL byte), ragged, bad quotes, a field that is too long, a line of more than 64 MiB,
 *              a value that its given type does not allow, a column that is not there, a bad name
 * On success *t must be released with table_release. */
int table_read(struct table *t, const char *const paths[], size_t path_count, const struct reading *r,
               const struct table_options *options, struct error *err);
/* The same from memory, `name` standing for the path. */
int table_read_bytes(struct table *t, const char *name, const void *bytes, size_t len,
                     const struct reading *r, const struct table_options *options, struct error *err);
void table_release(struct table *t);

/* Files whose columns do not fit into memory together are read in several passes, each over as many as fit. */
struct table_passes {
	uint64_t memory;   /* bytes that may be taken, about; 0: half of what is free. It is set to what holds, */
	uint64_t room;     /* and this to what is left of it beside the program and what reads */
	const char *first; /* a column of the first pass, which has those of weights as well; NULL: no other */
	/* How many bytes are taken, about, while columns of so many bytes and rows are looked at: these and what is made of
	 * them; as few as can be where more would be above `room`. The last question before `take`, or before the end, is about
	 * what there is. */
	uint64_t (*need)(void *user, uint64_t rows, uint64_t bytes);
	/* What a pass has read, as table_read gives it, but only columns[0..count), rising, have rows and types; rows and files
	 * are the same each time. It is gone afterwards. */
	int (*take)(void *user, const struct table *t, const size_t *columns, size_t count, struct error *err);
	void *user;
	size_t taken; /* passes that were. 0: everything fitted, and *t has all rows */
};
/* As table_read; but where not all columns fit, each comes to `take` once, and *t is told of without any rows. What comes
 * through a pipe is read but once (see table_read). ERR_ENV: not even one column fits; says what it needs. */
int table_read_passes(struct table *t, const char *const paths[], size_t path_count, const struct reading *r,
                      const struct table_options *options, struct table_passes *passes, struct error *err);
/* It can be read another time: a file, not a pipe or the standard input. */
bool table_path_stays(const char *path);

/* Index of a column, or -1. */
long table_find(const struct table *t, const char *name);
/* As table_find, but fills err with the columns whose names come near. */
long table_need(const struct table *t, const char *name, struct error *err);
/* Column with a role, or -1. */
long table_role(const struct table *t, enum column_role role);
/* What a recipe may learn from unless it is dropped: no excluding role, and neither text, time nor id. */
bool column_is_feature(enum column_type type, unsigned roles);
bool column_is_missing(const struct column *c, size_t row);
/* The number in a cell of a column without codes; NaN if missing. */
double column_number(const struct column *c, size_t row);
/* A cell as text: shortest number, RFC 3339, true/false, the category's bytes; nothing for missing. */
void column_cell(const struct column *c, size_t row, struct str *out);
/* A new table of the given rows in the given order (they may repeat). Dictionaries, names and notes are
 * the source's: it must live longer. */
void table_take(struct table *to, const struct table *from, const size_t *rows, size_t count);
/* The label as 0 and 1 (NaN where missing) into out[row_count]. positive NULL: the reading's, else 1 or true.
 * ERR_USAGE with the values that are there: no such column, a positive value that never occurs, only
 * one class, more than two classes and no positive value, a number column that is no label. */
int table_label(const struct table *t, const char *label, const char *positive, double *out,
                struct error *err);

/* Digest of a data set version: files in order, then the reading. */
void data_version_digest(const struct table_file *files, size_t count, const struct reading *r,
                         char hex[SHA256_TEXT]);

/* ---- rows that match an expression ---- */

/* The grammar of the store's filter on columns: comparisons = != <> < <= > >=, LIKE and ILIKE (% and _),
 * IN ('a', 'b'), IS [NOT] MISSING (NULL is the same), NOT, AND, OR, parentheses. Names are bare words or in
 * double quotes or backticks; text in single quotes or a bare word; times as text. As in SQL, a comparison
 * with a missing cell is neither true nor false, and neither is its NOT. keep[row_count] gets 0 or 1;
 * *matched how many. On error (ERR_USAGE) *at (may be NULL) is the byte offset in expr of what is wrong; the
 * text says the character too. */
int table_where(const struct table *t, const char *expr, uint8_t *keep, size_t *matched, size_t *at,
                struct error *err);
/* The same without looking at any row: as it is typed. */
int table_where_check(const struct table *t, const char *expr, size_t *at, struct error *err);

/* By what rows are put in order: numbers and times by their value, texts by their letters in any case (ASCII), then by
 * their bytes. What is missing comes last both ways. */
struct row_key {
	size_t column;
	bool descending;
};
/* Puts rows (indexes, none twice) in order by the keys, the first one first; equal ones stay as they are. False:
 * `progress` (may be NULL) said to stop; rows are in any order then. */
bool table_order(const struct table *t, const struct row_key *keys, size_t key_count, uint32_t *rows,
                 size_t count, struct progress *progress);

/* ---- profile ---- */

#define PROFILE_QUANTILES 7
#define PROFILE_TOP       10
extern const double PROFILE_QUANTILE_AT[PROFILE_QUANTILES]; /* 0.01 0.05 0.25 0.5 0.75 0.95 0.99 */

struct value_count {
	const char *value; /* as column_cell writes it */
	size_t len;
	uint64_t count;
};

/* How the values of a column of texts are written, counted in rows. Lengths are in characters (UTF-8; of other bytes each is
 * one): pandas Series.str.len(). Blanks are those of Python's str.isspace. */
struct text_facts {
	uint64_t length_min, length_max;
	double length_mean, length_sd; /* n-1; NaN for one row */
	double words_mean;             /* runs of what is not blank */
	uint64_t blank;                /* nothing but blanks */
	uint64_t edge_blanks;          /* blanks before or behind; with those that are nothing else */
	uint64_t not_ascii, not_utf8;
	struct value_count *
	    shapes; /* most frequent first: digits as 9, capitals A, other letters a, runs of them once; "…" where
	                     * they are cut: at 24 characters, or so far before that there are 512 of them at most */
	size_t shape_count; /* at most PROFILE_TOP */
	uint64_t shape_all; /* different ones, as they are cut */
};

/* Of the times of a column. */
struct time_facts {
	const char *unit;       /* the finest that occurs: "day", "hour", "minute", "second", "millisecond" */
	uint64_t by_hour[24];   /* UTC */
	uint64_t by_weekday[7]; /* Monday first */
	uint64_t by_month[12];
	bool rising;          /* no row is earlier than the one before it */
	double step;          /* median distance of neighbouring different times, ms; NaN for fewer than two */
	double gap, gap_from; /* the largest such distance and the time before it; NaN */
};

/* Estimates with sampling weights of a column of numbers, beside the plain ones of its rows. */
struct weighted_profile {
	struct weighted moments;             /* stats_sums_weighted */
	double quantiles[PROFILE_QUANTILES]; /* stats_runs_weighted */
	double missing;                      /* share of the weight */
	double *bins;                        /* share of the weight in each bin of the histogram */
};

/* Where more different values occurred than memory was allowed for. */
struct profile_bounds {
	struct estimate distinct;
	double quantile_low[PROFILE_QUANTILES], quantile_high[PROFILE_QUANTILES]; /* certain */
	double mad_low, mad_high;
	uint64_t astray;    /* rows that may stand in another bin of the histogram */
	uint64_t top_error; /* a true count lies within [count - this, count] */
};

/* A quantity that cannot be computed is NaN here and null with a "why" in JSON. Moments, quantiles and the
 * histogram are over finite values; +-inf is counted in `infinite` (and in count, distinct, top). */
struct column_profile {
	const char *name;
	enum column_type type;
	unsigned roles;
	uint64_t count; /* values that are there (count + missing = rows) */
	uint64_t missing;
	uint64_t infinite;
	uint64_t distinct; /* of the values that are there */
	/* Spellings that occur, most frequent first; "" is the empty field. */
	struct value_count *missing_by;
	size_t missing_by_count;
	/* bool, int, num, time (ms): */
	bool numeric; /* these have a meaning */
	double mean, sd, variance, skewness, kurtosis, min, max, sum, mad, lag1;
	double quantiles[PROFILE_QUANTILES];
	double *edges; /* bins + 1 */
	uint64_t *bin_counts;
	size_t bins;
	/* all types: */
	struct value_count *top; /* most frequent first; ties by the value's bytes (numbers: by value) */
	size_t top_count;
	/* cat, text and bool: entropy in bits and 1 - H/log2 k (NaN for fewer than two values) */
	double entropy, imbalance;
	struct fences fences; /* int and num: what lies far out */
	const struct text_facts
	    *text; /* cat, text and id of texts with values: how they are written; else NULL */
	const struct time_facts *time;           /* time with values: what is regular in it; else NULL */
	const struct weighted_profile *weighted; /* numeric, with sampling weights; else NULL */
	bool exact;                              /* false: whole numbers were rounded, or there are bounds */
	int decimals; /* int and num: that the values have at most; -1: not known, or more than decimals of 15 digits have */
	double step; /* of profile_draw: values lie so far apart or multiples of it; 0: not known */
	const struct profile_bounds *bounds; /* of what is only known within bounds; NULL: everything is known */
};

struct profile {
	uint64_t rows;      /* with frequency weights: those written out */
	const char *weight; /* the column of weights, or NULL */
	enum stats_weights weights;
	bool old; /* read back from what an earlier version kept: it lacks fences, text and time */
	struct column_profile *columns;
	size_t column_count;
	struct arena *arena, **parts; /* hold everything above */
	size_t part_count;
};

const char *weights_name(enum stats_weights kind); /* "none", "frequency", "sampling": as --weights has it */
bool weights_parse(const char *name, enum stats_weights *kind);

struct profile_options {
	int threads; /* as in table_options. Nothing depends on it */
	/* How columns are weighted: by the column with role weight, if there is one. STATS_ONE_EACH: not at all. With
	 * frequency weights everything is that of the rows written out. */
	enum stats_weights weights;
	/* Bytes that may be taken, about; of profile_files. 0: half of what the machine has free; more rows than fit are summed
	 * up as they come (data_tally.h), exactly but for columns of too many different values. Else they are so from the
	 * start: what is said follows from this number and the values alone, in one pass and in parts. */
	uint64_t memory;
	bool no_digest;            /* of profile_files, as in table_options */
	struct progress *progress; /* may be NULL */
};
/* options may be NULL. ERR_USAGE: weights that stats_weights_check does not allow, or no column of them; ERR_NO: stopped.
 * On success release with profile_release. */
int profile_table(struct profile *p, const struct table *t, const struct profile_options *options,
                  struct error *err);
/* ERR_USAGE of frequencies that are all 0, since nothing can be told then. For a person who asks: a part of the rows may
 * be so. */
int profile_some_rows(const struct profile *p, struct error *err);
/* Reads files as table_read does and profiles them, in so much memory whatever their size. `about` gets what table_read
 * would give, but without any rows in its columns; release it with table_release. */
int profile_files(struct profile *p, struct table *about, const char *const paths[], size_t path_count,
                  const struct reading *r, const struct profile_options *options, struct error *err);
/* What profile_files gives in `about`, of what was kept of one; all is copied. `reading` is resolved: it has every column;
 * missing: of each. */
void table_about(struct table *t, const struct reading *reading, const struct table_file *files,
                 size_t file_count, const char *const notes[], size_t note_count, const size_t *missing,
                 size_t rows);
/* ---- rows behind what a profile says of a column, where no expression can say it ---- */

enum fact_kind {
	FACT_SPELLING, /* missing, spelled `text`: the table was read with table_options.spellings */
	FACT_BLANK,    /* text_facts.blank, and so on */
	FACT_EDGE_BLANKS,
	FACT_NOT_ASCII,
	FACT_NOT_UTF8,
	FACT_LENGTH, /* texts of `number` characters */
	FACT_SHAPE,  /* written as the shape `text` says */
	FACT_HOUR,   /* times: place in by_hour, by_weekday, by_month */
	FACT_WEEKDAY,
	FACT_MONTH,
	FACT_NEAREST, /* the values on both sides of `value` that are nearest to it, or are it */
};
struct fact_ask {
	enum fact_kind kind;
	uint64_t number;
	const char *text;
	double value;
};
/* keep[row_count] gets 0 or 1; returns how many. A column that has no such fact keeps none. */
size_t table_fact_rows(const struct table *t, size_t column, const struct fact_ask *ask, uint8_t *keep);

void profile_release(struct profile *p);
const struct column_profile *profile_find(const struct profile *p, const char *name); /* or NULL */
/* The JSON of commands.md "data profile" and back. */
void profile_json(const struct profile *p, struct str *out);
/* Its "columns" alone, into an object that is open. */
void profile_json_columns(const struct profile *p, struct json_writer *j);
int profile_parse(struct profile *p, const char *json, size_t len, struct error *err);
/* The column with its histogram as it is to be drawn. Where values lie on a grid (whole numbers or multiples of one, decimals, times of a unit)
 * bins of equal width hold one more of its points than others by turns, which looks like teeth of a comb: edges go half a
 * step below the first point that a bin can hold, and bins that hold none go. What is in them stays. One value alone has
 * one bin, from it to it. What is not copied is c's. */
void profile_draw(const struct column_profile *c, struct arena *a, struct column_profile *out);
/* The same of other edges over the column's values: drawn[bins + 1]; drawn bin i is those from from[i] to before from[i + 1]
 * (from[bins + 1]). Returns how many. */
size_t profile_draw_edges(const struct column_profile *c, const double *edges, size_t bins, double *drawn,
                          size_t *from);
/* The first and the last value of the grid between two such edges; false: there is no grid. */
bool profile_values_between(const struct column_profile *c, double from, double to, double *first,
                            double *last);
/* For drawing one histogram over another: the share of a column's values in each of `bins` bins with these
 * edges, its own bins being spread evenly over what they cover (approximate, for the eye only). */
void profile_rebin(const struct column_profile *c, const double *edges, size_t bins, double *share);
/* Entropy and imbalance of a column, also of an id of which all values are different: log2 of their number, and 0. NaN
 * where they are not known. */
double profile_entropy(const struct column_profile *c);
double profile_imbalance(const struct column_profile *c);
/* The number of times a value occurs according to the top list, or 0. */
uint64_t profile_top_count(const struct column_profile *c, const char *value, size_t len);

#endif
