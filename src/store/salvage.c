/*
 * A new store from what is whole in a damaged one.
 *
 * The damaged database is copied first, and only the copy is opened: SQLite may write into what it opens (a log that
 * was left behind), and a header that says what no store says can be mended there. Everything that follows from
 * something else (indexes, counts of names, spans) is made anew.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

enum { PAGE = 4096 };

/* ---- the copy ---- */

int store_copy_pages(const char *from, const char *to, int64_t *unread, struct error *err)
{
	int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), out = -1, result = -1;
	char page[PAGE];
	struct stat st;

	if (in < 0 && errno == ENOENT)
		return 0;
	if (in < 0 || fstat(in, &st) || !S_ISREG(st.st_mode))
		error_errno(err, ERR_STORE, "cannot read %s", from);
	else if ((out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0)
		error_errno(err, ERR_STORE, "cannot write %s", to);
	else
		result = 0;
	for (off_t at = 0; !result && at < st.st_size; at += PAGE) {
		size_t want = st.st_size - at < PAGE ? (size_t)(st.st_size - at) : PAGE;
		ssize_t n = pread(in, page, want, at);

		if (n != (ssize_t)want) {
			memset(page, 0, sizeof(page));
			++*unread;
		}
		if (fd_write_all(out, page, want))
			result = error_errno(err, ERR_STORE, "cannot write %s", to);
	}
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return result;
}

/* What the first hundred bytes of every store say; the rest of them is counted anew by SQLite. 1: it is no database, as
 * err says. */
static int mend_header(const char *file, bool *mended, struct error *err)
{
	static const struct {
		size_t at, len;
		const char *bytes;
	} fixed[] = {{0, 16, "SQLite format 3"}, {16, 2, "\x10\x00"},         {20, 4, "\x00\x40\x20\x20"},
	             {44, 4, "\0\0\0\4"},        {52, 4, "\0\0\0\0"},         {56, 4, "\0\0\0\1"},
	             {64, 4, "\0\0\0\0"},        {68, 4, "\x41\x53\x53\x59"}, {100, 1, NULL}};
	unsigned char head[101], was[101];
	int fd = open(file, O_RDWR | O_CLOEXEC), result = 0;
	struct stat st;

	if (fd < 0 || pread(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head)) {
		if (fd >= 0)
			close(fd);
		error_set(err, ERR_STORE, "it is too short to be a database");
		return 1;
	}
	/* SQLite would take the rest of a page that was cut for zeros, and rows on it for rows. */
	if (fstat(fd, &st) || ftruncate(fd, st.st_size - st.st_size % PAGE))
		result = error_errno(err, ERR_STORE, "cannot write %s", file);
	memcpy(was, head, sizeof(head));
	for (size_t i = 0; i < COUNT_OF(fixed); i++)
		if (fixed[i].bytes)
			memcpy(head + fixed[i].at, fixed[i].bytes, fixed[i].len);
	/* Ways of reading and writing: with a log, as all stores. */
	if ((head[18] != 1 && head[18] != 2) || head[18] != head[19])
		head[18] = head[19] = 2;
	*mended = memcmp(head, was, sizeof(head)) != 0;
	if (!result && *mended && pwrite(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head))
		result = error_errno(err, ERR_STORE, "cannot write %s", file);
	close(fd);
	return result;
}

/* Nobody of ours writes while it is copied. */
static int hold_writers(const char *path)
{
	char *lock = path_join(path, "lock");
	int fd = store_side_lock() ? open(lock, O_RDONLY | O_CLOEXEC) : -1;

	free(lock);
	for (int tries = 0; fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK && tries < 1000;
	     tries++)
		usleep(10000);
	return fd;
}

/* 1: there is nothing to copy, as err says. What cannot be written is an error: it is no damage. */
static int copy_database(const char *path, const char *copy, struct error *err)
{
	char *from = path_join(path, "assay.db"), *from_log = xasprintf("%s-wal", from),
	     *log = xasprintf("%s-wal", copy);
	int lock = hold_writers(path);
	int64_t unread = 0;
	struct stat st;
	int result = 0;

	if (access(from, R_OK) || lstat(from, &st)) {
		error_errno(err, ERR_STORE, "cannot read %s", from);
		result = 1;
	} else if (!S_ISREG(st.st_mode)) {
		error_set(err, ERR_STORE, "%s is no regular file", from);
		result = 1;
	} else if (store_copy_pages(from, copy, &unread, err) || store_copy_pages(from_log, log, &unread, err)) {
		result = -1;
	}
	if (lock >= 0)
		close(lock);
	free(from);
	free(from_log);
	free(log);
	return result;
}

