/* Title, axes and the room between them, given up in a fixed order as it gets small. */
#include <math.h>
#include <string.h>

#include "chart_inside.h"

static int min_int(int a, int b)
{
	return a < b ? a : b;
}

static int max_int(int a, int b)
{
	return a > b ? a : b;
}

static void draw_title(struct surface *s, const struct plot_frame *f)
{
	int room = s->w, used = 0;

	if (f->note) {
		int note = surface_width(s, f->note, strlen(f->note));

		if (note + 8 <= s->w) {
			surface_put_right(s, s->w - note, 0, note, STYLE_TEXT, f->note);
			room = s->w - note - 2;
		}
	}
	used = surface_put_name(s, 0, 0, room, STYLE_HEADING, f->title);
	if (f->unit && *f->unit && room - used > 2)
		surface_put_cut(s, used + 1, 0, room - used - 1, STYLE_MUTED, f->unit, strlen(f->unit));
}

static bool is_whole(double v)
{
	return fabs(v - round(v)) < 1e-9 * fmax(1, fabs(v));
}

static void draw_y_axis(struct surface *s, int gutter, int top, int rows, const struct plot_frame *f,
                        const struct chart_axis *y)
{
	bool ascii = surface_charset(s) == TERM_ASCII;
	int last = -2;

	for (int row = 0; row < rows; row++)
		surface_rune(s, gutter - 1, top + row, STYLE_AXIS, ascii ? '|' : 0x2502);
	for (int i = 0; i < y->count; i++) {
		int row = (int)lround((1 - chart_axis_at(y, y->tick[i])) * (rows * 4 - 1)) / 4;

		row = max_int(0, min_int(rows - 1, row));
		if (row == last || (f->whole_y && !is_whole(y->tick[i])))
			continue;
		surface_put_right(s, 0, top + row, gutter - 2, STYLE_AXIS, y->text[i]);
		surface_rune(s, gutter - 1, top + row, STYLE_AXIS, ascii ? '+' : 0x2524);
		last = row;
	}
}

static void draw_x_axis(struct surface *s, int gutter, int line_row, int text_row, int cols,
                        const struct plot_frame *f, const struct chart_axis *x)
{
	bool ascii = surface_charset(s) == TERM_ASCII;
	int free_from = gutter > 0 ? gutter - 1 : 0;

	if (line_row >= 0) {
		for (int i = 0; i < cols; i++)
			surface_rune(s, gutter + i, line_row, STYLE_AXIS, ascii ? '-' : 0x2500);
		if (gutter > 0)
			surface_rune(s, gutter - 1, line_row, STYLE_AXIS, ascii ? '+' : 0x2514);
	}
	if (line_row >= 0 && f->y_label && gutter > 2 &&
	    surface_width(s, f->y_label, strlen(f->y_label)) <= gutter - 2)
		surface_put_right(s, 0, line_row, gutter - 2, STYLE_AXIS, f->y_label);
	if (text_row >= 0 && f->x_label && gutter > 2) {
		int width = surface_width(s, f->x_label, strlen(f->x_label));

		if (width <= gutter - 2)
			surface_put_right(s, 0, text_row, gutter - 2, STYLE_AXIS, f->x_label);
	}
	for (int i = 0; i < x->count; i++) {
		const char *text = f->only ? f->only : x->text[i];
		int width = surface_width(s, text, strlen(text));
		int col, from;

		if (f->whole_x && !is_whole(x->tick[i]))
			continue;
		col = gutter + min_int(cols - 1, (int)lround(chart_axis_at(x, x->tick[i]) * (cols * 2 - 1)) / 2);
		from = max_int(0, min_int(gutter + cols - width, col - width / 2));
		if (from < free_from || width > cols)
			continue;
		if (text_row >= 0)
			surface_put(s, from, text_row, STYLE_AXIS, text);
		if (line_row >= 0)
			surface_rune(s, col, line_row, STYLE_AXIS, ascii ? '+' : 0x252C);
		free_from = from + width + 2;
	}
	if (line_row >= 0 && !isnan(f->mark)) {
		double at = chart_axis_at(x, f->mark);

		if (at >= 0 && at <= 1)
			surface_rune(s, gutter + (int)lround(at * (cols * 2 - 1)) / 2, line_row, STYLE_CROSSHAIR,
			             ascii ? '^' : 0x25B2);
	}
}

bool plot_draw(struct surface *s, struct plot_frame *f, struct plot *plot)
{
	int top = 0, bottom = s->h, gutter = 0, text_row = -1, line_row = -1, rows;

	f->legend_y = -1;
	if (s->w < 1 || s->h < 1)
		return false;
	if (f->title && s->h >= 4) {
		draw_title(s, f);
		top = 1;
	}
	if (f->legend_row && s->h >= 6) {
		f->legend_y = top;
		top++;
	}
	if (bottom - top >= 4)
		text_row = --bottom;
	if (bottom - top >= 5)
		line_row = --bottom;
	rows = bottom - top;
	if (f->widen_y && !(f->log_y && f->y_max > 0 && isfinite(f->y_max)))
		chart_axis_rows(&plot->y, f->y_min, f->y_max, rows, f->whole_y);
	else
		chart_axis_make(&plot->y, f->y_min, f->y_max, max_int(1, min_int(8, (rows + 1) / 2)), f->log_y,
		                f->widen_y);
	if (s->w >= 18) {
		for (int i = 0; i < plot->y.count; i++)
			gutter = max_int(gutter, (int)strlen(plot->y.text[i]));
		if (f->x_label && text_row >= 0)
			gutter = max_int(gutter, min_int(5, surface_width(s, f->x_label, strlen(f->x_label))));
		if (f->y_label && line_row >= 0 && s->w >= 40)
			gutter = max_int(gutter, min_int(5, surface_width(s, f->y_label, strlen(f->y_label))));
		gutter += 2; /* a blank and the axis */
		if (gutter > s->w / 2)
			gutter = 0;
	}
	/* x is not widened: it is the caller's fixed range. */
	chart_axis_make(&plot->x, f->x_min, f->x_max, max_int(1, min_int(10, (s->w - gutter) / 9)), false, false);
	if (f->only) {
		plot->x.count = 1;
		plot->x.tick[0] = plot->x.min / 2 + plot->x.max / 2;
	}
	if (gutter > 0)
		draw_y_axis(s, gutter, top, rows, f, &plot->y);
	draw_x_axis(s, gutter, line_row, text_row, s->w - gutter, f, &plot->x);
	plot->body = surface_part(s, gutter, top, s->w - gutter, rows);
	return plot->body.w > 0 && plot->body.h > 0;
}

void plot_empty(struct surface *s, const char *title, const char *text)
{
	int width, y;

	if (s->w < 1 || s->h < 1)
		return;
	if (title && s->h >= 2)
		surface_put_cut(s, 0, 0, s->w, STYLE_HEADING, title, strlen(title));
	width = min_int(s->w, surface_width(s, text, strlen(text)));
	y = s->h / 2;
	if (title && s->h >= 2 && y == 0)
		y = 1;
	surface_put_cut(s, (s->w - width) / 2, y, s->w, STYLE_MUTED, text, strlen(text));
}
