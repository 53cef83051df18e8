/* Runs, on the workers' threads: pages of rows as cells, names, targets. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runs.h"
#include "view_inside.h"

/* So many of the newest runs decide which parameters are worth a column. */
enum { TELLING_ROWS = 60 };

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

const char *view_runs_column_title(const char *key)
{
	const char *point = strchr(key, '.');

	return point ? point + 1 : key;
}

/* Columns that the row itself holds; all others are cells of the query. */
static bool is_own(const char *key)
{
	static const char *const own[] = {"name", "id", "experiment", "status", "age", "duration"};

	for (size_t i = 0; i < COUNT_OF(own); i++)
		if (strcmp(key, own[i]) == 0)
			return true;
	return begins(key, "trend.");
}

/* The order's key for a column, and whether the column runs the other way (old runs have a high age). */
static const char *order_key(const char *column, bool *turned)
{
	*turned = false;
	if (strcmp(column, "age") == 0) { /* ids rise with time, and what still waits has one too */
		*turned = true;
		return "id";
	}
	if (begins(column, "trend."))
		return NULL;
	return column;
}

static const char *number_text(struct arena *a, double value)
{
	char text[NUM_TEXT];

	return isnan(value) ? "nan" : arena_strdup(a, num_people(value, 4, text));
}

static void cell_of_query(struct arena *a, const struct runs_cell *from, struct ui_cell *to)
{
	char text[TIME_TEXT];

	switch (from->kind) {
	case CELL_NONE:
		to->style = STYLE_MUTED;
		break;
	case CELL_NUMBER:
		to->text = from->text ? from->text : number_text(a, from->number);
		if (!isfinite(from->number))
			to->style = STYLE_BAD;
		break;
	case CELL_TEXT:
		to->text = from->text;
		break;
	case CELL_TIME:
		to->text = arena_strdup(a, time_local((int64_t)from->number, text));
		break;
	}
}

static const char *status_text(struct arena *a, const struct runs_row *row, enum term_charset charset)
{
	const char *word = store_status_name(row->status);
	const char *sign = term_glyph(charset, ui_status_glyph(word));

	if (row->status == RUN_RUNNING && isfinite(row->progress))
		return arena_printf(a, "%s %.0f%%", sign, floor(row->progress * 100));
	return arena_printf(a, "%s %s", sign, word);
}

static void own_cell(const struct desk *desk, struct arena *a, const struct runs_row *row, const char *key,
                     struct ui_cell *cell)
{
	int64_t now = view_desk_now(desk);

	if (strcmp(key, "name") == 0) {
		cell->text = row->name;
	} else if (strcmp(key, "id") == 0) {
		cell->text = arena_strdup(a, view_short_id(row->uuid));
		cell->style = STYLE_MUTED;
	} else if (strcmp(key, "experiment") == 0) {
		cell->text = row->experiment;
	} else if (strcmp(key, "status") == 0) {
		cell->text = status_text(a, row, desk->app->charset);
		cell->style = ui_status_style(store_status_name(row->status));
	} else if (strcmp(key, "age") == 0) {
		cell->text = view_cell_age(a, row->started ? row->started : row->created, now);
		cell->style = STYLE_MUTED;
	} else if (strcmp(key, "duration") == 0) {
		if (row->started)
			cell->text = view_cell_span(a, row->started, row->ended ? row->ended : now);
	} else {
		cell->spark = row->trend;
		cell->n = row->trend_count;
		cell->style = STYLE_SPARK;
		if (row->trend_count < 2) { /* one point is no trend */
			cell->spark = NULL;
			cell->text = "";
		}
	}
}

/* The rows around the first anchor that is still there; rows in order. */
static int read_around(struct store *s, const struct runs_query *q, const struct ui_ask_rows *ask,
                       struct arena *a, struct runs_page *out, struct error *err)
{
	for (int i = 0; i < ask->anchor_count; i++) {
		struct runs_page before = {0}, from;
		size_t rest = (size_t)(ask->count > ask->before ? ask->count - ask->before : 1);

		if (store_runs_page(s, q, RUNS_FROM, ask->anchors[i], rest, a, &from, err) != 0)
			return -1;
		if (from.count == 0 || from.rows[0].id != ask->anchors[i])
			continue;
		if (ask->before > 0 &&
		    store_runs_page(s, q, RUNS_BEFORE, ask->anchors[i], (size_t)ask->before, a, &before, err) != 0)
			return -1;
		out->rows = arena_array(a, before.count + from.count, sizeof *out->rows);
		if (before.count > 0)
			memcpy(out->rows, before.rows, before.count * sizeof *out->rows);
		memcpy(out->rows + before.count, from.rows, from.count * sizeof *out->rows);
		out->count = before.count + from.count;
		out->more_before = ask->before > 0 ? before.more_before : from.more_before;
		out->more_after = from.more_after;
		return 0;
	}
	return store_runs_page(s, q, RUNS_FIRST, 0, (size_t)ask->count, a, out, err);
}

