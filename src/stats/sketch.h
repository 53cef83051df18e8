/* Inside stats: what sketches are made of. */
#ifndef STATS_SKETCH_INTERNAL_H
#define STATS_SKETCH_INTERNAL_H

#include "assay/stats_sketch.h"

/* ---- cells: values that agree in all but the last bits ---- */

struct cells {
	size_t count, cap;
	int bits;     /* dropped from every key */
	bool summed;  /* rows holds sums from the first cell on */
	double *low;  /* rising */
	double *high; /* NULL while no bits are dropped: low */
	uint64_t *rows;
	struct weight_sum *weight; /* NULL without */
};
/* Unsigned order of keys is numeric order, 0 and -0 are one, and what is as far from 0 has a key as far
 * from that of 0. */
#define CELLS_ZERO (UINT64_C(1) << 63)
static inline uint64_t cells_key(double x)
{
	uint64_t bits;
	memcpy(&bits, &x, sizeof bits);
	return bits >> 63 ? 0 - bits : bits | CELLS_ZERO;
}
static inline double cells_value(uint64_t key)
{
	uint64_t bits = key >> 63 ? key & ~CELLS_ZERO : 0 - key;
	double x;
	memcpy(&x, &bits, sizeof x);
	return x;
}
void cells_release(struct cells *c);
void cells_reserve(struct cells *c, size_t need, bool weighted);
/* rows as counts, or as sums. */
void cells_sum_up(struct cells *c, bool summed);
/* Adds those of `from`, which may be finer, and drops bits (at least to that of the coarser one) until no
 * more than `room` are left. Neither is summed. */
void cells_merge(struct cells *to, const struct cells *from, size_t room, bool weighted);
/* Drops bits until there are at most so many. */
void cells_fit(struct cells *c, size_t room);

/* ---- what is left to say of more values than there is room for ---- */

struct beyond {
	struct distinct_sketch *distinct;
	struct top_sketch *top;
};
void beyond_init(struct beyond *b, size_t room);
void beyond_release(struct beyond *b);
/* As if there had been no more room than that. */
void beyond_fit(struct beyond *b, size_t room);
void beyond_merge(struct beyond *to, const struct beyond *from);
void beyond_add_numbers(struct beyond *b, const double *values, const uint64_t *rows, size_t n);

/* Rows that are going to be put: never more than there will be in the end. */
void top_sketch_expect(struct top_sketch *s, uint64_t rows);
void top_sketch_put(struct top_sketch *s, uint64_t hash, const void *bytes, size_t len, uint64_t times);
/* How many values top_sketch_list may give at most. */
size_t top_sketch_candidates(const struct top_sketch *s);
/* Of two sizes to the smaller. */
void top_sketch_fold(struct top_sketch *s, int bits);
void distinct_sketch_fold(struct distinct_sketch *s, int bits);

/* ---- text ---- */

struct bytes_reader {
	const unsigned char *at, *end;
	bool wrong;
};
void bytes_number(struct str *out, uint64_t value);
uint64_t bytes_read(struct bytes_reader *r, uint64_t most); /* 0 and wrong if there is none or it is more */
const void *bytes_take(struct bytes_reader *r, size_t len); /* NULL and wrong if there are fewer */
void beyond_write(const struct beyond *b, struct str *out);
void beyond_read(struct beyond *b, size_t room, bool numbers, struct bytes_reader *r);
void distinct_sketch_write(const struct distinct_sketch *s, struct str *out);
struct distinct_sketch *distinct_sketch_read(int bits, struct bytes_reader *r);
void top_sketch_write(const struct top_sketch *s, struct str *out);
/* numbers: the values are the bytes of doubles. */
struct top_sketch *top_sketch_read(int bits, bool numbers, struct bytes_reader *r);

#endif
