/* Rows that stand there more than once: found by a hash, told by their values. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "relation.h"

/* Rows are parted by the highest bits of their hash; each part is looked through by one thread. */
enum { PART_BITS = 8, PARTS = 1 << PART_BITS, ROWS = 1 << 16, BLOCK = 512 };

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
	const struct table *table;
	const size_t *columns;
	size_t count;
	uint64_t mask;
	uint64_t *hashes;
	size_t *rows, start[PARTS + 1]; /* rows by part, in their order */
	struct part *parts;
	struct progress *progress;
};

static uint64_t mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0x9E3779B97F4A7C15);
	return h ^ h >> 32;
}

static uint64_t number_bits(double x)
{
	uint64_t bits;

	/* One for every NaN, and one for both zeros. */
	x = isnan(x) ? (double)NAN : x == 0 ? 0 : x;
	memcpy(&bits, &x, sizeof(bits));
	return bits;
}

static void hash_numbers(const struct column *c, size_t from, size_t rows, uint64_t *hashes)
{
	double x[BLOCK];

	for (size_t at = 0; at < rows; at += BLOCK) {
		size_t here = rows - at < BLOCK ? rows - at : BLOCK;

		column_block(c, from + at, here, x);
		for (size_t i = 0; i < here; i++)
			hashes[at + i] = mix(hashes[at + i], number_bits(x[i]));
	}
}

static void hash_rows(void *user, size_t chunk)
{
	struct row_work *w = user;
	const size_t from = chunk * ROWS, n = w->table->row_count, rows = n - from < ROWS ? n - from : ROWS;
	uint64_t *hashes = w->hashes + from;

	memset(hashes, 0, rows * sizeof(*hashes));
	for (size_t k = 0; k < w->count && !progress_stop(w->progress); k++) {
		const struct column *c = &w->table->columns[w->columns[k]];

		if (c->codes)
			for (size_t i = 0; i < rows; i++)
				hashes[i] = mix(hashes[i], c->codes[from + i]);
		else
			hash_numbers(c, from, rows, hashes);
	}
	for (size_t i = 0; i < rows; i++)
		hashes[i] = mix(hashes[i], hashes[i] >> 29) & w->mask;
	progress_add(w->progress, rows);
}

static bool are_equal(const struct row_work *w, size_t x, size_t y)
{
	for (size_t k = 0; k < w->count; k++) {
		const struct column *c = &w->table->columns[w->columns[k]];

		/* Of one column: mantissas are as good as what they stand for. */
		if (c->codes    ? c->codes[x] != c->codes[y]
		    : c->packed ? c->packed[x] != c->packed[y]
		                : number_bits(c->values[x]) != number_bits(c->values[y]))
			return false;
	}
	return true;
}

static size_t part_of(uint64_t hash)
{
	return hash >> (64 - PART_BITS);
}

static void part_rows(struct row_work *w)
{
	size_t n = w->table->row_count, at[PARTS];

	w->rows = xmalloc(size_mul(n + 1, sizeof(*w->rows)));
	for (size_t i = 0; i < n; i++)
		w->start[part_of(w->hashes[i]) + 1]++;
	for (size_t p = 0; p < PARTS; p++) {
		w->start[p + 1] += w->start[p];
		at[p] = w->start[p];
	}
	for (size_t i = 0; i < n; i++)
		w->rows[at[part_of(w->hashes[i])]++] = i;
}

