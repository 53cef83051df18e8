/*
 * Rows out of a damaged table.
 *
 * SQLite finds a row by walking down a tree. Where a page of it cannot be read, everything that is reached through
 * that page is out of reach, but what lies before and behind it is not: rows are read upward to the first failure,
 * downward to the last, and what is between is halved and asked for again, until nothing is left between. The tree's
 * own keys are asked for (NOT INDEXED): an index of a damaged database may lead anywhere.
 */
#include <stdlib.h>

#include "check.h"

enum { PROBES = 400000, BEYOND = 100000, ROWS_A_LOOK = 1024, TOLD_RANGES = 20 };

struct range {
	int64_t low, high;
};

struct table {
	struct salvage *v;
	const char *name;
	bool keyed, unique; /* there is a whole number to search by; no two rows have the same */
	sqlite3_stmt *up, *down, *insert;
	int columns;
	struct range *todo; /* a heap of ranges to be read: the last one is next */
	size_t todo_count, todo_cap;
	struct range *lost;
	size_t lost_count, lost_cap;
	int64_t probes, rows_seen;
	int64_t last; /* the greatest key that there can be; 0: not known */
	struct store_saved_table *out;
};

static void add_range(struct range **ranges, size_t *count, size_t *cap, int64_t low, int64_t high)
{
	if (low > high)
		return;
	*ranges = vec_reserve(*ranges, cap, *count + 1, sizeof(**ranges));
	(*ranges)[(*count)++] = (struct range){low, high};
}

/* ---- one row ---- */

/* Long text goes on in pages of its own, which have no mark of what they are: where another's stands in the place of
 * one, its bytes are no text. */
static bool is_text(sqlite3_stmt *row, int column)
{
	enum { ON_ONE_PAGE = 900 };
	const char *text;
	size_t len;

	if (sqlite3_column_type(row, column) != SQLITE_TEXT)
		return true;
	text = (const char *)sqlite3_column_text(row, column);
	len = (size_t)sqlite3_column_bytes(row, column);
	return len <= ON_ONE_PAGE || (!memchr(text, '\0', len) && utf8_is_valid(text, len));
}

/* A row that does not fit is refused; one that cannot be written, for want of room or memory, is an error. */
static int put_row(struct table *t, sqlite3_stmt *row, struct error *err)
{
	int rc, result = 0;

	for (int i = 0; i < t->columns; i++)
		if (!is_text(row, i + 1)) {
			t->out->refused++;
			return 0;
		}
	for (int i = 0; i < t->columns; i++)
		sqlite3_bind_value(t->insert, i + 1, sqlite3_column_value(row, i + 1));
	rc = sqlite3_step(t->insert);
	if (rc == SQLITE_DONE)
		t->out->rows += sqlite3_changes(t->v->to->db) > 0;
	else if ((rc & 0xff) == SQLITE_CONSTRAINT || (rc & 0xff) == SQLITE_MISMATCH ||
	         (rc & 0xff) == SQLITE_TOOBIG)
		t->out->refused++;
	else
		result = store_fail(t->v->to, err);
	sqlite3_reset(t->insert);
	sqlite3_clear_bindings(t->insert);
	return result;
}

static int look_up(struct table *t, struct error *err)
{
	if (++t->rows_seen % ROWS_A_LOOK == 0 && t->v->progress &&
	    t->v->progress(t->v->user, t->name, (uint64_t)t->rows_seen, 0))
		return error_set(err, ERR_NO, "stopped");
	return 0;
}

/* Reads on from one end until it is done (1) or cannot (0); *reached is the last key that was read, if *any. A key out
 * of order is another page's. -1: stopped. */
static int read_from(struct table *t, bool down, int64_t low, int64_t high, int64_t *reached, bool *any,
                     struct error *err)
{
	sqlite3_stmt *stmt = down ? t->down : t->up;
	int rc, result = 0;

	*any = false;
	t->probes++;
	sqlite3_bind_int64(stmt, 1, low);
	sqlite3_bind_int64(stmt, 2, high);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		int64_t key = sqlite3_column_int64(stmt, 0);

		if (key < low || key > high || (*any && (down ? key > *reached : key < *reached)) ||
		    (*any && t->unique && key == *reached)) {
			rc = SQLITE_CORRUPT;
			break;
		}
		*reached = key;
		*any = true;
		if (put_row(t, stmt, err) || look_up(t, err)) {
			result = -1;
			break;
		}
	}
	sqlite3_reset(stmt);
	return result ? -1 : rc == SQLITE_DONE;
}

