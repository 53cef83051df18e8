/* Lines and records of files that could not be understood: the first of a run are kept, all are counted. */
#include "assay/store_capture.h"
#include "internal.h"

enum { BAD_KEPT = 100, BAD_TEXT = 200 };

int bad_line_keep(struct store *s, int64_t run, int64_t *kept, const char *file, int64_t offset,
                  const char *text, size_t len, const char *why, struct error *err)
{
	sqlite3_stmt *stmt;

	if (*kept < 0) {
		stmt = store_prepare(s, "SELECT count(*) FROM bad_line WHERE run = ?", err);
		if (!stmt)
			return -1;
		sqlite3_bind_int64(stmt, 1, run);
		if (store_step(s, stmt, err) < 0)
			return -1;
		*kept = sqlite3_column_int64(stmt, 0);
		sqlite3_reset(stmt);
	}
	if (*kept >= BAD_KEPT)
		return 0;
	++*kept;
	stmt =
	    store_prepare(s, "INSERT INTO bad_line (run, file, offset, text, why) VALUES (?, ?, ?, ?, ?)", err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	bind_text(stmt, 2, file);
	sqlite3_bind_int64(stmt, 3, offset);
	sqlite3_bind_blob64(stmt, 4, len ? text : "", len < BAD_TEXT ? len : BAD_TEXT, SQLITE_TRANSIENT);
	bind_text(stmt, 5, why);
	return store_run_statement(s, stmt, err);
}

int bad_lines_count(struct store *s, int64_t run, int64_t more, struct error *err)
{
	sqlite3_stmt *stmt;

	if (!more)
		return 0;
	stmt = store_prepare(s, "UPDATE run SET bad_lines = bad_lines + ? WHERE id = ?", err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, more);
	sqlite3_bind_int64(stmt, 2, run);
	return store_run_statement(s, stmt, err);
}

int store_bad_lines(struct store *s, int64_t run, struct arena *mem, struct bad_line **out, size_t *count,
                    struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(s, "SELECT file, offset, text, why FROM bad_line WHERE run = ? ORDER BY id", err);
	struct list l = {0};
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	while ((rc = store_step(s, stmt, err)) > 0) {
		struct bad_line *b = list_add(&l, sizeof(*b));
		const void *text = sqlite3_column_blob(stmt, 2);

		b->file = column_text(mem, stmt, 0);
		b->offset = sqlite3_column_int64(stmt, 1);
		b->text = text ? arena_memdup0(mem, text, (size_t)sqlite3_column_bytes(stmt, 2)) : "";
		b->why = column_text(mem, stmt, 3);
	}
	return list_hand_over(&l, sizeof(struct bad_line), rc, mem, out, count);
}
