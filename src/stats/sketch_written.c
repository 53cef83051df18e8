/* Sketches as text and back: numbers of seven bits a byte, in base64. */
#include <math.h>
#include <stdlib.h>

#include "sketch_number.h"
#include "sketch_text.h"

enum { VERSION = 1, FLAG_WEIGHTED = 1, FLAG_BEYOND = 2 };

static void finish(struct str *bytes, struct str *out)
{
	base64_encode(bytes->data, bytes->len, out);
	str_release(bytes);
}

static int damaged(struct error *err)
{
	return error_set(err, ERR_USAGE,
	                 "sketch of a column: this text was not written by this version, or is damaged");
}

/* What comes first of both; false: something else. */
static bool start(struct bytes_reader *r, char kind, uint64_t *flags)
{
	const char *head = bytes_take(r, 1);
	r->wrong |= !head || *head != kind;
	r->wrong |= bytes_read(r, UINT64_MAX) != VERSION;
	*flags = bytes_read(r, FLAG_WEIGHTED | FLAG_BEYOND);
	return !r->wrong;
}

/* ---- numbers ---- */

/* Keys rise: what each is above the one before, without the zeros that all of them end in. */
static int zeros_of(const struct cells *c)
{
	uint64_t any = 0;
	for (size_t i = 0; i < c->count; i++) {
		any |= cells_key(c->low[i]) - CELLS_ZERO;
		if (c->high)
			any |= cells_key(c->high[i]) - CELLS_ZERO;
	}
	return any ? __builtin_ctzll(any) : 0;
}

void number_sketch_text(struct number_sketch *s, struct str *out)
{
	struct str b;
	number_sketch_settle(s);
	cells_sum_up(&s->cells, false);
	const struct cells *c = &s->cells;
	str_init(&b);
	str_addc(&b, 'N');
	bytes_number(&b, VERSION);
	bytes_number(&b, (s->weighted ? FLAG_WEIGHTED : 0) | (s->beyond ? FLAG_BEYOND : 0));
	bytes_number(&b, s->room);
	bytes_number(&b, (uint64_t)c->bits);
	bytes_number(&b, c->count);
	int zeros = zeros_of(c);
	bytes_number(&b, (uint64_t)zeros);
	uint64_t before = 0;
	for (size_t i = 0; i < c->count; i++) {
		uint64_t low = cells_key(c->low[i]), high = c->high ? cells_key(c->high[i]) : low;
		bytes_number(&b, (low - before) >> zeros);
		if (c->high)
			bytes_number(&b, (high - low) >> zeros);
		bytes_number(&b, c->rows[i]);
		if (c->weight) {
			bytes_number(&b, c->weight[i].whole);
			bytes_number(&b, c->weight[i].part);
		}
		before = high;
	}
	if (s->beyond)
		beyond_write(s->beyond, &b);
	finish(&b, out);
}

static void read_cells(struct number_sketch *s, uint64_t count, struct bytes_reader *r)
{
	struct cells *c = &s->cells;
	int zeros = (int)bytes_read(r, 63), least = c->bits ? 3 : 2;
	/* So many bytes at least for each. */
	r->wrong |= count > (size_t)(r->end - r->at) / (size_t)(least + (s->weighted ? 2 : 0));
	if (r->wrong)
		return;
	cells_reserve(c, (size_t)count + 1, s->weighted);
	uint64_t before = 0, first = cells_key(-HUGE_VAL), last = cells_key(HUGE_VAL);
	for (uint64_t i = 0; i < count && !r->wrong; i++) {
		uint64_t step = bytes_read(r, (last - before) >> zeros), low = before + (step << zeros);
		uint64_t span = c->bits ? bytes_read(r, (last - low) >> zeros) : 0, high = low + (span << zeros);
		uint64_t rows = bytes_read(r, (uint64_t)INT64_MAX - s->rows);
		/* Finite, in cells of their own, and no fewer rows than different values. */
		r->wrong |= low <= first || high >= last || low >> c->bits != high >> c->bits ||
		            (i && low >> c->bits == before >> c->bits) || rows < 1 + (uint64_t)(low != high);
		if (r->wrong)
			return;
		c->low[i] = cells_value(low);
		if (c->high)
			c->high[i] = cells_value(high);
		c->rows[i] = rows;
		if (s->weighted) {
			c->weight[i].whole = bytes_read(r, UINT64_MAX);
			c->weight[i].part = bytes_read(r, UINT64_MAX);
		}
		s->rows += rows;
		before = high;
		c->count++;
	}
	r->wrong |= zeros != zeros_of(c);
}

