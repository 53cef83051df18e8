/* What one row of the list of runs shows: its cells and its small curve. */
#include <math.h>

#include "order.h"
#include "series.h"

/* Where a series has one of its values: the step. False if it has none. */
static int place_of(struct store *s, const struct field *f, int64_t run, int64_t *step, bool *found,
                    struct error *err)
{
	static const char *const sql[2] =
	    SERIES_OF("best_step, min_step, max_step, first_step, last_step, best, min");
	static const int columns[WHICH_COUNT] = {
	    [WHICH_BEST] = 0, [WHICH_MIN] = 1, [WHICH_MAX] = 2, [WHICH_FIRST] = 3, [WHICH_LAST] = 4};
	sqlite3_stmt *stmt = series_of(s, sql, run, f->name, f->context, err);
	int rc;

	*found = false;
	if (!stmt)
		return -1;
	rc = store_step(s, stmt, err);
	if (rc > 0) {
		/* Without a value the step is no step, whatever stands there. */
		int value = f->which == WHICH_BEST ? 5 : f->which == WHICH_FIRST || f->which == WHICH_LAST ? 4 : 6;

		*found = sqlite3_column_type(stmt, value) != SQLITE_NULL;
		*step = sqlite3_column_int64(stmt, columns[f->which]);
		sqlite3_reset(stmt);
	}
	return rc < 0 ? -1 : 0;
}

static int metric_at_cell(struct store *s, const struct field *f, int64_t run, struct runs_cell *cell,
                          struct error *err)
{
	int64_t step = 0;
	bool found;

	if (place_of(s, f->at, run, &step, &found, err))
		return -1;
	if (found && series_value_at(s, run, f->name, f->context, step, &cell->number, &found, err))
		return -1;
	cell->kind = found ? CELL_NUMBER : CELL_NONE;
	return 0;
}

static int metric_cell(struct store *s, const struct field *f, int64_t run, struct runs_cell *cell,
                       struct error *err)
{
	static const char *const sql[2] = SERIES_OF("last, best, min, max, mean, first");
	sqlite3_stmt *stmt;
	int rc;

	if (f->which == WHICH_AT)
		return metric_at_cell(s, f, run, cell, err);
	stmt = series_of(s, sql, run, f->name, f->context, err);
	if (!stmt)
		return -1;
	rc = store_step(s, stmt, err);
	if (rc > 0) {
		cell->number = column_double(stmt, (int)f->which);
		cell->kind = isnan(cell->number) && f->which != WHICH_LAST && f->which != WHICH_FIRST ? CELL_NONE
		                                                                                      : CELL_NUMBER;
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
	case FIELD_FLAG:
		if (row->flag[0])
			text_is(cell, row->flag);
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
	case FIELD_ARCHIVED:
		number_is(cell, CELL_TIME, (double)row->archived, row->archived != 0);
		break;
	case FIELD_REMOVED:
		number_is(cell, CELL_TIME, (double)row->removed, row->removed != 0);
		break;
	case FIELD_DURATION:
		number_is(cell, CELL_NUMBER, (double)(end - row->started) / 1e3, end && row->started);
		break;
	default:
		number_is(cell, CELL_NUMBER, row->progress, !isnan(row->progress));
	}
	return 0;
}

int cell_load(struct store *s, const struct field *f, int64_t run, int64_t now, struct arena *mem,
              struct runs_cell *cell, struct error *err)
{
	struct runs_row row = {.id = run};
	bool found = true;

	*cell = (struct runs_cell){.kind = CELL_NONE};
	if (f->kind > FIELD_TAG && row_load(s, run, mem, &row, &found, err))
		return -1;
	return found ? fill_cell(s, f, now, mem, &row, cell, err) : 0;
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
