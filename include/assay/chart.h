/*
 * chart: one description of a chart, drawn as cells of a surface in braille, blocks or ASCII.
 *
 * Everything here fills the surface that it is given (surface_part), at any size from 1x1 on:
 * what has no room is left out in a fixed order (legend, labels, axes), the data last. Nothing is
 * kept: the caller owns all arrays and texts, which only have to live during the call. Texts may
 * hold bytes from data; the surface makes them safe.
 *
 * Numbers: any double. NaN is a gap. An infinity is marked at the edge of the plot (an arrow in the
 * series' style) and never moves the range. On a log scale values <= 0 are gaps.
 *
 * The x range belongs to the description (chart_room makes one that stays), so that a growing
 * series appends cells instead of sliding the whole picture.
 */
#ifndef ASSAY_CHART_H
#define ASSAY_CHART_H

#include <stdbool.h>
#include <stddef.h>

#include "assay/base.h"
#include "assay/term.h"

/* ---- axes ---- */

#define CHART_TICKS     16
#define CHART_TICK_TEXT 16
struct chart_axis {
	double min, max; /* finite; max > min */
	bool log;        /* then min > 0 */
	int count;       /* ticks that lie within [min, max], rising */
	double tick[CHART_TICKS];
	char text[CHART_TICKS][CHART_TICK_TEXT]; /* all with the same number of decimals */
};
/* An axis over [min, max] with at most `want` ticks at 1, 2 or 5 times a power of ten (log: powers of
 * ten, and 1, 2, 5 of each in short ranges). Anything is accepted: swapped or equal ends, infinities and NaN
 * give a sane range. `widen` moves the ends out to ticks. A log axis is refused (linear, log = false) if max
 * <= 0. */
void chart_axis_make(struct chart_axis *axis, double min, double max, int want, bool log, bool widen);
/* A linear axis for `rows` rows of four dots, the first dot being max and the last one min: its ticks stand equally
 * many rows apart. There may be more room above the last tick than chart_axis_make leaves, but never more than half.
 * `whole`: no step below 1. */
void chart_axis_rows(struct chart_axis *axis, double min, double max, int rows, bool whole);
/* Where a value lies on the axis: 0 at min, 1 at max, may be outside; NaN if it has no place. */
double chart_axis_at(const struct chart_axis *axis, double value);
/* The smallest of 1, 1.5, 2, 3, 4, 5, 6, 8 x 10^k that is >= max (at least 1): the right end of an x axis for
 * a series that is still growing. */
double chart_room(double max);

/* ---- lines ---- */

struct chart_series {
	const char *name; /* in the legend; may be NULL */
	const double *x;  /* not falling */
	const double *y;
	const double *low, *high; /* envelope of each point, or both NULL */
	size_t count;
	int style;  /* 0, 1, 2…: style_series, and the glyph of its marks */
	bool faint; /* drawn in the muted style, below the others (raw values under smoothed) */
};

struct chart_line {
	const char *title;   /* NULL: no title row */
	const char *x_label; /* "step"; NULL: none */
	const char *unit;    /* of y, after the title; NULL: none */
	const char *note;    /* right in the title row (the last value); NULL: none */
	const char *empty;   /* what to say when there is no finite point; NULL: "no data" */
	const struct chart_series *series;
	size_t series_count;
	double x_min, x_max; /* NaN: from the data */
	double y_min, y_max; /* NaN: from the data, widened to ticks */
	bool log_y;
	bool whole_x; /* no ticks between whole numbers (steps, epochs) */
	bool legend;  /* one row under the title, if more than one series is named */
	bool marks;   /* series are told apart by glyphs along the line too (no colours) */
	double cross; /* x of the crosshair; NaN: none. Its readings replace the legend */
};
void chart_line_draw(struct surface *s, const struct chart_line *c);
/* The sign of series n, as in the legend: for what stands beside a chart. */
uint32_t chart_mark_rune(int series, enum term_charset charset);

/* Crosshair: the point of the series that is nearest to x (of equals the first with a finite y).
 * False if the series has no finite point. */
bool chart_reading(const struct chart_series *s, double x, size_t *index);
/* The next x (direction 1) or the one before (-1) among all finite points; `from` itself when there
 * is none further; from NaN gives the last one. NaN if there is no finite point. */
double chart_cross_move(const struct chart_line *c, double from, int direction);

/* Exponential smoothing with weight 0 <= w < 1 on the past, bias-corrected (Adam's correction, as
 * TensorBoard does it); gaps stay gaps and do not enter. out may be y. */
void chart_smooth(const double *y, size_t count, double weight, double *out);

/* ---- distributions ---- */

