/* Inside the report: what its files share. */
#ifndef BIAS_REPORTING_H
#define BIAS_REPORTING_H

#include "inside.h"

/* What is at hand while one partition is reported. */
struct work {
	const struct bias_table *t;
	struct bias_report *r;
	size_t by;
	const struct bias_partition *about;
	struct counts *counts;
	struct view view;
	bool *enough;
	struct rated *rated; /* [group][rate] */
	double levels[LEVELS];
	size_t first; /* of its groups in the report */
};

static inline const struct rated *rated(const struct work *w, size_t g, enum bias_rate rate)
{
	return &w->rated[g * BIAS_RATES + rate];
}

static inline bool enough(const struct work *w, size_t g, enum bias_rate rate)
{
	return w->enough[g * BIAS_RATES + rate];
}

/* The interval of a - b or a / b of a rate. */
void pair_interval(const struct work *w, enum measure_kind kind, enum bias_rate rate, size_t a, size_t b,
                   enum rate_level at, double *low, double *high);
/* How far apart two groups are, whichever way: the end towards unfairness at one level, the other at another.
 */
void pair_apart(const struct work *w, enum measure_kind kind, enum bias_rate rate, size_t a, size_t b,
                enum rate_level unfair, enum rate_level fair, double *low, double *high);
/* The more unfair of two gaps (or ratios); NaN gives way. */
double pair_worse(enum measure_kind kind, double a, double b);
/* Fills a measure of scope BIAS_WORST. */
void worst_measure(const struct work *w, const struct measure_about *about, struct bias_measure *m);

#endif
