/* The table on the screen: widths, which columns have room, rows, mouse. */
#include <stdlib.h>
#include <string.h>

#include "table.h"

enum {
	GUTTER = 3, /* the row's own sign, cursor and mark, a blank */
	GAP = 2,
	SPARK_WIDTH = 10,
	DOUBLE_CLICK_MS = 400,
	WHEEL_ROWS = 3,
};

/* ---- widths ---- */

static const char *cell_text(const struct surface *s, const struct ui_cell *c)
{
	return c->text ? c->text : term_glyph(surface_charset(s), GLYPH_NONE);
}

/* Columns before the decimal point; all of a text without one. */
static int whole_width(const struct surface *s, const char *text)
{
	const char *point = strchr(text, '.');

	return surface_width(s, text, point ? (size_t)(point - text) : strlen(text));
}

static void measure_cell(struct column *c, const struct surface *s, const struct ui_cell *cell)
{
	const char *text;
	int w;

	if (cell->spark) {
		w = c->spec.max ? c->spec.max : SPARK_WIDTH;
	} else {
		text = cell_text(s, cell);
		w = surface_width(s, text, strlen(text));
		if (c->spec.align == UI_DECIMAL) {
			int whole = whole_width(s, text);

			c->whole = whole > c->whole ? whole : c->whole;
			c->fraction = w - whole > c->fraction ? w - whole : c->fraction;
			w = c->whole + c->fraction;
		}
	}
	c->width = w > c->width ? w : c->width;
}

/* Widths only grow while the columns stay, so that the table does not jump about as it scrolls. */
void table_measure(struct ui_table *t, const struct surface *s)
{
	for (size_t i = 0; i < t->column_count; i++) {
		struct column *c = &t->columns[i];
		int title = surface_width(s, c->spec.title, strlen(c->spec.title)) + (c->spec.no_sort ? 0 : 2);

		for (size_t r = 0; t->page && r < t->page->count; r++)
			measure_cell(c, s, &t->page->rows[r].cells[i]);
		c->shown_width = c->width > title ? c->width : title;
		if (c->shown_width < c->spec.min)
			c->shown_width = c->spec.min;
		if (c->spec.max && c->shown_width > c->spec.max)
			c->shown_width = c->spec.max;
	}
}

static int total_width(const struct ui_table *t)
{
	int total = GUTTER;

	for (size_t i = 0; i < t->column_count; i++)
		if (t->columns[i].shown_width)
			total += t->columns[i].shown_width + GAP;
	return total - GAP;
}

/* Takes columns away until the rest has room: least important first, then the ones left of the current
 * column, then the last ones. The first column and the current one stay. */
static bool drop_columns(struct ui_table *t, int width)
{
	bool dropped = false;

	while (total_width(t) > width) {
		size_t worst = 0;

		for (size_t i = 1; i < t->column_count; i++)
			if (t->columns[i].shown_width && i != t->column_at && t->columns[i].spec.priority > 0 &&
			    (!worst || t->columns[i].spec.priority >= t->columns[worst].spec.priority))
				worst = i;
		for (size_t i = 1; !worst && i < t->column_at; i++)
			if (t->columns[i].shown_width)
				worst = i;
		for (size_t i = t->column_count; !worst && i-- > 1;)
			if (t->columns[i].shown_width && i != t->column_at)
				worst = i;
		if (!worst)
			break;
		t->columns[worst].shown_width = 0;
		dropped = true;
	}
	return dropped;
}

static void place_columns(struct ui_table *t)
{
	int x = GUTTER;

	for (size_t i = 0; i < t->column_count; i++) {
		t->columns[i].x = x;
		if (t->columns[i].shown_width)
			x += t->columns[i].shown_width + GAP;
	}
}

/* ---- drawing ---- */

static void draw_header(struct ui_table *t, struct surface *s, bool dropped)
{
	for (size_t i = 0; i < t->column_count; i++) {
		const struct column *c = &t->columns[i];
		bool sorted = t->sort_count && !strcmp(c->spec.id, t->sort[0].column);
		style_id style = sorted ? STYLE_HEADER_SORT : STYLE_HEADER;
		int arrow = sorted ? 2 : 0, room = c->shown_width - arrow, x = c->x, w;

		if (!c->shown_width)
			continue;
		if (i == t->column_at)
			style |= STYLE_UNDERLINE;
		w = surface_width(s, c->spec.title, strlen(c->spec.title));
		if (c->spec.align != UI_LEFT && w < room)
			x += room - w;
		w = surface_put_cut(s, x, 0, room, style, c->spec.title, strlen(c->spec.title));
		if (sorted)
			surface_glyph(s, x + w + 1, 0, STYLE_HEADER_SORT,
			              t->sort[0].descending ? GLYPH_SORT_DOWN : GLYPH_SORT_UP);
	}
	if (dropped)
		surface_glyph(s, s->w - 1, 0, STYLE_MUTED, GLYPH_RIGHT);
}