struct chart_bins {
	const char *name;
	const double *edges;  /* count + 1, rising; one value alone: one bin, from it to it */
	const double *counts; /* >= 0 */
	size_t count;
};
struct chart_histogram {
	const char *title, *x_label, *empty;
	const char *y_label; /* what is counted, "rows"; NULL: nothing is said. Shares are said to be some */
	const char *only; /* under the bar of one value alone, in the middle of the axis; NULL: ticks as ever */
	struct chart_bins main; /* filled */
	struct chart_bins over; /* count 0: none; else a line over it, both drawn as shares of their own total */
	bool log;               /* heights on a log scale, which is said; one row is never as low as none */
	double mark;            /* a value marked on the x axis (the mean…); NaN: none */
	double from, to;        /* this part of the x axis is marked out (under a cursor); equal: none */
	struct rect *body;      /* out: where the bins were drawn, on the surface; may be NULL */
	double *least, *most;   /* out: the ends of the x axis; may be NULL */
};
/* Bins are drawn by area: a column of cells shows the counts that fall into its part of the x axis, spread evenly
 * within a bin, so any number of bins fits any width, and one that is twice as wide and holds twice as much is as high. */
void chart_histogram_draw(struct surface *s, const struct chart_histogram *c);

struct chart_bar {
	const char *label;
	double value;     /* >= 0 */
	double over;      /* a second value to compare with, marked on the bar; NaN: none */
	const char *text; /* shown after the bar; NULL: the value, four significant digits */
};
/* One row a bar, labels to the left (at most a third of the width), text aligned right. */
void chart_bars_draw(struct surface *s, const struct chart_bar *bars, size_t count, const char *empty);

/* ---- a matrix ---- */

/*
 * Cells of a value each, in the steps of STYLE_HEAT and STYLE_HEAT_LESS, without colours in shades; a minus sign goes
 * with what is below 0. Where all columns have room with their numbers (hundredths)
 * those are written into them, else cells are two wide. Of what has no room as many cells as there is room for are
 * shown around the cursor.
 */
struct chart_heat {
	size_t rows, columns;
	const char *const *row_names;    /* to the left, a third of the width at most */
	const char *const *column_names; /* above, upright or letter under letter, CHART_HEAT_HEAD rows at most */
	const double *values;            /* rows x columns, row by row: -1 to 1; NaN: there is none */
	bool same;                       /* both sides are the same things: the diagonal says nothing */
	bool negative;                   /* some are below 0: so the legend has it */
	size_t at_row, at_column;        /* of the cursor; SIZE_MAX: none */
	size_t top, left;                /* what was at the left top in the last frame */
	enum term_colours colours;       /* of the terminal */
	const char *empty;               /* without a cell; NULL: "no values" */
};
#define CHART_HEAT_HEAD 6
/* Where it was drawn, for scrolling and the mouse. */
struct chart_heat_place {
	int x, y;             /* of the first cell */
	int cell;             /* columns of a cell */
	size_t top, left;     /* the first shown */
	size_t rows, columns; /* how many are shown */
};
void chart_heat_draw(struct surface *s, const struct chart_heat *c, struct chart_heat_place *place);
/* "-1 ▓▓▒▒░░ 0 ░░▒▒▓▓ 1", the colours as cells have them, right-aligned at the end of row y, in `width` columns at
 * most, `text` (what is measured; may be NULL) before it where there is room; returns the columns used, 0 without room. */
int chart_heat_legend(struct surface *s, int y, int width, const struct chart_heat *c, const char *text);
/* The cell there; false: none. */
bool chart_heat_hit(const struct chart_heat_place *place, int x, int y, size_t *row, size_t *column);
/* Puts what goes together side by side: `count` things with the strength (0 to 1, NaN as 0; symmetric) of each pair,
 * joined by average linkage (Sokal and Michener 1958), the two ends that are more alike towards each other. The same
 * for the same values; time grows with count^3. `order` gets the places 0 to count - 1. */
void chart_heat_order(const double *strength, size_t count, size_t *order);

/* ---- one row ---- */

/* Values in order, as at most `width` cells of text: rising blocks (7-bit characters in ASCII), a blank
 * for a gap. With more values than cells, each cell shows the last finite value of its share. from_zero:
 * the scale begins at 0 (counts), else at the smallest value. All equal: the middle height. `out` is
 * cleared first and stays empty when there is no finite value. */
void chart_spark_text(struct str *out, int width, const double *values, size_t count, bool from_zero,
                      enum term_charset charset);
/* Counts of bins re-binned to `width` cells, as text. `log`: heights on a log scale. */
void chart_spark_bins(struct str *out, int width, const struct chart_bins *bins, bool log,
                      enum term_charset charset);
/* One cell filled from below to share (0 … 1; more than 0 is always visible), as text. */
const char *chart_level_text(double share, enum term_charset charset);
/* A bar of `width` cells filled to share (0 … 1), as text: progress and proportions. */
void chart_meter_text(struct str *out, int width, double share, enum term_charset charset);

#endif
