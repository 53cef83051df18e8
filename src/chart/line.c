/* Line charts: several series, envelopes, gaps, infinities, a crosshair with its readings. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "chart_inside.h"

/* Columns between two marks of a series. */
#define MARK_EVERY 12

uint32_t chart_mark_rune(int series, enum term_charset charset)
{
	static const uint16_t shapes[8] = {0x25CF, 0x25A0, 0x25B2, 0x25C6, 0x25CB, 0x25A1, 0x25B3, 0x25C7};
	static const char ascii[8] = {'o', 'x', '+', '*', '#', '@', '%', '&'};
	unsigned i = (unsigned)series % 8;

	return charset == TERM_ASCII ? (uint32_t)ascii[i] : shapes[i];
}

static style_id style_of(const struct chart_series *s)
{
	return s->faint ? (style_id)STYLE_MUTED : style_series(s->style);
}

static bool drawable(const struct chart_line *c, double y)
{
	return isfinite(y) && (!c->log_y || y > 0);
}

/* The range of everything that can be drawn; false if there is nothing. */
static bool find_range(const struct chart_line *c, double *x0, double *x1, double *y0, double *y1)
{
	double lo_x = INFINITY, hi_x = -INFINITY, lo_y = INFINITY, hi_y = -INFINITY;

	for (size_t k = 0; k < c->series_count; k++) {
		const struct chart_series *s = &c->series[k];

		for (size_t i = 0; i < s->count; i++) {
			if (!isfinite(s->x[i]) || isnan(s->y[i]))
				continue;
			lo_x = fmin(lo_x, s->x[i]);
			hi_x = fmax(hi_x, s->x[i]);
			for (int part = 0; part < 3; part++) {
				double y = part == 0 ? s->y[i] : !s->low ? (double)NAN : part == 1 ? s->low[i] : s->high[i];

				if (!drawable(c, y))
					continue;
				lo_y = fmin(lo_y, y);
				hi_y = fmax(hi_y, y);
			}
		}
	}
	if (lo_x > hi_x)
		return false;
	if (lo_y > hi_y) { /* infinities alone: an axis to hang the arrows on */
		lo_y = c->log_y ? 0.1 : 0;
		hi_y = 1;
	}
	*x0 = isnan(c->x_min) ? lo_x : c->x_min;
	*x1 = isnan(c->x_max) ? hi_x : c->x_max;
	*y0 = isnan(c->y_min) ? lo_y : c->y_min;
	*y1 = isnan(c->y_max) ? hi_y : c->y_max;
	return true;
}

static double dot_x(const struct plot *p, const struct canvas *v, double x)
{
	return chart_axis_at(&p->x, x) * (v->dots_w - 1);
}

static double dot_y(const struct plot *p, const struct canvas *v, double y)
{
	return (1 - chart_axis_at(&p->y, y)) * (v->dots_h - 1);
}

/* The envelope as an area: each column of dots between two points is filled from low to high. */
static void draw_envelope(const struct plot *p, struct canvas *v, const struct chart_series *s)
{
	for (size_t i = 0; i < s->count; i++) {
		size_t next = i + 1 < s->count ? i + 1 : i;
		double xa = dot_x(p, v, s->x[i]), xb = dot_x(p, v, s->x[next]);
		double la = dot_y(p, v, s->low[i]), lb = dot_y(p, v, s->low[next]);
		double ha = dot_y(p, v, s->high[i]), hb = dot_y(p, v, s->high[next]);

		if (!isfinite(la) || !isfinite(ha) || !isfinite(xa))
			continue;
		if (!isfinite(lb) || !isfinite(hb) || !isfinite(xb)) {
			xb = xa;
			lb = la;
			hb = ha;
		}
		for (double x = fmax(0, round(xa)); x <= fmin(v->dots_w - 1, round(xb)); x++) {
			double t = xb > xa ? fmin(1, fmax(0, (x - xa) / (xb - xa))) : 0;

			canvas_line(v, x, la + t * (lb - la), x, ha + t * (hb - ha), STYLE_GRID, NULL);
		}
	}
}

static void draw_marks(const struct plot *p, struct canvas *v, const struct chart_series *s, const int *rows,
                       bool all)
{
	uint32_t rune = chart_mark_rune(s->style, v->charset);
	int last = -1;

	for (int x = 0; x < v->w; x++)
		if (rows[x] >= 0)
			last = x;
	if (last < 0)
		return;
	(void)p;
	for (int x = 0; all && x < last; x++)
		if (rows[x] >= 0 && (x + s->style * 4 + MARK_EVERY - 2) % MARK_EVERY == 0)
			canvas_rune(v, x, rows[x], rune, style_of(s));
	canvas_rune(v, last, rows[last], rune, style_of(s));
}

