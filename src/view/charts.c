#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "charts.h"
#include "list.h"

/* Least size of a chart in the grid. */
#define CHART_MIN_W 36
#define CHART_MIN_H 8

void charts_init(struct charts *c)
{
	*c = (struct charts){.cross = (double)NAN, .span = 1};
}

void charts_release(struct charts *c)
{
	arena_free(c->arena);
	c->arena = NULL;
	c->count = 0;
}

void charts_set(struct charts *c, struct arena *arena, const struct curve_chart *chart, size_t count)
{
	size_t at = 0;

	for (size_t i = 0; c->at < c->count && i < count; i++)
		if (strcmp(chart[i].name, c->chart[c->at].name) == 0)
			at = i;
	arena_free(c->arena);
	c->arena = arena;
	c->chart = chart;
	c->count = count;
	c->at = at;
	if (count == 0)
		c->zoom = false;
}

static const struct curve_points *points_of(const struct charts *c, const struct curve *curve)
{
	return c->by_time || c->time_only ? &curve->time : &curve->step;
}

/* What a chart becomes: raw values faint under the smoothed ones. The caller frees series and smoothed. */
struct prepared {
	struct chart_line line;
	struct chart_series *series;
	double **smoothed;
	size_t count;
	char note[64];
};

static void prepare(const struct charts *c, const struct curve_chart *chart, bool large, struct prepared *p)
{
	static const double weights[] = {0, 0.6, 0.9};
	double weight = weights[c->smooth];
	double end = 0, start = INFINITY;
	const struct curve_points *last = NULL;

	*p = (struct prepared){0};
	p->series = xcalloc(chart->count * 2 + 1, sizeof *p->series);
	p->smoothed = xcalloc(chart->count + 1, sizeof *p->smoothed);
	for (size_t i = 0; i < chart->count; i++) {
		const struct curve_points *points = points_of(c, &chart->curves[i]);
		struct chart_series one = {.name = chart->curves[i].name,
		                           .x = points->x,
		                           .y = points->value,
		                           .low = points->low,
		                           .high = points->high,
		                           .count = points->count,
		                           .style = chart->curves[i].style};

		if (weight > 0) {
			struct chart_series faint = one;

			p->smoothed[i] = xcalloc(points->count + 1, sizeof(double));
			chart_smooth(points->value, points->count, weight, p->smoothed[i]);
			faint.faint = true;
			p->series[p->count++] = faint;
			one.y = p->smoothed[i];
			one.low = one.high = NULL;
		}
		p->series[p->count++] = one;
		if (points->count > 0) {
			start = fmin(start, points->x[0]);
			end = fmax(end, points->x[points->count - 1]);
			last = points;
		}
	}
	p->line = (struct chart_line){.title = chart->name,
	                              .unit = chart->unit,
	                              .series = p->series,
	                              .series_count = p->count,
	                              .x_label = c->by_time || c->time_only ? "s" : "step",
	                              .x_min = fmin(0, start),
	                              .x_max = chart_room(end),
	                              .y_min = chart->bottom,
	                              .y_max = chart->top,
	                              .log_y = c->log,
	                              .whole_x = !(c->by_time || c->time_only),
	                              .legend = true,
	                              .marks = c->mono,
	                              .cross = large ? c->cross : (double)NAN,
	                              .empty = "no points yet"};
	if (chart->count == 1 && last) {
		for (size_t i = last->count; i-- > 0;) {
			char text[NUM_TEXT];

			if (isnan(last->value[i]))
				continue;
			snprintf(p->note, sizeof p->note, "%s", num_people(last->value[i], 4, text));
			p->line.note = p->note;
			break;
		}
	}
	if (large && c->span < 1) {
		double middle = isnan(c->cross) ? end : c->cross, half = p->line.x_max * c->span / 2;

		if (middle < half)
			middle = half;
		p->line.x_min = middle - half;
		p->line.x_max = middle + half;
	}
}

static void prepared_release(struct prepared *p, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(p->smoothed[i]);
	free(p->smoothed);
	free(p->series);
}

static void draw_one(const struct charts *c, struct surface *s, size_t i, bool large)
{
	struct prepared p;

	prepare(c, &c->chart[i], large, &p);
	chart_line_draw(s, &p.line);
	prepared_release(&p, c->chart[i].count);
}

static void draw_zoomed(struct charts *c, struct surface *s)
{
	static const char *const smooth[] = {"", "smoothed 0.6", "smoothed 0.9"};
	struct str line;
	struct surface body = surface_part(s, 3, 0, s->w - 4, s->h > 6 ? s->h - 1 : s->h);

	draw_one(c, &body, c->at, true);
	if (s->h <= 6)
		return;
	str_init(&line);
	str_addf(&line, "%zu of %zu", c->at + 1, c->count);
	if (c->log)
		str_adds(&line, "   log scale");
	if (c->smooth)
		str_addf(&line, "   %s", smooth[c->smooth]);
	if (c->span < 1)
		str_addf(&line, "   %.0fx", 1 / c->span);
	surface_put_right(s, 0, s->h - 1, s->w - 1, STYLE_MUTED, line.data);
	str_release(&line);
}

