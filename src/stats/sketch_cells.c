/* Cells of values in rising order: joined, and made coarser until they fit. */
#include <stdlib.h>

#include "sketch.h"

void cells_release(struct cells *c)
{
	free(c->low);
	free(c->high);
	free(c->rows);
	free(c->weight);
	*c = (struct cells){0};
}

void cells_reserve(struct cells *c, size_t need, bool weighted)
{
	if (need <= c->cap)
		return;
	/* Not doubled: what is joined to many cells is many as well. */
	c->cap = need + need / 8 + 4;
	c->low = xreallocarray(c->low, c->cap, sizeof *c->low);
	c->rows = xreallocarray(c->rows, c->cap, sizeof *c->rows);
	if (c->bits)
		c->high = xreallocarray(c->high, c->cap, sizeof *c->high);
	if (weighted)
		c->weight = xreallocarray(c->weight, c->cap, sizeof *c->weight);
}

void cells_sum_up(struct cells *c, bool summed)
{
	if (c->summed == summed)
		return;
	if (summed)
		for (size_t i = 1; i < c->count; i++)
			c->rows[i] += c->rows[i - 1];
	else
		for (size_t i = c->count; i-- > 1;)
			c->rows[i] -= c->rows[i - 1];
	c->summed = summed;
}

/* From now on cells may hold several values. */
static void part_ends(struct cells *c)
{
	if (c->high)
		return;
	c->high = xreallocarray(NULL, c->cap, sizeof *c->high);
	memcpy(c->high, c->low, c->count * sizeof *c->high);
}

/* Drops bits and joins cells that have become one; with the same number of bits, those that are. */
static void join(struct cells *c, int bits)
{
	size_t n = 0;
	if (bits)
		part_ends(c);
	c->bits = bits;
	for (size_t i = 0; i < c->count; i++) {
		if (n && cells_key(c->low[n - 1]) >> bits == cells_key(c->low[i]) >> bits) {
			c->rows[n - 1] += c->rows[i];
			if (c->high && c->high[i] > c->high[n - 1])
				c->high[n - 1] = c->high[i];
			if (c->weight)
				weight_sum_merge(&c->weight[n - 1], &c->weight[i]);
			continue;
		}
		c->low[n] = c->low[i];
		c->rows[n] = c->rows[i];
		if (c->high)
			c->high[n] = c->high[i];
		if (c->weight)
			c->weight[n] = c->weight[i];
		n++;
	}
	c->count = n;
}

/* The least number of bits to drop, `bits` or more, that leaves no more than `room` cells. */
static int bits_needed(const struct cells *c, int bits, size_t room)
{
	/* By the first bit in which neighbours differ: they stay two if it is not dropped. */
	size_t apart[65] = {0}, count = 1;
	for (size_t i = 1; i < c->count; i++) {
		uint64_t differ = cells_key(c->low[i]) ^ cells_key(c->low[i - 1]);
		apart[differ ? 64 - __builtin_clzll(differ) : 0]++;
	}
	for (int b = 64; b > bits; b--)
		count += apart[b];
	while (count > room)
		count -= apart[++bits];
	return bits;
}

void cells_fit(struct cells *c, size_t room)
{
	if (c->count > room)
		join(c, bits_needed(c, c->bits, room));
}

/* Of single values: where the greater of two goes is reckoned, not guessed. How many were in both. */
static size_t merge_single(struct cells *to, const struct cells *from, size_t *a, size_t *b)
{
	size_t left = *a, more = *b, at = left + more, both = 0;
	while (left > 0 && more > 0) {
		uint64_t x, y, value, rows;
		memcpy(&x, &to->low[left - 1], sizeof x);
		memcpy(&y, &from->low[more - 1], sizeof y);
		bool mine = to->low[left - 1] > from->low[more - 1];
		both += x == y;
		value = y ^ ((x ^ y) & (0 - (uint64_t)mine));
		rows = to->rows[left - 1] ^ from->rows[more - 1];
		rows = from->rows[more - 1] ^ (rows & (0 - (uint64_t)mine));
		at--;
		memcpy(&to->low[at], &value, sizeof value);
		to->rows[at] = rows;
		left -= mine;
		more -= !mine;
	}
	*a = left;
	*b = more;
	return both;
}

void cells_merge(struct cells *to, const struct cells *from, size_t room, bool weighted)
{
	int bits = to->bits > from->bits ? to->bits : from->bits;
	size_t a = to->count, b = from->count, both = 1;
	cells_reserve(to, a + b, weighted);
	if (bits)
		part_ends(to);
	to->count = a + b;
	/* From the back, so that nothing is written over that is still needed. */
	if (!bits && !weighted)
		both = merge_single(to, from, &a, &b);
	for (size_t at = a + b; b > 0;) {
		bool mine = a > 0 && to->low[a - 1] > from->low[b - 1];
		const struct cells *c = mine ? to : from;
		size_t i = mine ? --a : --b;
		at--;
		to->low[at] = c->low[i];
		to->rows[at] = c->rows[i];
		if (to->high)
			to->high[at] = c->high ? c->high[i] : c->low[i];
		if (weighted)
			to->weight[at] = c->weight[i];
	}
	if (to->count > room)
		join(to, bits_needed(to, bits, room));
	else if (both || bits)
		join(to, bits);
}
