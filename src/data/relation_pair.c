/* Pairs of columns, each by the measure that fits: which work they are, shared among threads. */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "relation.h"

enum {
	PARTS = 32, /* of the rows, in which numbers without holes are multiplied */
	PART_ROWS = 16 * STATS_BLOCK,
};

/* A category with some numbers, or one pair alone. */
struct task {
	size_t count, pairs[STATS_TILE]; /* count 0: the next part of the rows */
};

struct work {
	const struct pairs *p;
	const struct side **whole;  /* numbers without holes, */
	size_t whole_count, *place; /* and by side which of them it is */
	size_t rows, part_count, whole_pairs;
	struct gram *parts;
	struct task *tasks;
	size_t task_count, task_cap;
	atomic_size_t next;
	struct progress *progress;
};

static const struct side *side_of(const struct pairs *p, size_t pair, size_t which)
{
	return &p->sides[p->at[2 * pair + which]];
}

static enum relation_kind kind_of(const struct side *a, const struct side *b)
{
	if (a->codes && b->codes)
		return RELATION_CATEGORIES;
	return a->is_number && b->is_number ? RELATION_NUMBERS : RELATION_MIXED;
}

static bool is_gram(const struct work *w, size_t pair)
{
	const struct side *a = side_of(w->p, pair, 0), *b = side_of(w->p, pair, 1);

	return w->whole_count && kind_of(a, b) == RELATION_NUMBERS && a->whole && b->whole;
}

static struct task *task_add(struct work *w, size_t first)
{
	w->tasks = vec_reserve(w->tasks, &w->task_cap, w->task_count + 1, sizeof(*w->tasks));
	w->tasks[w->task_count] = (struct task){1, {first}};
	return &w->tasks[w->task_count++];
}

/* Every number with the category, so many of them a task. */
static void add_mixed(struct work *w, size_t pair, size_t *open)
{
	const size_t first = w->p->at[2 * pair], second = w->p->at[2 * pair + 1],
	             category = w->p->sides[first].codes ? first : second;
	struct task *t = open[category] ? &w->tasks[open[category] - 1] : NULL;

	if (t && t->count < STATS_TILE) {
		t->pairs[t->count++] = pair;
		return;
	}
	task_add(w, pair);
	open[category] = w->task_count;
}

static void plan(struct work *w, size_t side_count)
{
	const struct pairs *p = w->p;
	size_t *open = xcalloc(side_count + 1, sizeof(*open));

	w->whole = xcalloc(side_count + 1, sizeof(*w->whole));
	w->place = xcalloc(side_count + 1, sizeof(*w->place));
	/* With a label, each side is in one pair: there is nothing to be gained by all at once. */
	for (size_t i = 0; i < side_count && !p->for_label; i++)
		if (p->sides[i].is_number && p->sides[i].whole) {
			w->place[i] = w->whole_count;
			w->whole[w->whole_count++] = &p->sides[i];
		}
	if (w->whole_count > 1) {
		w->part_count = w->rows / PART_ROWS + 1;
		if (w->part_count > PARTS)
			w->part_count = PARTS;
		w->parts = xcalloc(w->part_count, sizeof(*w->parts));
		for (size_t i = 0; i < w->part_count; i++)
			task_add(w, 0)->count = 0;
	}
	for (size_t i = 0; i < p->count; i++)
		if (kind_of(side_of(p, i, 0), side_of(p, i, 1)) == RELATION_MIXED)
			add_mixed(w, i, open);
	for (size_t i = 0; i < p->count; i++) {
		if (is_gram(w, i))
			w->whole_pairs++;
		else if (kind_of(side_of(p, i, 0), side_of(p, i, 1)) != RELATION_MIXED)
			task_add(w, i);
	}
	free(open);
}

static void do_part(struct work *w, size_t part)
{
	/* Parts begin at whole blocks. */
	const size_t blocks = w->rows / STATS_BLOCK + 1;
	size_t from = blocks * part / w->part_count * STATS_BLOCK,
	       to = blocks * (part + 1) / w->part_count * STATS_BLOCK;

	gram_init(&w->parts[part], w->whole, w->whole_count);
	gram_add(&w->parts[part], from, to < w->rows ? to : w->rows, w->progress);
	progress_add(w->progress,
	             w->whole_pairs * (part + 1) / w->part_count - w->whole_pairs * part / w->part_count);
}

