/* What a tracking server needs of the store: experiments as rows, changes to runs, records kept as they came. */
#include "assay/store_tracking.h"
#include "internal.h"

/* Runs a statement that is bound already as a transaction of its own. *changed may be NULL. */
static int write_one(struct store *s, sqlite3_stmt *stmt, int64_t *changed, struct error *err)
{
	int result;

	if (store_enter(s, err)) {
		sqlite3_clear_bindings(stmt);
		return -1;
	}
	result = store_run_statement(s, stmt, err);
	if (!result && changed)
		*changed = sqlite3_changes(s->db);
	return store_leave(s, result, err);
}

/* ---- experiments ---- */

#define EXPERIMENT_COLUMNS "SELECT id, name, state = 'deleted', created FROM experiment "

static void read_experiment(sqlite3_stmt *stmt, struct arena *mem, struct experiment_row *out)
{
	out->id = sqlite3_column_int64(stmt, 0);
	out->name = column_text(mem, stmt, 1);
	out->deleted = sqlite3_column_int(stmt, 2);
	out->created = sqlite3_column_int64(stmt, 3);
}

/* 1: there is one, 0: none. */
static int one_experiment(struct store *s, sqlite3_stmt *stmt, struct arena *mem, struct experiment_row *out,
                          struct error *err)
{
	int rc = store_step(s, stmt, err);

	if (rc > 0) {
		read_experiment(stmt, mem, out);
		sqlite3_reset(stmt);
	}
	return rc;
}

int store_experiment_row(struct store *s, int64_t id, struct arena *mem, struct experiment_row *out,
                         struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, EXPERIMENT_COLUMNS "WHERE id = ?", err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, id);
	rc = one_experiment(s, stmt, mem, out, err);
	if (rc == 0)
		return error_set(err, ERR_NO, "there is no experiment %lld", (long long)id);
	return rc < 0 ? -1 : 0;
}

int store_experiment_named(struct store *s, const char *name, struct arena *mem, struct experiment_row *out,
                           bool *found, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, EXPERIMENT_COLUMNS "WHERE name = ?", err);
	int rc;

	*found = false;
	if (!stmt)
		return -1;
	bind_text(stmt, 1, name);
	rc = one_experiment(s, stmt, mem, out, err);
	*found = rc > 0;
	return rc < 0 ? -1 : 0;
}

int store_experiment_rows(struct store *s, struct arena *mem, struct experiment_row **out, size_t *count,
                          struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, EXPERIMENT_COLUMNS "ORDER BY created DESC, id DESC", err);
	struct list l = {0};
	int rc;

	if (!stmt)
		return -1;
	while ((rc = store_step(s, stmt, err)) > 0)
		read_experiment(stmt, mem, list_add(&l, sizeof(struct experiment_row)));
	return list_hand_over(&l, sizeof(struct experiment_row), rc, mem, out, count);
}

int store_experiment_make(struct store *s, const char *name, int64_t *id, struct error *err)
{
	if (store_enter(s, err))
		return -1;
	return store_leave(s, store_experiment(s, name, id, err), err);
}

int store_experiment_rename(struct store *s, int64_t id, const char *name, struct error *err)
{
	struct arena *mem = arena_new();
	struct experiment_row other;
	sqlite3_stmt *stmt;
	bool found;
	int result = -1;

	if (store_enter(s, err))
		goto out;
	result = store_experiment_named(s, name, mem, &other, &found, err);
	if (!result && found && other.id != id)
		result = error_set(err, ERR_NO, "another experiment is called %s", name);
	stmt = result ? NULL : store_prepare(s, "UPDATE experiment SET name = ?2 WHERE id = ?1", err);
	if (!result && !stmt)
		result = -1;
	if (!result) {
		sqlite3_bind_int64(stmt, 1, id);
		bind_text(stmt, 2, name);
		result = store_run_statement(s, stmt, err);
	}
	result = store_leave(s, result, err);
out:
	arena_free(mem);
	return result;
}

