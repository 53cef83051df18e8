/* The measure that fits two columns: of features with each other, and with the label. */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "relation.h"

#define NO_PLACE UINT32_MAX

/* A column as it takes part: as numbers, as a category, or (bools) as both. */
struct side {
	const double *values;
	const uint32_t *codes; /* any code at or above k is missing */
	size_t k;
	uint32_t *own_codes;
	/* Of numbers: the place of each value among the `distinct` different ones, NO_PLACE where it is missing, so that
	 * the ranks of any of the rows are counted and not sorted. */
	uint32_t *places;
	size_t distinct;
};

static void find_places(struct side *s, size_t n)
{
	double *ranks = xmalloc(size_mul(n + 1, sizeof(*ranks)));
	/* Mid-ranks are halves: twice one is whole. */
	uint32_t *place = xcalloc(size_add(size_mul(n, 2), 1), sizeof(*place));

	s->places = xmalloc(size_mul(n + 1, sizeof(*s->places)));
	stats_ranks(s->values, n, ranks);
	for (size_t i = 0; i < n; i++)
		if (!isnan(ranks[i]))
			place[(size_t)(2 * ranks[i])] = 1;
	for (size_t i = 0; i <= 2 * n; i++)
		place[i] = place[i] ? (uint32_t)s->distinct++ : NO_PLACE;
	for (size_t i = 0; i < n; i++)
		s->places[i] = isnan(ranks[i]) ? NO_PLACE : place[(size_t)(2 * ranks[i])];
	free(place);
	free(ranks);
}

static void code_bools(struct side *s, size_t n)
{
	uint32_t *codes = s->own_codes = xmalloc(size_mul(n + 1, sizeof(*codes)));

	for (size_t i = 0; i < n; i++)
		codes[i] = isnan(s->values[i]) ? CODE_MISSING : s->values[i] != 0;
	s->codes = codes;
	s->k = 2;
}

static void side_init(struct side *s, const struct column *c, size_t n)
{
	*s = (struct side){.values = c->values, .codes = c->codes, .k = c->codes ? c->dict->count : 0};
	if (c->type == COLUMN_BOOL)
		code_bools(s, n);
	if (s->values)
		find_places(s, n);
}

static void side_release(struct side *s)
{
	free(s->own_codes);
	free(s->places);
}

/* What a thread needs, kept from one pair to the next. */
struct scratch {
	double *x, *y, *middle;
	uint32_t *counts;
	size_t places;
};

static void scratch_release(struct scratch *s)
{
	free(s->x);
	free(s->y);
	free(s->middle);
	free(s->counts);
}

/* Mid-ranks of one side within the rows in which the other is there too; how many there are. */
static size_t rank_within(const struct side *s, const struct side *other, size_t n, struct scratch *w,
                          double *ranks)
{
	const uint32_t *a = s->places, *b = other->places;
	size_t kept = 0;
	double before = 0;

	memset(w->counts, 0, s->distinct * sizeof(*w->counts));
	for (size_t i = 0; i < n; i++)
		if (a[i] != NO_PLACE && b[i] != NO_PLACE)
			w->counts[a[i]]++;
	for (size_t k = 0; k < s->distinct; k++) {
		w->middle[k] = before + ((double)w->counts[k] + 1) / 2;
		before += w->counts[k];
	}
	for (size_t i = 0; i < n; i++)
		if (a[i] != NO_PLACE && b[i] != NO_PLACE)
			ranks[kept++] = w->middle[a[i]];
	return kept;
}

/* The bits of stats_spearman, without its sorting. */
static void spearman(const struct side *a, const struct side *b, size_t n, struct scratch *w,
                     struct correlation *out)
{
	size_t places = a->distinct > b->distinct ? a->distinct : b->distinct, kept;

	if (!w->x) {
		w->x = xmalloc(size_mul(n + 1, sizeof(*w->x)));
		w->y = xmalloc(size_mul(n + 1, sizeof(*w->y)));
	}
	if (places + 1 > w->places) {
		w->places = places + 1;
		w->middle = xreallocarray(w->middle, w->places, sizeof(*w->middle));
		w->counts = xreallocarray(w->counts, w->places, sizeof(*w->counts));
	}
	kept = rank_within(a, b, n, w, w->x);
	rank_within(b, a, n, w, w->y);
	stats_pearson(w->x, w->y, kept, out);
}

double relation_mixed_strength(const struct anova *f)
{
	double n = (double)f->rows, k = (double)f->groups;

	/* fmax would take 0 for NaN. */
	if (f->rows <= f->groups || isnan(f->eta2) || f->groups < 2)
		return (double)NAN;
	return sqrt(fmax(0, 1 - (1 - f->eta2) * (n - 1) / (n - k)));
}

/* r->a, r->b are there. */
static void relate(const struct side *a, const struct side *b, size_t n, struct scratch *w,
                   struct relation *r)
{
	r->auc =
	    (struct auc){.value = (double)NAN, .variance = (double)NAN, .low = (double)NAN, .high = (double)NAN};
	if (a->codes && b->codes) {
		r->kind = RELATION_CATEGORIES;
		stats_association(a->codes, a->k, b->codes, b->k, n, &r->association);
		r->n = r->association.n;
		r->strength = r->association.v;
	} else if (a->values && b->values) {
		r->kind = RELATION_NUMBERS;
		stats_pearson(a->values, b->values, n, &r->pearson);
		spearman(a, b, n, w, &r->spearman);
		r->n = r->pearson.n;
		r->strength = fmax(fabs(r->pearson.r), fabs(r->spearman.r));
	} else {
		const struct side *number = a->codes ? b : a, *category = a->codes ? a : b;

		r->kind = RELATION_MIXED;
		stats_anova_by(number->values, category->codes, n, category->k, &r->anova);
		r->n = r->anova.rows;
		r->strength = relation_mixed_strength(&r->anova);
	}
}