static void draw_series(const struct chart_line *c, const struct plot *p, struct canvas *v,
                        const struct chart_series *s)
{
	style_id style = style_of(s);
	int *rows = xmalloc(size_mul((size_t)v->w, sizeof *rows));
	bool named = c->series_count > 1 && !s->faint;

	for (int i = 0; i < v->w; i++)
		rows[i] = -1;
	for (size_t i = 0; i < s->count; i++) {
		double x = dot_x(p, v, s->x[i]), y = dot_y(p, v, s->y[i]);

		if (!isfinite(x))
			continue;
		if (isinf(s->y[i])) {
			bool up = s->y[i] > 0;

			canvas_rune(v, (int)lround(x) / v->sx, up ? 0 : v->h - 1,
			            v->charset == TERM_ASCII ? (up ? '^' : 'v') : (up ? 0x25B2 : 0x25BC), style);
			continue;
		}
		if (!drawable(c, s->y[i]))
			continue;
		if (i + 1 < s->count && drawable(c, s->y[i + 1]) && isfinite(s->x[i + 1]))
			canvas_line(v, x, y, dot_x(p, v, s->x[i + 1]), dot_y(p, v, s->y[i + 1]), style, rows);
		else
			canvas_line(v, x, y, x, y, style, rows);
	}
	if (named)
		draw_marks(p, v, s, rows, c->marks);
	free(rows);
}

enum { LEGEND_LEAST = 8 }; /* less of a name than this says nothing */

/* Names side by side; those that have no room are counted at the end: "+2". */
static void draw_legend(struct surface *s, int row, const struct chart_line *c)
{
	enum term_charset charset = surface_charset(s);
	int x = 0, left = 0;

	for (size_t k = 0; k < c->series_count; k++)
		left += c->series[k].name && !c->series[k].faint;
	for (size_t k = 0; k < c->series_count; k++) {
		const struct chart_series *one = &c->series[k];
		int room = s->w - x - (left > 1 ? 3 : 0), name;

		if (!one->name || one->faint)
			continue;
		name = surface_width(s, one->name, strlen(one->name));
		if (x > 0 && 2 + (name < LEGEND_LEAST ? name : LEGEND_LEAST) > room) {
			surface_printf(s, x - 2, row, STYLE_MUTED, "+%d", left);
			return;
		}
		surface_rune(s, x, row, style_series(one->style), chart_mark_rune(one->style, charset));
		x += 5 + surface_put_cut(s, x + 2, row, room - 2, STYLE_TEXT, one->name, strlen(one->name));
		left--;
	}
}

static void draw_readings(struct surface *s, int row, const struct chart_line *c)
{
	enum term_charset charset = surface_charset(s);
	char text[NUM_TEXT];
	int x = 0;

	num_people(c->cross, 6, text);
	if (c->x_label)
		x += surface_put(s, 0, row, STYLE_MUTED, c->x_label) + 1;
	x += surface_put(s, x, row, STYLE_CROSSHAIR, text) + 3;
	for (size_t k = 0; k < c->series_count && x < s->w; k++) {
		const struct chart_series *one = &c->series[k];
		size_t i;

		if (one->faint || !chart_reading(one, c->cross, &i))
			continue;
		if (c->series_count > 1) {
			surface_rune(s, x, row, style_series(one->style), chart_mark_rune(one->style, charset));
			x += 2;
		}
		if (one->name && x < s->w)
			x += surface_put_cut(s, x, row, s->w - x, STYLE_MUTED, one->name, strlen(one->name)) + 1;
		num_people(one->y[i], 4, text);
		if (x < s->w)
			x += surface_put_cut(s, x, row, s->w - x, STYLE_TEXT, text, strlen(text));
		if (one->low && isfinite(one->low[i]) && one->low[i] < one->high[i] && x < s->w) {
			char low[NUM_TEXT], high[NUM_TEXT], both[2 * NUM_TEXT + 8];

			snprintf(both, sizeof both, " [%s, %s]", num_people(one->low[i], 4, low),
			         num_people(one->high[i], 4, high));
			x += surface_put_cut(s, x, row, s->w - x, STYLE_MUTED, both, strlen(both));
		}
		x += 3;
	}
}

