/*
 * One column of all runs that match a filter, for groups and summaries.
 *
 * Where many match, the index of the column is read from end to end, a tenth of the cost of asking for each run;
 * where few of a large store do, each is asked.
 */
#include <stdlib.h>

#include "order.h"

enum { FEW = 16 /* one in so many: each is asked */, BETWEEN_CHECKS = 256 };

/* ---- which runs ---- */

static int greatest_id(struct store *s, int64_t *id, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "SELECT max(id) FROM run", err);
	int rc;

	if (!stmt)
		return -1;
	rc = store_step(s, stmt, err);
	*id = rc > 0 ? sqlite3_column_int64(stmt, 0) : 0;
	sqlite3_reset(stmt);
	return rc < 0 ? -1 : 0;
}

struct found {
	int64_t id, created;
};

static int by_id(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int read_ids(struct gather *g, sqlite3_stmt *stmt, struct error *err)
{
	struct list l = {0};
	struct found *all;
	int rc;

	while ((rc = store_step(g->store, stmt, err)) > 0)
		*(struct found *)list_add(&l, sizeof(struct found)) =
		    (struct found){sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1)};
	all = l.items;
	if (!rc && l.count > UINT32_MAX - 1)
		rc = error_set(err, ERR_USAGE, "too many runs match");
	if (!rc && l.count) {
		qsort(all, l.count, sizeof(*all), by_id);
		g->count = l.count;
		g->ids = xcalloc(l.count, sizeof(*g->ids));
		g->created = xcalloc(l.count, sizeof(*g->created));
		for (size_t i = 0; i < l.count; i++) {
			g->ids[i] = all[i].id;
			g->created[i] = all[i].created;
		}
	}
	free(l.items);
	return rc;
}

int gather_runs(struct store *s, const struct runs_query *q, struct arena *mem, struct gather *out,
                struct error *err)
{
	struct filter_node *filter;
	sqlite3_stmt *stmt;
	struct sql sql;
	struct hidden hides;
	int rc;

	*out = (struct gather){.store = s, .now = q->now ? q->now : time_now_ms()};
	if (filter_parse(q->filter, mem, &filter, NULL, err) || hidden_ask(s, filter, &hides, err) ||
	    greatest_id(s, &out->most, err))
		return -1;
	sql_init(&sql, s);
	sql_add(&sql, "SELECT r.id, r.created FROM run r WHERE 1");
	sql_add(&sql, hidden_sql(&hides));
	if (filter) {
		sql_add(&sql, " AND ");
		filter_sql(filter, out->now, mem, &sql);
	}
	stmt = sql_prepare(s, &sql, err);
	sql_release(&sql);
	if (!stmt)
		return -1;
	rc = read_ids(out, stmt, err);
	sqlite3_finalize(stmt);
	if (!rc) {
		out->places = xcalloc((size_t)out->most + 1, sizeof(*out->places));
		for (size_t i = 0; i < out->count; i++)
			out->places[out->ids[i]] = (uint32_t)i + 1;
	}
	return rc;
}

void gather_release(struct gather *g)
{
	free(g->ids);
	free(g->created);
	free(g->places);
}

bool gather_is_few(const struct gather *g)
{
	return g->count < (size_t)g->most / FEW;
}

/* ---- what they have ---- */

static bool is_empty_attribute(const struct field *f, const struct runs_cell *cell)
{
	return f->kind > FIELD_TAG && cell->kind == CELL_TEXT && !cell->text[0];
}

static int ask_each(const struct gather *g, const struct field *f, gather_fn *each, void *user,
                    struct error *err)
{
	struct arena *mem = NULL;
	int result = 0;

	for (size_t i = 0; i < g->count && !result; i++) {
		struct runs_cell cell;

		if (i % BETWEEN_CHECKS == 0) {
			arena_free(mem);
			mem = arena_new();
			result = store_interrupted(g->store, err);
		}
		if (!result)
			result = cell_load(g->store, f, g->ids[i], g->now, mem, &cell, err);
		if (!result && cell.kind != CELL_NONE && !is_empty_attribute(f, &cell))
			each(user, i, &cell);
	}
	arena_free(mem);
	return result;
}

