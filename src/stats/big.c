/* Whole numbers of many limbs, schoolbook: columns need some twenty limbs, once. */
#include <math.h>

#include "assay/stats.h"
#include "big.h"

static void trim(struct big *a)
{
	while (a->len > 0 && !a->limb[a->len - 1])
		a->len--;
	if (!a->len)
		a->negative = false;
}

static void put(struct big *a, uint64_t limb)
{
	if (a->len == BIG_LIMBS)
		bug("big: more than %d limbs", BIG_LIMBS);
	a->limb[a->len++] = limb;
}

void big_set(struct big *a, uint64_t value)
{
	big_from(a, &value, 1, false);
}

void big_from(struct big *a, const uint64_t *limbs, int count, bool negative)
{
	a->len = count;
	a->negative = negative;
	memcpy(a->limb, limbs, (size_t)count * sizeof *limbs);
	trim(a);
}

static int compare_sizes(const struct big *a, const struct big *b)
{
	if (a->len != b->len)
		return a->len > b->len ? 1 : -1;
	for (int i = a->len - 1; i >= 0; i--)
		if (a->limb[i] != b->limb[i])
			return a->limb[i] > b->limb[i] ? 1 : -1;
	return 0;
}

static void add_size(struct big *a, const struct big *b)
{
	wide carry = 0;
	while (a->len < b->len)
		put(a, 0);
	for (int i = 0; i < a->len; i++) {
		carry += (wide)a->limb[i] + (i < b->len ? b->limb[i] : 0);
		a->limb[i] = (uint64_t)carry;
		carry >>= 64;
	}
	if (carry)
		put(a, (uint64_t)carry);
}

/* to = larger - smaller; `to` may be either. */
static void subtract_size(struct big *to, const struct big *larger, const struct big *smaller)
{
	uint64_t borrow = 0;
	int len = larger->len, less = smaller->len;
	for (int i = 0; i < len; i++) {
		uint64_t x = larger->limb[i], y = i < less ? smaller->limb[i] : 0;
		to->limb[i] = x - y - borrow;
		borrow = x < y || (x == y && borrow);
	}
	to->len = len;
	trim(to);
}

static void add_signed(struct big *a, const struct big *b, bool b_negative)
{
	if (a->negative == b_negative || !a->len) {
		add_size(a, b);
		a->negative = a->len && b_negative;
	} else if (compare_sizes(a, b) >= 0) {
		subtract_size(a, a, b);
	} else {
		a->negative = b_negative;
		subtract_size(a, b, a);
	}
}

void big_add(struct big *a, const struct big *b)
{
	add_signed(a, b, b->negative);
}

void big_subtract(struct big *a, const struct big *b)
{
	if (b->len)
		add_signed(a, b, !b->negative);
}

void big_multiply(struct big *to, const struct big *a, const struct big *b)
{
	if (a->len + b->len > BIG_LIMBS)
		bug("big: more than %d limbs", BIG_LIMBS);
	to->len = a->len + b->len;
	memset(to->limb, 0, (size_t)to->len * sizeof *to->limb);
	for (int i = 0; i < a->len; i++) {
		wide carry = 0;
		for (int j = 0; j < b->len; j++) {
			carry += (wide)a->limb[i] * b->limb[j] + to->limb[i + j];
			to->limb[i + j] = (uint64_t)carry;
			carry >>= 64;
		}
		to->limb[i + b->len] = (uint64_t)carry;
	}
	to->negative = a->negative != b->negative;
	trim(to);
}

void big_scale(struct big *a, uint64_t by)
{
	wide carry = 0;
	for (int i = 0; i < a->len; i++) {
		carry += (wide)a->limb[i] * by;
		a->limb[i] = (uint64_t)carry;
		carry >>= 64;
	}
	if (carry)
		put(a, (uint64_t)carry);
	trim(a);
}

void big_ten(struct big *a, int power)
{
	for (; power >= 19; power -= 19)
		big_scale(a, UINT64_C(10000000000000000000));
	for (; power > 0; power--)
		big_scale(a, 10);
}

void big_shift(struct big *a, int bits)
{
	int limbs = bits / 64, rest = bits % 64;
	if (!a->len || !bits)
		return;
	big_scale(a, UINT64_C(1) << rest);
	for (int i = 0; i < limbs; i++)
		put(a, 0);
	memmove(a->limb + limbs, a->limb, (size_t)(a->len - limbs) * sizeof *a->limb);
	memset(a->limb, 0, (size_t)limbs * sizeof *a->limb);
}

static int bit_length(const struct big *a)
{
	return a->len * 64 - __builtin_clzll(a->limb[a->len - 1]);
}

double big_quotient(const struct big *a, const struct big *b, int *exponent)
{
	struct big rest = *a, by = *b;
	*exponent = 0;
	if (!a->len)
		return 0;
	/* Bit by bit, of two numbers of one length, so that the first bit or the second is 1. */
	int more = bit_length(a) - bit_length(b);
	uint64_t bits = 0;
	big_shift(more > 0 ? &by : &rest, more > 0 ? more : -more);
	for (int i = 0; i < 64; i++) {
		bits <<= 1;
		if (compare_sizes(&rest, &by) >= 0) {
			subtract_size(&rest, &rest, &by);
			bits |= 1;
		}
		big_shift(&rest, 1);
	}
	/* What is left over decides a tie: it stands in the last bit, far below the rounding. */
	double value = frexp((double)(bits | (rest.len != 0)), exponent);
	*exponent += more - 63;
	return a->negative != b->negative ? -value : value;
}
