/* Places: what a view is called, going there, and coming back at the next start. */
#include <stdlib.h>
#include <string.h>

#include "private.h"

enum { SAVE_MS = 3000 };
#define SECTION "session"

void place_of(struct view *v, struct str *out)
{
	struct ui *ui = v->ui;
	struct stack *s = &ui->stacks[v->private_->screen];

	str_clear(out);
	if (v->ops->place)
		v->ops->place(v, out);
	if (!out->len && s->count && s->views[0] == v)
		str_adds(out, v->ops->name);
}

bool ui_going(const struct ui *ui)
{
	return ui->going.on;
}

/* ---- going ---- */

static void resume(struct ui *ui)
{
	struct view *top = ui_top(ui);

	if (top && top->ops->resume)
		top->ops->resume(top);
}

static bool may_close(struct view *v)
{
	return !v->ops->unsaved || !v->ops->unsaved(v);
}

/* Closes the views of the present screen from the top down to `depth` of them, or to the first that has something
 * that would be lost. */
static void close_down_to(struct ui *ui, size_t depth)
{
	struct stack *s = &ui->stacks[ui->screen];

	while (s->count > depth && may_close(s->views[s->count - 1]))
		view_close(s->views[--s->count]);
	ui->key_dirty = true;
}

static bool is_at(struct view *v, const char *place)
{
	struct str own;
	bool same;

	str_init(&own);
	place_of(v, &own);
	same = !strcmp(own.data, place);
	str_release(&own);
	return same;
}

/* Where it is open: shown, what is above it closed. The present screen goes before the others. */
static bool show_open(struct ui *ui, const char *place)
{
	for (size_t n = 0; n < ui->options.screen_count; n++) {
		size_t screen = (ui->screen + n) % ui->options.screen_count;
		struct stack *s = &ui->stacks[screen];

		for (size_t k = s->count; k-- > 0;)
			if (is_at(s->views[k], place)) {
				if (view_open_screen(ui, screen, NULL))
					return false;
				close_down_to(ui, k + 1);
				resume(ui);
				return true;
			}
	}
	return false;
}

void ui_go_screen(struct ui *ui, int number)
{
	for (size_t i = 0; i < ui->options.screen_count; i++) {
		struct error err = {0};

		if (ui->options.screens[i].number != number)
			continue;
		if (view_open_screen(ui, i, &err)) {
			ui_error(ui, &err);
			return;
		}
		close_down_to(ui, 1);
		resume(ui);
		return;
	}
}

static void arrived(struct ui *ui)
{
	struct view *top = ui_top(ui);

	ui->going.on = false;
	if (ui->going.jump)
		jumps_arrived(ui, ui->going.place.data);
	else if (ui->going.cursor && top)
		top->private_->cursor = ui->going.cursor;
	jumps_note(ui);
}

static int failed(struct ui *ui, const struct error *err)
{
	struct going *g = &ui->going;

	g->on = false;
	g->failed = true;
	if (*err->text)
		g->err = *err;
	if (g->jump)
		jumps_drop(ui, g->place.data);
	if (g->quiet)
		ui_message(ui, STYLE_MUTED, "what was open last is gone: %s", *err->text ? err->text : g->place.data);
	else if (*err->text)
		ui_message(ui, STYLE_ERROR, "%s", err->text);
	return -1;
}

void ui_stay(struct ui *ui)
{
	if (!ui->going.on)
		return;
	ui->going.on = false;
	worker_forget(ui->reader, ui->own, OWN_GO, true);
	ui->key_dirty = true;
}

/* cursor: the row to go to there; 0: as the view has it. */
static int go(struct ui *ui, const char *place, bool jump, bool quiet, int64_t cursor)
{
	struct going *g = &ui->going;
	struct error err = {0};
	char *own = xstrdup(place); /* it may be the list's */
	int rc = 0;

	ui_stay(ui);
	str_clear(&g->place);
	str_adds(&g->place, own);
	free(own);
	g->jump = jump;
	g->quiet = quiet;
	g->cursor = cursor;
	g->failed = false;
	memset(&g->err, 0, sizeof g->err);
	g->opened = !show_open(ui, g->place.data);
	if (g->opened) {
		if (!ui->options.go)
			rc = error_set(&err, ERR_USAGE, "there is no screen \"%s\"", g->place.data);
		else
			rc = ui->options.go(ui, g->place.data, &err);
	}
	if (rc)
		return failed(ui, &err);
	if (!worker_has(ui->reader, ui->own, OWN_GO))
		arrived(ui);
	return 0;
}

int ui_go(struct ui *ui, const char *place, struct error *err)
{
	int rc = go(ui, place, false, false, 0);

	if (rc && err)
		*err = ui->going.err;
	return rc;
}

int ui_went(const struct ui *ui, struct error *err)
{
	if (!ui->going.failed)
		return 0;
	if (err)
		*err = ui->going.err;
	return -1;
}

void ui_go_ask(struct ui *ui, ui_work_fn *find, const void *arg, size_t size,
               int (*open)(struct ui *ui, const void *found, struct error *err))
{
	bool in_key = ui->in_key;

	ui->going.on = true;
	ui->going.open = open;
	ui->in_key = true; /* a person waits for it */
	ui_ask_front(ui->own, OWN_GO, find, arg, size, NULL);
	ui->in_key = in_key;
}

