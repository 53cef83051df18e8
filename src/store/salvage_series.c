/*
 * Points of series out of a damaged store.
 *
 * The row of a series says how many points there were, and so which blocks: each is asked for by its id. A series all
 * of whose blocks are whole, and whose row says what is in them, is taken as it is; of any other the good blocks are
 * put together to a new one, in the order in which the points came.
 */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "span.h"

struct points {
	struct point *items;
	size_t count, cap;
};

struct one {
	struct salvage *v;
	struct series row; /* name and context in the arena */
	int64_t id, stored;
	int kind, main_one;
	struct points good;
	struct str where;
	int64_t lost_from, lost_to; /* of the gap that is open; lost_from -1: none */
};

static void note_gap(struct one *o)
{
	if (o->lost_from < 0)
		return;
	str_addf(&o->where, "%s%lld–%lld", o->where.len ? ", " : "points ", (long long)o->lost_from,
	         (long long)o->lost_to);
	o->lost_from = -1;
}

static void lose(struct one *o, int64_t from, int64_t to)
{
	if (o->lost_from >= 0 && o->lost_to + 1 == from) {
		o->lost_to = to;
		return;
	}
	note_gap(o);
	o->lost_from = from;
	o->lost_to = to;
}

static void keep(struct one *o, const struct point *points, size_t count)
{
	o->good.items = vec_reserve(o->good.items, &o->good.cap, o->good.count + count, sizeof(*o->good.items));
	memcpy(o->good.items + o->good.count, points, count * sizeof(*points));
	o->good.count += count;
}

/* The chunk as it is, into the new store. */
static int put_chunk(struct salvage *v, sqlite3_stmt *chunk, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    v->to, "INSERT OR REPLACE INTO chunk (" CHUNK_COLUMNS ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", err);

	if (!stmt)
		return -1;
	for (int i = 0; i < sqlite3_column_count(chunk); i++)
		sqlite3_bind_value(stmt, i + 1, sqlite3_column_value(chunk, i));
	return store_run_statement(v->to, stmt, err);
}

/* All blocks of the series that are good; false in *whole if one is not. */
static int read_chunks(struct one *o, sqlite3_stmt *chunk, bool *whole, struct error *err)
{
	struct point block[BLOCK_POINTS];
	int result = 0;

	for (int64_t at = 0; !result && at < o->stored; at += BLOCK_POINTS) {
		int64_t want = o->stored - at < BLOCK_POINTS ? o->stored - at : BLOCK_POINTS, points = 0;

		sqlite3_bind_int64(chunk, 1, o->id << CHUNK_BITS | at / BLOCK_POINTS);
		if (sqlite3_step(chunk) == SQLITE_ROW &&
		    sqlite3_column_int64(chunk, 0) == (o->id << CHUNK_BITS | at / BLOCK_POINTS) &&
		    chunk_read(o->v->to, chunk, 1, block, &points) && points == want) {
			keep(o, block, (size_t)points);
			result = put_chunk(o->v, chunk, err);
		} else {
			lose(o, at, at + want - 1);
			*whole = false;
		}
		sqlite3_reset(chunk);
	}
	return result;
}

static bool is_right(const struct one *o)
{
	struct series is = {.first = {NAN, 0}, .last = {NAN, 0}, .min = {NAN, 0}, .max = {NAN, 0}};
	double sum = 0, sum_low = 0;

	for (size_t i = 0; i < o->good.count; i++)
		series_count_point(&is, &sum, &sum_low, &o->good.items[i]);
	return series_says(&o->row, &is,
	                   is.count > is.nan_count ? (sum + sum_low) / (double)(is.count - is.nan_count)
	                                           : (double)NAN);
}

static int forget(struct one *o, struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(o->v->to, "DELETE FROM chunk WHERE id >= ?1 << 22 AND id < (?1 + 1) << 22", err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, o->id);
	if (store_run_statement(o->v->to, stmt, err))
		return -1;
	stmt = store_prepare(o->v->to, "DELETE FROM series WHERE id = ?", err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, o->id);
	return store_run_statement(o->v->to, stmt, err);
}

/* The good points as a series of their own; which one a bare name means stays as it was. */
static int make_anew(struct one *o, struct error *err)
{
	struct store *s = o->v->to;
	sqlite3_stmt *stmt;

	if (forget(o, err) || !o->good.count)
		return o->good.count ? -1 : 0;
	if (store_series_append(s, o->row.run, (enum series_kind)o->kind, o->row.name, o->row.context,
	                        o->good.items, o->good.count, err))
		return -1;
	stmt = store_prepare(
	    s, "UPDATE series SET main = ? WHERE run = ? AND kind = ? AND name = ? AND context = ?", err);
	if (!stmt)
		return -1;
	sqlite3_bind_int(stmt, 1, o->main_one);
	sqlite3_bind_int64(stmt, 2, o->row.run);
	sqlite3_bind_int(stmt, 3, o->kind);
	bind_text(stmt, 4, o->row.name);
	bind_text(stmt, 5, o->row.context);
	return store_run_statement(s, stmt, err);
}

