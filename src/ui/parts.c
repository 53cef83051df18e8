/* Small parts that every view uses. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

static int tab_width(const char *name)
{
	return text_width(name, strlen(name)) + 3;
}

/* How many are out of sight on the left, so that the active one is in sight. */
static int tabs_skipped(const char *const *names, int count, int active, int width)
{
	int skip = 0;

	for (int total = 1, i = 0; i <= active && i < count; i++) {
		total += tab_width(names[i]);
		while (total > width && skip < active)
			total -= tab_width(names[skip++]);
	}
	return skip;
}

int ui_tabs_draw(struct surface *s, int y, const char *const *names, int count, int active)
{
	int x = 1, skip = tabs_skipped(names, count, active, s->w);

	if (skip)
		surface_glyph(s, 0, y, STYLE_MUTED, GLYPH_LEFT);
	for (int i = skip; i < count; i++) {
		/* No half word: a sign that there are more. */
		if (i > active && x + tab_width(names[i]) - 3 > s->w - (i + 1 < count)) {
			surface_glyph(s, s->w - 1, y, STYLE_MUTED, GLYPH_RIGHT);
			break;
		}
		surface_put(s, x, y, i == active ? STYLE_TAB_ACTIVE | STYLE_UNDERLINE : STYLE_TAB, names[i]);
		x += tab_width(names[i]);
	}
	return x;
}

int hints_draw(struct surface *s, int y, const char *hints, bool draw)
{
	const char *last = strrchr(hints, '|');
	int rest = last ? hints_draw(s, y, last + 1, false) + 3 : 0, x = 0;

	for (const char *p = hints; *p; p += strcspn(p, "|"), p += *p == '|') {
		size_t len = strcspn(p, "|"), key = strcspn(p, " ");
		int w = surface_width(s, p, len);

		if (draw && x > 0 && x + 3 + w + (last && p < last ? rest : 0) > s->w)
			continue;
		if (x > 0) {
			if (draw)
				surface_glyph(s, x + 1, y, STYLE_MUTED, GLYPH_DOT);
			x += 3;
		}
		if (draw) {
			int used = surface_put_n(s, x, y, STYLE_KEY, p, key);

			surface_put_n(s, x + used, y, STYLE_HINT, p + key, len - key);
		}
		x += w;
	}
	return x;
}

int ui_tabs_hit(const char *const *names, int count, int active, int width, int x)
{
	for (int i = tabs_skipped(names, count, active, width), at = 1; i < count; at += tab_width(names[i++]))
		if (x >= at && x < at + tab_width(names[i]) - 1)
			return i;
	return -1;
}

void ui_label(struct surface *s, int x, int y, int label_width, const char *label, style_id style,
              const char *value)
{
	surface_put_cut(s, x, y, label_width - 1, STYLE_LABEL, label, strlen(label));
	if (!value)
		surface_glyph(s, x + label_width, y, STYLE_MUTED, GLYPH_NONE);
	else
		surface_put_cut(s, x + label_width, y, s->w - x - label_width, style, value, strlen(value));
}

void ui_layout(int size, int gap, const int *minimum, const int *weight, int count, int *out)
{
	int used = 0, weights = 0, shown = 0, left, given = 0, last = -1;

	for (int i = 0; i < count; i++)
		out[i] = 0;
	for (int i = 0; i < count; i++) {
		int need = minimum[i] + (shown ? gap : 0);

		if (used + need > size)
			break;
		used += need;
		out[i] = minimum[i];
		shown++;
	}
	for (int i = 0; i < shown; i++)
		weights += weight[i];
	if (!weights)
		return;
	left = size - used;
	for (int i = 0; i < shown; i++) {
		int more = (int)((int64_t)left * weight[i] / weights);

		out[i] += more;
		given += more;
		if (weight[i])
			last = i;
	}
	out[last] += left - given;
}

/* The longest part of a word that fits, at least one character. */
static size_t part_that_fits(struct surface *s, const char *word, size_t len, int room)
{
	size_t n = len;

	while (n > 1 && surface_width(s, word, n) > room)
		do
			n--;
		while (n > 1 && ((unsigned char)word[n] & 0xC0) == 0x80);
	return n;
}

size_t ui_row_len(const struct surface *s, const char *text, size_t len, int width)
{
	size_t at = 0, blank = 0;
	int used = 0, used_there = 0;

	while (at < len) {
		int w;
		size_t n = text_grapheme(text + at, len - at, &w);

		if (n == 0)
			return len;
		w = surface_width(s, text + at, n);
		if (used + w > width && at > 0)
			return text[at] == ' ' ? at + n : used_there > width / 2 ? blank : at;
		used += w;
		at += n;
		if (text[at - 1] == ' ') {
			blank = at;
			used_there = used;
		}
	}
	return len;
}

int ui_paragraph(struct surface *s, int x, int y, style_id style, const char *text)
{
	int row = y, at = x, width = s->w;

	while (*text) {
		size_t n = strcspn(text, " \n");
		int w = surface_width(s, text, n);

		if (at > x && at + w > width) {
			row++;
			at = x;
		}
		/* A word that no row can hold goes on in the next one. */
		if (w > width - x) {
			n = part_that_fits(s, text, n, width - x);
			surface_put_n(s, at, row++, style, text, n);
			text += n;
			at = x;
			continue;
		}
		surface_put_n(s, at, row, style, text, n);
		at += w;
		text += n;
		while (*text == ' ' || *text == '\n') {
			if (*text == '\n') {
				row++;
				at = x;
			} else {
				at++;
			}
			text++;
		}
	}
	return row - y + 1;
}

static const struct {
	const char *word;
	style_id style;
	enum glyph glyph;
} states[] = {
    {"queued", STYLE_QUEUED, GLYPH_QUEUED}, {"running", STYLE_RUNNING, GLYPH_RUNNING},
    {"done", STYLE_DONE, GLYPH_OK},         {"failed", STYLE_FAILED, GLYPH_BAD},
    {"killed", STYLE_KILLED, GLYPH_KILLED}, {"lost", STYLE_LOST, GLYPH_LOST},
};

style_id ui_status_style(const char *status)
{
	for (size_t i = 0; i < COUNT_OF(states); i++)
		if (!strcmp(states[i].word, status))
			return states[i].style;
	return STYLE_TEXT;
}

enum glyph ui_status_glyph(const char *status)
{
	for (size_t i = 0; i < COUNT_OF(states); i++)
		if (!strcmp(states[i].word, status))
			return states[i].glyph;
	return GLYPH_DOT;
}

static int lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

static bool starts_word(const char *text, size_t at)
{
	return at == 0 || !isalnum((unsigned char)text[at - 1]);
}

/* Greedy from each possible start, best of all: texts are short. */
static int match_from(const char *pattern, const char *text, size_t start)
{
	int score = 0;
	size_t last = start;

	for (size_t at = start; *pattern; at++) {
		if (!text[at])
			return -1;
		if (lower(text[at]) != lower(*pattern))
			continue;
		score += 1 + (starts_word(text, at) ? 8 : 0) + (at == last + 1 ? 5 : 0) + (at == 0 ? 4 : 0);
		last = at;
		pattern++;
	}
	return score;
}

int ui_fuzzy(const char *pattern, const char *text)
{
	int best = -1;

	while (*pattern == ' ')
		pattern++;
	if (!*pattern)
		return 0;
	for (size_t at = 0; text[at]; at++)
		if (lower(text[at]) == lower(*pattern)) {
			int score = match_from(pattern, text, at);

			best = score > best ? score : best;
		}
	return best;
}
