/* Lines of labels and values, in two halves where there is room. */
#include <stdlib.h>
#include <string.h>

#include "facts.h"

#define LABEL_MOST 22

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

static int draw_half(struct facts *f, struct surface *s, bool both, bool second)
{
	int y = -f->top, label = FACTS_LABEL;

	for (size_t i = 0; i < f->count; i++) {
		int width = f->lines[i].value ? surface_width(s, f->lines[i].label, strlen(f->lines[i].label)) : 0;

		if (width >= label && (both || f->lines[i].second == second))
			label = width < LABEL_MOST ? width + 1 : LABEL_MOST;
	}
	if (label > s->w / 3)
		label = s->w / 3;
	for (size_t i = 0; i < f->count; i++) {
		const struct fact *line = &f->lines[i];
		int right = line->right ? surface_width(s, line->right, strlen(line->right)) : 0;

		if (!both && line->second != second)
			continue;
		if (both && i > 0 && line->second && !f->lines[i - 1].second)
			y++; /* the halves under each other */
		if (y >= 0 && y < s->h && line->label) {
			if (!line->value) {
				surface_put_cut(s, 0, y, s->w, line->style, line->label, strlen(line->label));
			} else {
				surface_put_cut(s, 0, y, label, STYLE_LABEL, line->label, strlen(line->label));
				surface_put_cut(s, label + 1, y, s->w - label - 1 - (right ? right + 2 : 0), line->style,
				                line->value, strlen(line->value));
				if (right && right < s->w - label)
					surface_put_right(s, s->w - right, y, right, STYLE_MUTED, line->right);
			}
		}
		y++;
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
	int half = two ? (s->w - 5) / 2 : s->w - 4, rows, other = 0;
	int last;

	left = surface_part(s, 2, 0, half, s->h);
	rows = draw_half(f, &left, !two, false);
	if (two) {
		right = surface_part(s, half + 5, 0, half - 2, s->h);
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

/* The first line of so many columns: up to a blank in its second half, as long as it is, else anywhere. */
static size_t line_len(const char *text, size_t len, int width)
{
	int used;
	size_t fit = text_fit(text, len, width, &used), at = fit;

	if (fit == len)
		return fit;
	while (at > fit / 2 && text[at - 1] != ' ')
		at--;
	return at > fit / 2 ? at : fit;
}

/* Long values in several lines: commands and reasons. */
void facts_long(struct facts *f, bool second, const char *label, style_id style, const char *value, int width)
{
	struct str safe;
	const char *at;
	size_t left;

	if (!value || !*value)
		return;
	str_init(&safe);
	safe_text(&safe, value, strlen(value), 0);
	at = safe.data;
	left = safe.len;
	for (int line = 0; left > 0 && line < 8; line++) {
		size_t fit = line_len(at, left, width > 10 ? width : 10);

		if (fit == 0)
			break;
		facts_add(f, second, line == 0 ? label : "", style,
		          arena_memdup0(f->arena, at, line == 7 ? left : fit))
		    ->goes_on = line > 0;
		at += fit;
		left -= fit;
	}
	str_release(&safe);
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
	struct ui_cell *cells = NULL;
	const char *part = NULL;

	for (size_t i = 0; i < f->count; i++) {
		if (f->lines[i].label && !f->lines[i].value)
			part = f->lines[i].label;
		if (!f->lines[i].value)
			continue;
		/* One value, however many lines it has on a screen of this width. */
		if (f->lines[i].goes_on && list.count) {
			struct ui_cell *value = &cells[2];

			value->text = arena_printf(a, "%s%s", value->text, f->lines[i].value);
			continue;
		}
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
