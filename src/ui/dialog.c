/* Dialogs in general, and the question whose default is No. */
#include <stdlib.h>
#include <string.h>

#include "private.h"

void dialog_close(struct ui *ui)
{
	struct dialog *d = ui->dialog;

	if (!d)
		return;
	ui->dialog = NULL;
	d->next_dead = ui->dead_dialogs;
	ui->dead_dialogs = d;
	ui->key_dirty = true;
}

void dialog_open(struct ui *ui, struct view *owner, struct dialog *d)
{
	dialog_close(ui);
	d->ui = ui;
	d->owner = owner;
	ui->dialog = d;
	ui->pending_count = 0;
	ui->key_dirty = true;
}

enum { BORDER_FROM = 8, HINT_FROM = 6 };

int dialog_hint_row(const struct surface *box)
{
	return box->h < HINT_FROM ? -1 : box->h - 1;
}

struct surface dialog_box(struct surface *all, int w, int h, const char *title)
{
	struct surface box;
	/* A small screen is used whole, a very small one without a border. */
	int most_w = all->w - (all->w > 40 ? 2 : 0), most_h = all->h - (all->h > 12 ? 2 : 0), x, y;

	if (all->h < BORDER_FROM) {
		surface_fill(all, 0, 0, all->w, all->h, STYLE_DIALOG);
		return *all;
	}
	w = w + 4 > most_w ? most_w : w + 4;
	h = h + 2 > most_h ? most_h : h + 2;
	x = (all->w - w) / 2;
	y = (all->h - h) / 2;
	surface_fill(all, x, y, w, h, STYLE_DIALOG);
	surface_box(all, x, y, w, h, STYLE_BORDER_ACTIVE);
	if (title && *title) {
		struct surface line = surface_part(all, x + 2, y, w - 4, 1);
		int used = surface_put_cut(&line, 1, 0, w - 6, STYLE_HEADING, title, strlen(title));

		surface_put(&line, 0, 0, STYLE_HEADING, " ");
		surface_put(&line, used + 1, 0, STYLE_HEADING, " ");
	}
	box = surface_part(all, x + 2, y + 1, w - 4, h - 2);
	return box;
}

/* ---- confirm ---- */

struct confirm {
	struct dialog base;
	char *title, *text, *yes;
	void (*accept)(void *user);
	void *user;
	bool on_yes;
	bool hidden; /* there was no room for all of the question: a Yes does not count */
};

static void finish(struct confirm *c, bool yes)
{
	if (yes && c->hidden)
		return;
	dialog_close(c->base.ui);
	if (yes)
		c->accept(c->user);
	else
		ui_message(c->base.ui, STYLE_MUTED, "nothing was done");
}

static void confirm_event(struct dialog *d, const struct term_event *e)
{
	struct confirm *c = (struct confirm *)d;

	if (e->kind != TERM_EVENT_KEY)
		return;
	/* Ctrl-Y is no y, and Ctrl-L no l. */
	if (e->mods & TERM_CTRL) {
		if (e->key == 'c')
			finish(c, false);
		return;
	}
	switch (e->key) {
	case 'y':
	case 'Y':
		finish(c, true);
		break;
	case 'n':
	case 'N':
	case 'q':
	case TERM_KEY_ESC:
		finish(c, false);
		break;
	case TERM_KEY_ENTER:
		finish(c, c->on_yes);
		break;
	case TERM_KEY_LEFT:
	case TERM_KEY_RIGHT:
	case TERM_KEY_TAB:
	case 'h':
	case 'l':
		c->on_yes = !c->on_yes;
		break;
	default:
		break;
	}
}

static int button(struct surface *s, int x, int y, bool on, const char *key, const char *text)
{
	int w = surface_put(s, x, y, on ? STYLE_FIELD_ACTIVE : STYLE_KEY,
	                    on ? term_glyph(surface_charset(s), GLYPH_CURSOR) : " ");

	w += surface_put(s, x + w, y, on ? STYLE_FIELD_ACTIVE : STYLE_KEY, " ");
	w += surface_put(s, x + w, y, on ? STYLE_FIELD_ACTIVE : STYLE_KEY, key);
	w += surface_put(s, x + w, y, on ? STYLE_FIELD_ACTIVE : STYLE_HINT, " ");
	w += surface_put(s, x + w, y, on ? STYLE_FIELD_ACTIVE : STYLE_HINT, text);
	if (on)
		surface_cursor(s, x, y, false);
	return w;
}

static void confirm_draw(struct dialog *d, struct surface *all)
{
	struct confirm *c = (struct confirm *)d;
	int wide = surface_width(all, c->text, strlen(c->text)), w = wide > 64 ? 64 : wide;
	int buttons = 23 + surface_width(all, c->yes, strlen(c->yes));
	struct surface box;
	int rows, x;

	w = w < 28 ? 28 : w;
	w = w < buttons ? buttons : w;
	box = dialog_box(all, w, 5 + wide / w, c->title);
	rows = ui_paragraph(&box, 0, 1, STYLE_DIALOG, c->text);
	c->hidden = rows + 3 > box.h || buttons > box.w;
	if (c->hidden) {
		surface_fill(all, 0, 0, all->w, all->h, STYLE_DIALOG);
		ui_paragraph(all, 0, 0, STYLE_WARN, "too small for a question; n: leave it");
		return;
	}
	x = button(&box, 0, rows + 2, !c->on_yes, "n", "no, leave it");
	button(&box, x + 3, rows + 2, c->on_yes, "y", c->yes);
}

static void confirm_release(struct dialog *d)
{
	struct confirm *c = (struct confirm *)d;

	free(c->title);
	free(c->text);
	free(c->yes);
	free(c);
}

static const struct dialog_ops confirm_ops = {
    .event = confirm_event, .draw = confirm_draw, .release = confirm_release, .wait_drawn = true};

void ui_confirm(struct view *v, const char *title, const char *text, const char *yes,
                void (*accept)(void *user), void *user)
{
	struct confirm *c = xcalloc(1, sizeof *c);

	c->base.ops = &confirm_ops;
	c->title = xstrdup(title);
	c->text = xstrdup(text);
	c->yes = xstrdup(yes);
	c->accept = accept;
	c->user = user;
	dialog_open(v->ui, v, &c->base);
}