/* Reads as much of the schema as can be read; never runs anything that stands in the file. Alone, SQLite needs no file to
 * find its way in the log: whatever fails is the copy's. */
static sqlite3 *open_damaged(const char *copy)
{
	static const int off[] = {SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_TRIGGER,
	                          SQLITE_DBCONFIG_ENABLE_VIEW, SQLITE_DBCONFIG_DQS_DML};
	sqlite3 *db = NULL;

	if (sqlite3_open_v2(copy, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK) {
		for (size_t i = 0; i < COUNT_OF(off); i++)
			sqlite3_db_config(db, off[i], 0, NULL);
		sqlite3_exec(db,
		             "PRAGMA locking_mode = EXCLUSIVE; PRAGMA writable_schema = ON; PRAGMA cell_size_check = "
		             "ON; PRAGMA temp_store = MEMORY",
		             NULL, NULL, NULL);
	}
	return db;
}

/*
 * The pages that say where the tables are stand where the store's making put them, unless it was brought up to date from
 * an older schema or written anew: then those of the new store, which was made in the same way a moment ago, are those
 * of the damaged one. That it was made so shows in those of them that are whole.
 */
static bool mend_schema(struct salvage *v, const char *copy)
{
	sqlite3_int64 size = 0;
	unsigned char *fresh = sqlite3_serialize(v->to->db, "main", &size, 0), page[PAGE];
	sqlite3_stmt *stmt = NULL;
	struct list bad = {0};
	int fd = open(copy, O_RDWR | O_CLOEXEC), same = 0, mended = 0;

	if (fresh && fd >= 0 &&
	    sqlite3_prepare_v2(v->to->db, "SELECT pageno FROM dbstat WHERE name = 'sqlite_schema'", -1, &stmt,
	                       NULL) == SQLITE_OK)
		while (sqlite3_step(stmt) == SQLITE_ROW) {
			int64_t number = sqlite3_column_int64(stmt, 0);
			size_t skip = number == 1 ? 100 : 0; /* the header counts changes */

			if (number < 1 || number * PAGE > size)
				continue;
			/* One that was cut off is not there at all. */
			if (pread(fd, page, PAGE, (off_t)(number - 1) * PAGE) == PAGE &&
			    !memcmp(page + skip, fresh + (number - 1) * PAGE + skip, PAGE - skip))
				same++;
			else
				*(int64_t *)list_add(&bad, sizeof(int64_t)) = number;
		}
	for (size_t i = 0; (size_t)same >= bad.count && i < bad.count; i++) {
		off_t at = (off_t)(((const int64_t *)bad.items)[i] - 1) * PAGE, skip = at ? 0 : 100;

		mended += pwrite(fd, fresh + at + skip, (size_t)(PAGE - skip), at + skip) == PAGE - skip;
	}
	if (fd >= 0)
		close(fd);
	sqlite3_finalize(stmt);
	sqlite3_free(fresh);
	free(bad.items);
	return mended > 0;
}

/* ---- what follows from other rows ---- */

static int execute(struct store *s, const char *sql, struct error *err)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : store_fail(s, err);
}

