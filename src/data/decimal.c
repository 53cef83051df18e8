/*
 * Decimals as they are written: a whole number over a power of ten. Columns of them are kept as 32-bit mantissas
 * with one number of decimals for all, as long as every cell fits; the division gives the nearest double, which is
 * what reading the text would give.
 */
#include <math.h>
#include <string.h>

#include "decimal.h"

/* A whole number below 2^53 over one of these is rounded once, and so the nearest double. */
static const double ten[] = {1e0, 1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7, 1e8,
                             1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16};
static const int32_t whole_ten[] = {1,      10,      100,      1000,      10000,
                                    100000, 1000000, 10000000, 100000000, 1000000000};

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

TWO_WIDTHS void packed_values(const int32_t *mantissas, size_t n, int decimals, double *out)
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
