/* Quantiles of weighted values, and what weights cost. */
#include <math.h>

#include "assay/stats_relation.h"
#include "sort.h"

/* A sum with what rounding took from it. */
static double add_to(double *hi, double *lo, double x)
{
	double sum = *hi + x, part = sum - *hi;
	*lo += (*hi - (sum - part)) + (x - part);
	*hi = sum;
	return *hi + *lo;
}

/* The value of the row with this number among the rows written out. */
static double row_value(const double *values, const double *upto, size_t n, double row)
{
	size_t low = 0, high = n - 1;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (upto[middle] > row)
			high = middle;
		else
			low = middle + 1;
	}
	return values[low];
}

/* The first value at which the share of the weight reaches p. */
static double share_value(const double *values, const double *upto, size_t n, double p)
{
	size_t low = 0, high = n - 1;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (upto[middle] / upto[n - 1] >= p)
			high = middle;
		else
			low = middle + 1;
	}
	return values[low];
}

void stats_weighted_quantiles(const double *values, const double *weights, size_t n, enum stats_weights kind,
                              const double *at, size_t count, double *out)
{
	struct ranked *rank = stats_rank(values, n);
	double *sorted = xreallocarray(NULL, n + 1, sizeof *sorted);
	double *upto = xreallocarray(NULL, n + 1, sizeof *upto), hi = 0, lo = 0;
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		double x = values[rank[i].item], w = weights[rank[i].item];
		if (!isfinite(x) || !(w > 0))
			continue;
		sorted[kept] = x;
		upto[kept++] = add_to(&hi, &lo, w);
	}
	for (size_t k = 0; k < count; k++) {
		double p = fmax(0, fmin(1, at[k]));
		if (!kept) {
			out[k] = NAN;
		} else if (kind == STATS_SAMPLING) {
			out[k] = share_value(sorted, upto, kept, p);
		} else {
			double place = (upto[kept - 1] - 1) * p, below = floor(place);
			const double two[2] = {row_value(sorted, upto, kept, below),
			                       row_value(sorted, upto, kept, below + 1)};
			out[k] = stats_quantile(two, 2, place - below);
		}
	}
	free(rank);
	free(sorted);
	free(upto);
}

double stats_effective(const double *weights, size_t n)
{
	double sum = 0, lost = 0, squares = 0, squares_lost = 0, w = 0, w2 = 0;
	for (size_t i = 0; i < n; i++) {
		w = add_to(&sum, &lost, weights[i]);
		w2 = add_to(&squares, &squares_lost, weights[i] * weights[i]);
	}
	return w2 > 0 ? w * w / w2 : (double)NAN;
}
