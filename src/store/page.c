/* Pages of the list of runs, and their number. */
#include <stdlib.h>

#include "order.h"

#define ROW_COLUMNS(later)                                                                                   \
	"SELECT r.uuid, r.name, e.name, r.kind, r.reason, r.status, r.created, r.started, r.ended, "             \
	"r.progress, " later " FROM run r JOIN experiment e ON e.id = r.experiment WHERE r.id = ?"

int row_load(struct store *s, int64_t id, struct arena *mem, struct runs_row *row, bool *found,
             struct error *err)
{
	sqlite3_stmt *stmt =
	    store_schema(s) >= SCHEMA_REMOVED
	        ? store_prepare(s, ROW_COLUMNS("r.archived, r.removed, " FLAG_NOW ", " PROGRESS_PACE), err)
	    : store_schema(s) >= SCHEMA_ARCHIVED
	        ? store_prepare(s, ROW_COLUMNS("r.archived, NULL, NULL, NULL, NULL, NULL"), err)
	        : store_prepare(s, ROW_COLUMNS("NULL, NULL, NULL, NULL, NULL, NULL"), err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, id);
	rc = store_step(s, stmt, err);
	*found = rc > 0;
	if (rc <= 0)
		return rc;
	row->id = id;
	snprintf(row->uuid, sizeof(row->uuid), "%s", (const char *)sqlite3_column_text(stmt, 0));
	row->name = column_text(mem, stmt, 1);
	row->experiment = column_text(mem, stmt, 2);
	row->kind = column_text(mem, stmt, 3);
	row->reason = column_text(mem, stmt, 4);
	row->status = (enum run_status)sqlite3_column_int(stmt, 5);
	row->created = sqlite3_column_int64(stmt, 6);
	row->started = sqlite3_column_int64(stmt, 7);
	row->ended = sqlite3_column_int64(stmt, 8);
	row->progress = column_double(stmt, 9);
	row->archived = sqlite3_column_int64(stmt, 10);
	row->removed = sqlite3_column_int64(stmt, 11);
	row->flag = column_text_or(mem, stmt, 12, "");
	row->ends = progress_ends(stmt, 13, row->progress, row->status);
	sqlite3_reset(stmt);
	return 0;
}

/* Is there a run on the other side of the page's first end? */
static int any_beyond(struct store *s, const struct order *o, const struct order_place *from, bool inclusive,
                      bool backward, bool *yes, struct error *err)
{
	struct list one = {0};
	int result = order_walk(s, o, from, inclusive, backward, 1, &one, err);

	*yes = one.count > 0;
	free(one.items);
	return result;
}

static int find_page(struct store *s, const struct order *o, enum runs_place place, int64_t anchor,
                     size_t limit, struct list *ids, struct runs_page *out, struct error *err)
{
	bool backward = place == RUNS_LAST || place == RUNS_BEFORE, found = false, more, behind = false;
	struct order_place at;

	if (place != RUNS_FIRST && place != RUNS_LAST) {
		if (order_place_of(s, o, anchor, &at, &found, err))
			return -1;
		if (!found)
			backward = false;
	}
	if (order_walk(s, o, found ? &at : NULL, place == RUNS_FROM, backward, limit + 1, ids, err))
		return -1;
	if (found && any_beyond(s, o, &at, place != RUNS_FROM, !backward, &behind, err))
		return -1;
	more = ids->count > limit;
	if (more)
		ids->count = limit;
	if (backward) {
		int64_t *id = ids->items;

		for (size_t i = 0, j = ids->count; i + 1 < j--; i++) {
			int64_t swap = id[i];

			id[i] = id[j];
			id[j] = swap;
		}
	}
	out->more_before = backward ? more : behind;
	out->more_after = backward ? behind : more;
	return 0;
}

int columns_parse(const struct runs_query *q, struct arena *mem, struct field **out, struct error *err)
{
	*out = arena_array(mem, q->column_count ? q->column_count : 1, sizeof(**out));
	for (size_t i = 0; i < q->column_count; i++) {
		if (field_parse(q->columns[i], mem, &(*out)[i], err))
			return error_prefix(err, "column %s", q->columns[i]);
	}
	return 0;
}

/* What a row shows beside what it is. */
struct looks {
	struct field *columns, trend;
	const struct runs_query *query;
	int64_t now;
};

static int looks_make(const struct runs_query *q, struct arena *mem, struct looks *out, struct error *err)
{
	*out = (struct looks){.query = q, .now = q->now ? q->now : time_now_ms()};
	if (columns_parse(q, mem, &out->columns, err))
		return -1;
	if (q->trend && (field_parse(q->trend, mem, &out->trend, NULL) || out->trend.kind != FIELD_METRIC))
		out->trend = (struct field){.kind = FIELD_METRIC, .name = q->trend};
	return 0;
}

