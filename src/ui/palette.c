/* The palette: every command, and everything that has a name; what is not at hand is found while one types. */
#include <stdlib.h>
#include <string.h>

#include "menu.h"

enum { FOUND_MOST = 40, RECENT_MOST = 20 };

struct palette {
	struct menu *menu;
	char **
	    places; /* a place's id in the menu is -1 - its index here, so that it is told again when found again */
	size_t count, cap;
};

static int64_t id_of(struct palette *p, const char *place)
{
	for (size_t i = 0; i < p->count; i++)
		if (!strcmp(p->places[i], place))
			return -1 - (int64_t)i;
	p->places = vec_reserve(p->places, &p->cap, p->count + 1, sizeof *p->places);
	p->places[p->count++] = xstrdup(place);
	return -(int64_t)p->count;
}

static void release(void *extra)
{
	struct palette *p = extra;

	for (size_t i = 0; i < p->count; i++)
		free(p->places[i]);
	free(p->places);
	free(p);
}

/* The palette is closed by now, but not yet freed. */
static void accept(void *user, int64_t id)
{
	struct palette *p = user;
	struct ui *ui = p->menu->base.ui;

	if (id < 0 && (size_t)(-1 - id) < p->count) {
		ui_go(ui, p->places[-1 - id], NULL);
		return;
	}
	for (size_t i = 0; i < ui->keymap.action_count; i++)
		if (ui->keymap.actions[i].id == (enum action)id) {
			ui_perform(ui, &ui->keymap.actions[i]);
			return;
		}
}

/* Where one was lately, but for where one is. */
static void show_recent(struct palette *p)
{
	const struct jumps *j = &p->menu->base.ui->jumps;
	struct ui_menu_item items[RECENT_MOST];
	size_t count = 0;

	for (size_t i = j->count; i-- > 0 && count < RECENT_MOST;)
		if (i != j->at)
			items[count++] = (struct ui_menu_item){
			    .text = j->list[i].text, .detail = j->list[i].kind, .id = id_of(p, j->list[i].place)};
	menu_set_tail(p->menu, items, count);
}

static void changed(void *extra, const char *pattern)
{
	struct palette *p = extra;
	struct ui *ui = p->menu->base.ui;
	struct ui_find_ask ask = {.limit = FOUND_MOST};
	bool in_key = ui->in_key;

	if (!*pattern || !ui->options.find || strlen(pattern) >= sizeof ask.pattern) {
		p->menu->waiting = NULL;
		worker_forget(ui->reader, ui->own, OWN_FIND, true);
		if (!*pattern)
			show_recent(p);
		return;
	}
	snprintf(ask.pattern, sizeof ask.pattern, "%s", pattern);
	p->menu->waiting = "looking\xe2\x80\xa6";
	ui->in_key = true; /* a person waits for it */
	ui_ask_front(ui->own, OWN_FIND, ui->options.find, &ask, sizeof ask, NULL);
	ui->in_key = in_key;
}

void palette_found(struct ui *ui, struct ui_result *r)
{
	struct menu *m = ui->dialog && ui->dialog->ops == &MENU_DIALOG ? (struct menu *)ui->dialog : NULL;
	const struct ui_found *found = r->data;
	struct ui_menu_item items[FOUND_MOST];
	size_t count = 0;

	/* Of a palette that is closed: nobody has asked. */
	if (!m || m->changed != changed)
		return;
	m->waiting = NULL;
	if (r->status) {
		if (!r->cancelled)
			ui_error(ui, &r->err);
		return;
	}
	for (size_t i = 0; i < found->count && count < FOUND_MOST; i++)
		items[count++] = (struct ui_menu_item){.text = found->places[i].text,
		                                       .detail = found->places[i].detail,
		                                       .id = id_of(m->extra, found->places[i].place)};
	menu_set_tail(m, items, count);
	if (m->accept_first && m->shown_count)
		menu_accept(m);
	m->accept_first = false;
}

/* "not here, but in runs, run": where it could be done. */
static const char *belongs_to(const struct ui_action *a, struct arena *arena)
{
	struct str text;
	const char *out;

	str_init(&text);
	str_adds(&text, "not here, but in ");
	for (const char *p = a->context; *p; p++)
		str_adds(&text, *p == ' ' ? ", " : (char[2]){*p, 0});
	out = arena_strdup(arena, text.data);
	str_release(&text);
	return out;
}

void palette_open(struct ui *ui)
{
	const struct keymap *map = &ui->keymap;
	struct ui_menu_item *items = xcalloc(map->action_count + 1, sizeof *items);
	struct palette *p = xcalloc(1, sizeof *p);
	struct arena *arena = arena_new();
	struct ui_menu menu = {.title = "Commands and places", .items = items, .user = p, .accept = accept};

	/* Those of here first: what cannot be done now keeps its place, and says why. */
	for (int elsewhere = 0; elsewhere < 2; elsewhere++)
		for (size_t i = 0; i < map->action_count; i++) {
			const struct ui_action *a = &map->actions[i];
			bool known = ui_context_rank(ui, a) >= 0, here;
			const char *why = known ? ui_why_not(ui, a) : belongs_to(a, arena);
			struct str keys;

			here = known && !keys_never_here(a, why);

			if (a->flags & ACT_HIDDEN || here == (elsewhere > 0))
				continue;
			str_init(&keys);
			keymap_keys(map, a, true, &keys);
			items[menu.count++] = (struct ui_menu_item){
			    .text = a->name,
			    .detail = a->help,
			    .key = arena_strdup(arena, keys.data),
			    .id = a->id,
			    .why_not = why,
			    .elsewhere = !here,
			};
			str_release(&keys);
		}
	p->menu = menu_open(ui, ui_top(ui), &menu);
	p->menu->extra = p;
	p->menu->changed = changed;
	p->menu->release = release;
	show_recent(p);
	free(items);
	arena_free(arena);
}
