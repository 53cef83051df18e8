/* What one row of the list of runs shows: its cells and its small curve. */
#include <math.h>

#include "order.h"
#include "series.h"

static int metric_cell(struct store *s, const struct field *f, int64_t run, struct runs_cell *cell,
                       struct error *err)
{
	sqlite3_stmt *stmt =
	    f->context
	        ? store_prepare(
	              s, "SELECT last FROM series WHERE run = ? AND kind = 0 AND name = ? AND context = ?", err)
	        : store_prepare(s, "SELECT last FROM series WHERE run = ? AND kind = 0 AND name = ? AND main = 1",
	                        err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	bind_text(stmt, 2, f->name);
	if (f->context)
		bind_text(stmt, 3, f->context);
	rc = store_step(s, stmt, err);
	if (rc > 0) {
		cell->kind = CELL_NUMBER;
		cell->number = column_double(stmt, 0);
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

int cells_fill(struct store *s, const struct field *fields, size_t count, const struct field *trend,
               int64_t now, struct arena *mem, struct runs_row *row, struct error *err)
{
	row->cells = arena_array(mem, count ? count : 1, sizeof(*row->cells));
	for (size_t i = 0; i < count; i++) {
		if (fill_cell(s, &fields[i], now, mem, row, &row->cells[i], err))
			return -1;
	}
	if (!trend)
		return 0;
	row->trend = arena_array(mem, RUNS_TREND, sizeof(*row->trend));
	return series_trend(s, row->id, trend->name, trend->context, row->trend, RUNS_TREND, &row->trend_count,
	                    err);
}
