/*
 * Packed blocks of points. Part of the format of the store: what is written here is read for ever.
 *
 *   block    1 (format), codec (0 plain, 1 zstd), count, and for zstd the length of the columns
 *   columns  steps, times, values
 *   steps, times   0, first, difference, differences of the differences …
 *                  1, first, difference                        (they are all the same)
 *   values   0, eight planes: byte 0 of each value XOR the one before it, byte 1 …
 *            1, digits k, whole numbers n = value * 10^k as first and differences   (n / 10^k is the value)
 *            2, one value                                      (they are all the same)
 *
 * Whole numbers are varints (seven bits a byte, low ones first), signed ones zigzag; differences are modulo
 * 2^64. Doubles are eight bytes, low ones first.
 *
 * Training logs print a few decimals, and these pack to two bytes a value; full doubles take about seven, as
 * only sign, exponent and the top of the mantissa repeat. Steps and times are next to nothing.
 */
#include <math.h>
#include <stdlib.h>
#include <zstd.h>

#include "internal.h"
#include "varint.h"

enum { FORMAT = 1, PLAIN = 0, SQUEEZED = 1, LEVEL = 1, POINTS_MAX = 1 << 20, DIGITS_MAX = 9 };
enum { WHOLE_DIFFERENCES = 0, WHOLE_EVEN = 1 };
enum { VALUE_PLANES = 0, VALUE_DECIMAL = 1, VALUE_SAME = 2 };

struct block_coder {
	ZSTD_CCtx *pack;
	ZSTD_DCtx *unpack;
	struct str columns, squeezed;
	int64_t *whole;
	size_t whole_cap;
};

static struct block_coder *coder(struct block_coder **c)
{
	if (!*c) {
		*c = xcalloc(1, sizeof(**c));
		str_init(&(*c)->columns);
		str_init(&(*c)->squeezed);
	}
	return *c;
}

void block_coder_free(struct block_coder *c)
{
	if (!c)
		return;
	ZSTD_freeCCtx(c->pack);
	ZSTD_freeDCtx(c->unpack);
	str_release(&c->columns);
	str_release(&c->squeezed);
	free(c->whole);
	free(c);
}

/* ---- writing ---- */

static uint64_t whole_at(const struct point *p, bool time)
{
	return (uint64_t)(time ? p->time : p->step);
}

static void put_whole(struct str *out, const struct point *points, size_t count, bool time)
{
	uint64_t before = whole_at(points, time),
	         difference = count > 1 ? whole_at(points + 1, time) - before : 0;
	bool even = true;

	for (size_t i = 2; even && i < count; i++)
		even = whole_at(points + i, time) - whole_at(points + i - 1, time) == difference;
	str_addc(out, even ? WHOLE_EVEN : WHOLE_DIFFERENCES);
	put_varint(out, zigzag(before));
	put_varint(out, zigzag(difference));
	if (even)
		return;
	before += difference;
	for (size_t i = 2; i < count; i++) {
		uint64_t now = whole_at(points + i, time);

		put_varint(out, zigzag(now - before - difference));
		difference = now - before;
		before = now;
	}
}

static const double tens[DIGITS_MAX + 1] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

/* The whole number n with n / 10^digits equal to value in every bit, if there is one below 2^53. */
static bool as_decimal(double value, int digits, int64_t *n)
{
	double scaled = value * tens[digits];

	if (!(fabs(scaled) < 9007199254740992.0))
		return false;
	*n = (int64_t)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
	return bits_of((double)*n / tens[digits]) == bits_of(value);
}

/* Writes the values as decimals if they are, and if that is short. */
static bool put_decimal(struct block_coder *c, struct str *out, const struct point *points, size_t count)
{
	size_t start = out->len;
	int digits = 0;
	uint64_t before = 0;

	for (size_t i = 0; i < count; i++) {
		int64_t n;

		while (!as_decimal(points[i].value, digits, &n))
			if (++digits > DIGITS_MAX)
				return false;
	}
	c->whole = vec_reserve(c->whole, &c->whole_cap, count, sizeof(*c->whole));
	for (size_t i = 0; i < count; i++)
		if (!as_decimal(points[i].value, digits, &c->whole[i]))
			return false;
	str_addc(out, VALUE_DECIMAL);
	str_addc(out, (char)digits);
	for (size_t i = 0; i < count; i++) {
		put_varint(out, zigzag((uint64_t)c->whole[i] - before));
		before = (uint64_t)c->whole[i];
	}
	if (out->len - start <= 2 + 6 * count)
		return true;
	str_cut(out, start);
	return false;
}

static void put_values(struct block_coder *c, struct str *out, const struct point *points, size_t count)
{
	uint64_t first = bits_of(points[0].value), before = 0;
	bool same = true;
	char *planes;

	for (size_t i = 1; same && i < count; i++)
		same = bits_of(points[i].value) == first;
	if (same) {
		str_addc(out, VALUE_SAME);
		put_bits(out, first);
		return;
	}
	if (put_decimal(c, out, points, count))
		return;
	str_addc(out, VALUE_PLANES);
	out->data = vec_reserve(out->data, &out->cap, size_add(out->len, size_add(size_mul(count, 8), 1)), 1);
	planes = out->data + out->len;
	for (size_t i = 0; i < count; i++) {
		uint64_t now = bits_of(points[i].value), change = now ^ before;

		before = now;
		for (size_t plane = 0; plane < 8; plane++)
			planes[plane * count + i] = (char)(change >> 8 * plane);
	}
	out->len += 8 * count;
	out->data[out->len] = '\0';
}

