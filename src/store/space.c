/* Space: how much there is, and giving back what is not used. */
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "edit.h"

#include "assay/store_remove.h"

enum { TRIM_MS = 50 /* of the lock */ };

static int number(struct store *s, const char *constant_sql, int64_t *out, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, constant_sql, err);
	int rc = stmt ? store_step(s, stmt, err) : -1;

	if (rc > 0) {
		*out = sqlite3_column_int64(stmt, 0);
		sqlite3_reset(stmt);
	}
	return rc < 0 ? -1 : 0;
}

static uint64_t file_size(const struct store *s, const char *name)
{
	char *path = path_join(s->path, name);
	struct stat st;
	uint64_t size = stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;

	free(path);
	return size;
}

int store_space(struct store *s, int64_t edits_before, struct store_space *out, struct error *err)
{
	int64_t page = 0, unused = 0;
	sqlite3_stmt *stmt;
	int rc;

	*out = (struct store_space){
	    .database = file_size(s, "assay.db"),
	    .log = file_size(s, "assay.db-wal"),
	    .objects = store_folder_size(s, "objects"),
	    .live = store_folder_size(s, "live"),
	};
	if (number(s, "PRAGMA page_size", &page, err) || number(s, "PRAGMA freelist_count", &unused, err))
		return -1;
	out->unused = (uint64_t)(page * unused);
	if (store_schema(s) < SCHEMA_ARCHIVED)
		return 0;
	stmt = store_prepare(s, "SELECT count(*) FROM edit WHERE at < ?", err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, edits_before);
	rc = store_step(s, stmt, err);
	out->trimmable = rc > 0 ? sqlite3_column_int64(stmt, 0) : 0;
	sqlite3_reset(stmt);
	return rc < 0 ? -1 : 0;
}

/* ---- old edits ---- */

int store_edits_trim(struct store *s, int64_t before, int64_t *edits, struct error *err)
{
	sqlite3_stmt *stmt;
	int rc;

	*edits = 0;
	if (edit_ready(s, NULL, err) || store_enter(s, err))
		return -1;
	/* First they become nobody's: then none can be taken back in part. */
	stmt = store_prepare(s,
	                     "UPDATE edit SET who = '' WHERE at < ? AND who <> '' AND id <> coalesce((SELECT "
	                     "CAST(value AS INTEGER) FROM about WHERE key = 'going'), 0)",
	                     err);
	if (stmt)
		sqlite3_bind_int64(stmt, 1, before);
	rc = store_leave(s, stmt ? store_run_statement(s, stmt, err) : -1, err);
	for (rc = rc ? -1 : 1; rc > 0;) {
		if (store_enter(s, err))
			return -1;
		rc = edit_sweep(s, TRIM_MS, edits, err);
		if (store_leave(s, rc < 0 ? -1 : 0, err))
			return -1;
	}
	return rc;
}

/* ---- the log ---- */

static int checkpoint(struct store *s, bool *emptied, struct error *err)
{
	int log = 0, moved = 0,
	    rc = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, &log, &moved);

	*emptied = rc == SQLITE_OK;
	if (*emptied)
		s->wal_pages = 0;
	return rc == SQLITE_OK || (rc & 0xFF) == SQLITE_BUSY ? 0 : store_fail(s, err);
}

int store_log_empty(struct store *s, bool *emptied, struct error *err)
{
	int result;

	*emptied = false;
	if (s->mode != STORE_WRITE)
		return error_set(err, ERR_STORE, "the store %s is open for reading only", s->path);
	if (store_lock(s, err))
		return -1;
	/* A reader in the way goes on for as long as it likes: not waited for under the lock. */
	s->impatient = true;
	result = checkpoint(s, emptied, err);
	s->impatient = false;
	store_unlock(s);
	return result;
}

/* ---- the database anew ---- */

/* Where SQLite puts its files for a moment: the first of these that can be written in. */
static const char *temporary_folder(void)
{
	const char *const asked[] = {getenv("SQLITE_TMPDIR"), getenv("TMPDIR"), "/var/tmp", "/usr/tmp", "/tmp"};

	for (size_t i = 0; i < COUNT_OF(asked); i++) {
		struct stat st;

		if (asked[i] && stat(asked[i], &st) == 0 && S_ISDIR(st.st_mode) && access(asked[i], W_OK | X_OK) == 0)
			return asked[i];
	}
	return ".";
}

static int has_room(const char *folder, uint64_t bytes, const char *for_what, struct error *err)
{
	struct statvfs fs;
	char have[NUM_TEXT], need[NUM_TEXT];

	if (statvfs(folder, &fs))
		return error_errno(err, ERR_STORE, "cannot ask for the free space of %s", folder);
	if ((uint64_t)fs.f_bavail * fs.f_frsize >= bytes)
		return 0;
	return error_set(
	    err, ERR_STORE,
	    "writing the database anew takes %s of free space in %s%s, which has %s: make room, and say "
	    "`assay compact` again",
	    bytes_people(bytes, need), folder, for_what, bytes_people((uint64_t)fs.f_bavail * fs.f_frsize, have));
}

/* A copy among SQLite's temporary files, and then the pages in the log. */
int store_vacuum_room(struct store *s, struct error *err)
{
	const char *temporary = temporary_folder();
	int64_t page = 0, pages = 0, unused = 0;
	struct stat here, there;
	uint64_t bytes;

	if (number(s, "PRAGMA page_size", &page, err) || number(s, "PRAGMA page_count", &pages, err) ||
	    number(s, "PRAGMA freelist_count", &unused, err))
		return -1;
	bytes = (uint64_t)(page * (pages - unused));
	bytes += bytes / 16 + (1 << 20); /* frames of the log have a header each */
	if (stat(s->path, &here) == 0 && stat(temporary, &there) == 0 && here.st_dev == there.st_dev)
		return has_room(s->path, 2 * bytes, "", err);
	if (has_room(s->path, bytes, "", err))
		return -1;
	return has_room(temporary, bytes, " (TMPDIR names another folder)", err);
}

int store_vacuum(struct store *s, struct error *err)
{
	bool emptied;
	int result = -1;

	if (s->mode != STORE_WRITE)
		return error_set(err, ERR_STORE, "the store %s is open for reading only", s->path);
	if (s->depth)
		bug("store_vacuum inside a transaction");
	atomic_store(&s->interrupted, false);
	if (store_lock(s, err))
		return -1;
	if (store_vacuum_room(s, err))
		goto out;
	/* The copy is as large as the database: not in memory. */
	if (sqlite3_exec(s->db, "PRAGMA temp_store = FILE; VACUUM", NULL, NULL, NULL) != SQLITE_OK)
		store_fail(s, err);
	else
		result = 0;
	sqlite3_exec(s->db, "PRAGMA temp_store = MEMORY", NULL, NULL, NULL);
	if (!result) {
		s->changes++;
		s->impatient = true;
		result = checkpoint(s, &emptied, err);
		s->impatient = false;
	}
out:
	store_unlock(s);
	return result;
}