int view_runs_read_page(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	const struct runs_page_ask *ask = arg;
	struct ui_page *page = arena_alloc(a, sizeof *page);
	const char *columns[RUNS_COLUMNS_MAX];
	struct runs_order order[2];
	struct runs_query q = {.filter = ask->filter, .columns = columns, .now = desk->app->fixed_now};
	struct runs_page found = {0};
	bool turned, exact;
	const char *key = ask->rows.sort_count ? order_key(ask->rows.sort[0].column, &turned) : NULL;
	int status;

	if (key) {
		order[0] = (struct runs_order){key, ask->rows.sort[0].descending != turned};
		q.order = order;
		q.order_count = 1;
	}
	for (size_t i = 0; i < ask->column_count; i++) {
		if (begins(ask->columns[i], "trend."))
			q.trend = ask->columns[i] + strlen("trend.");
		else if (!is_own(ask->columns[i]))
			columns[q.column_count++] = ask->columns[i];
	}
	if (ask->rows.where == UI_FROM_START)
		status = store_runs_page(desk->store, &q, RUNS_FIRST, 0, (size_t)ask->rows.count, a, &found, err);
	else if (ask->rows.where == UI_FROM_END)
		status = store_runs_page(desk->store, &q, RUNS_LAST, 0, (size_t)ask->rows.count, a, &found, err);
	else
		status = read_around(desk->store, &q, &ask->rows, a, &found, err);
	if (status != 0 || store_runs_count(desk->store, &q, RUNS_COUNT_MAX, &page->total, &exact, err) != 0)
		return -1;
	page->generation = ask->rows.generation;
	page->total_more = !exact;
	page->at_start = !found.more_before;
	page->at_end = !found.more_after;
	page->first_index = page->at_start ? 0 : page->at_end && exact ? page->total - (int64_t)found.count : -1;
	page->rows = arena_array(a, found.count + 1, sizeof *page->rows);
	page->count = found.count;
	for (size_t i = 0; i < found.count; i++) {
		struct ui_cell *cells = arena_array(a, ask->column_count + 1, sizeof *cells);
		size_t asked = 0;

		for (size_t k = 0; k < ask->column_count; k++) {
			if (is_own(ask->columns[k]))
				own_cell(desk, a, &found.rows[i], ask->columns[k], &cells[k]);
			else
				cell_of_query(a, &found.rows[i].cells[asked++], &cells[k]);
		}
		page->rows[i] = (struct ui_row){.id = found.rows[i].id, .cells = cells};
	}
	*result = page;
	return 0;
}

/* What is not there does not tell one run from another: a foreign program has no label. */
static bool same_cell(const struct runs_cell *a, const struct runs_cell *b)
{
	if (a->kind == CELL_NONE || b->kind == CELL_NONE)
		return true;
	if (a->text || b->text)
		return a->text && b->text && strcmp(a->text, b->text) == 0;
	return a->number == b->number;
}

/* A column that says the same in every row says nothing. */
static int find_telling(const struct desk *desk, struct arena *a, struct runs_names *names, struct error *err)
{
	const char *columns[RUNS_COLUMNS_MAX];
	struct runs_order newest = {"id", true};
	struct runs_query q = {
	    .filter = "", .order = &newest, .order_count = 1, .columns = columns, .now = desk->app->fixed_now};
	struct runs_page page;

	for (size_t i = 0; i < names->count && q.column_count < COUNT_OF(columns); i++)
		if (begins(names->names[i], "params.") && strlen(names->names[i]) < RUNS_KEY)
			columns[q.column_count++] = names->names[i];
	if (store_runs_page(desk->store, &q, RUNS_FIRST, 0, TELLING_ROWS, a, &page, err) != 0)
		return -1;
	for (size_t i = 1; i < page.count; i++)
		names->experiments =
		    names->experiments || strcmp(page.rows[i].experiment, page.rows[0].experiment) != 0;
	for (size_t k = 0; k < q.column_count && names->telling_count < RUNS_TELLING_MAX; k++) {
		const struct runs_cell *first = NULL;
		bool differs = false;

		for (size_t i = 0; i < page.count && !differs; i++) {
			const struct runs_cell *cell = &page.rows[i].cells[k];

			differs = first && !same_cell(cell, first);
			if (!first && cell->kind != CELL_NONE)
				first = cell;
		}
		if (differs)
			names->telling[names->telling_count++] = columns[k];
	}
	return 0;
}

int view_runs_read_names(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	struct runs_names *names = arena_alloc(a, sizeof *names);

	(void)arg;
	*result = names;
	if (store_names(desk->store, "", 2000, a, &names->names, &names->count, err) != 0)
		return -1;
	return find_telling(desk, a, names, err);
}

int view_runs_read_ids(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	const struct runs_ids_ask *ask = arg;
	struct runs_ids *ids = arena_alloc(a, sizeof *ids);
	struct runs_query q = {.filter = ask->filter, .now = desk->app->fixed_now};

	*result = ids;
	return store_runs_ids(desk->store, &q, RUNS_COUNT_MAX, a, &ids->ids, &ids->count, err);
}

int view_runs_read_targets(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	const struct runs_targets_ask *ask = arg;
	struct runs_targets *targets = arena_alloc(a, sizeof *targets);

	targets->runs = arena_array(a, ask->count + 1, sizeof *targets->runs);
	for (size_t i = 0; i < ask->count; i++) {
		struct run_row *run = &targets->runs[targets->count];

		if (store_run_get(desk->store, ask->ids[i], a, run, err) != 0)
			return -1;
		if (store_status_over(run->status))
			targets->over++;
		else
			targets->count++;
	}
	*result = targets;
	return 0;
}

int view_runs_write_stop(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	const struct runs_stop_ask *ask = arg;
	size_t *stopped = arena_alloc(a, sizeof *stopped);
	int status = 0;

	for (size_t i = 0; i < ask->count; i++) {
		struct error one;

		/* One that has ended meanwhile does not keep the others running. */
		if (work_stop(desk->store, ask->uuids[i], &one) == 0) {
			(*stopped)++;
		} else if (one.code != ERR_NO || ask->count == 1) {
			*err = one;
			status = -1;
		}
	}
	*result = stopped;
	return status;
}
