/* A column of numbers: what is added waits until there is enough to sort and join at once. */
#include <math.h>
#include <stdlib.h>

#include "sketch.h"
#include "sketch_number.h"
#include "sort.h"

/* Where more than one in KNOWN of BLOCK values is not known, more places are made for the next; where that
 * is no better and fewer than one in WORTH are, PLAIN values are not looked up. */
enum { HOT_FIRST = 5, HOT_LAST = 13, HOT_GROW = 2, BLOCK = 4096, KNOWN = 8, WORTH = 4, PLAIN = 30 * BLOCK };
enum { ROOM_MIN = 16, WAIT_MIN = 64, WAIT_FEW = 8192, COUNTED_FEW = 256 };

struct number_sketch *number_sketch_new(size_t room, bool weighted)
{
	struct number_sketch *s = xcalloc(1, sizeof *s);
	s->room = room < ROOM_MIN ? ROOM_MIN : room;
	s->weighted = weighted;
	return s;
}

static void hot_release(struct hot *h)
{
	free(h->value);
	free(h->rows);
	free(h->weight);
	*h = (struct hot){.plain = h->plain};
}

void number_sketch_free(struct number_sketch *s)
{
	if (!s)
		return;
	cells_release(&s->cells);
	if (s->beyond) {
		beyond_release(s->beyond);
		free(s->beyond);
	}
	hot_release(&s->hot);
	free(s->single);
	free(s->counted);
	free(s);
}

/* ---- putting in order ---- */

/* The exact cells that there are become what is known of more than there is room for. */
static void go_beyond(struct number_sketch *s)
{
	if (s->beyond) {
		beyond_fit(s->beyond, s->room);
		return;
	}
	s->beyond = xcalloc(1, sizeof *s->beyond);
	beyond_init(s->beyond, s->room);
	beyond_add_numbers(s->beyond, s->cells.low, s->cells.rows, s->cells.count);
}

/* Cells of single values, in order. */
static void join(struct number_sketch *s, const struct cells *more)
{
	cells_sum_up(&s->cells, false);
	if (s->beyond) {
		beyond_add_numbers(s->beyond, more->low, more->rows, more->count);
		cells_merge(&s->cells, more, s->room, s->weighted);
		return;
	}
	/* Not coarser before each value was seen with its count. */
	cells_merge(&s->cells, more, SIZE_MAX, s->weighted);
	if (s->cells.count > s->room) {
		go_beyond(s);
		cells_fit(&s->cells, s->room);
	}
}

static void join_single(struct number_sketch *s)
{
	struct cells c = {.low = s->single};
	size_t n = s->single_count;
	if (!n)
		return;
	stats_sort(s->single, n);
	c.rows = xreallocarray(NULL, n, sizeof *c.rows);
	for (size_t i = 0, end; i < n; i = end) {
		double x = s->single[i];
		for (end = i + 1; end < n && s->single[end] == x; end++)
			;
		c.low[c.count] = x;
		c.rows[c.count++] = end - i;
	}
	s->single_count = 0;
	join(s, &c);
	free(c.rows);
}

static void join_counted(struct number_sketch *s)
{
	struct cells c = {0};
	size_t n = s->counted_count;
	if (!n)
		return;
	double *values = xreallocarray(NULL, n, sizeof *values);
	for (size_t i = 0; i < n; i++)
		values[i] = s->counted[i].value;
	struct ranked *rank = stats_rank(values, n);
	free(values);
	cells_reserve(&c, n, s->weighted);
	for (size_t i = 0; i < n; i++) {
		const struct counted *one = &s->counted[rank[i].item];
		bool known = c.count && c.low[c.count - 1] == one->value;
		size_t at = known ? c.count - 1 : c.count++;
		c.low[at] = one->value;
		c.rows[at] = (known ? c.rows[at] : 0) + one->rows;
		if (s->weighted && known)
			weight_sum_merge(&c.weight[at], &one->weight);
		else if (s->weighted)
			c.weight[at] = one->weight;
	}
	free(rank);
	s->counted_count = 0;
	join(s, &c);
	cells_release(&c);
}

/* What is counted there waits with the others. */
static void cool(struct number_sketch *s)
{
	struct hot *h = &s->hot;
	size_t places = h->bits ? (size_t)1 << h->bits : 0;
	for (size_t i = 0; i < places; i++) {
		if (!h->rows[i])
			continue;
		s->counted = vec_reserve(s->counted, &s->counted_cap, s->counted_count + 1, sizeof *s->counted);
		struct counted *one = &s->counted[s->counted_count++];
		*one = (struct counted){h->value[i], h->rows[i], {0, 0}};
		if (s->weighted)
			one->weight = h->weight[i];
		h->rows[i] = 0;
	}
}

void number_sketch_settle(struct number_sketch *s)
{
	join_single(s);
	cool(s);
	join_counted(s);
	/* What waited is not kept beside the cells. */
	free(s->counted);
	s->counted = NULL;
	s->counted_cap = 0;
}

/* ---- adding ---- */

