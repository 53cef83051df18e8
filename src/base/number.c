/* Numbers as text. */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "assay/base.h"

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 wide;

static const uint64_t five[] = {1u,
                                5u,
                                25u,
                                125u,
                                625u,
                                3125u,
                                15625u,
                                78125u,
                                390625u,
                                1953125u,
                                9765625u,
                                48828125u,
                                244140625u,
                                1220703125u,
                                6103515625u,
                                30517578125u,
                                152587890625u,
                                762939453125u,
                                3814697265625u,
                                19073486328125u,
                                95367431640625u,
                                476837158203125u,
                                2384185791015625u,
                                11920928955078125u,
                                59604644775390625u,
                                298023223876953125u,
                                1490116119384765625u,
                                7450580596923828125u};

/* n / 10^k, point and all, without the zeros at the end. */
static void write_decimal(bool negative, uint64_t n, int k, char out[NUM_TEXT])
{
	static const char pairs[] =
	    "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
	    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
	    "8081828384858687888990919293949596979899";
	char digits[NUM_TEXT], *end = digits + sizeof(digits), *p = end, *to = out;
	size_t whole;

	for (; k && n % 10 == 0; k--)
		n /= 10;
	for (; n; n /= 100) {
		p -= 2;
		memcpy(p, pairs + n % 100 * 2, 2);
	}
	if (p < end && *p == '0')
		p++;
	/* One digit at least before the point. */
	while (end - p < k + 1)
		*--p = '0';
	whole = (size_t)(end - p - k);
	if (negative)
		*to++ = '-';
	memcpy(to, p, whole);
	to += whole;
	if (k) {
		*to++ = '.';
		memcpy(to, p + whole, (size_t)k);
		to += k;
	}
	*to = '\0';
}

/*
 * What %.15g, %.16g and %.17g give, in whole numbers. With value = m 2^e, m below 2^53, the decimal of k
 * places that is nearest is n = round(m 5^k / 2^s), s = -(e + k); it reads back as value when what was
 * rounded away is at most half of a step of the doubles, which is 5^k / 2 in the same unit (half of that
 * below a power of two, where steps are narrower). False: out of the range where all of it fits.
 */
static bool dense_decimal(double value, char out[NUM_TEXT])
{
	static const double ten[] = {1e-4, 1e-3, 1e-2, 1e-1, 1e0,  1e1,  1e2,  1e3,  1e4, 1e5,
	                             1e6,  1e7,  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14};
	const uint64_t least = UINT64_C(1) << 52;
	double size = fabs(value);
	int e, first = -4; /* power of ten of the first digit */
	uint64_t m;

	if (!(size >= 1e-4 && size < 1e14))
		return false;
	while (size >= ten[first + 5])
		first++;
	m = (uint64_t)ldexp(frexp(size, &e), 53);
	e -= 53;
	for (int digits = 15; digits <= 17; digits++) {
		int k = digits - 1 - first, s = -(e + k);
		wide scaled = (wide)m * five[k], rest = scaled & (((wide)1 << s) - 1), half = (wide)1 << (s - 1), off;
		uint64_t n = (uint64_t)(scaled >> s);
		bool up = rest > half || (rest == half && n % 2);

		off = 2 * (up ? (half << 1) - rest : rest);
		if (!up && m == least)
			off *= 2;
		if (off < five[k] || (off == five[k] && m % 2 == 0)) {
			write_decimal(value < 0, n + up, k, out);
			return true;
		}
	}
	return false;
}

/* n / 10^k in one rounding, to the nearest double and of two to the even one; n of at least 2^53, so that the
 * quotient has two bits more than a double. */
static double divide_ten(uint64_t n, int k)
{
	wide dividend = (wide)n << 64, quotient = dividend / five[k], half;
	uint64_t high = (uint64_t)(quotient >> 64), low = (uint64_t)quotient, kept;
	int drop = (high ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll(low)) - 53;
	wide rest = quotient & (((wide)1 << drop) - 1);

	half = (wide)1 << (drop - 1);
	kept = (uint64_t)(quotient >> drop);
	if (rest > half || (rest == half && (kept % 2 || quotient * five[k] != dividend)))
		kept++;
	return ldexp((double)kept, drop - 64 - k);
}
#else
static bool dense_decimal(double value, char out[NUM_TEXT])
{
	(void)value;
	(void)out;
	return false;
}
#endif

