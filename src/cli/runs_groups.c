/* assay runs --group, --over-seeds, --summary: runs taken together. */
#include <math.h>

#include "cli_run.h"

const char *runs_title(const struct runs_query *q, size_t at)
{
	const char *name = q->columns[at], *point = strchr(name, '.');
	if (!point || strchr(name, '('))
		return name;
	for (size_t i = 0; i < q->column_count; i++) {
		const char *other = q->columns[i], *other_point = strchr(other, '.');
		if (i != at && strcmp(other_point ? other_point + 1 : other, point + 1) == 0)
			return name;
	}
	return point + 1;
}

void runs_cell_json(struct json_writer *j, const char *key, const struct runs_cell *cell)
{
	char text[TIME_TEXT];
	if (cell->kind == CELL_NUMBER)
		jw_num(j, key, cell->number, isnan(cell->number) ? "not a number" : "infinite");
	else if (cell->kind == CELL_TIME)
		jw_string(j, key, time_rfc3339((int64_t)cell->number, text));
	else
		jw_string(j, key, cell->kind == CELL_TEXT ? cell->text : NULL);
}

/* ---- groups ---- */

static void group_json(struct json_writer *j, const struct runs_groups_query *q, const struct runs_group *g)
{
	const struct runs_ask *ask = g->ask;
	jw_object(j, NULL);
	jw_object(j, "group");
	for (size_t i = 0; i < q->key_count; i++)
		runs_cell_json(j, q->keys[i], &g->keys[i]);
	jw_object_end(j);
	if (q->over_seeds)
		jw_string(j, "setting", g->setting);
	jw_int(j, "count", g->count);
	jw_string(j, "filter", g->filter);
	jw_object(j, "metrics");
	for (size_t i = 0; i < q->runs->column_count; i++) {
		struct work_group_interval interval;
		if (!g->summed[i])
			continue;
		const char *few = group->values[i].n < 2 ? "fewer than two runs" : "infinite values";
		work_group_interval(&group->values[i], &interval);
		jw_object(j, runs_title(ask->query.columns, ask->query.column_count, i));
		jw_int(j, "n", group->values[i].n);
		jw_num(j, "mean", interval.mean, group->values[i].n ? "infinite" : "no run has one");
		jw_num(j, "sd", interval.sd, few);
		jw_num(j, "low", interval.low, few);
		jw_num(j, "high", interval.high, few);
		jw_object_end(j);
	}
	jw_object_end(j);
	jw_object_end(j);
}

static void add_title(struct listing *grid, struct arena *mem, const char *title, const char *key,
                      enum listing_align align)
{
	struct str safe;
	str_init(&safe);
	safe_text(&safe, title, strlen(title), 0);
	listing_column(grid, arena_strdup(mem, safe.data), key, align);
	str_release(&safe);
}

static void groups_head(struct listing *grid, const struct runs_groups_query *q, struct arena *mem)
{
	for (size_t i = 0; i < q->key_count; i++) {
		const char *point = strchr(q->keys[i], '.');
		add_title(grid, mem, point ? point + 1 : q->keys[i], q->keys[i], GRID_LEFT);
	}
	if (q->over_seeds)
		listing_column(grid, "setting", "setting", GRID_LEFT);
	listing_column(grid, "runs", "count", GRID_RIGHT);
	for (size_t i = 0; i < q->runs->column_count; i++) {
		const char *key = q->runs->columns[i];
		add_title(grid, mem, runs_title(q->runs, i), key, GRID_POINT);
		listing_column(grid, "95 % from", arena_printf(mem, "%s low", key), GRID_POINT);
		listing_column(grid, "to", arena_printf(mem, "%s high", key), GRID_POINT);
	}
}

static void number_cell(struct listing *grid, double value)
{
	if (isnan(value))
		listing_none(grid);
	else
		listing_num(grid, value, 4);
}

static void group_row(struct listing *grid, const struct runs_groups_query *q, const struct runs_group *g)
{
	for (size_t i = 0; i < q->key_count; i++) {
		if (g->keys[i].kind == CELL_NONE)
			listing_none(grid);
		else
			listing_both(grid, g->keys[i].text, g->keys[i].text, g->keys[i].kind == CELL_NUMBER, GRID_PLAIN);
	}
	if (q->over_seeds)
		listing_text(grid, g->setting, GRID_PLAIN);
	listing_int(grid, g->count);
	for (size_t i = 0; i < q->runs->column_count; i++) {
		struct work_group_interval interval;
		work_group_interval(&g->values[i], &interval);
		number_cell(grid, interval.mean);
		number_cell(grid, interval.low);
		number_cell(grid, interval.high);
	}
}

int runs_groups_print(struct cli *c, struct store *store, const struct runs_query *q, size_t limit,
                      struct arena *mem)
{
	struct runs_groups_query groups = {.runs = q, .over_seeds = cli_has(c, "over-seeds")};
	const char *keys = cli_get(c, "group");
	struct runs_group *found;
	size_t count, total;
	if (keys) {
		const char **list;
		if (store_columns_parse(keys, mem, &list, &groups.key_count, &c->err) != 0)
			return -1;
		if (groups.key_count == 0)
			return error_set(&c->err, ERR_USAGE, "--group names no key");
		groups.keys = list;
	}
	if (store_runs_groups(store, &groups, limit ? limit : SIZE_MAX, mem, &found, &count, &total, &c->err) !=
	    0)
		return -1;
	if (c->json) {
		struct json_writer j;
		struct str text;
		str_init(&text);
		jw_init(&j, &text);
		jw_array(&j, NULL);
		for (size_t i = 0; i < count; i++)
			group_json(&j, &groups, &found[i]);
		jw_array_end(&j);
		json_print(&text, stdout);
		str_release(&text);
		return 0;
	}
	struct listing grid;
	listing_init(&grid);
	groups_head(&grid, &groups, mem);
	for (size_t i = 0; i < count; i++)
		group_row(&grid, &groups, &found[i]);
	if (count || c->csv || c->tsv)
		listing_print(&grid, c, stdout);
	else if (!c->quiet)
		fputs("no run matches\n", stderr);
	listing_release(&grid);
	if (!c->quiet && !cli_has(c, "limit") && count < total) {
		fflush(stdout);
		fprintf(stderr, "%zu of %zu groups; --limit 0 lists all\n", count, total);
	}
	return 0;
}

/* ---- summary ---- */

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
		number_cell(grid, kind == CELL_NUMBER ? value : (double)NAN);
}

int runs_summary_print(struct cli *c, struct store *store, const struct runs_query *q, struct arena *mem)
{
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
