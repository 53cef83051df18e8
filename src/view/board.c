/* Several short lists under each other, with one cursor through all of them. */
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "view_inside.h"

enum { GUTTER = 3, GAP = 2, SPARK = 10, GAUGE = 12, MOST = 40, LEAST = 28, WHEEL_ROWS = 3 };

static void forget_sections(struct board *b)
{
	for (size_t i = 0; i < b->count; i++)
		free(b->sections[i].rows);
	memset(b->sections, 0, sizeof b->sections);
	b->count = 0;
}

void board_release(struct board *b)
{
	forget_sections(b);
	arena_free(b->mem);
	free(b->ids);
	*b = (struct board){0};
}

void board_begin(struct board *b)
{
	forget_sections(b);
	arena_free(b->mem);
	b->mem = arena_new();
}

struct board_section *board_add(struct board *b, const char *title)
{
	struct board_section *s;

	if (b->count == BOARD_SECTIONS)
		bug("a board of more than %d sections", BOARD_SECTIONS);
	s = &b->sections[b->count++];
	s->title = title;
	return s;
}

struct board_row *board_row(struct board_section *s, int64_t id)
{
	struct board_row *row;

	s->rows = vec_reserve(s->rows, &s->cap, s->count + 1, sizeof *s->rows);
	row = &s->rows[s->count++];
	*row = (struct board_row){.id = id};
	return row;
}

void board_line(struct board *b, struct board_section *s, style_id style, const char *text)
{
	struct board_row *row = board_row(s, 0);

	row->line = arena_strdup(b->mem, text);
	row->style = style;
}

/* ---- drawing ---- */

static int cell_width(const struct surface *s, const struct board_cell *c)
{
	return c->spark ? SPARK : c->is_gauge ? GAUGE : c->text ? surface_width(s, c->text, strlen(c->text)) : 0;
}

/* Widths by content. */
static void measure(const struct board_section *sec, const struct surface *s, int *width)
{
	for (int c = 0; c < BOARD_COLUMNS; c++) {
		int most = sec->most[c] ? sec->most[c] : MOST;

		width[c] = sec->heads[c] ? surface_width(s, sec->heads[c], strlen(sec->heads[c])) : 0;
		for (size_t r = 0; r < sec->count; r++) {
			int w = sec->rows[r].line ? 0 : cell_width(s, &sec->rows[r].cells[c]);

			width[c] = w > width[c] ? w : width[c];
		}
		width[c] = width[c] > most ? most : width[c] < sec->least[c] ? sec->least[c] : width[c];
	}
}

/* Columns that have no room go from the right; the last one that stays may be cut. */
static void fit(const struct board_section *sec, const struct surface *s, int *width)
{
	int kept = GUTTER, total = GUTTER;

	measure(sec, s, width);
	for (int c = 0; c < sec->keep; c++)
		kept += width[c] ? width[c] + GAP : 0;
	for (; kept - GAP > s->w - 1 && width[sec->main] > LEAST; kept--)
		width[sec->main]--;
	for (int c = 0; c < BOARD_COLUMNS; c++) {
		int room = s->w - 1 - total;

		if (width[c] > room)
			width[c] = c == 0 || (room >= 12 && width[c] > 12) ? room : 0;
		width[c] = width[c] < 0 ? 0 : width[c];
		total += width[c] ? width[c] + GAP : 0;
	}
}

static void draw_cell(struct surface *s, int x, int y, int width, bool right, const struct board_cell *c,
                      style_id style)
{
	if (c->spark)
		surface_spark(s, x, y, width, style ? style : STYLE_SPARK, c->spark, c->n);
	else if (c->is_gauge)
		surface_gauge(s, x, y, width, c->gauge);
	else if (c->text && right)
		surface_put_right(s, x, y, width, style, c->text);
	else if (c->text)
		surface_put_cut(s, x, y, width, style, c->text, strlen(c->text));
}

/* Nothing stands behind it: its text may go on to the edge. */
static bool is_last(const struct board_row *row, int column)
{
	for (int c = column + 1; c < BOARD_COLUMNS; c++)
		if (row->cells[c].text || row->cells[c].spark || row->cells[c].is_gauge)
			return false;
	return true;
}

