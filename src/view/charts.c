#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "charts.h"

/* Least size of a chart in the grid. */
#define CHART_MIN_W 36
#define CHART_MIN_H 8

/* Read at first, before it is known how many are seen. */
#define CHARTS_FIRST 48

void charts_init(struct charts *c, struct view *view, void (*read)(struct view *v))
{
	*c = (struct charts){.view = view, .read = read, .cross = (double)NAN, .span = 1};
}

void charts_release(struct charts *c)
{
	arena_free(c->arena);
	c->arena = NULL;
	c->got = (struct charts_got){0};
}

/* ---- the part that is at hand ---- */

static const struct curve_chart *chart_at(const struct charts *c, size_t i)
{
	return i >= c->got.from && i - c->got.from < c->got.count ? &c->got.charts[i - c->got.from] : NULL;
}

static bool over_time(const struct charts *c)
{
	return c->by_time || c->time_only;
}

/* A screen of them before what is seen, and one behind. */
static struct charts_ask wanted(const struct charts *c)
{
	size_t seen = (size_t)(c->columns * c->rows), first = c->first_row * (size_t)c->columns;
	const struct curve_chart *now = chart_at(c, c->at);
	struct charts_ask ask = {0};

	if (c->zoom || seen == 0) {
		first = c->at;
		seen = CHARTS_FIRST / 3;
	}
	ask.from = first > seen ? first - seen : 0;
	ask.most = 3 * seen;
	ask.by_time = over_time(c);
	snprintf(ask.filter, sizeof ask.filter, "%s", c->filter);
	if (now) {
		snprintf(ask.name, sizeof ask.name, "%s", now->name);
		snprintf(ask.unit, sizeof ask.unit, "%s", now->unit ? now->unit : "");
	}
	return ask;
}

void charts_wanted(struct charts *c, struct charts_ask *out)
{
	*out = c->asked = wanted(c);
}

/* Has more read if not all is at hand from one chart to another, or if it is of another filter; once, if that fails. */
static void need(const struct charts *c, size_t from, size_t to)
{
	struct charts_ask ask;

	if (!c->read || (strcmp(c->filter, c->got.filter) == 0 && c->got.by_time == over_time(c) &&
	                 (from >= c->got.total || chart_at(c, from)) && (to >= c->got.total || chart_at(c, to))))
		return;
	ask = wanted(c);
	if (memcmp(&ask, &c->asked, sizeof ask) != 0)
		c->read(c->view);
}

void charts_set(struct charts *c, struct arena *arena, const struct charts_got *got)
{
	if (got->at < got->total)
		c->at = got->at;
	else if (strcmp(got->filter, c->got.filter) != 0)
		c->at = 0;
	arena_free(c->arena);
	c->arena = arena;
	c->got = *got;
	if (c->at >= got->total)
		c->at = got->total ? got->total - 1 : 0;
	if (got->total == 0)
		c->zoom = false;
}

static bool matches(const struct curve_chart *chart, const char *filter)
{
	struct ui_cell cells[] = {{.text = chart->name}, {.text = chart->unit ? chart->unit : ""}};

	return !*filter || ui_row_has_words(&(struct ui_row){.cells = cells}, COUNT_OF(cells), filter);
}

void charts_window(const struct charts_ask *ask, struct curve_chart *charts, size_t count,
                   struct charts_got *got)
{
	size_t total = 0, from = ask->from;

	*got = (struct charts_got){.charts = charts, .at = SIZE_MAX, .by_time = ask->by_time};
	snprintf(got->filter, sizeof got->filter, "%s", ask->filter);
	for (size_t i = 0; i < count; i++) {
		if (!matches(&charts[i], ask->filter))
			continue;
		if (got->at == SIZE_MAX && strcmp(charts[i].name, ask->name) == 0 &&
		    (!charts[i].unit || strcmp(charts[i].unit, ask->unit) == 0))
			got->at = total;
		charts[total++] = charts[i];
	}
	if (from >= total)
		from = total > ask->most ? total - ask->most : 0;
	got->total = total;
	got->from = from;
	got->count = total - from < ask->most ? total - from : ask->most;
	memmove(charts, charts + from, got->count * sizeof *charts);
}

/* ---- drawing ---- */

static const struct curve_points *points_of(const struct charts *c, const struct curve *curve)
{
	return over_time(c) ? &curve->time : &curve->step;
}

/* What a chart becomes: raw values faint under the smoothed ones. The caller frees series and smoothed. */
struct prepared {
	struct chart_line line;
	struct chart_series *series;
	double **smoothed;
	size_t count;
	char note[64];
};

