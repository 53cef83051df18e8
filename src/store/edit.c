/* Edits: things that people change by hand, each kept with what was there before. */
#include <stdlib.h>

#include "edit.h"

/* ---- things ---- */

/* Their statements take ?1 run, ?2 key, ?3 experiment, ?4 kind, ?5 the value, ?6 it as a number, ?7 its time. */
struct edit_kind {
	const char *name, *read, *write, *remove;
	bool moment; /* the value is when it was done: another time is no other value */
	bool timed, numbered;
};

#define SAVED_READ "SELECT text FROM saved WHERE kind = ?4 AND experiment = ?3 AND name = ?2"
#define SAVED_WRITE                                                                                          \
	"INSERT INTO saved (kind, experiment, name, text) VALUES (?4, ?3, ?2, ?5) "                              \
	"ON CONFLICT (kind, experiment, name) DO UPDATE SET text = excluded.text"
#define SAVED_REMOVE "DELETE FROM saved WHERE kind = ?4 AND experiment = ?3 AND name = ?2"

static const struct edit_kind kinds[] = {
    {
        .name = "archived",
        .read = "SELECT archived FROM run WHERE id = ?1",
        .write = "UPDATE run SET archived = CAST(?5 AS INTEGER) WHERE id = ?1",
        .remove = "UPDATE run SET archived = NULL WHERE id = ?1",
        .moment = true,
    },
    {
        .name = "removed",
        .read = "SELECT removed FROM run WHERE id = ?1",
        .write = "UPDATE run SET removed = CAST(?5 AS INTEGER) WHERE id = ?1",
        .remove = "UPDATE run SET removed = NULL WHERE id = ?1",
        .moment = true,
    },
    {
        .name = "tag",
        .read = "SELECT at || ' ' || value FROM tag WHERE run = ?1 AND key = ?2",
        .write = "INSERT INTO tag (run, key, value, number, at) VALUES (?1, ?2, ?5, ?6, ?7) "
                 "ON CONFLICT (run, key) DO UPDATE SET value = excluded.value, number = excluded.number, "
                 "at = excluded.at",
        .remove = "DELETE FROM tag WHERE run = ?1 AND key = ?2",
        .timed = true,
    },
    {
        .name = "name",
        .read = "SELECT name FROM run WHERE id = ?1",
        .write = "UPDATE run SET name = ?5 WHERE id = ?1",
    },
    {
        /* Its number changes when it is written again: another note may have it by then. */
        .name = "note",
        .read = "SELECT at || ' ' || text FROM note WHERE id = ?2 AND run = ?1",
        .write = "INSERT INTO note (run, text, at) VALUES (?1, ?5, ?7)",
        .remove = "DELETE FROM note WHERE id = ?2 AND run = ?1",
        .timed = true,
        .numbered = true,
    },
    {.name = "view", .read = SAVED_READ, .write = SAVED_WRITE, .remove = SAVED_REMOVE},
    {.name = "filter", .read = SAVED_READ, .write = SAVED_WRITE, .remove = SAVED_REMOVE},
};

const struct edit_kind *edit_kind_find(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

const char *edit_kind_name(const struct edit_kind *kind)
{
	return kind->name;
}

const char *edit_value_text(const struct edit_kind *kind, const char *value)
{
	const char *blank = kind->timed ? strchr(value, ' ') : NULL;

	return blank ? blank + 1 : value;
}

static sqlite3_stmt *prepare(struct store *s, const char *sql, const struct edit_thing *t, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, sql, err);
	const int takes = stmt ? sqlite3_bind_parameter_count(stmt) : 0;

	if (takes >= 1)
		sqlite3_bind_int64(stmt, 1, t->run);
	if (takes >= 2)
		bind_text(stmt, 2, t->key);
	if (takes >= 3)
		bind_text(stmt, 3, t->experiment);
	if (takes >= 4)
		bind_text(stmt, 4, t->kind->name);
	return stmt;
}

int edit_read(struct store *s, const struct edit_thing *t, struct str *value, bool *there, struct error *err)
{
	sqlite3_stmt *stmt = prepare(s, t->kind->read, t, err);
	int rc = stmt ? store_step(s, stmt, err) : -1;

	*there = rc > 0 && sqlite3_column_type(stmt, 0) != SQLITE_NULL;
	str_clear(value);
	if (*there)
		str_add(value, sqlite3_column_text(stmt, 0), (size_t)sqlite3_column_bytes(stmt, 0));
	if (rc > 0)
		sqlite3_reset(stmt);
	return rc < 0 ? -1 : 0;
}

