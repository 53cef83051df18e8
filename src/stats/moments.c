/* Moments of one column that is in memory. */
#include <math.h>

#include "sums.h"

size_t stats_finite(const double *values, size_t n, double *out)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++)
		if (isfinite(values[i]))
			out[kept++] = values[i] + 0.0;
	return kept;
}

void stats_moments(const double *values, size_t n, struct moments *out)
{
	struct stats_sums *sums = sums_of(values, n);
	stats_sums_moments(sums, out);
	stats_sums_free(sums);
}

/* What was written with more of them than it takes has fewer. */
static int places_needed(const int32_t *whole, size_t n, int places)
{
	int needed = 0;
	for (size_t i = 0; i < n && needed < places; i++) {
		int32_t v = whole[i];
		int k = places;
		for (; k > needed && v % 10 == 0; k--)
			v /= 10;
		needed = k;
	}
	return needed;
}

void stats_moments_decimals(const int32_t *whole, size_t n, int places, struct moments *out)
{
	struct stats_sums *sums = sums_of_decimals(whole, n, places);
	stats_sums_moments(sums, out);
	out->places = n ? places_needed(whole, n, places) : -1;
	stats_sums_free(sums);
}