/* How many may wait: half as many as there are cells, so that each is moved a few times in all. */
static size_t wait_for(const struct number_sketch *s, size_t few)
{
	size_t half = s->cells.count / 2, most = s->room > WAIT_MIN ? s->room : WAIT_MIN;
	few = few < most ? few : most;
	return half > few ? half : few;
}

static void add_single(struct number_sketch *s, double x, size_t most)
{
	if (s->single_count >= s->single_cap) {
		size_t cap = s->single_cap ? 2 * s->single_cap : WAIT_MIN;
		s->single_cap = cap < most ? cap : most;
		s->single = xreallocarray(s->single, s->single_cap, sizeof *s->single);
	}
	s->single[s->single_count++] = x;
}

static void add_counted(struct number_sketch *s, const struct counted *one)
{
	if (s->counted_count >= wait_for(s, COUNTED_FEW))
		join_counted(s);
	s->counted = vec_reserve(s->counted, &s->counted_cap, s->counted_count + 1, sizeof *s->counted);
	s->counted[s->counted_count++] = *one;
}

/* Values one by one as they are. */
static void add_plain(struct number_sketch *s, const double *values, size_t n)
{
	size_t most = wait_for(s, WAIT_FEW);
	for (size_t i = 0; i < n; i++) {
		double x = values[i] + 0.0; /* -0 becomes 0 */
		if (!isfinite(x))
			continue;
		if (s->single_count >= most) {
			join_single(s);
			most = wait_for(s, WAIT_FEW);
		}
		add_single(s, x, most);
		s->rows++;
	}
}

static void make_hot(struct number_sketch *s, int bits)
{
	struct hot *h = &s->hot;
	size_t places = (size_t)1 << bits;
	cool(s);
	if (s->counted_count >= wait_for(s, COUNTED_FEW))
		join_counted(s);
	hot_release(h);
	h->bits = bits;
	h->value = xcalloc(places, sizeof *h->value);
	h->rows = xcalloc(places, sizeof *h->rows);
	h->weight = s->weighted ? xcalloc(places, sizeof *h->weight) : NULL;
}

/* The place of a value, or a free one for it: SIZE_MAX if neither of its two is. */
static inline size_t hot_place(const struct hot *h, double x)
{
	size_t at = (size_t)((cells_key(x) * UINT64_C(0x9E3779B97F4A7C15)) >> (64 - h->bits));
	if (h->value[at] == x || !h->rows[at])
		return at;
	at ^= 1;
	return h->value[at] == x || !h->rows[at] ? at : SIZE_MAX;
}

/* Values that are known, or are from now on; the others wait. */
static void add_hot(struct number_sketch *s, const double *values, size_t n)
{
	struct hot *h = &s->hot;
	size_t missed = 0, out = 0, most = wait_for(s, WAIT_FEW);
	for (size_t i = 0; i < n; i++) {
		double x = values[i] + 0.0;
		if (!isfinite(x)) {
			out++;
			continue;
		}
		size_t at = hot_place(h, x);
		if (at == SIZE_MAX) {
			if (s->single_count >= most) {
				join_single(s);
				most = wait_for(s, WAIT_FEW);
			}
			add_single(s, x, most);
			missed++;
			continue;
		}
		h->rows[at]++;
		h->value[at] = x;
	}
	s->rows += n - out;
	h->missed += missed;
}

/* With counts, with weights, or both. */
static void add_each(struct number_sketch *s, const double *values, const uint64_t *times,
                     const double *weights, size_t n)
{
	struct hot *h = &s->hot;
	for (size_t i = 0; i < n; i++) {
		struct counted one = {values[i] + 0.0, times ? times[i] : 1, {0, 0}};
		if (!isfinite(one.value) || !one.rows)
			continue;
		if (weights)
			weight_sum_add(&one.weight, weights[i], one.rows);
		s->rows += one.rows;
		size_t at = s->hot.plain ? SIZE_MAX : hot_place(h, one.value);
		if (at == SIZE_MAX) {
			add_counted(s, &one);
			h->missed++;
			continue;
		}
		if (weights && h->rows[at])
			weight_sum_merge(&h->weight[at], &one.weight);
		else if (weights)
			h->weight[at] = one.weight;
		h->rows[at] += one.rows;
		h->value[at] = one.value;
	}
}

/* Whether the next values are worth looking up, and in how many places. */
static void judge(struct number_sketch *s)
{
	struct hot *h = &s->hot;
	int bits = h->bits + HOT_GROW;
	bool known = h->missed <= h->looked / KNOWN, few = h->looked - h->missed < h->looked / WORTH;
	h->looked = h->missed = 0;
	if (known)
		return;
	if (bits <= HOT_LAST && (size_t)1 << bits <= s->room) {
		make_hot(s, bits);
	} else if (few) {
		h->plain = PLAIN;
		make_hot(s, HOT_FIRST);
	}
}