static void do_mixed(struct work *w, const struct task *t)
{
	const struct side *numbers[STATS_TILE], *first = side_of(w->p, t->pairs[0], 0),
	                                        *category = first->codes ? first : side_of(w->p, t->pairs[0], 1);
	struct relation *list[STATS_TILE];

	for (size_t i = 0; i < t->count; i++) {
		const struct side *a = side_of(w->p, t->pairs[i], 0), *b = side_of(w->p, t->pairs[i], 1);

		numbers[i] = a->codes ? b : a;
		list[i] = &w->p->list[t->pairs[i]];
	}
	relate_mixed(category, numbers, t->count, w->progress, list);
}

static void do_task(struct work *w, const struct task *t, struct scratch *s)
{
	const struct side *a = side_of(w->p, t->pairs[0], 0), *b = side_of(w->p, t->pairs[0], 1);
	struct relation *r = &w->p->list[t->pairs[0]];

	if (kind_of(a, b) == RELATION_MIXED)
		do_mixed(w, t);
	else if (kind_of(a, b) == RELATION_NUMBERS)
		relate_numbers(a, b, s, w->progress, r);
	else {
		stats_association(a->codes, a->k, b->codes, b->k, a->n, &r->association);
		r->n = r->association.n;
		r->strength = r->association.v;
	}
	for (size_t i = 0; i < t->count && w->p->for_label; i++) {
		struct relation *one = &w->p->list[t->pairs[i]];
		const struct side *feature = side_of(w->p, t->pairs[i], 0), *label = side_of(w->p, t->pairs[i], 1);

		if (w->p->binary && feature->is_number) {
			relate_auc(feature, label, s, &one->auc);
			if (one->kind == RELATION_NUMBERS)
				one->strength = fabs(2 * one->auc.value - 1);
		}
		one->chance = relation_chance(feature, label, s, one);
	}
	progress_add(w->progress, t->count);
}

/* One thread: the next task until there is none. */
static void work_off(void *user, size_t thread)
{
	struct work *w = user;
	struct scratch s = {0};
	size_t i;

	(void)thread;
	while ((i = atomic_fetch_add(&w->next, 1)) < w->task_count && !progress_stop(w->progress)) {
		if (w->tasks[i].count)
			do_task(w, &w->tasks[i], &s);
		else
			do_part(w, i);
	}
	scratch_release(&s);
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

static void finish(struct work *w)
{
	const struct pairs *p = w->p;

	for (size_t i = 1; i < w->part_count; i++)
		gram_join(&w->parts[0], &w->parts[i]);
	for (size_t i = 0; i < p->count && w->part_count; i++)
		if (is_gram(w, i))
			gram_relation(&w->parts[0], w->place[p->at[2 * i]], w->place[p->at[2 * i + 1]], &p->list[i]);
}

void sort_relations(struct relation *list, size_t count)
{
	if (count)
		qsort(list, count, sizeof(*list), by_strength);
}

void relate_pairs(const struct pairs *p, int threads, struct progress *progress)
{
	struct work w = {.p = p, .progress = progress};
	size_t sides = 0, cores = threads > 0 ? (size_t)threads : (size_t)cpu_count();

	if (!p->count)
		return;
	for (size_t i = 0; i < 2 * p->count; i++)
		sides = p->at[i] >= sides ? (size_t)p->at[i] + 1 : sides;
	w.rows = p->sides[0].n;
	for (size_t i = 0; i < p->count; i++) {
		struct relation *r = &p->list[i];

		r->kind = kind_of(side_of(p, i, 0), side_of(p, i, 1));
		r->auc = (struct auc){
		    .value = (double)NAN, .variance = (double)NAN, .low = (double)NAN, .high = (double)NAN};
		r->chance = (double)NAN;
	}
	plan(&w, sides);
	atomic_init(&w.next, 0);
	parallel_chunks(cores < w.task_count ? cores : w.task_count, threads, work_off, &w);
	if (!progress_stop(progress))
		finish(&w);
	for (size_t i = 0; i < w.part_count; i++)
		gram_release(&w.parts[i]);
	free(w.parts);
	free(w.tasks);
	free(w.whole);
	free(w.place);
}
