/*
 * Decimals as they are written, read in whole words. Here and not in decimal.c because one is read for nearly
 * every cell of a file: what is found stays in registers.
 */
#ifndef ASSAY_DATA_DECIMAL_H
#define ASSAY_DATA_DECIMAL_H

#include <string.h>

#include "internal.h"

/* [+-]digits with or without a point, up to so many bytes after the sign and 2^53 without the point. */
enum { DECIMAL_BYTES = 16 };
struct decimal {
	uint64_t mantissa;
	int decimals; /* digits behind the point */
	bool negative;
	bool whole;    /* no point */
	bool zero_led; /* a whole number with a zero before other digits */
};
/* False: it is not of this form (it may be a number all the same: see cell_number). len > 0, and FIELD_SLACK bytes
 * behind it can be read. */
static inline bool decimal_parse(const char *bytes, size_t len, struct decimal *d);
/* The mantissa of one with up to eight digits, of which `decimals`, 1 to DECIMALS_ALIKE, stand behind its point: as
 * many as in the cells above it, so that nothing need be searched. False: it is another, or -0. */
enum { DECIMALS_ALIKE = 7 };
static inline bool decimal_parse_alike(const char *bytes, size_t len, int decimals, int32_t *mantissa);
double decimal_value(const struct decimal *d); /* the nearest double */

/* Packed decimals: mantissa / 10^decimals. */
#define PACKED_MISSING INT32_MIN
bool packed_from(const struct decimal *d, int decimals,
                 int32_t *mantissa); /* false: does not fit, or is -0 */
bool packed_rescale(int32_t *mantissas, size_t n,
                    int by);                         /* times 10^by; false and unchanged: one does not fit */
double packed_value(int32_t mantissa, int decimals); /* NaN if missing */
void packed_values(const int32_t *mantissas, size_t n, int decimals, double *out);

#if defined(__SIZEOF_INT128__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

__extension__ typedef unsigned __int128 wide;

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The place of the first point in eight bytes, times eight; 64 and more: none. */
static inline int point_bit(uint64_t word)
{
	uint64_t other = word ^ EACH('.'), zero = (other - EACH(1)) & ~other & EACH(0x80);

	return zero ? __builtin_ctzll(zero) & ~7 : 64;
}

/* Eight bytes, each a digit's value. */
static inline bool are_digits(uint64_t word)
{
	return !(((word + EACH(0x76)) | word) & EACH(0x80));
}

/* The number that eight digits make, the first in the lowest byte: pairs, then fours, then all. */
static inline uint64_t number_of(uint64_t word)
{
	word = word * 10 + (word >> 8);
	return ((word & UINT64_C(0x000000FF000000FF)) * (100 + (UINT64_C(1000000) << 32)) +
	        (word >> 16 & UINT64_C(0x000000FF000000FF)) * (1 + (UINT64_C(10000) << 32))) >>
	       32;
}

/* Fewer than eight bytes. */
static inline __attribute__((always_inline)) bool parse_short(const char *p, int len, struct decimal *d)
{
	uint64_t word;
	int point, digits = len;

	memcpy(&word, p, sizeof(word));
	point = point_bit(word);
	word ^= EACH('0');
	d->whole = point >= 8 * len;
	d->decimals = 0;
	if (!d->whole) {
		uint64_t before = (UINT64_C(1) << point) - 1;

		word = (word & before) | (word >> 8 & ~before);
		d->decimals = len - point / 8 - 1;
		digits--;
	}
	if (digits <= 0)
		return false;
	word <<= 64 - 8 * digits;
	d->mantissa = number_of(word);
	return are_digits(word);
}

/* Eight to sixteen bytes. */
static inline __attribute__((always_inline)) bool parse_long(const char *p, int len, struct decimal *d)
{
	uint64_t low, high;
	int point, digits = len;
	wide word;

	memcpy(&low, p, sizeof(low));
	memcpy(&high, p + sizeof(low), sizeof(high));
	point = point_bit(low);
	if (point == 64)
		point += point_bit(high);
	word = (wide)(high ^ EACH('0')) << 64 | (low ^ EACH('0'));
	d->whole = point >= 8 * len;
	d->decimals = 0;
	if (!d->whole) {
		wide before = ((wide)1 << point) - 1;

		word = (word & before) | (word >> 8 & ~before);
		d->decimals = len - point / 8 - 1;
		digits--;
	}
	word <<= 128 - 8 * digits;
	low = (uint64_t)word;
	high = (uint64_t)(word >> 64);
	d->mantissa = number_of(low) * 100000000 + number_of(high);
	return are_digits(low) && are_digits(high);
}

static inline __attribute__((always_inline)) bool decimal_parse(const char *p, size_t len, struct decimal *d)
{
	size_t sign = *p == '-' || *p == '+';

	d->negative = *p == '-';
	p += sign;
	len -= sign;
	if (len - 1 >= DECIMAL_BYTES)
		return false;
	if (!(len < 8 ? parse_short(p, (int)len, d) : parse_long(p, (int)len, d)))
		return false;
	d->zero_led = d->whole && len > 1 && *p == '0';
	return d->mantissa <= UINT64_C(1) << 53;
}

static inline bool decimal_parse_alike(const char *p, size_t len, int decimals, int32_t *mantissa)
{
	const bool negative = *p == '-';
	const size_t behind = (size_t)decimals, digits = len - negative - 1 - behind;
	uint64_t word, after;

	p += negative;
	if (digits - 1 >= 8 - behind || p[digits] != '.')
		return false;
	memcpy(&word, p, sizeof(word));
	memcpy(&after, p + digits + 1, sizeof(after));
	/* The digits to the end of the word, in which the first byte is the lowest, and zeros before them. */
	word = (word ^ EACH('0')) << (64 - 8 * digits) >> 8 * behind;
	word |= (after ^ EACH('0')) << (64 - 8 * behind);
	if (!are_digits(word) || (negative && word == 0))
		return false;
	*mantissa = negative ? -(int32_t)number_of(word) : (int32_t)number_of(word);
	return true;
}

#else

static inline bool decimal_parse_alike(const char *p, size_t len, int decimals, int32_t *mantissa)
{
	(void)p;
	(void)len;
	(void)decimals;
	(void)mantissa;
	return false;
}

static inline __attribute__((always_inline)) bool decimal_parse(const char *p, size_t len, struct decimal *d)
{
	const char *end = p + len, *point = NULL, *digits;

	d->negative = *p == '-';
	p += *p == '-' || *p == '+';
	digits = p;
	if (p == end || end - p > DECIMAL_BYTES)
		return false;
	for (d->mantissa = 0; p < end && ((unsigned)(*p - '0') < 10 || (*p == '.' && !point)); p++) {
		if (*p == '.')
			point = p;
		else
			d->mantissa = d->mantissa * 10 + (uint64_t)(*p - '0');
	}
	d->whole = !point;
	d->zero_led = d->whole && *digits == '0' && end - digits > 1;
	d->decimals = point ? (int)(end - point) - 1 : 0;
	return p == end && end - digits > (point ? 1 : 0) && d->mantissa <= UINT64_C(1) << 53;
}

#endif

#endif
