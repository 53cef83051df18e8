/*
 * Purging: what was removed goes for good, in transactions that hold the lock for a moment each.
 *
 * A run that is small goes in one of them. A large one is marked first (its time of removal becomes negative), from
 * when on it is in no list and cannot be brought back, and loses its points piece by piece; its row goes last, so that
 * whatever is killed, what is left can be found and purged on.
 */
#include <stdlib.h>

#include "internal.h"
#include "series.h"

#include "assay/store_remove.h"

enum { PIECE = 256 /* rows that are deleted between two looks at the clock */ };

struct purging {
	struct store *s;
	const char *who;
	struct store_purge *p;
	int64_t until;           /* on the monotonic clock */
	sqlite3_stmt *drops[32]; /* ?1: the run; from all tables but series, the run itself last */
	size_t drop_count;
	char *folders; /* ids of runs whose folders go, ID_TEXT each */
	size_t folder_count, folder_cap;
};

static int with_run(struct store *s, const char *constant_sql, int64_t run, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, constant_sql, err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	return store_run_statement(s, stmt, err);
}

static bool late(const struct purging *u)
{
	return time_mono_ms() >= u->until;
}

/* ---- what a run has ---- */

static int add_drop(struct purging *u, const char *table, const char *column, struct error *err)
{
	char *sql = xasprintf("DELETE FROM \"%s\" WHERE \"%s\" = ?1", table, column);
	sqlite3_stmt *stmt;

	if (u->drop_count == COUNT_OF(u->drops))
		bug("more tables refer to runs than a purge has room for");
	stmt = store_prepare_once(u->s, sql, err);
	if (stmt)
		u->drops[u->drop_count++] = stmt;
	free(sql);
	return stmt ? 0 : -1;
}

/* Every table that refers to a run, as the schema says it: whoever adds one need not know of purging. Series and their
 * points are many, and go piece by piece. */
static int prepare_drops(struct purging *u, struct error *err)
{
	sqlite3_stmt *tables =
	    store_prepare(u->s,
	                  "SELECT m.name, f.\"from\" FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f "
	                  "WHERE m.type = 'table' AND f.\"table\" = 'run' AND m.name <> 'series'",
	                  err);
	int rc = tables ? 0 : -1;

	while (!rc && (rc = store_step(u->s, tables, err)) > 0)
		rc = add_drop(u, (const char *)sqlite3_column_text(tables, 0),
		              (const char *)sqlite3_column_text(tables, 1), err);
	if (tables)
		sqlite3_reset(tables);
	return rc ? -1 : add_drop(u, "run", "id", err);
}

static int drop_rows(const struct purging *u, int64_t run, struct error *err)
{
	for (size_t i = 0; i < u->drop_count; i++) {
		sqlite3_bind_int64(u->drops[i], 1, run);
		if (store_run_statement(u->s, u->drops[i], err))
			return -1;
	}
	return 0;
}

/* ---- a run ---- */

struct leaving {
	int64_t id;
	char uuid[ID_TEXT];
	struct str name;
	bool begun; /* with purging it */
};

/* 1: it is there and may go; 0: it is not there, or stays. */
static int look(struct store *s, int64_t id, struct leaving *l, bool *there, struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(s,
	                  "SELECT uuid, name, removed, removed IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "
	                  "model_version v WHERE v.run = r.uuid) FROM run r WHERE id = ?1",
	                  err);
	int rc, may;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, id);
	rc = store_step(s, stmt, err);
	*there = rc > 0;
	if (rc <= 0)
		return rc;
	l->id = id;
	snprintf(l->uuid, sizeof(l->uuid), "%s", (const char *)sqlite3_column_text(stmt, 0));
	str_clear(&l->name);
	str_adds(&l->name, (const char *)sqlite3_column_text(stmt, 1));
	l->begun = sqlite3_column_int64(stmt, 2) < 0;
	may = sqlite3_column_int(stmt, 3);
	sqlite3_reset(stmt);
	return may;
}

/* Edits that speak of it lose what they say of it. "+i.edit": by the run's index, or all things of a large edit would
 * be walked for each of its runs. */
static int forget_edits(const struct purging *u, int64_t run, struct error *err)
{
	if (with_run(
	        u->s,
	        "UPDATE edit SET purged = purged + (SELECT count(*) FROM edit_item i WHERE +i.edit = edit.id "
	        "AND i.run = ?1) WHERE id IN (SELECT edit FROM edit_item WHERE run = ?1)",
	        run, err))
		return -1;
	return with_run(u->s, "DELETE FROM edit_item WHERE run = ?1", run, err);
}

