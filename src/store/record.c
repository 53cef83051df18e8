/* Evaluations, what screens remember, and the log of who did what. */
#include "internal.h"

int store_evaluation_add(struct store *s, const struct store_evaluation *e, int64_t *id, struct error *err)
{
	sqlite3_stmt *stmt;
	int result;

	if (store_enter(s, err))
		return -1;
	stmt =
	    store_prepare(s,
	                  "INSERT INTO evaluation (run, split, model, data, settings, predictions, evidence, at, "
	                  "producer) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	                  err);
	if (!stmt)
		return store_leave(s, -1, err);
	if (e->run)
		sqlite3_bind_int64(stmt, 1, e->run);
	bind_text(stmt, 2, e->split);
	bind_text(stmt, 3, e->model);
	bind_text(stmt, 4, e->data);
	bind_text(stmt, 5, e->settings);
	bind_text(stmt, 6, e->predictions[0] ? e->predictions : NULL);
	bind_text(stmt, 7, e->evidence);
	sqlite3_bind_int64(stmt, 8, e->at ? e->at : time_now_ms());
	bind_text(stmt, 9, e->producer && e->producer[0] ? e->producer : NULL);
	result = store_run_statement(s, stmt, err);
	if (!result && id)
		*id = sqlite3_last_insert_rowid(s->db);
	return store_leave(s, result, err);
}

static int read_evaluations(struct store *s, sqlite3_stmt *stmt, struct arena *mem,
                            struct store_evaluation **out, size_t *count, struct error *err)
{
	struct list l = {0};
	int rc;

	while ((rc = store_step(s, stmt, err)) > 0) {
		struct store_evaluation *e = list_add(&l, sizeof(*e));

		e->id = sqlite3_column_int64(stmt, 0);
		e->run = sqlite3_column_int64(stmt, 1);
		e->split = column_text(mem, stmt, 2);
		column_digest(stmt, 3, e->model);
		column_digest(stmt, 4, e->data);
		column_digest(stmt, 5, e->settings);
		column_digest(stmt, 6, e->predictions);
		column_digest(stmt, 7, e->evidence);
		e->at = sqlite3_column_int64(stmt, 8);
		e->producer = column_text_or(mem, stmt, 9, "");
	}
	return list_hand_over(&l, sizeof(struct store_evaluation), rc, mem, out, count);
}

#define EVALUATION(producer)                                                                                 \
	"SELECT id, run, split, model, data, settings, predictions, evidence, at, " producer " FROM evaluation "

int store_evaluations(struct store *s, int64_t run, struct arena *mem, struct store_evaluation **out,
                      size_t *count, struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(s,
	                  store_schema(s) < 2 ? EVALUATION("NULL") "WHERE run = ? ORDER BY id"
	                                      : EVALUATION("producer") "WHERE run = ? ORDER BY id",
	                  err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	return read_evaluations(s, stmt, mem, out, count, err);
}

int store_evaluations_of_model(struct store *s, const char *model, struct arena *mem,
                               struct store_evaluation **out, size_t *count, struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(s,
	                  store_schema(s) < 2 ? EVALUATION("NULL") "WHERE model = ? ORDER BY id"
	                                      : EVALUATION("producer") "WHERE model = ? ORDER BY id",
	                  err);

	if (!stmt)
		return -1;
	bind_text(stmt, 1, model);
	return read_evaluations(s, stmt, mem, out, count, err);
}

int store_about_put(struct store *s, const char *key, const char *value, struct error *err)
{
	sqlite3_stmt *stmt;

	if (store_enter(s, err))
		return -1;
	stmt = store_prepare(s, "INSERT OR IGNORE INTO about (key, value) VALUES (?, ?)", err);
	if (!stmt)
		return store_leave(s, -1, err);
	bind_text(stmt, 1, key);
	bind_text(stmt, 2, value);
	return store_leave(s, store_run_statement(s, stmt, err), err);
}

int store_about_get(struct store *s, const char *key, struct str *out, bool *found, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "SELECT value FROM about WHERE key = ?", err);
	int rc;

	if (!stmt)
		return -1;
	bind_text(stmt, 1, key);
	rc = store_step(s, stmt, err);
	*found = rc > 0;
	if (rc > 0) {
		str_clear(out);
		str_add(out, sqlite3_column_text(stmt, 0), (size_t)sqlite3_column_bytes(stmt, 0));
		sqlite3_reset(stmt);
	}
	return rc < 0 ? -1 : 0;
}

int store_activity_add(struct store *s, const char *who, const char *verb, const char *what,
                       struct error *err)
{
	sqlite3_stmt *stmt;

	if (store_enter(s, err))
		return -1;
	stmt = store_prepare(s, "INSERT INTO activity (at, who, verb, what) VALUES (?, ?, ?, ?)", err);
	if (!stmt)
		return store_leave(s, -1, err);
	sqlite3_bind_int64(stmt, 1, time_now_ms());
	bind_text(stmt, 2, who);
	bind_text(stmt, 3, verb);
	bind_text(stmt, 4, what);
	return store_leave(s, store_run_statement(s, stmt, err), err);
}

int store_activities(struct store *s, int64_t before, size_t limit, struct arena *mem, struct activity **out,
                     size_t *count, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    s, "SELECT id, at, who, verb, what FROM activity WHERE ?1 = 0 OR id < ?1 ORDER BY id DESC LIMIT ?2",
	    err);
	struct list l = {0};
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, before);
	sqlite3_bind_int64(stmt, 2, (int64_t)limit);
	while ((rc = store_step(s, stmt, err)) > 0) {
		struct activity *a = list_add(&l, sizeof(*a));

		a->id = sqlite3_column_int64(stmt, 0);
		a->at = sqlite3_column_int64(stmt, 1);
		a->who = column_text(mem, stmt, 2);
		a->verb = column_text(mem, stmt, 3);
		a->what = column_text(mem, stmt, 4);
	}
	return list_hand_over(&l, sizeof(struct activity), rc, mem, out, count);
}
