/* Inside stats: whole numbers of any size that sums of powers need, and their exact quotients. */
#ifndef STATS_BIG_H
#define STATS_BIG_H

#include "assay/base.h"

__extension__ typedef unsigned __int128 wide;
__extension__ typedef __int128 wide_signed;

/* The fourth powers of doubles span 8,700 bits; with three counts before them they stay below 9,100. */
enum { BIG_LIMBS = 160 };

struct big {
	bool negative; /* false for 0 */
	int len;       /* limbs in use, the last one not 0; 0 is 0 */
	uint64_t limb[BIG_LIMBS];
};

void big_set(struct big *a, uint64_t value);
void big_from(struct big *a, const uint64_t *limbs, int count, bool negative);
void big_add(struct big *a, const struct big *b);                            /* a += b */
void big_subtract(struct big *a, const struct big *b);                       /* a -= b */
void big_multiply(struct big *to, const struct big *a, const struct big *b); /* `to` is neither of them */
void big_scale(struct big *a, uint64_t by);
void big_ten(struct big *a, int power);  /* a *= 10^power */
void big_shift(struct big *a, int bits); /* a *= 2^bits */
/* a/b to the nearest double, as a mantissa in [0.5, 1) with the sign (or 0) and a power of two; b is not 0. */
double big_quotient(const struct big *a, const struct big *b, int *exponent);

#endif
