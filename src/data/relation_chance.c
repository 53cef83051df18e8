/* Features that know the label nearly alone: whether rows in any order would say as much. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "relation.h"

/* Whether there is a value in row i, and which: a number by its place, or a category by its code. */
static bool value_at(const struct side *s, bool number, size_t i, uint32_t *out)
{
	*out = number ? s->ranks[i] / 2 : s->codes[i];
	return number ? s->ranks[i] > 0 : *out < s->k;
}

/* The law's p, or if that is more, one over how many orders there are of the values of a, in the rows in which b has one,
 * too: no order is less likely. Mostly few rows tell that it is not more. */
static double at_least_one_order(double law, const struct side *a, bool a_number, const struct side *b,
                                 bool b_number)
{
	uint32_t *rows = xcalloc(a_number ? a->n + 1 : a->k + 1, sizeof(*rows)), value, other, n = 0;
	const double least = fmax(log(law), log(DBL_TRUE_MIN));
	double orders = 0;

	for (size_t i = 0; i < a->n && orders >= least; i++)
		if (value_at(a, a_number, i, &value) && value_at(b, b_number, i, &other))
			orders += log((double)++rows[value]) - log((double)++n);
	free(rows);
	return orders > least ? exp(orders) : law;
}

/* Laws of ranks hold for many rows that differ; where all but a few are equal, there are few orders. */
static double chance_of_ranks(double law, const struct side *a, bool a_number, const struct side *b,
                              bool b_number)
{
	if (isnan(law))
		return law;
	law = at_least_one_order(law, a, a_number, b, b_number);
	return at_least_one_order(law, b, b_number, a, a_number);
}

/* Kruskal and Wallis' test of the ranks of a number by a category. */
static double ranks_by_category(const struct side *category, const struct side *number)
{
	double *sums = xcalloc(category->k + 1, sizeof(*sums)), all = 0, squares = 0, between = 0, total;
	size_t *rows = xcalloc(category->k + 1, sizeof(*rows)), n = 0, groups = 0;

	for (size_t i = 0; i < number->n; i++) {
		const uint32_t code = category->codes[i];
		/* Twice a rank over how many rows there are, so that squares keep their digits. */
		const double rank = (double)number->ranks[i] / (double)number->n - 1;

		if (!number->ranks[i] || code >= category->k)
			continue;
		rows[code]++;
		n++;
		sums[code] += rank;
		all += rank;
		squares += rank * rank;
	}
	for (size_t k = 0; k < category->k; k++)
		if (rows[k]) {
			groups++;
			between += sums[k] * sums[k] / (double)rows[k];
		}
	free(sums);
	free(rows);
	if (groups < 2)
		return (double)NAN;
	between -= all * all / (double)n;
	total = squares - all * all / (double)n;
	return total > 0 ? stats_rank_p(fmin(1, between / total), n, (double)groups - 1, 1) : (double)NAN;
}

double relation_chance(const struct side *feature, const struct side *label, struct scratch *w,
                       const struct relation *r)
{
	if (isnan(r->strength))
		return (double)NAN;
	if (!isnan(r->auc.value))
		return stats_auc_chance(w->high, w->low, feature->n + 1); /* as relate_auc counted them */
	if (r->kind == RELATION_CATEGORIES)
		return stats_association_chance(feature->codes, feature->k, label->codes, label->k, feature->n);
	if (r->kind == RELATION_NUMBERS)
		return chance_of_ranks(stats_rank_p(r->spearman.r * r->spearman.r, r->spearman.n, 1, 1), feature,
		                       true, label, true);
	if (feature->codes && !feature->is_number)
		return chance_of_ranks(ranks_by_category(feature, label), feature, false, label, true);
	return chance_of_ranks(ranks_by_category(label, feature), feature, true, label, false);
}

void find_leaks(struct relations *r, struct note_list *notes)
{
	size_t by_chance = 0;
	char count[NUM_TEXT];

	for (size_t i = 0; i < r->to_label_count; i++) {
		struct relation *p = &r->to_label[i];
		const bool strong = !isnan(p->auc.value)
		                        ? p->auc.value >= RELATION_LEAK || p->auc.value <= 1 - RELATION_LEAK
		                        : p->strength >= (r->binary ? 2 * RELATION_LEAK - 1 : RELATION_LEAK);

		p->leaks = strong && p->chance <= RELATION_TELLS_P / (double)r->to_label_count;
		by_chance += strong && !p->leaks;
	}
	if (by_chance)
		note_add(notes, "%s feature%s nearly tell%s the label %s, but among so few cases chance does so, too",
		         count_people((int64_t)by_chance, count), by_chance == 1 ? "" : "s",
		         by_chance == 1 ? "s" : "", r->names[r->label]);
}
