/* Groups of runs as rows: what they have in common, how many, and the mean of each metric with its interval. */
#include <string.h>

#include "runs_inside.h"

bool runs_grouped(const struct runs *r)
{
	return r->shape.group[0] && !r->within.on;
}

/* ---- choosing ---- */

/* The best on top, if it is known what is better. */
static void sort_by_mean(struct runs *r)
{
	struct ui_sort *by = &r->shape.group_sort;
	struct arena *a = arena_new();

	*by = (struct ui_sort){.column = "runs", .descending = true};
	for (size_t i = 0; i < r->shape.column_count; i++) {
		const char *context, *name = runs_key_metric(a, r->shape.columns[i], &context);

		if (!name)
			continue;
		snprintf(by->column, sizeof by->column, "%s", r->shape.columns[i]);
		by->descending = store_direction_guess(name) >= 0;
		break;
	}
	arena_free(a);
}

static void group_accept(void *user, int64_t id)
{
	struct runs *r = user;

	if (id < 1 || (size_t)id > r->menu_count)
		return;
	runs_remember(r);
	r->within = (struct runs_within){0};
	snprintf(r->shape.group, sizeof r->shape.group, "%s", r->menu_keys[id - 1]);
	sort_by_mean(r);
	ui_table_unmark_all(r->table);
	runs_groups_old(r);
	runs_from_top(r);
	runs_shape_show(r);
	runs_remember(r);
}

void runs_groups_choose(struct runs *r)
{
	size_t names = r->names ? r->names->count : 0;
	struct arena *a = arena_new();
	struct ui_menu_item *items = arena_array(a, names + 3, sizeof *items);
	const char **keys = arena_array(a, names + 3, sizeof *keys);
	struct ui_menu menu = {.title = "Group by", .items = items, .user = r, .accept = group_accept};

	keys[menu.count] = "";
	items[menu.count++] = (struct ui_menu_item){.text = "nothing", .detail = "rows are runs"};
	keys[menu.count] = RUNS_OVER_SEEDS;
	items[menu.count++] =
	    (struct ui_menu_item){.text = "over seeds", .detail = "one setting of all other parameters a row"};
	keys[menu.count] = "experiment";
	items[menu.count++] = (struct ui_menu_item){.text = "experiment", .detail = "run"};
	for (size_t i = 0; i < names; i++) {
		const char *name = r->names->names[i];
		bool tag = runs_key_is(name, "tags.");

		if ((!tag && !runs_key_is(name, "params.")) || strlen(name) >= RUNS_KEY)
			continue;
		keys[menu.count] = arena_strdup(a, name);
		items[menu.count++] =
		    (struct ui_menu_item){.text = runs_key_title(a, name), .detail = tag ? "tag" : "parameter"};
	}
	for (size_t i = 0; i < menu.count; i++) {
		items[i].id = (int64_t)i + 1;
		if (strcmp(keys[i], r->shape.group) == 0)
			menu.current = items[i].id;
	}
	arena_free(r->menu_arena);
	r->menu_arena = a;
	r->menu_keys = keys;
	r->menu_count = menu.count;
	ui_menu(r->view, &menu);
}

/* ---- rows ---- */

void runs_groups_columns(struct runs *r)
{
	struct arena *a = arena_new();
	struct ui_column columns[RUNS_COLUMNS_MAX + 2];
	const char *key = r->shape.group;
	bool over_seeds = strcmp(key, RUNS_OVER_SEEDS) == 0;
	size_t count = 0;

	columns[count++] = (struct ui_column){.id = "group",
	                                      .title = over_seeds ? "setting" : runs_key_title(a, key),
	                                      .align = runs_key_is(key, "params.") ? UI_DECIMAL : UI_LEFT,
	                                      .min = 8,
	                                      .max = over_seeds ? 44 : 24,
	                                      .no_sort = over_seeds};
	columns[count++] =
	    (struct ui_column){.id = "runs", .title = "runs", .align = UI_RIGHT, .min = 4, .priority = 1};
	for (size_t i = 0; i < r->shape.column_count; i++)
		if (runs_key_measures(r->shape.columns[i]))
			columns[count++] = (struct ui_column){.id = r->shape.columns[i],
			                                      .title = runs_key_title(a, r->shape.columns[i]),
			                                      .align = UI_DECIMAL,
			                                      .min = 8,
			                                      .max = 28,
			                                      .priority = (int)i + 2};
	r->groups_stale = true;
	ui_table_columns(r->table, columns, count);
	arena_free(a);
}

