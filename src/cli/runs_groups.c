/* assay runs --group: one line for all runs that have the same values, with means and their intervals. */
#include <math.h>

#include "cli_runs.h"

struct grouped {
	const struct runs_ask *ask;
	struct runs_group *groups;
	size_t count, total;
	bool *summed; /* one a column: whether any group has a mean there */
};

static void group_json(const struct grouped *g, const struct runs_group *group, struct json_writer *j)
{
	const struct runs_ask *ask = g->ask;
	jw_object(j, NULL);
	jw_object(j, "group");
	for (size_t i = 0; i < ask->group_count; i++)
		runs_cell_json(j, ask->group[i], &group->keys[i]);
	jw_object_end(j);
	if (ask->over_seeds)
		jw_string(j, "setting", group->setting);
	jw_int(j, "count", group->count);
	jw_string(j, "filter", group->filter);
	jw_object(j, "metrics");
	for (size_t i = 0; i < ask->query.column_count; i++) {
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

static void groups_json(const struct grouped *g)
{
	struct str text;
	struct json_writer j;
	str_init(&text);
	jw_init(&j, &text);
	jw_array(&j, NULL);
	for (size_t i = 0; i < g->count; i++)
		group_json(g, &g->groups[i], &j);
	jw_array_end(&j);
	json_print(&text, stdout);
	str_release(&text);
}

static void head(const struct grouped *g, struct arena *mem, struct listing *l)
{
	const struct runs_ask *ask = g->ask;
	for (size_t i = 0; i < ask->group_count; i++)
		listing_column(l, runs_title(ask->group, ask->group_count, i), ask->group[i], GRID_LEFT);
	if (ask->over_seeds)
		listing_column(l, "setting", "setting", GRID_LEFT);
	listing_column(l, "runs", "count", GRID_RIGHT);
	for (size_t i = 0; i < ask->query.column_count; i++) {
		if (!g->summed[i])
			continue;
		const char *column = ask->query.columns[i];
		listing_column(l, runs_title(ask->query.columns, ask->query.column_count, i), column, GRID_POINT);
		listing_column(l, sign("±", "+-"), arena_printf(mem, "%s interval", column), GRID_POINT);
	}
}

static void key_cell(struct listing *l, const struct runs_cell *key)
{
	char text[TIME_TEXT], machine[TIME_TEXT];
	if (key->kind == CELL_NONE)
		listing_none(l);
	else if (key->kind == CELL_TIME)
		listing_both(l, time_local((int64_t)key->number, text), time_rfc3339((int64_t)key->number, machine),
		             false, GRID_PLAIN);
	else if (key->text)
		listing_both(l, key->text, key->text, key->kind == CELL_NUMBER, GRID_PLAIN);
	else
		listing_num(l, key->number, 4);
}

static void groups_text(struct cli *c, const struct grouped *g, struct arena *mem)
{
	const struct runs_ask *ask = g->ask;
	struct listing l;
	listing_init(&l);
	head(g, mem, &l);
	for (size_t i = 0; i < g->count; i++) {
		const struct runs_group *group = &g->groups[i];
		for (size_t k = 0; k < ask->group_count; k++)
			key_cell(&l, &group->keys[k]);
		if (ask->over_seeds)
			listing_text(&l, group->setting ? group->setting : "", GRID_PLAIN);
		listing_int(&l, group->count);
		for (size_t k = 0; k < ask->query.column_count; k++) {
			struct work_group_interval interval;
			if (!g->summed[k])
				continue;
			work_group_interval(&group->values[k], &interval);
			listing_num(&l, interval.mean, 4);
			listing_num(&l, (interval.high - interval.low) / 2, 2);
		}
	}
	if (g->count || c->csv || c->tsv)
		listing_print(&l, c, stdout);
	else if (!c->quiet)
		fputs("no run matches\n", stderr);
	listing_release(&l);
}

int runs_groups_list(struct cli *c, struct store *store, struct arena *mem, const struct runs_ask *ask)
{
	const struct runs_groups_query query = {.runs = &ask->query,
	                                        .keys = ask->group,
	                                        .key_count = ask->group_count,
	                                        .over_seeds = ask->over_seeds};
	struct grouped g = {.ask = ask};
	size_t columns = ask->query.column_count;
	if (store_runs_groups(store, &query, ask->limit ? ask->limit : SIZE_MAX, mem, &g.groups, &g.count,
	                      &g.total, &c->err) != 0)
		return -1;
	g.summed = arena_array(mem, columns + 1, sizeof *g.summed);
	for (size_t i = 0; i < g.count; i++)
		for (size_t k = 0; k < columns; k++)
			g.summed[k] = g.summed[k] || g.groups[i].values[k].n;
	if (c->json)
		groups_json(&g);
	else
		groups_text(c, &g, mem);
	if (!c->quiet && !c->json && !cli_has(c, "limit") && g.total > g.count) {
		fflush(stdout);
		fprintf(stderr, "the first %zu of %zu; --limit 0 lists all\n", g.count, g.total);
	}
	return 0;
}
