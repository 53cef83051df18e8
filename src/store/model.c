/* Models, their versions as the ledger has them, aliases, and the seals of runs. */
#include "internal.h"

/* ---- writing ---- */

static int bind_names(struct store *s, const char *sql, const char *a, const char *b, const char *c,
                      struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, sql, err);

	if (!stmt)
		return -1;
	bind_text(stmt, 1, a);
	bind_text(stmt, 2, b);
	bind_text(stmt, 3, c);
	return store_run_statement(s, stmt, err);
}

/* What the last statement changed; ERR_NO if that is nothing. */
static int need_change(struct store *s, struct error *err, const char *what, const char *name)
{
	if (sqlite3_changes(s->db))
		return 0;
	return error_set(err, ERR_NO, "there is no %s %s", what, name);
}

int store_model_next(struct store *s, const char *model, int64_t *version, struct error *err)
{
	sqlite3_stmt *stmt;
	int rc;

	*version = 1;
	if (store_schema(s) < 2)
		return 0;
	stmt = store_prepare(s, "SELECT last_version + 1 FROM model WHERE name = ?", err);
	if (!stmt)
		return -1;
	bind_text(stmt, 1, model);
	rc = store_step(s, stmt, err);
	if (rc > 0) {
		*version = sqlite3_column_int64(stmt, 0);
		sqlite3_reset(stmt);
	}
	return rc < 0 ? -1 : 0;
}

static int add_version(struct store *s, const struct store_model_version *v, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    s,
	    "INSERT INTO model (name, last_version, created) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
	    "last_version = max(last_version, excluded.last_version)",
	    err);

	if (!stmt)
		return -1;
	bind_text(stmt, 1, v->model);
	sqlite3_bind_int64(stmt, 2, v->version);
	sqlite3_bind_int64(stmt, 3, v->registered);
	if (store_run_statement(s, stmt, err))
		return -1;
	stmt = store_prepare(
	    s,
	    "INSERT INTO model_version (model, version, subject, run, seq, registered, description) "
	    "SELECT id, ?, ?, ?, ?, ?, ? FROM model WHERE name = ? ON CONFLICT (model, version) DO UPDATE SET "
	    "subject = excluded.subject, run = excluded.run, seq = excluded.seq, registered = "
	    "excluded.registered",
	    err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, v->version);
	bind_text(stmt, 2, v->subject);
	bind_text(stmt, 3, v->run);
	sqlite3_bind_int64(stmt, 4, v->seq);
	sqlite3_bind_int64(stmt, 5, v->registered);
	bind_text(stmt, 6, v->description ? v->description : "");
	bind_text(stmt, 7, v->model);
	return store_run_statement(s, stmt, err);
}

int store_model_version_add(struct store *s, const struct store_model_version *v, struct error *err)
{
	if (store_enter(s, err))
		return -1;
	return store_leave(s, add_version(s, v, err), err);
}

int store_model_set(struct store *s, const char *model, const char *owner, const char *description,
                    struct error *err)
{
	int result;

	if (store_enter(s, err))
		return -1;
	result =
	    bind_names(s,
	               "UPDATE model SET owner = coalesce(?1, owner), description = coalesce(?2, description) "
	               "WHERE name = ?3",
	               owner, description, model, err);
	if (result == 0)
		result = need_change(s, err, "model", model);
	return store_leave(s, result, err);
}

int store_model_version_set(struct store *s, const char *model, int64_t version, const char *description,
                            struct error *err)
{
	sqlite3_stmt *stmt;
	int result;

	if (store_enter(s, err))
		return -1;
	stmt = store_prepare(
	    s,
	    "UPDATE model_version SET description = ? WHERE version = ? AND model = (SELECT id FROM "
	    "model WHERE name = ?)",
	    err);
	if (!stmt)
		return store_leave(s, -1, err);
	bind_text(stmt, 1, description);
	sqlite3_bind_int64(stmt, 2, version);
	bind_text(stmt, 3, model);
	result = store_run_statement(s, stmt, err);
	if (result == 0)
		result = need_change(s, err, "such version of", model);
	return store_leave(s, result, err);
}

int store_alias_set(struct store *s, const char *model, const char *alias, int64_t version, struct error *err)
{
	sqlite3_stmt *stmt;
	int result;

	if (store_enter(s, err))
		return -1;
	stmt = version
	           ? store_prepare(s,
	                           "INSERT INTO alias (model, name, version) SELECT id, ?1, ?3 FROM model WHERE "
	                           "name = ?2 ON CONFLICT (model, name) DO UPDATE SET version = excluded.version",
	                           err)
	           : store_prepare(s,
	                           "DELETE FROM alias WHERE name = ?1 AND model = (SELECT id FROM model WHERE "
	                           "name = ?2)",
	                           err);
	if (!stmt)
		return store_leave(s, -1, err);
	bind_text(stmt, 1, alias);
	bind_text(stmt, 2, model);
	if (version)
		sqlite3_bind_int64(stmt, 3, version);
	result = store_run_statement(s, stmt, err);
	if (result == 0)
		result = version ? need_change(s, err, "model", model) : need_change(s, err, "alias", alias);
	return store_leave(s, result, err);
}