/* Runs and experiments whose row is lost, for the sake of what is left of them. */
static int stand_in(struct salvage *v, struct error *err)
{
	static const char *const of_runs[] = {"series",   "param",      "tag",      "note",
	                                      "artifact", "evaluation", "run_input"};
	sqlite3_stmt *stmt = NULL;
	int result = 0, rc = SQLITE_DONE;

	if (execute(v->to,
	            "INSERT OR IGNORE INTO experiment (id, name, created) SELECT DISTINCT experiment, 'lost-' || "
	            "experiment, "
	            "0 FROM run WHERE experiment NOT IN (SELECT id FROM experiment)",
	            err))
		return -1;
	v->out->stand_ins += sqlite3_changes(v->to->db);
	for (size_t i = 0; !result && i < COUNT_OF(of_runs); i++) {
		char *sql = xasprintf("SELECT DISTINCT run FROM %s WHERE run NOT IN (SELECT id FROM run) AND run > 0",
		                      of_runs[i]);

		if (sqlite3_prepare_v2(v->to->db, sql, -1, &stmt, NULL) != SQLITE_OK)
			result = store_fail(v->to, err);
		free(sql);
		struct list ids = {0};

		while (!result && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
			*(int64_t *)list_add(&ids, sizeof(int64_t)) = sqlite3_column_int64(stmt, 0);
		sqlite3_finalize(stmt);
		stmt = NULL;
		for (size_t k = 0; !result && k < ids.count; k++) {
			char uuid[ID_TEXT], *insert;
			long long id = (long long)((const int64_t *)ids.items)[k];

			id_make(uuid);
			insert = xasprintf("INSERT OR IGNORE INTO experiment (name, created) VALUES ('lost', 0);"
			                   "INSERT INTO run (id, uuid, experiment, name, kind, status, reason, created, "
			                   "ended) SELECT %lld, '%s', id, "
			                   "'lost-%lld', 'command', %d, 'its row was damaged: what was found of it is "
			                   "here', 0, 0 FROM experiment WHERE "
			                   "name = 'lost'",
			                   id, uuid, id, RUN_LOST);
			result = execute(v->to, insert, err);
			free(insert);
			v->out->stand_ins += !result;
		}
		free(ids.items);
	}
	return result;
}

/* Rows that lead nowhere go, until none does. */
static int drop_loose_ends(struct salvage *v, struct error *err)
{
	static const char links[] =
	    "SELECT t.name, f.\"from\", f.\"table\", COALESCE(f.\"to\", 'id') FROM sqlite_schema t, "
	    "pragma_foreign_key_list(t.name) f WHERE t.type = 'table'";
	struct str all;
	sqlite3_stmt *stmt = NULL;
	int64_t before, result = 0;

	str_init(&all);
	if (sqlite3_prepare_v2(v->to->db, links, -1, &stmt, NULL) != SQLITE_OK)
		result = store_fail(v->to, err);
	while (!result && sqlite3_step(stmt) == SQLITE_ROW)
		str_addf(&all,
		         "DELETE FROM \"%s\" WHERE \"%s\" IS NOT NULL AND \"%s\" NOT IN (SELECT \"%s\" FROM \"%s\");",
		         (const char *)sqlite3_column_text(stmt, 0), (const char *)sqlite3_column_text(stmt, 1),
		         (const char *)sqlite3_column_text(stmt, 1), (const char *)sqlite3_column_text(stmt, 3),
		         (const char *)sqlite3_column_text(stmt, 2));
	sqlite3_finalize(stmt);
	do {
		before = sqlite3_total_changes64(v->to->db);
		if (!result)
			result = execute(v->to, all.data, err);
	} while (!result && sqlite3_total_changes64(v->to->db) > before);
	str_release(&all);
	return (int)result;
}

/* Ids that were given are never given again. A number from a damaged page would leave no room. */
static int keep_sequences(struct salvage *v, struct error *err)
{
	struct str sql;
	sqlite3_stmt *stmt = NULL;
	int result;

	str_init(&sql);
	if (sqlite3_prepare_v2(v->from, "SELECT name, seq FROM sqlite_sequence", -1, &stmt, NULL) == SQLITE_OK)
		while (sqlite3_step(stmt) == SQLITE_ROW) {
			const char *name = (const char *)sqlite3_column_text(stmt, 0);
			int64_t seq = sqlite3_column_int64(stmt, 1);

			if (!name || seq < 1 || seq >= INT64_C(1) << 40 ||
			    strspn(name, "abcdefghijklmnopqrstuvwxyz_") != strlen(name))
				continue;
			str_addf(&sql,
			         "INSERT INTO sqlite_sequence SELECT name, 0 FROM sqlite_schema WHERE name = '%s' AND "
			         "sql LIKE "
			         "'%%AUTOINCREMENT%%' AND name NOT IN (SELECT name FROM sqlite_sequence);"
			         "UPDATE sqlite_sequence SET seq = max(seq, %lld) WHERE name = '%s';",
			         name, (long long)seq, name);
		}
	sqlite3_finalize(stmt);
	result = execute(v->to, sql.data, err);
	str_release(&sql);
	return result;
}

/* ---- all of it ---- */

static int set_about(struct salvage *v, const char *id, const char *fresh, struct error *err)
{
	char found[ID_TEXT + 1], *sql;
	int result;

	care_about(v->from, "store", found, sizeof(found));
	v->out->id_found = id_is_valid(found) && (!id || !strcmp(found, id));
	sql = xasprintf("UPDATE about SET value = '%s' WHERE key = 'program'; INSERT OR REPLACE INTO about "
	                "VALUES ('store', '%s')",
	                ASSAY_VERSION,
	                v->out->id_found ? found
	                : id             ? id
	                                 : fresh);
	result = execute(v->to, sql, err);
	free(sql);
	return result;
}

static int save_tables(struct salvage *v, struct error *err)
{
	struct list names = {0};
	sqlite3_stmt *stmt = NULL;
	int result = 0;

	/* name counts what the triggers see, spans and chunks come with their series. */
	if (sqlite3_prepare_v2(
	        v->to->db,
	        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
	        "AND name NOT IN ('name', 'span', 'chunk') ORDER BY rowid",
	        -1, &stmt, NULL) != SQLITE_OK)
		return store_fail(v->to, err);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		*(const char **)list_add(&names, sizeof(char *)) = column_text(v->mem, stmt, 0);
	sqlite3_finalize(stmt);
	v->out->tables = arena_array(v->mem, names.count, sizeof(*v->out->tables));
	for (size_t i = 0; !result && i < names.count; i++)
		result = salvage_table(v, ((const char *const *)names.items)[i],
		                       &v->out->tables[v->out->table_count++], err);
	free(names.items);
	return result;
}

/* What is counted at the end is what is there. */
static void count_rows(struct salvage *v)
{
	for (size_t i = 0; i < v->out->table_count; i++) {
		struct store_saved_table *t = &v->out->tables[i];
		char *sql = xasprintf("SELECT count(*) FROM \"%s\"", t->name);
		int64_t rows = care_number(v->to->db, sql, 0);

		if (rows < t->rows)
			t->refused += t->rows - rows;
		t->rows = rows;
		free(sql);
	}
	v->out->runs = care_number(v->to->db, "SELECT count(*) FROM run", 0);
}

static int save_all(struct salvage *v, const char *id, struct error *err)
{
	char fresh[ID_TEXT];
	int result;

	memcpy(fresh, v->to->id, ID_TEXT);
	if (execute(v->to, "PRAGMA foreign_keys = OFF", err) || store_begin(v->to, STORE_NORMAL, err))
		return -1;
	result = save_tables(v, err);
	if (!result)
		result = set_about(v, id, fresh, err);
	if (!result)
		result = stand_in(v, err);
	if (!result)
		result = salvage_series(v, err);
	if (!result)
		result = drop_loose_ends(v, err);
	if (!result)
		result = keep_sequences(v, err);
	if (!result)
		count_rows(v);
	return store_end(v->to, result == 0, result ? NULL : err) || result ? -1 : 0;
}

static int check_result(struct salvage *v, struct error *err)
{
	struct str found;
	int problems, result;

	str_init(&found);
	result = care_integrity(v->to->db, false, 3, v->progress, v->user, &found, &problems, err);
	if (!result && problems)
		result = error_set(err, ERR_STORE, "the new store %s is not whole: %.500s", v->to->path, found.data);
	str_release(&found);
	return result;
}

int store_salvage(const char *path, const char *to, const char *id, bool ledger, store_progress_fn *progress,
                  void *user, struct arena *mem, struct store_salvage *out, struct error *err)
{
	struct salvage v = {.mem = mem, .out = out, .progress = progress, .user = user};
	char *copy = NULL, *log = NULL, *index = NULL;
	struct error why;
	int result = -1;

	*out = (struct store_salvage){.problem = NULL};
	if (store_init(to, err) || store_open(&v.to, to, STORE_WRITE, err))
		return -1;
	copy = path_join(to, "damaged.db");
	log = xasprintf("%s-wal", copy);
	index = xasprintf("%s-shm", copy);
	result = copy_database(path, copy, &why);
	if (!result)
		result = mend_header(copy, &out->mended, &why);
	if (result < 0) {
		if (err)
			*err = why;
		goto out;
	}
	if (result > 0)
		out->problem = arena_strdup(mem, why.text);
	result = -1;
	if (!out->problem) {
		v.from = open_damaged(copy);
		v.schema = (int)care_number(v.from, "PRAGMA user_version", 0);
		if (v.schema > STORE_SCHEMA_VERSION && v.schema < 1000) {
			error_set(err, ERR_STORE,
			          "the store %s has schema %d, this Assay %s knows schema %d: use a newer one", path,
			          v.schema, ASSAY_VERSION, STORE_SCHEMA_VERSION);
			goto out;
		}
		if (care_number(v.from, "SELECT count(*) FROM sqlite_schema", 0) < 1) {
			sqlite3_close_v2(v.from);
			v.from = NULL;
			out->schema_mended = mend_schema(&v, copy);
			v.from = open_damaged(copy);
		}
		if (care_number(v.from, "SELECT count(*) FROM sqlite_schema", 0) < 1)
			out->problem =
			    arena_printf(mem, "the table of its tables cannot be read (%s)", sqlite3_errmsg(v.from));
	}
	if (v.schema < 1 || v.schema > STORE_SCHEMA_VERSION)
		v.schema = STORE_SCHEMA_VERSION;
	result = save_all(&v, id, err);
	if (!result && !ledger)
		result = execute(v.to, "DELETE FROM about WHERE key = 'ledger'", err);
	if (!result)
		result = check_result(&v, err);
out:
	sqlite3_close_v2(v.from);
	unlink(copy);
	unlink(log);
	unlink(index);
	store_close(v.to);
	free(copy);
	free(log);
	free(index);
	return result;
}
