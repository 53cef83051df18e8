/*
 * What is well with a store and what is not. Every part is looked at by itself, because any of the others may be
 * damaged; store_open is not asked, which refuses what is looked at here.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "check.h"

enum { LOG_LONG = 64 << 20, RESERVE = 64 << 20, AHEAD_MS = 60000, MESSAGES = 20 };

/* ---- reports ---- */

const char *care_level_name(enum care_level level)
{
	static const char *const names[CARE_LEVELS] = {"ok", "note", "warning", "damage", "tampered"};

	return names[level];
}

void care_report_init(struct care_report *r)
{
	*r = (struct care_report){.mem = arena_new()};
}

void care_report_release(struct care_report *r)
{
	arena_free(r->mem);
	free(r->lines);
	*r = (struct care_report){.mem = NULL};
}

void care_add(struct care_report *r, const char *check, enum care_level level, const char *advice,
              const char *format, ...)
{
	struct str text;
	va_list args;

	str_init(&text);
	va_start(args, format);
	str_addvf(&text, format, args);
	va_end(args);
	r->lines = vec_reserve(r->lines, &r->cap, r->count + 1, sizeof(*r->lines));
	r->lines[r->count++] = (struct care_line){.check = check,
	                                          .level = level,
	                                          .text = arena_memdup0(r->mem, text.data, text.len),
	                                          .advice = arena_strdup(r->mem, advice)};
	str_release(&text);
}

enum care_level care_worst(const struct care_report *r)
{
	enum care_level worst = CARE_OK;

	for (size_t i = 0; i < r->count; i++)
		worst = r->lines[i].level > worst ? r->lines[i].level : worst;
	return worst;
}

struct checker {
	const char *path;
	char *file;
	struct store s; /* its db is NULL if the file cannot be opened */
	const struct store_check *how;
	struct care_report *out;
	bool whole; /* the database is */
};

static const char RESTORE[] =
    "`assay doctor --save DIR` makes a new store of what is whole; or `assay restore` a backup";

/* ---- where it lies ---- */

static uint64_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static uint64_t log_size(const struct checker *c)
{
	char *log = xasprintf("%s-wal", c->file);
	uint64_t size = size_of(log);

	free(log);
	return size;
}

static void check_place(struct checker *c)
{
	static const char *const parts[] = {"", "assay.db", "objects", "live", "lock"};
	char bytes[NUM_TEXT], need[NUM_TEXT];
	const char *kind;
	struct statvfs fs;
	bool fine = true;

	if (path_is_network(c->path, &kind))
		care_add(c->out, "place", CARE_WARNING,
		         "move the store to a local disk: it cannot be written here, and locks cannot be relied on",
		         "%s lies on a network file system (%s)", c->path, kind);
	else
		care_add(c->out, "place", CARE_OK, "", "%s, on a local file system", c->path);
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		char *part = parts[i][0] ? path_join(c->path, parts[i]) : xstrdup(c->path);

		if (access(part, F_OK) && errno == ENOENT) {
			if (strcmp(parts[i], "assay.db") && strcmp(parts[i], "lock")) {
				care_add(c->out, "permissions", CARE_WARNING, "make the folder", "%s is not there", part);
				fine = false;
			}
		} else if (access(part, R_OK | W_OK)) {
			care_add(c->out, "permissions", errno == EROFS ? CARE_NOTE : CARE_WARNING,
			         "mend its owner or mode, unless it is meant to be read only", "%s cannot be written: %s",
			         part, strerror(errno));
			fine = false;
		}
		free(part);
	}
	if (fine)
		care_add(c->out, "permissions", CARE_OK, "", "the store can be written");
	if (statvfs(c->path, &fs) == 0) {
		uint64_t free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize, wanted = log_size(c) + RESERVE;

		if (free_bytes < wanted)
			care_add(c->out, "disk", CARE_WARNING,
			         "make room elsewhere on this disk: a full one cannot even forget runs",
			         "%s are free, %s are wanted (the log and a reserve)", bytes_people(free_bytes, bytes),
			         bytes_people(wanted, need));
		else if (fs.f_files && fs.f_favail < 1000)
			care_add(c->out, "disk", CARE_WARNING, "remove files elsewhere on this disk",
			         "only %llu more files can be made", (unsigned long long)fs.f_favail);
		else
			care_add(c->out, "disk", CARE_OK, "", "%s are free", bytes_people(free_bytes, bytes));
	}
}

