/* Pages of the list of runs, their number, and the names that occur. */
#include <stdlib.h>

#include "order.h"

static int load_row(struct store *s, int64_t id, struct arena *mem, struct runs_row *row, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    s,
	    "SELECT r.uuid, r.name, e.name, r.kind, r.reason, r.status, r.created, r.started, r.ended, "
	    "r.progress FROM run r JOIN experiment e ON e.id = r.experiment WHERE r.id = ?",
	    err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, id);
	rc = store_step(s, stmt, err);
	if (rc <= 0)
		return rc < 0 ? -1
		              : error_set(err, ERR_STORE,
		                          "the store %s is damaged: an index names a run that is not there", s->path);
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

static int parse_columns(const struct runs_query *q, struct arena *mem, struct field **out, struct error *err)
{
	*out = arena_array(mem, q->column_count ? q->column_count : 1, sizeof(**out));
	for (size_t i = 0; i < q->column_count; i++) {
		if (field_parse(q->columns[i], mem, &(*out)[i], err))
			return error_prefix(err, "column %s", q->columns[i]);
	}
	return 0;
}

int store_runs_page(struct store *s, const struct runs_query *q, enum runs_place place, int64_t anchor,
                    size_t limit, struct arena *mem, struct runs_page *out, struct error *err)
{
	struct order o;
	struct list ids = {0};
	struct field *columns, trend = {.kind = FIELD_METRIC};
	int result = -1;

	*out = (struct runs_page){.rows = NULL};
	if (order_make(q, mem, &o, err) || parse_columns(q, mem, &columns, err))
		return -1;
	if (q->trend && (field_parse(q->trend, mem, &trend, NULL) || trend.kind != FIELD_METRIC))
		trend = (struct field){.kind = FIELD_METRIC, .name = q->trend};
	if (store_enter_read(s, err))
		return -1;
	if (find_page(s, &o, place, anchor, limit, &ids, out, err))
		goto out;
	out->rows = arena_array(mem, ids.count ? ids.count : 1, sizeof(*out->rows));
	for (size_t i = 0; i < ids.count; i++) {
		if (load_row(s, ((int64_t *)ids.items)[i], mem, &out->rows[i], err) ||
		    cells_fill(s, columns, q->column_count, q->trend ? &trend : NULL, o.now, mem, &out->rows[i], err))
			goto out;
	}
	out->count = ids.count;
	result = 0;
out:
	store_leave_read(s);
	free(ids.items);
	return result;
}

int store_runs_ids(struct store *s, const struct runs_query *q, size_t limit, struct arena *mem,
                   int64_t **ids, size_t *count, struct error *err)
{
	struct order o;
	struct list found = {0};
	int result;

	if (order_make(q, mem, &o, err) || store_enter_read(s, err))
		return -1;
	result = order_walk(s, &o, NULL, false, false, limit, &found, err);
	store_leave_read(s);
	return list_hand_over(&found, sizeof(int64_t), result, mem, ids, count);
}

int store_runs_count(struct store *s, const struct runs_query *q, int64_t limit, int64_t *count, bool *exact,
                     struct error *err)
{
	struct arena *mem = arena_new();
	struct filter_node *filter;
	struct sql sql;
	sqlite3_stmt *stmt;
	int result = -1;

	sql_init(&sql);
	if (filter_parse(q->filter, mem, &filter, NULL, err))
		goto out;
	sql_add(&sql, "SELECT count(*) FROM (SELECT 1 FROM run r");
	if (filter) {
		sql_add(&sql, " WHERE ");
		filter_sql(filter, q->now ? q->now : time_now_ms(), mem, &sql);
	}
	sql_add(&sql, " LIMIT ");
	sql_int(&sql, limit < INT64_MAX ? limit + 1 : limit);
	sql_add(&sql, ")");
	stmt = sql_prepare(s, &sql, err);
	if (!stmt)
		goto out;
	if (store_step(s, stmt, err) > 0) {
		*count = sqlite3_column_int64(stmt, 0);
		*exact = *count <= limit;
		if (!*exact)
			*count = limit;
		result = 0;
	}
	sqlite3_finalize(stmt);
out:
	sql_release(&sql);
	arena_free(mem);
	return result;
}

/* ---- orders and names as people write them ---- */

/* The end of the key that begins at p: quotes hold blanks and commas. */
static const char *key_end(const char *p)
{
	char quote = '\0';

	for (; *p; p++) {
		if (quote)
			quote = *p == quote ? '\0' : quote;
		else if (*p == '`' || *p == '"')
			quote = *p;
		else if (*p == ',')
			break;
	}
	return p;
}

static bool cut_word(char *key, const char *word)
{
	size_t len = strlen(key), n = strlen(word);

	if (len <= n || strcasecmp(key + len - n, word) || key[len - n - 1] != ' ')
		return false;
	for (len -= n; len && key[len - 1] == ' '; len--)
		;
	key[len] = '\0';
	return true;
}

int store_order_parse(const char *text, struct arena *mem, struct runs_order **out, size_t *count,
                      struct error *err)
{
	struct list l = {0};
	int result = 0;

	for (const char *p = text, *end; !result && *p; p = *end ? end + 1 : end) {
		struct field ignored;
		char *key;
		bool down;

		end = key_end(p);
		while (p < end && *p == ' ')
			p++;
		key = arena_memdup0(mem, p, (size_t)(end - p));
		for (size_t len = strlen(key); len && key[len - 1] == ' '; len--)
			key[len - 1] = '\0';
		if (!key[0]) {
			result = error_set(err, ERR_USAGE, "order \"%s\": a key is missing", text);
			break;
		}
		down = cut_word(key, "desc");
		if (!down)
			cut_word(key, "asc");
		if (field_parse(key, mem, &ignored, err))
			result = error_prefix(err, "order");
		else
			*(struct runs_order *)list_add(&l, sizeof(struct runs_order)) = (struct runs_order){key, down};
	}
	return list_hand_over(&l, sizeof(struct runs_order), result, mem, out, count);
}

/* A name in the form that the filter language reads back. */
static const char *name_as_key(struct arena *mem, const char *kind, const char *name)
{
	struct str key;
	const char *copy;

	if (!strpbrk(name, " \t\n\r()=<>!,'\"`[]"))
		return arena_printf(mem, "%s.%s", kind, name);
	str_init(&key);
	str_addf(&key, "%s.`", kind);
	for (const char *c = name; *c; c++) {
		str_addc(&key, *c);
		if (*c == '`')
			str_addc(&key, '`');
	}
	str_addc(&key, '`');
	copy = arena_memdup0(mem, key.data, key.len);
	str_release(&key);
	return copy;
}

int store_names(struct store *s, const char *prefix, size_t limit, struct arena *mem, const char ***names,
                size_t *count, struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(s,
	                  "SELECT kind, name FROM name WHERE substr(kind || '.' || name, 1, length(?1)) = ?1 "
	                  "ORDER BY used DESC, kind, name LIMIT ?2",
	                  err);
	struct list l = {0};
	int rc;

	if (!stmt)
		return -1;
	bind_text(stmt, 1, prefix ? prefix : "");
	sqlite3_bind_int64(stmt, 2, (int64_t)(limit < INT64_MAX ? limit : INT64_MAX));
	while ((rc = store_step(s, stmt, err)) > 0)
		*(const char **)list_add(&l, sizeof(char *)) = name_as_key(
		    mem, (const char *)sqlite3_column_text(stmt, 0), (const char *)sqlite3_column_text(stmt, 1));
	return list_hand_over(&l, sizeof(char *), rc, mem, names, count);
}