void charts_draw(struct charts *c, struct surface *s)
{
	int columns, rows, height, count = (int)c->count;

	if (count == 0) {
		const char *text = c->empty ? c->empty : "no charts";

		ui_paragraph(s, 3, 0, STYLE_MUTED, text);
		return;
	}
	if (c->plain) {
		draw_one(c, s, 0, false);
		return;
	}
	if (c->zoom) {
		draw_zoomed(c, s);
		return;
	}
	columns = s->w / CHART_MIN_W;
	columns = columns < 1 ? 1 : columns > 4 ? 4 : columns > count ? count : columns;
	rows = s->h / CHART_MIN_H;
	rows = rows < 1 ? 1 : rows;
	if (rows > (count + columns - 1) / columns)
		rows = (count + columns - 1) / columns;
	c->columns = columns;
	height = s->h / rows;
	if (height > 16 && rows * columns >= count && s->h > 20)
		height = height > 20 ? 20 : height;
	if ((int)c->at / columns < (int)c->first_row)
		c->first_row = c->at / (size_t)columns;
	if ((int)c->at / columns >= (int)c->first_row + rows)
		c->first_row = c->at / (size_t)columns - (size_t)rows + 1;
	for (int row = 0; row < rows; row++) {
		for (int col = 0; col < columns; col++) {
			size_t i = (c->first_row + (size_t)row) * (size_t)columns + (size_t)col;
			int x = col * (s->w + 1) / columns, next = (col + 1) * (s->w + 1) / columns;
			struct surface cell;

			if (i >= c->count)
				return;
			cell = surface_part(s, x + 3, row * height, next - x - 5, height - (rows > 1 ? 1 : 0));
			if (i == c->at && c->count > 1)
				surface_glyph(s, x + 1, row * height, STYLE_ROW_CURSOR, GLYPH_CURSOR);
			draw_one(c, &cell, i, false);
		}
	}
}

static void move_cross(struct charts *c, int direction)
{
	struct prepared p;

	prepare(c, &c->chart[c->at], true, &p);
	c->cross = chart_cross_move(&p.line, c->cross, direction);
	prepared_release(&p, c->chart[c->at].count);
}

static void select_chart(struct charts *c, long at)
{
	if (at < 0 || at >= (long)c->count)
		return;
	c->at = (size_t)at;
	c->cross = (double)NAN;
}

bool charts_action(struct charts *c, enum action action)
{
	long at = (long)c->at, columns = c->columns > 0 ? c->columns : 1;

	if (c->count == 0)
		return false;
	switch ((int)action) {
	case ACTION_CHART_ZOOM:
	case ACTION_LIST_OPEN:
		c->zoom = !c->zoom;
		c->span = 1;
		c->cross = (double)NAN;
		return true;
	case ACTION_CHART_LEFT:
	case ACTION_CHART_RIGHT:
		if (c->zoom)
			move_cross(c, action == ACTION_CHART_LEFT ? -1 : 1);
		else
			select_chart(c, at + (action == ACTION_CHART_LEFT ? -1 : 1));
		return true;
	case ACTION_CHART_LOG:
		c->log = !c->log;
		return true;
	case ACTION_CHART_SMOOTH:
		c->smooth = (c->smooth + 1) % 3;
		return true;
	case ACTION_CHART_AXIS:
		c->by_time = !c->by_time;
		c->cross = (double)NAN;
		return true;
	case ACTION_CHART_MORE:
		c->span = fmax(c->span / 2, 1.0 / 1024);
		return true;
	case ACTION_CHART_LESS:
		c->span = fmin(c->span * 2, 1);
		return true;
	case ACTION_LIST_UP:
		select_chart(c, c->zoom ? at - 1 : at - columns);
		return true;
	case ACTION_LIST_DOWN:
		select_chart(c, c->zoom ? at + 1 : at + columns);
		return true;
	case ACTION_LIST_TOP:
		select_chart(c, 0);
		return true;
	case ACTION_LIST_BOTTOM:
		select_chart(c, (long)c->count - 1);
		return true;
	case ACTION_LIST_BACK:
	case ACTION_APP_BACK:
	case ACTION_APP_QUIT:
		if (!c->zoom)
			return false;
		c->zoom = false;
		return true;
	default:
		return false;
	}
}

const char *charts_why_not(const struct charts *c, enum action action)
{
	switch ((int)action) {
	case ACTION_CHART_ZOOM:
	case ACTION_LIST_OPEN:
	case ACTION_CHART_LEFT:
	case ACTION_CHART_RIGHT:
	case ACTION_CHART_LOG:
	case ACTION_CHART_SMOOTH:
		return c->count == 0 ? "there is no chart" : NULL;
	case ACTION_CHART_AXIS:
		return c->count == 0 ? "there is no chart" : c->time_only ? "these are measured over time" : NULL;
	case ACTION_CHART_MORE:
	case ACTION_CHART_LESS:
		return c->zoom ? NULL : "open a chart first (Enter)";
	default:
		return list_none(action);
	}
}