/* An edit_item's key of a note is the note's number, none while the note is not there. */
static int renumber(struct store *s, int64_t edit, int64_t seq, bool there, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "UPDATE edit_item SET key = ?3 WHERE edit = ?1 AND seq = ?2", err);
	char number[24];

	if (!stmt)
		return -1;
	snprintf(number, sizeof(number), "%lld", (long long)sqlite3_last_insert_rowid(s->db));
	sqlite3_bind_int64(stmt, 1, edit);
	sqlite3_bind_int64(stmt, 2, seq);
	bind_text(stmt, 3, there ? number : NULL);
	return store_run_statement(s, stmt, err);
}

int edit_write(struct store *s, const struct edit_thing *t, int64_t edit, int64_t seq, const char *value,
               struct error *err)
{
	sqlite3_stmt *stmt = prepare(s, value ? t->kind->write : t->kind->remove, t, err);
	const char *text = value ? edit_value_text(t->kind, value) : NULL;
	double number;

	if (!stmt)
		return -1;
	if (text) {
		bind_text(stmt, 5, text);
		if (t->kind->timed && value_number(text, strlen(text), &number))
			sqlite3_bind_double(stmt, 6, number);
		if (t->kind->timed)
			sqlite3_bind_int64(stmt, 7, strtoll(value, NULL, 10));
	}
	if (store_run_statement(s, stmt, err))
		return -1;
	return t->kind->numbered ? renumber(s, edit, seq, value != NULL, err) : 0;
}

/* ---- an edit ---- */

enum { SWEEP_MS = 5 };

static int run_for(struct store *s, const char *sql, const char *who, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, sql, err);

	if (!stmt)
		return -1;
	bind_text(stmt, 1, who);
	return store_run_statement(s, stmt, err);
}

static int begin(struct edit_new *e, struct error *err)
{
	sqlite3_stmt *stmt;

	int64_t gone = 0;

	/* What was taken back cannot be done again after this one: it would be done to something else. It may be much:
	 * what is not taken away now is some other time. */
	if (edit_is_free(e->s, e->who, err) ||
	    run_for(e->s, "UPDATE edit SET who = '' WHERE who = ?1 AND undone = 1", e->who, err) ||
	    (sqlite3_changes(e->s->db) && edit_sweep(e->s, SWEEP_MS, &gone, err) < 0))
		return -1;
	stmt = store_prepare(e->s, "INSERT INTO edit (at, who, text, undone) VALUES (?, ?, '', ?)", err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, e->at);
	bind_text(stmt, 2, e->who);
	sqlite3_bind_int(stmt, 3, e->many ? EDIT_MAKING : 0);
	if (store_run_statement(e->s, stmt, err))
		return -1;
	e->id = sqlite3_last_insert_rowid(e->s->db);
	return e->many ? edit_goes(e->s, e->id, err) : 0;
}

int edit_add(struct edit_new *e, const struct edit_thing *t, const char *before, const char *after,
             struct error *err)
{
	sqlite3_stmt *stmt;

	if (!e->id && begin(e, err))
		return -1;
	stmt = store_prepare(e->s,
	                     "INSERT INTO edit_item (edit, seq, kind, run, experiment, key, before, after) "
	                     "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
	                     err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, e->id);
	sqlite3_bind_int64(stmt, 2, e->items);
	bind_text(stmt, 3, t->kind->name);
	if (t->run)
		sqlite3_bind_int64(stmt, 4, t->run);
	bind_text(stmt, 5, t->experiment);
	bind_text(stmt, 6, t->key);
	bind_text(stmt, 7, before);
	bind_text(stmt, 8, after);
	if (store_run_statement(e->s, stmt, err) || edit_write(e->s, t, e->id, e->items, after, err))
		return -1;
	e->items++;
	return 0;
}

int edit_finish(struct edit_new *e, const char *verb, const char *what, const char *more, struct error *err)
{
	sqlite3_stmt *stmt;
	char *text;

	if (!e->id)
		return 0;
	if (e->many && edit_went(e->s, err))
		return -1;
	stmt = store_prepare(e->s, "UPDATE edit SET text = ?2, undone = 0 WHERE id = ?1", err);
	if (!stmt)
		return -1;
	text = xasprintf("%s %s", verb, what);
	sqlite3_bind_int64(stmt, 1, e->id);
	bind_text(stmt, 2, text);
	free(text);
	if (store_run_statement(e->s, stmt, err))
		return -1;
	return store_activity_add(e->s, e->who, verb, more ? more : what, err);
}

/* ---- runs ---- */

enum { NAMED = 3 /* runs that the log names */ };

/* What is done to each of many runs. */
struct change {
	const char *kind, *key, *after; /* after: what it becomes; NULL: it goes */
	const char *also;               /* another kind that becomes the same, or NULL */
	const char *verb;
	bool if_over;     /* only to runs that are over */
	const char *tail; /* what is said behind the runs: ": team=risk" */
};

