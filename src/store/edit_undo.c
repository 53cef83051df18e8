/*
 * Edits taken back, and made again.
 *
 * Those of one person are a stack: what is taken back is always the newest that stands, so that what can be made
 * again lies above all that stands, its lowest being the one that was taken back last.
 */
#include "edit.h"

/* ---- items of an edit ---- */

struct item {
	int64_t seq;
	struct edit_thing thing;
	const char *left, *target; /* what the thing must be now, and what it is to become; until the next item */
};

/* Calls `each` for every item. It may change the item that it is called with, and the thing. */
static int each_item(struct store *s, int64_t edit, bool undo,
                     int (*each)(struct store *s, int64_t edit, const struct item *item, void *user,
                                 struct error *err),
                     void *user, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s,
	                                   "SELECT seq, kind, run, experiment, key, before, after FROM edit_item "
	                                   "WHERE edit = ? ORDER BY seq",
	                                   err);
	int rc = stmt ? 0 : -1;

	if (stmt)
		sqlite3_bind_int64(stmt, 1, edit);
	while (!rc && (rc = store_step(s, stmt, err)) > 0) {
		const char *before = (const char *)sqlite3_column_text(stmt, 5),
		           *after = (const char *)sqlite3_column_text(stmt, 6),
		           *kind = (const char *)sqlite3_column_text(stmt, 1);
		struct item item = {
		    .seq = sqlite3_column_int64(stmt, 0),
		    .thing = {.kind = edit_kind_find(kind),
		              .run = sqlite3_column_int64(stmt, 2),
		              .experiment = (const char *)sqlite3_column_text(stmt, 3),
		              .key = (const char *)sqlite3_column_text(stmt, 4)},
		    .left = undo ? after : before,
		    .target = undo ? before : after,
		};

		if (atomic_load(&s->interrupted))
			rc = error_set(err, ERR_STORE, "interrupted");
		else if (!item.thing.kind)
			rc = error_set(err, ERR_STORE, "the store %s holds an edit of a kind that is not known: \"%s\"",
			               s->path, kind);
		else
			rc = each(s, edit, &item, user, err);
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

static void say(struct stale *stale, const struct item *item, const char *name, const char *now)
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

static int name_and_say(struct store *s, struct stale *stale, const struct item *item, const char *now,
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

static int look(struct store *s, int64_t edit, const struct item *item, void *user, struct error *err)
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

static int check(struct store *s, const struct store_edit *edit, bool undo, struct error *err)
{
	struct stale stale = {.count = 0};
	int result;

	str_init(&stale.now);
	str_init(&stale.said);
	result = each_item(s, edit->id, undo, look, &stale, err);
	if (!result && stale.count > SAID)
		str_addf(&stale.said, " and %lld more have changed", (long long)(stale.count - SAID));
	if (!result && stale.count)
		result = error_set(err, ERR_STALE, "\"%s\" cannot be %s: meanwhile %s; nothing was changed",
		                   edit->text, undo ? "taken back" : "made again", stale.said.data);
	str_release(&stale.now);
	str_release(&stale.said);
	return result;
}

/* ---- taking back ---- */

static int put(struct store *s, int64_t edit, const struct item *item, void *user, struct error *err)
{
	(void)user;
	return edit_write(s, &item->thing, edit, item->seq, item->target, err);
}

static int mark(struct store *s, int64_t edit, bool undone, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "UPDATE edit SET undone = ?2 WHERE id = ?1", err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, edit);
	sqlite3_bind_int(stmt, 2, undone);
	return store_run_statement(s, stmt, err);
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

static int turn(struct store *s, const char *who, bool undo, struct arena *mem, struct store_edit *out,
                struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    s,
	    undo ? "SELECT id, at, text, undone, purged FROM edit WHERE who = ? AND undone = 0 ORDER "
	           "BY id DESC LIMIT 1"
	         : "SELECT id, at, text, undone, purged FROM edit WHERE who = ? AND undone = 1 ORDER "
	           "BY id LIMIT 1",
	    err);
	int rc;

	if (!stmt)
		return -1;
	bind_text(stmt, 1, who);
	rc = store_step(s, stmt, err);
	if (rc <= 0)
		return rc;
	read_edit(stmt, mem, out);
	sqlite3_reset(stmt);
	if (check(s, out, undo, err) || each_item(s, out->id, undo, put, NULL, err) ||
	    mark(s, out->id, undo, err) ||
	    store_activity_add(s, who, undo ? "took back:" : "did again:", out->text, err))
		return -1;
	out->undone = undo;
	return 0;
}

int store_undo(struct store *s, const char *who, struct arena *mem, struct store_edit *out, struct error *err)
{
	*out = (struct store_edit){0};
	if (store_enter(s, err))
		return -1;
	return store_leave(s, turn(s, who, true, mem, out, err), err);
}

int store_redo(struct store *s, const char *who, struct arena *mem, struct store_edit *out, struct error *err)
{
	*out = (struct store_edit){0};
	if (store_enter(s, err))
		return -1;
	return store_leave(s, turn(s, who, false, mem, out, err), err);
}

/* ---- looking ---- */

int store_edits(struct store *s, const char *who, size_t limit, struct arena *mem, struct store_edit **out,
                size_t *count, struct error *err)
{
#define EDITS(purged)                                                                                        \
	"SELECT id, at, text, undone, " purged " FROM edit WHERE who = ? ORDER BY id DESC LIMIT ?"
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
