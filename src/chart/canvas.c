/* Dots finer than a cell: braille 2 x 4, quadrants 2 x 2, ASCII 1 x 2. */
#include <math.h>
#include <stdlib.h>

#include "chart_inside.h"

void canvas_init(struct canvas *c, int w, int h, enum term_charset charset)
{
	c->w = w;
	c->h = h;
	c->charset = charset;
	c->sx = charset == TERM_ASCII ? 1 : 2;
	c->sy = charset == TERM_BRAILLE ? 4 : 2;
	c->dots_w = w * c->sx;
	c->dots_h = h * c->sy;
	c->cells = xcalloc(size_mul((size_t)w, (size_t)h), sizeof *c->cells);
}

void canvas_release(struct canvas *c)
{
	free(c->cells);
	c->cells = NULL;
}

void canvas_dot(struct canvas *c, int x, int y, style_id style)
{
	struct canvas_cell *cell;

	if (x < 0 || y < 0 || x >= c->dots_w || y >= c->dots_h)
		return;
	cell = &c->cells[y / c->sy * c->w + x / c->sx];
	cell->dots |= (uint8_t)(1u << (x % c->sx * c->sy + y % c->sy));
	cell->style = style;
}

void canvas_rune(struct canvas *c, int cell_x, int cell_y, uint32_t rune, style_id style)
{
	struct canvas_cell *cell;

	if (cell_x < 0 || cell_y < 0 || cell_x >= c->w || cell_y >= c->h)
		return;
	cell = &c->cells[cell_y * c->w + cell_x];
	cell->rune = rune;
	cell->style = style;
}

/* Liang and Barsky's clip of one side: keeps the part t0…t1 with p * t <= q. */
static bool clip_side(double p, double q, double *t0, double *t1)
{
	double t;

	if (p == 0)
		return q >= 0;
	t = q / p;
	if (p < 0)
		*t0 = fmax(*t0, t);
	else
		*t1 = fmin(*t1, t);
	return *t0 <= *t1;
}

static bool clip_line(const struct canvas *c, double *x0, double *y0, double *x1, double *y1)
{
	double dx = *x1 - *x0, dy = *y1 - *y0, t0 = 0, t1 = 1;
	double ax = *x0, ay = *y0;

	if (!clip_side(-dx, ax + 0.49, &t0, &t1) || !clip_side(dx, c->dots_w - 0.51 - ax, &t0, &t1) ||
	    !clip_side(-dy, ay + 0.49, &t0, &t1) || !clip_side(dy, c->dots_h - 0.51 - ay, &t0, &t1))
		return false;
	*x0 = ax + t0 * dx;
	*y0 = ay + t0 * dy;
	*x1 = ax + t1 * dx;
	*y1 = ay + t1 * dy;
	return true;
}

void canvas_line(struct canvas *c, double x0, double y0, double x1, double y1, style_id style, int *rows)
{
	int x, y, ex, ey, dx, dy, stepx, stepy, error;

	if (!isfinite(x0) || !isfinite(y0) || !isfinite(x1) || !isfinite(y1) || !clip_line(c, &x0, &y0, &x1, &y1))
		return;
	x = (int)lround(x0);
	y = (int)lround(y0);
	ex = (int)lround(x1);
	ey = (int)lround(y1);
	dx = abs(ex - x);
	dy = -abs(ey - y);
	stepx = x < ex ? 1 : -1;
	stepy = y < ey ? 1 : -1;
	error = dx + dy;
	for (;;) {
		int twice = 2 * error;

		canvas_dot(c, x, y, style);
		if (rows && x >= 0 && x < c->dots_w && y >= 0 && y < c->dots_h)
			rows[x / c->sx] = y / c->sy;
		if (x == ex && y == ey)
			return;
		if (twice >= dy) {
			error += dy;
			x += stepx;
		}
		if (twice <= dx) {
			error += dx;
			y += stepy;
		}
	}
}

static uint32_t dots_rune(enum term_charset charset, uint8_t dots)
{
	/* Bits of a braille cell in Unicode's order: left column 0 1 2 6, right column 3 4 5 7. */
	static const uint8_t braille[8] = {0x01, 0x02, 0x04, 0x40, 0x08, 0x10, 0x20, 0x80};
	/* Bits here: 1 left top, 2 left bottom, 4 right top, 8 right bottom. */
	static const uint16_t quadrant[16] = {0x20,   0x2598, 0x2596, 0x258C, 0x259D, 0x2580, 0x259E, 0x259B,
	                                      0x2597, 0x259A, 0x2584, 0x2599, 0x2590, 0x259C, 0x259F, 0x2588};
	static const char ascii[4] = {' ', '\'', '.', ':'};
	uint32_t rune = 0x2800;

	if (charset == TERM_ASCII)
		return (uint32_t)ascii[dots & 3];
	if (charset == TERM_BLOCKS)
		return quadrant[dots & 15];
	for (int i = 0; i < 8; i++)
		if (dots & (1u << i))
			rune |= braille[i];
	return rune;
}

void canvas_show(const struct canvas *c, struct surface *s, int x, int y)
{
	for (int cy = 0; cy < c->h; cy++) {
		for (int cx = 0; cx < c->w; cx++) {
			const struct canvas_cell *cell = &c->cells[cy * c->w + cx];

			if (cell->rune)
				surface_rune(s, x + cx, y + cy, cell->style, cell->rune);
			else if (cell->dots)
				surface_rune(s, x + cx, y + cy, cell->style, dots_rune(c->charset, cell->dots));
		}
	}
}
