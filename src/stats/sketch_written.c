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

/* Values are written as whole numbers that rise with them: where all are decimals, what they are in units
 * of so many places; else their keys without the zeros that all of them end in. A form is one of PLACES,
 * or PLACES and zeros. */
enum { PLACES = 16 };
#define WHOLE_MOST (INT64_C(1) << 53)

static const double tens[PLACES] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

static bool is_decimal(double x, int places)
{
	double whole = rint(x * tens[places]);
	return fabs(whole) < (double)WHOLE_MOST && whole / tens[places] == x;
}

static uint64_t mark_of(double x, int form)
{
	return form < PLACES ? (uint64_t)((int64_t)rint(x * tens[form]) + WHOLE_MOST)
	                     : cells_key(x) >> (form - PLACES);
}

static double value_of(uint64_t mark, int form)
{
	if (form >= PLACES)
		return cells_value(mark << (form - PLACES));
	return (double)((int64_t)mark - WHOLE_MOST) / tens[form];
}

static int form_of(const struct cells *c)
{
	const double *ends[] = {c->low, c->high};
	int form = 0, passes = c->high ? 2 : 1;
	/* The most places that one needs, if all of them have that many. */
	for (int k = 0; k < passes; k++)
		for (size_t i = 0; i < c->count && form < PLACES; i++)
			while (form < PLACES && !is_decimal(ends[k][i], form))
				form++;
	for (int k = 0; k < passes; k++)
		for (size_t i = 0; i < c->count && form < PLACES; i++)
			form = is_decimal(ends[k][i], form) ? form : PLACES;
	if (form < PLACES)
		return form;
	uint64_t any = 0;
	for (int k = 0; k < passes; k++)
		for (size_t i = 0; i < c->count; i++)
			any |= cells_key(ends[k][i]) - CELLS_ZERO;
	return PLACES + __builtin_ctzll(any);
}

void number_sketch_text(struct number_sketch *s, struct str *out)
{
	struct str b;
	number_sketch_settle(s);
	cells_sum_up(&s->cells, false);
	const struct cells *c = &s->cells;
	int form = form_of(c);
	uint64_t before = 0;
	str_init(&b);
	str_addc(&b, 'N');
	bytes_number(&b, VERSION);
	bytes_number(&b, (s->weighted ? FLAG_WEIGHTED : 0) | (s->beyond ? FLAG_BEYOND : 0));
	bytes_number(&b, s->room);
	bytes_number(&b, (uint64_t)c->bits);
	bytes_number(&b, c->count);
	bytes_number(&b, (uint64_t)form);
	for (size_t i = 0; i < c->count; i++) {
		uint64_t low = mark_of(c->low[i], form), high = c->high ? mark_of(c->high[i], form) : low;
		bytes_number(&b, low - before);
		if (c->high)
			bytes_number(&b, high - low);
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

/* The value of the mark that is so far from the one before; *mark becomes it. */
static double read_value(struct bytes_reader *r, int form, uint64_t *mark)
{
	uint64_t most = form < PLACES ? 2 * (uint64_t)WHOLE_MOST - 1 : UINT64_MAX >> (form - PLACES);
	*mark += bytes_read(r, most - *mark);
	double x = value_of(*mark, form);
	r->wrong = r->wrong || !isfinite(x) || mark_of(x, form) != *mark;
	return x;
}

static void read_cells(struct number_sketch *s, uint64_t count, struct bytes_reader *r)
{
	struct cells *c = &s->cells;
	int form = (int)bytes_read(r, PLACES + 63), least = (c->bits ? 3 : 2) + (s->weighted ? 2 : 0);
	uint64_t mark = 0, before = 0;
	/* So many bytes at least for each. */
	r->wrong = r->wrong || count > (size_t)(r->end - r->at) / (size_t)least;
	if (r->wrong)
		return;
	cells_reserve(c, (size_t)count + 1, s->weighted);
	for (uint64_t i = 0; i < count && !r->wrong; i++) {
		double low = read_value(r, form, &mark), high = c->bits ? read_value(r, form, &mark) : low;
		uint64_t rows = bytes_read(r, (uint64_t)INT64_MAX - s->rows), key = cells_key(low) >> c->bits;
		/* In cells of their own, and no fewer rows than different values. */
		r->wrong = r->wrong || cells_key(high) >> c->bits != key || (i && key <= before) ||
		           rows < 1 + (uint64_t)(low != high);
		if (r->wrong)
			return;
		c->low[i] = low;
		if (c->high)
			c->high[i] = high;
		c->rows[i] = rows;
		if (s->weighted) {
			c->weight[i].whole = bytes_read(r, UINT64_MAX);
			c->weight[i].part = bytes_read(r, UINT64_MAX);
		}
		s->rows += rows;
		before = key;
		c->count++;
	}
	r->wrong = r->wrong || form != form_of(c);
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
