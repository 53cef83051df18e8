/* Runs, on the reader's thread: pages of rows as cells, beside a baseline; by ids, into a file. */
#include <math.h>
#include <string.h>

#include "runs_cells.h"
#include "view_inside.h"

/* Rows that an export reads at a time. */
enum { EXPORT_ROWS = 1000 };

/* ---- what is asked of the store ---- */

const char *runs_scope_filter(const struct runs_scope *scope, struct arena *a)
{
	struct str text;
	const char *out;
	bool parts = scope->experiment[0] || scope->within[0];

	if (!parts)
		return arena_strdup(a, scope->filter);
	str_init(&text);
	if (scope->experiment[0])
		str_addf(&text, "experiment = %s", store_quoted(scope->experiment, a));
	if (scope->within[0])
		str_addf(&text, "%s%s", text.len ? " and " : "", scope->within);
	if (scope->filter[0])
		str_addf(&text, " and (%s)", scope->filter);
	out = arena_memdup0(a, text.data, text.len);
	str_release(&text);
	return out;
}

/* By the store's keys: "age" is the id, backwards; a curve is no order. How many. */
static size_t orders(const struct ui_sort *sort, int count, struct runs_order out[UI_SORT_KEYS])
{
	size_t n = 0;

	for (int i = 0; i < count; i++) {
		/* What still waits has been made too; old runs have a high age. */
		bool age = strcmp(sort[i].column, "age") == 0;

		if (!runs_key_is(sort[i].column, "trend."))
			out[n++] = (struct runs_order){age ? "created" : sort[i].column, sort[i].descending != age};
	}
	return n;
}

static void make_query(const struct desk *desk, const struct runs_page_ask *ask, struct arena *a,
                       struct runs_query *q)
{
	struct runs_order *order = arena_array(a, UI_SORT_KEYS, sizeof *order);
	const char **columns = arena_array(a, RUNS_COLUMNS_MAX, sizeof *columns);

	*q = (struct runs_query){.filter = runs_scope_filter(&ask->scope, a),
	                         .order = order,
	                         .order_count = orders(ask->rows.sort, ask->rows.sort_count, order),
	                         .columns = columns,
	                         .now = desk->app->fixed_now};
	for (size_t i = 0; i < ask->column_count; i++) {
		if (runs_key_is(ask->columns[i], "trend."))
			q->trend = ask->columns[i] + strlen("trend.");
		else if (!runs_cell_is_own(ask->columns[i]))
			columns[q->column_count++] = ask->columns[i];
	}
}

/* ---- the baseline ---- */

/* Which way its metrics are better, column by column, once for all rows. */
static int read_directions(const struct desk *desk, const struct runs_page_ask *ask, struct arena *a,
                           struct runs_against *b, struct error *err)
{
	size_t asked = 0;

	for (size_t k = 0; k < ask->column_count; k++) {
		const char *context, *name = runs_key_metric(a, ask->columns[k], &context);
		struct series found;
		struct error why = {0};

		if (runs_cell_is_own(ask->columns[k]))
			continue;
		if (b->row->cells[asked++].kind != CELL_NUMBER || !name || runs_key_is(ask->columns[k], "trend."))
			continue;
		if (store_series_find(desk->store, b->row->id, SERIES_METRIC, name, *context ? context : NULL, a,
		                      &found, &why) == 0)
			b->directions[k] = found.direction;
		else if (why.code != ERR_NO)
			return error_set(err, why.code, "%s", why.text);
	}
	return 0;
}

static int read_baseline(const struct desk *desk, const struct runs_page_ask *ask, const struct runs_query *q,
                         struct arena *a, struct runs_against *b, struct runs_page_got *got,
                         struct error *err)
{
	struct run_row run;
	struct runs_page found;
	struct error why = {0};

	if (!ask->baseline[0])
		return 0;
	got->baseline = BASELINE_GONE;
	if (store_run_by_uuid(desk->store, ask->baseline, a, &run, &why) != 0)
		return why.code == ERR_NO ? 0 : error_set(err, why.code, "%s", why.text);
	if (run.removed)
		return 0;
	if (store_runs_rows(desk->store, q, &run.id, 1, a, &found, err) != 0)
		return -1;
	if (found.count == 0)
		return 0;
	got->baseline = run.archived ? BASELINE_ARCHIVED : BASELINE_HERE;
	got->baseline_id = run.id;
	got->baseline_name = run.name;
	b->row = found.rows;
	b->difference = ask->difference;
	b->directions = arena_array(a, ask->column_count + 1, sizeof *b->directions);
	return b->difference == WORK_VALUE ? 0 : read_directions(desk, ask, a, b, err);
}

