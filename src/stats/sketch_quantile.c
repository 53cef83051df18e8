/* Counts by leading bits: exact values first, and fewer bits when the room is full. */
#include <math.h>
#include <stdlib.h>

#include "assay/stats_sketch.h"

/* count 0: free */
struct cell {
	uint64_t key, count; /* what is left of a value's bits */
	double min, max;
};

struct quantile_sketch {
	size_t room, used, slots; /* slots: a power of two of at least twice the room */
	uint64_t count;
	int bits; /* dropped from every key */
	struct cell *cells;
};

static uint64_t key_of(double x)
{
	uint64_t bits;
	x += 0.0; /* -0 becomes 0 */
	memcpy(&bits, &x, sizeof bits);
	return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

struct quantile_sketch *quantile_sketch_new(size_t room)
{
	struct quantile_sketch *s = xcalloc(1, sizeof *s);
	s->room = room < 16 ? 16 : room;
	for (s->slots = 32; s->slots < 2 * s->room;)
		s->slots *= 2;
	s->cells = xcalloc(s->slots, sizeof *s->cells);
	return s;
}

void quantile_sketch_free(struct quantile_sketch *s)
{
	if (!s)
		return;
	free(s->cells);
	free(s);
}

static struct cell *cell_of(struct quantile_sketch *s, uint64_t key)
{
	uint64_t hash = key * UINT64_C(0x9E3779B97F4A7C15);
	size_t at = (size_t)(hash ^ hash >> 32) & (s->slots - 1);
	while (s->cells[at].count && s->cells[at].key != key)
		at = (at + 1) & (s->slots - 1);
	return &s->cells[at];
}

/* Adds cells whose keys are those of this sketch or finer; true while there is room. */
static void put(struct quantile_sketch *s, const struct cell *c)
{
	struct cell *to = cell_of(s, key_of(c->min) >> s->bits);
	if (!to->count) {
		s->used++;
		*to = *c;
		to->key = key_of(c->min) >> s->bits;
		return;
	}
	to->count += c->count;
	to->min = c->min < to->min ? c->min : to->min;
	to->max = c->max > to->max ? c->max : to->max;
}

/* Drops bits until the cells fit. */
static void coarsen(struct quantile_sketch *s, int bits)
{
	while (s->bits < bits || s->used > s->room) {
		struct cell *before = s->cells;
		s->bits = s->bits < bits ? bits : s->bits + 1;
		s->cells = xcalloc(s->slots, sizeof *s->cells);
		s->used = 0;
		for (size_t i = 0; i < s->slots; i++)
			if (before[i].count)
				put(s, &before[i]);
		free(before);
	}
}

void quantile_sketch_add(struct quantile_sketch *s, const double *values, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double x = values[i] + 0.0;
		if (!isfinite(x))
			continue;
		put(s, &(struct cell){.count = 1, .min = x, .max = x});
		s->count++;
		if (s->used > s->room)
			coarsen(s, s->bits);
	}
}

void quantile_sketch_merge(struct quantile_sketch *to, const struct quantile_sketch *from)
{
	if (to->room != from->room)
		bug("quantile_sketch_merge: sketches of two sizes");
	coarsen(to, from->bits);
	for (size_t i = 0; i < from->slots; i++) {
		if (!from->cells[i].count)
			continue;
		put(to, &from->cells[i]);
		if (to->used > to->room)
			coarsen(to, to->bits);
	}
	to->count += from->count;
}

uint64_t quantile_sketch_count(const struct quantile_sketch *s)
{
	return s->count;
}

bool quantile_sketch_is_exact(const struct quantile_sketch *s)
{
	for (size_t i = 0; s->bits && i < s->slots; i++)
		if (s->cells[i].count && s->cells[i].min != s->cells[i].max)
			return false;
	return true;
}

static int by_value(const void *a, const void *b)
{
	const struct cell *x = a, *y = b;
	return (x->min > y->min) - (x->min < y->min);
}

/* The cells in rising order; the caller frees them. */
static struct cell *rising(const struct quantile_sketch *s)
{
	struct cell *cells = xcalloc(s->used + 1, sizeof *cells);
	size_t n = 0;
	for (size_t i = 0; i < s->slots; i++)
		if (s->cells[i].count)
			cells[n++] = s->cells[i];
	qsort(cells, n, sizeof *cells, by_value);
	return cells;
}

/* Between which values the one of this rank (from 0) lies. The first and the last of a cell are known. */
static void value_at(const struct cell *cells, size_t n, uint64_t rank, double *low, double *high)
{
	size_t i = 0;
	for (; i + 1 < n && rank >= cells[i].count; i++)
		rank -= cells[i].count;
	*low = rank + 1 == cells[i].count ? cells[i].max : cells[i].min;
	*high = rank == 0 ? cells[i].min : cells[i].max;
}

void quantile_sketch_at(const struct quantile_sketch *s, double p, struct estimate *out)
{
	*out = (struct estimate){NAN, NAN, NAN};
	if (!s->count || isnan(p))
		return;
	struct cell *cells = rising(s);
	double at = (double)(s->count - 1) * fmin(1, fmax(0, p)), below = floor(at);
	uint64_t rank = (uint64_t)below, next = rank + 1 < s->count ? rank + 1 : rank;
	double low[2], high[2];
	value_at(cells, s->used, rank, &low[0], &high[0]);
	value_at(cells, s->used, next, &low[1], &high[1]);
	out->low = stats_quantile(low, 2, at - below);
	out->high = stats_quantile(high, 2, at - below);
	out->value = out->low == out->high ? out->low : out->low / 2 + out->high / 2;
	/* Interpolation rounds, here and in the quantile itself. */
	if (out->low != out->high && below < at) {
		out->low = nextafter(out->low, -INFINITY);
		out->high = nextafter(out->high, INFINITY);
	}
	free(cells);
}

/* The bin of x; -1 below them, bins above. */
static long bin_of(double x, const double *edges, size_t bins)
{
	size_t low = 0, high = bins + 1;
	if (x == edges[bins])
		return (long)bins - 1;
	/* How many edges are at or below x. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (edges[middle] <= x)
			low = middle + 1;
		else
			high = middle;
	}
	return (long)low - 1;
}

void quantile_sketch_histogram(const struct quantile_sketch *s, const double *edges, size_t bins,
                               uint64_t *counts, uint64_t *astray)
{
	uint64_t lost = 0;
	memset(counts, 0, bins * sizeof *counts);
	for (size_t i = 0; i < s->slots; i++) {
		const struct cell *c = &s->cells[i];
		if (!c->count)
			continue;
		long first = bin_of(c->min, edges, bins), last = bin_of(c->max, edges, bins);
		if (first >= 0 && (size_t)first < bins)
			counts[first] += c->count;
		/* The least and the greatest themselves are known; the rest may be anywhere between. */
		lost += first == last ? 0 : c->count - 1;
	}
	if (astray)
		*astray = lost;
}
