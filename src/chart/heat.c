/* Heat maps: a matrix of cells. */
#include <math.h>
#include <string.h>

#include "chart_inside.h"

enum { WIDE = 4, NARROW = 2, NAME_LEAST = 6, LEGEND_CELL = 2 };

static int clamp(int value, int low, int high)
{
	return value < low ? low : value > high ? high : value;
}

/* 0 to STYLE_HEAT_STEPS: how much it is; what is nearly nought has no colour. */
static int step_of(double value)
{
	return clamp((int)lround(fabs(value) * STYLE_HEAT_STEPS), 0, STYLE_HEAT_STEPS);
}

static bool has_ramp(const struct chart_heat *c)
{
	return c->colours > TERM_MONO;
}

static style_id style_of(const struct chart_heat *c, double value)
{
	int step = step_of(value);
	style_id side = value < 0 ? STYLE_HEAT_LESS : STYLE_HEAT;

	if (step == 0)
		return STYLE_MUTED;
	return has_ramp(c) ? (style_id)(side + step) : side;
}

static uint32_t shade(enum term_charset charset, int step)
{
	static const char ascii[STYLE_HEAT_STEPS + 1] = {' ', '.', ':', '+', '*', '%', '#'};
	static const uint16_t blocks[STYLE_HEAT_STEPS + 1] = {' ',    0x2591, 0x2591, 0x2592,
	                                                      0x2592, 0x2593, 0x2588};

	return charset == TERM_ASCII ? (uint32_t)ascii[step] : blocks[step];
}

/* ---- where things stand ---- */

static int widest(const struct surface *s, const char *const *names, size_t count)
{
	int most = 0;

	for (size_t i = 0; i < count; i++) {
		int w = surface_width(s, names[i], strlen(names[i]));

		most = w > most ? w : most;
	}
	return most;
}

static size_t scrolled(size_t top, size_t at, size_t count, size_t room)
{
	if (count <= room)
		return 0;
	if (at != SIZE_MAX && at < top)
		top = at;
	if (at != SIZE_MAX && at >= top + room)
		top = at - room + 1;
	return top + room > count ? count - room : top;
}

static bool place_cells(const struct surface *s, const struct chart_heat *c, struct chart_heat_place *p,
                        int *head)
{
	int names = clamp(widest(s, c->row_names, c->rows), 1, s->w / 3 > NAME_LEAST ? s->w / 3 : NAME_LEAST);
	int above = widest(s, c->column_names, c->columns), rest, rows;

	/* What has to be scrolled anyway gets more of the width. */
	if (names > s->w / 4 && (size_t)((s->w - names - 1) / NARROW) < c->columns && s->w / 4 > NAME_LEAST)
		names = s->w / 4;
	if (names + 1 + NARROW > s->w)
		names = 0;
	p->x = names ? names + 1 : 0;
	rest = s->w - p->x;
	p->cell = (size_t)rest / WIDE >= c->columns ? WIDE : rest >= NARROW ? NARROW : 1;
	*head = above < p->cell ? 1 : clamp(above, 1, CHART_HEAT_HEAD);
	if (s->h < *head + 3)
		*head = s->h > 3 ? 1 : 0;
	p->y = *head;
	rows = s->h - p->y;
	if (rows <= 0 || rest <= 0)
		return false;
	p->columns = (size_t)(rest / p->cell);
	p->rows = (size_t)rows;
	p->columns = p->columns > c->columns ? c->columns : p->columns;
	p->rows = p->rows > c->rows ? c->rows : p->rows;
	p->left = scrolled(c->left, c->at_column, c->columns, p->columns);
	p->top = scrolled(c->top, c->at_row, c->rows, p->rows);
	return true;
}

/* ---- drawing ---- */

/* One letter under another, the last one next to the cells; a name that is longer loses its end. */
static void draw_upright(struct surface *s, int x, int head, style_id style, const char *name)
{
	int total = 0, used = 0;
	size_t len = strlen(name);

	for (size_t at = 0, n; at < len && total < head; at += n, total++) {
		int w;

		n = text_grapheme(name + at, len - at, &w);
		if (n == 0)
			break;
	}
	for (size_t at = 0, n; at < len && used < total; at += n, used++) {
		int w;

		n = text_grapheme(name + at, len - at, &w);
		if (w <= 1)
			surface_put_n(s, x, head - total + used, style, name + at, n);
	}
}

static void draw_names(struct surface *s, const struct chart_heat *c, const struct chart_heat_place *p,
                       int head)
{
	for (size_t i = 0; i < p->rows && p->x > 1; i++) {
		bool here = p->top + i == c->at_row;

		surface_put_name(s, 0, p->y + (int)i, p->x - 1, here ? STYLE_CROSSHAIR | STYLE_BOLD : STYLE_TEXT,
		                 c->row_names[p->top + i]);
	}
	for (size_t i = 0; i < p->columns && head > 0; i++) {
		bool here = p->left + i == c->at_column;
		style_id style = here ? STYLE_CROSSHAIR | STYLE_BOLD : STYLE_HEADER;
		const char *name = c->column_names[p->left + i];
		int x = p->x + (int)i * p->cell, w = surface_width(s, name, strlen(name));

		if (w < p->cell || (head == 1 && w <= p->cell))
			surface_put_right(s, x, head - 1, p->cell, style, name);
		else
			draw_upright(s, x + p->cell - 1, head, style, name);
	}
}

