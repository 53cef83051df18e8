/* The most frequent values of more than there is room for: a table of counts, and values that may be
 * frequent. */
#include <math.h>
#include <stdlib.h>

#include "sketch.h"

/* Shares of 2, 16 and 32 in w, as what rows are shifted by: bits less these. */
enum { CANDIDATE = 1, WRITTEN = 4, LISTED = 5, EMPTY = 0 };

struct candidate {
	uint64_t hash;
	size_t len, whole; /* of bytes; of the value */
	char *bytes;
};

struct top_sketch {
	int bits;
	uint64_t rows;
	uint64_t *table; /* TOP_ROWS times 1 << bits */
	struct candidate *items;
	size_t count, cap;
	uint32_t *slots; /* 1 + an index; twice as many as there may be candidates */
	size_t slot_count;
};

static size_t width(const struct top_sketch *s)
{
	return (size_t)1 << s->bits;
}

struct top_sketch *top_sketch_new(int bits)
{
	struct top_sketch *s = xcalloc(1, sizeof *s);
	s->bits = bits;
	s->table = xcalloc((size_t)TOP_ROWS << bits, sizeof *s->table);
	return s;
}

void top_sketch_free(struct top_sketch *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->count; i++)
		free(s->items[i].bytes);
	free(s->items);
	free(s->slots);
	free(s->table);
	free(s);
}

/* ---- the table ---- */

/* Sixteen bits of each of these choose the counter of four rows. */
static uint64_t quarter(uint64_t hash, uint64_t k)
{
	uint64_t x = hash ^ k * UINT64_C(0x9E3779B97F4A7C15);
	x ^= x >> 32;
	x *= UINT64_C(0xD6E8FEB86659FD93);
	x ^= x >> 29;
	x *= UINT64_C(0xBF58476D1CE4E5B9);
	return x ^ x >> 32;
}

/* Adds to the counters of a value: the least of them. */
static uint64_t count_more(const struct top_sketch *s, uint64_t hash, uint64_t times)
{
	const size_t mask = width(s) - 1;
	uint64_t least = UINT64_MAX, *row = s->table;
	for (uint64_t k = 1; k <= TOP_ROWS / 4; k++) {
		uint64_t place = quarter(hash, k);
		for (int i = 0; i < 4; i++, place >>= 16, row += mask + 1) {
			uint64_t *counter = &row[place & mask];
			*counter += times;
			least = *counter < least ? *counter : least;
		}
	}
	return least;
}

static uint64_t count_of(const struct top_sketch *s, uint64_t hash)
{
	return count_more(s, hash, 0);
}

void top_sketch_fold(struct top_sketch *s, int bits)
{
	if (s->bits <= bits)
		return;
	size_t few = (size_t)1 << bits;
	for (size_t r = 0; r < TOP_ROWS; r++) {
		const uint64_t *from = &s->table[r << s->bits];
		uint64_t *to = &s->table[r << bits];
		/* The first row is folded onto itself, each other one to where nothing is needed any more. */
		memmove(to, from, few * sizeof *to);
		for (size_t i = few; i < width(s); i++)
			to[i & (few - 1)] += from[i];
	}
	s->bits = bits;
	s->table = xreallocarray(s->table, (size_t)TOP_ROWS << bits, sizeof *s->table);
}

/* ---- candidates ---- */

static size_t slot_of(const struct top_sketch *s, uint64_t hash)
{
	size_t at = (size_t)(hash ^ hash >> 32) & (s->slot_count - 1);
	while (s->slots[at] != EMPTY && s->items[s->slots[at] - 1].hash != hash)
		at = (at + 1) & (s->slot_count - 1);
	return at;
}

static void make_slots(struct top_sketch *s)
{
	memset(s->slots, 0, s->slot_count * sizeof *s->slots);
	for (size_t i = 0; i < s->count; i++)
		s->slots[slot_of(s, s->items[i].hash)] = (uint32_t)i + 1;
}

