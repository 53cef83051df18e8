/* Features that know the label nearly alone: whether rows in any order would say as much. */
#include <math.h>
#include <stdlib.h>

#include "relation.h"

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
		return stats_rank_p(r->spearman.r * r->spearman.r, r->spearman.n, 1, 1);
	return feature->codes && !feature->is_number ? ranks_by_category(feature, label)
	                                             : ranks_by_category(label, feature);
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
