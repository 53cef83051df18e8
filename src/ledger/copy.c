/* Copies of the ledger: of one moment for a backup, and of what is whole in a damaged one. */
#include <stdlib.h>
#include <unistd.h>

#include "internal.h"

int ledger_copy(const char *folder, const char *to, struct error *err)
{
	struct ledger *l = NULL;
	sqlite3 *target = NULL;
	sqlite3_backup *backup = NULL;
	int rc, result = -1;

	if (ledger_open(&l, folder, false, err))
		return -1;
	rc = sqlite3_open_v2(to, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc == SQLITE_OK)
		backup = sqlite3_backup_init(target, "main", l->db, "main");
	if (backup) {
		/* All at once: a writer waits for it, so it never begins anew. */
		rc = sqlite3_backup_step(backup, -1);
		sqlite3_backup_finish(backup);
	}
	if (backup && rc == SQLITE_DONE)
		result = 0;
	else
		error_set(err, ERR_STORE, "the ledger %s cannot be copied to %s: %s", l->path, to,
		          target ? sqlite3_errmsg(target) : "no memory");
	sqlite3_close(target);
	ledger_close(l);
	return result;
}

/* How many of the rows, from the first on, are linked as they say; what is wrong with the next in `why`. */
static size_t whole_rows(const struct ledger_row *rows, size_t count, struct error *why)
{
	char prev[SHA256_TEXT], link[SHA256_TEXT];

	memcpy(prev, LINK_ZERO, sizeof(prev));
	for (size_t i = 0; i < count; i++) {
		const struct ledger_row *r = &rows[i];

		if (r->seq != (int64_t)i + 1) {
			error_set(why, ERR_TAMPER, "row %zu is not there", i + 1);
			return i;
		}
		ledger_link(r->seq, prev, r->at, r->body, r->body_len, r->sig, r->sig_len, link);
		if (strcmp(link, r->link)) {
			error_set(why, ERR_TAMPER, "row %zu is not linked as it says", i + 1);
			return i;
		}
		memcpy(prev, link, sizeof(prev));
	}
	return count;
}

int ledger_chain(const char *folder, struct ledger_chain *out, struct error *err)
{
	struct arena *mem = arena_new();
	struct ledger *l = NULL;
	struct ledger_row *rows;
	struct error why;
	size_t count, whole;
	int result = -1;

	*out = (struct ledger_chain){.rows = 0};
	if (ledger_open(&l, folder, false, err))
		goto out;
	memcpy(out->store, l->store, ID_TEXT);
	if (ledger_rows(l, 1, 0, mem, &rows, &count, err))
		goto out;
	whole = whole_rows(rows, count, &why);
	out->rows = (int64_t)whole;
	if (whole) {
		memcpy(out->head, rows[whole - 1].link, SHA256_TEXT);
		out->at = rows[whole - 1].at_ms;
	}
	result = whole == count ? 0 : error_set(err, ERR_TAMPER, "the ledger %s: %s", l->path, why.text);
out:
	ledger_close(l);
	arena_free(mem);
	return result;
}

/* ---- salvage ---- */

/* Whoever the rows belong to, as far as they can be read; a damaged file is only ever read. */
static void read_damaged(const char *file, struct arena *mem, struct ledger_row **rows, size_t *count,
                         struct error *why)
{
	struct ledger l = {.path = (char *)(uintptr_t)file};

	*count = 0;
	error_set(why, ERR_TAMPER, "it cannot be read");
	if (sqlite3_open_v2(file, &l.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
	                    NULL) == SQLITE_OK) {
		sqlite3_db_config(l.db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
		sqlite3_db_config(l.db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
		sqlite3_db_config(l.db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
		sqlite3_limit(l.db, SQLITE_LIMIT_LENGTH, MAX_ROW);
		sqlite3_exec(l.db, "PRAGMA writable_schema = ON; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0",
		             NULL, NULL, NULL);
		if (ledger_rows(&l, 1, 0, mem, rows, count, why) == 0)
			why->text[0] = '\0';
	}
	sqlite3_close(l.db);
}

static int write_rows(const char *file, const struct ledger_row *rows, size_t count, struct error *err)
{
	struct ledger l = {.path = (char *)(uintptr_t)file};
	sqlite3_stmt *stmt = NULL;
	char *sql = xasprintf(
	    "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = FULL; BEGIN; %s; PRAGMA application_id = %d; "
	    "PRAGMA user_version = %d;",
	    LEDGER_SCHEMA, LEDGER_APPLICATION, LEDGER_FORMAT);
	int result = -1;

	if (sqlite3_open_v2(file, &l.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
	                    NULL) != SQLITE_OK ||
	    sqlite3_exec(l.db, sql, NULL, NULL, NULL) != SQLITE_OK) {
		ledger_fail(&l, err);
		goto out;
	}
	stmt = ledger_prepare(&l, "INSERT INTO ledger VALUES (?, ?, ?, ?, ?)", err);
	for (size_t i = 0; stmt && i < count; i++) {
		const struct ledger_row *r = &rows[i];

		sqlite3_bind_int64(stmt, 1, r->seq);
		sqlite3_bind_text(stmt, 2, r->at, -1, SQLITE_STATIC);
		sqlite3_bind_blob64(stmt, 3, r->body, r->body_len, SQLITE_STATIC);
		sqlite3_bind_blob64(stmt, 4, r->sig, r->sig_len, SQLITE_STATIC);
		sqlite3_bind_text(stmt, 5, r->link, -1, SQLITE_STATIC);
		if (sqlite3_step(stmt) != SQLITE_DONE) {
			ledger_fail(&l, err);
			goto out;
		}
		sqlite3_reset(stmt);
	}
	if (stmt)
		result = sqlite3_exec(l.db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK ? 0 : ledger_fail(&l, err);
out:
	sqlite3_finalize(stmt);
	sqlite3_close(l.db);
	free(sql);
	return result;
}

int ledger_salvage(const char *file, const char *to, struct ledger_chain *out, char *problem, size_t size,
                   struct error *err)
{
	struct arena *mem = arena_new();
	struct ledger_row *rows = NULL;
	struct ledger_text t;
	struct error why, link;
	size_t count, whole;
	int result = 0;

	*out = (struct ledger_chain){.rows = 0};
	read_damaged(file, mem, &rows, &count, &why);
	whole = whole_rows(rows, count, &link);
	/* A row that was signed for is one that reads. */
	if (whole && !ledger_text_parse(rows[0].body, rows[0].body_len, mem, &t, NULL) &&
	    t.kind == LEDGER_GENESIS)
		memcpy(out->store, t.store, ID_TEXT);
	else
		whole = 0;
	snprintf(problem, size, "%s", whole < count ? link.text : why.text);
	out->rows = (int64_t)whole;
	if (whole) {
		memcpy(out->head, rows[whole - 1].link, SHA256_TEXT);
		out->at = rows[whole - 1].at_ms;
		result = write_rows(to, rows, whole, err);
	}
	arena_free(mem);
	return result;
}