static void draw_cross(const struct chart_line *c, const struct plot *p, struct canvas *v)
{
	double at = dot_x(p, v, c->cross);
	int column;

	if (!isfinite(at) || at < -0.5 || at > v->dots_w - 0.5)
		return;
	column = (int)lround(fmax(0, at)) / v->sx;
	for (int y = 0; y < v->h; y++)
		if (!v->cells[y * v->w + column].dots && !v->cells[y * v->w + column].rune)
			canvas_rune(v, column, y, v->charset == TERM_ASCII ? '|' : 0x2502, STYLE_CROSSHAIR);
	for (size_t k = 0; k < c->series_count; k++) {
		const struct chart_series *s = &c->series[k];
		size_t i;
		double y;

		if (s->faint || !chart_reading(s, c->cross, &i))
			continue;
		y = dot_y(p, v, s->y[i]);
		if (y < -0.5 || y > v->dots_h - 0.5)
			continue;
		canvas_rune(v, (int)lround(fmax(0, dot_x(p, v, s->x[i]))) / v->sx, (int)lround(fmax(0, y)) / v->sy,
		            chart_mark_rune(s->style, v->charset), STYLE_CROSSHAIR);
	}
}

void chart_line_draw(struct surface *s, const struct chart_line *c)
{
	struct plot_frame frame = {.title = c->title,
	                           .unit = c->unit,
	                           .note = c->note,
	                           .x_label = c->x_label,
	                           .whole_x = c->whole_x,
	                           .log_y = c->log_y,
	                           .mark = NAN};
	struct plot plot;
	struct canvas canvas;
	size_t named = 0;

	if (!find_range(c, &frame.x_min, &frame.x_max, &frame.y_min, &frame.y_max)) {
		plot_empty(s, c->title, c->empty ? c->empty : "no data");
		return;
	}
	for (size_t k = 0; k < c->series_count; k++)
		named += c->series[k].name && !c->series[k].faint;
	frame.widen_y = isnan(c->y_min) || isnan(c->y_max);
	frame.legend_row = !isnan(c->cross) || (c->legend && named > 1);
	if (!plot_draw(s, &frame, &plot))
		return;
	if (frame.legend_y >= 0 && !isnan(c->cross))
		draw_readings(s, frame.legend_y, c);
	else if (frame.legend_y >= 0)
		draw_legend(s, frame.legend_y, c);
	canvas_init(&canvas, plot.body.w, plot.body.h, surface_charset(s));
	for (size_t k = 0; k < c->series_count; k++)
		if (c->series[k].low && c->series[k].high)
			draw_envelope(&plot, &canvas, &c->series[k]);
	for (int faint = 1; faint >= 0; faint--)
		for (size_t k = 0; k < c->series_count; k++)
			if (c->series[k].faint == (faint == 1))
				draw_series(c, &plot, &canvas, &c->series[k]);
	if (!isnan(c->cross))
		draw_cross(c, &plot, &canvas);
	canvas_show(&canvas, &plot.body, 0, 0);
	canvas_release(&canvas);
}

bool chart_reading(const struct chart_series *s, double x, size_t *index)
{
	double best = INFINITY;
	bool found = false;

	for (size_t i = 0; i < s->count; i++) {
		double distance = fabs(s->x[i] - x);

		if (!isfinite(s->y[i]) || !isfinite(s->x[i]) || (found && distance >= best))
			continue;
		best = distance;
		*index = i;
		found = true;
	}
	return found;
}

double chart_cross_move(const struct chart_line *c, double from, int direction)
{
	double next = NAN;

	for (size_t k = 0; k < c->series_count; k++) {
		const struct chart_series *s = &c->series[k];

		for (size_t i = 0; i < s->count; i++) {
			double x = s->x[i];

			if (!isfinite(x) || !isfinite(s->y[i]))
				continue;
			if (isnan(from)) { /* it begins at the end, where the news is */
				if (isnan(next) || x > next)
					next = x;
			} else if (direction > 0 ? x > from : x < from) {
				if (isnan(next) || (direction > 0 ? x < next : x > next))
					next = x;
			}
		}
	}
	return isnan(next) ? from : next;
}

void chart_smooth(const double *y, size_t count, double weight, double *out)
{
	double sum = 0, norm = 0;

	for (size_t i = 0; i < count; i++) {
		if (!isfinite(y[i])) {
			out[i] = y[i];
			continue;
		}
		sum = weight * sum + (1 - weight) * y[i];
		norm = weight * norm + (1 - weight);
		out[i] = sum / norm;
	}
}
