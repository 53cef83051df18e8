/* Rows that stand there more than once: found by a hash, told by their values. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "relation.h"
#include "row_index.h"

struct set {
	uint64_t hash, count;
	size_t first;
};

struct part {
	struct set *sets; /* of two rows and more, once they have been counted */
	size_t count;
	uint64_t extra;
};

struct row_work {
	struct row_index index;
	struct part *parts;
	struct progress *progress;
};

static bool are_equal(const struct row_index *x, size_t a, size_t b)
{
	return rows_equal(x->keys, a, x->keys, b, x->key_count);
}

static void find_sets(void *user, size_t p)
{
	struct row_work *w = user;
	const struct row_index *x = &w->index;
	struct part *out = &w->parts[p];

	if (progress_stop(w->progress))
		return;
	size_t cap = 0, all = 0;
	struct row_slots slots;

	row_slots_init(&slots, x->start[p + 1] - x->start[p]);
	for (size_t i = x->start[p]; i < x->start[p + 1]; i++) {
		size_t row = x->rows[i];
		uint64_t hash = x->hashes[row];
		size_t at = hash & (slots.count - 1);
		struct set *s = NULL;

		for (; slots.items[at] != UINT32_MAX; at = (at + 1) & (slots.count - 1)) {
			s = &out->sets[slots.items[at]];
			if (s->hash == hash && are_equal(x, s->first, row))
				break;
		}
		if (slots.items[at] != UINT32_MAX) {
			s->count++;
			out->extra++;
			continue;
		}
		slots.items[at] = (uint32_t)all;
		out->sets = vec_reserve(out->sets, &cap, all + 1, sizeof(*out->sets));
		out->sets[all++] = (struct set){hash, 1, row};
	}
	for (size_t i = 0; i < all; i++)
		if (out->sets[i].count > 1)
			out->sets[out->count++] = out->sets[i];
	out->sets = xreallocarray(out->sets, out->count + 1, sizeof(*out->sets));
	free(slots.items);
}

static bool is_before(const struct set *a, const struct set *b)
{
	return a->count != b->count ? a->count > b->count : a->first < b->first;
}

static void offer(struct set *best, size_t *count, const struct set *s)
{
	size_t at;

	if (*count == RELATION_ROWS && !is_before(s, &best[*count - 1]))
		return;
	*count += *count < RELATION_ROWS;
	for (at = *count - 1; at > 0 && is_before(s, &best[at - 1]); at--)
		best[at] = best[at - 1];
	best[at] = *s;
}

static void take_set(const struct row_index *x, const struct set *s, struct relation_rows *out)
{
	size_t p = row_part_of(s->hash), found = 0;

	out->count = s->count;
	for (size_t i = x->start[p]; i < x->start[p + 1] && found < COUNT_OF(out->first); i++)
		if (x->hashes[x->rows[i]] == s->hash && are_equal(x, s->first, x->rows[i]))
			out->first[found++] = x->rows[i];
}

bool names_rows(const struct column *c)
{
	return c->type == COLUMN_ID || (c->roles & ROLE_ID);
}

/* All but those that name a row. notes NULL: none is wanted. */
static struct row_cells *value_keys(const struct table *t, size_t *count, struct note_list *notes)
{
	struct row_cells *keys = xcalloc(t->column_count + 1, sizeof(*keys));

	*count = 0;
	for (size_t i = 0; i < t->column_count; i++)
		if (!names_rows(&t->columns[i]))
			keys[(*count)++] = row_cells_of(&t->columns[i]);
		else if (notes)
			note_add(notes, NOTE_ROWS_BUT "%s, which names them", t->columns[i].name);
	return keys;
}

size_t table_equal_rows(const struct table *t, size_t row, uint8_t *keep)
{
	size_t key_count, count = 0;
	struct row_cells *keys = value_keys(t, &key_count, NULL);

	for (size_t i = 0; i < t->row_count; i++)
		count += keep[i] = row < t->row_count && rows_equal(keys, row, keys, i, key_count);
	free(keys);
	return count;
}

void relate_rows(struct relations *r, const struct table *t, int hash_bits, int threads,
                 struct progress *progress, struct note_list *notes)
{
	struct row_work w = {.progress = progress};
	size_t key_count, best_count = 0;
	struct row_cells *keys = value_keys(t, &key_count, notes);
	struct set best[RELATION_ROWS];

	if (!key_count) {
		free(keys);
		return;
	}
	w.parts = xcalloc(ROW_PARTS, sizeof(*w.parts));
	progress_begin(progress, "comparing rows", "rows", t->row_count);
	row_index_init(&w.index, keys, key_count, t->row_count, hash_bits, threads, progress);
	parallel_chunks(ROW_PARTS, threads, find_sets, &w);
	for (size_t p = 0; p < ROW_PARTS; p++) {
		r->duplicates += w.parts[p].extra;
		r->duplicate_sets += w.parts[p].count;
		for (size_t i = 0; i < w.parts[p].count; i++)
			offer(best, &best_count, &w.parts[p].sets[i]);
		free(w.parts[p].sets);
	}
	r->sets = arena_array(r->arena, best_count + 1, sizeof(*r->sets));
	r->set_count = best_count;
	for (size_t i = 0; i < best_count; i++)
		take_set(&w.index, &best[i], &r->sets[i]);
	free(w.parts);
	row_index_release(&w.index);
	free(keys);
}