/* A row (run, number, text) as the cell that cells.c makes of it. */
static void row_cell(sqlite3_stmt *stmt, const struct field *f, struct runs_cell *cell)
{
	bool numeric = f->kind == FIELD_METRIC || sqlite3_column_type(stmt, 1) != SQLITE_NULL;

	*cell = (struct runs_cell){.kind = numeric ? CELL_NUMBER : CELL_TEXT,
	                           .number = column_double(stmt, 1),
	                           .text = (const char *)sqlite3_column_text(stmt, 2)};
	if (f->kind == FIELD_STATUS) {
		cell->kind = CELL_TEXT;
		cell->text = store_status_name((enum run_status)sqlite3_column_int(stmt, 1));
	} else if (numeric && field_is_time(f->kind)) {
		cell->kind = CELL_TIME;
	} else if (f->kind == FIELD_DURATION) {
		cell->number /= 1e3;
	} else if (f->kind > FIELD_TAG && f->kind < FIELD_CREATED) {
		cell->kind = CELL_TEXT;
	}
}

static int read_all(const struct gather *g, const struct field *f, struct sql *q, gather_fn *each, void *user,
                    struct error *err)
{
	sqlite3_stmt *stmt = sql_prepare(g->store, q, err);
	int rc;

	if (!stmt)
		return -1;
	while ((rc = store_step(g->store, stmt, err)) > 0) {
		int64_t id = sqlite3_column_int64(stmt, 0);
		uint32_t place = id > 0 && id <= g->most ? g->places[id] : 0;
		struct runs_cell cell;

		if (!place)
			continue;
		row_cell(stmt, f, &cell);
		if (!is_empty_attribute(f, &cell))
			each(user, place - 1, &cell);
	}
	sqlite3_finalize(stmt);
	return rc;
}

/* Numbers and texts of a parameter or tag stand in indexes of their own. */
static int read_pairs(const struct gather *g, const struct field *f, bool texts, gather_fn *each, void *user,
                      struct error *err)
{
	int rc = 0;

	for (int numbers = 1; numbers >= 0 && !rc; numbers--) {
		struct sql q;

		sql_init(&q, g->store);
		str_addf(&q.text, "SELECT x.run, %s, %s FROM %s x WHERE ", numbers ? "x.number" : "NULL",
		         numbers && !texts ? "NULL" : "x.value", field_table(f->kind));
		field_which(&q, "x", f);
		sql_add(&q, numbers ? " AND x.number IS NOT NULL" : " AND x.number IS NULL");
		rc = read_all(g, f, &q, each, user, err);
		sql_release(&q);
	}
	return rc;
}

int gather_column(const struct gather *g, const struct field *f, bool texts, gather_fn *each, void *user,
                  struct error *err)
{
	struct arena *mem;
	struct sql q;
	int rc;

	if (f->which == WHICH_AT || gather_is_few(g))
		return ask_each(g, f, each, user, err);
	if (f->kind == FIELD_PARAM || f->kind == FIELD_TAG)
		return read_pairs(g, f, texts, each, user, err);
	mem = arena_new();
	sql_init(&q, g->store);
	if (f->kind == FIELD_METRIC) {
		str_addf(&q.text, "SELECT x.run, x.%s, NULL FROM series x WHERE ", field_column(f));
		field_which(&q, "x", f);
		if (f->which != WHICH_LAST && f->which != WHICH_FIRST)
			str_addf(&q.text, " AND x.%s IS NOT NULL", field_column(f));
		/* So that the index is taken that has the column. */
		str_addf(&q.text, " ORDER BY x.%s", field_column(f));
	} else {
		const char *sql = attribute_sql(f->kind, g->now, store_schema(g->store), mem);
		bool number = f->kind == FIELD_STATUS || f->kind >= FIELD_CREATED;

		str_addf(&q.text, "SELECT r.id, %s, %s FROM run r%s WHERE %s IS NOT NULL", number ? sql : "NULL",
		         number ? "NULL" : sql,
		         f->kind == FIELD_EXPERIMENT ? " CROSS JOIN experiment e ON e.id = r.experiment" : "", sql);
	}
	rc = read_all(g, f, &q, each, user, err);
	sql_release(&q);
	arena_free(mem);
	return rc;
}
