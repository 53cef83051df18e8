/* A line to type in the message row: history, completion, and where it is wrong. */
#include <stdlib.h>
#include <string.h>

#include "private.h"

enum { MAX_HISTORY = 50, MAX_SHOWN = 6 };

struct prompt {
	struct dialog base;
	struct ui_prompt spec;
	char *label, *history;
	struct ui_editor editor;
	struct ui_check check;
	int back; /* entries back in history; 0: what is being typed */
	char *draft;
	struct ui_completions found;
	size_t at;             /* chosen completion */
	bool cycling, refused; /* refused: Enter was, what is wrong stands before what it could go on with */
};

void ui_completions_add(struct ui_completions *c, const char *text)
{
	c->items = vec_reserve(c->items, &c->cap, c->count + 1, sizeof *c->items);
	c->items[c->count++] = arena_strdup(c->arena, text);
}

static void forget_completions(struct prompt *p)
{
	arena_free(p->found.arena);
	free(p->found.items);
	memset(&p->found, 0, sizeof p->found);
	p->cycling = false;
}

static void find_completions(struct prompt *p)
{
	forget_completions(p);
	if (!p->spec.complete)
		return;
	p->found.arena = arena_new();
	p->found.from = p->editor.cursor;
	p->spec.complete(p->spec.user, p->editor.text.data, p->editor.cursor, &p->found);
	p->at = 0;
}

static void changed(struct prompt *p)
{
	p->refused = false;
	p->check = (struct ui_check){.ok = true};
	if (p->spec.check)
		p->spec.check(p->spec.user, p->editor.text.data, &p->check);
	find_completions(p);
	if (p->check.ok && p->spec.change)
		p->spec.change(p->spec.user, p->editor.text.data);
}

/* ---- history: "prompt.NAME" with keys 1 (newest), 2, … ---- */

static const char *history_get(struct prompt *p, int back)
{
	char section[80], key[16];

	if (!p->history)
		return NULL;
	snprintf(section, sizeof section, "prompt.%s", p->history);
	snprintf(key, sizeof key, "%d", back);
	return state_get(&p->base.ui->state, section, key);
}

static void history_add(struct prompt *p, const char *text)
{
	char section[80], key[16], *carry;

	if (!p->history || !*text)
		return;
	snprintf(section, sizeof section, "prompt.%s", p->history);
	carry = xstrdup(text);
	for (int i = 1; i <= MAX_HISTORY; i++) {
		const char *old = history_get(p, i);
		char *next = old ? xstrdup(old) : NULL;
		bool same = old && !strcmp(old, text);

		snprintf(key, sizeof key, "%d", i);
		state_set(&p->base.ui->state, section, key, carry);
		free(carry);
		carry = next;
		if (!carry || same)
			break;
	}
	free(carry);
}

static void history_move(struct prompt *p, int step)
{
	int back = p->back + step;
	const char *text = back > 0 ? history_get(p, back) : NULL;

	if (back < 0 || (back > 0 && !text))
		return;
	if (!p->back) {
		free(p->draft);
		p->draft = xstrdup(p->editor.text.data);
	}
	p->back = back;
	ui_editor_set(&p->editor, text ? text : p->draft);
	changed(p);
}

/* ---- completion ---- */

static void put_completion(struct prompt *p, const char *text)
{
	struct str line;
	size_t after;

	str_init(&line);
	str_add(&line, p->editor.text.data, p->found.from);
	str_adds(&line, text);
	after = line.len;
	str_adds(&line, p->editor.text.data + p->editor.cursor);
	ui_editor_set(&p->editor, line.data);
	p->editor.cursor = after;
	str_release(&line);
}

static size_t common_prefix(const struct ui_completions *c)
{
	size_t n = strlen(c->items[0]);

	for (size_t i = 1; i < c->count; i++) {
		size_t k = 0;

		while (k < n && c->items[i][k] == c->items[0][k])
			k++;
		n = k;
	}
	return n;
}

/* Tab: as far as all agree; then each in turn. */
static void complete(struct prompt *p, int step)
{
	size_t count = p->found.count, typed = p->editor.cursor - p->found.from, common;

	if (!count)
		return;
	common = common_prefix(&p->found);
	if (!p->cycling && count > 1 && common > typed) {
		char *text = xmemdup0(p->found.items[0], common);

		put_completion(p, text);
		free(text);
		changed(p);
		return;
	}
	if (p->cycling)
		p->at = (p->at + count + (size_t)(step < 0 ? count - 1 : 1)) % count;
	put_completion(p, p->found.items[p->at]);
	if (count == 1) {
		changed(p);
		return;
	}
	p->cycling = true;
	p->check = (struct ui_check){.ok = true};
	if (p->spec.check)
		p->spec.check(p->spec.user, p->editor.text.data, &p->check);
	if (p->check.ok && p->spec.change)
		p->spec.change(p->spec.user, p->editor.text.data);
}

/* ---- events ---- */

static void accept(struct prompt *p)
{
	char *text;

	if (p->spec.check)
		p->spec.check(p->spec.user, p->editor.text.data, &p->check);
	if (!p->check.ok) {
		p->refused = true;
		p->editor.cursor = p->check.at < p->editor.text.len ? p->check.at : p->editor.text.len;
		return;
	}
	text = xstrdup(p->editor.text.data);
	history_add(p, text);
	dialog_close(p->base.ui);
	p->spec.accept(p->spec.user, text);
	free(text);
}