static void draw_row(struct board *b, const struct board_section *sec, struct surface *s, const int *width,
                     int y, const struct board_row *row)
{
	bool current = row->id != 0 && row->id == b->cursor;
	struct arena *cut = arena_new();
	int x = GUTTER;

	if (current) {
		surface_glyph(s, 1, y, STYLE_ROW_CURSOR, GLYPH_CURSOR);
		surface_cursor(s, 1, y, false);
	}
	for (int c = 0; c < BOARD_COLUMNS; c++) {
		struct board_cell cell = row->cells[c];

		if (width[c] == 0)
			continue;
		if (c == sec->main && cell.text)
			cell.text = view_cut_name(cut, cell.text, width[c]);
		draw_cell(s, x, y, sec->right[c] || !is_last(row, c) ? width[c] : s->w - 1 - x, sec->right[c], &cell,
		          current && c == sec->main ? STYLE_ROW_CURSOR : cell.style);
		x += width[c] + GAP;
	}
	arena_free(cut);
}

static void draw_title(const struct board_section *sec, struct surface *s, const int *width, int y)
{
	int x = GUTTER, used = 1 + surface_put(s, 1, y, STYLE_HEADING, sec->title);

	if (sec->note)
		surface_put_cut(s, used + 3, y, s->w - used - 4, STYLE_MUTED, sec->note, strlen(sec->note));
	for (int c = 0; c < BOARD_COLUMNS; c++) {
		if (width[c] == 0)
			continue;
		if (sec->heads[c] && x > used) {
			int w = surface_width(s, sec->heads[c], strlen(sec->heads[c]));

			surface_put_cut(s, sec->right[c] && w < width[c] ? x + width[c] - w : x, y, width[c],
			                STYLE_HEADER, sec->heads[c], strlen(sec->heads[c]));
		}
		x += width[c] + GAP;
	}
}

static void note_line(struct board *b, int y, int64_t id)
{
	b->ids = vec_reserve(b->ids, &b->id_cap, (size_t)y + 1, sizeof *b->ids);
	b->ids[y] = id;
}

/* Lines that a sentence takes. */
static int line_height(const struct surface *s, const char *text)
{
	struct surface none = surface_part(s, GUTTER, 0, s->w - GUTTER - 1, 0);

	return ui_paragraph(&none, 0, 0, STYLE_TEXT, text);
}

/* One pass counts lines (draw false), the other draws those in sight. */
static int pass(struct board *b, struct surface *s, bool draw)
{
	int y = 0;

	for (size_t i = 0; i < b->count; i++) {
		const struct board_section *sec = &b->sections[i];
		int width[BOARD_COLUMNS];

		fit(sec, s, width);
		if (i > 0)
			note_line(b, y++, 0);
		if (draw)
			draw_title(sec, s, width, y - b->top);
		note_line(b, y++, 0);
		for (size_t r = 0; r < sec->count; r++) {
			const struct board_row *row = &sec->rows[r];
			int h = row->line ? line_height(s, row->line) : 1;

			if (draw && row->line) {
				struct surface part = surface_part(s, GUTTER, y - b->top, s->w - GUTTER - 1, h);

				ui_paragraph(&part, 0, 0, row->style, row->line);
			} else if (draw) {
				draw_row(b, sec, s, width, y - b->top, row);
			}
			for (int k = 0; k < h; k++)
				note_line(b, y++, row->id);
		}
	}
	return y;
}

static int line_of(const struct board *b, int64_t id)
{
	for (int y = 0; id && y < b->lines; y++)
		if (b->ids[y] == id)
			return y;
	return -1;
}

static int next_stop(const struct board *b, int from, int direction)
{
	for (int y = from + direction; y >= 0 && y < b->lines; y += direction)
		if (b->ids[y])
			return y;
	return -1;
}

static void keep_in_sight(struct board *b)
{
	int at = line_of(b, b->cursor), last = b->lines > b->height ? b->lines - b->height : 0;

	if (at >= 0 && at < b->top)
		b->top = at;
	else if (at >= b->top + b->height)
		b->top = at - b->height + 1;
	b->top = b->top > last ? last : b->top < 0 ? 0 : b->top;
	if (at >= 0 && at < b->top)
		b->top = at;
}

void board_draw(struct board *b, struct surface *s)
{
	b->height = s->h;
	b->lines = pass(b, s, false);
	if (!b->chosen || line_of(b, b->cursor) < 0) {
		int first = next_stop(b, -1, 1);

		b->cursor = first >= 0 ? b->ids[first] : 0;
	}
	keep_in_sight(b);
	pass(b, s, true);
	if (b->top > 0)
		surface_glyph(s, s->w - 1, 0, STYLE_MUTED, GLYPH_UP);
	if (b->top + b->height < b->lines && s->h > 1)
		surface_glyph(s, s->w - 1, s->h - 1, STYLE_MUTED, GLYPH_DOWN);
}

