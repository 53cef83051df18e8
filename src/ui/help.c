/* `?`: the keys that hold here, from the table of actions; narrowed by typing. */
#include <stdlib.h>
#include <string.h>

#include "private.h"

enum { WIDTH = 74, KEYS = 18, NARROW = 50, INDENT = 3 };

struct help {
	struct dialog base;
	struct line {
		char *key, *text, *name; /* name: of the action; a heading has only a key */
		char *why;               /* it cannot be done now, or NULL */
		bool heading;
	} * lines;
	size_t count, cap;
	struct row { /* what is seen of them */
		size_t line;
		const char *text; /* a part of the line's text or of its reason; NULL: a heading */
		size_t len;
		bool first, why, key;
	} * rows;
	size_t row_count, row_cap, top;
	int most;          /* rows while nothing is typed */
	int width, height; /* of the texts, at the last draw */
	int x;             /* where they stand: beside the keys, or on narrow screens below them */
	struct ui_editor editor;
};

static void add_line(struct help *h, const char *key, const char *text, const char *name, const char *why)
{
	h->lines = vec_reserve(h->lines, &h->cap, h->count + 1, sizeof *h->lines);
	h->lines[h->count++] = (struct line){.key = xstrdup(key),
	                                     .text = xstrdup(text),
	                                     .name = xstrdup(name),
	                                     .why = why ? xstrdup(why) : NULL,
	                                     .heading = !*name};
}

/* "go to screen 1: Overview" */
static void add_to_text(struct help *h, const char *more)
{
	struct line *l = &h->lines[h->count - 1];
	char *text = xasprintf("%s: %s", l->text, more);

	free(l->text);
	l->text = text;
}

/* Only sequences lead to it, and this is what they begin with; "" if a single key does, or none. */
static void first_of(const struct keymap *m, const struct ui_action *a, struct str *out)
{
	str_clear(out);
	for (size_t i = 0; i < m->count; i++) {
		struct binding first = m->bindings[i];

		if (first.action != a)
			continue;
		str_clear(out);
		if (first.count == 1)
			return;
		first.count = 1;
		binding_name(&first, 0, out);
	}
}

/* What is on one key, or (sequences) what is behind several. */
static void add_context(struct help *h, struct ui *ui, const char *context, size_t len, int rank,
                        bool sequences)
{
	bool everywhere = len == 3 && !memcmp(context, "app", 3);
	struct str under, first, keys, heading, palette; /* the key by which what has none is found */

	str_init(&under);
	str_init(&first);
	str_init(&keys);
	str_init(&heading);
	str_init(&palette);
	ui_action_keys(ui, ACTION_APP_PALETTE, true, &palette);
	for (size_t i = 0; i < ui->keymap.action_count; i++) {
		const struct ui_action *a = &ui->keymap.actions[i];
		const char *why;

		/* each once, under the first context that has it */
		if (!words_have(a->context, context, len) || ui_context_rank(ui, a) != rank)
			continue;
		first_of(&ui->keymap, a, &first);
		if ((first.len > 0) != sequences)
			continue;
		why = ui_why_not(ui, a);
		if (a->id >= ACTION_APP_SCREEN_1 && a->id <= ACTION_APP_SCREEN_8 && why)
			continue;
		if (keys_never_here(a, why))
			continue;
		if (!heading.len || strcmp(under.data, first.data) != 0) {
			str_clear(&heading);
			if (everywhere)
				str_adds(&heading, "everywhere");
			else
				str_add(&heading, context, len);
			if (sequences)
				str_addf(&heading, ": %s and then", first.data);
			str_clear(&under);
			str_adds(&under, first.data);
			add_line(h, heading.data, "", "", NULL);
		}
		keymap_keys(&ui->keymap, a, false, &keys);
		if (!keys.len && palette.len && !(a->flags & ACT_HIDDEN))
			str_addf(&keys, "%s %s", palette.data, a->name);
		add_line(h, keys.data, a->help, a->name, why);
		for (size_t k = 0; k < ui->options.screen_count; k++)
			if (a->id == ACTION_APP_SCREEN_1 + (unsigned)ui->options.screens[k].number - 1)
				add_to_text(h, ui->options.screens[k].title);
	}
	str_release(&under);
	str_release(&first);
	str_release(&keys);
	str_release(&heading);
	str_release(&palette);
}