int store_experiment_delete(struct store *s, int64_t id, bool deleted, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "UPDATE experiment SET state = ?2 WHERE id = ?1", err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, id);
	bind_text(stmt, 2, deleted ? "deleted" : "active");
	return write_one(s, stmt, NULL, err);
}

int store_experiment_tag(struct store *s, int64_t id, const char *key, const char *value, bool *found,
                         struct error *err)
{
	sqlite3_stmt *stmt =
	    value ? store_prepare(
	                s,
	                "INSERT INTO experiment_tag (experiment, key, value) VALUES (?, ?, ?) ON CONFLICT "
	                "(experiment, key) DO UPDATE SET value = excluded.value",
	                err)
	          : store_prepare(s, "DELETE FROM experiment_tag WHERE experiment = ? AND key = ?", err);
	int64_t changed = 0;
	int result;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, id);
	bind_text(stmt, 2, key);
	if (value)
		bind_text(stmt, 3, value);
	result = write_one(s, stmt, &changed, err);
	if (found)
		*found = changed > 0;
	return result;
}

int store_experiment_tags(struct store *s, int64_t id, struct arena *mem, struct store_pair **out,
                          size_t *count, struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(s, "SELECT key, value FROM experiment_tag WHERE experiment = ? ORDER BY key", err);
	struct list l = {0};
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, id);
	while ((rc = store_step(s, stmt, err)) > 0) {
		struct store_pair *p = list_add(&l, sizeof(*p));

		p->key = column_text(mem, stmt, 0);
		p->value = column_text(mem, stmt, 1);
	}
	return list_hand_over(&l, sizeof(struct store_pair), rc, mem, out, count);
}

/* ---- runs ---- */

int store_run_experiment(struct store *s, int64_t run, int64_t *experiment, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "SELECT experiment FROM run WHERE id = ?", err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	rc = store_step(s, stmt, err);
	if (rc <= 0)
		return rc < 0 ? -1 : error_set(err, ERR_NO, "there is no such run (row %lld)", (long long)run);
	*experiment = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	return 0;
}

int store_run_move(struct store *s, int64_t run, int64_t experiment, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "UPDATE run SET experiment = ?2 WHERE id = ?1", err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	sqlite3_bind_int64(stmt, 2, experiment);
	return write_one(s, stmt, NULL, err);
}

int store_run_rename(struct store *s, int64_t run, const char *name, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "UPDATE run SET name = ?2 WHERE id = ?1", err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	bind_text(stmt, 2, name);
	return write_one(s, stmt, NULL, err);
}

int store_run_learn(struct store *s, int64_t run, const char *parent, const char *code_commit,
                    struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    s,
	    "UPDATE run SET parent = coalesce(parent, ?2), code_commit = coalesce(code_commit, ?3) WHERE id = ?1",
	    err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	bind_text(stmt, 2, parent);
	bind_text(stmt, 3, code_commit);
	return write_one(s, stmt, NULL, err);
}

int store_run_resume(struct store *s, int64_t run, struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(s,
	                  "UPDATE run SET status = 1, ended = NULL, reason = '', exit_status = NULL, "
	                  "signal = NULL WHERE id = ? AND source = 'mlflow'",
	                  err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	return write_one(s, stmt, NULL, err);
}

int store_run_remove(struct store *s, int64_t run, int64_t at, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    s, "UPDATE run SET removed = nullif(?2, 0) WHERE id = ?1 AND coalesce(removed, 0) >= 0", err);
	int64_t changed = 0;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	sqlite3_bind_int64(stmt, 2, at);
	if (write_one(s, stmt, &changed, err))
		return -1;
	return changed ? 0 : error_set(err, ERR_STALE, "the run (row %lld) is being purged", (long long)run);
}

int store_tag_remove(struct store *s, int64_t run, const char *key, bool *found, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "DELETE FROM tag WHERE run = ? AND key = ?", err);
	int64_t changed = 0;
	int result;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	bind_text(stmt, 2, key);
	result = write_one(s, stmt, &changed, err);
	*found = changed > 0;
	return result;
}

