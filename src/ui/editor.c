/* One line of text being typed. Cursor movement is by grapheme; the text is what was typed, made safe only on
 * screen. */
#include <stdlib.h>
#include <string.h>

#include "private.h"

enum { MAX_TEXT = 4096 };

void ui_editor_init(struct ui_editor *e, const char *text)
{
	str_init(&e->text);
	e->cursor = 0;
	e->scroll = 0;
	ui_editor_set(e, text ? text : "");
}

void ui_editor_release(struct ui_editor *e)
{
	str_release(&e->text);
}

void ui_editor_set(struct ui_editor *e, const char *text)
{
	str_clear(&e->text);
	str_adds(&e->text, text);
	e->cursor = e->text.len;
	e->scroll = 0;
}

static size_t next_at(const struct ui_editor *e, size_t at)
{
	int width;

	return at < e->text.len ? at + text_grapheme(e->text.data + at, e->text.len - at, &width) : at;
}

static size_t previous_at(const struct ui_editor *e, size_t at)
{
	size_t before = 0;

	for (size_t i = 0; i < at; i = next_at(e, i))
		before = i;
	return before;
}

static bool is_space(char c)
{
	return c == ' ';
}

static size_t word_left(const struct ui_editor *e)
{
	size_t at = e->cursor;

	while (at > 0 && is_space(e->text.data[at - 1]))
		at--;
	while (at > 0 && !is_space(e->text.data[at - 1]))
		at--;
	return at;
}

static size_t word_right(const struct ui_editor *e)
{
	size_t at = e->cursor;

	while (at < e->text.len && is_space(e->text.data[at]))
		at++;
	while (at < e->text.len && !is_space(e->text.data[at]))
		at++;
	return at;
}

static void erase(struct ui_editor *e, size_t from, size_t to)
{
	memmove(e->text.data + from, e->text.data + to, e->text.len - to);
	str_cut(&e->text, e->text.len - (to - from));
	e->cursor = from;
}

static void insert(struct ui_editor *e, const char *bytes, size_t len)
{
	struct str tail;

	if (e->text.len + len > MAX_TEXT)
		return;
	str_init(&tail);
	str_add(&tail, e->text.data + e->cursor, e->text.len - e->cursor);
	str_cut(&e->text, e->cursor);
	str_add(&e->text, bytes, len);
	e->cursor = e->text.len;
	str_add(&e->text, tail.data, tail.len);
	str_release(&tail);
}

static void insert_rune(struct ui_editor *e, uint32_t c)
{
	char b[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	if (n == 1) {
		b[0] = (char)c;
	} else {
		for (size_t i = n - 1; i > 0; i--, c >>= 6)
			b[i] = (char)(0x80 | (c & 0x3F));
		b[0] = (char)((n == 2 ? 0xC0 : n == 3 ? 0xE0 : 0xF0) | c);
	}
	insert(e, b, n);
}

/* Only the first line, and no controls: a paste never presses Enter. */
static void paste(struct ui_editor *e, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n' || text[i] == '\r')
			break;
		if ((unsigned char)text[i] >= 0x20 && text[i] != 0x7F)
			insert(e, &text[i], 1);
	}
}

static bool control(struct ui_editor *e, uint32_t key)
{
	switch (key) {
	case 'a':
		e->cursor = 0;
		return true;
	case 'e':
		e->cursor = e->text.len;
		return true;
	case 'b':
		e->cursor = previous_at(e, e->cursor);
		return true;
	case 'f':
		e->cursor = next_at(e, e->cursor);
		return true;
	case 'd':
		erase(e, e->cursor, next_at(e, e->cursor));
		return true;
	case 'k':
		erase(e, e->cursor, e->text.len);
		return true;
	case 'u':
		erase(e, 0, e->cursor);
		return true;
	case 'w':
		erase(e, word_left(e), e->cursor);
		return true;
	default:
		return false;
	}
}

bool ui_editor_event(struct ui_editor *e, const struct term_event *event)
{
	size_t at;

	if (event->kind == TERM_EVENT_PASTE) {
		paste(e, event->text, event->len);
		return true;
	}
	if (event->kind != TERM_EVENT_KEY)
		return false;
	if (event->mods == TERM_CTRL && event->key < TERM_KEY_SPECIAL)
		return control(e, event->key);
	if (event->mods == TERM_ALT && (event->key == 'b' || event->key == 'f')) {
		e->cursor = event->key == 'b' ? word_left(e) : word_right(e);
		return true;
	}
	switch (event->key) {
	case TERM_KEY_LEFT:
		e->cursor = event->mods & TERM_CTRL ? word_left(e) : previous_at(e, e->cursor);
		return true;
	case TERM_KEY_RIGHT:
		e->cursor = event->mods & TERM_CTRL ? word_right(e) : next_at(e, e->cursor);
		return true;
	case TERM_KEY_HOME:
		e->cursor = 0;
		return true;
	case TERM_KEY_END:
		e->cursor = e->text.len;
		return true;
	case TERM_KEY_BACKSPACE:
		at = event->mods & TERM_ALT ? word_left(e) : previous_at(e, e->cursor);
		erase(e, at, e->cursor);
		return true;
	case TERM_KEY_DELETE:
		erase(e, e->cursor, next_at(e, e->cursor));
		return true;
	default:
		if (event->key >= TERM_KEY_SPECIAL || event->mods)
			return false;
		insert_rune(e, event->key);
		return true;
	}
}

void ui_editor_draw(struct ui_editor *e, struct surface *s, int x, int y, int width, style_id style,
                    bool focused)
{
	struct surface part = surface_part(s, x, y, width, 1);
	int at = surface_width(s, e->text.data, e->cursor);
	int all = surface_width(s, e->text.data, e->text.len);

	if (width < 1)
		return;
	if (at < e->scroll)
		e->scroll = at;
	if (at >= e->scroll + width)
		e->scroll = at - width + 1;
	if (!focused || all < width)
		e->scroll = 0;
	surface_fill(&part, 0, 0, width, 1, style);
	surface_put_n(&part, -e->scroll, 0, style, e->text.data, e->text.len);
	if (focused)
		surface_cursor(&part, at - e->scroll, 0, true);
}