/* Blocks of a series, a piece at a time: 1 if it is late and some are left. */
static int drop_blocks(const struct purging *u, int64_t series, struct error *err)
{
	do {
		sqlite3_stmt *stmt = store_prepare(u->s,
		                                   "DELETE FROM chunk WHERE id IN (SELECT id FROM chunk WHERE "
		                                   "id >= ?1 AND id < ?2 LIMIT ?3)",
		                                   err);

		if (!stmt)
			return -1;
		sqlite3_bind_int64(stmt, 1, series << CHUNK_BITS);
		sqlite3_bind_int64(stmt, 2, (series + 1) << CHUNK_BITS);
		sqlite3_bind_int(stmt, 3, PIECE);
		if (store_run_statement(u->s, stmt, err))
			return -1;
		if (sqlite3_changes(u->s->db) < PIECE)
			return 0;
	} while (!late(u));
	return 1;
}

/* 1: it is late, and some are left. */
static int drop_series(const struct purging *u, int64_t run, struct error *err)
{
	/* One at least, however late it is: a call gets on in any case. */
	for (int looked = 0;; looked++) {
		sqlite3_stmt *stmt = store_prepare(u->s, "SELECT id, stored FROM series WHERE run = ?1 LIMIT 1", err);
		int64_t series, stored;
		int rc;

		if (!stmt)
			return -1;
		sqlite3_bind_int64(stmt, 1, run);
		rc = store_step(u->s, stmt, err);
		if (rc <= 0)
			return rc;
		series = sqlite3_column_int64(stmt, 0);
		stored = sqlite3_column_int64(stmt, 1);
		sqlite3_reset(stmt);
		if (looked && late(u))
			return 1;
		rc = stored ? drop_blocks(u, series, err) : 0;
		if (rc)
			return rc;
		if (with_run(u->s, "DELETE FROM series WHERE id = ?1", series, err))
			return -1;
	}
}

static int remember(const struct purging *u, const struct leaving *l, struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(u->s, "INSERT OR REPLACE INTO purged (uuid, name, at, who) VALUES (?, ?, ?, ?)", err);

	if (!stmt)
		return -1;
	bind_text(stmt, 1, l->uuid);
	bind_text(stmt, 2, l->name.data);
	sqlite3_bind_int64(stmt, 3, time_now_ms());
	bind_text(stmt, 4, u->who);
	return store_run_statement(u->s, stmt, err);
}

/* 1: it is late, and some of it is left. */
static int purge_one(struct purging *u, const struct leaving *l, struct error *err)
{
	int rc;

	if (!l->begun && forget_edits(u, l->id, err))
		return -1;
	rc = drop_series(u, l->id, err);
	if (rc > 0 && !l->begun && with_run(u->s, "UPDATE run SET removed = -removed WHERE id = ?1", l->id, err))
		return -1;
	if (rc)
		return rc;
	return drop_rows(u, l->id, err) || remember(u, l, err) ? -1 : 0;
}

/* ---- many ---- */

static void gone(struct purging *u, const struct leaving *l)
{
	u->p->gone++;
	if (u->p->gone <= STORE_PURGE_NAMED)
		snprintf(u->p->names[u->p->gone - 1], sizeof(u->p->names[0]), "%s (%s)", l->name.data, l->uuid + 24);
	u->folders = vec_reserve(u->folders, &u->folder_cap, u->folder_count + 1, ID_TEXT);
	memcpy(u->folders + u->folder_count++ * ID_TEXT, l->uuid, ID_TEXT);
}

/* The line of the log tells as much as was done, wherever it is killed: "12 runs: first (3f9a01bc), …". */
static int log_it(const struct purging *u, struct error *err)
{
	struct store_purge *p = u->p;
	sqlite3_stmt *stmt = store_prepare(u->s, "UPDATE activity SET what = ?2 WHERE id = ?1", err);
	struct str what;
	int result = 0;

	str_init(&what);
	if (p->gone > 1)
		str_addf(&what, "%lld runs: ", (long long)p->gone);
	for (int i = 0; i < STORE_PURGE_NAMED && i < p->gone; i++)
		str_addf(&what, "%s%s", i ? ", " : "", p->names[i]);
	if (p->gone > STORE_PURGE_NAMED)
		str_adds(&what, " …");
	if (!stmt) {
		result = -1;
	} else if (p->activity) {
		sqlite3_bind_int64(stmt, 1, p->activity);
		bind_text(stmt, 2, what.data);
		result = store_run_statement(u->s, stmt, err);
	} else {
		result = store_activity_add(u->s, u->who, "purged", what.data, err);
		p->activity = sqlite3_last_insert_rowid(u->s->db);
	}
	str_release(&what);
	return result;
}