/* ---- narrowing ---- */

static bool matches(const struct line *l, const char *pattern)
{
	return strcasestr(l->text, pattern) || strcasestr(l->name, pattern) || strstr(l->key, pattern);
}

static void add_row(struct help *h, size_t line, const char *text, size_t len, bool first, bool why)
{
	h->rows = vec_reserve(h->rows, &h->row_cap, h->row_count + 1, sizeof *h->rows);
	h->rows[h->row_count++] = (struct row){line, text, len, first, why, false};
}

/* Broken between words. Texts of the table are in ASCII: a byte is a column. */
static void add_text(struct help *h, size_t line, const char *text, bool why)
{
	int width = h->width - (why ? 5 : 0);
	size_t room = width > 4 ? (size_t)width : 4;
	bool first = true;

	do {
		size_t len = strlen(text), cut = room;

		if (len > room) {
			while (cut > room / 3 && text[cut] != ' ')
				cut--;
			len = text[cut] == ' ' ? cut : room;
		}
		add_row(h, line, text, len, first, why);
		first = false;
		text += len;
		text += strspn(text, " ");
	} while (*text);
}

static void narrow(struct help *h)
{
	const char *pattern = h->editor.text.data + strspn(h->editor.text.data, " ");
	size_t heading = SIZE_MAX;

	h->row_count = 0;
	for (size_t i = 0; i < h->count; i++) {
		const struct line *l = &h->lines[i];

		if (l->heading) {
			heading = i;
			continue;
		}
		if (!matches(l, pattern))
			continue;
		if (heading != SIZE_MAX)
			add_row(h, heading, NULL, 0, true, false);
		heading = SIZE_MAX;
		/* Keys that have no room beside the text stand above it, and are not cut either. */
		if (h->x < KEYS || strlen(l->key) > KEYS - 2) {
			size_t from = h->row_count;

			if (*l->key)
				add_text(h, i, l->key, false);
			for (size_t k = from; k < h->row_count; k++)
				h->rows[k].key = true;
		}
		add_text(h, i, l->text, false);
		if (l->why)
			add_text(h, i, l->why, true);
	}
}

static void typed(struct help *h)
{
	h->top = 0;
	narrow(h);
}

/* ---- events ---- */

static size_t last_top(const struct help *h)
{
	size_t height = h->height > 0 ? (size_t)h->height : 1;

	return h->row_count > height ? h->row_count - height : 0;
}

static void scroll(struct help *h, int64_t by)
{
	int64_t to = (int64_t)h->top + by, last = (int64_t)last_top(h);

	h->top = (size_t)(to < 0 ? 0 : to > last ? last : to);
}

static void help_key(struct help *h, const struct term_event *e)
{
	int page = h->height > 1 ? h->height - 1 : 1;
	bool empty = !h->editor.text.len;

	switch (e->key) {
	case TERM_KEY_UP:
		scroll(h, -1);
		return;
	case TERM_KEY_DOWN:
		scroll(h, 1);
		return;
	case TERM_KEY_PAGE_UP:
		scroll(h, -page);
		return;
	case TERM_KEY_PAGE_DOWN:
		scroll(h, page);
		return;
	case TERM_KEY_ESC:
		if (empty)
			dialog_close(h->base.ui);
		ui_editor_set(&h->editor, "");
		typed(h);
		return;
	case TERM_KEY_ENTER:
	case TERM_KEY_F1:
		dialog_close(h->base.ui);
		return;
	default:
		break;
	}
	if (empty && e->key == ' ')
		scroll(h, page);
	else if (empty && e->key == TERM_KEY_HOME)
		scroll(h, INT32_MIN);
	else if (empty && e->key == TERM_KEY_END)
		scroll(h, INT32_MAX);
	else if ((empty && e->key == '?') || (e->mods == TERM_CTRL && e->key == 'c'))
		dialog_close(h->base.ui);
	else if (ui_editor_event(&h->editor, e))
		typed(h);
}

