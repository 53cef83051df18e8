/* Saved views and named filters: kept in the store, for one experiment or for all. */
#include <string.h>

#include "edits.h"
#include "runs_inside.h"

/* What the reader knows of them; asked for when the screen opens and after each change, so that the menu is there
 * at once. */
void runs_saved_ask(struct runs *r)
{
	char experiment[RUNS_EXPERIMENT];

	memcpy(experiment, r->experiment, sizeof experiment);
	ui_ask(r->view, TAG_SAVED, view_runs_read_saved, experiment, sizeof experiment, NULL);
}

static void write_saved(struct runs *r, const char *kind, const char *experiment, const char *name,
                        const char *text)
{
	struct arena *keep = arena_new();
	struct edits_saved ask = {.saved = {.kind = kind,
	                                    .experiment = arena_strdup(keep, experiment),
	                                    .name = arena_strdup(keep, name),
	                                    .text = arena_strdup(keep, text)}};

	ui_do(r->view, TAG_SAVE, view_write_saved, &ask, sizeof ask, keep);
}

/* ---- choosing ---- */

static const struct store_saved *saved_at(const struct runs *r, int64_t id)
{
	return id >= 1 && (size_t)id <= r->menu_count ? &r->menu_saved[id - 1] : NULL;
}

int runs_saved_show(struct runs *r, const char *name, const char *text, struct error *err)
{
	struct runs_shape shape = r->shape;
	struct error why;

	if (!runs_shape_read(&shape, text, &why))
		return error_set(err, why.code, "%s: %s", name, why.text);
	r->within = (struct runs_within){0};
	r->shape = shape;
	if (!r->shape.chosen)
		runs_columns_default(&r->shape, r->names);
	runs_groups_old(r);
	runs_from_top(r);
	runs_shape_show(r);
	runs_other_scope(r);
	runs_remember(r);
	ui_message(r->view->ui, STYLE_MESSAGE, "view %s", name);
	return 0;
}

static void view_accept(void *user, int64_t id)
{
	struct runs *r = user;
	const struct store_saved *view = saved_at(r, id);
	struct error err;

	if (view && runs_saved_show(r, view->name, view->text, &err) != 0)
		ui_error(r->view->ui, &err);
}

static void filter_accept(void *user, int64_t id)
{
	struct runs *r = user;
	const struct store_saved *filter = saved_at(r, id);

	if (!filter)
		return;
	runs_filter_set(r, filter->text);
	runs_remember(r);
	ui_message(r->view->ui, STYLE_MESSAGE, "%s", filter->name);
}

static void remove_saved(void *user, int64_t id)
{
	struct runs *r = user;
	const struct store_saved *saved = saved_at(r, id);

	if (saved)
		write_saved(r, saved->kind, saved->experiment, saved->name, NULL);
}

static void open_menu(struct runs *r, const char *kind)
{
	bool views = strcmp(kind, "view") == 0;
	size_t all = r->saved ? r->saved->count : 0;
	struct arena *a = arena_new();
	struct ui_menu_item *items = arena_array(a, all + 1, sizeof *items);
	struct store_saved *list = arena_array(a, all + 1, sizeof *list), *s = list;
	struct ui_menu menu = {.title = views ? "Saved views" : "Named filters",
	                       .items = items,
	                       .user = r,
	                       .accept = views ? view_accept : filter_accept,
	                       .remove = remove_saved};

	for (size_t i = 0; i < all; i++) {
		const struct store_saved *from = &r->saved->list[i];

		if (strcmp(from->kind, kind) != 0)
			continue;
		*s = (struct store_saved){arena_strdup(a, from->kind), arena_strdup(a, from->experiment),
		                          arena_strdup(a, from->name), arena_strdup(a, from->text)};
		items[menu.count++] = (struct ui_menu_item){
		    .text = s->name,
		    .detail = views ? (*s->experiment ? s->experiment : "all experiments") : s->text,
		    .id = ++s - list};
	}
	if (menu.count == 0) {
		ui_message(r->view->ui, STYLE_MESSAGE,
		           views ? "no view has been saved: , w saves this one"
		                 : "no filter has a name: , n names this one");
		arena_free(a);
		return;
	}
	arena_free(r->menu_arena);
	r->menu_arena = a;
	r->menu_saved = list;
	r->menu_count = menu.count;
	ui_menu(r->view, &menu);
}

void runs_views_choose(struct runs *r)
{
	open_menu(r, "view");
}

void runs_filters_choose(struct runs *r)
{
	open_menu(r, "filter");
}

/* ---- saving ---- */

static void view_named(void *user, const char *name)
{
	struct runs *r = user;
	struct str text;

	if (!*name)
		return;
	runs_remember(r);
	str_init(&text);
	runs_shape_write(&r->shape, &text);
	write_saved(r, "view", r->experiment, name, text.data);
	str_release(&text);
}

static void filter_named(void *user, const char *name)
{
	struct runs *r = user;

	if (*name)
		write_saved(r, "filter", r->experiment, name, r->shape.filter);
}

void runs_view_save(struct runs *r)
{
	struct ui_prompt prompt = {.label = "save this view as", .text = "", .user = r, .accept = view_named};

	ui_prompt(r->view, &prompt);
}

void runs_filter_name(struct runs *r)
{
	struct ui_prompt prompt = {.label = "name of this filter", .text = "", .user = r, .accept = filter_named};

	ui_prompt(r->view, &prompt);
}

/* ---- answers ---- */

void runs_saved_take(struct runs *r, struct ui_result *result)
{
	arena_free(r->saved_arena);
	r->saved_arena = result->arena;
	r->saved = result->data;
	result->arena = NULL;
}

void runs_saved_done(struct runs *r, const struct ui_result *result)
{
	const struct work_edited *done = result->data;

	if (result->status != 0)
		return;
	if (done->changed > 0)
		ui_message(r->view->ui, STYLE_MESSAGE, "%s; U undoes", done->text);
	runs_saved_ask(r);
}