struct changing {
	struct edit_new edit;
	struct edit_slice slice;
	const struct change *change;
	struct str was;          /* of the run in hand */
	struct str name, uuid;   /* likewise */
	struct str first, names; /* the first changed one; the first few, with their ids */
	int64_t runs;            /* that were changed */
	int64_t left;            /* that are not over */
	enum run_status status;  /* of one of these */
};

static int read_run(struct changing *c, int64_t id, enum run_status *status, struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(c->edit.s, "SELECT name, uuid, status, removed < 0 FROM run WHERE id = ?", err);
	bool purging;
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, id);
	rc = store_step(c->edit.s, stmt, err);
	if (rc <= 0)
		return rc ? -1 : error_set(err, ERR_NO, "there is no such run (row %lld)", (long long)id);
	str_clear(&c->name);
	str_adds(&c->name, (const char *)sqlite3_column_text(stmt, 0));
	str_clear(&c->uuid);
	str_adds(&c->uuid, (const char *)sqlite3_column_text(stmt, 1));
	*status = (enum run_status)sqlite3_column_int(stmt, 2);
	purging = sqlite3_column_int(stmt, 3) != 0;
	sqlite3_reset(stmt);
	return purging ? error_set(err, ERR_NO, "%s (%s) is being purged: it cannot be changed any more",
	                           c->name.data, c->uuid.data + 24)
	               : 0;
}

/* Whether there is nothing to do; the time of a tag is not what it says. */
static bool is_so(const struct edit_kind *kind, const struct change *change, const char *was)
{
	if (kind->numbered)
		return false;
	if (!was || !change->after)
		return !was && !change->after;
	return kind->moment || strcmp(edit_value_text(kind, was), edit_value_text(kind, change->after)) == 0;
}

/* What one kind of thing of the run in hand was, and becomes. */
static int change_kind(struct changing *c, int64_t id, const char *kind, bool over, bool *done,
                       struct error *err)
{
	const struct edit_thing thing = {.kind = edit_kind_find(kind), .run = id, .key = c->change->key};
	bool there;

	if (edit_read(c->edit.s, &thing, &c->was, &there, err))
		return -1;
	if (is_so(thing.kind, c->change, there ? c->was.data : NULL))
		return 0;
	if (c->change->if_over && !over)
		return 1;
	*done = true;
	return edit_add(&c->edit, &thing, there ? c->was.data : NULL, c->change->after, err);
}

static int change_one(struct changing *c, int64_t id, struct error *err)
{
	enum run_status status = RUN_QUEUED;
	bool done = false;
	int rc;

	if (atomic_load(&c->edit.s->interrupted))
		return error_set(err, ERR_STORE, "interrupted");
	if (read_run(c, id, &status, err))
		return -1;
	rc = change_kind(c, id, c->change->kind, store_status_over(status), &done, err);
	if (!rc && c->change->also)
		rc = change_kind(c, id, c->change->also, store_status_over(status), &done, err);
	if (rc > 0) {
		c->status = status;
		if (!c->left++)
			str_adds(&c->first, c->name.data);
		return 0;
	}
	if (rc || !done)
		return rc;
	if (++c->runs == 1) {
		str_clear(&c->first);
		str_adds(&c->first, c->name.data);
	}
	if (c->runs <= NAMED)
		str_addf(&c->names, "%s%s (%s)", c->runs > 1 ? ", " : "", c->name.data, c->uuid.data + 24);
	return 0;
}

static int say(struct changing *c, struct error *err)
{
	const long long n = c->runs;
	char *what = n == 1 ? xasprintf("%s%s", c->first.data, c->change->tail)
	                    : xasprintf("%lld runs%s", n, c->change->tail),
	     *more = n == 1 ? xasprintf("%s%s", c->names.data, c->change->tail)
	                    : xasprintf("%lld runs%s: %s%s", n, c->change->tail, c->names.data,
	                                n > NAMED ? " …" : "");
	int result = edit_finish(&c->edit, c->change->verb, what, more, err);

	free(what);
	free(more);
	return result;
}

/* In one transaction, as far as it goes: up to *next. */
static int change_slice(struct changing *c, const int64_t *runs, size_t count, size_t *next,
                        struct error *err)
{
	bool full = false;
	int result = 0;

	if (store_enter(c->edit.s, err))
		return -1;
	edit_slice_begin(&c->slice);
	while (*next < count && !result && !full) {
		result = change_one(c, runs[(*next)++], err);
		full = edit_slice_full(&c->slice);
	}
	if (!result && *next == count && c->left && !c->runs)
		result = error_set(err, ERR_NO, "%s is %s: what is not over cannot be %s%s", c->first.data,
		                   store_status_name(c->status), c->change->verb,
		                   c->left > 1 ? " (nor can the others)" : "");
	if (!result && *next == count)
		result = say(c, err);
	return store_leave(c->edit.s, result, err);
}

