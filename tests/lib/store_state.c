#include <dirent.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "store_state.h"

static sqlite3 *connect_to(const char *path)
{
	char *file = path_join(path, "assay.db");
	sqlite3 *db = NULL;

	if (sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK)
		sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	free(file);
	return db;
}

static int add_rows(sqlite3 *db, const char *table, struct sha256 *h)
{
	char *sql = xasprintf("SELECT * FROM %s", table);
	sqlite3_stmt *rows = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &rows, NULL);

	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite3_step(rows);
		for (int i = 0; rc == SQLITE_ROW && i < sqlite3_column_count(rows); i++) {
			const void *bytes = sqlite3_column_blob(rows, i);
			int len = sqlite3_column_bytes(rows, i);

			sha256_add(h, &len, sizeof(len));
			sha256_add(h, bytes ? bytes : "", (size_t)len);
		}
	}
	sqlite3_finalize(rows);
	free(sql);
	return rc == SQLITE_DONE ? 0 : -1;
}

void store_state_digest(const char *path, char hex[SHA256_TEXT])
{
	static const char *const list = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
	sqlite3 *db = connect_to(path);
	sqlite3_stmt *tables = NULL;
	struct sha256 h;
	int rc = sqlite3_prepare_v2(db, list, -1, &tables, NULL), bad = rc != SQLITE_OK;

	sha256_init(&h);
	while (!bad && (rc = sqlite3_step(tables)) == SQLITE_ROW)
		bad = add_rows(db, (const char *)sqlite3_column_text(tables, 0), &h);
	sqlite3_finalize(tables);
	sqlite3_close(db);
	sha256_end(&h, hex);
	if (bad || rc != SQLITE_DONE)
		sha256_hex("unreadable", 10, hex);
}

int store_state_integrity(const char *path, struct error *err)
{
	sqlite3 *db = connect_to(path);
	sqlite3_stmt *stmt = NULL;
	const char *said = NULL;
	int result = 0;

	if (sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		said = (const char *)sqlite3_column_text(stmt, 0);
	if (!said || strcmp(said, "ok") != 0)
		result =
		    error_set(err, ERR_STORE, "integrity_check of %s: %s", path, said ? said : sqlite3_errmsg(db));
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return result;
}

static int check_folder(const char *objects, const char *two, bool alone, struct error *err)
{
	char *folder = path_join(objects, two);
	DIR *dir = opendir(folder);
	const struct dirent *f;
	int result = 0;

	while (!result && dir && (f = readdir(dir))) {
		char *file, hex[SHA256_TEXT];
		uint64_t size;

		if (f->d_name[0] == '.' || (!alone && strlen(f->d_name) != SHA256_TEXT - 3))
			continue;
		file = path_join(folder, f->d_name);
		if (sha256_file(file, hex, &size, err))
			result = -1;
		else if (memcmp(hex, two, 2) != 0 || strcmp(hex + 2, f->d_name) != 0)
			result = error_set(err, ERR_STORE, "%s is not whole or was left behind", file);
		free(file);
	}
	if (dir)
		closedir(dir);
	free(folder);
	return result;
}

int store_state_objects(const char *path, bool alone, struct error *err)
{
	char *objects = path_join(path, "objects");
	DIR *dir = opendir(objects);
	const struct dirent *d;
	int result = dir ? 0 : error_set(err, ERR_STORE, "%s is not there", objects);

	while (!result && dir && (d = readdir(dir))) {
		if (d->d_name[0] == '.' || (!alone && strlen(d->d_name) != 2))
			continue;
		if (strlen(d->d_name) != 2)
			result = error_set(err, ERR_STORE, "objects/%s was left behind", d->d_name);
		else
			result = check_folder(objects, d->d_name, alone, err);
	}
	if (dir)
		closedir(dir);
	free(objects);
	return result;
}
