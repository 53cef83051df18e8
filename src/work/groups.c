/* How sure a mean over runs is. */
#include <math.h>

#include "assay/work.h"

double work_group_interval(const struct runs_group_value *v)
{
	if (v->n < 2)
		return (double)NAN;
	return stats_t_quantile(0.975, (double)v->n - 1) * sqrt(v->m2 / (double)(v->n - 1) / (double)v->n);
}
