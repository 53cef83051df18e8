/* What a store says, column by column. */
#include <sqlite3.h>
#include <stdlib.h>

#include "store_state.h"
#include "store_view.h"

void store_view_release(struct store_view *v)
{
	free(v->cells);
	*v = (struct store_view){.count = 0};
}

static void view_table(struct store_view *v, sqlite3 *db, const char *file, const char *table)
{
	char *sql = xasprintf("SELECT * FROM %s", table);
	sqlite3_stmt *rows = NULL;
	struct sha256 *hashes;
	int columns, rc = sqlite3_prepare_v2(db, sql, -1, &rows, NULL);
	int64_t count = 0;

	free(sql);
	columns = rc == SQLITE_OK ? sqlite3_column_count(rows) : 0;
	hashes = xcalloc((size_t)columns + 1, sizeof(*hashes));
	for (int i = 0; i < columns; i++)
		sha256_init(&hashes[i]);
	while (columns && (rc = sqlite3_step(rows)) == SQLITE_ROW) {
		count++;
		for (int i = 0; i < columns; i++) {
			const void *bytes = sqlite3_column_blob(rows, i);
			int len = sqlite3_column_bytes(rows, i);

			sha256_add(&hashes[i], &len, sizeof(len));
			sha256_add(&hashes[i], bytes ? bytes : "", (size_t)len);
		}
	}
	for (int i = 0; i < columns; i++) {
		struct store_cell *c;

		v->cells = vec_reserve(v->cells, &v->cap, v->count + 1, sizeof(*v->cells));
		c = &v->cells[v->count++];
		snprintf(c->name, sizeof(c->name), "%s:%s.%s", file, table, sqlite3_column_name(rows, i));
		c->count = count;
		sha256_end(&hashes[i], c->hash);
	}
	free(hashes);
	sqlite3_finalize(rows);
}

static int view_file(struct store_view *v, const char *folder, const char *file, struct error *err)
{
	static const char *const list = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE "
	                                "'sqlite_stat%' ORDER BY name";
	char *path = path_join(folder, file);
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db = NULL;
	int result = 0, rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
	const char *said = NULL;

	/* Also rolls back what was left half done, as any reader of it does. */
	if (rc == SQLITE_OK && sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		said = (const char *)sqlite3_column_text(stmt, 0);
	if (!said || strcmp(said, "ok") != 0)
		result =
		    error_set(err, ERR_STORE, "integrity_check of %s: %s", file, said ? said : sqlite3_errmsg(db));
	sqlite3_finalize(stmt);
	stmt = NULL;
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (!result && sqlite3_prepare_v2(db, list, -1, &stmt, NULL) == SQLITE_OK)
		while (sqlite3_step(stmt) == SQLITE_ROW)
			view_table(v, db, file, (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	free(path);
	return result;
}

int store_view(const char *root, const char *below, struct store_view *v, struct error *err)
{
	char *folder = path_join(root, below), *ledger = path_join(folder, "ledger.db");
	int result = 0;

	*v = (struct store_view){.count = 0};
	if (file_exists(folder))
		result = view_file(v, folder, "assay.db", err) ||
		         (file_exists(ledger) && view_file(v, folder, "ledger.db", err)) ||
		         store_state_objects(folder, false, err);
	free(folder);
	free(ledger);
	return result ? -1 : 0;
}

bool store_cell_same(const struct store_cell *a, const struct store_cell *b)
{
	return !strcmp(a->name, b->name) && a->count == b->count && !strcmp(a->hash, b->hash);
}

bool store_view_same(const struct store_view *a, const struct store_view *b, const bool *loose)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!(loose && loose[i]) && !store_cell_same(&a->cells[i], &b->cells[i]))
			return false;
	return true;
}
