/* A column as it takes part in relations: looked through, ranked and counted once. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "relation.h"

enum { WORD = 64 };

static void code_bools(struct side *s)
{
	double x[STATS_BLOCK];

	s->own_codes = xmalloc(size_mul(s->n + 1, sizeof(*s->own_codes)));
	for (size_t from = 0; from < s->n; from += STATS_BLOCK) {
		size_t rows = s->n - from < STATS_BLOCK ? s->n - from : STATS_BLOCK;

		column_block(&s->column, from, rows, x);
		for (size_t i = 0; i < rows; i++)
			s->own_codes[from + i] = isnan(x[i]) ? CODE_MISSING : x[i] != 0;
	}
	s->codes = s->own_codes;
	s->k = 2;
}

static void count_codes(struct side *s)
{
	s->rows_by = xcalloc(s->k + 1, sizeof(*s->rows_by));
	for (size_t i = 0; i < s->n; i++)
		s->rows_by[s->codes[i] < s->k ? s->codes[i] : s->k]++;
}

/* Once to look, once to sum. */
static void find_centre(struct side *s, const struct progress *progress)
{
	double x[STATS_BLOCK];

	for (int pass = 0; pass < 2; pass++)
		for (size_t from = 0; from < s->n && !progress_stop(progress); from += STATS_BLOCK) {
			size_t rows = s->n - from < STATS_BLOCK ? s->n - from : STATS_BLOCK;

			column_block(&s->column, from, rows, x);
			if (pass)
				stats_centre_sum(&s->centre, x, rows);
			else
				stats_centre_look(&s->centre, x, rows);
		}
	stats_centre_end(&s->centre);
	s->whole = s->centre.finite == s->n;
}

static void find_holes(struct side *s)
{
	size_t missing = 0;

	for (size_t i = 0; i < s->n; i++)
		missing += s->ranks[i] == 0;
	if (!missing)
		return;
	s->holes = xcalloc(s->n / WORD + 1, sizeof(*s->holes));
	for (size_t i = 0; i < s->n; i++)
		s->holes[i / WORD] |= (uint64_t)(s->ranks[i] == 0) << i % WORD;
}

void side_init(struct side *s, const struct column *c, size_t n, const struct progress *progress)
{
	*s = (struct side){.column = *c, .n = n, .codes = c->codes, .k = c->codes ? c->dict->count : 0};
	s->is_number = !c->codes;
	if (c->type == COLUMN_BOOL)
		code_bools(s);
	if (s->codes)
		count_codes(s);
	if (!s->is_number)
		return;
	find_centre(s, progress);
	s->ranks = xmalloc(size_mul(n + 1, sizeof(*s->ranks)));
	if (progress_stop(progress))
		return;
	if (c->packed)
		stats_ranks_twice_ints(c->packed, n, PACKED_MISSING, s->ranks, progress);
	else
		stats_ranks_twice(c->values, n, s->ranks, progress);
	if (!progress_stop(progress))
		find_holes(s);
}

void side_release(struct side *s)
{
	free(s->own_codes);
	free(s->rows_by);
	free(s->ranks);
	free(s->holes);
}

void scratch_need(struct scratch *s, size_t places)
{
	if (s->low)
		return;
	s->low = xmalloc(size_mul(places, sizeof(*s->low)));
	s->high = xmalloc(size_mul(places, sizeof(*s->high)));
}

void scratch_release(struct scratch *s)
{
	free(s->low);
	free(s->high);
}
