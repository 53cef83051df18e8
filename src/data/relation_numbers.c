/* Two numbers: Pearson, Spearman, and the AUC of one for a binary label. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "relation.h"

enum { WORD = 64 };

/* All of a column's numbers; what is to be freed afterwards, or NULL. */
static const double *all_values(const struct side *s, double **own)
{
	*own = NULL;
	if (s->column.values)
		return s->column.values;
	*own = xmalloc(size_mul(s->n + 1, sizeof(**own)));
	column_block(&s->column, 0, s->n, *own);
	return *own;
}

static void pearson_exactly(const struct side *a, const struct side *b, struct correlation *out)
{
	double *own_a, *own_b;
	const double *x = all_values(a, &own_a), *y = all_values(b, &own_b);

	stats_pearson(x, y, a->n, out);
	free(own_a);
	free(own_b);
}

static void pearson_of(const struct side *a, const struct side *b, const struct stats_cross *s,
                       struct correlation *out)
{
	if (a->centre.constant || b->centre.constant)
		*out = (struct correlation){s->n, (double)NAN, (double)NAN};
	else if (!stats_cross_correlation(s, out))
		pearson_exactly(a, b, out);
}

static void finish(struct relation *r)
{
	r->n = r->pearson.n;
	r->strength = fmax(fabs(r->pearson.r), fabs(r->spearman.r));
}

/* ---- with holes: within the rows in which both are there ---- */

static size_t count_both(const struct side *a, const struct side *b)
{
	size_t missing = 0;

	for (size_t i = 0; (a->holes || b->holes) && i <= a->n / WORD; i++)
		missing += (size_t)__builtin_popcountll((a->holes ? a->holes[i] : 0) | (b->holes ? b->holes[i] : 0));
	return a->n - missing;
}

/* By place, what the rows that the other lacks had added to twice the rank there: two for each below, one for each
 * equal one. */
static void count_less(const struct side *s, const struct side *other, uint32_t *less)
{
	uint32_t below = 0;

	memset(less, 0, (s->n + 1) * sizeof(*less));
	for (size_t i = 0; i <= s->n / WORD; i++)
		for (uint64_t bits = other->holes[i]; bits; bits &= bits - 1)
			less[s->ranks[i * WORD + (size_t)__builtin_ctzll(bits)] / 2]++;
	less[0] = 0;
	for (size_t p = 1; p <= s->n; p++) {
		uint32_t here = less[p];

		less[p] = 2 * below + here;
		below += here;
	}
}

/* The rank, or where there is none (0) NaN. Not a branch: holes come in any order. */
static double rank_or_nan(uint32_t rank, uint32_t less)
{
	double value = (double)(int64_t)(rank - less);
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	bits |= -(uint64_t)(rank == 0);
	memcpy(&value, &bits, sizeof(value));
	return value;
}

static void ranks_within(const struct side *s, const uint32_t *less, size_t from, size_t rows, double *out)
{
	const uint32_t *ranks = s->ranks + from;

	if (less)
		for (size_t i = 0; i < rows; i++)
			out[i] = rank_or_nan(ranks[i], less[ranks[i] / 2]);
	else
		for (size_t i = 0; i < rows; i++)
			out[i] = rank_or_nan(ranks[i], 0);
}

void relate_numbers(const struct side *a, const struct side *b, struct scratch *w,
                    const struct progress *progress, struct relation *r)
{
	const size_t n = a->n;
	/* Ranks of n rows lie about n + 1, doubled: whole numbers, whose products are exact in a block of them. */
	const struct stats_centre middle = {.scale = 1, .mean = (double)count_both(a, b) + 1};
	struct stats_cross values = {0}, ranks = {0};
	uint32_t *less_a = NULL, *less_b = NULL;

	if (a->holes || b->holes)
		scratch_need(w, n + 1);
	if (b->holes)
		count_less(a, b, less_a = w->low);
	if (a->holes)
		count_less(b, a, less_b = w->high);
	for (size_t from = 0; from < n && !progress_stop(progress); from += STATS_BLOCK) {
		size_t rows = n - from < STATS_BLOCK ? n - from : STATS_BLOCK;

		column_block(&a->column, from, rows, w->x);
		column_block(&b->column, from, rows, w->y);
		stats_cross_add(&values, w->x, &a->centre, w->y, &b->centre, rows);
		ranks_within(a, less_a, from, rows, w->x);
		ranks_within(b, less_b, from, rows, w->y);
		stats_cross_add(&ranks, w->x, &middle, w->y, &middle, rows);
	}
	if (progress_stop(progress))
		return;
	pearson_of(a, b, &values, &r->pearson);
	stats_cross_correlation(&ranks, &r->spearman);
	finish(r);
}