static int change_runs(struct store *s, const char *who, const int64_t *runs, size_t count,
                       const struct change *change, int64_t *changed, int64_t *left, struct error *err)
{
	struct changing c = {
	    .edit = {.s = s, .who = who, .at = time_now_ms(), .many = count > STORE_EDIT_AT_ONCE && !s->depth},
	    .slice = {.many = count > STORE_EDIT_AT_ONCE && !s->depth},
	    .change = change};
	struct str *const texts[] = {&c.was, &c.name, &c.uuid, &c.first, &c.names};
	size_t next = 0;
	int result;

	if (edit_ready(s, who, err) || (c.edit.many && edit_many_begin(s, err)))
		return -1;
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		str_init(texts[i]);
	do
		result = change_slice(&c, runs, count, &next, err);
	while (!result && next < count && !(result = edit_slice_pause(s, &c.slice, err)));
	if (c.edit.many)
		edit_many_end(s, !result);
	if (!result && changed)
		*changed = c.runs;
	if (!result && left)
		*left = c.left;
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		str_release(texts[i]);
	return result;
}

/* As much of a text as a line of the log has room for. */
static char *shortened(const char *text)
{
	enum { ROOM = 80 };
	size_t len = strlen(text);

	if (len <= ROOM)
		return xstrdup(text);
	for (len = ROOM; len && ((unsigned char)text[len] & 0xC0) == 0x80; len--)
		;
	return xasprintf("%.*s…", (int)len, text);
}

/* "TIME TEXT" as items hold it. */
static char *timed_now(const char *text)
{
	return xasprintf("%lld %s", (long long)time_now_ms(), text);
}

static int put_away(struct store *s, const char *who, const int64_t *runs, size_t count, struct change change,
                    int64_t *changed, int64_t *left, struct error *err)
{
	char at[24];

	snprintf(at, sizeof(at), "%lld", (long long)time_now_ms());
	change.after = change.if_over ? at : NULL;
	change.tail = "";
	return change_runs(s, who, runs, count, &change, changed, left, err);
}

int store_archive(struct store *s, const char *who, const int64_t *runs, size_t count, bool archived,
                  int64_t *changed, int64_t *left, struct error *err)
{
	static const struct change away = {.kind = "archived", .verb = "archived", .if_over = true},
	                           back = {.kind = "archived", .also = "removed", .verb = "restored"};

	return put_away(s, who, runs, count, archived ? away : back, changed, left, err);
}

int store_remove(struct store *s, const char *who, const int64_t *runs, size_t count, int64_t *changed,
                 int64_t *left, struct error *err)
{
	return put_away(s, who, runs, count,
	                (struct change){.kind = "removed", .verb = "removed", .if_over = true}, changed, left,
	                err);
}

int store_tag_edit(struct store *s, const char *who, const int64_t *runs, size_t count, const char *key,
                   const char *value, int64_t *changed, struct error *err)
{
	char *after = value ? timed_now(value) : NULL, *shown = shortened(value ? value : ""),
	     *tail = value ? xasprintf(": %s=%s", key, shown) : xasprintf(": %s", key);
	int result = key[0] ? change_runs(s, who, runs, count,
	                                  &(struct change){.kind = "tag",
	                                                   .key = key,
	                                                   .after = after,
	                                                   .verb = value ? "tagged" : "untagged",
	                                                   .tail = tail},
	                                  changed, NULL, err)
	                    : error_set(err, ERR_USAGE, "a tag needs a name");

	free(after);
	free(shown);
	free(tail);
	return result;
}

int store_note_edit(struct store *s, const char *who, int64_t run, const char *text, struct error *err)
{
	char *after = timed_now(text), *shown = shortened(text), *tail = xasprintf(": %s", shown);
	int result =
	    text[0]
	        ? change_runs(s, who, &run, 1,
	                      &(struct change){.kind = "note", .after = after, .verb = "annotated", .tail = tail},
	                      NULL, NULL, err)
	        : error_set(err, ERR_USAGE, "a note needs a text");

	free(after);
	free(shown);
	free(tail);
	return result;
}

int store_rename(struct store *s, const char *who, int64_t run, const char *name, struct error *err)
{
	char *tail = xasprintf(" to %s", name);
	int result =
	    name[0]
	        ? change_runs(s, who, &run, 1,
	                      &(struct change){.kind = "name", .after = name, .verb = "renamed", .tail = tail},
	                      NULL, NULL, err)
	        : error_set(err, ERR_USAGE, "a run needs a name");

	free(tail);
	return result;
}
