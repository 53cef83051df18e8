/* A view that is one list, and reads it itself. */
#include <string.h>

#include "list.h"
#include "models.h"
#include "view_inside.h"

static const struct list_spec *spec_of(struct view *v)
{
	return ((struct list_view *)v->state)->list.spec;
}

void list_view_read(struct view *v, bool anew)
{
	struct list_view *lv = v->state;
	struct list_ask ask = {0};

	/* What is read now may not have all of it. */
	if (ui_asking(v, LIST_TAG_READ)) {
		lv->again = true;
		return;
	}
	lv->again = lv->stopped = false;
	if (lv->got && !anew && !lv->fault.code) {
		ask.ledger = lv->got->ledger;
		ask.store = lv->got->store;
	}
	if (spec_of(v)->ask)
		spec_of(v)->ask(v, &ask);
	(spec_of(v)->aside ? ui_ask_aside : ui_ask)(v, LIST_TAG_READ, spec_of(v)->read, &ask, sizeof ask, NULL);
}

void list_view_begin(struct view *v, const struct list_spec *spec)
{
	struct list_view *lv = v->state;

	list_init(&lv->list, v, spec);
	list_view_read(v, true);
}

void list_view_close(struct view *v)
{
	struct list_view *lv = v->state;

	if (spec_of(v)->release)
		spec_of(v)->release(v);
	list_release(&lv->list);
	arena_free(lv->arena);
}

void list_view_draw(struct view *v, struct surface *s)
{
	struct list_view *lv = v->state;
	struct surface rest;
	int y;

	if (lv->fault.code) {
		view_draw_fault(s, &lv->fault);
		return;
	}
	if (lv->stopped && !lv->got) {
		view_draw_stopped(v, s);
		return;
	}
	y = spec_of(v)->head ? spec_of(v)->head(v, s) : 0;
	rest = surface_part(s, 0, y, s->w, s->h - y);
	list_draw(&lv->list, &rest);
}

bool list_view_action(struct view *v, enum action action)
{
	struct list_view *lv = v->state;

	if (spec_of(v)->action && spec_of(v)->action(v, action))
		return true;
	if (action == ACTION_APP_REFRESH) {
		lv->list.asked_id = 0;
		list_view_read(v, true);
		return true;
	}
	return list_action(&lv->list, action);
}

const char *list_view_why_not(struct view *v, enum action action)
{
	struct list_view *lv = v->state;
	bool own = false;
	const char *why = spec_of(v)->why_not ? spec_of(v)->why_not(v, action, &own) : NULL;

	return own ? why : list_why_not(&lv->list, action);
}

bool list_view_event(struct view *v, const struct term_event *e)
{
	return list_event(&((struct list_view *)v->state)->list, e);
}

static void take(struct view *v, struct ui_result *r)
{
	struct list_view *lv = v->state;
	const struct list_rows *rows = r->data;
	struct arena *before = lv->arena;

	lv->fault.code = 0;
	if (rows->same)
		return;
	lv->arena = r->arena;
	lv->got = rows;
	r->arena = NULL;
	if (spec_of(v)->taken)
		spec_of(v)->taken(v);
	list_set_rows(&lv->list, rows->rows, rows->count);
	/* The page that was seen until now had its cells there. */
	arena_free(before);
}

void list_view_on_result(struct view *v, struct ui_result *r)
{
	struct list_view *lv = v->state;

	if (list_on_result(&lv->list, r))
		return;
	if (r->tag != LIST_TAG_READ) {
		if (r->status == 0 && spec_of(v)->result)
			spec_of(v)->result(v, r);
		else if (r->status != 0 && !r->cancelled)
			ui_error(v->ui, &r->err);
		return;
	}
	if (r->status == 0)
		take(v, r);
	else if (!r->cancelled)
		lv->fault = r->err;
	lv->stopped = r->cancelled;
	if (lv->again && !lv->stopped)
		list_view_read(v, false);
}

void list_view_changed(struct view *v)
{
	if (!((struct list_view *)v->state)->stopped)
		list_view_read(v, false);
}

void list_view_tick(struct view *v)
{
	if (!((struct list_view *)v->state)->stopped)
		list_view_read(v, true);
}
