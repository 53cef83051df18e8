/* What runs take in the database, from the lengths of what they hold. */
#include "internal.h"
#include "series.h"

#include "assay/store_remove.h"

/*
 * What a row costs beside its texts and points: its own cells, and a cell in each of its indexes (the text in it, the
 * numbers beside it, the page's slot). tests/unit/test_store_purge.c holds it against what
 * VACUUM finds.
 */
enum {
	RUN_ROW = 300,
	SERIES_ROW = 110, /* and its name eight times: in the table and in seven indexes */
	SERIES_INDEX = 6 * 14,
	CHUNK_ROW = 60,
	PAIR_ROW = 22, /* param, tag: in the table and in an index of their own */
	OTHER_ROW = 24,
	SPAN_SHIFT = 18, /* of a span's id: span.h */
};

/* ?1: the run. Count of rows, bytes of their texts; in the order in which they are weighed. */
static const struct {
	const char *sql;
	int a_row, times; /* bytes a row; in how many places its texts stand */
} parts[] = {
    {"SELECT count(*), sum(length(CAST(name AS BLOB)) + length(CAST(uuid AS BLOB)) + "
     "length(CAST(command AS BLOB)) + length(CAST(cwd AS BLOB)) + length(CAST(reason AS BLOB))) FROM run "
     "WHERE "
     "id = ?1",
     RUN_ROW, 1},
    {"SELECT count(*), sum(length(CAST(key AS BLOB)) + length(CAST(value AS BLOB))) FROM param WHERE run = "
     "?1",
     PAIR_ROW, 2},
    {"SELECT count(*), sum(length(CAST(key AS BLOB)) + length(CAST(value AS BLOB))) FROM tag WHERE run = ?1",
     PAIR_ROW, 2},
    {"SELECT count(*), sum(length(CAST(text AS BLOB))) FROM note WHERE run = ?1", OTHER_ROW, 1},
    {"SELECT count(*), sum(length(text) + length(CAST(why AS BLOB))) FROM bad_line WHERE run = ?1", OTHER_ROW,
     1},
    {"SELECT count(*), sum(length(CAST(name AS BLOB)) + 64) FROM artifact WHERE run = ?1", OTHER_ROW, 2},
    {"SELECT count(*), sum(length(CAST(name AS BLOB)) + 64) FROM run_input WHERE run = ?1", OTHER_ROW, 1},
    {"SELECT count(*), sum(length(CAST(name || mark AS BLOB)) + length(head)) FROM reported WHERE run = ?1",
     OTHER_ROW, 3},
    {"SELECT count(*), sum(length(CAST(name || mark AS BLOB))) FROM followed WHERE run = ?1", OTHER_ROW, 1},
    {"SELECT count(*), sum(length(CAST(json AS BLOB)) + length(CAST(key AS BLOB))) FROM foreign_record WHERE "
     "run = ?1",
     OTHER_ROW, 1},
    {"SELECT count(*), 400 * count(*) FROM evaluation WHERE run = ?1", OTHER_ROW, 1},
    {"SELECT count(*), 400 * count(*) FROM bias_report WHERE run = ?1", OTHER_ROW, 1},
};

/* Rows of a series that have its number in theirs: blocks, and what charts need of them. */
static int add_blobs(struct store *s, const char *constant_sql, int64_t series, int bits,
                     struct store_weight *w, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, constant_sql, err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, series << bits);
	sqlite3_bind_int64(stmt, 2, (series + 1) << bits);
	rc = store_step(s, stmt, err);
	if (rc > 0)
		w->bytes +=
		    CHUNK_ROW * (uint64_t)sqlite3_column_int64(stmt, 0) + (uint64_t)sqlite3_column_int64(stmt, 1);
	sqlite3_reset(stmt);
	return rc < 0 ? -1 : 0;
}

static int add_series(struct store *s, int64_t run, struct store_weight *w, struct error *err)
{
	sqlite3_stmt *all =
	    store_prepare(s,
	                  "SELECT id, count, stored, length(CAST(name AS BLOB)) + "
	                  "length(CAST(context AS BLOB)), length(tail) FROM series WHERE run = ?1",
	                  err);
	int rc = all ? 0 : -1;

	if (all)
		sqlite3_bind_int64(all, 1, run);
	while (!rc && (rc = store_step(s, all, err)) > 0) {
		const int64_t id = sqlite3_column_int64(all, 0), stored = sqlite3_column_int64(all, 2);

		w->series++;
		w->points += sqlite3_column_int64(all, 1);
		w->bytes += SERIES_ROW + SERIES_INDEX + 8 * (uint64_t)sqlite3_column_int64(all, 3) +
		            (uint64_t)sqlite3_column_int64(all, 4);
		rc = 0;
		if (!stored)
			continue;
		rc = add_blobs(s, "SELECT count(*), sum(length(points)) FROM chunk WHERE id >= ?1 AND id < ?2", id,
		               CHUNK_BITS, w, err);
		if (!rc)
			rc = add_blobs(s, "SELECT count(*), sum(length(parts)) FROM span WHERE id >= ?1 AND id < ?2", id,
			               SPAN_SHIFT, w, err);
	}
	if (all)
		sqlite3_reset(all);
	return rc;
}

static int weigh_one(struct store *s, int64_t run, struct store_weight *w, struct error *err)
{
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		sqlite3_stmt *stmt = store_prepare(s, parts[i].sql, err);
		int rc;

		if (!stmt)
			return -1;
		sqlite3_bind_int64(stmt, 1, run);
		rc = store_step(s, stmt, err);
		if (rc < 0)
			return -1;
		w->bytes += (uint64_t)sqlite3_column_int64(stmt, 0) * (uint64_t)parts[i].a_row +
		            (uint64_t)sqlite3_column_int64(stmt, 1) * (uint64_t)parts[i].times;
		sqlite3_reset(stmt);
	}
	return add_series(s, run, w, err);
}

int store_runs_weigh(struct store *s, const int64_t *runs, size_t count, struct store_weight *out,
                     struct error *err)
{
	const size_t looked = count > STORE_WEIGH_ALL ? STORE_WEIGH_ALL : count;
	int result = 0;

	*out = (struct store_weight){.runs = (int64_t)count, .sampled = looked < count};
	if (store_need_schema(s, SCHEMA_REMOVED, err) || store_enter_read(s, err))
		return -1;
	for (size_t i = 0; i < looked && !result; i++)
		result = store_interrupted(s, err) || weigh_one(s, runs[i * count / looked], out, err) ? -1 : 0;
	store_leave_read(s);
	if (!result && looked < count) {
		const double more = (double)count / (double)looked;

		out->series = (int64_t)((double)out->series * more);
		out->points = (int64_t)((double)out->points * more);
		out->bytes = (uint64_t)((double)out->bytes * more);
	}
	return result;
}