static void put_head(struct str *out, int codec, size_t count)
{
	str_addc(out, FORMAT);
	str_addc(out, (char)codec);
	put_varint(out, count);
}

void block_pack(struct block_coder **holder, const struct point *points, size_t count, bool squeeze,
                struct str *out)
{
	struct block_coder *c = coder(holder);
	struct str *columns = &c->columns;

	if (!count || count > POINTS_MAX)
		bug("block_pack: %zu points", count);
	str_clear(columns);
	put_whole(columns, points, count, false);
	put_whole(columns, points, count, true);
	put_values(c, columns, points, count);
	if (squeeze) {
		size_t bound = ZSTD_compressBound(columns->len), len;
		struct str *squeezed = &c->squeezed;

		if (!c->pack && !(c->pack = ZSTD_createCCtx()))
			bug("out of memory for zstd");
		str_clear(squeezed);
		squeezed->data = squeezed->cap ? squeezed->data : NULL;
		squeezed->data = vec_reserve(squeezed->data, &squeezed->cap, bound, 1);
		len = ZSTD_compressCCtx(c->pack, squeezed->data, bound, columns->data, columns->len, LEVEL);
		/* A block that hardly shrinks is read faster as it is. */
		if (!ZSTD_isError(len) && len < columns->len - columns->len / 20) {
			put_head(out, SQUEEZED, count);
			put_varint(out, columns->len);
			str_add(out, squeezed->data, len);
			return;
		}
	}
	put_head(out, PLAIN, count);
	str_add(out, columns->data, columns->len);
}

/* ---- reading ---- */

static void get_whole(struct reader *r, struct point *points, size_t count, bool time)
{
	unsigned way = get_byte(r);
	uint64_t now = unzigzag(get_varint(r)), difference = unzigzag(get_varint(r));

	if (way != WHOLE_EVEN && way != WHOLE_DIFFERENCES)
		r->bad = true;
	for (size_t i = 0; i < count && !r->bad; i++) {
		if (time)
			points[i].time = (int64_t)now;
		else
			points[i].step = (int64_t)now;
		if (i && i + 1 < count && way == WHOLE_DIFFERENCES)
			difference += unzigzag(get_varint(r));
		now += difference;
	}
}

static void get_values(struct reader *r, struct point *points, size_t count)
{
	unsigned way = get_byte(r), digits;
	uint64_t now = 0;

	switch (way) {
	case VALUE_SAME:
		now = get_bits(r);
		for (size_t i = 0; i < count; i++)
			points[i].value = from_bits(now);
		break;
	case VALUE_DECIMAL:
		digits = get_byte(r);
		if (digits > DIGITS_MAX) {
			r->bad = true;
			break;
		}
		for (size_t i = 0; i < count; i++) {
			now += unzigzag(get_varint(r));
			points[i].value = (double)(int64_t)now / tens[digits];
		}
		break;
	case VALUE_PLANES:
		if ((size_t)(r->end - r->at) < 8 * count) {
			r->bad = true;
			break;
		}
		for (size_t i = 0; i < count; i++) {
			uint64_t change = 0;

			for (size_t plane = 0; plane < 8; plane++)
				change |= (uint64_t)r->at[plane * count + i] << 8 * plane;
			now ^= change;
			points[i].value = from_bits(now);
		}
		r->at += 8 * count;
		break;
	default:
		r->bad = true;
	}
}

static int64_t get_head(struct reader *r, unsigned *codec)
{
	unsigned format = get_byte(r);
	uint64_t count;

	*codec = get_byte(r);
	count = get_varint(r);
	if (r->bad || format != FORMAT || *codec > SQUEEZED || !count || count > POINTS_MAX)
		return -1;
	return (int64_t)count;
}

int64_t block_unpack(struct block_coder **holder, const void *bytes, size_t len, struct point *out,
                     size_t room)
{
	struct reader r = {bytes, (const unsigned char *)bytes + len, false};
	unsigned codec;
	int64_t count = get_head(&r, &codec);

	if (count < 0 || (uint64_t)count > room)
		return -1;
	if (codec == SQUEEZED) {
		struct block_coder *c = coder(holder);
		struct str *columns = &c->columns;
		uint64_t long_as = get_varint(&r);
		size_t rest = (size_t)(r.end - r.at);

		/* No column takes more: ten bytes a varint, eight a value. */
		if (r.bad || long_as > 64 + 28 * (uint64_t)count || ZSTD_findFrameCompressedSize(r.at, rest) != rest)
			return -1;
		if (!c->unpack && !(c->unpack = ZSTD_createDCtx()))
			bug("out of memory for zstd");
		columns->data = columns->cap ? columns->data : NULL;
		columns->data = vec_reserve(columns->data, &columns->cap, (size_t)long_as + 1, 1);
		if (ZSTD_decompressDCtx(c->unpack, columns->data, (size_t)long_as, r.at, rest) != long_as)
			return -1;
		r = (struct reader){(unsigned char *)columns->data, (unsigned char *)columns->data + long_as, false};
	}
	get_whole(&r, out, (size_t)count, false);
	get_whole(&r, out, (size_t)count, true);
	get_values(&r, out, (size_t)count);
	return r.bad || r.at != r.end ? -1 : count;
}
