/* What is known of a run besides its row: parameters, tags, notes, inputs, artifacts. */
#include "internal.h"

/* ---- parameters and tags ---- */

static void bind_value(sqlite3_stmt *stmt, int at, const char *value)
{
	double number;

	bind_text(stmt, at, value);
	if (value_number(value, strlen(value), &number))
		sqlite3_bind_double(stmt, at + 1, number);
}

static int set_param(struct store *s, int64_t run, const char *key, const char *value, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "SELECT value FROM param WHERE run = ? AND key = ?", err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	bind_text(stmt, 2, key);
	rc = store_step(s, stmt, err);
	if (rc < 0)
		return -1;
	if (rc > 0) {
		const char *old = (const char *)sqlite3_column_text(stmt, 0);
		int result = 0;

		if (strcmp(old, value))
			result = error_set(err, ERR_NO, "the parameter %s is %s already and does not change (to %s)", key,
			                   old, value);
		sqlite3_reset(stmt);
		return result;
	}
	stmt = store_prepare(s, "INSERT INTO param (run, key, value, number) VALUES (?, ?, ?, ?)", err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	bind_text(stmt, 2, key);
	bind_value(stmt, 3, value);
	return store_run_statement(s, stmt, err);
}

static int need_key(const char *what, const char *key, struct error *err)
{
	return key[0] ? 0 : error_set(err, ERR_USAGE, "a %s needs a name", what);
}

int store_param_set(struct store *s, int64_t run, const char *key, const char *value, struct error *err)
{
	struct str kept;
	int result = -1;

	str_init(&kept);
	secret_mask(key, value, &kept);
	if (!need_key("parameter", key, err) && !store_enter(s, err))
		result = store_leave(s, set_param(s, run, key, kept.data, err), err);
	str_release(&kept);
	return result;
}

int store_tag_set(struct store *s, int64_t run, const char *key, const char *value, struct error *err)
{
	sqlite3_stmt *stmt;
	struct str kept;
	int result = -1;

	if (need_key("tag", key, err) || store_enter(s, err))
		return -1;
	str_init(&kept);
	secret_mask(key, value, &kept);
	stmt = store_prepare(s,
	                     "INSERT INTO tag (run, key, value, number, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT "
	                     "(run, key) DO UPDATE "
	                     "SET value = excluded.value, number = excluded.number, at = excluded.at",
	                     err);
	if (stmt) {
		sqlite3_bind_int64(stmt, 1, run);
		bind_text(stmt, 2, key);
		bind_value(stmt, 3, kept.data);
		sqlite3_bind_int64(stmt, 5, time_now_ms());
		result = store_run_statement(s, stmt, err);
	}
	result = store_leave(s, result, err);
	str_release(&kept);
	return result;
}

int store_note_add(struct store *s, int64_t run, const char *text, int64_t at, struct error *err)
{
	sqlite3_stmt *stmt;

	if (store_enter(s, err))
		return -1;
	stmt = store_prepare(s, "INSERT INTO note (run, text, at) VALUES (?, ?, ?)", err);
	if (!stmt)
		return store_leave(s, -1, err);
	sqlite3_bind_int64(stmt, 1, run);
	bind_text(stmt, 2, text);
	sqlite3_bind_int64(stmt, 3, at ? at : time_now_ms());
	return store_leave(s, store_run_statement(s, stmt, err), err);
}

/* The statement gives key, value, number, at. */
static int read_pairs(struct store *s, sqlite3_stmt *stmt, int64_t run, struct arena *mem,
                      struct store_pair **out, size_t *count, struct error *err)
{
	struct list l = {0};
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	while ((rc = store_step(s, stmt, err)) > 0) {
		struct store_pair *p = list_add(&l, sizeof(*p));

		p->key = column_text(mem, stmt, 0);
		p->value = column_text(mem, stmt, 1);
		p->is_number = sqlite3_column_type(stmt, 2) != SQLITE_NULL;
		p->number = sqlite3_column_double(stmt, 2);
		p->at = sqlite3_column_int64(stmt, 3);
	}
	return list_hand_over(&l, sizeof(struct store_pair), rc, mem, out, count);
}

int store_params(struct store *s, int64_t run, struct arena *mem, struct store_pair **out, size_t *count,
                 struct error *err)
{
	return read_pairs(
	    s, store_prepare(s, "SELECT key, value, number, 0 FROM param WHERE run = ? ORDER BY key", err), run,
	    mem, out, count, err);
}

int store_tags(struct store *s, int64_t run, struct arena *mem, struct store_pair **out, size_t *count,
               struct error *err)
{
	return read_pairs(
	    s, store_prepare(s, "SELECT key, value, number, at FROM tag WHERE run = ? ORDER BY key", err), run,
	    mem, out, count, err);
}

int store_notes(struct store *s, int64_t run, struct arena *mem, struct store_pair **out, size_t *count,
                struct error *err)
{
	return read_pairs(
	    s, store_prepare(s, "SELECT NULL, text, NULL, at FROM note WHERE run = ? ORDER BY at, id", err), run,
	    mem, out, count, err);
}

/* ---- artifacts ---- */

int store_artifact_add(struct store *s, int64_t run, const struct run_artifact *artifact, struct error *err)
{
	sqlite3_stmt *stmt;

	if (need_key("artifact", artifact->name, err) || store_enter(s, err))
		return -1;
	stmt =
	    store_prepare(s,
	                  "INSERT INTO artifact (run, name, kind, digest, bytes, at) VALUES (?, ?, ?, ?, ?, ?) "
	                  "ON CONFLICT (run, name) DO UPDATE SET kind = excluded.kind, digest = excluded.digest, "
	                  "bytes = excluded.bytes, at = excluded.at",
	                  err);
	if (!stmt)
		return store_leave(s, -1, err);
	sqlite3_bind_int64(stmt, 1, run);
	bind_text(stmt, 2, artifact->name);
	bind_text(stmt, 3, artifact->kind ? artifact->kind : "file");
	bind_text(stmt, 4, artifact->digest[0] ? artifact->digest : NULL);
	sqlite3_bind_int64(stmt, 5, (int64_t)artifact->bytes);
	sqlite3_bind_int64(stmt, 6, artifact->at ? artifact->at : time_now_ms());
	return store_leave(s, store_run_statement(s, stmt, err), err);
}

int store_artifacts(struct store *s, int64_t run, struct arena *mem, struct run_artifact **out, size_t *count,
                    struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    s, "SELECT name, kind, digest, bytes, at FROM artifact WHERE run = ? ORDER BY name", err);
	struct list l = {0};
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	while ((rc = store_step(s, stmt, err)) > 0) {
		struct run_artifact *a = list_add(&l, sizeof(*a));

		a->name = column_text(mem, stmt, 0);
		a->kind = column_text(mem, stmt, 1);
		column_digest(stmt, 2, a->digest);
		a->bytes = (uint64_t)sqlite3_column_int64(stmt, 3);
		a->at = sqlite3_column_int64(stmt, 4);
	}
	return list_hand_over(&l, sizeof(struct run_artifact), rc, mem, out, count);
}