/* ---- reading: a store of the first schema has none ---- */

int store_models(struct store *s, struct arena *mem, struct store_model **out, size_t *count,
                 struct error *err)
{
	sqlite3_stmt *stmt = NULL;
	struct list l = {0};
	int rc = 0;

	if (store_schema(s) >= 2) {
		stmt = store_prepare(
		    s, "SELECT name, owner, description, last_version, created FROM model ORDER BY name", err);
		if (!stmt)
			return -1;
	}
	while (stmt && (rc = store_step(s, stmt, err)) > 0) {
		struct store_model *m = list_add(&l, sizeof(*m));

		m->name = column_text(mem, stmt, 0);
		m->owner = column_text(mem, stmt, 1);
		m->description = column_text(mem, stmt, 2);
		m->last_version = sqlite3_column_int64(stmt, 3);
		m->created = sqlite3_column_int64(stmt, 4);
	}
	return list_hand_over(&l, sizeof(struct store_model), rc, mem, out, count);
}

int store_model_versions(struct store *s, struct arena *mem, struct store_model_version **out, size_t *count,
                         struct error *err)
{
	sqlite3_stmt *stmt = NULL;
	struct list l = {0};
	int rc = 0;

	if (store_schema(s) >= 2) {
		stmt = store_prepare(s,
		                     "SELECT m.name, v.version, v.subject, v.run, v.seq, v.registered, v.description "
		                     "FROM model_version v JOIN model m ON m.id = v.model ORDER BY m.name, v.version",
		                     err);
		if (!stmt)
			return -1;
	}
	while (stmt && (rc = store_step(s, stmt, err)) > 0) {
		struct store_model_version *v = list_add(&l, sizeof(*v));

		v->model = column_text(mem, stmt, 0);
		v->version = sqlite3_column_int64(stmt, 1);
		column_digest(stmt, 2, v->subject);
		snprintf(v->run, sizeof(v->run), "%s", (const char *)sqlite3_column_text(stmt, 3));
		v->seq = sqlite3_column_int64(stmt, 4);
		v->registered = sqlite3_column_int64(stmt, 5);
		v->description = column_text(mem, stmt, 6);
	}
	return list_hand_over(&l, sizeof(struct store_model_version), rc, mem, out, count);
}

int store_aliases(struct store *s, struct arena *mem, struct store_alias **out, size_t *count,
                  struct error *err)
{
	sqlite3_stmt *stmt = NULL;
	struct list l = {0};
	int rc = 0;

	if (store_schema(s) >= 2) {
		stmt = store_prepare(s,
		                     "SELECT m.name, a.name, a.version FROM alias a JOIN model m ON m.id = a.model "
		                     "ORDER BY m.name, a.name",
		                     err);
		if (!stmt)
			return -1;
	}
	while (stmt && (rc = store_step(s, stmt, err)) > 0) {
		struct store_alias *a = list_add(&l, sizeof(*a));

		a->model = column_text(mem, stmt, 0);
		a->name = column_text(mem, stmt, 1);
		a->version = sqlite3_column_int64(stmt, 2);
	}
	return list_hand_over(&l, sizeof(struct store_alias), rc, mem, out, count);
}

/* ---- seals ---- */

int store_run_seal_set(struct store *s, int64_t run, const char *seal, struct error *err)
{
	sqlite3_stmt *stmt;

	if (store_enter(s, err))
		return -1;
	stmt = store_prepare(s, "UPDATE run SET seal = ? WHERE id = ?", err);
	if (!stmt)
		return store_leave(s, -1, err);
	bind_text(stmt, 1, seal);
	sqlite3_bind_int64(stmt, 2, run);
	return store_leave(s, store_run_statement(s, stmt, err), err);
}

int store_run_seal_get(struct store *s, int64_t run, char seal[SHA256_TEXT], struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "SELECT seal FROM run WHERE id = ?", err);
	int rc;

	seal[0] = '\0';
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	rc = store_step(s, stmt, err);
	if (rc > 0) {
		column_digest(stmt, 0, seal);
		sqlite3_reset(stmt);
	}
	return rc < 0 ? -1 : 0;
}