static void draw_none(struct surface *s, int x, int y, int cell, style_id style, enum glyph glyph)
{
	surface_glyph(s, x + cell - 1, y, style, glyph);
}

static void draw_cell(struct surface *s, const struct chart_heat *c, int cell, int x, int y, double value,
                      bool diagonal, bool here)
{
	style_id style = here ? STYLE_ROW_CURSOR : style_of(c, value);
	enum term_charset charset = surface_charset(s);
	int step = step_of(value), whole = (int)lround(value * 100);
	uint32_t sign = shade(charset, step);

	if (here)
		surface_fill(s, x, y, cell, 1, style);
	if (diagonal || isnan(value)) {
		if (here && cell == NARROW)
			surface_put(s, x, y, style, "[]");
		else
			draw_none(s, x, y, cell, here ? style : STYLE_MUTED, diagonal ? GLYPH_DOT : GLYPH_NONE);
		if (here && cell == WIDE)
			surface_glyph(s, x, y, style, GLYPH_CURSOR);
		return;
	}
	if (!here && has_ramp(c) && step > 0)
		surface_fill(s, x, y, cell, 1, style);
	if (cell == WIDE) {
		if (here)
			surface_glyph(s, x, y, style, GLYPH_CURSOR);
		else if (!has_ramp(c) && step > 0)
			surface_rune(s, x, y, style, sign);
		surface_printf(s, x + 1, y, style, "%3d", whole);
	} else if (here && cell == NARROW) {
		surface_put(s, x, y, style, "[]");
	} else if (has_ramp(c)) {
		if (value < 0 && step > 0)
			surface_put(s, x + cell - 1, y, style, "-");
	} else if (step > 0) {
		for (int i = 0; i < cell; i++)
			surface_rune(s, x + i, y, style, i == 0 && value < 0 ? '-' : sign);
	}
}

int chart_heat_legend(struct surface *s, int y, int width, const struct chart_heat *c, const char *text)
{
	const int half = STYLE_HEAT_STEPS * LEGEND_CELL;
	int words = text ? surface_width(s, text, strlen(text)) + 2 : 0, x;
	int used = (c->negative ? 3 + half + 1 : 0) + 2 + half + 2;

	if (used > width)
		return 0;
	words = used + words > width ? 0 : words;
	used += words;
	x = s->w - used;
	if (words)
		surface_put(s, x, y, STYLE_MUTED, text);
	x += words;
	if (c->negative) {
		x += surface_put(s, x, y, STYLE_AXIS, "-1 ");
		for (int step = STYLE_HEAT_STEPS; step > 0; step--, x += LEGEND_CELL)
			draw_cell(s, c, LEGEND_CELL, x, y, -(double)step / STYLE_HEAT_STEPS, false, false);
		x++;
	}
	x += surface_put(s, x, y, STYLE_AXIS, "0 ");
	for (int step = 1; step <= STYLE_HEAT_STEPS; step++, x += LEGEND_CELL)
		draw_cell(s, c, LEGEND_CELL, x, y, (double)step / STYLE_HEAT_STEPS, false, false);
	surface_put(s, x, y, STYLE_AXIS, " 1");
	return used;
}

/* Which way there is more. */
static void draw_more(struct surface *s, const struct chart_heat *c, const struct chart_heat_place *p)
{
	int right = p->x + (int)p->columns * p->cell, below = p->y + (int)p->rows;

	if (p->x > 0 && p->top > 0)
		surface_glyph(s, p->x - 1, p->y, STYLE_ACCENT, GLYPH_UP);
	if (p->x > 0 && p->top + p->rows < c->rows)
		surface_glyph(s, p->x - 1, below - 1, STYLE_ACCENT, GLYPH_DOWN);
	if (p->y > 0 && p->left > 0 && p->x > 0)
		surface_glyph(s, p->x - 1, p->y - 1, STYLE_ACCENT, GLYPH_LEFT);
	if (p->y > 0 && p->left + p->columns < c->columns && right < s->w)
		surface_glyph(s, right, p->y - 1, STYLE_ACCENT, GLYPH_RIGHT);
}

void chart_heat_draw(struct surface *s, const struct chart_heat *c, struct chart_heat_place *place)
{
	int head;

	*place = (struct chart_heat_place){0};
	if (c->rows == 0 || c->columns == 0) {
		plot_empty(s, NULL, c->empty ? c->empty : "no values");
		return;
	}
	if (!place_cells(s, c, place, &head))
		return;
	draw_names(s, c, place, head);
	for (size_t i = 0; i < place->rows; i++)
		for (size_t k = 0; k < place->columns; k++) {
			size_t row = place->top + i, column = place->left + k;
			bool here = row == c->at_row && column == c->at_column;
			int x = place->x + (int)k * place->cell, y = place->y + (int)i;

			draw_cell(s, c, place->cell, x, y, c->values[row * c->columns + column], c->same && row == column,
			          here);
			if (here)
				surface_cursor(s, x, y, false);
		}
	draw_more(s, c, place);
}

bool chart_heat_hit(const struct chart_heat_place *p, int x, int y, size_t *row, size_t *column)
{
	if (p->cell == 0 || x < p->x || y < p->y || (size_t)(y - p->y) >= p->rows ||
	    (size_t)((x - p->x) / p->cell) >= p->columns)
		return false;
	*row = p->top + (size_t)(y - p->y);
	*column = p->left + (size_t)((x - p->x) / p->cell);
	return true;
}