const char *num_shortest(double value, char out[NUM_TEXT])
{
	int digits = 15;

	if (isnan(value) || isinf(value)) {
		snprintf(out, NUM_TEXT, "%s", isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
		return out;
	}
	if (dense_decimal(value, out))
		return out;
	/* A normal double with at most 15 digits comes back from %.15g with them; only subnormals,
	 * which carry fewer, need the search from one digit on. */
	if (value != 0 && fabs(value) < 2.3e-308)
		digits = 1;
	for (; digits <= 17; digits++) {
		snprintf(out, NUM_TEXT, "%.*g", digits, value);
		if (strtod(out, NULL) == value)
			break;
	}
	return out;
}

const char *num_people(double value, int digits, char out[NUM_TEXT])
{
	double size = fabs(value);
	int exponent, decimals;

	if (isnan(value)) {
		snprintf(out, NUM_TEXT, "–");
		return out;
	}
	if (isinf(value)) {
		snprintf(out, NUM_TEXT, "%s", value > 0 ? "inf" : "-inf");
		return out;
	}
	if (size < 1e9 && size == floor(size)) {
		snprintf(out, NUM_TEXT, "%.0f", value == 0 ? 0.0 : value);
		return out;
	}
	if (size < 1e-4 || size >= 1e9) {
		snprintf(out, NUM_TEXT, "%.*e", digits - 1, value);
		return out;
	}
	exponent = (int)floor(log10(size));
	decimals = digits - 1 - exponent;
	/* Rounded up to the next power of ten it has one digit more before the point: 0.99997 is 1.000. */
	if (decimals > 0 && size >= pow(10, exponent + 1) - 0.5 * pow(10, -decimals))
		decimals--;
	snprintf(out, NUM_TEXT, "%.*f", decimals > 0 ? decimals : 0, value);
	return out;
}

const char *num_value(double value, char out[NUM_TEXT])
{
	enum { LONGEST = 9, DIGITS = 6 };
	char *point, *end, *exponent;

	if (isnan(value))
		return num_people(value, DIGITS, out);
	if (strlen(num_shortest(value + 0.0, out)) <= LONGEST)
		return out;
	num_people(value, DIGITS, out);
	point = strchr(out, '.');
	if (!point)
		return out;
	exponent = strchr(point, 'e');
	for (end = exponent ? exponent : point + strlen(point); end[-1] == '0'; end--)
		;
	end -= end[-1] == '.';
	if (exponent)
		memmove(end, exponent, strlen(exponent) + 1);
	else
		*end = '\0';
	return out;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool num_parse(const char *text, size_t len, double *value)
{
	static const double ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
	                             1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
	const char *p = text, *end = text + len, *start;
	uint64_t mantissa = 0;
	int digits = 0, significant = 0, scale = 0, exponent = 0;
	bool negative = false, exact = true;
	char copy[128], *big = NULL, *stop;
	const char *number;

	while (p < end && is_blank(*p))
		p++;
	while (end > p && is_blank(end[-1]))
		end--;
	start = p;
	if (p < end && (*p == '-' || *p == '+'))
		negative = *p++ == '-';
	for (int after_point = 0; p < end; p++) {
		if (*p == '.' && !after_point) {
			after_point = 1;
			continue;
		}
		if (*p < '0' || *p > '9')
			break;
		digits++;
		if (significant || *p != '0')
			significant++;
		if (significant <= 19)
			mantissa = mantissa * 10 + (uint64_t)(*p - '0');
		else
			exact = false;
		scale -= after_point;
	}
	if (!digits)
		return false;
	if (p < end && (*p == 'e' || *p == 'E')) {
		bool down = false;
		int exponent_digits = 0;

		p++;
		if (p < end && (*p == '-' || *p == '+'))
			down = *p++ == '-';
		for (; p < end && *p >= '0' && *p <= '9'; p++, exponent_digits++)
			if (exponent < 100000)
				exponent = exponent * 10 + (*p - '0');
		if (!exponent_digits)
			return false;
		if (down)
			exponent = -exponent;
	}
	if (p != end)
		return false;
	/* Clinger's fast case: an integer below 2^53 times or by a power of ten up to 10^22 is exact in
	 * one rounding (W. D. Clinger, How to read floating point numbers accurately, 1990). */
	if (exact && mantissa <= UINT64_C(1) << 53 && scale + exponent >= -22 && scale + exponent <= 22) {
		int power = scale + exponent;
		double v = (double)mantissa;

		v = power < 0 ? v / ten[-power] : v * ten[power];
		*value = negative ? -v : v;
		return true;
	}
#ifdef __SIZEOF_INT128__
	if (exact && mantissa >= UINT64_C(1) << 53 && scale + exponent <= 0 &&
	    scale + exponent > -(int)COUNT_OF(five)) {
		double v = divide_ten(mantissa, -(scale + exponent));

		*value = negative ? -v : v;
		return true;
	}
#endif
	len = (size_t)(end - start);
	if (len < sizeof(copy)) {
		memcpy(copy, start, len);
		copy[len] = '\0';
		number = copy;
	} else {
		number = big = xmemdup0(start, len);
	}
	*value = strtod(number, &stop);
	free(big);
	return true;
}

bool int_parse(const char *text, size_t len, int64_t *value)
{
	const char *p = text, *end = text + len;
	bool negative = false;
	uint64_t n = 0, limit;

	while (p < end && is_blank(*p))
		p++;
	while (end > p && is_blank(end[-1]))
		end--;
	if (p < end && (*p == '-' || *p == '+'))
		negative = *p++ == '-';
	if (p == end)
		return false;
	limit = negative ? UINT64_C(1) << 63 : INT64_MAX;
	for (; p < end; p++) {
		if (*p < '0' || *p > '9')
			return false;
		if (__builtin_mul_overflow(n, (uint64_t)10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(*p - '0'), &n) || n > limit)
			return false;
	}
	*value = negative ? (int64_t)(0 - n) : (int64_t)n;
	return true;
}

const char *bytes_people(uint64_t bytes, char out[NUM_TEXT])
{
	static const char *const unit[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double v = (double)bytes;
	size_t u = 0;

	while (v >= 1023.95 && u + 1 < COUNT_OF(unit)) {
		v /= 1024;
		u++;
	}
	if (u == 0)
		snprintf(out, NUM_TEXT, "%" PRIu64 " B", bytes);
	else
		snprintf(out, NUM_TEXT, "%.*f %s", v < 9.995 ? 2 : v < 99.95 ? 1 : 0, v, unit[u]);
	return out;
}

const char *count_people(int64_t count, char out[NUM_TEXT])
{
	char digits[NUM_TEXT];
	const char *p = digits;
	size_t len, at = 0;

	snprintf(digits, sizeof(digits), "%" PRId64, count);
	if (*p == '-')
		out[at++] = *p++;
	len = strlen(p);
	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = p[i];
	}
	out[at] = '\0';
	return out;
}
