/* Prepared statements, binding, and what SQLite's failures mean to a person. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "internal.h"

/* Removing runs needs room itself, in the log: so that is not what to do. */
static int no_room(const struct store *s, const char *what, struct error *err)
{
	return error_set(
	    err, ERR_STORE,
	    "the store %s cannot be written: %s; nothing was changed. Make room outside the store (`df -h %s` "
	    "says how much there is), then do it again; taking runs away would need room itself",
	    s->path, what, s->path);
}

/* The index of the log is a file beside the database, which a reader may have to make. */
static int no_index(const struct store *s, struct error *err)
{
	return error_set(
	    err, ERR_STORE,
	    "the store %s cannot be read: its log has no index (assay.db-shm), and you may not write in its "
	    "folder to make one. Any command of its owner makes it, `assay runs` for example; or copy the "
	    "folder to where you may write",
	    s->path);
}

int store_fail(struct store *s, struct error *err)
{
	int code = sqlite3_errcode(s->db);
	int number = sqlite3_system_errno(s->db);
	const char *text = sqlite3_errmsg(s->db);
	char reason[128];

	switch (code & 0xFF) {
	case SQLITE_FULL:
		return no_room(s, "the disk is full", err);
	case SQLITE_READONLY:
		if (s->mode == STORE_READ)
			return no_index(s, err);
		return error_set(err, ERR_STORE, "the store %s cannot be written (%s)", s->path, text);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return error_set(
		    err, ERR_STORE,
		    "the store %s is damaged (%s): `assay doctor` says what can be saved of it; or restore a backup",
		    s->path, text);
	case SQLITE_INTERRUPT:
		return error_set(err, ERR_STORE, "interrupted");
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return error_set(err, ERR_STORE, "the store %s is held by another program that does not let go of it",
		                 s->path);
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		/* SQLite knows a full disk by one number alone. */
		if (number == EDQUOT)
			return no_room(s, "your quota is used up", err);
		if (number == ENOSPC)
			return no_room(s, "the disk is full", err);
		if (s->mode == STORE_READ && access(s->path, W_OK))
			return no_index(s, err);
		if (number)
			return error_set(
			    err, ERR_STORE,
			    "the store %s: the file system refused (%s: %s); nothing was changed. `dmesg` may say "
			    "what is wrong with the disk",
			    s->path, text, strerror_r(number, reason, sizeof(reason)));
		return error_set(err, ERR_STORE, "the store %s: the file system refused (%s)", s->path, text);
	default:
		return error_set(err, ERR_STORE, "the store %s: %s", s->path, text);
	}
}

sqlite3_stmt *store_prepare_once(struct store *s, const char *sql, struct error *err)
{
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v3(s->db, sql, -1, 0, &stmt, NULL) != SQLITE_OK)
		store_fail(s, err);
	return stmt;
}

sqlite3_stmt *store_prepare(struct store *s, const char *constant_sql, struct error *err)
{
	sqlite3_stmt *stmt;

	for (size_t i = 0; i < s->cached; i++) {
		if (s->cache[i].sql == constant_sql) {
			sqlite3_reset(s->cache[i].stmt);
			sqlite3_clear_bindings(s->cache[i].stmt);
			return s->cache[i].stmt;
		}
	}
	if (sqlite3_prepare_v3(s->db, constant_sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK) {
		store_fail(s, err);
		return NULL;
	}
	s->cache = vec_reserve(s->cache, &s->cache_cap, s->cached + 1, sizeof(*s->cache));
	s->cache[s->cached++] = (struct statement){constant_sql, stmt};
	return stmt;
}

int store_step(struct store *s, sqlite3_stmt *stmt, struct error *err)
{
	int rc = sqlite3_step(stmt), result = 0;

	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE)
		result = store_fail(s, err);
	sqlite3_reset(stmt);
	return result;
}

int store_run_statement(struct store *s, sqlite3_stmt *stmt, struct error *err)
{
	int rc;

	while ((rc = store_step(s, stmt, err)) > 0)
		;
	return rc;
}

void bind_text_n(sqlite3_stmt *stmt, int at, const char *text, size_t len)
{
	if (text)
		sqlite3_bind_text64(stmt, at, text, len, SQLITE_TRANSIENT, SQLITE_UTF8);
	else
		sqlite3_bind_null(stmt, at);
}

void bind_text(sqlite3_stmt *stmt, int at, const char *text)
{
	bind_text_n(stmt, at, text, text ? strlen(text) : 0);
}

void bind_double(sqlite3_stmt *stmt, int at, double value)
{
	if (isnan(value))
		sqlite3_bind_null(stmt, at);
	else
		sqlite3_bind_double(stmt, at, value);
}

const char *column_text(struct arena *mem, sqlite3_stmt *stmt, int at)
{
	const void *text = sqlite3_column_text(stmt, at);

	return text ? arena_memdup0(mem, text, (size_t)sqlite3_column_bytes(stmt, at)) : NULL;
}

const char *column_text_or(struct arena *mem, sqlite3_stmt *stmt, int at, const char *otherwise)
{
	const char *text = column_text(mem, stmt, at);

	return text ? text : otherwise;
}

void column_digest(sqlite3_stmt *stmt, int at, char out[SHA256_TEXT])
{
	const char *text = (const char *)sqlite3_column_text(stmt, at);

	snprintf(out, SHA256_TEXT, "%s", text ? text : "");
}

double column_double(sqlite3_stmt *stmt, int at)
{
	return sqlite3_column_type(stmt, at) == SQLITE_NULL ? (double)NAN : sqlite3_column_double(stmt, at);
}

bool value_number(const char *text, size_t len, double *number)
{
	return num_parse(text, len, number) && isfinite(*number);
}

void *list_add(struct list *l, size_t size)
{
	l->items = vec_reserve(l->items, &l->cap, l->count + 1, size);
	return memset((char *)l->items + l->count++ * size, 0, size);
}

/* Hands the rows over if all went well (rc 0); returns rc. */
int list_hand_over(struct list *l, size_t size, int rc, struct arena *mem, void *out, size_t *count)
{
	if (!rc) {
		void *copy = arena_array(mem, l->count ? l->count : 1, size);

		if (l->count)
			memcpy(copy, l->items, l->count * size);
		memcpy(out, &copy, sizeof(copy));
		*count = l->count;
	}
	free(l->items);
	return rc;
}
