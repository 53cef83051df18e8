/* The normal distribution, and the interval of a rate. */
#include <math.h>

#include <gsl/gsl_cdf.h>

#include "assay/stats.h"

double stats_normal_cdf(double x)
{
	return gsl_cdf_ugaussian_P(x);
}

double stats_normal_quantile(double p)
{
	if (!(p > 0 && p < 1)) /* GSL would call its error handler */
		return p == 0 ? -(double)INFINITY : p == 1 ? (double)INFINITY : (double)NAN;
	return gsl_cdf_ugaussian_Pinv(p);
}

void stats_wilson(double successes, double n, double level, double *low, double *high)
{
	*low = 0;
	*high = 1;
	if (!(n > 0))
		return;
	double z = stats_normal_quantile(0.5 + level / 2), rate = successes / n, z2 = z * z;
	double middle = (rate + z2 / (2 * n)) / (1 + z2 / n);
	double half = z * sqrt(rate * (1 - rate) / n + z2 / (4 * n * n)) / (1 + z2 / n);
	if (rate > 0)
		*low = fmax(0, middle - half);
	if (rate < 1)
		*high = fmin(1, middle + half);
}