static struct ui_cell shown_cell(const struct board_cell *c)
{
	return (struct ui_cell){.text = c->text,
	                        .style = c->style,
	                        .spark = c->is_gauge ? &c->gauge : c->spark,
	                        .n = c->is_gauge ? 1 : c->n,
	                        .gauge = c->is_gauge};
}

void board_lists(const struct board *b, void (*fn)(void *user, const struct ui_shown_list *list), void *user)
{
	for (size_t i = 0; i < b->count; i++) {
		const struct board_section *sec = &b->sections[i];
		struct arena *a = arena_new();
		struct ui_row *rows = arena_array(a, sec->count + 1, sizeof *rows);
		struct ui_column columns[BOARD_COLUMNS] = {0};
		struct ui_shown_list list = {.name = view_lower(a, sec->title),
		                             .columns = columns,
		                             .column_count = BOARD_COLUMNS,
		                             .rows = rows};

		for (int c = 0; c < BOARD_COLUMNS; c++) {
			columns[c].id = sec->heads[c] ? sec->heads[c] : arena_printf(a, "%d", c + 1);
			columns[c].title = sec->heads[c] ? sec->heads[c] : "";
			columns[c].align = sec->right[c] ? UI_RIGHT : UI_LEFT;
		}
		for (size_t r = 0; r < sec->count; r++) {
			struct ui_cell *cells = arena_array(a, BOARD_COLUMNS, sizeof *cells);

			/* Sentences are among the lines of the screen. */
			if (!sec->rows[r].id)
				continue;
			for (int c = 0; c < BOARD_COLUMNS; c++)
				cells[c] = shown_cell(&sec->rows[r].cells[c]);
			rows[list.count++] = (struct ui_row){.id = sec->rows[r].id, .cells = cells};
		}
		list.total = (int64_t)list.count;
		fn(user, &list);
		arena_free(a);
	}
}

/* ---- moving ---- */

static void move(struct board *b, int steps)
{
	int at = line_of(b, b->cursor);
	bool steps_down = steps > 0;

	b->chosen = true;
	for (; steps != 0; steps += steps > 0 ? -1 : 1) {
		int to = next_stop(b, at, steps > 0 ? 1 : -1);

		if (to < 0)
			break;
		at = to;
	}
	if (at >= 0 && at < b->lines)
		b->cursor = b->ids[at];
	/* What stands above the first row or below the last one comes into sight with it. */
	if (at >= 0 && next_stop(b, at, 1) < 0 && steps_down)
		b->top = b->lines;
	else if (at >= 0 && next_stop(b, at, -1) < 0)
		b->top = 0;
	keep_in_sight(b);
}

bool board_action(struct board *b, enum action action)
{
	switch ((int)action) {
	case ACTION_LIST_UP:
		move(b, -1);
		return true;
	case ACTION_LIST_DOWN:
		move(b, 1);
		return true;
	case ACTION_LIST_PAGE_UP:
	case ACTION_LIST_HALF_UP:
		move(b, -b->height / 2);
		return true;
	case ACTION_LIST_PAGE_DOWN:
	case ACTION_LIST_HALF_DOWN:
		move(b, b->height / 2);
		return true;
	case ACTION_LIST_TOP:
		move(b, -b->lines);
		return true;
	case ACTION_LIST_BOTTOM:
		move(b, b->lines);
		return true;
	default:
		return false;
	}
}

bool board_event(struct board *b, const struct term_event *e, bool *open)
{
	int y = e->y + b->top;

	*open = false;
	if (e->kind != TERM_EVENT_MOUSE)
		return false;
	if (e->mouse == TERM_MOUSE_WHEEL_UP || e->mouse == TERM_MOUSE_WHEEL_DOWN) {
		move(b, e->mouse == TERM_MOUSE_WHEEL_UP ? -WHEEL_ROWS : WHEEL_ROWS);
		return true;
	}
	if (e->mouse != TERM_MOUSE_PRESS || e->button != 1 || e->y < 0 || y >= b->lines || !b->ids[y])
		return false;
	*open = b->ids[y] == b->cursor;
	b->cursor = b->ids[y];
	b->chosen = true;
	return true;
}
