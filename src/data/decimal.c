/*
 * Decimals as they are written: a whole number over a power of ten. Columns of them are kept as 32-bit mantissas
 * with one number of decimals for all, as long as every cell fits; the division gives the nearest double, which is
 * what reading the text would give.
 */
#include <math.h>
#include <string.h>

#include "internal.h"

/* A whole number below 2^53 over one of these is rounded once, and so the nearest double. */
static const double ten[] = {1e0, 1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7, 1e8,
                             1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16};
static const int32_t whole_ten[] = {1,      10,      100,      1000,      10000,
                                    100000, 1000000, 10000000, 100000000, 1000000000};

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
static inline bool parse_short(const char *p, int len, struct decimal *d)
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
static inline bool parse_long(const char *p, int len, struct decimal *d)
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

bool decimal_parse(const char *p, size_t len, struct decimal *d)
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

#else

bool decimal_parse(const char *p, size_t len, struct decimal *d)
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

double decimal_value(const struct decimal *d)
{
	double v = (double)d->mantissa / ten[d->decimals];

	return d->negative ? -v : v;
}

/* ---- packed ---- */

bool packed_from(const struct decimal *d, int decimals, int32_t *mantissa)
{
	int more = decimals - d->decimals;
	uint64_t m = d->mantissa;

	if (more < 0 || (d->negative && m == 0) || m > INT32_MAX || (more >= (int)COUNT_OF(whole_ten) && m > 0))
		return false;
	if (more > 0 && m > 0)
		m *= (uint64_t)whole_ten[more];
	if (m > INT32_MAX)
		return false;
	*mantissa = d->negative ? -(int32_t)m : (int32_t)m;
	return true;
}

bool packed_rescale(int32_t *mantissas, size_t n, int by)
{
	int32_t factor = by < (int)COUNT_OF(whole_ten) ? whole_ten[by] : 0,
	        most = factor ? INT32_MAX / factor : 0;

	for (size_t i = 0; i < n; i++)
		if (mantissas[i] != PACKED_MISSING && (mantissas[i] > most || mantissas[i] < -most))
			return false;
	for (size_t i = 0; i < n; i++)
		if (mantissas[i] != PACKED_MISSING)
			mantissas[i] *= factor;
	return true;
}

double packed_value(int32_t mantissa, int decimals)
{
	return mantissa == PACKED_MISSING ? (double)NAN : (double)mantissa / ten[decimals];
}

typedef int32_t four_ints __attribute__((vector_size(16)));
typedef int64_t four_masks __attribute__((vector_size(32)));
typedef double four_doubles __attribute__((vector_size(32)));

void packed_values(const int32_t *mantissas, size_t n, int decimals, double *out)
{
	const double unit = ten[decimals], nan = (double)NAN;
	const four_doubles missing = {nan, nan, nan, nan};
	size_t i = 0;

	for (; i + 4 <= n; i += 4) {
		four_ints m;
		four_masks none;
		four_doubles v;

		memcpy(&m, mantissas + i, sizeof(m));
		none = __builtin_convertvector(m == PACKED_MISSING, four_masks);
		v = __builtin_convertvector(m, four_doubles) / unit;
		v = (four_doubles)(((four_masks)v & ~none) | ((four_masks)missing & none));
		memcpy(out + i, &v, sizeof(v));
	}
	for (; i < n; i++)
		out[i] = packed_value(mantissas[i], decimals);
}
