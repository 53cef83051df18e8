/* Bias, on the reader's thread: what the numbers of a report are held to. */
#include <math.h>
#include <string.h>

#include "assay/ledger.h"
#include "bias.h"
#include "bias_shelf.h"

static bool names(const struct policy_gate *g, const char *partition)
{
	return g->kind == POLICY_BIAS && g->by && g->measure && strcmp(g->by, partition) == 0 &&
	       bias_measure_known(g->measure);
}

/* Of two gates on one measure (of different stages) the stricter one is shown. */
static void add_limit(struct bias_loaded *l, size_t from, const char *by, const struct policy_gate *g)
{
	for (size_t i = from; i < l->limit_count; i++)
		if (strcmp(l->limits[i].measure, g->measure) == 0 && l->limits[i].at_least != g->at_most) {
			l->limits[i].limit =
			    g->at_most ? fmin(l->limits[i].limit, g->limit) : fmax(l->limits[i].limit, g->limit);
			return;
		}
	l->limits[l->limit_count++] = (struct bias_limit){
	    .measure = arena_strdup(l->mem, g->measure), .by = by, .limit = g->limit, .at_least = !g->at_most};
}

static bool has_group(const struct bias_partition *p, const char *group)
{
	for (size_t i = 0; i < p->group_count; i++)
		if (strcmp(p->group[i], group) == 0)
			return true;
	return false;
}

/* Against whom a partition is looked at: the first gate on it that says so, if there are such cases. */
static void add_reference(struct bias_loaded *l, const struct bias_partition *p, const struct policy_gate *g)
{
	size_t n = l->reference_count;

	if (!g->reference || !has_group(p, g->reference) ||
	    (n > 0 && strcmp(l->references[n - 1].by, p->name) == 0))
		return;
	l->references[l->reference_count++] =
	    (struct bias_reference){p->name, arena_strdup(l->mem, g->reference)};
}

/* A report has one threshold, one level, one minimum: those of the first gate that is on any of its columns.
 */
static void take_settings(struct bias_loaded *l, const struct policy_gate *g)
{
	l->own = isnan(g->threshold) ? l->own : g->threshold;
	l->level = g->level;
	l->minimum = g->minimum > 0 ? (uint64_t)g->minimum : l->minimum;
}

static void add_usual(struct bias_loaded *l, const char *by)
{
	size_t count;
	const struct bias_limit *usual = bias_limits_default(&count);

	for (size_t i = 0; i < count; i++) {
		l->limits[l->limit_count] = usual[i];
		l->limits[l->limit_count++].by = by;
	}
}

void bias_set_limits(struct bias_loaded *l, const struct policy *policy)
{
	const struct bias_partition *partitions;
	size_t count = bias_partitions(l->cases.table, &partitions), gates = policy ? policy->gate_count : 0,
	       usual;
	struct bias_settings house;
	bool found = false;

	bias_limits_default(&usual);
	bias_settings_init(&house);
	l->own = house.threshold;
	l->level = house.level;
	l->minimum = house.minimum;
	l->limits = arena_array(l->mem, count * (usual + gates) + 1, sizeof *l->limits);
	l->limits_from = arena_array(l->mem, count + 1, sizeof *l->limits_from);
	l->references = arena_array(l->mem, count + 1, sizeof *l->references);
	for (size_t p = 0; p < count; p++) {
		size_t from = l->limit_count;

		for (size_t i = 0; i < gates; i++) {
			const struct policy_gate *g = &policy->gates[i];

			if (!names(g, partitions[p].name))
				continue;
			add_limit(l, from, partitions[p].name, g);
			add_reference(l, &partitions[p], g);
			if (!found)
				take_settings(l, g);
			found = true;
		}
		l->limits_from[p] =
		    l->limit_count > from ? arena_printf(l->mem, "policy %s", policy->name) : "house default";
		if (l->limit_count == from)
			add_usual(l, partitions[p].name);
	}
}
