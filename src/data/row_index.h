/* Rows told apart by some of their columns, within a table or between two: by a hash, and then by their values. */
#ifndef ASSAY_DATA_ROW_INDEX_H
#define ASSAY_DATA_ROW_INDEX_H

#include "assay/data.h"

/* A column as rows are compared by it. */
struct row_cells {
	const struct column *numbers; /* NULL: it has codes */
	const uint32_t *codes;
	/* Of a column whose codes are to be compared with those of another dictionary: those there, by the ones here. */
	const uint32_t *map;
	uint32_t *own_codes, *own_map; /* what is freed with it */
};
struct row_cells row_cells_of(const struct column *c);
void row_cells_release(struct row_cells *key);

/* Of one row, as far as its hash is made; begins with 0. */
uint64_t row_hash_add(const struct row_cells *key, size_t row, uint64_t hash);
/* Equal in every key, a's being made for b's; missing is like missing. */
bool rows_equal(const struct row_cells *a, size_t x, const struct row_cells *b, size_t y, size_t keys);

/* Rows are parted by the highest bits of their hash; each part is looked through by one thread. */
enum { ROW_PART_BITS = 8, ROW_PARTS = 1 << ROW_PART_BITS };
static inline size_t row_part_of(uint64_t hash)
{
	return hash >> (64 - ROW_PART_BITS);
}

struct row_index {
	const struct row_cells *keys;
	size_t key_count, n;
	uint64_t *hashes;
	size_t *rows, start[ROW_PARTS + 1]; /* rows by part, in their order */
};
/* The keys must live longer. hash_bits: 0: all 64. Where `progress` (rows; may be NULL) says to stop, nothing is in it. */
void row_index_init(struct row_index *x, const struct row_cells *keys, size_t key_count, size_t n,
                    int hash_bits, int threads, struct progress *progress);
void row_index_release(struct row_index *x);

/* Places by hash, at most half of which are taken. */
struct row_slots {
	uint32_t *items; /* UINT32_MAX: free */
	size_t count;    /* a power of two */
};
void row_slots_init(struct row_slots *s, size_t most);

#endif
