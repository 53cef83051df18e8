/* Runs, on the workers' threads: names, values, experiments; who is to be stopped. */
#include <stdlib.h>
#include <string.h>

#include "runs.h"
#include "runs_key.h"
#include "view_inside.h"

/* So many of the newest runs decide which parameters are worth a column. */
enum { TELLING_ROWS = 60, VALUES_MOST = 50 };
/* And of so many it is looked at what they measure. */
enum { MEASURED_ROWS = 8 };

/* What is not there does not tell one run from another: a foreign program has no label. */
static bool same_cell(const struct runs_cell *a, const struct runs_cell *b)
{
	if (a->kind == CELL_NONE || b->kind == CELL_NONE)
		return true;
	if (a->text || b->text)
		return a->text && b->text && strcmp(a->text, b->text) == 0;
	return a->number == b->number;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* An experiment measures what it measures, whatever is most usual in the store. */
static int find_measures(const struct desk *desk, const struct runs_page *newest, struct arena *a,
                         struct runs_names *names, struct error *err)
{
	const char **reported = NULL;
	size_t count = 0, cap = 0;
	int status = 0;

	for (size_t i = 0; i < newest->count && i < MEASURED_ROWS && status == 0; i++) {
		struct series *series;
		size_t found = 0;

		status = store_series_list(desk->store, newest->rows[i].id, SERIES_METRIC, a, &series, &found, err);
		reported = vec_reserve(reported, &cap, count + found + 1, sizeof *reported);
		for (size_t k = 0; k < found; k++)
			reported[count++] = series[k].name;
	}
	if (count > 0)
		qsort(reported, count, sizeof *reported, by_text);
	names->measures = arena_array(a, names->count + 1, sizeof *names->measures);
	for (size_t i = 0; i < names->count && count > 0; i++) {
		const char *context, *name = runs_key_metric(a, names->names[i], &context);

		if (name && bsearch(&name, reported, count, sizeof *reported, by_text))
			names->measures[names->measure_count++] = names->names[i];
	}
	free(reported);
	return status;
}

/* A column that says the same in every row says nothing. */
static int find_telling(const struct desk *desk, const struct runs_names_ask *ask, struct arena *a,
                        struct runs_names *names, struct error *err)
{
	const char *columns[RUNS_COLUMNS_MAX];
	struct runs_order newest = {"id", true};
	struct runs_scope scope = {0};
	struct runs_query q = {
	    .order = &newest, .order_count = 1, .columns = columns, .now = desk->app->fixed_now};
	struct runs_page page;

	memcpy(scope.experiment, ask->experiment, sizeof scope.experiment);
	q.filter = runs_scope_filter(&scope, a);
	for (size_t i = 0; i < names->count && q.column_count < COUNT_OF(columns); i++)
		if (runs_key_is(names->names[i], "params.") && strlen(names->names[i]) < RUNS_KEY)
			columns[q.column_count++] = names->names[i];
	if (store_runs_page(desk->store, &q, RUNS_FIRST, 0, TELLING_ROWS, a, &page, err) != 0)
		return -1;
	if (ask->experiment[0] && find_measures(desk, &page, a, names, err) != 0)
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
	const struct runs_names_ask *ask = arg;
	struct runs_names *names = arena_alloc(a, sizeof *names);

	*result = names;
	if (store_names(desk->store, "", RUNS_NAMES_MAX, a, &names->names, &names->count, err) != 0 ||
	    store_contexts(desk->store, RUNS_NAMES_MAX, a, &names->contexts, &names->context_count, err) != 0)
		return -1;
	return find_telling(desk, ask, a, names, err);
}

int view_runs_read_experiments(void *context, struct arena *a, const void *arg, void **result,
                               struct error *err)
{
	const struct desk *desk = context;
	struct runs_experiments *found = arena_alloc(a, sizeof *found);

	(void)arg;
	*result = found;
	return store_experiments(desk->store, RUNS_COUNT_MAX, a, &found->list, &found->count, err);
}

int view_runs_read_saved(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	const char *experiment = arg;
	struct runs_saved *saved = arena_alloc(a, sizeof *saved);
	struct store_saved *views, *filters;
	size_t view_count, filter_count;

	*result = saved;
	if (store_saved_list(desk->store, "view", experiment, a, &views, &view_count, err) != 0 ||
	    store_saved_list(desk->store, "filter", experiment, a, &filters, &filter_count, err) != 0)
		return -1;
	saved->list = arena_array(a, view_count + filter_count + 1, sizeof *saved->list);
	for (size_t i = 0; i < view_count; i++)
		saved->list[saved->count++] = views[i];
	for (size_t i = 0; i < filter_count; i++)
		saved->list[saved->count++] = filters[i];
	return 0;
}

int view_runs_read_values(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	const struct desk *desk = context;
	const struct runs_values_ask *ask = arg;
	struct runs_values *found = arena_alloc(a, sizeof *found);

	memcpy(found->field, ask->field, sizeof found->field);
	memcpy(found->prefix, ask->prefix, sizeof found->prefix);
	*result = found;
	/* A name that does not exist has no values: that is for the filter's own check to say. */
	if (store_values(desk->store, ask->field, ask->prefix, VALUES_MOST, a, &found->values, &found->count,
	                 err) != 0)
		return err->code == ERR_USAGE || err->code == ERR_NO ? 0 : -1;
	found->all = found->count < VALUES_MOST;
	return 0;
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
