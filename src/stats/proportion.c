/* Intervals of rates, of differences and of ratios. */
#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "assay/stats.h"

double stats_t_quantile(double p, double df)
{
	if (!(p > 0 && p < 1) || !(df > 0)) /* GSL would call its error handler */
		return p == 0 ? -(double)INFINITY : p == 1 ? (double)INFINITY : (double)NAN;
	return gsl_cdf_tdist_Pinv(p, df);
}

/* Quantile of a beta distribution: Newton's steps within a bracket, from a first guess. (GSL's own inverse
 * gives up on some of the arguments that occur here, by ending the program.) */
static double beta_quantile(double p, double a, double b, double guess)
{
	double low = 0, high = 1, x = guess > 0 && guess < 1 ? guess : 0.5;
	for (int i = 0; i < 200; i++) {
		double off = gsl_cdf_beta_P(x, a, b) - p, slope = gsl_ran_beta_pdf(x, a, b);
		if (off > 0)
			high = x;
		else
			low = x;
		double next = x - off / slope;
		if (!(next > low && next < high))
			next = (low + high) / 2;
		if (fabs(next - x) <= 1e-15 * x)
			return next;
		x = next;
	}
	return x;
}

void stats_clopper_pearson(double successes, double n, double level, double *low, double *high)
{
	double tail = (1 - level) / 2, wilson_low, wilson_high;
	*low = 0;
	*high = 1;
	if (!(n > 0))
		return;
	stats_wilson(successes, n, level, &wilson_low, &wilson_high);
	if (successes > 0)
		*low = beta_quantile(tail, successes, n - successes + 1, wilson_low);
	if (successes < n) /* the mirror image: small numbers keep their digits */
		*high = 1 - beta_quantile(tail, n - successes, successes + 1, 1 - wilson_high);
}

void stats_difference(const struct estimate *a, const struct estimate *b, double *low, double *high)
{
	double d = a->value - b->value;
	*low = d - hypot(a->value - a->low, b->high - b->value);
	*high = d + hypot(a->high - a->value, b->value - b->low);
}

void stats_ratio(double xa, double na, double xb, double nb, double level, double *low, double *high)
{
	*low = 0;
	*high = (double)INFINITY;
	if (!(na > 0) || !(nb > 0))
		return;
	/* The logarithm knows no width where there are nothing but hits on both sides, adjusted or not. */
	if (xa == na && xb == nb) {
		double most_a, most_b;
		stats_wilson(xa, na, level, low, &most_a);
		stats_wilson(xb, nb, level, high, &most_b);
		*high = 1 / *high;
		return;
	}
	if (xa == 0 || xb == 0) {
		xa += 0.5;
		na += 0.5;
		xb += 0.5;
		nb += 0.5;
	}
	double middle = log(xa / na) - log(xb / nb);
	double half = stats_normal_quantile(0.5 + level / 2) * sqrt(1 / xa - 1 / na + 1 / xb - 1 / nb);
	*low = exp(middle - half);
	*high = exp(middle + half);
}

double stats_sidak(double level, double comparisons)
{
	return comparisons > 1 ? pow(level, 1 / comparisons) : level;
}
