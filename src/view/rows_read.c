/* Rows, on the workers' threads: a table filled, the rows that match, rows into a file. */
#include <stdlib.h>
#include <string.h>

#include "assay/data_relation.h"
#include "assay/work_data.h"
#include "rows.h"
#include "view_inside.h"

/* ---- loading ---- */

static int load(struct desk *desk, struct rows_held *h, struct error *err)
{
	/* The rest is for what else is done, here and by others. */
	struct table_options options = {
	    .packed = true, .spellings = true, .progress = desk->progress, .most_bytes = memory_left() / 2};
	struct work_data d;
	int status;

	if (work_data_find_id(desk->store, h->id, &d, err) != 0)
		return -1;
	h->name = arena_printf(h->mem, "%s@%lld", d.name, (long long)d.version);
	h->rows = d.rows;
	status = work_data_load(desk->store, &d, &options, &h->table, err);
	work_data_release(&d);
	return status;
}

int view_rows_load(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct rows_load_ask *ask = arg;
	struct rows_held *h = rows_begin(desk->app->rows, ask->id);
	int status;

	(void)a;
	*result = NULL;
	if (!h)
		return progress_stopped(err);
	status = h->loaded ? 0 : load(desk, h, err);
	rows_end(desk->app->rows, h, status == 0);
	return status;
}

/* ---- which rows ---- */

static size_t only_equal(const struct table *t, size_t row, uint8_t *keep)
{
	uint8_t *equal = xmalloc(t->row_count + 1);
	size_t count = 0;

	table_equal_rows(t, row, equal);
	for (size_t i = 0; i < t->row_count; i++)
		count += keep[i] = keep[i] && equal[i];
	free(equal);
	return count;
}

static size_t only_these(const struct rows_match_ask *ask, size_t row_count, uint8_t *keep)
{
	size_t count = 0;

	for (size_t i = 0; i < ask->only_count; i++)
		if (ask->only[i] < row_count && keep[ask->only[i]])
			keep[ask->only[i]] = 2;
	for (size_t i = 0; i < row_count; i++) {
		keep[i] = keep[i] == 2;
		count += keep[i];
	}
	return count;
}

static void turn_round(uint32_t *rows, size_t count)
{
	for (size_t k = 0; k < count / 2; k++) {
		uint32_t row = rows[k];

		rows[k] = rows[count - 1 - k];
		rows[count - 1 - k] = row;
	}
}

static int put_in_order(const struct table *t, const struct rows_match_ask *ask, struct rows_match *m,
                        struct progress *progress, struct error *err)
{
	struct row_key keys[UI_SORT_KEYS];
	size_t count = 0;

	for (int i = 0; i < ask->sort_count; i++) {
		long at = table_find(t, ask->sort[i].column);

		if (at >= 0) {
			keys[count++] = (struct row_key){(size_t)at, ask->sort[i].descending};
			continue;
		}
		/* The row's own number: nothing that comes after it counts. */
		if (ask->sort[i].descending)
			turn_round(m->rows, m->count);
		break;
	}
	return table_order(t, keys, count, m->rows, m->count, progress) ? 0 : progress_stopped(err);
}

static int match_rows(const struct rows_held *h, const struct rows_match_ask *ask, struct rows_match *m,
                      struct progress *progress, struct error *err)
{
	const struct table *t = &h->table;
	uint8_t *keep;
	int status = 0;

	memcpy(m->filter, ask->filter, sizeof m->filter);
	memcpy(m->sort, ask->sort, sizeof m->sort);
	m->sort_count = ask->sort_count;
	m->count = t->row_count;
	m->cursor = -1;
	if (!ask->filter[0] && !ask->only && !ask->equal && ask->sort_count == 0)
		return 0;
	keep = xmalloc(t->row_count + 1);
	memset(keep, 1, t->row_count + 1);
	if (ask->filter[0])
		status = table_where(t, ask->filter, keep, &m->count, NULL, err);
	if (status == 0 && ask->only)
		m->count = only_these(ask, t->row_count, keep);
	if (status == 0 && ask->equal)
		m->count = only_equal(t, ask->to, keep);
	if (status == 0) {
		size_t count = 0;

		m->rows = arena_array(m->arena, m->count + 1, sizeof *m->rows);
		for (size_t i = 0; i < t->row_count; i++)
			if (keep[i])
				m->rows[count++] = (uint32_t)i;
		if (ask->sort_count > 0)
			status = put_in_order(t, ask, m, progress, err);
	}
	free(keep);
	return status;
}

int view_rows_match(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct rows_match_ask *ask = arg;
	struct rows_match *m = arena_alloc(a, sizeof *m);
	struct rows_held *h = rows_begin(desk->app->rows, ask->id);
	int status;

	*result = m;
	m->arena = a;
	if (!h)
		return progress_stopped(err);
	status = h->loaded ? match_rows(h, ask, m, desk->progress, err) : progress_stopped(err);
	rows_end(desk->app->rows, h, false);
	return status;
}

/* ---- into a file ---- */

static int export_rows(struct desk *desk, const struct table *t, const struct rows_export_ask *ask,
                       struct ui_export *e, struct error *err)
{
	size_t count = ask->rows ? ask->count : t->row_count;
	int status = 0;

	progress_begin(desk->progress, "writing", "rows", count);
	for (size_t i = 0; i < count && status == 0; i++) {
		struct arena *a = arena_new();
		struct ui_row row;

		rows_row(t, 0, t->column_count, ask->rows ? ask->rows[i] : i, true, a, &row);
		status = progress_stop(desk->progress) ? progress_stopped(err) : ui_export_row(e, &row, err);
		progress_add(desk->progress, 1);
		arena_free(a);
	}
	return status;
}

int view_rows_export(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct rows_export_ask *ask = arg;
	struct rows_held *h = rows_begin(desk->app->rows, ask->id);
	size_t *rows = arena_alloc(a, sizeof *rows);
	struct ui_column *columns;
	struct ui_export e;
	int status = -1;

	*result = rows;
	if (!h)
		return progress_stopped(err);
	if (!h->loaded) {
		progress_stopped(err);
		goto out;
	}
	columns = arena_array(a, h->table.column_count + 1, sizeof *columns);
	rows_columns(&h->table, 0, h->table.column_count, 0, columns);
	if (ui_export_open(&e, ask->file.path, ask->file.replace, ask->file.kind, columns,
	                   h->table.column_count + 1, err) != 0)
		goto out;
	status = export_rows(desk, &h->table, ask, &e, err);
	*rows = e.rows;
	if (status == 0)
		status = ui_export_end(&e, err);
	ui_export_release(&e);
out:
	rows_end(desk->app->rows, h, false);
	return status;
}
