/*
 * A copy of one moment, beside live writers.
 *
 * The copy is made by SQLite's backup from a connection that holds one read transaction throughout: so it never
 * begins anew, however much is written meanwhile, and can be made in slices that show how far it is and can be
 * stopped.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

enum { SLICE_PAGES = 1024, STEPS = 200000 };

struct store_snapshot {
	struct store source; /* a connection of its own */
};

static int hold(struct store *s, const char *file, struct store_snapshot *snap, struct error *err)
{
	char *uri;
	int result;

	snap->source =
	    (struct store){.path = s->path, .mode = STORE_READ, .lock_fd = -1, .side_lock = s->side_lock};
	uri = store_unchanging(&snap->source, file);
	result = store_connect(&snap->source, uri ? uri : file, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err);
	free(uri);
	if (result)
		return -1;
	/* The read transaction begins with the first read. */
	if (sqlite3_exec(snap->source.db, "BEGIN; SELECT 1 FROM sqlite_schema", NULL, NULL, NULL) != SQLITE_OK)
		return store_fail(&snap->source, err);
	return 0;
}

int store_snapshot_take(struct store *s, int (*also)(void *user, struct error *err), void *user,
                        struct store_snapshot **out, struct error *err)
{
	struct store_snapshot *snap = xcalloc(1, sizeof(*snap));
	char *file = path_join(s->path, "assay.db");
	bool held = s->mode == STORE_WRITE;
	int result = -1;

	*out = NULL;
	snap->source.lock_fd = -1;
	if (held && store_begin(s, STORE_NORMAL, err))
		goto out;
	result = hold(s, file, snap, err);
	if (!result && also)
		result = also(user, err);
	if (held)
		store_end(s, false, NULL);
out:
	if (result)
		store_snapshot_free(snap);
	else
		*out = snap;
	free(file);
	return result;
}

void store_snapshot_free(struct store_snapshot *snap)
{
	if (!snap)
		return;
	sqlite3_close_v2(snap->source.db);
	free(snap);
}

int store_snapshot_copy(struct store_snapshot *snap, const char *to, store_progress_fn *progress, void *user,
                        struct error *err)
{
	sqlite3 *target = NULL;
	sqlite3_backup *backup = NULL;
	int rc, result = -1;

