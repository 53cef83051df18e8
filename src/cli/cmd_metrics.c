/* assay metrics RUN [NAME]: the points of a metric, or which metrics there are. */
#include <math.h>

#include "cli_run.h"
#include "commands.h"

static enum series_kind kind_of(const struct cli *c)
{
	return cli_has(c, "system") ? SERIES_SAMPLE : SERIES_METRIC;
}

static void list_json(const struct series *series, size_t count)
{
	struct str json;
	struct json_writer j;
	str_init(&json);
	jw_init(&j, &json);
	jw_array(&j, NULL);
	for (size_t i = 0; i < count; i++) {
		const struct series *s = &series[i];
		jw_object(&j, NULL);
		jw_string(&j, "name", s->name);
		jw_string(&j, "context", s->context);
		jw_int(&j, "points", s->count);
		jw_num(&j, "last", s->last.value, "not a finite number");
		jw_int(&j, "last_step", s->last.step);
		jw_num(&j, "min", s->min.value, "no finite number");
		jw_num(&j, "max", s->max.value, "no finite number");
		jw_num(&j, "mean", s->mean, "no finite number");
		jw_num(&j, "best", s->best.value, "the direction is not known");
		jw_object_end(&j);
	}
	jw_array_end(&j);
	json_print(&json, stdout);
	str_release(&json);
}

static void list_text(const struct cli *c, const struct run_row *run, const struct series *series,
                      size_t count)
{
	struct listing g;
	listing_init(&g);
	listing_column(&g, "metric", "name", GRID_LEFT);
	listing_column(&g, "context", "context", GRID_LEFT);
	listing_column(&g, "points", "points", GRID_RIGHT);
	listing_column(&g, "last", "last", GRID_POINT);
	listing_column(&g, "best", "best", GRID_POINT);
	listing_column(&g, "min", "min", GRID_POINT);
	listing_column(&g, "max", "max", GRID_POINT);
	for (size_t i = 0; i < count; i++) {
		const struct series *s = &series[i];
		listing_text(&g, s->name, GRID_PLAIN);
		listing_text(&g, s->context, GRID_MUTED);
		listing_int(&g, s->count);
		listing_num(&g, s->last.value, 4);
		listing_num(&g, s->best.value, 4);
		listing_num(&g, s->min.value, 4);
		listing_num(&g, s->max.value, 4);
	}
	if (count || c->csv || c->tsv)
		listing_print(&g, c, stdout);
	else if (!c->quiet)
		safe_fprintf(stderr,
		             kind_of(c) == SERIES_SAMPLE ? "%s was not measured\n" : "%s has reported no metrics\n",
		             run->name);
	listing_release(&g);
}

static void points_json(const struct series *s, const struct point *points, size_t count)
{
	struct str json;
	struct json_writer j;
	char at[TIME_TEXT];
	str_init(&json);
	jw_init(&j, &json);
	jw_object(&j, NULL);
	jw_string(&j, "name", s->name);
	jw_string(&j, "context", s->context);
	jw_int(&j, "count", s->count);
	jw_array(&j, "points");
	for (size_t i = 0; i < count; i++) {
		jw_object(&j, NULL);
		jw_int(&j, "step", points[i].step);
		jw_num(&j, "value", points[i].value,
		       isnan(points[i].value) ? "nan"
		       : points[i].value > 0  ? "inf"
		                              : "-inf");
		jw_string(&j, "time", points[i].time ? time_rfc3339(points[i].time, at) : NULL);
		jw_object_end(&j);
	}
	jw_array_end(&j);
	jw_object_end(&j);
	json_print(&json, stdout);
	str_release(&json);
}

static void points_text(const struct cli *c, const struct point *points, size_t count)
{
	struct listing g;
	char at[TIME_TEXT], machine[TIME_TEXT], number[NUM_TEXT], people[NUM_TEXT];
	listing_init(&g);
	listing_column(&g, "step", "step", GRID_RIGHT);
	listing_column(&g, "value", "value", GRID_POINT);
	listing_column(&g, "time", "time", GRID_LEFT);
	for (size_t i = 0; i < count; i++) {
		listing_int(&g, points[i].step);
		num_shortest(points[i].value, number);
		listing_both(&g, isnan(points[i].value) ? "nan" : num_people(points[i].value, 6, people), number,
		             true, GRID_PLAIN);
		if (points[i].time)
			listing_both(&g, time_local(points[i].time, at), time_rfc3339(points[i].time, machine), false,
			             GRID_MUTED);
		else
			listing_none(&g);
	}
	listing_print(&g, c, stdout);
	listing_release(&g);
}

/* The series that is meant: with several contexts and none named, the one of the evaluation. */
static int find_series(struct cli *c, struct store *store, int64_t run, struct arena *mem, struct series *out)
{
	const char *context = cli_get(c, "context");
	if (store_series_find(store, run, kind_of(c), c->args[1], context, mem, out, &c->err) == 0)
		return 0;
	struct series *all;
	size_t count;
	struct error ignored;
	if (context || store_series_list(store, run, kind_of(c), mem, &all, &count, &ignored) != 0)
		return -1;
	struct str contexts;
	str_init(&contexts);
	for (size_t i = 0; i < count; i++)
		if (strcmp(all[i].name, c->args[1]) == 0)
			str_addf(&contexts, "%s%s", contexts.len ? ", " : "", all[i].context);
	if (contexts.len)
		error_set(&c->err, ERR_USAGE, "%s has several series; choose one with --context: %s", c->args[1],
		          contexts.data);
	str_release(&contexts);
	return -1;
}

int cmd_metrics(struct cli *c)
{
	struct store *store = NULL;
	struct arena *mem = arena_new();
	struct run_row run;
	struct series one, *all;
	struct point *points;
	size_t count;
	int64_t most = 0;
	int status = cli_get_int(c, "points", 1, INT32_MAX, &most);
	if (status == 0)
		status = run_open(c, STORE_READ, c->args[0], &store, mem, &run);
	if (status == 0 && c->arg_count == 1) {
		status = store_series_list(store, run.id, kind_of(c), mem, &all, &count, &c->err);
		if (status == 0) {
			if (c->json)
				list_json(all, count);
			else
				list_text(c, &run, all, count);
		}
	} else if (status == 0) {
		status = find_series(c, store, run.id, mem, &one);
		if (status == 0)
			status = most ? store_series_thinned(store, one.id, (size_t)most, mem, &points, &count, &c->err)
			              : store_series_points(store, one.id, 0, 0, mem, &points, &count, &c->err);
		if (status == 0) {
			if (c->json)
				points_json(&one, points, count);
			else
				points_text(c, points, count);
		}
	}
	store_close(store);
	arena_free(mem);
	return status;
}
