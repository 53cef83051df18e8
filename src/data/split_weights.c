/* One column in groups of rows that have weights: the rows of frequencies as if they were written out, and what sampling
 * weights estimate beside the rows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "relation.h"
#include "split.h"

/* ---- groups ---- */

void split_weigh_groups(struct split_by *g)
{
	struct weight_sum *sums = xcalloc(g->group_count + 1, sizeof(*sums)), *all = &sums[g->group_count];

	for (size_t i = 0; i < g->table->row_count; i++)
		weight_sum_add(&sums[g->group_of[i]], g->weight_of[i], 1);
	for (size_t k = 0; k < g->group_count; k++)
		weight_sum_merge(all, &sums[k]);
	for (size_t k = 0; k < g->group_count; k++) {
		struct split_weighted *w = g->groups[k].weighted = arena_alloc(g->arena, sizeof(*w));
		const double total = weight_sum_value(all);

		*w = (struct split_weighted){.weight = weight_sum_value(&sums[k])};
		w->share = total > 0 ? w->weight / total : (double)NAN;
	}
	free(sums);
}

int split_take_weights(struct split_by *g, enum stats_weights kind, struct error *err)
{
	const struct table *t = g->table;

	g->rows = t->row_count;
	if (kind == STATS_ONE_EACH)
		return 0;
	g->weights = kind;
	g->weight = table_role(t, ROLE_WEIGHT);
	g->weight_of = table_weights(t, kind, err);
	if (!g->weight_of)
		return -1;
	if (kind != STATS_FREQUENCY)
		return 0;
	g->times = table_times(t, g->weight_of, &g->rows, err);
	if (!g->times)
		return -1;
	return g->rows ? 0 : weights_none(t->columns[g->weight].name, err);
}

/* ---- numbers ---- */

/* The finite values of the rows that have a weight, those of group k at start[k] to start[k + 1]. */
struct weighed {
	double *values, *weights;
	uint64_t *times; /* of frequencies */
	size_t *start;
};

static void gather(const struct split_by *g, const struct column *c, struct weighed *out)
{
	const size_t rows = g->table->row_count;
	size_t *start = xcalloc(g->group_count + 2, sizeof(*start)), n;

	for (size_t i = 0; i < rows; i++)
		if (g->weight_of[i] > 0 && isfinite(column_number(c, i)))
			start[g->group_of[i] + 2]++;
	/* The rows of group k go to start[k + 1], which is where they end in the end. */
	for (size_t k = 1; k <= g->group_count + 1; k++)
		start[k] += start[k - 1];
	n = start[g->group_count + 1];
	*out = (struct weighed){.values = xmalloc(size_mul(n + 1, sizeof(*out->values))),
	                        .weights = xmalloc(size_mul(n + 1, sizeof(*out->weights))),
	                        .times = g->times ? xmalloc(size_mul(n + 1, sizeof(*out->times))) : NULL,
	                        .start = start};
	for (size_t i = 0; i < rows; i++) {
		const double v = column_number(c, i);
		size_t at;

		if (!(g->weight_of[i] > 0) || !isfinite(v))
			continue;
		at = start[g->group_of[i] + 1]++;
		out->values[at] = v;
		out->weights[at] = g->weight_of[i];
		if (out->times)
			out->times[at] = g->times[i];
	}
}

static void weighed_release(struct weighed *w)
{
	free(w->values);
	free(w->weights);
	free(w->times);
	free(w->start);
}

/* A group's values, summed up and in order; room for all of them, so that it stays exact. */
static struct stats_sums *sum_up(const struct weighed *w, size_t group, enum stats_weights kind)
{
	struct stats_sums *sums = stats_sums_new(kind);
	const size_t from = w->start[group], n = w->start[group + 1] - from;

	stats_sums_add(sums, w->values + from, w->weights + from, n);
	return sums;
}

static struct number_sketch *put_in_order(const struct weighed *w, size_t group)
{
	struct number_sketch *sketch = number_sketch_new(UINT32_MAX / 2, !w->times);
	const size_t from = w->start[group], n = w->start[group + 1] - from;

	number_sketch_add(sketch, w->values + from, w->times ? w->times + from : NULL,
	                  w->times ? NULL : w->weights + from, n);
	return sketch;
}

/* ---- frequencies ---- */

static void describe(struct split *s, struct split_group *one, const struct stats_sums *sums,
                     struct number_sketch *sketch)
{
	struct moments m;
	struct stats_runs runs;

	stats_sums_moments(sums, &m);
	one->mean = m.mean;
	one->sd = m.sd;
	one->min = m.min;
	one->max = m.max;
	number_sketch_runs(sketch, &runs);
	for (size_t i = 0; i < PROFILE_QUANTILES; i++) {
		struct estimate q;

		stats_runs_quantile(&runs, PROFILE_QUANTILE_AT[i], &q);
		one->quantiles[i] = q.value;
	}
	one->bins = arena_array(s->arena, s->bins + 1, sizeof(*one->bins));
	if (s->bins)
		stats_runs_histogram(&runs, s->edges, s->bins, one->bins, NULL);
}

/* The groups [0, count) but for one of them, together. */
static struct number_sketch *join(struct number_sketch *const *sketches, size_t count, size_t but)
{
	struct number_sketch *all = number_sketch_new(UINT32_MAX / 2, false);

	for (size_t k = 0; k < count; k++)
		if (k != but)
			number_sketch_merge(all, sketches[k]);
	return all;
}