void number_sketch_add(struct number_sketch *s, const double *values, const uint64_t *times,
                       const double *weights, size_t n)
{
	struct hot *h = &s->hot;
	if (s->weighted != (weights != NULL) && n)
		bug("number_sketch_add: weights for one without, or none for one with them");
	if (n && !h->bits)
		make_hot(s, HOT_FIRST);
	for (size_t i = 0; i < n; i += BLOCK) {
		size_t block = n - i < BLOCK ? n - i : BLOCK;
		bool plain = h->plain > 0;
		if (times || weights)
			add_each(s, values + i, times ? times + i : NULL, weights ? weights + i : NULL, block);
		else if (plain)
			add_plain(s, values + i, block);
		else
			add_hot(s, values + i, block);
		if (plain) {
			h->plain -= block < h->plain ? block : h->plain;
			h->missed = 0;
		} else if ((h->looked += block) >= BLOCK) {
			judge(s);
		}
	}
}

void number_sketch_merge(struct number_sketch *to, struct number_sketch *from)
{
	if (to->weighted != from->weighted)
		bug("number_sketch_merge: one with weights and one without");
	number_sketch_settle(to);
	number_sketch_settle(from);
	cells_sum_up(&to->cells, false);
	cells_sum_up(&from->cells, false);
	to->room = to->room < from->room ? to->room : from->room;
	to->rows += from->rows;
	if (!to->beyond && !from->beyond) {
		join(to, &from->cells);
		return;
	}
	go_beyond(to);
	if (from->beyond)
		beyond_merge(to->beyond, from->beyond);
	else
		beyond_add_numbers(to->beyond, from->cells.low, from->cells.rows, from->cells.count);
	cells_merge(&to->cells, &from->cells, to->room, to->weighted);
}

/* ---- reading ---- */

bool number_sketch_weighted(const struct number_sketch *s)
{
	return s->weighted;
}

uint64_t number_sketch_rows(const struct number_sketch *s)
{
	return s->rows;
}

bool number_sketch_is_exact(struct number_sketch *s)
{
	number_sketch_settle(s);
	return !s->beyond;
}

void number_sketch_runs(struct number_sketch *s, struct stats_runs *out)
{
	number_sketch_settle(s);
	cells_sum_up(&s->cells, true);
	const struct cells *c = &s->cells;
	*out = (struct stats_runs){c->count, c->low, c->high ? c->high : c->low, c->rows, c->weight};
}

void number_sketch_distinct(struct number_sketch *s, struct estimate *out)
{
	number_sketch_settle(s);
	if (s->beyond) {
		distinct_sketch_estimate(s->beyond->distinct, out);
		/* Each cell holds two values that are known, or one. */
		double least = 0;
		for (size_t i = 0; i < s->cells.count; i++)
			least += 1 + (s->cells.low[i] != s->cells.high[i]);
		out->low = out->low > least ? out->low : least;
		out->value = out->value > least ? out->value : least;
		out->high = out->high > least ? out->high : least;
	} else {
		out->value = out->low = out->high = (double)s->cells.count;
	}
}

static int by_count(const void *a, const void *b)
{
	const struct number_count *x = a, *y = b;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return (x->value > y->value) - (x->value < y->value);
}

/* The cell that a value lies in holds no fewer rows than there are of it. */
static uint64_t at_most(const struct stats_runs *r, double value)
{
	size_t low = 0, high = r->count;
	while (low + 1 < high) {
		size_t middle = low + (high - low) / 2;
		if (r->low[middle] <= value)
			low = middle;
		else
			high = middle;
	}
	return r->upto[low] - (low ? r->upto[low - 1] : 0);
}

size_t number_sketch_top(struct number_sketch *s, struct number_count *out, size_t most, uint64_t *error)
{
	struct stats_runs r;
	size_t n = 0;
	number_sketch_runs(s, &r);
	if (error)
		*error = s->beyond ? top_sketch_error(s->beyond->top) : 0;
	if (s->beyond) {
		size_t room = top_sketch_candidates(s->beyond->top);
		struct text_count *texts = xreallocarray(NULL, room + 1, sizeof *texts);
		struct number_count *all = xreallocarray(NULL, room + 1, sizeof *all);
		n = top_sketch_list(s->beyond->top, texts, room);
		for (size_t i = 0; i < n; i++) {
			memcpy(&all[i].value, texts[i].bytes, sizeof all[i].value);
			uint64_t cell = at_most(&r, all[i].value);
			all[i].count = texts[i].count < cell ? texts[i].count : cell;
		}
		qsort(all, n, sizeof *all, by_count);
		n = n < most ? n : most;
		memcpy(out, all, n * sizeof *all);
		free(texts);
		free(all);
		return n;
	}
	for (size_t i = 0; i < r.count; i++) {
		struct number_count one = {r.low[i], r.upto[i] - (i ? r.upto[i - 1] : 0)};
		/* They come in rising order: of equal counts the first one stays. */
		if (n == most && (!most || one.count <= out[n - 1].count))
			continue;
		size_t at = n < most ? n++ : n - 1;
		for (; at > 0 && one.count > out[at - 1].count; at--)
			out[at] = out[at - 1];
		out[at] = one;
	}
	return n;
}
