/*
 * Rows of series that are kept in memory between appends.
 *
 * They are what the table says as long as nobody else writes it: another connection's commit is seen by the data
 * version when a transaction begins; what this connection does to the table by other ways than appending, by
 * SQLite's update hook; and what is taken back, by store_end. Each of them forgets all rows.
 */
#include <stdlib.h>

#include "kept.h"

enum { ROWS_MAX = 2048 }; /* 4 MB; when there are as many, all are forgotten */

struct series_rows {
	struct intern keys;
	struct series_row *rows; /* by the number of the key */
	size_t cap;
	unsigned version; /* of the data that the rows belong to */
	bool appending;   /* the table is being changed by series.c */
};

static void on_change(void *user, int what, const char *database, const char *table, sqlite3_int64 id)
{
	struct store *s = user;

	(void)what;
	(void)database;
	(void)id;
	if (!s->rows->appending && !strcmp(table, "series"))
		series_forget(s);
}

static struct series_rows *rows_of(struct store *s)
{
	if (!s->rows) {
		s->rows = xcalloc(1, sizeof(*s->rows));
		intern_init(&s->rows->keys);
		sqlite3_update_hook(s->db, on_change, s);
	}
	return s->rows;
}

static size_t key_of(int64_t run, enum series_kind kind, const char *name, const char *context,
                     char out[2 * NAME_LONGEST + 16])
{
	size_t name_len = strlen(name), context_len = strlen(context);

	memcpy(out, &run, sizeof(run));
	out[8] = (char)kind;
	memcpy(out + 9, name, name_len + 1);
	memcpy(out + 10 + name_len, context, context_len);
	return 10 + name_len + context_len;
}

struct series_row *series_kept(struct store *s, int64_t run, enum series_kind kind, const char *name,
                               const char *context)
{
	char key[2 * NAME_LONGEST + 16];
	uint32_t id;

	if (!s->rows || !s->rows->keys.count)
		return NULL;
	id = intern_find(&s->rows->keys, key, key_of(run, kind, name, context, key));
	return id == INTERN_NONE ? NULL : &s->rows->rows[id];
}

void series_keep(struct store *s, enum series_kind kind, const struct series_row *row)
{
	struct series_rows *r = rows_of(s);
	char key[2 * NAME_LONGEST + 16];
	uint32_t id;

	if (r->keys.count >= ROWS_MAX)
		series_forget(s);
	id = intern_add(&r->keys, key, key_of(row->series.run, kind, row->series.name, row->series.context, key));
	r->rows = vec_reserve(r->rows, &r->cap, r->keys.count, sizeof(*r->rows));
	r->rows[id] = *row;
}

void series_forget(struct store *s)
{
	if (!s->rows || !s->rows->keys.count)
		return;
	intern_release(&s->rows->keys);
	intern_init(&s->rows->keys);
}

void series_appending(struct store *s, bool yes)
{
	rows_of(s)->appending = yes;
}

static unsigned data_version(struct store *s)
{
	unsigned version = 0;

	sqlite3_file_control(s->db, "main", SQLITE_FCNTL_DATA_VERSION, &version);
	return version;
}

void series_rows_begin(struct store *s)
{
	if (s->rows && s->rows->keys.count && data_version(s) != s->rows->version)
		series_forget(s);
}

void series_rows_end(struct store *s, bool kept)
{
	if (!kept)
		series_forget(s);
	else if (s->rows)
		s->rows->version = data_version(s);
}

void series_rows_free(struct store *s)
{
	if (!s->rows)
		return;
	intern_release(&s->rows->keys);
	free(s->rows->rows);
	free(s->rows);
}
