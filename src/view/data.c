/* Data: the data sets that are registered. */
#include <string.h>

#include "data.h"
#include "view_inside.h"

enum { TAG_SETS = 1, TAG_PULSE };

struct data_view {
	struct ui_table *table;
	struct arena *arena;
	const struct sets_list *list;
	int64_t change;
	char fault[1024];
};

static void ask_rows(void *user, const struct ui_ask_rows *ask)
{
	struct data_view *d = ((struct view *)user)->state;
	struct arena *a = arena_new();
	struct ui_row *rows;

	if (!d->list) {
		ui_table_page(d->table, ui_page_of(a, ask, NULL, 0));
		return;
	}
	rows = arena_array(a, d->list->count + 1, sizeof *rows);
	if (d->list->count > 0)
		memcpy(rows, d->list->rows, d->list->count * sizeof *rows);
	ui_table_page(d->table, ui_page_of(a, ask, rows, d->list->count));
}

static int open(struct view *v, const void *args, struct error *err)
{
	static const struct ui_column columns[] = {
	    {.id = "name", .title = "data set", .min = 16, .max = 40, .no_sort = true},
	    {.id = "version", .title = "version", .align = UI_RIGHT, .min = 7, .no_sort = true},
	    {.id = "rows", .title = "rows", .align = UI_RIGHT, .min = 9, .no_sort = true, .priority = 1},
	    {.id = "columns", .title = "columns", .align = UI_RIGHT, .min = 7, .no_sort = true, .priority = 2},
	    {.id = "age", .title = "age", .align = UI_RIGHT, .min = 5, .no_sort = true, .priority = 3},
	    {.id = "digest", .title = "digest", .min = 12, .no_sort = true, .priority = 4},
	};
	struct data_view *d = v->state;
	const char *cursor = ui_state_get(v, "cursor");
	int64_t id;

	(void)args;
	(void)err;
	d->table = ui_table_new(v, ask_rows, v);
	ui_table_columns(d->table, columns, COUNT_OF(columns));
	ui_table_empty(d->table, "Reading…");
	if (cursor && int_parse(cursor, strlen(cursor), &id) && id > 0)
		ui_table_set_cursor(d->table, id);
	ui_ask(v, TAG_SETS, view_data_read_sets, NULL, 0, NULL);
	return 0;
}

static void close_view(struct view *v)
{
	struct data_view *d = v->state;
	char text[32];

	snprintf(text, sizeof text, "%lld", (long long)ui_table_cursor(d->table));
	ui_state_set(v, "cursor", text);
	ui_table_free(d->table);
	arena_free(d->arena);
}

static void draw(struct view *v, struct surface *s)
{
	struct data_view *d = v->state;
	struct surface list = surface_part(s, 0, 1, s->w, s->h - 1);

	if (d->fault[0]) {
		ui_paragraph(&list, 2, 1, STYLE_ERROR, d->fault);
		return;
	}
	ui_table_draw(d->table, &list, true);
}

static bool action(struct view *v, enum action what)
{
	struct data_view *d = v->state;

	switch ((int)what) {
	case ACTION_LIST_OPEN: {
		struct features_args args = {.id = ui_table_cursor(d->table)};

		if (args.id)
			ui_open(v->ui, &FEATURES_VIEW, &args);
		return true;
	}
	case ACTION_APP_REFRESH:
		ui_ask(v, TAG_SETS, view_data_read_sets, NULL, 0, NULL);
		return true;
	case ACTION_LIST_BACK:
		return true;
	default:
		return ui_table_action(d->table, what);
	}
}

static const char *why_not(struct view *v, enum action what)
{
	struct data_view *d = v->state;

	switch ((int)what) {
	case ACTION_LIST_OPEN:
		return ui_table_cursor(d->table) ? NULL : "there is no data set here";
	case ACTION_LIST_FILTER:
	case ACTION_LIST_SORT:
	case ACTION_LIST_REVERSE:
	case ACTION_LIST_COLUMNS:
	case ACTION_LIST_MARK:
	case ACTION_LIST_MARK_ALL:
	case ACTION_LIST_UNMARK:
		return "not in this list";
	default:
		return NULL;
	}
}

static bool event(struct view *v, const struct term_event *e)
{
	return ui_table_event(((struct data_view *)v->state)->table, e);
}

static void on_result(struct view *v, struct ui_result *r)
{
	struct data_view *d = v->state;

	if (r->status != 0) {
		if (!r->cancelled)
			snprintf(d->fault, sizeof d->fault, "%s", r->err.text);
		return;
	}
	arena_free(d->arena);
	d->arena = r->arena;
	d->list = r->data;
	r->arena = NULL;
	d->fault[0] = 0;
	ui_table_empty(d->table,
	               "No data set is registered yet. A registered one is known by the digest of its bytes, "
	               "so that every run says on what it was trained.\n"
	               "\n"
	               "$ assay data add NAME FILE.csv --label COLUMN");
	ui_table_refresh(d->table);
}

void view_data_choose_against(struct view *v, const struct sets_list *list, int64_t now, int64_t against,
                              void (*accept)(void *user, int64_t id))
{
	struct arena *a = arena_new();
	struct ui_menu_item *items = arena_array(a, list->count + 1, sizeof *items);
	struct ui_menu menu = {
	    .title = "Compare with", .items = items, .user = v, .accept = accept, .current = against};

	items[menu.count++] = (struct ui_menu_item){.text = "nothing", .id = -1};
	for (size_t i = 0; i < list->count; i++) {
		const struct ui_cell *cells = list->rows[i].cells;

		if (list->rows[i].id == now)
			continue;
		items[menu.count++] =
		    (struct ui_menu_item){.text = arena_printf(a, "%s@%s", cells[0].text, cells[1].text),
		                          .detail = arena_printf(a, "%s rows", cells[2].text),
		                          .id = list->rows[i].id};
	}
	if (menu.count == 1)
		ui_message(v->ui, STYLE_MESSAGE, "there is no other version or data set to compare with");
	else
		ui_menu(v, &menu);
	arena_free(a);
}

static void changed(struct view *v)
{
	if (!ui_asking(v, TAG_SETS))
		ui_ask(v, TAG_SETS, view_data_read_sets, NULL, 0, NULL);
}

const struct view_ops DATA_VIEW = {
    .name = "data",
    .contexts = "list",
    .state_size = sizeof(struct data_view),
    .open = open,
    .close = close_view,
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .event = event,
    .on_result = on_result,
    .changed = changed,
};
