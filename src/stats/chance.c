/* How seldom rows in any order would put two classes so far apart: the tail of Mann and Whitney's U, bounded by its
 * generating function, which holds for two rows as for a million. */
#include <math.h>

#include "assay/stats_blocks.h"

/* The smaller class, the larger one, and in how many of their pairs the order is the other one. */
struct apart {
	double few, many, lost;
};

static double log_factorial(double n)
{
	int sign; /* not the global one: threads are here */

	return lgamma_r(n + 1, &sign);
}

/* log(1 - exp(-x)) */
static double log_rest(double x)
{
	return x < 0.7 ? log(-expm1(-x)) : log1p(-exp(-x));
}

/* log of q^-lost times the Gaussian binomial coefficient, the product of (1 - q^(many + i)) / (1 - q^i), at q = exp(-t).
 * Further on many factors are taken as the largest of them. */
static double log_sum(const struct apart *a, double t)
{
	double sum = t * a->lost;

	for (double i = 1, step; i <= a->few; i += step) {
		step = fmin(1 + floor(i / 32), a->few - i + 1);
		sum += step * (log_rest(t * (a->many + i + step - 1)) - log_rest(t * i));
	}
	return sum;
}

/* The least over t, by golden section of log t: the function is convex in t, and any t is a bound. */
static double log_arrangements(const struct apart *a)
{
	static const double ratio = 0.6180339887498949;
	double low = log(1e-10), high = log(20), inner[2], at[2];

	if (a->lost == 0)
		return 0; /* the one in which they are apart */
	for (int k = 0; k < 2; k++) {
		inner[k] = k ? low + ratio * (high - low) : high - ratio * (high - low);
		at[k] = log_sum(a, exp(inner[k]));
	}
	while (high - low > 0.02) {
		const int kept = at[0] < at[1] ? 0 : 1; /* it stands at the other place from now on */

		*(kept ? &low : &high) = inner[!kept];
		inner[!kept] = inner[kept];
		at[!kept] = at[kept];
		inner[kept] = kept ? low + ratio * (high - low) : high - ratio * (high - low);
		at[kept] = log_sum(a, exp(inner[kept]));
	}
	return fmin(at[0], at[1]);
}

double stats_auc_chance(const uint32_t *positive, const uint32_t *negative, size_t count)
{
	double positives = 0, negatives = 0, up = 0, down = 0;
	struct apart a;

	for (size_t p = 0; p < count; p++) {
		up += (double)positive[p] * negatives;
		down += (double)negative[p] * positives;
		positives += (double)positive[p];
		negatives += (double)negative[p];
	}
	if (positives == 0 || negatives == 0)
		return (double)NAN;
	a = (struct apart){fmin(positives, negatives), fmax(positives, negatives),
	                   positives * negatives - fmax(up, down)};
	return fmin(1, 2 * exp(log_arrangements(&a) + log_factorial(a.few) + log_factorial(a.many) -
	                       log_factorial(a.few + a.many)));
}
