/*
 * Edits of many things at once.
 *
 * A million runs are not changed while everybody waits: such an edit is made of transactions that hold the lock for a
 * moment each. The row 'going' of `about` names it from the first to the last of them, and whoever makes it holds a
 * lock of its own (on a byte of .assay/lock) all the while, which the kernel takes from him when he dies. So whoever
 * writes next knows that an edit was left in the middle, and puts all that it has changed back to what the journal
 * says of it: nothing is half done for longer than that.
 *
 * An edit that is being made is EDIT_MAKING until its last transaction, and no journal has it. One that is taken back
 * or made again keeps its place in the journal until all its things are.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "edit.h"

enum {
	SLICE_MS = 30,
	SLICE_LEAST_MS = 5,
	HOLD_MS = 50,  /* of the lock, with committing and a checkpoint */
	PAUSE_MS = 10, /* longer than whoever waits for the lock stays away from it */
	STOPPED_MS = 300000,
	LOOK_EACH = 16, /* things between two looks at the clock */
	TRIM_PIECE = 500,
	SWEEP_STEPS = 16, /* whatever the clock says */
};

/* ---- whose turn it is ---- */

/* 1: it is ours (it may have been before); 0: another has it. */
static int take_turn(struct store *s, struct error *err)
{
	struct flock byte = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1, .l_len = 1};

	if (fcntl(s->lock_fd, F_OFD_SETLK, &byte) == 0)
		return 1;
	if (errno == EAGAIN || errno == EACCES || errno == EINTR)
		return 0;
	return error_errno(err, ERR_STORE, "cannot lock the store %s", s->path);
}

static void leave_turn(struct store *s)
{
	struct flock byte = {.l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = 1, .l_len = 1};

	fcntl(s->lock_fd, F_OFD_SETLK, &byte);
}

static void pause_ms(int ms)
{
	const struct timespec wait = {0, ms * 1000000L};

	ppoll(NULL, 0, &wait, NULL);
}

/* ---- what is going on ---- */

#define GOING                                                                                                \
	"SELECT CAST(a.value AS INTEGER), e.undone, e.who FROM about a LEFT JOIN edit e ON e.id = CAST(a.value " \
	"AS INTEGER) WHERE a.key = 'going'"

/* *edit 0: nothing. */
static int going(struct store *s, int64_t *edit, int *undone, const char *who, bool *theirs,
                 struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, GOING, err);
	int rc = stmt ? store_step(s, stmt, err) : -1;

	*edit = 0;
	*theirs = false;
	if (rc <= 0)
		return rc;
	*edit = sqlite3_column_int64(stmt, 0);
	*undone = sqlite3_column_int(stmt, 1);
	*theirs = who && sqlite3_column_text(stmt, 2) && !strcmp(who, (const char *)sqlite3_column_text(stmt, 2));
	sqlite3_reset(stmt);
	return 0;
}

static int with_edit(struct store *s, const char *sql, int64_t edit, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, sql, err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, edit);
	return store_run_statement(s, stmt, err);
}

int edit_goes(struct store *s, int64_t edit, struct error *err)
{
	return with_edit(s, "INSERT OR REPLACE INTO about (key, value) VALUES ('going', CAST(?1 AS TEXT))", edit,
	                 err);
}

int edit_went(struct store *s, struct error *err)
{
	return with_edit(s, "DELETE FROM about WHERE key = 'going'", 0, err);
}

/* ---- slices ---- */

void edit_slice_begin(struct edit_slice *slice)
{
	if (!slice->budget)
		slice->budget = SLICE_MS;
	slice->things = 0;
	slice->begun = time_mono_ms();
	slice->until = slice->begun + slice->budget;
}

bool edit_slice_full(struct edit_slice *slice)
{
	return slice->many && ++slice->things % LOOK_EACH == 0 && time_mono_ms() >= slice->until;
}

int edit_slice_pause(struct store *s, struct edit_slice *slice, struct error *err)
{
	if (time_mono_ms() - slice->begun > HOLD_MS)
		slice->budget = slice->budget / 2 > SLICE_LEAST_MS ? slice->budget / 2 : SLICE_LEAST_MS;
	else if (slice->budget < SLICE_MS)
		slice->budget++;
	pause_ms(PAUSE_MS);
	/* The next transaction would not know of it. */
	return store_interrupted(s, err);
}

/* ---- edits that are nobody's ---- */

static int next_of_nobody(struct store *s, int64_t *edit, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "SELECT min(id) FROM edit WHERE who = ''", err);
	int rc = stmt ? store_step(s, stmt, err) : -1;

	*edit = rc > 0 ? sqlite3_column_int64(stmt, 0) : 0;
	if (rc > 0)
		sqlite3_reset(stmt);
	return rc < 0 ? -1 : 0;
}

