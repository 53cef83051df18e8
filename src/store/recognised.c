/* What was recognised in a run's output. */
#include "assay/store_capture.h"

#include "internal.h"

static int put(struct store *s, int64_t run, const struct store_recognised *r, struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(s,
	                  "INSERT INTO recognised (run, recogniser, name, lines, example) VALUES "
	                  "(?, ?, ?, ?, ?) ON CONFLICT (run, recogniser, name) DO UPDATE SET "
	                  "lines = excluded.lines, example = excluded.example",
	                  err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	bind_text(stmt, 2, r->recogniser);
	bind_text(stmt, 3, r->name);
	sqlite3_bind_int64(stmt, 4, r->lines);
	bind_text(stmt, 5, r->example);
	return store_run_statement(s, stmt, err);
}

int store_recognised_put(struct store *s, int64_t run, const struct store_recognised *list, size_t count,
                         struct error *err)
{
	int rc = 0;

	if (store_enter(s, err))
		return -1;
	for (size_t i = 0; i < count && !rc; i++)
		rc = put(s, run, &list[i], err);
	return store_leave(s, rc, err);
}

int store_recognised(struct store *s, int64_t run, struct arena *mem, struct store_recognised **out,
                     size_t *count, struct error *err)
{
	struct list l = {0};
	sqlite3_stmt *stmt;
	int rc;

	if (store_schema(s) < SCHEMA_RECOGNISED)
		return list_hand_over(&l, sizeof(struct store_recognised), 0, mem, out, count);
	stmt = store_prepare(
	    s, "SELECT recogniser, name, lines, example FROM recognised WHERE run = ? ORDER BY recogniser, name",
	    err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	while ((rc = store_step(s, stmt, err)) > 0) {
		struct store_recognised *r = list_add(&l, sizeof(*r));

		r->recogniser = column_text(mem, stmt, 0);
		r->name = column_text(mem, stmt, 1);
		r->lines = sqlite3_column_int64(stmt, 2);
		r->example = column_text(mem, stmt, 3);
	}
	return list_hand_over(&l, sizeof(struct store_recognised), rc, mem, out, count);
}
