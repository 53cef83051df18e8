/* Making and opening ledger.db. The file is taken for hostile until its schema has been compared. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

const char LEDGER_SCHEMA[] =
    "CREATE TABLE ledger(seq INTEGER PRIMARY KEY, at TEXT, body BLOB, sig BLOB, link TEXT) STRICT";

static int no_room(const struct ledger *l, const char *what, struct error *err)
{
	return error_set(
	    err, ERR_STORE,
	    "the ledger %s cannot be written: %s; nothing was changed. Make room on the disk (`df -h %s` says "
	    "how much there is), then do it again",
	    l->path, what, l->path);
}

int ledger_fail(const struct ledger *l, struct error *err)
{
	int code = sqlite3_errcode(l->db) & 0xFF;
	const char *text = sqlite3_errmsg(l->db);
	char reason[128];

	switch (code) {
	case SQLITE_FULL:
		return no_room(l, "the disk is full", err);
	case SQLITE_IOERR:
		if (sqlite3_system_errno(l->db) == EDQUOT)
			return no_room(l, "your quota is used up", err);
		return error_set(err, ERR_STORE, "the ledger %s: the file system refused (%s: %s)", l->path, text,
		                 strerror_r(sqlite3_system_errno(l->db), reason, sizeof(reason)));
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return error_set(err, ERR_STORE,
		                 "the ledger %s is held by another program that does not let go of it: try again",
		                 l->path);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_TOOBIG:
		return error_set(
		    err, ERR_TAMPER,
		    "the ledger %s is damaged or was changed by another program (%s): restore it from a backup "
		    "and verify that",
		    l->path, text);
	case SQLITE_READONLY:
		return error_set(err, ERR_STORE, "the ledger %s cannot be written (%s)", l->path, text);
	default:
		return error_set(err, ERR_STORE, "the ledger %s: %s", l->path, text);
	}
}

sqlite3_stmt *ledger_prepare(struct ledger *l, const char *sql, struct error *err)
{
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(l->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		ledger_fail(l, err);
	return stmt;
}

/* Ten seconds in all; not all writers at the same beat. */
static int on_busy(void *user, int tries)
{
	int pause = tries < 10 ? 1 + tries : 5 + (int)(((uintptr_t)user / 64 + (unsigned)tries * 7919u) % 16);

	if (tries > 800)
		return 0;
	sqlite3_sleep(pause);
	return 1;
}

