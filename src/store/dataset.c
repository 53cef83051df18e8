/* Data sets, their versions, and the profiles that are kept by digest. */
#include <stdlib.h>

#include "internal.h"

static int find_name(struct store *s, const char *name, int64_t *id, int64_t *last_version, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "SELECT id, last_version FROM dataset WHERE name = ?", err);
	int rc;

	if (!stmt)
		return -1;
	bind_text(stmt, 1, name);
	rc = store_step(s, stmt, err);
	if (rc > 0) {
		*id = sqlite3_column_int64(stmt, 0);
		*last_version = sqlite3_column_int64(stmt, 1);
		sqlite3_reset(stmt);
	}
	return rc;
}

/* The newest version under the name that has this digest and was not removed: 1, none: 0. */
static int find_known(struct store *s, int64_t dataset, const char *digest, int64_t *id, int64_t *version,
                      struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    s,
	    "SELECT id, version FROM dataset_version WHERE digest = ? AND dataset = ? AND removed IS "
	    "NULL ORDER BY version DESC LIMIT 1",
	    err);
	int rc;

	if (!stmt)
		return -1;
	bind_text(stmt, 1, digest);
	sqlite3_bind_int64(stmt, 2, dataset);
	rc = store_step(s, stmt, err);
	if (rc > 0) {
		*id = sqlite3_column_int64(stmt, 0);
		*version = sqlite3_column_int64(stmt, 1);
		sqlite3_reset(stmt);
	}
	return rc;
}

/* Takes the next version number of the name, which is made if it is new. */
static int next_version(struct store *s, const char *name, int64_t *dataset, int64_t *version,
                        struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    s,
	    "INSERT INTO dataset (name, last_version) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET "
	    "last_version = last_version + 1",
	    err);

	if (!stmt)
		return -1;
	bind_text(stmt, 1, name);
	if (store_run_statement(s, stmt, err))
		return -1;
	return find_name(s, name, dataset, version, err) > 0 ? 0 : -1;
}

static int add_files(struct store *s, int64_t version, const struct dataset_row *data, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s,
	                                   "INSERT INTO dataset_file (version, seq, path, digest, bytes, "
	                                   "first_row, rows) VALUES (?, ?, ?, ?, ?, ?, ?)",
	                                   err);

	if (!stmt)
		return -1;
	for (size_t i = 0; i < data->file_count; i++) {
		const struct dataset_file *f = &data->files[i];

		sqlite3_bind_int64(stmt, 1, version);
		sqlite3_bind_int64(stmt, 2, (int64_t)i);
		bind_text(stmt, 3, f->path);
		bind_text(stmt, 4, f->digest);
		sqlite3_bind_int64(stmt, 5, (int64_t)f->bytes);
		sqlite3_bind_int64(stmt, 6, (int64_t)f->first_row);
		sqlite3_bind_int64(stmt, 7, (int64_t)f->rows);
		if (store_run_statement(s, stmt, err))
			return -1;
	}
	return 0;
}

static int add_columns(struct store *s, int64_t version, const struct dataset_row *data, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    s, "INSERT INTO dataset_column (version, seq, name, type, roles) VALUES (?, ?, ?, ?, ?)", err);

	if (!stmt)
		return -1;
	for (size_t i = 0; i < data->column_count; i++) {
		sqlite3_bind_int64(stmt, 1, version);
		sqlite3_bind_int64(stmt, 2, (int64_t)i);
		bind_text(stmt, 3, data->columns[i].name);
		bind_text(stmt, 4, data->columns[i].type);
		bind_text(stmt, 5, data->columns[i].roles ? data->columns[i].roles : "");
		if (store_run_statement(s, stmt, err))
			return -1;
	}
	return 0;
}

static int add_version(struct store *s, const struct dataset_row *data, int64_t *id, int64_t *version,
                       bool *known, struct error *err)
{
	int64_t dataset = 0, last;
	sqlite3_stmt *stmt;
	int rc = find_name(s, data->name, &dataset, &last, err);

	if (rc > 0)
		rc = find_known(s, dataset, data->digest, id, version, err);
	if (rc < 0)
		return -1;
	*known = rc > 0;
	if (*known)
		return 0;
	if (next_version(s, data->name, &dataset, version, err))
		return -1;
	stmt = store_prepare(s,
	                     "INSERT INTO dataset_version (dataset, version, digest, reading, rows, created) "
	                     "VALUES (?, ?, ?, ?, ?, ?)",
	                     err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, dataset);
	sqlite3_bind_int64(stmt, 2, *version);
	bind_text(stmt, 3, data->digest);
	bind_text(stmt, 4, data->reading);
	sqlite3_bind_int64(stmt, 5, (int64_t)data->rows);
	sqlite3_bind_int64(stmt, 6, time_now_ms());
	if (store_run_statement(s, stmt, err))
		return -1;
	*id = sqlite3_last_insert_rowid(s->db);
	return add_files(s, *id, data, err) || add_columns(s, *id, data, err) ? -1 : 0;
}

