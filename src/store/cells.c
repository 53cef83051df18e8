/* What one row of the list of runs shows: its cells and its small curve. */
#include <math.h>

#include "order.h"

/* Gives id, count, stored, last of the series that a metric means. */
static sqlite3_stmt *series_row(struct store *s, const struct field *f, int64_t run, struct error *err)
{
	sqlite3_stmt *stmt = f->context
	                         ? store_prepare(s,
	                                         "SELECT id, count, stored, last FROM series WHERE run = ? AND "
	                                         "kind = 0 AND name = ? AND context = ?",
	                                         err)
	                         : store_prepare(s,
	                                         "SELECT id, count, stored, last FROM series WHERE run = ? AND "
	                                         "kind = 0 AND name = ? AND main = 1",
	                                         err);

	if (!stmt)
		return NULL;
	sqlite3_bind_int64(stmt, 1, run);
	bind_text(stmt, 2, f->name);
	if (f->context)
		bind_text(stmt, 3, f->context);
	return stmt;
}

static int metric_cell(struct store *s, const struct field *f, int64_t run, struct runs_cell *cell,
                       struct error *err)
{
	sqlite3_stmt *stmt = series_row(s, f, run, err);
	int rc;

	if (!stmt)
		return -1;
	rc = store_step(s, stmt, err);
	if (rc > 0) {
		cell->kind = CELL_NUMBER;
		cell->number = column_double(stmt, 3);
		sqlite3_reset(stmt);
	}
	return rc < 0 ? -1 : 0;
}

static int pair_cell(struct store *s, const struct field *f, int64_t run, struct arena *mem,
                     struct runs_cell *cell, struct error *err)
{
	sqlite3_stmt *stmt =
	    f->kind == FIELD_PARAM
	        ? store_prepare(s, "SELECT value, number FROM param WHERE run = ? AND key = ?", err)
	        : store_prepare(s, "SELECT value, number FROM tag WHERE run = ? AND key = ?", err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	bind_text(stmt, 2, f->name);
	rc = store_step(s, stmt, err);
	if (rc > 0) {
		cell->text = column_text(mem, stmt, 0);
		cell->kind = sqlite3_column_type(stmt, 1) == SQLITE_NULL ? CELL_TEXT : CELL_NUMBER;
		cell->number = column_double(stmt, 1);
		sqlite3_reset(stmt);
	}
	return rc < 0 ? -1 : 0;
}

/* user, host, source: the attributes that are not in the row anyway. */
static int text_cell(struct store *s, enum field_kind kind, int64_t run, struct arena *mem,
                     struct runs_cell *cell, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "SELECT user, host, source FROM run WHERE id = ?", err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	rc = store_step(s, stmt, err);
	if (rc > 0) {
		cell->kind = CELL_TEXT;
		cell->text = column_text(mem, stmt, kind == FIELD_USER ? 0 : kind == FIELD_HOST ? 1 : 2);
		sqlite3_reset(stmt);
	}
	return rc < 0 ? -1 : 0;
}

static void text_is(struct runs_cell *cell, const char *text)
{
	cell->kind = CELL_TEXT;
	cell->text = text;
}

static void number_is(struct runs_cell *cell, enum cell_kind kind, double number, bool known)
{
	cell->kind = known ? kind : CELL_NONE;
	cell->number = number;
}

static int fill_cell(struct store *s, const struct field *f, int64_t now, struct arena *mem,
                     const struct runs_row *row, struct runs_cell *cell, struct error *err)
{
	int64_t end = row->ended ? row->ended : row->status == RUN_RUNNING ? now : 0;

	switch (f->kind) {
	case FIELD_METRIC:
		return metric_cell(s, f, row->id, cell, err);
	case FIELD_PARAM:
	case FIELD_TAG:
		return pair_cell(s, f, row->id, mem, cell, err);
	case FIELD_USER:
	case FIELD_HOST:
	case FIELD_SOURCE:
		return text_cell(s, f->kind, row->id, mem, cell, err);
	case FIELD_NAME:
		text_is(cell, row->name);
		break;
	case FIELD_ID:
		text_is(cell, row->uuid);
		break;
	case FIELD_EXPERIMENT:
		text_is(cell, row->experiment);
		break;
	case FIELD_STATUS:
		text_is(cell, store_status_name(row->status));
		break;
	case FIELD_KIND:
		text_is(cell, row->kind);
		break;
	case FIELD_CREATED:
		number_is(cell, CELL_TIME, (double)row->created, true);
		break;
	case FIELD_STARTED:
		number_is(cell, CELL_TIME, (double)row->started, row->started != 0);
		break;
	case FIELD_ENDED:
		number_is(cell, CELL_TIME, (double)row->ended, row->ended != 0);
		break;
	case FIELD_DURATION:
		number_is(cell, CELL_NUMBER, (double)(end - row->started) / 1e3, end && row->started);
		break;
	default:
		number_is(cell, CELL_NUMBER, row->progress, !isnan(row->progress));
	}
	return 0;
}

/* Series of up to this many points are read whole for the curve; of longer ones the last value of some
 * blocks. */
enum { TREND_WHOLE = 2 * BLOCK_POINTS };

static double spread(size_t i, size_t n, size_t count)
{
	return count < 2 ? (double)(n - 1) : round((double)i * (double)(n - 1) / (double)(count - 1));
}

static int trend_of_blocks(struct store *s, int64_t series, size_t blocks, double last, double *out,
                           size_t *count, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "SELECT last FROM chunk WHERE id = ?", err);
	size_t n = blocks < RUNS_TREND - 1 ? blocks : RUNS_TREND - 1, found = 0;

