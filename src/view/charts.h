/*
 * A set of line charts as a part of a view: a grid of small ones, or one large with crosshair. Used by a
 * run's metrics and system use, and by the curves of a comparison.
 */
#ifndef ASSAY_VIEW_CHARTS_H
#define ASSAY_VIEW_CHARTS_H

#include "assay/base.h"
#include "assay/chart.h"
#include "assay/ui.h"

struct curve_points {
	const double *x; /* not falling */
	const double *value;
	const double *low, *high; /* envelope; NULL: each point is one measurement */
	size_t count;
};
struct curve {
	const char *name;               /* in the legend: context, or run */
	struct curve_points step, time; /* time: seconds since the start of its run */
	int style;
};
struct curve_chart {
	const char *name, *unit; /* unit may be NULL */
	const struct curve *curves;
	size_t count;
	double bottom, top; /* fixed range of y; NaN: from the data */
};

struct charts {
	struct arena *arena; /* holds what follows */
	const struct curve_chart *chart;
	size_t count;
	size_t at, first_row; /* selected chart; first row of the grid on screen */
	bool zoom, log, by_time, time_only;
	int smooth; /* 0 none, 1 light, 2 strong */
	double cross;
	double span; /* share of the x range that is shown in the zoomed chart, 1: all */
	int columns; /* of the grid at the last draw */
	bool plain;  /* no margins: one chart in a preview */
	bool mono;
	const char *empty;
};

void charts_init(struct charts *c);
void charts_release(struct charts *c);
/* New data (the arena is taken over); what is selected stays if its name is still there. */
void charts_set(struct charts *c, struct arena *arena, const struct curve_chart *chart, size_t count);
void charts_draw(struct charts *c, struct surface *s);
bool charts_action(struct charts *c, enum action action);
/* Why an action of the contexts "chart list" cannot be done; NULL if it can. */
const char *charts_why_not(const struct charts *c, enum action action);

#endif
