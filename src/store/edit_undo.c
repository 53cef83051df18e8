/*
 * Edits taken back, and made again.
 *
 * Those of one person are a stack: what is taken back is always the newest that stands, so that what can be made
 * again lies above all that stands, its lowest being the one that was taken back last.
 */
#include "edit.h"

/* ---- items of an edit ---- */

static void read_item(sqlite3_stmt *stmt, bool undo, struct edit_item *item)
{
	const char *before = (const char *)sqlite3_column_text(stmt, 5),
	           *after = (const char *)sqlite3_column_text(stmt, 6);

	*item = (struct edit_item){
	    .seq = sqlite3_column_int64(stmt, 0),
	    .thing = {.kind = edit_kind_find((const char *)sqlite3_column_text(stmt, 1)),
	              .run = sqlite3_column_int64(stmt, 2),
	              .experiment = (const char *)sqlite3_column_text(stmt, 3),
	              .key = (const char *)sqlite3_column_text(stmt, 4)},
	    .left = undo ? after : before,
	    .target = undo ? before : after,
	};
}

int edit_each(struct store *s, struct edit_walk *walk,
              int (*each)(struct store *s, int64_t edit, const struct edit_item *item, void *user,
                          struct error *err),
              void *user, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s,
	                                   "SELECT seq, kind, run, experiment, key, before, after FROM edit_item "
	                                   "WHERE edit = ? AND seq >= ? ORDER BY seq",
	                                   err);
	int rc = stmt ? 0 : -1;

	if (stmt) {
		sqlite3_bind_int64(stmt, 1, walk->edit);
		sqlite3_bind_int64(stmt, 2, walk->next);
	}
	while (!rc && (rc = store_step(s, stmt, err)) > 0) {
		struct edit_item item;

		read_item(stmt, walk->undo, &item);
		walk->next = item.seq + 1;
		if (atomic_load(&s->interrupted))
			rc = error_set(err, ERR_STORE, "interrupted");
		else if (!item.thing.kind)
			rc = error_set(err, ERR_STORE, "the store %s holds an edit of a kind that is not known: \"%s\"",
			               s->path, (const char *)sqlite3_column_text(stmt, 1));
		else
			rc = each(s, walk->edit, &item, user, err);
		if (!rc)
			rc = edit_slice_full(&walk->slice);
		if (rc)
			sqlite3_reset(stmt);
	}
	return rc;
}

/* ---- whether it is still as it was left ---- */

enum { SAID = 3 /* things that are named */ };

struct stale {
	struct str now; /* of the thing in hand */
	struct str said;
	int64_t count;
};

static void say(struct stale *stale, const struct edit_item *item, const char *name, const char *now)
{
	const struct edit_thing *t = &item->thing;
	const char *kind = edit_kind_name(t->kind);
	struct str *out = &stale->said;

	if (stale->count > 1)
		str_adds(out, ", ");
	if (strcmp(kind, "archived") == 0 || strcmp(kind, "removed") == 0)
		str_addf(out, "%s was %s%s", name, now ? kind : "restored", now && item->left ? " again" : "");
	else if (strcmp(kind, "name") == 0)
		str_addf(out, "%s was renamed to %s", item->left, now ? now : "?");
	else if (strcmp(kind, "tag") == 0 && now)
		str_addf(out, "%s was tagged %s=%s", name, t->key, edit_value_text(t->kind, now));
	else if (strcmp(kind, "tag") == 0)
		str_addf(out, "%s was untagged: %s", name, t->key);
	else if (strcmp(kind, "note") == 0)
		str_addf(out, "the note on %s was %s", name, now ? "changed" : "removed");
	else
		str_addf(out, "the %s %s was %s", kind, t->key, !now ? "removed" : item->left ? "changed" : "saved");
}

static int name_and_say(struct store *s, struct stale *stale, const struct edit_item *item, const char *now,
                        struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "SELECT name FROM run WHERE id = ?", err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, item->thing.run);
	rc = store_step(s, stmt, err);
	if (rc < 0)
		return -1;
	say(stale, item, rc ? (const char *)sqlite3_column_text(stmt, 0) : "a run that is gone", now);
	sqlite3_reset(stmt);
	return 0;
}

static int look(struct store *s, int64_t edit, const struct edit_item *item, void *user, struct error *err)
{
	struct stale *stale = user;
	const char *now;
	bool there;

	(void)edit;
	if (edit_read(s, &item->thing, &stale->now, &there, err))
		return -1;
	now = there ? stale->now.data : NULL;
	if (now && item->left ? strcmp(now, item->left) == 0 : !now && !item->left)
		return 0;
	return ++stale->count <= SAID ? name_and_say(s, stale, item, now, err) : 0;
}

static void stale_init(struct stale *stale)
{
	*stale = (struct stale){.count = 0};
	str_init(&stale->now);
	str_init(&stale->said);
}