/* ---- rows ---- */

static void make_row(const struct desk *desk, const struct runs_page_ask *ask, struct arena *a,
                     const struct runs_row *from, const struct runs_against *b, struct ui_row *to)
{
	struct ui_cell *cells = arena_array(a, ask->column_count + 1, sizeof *cells);
	bool base = b && b->row && b->row->id == from->id;
	size_t asked = 0;

	for (size_t k = 0; k < ask->column_count; k++) {
		if (runs_cell_is_own(ask->columns[k]))
			runs_cell_own(desk, a, from, ask->columns[k], b, &cells[k]);
		else
			runs_cell(a, from, asked++, b, k, &cells[k]);
	}
	cells[ask->column_count].text = arena_strdup(a, from->uuid);
	*to = (struct ui_row){.id = from->id, .cells = cells};
	if (from->archived || from->removed)
		to->style = STYLE_MUTED;
	if (base)
		to->gutter = 'b';
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

static int read_found(struct store *s, const struct runs_query *q, const struct ui_ask_rows *rows,
                      struct arena *a, struct runs_page *out, struct error *err)
{
	if (rows->where == UI_AROUND)
		return read_around(s, q, rows, a, out, err);
	return store_runs_page(s, q, rows->where == UI_FROM_END ? RUNS_LAST : RUNS_FIRST, 0, (size_t)rows->count,
	                       a, out, err);
}

int view_runs_read_page(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	const struct runs_page_ask *ask = arg;
	struct runs_page_got *got = arena_alloc(a, sizeof *got);
	struct ui_page *page = &got->page;
	struct runs_against against = {0};
	struct runs_query q;
	struct runs_page found = {0};
	bool exact = true;

	make_query(desk, ask, a, &q);
	if (read_baseline(desk, ask, &q, a, &against, got, err) != 0 ||
	    read_found(desk->store, &q, &ask->rows, a, &found, err) != 0)
		return -1;
	page->at_start = !found.more_before;
	page->at_end = !found.more_after;
	page->total = (int64_t)found.count;
	/* Where all of them are here nothing has to be counted: a filter that few pass is not gone through twice. */
	if (!(page->at_start && page->at_end) &&
	    store_runs_count(desk->store, &q, RUNS_COUNT_MAX, &page->total, &exact, err) != 0)
		return -1;
	page->generation = ask->rows.generation;
	page->total_more = !exact;
	page->first_index = page->at_start ? 0 : page->at_end && exact ? page->total - (int64_t)found.count : -1;
	page->rows = arena_array(a, found.count + 1, sizeof *page->rows);
	page->count = found.count;
	for (size_t i = 0; i < found.count; i++)
		make_row(desk, ask, a, &found.rows[i], &against, &page->rows[i]);
	if (against.row) {
		page->head = arena_alloc(a, sizeof *page->head);
		page->head_count = 1;
		against.difference = WORK_VALUE; /* its own numbers stay */
		make_row(desk, ask, a, against.row, &against, page->head);
	}
	*result = got;
	return 0;
}

int view_runs_read_rows(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	const struct runs_rows_ask *ask = arg;
	struct ui_page *page = arena_alloc(a, sizeof *page);
	struct runs_page_got got = {0};
	struct runs_against against = {0};
	struct runs_query q;
	struct runs_page found;

	make_query(desk, &ask->how, a, &q);
	if (read_baseline(desk, &ask->how, &q, a, &against, &got, err) != 0 ||
	    store_runs_rows(desk->store, &q, ask->ids, ask->count, a, &found, err) != 0)
		return -1;
	page->rows = arena_array(a, found.count + 1, sizeof *page->rows);
	page->count = found.count;
	for (size_t i = 0; i < found.count; i++)
		make_row(desk, &ask->how, a, &found.rows[i], &against, &page->rows[i]);
	*result = page;
	return 0;
}

/* ---- into a file ---- */

static int export_rows(struct desk *desk, const struct runs_page_ask *how, struct ui_export *e,
                       struct error *err)
{
	enum runs_place place = RUNS_FIRST;
	int64_t anchor = 0;
	bool more = true;

	while (more) {
		struct arena *a = arena_new();
		struct runs_page_got got = {0};
		struct runs_against against = {0};
		struct runs_query q;
		struct runs_page found = {0};
		int status;

		make_query(desk, how, a, &q);
		status = desk->stop ? error_set(err, ERR_STORE, "interrupted")
		         : read_baseline(desk, how, &q, a, &against, &got, err) != 0
		             ? -1
		             : store_runs_page(desk->store, &q, place, anchor, EXPORT_ROWS, a, &found, err);
		for (size_t i = 0; status == 0 && i < found.count; i++) {
			struct ui_row row;

			make_row(desk, how, a, &found.rows[i], &against, &row);
			status = ui_export_row(e, &row, err);
			anchor = row.id;
		}
		more = found.count > 0 && found.more_after;
		place = RUNS_AFTER;
		arena_free(a);
		if (status != 0)
			return -1;
	}
	return 0;
}

int view_runs_export(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct runs_export_ask *ask = arg;
	struct ui_column *columns = arena_array(a, RUNS_COLUMNS_MAX, sizeof *columns);
	struct ui_export e;
	size_t *rows = arena_alloc(a, sizeof *rows);
	int status;

	desk->stop = false; /* it may be from what was given up before */
	for (size_t i = 0; i < ask->how.column_count; i++)
		columns[i] =
		    (struct ui_column){.id = ask->how.columns[i], .title = runs_key_title(a, ask->how.columns[i])};
	if (ui_export_open(&e, ask->file.path, ask->file.replace, ask->file.kind, columns, ask->how.column_count,
	                   err) != 0)
		return -1;
	status = export_rows(desk, &ask->how, &e, err);
	*rows = e.rows;
	if (status == 0)
		status = ui_export_end(&e, err);
	ui_export_release(&e);
	*result = rows;
	return status;
}

/* ---- ids ---- */

int view_runs_read_ids(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	const struct runs_ids_ask *ask = arg;
	struct runs_ids *ids = arena_alloc(a, sizeof *ids);
	struct runs_order order[UI_SORT_KEYS];
	struct runs_query q = {.filter = runs_scope_filter(&ask->scope, a),
	                       .order = order,
	                       .order_count = orders(ask->sort, ask->sort_count, order),
	                       .now = desk->app->fixed_now};
	size_t from = 0, to = 0, both = 0;

	*result = ids;
	if (store_runs_ids(desk->store, &q, SIZE_MAX, a, &ids->ids, &ids->count, err) != 0)
		return -1;
	if (!ask->from)
		return 0;
	for (size_t i = 0; i < ids->count; i++) {
		if (ids->ids[i] == ask->from) {
			from = i;
			both |= 1;
		}
		if (ids->ids[i] == ask->to) {
			to = i;
			both |= 2;
		}
	}
	if (both != 3) {
		ids->count = 0;
		return 0;
	}
	ids->ids += from < to ? from : to;
	ids->count = (from < to ? to - from : from - to) + 1;
	return 0;
}

/* ---- sums ---- */

int view_runs_read_summary(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	const struct runs_page_ask *ask = arg;
	struct runs_sums *sums = arena_alloc(a, sizeof *sums);
	const char **columns = arena_array(a, RUNS_COLUMNS_MAX, sizeof *columns);
	struct runs_query q = {
	    .filter = runs_scope_filter(&ask->scope, a), .columns = columns, .now = desk->app->fixed_now};
	size_t *at = arena_array(a, RUNS_COLUMNS_MAX, sizeof *at);
	struct runs_summary *found;

	for (size_t k = 0; k < ask->column_count; k++) {
		const char *key = ask->columns[k];

		/* Names and ids are as good as all different; a curve has no sum. */
		if (k == 0 || strcmp(key, "id") == 0 || runs_key_is(key, "trend."))
			continue;
		columns[q.column_count] = strcmp(key, "age") == 0 ? "started" : key;
		at[q.column_count++] = k;
	}
	if (store_runs_summary(desk->store, &q, a, &found, err) != 0)
		return -1;
	sums->count = RUNS_SUMS;
	sums->columns = ask->column_count;
	sums->rows = arena_array(a, RUNS_SUMS, sizeof *sums->rows);
	for (size_t i = 0; i < RUNS_SUMS; i++) {
		sums->rows[i].cells = arena_array(a, ask->column_count + 1, sizeof *sums->rows[i].cells);
		for (size_t k = 0; k < ask->column_count; k++)
			sums->rows[i].cells[k].text = "";
	}
	for (size_t c = 0; c < q.column_count; c++)
		for (size_t i = 0; i < RUNS_SUMS; i++)
			runs_cell_sum(desk, a, ask->columns[at[c]], &found[c], (enum runs_sum)i,
			              &sums->rows[i].cells[at[c]]);
	*result = sums;
	return 0;
}