	rc = sqlite3_open_v2(to, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	/* Nobody else knows of the file, and one that was not finished is thrown away. */
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(target, "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF", NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		backup = sqlite3_backup_init(target, "main", snap->source.db, "main");
	if (!backup) {
		error_set(err, ERR_STORE, "cannot write %s: %s", to, target ? sqlite3_errmsg(target) : "no memory");
		goto out;
	}
	do {
		uint64_t total, done;

		rc = sqlite3_backup_step(backup, SLICE_PAGES);
		total = (uint64_t)sqlite3_backup_pagecount(backup);
		done = total - (uint64_t)sqlite3_backup_remaining(backup);
		if (rc == SQLITE_OK && progress && progress(user, "assay.db", done, total)) {
			error_set(err, ERR_NO, "stopped");
			goto out;
		}
	} while (rc == SQLITE_OK);
	sqlite3_backup_finish(backup);
	backup = NULL;
	if (rc == SQLITE_DONE)
		result = 0;
	else if ((rc & 0xFF) == SQLITE_CORRUPT || (rc & 0xFF) == SQLITE_NOTADB)
		error_set(err, ERR_STORE, "the store %s is damaged: `assay doctor` says where", snap->source.path);
	else
		error_set(err, ERR_STORE, "cannot copy the store %s to %s: %s", snap->source.path, to,
		          (rc & 0xFF) == SQLITE_FULL ? "the disk is full" : sqlite3_errstr(rc));
out:
	sqlite3_backup_finish(backup);
	sqlite3_close_v2(target);
	return result;
}

/* ---- looking at a file that nobody else has ---- */

struct sqlite_watch {
	store_progress_fn *progress;
	void *user;
	const char *what;
};

static int on_steps(void *user)
{
	const struct sqlite_watch *w = user;

	return w->progress && w->progress(w->user, w->what, 0, 0);
}

int64_t care_number(sqlite3 *db, const char *sql, int64_t otherwise)
{
	sqlite3_stmt *stmt = NULL;
	int64_t value = otherwise;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
		value = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return value;
}

void care_about(sqlite3 *db, const char *key, char *out, size_t size)
{
	sqlite3_stmt *stmt = NULL;

	out[0] = '\0';
	if (sqlite3_prepare_v2(db, "SELECT value FROM about WHERE key = ?", -1, &stmt, NULL) == SQLITE_OK) {
		bind_text(stmt, 1, key);
		if (sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_text(stmt, 0))
			snprintf(out, size, "%s", (const char *)sqlite3_column_text(stmt, 0));
	}
	sqlite3_finalize(stmt);
}

char *care_uri(const char *file, const char *query)
{
	struct str uri;

	str_init(&uri);
	str_adds(&uri, "file:");
	for (const char *c = file; *c; c++)
		str_addf(&uri, strchr("%?#", *c) ? "%%%02X" : "%c", (unsigned char)*c);
	str_adds(&uri, query);
	return str_take(&uri);
}

int care_integrity(sqlite3 *db, bool quick, int most, store_progress_fn *progress, void *user,
                   struct str *found, int *count, struct error *err)
{
	struct sqlite_watch watch = {progress, user, "database"};
	sqlite3_stmt *stmt = NULL;
	char *sql = xasprintf("PRAGMA %s(%d)", quick ? "quick_check" : "integrity_check", most);
	int rc;

	*count = 0;
	sqlite3_progress_handler(db, STEPS, on_steps, &watch);
	rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
	free(sql);
	while (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(stmt, 0);

		rc = SQLITE_OK;
		if (!text || !strcmp(text, "ok"))
			continue;
		for (const char *line = text; *line;) {
			size_t len = strcspn(line, "\n");

			if (strncmp(line, "*** in database", 15)) {
				str_addf(found, "%s%.*s", *count ? "; " : "", (int)len, line);
				++*count;
			}
			line += len + (line[len] == '\n');
		}
	}
	sqlite3_finalize(stmt);
	sqlite3_progress_handler(db, 0, NULL, NULL);
	if ((rc & 0xFF) == SQLITE_INTERRUPT)
		return error_set(err, ERR_NO, "stopped");
	if (rc != SQLITE_DONE) {
		str_addf(found, "%s%s", *count ? "; " : "", sqlite3_errstr(rc));
		++*count;
	}
	return 0;
}

int store_copy_check(const char *file, store_progress_fn *progress, void *user, struct store_copy *out,
                     struct error *err)
{
	struct store s = {.path = (char *)(uintptr_t)file, .mode = STORE_READ, .lock_fd = -1};
	char *uri = care_uri(file, "?immutable=1"), program[64];
	struct str found;
	int problems, result = -1;

	*out = (struct store_copy){.schema = 0};
	str_init(&found);
	if (store_connect(&s, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err))
		goto out;
	if (care_number(s.db, "PRAGMA application_id", 0) != STORE_APPLICATION) {
		error_set(err, ERR_STORE, "%s is not a store of Assay, or it is damaged", file);
		goto out;
	}
	out->schema = (int)care_number(s.db, "PRAGMA user_version", 0);
	if (out->schema > STORE_SCHEMA_VERSION) {
		care_about(s.db, "program", program, sizeof(program));
		error_set(err, ERR_STORE,
		          "%s has schema %d, this Assay %s knows schema %d: Assay %s or newer is needed", file,
		          out->schema, ASSAY_VERSION, STORE_SCHEMA_VERSION, program[0] ? program : "of its making");
		goto out;
	}
	if (care_integrity(s.db, false, 3, progress, user, &found, &problems, err))
		goto out;
	if (problems) {
		error_set(err, ERR_STORE, "%s is damaged: %.600s", file, found.data);
		goto out;
	}
	care_about(s.db, "store", out->id, sizeof(out->id));
	out->runs = care_number(s.db, "SELECT count(*) FROM run", 0);
	result = id_is_valid(out->id) ? 0 : error_set(err, ERR_STORE, "%s does not say its store's id", file);
out:
	sqlite3_close_v2(s.db);
	free(uri);
	str_release(&found);
	return result;
}