/* ---- records ---- */

int store_record_put(struct store *s, const struct store_record *record, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    s,
	    "INSERT INTO foreign_record (kind, key, run, experiment, json) VALUES (?, ?, ?, ?, ?) ON CONFLICT "
	    "(kind, key, coalesce(run, 0)) DO UPDATE SET json = excluded.json, experiment = excluded.experiment",
	    err);

	if (!stmt)
		return -1;
	bind_text(stmt, 1, record->kind);
	bind_text(stmt, 2, record->key);
	if (record->run)
		sqlite3_bind_int64(stmt, 3, record->run);
	if (record->experiment)
		sqlite3_bind_int64(stmt, 4, record->experiment);
	bind_text(stmt, 5, record->json);
	return write_one(s, stmt, NULL, err);
}

static int read_records(struct store *s, sqlite3_stmt *stmt, struct arena *mem, struct store_record **out,
                        size_t *count, struct error *err)
{
	struct list l = {0};
	int rc;

	while ((rc = store_step(s, stmt, err)) > 0) {
		struct store_record *r = list_add(&l, sizeof(*r));

		r->kind = column_text(mem, stmt, 0);
		r->key = column_text(mem, stmt, 1);
		r->run = sqlite3_column_int64(stmt, 2);
		r->experiment = sqlite3_column_int64(stmt, 3);
		r->json = column_text(mem, stmt, 4);
	}
	return list_hand_over(&l, sizeof(struct store_record), rc, mem, out, count);
}

#define RECORDS "SELECT kind, key, run, experiment, json FROM foreign_record "

int store_record_get(struct store *s, const char *kind, const char *key, struct arena *mem,
                     struct store_record *out, bool *found, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, RECORDS "WHERE kind = ? AND key = ? ORDER BY id DESC LIMIT 1", err);
	struct store_record *all;
	size_t count;

	*found = false;
	if (!stmt)
		return -1;
	bind_text(stmt, 1, kind);
	bind_text(stmt, 2, key);
	if (read_records(s, stmt, mem, &all, &count, err))
		return -1;
	*found = count > 0;
	if (count)
		*out = all[0];
	return 0;
}

int store_record_drop(struct store *s, const char *kind, const char *key, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "DELETE FROM foreign_record WHERE kind = ? AND key = ?", err);

	if (!stmt)
		return -1;
	bind_text(stmt, 1, kind);
	bind_text(stmt, 2, key);
	return write_one(s, stmt, NULL, err);
}

int store_records(struct store *s, int64_t run, const char *kind, struct arena *mem,
                  struct store_record **out, size_t *count, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, RECORDS "WHERE run = ? AND kind = ? ORDER BY id", err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	bind_text(stmt, 2, kind);
	return read_records(s, stmt, mem, out, count, err);
}

int store_experiment_records(struct store *s, int64_t experiment, const char *kind, struct arena *mem,
                             struct store_record **out, size_t *count, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, RECORDS "WHERE experiment = ? AND kind = ? ORDER BY id DESC", err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, experiment);
	bind_text(stmt, 2, kind);
	return read_records(s, stmt, mem, out, count, err);
}

int store_artifact_get(struct store *s, int64_t run, const char *name, struct arena *mem,
                       struct run_artifact *out, bool *found, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    s, "SELECT name, kind, digest, bytes, at FROM artifact WHERE run = ? AND name = ?", err);
	int rc;

	*found = false;
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	bind_text(stmt, 2, name);
	rc = store_step(s, stmt, err);
	if (rc <= 0)
		return rc;
	*out = (struct run_artifact){.name = column_text(mem, stmt, 0),
	                             .kind = column_text(mem, stmt, 1),
	                             .bytes = (uint64_t)sqlite3_column_int64(stmt, 3),
	                             .at = sqlite3_column_int64(stmt, 4)};
	column_digest(stmt, 2, out->digest);
	sqlite3_reset(stmt);
	*found = true;
	return 0;
}
