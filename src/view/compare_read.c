/* Compare, on the reader's thread: from what work found to cells. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "run.h"
#include "view_inside.h"

static const char *kind_title(enum work_diff_kind kind)
{
	switch (kind) {
	case DIFF_METRIC:
		return "METRICS";
	case DIFF_PARAM:
		return "PARAMETERS";
	case DIFF_INPUT:
		return "DATA";
	case DIFF_TAG:
		return "TAGS";
	case DIFF_ABOUT:
		break;
	}
	return "ABOUT";
}

static style_id difference_style(const struct work_diff_row *row, double difference)
{
	if (row->direction == 0 || difference == 0 || isnan(difference))
		return STYLE_MUTED;
	return (difference > 0) == (row->direction > 0) ? STYLE_GOOD : STYLE_BAD;
}

static void fill_row(struct arena *a, const struct work_diff *d, const struct work_diff_row *from,
                     struct compare_row *to)
{
	struct ui_cell *cells = arena_array(a, 2 * d->run_count + 1, sizeof *cells);
	size_t n = 0;

	to->equal = !from->differs;
	to->cells = cells;
	cells[n].text = from->context && *from->context ? arena_printf(a, "%s (%s)", from->name, from->context)
	                                                : arena_strdup(a, from->name);
	cells[n++].style = from->differs ? STYLE_TEXT : STYLE_MUTED;
	for (size_t i = 0; i < d->run_count; i++) {
		struct ui_cell *cell = &cells[n++];
		bool other = i > 0 && from->differs;

		cell->style = from->differs ? STYLE_TEXT : STYLE_MUTED;
		if (from->value) {
			cell->text = view_cell_number(a, from->value[i], 4);
			if (from->best == (long)i && from->differs) {
				cell->text = arena_printf(a, "%s *", cell->text ? cell->text : "");
				cell->style = STYLE_BEST;
			}
		} else {
			cell->text = arena_strdup(a, from->text[i]);
			if (other && (!from->text[i] || !from->text[0] || strcmp(from->text[i], from->text[0]) != 0))
				cell->style = STYLE_CHANGED;
		}
		if (i == 0)
			continue;
		cell = &cells[n++];
		cell->text = "";
		if (from->value) {
			double difference = from->value[i] - from->value[0];

			cell->text = isnan(difference) ? "" : view_cell_difference(a, difference, from->value[0]);
			cell->style = difference_style(from, difference);
		}
	}
}

static void fill_pair(struct arena *a, const struct work_diff_pair *from, struct compare_pair *to)
{
	const struct auc_pair *p = &from->pair;
	char pvalue[NUM_TEXT];

	if (!from->there) {
		to->text = from->why ? arena_printf(a, "cannot be told: %s", from->why) : NULL;
		to->style = STYLE_MUTED;
		return;
	}
	if (isnan(p->p))
		snprintf(pvalue, sizeof pvalue, "the same");
	else if (p->p < 0.0001)
		snprintf(pvalue, sizeof pvalue, "p < 0.0001");
	else
		snprintf(pvalue, sizeof pvalue, "p = %.4f", p->p);
	/* The interval decides: it holds no difference, or it does not. */
	to->text = arena_printf(a, "%s [%s, %s]  %s  %s", view_cell_difference(a, p->difference, p->b.value),
	                        view_cell_difference(a, p->low, p->b.value),
	                        view_cell_difference(a, p->high, p->b.value), pvalue,
	                        p->low > 0    ? "better"
	                        : p->high < 0 ? "worse"
	                                      : "no more than noise");
	to->style = p->low > 0 ? STYLE_GOOD : p->high < 0 ? STYLE_BAD : STYLE_TEXT;
}

/* When nothing can be told of any run, for one reason, it is said once. */
static void one_reason(struct arena *a, const struct work_diff *d, struct compare_model *model,
                       struct compare_pair *pairs)
{
	const char *why = NULL;

	for (size_t i = 0; i < d->run_count; i++) {
		if (i == d->baseline)
			continue;
		if (d->pairs[i].there || !d->pairs[i].why || (why && strcmp(why, d->pairs[i].why) != 0))
			return;
		why = d->pairs[i].why;
	}
	if (!why)
		return;
	for (size_t i = 0; i < d->run_count; i++)
		pairs[i].text = NULL;
	model->pair_note = arena_printf(a, "cannot be told: %s", why);
}