static void ask_now(const struct runs *r, struct runs_groups_ask *ask)
{
	memset(ask, 0, sizeof *ask);
	runs_scope_now(r, &ask->scope);
	memcpy(ask->key, r->shape.group, sizeof ask->key);
	memcpy(ask->sort, r->groups_ask.sort, sizeof ask->sort);
	ask->sort_count = r->groups_ask.sort_count;
	for (size_t i = 0; i < r->shape.column_count; i++)
		if (runs_key_measures(r->shape.columns[i]))
			memcpy(ask->columns[ask->column_count++], r->shape.columns[i], RUNS_KEY);
}

static void ask_groups(struct runs *r)
{
	struct runs_groups_ask ask;

	ask_now(r, &ask);
	r->groups_stale = false;
	ui_ask_aside(r->view, TAG_GROUPS, view_runs_read_groups, &ask, sizeof ask, NULL);
}

static bool same_order(const struct ui_ask_rows *a, const struct ui_ask_rows *b)
{
	if (a->sort_count != b->sort_count)
		return false;
	for (int i = 0; i < a->sort_count; i++)
		if (strcmp(a->sort[i].column, b->sort[i].column) != 0 ||
		    a->sort[i].descending != b->sort[i].descending)
			return false;
	return true;
}

static void answer(struct runs *r)
{
	struct arena *a = arena_new();
	struct ui_page *page = ui_page_of(a, &r->groups_ask, r->groups->rows, r->groups->count);

	page->total = (int64_t)r->groups->total;
	r->groups_wait = false;
	runs_page_show(r, page);
}

void runs_groups_rows(struct runs *r, const struct ui_ask_rows *ask)
{
	bool fresh =
	    r->groups && !r->groups_stale && same_order(ask, &r->groups_ask) && !ui_asking(r->view, TAG_GROUPS);

	r->groups_ask = *ask;
	r->groups_wait = true;
	if (fresh)
		answer(r);
	else
		ask_groups(r);
}

void runs_groups_old(struct runs *r)
{
	r->groups_stale = true;
}

void runs_groups_take(struct runs *r, struct ui_result *result)
{
	/* The page in the table has cells of the groups before until the next one is there. */
	arena_free(r->groups_before_arena);
	r->groups_before_arena = r->groups_arena;
	r->groups_arena = result->arena;
	r->groups = result->data;
	result->arena = NULL;
	if (r->groups_wait && runs_grouped(r))
		answer(r);
}

void runs_groups_release(struct runs *r)
{
	arena_free(r->groups_arena);
	arena_free(r->groups_before_arena);
}

void runs_groups_export(struct runs *r, const struct ui_export_ask *file)
{
	struct runs_groups_export_ask ask = {.file = *file};

	ask_now(r, &ask.how);
	ui_ask_aside(r->view, TAG_EXPORT, view_runs_export_groups, &ask, sizeof ask, NULL);
}

/* ---- into a group and back ---- */

void runs_groups_open(struct runs *r)
{
	int64_t id = ui_table_cursor(r->table);
	size_t at = 0;

	while (r->groups && at < r->groups->count && r->groups->rows[at].id != id)
		at++;
	if (!r->groups || at == r->groups->count)
		return;
	if (!r->groups->filters[at] || strlen(r->groups->filters[at]) >= RUNS_FILTER) {
		ui_message(r->view->ui, STYLE_WARN, "this group has so many parameters that no filter can hold them");
		return;
	}
	runs_remember(r);
	r->within.on = true;
	r->within.id = id;
	snprintf(r->within.filter, sizeof r->within.filter, "%s", r->groups->filters[at]);
	snprintf(r->within.title, sizeof r->within.title, "%s", r->groups->titles[at]);
	runs_from_top(r);
	runs_shape_show(r);
}

bool runs_groups_back(struct runs *r)
{
	if (!r->within.on)
		return false;
	runs_remember(r);
	r->within.on = false;
	ui_table_unmark_all(r->table);
	runs_groups_old(r);
	runs_shape_show(r);
	ui_table_set_cursor(r->table, r->within.id);
	return true;
}
