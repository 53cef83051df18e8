/* Exact sums of powers: values as whole numbers times a power of ten or two, summed by that power. */
#include <math.h>

#include "sums.h"

enum { LANES = 4 };
typedef double lanes __attribute__((vector_size(32)));
typedef int64_t lanes_int __attribute__((vector_size(32)));

static const double ten[PLACES_MAX + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                           1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                           1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* ---- a value as a whole number and a unit ---- */

/* The most places with which a decimal stays below 2e15 anywhere in this power of two (floor of a logarithm):
 * every decimal of 15 digits is among those, and all of them are told apart. Below 0 there are none. */
static int places_most(int exponent)
{
	int most = 15 + ((1023 - exponent) * 19728 >> 16);
	return most < PLACES_MAX ? most : PLACES_MAX;
}

/* Whether a >= 0 is a decimal of so many places (at most those above): then as a whole number. */
static bool is_decimal(double a, int places, uint64_t *whole)
{
	double m = (a * ten[places] + TO_WHOLE) - TO_WHOLE;
	*whole = (uint64_t)m;
	/* Both are exact, so that this is the double that the decimal reads as. */
	return m / ten[places] == a;
}

/* *places is how many were enough so far; it grows. False: it is no such decimal. */
static bool decimal_parts(double x, int *places, struct parts *out)
{
	uint64_t bits, whole;
	memcpy(&bits, &x, sizeof bits);
	int most = places_most((int)(bits >> 52 & 2047)), enough = *places;
	double a = fabs(x);
	if (enough > most || !is_decimal(a, enough, &whole)) {
		if (most < 0 || most == enough || !is_decimal(a, most, &whole))
			return false;
		for (enough = most; enough > *places && whole % 10 == 0; enough--)
			whole /= 10;
		*places = enough > *places ? enough : *places;
	}
	*out = (struct parts){whole, (bits & KEY_NEGATIVE) | KEY_ONE | (uint64_t)enough};
	return true;
}

static struct parts double_parts(double x)
{
	uint64_t bits;
	memcpy(&bits, &x, sizeof bits);
	uint64_t exponent = bits >> 52 & 2047, mantissa = bits & ((UINT64_C(1) << 52) - 1);
	if (exponent)
		mantissa |= UINT64_C(1) << 52;
	else
		exponent = 1;
	return (struct parts){mantissa, (bits & KEY_NEGATIVE) | (exponent + KEY_BIAS - 1075) << KEY_BINARY};
}

/* ---- adding ---- */

static void no_decimals(struct stats_sums *s)
{
	s->are_decimals = false;
	sums_drop(&s->by_decimal);
}

/* Decimals of several units, one by one. */
static void add_decimals(struct stats_sums *s, const double *x, size_t n)
{
	struct parts one;
	for (size_t i = 0; s->are_decimals && i < n; i++) {
		if (decimal_parts(x[i], &s->places, &one))
			sums_add_one(&s->by_decimal, s->taken + i > 0, &one);
		else
			no_decimals(s);
	}
}

static void add_doubles(struct sums_view *v, bool any, const double *x, size_t n)
{
	struct block b;
	uint64_t bits, low = ID_NEGATIVE, high = 0;
	const uint64_t fraction = (UINT64_C(1) << 52) - 1;
	for (size_t i = 0; i < n; i++) {
		memcpy(&bits, &x[i], sizeof bits);
		uint64_t exponent = bits >> 52 & (ID_NEGATIVE - 1), mantissa = bits & fraction;
		mantissa |= exponent ? fraction + 1 : 0;
		exponent += !exponent;
		b.mantissa[i] = mantissa;
		b.id[i] = (uint16_t)(bits >> 63 << 11 | exponent);
		low = mantissa && exponent < low ? exponent : low;
		high = mantissa && exponent > high ? exponent : high;
	}
	if (!high)
		low = high = 1;
	/* 0 has any exponent. */
	for (size_t i = 0; i < n; i++)
		b.id[i] = b.mantissa[i] ? b.id[i] : (uint16_t)high;
	b.n = n;
	b.lowest = (int)low;
	b.highest = (int)high;
	b.unit = (uint64_t)(KEY_BIAS - 1075) << KEY_BINARY;
	sums_add_block(v, any, &b);
}

/* The whole numbers that x are with so many places, if all are such decimals. */
TWO_WIDTHS static bool all_wholes(const double *x, size_t n, double largest, int places, double *whole)
{
	double by = ten[places];
	lanes_int wrong = {0};
	size_t i = 0;
	uint64_t bits;
	memcpy(&bits, &largest, sizeof bits);
	if (places > places_most((int)(bits >> 52)))
		return false;
	for (; i + LANES <= n; i += LANES) {
		lanes v, m;
		memcpy(&v, x + i, sizeof v);
		m = (v * by + TO_WHOLE) - TO_WHOLE;
		wrong |= places ? m / by != v : m != v;
		memcpy(whole + i, &m, sizeof m);
	}
	bool right = !(wrong[0] | wrong[1] | wrong[2] | wrong[3]);
	for (; i < n; i++) {
		whole[i] = (x[i] * by + TO_WHOLE) - TO_WHOLE;
		right &= whole[i] / by == x[i];
	}
	return right;
}

static void add_large(struct sums_view *v, bool any, const double *whole, size_t n, int places)
{
	struct block b;
	b.n = n;
	b.lowest = b.highest = 0;
	b.unit = KEY_ONE | (uint64_t)places;
	for (size_t i = 0; i < n; i++) {
		b.mantissa[i] = (uint64_t)fabs(whole[i]);
		b.id[i] = whole[i] < 0 ? ID_NEGATIVE : 0;
	}
	sums_add_block(v, any, &b);
}

/* The least and the greatest of n > 0 finite values. */
TWO_WIDTHS static void span_of(const double *x, size_t n, double *min, double *max)
{
	double low[LANES], high[LANES];
	size_t i = 0;
	for (int k = 0; k < LANES; k++)
		low[k] = high[k] = x[0];
	for (; i + LANES <= n; i += LANES) {
		for (int k = 0; k < LANES; k++) {
			double v = x[i + (size_t)k];
			low[k] = v < low[k] ? v : low[k];
			high[k] = v > high[k] ? v : high[k];
		}
	}
	for (; i < n; i++) {
		low[0] = x[i] < low[0] ? x[i] : low[0];
		high[0] = x[i] > high[0] ? x[i] : high[0];
	}
	*min = fmin(fmin(low[0], low[1]), fmin(low[2], low[3]));
	*max = fmax(fmax(high[0], high[1]), fmax(high[2], high[3]));
}

/* The values with what they are as whole numbers, of which none is above `most`; NULL: they are none. */
static void add_seen(struct stats_sums *s, const double *x, const double *whole, double most, size_t n)
{
	bool any = s->taken > 0, small = most < (double)(1 << SMALL_BITS);
	if (small)
		sums_add_small(&s->by_decimal, any, whole, n, s->places);
	else if (most < (double)(UINT32_C(1) << MEDIUM_BITS))
		sums_add_medium(&s->by_decimal, any, whole, n, s->places);
	else if (whole)
		add_large(&s->by_decimal, any, whole, n, s->places);
	else if (s->are_decimals)
		add_decimals(s, x, n);
	/* Small whole numbers are the same either way. */
	if (s->are_doubles && small && !s->places)
		sums_add_small(&s->by_double, any, whole, n, 0);
	else if (s->are_doubles)
		add_doubles(&s->by_double, any, x, n);
	s->rows += n;
	s->taken += n;
}

static void add_block(struct stats_sums *s, const double *x, size_t n)
{
	double whole[BLOCK], min, max;
	span_of(x, n, &min, &max);
	/* 0 however it is written, so that the order of -0 and 0 does not show. */
	s->min = min < s->min ? min + 0.0 : s->min;
	s->max = max > s->max ? max + 0.0 : s->max;
	double largest = fmax(fabs(min), fabs(max));
	bool wholes = s->are_decimals && all_wholes(x, n, largest, s->places, whole);
	add_seen(s, x, wholes ? whole : NULL, wholes ? largest * ten[s->places] : (double)INFINITY, n);
}

static void count_other(struct stats_sums *s, double x, uint64_t times)
{
	if (isnan(x))
		s->nan += times;
	else if (x > 0)
		s->pos_inf += times;
	else
		s->neg_inf += times;
}

TWO_WIDTHS static bool all_finite(const double *x, size_t n)
{
	double none[LANES] = {0}; /* what is not finite makes it a NaN */
	size_t i = 0;
	for (; i + LANES <= n; i += LANES)
		for (int k = 0; k < LANES; k++)
			none[k] += x[i + (size_t)k] - x[i + (size_t)k];
	for (; i < n; i++)
		none[0] += x[i] - x[i];
	return none[0] + none[1] + none[2] + none[3] == 0;
}

static void add_plain(struct stats_sums *s, const double *values, size_t n)
{
	double finite[BLOCK];
	for (size_t at = 0; at < n && (s->are_decimals || s->are_doubles); at += BLOCK) {
		size_t len = n - at < BLOCK ? n - at : BLOCK, kept = 0;
		const double *x = values + at;
		if (all_finite(x, len)) {
			add_block(s, x, len);
			continue;
		}
		for (size_t i = 0; i < len; i++) {
			if (isfinite(x[i]))
				finite[kept++] = x[i];
			else
				count_other(s, x[i], 1);
		}
		if (kept)
			add_block(s, finite, kept);
	}
}

/* ---- weights ---- */

size_t stats_weights_check(const double *weights, size_t n, enum stats_weights kind)
{
	for (size_t i = 0; i < n; i++) {
		double w = weights[i];
		if (!(w >= 0 && w <= 1e15) || (kind == STATS_FREQUENCY && w != floor(w)))
			return i;
	}
	return n;
}

static void add_weighted(struct stats_sums *s, double x, double weight)
{
	uint64_t times = s->kind == STATS_FREQUENCY ? (uint64_t)weight : 1;
	struct parts one, w = s->kind == STATS_FREQUENCY ? (struct parts){times, KEY_ONE} : double_parts(weight);
	if (!(weight > 0))
		return;
	if (!isfinite(x)) {
		count_other(s, x, times);
		return;
	}
	s->min = x < s->min ? x + 0.0 : s->min;
	s->max = x > s->max ? x + 0.0 : s->max;
	if (s->are_decimals && decimal_parts(x, &s->places, &one))
		sums_add_weight(&s->by_decimal, s->taken > 0, &one, &w, times);
	else if (s->are_decimals)
		no_decimals(s);
	one = double_parts(x);
	if (s->are_doubles)
		sums_add_weight(&s->by_double, s->taken > 0, &one, &w, times);
	s->rows += times;
	s->taken++;
}

/* ---- what others call ---- */

struct stats_sums *stats_sums_new(enum stats_weights kind)
{
	struct stats_sums *s = xcalloc(1, sizeof *s);
	s->kind = kind;
	s->min = INFINITY;
	s->max = -INFINITY;
	s->are_decimals = s->are_doubles = true;
	return s;
}

enum stats_weights stats_sums_kind(const struct stats_sums *s)
{
	return s->kind;
}

void stats_sums_free(struct stats_sums *s)
{
	if (!s)
		return;
	sums_drop(&s->by_decimal);
	sums_drop(&s->by_double);
	free(s);
}

void stats_sums_add(struct stats_sums *s, const double *values, const double *weights, size_t n)
{
	if ((s->kind == STATS_ONE_EACH) != !weights)
		bug("stats_sums_add: weights of another kind");
	if (!weights)
		add_plain(s, values, n);
	for (size_t i = 0; weights && i < n; i++)
		add_weighted(s, values[i], weights[i]);
}

/* As doubles, and the least and the greatest. */
TWO_WIDTHS static void widen(const int32_t *from, size_t n, double *to, int32_t *min, int32_t *max)
{
	int32_t low = from[0], high = from[0];
	for (size_t i = 0; i < n; i++) {
		to[i] = from[i];
		low = from[i] < low ? from[i] : low;
		high = from[i] > high ? from[i] : high;
	}
	*min = low;
	*max = high;
}

void stats_sums_add_decimals(struct stats_sums *s, const int32_t *whole, size_t n, int places)
{
	double whole_doubles[BLOCK], x[BLOCK];
	if (s->kind != STATS_ONE_EACH || places < 0 || places > 9)
		bug("stats_sums_add_decimals: weights, or %d places", places);
	for (size_t at = 0; at < n; at += BLOCK) {
		size_t len = n - at < BLOCK ? n - at : BLOCK;
		int32_t min, max;
		widen(whole + at, len, whole_doubles, &min, &max);
		for (size_t i = 0; s->are_doubles && i < len; i++)
			x[i] = whole_doubles[i] / ten[places];
		if (!s->are_decimals || places < s->places) {
			for (size_t i = 0; !s->are_doubles && i < len; i++)
				x[i] = whole_doubles[i] / ten[places];
			add_block(s, x, len);
			continue;
		}
		s->places = places;
		double low = min / ten[places], high = max / ten[places];
		s->min = low < s->min ? low : s->min;
		s->max = high > s->max ? high : s->max;
		add_seen(s, x, whole_doubles, fmax(fabs((double)min), fabs((double)max)), len);
	}
}

void stats_sums_merge(struct stats_sums *to, const struct stats_sums *next)
{
	if (to->kind != next->kind)
		bug("stats_sums_merge: sums of two kinds");
	if (to->are_decimals && !next->are_decimals)
		no_decimals(to);
	if (next->taken && to->are_decimals)
		sums_merge_view(&to->by_decimal, to->taken > 0, &next->by_decimal);
	if (next->taken && to->are_doubles)
		sums_merge_view(&to->by_double, to->taken > 0, &next->by_double);
	to->min = next->min < to->min ? next->min : to->min;
	to->max = next->max > to->max ? next->max : to->max;
	to->taken += next->taken;
	to->rows += next->rows;
	to->nan += next->nan;
	to->pos_inf += next->pos_inf;
	to->neg_inf += next->neg_inf;
	to->places = to->places > next->places ? to->places : next->places;
}

struct stats_sums *sums_of(const double *values, size_t n)
{
	struct stats_sums *s = stats_sums_new(STATS_ONE_EACH);
	s->are_doubles = false;
	add_plain(s, values, n);
	if (!s->are_decimals) {
		stats_sums_free(s);
		s = stats_sums_new(STATS_ONE_EACH);
		s->are_decimals = false;
		add_plain(s, values, n);
	}
	return s;
}

struct stats_sums *sums_of_decimals(const int32_t *whole, size_t n, int places)
{
	struct stats_sums *s = stats_sums_new(STATS_ONE_EACH);
	s->are_doubles = false;
	stats_sums_add_decimals(s, whole, n, places);
	return s;
}