/* ---- between two failures ---- */

static int read_range(struct table *t, struct range r, struct error *err)
{
	int64_t low = r.low, high = r.high, reached;
	bool any;
	int rc = read_from(t, false, low, high, &reached, &any, err);

	if (rc)
		return rc < 0 ? -1 : 0;
	if (any)
		low = t->unique ? reached + 1 : reached;
	rc = read_from(t, true, low, high, &reached, &any, err);
	if (rc)
		return rc < 0 ? -1 : 0;
	if (any)
		high = t->unique ? reached - 1 : reached;
	else if (high == INT64_MAX)
		/* The last page itself is lost. No id above the sequence was ever given. */
		high = t->last > low ? t->last : low + BEYOND;
	if (low > high)
		return 0;
	if (low == high || t->probes > PROBES) {
		add_range(&t->lost, &t->lost_count, &t->lost_cap, low, high);
		return 0;
	}
	int64_t middle = low + (high - low) / 2;

	add_range(&t->todo, &t->todo_count, &t->todo_cap, middle + 1, high);
	add_range(&t->todo, &t->todo_count, &t->todo_cap, low, middle);
	return 0;
}

static int by_low(const void *a, const void *b)
{
	int64_t x = ((const struct range *)a)->low, y = ((const struct range *)b)->low;

	return (x > y) - (x < y);
}

static const char *lost_text(struct table *t)
{
	struct str text;
	const char *kept;
	size_t told = 0;

	qsort(t->lost, t->lost_count, sizeof(*t->lost), by_low);
	str_init(&text);
	for (size_t i = 0; i < t->lost_count;) {
		struct range r = t->lost[i++];

		while (i < t->lost_count && t->lost[i].low <= r.high + 1) {
			r.high = t->lost[i].high > r.high ? t->lost[i].high : r.high;
			i++;
		}
		if (told++ == TOLD_RANGES) {
			str_adds(&text, ", …");
			break;
		}
		str_addf(&text, "%s%lld", text.len ? ", " : "", (long long)r.low);
		if (r.high > r.low)
			str_addf(&text, "–%lld", (long long)r.high);
	}
	kept = arena_memdup0(t->v->mem, text.data, text.len);
	str_release(&text);
	return kept;
}

/* ---- the table ---- */

static bool has_column(sqlite3 *db, const char *table, const char *column)
{
	sqlite3_stmt *stmt = NULL;
	bool yes = false;

	if (sqlite3_prepare_v2(db, "SELECT 1 FROM pragma_table_info(?) WHERE name = ?", -1, &stmt, NULL) ==
	    SQLITE_OK) {
		bind_text(stmt, 1, table);
		bind_text(stmt, 2, column);
		yes = sqlite3_step(stmt) == SQLITE_ROW;
	}
	sqlite3_finalize(stmt);
	return yes;
}

/* The columns that both have; the key to search by ("" if there is none). */
static int shape(struct table *t, struct str *columns, struct str *marks, char *key, size_t key_size)
{
	struct salvage *v = t->v;
	sqlite3_stmt *stmt = NULL;
	bool rowid;

	sqlite3_prepare_v2(
	    v->to->db,
	    "SELECT name, type, pk, (SELECT sql LIKE '%WITHOUT ROWID' FROM sqlite_schema WHERE type = "
	    "'table' AND name = ?1) FROM pragma_table_info(?1)",
	    -1, &stmt, NULL);
	bind_text(stmt, 1, t->name);
	key[0] = '\0';
	t->columns = 0;
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(stmt, 0),
		           *type = (const char *)sqlite3_column_text(stmt, 1);

		rowid = !sqlite3_column_int(stmt, 3);
		if (rowid)
			snprintf(key, key_size, "rowid");
		else if (sqlite3_column_int(stmt, 2) == 1 && !strcmp(type, "INTEGER"))
			snprintf(key, key_size, "%s", name);
		if (rowid)
			t->unique = true;
		if (!has_column(v->from, t->name, name))
			continue;
		str_addf(columns, "%s\"%s\"", t->columns ? ", " : "", name);
		str_adds(marks, t->columns ? ", ?" : "?");
		t->columns++;
	}
	sqlite3_finalize(stmt);
	t->keyed = key[0];
	return t->columns;
}