static void help_event(struct dialog *d, const struct term_event *e)
{
	struct help *h = (struct help *)d;

	if (e->kind == TERM_EVENT_MOUSE && e->mouse == TERM_MOUSE_WHEEL_UP)
		scroll(h, -3);
	else if (e->kind == TERM_EVENT_MOUSE && e->mouse == TERM_MOUSE_WHEEL_DOWN)
		scroll(h, 3);
	else if (e->kind == TERM_EVENT_PASTE && ui_editor_event(&h->editor, e))
		typed(h);
	else if (e->kind == TERM_EVENT_KEY)
		help_key(h, e);
}

/* ---- drawing ---- */

static void draw_row(const struct help *h, struct surface *s, int y, const struct row *r)
{
	const struct line *l = &h->lines[r->line];
	style_id style = r->why ? STYLE_WARN : l->why ? STYLE_DISABLED : STYLE_DIALOG;
	int x = h->x;

	if (r->key) {
		surface_put_cut(s, 1, y, s->w - 1, l->why ? STYLE_DISABLED : STYLE_KEY, r->text, r->len);
		return;
	}
	if (!r->text) {
		surface_put(s, 0, y, STYLE_HEADING, l->key);
		return;
	}
	if (r->first && !r->why && h->x == KEYS && strlen(l->key) <= KEYS - 2)
		surface_put_cut(s, 1, y, KEYS - 2, l->why ? STYLE_DISABLED : STYLE_KEY, l->key, strlen(l->key));
	if (r->why)
		x += r->first ? surface_put(s, x, y, STYLE_WARN, "now: ") : 5;
	surface_put_cut(s, x, y, s->w - x, style, r->text, r->len);
}

static void help_draw(struct dialog *d, struct surface *all)
{
	struct help *h = (struct help *)d;
	struct surface box;
	const char *hint;
	int x, hint_y;

	/* As high as all of it, so that it does not jump while it is narrowed. */
	if (!h->editor.text.len || !h->most)
		h->most = (int)h->row_count;
	box = dialog_box(all, WIDTH, h->most + 2, "Keys");
	x = box.w < NARROW ? INDENT : KEYS;
	if (h->width != box.w - x) {
		h->x = x;
		h->width = box.w - x;
		narrow(h);
	}
	hint_y = dialog_hint_row(&box);
	h->height = (hint_y < 0 ? box.h : hint_y) - 1;
	scroll(h, 0);
	surface_put(&box, 0, 0, STYLE_PROMPT, ">");
	for (int y = 0; y < h->height && h->top + (size_t)y < h->row_count; y++)
		draw_row(h, &box, y + 1, &h->rows[h->top + (size_t)y]);
	if (!h->row_count)
		surface_put(&box, 2, 1, STYLE_MUTED, "nothing matches");
	hint = h->editor.text.len ? "Esc show all again"
	       : last_top(h)      ? "type to search|Up/Down scroll|Esc back"
	                          : "type to search|Esc back";
	if (hint_y >= 0)
		hints_draw(&box, hint_y, hint, true);
	ui_editor_draw(&h->editor, &box, 2, 0, box.w - 3, STYLE_PROMPT_TEXT, true);
}

static void help_release(struct dialog *d)
{
	struct help *h = (struct help *)d;

	for (size_t i = 0; i < h->count; i++) {
		free(h->lines[i].key);
		free(h->lines[i].text);
		free(h->lines[i].name);
		free(h->lines[i].why);
	}
	free(h->lines);
	free(h->rows);
	ui_editor_release(&h->editor);
	free(h);
}

static const struct dialog_ops help_ops = {.event = help_event, .draw = help_draw, .release = help_release};

static void add_both(struct help *h, struct ui *ui, const char *context, size_t len, int rank)
{
	add_context(h, ui, context, len, rank, false);
	add_context(h, ui, context, len, rank, true);
}

void help_open(struct ui *ui)
{
	struct help *h = xcalloc(1, sizeof *h);
	int rank = 0;

	h->base.ops = &help_ops;
	for (const char *p = ui_contexts(ui); *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		add_both(h, ui, p, n, rank++);
		p += n;
	}
	add_both(h, ui, "app", 3, rank);
	h->x = KEYS;
	h->width = WIDTH - KEYS;
	ui_editor_init(&h->editor, "");
	narrow(h);
	dialog_open(ui, ui_top(ui), &h->base);
}
