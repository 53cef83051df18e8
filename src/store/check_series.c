/*
 * Are series what their points make of them?
 *
 * Both tables are read once, side by side in the order of their ids, so that each costs its pages and no search.
 */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "span.h"

struct walk {
	struct store *s;
	const struct store_check *how;
	struct series_state *out;
	sqlite3_stmt *chunks;
	bool more; /* the statement stands on a chunk */
	struct point block[BLOCK_POINTS];
};

static bool same_number(double a, double b)
{
	return (isnan(a) && isnan(b)) || a == b;
}

static bool near(double a, double b)
{
	return same_number(a, b) || fabs(a - b) <= 1e-9 * (fabs(a) + fabs(b));
}

bool chunk_read(struct store *s, sqlite3_stmt *stmt, int column, struct point block[BLOCK_POINTS],
                int64_t *points)
{
	const void *blob = sqlite3_column_blob(stmt, column + 11);
	struct chunk_columns is;
	int64_t count;

	*points = 0;
	count = blob ? block_unpack(&s->coder, blob, (size_t)sqlite3_column_bytes(stmt, column + 11), block,
	                            BLOCK_POINTS)
	             : -1;
	if (count < 0)
		return false;
	chunk_describe(block, (size_t)count, &is);
	for (int i = 0; i < CHUNK_VALUES; i++)
		if (!same_number(is.values[i], column_double(stmt, column + 7 + i)))
			return false;
	if (is.count != sqlite3_column_int64(stmt, column) ||
	    is.nan_count != sqlite3_column_int64(stmt, column + 1) ||
	    is.rising != (sqlite3_column_int(stmt, column + 2) != 0) ||
	    is.step_low != sqlite3_column_int64(stmt, column + 3) ||
	    is.step_high != sqlite3_column_int64(stmt, column + 4) ||
	    is.time_low != sqlite3_column_int64(stmt, column + 5) ||
	    is.time_high != sqlite3_column_int64(stmt, column + 6))
		return false;
	*points = count;
	return true;
}

static void next_chunk(struct walk *w)
{
	int rc = sqlite3_step(w->chunks);

	w->more = rc == SQLITE_ROW;
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		w->out->unread = true;
}

/* Does the row say what the points are? */
bool series_says(const struct series *row, const struct series *is, double mean)
{
	const struct series_at *best = row->direction > 0 ? &is->max : &is->min;

	if (row->count != is->count || row->nan_count != is->nan_count || row->first_time != is->first_time ||
	    row->last_time != is->last_time || row->first.step != is->first.step ||
	    row->last.step != is->last.step)
		return false;
	if (!same_number(row->first.value, is->first.value) || !same_number(row->last.value, is->last.value) ||
	    !same_number(row->min.value, is->min.value) || !same_number(row->max.value, is->max.value))
		return false;
	if (is->count > is->nan_count && (row->min.step != is->min.step || row->max.step != is->max.step))
		return false;
	return (!row->direction || same_number(row->best.value, best->value)) && near(row->mean, mean);
}

static int look(struct walk *w, sqlite3_stmt *stmt, struct error *err)
{
	struct series row, is = {.first = {NAN, 0}, .last = {NAN, 0}, .min = {NAN, 0}, .max = {NAN, 0}};
	int64_t stored = sqlite3_column_int64(stmt, SERIES_STORED), seen = 0, number = 0, points, nodes;
	double sum = 0, sum_low = 0;
	size_t tail;
	bool whole = true;

	series_columns(stmt, NULL, &row);
	/* Chunks of series that are not there. */
	while (w->more && sqlite3_column_int64(w->chunks, 0) >> CHUNK_BITS < row.id) {
		w->out->orphans++;
		next_chunk(w);
	}
	for (; w->more && sqlite3_column_int64(w->chunks, 0) >> CHUNK_BITS == row.id; next_chunk(w)) {
		int64_t want =
		    stored - number * BLOCK_POINTS < BLOCK_POINTS ? stored - number * BLOCK_POINTS : BLOCK_POINTS;

		w->out->chunks++;
		if (sqlite3_column_int64(w->chunks, 0) != (row.id << CHUNK_BITS | number) ||
		    !chunk_read(w->s, w->chunks, 1, w->block, &points) || points != want) {
			whole = false;
			w->out->bad_chunks++;
			number = (sqlite3_column_int64(w->chunks, 0) & ((1 << CHUNK_BITS) - 1)) + 1;
			continue;
		}
		for (int64_t i = 0; i < points; i++)
			series_count_point(&is, &sum, &sum_low, &w->block[i]);
		seen += points;
		number++;
	}
	if (series_tail(w->s, stmt, SERIES_TAIL, w->block, &tail, NULL))
		whole = false;
	else
		for (size_t i = 0; i < tail; i++)
			series_count_point(&is, &sum, &sum_low, &w->block[i]);
	w->out->series++;
	w->out->points += is.count;
	if (whole && seen == stored &&
	    series_says(&row, &is,
	                is.count > is.nan_count ? (sum + sum_low) / (double)(is.count - is.nan_count)
	                                        : (double)NAN)) {
		if (store_schema(w->s) < SCHEMA_SPANS || stored < (int64_t)BLOCK_POINTS << SPAN_BITS)
			return 0;
		if (spans_check(w->s, row.id, stored / BLOCK_POINTS, &nodes, err))
			w->out->unread = true;
		w->out->bad_spans += nodes;
		return 0;
	}
	if (w->out->bad++ < SERIES_TOLD)
		w->out->told[w->out->bad - 1] = row.id;
	return 0;
}

int series_check(struct store *s, const struct store_check *how, struct series_state *out, struct error *err)
{
	struct walk *w = xcalloc(1, sizeof(*w));
	sqlite3_stmt *stmt = NULL;
	int64_t total = care_number(s->db, "SELECT count(*) FROM series", 0);
	int rc = SQLITE_DONE, result = 0;

	*out = (struct series_state){.series = 0};
	*w = (struct walk){.s = s, .how = how, .out = out};
	if (sqlite3_prepare_v2(s->db, "SELECT " CHUNK_COLUMNS " FROM chunk ORDER BY id", -1, &w->chunks, NULL) !=
	        SQLITE_OK ||
	    sqlite3_prepare_v2(s->db, "SELECT " SERIES_COLUMNS " FROM series ORDER BY id", -1, &stmt, NULL) !=
	        SQLITE_OK) {
		out->unread = true;
		goto out;
	}
	next_chunk(w);
	while (!result && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (out->series % 256 == 0 && how->progress &&
		    how->progress(how->user, "series", (uint64_t)out->series, (uint64_t)total))
			result = error_set(err, ERR_NO, "stopped");
		else
			result = look(w, stmt, err);
	}
	if (!result && rc != SQLITE_DONE)
		out->unread = true;
	for (; !result && rc == SQLITE_DONE && w->more; next_chunk(w))
		out->orphans++;
out:
	sqlite3_finalize(stmt);
	sqlite3_finalize(w->chunks);
	free(w);
	return result;
}
