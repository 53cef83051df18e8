/* The list of jumps: everything that was visited, backward and forward. */
#include <stdlib.h>
#include <string.h>

#include "private.h"

static void forget(struct jump *j)
{
	free(j->place);
	free(j->text);
	free(j->kind);
}

void jumps_release(struct jumps *j)
{
	for (size_t i = 0; i < j->count; i++)
		forget(&j->list[i]);
	free(j->list);
	memset(j, 0, sizeof *j);
}

static void take_out(struct jumps *j, size_t at)
{
	j->count--;
	memmove(j->list + at, j->list + at + 1, (j->count - at) * sizeof *j->list);
	if (j->at > at || (j->at == j->count && j->at))
		j->at--;
}

static size_t find(const struct jumps *j, const char *place)
{
	for (size_t i = j->count; i-- > 0;)
		if (!strcmp(j->list[i].place, place))
			return i;
	return SIZE_MAX;
}

static void describe(struct jump *j, struct view *v)
{
	struct str text;

	str_init(&text);
	if (v->ops->title)
		v->ops->title(v, &text);
	free(j->text);
	free(j->kind);
	j->text = xstrdup(text.len ? text.data : v->ops->name);
	j->kind = xstrdup(v->ops->name);
	str_release(&text);
}

/* Whence one came lies behind the new place, also after going backward: the next step back leads there. */
static void visit(struct ui *ui, struct view *v, const char *place)
{
	struct jumps *j = &ui->jumps;
	size_t old;

	if (j->count && j->at + 1 < j->count) {
		struct jump from = j->list[j->at];

		memmove(j->list + j->at, j->list + j->at + 1, (j->count - j->at - 1) * sizeof from);
		j->list[j->count - 1] = from;
		j->at = j->count - 1;
	}
	old = find(j, place);
	if (old != SIZE_MAX) {
		struct jump again = j->list[old];

		memmove(j->list + old, j->list + old + 1, (j->count - old - 1) * sizeof again);
		j->list[j->count - 1] = again;
	} else {
		if (j->count == JUMPS_MOST) {
			forget(&j->list[0]);
			take_out(j, 0);
		}
		j->list = vec_reserve(j->list, &j->cap, j->count + 1, sizeof *j->list);
		j->list[j->count++] = (struct jump){.id = ++j->last_id, .place = xstrdup(place)};
	}
	j->at = j->count - 1;
	j->list[j->at].view = v->private_->serial;
	describe(&j->list[j->at], v);
}

void jumps_note(struct ui *ui)
{
	struct jumps *j = &ui->jumps;
	struct view *v = ui_top(ui);
	struct jump *now = j->count ? &j->list[j->at] : NULL;
	struct str place;

	if (!v || ui_going(ui))
		return;
	str_init(&place);
	place_of(v, &place);
	if (!place.len) {
		str_release(&place);
		return;
	}
	if (now && !strcmp(now->place, place.data)) {
		now->view = v->private_->serial;
	} else if (now && now->view == v->private_->serial && v != ui->stacks[ui->screen].views[0]) {
		/* Another part of the same view is no place of its own; other rows in the list of a screen are. */
		size_t old;

		free(now->place);
		now->place = xstrdup("");
		old = find(j, place.data);
		if (old != SIZE_MAX) {
			forget(&j->list[old]);
			take_out(j, old);
		}
		now = &j->list[j->at];
		free(now->place);
		now->place = xstrdup(place.data);
		ui->place_changed = true;
	} else {
		visit(ui, v, place.data);
		ui->place_changed = true;
	}
	now = &j->list[j->at];
	describe(now, v);
	if (v->private_->table && !v->private_->cursor)
		now->cursor = ui_table_cursor(v->private_->table);
	str_release(&place);
}

/* The entry that lies a step away; SIZE_MAX: none. From a view that is no place the one before is where one was. */
static size_t target(struct ui *ui, int step)
{
	const struct jumps *j = &ui->jumps;
	struct view *v = ui_top(ui);

	if (!j->count || !v)
		return SIZE_MAX;
	if (step < 0 && j->list[j->at].view != v->private_->serial)
		return j->at;
	if (step < 0)
		return j->at ? j->at - 1 : SIZE_MAX;
	return j->at + 1 < j->count ? j->at + 1 : SIZE_MAX;
}

const char *jumps_why_not(struct ui *ui, int step)
{
	if (target(ui, step) != SIZE_MAX)
		return NULL;
	return step < 0 ? "there is no earlier place" : "there is no later place";
}

void jumps_move(struct ui *ui, int step)
{
	size_t at = target(ui, step);

	if (at != SIZE_MAX)
		places_jump(ui, ui->jumps.list[at].place);
}

void jumps_arrived(struct ui *ui, const char *place)
{
	struct jumps *j = &ui->jumps;
	struct view *v = ui_top(ui);
	size_t at = find(j, place);

	if (at == SIZE_MAX || !v)
		return;
	/* A view that was open all the time has its cursor where it was, unless it shows other rows now. */
	if (ui->going.opened || j->list[at].view != v->private_->serial)
		v->private_->cursor = j->list[at].cursor;
	j->at = at;
	j->list[at].view = v->private_->serial;
	ui->place_changed = true;
}

void jumps_drop(struct ui *ui, const char *place)
{
	size_t at = find(&ui->jumps, place);

	if (at == SIZE_MAX)
		return;
	forget(&ui->jumps.list[at]);
	take_out(&ui->jumps, at);
}

static void chosen(void *user, int64_t id)
{
	struct ui *ui = user;

	for (size_t i = 0; i < ui->jumps.count; i++)
		if (ui->jumps.list[i].id == id) {
			places_jump(ui, ui->jumps.list[i].place);
			return;
		}
}

void jumps_menu(struct ui *ui)
{
	const struct jumps *j = &ui->jumps;
	struct ui_menu menu = {.title = "Places, newest first", .user = ui, .accept = chosen};
	struct ui_menu_item *items = xcalloc(j->count + 1, sizeof *items);

	for (size_t i = j->count; i-- > 0;)
		items[menu.count++] = (struct ui_menu_item){
		    .text = j->list[i].text, .detail = i == j->at ? "here" : j->list[i].kind, .id = j->list[i].id};
	menu.items = items;
	/* Whoever opens it wants to leave the first: it is where one is. */
	menu.current = j->count > 1 ? items[j->at + 1 == j->count ? 1 : 0].id : 0;
	ui_menu(ui_top(ui), &menu);
	free(items);
}