static int drop_edits(const struct purging *u, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    u->s,
	    "DELETE FROM edit WHERE purged > 0 AND undone <> 2 AND NOT EXISTS (SELECT 1 FROM edit_item i WHERE "
	    "i.edit = edit.id)",
	    err);

	if (!stmt || store_run_statement(u->s, stmt, err))
		return -1;
	u->p->edits += sqlite3_changes(u->s->db);
	return 0;
}

static int purge_some(struct purging *u, const int64_t *runs, size_t count, struct error *err)
{
	const int64_t before = u->p->gone;
	struct leaving l = {.id = 0};
	int rc = 0;

	str_init(&l.name);
	u->p->more = false;
	for (int looked = 0; u->p->next < count && !u->p->more && !(looked && late(u)); looked++) {
		bool there;

		rc = store_interrupted(u->s, err) ? -1 : look(u->s, runs[u->p->next], &l, &there, err);
		if (rc < 0)
			break;
		u->p->left += there && !rc;
		if (rc > 0) {
			rc = purge_one(u, &l, err);
			if (rc < 0)
				break;
			u->p->more = rc > 0;
			if (!rc)
				gone(u, &l);
		}
		rc = 0;
		u->p->next += !u->p->more;
	}
	str_release(&l.name);
	if (!rc && u->p->gone > before)
		rc = log_it(u, err) || drop_edits(u, err) ? -1 : 0;
	return rc;
}

int store_purge_some(struct store *s, const char *who, const int64_t *runs, size_t count, int budget_ms,
                     struct store_purge *p, struct error *err)
{
	struct store_purge next = *p;
	struct purging u = {.s = s, .who = who, .p = &next};
	int64_t begun, held;
	int result;

	if (store_enter(s, err))
		return -1;
	begun = time_mono_ms();
	u.until = begun + (budget_ms > 0 ? budget_ms : 1);
	result = prepare_drops(&u, err);
	if (!result)
		result = purge_some(&u, runs, count, err);
	for (size_t i = 0; i < u.drop_count; i++)
		sqlite3_finalize(u.drops[i]);
	result = store_leave(s, result, err);
	held = time_mono_ms() - begun;
	if (!result) {
		if (held > next.longest_ms)
			next.longest_ms = held;
		*p = next;
		/* After the commit: a folder without a run is swept some day, a run without its folder would have lost
		 * something. */
		for (size_t i = 0; i < u.folder_count; i++) {
			char *folder = store_live_path(s, u.folders + i * ID_TEXT);

			dir_remove(folder, NULL);
			free(folder);
		}
	}
	free(u.folders);
	return result;
}

int store_purging(struct store *s, struct arena *mem, int64_t **ids, size_t *count, struct error *err)
{
	struct list l = {0};
	sqlite3_stmt *stmt;
	int rc;

	if (store_schema(s) < SCHEMA_REMOVED)
		return list_hand_over(&l, sizeof(int64_t), 0, mem, ids, count);
	stmt = store_prepare(s, "SELECT id FROM run WHERE removed < 0", err);
	if (!stmt)
		return -1;
	while ((rc = store_step(s, stmt, err)) > 0)
		*(int64_t *)list_add(&l, sizeof(int64_t)) = sqlite3_column_int64(stmt, 0);
	return list_hand_over(&l, sizeof(int64_t), rc, mem, ids, count);
}

int store_registered_as(struct store *s, const char *uuid, struct arena *mem, const char **version,
                        struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s,
	                                   "SELECT m.name, v.version FROM model_version v JOIN model m ON m.id = "
	                                   "v.model WHERE v.run = ? LIMIT 1",
	                                   err);
	int rc;

	*version = NULL;
	if (!stmt)
		return -1;
	bind_text(stmt, 1, uuid);
	rc = store_step(s, stmt, err);
	if (rc <= 0)
		return rc;
	*version = arena_printf(mem, "%s@%lld", (const char *)sqlite3_column_text(stmt, 0),
	                        (long long)sqlite3_column_int64(stmt, 1));
	sqlite3_reset(stmt);
	return 0;
}