/* Those of the runs that are there, in this order. */
static int load_rows(struct store *s, const struct looks *l, const int64_t *ids, size_t count,
                     struct arena *mem, struct runs_page *out, struct error *err)
{
	out->rows = arena_array(mem, count ? count : 1, sizeof(*out->rows));
	out->count = 0;
	for (size_t i = 0; i < count; i++) {
		struct runs_row *row = &out->rows[out->count];
		bool found;

		if (row_load(s, ids[i], mem, row, &found, err))
			return -1;
		if (!found)
			continue;
		if (cells_fill(s, l->columns, l->query->column_count, l->query->trend ? &l->trend : NULL, l->now, mem,
		               row, err))
			return -1;
		out->count++;
	}
	return 0;
}

int store_runs_page(struct store *s, const struct runs_query *q, enum runs_place place, int64_t anchor,
                    size_t limit, struct arena *mem, struct runs_page *out, struct error *err)
{
	struct order o;
	struct list ids = {0};
	struct looks looks;
	int result = -1;

	*out = (struct runs_page){.rows = NULL};
	if (order_make(s, q, mem, &o, err) || looks_make(q, mem, &looks, err) || store_enter_read(s, err))
		return -1;
	if (!hidden_ask(s, o.filter, &o.hides, err) && !find_page(s, &o, place, anchor, limit, &ids, out, err))
		result = load_rows(s, &looks, ids.items, ids.count, mem, out, err);
	store_leave_read(s);
	free(ids.items);
	return result;
}

int store_runs_rows(struct store *s, const struct runs_query *q, const int64_t *ids, size_t count,
                    struct arena *mem, struct runs_page *out, struct error *err)
{
	struct looks looks;
	int result;

	*out = (struct runs_page){.rows = NULL};
	if (looks_make(q, mem, &looks, err) || store_enter_read(s, err))
		return -1;
	result = load_rows(s, &looks, ids, count, mem, out, err);
	store_leave_read(s);
	return result;
}

int store_runs_ids(struct store *s, const struct runs_query *q, size_t limit, struct arena *mem,
                   int64_t **ids, size_t *count, struct error *err)
{
	struct order o;
	struct list found = {0};
	int result;

	if (order_make(s, q, mem, &o, err) || store_enter_read(s, err))
		return -1;
	result = hidden_ask(s, o.filter, &o.hides, err);
	if (!result)
		result = order_walk(s, &o, NULL, false, false, limit, &found, err);
	store_leave_read(s);
	return list_hand_over(&found, sizeof(int64_t), result, mem, ids, count);
}

static int count_runs(struct store *s, const struct filter_node *filter, int64_t now, int64_t limit,
                      struct arena *mem, int64_t *count, struct error *err)
{
	int64_t left_out = 0, most = limit < INT64_MAX / 2 ? limit + 1 : limit;
	sqlite3_stmt *stmt;
	struct sql sql;
	struct hidden hides;
	int rc = -1;

	if (hidden_ask(s, filter, &hides, err))
		return -1;
	sql_init(&sql, s);
	sql_add(&sql, "SELECT count(*) FROM (SELECT 1 FROM run r");
	/* All that are not left out: the smallest index has them all, and other ones those that are. */
	if (!filter && hidden_count(s, &hides, &left_out, err))
		goto out;
	if (filter) {
		sql_add(&sql, " WHERE 1");
		sql_add(&sql, hidden_sql(&hides));
		sql_add(&sql, " AND ");
		filter_sql(filter, now, mem, &sql);
	}
	sql_add(&sql, " LIMIT ");
	sql_int(&sql, left_out < INT64_MAX - most ? most + left_out : most);
	sql_add(&sql, ")");
	stmt = sql_prepare(s, &sql, err);
	if (!stmt)
		goto out;
	rc = store_step(s, stmt, err) > 0 ? 0 : -1;
	if (!rc)
		*count = sqlite3_column_int64(stmt, 0) - left_out;
	sqlite3_finalize(stmt);
out:
	sql_release(&sql);
	return rc;
}

int store_runs_count(struct store *s, const struct runs_query *q, int64_t limit, int64_t *count, bool *exact,
                     struct error *err)
{
	struct arena *mem = arena_new();
	struct filter_node *filter;
	int result = -1;

	if (!filter_parse(q->filter, mem, &filter, NULL, err) && !store_enter_read(s, err)) {
		result = count_runs(s, filter, q->now ? q->now : time_now_ms(), limit, mem, count, err);
		store_leave_read(s);
	}
	if (!result) {
		*exact = *count <= limit;
		if (!*exact)
			*count = limit;
	}
	arena_free(mem);
	return result;
}