struct number_sketch *number_sketch_parse(const char *text, size_t len, struct error *err)
{
	struct str b;
	struct number_sketch *s = NULL;
	uint64_t flags;
	str_init(&b);
	if (!base64_decode(text, len, &b))
		goto wrong;
	struct bytes_reader r = {(const unsigned char *)b.data, (const unsigned char *)b.data + b.len, false};
	if (!start(&r, 'N', &flags))
		goto wrong;
	uint64_t room = bytes_read(&r, SIZE_MAX / 64), bits = bytes_read(&r, 63), count = bytes_read(&r, room);
	s = number_sketch_new((size_t)room, flags & FLAG_WEIGHTED);
	s->cells.bits = (int)bits;
	if (r.wrong || s->room != room || !bits != !(flags & FLAG_BEYOND))
		goto wrong;
	read_cells(s, count, &r);
	if (flags & FLAG_BEYOND) {
		s->beyond = xcalloc(1, sizeof *s->beyond);
		beyond_read(s->beyond, s->room, true, &r);
		if (r.wrong || !count || top_sketch_rows(s->beyond->top) != s->rows)
			goto wrong;
	}
	if (r.wrong || r.at != r.end)
		goto wrong;
	str_release(&b);
	return s;
wrong:
	number_sketch_free(s);
	str_release(&b);
	damaged(err);
	return NULL;
}

/* ---- texts ---- */

void text_sketch_text(const struct text_sketch *s, struct str *out)
{
	struct str b;
	str_init(&b);
	str_addc(&b, 'T');
	bytes_number(&b, VERSION);
	bytes_number(&b, s->beyond ? FLAG_BEYOND : 0);
	bytes_number(&b, s->room);
	bytes_number(&b, s->bytes);
	if (s->beyond) {
		beyond_write(s->beyond, &b);
	} else {
		size_t n;
		struct text_count *all = text_sketch_all(s, &n);
		bytes_number(&b, n);
		for (size_t i = 0; i < n; i++) {
			bytes_number(&b, all[i].count);
			bytes_number(&b, all[i].len);
			str_add(&b, all[i].bytes, all[i].len);
		}
		free(all);
	}
	finish(&b, out);
}

static void read_texts(struct text_sketch *s, struct bytes_reader *r)
{
	uint64_t n = bytes_read(r, s->room);
	struct text_count before = {0}, one = {0};
	for (uint64_t i = 0; i < n && !r->wrong; i++, before = one) {
		one.count = bytes_read(r, (uint64_t)INT64_MAX - s->rows);
		one.len = (size_t)bytes_read(r, s->bytes - s->used);
		one.bytes = bytes_take(r, one.len);
		r->wrong = r->wrong || !one.count || (i && text_order(&before, &one) >= 0);
		if (!r->wrong)
			text_sketch_add(s, one.bytes, one.len, one.count);
	}
}

struct text_sketch *text_sketch_parse(const char *text, size_t len, struct error *err)
{
	struct str b;
	struct text_sketch *s = NULL;
	uint64_t flags;
	str_init(&b);
	if (!base64_decode(text, len, &b))
		goto wrong;
	struct bytes_reader r = {(const unsigned char *)b.data, (const unsigned char *)b.data + b.len, false};
	if (!start(&r, 'T', &flags) || flags & FLAG_WEIGHTED)
		goto wrong;
	uint64_t room = bytes_read(&r, SIZE_MAX / 64), bytes = bytes_read(&r, SIZE_MAX);
	if (r.wrong)
		goto wrong;
	s = text_sketch_new((size_t)room, (size_t)bytes);
	if (s->room != room)
		goto wrong;
	if (flags & FLAG_BEYOND) {
		s->beyond = xcalloc(1, sizeof *s->beyond);
		beyond_read(s->beyond, s->room, false, &r);
		if (!r.wrong)
			s->rows = top_sketch_rows(s->beyond->top);
	} else {
		read_texts(s, &r);
	}
	if (r.wrong || r.at != r.end)
		goto wrong;
	str_release(&b);
	return s;
wrong:
	text_sketch_free(s);
	str_release(&b);
	damaged(err);
	return NULL;
}