static void looked_up(struct ui *ui, struct ui_result *r)
{
	struct error err = {0};
	bool releasing = ui->releasing;
	int rc = r->status;

	if (rc) {
		err = r->err;
	} else {
		/* The keys that have waited were meant for what opens now. */
		ui->releasing = true;
		rc = ui->going.open(ui, r->data, &err);
		ui->releasing = releasing;
	}
	if (!rc) {
		arrived(ui);
		return;
	}
	ui->held_count = 0;
	failed(ui, &err);
}

static void own_result(struct view *v, struct ui_result *r)
{
	if (r->tag == OWN_GO)
		looked_up(v->ui, r);
	else if (r->tag == OWN_FIND)
		palette_found(v->ui, r);
}

const struct view_ops OWN_VIEW = {.name = "", .contexts = "", .on_result = own_result};

void places_jump(struct ui *ui, const char *place)
{
	go(ui, place, true, false, 0);
}

void places_cursor(struct ui *ui)
{
	struct view *v = ui_top(ui);
	int64_t id = v ? v->private_->cursor : 0;

	/* Not among rows that are about to be replaced by those of the place. */
	if (!id || !v->private_->table || !ui_table_cursor(v->private_->table) ||
	    ui_table_loading(v->private_->table))
		return;
	v->private_->cursor = 0;
	ui_table_set_cursor(v->private_->table, id);
}

/* ---- between starts: [session] screen, place.N and cursor.N of the screen with the digit N ---- */

static const char *remembered(struct ui *ui, const char *what, int number)
{
	char key[32];

	snprintf(key, sizeof key, "%s.%d", what, number);
	return state_get(&ui->state, SECTION, key);
}

/* The topmost view that is a place; what stands above it, evidence or a guide, is not come back to. */
static void remember(struct ui *ui, const struct ui_screen *screen, const struct stack *s)
{
	struct ui_table *table = NULL;
	char key[32], text[32];
	struct str place;

	str_init(&place);
	for (size_t i = s->count; i-- > 0 && !place.len;) {
		place_of(s->views[i], &place);
		table = s->views[i]->private_->table;
	}
	if (place.len) {
		snprintf(key, sizeof key, "place.%d", screen->number);
		state_set(&ui->state, SECTION, key, place.data);
		snprintf(key, sizeof key, "cursor.%d", screen->number);
		snprintf(text, sizeof text, "%lld", table ? (long long)ui_table_cursor(table) : 0LL);
		state_set(&ui->state, SECTION, key, text);
	}
	str_release(&place);
}

void places_remember(struct ui *ui)
{
	char text[32];

	snprintf(text, sizeof text, "%d", ui->options.screens[ui->screen].number);
	state_set(&ui->state, SECTION, "screen", text);
	for (size_t i = 0; i < ui->options.screen_count; i++)
		remember(ui, &ui->options.screens[i], &ui->stacks[i]);
}

size_t places_first(struct ui *ui, size_t otherwise)
{
	const char *text = ui->options.restore ? state_get(&ui->state, SECTION, "screen") : NULL;
	int64_t number;

	if (text && int_parse(text, strlen(text), &number))
		for (size_t i = 0; i < ui->options.screen_count; i++)
			if (ui->options.screens[i].number == number)
				return i;
	return otherwise;
}

void places_restore(struct ui *ui)
{
	int number = ui->options.screens[ui->screen].number;
	const char *place = remembered(ui, "place", number), *cursor = remembered(ui, "cursor", number);
	int64_t id = 0;

	if (!ui->options.restore || !place)
		return;
	if (!cursor || !int_parse(cursor, strlen(cursor), &id))
		id = 0;
	go(ui, place, false, true, id);
}

int64_t places_save_at(const struct ui *ui)
{
	return ui->options.state_path && ui->place_changed && !ui->saving ? ui->save_at : INT64_MAX;
}

struct save {
	char *path, *text;
	size_t len;
};

static int save(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	const struct save *s = arg;

	(void)context;
	(void)arena;
	(void)result;
	return state_write(s->path, s->text, s->len, err);
}

static void saved(struct ui *ui, struct request *r)
{
	ui->saving = false;
	/* Tried again with the next change, and at the end, which also says why it could not be. */
	if (r->result.status)
		ui->state.changed = true;
}

void places_save(struct ui *ui, int64_t now)
{
	struct request *r;
	struct save *s;
	struct str text;

	if (places_save_at(ui) > now)
		return;
	places_remember(ui);
	str_init(&text);
	state_text(&ui->state, &text);
	r = xcalloc(1, sizeof *r);
	s = xcalloc(1, sizeof *s);
	r->keep = arena_new();
	s->path = arena_strdup(r->keep, ui->options.state_path);
	s->text = arena_memdup0(r->keep, text.data, text.len);
	s->len = text.len;
	r->fn = save;
	r->done = saved;
	r->arg = s;
	ui->saving = true;
	ui->place_changed = ui->state.changed = false;
	ui->save_at = now + SAVE_MS;
	worker_add(ui->files, r, false);
	str_release(&text);
}
