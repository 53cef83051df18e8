/* Views: a stack for each screen. */
#include <stdlib.h>
#include <string.h>

#include "private.h"

void body_size(const struct ui *ui, int *w, int *h)
{
	const struct grid *g = term_grid(ui->term);
	struct frame_rows rows;

	frame_rows(g->h, &rows);
	*w = g->w;
	*h = rows.body_h;
}

struct view *view_new(struct ui *ui, const struct view_ops *ops, int screen)
{
	struct view *v = xcalloc(1, sizeof *v);

	v->ops = ops;
	v->ui = ui;
	v->state = xcalloc(1, ops->state_size ? ops->state_size : 1);
	v->private_ = xcalloc(1, sizeof *v->private_);
	v->private_->screen = screen;
	v->private_->serial = ++ui->last_serial;
	v->private_->change = ui->change;
	v->private_->next_tick = time_mono_ms() + ops->tick_ms;
	body_size(ui, &v->body_w, &v->body_h);
	return v;
}

static void view_free(struct view *v)
{
	free(v->private_);
	free(v->state);
	free(v);
}

void view_close(struct view *v)
{
	struct ui *ui = v->ui;

	if (ui->dialog && ui->dialog->owner == v)
		dialog_close(ui);
	worker_forget(ui->reader, v, -1, true);
	worker_forget(ui->aside, v, -1, true);
	worker_forget(ui->writer, v, -1, false);
	worker_forget(ui->files, v, -1, false);
	if (v->ops->close)
		v->ops->close(v);
	/* A view may close itself in its own action: its memory lives until the turn is over. */
	ui->dying = vec_reserve(ui->dying, &ui->dying_cap, ui->dying_count + 1, sizeof(struct view *));
	ui->dying[ui->dying_count++] = v;
}

void bury_dead(struct ui *ui)
{
	while (ui->dying_count)
		view_free(ui->dying[--ui->dying_count]);
	while (ui->dead_dialogs) {
		struct dialog *d = ui->dead_dialogs;

		ui->dead_dialogs = d->next_dead;
		d->ops->release(d);
	}
}

/* Keys that wait for rows were meant for the view that was on top, unless they are being handed out just now.
 */
static void drop_held(struct ui *ui)
{
	ui->pending_count = 0;
	if (ui->releasing)
		return;
	ui->held_count = 0;
	ui_stay(ui);
}

static struct stack *now(struct ui *ui)
{
	return &ui->stacks[ui->screen];
}

struct view *ui_top(struct ui *ui)
{
	struct stack *s = now(ui);

	return s->count ? s->views[s->count - 1] : NULL;
}

static int push(struct ui *ui, size_t screen, const struct view_ops *ops, const void *args, struct error *err)
{
	struct stack *s = &ui->stacks[screen];
	struct view *v = view_new(ui, ops, (int)screen);
	struct error own = {0};
	bool in_key = ui->in_key;
	int rc;

	ui->in_key = true; /* what it asks first is waited for by a person */
	rc = ops->open ? ops->open(v, args, &own) : 0;
	ui->in_key = in_key;
	if (rc) {
		worker_forget(ui->reader, v, -1, true);
		worker_forget(ui->aside, v, -1, true);
		view_free(v);
		if (err)
			*err = own;
		return -1;
	}
	s->views = vec_reserve(s->views, &s->cap, s->count + 1, sizeof(struct view *));
	s->views[s->count++] = v;
	drop_held(ui);
	ui->key_dirty = true;
	return 0;
}

int view_open_screen(struct ui *ui, size_t screen, struct error *err)
{
	if (!ui->stacks[screen].count && push(ui, screen, ui->options.screens[screen].ops, NULL, err))
		return -1;
	ui->screen = screen;
	drop_held(ui);
	ui->key_dirty = true;
	return 0;
}

int ui_open(struct ui *ui, const struct view_ops *ops, const void *args)
{
	struct error err = {0};

	if (!push(ui, ui->screen, ops, args, &err))
		return 0;
	ui_error(ui, &err);
	ui->going.err = err; /* where this is what a place comes to */
	return -1;
}

void ui_back(struct ui *ui)
{
	struct stack *s = now(ui);
	struct view *top;

	if (s->count < 2)
		return;
	view_close(s->views[--s->count]);
	drop_held(ui);
	ui->key_dirty = true;
	top = ui_top(ui);
	if (top && top->ops->resume)
		top->ops->resume(top);
	pulse_tell(ui);
}

void ui_show_screen(struct ui *ui, int number)
{
	struct error err = {0};
	struct view *top;
	bool fresh;

	for (size_t i = 0; i < ui->options.screen_count; i++) {
		if (ui->options.screens[i].number != number)
			continue;
		/* The key of the screen that one is on leads to its first view. */
		if (i == ui->screen)
			while (now(ui)->count > 1)
				ui_back(ui);
		fresh = !ui->stacks[i].count;
		if (view_open_screen(ui, i, &err)) {
			ui_error(ui, &err);
			return;
		}
		if (fresh)
			places_restore(ui);
		top = ui_top(ui);
		if (top && top->ops->resume)
			top->ops->resume(top);
		pulse_tell(ui);
		return;
	}
}

const char *ui_state_get(struct view *v, const char *key)
{
	return state_get(&v->ui->state, v->ops->name, key);
}

void ui_state_set(struct view *v, const char *key, const char *value)
{
	state_set(&v->ui->state, v->ops->name, key, value);
}

static void ask(struct worker *w, struct view *v, int tag, ui_work_fn *fn, const void *arg, size_t size,
                struct arena *keep, bool front)
{
	struct request *r = xcalloc(1, sizeof *r);

	worker_forget(w, v, tag, true);
	r->owner = v;
	r->tag = r->result.tag = tag;
	r->fn = fn;
	r->arg = size ? xmalloc(size) : NULL;
	if (size)
		memcpy(r->arg, arg, size);
	r->keep = keep;
	r->urgent = v->ui->in_key;
	worker_add(w, r, front);
}

void ui_ask(struct view *v, int tag, ui_work_fn *fn, const void *arg, size_t size, struct arena *keep)
{
	ask(v->ui->reader, v, tag, fn, arg, size, keep, false);
}

void ui_ask_aside(struct view *v, int tag, ui_work_fn *fn, const void *arg, size_t size, struct arena *keep)
{
	ask(v->ui->aside, v, tag, fn, arg, size, keep, false);
}

void ui_ask_front(struct view *v, int tag, ui_work_fn *fn, const void *arg, size_t size, struct arena *keep)
{
	ask(v->ui->reader, v, tag, fn, arg, size, keep, true);
}

void ui_do(struct view *v, int tag, ui_work_fn *fn, const void *arg, size_t size, struct arena *keep)
{
	struct request *r = xcalloc(1, sizeof *r);

	free(v->ui->lasting);
	v->ui->lasting = NULL;
	r->owner = v;
	r->tag = r->result.tag = tag;
	r->fn = fn;
	r->arg = size ? xmalloc(size) : NULL;
	if (size)
		memcpy(r->arg, arg, size);
	r->keep = keep;
	r->urgent = true;
	worker_add(v->ui->writer, r, false);
}

bool ui_asking(const struct view *v, int tag)
{
	return worker_has(v->ui->reader, v, tag) || worker_has(v->ui->aside, v, tag) ||
	       worker_has(v->ui->writer, v, tag);
}

bool ui_in_sight(const struct view *v)
{
	return ui_top(v->ui) == v;
}
