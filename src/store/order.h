/*
 * The order of a list of runs as pieces of SQL that each walk an index.
 *
 * An order is cut into zones by its first key: the runs that have a value, in the order of an index, and then
 * those that have none. A page that begins beside a run is a list of segments: the rest of the ties with that
 * run, deepest key first, then what follows by the first key, then the zones behind. Each segment is one
 * statement that begins where it should, so that a page costs what is on it.
 */
#ifndef ASSAY_STORE_ORDER_H
#define ASSAY_STORE_ORDER_H

#include "filter.h"

struct order_term { /* of the second and later keys; the last is always the run's id */
	const char *sql;
	bool descending, nullable;
};

enum order_value { VALUE_NUMBER, VALUE_TEXT, VALUE_MISSING }; /* of the first key, in a zone */
struct order_zone {
	enum order_value value;
	const char *sql; /* of the first key, NULL for MISSING and for the zone of all runs */
};

/* A filter that speaks of neither leaves out archived and removed runs, one that speaks of `archived` removed ones, one
 * that speaks of `removed` none. Of what the store has none of, none is left out: that costs nothing. Runs that are
 * being purged are left out of all. */
struct hidden {
	bool archived, removed, purging;
};

struct order {
	const struct runs_order *keys; /* key_count */
	size_t key_count;
	struct field first;
	bool descending;    /* of the first key */
	bool id_descending; /* in the end: as the first key of the query */
	bool inner;         /* of the runs of one class: classes.c */
	struct order_zone zones[3];
	size_t zone_count;
	struct field *rest_fields; /* joined as o2, o3 … where they are metrics, parameters or tags */
	size_t rest_count;
	struct order_term *terms;
	size_t term_count;
	struct filter_node *filter;
	struct hidden hides;
	int64_t now;
	int schema; /* of the store */
	struct arena *mem;
};

/* An attribute of `run r` (of an experiment: `experiment e`) as SQL. */
const char *attribute_sql(enum field_kind kind, int64_t now, int schema, struct arena *mem);
/* Table of a metric, parameter or tag, and "ALIAS.name = ? …": its row of some run. */
const char *field_table(enum field_kind kind);
void field_which(struct sql *q, const char *alias, const struct field *f);
/* What a list with this filter leaves out (hidden.c). Asked in the read that the list is made in. */
int hidden_ask(struct store *s, const struct filter_node *filter, struct hidden *out, struct error *err);
/* " AND …", on `run r`; nothing where nothing is left out. */
const char *hidden_sql(const struct hidden *h);
/* How many runs that are. */
int hidden_count(struct store *s, const struct hidden *h, int64_t *count, struct error *err);
/* Order and filter of a query; everything in `mem`. `hides` is left for the caller. */
int order_make(struct store *s, const struct runs_query *q, struct arena *mem, struct order *out,
               struct error *err);

struct sql_value sql_value_at(sqlite3_stmt *stmt, int at, struct arena *mem);
/* Where a run stands in the order. */
struct order_place {
	int64_t run;
	size_t zone;
	struct sql_value value, *rest; /* of the first key and of each term */
};
int order_place_of(struct store *s, const struct order *o, int64_t run, struct order_place *out, bool *found,
                   struct error *err);

struct order_segment {
	size_t zone;
	const struct order_place *beside; /* NULL: the whole zone */
	bool tied;                        /* first key as of `beside`, and so the first `equal` terms … */
	bool whole;                       /* … and all the runs that have it */
	size_t equal;
	bool inclusive; /* `beside` itself as well */
	int set;        /* MISSING of a metric, parameter or tag: of the runs that have one */
};
/* SELECT of the ids of a segment, in the order or against it. False if it cannot hold a run. */
bool order_segment_sql(const struct order *o, const struct order_segment *g, bool backward, int64_t limit,
                       struct sql *q);

/* Appends the ids of at most `limit` runs, walking from the place (NULL: from the end of the order that the
 * direction begins at). */
