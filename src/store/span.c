/*
 * Spans in memory, and packed:
 *
 *   node     1 (format), 64 parts
 *   part     steps: values, places; times: 0 (no point has one)
 *                                          1, places            (the same points, values as by step)
 *                                          2, values, places
 *   values   count, NaN among them; unless all are: min, max, first, last
 *   places   low less the high of the part before, high less low; unless all are NaN: first_at less low, high less
 *            last_at
 *
 * Numbers are as in varint.h. A node is about three kilobytes, for 32,768 points and more.
 */
#include <math.h>

#include "span.h"
#include "varint.h"

enum { FORMAT = 1 };
enum { TIME_NONE = 0, TIME_SAME = 1, TIME_OWN = 2 };

void span_init(struct span *span)
{
	for (int i = 0; i < 2; i++)
		span->axis[i] = (struct span_axis){.min = NAN, .max = NAN, .first = NAN, .last = NAN};
}

static void add(struct span_axis *to, const struct span_axis *more)
{
	if (!more->count)
		return;
	if (!to->count || more->low < to->low)
		to->low = more->low;
	if (!to->count || more->high > to->high)
		to->high = more->high;
	to->count += more->count;
	to->nan_count += more->nan_count;
	if (isnan(more->min))
		return;
	if (isnan(to->min) || more->min < to->min)
		to->min = more->min;
	if (isnan(to->max) || more->max > to->max)
		to->max = more->max;
	if (isnan(to->first) || (double)more->first_at < (double)to->first_at) {
		to->first = more->first;
		to->first_at = more->first_at;
	}
	if (isnan(to->last) || (double)more->last_at >= (double)to->last_at) {
		to->last = more->last;
		to->last_at = more->last_at;
	}
}

void span_add_points(struct span *span, const struct point *points, size_t count)
{
	for (const struct point *p = points; p < points + count; p++) {
		const int64_t places[2] = {[AXIS_STEP] = p->step, [AXIS_TIME] = p->time};

		for (int i = 0; i < 2; i++)
			if (i == AXIS_STEP || p->time)
				add(&span->axis[i], &(struct span_axis){1, isnan(p->value), places[i], places[i], p->value,
				                                        p->value, p->value, p->value, places[i], places[i]});
	}
}

void span_add(struct span *span, const struct span *more)
{
	for (int i = 0; i < 2; i++)
		add(&span->axis[i], &more->axis[i]);
}

/* ---- packed ---- */

static bool has_values(const struct span_axis *a)
{
	return a->nan_count < a->count;
}

static bool same_values(const struct span_axis *a, const struct span_axis *b)
{
	return a->count == b->count && a->nan_count == b->nan_count && bits_of(a->min) == bits_of(b->min) &&
	       bits_of(a->max) == bits_of(b->max) && bits_of(a->first) == bits_of(b->first) &&
	       bits_of(a->last) == bits_of(b->last);
}

static void put_values(struct str *out, const struct span_axis *a)
{
	put_varint(out, (uint64_t)a->count);
	put_varint(out, (uint64_t)a->nan_count);
	if (!has_values(a))
		return;
	put_bits(out, bits_of(a->min));
	put_bits(out, bits_of(a->max));
	put_bits(out, bits_of(a->first));
	put_bits(out, bits_of(a->last));
}

static void put_places(struct str *out, const struct span_axis *a, uint64_t *before)
{
	put_varint(out, zigzag((uint64_t)a->low - *before));
	put_varint(out, (uint64_t)a->high - (uint64_t)a->low);
	if (has_values(a)) {
		put_varint(out, (uint64_t)a->first_at - (uint64_t)a->low);
		put_varint(out, (uint64_t)a->high - (uint64_t)a->last_at);
	}
	*before = (uint64_t)a->high;
}

void span_pack(const struct span parts[SPAN_PARTS], struct str *out)
{
	uint64_t step = 0, time = 0;

	str_addc(out, FORMAT);
	for (const struct span *p = parts; p < parts + SPAN_PARTS; p++) {
		const struct span_axis *steps = &p->axis[AXIS_STEP], *times = &p->axis[AXIS_TIME];
		char way = (char)(!times->count ? TIME_NONE : same_values(steps, times) ? TIME_SAME : TIME_OWN);

		put_values(out, steps);
		put_places(out, steps, &step);
		str_addc(out, way);
		if (way == TIME_OWN)
			put_values(out, times);
		if (way != TIME_NONE)
			put_places(out, times, &time);
	}
}

static void get_values(struct reader *r, struct span_axis *a)
{
	a->count = (int64_t)get_varint(r);
	a->nan_count = (int64_t)get_varint(r);
	if (a->count < 1 || a->count > (int64_t)1 << 40 || a->nan_count < 0 || a->nan_count > a->count)
		r->bad = true;
	a->min = a->max = a->first = a->last = NAN;
	if (r->bad || !has_values(a))
		return;
	a->min = from_bits(get_bits(r));
	a->max = from_bits(get_bits(r));
	a->first = from_bits(get_bits(r));
	a->last = from_bits(get_bits(r));
}

static void get_places(struct reader *r, struct span_axis *a, uint64_t *before)
{
	uint64_t low = *before + unzigzag(get_varint(r)), high = low + get_varint(r);

	a->low = (int64_t)low;
	a->high = (int64_t)high;
	if (a->low > a->high)
		r->bad = true;
	if (!r->bad && has_values(a)) {
		a->first_at = (int64_t)(low + get_varint(r));
		a->last_at = (int64_t)(high - get_varint(r));
	}
	*before = high;
}

int span_unpack(const void *bytes, size_t len, int level, struct span parts[SPAN_PARTS])
{
	struct reader r = {bytes, (const unsigned char *)bytes + len, false};
	int64_t points = (int64_t)BLOCK_POINTS << SPAN_BITS * (level - 1);
	uint64_t step = 0, time = 0;

	if (get_byte(&r) != FORMAT)
		return -1;
	for (struct span *p = parts; p < parts + SPAN_PARTS && !r.bad; p++) {
		struct span_axis *steps = &p->axis[AXIS_STEP], *times = &p->axis[AXIS_TIME];
		unsigned way;

		span_init(p);
		get_values(&r, steps);
		get_places(&r, steps, &step);
		way = get_byte(&r);
		if (way == TIME_SAME)
			*times = *steps;
		else if (way == TIME_OWN)
			get_values(&r, times);
		if (way > TIME_OWN || steps->count != points || times->count > points)
			return -1;
		if (way != TIME_NONE)
			get_places(&r, times, &time);
	}
	return r.bad || r.at != r.end ? -1 : 0;
}