int store_dataset_add(struct store *s, const struct dataset_row *data, int64_t *id, int64_t *version,
                      bool *known, struct error *err)
{
	if (store_enter(s, err))
		return -1;
	return store_leave(s, add_version(s, data, id, version, known, err), err);
}

/* ---- reading ---- */

#define VERSION_COLUMNS                                                                                      \
	"SELECT v.id, d.name, v.version, v.digest, v.reading, v.rows, v.created, "                               \
	"(SELECT count(*) FROM dataset_file f WHERE f.version = v.id), "                                         \
	"(SELECT count(*) FROM dataset_column c WHERE c.version = v.id) "                                        \
	"FROM dataset_version v JOIN dataset d ON d.id = v.dataset "

static void read_version(sqlite3_stmt *stmt, struct arena *mem, struct dataset_row *r)
{
	memset(r, 0, sizeof(*r));
	r->id = sqlite3_column_int64(stmt, 0);
	r->name = column_text(mem, stmt, 1);
	r->version = sqlite3_column_int64(stmt, 2);
	column_digest(stmt, 3, r->digest);
	r->reading = column_text(mem, stmt, 4);
	r->rows = (uint64_t)sqlite3_column_int64(stmt, 5);
	r->created = sqlite3_column_int64(stmt, 6);
	r->file_count = (size_t)sqlite3_column_int64(stmt, 7);
	r->column_count = (size_t)sqlite3_column_int64(stmt, 8);
}

static int read_files(struct store *s, struct arena *mem, struct dataset_row *r, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    s, "SELECT path, digest, bytes, first_row, rows FROM dataset_file WHERE version = ? ORDER BY seq",
	    err);
	struct list l = {0};
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, r->id);
	while ((rc = store_step(s, stmt, err)) > 0) {
		struct dataset_file *f = list_add(&l, sizeof(*f));

		f->path = column_text(mem, stmt, 0);
		column_digest(stmt, 1, f->digest);
		f->bytes = (uint64_t)sqlite3_column_int64(stmt, 2);
		f->first_row = (uint64_t)sqlite3_column_int64(stmt, 3);
		f->rows = (uint64_t)sqlite3_column_int64(stmt, 4);
	}
	return list_hand_over(&l, sizeof(struct dataset_file), rc, mem, &r->files, &r->file_count);
}

static int read_columns(struct store *s, struct arena *mem, struct dataset_row *r, struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(s, "SELECT name, type, roles FROM dataset_column WHERE version = ? ORDER BY seq", err);
	struct list l = {0};
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, r->id);
	while ((rc = store_step(s, stmt, err)) > 0) {
		struct dataset_column *c = list_add(&l, sizeof(*c));

		c->name = column_text(mem, stmt, 0);
		c->type = column_text(mem, stmt, 1);
		c->roles = column_text(mem, stmt, 2);
	}
	return list_hand_over(&l, sizeof(struct dataset_column), rc, mem, &r->columns, &r->column_count);
}

/* One bound statement that gives one version or none: 1 or 0. */
static int read_one(struct store *s, sqlite3_stmt *stmt, struct arena *mem, struct dataset_row *out,
                    struct error *err)
{
	int rc = store_step(s, stmt, err);

	if (rc <= 0)
		return rc;
	read_version(stmt, mem, out);
	sqlite3_reset(stmt);
	return read_files(s, mem, out, err) || read_columns(s, mem, out, err) ? -1 : 1;
}

int store_dataset_get(struct store *s, int64_t id, struct arena *mem, struct dataset_row *out,
                      struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, VERSION_COLUMNS "WHERE v.id = ?", err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, id);
	rc = read_one(s, stmt, mem, out, err);
	return rc ? (rc > 0 ? 0 : -1)
	          : error_set(err, ERR_NO, "there is no such data set (row %lld)", (long long)id);
}

int store_dataset_by_digest(struct store *s, const char *digest, struct arena *mem, struct dataset_row *out,
                            bool *found, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    s, VERSION_COLUMNS "WHERE v.digest = ? ORDER BY v.removed IS NOT NULL, v.id DESC LIMIT 1", err);
	int rc;

	if (!stmt)
		return -1;
	bind_text(stmt, 1, digest);
	rc = read_one(s, stmt, mem, out, err);
	*found = rc > 0;
	return rc < 0 ? -1 : 0;
}

