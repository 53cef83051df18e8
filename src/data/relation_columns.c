/* Which columns are paired, and on which rows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "relation.h"

/* Features that are related to the label at a time, beyond those that are paired. */
enum { BATCH = 32 };

/* Columns of a table as sides, the label (if there is one) behind them. */
struct sides {
	struct side *items;
	size_t count; /* without the label */
	const struct table *table;
	const size_t *columns;
	const struct column *label;
	struct progress *progress;
};

static void make_side(void *user, size_t i)
{
	struct sides *s = user;

	if (progress_stop(s->progress))
		return;
	side_init(&s->items[i], i < s->count ? &s->table->columns[s->columns[i]] : s->label, s->table->row_count,
	          s->progress);
	progress_add(s->progress, 1);
}

static void sides_init(struct sides *s, const struct table *t, const size_t *columns, size_t count,
                       const struct column *label, int threads, struct progress *progress)
{
	*s = (struct sides){.count = count, .table = t, .columns = columns, .label = label, .progress = progress};
	s->items = xcalloc(count + 1, sizeof(*s->items));
	progress_begin(progress, "ranking", "columns", count + (label != NULL));
	parallel_chunks(count + (label != NULL), threads, make_side, s);
}

static void sides_release(struct sides *s)
{
	for (size_t i = 0; i <= s->count; i++)
		side_release(&s->items[i]);
	free(s->items);
}

/* ---- the label ---- */

/* Whether the label has a positive value, and 0 and 1 for it if so; else whether it is a category or a number to which
 * features can be related, or why not; an error only of a positive value in the options that it does not have. */
static int read_label(struct relations *r, const struct table *t, const char *positive, double *values,
                      struct error *err)
{
	const struct column *c = &t->columns[r->label];
	const bool varies = column_varies(c, t->row_count);
	bool named = (c->roles & ROLE_LABEL) && t->reading.positive, occurs = !positive, any = false;

	if (table_label(t, c->name, positive, values, err) == 0) {
		r->binary = true;
		return 0;
	}
	for (size_t i = 0; i < t->row_count && !occurs; i++) {
		any = any || !isnan(values[i]);
		occurs = values[i] == 1;
	}
	if (any && !occurs)
		return -1;
	if (positive || named || !varies)
		r->label_why = arena_strdup(r->arena, err->text);
	return 0;
}

/* Relations number `first` and on, of the features that are here. */
static void relate_to_label(struct relations *r, const struct sides *s, size_t first, int threads)
{
	struct pairs p = {.sides = s->items,
	                  .list = r->to_label + first,
	                  .count = s->count,
	                  .for_label = true,
	                  .binary = r->binary};
	uint32_t *at = xmalloc(size_mul(2 * s->count + 1, sizeof(*at)));

	for (size_t i = 0; i < s->count; i++) {
		at[2 * i] = (uint32_t)i;
		at[2 * i + 1] = (uint32_t)s->count;
		p.list[i].a = s->columns[i];
		p.list[i].b = (size_t)r->label;
	}
	p.at = at;
	progress_begin(s->progress, "relating to the label", "columns", s->count);
	relate_pairs(&p, threads, s->progress);
	free(at);
}

/* ---- features with each other ---- */

static void relate_features(struct relations *r, const struct sides *s, int threads)
{
	const size_t pairs = s->count * (s->count - 1) / 2;
	uint32_t *at = xmalloc(size_mul(2 * pairs + 1, sizeof(*at)));
	struct pairs p = {.sides = s->items, .at = at, .count = pairs};
	size_t made = 0;

	p.list = r->pairs = arena_array(r->arena, pairs + 1, sizeof(*p.list));
	r->pair_count = pairs;
	for (uint32_t i = 0; i < s->count; i++)
		for (uint32_t j = i + 1; j < s->count; j++, made++) {
			at[2 * made] = i;
			at[2 * made + 1] = j;
			p.list[made].a = s->columns[i];
			p.list[made].b = s->columns[j];
		}
	progress_begin(s->progress, "relating", "pairs", pairs);
	relate_pairs(&p, threads, s->progress);
	sort_relations(p.list, pairs);
	free(at);
}

