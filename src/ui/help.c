/* `?`: the keys that hold here, from the table of actions; narrowed by typing. */
#include <stdlib.h>
#include <string.h>

#include "private.h"

enum { WIDTH = 74, KEYS = 18 };

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
		bool why; /* the reason has a row of its own */
	} * rows;
	size_t row_count, top;
	int height;
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
	struct str under, first, keys, heading;

	str_init(&under);
	str_init(&first);
	str_init(&keys);
	str_init(&heading);
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
		/* What lists have and this one never has would only be in the way. */
		if (why && strncmp(why, "not ", 4) == 0 && words_have(a->context, "list", 4))
			continue;
		if (!heading.len || strcmp(under.data, first.data) != 0) {
			str_clear(&heading);
			if (everywhere)
				str_adds(&heading, "everywhere");
			else
				str_add(&heading, context, len);
			if (sequences)
				str_addf(&heading, ": %s, then", first.data);
			str_clear(&under);
			str_adds(&under, first.data);
			add_line(h, heading.data, "", "", NULL);
		}
		keymap_keys(&ui->keymap, a, false, &keys);
		add_line(h, keys.data, a->help, a->name, why);
	}
	str_release(&under);
	str_release(&first);
	str_release(&keys);
	str_release(&heading);
}

/* ---- narrowing ---- */

static bool matches(const struct line *l, const char *pattern)
{
	return strcasestr(l->text, pattern) || strcasestr(l->name, pattern) || strstr(l->key, pattern);
}

static void add_row(struct help *h, size_t line, bool why)
{
	h->rows[h->row_count++] = (struct row){line, why};
}

/* Beside the help where both have room, which is what the widest terminal of 80 columns leaves. */
static bool why_beside(const struct line *l)
{
	return l->why && strlen(l->text) + strlen(l->why) + 8 <= WIDTH - KEYS;
}

static void narrow(struct help *h)
{
	const char *pattern = h->editor.text.data + strspn(h->editor.text.data, " ");
	size_t heading = SIZE_MAX;

	h->row_count = 0;
	h->top = 0;
	for (size_t i = 0; i < h->count; i++) {
		const struct line *l = &h->lines[i];

		if (l->heading) {
			heading = i;
			continue;
		}
		if (!matches(l, pattern))
			continue;
		if (heading != SIZE_MAX)
			add_row(h, heading, false);
		heading = SIZE_MAX;
		add_row(h, i, false);
		if (l->why && !why_beside(l))
			add_row(h, i, true);
	}
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
		narrow(h);
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
		narrow(h);
}

static void help_event(struct dialog *d, const struct term_event *e)
{
	struct help *h = (struct help *)d;

	if (e->kind == TERM_EVENT_MOUSE && e->mouse == TERM_MOUSE_WHEEL_UP)
		scroll(h, -3);
	else if (e->kind == TERM_EVENT_MOUSE && e->mouse == TERM_MOUSE_WHEEL_DOWN)
		scroll(h, 3);
	else if (e->kind == TERM_EVENT_PASTE && ui_editor_event(&h->editor, e))
		narrow(h);
	else if (e->kind == TERM_EVENT_KEY)
		help_key(h, e);
}

/* ---- drawing ---- */

static void draw_row(const struct help *h, struct surface *s, int y, const struct row *r)
{
	const struct line *l = &h->lines[r->line];
	style_id style = l->why ? STYLE_DISABLED : STYLE_DIALOG;
	int x = KEYS;

	if (l->heading) {
		surface_put(s, 0, y, STYLE_HEADING, l->key);
		return;
	}
	if (!r->why) {
		surface_put_cut(s, 1, y, KEYS - 2, l->why ? STYLE_DISABLED : STYLE_KEY, l->key, strlen(l->key));
		x += surface_put_cut(s, x, y, s->w - x, style, l->text, strlen(l->text)) + 2;
		if (!why_beside(l))
			return;
	}
	x += surface_put(s, x, y, STYLE_WARN, "now: ");
	surface_put_cut(s, x, y, s->w - x, STYLE_WARN, l->why, strlen(l->why));
}

static void help_draw(struct dialog *d, struct surface *all)
{
	struct help *h = (struct help *)d;
	/* As high as all of it, so that it does not jump while it is narrowed. */
	struct surface box = dialog_box(all, WIDTH, (int)h->count + 3, "Keys");
	const char *hint;

	h->height = box.h > 2 ? box.h - 2 : 0;
	scroll(h, 0);
	surface_put(&box, 0, 0, STYLE_PROMPT, ">");
	for (int y = 0; y < h->height && h->top + (size_t)y < h->row_count; y++)
		draw_row(h, &box, y + 1, &h->rows[h->top + (size_t)y]);
	if (!h->row_count)
		surface_put(&box, 2, 1, STYLE_MUTED, "nothing matches");
	hint = h->editor.text.len ? "Esc: all of them again"
	       : last_top(h)      ? "type to search  Down, Up scroll  Esc closes"
	                          : "type to search  Esc closes";
	surface_put_cut(&box, 0, box.h - 1, box.w, STYLE_HINT, hint, strlen(hint));
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
	/* An action has two rows at most. */
	h->rows = xreallocarray(NULL, 2 * h->count + 1, sizeof *h->rows);
	ui_editor_init(&h->editor, "");
	narrow(h);
	dialog_open(ui, ui_top(ui), &h->base);
}
