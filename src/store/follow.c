/* Files of other tools that a run writes: their points and how far they were read, always together. */
#include "assay/store_capture.h"
#include "series.h"

int store_followed(struct store *s, int64_t run, struct arena *mem, struct store_followed **out,
                   size_t *count, struct error *err)
{
	sqlite3_stmt *stmt;
	struct list rows = {0};
	int rc;

	*out = NULL;
	*count = 0;
	if (store_schema(s) < SCHEMA_REMOVED)
		return 0;
	stmt = store_prepare(
	    s, "SELECT name, context, mark, offset, lines, skip FROM followed WHERE run = ? ORDER BY name", err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	while ((rc = store_step(s, stmt, err)) > 0) {
		struct store_followed *f = list_add(&rows, sizeof *f);
		f->file = column_text(mem, stmt, 0);
		f->context = column_text(mem, stmt, 1);
		column_digest(stmt, 2, f->mark);
		f->offset = sqlite3_column_int64(stmt, 3);
		f->records = sqlite3_column_int64(stmt, 4);
		f->broken = sqlite3_column_int(stmt, 5);
	}
	return list_hand_over(&rows, sizeof(struct store_followed), rc, mem, out, count);
}

static int is_there(struct store *s, sqlite3_stmt *stmt, bool *yes, struct error *err)
{
	int rc = store_step(s, stmt, err);

	*yes = rc > 0;
	if (rc > 0)
		sqlite3_reset(stmt);
	return rc < 0 ? -1 : 0;
}

int store_followed_elsewhere(struct store *s, int64_t run, const char *file, bool *yes, struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(s, "SELECT 1 FROM followed WHERE name = ?2 AND run <> ?1 LIMIT 1", err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	bind_text(stmt, 2, file);
	return is_there(s, stmt, yes, err);
}

int store_run_beside(struct store *s, int64_t run, const char *folder, int64_t from, int64_t to, bool *yes,
                     struct error *err)
{
	/* The newest hundred thousand: what was begun before them is hardly going on. */
	sqlite3_stmt *stmt = store_prepare(
	    s,
	    "SELECT 1 FROM run r WHERE r.id > (SELECT max(id) - 100000 FROM run) AND r.id <> ?1 AND r.started <= "
	    "?4 AND "
	    "(r.ended IS NULL OR r.ended >= ?3) AND r.host = (SELECT host FROM run WHERE id = ?1) AND "
	    "(r.cwd = ?2 OR substr(r.cwd, 1, length(?2) + 1) = ?2 || '/' OR substr(?2, 1, length(r.cwd) + 1) = "
	    "r.cwd || '/' OR r.cwd = '/') LIMIT 1",
	    err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	bind_text(stmt, 2, folder);
	sqlite3_bind_int64(stmt, 3, from);
	sqlite3_bind_int64(stmt, 4, to);
	return is_there(s, stmt, yes, err);
}

/* ---- absorbing ---- */

static int check_offset(struct store *s, int64_t run, const struct store_follow *b, struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(s, "SELECT offset, mark FROM followed WHERE run = ? AND name = ?", err);
	char mark[SHA256_TEXT] = "";
	int64_t offset = 0;
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	bind_text(stmt, 2, b->file.file);
	rc = store_step(s, stmt, err);
	if (rc > 0) {
		offset = sqlite3_column_int64(stmt, 0);
		column_digest(stmt, 1, mark);
		sqlite3_reset(stmt);
	}
	/* From the beginning again: another file has its name. */
	if (rc > 0 && b->from == 0 && offset > 0 && strcmp(mark, b->file.mark) != 0)
		return 0;
	return rc < 0 ? -1
	       : offset == b->from
	           ? 0
	           : error_set(err, ERR_STALE, "%s was absorbed by another program meanwhile", b->file.file);
}

static int save_offset(struct store *s, int64_t run, const struct store_followed *f, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s,
	                                   "INSERT INTO followed (run, name, offset, lines, skip, mark, "
	                                   "context) VALUES (?, ?, ?, ?, ?, ?, ?) ON "
	                                   "CONFLICT DO UPDATE SET offset = excluded.offset, lines = "
	                                   "excluded.lines, skip = excluded.skip, mark = "
	                                   "excluded.mark",
	                                   err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	bind_text(stmt, 2, f->file);
	sqlite3_bind_int64(stmt, 3, f->offset);
	sqlite3_bind_int64(stmt, 4, f->records);
	sqlite3_bind_int(stmt, 5, f->broken);
	bind_text(stmt, 6, f->mark);
	bind_text(stmt, 7, f->context);
	return store_run_statement(s, stmt, err);
}

/* What the store refuses of one series or parameter (a full series, another value) spoils nothing else. */
static int take_all(struct store *s, int64_t run, const struct store_follow *b, struct error *err)
{
	const char *file = b->file.file;
	int64_t bad = (int64_t)b->bad, kept = -1;
	struct error why;

	if (check_offset(s, run, b, err))
		return -1;
	if (b->bad && bad_line_keep(s, run, &kept, file, b->bad_at, "", 0, b->why, err))
		return -1;
	for (size_t i = 0; i < b->series_count; i++) {
		const struct store_follow_series *x = &b->series[i];
		if (!store_series_append(s, run, SERIES_METRIC, x->name, b->file.context, x->points, x->count, &why))
			continue;
		if (why.code != ERR_USAGE)
			return error_set(err, why.code, "%s", why.text);
		bad++;
		if (bad_line_keep(s, run, &kept, file, b->from, x->name, strlen(x->name), why.text, err))
			return -1;
	}
	for (size_t i = 0; i < b->param_count; i++) {
		if (!store_param_set(s, run, b->params[i].key, b->params[i].value, &why))
			continue;
		if (why.code != ERR_USAGE && why.code != ERR_NO)
			return error_set(err, why.code, "%s", why.text);
		bad++;
		if (bad_line_keep(s, run, &kept, file, b->from, b->params[i].key, strlen(b->params[i].key), why.text,
		                  err))
			return -1;
	}
	return bad_lines_count(s, run, bad, err) || save_offset(s, run, &b->file, err) ? -1 : 0;
}

int store_follow(struct store *s, int64_t run, const struct store_follow *batch, struct error *err)
{
	if (store_enter(s, err))
		return -1;
	return store_leave(s, take_all(s, run, batch, err), err);
}
