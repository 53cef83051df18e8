/* Runs: making them, their states, and finding one by what a person calls it. */
#include <stdlib.h>

#include "internal.h"

static const char *const status_names[RUN_STATUSES] = {
    [RUN_QUEUED] = "queued", [RUN_RUNNING] = "running", [RUN_DONE] = "done",
    [RUN_FAILED] = "failed", [RUN_KILLED] = "killed",   [RUN_LOST] = "lost",
};

const char *store_status_name(enum run_status status)
{
	return (unsigned)status < RUN_STATUSES ? status_names[status] : "unknown";
}

bool store_status_parse(const char *name, enum run_status *status)
{
	for (int i = 0; i < RUN_STATUSES; i++) {
		if (!strcmp(name, status_names[i])) {
			*status = (enum run_status)i;
			return true;
		}
	}
	return false;
}

bool store_status_over(enum run_status status)
{
	return status >= RUN_DONE;
}

int store_experiment(struct store *s, const char *name, int64_t *id, struct error *err)
{
	sqlite3_stmt *find = store_prepare(s, "SELECT id FROM experiment WHERE name = ?", err), *make;
	int rc;

	if (!find)
		return -1;
	bind_text(find, 1, name);
	rc = store_step(s, find, err);
	if (rc > 0) {
		*id = sqlite3_column_int64(find, 0);
		sqlite3_reset(find);
	}
	if (rc)
		return rc > 0 ? 0 : -1;
	make = store_prepare(s, "INSERT INTO experiment (name, created) VALUES (?, ?)", err);
	if (!make)
		return -1;
	bind_text(make, 1, name);
	sqlite3_bind_int64(make, 2, time_now_ms());
	if (store_run_statement(s, make, err))
		return -1;
	*id = sqlite3_last_insert_rowid(s->db);
	return 0;
}

static int insert_run(struct store *s, const struct run_new *run, const char *uuid, int64_t *id,
                      struct error *err)
{
	sqlite3_stmt *stmt;
	char nickname[NICKNAME_TEXT];
	int64_t experiment;

	if (store_experiment(s, run->experiment ? run->experiment : "default", &experiment, err))
		return -1;
	stmt = store_prepare(
	    s,
	    "INSERT INTO run (uuid, experiment, name, kind, status, created, host, user, command, cwd, source, "
	    "parent, code_commit, code_diff, environment, seed) VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, "
	    "?, ?, ?)",
	    err);
	if (!stmt)
		return -1;
	id_nickname(uuid, nickname);
	bind_text(stmt, 1, uuid);
	sqlite3_bind_int64(stmt, 2, experiment);
	bind_text(stmt, 3, run->name && run->name[0] ? run->name : nickname);
	bind_text(stmt, 4, run->kind ? run->kind : "command");
	sqlite3_bind_int64(stmt, 5, run->created ? run->created : time_now_ms());
	bind_text(stmt, 6, run->host ? run->host : "");
	bind_text(stmt, 7, run->user ? run->user : "");
	bind_text(stmt, 8, run->command ? run->command : "[]");
	bind_text(stmt, 9, run->cwd ? run->cwd : "");
	bind_text(stmt, 10, run->source ? run->source : "native");
	bind_text(stmt, 11, run->parent);
	bind_text(stmt, 12, run->code_commit);
	bind_text(stmt, 13, run->code_diff);
	bind_text(stmt, 14, run->environment);
	if (run->has_seed)
		sqlite3_bind_int64(stmt, 15, run->seed);
	if (store_run_statement(s, stmt, err))
		return -1;
	*id = sqlite3_last_insert_rowid(s->db);
	return 0;
}

int store_run_create(struct store *s, const struct run_new *run, int64_t *id, char uuid[ID_TEXT],
                     struct error *err)
{
	char made[ID_TEXT];

	if (run->uuid[0] && !id_is_valid(run->uuid))
		return error_set(err, ERR_USAGE, "\"%s\" is no run id: it must be 32 hex digits", run->uuid);
	if (run->uuid[0])
		memcpy(made, run->uuid, ID_TEXT);
	else
		id_make(made);
	if (store_enter(s, err))
		return -1;
	if (store_leave(s, insert_run(s, run, made, id, err), err))
		return -1;
	memcpy(uuid, made, ID_TEXT);
	return 0;
}

