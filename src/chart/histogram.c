/* Histograms, one or two over each other, and bars of categories. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "chart_inside.h"

static double total(const struct chart_bins *b)
{
	double sum = 0;

	for (size_t i = 0; i < b->count; i++)
		if (isfinite(b->counts[i]))
			sum += b->counts[i];
	return sum;
}

static bool has_range(const struct chart_bins *b)
{
	return b->count > 0 && isfinite(b->edges[0]) && isfinite(b->edges[b->count]);
}

static double *heights(const struct chart_bins *b, const struct plot *p, bool share, double scale)
{
	double *h = xcalloc((size_t)p->body.w, sizeof *h);

	chart_bins_columns(b, p->x.min, p->x.max, p->body.w, share, h);
	for (int i = 0; i < p->body.w; i++)
		h[i] *= scale;
	return h;
}

static double largest(const double *h, int columns, double so_far)
{
	for (int i = 0; i < columns; i++)
		so_far = fmax(so_far, h[i]);
	return so_far;
}

static void draw_column(struct surface *s, int x, double share, bool some, style_id style)
{
	bool ascii = surface_charset(s) == TERM_ASCII;
	int eighths = (int)(share * s->h * 8 + 0.5);

	if (eighths == 0 && some)
		eighths = 1; /* a rare value is not none */
	for (int row = 0; row < s->h && eighths > 0; row++, eighths -= 8) {
		int y = s->h - 1 - row;

		if (eighths >= 8)
			surface_rune(s, x, y, style, ascii ? '#' : 0x2588);
		else
			surface_rune(s, x, y, style, ascii ? (eighths >= 4 ? ':' : '.') : (uint32_t)(0x2580 + eighths));
	}
}

/* The other distribution's height as a short line, reversed where it lies on a bar. */
static void draw_over(struct surface *s, int x, double main, double share, bool some)
{
	/* Upper, middle, lower third of a cell. */
	static const uint16_t lines[3] = {0x2594, 0x2500, 0x2581};
	int thirds, row, bar_top;

	if (!some)
		return;
	thirds = (int)((1 - fmin(share, 1)) * (s->h * 3 - 1) + 0.5);
	row = thirds / 3;
	bar_top = s->h - (int)(main * s->h * 8 + 0.5) / 8; /* first row that the bar fills */
	if (surface_charset(s) == TERM_ASCII)
		surface_rune(s, x, row, STYLE_HISTOGRAM_OTHER, '=');
	else if (row >= bar_top)
		surface_rune(s, x, row, STYLE_HISTOGRAM | STYLE_REVERSE, lines[thirds % 3]);
	else
		surface_rune(s, x, row, STYLE_HISTOGRAM_OTHER, lines[thirds % 3]);
}

/* unit: of the heights; at the end of the row, or its first word alone where there is little room; NULL: said above. */
static void draw_names(struct surface *s, int row, const struct chart_histogram *c, const char *unit)
{
	bool ascii = surface_charset(s) == TERM_ASCII;
	int x = 0;

	if (!c->main.name || !c->over.name)
		return;
	surface_rune(s, x, row, STYLE_HISTOGRAM, ascii ? '#' : 0x2588);
	x += 2;
	x += surface_put_cut(s, x, row, s->w > x ? s->w - x : 0, STYLE_TEXT, c->main.name, strlen(c->main.name)) +
	     3;
	if (x + 4 >= s->w)
		return;
	surface_rune(s, x, row, STYLE_HISTOGRAM_OTHER, ascii ? '=' : 0x2500);
	x += 2;
	x += surface_put_cut(s, x, row, s->w - x, STYLE_TEXT, c->over.name, strlen(c->over.name)) + 2;
	if (unit) {
		size_t len = strlen(unit);

		if (x + (int)len > s->w)
			len = strcspn(unit, " ");
		if (x + (int)len <= s->w)
			surface_put_cut(s, s->w - (int)len, row, (int)len, STYLE_MUTED, unit, len);
	}
}

/* Columns of the plot that a part of the x axis takes: at least one. */
static bool is_marked_out(const struct chart_histogram *c, const struct plot *p, int x)
{
	double from = chart_axis_at(&p->x, c->from) * p->body.w, to = chart_axis_at(&p->x, c->to) * p->body.w;

	if (!(c->to > c->from))
		return false;
	return (x + 0.5 >= from && x + 0.5 < to) || x == (int)((from + to) / 2);
}

static void tell_place(const struct surface *s, const struct chart_histogram *c, const struct plot *p)
{
	if (c->body)
		*c->body = (struct rect){p->body.x - s->x, p->body.y - s->y, p->body.w, p->body.h};
	if (c->least)
		*c->least = p->x.min;
	if (c->most)
		*c->most = p->x.max;
}

