/* The table on the screen: header, rows, and the mouse on them. */
#include <stdlib.h>
#include <string.h>

#include "table.h"

enum {
	DOUBLE_CLICK_MS = 400,
	WHEEL_ROWS = 3,
	LEAST_ROWS = 3, /* that head rows leave to the others */
	RULE_FROM = 8,  /* rows that must be left for a line under the head rows */
};

/* ---- drawing ---- */

/* Columns without room: all of them, or those that are scrolled away behind the first one. */
static int hidden_columns(const struct ui_table *t, bool scrolled)
{
	int count = 0;

	for (size_t i = 1; i < t->column_count && !(scrolled && t->columns[i].shown_width); i++)
		count += !t->columns[i].shown_width;
	return count;
}

void ui_table_beyond(struct ui_table *t, size_t before, size_t after)
{
	t->before = before;
	t->after = after;
}

/* Returns where it ends. */
static int draw_title(struct ui_table *t, struct surface *s, size_t at)
{
	const struct column *c = &t->columns[at];
	int rank = table_sort_rank(t, at), x = c->x, w;
	int room = c->shown_width - (rank < 0 ? 0 : rank == 0 ? 2 : 3);
	style_id style = rank >= 0 ? STYLE_HEADER_SORT : STYLE_HEADER;

	w = surface_width(s, c->spec.title, strlen(c->spec.title));
	if (table_align(c) != UI_LEFT && w < room)
		x += room - w;
	w = surface_put_name(s, x, 0, room, at == t->column_at ? style | STYLE_UNDERLINE : style, c->spec.title);
	if (rank < 0)
		return x + w;
	surface_glyph(s, x + w + 1, 0, style, t->sort[rank].descending ? GLYPH_SORT_DOWN : GLYPH_SORT_UP);
	if (rank > 0)
		surface_printf(s, x + w + 2, 0, style, "%d", rank + 1);
	return x + w + 2 + (rank > 0);
}

static void draw_header(struct ui_table *t, struct surface *s)
{
	int left = t->scrolled ? hidden_columns(t, true) : 0, more = hidden_columns(t, false) - left, end = 0;
	int len;
	char text[16];

	for (size_t i = 0; i < t->column_count; i++)
		if (t->columns[i].shown_width)
			end = draw_title(t, s, i);
	/* What is scrolled away behind the name has its sign there; how many there are besides, in between or to the
	 * right, is said at the end, if not more than that has room. */
	more += (int)t->after;
	if (left || t->before)
		surface_glyph(s, t->columns[0].x + t->columns[0].shown_width, 0, STYLE_MUTED, GLYPH_LEFT);
	if (more < 1)
		return;
	len = snprintf(text, sizeof text, "+%d", more);
	if (end + 1 + len <= s->w)
		surface_put(s, s->w - len - (end + 1 + len < s->w), 0, STYLE_MUTED, text);
	else
		surface_put(s, s->w - 1, 0, STYLE_MUTED, "+");
}

static void draw_cell(struct surface *s, const struct column *c, int y, const struct ui_cell *cell,
                      style_id style, bool name)
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
	text = table_cell_text(s, cell);
	if (!cell->text)
		style = STYLE_MUTED;
	w = surface_width(s, text, strlen(text));
	if (table_align(c) == UI_RIGHT && w < room)
		x += room - w;
	else if (table_align(c) == UI_DECIMAL && w < room)
		x += room - c->fraction - surface_width(s, text, table_point(text));
	/* What is too long for its column loses its place under the others before it loses a character. */
	if (x + w > c->x + room)
		x = c->x + room - w;
	if (x < c->x)
		x = c->x;
	if (name)
		surface_put_name(s, x, y, room, style, text);
	else
		surface_put_cut(s, x, y, c->x + room - x, style, text, strlen(text));
}

enum sign { SIGN_NONE, SIGN_CURSOR, SIGN_ON_ITS_WAY };

static void draw_row(struct ui_table *t, struct surface *s, int y, const struct ui_row *row, enum sign sign)
{
	bool marked = ui_table_is_marked(t, row->id), current = sign == SIGN_CURSOR;

	if (row->gutter)
		surface_rune(s, 0, y, STYLE_ROW_BASELINE, (uint32_t)(unsigned char)row->gutter);
	if (sign == SIGN_ON_ITS_WAY && !marked)
		surface_glyph(s, 1, y, STYLE_MUTED, GLYPH_ELLIPSIS);
	else if (current || marked)
		surface_glyph(s, 1, y, current ? STYLE_ROW_CURSOR : STYLE_ROW_MARKED,
		              current && marked ? GLYPH_CURSOR_MARK
		              : current         ? GLYPH_CURSOR
		                                : GLYPH_MARK);
	for (size_t i = 0; i < t->column_count; i++) {
		const struct ui_cell *cell = &row->cells[i];
		style_id style = cell->style ? cell->style : row->style;

		if (!t->columns[i].shown_width)
			continue;
		if (t->muted)
			style = STYLE_DISABLED;
		/* A sign and a short span: a whole reversed line costs ten times the bytes for each step. */
		if (i == 0 && current)
			style = STYLE_ROW_CURSOR;
		draw_cell(s, &t->columns[i], y, cell, style, i == 0 || t->columns[i].spec.name);
	}
}

