/* Numbers by a category: some at a time, so that the codes are looked up once for all of them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "relation.h"

double relation_mixed_strength(const struct anova *f)
{
	double n = (double)f->rows, k = (double)f->groups;

	/* fmax would take 0 for NaN. */
	if (f->rows <= f->groups || isnan(f->eta2) || f->groups < 2)
		return (double)NAN;
	return sqrt(fmax(0, 1 - (1 - f->eta2) * (n - 1) / (n - k)));
}

static void anova_exactly(const struct side *category, const struct side *number, struct anova *out)
{
	const double *values = number->column.values;
	double *own = NULL;

	if (!values) {
		values = own = xmalloc(size_mul(number->n + 1, sizeof(*own)));
		column_block(&number->column, 0, number->n, own);
	}
	stats_anova_by(values, category->codes, number->n, category->k, out);
	free(own);
}

/* The block of a number about its mean, and where it is there. */
static void take_block(const struct side *s, size_t from, size_t rows, double *centred, double *there)
{
	double x[STATS_BLOCK];

	column_block(&s->column, from, rows, x);
	stats_centred(&s->centre, x, rows, centred);
	for (size_t i = 0; i < rows; i++)
		there[i] = isfinite(x[i]) ? 1 : 0;
}

void relate_mixed(const struct side *category, const struct side *const *numbers, size_t count,
                  const struct progress *progress, struct relation *const *r)
{
	const size_t n = category->n;
	double *blocks = xcalloc(2 * STATS_TILE * STATS_BLOCK, sizeof(*blocks));
	const double *centred[STATS_TILE], *there[STATS_TILE];
	struct stats_tile tile;
	bool counted = false;

	for (size_t k = 0; k < STATS_TILE; k++) {
		centred[k] = blocks + 2 * k * STATS_BLOCK;
		there[k] = centred[k] + STATS_BLOCK;
	}
	for (size_t k = 0; k < count; k++)
		counted |= !numbers[k]->whole;
	stats_tile_init(&tile, category->k, counted);
	for (size_t from = 0; from < n && !progress_stop(progress); from += STATS_BLOCK) {
		size_t rows = n - from < STATS_BLOCK ? n - from : STATS_BLOCK;

		for (size_t k = 0; k < count; k++)
			take_block(numbers[k], from, rows, blocks + 2 * k * STATS_BLOCK,
			           blocks + (2 * k + 1) * STATS_BLOCK);
		stats_tile_add(&tile, centred, there, category->codes + from, rows);
	}
	for (size_t k = 0; k < count && !progress_stop(progress); k++) {
		const double scale = numbers[k]->centre.scale;
		struct anova *f = &r[k]->anova;

		if (!stats_tile_anova(&tile, k, category->rows_by, f) || scale != 1)
			anova_exactly(category, numbers[k], f);
		r[k]->n = f->rows;
		r[k]->strength = relation_mixed_strength(f);
	}
	stats_tile_release(&tile);
	free(blocks);
}
