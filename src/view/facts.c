/* Lines of labels and values, in two halves where there is room. */
#include <stdlib.h>
#include <string.h>

#include "facts.h"

/* The rest of the width is for values. */
#define LABEL_MOST(width) ((width) < 60 ? (width) / 3 : (width) / 5 * 2)

void facts_release(struct facts *f)
{
	arena_free(f->arena);
	free(f->lines);
	*f = (struct facts){0};
}

bool facts_action(struct facts *f, enum action action, int height)
{
	int last = f->rows > height ? f->rows - height : 0, page = height > 2 ? height - 1 : 1, to = f->top;

	switch ((int)action) {
	case ACTION_LIST_UP:
		to--;
		break;
	case ACTION_LIST_DOWN:
		to++;
		break;
	case ACTION_LIST_PAGE_UP:
		to -= page;
		break;
	case ACTION_LIST_PAGE_DOWN:
		to += page;
		break;
	case ACTION_LIST_HALF_UP:
		to -= page / 2;
		break;
	case ACTION_LIST_HALF_DOWN:
		to += page / 2;
		break;
	case ACTION_LIST_TOP:
		to = 0;
		break;
	case ACTION_LIST_BOTTOM:
		to = last;
		break;
	default:
		return false;
	}
	f->top = to < 0 ? 0 : to > last ? last : to;
	return true;
}

/* ---- building ---- */

void facts_begin(struct facts *f)
{
	arena_free(f->arena);
	f->arena = arena_new();
	f->count = 0;
}

struct fact *facts_add(struct facts *f, bool second, const char *label, style_id style, const char *value)
{
	struct fact *line;

	f->lines = vec_reserve(f->lines, &f->cap, f->count + 1, sizeof *f->lines);
	line = &f->lines[f->count++];
	*line = (struct fact){.label = label, .value = value, .style = style, .second = second};
	return line;
}

void facts_heading(struct facts *f, bool second, const char *text)
{
	bool first = true;

	for (size_t i = 0; i < f->count; i++)
		first = first && f->lines[i].second != second;
	if (!first)
		facts_add(f, second, NULL, 0, NULL);
	facts_add(f, second, text, STYLE_HEADING, NULL);
}

void facts_text(struct facts *f, bool second, const char *label, const char *value)
{
	if (value && *value)
		facts_add(f, second, label, STYLE_TEXT, value);
}

void facts_time(struct facts *f, bool second, const char *label, int64_t at)
{
	char text[TIME_TEXT];

	if (at)
		facts_add(f, second, label, STYLE_TEXT, arena_strdup(f->arena, time_local(at, text)));
}

/* ---- drawing ---- */

/* A value at its place; the rows that it takes. */
static int draw_value(struct surface *s, int x, int y, int width, const struct fact *line)
{
	const char *text = line->value;
	size_t left = strlen(text);
	int row = 0;

	if (line->sign && y >= 0 && y < s->h)
		surface_glyph(s, x, y, line->style, (enum glyph)(line->sign - 1));
	x += line->sign ? 2 : 0;
	width -= line->sign ? 2 : 0;
	if (!line->wrap || width < 10) {
		if (y >= 0 && y < s->h)
			surface_put_cut(s, x, y, width, line->style, text, left);
		return 1;
	}
	do {
		size_t len = row == FACTS_ROWS - 1 ? left : ui_row_len(s, text, left, width);

		if (y + row >= 0 && y + row < s->h)
			surface_put_cut(s, x, y + row, width, line->style, text, len);
		text += len;
		left -= len;
		row++;
	} while (left > 0 && row < FACTS_ROWS);
	return row;
}

static int draw_half(struct facts *f, struct surface *s, bool both, bool second)
{
	int y = -f->top, label = FACTS_LABEL, most = LABEL_MOST(s->w);

	for (size_t i = 0; i < f->count; i++) {
		int width = f->lines[i].value ? surface_width(s, f->lines[i].label, strlen(f->lines[i].label)) : 0;

		if (width >= label && (both || f->lines[i].second == second))
			label = width < most ? width + 1 : most;
	}
	if (label > most)
		label = most;
	for (size_t i = 0; i < f->count; i++) {
		const struct fact *line = &f->lines[i];
		int right = line->right ? surface_width(s, line->right, strlen(line->right)) : 0;

		if (!both && line->second != second)
			continue;
		if (both && i > 0 && line->second && !f->lines[i - 1].second)
			y++; /* the halves under each other */
		if (line->label && y >= 0 && y < s->h) {
			surface_put_name(s, 0, y, line->value ? label : s->w, line->value ? STYLE_LABEL : line->style,
			                 line->label);
		}
		if (line->value && right && right < s->w - label && y >= 0 && y < s->h)
			surface_put_right(s, s->w - right, y, right, STYLE_MUTED, line->right);
		y += line->value ? draw_value(s, label + 1, y, s->w - label - 1 - (right ? right + 2 : 0), line) : 1;
	}
	return y + f->top;
}

/* Where there is nothing for the right half, the left one has all the width. */
static bool has_second(const struct facts *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->lines[i].second)
			return true;
	return false;
}

void facts_draw(struct facts *f, struct surface *s)
{
	struct surface left, right;
	bool two = s->w >= FACTS_HALVES_FROM && has_second(f);
	int half = two ? (s->w - 8) / 2 : s->w - 2 - FACTS_LEFT, rows, other = 0;
	int last;

	left = surface_part(s, FACTS_LEFT, 0, half, s->h);
	rows = draw_half(f, &left, !two, false);
	if (two) {
		right = surface_part(s, half + 6, 0, half, s->h);
		other = draw_half(f, &right, false, true);
	}
	f->rows = rows > other ? rows : other;
	last = f->rows > s->h ? f->rows - s->h : 0;
	if (f->top > last)
		f->top = last;
	if (last > 0 && f->top < last && s->h > 1)
		surface_glyph(s, s->w - 1, s->h - 1, STYLE_MUTED, GLYPH_DOWN);
	if (f->top > 0)
		surface_glyph(s, s->w - 1, 0, STYLE_MUTED, GLYPH_UP);
}

void facts_long(struct facts *f, bool second, const char *label, style_id style, const char *value)
{
	if (value && *value)
		facts_add(f, second, label, style, value)->wrap = true;
}

void facts_list(const struct facts *f, const char *name,
                void (*fn)(void *user, const struct ui_shown_list *list), void *user)
{
	static const struct ui_column columns[] = {{.id = "part", .title = "part"},
	                                           {.id = "label", .title = "label"},
	                                           {.id = "value", .title = "value"},
	                                           {.id = "right", .title = ""}};
	struct arena *a = arena_new();
	struct ui_row *rows = arena_array(a, f->count + 1, sizeof *rows);
	struct ui_shown_list list = {
	    .name = name, .columns = columns, .column_count = COUNT_OF(columns), .rows = rows};
	const char *part = NULL;

	for (size_t i = 0; i < f->count; i++) {
		struct ui_cell *cells;

		if (f->lines[i].label && !f->lines[i].value)
			part = f->lines[i].label;
		if (!f->lines[i].value)
			continue;
		cells = arena_array(a, COUNT_OF(columns), sizeof *cells);
		cells[0].text = part;
		cells[1].text = f->lines[i].label;
		cells[2].text = f->lines[i].value;
		cells[3].text = f->lines[i].right;
		rows[list.count] = (struct ui_row){.id = (int64_t)list.count + 1, .cells = cells};
		list.count++;
	}
	list.total = (int64_t)list.count;
	fn(user, &list);
	arena_free(a);
}