/* `want` of the rows in their order, each equally likely (Fan, Muller and Rezucha 1962, method 1). */
static size_t *draw_rows(size_t rows, size_t want)
{
	size_t *drawn = xmalloc(size_mul(want + 1, sizeof(*drawn))), taken = 0;
	struct rng g;

	rng_init(&g, 1, 0);
	for (size_t i = 0; taken < want; i++)
		if (rng_below(&g, rows - i) < want - taken)
			drawn[taken++] = i;
	return drawn;
}

static void relate_sample(struct relations *r, const struct table *t, const size_t *features, size_t count,
                          size_t want, const struct relation_options *o)
{
	size_t *drawn = draw_rows(t->row_count, want);
	struct table sample;
	struct sides s;

	table_take(&sample, t, drawn, want);
	sides_init(&s, &sample, features, count, NULL, o->threads, o->progress);
	relate_features(r, &s, o->threads);
	sides_release(&s);
	table_release(&sample);
	free(drawn);
}

static size_t rows_wanted(const struct table *t, size_t columns, const struct relation_options *o)
{
	double pairs = (double)columns * (double)(columns - 1) / 2;

	if (o->rows)
		return o->rows;
	return pairs * (double)t->row_count > RELATION_WORK ? (size_t)(RELATION_WORK / pairs) : t->row_count;
}

int relate_columns(struct relations *r, const struct table *t, const struct relation_options *o,
                   const size_t *features, size_t count, struct note_list *notes, struct error *err)
{
	const size_t most = o->most ? o->most : RELATION_COLUMNS, paired = count < most ? count : most,
	             want = paired > 1 ? rows_wanted(t, paired, o) : t->row_count;
	const bool sampled = want < t->row_count;
	char a[NUM_TEXT], b[NUM_TEXT];
	struct column label, *with = NULL;
	double *values = NULL;
	struct sides s;

	if (o->positive && r->label < 0)
		return error_set(err, ERR_USAGE, "--positive %s: needs --label, the column that holds it",
		                 o->positive);
	if (r->label >= 0 && !r->label_why) {
		values = xmalloc(size_mul(t->row_count + 1, sizeof(*values)));
		if (read_label(r, t, o->positive, values, err) < 0) {
			free(values);
			return -1;
		}
	}
	if (values && !r->label_why) {
		label = t->columns[r->label];
		if (r->binary) {
			label.type = COLUMN_BOOL;
			label.values = values;
			label.packed = NULL;
			label.codes = NULL;
		}
		with = &label;
		r->to_label = arena_array(r->arena, count + 1, sizeof(*r->to_label));
		r->to_label_count = count;
	}
	r->pair_rows = sampled ? want : t->row_count;
	if (with || (paired > 1 && !sampled)) {
		/* What is ranked for the label is ranked for the pairs. */
		sides_init(&s, t, features, paired, with, o->threads, o->progress);
		if (with)
			relate_to_label(r, &s, 0, o->threads);
		if (!sampled && paired > 1)
			relate_features(r, &s, o->threads);
		sides_release(&s);
	}
	for (size_t from = paired; with && from < count; from += BATCH) {
		sides_init(&s, t, features + from, count - from < BATCH ? count - from : BATCH, with, o->threads,
		           o->progress);
		relate_to_label(r, &s, from, o->threads);
		sides_release(&s);
	}
	sort_relations(r->to_label, r->to_label_count);
	if (with)
		find_leaks(r, notes);
	if (sampled)
		relate_sample(r, t, features, paired, want, o);
	if (count > most)
		note_add(notes, NOTE_PAIRS_FIRST "%s of %s features; name those you want with --columns",
		         count_people((int64_t)most, a), count_people((int64_t)count, b));
	if (sampled)
		note_add(notes, NOTE_PAIRS_ROWS "%s of %s rows, drawn with a fixed seed",
		         count_people((int64_t)want, a), count_people((int64_t)t->row_count, b));
	if (with)
		relate_trails(r, t, with, o->threads, o->progress, notes);
	if (r->binary)
		relate_times(r, t, values, o->progress, notes);
	free(values);
	return progress_stop(o->progress) ? progress_stopped(err) : 0;
}
