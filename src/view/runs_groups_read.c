/* Groups of runs, on a reader's thread: one row a group. */
#include <math.h>
#include <string.h>

#include "runs_cells.h"
#include "view_inside.h"

/* "0.8091 ± 0.0021": the interval in the decimals of its mean if that has some, else in two digits, and how many runs
 * have the metric where that is not all of them. */
static void mean_cell(const struct desk *desk, struct arena *a, const struct runs_group *g,
                      const struct runs_group_value *v, struct ui_cell *cell)
{
	const char *sign = term_glyph(desk->app->charset, GLYPH_PLUS_MINUS);
	const char *none = term_glyph(desk->app->charset, GLYPH_NONE), *mean, *half = none, *some = "";
	char text[NUM_TEXT];
	struct work_group_interval interval;
	double width;

	if (v->n == 0)
		return;
	work_group_interval(v, &interval);
	width = (interval.high - interval.low) / 2;
	/* Infinite values of both signs have no mean. */
	mean = isnan(v->mean) ? "nan" : view_cell_number(a, v->mean, 4);
	if (isfinite(width)) {
		const char *point = strchr(mean, '.');
		int decimals = point ? (int)strspn(point + 1, "0123456789") : 0;

		if (strpbrk(mean, "e") || (decimals > 0 && width > 0 && width < 0.5 * pow(10, -decimals)))
			half = arena_printf(a, "%.1e", width);
		else if (decimals > 0 || width == 0)
			half = arena_printf(a, "%.*f", decimals, width);
		else
			half = arena_strdup(a, num_people(width, 2, text));
	}
	if (v->n != g->count)
		some = arena_printf(a, " of %lld", (long long)v->n);
	/* One run has no spread: its value is what there is. */
	cell->text = v->n == 1 ? arena_printf(a, "%s%s", mean, some)
	                       : arena_printf(a, "%s %s %s%s", mean, sign, half, some);
	cell->has_sort = !isnan(v->mean);
	cell->sort = v->mean;
}

static const char *key_text(struct arena *a, const struct runs_cell *key)
{
	char text[NUM_TEXT];

	if (key->kind == CELL_NUMBER)
		return key->text ? key->text : arena_strdup(a, num_people(key->number, 4, text));
	return key->kind == CELL_TEXT ? key->text : NULL;
}

static const char *group_text(struct arena *a, const struct runs_group *g, bool over_seeds)
{
	if (!over_seeds)
		return key_text(a, &g->keys[0]);
	return g->setting && *g->setting ? g->setting : "all the same";
}

int view_runs_read_groups(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	const struct runs_groups_ask *ask = arg;
	struct runs_groups *out = arena_alloc(a, sizeof *out);
	const char *columns[RUNS_COLUMNS_MAX], *key = ask->key;
	struct runs_order order[UI_SORT_KEYS];
	struct runs_query q = {.filter = runs_scope_filter(&ask->scope, a),
	                       .columns = columns,
	                       .column_count = ask->column_count,
	                       .order = order,
	                       .now = desk->app->fixed_now};
	bool over_seeds = strcmp(key, RUNS_OVER_SEEDS) == 0;
	struct runs_groups_query groups = {
	    .runs = &q, .keys = &key, .key_count = over_seeds ? 0 : 1, .over_seeds = over_seeds};
	struct runs_group *found;

	for (size_t k = 0; k < ask->column_count; k++)
		columns[k] = ask->columns[k];
	for (int i = 0; i < ask->sort_count; i++) {
		const char *by = ask->sort[i].column;

		by = strcmp(by, "runs") == 0 ? "count" : strcmp(by, "group") == 0 ? key : by;
		order[q.order_count++] = (struct runs_order){by, ask->sort[i].descending};
	}
	if (store_runs_groups(desk->store, &groups, RUNS_GROUPS_MAX, a, &found, &out->count, &out->total, err) !=
	    0)
		return -1;
	out->rows = arena_array(a, out->count + 1, sizeof *out->rows);
	out->filters = arena_array(a, out->count + 1, sizeof *out->filters);
	out->titles = arena_array(a, out->count + 1, sizeof *out->titles);
	for (size_t i = 0; i < out->count; i++) {
		struct ui_cell *cells = arena_array(a, ask->column_count + 2, sizeof *cells);

		cells[0].text = group_text(a, &found[i], over_seeds);
		cells[1].text = view_cell_count(a, found[i].count);
		for (size_t k = 0; k < ask->column_count; k++)
			mean_cell(desk, a, &found[i], &found[i].values[k], &cells[k + 2]);
		out->rows[i] = (struct ui_row){.id = found[i].id, .cells = cells};
		out->filters[i] = found[i].filter;
		out->titles[i] = over_seeds ? cells[0].text
		                            : arena_printf(a, "%s = %s", runs_key_title(a, key),
		                                           cells[0].text ? cells[0].text : "none");
	}
	*result = out;
	return 0;
}

int view_runs_export_groups(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct runs_groups_export_ask *ask = arg;
	struct ui_column columns[RUNS_COLUMNS_MAX + 2] = {{.id = "group", .title = "group"},
	                                                  {.id = "runs", .title = "runs"}};
	const struct runs_groups *groups;
	size_t *rows = arena_alloc(a, sizeof *rows);
	struct ui_export e;
	void *read = NULL;
	int status = 0;

	*result = rows;
	for (size_t k = 0; k < ask->how.column_count; k++)
		columns[k + 2] =
		    (struct ui_column){.id = ask->how.columns[k], .title = runs_key_title(a, ask->how.columns[k])};
	if (view_runs_read_groups(context, a, &ask->how, &read, err) != 0 ||
	    ui_export_open(&e, ask->file.path, ask->file.replace, ask->file.kind, columns,
	                   ask->how.column_count + 2, err) != 0)
		return -1;
	groups = read;
	for (size_t i = 0; status == 0 && i < groups->count; i++)
		status = ui_export_row(&e, &groups->rows[i], err);
	*rows = e.rows;
	if (status == 0)
		status = ui_export_end(&e, err);
	ui_export_release(&e);
	return status;
}