/* ---- inputs ---- */

int store_input_add(struct store *s, int64_t run, const struct run_input *input, struct error *err)
{
	sqlite3_stmt *stmt;

	if (need_key("data set", input->name, err) || store_enter(s, err))
		return -1;
	stmt = store_prepare(
	    s,
	    "INSERT INTO run_input (run, role, name, version, digest) VALUES (?, ?, ?, ?, ?) "
	    "ON CONFLICT (run, role, name) DO UPDATE SET version = excluded.version, digest = excluded.digest",
	    err);
	if (!stmt)
		return store_leave(s, -1, err);
	sqlite3_bind_int64(stmt, 1, run);
	bind_text(stmt, 2, input->role && input->role[0] ? input->role : "data");
	bind_text(stmt, 3, input->name);
	if (input->dataset)
		sqlite3_bind_int64(stmt, 4, input->dataset);
	bind_text(stmt, 5, input->digest[0] ? input->digest : NULL);
	return store_leave(s, store_run_statement(s, stmt, err), err);
}

int store_inputs(struct store *s, int64_t run, struct arena *mem, struct run_input **out, size_t *count,
                 struct error *err)
{
	/* Training data before test data before the rest. */
	sqlite3_stmt *stmt = store_prepare(s,
	                                   "SELECT version, name, role, digest FROM run_input WHERE run = ? "
	                                   "ORDER BY role <> 'train', role <> 'test', role, name",
	                                   err);
	struct list l = {0};
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	while ((rc = store_step(s, stmt, err)) > 0) {
		struct run_input *in = list_add(&l, sizeof(*in));

		in->dataset = sqlite3_column_int64(stmt, 0);
		in->name = column_text(mem, stmt, 1);
		in->role = column_text(mem, stmt, 2);
		column_digest(stmt, 3, in->digest);
	}
	return list_hand_over(&l, sizeof(struct run_input), rc, mem, out, count);
}