/* A store of an older schema has not lost what it never had. */
static bool had_table(int schema, const char *name)
{
	char *create = xasprintf("CREATE TABLE %s (", name);
	bool had = false;

	for (int i = 0; i < schema; i++)
		had = had || strstr(STORE_SCHEMAS[i], create);
	free(create);
	return had;
}

/* The greatest id that was given in a table that counts them, as far as that can be told; 0: it cannot. */
static int64_t last_of(const struct salvage *v, const char *table)
{
	char *given = xasprintf("SELECT seq FROM sqlite_sequence WHERE name = '%s'", table),
	     *saved = xasprintf("SELECT max(rowid) FROM \"%s\"", table);
	int64_t last = care_number(v->from, given, 0), known = care_number(v->to->db, saved, 0);

	free(given);
	free(saved);
	return last > 0 && last < (int64_t)1 << 40 ? last : known > 0 ? known + BEYOND / 100 : 0;
}

static int prepare(struct table *t, struct error *err)
{
	struct salvage *v = t->v;
	struct str columns, marks;
	char key[64], *up, *down, *insert;
	int rc, result = 0;

	str_init(&columns);
	str_init(&marks);
	if (!shape(t, &columns, &marks, key, sizeof(key))) {
		if (had_table(v->schema, t->name))
			t->out->lost = "all";
		goto out;
	}
	/* Without a key only both ends can be read from. */
	up = t->keyed
	         ? xasprintf(
	               "SELECT \"%s\", %s FROM \"%s\" NOT INDEXED WHERE \"%s\" BETWEEN ?1 AND ?2 ORDER BY \"%s\"",
	               key, columns.data, t->name, key, key)
	         : xasprintf("SELECT 0, %s FROM \"%s\" NOT INDEXED", columns.data, t->name);
	down = t->keyed ? xasprintf("%s DESC", up) : NULL;
	/* What is said of the store itself stands in the new one already. */
	insert = xasprintf("INSERT OR %s INTO \"%s\" (%s) VALUES (%s)",
	                   strcmp(t->name, "about") ? "IGNORE" : "REPLACE", t->name, columns.data, marks.data);
	rc = sqlite3_prepare_v2(v->from, up, -1, &t->up, NULL);
	if (rc == SQLITE_OK && down)
		rc = sqlite3_prepare_v2(v->from, down, -1, &t->down, NULL);
	if (rc != SQLITE_OK)
		t->out->lost = "all";
	else if (sqlite3_prepare_v2(v->to->db, insert, -1, &t->insert, NULL) != SQLITE_OK)
		result = store_fail(v->to, err);
	free(up);
	free(down);
	free(insert);
out:
	/* Rows of a run are searched by the run. */
	if (!t->last && t->keyed && !t->unique)
		t->last = last_of(v, !strcmp(key, "version") ? "dataset_version" : key);
	str_release(&columns);
	str_release(&marks);
	return result;
}

static int read_unkeyed(struct table *t, struct error *err)
{
	int rc, result = 0;

	while (!result && (rc = sqlite3_step(t->up)) == SQLITE_ROW) {
		result = put_row(t, t->up, err) || look_up(t, err) ? -1 : 0;
	}
	if (!result && rc != SQLITE_DONE)
		t->out->lost = "all behind these";
	return result;
}

int salvage_table(struct salvage *v, const char *table, struct store_saved_table *out, struct error *err)
{
	struct table t = {.v = v, .name = table, .out = out};
	int result;

	*out = (struct store_saved_table){.name = table, .lost = ""};
	t.last = last_of(v, table);
	if (prepare(&t, err))
		return -1;
	result = 0;
	if (t.insert && !t.keyed)
		result = read_unkeyed(&t, err);
	else if (t.insert) {
		/* No id of ours is less than 0. */
		add_range(&t.todo, &t.todo_count, &t.todo_cap, 0, INT64_MAX);
		while (!result && t.todo_count)
			result = read_range(&t, t.todo[--t.todo_count], err);
		if (t.lost_count)
			out->lost = lost_text(&t);
	}
	sqlite3_finalize(t.up);
	sqlite3_finalize(t.down);
	sqlite3_finalize(t.insert);
	free(t.todo);
	free(t.lost);
	return result;
}