/* Runs an UPDATE of one row that names the states it may find; a row in another state is ERR_STALE. */
static int change_run(struct store *s, sqlite3_stmt *stmt, int64_t id, const char *what, struct error *err)
{
	struct run_row now;
	struct arena *mem;
	int result;

	if (store_enter(s, err))
		return -1;
	result = store_run_statement(s, stmt, err);
	if (!result && sqlite3_changes(s->db) == 0) {
		mem = arena_new();
		result = store_run_get(s, id, mem, &now, err);
		if (!result)
			result = error_set(err, ERR_STALE, "the run %s cannot be %s: it is %s", now.name, what,
			                   store_status_name(now.status));
		arena_free(mem);
	}
	return store_leave(s, result, err);
}

static void bind_process(sqlite3_stmt *stmt, int at, const struct run_process *p)
{
	sqlite3_bind_int64(stmt, at, p->pid);
	sqlite3_bind_int64(stmt, at + 1, p->start_ticks);
	bind_text(stmt, at + 2, p->boot_id);
}

int store_run_start(struct store *s, int64_t id, const struct run_process *supervisor, int64_t at,
                    struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(s,
	                  "UPDATE run SET status = 1, started = ?2, supervisor_pid = ?3, supervisor_start = ?4, "
	                  "supervisor_boot = ?5 WHERE id = ?1 AND status = 0",
	                  err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, id);
	sqlite3_bind_int64(stmt, 2, at);
	bind_process(stmt, 3, supervisor);
	return change_run(s, stmt, id, "started", err);
}

int store_run_reopen(struct store *s, int64_t id, const char *kind, const struct run_process *supervisor,
                     struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    s,
	    "UPDATE run SET status = 1, reason = '', exit_status = NULL, signal = NULL, ended = NULL, "
	    "supervisor_pid = ?2, supervisor_start = ?3, supervisor_boot = ?4 "
	    "WHERE id = ?1 AND status >= 2 AND kind = ?5 AND seal IS NULL AND removed IS NULL",
	    err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, id);
	bind_process(stmt, 2, supervisor);
	bind_text(stmt, 5, kind);
	return change_run(s, stmt, id, "reported into again", err);
}

int store_run_process(struct store *s, int64_t id, const struct run_process *process, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    s,
	    "UPDATE run SET process_pid = ?2, process_start = ?3, process_boot = ?4 WHERE id = ?1 AND status < 2",
	    err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, id);
	bind_process(stmt, 2, process);
	return change_run(s, stmt, id, "given a process", err);
}

int store_run_end(struct store *s, int64_t id, const struct run_ending *ending, struct error *err)
{
	sqlite3_stmt *stmt;

	if (!store_status_over(ending->status))
		bug("a run cannot end as %s", store_status_name(ending->status));
	stmt = store_prepare(s,
	                     /* Early stopping, say, ends a run before the last progress that it told. */
	                     "UPDATE run SET status = ?2, reason = ?3, exit_status = ?4, signal = ?5, "
	                     /* The clock may have been set back meanwhile: nothing ends before it began. */
	                     "ended = max(?6, coalesce(started, created)), "
	                     "progress = CASE WHEN ?2 = 2 AND progress IS NOT NULL THEN 1 ELSE progress END "
	                     "WHERE id = ?1 AND status < 2",
	                     err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, id);
	sqlite3_bind_int64(stmt, 2, ending->status);
	bind_text(stmt, 3, ending->reason ? ending->reason : "");
	if (ending->exit_status >= 0)
		sqlite3_bind_int64(stmt, 4, ending->exit_status);
	sqlite3_bind_int64(stmt, 5, ending->signal);
	sqlite3_bind_int64(stmt, 6, ending->at ? ending->at : time_now_ms());
	return change_run(s, stmt, id, "ended", err);
}

int store_run_reason(struct store *s, int64_t id, const char *reason, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "UPDATE run SET reason = ?2 WHERE id = ?1 AND status < 2", err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, id);
	bind_text(stmt, 2, reason);
	return change_run(s, stmt, id, "given a reason", err);
}

