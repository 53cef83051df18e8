/* Bias reports: rows that index evidence. */
#include "internal.h"

int store_bias_report_add(struct store *s, const struct store_bias_report *b, int64_t *id, struct error *err)
{
	sqlite3_stmt *stmt;
	int result;

	if (store_enter(s, err))
		return -1;
	stmt = store_prepare(s,
	                     "INSERT INTO bias_report (run, split, model, data, settings, predictions, evidence, "
	                     "at, producer) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	                     err);
	if (!stmt)
		return store_leave(s, -1, err);
	if (b->run)
		sqlite3_bind_int64(stmt, 1, b->run);
	bind_text(stmt, 2, b->split);
	bind_text(stmt, 3, b->model);
	bind_text(stmt, 4, b->data);
	bind_text(stmt, 5, b->settings);
	bind_text(stmt, 6, b->predictions);
	bind_text(stmt, 7, b->evidence);
	sqlite3_bind_int64(stmt, 8, b->at ? b->at : time_now_ms());
	bind_text(stmt, 9, b->producer);
	result = store_run_statement(s, stmt, err);
	if (!result && id)
		*id = sqlite3_last_insert_rowid(s->db);
	return store_leave(s, result, err);
}

int store_bias_reports(struct store *s, const char *model, struct arena *mem, struct store_bias_report **out,
                       size_t *count, struct error *err)
{
	sqlite3_stmt *stmt = NULL;
	struct list l = {0};
	int rc = 0;

	/* A store of the first schema has none. */
	if (store_schema(s) >= 2) {
		stmt =
		    store_prepare(s,
		                  "SELECT id, run, split, model, data, settings, predictions, evidence, at, producer "
		                  "FROM bias_report WHERE model = ? ORDER BY id",
		                  err);
		if (!stmt)
			return -1;
		bind_text(stmt, 1, model);
	}
	while (stmt && (rc = store_step(s, stmt, err)) > 0) {
		struct store_bias_report *b = list_add(&l, sizeof(*b));

		b->id = sqlite3_column_int64(stmt, 0);
		b->run = sqlite3_column_int64(stmt, 1);
		b->split = column_text(mem, stmt, 2);
		column_digest(stmt, 3, b->model);
		column_digest(stmt, 4, b->data);
		column_digest(stmt, 5, b->settings);
		column_digest(stmt, 6, b->predictions);
		column_digest(stmt, 7, b->evidence);
		b->at = sqlite3_column_int64(stmt, 8);
		b->producer = column_text(mem, stmt, 9);
	}
	return list_hand_over(&l, sizeof(struct store_bias_report), rc, mem, out, count);
}