static void make_edges(struct split *s, struct number_sketch *const *sketches)
{
	struct number_sketch *all = join(sketches, s->group_count, SIZE_MAX);
	struct stats_runs runs;

	number_sketch_runs(all, &runs);
	if (runs.count) {
		s->bins = stats_runs_bin_count(&runs);
		s->edges = arena_array(s->arena, s->bins + 1, sizeof(*s->edges));
		stats_edges(runs.low[0], runs.low[runs.count - 1], s->bins, s->edges);
	}
	number_sketch_free(all);
}

static void measure_auc(struct split *s, const struct split_by *g, struct number_sketch *const *sketches)
{
	struct number_sketch *others = join(sketches, g->compared, (size_t)g->positive);
	struct stats_runs positive, negative;

	number_sketch_runs(sketches[g->positive], &positive);
	number_sketch_runs(others, &negative);
	stats_runs_auc(&positive, &negative, 0.95, &s->auc);
	number_sketch_free(others);
}

int split_frequencies(struct split *s, const struct split_by *g, const struct column *c,
                      struct progress *progress, struct error *err)
{
	const size_t groups = g->group_count;
	struct stats_sums **sums = xcalloc(groups + 1, sizeof(struct stats_sums *));
	struct number_sketch **sketches = xcalloc(groups + 1, sizeof(struct number_sketch *));
	struct weighed w;
	size_t done = 0;
	int rc = 0;

	for (size_t i = 0; i < g->table->row_count; i++) {
		const double v = column_number(c, i);

		s->groups[g->group_of[i]].missing += isnan(v) ? g->times[i] : 0;
		s->groups[g->group_of[i]].infinite += isinf(v) ? g->times[i] : 0;
	}
	gather(g, c, &w);
	for (; done < groups && !progress_stop(progress); done++) {
		sums[done] = sum_up(&w, done, STATS_FREQUENCY);
		sketches[done] = put_in_order(&w, done);
		progress_add(progress, g->groups[done].rows);
	}
	weighed_release(&w);
	if (done < groups) {
		rc = progress_stopped(err);
	} else {
		make_edges(s, sketches);
		for (size_t k = 0; k < groups; k++)
			describe(s, &s->groups[k], sums[k], sketches[k]);
		stats_anova((const struct stats_sums *const *)sums, g->compared, &s->anova);
		s->strength = relation_mixed_strength(&s->anova);
		if (g->positive >= 0)
			measure_auc(s, g, sketches);
	}
	for (size_t k = 0; k < done; k++) {
		stats_sums_free(sums[k]);
		number_sketch_free(sketches[k]);
	}
	free(sums);
	free(sketches);
	return rc;
}

/* ---- sampling weights ---- */

static void estimate_numbers(struct split *s, const struct split_by *g, const struct column *c)
{
	struct weighed w;

	gather(g, c, &w);
	for (size_t k = 0; k < s->group_count; k++) {
		struct weighted_profile *out = &s->groups[k].weighted->estimates;
		struct stats_sums *sums = sum_up(&w, k, STATS_SAMPLING);
		struct number_sketch *sketch = put_in_order(&w, k);
		struct stats_runs runs;

		stats_sums_weighted(sums, &out->moments);
		number_sketch_runs(sketch, &runs);
		stats_runs_weighted(&runs, PROFILE_QUANTILE_AT, PROFILE_QUANTILES, out->quantiles);
		out->bins = arena_array(s->arena, s->bins + 1, sizeof(*out->bins));
		stats_runs_weighted_bins(&runs, s->edges, s->bins, out->bins);
		stats_sums_free(sums);
		number_sketch_free(sketch);
	}
	weighed_release(&w);
}

void split_estimate(struct split *s, const struct split_by *g, const struct column *c)
{
	struct weight_sum *missing = xcalloc(s->group_count + 1, sizeof(*missing));

	for (size_t i = 0; i < g->table->row_count; i++)
		if (column_is_missing(c, i))
			weight_sum_add(&missing[g->group_of[i]], g->weight_of[i], 1);
	for (size_t k = 0; k < s->group_count; k++) {
		struct split_weighted *w = s->groups[k].weighted;

		w->estimates.missing = w->weight > 0 ? weight_sum_value(&missing[k]) / w->weight : (double)NAN;
	}
	free(missing);
	if (s->numeric)
		estimate_numbers(s, g, c);
}

void split_estimate_values(struct split *s, const struct split_by *g, const struct column *c,
                           const uint32_t *shown_as)
{
	const size_t count = s->value_count;
	struct weight_sum *sums = xcalloc(size_mul(s->group_count, count + 1) + 1, sizeof(*sums));

	for (size_t i = 0; i < g->table->row_count; i++) {
		struct weight_sum *group = sums + g->group_of[i] * (count + 1);

		if (column_is_missing(c, i))
			continue;
		weight_sum_add(&group[shown_as[c->codes ? c->codes[i] : column_number(c, i) != 0]], g->weight_of[i],
		               1);
		weight_sum_add(&group[count], g->weight_of[i], 1);
	}
	for (size_t k = 0; k < s->group_count; k++) {
		const struct weight_sum *group = sums + k * (count + 1);
		const double all = weight_sum_value(&group[count]);
		double *values = s->groups[k].weighted->values = arena_array(s->arena, count + 1, sizeof(*values));

		for (size_t v = 0; v < count; v++)
			values[v] = all > 0 ? weight_sum_value(&group[v]) / all : (double)NAN;
	}
	free(sums);
}
