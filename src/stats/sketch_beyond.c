/* What is left to say of more different values than there is room for, and how all of it is written. */
#include <stdlib.h>

#include "sketch.h"

enum { BATCH = 256 };

/* Sizes that take about as much as the cells: a counter a cell in three, and some four registers each. */
static int bits_for(size_t room, int least, int most)
{
	int bits = least;
	while (bits < most && (size_t)1 << (bits + 1) <= room)
		bits++;
	return bits;
}

static int top_bits(size_t room)
{
	return bits_for(room / 4, TOP_BITS_MIN, TOP_BITS_MAX);
}

static int distinct_bits(size_t room)
{
	return bits_for(room, DISTINCT_BITS_MIN, DISTINCT_BITS_MAX);
}

void beyond_init(struct beyond *b, size_t room)
{
	b->distinct = distinct_sketch_new(distinct_bits(room));
	b->top = top_sketch_new(top_bits(room));
}

void beyond_release(struct beyond *b)
{
	free(b->distinct);
	top_sketch_free(b->top);
	*b = (struct beyond){NULL, NULL};
}

void beyond_fit(struct beyond *b, size_t room)
{
	distinct_sketch_fold(b->distinct, distinct_bits(room));
	top_sketch_fold(b->top, top_bits(room));
}

void beyond_merge(struct beyond *to, const struct beyond *from)
{
	distinct_sketch_merge(to->distinct, from->distinct);
	top_sketch_merge(to->top, from->top);
}

void beyond_add_numbers(struct beyond *b, const double *values, const uint64_t *rows, size_t n)
{
	uint64_t sum = 0, hash[BATCH];
	for (size_t i = 0; i < n; i++)
		sum += rows[i];
	top_sketch_expect(b->top, sum);
	for (size_t i = 0; i < n; i += BATCH) {
		size_t count = n - i < BATCH ? n - i : BATCH;
		for (size_t k = 0; k < count; k++)
			hash[k] = distinct_hash_number(values[i + k]);
		distinct_sketch_add(b->distinct, hash, count);
		for (size_t k = 0; k < count; k++)
			top_sketch_put(b->top, hash[k], &values[i + k], sizeof values[i + k], rows[i + k]);
	}
}

/* ---- bytes ---- */

void bytes_number(struct str *out, uint64_t value)
{
	char bytes[10];
	size_t n = 0;
	for (; value >= 0x80; value >>= 7)
		bytes[n++] = (char)(value | 0x80);
	bytes[n++] = (char)value;
	str_add(out, bytes, n);
}

uint64_t bytes_read(struct bytes_reader *r, uint64_t most)
{
	uint64_t value = 0;
	for (int shift = 0;; shift += 7) {
		if (r->wrong || r->at == r->end)
			break;
		uint64_t byte = *r->at++;
		/* One spelling each: no bits lost, no zeros in the end. */
		if (shift == 63 ? byte > 1 : shift > 63)
			break;
		if (shift && !byte)
			break;
		value |= (byte & 0x7F) << shift;
		if (byte < 0x80) {
			r->wrong |= value > most;
			return r->wrong ? 0 : value;
		}
	}
	r->wrong = true;
	return 0;
}

const void *bytes_take(struct bytes_reader *r, size_t len)
{
	if (r->wrong || (size_t)(r->end - r->at) < len) {
		r->wrong = true;
		return NULL;
	}
	const void *at = r->at;
	r->at += len;
	return at;
}

/* Registers have six bits: four in three bytes. */
void distinct_sketch_write(const struct distinct_sketch *s, struct str *out)
{
	for (size_t i = 0; i < (size_t)1 << s->bits; i += 4) {
		uint32_t four = 0;
		for (size_t k = 0; k < 4; k++)
			four = four << 6 | s->registers[i + k];
		for (int shift = 16; shift >= 0; shift -= 8)
			str_addc(out, (char)(four >> shift & 0xFF));
	}
}

struct distinct_sketch *distinct_sketch_read(int bits, struct bytes_reader *r)
{
	const unsigned char *at = bytes_take(r, ((size_t)1 << bits) / 4 * 3);
	if (!at)
		return NULL;
	struct distinct_sketch *s = distinct_sketch_new(bits);
	for (size_t i = 0; i < (size_t)1 << bits; i += 4, at += 3) {
		uint32_t four = (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];
		for (size_t k = 0; k < 4; k++) {
			s->registers[i + k] = (uint8_t)(four >> (18 - 6 * k) & 63);
			r->wrong |= s->registers[i + k] > 64 - bits + 1;
		}
	}
	return s;
}

void beyond_write(const struct beyond *b, struct str *out)
{
	distinct_sketch_write(b->distinct, out);
	top_sketch_write(b->top, out);
}

void beyond_read(struct beyond *b, size_t room, bool numbers, struct bytes_reader *r)
{
	b->distinct = distinct_sketch_read(distinct_bits(room), r);
	b->top = top_sketch_read(top_bits(room), numbers, r);
}
