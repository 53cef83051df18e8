/*
 * From an older schema to this one.
 *
 * One transaction that excludes every other writer: the backup is copied by a second connection while this
 * one holds it, so that it is what the store was when its schema changed; then the steps are made and
 * committed together. Killed anywhere, the store is of one schema or the other, and the next who opens it
 * goes on.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "span.h"

static int schema_of(struct store *s, int *version, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "PRAGMA user_version", err);
	int rc;

	if (!stmt)
		return -1;
	rc = store_step(s, stmt, err);
	if (rc > 0) {
		*version = sqlite3_column_int(stmt, 0);
		sqlite3_reset(stmt);
	}
	return rc > 0 ? 0 : -1;
}

int store_schema(struct store *s)
{
	int version;

	/* A newer one than this program knows has all that it knows of. */
	if (s->schema < STORE_SCHEMA_VERSION && !schema_of(s, &version, NULL) && version > s->schema)
		s->schema = version < STORE_SCHEMA_VERSION ? version : STORE_SCHEMA_VERSION;
	return s->schema;
}

int store_need_schema(struct store *s, int version, struct error *err)
{
	return store_schema(s) >= version
	           ? 0
	           : error_set(
	                 err, ERR_STORE,
	                 "the store %s is of an older program, and open for reading only: the first command that "
	                 "writes (`assay undo`, say) brings it up to date",
	                 s->path);
}

/* All pages as a reader sees them. */
static int copy_pages(struct store *s, const char *file, const char *copy, struct error *err)
{
	struct store source = {.path = s->path, .mode = STORE_READ, .lock_fd = -1, .side_lock = s->side_lock};
	sqlite3 *target = NULL;
	sqlite3_backup *backup;
	int rc, result = -1;

	if (store_connect(&source, file, SQLITE_OPEN_READONLY, err))
		goto out;
	rc = sqlite3_open_v2(copy, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
	                     NULL);
	backup = rc == SQLITE_OK ? sqlite3_backup_init(target, "main", source.db, "main") : NULL;
	if (backup) {
		rc = sqlite3_backup_step(backup, -1);
		sqlite3_backup_finish(backup);
		/* A copy of a database with a log would want one too; this one is left alone. */
		if (rc == SQLITE_DONE)
			rc = sqlite3_exec(target, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	}
	if (!backup || rc != SQLITE_OK)
		error_set(err, ERR_STORE, "the store %s cannot be copied to %s: %s", s->path, copy,
		          target ? sqlite3_errmsg(target) : "no memory");
	else
		result = 0;
out:
	sqlite3_close_v2(target);
	sqlite3_close_v2(source.db);
	return result;
}

static int sync_file(const char *file, struct error *err)
{
	int fd = open(file, O_RDWR | O_CLOEXEC), rc = fd < 0 ? -1 : fsync(fd);

	if (rc)
		error_errno(err, ERR_STORE, "cannot write %s", file);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* assay.db.before-3: whole under that name, or not there. */
static int back_up(struct store *s, struct error *err)
{
	char *file = path_join(s->path, "assay.db"),
	     *copy = xasprintf("%s.before-%d", file, STORE_SCHEMA_VERSION), *temp = xasprintf("%s.new", copy);
	int result = -1;

	unlink(temp);
	if (copy_pages(s, file, temp, err) || sync_file(temp, err))
		goto out;
	if (rename(temp, copy)) {
		error_errno(err, ERR_STORE, "cannot make %s", copy);
		goto out;
	}
	result = error_of_store(dir_sync(s->path, err), err);
out:
	if (result)
		unlink(temp);
	free(temp);
	free(copy);
	free(file);
	return result;
}

static int migrate(struct store *s, struct error *err)
{
	int version = 0, before;
	char *sql;
	int rc;

	/* Another process may have done it while this one waited. */
	if (schema_of(s, &version, err))
		return -1;
	if (version >= STORE_SCHEMA_VERSION) {
		s->schema = version;
		return 0;
	}
	if (back_up(s, err))
		return -1;
	before = version;
	for (rc = SQLITE_OK; rc == SQLITE_OK && version < STORE_SCHEMA_VERSION; version++)
		rc = sqlite3_exec(s->db, STORE_SCHEMAS[version], NULL, NULL, NULL);
	sql = xasprintf("UPDATE about SET value = '%s' WHERE key = 'program'; PRAGMA user_version = %d;",
	                ASSAY_VERSION, STORE_SCHEMA_VERSION);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
	free(sql);
	return rc != SQLITE_OK ? store_fail(s, err) : before < SCHEMA_SPANS ? spans_write_all(s, err) : 0;
}

int store_migrate(struct store *s, struct error *err)
{
	int result;

	if (store_begin(s, STORE_DURABLE, err))
		return -1;
	result = migrate(s, err);
	if (store_end(s, result == 0, result ? NULL : err))
		result = -1;
	if (result)
		return error_prefix(err, "bringing the store from schema %d to %d (nothing was changed)", s->schema,
		                    STORE_SCHEMA_VERSION);
	s->schema = STORE_SCHEMA_VERSION;
	return 0;
}
