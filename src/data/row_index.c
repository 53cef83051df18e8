/* Rows by their hash. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "decimal.h"
#include "internal.h"
#include "row_index.h"

enum { ROWS = 1 << 16, BLOCK = 512 };

struct row_cells row_cells_of(const struct column *c)
{
	return (struct row_cells){.numbers = c->codes ? NULL : c, .codes = c->codes};
}

void row_cells_release(struct row_cells *key)
{
	free(key->own_codes);
	free(key->own_map);
	*key = (struct row_cells){0};
}

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

static uint32_t code_at(const struct row_cells *key, size_t row)
{
	const uint32_t code = key->codes[row];

	return key->map && code != CODE_MISSING ? key->map[code] : code;
}

uint64_t row_hash_add(const struct row_cells *key, size_t row, uint64_t hash)
{
	return mix(hash, key->numbers ? number_bits(column_number(key->numbers, row)) : code_at(key, row));
}

bool rows_equal(const struct row_cells *a, size_t x, const struct row_cells *b, size_t y, size_t keys)
{
	for (size_t k = 0; k < keys; k++) {
		const struct column *c = a[k].numbers, *d = b[k].numbers;

		/* Mantissas of the same decimals are as good as what they stand for. */
		if (!c ? code_at(&a[k], x) != code_at(&b[k], y)
		    : c->packed && d->packed && c->decimals == d->decimals
		        ? c->packed[x] != d->packed[y]
		        : number_bits(column_number(c, x)) != number_bits(column_number(d, y)))
			return false;
	}
	return true;
}

/* ---- hashing ---- */

struct hashing {
	struct row_index *index;
	uint64_t mask;
	struct progress *progress;
};

static void hash_numbers(const struct column *c, size_t from, size_t rows, uint64_t *hashes)
{
	double x[BLOCK];

	for (size_t at = 0; at < rows; at += BLOCK) {
		size_t here = rows - at < BLOCK ? rows - at : BLOCK;

		if (c->packed)
			packed_values(c->packed + from + at, here, c->decimals, x);
		else
			memcpy(x, c->values + from + at, here * sizeof(*x));
		for (size_t i = 0; i < here; i++)
			hashes[at + i] = mix(hashes[at + i], number_bits(x[i]));
	}
}

static void hash_rows(void *user, size_t chunk)
{
	struct hashing *h = user;
	const size_t from = chunk * ROWS, n = h->index->n, rows = n - from < ROWS ? n - from : ROWS;
	uint64_t *hashes = h->index->hashes + from;

	memset(hashes, 0, rows * sizeof(*hashes));
	for (size_t k = 0; k < h->index->key_count && !progress_stop(h->progress); k++) {
		const struct row_cells *key = &h->index->keys[k];

		if (key->numbers)
			hash_numbers(key->numbers, from, rows, hashes);
		else
			for (size_t i = 0; i < rows; i++)
				hashes[i] = mix(hashes[i], code_at(key, from + i));
	}
	for (size_t i = 0; i < rows; i++)
		hashes[i] = mix(hashes[i], hashes[i] >> 29) & h->mask;
	progress_add(h->progress, rows);
}

static void part_rows(struct row_index *x)
{
	size_t at[ROW_PARTS];

	x->rows = xmalloc(size_mul(x->n + 1, sizeof(*x->rows)));
	for (size_t i = 0; i < x->n; i++)
		x->start[row_part_of(x->hashes[i]) + 1]++;
	for (size_t p = 0; p < ROW_PARTS; p++) {
		x->start[p + 1] += x->start[p];
		at[p] = x->start[p];
	}
	for (size_t i = 0; i < x->n; i++)
		x->rows[at[row_part_of(x->hashes[i])]++] = i;
}

void row_index_init(struct row_index *x, const struct row_cells *keys, size_t key_count, size_t n,
                    int hash_bits, int threads, struct progress *progress)
{
	struct hashing h = {.index = x, .progress = progress};

	*x = (struct row_index){.keys = keys, .key_count = key_count, .n = n};
	h.mask = hash_bits > 0 && hash_bits < 64 ? ~(UINT64_MAX >> hash_bits) : UINT64_MAX;
	x->hashes = xmalloc(size_mul(n + 1, sizeof(*x->hashes)));
	parallel_chunks((n + ROWS - 1) / ROWS, threads, hash_rows, &h);
	if (!progress_stop(progress))
		part_rows(x);
}

void row_index_release(struct row_index *x)
{
	free(x->hashes);
	free(x->rows);
}

void row_slots_init(struct row_slots *s, size_t most)
{
	s->count = 16;
	while (s->count < 2 * most)
		s->count *= 2;
	s->items = xmalloc(size_mul(s->count, sizeof(*s->items)));
	memset(s->items, 0xFF, s->count * sizeof(*s->items));
}