int store_run_flag(struct store *s, int64_t id, const char *flag, int64_t at, struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(s, "UPDATE run SET flag = ?2, flagged = ?3 WHERE id = ?1 AND status < 2", err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, id);
	bind_text(stmt, 2, flag);
	if (flag[0])
		sqlite3_bind_int64(stmt, 3, at);
	return change_run(s, stmt, id, "flagged", err);
}

/* ---- reading ---- */

/* What an older store has no columns for. */
#define RUN_COLUMNS(later)                                                                                   \
	"SELECT r.id, r.uuid, r.name, e.name, r.kind, r.command, r.cwd, r.host, r.user, r.source, r.parent, "    \
	"r.code_commit, "                                                                                        \
	"r.code_diff, r.environment, r.status, r.reason, r.seed, r.created, r.started, r.ended, r.exit_status, " \
	"r.signal, "                                                                                             \
	"r.progress, r.bad_lines, r.supervisor_pid, r.supervisor_start, r.supervisor_boot, r.process_pid, "      \
	"r.process_start, "                                                                                      \
	"r.process_boot, " later " FROM run r JOIN experiment e ON e.id = r.experiment "

#define RUN_STATEMENT(s, where, err)                                                                         \
	(store_schema(s) >= SCHEMA_REMOVED                                                                       \
	     ? store_prepare(                                                                                    \
	           s,                                                                                            \
	           RUN_COLUMNS("r.archived, r.removed, " FLAG_NOW ", r.flagged, r.heard, " PROGRESS_PACE) where, \
	           err)                                                                                          \
	 : store_schema(s) >= SCHEMA_ARCHIVED                                                                    \
	     ? store_prepare(s, RUN_COLUMNS("r.archived, NULL, NULL, NULL, NULL, NULL, NULL, NULL") where, err)  \
	     : store_prepare(s, RUN_COLUMNS("NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL") where, err))

static void read_process(sqlite3_stmt *stmt, int at, struct run_process *p)
{
	const char *boot = (const char *)sqlite3_column_text(stmt, at + 2);

	p->pid = sqlite3_column_int64(stmt, at);
	p->start_ticks = sqlite3_column_int64(stmt, at + 1);
	snprintf(p->boot_id, sizeof(p->boot_id), "%s", boot ? boot : "");
}

static void read_run(sqlite3_stmt *stmt, struct arena *mem, struct run_row *r)
{
	memset(r, 0, sizeof(*r));
	r->id = sqlite3_column_int64(stmt, 0);
	snprintf(r->uuid, sizeof(r->uuid), "%s", (const char *)sqlite3_column_text(stmt, 1));
	r->name = column_text(mem, stmt, 2);
	r->experiment = column_text(mem, stmt, 3);
	r->kind = column_text(mem, stmt, 4);
	r->command = column_text(mem, stmt, 5);
	r->cwd = column_text(mem, stmt, 6);
	r->host = column_text(mem, stmt, 7);
	r->user = column_text(mem, stmt, 8);
	r->source = column_text(mem, stmt, 9);
	r->parent = column_text(mem, stmt, 10);
	r->code_commit = column_text(mem, stmt, 11);
	r->code_diff = column_text(mem, stmt, 12);
	r->environment = column_text(mem, stmt, 13);
	r->status = (enum run_status)sqlite3_column_int(stmt, 14);
	r->reason = column_text(mem, stmt, 15);
	r->has_seed = sqlite3_column_type(stmt, 16) != SQLITE_NULL;
	r->seed = sqlite3_column_int64(stmt, 16);
	r->created = sqlite3_column_int64(stmt, 17);
	r->started = sqlite3_column_int64(stmt, 18);
	r->ended = sqlite3_column_int64(stmt, 19);
	r->exit_status = sqlite3_column_type(stmt, 20) == SQLITE_NULL ? -1 : sqlite3_column_int64(stmt, 20);
	r->signal = sqlite3_column_int64(stmt, 21);
	r->progress = column_double(stmt, 22);
	r->bad_lines = sqlite3_column_int64(stmt, 23);
	read_process(stmt, 24, &r->supervisor);
	read_process(stmt, 27, &r->process);
	r->archived = sqlite3_column_int64(stmt, 30);
	r->removed = sqlite3_column_int64(stmt, 31);
	r->flag = column_text_or(mem, stmt, 32, "");
	r->flagged = sqlite3_column_int64(stmt, 33);
	r->heard = sqlite3_column_int64(stmt, 34);
	r->ends = progress_ends(stmt, 35, r->progress, r->status);
	if (r->flag[0] && !r->flagged)
		r->flagged = r->heard ? r->heard : r->started ? r->started : r->created;
}