void relate_auc(const struct side *feature, const struct side *label, struct scratch *w, struct auc *out)
{
	const size_t n = feature->n, size = (n + 1) * sizeof(*w->low);

	scratch_need(w, n + 1);
	memset(w->low, 0, size);
	memset(w->high, 0, size);
	for (size_t i = 0; i < n; i++) {
		const uint32_t code = label->codes[i], place = feature->ranks[i] / 2;

		if (code < 2)
			(code ? w->high : w->low)[place]++;
	}
	w->low[0] = w->high[0] = 0;
	stats_auc_counts(w->high, w->low, n + 1, 0.95, out);
}

/* ---- without holes: every two at once ---- */

void gram_init(struct gram *g, const struct side *const *sides, size_t count)
{
	const size_t all = size_mul(count, count) + 1;

	*g = (struct gram){.sides = sides, .count = count};
	g->sums = xcalloc(count + 1, sizeof(*g->sums));
	g->products = xcalloc(all, sizeof(*g->products));
	g->ranked = xcalloc(all, sizeof(*g->ranked));
}

void gram_release(struct gram *g)
{
	free(g->sums);
	free(g->products);
	free(g->ranked);
}

static void centred_ranks(const uint32_t *ranks, size_t rows, double mean, double *out)
{
	size_t i;

	for (i = 0; i < rows; i++)
		out[i] = (double)ranks[i] - mean;
	for (; i % 4; i++)
		out[i] = 0;
}

void gram_add(struct gram *g, size_t from, size_t to, const struct progress *progress)
{
	double *block = xmalloc(size_mul(g->count + 1, STATS_BLOCK * sizeof(*block))), x[STATS_BLOCK];
	const double **columns = xcalloc(g->count + 1, sizeof(*columns));

	for (size_t i = 0; i < g->count; i++)
		columns[i] = block + i * STATS_BLOCK;
	for (; from < to && !progress_stop(progress); from += STATS_BLOCK) {
		size_t rows = to - from < STATS_BLOCK ? to - from : STATS_BLOCK;

		for (size_t i = 0; i < g->count; i++) {
			const struct side *s = g->sides[i];

			column_block(&s->column, from, rows, x);
			stats_centred(&s->centre, x, rows, block + i * STATS_BLOCK);
			stats_sum2_add(&g->sums[i], stats_block_sum(block + i * STATS_BLOCK, rows));
		}
		stats_gram_add(columns, g->count, rows, g->products);
		for (size_t i = 0; i < g->count; i++)
			centred_ranks(g->sides[i]->ranks + from, rows, (double)g->sides[i]->n + 1,
			              block + i * STATS_BLOCK);
		stats_gram_add(columns, g->count, rows, g->ranked);
	}
	free(columns);
	free(block);
}

void gram_join(struct gram *g, const struct gram *next)
{
	for (size_t i = 0; i < g->count; i++) {
		stats_sum2_join(&g->sums[i], &next->sums[i]);
		for (size_t j = i; j < g->count; j++) {
			stats_sum2_join(&g->products[i * g->count + j], &next->products[i * g->count + j]);
			stats_sum2_join(&g->ranked[i * g->count + j], &next->ranked[i * g->count + j]);
		}
	}
}

void gram_relation(const struct gram *g, size_t i, size_t j, struct relation *r)
{
	const size_t n = g->sides[i]->n, k = g->count;
	const struct stats_cross values = {.n = n,
	                                   .x = g->sums[i],
	                                   .y = g->sums[j],
	                                   .xx = g->products[i * k + i],
	                                   .yy = g->products[j * k + j],
	                                   .xy = g->products[i * k + j]};
	const struct stats_cross ranks = {
	    .n = n, .xx = g->ranked[i * k + i], .yy = g->ranked[j * k + j], .xy = g->ranked[i * k + j]};

	pearson_of(g->sides[i], g->sides[j], &values, &r->pearson);
	stats_cross_correlation(&ranks, &r->spearman);
	finish(r);
}
