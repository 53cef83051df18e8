/* What the files of this room share. */
#ifndef ASSAY_CHART_INSIDE_H
#define ASSAY_CHART_INSIDE_H

#include "assay/base.h"
#include "assay/chart.h"

/* ---- canvas: dots that become cells ---- */

struct canvas {
	int w, h;   /* cells */
	int sx, sy; /* dots of a cell: 2 x 4 braille, 2 x 2 blocks, 1 x 2 ASCII */
	int dots_w, dots_h;
	enum term_charset charset;
	struct canvas_cell {
		uint8_t dots;   /* bit: column * sy + row */
		style_id style; /* of what was drawn last */
		uint32_t rune;  /* instead of dots; 0: none */
	} * cells;
};
void canvas_init(struct canvas *c, int w, int h, enum term_charset charset);
void canvas_release(struct canvas *c);
/* x, y in dots; outside is not drawn. */
void canvas_dot(struct canvas *c, int x, int y, style_id style);
/* A straight line between two points in dots, y downwards; clipped. If `rows` is given (w cells), each column
 * that is passed notes its cell row there. */
void canvas_line(struct canvas *c, double x0, double y0, double x1, double y1, style_id style, int *rows);
void canvas_rune(struct canvas *c, int cell_x, int cell_y, uint32_t rune, style_id style);
void canvas_show(const struct canvas *c, struct surface *s, int x, int y);

/* ---- plot: what surrounds the data ---- */

struct plot {
	struct surface body; /* where the data go */
	struct chart_axis x, y;
};
struct plot_frame {
	const char *title, *unit, *note, *x_label, *y_label; /* y_label: at the foot of its axis */
	bool legend_row;                                     /* leaves a row under the title */
	bool whole_x, whole_y, log_y;
	const char *only;    /* in the middle of the x axis, instead of its ticks; NULL: those */
	double x_min, x_max; /* finite */
	double y_min, y_max;
	bool widen_y;
	double mark; /* on the x axis; NaN: none */
	/* out */
	int legend_y; /* row of the legend; -1: no room */
};
/* Draws title and axes; false: there is no room for any data. */
bool plot_draw(struct surface *s, struct plot_frame *frame, struct plot *plot);
/* Title and a text in the middle. */
void plot_empty(struct surface *s, const char *title, const char *text);

/* ---- small things ---- */

/* Heights of `columns` columns over [lo, hi] into out. No bin narrower than a column: each shows the bin in
 * its middle (edges stay sharp), as its count (of wider ones as much as falls into the width of the narrowest), or
 * with by_area as what falls into the column. Else always what falls into the column. */
void chart_bins_columns(const struct chart_bins *bins, double lo, double hi, int columns, bool by_area,
                        double *out);
/* Where a log scale of the heights of chart_bins_columns begins: at half of one row, or of the least that a bin has in a
 * column that it fills. Columns with a splinter of a bin are lower. */
double chart_log_floor(const struct chart_bins *bins, double lo, double hi, int columns, bool by_area);

#endif