/* A chart of one curve says its latest number. */
static void note_latest(const struct curve_points *points, struct prepared *p)
{
	for (size_t i = points->count; i-- > 0;) {
		char text[NUM_TEXT];

		if (isnan(points->value[i]))
			continue;
		snprintf(p->note, sizeof p->note, "%s", num_people(points->value[i], 4, text));
		p->line.note = p->note;
		return;
	}
}

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
	                              .x_label = over_time(c) ? "s" : "step",
	                              .x_min = fmin(0, start),
	                              .x_max = chart_room(end),
	                              .y_min = chart->bottom,
	                              .y_max = chart->top,
	                              .log_y = c->log,
	                              .whole_x = !over_time(c),
	                              .legend = true,
	                              .marks = c->mono,
	                              .cross = large ? c->cross : (double)NAN,
	                              .empty = "no points yet"};
	if (chart->count == 1 && last)
		note_latest(last, p);
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

/* A long curve is read for one axis. */
static bool has_axis(const struct charts *c, const struct curve_chart *chart)
{
	for (size_t i = 0; i < chart->count; i++)
		if (c->got.by_time != over_time(c) && !points_of(c, &chart->curves[i])->count)
			return false;
	return true;
}

static void draw_one(const struct charts *c, struct surface *s, size_t i, bool large)
{
	const struct curve_chart *chart = chart_at(c, i);
	struct prepared p;

	if (!chart || !has_axis(c, chart)) {
		surface_put(s, 0, 0, STYLE_MUTED, "Reading…");
		return;
	}
	prepare(c, chart, large, &p);
	chart_line_draw(s, &p.line);
	prepared_release(&p, chart->count);
}

static void draw_zoomed(struct charts *c, struct surface *s)
{
	static const char *const smooth[] = {"", "smoothed 0.6", "smoothed 0.9"};
	char at[NUM_TEXT], all[NUM_TEXT];
	struct str line;
	struct surface body = surface_part(s, 3, 0, s->w - 4, s->h > 6 ? s->h - 1 : s->h);

	need(c, c->at, c->at);
	draw_one(c, &body, c->at, true);
	if (s->h <= 6)
		return;
	str_init(&line);
	str_addf(&line, "%s of %s", count_people((int64_t)c->at + 1, at),
	         count_people((int64_t)c->got.total, all));
	if (c->log)
		str_adds(&line, "   log scale");
	if (c->smooth)
		str_addf(&line, "   %s", smooth[c->smooth]);
	if (c->span < 1)
		str_addf(&line, "   %.0fx", 1 / c->span);
	surface_put_right(s, 0, s->h - 1, s->w - 1, STYLE_MUTED, line.data);
	str_release(&line);
}

/* Above the grid: the filter, and where one stands among many. */
static void draw_head(const struct charts *c, struct surface *s)
{
	char at[NUM_TEXT], all[NUM_TEXT];
	struct str text;
	int width;

	str_init(&text);
	if (c->filter[0] && !c->got.total)
		str_adds(&text, "no match");
	else if (c->filter[0])
		str_addf(&text, "%s match", count_people((int64_t)c->got.total, all));
	else
		str_addf(&text, "%s of %s", count_people((int64_t)c->at + 1, at),
		         count_people((int64_t)c->got.total, all));
	width = surface_put_right(s, 0, 0, s->w - 1, STYLE_MUTED, text.data);
	str_clear(&text);
	str_addf(&text, "/ %s", c->filter[0] ? c->filter : "to filter: words of the names");
	surface_put_cut(s, 1, 0, s->w - width - 4, c->filter[0] ? STYLE_PROMPT_TEXT : STYLE_MUTED, text.data,
	                text.len);
	str_release(&text);
}

static void draw_grid(struct charts *c, struct surface *s)
{
	int columns = s->w / CHART_MIN_W, rows = s->h / CHART_MIN_H, height,
	    count = (int)(c->got.total < 1000000 ? c->got.total : 1000000);
	size_t first, end;

	columns = columns < 1 ? 1 : columns > 4 ? 4 : columns > count ? count : columns;
	rows = rows < 1 ? 1 : rows;
	if (rows > (count + columns - 1) / columns)
		rows = (count + columns - 1) / columns;
	c->columns = columns;
	c->rows = rows;
	height = s->h / rows;
	if (height > 16 && rows * columns >= count && s->h > 20)
		height = height > 20 ? 20 : height;
	if ((int)c->at / columns < (int)c->first_row)
		c->first_row = c->at / (size_t)columns;
	if ((int)c->at / columns >= (int)c->first_row + rows)
		c->first_row = c->at / (size_t)columns - (size_t)rows + 1;
	first = c->first_row * (size_t)columns;
	end = first + (size_t)(rows * columns) - 1;
	need(c, first, end < c->got.total ? end : c->got.total - 1);
	for (int row = 0; row < rows; row++) {
		for (int col = 0; col < columns; col++) {
			size_t i = first + (size_t)(row * columns + col);
			int x = col * (s->w + 1) / columns, next = (col + 1) * (s->w + 1) / columns;
			struct surface cell;

			if (i >= c->got.total)
				return;
			cell = surface_part(s, x + 3, row * height, next - x - 5, height - (rows > 1 ? 1 : 0));
			if (i == c->at && c->got.total > 1)
				surface_glyph(s, x + 1, row * height, STYLE_ROW_CURSOR, GLYPH_CURSOR);
			draw_one(c, &cell, i, false);
		}
	}
}