static void prompt_event(struct dialog *d, const struct term_event *e)
{
	struct prompt *p = (struct prompt *)d;
	bool is_key = e->kind == TERM_EVENT_KEY;

	if (is_key && (e->key == TERM_KEY_ESC || (e->mods == TERM_CTRL && (e->key == 'c' || e->key == 'g')))) {
		dialog_close(d->ui);
		if (p->spec.cancel)
			p->spec.cancel(p->spec.user);
	} else if (is_key && e->key == TERM_KEY_ENTER) {
		accept(p);
	} else if (is_key && e->key == TERM_KEY_TAB) {
		complete(p, e->mods & TERM_SHIFT ? -1 : 1);
	} else if (is_key && (e->key == TERM_KEY_UP || e->key == TERM_KEY_DOWN)) {
		history_move(p, e->key == TERM_KEY_UP ? 1 : -1);
	} else if (ui_editor_event(&p->editor, e)) {
		p->back = 0;
		changed(p);
	}
}

static void draw_completions(struct prompt *p, struct surface *all, int y)
{
	size_t first = p->at >= MAX_SHOWN ? p->at - MAX_SHOWN + 1 : 0;
	int x = 1;

	surface_fill(all, 0, y, all->w, 1, STYLE_COMPLETION);
	for (size_t i = first; i < p->found.count && x < all->w - 2; i++) {
		bool chosen = p->cycling && i == p->at;
		const char *text = p->found.items[i];

		x += 2 + surface_put_cut(all, x, y, all->w - x - 1, chosen ? STYLE_FIELD_ACTIVE : STYLE_COMPLETION,
		                         text, strlen(text));
	}
}

/* So much of a message as has room, up to where a part of its sentence ends; of a list with a sign that it goes on. */
static void put_part(struct surface *s, int x, int y, int room, const char *message)
{
	const size_t all = strlen(message);
	int sign = 2 + (int)strlen(term_glyph(TERM_ASCII, GLYPH_ELLIPSIS));
	size_t len = all;

	while (surface_width(s, message, len) > room - (message[len] == ',' ? sign : 0)) {
		size_t to = len;

		while (to > 0 && !strchr(":;,", message[to - 1]))
			to--;
		if (to < 2) {
			surface_put_cut(s, x, y, room, STYLE_ERROR, message, all);
			return;
		}
		len = to - 1;
	}
	x += surface_put_cut(s, x, y, room, STYLE_ERROR, message, len + (message[len] == ','));
	if (message[len] == ',')
		surface_glyph(s, x + 1, y, STYLE_ERROR, GLYPH_ELLIPSIS);
}

static void prompt_draw(struct dialog *d, struct surface *all)
{
	struct prompt *p = (struct prompt *)d;
	struct frame_rows rows;
	int y, below, x;

	frame_rows(all->h, &rows);
	y = rows.message;
	below = y + 1 < all->h ? y + 1 : y - 1;
	surface_fill(all, 0, y, all->w, 1, STYLE_PROMPT_TEXT);
	x = 2 + surface_put(all, 1, y, STYLE_PROMPT, p->label);
	/* Half a word that can go on is no fault yet. */
	if (!p->check.ok && (p->refused || !p->found.count)) {
		/* The fault stands on the row below, its sign under the character. */
		int at = x + surface_width(all, p->editor.text.data, p->check.at) - p->editor.scroll;
		size_t len = strlen(p->check.message);
		int w = surface_width(all, p->check.message, len);

		surface_fill(all, 0, below, all->w, 1, STYLE_ERROR);
		if (at < 0 || at >= all->w)
			at = 0;
		surface_put(all, at, below, STYLE_ERROR, "^");
		if (at + 2 + w <= all->w || at < w + 2)
			put_part(all, at + 2, below, all->w - at - 3, p->check.message);
		else
			surface_put(all, at - w - 1, below, STYLE_ERROR, p->check.message);
	} else if (p->found.count) {
		draw_completions(p, all, below);
	}
	ui_editor_draw(&p->editor, all, x, y, all->w - x - 1, STYLE_PROMPT_TEXT, true);
}

static void prompt_release(struct dialog *d)
{
	struct prompt *p = (struct prompt *)d;

	forget_completions(p);
	ui_editor_release(&p->editor);
	free(p->label);
	free(p->history);
	free(p->draft);
	free(p);
}

static const struct dialog_ops prompt_ops = {
    .event = prompt_event, .draw = prompt_draw, .release = prompt_release, .in_line = true};

void ui_prompt(struct view *v, const struct ui_prompt *spec)
{
	struct prompt *p = xcalloc(1, sizeof *p);

	p->base.ops = &prompt_ops;
	p->spec = *spec;
	p->label = xstrdup(spec->label);
	p->history = spec->history ? xstrdup(spec->history) : NULL;
	ui_editor_init(&p->editor, spec->text);
	p->check.ok = true;
	dialog_open(v->ui, v, &p->base);
	if (spec->check)
		spec->check(spec->user, p->editor.text.data, &p->check);
	find_completions(p);
}

void ui_prompt_complete(struct view *v)
{
	struct dialog *d = v->ui->dialog;
	struct prompt *p = (struct prompt *)d;

	/* Who goes through them with Tab keeps those that are seen. */
	if (d && d->ops == &prompt_ops && d->owner == v && !p->cycling) {
		find_completions(p);
		ui_dirty(v->ui);
	}
}