	if (!stmt)
		return -1;
	for (size_t i = 0; i < n; i++) {
		int rc;

		sqlite3_bind_int64(stmt, 1, (int64_t)((uint64_t)series << 22) + (int64_t)spread(i, blocks, n));
		rc = store_step(s, stmt, err);
		if (rc < 0)
			return -1;
		if (rc > 0) {
			out[found++] = column_double(stmt, 0);
			sqlite3_reset(stmt);
		}
	}
	out[found++] = last;
	*count = found;
	return 0;
}

static int fill_trend(struct store *s, const struct field *metric, struct arena *mem, struct runs_row *row,
                      struct error *err)
{
	sqlite3_stmt *stmt = series_row(s, metric, row->id, err);
	struct point *points;
	int64_t series, stored;
	size_t count;
	double last;
	int rc;

	if (!stmt)
		return -1;
	rc = store_step(s, stmt, err);
	if (rc <= 0)
		return rc;
	series = sqlite3_column_int64(stmt, 0);
	count = (size_t)sqlite3_column_int64(stmt, 1);
	stored = sqlite3_column_int64(stmt, 2);
	last = column_double(stmt, 3);
	sqlite3_reset(stmt);
	row->trend = arena_array(mem, RUNS_TREND, sizeof(*row->trend));
	if (count > TREND_WHOLE)
		return trend_of_blocks(s, series, (size_t)(stored / BLOCK_POINTS), last, row->trend,
		                       &row->trend_count, err);
	if (store_series_points(s, series, 0, 0, mem, &points, &count, err))
		return -1;
	row->trend_count = count < RUNS_TREND ? count : RUNS_TREND;
	for (size_t i = 0; i < row->trend_count; i++)
		row->trend[i] = points[(size_t)spread(i, count, row->trend_count)].value;
	return 0;
}

int cells_fill(struct store *s, const struct field *fields, size_t count, const struct field *trend,
               int64_t now, struct arena *mem, struct runs_row *row, struct error *err)
{
	row->cells = arena_array(mem, count ? count : 1, sizeof(*row->cells));
	for (size_t i = 0; i < count; i++) {
		if (fill_cell(s, &fields[i], now, mem, row, &row->cells[i], err))
			return -1;
	}
	return trend ? fill_trend(s, trend, mem, row, err) : 0;
}