int view_compare_read(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	static const enum work_diff_kind order[] = {DIFF_METRIC, DIFF_PARAM, DIFF_INPUT, DIFF_TAG, DIFF_ABOUT};
	struct desk *desk = context;
	const struct compare_ask *ask = arg;
	struct compare_model *model = arena_alloc(arena, sizeof *model);
	struct compare_row *rows;
	struct compare_pair *pairs;
	struct work_diff d;

	if (work_compare(desk->store, ask->ids, ask->count, 0, &d, err) != 0)
		return -1;
	rows = arena_array(arena, d.row_count + COUNT_OF(order), sizeof *rows);
	pairs = arena_array(arena, d.run_count, sizeof *pairs);
	model->run_count = d.run_count;
	model->names = arena_array(arena, d.run_count, sizeof *model->names);
	model->uuids = arena_array(arena, d.run_count, sizeof *model->uuids);
	for (size_t i = 0; i < d.run_count; i++) {
		model->uuids[i] = arena_strdup(arena, d.runs[i].uuid);
		model->names[i] = arena_strdup(arena, d.runs[i].name);
		if (i != d.baseline)
			fill_pair(arena, &d.pairs[i], &pairs[i]);
	}
	for (size_t k = 0; k < COUNT_OF(order); k++) {
		bool headed = false;

		for (size_t i = 0; i < d.row_count; i++) {
			if (d.rows[i].kind != order[k])
				continue;
			if (!headed) {
				struct ui_cell *cells = arena_array(arena, 2 * d.run_count + 1, sizeof *cells);

				for (size_t n = 0; n < 2 * d.run_count; n++)
					cells[n].text = "";
				cells[0].text = kind_title(order[k]);
				rows[model->count++] = (struct compare_row){.heading = true, .cells = cells};
				headed = true;
			}
			fill_row(arena, &d, &d.rows[i], &rows[model->count++]);
		}
	}
	model->rows = rows;
	model->pairs = pairs;
	model->pair_note = arena_printf(arena, "less that of %s, 95 %% (paired DeLong)", model->names[0]);
	one_reason(arena, &d, model, pairs);
	work_diff_release(&d);
	*result = model;
	return 0;
}

struct listed {
	struct series *series; /* by name and context */
	size_t count;
};

static int by_name_and_context(const void *a, const void *b)
{
	const struct series *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : strcmp(x->context, y->context);
}

static const struct series *series_like(const struct listed *l, const struct series *other)
{
	return l->count ? bsearch(other, l->series, l->count, sizeof *other, by_name_and_context) : NULL;
}

/* Metrics of which at least one run has a curve; each run is a series. */
int view_compare_read_curves(void *context, struct arena *arena, const void *arg, void **result,
                             struct error *err)
{
	struct desk *desk = context;
	const struct compare_curves_ask *ask = arg;
	struct charts_got *got = arena_alloc(arena, sizeof *got);
	const size_t run_count = ask->runs.count;
	struct listed listed[COMPARE_MAX];
	struct run_row runs[COMPARE_MAX];
	struct curve_chart *charts;
	size_t total = 0, found = 0;

	*result = got;
	for (size_t i = 0; i < run_count; i++) {
		if (store_run_get(desk->store, ask->runs.ids[i], arena, &runs[i], err) != 0 ||
		    store_series_list(desk->store, ask->runs.ids[i], SERIES_METRIC, arena, &listed[i].series,
		                      &listed[i].count, err) != 0)
			return -1;
		total += listed[i].count;
	}
	charts = arena_array(arena, total + 1, sizeof *charts);
	for (size_t i = 0; i < run_count; i++) {
		for (size_t k = 0; k < listed[i].count; k++) {
			const struct series *one = &listed[i].series[k];
			bool known = one->count < 2;

			for (size_t before = 0; before < i && !known; before++) {
				const struct series *same = series_like(&listed[before], one);

				known = same && same->count > 1;
			}
			if (!known)
				charts[found++] = (struct curve_chart){.name = one->name,
				                                       .unit = one->context,
				                                       .bottom = (double)NAN,
				                                       .top = (double)NAN,
				                                       .source = one};
		}
	}
	charts_window(&ask->part, charts, found, got);
	for (size_t i = 0; i < got->count; i++) {
		struct curve *curves = arena_array(arena, run_count, sizeof *curves);

		charts[i].curves = curves;
		for (size_t r = 0; r < run_count; r++) {
			const struct series *one = series_like(&listed[r], charts[i].source);
			struct curve look = {.name = runs[r].name, .style = (int)r};

			if (one && view_run_curve(desk->store, one, &look, runs[r].started, 1, 400,
			                          ask->part.by_time ? AXIS_TIME : AXIS_STEP, arena,
			                          &curves[charts[i].count++], err) != 0)
				return -1;
		}
	}
	return 0;
}