int order_walk(struct store *s, const struct order *o, const struct order_place *from, bool inclusive,
               bool backward, size_t limit, struct list *ids, struct error *err);

/* Appends the ids of a segment, as far as `limit` in all. */
int order_add_ids(struct store *s, const struct order *o, const struct order_segment *g, bool backward,
                  size_t limit, struct list *ids, struct error *err);

/* ---- sets of runs (sets.c) ----
 *
 * To ask each run whether it has a metric, or whether that is below 0.66, costs a search a run; to read the index of
 * those, and to keep them as bits by row id, a hundredth of that. A set is kept until something is committed.
 */

/* Of the runs that have a value of the field; *all: every run has. */
int set_of_field(struct store *s, const struct field *f, int *set, bool *all, struct error *err);
/* Parts of the filter that have no set yet and could have one: a search that finds nothing for long makes them. */
bool sets_would_help(const struct filter_node *f);
int sets_of_filter(struct store *s, struct filter_node *f, struct arena *mem, struct error *err);
/* So that the next set does not take the place of one of these. */
void sets_touch(struct store *s, const struct filter_node *f);
/* Between these two, a statement that takes more steps than the store has patience for ends as if interrupted;
 * patience_end: it was so. */
void patience_begin(struct store *s);
bool patience_end(struct store *s);

/* ---- classes (classes.c) ----
 *
 * A first key of few values cuts the runs into a few classes, and each of them by the second key, which has an
 * index: walking that, with the class as one more filter, does without sorting a class of a quarter million.
 */

/* Has the zone few enough values for that? Asked before a walk of it. */
int classes_few(struct store *s, const struct order *o, size_t zone, bool *few, struct error *err);
/* The order within one class of the first key (SQL_NULL: the runs that have none). */
void order_within(const struct order *o, const struct sql_value *value, struct order *out);
/* As order_walk within one zone; from: a run of this zone, or NULL. */
int classes_walk(struct store *s, const struct order *o, size_t zone, const struct order_place *from,
                 bool inclusive, bool backward, size_t limit, struct list *ids, struct error *err);

/* ---- rows (page.c, cells.c) ---- */

int columns_parse(const struct runs_query *q, struct arena *mem, struct field **out, struct error *err);
/* Everything but cells and curve. */
int row_load(struct store *s, int64_t id, struct arena *mem, struct runs_row *row, bool *found,
             struct error *err);
/* What one run has in each column, and its curve (trend: a metric, or NULL): cells.c. */
int cells_fill(struct store *s, const struct field *fields, size_t count, const struct field *trend,
               int64_t now, struct arena *mem, struct runs_row *row, struct error *err);

/* One cell of one run that is there. */
int cell_load(struct store *s, const struct field *f, int64_t run, int64_t now, struct arena *mem,
              struct runs_cell *cell, struct error *err);

/* ---- a column of all runs that match (gather.c) ---- */

struct gather {
	struct store *store;
	int64_t now;
	int64_t *ids, *created; /* of the runs that match, rising ids; count */
	size_t count;
	uint32_t *places; /* by id: place in ids, from 1; 0: not among them */
	int64_t most;     /* greatest id in the store */
};
/* Within one read; gather_release in any case. ERR_STORE "interrupted" as elsewhere. */
int gather_runs(struct store *s, const struct runs_query *q, struct arena *mem, struct gather *out,
                struct error *err);
void gather_release(struct gather *g);
bool gather_is_few(const struct gather *g); /* so that each is asked, rather than a whole index read */
/* Calls each(user, place in ids, cell) for every run that has a value of the field, in any order. The text of a
 * number is given where `texts` is; it lives until the next call. */
typedef void gather_fn(void *user, size_t at, const struct runs_cell *cell);
int gather_column(const struct gather *g, const struct field *f, bool texts, gather_fn *each, void *user,
                  struct error *err);

#endif
