/*
 * The filter language: text to a tree, tree to SQL. The tree keeps where each part stands in the text, so
 * that a prompt can complete names and point at what is wrong.
 */
#ifndef ASSAY_STORE_FILTER_H
#define ASSAY_STORE_FILTER_H

#include "internal.h"

/* What a filter, an order or a column names. */
enum field_kind {
	FIELD_METRIC,
	FIELD_PARAM,
	FIELD_TAG,
	FIELD_NAME,
	FIELD_ID,
	FIELD_EXPERIMENT,
	FIELD_STATUS,
	FIELD_KIND,
	FIELD_USER,
	FIELD_HOST,
	FIELD_SOURCE,
	FIELD_FLAG,
	FIELD_CREATED,
	FIELD_STARTED,
	FIELD_ENDED,
	FIELD_ARCHIVED,
	FIELD_REMOVED,
	FIELD_DURATION,
	FIELD_PROGRESS,
	FIELD_KINDS
};
/* Which value of a series. LAST and FIRST may be NaN; the others are over the points that are not, and a run without
 * such has none. */
enum metric_which {
	WHICH_LAST,
	WHICH_BEST,
	WHICH_MIN,
	WHICH_MAX,
	WHICH_MEAN,
	WHICH_FIRST,
	WHICH_AT, /* where another series has one of its values: no index has it, so for columns only */
	WHICH_COUNT
};
struct field {
	enum field_kind kind;
	const char *name;    /* of the metric, parameter or tag */
	const char *context; /* of the metric, or NULL: the series that is meant by the bare name */
	enum metric_which which;
	const struct field *at; /* WHICH_AT: a metric, and at which of its values */
};
/* "metrics.auc", "best(metrics.auc[eval])", "params.`learning rate`", "tags.team", or an attribute, in `mem`.
 * ERR_USAGE with what comes near. */
int field_parse(const char *text, struct arena *mem, struct field *out, struct error *err);
int field_parse_at(const char *text, struct arena *mem, struct field *out, size_t *at, struct error *err);
bool field_same(const struct field *a, const struct field *b);
bool field_is_time(enum field_kind kind);
/* Column of the table of series that holds the value of a metric; not of WHICH_AT. */
const char *field_column(const struct field *f);
/* Not at(): ERR_USAGE. */
int field_sortable(const struct field *f, struct error *err);
/* Kind of the namespace that the text begins with, and how long that is with its point. */
bool namespace_of(const char *text, enum field_kind *kind, size_t *len);
/* Does it begin with best( or such? Its length with the parenthesis. */
bool call_of(const char *text, enum metric_which *which, size_t *len);
/* The first `stop` outside of quotes and of parentheses, or the end. */
const char *piece_end(const char *p, char stop);
/* Byte of a word at which it can mean nothing, -1 for none. Words that stand alone are letters, digits and
 * -_./: as names have them; a name after metrics. may hold more, but its brackets must match, and those of a
 * metric are its end. */
long odd_byte(const char *text);
/* A parameter, tag or attribute as the language reads it. */
const char *field_key(const struct field *f, struct arena *mem);
/* A name in the form that the filter language reads back: kind "metrics" gives metrics.`a b`. */
const char *name_as_key(struct arena *mem, const char *kind, const char *name);

enum filter_op {
	FILTER_AND,
	FILTER_OR,
	FILTER_NOT,  /* left */
	FILTER_WORD, /* words[0] somewhere in the name or a note */
	FILTER_HAS,  /* the run has the field */
	FILTER_EQ,
	FILTER_NE,
	FILTER_LT,
	FILTER_LE,
	FILTER_GT,
	FILTER_GE,
	FILTER_LIKE,
	FILTER_ILIKE,
	FILTER_MATCH,    /* a regular expression, … */
	FILTER_NO_MATCH, /* … that does not match what is there */
	FILTER_IN,
};
struct filter_value {
	const char *text; /* as written, without quotes */
	bool quoted;
	bool is_number;
	double number;
	bool is_span; /* "2d", "-90m" */
	int64_t span; /* ms */
	size_t at, end;
};
struct filter_node {
	enum filter_op op;
	struct filter_node *left, *right;
	struct field field;
	struct filter_value *values; /* one; IN: more */
	size_t value_count;
	size_t at, end; /* bytes of the text */
	int set;        /* of the runs that satisfy it, from 1 (sets.c); 0: none was made */
};

/* The depth is what fits SQLite's parser, whose stack holds a hundred. */
enum { FILTER_LONGEST = 16384, FILTER_DEEPEST = 24, FILTER_MOST_NODES = 400, FILTER_MOST_WILD = 16 };

/* NULL text or nothing but blanks: *out is NULL. *at (may be NULL): the byte that is wrong. Pure: knows no
 * store. */
int filter_parse(const char *text, struct arena *mem, struct filter_node **out, size_t *at,
                 struct error *err);

/* SQL that is put together, its values bound in the order in which they were added. */
struct sql {
	struct str text;
	struct sql_value {
		enum { SQL_NULL, SQL_INT, SQL_REAL, SQL_TEXT } type;
		int64_t integer;
		double real;
		const char *text; /* lives as long as the arena of the query */
	} * values;
	size_t count, cap;
	int schema;         /* of the store: whether it knows of archived and removed runs */
	const char *run_id; /* of the run, as the outermost loop has it: "r.id" */
};
void sql_init(struct sql *q, struct store *s);
void sql_release(struct sql *q);
void sql_add(struct sql *q, const char *text);
void sql_int(struct sql *q, int64_t value); /* adds "?" and binds it */
void sql_real(struct sql *q, double value);
void sql_text(struct sql *q, const char *text);
/* The caller finalizes it. */
sqlite3_stmt *sql_prepare(struct store *s, const struct sql *q, struct error *err);

/* " AND ALIAS.main = 1", or the context that is asked for. */
void metric_which(struct sql *q, const char *alias, const struct field *field);
/* Whether some part of it asks whether or when runs were archived (or removed): else those are left out. */
bool filter_speaks_of(const struct filter_node *f, enum field_kind kind);
/* The column of `run r`, where the store has it. */
const char *archived_column(int schema);
const char *removed_column(int schema);
const char *flag_column(int schema); /* "" for none */
/* Of a metric, parameter or tag: the condition on its row `x`, " AND …". */
void row_condition_sql(const struct filter_node *f, struct arena *mem, struct sql *q);
/* Adds a condition on `run r`: never NULL, so that NOT means what it says. */
void filter_sql(const struct filter_node *f, int64_t now, struct arena *mem, struct sql *q);

/* ---- regular expressions (pattern.c) ---- */

enum { PATTERN_LONGEST = 256, PATTERN_LARGEST = 4096 /* characters when its {n} are written out */ };
/* ERR_USAGE with the byte that is wrong: what regcomp refuses, back-references, what is too large. */
int pattern_check(const char *pattern, size_t *at, struct error *err);

#endif