void chart_histogram_draw(struct surface *s, const struct chart_histogram *c)
{
	struct plot_frame frame = {
	    .title = c->title, .x_label = c->x_label, .y_label = c->y_label, .mark = c->mark};
	struct plot plot;
	double main_total = total(&c->main), over_total = total(&c->over);
	bool over = over_total > 0 && has_range(&c->over);
	double *main, *other = NULL, top;

	if (c->body)
		*c->body = (struct rect){0};

	if (!has_range(&c->main) || !(main_total > 0)) {
		plot_empty(s, c->title, c->empty ? c->empty : "no values");
		return;
	}
	frame.x_min = c->main.edges[0];
	frame.x_max = c->main.edges[c->main.count];
	if (over) {
		frame.x_min = fmin(frame.x_min, c->over.edges[0]);
		frame.x_max = fmax(frame.x_max, c->over.edges[c->over.count]);
		frame.unit = "share of rows";
		frame.y_label = NULL;
	}
	frame.legend_row = over && c->main.name && c->over.name;
	frame.whole_y = !over;
	frame.widen_y = true;
	/* Axis labels need the height, the height needs the columns, the columns need the labels: the first pass
	 * draws on nothing to learn how wide the body is. */
	for (int pass = 0; pass < 2; pass++) {
		struct surface nowhere = surface_part(s, 0, 0, s->w, s->h);

		if (pass == 0) {
			nowhere.clip_x1 = nowhere.clip_x0;
			frame.y_max = over ? 1 : main_total;
		}
		if (!plot_draw(pass == 0 ? &nowhere : s, &frame, &plot))
			return;
		if (pass == 1)
			break;
		main = heights(&c->main, &plot, over, over ? 1 / main_total : 1);
		top = largest(main, plot.body.w, 0);
		free(main);
		if (over) {
			other = heights(&c->over, &plot, true, 1 / over_total);
			top = largest(other, plot.body.w, top);
			free(other);
		}
		frame.y_max = top;
	}
	main = heights(&c->main, &plot, over, over ? 1 / main_total : 1);
	other = over ? heights(&c->over, &plot, true, 1 / over_total) : NULL;
	if (frame.legend_y >= 0)
		draw_names(s, frame.legend_y, c, c->title ? NULL : frame.unit);
	tell_place(s, c, &plot);
	for (int x = 0; x < plot.body.w; x++) {
		draw_column(&plot.body, x, chart_axis_at(&plot.y, main[x]), main[x] > 0,
		            is_marked_out(c, &plot, x) ? STYLE_CROSSHAIR : STYLE_HISTOGRAM);
		if (other)
			draw_over(&plot.body, x, chart_axis_at(&plot.y, main[x]), chart_axis_at(&plot.y, other[x]),
			          other[x] > 0);
	}
	free(main);
	free(other);
}

void chart_bars_draw(struct surface *s, const struct chart_bar *bars, size_t count, const char *empty)
{
	enum term_charset charset = surface_charset(s);
	double top = 0;
	int label = 0, text = 0, room;
	struct str meter;

	if (count == 0) {
		plot_empty(s, NULL, empty ? empty : "no values");
		return;
	}
	for (size_t i = 0; i < count; i++) {
		char number[NUM_TEXT];
		const char *shown = bars[i].text ? bars[i].text : num_people(bars[i].value, 4, number);
		int w = surface_width(s, bars[i].label, strlen(bars[i].label));
		int t = surface_width(s, shown, strlen(shown));

		label = w > label ? w : label;
		text = t > text ? t : text;
		if (isfinite(bars[i].value))
			top = fmax(top, bars[i].value);
		if (isfinite(bars[i].over))
			top = fmax(top, bars[i].over);
	}
	if (label > s->w / 3)
		label = s->w / 3;
	room = s->w - label - text - 3;
	if (room < 3) /* no room for bars: labels and numbers say the same */
		room = 0;
	str_init(&meter);
	for (size_t i = 0; i < count && (int)i < s->h; i++) {
		char number[NUM_TEXT];
		const char *shown = bars[i].text ? bars[i].text : num_people(bars[i].value, 4, number);
		double share = top > 0 && isfinite(bars[i].value) ? bars[i].value / top : 0;
		int y = (int)i;

		surface_put_cut(s, 0, y, label, STYLE_TEXT, bars[i].label, strlen(bars[i].label));
		if (room > 0) {
			chart_meter_text(&meter, room, share, charset);
			surface_put(s, label + 1, y, STYLE_HISTOGRAM, meter.data);
			if (isfinite(bars[i].over) && top > 0) {
				int at = (int)(bars[i].over / top * (room - 1) + 0.5);

				surface_rune(s, label + 1 + at, y, STYLE_HISTOGRAM_OTHER,
				             charset == TERM_ASCII ? '|' : 0x2502);
			}
		}
		if (s->w > label + 1)
			surface_put_right(s, s->w > text ? s->w - text : 0, y, text < s->w ? text : s->w, STYLE_TEXT,
			                  shown);
	}
	str_release(&meter);
}