struct ranked_candidate {
	uint64_t count;
	struct candidate of;
};

static int by_most(const void *a, const void *b)
{
	const struct ranked_candidate *x = a, *y = b;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return (x->of.hash > y->of.hash) - (x->of.hash < y->of.hash);
}

/* Drops what is too rare by now. In each row fewer than w / 2 counters hold a share of 2 / w, so that
 * there are not many more left than that, unless somebody chose values with hashes that meet: then those
 * with the highest counts. */
static void drop_rare(struct top_sketch *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->count; i++) {
		if (count_of(s, s->items[i].hash) >= s->rows >> (s->bits - CANDIDATE))
			s->items[n++] = s->items[i];
		else
			free(s->items[i].bytes);
	}
	s->count = n;
	size_t most = width(s) * 3 / 4;
	if (n > most) {
		struct ranked_candidate *all = xreallocarray(NULL, n, sizeof *all);
		for (size_t i = 0; i < n; i++)
			all[i] = (struct ranked_candidate){count_of(s, s->items[i].hash), s->items[i]};
		qsort(all, n, sizeof *all, by_most);
		for (size_t i = 0; i < n; i++) {
			s->items[i] = all[i].of;
			if (i >= most)
				free(s->items[i].bytes);
		}
		free(all);
		s->count = most;
	}
	make_slots(s);
}

static void add_candidate(struct top_sketch *s, uint64_t hash, const void *bytes, size_t len, size_t whole)
{
	if (2 * (s->count + 1) > s->slot_count) {
		s->slot_count = s->slot_count ? 2 * s->slot_count : 32;
		s->slots = xreallocarray(s->slots, s->slot_count, sizeof *s->slots);
		make_slots(s);
	}
	size_t at = slot_of(s, hash);
	if (s->slots[at] != EMPTY)
		return;
	s->items = vec_reserve(s->items, &s->cap, s->count + 1, sizeof *s->items);
	s->items[s->count++] = (struct candidate){hash, len, whole, xmemdup0(bytes, len)};
	s->slots[at] = (uint32_t)s->count;
	if (s->count > width(s))
		drop_rare(s);
}

void top_sketch_expect(struct top_sketch *s, uint64_t rows)
{
	s->rows += rows;
}

void top_sketch_put(struct top_sketch *s, uint64_t hash, const void *bytes, size_t len, uint64_t times)
{
	if (count_more(s, hash, times) >= s->rows >> (s->bits - CANDIDATE))
		add_candidate(s, hash, bytes, len < TOP_BYTES ? len : TOP_BYTES, len);
}

void top_sketch_merge(struct top_sketch *to, const struct top_sketch *from)
{
	top_sketch_fold(to, from->bits);
	const size_t mask = width(to) - 1;
	for (size_t r = 0; r < TOP_ROWS; r++)
		for (size_t i = 0; i < width(from); i++)
			to->table[(r << to->bits) + (i & mask)] += from->table[(r << from->bits) + i];
	to->rows += from->rows;
	for (size_t i = 0; i < from->count; i++) {
		const struct candidate *c = &from->items[i];
		if (count_of(to, c->hash) >= to->rows >> (to->bits - CANDIDATE))
			add_candidate(to, c->hash, c->bytes, c->len, c->whole);
	}
}

/* ---- what is frequent ---- */

uint64_t top_sketch_rows(const struct top_sketch *s)
{
	return s->rows;
}

uint64_t top_sketch_error(const struct top_sketch *s)
{
	return (uint64_t)ceil((double)s->rows * 2.718281828459045 / (double)width(s));
}

size_t top_sketch_candidates(const struct top_sketch *s)
{
	return s->count;
}

static int by_count(const void *a, const void *b)
{
	const struct text_count *x = a, *y = b;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	size_t len = x->len < y->len ? x->len : y->len;
	int order = len ? memcmp(x->bytes, y->bytes, len) : 0;
	if (order)
		return order;
	return x->len != y->len ? (x->len > y->len) - (x->len < y->len)
	                        : (x->whole > y->whole) - (x->whole < y->whole);
}

