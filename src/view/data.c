/* Data: the data sets that are registered. */
#include <string.h>

#include "data.h"
#include "view_inside.h"

static size_t columns(struct list *l, int width, struct ui_column *out)
{
	static const struct ui_column all[] = {
	    {.id = "name", .title = "data set", .min = 16, .max = 40},
	    {.id = "version", .title = "version", .align = UI_RIGHT, .min = 7},
	    {.id = "rows", .title = "rows", .align = UI_RIGHT, .min = 9, .priority = 1},
	    {.id = "columns", .title = "columns", .align = UI_RIGHT, .min = 7, .priority = 2},
	    {.id = "age", .title = "age", .align = UI_RIGHT, .min = 5, .priority = 3},
	    {.id = "digest", .title = "digest", .min = 12, .priority = 4},
	};

	(void)l;
	(void)width;
	memcpy(out, all, sizeof all);
	return COUNT_OF(all);
}

static bool preview_ask(struct list *l, int64_t id)
{
	struct list_ask ask = {.id = id};

	ui_ask(l->view, LIST_TAG_PREVIEW, view_data_read_features, &ask, sizeof ask, NULL);
	return true;
}

/* The columns of the set: what they are and how they are distributed. */
static void preview(struct list *l, struct surface *s)
{
	const struct features *f = &((const struct features_pair *)l->seen)->now;
	struct arena *a = arena_new();
	int y = 0, spark = s->w > 60 ? 20 : 14, name = s->w - spark - 16;
	const char *text = arena_printf(a, "%s@%lld", f->name, (long long)f->version);

	surface_put_cut(s, 0, y++, s->w, STYLE_TITLE, text, strlen(text));
	text = arena_printf(a, "%s row%s x %zu column%s", view_cell_count(a, (int64_t)f->rows), PLURAL(f->rows),
	                    f->count, PLURAL(f->count));
	surface_put(s, 0, y++, STYLE_MUTED, text);
	for (size_t i = 0; i < f->file_count && i < 2; i++)
		surface_put_cut(s, 0, y++, s->w, STYLE_MUTED, f->files[i], strlen(f->files[i]));
	surface_put(s, 0, ++y, STYLE_HEADING, "COLUMNS");
	surface_put_right(s, s->w - 7, y++, 7, STYLE_HEADER, "missing");
	for (size_t i = 0; i < f->count && y < s->h; i++, y++) {
		const struct column_profile *c = &f->columns[i];
		double rows = (double)(c->count + c->missing);

		if (y == s->h - 1 && i + 1 < f->count) {
			surface_put(s, 0, y, STYLE_MUTED, arena_printf(a, "+%zu more", f->count - i));
			break;
		}
		surface_put_cut(s, 0, y, name, c->roles & ROLE_LABEL ? STYLE_ACCENT : STYLE_TEXT, c->name,
		                strlen(c->name));
		surface_put_cut(s, name + 1, y, 6, STYLE_MUTED, column_type_name(c->type),
		                strlen(column_type_name(c->type)));
		text = view_data_spark(a, c, spark, surface_charset(s));
		surface_put_cut(s, name + 8, y, spark, STYLE_HISTOGRAM, text, strlen(text));
		if (c->missing > 0)
			surface_put_right(s, s->w - 6, y, 6, STYLE_TEXT, view_cell_percent(a, (double)c->missing / rows));
	}
	arena_free(a);
}

static void open_set(struct list *l, int64_t id)
{
	struct features_args args = {.id = id};

	ui_open(l->view->ui, &FEATURES_VIEW, &args);
}

static bool action(struct view *v, enum action what)
{
	int64_t id = ui_table_cursor(((struct list_view *)v->state)->list.table);

	if (what != ACTION_DATA_ROWS)
		return false;
	if (id)
		view_rows_open(v->ui, &(struct rows_args){.id = id});
	return true;
}

static const struct list_spec SETS = {
    .one = "data set",
    .many = "data sets",
    .empty = "No data set is registered yet. A registered one is known by the digest of its bytes, "
             "so that every run says on what it was trained.\n"
             "\n"
             "$ assay data add NAME FILE.csv --label COLUMN",
    .columns = columns,
    .preview_ask = preview_ask,
    .preview = preview,
    .open = open_set,
    .read = view_data_read_sets,
    .action = action,
};

static int open(struct view *v, const void *args, struct error *err)
{
	(void)args;
	(void)err;
	list_view_begin(v, &SETS);
	return 0;
}

/* Other versions of the same data set come first: it is mostly one of them. */
static void add_sets(struct ui_menu *menu, struct ui_menu_item *items, const struct sets_list *list,
                     int64_t now, const char *name, bool same, struct arena *a)
{
	for (size_t i = 0; i < list->list.count; i++) {
		const struct ui_row *row = &list->list.rows[i];

		if (row->id == now || (name && strcmp(row->cells[0].text, name) == 0) != same)
			continue;
		items[menu->count++] =
		    (struct ui_menu_item){.text = arena_printf(a, "%s@%s", row->cells[0].text, row->cells[1].text),
		                          .detail = arena_printf(a, "%s row%s", row->cells[2].text,
		                                                 strcmp(row->cells[2].text, "1") == 0 ? "" : "s"),
		                          .id = row->id};
	}
}

void view_data_choose_against(struct view *v, const struct sets_list *list, int64_t now, int64_t against,
                              void (*accept)(void *user, int64_t id))
{
	struct arena *a = arena_new();
	struct ui_menu_item *items = arena_array(a, list->list.count + 1, sizeof *items);
	struct ui_menu menu = {
	    .title = "Compare with", .items = items, .user = v, .accept = accept, .current = against};
	const char *name = NULL;

	for (size_t i = 0; i < list->list.count; i++)
		if (list->list.rows[i].id == now)
			name = list->list.rows[i].cells[0].text;
	items[menu.count++] = (struct ui_menu_item){.text = "nothing", .id = -1};
	add_sets(&menu, items, list, now, name, true, a);
	add_sets(&menu, items, list, now, name, false, a);
	if (menu.count == 1)
		ui_message(v->ui, STYLE_MESSAGE, "there is no other version or data set to compare with");
	else
		ui_menu(v, &menu);
	arena_free(a);
}

const struct view_ops DATA_VIEW = {
    .name = "data",
    .contexts = "sets list",
    .state_size = sizeof(struct list_view),
    .open = open,
    LIST_VIEW_OPS,
};
