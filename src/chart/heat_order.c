/* An order of things in which what goes together stands together. */
#include <math.h>
#include <stdlib.h>

#include "chart_inside.h"

/* Things joined so far, in their order from end to end. */
struct cluster {
	size_t *items;
	size_t count; /* 0: it has gone into another */
};

static double strength_of(const double *strength, size_t count, size_t a, size_t b)
{
	double s = strength[a * count + b];

	return isnan(s) ? 0 : s;
}

static void turn(struct cluster *c)
{
	for (size_t i = 0, k = c->count; i + 1 < k--; i++) {
		size_t item = c->items[i];

		c->items[i] = c->items[k];
		c->items[k] = item;
	}
}

/* b behind a, each turned round as its ends ask for. */
static void join(const double *strength, size_t count, struct cluster *a, struct cluster *b)
{
	double best = -1;
	int how = 0;

	for (int i = 0; i < 4; i++) {
		size_t end = a->items[i & 1 ? 0 : a->count - 1], begin = b->items[i & 2 ? b->count - 1 : 0];
		double s = strength_of(strength, count, end, begin);

		if (s > best) {
			best = s;
			how = i;
		}
	}
	if (how & 1)
		turn(a);
	if (how & 2)
		turn(b);
	for (size_t i = 0; i < b->count; i++)
		a->items[a->count++] = b->items[i];
	b->count = 0;
}

void chart_heat_order(const double *strength, size_t count, size_t *order)
{
	size_t cells = size_mul(count, count);
	double *between = xcalloc(cells + 1, sizeof *between); /* of clusters: the mean over their pairs */
	size_t *items = xcalloc(cells + 1, sizeof *items);
	struct cluster *clusters = xcalloc(count + 1, sizeof *clusters);

	for (size_t a = 0; a < count; a++) {
		clusters[a] = (struct cluster){items + a * count, 1};
		clusters[a].items[0] = a;
		for (size_t b = 0; b < count; b++)
			between[a * count + b] = strength_of(strength, count, a, b);
	}
	for (size_t left = count; left > 1; left--) {
		size_t first = 0, second = 0;
		double best = -1, sizes;

		for (size_t a = 0; a < count; a++)
			for (size_t b = a + 1; clusters[a].count && b < count; b++)
				if (clusters[b].count && between[a * count + b] > best) {
					best = between[a * count + b];
					first = a;
					second = b;
				}
		sizes = (double)(clusters[first].count + clusters[second].count);
		for (size_t k = 0; k < count; k++) {
			double mean = ((double)clusters[first].count * between[first * count + k] +
			               (double)clusters[second].count * between[second * count + k]) /
			              sizes;

			between[first * count + k] = between[k * count + first] = mean;
		}
		join(strength, count, &clusters[first], &clusters[second]);
	}
	for (size_t i = 0; i < count; i++)
		order[i] = clusters[0].items[i];
	free(between);
	free(items);
	free(clusters);
}