int edit_sweep(struct store *s, int ms, int64_t *gone, struct error *err)
{
	const int64_t until = time_mono_ms() + ms;
	int steps = 0;

	/* A small one goes at once, however slow the machine is. */
	do {
		sqlite3_stmt *stmt;
		int64_t edit;

		if (next_of_nobody(s, &edit, err))
			return -1;
		if (!edit)
			return 0;
		stmt = store_prepare(s,
		                     "DELETE FROM edit_item WHERE edit = ?1 AND seq < ?2 + (SELECT min(seq) FROM "
		                     "edit_item WHERE edit = ?1)",
		                     err);
		if (!stmt)
			return -1;
		sqlite3_bind_int64(stmt, 1, edit);
		sqlite3_bind_int(stmt, 2, TRIM_PIECE);
		if (store_run_statement(s, stmt, err))
			return -1;
		if (sqlite3_changes(s->db))
			continue;
		if (with_edit(s, "DELETE FROM edit WHERE id = ?1", edit, err))
			return -1;
		++*gone;
	} while (++steps < SWEEP_STEPS || time_mono_ms() < until);
	return 1;
}

/* What this edit has put beyond recall. Where it fails, it is left to `compact`. */
static void sweep_all(struct store *s)
{
	int64_t gone = 0;
	int rc = 1;

	while (rc > 0 && store_enter(s, NULL) == 0) {
		rc = edit_sweep(s, SLICE_MS, &gone, NULL);
		if (store_leave(s, rc < 0 ? -1 : 0, NULL))
			return;
		if (rc > 0)
			pause_ms(PAUSE_MS);
	}
}

/* ---- what was left in the middle ---- */

static int put_back(struct store *s, int64_t edit, const struct edit_item *item, void *user,
                    struct error *err)
{
	struct str *now = user;
	bool there;

	if (edit_read(s, &item->thing, now, &there, err))
		return -1;
	/* What others have made of it meanwhile is theirs. */
	if (item->left ? !there || strcmp(now->data, item->left) != 0 : there)
		return 0;
	return edit_write(s, &item->thing, edit, item->seq, item->target, err);
}

/* Whether it is going on still: who settled it within a transaction of his caller may have left the turn before that
 * came to its end. */
static int goes_still(struct store *s, int64_t edit, bool *still, struct error *err)
{
	int64_t now;
	bool theirs;
	int undone;

	if (going(s, &now, &undone, NULL, &theirs, err))
		return -1;
	*still = now == edit;
	return 0;
}

/* With the turn. */
static int settle(struct store *s, struct error *err)
{
	struct edit_walk walk = {.slice.many = !s->depth};
	struct str now;
	bool theirs, still;
	int undone = 0, rc;

	if (going(s, &walk.edit, &undone, NULL, &theirs, err))
		return -1;
	if (!walk.edit)
		return 0;
	walk.undo = undone != 0;
	str_init(&now);
	do {
		if (store_enter(s, err)) {
			rc = -1;
			break;
		}
		edit_slice_begin(&walk.slice);
		rc = goes_still(s, walk.edit, &still, err);
		if (!rc && !still) {
			rc = store_leave(s, 0, err);
			break;
		}
		if (!rc)
			rc = edit_each(s, &walk, put_back, &now, err);
		if (!rc && undone == EDIT_MAKING)
			rc = with_edit(s, "UPDATE edit SET who = '', undone = 0 WHERE id = ?1", walk.edit, err);
		if (!rc)
			rc = edit_went(s, err);
		if (store_leave(s, rc < 0 ? -1 : 0, err))
			rc = -1;
		/* An interrupt of what is put back now is no reason to stop. */
		if (rc > 0)
			edit_slice_pause(s, &walk.slice, NULL);
	} while (rc > 0);
	str_release(&now);
	return rc;
}

static int still_theirs(const char *who, struct error *err)
{
	return error_set(err, ERR_NO,
	                 "an edit of many things in your name (%s) is still going on; nothing was changed: do it "
	                 "again when that is done",
	                 who);
}

int edit_is_free(struct store *s, const char *who, struct error *err)
{
	int64_t edit;
	bool theirs;
	int undone;

	if (going(s, &edit, &undone, who, &theirs, err))
		return -1;
	return theirs ? still_theirs(who, err) : 0;
}

int edit_ready(struct store *s, const char *who, struct error *err)
{
	int64_t edit;
	bool theirs;
	int undone, rc;

	if (s->mode != STORE_WRITE) /* it is said when the transaction begins */
		return 0;
	if (going(s, &edit, &undone, who, &theirs, err))
		return -1;
	if (!edit)
		return 0;
	rc = take_turn(s, err);
	if (rc > 0) {
		rc = settle(s, err);
		leave_turn(s);
		return rc;
	}
	if (rc == 0 && theirs)
		rc = still_theirs(who, err);
	return rc;
}

int edit_many_begin(struct store *s, struct error *err)
{
	const int64_t start = time_mono_ms();
	int rc;

	atomic_store(&s->interrupted, false);
	while ((rc = take_turn(s, err)) == 0) {
		if (store_interrupted(s, err))
			return -1;
		if (time_mono_ms() - start > STOPPED_MS)
			return error_set(
			    err, ERR_STORE,
			    "another program has been changing many things in the store %s for five minutes: "
			    "is it stopped (Ctrl-Z)? `fuser %s/lock` names it",
			    s->path, s->path);
		pause_ms(2 * PAUSE_MS);
	}
	if (rc > 0 && settle(s, err)) {
		leave_turn(s);
		return -1;
	}
	return rc < 0 ? -1 : 0;
}

void edit_many_end(struct store *s, bool whole)
{
	/* What cannot be put back now (a full disk, a second interrupt) is by whoever writes next. */
	if (!whole)
		settle(s, NULL);
	leave_turn(s);
	if (whole)
		sweep_all(s);
}