/* ---- the database ---- */

static int connect(struct checker *c, struct error *err)
{
	char *uri;
	int failed;

	c->s = (struct store){.path = (char *)(uintptr_t)c->path,
	                      .mode = STORE_READ,
	                      .lock_fd = -1,
	                      .side_lock = store_side_lock()};
	uri = store_unchanging(&c->s, c->file);
	failed = store_connect(&c->s, uri ? uri : c->file, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err);
	free(uri);
	if (failed) {
		sqlite3_close_v2(c->s.db);
		c->s.db = NULL;
		return -1;
	}
	sqlite3_exec(c->s.db, "PRAGMA cell_size_check = ON", NULL, NULL, NULL);
	return 0;
}

static void check_regime(struct checker *c)
{
	sqlite3_stmt *stmt = NULL;
	const char *mode = NULL;

	if (c->s.db && sqlite3_prepare_v2(c->s.db, "PRAGMA journal_mode", -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		mode = (const char *)sqlite3_column_text(stmt, 0);
	if (mode && strcmp(mode, "wal"))
		care_add(c->out, "sqlite", CARE_WARNING,
		         "something else than Assay has changed it: PRAGMA journal_mode = WAL puts it back",
		         "assay.db keeps a journal of the kind \"%s\" in the place of a write-ahead log", mode);
	else if (store_side_lock())
		care_add(c->out, "sqlite", CARE_OK, "",
		         "SQLite %s: write-ahead log, every write and checkpoint under the lock beside it (plain "
		         "from 3.51.3 on)",
		         sqlite3_libversion());
	else
		care_add(c->out, "sqlite", CARE_OK, "", "SQLite %s: write-ahead log", sqlite3_libversion());
	sqlite3_finalize(stmt);
}

static int check_integrity(struct checker *c, struct error *err)
{
	struct str found;
	int count, result;
	char bytes[NUM_TEXT];

	str_init(&found);
	result =
	    care_integrity(c->s.db, c->how->quick, MESSAGES, c->how->progress, c->how->user, &found, &count, err);
	c->whole = !result && !count;
	if (!result && count)
		care_add(c->out, "database", CARE_DAMAGE, RESTORE, "assay.db is damaged: %.700s%s", found.data,
		         count >= MESSAGES || found.len > 700 ? " …" : "");
	else if (!result)
		care_add(c->out, "database", CARE_OK, "", "%s: %s", bytes_people(size_of(c->file), bytes),
		         c->how->quick ? "its pages hang together (indexes were not compared)"
		                       : "whole (integrity_check)");
	str_release(&found);
	return result;
}

/* What a fresh database of that schema holds, by name; what is missing or another one in this. */
static void compare_schema(struct checker *c, int schema, struct str *wrong, struct str *more)
{
	static const char all[] = "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name";
	sqlite3 *fresh = NULL;
	sqlite3_stmt *want = NULL, *have = NULL;
	int a, b;

	if (sqlite3_open(":memory:", &fresh) != SQLITE_OK)
		goto out;
	for (int i = 0; i < schema; i++)
		if (sqlite3_exec(fresh, STORE_SCHEMAS[i], NULL, NULL, NULL) != SQLITE_OK)
			goto out;
	if (sqlite3_prepare_v2(fresh, all, -1, &want, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(c->s.db, all, -1, &have, NULL) != SQLITE_OK)
		goto out;
	a = sqlite3_step(want);
	b = sqlite3_step(have);
	while (a == SQLITE_ROW || b == SQLITE_ROW) {
		const char *x = a == SQLITE_ROW ? (const char *)sqlite3_column_text(want, 1) : NULL,
		           *y = b == SQLITE_ROW ? (const char *)sqlite3_column_text(have, 1) : NULL;
		int order = !x ? 1 : !y ? -1 : strcmp(x, y);

		if (order < 0)
			str_addf(wrong, "%sthe %s %s is missing", wrong->len ? ", " : "",
			         (const char *)sqlite3_column_text(want, 0), x);
		else if (order > 0)
			str_addf(more, "%s%s", more->len ? ", " : "", y);
		else if (strcmp((const char *)sqlite3_column_text(want, 2),
		                (const char *)sqlite3_column_text(have, 2)))
			str_addf(wrong, "%s%s is another one", wrong->len ? ", " : "", x);
		if (order <= 0)
			a = sqlite3_step(want);
		if (order >= 0)
			b = sqlite3_step(have);
	}
out:
	sqlite3_finalize(want);
	sqlite3_finalize(have);
	sqlite3_close(fresh);
}

static void check_schema(struct checker *c)
{
	int64_t application = care_number(c->s.db, "PRAGMA application_id", -1),
	        schema = care_number(c->s.db, "PRAGMA user_version", -1);
	char program[64], id[ID_TEXT + 1];
	struct str wrong, more;

	if (application != STORE_APPLICATION) {
		care_add(c->out, "schema", CARE_DAMAGE, RESTORE,
		         "assay.db does not say that it is a store of Assay (application id %lld)",
		         (long long)application);
		return;
	}
	c->s.schema = (int)schema;
	care_about(c->s.db, "program", program, sizeof(program));
	care_about(c->s.db, "store", id, sizeof(id));
	if (!id_is_valid(id))
		care_add(c->out, "schema", CARE_DAMAGE, RESTORE, "the store does not say its id");
	if (schema > STORE_SCHEMA_VERSION) {
		care_add(c->out, "schema", CARE_WARNING, "use that version",
		         "schema %lld is newer than this Assay %s, which knows %d: Assay %s or newer is needed",
		         (long long)schema, ASSAY_VERSION, STORE_SCHEMA_VERSION,
		         program[0] ? program : "of its making");
		return;
	}
	if (schema < 1) {
		care_add(c->out, "schema", CARE_DAMAGE, RESTORE, "the store has no schema");
		return;
	}
	str_init(&wrong);
	str_init(&more);
	compare_schema(c, (int)schema, &wrong, &more);
	if (wrong.len)
		care_add(c->out, "schema", CARE_DAMAGE, RESTORE, "schema %lld is not whole: %s", (long long)schema,
		         wrong.data);
	else if (schema < STORE_SCHEMA_VERSION)
		care_add(c->out, "schema", CARE_NOTE,
		         "the next who writes brings it up to date, after a copy of what is there",
		         "schema %lld; this Assay has %d", (long long)schema, STORE_SCHEMA_VERSION);
	else
		care_add(c->out, "schema", CARE_OK, "", "schema %lld", (long long)schema);
	if (more.len)
		care_add(c->out, "schema", CARE_WARNING, "DROP them: Assay neither needs nor knows them",
		         "the database holds more than Assay put there: %s", more.data);
	str_release(&wrong);
	str_release(&more);
}

static void check_links(struct checker *c)
{
	sqlite3_stmt *stmt = NULL;
	int64_t count = 0;
	struct str first;
	int rc = SQLITE_DONE;

	str_init(&first);
	if (sqlite3_prepare_v2(c->s.db, "PRAGMA foreign_key_check", -1, &stmt, NULL) == SQLITE_OK)
		while ((rc = sqlite3_step(stmt)) == SQLITE_ROW && count < 1000)
			if (!count++)
				str_addf(&first, "a row of %s names one of %s that is not there",
				         (const char *)sqlite3_column_text(stmt, 0),
				         (const char *)sqlite3_column_text(stmt, 2));
	sqlite3_finalize(stmt);
	if (count)
		care_add(c->out, "links", CARE_DAMAGE, RESTORE, "%lld rows lead nowhere, the first: %s",
		         (long long)count, first.data);
	else if (rc == SQLITE_DONE)
		care_add(c->out, "links", CARE_OK, "", "every row that names another finds it");
	str_release(&first);
}

static int check_points(struct checker *c, struct error *err)
{
	struct series_state found;
	struct str told;
	char series[NUM_TEXT], points[NUM_TEXT];

	if (series_check(&c->s, c->how, &found, err))
		return -1;
	str_init(&told);
	for (int64_t i = 0; i < found.bad && i < SERIES_TOLD; i++) {
		sqlite3_stmt *stmt = NULL;

		if (sqlite3_prepare_v2(
		        c->s.db, "SELECT s.name, r.name FROM series s LEFT JOIN run r ON r.id = s.run WHERE s.id = ?",
		        -1, &stmt, NULL) == SQLITE_OK) {
			sqlite3_bind_int64(stmt, 1, found.told[i]);
			if (sqlite3_step(stmt) == SQLITE_ROW)
				str_addf(
				    &told, "%s%s of %s", told.len ? ", " : "", (const char *)sqlite3_column_text(stmt, 0),
				    sqlite3_column_text(stmt, 1) ? (const char *)sqlite3_column_text(stmt, 1) : "a lost run");
		}
		sqlite3_finalize(stmt);
	}
	if (found.bad)
		care_add(c->out, "series", CARE_DAMAGE, RESTORE,
		         "%lld series %s not what %s points make of %s (%lld damaged block%s): %s%s",
		         (long long)found.bad, found.bad == 1 ? "is" : "are", found.bad == 1 ? "its" : "their",
		         found.bad == 1 ? "it" : "them", (long long)found.bad_chunks, PLURAL(found.bad_chunks),
		         told.data, found.bad > SERIES_TOLD ? " …" : "");
	if (found.bad_spans)
		care_add(c->out, "series", CARE_DAMAGE, RESTORE,
		         "%lld nodes of charts are not what their points make of them", (long long)found.bad_spans);
	if (found.orphans)
		care_add(c->out, "series", CARE_DAMAGE, RESTORE, "%lld blocks of points belong to no series",
		         (long long)found.orphans);
	if (found.unread)
		care_add(c->out, "series", CARE_DAMAGE, RESTORE, "series could not be read to their end");
	else if (!found.bad && !found.bad_spans && !found.orphans)
		care_add(c->out, "series", CARE_OK, "",
		         "%s series with %s points: every block reads, and the rows say what is in them",
		         count_people(found.series, series), count_people(found.points, points));
	str_release(&told);
	return 0;
}

static void check_log(struct checker *c)
{
	uint64_t size = log_size(c);
	char bytes[NUM_TEXT];

	if (size > LOG_LONG)
		care_add(c->out, "log", CARE_WARNING,
		         "end programs that have held the store open for long; `assay compact` cuts it",
		         "the write-ahead log has grown to %s", bytes_people(size, bytes));
	else
		care_add(c->out, "log", CARE_OK, "", "the write-ahead log has %s", bytes_people(size, bytes));
}

static void check_edits(struct checker *c)
{
	int64_t edits = care_number(c->s.db, "SELECT count(*) FROM edit", 0),
	        removed = care_number(c->s.db, "SELECT count(*) FROM run WHERE removed IS NOT NULL", 0),
	        free_bytes = care_number(c->s.db, "PRAGMA freelist_count", 0) *
	                     care_number(c->s.db, "PRAGMA page_size", 0);
	char bytes[NUM_TEXT], count[NUM_TEXT];

	care_add(c->out, "edits", removed ? CARE_NOTE : CARE_OK,
	         removed ? "`assay purge` makes removed runs go for good" : "",
	         "%s edit%s can be taken back, %lld removed run%s, %s of the database unused",
	         count_people(edits, count), PLURAL(edits), (long long)removed, PLURAL(removed),
	         bytes_people((uint64_t)free_bytes, bytes));
}

/* ---- time ---- */

static void check_clock(struct checker *c)
{
	static const char *const newest[] = {
	    "SELECT max(created) FROM run", "SELECT max(started) FROM run", "SELECT max(ended) FROM run",
	    "SELECT at FROM activity ORDER BY id DESC LIMIT 1", "SELECT max(created) FROM dataset_version"};
	int64_t now = time_now_ms(), last = 0, ahead;
	char at[TIME_TEXT], span[TIME_TEXT], *sql;

	for (size_t i = 0; i < COUNT_OF(newest); i++) {
		int64_t t = care_number(c->s.db, newest[i], 0);

		last = t > last ? t : last;
	}
	sql = xasprintf("SELECT count(*) FROM run WHERE created > %lld", (long long)now + AHEAD_MS);
	ahead = care_number(c->s.db, sql, 0);
	free(sql);
	if (last > now + AHEAD_MS)
		care_add(c->out, "clock", CARE_WARNING,
		         "set the clock; new runs come before those in every list until it has caught up",
		         "the store knows of %s, which is %s ahead of the clock (%lld runs): it was set back, or was "
		         "wrong then",
		         time_rfc3339(last, at), time_span(last - now, span), (long long)ahead);
	else if (now < INT64_C(1735689600000))
		care_add(c->out, "clock", CARE_WARNING, "set the clock", "the clock says %s", time_rfc3339(now, at));
	else
		care_add(c->out, "clock", CARE_OK, "", "nothing in the store is ahead of the clock");
}

/* ---- runs that go on ---- */

static bool is_watched(const char *live, const char *uuid)
{
	char *lock = xasprintf("%s/%s/lock", live, uuid);
	bool yes = file_is_locked(lock);

	free(lock);
	return yes;
}

static void check_live(struct checker *c)
{
	char *live = path_join(c->path, "live"), host[256] = "";
	DIR *dir = opendir(live);
	const struct dirent *e;
	sqlite3_stmt *stmt = NULL;
	int64_t going = 0, alone = 0, elsewhere = 0, stray = 0, folders = 0;

	gethostname(host, sizeof(host) - 1);
	if (sqlite3_prepare_v2(c->s.db, "SELECT uuid, host FROM run WHERE status IN (0, 1)", -1, &stmt, NULL) ==
	    SQLITE_OK)
		while (sqlite3_step(stmt) == SQLITE_ROW) {
			const char *uuid = (const char *)sqlite3_column_text(stmt, 0),
			           *on = (const char *)sqlite3_column_text(stmt, 1);

			going++;
			if (on && *on && strcmp(on, host))
				elsewhere++;
			else if (uuid && id_is_valid(uuid) && !is_watched(live, uuid))
				alone++;
		}
	sqlite3_finalize(stmt);
	stmt = NULL;
	sqlite3_prepare_v2(c->s.db, "SELECT 1 FROM run WHERE uuid = ?", -1, &stmt, NULL);
	while (dir && (e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		folders++;
		if (!stmt)
			continue;
		bind_text(stmt, 1, e->d_name);
		stray += sqlite3_step(stmt) == SQLITE_DONE && !is_watched(live, e->d_name);
		sqlite3_reset(stmt);
	}
	sqlite3_finalize(stmt);
	if (dir)
		closedir(dir);
	if (stray)
		care_add(c->out, "live", CARE_WARNING, "`assay compact` removes them",
		         "folders in live/ that are of no run: %lld", (long long)stray);
	if (alone)
		care_add(
		    c->out, "live", CARE_WARNING,
		    "the next command that opens the store takes in what they reported, and marks those that died",
		    "runs that are not over: %lld, of them without a supervisor: %lld", (long long)going,
		    (long long)alone);
	if (!stray && !alone)
		care_add(c->out, "live", CARE_OK, "", "runs that go on%s: %lld, folders in live/: %lld",
		         elsewhere ? ", some of them on other hosts" : "", (long long)going, (long long)folders);
	free(live);
}

/* ---- all of it ---- */

static int check_database(struct checker *c, struct error *err)
{
	struct error why;

	if (access(c->file, F_OK)) {
		care_add(c->out, "database", CARE_DAMAGE, RESTORE, "assay.db is not there: %s", strerror(errno));
		return 0;
	}
	if (connect(c, &why)) {
		care_add(c->out, "database", CARE_DAMAGE, RESTORE, "assay.db cannot be opened: %s", why.text);
		return 0;
	}
	check_regime(c);
	if (check_integrity(c, err))
		return -1;
	check_schema(c);
	if (c->s.schema < 1 || c->s.schema > STORE_SCHEMA_VERSION)
		return 0;
	check_links(c);
	if (!c->how->quick && check_points(c, err))
		return -1;
	check_live(c);
	check_edits(c);
	check_clock(c);
	return 0;
}

int store_check(const char *path, const struct store_check *how, struct care_report *out, struct error *err)
{
	struct checker c = {.path = path, .how = how, .out = out};
	struct stat st;
	int result;

	if (stat(path, &st) || !S_ISDIR(st.st_mode))
		return error_set(err, ERR_STORE, "there is no store at %s", path);
	c.file = path_join(path, "assay.db");
	check_place(&c);
	result = check_database(&c, err);
	if (!result)
		result = objects_check(path, c.s.db, how, out, err);
	if (!result)
		check_log(&c);
	block_coder_free(c.s.coder);
	for (size_t i = 0; i < c.s.cached; i++)
		sqlite3_finalize(c.s.cache[i].stmt);
	free(c.s.cache);
	sqlite3_close_v2(c.s.db);
	sets_release(&c.s);
	free(c.file);
	return result;
}