static void tell(struct one *o, size_t *cap)
{
	struct store_salvage *out = o->v->out;
	int64_t lost = o->row.count - (int64_t)o->good.count;
	sqlite3_stmt *stmt = store_prepare(o->v->to, "SELECT name FROM run WHERE id = ?", NULL);
	const char *run = "";

	note_gap(o);
	out->series_damaged++;
	out->points_lost += lost > 0 ? lost : 0;
	if (out->series_damaged > SALVAGE_TOLD)
		return;
	if (stmt) {
		sqlite3_bind_int64(stmt, 1, o->row.run);
		if (store_step(o->v->to, stmt, NULL) > 0)
			run = column_text_or(o->v->mem, stmt, 0, "");
		sqlite3_reset(stmt);
	}
	out->series = vec_reserve(out->series, cap, (size_t)out->series_damaged, sizeof(*out->series));
	out->series[out->series_damaged - 1] =
	    (struct store_saved_series){.run = run,
	                                .name = o->row.name,
	                                .context = o->row.context,
	                                .lost = lost > 0 ? lost : 0,
	                                .where = arena_memdup0(o->v->mem, o->where.data, o->where.len)};
}

static int save_one(struct one *o, sqlite3_stmt *row, sqlite3_stmt *chunk, size_t *cap, struct error *err)
{
	struct point tail[TAIL_POINTS];
	size_t tail_count = 0;
	bool whole = true;

	series_columns(row, o->v->mem, &o->row);
	o->id = o->row.id;
	o->stored = sqlite3_column_int64(row, SERIES_STORED);
	o->kind = sqlite3_column_int(row, SERIES_TAIL + 1);
	o->main_one = sqlite3_column_int(row, SERIES_TAIL + 2);
	o->lost_from = -1;
	o->good.count = 0;
	str_clear(&o->where);
	/* A number that no series has, from a row that is not what it was. */
	if (o->stored < 0 || o->stored > (int64_t)BLOCK_POINTS << CHUNK_BITS || o->stored > o->row.count) {
		o->stored = 0;
		whole = false;
	}
	if (read_chunks(o, chunk, &whole, err))
		return -1;
	if (series_tail(o->v->to, row, SERIES_TAIL, tail, &tail_count, NULL)) {
		lose(o, o->stored, o->row.count - 1);
		whole = false;
	} else {
		keep(o, tail, tail_count);
	}
	if (whole && is_right(o)) {
		o->v->out->points += (int64_t)o->good.count;
		return o->stored < (int64_t)BLOCK_POINTS << SPAN_BITS
		           ? 0
		           : spans_write(o->v->to, o->id, 0, o->stored / BLOCK_POINTS, err);
	}
	tell(o, cap);
	o->v->out->points += (int64_t)o->good.count;
	return make_anew(o, err);
}

int salvage_series(struct salvage *v, struct error *err)
{
	/* Those of before: what is made anew comes behind. */
	int64_t last = care_number(v->to->db, "SELECT max(id) FROM series", 0), done = 0;
	sqlite3_stmt *chunk = NULL, *next = NULL;
	struct one o = {.v = v};
	size_t cap = 0;
	int result = 0;

	str_init(&o.where);
	if (sqlite3_prepare_v2(v->from, "SELECT " CHUNK_COLUMNS " FROM chunk NOT INDEXED WHERE id = ?", -1,
	                       &chunk, NULL) != SQLITE_OK)
		chunk = NULL; /* none is found then */
	for (int64_t id = 0; !result; done++) {
		if (sqlite3_prepare_v2(v->to->db,
		                       "SELECT " SERIES_COLUMNS
		                       ", kind, main FROM series WHERE id > ? AND id <= ? ORDER BY id LIMIT 1",
		                       -1, &next, NULL) != SQLITE_OK) {
			result = store_fail(v->to, err);
			break;
		}
		sqlite3_bind_int64(next, 1, id);
		sqlite3_bind_int64(next, 2, last);
		if (sqlite3_step(next) != SQLITE_ROW)
			break;
		id = sqlite3_column_int64(next, 0);
		if (done % 64 == 0 && v->progress && v->progress(v->user, "series", (uint64_t)id, (uint64_t)last))
			result = error_set(err, ERR_NO, "stopped");
		else
			result = save_one(&o, next, chunk, &cap, err);
		sqlite3_finalize(next);
		next = NULL;
	}
	sqlite3_finalize(next);
	sqlite3_finalize(chunk);
	if (v->out->series_damaged) {
		size_t count = v->out->series_damaged < SALVAGE_TOLD ? (size_t)v->out->series_damaged : SALVAGE_TOLD;
		struct store_saved_series *kept = arena_array(v->mem, count, sizeof(*kept));

		memcpy(kept, v->out->series, count * sizeof(*kept));
		free(v->out->series);
		v->out->series = kept;
	}
	free(o.good.items);
	str_release(&o.where);
	return result;
}