/* ERR_STALE if anything was found; releases it. */
static int stale_end(struct stale *stale, const struct store_edit *edit, bool undo, int rc, struct error *err)
{
	if (!rc && stale->count > SAID)
		str_addf(&stale->said, " and %lld more have changed", (long long)(stale->count - SAID));
	if (!rc && stale->count)
		rc = error_set(err, ERR_STALE, "\"%s\" cannot be %s: meanwhile %s; nothing was changed", edit->text,
		               undo ? "taken back" : "made again", stale->said.data);
	str_release(&stale->now);
	str_release(&stale->said);
	return rc;
}

static int check(struct store *s, const struct store_edit *edit, bool undo, struct error *err)
{
	struct edit_walk walk = {.edit = edit->id, .undo = undo};
	struct stale stale;

	stale_init(&stale);
	return stale_end(&stale, edit, undo, edit_each(s, &walk, look, &stale, err), err);
}

/* ---- taking back ---- */

static int put(struct store *s, int64_t edit, const struct edit_item *item, void *user, struct error *err)
{
	(void)user;
	return edit_write(s, &item->thing, edit, item->seq, item->target, err);
}

static int mark(struct store *s, const char *who, struct store_edit *edit, bool undone, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "UPDATE edit SET undone = ?2 WHERE id = ?1", err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, edit->id);
	sqlite3_bind_int(stmt, 2, undone);
	if (store_run_statement(s, stmt, err) ||
	    store_activity_add(s, who, undone ? "took back:" : "did again:", edit->text, err))
		return -1;
	edit->undone = undone;
	return 0;
}

/* id, at, text, undone; how many of its things were purged. */
static void read_edit(sqlite3_stmt *stmt, struct arena *mem, struct store_edit *out)
{
	const int64_t purged = sqlite3_column_int64(stmt, 4);

	out->id = sqlite3_column_int64(stmt, 0);
	out->at = sqlite3_column_int64(stmt, 1);
	out->text = column_text(mem, stmt, 2);
	out->undone = sqlite3_column_int(stmt, 3) != 0;
	if (purged)
		out->text =
		    arena_printf(mem, "%s (but for %lld that went with purged runs)", out->text, (long long)purged);
}

/* The one whose turn it is, and whether it has many things; out->id 0: there is none. */
static int find(struct store *s, const char *who, bool undo, struct arena *mem, struct store_edit *out,
                bool *many, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    s,
	    undo ? "SELECT id, at, text, undone, purged FROM edit WHERE who = ? AND undone = 0 ORDER "
	           "BY id DESC LIMIT 1"
	         : "SELECT id, at, text, undone, purged FROM edit WHERE who = ? AND undone = 1 ORDER "
	           "BY id LIMIT 1",
	    err);
	int rc;

	*out = (struct store_edit){0};
	if (!stmt)
		return -1;
	bind_text(stmt, 1, who);
	rc = store_step(s, stmt, err);
	if (rc <= 0)
		return rc;
	read_edit(stmt, mem, out);
	sqlite3_reset(stmt);
	stmt = store_prepare(s, "SELECT max(seq) FROM edit_item WHERE edit = ?", err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, out->id);
	if (store_step(s, stmt, err) < 0)
		return -1;
	*many = sqlite3_column_int64(stmt, 0) >= STORE_EDIT_AT_ONCE;
	sqlite3_reset(stmt);
	return 0;
}

/* In one transaction. *many: it was not done, because it is better done in many. */
static int turn(struct store *s, const char *who, bool undo, struct arena *mem, struct store_edit *out,
                bool *many, struct error *err)
{
	struct edit_walk walk = {.undo = undo};
	const bool within = s->depth > 0;
	int rc;

	if (store_enter(s, err))
		return -1;
	rc = edit_is_free(s, who, err) || find(s, who, undo, mem, out, many, err) ? -1 : 0;
	*many = *many && !within;
	if (!rc && out->id && !*many) {
		walk.edit = out->id;
		if (check(s, out, undo, err) || edit_each(s, &walk, put, NULL, err) || mark(s, who, out, undo, err))
			rc = -1;
	}
	return store_leave(s, rc, err);
}

struct turning {
	struct stale stale;
	struct edit_walk walk;
};

/* What has changed since the first look is seen now. */
static int look_and_put(struct store *s, int64_t edit, const struct edit_item *item, void *user,
                        struct error *err)
{
	struct stale *stale = user;

	if (look(s, edit, item, stale, err))
		return -1;
	return stale->count ? 0 : edit_write(s, &item->thing, edit, item->seq, item->target, err);
}

/* 1: there is more; a stale thing ends it. */
static int turn_slice(struct store *s, const char *who, struct turning *t, struct store_edit *out,
                      struct error *err)
{
	int rc;

	if (store_enter(s, err))
		return -1;
	rc = t->walk.next ? 0 : edit_goes(s, out->id, err);
	edit_slice_begin(&t->walk.slice);
	if (!rc)
		rc = edit_each(s, &t->walk, look_and_put, &t->stale, err);
	if (t->stale.count && rc > 0)
		rc = 0;
	else if (!rc && !t->stale.count && (edit_went(s, err) || mark(s, who, out, t->walk.undo, err)))
		rc = -1;
	return store_leave(s, rc < 0 ? -1 : 0, err) ? -1 : rc;
}