int store_datasets(struct store *s, struct arena *mem, struct dataset_row **out, size_t *count,
                   struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(s, VERSION_COLUMNS "WHERE v.removed IS NULL ORDER BY d.name, v.version DESC", err);
	struct list l = {0};
	int rc;

	if (!stmt)
		return -1;
	while ((rc = store_step(s, stmt, err)) > 0)
		read_version(stmt, mem, list_add(&l, sizeof(struct dataset_row)));
	return list_hand_over(&l, sizeof(struct dataset_row), rc, mem, out, count);
}

/* Fills err for a name that is not there, with the names that come near. */
static int no_such_dataset(struct store *s, const char *name, int64_t version, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s,
	                                   "SELECT DISTINCT d.name FROM dataset d JOIN dataset_version v ON "
	                                   "v.dataset = d.id WHERE v.removed IS NULL",
	                                   err);
	struct arena *mem = arena_new();
	struct list l = {0};
	const char **names, *near;
	size_t count;
	int rc;

	if (!stmt) {
		arena_free(mem);
		return -1;
	}
	while ((rc = store_step(s, stmt, err)) > 0)
		*(const char **)list_add(&l, sizeof(char *)) = column_text(mem, stmt, 0);
	rc = list_hand_over(&l, sizeof(char *), rc, mem, &names, &count);
	if (!rc) {
		near = name_nearest(name, names, count);
		if (version && near && strcmp(near, name) == 0)
			error_set(err, ERR_NO, "there is no %s@%lld: `assay data show %s` lists the versions", name,
			          (long long)version, name);
		else
			error_set(
			    err, ERR_NO,
			    "there is no data set \"%s\"%s%s%s: `assay data ls` lists them, `assay data add` makes one",
			    name, near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
	}
	arena_free(mem);
	return -1;
}

int store_dataset_find(struct store *s, const char *ref, struct arena *mem, struct dataset_row *out,
                       struct error *err)
{
	const char *at = strrchr(ref, '@');
	char *name = at ? xmemdup0(ref, (size_t)(at - ref)) : xstrdup(ref);
	int64_t version = 0;
	sqlite3_stmt *stmt;
	int rc = -1;

	if (at && (!int_parse(at + 1, strlen(at + 1), &version) || version < 1)) {
		error_set(err, ERR_USAGE, "\"%s\": after @ comes the number of a version, as in %s@1", ref, name);
		goto out;
	}
	stmt = store_prepare(s,
	                     VERSION_COLUMNS
	                     "WHERE d.name = ?1 AND (?2 = 0 OR v.version = ?2) AND v.removed IS NULL "
	                     "ORDER BY v.version DESC LIMIT 1",
	                     err);
	if (!stmt)
		goto out;
	bind_text(stmt, 1, name);
	sqlite3_bind_int64(stmt, 2, version);
	rc = read_one(s, stmt, mem, out, err);
	if (!rc)
		rc = no_such_dataset(s, name, version, err);
out:
	free(name);
	return rc > 0 ? 0 : -1;
}

int store_dataset_rm(struct store *s, int64_t id, struct error *err)
{
	sqlite3_stmt *stmt;
	int result;

	if (store_enter(s, err))
		return -1;
	stmt = store_prepare(s, "UPDATE dataset_version SET removed = ?2 WHERE id = ?1 AND removed IS NULL", err);
	if (!stmt)
		return store_leave(s, -1, err);
	sqlite3_bind_int64(stmt, 1, id);
	sqlite3_bind_int64(stmt, 2, time_now_ms());
	result = store_run_statement(s, stmt, err);
	if (!result && !sqlite3_changes(s->db))
		result = error_set(err, ERR_STALE, "the data set has been removed already");
	return store_leave(s, result, err);
}

int store_profile_put(struct store *s, const char *digest, const char *json, size_t len, struct error *err)
{
	sqlite3_stmt *stmt;

	if (store_enter(s, err))
		return -1;
	stmt = store_prepare(s, "INSERT OR REPLACE INTO profile (digest, json) VALUES (?, ?)", err);
	if (!stmt)
		return store_leave(s, -1, err);
	bind_text(stmt, 1, digest);
	bind_text_n(stmt, 2, json, len);
	return store_leave(s, store_run_statement(s, stmt, err), err);
}

int store_profile_get(struct store *s, const char *digest, struct str *json, bool *found, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "SELECT json FROM profile WHERE digest = ?", err);
	int rc;

	if (!stmt)
		return -1;
	bind_text(stmt, 1, digest);
	rc = store_step(s, stmt, err);
	*found = rc > 0;
	if (rc > 0) {
		str_clear(json);
		str_add(json, sqlite3_column_text(stmt, 0), (size_t)sqlite3_column_bytes(stmt, 0));
		sqlite3_reset(stmt);
	}
	return rc < 0 ? -1 : 0;
}