static void find_sets(void *user, size_t p)
{
	struct row_work *w = user;
	struct part *out = &w->parts[p];

	if (progress_stop(w->progress))
		return;
	size_t n = w->start[p + 1] - w->start[p], slots = 16, cap = 0, all = 0;
	uint32_t *slot;

	while (slots < 2 * n)
		slots *= 2;
	slot = xmalloc(size_mul(slots, sizeof(*slot)));
	memset(slot, 0xFF, slots * sizeof(*slot));
	for (size_t i = w->start[p]; i < w->start[p + 1]; i++) {
		size_t row = w->rows[i];
		uint64_t hash = w->hashes[row];
		size_t at = hash & (slots - 1);
		struct set *s = NULL;

		for (; slot[at] != UINT32_MAX; at = (at + 1) & (slots - 1)) {
			s = &out->sets[slot[at]];
			if (s->hash == hash && are_equal(w, s->first, row))
				break;
		}
		if (slot[at] != UINT32_MAX) {
			s->count++;
			out->extra++;
			continue;
		}
		slot[at] = (uint32_t)all;
		out->sets = vec_reserve(out->sets, &cap, all + 1, sizeof(*out->sets));
		out->sets[all++] = (struct set){hash, 1, row};
	}
	for (size_t i = 0; i < all; i++)
		if (out->sets[i].count > 1)
			out->sets[out->count++] = out->sets[i];
	out->sets = xreallocarray(out->sets, out->count + 1, sizeof(*out->sets));
	free(slot);
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

static void take_set(const struct row_work *w, const struct set *s, struct relation_rows *out)
{
	size_t p = part_of(s->hash), found = 0;

	out->count = s->count;
	for (size_t i = w->start[p]; i < w->start[p + 1] && found < COUNT_OF(out->first); i++)
		if (w->hashes[w->rows[i]] == s->hash && are_equal(w, s->first, w->rows[i]))
			out->first[found++] = w->rows[i];
}

/* All but those that name a row. notes NULL: none is wanted. */
static size_t *value_columns(const struct table *t, size_t *count, struct note_list *notes)
{
	size_t *columns = xcalloc(t->column_count + 1, sizeof(*columns));

	*count = 0;
	for (size_t i = 0; i < t->column_count; i++)
		if (t->columns[i].type != COLUMN_ID && !(t->columns[i].roles & ROLE_ID))
			columns[(*count)++] = i;
		else if (notes)
			note_add(notes, NOTE_ROWS_BUT "%s, which names them", t->columns[i].name);
	return columns;
}

size_t table_equal_rows(const struct table *t, size_t row, uint8_t *keep)
{
	struct row_work w = {.table = t};
	size_t *columns = value_columns(t, &w.count, NULL), count = 0;

	w.columns = columns;
	for (size_t i = 0; i < t->row_count; i++)
		count += keep[i] = row < t->row_count && are_equal(&w, row, i);
	free(columns);
	return count;
}

void relate_rows(struct relations *r, const struct table *t, int hash_bits, int threads,
                 struct progress *progress, struct note_list *notes)
{
	struct row_work w = {.table = t, .progress = progress};
	size_t *columns = value_columns(t, &w.count, notes), chunks = (t->row_count + ROWS - 1) / ROWS,
	       best_count = 0;
	struct set best[RELATION_ROWS];

	w.columns = columns;
	if (!w.count) {
		free(columns);
		return;
	}
	w.mask = hash_bits > 0 && hash_bits < 64 ? ~(UINT64_MAX >> hash_bits) : UINT64_MAX;
	w.hashes = xmalloc(size_mul(t->row_count + 1, sizeof(*w.hashes)));
	w.parts = xcalloc(PARTS, sizeof(*w.parts));
	progress_begin(progress, "comparing rows", "rows", t->row_count);
	parallel_chunks(chunks, threads, hash_rows, &w);
	if (!progress_stop(progress))
		part_rows(&w);
	parallel_chunks(PARTS, threads, find_sets, &w);
	for (size_t p = 0; p < PARTS; p++) {
		r->duplicates += w.parts[p].extra;
		r->duplicate_sets += w.parts[p].count;
		for (size_t i = 0; i < w.parts[p].count; i++)
			offer(best, &best_count, &w.parts[p].sets[i]);
		free(w.parts[p].sets);
	}
	r->sets = arena_array(r->arena, best_count + 1, sizeof(*r->sets));
	r->set_count = best_count;
	for (size_t i = 0; i < best_count; i++)
		take_set(&w, &best[i], &r->sets[i]);
	free(w.parts);
	free(w.rows);
	free(w.hashes);
	free(columns);
}