int store_run_get(struct store *s, int64_t id, struct arena *mem, struct run_row *out, struct error *err)
{
	sqlite3_stmt *stmt = RUN_STATEMENT(s, "WHERE r.id = ?", err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, id);
	rc = store_step(s, stmt, err);
	if (rc > 0) {
		read_run(stmt, mem, out);
		sqlite3_reset(stmt);
		return 0;
	}
	return rc < 0 ? -1 : error_set(err, ERR_NO, "there is no such run (row %lld)", (long long)id);
}

/* Whoever names a run that was purged is told so: -1 with err filled; 0: it was not. */
static int say_purged(struct store *s, const char *ref, struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(s,
	                  "SELECT name, uuid, who, at FROM purged WHERE uuid = ?1 OR substr(uuid, 25) = ?1 OR "
	                  "name = ?1 LIMIT 1",
	                  err);
	char at[TIME_TEXT];
	int rc;

	if (!stmt)
		return -1;
	bind_text(stmt, 1, ref);
	rc = store_step(s, stmt, err);
	if (rc <= 0)
		return rc;
	error_set(err, ERR_NO, "the run %s (%s) was purged: %s, by %s",
	          (const char *)sqlite3_column_text(stmt, 0), (const char *)sqlite3_column_text(stmt, 1),
	          time_local(sqlite3_column_int64(stmt, 3), at), (const char *)sqlite3_column_text(stmt, 2));
	sqlite3_reset(stmt);
	return -1;
}

int store_run_by_uuid(struct store *s, const char *uuid, struct arena *mem, struct run_row *out,
                      struct error *err)
{
	sqlite3_stmt *stmt = RUN_STATEMENT(s, "WHERE r.uuid = ?", err);
	int rc;

	if (!stmt)
		return -1;
	bind_text(stmt, 1, uuid);
	rc = store_step(s, stmt, err);
	if (rc > 0) {
		read_run(stmt, mem, out);
		sqlite3_reset(stmt);
		return 0;
	}
	if (!rc && store_schema(s) >= SCHEMA_REMOVED)
		rc = say_purged(s, uuid, err);
	return rc < 0 ? -1 : error_set(err, ERR_NO, "there is no run %s", uuid);
}

int store_runs_open(struct store *s, struct arena *mem, int64_t **ids, size_t *count, struct error *err)
{
	/* "+id": or SQLite would walk all runs by id rather than sort the few that are open. */
	sqlite3_stmt *stmt = store_prepare(s, "SELECT id FROM run WHERE status < 2 ORDER BY +id", err);
	int64_t *found = NULL;
	size_t n = 0, cap = 0;
	int rc;

	if (!stmt)
		return -1;
	while ((rc = store_step(s, stmt, err)) > 0) {
		found = vec_reserve(found, &cap, n + 1, sizeof(*found));
		found[n++] = sqlite3_column_int64(stmt, 0);
	}
	if (!rc) {
		*ids = arena_array(mem, n ? n : 1, sizeof(**ids));
		if (n)
			memcpy(*ids, found, n * sizeof(*found));
		*count = n;
	}
	free(found);
	return rc;
}

/* ---- by what a person calls it ---- */

enum { CANDIDATES = 5, SHORTEST_ID_PIECE = 4 };

struct candidates {
	int64_t id[CANDIDATES];
	char uuid[CANDIDATES][ID_TEXT];
	char name[CANDIDATES][64];
	size_t count; /* may be more than are kept */
};

/* The statement gives id, uuid, name. */
static int collect(struct store *s, sqlite3_stmt *stmt, struct candidates *c, struct error *err)
{
	int rc;

	while ((rc = store_step(s, stmt, err)) > 0) {
		int64_t id = sqlite3_column_int64(stmt, 0);
		bool known = false;

		for (size_t i = 0; i < c->count && i < CANDIDATES; i++)
			known = known || c->id[i] == id;
		if (known)
			continue;
		if (c->count < CANDIDATES) {
			c->id[c->count] = id;
			snprintf(c->uuid[c->count], ID_TEXT, "%s", (const char *)sqlite3_column_text(stmt, 1));
			snprintf(c->name[c->count], sizeof(c->name[0]), "%s", (const char *)sqlite3_column_text(stmt, 2));
		}
		c->count++;
	}
	return rc;
}

