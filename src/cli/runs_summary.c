/* assay runs --summary: what each column has over all runs that match. */
#include <math.h>

#include "cli_runs.h"

static void summary_json(struct json_writer *j, const char *column, const struct runs_summary *s)
{
	static const char *const kinds[] = {
	    [CELL_NONE] = NULL, [CELL_NUMBER] = "number", [CELL_TEXT] = "text", [CELL_TIME] = "time"};
	jw_object(j, NULL);
	jw_string(j, "column", column);
	jw_int(j, "count", s->count);
	jw_int(j, "distinct", s->distinct);
	jw_string(j, "kind", kinds[s->kind]);
	if (s->kind == CELL_TEXT) {
		jw_string(j, "first", s->first);
		jw_string(j, "last", s->last);
	} else if (s->kind != CELL_NONE) {
		runs_cell_json(j, "min", &(struct runs_cell){s->kind, s->min, NULL});
		runs_cell_json(j, "median", &(struct runs_cell){s->kind, s->median, NULL});
		runs_cell_json(j, "max", &(struct runs_cell){s->kind, s->max, NULL});
	}
	jw_object_end(j);
}

static void value_cell(struct listing *grid, enum cell_kind kind, double value, const char *text)
{
	char people[TIME_TEXT], machine[TIME_TEXT];
	if (kind == CELL_TEXT && text)
		listing_text(grid, text, GRID_PLAIN);
	else if (kind == CELL_TIME)
		listing_both(grid, time_local((int64_t)value, people), time_rfc3339((int64_t)value, machine), false,
		             GRID_PLAIN);
	else
		listing_num(grid, kind == CELL_NUMBER ? value : (double)NAN, 4);
}

int runs_summary_list(struct cli *c, struct store *store, struct arena *mem, const struct runs_ask *ask)
{
	const struct runs_query *q = &ask->query;
	struct runs_summary *all;
	if (store_runs_summary(store, q, mem, &all, &c->err) != 0)
		return -1;
	if (c->json) {
		struct json_writer j;
		struct str text;
		str_init(&text);
		jw_init(&j, &text);
		jw_array(&j, NULL);
		for (size_t i = 0; i < q->column_count; i++)
			summary_json(&j, q->columns[i], &all[i]);
		jw_array_end(&j);
		json_print(&text, stdout);
		str_release(&text);
		return 0;
	}
	struct listing grid;
	listing_init(&grid);
	listing_column(&grid, "column", "column", GRID_LEFT);
	listing_column(&grid, "runs", "count", GRID_RIGHT);
	listing_column(&grid, "different", "distinct", GRID_RIGHT);
	listing_column(&grid, "least", "min", GRID_POINT);
	listing_column(&grid, "median", "median", GRID_POINT);
	listing_column(&grid, "greatest", "max", GRID_POINT);
	for (size_t i = 0; i < q->column_count; i++) {
		listing_text(&grid, q->columns[i], GRID_PLAIN);
		listing_int(&grid, all[i].count);
		listing_int(&grid, all[i].distinct);
		value_cell(&grid, all[i].kind, all[i].min, all[i].first);
		value_cell(&grid, all[i].kind, all[i].median, NULL);
		value_cell(&grid, all[i].kind, all[i].max, all[i].last);
	}
	listing_print(&grid, c, stdout);
	listing_release(&grid);
	return 0;
}