static void draw_cell(struct surface *s, const struct column *c, int y, const struct ui_cell *cell,
                      style_id style)
{
	const char *text;
	int x = c->x, w, room = c->shown_width;

	if (cell->spark) {
		if (cell->gauge)
			surface_gauge(s, x, y, room, cell->n ? cell->spark[0] : 0);
		else
			surface_spark(s, x, y, room, style ? style : STYLE_SPARK, cell->spark, cell->n);
		return;
	}
	text = cell_text(s, cell);
	if (!cell->text)
		style = STYLE_MUTED;
	w = surface_width(s, text, strlen(text));
	if (c->spec.align == UI_RIGHT && w < room)
		x += room - w;
	else if (c->spec.align == UI_DECIMAL && w < room)
		x += room - c->fraction - whole_width(s, text);
	if (x < c->x)
		x = c->x;
	surface_put_cut(s, x, y, c->x + room - x, style, text, strlen(text));
}

static void draw_row(struct ui_table *t, struct surface *s, int y, size_t at, bool focused)
{
	const struct ui_row *row = &t->page->rows[at];
	bool current = at == t->cursor, marked = ui_table_is_marked(t, row->id);

	if (row->gutter)
		surface_rune(s, 0, y, STYLE_ROW_BASELINE, (uint32_t)(unsigned char)row->gutter);
	if (current || marked)
		surface_glyph(s, 1, y, current ? STYLE_ROW_CURSOR : STYLE_ROW_MARKED,
		              current && marked ? GLYPH_CURSOR_MARK
		              : current         ? GLYPH_CURSOR
		                                : GLYPH_MARK);
	for (size_t i = 0; i < t->column_count; i++) {
		const struct ui_cell *cell = &row->cells[i];
		style_id style = cell->style ? cell->style : row->style;

		if (!t->columns[i].shown_width)
			continue;
		/* A sign and a short span: a whole reversed line costs ten times the bytes for each step. */
		if (i == 0 && current)
			style = STYLE_ROW_CURSOR;
		draw_cell(s, &t->columns[i], y, cell, style);
	}
	if (current && focused)
		surface_cursor(s, 1, y, false);
}

static void draw_empty(struct ui_table *t, struct surface *s)
{
	if (t->loading) {
		surface_put(s, GUTTER, 0, STYLE_MUTED, "loading…");
	} else if (t->empty) {
		struct surface part = surface_part(s, GUTTER, 1, s->w - 2 * GUTTER, s->h - 1);

		ui_paragraph(&part, 0, 0, STYLE_MUTED, t->empty);
	}
}

void ui_table_draw(struct ui_table *t, struct surface *s, bool focused)
{
	struct surface rows = surface_part(s, 0, 1, s->w, s->h - 1);
	bool dropped;

	if (focused)
		t->view->private_->table = t;
	t->place = (struct rect){s->x, s->y, s->w, s->h};
	if (rows.h < 1 || s->w < 1)
		return;
	if (t->height != rows.h) {
		t->height = rows.h;
		/* keep_in_sight for the new height */
		table_move(t, 0);
	}
	table_measure(t, s);
	dropped = drop_columns(t, s->w - 1);
	place_columns(t);
	if (!t->page || !t->page->count) {
		draw_empty(t, &rows);
		return;
	}
	draw_header(t, s, dropped);
	for (int y = 0; y < rows.h && t->top + (size_t)y < t->page->count; y++)
		draw_row(t, &rows, y, t->top + (size_t)y, focused);
	ui_table_need(t);
}

/* ---- mouse ---- */

static void click_header(struct ui_table *t, int x)
{
	for (size_t i = 0; i < t->column_count; i++)
		if (t->columns[i].shown_width && x >= t->columns[i].x &&
		    x < t->columns[i].x + t->columns[i].shown_width + GAP)
			table_sort_by(t, i);
}

static void click_row(struct ui_table *t, size_t at)
{
	int64_t now = time_mono_ms(), id = t->page->rows[at].id;
	bool twice = id == t->click_id && now - t->click_ms <= DOUBLE_CLICK_MS;
	struct ui *ui = t->view->ui;

	t->click_ms = now;
	t->click_id = id;
	table_move(t, (int64_t)at - (int64_t)t->cursor);
	for (size_t i = 0; twice && i < ui->keymap.action_count; i++)
		if (ui->keymap.actions[i].id == ACTION_LIST_OPEN) {
			ui_perform(ui, &ui->keymap.actions[i]);
			break;
		}
}

bool ui_table_event(struct ui_table *t, const struct term_event *e)
{
	int x = e->x - t->place.x, y = e->y + t->view->ui->body_y - t->place.y;

	if (e->kind != TERM_EVENT_MOUSE || x < 0 || y < 0 || x >= t->place.w || y >= t->place.h || !t->page)
		return false;
	if (e->mouse == TERM_MOUSE_WHEEL_UP || e->mouse == TERM_MOUSE_WHEEL_DOWN) {
		table_move(t, e->mouse == TERM_MOUSE_WHEEL_UP ? -WHEEL_ROWS : WHEEL_ROWS);
		return true;
	}
	if (e->mouse != TERM_MOUSE_PRESS || e->button != 1)
		return false;
	if (y == 0)
		click_header(t, x);
	else if (t->top + (size_t)y - 1 < t->page->count)
		click_row(t, t->top + (size_t)y - 1);
	return true;
}
