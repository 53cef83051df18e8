/*
 * A set of line charts as a part of a view: a grid of small ones, or one large with crosshair. Used by a
 * run's metrics and system use, and by the curves of a comparison.
 */
#ifndef ASSAY_VIEW_CHARTS_H
#define ASSAY_VIEW_CHARTS_H

#include "assay/base.h"
#include "assay/chart.h"
#include "assay/ui.h"

#include "list.h"

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
	const void *source; /* what its reader makes it of */
};

/* A run may have thousands of metrics: what is read is the part that is seen, and some of what lies around it. */
struct charts_ask {
	size_t from, most; /* of those that match the filter */
	bool by_time;      /* the axis of long curves; short ones have both */
	char filter[LIST_FILTER];
	char name[520], unit[520]; /* of the current one, wherever it stands now; "": not known */
};
struct charts_got {
	const struct curve_chart *charts; /* from `from` on, of `total` that match */
	size_t from, count, total;
	size_t at; /* of the current one; SIZE_MAX: not among them, or not known */
	bool by_time;
	char filter[LIST_FILTER];
};
/* For readers: leaves those of the charts that match and are asked for, at the beginning of the array, and says in
 * `got` which they are. */
void charts_window(const struct charts_ask *ask, struct curve_chart *charts, size_t count,
                   struct charts_got *got);

struct charts {
	struct view *view;
	void (*read)(struct view *v); /* have read what charts_wanted tells, unless it is being read */
	struct arena *arena;          /* holds what is at hand */
	struct charts_got got;
	struct charts_ask asked; /* last */
	size_t at, first_row;    /* selected chart; first row of the grid on screen */
	char filter[LIST_FILTER], filter_before[LIST_FILTER];
	bool zoom, log, by_time, time_only;
	int smooth; /* 0 none, 1 light, 2 strong */
	double cross;
	double span;       /* share of the x range that is shown in the zoomed chart, 1: all */
	int columns, rows; /* of the grid at the last draw */
	bool plain;        /* no margins: one chart in a preview */
	bool mono;
	const char *empty;
};

void charts_init(struct charts *c, struct view *view, void (*read)(struct view *v));
void charts_release(struct charts *c);
/* Of the reader that is asked next. */
void charts_wanted(struct charts *c, struct charts_ask *out);
/* New data (the arena is taken over); what is selected stays if its name is still there. */
void charts_set(struct charts *c, struct arena *arena, const struct charts_got *got);
void charts_draw(struct charts *c, struct surface *s);
bool charts_action(struct charts *c, enum action action);
/* Why an action of the contexts "chart list" cannot be done; NULL if it can. */
const char *charts_why_not(const struct charts *c, enum action action);

#endif
