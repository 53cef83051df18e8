/* What the runs of a group say of one metric: its mean, and how far that can be trusted. */
#include <math.h>

#include "work.h"

void work_group_interval(const struct runs_group_value *value, struct work_group_interval *out)
{
	double n = (double)value->n;

	*out = (struct work_group_interval){NAN, NAN, NAN, NAN};
	if (value->n > 0)
		out->mean = value->mean;
	if (value->n < 2)
		return;
	out->sd = sqrt(value->m2 / (n - 1));
	double half = stats_t_quantile(0.975, n - 1) * out->sd / sqrt(n);
	out->low = out->mean - half;
	out->high = out->mean + half;
}