static int by_strength(const void *a, const void *b)
{
	const struct relation *x = a, *y = b;

	if (isnan(x->strength) != isnan(y->strength))
		return isnan(x->strength) ? 1 : -1;
	if (!isnan(x->strength) && x->strength != y->strength)
		return x->strength > y->strength ? -1 : 1;
	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	return (x->b > y->b) - (x->b < y->b);
}

/* ---- pairs ---- */

struct pair_work {
	const struct table *table;
	const size_t *features;
	struct side *sides;
	struct relation *list;
	size_t count;
	uint32_t *at; /* by pair: the two sides */
	atomic_size_t next;
};

static void make_side(void *user, size_t i)
{
	struct pair_work *w = user;

	side_init(&w->sides[i], &w->table->columns[w->features[i]], w->table->row_count);
}

/* One thread: the next pair until there is none. */
static void make_pairs(void *user, size_t thread)
{
	struct pair_work *w = user;
	struct scratch s = {0};
	size_t i;

	(void)thread;
	while ((i = atomic_fetch_add(&w->next, 1)) < w->count) {
		const uint32_t *at = &w->at[2 * i];

		relate(&w->sides[at[0]], &w->sides[at[1]], w->table->row_count, &s, &w->list[i]);
	}
	scratch_release(&s);
}

static size_t thread_count(int threads, size_t parts)
{
	size_t count = threads > 0 ? (size_t)threads : (size_t)cpu_count();

	return count < parts ? count : parts;
}

void relate_pairs(struct relations *r, const struct table *t, const size_t *features, size_t feature_count,
                  int threads)
{
	size_t pairs = feature_count * (feature_count - 1) / 2, made = 0;
	struct pair_work w = {.table = t, .features = features, .count = pairs};

	w.list = r->pairs = arena_array(r->arena, pairs + 1, sizeof(*w.list));
	r->pair_count = pairs;
	w.sides = xcalloc(feature_count, sizeof(*w.sides));
	w.at = xmalloc(size_mul(2 * pairs + 1, sizeof(*w.at)));
	for (uint32_t i = 0; i < feature_count; i++)
		for (uint32_t j = i + 1; j < feature_count; j++, made++) {
			w.at[2 * made] = i;
			w.at[2 * made + 1] = j;
			w.list[made].a = features[i];
			w.list[made].b = features[j];
		}
	parallel_chunks(feature_count, threads, make_side, &w);
	atomic_init(&w.next, 0);
	parallel_chunks(thread_count(threads, pairs), threads, make_pairs, &w);
	qsort(w.list, pairs, sizeof(*w.list), by_strength);
	for (size_t i = 0; i < feature_count; i++)
		side_release(&w.sides[i]);
	free(w.sides);
	free(w.at);
}

/* ---- the label ---- */

struct label_work {
	const struct table *table;
	const struct side *label;
	struct relation *list;
	bool binary;
};

static void relate_to_label(void *user, size_t i)
{
	const struct label_work *w = user;
	struct relation *r = &w->list[i];
	const size_t n = w->table->row_count;
	struct scratch s = {0};
	struct side feature;

	side_init(&feature, &w->table->columns[r->a], n);
	relate(&feature, w->label, n, &s, r);
	if (w->binary && feature.values) {
		stats_auc_of(feature.values, w->label->values, n, 0.95, &r->auc);
		if (r->kind == RELATION_NUMBERS)
			r->strength = fabs(2 * r->auc.value - 1);
	}
	scratch_release(&s);
	side_release(&feature);
}

/* Whether the label has a positive value, and 0 and 1 for it if so; an error only of one that was asked for. */
static int read_label(struct relations *r, const struct table *t, const char *positive, double *values,
                      struct error *err)
{
	const struct column *c = &t->columns[r->label];
	bool asked = positive || ((c->roles & ROLE_LABEL) && t->reading.positive);

	r->binary = table_label(t, c->name, positive, values, err) == 0;
	return r->binary || !asked ? 0 : -1;
}

int relate_label(struct relations *r, const struct table *t, const struct relation_options *o,
                 const size_t *features, size_t feature_count, struct error *err)
{
	struct column label = t->columns[r->label];
	double *values = xmalloc(size_mul(t->row_count + 1, sizeof(*values)));
	struct side side;
	struct label_work w = {.table = t, .label = &side};

	if (read_label(r, t, o->positive, values, err) < 0) {
		free(values);
		return -1;
	}
	if (r->binary) {
		label.type = COLUMN_BOOL;
		label.values = values;
		label.codes = NULL;
	}
	side_init(&side, &label, t->row_count);
	w.binary = r->binary;
	w.list = r->to_label = arena_array(r->arena, feature_count + 1, sizeof(*w.list));
	r->to_label_count = feature_count;
	for (size_t i = 0; i < feature_count; i++) {
		w.list[i].a = features[i];
		w.list[i].b = (size_t)r->label;
	}
	parallel_chunks(feature_count, o->threads, relate_to_label, &w);
	qsort(w.list, feature_count, sizeof(*w.list), by_strength);
	side_release(&side);
	free(values);
	return 0;
}
