/* One-way analysis of variance from exact sums. Both sums of squares add up what is not negative, and each
 * term is a quotient of whole numbers, so that nothing cancels. */
#include <math.h>

#include <gsl/gsl_cdf.h>

#include "pairs.h"
#include "sums.h"

void anova_end(struct anova *out)
{
	out->df_between = (double)out->groups - 1;
	out->df_within = (double)out->rows - (double)out->groups;
	double total = out->between + out->within;
	if (total > 0)
		out->eta2 = out->between / total;
	if (!(out->df_within > 0))
		return;
	out->residual_sd = sqrt(out->within / out->df_within);
	if (out->groups < 2 || !(total > 0))
		return;
	out->f = (out->between / out->df_between) / (out->within / out->df_within);
	out->p = isinf(out->f) ? 0 : gsl_cdf_fdist_Q(out->f, out->df_between, out->df_within);
}

void stats_anova(const struct stats_sums *const *groups, size_t count, struct anova *out)
{
	*out = (struct anova){.f = NAN, .p = NAN, .eta2 = NAN, .residual_sd = NAN};
	struct stats_sums *all = stats_sums_new(count ? groups[0]->kind : STATS_ONE_EACH);
	for (size_t g = 0; g < count; g++) {
		out->groups += groups[g]->taken > 0;
		stats_sums_merge(all, groups[g]);
	}
	out->rows = all->rows;
	for (size_t g = 0; g < count; g++)
		if (groups[g]->taken)
			sums_spread(groups[g], all, &out->within, &out->between);
	stats_sums_free(all);
	if (out->groups)
		anova_end(out);
}

void stats_anova_by(const double *values, const uint32_t *codes, size_t n, size_t groups, struct anova *out)
{
	/* Each group's values together, so that they are summed in blocks. */
	size_t *start = xcalloc(groups + 1, sizeof *start), before = 0;
	double *sorted = xreallocarray(NULL, n + 1, sizeof *sorted);
	struct stats_sums **sums = xcalloc(groups + 1, sizeof(struct stats_sums *));
	for (size_t i = 0; i < n; i++)
		if (codes[i] < groups && isfinite(values[i]))
			start[codes[i] + 1]++;
	for (size_t g = 0; g < groups; g++)
		start[g + 1] += start[g];
	for (size_t i = 0; i < n; i++)
		if (codes[i] < groups && isfinite(values[i]))
			sorted[start[codes[i]]++] = values[i];
	for (size_t g = 0; g < groups; g++) {
		sums[g] = stats_sums_new(STATS_ONE_EACH);
		stats_sums_add(sums[g], sorted + before, NULL, start[g] - before);
		before = start[g];
	}
	stats_anova((const struct stats_sums *const *)sums, groups, out);
	for (size_t g = 0; g < groups; g++)
		stats_sums_free(sums[g]);
	free(sums);
	free(sorted);
	free(start);
}