size_t top_sketch_list(const struct top_sketch *s, struct text_count *out, size_t most)
{
	struct text_count *all = xreallocarray(NULL, s->count + 1, sizeof *all);
	size_t n = 0;
	for (size_t i = 0; i < s->count; i++) {
		const struct candidate *c = &s->items[i];
		uint64_t count = count_of(s, c->hash);
		if (count >= s->rows >> (s->bits - LISTED))
			all[n++] = (struct text_count){c->bytes, c->len, c->whole, count};
	}
	qsort(all, n, sizeof *all, by_count);
	n = n < most ? n : most;
	memcpy(out, all, n * sizeof *all);
	free(all);
	return n;
}

/* ---- text ---- */

static int by_hash(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	return (x->hash > y->hash) - (x->hash < y->hash);
}

void top_sketch_write(const struct top_sketch *s, struct str *out)
{
	struct candidate *kept = xreallocarray(NULL, s->count + 1, sizeof *kept);
	size_t n = 0;
	bytes_number(out, s->rows);
	for (size_t i = 0; i < (size_t)TOP_ROWS << s->bits; i++)
		bytes_number(out, s->table[i]);
	for (size_t i = 0; i < s->count; i++)
		if (count_of(s, s->items[i].hash) >= s->rows >> (s->bits - WRITTEN))
			kept[n++] = s->items[i];
	qsort(kept, n, sizeof *kept, by_hash);
	bytes_number(out, n);
	for (size_t i = 0; i < n; i++) {
		for (int b = 0; b < 64; b += 8)
			str_addc(out, (char)(kept[i].hash >> b & 0xFF));
		bytes_number(out, kept[i].whole);
		str_add(out, kept[i].bytes, kept[i].len);
	}
	free(kept);
}

/* What is here in full must have that hash. */
static bool fits(const void *bytes, size_t whole, bool numbers, uint64_t hash)
{
	double x;
	if (!numbers)
		return whole > TOP_BYTES || distinct_hash_bytes(bytes, whole) == hash;
	if (whole != sizeof x)
		return false;
	memcpy(&x, bytes, sizeof x);
	return isfinite(x) && !(x == 0 && signbit(x)) && distinct_hash_number(x) == hash;
}

struct top_sketch *top_sketch_read(int bits, bool numbers, struct bytes_reader *r)
{
	/* Each counter takes a byte at least. */
	if (r->wrong || (size_t)(r->end - r->at) < (size_t)TOP_ROWS << bits) {
		r->wrong = true;
		return NULL;
	}
	struct top_sketch *s = top_sketch_new(bits);
	s->rows = bytes_read(r, INT64_MAX);
	for (size_t row = 0; row < TOP_ROWS; row++) {
		uint64_t left = s->rows;
		for (size_t i = 0; i < width(s); i++)
			left -= s->table[(row << bits) + i] = bytes_read(r, left);
		r->wrong |= left != 0;
	}
	uint64_t n = bytes_read(r, width(s)), before = 0;
	for (uint64_t i = 0; i < n && !r->wrong; i++) {
		const unsigned char *eight = bytes_take(r, 8);
		uint64_t hash = 0, whole = bytes_read(r, INT64_MAX);
		size_t len = whole < TOP_BYTES ? (size_t)whole : TOP_BYTES;
		const void *bytes = bytes_take(r, len);
		if (r->wrong)
			break;
		for (int b = 7; b >= 0; b--)
			hash = hash << 8 | eight[b];
		/* In order, and only such as are frequent. */
		r->wrong |= (i && hash <= before) || !fits(bytes, (size_t)whole, numbers, hash) ||
		            count_of(s, hash) < s->rows >> (bits - WRITTEN);
		before = hash;
		if (!r->wrong)
			add_candidate(s, hash, bytes, len, (size_t)whole);
	}
	return s;
}
