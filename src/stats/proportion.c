/* Intervals of rates, of differences and of ratios. */
#include <math.h>

#include <gsl/gsl_cdf.h>

#include "assay/stats.h"

double stats_t_quantile(double p, double df)
{
	if (!(p > 0 && p < 1) || !(df > 0)) /* GSL would call its error handler */
		return p == 0 ? -(double)INFINITY : p == 1 ? (double)INFINITY : (double)NAN;
	return gsl_cdf_tdist_Pinv(p, df);
}

void stats_clopper_pearson(double successes, double n, double level, double *low, double *high)
{
	double tail = (1 - level) / 2;
	*low = 0;
	*high = 1;
	if (!(n > 0))
		return;
	if (successes > 0)
		*low = gsl_cdf_beta_Pinv(tail, successes, n - successes + 1);
	if (successes < n)
		*high = gsl_cdf_beta_Qinv(tail, successes + 1, n - successes);
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
	/* The plain form knows no width at the corners: none below, or nothing but hits on both sides. */
	if (xa == 0 || xb == 0 || (xa == na && xb == nb)) {
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
