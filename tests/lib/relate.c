/* relate.h */
#include <math.h>
#include <stdlib.h>

#include "assay/stats_sketch.h"
#include "relate.h"

/* The complete pairs, x behind y in one array, to be freed: how many. */
static size_t complete(const double *x, const double *y, size_t n, double **out)
{
	double *own = xcalloc(2 * n + 1, sizeof *own);
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!isnan(x[i]) && !isnan(y[i])) {
			own[kept] = x[i];
			own[n + kept++] = y[i];
		}
	*out = own;
	return kept;
}

void relate_spearman(const double *x, const double *y, size_t n, struct correlation *out)
{
	uint32_t *ranks = xcalloc(n + 1, sizeof *ranks);
	double *pairs;
	size_t kept = complete(x, y, n, &pairs);

	for (size_t side = 0; side < 2; side++) {
		double *of = pairs + side * n;

		stats_ranks_twice(of, kept, ranks, NULL);
		for (size_t i = 0; i < kept; i++)
			of[i] = ranks[i] / 2.0;
	}
	stats_pearson(pairs, pairs + n, kept, out);
	free(ranks);
	free(pairs);
}

void relate_label(const double *feature, const double *label, size_t n, struct auc *out)
{
	uint8_t *positive = xcalloc(n + 1, 1);
	double *pairs;
	size_t kept = complete(feature, label, n, &pairs);

	for (size_t i = 0; i < kept; i++)
		positive[i] = pairs[n + i] != 0;
	stats_auc(pairs, positive, kept, 0.95, out);
	free(positive);
	free(pairs);
}

void relate_quantiles(const double *values, const double *weights, size_t n, enum stats_weights kind,
                      const double *at, size_t count, double *out)
{
	struct number_sketch *sketch = number_sketch_new(n + 1, kind == STATS_SAMPLING);
	uint64_t *times = kind == STATS_FREQUENCY ? xcalloc(n + 1, sizeof *times) : NULL;
	struct stats_runs runs;

	for (size_t i = 0; times && i < n; i++)
		times[i] = (uint64_t)weights[i];
	number_sketch_add(sketch, values, times, times ? NULL : weights, n);
	number_sketch_runs(sketch, &runs);
	for (size_t i = 0; i < count; i++) {
		struct estimate q;

		stats_runs_quantile(&runs, at[i], &q);
		out[i] = q.value;
	}
	if (kind == STATS_SAMPLING)
		stats_runs_weighted(&runs, at, count, out);
	number_sketch_free(sketch);
	free(times);
}