/* Nothing that stands in the file may run, grow or be followed. */
static int defend(struct ledger *l, struct error *err)
{
	static const struct {
		int what, value;
	} limits[] = {{SQLITE_LIMIT_LENGTH, MAX_ROW},
	              {SQLITE_LIMIT_SQL_LENGTH, 10000},
	              {SQLITE_LIMIT_COLUMN, 16},
	              {SQLITE_LIMIT_EXPR_DEPTH, 20},
	              {SQLITE_LIMIT_COMPOUND_SELECT, 2},
	              {SQLITE_LIMIT_VDBE_OP, 10000},
	              {SQLITE_LIMIT_FUNCTION_ARG, 8},
	              {SQLITE_LIMIT_ATTACHED, 0},
	              {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50},
	              {SQLITE_LIMIT_VARIABLE_NUMBER, 10},
	              {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
	              {SQLITE_LIMIT_WORKER_THREADS, 0}};
	static const struct {
		int what, value;
	} settings[] = {{SQLITE_DBCONFIG_DEFENSIVE, 1},       {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
	                {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},  {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
	                {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0}, {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
	                {SQLITE_DBCONFIG_DQS_DML, 0},         {SQLITE_DBCONFIG_DQS_DDL, 0}};

	for (size_t i = 0; i < COUNT_OF(limits); i++)
		sqlite3_limit(l->db, limits[i].what, limits[i].value);
	for (size_t i = 0; i < COUNT_OF(settings); i++)
		sqlite3_db_config(l->db, settings[i].what, settings[i].value, NULL);
	sqlite3_busy_handler(l->db, on_busy, l);
	if (sqlite3_exec(l->db, "PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;",
	                 NULL, NULL, NULL) != SQLITE_OK)
		return ledger_fail(l, err);
	return 0;
}

static int connect_to(struct ledger *l, int flags, struct error *err)
{
	if (sqlite3_open_v2(l->path, &l->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL) !=
	    SQLITE_OK)
		return l->db ? ledger_fail(l, err) : error_set(err, ERR_STORE, "cannot open %s", l->path);
	return defend(l, err);
}

/* ---- making ---- */

static int genesis(const char *store_id, const char *roster, const char *policy, struct str *body,
                   struct error *err)
{
	struct ledger_evidence first = {.kind = "policy"};
	struct ledger_text t = {.kind = LEDGER_GENESIS,
	                        .program = ASSAY_VERSION,
	                        .evidence = &first,
	                        .evidence_count = 1,
	                        .claimed_time = time_now_ms()};

	if (strlen(store_id) != ID_TEXT - 1 || (*roster && !digest_is_valid(roster, strlen(roster))) ||
	    !digest_is_valid(policy, strlen(policy)))
		return error_set(err, ERR_USAGE,
		                 "a ledger begins with a store's id and the digests of roster and policy");
	memcpy(t.store, store_id, ID_TEXT);
	memcpy(t.subject, roster, strlen(roster) + 1);
	memcpy(first.digest, policy, SHA256_TEXT);
	id_make(t.request);
	return ledger_text_write(&t, body, err);
}

/* Under a name of its own until it is whole, so no journal is needed. */
static int fill(struct ledger *l, const struct str *body, struct error *err)
{
	char *sql = xasprintf("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = FULL; BEGIN; %s; "
	                      "PRAGMA application_id = %d; PRAGMA user_version = %d;",
	                      LEDGER_SCHEMA, LEDGER_APPLICATION, LEDGER_FORMAT),
	     at[TIME_TEXT], link[SHA256_TEXT];
	sqlite3_stmt *stmt = NULL;
	int result = -1;

	time_rfc3339(time_now_ms(), at);
	ledger_link(1, LINK_ZERO, at, body->data, body->len, "", 0, link);
	if (sqlite3_exec(l->db, sql, NULL, NULL, NULL) != SQLITE_OK) {
		ledger_fail(l, err);
		goto out;
	}
	stmt = ledger_prepare(l, "INSERT INTO ledger VALUES (1, ?, ?, x'', ?)", err);
	if (!stmt)
		goto out;
	sqlite3_bind_text(stmt, 1, at, -1, SQLITE_STATIC);
	sqlite3_bind_blob64(stmt, 2, body->data, body->len, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 3, link, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) != SQLITE_DONE) {
		ledger_fail(l, err);
		goto out;
	}
	sqlite3_finalize(stmt);
	stmt = NULL;
	result = sqlite3_exec(l->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK ? 0 : ledger_fail(l, err);
out:
	sqlite3_finalize(stmt);
	free(sql);
	return result;
}

/* A name beside the place that nobody else uses. */
static char *temporary_name(const char *folder)
{
	char id[ID_TEXT];

	id_make(id);
	return xasprintf("%s/.ledger-new-%s", folder, id + 12);
}

int ledger_create(const char *folder, const char *store_id, const char *roster, const char *policy,
                  struct error *err)
{
	struct ledger l = {.write = true};
	char *real = path_absolute(folder), *place = path_join(real, "ledger.db");
	struct str body;
	int result = -1, fd;

	str_init(&body);
	l.path = temporary_name(real);
	if (genesis(store_id, roster ? roster : "", policy ? policy : "", &body, err))
		goto out;
	/* SQLite would give it a mode of its own. */
	fd = open(l.path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0) {
		error_errno(err, ERR_STORE, "cannot write in %s", real);
		goto out;
	}
	close(fd);
	if (connect_to(&l, SQLITE_OPEN_READWRITE, err) || fill(&l, &body, err))
		goto clean;
	sqlite3_close(l.db);
	l.db = NULL;
	/* A link is refused when the name is taken, so of two makers one wins. */
	if (link(l.path, place)) {
		if (errno == EEXIST)
			error_set(err, ERR_NO, "there is a ledger at %s already", place);
		else
			error_errno(err, ERR_STORE, "cannot make the ledger %s", place);
		goto clean;
	}
	result = 0;
clean:
	sqlite3_close(l.db);
	unlink(l.path);
	if (!result && dir_sync(real, err)) {
		if (err)
			err->code = ERR_STORE;
		result = -1;
	}
out:
	str_release(&body);
	free(l.path);
	free(place);
	free(real);
	return result;
}

/* ---- opening ---- */

int ledger_check_schema(struct ledger *l, struct error *err)
{
	sqlite3_stmt *stmt = ledger_prepare(l, "SELECT type, name, sql FROM sqlite_schema", err);
	int rows = 0, rc, result = 0;

	if (!stmt)
		return -1;
	while (!result && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		const char *type = (const char *)sqlite3_column_text(stmt, 0),
		           *name = (const char *)sqlite3_column_text(stmt, 1),
		           *sql = (const char *)sqlite3_column_text(stmt, 2);

		if (++rows > 1 || !type || !name || !sql || strcmp(type, "table") != 0 ||
		    strcmp(name, "ledger") != 0 || strcmp(sql, LEDGER_SCHEMA) != 0)
			result = error_set(
			    err, ERR_TAMPER,
			    "the ledger %s holds something besides its one table, or another table: %s %s (%.200s)",
			    l->path, type ? type : "?", name ? name : "?", sql ? sql : "no text");
	}
	if (!result && rc != SQLITE_DONE)
		result = ledger_fail(l, err);
	sqlite3_finalize(stmt);
	if (!result && !rows)
		result = error_set(err, ERR_TAMPER, "%s holds no ledger: its table is not there", l->path);
	return result;
}

static int pragma(struct ledger *l, const char *sql, char out[NUM_TEXT], struct error *err)
{
	sqlite3_stmt *stmt = ledger_prepare(l, sql, err);
	int rc;

	if (!stmt)
		return -1;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		snprintf(out, NUM_TEXT, "%s", (const char *)sqlite3_column_text(stmt, 0));
	else
		ledger_fail(l, err);
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW ? 0 : -1;
}

static int check_is_ours(struct ledger *l, struct error *err)
{
	char application[NUM_TEXT], format[NUM_TEXT], mode[NUM_TEXT], ours[NUM_TEXT];
	int64_t version;

	if (pragma(l, "PRAGMA application_id", application, err) ||
	    pragma(l, "PRAGMA user_version", format, err) || pragma(l, "PRAGMA journal_mode", mode, err))
		return -1;
	snprintf(ours, sizeof(ours), "%d", LEDGER_APPLICATION);
	if (strcmp(application, ours) != 0)
		return error_set(err, ERR_TAMPER, "%s is not a ledger of Assay (application id %s)", l->path,
		                 application);
	if (!int_parse(format, strlen(format), &version) || version != LEDGER_FORMAT)
		return error_set(err, ERR_STORE, "the ledger %s has format %s, this Assay %s knows format %d",
		                 l->path, format, ASSAY_VERSION, LEDGER_FORMAT);
	if (!strcmp(mode, "wal"))
		return error_set(err, ERR_TAMPER,
		                 "the ledger %s was put into a mode (write-ahead log) that it never uses", l->path);
	return 0;
}

/* Whose store it is, by the genesis row; "" when there is none or it is no such text: verification tells. */
static int read_store(struct ledger *l, struct error *err)
{
	struct arena *mem = arena_new();
	struct ledger_row *rows;
	struct ledger_text t;
	size_t count;
	struct error why;
	int result = ledger_rows(l, 1, 1, mem, &rows, &count, &why);

	/* What is damaged is verification's to say; what could not be read just now is not damaged. */
	if (result && why.code == ERR_TAMPER)
		result = 0;
	else if (result)
		error_set(err, why.code, "%s", why.text);
	else if (count == 1 && !ledger_text_parse(rows[0].body, rows[0].body_len, mem, &t, NULL) &&
	         t.kind == LEDGER_GENESIS)
		memcpy(l->store, t.store, ID_TEXT);
	arena_free(mem);
	return result;
}

static int refuse_network(const char *folder, struct error *err)
{
	const char *kind;

	if (!path_is_network(folder, &kind))
		return 0;
	return error_set(
	    err, ERR_STORE,
	    "%s lies on a network file system (%s), where SQLite's locks cannot be relied on: decisions are "
	    "written on a local disk only",
	    folder, kind);
}

int ledger_open(struct ledger **out, const char *folder, bool write, struct error *err)
{
	struct ledger *l = xcalloc(1, sizeof(*l));
	char *real = path_absolute(folder);
	struct stat st;

	*out = NULL;
	l->path = path_join(real, "ledger.db");
	l->write = write;
	intern_init(&l->requests);
	if (lstat(l->path, &st)) {
		if (errno == ENOENT || errno == ENOTDIR)
			error_set(err, ERR_STORE, "there is no ledger at %s", l->path);
		else
			error_errno(err, ERR_STORE, "cannot open %s", l->path);
		goto fail;
	}
	/* The file is never opened beside SQLite: closing it would drop the locks of this whole process. */
	if (!S_ISREG(st.st_mode)) {
		error_set(err, ERR_TAMPER, "%s is no regular file: a ledger is never a link, a pipe or a device",
		          l->path);
		goto fail;
	}
	if (write && refuse_network(real, err))
		goto fail;
	if (write && access(l->path, W_OK)) {
		error_errno(err, ERR_STORE, "the ledger %s cannot be written", l->path);
		goto fail;
	}
	/* Also who only reads may have to roll back what a killed writer left: SQLite falls back to reading where
	 * it may not write. */
	if (connect_to(l, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, err) || ledger_check_schema(l, err) ||
	    check_is_ours(l, err))
		goto fail;
	if (sqlite3_exec(l->db,
	                 write ? "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL;"
	                       : "PRAGMA query_only = ON;",
	                 NULL, NULL, NULL) != SQLITE_OK) {
		ledger_fail(l, err);
		goto fail;
	}
	if (read_store(l, err))
		goto fail;
	free(real);
	*out = l;
	return 0;
fail:
	free(real);
	ledger_close(l);
	return -1;
}

void ledger_close(struct ledger *l)
{
	if (!l)
		return;
	sqlite3_close(l->db);
	intern_release(&l->requests);
	free(l->request_rows);
	free(l->path);
	free(l);
}