void charts_draw(struct charts *c, struct surface *s)
{
	struct surface body = *s;

	if (c->plain) {
		draw_one(c, s, 0, false);
		return;
	}
	if (c->zoom) {
		draw_zoomed(c, s);
		return;
	}
	if (s->h > CHART_MIN_H && (c->filter[0] || c->got.total > CHARTS_FIRST)) {
		draw_head(c, s);
		body = surface_part(s, 0, 1, s->w, s->h - 1);
	}
	if (c->got.total == 0) {
		need(c, 0, 0);
		ui_paragraph(&body, 3, 0, STYLE_MUTED,
		             c->filter[0] ? "No name matches this filter."
		             : c->empty   ? c->empty
		                          : "no charts");
		return;
	}
	draw_grid(c, &body);
}

/* ---- the filter ---- */

static void filter_change(void *user, const char *text)
{
	struct charts *c = user;

	if (strlen(text) >= sizeof c->filter || strcmp(c->filter, text) == 0)
		return;
	snprintf(c->filter, sizeof c->filter, "%s", text);
	c->read(c->view);
}

static void filter_check(void *user, const char *text, struct ui_check *out)
{
	(void)user;
	out->ok = strlen(text) < LIST_FILTER;
	if (!out->ok) {
		out->at = LIST_FILTER - 1;
		snprintf(out->message, sizeof out->message, "a filter has at most %d bytes", LIST_FILTER - 1);
	}
}

static void filter_cancel(void *user)
{
	struct charts *c = user;

	filter_change(c, c->filter_before);
}

static void open_filter(struct charts *c)
{
	struct ui_prompt prompt = {.label = "/",
	                           .text = c->filter,
	                           .history = "charts-filter",
	                           .user = c,
	                           .check = filter_check,
	                           .change = filter_change,
	                           .accept = filter_change,
	                           .cancel = filter_cancel};

	memcpy(c->filter_before, c->filter, sizeof c->filter);
	ui_prompt(c->view, &prompt);
}

/* Not where all of them are seen: then there is nothing to be found. */
static bool is_filterable(const struct charts *c)
{
	return c->read && !c->zoom && (c->filter[0] || c->got.total > (size_t)(c->columns * c->rows));
}

/* ---- acts ---- */

static void move_cross(struct charts *c, int direction)
{
	const struct curve_chart *chart = chart_at(c, c->at);
	struct prepared p;

	if (!chart)
		return;
	prepare(c, chart, true, &p);
	c->cross = chart_cross_move(&p.line, c->cross, direction);
	prepared_release(&p, chart->count);
}

static void select_chart(struct charts *c, long at)
{
	if (at < 0 || at >= (long)c->got.total)
		return;
	c->at = (size_t)at;
	c->cross = (double)NAN;
}

bool charts_action(struct charts *c, enum action action)
{
	long at = (long)c->at, columns = c->columns > 0 ? c->columns : 1, last = (long)c->got.total - 1,
	     page = c->zoom || c->rows < 1 ? 1 : columns * c->rows;

	if (action == ACTION_LIST_FILTER && is_filterable(c)) {
		open_filter(c);
		return true;
	}
	if (last < 0)
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
		select_chart(c, last);
		return true;
	case ACTION_LIST_PAGE_UP:
		select_chart(c, at > page ? at - page : 0);
		return true;
	case ACTION_LIST_PAGE_DOWN:
		select_chart(c, at + page < last ? at + page : last);
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
		return c->got.total == 0 ? "there is no chart" : NULL;
	case ACTION_CHART_AXIS:
		return c->got.total == 0 ? "there is no chart" : c->time_only ? "these are measured over time" : NULL;
	case ACTION_CHART_MORE:
	case ACTION_CHART_LESS:
		return c->zoom ? NULL : "open a chart first (Enter)";
	case ACTION_LIST_FILTER:
		return is_filterable(c) ? NULL : "all charts are on the screen";
	default:
		return list_none(action);
	}
}