/* In many of them. First all is looked at, while others write: who is told that nothing can be done need not have
 * half of it done and put back. */
static int turn_many(struct store *s, const char *who, bool undo, struct arena *mem, struct store_edit *out,
                     struct error *err)
{
	struct turning t = {.walk = {.undo = undo, .slice.many = true}};
	bool many;
	int rc;

	if (edit_many_begin(s, err))
		return -1;
	rc = store_enter_read(s, err);
	if (!rc) {
		rc = find(s, who, undo, mem, out, &many, err);
		if (!rc && out->id)
			rc = check(s, out, undo, err);
		store_leave_read(s);
	}
	if (!rc && out->id) {
		t.walk.edit = out->id;
		stale_init(&t.stale);
		while ((rc = turn_slice(s, who, &t, out, err)) > 0)
			if (edit_slice_pause(s, &t.walk.slice, err)) {
				rc = -1;
				break;
			}
		rc = stale_end(&t.stale, out, undo, rc, err);
	}
	edit_many_end(s, !rc);
	return rc;
}

static int turn_any(struct store *s, const char *who, bool undo, struct arena *mem, struct store_edit *out,
                    struct error *err)
{
	bool many = false;

	*out = (struct store_edit){0};
	if (edit_ready(s, who, err) || turn(s, who, undo, mem, out, &many, err))
		return -1;
	return many ? turn_many(s, who, undo, mem, out, err) : 0;
}

int store_undo(struct store *s, const char *who, struct arena *mem, struct store_edit *out, struct error *err)
{
	return turn_any(s, who, true, mem, out, err);
}

int store_redo(struct store *s, const char *who, struct arena *mem, struct store_edit *out, struct error *err)
{
	return turn_any(s, who, false, mem, out, err);
}

/* ---- looking ---- */

int store_edits(struct store *s, const char *who, size_t limit, struct arena *mem, struct store_edit **out,
                size_t *count, struct error *err)
{
#define EDITS(purged)                                                                                        \
	"SELECT id, at, text, undone, " purged " FROM edit WHERE who = ? AND undone < 2 ORDER BY id DESC LIMIT " \
	"?"
	struct list l = {0};
	sqlite3_stmt *stmt;
	int rc;

	if (store_schema(s) < SCHEMA_ARCHIVED)
		return list_hand_over(&l, sizeof(struct store_edit), 0, mem, out, count);
	stmt = store_schema(s) >= SCHEMA_REMOVED ? store_prepare(s, EDITS("purged"), err)
	                                         : store_prepare(s, EDITS("0"), err);
	if (!stmt)
		return -1;
	bind_text(stmt, 1, who);
	sqlite3_bind_int64(stmt, 2, limit < INT64_MAX ? (int64_t)limit : INT64_MAX);
	while ((rc = store_step(s, stmt, err)) > 0)
		read_edit(stmt, mem, list_add(&l, sizeof(struct store_edit)));
	return list_hand_over(&l, sizeof(struct store_edit), rc, mem, out, count);
}

static const char *value_of(sqlite3_stmt *stmt, int at, const char *kind, struct arena *mem)
{
	const char *value = column_text(mem, stmt, at);
	const struct edit_kind *known = edit_kind_find(kind);

	return value && known ? edit_value_text(known, value) : value;
}

int store_edit_items(struct store *s, int64_t edit, size_t limit, struct arena *mem,
                     struct store_edit_item **out, size_t *count, struct error *err)
{
	struct list l = {0};
	sqlite3_stmt *stmt;
	int rc;

	if (store_schema(s) < SCHEMA_ARCHIVED)
		return list_hand_over(&l, sizeof(struct store_edit_item), 0, mem, out, count);
	stmt =
	    store_prepare(s,
	                  "SELECT i.kind, i.run, r.uuid, i.experiment, i.key, i.before, i.after FROM edit_item i "
	                  "LEFT JOIN run r ON r.id = i.run WHERE i.edit = ? ORDER BY i.seq LIMIT ?",
	                  err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, edit);
	sqlite3_bind_int64(stmt, 2, limit < INT64_MAX ? (int64_t)limit : INT64_MAX);
	while ((rc = store_step(s, stmt, err)) > 0) {
		struct store_edit_item *i = list_add(&l, sizeof(*i));

		i->kind = column_text(mem, stmt, 0);
		i->run = sqlite3_column_int64(stmt, 1);
		i->uuid = column_text(mem, stmt, 2);
		i->experiment = column_text(mem, stmt, 3);
		i->key = column_text(mem, stmt, 4);
		i->before = value_of(stmt, 5, i->kind, mem);
		i->after = value_of(stmt, 6, i->kind, mem);
	}
	return list_hand_over(&l, sizeof(struct store_edit_item), rc, mem, out, count);
}
