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

/* Share of the plot's height: on a log scale too none is at its foot, and nothing below it. */
static double place_of(const struct chart_axis *y, double height)
{
	return height > 0 ? fmax(chart_axis_at(y, height), 0) : 0;
}

static int draw_name(struct surface *s, int x, int row, int end, style_id style, uint32_t sign,
                     const char *name)
{
	if (x + 4 >= end)
		return x;
	surface_rune(s, x, row, style, sign);
	return x + 2 + surface_put_cut(s, x + 2, row, end - x - 2, STYLE_TEXT, name, strlen(name)) + 3;
}

/* What is drawn, and what the heights are: at the end of the row, in a word where there is little room. */
static void draw_legend(struct surface *s, int row, const struct chart_histogram *c, const char *heights,
                        const char *brief)
{
	bool ascii = surface_charset(s) == TERM_ASCII;
	int x = 0, end = s->w - (c->log && brief ? (int)strlen(brief) + 2 : 0);

	if (c->over.count > 0 && c->main.name && c->over.name) {
		int both = surface_width(s, c->main.name, strlen(c->main.name)) +
		           surface_width(s, c->over.name, strlen(c->over.name)) + 7;

		/* Neither name takes the room of the other. */
		x = draw_name(s, x, row, both > end ? end / 2 : end, STYLE_HISTOGRAM, ascii ? '#' : 0x2588,
		              c->main.name);
		x = draw_name(s, x, row, end, STYLE_HISTOGRAM_OTHER, ascii ? '=' : 0x2500, c->over.name) - 1;
	}
	for (int i = 0; heights && i < 2; i++, heights = brief) {
		int len = (int)strlen(heights);

		if (x + len > s->w)
			continue;
		surface_put(s, x > 0 ? s->w - len : 0, row, STYLE_MUTED, heights);
		break;
	}
}

/* Columns of the plot that a part of the x axis takes: at least one. */
static bool is_marked_out(const struct chart_histogram *c, const struct plot *p, int x)
{
	double from = chart_axis_at(&p->x, c->from) * p->body.w, to = chart_axis_at(&p->x, c->to) * p->body.w;

	if (!(c->to > c->from))
		return false;
	from = fmax(from, -1);
	to = fmin(to, p->body.w + 1);
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

/* How high the columns are, and with that the y axis. The caller frees the heights. */
static void measure(const struct chart_histogram *c, const struct plot *plot, bool over,
                    struct plot_frame *frame, double **main, double **other)
{
	double main_total = over ? total(&c->main) : 1, over_total = total(&c->over);

	*main = heights(&c->main, plot, over, 1 / main_total);
	*other = over ? heights(&c->over, plot, true, 1 / over_total) : NULL;
	frame->y_max = largest(*main, plot->body.w, 0);
	if (over)
		frame->y_max = largest(*other, plot->body.w, frame->y_max);
	if (!c->log)
		return;
	frame->y_min = chart_log_floor(&c->main, plot->x.min, plot->x.max, plot->body.w, over) / main_total;
	if (over)
		frame->y_min =
		    fmin(frame->y_min,
		         chart_log_floor(&c->over, plot->x.min, plot->x.max, plot->body.w, true) / over_total);
	/* Columns may share what each bin has. */
	frame->y_max = fmax(frame->y_max, 2 * frame->y_min);
}

static void frame_of(const struct chart_histogram *c, bool over, struct plot_frame *frame)
{
	*frame =
	    (struct plot_frame){.title = c->title,
	                        .x_label = c->x_label,
	                        .y_label = over || c->log ? NULL : c->y_label,
	                        .unit = over ? "share of rows" : NULL,
	                        .note = c->log ? "log scale" : NULL,
	                        .legend_row = (over && c->main.name && c->over.name) || (c->log && !c->title),
	                        .whole_y = !over,
	                        .log_y = c->log,
	                        .widen_y = !c->log,
	                        .x_min = c->main.edges[0],
	                        .x_max = c->main.edges[c->main.count],
	                        .mark = c->mark};
	if (over) {
		frame->x_min = fmin(frame->x_min, c->over.edges[0]);
		frame->x_max = fmax(frame->x_max, c->over.edges[c->over.count]);
	}
	if (frame->x_min == frame->x_max) {
		double room = fabs(frame->x_min) < 1e-280 ? 1 : fabs(frame->x_min) / 20;

		frame->x_min -= room;
		frame->x_max += room;
		frame->only = c->only;
	}
}

/* Said in the title's row where there is one. */
static void say_heights(struct surface *s, int row, const struct chart_histogram *c, bool over)
{
	char text[40];

	if (c->title)
		draw_legend(s, row, c, NULL, NULL);
	else if (over)
		draw_legend(s, row, c, c->log ? "share of rows, log scale" : "share of rows",
		            c->log ? "log scale" : "share");
	else {
		snprintf(text, sizeof text, "%s%slog scale", c->y_label ? c->y_label : "", c->y_label ? ", " : "");
		draw_legend(s, row, c, text, "log scale");
	}
}

void chart_histogram_draw(struct surface *s, const struct chart_histogram *c)
{
	double main_total = total(&c->main), over_total = total(&c->over), *main, *other;
	bool over = over_total > 0 && has_range(&c->over);
	struct surface nowhere = *s;
	struct plot_frame frame;
	struct plot plot;

	if (c->body)
		*c->body = (struct rect){0};
	if (!has_range(&c->main) || !(main_total > 0)) {
		plot_empty(s, c->title, c->empty ? c->empty : "no values");
		return;
	}
	/* Axis labels need the height, the height needs the columns, the columns need the labels: the first time
	 * it is drawn on nothing to learn how wide the body is. */
	frame_of(c, over, &frame);
	frame.y_max = over ? 1 : main_total;
	frame.y_min = !c->log ? 0 : over ? 0.5 / fmax(main_total, over_total) : 0.5;
	nowhere.clip_x1 = nowhere.clip_x0;
	if (!plot_draw(&nowhere, &frame, &plot))
		return;
	measure(c, &plot, over, &frame, &main, &other);
	free(main);
	free(other);
	if (!plot_draw(s, &frame, &plot))
		return;
	measure(c, &plot, over, &frame, &main, &other);
	if (frame.legend_y >= 0)
		say_heights(s, frame.legend_y, c, over);
	tell_place(s, c, &plot);
	for (int x = 0; x < plot.body.w; x++) {
		draw_column(&plot.body, x, place_of(&plot.y, main[x]), main[x] > 0,
		            is_marked_out(c, &plot, x) ? STYLE_CROSSHAIR : STYLE_HISTOGRAM);
		if (other)
			draw_over(&plot.body, x, place_of(&plot.y, main[x]), place_of(&plot.y, other[x]), other[x] > 0);
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