static int find_newest(struct store *s, const char *sql, const char *name, int64_t *id, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, sql, err);
	int rc;

	if (!stmt)
		return -1;
	if (name)
		bind_text(stmt, 1, name);
	rc = store_step(s, stmt, err);
	if (rc > 0) {
		*id = sqlite3_column_int64(stmt, 0);
		sqlite3_reset(stmt);
	}
	return rc;
}

static int find_by_piece(struct store *s, const char *piece, struct candidates *c, struct error *err)
{
	char high[ID_TEXT + 1], pattern[ID_TEXT + 1];
	sqlite3_stmt *begin =
	    store_prepare(s, "SELECT id, uuid, name FROM run WHERE uuid >= ? AND uuid < ? LIMIT 6", err);
	/* The last eight digits are what is shown, and indexed; fewer or more look at that index from end to end.
	 */
	sqlite3_stmt *end =
	    strlen(piece) == 8
	        ? store_prepare(s, "SELECT id, uuid, name FROM run WHERE substr(uuid, 25) = ?1 LIMIT 6", err)
	        : store_prepare(
	              s, "SELECT id, uuid, name FROM run WHERE substr(uuid, 33 - length(?1)) = ?1 LIMIT 6", err);

	if (!begin || !end)
		return -1;
	snprintf(high, sizeof(high), "%sg", piece); /* 'g' follows the last hex digit */
	bind_text(begin, 1, piece);
	bind_text(begin, 2, high);
	snprintf(pattern, sizeof(pattern), "%s", piece);
	bind_text(end, 1, pattern);
	return collect(s, begin, c, err) || collect(s, end, c, err) ? -1 : 0;
}

int store_run_find(struct store *s, const char *ref, int64_t *id, struct error *err)
{
	const bool removed = store_schema(s) >= SCHEMA_REMOVED;
	struct candidates c = {.count = 0};
	struct str text;
	int rc;

	if (!strncmp(ref, "run:", 4))
		ref += 4;
	if (!strcmp(ref, "@last")) {
		rc = removed
		         ? find_newest(s,
		                       "SELECT id FROM run WHERE removed IS NULL ORDER BY created DESC, id DESC "
		                       "LIMIT 1",
		                       NULL, id, err)
		         : find_newest(s, "SELECT id FROM run ORDER BY created DESC, id DESC LIMIT 1", NULL, id, err);
		return rc ? (rc > 0 ? 0 : -1) : error_set(err, ERR_NO, "there is no run yet");
	}
	/* A name means one that was removed only where no other has it. */
	rc =
	    removed
	        ? find_newest(s, "SELECT id FROM run WHERE name = ? AND removed IS NULL ORDER BY id DESC LIMIT 1",
	                      ref, id, err)
	        : 0;
	if (!rc)
		rc = find_newest(s, "SELECT id FROM run WHERE name = ? ORDER BY id DESC LIMIT 1", ref, id, err);
	if (rc)
		return rc > 0 ? 0 : -1;
	if (strlen(ref) < ID_TEXT && strlen(ref) >= SHORTEST_ID_PIECE &&
	    strspn(ref, "0123456789abcdef") == strlen(ref)) {
		if (find_by_piece(s, ref, &c, err))
			return -1;
		if (c.count == 1) {
			*id = c.id[0];
			return 0;
		}
	}
	if (!c.count && removed) {
		rc = say_purged(s, ref, err);
		if (rc)
			return -1;
	}
	if (!c.count)
		return error_set(
		    err, ERR_NO,
		    "there is no run \"%s\": `assay runs` lists them (by name, or at least %d digits of the id)", ref,
		    SHORTEST_ID_PIECE);
	str_init(&text);
	for (size_t i = 0; i < c.count && i < CANDIDATES; i++)
		str_addf(&text, "%s%s (%s)", i ? ", " : "", c.uuid[i], c.name[i]);
	error_set(err, ERR_USAGE, "\"%s\" could be any of %s%s: give more digits", ref, text.data,
	          c.count > CANDIDATES ? " …" : "");
	str_release(&text);
	return -1;
}
