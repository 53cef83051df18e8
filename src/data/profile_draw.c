/* A histogram with its edges where no value can be. */
#include <math.h>
#include <string.h>

#include "assay/data.h"

/* The values are (from + k each) unit / power for whole numbers k; from and each are whole too. */
struct grid {
	double unit, power, from, each;
};

static const struct {
	const char *name;
	double ms;
} units[] = {{"day", 86400e3}, {"hour", 3600e3}, {"minute", 60e3}, {"second", 1e3}, {"millisecond", 1}};

/* Where every value is known, what they are multiples of beyond the least: months of a loan are 12, 24, 36. */
static void widen(const struct column_profile *c, struct grid *g)
{
	double each = 0, from = 0, value;

	if (c->type == COLUMN_TIME || c->bounds || c->top_count != c->distinct)
		return;
	for (size_t i = 0; i < c->top_count; i++) {
		double n, rest;

		/* An infinite value, say. */
		if (!num_parse(c->top[i].value, c->top[i].len, &value))
			return;
		n = round(value / g->unit * g->power);
		from = i == 0 ? n : from;
		for (n = fabs(n - from); n > 0; n = rest) {
			rest = fmod(each, n);
			each = n;
		}
	}
	if (each > 0)
		*g = (struct grid){g->unit, g->power, from, each};
}

static bool grid_of(const struct column_profile *c, const double *edges, size_t bins, struct grid *g)
{
	const double most = ldexp(1, 50);

	*g = (struct grid){0, 1, 0, 1};
	if ((c->type == COLUMN_INT || c->type == COLUMN_NUM) && c->decimals >= 0) {
		g->unit = 1;
		g->power = pow(10, c->decimals);
	}
	for (size_t i = 0; c->type == COLUMN_TIME && c->time && i < COUNT_OF(units); i++)
		if (strcmp(c->time->unit, units[i].name) == 0)
			g->unit = units[i].ms;
	if (!(g->unit > 0 && bins > 0 && c->max > c->min && edges[bins] > edges[0] &&
	      fmax(fabs(edges[0]), fabs(edges[bins])) * g->power / g->unit < most))
		return false;
	widen(c, g);
	return true;
}

static double at(const struct grid *g, double k)
{
	return (g->from + k * g->each) * g->unit / g->power;
}

static double place(const struct grid *g, double value)
{
	return (value / g->unit * g->power - g->from) / g->each;
}

/* The first k whose value is not below the edge. */
static double first_from(const struct grid *g, double edge)
{
	double k = ceil(place(g, edge));

	while (at(g, k - 1) >= edge)
		k--;
	while (at(g, k) < edge)
		k++;
	return k;
}

/* The edges that the profile has around it are no values. */
static bool is_one_value(const struct column_profile *c, size_t bins)
{
	return bins > 0 && c->min == c->max;
}

size_t profile_draw_edges(const struct column_profile *c, const double *edges, size_t bins, double *drawn,
                          size_t *from)
{
	struct grid g;
	double n, next;
	size_t count = 0;

	if (is_one_value(c, bins)) {
		drawn[0] = drawn[1] = c->min;
		from[0] = 0;
		from[1] = bins;
		return 1;
	}
	if (!grid_of(c, edges, bins, &g)) {
		for (size_t i = 0; i <= bins; i++) {
			drawn[i] = edges[i];
			from[i] = i;
		}
		return bins;
	}
	n = first_from(&g, edges[0]);
	drawn[0] = at(&g, n - 0.5);
	for (size_t i = 0; i < bins; i++, n = next) {
		next = first_from(&g, edges[i + 1]);
		/* The last one has its upper end. */
		next += i + 1 == bins && at(&g, next) == edges[bins];
		if (next <= n)
			continue;
		from[count++] = i;
		drawn[count] = at(&g, next - 0.5);
	}
	from[0] = 0;
	from[count] = bins;
	return count;
}

void profile_draw(const struct column_profile *c, struct arena *a, struct column_profile *out)
{
	struct weighted_profile *weighted = NULL;
	size_t *from = arena_array(a, c->bins + 1, sizeof(*from));
	struct grid g;

	*out = *c;
	if (grid_of(c, c->edges, c->bins, &g))
		out->step = g.each * g.unit / g.power;
	else if (!is_one_value(c, c->bins))
		return;
	out->edges = arena_array(a, c->bins + 1, sizeof(*out->edges));
	out->bins = profile_draw_edges(c, c->edges, c->bins, out->edges, from);
	out->bin_counts = arena_array(a, out->bins, sizeof(*out->bin_counts));
	if (c->weighted && c->weighted->bins) {
		out->weighted = weighted = arena_alloc(a, sizeof(*weighted));
		*weighted = *c->weighted;
		weighted->bins = arena_array(a, out->bins, sizeof(*weighted->bins));
	}
	for (size_t i = 0; i < out->bins; i++)
		for (size_t k = from[i]; k < from[i + 1]; k++) {
			out->bin_counts[i] += c->bin_counts[k];
			if (weighted)
				weighted->bins[i] += c->weighted->bins[k];
		}
}

bool profile_values_between(const struct column_profile *c, double from, double to, double *first,
                            double *last)
{
	struct grid g;

	if (c->step == 0 || !grid_of(c, c->edges, c->bins, &g))
		return false;
	*first = at(&g, round(place(&g, from) + 0.5));
	*last = at(&g, round(place(&g, to) - 0.5));
	return true;
}