void ui_table_mute(struct ui_table *t, bool on)
{
	t->muted = on;
}

static void draw_empty(struct ui_table *t, struct surface *s)
{
	if (t->loading) {
		surface_put(s, TABLE_GUTTER, 0, STYLE_MUTED, "loading…");
	} else if (t->empty) {
		struct surface part = surface_part(s, TABLE_GUTTER, 0, s->w - 2 * TABLE_GUTTER, s->h);

		ui_paragraph(&part, 0, 0, STYLE_MUTED, t->empty);
	}
}

/* Lines of rows that stand under the header: as many as leave some to the rows that move. */
static int head_lines(const struct ui_table *t, int lines)
{
	int most = lines - LEAST_ROWS > 0 ? lines - LEAST_ROWS : 0;

	if (!t->page || !t->page->head_count)
		return 0;
	return t->page->head_count < (size_t)most ? (int)t->page->head_count : most;
}

static void draw_rows(struct ui_table *t, struct surface *s, bool focused)
{
	struct picture *p = &t->drawn;
	size_t lines = (size_t)s->h, count = t->page ? t->page->count : 0;
	/* While rows are on their way that a key has sent for, keys mean those: no row here is the current one. */
	bool waits = table_holds_keys(t);

	p->generation = t->page ? t->page->generation : 0;
	p->cursor_id = waits ? 0 : t->cursor_id;
	p->ids = vec_reserve(p->ids, &p->cap, lines, sizeof *p->ids);
	for (p->count = 0; p->count < lines && t->top + p->count < count; p->count++) {
		const struct ui_row *row = &t->page->rows[t->top + p->count];
		bool current = t->top + p->count == t->cursor;

		p->ids[p->count] = row->id;
		draw_row(t, s, (int)p->count, row, !current ? SIGN_NONE : waits ? SIGN_ON_ITS_WAY : SIGN_CURSOR);
		if (current && focused)
			surface_cursor(s, 1, (int)p->count, false);
	}
	t->newly_drawn = true;
	t->unshown = false;
}

void ui_table_draw(struct ui_table *t, struct surface *s, bool focused)
{
	int head = head_lines(t, s->h - 1), rule = head && s->h - 2 - head >= RULE_FROM, y = 1 + head + rule;
	struct surface rows = surface_part(s, 0, y, s->w, s->h - y);

	if (focused)
		t->view->private_->table = t;
	if (t->view->private_->drawn_count < COUNT_OF(t->view->private_->drawn))
		t->view->private_->drawn[t->view->private_->drawn_count++] = t;
	t->place = (struct rect){s->x, s->y, s->w, s->h};
	t->beside = s->w < s->grid->w;
	if (rows.h < 1 || s->w < 1)
		return;
	if (t->height != rows.h) {
		t->height = rows.h;
		/* keep_in_sight for the new height */
		table_move(t, 0);
	}
	table_measure(t, s, rows.h);
	table_place_columns(t, s->w);
	if (head || (t->page && t->page->count))
		draw_header(t, s);
	for (int i = 0; i < head; i++)
		draw_row(t, s, 1 + i, &t->page->head[i], SIGN_NONE);
	if (rule)
		surface_hline(s, TABLE_GUTTER, 1 + head, s->w - TABLE_GUTTER - 1, STYLE_BORDER);
	t->drawn.rows_y = y;
	draw_rows(t, &rows, focused);
	if (t->page && t->page->count)
		ui_table_need(t);
	else
		draw_empty(t, &rows);
}

/* ---- mouse ---- */

/* A click sorts, a second one or Shift turns it round, Ctrl sorts by the column after those it is sorted by. */
static void click_header(struct ui_table *t, int x, unsigned mods)
{
	for (size_t i = 0; i < t->column_count; i++) {
		const struct column *c = &t->columns[i];

		if (!c->shown_width || x < c->x || x >= c->x + c->shown_width + TABLE_GAP)
			continue;
		if (mods & TERM_CTRL)
			table_sort_also(t, i);
		else
			table_sort_by(t, i, mods & TERM_SHIFT);
	}
}

/* The line means the row that the person saw there, wherever that is now. */
static void click_row(struct ui_table *t, size_t line)
{
	int64_t now = time_mono_ms(), id = line < t->seen.count ? t->seen.ids[line] : 0;
	bool twice = id == t->click_id && now - t->click_ms <= DOUBLE_CLICK_MS;
	struct ui *ui = t->view->ui;
	size_t at = id ? table_row_at(t->page, id) : SIZE_MAX;

	if (!id)
		return;
	/* What was typed before the hand came into it, and what is typed after it pointed at nothing, is void. */
	ui->held_count = 0;
	if (at == SIZE_MAX) {
		table_displace(t);
		ui_message(ui, STYLE_WARN, "that row is not here any more");
		return;
	}
	t->click_ms = now;
	t->click_id = id;
	table_go_to(t, at);
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
		click_header(t, x, e->mods);
	else if (y >= t->seen.rows_y)
		click_row(t, (size_t)(y - t->seen.rows_y));
	return true;
}
