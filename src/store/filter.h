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
	FIELD_CREATED,
	FIELD_STARTED,
	FIELD_ENDED,
	FIELD_DURATION,
	FIELD_PROGRESS,
	FIELD_KINDS
};
struct field {
	enum field_kind kind;
	const char *name;    /* of the metric, parameter or tag */
	const char *context; /* of the metric, or NULL: the series that is meant by the bare name */
};
/* "metrics.auc", "metrics.auc[eval]", "params.`learning rate`", "tags.team", or an attribute, in `mem`.
 * ERR_USAGE with what comes near. */
int field_parse(const char *text, struct arena *mem, struct field *out, struct error *err);
bool field_same(const struct field *a, const struct field *b);
bool field_is_time(enum field_kind kind);

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
};
void sql_init(struct sql *q);
void sql_release(struct sql *q);
void sql_add(struct sql *q, const char *text);
void sql_int(struct sql *q, int64_t value); /* adds "?" and binds it */
void sql_real(struct sql *q, double value);
void sql_text(struct sql *q, const char *text);
/* The caller finalizes it. */
sqlite3_stmt *sql_prepare(struct store *s, const struct sql *q, struct error *err);

/* " AND ALIAS.main = 1", or the context that is asked for. */
void metric_which(struct sql *q, const char *alias, const struct field *field);
/* Adds a condition on `run r`: never NULL, so that NOT means what it says. */
void filter_sql(const struct filter_node *f, int64_t now, struct arena *mem, struct sql *q);

#endif
