/*
 * Transactions, the lock beside the database, and checkpoints.
 *
 * SQLite before 3.51.3 can lose committed pages of a write-ahead log that one process resets while another
 * checkpoints it (the WAL-reset bug). There, every write transaction and every checkpoint of ours is made
 * under one exclusive flock on .assay/lock, automatic checkpoints are off, and closing does not checkpoint.
 * On newer ones SQLite is left to itself.
 */
#include <errno.h>
#include <poll.h>
#include <sys/file.h>

#include "internal.h"

enum {
	LOCK_PATIENCE_MS =
	    60000, /* longer than any transaction of ours by far: whoever holds it has been stopped */
	CHECKPOINT_PAGES = 1000, /* 4 MB of log: SQLite's own choice */
	LATER_PAGES = 4 * CHECKPOINT_PAGES,
	LEFT_BEHIND_PAGES = 100,
	TRUNCATE_PAGES = 16000, /* 64 MB: cut it when readers are not in the way */
};

int store_lock(struct store *s, struct error *err)
{
	int64_t start = time_mono_ms();
	/* Not all at the same beat: processes that met once would meet again. */
	unsigned jitter = (unsigned)(uintptr_t)s / 64 + (unsigned)start, pause_us = 100;

	if (!s->side_lock)
		return 0;
	while (flock(s->lock_fd, LOCK_EX | LOCK_NB)) {
		struct timespec wait;

		if (errno != EWOULDBLOCK && errno != EINTR)
			return error_errno(err, ERR_STORE, "cannot lock the store %s", s->path);
		if (atomic_load(&s->interrupted))
			return error_set(err, ERR_STORE, "interrupted");
		if (time_mono_ms() - start > LOCK_PATIENCE_MS)
			return error_set(
			    err, ERR_STORE,
			    "the store %s has been locked by another program for a minute: is one of them stopped "
			    "(Ctrl-Z)? `fuser %s/lock` names it",
			    s->path, s->path);
		jitter = jitter * 1103515245u + 12345u;
		wait = (struct timespec){0, (long)(pause_us + jitter / 65536 % pause_us) * 1000};
		ppoll(NULL, 0, &wait, NULL);
		if (pause_us < 3000)
			pause_us *= 2;
	}
	return 0;
}

void store_unlock(struct store *s)
{
	if (s->side_lock)
		flock(s->lock_fd, LOCK_UN);
}

/* Under the lock. A checkpoint that readers are in the way of is made later: nothing is lost by it; and other writers
 * wait for us. */
static void checkpoint(struct store *s, int mode)
{
	s->impatient = true;
	sqlite3_wal_checkpoint_v2(s->db, NULL, mode, NULL, NULL);
	s->impatient = false;
}

/* One that is this long has had readers in the way: it is cut. */
static int mode_of(const struct store *s)
{
	return s->wal_pages < TRUNCATE_PAGES ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE;
}

/* For any commit the hook says how long the log is; where SQLite makes checkpoints by itself there is none. */
static void checkpoint_if_long(struct store *s)
{
	if (s->wal_pages >= (s->later ? LATER_PAGES : CHECKPOINT_PAGES))
		checkpoint(s, mode_of(s));
}

static bool lock_at_once(struct store *s)
{
	return !s->side_lock || !flock(s->lock_fd, LOCK_EX | LOCK_NB);
}

bool store_checkpoint_due(const struct store *s)
{
	return s->wal_pages >= CHECKPOINT_PAGES && !s->moved;
}

void store_checkpoint_now(struct store *s)
{
	if (s->depth || !lock_at_once(s))
		return;
	checkpoint(s, mode_of(s));
	s->moved = true;
	store_unlock(s);
}

/* A log that is left behind is read from end to end by whoever opens the store next: a long one is cut, if
 * nobody is in the way. */
void store_checkpoint(struct store *s)
{
	if (!s->side_lock || s->wal_pages < LEFT_BEHIND_PAGES || !lock_at_once(s))
		return;
	checkpoint(s, SQLITE_CHECKPOINT_TRUNCATE);
	store_unlock(s);
}

static int execute(struct store *s, const char *sql, struct error *err)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : store_fail(s, err);
}

/* Compiled once. */
static int run_kept(struct store *s, const char *constant_sql, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, constant_sql, err);

	return stmt ? store_run_statement(s, stmt, err) : -1;
}

/* An interrupt that comes in the middle takes it for its own: once more, until nothing is open. */
static void take_back(struct store *s)
{
	for (int tries = 0; tries < 1000 && !sqlite3_get_autocommit(s->db); tries++)
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

int store_begin(struct store *s, enum store_sync sync, struct error *err)
{
	bool synced = sync == STORE_DURABLE;

	if (s->mode != STORE_WRITE)
		return error_set(err, ERR_STORE, "the store %s is open for reading only", s->path);
	if (s->depth) {
		s->depth++;
		return 0;
	}
	atomic_store(&s->interrupted, false);
	if (store_lock(s, err))
		return -1;
	if (synced != s->synced) {
		if (execute(s, synced ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", err))
			goto fail;
		s->synced = synced;
	}
	if (run_kept(s, "BEGIN IMMEDIATE", err))
		goto fail;
	s->depth = 1;
	series_rows_begin(s);
	return 0;
fail:
	take_back(s);
	store_unlock(s);
	return -1;
}

int store_end(struct store *s, bool keep, struct error *err)
{
	int result = 0;

	if (!s->depth)
		bug("store_end without store_begin");
	if (--s->depth)
		return 0;
	if (keep)
		result = run_kept(s, "COMMIT", err);
	if (result == 0 && keep)
		s->changes++;
	/* SQLite has taken the transaction back by itself after some failures (a full disk). */
	if (!keep || result)
		take_back(s);
	series_rows_end(s, keep && !result);
	if (keep && !result)
		checkpoint_if_long(s);
	store_unlock(s);
	return result;
}

int store_enter(struct store *s, struct error *err)
{
	return store_begin(s, STORE_NORMAL, err);
}

int store_leave(struct store *s, int result, struct error *err)
{
	if (store_end(s, result >= 0, err))
		return -1;
	return result;
}

int store_enter_read(struct store *s, struct error *err)
{
	if (s->depth || s->reading) {
		s->reading += !s->depth;
		return 0;
	}
	atomic_store(&s->interrupted, false);
	if (execute(s, "BEGIN", err)) {
		take_back(s); /* what was interrupted may have begun */
		return -1;
	}
	s->reading = 1;
	return 0;
}

void store_leave_read(struct store *s)
{
	if (s->depth || --s->reading)
		return;
	/* Nothing was written. */
	take_back(s);
}

void store_interrupt(struct store *s)
{
	atomic_store(&s->interrupted, true);
	sqlite3_interrupt(s->db);
}

int store_interrupted(struct store *s, struct error *err)
{
	return atomic_load(&s->interrupted) ? error_set(err, ERR_STORE, "interrupted") : 0;
}

int64_t store_change(struct store *s)
{
	int64_t version = 0;
	sqlite3_stmt *stmt = store_prepare(s, "PRAGMA data_version", NULL);

	if (stmt && store_step(s, stmt, NULL) > 0) {
		version = sqlite3_column_int64(stmt, 0);
		sqlite3_reset(stmt);
	}
	/* data_version tells of others' commits only. */
	return (int64_t)((uint64_t)version << 32) + s->changes;
}
